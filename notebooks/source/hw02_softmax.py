# %% [markdown]
# # Homework 2: logits and softmax
#
# Four tasks with checks, and one question in words. It belongs to
# [lesson 2](../02_logits_and_softmax.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | the softmax, from memory | 15 |
# | 2 *more* | sigmoid and logit function | 10 |
# | 3 *core* | from a probability back to a score | 15 |
# | 4 *more* | the logarithm of a softmax | 10 |
#
# About 55 minutes in all, with 5 for the question at the end. All cells together run in
# a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw02` says what the file is worth.

# %%
import math

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1 (core): the softmax, from memory
#
# Close the lesson and write `softmax(logits)` again: probabilities along the **last**
# dimension, for a tensor of any shape. When you write it from memory, you notice which of its parts
# you have understood. The function must also survive logits of a thousand and of minus a
# thousand. torch has it ready; here you write it with `exp`, `sum` and `max`.
#
# Two reminders from lesson 1. `scores.sum(dim=-1)` adds up each row and removes the
# dimension; with `keepdim=True` it stays, with length 1, so that each row can be divided by its
# own sum. And `scores.max(dim=-1)` gives two things, `.values` and `.indices`.


# %%
# TASK softmax forbid: softmax log_softmax softmin logsumexp
def softmax(logits):
    """Probabilities along the last dimension, (..., V) -> (..., V)."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    positive = shifted.exp()
    return positive / positive.sum(dim=-1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK softmax 1 point: one row of scores
scores = torch.randn(6, generator=seeded(1)) * 2
softmax(scores)

# %%
# CHECK softmax 1 point: many rows, in a stack of tables
scores = torch.randn(2, 3, 4, generator=seeded(2)) * 2
softmax(scores)

# %%
# CHECK softmax 1 point: huge scores
scores = torch.randn(2, 5, generator=seeded(3))
softmax(torch.stack([scores[0] + 1000, scores[1] - 1000]))

# %% [markdown]
# ## Task 2 (more): two choices
#
# With only two choices, yes and no, the softmax has a short form. If the score of "yes"
# is $z$ points above the score of "no", then
#
# $$p = \frac{1}{1 + e^{-z}}$$
#
# This is the **sigmoid**. The function that undoes it is the **logit function**: from a
# probability $p$ it goes back to the difference $z$ of the two scores. Write both. (To find
# the second one, solve the formula for $z$, or think of the odds $p / (1 - p)$.)


# %%
# TASK logit forbid: sigmoid logit expit softmax log_softmax
def sigmoid(z):
    """The probability of "yes" at a lead of z points, (...) -> (...)."""
    ### BEGIN SOLUTION
    return 1 / (1 + (-z).exp())
    ### END SOLUTION


def logit(p):
    """The lead in points that gives the probability p, (...) -> (...)."""
    ### BEGIN SOLUTION
    return (p / (1 - p)).log()
    ### END SOLUTION


# %%
# CHECK logit 1 point: the sigmoid
sigmoid(torch.randn(5, generator=seeded(4)) * 2)

# %%
# CHECK logit 1 point: the logit
logit(0.05 + 0.9 * torch.rand(5, generator=seeded(5)))

# %%
# CHECK logit 1 point: there and back, as a table
there = torch.randn(4, generator=seeded(6)) * 3
[there, sigmoid(there), logit(torch.as_tensor(sigmoid(there)))]

# %% [markdown]
# ## Task 3 (core): fix the slide
#
# A slide shows a few logits of a letter model, then dots, and **one** probability. All
# the letters behind the dots have the same logit, but the slide does not show it. Only one
# value fits the probability. Find it.
#
# - `shown` holds the logits on the slide, a tensor of shape (n,);
# - `prob` is the probability of the **first** of them;
# - `n_hidden` letters stand behind the dots.
#
# The picture of the raffle helps. How many tickets does the first letter hold? Its share
# is `prob`, so how many tickets are there in all? How many of them belong to the hidden
# letters, and how many to each of them? A logit is the logarithm of a number of tickets.
#
# You can test your function with the slide of lesson 2. Its known probability belongs to
# `a`, so the logit of `a` comes first here:
# `hidden_logit(torch.tensor([2.1, 0.5, 0.3]), 0.58, 24)` is about -2.108.


# %%
# TASK hidden_logit forbid: softmax log_softmax
def hidden_logit(shown, prob, n_hidden):
    """The logit of each hidden letter, as a float."""
    ### BEGIN SOLUTION
    tickets = shown.double().exp()
    hidden_tickets = tickets[0] / prob - tickets.sum()  # all tickets less those shown
    return math.log(hidden_tickets / n_hidden)
    ### END SOLUTION


# %%
# CHECK hidden_logit 2 points: slides with four logits
leads = torch.rand(3, 4, generator=seeded(7)) * 2
leads[:, 0] += 2
alone = leads.softmax(dim=-1)[:, 0]
kept = 0.5 + 0.4 * torch.rand(3, generator=seeded(8))
[
    round(float(hidden_logit(row, (a * k).item(), 10 + SEED % 13)), 4)
    for row, a, k in zip(leads, alone, kept, strict=True)
]

# %% [markdown]
# ## Task 4 (more): repair a function
#
# The function below should give the **logarithm** of the softmax. It works for small
# scores. For large ones it gives `-inf`, which would mean "this can never happen", although
# the probability is only very small. Try `log_softmax(torch.tensor([0.0, 200.0]))`.
#
# Repair it, without torch's `softmax` and without looking at the lesson. Nothing in the
# result may be infinite, so the logits need to be shifted first.


# %%
# TASK log_softmax forbid: softmax log_softmax logsumexp
def log_softmax(logits):
    """Logarithms of the probabilities along the last dimension, (..., V) -> (..., V)."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    ### END SOLUTION
    # ~ return logits.softmax(dim=-1).log()


# %%
# CHECK log_softmax 3 points: scores near together, scores far apart
near = torch.randn(1, 4, generator=seeded(9))
far = torch.randn(2, 4, generator=seeded(10)) * 100 + torch.tensor([0, 0, 0, 1200])
log_softmax(torch.cat([near, far]))

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN constant -->
# You add 5 to every logit, and no probability changes. So a model could add any
# constant to its scores, and nobody would notice. Does this freedom do any harm? And where
# does it even help, when a computer calculates a softmax? Three sentences are enough.
#
# ...
