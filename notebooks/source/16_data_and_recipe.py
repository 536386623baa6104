# %% [markdown]
# # 16. Data and the recipe
#
# **Which parts of a training recipe help, and how do you find out?**
#
# The training loop of lesson 4 is a few lines long, and it trains a GPT too (lesson 14).
# Every real run puts more around it: clean text in a large file, a learning rate that
# rises and falls, gradients that are kept short. Together these are called the
# **recipe**. In this lesson you build each part by hand. Then you ask of each part
# whether it helps. That question is easy to answer wrongly: lesson 7 has shown that one
# learning rate may suit one rival and not the other. So here every rival gets its own
# search.
#
# - **You will** clean a collection of texts and count what the cleaning misses; write
#   tokens into a file and draw windows from it; type the schedule, clipping and
#   accumulation; and compare four recipes, each at its own best learning rate.
# - **You need** lessons 4 (the loop), 6 (held-out text, leaks, standard error), 7 (Adam,
#   the search for a rate), 9 (Tiny World and its floor) and 14 (GPT).
# - **Time** 80 minutes for the core. What is marked *more* takes another 25 minutes;
#   skip it on a first reading.
# - **Back** [15. Taking a trained model apart](15_taking_apart.ipynb) ·
#   **Next** [17. Faster, safer, larger](17_faster_safer_larger.ipynb)

# %%
import copy
import hashlib
import math
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches
from course_lib.engine.speed import flops_per_token
from course_lib.engine.token_files import write_tokens
from course_lib.generate import generate_texts
from course_lib.gpt import GPT, GPTConfig
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.points import plot_search
from course_play.widgets import Predict, TrainingDashboard

torch.set_printoptions(precision=4, sci_mode=False)
V = world.VOCAB_SIZE

# %% [markdown]
# ## Predict first
#
# A program that walks from page to page and keeps what it finds is a **crawler**, and
# what it brings home is a **crawl**. A crawl is not clean. Ours is made of 3,000 good
# texts of Tiny World. We spoil it as the web would: we add 600 copies with other spaces, 300
# copies that are cut off in the middle, and 100 pages that are menus, advertisements and
# junk.

# %%
tiny = world.World(seed=0)
good = [tiny.document(i).text for i in range(3000)]
rng = random.Random(0)
copies = ["  " + text.replace(" ", "  ") for text in rng.choices(good, k=600)]
cut = [text[: len(text) // 2] for text in rng.choices(good, k=300)]
junk = ["home | login | 404", "$$$ 100% FREE $$$ >>> click", "", "a" * 300] * 25
crawl = good + copies + cut + junk
rng.shuffle(crawl)
print(f"{len(crawl):,} texts")

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
n = len(crawl) // 10
tidy = [" ".join(text.split()) for text in crawl]
learned = set(tidy[n:])
share = 100 * sum(text in learned for text in tidy[:n]) / n
assert share > 20
Predict(
    "We hold out the first tenth of the crawl and learn from the rest, as it is. How "
    "many per cent of the held-out texts are also among the texts that are learned "
    "(spaces not counted)?",
    round(share),
    unit="%",
    because="Each of the 600 copies can leak in two ways: the text is held out "
    "and its copy is learned, or the other way round. Each junk page comes 25 times.",
)

# %% [markdown]
# ## Build it by hand
#
# ### Clean the text
#
# The first, long training of a language model on plain text is called **pre-training**.
# "Download and preprocess the data", say many notes about it, and go on. A large part of
# the work hides in that line. We need four steps:
#
# 1. **Normalise.** What means the same is written the same. We make each run of spaces
#    one space.
# 2. **Filter.** What is no text goes out. Our rule: more than 80 % of the characters are
#    letters or spaces, there is a space, and the end is a full stop, a question mark or
#    an exclamation mark.
# 3. **Deduplicate.** Each text stays once. (Copies waste time, and a copy of a held-out
#    text is a leak.)
# 4. **Split.** One tenth of the *documents* is held out, before anything is cut into
#    windows. As in lesson 6, a hash of the text decides, so that the same text lands on
#    the same side on every machine.

# %%
plot_flow(
    [
        ("crawl", "all pages"),
        ("normalise", "one space"),
        ("filter", "looks like text?"),
        ("deduplicate", "each text once"),
        ("split", "by the hash"),
        ("token file", "2 bytes a token"),
    ],
    "From a crawl to a file of tokens: nothing is cut before the split",
    colors=[ORANGE, BLUE, BLUE, BLUE, BLUE, GREEN],
)


# %%
def looks_like_text(text):
    letters = sum(c.isalpha() or c == " " for c in text) / max(1, len(text))
    return letters > 0.8 and " " in text and text.endswith((".", "?", "!"))


def number_of(text):  # the same text gives the same number, on every machine
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


# %% [markdown]
# Follow five pages through the four steps before we do it to all:

# %%
examples = [good[1], "  " + good[1].replace(" ", "  "), cut[0], junk[1], good[3]]
seen = set()
for text in examples:
    text = " ".join(text.split())  # normalise
    fate = "held out" if number_of(text) % 10 == 0 else "to learn from"
    if text in seen:
        fate = "dropped: seen before"
    if not looks_like_text(text):
        fate = "dropped: no text"
    seen.add(text)
    print(f"{text[:24]:24s} ... {text[-12:]:12s}  {fate}")

# %% [markdown]
# The second page is the first one with other spaces: after the first step they are
# equal, and the third step drops it. The third page has been cut, so it does not end
# with a full stop. Now the whole crawl:

# %% tags=["ledger:B1"]
tidy = [" ".join(text.split()) for text in crawl]
kept = [text for text in tidy if looks_like_text(text)]
unique = list(dict.fromkeys(kept))  # a dictionary keeps each key once, in order
held_out = [text for text in unique if number_of(text) % 10 == 0]
learn = [text for text in unique if number_of(text) % 10 != 0]
for name, texts in (("crawl", crawl), ("filtered", kept), ("unique", unique)):
    print(f"{name:9s} {len(texts):,}")
print(f"to learn from {len(learn):,}, held out {len(held_out):,}")
both = set(learn) & set(held_out)
print(
    f"held-out texts also learned: {share:.0f} % before the cleaning, {len(both)} after"
)
assert not both

# %% [markdown]
# ### Where the cleaning errs
#
# Because we have spoiled the texts ourselves, we can count the errors of our rules. (With
# a real crawl one reads a few hundred pages and counts by hand.)

# %% tags=["ledger:B1"]
lost = set(good) - set(unique)
spared = sorted(set(unique) - set(good))
whole = next(text for text in good if text.startswith(spared[0]))
print(f"good texts lost: {len(lost)}, bad texts kept: {len(spared)}, for example")
print("   kept: ", spared[0])
print("   whole:", whole[:70], "...")
assert spared
assert len(lost) < 10

# %% [markdown]
# (Two of the 3,000 good texts happen to be equal. So 2,999 good and 23 bad ones make the
# 3,022.) A page that happens to be cut after a full stop looks whole, and it slips through. It is
# also the beginning of another text of the crawl, a **near-duplicate**. Our third step
# looks for *equal* texts, so it does not notice. Is that a leak? It is one if the
# beginning is learned and the whole text is held out, or the other way round:

# %% tags=["ledger:B1"]
sides = {text: number_of(text) % 10 == 0 for text in unique}
across = [
    short
    for short in spared
    if any(t.startswith(short) and sides[t] != sides[short] for t in unique)
]
print(f"beginnings whose whole text is on the other side: {len(across)}")

# %% [markdown]
# Real pipelines look for long runs of words that two texts have in common, and drop one
# of the two (**fuzzy deduplication**, often by a method called MinHash; the homework does it
# in a simple way). They also drop pages of other languages, personal data, and pages that
# were written to harm a model that learns from them. And they weigh good sources more. No
# rule is free of errors. So ask of every collection what was dropped, what slipped
# through, and whether somebody has counted it.
#
# ### A file of tokens
#
# Real collections do not fit in memory. So all documents are tokenized once, with an end
# mark after each, and the ids are written into one long file of whole numbers. Our
# vocabulary has fewer than $2^{16} = 65{,}536$ words, so two bytes for each id are
# enough.

# %%
words = world.WorldTokenizer()
end = words.special_tokens[world.EOT]
ids = [i for text in learn for i in (*words.encode(text), end)]
folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
path = Path(folder.name, "learn.bin")
np.array(ids, dtype=np.uint16).tofile(path)
print(f"{len(ids):,} tokens, {path.stat().st_size:,} bytes")

# %% [markdown]
# To read it, we do not load the file. We **map** it (elsewhere: memory-mapping, memmap):
# it looks like an array, but the operating system fetches only the parts of the file
# that we use.
# So a file of 100 gigabytes works on a laptop.

# %%
tokens = np.memmap(path, dtype=np.uint16, mode="r")
print(len(tokens), tokens[:8], "=", words.decode(tokens[:8].tolist()))
assert tokens.tolist() == ids


# %% [markdown]
# A batch is $B$ windows from random places, and the targets are the same windows one token
# later. You know this function from lesson 14. Only the source is new.


# %%
def random_windows(tokens, B, T, generator):
    starts = torch.randint(len(tokens) - T, (B,), generator=generator)  # (B,)
    places = starts[:, None] + torch.arange(T + 1)  # (B, 1) + (T + 1,) -> (B, T + 1)
    rows = torch.from_numpy(tokens[places.numpy()].astype(np.int64))  # (B, T + 1)
    return rows[:, :-1], rows[:, 1:]  # inputs (B, T), targets (B, T)


# %%
x, y = random_windows(tokens, 8, 16, torch.Generator().manual_seed(0))
print("inputs", tuple(x.shape), "targets", tuple(y.shape))
print("input: ", words.decode(x[0].tolist()))
print("target:", words.decode(y[0].tolist()))
assert torch.equal(x[:, 1:], y[:, :-1])

# %% [markdown]
# A window may begin in the middle of a document and run into the next one. The end mark
# tells the model where a new document begins.
#
# ### The schedule
#
# The **learning rate** need not be one number. In most recipes it rises in equal steps
# from near 0 to its largest value, the **peak rate**. This is the **warm-up**. Then it falls
# in a straight line (*linear*) or along half a cosine wave (*cosine*). A small example:
# ten steps, a peak of 1, a warm-up of four steps.
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |
# |---|---|---|---|---|---|---|---|---|---|---|
# | then constant | 0.25 | 0.5 | 0.75 | 1 | 1 | 1 | 1 | 1 | 1 | 1 |
# | then linear | 0.25 | 0.5 | 0.75 | 1 | 1 | 0.83 | 0.67 | 0.5 | 0.33 | 0.17 |
#
# Step 0 already gets a quarter of the peak and not 0, because a step with a rate of 0
# would be wasted. The line would reach 0 at step 10, which is no longer part of the run.
# As a formula, with $s$ the step, $w$ the steps of the warm-up and $S$ all steps:
#
# $$\text{rate} = \text{peak} \cdot \frac{s + 1}{w} \text{ for } s < w, \quad
# \text{then} \quad \text{peak} \cdot (1 - d) \text{ with } d = \frac{s - w}{S - w}$$
#
# $d$ is the share of the fall that is done. The cosine replaces $1 - d$ by
# $(1 + \cos \pi d) / 2$, which also goes from 1 to 0, but slowly at both ends.


# %%
def rate_at(step, peak, steps, warmup, shape):
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)  # 0 after the warm-up, towards 1
    if shape == "constant":
        return peak
    if shape == "linear":
        return peak * (1 - done)
    return peak * (1 + math.cos(math.pi * done)) / 2


# %%
print([round(rate_at(s, 1.0, 10, 4, "linear"), 2) for s in range(10)])
plots.plot_curves(
    {
        shape: (range(500), [rate_at(s, 0.01, 500, 50, shape) for s in range(500)])
        for shape in ("constant", "linear", "cosine")
    },
    "Up in 50 steps, and then three ways to go on",
    xlabel="training step",
    ylabel="learning rate",
)

# %% [markdown]
# ### Clipping
#
# All gradients of a model together are one long list of numbers, an arrow in a space of
# many dimensions. Its length is called the **gradient norm**. Sometimes a batch gives an
# arrow that is far longer than usual. **Gradient clipping** shortens it to a given
# length and keeps its direction. For example, a gradient $(3, 4)$ has the length
# $\sqrt{3^2 + 4^2} = 5$. Clipped to 1, it becomes $(0.6, 0.8)$. A gradient that is short
# enough stays as it is.


# %%
def clip(parameters, longest):
    squares = [p.grad.square().sum() for p in parameters]  # one number for each tensor
    norm = torch.stack(squares).sum().sqrt()  # the length of the whole arrow
    factor = min(1.0, longest / (norm + 1e-6))  # one for all tensors
    for p in parameters:
        p.grad *= factor
    return norm


# %%
weights = [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))]
weights[0].grad, weights[1].grad = torch.tensor([3.0]), torch.tensor([4.0])
norm = clip(weights, longest=1.0)
print(f"length {norm:.1f}, afterwards", [round(w.grad.item(), 2) for w in weights])

# %% [markdown]
# The two weights are two tensors, and both were shortened by the *same* factor, because
# they are one arrow. (The tiny `1e-6` avoids a division by 0.)
#
# ### Accumulation
#
# Large batches have less noise, but a large batch may not fit in memory. Then we split it
# into parts, compute the gradient of each part, and add the gradients up. This is
# **gradient accumulation** (the parts: micro-batches). Torch helps: `backward()` *adds* to
# `.grad`, as you know from lesson 4. But mind the mean. Four rows have the losses 1, 2, 6
# and 7. The batch's loss is their mean, 4. In two parts of two rows:
#
# | part | losses | mean of the part | mean times 2/4 |
# |---|---|---|---|
# | first | 1, 2 | 1.5 | 0.75 |
# | second | 6, 7 | 6.5 | 3.25 |
# | sum | | 8 | **4** |
#
# Without the last column the sum is twice as large as the mean, and so is the gradient. Each
# part's loss must be multiplied by its share of the rows.

# %%
T, C = 16, 32
small = GPTConfig(
    vocab_size=V, context_size=T, emb_dim=C, n_heads=2, n_layers=1,
    positions="learned", qk_norm=False,
)  # fmt: skip


def new_model(seed=0):
    return GPT(small, torch.Generator().manual_seed(seed))


def loss_of(model, x, y):  # inputs (B, T), targets (B, T)
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())  # (B*T, V), (B*T,)


# %% [markdown]
# This is the GPT of lesson 14 in the library's form, as small as it can be: one block, 32
# numbers for each word. Is one batch of eight rows the same as parts of four, three and one
# row?

# %% tags=["close"]
whole, parts = new_model(), new_model()
loss_of(whole, x, y).backward()
for a, b in zip(x.split([4, 3, 1]), y.split([4, 3, 1]), strict=True):
    (loss_of(parts, a, b) * len(a) / len(x)).backward()  # gradients add up
for p, q in zip(whole.parameters(), parts.parameters(), strict=True):
    torch.testing.assert_close(p.grad, q.grad, atol=1e-6, rtol=1e-4)
print("one batch of 8 rows, or parts of 4, 3 and 1: the same gradient")

# %% [markdown]
# ### The whole recipe
#
# Now everything goes into one loop. Read it against the loop of lesson 4: it is still
# *evaluate the loss, change the weights, repeat*. New are the line that sets the rate and
# the two lines that clip the gradient.


# %% tags=["ledger:A10"]
def trained(peak, seed, warmup=0, shape="constant", longest=None, steps=500):
    rng = torch.Generator().manual_seed(seed)
    model = GPT(small, rng)
    adam = torch.optim.Adam(model.parameters(), fused=True)
    for step in range(steps):
        x, y = random_windows(tokens, 8, T, rng)  # (8, T) each
        adam.zero_grad()
        loss_of(model, x, y).backward()
        if longest is not None:
            clip(list(model.parameters()), longest)
        adam.param_groups[0]["lr"] = rate_at(step, peak, steps, warmup, shape)
        adam.step()
    return model, adam


# %% [markdown]
# (Why `param_groups[0]`? Torch allows several groups of weights with a rate each; lesson
# 17 uses two. And `fused=True` is the same Adam, only faster.) To judge a model we need
# held-out text. Tiny World can give new documents and knows the entropy of each word, so
# we also know the **floor**, the loss that nobody can beat (lesson 9). We take 300 rows
# for the search, and 300 others for the final judgement.

# %%
rows = world.token_rows(tiny, "val", 0, n_rows=600, length=T + 1)
x_held, y_held = rows.tokens[:, :-1], rows.tokens[:, 1:]  # (600, T) each
floor = rows.nats[300:, 1:].mean().item()


@torch.no_grad()
def held_loss(model, part):  # part: which rows
    return loss_of(model, x_held[part], y_held[part]).item()


SEARCH, FINAL = slice(0, 300), slice(300, 600)

# %% tags=["close:0.05", "ledger:A10"]
model, _ = trained(0.005, seed=0)
print(f"start {held_loss(new_model(), FINAL):.2f}, ln V {math.log(V):.2f}")
print(f"after 500 steps {held_loss(model, FINAL):.2f}, floor {floor:.2f}")

# %% [markdown]
# The floor is for a reader who knows all the words before. Our model sees at most 16 of
# them, so it cannot get there.
#
# > **For children (and for the rest of us).** Learning to ride a bicycle: start slowly
# > (warm-up), do not jerk the handlebars because of one stone (clipping), and make smaller
# > corrections the closer you are to your goal (the falling rate).
#
# ## Compare with torch
#
# Each part exists ready-made. Torch clips with `nn.utils.clip_grad_norm_`, and it has
# schedulers that multiply the optimizer's rate by a factor for each step:

# %% tags=["close"]
mine, theirs = new_model(), new_model()
for one in (mine, theirs):
    (20 * loss_of(one, x, y)).backward()  # 20 times, so that it is too long
norm = clip(list(mine.parameters()), 1.0)
torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(theirs.parameters(), 1.0))
for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
    torch.testing.assert_close(p.grad, q.grad)
print(f"the length was {norm:.1f}, and both have made it 1")

# %%
adam = torch.optim.Adam(mine.parameters(), lr=0.01)
plan = torch.optim.lr_scheduler.LambdaLR(
    adam, lambda step: rate_at(step, 1.0, 500, 50, "cosine")
)
for step in range(500):
    expected = rate_at(step, 0.01, 500, 50, "cosine")
    assert math.isclose(adam.param_groups[0]["lr"], expected)
    adam.step()
    plan.step()
print("torch's scheduler gives our 500 rates")

# %% [markdown]
# The library has all parts in `train`: its settings are the fields of `TrainConfig`. Its
# token file has a short header in front (the vocabulary, the number of tokens), so that
# it can refuse a file that does not fit. Same first weights, same batches: same weights
# at the end?

# %% tags=["close"]
file = write_tokens(Path(folder.name, "learn.tokens"), learn, words, end_token=end)
assert np.array_equal(file.tokens, tokens)
batch_at = batches.token_batches(file.tokens, batch_size=8, context_size=T)
config = TrainConfig(steps=20, warmup_steps=5, learning_rate=0.01, grad_clip=1.0)
theirs, mine = new_model(), new_model()
records = list(train(theirs, batch_at, config))

# %% tags=["close"]
adam = torch.optim.Adam(mine.parameters())
for step in range(20):
    x, y, _ = batch_at(step)
    adam.zero_grad()
    loss_of(mine, x, y).backward()
    clip(list(mine.parameters()), 1.0)
    adam.param_groups[0]["lr"] = rate_at(step, 0.01, 20, 5, "linear")
    adam.step()
for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
    torch.testing.assert_close(p, q, atol=1e-3, rtol=1e-3)
print("20 steps by hand = 20 steps of course_lib.train")

# %% [markdown]
# ## See it
#
# ### The unfair comparison
#
# Four rivals, and each has one part more than the one before: a constant rate; with a
# warm-up; with a warm-up and a falling rate; and with clipping as well.

# %%
RIVALS = {
    "constant rate": {},
    "+ warm-up": {"warmup": 50},
    "+ falling rate": {"warmup": 50, "shape": "linear"},
    "+ clipping": {"warmup": 50, "shape": "linear", "longest": 1.0},
}
RATES = (0.0025, 0.005, 0.01, 0.02, 0.04)


def searched(peak, recipe):  # the mean of two runs
    runs = [trained(peak, seed, **recipe)[0] for seed in (1, 2)]
    return sum(held_loss(model, SEARCH) for model in runs) / 2


# %% [markdown]
# One run is an anecdote, so each number below is the mean of two random seeds. The quick
# way is to take the rate that we happen to have and to train each rival at it. Take 0.0025:

# %% tags=["close:0.05"]
search = {name: {} for name in RIVALS}
for name, recipe in RIVALS.items():
    search[name][0.0025] = searched(0.0025, recipe)
    print(f"{name:15s} {search[name][0.0025]:.2f}")
assert search["+ falling rate"][0.0025] > search["constant rate"][0.0025] + 0.05

# %% [markdown]
# "The falling rate does harm", one would say, and it would be a result about the number
# 0.0025 only. Nobody has asked which rate suits each rival.
#
# ### The search
#
# So each rival gets its own peak rate. We try five, each twice as large as the one before,
# because a rate acts by factors and not by differences. A good search has its best value
# *inside*: if the best rate is the first or the last one that you tried, go on
# searching. (These 32 runs take about half a minute.)

# %%
for name, recipe in RIVALS.items():
    for peak in RATES[1:]:
        search[name][peak] = searched(peak, recipe)
best = {name: min(losses, key=losses.get) for name, losses in search.items()}
assert all(RATES[0] < peak < RATES[-1] for peak in best.values())

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
first, third = best["constant rate"], best["+ falling rate"]
Predict(
    "Each rival may now choose its own peak rate. Where is the best peak of the rival "
    "whose rate falls to 0, compared with the best constant rate?",
    "higher" if third > first else "lower" if third < first else "the same",
    options=("lower", "the same", "higher"),
    because="On average a rate that falls to 0 is only half as large as its peak. So "
    "at the same peak this rival simply takes smaller steps.",
)

# %% tags=["close:0.05"]
plot_search(
    search,
    "With a falling rate the minimum is lower, and at a larger peak rate",
    xlabel="peak rate",
    ylabel="held-out loss (nats)",
    top=2.7,
)

# %% [markdown]
# Each mark is the mean of two runs of 500 steps, and the ring is the minimum of a curve.
# Read the picture in two ways.
#
# **The depth.** The rings of the two rivals with a falling rate are lower than the ring of
# the constant rate, and they lie further to the right: because the rate falls, it may
# begin larger.
#
# **The width.** Go to the right, to rates that are too large. The constant rate climbs
# fastest, and the warm-up lets the model bear a larger rate. A wide valley does not help if
# you hit the minimum. But it forgives a rate that you have not searched, and for a large
# model nobody can afford a long search. These are the numbers at 0.04, which may lie above
# the picture. (At such rates the runs are chaotic. On another computer the first number
# may differ by a half.)

# %% tags=["close:1"]
for name in RIVALS:
    print(f"{name:15s} at 0.04: {search[name][0.04]:.1f}")
assert search["constant rate"][0.04] > search["+ warm-up"][0.04] + 0.2

# %% [markdown]
# ### Could it be luck?
#
# A ring is the lowest of five marks, and the lowest of five is partly luck (lesson 6). So we
# keep the chosen rates and train each rival again, with four new random seeds, and measure
# on the rows that the search has not seen. All rivals use the same four seeds, so they
# have the same first weights and the same batches. That lets us compare run by run.

# %%
finals = {
    name: torch.tensor(
        [
            held_loss(trained(best[name], seed, **recipe)[0], FINAL)
            for seed in (3, 4, 5, 6)
        ]
    )
    for name, recipe in RIVALS.items()
}


# %%
def mean_and_error(values):  # (n,): the mean and its standard error
    return values.mean().item(), (values.std() / math.sqrt(len(values))).item()


# %% tags=["close:0.05"]
print("                best peak   loss   against the rival above")
above = None
for name, losses in finals.items():
    mean, _ = mean_and_error(losses)
    line = f"{name:15s}   {best[name]:6.4f}   {mean:.2f}"
    if above is not None:
        step, error = mean_and_error(losses - above)
        line += f"   {step:+.3f}, standard error {error:.3f}"
    print(line)
    above = losses

# %% tags=["close:0.05"]
step, error = mean_and_error(finals["+ falling rate"] - finals["constant rate"])
print(f"falling rate against constant rate: {step:+.2f}, standard error {error:.2f}")
assert step < -0.03
assert step < -2 * error

# %% [markdown]
# What may we say? For this model, these 500 steps and this text: the recipe with a warm-up
# and a falling rate is better than the constant rate, by several standard errors. For
# each part alone, look at the column *against the rival above*: a difference is a result
# only if it is clearly larger than its standard error. Twice as large is a usual limit
# with many runs. With only four, the standard error is itself uncertain, and three times is
# wiser. The falling rate passes, the warm-up is near the limit, and clipping does not pass.
# (Its longest length of 1 was not searched, and neither were the 50 steps of the warm-up.
# With other values the answer might differ.) Small effects stay unknown, so the correct
# sentence is "we cannot tell", and not "it does nothing". And what holds here need not hold
# for another model: that is why one runs the search again.
#
# ## Play with it
#
# A larger GPT (two blocks, 64 numbers for each word, 64 words of context) reads the token
# file with the whole recipe. (In JupyterLab the picture grows while you watch.)
#
# - **Slide to step 0.** What does it write, and which loss goes with that?
# - **Go from sample to sample.** From which step on do sentences come to an end?
# - **Look at the gradient norm** while the rate rises. When is it highest? (It is the length
#   before clipping to 1.)
#
# Its peak rate is the one that the small model liked. Nobody has searched for this model.
# Change it, and see whether you find a better one.

# %%
larger = GPTConfig(vocab_size=V, context_size=64, emb_dim=64, n_heads=4, n_layers=2)
model = GPT(larger, torch.Generator().manual_seed(0))
recipe = TrainConfig(
    steps=200, learning_rate=0.01, warmup_steps=20, grad_clip=1.0, eval_every=20
)
x_new, y_new = batches.token_windows(
    np.array([i for text in held_out for i in (*words.encode(text), end)]), 64, most=64
)[:2]

# %% tags=["close:0.1", "words:0.4"]
board = TrainingDashboard(recipe.steps, lines={f"ln {V}": math.log(V)})
board.show()  # it grows while the loop runs
for record in train(
    model,
    batches.token_batches(tokens, batch_size=8, context_size=64),
    recipe,
    evaluate=lambda m: batches.evaluate_loss(m, x_new, y_new),
    sample=lambda m: (
        "Once" + generate_texts(m, words, ["Once"], max_new_tokens=30, seeds=0)[0]
    ),
):
    board.add(record)
board.finish()
assert board.points["held out"][-1][1] < 2.5
board

# %% [markdown]
# (The held-out loss is now that of the documents which our own split has held out.)
#
# ## Why does this work?
#
# ### Why should the rate fall?
#
# Each batch is a small sample of the text, so its gradient has noise. With a constant
# rate the noise pushes the weights around for ever, and they hardly settle. We train one
# model for 400 steps at a constant rate. Then two copies go on for 100 steps from the same
# weights, and with the same memory of Adam: one at the same rate, and one with a rate that
# falls to 0.


# %%
def go_on(model, adam, shape, steps=100):
    model, adam = copy.deepcopy((model, adam))  # together: Adam keeps its weights
    rng, curve = torch.Generator().manual_seed(9), []
    for step in range(steps):
        if step % 10 == 0:
            curve.append(held_loss(model, FINAL))
        x, y = random_windows(tokens, 8, T, rng)
        adam.zero_grad()
        loss_of(model, x, y).backward()
        adam.param_groups[0]["lr"] = rate_at(step, 0.01, steps, 0, shape)
        adam.step()
    return [*curve, held_loss(model, FINAL)]


# %% tags=["close:0.05"]
start = trained(0.01, seed=5, warmup=50, steps=400)
ends = {shape: go_on(*start, shape) for shape in ("constant", "linear")}
for shape, curve in ends.items():
    print(f"{shape:9s} {curve[0]:.2f} -> {curve[-1]:.2f}")
assert ends["linear"][-1] < ends["constant"][-1] - 0.02

# %% tags=["close:0.05"]
plots.plot_curves(
    {f"rate {shape}": (range(400, 501, 10), curve) for shape, curve in ends.items()},
    "From the same weights: small steps settle, large steps go on shaking",
    xlabel="step",
    ylabel="held-out loss (nats)",
)

# %% [markdown]
# The price: in the beginning a large rate makes faster progress. So the fall belongs to
# the end of a run, and a schedule needs to know when the run ends. (A constant rate that
# falls only near the end is called **warmup-stable-decay**, WSD.)
#
# ### Why warm up?
#
# Adam divides each gradient by its usual size (lesson 7). In the first step it has seen
# just one gradient, so the "usual size" is the size of this gradient. A number divided by
# its own size is its sign:

# %% tags=["close"]
model = new_model()
before = model.embedding.weight.detach().clone()
adam = torch.optim.Adam(model.parameters(), lr=0.01)
loss_of(model, x, y).backward()
adam.step()
moved = (before - model.embedding.weight).detach()  # (V, C)
gradient = model.embedding.weight.grad
sure = gradient.abs() > 1e-6
torch.testing.assert_close(moved[sure], 0.01 * gradient[sure].sign(), atol=2e-4, rtol=0)
sizes = gradient[sure].abs()
for share in (0.1, 0.5, 1.0):  # a small gradient, a middle one, the largest
    i = sizes.argsort()[round(share * (len(sizes) - 1))]
    print(f"gradient {gradient[sure][i]:+.5f}: step {moved[sure][i]:+.3f}")
assert sizes.max() > 5 * sizes.median()

# %% [markdown]
# So in the first steps each weight moves by the full learning rate, whether its gradient
# is a clear signal or noise. The warm-up keeps these steps short until Adam has seen
# more. (This is the usual explanation.)
#
# ### Why clip?
#
# In the final table clipping made no clear difference. It is an insurance. Suppose that
# *one* batch of the run is a bad one (broken text, a faulty machine), and its gradient is a
# thousand times too long:


# %%
def with_accident(longest, steps=300, bad_step=150):
    model, rng = new_model(6), torch.Generator().manual_seed(6)
    adam, curve = torch.optim.Adam(model.parameters()), []
    for step in range(steps):
        x, y = random_windows(tokens, 8, T, rng)
        adam.zero_grad()
        loss_of(model, x, y).backward()
        if step == bad_step:
            for p in model.parameters():
                p.grad *= 1000
        clip(list(model.parameters()), longest)
        adam.param_groups[0]["lr"] = rate_at(step, 0.01, steps, 50, "linear")
        adam.step()
        if step % 10 == 9:
            curve.append(held_loss(model, FINAL))
    return curve


# %% tags=["close:0.1"]
accident = {"clipped": with_accident(1.0), "not clipped": with_accident(math.inf)}
plots.plot_curves(
    {name: (range(10, 301, 10), curve) for name, curve in accident.items()},
    "One bad batch at step 150: without clipping the rest of the run is spoiled",
    xlabel="step",
    ylabel="held-out loss (nats)",
)

# %% tags=["close:0.1"]
clipped, hurt = (accident[name][-1] for name in ("clipped", "not clipped"))
print(f"at the end: clipped {clipped:.1f}, not clipped {hurt:.1f}")
assert hurt > clipped + 0.1

# %% [markdown]
# Adam remembers the giant. For a while it walks on in the giant's direction, and the loss
# jumps. Afterwards all other gradients look small beside the giant, which stays in the
# memory of the sizes for hundreds of steps, so the steps become tiny. In a run of months
# one must expect such a batch.
#
# ### What does a run cost?
#
# *More.* Before a long run one wants to know its price. One multiplication or one addition
# is one **operation** (FLOP). On the way forward each weight is used once for each token:
# one multiplication and one addition, so 2. On the way back it is used twice, once for the
# gradient of what came in and once for its own, so 4. With $N$ weights that makes $6N$ for
# each token.
#
# Attention also multiplies things that are no weights: queries with keys, and weights of
# attention with values. In each of $L$ layers each token meets $T$ positions with $C$
# numbers in both products: $2 \cdot 2\,TC$ operations forward, and three times as many with
# the way back, which costs twice the way forward. That makes $12\,LCT$. (A token
# may look only at the positions before it, on average half of them. The usual count leaves
# that out.)

# %%
base = world.load_base()  # the large model of Tiny World
N = sum(p.numel() for p in base.parameters())  # the tied head counts once
c = base.config
attended = 12 * c.n_layers * c.emb_dim * c.context_size  # 12 L C T
print(f"6 N = {6 * N / 1e6:.2f} million, 12 L C T = {attended / 1e6:.2f} million")
assert flops_per_token(base) == 6 * N + attended

# %% [markdown]
# Multiply this by the number of tokens, and you have the price of a run. Lesson 17 does so
# for our base model and for GPT-3.
#
# ## Check yourself
#
# ### Fix the slide
#
# A slide says: *"Gradient clipping: every number of the gradient that is above 1 becomes 1.
# The direction is kept."* Try it on the gradient $(1, 10)$, on paper first. What does the
# slide make of it, and what is wrong?

# %%
gradient = torch.tensor([1.0, 10.0])
slide, ours = gradient.clamp(-1, 1), gradient / gradient.norm()
for name, g in (("slide", slide), ("norm", ours)):
    angle = math.degrees(math.acos(min(1.0, F.cosine_similarity(g, gradient, 0))))
    print(f"{name:5s} ({g[0]:.2f}, {g[1]:.2f}), turned by {angle:.0f} degrees")
assert F.cosine_similarity(slide, gradient, 0) < 0.8

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The slide makes $(1, 1)$ of it, so both weights would take steps of the same size, although
# one slope is ten times as steep. It describes another method, clipping by *value*. What
# GPTs are trained with is clipping by *norm*: one factor for all numbers, and the arrow
# keeps its direction.
#
# </details>
#
# ### Questions
#
# **1.** A friend compares two optimizers, both at a rate of 0.003, which is what the
# friend always uses for the first one. The first one wins. What do you ask for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# For the picture: the loss of each against its rate, with both minima inside the searched
# range, and then some runs with new random seeds at the two minima. At one common rate you
# compare two points of two curves, and one of them was chosen to be good for one rival.
#
# </details>
#
# **2.** Why does the final judgement use other seeds and other rows than the search?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The search picks the lowest of several runs. Part of what makes it the lowest is luck: a
# lucky seed, or rows that suit it. Measured again with new seeds and new rows, the luck is
# gone, and what is left is the recipe. A rival with more tries would otherwise have an
# advantage.
#
# </details>
#
# **3.** A batch of 64 rows is split into 4 parts of 16 rows. Somebody forgets to divide the
# losses by 4. What changes with plain gradient descent, and what with Adam?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The gradient is four times too long. Plain gradient descent takes steps that are four
# times as long, as if the rate were four times as large. Adam divides by the usual size of
# the gradient, so without clipping its steps stay nearly the same, and nobody notices. (With
# clipping to 1, more gradients are shortened than should be.)
#
# </details>
#
# **4.** Your held-out loss is wonderful, and the held-out tenth was drawn from the *windows*
# of the token file. What do you suspect?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A leak. Windows of the same document lie on both sides, and if windows overlap, even the
# same words. Split documents first, then cut them into windows.
#
# </details>
#
# **5.** *More.* Add a fifth rival, `cosine = {"warmup": 50, "shape": "cosine",
# "longest": 1.0}`. Is it better than the linear fall? (`{peak: searched(peak, cosine) for
# peak in RATES}` searches, in ten runs.)
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Give it its own search and then the same four seeds, and compare run by run. When we did
# so, both liked the same peak, and the linear fall was a little better in each of the four
# runs, by about three standard errors. For so small a difference and only four runs, that
# is at the limit. More seeds would decide it.
#
# </details>

# %%
folder.cleanup()

# %% [markdown]
# ## Recap
#
# - **Idea.** The loop stays. The recipe around it is clean text, a rate that rises and
#   falls, and gradients of a sane length. Whether a part helps is a question for an
#   experiment, in which each rival has its own best rate.
# - **Formula.** The rate is $\text{peak} \cdot (s + 1) / w$ in the warm-up, then $\text{peak}
#   \cdot (1 - d)$; a clipped gradient is $g \cdot \min(1, \text{longest} / \Vert g
#   \Vert)$; a run costs $6N + 12\,LCT$ operations for each token.
# - **Pitfall.** A comparison at one common rate compares rates, not recipes. One run is an
#   anecdote: repeat the best ones with new seeds. A leak makes every loss look good.
# - **Moved into the library:** `course_lib.train` (schedule, clipping, accumulation),
#   `course_lib.engine.token_files`, `batches.token_batches`.
#
# | what | shape |
# |---|---|
# | token file | (number of tokens,), two bytes each |
# | starts of the windows | $(B,)$ |
# | places of a batch | $(B, T + 1)$ |
# | inputs, targets | $(B, T)$ |
# | gradient of one weight tensor | the shape of the tensor |
# | gradient norm | one number for all tensors |
#
# | here | elsewhere |
# |---|---|
# | peak rate | `max_lr`, maximum learning rate |
# | schedule | learning-rate schedule, scheduler, annealing, decay |
# | clipping | `grad_clip`, `max_grad_norm` |
# | accumulation, parts | gradient accumulation, micro-batches |
# | mapped file | `memmap`, memory-mapped file |
# | copies, near-duplicates | exact and fuzzy deduplication (MinHash) |
#
# **Homework:** [Homework 16](homework/hw16.ipynb), about 75 minutes, of which the core
# takes 55. A badge under each check says at once whether your answer is correct.
#
# **Next:** a better optimizer, half of the bits, and a run that survives a power cut.
# [17. Faster, safer, larger](17_faster_safer_larger.ipynb)
