# %% [markdown]
# # Homework 9: how good can it get?
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 9](../09_how_good_can_it_get.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | the exact entropy of a grammar | 20 |
# | 2 *core* | fix a floor that is too high | 15 |
# | 3 *more* | loss, floor, and what is between them | 15 |
# | 4 *core* | is a model honest? calibration | 20 |
# | 5 *more* | new or recited? | 10 |
#
# About 90 minutes in all, with 10 for the question at the end. All cells together run in a
# few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw09` says what the file is worth.

# %%
# NEEDS data/names.txt
import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
NAMES = Path("../../data/names.txt").read_text().split()


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def shares(n, number):
    """n probabilities at random, with a sum of 1."""
    parts = (0.2 + torch.rand(n, generator=seeded(number))).double()
    return (parts / parts.sum()).tolist()


# %% [markdown]
# ## Task 1 (core): the bill of a grammar
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
# entropy. You need not list the texts: what a symbol costs on average is the cost of its
# own choice, and the cost of the parts that follow, each as often as it comes. (A
# function may call itself.)
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
# ## Task 2 (core): fix a floor
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
# Fix both. Look at the nine texts: how much of the choices can a reader see?


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
# ## Task 3 (more): what a model could still save
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
# What has probability 0 in the world costs nothing, also where the model says 0.
# (`torch.xlogy(a, b)` is a ln b, and 0 if a is 0.) For `joint = [[0.4, 0.4], [0.2, 0.0]]`
# and `q = [[0.5, 0.5], [0.5, 0.5]]` the three are
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
joint = torch.rand(3, 4, generator=seeded(30)) * torch.tensor([[1.0], [2.0], [5.0]])
q = torch.softmax(torch.randn(3, 4, generator=seeded(31)), -1)
[round(float(nats), 4) for nats in bill(joint / joint.sum(), q)]

# %%
# CHECK bill 2 points: much never happens, and the model knows some of it
joint = torch.rand(4, 5, generator=seeded(32)) * torch.tensor(
    [[1.0], [2.0], [4.0], [8]]
)
q = torch.rand(4, 5, generator=seeded(33)) + 0.1
for i, j in enumerate(torch.randperm(5, generator=seeded(34)).tolist()[:4]):
    joint[i, j] = 0
    q[i, j] *= i % 2
q /= q.sum(dim=1, keepdim=True)
[round(float(nats), 4) for nats in bill(joint / joint.sum(), q)]

# %% [markdown]
# ## Task 4 (core): is a model honest?
#
# A model has predicted N times. `probs` holds its probabilities, a tensor (N, V), and
# `targets` the words that came, (N,). It is calibrated if what it calls 30 % comes true in
# 30 % of all cases.
#
# - `reliability(probs, targets, edges)`: all N times V probabilities are sorted into groups.
#   Group i holds those with `edges[i]` <= p < `edges[i + 1]`. Give a list with one row for
#   each group, and in each row three numbers: the mean of the probabilities in the group, the
#   share of them that came true, and how many they are. A probability comes true if its word
#   was the one that came. No group is empty.
# - `best_temperature(logits, targets, temperatures)`: `logits` is (N, V). Divided by which of
#   the `temperatures` do they have the lowest mean cross-entropy? Give that temperature, a
#   float. (This repair of an over-confident model is called temperature scaling.)
#
# For `probs = [[0.6, 0.4], [0.6, 0.4]]`, `targets = [0, 1]` and `edges = [0, 0.5, 1.01]`
# the rows are `[0.4, 0.5, 2]` and `[0.6, 0.5, 2]`.


# %%
# TASK calibration
def reliability(probs, targets, edges):
    """For each group of probabilities: mean, share that came true, how many."""
    ### BEGIN SOLUTION
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()  # (N, V)
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)  # (N, V)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]
    ### END SOLUTION


def best_temperature(logits, targets, temperatures):
    """The temperature with the lowest mean cross-entropy."""

    ### BEGIN SOLUTION
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return float(min(temperatures, key=loss))
    ### END SOLUTION


# %%
# CHECK calibration 2 points: two models, four groups each
def said_and_came(number):
    """Random predictions of a model, some of them exactly on an edge."""
    own = seeded(number)
    probs = (torch.randn(80, 5, generator=own) * 2).softmax(-1)
    probs[:6] = torch.tensor([0.5, 0.25, 0.25, 0.0, 0.0])
    return probs, torch.multinomial(probs.sqrt(), 1, generator=own)[:, 0]


groups = [reliability(*said_and_came(n), [0, 0.1, 0.25, 0.5, 1.01]) for n in (50, 51)]
[[round(float(number), 4) for number in row] for rows in groups for row in rows]


# %%
# CHECK calibration 2 points: three models and their best temperatures
def model_and_targets(number):
    own = seeded(number)
    logits = torch.randn(400, 6, generator=own) * 1.5
    targets = torch.multinomial(logits.softmax(-1), 1, generator=own)[:, 0]
    return logits * (0.5 + 2 * torch.rand(1, generator=own)), targets


def some_temperatures(number):
    steps = (
        torch.arange(14) * 0.2 + 0.3 + 0.1 * torch.rand(14, generator=seeded(number))
    )
    return [
        round(T, 3)
        for T in steps[torch.randperm(14, generator=seeded(number))].tolist()
    ]


found = [
    best_temperature(*model_and_targets(n), some_temperatures(n)) for n in (52, 53, 54)
]
[round(float(T), 3) for T in found]

# %% [markdown]
# ## Task 5 (more): new or recited?
#
# A slide shows four names that its model wrote, `arya`, `priti`, `kavish` and `neha`,
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
    order = torch.randperm(len(NAMES), generator=seeded(number)).tolist()
    words = [NAMES[i] for i in order]
    n, m, k = torch.randint(10, 40, (3,), generator=seeded(number)).tolist()
    rubbish = [name[::-1] + "q" for name in words[:k]]
    written = [*words[:n], *words[100 : 100 + m], *rubbish]
    pick = torch.randint(0, len(written), (2 * len(written),), generator=seeded(number))
    return [written[i] for i in pick.tolist()], words[:100], words[100:160]


[[round(float(x), 4) for x in report(*writer(number))] for number in (40, 41)]

# %%
# CHECK novelty 1 point: which names speak for patterns?
written, train, val = writer(42)
evidence(written[:30] * 2, train, val)

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
