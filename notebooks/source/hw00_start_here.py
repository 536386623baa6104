# %% [markdown]
# # Homework 0: start here
#
# Three small tasks with checks, one question in words. About 15 minutes; all cells
# together run in a few seconds. It belongs to [lesson 0](../00_start_here.ipynb), and it
# is here to show you how homework works:
#
# 2. Run the cells from top to bottom with **Shift + Enter**. The first grey cell switches
#    the badges on: from then on, a badge under each check says whether it passes.
# 2. Each answer goes into a cell that begins with `# TASK`. Take out the line with
#    `raise` and write your own lines in its place.
# 3. Then run the `# CHECK` cells below it. If a badge is not green, it says what kind
#    of mistake it looks like. Change your answer, run it, run the check again. As often
#    as you like.
# 4. **Save** before you hand in (Ctrl + S, on a Mac Cmd + S). In a terminal,
#    `python3 start.py check hw00` says what the saved file is worth.
#
# When the homework is marked, `SEED` below is another number. Then other names are
# drawn, and a number that was typed in no longer fits. A program does.

# %%
# NEEDS data/names.txt
import math
import random
from pathlib import Path

SEED = 1  # another number when the homework is marked
all_names = Path("../../data/names.txt").read_text("utf-8").split()


def dice(number):
    """Random numbers of its own for each check."""
    return random.Random(1000 * SEED + number)


def draw_names(number, n):
    """Draw n names from the list."""
    return dice(number).sample(all_names, n)


# %% [markdown]
# ## Task 1: a slide with a small mistake
#
# A slide says: *"There are 26 letters. A model that knows nothing calls them all equally
# likely, so its surprise is ln 26 = 3.26."* The slide has forgotten something: the
# full stop, which says "the name ends here". It can come next too.
#
# Write `blind_surprise(letters)`. `letters` is a string of letters, each one different,
# such as `"abc"`, without the full stop. The function returns the surprise of a model
# that calls all these letters **and the full stop** equally likely: the natural
# logarithm (`math.log`) of the number of symbols. For all 26 letters it is 3.2958, the
# number of lesson 0.


# %%
# TASK blind_surprise
def blind_surprise(letters):
    """The surprise in nats of a model that knows nothing, as a float."""
    ### BEGIN SOLUTION
    return math.log(len(letters) + 1)
    ### END SOLUTION


# %%
# CHECK blind_surprise 1 point: three alphabets
ends = sorted(dice(1).sample(range(3, 27), 3))
[round(float(blind_surprise("abcdefghijklmnopqrstuvwxyz"[:end])), 4) for end in ends]

# %% [markdown]
# The cell above has checked your function with three alphabets. Green? Then go on.
#
# ## Task 2: count the pairs
#
# Write `count_pairs(word_list)`. It gets a list of names and returns a dictionary: each
# pair of neighbours, as a string of two letters, and how often it occurs in the whole
# list. Put a full stop before and after each name first. Pairs that do not occur are not
# in the dictionary.
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
# ## Task 3: a sick animal
#
# In some tasks you find a program already, but it is sick. Such a task tells you the
# symptoms. You find the cause and mend it. This time you need not take out a `raise`;
# change what is there.
#
# `first_letters(word_list)` should return a dictionary: each letter with which a name of
# the list begins, and the probability that a name begins with it. In
# `["asha", "arun", "bina", "anil"]` three of four names begin with an `a`, so the right
# answer is `{"a": 0.75, "b": 0.25}`. But the program below:
#
# - knows `s`, `h` and other letters, with which no name of this list begins;
# - gives probabilities that do not add up to 1.
#
# There are two mistakes in it. Mend both.


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
# ## A question in words
#
# Every homework ends with a question that no machine can mark. Click twice into the cell
# below, write your answer in place of the dots, and press Shift + Enter. A person reads
# it.

# %% [markdown]
# <!-- OPEN own_name -->
# Take your own first name or that of somebody you like, in small letters, with a full
# stop at both ends. Look its pairs up with `count_pairs(all_names)`. Which pair is the
# rarest? What would a bigram model think of this name, and is that fair? Two sentences
# are enough.
#
# ...
