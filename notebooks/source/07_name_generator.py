# %% [markdown]
# # 7. The name generator
#
# **How does a network learn names?**
#
# In lesson 5 a table counted which letter follows which letters. In lesson 6 you saw its
# weakness: a longer memory means more rows, and most of them are empty. Now a small
# **neural network** does the same job. You build it from five tensors, train it with the
# loop of lesson 4, and let it write names before and after. Then it races against the best
# table of lesson 6, fairly, once where tables are strong and once where they are weak.
#
# - **You will** follow one name through the network with the shape of every tensor, find a
#   good learning rate by a search, meet the optimizer Adam, and run a fair race.
# - **You need** lessons 4 to 6: the training loop, n-grams, held-out names, interpolation.
# - **Time** 90 minutes, of which the machine needs about one. It is a long lesson; a good place
#   for a break is *See it*. On a first reading, skip the parts marked *more*: then 75.
# - **Back** [6. Not fooling yourself](06_not_fooling_yourself.ipynb) ·
#   **Next** [8. Temperature](08_temperature.ipynb)

# %%
import math
from collections import Counter
from itertools import islice

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world
from course_lib import batches, mlp, names, ngram
from course_lib.train import TrainConfig, keep_best, train
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.plots import plot_curves
from course_play.widgets import EmbeddingMap, Predict, TrainingCurve

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# We are going to fill a network with random numbers, drawn from a bell curve (most of them
# between -2 and 2), and let it score every next letter of the training names. It has learned
# nothing yet. A model that knows nothing and admits it gives each of the 27 symbols the same
# probability, and its loss is ln 27 = 3.3 nats.
#
# What is the loss of the network with random numbers?

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
generator = torch.Generator().manual_seed(0)
shapes = [(27, 10), (30, 64), (64,), (64, 27), (27,)]
C, W1, b1, W2, b2 = (torch.randn(shape, generator=generator) for shape in shapes)
X, Y = names.windows(names.split_names(names.load_names()).train, context_size=3)
wild = F.cross_entropy(torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2, Y).item()
answers = ["below 3: some of it is right by luck", "between 3 and 4", "above 6"]
Predict(
    "The loss of a network of random numbers?",
    answers[(wild > 3) + (wild > 6)],
    options=answers,
    because="The part on the first weights measures it and gives the reason.",
)

# %% [markdown]
# ## Build it by hand
#
# ### One name, five questions
#
# The network sees three letters and predicts the next one. The three letters are the
# **context**, the letter to predict is the **target** (elsewhere: label). So the name `asha`
# becomes five questions. The full stop fills the empty places at the start, and it is also
# the target after the last letter.

# %%
X_asha, Y_asha = names.windows(["asha"], context_size=3)  # (5, 3) and (5,)
for context, target in zip(X_asha.tolist(), Y_asha.tolist(), strict=True):
    print(names.decode(context), "->", names.decode([target]), "  ", context, target)

# %% [markdown]
# We cut all training names in this way. The names were split into training, held-out and test
# names *before* they are cut, as in lesson 6, so no held-out name leaks in. Held-out names are
# here the *validation* names; the test names wait until the race.

# %%
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)
X_val, Y_val = names.windows(splits.val, context_size=3)
print(f"{len(splits.train):,} names give {len(Y):,} questions")
print("contexts X:", tuple(X.shape), " targets Y:", tuple(Y.shape))

# %% [markdown]
# ### Five tensors
#
# A table with three letters of memory needs one row for each context: 27 x 27 x 27 rows of
# 27 numbers, more than half a million. The network needs five tensors.

# %%
generator = torch.Generator().manual_seed(0)
C = torch.randn(27, 10, generator=generator)  # the embedding: 10 numbers a letter
W1 = torch.randn(30, 64, generator=generator)  # from 3 x 10 numbers to 64
b1 = torch.randn(64, generator=generator)
W2 = torch.randn(64, 27, generator=generator)  # from 64 numbers to 27 scores
b2 = torch.randn(27, generator=generator)
weights = [C, W1, b1, W2, b2]
print(f"{sum(w.numel() for w in weights):,} numbers; the table: {27**4:,}")
print(f"rows of the table that came: {len(X.unique(dim=0)):,} of {27**3:,}")

# %% [markdown]
# (A dictionary stores only the rows that really came, lesson 5. But for each of the other
# contexts the table then has no row at all. The network has an answer for every context.)
#
# The 4,009 numbers are the **parameters** of the network (elsewhere: weights). Training will
# change them. What does each of them do? We follow one question, the third one of `asha`: after
# `.as` comes `h`.
#
# **Step 1: look up.** A letter is only a number from 0 to 26, and its size means nothing: `b`
# is not twice `a`. So each letter owns a row of `C` with ten numbers, its **embedding**. The
# context `.as` is three numbers, so we get three rows.

# %%
context = X_asha[2]  # '.as' -> [0, 1, 19]
x = C[context]  # (3,) -> (3, 10)
one_hot = F.one_hot(context, 27).float()  # (3, 27)
torch.testing.assert_close(one_hot @ C, x)  # the bridge of lesson 5
print("context", tuple(context.shape), "-> embeddings", tuple(x.shape))

# %% [markdown]
# The assert is the bridge to lesson 5: there a one-hot vector times a matrix picked a row of
# the table of pairs. An embedding is the same thing. The lookup `C[context]` is only faster.
#
# **Step 2: side by side.** We lay the three rows one after the other, and have one list of 30
# numbers. The place in the list says which of the three letters a number belongs to.
#
# **Step 3: the hidden layer.** Multiply the 30 numbers by `W1` and add `b1` (the **bias**):
# 64 sums, each with its own weights. Then `tanh` squeezes each sum into the range from
# -1 to 1. A function like `tanh` is called an **activation function** (elsewhere:
# nonlinearity), and the 64 results are the **hidden state** of the network.

# %%
x = x.flatten()  # (3, 10) -> (30,)
sums = x @ W1 + b1  # (30,) @ (30, 64) -> (64,)
h = torch.tanh(sums)  # (64,) -> (64,), each between -1 and 1
print("side by side", tuple(x.shape), "-> hidden", tuple(h.shape))
print("four of the sums:  ", sums[:4])
print("after tanh:        ", h[:4])

# %% [markdown]
# **Step 4: the output layer.** Multiply by `W2`, add `b2`, and there are 27 scores: the
# **logits**. From here on you know everything. The softmax turns them into probabilities
# (lesson 2), and we look up the one of the letter that came (lesson 3).

# %%
logits = h @ W2 + b2  # (64,) @ (64, 27) -> (27,)
probs = F.softmax(logits, dim=-1)  # (27,), sum 1
p = probs[Y_asha[2]]  # the probability of 'h'
assert torch.isclose(probs.sum(), torch.tensor(1.0))
print(f"logits {tuple(logits.shape)} -> p(h) = {p:.6f}, surprise {-p.log():.2f} nats")

# %% [markdown]
# Here is the whole way as a drawing, now for `B` questions at once. Such a network is called
# a **multilayer perceptron** (MLP). Bengio and others published this language model in 2003.

# %%
plot_flow(
    [
        ("tokens", "(B, 3)"),
        ("embeddings", "(B, 3, 10)"),
        ("side by side", "(B, 30)"),
        ("hidden state", "(B, 64)"),
        ("logits", "(B, 27)"),
        ("probabilities", "(B, 27)"),
    ],
    "From three letters to 27 probabilities",
    arrows=[
        "look up in C",
        "flatten",
        r"tanh($x W_1 + b_1$)",
        "$h W_2 + b_2$",
        "softmax",
    ],
    colors=[BLUE, GREEN, GREEN, GREEN, ORANGE, ORANGE],
    per_row=3,
)

# %% [markdown]
# **Why the activation function?** (*more*) Without it, two layers are no better than one.
# Two matrices one after the other are the same as one matrix, their product (and two biases
# are the same as one):

# %%
W12 = W1 @ W2  # (30, 64) @ (64, 27) -> (30, 27)
torch.testing.assert_close((x @ W1) @ W2, x @ W12, rtol=1e-3, atol=1e-3)
print(f"two layers {tuple(W1.shape)}, {tuple(W2.shape)} = one {tuple(W12.shape)}")

# %% [markdown]
# > **For children (and for the rest of us).** Each letter owns a card with ten numbers. A
# > panel of 64 judges looks at three cards side by side. Each judge has a taste of their own
# > and shows a mark between -1 and 1. Then 27 jurors, one for each letter, look at all the
# > marks and give their letter a score. Nobody knows the rules of names. After each round
# > everyone, the cards too, shifts a little towards what would have been better.
#
# ### All questions at once
#
# The steps together are one function. The only change is the `B` in front: `C[tokens]` picks
# three rows for each of B contexts, and `flatten(1)` keeps the first dimension.


# %%
def forward(tokens, weights):
    C, W1, b1, W2, b2 = weights
    x = C[tokens]  # (B, 3) -> (B, 3, 10)
    x = x.flatten(1)  # (B, 3, 10) -> (B, 30)
    h = torch.tanh(x @ W1 + b1)  # (B, 30) -> (B, 64)
    return h @ W2 + b2  # (B, 64) -> (B, 27)


# %%
torch.testing.assert_close(forward(X_asha, weights)[2], logits)  # as step by step
wild_loss = F.cross_entropy(forward(X, weights), Y).item()
assert wild_loss > 2 * math.log(27)
print(f"random numbers: {wild_loss:.1f} nats; ln 27 = {math.log(27):.4f}")

# %% [markdown]
# ### The first weights
#
# The network of random numbers is much worse than a model that knows nothing and admits it.
# Why? Look at how sure it is of itself.

# %%
random_logits = forward(X, weights)  # (24395, 27)
surest = (
    F.softmax(random_logits, dim=-1).max(dim=-1).values
)  # the largest p of each row
print(f"the logits are spread by {random_logits.std():.1f}")
print(f"its largest probability is {surest.mean():.2f} on average")

# %% [markdown]
# It knows nothing, and it is nearly certain. Each logit is a sum of 64 numbers, and a sum of
# many random numbers is large: about the square root of 64, that is 8, times as large as one
# of them. The softmax makes certainties out of such large differences, and a certainty that
# is wrong costs much.
#
# There is a second harm. You saw above that the sums before `tanh` were numbers like 10, so
# nearly all results were -1 or 1. There the curve of `tanh` is flat: its slope is almost 0,
# and where the slope is 0 nothing can be learned.
#
# So we divide each matrix by the square root of the number of its inputs. This is the usual
# rule for **initialization** (the choice of the first weights); the layers of torch do
# something similar by themselves. The biases start at 0.


# %%
def first_weights(seed=0):
    generator = torch.Generator().manual_seed(seed)
    C = torch.randn(27, 10, generator=generator)
    W1 = torch.randn(30, 64, generator=generator) / math.sqrt(30)
    W2 = torch.randn(64, 27, generator=generator) / math.sqrt(64)
    weights = [C, W1, torch.zeros(64), W2, torch.zeros(27)]
    return [w.requires_grad_() for w in weights]


# %% tags=["ledger:C12", "close"]
start = first_weights()
with torch.no_grad():
    start_loss = F.cross_entropy(forward(X, start), Y).item()
assert abs(start_loss - math.log(27)) < 0.3
print(f"careful first weights: {start_loss:.2f} nats, ln 27 = {math.log(27):.4f}")

# %% [markdown]
# Now the loss is a little above ln 27: random weights still have random preferences, and
# these cost a little more than no preference at all.
#
# ### Names before training
#
# Before it learns anything, let it write. The loop is that of lesson 5: ask for the
# probabilities, draw a letter, put it at the end, drop the first letter of the context.
#
# > **Python.** `torch.multinomial(probs, 1)` draws one number with these probabilities, and
# > `generator` is its random seed. `@torch.no_grad()` above a function: no gradients inside.
# > `lambda tokens: forward(tokens, start)` is a small function without a name: it hands on
# > the tokens and adds our weights. `[*context[1:], token]` is the list without its first
# > entry and with `token` at the end.


# %%
@torch.no_grad()
def write_name(model, generator, longest=20):
    context, name = [0, 0, 0], ""
    while len(name) < longest:
        probs = F.softmax(model(torch.tensor([context]))[0], dim=-1)  # (27,)
        token = torch.multinomial(probs, 1, generator=generator).item()
        if token == names.END:
            break
        name += names.ALPHABET[token]
        context = [*context[1:], token]  # slide the window
    return name


# %% tags=["words:0.5"]
def ten_names(model):
    generator = torch.Generator().manual_seed(7)
    return ", ".join(write_name(model, generator) for _ in range(10))


print(ten_names(lambda tokens: forward(tokens, start)))

# %% [markdown]
# (A name is cut after 20 letters.) This is what a loss of 3.5 looks like. Remember it.
#
# ### Train it: gradient descent
#
# The loop is the one of lesson 4, with mini-batches (the batches of lesson 4) of 256 questions:
# **stochastic gradient descent** (SGD). One thing is new: there are five tensors in place of
# one. `backward` finds all five gradients, walking backward through every layer; this is
# **backpropagation**.

# %% tags=["close"]
weights, rate = first_weights(), 0.1  # a learning rate, as a first try
generator = torch.Generator().manual_seed(1)
for step in range(401):
    rows = torch.randint(len(Y), (256,), generator=generator)  # a mini-batch
    loss = F.cross_entropy(forward(X[rows], weights), Y[rows])  # predict and measure
    loss.backward()  # find the gradients of all five tensors
    with torch.no_grad():
        for w in weights:
            w -= rate * w.grad  # take a step downhill
            w.grad = None  # clear the gradient
    if step % 100 == 0:
        print(f"step {step}: loss of its mini-batch {loss.item():.2f}")

# %% [markdown]
# The loss falls. It also jumps, because each mini-batch is another one. So from now on we
# measure on the held-out names, all of them, and not on a mini-batch.
#
# ### *More:* what `backward` did in the two layers
#
# Slopes in a row are multiplied (lesson 4), here through three more gears. At the
# logits the slope of the mean loss is $(p - y) / B$ for a batch of $B$ questions. A
# product with a matrix hands slopes on through the same matrix, turned (`.T` exchanges
# rows and columns). And `tanh` has the slope $1 - \tanh^2$: it is 1 in the middle, and
# nearly 0 where the result is close to -1 or 1. The slope of a weight is the number in
# front of it times the slope behind it, added up over the batch.

# %%
sums = torch.tensor([0.0, 1.0, 3.0, 10.0], requires_grad=True)  # (4,)
torch.tanh(sums).sum().backward()
torch.testing.assert_close(sums.grad, 1 - torch.tanh(sums.detach()) ** 2)
print("slope of tanh at 0, 1, 3 and 10:", sums.grad)

fresh, B = first_weights(), 256
F.cross_entropy(forward(X[:B], fresh), Y[:B]).backward()
C, W1, b1, W2, b2 = (w.detach() for w in fresh)
x = C[X[:B]].flatten(1)  # (B, 30), forward
h = torch.tanh(x @ W1 + b1)  # (B, 64)
p = F.softmax(h @ W2 + b2, dim=-1)  # (B, 27)
d_logits = (p - F.one_hot(Y[:B], 27)) / B  # (B, 27), backward: p - y
d_h = d_logits @ W2.T  # (B, 27) @ (27, 64) -> (B, 64)
d_sums = d_h * (1 - h**2)  # (B, 64), through tanh
torch.testing.assert_close(fresh[3].grad, h.T @ d_logits, rtol=1e-3, atol=1e-6)
torch.testing.assert_close(fresh[1].grad, x.T @ d_sums, rtol=1e-3, atol=1e-6)
print("the slopes of W1 and W2: by hand = backward()")

# %% [markdown]
# ### The learning rate: search, do not guess
#
# The rate 0.1 came from nowhere. Let us try seven rates. Each starts from the same weights,
# sees the same mini-batches, and has 200 steps. We compare the losses on held-out names. To
# be short we let torch take the step: `torch.optim.SGD` is the loop above.


# %%
def held_out(weights):
    with torch.no_grad():
        return F.cross_entropy(forward(X_val, weights), Y_val).item()


def trained(optimizer_class, rate, steps=200, seed=1):
    weights = first_weights()
    optimizer = optimizer_class(weights, lr=rate)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        rows = torch.randint(len(Y), (256,), generator=generator)
        loss = F.cross_entropy(forward(X[rows], weights), Y[rows])
        loss.backward()  # find the gradients
        optimizer.step()  # take a step
        optimizer.zero_grad()  # clear the gradients
    return weights


# %% tags=["close:0.05"]
rates = [0.01, 0.03, 0.1, 0.3, 1, 3, 10]
sgd = {rate: held_out(trained(torch.optim.SGD, rate)) for rate in rates}
for rate, loss in sgd.items():
    shown = f"{loss:.2f}" if loss < 10 else "above 10"  # how far depends on the machine
    print(f"rate {rate:5}: {shown} held out")
assert sgd[10] > math.log(27) > sgd[0.01]  # worse than knowing nothing
best_sgd = min(sgd, key=sgd.get)

# %% tags=["close:0.05"]
plot_curves(
    {"SGD": (rates, [min(loss, 3.5) for loss in sgd.values()])},
    "SGD: too small crawls, too large explodes (drawn up to 3.5)",
    xlabel="learning rate",
    ylabel="held-out loss after 200 steps",
    lines={f"best, rate {best_sgd}": sgd[best_sgd]},
    log_x=True,
    ticks=rates,
)

# %% [markdown]
# At the left, the steps are so small that 200 of them do not lead far. At the right, each step
# jumps over the valley, and at a rate of 10 the loss explodes. In between is a flat bottom, so
# the rate need not be exact, but a factor of ten is too much. Our first try, 0.1, was too small
# by such a factor.
#
# Two habits from this picture: search in *factors* (0.1, 0.3, 1), not in equal steps, and go
# on until the loss rises on both sides.
#
# ### Adam: a step size for each weight
#
# With SGD, one learning rate serves all 4,009 numbers. But the row of `q` in `C` is needed
# rarely and has tiny gradients, and the bias of `a` has large ones. **Adam** (Kingma and Ba,
# 2015) keeps two running averages for each weight: of its gradient, and of the square of its
# gradient. The step is the first, divided by the root of the second. So a weight with small
# gradients takes steps as large as the others. You can see it in its very first step:

# %% tags=["close"]
weights = first_weights()
optimizer = torch.optim.Adam(weights, lr=0.01)
F.cross_entropy(forward(X, weights), Y).backward()
before = weights[0].detach().clone()
optimizer.step()
slopes = weights[0].grad.abs().mean(dim=1)  # (27, 10) -> (27,): one for each letter
moved = (weights[0].detach() - before).abs().mean(dim=1)  # (27,)
for letter in "aq":
    i = names.ALPHABET.index(letter)
    print(f"row of {letter}: mean gradient {slopes[i]:.5f}, first step {moved[i]:.4f}")
assert slopes[1] > 20 * slopes[17]
assert (moved - 0.01).abs().max() < 0.0005

# %% [markdown]
# The gradients differ by a large factor, the first steps do not. The reason: at the first step
# the two averages are the gradient $g$ and its square $g^2$, so the step is the rate times
# $g / \sqrt{g^2}$, which is +1 or -1. Every first step of Adam has the size of the learning rate.
# (Later steps are smaller where the gradient keeps changing its sign, because then its average
# is small.)
#
# *More:* here is all of Adam for one number that gets three gradients. The two divisions
# correct the averages, which start at 0, and `1e-8` keeps us from dividing by 0.

# %%
w, m, v = 1.0, 0.0, 0.0
for t, g in enumerate([0.3, -0.1, 0.2], start=1):
    m = 0.9 * m + 0.1 * g  # running average of the gradient
    v = 0.999 * v + 0.001 * g**2  # and of its square
    w -= 0.01 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)

one = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.Adam([one], lr=0.01)
for g in (0.3, -0.1, 0.2):
    one.grad = torch.tensor(g)
    optimizer.step()
assert math.isclose(w, one.item(), rel_tol=1e-6)
print(f"by hand {w:.6f}, torch {one.item():.6f}")

# %% [markdown]
# Is Adam better than SGD? We may not compare it at a rate that suits only one of them. So Adam
# gets a search of its own, with the same start, mini-batches and number of steps.

# %% tags=["close:0.05"]
adam_rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1]
adam = {rate: held_out(trained(torch.optim.Adam, rate)) for rate in adam_rates}
best_adam = min(adam, key=adam.get)
plot_curves(
    {
        "SGD": (rates, [min(loss, 3.5) for loss in sgd.values()]),
        "Adam": (adam_rates, list(adam.values())),
    },
    "Adam needs another rate, and then gets a little lower",
    xlabel="learning rate",
    ylabel="held-out loss after 200 steps",
    lines={f"Adam, rate {best_adam}": adam[best_adam]},
    log_x=True,
    ticks=[0.001, 0.01, 0.1, 1, 10],
)

# %% [markdown]
# Is the small difference luck? Both again at their best rates, with three other random seeds
# for the mini-batches:

# %% tags=["close:0.05"]
for seed in (2, 3, 4):
    by_sgd = held_out(trained(torch.optim.SGD, best_sgd, seed=seed))
    by_adam = held_out(trained(torch.optim.Adam, best_adam, seed=seed))
    print(f"seed {seed}: SGD {by_sgd:.2f}, Adam {by_adam:.2f}")
    assert by_adam < by_sgd

# %% [markdown]
# The best rate of Adam is a hundredth of the best rate of SGD, so a rate says nothing without
# the name of its optimizer. At their best rates, Adam is ahead after 200 steps, by a few
# hundredths of a nat, with each seed. That is not much. In deep networks, where gradients differ more, it is
# often more. We take Adam from here on.
#
# ### Names after training
#
# Now 1,500 steps of Adam. One thing more: the learning rate falls in a straight line from 0.01
# to 0. Large steps at first lead near the valley, and small ones at the end settle down in it.
# The optimizer keeps its rate in `param_groups[0]["lr"]`, where we may change it.

# %% tags=["close"]
weights = first_weights()
optimizer = torch.optim.Adam(weights, lr=best_adam)
generator = torch.Generator().manual_seed(1)
for step in range(1500):
    optimizer.param_groups[0]["lr"] = best_adam * (1 - step / 1500)
    rows = torch.randint(len(Y), (256,), generator=generator)
    loss = F.cross_entropy(forward(X[rows], weights), Y[rows])
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
print(f"held out: {held_out(start):.2f} before, {held_out(weights):.2f} after")

# %% tags=["words:0.5"]
print("before:", ten_names(lambda tokens: forward(tokens, start)))
print()
print("after: ", ten_names(lambda tokens: forward(tokens, weights)))

# %% [markdown]
# The same loop writes both lines, with the same random seed. Only the 4,009 numbers have
# changed.
#
# And `asha`? Here is every letter of it, with the probability that the table of pairs gives to
# it (lesson 3), and the network before and after training. (`for context, target, *three
# in rows` puts all that is left of a row into the list `three`.)


# %%
def probs_of(name, weights):
    contexts, targets = names.windows([name], 3)  # (N, 3) and (N,)
    with torch.no_grad():
        probs = F.softmax(forward(contexts, weights), dim=-1)  # (N, 27)
    return probs[torch.arange(len(targets)), targets]  # (N,)


# %% tags=["close:0.05"]
pairs = ngram.NGram.fit(splits.train, 1, strength=27)  # one more of each pair
p_pairs = F.softmax(pairs(X_asha[:, 2:]), -1)[torch.arange(5), Y_asha]  # (5,)
p_before, p_after = probs_of("asha", start), probs_of("asha", weights)
print("context  comes  pairs  before  after")
rows = zip(X_asha, Y_asha, p_pairs, p_before, p_after, strict=True)
for context, target, *three in rows:
    told = "   ".join(f"{p:.3f}" for p in three)
    print(f"{names.decode(context)}      {names.decode([target])}      {told}")
means = [-p.log().mean().item() for p in (p_pairs, p_before, p_after)]
print("mean surprise   " + "    ".join(f"{mean:.2f}" for mean in means))
assert means[2] < means[1] - 1

# %% [markdown]
# From before to after, every letter has become likelier. Against the table of pairs the network
# wins two letters and loses three. Why? Let us count two of the questions:

# %%
for context, letter in (("..a", "s"), ("ash", "a")):
    came = Y[(torch.tensor(names.encode(context)) == X).all(1)]  # (cases,)
    n = (came == names.encode(letter)[0]).sum().item()
    print(f"{context} -> {letter}: {n} of {len(came)} cases = {n / len(came):.3f}")

# %% [markdown]
# The network gains at the `s`: its probability is close to the share among the names that
# *begin* with `a`. It sees the full stops in front, so it knows that the name has only just
# begun; the table of pairs does not. It loses at the `a` after `ash`, because there an `a`
# really is rarer than after an `h` in general. `asha` is a training name of both, so this is no
# race. A fair race comes below.
#
# ## Compare with torch
#
# Torch has a ready form for such networks, and from now on we use it. A model is a class
# made from `nn.Module`. `nn.Embedding` holds `C`, `nn.Linear` holds a matrix and its bias.
# `__init__` makes the layers, `forward` says how the data flows through them, and
# `model(tokens)` calls `forward`. `model.parameters()` are all tensors to train.
#
# > **Python: a class made from another one.** `class NameMLP(nn.Module)` takes over all
# > that torch's `nn.Module` can do. Its own `__init__` must be called first, before any
# > layer is stored, and `super().__init__()` does that. If you forget it, torch says
# > `cannot assign module before Module.__init__() call`. A tensor of your own is found
# > by `parameters()` only as `nn.Parameter(...)`.


# %%
class NameMLP(nn.Module):
    def __init__(self, hidden_dim=64, context_size=3, emb_dim=10, vocab_size=27):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim)
        self.hidden = nn.Linear(context_size * emb_dim, hidden_dim)
        self.head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens):
        x = self.embedding(tokens).flatten(1)  # (B, 3) -> (B, 3, 10) -> (B, 30)
        h = torch.tanh(self.hidden(x))  # (B, 30) -> (B, 64)
        return self.head(h)  # (B, 64) -> (B, 27)


# %% [markdown]
# With our five tensors in it, the class gives the same logits as our function, and so does
# the class of the library. (`nn.Linear` keeps its matrix with the outputs as rows, so ours is
# turned by `.T`. And `a |= b` adds the entries of the dictionary b to the dictionary a.)

# %%
C, W1, b1, W2, b2 = (w.detach() for w in weights)
ours = {"embedding.weight": C, "hidden.weight": W1.T, "hidden.bias": b1}
ours |= {"head.weight": W2.T, "head.bias": b2}
model = NameMLP()
model.load_state_dict(ours)
library = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64))
library.load_state_dict(ours)
for one in (model, library):
    torch.testing.assert_close(one(X[:100]), forward(X[:100], weights))
print("five tensors = nn.Module = course_lib.mlp.NameMLP")

# %% [markdown]
# How many parameters has the network for $H$ hidden units? Question 2 below asks where the
# formula comes from.

# %% tags=["ledger:C26"]
for hidden_dim in (46, 47, 48, 64, 100):
    count = sum(p.numel() for p in NameMLP(hidden_dim).parameters())
    assert count == 297 + 58 * hidden_dim
    print(f"H = {hidden_dim:3d}: {count:,} parameters")

# %% [markdown]
# ## See it
#
# ### Too long
#
# What happens if we train for very long? Adam with a rate of 0.01, and *all* questions in each
# step, 1,000 times. One pass through all the data is called
# an **epoch**, so here each step is an epoch. Before we look, three losses to compare with:
# knowing nothing, the table of pairs on held-out names, and the **floor** of lesson 6: with
# three letters seen, no model can get below it on the training names.

# %% tags=["close"]
floor = ngram.context_entropy(splits.train, 3)
known = {
    "ln 27": math.log(27),
    "pairs, held out": batches.evaluate_loss(pairs, *names.windows(splits.val, 1)),
    "floor in training": floor,
}
for name, nats in known.items():
    print(f"{name}: {nats:.2f} nats")

# %% [markdown]
# Many of the 24,395 questions are the same: `...` -> `a` is asked for each name that begins
# with `a`. To save time we ask each different question once and count its loss as often as it
# occurs. The gradient is exactly the same (the homework proves it). In JupyterLab the curves
# are drawn while you watch.
#
# There are `M` different questions. (This network has 47 hidden units and not 64: then it has
# 3,023 parameters, and a thousand steps take less time.)

# %% tags=["ledger:C9", "ledger:A9", "ledger:A10", "ledger:C17", "close"]
X_once, Y_once, counts = names.distinct_windows(splits.train, 3)
share = counts / counts.sum()  # (M,), sum 1
model = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=47), torch.Generator().manual_seed(0))
untrained = torch.cat([p.detach().flatten() for p in model.parameters()])
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
train_log, val_log, snapshots = {}, {}, {}
curve = TrainingCurve(1000, lines=known)
curve.show()
for epoch in range(1000):
    losses = F.cross_entropy(model(X_once), Y_once, reduction="none")  # (M,)
    loss = (losses * share).sum()  # predict and measure
    if epoch % 20 == 0:
        train_log[epoch] = loss.item()
        val_log[epoch] = batches.evaluate_loss(model, X_val, Y_val)
        snapshots[epoch] = model.embedding.weight.detach().clone()
        curve.add(epoch, train=train_log[epoch], val=val_log[epoch])
    loss.backward()  # find the gradient
    optimizer.step()  # take a step
    optimizer.zero_grad()  # clear the gradient
curve.finish()
curve

# %% tags=["ledger:C13", "ledger:C11", "close"]
best_step = min(val_log, key=val_log.get)
print(f"held out: best {val_log[best_step]:.2f}, at the end {val_log[980]:.2f}")
print(f"training: at the end {train_log[980]:.2f}, its floor {floor:.2f}")
assert val_log[980] > val_log[best_step] + 0.02
trained_now = torch.cat([p.detach().flatten() for p in model.parameters()])
moved = ((untrained - trained_now).abs() > 0.01).float().mean()
assert moved > 0.9  # gradients reach nearly all weights (two steps of Adam show it)

# %% tags=["close:0.03"]
late = [step for step in val_log if step >= 60]
plot_curves(
    {
        "training names": (late, [train_log[step] for step in late]),
        "held-out names": (late, [val_log[step] for step in late]),
    },
    "Training loss keeps falling, held-out loss turns up",
    xlabel="step",
    ylabel="nats per letter",
    lines={"held out, best": val_log[best_step], "floor in training": floor},
)

# %% [markdown]
# Two curves, two stories. On the names it learns from, the network gets better and better. On
# names it has never seen it is best early, and then it gets slowly worse: it begins to learn
# what is special about the training names. This is **over-fitting** (lesson 6). The cure is called **early
# stopping**: keep a copy of the weights from the step at which the held-out loss was lowest.
#
# ## Play with it
#
# The ten numbers of each letter, squeezed onto a plane: we keep the two directions in which
# the letters differ most at the end. Drag the slider through the training. (Click it, then
# use the arrow keys; or press Play.)
#
# - **Slide to step 0.** Is there any order?
# - **Slide to the end.** Look for `a`, `e`, `o` and `u`. Do they lie near each other? And `i`?

# %% tags=["close:0.1"]
steps = list(snapshots)[::2]
stack = torch.stack([snapshots[step] for step in steps])  # (S, 27, 10)
centred = stack - stack.mean(1, keepdim=True)
_, _, axes = torch.linalg.svd(centred[-1], full_matrices=False)  # main directions
axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # one sign on every machine
groups = ["end" if c == "." else "vowel" if c in "aeiou" else "consonant"
          for c in names.ALPHABET]  # fmt: skip
order = [*range(1, 27), 0]  # the full stop is drawn last, so nothing covers it
plane = (centred @ axes.T)[:, order]  # (S, 27, 2)
EmbeddingMap(
    plane, steps, [names.ALPHABET[i] for i in order], [groups[i] for i in order]
)

# %% [markdown]
# Nobody told the network what a vowel is. But be careful: in a picture of 27 points one soon
# sees what one wants to see. Lesson 9 tests how much of it is luck.
#
# ## Why does this work?
#
# ### A fair race
#
# The table of lesson 6 learns about each context alone; interpolation lets it ask shorter
# contexts when it has seen too little. The network shares in another way: the card of `a`
# serves every context with an `a` in it. Who predicts better on names that neither has seen?
#
# The answer first: **on our 3,183 names, our network does not beat the table.** Here is how we
# know. Each rival gets its own search, and the searches look at the held-out names only. The
# last word belongs to the **test names**. (Lesson 6 has used them once for its table. No choice
# here looks at them.)

# %% tags=["close"]
tables = {}
for T in (2, 3, 4, 5, 6):
    for strength in (10, 20, 40, 80):
        table = ngram.NGram.fit(splits.train, T, strength=strength, interpolate=True)
        loss = batches.evaluate_loss(table, *names.windows(splits.val, T))
        tables[T, strength] = loss
best_T, best_strength = min(tables, key=tables.get)
for T in (2, 3, 4, 5, 6):
    print(T, "letters:", "  ".join(f"{tables[T, s]:.3f}" for s in (10, 20, 40, 80)))
print(f"best table: {best_T} letters, strength {best_strength}")

# %% [markdown]
# (Each line is a length of the memory, each column a strength: 10, 20, 40, 80. Lesson 6 tried
# other strengths and took 27. The difference is a few thousandths and means nothing.)
#
# Now the network. We try three sizes. Our own rule says: go on until a larger one is no longer
# better. Here we break it and stop at 400 hidden units for the sake of time, so a larger
# network may be a little better than ours. `train` is our loop, in the library; its rate falls
# from 0.01 to 0 as above. `keep_best` does the early stopping.


# %%
def best_network(hidden_dim, rate, data, steps=1500, vocab_size=27):
    learn, hold = data  # two pairs of contexts and targets
    T = learn[0].shape[1]
    config = mlp.NameMLPConfig(
        hidden_dim=hidden_dim, context_size=T, vocab_size=vocab_size
    )
    model = mlp.NameMLP(config, torch.Generator().manual_seed(0))
    recipe = TrainConfig(steps=steps, learning_rate=rate, eval_every=50)
    source = batches.mini_batches(*learn, batch_size=256)
    records = train(
        model, source, recipe, evaluate=lambda m: batches.evaluate_loss(m, *hold)
    )
    measured = [r.val_loss_nats for r in keep_best(records, model)]
    return min(loss for loss in measured if loss is not None), model


# %% tags=["close"]
networks = {}
for hidden_dim, T in ((64, 3), (200, 5), (400, 5)):
    data = [names.windows(part, T) for part in (splits.train, splits.val)]
    networks[hidden_dim, T] = best_network(hidden_dim, 0.01, data)
    loss, _ = networks[hidden_dim, T]
    print(f"{hidden_dim} hidden units, {T} letters: {loss:.3f} held out")
network = networks[min(networks, key=lambda key: networks[key][0])][1]  # lowest loss

# %% [markdown]
# Both are ready. We also want to know *where* they differ, so we split the test questions in
# two: contexts of three letters that occurred in training, and contexts that never did. And
# as in lesson 6, the standard error counts whole names, because the letters of one name belong
# together.


# %%
def losses_on(model, texts, alphabet=names.ALPHABET):
    contexts, targets = names.windows(texts, model.context_size, alphabet)
    with torch.no_grad():
        return F.cross_entropy(model(contexts), targets, reduction="none")  # (N,)


def behind(one, other, texts):
    """How far `one` is behind `other`, and its standard error over whole texts."""
    lengths = torch.tensor([len(text) + 1 for text in texts])
    parts = (one - other).split(lengths.tolist())
    gaps = torch.stack([part.sum() for part in parts])  # (n,): one for each text
    mean = gaps.sum() / lengths.sum()
    error = (gaps - mean * lengths).std() * math.sqrt(len(texts)) / lengths.sum()
    return mean.item(), error.item()


# %% tags=["close:0.05", "counts:2"]
X_test, _ = names.windows(splits.test, 3)
seen = set(map(tuple, X.tolist()))
is_new = torch.tensor([tuple(row) not in seen for row in X_test.tolist()])
table = ngram.NGram.fit(splits.train, best_T, strength=best_strength, interpolate=True)
racers = {"pairs": pairs, "table": table, "network": network}
nats = {name: losses_on(model, splits.test) for name, model in racers.items()}
for name, losses in nats.items():
    print(f"{name:8} seen {losses[~is_new].mean():.2f}", end="  ")
    print(f"unseen {losses[is_new].mean():.2f}  all {losses.mean():.2f}")
print(f"{is_new.sum()} of {len(is_new):,} contexts are unseen")

# %% tags=["close:0.05"]
gap, error = behind(nats["network"], nats["table"], splits.test)
print(f"network minus table: {gap:+.3f}, standard error {error:.3f}")
assert gap > 0  # the network does not win

# %% [markdown]
# Over all questions the network is far better than the table of pairs, and the table with
# interpolation is a little ahead of it. The difference is only one or two standard errors, so
# it is nearly a tie. (The standard error covers the luck of the test names. It does not cover
# the luck of the first weights: another random seed gives another network.) The searches say
# the same: on the held-out names no network above reached the best table. On the unseen
# contexts, where sharing should help, the network is not even better than the table of pairs,
# but these are so few questions that we cannot be sure. The table needed a second of work, the
# network a search and thousands of steps.
#
# Are the two at least good at different things? Let us give both a vote: the mean of the two
# probabilities. Such a team of models is called an **ensemble**.

# %% tags=["close:0.05"]
both = -(((-nats["table"]).exp() + (-nats["network"]).exp()) / 2).log()  # (N,)
gap, error = behind(both, nats["table"], splits.test)
print(f"together: {both.mean():.2f} nats", end="; ")
print(f"minus table {gap:+.3f}, standard error {error:.3f}")
assert gap < -4 * error  # clearly better than the better one

# %% [markdown]
# Together they are clearly better than each alone. So the network has learned something that
# the table does not know, and the table something that the network does not know.
#
# ### Where the network wins
#
# Names are a good world for tables. There are only 27 symbols, so most contexts have been seen
# often, and what a table has seen often, it knows well. Let us go to another world: *words*.
# Tiny World (lesson 9 tells more about it) is a program that writes short English stories.
# We take 200 of them and predict the next *word* from three words.


# %%
def stories(split, n):
    every = tiny_world.World(seed=0).stream(split)
    return list(islice((d.words[:-1] for d in every if d.kind == "story"), n))


train_stories, held_stories = stories("train", 200), stories("val", 600)
print(" ".join(train_stories[0][:28]), "...")

# %% [markdown]
# Our functions read texts of letters. So each word gets a sign of its own, as if it were a
# letter of a large alphabet (which sign does not matter). `alphabet=` tells all functions of
# the library what the alphabet is; in this way they also read names in Korean or Hindi.

# %%
vocabulary = sorted({word for story in train_stories for word in story})
sign = {word: chr(0x4E00 + i) for i, word in enumerate(vocabulary)}
signs = names.ALPHABET[names.END] + "".join(sign.values())
told = ["".join(sign[word] for word in story) for story in train_stories]
print(f"{len(signs)} signs instead of 27, {sum(map(len, told)):,} words to learn from")

# %% [markdown]
# A word that never occurs in the training stories is a riddle for both rivals. So that the
# race is about contexts and not about unknown words, we keep only those held-out stories in
# which every word is known.

# %%
known_words = set(vocabulary)
fair_stories = [story for story in held_stories if known_words.issuperset(story)]
held = ["".join(sign[word] for word in story) for story in fair_stories]
val_told, test_told = held[::2], held[1::2]
print(f"{len(held)} of {len(held_stories)} stories; {len(test_told)} for the test")

# %% tags=["close"]
word_tables = {}
for T in (1, 2, 3, 4):
    for strength in (2, 4, 8, 16, 32):
        one = ngram.NGram.fit(
            told, T, strength=strength, interpolate=True, alphabet=signs
        )
        loss = losses_on(one, val_told, signs).mean().item()
        word_tables[T, strength] = loss, one
    line = [word_tables[T, strength][0] for strength in (2, 4, 8, 16, 32)]
    print(T, "words:", "  ".join(f"{loss:.3f}" for loss in line))
word_table = word_tables[min(word_tables, key=lambda key: word_tables[key][0])][1]

# %% tags=["close:0.05"]
word_data = [names.windows(part, 3, signs) for part in (told, val_told)]
word_networks = {}
for rate in (0.003, 0.01, 0.03):
    found = best_network(64, rate, word_data, steps=400, vocab_size=len(signs))
    word_networks[rate] = found
    print(f"rate {rate}: {found[0]:.2f} held out")
best_rate = min(word_networks, key=lambda rate: word_networks[rate][0])
word_network = word_networks[best_rate][1]

# %% tags=["close:0.05", "counts:2"]
X_words, Y_words = names.windows(test_told, 3, signs)
seen_words = set(map(tuple, word_data[0][0].tolist()))
fresh = torch.tensor([tuple(row) not in seen_words for row in X_words.tolist()])
by_table = losses_on(word_table, test_told, signs)
by_network = losses_on(word_network, test_told, signs)
for name, losses in {"table": by_table, "network": by_network}.items():
    print(f"{name:8} seen {losses[~fresh].mean():.2f}", end="  ")
    print(f"unseen {losses[fresh].mean():.2f}  all {losses.mean():.2f}")
gap, error = behind(by_network, by_table, test_told)
print(f"{fresh.float().mean():.0%} of the contexts are unseen;", end=" ")
print(f"network minus table {gap:+.3f}, standard error {error:.3f}")
assert gap < -4 * error  # the network wins
assert (by_network - by_table)[fresh].mean() < -0.2  # most of all where it is new

# %% [markdown]
# The same kind of network, the same loop, and now it wins clearly, most of all where the
# context is new. Let us look at such places: first the five where the network is furthest
# ahead, then the three where the table is. With each stands what it expected most.

# %% tags=["close:0.05", "words:0.6"]
words = [names.ALPHABET[names.END], *vocabulary]
X_short = X_words[:, 3 - word_table.context_size :]  # what the table sees
with torch.no_grad():
    expected = [word_table(X_short).argmax(-1), word_network(X_words).argmax(-1)]
ahead = ((by_table - by_network) * fresh).argsort(descending=True).tolist()
for i in ahead[:5] + ahead[-3:]:
    asked = " ".join(words[token] for token in X_words[i])
    p_table, p_network = (-by_table[i]).exp(), (-by_network[i]).exp()
    print(f"{asked} -> {words[Y_words[i]]}: table {p_table:.3f} "
          f"(expects {words[expected[0][i]]}), network {p_network:.3f} "
          f"(expects {words[expected[1][i]]})")  # fmt: skip


# %% [markdown]
# These lines are extremes, because we have sorted for them. To understand them, let us count
# what the table has seen in the training stories:


# %%
def came_after(*asked):
    """How often each word came after these words in the training stories."""
    n = len(asked)
    places = [(story, i) for story in train_stories for i in range(len(story) - n)]
    return Counter(s[i + n] for s, i in places if tuple(s[i : i + n]) == asked)


for name in ("Tock", "Boo", "Bix", "Wisp"):
    print(f"after . {name}: {dict(came_after('.', name))}")
said = came_after("said")
print(f"after said: {said.total()} cases, {dict(said.most_common(3))}")
print(f"after lion said: {came_after('lion', 'said').total()} cases")

# %% [markdown]
# Look at the first five lines of the race. A name begins a sentence there, and then its owner
# does something. The table has met these names after a full stop between 3 and 12 times, and
# the word that comes now was never among them. It trusts these few cases, or it falls back to the
# name alone and expects the end of a sentence (`Boo`, `Wisp`). The network lays three places side
# by side and adds up what each of them says. The full stop in the middle says the same whoever
# comes after it: now somebody dreams, eats, sits or meets. So what the network learned from all
# the other names serves this one.
#
# In the last three lines the table is ahead. Take the lion. The table does not remember its
# sound: in the training stories nobody ever wrote `lion said`. So the table goes back to the
# row of `said` alone, where `roar` is the most frequent of many sounds, and gives it about one
# seventh. The network guesses from all three words, and here it guesses another sound and gives
# the roar almost nothing. A table that falls back to what is common is careful. A network that
# shares can also share the wrong thing.
#
# And words help each other. The embedding of each word began at random, and training moved it.
# Take two jobs, which occur only a few times each. Which other words were moved in the same
# direction? For comparison, a pet's name and a colour.


# %% tags=["words:0.6"]
def moved_like(word, n=5):
    config = mlp.NameMLPConfig(vocab_size=len(signs))
    first = mlp.NameMLP(
        config, torch.Generator().manual_seed(0)
    )  # the same first weights
    moves = (word_network.embedding.weight - first.embedding.weight).detach()  # (V, C)
    moves = F.normalize(moves - moves.mean(0), dim=-1)  # only the direction counts
    closeness = moves @ moves[words.index(word)]  # (V,): cosines
    return [words[i] for i in closeness.argsort(descending=True)[1 : n + 1]]


text = [word for story in train_stories for word in story]
for word in ("sailor", "nurse", "Momo", "pink"):
    print(f"{word} ({text.count(word)} times): {', '.join(moved_like(word))}")
jobs = known_words & set(tiny_world.FACT_VALUES["job"])
print(f"5 words by chance: {5 * len(jobs) / len(words):.1f} jobs")
assert len(jobs.intersection(moved_like("nurse"))) >= 3

# %% [markdown]
# Nobody told the network what a job is, or a pet. But `nurse` is used as other jobs are used, so
# it received similar gradients and moved in a similar direction; and the pets went with the
# pets. It is not perfect: beside `sailor`, which occurs only three times, stand other words,
# too, and for `pink` we see no pattern at all.
#
# So here is the honest summary. **Where most contexts have been seen, counting is hard to
# beat. Where contexts are mostly new and their parts have something in common, a network
# wins, because it shares.** In real language nearly every context of more than a few words is
# new. That is one of the reasons why language models are networks.
#
# ### Does it learn that `aa` is followed by `r`? (*more*)
#
# One often reads so. Ask the data first, then the model.

# %% tags=["ledger:C10", "ledger:C6", "close:0.05"]
context = torch.tensor([names.encode(".aa")])
followers = torch.bincount(Y[(context == X).all(1)], minlength=27)  # (27,)
in_model = F.softmax(forward(context, weights), -1)[0]  # (27,), our network of Adam
for i in followers.argsort(descending=True, stable=True)[:3].tolist():
    count, total = followers[i].item(), followers.sum().item()
    print(f".aa -> {names.ALPHABET[i]}: {count} of {total} names", end=" ")
    print(f"= {count / total:.2f}, model {in_model[i]:.2f}")

# %% [markdown]
# Few names begin like that, and two letters share the first place. A sentence such as "the
# model learns that `r` follows `aa`" is first of all a sentence about the list of names. The
# model's numbers differ from the shares, because a rare context shares its weights with many
# others.
#
# ## Check yourself
#
# ### Catch the slide
#
# Some slides that circulate are wrong; here is one. It shows the losses of such a loop: 3.29 at
# step 0, 2.45 at step 100, 1.82 at 500, 1.54 at 1000. Two things cannot be. One of them you
# find in the loop, the other by the floor.

# %% tags=["ledger:C13", "close"]
printed = [epoch for epoch in range(1000) if epoch % 100 == 0]
assert 1000 not in printed
print("the loop prints at", printed)
for step, slide in {0: 3.29, 100: 2.45, 500: 1.82, 1000: 1.54}.items():
    mine = f"ours {train_log[step]:.2f}" if step in train_log else "never printed"
    print(f"step {step:4d}: slide {slide:.2f}; {mine}")
assert 1.54 < floor < train_log[980]
print(f"the floor of our names: {floor:.2f}")

# %% [markdown]
# `range(1000)` ends at 999, so a loop that prints each hundredth step never prints 1000. And
# 1.54 lies below the floor of our names. On another list it may be possible: where popular
# names are repeated, the next letter is easier to predict, and the floor is lower. Before you
# believe a loss, ask for the floor of its data.
#
# ### Questions
#
# **1.** Somebody starts training with a loss of 15 nats. What has probably happened?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The first weights are too large. The network is sure of things that it cannot know. With
# careful first weights the loss starts near the logarithm of the number of symbols.
#
# </details>
#
# **2.** You double the hidden layer from 47 to 94 units. How many parameters more?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 58 for each new unit: 30 weights and a bias coming in, 27 weights going out. That is 58
# times 47 = 2,726. The 297 that never change are the 27 embeddings of 10 numbers and the 27
# biases of the output.
#
# </details>
#
# **3.** Optimizer A is better than optimizer B at a learning rate of 0.01. Is A better?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# You cannot know yet. Each optimizer has its own best rate; at 0.01, B may only crawl.
# Compare the lowest points of both curves.
#
# </details>
#
# **4.** (*more*) Your turn, without an answer below: change the mini-batch of 256 in `trained`
# to 32, and search the best rate of SGD again. Does it move? In which direction?

# %% [markdown]
# ## Recap
#
# - **Idea.** Give each letter a few numbers, mix them, score the next letter. Predict,
#   measure, find the gradients, take a step; again and again.
# - **Formula.** $h = \tanh(x W_1 + b_1)$, logits $= h W_2 + b_2$, where $x$ holds the
#   embeddings of the context side by side; $297 + 58H$ parameters.
#
# | tensor | shape | what it is |
# |---|---|---|
# | `X` | `(N, 3)` | contexts, as numbers of letters |
# | `C[X]` | `(N, 3, 10)` | embeddings |
# | `.flatten(1)` | `(N, 30)` | side by side |
# | `h` | `(N, 64)` | hidden state |
# | logits | `(N, 27)` | a score for each next letter |
#
# | here | elsewhere |
# |---|---|
# | embedding | lookup table, word vector, `nn.Embedding` |
# | activation function | nonlinearity |
# | mini-batch of 256 | batch size 256 |
# | the first weights | initialization, init |
# | early stopping | checkpoint with the best validation loss |
# | held-out names, test names | validation set, test set |
#
# - **Who won?** On 27 letters and 3,183 names the interpolating table is a little ahead, and
#   both together are best. On the words of 200 stories the network wins clearly.
# - **Pitfall.** A comparison at one learning rate, or against a table that was never tuned,
#   says nothing. And the training loss alone always looks good.
# - **Moved into the library:** `course_lib.mlp` (the class), `course_lib.batches`
#   (mini-batches, losses), `course_lib.train` (the loop, early stopping).
#
# **Homework:** [Homework 7](homework/hw07.ipynb): core about 85 minutes, with *more* 110. A
# badge under each check says at once whether your answer is correct.
#
# **Next:** the network gives 27 probabilities. How do you turn them into a name, and
# how daring should it be? [8. Temperature](08_temperature.ipynb)
