# %% [markdown]
# # Homework 5: counting
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 5](../05_counting.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw05` says what the file is worth.

# %%
# NEEDS data/names.txt
import hashlib
import math
from collections import Counter
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
NAMES = Path("../../data/names.txt").read_text(encoding="utf-8").split()


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw_names(number, n):
    """n different names from the list."""
    order = torch.randperm(len(NAMES), generator=dice(number)).tolist()
    return [NAMES[i] for i in order[:n]]


# %% [markdown]
# A name begins and ends with a full stop, our end mark. A model is asked **questions**:
# which letter comes after these `k`? Below, a question is a pair of strings, the
# context and the letter that came.


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
# ## Task 1: a model without training
#
# Write two functions.
#
# `count_pairs(names)` counts which letter follows which. The answer is a `(27, 27)`
# tensor. The **row** is the letter before, the **column** the letter after, and a
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
counts = torch.randint(1, 9, (4, 4), generator=dice(2))
counts[SEED % 4] = 0
best_table(counts)

# %% [markdown]
# ## Task 2: can another table do better?
#
# A table `probs` predicts the pairs that are counted in `counts`. Each counted pair
# costs minus the logarithm of the probability in its row and column. The loss is the
# mean over all counted pairs, so a pair that was counted five times enters five times.
# A pair that was never counted costs nothing, even if the table gives it 0.
#
# Write `loss_parts(counts, probs)`, both `(V, V)`. Return a list of three numbers, in
# nats for each pair:
#
# 2. the **loss** of the table `probs`,
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
counted = torch.randint(0, 9, (5, 5), generator=dice(3)) + torch.eye(5)
counted[0, 1] = 0
tables = torch.randn(3, 5, 5, generator=dice(4)).softmax(dim=-1)
[[round(float(x), 4) for x in loss_parts(counted, probs)] for probs in tables]

# %%
# CHECK loss_parts 1 point: the shares, then the shares and more and more noise
counted = torch.randint(0, 9, (5, 5), generator=dice(3)) + torch.eye(5)
counted[0, 1] = 0
noise = torch.randn(5, 5, generator=dice(4)).softmax(dim=-1)
shares = counted / counted.sum(dim=1, keepdim=True)
mixed = [(1 - part) * shares + part * noise for part in (0.0, 0.1, 0.5)]
[[round(float(x), 4) for x in loss_parts(counted, probs)] for probs in mixed]

# %% [markdown]
# Read the last value line by line. The entropy stays. The KL is 0 for the shares, and
# positive for the other two tables. Try any table you like: none gets below the first
# line. So for a table, counting *is* the end of training.
#
# ## Task 3: a longer memory
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
# With one name and one letter of memory:
#
#     model = ngram(["ab"], 1, 1.0)
#     model(".", "a"), model(".", "b"), model("z", "q")  # about 0.0714, 0.0357, 0.0370


# %%
# TASK ngram
def ngram(names, context_size, extra):
    """A function (context, letter) -> probability, add-k smoothed."""
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
model = ngram(draw_names(5, 400), 2, 0.1 * (1 + SEED % 9))
asked = [("..", "a"), (".s", "h"), ("an", "."), ("an", "z"), ("q.", "e")]
[round(float(model(context, letter)), 4) for context, letter in asked]


# %%
# For the next check: the mean surprise of a model about some questions.
def surprise(model, asked):
    """The loss in nats for each letter; infinite where the model says 'impossible'."""
    probs = [model(context, letter) for context, letter in asked]
    return sum(-math.log(p) if p > 0 else math.inf for p in probs) / len(probs)


# %%
# CHECK ngram 2 points: [training, held out] with one letter of memory, then with six
drawn = draw_names(6, 1500)
counted, held_out = drawn[:1200], drawn[1200:]
losses = []
for k in (1, 6):
    model = ngram(counted, k, 0.01)
    pair = [surprise(model, questions(part, k)) for part in (counted, held_out)]
    losses.append([round(loss, 3) for loss in pair])
losses

# %% [markdown]
# Which memory wins on the names that were counted? Which one on those that were not?
# That is **over-fitting**. Only the right column shows it, and only if the names in it
# are really new.
#
# ## Task 4: a sick animal
#
# Real lists hold some names several times. Here is such a list, and a program that
# splits its questions: nine tenths to count, one tenth held out. To decide by chance,
# and yet always in the same way, it uses `tenth`, a number from 0 to 9 that depends on
# a text.


# %%
def tenth(text):
    """A number from 0 to 9 that depends on the text alone, as if it were drawn."""
    return hashlib.sha256(f"{SEED} {text}".encode()).digest()[0] % 10


def crowd(number):
    """700 names, 400 different ones: some are there two or three times."""
    drawn = draw_names(number, 400)
    drawn += drawn[:200] + drawn[:100]
    order = torch.randperm(700, generator=dice(number + 1)).tolist()
    return [drawn[i] for i in order]


def known_share(train, held_out):
    """The share of held-out questions that, with their answer, are in train too."""
    seen = set(map(tuple, train))
    return sum(tuple(question) in seen for question in held_out) / len(held_out)


# %% [markdown]
# The program drops single questions into the two parts. With its split, six letters of
# memory look brilliant on "new" questions. No wonder: run it, and see that about four
# in five of them, with their answers, were counted.
#
#     known_share(*split(crowd(7), 6))
#
# Mend it. **Names** must be kept apart, not questions. All questions of a name are held
# out if `tenth(name)` is 9, else all of them are counted. A name that stands in the
# list three times is asked three times. The answer stays a pair of lists, train and
# held out, as `questions` gives them. (The share will not sink to 0: even a new name
# can begin like a known one.)


# %%
# TASK split
def split(names, context_size):
    """Two lists of questions: to count, and held out."""
    ### BEGIN SOLUTION
    counted = [name for name in names if tenth(name) < 9]
    held_out = [name for name in names if tenth(name) == 9]
    return questions(counted, context_size), questions(held_out, context_size)
    ### END SOLUTION
    # ~ asked = questions(names, context_size)
    # ~ train = [q for i, q in enumerate(asked) if tenth(str(i)) < 9]
    # ~ held_out = [q for i, q in enumerate(asked) if tenth(str(i)) == 9]
    # ~ return train, held_out


# %%
# CHECK split 1 point: how many questions are in each part, for two lists
[[len(part) for part in split(crowd(number), 3)] for number in (7, 9)]

# %%
# CHECK split 2 points: the share of held-out questions known, by letters of memory
[round(known_share(*split(crowd(11), k)), 4) for k in (2, 4, 6)]

# %% [markdown]
# ## Task 5: catch the slide
#
# A lecture trains a network that sees **three** letters on a list of names. Its slide
# says that the training loss ends at **1.54** nats for each letter. Could that be true
# on our list? You need no network to tell. Write two functions.
#
# `floor(names, k)`: the entropy, in nats, of the next letter given the `k` before it,
# counted in these names without any smoothing. It is the mean over all questions, and
# no model that sees `k` letters can have a smaller loss on these names.
#
# `letters_needed(names, claim)`: the smallest `k`, from 0 on, at which a loss of
# `claim` is possible, that is, where the floor is not above the claim. An integer. In
# the checks there is always one.
#
# Small enough to do on paper: `floor(["ab", "ac"], 1)` is about 0.2310 (after `a` the
# answer is a coin, all else is certain), and with 0 letters the floor is 1.3297. On the
# whole list, `letters_needed(NAMES, 1.54)` must be 4: with three letters the slide is
# impossible on our names.


# %%
# TASK floor
def floor(names, k):
    """Entropy of the next letter given the k before it, in nats, as a float."""
    ### BEGIN SOLUTION
    pairs = questions(names, k)
    totals = Counter(context for context, _ in pairs)
    counts = Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)
    ### END SOLUTION


def letters_needed(names, claim):
    """The smallest memory with which a loss of `claim` is possible, an integer."""
    ### BEGIN SOLUTION
    k = 0
    while floor(names, k) > claim:
        k += 1
    return k
    ### END SOLUTION


# %%
# CHECK floor 1 point: 0 to 4 letters of memory
drawn = draw_names(13, 400)
[round(float(floor(drawn, k)), 4) for k in range(5)]

# %%
# CHECK floor 1 point: twenty claims
claims = (0.9 + 2 * torch.rand(20, generator=dice(14))).tolist()
drawn = draw_names(13, 400)
[letters_needed(drawn, claim) for claim in claims]

# %% [markdown]
# The floor says what is possible on the names that were counted. Whether a model that
# comes near it is any good, held-out names decide: you saw it in task 3.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN essays -->
# A school has 300 essays by 40 pupils. You want a model that writes on in the style of
# such an essay, and you want to know how well it will do for a **new** pupil. How do
# you split the data? Name one thing that may still leak. And why would a shuffle of
# single sentences give a better number and a worse answer? Four sentences are enough.
#
# ...
