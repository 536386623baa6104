# %% [markdown]
# # 18. Context length
#
# **Why can a model not read as much as it likes?**
#
# A GPT reads only so many tokens at once: its **context** (elsewhere: context window).
# The first chat models of 2022 managed a few thousand tokens. Some models of today are
# said to read a million. This lesson shows the three things that make a long text hard,
# and what people do about each of them: positions that the model has never seen, work
# that grows faster than the text, and memory that fills up while the model writes.
#
# - **You will** see where a table of positions ends; type a **KV cache** and get the
#   same text for a small part of the work; count this work; and share keys and values
#   among heads (**grouped queries**). In the parts marked *more* you read on far beyond
#   the length of training, give a model a **sliding window**, and find out what it
#   forgets.
# - **You need** lessons 12 (heads, rotary positions) and 14 (the GPT, and how it
#   writes).
# - **Time** 60 minutes for the core. The parts marked *more* take another 50 minutes;
#   leave them out at the first reading.
# - **Back** [17. Faster, safer, larger](17_faster_safer_larger.ipynb) ·
#   **Next** [19. A base model](19_base_model.ipynb)

# %%
import math
import random
import time
from dataclasses import replace

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import tiny_world as world
from course_lib import attention, gpt
from course_lib.cache import KVCache
from course_lib.generate import generate
from course_play import inside, plots
from course_play.boxes import BLUE, GREEN, ORANGE, Grid, plot_flow, plot_grids
from course_play.points import plot_points
from course_play.widgets import ContextCost, KVCacheStepper, Predict

torch.set_printoptions(precision=4, sci_mode=False)
tiny = world.World(seed=0)
base = world.load_base()  # the base model of lesson 14: one word is one token
words = world.WorldTokenizer()
L, C, V = base.config.n_layers, base.config.emb_dim, base.config.vocab_size
H, D = base.config.n_heads, base.config.head_dim
print(f"{L} blocks, width {C}, {H} heads of {D}, context {base.config.context_size}")

# %% [markdown]
# ## Predict first
#
# In lesson 14 our GPT wrote one token at a time. For each new token it read the whole
# text again, from the first token on.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
again = sum(range(1000, 2000))  # read 1,000 tokens, then 1,001, and so on
once = 1000 + 999  # the prompt once, and each new token but the last once
Predict(
    "A model gets a prompt of 1,000 tokens and writes 1,000 more. Reading everything "
    "again for each token, how many times as many tokens go through the model as if "
    "each token went through it only once?",
    round(again / once),
    unit="times",
    because="The first new token needs 1,000 tokens read, the last one 1,999: about "
    "1,500 for each of 1,000 tokens. Read once, there are about 2,000 in all.",
)

# %% [markdown]
# A trick makes "only once" possible, and nearly every program that writes with a language
# model uses it. You will type it in this lesson.
#
# ## Build it by hand
#
# ### 1. Every token looks at every token
#
# Attention compares each token with each token (lesson 11). The scores of a text of $n$
# tokens are a table of $n$ rows and $n$ columns. Here is the table for four words, and
# then we double the length three times.

# %% tags=["ledger:D8"]
generator = torch.Generator().manual_seed(0)
for n in (4, 8, 16, 32):
    q, k, v = torch.randn(3, 1, 1, n, 2, generator=generator)  # (1, 1, n, D), D = 2
    mix, weights = attention.causal_attention(q, k, v)
    assert weights.numel() == n * n
    print(f"{n:2} tokens: {q.numel():2} numbers of queries, {weights.numel():5} scores")

# %% [markdown]
# When the text doubles, the queries double, but the scores become four times as many.
# This is what people mean by "attention is **quadratic**": the scores grow like $n^2$.
#
# > **For children (and for the rest of us).** If 5 children all shake hands with each
# > other, that makes 10 handshakes. If 500 children do so, there are a hundred times as
# > many children, but more than ten thousand times as many handshakes: 124,750.
#
# Now the lengths of real models. The numbers of tokens are those that their makers
# announced (up to 2025). The last column is the size of the scores of **one** head in
# **one** layer, if you write them all down in numbers of two bytes.

# %% tags=["ledger:D8", "ledger:D9", "ledger:B14"]
lengths = {
    "GPT-2, 2019": gpt.gpt2_config("small").context_size,
    "GPT-3, 2020": 2_048,
    "Gemini 1.5 Pro, 2024": 2_097_152,
    "Llama 3.1, 2024": 131_072,
    "GPT-4.1, 2025": 1_047_576,
}
for name, n in lengths.items():
    print(f"{name:21}{n:10,} tokens  {n * n:9.3e} scores  {2 * n * n / 1e9:10,.3f} GB")
assert lengths["GPT-2, 2019"] == 1024
assert (5 * 4 // 2, 500 * 499 // 2) == (10, 124_750)  # handshakes

# %% [markdown]
# A million tokens make 2.19 terabytes of scores in one head, and a model has dozens of
# heads in dozens of layers. Nobody writes them all down. A modern program computes a
# few scores at a time, uses them at once, and forgets them (the end of *Why does this
# work?* shows it). So the memory of the scores can be saved. The *work* of computing
# them cannot.
#
# ### 2. The table of positions ends
#
# The oldest limit is simpler. GPT-2 adds a learned vector for each position (lesson
# 12), and its table has 1,024 rows. There is no row for the next position. Here is the
# same with a table of 8 rows.

# %% tags=["ledger:B14"]
table = torch.nn.Embedding(8, 4)  # vectors for positions 0 to 7
print("8 tokens: ", tuple(table(torch.arange(8)).shape))
try:
    table(torch.arange(9))  # positions 0 to 8
except IndexError as error:
    print("9 tokens: ", error)

# %% [markdown]
# The library's GPT checks the length first, so that the reason is easier to read. (On
# the **meta device** of lesson 14, tensors have shapes but no numbers. So GPT-2 costs
# no memory here.)

# %% tags=["ledger:B14"]
with torch.device("meta"):
    gpt2 = gpt.GPT(gpt.gpt2_config("small"))
    print("1,024 tokens:", tuple(gpt2(torch.zeros(1, 1024, dtype=torch.int64)).shape))
    try:
        gpt2(torch.zeros(1, 1025, dtype=torch.int64))
    except ValueError as error:
        print("1,025 tokens:", error)

# %% [markdown]
# **Rotary positions** (lesson 12) have no table to learn. They turn queries and keys by
# an angle, and an angle can be computed for any position. So there is no error. But a
# model that reads far beyond the length of its training becomes worse, and it does not
# warn you. Step 8 measures this.
#
# ### 3. Writing by reading again
#
# Now the work. Here is the loop of lesson 14, which always takes the likeliest word. It
# counts the tokens that go through the model.


# %% tags=["ledger:C41"]
@torch.no_grad()
def write(model, ids, n_new):
    ids, read = list(ids), 0
    for _ in range(n_new):
        logits = model(torch.tensor([ids]))[0, -1]  # (V,)
        read += len(ids)
        ids.append(logits.argmax().item())
    return ids, read


prompt = words.encode("<eot> Once there was", allow_special=True)
plain, n_read = write(base, prompt, 40)
print(words.decode(plain[1:]))
print(f"\n{len(plain)} tokens of text, {n_read} tokens went through the model")

# %% [markdown]
# (`<eot>`, "end of text", stands before each document.) What was computed here more
# than once? Count it on a small case. We leave out `<eot>`, so the prompt is three
# tokens long. The loop reads these three, then four, then five, then six tokens. The
# left table says how often it has computed each score. The right table is how often
# would be enough.

# %% tags=["hide-input"]
# drawing only
names = words.decode(plain[1:7]).split()
again = [[str(6 - max(i, 2)) if j <= i else "" for j in range(6)] for i in range(6)]
once = [["1" if j <= i else "" for j in range(6)] for i in range(6)]
new = {(i, j): BLUE if i < 3 else ORANGE for i in range(6) for j in range(i + 1)}
plot_grids(
    [
        Grid(again, "reading again", rows=names, columns=names, marks=new),
        Grid(once, "each token once", rows=names, columns=names, marks=new),
    ],
    "Reading again computes the scores of the prompt four times",
    signs=["but"],
)

# %% [markdown]
# Each row is a word that looks, each column a word that it looks at. Blue is the
# prompt, orange are the words that the model wrote.
#
# ### 4. The KV cache
#
# What does a new token need from the old ones? Look at the steps of attention. The new
# **query** is compared with all **keys**, and then all **values** are mixed. The old
# *queries* are not needed any more, because the old tokens have already looked. And the
# old keys and values never change, because no token looks into the future: what comes
# later cannot have an influence on them. So we can keep them. This is the **KV cache**.
#
# Follow one head with $D = 2$ on three tokens. The numbers are chosen by hand.

# %%
q = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]])  # (T, D): one query a token
k = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # (T, D)
v = torch.tensor([[10.0, 0.0], [0.0, 10.0], [5.0, 5.0]])  # (T, D)
keys, values = torch.zeros(0, 2), torch.zeros(0, 2)  # the cache is empty
for t in range(3):  # one token after the other
    keys = torch.cat([keys, k[t : t + 1]])  # (t, D) -> (t + 1, D)
    values = torch.cat([values, v[t : t + 1]])  # (t, D) -> (t + 1, D)
    weights = (keys @ q[t] / math.sqrt(2)).softmax(0)  # (t + 1,)
    mix = weights @ values  # (D,)
    print(f"token {t}: {len(keys)} keys kept, weights {weights}, finds {mix}")

# %%
at_once, _ = attention.causal_attention(q[None, None], k[None, None], v[None, None])
torch.testing.assert_close(mix, at_once[0, 0, 2])
print("all at once, the last token finds", at_once[0, 0, 2])

# %% [markdown]
# The last token finds the same in both ways. There is no mask in the loop. It is not
# needed, because the future is not in the cache yet.
#
# Now the whole model. We walk through the blocks of the base model as in lesson 14. One
# thing is new: in each block, the keys and values of the new tokens are appended to
# those of the old tokens. There may be many new tokens (a prompt) or a single one.
#
# First the attention. It gets the queries of $n$ new tokens, and the keys and values of
# all $N$ tokens so far.


# %%
def attend(q, k, v):  # q (B, H, n, D): new tokens; k, v (B, H, N, D): all so far
    n, N = q.shape[2], k.shape[2]
    scores = q @ k.mT / math.sqrt(q.shape[3])  # (B, H, n, N)
    future = torch.ones(n, N, dtype=torch.bool).triu(N - n + 1)  # (n, N)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ v  # (B, H, n, D)


# %% [markdown]
# The mask begins $N - n$ columns later than in lesson 11, because row 0 belongs to the
# first *new* token, and this token may see all old ones. For example, 2 new tokens come
# after 3 old ones:

# %%
print(torch.ones(2, 5, dtype=torch.bool).triu(5 - 2 + 1).int())  # 1: the future

# %% [markdown]
# Row 0 is the first new token. Of the five tokens it may see four. Row 1 is the second
# new token, and it sees all five.
#
# Now the walk through the blocks. The method `heads` of the library's attention makes
# queries, keys and values as in lesson 12: it multiplies with the weights, cuts into
# heads, brings queries and keys to one length, and turns them by the angles.


# %%
@torch.no_grad()
def read(ids, cache):  # ids (B, n): new tokens; cache: keys, values of each block
    old = cache[0][0].shape[2]  # so many tokens have been read before
    angles = base.table[:, old : old + ids.shape[1]]  # of the positions of the new ones
    x = base.embedding(ids)  # (B, n, C)
    for i, block in enumerate(base.blocks):
        q, k, v = block.attention.heads(block.norm_1(x), angles)  # (B, H, n, D) each
        k = torch.cat([cache[i][0], k], dim=2)  # (B, H, old + n, D)
        v = torch.cat([cache[i][1], v], dim=2)  # (B, H, old + n, D)
        cache[i] = k, v
        mix = attend(q, k, v).transpose(1, 2).flatten(2)  # (B, n, C)
        x = x + block.attention.proj(mix)  # (B, n, C)
        x = x + block.down(F.gelu(block.up(block.norm_2(x))))  # (B, n, C)
    return base.norm(x) @ base.embedding.weight.T  # (B, n, V)


# %%
def empty_cache():  # for each block: keys and values of no tokens
    return [(torch.zeros(1, H, 0, D), torch.zeros(1, H, 0, D)) for _ in range(L)]


# %% [markdown]
# The angles must be those of the true positions. The first new token after 3 old ones
# stands at position 3, and with the angle of position 0 its query would meet the keys
# at the wrong distances. Does `read` compute the same as one pass over everything? We
# read the text word by word and compare.

# %% tags=["ledger:C41"]
text = torch.tensor([plain])  # (1, T)
cache = empty_cache()
steps = [read(text[:, t : t + 1], cache) for t in range(len(plain))]  # T of (1, 1, V)
with torch.no_grad():
    whole = base(text)  # (1, T, V)
gap = (torch.cat(steps, dim=1).softmax(-1) - whole.softmax(-1)).abs().max()
assert gap < 1e-5
print(f"{len(steps)} steps, no probability differs by more than 0.00001")
print("keys of block 0:", tuple(cache[0][0].shape), "= (B, H, T, D)")

# %% [markdown]
# Now write with it. First the whole prompt goes through the model at once; this step is
# called **prefill**. Then one new token after the other goes through; this is called
# **decode** (or decoding).


# %% tags=["ledger:C41"]
def write_with_cache(ids, n_new):
    ids, cache = list(ids), empty_cache()
    logits = read(torch.tensor([ids]), cache)[0, -1]  # prefill: (V,)
    for _ in range(n_new - 1):
        ids.append(logits.argmax().item())
        logits = read(torch.tensor([ids[-1:]]), cache)[0, -1]  # decode: (V,)
    return [*ids, logits.argmax().item()], cache[0][0].shape[2]


kept, n_once = write_with_cache(prompt, 40)
assert kept == plain
print(f"the same {len(kept)} tokens; {n_once} went through the model, not {n_read}")

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("prompt", f"{len(prompt)} tokens"),
        ("prefill", "all at once"),
        ("KV cache", f"{L} x 2 x (B, H, T, D)"),
        ("decode", "1 token in, 1 out"),
        ("KV cache", "T grows by 1"),
    ],
    "Prefill fills the cache once, decode adds one token at a time",
    arrows=["read", "keep k, v", "look back", "keep k, v"],
    colors=[BLUE, BLUE, GREEN, ORANGE, GREEN],
)

# %% [markdown]
# ### 5. Counting the work
#
# Work is counted in **FLOPs** (floating-point operations): multiplications and
# additions. A product of a matrix $(n, a)$ with a matrix $(a, b)$ takes $nab$
# multiplications and as many additions, so $2nab$ FLOPs. For one token and one layer of
# width $C$ this gives
#
# $$24\,C^2 \;+\; 4\,N\,C$$
#
# - $24 C^2$: the products with weights. Queries, keys and values have $3C^2$ weights,
#   the projection $C^2$, the feed-forward layer $8C^2$. These are $12 C^2$ weights with
#   two FLOPs each, and their number does not depend on the length of the text.
# - $4NC$: attention. Comparing one query with $N$ keys takes $2NC$, mixing $N$ values
#   takes $2NC$.
#
# (Many papers write $d$ for the width $C$. And $N$ is a number of tokens here; in
# lesson 17 it was a number of weights, and $C$ was the compute.) The head at the end
# costs $2CV$ more for each token, but only once and not in each layer. Torch can count
# for us. (Like most programs it counts the masked scores, too.) Does our `read` do what
# the formula says?


# %%
def flops(n_new, n_old):  # for the base model: layers and head
    per_token = L * (24 * C * C + 4 * (n_old + n_new) * C) + 2 * C * V
    return n_new * per_token


cache = empty_cache()
for name, start, end in (("prefill", 0, 30), ("decode", 30, 31)):
    with FlopCounterMode(display=False) as counter:
        read(text[:, start:end], cache)
    counted = counter.get_total_flops()
    assert counted == flops(end - start, start)
    print(f"{name:7} of {end - start:2} after {start:2} tokens: {counted:10,} FLOPs")

# %% [markdown]
# The formula agrees with torch to the last operation. Now use it for a real size: the
# prompt of 1,000 tokens and 1,000 new ones of your prediction, for GPT-2 small.


# %% tags=["ledger:D8"]
def gpt2_flops(n_new, n_old, wide=768, n_layers=12, n_tokens=50_257):
    layer = 24 * wide**2 + 4 * (n_old + n_new) * wide  # FLOPs for a token in a layer
    return n_new * (n_layers * layer + 2 * wide * n_tokens)


without = sum(gpt2_flops(n, 0) for n in range(1000, 2000))
prefill = gpt2_flops(1000, 0)
decode = sum(gpt2_flops(1, n) for n in range(1000, 1999))
print(f"without a cache {without:.2e} FLOPs")
print(f"with a cache    {prefill:.2e} prefill + {decode:.2e} decode")
print(f"{without / (prefill + decode):.0f} times less work")
assert without / (prefill + decode) > 700

# %% [markdown]
# This is a little more than the factor of your prediction, which counted only tokens: a
# token of a long text costs more, because its attention has more to compare. (GPT-2's
# own context ends at 1,024, so read this as "a model of its shape".) Prefill and decode
# cost nearly the same here.
#
# ### Why you wait for the answer *(more)*
#
# And yet you *wait* for decode. Why? In prefill, each weight is fetched from memory
# once and used for 1,000 tokens. In decode, each weight is fetched again for every
# single token. Compare this with an H100, a graphics card of 2022. While it fetches one
# number from its memory, it can do several hundred operations.

# %%
operations, bytes_read = 989e12, 3.35e12  # per second, bfloat16; data sheet of 2023
possible = operations / bytes_read * 2  # FLOPs while it fetches one 2-byte number
for name, n_tokens in (("prefill", 1000), ("decode", 1)):
    used = 2 * n_tokens  # each weight: a multiplication and an addition for each token
    print(
        f"{name:8}{used:5} FLOPs for each weight fetched, {possible:.0f} are possible"
    )
print(f"decode uses {2 / possible:.1%} of what the card could do")
assert 2 < possible < 2000

# %% [markdown]
# So prefill is limited by how fast the card computes, and decode by how fast it
# *reads*. (The field says **compute-bound** and **memory-bound**.) This explains two
# things that you can see in every chat program. A long question is read quickly, and
# the answer appears word by word. And a server that answers one user alone wastes its
# card, so it decodes for many users at once: then each weight that it fetches serves
# all of them. But this helps only with the weights. The keys and values of a user are
# fetched for this user alone, so a small cache is also a fast one.
#
# ### 6. The cache fills the memory
#
# The cache is not free. For each token, each layer keeps a key and a value for each
# head: $2 \times \text{layers} \times \text{heads} \times D$ numbers. That grows with
# $n$, not with $n^2$. But it must be kept for every user, as long as the talk goes on.


# %% tags=["ledger:D8"]
def cache_bytes(n_tokens, n_layers, n_kv_heads, head_dim, n_bytes=2):
    return 2 * n_layers * n_kv_heads * head_dim * n_tokens * n_bytes


small = gpt.gpt2_config("small")
room = cache_bytes(1024, 12, 12, 64)
million = cache_bytes(2**20, 12, 12, 64)
print(f"GPT-2 small, 1,024 tokens: {room / 2**20:.0f} MiB")
print(f"2**20 = {2**20:,} tokens: {million / 2**30:.0f} GiB")
library = KVCache(small.cache_shape, 1, dtype=torch.float16, device="meta")
assert room == library.n_bytes == 36 * 2**20

# %% [markdown]
# (A MiB is $2^{20}$ bytes, a GiB is $2^{30}$.) A million tokens of one talk with a
# *small* model would not fit on a graphics card of 24 GB.
#
# ### 7. Grouped queries
#
# The heads of a layer need different *queries*, because each looks for something else.
# Do they need different keys and values, too? In **grouped-query attention** (GQA;
# Ainslie and others, 2023) a few heads share one set of keys and values. With H = 6
# heads and K = 2 sets, each set serves 3 heads, and the cache is three times smaller.
# (Such a set is called a **KV head** elsewhere. K = 1 is multi-query attention, MQA.
# K = H is what you built in lesson 12.)

# %%
inside.plot_groups(6, 2, "Three query heads share one set of keys and values")


# %% [markdown]
# In code only one thing is new: the heads are put into groups, and each group meets its
# own keys. `k[:, :, None]` adds a dimension of size 1, which stands for "the same for
# all heads of the group".


# %%
def grouped(q, k, v):  # q (B, H, T, D); k, v (B, K, T, D)
    (B, H, T, D), K = q.shape, k.shape[1]
    q = q.view(B, K, H // K, T, D)  # heads in K groups
    scores = q @ k[:, :, None].mT / math.sqrt(D)  # (B, K, H / K, T, T)
    future = torch.ones(T, T, dtype=torch.bool).triu(1)  # (T, T)
    weights = scores.masked_fill(future, -math.inf).softmax(-1)
    return (weights @ v[:, :, None]).view(B, H, T, D)  # back to (B, H, T, D)


# %%
q = torch.randn(1, 6, 5, 4, generator=generator)  # 6 query heads
k, v = torch.randn(2, 1, 2, 5, 4, generator=generator)  # 2 sets of keys and values
repeated = attention.causal_attention(
    q, k.repeat_interleave(3, dim=1), v.repeat_interleave(3, dim=1)
)[0]
torch.testing.assert_close(grouped(q, k, v), repeated)
print("grouped = each set of keys and values written down three times")
print(f"{k.numel() + v.numel()} numbers to keep in place of {6 * k[:, 0].numel() * 2}")

# %% [markdown]
# How much do real models save? These sizes stand in the configuration files that their
# makers published. Each line has the layers, the query heads H, the sets of keys and
# values K, the width D of a head, and the context.

# %%
MODELS = {  # layers, H, K, D, context
    "GPT-2 xl (2019)": (48, 25, 25, 64, 1024),
    "Llama 2 7B (2023)": (32, 32, 32, 128, 4096),
    "Llama 3 8B (2024)": (32, 32, 8, 128, 8192),
    "SmolLM2 135M (2024)": (30, 9, 3, 64, 8192),
}
print("model                  H   K   KiB a token   GiB, full context   if K were H")
for name, (layers, heads, sets, width, n) in MODELS.items():
    kib = cache_bytes(1, layers, sets, width) / 2**10
    full, ungrouped = (cache_bytes(n, layers, s, width) / 2**30 for s in (sets, heads))
    print(f"{name:20}{heads:4}{sets:4}{kib:14.1f}{full:20.2f}{ungrouped:14.2f}")
llama2, llama3 = MODELS["Llama 2 7B (2023)"], MODELS["Llama 3 8B (2024)"]
assert cache_bytes(1, 32, llama2[2], 128) == 4 * cache_bytes(1, 32, llama3[2], 128)

# %% [markdown]
# These two Llamas have as many layers and heads, of the same width, but Llama 3 shares
# each set among four heads. Its context is twice as long, and still its full cache is
# only half as large. The price is a less flexible attention; the paper found that the
# quality suffers only a little. Lesson 26 opens SmolLM2, and you will meet its three
# sets there.
#
# ### 8. Longer than any text of training *(more)*
#
# Our base model has rotary positions. It was trained on rows of 128 words, and its
# context size of 128 is only a setting. So we give the same weights to a model with a
# context of 512, and read on. To use a model beyond the length of its training is
# called **length extrapolation**.

# %%
setting = replace(base.config, context_size=512)  # a copy with one change
longer = gpt.GPT(setting)
longer.load_state_dict(base.state_dict())  # not one weight is new
rows = world.token_rows(tiny, "val", 0, n_rows=100, length=513)
x, y = rows.tokens[:, :-1], rows.tokens[:, 1:]  # (100, 512) each
with torch.no_grad():
    print("no error:", tuple(longer(x[:1]).shape))

# %% [markdown]
# There is no error. But is it as good at position 400 as at position 100? We measure
# the loss at every position. Some words are harder than others, so we subtract the
# **floor** of lesson 9, which is the exact surprise of each word. What is left is the
# model's own fault, its **excess**.


# %%
@torch.no_grad()
def own_fault(logits):  # (B, T, V) -> (T,): nats above the floor, at each position
    costs = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
    return (costs.view(y.shape) - rows.nats[:, 1:]).mean(0)  # (B, T) -> (T,)


def in_parts(costs, size=64):  # (T,) -> the means of T / size parts
    return costs.view(-1, size).mean(1).tolist()


# %% tags=["close:0.03"]
with torch.no_grad():
    reads_on = in_parts(own_fault(longer(x)))
for part, nats in enumerate(reads_on):
    print(f"from position {64 * part:3}: {nats:.2f} nats above the floor")
assert max(reads_on[:2]) < 0.2 < reads_on[-1]
assert reads_on[-1] > 10 * max(reads_on[:2])

# %% [markdown]
# The model was trained on the first two of these parts. A little beyond them it still
# reads well. Far beyond them its excess is more than ten times as large. The queries
# there meet keys at larger distances than ever in training, and more keys at once. The
# model does not stop, and it does not warn. So "rotary" does not mean "any length": a
# model should be trained on texts that are as long as those it will read. (Makers of
# long-context models first train on short texts, because these are cheaper, and at the
# end for a while on long ones, with the pairs of numbers turning more slowly than before,
# so that a large distance stays a familiar angle.)
#
# ### A sliding window *(more)*
#
# Can we help the model without training? The idea gives something up. Let each token
# look only at the latest $w$ tokens, itself included: a **sliding window**. This is
# only another mask. Then the cache never holds more than $w$ tokens, and the work for a
# token stops growing.


# %%
def window_mask(T, w):  # (T, T), True: may look
    places = torch.arange(T)
    far = places[:, None] - places  # (T, 1) - (T,) -> (T, T): how far back
    return (far >= 0) & (far < w)


# %% tags=["hide-input"]
# drawing only
seen = [window_mask(6, w) for w in (6, 3)]
marks = [{(i, j): BLUE for i, j in one.nonzero().tolist()} for one in seen]
plot_grids(
    [
        Grid(seen[0].tolist(), "causal", columns=names, rows=names, marks=marks[0]),
        Grid(seen[1].tolist(), "window 3", columns=names, rows=names, marks=marks[1]),
    ],
    "With a window of 3 each word sees itself and two words before it",
    signs=["or"],
)

# %% [markdown]
# The library's blocks take a mask as their last argument. So we can give our base model
# a window without any training.


# %%
@torch.no_grad()
def read_in_window(model, ids, w):  # ids (B, T) -> logits (B, T, V)
    T = ids.shape[1]
    x = model.embedding(ids)  # (B, T, C)
    for block in model.blocks:
        x = block(x, model.table[:, :T], None, window_mask(T, w)[None, None])
    return model.norm(x) @ model.embedding.weight.T  # (B, T, V)


# %% [markdown]
# **First what it is good for.** With a window of up to 128 words, the model never meets
# a distance, or a number of keys, that it does not know from training.

# %% tags=["close:0.03"]
windows = {w: in_parts(own_fault(read_in_window(longer, x, w))) for w in (64, 16)}
middles = range(32, 512, 64)
curves = {
    "looks at all words": (middles, reads_on),
    "window of 64": (middles, windows[64]),
    "window of 16": (middles, windows[16]),
}
plot_points(
    curves,
    "With a window of 64 the loss stays low, far beyond training",
    xlabel="position in the text",
    ylabel="nats above the floor",
    lines=curves,
    rings={"longest text in training": (128, (reads_on[1] + reads_on[2]) / 2)},
    log_x=False,
)

# %%
assert windows[64][-1] < 0.5 * reads_on[-1]
assert windows[16][1] > windows[64][1] + 0.1
doc_words = [tiny.document(i).n_words for i in range(1000)]
n_long = sum(n > 64 for n in doc_words)
print(f"of 1,000 documents {n_long} are longer than 64 words,", end=" ")
print(f"{sum(n > 16 for n in doc_words)} are longer than 16")

# %% [markdown]
# With a window of 64 words the loss stays low to the end. Very few documents of Tiny
# World are longer than that, so this window hides hardly anything that matters. A
# window of 16 words does hide something, and the model pays for it from the start. (So
# the old words far back did the harm: with a window of 128, the length of training, it
# stays as low. Try it.)
#
# (And the attention sink of lesson 15? Documents are short here, so nearly every window
# of 64 words holds an `<eot>` where a head can rest. Many models rest at the first token
# of the whole text. If a window pushes it out, they fail, so a program keeps the first
# few tokens in the cache: Xiao and others, 2023.)
#
# **Then what it forgets.** We tell the base model a fact about somebody it has never
# read about, talk of other things for twenty words, and ask. Read one such interview:


# %%
RELATIONS = list(world.RELATIONS)


def small_talk(n, draw):  # n words of documents, drawn by a generator of numbers
    spoken = []
    while len(spoken) < n:
        spoken += tiny.document(draw.randrange(10**6)).words[:-1]
    return spoken[:n]


# %%
def interview(i, n_talk):  # the words of a talk, and the true answer
    draw = random.Random(i)  # each talk has a seed of its own
    person = tiny.held_out[i % len(tiny.held_out)]
    relation = RELATIONS[i % len(RELATIONS)]
    value = draw.choice(world.FACT_VALUES[relation])
    fact = ["<eot>", *world.statement(person, relation, value).split()]
    asked = f"Question : {world.question(person, relation)} Answer :".split()
    return fact + small_talk(n_talk, draw) + asked, value


# %%
talks = [interview(i, 20) for i in range(400)]
spoken, value = talks[0]
print(" ".join(spoken), "->", value)
needed = [len(one) - one.index(true) for one, true in talks]
print(f"in {len(talks)} talks, the word that answers is", end=" ")
print(f"{min(needed)} to {max(needed)} words back")

# %% [markdown]
# Now ask 400 such questions, with windows of different sizes. `pad_sequence` fills the
# shorter talks at the right; because of the causal mask, nobody sees the filling.


# %%
def beliefs(talks, w):  # probabilities of the next word after each talk: (B, V)
    rows = [torch.tensor(world.encode(one)) for one, _ in talks]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)  # (B, longest)
    last = torch.tensor([len(row) - 1 for row in rows])  # (B,)
    return read_in_window(base, ids, w)[torch.arange(len(rows)), last].softmax(-1)


# %%
def answers(talks, w):  # the likeliest word after each talk
    return world.decode(beliefs(talks, w).argmax(-1).tolist())


def share_right(talks, w):
    pairs = zip(answers(talks, w), talks, strict=True)
    return sum(said == true for said, (_, true) in pairs) / len(talks)


# %% tags=["ledger:D9", "close:3"]
sizes = [10, 20, 25, 28, 30, 32, 34, 36, 40]
right = [100 * share_right(talks, w) for w in sizes]
guessing = sum(1 / len(world.FACT_VALUES[r]) for r in RELATIONS) / len(RELATIONS)
plots.plot_curves(
    {"right answers": (sizes, right)},
    f"Right only if the window reaches {min(needed)} to {max(needed)} words back",
    xlabel="words in the window",
    ylabel="right answers, %",
    lines={"blind guess": 100 * guessing},
)

# %% tags=["counts:12"]
kinds = [world.FACT_VALUES[RELATIONS[i % len(RELATIONS)]] for i in range(400)]
said, trues = answers(talks, 25), [true for _, true in talks]
n_right = sum(one == true for one, true in zip(said, trues, strict=True))
n_kind = sum(one in kind for one, kind in zip(said, kinds, strict=True))
print(f"window of 25: of 400 answers {n_kind} are of the right kind,", end=" ")
print(f"{n_right} are true")
assert right[-1] > 80 > 15 > right[2]
assert n_kind > 240

# %% tags=["close:0.03"]
for w in (25, 40):
    top = beliefs(talks, w).max(-1).values.mean()  # of the word that it says
    print(f"window of {w}: the word that it says has a probability of {top:.2f}")

# %% [markdown]
# As soon as the fact has slid out of the window, the model is no better than a blind
# guess. The text does not show it: most answers are of the right kind, for example a
# town where a town was asked for, and they sound like a true answer. Only somebody who
# looks at the probabilities sees that the model is less sure. A chat program shows
# words, not probabilities. This is probably how long talks with the chat models of 2022
# became strange: the program dropped the oldest words, and the model answered without
# them.
#
# (The window belongs to each layer. A word at the edge of the window has itself seen
# words further back, so in a model with $L$ layers something may travel up to $L (w -
# 1)$ words. Our model has not been trained for that. Models that are trained with
# windows use it, and most of them mix both kinds of layers: some with a window, some
# that see all. Mistral 7B of 2023 and Gemma 3 of 2025 are well-known models with
# windows.)
#
# ## Compare with torch
#
# The library's `KVCache` does what your list of keys and values does, in memory that is
# set aside at the start. `generate` writes with it, and torch's fast attention knows
# grouped queries (`enable_gqa`). All three must agree with what you typed.

# %% tags=["ledger:C41"]
with torch.inference_mode():
    cache = KVCache(base.config.cache_shape, batch_size=1)
    steps = [base(text[:, t : t + 1], cache) for t in range(len(plain))]
    torch.testing.assert_close(torch.cat(steps, 1), whole, atol=1e-4, rtol=0)
[rest] = generate(base, [prompt], max_new_tokens=40, temperature=0)
assert prompt + rest == plain
fast = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
torch.testing.assert_close(grouped(q, k, v), fast)
print("KVCache, generate and torch's grouped attention: the same as by hand")

# %% [markdown]
# **What does a program do when the context is full?** It can stop, or it can forget.
# The library refuses a prompt that is too long, unless you tell it what to do with the
# words that are dropped.

# %%
long = prompt + rest * 4
try:
    generate(base, [long], max_new_tokens=5)
except ValueError as error:
    print(error)


n_dropped = []


def tell(row, ids):
    n_dropped.append(len(ids))
    print(f"dropped {len(ids)} tokens: {words.decode(ids[1:9])} ...")


[more] = generate(base, [long], max_new_tokens=5, temperature=0, dropped=tell)
print(f"kept {len(long) - n_dropped[0]} of {base.config.context_size}")

# %% [markdown]
# After the oldest words have been dropped, the old cache is of no use. All words have
# moved to other positions, and the keys and values of the upper layers have seen the
# words that are gone. So the library reads what is left once more: a new prefill. It
# leaves room for the words that are to be written (here 5, so that 123 words are kept),
# but it always keeps at least half a context, here 64 words. When it has to write on for
# long (`when_full="slide"`), it drops half at once, because a new prefill for each new word
# would be as slow as no cache. The model does not know what was dropped, and it answers
# without it.
#
# ## See it
#
# When does attention cost more than the weights of a layer? Solve $24 C^2 = 4NC$: at $N = 6C$.

# %% tags=["ledger:D8"]
for name, wide in {"Tiny World": C, "GPT-2 small": 768, "GPT-3": 12_288}.items():
    print(f"{name:12} C = {wide:6,}: equal at N = 6 C = {6 * wide:6,} tokens")
    assert 24 * wide**2 == 4 * (6 * wide) * wide
ns, wide = [2**power for power in range(8, 16)], 768
weights = [24 * wide**2 / 1e6 for _ in ns]
both = [(24 * wide**2 + 4 * n * wide) / 1e6 for n in ns]

# %% tags=["hide-input"]
# drawing only
plot_points(
    {"products with weights": (ns, weights), "with attention": (ns, both)},
    f"The work in a layer of GPT-2 small doubles at N = 6 C = {6 * wide:,}",
    xlabel="tokens in the context",
    ylabel="million FLOPs per token and layer",
    lines={"products with weights": (ns, weights), "with attention": (ns, both)},
    rings={f"{6 * wide:,}": (6 * wide, 2 * weights[0])},
)

# %% [markdown]
# So attention is *not* what makes a short text expensive. GPT-2 reads 1,024 tokens, far
# below the point where the two are equal. The wider a model is, the later its attention
# matters.
#
# ## Play with it
#
# **How does the cache save work?** Press "Next word", or move the slider. Then switch
# the cache off. Go to the last step, with and without the cache: which of the two sums,
# tokens computed or scores, shrinks more? (In the picture, a filled square is a token
# that is computed in this step. An open circle is read from the cache.)

# %%
KVCacheStepper([words.decode([token]) for token in plain[1:11]], n_prompt=3, step=4)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The tokens. Without the cache 52 tokens are computed, with it 10. The scores fall only
# from 216 to 55, because each new query still meets all keys.
#
# </details>
#
# **What does it cost?** *(more)* Move the number of tokens and choose a model. How
# large is the cache of GPT-2 small where its attention becomes as expensive as its
# weights? At the same length, how much of GPT-3's work is attention?

# %%
ContextCost(n=1024)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# At 4,608 tokens the cache of GPT-2 small has 170 MB (162 MiB). For GPT-3 the two are
# equal only at 73,728 tokens. So at 4,608 tokens attention is
# $4608 / (73728 + 4608)$ of its work, about 6 %.
#
# </details>
#
# **Does your own machine feel the square?** *(more)* Seconds differ from run to run, so
# this cell only defines the measurement. Type `seconds(2048) / seconds(512)` into a
# cell of your own. Four times the tokens are 16 times the scores. Is it 16?


# %%
def seconds(n):  # the best of five
    q, k, v = torch.randn(3, 1, 1, n, 16)
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        attention.causal_attention(q, k, v)
        spent.append(time.perf_counter() - start)
    return min(spent)


# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Usually not exactly. Large tables do not fit into the fast memory of the processor, so
# it can be more than 16. And with small tables the fixed costs of a call hide the
# square, so it can be less.
#
# </details>
#
# **The core ends here.** Answer questions 1 to 5 of *Check yourself*, then do
# [homework 18](homework/hw18.ipynb).
#
# ## Why does this work?
#
# (This whole section is *more*.)
#
# **Why is training not as slow as writing?** In training the whole text is known. One
# pass gives the prediction at every position, all of them in parallel, and the mask
# makes sure that no position sees its answer. So training is all prefill and no decode.
# Older networks (recurrent networks) had to read word after word in training, too.

# %% tags=["ledger:C41"]
with torch.no_grad():
    one_pass = base(text)  # (1, T, V)
    many = [base(text[:, : t + 1])[:, -1] for t in range(len(plain))]  # T of (1, V)
torch.testing.assert_close(torch.stack(many, 1), one_pass, atol=1e-4, rtol=0)
print(f"1 pass over {len(plain)} tokens = {len(many)} passes over 1 to {len(plain)}")

# %% [markdown]
# **Is a longer context always better?** Only if the model has learned to use it. All
# the following interviews fit into the 128 words that our model reads. They ask for the
# same facts as the interviews above. Only the talk between the fact and the question grows.

# %% tags=["ledger:D9", "close:4"]
gaps = [0, 20, 40, 60, 80]
reach = [100 * share_right([interview(i, n) for i in range(400)], 128) for n in gaps]
for n, share in zip(gaps, reach, strict=True):
    print(f"{n:2} words of talk: {share:5.1f} % right")
print(f"a document has {sum(doc_words) / 1000:.0f} words on average")
assert reach[0] > 95 > 50 > reach[-1]

# %% [markdown]
# Everything is in the context, and still the model fails more and more often. Two things
# grow with the talk: the distance, and the chance that somebody else's fact of the same
# kind stands in between, a rival of the true one. We split the talks of 60 words:

# %% tags=["close:0.06"]
talks = [interview(i, 60) for i in range(400)]
said = answers(talks, 128)
hits = {False: [], True: []}  # is there a rival in the talk?
for i, (one, true) in enumerate(talks):
    others = set(world.FACT_VALUES[RELATIONS[i % len(RELATIONS)]]) - {true}
    hits[not others.isdisjoint(one)].append(said[i] == true)
for rival, correct in hits.items():
    share = sum(correct) / len(correct)
    print(f"rival in the talk: {rival!s:5} {len(correct):3} talks, {share:.2f} right")

# %% [markdown]
# Both are to blame. A rival confuses the model, but without one it fails, too: a fact that
# is far back is hard to find. Documents of Tiny World are short, so in training the model
# has seldom needed one. That is the likely reason. Makers of real
# models test the same with a sentence that is hidden somewhere in a long text, the
# **needle in a haystack** test. A context that the model *can read* is not yet a
# context that it *uses*.
#
# ### The scores need no memory
#
# Where are the 2.19 terabytes of step 1? In torch's fused attention they never exist.
# It takes a few keys at a time, keeps running sums for the softmax, and throws the
# scores away. On graphics cards this is known as **FlashAttention** (Dao and others,
# 2022). Here is the idea for one query, one key at a time. The softmax needs the sum of
# all $e^{score}$, but a sum can be added up piece by piece:


# %%
def one_by_one(q, k, v):  # q (D,), k and v (N, D) -> (D,), and no list of N scores
    total, mix = torch.tensor(0.0), torch.zeros(len(q))
    highest = torch.tensor(-math.inf)  # score so far: keeps exp from overflowing
    for key, value in zip(k, v, strict=True):
        score = key @ q / math.sqrt(len(q))
        top = torch.maximum(highest, score)
        shrink, part = (highest - top).exp(), (score - top).exp()
        total, mix = total * shrink + part, mix * shrink + part * value
        highest = top
    return mix / total


# %% tags=["ledger:D8"]
q, k, v = torch.randn(3, 200, 8, generator=generator)  # (T, D) each
by_hand = one_by_one(q[-1], k, v)  # the last token sees all
fused = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)
torch.testing.assert_close(by_hand, fused[0, -1], atol=1e-5, rtol=0)
print("one key at a time = all scores at once; kept:", 1 + 1 + len(by_hand), "numbers")

# %% [markdown]
# When a higher score appears, everything so far is shrunk by the same factor. So the
# result is exactly the softmax of lesson 2. The memory no longer grows with $n^2$. The
# number of products stays what it was.
#
# ## Check yourself
#
# ### Fix the slide *(more)*
#
# A blog of 2025 says: *"Long conversations just work now. The only downside is that you
# reach your rate limit sooner."* A **rate limit** is the number of tokens that a
# provider allows you in a minute or in a day. Why do you reach it *sooner* in a long
# talk? Each new message sends the **whole talk** to the model again. Here is a talk of
# 100 turns, with 200 new tokens in each.

# %% tags=["ledger:D10"]
turns = [200 * (i + 1) for i in range(100)]  # tokens of the talk at each turn
print(f"new tokens: {turns[-1]:,}, tokens that the model was sent: {sum(turns):,}")

# %% [markdown]
# The tokens that are counted grow like the square of the number of turns. And why does
# the *provider* count them all? Compute what the last token of a full context costs,
# compared with the first one, in work and in bytes to read.

# %% tags=["ledger:D10"]
for n in (1_024, 131_072, 1_047_576):
    work = gpt2_flops(1, n - 1) / gpt2_flops(1, 0)
    weights = 2 * gpt.count_parameters(small)  # bytes
    read_in = (weights + cache_bytes(n, 12, 12, 64)) / weights
    print(f"token {n:9,}: {work:5.1f} times the work, {read_in:5.1f} times the bytes")
assert work > 150

# %% [markdown]
# (For the shape of GPT-2 small. How the large commercial models are built is not
# published.) Every token of a long talk costs more than a token of a short talk, in
# work, in memory and in waiting time. (A provider may keep the cache between two
# messages. This is called **prompt caching**, and the old part is then cheaper, but its
# memory is not free.) So the limit is not a *separate* problem: it is
# how the provider hands the cost on to you. And you have measured a second downside: a
# model need not use what is in its context.
#
# ### Questions
#
# **1.** You double the length of the prompt. What happens to the KV cache, and what to
# the number of scores?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The cache doubles. There are four times as many scores, and the work for them grows
# with them. Their memory need not grow so: a program can compute a few scores at a time
# and forget them (step 1).
#
# </details>
#
# **2.** With the KV cache, each new token goes through the model once. Why does the
# thousandth still cost more than the first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Its query is compared with a thousand keys, and it mixes a thousand values: the part
# $4NC$. Only the part with the weights, $24C^2$, stays the same.
#
# </details>
#
# **3.** A friend wants to keep the queries in the cache, too. What do you answer?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Nobody will look at them again. A query belongs to the token that is looking, and the
# old tokens have already looked.
#
# </details>
#
# **4.** In `read`, somebody writes `angles = base.table[:, : ids.shape[1]]`. Which
# tokens come out right, and which wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The prompt comes out right, because it begins at position 0. Every token of decode
# would be turned as if it stood at position 0, so all of them are wrong. There is no
# error message. Try it: change the line in `read`, run its cell and the comparison with
# one pass again, and the comparison fails.
#
# </details>
#
# **5.** Llama 3 70B has 80 layers, 64 heads, 8 sets of keys and values, and heads of
# 128 numbers. How many GiB does a cache of 8,192 tokens take? Use `cache_bytes`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `cache_bytes(8192, 80, 8, 128) / 2**30` gives 2.5. Without grouped queries it would be
# eight times as much.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A long text is hard for three reasons: its positions may be new to the
#   model, every token looks at every token, and keys and values must be kept. The KV
#   cache saves reading again, grouped queries make the cache smaller, a window bounds
#   it.
# - **Formula.** Per token and layer $24C^2 + 4NC$ FLOPs, equal at $N = 6C$. KV cache:
#   $2 \times \text{layers} \times K \times D$ numbers for each token.
# - **Pitfall.** What has left the window is forgotten without a warning. And a context
#   that fits is not yet a context that is used.
# - **Moved into the library:** `course_lib.cache.KVCache`,
#   `course_lib.generate.generate` and `stream`. In a terminal, `course generate` writes
#   with it.
#
# | what | shape |
# |---|---|
# | keys, and values, in the cache of one layer | $(B, K, N, D)$ each |
# | queries of $n$ new tokens | $(B, H, n, D)$ |
# | scores of the new tokens | $(B, H, n, N)$ |
# | queries in groups | $(B, K, H / K, T, D)$ |
#
# | here | elsewhere |
# |---|---|
# | context size | context window, `n_positions`, `max_position_embeddings` |
# | width $C$ | $d$, `d_model`, `hidden_size` |
# | KV cache | `past_key_values`, `use_cache`; kept between calls: prompt caching |
# | sets of keys and values, $K$ | `num_key_value_heads`, KV heads |
# | reading beyond the length of training | length extrapolation |
# | sliding window | SWA, local attention, `sliding_window` |
# | prefill, decode | prompt processing, token generation |
#
# **Homework:** [Homework 18](homework/hw18.ipynb), about 75 minutes, of which the core
# takes 45. A badge under each check says at once whether your answer is correct.
#
# **Next:** you have met the base model many times. What has it learned from reading?
# [19. A base model](19_base_model.ipynb)
