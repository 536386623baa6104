# %% [markdown]
# # Homework 11: attention
#
# Five tasks with checks, one question in words. About 60 minutes, with 10 for the question
# at the end; all cells together run in a few seconds. Tasks 1, 2 and 5 are the *core* (30
# minutes); 3 and 4 are *more*. It belongs to [lesson 11](../11_attention.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw11` says what the file is worth.

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


# %% [markdown]
# ## Task 1 (core, 10 minutes): an average with a short memory
#
# With equal scores attention is the average of everything so far. Now each position
# forgets: it takes the mean of the last `window` positions, **itself included**. At the
# beginning there are fewer, so it takes the mean of those that are there. (Elsewhere: a
# **sliding window**. Some models limit their attention like this.)
#
# Write `window_weights(T, window)`: the matrix of shape (T, T) whose product with `x`,
# one row for each position, gives these means. Row $t$ holds the shares that position
# $t$ gives. For example, the last row of `window_weights(3, 2)` is `[0, 0.5, 0.5]`.


# %%
# TASK window_weights
def window_weights(T, window):
    """Equal shares for the last `window` positions, (T, T)."""
    ### BEGIN SOLUTION
    seen = torch.ones(T, T).tril() - torch.ones(T, T).tril(-window)
    return seen / seen.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK window_weights 1 point: two of five positions, the matrix and the means
x = torch.randn(5, 2, generator=seeded(1))
weights = as_table(window_weights(5, 2)).to(x.dtype)
[weights, weights @ x]

# %%
# CHECK window_weights 1 point: the means for windows of 1, 3 and 20 positions
x = torch.randn(6, generator=seeded(2))
tables = [as_table(window_weights(6, window)) for window in (1, 3, 20)]
torch.stack([weights.to(x.dtype) @ x for weights in tables])

# %% [markdown]
# ## Task 2 (core, 10 minutes): one head
#
# Write `attention(q, k, v)`, the formula of the lesson with its causal mask:
#
# $$\text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# `q` and `k` have the shape (..., T, D) and `v` has the shape (..., T, E): in front
# there may be a batch, or heads, or nothing. It returns two tensors: the mix (..., T,
# E) and the weights (..., T, T). Row $t$ of the weights belongs to query $t$. Position
# $t$ sees itself and what came before.
#
# `attention(torch.zeros(2, 3), torch.zeros(2, 3), v)` has the weights
# `[[1, 0], [0.5, 0.5]]`, whatever `v` is.


# %%
# TASK attention forbid: scaled_dot_product_attention
def attention(q, k, v):
    """The mix (..., T, E) and the weights (..., T, T) of one causal head."""
    ### BEGIN SOLUTION
    T, D = q.shape[-2:]
    scores = q @ k.mT / math.sqrt(D)
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)
    return weights @ v, weights
    ### END SOLUTION


# %%
# CHECK attention 1 point: the weights of one text
q, k, v = torch.randn(3, 4, 9, generator=seeded(3))
attention(q, k, v)[1]

# %%
# CHECK attention 1 point: the mix of a batch
q, k = torch.randn(2, 2, 5, 8, generator=seeded(4))
attention(q, k, torch.randn(2, 5, 3, generator=seeded(5)))[0]

# %%
# CHECK attention 1 point: huge scores, all low in one text, all high in the other
q, k, v = torch.randn(3, 2, 3, 4, generator=seeded(6))
q, k = 1000 * q.abs(), k.abs()
list(attention(torch.stack([-q[0], q[1]]), k, v))

# %% [markdown]
# ## Task 3 (more, 10 minutes): how large is a score?
#
# The lesson divides by $\sqrt{d}$, and says why: the numbers in a query and a key lie
# around 0, their squares are 1 on average, so the squares of their dot products are $d$
# on average. In your model the squares are **not** 1 on average. By what must the dot
# products be divided, so that their squares are again 1 on average?
#
# Two facts help. The mean square of a product of two independent numbers is the product
# of their mean squares. And if numbers lie around 0 and are independent, the mean
# square of their sum is the sum of their mean squares.
#
# Write `divisor(q, k)`. `q` and `k` have the shape (n, d): n queries and n keys.
# **Predict** the number from $d$ and from the mean square of all numbers in `q` and of
# all numbers in `k`; do not measure dot products. It returns a float. If all numbers in
# `q` are 1 or -1 and all in `k` 3 or -3, and d is 4, then the answer is 6.


# %%
# TASK divisor
def divisor(q, k):
    """What to divide the dot products of queries and keys by, a float."""
    ### BEGIN SOLUTION
    d = q.shape[-1]
    return math.sqrt(d * q.square().mean().item() * k.square().mean().item())
    ### END SOLUTION


# %%
# CHECK divisor 2 points: three models
sizes = 0.2 + 3 * torch.rand(3, 2, generator=seeded(7))
[
    round(float(divisor(a * q, b * k)), 4)
    for (a, b), d in zip(sizes.tolist(), (4, 16, 50), strict=True)
    for q, k in [torch.randn(2, 30, d, generator=seeded(d))]
]

# %% [markdown]
# Does it work? Look at the mean square of the scores before and after.

# %%
q, k = torch.randn(2, 4000, 50, generator=seeded(8)) * 2
scores = (q * k).sum(dim=-1)
before = round(scores.square().mean().item(), 1)
try:
    after = (scores / float(divisor(q, k))).square().mean().item()
    print(before, "->", round(after, 1))
except NotImplementedError:
    print(before, "-> not answered yet")

# %% [markdown]
# ## Task 4 (more, 10 minutes): fix the slide
#
# You know a slide of this kind from the lesson. There a widget fixed it; here you write a
# function that fixes *any* such slide. This is a matrix of attention weights, drawn in
# shades of grey. The keys go to the right. The queries go **upwards**: the first query is
# the lowest row.
#
# | | key 1 | key 2 | key 3 |
# |---|---|---|---|
# | query 3 | 0.2 | 0.6 | 0.8 |
# | query 2 | 0.9 | 0.3 | 0.5 |
# | query 1 | 0.4 | 0.7 | 0.1 |
#
# No head of a GPT has such weights: the rows add up to more than 1, and queries look
# into the future. Keep the shades as what they may be, tickets: in a row they have the
# correct *ratios* to each other. Then fix the rest.
#
# Write `fix_slide(drawn)`: `drawn` is such a matrix of shape (T, T) as it is drawn, all its
# numbers above 0. It returns the matrix of weights as usual, with the **first query in
# the first row**: no looks into the future, each row sums to 1, and what a query may
# see has the ratios of the slide. For the slide above the last row of the result is
# `[0.125, 0.375, 0.5]`, and the row before it is `[0.75, 0.25, 0]`.


# %%
# TASK fix_slide
def fix_slide(drawn):
    """Causal weights with the ratios of the slide, first query first, (T, T)."""
    ### BEGIN SOLUTION
    tickets = drawn.flip(0).tril()
    return tickets / tickets.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %%
# CHECK fix_slide 2 points: a slide with four words
fix_slide(0.1 + 0.9 * torch.rand(4, 4, generator=seeded(9)))

# %%
# CHECK fix_slide 1 point: the slide above, in slightly different shades
drawn = torch.tensor([[0.2, 0.6, 0.8], [0.9, 0.3, 0.5], [0.4, 0.7, 0.1]])
fix_slide(drawn + 0.1 * torch.rand(3, 3, generator=seeded(10)))

# %% [markdown]
# ## Task 5 (core, 10 minutes): a broken function that should find leaks
#
# Your loss on new text falls below the entropy. So the model sees the future somewhere.
# But where? Here are tiny models, each with one head and random weights.
# `visible[t, s]` says whether position $t$ may see position $s$.


# %%
V, T = 10, 7


def make_model(visible, number, late=False):
    """A function from tokens (T,) to logits (T, V)."""
    embedding, keys, out_head = torch.randn(3, V, V, generator=seeded(number))

    def model(tokens):
        x = embedding[tokens]
        scores = x @ (x @ keys).T / V
        if late:  # the mask after the softmax, where it comes too late
            weights = scores.softmax(dim=-1) * visible
        else:
            weights = scores.masked_fill(~visible, -math.inf).softmax(dim=-1)
        return (x + weights @ x) @ out_head

    return model


past = torch.ones(T, T, dtype=torch.bool).tril()
make_model(past, 0)(torch.arange(T)).shape

# %% [markdown]
# A **leak** is a position whose logits change when only tokens *after* it are changed.
# The function below should list all leaks. For each position `t` it replaces every
# token after `t` by the next number (and the last number by 0), and looks whether the
# logits at `t` have changed.
#
# But it says `[]` about every model, even about one without a mask. Fix it. It must
# also leave `tokens`, which belongs to the caller, as it was.


# %%
# TASK leaks
def leaks(model, tokens, vocab_size):
    """The positions whose logits depend on later tokens, a list in rising order."""
    found = []
    ### BEGIN SOLUTION
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    ### END SOLUTION
    # ~ for t in range(len(tokens)):
    # ~     changed = tokens
    # ~     changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
    # ~     if (model(changed)[t] - model(tokens)[t]).abs().max() > 1e-4:
    # ~         found.append(t)
    return found


# %%
# CHECK leaks 2 points: three positions see one later token each
tokens = torch.randint(V, (T,), generator=seeded(11))
tokens[T - 1] = 0
reports = []
for number in (12, 13, 14):
    visible = past.clone()
    far, *others = torch.randperm(T - 1, generator=seeded(number))[:3].tolist()
    visible[far, T - 1] = True
    for t in others:
        later = torch.randint(t + 1, T, (1,), generator=seeded(10 * number + t))
        visible[t, later] = True
    reports.append(leaks(make_model(visible, number), tokens, V))
[reports, tokens.tolist()]

# %%
# CHECK leaks 1 point: a good mask; none; one that comes too late
tokens = torch.randint(V, (T,), generator=seeded(15))
tokens[T - 1] = 0
everything = torch.ones_like(past)
models = [
    make_model(past, 16),
    make_model(everything, 17),
    make_model(past, 18, late=True),
]
[[leaks(model, tokens, V) for model in models], tokens.tolist()]

# %% [markdown]
# Why does the late mask leak? In the softmax all scores share one sum, those of the
# future too.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN all_others -->
# A slide says: "In attention, each position looks at **all other** positions." For
# which kind of model is that correct? (The lesson has one in *A model without the mask*.)
# What would you see in the training of a GPT built like that, and what would happen when
# it has to write a text? Four sentences are enough.
#
# ...
