# %% [markdown]
# # 5. The name generator
#
# **How does a network learn names?**
#
# In lesson 4 a table counted what follows what. A longer memory made the table huge
# and most of its rows empty. Now a small neural network takes the place of the table.
#
# - **You will** build a network with two layers, train it with the loop that trains
#   every language model, watch it learn and then over-learn, and make the same
#   training many times cheaper without changing its result.
# - **You need** lessons 2 to 4: cross-entropy, gradients, held-out names.
# - **Time** 40 minutes, of which the machine needs about one.
# - **Back** [4. Counting](04_counting.ipynb) ·
#   **Next** [6. Temperature](06_temperature.ipynb)

# %%
import math

import torch
from torch import nn
from torch.nn import functional as F

from course_lib import batches, mlp, names, ngram, plots
from course_lib.predict import reveal
from course_lib.train import TrainConfig, keep_best, train
from course_lib.widgets import EmbeddingMap, TrainingCurve

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# The model sees three letters and scores the next one. As a table it needs one row
# for every group of three letters, and 27 numbers in each row.

# %%
print("numbers in the table:", 27 * 27 * 27 * 27)

# %% [markdown]
# The network of this lesson does the same job. **How many numbers does it need?** You
# cannot know. Guess the order of magnitude.

# %%
my_guess = None

# %%
print(reveal(my_guess, mlp.NameMLPConfig(hidden_dim=47).n_parameters, digits=0))

# %% [markdown]
# ## Build it by hand
#
# **The data.** Each name becomes several small questions: given three letters, which
# one comes next? The dot pads the start and marks the end. Three letters are the
# **context**, the letter to predict is the **target**. Names are split *before* they
# are cut up, so no piece of a held-out name is ever trained on.

# %%
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)
X_val, Y_val = names.windows(splits.val, context_size=3)
for context, target in zip(X[:5].tolist(), Y[:5].tolist(), strict=True):
    print(names.decode(context), "->", names.decode([target]))
print(len(splits.train), "names,", len(Y), "questions, contexts of shape", X.shape)

# %% [markdown]
# **Layer 0: the embedding.** A letter is only a number from 0 to 26, and that number
# means nothing: `b` is not twice `a`. So each letter gets a list of 10 numbers of its
# own, its **embedding**. At first they are random. Training will move them.
#
# Looking up row 18 is the same as multiplying a one-hot vector with the whole table.
# The lookup is only faster.

# %%
generator = torch.Generator().manual_seed(0)
table = torch.randn(27, 10, generator=generator)
one_hot = F.one_hot(torch.tensor(18), 27).float()
torch.testing.assert_close(one_hot @ table, table[18])
table[18]

# %% [markdown]
# **Layers 1 and 2.** Put the three embeddings side by side: 30 numbers. A **hidden
# layer** mixes them into 47 numbers; each is a weighted sum, bent by `tanh` so that
# two layers can do more than one. An **output layer** mixes the 47 numbers into 27
# logits. That is all. Bengio and others published this model in 2003.


# %%
class NameMLP(nn.Module):
    def __init__(self, hidden_dim=47, context_size=3, emb_dim=10, vocab_size=27):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim)
        self.hidden = nn.Linear(context_size * emb_dim, hidden_dim)
        self.head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens):
        x = self.embedding(tokens)  # (B, 3, 10)
        x = torch.tanh(self.hidden(x.flatten(1)))  # (B, 47)
        return self.head(x)  # (B, 27)


# %% [markdown]
# > **For children (and for the rest of us).** Each letter gets a card with ten
# > numbers on it. A panel of 47 judges looks at three cards at once; each judge has
# > taste of their own and holds up a mark. A jury of 27, one for each letter, listens
# > to all judges and gives a score. Nobody knows the rules of names. After each name
# > everyone, the cards too, shifts a little towards what would have been right.
#
# How many numbers is that? Count them layer by layer, and check the formula
# $297 + 58H$ for several hidden sizes $H$.

# %% tags=["ledger:C26"]
for hidden_dim in (46, 47, 48, 64, 100):
    count = sum(p.numel() for p in NameMLP(hidden_dim).parameters())
    assert count == 297 + 58 * hidden_dim
    print(f"H = {hidden_dim:3d}: {count:,} parameters")

# %% [markdown]
# The lecture that inspired this lesson says "about 3,000"; 47 hidden units come close.
# Such numbers that training adjusts are called **parameters** or weights. Before training the network should know nothing. Knowing nothing about 27 letters
# costs the logarithm of 27. Is that its loss?

# %% tags=["ledger:C12"]
model = NameMLP()
with torch.no_grad():  # the library's first weights, drawn by a seeded generator
    seeded = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=47), generator)
    model.load_state_dict(seeded.state_dict())
    first_loss = F.cross_entropy(model(X), Y).item()
assert abs(first_loss - math.log(27)) < 0.1
print(f"loss of the untrained network {first_loss:.2f}, ln 27 = {math.log(27):.4f}")

# %% [markdown]
# Almost. Random weights make random preferences, and those cost a little more than
# no preference at all.
#
# ### The training loop
#
# Here is the loop as the lecture has it: all questions at once, 1,000 times. Four
# lines do the work, and they are the same four for every model of this course:
# *predict, measure, find the gradient, take a step.* First we put up the goalposts.

# %%
floor = ngram.context_entropy(splits.train, 3)
bigram = ngram.NGram.fit(splits.train, 1, strength=1.0)
bigram_val = batches.evaluate_loss(bigram, *names.windows(splits.val, 1))
goalposts = {
    "ln 27": math.log(27),
    "bigram, held out": bigram_val,
    "floor in training": floor,
}
curve = TrainingCurve(1000, lines=goalposts)
curve

# %% [markdown]
# The **floor** is the entropy of the next letter given three letters, counted in the
# training names as in lesson 4. No model that sees three letters can get below it on
# these names. Now run the loop, and watch the picture above.

# %% tags=["ledger:C9", "ledger:A9", "ledger:A10"]
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
train_log, val_log, snapshots = {}, {}, {}
for epoch in range(1000):
    loss = F.cross_entropy(model(X), Y)  # predict, measure
    if epoch % 20 == 0:
        train_log[epoch] = loss.item()
        val_log[epoch] = batches.evaluate_loss(model, X_val, Y_val)
        snapshots[epoch] = model.embedding.weight.detach().clone()
        curve.add(epoch, train=train_log[epoch], val=val_log[epoch])
    optimizer.zero_grad()
    loss.backward()  # find the gradient
    optimizer.step()  # take a step
    if epoch % 100 == 0:
        print(f"Epoch {epoch}: Loss = {loss.item():.2f}")
curve.finish()

# %% [markdown]
# The loop calls a step an "epoch", because each step sees all the data once. From
# here on we say **step**.
#
# **All** weights took part. None was set by hand, and hardly one is where it began:

# %% tags=["ledger:C11"]
before = torch.cat([p.detach().flatten() for p in seeded.parameters()])
after = torch.cat([p.detach().flatten() for p in model.parameters()])
moved = (before - after).abs() > 0.01
print(f"{moved.float().mean():.0%} of {len(after):,} weights moved by more than 0.01")
assert moved.float().mean() > 0.9

# %% [markdown]
# ## Compare with torch
#
# The library has the same network and the same loop. Same weights, same logits; same
# start, same first twenty losses. From now on we import them.

# %% tags=["ledger:A10"]
library = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=47))
library.load_state_dict(model.state_dict())
torch.testing.assert_close(library(X[:100]), model(X[:100]))

library.load_state_dict(seeded.state_dict())
config = TrainConfig(steps=20, schedule="constant")
records = list(train(library, batches.full_batch(X, Y), config))
assert abs(records[0].loss_nats - train_log[0]) < 1e-4
assert abs(records[20].loss_nats - train_log[20]) < 1e-3
print(
    f"after 20 steps: by hand {train_log[20]:.2f}, library {records[20].loss_nats:.2f}"
)

# %% [markdown]
# ## See it

# %%
plots.plot_curves(
    {
        "training names": (list(train_log), list(train_log.values())),
        "held-out names": (list(val_log), list(val_log.values())),
    },
    "Training loss keeps falling, held-out loss turns round",
    xlabel="step",
    ylabel="nats per letter",
    lines=goalposts,
)

# %% tags=["ledger:C13"]
best_step = min(val_log, key=val_log.get)
turned = val_log[980] - val_log[best_step]
assert turned > 0
print(f"best held-out loss {val_log[best_step]:.2f}, at the end {val_log[980]:.2f}")
print(f"training loss at the end {train_log[980]:.2f}, its floor {floor:.2f}")

# %% [markdown]
# Two curves, two stories. On the names it learns from, the network gets better and
# better. On names it has never seen it is best early, and then gets worse: it begins
# to learn the training names by heart. This is **over-fitting**, and a picture with
# only the first curve hides it.
#
# ## Play with it
#
# The ten numbers of each letter, squeezed onto a plane. Drag the slider through the
# training. (Click it, then use the arrow keys; or press Play.)
#
# - **Slide to step 0.** Is there any order?
# - **Slide to the end.** Who sits with the vowels? Where is the dot?

# %%
steps = list(snapshots)[::2]
stack = torch.stack([snapshots[step] for step in steps])  # (S, 27, 10)
centred = stack - stack.mean(1, keepdim=True)
_, _, axes = torch.linalg.svd(centred[-1], full_matrices=False)  # main directions
axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # one sign on every machine
groups = ["end" if c == "." else "vowel" if c in "aeiou" else "consonant"
          for c in names.ALPHABET]  # fmt: skip
EmbeddingMap(centred @ axes.T, steps, list(names.ALPHABET), groups)

# %% [markdown]
# Nobody told the network what a vowel is. Lesson 7 measures how much of what you see
# is really there.
#
# ## Why does this work?
#
# **Why can so few numbers replace so large a table?** The table learns about each
# group of three letters alone. The network shares: what it learns about `a` in one
# place helps wherever an `a` stands. Take a context that never occurs in training.

# %%
seen = {tuple(row) for row in X.tolist()}
unseen = torch.tensor([row for row in X_val.tolist() if tuple(row) not in seen])
no_idea = math.log(27)
with torch.no_grad():
    spread = F.softmax(model(unseen), -1)
effective = (-(spread * spread.log()).sum(1)).exp().mean()
print(f"{len(unseen)} held-out contexts never occur in training: the table is silent.")
print(f"The network narrows 27 letters down to about {effective:.0f}.")
assert effective < 20

# %% [markdown]
# **Does it learn that `aa` is followed by `r`?** So says the lecture. Ask the data
# first, then the model.

# %% tags=["ledger:C10", "ledger:C6"]
rows = (X[:, 0] == 0) & (X[:, 1] == 1) & (X[:, 2] == 1)  # ".aa"
in_data = torch.bincount(Y[rows], minlength=27) / rows.sum()
with torch.no_grad():
    in_model = F.softmax(model(torch.tensor([names.encode(".aa")])), -1)[0]
for i in in_data.topk(4).indices.tolist():
    print(
        f".aa -> {names.ALPHABET[i]}: names {in_data[i]:.2f}, model {in_model[i]:.2f}"
    )

# %% [markdown]
# A model is a mirror of its list. Which letter wins depends on the names you give it,
# so a sentence like "the model learns that `r` follows `aa`" is about the data.
#
# ### A better recipe
#
# The loop looked at *every* question before each small step. A random handful, a
# **mini-batch**, points in nearly the same direction and costs far less. We also let
# the step size fall to zero, and we keep the weights that did best on held-out names.

# %%
recipe = TrainConfig(steps=2000, learning_rate=0.01, schedule="linear")
better = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    better,
    batches.mini_batches(X, Y, batch_size=256),
    recipe,
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
val_losses = [r.val_loss_nats for r in keep_best(records, better) if r.val_loss_nats]
recipe_val = min(val_losses)
print(f"held out: recipe {recipe_val:.2f}, the loop's best {val_log[best_step]:.2f}")
to_best = best_step * len(Y)  # what the loop had answered when it was best
print(f"questions answered: loop {to_best:,}, recipe {recipe.steps * 256:,}")
assert recipe_val <= min(val_log.values()) + 0.02

# %% [markdown]
# The same quality from a fraction of the questions.
#
# ### The exact-gradient trick
#
# And if you do want every question at each step? Look at the data again. Many
# questions occur over and over. Ask each *different* one once, and multiply its loss
# by how often it occurs.

# %%
X_once, Y_once, counts = names.distinct_windows(splits.train, context_size=3)
assert counts.sum() == len(Y)
print(f"{len(Y):,} questions, {len(Y_once):,} different ones")
print(f"most frequent: {int(counts.max())} times")


# %%
def gradient(batch):
    model.zero_grad()
    batches.batch_loss(model, batch).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


plain = gradient(batches.Batch(X, Y))
trick = gradient(batches.Batch(X_once, Y_once, counts))
torch.testing.assert_close(plain, trick, rtol=1e-3, atol=1e-5)
print(f"same gradient from {len(Y_once) / len(Y):.0%} of the rows")

# %% [markdown]
# This is not an approximation. A mean over many equal terms *is* one term times its
# count. The same idea hides in counting: a table of counts is all that training ever
# needs to know about short contexts.
#
# ## Check yourself
#
# ### Catch the slide
#
# The lecture prints the progress of the loop: 3.29 at step 0, 2.45 at 100, 1.82 at
# 500, 1.54 at 1000. Two things are wrong. First: which line can this loop never
# print? Second: compare with our floor.

# %% tags=["ledger:C13", "ledger:C12"]
printed = [epoch for epoch in range(1000) if epoch % 100 == 0]
assert 1000 not in printed
print("the loop prints at", printed)
for step, told in {0: 3.29, 100: 2.45, 500: 1.82, 1000: 1.54}.items():
    ours = train_log.get(step)
    mine = f"ours {ours:.2f}" if ours is not None else "never printed"
    print(f"step {step:4d}: slide {told:.2f}, perplexity {math.exp(told):4.1f}; {mine}")

# %% [markdown]
# `range(1000)` ends at 999, so the last line printed is that of step 900. And the
# slide's last number?

# %% tags=["ledger:C13"]
assert 1.54 < floor < train_log[980]
print(
    f"slide 1.54, our floor for three letters {floor:.2f}, our loop {train_log[980]:.2f}"
)

# %% [markdown]
# On our names no model that sees three letters can get that low, whatever its size. The
# slide was made with another list, and a list with common names repeated many times has
# a lower floor: it is easier to guess. Before you believe a loss, ask
# for the floor of its data; and before you enjoy a training loss, ask for the
# held-out one.
#
# ### Questions
#
# **1.** Why does the loss begin near the logarithm of 27 and not at some huge number?
#
# <details><summary>Answer</summary>
# Fresh weights are small, so all logits are close together and the softmax is nearly
# flat: each letter gets about one twenty-seventh. Lesson 7 shows what happens when
# the first weights are too large.
# </details>
#
# **2.** You double the hidden layer from 47 to 94 units. How many parameters more?
#
# <details><summary>Answer</summary>
# 58 for each new unit: 30 weights and a bias coming in, 27 weights going out. That is
# 58 times 47.
# </details>
#
# **3.** Somebody shows you a training loss below the floor. What happened?
#
# <details><summary>Answer</summary>
# The model sees more than it should: a longer context than you think, or the target
# itself among its inputs. Or the floor was counted on other data. It cannot be skill.
# </details>
#
# **4.** Your turn: change `batch_size` to 32 and to 2048 in the recipe. Which reaches
# a better held-out loss, and which answers fewer questions?
#
# <details><summary>Answer</summary>
# Small batches learn from fewer questions but jump about; the falling step size calms
# them at the end. Large batches are smooth and dear. The middle is a good place.
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Predict, measure, find the gradient, take a step; again and again.
# - **Formula.** Embeddings side by side, $h = \tanh(W_1 x + b_1)$, logits
#   $W_2 h + b_2$; $297 + 58H$ parameters.
# - **Pitfall.** The training loss alone always looks good. Watch held-out names.
# - **Moved into the library:** `course_lib.mlp`, `course_lib.batches`,
#   `course_lib.train`.
#
# **Next:** the network gives 27 probabilities. How do you turn them into a name, and
# how daring should it be? [6. Temperature](06_temperature.ipynb)
