# %% [markdown]
# # 6. Not fooling yourself
#
# **How do I know that a model is good?**
#
# In lesson 5 a table with five letters of memory read `asha` better than the bigram table,
# and `zara` much worse. It had counted `asha`, and it had never seen `zara`. A model of
# names should be good at names that are *new*. In this lesson you learn to measure that,
# and you meet three ways to fool yourself: you test on what was learned, you test on what
# leaked, and you take luck for progress. On the way you get two tools: a better table, and
# a number that says how low a loss can get.
#
# - **You will** put names aside, watch a table learn its list by heart, find a leak, repair
#   the long memory by asking the shorter ones, compute how low a loss can get, and say how
#   much of a difference is luck.
# - **You need** lesson [5](05_counting.ipynb): tables with $k$ letters of memory,
#   additive smoothing.
# - **Time** 85 minutes. On a first reading, skip the parts marked *more*: then 70. A good
#   place for a break is before *Ask the shorter memory*.
# - **Back** [5. Counting](05_counting.ipynb) ·
#   **Next** [7. The name generator](07_name_generator.ipynb)

# %%
import hashlib
import math
import random
from collections import Counter

import torch
from torch.nn import functional as F

from course_lib import names, ngram
from course_play.boxes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Grid,
    Node,
    plot_flow,
    plot_graph,
    plot_grids,
)
from course_play.plots import plot_curves
from course_play.widgets import Predict

torch.set_printoptions(precision=3, sci_mode=False)
V = names.VOCAB_SIZE  # 27: the full stop and 26 letters
all_names = names.load_names()
train, val, test = names.split_names(all_names)  # the part below explains it

# %% [markdown]
# ## Predict first
#
# Seven tables have counted the training names. They look back 0, 1, 2, 3, 4, 5 and 6 letters.
# All have an `extra` of 0.1, so nothing is impossible for them. Now they read names that none
# of them has ever seen.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
losses = {}
for k in range(7):
    X, Y = names.windows(val, k)
    losses[k] = F.cross_entropy(ngram.NGram.fit(train, k, strength=2.7)(X), Y).item()
Predict(
    "How many letters of memory are best for new names?",
    str(min(losses, key=losses.get)),
    options=tuple(str(k) for k in losses),
    because="The part on over-fitting measures all seven.",
)

# %% [markdown]
# ## Build it by hand
#
# ### Put names aside
#
# To know how a model treats new names, we need names that it has not seen. So *before* we
# count anything, the list is split into three parts. Who decides to which part a name
# belongs? Not its place in the list, because lists are sorted. The course uses a **hash**: a
# calculation that turns a text into a number, so mixed up that similar names get quite
# different numbers, but the same name always gets the same one. Here it makes a number from 0
# to 9.


# %%
def tenth(name):
    """A number from 0 to 9 that depends on the name alone, as if it were drawn."""
    digest = hashlib.sha256(f"0:{name}".encode()).digest()  # 32 mixed-up bytes
    return int.from_bytes(digest[:8], "big") * 10 >> 64  # the first 8, as 0 to 9


for name in ("asha", "ashan", "neha", "zara", "aakash"):
    part = {8: "validation", 9: "test"}.get(tenth(name), "training")
    print(f"{name:6} {tenth(name)}  {part}")
assert [name for name in all_names if tenth(name) == 8] == val

# %% [markdown]
# (You need not understand the two lines of `tenth`. What matters: about eight names in ten get
# a number from 0 to 7, and they are the training names. And a name stays in its part even if the
# list grows later.)
#
# Each part has a job of its own:

# %%
nodes = {
    "all": Node("all names", f"{len(all_names):,}", color=GREY),
    "train": Node("training names", f"{len(train):,}", color=BLUE),
    "val": Node("validation names", f"{len(val):,}", color=GREEN),
    "test": Node("test names", f"{len(test):,}", color=ORANGE),
    "count": Node("the model learns", color=BLUE),
    "choose": Node("we choose a setting", color=GREEN),
    "report": Node("we report, once", color=ORANGE),
}
edges = [("all", "train"), ("all", "val"), ("all", "test")]
edges += [("train", "count"), ("val", "choose"), ("test", "report")]
plot_graph(nodes, edges, "One list, three parts, three jobs")

# %% [markdown]
# - The **training set** is what the model learns from.
# - The **validation set** (elsewhere: development set, dev set) is used to compare settings,
#   for example one letter of memory with two.
# - The **test set** waits until everything is decided. Then it is used once.
#
# Data that the model has not learned from are called **held-out**. A table of lesson 5 must
# not count a held-out name, and a network must not be trained on it.
#
# The whole course uses this split; the library has it as `names.split_names`.

# %%
assert not set(train) & set(val)
assert not set(train) & set(test)
assert not set(val) & set(test)
assert "asha" in train
assert "zara" in val
print(len(train), "+", len(val), "+", len(test), "=", len(all_names))

# %% [markdown]
# ### Over-fitting
#
# We need two short functions: one makes a table with additive smoothing (lesson 5), the other
# one gives its mean loss on any list of names. (The library wants the imaginary counts of a whole
# row, `V * extra`.)


# %%
def additive(k, extra):
    """A table with k letters of memory, counted on the training names."""
    return ngram.NGram.fit(train, k, strength=V * extra)


def loss_on(model, name_list):
    """Mean loss in nats: N questions, contexts (N, k), targets (N,)."""
    X, Y = names.windows(name_list, model.context_size)
    return F.cross_entropy(model(X), Y).item()  # (N, V) and (N,) -> one number


# %%
print("letters back   training   held out")
for k in range(7):
    model = additive(k, 0.1)
    print(f"{k:12d} {loss_on(model, train):10.2f} {loss_on(model, val):10.2f}")

# %% [markdown]
# Compare the lines of one letter and of six letters. On the training names six letters are
# much better. On the held-out names six letters are worse, and by a lot. (Why does the training
# loss not fall on to the end, as it did in lesson 5? Because of the `extra`: the thinner the
# rows, the more of their probability goes to letters that never came.)

# %%
one, six = additive(1, 0.1), additive(6, 0.1)
assert loss_on(six, train) < loss_on(one, train) - 0.3
assert loss_on(six, val) > loss_on(one, val) + 0.2
print(
    f"perplexity on new names: {math.exp(loss_on(one, val)):.1f} with one letter,",
    end="",
)
print(f" {math.exp(loss_on(six, val)):.1f} with six")

# %% [markdown]
# The long memory knows the training names by heart, and that does not help with new names.
# To be good on what was learned and bad on what is new is called **over-fitting**. The
# opposite is **under-fitting**: with no memory at all ($k = 0$) the table is equally bad on
# both lists, because it is too simple. To be good on new data is called **generalization**.
#
# > **For children (and for the rest of us).** A pupil gets ten sums to practise. She learns
# > the ten results by heart, and when you ask her these ten, she is perfect. Has she learned
# > to add? You only find out with an eleventh sum.
#
# ### Each memory with its best `extra`
#
# Was that comparison fair? We gave the same `extra` to all tables. Perhaps a long memory
# needs another one. When two models are compared, each should have its own best setting. So
# we try several, and let the held-out names decide.

# %%
extras = [0.001, 0.01, 0.03, 0.1, 0.3, 1.0]
grid = torch.tensor(
    [[loss_on(additive(k, extra), val) for extra in extras] for k in range(9)]
)  # (9, 6): a row for each memory, a column for each extra
best = {(k, row.argmin().item()): ORANGE for k, row in enumerate(grid)}

# %%
plot_grids(
    [
        Grid(
            grid,
            "held-out loss",
            [f"{k} letters" for k in range(9)],
            [str(extra) for extra in extras],
            best,
            digits=3,
        )
    ],
    "Two letters of memory are best; in each row the best extra is marked",
)

# %% [markdown]
# The marked number is the best of its row. (Where two printed numbers are equal, a later digit
# decides, and the difference means nothing.) Even at its best, a memory of six letters is worse
# than a memory of one letter. The best of all has two letters, and from three letters on a
# longer memory only makes it worse. (Without any letter, in the first row, the `extra` hardly
# matters, because all counts are large.) And the answer to a question of lesson 0: for pairs of
# letters 1 is a little too much and makes next to no difference; for longer memories a smaller
# number is clearly better.

# %% tags=["close"]
additive_best = grid.min().item()
k_best, e_best = divmod(grid.argmin().item(), len(extras))  # its row, its column
print(f"best: {k_best} letters, extra {extras[e_best]}, held out {additive_best:.3f}")
assert k_best == 2
assert (grid.min(dim=1).values.diff()[2:] > 0.005).all()  # from 2 letters on: worse

# %% [markdown]
# A number such as $k$ or `extra` is not learned from the training names. We choose it, and it
# is called a **hyperparameter**. Why can the training names not choose it? Look at what they
# would say:

# %%
for extra in extras:
    print(f"extra {extra:5}: training loss {loss_on(additive(3, extra), train):.3f}")

# %% [markdown]
# The smaller the `extra`, the better, and 0 would be the best. The training names always vote
# for believing the counts, because the counts are made of them.
#
# ### A split that leaks
#
# Held-out names must be really new. That is easy to get wrong, and you will not notice,
# because the numbers look wonderful. Here is how it happens.
#
# Many programs first cut the text into overlapping pieces, then shuffle the *pieces*, and
# put some of them aside. Here are the questions of `asha` and `zara`, one after the other (three
# letters of context and the letter that came), cut into pieces of four questions. One piece is
# put aside (orange).


# %%
def questions(name, k):
    """All pairs (context of k letters, letter that came), as in lesson 5."""
    path = "." * k + name + "."
    return [(path[i : i + k], path[i + k]) for i in range(len(name) + 1)]


asked = ["".join(pair) for name in ("asha", "zara") for pair in questions(name, 3)]
pieces = [asked[start : start + 4] for start in range(len(asked) - 3)]  # 7 pieces
held = pieces[3]
marks = {
    (i, j): ORANGE if i == 3 else BLUE
    for i, piece in enumerate(pieces)
    for j, question in enumerate(piece)
    if question in held
}
plot_grids(
    [Grid(pieces, "pieces", [f"piece {i}" for i in range(7)], marks=marks)],
    "All questions of the held-out piece (orange) are also in others (blue)",
)

# %% [markdown]
# Each of the four questions in the orange piece, *with its answer*, also stands in a blue cell
# of a neighbouring piece. If the neighbours are counted, the model has seen the answers. This
# is called a **leak** (elsewhere: data leakage, contamination).
#
# How much does it matter? We take a table with six letters of memory, which has a bad loss on
# new names, and give it four different splits. It is always the same table (`extra` = 0.01).
#
# The first function makes the bad split. The second one counts how often each question came
# *with its answer* (`pairs`) and how often each context came (`totals`). Their quotient, with
# `extra`, is additive smoothing as in lesson 5. It also says how many of the held-out questions
# had been counted.


# %%
def shuffled_split(asked, size):
    """Cut into overlapping pieces, shuffle them, hold out one tenth."""
    starts = list(range(len(asked) - size + 1))
    random.Random(0).shuffle(starts)
    cut = 9 * len(starts) // 10
    counted = [asked[start + i] for start in starts[:cut] for i in range(size)]
    held_out = [asked[start + i] for start in starts[cut:] for i in range(size)]
    return counted, held_out


def loss_and_known(counted, held_out, extra=0.01):
    """The held-out loss, and the share of held-out questions that were counted."""
    pairs, totals = Counter(counted), Counter(context for context, _ in counted)
    probs = [(pairs[q] + extra) / (totals[q[0]] + V * extra) for q in held_out]
    known = sum(q in pairs for q in held_out) / len(held_out)
    return -sum(math.log(p) for p in probs) / len(probs), known


# %% [markdown]
# We split the training and validation names in four ways. First, into overlapping pieces.
# Second, into single questions, from a list that holds each name five times (real lists have
# popular names many times). Third, into single questions of our own list. Fourth, by whole
# names.

# %%
by_name = [[q for name in part for q in questions(name, 6)] for part in (train, val)]
once = by_name[0] + by_name[1]
splits = {
    "overlapping pieces": shuffled_split(once, size=4),
    "questions, each name 5 times": shuffled_split(once * 5, size=1),
    "questions, each name once": shuffled_split(once, size=1),
    "whole names": by_name,
}
leaks = {}
for how, (counted, held_out) in splits.items():
    leaks[how], known = loss_and_known(counted, held_out)
    print(f"{how:29} held-out loss {leaks[how]:.2f}, {known:.1%} known with answer")

# %%
honest = leaks["whole names"]
assert leaks["overlapping pieces"] < 0.5 * honest
assert leaks["questions, each name 5 times"] < 0.5 * honest
assert abs(leaks["questions, each name once"] - honest) < 0.1

# %% [markdown]
# The first two losses look wonderful, and they are worth nothing: nearly every "held-out"
# question was counted together with its answer. (Even with whole names about half of the
# questions are known: new names begin like known ones.) In the third split there is little harm, but
# only because each name is in our list once. The last split is safe in every case, because all
# questions of a name go to the same side. The rule for any data: **split by the whole thing that
# will be new later**. Here it is a name. Elsewhere it is a document, a speaker, or a patient.
#
# (The same problem is large today: if the questions of a public test stand somewhere on the
# internet, they also stand in the training texts of large models. One says that the test is
# *contaminated*.)
#
# ### Ask the shorter memory
#
# Now back to our table. A long memory has good reasons to be long: after `sh` many letters
# are possible, after `.krish` only few. It fails because its rows are thin. And
# additive smoothing is a crude cure, because it spreads the imaginary counts evenly over all 27 letters, as
# if `q` were as likely as `a`.
#
# We know better. If the row of `zar` is thin, the row of `ar` is fuller, and the row of `r` is
# very full. So we let the row of `ar` say how the imaginary counts are divided among the
# letters. First, what do the tables say about the last `a` of `zara`?

# %%
tables = {k: {} for k in range(6)}
for k, table in tables.items():
    for name in train:
        for context, letter in questions(name, k):
            table.setdefault(context, Counter())[letter] += 1

for context in ("", "r", "ar", "zar"):
    row = tables[len(context)][context]
    print(
        f"after {context or 'nothing':8} a came {row['a']:5d} of {row.total():5d} times"
    )

# %% [markdown]
# The row of `zar` has only a few cases, and no `a` among them. So alone it says
# "impossible". But the row of `ar` has hundreds of cases, and says about a quarter. We mix the
# two opinions:
#
# $$p_k = \frac{\text{count}_k + s \cdot p_{k-1}}{\text{total}_k + s}$$
#
# Here $p_{k-1}$ is what the shorter memory says, and the **strength** $s$ tells how many counts
# its opinion is worth. If the row is full, the counts win. If the row is empty, $p_k$ is
# simply $p_{k-1}$. And the shorter memory gets its own $p$ in the same way, from one that is
# shorter still, until no letter is left. At the very bottom all letters are equally likely, 1/27.

# %%
s = 9  # the strength; we search for the best one below
p_0 = (4479 + s * (1 / V)) / (24395 + s)  # no letters: how common is an a?
p_1 = (526 + s * p_0) / (1484 + s)  # after r
p_2 = (118 + s * p_1) / (506 + s)  # after ar
p_3 = (0 + s * p_2) / (4 + s)  # after zar
print(f"p_0 = {p_0:.3f}, p_1 = {p_1:.3f}, p_2 = {p_2:.3f}, p_3 = {p_3:.3f}")

# %% [markdown]
# Follow the last one with me. The row of `zar` alone gives the `a` 0. Its 4 cases are mixed with
# 9 imaginary cases that are divided as `ar` says. So the `a` keeps a good part of the
# probability that it has after `ar`. As a function that calls itself for the shorter context:


# %%
def mixed_prob(context, letter, s):
    """p(letter | context): the counts, mixed with what the shorter memory says."""
    shorter = mixed_prob(context[1:], letter, s) if context else 1 / V
    row = tables[len(context)].get(context, Counter())
    return (row[letter] + s * shorter) / (row.total() + s)


assert math.isclose(mixed_prob("zar", "a", 9), p_3)
assert math.isclose(sum(mixed_prob("zar", x, 9) for x in names.ALPHABET), 1)

# %%
boxes, arrows = [("1/27", "all alike")], []
for context in ("", "r", "ar", "zar"):
    row = tables[len(context)][context]
    p = mixed_prob(context, "a", 9)
    boxes.append((context or "no letters", f"p(a) = {p:.3f}"))
    arrows.append(f"{row['a']:,} of\n{row.total():,}")
title = "Each longer row starts from the opinion of the shorter one"
plot_flow(boxes, title, arrows=arrows, colors=[GREY] * 4 + [ORANGE])

# %% [markdown]
# This is called **interpolation**, because the result lies between two opinions. (A relative is
# called *back-off*: it asks the shorter memory only if the count is 0. Another one,
# *Kneser-Ney*, was the best n-gram model for a long time.)
#
# How well does it read `zara`? We compare with additive smoothing, at three letters of memory.
# (This is only an illustration with one name: 0.1 is the best `extra` for three letters, and 9
# is not yet the best strength. The fair comparison comes after the search.)


# %%
def mean_surprise(probs):
    return sum(-math.log(p) for p in probs) / len(probs)


pairs = questions("zara", 3)
table = tables[3]
plain = [(table[c][x] + 0.1) / (table[c].total() + 2.7) for c, x in pairs]
mixed = [mixed_prob(c, x, 9) for c, x in pairs]
print(f"zara, additive: {mean_surprise(plain):.2f}, mixed: {mean_surprise(mixed):.2f}")
assert mean_surprise(mixed) < mean_surprise(plain)

# %% [markdown]
# ## Compare with torch
#
# The library's `NGram` does the same with tensors: `interpolate=True` says that the imaginary
# counts come from the shorter table. We compare all held-out questions.

# %%
library = ngram.NGram.fit(train, 3, strength=9, interpolate=True)
by_hand = [mixed_prob(c, x, 9) for name in val for c, x in questions(name, 3)]
assert math.isclose(loss_on(library, val), mean_surprise(by_hand), rel_tol=1e-5)
print(
    f"held-out loss with three letters, by hand = library = {loss_on(library, val):.3f}"
)

# %% [markdown]
# ## Build it by hand
#
# ### Choose the strength and the memory
#
# Again each memory gets its own best setting, chosen by the validation names.


# %%
def interpolated(k, s):
    return ngram.NGram.fit(train, k, strength=s, interpolate=True)


strengths = [1, 3, 9, 27, 81, 243]
mix_grid = torch.tensor(
    [[loss_on(interpolated(k, s), val) for s in strengths] for k in range(9)]
)  # (9, 6): a row for each memory, a column for each strength
best = {(k, row.argmin().item()): ORANGE for k, row in enumerate(mix_grid)}

# %%
plot_grids(
    [
        Grid(
            mix_grid,
            "held-out loss",
            [f"{k} letters" for k in range(9)],
            [f"s = {s}" for s in strengths],
            best,
            digits=3,
        )
    ],
    "With a good strength, a long memory does no harm",
)

# %% tags=["close"]
k_mix, s_mix = divmod(mix_grid.argmin().item(), len(strengths))
mix_best = mix_grid.min().item()
print(f"best interpolation: {k_mix} letters, s = {strengths[s_mix]}: {mix_best:.3f}")
print(f"four letters:       {mix_grid[4].min():.3f} at their best")
print(
    f"best additive:      {k_best} letters, extra {extras[e_best]}: {additive_best:.3f}"
)
assert mix_best < additive_best - 0.1
assert mix_grid[8].min() < mix_best + 0.05  # eight letters: nearly as good

# %% [markdown]
# The same counts, and a better model. Read the columns. With `s` = 1 a long memory is still
# harmful, because it hardly listens to the shorter ones. With a larger strength the damage is
# gone: a thin row passes the question on to a fuller one. Four and five letters are nearly
# equal; at the end of the lesson we ask whether that difference means anything.

# %%
for what, nats in (("additive", additive_best), ("interpolation", mix_best)):
    print(f"{what}: perplexity {math.exp(nats):.1f} on the validation names")

# %% [markdown]
# ## See it
#
# ### How low can a loss get?
#
# A loss alone says little. Is 2.1 good? It helps to know how low it *could* be. Take a tiny
# list, `ab` and `ac`. It has six questions:
#
# | after | comes | best probability | costs |
# |---|---|---|---|
# | `.` | `a` | 1 | 0 |
# | `a` | `b` | 1/2 | ln 2 |
# | `b` | `.` | 1 | 0 |
# | `.` | `a` | 1 | 0 |
# | `a` | `c` | 1/2 | ln 2 |
# | `c` | `.` | 1 | 0 |
#
# No model that sees one letter can pay less on this list than 2 ln 2 in six questions. For it
# the two `a` are the same, and the best that it can say is one half for each.

# %%
tiny = ngram.context_entropy(["ab", "ac"], 1)
assert math.isclose(tiny, 2 * math.log(2) / 6)
print(f"lowest loss on the list ab, ac with one letter of memory: {tiny:.3f}")

# %% [markdown]
# This number is the entropy of the next letter when the $k$ letters before it are known, written
# $H(\text{next} \mid k \text{ before})$ and called **conditional entropy**. We call it the
# **floor**, because no model that sees $k$ letters can get below it **on these names**. By lesson 5
# it is the training loss of the table of plain counts.

# %%
floors = ngram.context_entropies(train, 8)  # k = 0 to 8
for k in (1, 3, 6):
    counted = ngram.NGram.fit(train, k)  # plain counts, no smoothing
    assert math.isclose(loss_on(counted, train), floors[k], rel_tol=1e-5)
print("floors of our training names:", [f"{floor:.2f}" for floor in floors])

# %% tags=["close"]
additive_line = [row.min().item() for row in grid]
mix_line = [row.min().item() for row in mix_grid]
plot_curves(
    {
        "held out, interpolation": (range(9), mix_line),
        "held out, additive": (range(9), additive_line),
        "floor of the training names": (range(9), floors),
    },
    "The floor keeps sinking, held-out names do not follow",
    xlabel="letters of memory",
    ylabel="nats per letter",
)

# %% [markdown]
# Each point is a memory at its own best setting. Read three things from the picture.
#
# - **With additive smoothing**, the held-out loss falls until two letters of memory, and then it rises.
# - **With interpolation**, it falls until about four letters, and then it stays.
# - **The floor falls on and on**, and the held-out loss does not follow it. What a long memory
#   adds is knowledge about *these* names, not about names. (The distance between the training
#   loss and the held-out loss of one model is called its **generalization gap**. The floor is the
#   training loss of plain counts, so the gap of a smoothed table is smaller than the distance in
#   this picture. The next cell prints both.)

# %% tags=["close"]
apart = [held - floor for held, floor in zip(mix_line, floors, strict=True)]
assert apart == sorted(apart)  # each letter of memory widens the distance
assert max(mix_line[4:]) - min(mix_line) < 0.03
print("letters   floor to held out   generalization gap")
for k in (1, 4, 8):
    learned = loss_on(interpolated(k, strengths[mix_grid[k].argmin()]), train)
    print(f"{k:7d} {apart[k]:19.2f} {mix_line[k] - learned:20.2f}")
    assert mix_line[k] - learned < apart[k]

# %% [markdown]
# A floor is a useful tool. If a model sees $k$ letters, and somebody reports a *training* loss
# below the floor for $k$ letters, something is wrong: a leak, other data, or a mistake in the
# program.
#
# *More:* where does the floor end? With twelve letters of memory the table nearly always sees
# the whole beginning of the name. So it writes exactly the names of its list, each with the
# probability 1/3,183, and the surprise about a *whole* name is ln 3183 (the surprises of its
# letters add up to it, lesson 3). Spread over the letters of a name this is:

# %%
letters_per_name = sum(len(name) + 1 for name in train) / len(train)  # with the end
by_heart = math.log(len(train)) / letters_per_name
deepest = ngram.context_entropy(train, 12)
print(f"ln {len(train)} over {letters_per_name:.2f} letters: {by_heart:.3f} nats")
print(f"floor with 12 letters of memory: {deepest:.3f} nats")
assert abs(deepest - by_heart) < 0.001

# %% [markdown]
# A training loss near that number is not a good model of names. It is a copy of a list.
#
# ## Why does this work?
#
# ### The test names, once
#
# We have tried dozens of settings on the validation names and kept the best one. So the
# validation names have helped to choose, and the loss on them may look a little too good, because we
# also chose what happened to suit *these* names. This is what the test names are for. Everything
# is decided now, so we may look at them.

# %% tags=["close"]
final = interpolated(k_mix, strengths[s_mix])
simple = additive(k_best, extras[e_best])
print(f"interpolation: validation {mix_best:.3f}, test {loss_on(final, test):.3f}")
print(
    f"additive:      validation {additive_best:.3f}, test {loss_on(simple, test):.3f}"
)

# %% [markdown]
# The two columns are not equal. This time the test names are even a little easier than the
# validation names. Is such a difference important, or is it luck, because another few hundred names
# would give another number?
#
# ### How much is luck? The standard error
#
# We cannot ask for more test names. But we can imitate it: draw as many names as there are *from
# the test names, with repetition*, so that some come twice and some not at all. Compute the loss
# of this new list, and repeat it a thousand times. How much the thousand losses differ shows how
# much of a loss is luck. This is called the **bootstrap**.
#
# We draw whole names and not letters, for the same reason as in the split: letters of the same
# name belong together. With three names, and two drawn lists, it looks like this:

# %%
costs = torch.tensor([4.0, 10.0, 7.0])  # (3,): the summed losses of three names
drawn = torch.tensor([[0, 0, 2], [1, 2, 1]])  # (2, 3): two lists of three names
print(costs[drawn].tolist(), "sums", costs[drawn].sum(dim=1).tolist())  # (2, 3) -> (2,)

# %% [markdown]
# Now the real test names. First the summed loss of each name. (`split` cuts the long list of
# losses into pieces, a piece for each name.)


# %%
def totals_by_name(model, name_list):
    """The summed loss of each name, and its questions (letters and end): (n,), (n,)."""
    X, Y = names.windows(name_list, model.context_size)
    losses = F.cross_entropy(model(X), Y, reduction="none")  # (N,): one a question
    lengths = [len(name) + 1 for name in name_list]
    totals = torch.stack([part.sum() for part in losses.split(lengths)])  # (n,)
    return totals, torch.tensor(lengths)


totals, lengths = totals_by_name(final, test)
print(f"{test[0]}: {totals[0]:.2f} nats in {lengths[0]} questions")
assert math.isclose(totals.sum() / lengths.sum(), loss_on(final, test), rel_tol=1e-4)

# %% tags=["close"]
n = len(test)
generator = torch.Generator().manual_seed(0)
draws = torch.randint(n, (1000, n), generator=generator)  # 1,000 lists of n names
means = totals[draws].sum(dim=1) / lengths[draws].sum(dim=1)  # (1000, n) -> (1000,)
error = means.std().item()
print(f"five of the losses: {[round(x, 2) for x in means[:5].tolist()]}")
print(f"the standard deviation of all 1,000: {error:.3f}")

# %% [markdown]
# This number is called the **standard error** of the loss. It is written with a plus-minus sign:

# %% tags=["close"]
loss = loss_on(final, test)
print(f"test loss of the interpolation: {loss:.2f} ± {error:.2f}")
print(
    f"validation and test differ by {abs(loss - mix_best) / error:.1f} standard errors"
)
assert abs(loss - mix_best) < 2 * error  # may well be luck

# %% [markdown]
# What does the number promise? As a rule of thumb: **in two of three cases the measured loss
# lies within one standard error of the value that very many names would give, and in 19 of 20
# cases within two.** The loss on the validation names is less than two standard errors away
# from that on the test names, so their difference may well be luck. (The validation loss has an
# error of its own, about as large. The difference of two such losses is even more uncertain
# than one of them, so luck is all the easier to believe.)
#
# *More:* there is also a formula. A mean of $n$ independent values has the standard error $\sigma /
# \sqrt{n}$, where $\sigma$ is the standard deviation of a single value. Four times as many names
# make the error half as large. Our single value is the *surplus* of a name: how much more it costs
# than an average name with as many letters.

# %% tags=["close"]
surplus = totals - loss * lengths  # (n,)
formula = (surplus.std() / math.sqrt(n) / lengths.float().mean()).item()
print(f"formula {formula:.3f}, bootstrap {error:.3f}")
assert abs(formula - error) < 0.1 * error

# %% [markdown]
# *More:* let us check the promise where we can. Take the 3,183 training names as "very many
# names", draw 417 of them, measure the loss of the bigram table and its error, and see whether the
# loss of all 3,183 is within it. We do that a thousand times.

# %% tags=["close"]
totals, lengths = totals_by_name(additive(1, 0.3), train)  # "very many names"
truth = totals.sum() / lengths.sum()
draws = torch.randint(len(train), (1000, n), generator=generator)  # (1000, n)
sums, letters = totals[draws], lengths[draws].float()  # (1000, n) each
measured = sums.sum(dim=1) / letters.sum(dim=1)  # (1000,)
surplus = sums - measured.unsqueeze(1) * letters  # (1000, n)
errors = surplus.std(dim=1) / math.sqrt(n) / letters.mean(dim=1)  # (1000,)
away = (measured - truth).abs() / errors  # (1000,): how many errors away
within_one, within_two = (away < 1).float().mean(), (away < 2).float().mean()
print(f"within one: {within_one:.0%}, within two: {within_two:.0%}")
assert 0.63 < within_one < 0.74
assert within_two > 0.93

# %% [markdown]
# ### Is A better than B?
#
# Two models read the *same* names. A name that is hard for one of them is mostly hard for the
# other one too. So do not compare two losses with their two errors. Take the **difference for each
# name**, and ask how large the error of this difference is (a *paired* comparison).


# %%
def difference(a, b, name_list):
    """How much lower the loss of a is than that of b, and its standard error."""
    (sums_a, lengths), (sums_b, _) = (totals_by_name(m, name_list) for m in (a, b))
    gaps = sums_b - sums_a  # (n,)
    draws = torch.randint(len(gaps), (1000, len(gaps)), generator=generator)
    means = gaps[draws].sum(dim=1) / lengths[draws].sum(dim=1)  # (1000,)
    return (gaps.sum() / lengths.sum()).item(), means.std().item()


# %% tags=["close"]
lead, its_error = difference(final, simple, test)
print(f"test: interpolation ahead of additive by {lead:.3f} ± {its_error:.3f}")
assert lead > 3 * its_error  # far more than luck

# %% [markdown]
# The best interpolation is ahead of the best additive table by many standard errors, so this is
# not luck. And the other question: are five letters of memory better than four? That is a choice
# between settings, so we ask the validation names.

# %% tags=["close"]
four = interpolated(4, strengths[mix_grid[4].argmin()])
lead, its_error = difference(final, four, val)
print(f"validation: five letters ahead of four by {lead:.3f} ± {its_error:.3f}")
assert abs(lead) < 2 * its_error  # may well be luck

# %% [markdown]
# This difference is about as large as its error. We cannot say which of the two is better, and it
# would be wrong to write that five letters are. In such a case one takes the simpler model next
# time. (Not now: we have already looked at the test names.)
#
# A standard error does not cover everything. It says nothing about a leak, and nothing about names
# of another kind, from another country for example.
#
# > **In one plain sentence.** Learn on one part, choose on another, report on a third, and
# > say how much of the number may be luck.
#
# ## Check yourself
#
# ### Fix the slide
#
# "Training means matching the statistics of the training set", that is, its shares. Lesson 5 showed
# why. So the better
# the match, the better the model? Here is the perfect match: eight letters of memory, no smoothing.

# %% tags=["ledger:B10"]
perfect = ngram.NGram.fit(train, 8)  # plain counts
kl = loss_on(perfect, train) - floors[8]  # loss = entropy + KL
ruled_out = [name for name in val if math.isinf(loss_on(perfect, [name]))]
print(f"KL between the training names and the model: {abs(kl):.4f}")
print(f"held-out names that it calls impossible: {len(ruled_out)} of {len(val)}")
assert abs(kl) < 1e-4
assert len(ruled_out) > 0.9 * len(val)

# %% [markdown]
# The sentence is true, and it is a warning. We want the statistics of *names*, and we have
# only the statistics of *some* names. Whatever keeps a model from matching too well (smoothing, a
# shorter memory, later a smaller network or an earlier stop) is called **regularization**.
#
# ### Questions
#
# **1.** Suppose `neelam` is a training name and `nilam` is held out. Is that a leak?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A small one: the held-out name is easier than a truly new one. Splitting by name keeps exact
# copies apart, but not relatives. If you care about names of a new *kind*, hold out the whole
# kind.
#
# </details>
#
# **2.** A friend reports a training loss of 1.1 and a held-out loss of 1.2 on our names. What do you
# ask?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# "How did you split?" Our best table is far above 1.2 on held-out names, and 1.2 is close to the
# loss of somebody who knows the list by heart. It looks like a leak.
#
# </details>
#
# **3.** In the interpolation formula, what is $p_k$ if $s$ is 0, and what is it if $s$ is enormous?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# With $s = 0$ it is the share of the counts alone (and it is not defined for an empty row). With an
# enormous $s$ the counts do not matter: every memory repeats the shorter one, down to 1/27 for each
# letter.
#
# </details>
#
# **4.** You want a standard error half as large. How many test names do you need?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Four times as many, because the error falls with the square root of their number.
#
# </details>
#
# **5.** Could you compute a floor for the held-out names, and what would it mean?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `ngram.context_entropies(val, 8)`. It is the loss of a table that has counted the held-out names
# themselves. No model that sees $k$ letters can be better on them, but to reach it one would have
# to know the answers. So the floor is honest, and far too low to be a goal. Lesson 9 uses a
# language whose true entropy is known.
#
# </details>
#
# **6.** Your turn, without an answer below: score your own first name with `final`, and with
# `simple`. Try names from other parts of the world too. (For `zara` the additive table is even a
# little better. One name decides nothing.)

# %%
for name in ("zara", "william"):  # put your name here
    print(f"{name:8} {loss_on(final, [name]):.2f} {loss_on(simple, [name]):.2f}")

# %% [markdown]
# ## Recap
#
# - **Idea.** Only held-out names tell whether a model is good. Choose settings on one held-out part,
#   report on another one, and say the standard error.
# - **Formula.** Interpolation: $p_k = (\text{count}_k + s \cdot p_{k-1}) / (\text{total}_k + s)$. The
#   floor is $H(\text{next} \mid k \text{ before})$. The standard error is $\sigma / \sqrt{n}$.
# - **Pitfall.** A split by pieces or by single questions leaks. Split by whole names (documents,
#   speakers, patients). And never compare a tuned model with an untuned one.
#
# | tensor | shape |
# |---|---|
# | contexts, targets of all questions | (N, k), (N,) |
# | losses, `reduction="none"` | (N,) |
# | summed for each name | (n,) |
# | drawn names, `draws` | (1000, n) |
# | losses of the drawn lists | (1000, n) -> (1000,) |
#
# | here | elsewhere |
# |---|---|
# | held-out names | unseen data |
# | validation set | development set, dev set |
# | over-fitting | memorization; high variance |
# | leak | data leakage, contamination |
# | additive smoothing | add-k smoothing |
# | interpolation, strength $s$ | Dirichlet prior, Jelinek-Mercer smoothing (a relative) |
# | floor | conditional entropy, entropy rate (for ever longer contexts) |
# | `extra`, $k$, $s$ | hyperparameters |
#
# - **Moved into the library:** `course_lib.names.split_names`, `course_lib.ngram.NGram` with
#   `interpolate=True`, `course_lib.ngram.context_entropies`.
#
# **Homework:** [Homework 6](homework/hw06.ipynb), about 95 minutes, of which 65 are core. A badge
# under each check says at once whether your answer is correct.
#
# **Next:** a table learns each row alone, and needs an enormous number of rows. A small network
# shares what it learns among all contexts. Is it better than our best table? You will
# measure it. [7. The name generator](07_name_generator.ipynb)
