# %% [markdown]
# # Homework 26: a real model in your own code
#
# Five tasks with checks, one question in words. Tasks 4 and 5 are for those who want
# *more*, the rest is the *core*. About 60 minutes in all, the core alone about 45. All
# cells together run in a few seconds, and you do not need the real model. It belongs to
# [lesson 26](../26_a_real_model.ipynb).
#
# You decode packed weights and pack some yourself, share keys among heads, count a
# model from its sizes, and fix a gate that somebody has built wrong.

# %%
import math
import struct

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def throw(number, low, high):
    """A whole number from `low` to `high` - 1."""
    return torch.randint(low, high, (), generator=dice(number)).item()


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 12 minutes): two kinds of groups
#
# The file of the lesson stores each group of 32 weights in a few bytes, in two ways.
# (Such bytes are often called a *block*, and so they are in the code below.)
#
# - **Four bits** (Q4_1, 20 bytes): the scale, the least weight, and 16 bytes with two numbers
#   each. The lower half of byte `i` belongs to weight `i`, its upper half to weight
#   `i + 16`. A weight is the least weight plus its number times the scale.
# - **Eight bits** (Q8_0, 34 bytes): the scale, and 32 bytes with one number each, from -128
#   to 127. There is no least weight: a weight is its number times the scale.
#
# Scale and least weight are numbers of 16 bits (float16), `e` for `struct`, and `<` means
# little-endian. The number of one signed byte is `b`, so `struct.unpack("<32b", ...)` reads 32 of them.
#
# Write `unpack_four(block)` and `unpack_eight(block)`. Each gets `bytes` and returns a
# list (or a tensor) of 32 weights. `make_block` makes blocks to try them on.


# %%
def make_block(number, n_numbers, *ladder):
    """Two-byte numbers, and behind them `n_numbers` random bytes."""
    random_bytes = torch.randint(256, (n_numbers,), generator=dice(number))
    return struct.pack(f"<{len(ladder)}e", *ladder) + bytes(random_bytes.tolist())


print(make_block(1, 16, 0.25, -2.0).hex(" "))


# %%
# TASK unpack
def unpack_four(block):
    """20 bytes -> 32 weights."""
    ### BEGIN SOLUTION
    scale, least = struct.unpack("<2e", block[:4])
    steps = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
    return [least + scale * n for n in steps]
    ### END SOLUTION


def unpack_eight(block):
    """34 bytes -> 32 weights."""
    ### BEGIN SOLUTION
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]
    ### END SOLUTION


# %%
# CHECK unpack 1 point: four bits
block = make_block(10, 16, throw(11, 1, 9) / 8, -throw(12, 1, 9) / 2)
[round(float(w), 4) for w in unpack_four(block)]

# %%
# CHECK unpack 1 point: eight bits
block = make_block(13, 32, throw(14, 1, 9) / 16)
[round(float(w), 4) for w in unpack_eight(block)]

# %%
# CHECK unpack 1 point: the sums of a few blocks of both kinds
fours = [make_block(20 + i, 16, (i + 1) / 4, -float(i)) for i in range(3)]
eights = [make_block(30 + i, 32, (i + 1) / 8) for i in range(3)]
[round(sum(float(w) for w in unpack_four(b)), 3) for b in fours] + [
    round(sum(float(w) for w in unpack_eight(b)), 3) for b in eights
]

# %% [markdown]
# ## Task 2 (core, 13 minutes): pack it yourself
#
# Now the other way. `pack(weights)` gets a list of any number of weights and returns
# three things: the scale, the least weight, and a list of numbers from 0 to 15.
#
# - The ladder begins at the smallest weight and ends at the largest. It has 16 levels,
#   so there are 15 gaps between them, and the scale is the size of one gap.
# - Each weight goes to the **nearest** level.
# - If all weights are equal, the scale is 0, and so are all numbers.
#
# For example, `pack([0.0, 3.0, 1.4, 1.6])` is `(0.2, 0.0, [0, 15, 7, 8])`.


# %%
# TASK pack
def pack(weights):
    """Weights -> scale, least weight, numbers from 0 to 15."""
    ### BEGIN SOLUTION
    least = min(weights)
    scale = (max(weights) - least) / 15
    if scale == 0:
        return 0.0, least, [0] * len(weights)
    return scale, least, [round((w - least) / scale) for w in weights]
    ### END SOLUTION


# %%
# CHECK pack 1 point: the numbers of 12 weights
weights = torch.randn(12, generator=dice(40)).double().tolist()
[int(n) for n in pack(weights)[2]]

# %%
# CHECK pack 1 point: the ladder, also for equal weights
ladders = [
    pack(torch.randn(9, generator=dice(41)).double().tolist()),
    pack([2.5] * throw(42, 3, 7)),
]
[
    (round(float(scale), 4), round(float(least), 4), sum(int(n) for n in numbers))
    for scale, least, numbers in ladders
]

# %%
# CHECK pack 1 point: the largest error, and half a gap to compare it with
weights = torch.randn(32, generator=dice(43)).double().tolist()
scale, least, numbers = pack(weights)
errors = [abs(w - least - n * scale) for w, n in zip(weights, numbers, strict=True)]
[round(float(max(errors)), 4), round(float(scale / 2), 4)]

# %% [markdown]
# One weight that is much larger than all others makes the gaps large for all of them.
# You can try it: put a 30 into `weights`.
#
# ## Task 3 (core, 12 minutes): heads that share
#
# Write `grouped(q, k, v)`, causal attention in which several query heads share a set of
# keys and values. `q` has the shape `(H, T, D)`: heads, tokens, numbers of a head. `k`
# and `v` have the shape `(K, T, D)`, and `K` divides `H`. The first `H / K` query heads
# use the first set, the next ones the second, and so on. Scores are divided by the
# square root of `D`. A token sees itself and the tokens before it. Return the mix, `(H,
# T, D)`.


# %%
# TASK grouped
def grouped(q, k, v):
    """Causal attention with shared keys and values -> (H, T, D)."""
    ### BEGIN SOLUTION
    each = len(q) // len(k)
    k, v = k.repeat_interleave(each, dim=0), v.repeat_interleave(each, dim=0)
    T, D = q.shape[1:]
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    scores = (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf)
    return scores.softmax(dim=-1) @ v
    ### END SOLUTION


# %%
def heads(number, H, K, T=4, D=3):
    """Random q, k and v of these sizes."""
    source = dice(number)
    return [torch.randn(n, T, D, generator=source) * 1.5 for n in (H, K, K)]


# %%
# CHECK grouped 1 point: four heads, two sets
as_table(grouped(*heads(50, 4, 2)))

# %%
# CHECK grouped 1 point: six heads, three sets, and then two
torch.cat([as_table(grouped(*heads(51, 6, K)))[:, 1:] for K in (3, 2)])

# %%
# CHECK grouped 1 point: all heads share one set, and each has its own
torch.cat([as_table(grouped(*heads(52, 3, K, D=5)))[:, 1:] for K in (1, 3)])

# %% [markdown]
# ## Task 4 (more, 10 minutes): count before you load
#
# You see the settings of a Llama-shaped model and want to know what it will take.
# Sizes: `V` tokens, width `C`, `H` query heads, `K` sets of keys and values, `L`
# blocks, and `wide`, the width inside the feed-forward layer. A head has `C // H`
# numbers.
#
# - `count(V, C, H, K, L, wide, tied)`: all parameters. A block has the matrices for
#   queries, keys, values and the projection after them; gate, up and down; and two
#   norms with `C` numbers each. One more norm stands at the end. There are no biases.
#   If `tied` is true, the output head is the embedding; if not, it is a second matrix
#   of that size. The model of the lesson: `count(49152, 576, 9, 3, 30, 1536, True)` is
#   134,515,008.
# - `cache_bytes(n, C, H, K, L, n_bytes)`: the bytes of the KV cache of `n` tokens, each
#   number with `n_bytes` bytes. `cache_bytes(8192, 576, 9, 3, 30, 4)` is 377,487,360.
#
# Both are whole numbers.


# %%
# TASK count
def count(V, C, H, K, L, wide, tied):
    """Parameters of a Llama-shaped model, as an int."""
    ### BEGIN SOLUTION
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 3 * C * wide + 2 * C
    return V * C * (1 if tied else 2) + L * block + C
    ### END SOLUTION


def cache_bytes(n, C, H, K, L, n_bytes):
    """Bytes of its KV cache for n tokens, as an int."""
    ### BEGIN SOLUTION
    return 2 * n * L * K * (C // H) * n_bytes
    ### END SOLUTION


# %%
def sizes(number):
    """C, H and K that fit together."""
    K, each, D = (throw(number + i, 2, 6) for i in range(3))
    return 2 * D * K * each, K * each, K


# %%
# CHECK count 1 point: tied models
[
    count(throw(60 + i, 99, 999), *sizes(62 + 3 * i), throw(70 + i, 2, 40), 100, True)
    for i in (0, 1)
]

# %%
# CHECK count 1 point: heads that are not tied
[
    count(throw(72, 99, 999), *sizes(73), 4, throw(76, 50, 500), False),
    count(128_256, 4096, 32, 8, 32, 14_336, False) + SEED,
]

# %%
# CHECK count 1 point: the cache, with 4 bytes a number and with 2
[cache_bytes(throw(80 + n, 99, 9999), *sizes(85), throw(90, 2, 40), n) for n in (4, 2)]

# %% [markdown]
# (The second model of the second check is Llama 3 8B, as its makers described it in
# 2024. `SEED` is added to its count only so that the number cannot be looked up.)
#
# ## Task 5 (more, 5 minutes): fix the gate
#
# A friend has ported the feed-forward part of a block. It should take the stream `x`
# `(T, C)` and
#
# 1. norm it: divide each token by the root of the mean of its squares (plus 0.00001),
#    and multiply by the weights `norm` `(C,)`;
# 2. compute SwiGLU: the matrix `gate` `(wide, C)` makes the numbers that go through
#    SiLU, $z \cdot \sigma(z)$; the matrix `up` `(wide, C)` makes those that are
#    multiplied by them; `down` `(C, wide)` leads back;
# 3. **add** the result to the stream.
#
# Nothing fails, but the model talks nonsense. Three things are wrong. Find them.


# %%
# TASK feed_forward
### BEGIN SOLUTION
def feed_forward(x, norm, gate, up, down):
    """The second half of a block: (T, C) -> (T, C)."""
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    normed = x / size * norm
    z = normed @ gate.T
    return x + (z * z.sigmoid() * (normed @ up.T)) @ down.T


### END SOLUTION
# ~ def feed_forward(x, norm, gate, up, down):
# ~     """The second half of a block: (T, C) -> (T, C)."""
# ~     size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
# ~     x = x / size * norm
# ~     z = x @ up.T
# ~     return x + (z.sigmoid() * (x @ gate.T)) @ down.T


# %%
def parts(number, T, C, wide):
    """A random stream, and the weights of a feed-forward part."""
    shapes = ((T, C), (C,), (wide, C), (wide, C), (C, wide))
    source = dice(number)
    return [torch.randn(shape, generator=source) for shape in shapes]


# %%
# CHECK feed_forward 1 point: one token
feed_forward(*parts(100, 1, 3, 4))

# %%
# CHECK feed_forward 2 points: some tokens, also loud ones
x, *weights = parts(101, 4, 4, 6)
feed_forward(x * torch.tensor([[0.1], [1.0], [3.0], [9.0]]), *weights)

# %% [markdown]
# ## A question in words (core, 8 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN same_model -->
# A friend has loaded a published model into her own code. "It works," she says. "I
# asked for the capital of France, and it said Paris." Which mistakes could still be in
# her code? Name two that give no error. How would you test it, and with what would you
# compare? And she says that in 4 bits the model is "the same model, only smaller": is
# it? (Think of the errors in Task 2.) Five sentences are enough.
#
# ...
