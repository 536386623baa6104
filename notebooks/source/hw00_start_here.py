# %% [markdown]
# # Homework 0: start here
#
# Four small tasks with checks, one question in words. About 40 minutes; all cells
# together run in a few seconds. It belongs to [lesson 0](../00_start_here.ipynb), and it
# is here to show you how homework works:
#
# 1. Run the cells from top to bottom with **Shift + Enter**. The first grey cell switches
#    the badges on: from then on, a badge under each check says whether it passes.
# 2. Each answer goes into a cell that begins with `# TASK`. Take out the line with
#    `raise` and write your own lines in its place.
# 3. Then run the `# CHECK` cells below it. If a badge is not green, it says what kind
#    of mistake it looks like. Change your answer, run it, run the check again. As often
#    as you like.
# 4. **Save** before you hand in (Ctrl + S, on a Mac Cmd + S). In a terminal,
#    `python3 start.py check hw00` says what the saved file is worth.
#
# Tasks marked *core* are needed for the next lessons; *more* is for those who want more.
#
# When the homework is marked, `SEED` below is another number. Then other names are
# drawn, and a number that was typed in no longer fits. A program does.

# %%
# NEEDS data/names.txt
import math
import random
from pathlib import Path

SEED = 1  # the random seed, another number when the homework is marked
symbols = ".abcdefghijklmnopqrstuvwxyz"
all_names = Path("../../data/names.txt").read_text("utf-8").split()


def generator(number):
    """Random numbers of its own for each check."""
    return random.Random(1000 * SEED + number)


def draw_names(number, n):
    """Draw n names from the list."""
    return generator(number).sample(all_names, n)


# %% [markdown]
# ## Task 1 (core, 5 minutes): a slide with a small mistake
#
# Some slides about language models that circulate hold small mistakes. In the
# homework of this course you fix some of them. One says: *"There are 26 letters. A model
# that knows nothing calls them all equally likely, so its surprise is ln 26 = 3.26."* It
# has forgotten something: the full stop, which says "the name ends here". It can come
# next, too.
#
# Write `blind_surprise(letters)`. `letters` is a string of letters, each one different,
# such as `"abc"`, without the full stop. The function returns the surprise of a model
# that calls all these letters **and the full stop** equally likely: the natural
# logarithm (`math.log`) of the number of symbols. For all 26 letters it is 3.2958, the
# surprise at "one in 27" of lesson 0.


# %%
# TASK blind_surprise
def blind_surprise(letters):
    """The surprise in nats of a model that knows nothing, as a float."""
    ### BEGIN SOLUTION
    return math.log(len(letters) + 1)
    ### END SOLUTION


# %%
# CHECK blind_surprise 1 point: three alphabets
ends = sorted(generator(1).sample(range(3, 27), 3))
[round(float(blind_surprise("abcdefghijklmnopqrstuvwxyz"[:end])), 4) for end in ends]

# %% [markdown]
# The cell above has checked your function with three alphabets. Green? Then go on.
#
# ## Task 2 (core, 10 minutes): count the pairs
#
# Write `count_pairs(word_list)`. It gets a list of names and returns a dictionary: each
# pair of neighbours, as a string of two letters, and how often it occurs in the whole
# list. Put a full stop before and after each name first. Pairs that do not occur are not
# in the dictionary.
#
# So you do not know the keys beforehand. `counts.get(pair, 0)` helps: it is the value of
# `pair` if the dictionary has it, and 0 if not.
#
# For example, `count_pairs(["anna", "ana"])` is
# `{".a": 2, "an": 2, "nn": 1, "na": 2, "a.": 2}`. The order does not matter.


# %%
# TASK count_pairs
def count_pairs(word_list):
    """How often each pair of neighbours occurs, dictionary of string -> int."""
    ### BEGIN SOLUTION
    counts = {}
    for name in word_list:
        text = f".{name}."
        for i in range(len(text) - 1):
            pair = text[i : i + 2]
            counts[pair] = counts.get(pair, 0) + 1
    return counts
    ### END SOLUTION


# %%
# CHECK count_pairs 1 point: two names, all their pairs in alphabetical order
sorted(count_pairs(draw_names(2, 2)).items())

# %%
# CHECK count_pairs 1 point: 1500 names, five pairs, and the number of all pairs
pairs = count_pairs(draw_names(3, 1500))
[*(pairs.get(pair, 0) for pair in (".s", "an", "na", "ar", "a.")), sum(pairs.values())]

# %% [markdown]
# ## Task 3 (core, 10 minutes): a program with two mistakes
#
# In some tasks you find a program already, but it does the wrong thing. Such a task tells
# you what is wrong with its results. You find the cause and fix it. This time you need
# not take out a `raise`; change what is there.
#
# `first_letters(word_list)` should return a dictionary: each letter with which a name of
# the list begins, and the probability that a name begins with it. Letters with which no
# name begins are not in it. In `["asha", "arun", "bina", "anil"]` three of four names
# begin with an `a`, so the correct answer is `{"a": 0.75, "b": 0.25}`. But the program
# below:
#
# - knows `s`, `h` and other letters, with which no name of this list begins;
# - gives probabilities that do not add up to 1.
#
# There are two mistakes in it. Fix both.


# %%
# TASK first_letters
def first_letters(word_list):
    """The probability of each first letter, dictionary of string -> float."""
    ### BEGIN SOLUTION
    counts = {}
    for name in word_list:
        letter = name[0]
        counts[letter] = counts.get(letter, 0) + 1
    return {letter: n / len(word_list) for letter, n in counts.items()}
    ### END SOLUTION
    # ~ counts = {}
    # ~ for name in word_list:
    # ~     for letter in name:
    # ~         counts[letter] = counts.get(letter, 0) + 1
    # ~ return {letter: n / 26 for letter, n in counts.items()}


# %%
# CHECK first_letters 1 point: ten names, all their first letters
probs = first_letters(draw_names(4, 10))
sorted((letter, round(float(p), 4)) for letter, p in probs.items())

# %%
# CHECK first_letters 1 point: 1500 names, some letters
probs = first_letters(draw_names(5, 1500))
[round(float(probs.get(letter, 0)), 4) for letter in "asmkv"]

# %% [markdown]
# ## Task 4 (core, 10 minutes): how surprising is a name?
#
# In lesson 0 the table read `asha` and was surprised five times. Write
# `mean_surprise(name, probs)`: the mean of -ln p over all steps of a name. The
# dictionary `probs` holds the probabilities: `probs["a"]["s"]` is the probability of an
# `s` after an `a`. The end of the name is a step, too, and before the first letter stands
# the full stop.
#
# Try it by hand on a language with one letter. Let `probs` be
# `{".": {".": 0.5, "a": 0.5}, "a": {".": 0.25, "a": 0.75}}`. The name `"a"` has two
# steps: an `a` after the full stop (p = 0.5), and the end after the `a` (p = 0.25). The
# surprises are 0.6931 and 1.3863, and their mean is 1.0397.


# %%
# Here is a table to try it with: draw_probs(0).
def draw_probs(number):
    """A table of lesson 0, counted from 300 names, as a dictionary of dictionaries."""
    counts = {before: {after: 1 for after in symbols} for before in symbols}
    for name in draw_names(number, 300):
        for before, after in zip("." + name, name + ".", strict=True):
            counts[before][after] += 1
    return {
        before: {after: n / sum(row.values()) for after, n in row.items()}
        for before, row in counts.items()
    }


# %%
# TASK mean_surprise
def mean_surprise(name, probs):
    """The mean of -ln p over all steps of a name, in nats, as a float."""
    ### BEGIN SOLUTION
    total = 0
    for before, after in zip("." + name, name + ".", strict=True):
        total += -math.log(probs[before][after])
    return total / (len(name) + 1)
    ### END SOLUTION


# %%
# CHECK mean_surprise 1 point: one name
round(float(mean_surprise(draw_names(6, 1)[0], draw_probs(7))), 4)

# %%
# CHECK mean_surprise 1 point: six names, short ones and long ones
probs = draw_probs(8)
[round(float(mean_surprise(name, probs)), 4) for name in ["a", *draw_names(9, 5)]]

# %% [markdown]
# ## A question in words
#
# Every homework ends with a question that no machine can mark. Click twice into the cell
# below, write your answer in place of the dots, and press Shift + Enter. A person reads
# it.

# %% [markdown]
# <!-- OPEN own_name -->
# Take your own first name or that of somebody you like, in small letters, with a full
# stop at both ends. Look its pairs up with `count_pairs(all_names)`. Which pair is the
# rarest? Would a bigram model find this name easy or hard, and is that fair? Words are
# enough, two or three sentences of them.
#
# ...
