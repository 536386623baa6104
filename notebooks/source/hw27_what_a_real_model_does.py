# %% [markdown]
# # Homework 27: what a real model does
#
# Four tasks with checks, one question in words. Task 4 is for those who want *more*, the
# rest is the *core*. About 40 minutes in all, the core alone about 33. All cells together
# run in a few seconds, and you do not need the real model. It belongs to
# [lesson 27](../27_what_a_real_model_does.ipynb).
#
# You build the four instruments of the lesson on small tensors: a score that finds
# copying heads, a fair way to switch a head off, bits per byte, and a share with its
# standard error.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Save before you hand it in; `python3 start.py check hw27` says
# what the file is worth.

# %%
import math

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


def random_weights(number, n_heads, T):
    """Attention weights of some heads, (H, T, T): rows sum to 1, no look ahead."""
    scores = 2 * torch.randn(n_heads, T, T, generator=dice(number))
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    return scores.masked_fill(future, -math.inf).softmax(-1)


# %% [markdown]
# ## Task 1 (core, 10 minutes): who copies?
#
# A model has read a start token, then `half` random tokens, and then the same `half`
# tokens again. For `half = 4` the positions hold
#
# | position | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|---|
# | token | start | A | B | C | D | A | B | C | D |
#
# At position 5 stands the second A. An induction head looks from there to position 2,
# because a B came after the first A. At position 8 stands the last token. It does not
# count, because nothing comes after it in the second copy.
#
# Write `induction_scores(weights, half)`. `weights` is (H, T, T) with `T = 2 * half + 1`;
# rows are queries, columns are keys. Return H numbers: for each head the mean weight from
# the positions of the second copy (without the last one) to the position that follows
# the same token in the first copy. For `half = 4` these are the weights from 5 to 2, from
# 6 to 3 and from 7 to 4.


# %%
# TASK induction_scores
def induction_scores(weights, half):
    """Attention (H, T, T) of a text that is said twice -> a score for each head, (H,)."""
    ### BEGIN SOLUTION
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries, queries - half + 1].mean(-1)
    ### END SOLUTION


# %%
# CHECK induction_scores 1 point: four tokens, said twice
as_table(induction_scores(random_weights(1, 2, 9), 4))

# %%
# CHECK induction_scores 1 point: three heads, a longer text
as_table(induction_scores(random_weights(2, 3, 25), 12))

# %%
# CHECK induction_scores 1 point: which of 30 heads copies best?
scores = as_table(induction_scores(random_weights(3, 30, 13), 6)).flatten()
[*scores.topk(3).indices.tolist(), scores.max()]

# %% [markdown]
# ## Task 2 (core, 10 minutes): switch heads off by their mean
#
# In a layer each head has found a vector of D numbers for each position:
# `found` is (T, H, D). The matrix `W_o`, (H * D, C), turns what all heads have found into what
# the layer adds to the stream, (T, C): the H vectors of a position stand side by side, the
# vector of head 0 first, and are multiplied by `W_o`.
#
# Write `layer_without(found, W_o, silent)`. `silent` is a list of heads, such as `[0, 2]`. Each
# silent head says the same at every position: the mean of what it has found, taken over
# the positions of this text. Return what the layer then adds, (T, C). `found` itself
# must stay as it is.


# %%
# TASK layer_without
def layer_without(found, W_o, silent):
    """Mean ablation of some heads: (T, H, D) and (H * D, C) -> (T, C)."""
    ### BEGIN SOLUTION
    changed = found.clone()
    changed[:, silent] = found[:, silent].mean(0)
    return changed.flatten(1) @ W_o
    ### END SOLUTION


# %%
def some_heads(number, T, H, D, C):
    """What the heads of a layer have found, (T, H, D), and its W_o, (H * D, C)."""
    source = dice(number)
    found = torch.randn(T, H, D, generator=source) + torch.arange(H)[:, None]
    return found, torch.randn(H * D, C, generator=source)


# %%
# CHECK layer_without 1 point: one head of two is silent
found, W_o = some_heads(11, T=3, H=2, D=2, C=4)
as_table(layer_without(found, W_o, [1]))

# %%
# CHECK layer_without 1 point: two heads of four
found, W_o = some_heads(12, T=5, H=4, D=3, C=2)
as_table(layer_without(found, W_o, [0, 2]))

# %%
# CHECK layer_without 1 point: nobody is silent, and `found` is as it was
found, W_o = some_heads(13, T=2, H=3, D=2, C=2)
layer_without(found, W_o, [1])
[as_table(layer_without(found, W_o, [])), found[:, 1]]

# %% [markdown]
# ## Task 3 (core, 7 minutes): bits per byte
#
# A model has read a text token by token. `nats` is a list with its surprise at each
# token, $-\ln p$. Write `bits_per_byte(nats, text)`: how many bits does it pay for one **byte** of the
# text? A bit is $\ln 2$ nats. The bytes are those of UTF-8, so `"é"` has two and `"a"` has one.
# (In Python, `text.encode()` gives the bytes.)


# %%
# TASK bits_per_byte
def bits_per_byte(nats, text):
    """The surprises of all tokens and their text -> one number."""
    ### BEGIN SOLUTION
    return sum(nats) / math.log(2) / len(text.encode())
    ### END SOLUTION


# %%
def some_nats(number, n):
    """Surprises of n tokens."""
    return (5 * torch.rand(n, generator=dice(number))).tolist()


# %%
# CHECK bits_per_byte 1 point: plain letters
float(bits_per_byte(some_nats(21, 5), "A cat sat on the mat."))

# %%
# CHECK bits_per_byte 1 point: letters of two bytes
float(bits_per_byte(some_nats(22, 7), "Äpfel für Zoé: süß"))

# %%
# CHECK bits_per_byte 1 point: another writing, and two tokens only
float(bits_per_byte(some_nats(23, 2), "नमस्ते 🙂"))

# %% [markdown]
# ## Task 4 (more, 7 minutes): is it a difference?
#
# You tried something `n` times and had hits in a share $p$ of them. The standard error of
# the share is $\sqrt{p (1 - p) / n}$. Write two functions.
#
# - `share(hits)` gets a list of `True` and `False` and returns `[p, error]`.
# - `distance(a, b)` gets two such lists, of different models. It returns how many standard
#   errors the share of `b` lies above that of `a`: $(p_b - p_a) / \sqrt{e_a^2 + e_b^2}$. The number is
#   negative if `b` has the smaller share. As a rule of thumb, a difference between -2
#   and 2 may well be chance.
#
# (In all checks there are hits and misses in each list.)


# %%
# TASK share
def share(hits):
    """A list of True and False -> [share, its standard error]."""
    ### BEGIN SOLUTION
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p) / len(hits))]
    ### END SOLUTION


def distance(a, b):
    """Two such lists -> by how many standard errors b lies above a."""
    ### BEGIN SOLUTION
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / math.sqrt(e_a**2 + e_b**2)
    ### END SOLUTION


# %%
def some_hits(number, n, p):
    """n cases that are hits with probability p, at least one of each kind."""
    hits = (torch.rand(n - 2, generator=dice(number)) < p).tolist()
    return [True, False, *hits]


# %%
# CHECK share 1 point: 40 cases, and 41 others
[float(x) for x in (*share(some_hits(31, 40, 0.4)), *share(some_hits(32, 41, 0.8)))]

# %%
# CHECK share 1 point: few cases of one model, many of the other
float(distance(some_hits(33, 23, 0.7), some_hits(34, 211, 0.5)))

# %%
# CHECK share 1 point: three models beside the first
first = some_hits(35, 57, 0.3)
others = [some_hits(36 + i, 90 + i, p) for i, p in enumerate((0.1, 0.35, 0.9))]
[float(distance(first, other)) for other in others]

# %% [markdown]
# ## A question in words (core, 6 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN controls -->
# A web page shows a real model, one sentence, and a map of attention: from "she", a head looks
# at "the doctor" with a weight of 0.8. Below it stands: "The model understands whom a word means."
# Which two controls do you ask for, and which result of each would support the claim? Name one
# more measurement, not of attention, that would tell more than the map.
#
# ...
