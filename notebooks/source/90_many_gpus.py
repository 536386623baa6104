# %% [markdown]
# # 90. Many GPUs (appendix)
#
# **What would GPT-2 take on 8 GPUs, and a model of seven billion weights on 64?**
#
# You have trained a GPT on one processor. Larger ones are planned on paper first:
# does it fit, how long does it take, who waits for whom? This page does the paper work
# in plain functions, and checks by experiment whatever a laptop can check.
#
# - **You will** count the bytes of training, let four processes agree in a ring, and
#   plan three models on 1, 8 and 64 GPUs.
# - **You need** lessons 13 (the block), 14 (GPT) and 16 (the recipe). No GPU.
# - **Time** 30 minutes.
# - **Back** [17. Faster, safer, larger](17_faster_safer_larger.ipynb) ·
#   **Next** [18. Context length](18_context_length.ipynb)

# %%
import math
from functools import cache, partial
from typing import NamedTuple

import torch
from torch.autograd.graph import saved_tensors_hooks

from course_lib.batches import Batch, batch_loss
from course_lib.engine.parallel import Team
from course_lib.engine.speed import PEAK_BFLOAT16, flops_per_token
from course_lib.gpt import GPT, GPTConfig, count_parameters, gpt2_config
from course_lib.train import TrainConfig
from course_lib.train.gradients import Gradients
from course_play.plots import plot_curves
from course_play.reveal import reveal

GB = 1e9

# %% [markdown]
# Three models. The third has GPT-2's parts in the shape of GPT-3 6.7B (Brown et al.
# 2020, table 2.1), which people round to 7B. The tokens of a batch follow the same
# table, made powers of two.

# %%
LARGE = {"positions": "learned", "activation": "gelu_tanh", "qk_norm": False}
MODELS = {
    "GPT-2 small": gpt2_config("small"),
    "GPT-2 XL": gpt2_config("xl"),
    "7B": GPTConfig(
        **LARGE,
        vocab_size=50_257,
        context_size=2048,
        emb_dim=4096,
        n_heads=32,
        n_layers=32,
        bias=True,
    ),
}
BATCH_TOKENS = {"GPT-2 small": 2**19, "GPT-2 XL": 2**20, "7B": 2**21}
weights_of = cache(count_parameters)
for name, config in MODELS.items():
    P = weights_of(config)
    print(f"{name:11}  {P:13,} weights, {2 * P / GB:4.1f} GB in 16-bit numbers")

# %% [markdown]
# ## Predict first
#
# You see how little the weights of the 7B model take, as 16-bit numbers. **How many GB
# does the model take while it is trained**, not counting the text that flows through it?

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, 16 * weights_of(MODELS["7B"]) / GB))

# %% [markdown]
# ## Build it by hand
#
# ### Sixteen bytes for a weight
#
# Training keeps four or five numbers for each weight. On GPUs the products are computed
# in **bfloat16** (bf16), a number of 2 bytes. Small updates would be lost in such short
# numbers, so a second copy of the weights is kept in 4 bytes: the **master weights**.
# Our own `train` does it the other way round: everything in 4 bytes, products in
# bf16. The sum is the same.

# %%
MASTER = {"weights": 2, "gradients": 2, "master weights": 4, "AdamW m": 4, "AdamW v": 4}
OURS = {"weights": 4, "gradients": 4, "AdamW m": 4, "AdamW v": 4}
PER_WEIGHT = sum(MASTER.values())
assert PER_WEIGHT == sum(OURS.values()) == 16
for name, config in MODELS.items():
    print(f"{name:11}  {PER_WEIGHT * weights_of(config) / GB:6.1f} GB")

# %% [markdown]
# ### What flows through: activations
#
# To compute gradients, torch keeps what went into each operation on the way forward.
# These tensors are the **activations**. They grow with the tokens that are in the GPU at
# once, not with the number of updates. Walk through a block (lesson 13) and count, per
# token, in units of `emb_dim` = $C$.

# %%
KEPT = {
    "stream, into norm_1": 1,
    "into qkv": 1,
    "queries, keys, values": 3,
    "into proj": 1,
    "stream, into norm_2": 1,
    "into up": 1,
    "into GELU": 4,
    "into down": 4,
}
STREAMS = 2
assert sum(KEPT.values()) == 16

# %% [markdown]
# The stream stays in 4 bytes (additions of many layers should not lose anything), the
# rest is in bf16. A few single numbers come on top: one per head, two per norm. At the
# upper end stand the last norm, the head, and the logits: one number of 4 bytes for
# each token of the vocabulary.
#
# There is a way to keep less. With **recompute** a block keeps only what enters it, and
# is computed a second time when its gradient is wanted.


# %%
def block_bytes(config, short=2):
    """What a block keeps for each token; `short`: bytes of a number in products."""
    C, rest = config.emb_dim, sum(KEPT.values()) - STREAMS
    return 4 * STREAMS * C + short * rest * C + 4 * (config.n_heads + 4)


def kept_bytes(config, short=2, recompute=False):
    """What a whole model keeps for each token of text."""
    C, V = config.emb_dim, config.vocab_size
    ends = 4 * C + short * C + 4 * V + 16
    block = 4 * C if recompute else block_bytes(config, short)
    return config.n_layers * block + ends


for name, config in MODELS.items():
    row = config.context_size * kept_bytes(config) / GB
    less = config.context_size * kept_bytes(config, recompute=True) / GB
    print(f"{name:11}  one row: {row:5.2f} GB, with recompute {less:4.2f} GB")

# %% [markdown]
# ### Agreeing in a ring
#
# With $N$ GPUs each takes its share of the rows, and at the end all need the mean of
# all gradients. Sending everything to everybody would be slow. Instead the GPUs sit in
# a **ring**, and each cuts its gradient into $N$ chunks. In every turn each GPU sends
# one chunk to its neighbour. In the first half of the turns the neighbour *adds* it
# (**reduce-scatter**): then each GPU owns one finished chunk. In the second half the
# finished chunks go round (**all-gather**). Both together are an **all-reduce**.


# %%
def ring_all_reduce(tensors):
    """Sum of N tensors, known to all; and how many numbers each process sent."""
    N, sent = len(tensors), 0
    chunks = [list(tensor.chunk(N)) for tensor in tensors]
    for turn in range(2 * (N - 1)):
        messages = [chunks[r][(r - turn) % N] for r in range(N)]
        for r, message in enumerate(messages):
            mine, place = chunks[(r + 1) % N], (r - turn) % N
            mine[place] = mine[place] + message if turn < N - 1 else message
        sent += len(messages[0])
    return [torch.cat(c) for c in chunks], sent


dice = torch.Generator().manual_seed(0)
gradients = [torch.randn(12, generator=dice) for _ in range(4)]
sums, sent = ring_all_reduce(gradients)
for total in sums:
    torch.testing.assert_close(total, sum(gradients))
assert sent == 2 * (4 - 1) / 4 * 12
print(f"4 processes, 12 numbers each: every one sent {sent}, and all have the sum")

# %% [markdown]
# Each GPU sends $2\frac{N-1}{N}$ times its gradient. That is less than twice, whether
# there are 4 GPUs or 4,000.
#
# > **For children (and for the rest of us).** A class bakes from one thick recipe book.
# > Either every child has a copy of the whole book, and in the evening all agree on the
# > corrections. Or the book is torn into parts, every child keeps one, and whoever needs
# > a chapter borrows it for a minute. The second class needs less shelf and walks more.
#
# ### Two ways to share
#
# The first class is **DDP**: every GPU holds all 16 bytes of every weight and all-reduces
# the gradients. The second is **FSDP** (also called ZeRO, stage 3): every GPU *keeps* one
# $N$-th of everything, and gathers the weights of a block when it is that block's turn.
# Gathered at the same time are, say, this block, the next one and the embedding.


# %%
def memory(config, n_gpus, way, rows, recompute=False):
    """Bytes on each GPU with `rows` full contexts in it."""
    C, P = config.emb_dim, weights_of(config)
    state = PER_WEIGHT * P
    if way == "FSDP":
        gathered = 2 * (2 * 12 * C * C + config.vocab_size * C)
        state = state / n_gpus + gathered
    token = kept_bytes(config, recompute=recompute)
    again = block_bytes(config) if recompute else 0  # the block at work
    return state + rows * config.context_size * (token + again)


def sent_bytes(config, n_gpus, way, parts=1):
    """Bytes each GPU sends in an update; a ring of halves, in bf16."""
    halves = {"DDP": 2, "FSDP": 3 * parts}[way]
    return halves * (n_gpus - 1) / n_gpus * 2 * weights_of(config)


for way in ("DDP", "FSDP"):
    room = memory(MODELS["7B"], 8, way, rows=1) / GB
    sent = sent_bytes(MODELS["7B"], 8, way) / GB
    print(f"7B on 8 GPUs, {way:4}: {room:5.1f} GB each; {sent:4.1f} GB sent an update")

# %% [markdown]
# Why three halves? DDP sends two halves of a ring: reduce-scatter, all-gather. FSDP
# gathers the weights for the way forward, again for the way back, and reduce-scatters
# the gradients. So FSDP sends three halves of a ring and DDP two: 1.5 times as much. But if the rows of an
# update do not fit at once, they come in **parts** (accumulation, lesson 16), and FSDP
# does all three anew in each part.
#
# ### How much work?
#
# A weight is used once per token: one multiplication, one addition. The way back costs
# twice the way forward. So $P$ weights and $D$ tokens take $6PD$ operations (FLOPs).
#
# And how many tokens? A rule of thumb from 2022 (Hoffmann et al., "Chinchilla"): about
# 20 for each weight make the best of a given amount of work.

# %%
TOKENS_PER_WEIGHT = 20
for name, config in MODELS.items():
    P = weights_of(config)
    D = TOKENS_PER_WEIGHT * P
    print(f"{name:11}  {D / 1e9:6.1f} billion tokens, {6 * P * D:.1e} operations")

# %% [markdown]
# ## Compare with torch
#
# **The sixteen bytes.** Train a small GPT for one update and weigh what is there.

# %%
small = GPTConfig(
    **LARGE,
    vocab_size=500,
    context_size=64,
    emb_dim=64,
    n_heads=4,
    n_layers=3,
    bias=True,
)
model = GPT(small, torch.Generator().manual_seed(0))
tokens = torch.randint(500, (4, 65), generator=dice)
batch = Batch(tokens[:, :-1], tokens[:, 1:])

# %%
adam = torch.optim.AdamW(model.parameters())
batch_loss(model, batch).backward()
adam.step()
states = [state[key] for state in adam.state.values() for key in state if key != "step"]
parts = [t for p in model.parameters() for t in (p, p.grad)] + states
total = sum(t.numel() * t.element_size() for t in parts)
assert total == 16 * weights_of(small)
print(f"{total:,} bytes / {weights_of(small):,} weights = {total / weights_of(small)}")

# %% [markdown]
# **The activations.** torch tells us about each tensor it keeps, through a hook. We
# compare 4 rows with 2 rows, so that whatever does not depend on the text cancels.


# %%
def measured_bytes(rows, **how):
    """What torch keeps for a batch, each piece of memory counted once."""
    pieces = {}

    def keep(tensor):
        piece = tensor.untyped_storage()
        pieces[piece.data_ptr()] = piece
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        Gradients(model, TrainConfig(**how))(
            Batch(tokens[:rows, 1:], tokens[:rows, 1:])
        )
    return sum(piece.nbytes() for piece in pieces.values())


for precision, short in (("float32", 4), ("bfloat16", 2)):
    for again in (False, True):
        measure = partial(measured_bytes, precision=precision, recompute=again)
        found = (measure(4) - measure(2)) / (2 * small.context_size)
        formula = kept_bytes(small, short, again)
        assert abs(found / formula - 1) < 0.02
        said = "recomputed" if again else "all kept"
        print(f"{precision:8}  {said:10}  {found:6,.0f} bytes, formula {formula:6,}")

# %% [markdown]
# To the byte. (Another version of torch may keep a little more or less. A compiled model
# keeps less, since torch then joins operations.)
#
# **The shares.** Two processes, each with its `share` of the rows, as
# `course_lib.engine.parallel` cuts them. Is the mean of their gradients the gradient of the
# whole batch?


# %%
def gradient(rows):
    return torch.autograd.grad(batch_loss(model, rows), list(model.parameters()))


teams = [Team(rank=rank, size=2, device=torch.device("cpu")) for rank in (0, 1)]
shares = [gradient(team.share(lambda step: batch)(0)) for team in teams]
for whole, first, second in zip(gradient(batch), *shares, strict=True):
    torch.testing.assert_close((first + second) / 2, whole)
print("the mean of two shares' gradients = the gradient of the whole batch")

# %% [markdown]
# **The parts of the optimizer.** FSDP lets every GPU update only its own part of each
# weight. May it? AdamW looks at one number at a time, so two halves must give the whole.

# %%
start, slope = torch.randn(2, 10, generator=dice)


def updated(weight, grad):
    weight = weight.clone().requires_grad_()
    weight.grad = grad.clone()
    torch.optim.AdamW([weight], lr=0.1).step()
    return weight.detach()


halves = [updated(start[h], slope[h]) for h in (slice(0, 5), slice(5, 10))]
torch.testing.assert_close(torch.cat(halves), updated(start, slope), rtol=0, atol=0)
print("two halves, updated apart = the whole, bit for bit")

# %% [markdown]
# **The operations.** The library counts more carefully: it leaves out the table of
# positions, which is only looked up, and adds attention's own products (queries with
# keys, weights with values), which $6P$ forgets.


# %%
@cache
def flops_of(config):
    with torch.device("meta"):  # sizes only, no numbers
        return flops_per_token(GPT(config))


for name, config in MODELS.items():
    ratio = flops_of(config) / (6 * weights_of(config))
    assert 1 < ratio < 1.2
    print(f"{name:11}  {ratio:.2f} x 6P for a token")

# %% [markdown]
# The wider the model, the better $6P$. The plan below uses the careful count.
#
# ## See it
#
# What does a GPU have to offer? The figures below are those of the vendor's data sheets,
# looked up in November 2026: memory, bf16 operations per second without sparsity, and
# how fast one GPU sends to its neighbours in the same machine. They are peaks. The share
# of the peak that training reaches is called **MFU**, model-FLOPs utilisation. Meta
# reported 38 to 43 % for its largest Llama 3 in 2024; we assume 40 %.


# %%
class Gpu(NamedTuple):
    memory: float  # bytes
    peak: float  # operations per second
    link: float  # bytes per second


GPUS = {
    "RTX 4090": Gpu(24 * GB, 165e12, 32 * GB),  # PCIe 4.0
    "A100": Gpu(80 * GB, 312e12, 300 * GB),  # NVLink 3
    "H100": Gpu(80 * GB, 989e12, 450 * GB),  # SXM, NVLink 4
    "H200": Gpu(141 * GB, 989e12, 450 * GB),
}
NETWORK = 50 * GB  # between machines of 8 GPUs: 400 Gbit/s for each GPU
FILL = 0.85  # of the memory; the rest is for what passes by
for name, gpu in GPUS.items():
    assert gpu.peak == PEAK_BFLOAT16[name]
    print(f"{name:8}  {gpu.memory / GB:3.0f} GB  {gpu.peak / 1e12:3.0f} TFLOP/s")

# %%
counts = [1, 2, 4, 8, 16, 32, 64]
curves = {
    way: (counts, [memory(MODELS["7B"], n, way, rows=1) / GB for n in counts])
    for way in ("DDP", "FSDP")
}
assert min(curves["DDP"][1]) > 80  # copies never fit an H100
assert memory(MODELS["7B"], 8, "FSDP", rows=1) < FILL * 80 * GB
plot_curves(
    curves,
    "Seven billion weights on H100s: copies never fit, shares do",
    xlabel="GPUs",
    ylabel="GB on each GPU, with one row of text",
    lines={"an H100": 80},
    log_x=True,
    ticks=counts,
)

# %% [markdown]
# More GPUs do not help DDP at all: every one holds everything. With FSDP the state
# melts away, and what remains is the text and the blocks at work.
#
# ### The plan
#
# Now all of it together. Take DDP if it fits, else FSDP. Put in as many rows as the
# memory allows, the rest comes in parts.


# %%
def rows_that_fit(config, gpu, n_gpus, way, recompute):
    empty = memory(config, n_gpus, way, 0)
    row = memory(config, n_gpus, way, 1, recompute) - empty
    return max(0, int((FILL * gpu.memory - empty) // row))


def best_way(config, gpu, n_gpus, recompute):
    """DDP if it fits, else FSDP, and how many rows fit; (None, 0) if neither does."""
    for way in ("DDP", "FSDP") if n_gpus > 1 else ("DDP",):
        if fit := rows_that_fit(config, gpu, n_gpus, way, recompute):
            return way, fit
    return None, 0


# %% [markdown]
# With recompute every block is computed forward twice. The way forward is a third of
# the work, hence the factor below. MFU counts useful work only.


# %%
def plan(name, n_gpus, gpu="H100", mfu=0.4, recompute=False):
    """One line of the plan, as a dict; None if the model does not fit."""
    config, gpu, batch = MODELS[name], GPUS[gpu], BATCH_TOKENS[name]
    way, fit = best_way(config, gpu, n_gpus, recompute)
    if way is None:
        return None
    share = batch // config.context_size // n_gpus  # rows of each GPU
    rows = max(r for r in range(1, min(fit, share) + 1) if share % r == 0)
    room = memory(config, n_gpus, way, rows, recompute)
    told = {"way": way, "GB": room / GB, "rows": rows, "parts": share // rows}
    sent = sent_bytes(config, n_gpus, way, share // rows)
    told["sending"] = sent / (gpu.link if n_gpus <= 8 else NETWORK)
    work = flops_of(config) * batch / n_gpus * (4 / 3 if recompute else 1)
    told["step"] = work / (mfu * gpu.peak)
    updates = TOKENS_PER_WEIGHT * weights_of(config) / batch
    told["days"] = updates * told["step"] / 86_400
    told["hours"] = 24 * told["days"] * n_gpus
    return told


# %%
def show(name, n_gpus, **assumed):
    line = plan(name, n_gpus, **assumed)
    print(f"{name:11} {n_gpus:3}  ", end="")
    if line is None:
        print("does not fit")
    else:
        form = "{way:4} {GB:4.0f} {rows:5} x {parts:<3}{step:10.2f} {sending:7.2f}"
        print((form + " {days:8.3f} {hours:10,.1f}").format(**line))


HEAD = "model      GPUs  way    GB  rows x parts compute s  send s     days  GPU hours"
print(HEAD)
for name in MODELS:
    for n_gpus in (1, 8, 64):
        show(name, n_gpus)

# %%
assert plan("7B", 1) is None
assert plan("7B", 8)["way"] == plan("7B", 64)["way"] == "FSDP"
assert plan("GPT-2 XL", 8)["way"] == "DDP"
for name, config in MODELS.items():
    eight, many = plan(name, 8), plan(name, 64)
    assert math.isclose(eight["hours"], many["hours"])  # we assumed so: the same MFU
    rows = many["rows"] * many["parts"] * 64 * config.context_size
    assert rows == BATCH_TOKENS[name]
print("the batch is the same on 8 and on 64; so are, by assumption, the GPU hours")

# %% [markdown]
# Read a line: what each GPU holds, the rows that go in at once and in how many parts,
# the seconds an update computes, the seconds it sends. Sending happens while other
# blocks are computed, so it costs nothing as long as it is clearly the shorter of the
# two. Where it comes near, the GPUs wait and the MFU falls.
#
# ## Play with it
#
# Change one of the first three lines and run the cell again (Shift+Enter).
#
# - **Set `recompute = True`** for the 7B model on 64 GPUs. What happens to the parts,
#   to the seconds of sending, and to the days?
# - **Set `gpu = "RTX 4090"`** and `name = "GPT-2 small"`, `n_gpus = 1`. Could you train
#   GPT-2 at home?
# - **Set `gpu = "H200"`**, `name = "7B"`, `n_gpus = 8`. What does more memory buy, if
#   the peak is the same?

# %%
name, n_gpus = "7B", 64
gpu, mfu = "H100", 0.4
recompute = False

print(HEAD)
show(name, n_gpus, gpu=gpu, mfu=mfu, recompute=recompute)

# %% [markdown]
# ## Why does this work?
#
# **Why is the result the same on one GPU and on 64?** A mean of means is the mean, if the
# shares are equal. You saw it above. So the number of GPUs is no setting of the model:
# the same batch, the same learning rate, the same losses up to rounding. That is also
# why `share` refuses a batch that cannot be divided evenly.
#
# **Why not simply a larger batch for more GPUs?** Because 64 times the rows do not teach
# 64 times as much. The batch is chosen for learning, and the GPUs divide it. When each
# has a single row left, more GPUs need other ways of sharing: cutting matrices (tensor
# parallel) or layers (pipeline). The course has neither.
#
# **What does the plan leave out?** Buffers for sending, short-lived copies, gaps in the
# memory: that is what the unused part is for. And programs differ. Ours sends gradients
# as 4-byte numbers, up to twice the bytes, and with `--shard` keeps them whole until
# the last part: less sending, more memory. Treat a plan as a guess with a reason, then
# measure ten updates before you pay for ten thousand.
#
# **How do you start it?** `torchrun` starts one process for each GPU. On a laptop the
# same command runs on two CPU processes, and on a machine with 8 GPUs on all of them:
#
# ```bash
# torchrun --nproc-per-node 2 -m course_lib.engine.parallel --preset world --steps 100
# torchrun --nproc-per-node 8 -m course_lib.engine.parallel --preset gpt2-small --text my.txt
# ```
#
# On 8 machines that see the same folder, give the same line on each (480 rows cannot be
# divided by 64; 512 can). `--shard` turns DDP into FSDP:
#
# ```bash
# torchrun --nnodes 8 --nproc-per-node 8 --rdzv-backend c10d \
#     --rdzv-endpoint first-machine:29500 --max-restarts 3 \
#     -m course_lib.engine.parallel --preset gpt2-small --text my.txt --shard \
#     --batch 512 --accumulate 1
# ```
#
# A run that was cut goes on when the same command is given again, also with another
# number of GPUs.
#
# ## Check yourself
#
# **1.** Is the plan honest? The card of Llama 3 8B (Meta, 2024) reports 15 trillion
# tokens and 1.3 million hours of H100. What share of the peak is that, all restarts and
# waits included?

# %%
work = 6 * 8.0e9 * 15e12
share = work / (1.3e6 * 3600 * GPUS["H100"].peak)
per_weight = 15e12 / 8.0e9
assert share < 0.2
assert per_weight > 50 * TOKENS_PER_WEIGHT
print(f"{share:.0%} of the peak, with {per_weight:,.0f} tokens for each weight")

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Far less than the MFU of a good hour. A plan of this kind is a lower bound: hours are
# paid whether the GPUs compute, wait, or start again. And look at the tokens: today's
# small models read much more than 20 for each weight. That wastes training, but saves
# work each time the model is used.
#
# </details>
#
# **2.** Which of the 16 bytes could go, if you trained with plain SGD instead of AdamW?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The two moments, 8 bytes, half of all. Muon (lesson 17) keeps one moment for the
# matrices, 4 bytes.
#
# </details>
#
# **3.** For GPT-2 small the logits are a large part of what is kept. Why, and why not for
# the 7B model?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The vocabulary is the same, 50,257 numbers of 4 bytes for each token, but the small
# model has few and narrow blocks beside it. Compute `4 * 50_257 / kept_bytes(config)`.
#
# </details>
#
# **4.** Your turn: what is the smallest number of H100 GPUs on which the 7B model fits,
# with and without recompute? Ask `plan` with powers of two.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `[n for n in (1, 2, 4, 8) if plan("7B", n)]`: two, in both cases. What hurts on one GPU
# is the state, and recompute does not touch it.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Training keeps a state for each weight and activations for each token. DDP
#   copies the state, FSDP shares it out and pays by sending.
# - **Formula.** State $16P$ bytes, or $16P/N$; $6PD$ operations; a ring sends
#   $2\frac{N-1}{N}$ times the gradient, FSDP three halves instead of two.
# - **Pitfall.** Peaks are not speeds: everything is divided by the MFU, and the MFU is
#   only known afterwards.
# - **In the library:** `course_lib.engine.parallel` (`Team.share`, `replicate`, `shard`),
#   `course_lib.train.flops_per_token`.
#
# **Next:** back on one processor, [18. Context length](18_context_length.ipynb) asks
# what a longer memory costs.
