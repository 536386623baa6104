# %% [markdown]
# # Homework 1: tensors
#
# Five tasks with checks, one question in words. About 50 minutes; all cells together
# run in a few seconds. It belongs to [lesson 1](../01_tensors.ipynb). Tasks 1 to 4 are
# *core*: the next lessons use them on every page. Task 5 is for those who want *more*.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw01` says what the file is worth.
#
# No task needs a loop, but an answer with a loop passes, too. When you are stuck, print
# the shapes.

# %%
# NEEDS data/names.txt
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # the random seed, another number when the homework is marked
SYMBOLS = ".abcdefghijklmnopqrstuvwxyz"
NAMES = Path("../../data/names.txt").read_text("utf-8").split()


def generator(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw_names(number, n, length=0):
    """n different names from the list, all of them of this length if one is given."""
    fitting = [name for name in NAMES if length in (0, len(name))]
    order = torch.randperm(len(fitting), generator=generator(number)).tolist()
    return [fitting[i] for i in order[:n]]


def encode(text):
    """Letters as whole numbers, the full stop is 0, a is 1; int64 (length,)."""
    return torch.tensor([SYMBOLS.index(letter) for letter in text])


# %% [markdown]
# ## Task 1 (core, 5 minutes): subtract the mean of each row
#
# Write `center_rows(x)`. The table `x` has the shape `(R, K)`. Subtract from each number
# the mean of its row. The shape stays, and afterwards each row adds up to 0. For example,
# `[[1.0, 3.0], [2.0, 8.0]]` becomes `[[-1.0, 1.0], [-3.0, 3.0]]`. It must work for
# every R and every K, also where they are equal.


# %%
# TASK center_rows
def center_rows(x):
    """Each number minus the mean of its row, (R, K) -> (R, K)."""
    ### BEGIN SOLUTION
    return x - x.mean(dim=1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK center_rows 1 point: three rows, five columns
center_rows(torch.randn(3, 5, generator=generator(1)) + 2)

# %%
# CHECK center_rows 1 point: a square table
center_rows(torch.randn(4, 4, generator=generator(2)) + 2)

# %% [markdown]
# ## Task 2 (core, 10 minutes): one number from each row
#
# Write `pick(probs, targets)`. Each row of `probs`, of shape `(N, V)`, is a prediction,
# and `targets`, of shape `(N,)`, says for each row which column really came. Return the
# probability that each row gave to its target, shape `(N,)`. For example,
#
# `pick(torch.tensor([[0.1, 0.9], [0.3, 0.7]]), torch.tensor([1, 0]))` is `[0.9, 0.3]`.


# %%
# TASK pick
def pick(probs, targets):
    """The probability of each row's target, (N, V) and (N,) -> (N,)."""
    ### BEGIN SOLUTION
    return probs.gather(1, targets.unsqueeze(1)).squeeze(1)
    ### END SOLUTION


# %%
# CHECK pick 1 point: five predictions over four letters
probs = torch.rand(5, 4, generator=generator(3))
pick(probs / probs.sum(dim=1, keepdim=True), torch.tensor([0, 3, 1, 1, SEED % 4]))

# %%
# CHECK pick 1 point: as many predictions as letters
probs = torch.rand(4, 4, generator=generator(4))
pick(probs, torch.tensor([2, 0, 0, 3]))

# %% [markdown]
# Now with a real name, as at the end of lesson 1: `table` holds the probabilities of all
# pairs, `table[before]` is a prediction for each step of the name, and the letters after
# are the targets.


# %%
def table_of(names):
    """The table of lesson 1: the share of each pair, counted once more; (27, 27)."""
    counts = torch.ones(27, 27)
    for name in names:
        for before, after in zip(encode("." + name), encode(name + "."), strict=True):
            counts[before, after] += 1
    return counts / counts.sum(dim=1, keepdim=True)


# %%
# CHECK pick 1 point: the steps of a name
table = table_of(draw_names(5, 300))
name = draw_names(6, 1)[0]
pick(table[encode("." + name)], encode(name + "."))

# %% [markdown]
# ## Task 3 (core, 10 minutes): drop what is rare
#
# A model that writes should not draw letters that are very unlikely. Write
# `drop_rare(probs, least)`. Every probability **below** `least` becomes 0, and what is
# left in a row is divided by its sum, so that each row of `probs`, of shape `(N, V)`, adds up
# to 1 again. Each row keeps at least one number. The table `probs` itself must stay as it
# was, because it may be needed again. For example, with `least = 0.25` the row
# `[0.5, 0.25, 0.125, 0.125]` becomes `[0.6667, 0.3333, 0, 0]`.


# %%
# TASK drop_rare
def drop_rare(probs, least):
    """Rows without what is below `least`, rescaled to sum 1, (N, V) -> (N, V)."""
    ### BEGIN SOLUTION
    kept = torch.where(probs >= least, probs, 0.0)
    return kept / kept.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK drop_rare 1 point: three rows; some numbers are exactly `least`
order = torch.rand(3, 5, generator=generator(7)).argsort(dim=1)
probs = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0])[order] / 16
drop_rare(probs, 0.125)

# %%
# CHECK drop_rare 1 point: a square table, and what is left of the table itself
probs = torch.randn(4, 4, generator=generator(8)).softmax(dim=1)
[drop_rare(probs, 0.2), probs]

# %% [markdown]
# ## Task 4 (core, 10 minutes): a bug that hides
#
# A program has predicted some numbers. The predictions come as a column, shape `(N, 1)`,
# because many networks give a row for each question. The true numbers come as a list,
# shape `(N,)`. `mean_gap(predictions, targets)` should tell by how much they differ: the
# mean of the N gaps |prediction - target|, without a sign, as one number.
#
# The program below runs without an error, but it is wrong. It does not give 0
# for perfect predictions: for `torch.tensor([[1.0], [2.0]])` and
# `torch.tensor([1.0, 2.0])` it gives 0.5. Print the shape of `gaps` to see why. Then fix
# it.


# %%
# TASK mean_gap
def mean_gap(predictions, targets):
    """The mean of |prediction - target|, (N, 1) and (N,) -> one number."""
    ### BEGIN SOLUTION
    gaps = predictions.squeeze(1) - targets
    return gaps.abs().mean()
    ### END SOLUTION
    # ~ gaps = predictions - targets
    # ~ return gaps.abs().mean()


# %%
# CHECK mean_gap 1 point: four and six predictions
column = torch.randn(6, 1, generator=generator(9))
truth = torch.randn(6, generator=generator(10))
[round(float(mean_gap(column[:n], truth[:n])), 4) for n in (4, 6)]

# %%
# CHECK mean_gap 1 point: three and nine predictions that are nearly perfect
truth = torch.randn(9, generator=generator(11)) * 5
almost = truth.unsqueeze(1) + 0.2 * torch.randn(9, 1, generator=generator(12))
[round(float(mean_gap(almost[:n], truth[:n])), 4) for n in (3, 9)]

# %% [markdown]
# ## Task 5 (more, 10 minutes): each with each
#
# Sometimes the copying of task 4 is just what you want. Write `same_letter(a, b)`. `a` of
# shape `(N,)` and `b` of shape `(M,)` are two names as whole numbers. Return a mask of
# shape `(N, M)`: in row i and column j it says whether letter i of `a` is equal to letter
# j of `b`. With such tables lesson 11 will say which letter may look at which.
#
# For example, `same_letter(encode("asha"), encode("ha"))` is the table with the rows
# (no, yes), (no, no), (yes, no), (no, yes).


# %%
# TASK same_letter
def same_letter(a, b):
    """Whether letter i of a is letter j of b, (N,) and (M,) -> (N, M)."""
    ### BEGIN SOLUTION
    return a.unsqueeze(1) == b.unsqueeze(0)
    ### END SOLUTION


# %%
# The checks below print 1 for yes and 0 for no.
def as_lists(table):
    """A table as a list of rows of whole numbers."""
    return [[int(cell) for cell in row] for row in table]


# %%
# CHECK same_letter 1 point: three names of eight letters, each with one of five
long, short = draw_names(16, 3, length=8), draw_names(17, 3, length=5)
[as_lists(same_letter(encode(a), encode(b))) for a, b in zip(long, short, strict=True)]

# %%
# CHECK same_letter 1 point: four pairs of names of seven letters
some = draw_names(15, 8, length=7)
[
    as_lists(same_letter(encode(a), encode(b)))
    for a, b in zip(some[:4], some[4:], strict=True)
]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN keepdim -->
# A friend divides the table of names, of shape `(27, 27)`, by `counts.sum(dim=1)` and
# forgets `keepdim=True`. All the numbers that come out lie between 0 and 1, and no
# error is shown. Why does torch not complain? What has been divided by what? Name two
# different ways in which your friend could have noticed the mistake. Four sentences are
# enough.
#
# ...
