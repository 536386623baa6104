# %% [markdown]
# # Homework 4: gradients
#
# Five tasks with checks, and one question in words. It belongs to [lesson
# 4](../04_gradients.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | p - y, for a batch | 10 |
# | 2 *core* | write the training loop | 20 |
# | 3 *core* | find three bugs in a loop | 15 |
# | 4 *more* | fix a slide | 15 |
# | 5 *more* | complete a small autograd | 20 |
#
# About 90 minutes in all, with 10 for the question at the end. All cells together run
# in a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind
# of mistake it looks like. What counts is the saved file, so save before you hand it
# in. `python3 start.py check hw04` says what the file is worth.

# %%
import math

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1 (core): p - y for a batch
#
# Write `dlogits(logits, targets)`: the slopes of the **mean** loss of `N` predictions.
#
# - `logits` is `(N, V)`: a row of scores for each prediction.
# - `targets` is `(N,)`: the index of the letter that came.
# - The answer is `(N, V)`: how much the mean loss changes for each point of each score.
#
# The lesson had the slopes of a single prediction. Here each prediction is one of `N`
# in a mean. Does a change of its scores move the mean as much as it moves its own loss?
#
# Two predictions of two letters. The probabilities are 0.5, 0.5 and 0.25, 0.75:
#
#     scores = torch.tensor([[0.0, 0.0], [0.0, math.log(3)]])
#     dlogits(scores, torch.tensor([0, 1]))  # [[-0.25, 0.25], [0.125, -0.125]]
#
# Do it with a softmax and arithmetic. Then compare with autograd, in a cell of your
# own: `z = scores.clone().requires_grad_()`, `F.cross_entropy(z, targets).backward()`,
# `z.grad`.


# %%
# TASK dlogits forbid: backward grad autograd cross_entropy nll_loss jacrev jacobian
def dlogits(logits, targets):
    """Slopes of the mean loss, (N, V) and (N,) -> (N, V)."""
    ### BEGIN SOLUTION
    probs = logits.softmax(dim=-1)
    y = F.one_hot(targets, logits.shape[-1])
    return (probs - y) / len(targets)
    ### END SOLUTION


# %%
# CHECK dlogits 1 point: a single prediction
scores = torch.randn(1, 5, generator=seeded(4)) * 2
came = (scores.argmax(dim=-1) + 1 + SEED % 4) % 5  # not the favourite
dlogits(scores, came)

# %%
# CHECK dlogits 1 point: six predictions
scores = torch.randn(6, 4, generator=seeded(6)) * 2
dlogits(scores, torch.randint(4, (6,), generator=seeded(7)))

# %% [markdown]
# ## Task 2 (core): the training loop
#
# Write `train(before, after, vocab_size, rate, batches)`. It trains a table of scores,
# with a row for each letter before and a column for each letter after, as in the
# lesson.
#
# - `before` and `after` are `(N,)`: the pairs, as whole numbers below `vocab_size`.
# - The table has the shape `(vocab_size, vocab_size)`, and all its scores start at 0.
# - `batches` is a list of tensors. Each one holds the numbers of the pairs of one
#   batch, as `torch.randint` drew them in the lesson. There is one step for each batch,
#   in this order.
# - A step: the mean loss of the batch, its gradient, then table minus `rate` times
#   gradient.
# - The answer is a pair: the table after the last step, and the list of the losses, one
#   for each batch, each measured *before* its step.
#
# Use `F.cross_entropy` and `backward()`. The finished optimizers of torch are not
# allowed here. Write the loop without looking at the lesson, if you can: forward,
# backward, update, clear.
#
# An example with two letters and one pair, which is taken three times:
#
#     pair, again = torch.tensor([0]), [torch.tensor([0])] * 3
#     table, losses = train(pair, pair, 2, 1.0, again)
#     # losses: about [0.6931, 0.3133, 0.1945]; it begins at ln 2, "no idea"
#     # table:  about [[0.9458, -0.9458], [0.0000, 0.0000]]


# %%
# TASK train forbid: optim SGD Adam AdamW
def train(before, after, vocab_size, rate, batches):
    """(table of scores (V, V), list of one loss for each batch)."""
    ### BEGIN SOLUTION
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses
    ### END SOLUTION


# %%
# For the checks: pairs of letters, and batches of them.
def draw_pairs(number, n_pairs, vocab_size):
    """Two tensors (n_pairs,): letters before, and letters after."""
    drawn = torch.randint(vocab_size, (2, n_pairs), generator=seeded(number))
    return drawn[0], (drawn[0] + drawn[1] // 2) % vocab_size


def draw_batches(number, n_batches, n_pairs):
    """A list of batches of 8 pairs each."""
    drawn = torch.randint(n_pairs, (n_batches, 8), generator=seeded(number))
    return list(drawn)


# %%
# CHECK train 1 point: the losses of the first two batches
before, after = draw_pairs(13, 30, 5)
losses = train(before, after, 5, 2.0, draw_batches(14, 2, 30))[1]
[round(float(x), 4) for x in losses]

# %%
# CHECK train 2 points: seven batches
before, after = draw_pairs(15, 40, 6)
losses = train(before, after, 6, 3.0, draw_batches(16, 7, 40))[1]
[round(float(x), 4) for x in losses]

# %%
# CHECK train 1 point: the table at the end
before, after = draw_pairs(17, 20, 3)
table = train(before, after, 3, 1.5, draw_batches(18, 4, 20))[0]
[[round(float(x), 4) for x in row] for row in table]

# %% [markdown]
# ## Task 3 (core): three bugs
#
# Somebody trains **one** row of scores on the letters that came after one letter.
# Remember the lesson: the gradient is 0 when the probabilities are the shares in the
# data. So after many steps the answer should be the shares. If letter 1 came in three
# of four cases,
#
#     fit_row(torch.tensor([1, 1, 0, 1]), 2, 1.0, 200)
#
# should be about `[0.25, 0.75]`. But the program below says `[1.0, 0.0]`, and no error
# is shown. Three things in it are wrong. Find them and fix them.
#
# - `came` is `(N,)`, the letters that came. `rows` repeats the row of scores once for
#   each of them, so that `F.cross_entropy` gets what it wants, `(N, V)` and `(N,)`.
# - `rate` is the learning rate and `steps` the number of steps. All scores start at 0.
# - The answer is `(vocab_size,)`: the probabilities after the last step.
#
# A method: print the loss of each step. What does it do, and what should it do?


# %%
# TASK fit_row forbid: optim SGD Adam AdamW bincount
def fit_row(came, vocab_size, rate, steps):
    """Probabilities after training a row of scores on the letters that came."""
    z = torch.zeros(vocab_size, requires_grad=True)
    ### BEGIN SOLUTION
    for _ in range(steps):
        rows = z.repeat(len(came), 1)  # (V,) -> (N, V)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    ### END SOLUTION
    # ~ for _ in range(steps):
    # ~     rows = z.repeat(len(came), 1)  # (V,) -> (N, V)
    # ~     loss = F.cross_entropy(rows.softmax(dim=-1), came)
    # ~     loss.backward()
    # ~     with torch.no_grad():
    # ~         z += rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# CHECK fit_row 1 point: one step
came = torch.randint(6, (9,), generator=seeded(21)) // 2
rate = 0.5 + torch.rand((), generator=seeded(24)).item()
torch.as_tensor(fit_row(came, 4, rate, 1))

# %%
# CHECK fit_row 1 point: three steps
came = torch.randint(7, (15,), generator=seeded(22)) // 2
rate = 1.5 + torch.rand((), generator=seeded(25)).item()
torch.as_tensor(fit_row(came, 4, rate, 3))

# %%
# CHECK fit_row 1 point: many steps, which lead to the shares
came = (4 * torch.rand(400, generator=seeded(23)) ** 2).long()
torch.as_tensor(fit_row(came, 4, 2.0, 300))

# %% [markdown]
# ## Task 4 (more): fix the slide
#
# A slide shows the slopes of the loss for the scores of `V` letters, in **one**
# prediction. One number is smudged. The caption says: "Only the letter that came learns
# from this; the others have nothing to do with it." The slopes on the slide say
# something else. And you can compute from them which letter came, and with what
# probability.
#
# Write `read_slide(slopes)`. `slopes` is a `(V,)` tensor with one `nan`, "not a
# number", where the smudge is. The smudge can hide any letter, also the one that came.
# Return a list of four numbers:
#
# 1. the slope under the smudge,
# 2. the index of the letter that came, counted from 0 as always,
# 3. the probability that the model gave to that letter,
# 4. the loss of this prediction in nats.
#
# `read_slide(torch.tensor([0.25, -0.70, math.nan]))` is about `[0.45, 1, 0.3, 1.204]`.
# What do all the slopes of one prediction add up to? (`slopes.nansum()` is a sum that
# skips the `nan`, and `slopes.nan_to_num(nan=x)` puts `x` in its place.)


# %%
# TASK read_slide
def read_slide(slopes):
    """[smudged slope, index of the letter that came, its probability, loss]."""
    ### BEGIN SOLUTION
    hidden = -slopes.nansum().item()  # all slopes together are 0
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()  # the only negative one
    prob = 1 + whole[came].item()
    return [hidden, came, prob, -math.log(prob)]
    ### END SOLUTION


# %%
# Slides for the checks: autograd finds the slopes, then one is smudged.
def draw_slide(number, shift):
    """The slopes of one prediction; the smudge is `shift` places after the target."""
    z = torch.randn(6, generator=seeded(number), dtype=torch.float64) * 1.5
    came = torch.randint(6, (), generator=seeded(number))
    F.cross_entropy(z.requires_grad_(), came).backward()
    z.grad[(came + shift) % 6] = math.nan
    return z.grad


# %%
# CHECK read_slide 1 point: the smudge hides another letter
slides = [draw_slide(8, 1), draw_slide(9, 2), draw_slide(10, 5)]
[[round(float(x), 4) for x in read_slide(slide)] for slide in slides]

# %%
# CHECK read_slide 1 point: the smudge hides the letter that came
slides = [draw_slide(11, 0), draw_slide(12, 0)]
[[round(float(x), 4) for x in read_slide(slide)] for slide in slides]

# %% [markdown]
# So the letter that came gains exactly as many points as the others lose together.
#
# ## Task 5 (more): a small autograd
#
# Here is the machine of lesson 4 that multiplies slopes. Every `Value` remembers its
# parents, and the slope towards each of them. This part is correct. (The operations
# stand inside the class here; `__add__` is what Python calls for `x + y`.)


# %%
class Value:
    """A number that remembers where it came from."""

    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        slopes = [(self, other.data), (other, self.data)]
        return Value(self.data * other.data, slopes)

    def exp(self):
        return Value(math.exp(self.data), [(self, math.exp(self.data))])

    def log(self):
        return Value(math.log(self.data), [(self, 1 / self.data)])


def in_order(result):
    """All numbers that went into `result`: parents first, `result` itself last."""
    order = []

    def visit(value):
        if value not in order:
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)

    visit(result)
    return order


# %% [markdown]
# Somebody added a minus, a division and the backward pass. All *values* are correct,
# but three *slopes* are not:
#
# - `minus(x, y)`: the machine claims that the difference grows when `y` grows.
# - `over(x, y)`, which is x / y: at x = 6 and y = 2 it gives `y` the slope -0.25. If
#   you wiggle `y`, you get -1.5. (The quotient is x times 1/y, and the slope of 1/y is
#   -1/y**2. What did the x do?)
# - `backward(result)`: the slope of `x * x` at 3 comes out as 3. If you wiggle `x`, you
#   get 6.
#
# Fix all three. After `backward(result)`, the slope of `result` stands in the `.grad`
# of every number that went into it. Each `.grad` is 0 before.


# %%
# TASK machine forbid: autograd
def minus(x, y):
    """The Value x - y."""
    ### BEGIN SOLUTION
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])
    ### END SOLUTION
    # ~ return Value(x.data - y.data, [(x, 1.0), (y, 1.0)])


def over(x, y):
    """The Value x / y."""
    ### BEGIN SOLUTION
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])
    ### END SOLUTION
    # ~ return Value(x.data / y.data, [(x, 1 / y.data), (y, -1 / y.data**2)])


def backward(result):
    """Write the slope of `result` into the .grad of all numbers behind it."""
    ### BEGIN SOLUTION
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad
    ### END SOLUTION
    # ~ result.grad = 1.0
    # ~ for value in reversed(in_order(result)):
    # ~     for parent, slope in value.parents:
    # ~         parent.grad = slope * value.grad


# %%
# CHECK machine 1 point: w * exp(x - y)
w, x, y = (Value(0.5 + p) for p in torch.rand(3, generator=seeded(17)).tolist())
result = w * minus(x, y).exp()
backward(result)
[round(float(v), 4) for v in (result.data, w.grad, x.grad, y.grad)]

# %%
# CHECK machine 1 point: w * (x / y)
w, x, y = (Value(0.5 + 2 * p) for p in torch.rand(3, generator=seeded(18)).tolist())
result = w * over(x, y)
backward(result)
[round(float(v), 4) for v in (result.data, w.grad, x.grad, y.grad)]

# %%
# CHECK machine 1 point: x used three times, y once
x, y = (Value(0.5 + 2 * p) for p in torch.rand(2, generator=seeded(19)).tolist())
result = x * x * y + x
backward(result)
[round(float(v), 4) for v in (result.data, x.grad, y.grad)]

# %%
# CHECK machine 1 point: a whole loss, through softmax and logarithm
scores = [Value(z) for z in torch.randn(4, generator=seeded(20)).tolist()]
tickets = [score.exp() for score in scores]
total = tickets[0] + tickets[1] + tickets[2] + tickets[3]
loss = minus(Value(0.0), over(tickets[SEED % 4], total).log())
backward(loss)
[round(float(v), 4) for v in (loss.data, *(score.grad for score in scores))]

# %% [markdown]
# The last line shows four slopes that you know: p - y, and the machine has never heard
# of it.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN price -->
# A model has a billion parameters, and one measurement of its loss takes one second.
# The lesson found slopes by wiggling: two measurements for each number. How many years
# would that take for a single step of training? And how long does backpropagation take?
# (A backward pass takes about twice as long as the measurement itself.) For what is
# wiggling still useful, then? Three sentences are enough.
#
# ...
