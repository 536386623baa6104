# %% [markdown]
# # 17. Faster, safer, larger
#
# **How do you learn more from the same text, lose nothing when the power fails, and
# know what a large run will bring before you pay for it?**
#
# Lesson 16 turned the loop into a recipe. This lesson is about what people add when a
# run becomes expensive: an optimizer that needs fewer steps, a file from which a run
# can go on as if nothing had happened, and a law that predicts the loss of a larger run
# from a few small ones.
#
# - **You will** type AdamW and Muon and find them equal to the library's; search the
#   learning rate for each of three rivals; stop a run and go on bit for bit; fit a
#   scaling law by hand, predict a larger run, and then train it.
# - **You need** lessons 7 (Adam), 9 (Tiny World and its floor), 14 (GPT) and 16
#   (schedule, clipping).
# - **Time** 85 minutes for the core. What is marked *more* (Muon's memory, the budget
#   of GPT-3, a power cut while the file is written, careless resuming, precision, bug
#   zoo 2) takes another 65 minutes. Skip it on a first reading.
# - **Back** [16. Data and the recipe](16_data_and_recipe.ipynb) ·
#   **Next** [18. Context length](18_context_length.ipynb)

# %%
import json
import math
import os
import tempfile
from pathlib import Path

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches
from course_lib.engine.speed import flops_per_token
from course_lib.gpt import GPT, GPTConfig
from course_lib.optimizers import Muon, build_optimizers, orthogonalize
from course_lib.train import TrainConfig, train
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, GREY, ORANGE, plot_flow
from course_play.plots import plot_curves
from course_play.points import plot_points, plot_search
from course_play.widgets import Predict

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first

# %% tags=["hide-input"]
# look at the answer after your guess
Predict(
    "Your next training may cost a hundred times as many operations as your last one. "
    "What do you do with them?",
    "a model 10 times as large, and 10 times as much text",
    options=[
        "a model 100 times as large, the same text",
        "the same model, 100 times as much text",
        "a model 10 times as large, and 10 times as much text",
    ],
    because="So say the measurements that are best known (Hoffmann and others, "
    "2022). At the end of this lesson you see why neither of the others is good.",
)

# %% [markdown]
# ## Build it by hand
#
# We stay with the stories of Tiny World, because their floor is known (lesson 9): the
# loss that no model can get below. The unit is the word. A **row** has 33 words, so 32
# inputs and their 32 targets, and it starts at the beginning of a story.


# %%
tiny = world.World(seed=0)
# the floor counts the choice of a kind; here all are stories, so take that out again
is_story = math.log(world.KINDS["story"] / 100)


def story_rows(split, n):  # -> words (n, 33), and the least that each must cost (n, 33)
    stories = (text for text in tiny.stream(split, 0) if text.kind == "story")
    rows, costs = [], []
    for _ in range(n):
        words, nats = [world.EOT], [0.0]
        while len(words) < 33:
            story = next(stories)
            words += story.words
            nats += [story.nats[0] + is_story, *story.nats[1:]]
        rows.append(world.encode(words[:33]))
        costs.append(nats[:33])
    return torch.tensor(rows), torch.tensor(costs)


# %%
learn, _ = story_rows("train", 16 * 801)
held, costs = story_rows("val", 256)
x_held, y_held = held[:, :-1], held[:, 1:]  # (256, 32) each
floor = costs[:, 1:].mean().item()
print(f"{learn.numel():,} words to learn from, floor {floor:.3f} nats a word")
print(world.render(world.VOCABULARY[i] for i in learn[0, 1:]))

# %% [markdown]
# A **step** reads 16 rows, which are 512 words, and no text comes twice. Our model has
# one block only, so that every run takes about a second. What we print is the
# **excess**: the held-out loss minus the floor.


# %%
def batch_at(step):  # the batch depends on the step and on nothing else
    rows = learn[16 * step : 16 * step + 16]  # (16, 33)
    return batches.Batch(rows[:, :-1], rows[:, 1:])  # (16, 32) each


def new_model(seed=0, C=32):
    sizes = dict(context_size=32, emb_dim=C, n_heads=max(1, C // 16), n_layers=1)
    config = GPTConfig(vocab_size=world.VOCAB_SIZE, **sizes)
    return GPT(config, torch.Generator().manual_seed(seed))


def excess(model):  # held-out nats above the floor
    return batches.evaluate_loss(model, x_held, y_held) - floor


# %% [markdown]
# ### AdamW: Adam with decay
#
# Take one weight, $w = 2$, and follow its first step. Its gradient is 0.5, the learning
# rate is 0.1. Adam (lesson 7) keeps two running means: $m$ of the gradients and $v$ of
# their squares. Both start at 0, so after one step they are much too small, and Adam
# corrects that. AdamW adds one thing, the **weight decay** $\lambda$, here 0.1: each
# step pulls the weight a little towards 0.

# %%
w, g, lr, decay = 2.0, 0.5, 0.1, 0.1
m = 0.9 * 0 + 0.1 * g
v = 0.999 * 0 + 0.001 * g**2
m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
pull, move = lr * decay * w, lr * m_hat / math.sqrt(v_hat)
print(f"mean gradient  m = {m:.2f}     corrected m_hat = {m_hat:.2f}")
print(f"mean square    v = {v:.5f}  corrected v_hat = {v_hat:.2f}")
print(f"decay   lr * decay * w            = {pull:.4f}")
print(f"Adam    lr * m_hat / root(v_hat)  = {move:.4f}")
print(f"new weight 2 - {pull:.2f} - {move:.2f} = {w - pull - move:.2f}")

# %% [markdown]
# Read the last lines with me. After one step $\hat m$ is the gradient itself, and
# $\sqrt{\hat v}$ is its size without the sign. Their ratio is 1, so Adam's part is
# exactly the learning rate. The decay does not look at the gradient: it takes away the
# share $\text{lr} \cdot \lambda$ of the weight. (The hats in the formula say
# "corrected".)
#
# $$w \leftarrow w - \text{lr}\, \lambda\, w - \text{lr}\, \frac{\hat m}{\sqrt{\hat v}}$$
#
# This is **AdamW** (Loshchilov and Hutter, 2019). The W stands for *decoupled weight
# decay*. The older way, called L2 regularization, adds $\lambda w$ to the gradient.
# Adam would then divide the decay by the size of the gradient, too, and weights with
# large gradients would hardly decay at all.


# %%
def adamw_step(w, g, m, v, t, lr, decay, betas=(0.9, 0.999)):  # t counts from 1
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g**2
    m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    w = w - lr * decay * w  # the decay
    return w - lr * m_hat / (v_hat.sqrt() + 1e-8), m, v  # 1e-8: never divide by 0


# %%
draw = torch.Generator().manual_seed(0)
mine, m, v = torch.ones(3, 2), torch.zeros(3, 2), torch.zeros(3, 2)
theirs = mine.clone().requires_grad_()
adamw = torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.1)
for t in range(1, 6):
    theirs.grad = torch.randn(3, 2, generator=draw)
    mine, m, v = adamw_step(mine, theirs.grad, m, v, t, lr=0.1, decay=0.1)
    adamw.step()
torch.testing.assert_close(mine, theirs.detach())
print("five steps, equal to torch.optim.AdamW")

# %% [markdown]
# ### Which weights may decay?
#
# Decay is good for matrices: it keeps their numbers small, so that no single one of
# them decides alone. But a GPT has other weights, too. The **gain** of a norm (lesson
# 13) starts at 1, and 1 means "leave the vector as it is". Suppose the data do not care
# about one gain, so its gradient is 0. Then only the decay changes it:

# %%
gain = 1.0
for step in range(1, 5001):
    gain = gain - 0.01 * 0.1 * gain
    if step in (1, 100, 1000, 5000):
        print(f"after {step:4d} steps: gain {gain:.3f}")

# %% [markdown]
# The gain falls to nearly nothing: this number of every vector is switched off, although
# no data asked for it. A bias has the same problem, its natural place is not always 0. (The layers of
# our model have no biases, but those of many others do.) So the usual rule is: **what
# has two axes decays, what has one axis does not.** Optimizers of torch take
# **parameter groups** (lists of weights, each with its own settings), and that is how
# the rule is told to them.

# %%
model = new_model()
matrices = [p for p in model.parameters() if p.ndim >= 2]
gains = [p for p in model.parameters() if p.ndim < 2]
groups = [
    {"params": matrices, "weight_decay": 0.1},
    {"params": gains, "weight_decay": 0.0},
]
adamw = torch.optim.AdamW(groups, lr=0.01)
for name, group in zip(("matrices", "gains"), adamw.param_groups, strict=True):
    n = sum(p.numel() for p in group["params"])
    print(f"{name:8s} decay {group['weight_decay']}: {n:6,} numbers")

# %% [markdown]
# (There are 97 gains, because each of three norms has 32, and the attention has one of
# its own. `build_optimizers` of the library makes the same two groups.)
#
# ### Muon: every direction at the same speed
#
# AdamW looks at each number of a matrix alone. **Muon** (Jordan and others, 2024) looks
# at the matrix as a whole. Here is a gradient of 2 by 2 numbers. Put a vector of length
# 1 through this matrix. How long the result is depends on the direction of the vector.
# Two directions are special: they stand at a right angle, and so do their results.

# %%
G = torch.tensor([[2.0, 1.0], [1.0, 0.4]])
U, S, Vt = torch.linalg.svd(G)  # the directions that go in are the rows of Vt
for i in range(2):
    result = G @ Vt[i]  # (2,)
    torch.testing.assert_close(result, S[i] * U[:, i])
    print(f"direction {i + 1}: length 1 goes in, length {result.norm():.4f} comes out")

# %% [markdown]
# These lengths are the **singular values** of the matrix. Every matrix can be written
# as $U S V^\top$: turn the special directions onto the axes ($V^\top$), stretch along
# the axes ($S$), turn to where the results point ($U$; a turn may include a mirror).
# This is the **singular value decomposition** (SVD).

# %%
torch.testing.assert_close(U @ S.diag() @ Vt, G)
print("the same turns, both stretches 1:")
print(U @ Vt)

# %% [markdown]
# The gradient pushes some thirty times harder in one direction than in the other. With
# plain gradient descent the second direction learns thirty times more slowly, and AdamW
# does not see directions at all. Muon replaces $S$ by ones. What is left, $U V^\top$,
# has the same directions, and each of them gets a step of the same length. We say that
# the matrix is **orthogonalized**.
#
# Computing $U S V^\top$ at each step would be slow. A few matrix products come close to
# the same result. Look first at what one number does. Take this curve, and put a number
# $s$ between 0 and 1 through it again and again:
#
# $$p(s) = 3.4445\,s - 4.7750\,s^3 + 2.0315\,s^5$$


# %%
def p(s):
    return 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5


for start in (0.01, 0.1, 0.5, 1.0):
    s, path = start, []
    for _ in range(5):
        s = p(s)
        path.append(f"{s:.2f}")
    print(f"{start:4.2f} -> " + " -> ".join(path))

# %% [markdown]
# Small numbers are multiplied by 3.4445 in each round, until they come near 1. Then
# they jump about near 1 and never leave. Here is the curve for all starts at once:

# %%
starts = torch.linspace(0, 1, 401)
s, curves = starts.clone(), {}
for rounds in range(1, 6):
    s = p(s)
    if rounds in (1, 5):
        curves[f"{rounds} round{'s' * (rounds > 1)}"] = (starts.tolist(), s.tolist())
inside = s[starts >= 0.01]
print(f"after five rounds, from 0.01 on: {inside.min():.2f} to {inside.max():.2f}")
assert 0.6 < inside.min() < inside.max() < 1.3
plot_curves(
    curves,
    "Five rounds lift nearly every singular value close to 1",
    xlabel="singular value before",
    ylabel="after",
    lines={"1": 1.0},
)

# %% [markdown]
# Follow the curve of five rounds: it is steep at 0, and from 0.01 on it stays in the
# range that is printed above it. The three coefficients were searched for exactly this
# picture: small values grow fast, at the price of a wobble around 1. Close to 1 is
# close enough.
#
# Now the trick. If $X = U S V^\top$, then $X X^\top X = U S^3 V^\top$: the turns in the
# middle cancel each other, because $V^\top V$ and $U^\top U$ change nothing (a turn
# there and back): they are the **identity**, ones on the diagonal and zeros elsewhere. So
# a polynomial of the *matrix*, built with products only, puts every
# singular value through the polynomial, and leaves $U$ and $V$ alone. This is a
# **Newton-Schulz iteration**.


# %%
def newton_schulz(matrix, rounds=5):  # (R, S) -> (R, S); R > S works, but slower
    x = matrix / matrix.norm()  # now no singular value is above 1
    for _ in range(rounds):
        square = x @ x.T  # (R, R), this is U S^2 U^T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x  # (R, S)
    return x


# %%
flat = newton_schulz(G)
print(flat)
expected = (S / G.norm()).clone()
for _ in range(5):
    expected = p(expected)
print("singular values:", torch.linalg.svdvals(flat))
torch.testing.assert_close(flat, U @ expected.diag() @ Vt, atol=1e-4, rtol=1e-4)
torch.testing.assert_close(flat, orthogonalize(G), atol=1e-4, rtol=1e-4)

# %% [markdown]
# Compare with $U V^\top$ above: the same matrix, roughly. And a real gradient? We take
# the matrix `up` of the first block, after one batch.

# %%
batches.batch_loss(model, batch_at(0)).backward()
gradient = model.blocks[0].up.weight.grad.T  # (32, 128)
flat = newton_schulz(gradient)  # (32, 128)
torch.testing.assert_close(flat, orthogonalize(gradient), atol=1e-3, rtol=1e-3)
before, after = torch.linalg.svdvals(gradient), torch.linalg.svdvals(flat)  # (32,)
before = before / before[0]  # as a share of the largest

# %% tags=["close:0.05"]
print(f"half-way, at direction 16: {before[15]:.2f} before, {after[15]:.2f} after")
assert before[15] < 0.3
assert 0.6 < after[15] < 1.3
assert after[-1] < 0.05
plot_points(
    {
        "gradient, share of the largest": (range(1, 33), before.tolist()),
        "after Newton-Schulz": (range(1, 33), after.tolist()),
    },
    "Of 32 directions, a few had nearly all of the gradient",
    xlabel="direction, the strongest first",
    ylabel="singular value",
    rings={"no input comes from here": (32, after[-1].item())},
    log_x=False,
)

# %% [markdown]
# (The last one stays at 0. The norm in front of this matrix takes the mean away, so
# nothing ever comes from that direction, and there is nothing to learn in it.)
#
# ### The whole step
#
# Muon's name says the rest: *momentum, orthogonalized by Newton-Schulz*. It keeps a
# running mean of the gradients (**momentum**) and then mixes the newest gradient in
# once more (**Nesterov momentum**), so that the newest one counts for more. The mix is
# orthogonalized, and the weight takes a step. A matrix with more rows than columns gets
# a longer step, so that its outputs change as much as those of other matrices. The
# decay is AdamW's.


# %%
def muon_step(weight, gradient, memory, lr, decay, momentum=0.95):  # all (R, S)
    memory = momentum * memory + (1 - momentum) * gradient
    mix = momentum * memory + (1 - momentum) * gradient  # the newest once more
    update = newton_schulz(mix)
    scale = math.sqrt(max(1.0, weight.shape[0] / weight.shape[1]))
    return weight - lr * decay * weight - lr * scale * update, memory


# %%
mine, memory = torch.ones(3, 4), torch.zeros(3, 4)
theirs = mine.clone().requires_grad_()
muon = Muon([theirs], lr=0.1, weight_decay=0.1)
for _ in range(5):
    theirs.grad = torch.randn(3, 4, generator=draw)
    mine, memory = muon_step(mine, theirs.grad, memory, lr=0.1, decay=0.1)
    muon.step()
torch.testing.assert_close(mine, theirs.detach(), atol=1e-4, rtol=1e-4)
print("five steps, equal to the library's Muon")

# %% [markdown]
# Muon is for the matrices *inside the blocks*. The embedding is not a matrix that turns
# one vector into another, but a list of vectors, one for each word, and Muon's reason
# does not speak for a list. The gains have one axis only. All of these stay with AdamW,
# as the authors of Muon advise, who found it by trying. (And `qkv` holds three
# matrices, one above the other. The library orthogonalizes each of them by itself.) The
# whole plan:

# %%
plot_flow(
    [
        ("gradient", "(R, S)"),
        ("momentum", "(R, S)"),
        ("mix", "(R, S)"),
        ("X", "singular up to 1"),
        ("update", "singular near 1"),
        ("new weight", "(R, S)"),
    ],
    "Muon: momentum, then Newton-Schulz, then the step",
    arrows=["mean", "mix", "/ norm", "5 rounds", "- lr, decay"],
    colors=[GREY, BLUE, BLUE, ORANGE, ORANGE, GREEN],
)

# %% [markdown]
# ## See it
#
# ### Is it faster? A race with three rivals
#
# A new optimizer at a good rate often looks better than an old one at a bad rate. So
# each rival gets its own search. All train the same model for 100 steps, with the
# warm-up, falling rate and clipping of lesson 16:
#
# - **AdamW, one rate** for all weights, as most people run it;
# - **AdamW, two rates**: 0.04 for embedding and gains, and a rate of its own for the
#   matrices of the block. As in Muon's plan, the embedding does not decay;
# - **Muon**: AdamW at 0.04 for embedding and gains, Muon for the matrices.
#
# The second one is there to be fair: Muon's plan has two rates, and perhaps two rates
# are the whole secret. (You can search the 0.04 as well: change it in the next cell and
# run the race again.)

# %%
RULES = {"betas": (0.9, 0.98), "weight_decay": 0.1}


def optimizers_of(model, rival, rate, momentum=0.95):
    if rival == "AdamW, one rate":
        return build_optimizers(model, learning_rate=rate, **RULES)
    if rival == "Muon":
        own = dict(muon_learning_rate=rate, muon_momentum=momentum)
        return build_optimizers(model, "muon", learning_rate=0.04, **own, **RULES)
    inner = [p for p in model.blocks.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if not any(p is q for q in inner)]
    groups = [{"params": inner, "lr": rate}]
    groups += [{"params": rest, "lr": 0.04, "weight_decay": 0.0}]
    return [torch.optim.AdamW(groups, **RULES)]


# %% [markdown]
# The loop is that of lesson 16. It can start in the middle of a run of `steps` steps,
# which we need later: `part` gives the batches and rates of some steps of a run.


# %%
def share_at(step, steps):  # of the largest rate: up in a tenth, then down to 0
    warmup = max(1, steps // 10)
    return min((step + 1) / warmup, (steps - step) / (steps - warmup))


def part(first, last, steps):  # the batches and rates of these steps of a run
    at = range(first, last)
    return [batch_at(s) for s in at], [share_at(s, steps) for s in at]


# %%
def learn_steps(model, optimizers, batches_of, shares):
    groups = [group for one in optimizers for group in one.param_groups]
    # remember each group's largest rate; a checkpoint keeps this note
    largest = [group.setdefault("largest", group["lr"]) for group in groups]
    for batch, share in zip(batches_of, shares, strict=True):
        model.zero_grad()
        batches.batch_loss(model, batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group, rate in zip(groups, largest, strict=True):
            group["lr"] = rate * share
        for optimizer in optimizers:
            optimizer.step()


# %%
def race(rival, rate, seed=0, steps=100, C=32, momentum=0.95):
    model = new_model(seed, C)
    optimizers = optimizers_of(model, rival, rate, momentum)
    learn_steps(model, optimizers, *part(0, steps, steps))
    return excess(model)


# %% [markdown]
# We search with seed 0. Then the winner of each search runs again with two other seeds,
# so that nobody wins by the luck of the search.

# %%
SEARCH = {
    "AdamW, one rate": (0.01, 0.02, 0.04, 0.08),
    "AdamW, two rates": (0.005, 0.01, 0.02, 0.04),
    "Muon": (0.01, 0.02, 0.04, 0.08),
}
search = {
    rival: {rate: race(rival, rate) for rate in rates}
    for rival, rates in SEARCH.items()
}
best = {rival: min(ends, key=ends.get) for rival, ends in search.items()}

# %% tags=["close:0.15"]
plot_search(
    search,
    "Each at its best rate: Muon is the lowest of the three",
    xlabel="learning rate (of the matrices)",
    ylabel="nats above the floor",
)

# %% tags=["close:0.15"]
again = {r: [race(r, best[r], seed) for seed in (1, 2)] for r in best}
for rival, (one, other) in again.items():
    mean = (one + other) / 2
    print(f"{rival:17s} {one:.2f} and {other:.2f} above the floor, mean {mean:.2f}")
leads = [a - b for a, b in zip(again["AdamW, two rates"], again["Muon"], strict=True)]
print("lead of Muon over two rates:", ", ".join(f"{lead:.2f}" for lead in leads))
assert max(again["Muon"]) < min(again["AdamW, one rate"] + again["AdamW, two rates"])

# %% [markdown]
# Muon wins with both new seeds, against two rivals that were searched as long as it
# was. A second rate is not the secret: AdamW ends a little lower with it, and Muon
# lower still. The two seeds of one row differ by luck alone. A lead that is larger than
# this luck counts, and Muon's mean is that far away from both rivals.
#
# What was *not* searched? The betas, and the decay of the matrices in the block: they
# were the same for all. And Muon's momentum was 0.95. (*Muon's memory* below tries another
# one.)
#
# And this is a tiny model and a short run. For large models others have measured how many
# operations Muon saves. One report says that AdamW needs about twice as many (Liu and
# others, 2025). Where both sides were searched with equal care, Muon was about 1.4 times as
# fast for 130 million weights, and only 1.1 times for 1.2 billion (Wen and others,
# 2025).

# %% [markdown]
# ### Stop and go on
#
# Long runs are interrupted: a power cut, a queue that gives you eight hours, a laptop
# that closes. A **checkpoint** is a file that holds everything that the next step
# depends on. What is that? Go through one step of our loop and write down what it
# reads:
#
# | the step reads | so the file must hold |
# |---|---|
# | the weights | `model.state_dict()` |
# | AdamW's $m$, $v$ and $t$, Muon's memory | `optimizer.state_dict()` |
# | the rate of this step | the step, and the largest rate (our note in the optimizer) |
# | the batch of this step | the step (our batch is, too) |
# | random numbers, if there is dropout | the state of the generator |
#
# Our model has no dropout, so three things are enough. The file has to be safe as well:
# if the power fails *while it is written*, the old file must still be there. So we
# write to a new file first, and then put it in the old one's place. The system does
# this last step as a whole or not at all. We say that the write is **atomic**. (A
# careful program also waits until the new file has really reached the disk, with
# `os.fsync`. The library does.)


# %%
def save(path, model, optimizer, step):
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    new = path.with_suffix(".new")
    torch.save(state | {"step": step}, new)
    os.replace(new, path)  # atomic: the old file or the new one, never half of one


def load(path, model, optimizer):
    state = torch.load(path, weights_only=True)  # numbers only, no programs
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"]


# %% [markdown]
# A run of 100 steps, once without a stop, and once with a power cut after step 50. The
# second half is a new process: it knows nothing but the file. (`adamw_of` is AdamW at
# the best rate that we have found for it.)


# %%
def adamw_of(model):
    return optimizers_of(model, "AdamW, one rate", best["AdamW, one rate"])[0]


folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
path = Path(folder.name, "run.pt")
whole = new_model()
learn_steps(whole, [adamw_of(whole)], *part(0, 100, 100))  # never stopped

half = new_model()
optimizer = adamw_of(half)
learn_steps(half, [optimizer], *part(0, 50, 100))
save(path, half, optimizer, step=50)
del half, optimizer  # the power cut

# %%
resumed = new_model(seed=99)  # other first weights: all must come from the file
optimizer = adamw_of(resumed)
step = load(path, resumed, optimizer)
learn_steps(resumed, [optimizer], *part(step, 100, 100))
pairs = zip(whole.parameters(), resumed.parameters(), strict=True)
assert all(torch.equal(one, other) for one, other in pairs)
print(f"went on at step {step}: every weight is equal, bit for bit")

# %% [markdown]
# These are not "about equal" weights but the same bits. The test is strict: if you
# forget a piece of state that the run uses, some bit will differ.
#
# > **For children (and for the rest of us).** You read a thick book and fall asleep. To
# > go on tomorrow you need the bookmark (the place), what happened so far (the
# > weights), how fast you were reading (the memory), and how many evenings are left
# > (the schedule).

# %% [markdown]
# ## Play with it
#
# ### A scaling law
#
# You have a few small runs. How good will a large one be? Here are three runs of Muon,
# each with twice the text of the one before. Runs of different length may want
# different rates. So each length searches its own rate with seed 0, and then runs at
# this rate with seed 1, too.


# %%
def searched(steps, C=32, rates=(0.02, 0.04, 0.08)):  # -> the best rate, two seeds
    tries = {rate: race("Muon", rate, 0, steps, C) for rate in rates}
    rate = min(tries, key=tries.get)
    return rate, tries[rate], race("Muon", rate, 1, steps, C)


# %% tags=["close:0.12"]
tokens, measured = [], []
for steps in (25, 50, 100):
    rate, *two = searched(steps)
    tokens.append(512 * steps)
    measured.append(sum(two) / 2)
    print(f"{tokens[-1]:6,} words: best rate {rate}, {two[0]:.3f} and {two[1]:.3f}")
    print(f"    mean {measured[-1]:.3f} above the floor")

# %% [markdown]
# (The seed of the search counts in the mean here, to save time. So each point is a little
# too low, all of them alike; for a race this would not be fair. And the first two best
# rates stand at the end of our list. A rate beyond it might be better still, so try one:
# `race("Muon", 0.16, 0, 25)`. It is worse.)
#
# Compare the rows. Twice the text does not take away a fixed *amount*. It leaves a
# fixed *share*, roughly: each excess is a little more than half of the one before. A
# quantity that is multiplied by a fixed number whenever its input is doubled follows a
# **power law**:
#
# $$\text{loss} = \text{floor} + A \cdot D^{-a}$$
#
# $D$ is the number of words read. Take the logarithm of both sides, and the curve
# becomes a straight line: $\ln(\text{excess}) = \ln A - a \ln D$. So we lay the best
# line through the logarithms. "Best" means **least squares**: the sum of the squared
# vertical distances is as small as possible. For one line this has a solution that you
# can type. For each point take its distance from the mean in x and its distance from
# the mean in y. The slope is the mean of their products, divided by the mean of the
# squared distances in x.


# %%
def fit_line(x, y):  # two lists -> height at 0 and slope of the best line
    x, y = torch.tensor(x), torch.tensor(y)
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx * dy).mean() / (dx * dx).mean()
    return (y.mean() - slope * x.mean()).item(), slope.item()


def logs(numbers):
    return [math.log(number) for number in numbers]


height, slope = fit_line(logs([1, 2, 4]), logs([0.8, 0.4, 0.2]))  # halves each time
print(f"A = {math.exp(height):.2f}, a = {-slope:.2f}")
assert math.isclose(-slope, 1, rel_tol=1e-5)
assert math.isclose(math.exp(height), 0.8, rel_tol=1e-5)

# %% tags=["close:0.3"]
height, slope = fit_line(logs(tokens), logs(measured))


def law(D):
    return math.exp(height + slope * math.log(D))


print(f"a = {-slope:.2f}: twice the text leaves {2**slope:.2f} of the excess")
large_D = 4 * tokens[-1]
print(f"predicted for {large_D:,} words: {law(large_D):.3f} above the floor")
assert 0.3 < -slope < 1.1

# %% [markdown]
# **Write the number down before you run the next cell.** A prediction that is made
# after the measurement is worth nothing. The large run has four times the text of the
# largest of the three. It searches its rate and has two seeds, as they did.

# %% tags=["close:0.12"]
rate, *two = searched(400)
large = sum(two) / 2
print(f"{large_D:,} words: best rate {rate}, {two[0]:.3f} and {two[1]:.3f}")
print(f"predicted {law(large_D):.3f} above the floor, measured {large:.3f}")
print(f"as a loss: predicted {floor + law(large_D):.2f}, measured {floor + large:.2f}")
assert 0.4 < large / law(large_D) < 1.8
assert large < measured[-1] / 2

# %% tags=["close:0.12"]
plot_points(
    {"small runs": (tokens, measured), "large run": ([large_D], [large])},
    "The line predicts the large run nearly right",
    xlabel="words read",
    ylabel="nats above the floor",
    lines={"the law": ([tokens[0], large_D], [law(tokens[0]), law(large_D)])},
    rings={"predicted": (large_D, law(large_D))},
    ticks=[*tokens, large_D],
    log_y=True,
)

# %% [markdown]
# Is that good? It is, for a run four times as expensive as any that we had. The
# prediction misses by less than the two seeds of the large run differ, and they differ
# by luck alone. Luck moves the small points, too, and with them the line, most of all
# far away from the points. So real laws are fitted to dozens of runs over several
# powers of ten.
#
# The search of the rates matters as well, because not all lengths have the same best
# rate. If one of the small runs has a bad rate, its point lies too high, and the line
# turns. (A run that is really large is too expensive for a search. Its rate is
# predicted, too, from the best rates of the small ones.)
#
# And we had a luxury: **we know the floor**. For real text nobody knows it, so it
# becomes a third number to fit. What happens if somebody leaves it out, and fits the
# loss itself?

# %% tags=["close:0.12"]
naive_height, naive_slope = fit_line(logs(tokens), logs([floor + m for m in measured]))
for times in (4, 100, 10_000):
    D = times * tokens[-1]
    naive = math.exp(naive_height + naive_slope * math.log(D))
    print(
        f"{times:6,} times the text: "
        f"with floor {floor + law(D):.2f}, without {naive:.2f}"
    )
assert naive < floor < floor + law(10_000 * tokens[-1])

# %% [markdown]
# Without the floor, the line runs on for ever and predicts the impossible: a loss below
# the entropy of the text. So fit a power law to the excess, never to the loss itself;
# and for the excess you need the floor.
#
# Laws of this kind were found for real language models by Kaplan and others (2020), over
# seven powers of ten. (They had no floor. Their runs were so far above it that the line
# still fitted, and they wrote themselves that it must bend one day. Hoffmann and others,
# 2022, fitted the floor as a third number.) What such a law does *not* tell is what the model can do: a
# mean over all words says nothing about the rare ones (lesson 9).

# %% [markdown]
# ### How large a model?
#
# A budget is counted in operations. A weight is used once on the way forward: one
# multiplication and one addition for each word. On the way back it is used twice, for
# two gradients. So $N$ weights that read $D$ words cost about
#
# $$C = 6\,N\,D$$
#
# operations. (In this formula the field's $C$ stands for *compute*, not for the width.
# Attention adds to it: see *What does a run cost?* in lesson 16.) For the same number
# of operations you can train a large model on little text, or a small one on much. Here
# are three models for one budget, each some six times as large as the one before. Each
# searches its own rate, as the runs above did, and runs at this rate with a second
# seed, too:


# %% tags=["close:0.15"]
def count(width):
    return sum(p.numel() for p in new_model(C=width).parameters())


by_size = {}
for width in (8, 32, 96):
    n = count(width)
    steps = round(100 * count(32) / n)  # so that N times D is the same for all
    rate, *two = searched(steps, width)
    by_size[n] = sum(two) / 2
    cost = f"{6 * n * 512 * steps:.1e}"
    print(f"{n:7,} weights, {512 * steps:7,} words, {cost} operations")
    print(f"    best rate {rate}, {two[0]:.2f} and {two[1]:.2f}, mean {by_size[n]:.2f}")

# %% tags=["close:0.15"]
smallest, middle, largest = by_size
assert by_size[smallest] > by_size[middle] + 0.03
assert by_size[largest] > by_size[middle] + 0.03
valley = {"one budget": (list(by_size), list(by_size.values()))}
plot_points(
    valley,
    "Neither the smallest nor the largest model is the best",
    xlabel="weights N (the budget then decides how many words are read)",
    ylabel="nats above the floor",
    lines=valley,
    rings={"best of these": (middle, by_size[middle])},
    ticks=list(by_size),
)

# %% [markdown]
# The curve is a valley. At its left end the model is too small to use so much text. At
# its right end it is large and has hardly read anything. The bottom is called
# **compute-optimal**. (It lies somewhere in the middle. Three points and two seeds
# cannot tell where exactly. Here, too, two of the best rates stand at the end of the
# list; one step beyond it changes little.)
#
# Hoffmann and others (2022) did this for models up to 16 billion weights. The valleys
# of larger budgets lie further to the right, and they found that $N$ and $D$ should
# grow *together*: a hundred times the budget, ten times the weights and ten times the
# text. That is the answer to the question at the start. Their model, Chinchilla, had
# about 20 tokens for each weight, and "**20 tokens a weight**" became a rule of thumb.
# It is a rule of 2022 for models that are trained once and hardly used. Who serves a
# model to millions of people takes a smaller one and trains it for much longer, because
# every answer costs $2N$ operations for each token. And for other text, such as ours,
# the number is another one.
#
# **The core ends here.** Answer questions 1 to 3 of *Check yourself*, then do
# [homework 17](homework/hw17.ipynb).

# %% [markdown]
# ## Why does this work?
#
# ### Muon's memory
#
# *More.* In the race Muon's momentum was 0.95, as its authors have it. That remembers
# about $1 / (1 - 0.95) = 20$ steps, which is long for a run of 100. Try a shorter
# memory, at the rate that was searched for the long one:

# %% tags=["close:0.15"]
short = [race("Muon", best["Muon"], seed, momentum=0.8) for seed in (1, 2)]
for momentum, (one, other) in {0.95: again["Muon"], 0.8: short}.items():
    print(f"momentum {momentum}: {one:.2f} and {other:.2f} above the floor")
assert sum(short) < sum(again["Muon"])

# %% [markdown]
# So for a run as short as ours the usual 0.95 is not the best value. (In the library it
# is `TrainConfig(muon_momentum=0.8)`.)
#
# ### The rule of thumb in numbers
#
# *More.* With 20 tokens a weight, a budget of operations says both numbers:


# %%
def compute_optimal(operations, per_weight=20):  # 6 N D = C and D = 20 N
    n = math.sqrt(operations / (6 * per_weight))
    return n, per_weight * n


for operations in (1e15, 1e21, 3.15e23):
    n, d = compute_optimal(operations)
    assert math.isclose(6 * n * d, operations)
    print(f"{operations:.2e} operations: {n:.1e} weights, {d:.1e} tokens")

# %% [markdown]
# The last line is the budget of GPT-3 (2020). Its published figures are 175 billion
# weights and 300 billion tokens. By the rule of 2022, this budget wants a model about
# three times smaller, and about three times as much text.
#
# ### Catch the slide
#
# *More.* A lecture ends with a question for the next one: *how does pre-training work
# at scale?* You have seen it. It is this loop, with more of everything. How much more?

# %% tags=["ledger:C45"]
base = world.load_base()
notes = world.WORLD_BASE.with_suffix(".json")  # kept when it was trained
stored = json.loads(notes.read_text("utf-8"))
ours = flops_per_token(base) * stored["recipe"]["steps"] * stored["words_per_step"]
gpt3 = 6 * 175e9 * 300e9
print(f"base model of Tiny World: {ours:.1e} operations")
print(f"GPT-3:                    {gpt3:.2e}, {gpt3 / ours:.0e} times as many")
years = gpt3 / 1e15 / 86_400 / 365
print(f"that is {years:.0f} years for one machine that does 1e15 a second")
assert 3.1e23 < gpt3 < 3.2e23

# %% [markdown]
# GPT-3's paper states 3.14e23, so the simple $6ND$ is enough for that. No single
# machine does this in time. The batch is shared among thousands: the
# [appendix](90_many_gpus.ipynb) plans such a run.

# %% [markdown]
# ### A power cut in the middle of writing
#
# *More.* The file of a checkpoint must be safe, too. Let the power fail while it is
# written, without our care and with it:

# %%
whole_file = path.read_bytes()
path.write_bytes(whole_file[: len(whole_file) // 2])  # written over the old file
try:
    torch.load(path, weights_only=True)
except RuntimeError:
    print("written over: the file cannot be read, and the old one is gone")

path.write_bytes(whole_file)
path.with_suffix(".new").write_bytes(whole_file[: len(whole_file) // 2])
print("written beside: the old file is there, of step", load(path, resumed, optimizer))

# %% [markdown]
# The library does all this, in a file of the format **safetensors** (it holds numbers
# and no programs): `train(model, batch_at, config, checkpoint=path)` goes on if the
# file is there.

# %%
config = TrainConfig(steps=20, optimizer="muon", warmup_steps=2, grad_clip=1.0)
whole, half = new_model(), new_model()
list(train(whole, batch_at, config))
path = Path(folder.name, "run.safetensors")
for record in train(half, batch_at, config, checkpoint=path):
    if record.step == 12:
        break  # a power cut
resumed = new_model(seed=99)
steps = [record.step for record in train(resumed, batch_at, config, checkpoint=path)]
pairs = zip(whole.parameters(), resumed.parameters(), strict=True)
assert all(torch.equal(a, b) for a, b in pairs)
print(f"the library went on at step {steps[0]}, and is equal, too")
folder.cleanup()

# %% [markdown]
# ### What does careless resuming cost?
#
# *More.* People forget parts of a checkpoint all the time, and nothing stops with an
# error. So let us measure. A run of 200 steps shares a machine with others and is
# interrupted every 25 steps. Each time it goes on with its *weights*, but it forgets
# something else:
#
# - the **optimizer's memory**: $m$ and $v$ start at 0 again;
# - the **schedule**: it believes that it is at step 0, so it warms up again, and its
#   rate never comes down;
# - the **place in the text**: it reads the first 25 batches again and again;
# - all three, as somebody does who saves nothing but `model.state_dict()`.


# %%
def interrupted(seed, forgets):
    model = new_model(seed)
    optimizer = adamw_of(model)
    for first in range(0, 200, 25):
        texts, shares = part(first, first + 25, 200)
        if "optimizer" in forgets:
            optimizer = adamw_of(model)
        if "schedule" in forgets:
            shares = part(0, 25, 200)[1]
        if "text" in forgets:
            texts = part(0, 25, 200)[0]
        learn_steps(model, [optimizer], texts, shares)
    return excess(model)


# %%
FORGETS = {
    "the optimizer's memory": ("optimizer",),
    "the place in the text": ("text",),
    "the schedule": ("schedule",),
    "all three": ("optimizer", "schedule", "text"),
}
SEEDS = (0, 1)
good = torch.tensor([interrupted(seed, ()) for seed in SEEDS])  # forgets nothing
worse = {
    name: (torch.tensor([interrupted(seed, what) for seed in SEEDS]) - good).tolist()
    for name, what in FORGETS.items()
}
mean_worse = {name: sum(both) / 2 for name, both in worse.items()}

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
three = list(FORGETS)[:3]
Predict(
    "Which of the three is the worst to forget, in this run?",
    max(three, key=mean_worse.get),
    options=three,
    because="The bars below show by how much. None of them is free.",
)

# %% tags=["close:0.12"]
print(f"{'nothing':24s} {good.mean():.2f} above the floor")
for name, (one, other) in worse.items():
    print(f"{name:24s} {one:+.3f} and {other:+.3f}")
assert max(mean_worse.values()) > 0.05
assert min(worse["all three"]) > 0.03
plot_bars(
    list(FORGETS),
    {"worse by": list(mean_worse.values())},
    "What it costs to forget something at each stop",
    xlabel="nats more than the run that forgot nothing (mean of 2 seeds)",
)

# %% [markdown]
# We subtract seed by seed: both sides begin with the same weights, so a part of the luck
# is the same and drops out. The schedule costs most of the three: a rate that never comes down leaves the weights
# jumping about. To read the same text again costs what the unread text would have
# taught. And an optimizer without its memory takes blind steps for a while, after each
# stop. No error ever says so. The comparison of bits would have found each of them in a
# minute.

# %% [markdown]
# ### Precision: how many digits does a number need?
#
# *More.* A number in a computer has some bits for its size (the *exponent*) and some
# for its digits (the *mantissa*). Fewer bits are faster: a graphics card multiplies
# matrices of 16-bit numbers many times as fast as matrices of 32-bit numbers, and they
# take half the memory. There are two 16-bit formats, and they spend their bits
# differently.

# %%
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    info = torch.finfo(dtype)
    name = str(dtype).removeprefix("torch.")
    print(
        f"{name:8s} {info.bits} bits, largest {info.max:.5g}, smallest at full "
        f"precision {info.tiny:.0e}, next after 1: {1 + info.eps:.7f}"
    )

# %% [markdown]
# **bfloat16** has the range of float32 but only two to three digits. **float16** has
# one digit more, but nothing above 65504 fits. What happens to three ordinary numbers?

# %%
numbers = torch.tensor([1.001, 70_000.0, 1e-8])
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    kept = [f"{x:.7g}" for x in numbers.to(dtype).tolist()]
    print(f"{str(dtype)[6:]:8s}", ", ".join(kept))
assert numbers.to(torch.bfloat16)[0] == 1
assert numbers.to(torch.float16)[1] == math.inf
assert numbers.to(torch.float16)[2] == 0

# %% [markdown]
# In bfloat16 the 1.001 has lost its last digits. In float16 the large number has become
# infinite, and the small one 0. Gradients are often as small as this, so training in
# float16 multiplies the loss by a large number first (*loss scaling*). bfloat16 does
# not need that, which is why most people use it today.
#
# What about updates? A weight of 1 gets a hundred updates of 0.001:

# %%
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    weight = torch.ones((), dtype=dtype)
    for _ in range(100):
        weight = weight + 0.001
    print(f"1 + 100 * 0.001 in {str(dtype)[6:]:8s} = {weight.item():.4f}")
    if dtype == torch.bfloat16:
        assert weight == 1

# %% [markdown]
# In bfloat16 the weight never moves: next to 1 the update is smaller than half a gap,
# and each sum is rounded back to 1. The model would stop learning, without any error.
# So **mixed precision** uses bfloat16 where speed counts and float32 where small
# changes must survive:

# %%
plot_flow(
    [
        ("weights", "float32"),
        ("a copy", "bfloat16"),
        ("products", "bfloat16"),
        ("loss", "float32"),
        ("gradients", "float32"),
        ("update", "float32"),
    ],
    "Mixed precision: only the matrix products are in bfloat16",
    arrows=["round", "batch", "softmax", "backward", "AdamW"],
    colors=[BLUE, ORANGE, ORANGE, BLUE, BLUE, BLUE],
)

# %% tags=["close:0.4"]
model, batch = new_model(), batch_at(0)
batches.batch_loss(model, batch).backward()
exact = model.blocks[0].up.weight.grad.clone()
model.zero_grad()
with torch.autocast("cpu", dtype=torch.bfloat16):  # torch's mixed precision
    logits = model(batch.inputs)
    loss = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
loss.backward()
mixed = model.blocks[0].up.weight.grad
print(f"logits {logits.dtype}, loss {loss.dtype}, gradient {mixed.dtype}")
error = ((mixed - exact).norm() / exact.norm()).item()
print(f"the gradient is wrong by {100 * error:.1f} %")
assert 0.0001 < error < 0.05

# %% tags=["close:0.4"]
model.zero_grad()
batches.batch_loss(model, batch_at(1)).backward()
other = model.blocks[0].up.weight.grad
change = ((other - exact).norm() / exact.norm()).item()
print(f"another batch changes it by {100 * change:.0f} %")
assert change > 10 * error

# %% [markdown]
# The error of the 16 bits is small beside the noise from the choice of the batch, so
# nobody notices it. (`TrainConfig(precision="bfloat16")` switches it on. On most
# laptops it brings no speed: it is made for graphics cards.)

# %% [markdown]
# ### Bug zoo 2
#
# *More.* Blocks break quietly (lesson 13), and training loops do so, too. Here are the
# four parts of a loop, written correctly, and four bugs. Each bug replaces one part.


# %%
def shifted(rows):  # inputs and targets
    return rows[:, :-1], rows[:, 1:]


def fresh_gradient(model, x, y):
    model.zero_grad()
    batches.batch_loss(model, batches.Batch(x, y)).backward()


def quiet_loss(model, x, y):  # the model in use: no dropout
    return batches.evaluate_loss(model, x, y)


RIGHT = dict(pairs=shifted, gradient=fresh_gradient, rate=share_at, evaluate=quiet_loss)


# %%
def not_shifted(rows):
    return rows[:, :-1], rows[:, :-1]


def old_gradient_stays(model, x, y):
    batches.batch_loss(model, batches.Batch(x, y)).backward()


def called_twice(step, steps):  # the schedule moves on twice in each step
    return max(0.0, share_at(2 * step, steps))


def still_training(model, x, y):  # forgot model.eval()
    return batches.batch_loss(model.train(), batches.Batch(x, y)).item()


ZOO = {
    "no bug": RIGHT,
    "not shifted": RIGHT | {"pairs": not_shifted},
    "old gradient stays": RIGHT | {"gradient": old_gradient_stays},
    "schedule called twice": RIGHT | {"rate": called_twice},
    "dropout in the test": RIGHT | {"evaluate": still_training},
}


# %% [markdown]
# All of them run. First you see what somebody sees who looks at the loss only. (The
# model has dropout now, so that the last bug has something to break.)


# %%
def leaky_model():
    sizes = dict(context_size=32, emb_dim=32, n_heads=2, n_layers=1, dropout=0.1)
    config = GPTConfig(vocab_size=world.VOCAB_SIZE, **sizes)
    return GPT(config, torch.Generator().manual_seed(0))


# %%
def finish(loop, steps=100):
    model = leaky_model()
    torch.manual_seed(0)  # dropout draws from torch's own generator
    adamw = torch.optim.AdamW(model.parameters(), weight_decay=0.1)
    for step in range(steps):
        rows = learn[16 * step : 16 * step + 16]  # (16, 33)
        loop["gradient"](model.train(), *loop["pairs"](rows))
        adamw.param_groups[0]["lr"] = 0.02 * loop["rate"](step, steps)
        adamw.step()
    return loop["evaluate"](model, *loop["pairs"](held))


# %% tags=["close:0.15"]
found = {name: finish(loop) for name, loop in ZOO.items()}
for name, loss in found.items():
    told = f"{loss:.2f}" if loss < 2.6 else "over 2.6"
    print(f"{name:22s} held-out loss {told}, floor {floor:.2f}")
assert found["not shifted"] < floor
assert found["schedule called twice"] > found["no bug"]
assert found["dropout in the test"] > found["no bug"]

# %% [markdown]
# One is *below the floor*, and no honest model can be: it has learned to repeat the
# word that it has just read. (For real text, without a known floor, this bug looks like
# a triumph.) The others look like a recipe that needs more care. So do not look at
# losses. Ask each part a question with a known answer.


# %%
def targets_follow(loop):  # each target is the next input
    x, y = loop["pairs"](torch.arange(33)[None])
    return torch.equal(x[:, 1:], y[:, :-1])


def same_gradient_twice(loop):
    model, (x, y) = new_model(), shifted(learn[:16])
    loop["gradient"](model, x, y)
    first = model.embedding.weight.grad.clone()
    loop["gradient"](model, x, y)
    return torch.allclose(first, model.embedding.weight.grad, atol=1e-6)


def highest_after_warmup(loop):
    rates = [loop["rate"](step, 100) for step in range(100)]
    return rates.index(max(rates)) in (9, 10)


def same_loss_twice(loop):
    model, (x, y) = leaky_model(), shifted(learn[:16])
    return loop["evaluate"](model, x, y) == loop["evaluate"](model, x, y)


# %%
CHECKS = (targets_follow, same_gradient_twice, highest_after_warmup, same_loss_twice)
for name, loop in ZOO.items():
    failed = [check.__name__ for check in CHECKS if not check(loop)]
    print(f"{name:22s} {', '.join(failed) or 'passes all four'}")
    assert len(failed) == (name != "no bug")

# %% [markdown]
# Each test catches exactly one bug, takes a moment, and needs no training. Two more
# belong in your own collection: the comparison of bits above (a piece of state is
# forgotten), and lesson 16's look for held-out texts that were also learned.
#
# ## Check yourself
#
# ### Questions
#
# **1.** Why do gains of norms get no weight decay, but the matrices do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Decay pulls towards 0. For a matrix, 0 means "no opinion", and small is a good place
# to be. For a gain, 0 means "switch this number of the vector off"; its neutral
# value is 1. There are also so few of them that making them small would bring nothing.
#
# </details>
#
# **2.** A colleague resumes a run. The first loss after the stop is exactly that of the
# checkpoint. "So all is restored", she says. What can still be wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The first loss depends on the weights only. The optimizer's memory, the rate of this
# step and the batches to come show later. The test that finds them: run 100 steps
# without a stop and with one, and compare the weights bit for bit.
#
# </details>
#
# **3.** You double the text and the excess falls from 0.40 to 0.30. What do you predict
# for four times *that* text, and what must you be careful about?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each doubling leaves three quarters: 0.30 times 0.75 times 0.75 is 0.17. Two points
# make any line exact, so the error is unknown: other seeds and more points must tell.
# And the excess needs the floor.
#
# </details>
#
# **4.** (*More.*) Why does a sum of many small numbers go wrong in bfloat16, although
# each of the small numbers can be written well?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The format keeps two to three digits *of the result*. Next to 1 the neighbours are
# 0.008 apart, so 1 + 0.001 is rounded back to 1. The small number itself has its own
# exponent and loses nothing.
#
# </details>
#
# **5.** (*More.*) Your turn: leave out the search. Let the three small runs all have
# the rate 0.02, fit the law to them, and predict the large run. What happens, and why?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `slow = [race("Muon", 0.02, 0, steps) for steps in (25, 50, 100)]`, and then
# `fit_line(logs(tokens), logs(slow))`. All three points lie too high. The line falls
# less steeply, and the excess that it predicts for the large run is about twice that
# of the searched runs. A bad recipe has a law, too, but it is another law.
#
# </details>
#
# ## Recap
#
# - **Idea.** Muon gives all directions of a matrix the same speed, and so learns more
#   from the same text. A checkpoint holds everything that the next step reads, and the
#   test for it is equality bit for bit. The excess over the floor falls like a power of
#   the text, so small runs predict larger ones, roughly.
# - **Formula.** $\text{loss} = \text{floor} + A \cdot D^{-a}$, and $C = 6\,N\,D$.
# - **Pitfall.** A new method against a rival that was not searched; a resumed run that
#   looks fine; a law without a floor.
# - **Moved into the library:** `course_lib.optimizers` (`Muon`, `orthogonalize`,
#   `build_optimizers`), `course_lib.engine.resume`,
#   `TrainConfig(precision="bfloat16")`.
#
# | what | shape |
# |---|---|
# | gradient of a matrix | $(R, S)$ |
# | its singular values | $(\min(R, S),)$ |
# | $X X^\top$ in Newton-Schulz | $(R, R)$ |
# | AdamW's memory | two numbers for each weight |
# | Muon's memory | one number for each weight |
#
# | here | elsewhere |
# |---|---|
# | decay | weight decay, `weight_decay`, $\lambda$ |
# | gain of a norm | weight, gamma, scale |
# | checkpoint of a run | training state, snapshot |
# | excess | reducible loss |
# | floor | irreducible loss, entropy of the text |
# | operations | FLOPs |
#
# **Homework:** [Homework 17](homework/hw17.ipynb), about 65 minutes, of which 40 are
# core. A badge under each check says at once whether your answer is correct.
#
# **Next:** our model sees 32 words. Why not a million?
# [18. Context length](18_context_length.ipynb)
