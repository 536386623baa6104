# %% [markdown]
# # 1. Tensors in twenty minutes
#
# **How do you calculate with a whole table at once?**
#
# In lesson 0 two loops went through a table, one number at a time. Neural networks have
# tables with millions of numbers, and a loop over them would take days. In this lesson
# you learn to say "divide every row by its sum" in one line. Each idea comes first on a
# table so small that you can follow it by eye. At the end you use all of them on the
# table of names.
#
# - **You will** read shapes, pick numbers out of tables, add up along a dimension, let
#   tables of different shapes work together, and find the most common bug of all.
# - **You need** [lesson 0](00_start_here.ipynb): the table of pairs and the surprise.
# - **Time** 20 minutes to read, 20 more for the seven small exercises. Do the exercises:
#   all later lessons are written in this language. You need not remember everything;
#   the table at the end of this page is a place to look things up.
# - **Back** [0. Start here](00_start_here.ipynb) ·
#   **Next** [2. Logits and softmax](02_logits_and_softmax.ipynb)

# %%
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
# make one from lists. Think of it as a tiny table of counts, like that of lesson 0, with
# two letters before and three letters after.

# %%
t = torch.tensor([[2, 1, 1], [0, 3, 5]])  # (2, 3)
t

# %%
row_names, column_names = ["row 0", "row 1"], ["0", "1", "2"]
grid = Grid(t, "t", rows=row_names, columns=column_names)
plot_grids([grid], "Two rows and three columns: the shape is (2, 3)")

# %% [markdown]
# The **shape** says how long each dimension is: first the rows, then the columns. Rows
# and columns are counted from 0. This course writes the shape as a comment behind a
# line: `# (2, 3)`.
#
# A tensor can have any number of dimensions. One dimension is a plain list, zero
# dimensions are a single number, and three dimensions are a stack of tables.

# %%
for x in (torch.tensor(7), torch.tensor([2, 1, 1]), t, torch.zeros(4, 2, 3)):
    print(f"{x.dim()} dimensions, shape {tuple(x.shape)}, {x.numel()} numbers")

# %% [markdown]
# Two more things that you will meet. The **dtype** is the kind of number: `int64` for
# whole numbers, `float32` for decimal numbers with about seven digits. And `.item()` takes a
# single number out of its tensor and makes an ordinary Python number of it.

# %%
print(t.dtype, "divided by 2 becomes", (t / 2).dtype)
print("one number as a tensor:", t.sum(), "and as a Python number:", t.sum().item())

# %% [markdown]
# **Exercise 1.** Make a tensor of shape `(3, 2)` that holds the numbers 1 to 6, and print
# how many numbers it has.

# %%
# your two lines:

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

# %%
in_row = {(1, column): BLUE for column in range(3)}
in_column = {(row, 2): GREEN for row in range(2)}
marked = [Grid(t, "t[1]", marks=in_row), Grid(t, "t[:, 2]", marks=in_column)]
plot_grids(marked, "A row and a column of the same table")

# %% [markdown]
# Look at the shapes. Where you give a number, the dimension disappears; where you
# give a colon, it stays.
#
# **Exercise 2.** Pick the first column of `t`, and then the number in its first row, last
# column.

# %%
# your two lines:

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
print("all:          ", t.sum().item())
print("t.sum(dim=0): ", t.sum(dim=0), tuple(t.sum(dim=0).shape), "one for each column")
print(
    "t.sum(dim=1): ", t.sum(dim=1), "  ", tuple(t.sum(dim=1).shape), "one for each row"
)

# %% [markdown]
# **The dimension that you name disappears.** The shape is `(2, 3)`. Name dimension 0 (the
# 2), and 3 numbers are left. Name dimension 1 (the 3), and 2 numbers are left. This was
# your guess. A negative number counts from the end: `dim=-1` is the last dimension.
#
# Often the next step needs the dimension to stay. With `keepdim=True` it stays, with
# length 1.

# %%
row_sums = t.sum(dim=1, keepdim=True)  # (2, 3) -> (2, 1)
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
# `mean` works like `sum`. `max(dim=...)` gives two things back: `.values`, the largest
# numbers, and `.indices`, the places where they stand.

# %%
largest = t.max(dim=1)  # two tensors, each (2,)
print("values", largest.values, "indices", largest.indices)
assert largest.values[1] == t[1, largest.indices[1]]

# %% [markdown]
# **Exercise 3.** Compute the largest number of each column of `t`, once as a tensor of
# shape `(3,)` and once of shape `(1, 3)`.

# %%
# your two lines:

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
copied = row_sums.expand(2, 3)  # what torch does in thought
copies = {(row, column): ORANGE for row in range(2) for column in (1, 2)}
plot_grids(
    [
        Grid(t, "t"),
        Grid(copied, "row_sums", marks=copies),
        Grid(shares, "t / row_sums"),
    ],
    "The column of sums is copied (orange), then divided number by number",
    signs=["/", "="],
)

# %% [markdown]
# Each row has been divided by its own sum. So each row of `shares` adds up to 1: we have
# turned counts into probabilities, for all rows at once.
#
# The rule has two sentences. **Write the two shapes one below the other, aligned at the
# right. In each place the lengths must be equal, or one of them must be 1 (or missing),
# and what is 1 or missing is copied.** Three examples:

# %%
a, b = torch.ones(2, 3), torch.ones(2, 1)
print("(2, 3) with (2, 1):", tuple((a + b).shape), "  the column is copied")
print("(2, 3) with    (3,):", tuple((a + torch.ones(3)).shape), "  the row is copied")
print("(2, 1) with (1, 3):", tuple((b + torch.ones(1, 3)).shape), "  both are copied")
assert torch.equal(shares.sum(dim=1), torch.ones(2))

# %% [markdown]
# The last line makes a table out of a column and a row. This is the way to compare
# everything with everything:

# %%
column, row = torch.tensor([[10], [20]]), torch.tensor([[1, 2, 3]])
plot_grids(
    [Grid(column, "column"), Grid(row, "row"), Grid(column + row, "column + row")],
    "A column plus a row gives a table: each with each",
    signs=["+", "="],
)

# %% [markdown]
# ### The most common bug
#
# What happens if you forget `keepdim=True`? Then the sums have the shape `(2,)`. Aligned
# at the right, a 3 stands above a 2, and torch refuses:

# %%
try:
    t / t.sum(dim=1)  # (2, 3) / (2,)
except RuntimeError as error:
    print(error)

# %% [markdown]
# A refusal is good luck, because you notice it. On a **square** table the shapes fit
# by accident, and nothing is refused:

# %%
square = torch.tensor([[1.0, 3.0], [1.0, 1.0]])  # (2, 2), the rows sum to 4 and 2
wrong = square / square.sum(dim=1)  # (2, 2) / (2,): the list is copied downwards
correct = square / square.sum(dim=1, keepdim=True)  # (2, 2) / (2, 1)
plot_grids(
    [Grid(square, "square"), Grid(wrong, "wrong"), Grid(correct, "correct")],
    "Without keepdim each COLUMN is divided by a sum of a row",
    signs=["→", "not"],
)

# %% [markdown]
# The list of sums was laid over the table like a row, so the first *column* was divided by
# the sum of the first row. No error is shown, and the numbers look harmless. Our table
# of names is square, too: 27 by 27. The only protection is to check what you know. Rows
# of probabilities add up to 1:

# %%
print("wrong:  ", wrong.sum(dim=1))
print("correct:", correct.sum(dim=1))
assert torch.equal(correct.sum(dim=1), torch.ones(2))
assert not torch.equal(wrong.sum(dim=1), torch.ones(2))

# %% [markdown]
# **Exercise 4.** Subtract from each *column* of `square` the mean of that column. Then the
# columns must add up to 0. Do you need `keepdim` here?

# %%
# your two lines:

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
# `a` where the mask says yes and `b` where it says no.

# %%
print("how many:   ", mask.sum().item())
print("in each row:", mask.sum(dim=1))
print("picked:     ", t[mask], tuple(t[mask].shape))
print("or else -1: ", torch.where(mask, t, -1).tolist())

# %% [markdown]
# **Exercise 5.** How many zeros are in `t`? And what is the mean of the numbers that are not
# zero?

# %%
# your two lines:

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
columns = torch.tensor([0, 2, 1])
print(t[rows, columns])  # t[0, 0], t[1, 2], t[1, 1]

# %%
picked = {(0, 0): ORANGE, (1, 2): ORANGE, (1, 1): ORANGE}
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
# **Exercise 6.** With one line, pick the numbers in the four corners of `t` (upper left,
# upper right, lower left, lower right).

# %%
# your two lines:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `corners = t[torch.tensor([0, 0, 1, 1]), torch.tensor([0, 2, 0, 2])]`, then
# `print(corners)`: 2, 1, 0, 5.
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
# second way to write it, and you will read it in many programs: **gather**. It wants the
# column numbers as a column, so that each stands beside its row. `unsqueeze(1)` makes a
# column of a list, and `squeeze(1)` makes a list of a column.

# %%
beside = targets.unsqueeze(1)  # (3,) -> (3, 1)
gathered = probs.gather(1, beside)  # (3, 4), (3, 1) -> (3, 1)
marks = {(row, targets[row].item()): ORANGE for row in range(3)}
plot_grids(
    [
        Grid(probs, "probs", columns=["0", "1", "2", "3"], marks=marks, digits=1),
        Grid(beside, "beside"),
        Grid(gathered, "gathered", digits=1),
    ],
    "gather: each row hands over the number in the column that stands beside it",
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
# your two lines:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>A solution</summary>
#
# `print(probs[:, targets].shape)` says `(3, 3)`: the colon takes *all* rows, so each row
# hands over three numbers. The ones we want stand on its diagonal.
#
# </details>
#
# ### Same numbers, another shape
#
# Sometimes numbers only have to be arranged in another way. `reshape` reads them row
# by row and writes them row by row into the new shape; `flatten` makes one long list.
# (`view` is the same as `reshape`, but never copies.)

# %%
print(t.reshape(3, 2).tolist())  # (2, 3) -> (3, 2)
print(t.reshape(-1, 2).tolist())  # -1: as many rows as needed
print(t.flatten().tolist())  # (2, 3) -> (6,)

# %% [markdown]
# > **For children (and for the rest of us).** A tensor is a chest of drawers. The shape
# > says how many drawers it has, downwards and sideways. To pick means: open these
# > drawers. To sum along a dimension means: empty all drawers that stand in one line into
# > one. A mask is a sheet of paper with holes that you lay over the chest.
#
# ## Compare with torch
#
# Now the table of names. In lesson 0 we counted with two loops into a dictionary. Here
# we count into a tensor. `names.encode` turns letters into whole numbers: the full stop
# is 0, `a` is 1, `z` is 26.

# %%
train_names = names.split_names(names.load_names()).train
counts = torch.zeros(27, 27)  # (letter before, letter after)
for name in train_names:
    for before, after in zip(
        names.encode("." + name), names.encode(name + "."), strict=True
    ):
        counts[before, after] += 1

assert torch.equal(counts, ngram.bigram_counts(train_names).float())
print(
    "asha is",
    names.encode("asha"),
    "and the pair as came",
    counts[1, 19].item(),
    "times",
)

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
# copied everywhere. And this table is square. Without `keepdim=True` there would have been
# no error, only wrong numbers.
#
# Next, `asha`. The letters before and the letters after are two lists, so the five
# probabilities of lesson 0 are one pick:

# %%
before = torch.tensor(names.encode(".asha"))  # (5,)
after = torch.tensor(names.encode("asha."))  # (5,)
asha = probs[before, after]  # (27, 27) at 5 places -> (5,)
print("p:       ", asha)
print("surprise:", -asha.log())
print(f"mean {-asha.log().mean():.2f} nats")

# %% [markdown]
# Compare with lesson 0: the same five numbers, and the same mean. The other way leads
# through whole rows. First look up the row of each letter before: five predictions. Then
# gather from each row the letter that came.

# %%
predictions = probs[before]  # (5,) row numbers -> (5, 27)
gathered = predictions.gather(1, after.unsqueeze(1)).squeeze(1)  # (5, 27) -> (5,)
assert torch.equal(gathered, asha)
print("predictions", tuple(predictions.shape), "-> gathered", tuple(gathered.shape))

# %% [markdown]
# This second way is how every language model is scored: rows of predictions, and one
# number gathered from each. Lesson 3 begins with exactly these lines.
#
# Finally all training names at once. `names.windows` gives the letter before and the
# letter after for every pair in the list.

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
# letter has the most different followers? And here is the whole table as a picture.

# %%
print("pairs that never came:", (counts == 0).sum().item())
followers = (counts > 0).sum(dim=1)  # (27,): how many different letters follow
most = followers.argmax().item()
print("most different followers:", names.ALPHABET[most], "with", followers[most].item())
assert (followers == followers.max()).sum() == 1  # no other letter has as many

# %%
plot_heat_map(
    probs,
    list(names.ALPHABET),
    list(names.ALPHABET),
    "After c mostly comes h, and after nearly every consonant often an a",
    xlabel="letter after",
    ylabel="letter before",
)

# %% [markdown]
# Each row is a **distribution**: probabilities that add up to 1. The darkest cell says that
# after a `c` an `h` comes most of the time. The dark column says that many letters are
# often followed by an `a`.
#
# ## Why does this work?
#
# **Why is a line without a loop so much faster?** Because the loop is still there, but
# not in Python. Torch hands the whole table to a program written in a fast language, and
# that program can treat many numbers at the same time. The other reason is you: a line
# such as `counts / counts.sum(dim=1, keepdim=True)` says *what* is meant, and there are
# fewer places where a mistake can hide.
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
# **4.** `p` has the shape `(N, V)`: a prediction a row. Write a line for the mean
# probability that the targets `y`, of shape `(N,)`, were given.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `p[torch.arange(len(y)), y].mean()`, or `p.gather(1, y.unsqueeze(1)).mean()`.
#
# </details>
#
# **5.** Your turn, without an answer below: use a mask to find all pairs with a probability
# above 0.5 in `probs`. (`mask.nonzero()` lists the places where a mask says yes, and
# `names.decode` makes letters of numbers.)

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
# **Homework:** [Homework 1](homework/hw01.ipynb), about 45 minutes.
#
# **Next:** counting gives probabilities, but a neural network gives scores. How does a
# score become a probability? [2. Logits and softmax](02_logits_and_softmax.ipynb)
