# %% [markdown]
# # 0. Start here
#
# **What is a language model?**
#
# A language model reads the beginning of a text and says what could come next, and how
# likely each possibility is. In this lesson you build one out of nothing but counting.
# It fits into one table, it writes names, nearly all of them new, and at the end you
# measure how surprised it is by a real name, `asha`.
#
# - **You will** count which letter follows which, let the counts write ten names, play
#   against them, and give a number to surprise.
# - **You need** a little Python: lists, dictionaries, loops, functions. Where one of
#   them comes up for the first time, two lines remind you. From mathematics you need
#   fractions; the logarithm is explained.
# - **Time** 60 minutes, with the game. On a first reading you may skip what is marked
#   *more*.
# - **Next** [1. Tensors](01_tensors.ipynb)
#
# This page is a **notebook**: text and program side by side. Click into the grey cell
# below and press **Shift + Enter**. The program runs, its result appears underneath,
# and you are in the next cell. Work from top to bottom. If you get lost, choose
# *Kernel*, then *Restart Kernel*, and begin again. You cannot break anything.

# %%
import math
import random

import torch

from course_lib import device, names
from course_play.bars import plot_bars
from course_play.boxes import ORANGE, Grid, plot_flow, plot_grids
from course_play.plots import plot_probs
from course_play.widgets import GuessGame, Predict

# %% [markdown]
# Nothing happened? Very good: `import` has brought in what this page needs, so the
# course is installed. The next cell asks your machine to add up the numbers from 1 to
# 100. You need not read its first line: `torch` is the library that does the heavy work
# in this course, and lesson 1 begins with it.

# %%
total = torch.arange(1, 101, device=device.pick_device()).sum().item()
assert total == 5050
print("1 + 2 + ... + 100 =", total)

# %% [markdown]
# `assert` is a line that stops the notebook if what stands behind it is false. You will
# see it often: when this course claims something important, an `assert` checks it while
# you read.
#
# Here is our material: Indian given names, written with the letters a to z. We put some
# of them aside and do not count them. They wait for a fair test at the end of the
# lesson.

# %%
all_names = names.load_names()
splits = names.split_names(all_names)
train_names, unseen_names = splits.train, splits.val
print(len(all_names), "names in all;", len(train_names), "to count,", end=" ")
print(len(unseen_names), "for the test (and the rest for a later lesson)")
print("some of them:", ", ".join(train_names[900:908]))

# %% [markdown]
# > **Python: lists.** `train_names` is a **list**. `train_names[0]` is its first entry,
# > `train_names[900:908]` are the entries 900 to 907, and `len(...)` is its length.
# > `", ".join(...)` glues texts together, with a comma between them.
#
# The names to count are called the **training names**. What a model learns, it learns
# from them.
#
# ## Predict first
#
# In this course you guess before you see. A guess makes you curious, and a wrong guess
# even more than a right one. Run the cell below, choose, and press *Show the answer*.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
choices = {"n": "n", "r": "r", "s": "s", ".": "the end of the name"}
text = ".".join(train_names) + "."
after_a = {after: text.count("a" + after) for after in choices}
share = max(after_a.values()) / text.count("a")
Predict(
    "We walk through all names and stop after every letter `a`. What comes next "
    "most often?",
    choices[max(after_a, key=after_a.get)],
    options=tuple(choices.values()),
    because=f"It comes after {share:.0%} of all a: very many names end in an a.",
)

# %% [markdown]
# (Do you see a picture and no box? Then write your guess on paper and run the cell: the
# box appears. The code of such a cell is folded away, because it holds the answer; if your
# program shows the code all the same, do not read it before you have a guess. In a class
# everybody can add a guess before the answer is shown.)
#
# ## Build it by hand
#
# ### One name, five pairs
#
# Take the name `asha`. We put a full stop before it and after it: `.asha.` The first
# full stop means "a name begins", the last one means "the name ends here". A model must
# also know when to stop, so the end counts like a letter.
#
# Now read the name one step at a time. Before each step you have seen one letter, and
# then the next one comes.

# %%
for before, after in zip(".asha", "asha.", strict=True):
    print("after", before, "comes", after)

# %% [markdown]
# > **Python: loops and `zip`.** `for x in "ab"` visits the letters one by one.
# > `zip` walks through two texts side by side: `zip("xy", "12")` gives `x 1`, then `y 2`
# > (`strict=True` stops the program if one of them is longer).
#
# The trick of that cell is worth a second look. `".asha"` and `"asha."` are the same
# name, shifted by one place. What stands in the first one is the letter **before**,
# and what stands below it in the second one is the letter that came **after**.
#
# ### Count all pairs
#
# We do this with every training name and count each pair. The counts go into a table
# with a row for each letter before and a column for each letter after: 27 rows and 27
# columns, because the full stop has a row and a column too.
#
# > **Python: dictionaries and comprehensions.** `d = {"a": 3}` stores 3 under the key
# > `"a"`, and `d["a"]` brings it back. `{x: 0 for x in "ab"}` makes `{"a": 0, "b": 0}`,
# > and `[2 * n for n in [1, 5]]` makes the list `[2, 10]`. Inside `sum(...)` or
# > `join(...)` the square brackets may be left out: `sum(n for n in [1, 5])` is 6.
#
# The table is a dictionary of dictionaries: `counts["a"]` is the row of `a`, and
# `counts["a"]["s"]` is one number in that row. At the beginning all numbers are 0.

# %%
symbols = names.ALPHABET  # ".abcdefghijklmnopqrstuvwxyz"
counts = {}
for before in symbols:
    counts[before] = {after: 0 for after in symbols}

for name in train_names:
    for before, after in zip("." + name, name + ".", strict=True):
        counts[before][after] += 1

print(len(symbols), "symbols; the pair as came", counts["a"]["s"], "times")

# %% [markdown]
# That was all the learning there is: our model learns by counting. Here is a small part of
# the table, six rows and six columns. The five pairs of `asha` are marked. (The code of
# pictures is folded away: it only draws.)

# %% tags=["hide-input"]
# drawing only
few = ".ahins"
pairs = zip(".asha", "asha.", strict=True)
path = {(few.index(before), few.index(after)): ORANGE for before, after in pairs}
part = Grid(
    [[counts[before][after] for after in few] for before in few],
    "row: the letter before, column: the letter after",
    rows=few,
    columns=few,
    marks=path,
)
plot_grids([part], "The name asha walks through five cells of the table")

# %% [markdown]
# Read the row of the `s` with me. After an `s` very often an `h` came, because the sound
# `sh` is common in these names. After an `s` an `n` almost never came.
#
# And the answer to your guess stands in the row of the `a`. Of these six numbers the
# largest is in the column of the full stop, and the next cell looks at all 27: these
# names like to end after an `a`.
#
# > **Python: the best key.** `max([3, 7, 5])` is the largest entry, 7. `max(row,
# > key=row.get)` is the key whose value is the largest.

# %%
row = counts["a"]
best = max(row, key=row.get)
print("after a, most often comes", best, "with a count of", row[best])
assert best == "."

# %% [markdown]
# ### From counts to probabilities
#
# A count alone says little. Was 220 often? That depends on how many times there was an
# `a` at all. So we divide each count of a row by the sum of the row. What comes out is
# a share, and we use it as a **probability**: a number from 0 to 1 that says how likely
# the letter is.


# %%
def next_probs(before):
    row = counts[before]
    total = sum(row.values())
    return {after: n / total for after, n in row.items()}


probs = next_probs("a")
print(
    f"s after a: {counts['a']['s']} of {sum(counts['a'].values())} = {probs['s']:.3f}"
)
print(f"the sum of all 27 probabilities: {sum(probs.values()):.3f}")
assert math.isclose(sum(probs.values()), 1)

# %% [markdown]
# > **Python: functions and f-strings.** `def f(x):` names a few lines, and `return` hands
# > the result back. In `f"{p:.3f}"` the braces print `p`, here with 3 decimals. `:.0%`
# > prints a share in per cent, and `:,` puts commas into large numbers. `:6` prints at
# > least 6 characters wide, and `:5.1f` is 5 wide with 1 decimal. `print(..., end=" ")`
# > stays on the same line.
#
# One of the 27 must come, so the probabilities of a row add up to 1. Here is the whole
# row of the `a` as a picture.

# %%
plot_probs(
    [probs[letter] for letter in symbols],
    list(symbols),
    "After an a, the end (.) is a little more likely than n",
    mark=".",
)

# %% [markdown]
# You have just built a **language model**: a program that reads some text and gives a
# probability to everything that could come next. The text that it looks at is called
# the **context**. Ours looks at one letter only. It is called a **bigram model**, because it
# knows pairs (elsewhere: a Markov chain).
#
# > **For children (and for the rest of us).** Someone says "Once upon a ..." and you
# > know how it goes on. You have never learned a rule for it; you have heard it often.
# > A language model is a listener who has heard very much, and who knows what often
# > comes next.
#
# ### Let it write
#
# A model that knows what could come next can write. It starts with the full stop, looks
# up the row, and draws one letter, so that likely letters are drawn often. The new
# letter is now the letter before, and everything begins again, until the full stop is
# drawn.


# %%
def write_name(counts, generator):
    name, letter = "", "."
    for _ in range(40):  # no name gets longer than this
        row = counts[letter]
        letter = generator.choices(list(row), weights=list(row.values()))[0]
        if letter == ".":
            break
        name += letter
    return name


# %% [markdown]
# `generator.choices` draws: a letter with the count 300 is drawn three times as often as
# a letter with the count 100. It gives a list with one letter, and `[0]` takes the letter
# out. (`_` is a name for a number that nobody needs.) The first full stop ends the name.
# Now let it write.

# %%
generator = random.Random(5)
ten = [write_name(counts, generator) for _ in range(10)]
print(", ".join(ten))

# %% [markdown]
# Ten names, written by a table. The number 5 is a **random seed**: it decides where the
# stream of random numbers begins. With the same seed everybody gets the same ten names.
# Change it, and you get ten others.
#
# Here is how the last of them was written. Each arrow is one draw from the row of the
# letter before, and p says how likely it was.

# %% tags=["hide-input"]
# drawing only
name = ten[-1]
arrows = [
    f"p = {next_probs(before)[after]:.2f}"
    for before, after in zip("." + name, name + ".", strict=True)
]
boxes = [(letter, f"row of {letter}") for letter in "." + name] + [(".", "the end")]
title = f"The name {name}: each letter is drawn from the row of the one before"
plot_flow(boxes, title, arrows=arrows)

# %% [markdown]
# To predict, to draw, to append what was drawn, and to predict again: this is how every
# language model writes, the largest ones too. It is called **autoregressive**
# generation.
#
# Are these good names? Compare them with the names of a table that has learned nothing.
# All its counts are 1, so each of the 27 symbols is drawn equally often.

# %%
blind = {before: {after: 1 for after in symbols} for before in symbols}
generator = random.Random(5)
print(", ".join(write_name(blind, generator) for _ in range(10)))

# %% [markdown]
# The difference between the two lists is what counting has taught. Every pair in the
# first list occurs in a real name, because a pair with the count 0 is never drawn. In
# the second list every pair is equally likely, also `qk`. `she` and `mane` could be
# names. But look at how `prmuru` begins. The pairs `pr` and `rm` both occur in real
# names, and yet `prm` is hard to say.

# %%
print("pr came", counts["p"]["r"], "times, rm", counts["r"]["m"], "times", end=", ")
print("and qk", counts["q"]["k"], "times")

# %% [markdown]
# The table sees one letter and has forgotten all the others. A longer memory comes in
# lesson 5.
#
# ### New, or learned by heart? (*more*)
#
# Let the table write a thousand names, and look each one up in our list of real names.

# %%
generator = random.Random(0)
written = [write_name(counts, generator) for _ in range(1000)]
known = [name for name in written if name in all_names]
one_letter = [name for name in written if len(name) == 1]
print(f"{len(known)} of {len(written)} stand in the list:", ", ".join(known))
print(len(one_letter), "have one letter; the longest:", max(written, key=len))
assert len(known) < 30

# %% [markdown]
# Nearly all are new. The table cannot know a name by heart, because it holds no names,
# only pairs. That it wrote `asha` twice was luck, and you will soon see how much luck. The
# names with one letter and the longest one (we had to cut it off) show again what is
# missing: the table does not know how long a name already is.
#
# ## Play with it
#
# A name is hidden. Guess its letters from left to right: press a letter key or click a
# button. A table of pairs guesses too. It sees only one letter, and you see all that is
# uncovered.
#
# - **Play three names.** Who is right more often, you or the table?
# - **Watch the first letter of a name.** It is hard for both of you. Why?
#
# In the game, "p(truth)" is the probability that the table gave to the letter that really
# came. Two of the numbers contain "ln"; the next section explains them.

# %%
GuessGame(train_names, seed=0)

# %% [markdown]
# After the game, here is how often a table is right in all training names. It always says
# the likeliest letter of the row. So in each row it was right as many times as the largest
# count of the row says.

# %%
hits, total = 0, 0
for row in counts.values():
    hits += max(row.values())
    total += sum(row.values())

first = max(counts["."].values()) / len(train_names)
print(f"the table is right in {hits / total:.0%} of all steps,", end=" ")
print(f"but only in {first:.0%} at the first letter")
assert first < hits / total

# %% [markdown]
# At the first letter nothing has been seen yet, and names begin in very many ways. But
# one letter of memory is not always a help. Here is the share of correct guesses at each
# of the first four places. (`True` counts as 1.)

# %%
favourite = {x: max(counts[x], key=counts[x].get) for x in symbols}
for place in range(4):  # every training name has at least 3 letters and the end
    hits = 0
    for name in train_names:
        before, after = ("." + name)[place], (name + ".")[place]
        hits += favourite[before] == after
    print(f"letter {place + 1}: right in {hits / len(train_names):.0%}")

# %% [markdown]
# The second letter is easier, because it is often an `a`. The third letter is as hard as
# the first: after an `a` the table always says "the end", also after the second letter,
# where no training name ends. You know how long the name already is. The table does not.
#
# ## Why does this work?
#
# ### Surprise, as a number
#
# To count the correct guesses gives a poor score, because a letter that was the table's
# second choice then counts no more than a letter that was its last choice. The
# probability of the letter that really came tells more. From it we make a number that
# says how **surprised** the table was. What do we want from such a number?
#
# 1. Who was certain and right is not surprised: at p = 1 the surprise is 0.
# 2. The smaller p was, the larger the surprise.
# 3. Surprises add up: the surprise at a whole name is the sum of the surprises at its
#    letters.
#
# Here is such a number: count the **halvings**. One in 2 is one halving of certainty, one
# in 4 are two halvings, one in 8 are three. If something comes in one case of 2, and
# after it something else in one case of 4, then both come in one case of 8: the
# probabilities are *multiplied*, and the halvings 1 and 2 are *added*. This is the third
# wish. A function that turns "times" into "plus" in this way is called a **logarithm**.
#
# 27 lies between 16 (four halvings) and 32 (five halvings), so its number of halvings is
# not whole. Python knows the logarithm of every positive number: `math.log`. It is the
# **natural logarithm**, written ln. It counts divisions by $e = 2.718...$ where we
# counted divisions by 2. So it measures the same thing in another unit, as centimetres
# and inches do: one halving is 0.69 of its units. The unit is called the **nat**. (We
# take the natural one because it makes the slopes of lesson 4 simple.) So the surprise
# (elsewhere: surprisal) is
#
# $$\ln\frac{1}{p} = -\ln p$$
#
# On the left stands "one in how many", and on the right p itself. Both give the same
# number.

# %%
print("one in     p     ln(1/p)   -ln(p)")
for one_in in (2, 4, 8, 27, 1000):
    p = 1 / one_in
    print(f"{one_in:6}   {p:.3f}   {math.log(1 / p):5.2f}   {-math.log(p):6.2f}")

assert math.isclose(math.log(2) + math.log(4), math.log(8))  # plus for times

# %% [markdown]
# Look at the lines of 2, 4 and 8. Each time the probability is halved, the surprise
# grows by the same amount, and the surprises of the first two lines add up to that of
# the third.
#
# The line of 27 belongs to the table that has learned nothing. It gives each of the 27
# symbols the same probability, so it is always equally surprised. Remember this number:
# a model that knows nothing starts there, and we hope to bring it down.
#
# > **In one plain sentence.** You are surprised by what you thought unlikely, and the
# > surer you were that it would not come, the larger your surprise.
#
# ### A pair that never came
#
# One trouble is left. Many pairs never came in the training names. Their share is 0,
# and "one in how many" has no answer: the surprise would be infinite. But the list is
# short, and such a pair may well come in the next name. "I have never seen it" does not
# mean "it is impossible".

# %%
never = 0
for row in counts.values():
    never += list(row.values()).count(0)

print(never, "of", len(symbols) ** 2, "pairs never came, for example kq:", end=" ")
print(counts["k"]["q"])
assert counts["k"]["q"] == 0

# %% [markdown]
# The usual cure is simple: count each pair once more than it came. Then the sum of the
# row grows by 27. This is called **add-one smoothing** (elsewhere: Laplace smoothing).
# Lesson 6 asks whether another number than 1 is better. From here on, "the table" means
# the table with one added. (The writer above keeps the plain counts, so it never writes
# a pair that never came.)


# %%
def prob(before, after):
    row = counts[before]
    return (row[after] + 1) / (sum(row.values()) + len(symbols))


assert math.isclose(sum(prob("k", after) for after in symbols), 1)
print(f"q after k: {prob('k', 'q'):.4f}; s after a: {prob('a', 's'):.4f}")

# %% [markdown]
# ### How surprised is the table by `asha`?
#
# Now let the table read the name letter by letter. At each step we look up the
# probability of the letter that really came.

# %% tags=["ledger:A16"]
print("after   comes      p     one in   surprise")
surprises = []
for before, after in zip(".asha", "asha.", strict=True):
    p = prob(before, after)
    surprises.append(-math.log(p))
    print(f"  {before}       {after}     {p:.3f}   {1 / p:5.1f}   {-math.log(p):7.2f}")

total = sum(surprises)
print(f"sum {total:.2f}, mean of 5 steps {total / 5:.2f} nats")

# %% [markdown]
# Read the second line with me. After an `a`, an `s` comes in about one case of twenty.
# The table had expected other letters, so its surprise is large. In the third line it
# had expected the `h` after the `s`, so its surprise is small. The last line is the end
# of the name.
#
# %% tags=["hide-input"]
# drawing only
steps = ["start → a", "a → s", "s → h", "h → a", "a → end"]
plot_bars(
    steps,
    {"surprise": surprises},
    "The h after the s hardly surprises; the s after the a does",
    xlabel="surprise in nats",
    lines={"knows nothing": math.log(27)},
)

# %% [markdown]
# The sum is the surprise at the whole name. The **mean** is what we compare: it does not
# punish a name for being long. For `asha` it is far below that of a table that has
# learned nothing. In lesson 3 this mean gets its official name, the *cross-entropy
# loss*, and from then on it goes with us to the end of the course. The five
# probabilities come with us, too.
#
# You have now met surprise as a number, a picture, a line of code and a plain sentence.
# The course tries to do this with each large idea.
#
# *More:* because the surprises add up, their sum tells how likely the whole name was.

# %%
whole, plain = 1, 1
for before, after in zip(".asha", "asha.", strict=True):
    whole *= prob(before, after)  # all five, multiplied
    plain *= next_probs(before)[after]  # the same with the writer's plain counts

assert math.isclose(math.log(1 / whole), total)
print(f"one name in {1 / whole:,.0f} is asha; of the writer, one in {1 / plain:,.0f}")
print(f"expected in a thousand: {1000 * plain:.2f}; written: {written.count('asha')}")

# %% [markdown]
# The logarithm of the first number is the sum of the five surprises, as the `assert` says.
# In a thousand names the writer should write `asha` about 0.2 times, on average. It wrote
# it twice, and that was luck.
#
# ### All names
#
# One name is only an example. Here is the mean over all steps of all training names, and
# then over the names that we had put aside.


# %%
def mean_surprise(word_list):
    surprises = []
    for name in word_list:
        for before, after in zip("." + name, name + ".", strict=True):
            surprises.append(-math.log(prob(before, after)))
    return sum(surprises) / len(surprises)


# %% tags=["ledger:D14"]
print(f"knows nothing:             {math.log(27):.3f} nats")
print(f"our table, training names: {mean_surprise(train_names):.3f}")
print(f"our table, unseen names:   {mean_surprise(unseen_names):.3f}")
assert mean_surprise(unseen_names) < math.log(27) - 0.9  # at least 0.9 below

# %% [markdown]
# The table is nearly as good on names that it has never seen as on those that it has
# counted. So it has not learned the names by heart. It has learned something about names.
#
# (Try the `assert`: change 0.9 to 2 and run the cell. It stops. Then change it back.)
#
# Is `asha` a typical name? Score each training name on its own, and see.

# %%
scores = {name: mean_surprise([name]) for name in train_names}
easier = [name for name in scores if scores[name] < scores["asha"]]
hardest = max(scores, key=scores.get)
print(f"{len(easier)} of {len(scores)} names surprise the table less than asha")
print(f"the hardest: {hardest}, mean {scores[hardest]:.2f}")
assert scores[hardest] > math.log(27)

# %% [markdown]
# No: `asha` is one of the easiest names, and it is among the names that were counted. We
# keep it because it is short. Do not judge a model by one example. And the hardest name
# shows that a model can do worse than one that knows nothing: then letters come that
# it was quite sure would not come.
#
# ### What guessing is good for
#
# Why is it worth anything to guess the next letter? Because whoever guesses well must have
# noticed a lot: which sounds go together and where names end; in longer texts which
# words fit, who did what, and how a story goes on. The less a model is surprised, the
# more of this it must have caught.
#
# **Is that what a chatbot does?** People like to say: "It is the same idea, only scaled
# up." The first half is right. Large models, too, are trained to predict the next piece
# of text. The second half leaves out, among others, two things. **Attention**, a way to
# look back over long texts, comes in lessons 11 and 12. The training that turns a model
# that completes text into an assistant comes in lessons 20 to 25.
#
# But the scale is real. The numbers that a model learns are its **parameters**; those of
# our table are its counts. GPT-2 is a famous model of 2019. The number of its parameters
# is only copied here; lesson 14 computes it.

# %% tags=["ledger:C17"]
gpt2_parameters = 1_557_611_200  # the largest GPT-2, see lesson 14
ours = sum(len(row) for row in counts.values())
print(f"our table: {ours} numbers; the largest GPT-2: {gpt2_parameters:,}")
print(f"that is {gpt2_parameters / ours:,.0f} times as many")

# %% [markdown]
# ## Check yourself
#
# **1.** What does the table expect after `ravi`, and what after `i`?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The same for both, because it sees only the last letter, `i`. The most likely symbol is
# the end: `max(counts["i"], key=counts["i"].get)` looks at all 27 columns and gives the
# full stop.
#
# </details>
#
# **2.** A model gives the letter that comes a probability of 1/27 each time, whatever
# comes. What is its mean surprise?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The natural logarithm of 27, the line of 27 in the table of surprises above. A mean of
# equal numbers is that number.
#
# </details>
#
# **3.** One model gives the letter that comes p = 1/10, another one 1/20. By how much does
# the second one's surprise lie above the first one's?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# By `math.log(2)`: each halving of p adds this amount, no matter where you start.
#
# </details>
#
# **4.** Your turn: print the most likely first letter of a name, and its probability.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `row = next_probs(".")`, then `max(row, key=row.get)` and `max(row.values())`. The full
# stop plays the part of the letter before.
#
# </details>
#
# **5.** Your turn, without an answer below: copy the cell that prints the table of `asha`,
# put your own name in (small letters a to z only), and find the step that surprises the
# model most.

# %% [markdown]
# ## Recap
#
# - **Idea.** A language model gives a probability to everything that could come next.
#   Drawing from it again and again writes text.
# - **Formulas.** p = (count of the pair + 1) / (count of the letter before + 27);
#   surprise = -ln p.
# - **Pitfall.** A share of 0 is not "impossible". It only says "not seen yet", so add one.
#
# | table | size | what it holds |
# |---|---|---|
# | `counts` | 27 rows, 27 columns | how often a letter (column) came after a letter (row) |
# | one row as probabilities | 27 numbers, sum 1 | what could come next |
# | `asha` | 5 steps | one probability and one surprise a step |
#
# | here | elsewhere |
# |---|---|
# | symbol (letter or full stop) | token, character |
# | the 27 symbols | vocabulary, alphabet |
# | full stop | end-of-text token, `<eos>` |
# | context | prompt, history, prefix |
# | bigram model | 2-gram, Markov chain of order 1 |
# | surprise | surprisal, negative log-probability |
#
# - **In the library:** `course_lib.names` (the list and its alphabet),
#   `course_lib.ngram` (the same counts), `course_lib.device`.
#
# The words and formulas of all lessons stand on one page:
# [words and formulas](../docs/words_and_formulas.md).
#
# If anything on this page failed, type `python3 start.py doctor` in a terminal: it says
# what is missing and what to do.
#
# **Homework:** [Homework 0](homework/hw00.ipynb), about 40 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** our table needed two loops for everything. Lesson 1 does the same with whole
# tables at once: [1. Tensors](01_tensors.ipynb)
