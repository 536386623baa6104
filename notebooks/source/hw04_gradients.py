# %% [markdown]
# # Homework 4: gradients
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 4](../04_gradients.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw04` says what the file is worth.

# %%
import math

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1: wiggle
#
# Write `wiggle(loss, z, nudge)`. It measures the slope of a function for every number
# in a tensor, without any calculus.
#
# - `loss` is a function. You give it a tensor like `z`, it gives back one number.
# - `z` is a `float64` tensor of any shape. It must be the same afterwards as before.
# - `nudge` is how far to move. Take the numbers of `z` one by one. Move each **up and
#   down** by the nudge while all the others stay, and divide the change of the loss by
#   the distance between the two points.
# - The answer is a tensor of slopes in the shape of `z`.
#
# An example with a coarse nudge:
#
#     z = torch.tensor([1.0, 2.0], dtype=torch.float64)
#     wiggle(lambda z: (z**3).sum(), z, 0.5)  # tensor([3.2500, 12.2500])
#
# The true slopes are 3 and 12. A nudge of 0.5 is too coarse to hit them, but it shows
# whether you measure on both sides; with 0.001 you get 3.0000 and 12.0000.


# %%
# TASK wiggle forbid: backward grad autograd requires_grad requires_grad_ jacrev
def wiggle(loss, z, nudge):
    """The slope of `loss` for each number in z, a tensor in the shape of z."""
    ### BEGIN SOLUTION
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(up) - loss(down)) / (2 * nudge)
    return slopes
    ### END SOLUTION


# %%
# CHECK wiggle 1 point: five scores, a coarse nudge
scores = torch.randn(5, generator=dice(1), dtype=torch.float64)
came = torch.tensor(SEED % 5)
wiggle(lambda z: F.cross_entropy(z, came), scores, 0.5)

# %%
# CHECK wiggle 1 point: a table of numbers, and what is left of it afterwards
table = torch.randn(2, 3, generator=dice(2), dtype=torch.float64)
factors = torch.randn(3, generator=dice(3), dtype=torch.float64)
slopes = wiggle(lambda z: (z.exp() @ factors).prod(), table, 0.25)
[slopes, table]

# %% [markdown]
# ## Task 2: the formula
#
# Wiggling takes two measurements for each number. The formula needs one for all. Write
# `dlogits(logits, targets)`: the slopes of the **mean** loss of `N` predictions.
#
# - `logits` is `(N, V)`: a row of scores for each prediction.
# - `targets` is `(N,)`: the index of the letter that came.
# - The answer is `(N, V)`: how much the mean loss changes for each point of each score.
#
# Every prediction is only one of `N` in a mean: does a wiggle of its scores move the
# mean as much as it moves its own loss?
#
# Two predictions of two letters. The probabilities are 0.5, 0.5 and 0.25, 0.75:
#
#     scores = torch.tensor([[0.0, 0.0], [0.0, math.log(3)]])
#     dlogits(scores, torch.tensor([0, 1]))  # [[-0.25, 0.25], [0.125, -0.125]]
#
# Do it with a softmax and arithmetic. Then compare with torch's machine, in a cell of
# your own: `z = scores.clone().requires_grad_()`, `F.cross_entropy(z, targets)`,
# `.backward()`, `z.grad`.


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
scores = torch.randn(1, 5, generator=dice(4)) * 2
came = (scores.argmax(dim=-1) + 1 + SEED % 4) % 5  # not the favourite
dlogits(scores, came)

# %%
# CHECK dlogits 1 point: six predictions
scores = torch.randn(6, 4, generator=dice(6)) * 2
dlogits(scores, torch.randint(4, (6,), generator=dice(7)))

# %% [markdown]
# ## Task 3: catch the slide
#
# A slide shows the slopes of the loss for the scores of `V` letters, in **one**
# prediction. One number is smudged. The caption says: "Only the letter that came learns
# from this; the others have nothing to do with it." The slopes on the slide say
# something else. And they give everything away.
#
# Write `read_slide(slopes)`. `slopes` is a `(V,)` tensor with one `nan`, "not a
# number", where the smudge is. The smudge can hide any letter, also the one that came.
# Return a list of four numbers:
#
# 2. the slope under the smudge,
# 2. the index of the letter that came, counted from 0 as always,
# 3. the probability that the model gave to that letter,
# 4. the loss of this prediction in nats.
#
# `read_slide(torch.tensor([0.25, -0.70, math.nan]))` is about
# `[0.45, 1, 0.3, 1.204]`. What do all the slopes add up to?


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
# Slides for the checks: torch's machine finds the slopes, then one is smudged.
def draw_slide(number, shift):
    """The slopes of one prediction; the smudge is `shift` places after the target."""
    z = torch.randn(6, generator=dice(number), dtype=torch.float64) * 1.5
    came = torch.randint(6, (), generator=dice(number))
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
# So the letter that came gets exactly as many points as the others pay together.
#
# ## Task 4: walk downhill
#
# Now train a small model, in about ten lines. Each prediction has `C` clues, numbers
# that the model sees. The model has a table of weights `(C, V)`, and its scores are
# `features @ weights`. Write `descend(features, targets, vocab_size, rate, steps)`:
#
# - `features` is `(N, C)`, `float32`; `targets` is `(N,)`; `vocab_size` is `V`.
# - All weights start at 0.
# - A step: the mean loss over **all** `N` predictions, its gradient, then weights minus
#   `rate` times gradient. The rate stays the same.
# - The answer is a list of `steps + 1` losses: the one before the first step, and the
#   one after each step.
#
# Torch's `F.cross_entropy` and its `backward()` are welcome here; its finished
# optimizers are not. torch watches what is computed with a tensor that has
# `requires_grad=True`. A step must not be watched: change such a tensor in place inside
# `with torch.no_grad():`, and set its `.grad` to `None` afterwards, because `backward()`
# adds to what stands there. One clue, two letters, two steps:
#
#     descend(torch.tensor([[1.0]]), torch.tensor([0]), 2, 1.0, 2)
#     # about [0.6931, 0.3133, 0.1945]: it begins at ln 2, "no idea"


# %%
# TASK descend forbid: optim SGD Adam AdamW
def descend(features, targets, vocab_size, rate, steps):
    """The losses before the first step and after each, a list of steps + 1 floats."""
    ### BEGIN SOLUTION
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
    return losses
    ### END SOLUTION


# %%
# CHECK descend 1 point: the first step of two walks
walks = []
for number in (13, 14):
    clues = torch.randn(12, 3, generator=dice(number))
    came = torch.randint(5, (12,), generator=dice(number))
    walks.append([round(float(x), 4) for x in descend(clues, came, 5, 0.5, 3)[:2]])
walks

# %%
# CHECK descend 2 points: seven steps
clues = torch.randn(20, 4, generator=dice(15))
came = torch.randint(6, (20,), generator=dice(16))
[round(float(x), 4) for x in descend(clues, came, 6, 1.5, 7)]

# %% [markdown]
# ## Task 5: a sick animal
#
# Here is the machine of lesson 4 that multiplies slopes. Every `Value` remembers its
# parents, and the slope towards each of them. This part is healthy.


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
# Someone added a minus, a division and the walk backward. All *values* are right, but
# three *slopes* are not:
#
# - `minus(x, y)`: the machine claims that the difference grows when `y` grows.
# - `over(x, y)`, which is x / y: at x = 6 and y = 2 it gives `y` the slope -0.25. A
#   wiggle gives -1.5. (Try it: the slope belongs to `y`, but is it the same at every
#   x?)
# - `backward(result)`: the slope of `x * x` at 3 comes out as 3. A wiggle gives 6.
#
# Mend all three. After `backward(result)`, the slope of `result` stands in the `.grad`
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
w, x, y = (Value(0.5 + p) for p in torch.rand(3, generator=dice(17)).tolist())
result = w * minus(x, y).exp()
backward(result)
[round(float(v), 4) for v in (result.data, w.grad, x.grad, y.grad)]

# %%
# CHECK machine 1 point: w * (x / y)
w, x, y = (Value(0.5 + 2 * p) for p in torch.rand(3, generator=dice(18)).tolist())
result = w * over(x, y)
backward(result)
[round(float(v), 4) for v in (result.data, w.grad, x.grad, y.grad)]

# %%
# CHECK machine 1 point: x used three times, y once
x, y = (Value(0.5 + 2 * p) for p in torch.rand(2, generator=dice(19)).tolist())
result = x * x * y + x
backward(result)
[round(float(v), 4) for v in (result.data, x.grad, y.grad)]

# %%
# CHECK machine 1 point: a whole loss, through softmax and logarithm
scores = [Value(z) for z in torch.randn(4, generator=dice(20)).tolist()]
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
# A model has a billion numbers to train, and one measurement of its loss takes one
# second. How many years does task 1's `wiggle` need for a single step? And task 5's
# way? (A walk backward takes about twice as long as the measurement itself.) For what
# is wiggling still useful, then? Three sentences are enough.
#
# ...
