# %% [markdown]
# # Homework 8: temperature
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 8](../08_temperature.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | temperature, with a rule for zero | 10 |
# | 2 *core* | top-k and top-p | 20 |
# | 3 *core* | fix a writer with three bugs | 15 |
# | 4 *more* | test the slides | 20 |
# | 5 *more* | project: a model of your own list | 25 |
#
# About 100 minutes in all, with 10 for the question at the end. All cells together run in
# a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw08` says what the file is worth.

# %%
# NEEDS data/names.txt
import math
from itertools import pairwise
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
ALPHABET = ".abcdefghijklmnopqrstuvwxyz"


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1 (core): the dial
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
logits = torch.randn(5, generator=seeded(1)) * 2
[next_probs(logits, T) for T in (0.4, 1.0, 2.5)]

# %%
# CHECK next_probs 1 point: temperature zero, with and without several best letters
logits = torch.randn(3, 9, generator=seeded(2))
best = torch.randperm(9, generator=seeded(3))
logits[0, best[:3]] = 4.0
logits[1, best[3:5]] = 2.5
[next_probs(logits[i], T) for i, T in ((0, 0), (1, 0), (2, 0), (2, 2))]

# %% [markdown]
# ## Task 2 (core): cut the tail
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
logits = torch.randn(7, generator=seeded(4)) * 2
[torch.as_tensor(keep_top_k(logits, k)).softmax(-1) for k in (2, 4)]

# %%
# CHECK cut 1 point: one leader, six letters share the second place, three may stay
logits = torch.zeros(9)
logits[torch.randperm(9, generator=seeded(5))[:2]] = -1.0
logits[torch.randperm(9, generator=seeded(5))[2]] = 1 + torch.rand(
    1, generator=seeded(5)
)
torch.as_tensor(keep_top_k(logits, 3)).softmax(-1)

# %%
# CHECK cut 2 points: as many letters as hold the probability p
logits = torch.randn(2, 7, generator=seeded(6))
cut = [keep_top_p(z, p) for z in logits for p in (0.2, 0.5, 0.9)]
[torch.as_tensor(kept).softmax(-1) for kept in cut]

# %% [markdown]
# ## Task 3 (core): fix a writer
#
# The next cell holds a model without a network: it looks up what came after three
# letters in the list of names. `sampler(n)` makes a `choose` that draws with a random
# generator of its own.


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
    own = seeded(number)
    return lambda z: int(torch.multinomial(z.softmax(-1), 1, generator=own))


def endless(logits):
    """The best letter that is not the end mark."""
    return int(logits[1:].argmax()) + 1


# %% [markdown]
# Now the writer. `write_name(model, choose, max_len)` should write a name of at most
# `max_len` letters. It starts from three full stops, asks `model` for the logits after
# the last three letters, and lets `choose` make a number out of them. Number 0, the end
# mark, ends the name and is no part of it. But
#
# - names end in a full stop,
# - a name may be a letter too long,
# - and they do not look like names at all, though the model is good.
#
# There are three bugs. Find and fix them. Try `write_name(table_model, sampler(n))` with
# several numbers `n`.


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
starts = 2 * torch.randn(27, generator=seeded(50))
[write_name(lambda c: table_model(c) + starts, endless, max_len=n) for n in (1, 12)]

# %% [markdown]
# ## Task 4 (more): test the slides
#
# A slide says: for the logits 2.0, 1.0, 0.5, 0.1 the probabilities at temperature 1 are
# .43, .26, .19, .12. You can test such a row. The softmax makes the **ratio** of two
# probabilities out of the **difference** of their logits:
#
# $$\frac{p_i}{p_j} = e^{(z_i - z_j)/T}$$
#
# So each pair of neighbours gives away the temperature. The first two of the slide say
# 1.99, the next pair 1.59, the last 0.87. They disagree, so this row cannot come from dividing
# the logits by one temperature.
#
# - `temperatures(logits, probs)`: the temperature according to each pair of neighbours,
#   `V - 1` numbers, first pair first. No two neighbours have equal logits.
# - `forged(logits, rows)`: `rows` is a list of rows of probabilities, each said to
#   belong to the logits at *some* temperature. Give the list of the numbers (0 is the
#   first) of the rows that cannot come from one temperature: their pairs disagree by more
#   than 0.01.
#
# Another slide keeps the three best letters, which had .4, .3 and .1, and gives them
# .53, .40 and .07. The last ratio was 3 and is now almost 6.
#
# - `share_out(probs)`: `probs` are the probabilities of the letters that stay; their sum is
#   below 1. Return them rescaled to a sum of 1, so that no ratio changes. For .4, .3, .1 that
#   is .5, .375, .125.


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
logits = (0.3 + torch.rand(4, generator=seeded(13))).cumsum(0).flip(0)
probs = (0.05 + torch.rand(4, generator=seeded(14)) / 5).cumsum(0).flip(0)
temperatures(logits, probs / probs.sum())

# %%
# CHECK slides 2 points: three slides with seven rows each
caught = []
for number in (15, 16, 22):
    z = (0.4 + torch.rand(5, generator=seeded(number))).cumsum(0).flip(0)
    heat = 0.5 + torch.rand(7, 1, generator=seeded(number + 10))
    rows = (z / heat).softmax(-1)
    wrong = torch.randperm(7, generator=seeded(number + 20))[:3]
    rows[wrong] = 0.7 * rows[wrong] + 0.06
    caught.append(forged(z, list(rows)))
caught

# %%
# CHECK slides 1 point: the letters that stay
share_out(torch.rand(4, generator=seeded(21)) / 5 + 0.02)

# %% [markdown]
# ## Task 5 (more): project, a model of your own list
#
# Choose a list that you like: islands, villages, friends, mushrooms, football players, in
# any alphabet. It should have at least 30 names, no name twice, and no digits or full
# stops. (The names of `data/names.txt` do not count as your own.) Write three functions:
#
# - `my_names()` returns your list, one string for each name. Inside a function you can write
#   it like this: `return "naxos paros milos".split()`, or with one name a line and
#   `splitlines()`, if your names have spaces.
# - `alphabet_of(names)` returns a string: the full stop, and then every character that occurs
#   in the names, once, sorted. For `["åsa", "bo"]` it is `".aboså"`.
# - `pair_logits(names)` returns the logits of a table of pairs, a tensor (V, V), where V is
#   the length of the alphabet. Row: the character before. Column: the character that comes.
#   Count each pair, also the first character after a full stop and the full stop after the
#   last one. Add 0.1 to each count, and take the logarithm.
#
# For `["bb"]` the alphabet is `".b"`, and the logits are the logarithms of
# `[[0.1, 1.1], [1.1, 1.1]]`.


# %%
# TASK own_list
def my_names():
    """At least 30 names of your own choice, in any alphabet."""
    ### BEGIN SOLUTION
    text = """
        νάξος πάρος μήλος σίφνος σέριφος κύθνος κέα άνδρος τήνος σύρος μύκονος δήλος ίος
        σίκινος φολέγανδρος ανάφη σαντορίνη αμοργός κως ρόδος κάρπαθος κάσος σύμη τήλος
        νίσυρος κάλυμνος λέρος πάτμος λειψοί σάμος ικαρία χίος λέσβος λήμνος θάσος σκύρος
    """
    return text.split()
    ### END SOLUTION


def alphabet_of(names):
    """The full stop and all characters of the names, sorted."""
    ### BEGIN SOLUTION
    return "." + "".join(sorted(set("".join(names))))
    ### END SOLUTION


def pair_logits(names):
    """The logits of a table of pairs, (V, V)."""
    ### BEGIN SOLUTION
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()
    ### END SOLUTION


# %%
def as_table(value):
    """A tensor, also of a list whose rows are tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(row) for row in value])
    return torch.as_tensor(value)


# %%
# CHECK own_list 1 point: the alphabets of two foreign lists
def foreign(number):
    """Twelve names of the course, in the letters of some other alphabet."""
    own = seeded(number)
    names = Path("../../data/names.txt").read_text().split()
    picked = torch.randperm(len(names), generator=own)[:12].tolist()
    letters = [chr(0x10D0 + i) for i in torch.randperm(33, generator=own).tolist()]
    signs = dict(zip(ALPHABET[1:], letters, strict=False))
    return ["".join(signs[letter] for letter in names[i]) for i in picked]


["".join(alphabet_of(foreign(number))) for number in (60, 61)]

# %%
# CHECK own_list 2 points: the tables of two foreign lists, the first rows, the first column
tables = [as_table(pair_logits(foreign(n))).softmax(-1) for n in (62, 63)]
[row for table in tables for row in (table[0], table[:, 0], table[1], table[4])]


# %%
# CHECK own_list 2 points: your own list; a 0 stands where something is not as it should be
def facts_of(names):
    """30 names? none twice? only proper names? your own? better than nothing?"""
    names = [str(name) for name in names]
    proper = [
        n.strip() == n != "" and not any(c in ".0123456789" for c in n) for n in names
    ]
    alphabet = "".join(alphabet_of(names))
    log_probs = as_table(pair_logits(names)).log_softmax(-1)
    pairs = [pair for name in names for pair in pairwise(f".{name}.")]
    rows, columns = ([alphabet.index(pair[i]) for pair in pairs] for i in (0, 1))
    loss = -log_probs[rows, columns].mean()
    known = set(Path("../../data/names.txt").read_text().split())
    own = sum(name in known for name in names) < len(names) / 2
    better = bool(loss < math.log(len(alphabet)))
    return [len(names) >= 30, len(set(names)) == len(names), all(proper), own, better]


secret = torch.randint(100, 1000, (5,), generator=seeded(64))
(secret * torch.tensor(facts_of(my_names()))).tolist()

# %% [markdown]
# The five numbers stand for: at least 30 names, none twice, only proper names, your own,
# and a loss below that of knowing nothing.
#
# When all checks are green, let your model write: `ten_names(0.5)`, `ten_names(1.0)` and
# `ten_names(2.0)`, in a cell of your own. Which invented name do you like best? For a
# model with a longer memory, follow the last part of the lesson with your list.


# %%
def ten_names(temperature, number=1):
    """Ten names from the table of your list, each at most 20 characters long."""
    alphabet, logits = alphabet_of(my_names()), pair_logits(my_names())
    own, written = seeded(number), []
    for _ in range(10):
        token, name = 0, ""
        while len(name) < 20:
            probs = (logits[token] / temperature).softmax(-1)
            token = int(torch.multinomial(probs, 1, generator=own))
            if token == 0:
                break
            name += alphabet[token]
        written.append(name)
    return written


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
