# %% [markdown]
# # Homework 13: the transformer block
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 13](../13_transformer_block.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | LayerNorm with gain and bias | 10 |
# | 2 *core* | GELU in two forms | 10 |
# | 3 *core* | the block | 10 |
# | 4 *more* | how large the stream becomes | 15 |
# | 5 *more* | find three faults | 15 |
#
# About 70 minutes in all, with 10 for the question at the end. All cells together run in
# a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw13` says what the file is worth.

# %%
import math

import torch
from torch.nn import functional as F

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


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=seeded(number)).double()


# %% [markdown]
# ## Task 1 (core): the norm
#
# Write `layer_norm(x, weight, bias, eps=1e-5)`. `x` holds tokens of $C$ numbers each: its
# shape is $(..., C)$ with any axes before the last, or none. `weight` (the gain) and `bias`
# have the shape $(C,)$. The result has the shape of `x`.
#
# Each token is treated by itself, in four steps:
#
# 1. Subtract the mean of its numbers.
# 2. Find its **variance**: the mean of the squares of what is left. (The mean: divide by
#    $C$. Some functions of torch divide by $C - 1$ unless you tell them not to.)
# 3. Divide by the square root of (variance + `eps`). The small number stands *inside*
#    the root. You will see it in quiet tokens.
# 4. Multiply by `weight`, and then add `bias`.
#
# An example: the token 1, 2, 3, 6 has mean 3 and variance 3.5. With weights 1 and
# biases 0 it becomes -1.0690, -0.5345, 0.0000, 1.6036.


# %%
# TASK layer_norm forbid: layer_norm LayerNorm native_layer_norm batch_norm group_norm
def layer_norm(x, weight, bias, eps=1e-5):
    """Each token normed, then scaled and moved, (..., C) -> (..., C)."""
    ### BEGIN SOLUTION
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return centred / (variance + eps).sqrt() * weight + bias
    ### END SOLUTION


# %%
# CHECK layer_norm 1 point: loud tokens
tokens = 5 + 10 * noise(2, 2, 4, number=1)
layer_norm(tokens, torch.ones(4), torch.zeros(4))

# %%
# CHECK layer_norm 1 point: one token, with weights and biases
layer_norm(noise(5, number=2), noise(5, number=3), noise(5, number=4))

# %%
# CHECK layer_norm 1 point: quiet tokens
tokens = 0.003 * noise(2, 5, number=5)
layer_norm(tokens, torch.ones(5), torch.zeros(5))

# %% [markdown]
# ## Task 2 (core): the activation function, in two forms
#
# The **GELU** multiplies $x$ by the share of the bell curve that lies below $x$:
#
# $$\text{gelu}(x) = x \cdot \frac{1}{2} \left(1 +
# \text{erf}\left(\frac{x}{\sqrt{2}}\right)\right)$$
#
# torch has `torch.erf`, which says how much of a bell curve lies near its middle. GPT-2
# uses a cheaper formula, with a tanh, that is almost the same:
#
# $$\text{gelu}(x) \approx x \cdot \frac{1}{2} \left(1 +
# \tanh\left(\sqrt{\frac{2}{\pi}}\,(x + 0.044715\,x^3)\right)\right)$$
#
# Write both, for tensors of any shape. At $x = -2$ the first gives -0.0455 and the second
# -0.0454. The checks show thousandths, so that you see such a gap.


# %%
# TASK gelu forbid: gelu GELU
def gelu(x):
    """The exact form, with erf, (...) -> (...)."""
    ### BEGIN SOLUTION
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    ### END SOLUTION


def gelu_tanh(x):
    """The form of GPT-2, with tanh, (...) -> (...)."""
    ### BEGIN SOLUTION
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return x * 0.5 * (1 + torch.tanh(inner))
    ### END SOLUTION


# %%
# CHECK gelu 1 point: the exact form, in thousandths
x = torch.linspace(-2.6, 2, 6) + 0.5 * torch.rand(6, generator=seeded(6))
1000 * torch.as_tensor(gelu(x))

# %%
# CHECK gelu 1 point: the form of GPT-2, in thousandths
x = torch.linspace(-2.6, 2, 6) + 0.5 * torch.rand(6, generator=seeded(7))
1000 * torch.as_tensor(gelu_tanh(x))

# %% [markdown]
# ## Task 3 (core): the block
#
# Write `block(x, attention, feed_forward, norm_1, norm_2)`, the pre-norm block of GPT.
# `x` is the stream, of the shape $(T, C)$. The other four are functions that take a
# tensor $(T, C)$ and give one:
#
# - `attention` lets the tokens look at each other, `feed_forward` works on each token by
#   itself;
# - `norm_1` is the norm for what `attention` reads, `norm_2` the one for what
#   `feed_forward` reads. They have different weights.
#
# Attention comes first. Each part reads a **normed copy** of the stream as it is at that
# moment, and its result is **added** to the stream. The function returns a new
# tensor; the `x` that it was given must not change.
#
# The next cell makes random parts to try it with:
# `block(noise(3, 4, number=1), *new_parts(1))`.


# %%
def new_parts(number, C=4):
    """Four random functions: attention, feed_forward, norm_1, norm_2."""
    query, key, value = noise(3, C, C, number=number) / 2
    up, down = noise(2, C, 4 * C, number=number + 500) / 3
    weight_1, weight_2 = 1 + noise(2, C, number=number + 600) / 2

    def attention(x):
        heads = [(x @ matrix)[None] for matrix in (query, key, value)]
        return F.scaled_dot_product_attention(*heads, is_causal=True)[0]

    def feed_forward(x):
        return F.gelu(x @ up) @ down.T

    def norm_1(x):
        return F.layer_norm(x, (C,), weight_1)

    def norm_2(x):
        return F.layer_norm(x, (C,), weight_2)

    return attention, feed_forward, norm_1, norm_2


# %%
# TASK block
def block(x, attention, feed_forward, norm_1, norm_2):
    """One block of a GPT, (T, C) -> (T, C)."""
    ### BEGIN SOLUTION
    x = x + attention(norm_1(x))
    return x + feed_forward(norm_2(x))
    ### END SOLUTION


# %%
# CHECK block 1 point: three tokens
block(noise(3, 4, number=8), *new_parts(9))

# %%
# CHECK block 1 point: what is added to a loud stream
stream = 1000 * noise(2, 4, number=10)
as_table(block(stream, *new_parts(11))) - stream

# %%
# CHECK block 1 point: size and gradient in a stack of 8 blocks
bottom = noise(5, 4, number=12).requires_grad_()
top = bottom
for depth in range(8):
    top = as_table(block(top, *new_parts(20 + depth))).to(bottom.dtype)
slopes = torch.autograd.grad((top * noise(5, 4, number=13)).sum(), bottom)[0]
[round(x.square().mean().sqrt().item(), 3) for x in (bottom, top, slopes)]

# %% [markdown]
# ## Task 4 (more): fix the slide
#
# A slide says: *"The stream starts at size 1. Each block adds two things to it, and each
# of them has size 1. So after 12 blocks the stream has size 25. To keep it at size 2,
# let every part start 24 times smaller."*
#
# The **size** is the root of the mean square, as in the lesson. The slide adds sizes.
# Take what fresh parts add as **independent** of the stream and of each other, with mean
# 0. (In a real stack this holds only roughly: in lesson 13 the size grew faster with depth
# than this rule says.) Try it before you write anything: how large is
# `(torch.randn(100_000) + torch.randn(100_000)).square().mean().sqrt()`?
#
# Write two functions. `n_layers` is the number of blocks, the stream starts at size 1,
# and everything is independent:
#
# - `size_at_top(n_layers, scale)`: the size to be expected after all blocks when each
#   thing that is added has size `scale`. A float.
# - `scale_for(n_layers, size)`: how large each thing that is added must be so that the
#   stream ends at `size` (which is above 1). A float.


# %%
# TASK stream_size
def size_at_top(n_layers, scale):
    """The size of the stream after n_layers blocks."""
    ### BEGIN SOLUTION
    return math.sqrt(1 + 2 * n_layers * scale**2)
    ### END SOLUTION


def scale_for(n_layers, size):
    """The scale of each addition that leads to this size."""
    ### BEGIN SOLUTION
    return math.sqrt((size**2 - 1) / (2 * n_layers))
    ### END SOLUTION


# %%
# CHECK stream_size 1 point: the size at the top
scales = (0.3 + torch.rand(4, generator=seeded(14))).tolist()
depths = [6, 12, 24, 48]
[round(float(size_at_top(n, s)), 4) for n, s in zip(depths, scales, strict=True)]

# %%
# CHECK stream_size 1 point: the scale of what is added
wanted = (1.5 + 3 * torch.rand(4, generator=seeded(15))).tolist()
[round(float(scale_for(n, s)), 4) for n, s in zip(depths, wanted, strict=True)]

# %% [markdown]
# ## Task 5 (more): bug zoo
#
# `feed_forward_step` is the second half of a block: norm, feed-forward layer, dropout, plus.
# This one runs, its result has the correct shape, and it has **three** faults. These
# are the symptoms:
#
# - You change only the last token, and what comes out for the first one changes too.
#   But there is no attention here: each token should be worked on by itself.
# - When the model is only used (`training=False`), numbers are missing as well.
# - In training, what is added is on average smaller than without dropout.
#
# Find and fix them; one check for each. `x` has the shape $(T, C)$, `up` $(C, 4C)$ and
# `down` $(4C, C)$. `keep` says what dropout drops, drawn already: $(T, C)$, `True` where
# a number stays. `share` is the share of numbers that dropout hides. The norm has no
# weights, and you may leave it to torch.


# %%
# TASK feed_forward_step
def feed_forward_step(x, up, down, keep, share, training):
    """The stream after the feed-forward part, (T, C) -> (T, C)."""
    ### BEGIN SOLUTION
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep / (1 - share)
    return x + added
    ### END SOLUTION
    # ~ normed = F.layer_norm(x.T, x.shape[:1]).T
    # ~ added = F.gelu(normed @ up) @ down
    # ~ added = added * keep
    # ~ return x + added


# %%
# CHECK feed_forward_step 1 point: each token by itself (dropout hides nothing)
x, keep = noise(3, 4, number=16), torch.ones(3, 4, dtype=torch.bool)
up, down = noise(4, 16, number=17) / 2, noise(16, 4, number=18) / 4
feed_forward_step(x, up, down, keep, 0.0, False)

# %%
# CHECK feed_forward_step 1 point: the model is used
row = noise(4, number=19)
ring = torch.stack([row.roll(i) for i in range(4)])  # rows and columns: same numbers
keep = torch.rand(4, 4, generator=seeded(20)) >= 0.5
keep[0] = torch.arange(4) != SEED % 4
feed_forward_step(ring, up, down, keep, 0.5, False)

# %%
# CHECK feed_forward_step 1 point: the model is trained
as_table(feed_forward_step(ring, up, down, keep, 0.4, True)) - ring

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN crumpled -->
# A blogger writes that a transformer takes what attention has found and crumples and
# folds it, by layer norm and the GELU network, until little of it is left. Of what in a
# block is that true, and of what is it not? Name one thing that a norm does forget, and
# say why the rest of the model can do without it. (Who reads the stream, and how?) Four
# sentences are enough.
#
# ...
