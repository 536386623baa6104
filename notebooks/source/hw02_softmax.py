# %% [markdown]
# # Homework 2: logits and softmax
#
# Four tasks with checks, one question in words. About 40 minutes; all cells together
# run in a few seconds. It belongs to [lesson 2](../02_logits_and_softmax.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw02` says what the file is worth.

# %%
import math

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


# %% [markdown]
# ## Task 1: a softmax that survives
#
# Write `softmax(logits)`: probabilities along the **last** axis, for a tensor of any
# shape. It must also survive logits of a thousand and more, and of minus a thousand.
# torch has this function; here you write it with `exp`, `sum` and `max`.
#
# Two things about tensors help. `scores.sum(dim=-1)` adds up each row and takes the axis
# away; with `keepdim=True` the axis stays, with size 1, so that each row can be divided
# by its own sum. And `scores.max(dim=-1)` gives two things, `.values` and `.indices`.


# %%
# TASK softmax forbid: softmax log_softmax softmin logsumexp
def softmax(logits):
    """Probabilities along the last axis, (..., V) -> (..., V)."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    positive = shifted.exp()
    return positive / positive.sum(dim=-1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK softmax 1 point: one row of scores
scores = torch.randn(6, generator=dice(1)) * 2
softmax(scores)

# %%
# CHECK softmax 1 point: many rows, of two kinds of axes
scores = torch.randn(2, 3, 4, generator=dice(2)) * 2
softmax(scores)

# %%
# CHECK softmax 1 point: huge scores
scores = torch.randn(2, 5, generator=dice(3))
softmax(torch.stack([scores[0] + 1000, scores[1] - 1000]))

# %% [markdown]
# ## Task 2: from a probability back to a score
#
# With only two choices, yes and no, the softmax has a short form. If the score of "yes"
# is $z$ points above the score of "no", then
#
# $$p = \frac{1}{1 + e^{-z}}$$
#
# This is the **sigmoid**. The function that undoes it is the **logit**: the score $z$
# that belongs to a probability $p$. It gave the logits their name. Write both.


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
sigmoid(torch.randn(5, generator=dice(4)) * 2)

# %%
# CHECK logit 1 point: the logit
logit(0.05 + 0.9 * torch.rand(5, generator=dice(5)))

# %%
# CHECK logit 1 point: there and back, as a table
there = torch.randn(4, generator=dice(6)) * 3
[there, sigmoid(there), logit(torch.as_tensor(sigmoid(there)))]

# %% [markdown]
# ## Task 3: mend the slide
#
# A slide shows a few logits of a letter model, then dots, and **one** probability. All
# the letters behind the dots have the same logit, but the slide hides it. Only one
# value fits. Find it.
#
# `shown` holds the logits on the slide, `prob` is the probability of the **first** of
# them, and `n_hidden` letters stand behind the dots. The test on lesson 2's slide:
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
leads = torch.rand(3, 4, generator=dice(7)) * 2
leads[:, 0] += 2
alone = leads.softmax(dim=-1)[:, 0]
kept = 0.5 + 0.4 * torch.rand(3, generator=dice(8))
[
    round(float(hidden_logit(row, (a * k).item(), 10 + SEED % 13)), 4)
    for row, a, k in zip(leads, alone, kept, strict=True)
]

# %% [markdown]
# ## Task 4: a sick animal
#
# The function below should give the **logarithm** of the softmax. It works on small
# scores. On large ones it says `-inf`, "this can never happen", of things that can:
# try `log_softmax(torch.tensor([0.0, 200.0]))`. Mend it, without torch's `softmax`.
# Nothing may be infinite.


# %%
# TASK log_softmax forbid: softmax log_softmax logsumexp
def log_softmax(logits):
    """Logarithms of the probabilities along the last axis, (..., V) -> (..., V)."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    ### END SOLUTION
    # ~ return logits.softmax(dim=-1).log()


# %%
# CHECK log_softmax 3 points: scores near together, scores far apart
near = torch.randn(1, 4, generator=dice(9))
far = torch.randn(2, 4, generator=dice(10)) * 100 + torch.tensor([0, 0, 0, 1200])
log_softmax(torch.cat([near, far]))

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN constant -->
# You add 5 to every logit, and no probability changes. So a model could add any
# constant to its scores, for nothing. Does that freedom harm anything? Where, in a
# computer, does it even help? Three sentences are enough.
#
# ...
