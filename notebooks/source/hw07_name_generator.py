# %% [markdown]
# # Homework 7: the name generator
#
# Five tasks with checks, one question in words. It belongs to
# [lesson 7](../07_name_generator.ipynb). Tasks 1 to 4 are the *core*: you build the network
# and train it. Task 5 is *more*. About 110 minutes in all; the core alone about 85. All
# cells together run in a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Save before you hand it in; `python3 start.py check hw07` says what the
# file is worth.

# %%
# NEEDS data/names.txt
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
# ## Task 1 (*core*, 15 minutes): cut names into questions
#
# Each name becomes several questions: given some letters, which one comes next? The
# letters seen are the **context**, the letter to predict is the **target**. The full
# stop, number 0, fills the context at the start of a name, and it is the end mark.
# `ALPHABET.index("c")` is 3.
#
# Write `windows(words, context_size)`. It gives two tensors of whole numbers: the
# contexts `X` of shape `(N, context_size)` and the targets `Y` of shape `(N,)`. The
# questions stand in the order in which they arise. Each name begins anew with full stops.
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
# ## Task 2 (*core*, 15 minutes): five tensors
#
# Write `forward(X, weights)`, the network of the lesson, without `nn.Module`. `X` holds
# contexts, `(B, T)` whole numbers. `weights` is a list of five tensors,
# `[C, W1, b1, W2, b2]`, of any sizes that fit:
#
# | tensor | shape | what for |
# |---|---|---|
# | `C` | `(V, E)` | the embedding of each letter |
# | `W1`, `b1` | `(T * E, H)`, `(H,)` | from the embeddings side by side to the hidden state (tanh) |
# | `W2`, `b2` | `(H, V)`, `(V,)` | from the hidden state to the logits |
#
# Give the logits, `(B, V)`. The oldest letter stands first. With
# `C = [[0.], [1.]]`, `W1 = [[0.5], [1.]]`, `b1 = [0.]`, `W2 = [[2., -2.]]`, `b2 = [0., 1.]`
# the context `[0, 1]` has the logits `[1.5232, -0.5232]`, and the context `[1, 0]` has
# `[0.9242, 0.0758]`.


# %%
# TASK forward
def forward(X, weights):
    """Logits (B, V) of the contexts X (B, T)."""
    ### BEGIN SOLUTION
    C, W1, b1, W2, b2 = weights
    x = C[X].flatten(1)  # (B, T) -> (B, T, E) -> (B, T * E)
    h = torch.tanh(x @ W1 + b1)  # (B, H)
    return h @ W2 + b2  # (B, V)
    ### END SOLUTION


# %%
def drawn_weights(number, V=27, T=3, E=10, H=24):
    """Five tensors of these sizes, by luck."""
    generator = dice(number)
    shapes = [(V, E), (T * E, H), (H,), (H, V), (V,)]
    scales = [1.0, (T * E) ** -0.5, 0.3, H**-0.5, 0.3]
    return [
        torch.randn(shape, generator=generator) * scale
        for shape, scale in zip(shapes, scales, strict=True)
    ]


def as_table(value):
    """A tensor, also of a list whose rows are tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(row) for row in value])
    return torch.as_tensor(value)


# %%
# CHECK forward 1 point: four contexts, the sizes of the lesson
contexts = torch.randint(27, (4, 3), generator=dice(4))
logits = as_table(forward(contexts, drawn_weights(4)))
[list(logits.shape), [[round(float(z), 3) for z in row[:5]] for row in logits]]

# %%
# CHECK forward 2 points: other sizes
contexts = torch.randint(6, (3, 4), generator=dice(5))
logits = as_table(forward(contexts, drawn_weights(5, V=6, T=4, E=2, H=3)))
[list(logits.shape), [[round(float(z), 3) for z in row] for row in logits]]

# %% [markdown]
# ## Task 3 (*core*, 20 minutes): train it
#
# Write the training loop of plain gradient descent, with all questions in each step. The
# loss is the mean cross-entropy of the logits and the targets.
#
# `learn(weights, X, Y, rate, n_steps)` gets five tensors as in task 2 (no gradient has been
# asked of them yet), the questions, the learning rate and the number of steps. It gives
# **two things**: the list of `n_steps` losses, each measured *before* its step, and the list
# of the five trained tensors.
#
# The next cell has what you need from tasks 1 and 2, written in another way. (So you can go
# on if they still resist.) `scores` gives the logits, `questions` cuts names for three
# letters of context.


# %%
def scores(X, weights):
    C, W1, b1, W2, b2 = weights
    hidden = torch.tanh(F.linear(F.embedding(X, C).flatten(1), W1.T, b1))
    return F.linear(hidden, W2.T, b2)


def questions(words):
    text = "".join(f"...{word}." for word in words)
    runs = torch.tensor([ALPHABET.index(c) for c in text]).unfold(0, 4, 1)
    runs = runs[(runs[:, 2] > 0) | (runs[:, 3] > 0)]  # no run between two names
    return runs[:, :3], runs[:, 3]


# %%
# TASK learn
def learn(weights, X, Y, rate, n_steps):
    """Gradient descent: the losses before each step, and the trained tensors."""
    ### BEGIN SOLUTION
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
    return losses, weights
    ### END SOLUTION


# %%
# CHECK learn 1 point: the first four losses
rate = 0.2 + 0.6 * torch.rand(1, generator=dice(6)).item()
losses, trained = learn(drawn_weights(6), *questions(drawn(100, 6)), rate, 4)
[len(losses), *[round(float(loss), 3) for loss in losses]]

# %%
# CHECK learn 1 point: how far each of the five tensors has moved
rate = 0.2 + 0.6 * torch.rand(1, generator=dice(7)).item()
losses, trained = learn(drawn_weights(7), *questions(drawn(100, 7)), rate, 5)
pairs = zip(trained, drawn_weights(7), strict=True)
[round(float((as_table(w).detach() - v).norm()), 3) for w, v in pairs]

# %%
# CHECK learn 2 points: forty steps, and two names that it has never seen
words = drawn(102, 8)
losses, trained = learn(drawn_weights(8), *questions(words[:100]), 0.5, 40)
trained = [as_table(w).detach() for w in trained]
X_val, Y_val = questions(words[100:])
after = F.cross_entropy(scores(X_val, trained), Y_val, reduction="none")
[
    *[round(float(loss), 2) for loss in losses[9::10]],
    *[round(x, 2) for x in after.tolist()],
]

# %% [markdown]
# ## The network as a class
#
# The next cell holds what the other tasks need: the network of the lesson as a class, with
# first weights that depend on `SEED` only.


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


# %% [markdown]
# ## Task 4 (*core*, 25 minutes): a broken loop
#
# The loop below should train a model with Adam on all questions at once, and note the loss at
# each step, before the weights move. It runs without an error. But it has two mistakes:
#
# - The loss never changes, not in the last digit, however long it runs.
# - Once you have fixed that, the loss falls, but on no list of names does it ever get
#   below 2.357, not even where every next letter is certain. ($\ln(e + 26) - 1$ is about
#   2.3575. Which 27 logits would have that loss?)
#
# Fix both. The optimizer is right, and so is the list of losses.


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
# ## Task 5 (*more*, 25 minutes): the same gradient from fewer rows
#
# Many questions occur over and over. Ask each *different* one once, and let its loss
# count as often as the question occurs: the gradient is the same. Write both halves.
#
# - `distinct(X, Y)` gives `X_once` `(M, 3)`, `Y_once` `(M,)` and `counts` `(M,)`, all
#   tensors: each different **pair** of context and target once, in any order you like,
#   and how often it occurs. (`torch.cat([X, Y[:, None]], dim=1)` puts the target beside its
#   context, `(N, 4)`. And `torch.unique(table, dim=0, return_counts=True)` gives two
#   tensors: the different rows of a table, and how often each occurs.)
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
