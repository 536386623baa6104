# %% [markdown]
# # Homework 7: the name generator
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 7](../07_name_generator.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Save before you hand it in; `python3 start.py check hw07` says what the
# file is worth.

# %%
# NEEDS data/names.txt
import math
from collections import Counter
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
torch.optim.Adam([torch.zeros(1)])  # the first optimizer loads for a second or two
SEED = 1  # another number when the homework is marked
ALPHABET = ".abcdefghijklmnopqrstuvwxyz"
NAMES = Path("../../data/names.txt").read_text().split()


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def drawn(how_many, number):
    """So many names of the list, by luck."""
    order = torch.randperm(len(NAMES), generator=dice(number)).tolist()
    return [NAMES[i] for i in order[:how_many]]


# %% [markdown]
# ## Task 1: cut names into questions
#
# Each name becomes several questions: given some letters, which one comes next? The
# letters seen are the **context**, the letter to predict is the **target**. The full
# stop, number 0, fills the context at the start of a name, and it is the end mark.
# `ALPHABET.index("c")` is 3.
#
# Write `windows(words, context_size)`. It gives two tensors of whole numbers: the
# contexts `X` of shape `(N, context_size)` and the targets `Y` of shape `(N,)`. The
# questions stand in the order in which they arise. No name looks into another one.
# With `windows(["bo", "a"], 3)` the five rows of `X` are
#
# `[0, 0, 0]`, `[0, 0, 2]`, `[0, 2, 15]`, `[0, 0, 0]`, `[0, 0, 1]`
#
# and `Y` is `[2, 15, 0, 1, 0]`. The size of the context is 1 or more.


# %%
# TASK windows
def windows(words, context_size):
    """All questions: X (N, context_size) and Y (N,), whole numbers."""
    ### BEGIN SOLUTION
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word + ".":
            token = ALPHABET.index(letter)
            X.append(context)
            Y.append(token)
            context = context[1:] + [token]  # slide the window
    return torch.tensor(X), torch.tensor(Y)
    ### END SOLUTION


# %%
# CHECK windows 1 point: two names, three letters of context
contexts, targets = windows(drawn(2, 1), 3)
[[*map(int, seen), int(came)] for seen, came in zip(contexts, targets, strict=True)]

# %%
# CHECK windows 1 point: two hundred names, five letters of context
contexts, targets = windows(drawn(200, 2), 5)
rows = [[*map(int, seen), came] for seen, came in zip(contexts, targets, strict=True)]
[len(rows), *(int(sum(column)) for column in zip(*rows, strict=True))]

# %%
# CHECK windows 1 point: a name of two letters, one letter of context
contexts, targets = windows([ALPHABET[1 + SEED % 26] + "o", drawn(1, 3)[0]], 1)
[[[*map(int, seen)] for seen in contexts], [*map(int, targets)]]

# %% [markdown]
# ## The network
#
# The next cell holds what the other tasks need: the network of the lesson, and
# `questions`, which cuts names for three letters of context in a way of its own. (So
# you can go on if task 1 still resists.)


# %%
class NameMLP(nn.Module):
    def __init__(self, hidden_dim, context_size=3, emb_dim=10, vocab_size=27):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim)
        self.hidden = nn.Linear(context_size * emb_dim, hidden_dim)
        self.head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens):
        x = self.embedding(tokens).flatten(1)
        return self.head(torch.tanh(self.hidden(x)))


def fresh_model(number, hidden_dim=24):
    """A network whose first weights depend on the dice only."""
    model = NameMLP(hidden_dim)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=dice(number)) * 0.5)
    return model


def questions(words):
    text = "".join(f"...{word}." for word in words)
    runs = torch.tensor([ALPHABET.index(c) for c in text]).unfold(0, 4, 1)
    runs = runs[(runs[:, 2] > 0) | (runs[:, 3] > 0)]  # no run between two names
    return runs[:, :3], runs[:, 3]


# %% [markdown]
# ## Task 2: count the parameters
#
# The network of the lesson has 27 letters, three of them as context, 10 numbers in each
# embedding and $H$ hidden units. It has $297 + 58H$ parameters: with 47 hidden units
# 3,023. And other networks of this kind?
#
# - `n_parameters(vocab_size, context_size, emb_dim, hidden_dim)`: how many parameters
#   has a `NameMLP` of these sizes? A whole number.
# - `widest(budget)`: the largest hidden layer with which the network of the lesson (27
#   letters, context 3, embedding 10) has no more than `budget` parameters. A whole
#   number. `widest(3023)` is 47, and so is `widest(3080)`.


# %%
# TASK parameters
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    """How many numbers training adjusts."""
    ### BEGIN SOLUTION
    embedding = vocab_size * emb_dim
    hidden = context_size * emb_dim * hidden_dim + hidden_dim
    head = hidden_dim * vocab_size + vocab_size
    return embedding + hidden + head
    ### END SOLUTION


def widest(budget):
    """The largest hidden_dim that the budget pays for."""
    ### BEGIN SOLUTION
    return (budget - 297) // 58
    ### END SOLUTION


# %%
# CHECK parameters 1 point: four networks
sizes = torch.randint(5, 60, (4, 4), generator=dice(4)).tolist()
[n_parameters(V, T, C, H) for V, T, C, H in sizes]

# %%
# CHECK parameters 1 point: four budgets
units = torch.randint(10, 200, (4,), generator=dice(5)).tolist()
[widest(297 + 58 * H + left) for H, left in zip(units, (0, 1, 40, 57), strict=True)]

# %% [markdown]
# ## Task 3: a sick animal
#
# The loop below should train a model on all questions at once, and note the loss at
# each step, before the weights move. It runs without an error. But it is sick twice:
#
# - The loss never changes, not in the last digit, however long it runs.
# - Once you have cured that, the loss falls, but on no list of names does it ever get
#   below 2.357, not even where every next letter is certain. ($\ln(e + 26) - 1$ is about
#   2.3575. Which 27 logits would have that loss?)
#
# Mend both. The optimizer is right, and so is the list of losses.


# %%
# TASK train
def train(model, X, Y, n_steps):
    """Train the model; give a list of n_steps losses, each before its step."""
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses
    ### END SOLUTION
    # ~ optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    # ~ losses = []
    # ~ for _ in range(n_steps):
    # ~     probs = F.softmax(model(X), dim=-1)
    # ~     loss = F.cross_entropy(probs, Y)
    # ~     losses.append(loss.item())
    # ~     loss.backward()
    # ~     optimizer.zero_grad()
    # ~     optimizer.step()
    # ~ return losses


# %%
# CHECK train 2 points: every tenth of 60 losses
losses = train(fresh_model(6), *questions(drawn(150, 6)), 60)
[len(losses), *[round(float(loss), 2) for loss in losses[5::10]]]

# %%
# CHECK train 1 point: the trained model on two names it has never seen
words = drawn(152, 7)
model = fresh_model(7)
train(model, *questions(words[:150]), 40)
X_val, Y_val = questions(words[150:])
losses = F.cross_entropy(model(X_val), Y_val, reduction="none")
[round(loss, 2) for loss in losses.tolist()]

# %% [markdown]
# ## Task 4: the same gradient from fewer rows
#
# Many questions occur over and over. Ask each *different* one once, and let its loss
# count as often as the question occurs: the gradient is the same. Write both halves.
#
# - `distinct(X, Y)` gives `X_once` `(M, 3)`, `Y_once` `(M,)` and `counts` `(M,)`, all
#   tensors: each different **pair** of context and target once, in any order you like,
#   and how often it occurs. (`torch.unique` can work on whole rows.)
# - `weighted_loss(logits, targets, counts)` is the mean loss, in nats, of the questions
#   that stand behind the rows: `logits` is `(M, V)`, the others are `(M,)`. It gives a
#   tensor with one number, through which a gradient flows.


# %%
# TASK once
def distinct(X, Y):
    """Each different pair once: contexts (M, 3), targets (M,), counts (M,)."""
    ### BEGIN SOLUTION
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts
    ### END SOLUTION


def weighted_loss(logits, targets, counts):
    """The mean loss of all questions behind the rows, in nats."""
    ### BEGIN SOLUTION
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum() / counts.sum()
    ### END SOLUTION


# %%
# CHECK once 1 point: how many different questions, how often, which
X, Y = questions(drawn(300, 8))
X_once, Y_once, counts = map(torch.as_tensor, distinct(X, Y))
seen = [len(counts), sum(counts).item(), sorted(counts.tolist())[-5:]]
[*seen, (counts * Y_once).sum().item(), X_once.sum(0).tolist(), Y_once.sum().item()]

# %%
# CHECK once 1 point: a loss and its gradient
logits = torch.randn(3, 4, generator=dice(9)).requires_grad_()
times = torch.randint(1, 9, (3,), generator=dice(10))
loss = weighted_loss(logits, torch.randint(0, 4, (3,), generator=dice(11)), times)
loss.backward()
torch.cat([loss.detach().view(1), logits.grad.flatten()])

# %%
# CHECK once 2 points: the gradient of the network, layer by layer
X, Y = questions(drawn(300, 12))
model = fresh_model(12)
X_once, Y_once, counts = map(torch.as_tensor, distinct(X, Y))
weighted_loss(model(X_once), Y_once, counts).backward()
[len(X_once), *[round(p.grad.norm().item(), 4) for p in model.parameters()]]

# %% [markdown]
# ## Task 5: the loss that cannot be
#
# The lecture's slide says: loss 3.29 at step 0, 2.45 at 100, 1.82 at 500, 1.54 at 1000.
# On the names of lesson 7 the last line cannot be, for two reasons. Write the function
# that finds such lines on any slide.
#
# - `floor(X, Y)`: the lowest loss that any model can reach **on these very questions**
#   if it sees no more than the context, in nats per question, as a float. The best
#   answer to a context is to say, of each letter, in which share of the cases it came
#   after this context. For `X = [[0], [0], [0], [1]]` and `Y = [1, 1, 2, 0]` that is
#   $-\frac{1}{4}(2 \ln \frac{2}{3} + \ln \frac{1}{3} + \ln 1)$, or about 0.4774.
# - `impossible(slide, n_steps, X, Y)`: `slide` is a dict, step -> training loss on `X`
#   and `Y`, in any order. The loop is `for step in range(n_steps)`, and it prints when
#   `step % 100 == 0`. Give the sorted list of the steps whose line cannot be there:
#   this loop does not print it, or its loss lies below the floor.


# %%
# TASK slide
def floor(X, Y):
    """The entropy of the target given the context, a float in nats."""
    ### BEGIN SOLUTION
    contexts = [tuple(row) for row in X.tolist()]
    pairs = Counter(zip(contexts, Y.tolist(), strict=True))
    alone = Counter(contexts)
    nats = sum(-n * math.log(n / alone[context]) for (context, _), n in pairs.items())
    return nats / len(contexts)
    ### END SOLUTION


def impossible(slide, n_steps, X, Y):
    """The steps whose line cannot be on the slide, sorted."""
    ### BEGIN SOLUTION
    lowest = floor(X, Y)
    printed = range(0, n_steps, 100)
    lies = [
        step for step, loss in slide.items() if loss < lowest or step not in printed
    ]
    return sorted(lies)
    ### END SOLUTION


# %%
# CHECK slide 2 points: floors of three lists, with three, two and one letter of context
[
    round(float(floor(X[:, 3 - k :], Y)), 4)
    for k in (3, 2, 1)
    for X, Y in [questions(drawn(150, 12 + k))]
]

# %%
# CHECK slide 2 points: three slides
caught = []
for number, n_steps in ((16, 1000), (17, 850), (18, 1000)):
    steps = [*torch.randperm(10, generator=dice(number)).tolist()[:6], 10]
    steps = [100 * s + (s % 5 == 3) * 50 for s in steps]  # 350 and 850: no hundreds
    told = (0.2 + 2 * torch.rand(7, generator=dice(number + 9))).tolist()
    told = [told[0] / 4, *told[1:-1], told[-1] + 1]
    slide = dict(zip(steps, told, strict=True))
    caught.append(impossible(slide, n_steps, *questions(drawn(150, number))))
caught

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN longer -->
# You want to show the network eight letters of context in place of three. What happens
# to the number of parameters, to the number of different questions, to the floor, and
# to the loss on held-out names? Which of the four do you know without trying it, and
# why?
#
# ...
