# %% [markdown]
# # 11. Attention
#
# **How can a word look back 100 characters?**
#
# The names model sees three letters. A story needs more: who is "it", what was the
# question, which bracket is still open? In this lesson a model learns *where to look*,
# and you build the few lines that make it possible.
#
# - **You will** build one attention head from averages, prove that it does what a
#   window cannot, make it fail on purpose, and catch a model that looks into the future.
# - **You need** lessons 2, 3, 7 and 9, and a little matrix multiplication.
# - **Time** 45 minutes.
# - **Back** [10. Tokens](10_tokens.ipynb) ·
#   **Next** [12. Attention heads](12_heads.ipynb)

# %%
import math
import string

import torch
from torch import nn

from course_lib import attention, functional, mlp
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import AttentionExplorer, ScoreMatrix

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A text begins with a **key**: `A`, `B`, `C` or `D`, each equally often. Then come 100
# random small letters, then a question mark. What follows is the key once more.
#
# **A model sees only the last three characters. How many nats does it pay for the
# answer, if it is as clever as can be?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, math.log(4)))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# The last three characters are two random letters and `?`. They say nothing about the
# key. All that is left is to give each key a quarter, and that costs the logarithm
# of 4.
#
# </details>
#
# ## Build it by hand
#
# ### A task that proves blindness
#
# Here is the task, with a mark `<` in front, so that there is a place before the key.

# %%
VOCABULARY = "<ABCD" + string.ascii_lowercase + "?"
V = len(VOCABULARY)


def write(n, distance, dice):  # n texts: < key, letters, ? key
    key = torch.randint(1, 5, (n, 1), generator=dice)
    letters = torch.randint(5, 31, (n, distance), generator=dice)
    start, ask = torch.zeros_like(key), torch.full_like(key, V - 1)
    return torch.cat([start, key, letters, ask, key], dim=1)


for row in write(3, 12, torch.Generator().manual_seed(0)):
    print("".join(VOCABULARY[i] for i in row))

# %% [markdown]
# One training loop for all models of this lesson. It scores the answer and, if asked,
# other **positions** too. (That is what a place in a text is called.)


# %%
def fit(model, distance, steps, positions=(-1,)):
    dice = torch.Generator().manual_seed(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    curve = []
    for _ in range(steps):
        text = write(32, distance, dice)
        logits, targets = model(text[:, :-1]), text[:, 1:]
        losses = [
            functional.cross_entropy(logits[:, p], targets[:, p]) for p in positions
        ]
        optimizer.zero_grad()
        torch.stack(losses).mean().backward()
        optimizer.step()
        curve.append(losses[-1].item())  # the loss of the answer
    return curve


@torch.no_grad()
def answer_loss(model, distance, position=-1):
    text = write(200, distance, torch.Generator().manual_seed(2))
    return functional.cross_entropy(
        model(text[:, :-1])[:, position], text[:, 1:][:, position]
    )


# %% [markdown]
# First the network of lesson 7, with its window of three. With one letter in between,
# the key is still inside the window. With two it is not.


# %% tags=["ledger:C39", "close"]
class Window(nn.Module):
    def __init__(self):
        super().__init__()
        config = mlp.NameMLPConfig(vocab_size=V, context_size=3)
        self.mlp = mlp.NameMLP(config, torch.Generator().manual_seed(0))

    def forward(self, tokens):
        return self.mlp(tokens[:, -3:])[:, None]  # one prediction, the last


for distance in (1, 2, 100):
    window = Window()
    window_curve = fit(window, distance, steps=150)
    loss = answer_loss(window, distance)
    print(f"{distance:3d} letters in between: the window pays {loss:.2f} nats")
    assert loss < 0.1 if distance == 1 else loss > math.log(4) - 0.05

# %% [markdown]
# No training will change that. What is not in the input cannot be in the output. A
# wider window? It needs new weights for each position it adds, and the next text is longer
# still.
#
# ### First step: an average
#
# How can a position hear from *all* positions before it? The simplest way is to take
# their mean. Each position has a vector of numbers; let the new vector be the average of
# those so far. The same can be written as one matrix product. Row $t$ of that matrix
# holds the shares that position $t$ gives to each position: the **attention weights**.
# (They are computed anew for each text. The weights of a network are something else:
# training finds them, and then they stay.)

# %%
x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
T = len(x)
slow = torch.stack([x[: t + 1].mean(dim=0) for t in range(T)])
print(slow)

weights = torch.ones(T, T).tril()  # tril: keep the lower triangle, the past
weights = weights / weights.sum(dim=1, keepdim=True)
torch.testing.assert_close(weights @ x, slow)
weights

# %% [markdown]
# And once more, through scores and a softmax. All scores are 0, and the future gets
# minus infinity, because $e^{-\infty} = 0$. This is the **causal mask**.

# %%
future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
scores = torch.zeros(T, T).masked_fill(future, -math.inf)
torch.testing.assert_close(functional.softmax(scores), weights)
scores

# %% [markdown]
# An average listens to everybody alike. But we have scores now, and nobody says that
# they must be 0. **Attention is an average whose scores depend on the content.**
#
# ### Second step: query, key, value
#
# A lecture asks: "The cat sat on the mat. It was comfortable." What is "it"? The
# sentence cannot tell: cats are comfortable, and so are mats. Take two that can: *It
# was **hungry***, *It was **soft***.
#
# Each word gets three vectors. The **query** says what it looks for. The **key** says
# what it is. The **value** says what it passes on. A score is the **dot product** of a
# query and a key: multiply number by number, and add up. It is large if they fit. We
# write the numbers by hand.

# %% tags=["ledger:B34", "ledger:C37"]
IS = {"cat": [1.0, 0.0], "mat": [0.0, 1.0]}  # is an animal, is a thing
SEEKS = {"hungry": [6.0, 0.0], "soft": [0.0, 6.0]}


def look(sentence):
    words = sentence.split()
    query = torch.tensor([SEEKS.get(word, [0.0, 0.0]) for word in words])
    key = torch.tensor([IS.get(word, [0.0, 0.0]) for word in words])
    value, T, D = key, *key.shape
    scores = query @ key.T / math.sqrt(D)
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    weights = functional.softmax(scores.masked_fill(future, -math.inf))
    return words, weights, weights @ value


for end in ("hungry", "soft"):
    words, weights, mix = look(f"The cat sat on the mat . It was {end}")
    best = words[weights[-1].argmax()]
    print(f"{end} looks at {best} ({weights[-1].max():.2f}) and learns {mix[-1]}")
    assert best == {"hungry": "cat", "soft": "mat"}[end]

# %% [markdown]
# That is the whole formula. $Q$, $K$ and $V$ hold the queries, keys and values as rows,
# one for each of $n$ positions, and $d$ is the number of numbers in a key:
#
# $$\text{Attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# with the mask put on the scores before the softmax.
#
# > **For children (and for the rest of us).** In class everybody holds up a sign that
# > says what they know (key). You whisper what you need (query). You listen to all at
# > once, but loudest to those whose sign fits, and what you hear is what they say
# > (value). And you may only listen to those who sit in front of you.
#
# **Where does "It" look?** The lecture says, at all other positions. In a GPT, only at
# itself and at earlier ones. So at "It" the two sentences are still the same.

# %% tags=["ledger:C38", "ledger:C37"]
_, hungry, _ = look("The cat sat on the mat . It was hungry")
_, soft, _ = look("The cat sat on the mat . It was soft")
it = words.index("It")
torch.testing.assert_close(hungry[it], soft[it])
assert (hungry.triu(diagonal=1) == 0).all()
print(f"the row of It: {hungry[it]}")

# %% [markdown]
# The word that settles the matter comes later, so it is the *later* word that looks
# back.
#
# ### Third step: let it learn
#
# Nobody writes queries by hand. Three matrices make them out of the token's embedding,
# and training finds the matrices. That is one attention **head**. Its output is added to
# the embedding, and a last matrix, `out_head`, turns it into logits. `std` is how large
# the first random weights are.


# %%
class OneHead(nn.Module):
    def __init__(self, std=0.05, dim=64, mask=True):
        super().__init__()
        self.mask, self.weights = mask, None
        self.embedding = nn.Embedding(V, dim)
        self.query, self.key, self.value = (
            nn.Linear(dim, dim, bias=False) for _ in range(3)
        )
        self.out_head = nn.Linear(dim, V, bias=False)  # lesson 7: the output layer
        dice = torch.Generator().manual_seed(0)
        for p in self.parameters():  # std None: as large as torch makes them
            default = 1.0 if p is self.embedding.weight else (3 * dim) ** -0.5
            nn.init.normal_(p, std=std or default, generator=dice)

    def forward(self, tokens):
        x = self.embedding(tokens)
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.mT / math.sqrt(k.shape[-1])
        if self.mask:
            future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
            scores = scores.masked_fill(future, -math.inf)
        self.weights = functional.softmax(scores)
        return self.out_head(x + self.weights @ v)


# %% tags=["ledger:C39", "close"]
head = OneHead()  # scored at < as well: "Without the mask it cheats" needs that
curve = fit(head, distance=100, steps=150, positions=(0, -1))
text = write(200, 100, torch.Generator().manual_seed(2))[:, :-1]
answer = head(text)[:, -1]
print(f"the question mark gives the key {head.weights[:, -1, 1].mean():.2f}")
for distance in (1, 10, 100, 300):
    loss = answer_loss(head, distance)
    print(f"{distance:3d} letters in between: the head pays {loss:.2f} nats")
    assert loss < 0.1

text[:, 1:-1] = text[:, 1:-1].flip(1)  # reverse it: the key goes to the end
torch.testing.assert_close(head(text)[:, -1], answer, rtol=1e-3, atol=1e-3)

# %% [markdown]
# A hundred characters back, and nobody told it where. It learned that a capital letter
# is worth a look. Nor is 100 far: distance does not appear in the formula, so other
# distances work untrained.
#
# The last line says more: reverse the text, and the answer stays. This head knows
# *what* came before, not *in which order*. Lesson 12 gives it positions.
#
# ## Compare with torch
#
# Your lines, the library's `causal_attention` and torch's own fast function must give
# the same. Both expect the shape (batch, heads, time, dim).

# %% tags=["ledger:B34"]
text = write(4, 20, torch.Generator().manual_seed(3))[:, :-1]
embedded = head.embedding(text)
q, k, v = (f(embedded)[:, None] for f in (head.query, head.key, head.value))
mix, weights = attention.causal_attention(q, k, v)
fast = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

torch.testing.assert_close(head.out_head(embedded + mix[:, 0]), head(text))
torch.testing.assert_close(weights[:, 0], head.weights)
torch.testing.assert_close(mix, fast)
torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
print("by hand = course_lib = torch, and every row sums to 1")

# %% [markdown]
# ## See it
#
# Now the same head, but with first weights as large as torch makes them by default (for
# the embedding a `std` of 1). Same data, same steps.

# %% tags=["close:0.05"]
stuck = OneHead(std=None)
stuck_curve = fit(stuck, distance=100, steps=150, positions=(0, -1))


def smooth(values, n=10):
    return [sum(values[i : i + n]) / n for i in range(0, len(values), n)]


steps = list(range(10, 151, 10))
plots.plot_curves(
    {
        "window of 3": (steps, smooth(window_curve)),
        "one head, default start": (steps, smooth(stuck_curve)),
        "one head, small start": (steps, smooth(curve)),
    },
    "A head finds the key, if it starts small",
    xlabel="step (mean of ten)",
    ylabel="loss of the answer, nats",
    lines={"ln 4": math.log(4)},
)

# %% [markdown]
# The window is blind. The second head is not blind, and yet it has learned no more:
# "Why does this work?" finds out why.
#
# ## Play with it
#
# **A matrix you edit.** Click into a score, then type or press the arrow keys up and
# down.
#
# - **Raise one score.** What happens to the others of its row? And to other rows?
# - **Switch the mask off.** Which rows change, and which one cannot?
# - **Multiply all scores by 0, then by 5.** Where have you seen that before?

# %%
ScoreMatrix(
    [[1.0, 0.0, 0.0, 0.0], [2.0, 1.0, 0.0, 0.0], [0.0, 3.0, 0.5, 0.0], [0.0, 1, 1, 1]],
    ["The", "cat", "was", "soft"],
)

# %% [markdown]
# **The head you trained,** on a shorter text. Point at a character, or choose one with
# the arrow keys. Below the map you see what it answers, with the head switched on and
# off.
#
# - **Go to `?`.** Where does it look? What is left without the head?
# - **Go to any small letter.** Where does it look, and what is that good for? (Nothing:
#   the training scored only `<` and `?`. Nobody pays for these looks, nobody forbids
#   them. Remember that when you read such a map.)

# %% tags=["ledger:C40", "close"]
line = write(1, 20, torch.Generator().manual_seed(4))[:, :-1]
with torch.no_grad():
    on = functional.softmax(head(line))[0]
    off = functional.softmax(head.out_head(head.embedding(line)))[0]
explorer = AttentionExplorer(
    head.weights[None],
    [VOCABULARY[i] for i in line[0]],
    vocabulary=[f"key {letter}" for letter in "ABCD"],
    probs=on[:, 1:5],
    ablated=off[None, None, :, 1:5],
)
assert explorer.row[1] > 0.9
explorer

# %% [markdown]
# ## Why does this work?
#
# ### Why divide by $\sqrt{d}$?
#
# Take random numbers around 0 whose squares are 1 on average. A dot product of $d$ pairs
# of them is a sum of $d$ terms, and its square is $d$ on average. (That mean is the
# **variance**.) The longer the vectors, the larger the scores, and a softmax of large
# scores puts nearly everything on one position.

# %% tags=["ledger:B34", "ledger:D12", "close"]
dice = torch.Generator().manual_seed(5)
for d in (4, 64, 1024):
    q, k = torch.randn(2, 2000, 16, d, generator=dice)
    raw = (q[:, :1] * k).sum(-1)  # one query, 16 keys
    top = [functional.softmax(s).max(-1).values.mean() for s in (raw, raw / d**0.5)]
    assert abs(raw.var() / d - 1) < 0.1
    print(f"d = {d:4d}: variance {raw.var() / d:.2f} d,", end=" ")
    print(f"largest weight {top[0]:.2f}, after dividing {top[1]:.2f}")

# %% [markdown]
# ### Why did the default start fail?
#
# An attention weight near 0 passes almost no signal back: the softmax is flat there. See
# that first, then look at the scores of both heads.

# %% tags=["ledger:D12", "close", "counts:6"]
for gap in (0.0, 10.0):
    scores = torch.tensor([0.0, gap], requires_grad=True)
    weight = functional.softmax(scores)[0]
    weight.backward()
    print(f"weight {weight:.4f}: its slope is {scores.grad[0]:.4f}")

text = write(200, 100, torch.Generator().manual_seed(6))[:, :-1]
for name, model in (("small", head), ("default", stuck)):
    with torch.no_grad():
        model(text)
        x = model.embedding(text)
        scores = (model.query(x)[:, -1:] @ model.key(x).mT)[:, 0, 2:-1] / 64**0.5
    on_key = model.weights[:, -1, 1].mean()
    print(f"{name} start: scores of the letters vary by {scores.std():.0f},", end=" ")
    print(f"the key gets {on_key:.2f}, the largest weight is", end=" ")
    print(f"{model.weights[:, -1].amax(-1).mean():.1f}")
    assert (answer_loss(model, 100) > 1.2) == (model is stuck)

# %% [markdown]
# The second head made its scores large before they meant anything. It stares at a few
# small letters, the key gets nothing, and what gets nothing learns nothing. A good
# start is not a detail: the library's GPT starts small as well.
#
# ### Without the mask it cheats
#
# Nobody can know the key at the mark `<`: it comes later and it is random, so the
# first position costs the logarithm of 4 at best. Take the mask away and train again.

# %% tags=["ledger:C38", "close"]
leaky = OneHead(mask=False)
fit(leaky, distance=100, steps=100, positions=(0, -1))
for name, model in (("masked", head), ("no mask", leaky)):
    first, last = answer_loss(model, 100, position=0), answer_loss(model, 100)
    print(f"{name:8s} loss at < {first:.2f}, at ? {last:.2f}")
print(f"floor    loss at < {math.log(4):.2f}, at ? 0")
assert answer_loss(head, 100, position=0) > math.log(4) - 0.05
assert answer_loss(leaky, 100, position=0) < 0.5  # far below the entropy: a leak

# %% [markdown]
# **On new text, a loss below the entropy is not a success. It proves a leak.** The
# model reads the key from its own input, and writing new text it would be lost: then
# there is no future to read.
#
# With the mask all positions can be trained *at once*: none sees what it must predict. One
# pass gives the same as a pass for each beginning of the text. (Writing stays serial:
# each new character has to wait for the one before. Lesson 18 comes back to that.)
#
# A model without the mask has its use, too. **BERT** reads in both directions. It does
# not predict the next word but words that were hidden from it. Change the last
# character: which positions notice?

# %% tags=["ledger:C41", "ledger:C42"]
whole = head(line)
one_by_one = [head(line[:, : t + 1])[0, -1] for t in range(line.shape[1])]
torch.testing.assert_close(whole[0], torch.stack(one_by_one), rtol=1e-4, atol=1e-4)
print(f"{len(one_by_one)} passes over the prefixes = 1 pass over the text")

changed = line.clone()
changed[0, -1] = VOCABULARY.index("z")
for name, model in (("GPT, masked", head), ("no mask, like BERT", leaky)):
    differs = (model(line) - model(changed)).abs().amax(-1)[0] > 1e-6
    print(f"{name:18s} {int(differs.sum())} of {line.shape[1]} positions change")
    assert differs.sum() == 1 if model is head else differs.sum() > 1

# %% [markdown]
# ### Do the weights explain the answer?
#
# The map looks like an explanation. Be careful. Write the key twice, and move all the
# attention by hand, first to one copy, then to the other.

# %% tags=["ledger:C40", "close"]
twice = torch.tensor([[VOCABULARY.index(c) for c in "<CkqzCwmb?"]])
with torch.no_grad():
    x = head.embedding(twice)
    head(twice)
    print("weights of ?:", [f"{w:.2f}" for w in head.weights[0, -1]])
    for position in (1, 5):
        mix = head.value(x)[0, position]
        forced = functional.softmax(head.out_head(x[0, -1] + mix))
        print(f"all on position {position}: p(C) = {forced[3]:.2f}")
    assert (head.value(x)[0, 1] == head.value(x)[0, 5]).all()

# %% [markdown]
# Two very different maps, one answer: what counts is weight times value, and then all
# that comes after. The stuck head had clear favourites too, and no answer. **Attention
# weights show where a head looks, not why the model says what it says.** To learn
# that, switch the head off and see what changes.
#
# ## Check yourself
#
# ### Catch the slide
#
# Notes on transformers draw this attention matrix: keys to the right, queries
# *upwards*, so the first query is the lowest row. Darker means more. What is wrong?
#
# Add up the rows, then mend it. Taken as tickets, before they are shared out, the
# shades are fine: their logarithms are scores. Mask those and let the softmax divide.

# %% tags=["ledger:B35"]
drawn = torch.tensor([[0.2, 0.5, 0.9], [0.8, 0.1, 0.4], [0.2, 0.7, 0.3]])
slide = drawn.flip(0)  # queries downwards, as usual
print("row sums:", slide.sum(1))
print("given to later words:", slide.triu(1).sum(1))
assert (slide.sum(1) > 1.1).all()

mended = ScoreMatrix(slide.log(), ["1", "2", "3"])
assert torch.allclose(mended.weights.sum(1), torch.ones(3).double())
assert (mended.weights.triu(1) == 0).all()
mended

# %% [markdown]
# No row of the slide sums to 1, so no softmax made it. And for a GPT everything above
# the diagonal must be 0. The mended matrix keeps both rules. (You can edit it.)
#
# ### Questions
#
# **1.** All scores of a row are equal. What does the head do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It averages everything it may see, the first step of this lesson.
#
# </details>
#
# **2.** What are the weights of the first row, whatever the scores?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 1 for itself, 0 for all others. There is nothing else to see.
#
# </details>
#
# **3.** A friend masks by setting the future *weights* to 0, after the softmax. What
# goes wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The rows no longer sum to 1. And the sum under the fraction still contains the future
# scores, so the future leaks through it.
#
# </details>
#
# **4.** Your held-out loss falls far below the entropy of the data. Do you celebrate?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. That is impossible without a leak, so look for it: the mask, the shift of the
# targets, or test text that is in the training text.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A position takes a weighted average of the values before it. The weights come
#   from how well its query fits their keys, so the content decides where it looks.
# - **Formula.** $\text{softmax}(Q K^\top / \sqrt{d})\,V$, with the future masked.
# - **Pitfall.** No mask, and it cheats. Too large a start, and it stares at nothing.
#   And a pretty map is not an explanation.
# - **Moved into the library:** `course_lib.attention.causal_attention`.
#
# **Homework:** [Homework 11](homework/hw11.ipynb), about 50 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** one head asks one question. What can many of them do?
# [12. Attention heads](12_heads.ipynb)
