# %% [markdown]
# # 14. From context vectors to logits
#
# **Can it really be that simple?**
#
# A dozen blocks work hard on every word. And then? One matrix turns the result into
# scores for all words of the vocabulary. No bend, no bias, nothing else. This lesson
# puts the whole GPT together and asks why so little is enough at its end.
#
# - **You will** assemble a GPT and find it equal to the library's, measure its loss at
#   every position, watch a prediction grow from block to block, and solve the riddle
#   of the 1.6 billion.
# - **You need** lessons 3 (cross-entropy), 12 (heads) and 13 (the block).
# - **Time** 45 minutes.
# - **Back** [13. The transformer block](13_transformer_block.ipynb) ·
#   **Next** [16. Training a GPT](16_training.ipynb)

# %%
import math

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches, lens
from course_lib.gpt import GPT, Block, GPTConfig, count_parameters, gpt2_config
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import LogitLens

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# GPT-2 small carries 768 numbers for each token. Its vocabulary has 50,257 tokens, and
# its last step is one matrix: 768 numbers in, 50,257 scores out. **How many millions of
# weights does this one matrix hold?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, 768 * 50_257 / 1e6, digits=1))

# %% [markdown]
# "Simple" does not mean small: it is by far the largest matrix of the model.
#
# ## Build it by hand
#
# ### The whole model
#
# Everything is there already. Tokens become vectors (lesson 7), each position adds a
# vector of its own (lesson 12), the blocks work on the stream (lesson 13), a last norm
# makes all tokens equally loud. The new line is `out_head`, the **output head**. In this
# lesson "the head" always means this matrix; it has nothing to do with the attention
# heads. (Dropout, from lesson 13, is set to hide nothing here.)


# %% tags=["ledger:D4"]
class MyGPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        V, T, C = config.vocab_size, config.context_size, config.emb_dim
        self.embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(T, C)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(C)
        self.out_head = nn.Linear(C, V, bias=False)

    def forward(self, tokens):  # (B, T)
        positions = torch.arange(tokens.shape[1])
        x = self.embedding(tokens) + self.position_embedding(positions)
        x = self.dropout(x)  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.out_head(self.norm(x))  # (B, T, V)


# %%
V = world.VOCAB_SIZE
config = GPTConfig(
    vocab_size=V, emb_dim=64, positions="learned", bias=True, qk_norm=False, tied=False
)
tokens = torch.randint(V, (4, 128), generator=torch.Generator().manual_seed(0))
logits = MyGPT(config)(tokens)
assert logits.shape == (4, 128, V)
logits.shape

# %% [markdown]
# ### A loss at every position
#
# There is a list of scores for *each* position, not only for the last. The target of a
# position is the next word. So the targets are the text, **shifted by one**. We ask a
# model that is trained: the **base model** of Tiny World (lesson 9), which you will
# train yourself, for a shorter time, in lesson 16. To it, one word is one token, and
# `<eot>` is the token between two documents.

# %% tags=["ledger:A1", "close"]
base = world.load_base()
words = world.VOCABULARY


def read(text):
    return torch.tensor([world.encode([world.EOT, *world.split_words(text)])])


tokens = read("Once there was a shy frog. It ate flies.")
inputs, targets = tokens[:, :-1], tokens[:, 1:]
with torch.no_grad():
    log_p = base(inputs).log_softmax(-1)
losses = -log_p.gather(-1, targets[..., None])[0, :, 0]
for i, j, loss in zip(inputs[0], targets[0], losses, strict=True):
    print(f"{words[i]:>6s} -> {words[j]:6s} loss {loss:.2f}")

mean = F.cross_entropy(base(inputs).flatten(0, 1), targets.flatten())
torch.testing.assert_close(losses.mean(), mean)
print(f"mean of {len(losses)} losses: {mean:.2f} nats")

# %% [markdown]
# One short text is many exercises at once, and the mask of lesson 11 sees to it that
# none of them can look up its answer. Where the model cannot know (which animal?) the
# loss is high. Where it can (what does this animal eat?) it is nearly nothing. To write
# a text you need only the last position. To learn, you use all of them.
#
# **Before training** the loss should be that of somebody who knows nothing, $\ln V$. The
# library draws small first weights for that purpose. Torch's usual ones are too large,
# above all if one matrix serves at both ends of the model.

# %% tags=["close"]
rows = world.token_rows(world.World(seed=0), "val", 0, n_rows=32, length=129)
x, y = rows.tokens[:, :-1], rows.tokens[:, 1:]


@torch.no_grad()
def mean_loss(model):
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()


torch.manual_seed(0)
careful = GPT(GPTConfig(vocab_size=V), torch.Generator().manual_seed(0))
careless = MyGPT(config)  # torch's usual first weights
shared = MyGPT(config)
shared.out_head.weight = shared.embedding.weight  # and one matrix for both ends
for name, model in (("careful", careful), ("careless", careless), ("shared", shared)):
    print(f"{name:9s} loss {mean_loss(model):6.2f}, ln V = {math.log(V):.2f}")
assert abs(mean_loss(careful) / math.log(V) - 1) < 0.02
assert mean_loss(shared) > 10  # confident, and wrong

# %% [markdown]
# ### The context vector
#
# What comes out of the last norm is the **context vector** of a token: what this word
# means *here*, after all the words before it. Two stories end with the same word,
# "ate". Compare its vectors before the first block and after the last.


# %% tags=["ledger:D2", "close"]
@torch.no_grad()
def walk(tokens):  # the stream: the embedding, then after each block
    stream = [base.embedding(tokens)]
    for block in base.blocks:
        stream.append(block(stream[-1], base.table[:, : tokens.shape[1]]))
    return stream


frog = walk(read("Once there was a shy frog. It ate"))
sheep = walk(read("Once there was a shy sheep. It ate"))
alike = F.cosine_similarity(torch.cat(frog)[:, -1], torch.cat(sheep)[:, -1])
for depth, cosine in enumerate(alike):
    print(f"blocks so far {depth}: cosine of the two 'ate' {cosine:.2f}")
torch.testing.assert_close(alike[0], torch.tensor(1.0))
assert alike[-1] < 0.7

# %% [markdown]
# (`base.table` holds the angles of lesson 12: this model turns queries and keys instead
# of adding a vector for the position.) The embedding of "ate" knows nothing of frogs. Its
# context vector does.
#
# ### One dot product per word
#
# Now the last step. Each word $v$ of the vocabulary owns one row $w_v$ of the matrix.
# Its logit is the dot product of the context vector with that row:
#
# $$\text{logit}_v = x \cdot w_v$$
#
# The row is *the direction that says "v"*. The more $x$ points that way, the higher the
# score. That is all.

# %% tags=["ledger:D3", "close"]
context = base.norm(frog[-1])[0, -1].detach()  # 128 numbers
W = base.embedding.weight.detach()  # (V, 128): more about this below
for word in ("flies", "clover", "frog"):
    w = W[words.index(word)]
    print(f"{word:7s} {(context * w).sum():7.2f}")
logits = W @ context  # all words at once: one matmul, no bias
true = base(read("Once there was a shy frog. It ate"))[0, -1].detach()
torch.testing.assert_close(logits, true)
print("likeliest:", words[logits.argmax()])

# %% [markdown]
# **What are logits, then?** Lesson 2 said: logarithms of probabilities, up to one common
# constant. Now you know where they come from as well: they say how well one vector fits
# each of $V$ directions.

# %% tags=["ledger:D7", "close"]
gap = logits - logits.log_softmax(-1)
assert (gap - gap[0]).abs().max() < 1e-4
print(f"logit - log p = {gap[0]:.2f} for each of the {V} words")

# %% [markdown]
# > **For children (and for the rest of us).** The blocks turn an arrow. Around it, on
# > the wall, hangs a picture for every word. At the end you only look: which picture
# > does the arrow point at? Looking is easy. Turning the arrow was the work.
#
# ## Compare with torch
#
# `nn.Linear` without bias is that matmul. And the class you wrote is the library's GPT:
# give both the same weights.

# %%
twin = GPT(config, torch.Generator().manual_seed(0))
names = {"out_head.weight": "head.weight"}
mine = careless.state_dict()
twin.load_state_dict({names.get(name, name): w for name, w in mine.items()})
with torch.no_grad():
    torch.testing.assert_close(twin(x), careless(x))
    linear = careless.out_head(torch.eye(64))  # one unit vector after the other
    torch.testing.assert_close(linear, careless.out_head.weight.T)
print(f"same weights, same logits: {x.numel() * V:,} numbers agree")

# %% [markdown]
# ## See it
#
# The stream has the same width at every depth. So nobody stops you from using the last
# norm and the head *too early*: after two blocks, after one, after none. What would the
# model say if it stopped there? This trick is the **logit lens** (nostalgebraist, 2020).
# We ask for all words, and then by the tags of lesson 9: facts told before, words that
# an echo says again, and words that nobody can know.

# %% tags=["ledger:D5", "close"]
stream = walk(x)
early = torch.stack([base.norm(s) @ W.T for s in stream]).detach()  # (4, 32, 128, V)
torch.testing.assert_close(early, lens.logit_lens(base, x))
p_true = early.softmax(-1).gather(-1, y.expand(4, -1, -1)[..., None])[..., 0]
for depth, s in enumerate(stream):
    size, p = s.square().mean(-1).sqrt().mean(), p_true[depth].mean()
    print(f"blocks so far {depth}: size of the stream {size:.2f}, p(true word) {p:.2f}")

# %% tags=["close"]
kinds = {"all": None, "told before": "context", "echo": "echo", "surprise": "new"}
curves = {}
for name, tag in kinds.items():
    here = rows.tags[:, 1:] == list(world.TAGS).index(tag) if tag else y >= 0
    curves[name] = (range(4), p_true[:, here].mean(1).tolist())
for name in ("told before", "echo"):
    assert curves[name][1][2] < 0.2 < 0.9 < curves[name][1][3]
plots.plot_curves(
    curves,
    "What must be remembered is known only after the last block",
    xlabel="blocks so far",
    ylabel="p(true next word)",
    ticks=range(4),
)

# %% [markdown]
# Norms and feed-forward layers fold and stretch the copies that they read, and all of it
# serves one purpose: that the last reading is right. Easy words are found early. To
# echo a word takes attention heads in two layers that work together (lesson 12), so it
# comes late. A surprise never comes.
#
# ## Play with it
#
# One story, all positions, all depths. Move the slider, or click a cell and use the
# arrow keys: up and down for the word, left and right for the depth.
#
# - **Put the depth on "embedding".** What does the model say everywhere? (Why? The
#   answer is below.)
# - **Find "to the" and slide.** Which homes does it consider after one block, and when
#   does it settle?
# - **Look for a word that is right early and wrong later.** Who was lucky?

# %% tags=["ledger:B11", "close"]
story = read(
    "Once there was a brave frog named Boo. Boo went home to the swamp. It met a mouse."
)
LogitLens(
    lens.logit_lens(base, story[:, :-1])[:, 0], story[0], words, depth=1, position=14
)

# %% [markdown]
# ## Why does this work?
#
# ### First: everything before it is trained for it
#
# The gradient flows through the head into all blocks. They are *paid* for making
# vectors that one matmul can read. How far does that go? Take a head of random numbers
# and **freeze** it: it never learns. Train only the rest. For comparison train
# everything, and only the head.


# %% tags=["ledger:D6", "close"]
tiny = world.World(seed=0)
learn = world.token_rows(tiny, "train", 0, n_rows=1500, length=33).tokens
held = world.token_rows(tiny, "val", 0, n_rows=100, length=33).tokens
x, y = held[:, :-1], held[:, 1:]  # mean_loss takes these from now on
small = GPTConfig(
    vocab_size=V, context_size=32, emb_dim=64, n_heads=2, n_layers=2, tied=False
)


def trained(learns):
    dice = torch.Generator().manual_seed(0)
    model = GPT(small, dice)
    nn.init.normal_(model.head.weight, std=1 / 8, generator=dice)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(learns(name))
    batch_at = batches.mini_batches(learn[:, :-1], learn[:, 1:], batch_size=16)
    list(train(model, batch_at, TrainConfig(steps=200, learning_rate=0.01)))
    return mean_loss(model)


whole = trained(lambda name: True)
frozen = trained(lambda name: name != "head.weight")
head_only = trained(lambda name: name == "head.weight")
print(f"all learns {whole:.2f}, head frozen {frozen:.2f}, only head {head_only:.2f}")

# %% tags=["ledger:D6", "close"]
pairs = torch.bincount((learn[:, :-1] * V + learn[:, 1:]).flatten(), minlength=V * V)
table = (pairs.view(V, V) + 0.01).log()
single = (pairs.view(V, V).sum(0) + 0.01).log()
counted = {
    "no idea": math.log(V),
    "words counted": F.cross_entropy(single.expand(y.numel(), V), y.flatten()).item(),
    "pairs counted": F.cross_entropy(table[x.flatten()], y.flatten()).item(),
}
for name, loss in counted.items():
    print(f"{name:14s} {loss:.2f}")
assert whole < frozen < counted["pairs counted"] < head_only - 0.5

# %% [markdown]
# With a head of pure noise, in 200 steps, the model beats the table of pairs. The
# directions are random, but they are *fixed*, so the blocks can learn where each of
# them lies and turn the arrow there. The other way round it does far worse: a head
# cannot read what was never written. The work is done before the head.
#
# ### Second: the softmax is the bend
#
# In a block, `up` is followed by a bend. So is the head: by the softmax. A second one
# can do harm. Squeeze the logits with a `tanh` into -1 to 1: how sure can the
# model become, at the very best?

# %% tags=["ledger:D6", "close"]
best = torch.full((V,), -1.0).index_fill(0, torch.tensor(0), 1.0)  # 1, -1, -1, ...
print(f"best probability after tanh: {best.softmax(-1)[0]:.4f}")
print(f"the base model about flies:  {true.softmax(-1).max():.4f}")
assert best.softmax(-1)[0] < 0.02 < 0.9 < true.softmax(-1).max()

# %% [markdown]
# And the bias? It could say how frequent each word is. But the blocks can put that into
# $x$ themselves. Average all context vectors and look at their logits beside the
# logarithms of the word counts: a correlation of 1 would be a straight line.

# %% tags=["close"]
average = base.norm(stream[-1]).flatten(0, 1).mean(0).detach()
seen = single > math.log(1)  # words that occur at all
correlation = torch.corrcoef(torch.stack([(W @ average)[seen], single[seen]]))[0, 1]
print(f"correlation with the word counts: {correlation:.2f}")
assert correlation > 0.5

# %% [markdown]
# ### Third: tied weights
#
# In the base model, and in GPT-2, the head *is* the embedding: one matrix at both ends,
# **weight tying** (Press and Wolf, 2017). The row that says "flies" on the way out is
# the vector for "flies" on the way in. So a logit measures similarity with an
# embedding, and words that can stand in the same places get similar vectors. It also
# explains what you saw at depth 0: a vector is most similar to itself.

# %% tags=["ledger:D6", "counts:2"]
unit = F.normalize(W, dim=1)
for word in ("flies", "swamp", "red"):
    near = (unit @ unit[words.index(word)]).topk(5).indices[1:]
    print(f"{word:6s} is near", ", ".join(words[i] for i in near))
echo = (early[0].argmax(-1) == rows.tokens[:, :-1]).float().mean()
print(f"at depth 0 the head repeats the word it has just read: {echo:.0%}")
assert echo > 0.9

# %% [markdown]
# The blocks have to carry the vector from the word that was read to the word that
# comes next.
#
# ### What it cannot do: the rank limit
#
# The logits of many positions form a matrix, one row for each position. Every row is a
# mixture of the same $C$ columns of the head. So its **rank**, the number of independent
# directions among the rows (lesson 12), cannot be above $C$, however large the vocabulary
# is.

# %% tags=["ledger:D6"]
final = early[-1].flatten(0, 1)  # (4096, V)
rank = torch.linalg.matrix_rank(final).item()
print(f"logits {tuple(final.shape)}, C = {W.shape[1]}, rank {rank}")
assert rank == W.shape[1] - 1

# %% [markdown]
# It is even one less: the last norm takes the mean away, and with it one direction. So
# the model has far fewer knobs than words. It cannot choose all scores freely: words
# move in company. This is called the **softmax bottleneck** (Yang and others, 2018).
# GPT-2 small lives with 768 knobs for 50,257 tokens.
#
# ## Check yourself
#
# ### Catch the slide
#
# A slide says: *"GPT-2: 1.6 billion parameters, context 1,024."* Compute. With learned
# positions and biases, as in `MyGPT`:
#
# - embedding $VC$, positions $TC$, last norm $2C$;
# - each block $12C^2 + 13C$: attention $4C^2$, feed-forward $8C^2$, biases and norms;
# - a head of its own another $VC$; a tied one nothing.
#
# GPT-2 small has $C = 768$ and 12 blocks, the largest one $C = 1600$ and 48. **Compute
# all four numbers**, in millions: how much does the shared matrix save?

# %%
my_guesses = {"small": None, "small, untied": None, "xl": None, "xl, untied": None}

# %% tags=["ledger:B13"]
V2, T2 = 50_257, 1024


def count(C, n_layers, tied=True):
    return V2 * C * (2 - tied) + T2 * C + 2 * C + n_layers * (12 * C**2 + 13 * C)


sizes = {"small": (768, 12), "xl": (1600, 48)}
for name, guess in my_guesses.items():
    n = count(*sizes[name.split(",")[0]], tied="untied" not in name)
    print(f"{name}: {reveal(guess, n / 1e6, digits=1, also=f'exactly {n:,}')}")
for size in ("small", "medium", "large", "xl"):
    c = gpt2_config(size)
    assert count_parameters(c) == count(c.emb_dim, c.n_layers)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# The largest GPT-2 has 1.56 billion; with the shared matrix counted twice, 1.64. Both round
# to 1.6: the slide's figure cannot show which of them was counted.
#
# </details>
#
# How did we count without gigabytes of memory? On the **meta device**, tensors have shapes
# but no numbers. That is enough to count, and to see that a text of 1,025 tokens is
# refused.

# %% tags=["ledger:B14"]
with torch.device("meta"):
    xl = GPT(gpt2_config("xl"))
    logits = xl(torch.zeros(1, 1024, dtype=torch.int64))
    try:
        xl(torch.zeros(1, 1025, dtype=torch.int64))
    except ValueError as error:
        print(error)
n = sum(p.numel() for p in xl.parameters())
print(f"{n:,} parameters of 4 bytes each would take {4 * n / 1e9:.2f} GB")
print(f"logits {tuple(logits.shape)}")

# %% [markdown]
# A lecture sets "our model" beside GPT-4: vocabulary 100K, context 128K, width 12,288,
# about 120 layers, $10^{12}$ parameters. What of that can be checked?

# %% tags=["ledger:C26"]
print(f"names network: 27 letters, context 3, width 10: {297 + 58 * 47:,} parameters")
c = base.config
print(f"base model: {V} words, context {c.context_size}, width {c.emb_dim}:", end=" ")
print(f"{count_parameters(c):,} parameters")
T2 = 2048  # GPT-3, as its paper gives it: 96 blocks, width 12,288
print(f"GPT-3: width 12,288, 96 blocks: {count(12_288, 96) / 1e9:.1f} billion")
assert round(count(12_288, 96) / 1e9) == 175

# %% [markdown]
# The width 12,288 is **GPT-3's**: the formula gives the published 175 billion. Of GPT-4,
# the vocabulary is public (lesson 10) and the context was announced. Width, layers
# and parameters were never published (as of 2026): a slide should say "rumoured".
#
# ### Questions
#
# **1.** Why are the targets shifted by one, and what would happen without the shift?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The model should predict the next word. Without the shift the target of each position
# is the word it has just read. With tied weights it knows that at depth 0 already: the
# loss falls to nearly nothing, and the model has learned nothing.
#
# </details>
#
# **2.** Two words have exactly the same row in the head. What follows?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Their logits are equal in every context. The model can never prefer one of them.
#
# </details>
#
# **3.** Why can we put the head on a stream that is only half done?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Because blocks only add. All depths share one space, so the direction that says "v" at
# the end means something early as well. Nothing forces it to: the lens is a picture,
# not a proof of what the early layers "think".
#
# </details>
#
# **4.** Your turn: in `trained`, give the frozen head `std=1 / 80`. Does the model still
# learn? And with `std=1`? Then take `emb_dim=16` and `std=1 / 4`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A quiet head hardly learns: it needs long vectors, and the last norm keeps them short,
# so the model cannot become sure. A loud one learns, though it starts confident and
# wrong. A narrow one fails: with so few numbers random rows get in each other's way.
# Rows that may learn find places even there: let everything learn, and the narrow model
# beats even the wide one with a frozen head.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** The blocks turn a vector until it points at the next word. The head only
#   reads off where it points.
# - **Formula.** $\text{logit}_v = x \cdot w_v$, at every position; the targets are the
#   text shifted by one.
# - **Pitfall.** Count a tied head once. Start at $\ln V$, or look for the mistake.
# - **Moved into the library:** `course_lib.gpt.GPT`, `count_parameters`,
#   `lens.logit_lens`.
#
# **Homework:** [Homework 14](homework/hw14.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** you have the model. Now train it the way the real ones are trained.
# [16. Training a GPT](16_training.ipynb)
