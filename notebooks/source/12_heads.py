# %% [markdown]
# # 12. Attention heads are dumb
#
# **Why do many of them work?**
#
# One head of attention compares words and copies what it finds. That is all it can do.
# Yet a model made of such heads knows who a story is about, and learns a code from a
# single example. This lesson builds many heads, shows what one alone cannot do, and
# then takes a trained model apart, head by head.
#
# - **You will** build multi-head attention as one product of matrices; give it a sense
#   of order; wire an **induction head** by hand and see one being learned; and switch
#   off heads of a trained model.
# - **You need** lesson 11.
# - **Time** 50 minutes.
# - **Back** [11. Attention](11_attention.ipynb) ·
#   **Next** [13. The transformer block](13_transformer_block.ipynb)

# %%
import math

import torch
from torch import nn

import tiny_world as world
from course_lib import attention, functional, lens
from course_lib.batches import Batch
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import AttentionExplorer
from tiny_world import load_base
from tiny_world.lexicon import ANIMALS, CODE_WORDS

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# The course has a trained GPT for Tiny World, its **base model**. (Lessons 13 to 16
# build and train such a model. Here you only look at its attention.) It has 3 layers
# with 4 heads each. In "*It slept in the ...*" it has to remember which animal the
# story is about. Lesson 9 called such words *coref* words.
#
# Switch off one head, and only that one, and count how many *coref* words the model
# still gets right. Do that for each of the 12 heads. **How many of the 12 cost it more
# than a quarter of these words?**

# %%
my_guess = None

# %%
base = load_base()
tiny = world.World(seed=0)
rows = world.token_rows(tiny, "val", 0, n_rows=40, length=129)
tags, targets = rows.tags[:, 1:], rows.tokens[:, 1:]


@torch.no_grad()
def read_rows(silent=()):  # with these (layer, head) pairs switched off
    with lens.heads_off(base, silent):
        logits = base(rows.tokens[:, :-1])
    cost = -functional.log_softmax(logits).gather(-1, targets[..., None])[..., 0]
    return {
        tag: (logits.argmax(-1) == targets)[tags == i].float().mean().item()
        for i, tag in enumerate(world.TAGS)
    } | {"loss": cost.mean().item()}


all_on = read_rows()
one_off = {(i, j): read_rows([(i, j)]) for i in range(3) for j in range(4)}
also = f"all heads on: {all_on['coref']:.0%} of the coref words are right"
needed = sum(one["coref"] < 0.75 for one in one_off.values())
print(reveal(my_guess, needed, digits=0, also=also))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# For these words most heads can go. A few are needed badly.
#
# </details>
#
# By the end of this lesson you know what the heads do that these words need.
#
# ## Build it by hand
#
# ### Two heads
#
# Five words, each a vector of 8 numbers. Each head has three small matrices of its own,
# for queries, keys and values, and works as in lesson 11. With 2 heads each gets a width
# of 4. A last matrix, $W^O$, mixes what the heads have found:
#
# $$\text{MultiHead}(X) = \text{Concat}(\text{head}_1, \ldots, \text{head}_H)\,W^O,
# \qquad \text{head}_i = \text{Attention}(X W_i^Q,\; X W_i^K,\; X W_i^V)$$

# %% tags=["ledger:B36"]
T, C, H = 5, 8, 2  # words, width, heads
D = C // H  # width of a head
generator = torch.Generator().manual_seed(0)
x = torch.randn(T, C, generator=generator)
W_q, W_k, W_v = torch.randn(3, H, C, D, generator=generator)
W_o = torch.randn(H * D, C, generator=generator)

found = [
    attention.causal_attention(x @ W_q[i], x @ W_k[i], x @ W_v[i])[0] for i in range(H)
]
out = torch.cat(found, dim=-1) @ W_o
print("W_q of one head", tuple(W_q[0].shape), "finds", tuple(found[0].shape))
print("two heads side by side", (T, H * D), "times W_o", tuple(W_o.shape), end=" ")
print("give", tuple(out.shape))

# %% [markdown]
# ### One product
#
# Nobody loops over heads. Write their matrices side by side, multiply once, and cut the
# result into pieces. The cut is only a **reshape**: no number changes.


# %% tags=["ledger:B36"]
def split(wide):  # (T, C) -> (H, T, D)
    return wide.view(-1, H, D).transpose(0, 1)


def side_by_side(W):  # (H, C, D) -> (C, H * D)
    return torch.cat(list(W), dim=1)


def multi_head(x):
    q, k, v = (split(x @ side_by_side(W)) for W in (W_q, W_k, W_v))
    mix, _ = attention.causal_attention(q, k, v)  # all heads at once, (H, T, D)
    return mix.transpose(0, 1).flatten(1) @ W_o


torch.testing.assert_close(multi_head(x), out)
n_many, n_one = sum(W.numel() for W in (W_q, W_k, W_v)), 3 * C * C
assert n_many == n_one
print(f"{H} heads of width {D}: {n_many} weights; 1 head of width {C}: {n_one}")

# %% [markdown]
# So many heads cost nothing extra. The width is shared out: more heads, narrower heads.
#
# ### How dumb is a head?
#
# Cut $W^O$ into strips, one for each head. The output is then a *sum*, with one term for
# each head. No head sees what the others in its layer found, and to switch a head off is
# to leave its term out.
#
# And what is a term? The score of two words is $x_t W^Q {W^K}^\top x_s$. So a head has
# one fixed table, $W^Q {W^K}^\top$, for how well two vectors fit, and one more for what
# it passes on. Both are thin: they are 8 x 8, but their **rank**, the number of
# independent directions in them, is only the width of the head.

# %% tags=["ledger:D11"]
terms = [found[i] @ W_o[i * D : (i + 1) * D] for i in range(H)]
torch.testing.assert_close(sum(terms), out)

pattern = W_q[0] @ W_k[0].T
passed_on = W_v[0] @ W_o[:D]
ranks = [torch.linalg.matrix_rank(table).item() for table in (pattern, passed_on)]
assert ranks == [D, D]
scores = x @ pattern @ x.T / math.sqrt(D)
future = torch.ones(T, T, dtype=torch.bool).triu(1)
weights = functional.softmax(scores.masked_fill(future, -math.inf))
torch.testing.assert_close(weights @ x @ passed_on, terms[0])
print(f"tables {C} x {C}, rank {ranks[0]} and {ranks[1]}; this is the whole head")

# %% [markdown]
# > **For children (and for the rest of us).** A head is a helper with a single rule,
# > such as "bring me the word that looks like mine" or "bring me my left neighbour". It
# > cannot read and it cannot think. But put many helpers into a room, let the second row
# > of helpers use what the first row has brought, and the room can solve a riddle that
# > no helper understands.
#
# ### Order
#
# A head compares words, and so far nobody has told it where they stand. Shuffle the
# words that come before the last one: to the last word, "the cow met a ..." and "a cow
# met the ..." are the same.
#
# The first cure: give every *place* a vector of its own, learned like the words' vectors,
# and add it. GPT-2 does that.

# %% tags=["close"]
order = [3, 1, 0, 2, 4]  # the last word stays the last
shuffled = multi_head(x[order])[-1]
torch.testing.assert_close(shuffled, multi_head(x)[-1])
print("in order:", multi_head(x)[-1, :4], "shuffled:", shuffled[:4])

places = torch.randn(T, C, generator=generator)
change = multi_head(x[order] + places)[-1] - multi_head(x + places)[-1]
assert change.abs().max() > 0.1
print(
    f"with learned positions the shuffle changes it by up to {change.abs().max():.2f}"
)

# %% [markdown]
# The second cure: take the numbers of a query or key in pairs, and *turn* each pair like
# the hand of a clock, further at each place. The product of two hands depends only on
# the angle between them. So the score depends on the words and on **how far apart** they
# are. That is called **rotary** positions (RoPE); our base model has them.


# %%
def turn(pair, angle):
    c, s = math.cos(angle), math.sin(angle)
    return torch.stack([c * pair[0] - s * pair[1], s * pair[0] + c * pair[1]])


query, key = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])
score = {}
for here, there in ((3, 1), (13, 11), (103, 101), (5, 1)):
    score[here, there] = turn(query, here) @ turn(key, there)
    print(f"query at {here:3}, key at {there:3}: score {score[here, there]:.4f}")
torch.testing.assert_close(score[3, 1], score[103, 101], rtol=0, atol=1e-5)
assert (score[3, 1] - score[5, 1]).abs() > 0.1

# %% [markdown]
# ### What one head can do, and what it cannot
#
# Now wire heads by hand for this text: `: dax cow wug pig dax`. It is a **code**: `dax`
# means cow, `wug` means pig. What comes after the last `dax`? Each word is a **one-hot**
# vector: all zeros, and a 1 at the word's number. One head can **match**, look for the
# word that I am, and **copy**, pass on what it finds.


# %% tags=["ledger:D11"]
text = [":", "dax", "cow", "wug", "pig", "dax"]
kinds = sorted(set(text))
numbers = torch.tensor([kinds.index(word) for word in text])
words = nn.functional.one_hot(numbers).float()


def says(mix):
    return kinds[mix[-1].argmax()]


match, looks = attention.causal_attention(100 * words, words, words)
print("the last word looks at", looks[-1], "and copies", says(match))
assert says(match) == "dax"

# %% [markdown]
# It finds the first `dax`, and copies `dax`. We want the word *after* it. But the place
# where `cow` stands knows only that it holds `cow`. Nothing there says that a
# `dax` came before. So no query can find it by its `dax`.
#
# A second layer can, if the first has prepared for it. The **first layer** looks at the
# left neighbour: a match of places, not of words. It brings each place the word that
# came before. The **second layer** asks: at which place has the word been brought that
# I am?

# %% tags=["ledger:D11"]
place = torch.eye(len(text))  # one-hot, as for words
before, _ = attention.causal_attention(100 * place, place.roll(1, dims=1), words)
answer, looks = attention.causal_attention(100 * words, before, words)
print("the last word looks at", looks[-1], "and copies", says(answer))
assert says(answer) == "cow"

# %% [markdown]
# Two dumb heads, and the model reads codes. The pair is called an **induction head**
# (Olsson and others described it in 2022). It knows no meaning of `dax`. It works for
# words that nobody has ever seen.
#
# ## Compare with torch
#
# By hand, torch's layer, and the library's `MultiHeadAttention` with the same weights
# must agree. A linear layer of torch stores its matrix transposed.

# %%
state = {
    "qkv.weight": torch.cat([side_by_side(W) for W in (W_q, W_k, W_v)], dim=1).T,
    "proj.weight": W_o.T,
}
ours = attention.MultiHeadAttention(C, H, rotary=False, qk_norm=False)
ours.load_state_dict(state)
theirs = nn.MultiheadAttention(C, H, bias=False)
theirs.load_state_dict(
    {"in_proj_weight": state["qkv.weight"], "out_proj.weight": state["proj.weight"]}
)
torch.testing.assert_close(ours(x[None])[0], out)
torch.testing.assert_close(theirs(x, x, x, attn_mask=future)[0], out)

turned = attention.rotate(query.expand(1, 1, 104, 2))[0, 0]  # at places 0 to 103
torch.testing.assert_close(turned[103], turn(query, 103), rtol=0, atol=1e-5)
print("by hand = torch = course_lib, and rotate = turn")

# %% [markdown]
# By default the library's class also turns queries and keys (`rotary`), and it first
# brings them to one length, times a learned gain (`qk_norm`): scores cannot run away.
#
# ## See it
#
# ### Can it be learned?
#
# We wired the two heads. Does training find them? The task: 12 pairs of a code word and
# its meaning, with a new code in every text. What can be known are the meanings of code
# words that came before. The model is nothing but attention: vectors for words, layers
# of heads that *add* what they find, and scores for the next word.
#
# Compare **one layer with eight heads** and **two layers with a single head** each. The
# third model is like the second, but starts with small word vectors. Whoever knows only
# *which* meanings were told, not of what, must choose among them: that is the line
# *guess*.
# Afterwards we look into the second model: is it the trick that we wired by hand?

# %% tags=["ledger:D11"]
N = len(CODE_WORDS)
assert len(ANIMALS) == N


def codes(n_texts, seed, n_pairs=12, n_known=6):
    g = torch.Generator().manual_seed(seed)
    code = torch.rand(n_texts, N, generator=g).argsort(1)[:, :n_known]
    meaning = torch.randint(N, (n_texts, n_known), generator=g)
    which = torch.randint(n_known, (n_texts, n_pairs), generator=g)
    pairs = torch.stack([code.gather(1, which), N + meaning.gather(1, which)], dim=2)
    again = (which[:, :, None] == which[:, None, :]).tril(-1).any(-1)  # seen before
    return pairs.flatten(1), again


spoken = (*CODE_WORDS, *ANIMALS)
sample, again = codes(200, seed=1)
print(" ".join(spoken[i] for i in sample[0]))
print("can be known:", [spoken[i] for i in sample[0, 1::2][again[0]]])


# %%
class OnlyHeads(nn.Module):
    def __init__(self, n_layers, n_heads, width=64):
        super().__init__()
        torch.manual_seed(0)  # the first weights
        self.embedding = nn.Embedding(2 * N, width)
        self.layers = nn.ModuleList(
            attention.MultiHeadAttention(width, n_heads) for _ in range(n_layers)
        )
        self.head = nn.Linear(width, 2 * N, bias=False)

    def forward(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x)


# %%
is_meaning = torch.zeros(23).index_fill(0, torch.arange(0, 23, 2), 1.0)


def batch_at(step):
    texts, _ = codes(32, seed=1000 + step)
    inputs, goals = texts[:, :-1], texts[:, 1:]
    return Batch(inputs, goals, is_meaning.expand(32, -1))  # only meanings count


@torch.no_grad()
def known_loss(model):  # at meanings that can be known
    logits = model(sample[:, :-1])[:, ::2]
    return functional.cross_entropy(logits[again], sample[:, 1::2][again]).item()


def learn(model):
    config = TrainConfig(steps=300, learning_rate=3e-3, eval_every=25)
    records = train(model, batch_at, config, evaluate=known_loss)
    curve = {r.step: r.val_loss_nats for r in records if r.val_loss_nats is not None}
    return list(curve), list(curve.values())


# %% tags=["ledger:D11", "close:0.05"]
one_layer, two_layers, timid = OnlyHeads(1, 8), OnlyHeads(2, 1), OnlyHeads(2, 1)
timid.embedding.weight.data *= 0.05
curves = {
    "1 layer, 8 heads": learn(one_layer),
    "2 layers, 1 head": learn(two_layers),
    "2 layers, small start": learn(timid),
}
told = [len(set(row[1 : 2 * t + 1 : 2].tolist()))
        for row, known in zip(sample, again, strict=True)
        for t in range(12) if known[t]]  # fmt: skip
guess = torch.tensor(told).float().log().mean().item()
one, two, small = (losses[-1] for _, losses in curves.values())
print(f"guess {guess:.2f}, one layer {one:.2f}, two layers {two:.2f}", end=", ")
print(f"two layers with a small start {small:.1f}")
assert two < 0.1 < 1.0 < min(one, small)

plots.plot_curves(
    curves,
    "Two heads in a row know, eight side by side do not",
    xlabel="training step",
    ylabel="loss at known code words, nats",
    lines={"guess": guess},
)

# %% tags=["ledger:D11", "close:0.03"]
with torch.no_grad():
    stream = two_layers.embedding(sample)
    maps = []
    for layer in two_layers.layers:
        maps.append(attention.causal_attention(*layer.heads(stream))[1][:, 0])
        stream = stream + layer(stream)
neighbour = maps[0].diagonal(-1, 1, 2)[:, 0::2].mean().item()  # meaning to code word
same = (sample[:, 0::2, None] == sample[:, None, 0::2]).float().tril(-1)
to_meaning = ((maps[1][:, 0::2, 1::2] * same).sum(-1))[again].mean().item()
print(f"first layer, from a meaning to the word before it: weight {neighbour:.2f}")
print(f"second layer, from a known code word to its meaning: weight {to_meaning:.2f}")
assert min(neighbour, to_meaning) > 0.7

shown = [spoken[i] for i in sample[0]]
plots.plot_heat_map(
    maps[1][0],
    shown,
    shown,
    "Second layer: code words look at what they mean",
    xlabel="looked at",
    ylabel="looks",
)

# %% [markdown]
# It is the circuit that we wired. Nobody told the model. (What went wrong with the third
# model comes below.)
#
# ### A trained model
#
# Back to the base model and to the 12 heads that you switched off, one at a time. (Layers
# and heads are counted from 0, as in code.) What did it forget each time? The kinds of
# words are those of lesson 9: *context* is a fact told earlier in the text, *fact* one
# learned by heart, *induction* the meaning of a known code word, *echo* a word said
# again.

# %% tags=["ledger:D11", "close", "counts:3"]
asked = ["coref", "context", "induction", "echo", "fact"]
lost = torch.tensor([[all_on[k] - r[k] for k in asked] for r in one_off.values()])
labels = [f"layer {i}, head {j}" for i, j in one_off]
for label, r in zip(labels, one_off.values(), strict=True):
    told = ", ".join(f"{k} {r[k]:.0%}" for k in asked)
    print(f"{label} off: loss {all_on['loss']:.2f} -> {r['loss']:.2f}; right: {told}")
assert all(all_on[k] > 0.9 for k in asked)
dispensable = sum(row.max() < 0.1 for row in lost)
assert dispensable >= 4
assert lost.max() > 0.8
print(f"{dispensable} of 12 heads can be spared: less than 10 points lost anywhere")

plots.plot_heat_map(lost, labels, asked, "A few heads do most of the work")

# %% [markdown]
# A head has no job title. The same head may serve stories, codes and echoes: find the
# place that fits, copy from there.
#
# ### The code words
#
# In lesson 9 a GPT, our base model, paid nothing for the meanings of known code words
# (*induction*), though each text has a new code. Is one example enough for it? Take code
# texts that it was not trained on. Compare code words
# that were never shown before with those that were shown once.

# %% tags=["ledger:B19", "counts:3"]
held_out = (d for d in tiny.stream("val") if d.kind == "code")
lines = [[world.EOT, *next(held_out).words] for _ in range(80)]


def stack(lines):  # to one length; what follows a word does not change it
    tokens = [torch.tensor(world.encode(line)) for line in lines]
    return nn.utils.rnn.pad_sequence(tokens, batch_first=True)


def code_score(silent=()):  # right when never shown, when shown once
    hits = [[], []]
    with lens.heads_off(base, silent):
        guesses = base(stack(lines)).argmax(-1)
    for line, guess in zip(lines, guesses, strict=True):
        for i, word in enumerate(line):
            if word in CODE_WORDS and (n := line[:i].count(word)) < 2:
                hits[n].append(world.VOCABULARY[guess[i]] == line[i + 1])
    return [sum(h) / len(h) for h in hits]


print(" ".join(lines[0]))
never, once = code_score()
print(f"right when the word was never shown: {never:.0%}, shown once: {once:.0%}")
assert never < 0.2 < 0.9 < once

# %% [markdown]
# One example is enough, and no weight has changed. The code is in the *text*, not in
# the model. To use examples from the prompt is called **in-context learning**, and a
# prompt with examples in it is **few-shot** prompting. Change
# the example, and the answer changes. It even works for *honey*. In the codes that the
# model was trained on, all meanings are animals.

# %% tags=["ledger:B19", "close", "counts:3"]
for prompt in (
    "dax cow ; wug pig ; dax",
    "dax pig ; wug cow ; dax",
    "blick fish ; dax honey ; wug red ; dax",
):
    tokens = torch.tensor([world.encode(f"<eot> Code : {prompt}")])
    with torch.no_grad():
        p = functional.softmax(base(tokens)[0, -1])
    print(f"{prompt} ... {world.VOCABULARY[p.argmax()]} ({p.max():.2f})")
    words = prompt.split()
    assert world.VOCABULARY[p.argmax()] == words[words.index("dax") + 1]

without = {head: code_score([head])[1] for head in one_off}
worst = min(without, key=without.get)
print(f"shown once: {once:.0%}; without the head {worst} {without[worst]:.0%}")
assert without[worst] < 0.5

# %% [markdown]
# ## Play with it
#
# A story of Tiny World, and all 12 heads. Choose a layer and a head; point at a word, or
# go through them with the arrow keys. The bars show where the word looks. Below you see
# what the model says next, with the head on and off.
#
# - **Start where the widget starts,** at the head that *coref* words need most. Next comes
#   the place where the hero sleeps. What does the head look at? What is said without it?
# - **Go one word to the left, then two, up to "it".** Where does the head look there?
# - **Go to a full stop.** The head looks at another word there. What could come next?
# - **Walk through the other heads.** For which of them can you say the rule in words?

# %% tags=["ledger:C40", "close:0.03"]
story = (
    "Once there was a shy cow named Puff. It met a dog. The moon was bright. "
    "It sat on the mat. It was hungry. When the rain stopped, it slept in the barn."
)
shown = [world.EOT, *world.split_words(story)]
tokens = torch.tensor([world.encode(shown)])
off = []
with torch.no_grad():
    on = functional.softmax(base(tokens)[0])
    for head in one_off:
        with lens.heads_off(base, [head]):
            off.append(functional.softmax(base(tokens)[0]))

worst = min(one_off, key=lambda head: one_off[head]["coref"])
AttentionExplorer(
    lens.attention_weights(base, tokens)[:, 0],
    shown,
    vocabulary=world.VOCABULARY,
    probs=on,
    ablated=torch.stack(off).unflatten(0, (3, 4)),
    layer=worst[0],
    head=worst[1],
    query=shown.index("barn") - 1,
)

# %% [markdown]
# ## Why does this work?
#
# ### Does the weight explain the answer?
#
# Take many stories. Look from the word just before a *coref* word, where the model must
# decide, to the hero. Set what each head *looks at* beside what is *lost* without it.
# Three heads tell three different stories. Then read the mistakes that are made without
# two of them. An answer such as *roar* has two sides: whose it is (a lion's) and what
# kind of thing it is (a sound, not a food or a home).

# %% tags=["ledger:C40"]
held_out = (d for d in tiny.stream("val") if d.kind == "story")
stories = [next(held_out) for _ in range(60)]
lines_told = [[world.EOT, *d.words] for d in stories]
follows = {word for animal in ANIMALS.values() for word in animal}
spots = []  # which story, where "it" is, the word before the answer, the hero
for b, (line, d) in enumerate(zip(lines_told, stories, strict=True)):
    hero = next(i for i, word in enumerate(line) if word in ANIMALS)
    for t, tag in enumerate(("", *d.tags)):
        if tag == "coref" and line[t] in follows:
            it = max(i for i in range(t) if line[i] in ("It", "it"))
            spots += [(b, it, t - 1, hero)] if it < t - 1 else []
b, it, last, hero = torch.tensor(spots).T


def to_hero(query, silent=()):  # mean weight on the hero, (3, 4)
    with lens.heads_off(base, silent):
        maps = lens.attention_weights(base, stack(lines_told))
    return maps[:, b, :, query, hero].mean(0)


# %% tags=["ledger:C40", "ledger:D11", "close:0.03"]
looks = to_hero(last)
needed = [head for head, r in one_off.items() if r["coref"] < 0.75]
spared = [head for head, r in one_off.items() if r["coref"] > 0.95]
reader = max(needed, key=lambda head: looks[head])
onlooker = max(spared, key=lambda head: looks[head])
helper = min(needed, key=lambda head: looks[head])
assert looks[reader] > 0.7
assert looks[onlooker] > 0.1 > looks[helper]
print(f"reader, looks and is needed:       {reader} {looks[reader]:.2f}")
print(f"onlooker, looks and is not needed: {onlooker} {looks[onlooker]:.2f}")
print(f"helper, needed but never looks:    {helper} {looks[helper]:.2f}")

# %% tags=["ledger:C40", "ledger:D11", "counts:3"]
belongs = {w: (name, kind) for name, a in ANIMALS.items() for kind, w in enumerate(a)}


@torch.no_grad()
def mistakes(silent):
    tokens = stack(lines_told)
    with lens.heads_off(base, [silent]):
        said = base(tokens)[b, last].argmax(-1)
    pairs = zip(world.decode(tokens[b, last + 1]), world.decode(said), strict=True)
    return [(goal, word) for goal, word in pairs if goal != word]


shares = {}
for role, head in (("reader", reader), ("helper", helper)):
    wrong = [(belongs[g], belongs.get(w, ("", -1))) for g, w in mistakes(head)]
    shares[role] = [sum(g[i] == w[i] for g, w in wrong) / len(wrong) for i in (0, 1)]
    print(f"without the {role} (right, said instead): {mistakes(head)[:3]}")
    print(f"   right animal {shares[role][0]:.0%}, right kind {shares[role][1]:.0%}")
assert shares["reader"][0] < 0.5 < shares["reader"][1]
assert shares["helper"][1] < 0.5 < shares["helper"][0]

# %% [markdown]
# - The **reader** fetches *who*. Without it the model knows that a sound must come, but
#   not whose. Here a map of attention tells the truth.
# - The **helper** sees to *what is asked*. Without it the model still has the right
#   animal, and says its food, say, in place of its sound. This head never looks at the
#   hero, so its map would not tell you that the answer hangs on it.
# - The **onlooker** looks at the hero as well, and this answer does not need it.
#
# **A map of weights is a question, not an answer.** Ask it by an experiment.
#
# ### So why do many of them work?
#
# Because each layer reads what the layers before it have written. What a head matches
# may be something that another head has brought, and then "the word that stood before
# me" can be matched like a word. Many heads side by side give more patterns at the same
# time; layers give patterns of patterns.
#
# Can we *prove* that one layer is not enough? For one head that **copies**, yes.
# Exchange the two code words: `dax cow wug pig dax` and `wug cow dax pig dax`. The
# right answer changes. But the head compares the last word with `cow` and with `pig`
# one at a time, and these pairs are the same in both texts. So whatever its weights, it
# copies `cow` and `pig` in one and the same ratio.

# %% tags=["ledger:D11", "close:0.05"]
untrained = attention.MultiHeadAttention(64, 4)
vectors = torch.randn(4, 64, generator=generator)  # dax, wug, cow, pig
ratios = []
for text in ([0, 2, 1, 3, 0], [1, 2, 0, 3, 0]):
    q, k, v = untrained.heads(vectors[None, text])
    weights = attention.causal_attention(q, k, v)[1][0, :, -1]
    ratios.append((weights[:, 1] / weights[:, 3]).detach())
    print("cow : pig in each of 4 heads:", " ".join(f"{r:.2f}" for r in ratios[-1]))
torch.testing.assert_close(ratios[0], ratios[1])

# %% [markdown]
# What several heads in one layer can do together is harder to say. Their terms only add
# up, and training did not even find the guess.
#
# ### Was it luck?
#
# In lesson 11 torch's first weights were the bad start, and small ones were the cure.
# Here the first two models had torch's start and the third had small word vectors, and
# *it* got stuck. A circuit of two layers pays only when both halves are there, so
# training waits until chance has brought a bit of each. How long that takes depends on
# the start, the recipe and the data. Do not trust a loss that looks fine: test whether
# the model *can do* the thing.
#
# ## Check yourself
#
# ### Catch the slide
#
# A lecture explains attention: when the model predicts what comes after "It", "it"
# attends to the cat, and not to the mat. Is it the word "it" that looks at the hero?

# %% tags=["ledger:C40", "close"]
at_it, at_last = to_hero(it)[reader], to_hero(last)[reader]
print(f"the reader looks at the hero: from 'it' {at_it:.2f}", end=", ")
print(f"from the word before the answer {at_last:.2f}")
assert at_last > 2 * at_it

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Hardly. After "it" comes a verb, and there is no need to know the hero yet. The looking
# is done where it pays, at the word just before the answer. The slide is right that the
# model *learns* where to look. The pronoun that points at its noun is our idea of it.
#
# </details>
#
# ### Questions
#
# **1.** A layer is 768 wide and has 12 heads. How wide is a head, and how many more
# weights would it have with 24 heads?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 64, and none more: the same matrices are cut into narrower strips. Each head's pattern
# then has a lower rank.
#
# </details>
#
# **2.** You switch a head off, and the loss does not change. Is the head useless?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not proven. Another head may stand in for it, or it may matter only for texts that you
# did not test.
#
# </details>
#
# **3.** Why does a head that looks at the left neighbour need positions, and a head that
# looks for its own word does not?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The left neighbour is defined by order, and without positions a head gives the same
# result for every order. Equal words are equal wherever they stand.
#
# </details>
#
# **4.** Your turn: give `OnlyHeads(1, 8)` more steps in `learn`, or two layers another
# seed (in `OnlyHeads`). Who gets below the line of the guess? Then find the head that
# copies echoes, by sorting `one_off` by `"echo"`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Two layers do, with other seeds as well. One layer stays above it.
# `min(one_off, key=lambda head: one_off[head]["echo"])` is the head that echoes need
# most. Compare it with the head that code words need: an echo is a code, too. "Who
# followed this word last time?"
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A head is one thin pattern of matching and one of copying. Heads of a
#   layer add up; layers build on each other. Two in a row learned what eight side by
#   side did not.
# - **Formula.** $\text{Concat}(\text{head}_1, \ldots, \text{head}_H)\,W^O$, in code a
#   reshape of one product. Without positions, no order.
# - **Pitfall.** Where a head looks is not why the model answers. Switch it off and
#   measure.
# - **Moved into the library:** `attention.MultiHeadAttention`, `attention.rotate`;
#   `lens.attention_weights` and `lens.heads_off`.
#
# **Homework:** [Homework 12](homework/hw12.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** a model made of heads alone can only move words about. Something has to work
# on what has been brought, and the sums must not run away.
# [13. The transformer block](13_transformer_block.ipynb) puts the parts together.
