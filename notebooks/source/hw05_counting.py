# %% [markdown]
# # Homework 5: counting
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 5](../05_counting.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | count pairs, and make a model of them | 15 |
# | 2 *core* | train the same table | 20 |
# | 3 *core* | a longer memory, with additive smoothing | 15 |
# | 4 *core* | write a name | 20 |
# | 5 *more* | entropy and KL | 20 |
#
# About 100 minutes in all, with 10 for the question at the end; the core alone about 80.
# All cells together run in a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw05` says what the file is worth.

# %%
# NEEDS data/names.txt
import math
from collections import Counter
from pathlib import Path

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
NAMES = Path("../../data/names.txt").read_text(encoding="utf-8").split()


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw_names(number, n):
    """n different names from the list."""
    order = torch.randperm(len(NAMES), generator=seeded(number)).tolist()
    return [NAMES[i] for i in order[:n]]


# %% [markdown]
# A name begins and ends with a full stop, as in the lesson. A model is asked **questions**:
# which letter comes after these `k`? Below, a question is a pair of strings, the context
# and the letter that came.


# %%
def questions(names, k):
    """Every (context of k letters, next letter) in the names, in order."""
    pairs = []
    for name in names:
        path = "." * k + name + "."
        pairs += [(path[i : i + k], path[i + k]) for i in range(len(name) + 1)]
    return pairs


questions(["asha"], 2)

# %% [markdown]
# ## Task 1 (core): a model without training
#
# Write two functions.
#
# `count_pairs(names)` counts which letter follows which. In homework 0 the counts went
# into a dictionary; now they go into a tensor, so that one line can make a model of all
# rows. The answer is a `(27, 27)` tensor. The **row** is the letter before, the **column** the letter after, and a
# letter's place is its place in `LETTERS`, so `.` is 0 and `a` is 1. The name `asha`
# has five pairs: `.a`, `as`, `sh`, `ha`, `a.`
#
# `best_table(counts)` makes the model: a table of probabilities, in the shape of
# `counts`. Each row holds what follows a letter, in shares. If a letter was never seen,
# its row has no counts; then all letters are equally likely. It must work for any
# number of letters, not only for 27.


# %%
# TASK bigram
def count_pairs(names):
    """How often each letter (column) follows each letter (row), (27, 27)."""
    ### BEGIN SOLUTION
    counts = torch.zeros(27, 27)
    for before, after in questions(names, 1):
        counts[LETTERS.index(before), LETTERS.index(after)] += 1
    return counts
    ### END SOLUTION


def best_table(counts):
    """The probabilities with the smallest loss on the counts, (V, V) -> (V, V)."""
    ### BEGIN SOLUTION
    totals = counts.sum(dim=1, keepdim=True)
    even = torch.full(counts.shape, 1 / len(counts))
    return torch.where(totals > 0, counts / totals, even)
    ### END SOLUTION


# %%
# CHECK bigram 1 point: what follows `.`, `a` and `e` (columns `.`, `a`, `i`, `n`)
table = count_pairs(draw_names(1, 300))
[[int(table[row][column]) for column in (0, 1, 9, 14)] for row in (0, 1, 5)]

# %%
# CHECK bigram 1 point: the table of a language with four letters, one of them unseen
counts = torch.randint(1, 9, (4, 4), generator=seeded(2))
counts[SEED % 4] = 0
best_table(counts)

# %% [markdown]
# ## Task 2 (core): train the same table
#
# Now without counting. Write `train(before, after, n_letters, rate, steps)`.
#
# - `before` and `after` are tensors of shape (N,): the numbers of the letters before and
#   after. There are `n_letters` different ones, from 0 on.
# - Begin with a table of scores, all 0, of shape `(n_letters, n_letters)`. Its row is the
#   letter before.
# - Take `steps` steps of gradient descent with the learning rate `rate`. The loss is the
#   mean cross-entropy over all N pairs.
# - Return the **probabilities** of the trained table, `(n_letters, n_letters)`, each row
#   adding up to 1.
#
# Use torch's `backward()` or the formula $p - y$, as you like. A small example, two
# letters: after a 0 came 1 twice.
#
#     twice = torch.tensor([0, 0]), torch.tensor([1, 1])
#     train(*twice, 2, 1.0, 1)  # about [[0.2689, 0.7311], [0.5, 0.5]]


# %%
# TASK train
def train(before, after, n_letters, rate, steps):
    """The probabilities of a table of scores after some steps, (V, V)."""
    ### BEGIN SOLUTION
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)
    ### END SOLUTION


# %%
# CHECK train 1 point: one step
before = torch.randint(4, (30,), generator=seeded(3))
after = (before + torch.randint(3, (30,), generator=seeded(4))) % 4
train(before, after, 4, 5.0, 1)

# %%
# CHECK train 1 point: three steps
before = torch.randint(4, (30,), generator=seeded(5))
after = (before + torch.randint(3, (30,), generator=seeded(6))) % 4
train(before, after, 4, 3.0, 3)

# %%
# CHECK train 1 point: mean distance to the table of shares after 1, 10, 100 steps
before = torch.randint(4, (40,), generator=seeded(7))
after = (before + torch.randint(3, (40,), generator=seeded(8))) % 4
shares = F.one_hot(after, 4).float()  # for each letter before, the mean of these rows
shares = torch.stack([shares[before == letter].mean(dim=0) for letter in range(4)])
trained = [train(before, after, 4, 4.0, n) for n in (1, 10, 100)]
tables = [torch.tensor([[float(p) for p in row] for row in probs]) for probs in trained]
[round(float((table - shares).abs().mean()), 4) for table in tables]

# %% [markdown]
# The distance falls towards 0: training goes where counting has been all along.
#
# ## Task 3 (core): a longer memory
#
# Now the memory has `context_size` letters. Many questions will be new, so every letter
# gets a head start: as if each of the 27 had been counted `extra` times more, after
# every context. Write `ngram(names, context_size, extra)`.
#
# - Count the questions of the names; `questions(names, context_size)` is given above.
# - Return a **function**. You call it with a context and a letter, two strings, and it
#   gives the probability of the letter after this context, a float.
# - `extra` is above 0. The context may be one that never came.
#
# (A function that returns a function looks like this:
#
#     def adder(n):
#         def add(x):
#             return x + n
#         return add
#
# Then `adder(3)` is a function, and `adder(3)(4)` is 7.)
#
# With one name and one letter of memory:
#
#     model = ngram(["ab"], 1, 1.0)
#     model(".", "a"), model(".", "b"), model("z", "q")  # about 0.0714, 0.0357, 0.0370


# %%
# TASK ngram
def ngram(names, context_size, extra):
    """A function (context, letter) -> probability, with additive smoothing."""
    ### BEGIN SOLUTION
    pairs = questions(names, context_size)
    counts = Counter(pairs)
    totals = Counter(context for context, _ in pairs)

    def prob(context, letter):
        return (counts[context, letter] + extra) / (totals[context] + 27 * extra)

    return prob
    ### END SOLUTION


# %%
# CHECK ngram 1 point: contexts that came, and one that did not
model = ngram(draw_names(9, 400), 2, 0.1 * (1 + SEED % 9))
asked = [("..", "a"), (".s", "h"), ("an", "."), ("an", "z"), ("q.", "e")]
[round(float(model(context, letter)), 4) for context, letter in asked]


# %%
# For the next check: the mean surprise of a model about some questions.
def surprise(model, asked):
    """The loss in nats for each letter; infinite where the model says 'impossible'."""
    probs = [float(model(context, letter)) for context, letter in asked]
    return sum(-math.log(p) if p > 0 else math.inf for p in probs) / len(probs)


# %%
# CHECK ngram 2 points: loss on [counted names, other names] with one letter, with six
drawn = draw_names(10, 1500)
counted, others = drawn[:1200], drawn[1200:]
losses = []
for k in (1, 6):
    model = ngram(counted, k, 0.01)
    pair = [surprise(model, questions(part, k)) for part in (counted, others)]
    losses.append([round(loss, 3) for loss in pair])
losses

# %% [markdown]
# Which memory is better on the names that were counted? And which on the other names? Lesson
# 6 is about this difference.
#
# ## Task 4 (core): write a name
#
# Write `write(names, k, draws)`: a table with `k` letters of memory, counted on the names
# without any smoothing, writes one name.
#
# So that everybody gets the same name, the random numbers are given: `draws` is a list of
# numbers from 0 to 1, one for each letter. To draw a letter with the number `u`, go through
# `LETTERS` in their order and add up the probabilities. The first letter at which the sum is
# **greater than** `u` is drawn.
#
# - The first context consists of `k` full stops.
# - If a full stop is drawn, the name ends. It also ends when all `draws` are used.
# - Return the name as a string, without full stops.
#
# With `k = 1` and the names `["ab", "ac", "b"]`: at the start, `a` has a probability of 2/3
# and `b` of 1/3. So 0.5 draws an `a`, and 0.7 draws a `b`.
#
#     write(["ab", "ac", "b"], 1, [0.5, 0.7, 0.3])  # "ac": after a, 0.7 draws the c


# %%
# TASK write
def write(names, k, draws):
    """One name, written letter by letter with the given random numbers."""
    ### BEGIN SOLUTION
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row = table[path[len(path) - k :]]
        total, total_so_far = sum(row.values()), 0
        for letter in LETTERS:
            total_so_far += row[letter]
            if total_so_far / total > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]
    ### END SOLUTION


# %%
# CHECK write 1 point: five names with one letter of memory
drawn = draw_names(11, 300)
numbers = (0.02 + 0.96 * torch.rand(5, 12, generator=seeded(12))).tolist()
[str(write(drawn, 1, draws)) for draws in numbers]

# %%
# CHECK write 1 point: five names with three letters of memory
drawn = draw_names(13, 300)
numbers = (0.02 + 0.96 * torch.rand(5, 12, generator=seeded(14))).tolist()
[str(write(drawn, 3, draws)) for draws in numbers]

# %%
# CHECK write 1 point: six names with five letters of memory, and whether they are copies
drawn = draw_names(15, 300)
numbers = (0.02 + 0.96 * torch.rand(6, 15, generator=seeded(16))).tolist()
written = [str(write(drawn, 5, draws)) for draws in numbers]
[(name, name in drawn) for name in written]

# %% [markdown]
# Run your function with names of your own: a list of villages, of plants, of friends. Which
# memory invents the best ones?
#
# ## Task 5 (more): can another table do better?
#
# A table `probs` predicts the pairs that are counted in `counts`. Each counted pair
# costs minus the logarithm of the probability in its row and column. The loss is the
# mean over all counted pairs, so a pair that was counted five times enters five times.
# A pair that was never counted costs nothing, even if the table gives it 0. (Keep such pairs
# out of the sum: 0 times the logarithm of 0 is `nan` for torch.)
#
# Write `loss_parts(counts, probs)`, both `(V, V)`. Return a list of three numbers, in
# nats for each pair:
#
# 1. the **loss** of the table `probs`,
# 2. the **entropy**: the loss of the table of shares, that is of task 1's best table,
# 3. the **KL**: what `probs` pays on top of it.
#
# Each row of the counts has at least one count. An example with two letters. The first
# came four times, the second four times, and the table is a coin:
#
#     coin = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
#     loss_parts(torch.tensor([[3, 1], [0, 4]]), coin)  # about [0.6931, 0.2812, 0.4120]


# %%
# TASK loss_parts
def loss_parts(counts, probs):
    """[loss, entropy, KL] in nats for each counted pair."""

    ### BEGIN SOLUTION
    def mean_loss(table):
        cost = torch.where(counts > 0, -table.log(), 0.0)
        return ((counts * cost).sum() / counts.sum()).item()

    loss = mean_loss(probs)
    entropy = mean_loss(counts / counts.sum(dim=1, keepdim=True))
    return [loss, entropy, loss - entropy]
    ### END SOLUTION


# %%
# CHECK loss_parts 1 point: three random tables
counted = torch.randint(0, 9, (5, 5), generator=seeded(17)) + torch.eye(5)
counted[0, 1] = 0
tables = torch.randn(3, 5, 5, generator=seeded(18)).softmax(dim=-1)
[[round(float(x), 4) for x in loss_parts(counted, probs)] for probs in tables]

# %%
# CHECK loss_parts 1 point: the shares, then the shares and more and more noise
counted = torch.randint(0, 9, (5, 5), generator=seeded(17)) + torch.eye(5)
counted[0, 1] = 0
noise = torch.randn(5, 5, generator=seeded(18)).softmax(dim=-1)
shares = counted / counted.sum(dim=1, keepdim=True)
mixed = [(1 - part) * shares + part * noise for part in (0.0, 0.1, 0.5)]
[[round(float(x), 4) for x in loss_parts(counted, probs)] for probs in mixed]

# %% [markdown]
# Read the last value line by line. The entropy stays. The KL is 0 for the shares, and
# positive for the other two tables. Try any table you like: none gets below the first
# line. So for a table, counting *is* the end of training.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN memory -->
# A friend counts all groups of eight letters in a list of 3,000 names, lets the table write
# 20 names, and says: "Perfect names! My model understands names better than yours with three
# letters." What do you ask your friend to measure, what do you expect, and why? Explain it to
# somebody who has not read the lesson. Four or five sentences are enough.
#
# ...
