# %% [markdown]
# # 11. Attention
#
# **How can a word look back 100 characters?**
#
# The names model of lesson 7 sees three letters. A story needs more: who is "it", what
# was the question, which bracket is still open? In this lesson each position of a text
# learns *where to look* among all positions before it. You calculate one such look with
# a pencil first, on four words with two numbers each. Then you write it for whole texts
# and train it.
#
# - **You will** compute one query by hand, then all queries at once, then with a mask;
#   train an attention head that remembers a letter over 100 characters; make it fail on
#   purpose; and catch a model that looks into the future.
# - **You need** lessons 1 (shapes), 2 (softmax), 3 (cross-entropy), 5 (matrix product),
#   7 (training a network) and 9 (entropy).
# - **Time** 75 minutes, of which the machine needs about one. A good place for a pause is
#   after *Compare with torch*. On a first reading you may skip the part marked *more*.
# - **Back** [10. Tokens](10_tokens.ipynb) ·
#   **Next** [12. Attention heads](12_heads.ipynb)

# %%
import math
import string

import torch
from torch import nn

from course_lib import attention, functional, mlp
from course_play import plots
from course_play.boxes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Grid,
    Node,
    plot_graph,
    plot_grids,
)
from course_play.widgets import AttentionExplorer, Predict, ScoreMatrix

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A text begins with a **secret**: one of the capital letters `A`, `B`, `C`, `D`, each
# equally often. Then come 100 random small letters, and then a question mark. What
# follows after the question mark is the secret once more.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
Predict(
    "A model sees only the last three characters. It is as clever as such a model can "
    "be. How many nats does it pay for the answer, on average?",
    math.log(4),
    unit="nats",
    digits=2,
    because="The last three characters are two random letters and the question mark. "
    "They say nothing about the secret. So the best it can do is to give each of the "
    "four letters a quarter, and -ln(1/4) = ln 4.",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. A task that needs a long memory
#
# Here is this task as code. There is also a mark `<` in front, so that there is a
# position before the secret. (A **position** is a place in a text: 0, 1, 2 and so on.)

# %%
VOCABULARY = "<ABCD" + string.ascii_lowercase + "?"
V = len(VOCABULARY)  # 32 tokens


def make_texts(n, distance, seed):  # n texts: < secret letters ? secret
    generator = torch.Generator().manual_seed(seed)
    secret = torch.randint(1, 5, (n, 1), generator=generator)  # (n, 1)
    letters = torch.randint(5, 31, (n, distance), generator=generator)
    start, ask = torch.zeros_like(secret), torch.full_like(secret, V - 1)
    return torch.cat([start, secret, letters, ask, secret], dim=1)  # (n, distance + 4)


for row in make_texts(3, 12, seed=0):
    print("".join(VOCABULARY[i] for i in row))

# %% [markdown]
# All models of this lesson are trained by the loop below. It is the loop of lesson 7
# with new texts in each step. `positions` says which predictions are scored: -1 is the
# last one, the answer after the question mark. `watch` is a function that may look on at
# each step; *See it* uses it.


# %%
def fit(model, distance, steps, positions=(-1,), learning_rate=1e-2, watch=None):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    curve = []
    for step in range(steps):
        texts = make_texts(32, distance, seed=1000 + step)  # (32, distance + 4)
        logits, targets = model(texts[:, :-1]), texts[:, 1:]
        if watch:
            watch(step, model)
        losses = [
            functional.cross_entropy(logits[:, p], targets[:, p]) for p in positions
        ]
        optimizer.zero_grad()
        torch.stack(losses).mean().backward()
        optimizer.step()
        curve.append(losses[-1].item())  # the loss of the answer
    return curve


@torch.no_grad()
def loss_at(model, distance, position=-1):  # on 200 new texts
    texts = make_texts(200, distance, seed=2)
    logits, targets = model(texts[:, :-1]), texts[:, 1:]
    return functional.cross_entropy(logits[:, position], targets[:, position]).item()


# %% [markdown]
# First the network of lesson 7, with its window of three characters. If there is one
# letter between the secret and the question mark, then the secret is still in the
# window. If there are two, it is not.


# %% tags=["ledger:C39", "close"]
class Window(nn.Module):
    def __init__(self):
        super().__init__()
        config = mlp.NameMLPConfig(vocab_size=V, context_size=3)
        self.mlp = mlp.NameMLP(config, torch.Generator().manual_seed(0))

    def forward(self, tokens):  # (B, T)
        return self.mlp(tokens[:, -3:])[:, None]  # (B, 1, V): only the last prediction


for distance in (1, 2, 100):
    window = Window()
    window_curve = fit(window, distance, steps=100)
    loss = loss_at(window, distance)
    print(f"{distance:3d} letters in between: the window pays {loss:.2f} nats")
    assert loss < 0.1 if distance == 1 else loss > math.log(4) - 0.05
print(f"four letters, a quarter each: {math.log(4):.2f} nats")

# %% [markdown]
# More training does not change this, because what is not in the input cannot be in the
# output. A wider window would help here, but each position that it adds needs new
# weights, and the next text may be longer still.
#
# We want something else: a position that can look at *all* positions before it, however
# many there are, and that finds out by their content which of them matter.
#
# ### 2. One query, by hand
#
# Take the text "The cat sat on the mat. It was hungry." Who was hungry? The word
# *hungry* tells us: mats are never hungry, so it was the cat. Let us calculate how the
# word *hungry* can find the cat. To keep it short, we write down four words of the text.
#
# Each word gets three small vectors, here with two numbers each. We choose the numbers
# ourselves for now; later they are learned.
#
# - The **key** says *what I am*. Our two numbers are: an animal? a thing?
# - The **query** says *what I am looking for*, in the same two numbers. *hungry* looks
#   for an animal. *It* looks for an animal or a thing.
# - The **value** says *what I tell those who look at me*. Our two numbers are: how
#   furry? how flat?

# %%
words = ["cat", "mat", "It", "hungry"]
keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])  # (4, 2)
queries = torch.tensor([[0.0, 0.0], [0.0, 0.0], [2.0, 2.0], [4.0, 0.0]])  # (4, 2)
values = torch.tensor([[0.9, 0.1], [0.3, 1.0], [0.0, 0.0], [0.0, 0.0]])  # (4, 2)
T, D = keys.shape  # 4 positions, vectors of 2 numbers

# %% [markdown]
# Now *hungry* looks, and it compares its query with each key. The comparison is a **dot
# product**: multiply the first numbers, multiply the second numbers, and add up. The
# result is the **score**: it is large where query and key fit. Then come two steps:
# divide by the square root of D (the reason follows below), and make shares of the
# scores by a softmax, as in lesson 2. The shares are the **attention weights**.

# %%
query = queries[3].tolist()  # of hungry
tickets = []
print("word     key          score   / root of 2     e to that")
for word, key in zip(words, keys.tolist(), strict=True):
    score = query[0] * key[0] + query[1] * key[1]
    tickets.append(math.exp(score / math.sqrt(D)))
    print(f"{word:8s} {key}  {score:5.1f} {score / math.sqrt(D):11.2f}", end="")
    print(f" {tickets[-1]:15.2f}")
shares = [ticket / sum(tickets) for ticket in tickets]
print("weights:", [round(share, 2) for share in shares])

# %% [markdown]
# *hungry* gives most of its attention to the cat. The other words fit it equally badly,
# so they share the rest equally.
#
# What does *hungry* learn from this look? The **weighted average** of the values: each
# value times its weight, added up. We call it the **mix** (elsewhere: the output of
# attention, or the context vector).

# %% tags=["ledger:C37"]
furry = flat = 0.0
for share, value in zip(shares, values.tolist(), strict=True):
    furry += share * value[0]
    flat += share * value[1]
print(f"the mix of hungry: furry {furry:.2f}, flat {flat:.2f}")
assert shares[0] > 0.8
assert furry > 4 * flat

# %% tags=["hide-input"]
# drawing only
plot_grids(
    [
        Grid([query], "query of hungry", digits=0),
        Grid(keys, "keys", rows=words, marks={(0, 0): BLUE, (0, 1): BLUE}, digits=0),
        Grid(
            [[round(share, 2)] for share in shares],
            "weights",
            marks={(0, 0): ORANGE},
        ),
        Grid(values, "values", marks={(0, 0): GREEN, (0, 1): GREEN}),
        Grid([[furry, flat]], "mix", marks={(0, 0): GREEN, (0, 1): GREEN}),
    ],
    "One query against all keys: hungry finds the cat and takes its value",
    signs=["fits", "÷ √2, softmax →", "times", "→"],
)

# %% [markdown]
# > **For children (and for the rest of us).** In class everybody holds up a sign that
# > says what they know (key). You whisper what you need (query). You listen to all of
# > them at once, but loudest to those whose sign fits, and what you hear is what they
# > say (value). And you may only listen to those who sit in front of you.
#
# The last sentence of this box comes in step 5.
#
# ### 3. A reminder: the product of two tables
#
# We could now repeat this in a loop for each of the four words. Torch does it in one
# line with the **matrix product**, written `@`. Here is what it does: take a *row* of the
# first table and a *column* of the second one; their dot product is one number of the
# result. So the rows must be as long as the columns, and the shapes say it: (2, **3**) @
# (**3**, 2) gives (2, 2). The equal numbers in the middle disappear.
#
# Lesson 5 read the same product in another way: the first number of the row times the
# first *row* of the second table, plus the second number times the second row, and so on.
# Both ways give the same numbers. The first way is good for comparing queries with keys,
# and the second for mixing values, as you have just done by hand: share times value,
# added up.

# %%
a = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
b = torch.tensor([[1, 0], [1, 0], [0, 10]])  # (3, 2)
product = a @ b  # (2, 3) @ (3, 2) -> (2, 2)
print(product)
print("row 1 of a with column 0 of b:", 4 * 1 + 5 * 1 + 6 * 0)
print("row 1 of a, mixing the rows of b:", 4 * b[0] + 5 * b[1] + 6 * b[2])
assert product[1, 0] == 4 * 1 + 5 * 1 + 6 * 0
assert torch.equal(product[1], 4 * b[0] + 5 * b[1] + 6 * b[2])

# %% [markdown]
# Our queries and keys both stand in rows, so we must first make columns of the keys.
# `.T` does that (**transpose**): it exchanges rows and columns.

# %%
print(tuple(keys.shape), "->", tuple(keys.T.shape))
print(keys.T)
assert keys.T[0, 3] == keys[3, 0]

# %% [markdown]
# ### 4. All queries at once
#
# Now three lines compute all looks of all words. Row $t$ of `scores` belongs to the
# query of word $t$, and column $s$ belongs to the key of word $s$.

# %% tags=["ledger:B34"]
scores = queries @ keys.T / math.sqrt(D)  # (T, D) @ (D, T) -> (T, T)
weights = functional.softmax(scores)  # (T, T), each row adds up to 1
mix = weights @ values  # (T, T) @ (T, D) -> (T, D)

torch.testing.assert_close(weights[3], torch.tensor(shares))
torch.testing.assert_close(mix[3], torch.tensor([furry, flat]))
print("the last rows are what we had by hand:", weights[3], mix[3])

# %% [markdown]
# This is the most famous formula of the field ("Attention is all you need", Vaswani and
# others, 2017). $Q$, $K$ and $V$ are our three tables, and $d$ is our D:
#
# $$\text{Attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# Queries, keys and values all come from the same text here. So this is called
# **self-attention**. (If the queries come from one text and the keys and values from
# another one, for example its translation, it is called **cross-attention**.)
#
# Look at the shape (T, T) again. Each position looks at each position, so the table of
# scores of a text that is twice as long is four times as large. Lesson 18 comes back to
# this price.
#
# ### 5. The mask
#
# One thing is still wrong. A language model predicts what comes *next*, so no position
# may see what comes after it. But in our weights, *cat* looks at all four words. The cure
# is the **causal mask**: before the softmax, every score of the future becomes minus
# infinity. Because $e^{-\infty} = 0$, it gets no share at all.
#
# Two functions of torch help. `triu(1)` keeps the upper triangle of a table, above the
# diagonal: those are the places where the key comes later than the query.
# `masked_fill(mask, number)` writes the number wherever the mask says yes.

# %%
future = torch.ones(T, T, dtype=torch.bool).triu(1)  # (T, T)
masked = scores.masked_fill(future, -math.inf)  # (T, T)
weights = functional.softmax(masked)  # (T, T)
assert (weights.triu(1) == 0).all()
torch.testing.assert_close(weights.sum(dim=1), torch.ones(T))

# %% tags=["hide-input"]
# drawing only
hidden = {(i, j): GREY for i in range(T) for j in range(i + 1, T)}
plot_grids(
    [
        Grid(scores, "scores", rows=words, columns=words),
        Grid(masked, "masked", columns=words, marks=hidden),
        Grid(weights, "weights", columns=words, marks=hidden),
    ],
    "The mask hides the future: each row looks to the left only",
    signs=["mask →", "softmax →"],
)

# %% [markdown]
# Read the rows of the last table. *cat* comes first and sees only itself. *hungry* comes
# last and loses nothing. *It* looks at the cat and at the mat alike.
#
# (The picture rounds; the rows add up to 1.)
#
# You will often read that in "The cat sat on the mat. It was hungry" the word *It* looks
# at the cat and not at the mat, because the cat was hungry. With a causal mask *It* cannot
# make this choice: when the model reads *It*, the word that settles the question has not
# come yet. To see this, put *soft* (which looks for a thing) in the place of *hungry*. The
# row of *It* stays as it was. It is the *later* word that can look back and choose.
#
# We write the three lines and the mask as a function. (In it, `.mT` is `.T` for a stack
# of tables: it exchanges the last two dimensions and leaves those in front alone. In a
# moment we have a batch of texts in front.)


# %% tags=["ledger:C37", "ledger:C38"]
def attend(queries, keys, values):  # (..., T, D) each
    scores = queries @ keys.mT / math.sqrt(keys.shape[-1])  # (..., T, T)
    future = torch.ones_like(scores, dtype=torch.bool).triu(1)  # (..., T, T)
    weights = functional.softmax(scores.masked_fill(future, -math.inf))  # (..., T, T)
    return weights @ values, weights  # (..., T, D) and (..., T, T)


soft = queries.clone()
soft[3] = torch.tensor([0.0, 4.0])  # soft looks for a thing
for word, asked in (("hungry", queries), ("soft", soft)):
    _, weights = attend(asked, keys, values)
    best = words[weights[3].argmax()]
    print(f"{word:6s} looks most at {best}; the row of It:", weights[2])
    assert best == {"hungry": "cat", "soft": "mat"}[word]
torch.testing.assert_close(weights[2], attend(queries, keys, values)[1][2])

# %% [markdown]
# **What if all scores are equal?** Then each position shares its attention equally, and
# the mix is the plain **average** of everything so far. So attention is an average whose
# weights depend on the content.

# %%
mix, weights = attend(torch.zeros(T, D), keys, values)  # (T, D), (T, T)
averages = torch.stack([values[: t + 1].mean(dim=0) for t in range(T)])  # (T, D)
torch.testing.assert_close(mix, averages)
weights

# %% [markdown]
# ### 6. Let it learn
#
# Nobody writes queries by hand. Each token has an embedding, as in lesson 7, now of C
# numbers. Three matrices make its query, its key and its value from it, and training
# finds the numbers in the matrices. (The width D of queries and keys is C here.) This is
# one attention **head**.
#
# `nn.Linear(C, C, bias=False)` is such a matrix: it multiplies the last dimension and
# leaves those in front alone, so a batch of texts (B, T, C) goes through at once. Two
# details are new:
#
# - **The mix is added to the embedding.** The mix says what the position has *found*,
#   the embedding says which token it *is*, and the prediction may need both. (Lesson 13
#   is about this plus.)
# - `emb_std` says how large the first random embeddings are. They are small, and below
#   you will see why.


# %%
class OneHead(nn.Module):
    def __init__(self, emb_std=0.05, C=64, causal=True):
        super().__init__()
        torch.manual_seed(0)  # the random seed of the first weights
        self.causal = causal
        self.embedding = nn.Embedding(V, C)
        nn.init.normal_(self.embedding.weight, std=emb_std)
        self.query = nn.Linear(C, C, bias=False)
        self.key = nn.Linear(C, C, bias=False)
        self.value = nn.Linear(C, C, bias=False)
        self.out_head = nn.Linear(C, V, bias=False)  # lesson 7: the output layer

    def forward(self, tokens):  # (B, T)
        x = self.embedding(tokens)  # (B, T, C)
        q, k, v = self.query(x), self.key(x), self.value(x)  # (B, T, C) each
        scores = q @ k.mT / math.sqrt(k.shape[-1])  # (B, T, C) @ (B, C, T) = (B, T, T)
        if self.causal:
            future = torch.ones_like(scores, dtype=torch.bool).triu(1)  # (B, T, T)
            scores = scores.masked_fill(future, -math.inf)
        self.scores, self.weights = scores, functional.softmax(scores)  # (B, T, T)
        mix = self.weights @ v  # (B, T, T) @ (B, T, C) = (B, T, C)
        return self.out_head(x + mix)  # (B, T, V)


# %% tags=["hide-input"]
# drawing only
nodes = {
    "x": Node("embedding x", "(B, T, C)", color=BLUE),
    "q": Node("query", "(B, T, C)"),
    "k": Node("key", "(B, T, C)"),
    "v": Node("value", "(B, T, C)"),
    "w": Node("weights", "(B, T, T)", color=ORANGE),
    "m": Node("mix", "(B, T, C)"),
    "y": Node("x + mix", "(B, T, C)", color=GREEN),
}
edges = [("x", "q"), ("x", "k"), ("x", "v"), ("q", "w"), ("k", "w")]
edges += [("w", "m"), ("v", "m"), ("m", "y"), ("x", "y")]
plot_graph(nodes, edges, "One head: queries and keys decide where, values decide what")

# %% [markdown]
# Now train it with 100 letters between the secret and the question mark. (It is scored
# at two positions, at `?` and at the first one, `<`. Nobody can predict the secret at
# `<`, so nothing is to be gained there. An experiment below needs it.)

# %% tags=["ledger:C39", "close"]
head = OneHead()
curve = fit(head, distance=100, steps=100, positions=(0, -1))
for distance in (1, 10, 100, 300):
    loss = loss_at(head, distance)
    to_secret = head.weights[:, -1, 1].mean()  # from the last position to position 1
    print(f"{distance:3d} letters in between: the head pays {loss:.2f} nats", end=", ")
    print(f"? gives the secret a weight of {to_secret:.2f}")
    assert loss < 0.1
    assert to_secret > 0.9

# %% [markdown]
# It looks back a hundred characters, and nobody told it where. It has learned that a
# capital letter is worth a look. And 300 letters work as well, although it was trained
# with 100 only. The distance does not occur in the formula. The number of letters does:
# each of them takes a little of the attention. But the score of the secret is so much
# higher that 300 letters together still get next to nothing.
#
# This has a price. Turn the letters and the secret around, so that the secret comes last,
# and the answer stays the same. This head knows *what* came before, but not *in which
# order*. Lesson 12 adds the order.

# %%
texts = make_texts(200, 100, seed=2)[:, :-1]  # (200, 103)
answers = head(texts)[:, -1]  # (200, V)
turned = texts.clone()
turned[:, 1:-1] = turned[:, 1:-1].flip(1)  # the secret comes last now
torch.testing.assert_close(head(turned)[:, -1], answers, rtol=1e-3, atol=1e-3)
print("the other way round, the same answers")

# %% [markdown]
# ## Compare with torch
#
# Your lines, the library's `causal_attention` and torch's own fast function must give
# the same. The other two expect one dimension more, (B, H, T, C), where H counts heads.
# We have one head, so `[:, None]` puts a 1 there.

# %% tags=["ledger:B34"]
short = make_texts(4, 20, seed=3)[:, :-1]  # (4, 23)
x = head.embedding(short)  # (4, 23, 64)
q, k, v = head.query(x), head.key(x), head.value(x)  # (4, 23, 64) each
ours, _ = attend(q, k, v)  # (4, 23, 64)
in_heads = [one[:, None] for one in (q, k, v)]  # (4, 1, 23, 64) each
library, weights = attention.causal_attention(*in_heads)
fast = nn.functional.scaled_dot_product_attention(*in_heads, is_causal=True)

torch.testing.assert_close(ours, library[:, 0])
torch.testing.assert_close(ours, fast[:, 0])
torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
print("by hand = course_lib = torch, and every row adds up to 1")

# %% [markdown]
# ## See it
#
# We train the same head a second time and change one thing: the first embeddings are
# large. They have a standard deviation of 1, which is what torch gives you if you do not
# ask for anything else. (The **standard deviation** says how far numbers typically are
# from their mean.) During training we write down the row of the question mark: how far its
# scores are apart, and how it shares out its attention.


# %%
def watching(log):  # a function that writes into the table `log`
    def watch(step, model):
        if step in (0, 5, 20, 99):
            scores, row = model.scores[:, -1], model.weights[:, -1].mean(dim=0)
            log[step] = scores.std().item(), row[0], row[1], row[2:-1].sum(), row[-1]

    return watch


def show(log):
    print("step   scores vary by   weight of <   secret   all letters   ?")
    for step, (apart, start, secret, letters, ask) in log.items():
        print(f"{step:3d} {apart:14.2f} {start:15.2f} {secret:10.2f}", end="")
        print(f"{letters:12.2f} {ask:10.2f}")


# %%
log_large, log_small = {}, {}
stuck = OneHead(emb_std=1.0)
stuck_curve = fit(stuck, 100, 100, (0, -1), watch=watching(log_large))
small_curve = fit(OneHead(), 100, 100, (0, -1), watch=watching(log_small))
assert abs(small_curve[-1] - curve[-1]) < 0.01


# %%
def smooth(values, n=10):
    return [sum(values[i : i + n]) / n for i in range(0, len(values), n)]


steps = list(range(10, 101, 10))
plots.plot_curves(
    {
        "window of 3": (steps, smooth(window_curve)),
        "one head, large embeddings": (steps, smooth(stuck_curve)),
        "one head, small embeddings": (steps, smooth(small_curve)),
    },
    "In 100 steps a head finds the secret, if its embeddings start small",
    xlabel="step (mean of ten)",
    ylabel="loss of the answer, nats",
    lines={"ln 4": math.log(4)},
)

# %% [markdown]
# The window is blind: it cannot do better. The head with the large embeddings is not
# blind, and yet in these 100 steps it has learned no more than the window. The table
# below, written during its training, shows what happened.

# %% tags=["ledger:C39", "close:0.3"]
print("large embeddings")
show(log_large)
print("small embeddings")
show(log_small)
assert log_large[5][0] > 6 * log_large[0][0]
assert log_large[5][4] > 0.9
assert log_large[0][2] < 0.1 > log_large[99][2]
assert log_small[99][2] > 0.9
assert loss_at(stuck, 100) > 1.2

# %% [markdown]
# At step 0 nothing is wrong with the large embeddings: every position is heard a little.
# But each step of training moves the query and key matrices a little, and a score is a
# product of two embeddings and these two matrices. With large embeddings a small move
# makes a large change. So within five steps, long before the scores mean anything, they
# have grown to many times their size, and the question mark gives everything to
# itself. (Which position wins is not our point. With other first weights it may be another
# one: the scores mean nothing yet.) The secret gets nothing. With small embeddings the
# scores stay near 0 in the meantime. All positions are still heard, and training finds
# out which of them helps.
#
# Why can the stuck head not come back? *Why does this work?* answers that.
#
# ## Play with it
#
# **A matrix that you can edit.** Click into a score, then type or press the arrow keys up
# and down.
#
# - **Raise one score.** What happens to the other weights of its row? And to other rows?
# - **Switch the mask off.** Which rows change, and which one does not?
# - **Multiply all scores by 0, then by 5.** Lesson 8 did the same to logits. What was it
#   called there?

# %%
ScoreMatrix(
    [[1.0, 0.0, 0.0, 0.0], [2.0, 1.0, 0.0, 0.0], [0.0, 3.0, 0.5, 0.0], [0.0, 1, 1, 1]],
    ["The", "cat", "was", "soft"],
)

# %% [markdown]
# **The head that you have trained,** on a shorter text. Point at a character, or choose
# one with the arrow keys. Below the map you see what it answers, with the head switched
# on and off.
#
# - **Go to `?`.** Where does it look? What is left of the answer without the head?
# - **Go to any small letter.** Where does it look, and what is that good for? (For
#   nothing: the training scored only `<` and `?`. So the loss neither rewards nor
#   punishes these looks. Remember this when you read such a map.)
# - **Two lines below the map.** "As if at 1.0 words" means: the attention is shared out as
#   if equally among so many words (1.0 = it looks at one only). Ignore "loss of the text"
#   here: this text ends before the answer, so the line scores only the secret after `<`,
#   which nobody can know.

# %% tags=["ledger:C40", "close"]
line = make_texts(1, 10, seed=4)[:, :-1]  # (1, 13)
with torch.no_grad():
    on = functional.softmax(head(line))[0]  # (13, V)
    off = functional.softmax(head.out_head(head.embedding(line)))[0]  # (13, V)
explorer = AttentionExplorer(
    head.weights[None],  # (1, 1, 13, 13)
    [VOCABULARY[i] for i in line[0]],
    vocabulary=list("ABCD"),
    probs=on[:, 1:5],
    ablated=off[None, None, :, 1:5],
)
assert explorer.row[1] > 0.9
explorer

# %% [markdown]
# ## Why does this work?
#
# ### Why divide by the square root of d?
#
# Take random vectors whose numbers lie around 0, have squares of 1 on average, and are
# independent of each other. A dot product of two of them is a sum of $d$ products. Square
# the sum: the $d$ squares of the products are 1 each on average, and the mixed terms are
# as often positive as negative and cancel on average. So the square of the dot product is
# $d$ on average. (For numbers around 0, the mean of the squares is the **variance**, and
# its root is the standard deviation.) So longer vectors have larger scores, and a softmax
# of large scores gives nearly everything to one position. Divided by $\sqrt{d}$, the
# scores have a variance of 1 at every length.

# %% tags=["ledger:B34", "ledger:D12", "close"]
generator = torch.Generator().manual_seed(5)
for d in (4, 64, 1024):
    q, k = torch.randn(2, 2000, 16, d, generator=generator)  # (2000, 16, d) each
    raw = (q[:, :1] * k).sum(-1)  # one query and 16 keys, 2,000 times: (2000, 16)
    top = [functional.softmax(s).amax(-1).mean() for s in (raw, raw / d**0.5)]
    print(f"d = {d:4d}: variance {raw.var() / d:.2f} d,", end=" ")
    print(f"largest weight {top[0]:.2f}, after dividing {top[1]:.2f}")
    assert abs(raw.var() / d - 1) < 0.1
assert top[0] > 0.9 > 0.5 > top[1]

# %% [markdown]
# ### Why does a head that stares not come back?
#
# Training changes a score only if the loss changes with it. Where a weight is near 0, a
# softmax is flat: if you change the score a little, the weight does not move. Here are
# two scores, first equal, then far apart, and the slope of the first weight.

# %% tags=["ledger:D12"]
for gap in (0.0, 10.0):
    scores = torch.tensor([0.0, gap], requires_grad=True)
    weight = functional.softmax(scores)[0]
    weight.backward()
    print(f"weight {weight:.4f}: its slope is {scores.grad[0]:.5f}")
assert scores.grad[0] < 1e-4

# %% [markdown]
# So the secret, which gets next to no weight, gets next to no gradient either. In the
# stuck head the scores are even further apart (the first table in *See it*). Here is the
# largest gradient in its key matrix, beside the one of a fresh head:

# %%
texts = make_texts(32, 100, seed=5)  # (32, 104)
for name, model in (("fresh", OneHead(emb_std=1.0)), ("stuck", stuck)):
    model.zero_grad()
    logits = model(texts[:, :-1])[:, -1]  # (32, V)
    functional.cross_entropy(logits, texts[:, -1]).backward()
    largest = model.key.weight.grad.abs().max()
    print(f"{name}: above a thousandth? {largest > 1e-3}", end=", ")
    print(f"below a millionth of a millionth? {largest < 1e-12}")
assert largest < 1e-12

# %% [markdown]
# You may object: Adam divides by the size of the gradient, so it makes steps of its usual
# size even of small gradients (lesson 7). But before it divides, it adds the number 1e-8
# to that size, so that it never divides by 0. Next to 1e-8 this gradient is nothing, and
# so is the step.
#
# Does it help to make the steps ten times smaller from the start?

# %% tags=["close:0.3"]
log_slow = {}
slow = OneHead(emb_std=1.0)
fit(slow, 100, 100, (0, -1), learning_rate=1e-3, watch=watching(log_slow))
show(log_slow)
assert log_slow[5][0] < log_large[5][0] / 2

# %% [markdown]
# The scores grow more slowly, but after these 100 steps the end is the same. The small
# start is one cure, and the GPT of lesson 14 starts small as well. Another cure keeps
# queries and keys at one size during the whole training (`qk_norm`): lesson 12 meets it,
# and lesson 13 explains it.
#
# ### Without the mask it cheats
#
# At the mark `<` nobody can know the secret: it comes later, and it is random. So the
# prediction at `<` costs ln 4 at best. Take the mask away and train again.

# %% tags=["ledger:C38", "close"]
leaky = OneHead(causal=False)
fit(leaky, distance=100, steps=80, positions=(0, -1))
for name, model in (("masked", head), ("no mask", leaky)):
    print(f"{name:8s} loss at < {loss_at(model, 100, position=0):.2f}", end=", ")
    print(f"at ? {loss_at(model, 100):.2f}")
print(f"floor    loss at < {math.log(4):.2f}, at ? 0.00")
assert loss_at(head, 100, position=0) > math.log(4) - 0.05
assert loss_at(leaky, 100, position=0) < 0.5  # far below the entropy: a leak

# %% [markdown]
# **A loss on new text that is clearly below the entropy is not a success. It proves a
# leak.** The model reads the secret from its own input. When it had to write new text, it
# would be lost, because then there is no future to read.
#
# ### One pass trains all positions
#
# With the mask no position sees what it must predict. So one pass over a text gives all
# its predictions at once, the same as one pass for each beginning of the text. This is
# one reason why GPTs train fast. (Writing stays serial, because each new character has
# to wait for the one before. Lesson 18 comes back to that.)

# %% tags=["ledger:C41"]
whole = head(line)  # (1, T, V)
one_by_one = [head(line[:, : t + 1])[0, -1] for t in range(line.shape[1])]
torch.testing.assert_close(whole[0], torch.stack(one_by_one), rtol=1e-4, atol=1e-4)
print(f"{len(one_by_one)} passes over the beginnings = 1 pass over the text")

# %% [markdown]
# ### A model without the mask *(more)*
#
# A model that reads in both directions has its use, too. **BERT** is one. It does not
# predict the next word but words that were hidden from it. Change the last character:
# which positions notice?

# %% tags=["ledger:C42"]
changed = line.clone()
changed[0, -1] = VOCABULARY.index("z")
for name, model in (("masked, like GPT", head), ("no mask, like BERT", leaky)):
    differs = (model(line) - model(changed)).abs().amax(-1)[0] > 1e-6  # (T,)
    print(f"{name:18s} {int(differs.sum())} of {line.shape[1]} positions change")
    assert differs.sum() == 1 if model is head else differs.sum() > 1
print(f"without the mask < gives the secret a weight of {leaky.weights[0, 0, 1]:.2f}")

# %% [markdown]
# Without the mask all positions notice but one. That one is `<`: it *may* look at the
# last character, but it has learned to look at the secret only.
#
# ### Do the weights explain the answer?
#
# The map of a head looks like an explanation. Be careful with it. Write the secret twice,
# and move all the attention by hand, first to one copy, then to the other one.

# %% tags=["ledger:C40", "close"]
twice = torch.tensor([[VOCABULARY.index(c) for c in "<AkqzAwmb?"]])  # (1, 10)
with torch.no_grad():
    x = head.embedding(twice)  # (1, 10, C)
    told = head.value(x)  # (1, 10, C)
    own = functional.softmax(head(twice)[0, -1])  # (V,)
    print("weights of ?:", [f"{w:.2f}" for w in head.weights[0, -1]])
    print(f"with these weights:          p(A) = {own[1]:.2f}")
    for position in (1, 5):
        forced = functional.softmax(head.out_head(x[0, -1] + told[0, position]))
        print(f"all attention on position {position}: p(A) = {forced[1]:.2f}")
        assert (forced - own).abs().max() < 0.05
assert (told[0, 1] == told[0, 5]).all()

# %% [markdown]
# Three different rows of weights lead to the same answer. The reason is simple in this
# case: both copies have the same value, and the answer depends on weight times value, and
# then on everything that comes after. And the stuck head had clear favourites too, but no
# answer. **Attention weights show where a head looks. They do not show why the model says
# what it says.** To find that out, switch the head off and see what changes.
#
# ## Check yourself
#
# ### Fix the slide
#
# Notes on transformers draw the attention matrix below: keys to the right, queries
# *upwards*, so that the first query is the lowest row. It is said to belong to a GPT. What
# is wrong with it? Add up its rows, and look at what the first query sees.

# %%
drawn = torch.tensor([[0.2, 0.5, 0.9], [0.8, 0.1, 0.4], [0.2, 0.7, 0.3]])  # (3, 3)
rows, columns = [[f"{kind} {i}" for i in (1, 2, 3)] for kind in ("query", "key")]
plot_grids(
    [Grid(drawn, "attention weights?", rows=rows[::-1], columns=columns, digits=1)],
    "The slide: what is wrong with it?",
)

# %% [markdown]
# To fix it, take the numbers as tickets, before they are shared out. The logarithms of
# tickets are scores (lesson 2). Mask those, and let the softmax share out.

# %% tags=["ledger:B35"]
slide = drawn.flip(0)  # queries downwards, as usual
print("the rows add up to", slide.sum(dim=1))
print("given to later words:", slide.triu(1).sum(dim=1))
assert (slide.sum(dim=1) > 1.1).all()

fixed = ScoreMatrix(slide.log(), ["1", "2", "3"])
assert torch.allclose(fixed.weights.sum(1), torch.ones(3).double())
assert (fixed.weights.triu(1) == 0).all()
fixed

# %% [markdown]
# No row of the slide adds up to 1, so no softmax has made it. And in a GPT everything
# above the diagonal must be 0. The fixed matrix keeps both rules. (You can edit it. The
# picture rounds; its rows add up to 1.)
#
# ### Questions
#
# **1.** Guess first, then read on.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
x, small = torch.zeros(8, 50, 64), torch.zeros(8, 50, 16)
Predict(
    "A batch of 8 texts with 50 tokens each. Queries and keys have 16 numbers, values "
    "have 64. Which shape have the attention weights?",
    str(tuple((small @ small.mT).shape)),
    options=("(8, 50, 50)", "(8, 16, 16)", "(8, 50, 16)", "(8, 50, 64)"),
    because="(8, 50, 16) @ (8, 16, 50) = (8, 50, 50): one weight for each query and "
    "each key, in each text. The width of the vectors has disappeared.",
)

# %% [markdown]
# **2.** What are the weights of the first row, whatever the scores?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 1 for itself and 0 for all others, because the mask hides all others.
#
# </details>
#
# **3.** A friend masks by setting the future *weights* to 0, after the softmax. What
# goes wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The rows no longer add up to 1. And the sum in the softmax has still counted the future
# scores, so the future leaks through it.
#
# </details>
#
# **4.** Your held-out loss falls far below the entropy of the data. What do you do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# You look for a leak, because this is impossible without one: the mask, the shift of the
# targets, or test text that is in the training text.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Each position takes a weighted average of the values at and before it. The
#   weights come from how well its query fits their keys, so the content decides where it
#   looks, at any distance.
# - **Formula.** $\text{softmax}(Q K^\top / \sqrt{d})\,V$, with the future masked.
# - **Pitfall.** Without the mask the model cheats. With large first embeddings the scores
#   grow before they mean anything. And a map of weights is not an explanation.
#
# | line | shapes |
# |---|---|
# | `query(x)`, `key(x)`, `value(x)` | (B, T, C) -> (B, T, C) each |
# | `q @ k.mT` | (B, T, C) @ (B, C, T) -> (B, T, T) |
# | mask, softmax | (B, T, T) -> (B, T, T), rows add up to 1 |
# | `weights @ v` | (B, T, T) @ (B, T, C) -> (B, T, C) |
# | `out_head(x + mix)` | (B, T, C) -> (B, T, V) |
#
# | here | elsewhere |
# |---|---|
# | score | attention logit, alignment score |
# | mix | attention output, context vector |
# | causal mask | look-ahead mask, autoregressive mask |
# | self-attention | intra-attention |
# | one head | single-head attention |
#
# - **Moved into the library:** `course_lib.attention.causal_attention`.
#
# **Homework:** [Homework 11](homework/hw11.ipynb), about 60 minutes, of which 30 are
# core. A badge under each check says at once whether your answer is correct.
#
# **Next:** one head asks one question and does not know the order of the words. What can
# many of them do? [12. Attention heads](12_heads.ipynb)
