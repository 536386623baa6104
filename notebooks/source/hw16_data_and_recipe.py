# %% [markdown]
# # Homework 16: training
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 16](../16_training.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw16` says what the file is worth.

# %%
import io
import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=dice(number)).double()


def new_net(number, share=0.0):
    """A small model with random weights: 4 numbers in, 3 logits out."""
    parts = [nn.Linear(4, 6), nn.LayerNorm(6), nn.Dropout(share), nn.Linear(6, 3)]
    model, generator = nn.Sequential(*parts).double(), dice(number)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.7, generator=generator)
    return model


# %% [markdown]
# ## Task 1: the schedule
#
# Write `rate_at(step, largest, smallest, steps, warmup)`: the learning rate at a step, as
# a float. The steps of a run are 0, 1, ..., `steps` - 1.
#
# - **Warm-up:** in the first `warmup` steps the rate rises evenly, from
#   `largest / warmup` at step 0 to `largest` at step `warmup` - 1. It may be that
#   `warmup` is 0; then there is none.
# - **Cosine:** from then on it falls along half a cosine wave: at step `warmup` it is
#   `largest`, and at step `steps` (one after the last) it would be `smallest`. Half-way
#   between the two it is half-way between `largest` and `smallest`.
#
# Half a cosine wave is $\cos$ between 0 and $\pi$: it goes from 1 to -1. With `largest` 1,
# `smallest` 0.1, 100 steps and a warm-up of 10, the rate is 0.1 at step 0, 1 at the
# steps 9 and 10, 0.55 at step 55 and 0.1003 at step 99.


# %%
# TASK rate_at
def rate_at(step, largest, smallest, steps, warmup):
    """The learning rate at a step."""
    ### BEGIN SOLUTION
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2
    ### END SOLUTION


# %%
# CHECK rate_at 1 point: the warm-up
high, low = (3 + torch.rand(2, generator=dice(1)) * torch.tensor([4, -2])).tolist()
[round(float(rate_at(s, high, low, 90, 13)), 4) for s in (0, 4, 11, 12, 13)]

# %%
# CHECK rate_at 1 point: the fall
[round(float(rate_at(s, high, low, 60, 20)), 4) for s in (25, 32, 40, 47, 59)]

# %%
# CHECK rate_at 1 point: no warm-up
[round(float(rate_at(s, high, low, 24, 0)), 4) for s in (0, 3, 9, 18, 23)]

# %% [markdown]
# ## Task 2: fix the slide
#
# A slide says: *"**Gradient clipping** cuts off what is too large. Every number of the
# gradient above 1 becomes 1, every number below -1 becomes -1. The direction stays."* Try
# it on the gradient (3, 4): the slide makes (1, 1) of it. That is another direction.
# What GPTs are trained with makes it (0.6, 0.8): as a whole shorter, the direction kept.
#
# A model has many parameters, so its gradient is a list of tensors of several shapes.
# Together they are *one* long arrow. Write
#
# - `global_norm(gradients)`: the length of that arrow, a float. It is the square root of
#   the sum of the squares of all numbers in the list.
# - `clip(gradients, longest)`: a list of **new** tensors of the same shapes. If the arrow
#   is longer than `longest`, it is shortened to `longest`. If not, nothing changes.


# %%
# TASK clip forbid: clip_grad_norm_ clip_grad_value_ get_total_norm
def global_norm(gradients):
    """The length of all gradients together."""
    ### BEGIN SOLUTION
    return math.sqrt(sum(g.square().sum().item() for g in gradients))
    ### END SOLUTION


def clip(gradients, longest):
    """The same gradients, together not longer than `longest`."""
    ### BEGIN SOLUTION
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) if norm else g.clone() for g in gradients]
    ### END SOLUTION


# %%
# CHECK clip 1 point: the length
short = [noise(2, 3, number=2) / 9, noise(3, number=3) / 9]
long = [noise(2, 2, number=4) * 2, noise(4, number=5) / 2 - 1]
[round(float(global_norm(one)), 4) for one in (short, long, [*short, *long])]

# %%
# CHECK clip 1 point: a long gradient
torch.cat([torch.as_tensor(g).flatten() for g in clip(long, 0.8)])

# %%
# CHECK clip 1 point: a short one, and a long one, at another limit
both = [*clip(short, 1.5), *clip([*long, *short], 1.5)]
[round(torch.as_tensor(g).sum().item(), 4) for g in both]

# %% [markdown]
# ## Task 3: a batch in parts
#
# The batch does not fit in memory. Write
# `accumulate(model, loss_of, inputs, targets, sizes)`. It goes through the batch in parts:
# the first `sizes[0]` rows, then the next `sizes[1]` rows, and so on. (The sizes add up to
# the number of rows, and they need not be equal.) `loss_of(model, x, y)` gives the **mean**
# loss over the rows that it gets. Call it once for each part, with the rows of this part.
#
# Afterwards the `.grad` of each parameter must be what
# `loss_of(model, inputs, targets).backward()` would have given for the whole batch. The
# function returns nothing. The gradients are empty when it is called, and torch adds
# each new gradient to what is there.
#
# An example: the rows' own losses are 1, 2 and 6, and `sizes` is `[2, 1]`. The batch's
# loss is 3. The parts' losses are 1.5 and 6. Their mean, 3.75, is not what we want.


# %%
# TASK accumulate
def accumulate(model, loss_of, inputs, targets, sizes):
    """Leave the gradient of the whole batch in the model."""
    ### BEGIN SOLUTION
    parts = zip(inputs.split(sizes), targets.split(sizes), strict=True)
    for x, y in parts:
        (loss_of(model, x, y) * len(x) / len(inputs)).backward()
    ### END SOLUTION


# %%
def accumulated(sizes, number):
    """How many rows `loss_of` was given each time, and some gradients afterwards."""
    model, seen = new_net(number), []

    def loss_of(model, x, y):
        seen.append(len(x))
        return F.cross_entropy(model(x), y)

    y = torch.randint(3, (sum(sizes),), generator=dice(number + 1))
    accumulate(model, loss_of, noise(sum(sizes), 4, number=number + 2), y, sizes)
    first, *_, last = (p.grad for p in model.parameters())
    return [sorted(seen), torch.cat([10 * first[0], 10 * last])]


# %%
# CHECK accumulate 1 point: equal parts
accumulated([3, 3, 3, 3], 10)

# %%
# CHECK accumulate 2 points: unequal parts
accumulated([5, 1, 2, 4], 20)

# %% [markdown]
# ## Task 4: stop and go on
#
# A power cut in the middle of a run must change nothing. Write
# `run(until, checkpoint=None)`. It makes `new_parts()`, trains them from step 0 up to (and
# without) step `until` by calling `one_step` for each step, and returns a
# **checkpoint**: a dictionary that holds all that the next step depends on. Under
# `"model"` it must hold the model's `state_dict()`. What else it needs, you decide.
#
# With a checkpoint, `run` makes `new_parts()` too, for a new process knows nothing, puts
# everything back into them, and goes on: `run(12, run(5))` does the steps 5 to 11 in its
# second half, and ends with exactly the weights of `run(12)`.
#
# Read `one_step` closely: what does it use, and what of that changes? Models and
# optimizers have `state_dict()` and `load_state_dict(...)`, generators have `get_state()`
# and `set_state(...)`. The checks put the checkpoint through a file with `on_disk`. So
# it may hold numbers, tensors, lists and dictionaries, but no whole objects.


# %%
def new_parts():
    """A fresh model, its optimizer, and the dice that choose the rows."""
    model = new_net(30)
    return model, torch.optim.AdamW(model.parameters()), dice(31)


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
X, Y = noise(50, 4, number=32), torch.randint(3, (50,), generator=dice(33))

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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    return states | {"dice": generator.get_state(), "step": until}
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
# ## Task 5: bug zoo 2
#
# Three small functions from a training script, and each has a fault. Nothing stops with an
# error. There is one check for each.
#
# - `parameter_groups(model, decay)` makes the groups for `torch.optim.AdamW`: a list of
#   dictionaries with the keys `"params"` and `"weight_decay"`. **Symptom:** with a strong
#   decay, the gains of the norms and all biases creep towards 0, too. Only matrices (two
#   axes) should decay. Everything is to be trained.
# - `train_step(model, optimizer, x, y)` does one step and returns the loss before it, a
#   float. **Symptom:** the first step is right. From the second on, the steps get longer
#   and longer.
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
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN anecdote -->
# A friend trains two models, one run each. Recipe A, AdamW at its usual rate, ends at a
# held-out loss of 1.35; recipe B, a new optimizer at a rate that was searched for, ends at
# 1.31. "B is better", says the friend. Name two things that are wrong with this
# comparison, and say what you would run instead. And what would you think of a recipe C
# that ends at 0.90, where the floor of the text is known to be 1.10?
#
# ...
