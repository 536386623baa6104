# %% [markdown]
# # 26. A real model in your own code
#
# **Can the GPT that you built be a real language model?**
#
# Your GPT learned Tiny World, on one processor, in minutes. In this lesson you open a
# file that other people made, on many machines: **SmolLM2-135M-Instruct**, published by
# Hugging Face for everybody to use (licence Apache 2.0). It is a small model of
# our time, and it writes English. Its numbers go into the class `GPT` of the library,
# the one that learned Tiny World. You do not need any code of its makers.
#
# - **You will** decode 32 of its weights from 20 bytes; build the two parts that most
#   models of today have, grouped queries (you know them from lesson 18) and SwiGLU
#   (new); prove that our code computes what Hugging Face's does; and talk to it.
# - **You need** lessons 8 (temperature), 10 (tokens), 12 to 14 (the GPT), 18 (the cache
#   and grouped queries) and 20 (chat).
# - **Time** 70 minutes for the core. The parts marked *more* take another 10 minutes.
# - **Back** [25. Evaluation, and the whole pipeline](25_evaluation.ipynb) ·
#   **Next** [27. What a real model does](27_what_a_real_model_does.ipynb)

# %%
import json
import math
import struct
import time

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import attention, functional, sampling
from course_lib.cache import KVCache
from course_lib.chat import Chat, Message
from course_lib.engine.downloads import CORPORA, DATA, FETCHED
from course_lib.engine.smollm import load_smollm2
from course_lib.generate import generate
from course_lib.gpt import GPTConfig
from course_play import inside, plots
from course_play.widgets import Predict, TokenLab

torch.set_printoptions(precision=4, sci_mode=False)
model, tokenizer, template = load_smollm2()
model.requires_grad_(False)  # we read it, we do not train it
print(f"{sum(p.numel() for p in model.parameters()):,} parameters,", type(model))

# %% [markdown]
# It is the library's class. Let it speak before we look inside. `go_on` continues a text, as
# in lesson 19: text to tokens, tokens to the model, the new tokens back to text.


# %% tags=["words:0.3"]
def go_on(text, n_new, **knobs):
    prompt = tokenizer.encode(text)
    [new] = generate(model, [prompt], max_new_tokens=n_new, seeds=0, **knobs)
    return text + tokenizer.decode(new)


print(go_on("The capital of France is", 1, temperature=0))
print(go_on("Once upon a time, there was a", 20, temperature=0))

# %% [markdown]
# Nobody put a list of capitals into the model. What its makers tell (Ben Allal and others
# 2025, and the page of the model at Hugging Face; the file itself does not say it) is
# the pipeline of lessons 19 to 23 on a large scale. First it read two million million
# tokens, most of them from the web, and was trained to predict the next one. Then came
# supervised fine-tuning (SFT) on conversations, and then DPO on pairs of answers. How
# much larger is it than our base model?

# %% tags=["ledger:C17"]
base = world.load_base()
small, large = (sum(p.numel() for p in m.parameters()) for m in (base, model))
assert type(base) is type(model)  # the same class
print(f"Tiny World: {small:11,} parameters, {base.config.vocab_size:6,} tokens")
print(f"SmolLM2:    {large:11,} parameters, {model.config.vocab_size:6,} tokens")
print(f"{large / small:.0f} times as many parameters")

# %% [markdown]
# The class is the same, but its settings are others. Compare them with `MyGPT`, which
# you wrote in lesson 14:
#
# | part | `MyGPT`, lesson 14 | SmolLM2 | built in |
# |---|---|---|---|
# | positions | a learned vector for each | rotary | lesson 12 |
# | norm | LayerNorm | RMSNorm | lesson 13 |
# | feed-forward | up, GELU, down | gate and up, SiLU, down | here |
# | keys and values | a set for each head | a set for three heads | here |
# | output head | a matrix of its own | tied to the embedding | lesson 14 |
# | biases | yes | none | lesson 13 |
#
# ## Predict first
#
# The model has 134,515,008 parameters. The file that we fetched stores most of them
# with only 4 bits each, and a byte has 8 bits. How many megabytes does the file take? (A
# megabyte here is a million bytes.)

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
file = FETCHED / CORPORA["smollm2"].file_name
raw = file.read_bytes()
Predict(
    "How many megabytes does the file take?",
    round(len(raw) / 1e6),
    unit="MB",
    because=f"4 bits for each parameter would be {large * 4 / 8 / 1e6:.0f} MB. What "
    "takes the rest is counted in the section Count the parameters.",
)

# %% [markdown]
# Where does each byte go? To find out, we take the file apart.
#
# ## Build it by hand
#
# ### A file with a table of contents
#
# The ending `.gguf` names a file format: **GGUF**, the format of the program llama.cpp.
# It begins with four letters and three whole numbers. Python's `struct` reads them. You
# tell it what to expect: `4s` is four letters, `I` a whole number of 4 bytes, `Q` one
# of 8 bytes, `2Q` two of those. The `<` says that the least important byte of a number
# comes first; this order is called **little-endian**.

# %%
letters, version, n_tensors, n_settings = struct.unpack_from("<4sI2Q", raw)
print(f"{letters.decode()}, version {version}")
print(f"{n_tensors} tensors, {n_settings} settings")

# %% [markdown]
# Then come the settings (the sizes of the model, its vocabulary), and after them a
# table of contents. Each tensor has one entry there: its name, the number of its axes,
# its shape (columns first), how its numbers are stored, and where they begin. We search
# for the name and read what stands behind it. (A name such as `blk.0.ffn_up.weight` is
# no word of the vocabulary, so the first place where it stands is its entry.)


# %%
def entry(name):
    at = raw.index(name.encode()) + len(name)
    n_axes, columns, rows, kind, begins = struct.unpack_from("<I2QIQ", raw, at)
    assert n_axes == 2
    return (rows, columns), kind, begins


KINDS = {0: "F32", 3: "Q4_1", 8: "Q8_0"}
print(f"{'':22}{'shape':>14}  kind   begins at")
for name in ("token_embd.weight", "blk.0.attn_k.weight", "blk.0.ffn_up.weight"):
    shape, kind, begins = entry(name)
    print(f"{name:22}{shape!s:>14}  {KINDS[kind]}  {begins:11,}")
assert shape == model.blocks[0].up.weight.shape

# %% [markdown]
# The kinds have names: **Q4_1** is 4 bits, in its second variant, and **Q8_0** is 8
# bits. The makers of such files often keep more bits for the embedding, because it is
# used twice, for reading and for the logits. The last row is the matrix that we call
# `blocks[0].up`: the first layer of the feed-forward network in the first block of the
# transformer. Its place is counted from the end of the table of contents, whose last
# entry is `output_norm.weight`.

# %%
last = b"output_norm.weight"
contents_end = raw.index(last) + len(last) + struct.calcsize("<IQIQ")  # one axis only
begins += contents_end
print(f"the numbers of blocks[0].up begin at byte {begins:,} of the file")
assert contents_end % 32 == 0

# %% [markdown]
# (The numbers of each tensor begin at a multiple of 32 bytes, so that a program can read
# many at once. Here the table of contents happens to end at such a place. In another
# file zeros would stand between.)
#
# ### A group of 32 weights
#
# To store a number with fewer bits is called **quantization**. With 4 bits a number can
# have only $2^4 = 16$ values. But weights are not whole numbers from 0 to 15: they are
# fractions, small ones and larger ones. The trick is to take 32 neighbours at a time,
# and to give each group of 32 its own ladder with 16 levels. (Elsewhere such a group is
# called a *block*. We keep that word for the blocks of the transformer.) For the ladder
# one must know two things: where it begins (the *least* weight of the group), and how
# far apart its levels are (the *scale*). The program that packs the weights sets the scale to
# (largest - least) / 15, because 16 levels have 15 gaps between them. Here are the 20
# bytes of the first group. Scale and least weight are numbers of 16 bits (**float16**,
# half precision), the letter `e` for `struct`.

# %%
group = raw[begins : begins + 20]
scale, least = struct.unpack("<2e", group[:4])
print(group.hex(" "))
print(f"scale {scale:.4f}, least weight {least:.4f}")

# %% [markdown]
# > **For children (and for the rest of us).** You want to write down how tall 32
# > children are, but you may use only the numbers 0 to 15. So you first write down the
# > height of the smallest child, and how far it is from one level to the next. Then the
# > number 8 means: as tall as the smallest child, and 8 levels more.
#
# The first four bytes are the two numbers of the ladder. Each of the 16 bytes that
# follow holds two numbers from 0 to 15, one in its lower 4 bits and one in its upper 4
# bits. You can read them off in hexadecimal (base 16), because there each digit stands
# for 4 bits: `8` is 8, and `b` is 11. In Python, `byte & 15` keeps the lower 4 bits,
# and `byte >> 4` pushes them out, so that the upper 4 bits are left.
# So the first weight stands on level 8 of the ladder: it is $\text{least} + 8 \times
# \text{scale}$.

# %%
byte = group[4]
print(f"{byte:02x} in hexadecimal = {byte:08b} in bits")
print(f"lower half {byte & 15}, upper half {byte >> 4}")
for i in range(4):
    n = group[4 + i] & 15
    print(f"weight {i}: {least:.4f} + {n:2} x {scale:.4f} = {least + n * scale:7.4f}")

# %% [markdown]
# The upper halves of the 16 bytes are the weights 16 to 31. (One could also put weight
# 1 there. It is a convention, and a decoder must know it.) The whole group:


# %%
def unpack(group):
    scale, least = struct.unpack("<2e", group[:4])
    packed = torch.tensor(list(group[4:]))  # (16,), 0 to 255
    levels = torch.cat([packed & 15, packed >> 4])  # (32,), 0 to 15
    return least + scale * levels  # (32,)


weights = unpack(group)
print(weights[:4], weights[16:20])

# %%
inside.plot_packed_block(group, "20 bytes hold 32 weights on a ladder of 16 levels")

# %% [markdown]
# Are these the weights that are in our model? A weight has had three homes: 4 bits and
# its share of a ladder in the fetched file; 16 bits (float16) in a second file on your
# disk, into which the course unpacked the first one once, with the official package
# `gguf`; and 32 bits (float32) in memory now, because a processor calculates best with
# those. So the two agree up to the rounding to 16 bits.

# %%
loaded = model.blocks[0].up.weight[0, :32]
torch.testing.assert_close(weights, loaded, atol=3e-4, rtol=0)
assert (weights - loaded).abs().max() < scale / 20  # far less than one step
bits = 8 * len(group) / len(weights)
print(f"32 of 32 weights agree; {bits:.0f} bits for each weight, not 4")

# %% [markdown]
# The ladder costs 4 bytes for 32 weights, which is one more bit for each of them. And the
# embedding has 8 bits a weight, as the table of contents says. That is why the file is larger
# than 4 bits for each parameter would be.
#
# We did this for one group of one matrix. `load_smollm2` has done the same for all of
# them, and has put each tensor into its place. (One detail more: it turns back the
# order of the rows of queries and keys, which llama.cpp stores in another one.)
#
# ### Grouped queries
#
# In lesson 12 each head had its own queries, keys and values. In lesson 18 you built
# **grouped-query attention** (GQA; Ainslie and others, 2023), with random numbers. The
# real model has it: 9 heads ask, but there are only 3 sets of keys and values. Three
# neighbours share one set.
#
# Here are all sizes: `V` tokens, `C` the width of the stream, `D` the width of a head, `wide`
# the width inside the feed-forward layer. `H` heads have queries, and only `K` of them have
# keys and values.

# %%
config = model.config
V, C, n_layers = config.vocab_size, config.emb_dim, config.n_layers
H, K, D, wide = config.n_heads, config.kv_heads, config.head_dim, config.hidden_dim
print(f"V = {V:,}, C = {C}, {n_layers} blocks")
print(f"H = {H}, K = {K}, D = {D}, wide = {wide:,}")
inside.plot_groups(H, K, "Three query heads share one set of keys, values")

# %% [markdown]
# We take a real sentence through the first norm of the model and let its first block
# make queries, keys and values.

# %%
sentence = "The little dog ran into the garden."
tokens = torch.tensor([tokenizer.encode(sentence)])  # (1, T)
T = tokens.shape[1]
first, angles = model.blocks[0], model.table[:, :T]  # cos and sin of T positions
x = model.embedding(tokens)  # (1, T, C)
q, k, v = first.attention.heads(first.norm_1(x), angles)
for name, part in {"q": q, "k": k, "v": v}.items():
    print(f"{name}: (B, heads, T, D) = {tuple(part.shape)}")

# %% [markdown]
# By hand: in lesson 18 you computed all groups at once. Here we take one query head
# after the other. One line says which set a head belongs to: `group = head // each`.


# %%
def grouped_attention(q, k, v):
    T, D = q.shape[-2:]
    each = q.shape[1] // k.shape[1]  # how many heads share a set
    future = torch.ones(T, T).triu(diagonal=1).bool()
    mixes = []
    for head in range(q.shape[1]):
        group = head // each
        scores = q[:, head] @ k[:, group].mT / math.sqrt(D)  # (B, T, T)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)  # (B, T, T)
        mixes.append(weights @ v[:, group])  # (B, T, D)
    return torch.stack(mixes, dim=1)  # (B, H, T, D)


by_hand = grouped_attention(q, k, v)
print(tuple(by_hand.shape))

# %% [markdown]
# It equals the library's readable attention, and torch's fast one (`enable_gqa` is
# torch's name for the sharing). Whoever forgets the sharing gets an error, and that is the
# pleasant kind of mistake.

# %%
readable, _ = attention.causal_attention(q, k, v)
fast = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
torch.testing.assert_close(by_hand, readable, atol=1e-4, rtol=1e-4)
torch.testing.assert_close(by_hand, fast, atol=1e-4, rtol=1e-4)
print("by hand = course_lib = torch")
try:
    F.scaled_dot_product_attention(q, k, v, is_causal=True)
except RuntimeError:
    print("without enable_gqa torch refuses: 9 and 3 heads do not fit together")

# %% [markdown]
# Why share? Because of the **KV cache** of lesson 18. It keeps keys and values of every
# token, but no queries. With a third of the keys it takes a third of the memory. What
# does it cost? Heads that share keys are less free. In the paper the answers of shared
# sets were a little worse than those of full heads, and better than those of a single
# set for all. We cannot measure it here: one would have to train both.

# %%
for heads in (H, K):
    n_bytes = 2 * n_layers * heads * D * 4  # keys and values, 4 bytes a number
    full = n_bytes * config.context_size
    print(f"{heads} sets: {n_bytes:7,} bytes a token, ", end="")
    print(f"{full / 1e6:4,.0f} MB for {config.context_size:,} tokens")
cache = KVCache(config.cache_shape, batch_size=1, device="meta")  # takes no memory
assert cache.n_bytes == full

# %% [markdown]
# ### SwiGLU: a layer with a gate
#
# The second new part is in the feed-forward layer. In lesson 13 it was: *up* to a wide
# layer, an **activation function**, *down* again. Here there are two matrices that go
# up. The result of one of them goes through the activation function, and it multiplies
# the result of the other. It works as a **gate**: near 0 it is closed and lets nothing
# through.
#
# The activation function is **SiLU** (elsewhere: swish), $z \cdot \sigma(z)$, where
# $\sigma$ is the sigmoid, $1 / (1 + e^{-z})$.

# %%
inside.plot_swiglu(C, wide, "SwiGLU: one way up is a gate for the other")

# %% [markdown]
# Watch one number of the wide layer. *Up* says 3 each time, and the gate decides what
# becomes of it.

# %%
up = 3.0
print("    z   SiLU(z)   3 becomes")
for z in (-6.0, -1.0, 0.0, 1.0, 6.0):
    opened = z / (1 + math.exp(-z))
    print(f"{z:5}{opened:10.2f}{opened * up:12.2f}")

# %% [markdown]
# With the matrices, **SwiGLU** is three lines. The name joins *swish* and **GLU**,
# gated linear unit (Shazeer, 2020).


# %%
def swiglu(x, gate, up, down):
    z = x @ gate.T  # (B, T, C) -> (B, T, wide)
    inner = z * z.sigmoid() * (x @ up.T)  # (B, T, wide)
    return inner @ down.T  # (B, T, C)


matrices = [part.weight for part in (first.gate, first.up, first.down)]
print([tuple(matrix.shape) for matrix in matrices])

# %% [markdown]
# Now a whole block of the real model: your attention and your SwiGLU, and the RMSNorm
# of lesson 13. (Only queries, keys and values still come from the library.) Attention
# adds to the stream, then SwiGLU adds to the stream. The result must be what the
# library's block computes.


# %%
def rms_norm(x, weight):
    size = (x.square().mean(-1, keepdim=True) + config.norm_eps).sqrt()  # (B, T, 1)
    return x / size * weight


mixed = by_hand.transpose(1, 2).flatten(2)  # (B, H, T, D) -> (B, T, C)
middle = x + mixed @ first.attention.proj.weight.T  # (B, T, C)
normed = rms_norm(middle, first.norm_2.weight)  # (B, T, C)
after = middle + swiglu(normed, *matrices)  # (B, T, C)
torch.testing.assert_close(after, first(x, angles), atol=1e-3, rtol=1e-3)
print(f"one block by hand = Block, {tuple(after.shape)}")

# %% [markdown]
# ### Count the parameters *(more)*
#
# Which numbers are in the file, and how many? You know all parts now.

# %%
in_block = {
    "queries": C * C,
    "keys": C * K * D,
    "values": C * K * D,
    "projection": C * C,
    "gate, up, down": 3 * C * wide,
    "two norms": 2 * C,
}
print(f"{'':15}{'in a block':>10}{'in all':>19}")
for part, n in in_block.items():
    print(f"{part:15}{n:10,} x {n_layers} = {n * n_layers:11,}")
n_blocks, n_embedding = n_layers * sum(in_block.values()), V * C
n_all = n_blocks + n_embedding + C
print(f"{'blocks':15}{n_blocks:27,}")
print(f"{'embedding':15}{n_embedding:27,}")
print(f"{'last norm':15}{C:27,}")
print(f"{'together':15}{n_all:27,}")
assert n_all == sum(p.numel() for p in model.parameters()) == 134_515_008
assert "head.weight" not in model.state_dict()

# %% [markdown]
# There is no row for the **unembedding** (the output head, elsewhere `lm_head`),
# because it is **tied**: the embedding serves twice, as in lesson 14. With so many
# tokens the embedding alone holds about a fifth of all parameters.
#
# Now the bytes. The embedding is stored as Q8_0, with 8 bits a weight and no *least*:
# 32 weights take 2 bytes of scale and 32 bytes. The norms are few, so they stay at full
# precision (F32), 4 bytes each. Beside each part stands how much more it takes than 4
# bits for each of its weights.

# %%
n_norms = n_layers * in_block["two norms"] + C
n_matrices = n_all - n_embedding - n_norms
stored = {  # part: (weights, bytes)
    "matrices, 20 bytes for 32": (n_matrices, n_matrices * 20 // 32),
    "embedding, 34 bytes for 32": (n_embedding, n_embedding * 34 // 32),
    "norms, 4 bytes each": (n_norms, n_norms * 4),
    "settings, tokens, contents": (0, contents_end),
}
print(f"{'':27}{'bytes':>12}{'more than 4 bits each':>24}")
for part, (n, n_bytes) in stored.items():
    print(f"{part:27}{n_bytes:12,}{n_bytes - n // 2:24,}")
total = sum(n_bytes for _, n_bytes in stored.values())
print(f"{'together':27}{total:12,}{total - n_all // 2:24,}")
assert total == len(raw)

# %% [markdown]
# To the byte. So between the megabytes that 4 bits would take and the size of the file lie
# the ladders of the matrices, and still more the embedding with its 8 bits.
#
# ## Compare with torch
#
# 32 weights and one block are correct. But are all thirty blocks, and the order of
# everything? The best test: let somebody else's code open the same file and read the same
# sentence, and compare the **logits**. Hugging Face's library `transformers` has done so
# with its own reader and its own tokenizer, and a part of its answer travels with the
# course, in `data/smollm2_logits.json` (how it was made stands in `data/README.md`).
#
# It unpacks each weight straight to 32 bits, and ours went through a file with 16 bits.
# So small differences must be there. How small? Compare them with the standard
# deviation of all logits. (Of each position, 12 of the 49,152 logits travel with the
# course: every 4,096th one.)

# %%
known = json.loads((DATA / "smollm2_logits.json").read_text())
print(known["made_by"], "\n" + known["text"])
assert tokenizer.encode(known["text"]) == known["tokens"]
logits = model(torch.tensor([known["tokens"]]))[0]  # (T, V)
print(tuple(logits.shape), "logits; of each row we have", len(known["sample"]))
reference = torch.tensor(known["logits"])  # (T, 12)
ours = logits[:, known["sample"]]  # (T, 12)
far = (ours - reference).abs().max().item()
print(f"{reference.numel()} logits differ by {far:.2f} at most,", end=" ")
print(f"their standard deviation is {logits.std():.1f}")
assert far < 0.1
assert logits.argmax(-1).tolist() == known["best"]
print(f"and the best token is the same after each of the {len(known['tokens'])}")

# %% [markdown]
# So our class computes what the file says. (The file is a copy with 4 bits. How far it
# is from the model before that rounding, we cannot measure: we do not have that one.)
# Here is what it expects inside the sentence: the token that came, its probability in
# thousandths, and the token that the model thought most likely.

# %% tags=["close:2", "words:0.3"]
probs = logits.softmax(-1)  # (T, V)
print("next is      p in 1,000   its own choice")
for place in (1, 2, 3, 6, 12, 13):
    came, best = known["tokens"][place + 1], known["best"][place]
    said = [tokenizer.decode([token]) for token in (came, best)]
    print(f"{said[0]!r:12} {1000 * probs[place, came]:10.1f}   {said[1]!r}")

# %% [markdown]
# ## See it
#
# ### Its tokens
#
# The vocabulary was made by **byte-pair encoding**, as yours in lesson 10, but from much
# more text. Type your own name, then run the cell.


# %% tags=["ledger:C36"]
def pieces(text):
    return [tokenizer.decode([token]) for token in tokenizer.encode(text)]


my_name = "Asha"
pieces(f"My name is {my_name}.")

# %% [markdown]
# A capital letter or a space in front gives other pieces, each digit is a token of its own, and
# with its space ` strawberry` is *one* token (lesson 10). So the model does not see its letters
# at all; lesson 27 asks what follows from that.
#
# ### Temperature, on real English
#
# Now the dials of lesson 8. First a question: how sure is the model about the next
# token? We ask for the **effective choices** of lesson 8, $e$ to the power of the
# entropy, at many temperatures. (Lesson 27 puts the token that begins a document
# before each text. Here it is left away, so some numbers there are a little different.)


# %% tags=["close:2"]
def logits_after(text):
    tokens = torch.tensor([tokenizer.encode(text)])
    return model(tokens, last_only=True)[0, -1]  # (V,)


texts = ["The capital of France is", "My favourite food is"]
heats = torch.linspace(0.3, 2, 18).tolist()
curves = {}
for text in texts:
    z = logits_after(text)
    choices = [functional.entropy((z / heat).softmax(-1)).exp() for heat in heats]
    curves[text] = (heats, [n.item() for n in choices])
assert all(a < b for a, b in zip(*(n for _, n in curves.values()), strict=True))
plots.plot_curves(
    curves,
    "The same dial: one text stays sure longer than the other",
    xlabel="temperature",
    ylabel="effective choices (logarithmic scale)",
    log_y=True,
)

# %% [markdown]
# After the first text a few tokens hold nearly everything. After the second there are
# hundreds of possible ones, because the sentence can go on in many ways. This is why one
# fixed $k$ does not fit, and why **top-p** was invented (also called **nucleus
# sampling**): it takes as many tokens as are needed to hold, say, 90 % of the
# probability.

# %% tags=["ledger:A14", "counts:15"]
nucleus = {}
for text in texts:
    ranked = logits_after(text).sort(descending=True).indices  # (V,)
    kept = sampling.next_probs(logits_after(text), top_p=0.9) > 0  # (V,)
    nucleus[text] = int(kept.sum())
    some = [tokenizer.decode([ranked[i]]) for i in (0, 9, 49, 199, 999)]
    print(f"{text:25} {nucleus[text]:4} of {V:,} tokens hold 90 %")
    print("   best, 10th, 50th, 200th, 1,000th:", *map(repr, some))
assert 3 * nucleus[texts[0]] < nucleus[texts[1]]

# %% [markdown]
# What about the other 10 %? They lie on tens of thousands of tokens, and each of these
# is very unlikely. But together they come in one draw of ten. So in a long text a
# strange word comes sooner or later, and the model must then go on from it. You can see
# it. We turn one dial at a time, with the same random seed.

# %% tags=["words:0.6"]
prompt = "My favourite food is"
for knobs in (
    {"temperature": 1.5},
    {"temperature": 1.0},
    {"temperature": 1.0, "top_p": 0.9},
    {"temperature": 0.8, "top_p": 0.9},
):
    said = go_on(prompt, 20, **knobs).replace("\n", " / ")
    print(f"{knobs}\n   {said}")

# %% [markdown]
# (These are four texts, no measurement. Try other seeds.) And without drawing?
# **Greedy** decoding takes the best token each time. So each run gives the same text,
# as in lesson 8. With a long text there is a second problem: it walks in a circle. How likely
# is the repeated sentence, as a whole, after it has been said 0, 1, 2 ... times?

# %% tags=["ledger:A12", "words:0.3", "close:0.03"]
greedy = go_on("I like to eat", 56, temperature=0)
print(greedy)
LOOP = " I'm not sure what to do with it."
assert greedy.count(LOOP) >= 3
start, loop = (tokenizer.encode(t) for t in (greedy[: greedy.index(LOOP)], LOOP))
logits = model(torch.tensor([start + 5 * loop]))[0].log_softmax(-1)  # (T, V)
for said in range(5):
    begin = len(start) + said * len(loop)
    log_p = sum(logits[begin - 1 + i, token] for i, token in enumerate(loop))
    print(f"said {said} times: p of saying it next {log_p.exp():.3f}")

# %% [markdown]
# Each repetition makes the next one more likely. We think that this is because in real text
# much is repeated, and attention can copy (lesson 15). One drawn token may be enough to
# leave the circle. This is one reason why chat programs seldom decode greedily.
#
# ## Play with it
#
# **The next token.** Type a text: with each key the model reads on, and you see its
# best tokens. Then press *Draw the next token* several times and write with it. By
# keyboard: Tab to a control, then the arrow keys.
#
# - **Slide the temperature** from 0 to 2 and watch the effective choices.
# - **Type `The capital of Italy is`,** then `The capital of Italy is not`. What comes
#   up?
# - **Set top-p to 0.9** and see how many tokens are left. Then change the text.

# %% tags=["close:0.3", "words:0.3", "counts:3"]
TokenLab(
    model,
    tokenizer,
    "My favourite food is",
    temperature=0.8,
    top_p=0.9,
    examples=["The capital of Italy is", "2 + 2 =", "def add(a, b):\n    return"],
)

# %% [markdown]
# ### Talk to it
#
# The word *Instruct* in its name means that it was trained on conversations. So it knows a
# **chat template** (lesson 20). The form of this one is called **ChatML**. It uses only two
# special tokens, one that begins a turn and one that ends it. Who speaks is written as
# ordinary text after the first of them. This is what the model really reads when you ask a
# question:

# %%
question = Message("user", "Where is Paris?")
inside.plot_talk(template, [question], "Each turn of the talk; frames: special tokens")

# %% [markdown]
# The first turn is a **system message**: rules for the talk that come from the owner of
# the program and not from the user. This one is what the makers put there if you put
# nothing. The last line opens the answer, and the model goes on from there until it
# writes the token that ends a turn.

# %% tags=["words:0.3"]
chat = Chat(model, template, max_new_tokens=40)
for text in ("What is the capital of France?", "And what is the capital of Italy?"):
    print("you:  ", text)
    print("model:", chat.ask(text).text)
assert "Paris" in chat.messages[1].text
assert "Rome" in chat.messages[3].text

# %% [markdown]
# The second question can only be understood with the first one, and the template brings
# both. Now write another system message.

# %% tags=["words:0.4"]
system = "You are Asha, a teacher of mathematics in Mumbai."
teacher = Chat(model, template, system=system, max_new_tokens=30)
print(teacher.ask("Who are you?").text)
assert "Asha" in teacher.answer.text

# %% [markdown]
# Your turn: change `system` or the question and run the cell again. It is a *small*
# model: it always sounds sure, and much of what it says is wrong. For a longer talk type
# `course chat smollm2` in a terminal. (Here `Chat` is greedy, so that you get the answers of
# this page.)
#
# What if we leave the template away? Then the model is a completer again. But it was
# trained on so many conversations that it may write the marks by itself, as here:

# %% tags=["words:0.3"]
print(go_on("What is the capital of France?", 14, temperature=0))

# %% [markdown]
# ## Why does this work?
#
# ### Why does a stranger's file run in our class?
#
# Because a model is a list of matrices, and an agreement about what to do with them.
# The makers of models have agreed on a great deal. Models of this family are called
# **Llama-shaped**, after LLaMA (Touvron and others, 2023), the model that made this form
# popular: rotary positions, RMSNorm, SwiGLU, no biases. The grouped queries came with
# the largest Llama 2 in the same year. But the agreement has many small details, and a
# file says nothing when you get one of them wrong.
#
# Let us make two mistakes. The first is in the rotary positions of lesson 12. The pairs
# of a head turn at different speeds: pair $i$ of a head of width $D$ turns by
# $\text{base}^{-2i/D}$ from one position to the next, so the first pair turns by 1 and
# the last one hardly at all. The **base** is a number that the makers choose. This
# model was trained with another base than our own. The second mistake: in all blocks,
# gate and *up* change places. They have the same shape.


# %%
def reading():
    """Loss on the sentence, distance from transformers' logits, one next token."""
    logits = model(torch.tensor([known["tokens"]]))[0]  # (T, V)
    ahead = torch.tensor(known["tokens"][1:])
    loss = F.cross_entropy(logits[:-1], ahead).item()
    far = (logits[:, known["sample"]] - reference).abs().max().item()
    return loss, far, go_on("The capital of France is", 1, temperature=0)


def swap_gates():
    for part in model.blocks:
        part.gate, part.up = part.up, part.gate


readings, correct_table = {"correct": reading()}, model.table
try:
    model.table = attention.rotation_table(config.context_size, D)  # our base
    readings["wrong base"] = reading()
finally:  # whatever happens, the model is whole again
    model.table = correct_table
try:
    swap_gates()
    readings["gate and up swapped"] = reading()
finally:
    swap_gates()

# %% tags=["close:0.2", "words:0.3"]
print(f"its base is {config.rotary_base:,.0f}, ours {attention.ROTATION_BASE:,.0f}")
print(f"{'':20} loss   logits off by up to")
for name, (loss, far, says) in readings.items():
    print(f"{name:20} {loss:5.2f}   {far:19.1f}   {says!r}")
(_, near, _), (little, wrong, _), (much, _, _) = readings.values()
assert near < 0.1 < 0.5 < wrong
assert reading()[1] == near
assert little + 1 < much

# %% [markdown]
# The second mistake is loud: anybody sees it. With the wrong base the model still
# speaks English, and on this short sentence its loss is only a little worse. Nobody
# would notice from a few answers. That is why we compared logits with somebody else's
# code, and why you should do the same whenever you load a model.
#
# ### Why 4 bits? *(more)*
#
# To write one token, the computer must use every weight once. So it must at least
# **read** every weight from memory, once per token. It then calculates very little with
# each of them, one multiplication and one addition, and a processor is faster at that
# than its memory is at delivering the weight. So the time for a token has a lower
# limit, the **memory-bandwidth floor**: the bytes that must be read, divided by the
# bytes per second of your memory. Beside the weights, the KV cache must be read, too:
# the keys and values of all tokens so far.

# %%
in_memory = 4 * large  # float32: 4 bytes each
a_token = cache.n_bytes // config.context_size  # keys and values of one token
print("MB to read for one token   weights   KV cache")
for name, n_bytes in (("float32", in_memory), ("as in the file", len(raw))):
    for n_before in (10, config.context_size):
        label = f"{name}, {n_before:,} before it"
        print(f"{label:27}{n_bytes / 1e6:7.0f}{n_before * a_token / 1e6:11.1f}")
print(f"the weights: {in_memory / len(raw):.1f} times less in the file")


# %% [markdown]
# In a short talk the weights are nearly all, at the full context the cache is of the
# same size. (Our own code gains nothing from the small file, because it unpacks the
# weights into memory: we want to understand them. Programs like llama.cpp calculate with
# the packed weights.)
#
# Is the floor true on your machine? We measure the bandwidth with a single product of
# the large embedding and a vector: each weight is read once. Seconds differ from run to
# run and from machine to machine, so only rough sentences are stored here. Print
# `measured / floor` and `1 / measured`, your tokens a second, for your own numbers.


# %%
def seconds(job, times=5):
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        job()
        spent.append(time.perf_counter() - start)
    return min(spent)


big, vector = model.embedding.weight, torch.ones(1, C)
bandwidth = 4 * big.numel() / seconds(lambda: F.linear(vector, big))  # bytes a second
floor = in_memory / bandwidth  # seconds a token
one_token = torch.tensor([[500]])
measured = seconds(lambda: model(one_token))
assert 0.4 < measured / floor < 20
print(
    "a token takes no less than half of the floor, and no more than 20 times the floor"
)

# %% [markdown]
# With fewer bytes the floor is lower by the same factor. That is what 4 bits are for. It is
# also why the **prefill** of lesson 18 is fast and the **decode** is slow: in the prefill all
# tokens of a prompt share one reading of the weights.

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide
#
# A slide says: *"Llama 3 8B has 32 heads of width 128. So each token leaves 32 x 128 keys
# and as many values in the cache, in each of the 32 layers: 262,144 numbers."* Its
# settings also say that it has 8 key/value heads. What is wrong, and what is the true
# number?

# %%
slide = 2 * 32 * 128 * 32
sizes = dict(vocab_size=128_256, context_size=8192, emb_dim=4096)
llama_3 = GPTConfig(**sizes, n_heads=32, n_kv_heads=8, n_layers=32)
theirs = KVCache(llama_3.cache_shape, batch_size=1, device="meta")
in_cache = theirs.n_bytes // 4  # numbers of 4 bytes
assert slide * theirs.size == 4 * in_cache
print(f"on the slide {slide:,} numbers a token;")
print(f"in its cache {in_cache:,} numbers for {theirs.size:,} tokens")

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The 32 heads are those of the *queries*, and queries are not kept. There are 8 sets of
# keys and values: $2 \times 8 \times 128 \times 32 = 65{,}536$ numbers. Check it:
# divide the two numbers that the cell prints.
#
# </details>
#
# ### Questions
#
# **1.** A group of 32 has scale 0.5 and least weight -2. Which weights can it store?
# What becomes of a weight of 0.3?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# $-2, -1.5, -1, \dots, 5.5$: sixteen values. 0.3 is not among them. The nearest is 0.5
# (level 5), so 0.2 is lost. Within the ladder the largest possible error is half a
# scale.
#
# </details>
#
# **2.** Why does each group have its own ladder? One ladder for the whole matrix would
# save the 4 bytes.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A single very large weight somewhere in the matrix would stretch the ladder for all
# others: few levels, large errors everywhere. In a group it spoils only 31 neighbours.
#
# </details>
#
# **3.** In SwiGLU, what does the layer add to the stream if all gates are very
# negative?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Nearly nothing: SiLU of a very negative number is nearly 0, and 0 times whatever *up*
# says is 0. The stream passes by unchanged.
#
# </details>
#
# **4.** Your turn: decode the first group of `blk.0.ffn_gate.weight` and compare it
# with `model.blocks[0].gate.weight`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `place = entry("blk.0.ffn_gate.weight")[2] + contents_end`, then `unpack(raw[place :
# place + 20])`. With `attn_q` only the first row agrees: llama.cpp stores the rows of
# queries and keys in another order, and we keep all three in one matrix, `qkv`.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A real model is a file of numbers and an agreement on how to use them.
#   A GPT with rotary positions, RMSNorm, grouped queries and SwiGLU computes the same
#   logits as everybody's.
# - **Formula.** A weight is $\text{least} + n \times \text{scale}$, $n$ from 0 to 15.
#   $\text{SwiGLU}(x) = (\text{SiLU}(x W_g^\top) \odot (x W_u^\top)) \, W_d^\top$.
# - **Shapes.** Queries `(B, 9, T, 64)`, keys and values `(B, 3, T, 64)`; the gate and
#   *up* take `(B, T, 576)` to `(B, T, 1536)`, *down* takes it back.
# - **Pitfall.** A wrong detail gives no error: sometimes nonsense, sometimes only a
#   slightly worse model. Compare logits.
#
# | here | elsewhere |
# |---|---|
# | `n_kv_heads` | `num_key_value_heads`, GQA (with one set: multi-query attention) |
# | `gate`, `up`, `down` | `gate_proj`, `up_proj`, `down_proj`; `w1`, `w3`, `w2` |
# | `activation="swiglu"` | `hidden_act: "silu"` |
# | `rotary_base` | `rope_theta` |
# | tied head | `tie_word_embeddings`, `lm_head` |
#
# - **In the library:** `course_lib.engine.smollm.load_smollm2`, `engine.gguf_file`,
#   `engine.llama_layout`, `course_lib.chat.ChatMLTemplate`. In a terminal, `course chat
#   smollm2`.
#
# **Homework:** [Homework 26](homework/hw26.ipynb), about 60 minutes. It needs no model.
# A badge under each check says at once whether your answer is right.
#
# **Next:** [27. What a real model does](27_what_a_real_model_does.ipynb): facts,
# inventions, letters, memory, and the heads that do it.
