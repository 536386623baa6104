# %% [markdown]
# # 7. The name generator
#
# **How does a network learn names?**
#
# In lesson 5 a table counted what follows what. A longer memory made the table huge
# and most of its rows empty. Now a small neural network takes the place of the table.
#
# - **You will** build a network with two layers, train it with the loop that trains
#   every language model, watch it learn and then over-learn, and find the same
#   gradient with less than a third of the work.
# - **You need** lessons 3 to 5: cross-entropy, gradients, held-out names.
# - **Time** 40 minutes, of which the machine needs about one.
# - **Back** [5. Counting](05_counting.ipynb) ·
#   **Next** [8. Temperature](08_temperature.ipynb)

# %%
import math

import torch
from torch import nn
from torch.nn import functional as F

from course_lib import batches, mlp, names, ngram
from course_lib.train import TrainConfig, keep_best, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import EmbeddingMap, TrainingCurve

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
# cannot know. Guess, and do not mind if you are ten times off.

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, mlp.NameMLPConfig(hidden_dim=47).n_parameters, digits=0))

# %% [markdown]
# ## Build it by hand
#
# **The data.** Each name becomes several small questions: given three letters, which
# one comes next? The full stop pads the start and is the end mark. Three letters are
# the **context**, the letter to predict is the **target**. Names are split into
# training and held-out names *before* they are cut up, so no held-out name is ever
# trained on.

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
# layer** mixes them into 47 numbers. Each is a weighted sum plus a constant (its
# **bias**), bent by `tanh`, which squeezes it between -1 and 1. (Without the bend, two
# layers of sums could do no more than one.) An **output layer** mixes the 47 numbers
# into 27 logits. That is all. Bengio and others published such a model in 2003.


# %%
class NameMLP(nn.Module):
    def __init__(self, hidden_dim=47, context_size=3, emb_dim=10, vocab_size=27):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim)
        self.hidden = nn.Linear(context_size * emb_dim, hidden_dim)
        self.head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens):
        x = self.embedding(tokens)  # (B, 3, 10), for B contexts at once
        x = torch.tanh(self.hidden(x.flatten(1)))  # (B, 47)
        return self.head(x)  # (B, 27)


# %% [markdown]
# > **For children (and for the rest of us).** Each letter gets a card with ten
# > numbers on it. A panel of 47 judges looks at three cards at once. Each judge has a
# > taste of their own and holds up a mark. Then 27 jurors, one for each letter, look at
# > all the marks and give their letter a score. Nobody knows the rules of names. After
# > each round everyone, the cards too, shifts a little towards what would have been
# > right.
#
# How many numbers is that? Count them, and check the formula $297 + 58H$ for several
# hidden sizes $H$. (Question 2 below asks where it comes from.)

# %% tags=["ledger:C26"]
for hidden_dim in (46, 47, 48, 64, 100):
    count = sum(p.numel() for p in NameMLP(hidden_dim).parameters())
    assert count == 297 + 58 * hidden_dim
    print(f"H = {hidden_dim:3d}: {count:,} parameters")

# %% [markdown]
# The lecture that inspired this lesson says "about 3,000"; 47 hidden units come close.
# **Parameters**, or weights, are what training adjusts. Before training the network
# should know nothing. Knowing nothing about 27 letters costs the logarithm of 27. Is
# that its loss?

# %% tags=["ledger:C12", "close"]
model = NameMLP()
with torch.no_grad():  # the library's first weights, drawn by a seeded generator
    seeded = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=47), generator)
    model.load_state_dict(seeded.state_dict())
    first_loss = F.cross_entropy(model(X), Y).item()
assert abs(first_loss - math.log(27)) < 0.1
print(f"loss of the untrained network {first_loss:.2f}, ln 27 = {math.log(27):.4f}")

# %% [markdown]
# Almost. Random weights make random preferences, and on average those cost a little
# more than no preference at all.
#
# ### The training loop
#
# Here is the loop as the lecture has it: all questions at once, 1,000 times. Four
# lines do the work, and they are the same four for every model of this course, the GPT
# too: *predict and measure, clear the old gradient, find the new one, take a step.* The
# step is taken by **Adam**, a form of gradient descent that keeps a step size for each
# weight. First we put up the goalposts.

# %% tags=["close"]
floor = ngram.context_entropy(splits.train, 3)
bigram = ngram.NGram.fit(splits.train, 1, strength=1.0)  # smoothed, as in lesson 5
bigram_val = batches.evaluate_loss(bigram, *names.windows(splits.val, 1))
goalposts = {
    "ln 27": math.log(27),
    "bigram, held out": bigram_val,
    "floor in training": floor,
}
for name, nats in goalposts.items():
    print(f"{name}: {nats:.2f} nats")

# %% [markdown]
# The **floor** is the entropy of the next letter given three letters, counted in the
# training names as in lesson 5. No model that sees three letters can get below it on
# these names. Now run the loop. In JupyterLab the curves are drawn while you watch.

# %% tags=["ledger:C9", "ledger:A9", "ledger:A10", "ledger:C17", "close"]
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
train_log, val_log, snapshots = {}, {}, {}
curve = TrainingCurve(1000, lines=goalposts)
curve.show()
for epoch in range(1000):
    loss = F.cross_entropy(model(X), Y)  # predict and measure
    if epoch % 20 == 0:
        train_log[epoch] = loss.item()
        val_log[epoch] = batches.evaluate_loss(model, X_val, Y_val)
        snapshots[epoch] = model.embedding.weight.detach().clone()
        curve.add(epoch, train=train_log[epoch], val=val_log[epoch])
    optimizer.zero_grad()  # clear the old gradient
    loss.backward()  # find the new one
    optimizer.step()  # take a step
    if epoch % 100 == 0:
        print(f"Epoch {epoch}: Loss = {loss.item():.2f}")
curve.finish()
curve

# %% [markdown]
# The loop calls a step an "epoch", because each step sees all the data once. From
# here on we say **step**.
#
# **All** weights took part. None was set by hand, and hardly one is where it began:

# %% tags=["ledger:C11", "close", "counts:1"]
before = torch.cat([p.detach().flatten() for p in seeded.parameters()])
after = torch.cat([p.detach().flatten() for p in model.parameters()])
moved = (before - after).abs() > 0.01
print(f"{moved.float().mean():.0%} of {len(after):,} weights moved by more than 0.01")
assert moved.float().mean() > 0.9

# %% [markdown]
# ## Compare with torch
#
# The library has the same network and the same loop. Same weights, same logits; same
# start, same loss after twenty steps. From now on we import them.

# %% tags=["ledger:A10", "close"]
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

# %% tags=["close:0.03"]
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

# %% tags=["ledger:C13", "close"]
best_step = min(range(0, 1000, 100), key=val_log.get)  # to the nearest hundred
assert val_log[980] > val_log[best_step] + 0.02
print(f"held-out loss at step {best_step}: {val_log[best_step]:.2f}, its best")
print(f"held-out loss at the end:  {val_log[980]:.2f}")
print(f"training loss at the end:  {train_log[980]:.2f}, its floor {floor:.2f}")

# %% [markdown]
# Two curves, two stories. On the names it learns from, the network gets better and
# better. On names it has never seen it is best early, and then gets worse: it begins
# to learn the training names by heart. This is **over-fitting**, and a picture with
# only the first curve hides it.
#
# ## Play with it
#
# The ten numbers of each letter, squeezed onto a plane: we keep the two directions in
# which the letters differ most at the end. Drag the slider through the training. (Click
# it, then use the arrow keys; or press Play.)
#
# - **Slide to step 0.** Is there any order?
# - **Slide to the end.** Who sits with the vowels? Where is the full stop?

# %% tags=["close:0.1"]
steps = list(snapshots)[::2]
stack = torch.stack([snapshots[step] for step in steps])  # (S, 27, 10)
centred = stack - stack.mean(1, keepdim=True)
_, _, axes = torch.linalg.svd(centred[-1], full_matrices=False)  # main directions
axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # one sign on every machine
groups = ["end" if c == "." else "vowel" if c in "aeiou" else "consonant"
          for c in names.ALPHABET]  # fmt: skip
EmbeddingMap(centred @ axes.T, steps, list(names.ALPHABET), groups)

# %% [markdown]
# Nobody told the network what a vowel is. Lesson 9 measures how much of what you see
# is really there.
#
# ## Why does this work?
#
# **Why can so few numbers replace so large a table?** The table learns about each
# group of three letters alone. The network shares: the card of `a` serves every context
# with an `a` in it. So it has something to say about contexts that never occur in
# training, where a plain table has not even a row. Is it right? Measure the loss there.

# %% tags=["close:0.05"]
seen = {tuple(row) for row in X.tolist()}
unseen = torch.tensor([tuple(row) not in seen for row in X_val.tolist()])
rival = ngram.NGram.fit(splits.train, 3, strength=27, backoff=True)  # lesson 5
print(f"{unseen.sum()} of {len(X_val):,} held-out contexts never occur in training")
print(f"no idea: {math.log(27):.2f} nats")
for what, one in {"network": model, "back-off table": rival}.items():
    there = batches.evaluate_loss(one, X_val[unseen], Y_val[unseen])
    everywhere = batches.evaluate_loss(one, X_val, Y_val)
    print(f"{what}: {there:.2f} there, {everywhere:.2f} on all held-out questions")
    assert there < math.log(27) - 0.2

# %% [markdown]
# Better than no idea, but the table with back-off is better still: it shares too, by
# asking shorter contexts. What the network saves is numbers.
#
# **Does it learn that `aa` is followed by `r`?** So says the lecture. Ask the data
# first, then the model.

# %% tags=["ledger:C10", "ledger:C6", "close:0.05"]
context = torch.tensor([names.encode(".aa")])
followers = torch.bincount(Y[(context == X).all(1)], minlength=27)
with torch.no_grad():
    in_model = F.softmax(model(context), -1)[0]
for i in followers.argsort(descending=True, stable=True)[:3].tolist():
    share = followers[i] / followers.sum()
    print(
        f".aa -> {names.ALPHABET[i]}: {followers[i]} of {followers.sum()} names "
        f"= {share:.2f}, model {in_model[i]:.2f}"
    )

# %% [markdown]
# Few names begin like that, and the first two letters in this table share the first
# place. A model is a mirror of its list, and a blurred one: a rare context shares its
# weights with many others. So a sentence like "the model learns that `r` follows `aa`"
# is first of all about the data.
#
# ### A better recipe
#
# The loop looked at *every* question before each small step. A random handful, a
# **mini-batch**, points in the same direction on average and costs far less. We also
# let the step size fall to zero, take 64 hidden units, and keep the weights that did
# best on held-out names.

# %% tags=["close"]
batch_size = 256
recipe = TrainConfig(steps=2000, learning_rate=0.01, schedule="linear")
better = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    better,
    batches.mini_batches(X, Y, batch_size=batch_size),
    recipe,
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
# the held-out loss is None between two evaluations
recipe_val = min(r.val_loss_nats for r in keep_best(records, better) if r.val_loss_nats)
print(f"held out: recipe {recipe_val:.2f}, the loop's best {val_log[best_step]:.2f}")
to_best = best_step * len(Y)  # what the loop had answered when it was best
print(f"questions answered: loop {to_best:,}, recipe {recipe.steps * batch_size:,}")
assert batch_size != 256 or recipe_val <= min(val_log.values()) + 0.02

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
assert len(Y_once) < len(Y) / 3
print(f"same gradient from {len(Y_once) / len(Y):.0%} of the rows")

# %% [markdown]
# This is not an approximation. A sum of equal terms *is* one term times their number.
# The same idea hides in counting: a table of counts is all that training ever needs to
# know about short contexts.
#
# ## Check yourself
#
# ### Catch the slide
#
# The lecture prints the progress of the loop: 3.29 at step 0, 2.45 at 100, 1.82 at
# 500, 1.54 at 1000. Two things are wrong. First: which line can this loop never
# print? Second: compare with our floor.

# %% tags=["ledger:C13", "ledger:C12", "close"]
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

# %% tags=["ledger:C13", "close"]
assert 1.54 < floor < train_log[980]
print(f"slide 1.54, our floor {floor:.2f}, our loop {train_log[980]:.2f}")

popular = splits.train + 20 * splits.train[::10]  # every tenth name 20 times more
lower_floor = ngram.context_entropy(popular, 3)
print(f"floor of a list where some names are common: {lower_floor:.2f}")
assert lower_floor < 1.54

# %% [markdown]
# On our training names no model that sees three letters can get that low, whatever its
# size. On another list it may be possible: where popular names are repeated, the next
# letter is easier to guess, and the floor is lower. Before you believe a loss, ask for
# the floor of its data. Before you enjoy a training loss, ask for the held-out one.
#
# ### Questions
#
# **1.** Why does the loss begin near the logarithm of 27 and not at some huge number?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The fresh weights of the output layer are small, so all logits are close together and
# the softmax is nearly flat: each letter gets about one twenty-seventh. Lesson 9 shows
# what happens when these weights are too large.
#
# </details>
#
# **2.** You double the hidden layer from 47 to 94 units. How many parameters more?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 58 for each new unit: 30 weights and a bias coming in, 27 weights going out. That is
# 58 times 47. The 297 that never change are the 27 embeddings of 10 numbers and the 27
# biases of the output.
#
# </details>
#
# **3.** Somebody shows you a training loss below the floor. What happened?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The model sees more than it should: a longer context than you think, or the target
# itself among its inputs. Or the floor was counted on other data. It cannot be skill.
#
# </details>
#
# **4.** Your turn: change `batch_size` to 32 and to 2048 in the recipe. Which reaches
# a better held-out loss, and which answers fewer questions?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 32 answers the fewest questions and ends a little worse: its steps jump about. 2048
# answers eight times as many as 256 for almost the same loss, and it over-fits sooner:
# only `keep_best` saves it.
#
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
# **Homework:** [Homework 7](homework/hw07.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the network gives 27 probabilities. How do you turn them into a name, and
# how daring should it be? [8. Temperature](08_temperature.ipynb)
