# %% [markdown]
# # 6. Not fooling yourself
#
# **How do I know that a model is good?**
#
# In lesson 5 a table with five letters of memory read `asha` better than the bigram table,
# and `zara` much worse. It had counted `asha`, and it had never seen `zara`. A model of
# names should be good at names that are *new*. In this lesson you learn to measure that,
# and you meet three ways to fool yourself: you test on what was learned, you test on what
# leaked, and you take luck for progress.
#
# - **You will** put names aside, watch a table learn its list by heart, find a leak, repair
#   the long memory by asking the shorter ones, compute how low a loss can get, and say how
#   much of a difference is luck.
# - **You need** lesson [5](05_counting.ipynb): tables with $k$ letters of memory, add-k
#   smoothing.
# - **Time** 80 minutes. On a first reading, skip the parts marked *more*: then 65. A good
#   place for a break is before *Ask the shorter memory*.
# - **Back** [5. Counting](05_counting.ipynb) ·
#   **Next** [7. The name generator](07_name_generator.ipynb)

# %%
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
train, val, test = names.split_names(all_names)  # three lists; explained below

# %% [markdown]
# ## Predict first
#
# Two tables have counted the training names. One looks back one letter, the other one six
# letters. Both have an `extra` of 0.1, so nothing is impossible for them. On the training
# names the long memory wins clearly. Now both of them read names that neither has ever seen.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
X1, Y1 = names.windows(val, 1)
X6, Y6 = names.windows(val, 6)
short = F.cross_entropy(ngram.NGram.fit(train, 1, strength=2.7)(X1), Y1)
long = F.cross_entropy(ngram.NGram.fit(train, 6, strength=2.7)(X6), Y6)
Predict(
    "Which of the two tables has the lower loss on new names?",
    "one letter" if short < long else "six letters",
    options=("one letter", "six letters"),
    because="The part on over-fitting measures both.",
)

# %% [markdown]
# ## Build it by hand
#
# ### Put names aside
#
# To know how a model treats new names, we need names that it has not seen. So *before* we
# count anything, we shuffle the list and cut it into three parts.

# %%
generator = torch.Generator().manual_seed(0)
order = torch.randperm(len(all_names), generator=generator).tolist()
shuffled = [all_names[i] for i in order]
first, second = 8 * len(shuffled) // 10, 9 * len(shuffled) // 10
parts = [shuffled[:first], shuffled[first:second], shuffled[second:]]
print([len(part) for part in parts], "of", len(all_names))

# %% [markdown]
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
# The whole course uses one fixed split, that of `names.split_names`. (It does not shuffle. It
# computes from the letters of each name, in a mixed-up way, to which part the name belongs. So
# a name stays in its part, even if the list grows later.)

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
# We need two short functions: one makes a table with add-k smoothing (lesson 5), the other
# one gives its mean loss on any list of names.


# %%
def add_k(k, extra):
    """A table with k letters of memory, counted on the training names."""
    return ngram.NGram.fit(train, k, strength=V * extra)


def loss_on(model, name_list):
    """Mean loss in nats: N questions, contexts (N, k), targets (N,)."""
    X, Y = names.windows(name_list, model.context_size)
    return F.cross_entropy(model(X), Y).item()  # (N, V) and (N,) -> one number


# %%
print("letters back   training   held out")
for k in range(7):
    model = add_k(k, 0.1)
    print(f"{k:12d} {loss_on(model, train):10.2f} {loss_on(model, val):10.2f}")

# %% [markdown]
# Compare the lines of one letter and of six letters. On the training names six letters are
# much better. On the held-out names six letters are worse, and by a lot.

# %%
one, six = add_k(1, 0.1), add_k(6, 0.1)
assert loss_on(six, train) < loss_on(one, train) - 0.3
assert loss_on(six, val) > loss_on(one, val) + 0.2

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
    [[loss_on(add_k(k, extra), val) for extra in extras] for k in range(9)]
)  # (9, 6): a row for each memory, a column for each extra
best = {(k, row.argmin().item()): ORANGE for k, row in enumerate(grid)}
plot_grids(
    [
        Grid(
            grid,
            "held-out loss",
            [f"{k} letters" for k in range(9)],
            [str(extra) for extra in extras],
            best,
        )
    ],
    "Two letters of memory are best; in each row the best extra is marked",
)

# %% [markdown]
# The marked number is the best of its row. Even at its best, a memory of six letters is worse
# than a memory of one letter. The best of all has two letters, and from three letters on a
# longer memory only makes it worse. And the answer to a question of lesson 0: adding 1
# to each count was too much here; a smaller number is better.

# %% tags=["close"]
add_k_best = grid.min().item()
k_best, e_best = divmod(grid.argmin().item(), len(extras))  # its row, its column
print(f"best: {k_best} letters, extra {extras[e_best]}, held out {add_k_best:.3f}")
assert k_best == 2
assert (grid.min(dim=1).values.diff()[2:] > 0.005).all()  # from 2 letters on: worse

# %% [markdown]
# A number such as $k$ or `extra` is not learned from the training names. We choose it, and it
# is called a **hyperparameter**. Why can the training names not choose it? Look at what they
# would say:

# %%
for extra in extras:
    print(f"extra {extra:5}: training loss {loss_on(add_k(3, extra), train):.3f}")

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
# put some of them aside. Here are the questions of `asha` and `zara` (three letters of
# context and the letter that came), cut into pieces of four questions. One piece is put
# aside (orange).


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


# %%
def shuffled_split(asked, size):
    """Cut into overlapping pieces, shuffle them, hold out two tenths."""
    starts = list(range(len(asked) - size + 1))
    random.Random(0).shuffle(starts)
    cut = 8 * len(starts) // 10
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
# The four splits: overlapping pieces; single questions from a list that holds each name five
# times (real lists have popular names many times); single questions from our list; and whole
# names.

# %%
once = [q for name in all_names for q in questions(name, 6)]
by_name = [[q for name in part for q in questions(name, 6)] for part in (train, val)]
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
# question was counted together with its answer. In the third split there is little harm, but
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
# are possible, after `.krish` only few. It fails because its rows are thin. And add-k
# smoothing is a crude cure, because it spreads the imaginary counts evenly over all 27 letters, as
# if `q` were as likely as `a`.
#
# We know better. If the row of `zar` is thin, the row of `ar` is fuller, and the row of `r` is
# very full. Let us take their opinion for the imaginary counts. First, what do the tables
# say about the last `a` of `zara`?

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
s, p = 9, 1 / V
print(f"no table: p = 1/27 = {p:.3f}")
for context in ("", "r", "ar", "zar"):
    row = tables[len(context)][context]
    count, total = row["a"], row.total()
    alone, p = count / total, (count + s * p) / (total + s)
    print(f"{context or 'nothing':8} alone {alone:.3f}, mixed with the shorter {p:.3f}")

# %% [markdown]
# Follow the last line with me. The row of `zar` alone gives the `a` 0. Its 4 cases are mixed with
# 9 imaginary cases that look like the opinion of `ar`. So the `a` keeps a good part of its
# probability. The same as a drawing, and then as a function:

# %%
p, boxes, arrows = 1 / V, [("1/27", "all alike")], []
for context in ("", "r", "ar", "zar"):
    row = tables[len(context)][context]
    p = (row["a"] + s * p) / (row.total() + s)
    boxes.append((context or "no letters", f"p(a) = {p:.3f}"))
    arrows.append(f"{row['a']:,} of\n{row.total():,}")
plot_flow(boxes, "Each row corrects the opinion of the shorter one", arrows=arrows)


# %%
def mixed_prob(context, letter, s):
    """p(letter | context): the counts, mixed with what the shorter memory says."""
    shorter = mixed_prob(context[1:], letter, s) if context else 1 / V
    row = tables[len(context)].get(context, Counter())
    return (row[letter] + s * shorter) / (row.total() + s)


assert math.isclose(mixed_prob("zar", "a", 9), p)
assert math.isclose(sum(mixed_prob("zar", x, 9) for x in names.ALPHABET), 1)

# %% [markdown]
# This is called **interpolation**, because the result lies between two opinions. (A relative is
# called *back-off*: it asks the shorter memory only if the count is 0. Another one,
# *Kneser-Ney*, was the best n-gram model for a long time.)
#
# How well does it read `zara`? We compare with add-k smoothing, at three letters of memory.


# %%
def mean_surprise(probs):
    return sum(-math.log(p) for p in probs) / len(probs)


pairs = questions("zara", 3)
table = tables[3]
plain = [(table[c][x] + 0.1) / (table[c].total() + 2.7) for c, x in pairs]
mixed = [mixed_prob(c, x, 9) for c, x in pairs]
print(f"zara, add-k: {mean_surprise(plain):.2f}, mixed: {mean_surprise(mixed):.2f}")
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
# ### Choose the strength and the memory
#
# Again each memory gets its own best setting, chosen by the held-out names.


# %%
def with_all_shorter(model):
    """The tables inside an interpolated one, from 0 letters on."""
    return [] if model is None else [*with_all_shorter(model.shorter), model]


strengths = [1, 3, 9, 27, 81, 243]
mixes = {}
for s in strengths:
    longest = ngram.NGram.fit(train, 8, strength=s, interpolate=True)
    mixes[s] = [loss_on(model, val) for model in with_all_shorter(longest)]  # k = 0..8

mix_grid = torch.tensor([mixes[s] for s in strengths]).T  # (6, 9) -> (9, 6)
best = {(k, row.argmin().item()): ORANGE for k, row in enumerate(mix_grid)}
plot_grids(
    [
        Grid(
            mix_grid,
            "held-out loss",
            [f"{k} letters" for k in range(9)],
            [f"s = {s}" for s in strengths],
            best,
        )
    ],
    "With a good strength, a long memory does no harm",
)

# %% tags=["close"]
k_mix, s_mix = divmod(mix_grid.argmin().item(), len(strengths))
mix_best = mix_grid.min().item()
print(f"best interpolation: {k_mix} letters, s = {strengths[s_mix]}: {mix_best:.3f}")
print(f"best add-k:         {k_best} letters, extra {extras[e_best]}: {add_k_best:.3f}")
assert mix_best < add_k_best - 0.1
assert mix_grid[8].min() < mix_best + 0.05  # eight letters: nearly as good

# %% [markdown]
# The same counts, and a much better model. Read the columns. With `s` = 1 a long memory is still
# harmful, because it hardly listens to the shorter ones. With a larger strength the damage is
# gone: a thin row passes the question on to a fuller one. (`.T` in the cell above exchanges rows
# and columns.)
#
# ## See it
#
# ### How low can a loss get?
#
# A loss alone says little. Is 2.1 good? It helps to know how low it *could* be. Lesson 5 had the
# answer without saying so. For a model that sees $k$ letters, the best probabilities are the
# shares, so no model that sees $k$ letters can have a lower loss **on the training names** than
# the table of plain counts. Its loss is the entropy of the next letter when the $k$ letters before
# it are known, written $H(\text{next} \mid k \text{ before})$ (**conditional entropy**). We call it
# the **floor**. A small example: in the list `ab`, `ac` there are six questions. After `a` there are
# two equally likely letters, which cost ln 2 each. All other letters are certain with one letter
# of memory.

# %%
tiny = ngram.context_entropy(["ab", "ac"], 1)
assert math.isclose(tiny, 2 * math.log(2) / 6)
print(f"floor of the list ab, ac with one letter: {tiny:.3f}")

floors = ngram.context_entropies(train, 8)  # k = 0 to 8
for k in (1, 3, 6):
    counted = ngram.NGram.fit(train, k)  # plain counts, no smoothing
    assert math.isclose(loss_on(counted, train), floors[k], rel_tol=1e-5)
print("floors of our training names:", [f"{floor:.2f}" for floor in floors])

# %% tags=["close"]
add_k_line = [row.min().item() for row in grid]
mix_line = [row.min().item() for row in mix_grid]
plot_curves(
    {
        "held out, interpolation": (range(9), mix_line),
        "held out, add-k": (range(9), add_k_line),
        "floor of the training names": (range(9), floors),
    },
    "The floor keeps sinking, held-out names do not follow",
    xlabel="letters of memory",
    ylabel="nats per letter",
)

# %% [markdown]
# Each point is a memory at its own best setting. Read three things from the picture.
#
# - **With add-k**, the held-out loss falls until two letters of memory, and then it rises.
# - **With interpolation**, it falls until about four letters, and then it stays.
# - **The floor falls on and on.** The distance between floor and held-out loss is called the
#   **generalization gap**. What a long memory adds is knowledge about *these* names, not about
#   names.

# %% tags=["close"]
gap = [held - floor for held, floor in zip(mix_line, floors, strict=True)]
assert gap == sorted(gap)  # each letter of memory makes the gap wider
assert max(mix_line[4:]) - min(mix_line) < 0.03
print(
    f"gap with one letter {gap[1]:.2f}, with four {gap[4]:.2f}, with eight {gap[8]:.2f}"
)

# %% [markdown]
# A floor is a useful tool. If somebody reports a *training* loss below the floor of the data,
# something is wrong: a leak, other data, or a mistake in the program.
#
# *More:* where does the floor end? With twelve letters of memory the table knows nearly always
# *which* of its names this is. Then only the choice of the name is left: one of 3,183 equally
# likely ones, spread over its letters.

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
final = ngram.NGram.fit(train, k_mix, strength=strengths[s_mix], interpolate=True)
simple = add_k(k_best, extras[e_best])
print(f"interpolation: validation {mix_best:.3f}, test {loss_on(final, test):.3f}")
print(f"add-k:         validation {add_k_best:.3f}, test {loss_on(simple, test):.3f}")

# %% [markdown]
# The two columns are not equal. Is the difference between them important, or is it only that
# some names are harder than others, and another few hundred names would give another number?
#
# ### How much is luck? The standard error
#
# We cannot ask for more test names. But we can imitate it: draw as many names as there are *from
# the test names, with repetition*, so that some come twice and some not at all. Compute the loss
# of this new list, and repeat it a thousand times. How much the thousand losses differ shows how
# much of a loss is luck. This is called the **bootstrap**.
#
# We draw whole names and not letters, for the same reason as in the split: letters of the same
# name belong together.


# %%
def totals_by_name(model, name_list):
    """The summed loss of each name, (n,), and its number of letters, (n,)."""
    X, Y = names.windows(name_list, model.context_size)
    losses = F.cross_entropy(model(X), Y, reduction="none")  # (N,): one a question
    lengths = [len(name) + 1 for name in name_list]
    totals = torch.stack([part.sum() for part in losses.split(lengths)])  # (n,)
    return totals, torch.tensor(lengths)


totals, lengths = totals_by_name(final, test)
print(f"{test[0]}: {totals[0]:.2f} nats in {lengths[0]} letters")
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
# This number is called the **standard error** of the loss. As a rule of thumb, in two of three
# cases a measured loss lies within one standard error of the value that you would get with very many
# names, and in 19 of 20 cases within two. It is written with a plus-minus sign:

# %% tags=["close"]
loss = loss_on(final, test)
print(f"test loss of the interpolation: {loss:.2f} ± {error:.2f}")
within = (means - loss).abs() < error
print(f"{within.float().mean():.0%} of the 1,000 are within one standard error")
assert abs(loss - mix_best) < 3 * error  # validation and test: may well be luck

# %% [markdown]
# *More:* there is also a formula. A mean of $n$ independent values has the standard error $\sigma /
# \sqrt{n}$, where $\sigma$ is the standard deviation of a single value. Four times as many names
# make the error half as large. For our loss it is the deviation of each name from what its length
# would make us expect:

# %% tags=["close"]
surplus = totals - loss * lengths  # (n,): how much dearer than expected
formula = (surplus.std() / math.sqrt(n) / lengths.float().mean()).item()
print(f"formula {formula:.3f}, bootstrap {error:.3f}")
assert abs(formula - error) < 0.1 * error

# %% [markdown]
# ### Is A better than B?
#
# Two models read the *same* names. A name that is hard for one of them is mostly hard for the
# other one too. So do not compare two losses with their two errors. Take the **difference for each
# name**, and ask how large the error of this difference is (a *paired* comparison).


# %%
def difference(a, b):
    """How much lower the test loss of a is than that of b, and its standard error."""
    diffs = totals_by_name(b, test)[0] - totals_by_name(a, test)[0]  # (n,)
    means = diffs[draws].sum(dim=1) / lengths[draws].sum(dim=1)  # (1000,)
    return (diffs.sum() / lengths.sum()).item(), means.std().item()


four, five = with_all_shorter(final)[4], with_all_shorter(final)[5]
for what, pair in (("interpolation", (final, simple)), ("five letters", (five, four))):
    lead, its_error = difference(*pair)
    print(f"{what}: ahead by {lead:.3f} ± {its_error:.3f}")

# %% tags=["close"]
lead, its_error = difference(final, simple)
assert lead > 3 * its_error  # far more than luck
lead, its_error = difference(five, four)
assert abs(lead) < 2 * its_error  # may well be luck

# %% [markdown]
# The first line compares the best interpolation with the best add-k table. It is ahead by many
# standard errors, so this is not luck. The second line compares five letters of memory
# with four letters. Here the difference is hardly larger than its error. We cannot say which of the two
# is better, and it would be wrong to write that five letters are.
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
# "Training means matching the statistics of the training set." Lesson 5 proved it. So the better
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
# `simple`. Try names from other parts of the world too. For which names is interpolation a great
# help, and for which ones is it not?

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
# | interpolation, strength $s$ | Dirichlet prior, Jelinek-Mercer smoothing (a relative) |
# | floor | conditional entropy, entropy rate (for ever longer contexts) |
# | `extra`, $k$, $s$ | hyperparameters |
#
# - **Moved into the library:** `course_lib.names.split_names`, `course_lib.ngram.NGram` with
#   `interpolate=True`, `course_lib.ngram.context_entropies`.
#
# **Homework:** [Homework 6](homework/hw06.ipynb). A badge under each check says at once whether
# your answer is correct.
#
# **Next:** a table learns each row alone, and needs an enormous number of rows. A small network
# shares what it learns among all contexts. Is it better than our best table? You will
# measure it. [7. The name generator](07_name_generator.ipynb)
