# %% [markdown]
# # 12. Attention heads
#
# **What can many heads do that one cannot, and how do they know the order?**
#
# The head of lesson 11 finds a letter a hundred characters back. But it makes *one*
# average at each position, and it does not know in which order the words stand. This
# lesson cures both. You write attention for a whole batch of texts and for many heads at
# once, in a few lines, as it stands in every GPT.
#
# - **You will** cut one matrix product into heads; write the class **multi-head
#   attention**; give it a sense of order in two ways, learned positions and rotary
#   positions; and watch two heads do what one head cannot.
# - **You need** lesson 11.
# - **Time** 35 minutes for the first part, and 45 more for the parts marked *more*: they
#   take a trained model apart, head by head. On a first reading, stop after *Two heads do
#   what one cannot* and go on to *Check yourself*.
# - **Back** [11. Attention](11_attention.ipynb) ·
#   **Next** [13. The transformer block](13_transformer_block.ipynb)

# %%
import math

import torch
from torch import nn

import tiny_world as world
from course_lib import attention, functional, lens
from course_lib.batches import Batch
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.boxes import BLUE, GREEN, Grid, plot_flow, plot_grids
from course_play.widgets import AttentionExplorer, Predict
from tiny_world import load_base
from tiny_world.lexicon import ANIMALS, CODE_WORDS

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# Somebody writes down every day whether a lamp is on (1) or off (0). A model reads these
# days and should say each day how the lamp has *changed* since the day before: +1 if it
# was switched on, -1 if it was switched off, and 0 if it is as before. The model is one
# head of attention, of any width, whose mix goes through one more matrix. It has
# positions, so it can see how many days ago each day was.

# %% tags=["hide-input"]
# the answer is worked out under "Two heads do what one cannot"
Predict(
    "Can one head learn this without mistakes?",
    "no, one head cannot",
    options=("yes, if it is wide enough", "no, one head cannot"),
    because="A head takes an average, and an average cannot subtract. Two heads can: "
    "one gives today, the other one takes away yesterday. The lesson shows why.",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. Two heads, one after the other
#
# The head of lesson 11 let *hungry* find the animal. What if a word needs two things? Then
# it asks two questions, each with a head of its own. Here are the keys and values of
# lesson 11 once more. (The two numbers of a key are: an animal? a thing? Those of a value
# are: how furry? how flat?)

# %%
words = ["cat", "mat", "It", "hungry"]
keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])  # (4, 2)
values = torch.tensor([[0.9, 0.1], [0.3, 1.0], [0.0, 0.0], [0.0, 0.0]])  # (4, 2)
both = []
for question, query in (("an animal?", [4.0, 0.0]), ("a thing?", [0.0, 4.0])):
    weights = functional.softmax(torch.tensor(query) @ keys.T / math.sqrt(2))  # (4,)
    both.append(weights @ values)  # (4,) @ (4, 2) -> (2,)
    print(f"{question:10s} looks most at {words[weights.argmax()]}, finds {both[-1]}")
print("side by side:", torch.cat(both))  # (4,)

# %% [markdown]
# One head would have to share its attention between the two, and its mix would be a blur
# of cat and mat. Two heads keep them apart: the first two numbers tell of the cat, the
# last two of the mat.
#
# Now the same in general. Take five words, each a vector of 8 numbers: (T, C) = (5, 8). We
# want two heads. Each has its own three matrices for queries, keys and values, and works as in lesson 11. The
# width is shared out: with H = 2 heads, each head works with vectors of D = C / H = 4
# numbers.
#
# At the end the results of the heads are put side by side, so that they are 8 wide
# again, and one more matrix, $W^O$ (elsewhere: the output projection), mixes them:
#
# $$\text{MultiHead}(X) = \text{Concat}(\text{head}_1, \ldots, \text{head}_H)\,W^O,
# \qquad \text{head}_i = \text{Attention}(X W_i^Q,\; X W_i^K,\; X W_i^V)$$

# %% tags=["ledger:B36"]
T, C, H = 5, 8, 2  # words, width, heads
D = C // H  # width of a head
generator = torch.Generator().manual_seed(0)
x = torch.randn(T, C, generator=generator)  # (T, C)
W_q, W_k, W_v = torch.randn(3, H, C, D, generator=generator)  # (H, C, D) each
W_o = torch.randn(H * D, C, generator=generator)  # (C, C)

found = []
for i in range(H):
    q, k, v = x @ W_q[i], x @ W_k[i], x @ W_v[i]  # (T, C) @ (C, D) -> (T, D) each
    found.append(attention.causal_attention(q, k, v)[0])  # (T, D)
out = torch.cat(found, dim=-1) @ W_o  # (T, H * D) @ (H * D, C) -> (T, C)
print("each head finds", tuple(found[0].shape), "and together", tuple(out.shape))

# %% [markdown]
# ### 2. Many heads from one product
#
# In practice nobody loops over heads. Their matrices are put side by side, so that one
# product computes the queries of all heads. Then the result must be cut into heads. Here
# is the cut on a table so small that you can follow every number: one text (B = 1) of
# 3 words, and 4 numbers a word, for 2 heads of width 2.

# %%
wide = torch.tensor([[[1, 2, 11, 12], [3, 4, 13, 14], [5, 6, 15, 16]]])  # (1, 3, 4)
cut = wide.view(1, 3, 2, 2)  # (B, T, C) -> (B, T, H, D): each row is cut in two
in_heads = cut.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
print("head 0:", in_heads[0, 0].tolist())
print("head 1:", in_heads[0, 1].tolist())
assert in_heads[0, 1, 2].tolist() == [15, 16]

# %% tags=["hide-input"]
# drawing only
left = {(i, j): BLUE for i in range(3) for j in (0, 1)}
right = {(i, j): GREEN for i in range(3) for j in (2, 3)}
plot_grids(
    [
        Grid(wide[0], "wide", marks=left | right),
        Grid(in_heads[0, 0], "head 0", marks=left),
        Grid(
            in_heads[0, 1],
            "head 1",
            marks={(i, j): GREEN for i in range(3) for j in (0, 1)},
        ),
    ],
    "Each head gets its own columns, for all words",
    signs=["→", "and"],
)

# %% [markdown]
# `view` is the `reshape` of lesson 1, with one difference: it never copies, so it needs
# numbers that lie in memory in the order of the table. After `transpose` they do not. So
# we cut with `view`, and on the way back we use `reshape`, which copies.
#
# `transpose(1, 2)` exchanges two dimensions, here words and heads. We need it because the
# matrix product of attention works on the *last two* dimensions, and these must be words
# and width: (T, D). All dimensions in front, batch and heads, are then treated alike and
# at once.
#
# The way back is the same in reverse order: first exchange, then put side by side. If you
# forget the exchange, the shapes still fit, but the numbers of different words are mixed.

# %%
back = in_heads.transpose(1, 2).reshape(1, 3, 4)  # (B, H, T, D) -> (B, T, C)
wrong = in_heads.reshape(1, 3, 4)  # no exchange: the shape fits, the numbers do not
assert torch.equal(back, wide)
print("back: ", back[0].tolist())
print("wrong:", wrong[0].tolist())

# %% [markdown]
# ### 3. The class
#
# Here is the whole of **multi-head attention** for a batch of texts. The queries, keys
# and values of all heads come out of one product with a matrix of shape (C, 3C). (Leave
# the lines with `rotary` aside until step 5.)


# %%
class Heads(nn.Module):
    def __init__(self, C, H, rotary=False):
        super().__init__()
        self.H, self.rotary = H, rotary
        self.qkv = nn.Linear(C, 3 * C, bias=False)  # queries, keys, values of all heads
        self.proj = nn.Linear(C, C, bias=False)  # W_o

    def forward(self, x):  # (B, T, C)
        B, T, C = x.shape
        D = C // self.H
        qkv = self.qkv(x).view(B, T, 3 * self.H, D).transpose(1, 2)  # (B, 3H, T, D)
        q, k, v = qkv.chunk(3, dim=1)  # cut into 3 along dim 1: (B, H, T, D) each
        if self.rotary:
            q, k = rotate(q), rotate(k)  # (B, H, T, D) each: step 5
        scores = q @ k.mT / math.sqrt(D)  # (.., T, D) @ (.., D, T) -> (B, H, T, T)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)  # (T, T)
        weights = functional.softmax(scores.masked_fill(future, -math.inf))
        mix = weights @ v  # (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D)
        mix = mix.transpose(1, 2).reshape(B, T, C)  # (B, H, T, D) -> (B, T, C)
        return self.proj(mix)  # (B, T, C)


# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("x", "(B, T, C)"),
        ("q, k, v", "(B, T, 3C)"),
        ("in heads", "(B, H, T, D) each"),
        ("weights", "(B, H, T, T)"),
        ("mix", "(B, H, T, D)"),
        ("side by side", "(B, T, C)"),
        ("out", "(B, T, C)"),
    ],
    "Multi-head attention: all heads of all texts at once",
    arrows=["one product", "cut", "q with k", "times v", "put back", "$W^O$"],
)

# %% [markdown]
# Is it the same as two heads one after the other? We put the matrices of step 1 into the
# class and compare. (A linear layer of torch stores its matrix transposed, so we need a
# `.T`. `side_by_side` puts the matrices of the heads next to each other.)


# %% tags=["ledger:B36"]
def side_by_side(W):  # (H, C, D) -> (C, H * D)
    return torch.cat(list(W), dim=1)


two_heads = Heads(C, H)
one_matrix = torch.cat([side_by_side(W) for W in (W_q, W_k, W_v)], dim=1)  # (C, 3C)
two_heads.load_state_dict({"qkv.weight": one_matrix.T, "proj.weight": W_o.T})
torch.testing.assert_close(two_heads(x[None])[0], out)

n_many, n_one = sum(W.numel() for W in (W_q, W_k, W_v)), 3 * C * C
assert n_many == n_one == two_heads.qkv.weight.numel()
print("the class = one head after the other")
print(f"{H} heads of width {D}: {n_many} weights; 1 head of width {C}: {n_one}")

# %% [markdown]
# The last line says that more heads cost no more weights. The width is shared out: twice
# as many heads are half as wide.
#
# What do the heads of one layer know of each other? Nothing. Cut $W^O$ into strips of
# rows, one strip for each head. Then the output is a **sum** with one term for each head.
# To switch a head off means to leave out its term.

# %% tags=["ledger:B36"]
terms = [found[i] @ W_o[i * D : (i + 1) * D] for i in range(H)]  # (T, C) each
torch.testing.assert_close(sum(terms), out)
print("the output is the sum of", len(terms), "terms of shape", tuple(terms[0].shape))

# %% [markdown]
# > **For children (and for the rest of us).** A head is a helper with a single rule,
# > such as "bring me the word that looks like mine" or "bring me my left neighbour". It
# > cannot read and it cannot think. But put many helpers into a room, let the second row
# > of helpers use what the first row has brought, and the room can solve a riddle that
# > no helper understands.
#
# ### 4. Order: learned positions
#
# A score compares two vectors, and so far these do not say where the words stand. Shuffle
# the words that come before the last one. For the last word nothing changes: in "the cow
# met a dog" and "a cow met the dog" the word *dog* gets the same.

# %% tags=["close"]
order = [3, 1, 0, 2, 4]  # the last word stays the last
in_order, shuffled = two_heads(x[None])[0, -1], two_heads(x[order][None])[0, -1]
torch.testing.assert_close(shuffled, in_order)
print("in order:", [round(n, 2) for n in in_order[:4].tolist()])
print("shuffled:", [round(n, 2) for n in shuffled[:4].tolist()])

# %% [markdown]
# The first cure is a second embedding. Each *position* gets a vector of its own, learned
# like the vectors of the words, and it is added to the word's vector (**learned
# positions**; GPT-2 has them). The table has the shape (longest text, C), and the same
# rows are added to all texts of a batch. Its price: it ends. A text that is longer than
# the table has no vectors for its last words.

# %%
positions = torch.randn(T, C, generator=generator)  # (T, C), here random
placed = x + positions  # (T, C): word 0 gets row 0, word 1 gets row 1, ...
moved = x[order] + positions  # the words move, the positions do not
change = (two_heads(moved[None]) - two_heads(placed[None]))[0, -1].abs().max()
print(f"with positions the shuffle changes the last word by up to {change:.2f}")
assert change > 0.1

# %% [markdown]
# ### 5. Order: rotary positions
#
# The second cure does not add anything. It *turns* queries and keys. Take two numbers of a
# query as the tip of a clock hand, and turn this hand a bit further at each position. Do
# the same with the keys. The dot product of two hands depends only on their lengths and on
# the angle between them, and turning does not change the lengths. So the score then
# depends on the words and on **how far apart** they are, but not on where they stand.
# This is called **rotary positions** (RoPE, Su and others 2021).


# %%
def turn(pair, angle):  # (2,) -> (2,)
    c, s = math.cos(angle), math.sin(angle)
    return torch.stack([c * pair[0] - s * pair[1], s * pair[0] + c * pair[1]])


query, key = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])
score = {}
for here, there in ((3, 1), (13, 11), (103, 101), (5, 1)):
    score[here, there] = turn(query, here) @ turn(key, there)
    print(f"query at {here:3}, key at {there:3}: score {score[here, there]:.4f}")
torch.testing.assert_close(score[3, 1], score[103, 101], rtol=0, atol=1e-5)
assert (score[3, 1] - score[5, 1]).abs() > 0.1

# %% [markdown]
# The first three pairs are 2 positions apart and have the same score. The last one is 4
# apart and has another one.
#
# Here each position turns the hand by an angle of 1 (in radians, where a full turn is
# $2\pi$ = 6.28). So after about 6 positions the hand is nearly where it was, and *far*
# looks like *near*. That is why a real head has many hands. Its D numbers make D / 2
# pairs, and each pair turns at its own **speed**: the first by 1 at each position, each
# further one more slowly, like the hands for seconds, minutes and hours. Pair $i$ turns by
# $10000^{-2i/D}$. (Pair $i$ is made of number $i$ and number $i + D/2$. The paper pairs
# neighbours: that is the same in another order.)


# %%
def rotate(x):  # (..., T, D) -> (..., T, D)
    T, D = x.shape[-2:]
    speeds = 10_000.0 ** (-2 * torch.arange(D // 2) / D)  # (D/2,)
    angles = torch.arange(T)[:, None] * speeds  # (T, 1) * (D/2,) -> (T, D/2)
    first, second = x.chunk(2, dim=-1)  # (..., T, D/2) each
    c, s = angles.cos(), angles.sin()  # (T, D/2) each
    return torch.cat([c * first - s * second, s * first + c * second], dim=-1)


turned = rotate(query.expand(104, 2))  # (104, 2): the same query at 104 positions
torch.testing.assert_close(turned[103], turn(query, 103), rtol=0, atol=1e-5)
print("speeds for D = 8:", [10_000.0 ** (-2 * i / 8) for i in range(4)])

# %% tags=["hide-input"]
# drawing only: the product of two equal hands, as they are further and further apart
distances = list(range(0, 61))
plots.plot_curves(
    {
        f"pair {i}, speed {10_000.0 ** (-2 * i / 8):g}": (
            distances,
            [math.cos(n * 10_000.0 ** (-2 * i / 8)) for n in distances],
        )
        for i in range(4)
    },
    "Fast pairs tell neighbours apart, slow pairs hardly notice the distance",
    xlabel="how many positions apart",
    ylabel="part of the score",
)

# %% [markdown]
# Pair 0 tells 1 from 2 positions, but 6 looks to it much like 0. Pair 1 needs 63 positions
# for a turn: up to half a turn it tells near from far. After 60 positions pair 2 has moved
# a little, and pair 3 hardly at all. A head can choose: if it puts its numbers into fast
# pairs, it can look for "my left neighbour". If it puts them into slow pairs, it looks at
# content, at almost any distance.
#
# `Heads` uses `rotate` on queries and keys, not on values: the values say *what* is
# brought, and that does not depend on where it stood. Now the shuffle is noticed.

# %%
turning = Heads(C, H, rotary=True)
turning.load_state_dict(two_heads.state_dict())  # the same weights
change = (turning(x[order][None]) - turning(x[None]))[0, -1].abs().max()
print(f"with rotary positions the shuffle changes the last word by up to {change:.2f}")
assert change > 0.1

# %% [markdown]
# ## Compare with torch
#
# Three others must give the same with the same weights: torch's layer
# `nn.MultiheadAttention`, torch's fast function, and the library's `MultiHeadAttention`,
# which later lessons use. A batch of three texts this time.

# %% tags=["ledger:B36"]
batch = torch.randn(3, 7, C, generator=generator)  # (B, T, C) = (3, 7, 8)
theirs = nn.MultiheadAttention(C, H, bias=False, batch_first=True)
weights = {"in_proj_weight": one_matrix.T, "out_proj.weight": W_o.T}
theirs.load_state_dict(weights)
future = torch.ones(7, 7, dtype=torch.bool).triu(1)
torch.testing.assert_close(
    two_heads(batch), theirs(batch, batch, batch, attn_mask=future)[0]
)

q, k, v = two_heads.qkv(batch).view(3, 7, 3 * H, D).transpose(1, 2).chunk(3, dim=1)
fast = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
fast = two_heads.proj(fast.transpose(1, 2).reshape(3, 7, C))  # (B, T, C)
torch.testing.assert_close(two_heads(batch), fast)

for mine in (two_heads, turning):
    library = attention.MultiHeadAttention(C, H, rotary=mine.rotary, qk_norm=False)
    library.load_state_dict(mine.state_dict())
    torch.testing.assert_close(library(batch), mine(batch))
print("by hand = torch, twice = course_lib, with and without rotary positions")

# %% [markdown]
# By default the library's class is rotary, and it first brings queries and keys to one
# length, times a learned number (`qk_norm`). So scores cannot run away within a few steps
# as they did in lesson 11. That is the norm of lesson 13, used on queries and keys.
#
# ## See it
#
# ### Two heads do what one cannot
#
# Back to the lamp. The model below is nothing but attention: an embedding for *on* and
# one for *off*, one layer of heads with rotary positions, and a matrix that makes one
# number of the result. We score it by the mean of the squared errors. A model that always
# says 0 is correct on half of the days and wrong by 1 on the other half, so its mean
# squared error is about 0.5.
#
# One head and two heads have the same width and as many weights. Each of them is trained
# with three learning rates, and we look at the best.


# %%
class Change(nn.Module):
    def __init__(self, H, C=16):
        super().__init__()
        torch.manual_seed(0)  # the first weights
        self.embedding = nn.Embedding(2, C)
        self.heads = Heads(C, H, rotary=True)
        self.out = nn.Linear(C, 1, bias=False)

    def forward(self, days):  # (B, T)
        return self.out(self.heads(self.embedding(days)))[..., 0]  # (B, T)


def learn_change(model, learning_rate, steps=250):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    errors = []
    for step in range(steps):
        generator = torch.Generator().manual_seed(step)
        days = torch.randint(2, (64, 8), generator=generator)  # (B, T)
        change = (days[:, 1:] - days[:, :-1]).float()  # (B, T - 1): -1, 0 or 1
        error = (model(days)[:, 1:] - change).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    return sum(errors[-20:]) / 20


# %% tags=["ledger:D11", "close:0.1"]
best = {}
for n_heads in (1, 2):
    for rate in (0.003, 0.01, 0.03):
        model = Change(n_heads)
        error = learn_change(model, rate)
        print(f"heads: {n_heads}, learning rate {rate}: error {error:.2f}")
        if n_heads not in best or error < best[n_heads][0]:
            best[n_heads] = error, model
assert best[1][0] > 0.1
assert best[2][0] < 0.01

# %% [markdown]
# One head stays wrong at every learning rate, and two heads make almost no error. (An error
# of 0.25 is that of a model that uses only today's state. If the lamp is on today, the
# change was 0 or +1, equally often. So the best it can say is 0.5, and it is wrong by 0.5
# each time. If the lamp is off, it says -0.5.)
#
# Here is why no training can help the one head. Each position gets a weighted average of
# the values, and the last matrices make one number of it. Rotary positions turn queries
# and keys, not values. So each day is worth a fixed number, one for *on* and one for
# *off*, wherever it stands, and the answer is an average of such numbers. It must lie
# **between** the two. Read a lamp that is always off, then one that is always
# on: the answers are the two numbers themselves. Correct would be 0 both times, because
# nothing changes. But if both numbers are 0, then every average of them is 0 too.

# %% tags=["close:0.1"]
days = torch.randint(2, (1000, 8), generator=torch.Generator().manual_seed(9))
same = torch.stack([torch.zeros(8), torch.ones(8)]).long()  # (2, 8)
for n_heads, (_, model) in best.items():
    with torch.no_grad():
        off, on = model(same)[:, -1].tolist()
        said = model(days)  # (1000, 8)
    low, high = min(off, on), max(off, on)
    inside = ((said > low - 1e-4) & (said < high + 1e-4)).float().mean()
    print(f"{n_heads}: always off {off:5.2f}, always on {on:5.2f};", end=" ")
    print(f"{inside:.0%} of all answers lie between")
    assert (inside == 1) == (n_heads == 1)

# %% [markdown]
# Two heads are a *sum of two averages*. The matrix after the heads can give one of them a
# minus sign. So one head can look at today, the other one at yesterday, and their sum is
# today minus yesterday. Has the trained model found this?

# %% tags=["close:0.1"]
model = best[2][1]
with torch.no_grad():
    qkv = model.heads.qkv(model.embedding(days))  # (1000, 8, 48)
    q, k, v = qkv.view(1000, 8, 6, 8).transpose(1, 2).chunk(3, dim=1)
    looks = attention.causal_attention(rotate(q), rotate(k), v)[1]  # (1000, 2, 8, 8)
last = looks[:, :, -1]  # (1000, 2, 8): where the last day looks, for each head
yesterday = last[..., -2].mean(dim=0).argmax()  # the head that looks there more
alike = (days == days[:, -1:]).float()  # (1000, 8): 1 where the lamp is as today
print(f"one head gives yesterday a weight of {last[:, yesterday, -2].mean():.2f}")
as_today = (last[:, 1 - yesterday] * alike).sum(dim=-1).mean()
print(f"the other gives today and all days that are as today {as_today:.2f}")
assert min(last[:, yesterday, -2].mean(), as_today) > 0.8

# %% [markdown]
# It has. (The second head also looks at other days on which the lamp is as today. Their
# value is that of today, so this makes no difference.)
#
# So many heads are not only more of the same: each head has its own place to look at and
# its own thing to say about it.
#
# **Here the first part of the lesson ends.** On a first reading go on to *Check yourself*.
# What follows is *more*: what a single head is, how two heads in a row read a code, and
# what the heads of a trained model do.
#
# ### How simple is one head? *(more)*
#
# Lecturers like to say that "attention heads are dumb". Here is all that one head can do.
# The score of two words is $x_t W^Q {W^K}^\top x_s$. So a head has one fixed table,
# $W^Q {W^K}^\top$, for how well two vectors fit (the **QK circuit**), and one more,
# $W^V W^O$, for what it passes on (the **OV circuit**). Both are thin: they are 8 x 8,
# but their **rank**, the number of independent directions in them, is only the width of
# the head.

# %% tags=["ledger:D11"]
pattern = W_q[0] @ W_k[0].T
passed_on = W_v[0] @ W_o[:D]
ranks = [torch.linalg.matrix_rank(table).item() for table in (pattern, passed_on)]
assert ranks == [D, D]
scores = x @ pattern @ x.T / math.sqrt(D)
future = torch.ones(T, T, dtype=torch.bool).triu(1)
weights = functional.softmax(scores.masked_fill(future, -math.inf))
torch.testing.assert_close(weights @ x @ passed_on, terms[0])
print(f"tables {C} x {C}, rank {ranks[0]} and {ranks[1]}; this is the whole head")

# %% [markdown]
#
# ### Two heads in a row, wired by hand *(more)*
#
# Now wire heads by hand for this text: `: dax cow wug pig dax`. It is a **code**: `dax`
# means cow, `wug` means pig. What comes after the last `dax`? Each word is a **one-hot**
# vector: all zeros, and a 1 at the word's number. One head can do two
# things: **match** (find positions that hold the same word as mine) and **copy** (pass on
# what stands there).


# %% tags=["ledger:D11"]
text = [":", "dax", "cow", "wug", "pig", "dax"]
kinds = sorted(set(text))
numbers = torch.tensor([kinds.index(word) for word in text])
words = nn.functional.one_hot(numbers).float()


def says(mix):
    return kinds[mix[-1].argmax()]


match, looks = attention.causal_attention(100 * words, words, words)
print("the last word looks at", looks[-1], "and copies", says(match))
assert says(match) == "dax"

# %% [markdown]
# It finds the first `dax`, and copies `dax`. We want the word *after* it. But the place
# where `cow` stands knows only that it holds `cow`. Nothing there says that a
# `dax` came before. So no query can find it by its `dax`.
#
# A second layer can, if the first has prepared for it. The **first layer** looks at the
# left neighbour: a match of places, not of words. (In the code each place's query is its
# own number, and its key is the number of the *next* place: `roll(1, dims=1)` moves each
# 1 one column to the right. So the query of place 3 fits the key of place 2. The first
# place has no left neighbour and can only look at itself.) It brings each place the word
# that came before. The **second layer** asks: which position stores *my* word as the word
# before it?

# %% tags=["ledger:D11"]
place = torch.eye(len(text))  # one-hot, as for words
before, _ = attention.causal_attention(100 * place, place.roll(1, dims=1), words)
answer, looks = attention.causal_attention(100 * words, before, words)
print("the last word looks at", looks[-1], "and copies", says(answer))
assert says(answer) == "cow"

# %% [markdown]
# Two simple heads, and the model reads codes. The second one is called an **induction
# head**, and both together an **induction circuit** (Elhage and others 2021; Olsson and
# others showed in 2022 how much language models owe to it). It knows no meaning of `dax`.
# In our wiring it works for any word, with any meaning.
#
# ### Can it be learned? *(more)*
#
# We wired the two heads. Does training find them? The task: 12 pairs of a code word and
# its meaning, with a new code in every text. What can be known are the meanings of code
# words that came before. The model is nothing but attention: vectors for words, layers
# of heads that *add* what they find, and scores for the next word.
#
# Compare **one layer with eight heads** and **two layers with a single head** each. The
# third model is like the second, but starts with small word vectors. A model that
# knows which meanings occurred, but not which code word each belongs to, can only guess
# among them: that is the line *guess*.
#
# (It is not a fair race: two layers have twice as many weights in their heads, and their
# heads are 64 wide and not 8. It shows what *can* be learned. Why one layer has a hard
# time is argued under *So why do many of them work?*)
#
# Afterwards we look into the second model: is it the trick that we wired by hand?

# %% tags=["ledger:D11"]
N = len(CODE_WORDS)
assert len(ANIMALS) == N


def codes(n_texts, seed, n_pairs=12, n_known=6):
    g = torch.Generator().manual_seed(seed)
    code = torch.rand(n_texts, N, generator=g).argsort(1)[:, :n_known]
    meaning = torch.randint(N, (n_texts, n_known), generator=g)
    which = torch.randint(n_known, (n_texts, n_pairs), generator=g)
    pairs = torch.stack([code.gather(1, which), N + meaning.gather(1, which)], dim=2)
    again = (which[:, :, None] == which[:, None, :]).tril(-1).any(-1)  # seen before
    return pairs.flatten(1), again


spoken = (*CODE_WORDS, *ANIMALS)
sample, again = codes(200, seed=1)
print(" ".join(spoken[i] for i in sample[0]))
print("can be known:", [spoken[i] for i in sample[0, 1::2][again[0]]])


# %%
class OnlyHeads(nn.Module):
    def __init__(self, n_layers, n_heads, width=64):
        super().__init__()
        torch.manual_seed(0)  # the first weights
        self.embedding = nn.Embedding(2 * N, width)
        self.layers = nn.ModuleList(
            attention.MultiHeadAttention(width, n_heads) for _ in range(n_layers)
        )
        self.head = nn.Linear(width, 2 * N, bias=False)

    def forward(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x)


# %%
is_meaning = torch.zeros(23).index_fill(0, torch.arange(0, 23, 2), 1.0)


def batch_at(step):
    texts, _ = codes(32, seed=1000 + step)
    inputs, goals = texts[:, :-1], texts[:, 1:]
    return Batch(inputs, goals, is_meaning.expand(32, -1))  # only meanings count


@torch.no_grad()
def known_loss(model):  # at meanings that can be known
    logits = model(sample[:, :-1])[:, ::2]
    return functional.cross_entropy(logits[again], sample[:, 1::2][again]).item()


def learn(model):
    config = TrainConfig(steps=300, learning_rate=3e-3, eval_every=25)
    records = train(model, batch_at, config, evaluate=known_loss)
    curve = {r.step: r.val_loss_nats for r in records if r.val_loss_nats is not None}
    return list(curve), list(curve.values())


# %% tags=["ledger:D11", "close:0.05"]
one_layer, two_layers, timid = OnlyHeads(1, 8), OnlyHeads(2, 1), OnlyHeads(2, 1)
timid.embedding.weight.data *= 0.05
curves = {
    "1 layer, 8 heads": learn(one_layer),
    "2 layers, 1 head": learn(two_layers),
    "2 layers, small start": learn(timid),
}
told = [len(set(row[1 : 2 * t + 1 : 2].tolist()))
        for row, known in zip(sample, again, strict=True)
        for t in range(12) if known[t]]  # fmt: skip
guess = torch.tensor(told).float().log().mean().item()
one, two, small = (losses[-1] for _, losses in curves.values())
print(f"guess {guess:.2f}, one layer {one:.2f}, two layers {two:.2f}", end=", ")
print(f"two layers with a small start {small:.1f}")
assert two < 0.1 < 1.0 < min(one, small)

plots.plot_curves(
    curves,
    "Two heads in a row can learn it, eight side by side did not",
    xlabel="training step",
    ylabel="loss at known code words, nats",
    lines={"guess": guess},
)

# %% tags=["ledger:D11", "close:0.03"]
with torch.no_grad():
    stream = two_layers.embedding(sample)
    maps = []
    for layer in two_layers.layers:
        maps.append(attention.causal_attention(*layer.heads(stream))[1][:, 0])
        stream = stream + layer(stream)
neighbour = maps[0].diagonal(-1, 1, 2)[:, 0::2].mean().item()  # meaning to code word
same = (sample[:, 0::2, None] == sample[:, None, 0::2]).float().tril(-1)
to_meaning = ((maps[1][:, 0::2, 1::2] * same).sum(-1))[again].mean().item()
print(f"first layer, from a meaning to the word before it: weight {neighbour:.2f}")
print(f"second layer, from a known code word to its meaning: weight {to_meaning:.2f}")
assert min(neighbour, to_meaning) > 0.7

shown = [spoken[i] for i in sample[0]]
plots.plot_heat_map(
    maps[1][0],
    shown,
    shown,
    "Second layer: known code words look at their meanings",
    xlabel="looked at",
    ylabel="looks",
)

# %% [markdown]
# (Dark is 1 and yellow is 0. The yellow triangle above the diagonal is the masked future.)
#
# Both maps look as in the circuit that we wired, and nobody told the model. (Maps alone
# are no proof, as you will see below. What went wrong with the third model comes below,
# too.)
#
# ### A trained model *(more)*
#
# The course has a trained GPT for Tiny World, its **base model**. (Lessons 14 to 16 build
# and train such a model. Here you only look at its attention.) It has 3 layers with 4
# heads each, counted from 0, as in code. In "*It slept in the ...*" it has to remember
# which animal the story is about. Lesson 9 called such words *coref* words.
#
# The function below reads 40 texts with some heads switched off, which means that their
# terms are left out (**zero-ablation**). A missing term is something that the later layers
# have never met, so this can make a head look more important than it is. For each kind
# of word it counts how many the model gets right.

# %%
base = load_base()
tiny = world.World(seed=0)
rows = world.token_rows(tiny, "val", 0, n_rows=40, length=129)
tags, targets = rows.tags[:, 1:], rows.tokens[:, 1:]  # (40, 128) each


@torch.no_grad()
def read_rows(silent=()):  # with these (layer, head) pairs switched off
    with lens.heads_off(base, silent):
        logits = base(rows.tokens[:, :-1])
    cost = -functional.log_softmax(logits).gather(-1, targets[..., None])[..., 0]
    return {
        tag: (logits.argmax(-1) == targets)[tags == i].float().mean().item()
        for i, tag in enumerate(world.TAGS)
    } | {"loss": cost.mean().item()}


# %% [markdown]
# Switch off one head, and only that one. Do that for each of the 12 heads.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
all_on = read_rows()
one_off = {(i, j): read_rows([(i, j)]) for i in range(3) for j in range(4)}
Predict(
    "How many of the 12 heads cost the model more than a quarter of the coref words?",
    sum(one["coref"] < 0.75 for one in one_off.values()),
    unit="heads",
    because="For these words most heads can be left out, one at a time. A few are "
    "needed badly.",
)

# %% [markdown]
# What did the model forget each time? The kinds of words are those of lesson 9:
# *context* is a fact told earlier in the text, *fact* one learned by heart, *induction*
# the meaning of a known code word, *echo* a word said again.

# %% tags=["ledger:D11", "close", "counts:3"]
asked = ["coref", "context", "induction", "echo", "fact"]
lost = torch.tensor([[all_on[k] - r[k] for k in asked] for r in one_off.values()])
labels = [f"layer {i}, head {j}" for i, j in one_off]
for label, r in zip(labels, one_off.values(), strict=True):
    told = ", ".join(f"{k} {r[k]:.0%}" for k in asked)
    print(f"{label} off: loss {all_on['loss']:.2f} -> {r['loss']:.2f}; right: {told}")
assert all(all_on[k] > 0.9 for k in asked)
dispensable = sum(row.max() < 0.1 for row in lost)
assert dispensable >= 4
assert lost.max() > 0.8
print(f"each of {dispensable} heads can be spared alone: less than 10 points lost")

plots.plot_heat_map(
    lost,
    labels,
    asked,
    "Share of words lost when one head is off",
    xlabel="kind of word",
    ylabel="the head that is off",
)

# %% [markdown]
# A head need not have a single job. Here the same head serves stories, codes and echoes:
# find the place that fits, copy from there.
#
# ### The code words *(more)*
#
# In lesson 9 a GPT, our base model, paid nothing for the meanings of known code words
# (*induction*), though each text has a new code. Is one example enough for it? Take code
# texts that it was not trained on. Compare code words
# that were never shown before with those that were shown once.

# %% tags=["ledger:B19", "counts:3"]
held_out = (d for d in tiny.stream("val") if d.kind == "code")
lines = [[world.EOT, *next(held_out).words] for _ in range(80)]


def stack(lines):  # to one length; what follows a word does not change it
    tokens = [torch.tensor(world.encode(line)) for line in lines]
    return nn.utils.rnn.pad_sequence(tokens, batch_first=True)


def code_score(silent=()):  # right when never shown, when shown once
    hits = [[], []]
    with lens.heads_off(base, silent):
        guesses = base(stack(lines)).argmax(-1)
    for line, guess in zip(lines, guesses, strict=True):
        for i, word in enumerate(line):
            if word in CODE_WORDS and (n := line[:i].count(word)) < 2:
                hits[n].append(world.VOCABULARY[guess[i]] == line[i + 1])
    return [sum(h) / len(h) for h in hits]


print(" ".join(lines[0]))
never, once = code_score()
print(f"right when the word was never shown: {never:.0%}, shown once: {once:.0%}")
assert never < 0.2 < 0.9 < once

# %% [markdown]
# One example is enough, and no weight has changed. The code is in the *text*, not in
# the model. To use examples from the prompt is called **in-context learning**, and a
# prompt with examples in it is **few-shot** prompting. Change
# the example, and the answer changes. It even works for *honey*. In the codes that the
# model was trained on, all meanings are animals.

# %% tags=["ledger:B19", "close", "counts:3"]
for prompt in (
    "dax cow ; wug pig ; dax",
    "dax pig ; wug cow ; dax",
    "blick fish ; dax honey ; wug red ; dax",
):
    tokens = torch.tensor([world.encode(f"<eot> Code : {prompt}")])
    with torch.no_grad():
        p = functional.softmax(base(tokens)[0, -1])
    print(f"{prompt} ... {world.VOCABULARY[p.argmax()]} ({p.max():.2f})")
    words = prompt.split()
    assert world.VOCABULARY[p.argmax()] == words[words.index("dax") + 1]

without = {head: code_score([head])[1] for head in one_off}
worst = min(without, key=without.get)
print(f"shown once: {once:.0%}; without the head {worst} {without[worst]:.0%}")
assert without[worst] < 0.5

# %% [markdown]
# ## Play with it
#
# *(more)* A story of Tiny World, and all 12 heads. Choose a layer and a head; point at a
# word, or go through them with the arrow keys. The bars show where the word looks. Below
# you see what the model says next, with the head on and off. ("As if at 1.0 words" means
# that the attention is shared out as if equally among so many words.)
#
# - **Start where the widget starts,** at the head that *coref* words need most. Next comes
#   the place where the hero sleeps. What does the head look at? What is said without it?
# - **Go one word to the left, then two, up to "it".** Where does the head look there?
#   (Often at `<eot>`. The weights of a row must add up to 1, so a head that has nothing
#   to fetch has to put them somewhere, and many heads use the first token for that. This
#   is called an **attention sink**, Xiao and others 2023.)
# - **Go to a full stop.** The head looks at another word there. What could come next?
# - **Walk through the other heads.** For which of them can you say the rule in words?

# %% tags=["ledger:C40", "close:0.03"]
story = (
    "Once there was a shy cow named Puff. It met a dog. The moon was bright. "
    "It sat on the mat. It was hungry. When the rain stopped, it slept in the barn."
)
shown = [world.EOT, *world.split_words(story)]
tokens = torch.tensor([world.encode(shown)])
off = []
with torch.no_grad():
    on = functional.softmax(base(tokens)[0])
    for head in one_off:
        with lens.heads_off(base, [head]):
            off.append(functional.softmax(base(tokens)[0]))

worst = min(one_off, key=lambda head: one_off[head]["coref"])
AttentionExplorer(
    lens.attention_weights(base, tokens)[:, 0],
    shown,
    vocabulary=world.VOCABULARY,
    probs=on,
    ablated=torch.stack(off).unflatten(0, (3, 4)),
    layer=worst[0],
    head=worst[1],
    query=shown.index("barn") - 1,
)

# %% [markdown]
# ## Why does this work?
#
# ### Does the weight explain the answer? *(more)*
#
# Take many stories. Look from the word just before a *coref* word, where the model must
# decide, to the hero. Set what each head *looks at* beside what is *lost* without it.
# Three heads tell three different stories. Then read the mistakes that are made without
# two of them. An answer such as *roar* has two sides: whose it is (a lion's) and what
# kind of thing it is (a sound, not a food or a home).

# %% tags=["ledger:C40"]
held_out = (d for d in tiny.stream("val") if d.kind == "story")
stories = [next(held_out) for _ in range(60)]
lines_told = [[world.EOT, *d.words] for d in stories]
follows = {word for animal in ANIMALS.values() for word in animal}
spots = []  # which story, where "it" is, the word before the answer, the hero
for b, (line, d) in enumerate(zip(lines_told, stories, strict=True)):
    hero = next(i for i, word in enumerate(line) if word in ANIMALS)
    for t, tag in enumerate(("", *d.tags)):
        if tag == "coref" and line[t] in follows:
            it = max(i for i in range(t) if line[i] in ("It", "it"))
            spots += [(b, it, t - 1, hero)] if it < t - 1 else []
b, it, last, hero = torch.tensor(spots).T


def to_hero(query, silent=()):  # mean weight on the hero, (3, 4)
    with lens.heads_off(base, silent):
        maps = lens.attention_weights(base, stack(lines_told))
    return maps[:, b, :, query, hero].mean(0)


# %% tags=["ledger:C40", "ledger:D11", "close:0.03"]
looks = to_hero(last)
needed = [head for head, r in one_off.items() if r["coref"] < 0.75]
spared = [head for head, r in one_off.items() if r["coref"] > 0.95]
reader = max(needed, key=lambda head: looks[head])
onlooker = max(spared, key=lambda head: looks[head])
helper = min(needed, key=lambda head: looks[head])
assert looks[reader] > 0.7
assert looks[onlooker] > 0.1 > looks[helper]
print(f"reader, looks and is needed:       {reader} {looks[reader]:.2f}")
print(f"onlooker, looks and is not needed: {onlooker} {looks[onlooker]:.2f}")
print(f"helper, needed but never looks:    {helper} {looks[helper]:.2f}")

# %% tags=["ledger:C40", "ledger:D11", "counts:3"]
belongs = {w: (name, kind) for name, a in ANIMALS.items() for kind, w in enumerate(a)}


@torch.no_grad()
def mistakes(silent):
    tokens = stack(lines_told)
    with lens.heads_off(base, [silent]):
        said = base(tokens)[b, last].argmax(-1)
    pairs = zip(world.decode(tokens[b, last + 1]), world.decode(said), strict=True)
    return [(goal, word) for goal, word in pairs if goal != word]


shares = {}
for role, head in (("reader", reader), ("helper", helper)):
    wrong = [(belongs[g], belongs.get(w, ("", -1))) for g, w in mistakes(head)]
    shares[role] = [sum(g[i] == w[i] for g, w in wrong) / len(wrong) for i in (0, 1)]
    print(f"without the {role} (right, said instead): {mistakes(head)[:3]}")
    print(f"   right animal {shares[role][0]:.0%}, right kind {shares[role][1]:.0%}")
assert shares["reader"][0] < 0.5 < shares["reader"][1]
assert shares["helper"][1] < 0.5 < shares["helper"][0]

# %% [markdown]
# - The **reader** fetches *who*. Without it the model knows that a sound must come, but
#   not whose. Here a map of attention tells the truth.
# - The **helper** sees to *what is asked*. Without it the model still has the right
#   animal, and says its food, say, in place of its sound. This head never looks at the
#   hero, so its map would not tell you that the answer hangs on it.
# - The **onlooker** looks at the hero as well, and this answer does not need
#   it, when its term is left out.
#
# **A map of weights is a question, not an answer.** Ask it by an experiment.
#
# ### So why do many of them work? *(more)*
#
# Because each layer reads what the layers before it have written. What a head matches
# may be something that another head has brought, and then "the word that stood before
# me" can be matched like a word. Many heads side by side give more patterns at the same
# time; layers give patterns of patterns.
#
# Can we *prove* that one layer is not enough? For one head that **copies**, yes.
# Exchange the two code words: `dax cow wug pig dax` and `wug cow dax pig dax`. The
# right answer changes. But the head compares the last word with `cow` and with `pig`
# one at a time, and these pairs are the same in both texts. So whatever its weights, it
# copies `cow` and `pig` in one and the same ratio.

# %% tags=["ledger:D11", "close:0.05"]
untrained = attention.MultiHeadAttention(64, 4)
vectors = torch.randn(4, 64, generator=generator)  # dax, wug, cow, pig
ratios = []
for text in ([0, 2, 1, 3, 0], [1, 2, 0, 3, 0]):
    q, k, v = untrained.heads(vectors[None, text])
    weights = attention.causal_attention(q, k, v)[1][0, :, -1]
    ratios.append((weights[:, 1] / weights[:, 3]).detach())
    print("cow : pig in each of 4 heads:", " ".join(f"{r:.2f}" for r in ratios[-1]))
torch.testing.assert_close(ratios[0], ratios[1])

# %% [markdown]
# What several heads in one layer can do together is harder to say. Their terms only add
# up, and training did not even find the guess.
#
# ### Was it luck? *(more)*
#
# In lesson 11 large first embeddings were the bad start, and small ones were the cure.
# Here the first two models had torch's start and the third had small word vectors, and
# *it* got stuck in these 300 steps. One difference is known: the heads here bring queries
# and keys to one length first (`qk_norm`, under *Compare with torch*), so large embeddings
# cannot make the scores run away. Why small ones are slow here we did not test. A likely
# reason: a circuit of two layers pays only when both halves are there, so it takes a while
# until training notices it. How long depends on the start, the recipe and the data. Do
# not trust a loss that looks fine: test whether the model *can do* the thing.
#
# ## Check yourself
#
# ### Fix the slide *(more)*
#
# A lecture explains attention: when the model predicts what comes after "It", "it"
# attends to the cat, and not to the mat. Is it the word "it" that looks at the hero?

# %% tags=["ledger:C40", "close"]
at_it, at_last = to_hero(it)[reader], to_hero(last)[reader]
print(f"the reader looks at the hero: from 'it' {at_it:.2f}", end=", ")
print(f"from the word before the answer {at_last:.2f}")
print(f"from 'it', the most of all 12 heads: {to_hero(it).max():.2f}")
assert at_last > 2 * to_hero(it).max() > 2 * at_it

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Hardly. The reader does not look at the hero from "it" at all, and of all 12 heads the
# one that looks most gives it about a fifth of its attention. After "it" comes a verb,
# and there is no need to know the hero yet. The looking is done where it pays, at the
# word just before the answer. The slide is right that the model *learns* where to look.
# That the pronoun points at its noun is how *we* see it.
#
# </details>
#
# ### Questions
#
# **1.** A layer is 768 wide and has 12 heads. How wide is a head, and how many more
# weights would it have with 24 heads?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 64, and none more: the same matrices are cut into narrower strips. Each head's pattern
# then has a lower rank.
#
# </details>
#
# **2.** You switch a head off, and the loss does not change. Is the head useless?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not proven. Another head may stand in for it, or it may matter only for texts that you
# did not test.
#
# </details>
#
# **3.** Why does a head that looks at the left neighbour need positions, and a head that
# looks for its own word does not?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The left neighbour is defined by order, and without positions a head gives the same
# result for every order. Equal words are equal wherever they stand.
#
# </details>
#
# **4.** A friend writes `mix.reshape(B, T, C)` without the `transpose` before it. All
# shapes fit. What is wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The numbers of different words get into one row, as in the line *wrong* of step 2. So a
# word gets what belongs to later words: the model leaks.
#
# </details>
#
# **5.** *(more)* Your turn: give `OnlyHeads(1, 8)` more steps in `learn`, or two layers
# another seed (in `OnlyHeads`). Who gets below the line of the guess? Then find the head
# that copies echoes, by sorting `one_off` by `"echo"`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Two layers do, with other seeds as well. One layer stays above it.
# `min(one_off, key=lambda head: one_off[head]["echo"])` is the head that echoes need
# most. Compare it with the head that code words need: an echo is a code, too. "Who
# followed this word last time?"
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Many heads look at different places at the same time, each with its own
#   queries, keys and values, and their results add up. A head is an average; two heads
#   can subtract. Without positions a head does not know the order.
# - **Formula.** $\text{Concat}(\text{head}_1, \ldots, \text{head}_H)\,W^O$, in code one
#   product that is cut into heads.
# - **Pitfall.** `view` and `transpose` in the wrong order: the shapes fit and the numbers
#   are mixed. *(more)* Where a head looks is not why the model answers: switch it off and
#   measure.
#
# | line | shapes |
# |---|---|
# | `qkv(x)` | (B, T, C) -> (B, T, 3C) |
# | `.view(B, T, 3 * H, D).transpose(1, 2)` | -> (B, 3H, T, D) |
# | `.chunk(3, dim=1)` | -> (B, H, T, D), three times |
# | `q @ k.mT` | (B, H, T, D) @ (B, H, D, T) -> (B, H, T, T) |
# | `weights @ v` | (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D) |
# | `.transpose(1, 2).reshape(B, T, C)` | (B, H, T, D) -> (B, T, C) |
#
# | here | elsewhere |
# |---|---|
# | width of a head D | head dimension, `d_k`, `head_dim` |
# | $W^O$, `proj` | output projection, `o_proj`, `c_proj` |
# | learned positions | absolute position embeddings, `wpe` |
# | rotary positions | RoPE |
# | switching a head off | ablation |
#
# - **Moved into the library:** `attention.MultiHeadAttention`, `attention.rotate`;
#   `lens.attention_weights` and `lens.heads_off`.
#
# **Homework:** [Homework 12](homework/hw12.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** a model made of heads alone can only move words about. Something has to work
# on what has been brought, and the sums must not run away.
# [13. The transformer block](13_transformer_block.ipynb) puts the parts together.
