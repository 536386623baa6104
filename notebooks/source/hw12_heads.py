# %% [markdown]
# # Homework 12: attention heads
#
# Four tasks with checks, one question in words. Task 3 is for those who want *more*; the
# others and the question are the *core*. About 50 minutes in all, the core alone about 35.
# All cells together run in a few seconds. It belongs to [lesson 12](../12_heads.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw12` says what the file is worth.

# %%
import math

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


def causal_softmax(scores):
    """The weights of lesson 11, (..., T, T) -> (..., T, T)."""
    future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
    return scores.masked_fill(future, -math.inf).softmax(dim=-1)


def causal_mix(q, k, v):
    """The mix that each position gets, all (..., T, D)."""
    return causal_softmax(q @ k.mT / math.sqrt(k.shape[-1])) @ v


# %% [markdown]
# ## Task 1 (core, 10 minutes): many heads, one product
#
# A layer has H heads. Head number $h$ has a matrix `W[h]` of its own that turns a
# vector of C numbers into one of D numbers. So `W` has the shape (H, C, D). Nobody
# multiplies H times. Write the two functions that make one product of it:
#
# - `side_by_side(W)` gives one matrix of shape (C, H * D). Its first D columns are head
#   0, the next D columns are head 1, and so on.
# - `split(wide, n_heads)` cuts a product of shape (B, T, H * D) into heads, of shape
#   (B, H, T, D).
#
# Then `split(x @ side_by_side(W), n_heads)[:, h]` is the same as `x @ W[h]`.


# %%
# TASK split
def side_by_side(W):
    """One matrix for all heads, (H, C, D) -> (C, H * D)."""
    ### BEGIN SOLUTION
    return torch.cat(list(W), dim=1)
    ### END SOLUTION


def split(wide, n_heads):
    """Cut into heads, (B, T, H * D) -> (B, H, T, D)."""
    ### BEGIN SOLUTION
    B, T, _ = wide.shape
    return wide.view(B, T, n_heads, -1).transpose(1, 2)
    ### END SOLUTION


# %%
# CHECK split 1 point: side by side
as_table(side_by_side(torch.randint(100, (2, 3, 2), generator=seeded(1))))

# %%
# CHECK split 1 point: cut into heads
as_table(split(torch.randint(100, (2, 3, 4), generator=seeded(2)), 2))

# %%
# CHECK split 1 point: three heads at work, all at once
x = torch.randn(1, 4, 6, generator=seeded(3))
matrices = torch.randn(3, 3, 6, 2, generator=seeded(4))
wide = [x @ as_table(side_by_side(W)).float() for W in matrices]
causal_mix(*(as_table(split(one, 3)) for one in wide))

# %% [markdown]
# ## Task 2 (core, 10 minutes): does this layer know the order?
#
# A head without positions compares words and does not know where they stand. Here are
# layers of one head each, with random weights. Some know the order, and you are to find
# out which, by an experiment: shuffle the words **before the last one**, and look
# whether the last position notices.


# %%
def make_layer(number, places=0.0, slope=0.0):
    """A layer (T, 6) -> (T, 6); `places` and `slope` are two ways to know the order."""
    W_q, W_k, W_v, P = torch.randn(4, 6, 6, generator=seeded(number))

    def layer(x):
        T = len(x)
        told = x + places * P[:T]
        steps_back = torch.arange(T)[:, None] - torch.arange(T)
        scores = (told @ W_q) @ (told @ W_k).T / 20 - slope * steps_back
        return causal_softmax(scores) @ told @ W_v

    return layer


make_layer(5)(torch.zeros(4, 6)).shape

# %% [markdown]
# Write `order_change(layer, x, order)`. `layer` is such a function and `x` has one row
# for each of T words. `order` is a list of T - 1 whole numbers: the new order of the
# first T - 1 words. For `[2, 0, 1]` the third word comes first, then the first, then
# the second; the fourth word stays where it is.
#
# It returns one float. Compare the **last row** of the layer's result before and after
# the shuffle: take the largest change of a number, without its sign.


# %%
# TASK order_change
def order_change(layer, x, order):
    """The largest change of the last position when the words before it are shuffled."""
    ### BEGIN SOLUTION
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[-1] - layer(x)[-1]).abs().max().item()
    ### END SOLUTION


# %%
# CHECK order_change 1 point: no positions; a vector for each place; distance; minus that
x = torch.randn(5, 6, generator=seeded(6))
layers = [make_layer(7), make_layer(8, places=1.0), make_layer(9, slope=1.0)]
layers.append(lambda x: -layers[2](x))  # changes as much, in the other direction
[round(float(order_change(layer, x, [2, 3, 1, 0])), 3) for layer in layers]

# %%
# CHECK order_change 1 point: take the places away, bit by bit
x = torch.randn(6, 6, generator=seeded(10))
layers = [make_layer(11, places) for places in (1.0, 0.5, 0.0)]
layers.append(lambda x: -layers[0](x))
[round(float(order_change(layer, x, [4, 0, 1, 2, 3])), 3) for layer in layers]

# %% [markdown]
# Without positions the change is 0: such a layer reads a text as a bag of words.
#
# ## Task 3 (more, 15 minutes): which head copies?
#
# What does a head say about the next word if it looks at word number $s$? Follow the
# word: its vector is `embedding[s]`, the head makes a value of it with `W_v[h]`, its
# strip of `W_o` brings that back, and `out_head` makes logits of it. All together that
# is one table with a row for each word looked at and a column for each word that may
# come next. A head **copies** if each word raises its own logit, above the mean of its
# row.
#
# Write `copy_scores(embedding, W_v, W_o, out_head)` with the shapes (V, C), (H, C, D),
# (H * D, C), and (C, V). The strip of head $h$ is the D rows of `W_o` from row $h D$
# on. It returns H floats, as a list or tensor. The score of a head: take each word's
# logit for **itself** minus the mean of all V logits of its row; then the mean over all
# words.
#
# An example: two words, one head, C = D = 2, and all four tables have 1 on the diagonal and
# 0 elsewhere. Then the big table is the same, and the score is 1 - 0.5 = 0.5.


# %%
# TASK copy_scores
def copy_scores(embedding, W_v, W_o, out_head):
    """For each head how much a word that it looks at raises its own logit, (H,)."""
    ### BEGIN SOLUTION
    scores = []
    for value, strip in zip(W_v, W_o.chunk(len(W_v)), strict=True):
        table = embedding @ value @ strip @ out_head
        scores.append((table.diagonal() - table.mean(dim=1)).mean().item())
    return scores
    ### END SOLUTION


# %%
# CHECK copy_scores 1 point: two heads with random weights
embedding, out_head = (
    torch.randn(5, 4, generator=seeded(12)),
    torch.randn(4, 5, generator=seeded(13)),
)
W_v, W_o = (
    torch.randn(2, 4, 2, generator=seeded(14)),
    torch.randn(4, 4, generator=seeded(15)),
)
[round(float(score), 4) for score in copy_scores(embedding, W_v, W_o, out_head)]

# %% [markdown]
# Now a layer in which one head copies and another one does the opposite. Which heads
# are they?

# %%
# CHECK copy_scores 2 points: four heads; the scores, the number of the copying head
embedding = torch.randn(12, 16, generator=seeded(16))
W_v = torch.randn(4, 16, 4, generator=seeded(17)) / 16
copier, opposite, *others = torch.randperm(4, generator=seeded(18)).tolist()
strips = 0.4 * torch.randn(4, 4, 16, generator=seeded(19))
strips[copier], strips[opposite] = 8 * W_v[copier].T, -8 * W_v[opposite].T
scores = copy_scores(embedding, W_v, strips.flatten(0, 1), embedding.T)
[*(round(float(score), 3) for score in scores), max(range(4), key=lambda h: scores[h])]

# %% [markdown]
# ## Task 4 (core, 5 minutes): a broken function
#
# The function below should put the results of the heads side by side again. All shapes
# fit and nothing stops. But the model learns badly, and it leaks: if you change the
# last word of the text, positions in the middle notice, although every head has its
# mask.
#
# It gets the results of all heads, (B, H, T, D), and should return (B, T, H * D): for
# each position the D numbers of head 0, then those of head 1, and so on. Fix it.


# %%
# TASK merge_heads
def merge_heads(mix):
    """The heads of each position side by side, (B, H, T, D) -> (B, T, H * D)."""
    B, H, T, D = mix.shape
    ### BEGIN SOLUTION
    return mix.transpose(1, 2).reshape(B, T, H * D)
    ### END SOLUTION
    # ~ return mix.reshape(B, T, H * D)


# %%
# CHECK merge_heads 1 point: two heads, three positions
as_table(merge_heads(torch.randint(100, (2, 2, 3, 2), generator=seeded(23))))

# %%
# CHECK merge_heads 2 points: three heads at work; and the last word changed
q, k, v = torch.randn(3, 1, 3, 4, 2, generator=seeded(24))
before = as_table(merge_heads(causal_mix(q, k, v)))
v[:, :, -1] += 1
after = as_table(merge_heads(causal_mix(q, k, v)))
[before, (after - before).abs().amax(dim=(0, 2))]

# %% [markdown]
# In a correct model only the last position notices.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN order -->
# A friend has built a GPT and forgotten the positions; all else is correct. It reads "the
# dog bit the man at night" and "the man bit the dog at night". What does the last word get
# from a head of the first layer in the first text, and what in the second? Why? Name the
# two cures of lesson 12, and one difference between them.
#
# ...
