# %% [markdown]
# # Homework 9: how good can it get?
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 9](../09_how_good_can_it_get.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Save before you hand it in; `python3 start.py check hw09` says what the
# file is worth.

# %%
# NEEDS data/names.txt
import math
from collections import Counter
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
NAMES = Path("../../data/names.txt").read_text().split()


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def shares(n, number):
    """n probabilities by luck, with a sum of 1."""
    parts = (0.2 + torch.rand(n, generator=dice(number))).double()
    return (parts / parts.sum()).tolist()


# %% [markdown]
# ## Task 1: the bill of a grammar
#
# Here is the toy of the lesson, written as **rules**. Each symbol has a list of
# choices: a probability, and the parts that it is then replaced by. A part that is a
# symbol itself is replaced in its turn. Every other part is one word.

# %%
TOY = {
    "TEXT": [
        (0.5, ["the", "cat", "MANNER", "says", "meow"]),
        (0.25, ["the", "dog", "MANNER", "says", "woof"]),
        (0.25, ["the", "owl", "MANNER", "says", "hoot"]),
    ],
    "MANNER": [(0.9, ["softly"]), (0.1, ["loudly"])],
}

# %% [markdown]
# A **bill** of nats: whoever writes pays $-\ln p$ for each choice. The mean bill is the
# entropy. You need not list the texts: what a symbol costs on average is the cost of
# its own choice, and the cost of the parts that follow, each as often as it comes.
#
# - `entropy(rules, symbol)`: the entropy, in nats, of the text that a symbol writes.
# - `mean_words(rules, symbol)`: how many words this text has on average.
#
# Both are floats. No symbol leads back to itself, each text can be written in one way
# only, and no probability is 0. For the toy, `"MANNER"` gives 0.3251 nats and 1 word,
# `"TEXT"` 1.3648 nats and 5 words: a floor of about 0.2730 nats per word.


# %%
# TASK grammar
def entropy(rules, symbol):
    """The mean bill of what a symbol writes, in nats."""
    ### BEGIN SOLUTION
    nats = 0.0
    for p, parts in rules[symbol]:
        later = sum(entropy(rules, part) for part in parts if part in rules)
        nats += p * (-math.log(p) + later)
    return nats
    ### END SOLUTION


def mean_words(rules, symbol):
    """The mean number of words of what a symbol writes."""
    ### BEGIN SOLUTION
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])
    ### END SOLUTION


# %%
# CHECK grammar 2 points: the entropies of two larger grammars
def grammar(number):
    p, q, r = shares(3, number), shares(3, number + 1), shares(2, number + 2)
    seen = ["the", "ANIMAL", "sees", "the", "ANIMAL"]
    text = [["the", "ANIMAL", "sleeps"], seen, ["good", "night"]]
    animal, how = [["cat"], ["dog"], ["HOW", "owl"]], [["old"], ["very", "old"]]
    rules = {"TEXT": (p, text), "ANIMAL": (q, animal), "HOW": (r, how)}
    return {name: list(zip(*rule, strict=True)) for name, rule in rules.items()}


bills = [entropy(grammar(n), s) for n in (1, 4) for s in ("HOW", "ANIMAL", "TEXT")]
[round(float(nats), 4) for nats in bills]

# %%
# CHECK grammar 1 point: their mean numbers of words
lengths = [
    mean_words(grammar(n), s) for n in (7, 10) for s in ("HOW", "ANIMAL", "TEXT")
]
[round(float(n), 4) for n in lengths]

# %% [markdown]
# ## Task 2: a sick animal
#
# Another toy glues two pieces together. The first piece is `a`, `ab` or `abb`, the
# second `c`, `bc` or `bbc`. The list `scripts` has all nine ways to choose: what is
# written, and the probability.


# %%
def scripts(number):
    first = list(zip(("a", "ab", "abb"), shares(3, number), strict=True))
    second = list(zip(("c", "bc", "bbc"), shares(3, number + 1), strict=True))
    return [(x + y, p * q) for x, p in first for y, q in second]


[(text, round(p, 3)) for text, p in scripts(0)]

# %% [markdown]
# The function below should give the entropy of what is **written**, which is the floor
# for every model. But
#
# - a simple table that has counted a million of these texts has a loss well **below**
#   this "floor", on fresh texts, too. Nothing is wrong with the table;
# - and the function stops with an error if a way to choose has probability 0.
#
# Mend both. Look at the nine texts: what does a reader see of the choices?


# %%
# TASK text_entropy
def text_entropy(scripts):
    """The entropy of the text, in nats; scripts is a list of (text, probability)."""
    ### BEGIN SOLUTION
    chance = Counter()
    for text, p in scripts:
        chance[text] += p
    return -sum(p * math.log(p) for p in chance.values() if p > 0)
    ### END SOLUTION
    # ~ nats = 0.0
    # ~ for text, p in scripts:
    # ~     nats -= p * math.log(p)
    # ~ return nats


# %%
# CHECK text_entropy 2 points: three toys
[round(float(text_entropy(scripts(number))), 4) for number in (20, 22, 24)]


# %%
# CHECK text_entropy 1 point: ways of probability 0, another order, texts backwards
def shuffled(ways):
    ways = [(text[::step], p / 2) for step in (1, -1) for text, p in ways]
    ways = [way for start in range(4) for way in ways[start::4]]
    return [*ways[:2], ("ac", 0.0), ("d", 0.0), *ways[2:]]


[round(float(text_entropy(shuffled(scripts(number)))), 4) for number in (26, 28)]

# %% [markdown]
# ## Task 3: what a model could still save
#
# Now a model meets a world. The world is a table `joint` of shape `(N, V)`: the
# probability that context $i$ comes **and** is followed by word $j$; all numbers
# together add up to 1. The model is a table `q` of the same shape: its probabilities of
# the words after each context; each **row** adds up to 1.
#
# Write `bill(joint, q)`. It gives three floats, in nats per word:
#
# - the **loss**: the mean of $-\ln q$ over what comes,
# - the **floor**: the loss of the best model that sees the context,
# - the **gap**: loss less floor. It is called the **KL divergence** of the model from
#   the world.
#
# What has probability 0 in the world costs nothing, also where the model says 0. For
# `joint = [[0.4, 0.4], [0.2, 0.0]]` and `q = [[0.5, 0.5], [0.5, 0.5]]` the three are
# 0.6931, 0.5545 and 0.1386.


# %%
# TASK bill
def bill(joint, q):
    """(loss, floor, gap) in nats per word."""
    ### BEGIN SOLUTION
    best = joint / joint.sum(dim=1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -torch.xlogy(joint, best).sum()
    return loss.item(), floor.item(), (loss - floor).item()
    ### END SOLUTION


# %%
# CHECK bill 1 point: three contexts, four words
joint = torch.rand(3, 4, generator=dice(30)) * torch.tensor([[1.0], [2.0], [5.0]])
q = torch.softmax(torch.randn(3, 4, generator=dice(31)), -1)
[round(float(nats), 4) for nats in bill(joint / joint.sum(), q)]

# %%
# CHECK bill 2 points: much never happens, and the model knows some of it
joint = torch.rand(4, 5, generator=dice(32)) * torch.tensor([[1.0], [2.0], [4.0], [8]])
q = torch.rand(4, 5, generator=dice(33)) + 0.1
for i, j in enumerate(torch.randperm(5, generator=dice(34)).tolist()[:4]):
    joint[i, j] = 0
    q[i, j] *= i % 2
q /= q.sum(dim=1, keepdim=True)
[round(float(nats), 4) for nats in bill(joint / joint.sum(), q)]

# %% [markdown]
# ## Task 4: new or recited?
#
# A lecture shows four names that its model wrote, `arya`, `priti`, `kavish` and `neha`,
# and says: look, it has learned the patterns. But some of them may stand in the
# training list. So measure.
#
# - `report(written, train, val)` gets three lists of names and gives three floats: the
#   **novelty**, that is the share of the written names that are not in `train` (a name
#   that is written twice counts twice); the share of the names in `train` that were
#   written at least once; and the same share for `val`, the held-out names.
# - `evidence(written, train, val)` gives the written names that speak for patterns:
#   real names that the model has never been trained on. Sorted, each once.
#
# With `written = ["ana", "ana", "mia", "xu"]`, `train = ["ana", "eva"]` and `val =
# ["mia"]` that is `(0.5, 0.5, 1.0)` and `["mia"]`. No name is in `train` and `val`.


# %%
# TASK novelty
def report(written, train, val):
    """(novelty, share of train that was written, share of val that was written)."""
    ### BEGIN SOLUTION
    known, found = set(train), set(written)
    new = sum(name not in known for name in written) / len(written)
    recited = len(found & known) / len(known)
    return new, recited, len(found & set(val)) / len(val)
    ### END SOLUTION


def evidence(written, train, val):
    """Held-out names that were written, sorted, each once."""
    ### BEGIN SOLUTION
    return sorted(set(written) & set(val))
    ### END SOLUTION


# %%
# CHECK novelty 2 points: two writers
def writer(number):
    order = torch.randperm(len(NAMES), generator=dice(number)).tolist()
    words = [NAMES[i] for i in order]
    n, m, k = torch.randint(10, 40, (3,), generator=dice(number)).tolist()
    rubbish = [name[::-1] + "q" for name in words[:k]]
    written = [*words[:n], *words[100 : 100 + m], *rubbish]
    pick = torch.randint(0, len(written), (2 * len(written),), generator=dice(number))
    return [written[i] for i in pick.tolist()], words[:100], words[100:160]


[[round(float(x), 4) for x in report(*writer(number))] for number in (40, 41)]

# %%
# CHECK novelty 1 point: which names speak for patterns?
written, train, val = writer(42)
evidence(written[:30] * 2, train, val)

# %% [markdown]
# ## Task 5: catch the slide
#
# The slide says: *the vowels have come together.* You have the embeddings `E`, a tensor
# `(27, C)`. Row 0 is the end mark, which is no letter; rows 1 to 26 are the letters.
# `group` is a list of letters, given by their row numbers.
#
# - `inside_and_outside(E, group)` gives two floats: the mean **cosine** of two
#   *different* letters of the group, over all pairs, and the mean cosine of a letter of
#   the group with a letter outside it.
# - `luck(E, group, others)`: `others` is a list of groups drawn by luck. Give two
#   floats: the share of these groups that are at least as much alike inside as `group`,
#   and the share that are at least as far from the rest, with an outside mean as low or
#   lower.
#
# The cosine of two rows is their dot product, divided by the lengths of both.


# %%
# TASK cosines
def inside_and_outside(E, group):
    """Mean cosines: within the group, and of the group with all other letters."""
    ### BEGIN SOLUTION
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return inside.item(), cosine[group][:, others].mean().item()
    ### END SOLUTION


def luck(E, group, others):
    """(share of groups as alike or more, share as far from the rest or farther)."""
    ### BEGIN SOLUTION
    inside, outside = inside_and_outside(E, group)
    found = [inside_and_outside(E, other) for other in others]
    as_alike = sum(one[0] >= inside for one in found) / len(found)
    return as_alike, sum(one[1] <= outside for one in found) / len(found)
    ### END SOLUTION


# %%
# CHECK cosines 2 points: two groups
E = 0.5 + torch.randn(27, 4, generator=dice(50)) * (0.5 + torch.arange(27)[:, None] / 9)
groups = [(torch.randperm(26, generator=dice(n))[:5] + 1).tolist() for n in (51, 52)]
[round(float(x), 4) for group in groups for x in inside_and_outside(E, group)]

# %%
# CHECK cosines 2 points: the vowels of three models against 60 groups by luck
vowels = [1, 5, 9, 15, 21]
own = dice(53)
others = [(torch.randperm(26, generator=own)[:5] + 1).tolist() for _ in range(60)]
models = 0.3 + torch.randn(3, 27, 6, generator=own)
models[:, vowels] -= 0.15
[round(float(share), 2) for E in models for share in luck(E, vowels, others)]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN unknown -->
# For a text that people have written, nobody knows the floor. A model has a held-out
# loss of 1.9 nats per letter there. How could you find out whether something is left to
# learn? And what would you think of a loss of 0.2?
#
# ...
