# %% [markdown]
# # 13. The transformer block
#
# **Why norm, skip and GELU?**
#
# Attention carries information from word to word. A GPT does that a dozen times or
# more, one layer on top of the other, and deep stacks die easily. This lesson builds
# what keeps them alive: the **block**, of which a whole GPT is made.
#
# - **You will** build the block by hand, find it equal to torch's, watch deep stacks
#   live and die, and catch eight broken blocks with small tests of your own.
# - **You need** lessons 4 (gradients), 7 (training) and 12 (heads).
# - **Time** 45 minutes.
# - **Back** [12. Attention heads](12_heads.ipynb) · **Next** [14. From context vectors
#   to logits](14_gpt.ipynb)

# %%
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

from course_lib import gpt, names
from course_lib.attention import MultiHeadAttention
from course_play.diagrams import plot_gpt
from course_play.plots import plot_curves
from course_play.reveal import reveal
from course_play.widgets import DepthProfile

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A signal goes through 24 layers. Each layer lets 80 % of it through. **How many per
# cent arrive at the end?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, 100 * 0.8**24))

# %% [markdown]
# No single layer harms the signal much, and yet look what arrives. The gradient has to
# make the same journey backwards. Depth multiplies, and multiplying is dangerous.
#
# ## Build it by hand
#
# ### The skip connection: add, do not replace
#
# The cure is a plus sign. A part of the network does not replace what it reads. It
# computes something and **adds** it: $x \leftarrow x + f(x)$. The plus is called a
# **skip connection**, since the signal can skip the part. The list of numbers that is
# carried through all layers and only ever added to is the **residual stream**.
#
# > **For children (and for the rest of us).** A class keeps a diary. It goes from desk
# > to desk. Each child reads it all, thinks, and writes one more line. Nobody tears out
# > a page. So at the last desk the first line is still there.
#
# Let each part be the simplest one, a multiplication by $w$. How much does the end of
# the stack notice if you wiggle the start? (That is the slope, as in lesson 4.)

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
# With the plus, each layer multiplies by $1 + w$ and not by $w$. A part that does
# little does no harm, whereas without the plus it stops everything. But look at the
# first line: with strong parts the stream explodes. So the parts must speak softly, and
# their input must not grow. That is the job of the norm.
#
# ### LayerNorm: the same loudness for every token
#
# Here are two tokens of four numbers. The second is the first, a hundred times louder.
# **LayerNorm** takes each token by itself: subtract its mean, divide by its size. The
# **size** here is the *root mean square*: square, take the mean, take the root. (The
# small `eps` only prevents a division by zero.) **RMSNorm**, in many newer models, saves
# the subtraction.
#
# Afterwards each of the numbers is multiplied by a learned **weight**, 1 at the start,
# so that training can make some of them louder again.


# %%
def layer_norm(x, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)  # over the numbers of one token
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt()


def rms_norm(x, eps=1e-6):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt()


class LayerNorm(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))

    def forward(self, x):
        return layer_norm(x) * self.weight


tokens = torch.tensor([[1.0, 2.0, 3.0, 6.0], [100.0, 200.0, 300.0, 600.0]])
print(layer_norm(tokens), rms_norm(tokens), sep="\n")

# %% [markdown]
# Under each norm both tokens come out alike.
#
# ### GELU: without a bend, two layers are one
#
# Attention mixes tokens. After it, each token thinks for itself in a **feed-forward
# layer**: a matrix `up` to four times as many numbers, a matrix `down` back again. Why
# is there anything between the two matrices? Because otherwise there is only one.

# %%
dice = torch.Generator().manual_seed(0)
x = torch.randn(5, 8, generator=dice)
up = torch.randn(8, 32, generator=dice)
down = torch.randn(32, 8, generator=dice)
torch.testing.assert_close((x @ up) @ down, x @ (up @ down), rtol=1e-3, atol=1e-3)
print(f"two matrices of {up.numel() + down.numel()} numbers =", end=" ")
print(f"one matrix of {(up @ down).numel()} numbers")

# %% [markdown]
# However many you stack, one matrix would do the same. A bend in between changes that.
# GPT bends with the **GELU**: multiply $x$ by $\Phi(x)$, the share of the bell curve
# that lies below $x$. Large numbers pass, very negative ones become 0. GPT-2 uses a
# cheaper formula with a tanh that is almost the same.


# %%
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


z = torch.linspace(-4, 4, 801)
print("x     ", torch.tensor([-3.0, -1.0, 0.0, 1.0, 3.0]))
print("gelu x", gelu(torch.tensor([-3.0, -1.0, 0.0, 1.0, 3.0])))
print(f"largest gap to the tanh form: {(gelu(z) - gelu_tanh(z)).abs().max():.4f}")

# %% [markdown]
# What does a bend buy? Two bent numbers can **fold** the number line: one for $x$, one
# for $-x$, added up. No matrix maps both $-3$ and $3$ to the same positive number. And
# with a minus between them they give back $x$ itself: nothing needs to be lost.

# %%
x = torch.tensor([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
folded, straight = gelu(x) + gelu(-x), gelu(x) - gelu(-x)
torch.testing.assert_close(straight, x)
torch.testing.assert_close(folded, folded.flip(0))
print("folded: ", folded)

# %% [markdown]
# ### Dropout: practise with some numbers missing
#
# One more piece. **Dropout** sets a random share of numbers to 0 *during training*, so
# that no part relies on a single one. The others grow, so that the mean stays. When
# the model is used, dropout does nothing.


# %%
def dropout(x, share, generator):
    keep = torch.rand(x.shape, generator=generator) >= share
    return x * keep / (1 - share)


dropped = dropout(torch.ones(100_000), 0.25, dice)
print(f"values {dropped.unique()}, mean {dropped.mean():.2f}")
assert abs(dropped.mean() - 1) < 0.01

# %% [markdown]
# ### The block
#
# Now put it together. Two parts, each with a norm before it and a plus after it. First
# attention (lesson 12), which looks at other tokens. Then the feed-forward layer,
# which does not.


# %%
class Block(nn.Module):
    def __init__(self, C, n_heads, share=0.0):
        super().__init__()
        self.norm_1, self.norm_2 = LayerNorm(C), LayerNorm(C)
        self.attention = MultiHeadAttention(C, n_heads, rotary=False, qk_norm=False)
        self.up = nn.Linear(C, 4 * C, bias=False)
        self.down = nn.Linear(4 * C, C, bias=False)
        self.drop = nn.Dropout(share)

    def think(self, x):
        return self.down(gelu(self.up(x)))

    def forward(self, x):  # (B, T, C) -> (B, T, C)
        x = x + self.drop(self.attention(self.norm_1(x)))
        return x + self.drop(self.think(self.norm_2(x)))


C = 32
counts = {name: p.numel() for name, p in Block(C, 4).named_parameters()}
thinking = counts["up.weight"] + counts["down.weight"]
total = sum(counts.values())
print(f"{thinking:,} of {total:,} numbers, {thinking / total:.0%}, are for thinking")

# %% [markdown]
# ## Compare with torch
#
# The pieces first, then the whole block. Our weights go into the library's `gpt.Block`,
# and into the layer that torch itself offers. (Torch calls it an encoder layer. With a
# causal mask and the norms first, it is a GPT block.)

# %%
x = 10 * torch.randn(3, 5, C, generator=dice)
torch.testing.assert_close(layer_norm(x), F.layer_norm(x, (C,)))
torch.testing.assert_close(rms_norm(x), F.rms_norm(x, (C,), eps=1e-6))
torch.testing.assert_close(gelu(x), F.gelu(x))
torch.testing.assert_close(gelu_tanh(x), F.gelu(x, approximate="tanh"))

theirs = nn.Dropout(0.25)(torch.ones(1000)).unique()
torch.testing.assert_close(theirs, dropped.unique())
torch.testing.assert_close(nn.Dropout(0.25).eval()(x), x)
print("norms, GELUs and dropout agree")

# %%
mine = Block(C, 4)
config = gpt.GPTConfig(vocab_size=27, emb_dim=C, positions="learned", qk_norm=False)
library = gpt.Block(config)
library.load_state_dict(mine.state_dict())
torch.testing.assert_close(mine(x), library(x))

theirs = nn.TransformerEncoderLayer(
    C, 4, 4 * C, 0.0, "gelu", batch_first=True, norm_first=True, bias=False
)
same_names = {
    "norm_1.weight": "norm1.weight",
    "norm_2.weight": "norm2.weight",
    "attention.qkv.weight": "self_attn.in_proj_weight",
    "attention.proj.weight": "self_attn.out_proj.weight",
    "up.weight": "linear1.weight",
    "down.weight": "linear2.weight",
}
theirs.load_state_dict({same_names[k]: v for k, v in mine.state_dict().items()})
future = nn.Transformer.generate_square_subsequent_mask(5)
torch.testing.assert_close(mine(x), theirs(x, future), rtol=1e-4, atol=1e-4)
print("by hand = course_lib = torch")

# %% [markdown]
# ## See it
#
# Here is the whole way of the data, in the smallest GPT-2. On the left the model, on
# the right one of its blocks, enlarged. Follow the blue line.
#
# Textbooks build the same skeleton: embeddings of token and position, dropout, blocks, a
# last norm, and a head without bias that makes the logits. The cell below the picture
# lists these parts of a small model.

# %% tags=["ledger:B11"]
plot_gpt(gpt.gpt2_config("small"), "Every part reads a copy and adds what it finds")

# %% tags=["ledger:D4"]
config = gpt.GPTConfig(
    vocab_size=27, emb_dim=C, positions="learned", tied=False, dropout=0.1
)
model = gpt.GPT(config, dice)
for name, part in model.named_children():
    n = sum(p.numel() for p in part.parameters())
    print(f"{name:18s} {type(part).__name__:10s} {n:6,} numbers")
assert model.head.bias is None
assert model(torch.zeros(2, 6, dtype=torch.int64)).shape == (2, 6, 27)

# %% [markdown]
# ### A deep stack, four ways
#
# Now take pieces away. Sixteen fresh blocks, one **layer** each; noise goes in at the
# bottom, and for the way back noise comes in at the top. How large is the gradient when
# it reaches each depth?


# %%
class NormOnly(Block):
    def forward(self, x):
        x = self.attention(self.norm_1(x))
        return self.think(self.norm_2(x))


class SkipOnly(Block):
    def forward(self, x):
        x = x + self.attention(x)
        return x + self.think(x)


class Neither(Block):
    def forward(self, x):
        return self.think(self.attention(x))


# %%
def stack(kind, n_layers, dice, outputs=1.0):
    blocks = nn.Sequential(*(kind(C, 4) for _ in range(n_layers)))
    for name, weight in blocks.named_parameters():
        if weight.ndim == 2:  # a matrix that keeps the size of noise
            nn.init.normal_(weight, std=weight.shape[1] ** -0.5, generator=dice)
        if "proj" in name or "down" in name:
            weight.data *= outputs
    return blocks.double()


def by_depth(blocks):
    dice = torch.Generator().manual_seed(1)
    x, noise = torch.randn(2, 1, 16, C, dtype=torch.float64, generator=dice)
    stream = [x.requires_grad_()]
    for block in blocks:
        stream.append(block(stream[-1]))
    slopes = torch.autograd.grad((stream[-1] * noise).sum(), stream)
    return [[y.detach().square().mean().sqrt() for y in ys] for ys in (stream, slopes)]


# %% tags=["close"]
curves, ends = {}, {}
kinds = {"both": Block, "norm only": NormOnly, "skip only": SkipOnly}
for label, kind in (*kinds.items(), ("neither", Neither)):
    sizes, slopes = by_depth(stack(kind, 16, torch.Generator().manual_seed(0)))
    curves[label] = (range(17), [s.log10().item() for s in slopes])
    ends[label] = sizes[-1], slopes[0]
    print(f"{label:9s} stream, top {sizes[-1]:.1e}; gradient, bottom {slopes[0]:.1e}")

assert max(ends["neither"]) < 1e-3
assert min(ends["skip only"]) > 1e3
assert all(0.3 < end < 30 for end in ends["both"])
plot_curves(
    curves,
    "Without a norm, depth kills the gradient or blows it up",
    xlabel="depth (the gradient comes from the right)",
    ylabel="gradient, power of ten",
)

# %% [markdown]
# With neither, the signal is lost on both ways. With the skip alone it explodes. With
# the norm alone the sizes look bearable. So is the norm enough?
#
# ## Play with it
#
# The same experiment with all its knobs. By keyboard: Tab to a control, then the space
# bar or the arrow keys. Watch the green bars too: they show how **alike** the tokens
# have become. At full height, all tokens hold the same direction, and no later
# layer can tell them apart.
#
# - **Switch the skip off** and leave the norm on. What do the sizes say, and what do
#   the green bars say?
# - **Norm after the addition**, 24 layers: slide the initial weights from small to
#   large. When do the tokens stop being different?
# - **Skip on, no norm**: which initial weights keep 24 layers alive?

# %% tags=["close"]
DepthProfile(n_layers=16)

# %% [markdown]
# ## Why does this work?
#
# ### Sizes are not enough
#
# The green bars told it. Without the skip each attention layer *replaces* a token by an
# average over tokens, and averages of averages are all the same. The norm repairs the
# size and not the likeness. Does it matter for learning? Train three stacks on names:
# eight letters in, the next letter out.

# %%
x_names, y_names = names.windows(names.split_names(names.load_names()).train, 8)


def train_stack(kind, steps=50):
    dice = torch.Generator().manual_seed(0)
    blocks = stack(kind, 6, dice).float()
    ends = nn.ParameterList(
        0.3 * torch.randn(n, C, generator=dice) for n in (27, 8, 27)
    )  # letters, positions, head
    optimizer = torch.optim.AdamW([*blocks.parameters(), *ends], lr=3e-3)
    losses = []
    for _ in range(steps):
        rows = torch.randint(len(x_names), (48,), generator=dice)
        stream = blocks(ends[0][x_names[rows]] + ends[1])
        logits = layer_norm(stream)[:, -1] @ ends[2].T
        loss = F.cross_entropy(logits, y_names[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-15:]) / 15


# %% tags=["close"]
shares = y_names.bincount(minlength=27) / len(y_names)
blind = -(shares * shares.log()).sum().item()
print(f"blind guess {blind:.2f} nats: the letters' shares, no look at the name")
trained = {kind.__name__: train_stack(kind) for kind in (Neither, NormOnly, Block)}
for label, loss in trained.items():
    print(f"{label:9s} {loss:.2f} nats")
assert min(trained["Neither"], trained["NormOnly"]) > blind - 0.1
assert trained["Block"] < blind - 0.2

# %% [markdown]
# The stacks without a skip do no better than a guess that never looks at the name.
# Hardly any of it has reached their end so far.
#
# ### Why output projections start small
#
# A stack of $L$ blocks adds $2L$ things to the stream. If they are independent, they add
# up like variances: the stream grows like the square root of the depth. (Below it grows
# faster: the parts read what earlier ones wrote.) Many models therefore let the
# two matrices that write into the stream start smaller, in proportion to $1/\sqrt{L}$;
# our library divides by $2\sqrt{L}$.
#
# ### Norm before or after?
#
# The first transformer (2017) normed *after* the addition: $x \leftarrow
# \text{norm}(x + f(x))$. Then each norm stands on the main road, and all that comes back
# must pass it. GPT-2 (2019) moved the norm to the side road: **pre-norm**. The old form,
# **post-norm**, can be trained, but it wants a slow start. (Lesson 16 warms up.)

# %% tags=["close"]
for n_layers in (6, 24):
    for outputs in (1.0, 0.5 / math.sqrt(n_layers)):
        blocks = stack(Block, n_layers, torch.Generator().manual_seed(2), outputs)
        top = by_depth(blocks)[0][-1]
        print(
            f"{n_layers:2d} layers, outputs x {outputs:.2f}: size {top:.2f} at the top"
        )
        assert outputs == 1 or top < 1.6


class PostNorm(Block):
    def forward(self, x):
        x = self.norm_1(x + self.attention(x))
        return self.norm_2(x + self.think(x))


for kind in (Block, PostNorm):
    slopes = by_depth(stack(kind, 24, torch.Generator().manual_seed(0)))[1]
    print(f"{kind.__name__:8s} gradient at the top {slopes[-1]:.2f}", end=", ")
    print(f"at the bottom {slopes[0]:.2f}")
assert slopes[0] < 0.5 * slopes[-1]

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# A blogger reads the code of a GPT: what attention has found for a token is then crumpled
# and folded by layer norm and the GELU network. Fair? Three measurements. What does a
# norm forget? Can two numbers become one in a GELU? And what becomes of the stream?

# %% tags=["ledger:D5"]
x = torch.randn(1, 6, C, generator=dice)
torch.testing.assert_close(layer_norm(3 * x + 5), layer_norm(x), rtol=1e-3, atol=1e-3)
size, mean = x.std(-1, correction=0, keepdim=True), x.mean(-1, keepdim=True)
torch.testing.assert_close(layer_norm(x) * size + mean, x, rtol=1e-3, atol=1e-3)
print("a norm forgets the mean and the size of a token, nothing else")

a, left = torch.tensor(-0.2), z[z < -0.8]
b = left[(gelu(left) - gelu(a)).abs().argmin()]
print(f"gelu({a:.2f}) = {gelu(a):.3f} and gelu({b:.2f}) = {gelu(b):.3f}: folded")

found = mine.attention(mine.norm_1(x))
found = found + mine.think(mine.norm_2(x + found))
torch.testing.assert_close(mine(x) - found, x, rtol=1e-4, atol=1e-4)
print("stream after the block - what was added = stream before: all still there")

# %% [markdown]
# So it is true of the *copies* that the parts read: they are normed, and folded. It is
# not true of the stream, to which a part can only add. To delete something there, it
# must learn to add the opposite.
#
# ### The bug zoo
#
# Here are eight blocks, each with one mistake that people really make. All run, and all
# give the right shape. Below them stand six tests. Each states something that must hold
# in *every* right block with random weights, so that no test needs to know the right
# output. Which test catches which?


# %%
class OpenEyes(MultiHeadAttention):  # no mask
    def forward(self, x, *rest):
        mixed = F.scaled_dot_product_attention(*self.heads(x))
        return self.proj(mixed.transpose(1, 2).flatten(2))


class MixedHeads(MultiHeadAttention):  # reshaped, but not transposed
    def forward(self, x, *rest):
        B, T, C = x.shape
        split = [y.reshape(B, self.n_heads, T, -1) for y in self.qkv(x).chunk(3, -1)]
        mixed = F.scaled_dot_product_attention(*split, is_causal=True)
        return self.proj(mixed.reshape(B, T, C))


class NormOverTime(LayerNorm):  # the wrong axis
    def forward(self, x):
        return layer_norm(x.mT).mT * self.weight


class NoSkip(Block):  # the second plus is forgotten
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return self.think(self.norm_2(x))


# %%
class NormedStream(Block):  # the norm on the main road
    def forward(self, x):
        x = self.norm_1(x)
        x = x + self.attention(x)
        return x + self.think(self.norm_2(x))


class NormTwice(Block):  # a slip of the pen: norm_1, where norm_2 should be
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.think(self.norm_1(x))


class LoudInput(Block):  # the second norm is forgotten
    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.think(x)


class AlwaysDropping(Block):  # does not ask whether it is being trained
    def forward(self, x):
        return super().forward(F.dropout(x, 0.1, training=True))


# %%
C = 16
x = torch.randn(1, 8, C, dtype=torch.float64, generator=dice)


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
healthy = stack(Block, 1, dice)[0].eval()
zoo = {"healthy": healthy}
for kind in (NoSkip, NormedStream, NormTwice, LoudInput, AlwaysDropping):
    zoo[kind.__name__] = kind(C, 4).double().eval()
    zoo[kind.__name__].load_state_dict(healthy.state_dict())
for kind in (OpenEyes, MixedHeads):
    zoo[kind.__name__] = copy.deepcopy(healthy)
    broken = kind(C, 4, rotary=False, qk_norm=False).double()
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
# Every animal is caught, and some by one test only. **Permutation** alone sees heads
# that were reshaped, but not transposed: they do not see the future, they see nonsense.
# **Gradient** alone sees the slip of the pen. A block that drops in use fails nearly
# everywhere; **repetition** says why. And a test can be blind, too: had the causality
# test *added 1* to all numbers of the last token, LayerNorm would have taken it away
# again.
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
# One matrix, of the stream's width times the stream's width. All the other numbers are
# wasted, and no token can fold anything.
#
# </details>
#
# **3.** You start all output matrices of a pre-norm GPT at exactly zero. What does the
# fresh stack compute, and can it still learn?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each block passes the stream on unchanged: it is the silence test. It can learn: the
# output matrices themselves get a gradient at once, since their input is not zero. After
# the first step the rest gets one too.
#
# </details>
#
# **4.** Your turn: breed a ninth animal. Let the block read `x.detach()` where it norms,
# so that no gradient flows back through the parts. Which of the six tests catches it?
# If none does: write the seventh.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# None. All outputs are right, and within one block every parameter still gets its
# gradient. Only the block *below* would miss something. The seventh test nudges the
# input a little and compares the change of the output with `x.grad`, as you did in
# lesson 4.
#
# </details>
#
# ## Recap
#
# - **Idea.** A GPT is a stream that parts read and add to. The skip keeps signal and
#   gradient alive and the tokens different, the norm keeps the sizes, the bend makes a
#   second layer worth having.
# - **Formula.** $x \leftarrow x + \text{attention}(\text{norm}(x))$, then
#   $x \leftarrow x + \text{down}(\text{GELU}(\text{up}(\text{norm}(x))))$.
# - **Pitfall.** Broken blocks run, and have the right shape. Test what must *always*
#   hold: no look ahead, no order without positions, silence, loudness, a gradient for
#   everyone.
# - **Moved into the library:** `course_lib.gpt.Block`; norms and GELU are torch's from
#   now on.
#
# **Homework:** [Homework 13](homework/hw13.ipynb), about 50 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** at the top of the stack each token holds a vector that knows its context. How
# does it turn into the next word? [14. From context vectors to logits](14_gpt.ipynb)
