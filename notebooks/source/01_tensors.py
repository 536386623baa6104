# %% [markdown]
# # 1. Tensors
#
# **How do you calculate with a whole table at once?**
#
# In lesson 0 two loops went through a table, one number at a time. Neural networks have
# tables with millions of numbers, and training goes through them thousands of times: a
# Python loop would be far too slow. In this lesson you learn to say "divide every row by
# its sum" in one line. Each idea comes first on a table so small that you can follow it
# by eye. At the end you use all of them on the table of names.
#
# - **You will** read shapes, pick numbers out of tables, add up along a dimension, let
#   tables of different shapes work together, and find the most common bug of all.
# - **You need** [lesson 0](00_start_here.ipynb): the table of pairs and the surprise.
# - **Time** 25 minutes to read, 35 more for the seven small exercises and the questions
#   at the end. A good place for a break is after *The most common bug*. Do the exercises:
#   all later lessons are written in this language. You need not remember everything;
#   the table at the end of this page is a place to look things up.
# - **Back** [0. Start here](00_start_here.ipynb) ·
#   **Next** [2. Logits and softmax](02_logits_and_softmax.ipynb)

# %%
import time
import timeit

import torch

from course_lib import names, ngram
from course_play.boxes import BLUE, GREEN, ORANGE, Grid, plot_grids
from course_play.plots import plot_heat_map
from course_play.widgets import Predict

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A table has 2 rows and 3 columns. In torch the rows are counted along **dimension 0**
# and the columns along **dimension 1**.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
Predict(
    "`table` has 2 rows and 3 columns. `table.sum(dim=0)` adds up its numbers along "
    "dimension 0. How many numbers come out?",
    str(torch.ones(2, 3).sum(dim=0).numel()),
    options=("1", "2", "3", "6"),
    because="The dimension that you name is added up and disappears, here the 2 rows. "
    "What is left is one sum for each column.",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. A table and its shape
#
# A **tensor** is a table of numbers (elsewhere: array, matrix, n-dimensional array). We
# make one from lists. Here is a very small corner of a table of pairs like that of
# lesson 0, counted in seven names only: asha, shafi, aashi, salma, sasi, sawan, lisha. The
# letters before are `s` and `h`, the letters after are `a`, `h` and `i`. So the 4 says
# that `sh` came four times. (As in lesson 0, code that only draws is folded away.)

# %%
t = torch.tensor([[3, 4, 1], [3, 0, 1]])  # (2, 3)
t

# %% tags=["hide-input"]
# drawing, and a check of the counts
seven = "asha shafi aashi salma sasi sawan lisha"
counted = [[seven.count(before + after) for after in "ahi"] for before in "sh"]
assert t.tolist() == counted
grid = Grid(t, "t", rows=["row 0: s", "row 1: h"], columns=["0: a", "1: h", "2: i"])
plot_grids([grid], "Two rows and three columns: the shape is (2, 3)")

# %% [markdown]
# The **shape** says how long each dimension is: first the rows, then the columns. Rows
# and columns are counted from 0. This course writes the shape as a comment behind a
# line: `# (2, 3)`.
#
# A tensor can have any number of dimensions. Zero dimensions are a single number, one
# dimension is a row of numbers (we call it a list), and three dimensions are a stack of
# tables.

# %%
for x in (torch.tensor(7), torch.tensor([2, 1, 1]), t, torch.zeros(4, 2, 3)):
    print(f"{x.dim()} dimensions, shape {tuple(x.shape)}, {x.numel()} numbers")

# %% [markdown]
# Two more things that you will meet. The **dtype** is the kind of number: `int64` for
# whole numbers, `float32` for decimal numbers with about seven digits. And `.item()` makes
# an ordinary Python number of a single number; `.tolist()` makes Python lists of a table.

# %%
print(t.dtype, "divided by 2 becomes", (t / 2).dtype)
print("one number as a tensor:", t.sum(), "and as a Python number:", t.sum().item())

# %% [markdown]
# **Exercise 1.** Make a tensor of shape `(3, 2)` that holds the numbers 1 to 6, and print
# how many numbers it has.

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `x = torch.tensor([[1, 2], [3, 4], [5, 6]])` and `print(x.shape, x.numel())`.
#
# </details>
#
# ### 2. Picking by place
#
# Square brackets pick. The first place in them is the row, the second one is the column,
# and a colon means "all of them".

# %%
print("t[1, 2]  ", t[1, 2].item())
print("t[1]     ", t[1], "  a row:", tuple(t[1].shape))
print("t[:, 2]  ", t[:, 2], "     a column:", tuple(t[:, 2].shape))
print("t[-1]    ", t[-1], "  the last row")
print("t[:, 1:] ", t[:, 1:].tolist(), "  all rows, columns from 1 on")

# %% tags=["hide-input"]
# drawing only
in_row = {(1, column): BLUE for column in range(3)}
in_column = {(row, 2): GREEN for row in range(2)}
plot_grids(
    [
        Grid(t, "t", marks=in_row),
        Grid(t[1], "t[1]", marks={(0, column): BLUE for column in range(3)}),
        Grid(t, "t", marks=in_column),
        Grid(t[:, 2], "t[:, 2]", marks={(0, row): GREEN for row in range(2)}),
    ],
    "A row and a column of the same table: one dimension is left",
    signs=["→", "", "→"],
)

# %% [markdown]
# Look at the shapes. Where you give a number, the dimension disappears; where you
# give a colon, it stays.
#
# **Exercise 2.** Pick the first column of `t`, and then the number in its first row, last
# column.

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `t[:, 0]` and `t[0, -1]` (or `t[0, 2]`).
#
# </details>
#
# ### 3. Adding up along a dimension
#
# `sum` without a word adds up everything. With `dim=` it adds up along one dimension.

# %%
print("all:         ", t.sum().item())
print("t.sum(dim=0):", t.sum(dim=0), "one for each column")
print("t.sum(dim=1):", t.sum(dim=1), "   one for each row")

# %% tags=["hide-input"]
# drawing only
colors = (BLUE, GREEN, ORANGE)
places = [(row, column) for row in range(2) for column in range(3)]
by_column = Grid(t, "t", marks={(r, c): colors[c] for r, c in places})
by_row = Grid(t, "t", marks={(r, c): colors[r] for r, c in places})
sums_0 = Grid(t.sum(dim=0), "sum(dim=0)", marks={(0, c): colors[c] for c in range(3)})
sums_1 = Grid(t.sum(dim=1), "sum(dim=1)", marks={(0, r): colors[r] for r in range(2)})
plot_grids(
    [by_column, sums_0, by_row, sums_1],
    "Each colour is added up: dim=0 walks down, dim=1 walks to the right",
    signs=["→", "", "→"],
)

# %% [markdown]
# **The dimension that you name disappears.** The shape is `(2, 3)`. Name dimension 0 (the
# 2), and 3 numbers are left, one for each column. Name dimension 1 (the 3), and 2 numbers
# are left, one for each row. If you guessed 2 above, you thought "dimension 0 are the
# rows, so it gives a sum for each row". Many people think so at first. But to add up
# *along* dimension 0 means to walk down, from row to row.
#
# > **For children (and for the rest of us).** A tensor is a chest of drawers. The shape
# > says how many drawers it has, downwards and sideways. To sum along a dimension means:
# > empty all drawers that stand in one line into one drawer. A mask (part 5) is a sheet of
# > paper with holes that you lay over the chest.
#
# A negative number counts the dimensions from the end: `dim=-1` is the last one. You will
# see it often, because it also works when there are more dimensions than two.
#
# Often the next step needs the dimension to stay. With `keepdim=True` it stays, with
# length 1.

# %%
row_sums = t.sum(dim=1, keepdim=True)  # (2, 3) -> (2, 1)
row_sums

# %% tags=["hide-input"]
# drawing only
plot_grids(
    [
        Grid(t, "t"),
        Grid(t.sum(dim=1), "sum(dim=1)"),
        Grid(row_sums, "keepdim=True"),
    ],
    "keepdim=True: the sums stay beside their rows",
    signs=["→", "or"],
)

# %% [markdown]
# Without `keepdim` the sums lie in a list. With it, they stand in a column, each beside
# the row that it belongs to. Keep this picture in mind: it is what the next part is about.
#
# `mean` works like `sum`, but it wants decimal numbers: `t.float().mean(dim=0)`.
# `max(dim=...)` gives two things back: `.values`, the largest numbers, and `.indices`, the
# places where they stand.

# %%
largest = t.max(dim=1)  # two tensors, each (2,)
print("values", largest.values, "indices", largest.indices)
assert largest.values[1] == t[1, largest.indices[1]]

# %% [markdown]
# **Exercise 3.** Compute the largest number of each column of `t`, once as a tensor of
# shape `(3,)` and once of shape `(1, 3)`.

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `t.max(dim=0).values` and `t.max(dim=0, keepdim=True).values`.
#
# </details>
#
# ### 4. Tables of different shapes: broadcasting
#
# Two tensors of the same shape are added, divided or compared number by number. But what
# is a table of shape `(2, 3)` divided by a column of shape `(2, 1)`? Torch acts as
# if the column were copied to the right until the shapes fit. This is called
# **broadcasting**.

# %%
shares = t / row_sums  # (2, 3) / (2, 1) -> (2, 3)
shares

# %% tags=["hide-input"]
# drawing only
copied = row_sums.expand(2, 3)  # the copies, made visible
copies = {(row, column): ORANGE for row in range(2) for column in (1, 2)}
plot_grids(
    [
        Grid(t, "t"),
        Grid(copied, "row_sums, copied", marks=copies),
        Grid(shares, "t / row_sums", digits=3),
    ],
    "The column of sums is copied (orange), then divided number by number",
    signs=["/", "="],
)

# %% [markdown]
# Each row has been divided by its own sum. So each row of `shares` adds up to 1: we have
# turned counts into probabilities, for all rows at once.
#
# This is how torch decides whether two shapes fit:
#
# 1. It writes the two shapes one below the other, aligned at the right.
# 2. In each place the two lengths must be equal, or one of them must be 1 or missing.
# 3. What is 1 or missing is copied.

# %%
for upper, lower in (((2, 3), (2, 1)), ((2, 3), (3,)), ((2, 1), (1, 3))):
    both = torch.ones(upper) + torch.ones(lower)
    print(f"{upper!s:>8}\n{lower!s:>8}   together {tuple(both.shape)}\n")

assert torch.equal(shares.sum(dim=1), torch.ones(2))

# %% [markdown]
# The first case was that of the column. In the second one a dimension is missing: a list
# of three numbers is laid over each row.

# %%
values = torch.tensor([10, 20, 30])  # (3,)
t + values  # (2, 3) + (3,) -> (2, 3)

# %% tags=["hide-input"]
# drawing only
copies = {(row, column): ORANGE for row in range(2) for column in range(3)}
plot_grids(
    [
        Grid(t, "t"),
        Grid(values.expand(2, 3), "values, copied down", marks=copies),
        Grid(t + values, "t + values"),
    ],
    "A list is copied downwards: (2, 3) and (3,) fit",
    signs=["+", "="],
)

# %% [markdown]
# In the third case both are copied, and a column and a row become a table. This is the
# way to compare everything with everything:

# %%
column = torch.tensor([[10], [20]])  # (2, 1)
row = torch.tensor([[1, 2, 3]])  # (1, 3)
column + row  # (2, 1) + (1, 3) -> (2, 3)

# %% tags=["hide-input"]
# drawing only
plot_grids(
    [Grid(column, "column"), Grid(row, "row"), Grid(column + row, "column + row")],
    "A column plus a row gives a table: each with each",
    signs=["+", "="],
)

# %% [markdown]
# ### The most common bug
#
# What happens if you forget `keepdim=True`? Then the sums have the shape `(2,)`. Aligned
# at the right, a 3 stands above a 2, and torch refuses.
#
# > **Python: errors.** `try` runs lines that may fail. If they fail with a `RuntimeError`,
# > the lines under `except` run, and the notebook goes on.

# %%
try:
    t / t.sum(dim=1)  # (2, 3) / (2,)
except RuntimeError as error:
    print(error)

# %% [markdown]
# ("Non-singleton" means: with a length that is not 1. Such a dimension cannot be copied.)
# A refusal is good luck, because you notice it. On a **square** table the shapes fit
# by accident, and nothing is refused:

# %%
square = torch.tensor([[3.0, 1.0], [3.0, 5.0]])  # (2, 2), the rows sum to 4 and 8
wrong = square / square.sum(dim=1)  # (2, 2) / (2,): the list is copied downwards
correct = square / square.sum(dim=1, keepdim=True)  # (2, 2) / (2, 1)

# %% tags=["hide-input"]
# drawing only
laid_over = square.sum(dim=1).expand(2, 2)
copies = {(1, column): ORANGE for column in range(2)}
plot_grids(
    [
        Grid(square, "square"),
        Grid(laid_over, "sums, copied down", marks=copies),
        Grid(wrong, "wrong", digits=3),
        Grid(correct, "correct", digits=3),
    ],
    "Without keepdim each column is divided by the sum of a row",
    signs=["/", "=", "instead of"],
)

# %% [markdown]
# The list of sums was copied downwards, as every list is. So the first *column* was divided
# by the sum of the first *row*. No error is shown, and the numbers look harmless: they all
# lie between 0 and 1. Our table of names is square, too: 27 by 27. The only protection is
# to check what you know. Rows of probabilities add up to 1:

# %%
print("wrong:  ", wrong.sum(dim=1))
print("correct:", correct.sum(dim=1))
assert torch.equal(correct.sum(dim=1), torch.ones(2))
assert not torch.equal(wrong.sum(dim=1), torch.ones(2))

# %% [markdown]
# **Exercise 4.** Subtract from each *column* of `square` the mean of that column. Then the
# columns must add up to 0. Do you need `keepdim` here?

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `centered = square - square.mean(dim=0, keepdim=True)` and `centered.sum(dim=0)`.
# Without `keepdim` it works as well, because a list is copied downwards anyway. With it
# you need not think.
#
# </details>
#
# ### 5. Masks: yes or no
#
# A comparison is made number by number, too. It gives a tensor of `True` and `False`,
# a **mask** (elsewhere: boolean tensor).

# %%
mask = t > 1  # (2, 3)
mask

# %% tags=["hide-input"]
# drawing only
plot_grids(
    [
        Grid(t, "t"),
        Grid(mask, "t > 1"),
        Grid(torch.where(mask, t, 0), "where(mask, t, 0)"),
    ],
    "A mask says yes or no in each place; where() keeps the yes and fills the no",
    signs=["→", "→"],
)

# %% [markdown]
# A mask is good for three things. You can count with it, because `True` counts as 1. You
# can pick with it: the picked numbers come as a list. And `torch.where(mask, a, b)` takes
# `a` where the mask says yes and `b` where it says no. It makes a new table, and `t`
# stays as it was. (`t[t > 1] = 0` would change `t` itself. If others still need it,
# change a copy: `t.clone()`.)

# %%
print("how many:   ", mask.sum().item())
print("in each row:", mask.sum(dim=1))
print("picked:     ", t[mask], tuple(t[mask].shape))
print("or else -1: ", torch.where(mask, t, -1).tolist())

# %% [markdown]
# **Exercise 5.** How many zeros are in `t`? And what is the mean of the numbers that are not
# zero?

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `(t == 0).sum()` and `t[t != 0].float().mean()`. (`mean` wants decimal numbers, and
# `.float()` makes them.)
#
# </details>
#
# ### 6. Many places at once: fancy indexing
#
# Instead of one row number and one column number you can give a list of rows and a list
# of columns. Torch goes through both lists side by side, as `zip` does. This is called
# **fancy indexing** (elsewhere: advanced indexing).

# %%
rows = torch.tensor([0, 1, 1])
columns = torch.tensor([1, 0, 2])
print(t[rows, columns])  # t[0, 1], t[1, 0], t[1, 2]: the pairs sh, ha, hi

# %% tags=["hide-input"]
# drawing only
picked = {(0, 1): ORANGE, (1, 0): ORANGE, (1, 2): ORANGE}
plot_grids(
    [Grid(t, "t", marks=picked), Grid(t[rows, columns], "t[rows, columns]")],
    "Three places are picked, in the order of the lists",
    signs=["→"],
)

# %% [markdown]
# With one list only, whole rows are picked, in any order and as often as you like. This
# is how a model looks up its letters; you will see it again in lesson 7.

# %%
t[torch.tensor([1, 1, 0])]  # (3,) row numbers -> (3, 3)

# %% [markdown]
# **Exercise 6.** With one pick, get the numbers in the four corners of `t` (upper left,
# upper right, lower left, lower right).

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `corners = t[torch.tensor([0, 0, 1, 1]), torch.tensor([0, 2, 0, 2])]`, then
# `print(corners)`: 3, 1, 3, 1.
#
# </details>
#
# ### 7. One number from each row: gather
#
# The most frequent pick in this course is: *in each row, the number in the column that I
# tell*. Here are three predictions, a row each, over four letters, and for each the
# letter that really came, the **target**.

# %%
probs = torch.tensor(
    [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.1]]
)  # (3, 4): a prediction a row
targets = torch.tensor([2, 0, 3])  # (3,): a column for each row
print(probs[torch.arange(3), targets])  # rows 0, 1, 2 with their columns

# %% [markdown]
# That was fancy indexing again: `torch.arange(3)` is `0, 1, 2`, all row numbers. There is a
# second way to write it, and you will read it in many programs: **gather**. It needs no
# row numbers. Instead, the column numbers stand in a column, one beside each row:
#
# 1. `targets.unsqueeze(1)` turns the list into a column, (3,) to (3, 1). The numbers must
#    be whole (`int64`).
# 2. `probs.gather(1, beside)` takes from each row the number whose column stands beside
#    it. The 1 says what the numbers count: places along dimension 1, that is columns.
# 3. `squeeze(1)` turns the column back into a list, (3, 1) to (3,).

# %%
beside = targets.unsqueeze(1)  # (3,) -> (3, 1)
gathered = probs.gather(1, beside)  # (3, 4), (3, 1) -> (3, 1)
gathered

# %% tags=["hide-input"]
# drawing only
marks = {(row, targets[row].item()): ORANGE for row in range(3)}
plot_grids(
    [
        Grid(probs, "probs", columns=["0", "1", "2", "3"], marks=marks, digits=1),
        Grid(beside, "beside"),
        Grid(gathered, "gathered", digits=1),
    ],
    "gather: each row gives the number of the column that is named beside it",
    signs=["with", "→"],
)

# %%
picked = gathered.squeeze(1)  # (3, 1) -> (3,)
assert torch.equal(picked, probs[torch.arange(3), targets])
picked

# %% [markdown]
# **Exercise 7.** Someone writes `probs[:, targets]`. What shape does it have, and why is it
# not what we want?

# %%
# your code:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `print(probs[:, targets].shape)` says `(3, 3)`: the colon takes *all* rows, so each row
# hands over three numbers. The ones we want stand on its diagonal.
#
# </details>
#
# ### 8. Same numbers, another shape
#
# Sometimes numbers only have to be arranged in another way. `reshape` reads them row
# by row and writes them row by row into the new shape; `flatten` makes one long list.
# (`view` does the same as `reshape`, and refuses where it would have to copy.)

# %%
print(t.reshape(3, 2).tolist())  # (2, 3) -> (3, 2)
print(t.reshape(-1, 2).tolist())  # -1: as many rows as needed
print(t.flatten().tolist())  # (2, 3) -> (6,)

# %% [markdown]
# ## Compare with torch
#
# Now the table of names, compared with the loops of lesson 0. There we counted with two
# loops into a dictionary. Here we count into a tensor. `names.encode` turns letters into
# whole numbers: the full stop is 0, `a` is 1, `z` is 26.

# %%
train_names = names.split_names(names.load_names()).train
counts = torch.zeros(27, 27)  # (letter before, letter after)
for name in train_names:
    befores, afters = names.encode("." + name), names.encode(name + ".")
    for before, after in zip(befores, afters, strict=True):
        counts[before, after] += 1

assert torch.equal(counts, ngram.bigram_counts(train_names).float())
print("asha is", names.encode("asha"), "and as came", counts[1, 19].item(), "times")

# %% [markdown]
# The `assert` says that our library counts the same (`ngram.bigram_counts`). From here on
# there is no loop any more. All 27 rows of probabilities, with one added to each count as
# in lesson 0, are one line:

# %%
probs = (counts + 1) / (counts + 1).sum(dim=1, keepdim=True)  # (27, 27) / (27, 1)
assert torch.allclose(probs.sum(dim=1), torch.ones(27))
print("rows add up to 1; s after a:", round(probs[1, 19].item(), 3))

# %% [markdown]
# `counts + 1` adds 1 to every number: a single number has no dimensions at all, so it is
# copied everywhere. And this table is square. Here is what happens without `keepdim=True`:

# %%
wrong = (counts + 1) / (counts + 1).sum(dim=1)  # (27, 27) / (27,)
print("no error; largest number", round(wrong.max().item(), 2))
print("but the first rows add up to", wrong.sum(dim=1)[:4])
same = torch.isclose(wrong, probs, rtol=1e-3)  # (27, 27): equal up to a thousandth?
print(same.sum().item(), "of", same.numel(), "numbers are correct")
assert torch.equal(same, torch.eye(27).bool())  # those on the diagonal
assert wrong.max() < 1

# %% [markdown]
# Every number looks like a probability, and only the 27 on the diagonal are correct. (On
# the diagonal, the row and the column have the same number, so there it is the same sum.)
#
# Next, `asha`. The letters before and the letters after are two lists, so the five
# probabilities of lesson 0 are one pick. (`.log()` is the natural logarithm of each number.)

# %%
before = torch.tensor(names.encode(".asha"))  # (5,)
after = torch.tensor(names.encode("asha."))  # (5,)
asha = probs[before, after]  # (27, 27) at 5 places -> (5,)
print("p:       ", asha)
print("surprise:", -asha.log())
print(f"mean {-asha.log().mean():.2f} nats")

# %% [markdown]
# Compare with lesson 0: the same five numbers (there rounded to two digits), and the same
# mean. The other way leads through whole rows. First look up the row of each letter
# before: five predictions. Then gather from each row the letter that came.

# %%
predictions = probs[before]  # (5,) row numbers -> (5, 27)
gathered = predictions.gather(1, after.unsqueeze(1)).squeeze(1)  # (5, 27) -> (5,)
assert torch.equal(gathered, asha)
print("predictions", tuple(predictions.shape), "-> gathered", tuple(gathered.shape))

# %% [markdown]
# This second way is how every language model is scored: rows of predictions, and one
# number gathered from each. Lesson 3 builds on these lines.
#
# Finally all training names at once. `names.windows` gives the letter before and the
# letter after for every pair in the list. Here are those of `asha`:

# %%
contexts, targets = names.windows(["asha"], context_size=1)  # (5, 1) and (5,)
for context, target in zip(contexts, targets, strict=True):
    print(context, names.decode(context), "then", target.item(), names.decode([target]))

# %% [markdown]
# The letters before come as a column, because later a model will see more than one letter
# before: then there is a column for each. N stands for the number of pairs.

# %%
contexts, targets = names.windows(train_names, context_size=1)  # (N, 1) and (N,)
surprise = -probs[contexts[:, 0], targets].log()  # (N,)
print(f"{len(targets):,} steps, mean surprise {surprise.mean():.2f} nats")
assert len(targets) == counts.sum()

# %% [markdown]
# One pick, one logarithm, one mean: the number of lesson 0, without a loop.
#
# ## See it
#
# With masks and sums you can ask the table questions. How many pairs never came? Which
# letter is followed by the most different symbols? (`argmax` is the place of the largest
# number.) And how often did the rare letters `q` and `x` come?

# %%
print("pairs that never came:", (counts == 0).sum().item())
followers = (counts > 0).sum(dim=1)  # (27,): how many different symbols follow
most = followers.argmax().item()
print(names.ALPHABET[most], "is followed by", followers[most].item(), "of 27 symbols")
print("q came", int(counts[17].sum()), "times, x", int(counts[24].sum()), "times")

# %% [markdown]
# Follow the largest number of each row, and the table shows you its favourite name:

# %%
favourites = probs.argmax(dim=1)  # (27, 27) -> (27,): one letter for each row
letter, name = 0, ""
while favourites[letter] != 0:
    letter = favourites[letter].item()
    name += names.ALPHABET[letter]
print("the table's favourite name:", name)

# %% [markdown]
# It is nearly `asha`. To take the likeliest letter each time is called **greedy** choice;
# you will meet it again in lesson 8.
#
# And here is the whole table as a picture.

# %% tags=["hide-input"]
# drawing only
picture = plot_heat_map(
    probs,
    list(names.ALPHABET),
    list(names.ALPHABET),
    "After c mostly comes h, and many letters are often followed by a",
    xlabel="letter after",
    ylabel="letter before",
)
table_axes, scale_axes = picture.figure.axes
scale_axes.set_ylabel("probability")
(c,), (h,) = names.encode("c"), names.encode("h")
frame = {"markerfacecolor": "none", "markeredgecolor": ORANGE, "markeredgewidth": 2}
table_axes.plot([h], [c], "s", markersize=12, **frame)
picture

# %% [markdown]
# Each row is a **distribution**: probabilities that add up to 1. The darkest cell, in the
# frame, says that after a `c` an `h` comes most of the time. The dark column says that
# many letters are often followed by an `a`. The rows of `q` and `x` look different: even
# their lightest cells are a little darker than those of other rows. These letters are so
# rare that the 27 added ones weigh as much as their counts, or more.
#
# ## Why does this work?
#
# **Is a line without a loop really faster?** Here both add up a million numbers. We print no
# seconds, because every machine has others, but an `assert` compares them. (`timeit`
# repeats a call; we take the fastest of five.) `torch.rand` makes random numbers between 0
# and 1, the generator holds the random seed, as in lesson 0, and `.double()` asks for
# numbers with about sixteen digits.

# %%
table = torch.rand(1000, 1000, generator=torch.Generator().manual_seed(0)).double()
rows, total = table.tolist(), 0.0
start = time.perf_counter()
for row in rows:
    for number in row:
        total += number
loop_seconds = time.perf_counter() - start
torch_seconds = min(timeit.repeat(table.sum, number=1, repeat=5))

assert abs(total - table.sum().item()) < 1e-3
assert loop_seconds > 10 * torch_seconds
print("the same sum, and the loop took more than ten times as long")

# %% [markdown]
# The loop is still there in the second way, but it is not in Python. Torch hands the whole
# table to a program in a fast language, which can treat many numbers at the same time.
# The other reason is you: a line such as `counts / counts.sum(dim=1, keepdim=True)` says
# *what* is meant, and there are fewer places where a mistake can hide.
#
# **What to do when the shapes confuse you.** Print them. Write the shape behind each line.
# Try the line on a table that is *not* square, with different lengths in each dimension:
# then a wrong dimension cannot hide.
#
# **What this lesson leaves out.** The product of matrices and the exchange of two
# dimensions come when they are needed.
#
# ## Check yourself
#
# Three questions with a box, and two without.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
Predict(
    "`x` has the shape (5, 27). Which shape has `x.max(dim=1, keepdim=True).values`?",
    str(tuple(torch.ones(5, 27).max(dim=1, keepdim=True).values.shape)),
    options=("(5,)", "(5, 1)", "(27,)", "(1, 27)"),
    because="Dimension 1 holds the 27 columns. It is reduced, and keepdim=True lets it "
    "stay with length 1.",
)

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
try:
    found = f"shape {tuple((torch.ones(4, 3) - torch.ones(4)).shape)}"
except RuntimeError:
    found = "torch refuses"
Predict(
    "`x` has the shape (4, 3), `y` has the shape (4,). What happens in `x - y`?",
    found,
    options=("torch refuses", "shape (4, 3)", "shape (4, 4)", "shape (3,)"),
    because="Aligned at the right, a 3 stands above a 4: they are not equal, and none "
    "of them is 1.",
)

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
Predict(
    "`x` has the shape (4, 1), `y` has the shape (4,). What happens in `x - y`?",
    f"shape {tuple((torch.ones(4, 1) - torch.ones(4)).shape)}",
    options=("torch refuses", "shape (4,)", "shape (4, 1)", "shape (4, 4)"),
    because="The 1 is copied four times, and the missing dimension of y too: each with "
    "each. This is a frequent bug, and homework 1 has one to fix.",
)

# %% [markdown]
# **4.** `p` has the shape `(N, V)`: N predictions, one in each row, over V letters. Write
# a line for the mean probability that the targets `y`, of shape `(N,)`, were given.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `p[torch.arange(len(y)), y].mean()`, or `p.gather(1, y.unsqueeze(1)).mean()`.
#
# </details>
#
# **5.** Your turn, without an answer below: use a mask to find all pairs with a probability
# above 0.5 in `probs`. (`mask.nonzero().tolist()` lists the places where a mask says yes,
# and `names.decode([3, 8])` makes letters of numbers.)

# %% [markdown]
# ## Recap
#
# - **Idea.** A tensor is a table with a shape. Say what happens to whole rows and columns;
#   the loop is torch's business.
# - **Formula.** Rows of counts to rows of probabilities:
#   `counts / counts.sum(dim=1, keepdim=True)`.
# - **Pitfall.** Without `keepdim` a square table is divided the wrong way, and no error
#   tells you. Assert what you know: rows add up to 1.
#
# In this table, R is the number of rows, K of columns, and N of picked places.
#
# | code | shapes |
# |---|---|
# | `x[1]`, `x[:, 1]` | (R, K) -> (K,), (R,) |
# | `x.sum(dim=0)`, `x.sum(dim=1)` | (R, K) -> (K,), (R,) |
# | `x.sum(dim=1, keepdim=True)` | (R, K) -> (R, 1) |
# | `x / x.sum(dim=1, keepdim=True)` | (R, K) / (R, 1) -> (R, K) |
# | `x[x > 0]` | (R, K) -> (number of yes,) |
# | `x[rows, columns]` | (N,) and (N,) -> (N,) |
# | `x[rows]` | (N,) -> (N, K) |
# | `x.gather(1, columns.unsqueeze(1))` | (R, K) and (R, 1) -> (R, 1) |
# | `y.unsqueeze(1)`, `x.flatten()` | (R,) -> (R, 1), (R, K) -> (R K,) |
#
# | here | elsewhere |
# |---|---|
# | tensor | array, ndarray, matrix |
# | dimension | axis |
# | `dim=1`, `keepdim=True` | numpy: `axis=1`, `keepdims=True` |
# | mask | boolean tensor |
# | fancy indexing | advanced indexing, lookup |
# | `x.gather(1, i)` | numpy: `take_along_axis` |
#
# - **In the library:** `course_lib.names.windows` (pairs as tensors),
#   `course_lib.ngram.bigram_counts` (the table of counts).
#
# **Homework:** [Homework 1](homework/hw01.ipynb), about 50 minutes.
#
# **Next:** counting gives probabilities, but a neural network gives scores. How does a
# score become a probability? [2. Logits and softmax](02_logits_and_softmax.ipynb)
