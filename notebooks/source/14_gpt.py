# %% [markdown]
# # 14. GPT from a blank page
#
# **Can you write a GPT, from nothing, and let it write?**
#
# You have all the parts: tokens, attention, heads, the block, cross-entropy, the
# training loop. In this lesson you put them together on a blank page. Every line of the
# model, of its training and of its writing stands in this lesson, and nothing of it is
# imported from the course's library, except for the text to learn from. At the end you
# have one file, `my_gpt.py`, that reads any text, learns from it, and writes more of it.
#
# - **You will** read a whole GPT line by line; give it good first weights; train it in about half a
#   minute; read what it writes before, during and after; and see that it beats the
#   table of pairs of lesson 5 on the same held-out text.
# - **You need** lessons 3 to 7 (cross-entropy, the training loop, the table of pairs,
#   held-out text, Adam), 12 (heads) and 13 (the block).
# - **Time** 60 minutes for the core, up to *My own GPT*. What is marked *more* takes
#   another 40 minutes; skip it on a first reading.
# - **Back** [13. The transformer block](13_transformer_block.ipynb) ·
#   **Next** [15. Taking a trained model apart](15_taking_apart.ipynb)

# %%
from pathlib import Path

import tiny_world as world
from course_play import plots
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.widgets import Predict

# %% [markdown]
# These imports only draw, ask, and hand us a text to learn from.
#
# ## Predict first
#
# ChatGPT is built by thousands of people. But the *idea* of a GPT is small.

# %% tags=["hide-input"]
# the answer is counted here; look at it after your guess
code = [line.strip() for line in Path("my_gpt.py").read_text("utf-8").splitlines()]
n_lines = sum(bool(line) and not line.startswith("#") for line in code)
Predict(
    "The file of this lesson reads a text, defines a GPT, trains it and lets it write. "
    "How many lines of Python does it have, without empty lines and comments?",
    n_lines,
    unit="lines",
    because="Only about a third of them are the model. The rest reads the text, "
    "trains, measures and writes. Nearly all of them stand in this lesson.",
)

# %% [markdown]
# ## Build it by hand
#
# The blank page begins here. Torch gives us tensors, gradients, and the layers that you
# have built yourself before: `nn.Linear` and `nn.Embedding` (lesson 7), `nn.LayerNorm`
# and `F.gelu` (lesson 13).

# %% tags=["my_gpt"]
import math

import torch
from torch import nn
from torch.nn import functional as F

# %% [markdown]
# ### A text
#
# A GPT learns from one long string. Ours is the stories of Tiny World, the toy language
# of lesson 9. You can put any other text into the variable `text`. The cells that build
# and train the model work as they are. Two things you must change: the prompts
# (`"Once there was"`), because a prompt may hold only characters of your text, and the
# lines that begin with `assert` after the training: their limits were set for the
# stories, so leave them out.

# %%
tiny = world.World(seed=0)
documents = [tiny.document(i) for i in range(9000)]
stories = [one.text for one in documents if one.kind == "story"]
text = "\n".join(stories) + "\n"
print(f"{len(stories):,} stories, {len(text):,} characters")
print("\n".join(stories[:2]))

# %% [markdown]
# For the **names** write instead:
#
# ```python
# from course_lib.names import load_names
# import random
# lines = load_names()
# random.Random(0).shuffle(lines)
# text = "\n".join(lines) + "\n"
# ```
#
# The shuffle matters. The list of names is in alphabetical order, and soon we will cut
# off the last tenth of the text as held-out text. Without the shuffle the model would
# learn from the names that come first, and would be tested on those that begin with the
# last letters. A **book** needs no shuffle: `text =
# Path("book.txt").read_text("utf-8")`. It should have at least some thousand characters,
# so that the held-out tenth holds more than one window.
#
# ### From text to numbers
#
# Our tokens are the characters. (Lesson 10 has better tokens. Characters need no
# preparation, and they work in every language.) Each different character of the text
# gets a number, its **id**. A dictionary goes from characters to ids, and the list of
# characters goes back. (Elsewhere they are called `stoi` and `itos`, "string to
# integer" and "integer to string".)

# %% tags=["my_gpt"]
chars = sorted(set(text))  # the vocabulary
V = len(chars)
id_of = {char: i for i, char in enumerate(chars)}


def encode(text):  # a string of n characters -> ids (n,)
    return torch.tensor([id_of[char] for char in text])


def decode(ids):  # ids (n,) -> a string
    return "".join(chars[i] for i in ids.tolist())


# %%
print(V, "characters:", "".join(chars[1:]))
print("frog ->", encode("frog"), "->", decode(encode("frog")))
assert decode(encode(text[:1000])) == text[:1000]

# %% [markdown]
# The first character of the list, which is not shown, is the line break `\n`. It stands
# at the end of each story, so it is the end mark.
#
# ### Held-out text
#
# The model trains on the first nine tenths of the ids. The last tenth is held out: we
# only measure on it.

# %% tags=["my_gpt"]
ids = encode(text)
cut = int(0.9 * len(ids))
train_ids, held_ids = ids[:cut], ids[cut:]

# %% [markdown]
# ### Random windows
#
# The model cannot read the whole text at once. It reads a **window** of $T$ characters
# (elsewhere: chunk, block). $T$ is the **context size**. We also fix the other sizes of
# our model here. All cells below use these four values.

# %% tags=["my_gpt"]
T = 64  # context size: how many characters the model sees at once
C = 64  # width: how many numbers stand for one character
H = 4  # attention heads in each block
L = 2  # blocks (layers)

# %% [markdown]
# For each step of training we draw $B$ places of the text at random, the start of $B$
# windows. From each place we take $T + 1$ characters. The first $T$ are the **inputs**.
# The last $T$ are the **targets**: the same text, **shifted by one**, because the target
# of each position is the character that comes next. (A start can be at most
# `len(ids) - T - 1`, so that $T + 1$ characters still fit. `randint` never draws its upper
# end.)


# %% tags=["my_gpt"]
def random_windows(ids, B, generator):
    starts = torch.randint(len(ids) - T, (B,), generator=generator)  # (B,)
    places = starts[:, None] + torch.arange(T + 1)  # (B, 1) + (T + 1,) -> (B, T + 1)
    windows = ids[places]  # (B, T + 1)
    return windows[:, :-1], windows[:, 1:]  # inputs (B, T), targets (B, T)


# %%
x, y = random_windows(train_ids, 16, torch.Generator().manual_seed(0))
print("inputs", tuple(x.shape), "targets", tuple(y.shape))
for t in range(8):
    seen, target = decode(x[0, : t + 1]), decode(y[0, t : t + 1])
    print(f"position {t}: after {seen!r:11s} comes {target!r}")
assert torch.equal(x[:, 1:], y[:, :-1])

# %% [markdown]
# Read the rows with me. One window is not one exercise but $T$ exercises at once: at
# every position the model predicts the next character, from all characters up to there.
#
# ### The plan
#
# Here is the whole model. $B$ windows of $T$ ids go in. For every position, $V$ logits
# come out, one for each character that could come next. In between, the shape never
# changes.

# %% tags=["ledger:B11"]
plot_flow(
    [
        ("ids", "(B, T)"),
        ("embedding", "(B, T, C)"),
        ("+ positions", "(B, T, C)"),
        ("L blocks", "(B, T, C)"),
        ("last norm", "(B, T, C)"),
        ("output head", "(B, T, V)"),
    ],
    "Inside a GPT the shape stays (B, T, C) from the embedding to the head",
    arrows=["look up", "add", "attention, feed-forward", "same size", "C to V"],
    colors=[BLUE, BLUE, BLUE, GREEN, GREEN, ORANGE],
)

# %% [markdown]
# ### Attention
#
# This is the multi-head attention of lesson 12, for $B$ windows at once. One matrix,
# `qkv`, computes queries, keys and values of all heads. Then `view` gives each head its
# own $D = C / H$ numbers. Say the shape of each line aloud before you read its comment:
# who knows the shapes can write this class from memory. Two small differences from lesson
# 12: we first cut into queries, keys and values and then into heads, which gives the
# same; and the linear layers have biases, as in GPT-2.


# %% tags=["my_gpt"]
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv = nn.Linear(C, 3 * C)  # queries, keys and values of all heads
        self.proj = nn.Linear(C, C)  # mixes what the heads have found

    def forward(self, x):  # (B, T, C)
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)  # (B, T, 3C): three of (B, T, C)
        q, k, v = (z.view(B, T, self.H, -1).transpose(1, 2) for z in (q, k, v))
        # now each is (B, H, T, D)
        scores = q @ k.mT / math.sqrt(C // self.H)  # (B, H, T, T)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)  # (T, T), True: not allowed
        weights = scores.masked_fill(future, -math.inf).softmax(-1)  # (B, H, T, T)
        found = weights @ v  # (B, H, T, D)
        return self.proj(found.transpose(1, 2).reshape(B, T, C))  # (B, T, C)


# %% [markdown]
# `chunk` cuts the last dimension into three pieces. `view` cuts the $C$ numbers of each
# position into $H$ pieces of $D$, and `transpose` brings the heads before the positions,
# so that `q @ k.mT` multiplies inside each head (`k.mT` swaps the last two dimensions of
# `k`). The last line goes the same way back. It needs `reshape`, because `view` refuses
# a tensor whose dimensions have been swapped. Inside `forward`, `T` is the length of the
# text that came in. It may be shorter than the context size, and the mask is made to
# fit.
#
# ### The block
#
# The block of lesson 13: a norm before each part, a plus after it.


# %% tags=["my_gpt"]
class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):  # (B, T, C)
        x = x + self.attention(self.norm_1(x))  # (B, T, C): look at other positions
        return x + self.down(F.gelu(self.up(self.norm_2(x))))  # (B, T, C): each alone


# %% [markdown]
# ### The model
#
# Each id is turned into a vector, its **embedding**. Each *position* has a vector of its
# own that is added, because attention alone does not know the order (lesson 12). The
# blocks work on the sum. After a last norm one matrix, the **output head** (elsewhere:
# `lm_head`, unembedding), turns $C$ numbers into $V$ logits. This "head" has nothing to
# do with the attention heads; the field uses one word for two things.
#
# `nn.ModuleList` is a list of layers that `parameters()` can find. The layers of a plain
# Python list would never be trained.


# %% tags=["my_gpt", "ledger:D4"]
class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm = nn.LayerNorm(C)
        self.head = nn.Linear(C, V, bias=False)

    def forward(self, ids):  # (B, T)
        x = self.embedding(ids)  # (B, T, C)
        x = x + self.position_embedding.weight[: ids.shape[1]]  # + (T, C) -> (B, T, C)
        for block in self.blocks:
            x = block(x)  # (B, T, C)
        return self.head(self.norm(x))  # (B, T, V)


# %% [markdown]
# That is a GPT. GPT-2 has more of everything (lesson 13 drew it), but no other parts,
# except for a tied head (below) and dropout, which we leave out: it is only needed when
# a model sees the same text many times.
#
# ### First weights
#
# Before it has learned anything, the model should say "I do not know": all logits nearly
# equal, each character with a probability of about $1/V$. Then the loss begins at
# $\ln V$ (lesson 3). How small must the random first weights be?
#
# After the last norm, the $C$ numbers of a position have size 1. A logit is a sum of $C$
# products of such a number and a weight. Random terms partly cancel each other, so a sum
# of $C$ terms grows only like $\sqrt{C}$: weights of standard deviation $s$ give logits
# of standard deviation $s \sqrt{C}$. GPT-2 takes $s = 0.02$, and many have copied it.
# With our $C$ this gives $0.02 \cdot 8 = 0.16$, which is close to "all equal".
#
# Two more rules, both from GPT-2. Biases start at 0. And the last matrix of each part,
# `proj` and `down`, starts even smaller, divided by $\sqrt{2L}$: $L$ blocks add $2L$
# terms to the residual stream, and their sum should not grow with the depth. The function
# knows these two by their names: if you name your layers differently, change that line.
# (`named_parameters()` gives each tensor with its name, such as `blocks.0.up.weight`, and
# `ndim` is the number of its dimensions: 2 for a matrix, 1 for a bias.)


# %% tags=["my_gpt"]
def set_first_weights(model, generator):
    for name, weight in model.named_parameters():
        if name.endswith(("proj.weight", "down.weight")):
            nn.init.normal_(weight, std=0.02 / math.sqrt(2 * L), generator=generator)
        elif weight.ndim == 2:  # all other matrices, and the embeddings
            nn.init.normal_(weight, std=0.02, generator=generator)
        elif name.endswith("bias"):
            nn.init.zeros_(weight)


# %% tags=["my_gpt"]
generator = torch.Generator().manual_seed(0)
model = MyGPT(V, T, C, H, L)
set_first_weights(model, generator)

# %%
n_parameters = sum(weight.numel() for weight in model.parameters())
print(f"{n_parameters:,} parameters")
assert model(x).shape == (16, T, V)

# %% [markdown]
# The weights of the norms keep torch's first value, which is 1.
#
# ### Two checks before any training
#
# **It does not look ahead.** Change the last character of a window. The logits of all
# positions before it must not move. If this check fails, the mask is wrong, and the loss
# will look wonderful, because the model reads the answer.

# %%
other = x.clone()
other[:, -1] = (x[:, -1] + 1) % V  # another last character
with torch.no_grad():
    moved = (model(other) - model(x)).abs().amax(dim=(0, 2))  # (T,)
assert moved[:-1].max() < 1e-5 < moved[-1]
print("positions that notice:", (moved > 1e-5).nonzero().flatten().tolist())

# %% [markdown]
# **It starts at ln V.** The loss compares all $B \cdot T$ predictions with their
# targets. `flatten(0, 1)` makes one long list of them, because `F.cross_entropy` wants a
# table with one row for each prediction.


# %% tags=["my_gpt"]
def loss_of(model, x, y):  # inputs (B, T), targets (B, T)
    logits = model(x)  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())  # (B*T, V), (B*T,)


# %% tags=["close"]
with torch.no_grad():
    first = loss_of(model, x, y).item()
print(f"loss at the start {first:.2f}, ln V = {math.log(V):.2f}")
assert abs(first - math.log(V)) < 0.1

# %% [markdown]
# What if the weights of the head are larger? The logits get larger with them, so the
# model is sure of itself and wrong. (We change the head for a moment and put it back.)

# %% tags=["close:0.03"]
for std in (0.02, 0.2, 1.0):
    model.head.weight.data *= std / 0.02
    with torch.no_grad():
        size, loss = model(x).std(), loss_of(model, x, y)
    print(f"std {std:<4}  size of the logits {size:.2f}  loss {loss:.2f}")
    model.head.weight.data /= std / 0.02
assert loss > math.log(V) + 3

# %% [markdown]
# A start of 1.0 is no invention: `nn.Embedding` starts with it, and many models use the
# embedding as their head, too (see *tied weights*, below). A start that is far above
# $\ln V$ is the first sign of a mistake.
#
# ### Writing
#
# To write, the model predicts the next character, we draw one by its probability, append
# it, and go on. This is called **autoregressive** generation: what the model has written
# becomes its input. Only the logits of the *last* position are needed. And the model has
# vectors for $T$ positions only, so it sees the latest $T$ characters: `ids[:, -T:]`.


# %% tags=["my_gpt"]
@torch.no_grad()
def write(model, prompt, n, generator):
    ids = encode(prompt)[None]  # (1, length of the prompt)
    for _ in range(n):
        logits = model(ids[:, -T:])[0, -1]  # (V,): what comes next?
        next_id = torch.multinomial(logits.softmax(-1), 1, generator=generator)  # (1,)
        ids = torch.cat([ids, next_id[None]], dim=1)  # one longer
    return decode(ids[0])


# %% tags=["words:0.95"]
seeded = torch.Generator().manual_seed(1)
print(write(model, "Once there was", 120, seeded))

# %% [markdown]
# Noise, as it should be. The prompt is ours, the rest is the model's.
#
# ### The rival: a table of pairs
#
# What loss is good? In lesson 5 a table counted which character follows which (the
# **bigram** model). The table knows all that one character can tell. So if our GPT
# beats it on the same held-out text, it must use characters further back.

# %% tags=["my_gpt"]
n_rows = (len(held_ids) - 1) // T  # the held-out text, cut into rows of T
x_held = held_ids[: n_rows * T].view(n_rows, T)[:200]  # at most 200 rows
y_held = held_ids[1 : n_rows * T + 1].view(n_rows, T)[:200]  # shifted by one


@torch.no_grad()
def held_loss(model):
    return loss_of(model, x_held, y_held).item()


# %% tags=["my_gpt"]
counts = torch.full((V, V), 0.1)  # a little for pairs that never occur
for a, b in zip(train_ids.tolist(), train_ids[1:].tolist(), strict=False):
    counts[a, b] += 1
table = (counts / counts.sum(1, keepdim=True)).log()  # (V, V): log p(next | this)
bigram_loss = -table[x_held, y_held].mean().item()

# %%
print(f"know nothing {math.log(V):.2f}, table of pairs {bigram_loss:.2f} nats")

# %% [markdown]
# ### Training
#
# The loop of lesson 4, with Adam as in lesson 7. (AdamW is Adam in today's usual form;
# lesson 17 says what the W does.) Batch size and learning rate were found by trying, with
# an eye on this same held-out text. That makes our result a little too good (lesson 6),
# but far less than its distance to the table.


# %% tags=["my_gpt"]
def train(model, optimizer, steps, generator):
    for _ in range(steps):
        x, y = random_windows(train_ids, 16, generator)  # (16, T) each
        loss = loss_of(model, x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% [markdown]
# We train 150 steps and let it write. Then we go on to 800 steps. Every 50 steps we
# measure the held-out loss.

# %% tags=["words:0.95"]
optimizer = torch.optim.AdamW(model.parameters(), lr=0.004)
losses = [held_loss(model)]
for _ in range(3):
    train(model, optimizer, 50, generator)
    losses.append(held_loss(model))
print(write(model, "Once there was", 200, seeded).replace("\n", " / "))

# %% [markdown]
# (We print line breaks as ` / `.) Nobody told the model what a word is, and yet the
# sample has things of the length of words, with spaces between them. Most of them are invented. Now the rest. For the last
# 200 steps we make the learning rate eight times smaller, because small steps settle
# (lesson 16 turns this into a schedule).

# %% tags=["close:0.1"]
for step in range(150, 800, 50):
    optimizer.param_groups[0]["lr"] = 0.004 if step < 600 else 0.0005
    train(model, optimizer, 50, generator)
    losses.append(held_loss(model))
print(f"held-out loss {losses[-1]:.1f}, table of pairs {bigram_loss:.1f}")
assert losses[-1] < bigram_loss - 0.8

# %% [markdown]
# The GPT is far below the table of pairs, on text that it has never seen. Before you
# look at what it writes now, make a prediction.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
sample = write(model, "Once there was", 1500, torch.Generator().manual_seed(2))
known = set(text.replace(".", " ").replace(",", " ").replace("!", " ").split())
drawn = sample.replace(".", " ").replace(",", " ").replace("!", " ").split()[:-1]
real = 100 * sum(word in known for word in drawn) / len(drawn)
assert real > 75
Predict(
    "The model has only ever seen single characters. It now writes 1,500 of them. How "
    "many per cent of its words are real words of Tiny World?",
    round(real),
    unit="%",
    because="To predict the next character well, the model had to learn how words are "
    "spelled. The loss asked for it; no rule did.",
)

# %% tags=["words:0.9"]
print(sample[:700].replace("\n", " / "))

# %% [markdown]
# This is a language model that you wrote from nothing. Compare the three samples: noise,
# then something that looks like words from far away, then sentences. Look for
# mistakes, too. A story begins with one animal: is it still the same at the end?
#
# ## See it

# %% tags=["close:0.1"]
plots.plot_curves(
    {"my GPT": (range(0, 50 * len(losses), 50), losses)},
    "Our GPT falls below the table of pairs and goes on learning",
    xlabel="step",
    ylabel="held-out loss (nats)",
    lines={"ln V": math.log(V), "table of pairs": bigram_loss},
)

# %% [markdown]
# The step down after 600 steps is the smaller learning rate.
#
# ## Play with it
#
# Change the prompt and run the cell again. Try `"The sky was"`; try a name that no story
# has, such as `Kuri`; try a word in another language. A prompt may hold only characters
# that the text has: our stories have no capital `A`, `E` or `X` and no question mark, and
# such a character stops the cell with a `KeyError`.

# %% tags=["words:0.85"]
print(write(model, "Once a baker named", 150, seeded).replace("\n", " / "))

# %% [markdown]
# ### My own GPT
#
# The cells of this lesson that define the model, train it and let it write are collected
# in **[`my_gpt.py`](my_gpt.py)**, in the folder of the lessons: the same lines in the
# same order (a test of this course compares them), with a start that reads a file and an
# end that prints. It needs Python and torch and nothing of this course. Take it with
# you, or run it here, in a terminal in the folder of the lessons:
#
# ```bash
# python my_gpt.py ../data/names.txt         # 800 steps, then it writes
# python my_gpt.py ../data/names.txt 300     # 300 steps
# ```
#
# Lines that are in alphabetical order, like a list of names, are shuffled first. The
# file prints the training loss beside the held-out loss. If your text is short, the
# model reads it again and again and begins to learn it by heart (lesson 6). Then the two
# losses part, and fewer steps are better.
#
# The file runs on the processor; for a graphics card, the mask, the ids and the generator
# must be made there, too. A model with dropout needs `model.eval()` before it is
# measured or writes, and `model.train()` before it goes on learning. Ours has none.
#
# > **For children (and for the rest of us).** You have built a machine that plays one
# > game all day: cover the next letter, guess it, look. It got better at the game. To get
# > better it had to find out what words are, and what stories are.
#
# Before you close the lesson, say the list of what a blank page needs, in order: text,
# ids, held-out part, windows, attention, block, model, first weights, loss, training,
# writing, and a table of pairs to compare with.
#
# Do the two signs, a start near $\ln V$ and a loss below the table of pairs, prove that a
# GPT is right? No. Someone wrote this GPT from memory, then left out one line at a time
# and trained on the names. The start was near $\ln V$ every time, because it tests the
# first weights only. None of these mistakes raised an error:
#
# | left out | below the table of pairs? | what finds it |
# |---|---|---|
# | the mask | yes, and far too low | the check with the last character |
# | `transpose` on the way back | yes, and too low | the same check |
# | the shift of the targets | no: held out it is awful | the training loss falls to 0 |
# | `zero_grad` | no | the loss rises |
# | the two plus signs | no | it stays above the table |
# | the positions | yes | exchange two earlier characters: nothing changes (in one block) |
# | `nn.ModuleList` (a plain list instead) | yes | fewer parameters than you counted |
#
# The last two look healthy. So run the check, and count the parameters.
#
# **The core ends here.** Answer questions 1 to 4 of *Check yourself*, then do
# [homework 14](homework/hw14.ipynb): in its first task you write the model once more,
# without looking.

# %% [markdown]
# ## Compare with torch
#
# *More.* Is our GPT really a GPT? The library's `GPT`, which all later lessons use, has
# faster attention and many options. Switch the options to what we have built, and give
# it the weights of our trained model. The parts have the same names, so
# `load_state_dict` takes them as they are.

# %%
from course_lib import batches
from course_lib.gpt import GPT, GPTConfig, count_parameters, gpt2_config
from course_lib.train import TrainConfig
from course_lib.train import train as library_train

config = GPTConfig(
    vocab_size=V,
    context_size=T,
    emb_dim=C,
    n_heads=H,
    n_layers=L,
    positions="learned",
    bias=True,
    qk_norm=False,
    tied=False,
)

# %%
twin = GPT(config, torch.Generator().manual_seed(0))
twin.load_state_dict(model.state_dict())
with torch.no_grad():
    torch.testing.assert_close(twin(x_held), model(x_held), rtol=1e-3, atol=1e-3)
assert n_parameters == count_parameters(config)
print(f"same weights, same logits: {x_held.numel() * V:,} numbers agree")

# %% [markdown]
# So with these options the library's class computes what yours computes. The base model
# below and the models of the next lessons have other options: they turn queries and keys
# (rotary positions), bring them to one length (`qk_norm`, lesson 12) and have a tied head
# (below). The plan is the same.
#
# ### An honest rival
#
# *More.* The table of pairs sees one character, so it was easy to beat. What about
# tables with a longer memory? We take the interpolation of lesson 6: a table with $k$
# characters of memory, mixed with the tables of all shorter memories. The opinion of the
# shorter memory counts like 10 imaginary cases (the $s$ of lesson 6). We tried 1, 3 and 10 on
# this very text, and 10 was best. The tables may look across the row borders, the GPT may not: both favour the
# tables. The floor is that of lesson 9: no model at all can get below it.

# %% tags=["close:0.1"]
from collections import Counter

p = [1 / V] * y_held.numel()  # for each held-out character: its probability so far
for k in range(10):  # add the table with k characters of memory
    seen = Counter(text[i : i + k] for i in range(cut - k))
    then = Counter(text[i : i + k + 1] for i in range(cut - k))
    for i, shorter in enumerate(p, start=cut + 1):
        pair = then[text[i - k : i + 1]] + 10 * shorter
        p[i - cut - 1] = pair / (seen[text[i - k : i]] + 10)
    rival = -sum(map(math.log, p)) / len(p)
    print(f"{k} characters of memory: {rival:.2f}")

# %% tags=["close:0.1"]
told = [one for one in documents if one.kind == "story"]
nats = sum(one.total_nats + math.log(world.KINDS["story"] / 100) for one in told)
floor = nats / sum(one.n_chars for one in told)  # that it is a story costs nothing here
print(f"floor {floor:.2f}, long tables {rival:.2f}, my GPT {losses[-1]:.2f}")
assert floor < rival < losses[-1] - 0.03

# %% [markdown]
# The long tables win against half a minute of training. They have counted every piece of
# the text of up to ten characters, and this toy language repeats its pieces often. But
# they stop improving, far above the floor, because a longer piece has been seen less and
# less often. Our GPT does go on. We tried: another 2,000 steps at 0.004 and then 500 at
# 0.0005 brought it to 0.36 in about a minute. In another try, 6,000 steps with a learning
# rate that falls evenly from 0.004 to 0 brought it level with the tables, at 0.33. Try it
# with `train`.
#
# ### A loss at every position
#
# *More.* For the rest of the lesson we take a GPT that has learned longer, from all
# kinds of documents: the **base model** of Tiny World. One *word* is one token for it,
# and `<eot>` is the token between two documents. We look at one text, position by
# position.

# %% tags=["ledger:A1", "close"]
base = world.load_base()
words = world.VOCABULARY


def read(text):  # a string -> ids (1, number of words + 1)
    return torch.tensor([world.encode([world.EOT, *world.split_words(text)])])


tokens = read("Once there was a shy frog. It ate flies.")
inputs, targets = tokens[:, :-1], tokens[:, 1:]
with torch.no_grad():
    costs = F.cross_entropy(base(inputs)[0], targets[0], reduction="none")  # (T,)
for i, j, loss in zip(inputs[0], targets[0], costs, strict=True):
    print(f"{words[i]:>6s} -> {words[j]:6s} loss {loss:.2f}")
torch.testing.assert_close(costs.mean(), F.cross_entropy(base(inputs)[0], targets[0]))
print(f"mean of {len(costs)} losses: {costs.mean():.2f} nats")

# %% [markdown]
# (`reduction="none"` leaves out the mean at the end.) Where the model cannot know (which
# animal?) the loss is high. Where it can (what does this animal eat?) it is nearly 0. The
# causal mask hides the answers, so all positions can be trained at once.
#
# ## Why does this work?
#
# *More.* A dozen blocks work hard on every token, and then one single matrix turns the
# result into logits. There is no activation function at the end and no bias. Why is so
# little enough?
#
# ### The context vector
#
# What comes out of the last block is the **hidden state** of a position, also called
# its **context vector**: what this word means *here*, after all the words before it.
# (Mind the name: other texts give it to the mix of a head, see lesson 11.) Two stories
# end with the same word, "ate". We compare its vectors before the first block and after
# each.


# %% tags=["ledger:D2", "close"]
@torch.no_grad()
def walk(tokens):  # the residual stream: the embedding, then after each block
    stream = [base.embedding(tokens)]
    for block in base.blocks:
        stream.append(block(stream[-1], base.table[:, : tokens.shape[1]]))
    return stream


frog = walk(read("Once there was a shy frog. It ate"))
sheep = walk(read("Once there was a shy sheep. It ate"))
alike = F.cosine_similarity(torch.cat(frog)[:, -1], torch.cat(sheep)[:, -1])
for depth, cosine in enumerate(alike):
    print(f"blocks so far {depth}: cosine of the two 'ate' {cosine:.2f}")
torch.testing.assert_close(alike[0], torch.tensor(1.0))
assert alike[-1] < 0.7

# %% [markdown]
# (`base.table` holds the angles of lesson 12: the base model turns queries and keys
# instead of adding a vector for the position.) The embedding of "ate" knows nothing of
# frogs. Its context vector does. Nearly all of the difference comes in the last block. So
# it is there that "ate" gets what the model knows of the animal. (Lesson 15 shows the same
# for other words.)
#
# ### Rows as directions
#
# Each word $v$ of the vocabulary owns one row $w_v$ of the output head. Its logit is the
# dot product of $x$, the context vector after the last norm, with that row:
#
# $$\text{logit}_v = x \cdot w_v$$
#
# So the row is *the direction that says "v"*: the more $x$ points that way, the higher
# is the score. (The length of the row counts, too.)

# %% tags=["ledger:D3", "close"]
context = base.norm(frog[-1])[0, -1].detach()  # 128 numbers
W = base.embedding.weight.detach()  # (V, 128): the head of the base model, see below
for word in ("flies", "clover", "frog"):
    w = W[words.index(word)]
    print(f"{word:7s} {(context * w).sum():7.2f}")
logits = W @ context  # all words at once: one product, no bias
true = base(read("Once there was a shy frog. It ate"))[0, -1].detach()
torch.testing.assert_close(logits, true)
print("likeliest:", words[logits.argmax()])

# %% [markdown]
# **What are logits, then?** Lesson 2 said: logarithms of probabilities, up to one common
# constant. Now you know where they come from as well: they say how well one vector fits
# each of $V$ directions.

# %% tags=["ledger:D7", "close"]
gap = logits - logits.log_softmax(-1)
assert (gap - gap[0]).abs().max() < 1e-4
print(f"logit - log p = {gap[0]:.2f} for each of the {len(gap)} words")

# %% [markdown]
# The same constant for all words. (That it is the logit of *flies*, too, is no accident:
# the model is nearly certain of *flies*, so $\log p$ of *flies* is nearly 0.)
#
# > **For children (and for the rest of us).** The blocks turn an arrow. Around it, on
# > the wall, hangs a picture for every word. At the end you only look: which picture
# > does the arrow point at? Looking is easy. Turning the arrow was the work.
#
# ### A frozen head still works, but worse
#
# The gradient flows through the head into all blocks, so the blocks are trained to make
# vectors that one product can read. How far does that go? Give the model a head of
# random numbers and **freeze** it: it never learns. For comparison we train everything,
# and only the head. The text is Tiny World by words.

# %% tags=["ledger:D6"]
n_words = world.VOCAB_SIZE
learn = world.token_rows(tiny, "train", 0, n_rows=1500, length=33).tokens
held = world.token_rows(tiny, "val", 0, n_rows=100, length=33).tokens
small = GPTConfig(
    vocab_size=n_words, context_size=32, emb_dim=64, n_heads=2, n_layers=2, tied=False
)


def trained(learns):  # learns(name): may this parameter change?
    rng = torch.Generator().manual_seed(0)
    net = GPT(small, rng)
    nn.init.normal_(net.head.weight, std=1 / 8, generator=rng)
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(learns(name))
    batch_at = batches.mini_batches(learn[:, :-1], learn[:, 1:], batch_size=16)
    list(library_train(net, batch_at, TrainConfig(steps=200, learning_rate=0.01)))
    with torch.no_grad():
        return loss_of(net, held[:, :-1], held[:, 1:]).item()


# %% tags=["ledger:D6", "close"]
whole = trained(lambda name: True)
frozen = trained(lambda name: name != "head.weight")
head_only = trained(lambda name: name == "head.weight")
print(f"all learns {whole:.2f}, head frozen {frozen:.2f}, only head {head_only:.2f}")

# %% tags=["ledger:D6", "close"]
pairs = torch.full((n_words, n_words), 0.01)  # less than 0.1: more cells are empty
# adds 1 at (this, next) for every pair of neighbours, again for each repetition
pairs.index_put_((learn[:, :-1], learn[:, 1:]), torch.tensor(1.0), accumulate=True)
log_p = (pairs / pairs.sum(1, keepdim=True)).log()
paired = -log_p[held[:, :-1], held[:, 1:]].mean().item()
print(f"no idea {math.log(n_words):.2f}, table of pairs {paired:.2f}")
assert whole < frozen < paired < head_only - 0.5

# %% [markdown]
# With a head of pure noise, the model still gets below this table of pairs. The directions
# are random, but they are *fixed*, so the blocks can learn where each of them lies. The
# other way round it does far worse: random blocks write little that a head could use. (One
# run of each, all with the same learning rate, and the table with one number added: none
# of these was tuned. So take the order as the result, not the exact gaps. 200 steps are
# few, but with ten times as many the lone head is still far above the table: we tried.)
#
# ### The softmax is the bend
#
# In a block an activation function follows the matrix `up`. What follows the head is the
# softmax, and it is not linear either. A second activation can do harm. Squeeze the
# logits with a `tanh` into -1 to 1: how sure can the model become, at the very best?

# %% tags=["ledger:D6", "close"]
best = torch.full((n_words,), -1.0)
best[0] = 1.0  # the best logits that tanh allows: 1, -1, -1, ...
print(f"best probability after tanh: {best.softmax(-1)[0]:.4f}")
print(f"the base model about flies:  {true.softmax(-1).max():.4f}")
assert best.softmax(-1)[0] < 0.02 < 0.9 < true.softmax(-1).max()

# %% [markdown]
# ### Tied weights
#
# In the base model, and in GPT-2, the head *is* the embedding: one matrix at both ends,
# **weight tying** (Press and Wolf, 2017). In `MyGPT` it would be one line,
# `self.head.weight = self.embedding.weight`. The row that says "flies" on the way out is
# then the vector for "flies" on the way in, so words that can stand in the same
# places get similar vectors.

# %% tags=["ledger:D6", "counts:2"]
unit = F.normalize(W, dim=1)
for word in ("flies", "swamp", "red"):
    near = (unit @ unit[words.index(word)]).topk(5).indices[1:]
    print(f"{word:6s} is near", ", ".join(words[i] for i in near))

# %% [markdown]
# ### What it cannot do: the rank limit
#
# The logits of many positions form a matrix, one row for each position. Every row is a
# mixture of the same $C$ columns of the head. So its **rank**, the number of independent
# directions among the rows (lesson 12), cannot be above $C$, however large the vocabulary
# is.

# %% tags=["ledger:D6"]
rows = world.token_rows(tiny, "val", 0, n_rows=32, length=129)
stream = walk(rows.tokens[:, :-1])  # 4 of (32, 128, C)
final = (base.norm(stream[-1]) @ W.T).flatten(0, 1).detach()  # (4096, number of words)
rank = torch.linalg.matrix_rank(final).item()
print(f"logits {tuple(final.shape)}, C = {W.shape[1]}, rank {rank}")
assert rank == W.shape[1] - 1

# %% [markdown]
# It is even one less: the last norm takes the mean away, and with it one direction. So
# the model cannot choose all scores freely: words move in company. This is called the
# **softmax bottleneck** (Yang and others, 2018). GPT-2 small has 768 numbers for 50,257
# tokens.

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide
#
# A slide says: *"GPT-2: 1.6 billion parameters, context 1,024."* With learned positions
# and biases, as in `MyGPT`, a GPT has
#
# - an embedding $VC$, positions $TC$, a last norm $2C$;
# - in each block $12C^2 + 13C$: attention $4C^2$, feed-forward $8C^2$, biases and norms;
# - for a head of its own another $VC$, for a tied one nothing.


# %% tags=["ledger:B13"]
def count(V, T, C, L, tied=True):
    return V * C * (2 - tied) + T * C + 2 * C + L * (12 * C**2 + 13 * C)


assert count(V, T, C, L, tied=False) == n_parameters  # ours
for size in ("small", "medium", "large", "xl"):
    c = gpt2_config(size)
    n = count(50_257, 1024, c.emb_dim, c.n_layers)
    assert count_parameters(c) == n
    print(f"GPT-2 {size:6s} C = {c.emb_dim:4}, {c.n_layers} blocks: {n:13,}")

# %% [markdown]
# So 1.6 billion is right only for the largest of four models that are all called GPT-2.
# The smallest has 124 million. The slide should say "GPT-2 xl". (The context of 1,024 is
# the same for all four.)

# %% tags=["hide-input", "ledger:B13"]
# the answer is computed here; look at it after your guess
untied = count(50_257, 1024, 1600, 48, tied=False) / 1e9
Predict(
    "GPT-2 xl is tied. How many billion parameters would it have with a head of its "
    "own?",
    round(untied, 3),
    unit="billion",
    because="Its vocabulary times its width is another 80 million. Both numbers round "
    "to 1.6 billion: the slide's figure cannot show which of them was counted.",
)

# %% [markdown]
# How can the library count a model of this size without gigabytes of memory? On the
# **meta device** tensors have shapes but no numbers. That is enough to count, and to see
# that a text of 1,025 tokens is refused: there is no vector for position 1,025.

# %% tags=["ledger:B14"]
with torch.device("meta"):
    xl = GPT(gpt2_config("xl"))
    try:
        xl(torch.zeros(1, 1025, dtype=torch.int64))
    except ValueError as error:
        print(error)
n = sum(p.numel() for p in xl.parameters())
print(f"{n:,} parameters of 4 bytes each would take {4 * n / 1e9:.2f} GB")

# %% [markdown]
# Another slide sets a small letter model ("our model") beside GPT-4: vocabulary 100K,
# context 128K, width 12,288, about 120 layers, $10^{12}$ parameters. What of that can be
# checked?

# %% tags=["ledger:C26"]
# lesson 7 with 47 hidden units: 58 numbers for each of them, and 270 + 27 others
print(f"names network: 27 letters, context 3, width 10: {297 + 58 * 47:,} parameters")
print(f"my GPT: {V} characters, context {T}, width {C}: {n_parameters:,} parameters")
gpt3 = count(50_257, 2048, 12_288, 96)  # sizes from its paper
print(f"GPT-3: width 12,288, 96 blocks: {gpt3 / 1e9:.1f} billion")
assert round(gpt3 / 1e9) == 175

# %% [markdown]
# The width 12,288 is **GPT-3's**: the formula gives the published 175 billion. Of GPT-4,
# the vocabulary is public (lesson 10) and the context was announced. Width, layers
# and parameters were never published (as of 2026): a slide should say "rumoured".
#
# ### Questions
#
# **1.** Why are the targets shifted by one, and what would happen without the shift?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The model should predict the next character. Without the shift the target of each
# position is the character that it has just read. The loss falls to nearly 0, because
# copying the input is enough, and the model writes the same character for ever.
#
# </details>
#
# **2.** Your loss starts at 9 instead of $\ln V$ = 4. Where do you look first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# At the first weights of the head. A loss far above $\ln V$ means that the model is sure of
# wrong answers, so its logits are too large. The embedding alone cannot do that: the last
# norm brings every position to size 1. But if the head is tied to the embedding, look
# there: `nn.Embedding` starts with a standard deviation of 1.
#
# </details>
#
# **3.** Your loss falls to 0.01 within a minute, and the text that it writes is nonsense.
# What is wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The model can see the answer. The mask is missing or wrong (the check with the last
# character finds it), or the targets are not shifted.
#
# </details>
#
# **4.** Why does `write` crop with `ids[:, -T:]`, and what happens without it?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The model has a position vector for $T$ positions only. As soon as the text is longer,
# adding the positions stops with an error about the shapes.
#
# </details>
#
# **5.** *More.* In `trained`, give the frozen head `std=1 / 80`. Does the model still
# learn?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Much more slowly. In our run the loss after the same 200 steps was 5.0, not 2.3, and "no
# idea" costs 6.0. With small rows it needs long vectors to make large logits, and after
# the last norm they are long only if the learned gain of the norm has grown first. Give
# it 1,000 steps, and see.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A GPT predicts the next token at every position of a window. Embedding,
#   blocks, a norm, a head: that is all. To write, it predicts, draws, appends.
# - **Formula.** $\text{logit}_v = x \cdot w_v$ at every position; the targets are the
#   text shifted by one; the loss starts at $\ln V$.
# - **Pitfall.** A loss far above $\ln V$ at the start: first weights of the head too
#   large. A loss that is too good: no mask, no shift, or held-out text that was trained
#   on.
# - **Moved into the library:** `course_lib.gpt.GPT`, `count_parameters`.
#
# | what | shape |
# |---|---|
# | a batch of windows | $(B, T)$ |
# | the residual stream | $(B, T, C)$ |
# | queries, keys, values | $(B, H, T, D)$, with $D = C / H$ |
# | scores and weights of attention | $(B, H, T, T)$ |
# | logits | $(B, T, V)$ |
#
# | here | elsewhere |
# |---|---|
# | context size, $T$ | `block_size`, `n_positions`, context length |
# | width, $C$ | `n_embd`, `d_model`, `hidden_size` |
# | output head | `lm_head`, unembedding |
# | up, down | `c_fc` and `c_proj`; MLP; FFN |
# | `id_of`, `chars` | `stoi`, `itos` |
#
# **Homework:** [Homework 14](homework/hw14.ipynb), about 80 minutes, of which the core
# takes 60 (and an hour more, if you write the whole page). A badge under each check says at once whether your answer is correct.
#
# **Next:** you have the model, and it writes. What have its parts learned to do?
# [15. Taking a trained model apart](15_taking_apart.ipynb) looks inside.
