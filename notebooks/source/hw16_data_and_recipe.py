# %% [markdown]
# # Homework 16: data and the recipe
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 75 minutes in all, the core
# alone about 55. All cells together run in some seconds. It belongs to
# [lesson 16](../16_data_and_recipe.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw16` says what the file is worth.

# %%
import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=seeded(number)).double()


def new_net(number):
    """A small model with random weights: 4 numbers in, 3 logits out."""
    parts = [nn.Linear(4, 6), nn.LayerNorm(6), nn.Linear(6, 3)]
    model, generator = nn.Sequential(*parts).double(), seeded(number)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.7, generator=generator)
    return model


# %% [markdown]
# ## Task 1 (core, 10 minutes): the schedule
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
high, low = (3 + torch.rand(2, generator=seeded(1)) * torch.tensor([4, -2])).tolist()
[round(float(rate_at(s, high, low, 90, 13)), 4) for s in (0, 4, 11, 12, 13)]

# %%
# CHECK rate_at 1 point: the fall
[round(float(rate_at(s, high, low, 60, 20)), 4) for s in (25, 32, 40, 47, 59)]

# %%
# CHECK rate_at 1 point: no warm-up
[round(float(rate_at(s, high, low, 24, 0)), 4) for s in (0, 3, 9, 18, 23)]

# %% [markdown]
# ## Task 2 (core, 8 minutes): clipping
#
# Gradient clipping makes a gradient as a whole shorter and keeps its direction: of (3, 4),
# whose length is 5, it makes (0.6, 0.8) if the limit is 1. A model has many parameters, so
# its gradient is a list of tensors of several shapes. Together they are *one* long arrow.
# Write
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
torch.cat([as_table(g).flatten() for g in clip(long, 0.8)])

# %%
# CHECK clip 1 point: a short one, and a long one, at another limit
both = [*clip(short, 1.5), *clip([*long, *short], 1.5)]
[round(as_table(g).sum().item(), 4) for g in both]

# %% [markdown]
# ## Task 3 (core, 25 minutes): each rival its own rate
#
# `loss_at(rate, seed)` trains a model at this peak rate and gives its held-out loss. Write
# `best_rate(loss_at, rates, seeds)`, the search of the lesson, done by a program:
#
# - For each rate, take the **mean** of the losses over all seeds. A run that has exploded
#   gives `nan` (not a number): count it as infinitely bad, so that its rate cannot win.
# - Find the rate with the lowest mean (if several are equally low, the smallest of these
#   rates). If it is the **first** of the rates, put one more
#   in front, half as large. If it is the **last**, put one more behind, twice as large.
#   Look again, until the best rate has a neighbour on both sides.
# - Return the best rate and its mean loss, as a pair.
#
# `rates` is a list of two or more numbers in rising order. Do not change the caller's
# list, and train each rate with each seed only **once**: training is expensive, and the
# checks count the runs.
#
# An example with one seed: the losses at 0.25, 0.5, 1, 2 and 4 are 3, 2, 1, 5 and `nan`.
# From the rates `[0.25, 0.5]` the search goes on to 1 and 2, and returns `(1, 1)`. From
# `[2, 4]` it goes down to 1 and 0.5, and returns the same. (Comparisons with `nan` are
# never true, so `min` of a list with a `nan` in it may give nonsense. `math.isnan` helps.)


# %%
# TASK best_rate
def best_rate(loss_at, rates, seeds):
    """The best rate, with a neighbour on both sides, and its mean loss."""
    ### BEGIN SOLUTION
    means = {}

    def measure(rate):
        losses = [float(loss_at(rate, seed)) for seed in seeds]
        mean = sum(losses) / len(losses)
        means[rate] = math.inf if math.isnan(mean) else mean

    for rate in rates:
        measure(rate)
    while True:
        best = min(sorted(means), key=means.get)
        if best == min(means):
            measure(best / 2)
        elif best == max(means):
            measure(best * 2)
        else:
            return best, means[best]
    ### END SOLUTION


# %% [markdown]
# What you search is real: a small network learns to sort points into three classes, in 40
# steps with Adam, at a constant rate or with a rate that falls in a line to 0. `calls`
# counts the runs.

# %%
X = noise(240, 4, number=30)
Y = (X @ noise(4, 3, number=31) + 0.5 * noise(240, 3, number=32)).argmax(1)
calls = []


def train_at(rate, seed, falls, n_steps=40):
    """The held-out loss of a small network, trained at this peak rate."""
    calls.append((rate, seed))
    model, generator = new_net(40 + seed), seeded(50 + seed)
    adam = torch.optim.Adam(model.parameters(), fused=True)
    for step in range(n_steps):
        rows = torch.randint(120, (8,), generator=generator)  # the first half
        adam.param_groups[0]["lr"] = rate * (1 - step / n_steps if falls else 1)
        adam.zero_grad()
        F.cross_entropy(model(X[rows]), Y[rows]).backward()
        adam.step()
    with torch.no_grad():
        return F.cross_entropy(model(X[120:]), Y[120:]).item()  # the second half


def constant(rate, seed):
    return train_at(rate, seed, falls=False)


def falling(rate, seed):
    return train_at(rate, seed, falls=True)


def valley(rate, seed):
    """No training: a valley whose place depends on the seed; explodes above 8."""
    calls.append((rate, seed))
    place = seeded(60 + seed)
    at = 1 + 3 * torch.rand(1, generator=place).item()
    return math.nan if rate > 8 else abs(math.log2(rate / at)) + seed / 10


# %%
# CHECK best_rate 1 point: the two rivals
calls.clear()
found = [best_rate(rival, [0.02, 0.04, 0.08], [0, 1]) for rival in (constant, falling)]
[*(round(float(x), 4) for pair in found for x in pair), len(calls)]

# %%
# CHECK best_rate 1 point: rates that are far too small
calls.clear()
rates = [0.001, 0.002]
found = best_rate(falling, rates, [2, 3, 4])
[*(round(float(x), 4) for x in found), len(calls), len(rates)]

# %%
# CHECK best_rate 1 point: rates that explode, and rates that are too small
calls.clear()
found = [best_rate(valley, rates, [0, 1, 2]) for rates in ([64, 128], [0.1, 0.2])]
[*(round(float(x), 4) for pair in found for x in pair), len(calls)]

# %% [markdown]
# Now look at what you have found. The cell below prints the whole search of both rivals,
# with four seeds, so that you can read the two valleys. Which rival likes the larger rate,
# and which one forgives a rate that is too large? (Here the answers need not be those of
# the lesson.)

# %%
for rate in (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64):
    means = [
        sum(rival(rate, seed) for seed in range(4)) / 4 for rival in (constant, falling)
    ]
    print(f"{rate:4.2f}   constant {means[0]:.3f}   falling {means[1]:.3f}")

# %% [markdown]
# Compare the two minima with what your search found in the first check, with two seeds. If
# another rival is ahead now, then one of the two orders was luck, and you cannot tell
# which. A search alone does not decide: you would need new seeds and a standard error, as in the lesson.
#
# ## Task 4 (more, 6 minutes): a batch in parts
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

    y = torch.randint(3, (sum(sizes),), generator=seeded(number + 1))
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
# ## Task 5 (more, 15 minutes): leaks that are not equal
#
# The cleaning of the lesson drops texts that are *equal*. It does not see a text that is
# the beginning of another one, or that has one word changed. Real pipelines look for
# **runs of words**. Write `leaked(held_out, learned, n)`: the list of those held-out texts
# (as they are, in their order) that have some `n` words in a row in common with a learned
# text.
#
# A word is what `split()` gives. Capitals do not count: compare in small letters. A run
# lies inside one text; it does not go on into the next. A text with fewer than `n` words
# has no run, so it never counts as leaked.
#
# With `n` = 3, of the held-out texts `["The cat sat down", "cat sat", "a dog ran"]` and
# the learned texts `["Here the  cat SAT", "ran a dog"]` only the first one has leaked: *the
# cat sat*. (The last one has the same words as a learned text, but in another order.)


# %%
# TASK leaked
def leaked(held_out, learned, n):
    """Held-out texts with n words in a row that a learned text has, too."""

    ### BEGIN SOLUTION
    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    return [text for text in held_out if runs(text) & known]
    ### END SOLUTION


# %%
def make_texts(number, n_texts, length):
    """Texts of random words, some with capitals and double spaces."""
    generator = seeded(number)

    def draw(n):
        return torch.randint(n, (1,), generator=generator).item()

    words = ["cat", "sat", "he", "the", "at", "her", "a", "CAT", "The", "Sat"]
    return [
        (" ", "  ")[draw(2)].join(words[draw(10)] for _ in range(length - draw(3)))
        for _ in range(n_texts)
    ]


# %%
# CHECK leaked 1 point: the texts of the example, and more
held = ["The cat sat down", "cat sat", "a dog ran", *make_texts(70, 12, 7)]
learned = ["Here the  cat SAT", "ran a dog", *make_texts(71, 7, 7)]
[held.index(text) for text in leaked(held, learned, 3)]

# %%
# CHECK leaked 2 points: longer runs
held, learned = make_texts(72, 24, 8), make_texts(73, 12, 8)
[[held.index(text) for text in leaked(held, learned, n)] for n in (3, 4, 5)]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN anecdote -->
# A friend trains two models, one run each. Recipe A, a constant rate of 0.001, ends at a
# held-out loss of 1.35. Recipe B, a warm-up and a falling rate with a peak of 0.01 that was
# searched for, ends at 1.31. "B is better", says the friend. Name two things that are
# wrong with this comparison, and say what you would run instead. And what would you think
# of a recipe C that ends at 0.90, where the floor of the text is known to be 1.10?
#
# ...
