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
# - **Time** 60 minutes. (What the heads of a trained model do is lesson 15.)
# - **Back** [11. Attention](11_attention.ipynb) ·
#   **Next** [13. The transformer block](13_transformer_block.ipynb)

# %%
import math

import torch
from torch import nn

from course_lib import attention, functional
from course_play import plots
from course_play.boxes import BLUE, GREEN, Grid, plot_flow, plot_grids
from course_play.widgets import Predict

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# Somebody writes down every day whether a lamp is on (1) or off (0). A model reads these
# days and should say each day how the lamp has *changed* since the day before: +1 if it
# was switched on, -1 if it was switched off, and 0 if it is as before. The model is one
# head of attention, of any width, whose mix goes through one more matrix. When the head
# chooses where to look, it knows how many days ago each day was. What a day *tells* (its
# value) is the same wherever the day stands.

# %% tags=["hide-input"]
# the answer is worked out under "Two heads do what one cannot"
Predict(
    "Can one head learn this without mistakes?",
    "no, one head cannot",
    options=("yes, if it is wide enough", "no, one head cannot"),
    because="A head takes an average of what the days tell, and on and off tell one "
    "number each. An average cannot subtract. Two heads can: one gives today, the "
    "other one takes away yesterday. The lesson shows why.",
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
weights = functional.softmax(torch.tensor([4.0, 4.0]) @ keys.T / math.sqrt(2))  # (4,)
print("one head that asks for both: weights", weights, "finds", weights @ values)

# %% [markdown]
# The one head that asks for both shares its attention between the two, and its mix is a
# blur of cat and mat. Two heads keep them apart: the first two numbers tell of the cat, the
# last two of the mat.
#
# Now the same in general. Take five words, each a vector of 8 numbers: (T, C) = (5, 8). We
# want two heads. Each has its own three matrices for queries, keys and values, and works as
# in lesson 11. The width is shared out: with H = 2 heads, each head works with vectors of
# D = C / H = 4 numbers.
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
# (This is so for one layer. In a second layer a word meets words that have themselves
# looked back, each over another beginning of the text. So the mask alone lets a little of
# the order through.)
#
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

# %% tags=["ledger:B36"]
for mine in (two_heads, turning):
    library = attention.MultiHeadAttention(C, H, rotary=mine.rotary, qk_norm=False)
    library.load_state_dict(mine.state_dict())
    torch.testing.assert_close(library(batch), mine(batch))
print("by hand = torch, twice = course_lib, with and without rotary positions")

# %% [markdown]
# By default the library's class is rotary, and it first brings queries and keys to one
# length, times a learned number (`qk_norm`). So scores do not run away as they did in
# lesson 11. That is the norm of lesson 13, used on queries and keys.
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
# with three learning rates (one seed), and we look at the best.


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


# %%
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
# **between** the two. Read a lamp that is always off, then one that is always on: the
# answers are the two numbers themselves. Correct would be 0 both times, because nothing
# changes. But if both numbers are 0, then every average of them is 0 too.
#
# (The proof needs values that do not know their place. With the *learned* positions of step
# 4 the place is added to the values as well, and then a day is worth another number in
# each place. *Play with it* tries it.)

# %% tags=["close:0.1"]
days = torch.randint(2, (1000, 8), generator=torch.Generator().manual_seed(9))
same = torch.stack([torch.zeros(8), torch.ones(8)]).long()  # (2, 8)
for n_heads, (_, model) in best.items():
    with torch.no_grad():
        off, on = model(same)[:, -1].tolist()
        said = model(days)  # (1000, 8)
    low, high = min(off, on), max(off, on)
    inside = ((said > low - 1e-4) & (said < high + 1e-4)).float().mean()
    print(f"{n_heads}: always off {round(off, 2) + 0.0}", end=", ")
    print(f"always on {round(on, 2) + 0.0};", end=" ")
    print(f"answers from {said[:, 1:].min():.2f} to {said[:, 1:].max():.2f}")
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
# the weights of all days that have today's state, added up
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
# ## Play with it
#
# Two heads can do it *if they know the order*. Here the positions are switched off. Try
# four heads as well, `Change(4)`, with positions and without.

# %% tags=["close:0.1"]
tries = []
for rate in (0.003, 0.01, 0.03):
    model = Change(2)
    model.heads.rotary = False
    tries.append((learn_change(model, rate), model))
    print(f"two heads without positions, rate {rate}: error {tries[-1][0]:.2f}")
assert min(error for error, _ in tries) > 0.1

# %% [markdown]
# Without positions a head cannot tell yesterday from the days before it. So it cannot
# subtract yesterday alone, and the model stays wrong. Why is it better than 0.25? It still
# sees *how many* of the days so far were on. Here is the error of the best try, day by day:

# %% tags=["close:0.1"]
model = min(tries, key=lambda one: one[0])[1]
with torch.no_grad():
    wrong = (model(days)[:, 1:] - (days[:, 1:] - days[:, :-1])).square()  # (1000, 7)
by_day = wrong.mean(dim=0)  # (1000, 7) -> (7,): the second to the eighth day
print("day 2 to day 8:", [round(error, 2) for error in by_day.tolist()])
assert by_day[0] < 0.15 < by_day[-1]

# %% [markdown]
# On the second day the number is nearly enough, because there is only one day before it. On
# the eighth day it hardly helps.
#
# And now a surprise: *one* head with learned positions.


# %%
class Placed(Change):  # learned positions in place of rotary ones
    def __init__(self, H, C=16):
        super().__init__(H, C)
        self.heads.rotary = False
        self.positions = nn.Embedding(8, C)  # a row for each of 8 days

    def forward(self, days):  # (B, T)
        x = self.embedding(days) + self.positions.weight[: days.shape[1]]  # (B, T, C)
        return self.out(self.heads(x))[..., 0]  # (B, T)


# %% tags=["close:0.1"]
tries = []
for rate in (0.003, 0.01, 0.03):
    tries.append(learn_change(Placed(1), rate))
    print(f"one head, learned positions, rate {rate}: error {tries[-1]:.2f}")
assert min(tries) < 0.1

# %% [markdown]
# It can do it, because its values know their place: each day is worth another number on
# each place, and an average of those can be anything. (It is harder to find: not every
# learning rate finds it. And it ends after eight days, as the table of positions does.)
#
# ## Why does this work?
#
# ### How simple is one head?
#
# Lecturers like to say that "attention heads are dumb". Here is all that one head can do.
# The score of two words is $x_t W^Q {W^K}^\top x_s$, divided by $\sqrt{D}$. So a head
# without positions has one fixed table, $W^Q {W^K}^\top$, for how well two vectors fit (the
# **QK circuit**), and one more, $W^V W^O$, for what it passes on (the **OV circuit**).
# (With rotary positions it has one table of the first kind for each distance.) Both are
# thin: they are 8 x 8, but their **rank**, the number of independent directions in them,
# is at most the width of the head.

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
# A head without positions is no more than this: one thin table for where to look, one
# for what to pass on, and an average. What many such heads do together in a trained
# model, you will see in [lesson 15](15_taking_apart.ipynb).
#
# ## Check yourself
#
# ### Questions
#
# **1.** A layer is 768 wide and has 12 heads. How wide is a head? How many more weights
# would the layer have with 24 heads?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 64, and none more: the same matrices are cut into narrower strips. Each head's pattern
# then has a lower rank.
#
# </details>
#
# **2.** Why can one head with rotary positions not learn the lamp, however wide it is?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Its answer is an average of what each day is worth. On days that are all alike the answer
# must be 0, so *on* and *off* would both have to be worth 0, and then every answer is 0.
#
# </details>
#
# **3.** A head that looks at its left neighbour needs positions. A head that looks for its
# own word needs none. Why?
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

# %% [markdown]
# ## Recap
#
# - **Idea.** Many heads look at different places at the same time, each with its own
#   queries, keys and values, and their results add up. A head is an average; the sum of
#   two heads can subtract, even where the values do not know their place. Without
#   positions one layer of heads does not know the order.
# - **Formula.** $\text{Concat}(\text{head}_1, \ldots, \text{head}_H)\,W^O$, in code one
#   product that is cut into heads.
# - **Pitfall.** `view` and `transpose` in the wrong order: the shapes fit and the numbers
#   are mixed.
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
# | $W^Q {W^K}^\top$ and $W^V W^O$ | QK circuit, OV circuit |
#
# - **Moved into the library:** `attention.MultiHeadAttention`, `attention.rotate`.
#
# **Homework:** [Homework 12](homework/hw12.ipynb), about 50 minutes, of which the core
# takes 35. A badge under each check says at once whether your answer is correct.
#
# **Next:** a model made of heads alone can only move words about. Something has to work
# on what has been brought, and the sums must not run away.
# [13. The transformer block](13_transformer_block.ipynb) puts the parts together.
