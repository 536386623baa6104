# Homework 18: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG memory: numbers in place of bytes
# HINT You counted numbers. The question is for bytes: how many does each number take?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: a line for a square
# HINT Your scores grow like n. Each of the n tokens is compared with how many?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: only the half below the diagonal
# HINT You left out the half above the diagonal. It is masked, but is it stored?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * (n + 1) // 2 * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: one head, one layer
# HINT These are the scores of one head in one layer: how many such squares are there?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: the heads forgotten
# HINT You counted one square for each layer. How many squares has a layer of several
# HINT heads?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: the layers forgotten
# HINT You counted the squares of one layer. How many layers keep scores?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: half a square
# HINT You took half of the square, because half of it is masked. Is the other half
# HINT stored?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n // 2 * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: only below the diagonal
# HINT You left out the diagonal and all above it. Which of these numbers are stored?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * (n - 1) // 2 * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: keys without values
# HINT This cache holds one row of numbers for each token and layer. A new query is
# HINT compared with the keys: and what does it mix afterwards?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: the queries too
# HINT This cache keeps three rows of numbers for each token. Who will ever look at an
# HINT old query again?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 3 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: each head as wide as the layer
# HINT Your cache grows with the number of heads. The heads share the emb_dim numbers of
# HINT a token: how wide is one head?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n_kv_heads * n * emb_dim


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: a single head
# HINT This is the cache of one head in each layer: what about the others?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: always two bytes
# HINT You wrote down two bytes for each number. In which of the checks are there more,
# HINT or fewer?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return 2 * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return 4 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: rounded up
# HINT Your text is one token too long for its memory: in which direction must you round?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return math.ceil(
        memory / cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)
    )


# %%
# WRONG memory: no longest text
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_kv_heads * (emb_dim // n_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: keys and values for every head
# HINT You keep keys and values for every query head. With grouped queries several heads
# HINT share one set: how many sets are there?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * emb_dim


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# WRONG memory: the width shared among the sets
# HINT You divide emb_dim by the number of sets of keys and values. How wide is a query
# HINT head, and so a key?
def score_bytes(n, n_heads, n_layers, n_bytes):
    return n_bytes * n * n * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return n_bytes * 2 * n_layers * n * n_heads * (emb_dim // n_kv_heads)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return memory // cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)


# %%
# RIGHT memory: counting what tensors hold
KINDS = {1: torch.int8, 2: torch.bfloat16, 4: torch.float32}


def score_bytes(n, n_heads, n_layers, n_bytes):
    one = torch.empty(n, n, dtype=KINDS[n_bytes], device="meta")
    return one.numel() * one.element_size() * n_heads * n_layers


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    shape = (2, n_layers, n_kv_heads, n, emb_dim // n_heads)
    kv = torch.empty(shape, dtype=KINDS[n_bytes], device="meta")
    return kv.numel() * kv.element_size()


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    per_token = cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)
    return int(memory / per_token)


# %%
# RIGHT memory: tensors without axes
def score_bytes(n, n_heads, n_layers, n_bytes):
    return torch.tensor([n, n, n_heads, n_layers, n_bytes]).prod()


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return torch.tensor(
        [2, n_layers, n, n_kv_heads, emb_dim // n_heads, n_bytes]
    ).prod()


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return torch.tensor(memory) // cache_bytes(
        1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes
    )


# %%
# RIGHT memory: searching by halves
def score_bytes(n, n_heads, n_layers, n_bytes):
    return sum(n_bytes * n**2 for _ in range(n_heads * n_layers))


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    head = emb_dim / n_heads
    return round(n_bytes * (n * head + n * head) * n_kv_heads) * n_layers


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    low, high = 0, memory
    while high - low > 1:
        middle = (low + high) // 2
        if (
            cache_bytes(middle, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)
            <= memory
        ):
            low = middle
        else:
            high = middle
    return low


# %%
# RIGHT memory: with numpy
import numpy as np


def score_bytes(n, n_heads, n_layers, n_bytes):
    return int(np.prod([n, n, n_heads, n_layers, n_bytes]))


def cache_bytes(n, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return int(np.prod([2, n, n_kv_heads, emb_dim // n_heads, n_layers]) * n_bytes)


def longest_text(memory, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes):
    return np.floor_divide(
        memory, cache_bytes(1, emb_dim, n_heads, n_kv_heads, n_layers, n_bytes)
    )


# %%
# WRONG work: multiplications without additions
# HINT You counted one operation for each weight and each number. Each product is also
# HINT added to a sum: how many operations is that?
def weight_flops(emb_dim, hidden):
    return 4 * emb_dim * emb_dim + 2 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 2 * n * emb_dim


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / attention_flops(1, emb_dim)


def growth(n, emb_dim, hidden):
    weights = weight_flops(emb_dim, hidden)
    return (
        2
        * (weights + attention_flops(2 * n, emb_dim))
        / (weights + attention_flops(n, emb_dim))
    )


# %%
# WRONG work: always GPT-2
# HINT This is right where hidden is 4 times emb_dim. Which of your numbers must change
# HINT when the feed-forward layer is narrower?
def weight_flops(emb_dim, hidden):
    return 24 * emb_dim**2


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return 6 * emb_dim


def growth(n, emb_dim, hidden):
    return 2 * (24 * emb_dim + 8 * n) / (24 * emb_dim + 4 * n)


# %%
# WRONG work: three matrices in place of four
# HINT Your matrices hold queries, keys and values. What happens to the mix of all heads
# HINT before it leaves the attention?
def weight_flops(emb_dim, hidden):
    return 6 * emb_dim**2 + 4 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / (4 * emb_dim)


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden)
    return 2 * (w + 8 * n * emb_dim) / (w + 4 * n * emb_dim)


# %%
# WRONG work: up and not down
# HINT The feed-forward layer goes up to `hidden` numbers. Does it stay up there?
def weight_flops(emb_dim, hidden):
    return 8 * emb_dim**2 + 2 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / (4 * emb_dim)


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden)
    return 2 * (w + 8 * n * emb_dim) / (w + 4 * n * emb_dim)


# %%
# WRONG work: scores without the mix
# HINT You counted the comparison with n keys. After the softmax, what does the token do
# HINT with the n values?
def weight_flops(emb_dim, hidden):
    return 8 * emb_dim**2 + 4 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 2 * n * emb_dim


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / (2 * emb_dim)


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden)
    return 2 * (w + 4 * n * emb_dim) / (w + 2 * n * emb_dim)


# %%
# WRONG work: the whole text's attention
# HINT Your attention grows with the square of n, as for a whole text. How often does
# HINT one single token look around?
def weight_flops(emb_dim, hidden):
    return 8 * emb_dim**2 + 4 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 4 * n * n * emb_dim


def crossing(emb_dim, hidden):
    return math.sqrt(weight_flops(emb_dim, hidden) / (4 * emb_dim))


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden)
    return 2 * (w + 8 * n * emb_dim) / (w + 4 * n * emb_dim)


# %%
# WRONG work: the growth of one token's work
# HINT This is how the work of one token grows. How many tokens has the longer text?
def weight_flops(emb_dim, hidden):
    return 8 * emb_dim**2 + 4 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return 2 * emb_dim + hidden


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden)
    return (w + 8 * n * emb_dim) / (w + 4 * n * emb_dim)


# %%
# WRONG work: the slide believed
# HINT This is the number on the slide. It is true of the scores alone: which part of the
# HINT work only doubles?
def weight_flops(emb_dim, hidden):
    return 8 * emb_dim**2 + 4 * emb_dim * hidden


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return 2 * emb_dim + hidden


def growth(n, emb_dim, hidden):
    return 4.0


# %%
# RIGHT work: with torch's counter
from torch.utils.flop_counter import FlopCounterMode


def count(*products):
    with FlopCounterMode(display=False) as counter:
        for a, b, c in products:
            torch.empty(a, b, device="meta") @ torch.empty(b, c, device="meta")
    return counter.get_total_flops()


def weight_flops(emb_dim, hidden):
    square, up, down = (1, emb_dim, emb_dim), (1, emb_dim, hidden), (1, hidden, emb_dim)
    return count(square, square, square, square, up, down)


def attention_flops(n, emb_dim):
    return count((1, emb_dim, n), (1, n, emb_dim))


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / attention_flops(1, emb_dim)


def growth(n, emb_dim, hidden):
    def whole(length):
        one = weight_flops(emb_dim, hidden) + attention_flops(length, emb_dim)
        return one * length

    return whole(2 * n) / whole(n)


# %%
# RIGHT work: solved on paper
def weight_flops(emb_dim, hidden):
    return 4 * emb_dim * (2 * emb_dim + hidden)


def attention_flops(n, emb_dim):
    return 4 * n * emb_dim


def crossing(emb_dim, hidden):
    return hidden + 2 * emb_dim


def growth(n, emb_dim, hidden):
    n_star = crossing(emb_dim, hidden)
    return 2 + 2 * n / (n_star + n)


# %%
# RIGHT work: tensors without axes
def weight_flops(emb_dim, hidden):
    return 8 * torch.tensor(emb_dim) ** 2 + 4 * torch.tensor(emb_dim) * hidden


def attention_flops(n, emb_dim):
    return 4 * torch.tensor(n) * emb_dim


def crossing(emb_dim, hidden):
    return weight_flops(emb_dim, hidden) / (4 * emb_dim)


def growth(n, emb_dim, hidden):
    w = weight_flops(emb_dim, hidden).double()
    return 2 * (w + attention_flops(2 * n, emb_dim)) / (w + attention_flops(n, emb_dim))


# %%
# RIGHT work: adding token by token
def weight_flops(emb_dim, hidden):
    shapes = [(emb_dim, emb_dim)] * 4 + [(emb_dim, hidden), (hidden, emb_dim)]
    return sum(2 * a * b for a, b in shapes)


def attention_flops(n, emb_dim):
    return 2 * emb_dim * n * 2


def crossing(emb_dim, hidden):
    n = 0
    while attention_flops(n, emb_dim) < weight_flops(emb_dim, hidden):
        n += 1
    return float(n)


def growth(n, emb_dim, hidden):
    def whole(length):
        one = weight_flops(emb_dim, hidden) + attention_flops(length, emb_dim)
        return sum(one for _ in range(length))

    return whole(2 * n) / whole(n)


# %%
# WRONG attend: nothing put into the cache
# HINT Each piece sees only itself: what does your function leave behind for the next
# HINT call?
def attend(q, k, v, cache):
    keys = torch.cat([cache["k"], k], dim=1)
    values = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], keys.shape[1]
    scores = q @ keys.mT / math.sqrt(q.shape[2])
    seen = torch.ones(T, T_all, dtype=torch.bool).tril(T_all - T)
    return scores.masked_fill(~seen, -math.inf).softmax(-1) @ values


# %%
# WRONG attend: overwritten in place of appended
# HINT Your cache holds the last piece only: where have the earlier ones gone?
def attend(q, k, v, cache):
    keys = torch.cat([cache["k"], k], dim=1)
    values = torch.cat([cache["v"], v], dim=1)
    cache["k"], cache["v"] = k, v
    T, T_all = q.shape[1], keys.shape[1]
    scores = q @ keys.mT / math.sqrt(q.shape[2])
    seen = torch.ones(T, T_all, dtype=torch.bool).tril(T_all - T)
    return scores.masked_fill(~seen, -math.inf).softmax(-1) @ values


# %%
# WRONG attend: no mask
# HINT One after the other it is right, several at once it is not: do the new tokens of
# HINT one piece see each other's future?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    return scores.softmax(-1) @ cache["v"]


# %%
# WRONG attend: the mask of a first piece
# HINT Your mask counts the keys from the first one on. Where among all keys does the
# HINT first new token stand, when some are in the cache already?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# WRONG attend: not even itself
# HINT Your new tokens do not look at themselves. Whose key and value does a token see,
# HINT when it is the very first?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# WRONG attend: without the scale
# HINT Your weights are too sharp: by what are the scores divided before the softmax?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# WRONG attend: divided by D
# HINT Your weights are too even: you divided the scores by D. By what does the task
# HINT divide?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all, D = q.shape[1], cache["k"].shape[1], q.shape[2]
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    scores = (q @ cache["k"].mT / D).masked_fill(future, -math.inf)
    return scores.softmax(-1) @ cache["v"]


# %%
# WRONG attend: divided by the root of the number of tokens
# HINT You divided by the root of a number of tokens. What does a dot product add up?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    scores = (q @ cache["k"].mT / T_all**0.5).masked_fill(future, -math.inf)
    return scores.softmax(-1) @ cache["v"]


# %%
# WRONG attend: scaled by the whole width
# HINT The scores are divided by the root of the numbers of all heads together. How many
# HINT numbers does one head compare?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT / math.sqrt(q.shape[0] * q.shape[2])
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# WRONG attend: the new ones in front
# HINT The new keys stand in front of the old ones. A single token does not notice, a
# HINT mask does: in which order does it expect them?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([k, cache["k"]], dim=1)
    cache["v"] = torch.cat([v, cache["v"]], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# WRONG attend: softmax over the queries
# HINT Your weights add up to 1 over the queries. Among what does one query choose?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k], dim=1)
    cache["v"] = torch.cat([cache["v"], v], dim=1)
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    return scores.masked_fill(future, -math.inf).softmax(-2) @ cache["v"]


# %%
# WRONG attend: put together along the heads
# HINT The cache has grown along its first axis. Which axis of (H, T, D) counts tokens?
def attend(q, k, v, cache):
    cache["k"] = torch.cat([cache["k"], k])
    cache["v"] = torch.cat([cache["v"], v])
    T, T_all = q.shape[1], cache["k"].shape[1]
    scores = q @ cache["k"].mT / math.sqrt(q.shape[2])
    future = torch.ones(T, T_all, dtype=torch.bool).triu(diagonal=T_all - T + 1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ cache["v"]


# %%
# RIGHT attend: token by token
def attend(q, k, v, cache):
    rows = []
    for t in range(q.shape[1]):
        for name, new in (("k", k), ("v", v)):
            cache[name] = torch.cat((cache[name], new[:, t : t + 1]), 1)
        scores = (cache["k"] * q[:, t : t + 1]).sum(-1) / q.shape[-1] ** 0.5
        weights = torch.softmax(scores, -1)
        rows.append((weights[..., None] * cache["v"]).sum(1))
    return torch.stack(rows, 1)


# %%
# RIGHT attend: with numpy
import numpy as np


def attend(q, k, v, cache):
    old = len(cache["k"][0])
    cache["k"] = np.concatenate([cache["k"], k], axis=1)
    cache["v"] = np.concatenate([cache["v"], v], axis=1)
    scores = np.einsum("htd,hsd->hts", q, cache["k"]) / np.sqrt(q.shape[-1])
    query, key = np.indices(scores.shape[1:])
    scores = np.where(key > query + old, -1e9, scores)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("hts,hsd->htd", e / e.sum(-1, keepdims=True), cache["v"])


# %%
# RIGHT attend: torch's fused attention with a mask
def attend(q, k, v, cache):
    n_old = cache["k"].size(1)
    cache.update(k=torch.cat([cache["k"], k], 1), v=torch.cat([cache["v"], v], 1))
    T = q.size(1)
    old, new = torch.ones(T, n_old).bool(), torch.ones(T, T).tril().bool()
    return torch.nn.functional.scaled_dot_product_attention(
        q, cache["k"], cache["v"], attn_mask=torch.cat([old, new], 1)
    )


# %%
# RIGHT attend: old and new apart, in double
def attend(q, k, v, cache):
    before = torch.einsum("htd,hsd->hts", q.double(), cache["k"].double())
    among = torch.einsum("htd,hsd->hts", q.double(), k.double())
    bias = torch.full(among.shape[1:], float("-inf")).triu(1)
    both = torch.cat([before, among + bias], -1) / q.shape[-1] ** 0.5
    for name, new in zip("kv", (k, v)):
        cache[name] = torch.cat([cache[name], new], -2)
    return (both.softmax(-1) @ cache["v"].double()).float()


# %%
# WRONG read_with_cache: as given
# HINT Two things are wrong: which position does a token get that is embedded all alone,
# HINT and when does Python make the list in the first line?
def read_with_cache(model, tokens, kept=[]):
    rows = []
    for t in range(len(tokens)):
        x = embed(model, tokens[t : t + 1])[0]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: only the position mended
# HINT The first text is right, the next one is not. What is still in the cache when it
# HINT begins?
def read_with_cache(model, tokens, kept=[]):
    rows = []
    for t in range(len(tokens)):
        x = model["token"][tokens[t]] + model["position"][t]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: only the cache mended
# HINT The first row is right, the rest is not: which position does each of your tokens
# HINT get?
def read_with_cache(model, tokens):
    rows, kept = [], []
    for t in range(len(tokens)):
        x = embed(model, tokens[t : t + 1])[0]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: emptied before each token
# HINT Your cache is emptied before each token, so nobody sees the past. When does a new
# HINT text begin?
def read_with_cache(model, tokens):
    rows = []
    for t in range(len(tokens)):
        kept = []
        x = model["token"][tokens[t]] + model["position"][t]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: positions from one
# HINT Your positions begin at 1. With which number does `read_at_once` begin to count?
def read_with_cache(model, tokens):
    rows, kept = [], []
    for t in range(len(tokens)):
        x = model["token"][tokens[t]] + model["position"][t + 1]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: always the last position
# HINT All tokens of a text get its last position. Which one belongs to token t?
def read_with_cache(model, tokens):
    rows, kept = [], []
    for t in range(len(tokens)):
        x = model["token"][tokens[t]] + model["position"][len(tokens) - 1]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: keys and values without a position
# HINT Your queries know their position, your keys and values do not. What does the
# HINT healthy model make all three from?
def read_with_cache(model, tokens):
    rows, kept = [], []
    for t in range(len(tokens)):
        word = model["token"][tokens[t]]
        x = word + model["position"][t]
        kept.append((word @ model["k"], word @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# WRONG read_with_cache: only the last row
def read_with_cache(model, tokens):
    kept = []
    for t in range(len(tokens)):
        x = model["token"][tokens[t]] + model["position"][t]
        kept.append((x @ model["k"], x @ model["v"]))
    keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
    weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
    return ((x + weights @ values) @ model["out"])[None]


# %%
# RIGHT read_with_cache: None for an empty cache
def read_with_cache(model, tokens, kept=None):
    kept = [] if kept is None else kept
    rows = []
    for token in tokens:
        x = model["token"][token] + model["position"][len(kept)]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# RIGHT read_with_cache: a list of rows
def read_with_cache(model, tokens):
    rows, keys, values = [], [], []
    for t, token in enumerate(tokens):
        x = model["token"][token] + model["position"][t]
        keys.append(x @ model["k"])
        values.append(x @ model["v"])
        scores = torch.stack(keys) @ (x @ model["q"]) / len(x) ** 0.5
        mix = scores.softmax(0) @ torch.stack(values)
        rows.append(((x + mix) @ model["out"]).tolist())
    return rows


# %%
# RIGHT read_with_cache: the list emptied at the start
def read_with_cache(model, tokens, kept=[]):
    kept.clear()
    rows = []
    for t in range(len(tokens)):
        x = embed(model, tokens[: t + 1])[-1]
        kept.append((x @ model["k"], x @ model["v"]))
        keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
        weights = (keys @ (x @ model["q"]) / math.sqrt(len(x))).softmax(dim=0)
        rows.append((x + weights @ values) @ model["out"])
    return torch.stack(rows)


# %%
# RIGHT read_with_cache: a growing tensor, in double
def read_with_cache(model, tokens):
    m = {name: weight.double() for name, weight in model.items()}
    keys = values = torch.zeros(0, m["k"].shape[1]).double()
    out = torch.zeros(len(tokens), m["out"].shape[1]).double()
    for t, token in enumerate(tokens.tolist()):
        x = m["token"][token] + m["position"][t]
        keys = torch.vstack([keys, m["k"].T @ x])
        values = torch.vstack([values, m["v"].T @ x])
        e = torch.exp(keys @ (m["q"].T @ x) / len(x) ** 0.5)
        out[t] = (x + (e / e.sum()) @ values) @ m["out"]
    return out


# %%
# WRONG window_mask: no window
# HINT Your mask is causal, but it has no window: the last token still sees the first
# HINT one, however far away it is.
def window_mask(n_new, n_old, w):
    return torch.ones(n_new, n_old + n_new, dtype=torch.bool).tril(n_old)


# %%
# WRONG window_mask: one too many
# HINT Your tokens see one token too many. Does the window of w count the token itself?
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there <= here) & (there >= here - w)


# %%
# WRONG window_mask: not itself
# HINT Your tokens do not see themselves.
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there < here) & (there >= here - w)


# %%
# WRONG window_mask: one too few
# HINT Your tokens see one token too few. With w = 1 a token should still see itself.
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there <= here) & (there > here - w + 1)


# %%
# WRONG window_mask: positions of the new tokens from zero
# HINT Without old tokens your mask is right. After old ones your new tokens look from
# HINT positions 0, 1, 2: where do they really stand?
def window_mask(n_new, n_old, w):
    here = torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there <= here) & (there > here - w)


# %%
# WRONG window_mask: the future too
# HINT Your window reaches to both sides: a token sees tokens that come after it.
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there - here).abs() < w


# %%
# WRONG window_mask: True is forbidden
# HINT Everything is the wrong way round: True should stand where a token MAY look.
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there > here) | (there <= here - w)


# %%
# WRONG window_mask: only the new ones in the table
# HINT Your table has no columns for the old tokens. Whose keys are in the cache?
def window_mask(n_new, n_old, w):
    here = torch.arange(n_new)
    return (here <= here[:, None]) & (here > here[:, None] - w)


# %%
# WRONG window_mask: blocks in place of a window
# HINT Your text is cut into blocks of w tokens. A window slides: each token has w tokens
# HINT behind it.
def window_mask(n_new, n_old, w):
    here = n_old + torch.arange(n_new)[:, None]
    there = torch.arange(n_old + n_new)
    return (there <= here) & (there // w == here // w)


# %%
# RIGHT window_mask: two triangles
def window_mask(n_new, n_old, w):
    everything = torch.ones(n_new, n_old + n_new, dtype=torch.bool)
    return everything.tril(n_old) & everything.triu(n_old - w + 1)


# %%
# RIGHT window_mask: rows of a list
def window_mask(n_new, n_old, w):
    rows = []
    for i in range(n_old, n_old + n_new):
        rows.append([0 <= i - j < w for j in range(n_old + n_new)])
    return rows


# %%
# RIGHT window_mask: with numpy
import numpy as np


def window_mask(n_new, n_old, w):
    N = n_old + n_new
    back = np.subtract.outer(np.arange(N), np.arange(N))[n_old:]
    return (back >= 0) & (back < w)


# %%
# RIGHT window_mask: filled in place, as numbers
def window_mask(n_new, n_old, w):
    mask = torch.zeros(n_new, n_old + n_new)
    for row in range(n_new):
        end = n_old + row + 1
        mask[row, max(0, end - w) : end] = 1
    return mask
