# %% [markdown]
# # Homework 14: GPT from a blank page
#
# Four tasks with checks, one question in words. Tasks 1 and 2 and the question are the
# *core*. Tasks 3 and 4 are for those who want *more*. About 80 minutes in all, the core
# alone about 60. All cells together run in some seconds. It belongs to
# [lesson 14](../14_gpt.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw14` says what the file is worth.

# %%
import math
from collections import namedtuple

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
Config = namedtuple(
    "Config", "vocab_size context_size emb_dim n_layers hidden bias tied"
)


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


def between(low, high, number, n=1):
    """n random whole numbers, low <= number < high."""
    return torch.randint(low, high, (n,), generator=seeded(number)).tolist()


# %% [markdown]
# ## Task 1 (core, 40 minutes): the blank page
#
# Close the lesson, and write the model again: `MyGPT(V, T, C, H, L)`, a class of torch
# (`nn.Module`) for $V$ tokens, context size $T$, width $C$, $H$ attention heads in each
# of $L$ blocks. `model(ids)` turns ids of the shape $(B, t)$, with any $t$ up to $T$, into
# logits $(B, t, V)$. Its parts:
#
# - an embedding of the tokens, $V \times C$, and one of the positions, $T \times C$;
# - $L$ blocks. In each: a norm, causal attention with $H$ heads, a plus; a norm, the
#   feed-forward layer (up to $4C$ numbers, GELU, back down), a plus;
# - a last norm, and an output head without bias that is not tied.
#
# Use `nn.Embedding`, `nn.Linear` (with biases, except for the head) and `nn.LayerNorm`;
# write the attention yourself. Give the model **small first weights** as in the lesson,
# in `__init__`: 0.02 for matrices and embeddings (it is fine if all matrices get the
# same), 0 for biases. You may define as many classes and functions as you like, all in
# this cell.
#
# If you get stuck: write down the shape behind each line. Only then open the lesson.


# %%
# TASK MyGPT forbid: MultiheadAttention Transformer TransformerEncoderLayer TransformerEncoder scaled_dot_product_attention
### BEGIN SOLUTION
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv = nn.Linear(C, 3 * C)
        self.proj = nn.Linear(C, C)

    def forward(self, x):  # (B, T, C)
        B, T, C = x.shape
        qkv = self.qkv(x).view(B, T, 3, self.H, C // self.H)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, D)
        scores = q @ k.mT / math.sqrt(C // self.H)  # (B, H, T, T)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):  # (B, T, C)
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm = nn.LayerNorm(C)
        self.head = nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):  # (B, T)
        x = self.embedding(ids)  # (B, T, C)
        x = x + self.position_embedding.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, V)


### END SOLUTION

# %% [markdown]
# The checks know your model only from outside. Two helpers: `sizes` draws the sizes of a
# model, and `notices` tells which positions notice that the ids have changed.


# %%
def sizes(number, L=2):
    """Random sizes V, T, C, H, L."""
    V, T = between(30, 60, number)[0], between(10, 16, number + 1)[0]
    H = between(2, 5, number + 2)[0]
    return V, T, 8 * H, H, L


def notices(model, ids, other, share=0.0):
    """Positions whose logits move when ids become other (by a share of the largest)."""
    with torch.no_grad():
        moved = (model(ids) - model(other)).abs().amax(dim=(0, 2))
    least = max(1e-6, share * moved.max().item())
    return [t for t, far in enumerate(moved.tolist()) if not far < least]


def random_ids(V, n, number):
    """Ids of the shape (3, n)."""
    return torch.randint(V, (3, n), generator=seeded(number))


# %%
# CHECK MyGPT 1 point: the shape of the logits, also for texts that are shorter than T
V, T, C, H, L = sizes(50)
model = MyGPT(V, T, C, H, L)
several = [model(random_ids(V, n, 53)).detach() for n in (T, T - 3, 1)]
[(tuple(z.shape), "nan" if z.isnan().any() else bool((z < 0).any())) for z in several]

# %%
# CHECK MyGPT 1 point: how many numbers it learns
models = [MyGPT(*sizes(54 + 3 * L, L)) for L in (1, 2, 3)]
[sum(weight.numel() for weight in model.parameters()) for model in models]

# %%
# CHECK MyGPT 2 points: who notices that one token has changed
V, T, C, H, L = sizes(70)
model, ids = MyGPT(V, T, C, H, L), random_ids(V, T, 73)
seen = []
for place in between(1, T, 74, n=4):
    other = ids.clone()
    other[:, place] = (ids[:, place] + 1) % V
    seen.append(notices(model, ids, other))
seen

# %%
# CHECK MyGPT 1 point: who notices it strongly
strong = []
for place in between(1, T - 1, 75, n=4):
    other = ids.clone()
    other[:, place] = (ids[:, place] + 1) % V
    strong.append(notices(model, ids, other, share=0.3))
strong

# %%
# CHECK MyGPT 1 point: who notices that two tokens have changed places (one block)
swapped = []
for number in (80, 84, 88):
    V, T, C, H, L = sizes(number, L=1)
    first = between(0, T - 4, number + 3)[0]
    ids = torch.randperm(V, generator=seeded(number + 1))[:T][None]
    other = ids.clone()
    other[0, first], other[0, first + 2] = ids[0, first + 2], ids[0, first]
    swapped.append(notices(MyGPT(V, T, C, H, L), ids, other))
swapped

# %%
# CHECK MyGPT 1 point: the loss at the start (V where it is close to ln V)
starts = []
for number in (90, 94, 98):
    V, T, C, H, L = sizes(number)
    ids, targets = torch.randint(V, (2, 64, T), generator=seeded(number + 3))
    logits = MyGPT(V, T, C, H, L)(ids).detach()
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()
    starts.append(V if abs(loss - math.log(V)) < 0.05 else round(loss, 1))
starts

# %% [markdown]
# ## Task 2 (core, 15 minutes): train it
#
# Write two functions.
#
# - `windows(ids, starts, T)`: `ids` is a long text, `starts` the first position of each of
#   $B$ windows (both are tensors with one axis). Returns the inputs and the targets, each
#   $(B, T)$: $T$ ids from each start, and the same shifted by one.
# - `train(model, ids, T, steps)`: `steps` steps of AdamW with learning rate 0.01. In each
#   step, draw 16 random starts, from 0 up to the last one that has a whole window *and* its
#   target. The loss is the mean over all positions. It changes the model and returns
#   nothing.
#
# The text of the check is a secret line of tokens that is repeated again and again. Each
# token occurs twice in the line, so a table of pairs cannot know what follows. A
# GPT can, since it looks further back. After the training your GPT writes the line, token
# by token, always the likeliest. (The check does the writing. It takes a second or two.)


# %%
# TASK train
def windows(ids, starts, T):
    """Inputs and targets, (B, T) each."""
    ### BEGIN SOLUTION
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, 1:]
    ### END SOLUTION


def train(model, ids, T, steps):
    """Change the model for the better."""
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ### END SOLUTION


# %%
# CHECK train 1 point: windows
text = torch.randint(90, (30,), generator=seeded(110))
[as_table(part) for part in windows(text, torch.tensor([0, 7, 21]), 8)]

# %%
# CHECK train 3 points: what the trained model writes, and whether it beats the pairs
line = torch.randperm(12, generator=seeded(111)) % 6
text = line.repeat(40)
model = MyGPT(6, 8, 16, 2, 1)
train(model, text, 8, 200)
pairs = torch.full((6, 6), 0.1)
pairs.index_put_((text[:-1], text[1:]), torch.tensor(1.0), accumulate=True)
table = (pairs / pairs.sum(1, keepdim=True)).log()
x, y = text[:96].view(12, 8), text[1:97].view(12, 8)
written = text[:8].tolist()
with torch.no_grad():
    loss = F.cross_entropy(model(x)[:, 4:].flatten(0, 1), y[:, 4:].flatten())
    for _ in range(16):
        written.append(model(torch.tensor([written[-8:]]))[0, -1].argmax().item())
[written[8:], bool(loss < -table[x, y].mean() / 2)]

# %% [markdown]
# ## Task 3 (more, 10 minutes): a GPT without classes
#
# `w` is a dictionary of matrices: `w["embedding"]` $(V, C)$, `w["positions"]` with one row
# of $C$ numbers for each position, and, only if the head is **not** tied,
# `w["out_head"]` $(V, C)$. `blocks` is a list of functions $(T, C) \to (T, C)$, to be
# called in order. The last norm has no weights: `F.layer_norm(x, x.shape[-1:])`.
#
# Write two functions:
#
# - `gpt(tokens, w, blocks)`: `tokens` is a tensor of $T$ token numbers. Returns the logits
#   of every position, $(T, V)$. Without `"out_head"` the head is the embedding.
# - `write(tokens, n, w, blocks)`: `tokens` is a list. Returns a list of the `n` tokens
#   that the model writes after them (without `tokens` themselves): each time the one
#   with the highest logit at the **last** position. The model sees at most as many
#   tokens as it has positions. If there are more, it sees the latest ones.


# %%
def new_model(number, tied, V=11, C=6, n_positions=5):
    """Random matrices and three random blocks; each token sees those before it."""
    w = {"embedding": noise(V, C, number=number)}
    w["positions"] = noise(n_positions, C, number=number + 100)
    if not tied:
        w["out_head"] = noise(V, C, number=number + 200)

    def block_with(mix):
        def block(x):
            before = x.cumsum(0) / torch.arange(1, len(x) + 1)[:, None]
            return x + torch.tanh(before @ mix)

        return block

    return w, [block_with(mix) for mix in noise(3, C, C, number=number + 300)]


# %%
# TASK gpt
def gpt(tokens, w, blocks):
    """Logits of all positions, (T,) -> (T, V)."""
    ### BEGIN SOLUTION
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    head = w.get("out_head", w["embedding"])
    return F.layer_norm(x, x.shape[-1:]) @ head.T
    ### END SOLUTION


def write(tokens, n, w, blocks):
    """The n tokens that follow, each the likeliest."""
    ### BEGIN SOLUTION
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]
    ### END SOLUTION


# %%
# CHECK gpt 1 point: a head of its own
logits = gpt(torch.tensor(between(0, 11, 10, n=3)), *new_model(11, tied=False))
as_table(logits)[:, :5]

# %%
# CHECK gpt 1 point: a tied head
logits = gpt(torch.tensor(between(0, 11, 12, n=3)), *new_model(13, tied=True))
as_table(logits)[:, :5]

# %%
# CHECK gpt 1 point: three models write
texts = [between(0, 11, 14 + i, n=3 + i) for i in range(3)]
[write(text, 12, *new_model(17 + i, tied=False)) for i, text in enumerate(texts)]

# %% [markdown]
# ## Task 4 (more, 10 minutes): the riddle of the 1.6 billion
#
# A slide says that GPT-2 has 1.6 billion parameters. Write `count_parameters(c)`: how
# many numbers a GPT learns, as an int. Its parts, for the sizes $V$ = `c.vocab_size`,
# $T$ = `c.context_size`, $C$ = `c.emb_dim`:
#
# - an embedding of the tokens, $V \times C$, and a learned vector for each of $T$
#   positions, $T \times C$;
# - `c.n_layers` blocks. In each: a norm, attention (query, key, value and output
#   projection: four matrices $C \times C$), a norm, and a feed-forward layer (a matrix from
#   $C$ up to `c.hidden` numbers, and one back down);
# - a last norm, and the head: $V \times C$, never a bias. With `c.tied` it *is* the
#   embedding.
#
# With `c.bias`, every matrix of a block has a bias (one number for each of its
# outputs), and every norm has $C$ weights and $C$ biases. Without, there are no biases
# in them, and a norm has only its $C$ weights. The embeddings never have one.
#
# Four numbers to try it on, all with context 1,024 and biases:
#
# | model | call | parameters |
# |---|---|---|
# | GPT-2 small | `Config(50257, 1024, 768, 12, 3072, True, True)` | 124,439,808 |
# | the same, a head of its own | `... True, False)` | 163,037,184 |
# | GPT-2 xl | `Config(50257, 1024, 1600, 48, 6400, True, True)` | 1,557,611,200 |
# | the same, a head of its own | `... True, False)` | 1,638,022,400 |
#
# So GPT-2 xl, whose head is tied, has 1.56 billion. Counted twice, the head makes it 1.64.
# The slide's 1.6 can be either.


# %%
# TASK count_parameters forbid: numel parameters
def count_parameters(c):
    """How many numbers a GPT with this Config learns."""
    ### BEGIN SOLUTION
    C, norm = c.emb_dim, c.emb_dim * (1 + c.bias)
    attention = 4 * C * C + 4 * C * c.bias
    feed_forward = 2 * C * c.hidden + (c.hidden + C) * c.bias
    ends = (c.vocab_size * (2 - c.tied) + c.context_size) * C
    return ends + c.n_layers * (2 * norm + attention + feed_forward) + norm
    ### END SOLUTION


# %%
# CHECK count_parameters 1 point: like GPT-2, of other sizes
vocabs, contexts = between(9000, 99_000, 1, n=2), between(500, 3000, 2, n=2)
widths, depths = between(100, 2000, 3, n=2), between(5, 60, 4, n=2)
shapes = [(C, L, 4 * C) for C, L in zip(widths, depths, strict=True)]
sizes = list(zip(vocabs, contexts, shapes, strict=True))
[count_parameters(Config(V, T, *shape, True, True)) for V, T, shape in sizes]

# %%
# CHECK count_parameters 1 point: a head of its own
[count_parameters(Config(V, T, *shape, True, False)) for V, T, shape in sizes]

# %%
# CHECK count_parameters 1 point: no biases, and another width of the feed-forward layer
hidden = between(1000, 5000, 5, n=2)
[
    count_parameters(Config(V, T, C, L, width, False, True))
    for (V, T, (C, L, _)), width in zip(sizes, hidden, strict=True)
]

# %% [markdown]
# ## The whole page (no points, a further hour)
#
# Take an empty file, close all lessons, and write everything: read a text, ids, a
# held-out tenth, windows, GPT, loss, training, the table of pairs, writing. Only torch.
# Run it on `data/names.txt` (shuffle the lines first), with 16 windows of 64 characters,
# width 64, 2 blocks, AdamW with the rate 0.004. It is right if the check with the last
# character passes, the loss starts near ln V, the number of parameters is the one that
# you counted, and after 300 steps the held-out loss is below that of the pairs.
# Write down what you had to look up. That is what is still to be learned.
#
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN bend -->
# "Every layer needs a bend", says a friend, and puts a ReLU behind the head, so that
# no logit is below 0. What can the model no longer say, and what happens to the learning
# of a token whose logit is cut to 0? And why does the head do without a bend in the
# first place? Four sentences are enough.
#
# ...
