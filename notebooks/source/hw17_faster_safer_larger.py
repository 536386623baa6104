# %% [markdown]
# # Homework 17: faster, safer, larger
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 65 minutes in all, the core
# alone about 40. All cells together run in a few seconds. It belongs to
# [lesson 17](../17_faster_safer_larger.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw17` says what the file is worth.

# %%
import io
import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def draws(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=draws(number)).double()


def between(low, high, number, n=1):
    """n random numbers between low and high."""
    return (low + (high - low) * torch.rand(n, generator=draws(number))).tolist()


def new_net(number, share=0.0):
    """A small model with random weights: 4 numbers in, 3 logits out."""
    parts = [nn.Linear(4, 6), nn.LayerNorm(6), nn.Dropout(share), nn.Linear(6, 3)]
    model, generator = nn.Sequential(*parts).double(), draws(number)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.7, generator=generator)
    return model


# %% [markdown]
# ## Task 1 (core, 5 minutes): Newton-Schulz
#
# Write `newton_schulz(matrix, rounds)`: the heart of Muon. It returns a **new** matrix
# of the same shape.
#
# - First divide the matrix by its norm: the root of the sum of the squares of all its
#   numbers.
# - Then, in each of the `rounds`, replace $X$ by
#
# $$3.4445\,X - 4.7750\,X X^\top X + 2.0315\,X X^\top X X^\top X$$
#
# These are products of matrices, not of single numbers. The matrix may have more rows
# than columns, or fewer. With the matrix `[[3, 0], [0, 4]]` the norm is 5, so $X$
# starts as `[[0.6, 0], [0, 0.8]]`. After one round it is `[[1.1933, 0], [0, 0.9765]]`.


# %%
# TASK newton_schulz
def newton_schulz(matrix, rounds):
    """All singular values near 1, the directions kept."""
    ### BEGIN SOLUTION
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x
    ### END SOLUTION


# %%
# CHECK newton_schulz 1 point: one round of a wide matrix
wide = noise(2, 3, number=1)
as_table(newton_schulz(wide, 1)).double()

# %%
# CHECK newton_schulz 1 point: five rounds of a tall matrix
tall = noise(4, 2, number=2)
as_table(newton_schulz(tall, 5)).double()

# %%
# CHECK newton_schulz 1 point: no round, three rounds, and the matrix afterwards
flat = 50 * noise(3, 5, number=3)
sums = [as_table(newton_schulz(flat, n)).double().sum().item() for n in (0, 3)]
[round(number, 4) for number in (*sums, flat.sum().item())]

# %% [markdown]
# ## Task 2 (core, 15 minutes): stop and go on
#
# A power cut in the middle of a run must change nothing. Write
# `run(until, checkpoint=None)`. It makes `new_parts()`, trains them from step 0 up to
# (and without) step `until` by calling `one_step` for each step, and returns a
# **checkpoint**: a dictionary that holds all that the next step depends on. Under
# `"model"` it must hold the model's `state_dict()`. What else it needs, you decide.
#
# With a checkpoint, `run` makes `new_parts()` too, for a new process knows nothing,
# puts everything back into them, and goes on: `run(12, run(5))` does the steps 5 to 11
# in its second half, and ends with exactly the weights of `run(12)`.
#
# Read `one_step` closely: what does it use, and what of that changes? Here the rows do
# *not* depend on the step, as they did in the lesson: a generator of random numbers
# chooses them. Models and optimizers have `state_dict()` and `load_state_dict(...)`,
# generators have `get_state()` and `set_state(...)`. The checks put the checkpoint
# through a file with `on_disk`. So it may hold numbers, tensors, lists and
# dictionaries, but no whole objects.


# %%
def new_parts():
    """A fresh model, its optimizer, and the generator that chooses the rows."""
    model = new_net(30)
    return model, torch.optim.AdamW(model.parameters()), draws(31)


def one_step(step, model, optimizer, generator):
    """Train on 8 random rows; the learning rate falls with the step."""
    done.append(step)
    rows = torch.randint(50, (8,), generator=generator)
    for group in optimizer.param_groups:
        group["lr"] = 0.1 * 0.9**step
    optimizer.zero_grad()
    F.cross_entropy(model(X[rows]), Y[rows]).backward()
    optimizer.step()


def on_disk(checkpoint):
    """What comes back when this is written to a file and read again."""
    file = io.BytesIO()
    torch.save(checkpoint, file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=True)


done = []  # every step that `one_step` was called with
X, Y = noise(50, 4, number=32), torch.randint(3, (50,), generator=draws(33))

# %% [markdown]
# One step, to see what an AdamW remembers of the first parameter:

# %%
model, optimizer, generator = new_parts()
one_step(0, model, optimizer, generator)
sorted(optimizer.state_dict()["state"][0])


# %%
# TASK run
def run(until, checkpoint=None):
    """Train up to step `until`, from the start or from a checkpoint."""
    ### BEGIN SOLUTION
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint is not None:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    return states | {"generator": generator.get_state(), "step": until}
    ### END SOLUTION


# %%
# CHECK run 1 point: never stopped
done.clear()
weights = on_disk(run(12))["model"]
[*done[:1], *done[-1:], *(round(w.mean().item(), 4) for w in weights.values())]

# %%
# CHECK run 1 point: one power cut
first = on_disk(run(5))
done.clear()
weights = on_disk(run(13, first))["model"]
[*done[:1], *done[-1:], *(round(w.mean().item(), 4) for w in weights.values())]

# %%
# CHECK run 1 point: two power cuts
second = on_disk(run(7, on_disk(run(3))))
done.clear()
weights = on_disk(run(17, second))["model"]
[*done[:1], *done[-1:], *(round(w.mean().item(), 4) for w in weights.values())]

# %% [markdown]
# ## Task 3 (core, 20 minutes): a scaling law
#
# Some runs have read `tokens` (a list of numbers) and ended at `losses`. The floor of
# the text is known. The law of the lesson says
#
# $$\text{loss} = \text{floor} + A \cdot \text{tokens}^{-a}$$
#
# - `fit_law(tokens, losses, floor)` returns the two numbers `(A, a)`: the straight line
#   of least squares through the points (ln tokens, ln of the excess). Its slope is
#   $-a$, its height at 0 is $\ln A$.
# - `predict_loss(A, a, floor, tokens)` returns the loss that the law predicts for one
#   number of tokens.
#
# An example: the floor is 1, and the losses at 100 and 400 tokens are 3 and 2. Four
# times the tokens halve the excess, so $a = 0.5$, and $A = 2 \cdot \sqrt{100} = 20$. At
# 1,600 tokens the law predicts 1.5.


# %%
# TASK law
def fit_law(tokens, losses, floor):
    """A and a of the law, by least squares on the logarithms."""
    ### BEGIN SOLUTION
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()
    ### END SOLUTION


def predict_loss(A, a, floor, tokens):
    """The loss that the law predicts."""
    ### BEGIN SOLUTION
    return floor + A * tokens**-a
    ### END SOLUTION


# %%
def small_runs(number, wobble, n=5):
    """Tokens, losses and floor of n runs that follow a law, more or less."""
    A, a, floor = *between(5, 9, number), *between(0.2, 0.4, number + 1), 0.8
    tokens = [1000 * 2**i for i in range(n)]
    luck = (wobble * noise(n, number=number + 2)).exp().tolist()
    return (
        tokens,
        [floor + A * t**-a * e for t, e in zip(tokens, luck, strict=True)],
        floor,
    )


# %%
# CHECK law 1 point: runs that follow a law exactly
A, a = fit_law(*small_runs(50, wobble=0))
[round(float(A), 3), round(float(a), 4)]

# %%
# CHECK law 2 points: runs with some luck
A, a = fit_law(*small_runs(60, wobble=0.1))
other_A, other_a = fit_law(*small_runs(70, wobble=0.2, n=4))
[round(float(number), 3) for number in (A, a, other_A, other_a)]

# %%
# CHECK law 1 point: predicted
A, a, floor = between(5, 9, 80)[0], between(0.2, 0.4, 81)[0], between(0.5, 1, 82)[0]
[round(float(predict_loss(A, a, floor, t)), 4) for t in (1000, 64_000, 10**9)]

# %% [markdown]
# ## Task 4 (more, 10 minutes): how large a model?
#
# You may spend `operations` on one training. A model of $N$ weights that reads $D$
# tokens costs $6 N D$. Somebody has fitted the law for you: `loss_of(size, tokens)`
# gives the loss that it predicts.
#
# Write `best_size(operations, sizes, loss_of)`. For each number of weights in the list
# `sizes`, find how many tokens the budget pays for, and the loss that is predicted.
# Return the size with the smallest loss and its tokens, as a pair `(size, tokens)`.


# %%
# TASK best_size
def best_size(operations, sizes, loss_of):
    """The best number of weights for a budget, and the tokens it can read."""
    ### BEGIN SOLUTION
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))
    ### END SOLUTION


# %%
def some_law(number):
    """A law of weights and tokens."""
    a, b = between(0.3, 0.4, number, n=2)
    return lambda size, tokens: 1.7 + 400 * size**-a + 400 * tokens**-b


sizes = [10**7 * 2**i for i in range(18)]


def for_two_budgets(low, high, sizes, number):
    """What the budgets buy: sizes, and millions of tokens."""
    budgets = between(low, high, number, n=2)
    pairs = [
        best_size(c, sizes, some_law(number + i)) for i, c in enumerate(budgets, 1)
    ]
    return [(int(size), round(float(tokens) / 1e6, 3)) for size, tokens in pairs]


# %%
# CHECK best_size 1 point: two budgets
for_two_budgets(1e19, 9e19, sizes, 90)

# %%
# CHECK best_size 1 point: a hundred times the budget, and the sizes in another order
order = torch.randperm(len(sizes), generator=draws(98)).tolist()
for_two_budgets(1e21, 9e21, [sizes[i] for i in order], 94)

# %% [markdown]
# ## Task 5 (more, 15 minutes): bug zoo 2
#
# Three small functions from a training script, and each has a fault. Nothing stops with
# an error. There is one check for each.
#
# - `parameter_groups(model, decay)` makes the groups for `torch.optim.AdamW`: a list of
#   dictionaries with the keys `"params"` and `"weight_decay"`. **Symptom:** with a
#   strong decay, the gains of the norms and all biases creep towards 0, too. Only
#   matrices (two axes) should decay. Everything is to be trained.
# - `train_step(model, optimizer, x, y)` does one step and returns the loss before it, a
#   float. **Symptom:** the first step is right. From the second on, the steps get
#   longer and longer.
# - `evaluate(model, x, y)` gives the loss in use, a float. **Symptom:** the model has
#   dropout, and asked twice, you get two answers. Mind what you do to the model:
#   afterwards it must be as it was, training (`model.training` is True) or not.


# %%
# TASK zoo
def parameter_groups(model, decay):
    """Two groups for AdamW: what decays, and what does not."""
    ### BEGIN SOLUTION
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    decaying = {"params": matrices, "weight_decay": decay}
    return [decaying, {"params": others, "weight_decay": 0.0}]
    ### END SOLUTION
    # ~ return [{"params": list(model.parameters()), "weight_decay": decay}]


def train_step(model, optimizer, x, y):
    """One step; returns the loss before it."""
    ### BEGIN SOLUTION
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION
    # ~ loss = F.cross_entropy(model(x), y)
    # ~ loss.backward()
    # ~ optimizer.step()
    # ~ return loss.item()


def evaluate(model, x, y):
    """The loss of the model in use."""
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss
    ### END SOLUTION
    # ~ with torch.no_grad():
    # ~     return F.cross_entropy(model(x), y).item()


# %%
# CHECK zoo 1 point: what decays (a step with decay 2 and rate 0.1)
model = new_net(40)
adamw = torch.optim.AdamW(parameter_groups(model, 2.0), lr=0.1)
model(noise(5, 4, number=41)).sum().backward()
adamw.step()
[round(p.sum().item(), 4) for p in model.parameters()]

# %%
# CHECK zoo 1 point: four steps
model, x, y = new_net(42), noise(9, 4, number=43), torch.arange(9) % 3
sgd = torch.optim.SGD(model.parameters(), lr=0.1)
[round(float(train_step(model, sgd, x, y)), 4) for _ in range(4)]

# %%
# CHECK zoo 1 point: asked while training, and in use
torch.manual_seed(SEED)
model = new_net(44, share=0.5)
while_training = [round(float(evaluate(model.train(), x, y)), 4), model.training]
in_use = [round(float(evaluate(model.eval(), x[:4], y[:4])), 4), model.training]
[*while_training, *in_use]

# %% [markdown]
# ## A question in words (core)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN law -->
# A company has trained four small models. It fits a law to their losses and predicts a
# loss of 1.02 for a run that costs a thousand times as much. But it has not measured
# the floor of its text: the law was fitted to the loss itself, not to the excess. Name
# two reasons not to trust the 1.02. And suppose that the 1.02 comes true to the last
# digit: name one thing that you would like to know about the large model and that this
# number does not tell.
#
# ...
