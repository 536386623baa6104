# %% [markdown]
# # Homework 8: temperature
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 8](../08_temperature.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Save before you hand it in; `python3 start.py check hw08` says what the
# file is worth.

# %%
# NEEDS data/names.txt
import math
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
ALPHABET = ".abcdefghijklmnopqrstuvwxyz"


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1: the dial
#
# Write `next_probs(logits, temperature)`: from `V` logits to `V` probabilities at this
# temperature. You may use `softmax`. Above 0 the temperature divides the logits. At 0
# it means *greedy*: the best letter gets 1 and all others 0. If several share the best
# score, the first of them gets the 1.
#
# For `torch.tensor([1.0, 3.0, 3.0])` that is about `[0.0091, 0.4955, 0.4955]` at
# temperature 0.5 and `[0, 1, 0]` at temperature 0.


# %%
# TASK next_probs
def next_probs(logits, temperature):
    """Probabilities of the next letter, (V,) -> (V,)."""
    ### BEGIN SOLUTION
    if temperature == 0:
        probs = torch.zeros_like(logits)
        probs[logits.argmax()] = 1
        return probs
    return (logits / temperature).softmax(-1)
    ### END SOLUTION


# %%
# CHECK next_probs 1 point: cold, normal, hot
logits = torch.randn(5, generator=dice(1)) * 2
[next_probs(logits, T) for T in (0.4, 1.0, 2.5)]

# %%
# CHECK next_probs 1 point: temperature zero, with and without several best letters
logits = torch.randn(3, 9, generator=dice(2))
best = torch.randperm(9, generator=dice(3))
logits[0, best[:3]] = 4.0
logits[1, best[3:5]] = 2.5
[next_probs(logits[i], T) for i, T in ((0, 0), (1, 0), (2, 0), (2, 2))]

# %% [markdown]
# ## Task 2: cut the tail
#
# Two ways to forbid the many bad letters. Both take `V` logits and give `V` logits, in
# the same order, where each letter that is cut has $-\infty$ and all others keep their
# score. The logits that come in stay as they are.
#
# - `keep_top_k(logits, k)` keeps the `k` best. If letters tie for the last place, those
#   with the lower index stay: exactly `k` are kept.
# - `keep_top_p(logits, p)` keeps the **smallest** group of best letters whose
#   probabilities add up to at least `p`.
#
# With probabilities .5, .3, .15 and .05, `keep_top_p` keeps one letter for `p = 0.4`,
# two for `p = 0.7` and three for `p = 0.9`. The checks take the softmax of what you
# give.


# %%
# TASK cut
def keep_top_k(logits, k):
    """Minus infinity for all but the k best, (V,) -> (V,)."""
    ### BEGIN SOLUTION
    order = logits.argsort(descending=True, stable=True)
    cut = logits.clone()
    cut[order[k:]] = -math.inf
    return cut
    ### END SOLUTION


def keep_top_p(logits, p):
    """Minus infinity for all but the fewest letters that hold p, (V,) -> (V,)."""
    ### BEGIN SOLUTION
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    mass_before = probs.cumsum(-1) - probs  # what the better letters hold already
    cut = logits.clone()
    cut[order[mass_before >= p]] = -math.inf
    return cut
    ### END SOLUTION


# %%
# CHECK cut 1 point: the best two, the best four
logits = torch.randn(7, generator=dice(4)) * 2
[torch.as_tensor(keep_top_k(logits, k)).softmax(-1) for k in (2, 4)]

# %%
# CHECK cut 1 point: one leader, six letters share the second place, three may stay
logits = torch.zeros(9)
logits[torch.randperm(9, generator=dice(5))[:2]] = -1.0
logits[torch.randperm(9, generator=dice(5))[2]] = 1 + torch.rand(1, generator=dice(5))
torch.as_tensor(keep_top_k(logits, 3)).softmax(-1)

# %%
# CHECK cut 2 points: as many letters as hold the probability p
logits = torch.randn(2, 7, generator=dice(6))
cut = [keep_top_p(z, p) for z in logits for p in (0.2, 0.5, 0.9)]
[torch.as_tensor(kept).softmax(-1) for kept in cut]

# %% [markdown]
# ## Task 3: throw the dice
#
# How does a computer draw a letter with a given probability? It lays the probabilities
# side by side on a stick of length 1, takes a random number `u` with $0 \le u < 1$, and
# looks into whose piece `u` falls. With .2, .5 and .3 the pieces are $0 \le u < 0.2$,
# $0.2 \le u < 0.7$ and $0.7 \le u < 1$. A letter of probability 0 has no piece: it
# never comes, not even for `u = 0`.
#
# - `draw(probs, u)` gives the index of the letter, a whole number.
# - `chi_square(counts, probs)` tells whether dice obey. `counts` says how often each of
#   the `V` letters came. Let $E_i$ be the count that you *expect* of letter $i$ in as
#   many draws. Then it is $\sum_i (\text{count}_i - E_i)^2 / E_i$, a float. For the
#   counts 3 and 1, where 2 and 2 were expected, it is 1. No probability is 0 here.


# %%
# TASK dice_rule forbid: multinomial choices choice Categorical
def draw(probs, u):
    """The index of the letter into whose piece u falls."""
    ### BEGIN SOLUTION
    ends = probs.cumsum(-1)  # where each letter's piece ends
    return int((ends <= u).sum())
    ### END SOLUTION


def chi_square(counts, probs):
    """How far the counts are from what the probabilities promise, a float."""
    ### BEGIN SOLUTION
    expected = counts.sum() * probs
    return ((counts - expected) ** 2 / expected).sum().item()
    ### END SOLUTION


# %%
# CHECK dice_rule 1 point: twelve draws, some letters have probability 0
probs = torch.rand(8, generator=dice(7))
probs[[0, 1 + SEED % 6]] = 0
[
    draw(probs / probs.sum(), u)
    for u in [0.0, *torch.rand(11, generator=dice(8)).tolist()]
]

# %%
# CHECK dice_rule 1 point: chi-square of given counts
probs = torch.softmax(torch.randn(5, generator=dice(9)), -1)
round(float(chi_square(torch.randint(5, 60, (5,), generator=dice(10)), probs)), 2)

# %%
# CHECK dice_rule 1 point: do your dice obey the softmax? 1,500 draws of six letters
probs = torch.softmax(torch.randn(6, generator=dice(11)), -1)
letters = [draw(probs, u) for u in torch.rand(1500, generator=dice(12)).tolist()]
counts = torch.bincount(torch.tensor(letters), minlength=6)
[counts.tolist(), round(float(chi_square(counts, probs)), 2)]

# %% [markdown]
# Chi-square should be near 5 there, the number of letters less one. Is it?
#
# ## Task 4: catch the slides
#
# A slide says: for the logits 2.0, 1.0, 0.5, 0.1 the probabilities at temperature 1 are
# .43, .26, .19, .12. You can test such a row. The softmax makes the **ratio** of two
# probabilities out of the **difference** of their logits:
#
# $$\frac{p_i}{p_j} = e^{(z_i - z_j)/T}$$
#
# So each pair of neighbours gives away the temperature. The first two of the slide say
# 1.99, the next pair 1.59, the last 0.87. No temperature makes this row.
#
# - `temperatures(logits, probs)`: the temperature according to each pair of neighbours,
#   `V - 1` numbers, first pair first. No two neighbours have equal logits.
# - `forged(logits, rows)`: `rows` is a list of rows of probabilities, each said to
#   belong to the logits at *some* temperature. Give the list of the numbers (0 is the
#   first) of the rows that none makes: their temperatures differ by more than 0.01.
#
# Another slide keeps the three best letters, which had .4, .3 and .1, and gives them
# .53, .40 and .07. The last ratio was 3 and is now almost 6.
#
# - `share_out(probs)`: what the letters have that stay, with a sum below 1, made a sum
#   of 1 without changing any ratio. For .4, .3, .1 that is .5, .375, .125.


# %%
# TASK slides
def temperatures(logits, probs):
    """What each pair of neighbours says of the temperature, (V,), (V,) -> (V - 1,)."""
    ### BEGIN SOLUTION
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()
    ### END SOLUTION


def forged(logits, rows):
    """The numbers of the rows that belong to no temperature."""
    ### BEGIN SOLUTION
    implied = [temperatures(logits, row) for row in rows]
    return [i for i, T in enumerate(implied) if max(T) - min(T) > 0.01]
    ### END SOLUTION


def share_out(probs):
    """The same ratios with a sum of 1, (k,) -> (k,)."""
    ### BEGIN SOLUTION
    return probs / probs.sum()
    ### END SOLUTION


# %%
# CHECK slides 1 point: three pairs of neighbours
logits = (0.3 + torch.rand(4, generator=dice(13))).cumsum(0).flip(0)
probs = (0.05 + torch.rand(4, generator=dice(14)) / 5).cumsum(0).flip(0)
temperatures(logits, probs / probs.sum())

# %%
# CHECK slides 2 points: three slides with seven rows each
caught = []
for number in (15, 16, 22):
    z = (0.4 + torch.rand(5, generator=dice(number))).cumsum(0).flip(0)
    heat = 0.5 + torch.rand(7, 1, generator=dice(number + 10))
    rows = (z / heat).softmax(-1)
    wrong = torch.randperm(7, generator=dice(number + 20))[:3]
    rows[wrong] = 0.7 * rows[wrong] + 0.06
    caught.append(forged(z, list(rows)))
caught

# %%
# CHECK slides 1 point: the letters that stay
share_out(torch.rand(4, generator=dice(21)) / 5 + 0.02)

# %% [markdown]
# ## Task 5: a sick animal
#
# The next cell holds a model without a network: it looks up what came after three
# letters in the list of names. `sampler(n)` makes a `choose` that draws with dice of
# its own.


# %%
text = "".join(
    f"...{name}." for name in Path("../../data/names.txt").read_text().split()
)
runs = torch.tensor([ALPHABET.index(c) for c in text]).unfold(0, 4, 1)
runs = runs[(runs[:, 2] > 0) | (runs[:, 3] > 0)]  # no run between two names
COUNTS = torch.zeros(27, 27, 27, 27)
COUNTS.index_put_(tuple(runs.T), torch.ones(len(runs)), accumulate=True)


def table_model(contexts):
    """Logits after the three letters of each context, (B, 3) -> (B, 27)."""
    return (COUNTS[tuple(contexts.T)] + 0.001).log()


def sampler(number):
    own = dice(number)
    return lambda z: int(torch.multinomial(z.softmax(-1), 1, generator=own))


def endless(logits):
    """The best letter that is not the end mark."""
    return int(logits[1:].argmax()) + 1


# %% [markdown]
# Now the animal. `write_name(model, choose, max_len)` should write a name of at most
# `max_len` letters. It starts from three full stops, asks `model` for the logits after
# the last three letters, and lets `choose` make a number out of them. Number 0, the end
# mark, ends the name and is no part of it. But
#
# - names end in a full stop,
# - a name may be a letter too long,
# - and they do not look like names at all, though the model is good.
#
# Three bugs. Find them. Try `write_name(table_model, sampler(n))` with several numbers
# `n`.


# %%
# TASK write_name
def write_name(model, choose, max_len=20):
    """One name of at most max_len letters."""
    ### BEGIN SOLUTION
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        logits = model(torch.tensor([context]))[0]
        token = choose(logits)
        if token == 0:
            break
        name += ALPHABET[token]
        context = context[1:] + [token]
    return name
    ### END SOLUTION
    # ~ context, name = [0, 0, 0], ""
    # ~ while len(name) <= max_len:
    # ~     logits = model(torch.tensor([context]))[0]
    # ~     token = choose(logits)
    # ~     name += ALPHABET[token]
    # ~     if token == 0:
    # ~         break
    # ~     context = [token] + context[:-1]
    # ~ return name


# %%
# CHECK write_name 2 points: six names
[write_name(table_model, sampler(number)) for number in range(30, 36)]

# %%
# CHECK write_name 1 point: six names of at most six letters
[write_name(table_model, sampler(number), max_len=6) for number in range(40, 46)]

# %%
# CHECK write_name 1 point: a greedy writer that never ends
starts = 2 * torch.randn(27, generator=dice(50))
[write_name(lambda c: table_model(c) + starts, endless, max_len=n) for n in (1, 12)]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN colder -->
# The colder your model writes, the more of its names are real ones: lesson 8 counts
# them. A friend concludes: the colder, the better the model. What changes with the
# temperature and what does not? What would you count to show your friend the price?
#
# ...
