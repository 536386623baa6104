# %% [markdown]
# # 13. The transformer block
#
# **Why norm, residual connection and GELU?**
#
# Attention carries information from word to word. A GPT does that a dozen times or
# more, one layer on top of the other. But a deep stack of layers easily loses its signal
# or blows it up, and then it cannot learn. This lesson builds the parts that prevent
# this, and puts them together into the **block**, of which a whole GPT is made.
#
# - **You will** build the block by hand, find it equal to torch's, train four stacks with
#   and without its parts, and find the mistakes in eight broken blocks with six tests.
# - **You need** lessons 4 (gradients), 7 (training) and 12 (heads).
# - **Time** 75 minutes. On a first reading, skip the parts marked *more*: then 65. A good
#   place for a pause is after *Compare with torch*.
# - **Back** [12. Attention heads](12_heads.ipynb) · **Next** [14. GPT from a
#   blank page](14_gpt.ipynb)

# %%
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

from course_lib import attention, gpt, names
from course_play.boxes import BLUE, ORANGE, Node, plot_graph
from course_play.diagrams import plot_gpt
from course_play.plots import plot_curves
from course_play.widgets import DepthProfile, Predict

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A signal goes through 24 layers, one after the other. Each layer lets 80 % of it
# through.

# %% tags=["hide-input"]
# the answer is computed here; open this cell after your guess
Predict(
    "How many per cent of the signal arrive at the end?",
    100 * 0.8**24,
    unit="%",
    because="Each layer multiplies by 0.8, so the end is 0.8 to the power of 24.",
)

# %% [markdown]
# ## Build it by hand
#
# ### The residual connection: add, do not replace
#
# Take the simplest layer there is: it multiplies one number by $w$. We send the number 1
# through 24 of them. In the first stack each layer *replaces* the number by its result.
# In the second, each layer *adds* its result to the number: $x \leftarrow x + w x$.

# %%
replaced = added = 1.0
for layer in range(1, 25):
    replaced = 0.1 * replaced
    added = added + 0.1 * added
    if layer in (1, 2, 3, 24):
        print(f"after layer {layer:2d}: replaced {replaced:.1e}, added {added:.2f}")

# %% [markdown]
# With $w = 0.1$ the first stack loses the number nearly completely. In the second stack
# it is still there. The plus is called a **residual connection** (elsewhere: skip
# connection, shortcut), because the layer only has to compute the rest, the residual,
# that is to be added. Here is one such layer. In each box stands a value. Below it, in
# orange, stands the gradient: how much the end grows when this value grows by 1.

# %%
w = 0.1
nodes = {
    "x": Node("x", "1", f"{1 + w:.1f}", BLUE),
    "f": Node("$f(x) = 0.1 x$", f"{w:.1f}", "1"),
    "y": Node("x + f(x)", f"{1 + w:.1f}", "1", ORANGE),
}
edges = [("x", "f"), ("x", "y"), ("f", "y")]
plot_graph(nodes, edges, "The gradient comes back by two ways")

# %% [markdown]
# Two ways lead back from the end to `x`. The way through the layer: at the result of $f$
# the gradient is 1 (the number below its box), and on the way through $f$ it is
# multiplied by 0.1. So this way brings 0.1. The direct way brings the whole 1. So even
# if the layer brings nothing, the gradient arrives. What does that mean for the whole
# stack, and for other values of $w$? We ask for the slope: how much does the end change
# when the start changes a little (lesson 4)? `torch.autograd.grad(end, start)` gives it.
# It does the same as `end.backward()`, but returns the slope and leaves `.grad` alone.

# %%
for w in (0.8, 0.1, 0.01):
    start = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    replaced = added = start
    for _ in range(24):
        replaced = w * replaced
        added = added + w * added
    slopes = [torch.autograd.grad(end, start)[0] for end in (replaced, added)]
    print(f"w = {w:<4}  replaced: slope {slopes[0]:.1e}   added: slope {slopes[1]:.1e}")
    torch.testing.assert_close(slopes[1], torch.tensor((1 + w) ** 24).double())

# %% [markdown]
# In the first line $w$ is 0.8, as in *Predict first*: without the plus, half a per cent
# of the gradient comes back. With the plus each layer multiplies by $1 + w$ and not by
# $w$, so a layer that does little does no harm. But with $w = 0.8$ the slope is now a
# million: if the layers are strong, it explodes. So what the layers read must not grow.
# That is the job of the norm.
#
# In a GPT every token has a vector of $C$ numbers (elsewhere: its **hidden state**;
# lesson 7 used this word for the 64 numbers in the middle of its network). The vectors
# are carried from layer to layer, and each layer adds to them. What is carried along is
# called the **residual stream**.
#
# > **In one plain sentence.** A notebook goes from desk to desk, every child reads all of
# > it and adds a line, and nobody tears out a page.
#
# ### LayerNorm: every token gets the same size
#
# One token of four numbers: 1, 2, 3, 6. **LayerNorm** (layer normalization) works on
# each token by itself, in two steps: subtract the mean, then divide by the size. The
# **size** is here the *root mean square*: square the numbers, take their mean, take the
# root. (After the mean was subtracted, this is the standard deviation.)

# %%
token = torch.tensor([1.0, 2.0, 3.0, 6.0])  # (C,)
centred = token - token.mean()
size = centred.square().mean().sqrt()
print(f"mean {token.mean():.1f}:  {centred}")
print(f"size {size:.3f}: {centred / size}")

# %% [markdown]
# The same for any number of tokens. The small `eps` keeps us from dividing by zero.
# **RMSNorm**, which many newer models use, does not subtract the mean.


# %%
def layer_norm(x, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)  # (..., C) - (..., 1): each token's own mean
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt()  # (..., C)


def rms_norm(x, eps=1e-6):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt()  # (..., C)


tokens = torch.stack([token, 100 * token])  # (2, C)
print(layer_norm(tokens), rms_norm(tokens), sep="\n")

# %% [markdown]
# The second token is a hundred times larger than the first. After either norm they are
# the same.
#
# But perhaps some of the $C$ numbers should be larger than others. So each of them is
# multiplied by a learned **gain** (in torch: `weight`), and a learned **bias** is added.
# At the start the gains are 1 and the biases 0. RMSNorm has a gain only.


# %%
class LayerNorm(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))  # the gain
        self.bias = nn.Parameter(torch.zeros(C))

    def forward(self, x):  # (..., C) -> (..., C)
        return layer_norm(x) * self.weight + self.bias


# %% [markdown]
# ### The feed-forward layer: two matrices and a bend
#
# Attention mixes tokens. After it, each token is worked on by itself in a **feed-forward
# layer** (elsewhere: MLP, FFN): a matrix `up` makes $4C$ numbers of its $C$, and a matrix
# `down` makes $C$ of them again. There must be something between the two, because two
# matrices one after the other are no more than one:

# %%
generator = torch.Generator().manual_seed(0)
x = torch.randn(5, 8, generator=generator)  # 5 tokens, C = 8
up = torch.randn(8, 32, generator=generator)
down = torch.randn(32, 8, generator=generator)
torch.testing.assert_close((x @ up) @ down, x @ (up @ down), rtol=1e-3, atol=1e-3)
print(f"two matrices of {up.numel() + down.numel()} numbers =", end=" ")
print(f"one matrix of {(up @ down).numel()} numbers")

# %% [markdown]
# So between them stands an **activation function** (elsewhere: nonlinearity), a curve
# that is bent. It is applied to each number. Three of them are common:
#
# - **ReLU** is the simplest: negative numbers become 0, positive ones stay.
# - **GELU** (GPT) multiplies $x$ by $\Phi(x)$, the share of the bell curve that lies
#   below $x$. Torch knows the bell curve as `torch.erf`:
#   $\Phi(x) = \frac{1}{2}(1 + \text{erf}(x / \sqrt{2}))$. The GELU is a ReLU with a round
#   corner. GPT-2 uses a cheaper formula with a tanh.
# - **SwiGLU** (Llama, SmolLM2) uses *two* matrices for the way up. One makes numbers $a$,
#   the other numbers $b$, and the result is $\text{SiLU}(a) \cdot b$ with
#   $\text{SiLU}(a) = a \cdot \text{sigmoid}(a)$. (The sigmoid squeezes any number into 0
#   to 1: $1 / (1 + e^{-a})$.) So $a$ is a **gate** for $b$.


# %%
def relu(x):
    return x.clamp(min=0)


def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


def swiglu(a, b):
    return a * torch.sigmoid(a) * b


# %%
z = torch.linspace(-4, 4, 801)
bends = {"ReLU": relu(z), "GELU": gelu(z), "SiLU (SwiGLU, b = 1)": swiglu(z, 1.0)}
gap = (gelu(z) - gelu_tanh(z)).abs().max()
print(f"largest gap between GELU and its tanh form: {gap:.4f}")
plot_curves(
    {label: (z.tolist(), y.tolist()) for label, y in bends.items()},
    "Three bends: alike far away, different near zero",
    xlabel="a number before the bend",
    ylabel="after it",
)

# %% [markdown]
# Why GELU and not the simpler ReLU? Look at the slope left of zero, because the gradient
# is multiplied by it on its way back:

# %%
left = torch.tensor(-0.5, requires_grad=True)
for label, bend in (("ReLU", relu), ("GELU", gelu)):
    print(f"{label}: slope {torch.autograd.grad(bend(left), left)[0]:.3f} at -0.5")

# %% [markdown]
# ReLU passes no gradient to a negative number. A hidden number that is negative for every
# token gets no gradient for its own weights (a **dead** unit); only a change in what it
# reads can wake it up. GELU is smooth and still has a slope there, though a small one far
# to the left.
# In practice GELU and SwiGLU often train a little better, but the difference is small
# and was found by trying, not by a proof.
#
# What does a bend buy? Two bent numbers can **fold** the number line: one for $x$, one
# for $-x$, added up. No matrix maps both $-3$ and $3$ to the same positive number.

# %%
x = torch.tensor([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
folded, straight = gelu(x) + gelu(-x), gelu(x) - gelu(-x)
torch.testing.assert_close(straight, x)
torch.testing.assert_close(folded, folded.flip(0))
print("folded:       ", folded)
print("with a minus: ", straight)

# %% [markdown]
# With a minus between them the two give back $x$ itself. So a bend need not lose
# anything: two hidden numbers, one for $x$ and one for $-x$, still hold all of $x$, and
# the next matrix chooses: a plus folds, a minus does not.
#
# ### Dropout (*more*)
#
# **Dropout** sets a random share of numbers to 0 *during training*, so that no part
# relies on a single number. The others grow, so that the mean stays. When the model is
# used, dropout does nothing. Large models that see each text only once often leave it
# out.


# %%
def dropout(x, share, generator):
    keep = torch.rand(x.shape, generator=generator) >= share
    return x * keep / (1 - share)


dropped = dropout(torch.ones(100_000), 0.25, generator)
print(f"values {dropped.unique()}, mean {dropped.mean():.2f}")
assert abs(dropped.mean() - 1) < 0.01

# %% [markdown]
# ### The block
#
# First attention with many heads for a batch of texts. It does the same as `Heads` of
# lesson 12 without rotary positions. It cuts into q, k and v first and into heads after
# that, and `heads` is a method of its own, because the bug zoo below needs it.


# %%
class MultiHeadAttention(nn.Module):
    def __init__(self, C, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.qkv = nn.Linear(C, 3 * C, bias=False)
        self.proj = nn.Linear(C, C, bias=False)

    def heads(self, x):  # (B, T, C) -> three times (B, H, T, D)
        B, T, _ = x.shape
        wide = self.qkv(x).chunk(3, dim=-1)  # three times (B, T, C)
        return [y.view(B, T, self.n_heads, -1).transpose(1, 2) for y in wide]

    def forward(self, x):  # (B, T, C) -> (B, T, C)
        mixed, _ = attention.causal_attention(*self.heads(x))  # (B, H, T, D)
        return self.proj(mixed.transpose(1, 2).flatten(2))  # side by side: (B, T, C)


# %% [markdown]
# Now the block. It has two parts, each with a norm before it and a plus after it. The
# first part is attention, which looks at other tokens. The second is the feed-forward
# layer, which does not.


# %%
class Block(nn.Module):
    def __init__(self, C, n_heads):
        super().__init__()
        self.norm_1, self.norm_2 = LayerNorm(C), LayerNorm(C)
        self.attention = MultiHeadAttention(C, n_heads)
        self.up = nn.Linear(C, 4 * C, bias=False)
        self.down = nn.Linear(4 * C, C, bias=False)

    def feed_forward(self, x):  # (B, T, C) -> (B, T, C)
        return self.down(gelu(self.up(x)))  # up is (B, T, 4C)

    def forward(self, x):  # (B, T, C) -> (B, T, C)
        x = x + self.attention(self.norm_1(x))
        return x + self.feed_forward(self.norm_2(x))


# %% [markdown]
# Follow one token through a fresh block: the token 1, 2, 3, 6 of above, with two tokens
# before it. (C = 4, two heads, random matrices.)

# %% tags=["close"]
x = torch.tensor([[[0.0, 1, 0, -1], [2, -1, 0, 1], [1, 2, 3, 6]]])  # (1, 3, 4)
small = Block(4, 2)
for matrix in (small.attention.qkv, small.attention.proj, small.up, small.down):
    seeded = torch.Generator().manual_seed(matrix.in_features)
    nn.init.normal_(matrix.weight, std=0.5, generator=seeded)
with torch.no_grad():
    reads = small.norm_1(x)  # (1, 3, 4)
    middle = x + small.attention(reads)  # (1, 3, 4)
    reads_2 = small.norm_2(middle)  # (1, 3, 4)
    top = middle + small.feed_forward(reads_2)  # (1, 3, 4)
    torch.testing.assert_close(top, small(x))
for step, y in (
    ("the token in the stream", x),
    ("attention reads", reads),
    ("and adds", middle - x),
    ("now in the stream", middle),
    ("feed-forward reads", reads_2),
    ("and adds", top - middle),
    ("out of the block", top),
):
    print(f"{step:24s}", "".join(f"{n:7.2f}" for n in y[0, -1].tolist()))

# %% [markdown]
# Read the first column downwards, without the two lines *reads*: 1.00 - 0.03 + 1.44 is
# 2.41. So the parts read copies of size 1, and what they find is added to the token.
#
# How many numbers does a block learn?

# %%
C = 32
counts = {name: p.numel() for name, p in Block(C, 4).named_parameters()}
feed_forward = counts["up.weight"] + counts["down.weight"]
total = sum(counts.values())
share = feed_forward / total
print(f"{feed_forward:,} of {total:,} numbers, {share:.0%}, are feed-forward")

# %% [markdown]
# ## Compare with torch
#
# The pieces first.

# %%
x = 10 * torch.randn(3, 5, C, generator=generator)
gain, bias = torch.randn(2, C, generator=generator)
mine = LayerNorm(C)
mine.load_state_dict({"weight": gain, "bias": bias})
torch.testing.assert_close(mine(x), F.layer_norm(x, (C,), gain, bias))
torch.testing.assert_close(rms_norm(x), F.rms_norm(x, (C,), eps=1e-6))
torch.testing.assert_close(relu(x), F.relu(x))
torch.testing.assert_close(gelu(x), F.gelu(x))
torch.testing.assert_close(gelu_tanh(x), F.gelu(x, approximate="tanh"))
torch.testing.assert_close(swiglu(x, 2 * x), F.silu(x) * 2 * x)
print("LayerNorm with gain and bias, RMSNorm and the bends agree")

# %% [markdown]
# Then the whole block. Its weights go into the library's `gpt.Block`, and into the layer
# that torch itself offers. (Torch calls it an **encoder** layer: a transformer without
# the causal mask, such as BERT, is called an encoder, and one with the mask, such as GPT,
# a **decoder**. With a causal mask and the norms first the layer is a GPT block.) Both
# have more biases than ours, so we set those to 0.


# %%
def with_weights_of(mine, theirs, other_names=None):
    """The weights of our block in another one, all its other biases 0."""
    for name, p in theirs.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(p)
    state = {(other_names or {}).get(k, k): v for k, v in mine.state_dict().items()}
    assert not theirs.load_state_dict(state, strict=False).unexpected_keys
    return theirs


mine = Block(C, 4)
nn.init.normal_(mine.norm_1.bias, generator=generator)
config = gpt.GPTConfig(
    vocab_size=27, emb_dim=C, positions="learned", qk_norm=False, bias=True
)
library = with_weights_of(mine, gpt.Block(config))
torch.testing.assert_close(mine(x), library(x))
print("by hand = course_lib")

# %%
theirs = nn.TransformerEncoderLayer(
    C, 4, 4 * C, 0.0, "gelu", batch_first=True, norm_first=True
)
other_names = {
    "norm_1.weight": "norm1.weight", "norm_1.bias": "norm1.bias",
    "norm_2.weight": "norm2.weight", "norm_2.bias": "norm2.bias",
    "attention.qkv.weight": "self_attn.in_proj_weight",
    "attention.proj.weight": "self_attn.out_proj.weight",
    "up.weight": "linear1.weight", "down.weight": "linear2.weight",
}  # fmt: skip
theirs = with_weights_of(mine, theirs, other_names)
theirs.self_attn.in_proj_bias.data.zero_()
future = nn.Transformer.generate_square_subsequent_mask(5)
torch.testing.assert_close(mine(x), theirs(x, future), rtol=1e-4, atol=1e-4)
print("by hand = torch")

# %% [markdown]
# ## See it
#
# Here is the whole way of the data in the smallest GPT-2. On the left is the model, on
# the right one of its blocks, enlarged. Follow the blue line: it is the residual stream.
# It runs straight through, and every part only reads a copy and adds to it. (Inside the
# blocks, that is. There is one exception, at the very end: the last norm changes the
# stream itself, just before the head makes logits of it.)
#
# Textbooks build the same skeleton: embeddings of token and position, dropout, blocks, a
# last norm, and a head without bias that makes the logits. (This *head* is the output
# layer of lesson 7. It has nothing to do with the attention heads.) The cell below the
# picture lists these parts of a small model.

# %% tags=["ledger:B11"]
plot_gpt(gpt.gpt2_config("small"), "Every part reads a copy and adds what it finds")

# %% tags=["ledger:D4"]
config = gpt.GPTConfig(
    vocab_size=27, emb_dim=C, positions="learned", tied=False, dropout=0.1
)
model = gpt.GPT(config, generator)
for name, part in model.named_children():
    n = sum(p.numel() for p in part.parameters())
    print(f"{name:18s} {type(part).__name__:10s} {n:6,} numbers")
assert model.head.bias is None
assert model(torch.zeros(2, 6, dtype=torch.int64)).shape == (2, 6, 27)

# %% [markdown]
# The norm has 32 numbers and not 64, because the library's norms have no bias unless you
# ask for one. So a block has 12,416 - 64 = 12,352 numbers, and one more for `qk_norm`
# (lesson 12): 3 times 12,353 is 37,059. And the picture's head uses the embedding once
# more; here `tied=False` gives it a matrix of its own.
#
# ### A deep stack, four ways
#
# Now we take pieces away. There are four kinds of block: with both, with the norm only,
# with the residual connection only, and with neither.


# %%
class NormOnly(Block):
    def forward(self, x):
        x = self.attention(self.norm_1(x))
        return self.feed_forward(self.norm_2(x))


class ResidualOnly(Block):
    def forward(self, x):
        x = x + self.attention(x)
        return x + self.feed_forward(x)


class Neither(Block):
    def forward(self, x):
        return self.feed_forward(self.attention(x))


KINDS = {
    "both": Block,
    "norm only": NormOnly,
    "residual only": ResidualOnly,
    "neither": Neither,
}

# %% [markdown]
# Each stack has sixteen fresh blocks. As in lesson 7 the first weights of each matrix are
# divided by the square root of the number of its inputs, so that the matrix does not
# change the size of what comes in. Random numbers go in at the bottom. There is no loss
# yet, so for the way back we use random numbers, too, as the gradient at the top. (The
# sum of `stream * noise` has `noise` as its gradient.) How large is the stream, and how
# large is the gradient, at each depth? The numbers show both, the picture below them
# shows the gradient.


# %%
def stack(kind, n_layers, generator, C=C):
    """Fresh blocks; the first weights are scaled as in lesson 7."""
    blocks = nn.Sequential(*(kind(C, 4) for _ in range(n_layers)))
    for weight in blocks.parameters():
        if weight.ndim == 2:
            nn.init.normal_(weight, std=weight.shape[1] ** -0.5, generator=generator)
    return blocks


def sizes_by_depth(blocks):
    """The size of the stream and of the gradient at each depth, two lists."""
    generator = torch.Generator().manual_seed(1)
    x, noise = torch.randn(2, 1, 16, C, dtype=torch.float64, generator=generator)
    stream = [x.requires_grad_()]  # (1, 16, C): one text of 16 tokens
    for block in blocks.double():
        stream.append(block(stream[-1]))  # (1, 16, C) at each depth
    slopes = torch.autograd.grad((stream[-1] * noise).sum(), stream)
    return [[y.detach().square().mean().sqrt() for y in ys] for ys in (stream, slopes)]


# %% tags=["close"]
curves, ends = {}, {}
for label, kind in KINDS.items():
    blocks = stack(kind, 16, torch.Generator().manual_seed(0))
    sizes, slopes = sizes_by_depth(blocks)
    curves[label] = (range(17), [s.log10().item() for s in slopes])
    ends[label] = sizes[-1], slopes[0]
    print(f"{label:13s} stream, top {sizes[-1]:.1e}; gradient, bottom {slopes[0]:.1e}")
assert max(ends["neither"]) < 1e-3
assert min(ends["residual only"]) > 1e3
assert all(0.3 < end < 30 for end in ends["both"])

# %%
plot_curves(
    curves,
    "Without a norm, depth kills the gradient or blows it up",
    xlabel="depth (the gradient comes from the right)",
    ylabel="gradient, power of ten",
)

# %% [markdown]
# With neither, the signal is lost in both directions. With the residual connection alone
# it explodes. With the norm alone the sizes look bearable. (With other first weights the
# numbers change; try it below.) So is the norm enough?
#
# ## Play with it
#
# The same experiment with all its controls. By keyboard: Tab to a control, then the
# space bar or the arrow keys. Watch the green bars too: they show how **alike** the
# tokens have become. At full height, all tokens hold the same direction, and no later
# layer can tell them apart. Some likeness is normal with fresh weights, because all
# tokens add averages over nearly the same tokens. What counts is whether the bars reach
# full height.
#
# - **Switch the skip off** (the residual connection) and leave the norm on. What do the
#   sizes say, and what do the green bars say?
# - **Norm after the addition**, 24 layers: slide the initial weights from small to
#   large. When do the tokens stop being different?
# - **Skip on, no norm**: which initial weights keep 24 layers alive?
#
# <details style="margin-bottom: 1em"><summary>What you should see</summary>
#
# - Without the skip the sizes stay fine with all initial weights, but the green bars are
#   at full height: all tokens have become the same.
# - With the norm after the addition the tokens still differ at 0.25 and 0.5. From 1 on
#   they all become the same.
# - Without a norm 24 layers stay alive at 0.25 and 0.5. From 1 on the stream explodes.
#
# </details>

# %% tags=["close"]
DepthProfile(n_layers=16)

# %% [markdown]
# ## Why does this work?
#
# ### Sizes are not enough: a race
#
# Here are the last green bars of five stacks as numbers: 1 means that all tokens hold the
# same direction.

# %% tags=["close"]
for label, skip, norm in (
    ("both", True, "before"),
    ("norm only", False, "before"),
    ("residual only", True, "none"),
    ("neither", False, "none"),
    ("both, norm after", True, "after"),
):
    alike = DepthProfile(n_layers=16, skip=skip, norm=norm).profile[2, -1]
    print(f"{label:17s} tokens alike to {alike:.2f} after layer 16")
    assert alike < 0.8 if label == "both" else alike > 0.95

# %% [markdown]
# Only in the first stack do the tokens still differ. Without the residual connection each
# attention layer *replaces* a token by an average over tokens, and averages of averages
# all become the same. (This is called **rank collapse**: Dong and others, 2021.) The norm
# repairs the size, but it cannot make equal tokens different again. The residual
# connection alone is not enough either, and where the norm stands matters, too. (*Norm
# before or after?* below shows what happens in the last line.)
#
# Does it matter for learning? We train all four stacks on names: eight letters go in, and
# the next letter is the target. So that the race is fair, every kind tries four
# learning rates, with three random seeds each. One half of the held-out names chooses the
# rate, and the other half gives the result. AdamW is Adam in its usual form today (lesson
# 17), and `fused=True` only makes it faster.

# %%
splits = names.split_names(names.load_names())
x_train, y_train = names.windows(splits.train, 8)  # (N, 8) and (N,)
halves = [names.windows(splits.val[i::2], 8) for i in (0, 1)]
shares = y_train.bincount(minlength=27) / len(y_train)
blind = -shares.log()[halves[1][1]].mean().item()
print(f"shares of the letters, no look at the name: {blind:.2f} nats")


# %%
class Stack(nn.Module):
    def __init__(self, kind, generator, C=16):
        super().__init__()
        self.letters = nn.Parameter(0.3 * torch.randn(27, C, generator=generator))
        self.places = nn.Parameter(0.3 * torch.randn(8, C, generator=generator))
        self.blocks = stack(kind, 6, generator, C)
        self.norm = LayerNorm(C)  # all four end with a norm
        self.head = nn.Parameter(0.3 * torch.randn(27, C, generator=generator))

    def forward(self, x):  # (B, 8) -> (B, 27)
        stream = self.blocks(self.letters[x] + self.places)  # (B, 8, C)
        return self.norm(stream)[:, -1] @ self.head.T  # (B, C) @ (C, 27) -> (B, 27)


# %%
def race(kind, learning_rate, seed, steps=60):
    """Train one stack; its loss on each half of the held-out names."""
    generator = torch.Generator().manual_seed(seed)
    model = Stack(kind, generator)
    optimizer = torch.optim.AdamW(model.parameters(), learning_rate, fused=True)
    for _ in range(steps):
        rows = torch.randint(len(x_train), (32,), generator=generator)
        loss = F.cross_entropy(model(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return [F.cross_entropy(model(x), y).item() for x, y in halves]


# %% tags=["close:0.1"]
RATES = (1e-3, 3e-3, 1e-2, 3e-2)
final = {}
print("mean loss of three seeds, on the half that chooses")
for label, kind in KINDS.items():
    runs = {rate: [race(kind, rate, seed) for seed in range(3)] for rate in RATES}
    choose = {rate: sum(run[0] for run in runs[rate]) / 3 for rate in RATES}
    final[label] = [run[1] for run in runs[min(choose, key=choose.get)]]
    print(f"{label:13s}", *(f"{rate}: {loss:.2f}" for rate, loss in choose.items()))

# %% tags=["close:0.1"]
print(f"on the other half, at the best rate ({blind:.2f} without a look at the name)")
for label, losses in final.items():
    print(f"{label:13s} three seeds:", *(f"{loss:.2f}" for loss in losses))
assert max(final["both"]) < blind - 0.12
assert min(min(final[label]) for label in KINDS if label != "both") > blind - 0.08

# %% [markdown]
# Only the stack with both learns something about the names in these sixty steps. The
# three others end near the loss of a guess that never looks at the name, at each of
# their learning rates. Our measurements of fresh stacks suggest why (they had 16 layers,
# these have 6): with the norm only, the tokens become alike; with the residual
# connection only, the sizes explode, and one direction drowns all differences; with
# neither, the signal dies.
#
# But the race is short and the stacks are small. We also tried 400 steps at the best
# rates, with two seeds: the gap was still there. With other first weights or fewer layers, a
# stack that lacks one of the parts may learn as well; we have not tried that. With both
# parts it works without such care.
#
# ### Norm before or after?
#
# The first transformer (2017) put the norm *after* the addition, on the stream itself:
# $x \leftarrow \text{norm}(x + f(x))$. GPT-2 (2019) moved it to the side, before each
# part. The new form is called **pre-norm**, the old one **post-norm**. In post-norm each
# norm divides *everything* that the stream holds, also the token that came in at the
# bottom. How much of this token is left after 16 layers?

# %% tags=["close:0.01"]
stream = torch.randn(1, 16, C, generator=torch.Generator().manual_seed(0))
left_over = 1.0
with torch.no_grad():
    for block in stack(Block, 16, torch.Generator().manual_seed(0)):
        for part in (block.attention, block.feed_forward):
            stream = stream + part(stream)  # (1, 16, C)
            left_over /= stream.std(-1, correction=0).mean().item()  # size of a token
            stream = layer_norm(stream)
print(f"post-norm: {left_over:.2f} of the token is left")
print(f"pre-norm:  {1 / ends['both'][0]:.2f}, because the stream has grown")
assert left_over < 0.01 < 1 / ends["both"][0]

# %% [markdown]
# With post-norm nearly nothing is left of the token itself. What fills the stream has
# come out of averages over tokens, and these are alike. (This is likely the reason for
# the last line of the table above; we did not test it further.) With pre-norm nothing
# divides the stream. It grows to about five times its size, so about a fifth of it is
# still the token. Post-norm can be trained, but Xiong and others (2020) show that it
# needs a slow start of the learning rate. (Lesson 16 warms up.)
#
# ### Why output projections start small (*more*)
#
# A stack of $L$ blocks adds $2L$ things to the stream. If they are independent of each
# other, their variances add up, so the size grows like the *square root* of the number of
# things. Many models let the two matrices that write into the stream (`proj` and
# `down`) start smaller, in proportion to $1/\sqrt{L}$; our library divides by
# $2\sqrt{L}$.

# %% tags=["close"]
for n_layers in (6, 24):
    for factor in (1.0, 0.5 / math.sqrt(n_layers)):
        blocks = stack(Block, n_layers, torch.Generator().manual_seed(2))
        for block in blocks:
            block.attention.proj.weight.data *= factor
            block.down.weight.data *= factor
        top = sizes_by_depth(blocks)[0][-1]
        print(
            f"{n_layers:2d} layers, outputs x {factor:.2f}: size {top:.2f} at the top"
        )
        assert factor == 1 or top < 1.6

# %% [markdown]
# The rule is only a rough one here. With four times as many layers the size should at
# most double, and without the smaller start it grows nearly three times. So what the
# blocks add is not quite independent. A likely reason: with depth the tokens become more
# alike (the green bars), so the averages of attention cancel less and add more. With the
# smaller start the stream hardly grows at either depth.
#
# ## Check yourself
#
# ### Fix the slide
#
# A blogger writes: "What attention has found for a token is then crumpled and folded by
# layer norm and the GELU network." Is that fair? We measure three things. What does a
# norm forget? Can two numbers become one in a GELU? And what happens to the stream?

# %% tags=["ledger:D5"]
x = torch.randn(1, 6, C, generator=generator)
torch.testing.assert_close(layer_norm(3 * x + 5), layer_norm(x), rtol=1e-3, atol=1e-3)
size, mean = x.std(-1, correction=0, keepdim=True), x.mean(-1, keepdim=True)
torch.testing.assert_close(layer_norm(x) * size + mean, x, rtol=1e-3, atol=1e-3)
print("a norm forgets the mean and the size of a token, nothing else")

a, left = torch.tensor(-0.2), z[z < -0.8]
b = left[(gelu(left) - gelu(a)).abs().argmin()]
print(f"gelu({a:.2f}) = {gelu(a):.3f} and gelu({b:.2f}) = {gelu(b):.3f}: folded")

found = mine.attention(mine.norm_1(x))
found = found + mine.feed_forward(mine.norm_2(x + found))
torch.testing.assert_close(mine(x), x + found, rtol=1e-4, atol=1e-4)
print("stream after the block = stream before + what was added: a block only adds")

# %% [markdown]
# So the sentence is true of the *copies* that the parts read: they are normed and folded.
# It is not true of the stream, because a part can only add to it: nothing is normed or
# folded on the way. That does not mean that nothing can be lost. If a part adds the
# opposite of what is there, it is gone. But the part has to learn to do that. And why can
# the rest of the model do without the mean and the size? Every part reads a normed copy,
# and so does the head. So nobody misses them.
#
# ### The bug zoo
#
# Here are eight blocks, each with one mistake that people really make. All of them run,
# and all give the correct shape. Below them stand six tests. Each tests something that
# must hold in *every* correct block with random weights, so no test needs to know the
# correct output. Before you run the last cell of the zoo: which test catches which
# block?


# %%
class OpenEyes(MultiHeadAttention):  # no mask
    def forward(self, x):
        mixed = F.scaled_dot_product_attention(*self.heads(x))
        return self.proj(mixed.transpose(1, 2).flatten(2))


class MixedHeads(MultiHeadAttention):  # reshaped, but not transposed
    def forward(self, x):
        B, T, C = x.shape
        split = [y.reshape(B, self.n_heads, T, -1) for y in self.qkv(x).chunk(3, -1)]
        mixed = F.scaled_dot_product_attention(*split, is_causal=True)
        return self.proj(mixed.reshape(B, T, C))


class NormOverTime(LayerNorm):  # the wrong axis
    def forward(self, x):
        return layer_norm(x.mT).mT * self.weight + self.bias


class NoPlus(Block):  # the second plus is forgotten
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return self.feed_forward(self.norm_2(x))


# %%
class NormedStream(Block):  # the norm changes the stream itself
    def forward(self, x):
        x = self.norm_1(x)
        x = x + self.attention(x)
        return x + self.feed_forward(self.norm_2(x))


class NormTwice(Block):  # norm_1, where norm_2 should be
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.feed_forward(self.norm_1(x))


class LoudInput(Block):  # the second norm is forgotten
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.feed_forward(x)


class AlwaysDropping(Block):  # does not ask whether it is being trained
    def forward(self, x):
        return super().forward(F.dropout(x, 0.1, training=True))


# %% [markdown]
# Now the tests. Two of them need a word. *Loudness* multiplies the input by 10,000 and
# by 1,000,000. A norm forgets the size, so the parts read the same copies and must add
# the same both times. (This holds for the second norm, too: beside so loud a stream,
# what attention has added is nothing.) *Gradient* asks of every part whether it is used
# at all: what is never called gets no gradient.

# %%
C = 16
x = torch.randn(1, 8, C, dtype=torch.float64, generator=generator)


def same(a, b):
    return torch.allclose(a, b, rtol=1e-3, atol=1e-3)


def causality(block):  # another last token does not change the past
    y = torch.cat([x[:, :-1], x[:, -1:].flip(-1)], 1)
    return same(block(x)[:, :-1], block(y)[:, :-1])


def permutation(block):  # no positions: the last token sees the others as a bag
    y = torch.cat([x[:, :-1].flip(1), x[:, -1:]], 1)
    return same(block(x)[:, -1], block(y)[:, -1])


def repetition(block):  # in use, the same input gives the same output
    return same(block(x), block(x))


# %%
def silence(block):  # parts that say nothing leave the stream alone
    quiet = copy.deepcopy(block)
    for matrix in (quiet.attention.proj, quiet.down):
        matrix.weight.data.zero_()
    return same(quiet(x), x)


def loudness(block):  # a louder stream: the same is added
    return same(block(1e4 * x) - 1e4 * x, block(1e6 * x) - 1e6 * x)


def gradient(block):  # every parameter gets a gradient
    block.zero_grad()
    block(x).square().sum().backward()
    return all(p.grad is not None and p.grad.any() for p in block.parameters())


# %%
TESTS = (causality, permutation, repetition, silence, loudness, gradient)
healthy = stack(Block, 1, generator, C)[0].double().eval()
zoo = {"healthy": healthy}
for kind in (NoPlus, NormedStream, NormTwice, LoudInput, AlwaysDropping):
    zoo[kind.__name__] = kind(C, 4).double().eval()
    zoo[kind.__name__].load_state_dict(healthy.state_dict())
for kind in (OpenEyes, MixedHeads):
    zoo[kind.__name__] = copy.deepcopy(healthy)
    broken = kind(C, 4).double()
    broken.load_state_dict(healthy.attention.state_dict())
    zoo[kind.__name__].attention = broken
zoo["NormOverTime"] = copy.deepcopy(healthy)
zoo["NormOverTime"].norm_1 = NormOverTime(C).double()

print(" " * 15 + " ".join(f"{test.__name__:11s}" for test in TESTS))
caught = {}
for name, block in zoo.items():
    assert block(x).shape == x.shape
    caught[name] = [test.__name__ for test in TESTS if not test(block)]
    row = ["CAUGHT" if t.__name__ in caught[name] else "." for t in TESTS]
    print(f"{name:14s} " + " ".join(f"{word:11s}" for word in row))
assert caught.pop("healthy") == []
assert all(caught.values())

# %% [markdown]
# Every broken block is caught, some of them by one test only. **Permutation** alone
# finds the heads that were reshaped but not transposed: there, the numbers of different
# tokens are mixed up. **Gradient** alone finds the `norm_1` in place of `norm_2`: there,
# as in `LoudInput`, `norm_2` is never called, so its gain gets no gradient. A block that
# drops numbers in use fails nearly everywhere, and **repetition** tells why. A test can
# be blind, too: if the causality test only *added 1* to all numbers of the last token,
# LayerNorm would take it away again, because it subtracts the mean.
#
# ### Questions
#
# **1.** In LayerNorm the mean goes over the numbers of one token. Why not over all
# tokens of the text?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Then a late token would change the norm of an early one: the model would see the
# future in training, and have none when it writes. `NormOverTime` was caught at that.
#
# </details>
#
# **2.** A friend leaves out the GELU "to save time". What has the feed-forward layer
# become?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# One matrix, of shape $(C, C)$. All the other numbers are wasted, and no token can fold
# anything.
#
# </details>
#
# **3.** You start `proj` and `down` in all blocks of a pre-norm GPT at exactly zero. What
# does the fresh stack compute, and can it still learn?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each block passes the stream on unchanged: it is the silence test. It can learn: the
# two matrices themselves get a gradient at once, since their input is not zero. After the
# first step the rest gets one too.
#
# </details>
#
# **4.** Your turn: write a ninth broken block. Let it read `x.detach()` where it norms,
# so that no gradient flows back through the parts. Which of the six tests catches it?
# If none does: write the seventh.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# None. All outputs are correct, and within one block every parameter still gets its
# gradient. Only the block *below* would miss something. The seventh test nudges the
# input a little and compares the change of the output with `x.grad`, as you did in
# lesson 4.
#
# </details>
#
# ## Recap
#
# - **Idea.** A GPT is a stream that parts read and add to. The residual connection keeps
#   signal and gradient alive, the norm before each part keeps the sizes, both together
#   keep the tokens different, and the activation function makes a second matrix worth
#   having.
# - **Formula.** $x \leftarrow x + \text{attention}(\text{norm}(x))$, then
#   $x \leftarrow x + \text{down}(\text{GELU}(\text{up}(\text{norm}(x))))$.
# - **Pitfall.** Broken blocks run, and have the correct shape. Test what must *always*
#   hold: no look ahead, no order without positions, the same answer twice, an unchanged
#   stream if the parts say nothing, a gradient for every parameter.
#
# | step | tensor | shape |
# |---|---|---|
# | stream | x | (B, T, C) |
# | norm | a copy, each token of size 1 | (B, T, C) |
# | heads | q, k, v | (B, H, T, C / H) each |
# | attention | what is added | (B, T, C) |
# | up, activation | hidden numbers | (B, T, 4C) |
# | down | what is added | (B, T, C) |
#
# | here | elsewhere |
# |---|---|
# | residual connection | skip connection, shortcut |
# | feed-forward layer | MLP, FFN |
# | activation function, bend | nonlinearity |
# | gain and bias of a norm | weight and bias, gamma and beta, scale and shift |
# | size | root mean square (RMS) |
# | vector of a token in the stream | hidden state, activation |
# | norm before each part; after the addition | pre-norm; post-norm |
# | transformer without the causal mask; with it | encoder; decoder |
#
# - **Moved into the library:** `course_lib.gpt.Block`; norms and GELU are torch's from
#   now on.
#
# **Homework:** [Homework 13](homework/hw13.ipynb), about 70 minutes, of which 40 are
# core. A badge under each check says at once whether your answer is correct.
#
# **Next:** at the top of the stack each token holds a vector that knows its context. How
# does it turn into the next word? [14. GPT from a blank page](14_gpt.ipynb)
