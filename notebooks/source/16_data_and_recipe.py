# %% [markdown]
# # 16. Training a GPT
#
# **How does a loop become a recipe?**
#
# The loop of lesson 7 is four lines, and it trains a GPT too. But every real run
# surrounds it with a recipe: clean text, a warm-up, clipped gradients, two kinds of
# optimizer, checkpoints. This lesson builds each part by hand, and then asks the rude
# question: does it make a difference?
#
# - **You will** clean a small collection, build schedule, clipping and Muon, stop a run
#   and go on as if nothing had happened, train a GPT on Tiny World, and catch six bugs
#   that raise no error.
# - **You need** lessons 7 (the loop), 9 (Tiny World and its floor) and 14 (GPT).
# - **Time** 60 minutes.
# - **Back** [15. Taking a trained model apart](15_taking_apart.ipynb) ·
#   **Next** [18. Context length](18_context_length.ipynb)

# %%
import hashlib
import json
import math
import random
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches
from course_lib.engine.speed import flops_per_token
from course_lib.engine.token_files import write_tokens
from course_lib.generate import generate_texts
from course_lib.gpt import GPT, GPTConfig
from course_lib.optimizers import build_optimizers, orthogonalize
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import TrainingDashboard

torch.set_printoptions(precision=4, sci_mode=False)
V = world.VOCAB_SIZE

# %% [markdown]
# ## Predict first
#
# The base model of Tiny World multiplies each word by some 640,000 weights. To *learn*
# from one word it must compute its prediction, and then the gradient. One
# multiplication or one addition counts as one operation. **How many million operations
# does one word cost?**

# %%
my_guess = None

# %%
base = world.load_base()
N = sum(p.numel() for p in base.parameters())  # the tied head counts once
L, C, T = base.config.n_layers, base.config.emb_dim, base.config.context_size
also = f"6 N = {6 * N / 1e6:.2f} million, 12 L C T = {12 * L * C * T / 1e6:.2f} million"
print(reveal(my_guess, flops_per_token(base) / 1e6, digits=1, also=also))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# A weight is used once on the way forward: one multiplication, one addition. On the way
# back it is used twice: for the gradient of what came in, and for its own. That makes
# six operations per weight and word: $6N$. Attention adds $12\,LCT$: its products do
# not involve weights, but grow with the layers $L$, the width $C$ and the context $T$.
#
# </details>

# %%
assert flops_per_token(base) == 6 * N + 12 * L * C * T

# %% [markdown]
# ## Build it by hand
#
# ### First the text
#
# "Download and preprocess the data", say the notes of a learner, and go on. Most of the
# work of **pre-training** (the first, long training on plain text) hides in that line.
# Here is a collection as the web would give it: copies with other spaces, pages cut
# off in the middle, menus and junk between good texts.
#
# Four steps. **Normalise**: what means the same is written the same. **Filter**: out
# with what is no text. **Deduplicate**: each text once. **Split**: hold some
# *documents* out, before anything is cut into windows.

# %%
tiny = world.World(seed=0)
good = [tiny.document(i).text for i in range(300)]
dice = random.Random(0)
copies = ["  " + text.replace(" ", "  ") for text in dice.choices(good, k=60)]
cut = [text[: len(text) // 3] for text in dice.choices(good, k=30)]
junk = ["home | login | 404", "$$$ 100% FREE $$$ >>> click", "", "a" * 300] * 10
crawl = good + copies + cut + junk
dice.shuffle(crawl)
print(f"{len(crawl)} texts, for example {crawl[3][:40]!r} and {crawl[1][:40]!r}")


def looks_like_text(text):
    letters = sum(c.isalpha() or c == " " for c in text) / max(1, len(text))
    return letters > 0.8 and text.endswith((".", "!", "?")) and " " in text


def number_of(text):  # the same text gives the same number, on every machine
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


# %% tags=["ledger:B1"]
tidy = [" ".join(text.split()) for text in crawl]
kept = [text for text in tidy if looks_like_text(text)]
unique = list({number_of(text): text for text in kept}.values())
held_out = [text for text in unique if number_of(text) % 10 == 0]
learn = [text for text in unique if number_of(text) % 10 != 0]
for name, texts in (("crawl", crawl), ("filtered", kept), ("unique", unique)):
    print(f"{name:9s} {len(texts)}")
print(f"to learn from {len(learn)}, held out {len(held_out)}")
assert not set(learn) & set(held_out)

lost = set(good) - set(unique)
spared = sorted(set(unique) - set(good))
print(f"good texts lost: {len(lost)}, bad texts kept: {len(spared)}, for example")
print("  ", spared[-1][:75])
parents = [text for text in good if text.startswith(spared[-1])]
assert parents  # it is the beginning of another text
split = len(tidy) // 10  # the first tenth held out, copies and all
leaked = set(tidy[:split]) & set(tidy[split:]) & set(good)
print(f"split without deduplication: {len(leaked)} held-out texts are also learned")
assert leaked

# %% [markdown]
# Ask every pipeline where it errs. A text that is cut after a full stop looks whole and
# slips through. It is also the beginning of another text, and our deduplication, which
# looks for equal texts, does not notice: real pipelines look for long pieces in common.
# And a held-out text that was also learned measures memory, not skill.
#
# ### A file of tokens
#
# Real collections do not fit in memory. So the tokens go into a file, and the file is
# **mapped**: it looks like an array, but the system fetches only the pages you touch. A
# batch is a few windows from random places, and the targets are the same windows one
# word later.

# %%
folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
words = world.WorldTokenizer()
end = words.special_tokens[world.EOT]
file = write_tokens(Path(folder.name, "learn.tokens"), learn, words, end_token=end)
print(f"{len(file):,} tokens for {file.n_bytes:,} bytes of text")
print("kept as", type(file.tokens).__name__)

batch = batches.token_batches(file.tokens, batch_size=4, context_size=16, seed=0)(0)
places = torch.Generator().manual_seed(0)
starts = torch.randint(len(file) - 16, (4,), generator=places)
rows = torch.stack([torch.tensor(file.tokens[i : i + 17].astype(int)) for i in starts])
assert batch.inputs.equal(rows[:, :-1])
assert batch.targets.equal(rows[:, 1:])
print(words.decode(rows[0].tolist()))

# %% [markdown]
# (The places depend on the step alone. That will matter when a run has to go on.)
#
# ### The schedule
#
# The **learning rate** is not one number. It rises over a few steps (the **warm-up**)
# and then falls, in a line or along half a cosine wave.


# %%
def rate_at(step, largest, steps, warmup, shape):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    if shape == "constant":
        return largest
    return largest * (
        1 - done if shape == "linear" else (1 + math.cos(math.pi * done)) / 2
    )


schedules = {}
for shape in ("constant", "linear", "cosine"):
    mine = [rate_at(s, 0.005, 300, 30, shape) for s in range(300)]
    config = TrainConfig(
        steps=300, learning_rate=0.005, warmup_steps=30, schedule=shape
    )
    torch.testing.assert_close(mine, [config.learning_rate_at(s) for s in range(300)])
    schedules[shape] = (range(300), [1000 * rate for rate in mine])
plots.plot_curves(
    schedules,
    "Up in 30 steps, then down: three schedules",
    xlabel="training step",
    ylabel="learning rate x 1000",
)

# %% [markdown]
# ### Between the loss and the step
#
# If a batch does not fit in memory, split it and add up the gradients of the parts:
# **accumulation**. Each part's loss counts with its share. **Clipping** shortens a
# gradient that is too long and leaves its direction alone.

# %%
small = GPTConfig(vocab_size=V, context_size=32, emb_dim=32, n_heads=2, n_layers=2)
rows = world.token_rows(tiny, "train", 0, n_rows=640, length=33).tokens
batch_at = batches.mini_batches(rows[:, :-1], rows[:, 1:], batch_size=16)


def new_model():
    return GPT(small, torch.Generator().manual_seed(0))


def loss_of(model, inputs, targets):
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def clip(parameters, longest=1.0):
    norm = sum(p.grad.square().sum() for p in parameters).sqrt()
    for p in parameters:
        p.grad *= min(1.0, longest / (norm + 1e-6))
    return norm


# %% tags=["close"]
whole, parts = new_model(), new_model()
inputs, targets, _ = batch_at(0)
(9 * loss_of(whole, inputs, targets)).backward()
for x, y in zip(inputs.chunk(4), targets.chunk(4), strict=True):
    (9 * loss_of(parts, x, y) / 4).backward()  # gradients add up by themselves
one, other = (m.embedding.weight.grad for m in (whole, parts))
torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
print("one batch of 16 rows, or 4 times 4 rows: the same gradient")
mine = clip(list(whole.parameters()))
torch.testing.assert_close(mine, nn.utils.clip_grad_norm_(parts.parameters(), 1.0))
torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
print(f"its length was {mine:.2f} and is now 1")

# %% [markdown]
# **AdamW** is Adam (lesson 7) that can let weights **decay**: each step pulls them a
# little towards 0. Matrices may decay. The gains of the norms should stay near 1, so
# they go into a second **group** without decay. And now the loop. It is still:
# *evaluate the loss, change the weights, repeat*. The rest is care.

# %% tags=["ledger:A10", "close"]
model = new_model()
matrices = [p for p in model.parameters() if p.ndim == 2]
gains = [p for p in model.parameters() if p.ndim < 2]
adamw = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.1}, {"params": gains, "weight_decay": 0.0}]
)
for step in range(20):
    inputs, targets, _ = batch_at(step)
    adamw.zero_grad()
    loss_of(model, inputs, targets).backward()
    clip(matrices + gains)
    for group in adamw.param_groups:
        group["lr"] = rate_at(step, 0.01, 20, 5, "linear")
    adamw.step()

twin = new_model()
config = TrainConfig(steps=20, warmup_steps=5, weight_decay=0.1, grad_clip=1.0)
records = list(train(twin, batch_at, config))
for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
    torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=1e-3)
print(f"loss {records[0].loss_nats:.2f} -> {records[-1].loss_nats:.2f}, same weights")

# %% [markdown]
# ### Muon
#
# A gradient of a matrix is a matrix too. It pushes hard in a few directions and hardly
# at all in the others. How hard, say its **singular values**: write the matrix as
# $U S V^\top$, turn, stretch, turn; $S$ holds the stretches. **Muon** (Jordan and
# others, 2024) keeps a running mean of the gradients and sets all its stretches to 1.
# What remains is $U V^\top$: every direction learns at the same speed. (Below we do it
# to one gradient.)
#
# Nobody computes $U S V^\top$ at every step, that would be slow. A few matrix products
# do nearly the same: each round puts every stretch $s$ through a curve that pulls it
# towards 1.

# %% tags=["close:0.05"]
matrix = model.blocks[0].up.weight.grad.clone()  # (128, 32)
U, S, Vt = torch.linalg.svd(matrix, full_matrices=False)
x = matrix / matrix.norm()
for _ in range(5):
    square = x.T @ x
    x = 3.4445 * x + x @ (-4.7750 * square + 2.0315 * square @ square)
torch.testing.assert_close(x, orthogonalize(matrix), atol=1e-3, rtol=1e-3)
stretches = torch.linalg.svdvals(x)
print(f"before: {S[-2] / S[0]:.3f} to 1 (of the largest), and one {S[-1] / S[0]:.3f}")
print(f"after:  {stretches[-2]:.2f} to {stretches[0]:.2f}, and one {stretches[-1]:.2f}")
cosine = F.cosine_similarity(x.flatten(), (U @ Vt).flatten(), 0)
print(f"cosine with U V^T: {cosine:.2f}")
assert stretches[-1] < 0.01 < 0.5 < stretches[-2] < stretches[0] < 1.3

# %% [markdown]
# Close to 1 is close enough. (One stretch stays 0: the norm before this matrix takes
# the mean away, so nothing ever comes from that direction.) In our recipe Muon takes the
# matrices inside the blocks, AdamW the rest (embedding and norms).
#
# ### Stop and go on
#
# Machines fail. A **checkpoint** keeps all that the next step depends on: the weights,
# the optimizers' memories, the state of the dice, and the step (which says where in
# the text we are). The weights alone are not enough.

# %%
config = TrainConfig(steps=30, optimizer="muon", warmup_steps=3, grad_clip=1.0)
never_stopped, stopped, careless = new_model(), new_model(), new_model()
list(train(never_stopped, batch_at, config))

path = Path(folder.name, "run.safetensors")
for record in train(stopped, batch_at, config, checkpoint=path):
    if record.step == 12:
        careless.load_state_dict(stopped.state_dict())  # keeps the weights only
        break  # a power cut
stopped = new_model()  # a new process knows nothing
steps = [record.step for record in train(stopped, batch_at, config, checkpoint=path)]
rates = {"learning_rate": 0.02 / 3, "muon_learning_rate": 0.04 / 3}
rest = TrainConfig(steps=18, optimizer="muon", grad_clip=1.0, **rates)
list(train(careless, lambda step: batch_at(step + 12), rest))  # same rates, no memory

pairs = zip(never_stopped.parameters(), stopped.parameters(), strict=True)
assert all(one.equal(other) for one, other in pairs)
print(f"went on at step {steps[0]}: every weight is equal, bit for bit")
assert not careless.embedding.weight.equal(stopped.embedding.weight)
folder.cleanup()

# %% [markdown]
# > **For children (and for the rest of us).** Learning to ride a bicycle: start slowly
# > (warm-up), do not jerk the handlebars because of one stone (clipping), make smaller
# > corrections the better you ride (the falling rate). And if it rains, remember where
# > you stopped *and how fast you were*.
#
# ## Compare with torch
#
# You have already compared: clipping with `nn.utils.clip_grad_norm_`, Muon's products
# with `torch.linalg.svd`, the loop with `course_lib.train`. The schedule exists in torch
# as well, and `build_optimizers` makes the groups. Last, a hundred small updates in two
# precisions.

# %%
optimizer = build_optimizers(new_model(), "adamw", weight_decay=0.1)[0]
assert [g["weight_decay"] for g in optimizer.param_groups] == [0.1, 0.0]
plan = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda step: rate_at(step, 1.0, 300, 30, "cosine")
)
for step in range(299):
    expected = optimizer.defaults["lr"] * rate_at(step, 1.0, 300, 30, "cosine")
    assert math.isclose(optimizer.param_groups[0]["lr"], expected)
    optimizer.step()
    plan.step()
print(f"torch's scheduler gives our rates; in the end {plan.get_last_lr()[0]:.6f}")

for dtype in (torch.float32, torch.bfloat16):
    weight = torch.ones(1, dtype=dtype)
    for _ in range(100):
        weight += 0.001
    print(f"1 + 100 x 0.001 in {str(dtype)[6:]:8s} = {weight.item():.3f}")
assert weight.item() == 1

# %% [markdown]
# ### Faster machines
#
# What changes on a graphics card, and what does not?
#
# | setting | what changes | what does not |
# |---|---|---|
# | a GPU instead of a CPU | speed; sums are added in another order, so the last digits | model, recipe, what is learned |
# | `precision="bfloat16"` | matrix products with 8 bits of precision: half the memory traffic, special circuits | weights, optimizer and loss stay in float32 |
# | `compile=True` | the kernels are fused; the first step is slow | the mathematics |
# | `accumulate=k` | less memory, k passes per update | the gradient, up to rounding |
# | `recompute=True` | far less memory, about a third more work | the gradient, up to rounding |
#
# Why do the weights stay in float32? You have just seen it: in bfloat16, small updates
# vanish.
#
# ## See it
#
# Now the rude question. We train the same small GPT for 100 steps: with the whole
# recipe, with one part changed, and with nothing changed but the **dice** of the first
# weights. Those last runs tell how large a difference has to be before it means anything.

# %%
config = GPTConfig(vocab_size=V, context_size=64, emb_dim=64, n_layers=2)
rows = world.token_rows(tiny, "train", 0, n_rows=800, length=65).tokens
source = batches.mini_batches(rows[:, :-1], rows[:, 1:], batch_size=8)
held = world.token_rows(tiny, "val", 0, n_rows=128, length=65)
x, y = held.tokens[:, :-1], held.tokens[:, 1:]
floor = held.nats[:, 1:].mean().item()
RECIPE = {"optimizer": "muon", "learning_rate": 5e-3, "betas": (0.9, 0.98)}
RECIPE |= {"weight_decay": 0.1, "grad_clip": 1.0, "warmup_steps": 8, "steps": 100}


def held_out_loss(model):
    return batches.evaluate_loss(model, x, y, 32)


def result(seed=0, **changes):
    model = GPT(config, torch.Generator().manual_seed(seed))
    list(train(model, source, TrainConfig(**{**RECIPE, **changes})))
    return held_out_loss(model)


def write(model):
    rest = generate_texts(model, words, ["Once"], max_new_tokens=36, seeds=0)
    return "Once" + rest[0]


# %% tags=["close:0.05"]
runs = {
    "the whole recipe": {},
    "other dice": {"seed": 1},
    "still other dice": {"seed": 2},
    "AdamW at the old rate": {"optimizer": "adamw"},
    "AdamW at twice the rate": {"optimizer": "adamw", "learning_rate": 0.01},
    "no warm-up": {"warmup_steps": 0},
    "no clipping": {"grad_clip": None},
    "rate stays constant": {"schedule": "constant"},
}
losses = {name: result(**changes) for name, changes in runs.items()}
whole = losses["the whole recipe"]
for name, loss in losses.items():
    print(
        f"{name:24s} {loss:.2f} ({loss - whole:+.2f}), {loss - floor:.2f} above floor"
    )

for name in ("other dice", "still other dice", "no warm-up", "no clipping"):
    assert abs(losses[name] - whole) < 0.1
gap, fair_gap = (
    losses[f"AdamW at {rate} rate"] - whole for rate in ("the old", "twice the")
)
assert gap > 0.15
assert abs(fair_gap) < gap / 2
assert losses["rate stays constant"] < whole - 0.05

# %% [markdown]
# Read it honestly. Other dice move the loss by about as much as no warm-up or no
# clipping does: a difference of that size is no result. In so short a run of so small a
# model, warm-up and clipping hardly matter. Muon beats AdamW clearly if AdamW just
# takes over at its old rate. That is unfair: Muon has a larger rate of its own
# (`muon_learning_rate`). At a rate that suits AdamW, most of the gap is gone. And the
# falling rate even costs something, because a run that is far from done would rather go
# on at full speed.
#
# So why does everybody use all of it? Some parts pay in longer runs. Others are
# insurance. Let **one** batch in the middle be a bad one, with a gradient a thousand
# times too long:


# %% tags=["close:0.05"]
def with_accident(longest):
    model = new_model()
    adamw = torch.optim.AdamW(model.parameters(), lr=0.01)
    lengths = []
    for step in range(60):
        adamw.zero_grad()
        loss = loss_of(model, *batch_at(step)[:2])
        (loss * (1000 if step == 15 else 1)).backward()
        lengths.append(clip(list(model.parameters()), longest).item())
        adamw.step()
    return loss.item(), max(lengths)


healthy, longest = with_accident(1.0)
hurt, _ = with_accident(math.inf)
print(f"longest gradient {longest:.0f}: clipped {healthy:.2f}, not clipped {hurt:.2f}")
assert hurt > healthy + 0.2

# %% [markdown]
# Adam remembers. For a while it walks on in the giant's direction, and the loss rises.
# Then, for the rest of this run, all other gradients look small beside the giant: the
# learning crawls. In a run of months such a batch will come.
#
# ## Play with it
#
# The real thing, shorter: a GPT with the whole recipe reads Tiny World. Each step brings
# 16 new rows of 64 words; no text comes twice. The base model is five times as large and
# reads some seven times as much. (Run the cell in JupyterLab, and the picture grows
# while you watch.)
#
# - **Slide to step 0.** What does it write, and which loss goes with that?
# - **Go from sample to sample.** When does it know that a full stop ends a sentence?
#   When do names and animals make sense?
# - **Look at the gradient norm** while the learning rate rises. When is it highest?

# %% tags=["close:0.05", "words:0.2"]
model = GPT(config, torch.Generator().manual_seed(0))
recipe = TrainConfig(**{**RECIPE, "steps": 300, "warmup_steps": 15, "eval_every": 30})
board = TrainingDashboard(recipe.steps, lines={f"ln {V}": math.log(V)}, floor=floor)
board.show()  # it grows while the loop runs
for record in train(
    model,
    world.world_batches(tiny, n_rows=16, length=64),
    recipe,
    evaluate=held_out_loss,
    sample=write,
):
    board.add(record)
board.finish()
loss = board.points["held out"][-1][1]
n_bytes = len(words.decode(y.flatten().tolist()).encode()) / y.numel()  # per word
for name, nats in (("model", loss), ("floor", floor)):
    print(f"{name} {nats:.2f} nats, {nats / math.log(2) / n_bytes:.3f} bits per byte")
assert floor < loss < 1.6
board

# %% [markdown]
# **Bits per byte** (lesson 10) do not depend on the tokenizer, so they can be compared
# with any other model of the same text. The **floor** is what nobody can beat: Tiny
# World throws dice, and we know them all.
#
# ## Why does this work?
#
# ### Why warm up?
#
# Adam divides each gradient by its usual size. In the first step it knows just one
# gradient. Divide a number by its own size: what is left?

# %% tags=["close"]
model = new_model()
before = model.embedding.weight.detach().clone()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.0)
loss_of(model, *batch_at(0)[:2]).backward()
optimizer.step()
moved = (before - model.embedding.weight).detach()
gradient = model.embedding.weight.grad
sure = gradient.abs() > 1e-6
torch.testing.assert_close(moved[sure], 0.01 * gradient[sure].sign(), atol=2e-4, rtol=0)
print(f"gradients from {gradient[sure].abs().min():.6f} to {gradient.abs().max():.4f}")
print("the first step is 0.01 for every one of them")

# %% [markdown]
# The sign. Be it noise or not, each weight moves by the full learning rate. A warm-up
# keeps these steps small until Adam has seen more.
#
# ### Why does more help?
#
# Three sizes of the model, the same recipe, the same text, and the stored curve of the
# base model. Both axes are logarithmic: each step to the right is *twice*, or ten times,
# as many words.

# %% tags=["close:0.05"]
curves = {"124k weights": board.points["held out"]}
short = {**RECIPE, "steps": 150, "eval_every": 30}
for C, n_layers in ((32, 2), (16, 1)):
    shape = dict(context_size=64, emb_dim=C, n_heads=2, n_layers=n_layers)
    less = GPT(GPTConfig(vocab_size=V, **shape), torch.Generator().manual_seed(0))
    fresh = world.world_batches(tiny, n_rows=16, length=64)
    records = train(less, fresh, TrainConfig(**short), evaluate=held_out_loss)
    name = f"{sum(p.numel() for p in less.parameters()) // 1000}k weights"
    curves[name] = [(r.step, r.val_loss_nats) for r in records if r.val_loss_nats]
stored = json.loads(world.WORLD_BASE.with_suffix(".json").read_text())
shift = floor - stored["floor_nats"]  # it was measured on other held-out rows
curves["base model"] = [(step, loss + shift) for step, loss in stored["curve"]]
assert stored["words_per_step"] == 16 * 64
plots.plot_curves(
    {
        name: ([1024 * s for s, _ in curve[1:]], [v - floor for _, v in curve[1:]])
        for name, curve in curves.items()
    },
    "More text brings every model closer to the floor",
    xlabel="words read",
    **{"ylabel": "nats above the floor", "log_x": True, "log_y": True},
)

# %% [markdown]
# On such axes real language models give nearly straight lines over many powers of ten:
# a **scaling law** (Kaplan and others, 2020). Ours bend, because each run has its own
# falling rate, and because a toy world has an end. Size helps up to a point: the base
# model is hardly closer than 124k weights at the same number of words. It gains by
# reading on.
#
# ## Check yourself
#
# ### Catch the slide
#
# A lecture ends with a question for the next one: *how does pre-training work at
# scale?* You have seen it. It is this loop, with more of everything. How much more?
# Multiply operations per word by words. (For GPT-3, 2020, the published figures are 175
# billion weights and 300 billion tokens.)

# %% tags=["ledger:C45"]
ours = flops_per_token(base) * stored["recipe"]["steps"] * stored["words_per_step"]
gpt3 = 6 * 175e9 * 300e9
print(f"base model of Tiny World: {ours:.1e} operations")
print(
    f"GPT-3:                    {gpt3:.2e} operations, {gpt3 / ours:.0e} times as many"
)
years = gpt3 / 1e15 / 86_400 / 365
print(f"that is {years:.0f} years for one machine that does 1e15 a second")
assert 3.1e23 < gpt3 < 3.2e23

# %% [markdown]
# GPT-3's paper states 3.14e23: our simple $6N$ is enough for that. No single machine
# does this in time, so the batch is shared among thousands: the
# [appendix](90_many_gpus.ipynb) plans such a run.
#
# ### Bug zoo 2
#
# Blocks break quietly (lesson 13). So do training loops. Here is a right one, in small
# methods, and six heirs that each get one method wrong. All of them run. First you see
# what a student sees: the losses at the end.


# %%
class Run:  # the right one
    steps, warmup = 40, 4

    def pairs(self, rows):
        return rows[:, :-1], rows[:, 1:]

    def gradient(self, model, x, y, n_parts=2):
        model.zero_grad()
        for a, b in zip(x.chunk(n_parts), y.chunk(n_parts), strict=True):
            (loss_of(model, a, b) / n_parts).backward()

    def rate(self, step):
        return rate_at(step, 0.01, self.steps, self.warmup, "linear")

    def evaluate(self, model, x, y):
        return batches.evaluate_loss(model, x, y)

    def split(self, documents):  # whole documents are held out
        n = len(documents) // 10
        return self.rows(documents[n:], 33), self.rows(documents[:n], 33)

    def rows(self, documents, every):
        tokens = [t for text in documents for t in [end, *words.encode(text)]]
        return torch.tensor(tokens).unfold(0, 33, every)  # windows of 33


# %%
class NotShifted(Run):
    def pairs(self, rows):
        return rows[:, :-1], rows[:, :-1]


class NoZeroGrad(Run):
    def gradient(self, model, x, y, n_parts=2):
        for a, b in zip(x.chunk(n_parts), y.chunk(n_parts), strict=True):
            (loss_of(model, a, b) / n_parts).backward()


class SumOfParts(Run):
    def gradient(self, model, x, y, n_parts=2):
        model.zero_grad()
        for a, b in zip(x.chunk(n_parts), y.chunk(n_parts), strict=True):
            loss_of(model, a, b).backward()


# %%
class TwoStepsAtOnce(Run):  # the scheduler is called twice in each step
    def rate(self, step):
        return max(0.0, super().rate(2 * step))


class StillTraining(Run):  # forgot model.eval(): dropout stays on
    def evaluate(self, model, x, y):
        model.train()
        return loss_of(model, x, y).item()


class SplitWindows(Run):  # overlapping windows first, then the split
    def split(self, documents):
        rows = self.rows(documents, 8)
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
        return rows[order[200:]], rows[order[:200]]


# %% tags=["close:0.1"]
def finish(run):
    learn_rows, held_rows = run.split(unique)
    model = GPT(leaky, torch.Generator().manual_seed(0))
    torch.manual_seed(0)  # dropout throws torch's own dice
    adamw = torch.optim.AdamW(model.parameters(), weight_decay=0.1)
    batch_at = batches.mini_batches(*run.pairs(learn_rows), batch_size=16)
    for step in range(run.steps):
        run.gradient(model.train(), *batch_at(step)[:2])
        for group in adamw.param_groups:
            group["lr"] = run.rate(step)
        adamw.step()
    return model, run.evaluate(model, *run.pairs(held_rows))


leaky = GPTConfig(
    vocab_size=V, context_size=32, emb_dim=32, n_heads=2, n_layers=1, dropout=0.2
)
ends = {}
animals = (NotShifted, NoZeroGrad, SumOfParts, TwoStepsAtOnce, StillTraining)
for kind in (Run, *animals, SplitWindows):
    ends[kind.__name__] = finish(kind())[1]
    print(f"{kind.__name__:14s} held-out loss {ends[kind.__name__]:.2f}")
assert ends["NotShifted"] < ends["Run"] - 0.5
for name in ("NoZeroGrad", "TwoStepsAtOnce"):
    assert ends[name] > ends["Run"] + 0.2

# %% [markdown]
# One looks wonderful: it learns to repeat the word it has just read. (Let it run on, and
# it falls below the floor. No honest model can.) Two look like a bad recipe. The other
# three look ordinary, one even a little better. So do not look at losses. Ask each part
# a question with a known answer.


# %%
def targets_follow(run):  # each target is the next input
    x, y = run.pairs(torch.arange(33)[None])
    return x[:, 1:].equal(y[:, :-1]) and x.shape == y.shape


def gradients(run, n_parts):  # of one batch, asked for twice
    model = new_model()
    for _ in range(2):
        run.gradient(model, *batch_at(0)[:2], n_parts)
    return model.embedding.weight.grad.clone()


def fresh_gradient(run):
    model = new_model()
    run.gradient(model, *batch_at(0)[:2], 1)
    return torch.allclose(model.embedding.weight.grad, gradients(run, 1), atol=1e-6)


def parts_agree(run):
    return torch.allclose(gradients(run, 1), gradients(run, 4), atol=1e-6)


# %%
def highest_after_warmup(run):
    rates = [run.rate(step) for step in range(run.steps)]
    return rates.index(max(rates)) in (run.warmup - 1, run.warmup)


def repeats(run):  # no dice in an evaluation
    model, pair = GPT(leaky), batch_at(0)[:2]
    return run.evaluate(model, *pair) == run.evaluate(model, *pair)


def strangers(run):  # nothing of 16 words stands in both parts
    pieces = [
        rows.unfold(1, 16, 1).flatten(0, 1).tolist() for rows in run.split(unique)
    ]
    learned, asked = ({tuple(piece) for piece in part} for part in pieces)
    return len(learned & asked) < 0.1 * len(asked)


CHECKS = (targets_follow, fresh_gradient, parts_agree, highest_after_warmup, repeats)
caught = {}
for kind in (Run, *animals, SplitWindows):
    failed = [c.__name__ for c in (*CHECKS, strangers) if not c(kind())]
    caught[kind.__name__] = failed
    print(f"{kind.__name__:14s} {', '.join(failed) or 'passes all six'}")
assert [name for name, failed in caught.items() if not failed] == ["Run"]

# %% [markdown]
# `SumOfParts` is the sly one. Its gradient is twice too long, but Adam divides by the
# size of gradients: the loss hardly notices, whatever the number of parts. Plain gradient
# descent would: each of its steps is twice as long.
#
# ### Questions
#
# **1.** A run is 20 % above the floor. Is that good?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It says how much is left to learn, in one number. *What* is left it does not say. Rare
# words, names told long before and echoes can be hopeless at a fine mean loss. Measure
# those as well (as in lesson 9).
#
# </details>
#
# **2.** Why should the batch depend on the step alone, not on a random state somewhere?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# So that a run that goes on at step 1,000 gets the text of step 1,000. Otherwise it
# would read the beginning twice, and the end never. (Or the checkpoint keeps that state
# too, as in the homework.)
#
# </details>
#
# **3.** Your turn: reach a held-out loss of **1.22** with `config` and at most 300,000
# words. You may change recipe, rates and schedule, but not the model. Which change
# helps most? Repeat the best two with other dice before you believe it.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The live run above is your yardstick. Try another `schedule`, smaller batches with
# more steps, and other rates for Muon (`muon_learning_rate`). Small batches mean more
# updates for the same words; that is worth a lot as long as their noise does not take
# over.
#
# </details>
#
# ## Recap
#
# - **Idea.** The loop stays. The recipe is care: clean text, a rate that rises and
#   falls, gradients of sane length, states that survive a power cut.
# - **Formula.** Operations per word in training: $6N + 12\,LCT$.
# - **Pitfall.** One run is an anecdote: compare with other dice, and give each rival its
#   own best rate. A loss below the floor is a bug.
# - **Moved into the library:** `course_lib.train` (now with optimizers, clipping,
#   accumulation, checkpoints), `token_files`, `optimizers.Muon`.
#
# **Homework:** [Homework 16](homework/hw16.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the model sees 64 words. Why not a million?
# [18. Context length](18_context_length.ipynb)
