# %% [markdown]
# # 18. Context length
#
# **Why is context length a problem?**
#
# A model reads only so much at once: its **context**. The first chat models of 2022
# managed a few thousand tokens, and long talks became strange. Today there are
# models that read a million. What was so hard about it?
#
# - **You will** count what attention costs, find the length at which it overtakes all
#   the rest, build the cache that makes writing fast, and make a model forget.
# - **You need** lessons 11 (attention) and 14 (the GPT).
# - **Time** 40 minutes.
# - **Back** [17. Faster, safer, larger](17_faster_safer_larger.ipynb) ·
#   **Next** [19. A base model](19_base_model.ipynb)

# %%
import math
import random
import time

import torch
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

import tiny_world as world
from course_lib import attention, gpt
from course_lib.cache import KVCache
from course_lib.generate import generate
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import ContextCost, KVCacheStepper

torch.set_printoptions(precision=4, sci_mode=False)
base = world.load_base()  # the base model of Tiny World
words = world.WorldTokenizer()

# %% [markdown]
# ## Predict first
#
# One model of 2025, GPT-4.1, is said to read 1,047,576 tokens. Attention compares each
# of them with each. Suppose you write all these scores down, for **one** head in
# **one** layer, in numbers of two bytes. **How many terabytes is that?** (A terabyte is
# a million megabytes. A large disk holds a few.)

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, 2 * 1_047_576**2 / 1e12))

# %% [markdown]
# A model has dozens of layers with dozens of heads. So nobody writes all scores down.
# This lesson shows what is done instead.
#
# ## Build it by hand
#
# ### Every token looks at every token
#
# Here is attention as in lesson 11, and a spy: it reports the largest tensor that torch
# makes on the way.


# %% tags=["ledger:D8"]
class LargestTensor(TorchDispatchMode):
    """Remembers how many numbers the largest result has."""

    def __init__(self):
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for part in out if isinstance(out, tuple | list) else [out]:
            if isinstance(part, torch.Tensor):
                self.numbers = max(self.numbers, part.numel())
        return out


d = 16
for n in (64, 128, 256, 512):
    q, k, v = torch.randn(3, 1, 1, n, d, generator=torch.Generator().manual_seed(0))
    with LargestTensor() as spy:
        attention.causal_attention(q, k, v)
    assert spy.numbers == n * n
    print(f"{n:4} tokens: {3 * q.numel():6,} numbers go in, {spy.numbers:8,} scores")

# %% [markdown]
# Double the tokens: what goes in doubles, the scores become four times as many. That is
# what $n^2$ means.
#
# > **For children (and for the rest of us).** In a class of 5, everybody shakes hands
# > with everybody: that is quickly done. In a school of 500 there are a hundred times
# > as many children. But it takes more than ten thousand times as many handshakes.
#
# Now with the lengths of real models. The numbers of tokens are as their makers told
# them, up to 2025; GPT-2's 1,024 you have seen yourself in lesson 14.

# %% tags=["ledger:D8", "ledger:D9", "ledger:B14"]
lengths = {
    "GPT-2, 2019": gpt.gpt2_config("small").context_size,
    "GPT-3, 2020": 2_048,
    "128 k": 131_072,
    "GPT-4.1, 2025": 1_047_576,
    "Gemini 1.5 Pro, 2024": 2_097_152,
}
for name, n in lengths.items():
    print(f"{name:21}{n:10,} tokens  {n * n:9.3e} scores  {2 * n * n / 1e9:10,.3f} GB")
assert lengths["GPT-2, 2019"] == 1024

# %% [markdown]
# ### And the work?
#
# Work is counted in **FLOPs**: additions and multiplications of numbers. A matrix
# product of $(n, a)$ with $(a, b)$ takes $2nab$ of them. Torch can count for us. We let
# it count one block of GPT-2 small on the *meta* device, which knows shapes but
# computes nothing.


# %%
def count_flops(config, n):
    with torch.device("meta"):
        block, x = gpt.Block(config), torch.zeros(1, n, config.emb_dim)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        block(x)
    return counter.get_total_flops()


config = gpt.gpt2_config("small")
d = config.emb_dim
for n in (1, 256, 1024):
    by_hand = 24 * d * d * n + 4 * n * n * d
    assert count_flops(config, n) == by_hand
    print(f"n = {n:5}: {by_hand / n / 1e6:6.2f} million FLOPs a token")

# %% [markdown]
# The formula that passes has two parts. **Per token and layer**:
#
# $$24\,d^2 \;+\; 4\,n\,d$$
#
# - $24 d^2$: the products with weights. Queries, keys and values $3d^2$, the projection
#   $d^2$, the feed-forward layer $8d^2$: together $12 d^2$ weights, two FLOPs each. They
#   do not care how long the text is.
# - $4nd$: attention. $2nd$ for the scores with $n$ keys, $2nd$ to mix $n$ values. (The
#   counter counts the masked half too, as most programs compute it.)
#
# When are they equal? Solve $24 d^2 = 4nd$.

# %% tags=["ledger:D8"]
for name, width in {"Tiny World": 128, "GPT-2 small": 768, "GPT-3": 12_288}.items():
    crossing = 24 * width**2 / (4 * width)
    assert crossing == 6 * width
    print(f"{name:12} d = {width:6,}: equal at n = 6 d = {crossing:6,.0f} tokens")
n = 6 * d
assert count_flops(config, n) == 2 * 24 * d * d * n  # torch counts: twice the weights

# %% [markdown]
# So attention is *not* what a short text costs. GPT-2 read 1,024 tokens, far below its
# crossing. The wider a model, the later its attention matters.
#
# ### Writing: do not read the book again for each word
#
# Training scores all positions of a text at once. Writing cannot: the next word must
# be known before the one after it. It is one pass after the other. But must each pass
# read everything again? Here is the plain loop. It counts the tokens it pushes through
# the model.


# %% tags=["ledger:C41"]
@torch.no_grad()
def write(model, tokens, n_new):
    tokens, read = list(tokens), 0
    for _ in range(n_new):
        logits = model(torch.tensor([tokens]))[0, -1]
        read += len(tokens)
        tokens.append(logits.argmax().item())
    return tokens, read


prompt = words.encode("<eot> Once there was", allow_special=True)
plain, read = write(base, prompt, 40)
assert read == sum(range(len(prompt), len(prompt) + 40))
print(words.decode(plain[1:]))
print(f"\n{len(plain)} tokens of text, {read} tokens went through the model")

# %% [markdown]
# What does a new token need from the old ones? Look at attention: the new **query** is
# compared with all **keys**, and mixes all **values**. The old queries are needed no
# more. And old keys and values never change, since nobody looks into the future. So
# keep them: the **KV cache**.


# %%
def with_cache(q, k, v, kept):
    """Attention of one new token: q, k, v are (D,); `kept` holds older (k, v)."""
    kept.append((k, v))
    keys, values = (torch.stack(part) for part in zip(*kept, strict=True))
    weights = (keys @ q / math.sqrt(len(q))).softmax(0)
    return weights @ values


q, k, v = torch.randn(3, 6, 8, generator=torch.Generator().manual_seed(1))
kept = []
one_by_one = torch.stack([with_cache(q[t], k[t], v[t], kept) for t in range(6)])
at_once, _ = attention.causal_attention(q[None, None], k[None, None], v[None, None])
torch.testing.assert_close(one_by_one, at_once[0, 0])
print(f"{len(kept)} tokens, one after the other = all at once")

# %% [markdown]
# There is no mask in `with_cache`. It is not needed: the future is not in the cache yet.
#
# ## Compare with torch
#
# The library's `KVCache` does this for all layers and heads, in memory that is set
# aside at once. Same logits, each token read once:

# %% tags=["ledger:C41"]
with torch.inference_mode():
    cache = KVCache(base.config.cache_shape, batch_size=1)
    whole = torch.tensor([plain])
    steps = [base(whole[:, t : t + 1], cache) for t in range(len(plain))]
    torch.testing.assert_close(torch.cat(steps, 1), base(whole), atol=1e-4, rtol=0)

[rest] = generate(base, [prompt], max_new_tokens=40, temperature=0)
assert prompt + rest == plain
print(f"same text; {cache.length} tokens read in place of {read}")

# %% [markdown]
# The cache is not free: it takes memory, $2 \times$ layers $\times\, n \times d$ numbers.
# At least that grows with $n$ and not with $n^2$.

# %% tags=["ledger:D8"]
small = gpt.gpt2_config("small")
cache = KVCache(small.cache_shape, 1, dtype=torch.float16, device="meta")
per_token = cache.n_bytes / cache.size
print(f"GPT-2 small, {cache.size:,} tokens: {cache.n_bytes / 2**20:.0f} MiB")
print(f"the same for 1,048,576 tokens: {per_token * 2**20 / 2**30:.0f} GiB")
assert cache.n_bytes == 36 * 2**20

# %% [markdown]
# (A MiB is $2^{20}$ bytes, a GiB $2^{30}$.) So one long talk with a small model does
# not fit on a graphics card of 24 GB, and every new token has to *read* all of it.
#
# ### The scores need no memory
#
# And the terabytes of your guess? Scores are needed only for a moment. Torch's fused
# attention takes a few keys at a time, keeps running sums for the softmax, and throws
# the scores away. The same spy looks on (it sees results, not a kernel's scratch memory):

# %% tags=["ledger:D8"]
for n in (64, 256, 1024):
    q, k, v = torch.randn(3, 1, 1, n, 16, generator=torch.Generator().manual_seed(0))
    with LargestTensor() as by_hand:
        slow, _ = attention.causal_attention(q, k, v)
    with LargestTensor() as fused:
        fast = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(fast, slow, atol=1e-5, rtol=0)
    assert (by_hand.numbers, fused.numbers) == (n * n, n * 16)
    print(
        f"{n:5} tokens: by hand {by_hand.numbers:9,}, fused {fused.numbers:6,} numbers"
    )

# %% [markdown]
# Same result, without the square in memory. This is what the "flash" kernels of
# graphics cards do (Dao and others, 2022). The work stays what it was.
#
# ## See it
#
# Where the two parts of the work cross, for GPT-2 small, as torch counts them:

# %%
ns = [2**power for power in range(8, 16)]
matrices = [24 * d * d / 1e6] * len(ns)
both = [count_flops(config, n) / n / 1e6 for n in ns]
plots.plot_curves(
    {"products with weights": (ns, matrices), "with attention": (ns, both)},
    f"The work per token doubles at n = 6 d = {6 * d:,}",
    xlabel="tokens in the context",
    ylabel="million FLOPs per token and layer",
    lines={"twice": 2 * matrices[0]},
    log_x=True,
)

# %% [markdown]
# Does your own machine feel the square? Seconds differ from run to run, so this cell
# stores none: it measures, and complains if theory is far off. (Processors differ, and
# yours may be busy, so it is patient.) Print `ratio` if you are curious.

# %% tags=["ledger:D10"]


def seconds(n):
    q, k, v = torch.randn(3, 1, 1, n, 16)
    spent = []
    for _ in range(5):
        start = time.process_time()
        attention.causal_attention(q, k, v)
        spent.append(time.process_time() - start)
    return min(spent)


ratio = seconds(2048) / seconds(512)
assert 5 < ratio < 80
print("four times the tokens: 16 times the work, 5 to 80 times the seconds")

# %% [markdown]
# ## Play with it
#
# **What does it cost?** Slide the number of tokens and choose a model. By keyboard: Tab
# to reach a control, then the arrow keys.
#
# - **GPT-2 small, slide to just past its crossing.** How large is the KV cache there?
# - **Now GPT-3.** At GPT-2's crossing, how much of its work is attention?

# %%
ContextCost(n=1024)

# %% [markdown]
# **How does the cache save work?** Press "Next word", or slide the step.
#
# - **Switch the cache off.** What do the circles become?
# - **Go to the last step, with and without the cache.** Which of the two sums, tokens
#   computed or scores, shrinks more?

# %%
KVCacheStepper([words.decode([token]) for token in plain[1:11]], n_prompt=3, step=4)

# %% [markdown]
# ## Why does this work?
#
# **Why is training not as slow as writing?** Because in training the whole text is
# known. One pass gives the prediction at every position, all of them in parallel, and
# the mask takes care that none of them cheats. That is half of the fame of attention:
# a model that reads word after word could not do it. Check it: one pass, or one pass for
# each beginning.

# %% tags=["ledger:C41"]
text = torch.tensor([plain])
with torch.no_grad():
    one_pass = base(text)
    many = [base(text[:, : t + 1])[:, -1] for t in range(len(plain))]
torch.testing.assert_close(torch.stack(many, 1), one_pass, atol=1e-4, rtol=0)
print(f"1 pass over {len(plain)} tokens = {len(many)} passes over 1 to {len(plain)}")

# %% [markdown]
# **What happens when the context is full?** There are only two honest ways: stop, or
# forget. The library refuses a prompt that is too long, unless you say what to do with
# the words that are dropped.

# %%
long = prompt + rest * 4
try:
    generate(base, [long], max_new_tokens=5)
except ValueError as error:
    print(error)


def tell(row, tokens):
    print(f"\ndropped {len(tokens)} tokens: {words.decode(tokens[1:9])} ...")


[more] = generate(base, [long], max_new_tokens=5, temperature=0, dropped=tell)

# %% [markdown]
# ### Truncation forgets
#
# We tell the base model a fact about somebody it has never heard of, then talk of other
# things for twenty words, and then ask. It sees only the last words of this: a
# **window**. How large must the window be?


# %%
tiny = world.World(seed=0)
dice = random.Random(0)
RELATIONS = list(world.RELATIONS)


def small_talk(n):
    spoken = []
    while len(spoken) < n:
        spoken += tiny.document(dice.randrange(10**6)).words[:-1]
    return spoken[:n]


def interview(i, n_talk):
    """Words with a fact, some talk and a question; and the true answer."""
    person = tiny.held_out[i % len(tiny.held_out)]
    relation = RELATIONS[i % len(RELATIONS)]
    value = dice.choice(world.FACT_VALUES[relation])
    fact = ["<eot>", *world.statement(person, relation, value).split()]
    asked = f"Question : {world.question(person, relation)} Answer :".split()
    return fact + small_talk(n_talk) + asked, value


# %%
@torch.no_grad()
def share_right(interviews, window):
    right = 0
    for spoken, value in interviews:
        tokens = world.encode(spoken[-window:])
        best = base(torch.tensor([tokens]))[0, -1].argmax().item()
        right += world.decode([best]) == [value]
    return right / len(interviews)


talks = [interview(i, 20) for i in range(100)]
longest = max(len(spoken) for spoken, _ in talks)
print(f"the longest interview has {longest} words")

# %% tags=["ledger:D9", "close:3"]
guessing = sum(1 / len(world.FACT_VALUES[r]) for r in RELATIONS) / len(RELATIONS)
windows = [10, 20, 25, 30, 35, 40, 60, 128]
right = [100 * share_right(talks, window) for window in windows]
assert right[-1] > 60
assert max(right[:3]) < 25
plots.plot_curves(
    {"right answers": (windows, right)},
    "What has left the window is forgotten",
    xlabel="words in the window",
    ylabel="right answers, %",
    lines={"guessing": 100 * guessing},
)

# %% [markdown]
# As soon as the fact has slid out of the window, the model guesses. It does not say so:
# it still gives an answer, in the same tone. That is how long talks with the chat
# models of 2022 became strange.
#
# **So a longer window solves it?** Only if the model has learned to use it. All these
# interviews fit into the 128 words that our model reads. Only the talk in between grows.

# %% tags=["ledger:D9", "counts:3"]
gaps = [0, 20, 40, 60, 80]
reach = [100 * share_right([interview(i, n) for i in range(100)], 128) for n in gaps]
assert reach[0] > 90
assert reach[-1] < 40
for n, share in zip(gaps, reach, strict=True):
    print(f"{n:3} words of talk: {share:3.0f} % right")
n_words = [tiny.document(i).n_words for i in range(1000)]
print(f"\na document of Tiny World has {sum(n_words) / 1000:.0f} words on average,")
print(f"the longest of 1,000 has {max(n_words)}")

# %% [markdown]
# Documents are short, so our model has seldom *needed* to look so far back, past so many
# other facts. That is the likely reason why it cannot, although its window reaches
# further. A long context needs long texts in training too, not only memory.
#
# ## Check yourself
#
# ### Catch the slide
#
# A blog of 2025 says: long conversations just work now, and the only downside is that
# you hit your rate limit sooner. Why should a *provider* limit you sooner? Compute what
# the last token of a full context costs, against the first one.

# %% tags=["ledger:D10"]
for n in (1_024, 131_072, 1_047_576):
    flops = 1 + n / (6 * d)  # in units of a first token: 1 + 4nd / 24d^2
    weights, kept = 2 * gpt.count_parameters(small), per_token * n
    read = (weights + kept) / weights
    print(
        f"token {n:9,}: {flops:5.1f} times the work, {read:5.1f} times the bytes read"
    )
assert 1 + 1_047_576 / (6 * d) > 200

# %% [markdown]
# (For the shape of GPT-2 small. How the large models are built is not published.) Each
# token of a long talk is dearer than one of a short talk, in work, in memory and so in
# waiting. The limit is not *beside* the problem, it **is** the problem, handed on to
# you. And you have seen a second downside: what is in the window need not be used.
#
# ### Questions
#
# **1.** You double the length of the prompt. What happens to the KV cache, and what to
# the scores?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The cache doubles. There are four times as many scores; the work for them grows like
# that, but with a fused kernel their memory does not.
#
# </details>
#
# **2.** With the KV cache, each new token goes through the model once. Why does the
# hundredth still cost more than the first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Its query meets a hundred keys and mixes a hundred values: the part $4nd$. Only the
# part with the weights, $24d^2$, stays the same.
#
# </details>
#
# **3.** A friend wants to cache the queries too. What do you answer?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Nobody will ever look at them again. A query belongs to the token that is looking, and
# old tokens have already looked.
#
# </details>
#
# **4.** Your turn: how large would the KV cache of GPT-2 xl be, for 1,024 tokens in
# 16-bit numbers? Use `gpt.gpt2_config("xl").cache_shape`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Two times 48 layers times 1,024 tokens times 1,600 numbers of two bytes: 300 MiB.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Everybody looks at everybody: the scores grow like $n^2$. Fused attention
#   spares their memory, the KV cache spares reading again, neither spares the looking.
# - **Formula.** Per token and layer $24d^2 + 4nd$ FLOPs, equal at $n = 6d$. KV cache:
#   $2 \times$ layers $\times\, n \times d$ numbers.
# - **Pitfall.** What has left the window is forgotten without a word. And a window that
#   is there is not yet a window that is used.
# - **Moved into the library:** `course_lib.cache.KVCache`,
#   `course_lib.generate.generate` and `stream`. In a terminal, `course generate` writes
#   with it.
#
# **Homework:** [Homework 18](homework/hw18.ipynb), about 55 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** you have met the base model. What has it learned, and from whom?
# [19. A base model](19_base_model.ipynb)
