# %% [markdown]
# # Homework 18: context length
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 75 minutes in all, the core
# alone about 45. All cells together run in a few seconds. It belongs to
# [lesson 18](../18_context_length.ipynb).
#
# You count what a long text costs, in memory and in work. You write the cache that
# makes a model fast, fix a broken one, give a model a sliding window, and measure how
# far a model with a sliding window really sees.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw18` says what the file is worth.

# %%
import math

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def generator(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw(number, low, high):
    """A whole number from `low` to `high` - 1."""
    return torch.randint(low, high, (), generator=generator(number)).item()


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 10 minutes): will it fit?
#
# A stored number takes `n_bytes` bytes: 4 in full precision, 2 in half precision, 1
# when it is quantized to 8 bits. Write three functions. All sizes are whole numbers,
# and so are the answers.
#
# - `score_bytes(n, n_heads, n_layers, n_bytes)`: the bytes of **all** attention scores
#   of a text of `n` tokens. Each head of each layer compares every token with every
#   token, and the half above the diagonal is stored too. One head, one layer, two
#   bytes and 1,047,576 tokens: 2,194,830,951,552, the 2.19 terabytes of the lesson.
# - `cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)`: the bytes of the
#   KV cache of `n` tokens. The queries of the `n_heads` heads share the `emb_dim`
#   numbers of a token among them, so each head is `emb_dim / n_heads` wide. With
#   grouped queries there are only `n_kv_heads` sets of keys and values, each as wide as
#   one head. GPT-2 small, `cache_bytes(1024, 768, 12, 12, 12, 2)`: 37,748,736, or 36
#   MiB. Llama 3 8B, `cache_bytes(8192, 4096, 32, 8, 32, 2)`: 1,073,741,824, or 1 GiB.
# - `longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)`: the largest
#   number of tokens whose KV cache fits into `memory` bytes.


# %%
# TASK memory
def score_bytes(n, n_heads, n_layers, n_bytes):
    """Bytes of all scores of a text of n tokens, as an int."""
    ### BEGIN SOLUTION
    return n_bytes * n * n * n_heads * n_layers
    ### END SOLUTION


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    """Bytes of the KV cache of n tokens, as an int."""
    ### BEGIN SOLUTION
    width = emb_dim // n_heads  # of one head
    return n_bytes * 2 * n_layers * n * n_kv_heads * width  # keys and values
    ### END SOLUTION


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    """The largest number of tokens whose cache fits into `memory` bytes."""
    ### BEGIN SOLUTION
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)
    ### END SOLUTION


# %%
# CHECK memory 1 point: the scores, in full precision
[score_bytes(draw(n, 100, 2000), 4 + n, draw(10 + n, 3, 40), 4) for n in (1, 2, 3)]

# %%
# CHECK memory 1 point: the KV cache, in 8 and 32 bits, each head its own, and grouped
[
    cache_bytes(draw(20 + h, 100, 5000), 64 * h, h, K, draw(30 + h, 3, 40), n_bytes)
    for h, K, n_bytes in ((3, 3, 1), (12, 4, 4), (10, 2, 2))
]

# %%
# CHECK memory 1 point: the longest text on cards of 8, 24 and 80 gigabytes
sizes = (64 * 12, 12, 3, draw(41, 12, 40), 4)
[longest_text(memory * 10**9 + draw(40, 0, 10**8), *sizes) for memory in (8, 24, 80)]

# %% [markdown]
# ## Task 2 (core, 12 minutes): fix the slide
#
# A slide says: *"Attention is what a GPT spends its time on. Give it a text twice as
# long, and it takes four times as long."* Count, and you can put the right number on
# the slide.
#
# Take one layer. Multiplying a vector of `a` numbers with a matrix of `a` times `b`
# weights takes $2ab$ operations: each weight is multiplied once and added once. A
# token meets these matrices: queries, keys, values and the projection after them, four
# of `emb_dim` times `emb_dim`; then the feed-forward layer, up from `emb_dim` to
# `hidden` numbers and down again. In GPT-2 `hidden` is 4 times `emb_dim`, in other
# models it is not. Norms and biases are too small to count.
#
# - `weight_flops(emb_dim, hidden)`: operations for **one token** in these matrices.
#   GPT-2 small, `weight_flops(768, 3072)`: 14,155,776.
# - `attention_flops(n, emb_dim)`: operations for **one token** that is compared with
#   `n` keys and mixes `n` values, all heads together (the softmax is too small to
#   count). `attention_flops(1024, 768)`: 3,145,728.
# - `crossing(emb_dim, hidden)`: the number of tokens `n` at which the two are equal.
#   GPT-2 small, `crossing(768, 3072)`: 4608, or 6 times `emb_dim`. What is it where
#   `hidden` is not 4 times `emb_dim`?
# - `growth(n, emb_dim, hidden)`: how many times the work of the **whole text** grows,
#   when a text of `n` tokens becomes one of `2 * n`. Each token of a text of `n` tokens
#   is compared with `n` keys.


# %%
# TASK work
def weight_flops(emb_dim, hidden):
    """Operations for one token in the matrices of a layer."""
    ### BEGIN SOLUTION
    return 2 * (4 * emb_dim * emb_dim + 2 * emb_dim * hidden)
    ### END SOLUTION


def attention_flops(n, emb_dim):
    """Operations for one token that looks at n tokens."""
    ### BEGIN SOLUTION
    return 2 * n * emb_dim + 2 * n * emb_dim  # the scores, and the mix
    ### END SOLUTION


def crossing(emb_dim, hidden):
    """The n at which both are equal."""
    ### BEGIN SOLUTION
    return weight_flops(emb_dim, hidden) / attention_flops(1, emb_dim)
    ### END SOLUTION


def growth(n, emb_dim, hidden):
    """The work for a text of 2 n tokens, over that for n tokens, as a float."""
    ### BEGIN SOLUTION
    once = n * (weight_flops(emb_dim, hidden) + attention_flops(n, emb_dim))
    both = weight_flops(emb_dim, hidden) + attention_flops(2 * n, emb_dim)
    return 2 * n * both / once
    ### END SOLUTION


# %%
# CHECK work 1 point: the two kinds of work
width = 16 * draw(50, 20, 90)
[weight_flops(width, 2 * width + 64), attention_flops(draw(51, 100, 9000), width)]

# %%
# CHECK work 1 point: the crossing
[
    crossing(width, m * width)
    for width, m in ((16 * draw(52, 20, 90), 3), (640, 4 + SEED))
]

# %%
# CHECK work 1 point: the right number for the slide
width = 16 * draw(53, 20, 90)
[
    round(float(growth(n, width, 3 * width)), 4)
    for n in (draw(54, 50, 300), draw(55, 2000, 9000), 99 * width)
]

# %% [markdown]
# The true number for GPT-2 small at 1,024 tokens is 2.36. Four comes true only for
# texts that are endlessly long.
#
# ## Task 3 (core, 15 minutes): a cache that gives the same
#
# A model reads a prompt of several tokens at once, and then one token after the other.
# Write the attention for both. `attend(q, k, v, cache)` gets the queries, keys and
# values of the **new** tokens, each of shape `(H, T, D)`: heads, new tokens, numbers of
# a head. `cache` is a dictionary: `cache["k"]` and `cache["v"]` have the shape
# `(H, T_old, D)` and hold what earlier calls have left there. It starts with
# `T_old = 0`.
#
# The function does two things:
#
# - It appends the new keys and values to the old ones and **assigns** the longer
#   tensors to `cache["k"]` and `cache["v"]`, so that the next call finds them.
# - It returns the mix for the new tokens, `(H, T, D)`. A new token looks at all old
#   tokens, at the new ones before it, and at itself. It does not look at the new ones
#   after it. Scores are divided by the square root of `D`.
#
# `in_pieces` feeds a text to your function, for example with `sizes = [4, 1, 1]`: four
# tokens at once, then one, then one.


# %%
def in_pieces(attend, qkv, sizes):
    """Feed a text in pieces; the mixes of all tokens (H, T, D), and the cache."""
    H, _, D = qkv[0].shape
    cache = {"k": torch.zeros(H, 0, D), "v": torch.zeros(H, 0, D)}
    pieces = zip(*(part.split(sizes, dim=1) for part in qkv), strict=True)
    mixes = [as_table(attend(*piece, cache)) for piece in pieces]
    return torch.cat(mixes, dim=1), cache


# %%
# TASK attend
def attend(q, k, v, cache):
    """Attention of new tokens that fills the cache, (H, T, D) -> (H, T, D)."""
    ### BEGIN SOLUTION
    keys = torch.cat([cache["k"], k], dim=1)
    values = torch.cat([cache["v"], v], dim=1)
    cache["k"], cache["v"] = keys, values
    T, T_all, D = q.shape[1], keys.shape[1], q.shape[2]
    scores = q @ keys.mT / math.sqrt(D)  # (H, T, T_all)
    seen = torch.ones(T, T_all, dtype=torch.bool).tril(diagonal=T_all - T)
    return scores.masked_fill(~seen, -math.inf).softmax(dim=-1) @ values
    ### END SOLUTION


# %%
# CHECK attend 1 point: one token after the other
qkv = list(torch.randn(3, 2, 5, 3, generator=generator(60)) * 1.5)
in_pieces(attend, qkv, [1, 1, 1, 1, 1])[0]

# %%
# CHECK attend 1 point: a prompt of four tokens, then one after the other
qkv = list(torch.randn(3, 1, 6, 3, generator=generator(61)) * 1.5)
in_pieces(attend, qkv, [4, 1, 1])[0]

# %%
# CHECK attend 1 point: pieces of 2, 3 and 2 tokens, and what is left in the cache
qkv = list(torch.randn(3, 2, 7, 3, generator=generator(62)))
mix, cache = in_pieces(attend, qkv, [2, 3, 2])
keys, values = (as_table(cache[name]) for name in ("k", "v"))
[mix[:, 2:], keys[0, :, 0], list(values.shape)]

# %% [markdown]
# ## Task 4 (more, 12 minutes): a broken function
#
# Here is a whole model, as small as can be: embeddings, learned positions, one layer of
# attention, and logits. `read_at_once` reads a text in one pass. It is correct.


# %%
def make_model(number, vocab_size=4, emb_dim=6, context_size=12):
    """Random weights: what belongs to a token, to a position, and four matrices."""
    C, source = emb_dim, generator(number)
    shapes = {"token": (vocab_size, C), "position": (context_size, C)}
    shapes |= {"q": (C, C), "k": (C, C), "v": (C, C), "out": (C, vocab_size)}
    return {name: torch.randn(s, generator=source) * 0.7 for name, s in shapes.items()}


def embed(model, tokens):
    """Token and position, added: (T,) -> (T, C)."""
    return model["token"][tokens] + model["position"][: len(tokens)]


def read_at_once(model, tokens):
    """Logits after each token, (T,) -> (T, V), in one pass."""
    x = embed(model, tokens)
    q, k, v = x @ model["q"], x @ model["k"], x @ model["v"]
    future = torch.ones(len(x), len(x), dtype=torch.bool).triu(diagonal=1)
    scores = (q @ k.T / math.sqrt(x.shape[1])).masked_fill(future, -math.inf)
    return (x + scores.softmax(dim=-1) @ v) @ model["out"]


# %% [markdown]
# `read_with_cache` below should give the same logits, one token at a time, with a
# cache. Two things are wrong with it:
#
# - In a fresh notebook, its first row is right and all other rows are wrong.
# - Call it again, with the same text, and even the first row is wrong.
#
# Find the two bugs and fix them. Compare with `read_at_once` as often as you like, but
# do not call it inside your function. The call stays `read_with_cache(model, tokens)`;
# `tokens` is a tensor of `T` whole numbers, and the result has the shape `(T, V)`.


# %%
# TASK read_with_cache forbid: read_at_once
### BEGIN SOLUTION
def read_with_cache(model, tokens):
    """Logits after each token, (T,) -> (T, V), one token at a time."""
    rows, kept = [], []  # each text begins with an empty cache
    for t in range(len(tokens)):
        x = model["token"][tokens[t]] + model["position"][t]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


### END SOLUTION
# ~ def read_with_cache(model, tokens, kept=[]):
# ~     """Logits after each token, (T,) -> (T, V), one token at a time."""
# ~     rows = []
# ~     for t in range(len(tokens)):
# ~         x = embed(model, tokens[t : t + 1])[0]
# ~         kept.append((x @ model["k"], x @ model["v"]))
# ~         keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
# ~         weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
# ~         rows.append((x + weights @ values) @ model["out"])
# ~     return torch.stack(rows)


# %%
# CHECK read_with_cache 1 point: one text
tokens = torch.randint(4, (5,), generator=generator(70))
read_with_cache(make_model(71), tokens)

# %%
# CHECK read_with_cache 2 points: another text, and a second one after it
texts = torch.randint(4, (2, 4), generator=generator(72))
torch.cat([as_table(read_with_cache(make_model(73), one)) for one in texts])

# %% [markdown]
# ## Task 5 (more, 15 minutes): how far does a window see?
#
# A sliding window is a mask. With a cache there are `n_old` old tokens and `n_new` new
# ones. Write `window_mask(n_new, n_old, w)`: a table of `n_new` rows and `n_old +
# n_new` columns, `True` where the new token of the row may look. Each new token sees
# the latest `w` tokens, itself included, and none after it. For example,
# `window_mask(2, 3, 2)`: the new tokens stand at positions 3 and 4. The first row
# allows positions 2 and 3, the second row positions 3 and 4. (At the start of a text
# there are fewer than `w` tokens to see.)


# %%
# TASK window_mask
def window_mask(n_new, n_old, w):
    """Who may look where: (n_new, n_old + n_new), True where it is allowed."""
    ### BEGIN SOLUTION
    here = n_old + torch.arange(n_new)[:, None]  # positions of the new tokens
    there = torch.arange(n_old + n_new)
    return (there <= here) & (there > here - w)
    ### END SOLUTION


# %%
# CHECK window_mask 1 point: a first reading, and one new token after many
first, w, n_old = draw(90, 4, 10), draw(91, 2, 8), draw(97, 8, 25)
[as_table(window_mask(*sizes)).int() for sizes in ((first, 0, w), (1, n_old, w))]

# %%
# CHECK window_mask 1 point: some new tokens after some old ones
n_new, n_old, w = draw(92, 3, 6), draw(93, 2, 14), draw(94, 2, 9)
[as_table(window_mask(n_new, n_old, size)).int() for size in (w, 1, 20)]

# %% [markdown]
# Now measure. `stack` is a model of `n_layers` layers of attention that uses your mask
# in every layer. We change one token at a time and look at the output of the last
# token: does it notice? With one layer and `w = 3` it can notice the latest 3 tokens.
# How many does it notice with more layers? Guess before you run the check.


# %%
def stack(x, n_layers, w):
    """Layers of attention with your mask, each added to the stream: (T, C) -> (T, C)."""
    allowed = as_table(window_mask(len(x), 0, w)).bool()
    for _ in range(n_layers):
        scores = (x @ x.T / 100).masked_fill(~allowed, -math.inf)  # rather even
        x = x + torch.tanh(scores.softmax(dim=-1) @ x)
    return x


def n_noticed(n_layers, w, number, T=48, C=8):
    """How many tokens the last one notices, itself included."""
    x = torch.randn(T, C, generator=generator(number)).double()
    before, count = stack(x, n_layers, w)[-1], 0
    for t in range(T):
        changed = x.clone()
        changed[t] += 1.0
        count += not torch.equal(stack(changed, n_layers, w)[-1], before)
    return count


# %%
# CHECK window_mask 1 point: how many are noticed with 1, 2 and 3 layers, two windows
sizes = draw(95, 2, 14), draw(96, 2, 14)
[[n_noticed(n_layers, w, 98) for n_layers in (1, 2, 3)] for w in sizes]

# %% [markdown]
# ## A question in words (core, 10 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN long_talk -->
# A friend chats with the same model all day. In the evening it answers more slowly than
# in the morning, although it has a KV cache. And it has forgotten the rules that he
# gave it at breakfast, but it does not say so. Explain both, each with something that
# you have computed here. Then: what should a chat program tell its users, and when?
# Five sentences are enough.
#
# ...
