# %% [markdown]
# # Homework 3: cross-entropy
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 3](../03_cross_entropy.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | score a name letter by letter | 10 |
# | 2 *core* | the six steps, for any shape | 15 |
# | 3 *core* | nats, bits, perplexity | 15 |
# | 4 *more* | fix a slide | 10 |
# | 5 *more* | repair a report | 15 |
#
# About 75 minutes in all, with 10 for the question at the end. All cells together run in
# a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw03` says what the file is worth.

# %%
import math

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw_scores(number, *shape):
    """Random scores (..., V) and, for each row of them, a letter that came (...)."""
    generator = seeded(number)
    logits = torch.randn(*shape, generator=generator) * 2
    return logits, torch.randint(shape[-1], shape[:-1], generator=generator)


# %% [markdown]
# ## Task 1 (core): one name, letter by letter
#
# Write `surprises(table, name)`: for each letter of the name, and at last for its end, how
# much it surprises the table, in nats.
#
# - `table` is a tensor of shape (27, 27). Row: the letter before. Column: the letter that
#   comes. Each row adds up to 1, and no entry is 0.
# - `name` is a word in small letters, without full stops. At the start the table has seen
#   the full stop, and at the end it should predict the full stop, as in the lesson.
# - The answer is a list of `len(name) + 1` numbers, in the order of the name.
#
# `encode` is given. A table in which everything has p = 1/27 is surprised by ln 27 each
# time: `surprises(torch.full((27, 27), 1 / 27), "asha")` is about
# `[3.2958, 3.2958, 3.2958, 3.2958, 3.2958]`.


# %%
def encode(text):
    """Letters to integers: '.' is 0, 'a' is 1, ... 'z' is 26."""
    return [".abcdefghijklmnopqrstuvwxyz".index(letter) for letter in text]


# %%
# TASK surprises
def surprises(table, name):
    """A list of -ln p, for each letter of the name and for its end."""
    ### BEGIN SOLUTION
    rows, columns = encode("." + name), encode(name + ".")
    return [-math.log(table[i, j]) for i, j in zip(rows, columns, strict=True)]
    ### END SOLUTION


# %%
# For the checks: a table of random probabilities, and names.
def draw_table(number):
    """Probabilities, (27, 27), whose rows add up to 1."""
    return (torch.randn(27, 27, generator=seeded(number)) * 2).softmax(dim=-1)


NAMES = ["asha", "ravi", "neha", "om", "priya", "uma", "kiran", "dev", "i", "meera"]

# %%
# CHECK surprises 1 point: four names, letter by letter
table = draw_table(16)
chosen = torch.randperm(len(NAMES), generator=seeded(17))[:4].tolist()
[[round(float(x), 4) for x in surprises(table, NAMES[i])] for i in chosen]

# %%
# CHECK surprises 1 point: short names, and the same letter twice
table = draw_table(18)
[[round(float(x), 4) for x in surprises(table, name)] for name in ("oo", "q", "aba")]

# %% [markdown]
# ## Task 2 (core): six steps
#
# Write `cross_entropy(logits, targets)`.
#
# - `logits` holds the scores, one row of `V` scores for each prediction. There can be one
#   dimension of predictions, (N, V), or two, (B, T, V), or more.
# - `targets` holds the index of the letter that came, one integer for each row: (N,), or
#   (B, T).
# - The answer is **one** number: the loss in nats, averaged over *all* predictions.
#
# From logits to probabilities, to the probability of the target, to its logarithm, to the
# average, to minus the average: these are the steps. Scores of a thousand must do no harm,
# so think about which two steps to join. You may use torch's `softmax` and `log_softmax`,
# since you wrote them in homework 2, but not its finished losses.
#
# An example with two predictions. In the first, both letters have the score 0, so the
# target has p = 0.5. In the second, the target leads by `math.log(3)`, so p = 0.75:
#
#     scores = torch.tensor([[0.0, 0.0], [0.0, math.log(3)]])
#     cross_entropy(scores, torch.tensor([0, 1]))  # 0.4904: mean of 0.6931 and 0.2877


# %%
# TASK cross_entropy forbid: cross_entropy nll_loss CrossEntropyLoss NLLLoss
def cross_entropy(logits, targets):
    """The mean loss in nats, (..., V) and (...) -> one number."""
    ### BEGIN SOLUTION
    log_probs = logits.log_softmax(dim=-1)
    picked = log_probs.gather(-1, targets.unsqueeze(-1))
    return -picked.mean()
    ### END SOLUTION


# %%
# CHECK cross_entropy 1 point: three sets of scores, one dimension of predictions
[cross_entropy(*draw_scores(number, 6, 4)) for number in (1, 2, 3)]

# %%
# CHECK cross_entropy 1 point: three sets of scores, names and positions
[cross_entropy(*draw_scores(number, 2, 3, 27)) for number in (4, 5, 6)]

# %%
# CHECK cross_entropy 1 point: scores of hundreds
scores, came = draw_scores(7, 2, 5, 9)
[cross_entropy(100 * scores, came), cross_entropy(400 * scores, came)]

# %% [markdown]
# ## Task 3 (core): one number in three units
#
# A model read some names. For every letter you have its loss in nats. Write
# `three_units(losses)`:
#
# - `losses` is a list of lists of floats: one list for each name, one loss for each
#   letter. The names have different lengths.
# - The answer is a list of three numbers: the loss **for each letter** in nats, the
#   same in **bits**, and the **perplexity**. Every letter counts the same, whether its
#   name is long or short.
#
# One bit is the surprise of one halving. The perplexity says how many equally likely
# choices would be as hard. Two names with three letters between them:
# `three_units([[1.0, 2.0], [3.0]])` is about `[2.0, 2.8854, 7.3891]`.


# %%
# TASK three_units
def three_units(losses):
    """[nats for each letter, bits for each letter, perplexity]."""
    ### BEGIN SOLUTION
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, nats / math.log(2), math.exp(nats)]
    ### END SOLUTION


# %%
# For the checks: three names, of 2, 3 and 7 letters.
def draw_losses(number):
    """A loss in nats for each letter of three names."""
    drawn = (4 * torch.rand(12, generator=seeded(number)) ** 2).tolist()
    return [drawn[:2], drawn[2:5], drawn[5:]]


# %%
# CHECK three_units 1 point: nats and bits of three lists of names
lists = [draw_losses(number) for number in (11, 12, 13)]
[[round(float(x), 4) for x in list(three_units(names))[:2]] for names in lists]

# %%
# CHECK three_units 1 point: the perplexity of the same lists
[round(float(three_units(draw_losses(number))[2]), 3) for number in (11, 12, 13)]

# %% [markdown]
# ## Task 4 (more): fix the slide
#
# A slide says: **"95 % confident but wrong: the loss is 3.0."** It does not say where the
# other 5 % went.
#
# Write `sure_but_wrong(confidence, vocab_size)`. A model gives the probability
# `confidence` to its favourite letter. Return a list of three losses in nats:
#
# 1. another letter came, and **all** the rest of the probability lies on that letter;
# 2. another letter came, and the rest is spread **evenly** over all letters but the
#    favourite;
# 3. the **average** over many predictions of a model that knows itself: its favourite
#    comes as often as `confidence` says, and the rest is spread evenly, as in 2.
#
# For a model that is 90 % sure and has 11 letters, `sure_but_wrong(0.9, 11)` is about
# `[2.3026, 4.6052, 0.5553]`. The slide shows a number of the first kind, although nothing
# says that all the rest lay on one letter.


# %%
# TASK sure_but_wrong
def sure_but_wrong(confidence, vocab_size):
    """Losses in nats: [wrong at best, wrong with an even spread, on average]."""
    ### BEGIN SOLUTION
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    average = confidence * -math.log(confidence) + rest * even
    return [-math.log(rest), even, average]
    ### END SOLUTION


# %%
# CHECK sure_but_wrong 1 point: when it is wrong, on three slides
sure = (0.6 + 0.39 * torch.rand(3, generator=seeded(8))).tolist()
sizes = torch.randint(3, 60, (3,), generator=seeded(9)).tolist()
slides = [sure_but_wrong(c, n) for c, n in zip(sure, sizes, strict=True)]
[[round(float(loss), 4) for loss in list(slide)[:2]] for slide in slides]

# %%
# CHECK sure_but_wrong 1 point: on average, for four models
sure = (0.3 + 0.6 * torch.rand(4, generator=seeded(10))).tolist()
[round(float(sure_but_wrong(c, 5 + SEED % 7)[2]), 4) for c in sure]

# %% [markdown]
# ## Task 5 (more): repair a report
#
# Somebody believed that a model keeps the few letters with the highest probabilities and
# then computes the cross-entropy, and wrote the program below. It reports two numbers: the
# loss, and the **hit rate**, which is the share of predictions whose target is among the
# `k` letters with the highest scores.
#
# The hit rate is correct. The loss is not: on scores that are drawn at random the program
# reports a loss of exactly 0 for `k = 1`, as if the model knew everything:
#
#     report(*draw_scores(0, 500, 27), k=1)
#
# Random scores know nothing. (In the program, `.any(dim=-1)` says for each row whether at
# least one entry is True.) Repair the loss: it is the mean over **all** predictions, each
# measured with the softmax over the **whole** vocabulary. The report stays a list of two
# numbers, `[loss, hit rate]`. Finished losses of torch are allowed here.


# %%
# TASK report
def report(logits, targets, k):
    """[mean loss in nats, share of targets among the k best], (N, V) and (N,)."""
    ### BEGIN SOLUTION
    best = logits.topk(k, dim=-1).indices  # (N, k)
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    loss = F.cross_entropy(logits, targets)
    return [loss.item(), hit.float().mean().item()]
    ### END SOLUTION
    # ~ best = logits.topk(k, dim=-1).indices  # (N, k)
    # ~ hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    # ~ lowest = logits.topk(k, dim=-1).values[:, -1:]  # (N, 1), the k-th best score
    # ~ kept = logits.masked_fill(logits < lowest, -math.inf)  # (N, V)
    # ~ losses = -kept.log_softmax(dim=-1)[torch.arange(len(targets)), targets]  # (N,)
    # ~ losses = losses[hit]  # the others are infinite
    # ~ return [losses.mean().item(), hit.float().mean().item()]


# %%
# CHECK report 2 points: random scores, with 1, 3 and 8 letters kept
scores, came = draw_scores(14, 120, 27)
[[round(float(x), 4) for x in report(scores, came, k)] for k in (1, 3, 8)]

# %%
# CHECK report 1 point: a model that has learned something
scores, came = draw_scores(15, 80, 12)
scores = scores + 3 * F.one_hot(came, 12)
[[round(float(x), 4) for x in report(scores, came, k)] for k in (1, 2)]

# %% [markdown]
# Look at the first numbers of each pair: the loss does not depend on `k`, because `k` has no
# place in it. Keeping the best few belongs to writing text, in lesson 8.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN honest -->
# A friend does not want logarithms: "My loss is 1 - p, where p is the probability of the
# letter that came. Sure and correct costs 0, sure and wrong costs 1." Suppose that one
# letter comes in 70 % of all cases, and another one in all other cases. Which two
# probabilities would a model give to make your friend's average loss as small as possible?
# Which ones make the average of -ln p as small as possible? Which of the two models would
# you rather ask, and why? (Try a few values first.) Four sentences are enough.
#
# ...
