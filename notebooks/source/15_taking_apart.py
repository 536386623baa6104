# %% [markdown]
# # 15. Taking a trained model apart
#
# **What do the parts of a trained model do, and how can we find out?**
#
# You have built a GPT. While it learns to read, nobody tells its heads what to do. In
# this lesson you open a trained model, watch twelve heads at work, find out which of
# them read a secret code, and test what you believe by switching heads off. This kind
# of work is called **interpretability** (also: mechanistic interpretability).
#
# - **You will** run a model slowly and keep what each head sees and finds; find an
#   **induction circuit**; switch heads off in two ways; see that heads stand in for each
#   other; find an **attention sink**; and read the model's half-finished answers with
#   the **logit lens**.
# - **You need** lessons 12 (heads), 13 (the block, the residual stream) and 14 (the GPT).
# - **Time** 85 minutes for the core; a good place for a pause is before *See it*. What is
#   marked *more* takes another 40 minutes; skip it on a first reading.
# - **Back** [14. GPT from a blank page](14_gpt.ipynb) ·
#   **Next** [16. Data and the recipe](16_data_and_recipe.ipynb)

# %%
import math
from collections import namedtuple
from itertools import islice

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import attention, lens
from course_play import plots
from course_play.boxes import BLUE, GREEN, GREY, ORANGE, Node, plot_flow, plot_graph
from course_play.head_maps import plot_head_maps
from course_play.widgets import AttentionExplorer, LogitLens, Predict
from tiny_world.lexicon import ANIMALS, CODE_WORDS

# %% [markdown]
# ## Predict first
#
# The course has a trained GPT for Tiny World, its **base model**. One word is one token
# for it. It has 3 layers with 4 heads each, 12 heads in all; we count both from 0, as in
# code, and write a head as (layer, head). Some texts of Tiny World are **codes**: `dax
# cow` says that the invented word *dax* stands for a cow, in this text only.

# %%
base = world.load_base()
words = world.VOCABULARY
text = "<eot> Code : dax cow ; wug pig ; dax"
tokens = torch.tensor([world.encode(text)])  # (B, T) = (1, 10)
with torch.no_grad():
    p = base(tokens)[0, -1].softmax(-1)  # (V,): what comes after the last dax?
print(f"{text} ... {words[p.argmax()]}, p = {p.max():.2f}")
assert words[p.argmax()] == "cow"

# %% [markdown]
# It knows the code. Now we switch its heads off, one at a time.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
cow = words.index("cow")
twelve = [(layer, head) for layer in range(3) for head in range(4)]
p_cow = {}
for head in twelve:
    with lens.heads_off(base, [head]), torch.no_grad():
        p_cow[head] = base(tokens)[0, -1].softmax(-1)[cow].item()
Predict(
    "Without how many of the 12 heads (one missing at a time) does `cow` get less than "
    "half of the probability?",
    sum(p < 0.5 for p in p_cow.values()),
    unit="heads",
    because="Two heads in a row read the code. Without either of them the model must "
    "guess among the animals. Without each of the others `cow` keeps more than half.",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. Run the model slowly
#
# Usually a model takes tokens and gives logits, and all between is forgotten. We write
# its forward pass once more and keep three things on the way:
#
# - the **weights** of each head: where it looks (also: attention pattern);
# - what each head **found**: its mix of values, before $W^O$ (lesson 12);
# - the **residual stream** (lesson 13; elsewhere: hidden state) before the first block
#   and after each block.

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("stream", "(B, T, C)"),
        ("weights", "(B, H, T, T): keep"),
        ("found", "(B, H, T, D): keep"),
        ("side by side", "(B, T, C)"),
        ("stream + heads", "(B, T, C)"),
        ("stream + feed-forward", "(B, T, C): keep"),
    ],
    "One block, and where we look in: three places",
    arrows=[
        "norm, q and k",
        "times v",
        "put back",
        "$W^O$, add",
        "norm, up, down, add",
    ],
    colors=[GREY, BLUE, ORANGE, GREY, GREY, GREEN],
)

# %% [markdown]
# The parts are those of lessons 12 to 14. `heads` gives queries, keys and values of all
# heads. (The base model turns queries and keys, so it needs the angles of lesson 12,
# which stand in `model.table`. `proj` is $W^O$; `inner` is the wide part of the
# feed-forward layer, the way up and the activation, and `down` is the way back.) The
# dictionary `instead` is for later: it puts another vector in the place of what a head has
# found.

# %%
Seen = namedtuple("Seen", "logits weights found stream")


@torch.no_grad()
def run_slowly(model, tokens, instead=None):  # (B, T)
    angles = model.table[:, : tokens.shape[1]]
    x = model.embedding(tokens)  # (B, T, C)
    weights, found, stream = [], [], [x]
    for i, block in enumerate(model.blocks):
        q, k, v = block.attention.heads(block.norm_1(x), angles)  # (B, H, T, D) each
        mix, looks = attention.causal_attention(q, k, v)  # (B, H, T, D), (B, H, T, T)
        for (layer, head), vector in (instead or {}).items():
            if layer == i:
                mix[:, head] = vector  # (D,), at all positions of all texts
        x = x + block.attention.proj(mix.transpose(1, 2).flatten(2))  # (B, T, C)
        x = x + block.down(block.inner(block.norm_2(x)))  # (B, T, C)
        weights.append(looks), found.append(mix), stream.append(x)
    logits = model.norm(x) @ model.embedding.weight.T  # (B, T, C) @ (C, V): (B, T, V)
    return Seen(logits, *(torch.stack(kept) for kept in (weights, found, stream)))


# %%
seen = run_slowly(base, tokens)
with torch.no_grad():
    torch.testing.assert_close(seen.logits, base(tokens), rtol=1e-4, atol=1e-4)
for name, kept in seen._asdict().items():
    print(f"{name:7s} {tuple(kept.shape)}")

# %% [markdown]
# Read the shapes: 3 layers, 1 text, 4 heads, 10 positions, 32 numbers a head, 128 numbers
# in the stream, 389 words. The stream has one entry more than there are layers, because
# the embedding comes first.
#
# ### 2. Follow one answer back
#
# The answer `cow` is given at the last position, at the second `dax`. Where do the twelve
# heads look from there? We print for each the word it looks at most.

# %% tags=["close"]
shown = text.split()


def looks_most(head, position):  # (layer, head), position -> position, weight
    row = seen.weights[head[0], 0, head[1], position]  # (T,)
    return row.argmax().item(), row.max().item()


for head in twelve:
    place, weight = looks_most(head, -1)
    print(
        f"head {head} looks from the last dax at {place} {shown[place]:5s} {weight:.2f}"
    )
copier = max(twelve, key=lambda head: seen.weights[head[0], 0, head[1], -1, 4])
assert looks_most(copier, -1)[0] == shown.index("cow")

# %% [markdown]
# One head gives nearly all of its attention to `cow`, in the last layer. That is the
# answer! But how did it know where to look? Remember what a head can do: its query, made
# from the stream at `dax`, is compared with the keys of all positions. The embedding of
# `cow` says nothing of a `dax`. So the stream at `cow` must hold something more: somebody
# has written there which word stood before it. We look for a head in an earlier layer
# that looks from `cow` to `dax`.

# %% tags=["close"]
earlier = [head for head in twelve if head[0] < copier[0]]
for head in earlier:
    place, weight = looks_most(head, 4)
    print(f"head {head} looks from cow at {place} {shown[place]:5s} {weight:.2f}")
helper = max(earlier, key=lambda head: seen.weights[head[0], 0, head[1], 4, 3])
assert seen.weights[helper[0], 0, helper[1], 4, 3] > 0.9

# %% [markdown]
# There it is, one layer below. So this may be the story, for our ten words:
#
# | where | who | looks at | so the stream there now holds |
# |---|---|---|---|
# | at `cow` | the head in layer 1 | the word before, `dax` | `cow`, and "`dax` was before me" |
# | at the last `dax` | the head in layer 2 | the place that holds "`dax` was before me" | `dax`, and "next: `cow`" |
#
# The first one is a **previous-token head**. The second one is an **induction head**, and
# both together are an **induction circuit** (Elhage and others 2021, "A Mathematical
# Framework for Transformer Circuits"; Olsson and others 2022, "In-context Learning and
# Induction Heads", showed how much language models owe to it). A **circuit** is a few
# parts of a model that do a job together.
#
# In the words of lesson 12: the QK circuit of the induction head fits "I am `dax`" to "`dax`
# was before me", and its OV circuit passes on the word that stands there. Its keys are
# made from what another head has written. This is called **K-composition**.

# %% tags=["hide-input"]
# drawing only
nodes = {
    "dax": Node("dax", "place 3", color=BLUE),
    "cow": Node("cow", "place 4", color=BLUE),
    "last": Node("dax", "place 9", color=BLUE),
    "before": Node("previous-token head", "layer 1", color=ORANGE),
    "cow2": Node("cow, after dax", "stream at place 4"),
    "match": Node("induction head", "layer 2", color=ORANGE),
    "answer": Node("cow", "answer at place 9", color=GREEN),
}
edges = [
    ("dax", "before"),
    ("cow", "cow2"),
    ("before", "cow2"),
    ("cow2", "match"),
    ("last", "match"),
    ("match", "answer"),
]
plot_graph(nodes, edges, "An induction circuit: two heads, one after the other")

# %% [markdown]
# ### 3. The same circuit, wired by hand
#
# Is this story enough to read a code? Let us build it from nothing. Each word is a
# **one-hot** vector: all zeros, and a 1 at the word's number. There are no learned
# weights at all. First, one head alone: it looks for its own word and copies what stands
# there. The query is multiplied by 100. The scores of what fits become so large that
# softmax gives them all the weight, so the head looks nowhere else.

# %% tags=["ledger:D11"]
told = [":", "dax", "cow", "wug", "pig", "dax"]
kinds = sorted(set(told))
numbers = torch.tensor([kinds.index(word) for word in told])  # (T,)
own = F.one_hot(numbers).float()[None, None]  # (B, H, T, C) = (1, 1, 6, 5)


def says(mix):  # (1, 1, T, C) -> the word with the largest number, at the last place
    return kinds[mix[0, 0, -1].argmax()]


copied, looks = attention.causal_attention(100 * own, own, own)
print("the last dax looks at", [round(w, 2) for w in looks[0, 0, -1].tolist()])
print("and copies", says(copied))
assert says(copied) == "dax"

# %% [markdown]
# It finds both `dax`, and copies `dax`. We want the word *after* it. So we need a first
# head that brings each place the word before it. Its queries and keys are places, not
# words: the query of a place is its own number, and the key of a place is the number of
# the *next* place. (`roll(1, dims=-1)` moves each 1 one column to the right. The first
# place has no left neighbour and can only look at itself.) The second head then asks:
# which position stores *my* word as the word before it?

# %% tags=["ledger:D11"]
place = torch.eye(len(told))[None, None]  # (1, 1, T, T): one-hot, as for words
next_place = place.roll(1, dims=-1)  # (1, 1, T, T)
before, _ = attention.causal_attention(100 * place, next_place, own)  # (1, 1, T, C)
answer, looks = attention.causal_attention(100 * own, before, own)
print("the last dax looks at", [round(w, 2) for w in looks[0, 0, -1].tolist()])
print("and copies", says(answer))
assert says(answer) == "cow"

# %% [markdown]
# Two heads in a row, and they read codes. They know no meaning of `dax`, and this wiring
# works for any word. So the story is *possible*. Is it what the trained model does? For
# that we need more than one text, and an experiment.
#
# ### 4. A score for each head
#
# We measure the two habits on 60 code texts that the model was not trained on. Texts of
# one length are easier, because they fit into one tensor.

# %%
tiny = world.World(seed=0)
LENGTH = 27  # words, with the <eot> at the start
held_out = (
    d for d in tiny.stream("val") if d.kind == "code" and len(d.words) == LENGTH
)
lines = [[world.EOT, *d.words[:-1]] for d in islice(held_out, 60)]
codes = torch.tensor([world.encode(line) for line in lines])  # (B, T) = (60, 27)
print(tuple(codes.shape), " ".join(lines[0]))

# %% [markdown]
# The **previous-token score** of a head is the mean weight from each position to the one
# before it. In the matrix of weights these numbers stand just below the diagonal.


# %%
def previous_token_score(weights):  # (L, B, H, T, T) -> (L, H)
    back = weights.diagonal(-1, dim1=3, dim2=4)  # (L, B, H, T - 1)
    return back.mean(dim=(1, 3))  # over texts and positions


# %% [markdown]
# The **induction score** is the mean weight on the *right places*: those just after an
# earlier occurrence of my own word. We first mark these places. `goals[b, t, s]` says
# that in text b position t should look at position s.


# %%
def find_goals(tokens):  # (B, T) -> (B, T, T), True or False
    same = tokens[:, :, None] == tokens[:, None, :]  # (B, T, T): same word at t and s
    earlier = same.tril(-1)  # (B, T, T): and s comes before t
    return earlier.roll(1, dims=2)  # (B, T, T): one place further, s + 1


def induction_score(weights, goals, asked):  # asked (B, T): which positions count
    hit = (weights * goals[:, None]).sum(-1)  # (L, B, H, T, T) -> (L, B, H, T)
    return hit.movedim(2, 1)[:, :, asked].mean(-1)  # (L, H, B, T) -> (L, H)


# %%
goals = find_goals(tokens)
print(
    "the last dax should look at", [shown[s] for s in goals[0, -1].nonzero().flatten()]
)
assert goals[0, -1].nonzero().flatten().tolist() == [shown.index("cow")]

# %% [markdown]
# (Why `roll` is safe: it brings the last column round to column 0. But the last column
# is empty, because no position comes after the last one.) We ask at code words that have
# occurred before. How much would a head give to the right places if it shared its
# attention evenly? That is the number *even* below.

# %% tags=["close:0.03", "counts:3"]
code_ids = torch.tensor(world.encode(CODE_WORDS))
is_code = torch.isin(codes, code_ids)  # (B, T)
goals = find_goals(codes)  # (B, T, T)
asked = is_code & goals.any(-1)  # (B, T): code words that have been told before
weights = run_slowly(base, codes).weights  # (L, B, H, T, T)
previous, induction = (
    previous_token_score(weights),
    induction_score(weights, goals, asked),
)
even = (goals.sum(-1) / torch.arange(1, LENGTH + 1))[asked].mean()
print(f"{int(asked.sum())} positions; previous-token {helper}: {previous[helper]:.2f}")
print(f"induction {copier}: {induction[copier]:.2f}, even {even:.2f}")
assert induction.argmax() == copier[0] * 4 + copier[1]
assert previous.argmax() == helper[0] * 4 + helper[1]
assert induction[copier] > 0.9

# %% [markdown]
# The two heads of our single example have the largest scores of all on 60 texts (a
# picture comes below, with the sink). The previous-token head has a score far below 1,
# because it does not look back everywhere.
# Where it matters, from a meaning to its code word, it does:

# %% tags=["close:0.03"]
is_meaning = is_code.roll(1, dims=1)  # (B, T): the place after a code word
back = weights[helper[0], :, helper[1]].diagonal(-1, dim1=1, dim2=2)  # (B, T - 1)
print(f"{helper} from a meaning to its code word: {back[is_meaning[:, 1:]].mean():.2f}")
assert back[is_meaning[:, 1:]].mean() > 0.9

# %% [markdown]
# ### 5. Switch a head off
#
# A map shows where a head looks. It does not show whether the answer depends on it. To
# find that out, remove the head and look at what changes. To remove a part and measure is
# called **ablation**. A head's result goes through $W^O$ and is added to the stream. What
# should be added when the head is off? There are two usual answers:
#
# - **zero-ablation**: replace what it found by zeros;
# - **mean-ablation**: replace what it found by its *mean* over many texts.
#
# Why is the mean often fairer? Here are four positions of a head that I made up, with
# two numbers each. The first number is always about 5, whatever the text is.

# %%
made_up = torch.tensor([[5.0, 0.2], [5.0, -0.2], [5.1, 0.1], [4.9, -0.1]])  # (T, D)
mean = made_up.mean(dim=0)  # (T, D) -> (D,)
print("found                zero: far away by   mean: far away by")
for row in made_up:
    far = row.norm().item(), (row - mean).norm().item()
    print(f"{[round(n, 1) for n in row.tolist()]!s:20s} {far[0]:.2f} {far[1]:18.2f}")

# %% [markdown]
# The layers above have always received this 5, so it works like a bias. The 5 says
# nothing about the text. Zero-ablation takes it away, and the model breaks for a reason
# that has nothing to do with what the head knows. Mean-ablation leaves the 5 and removes
# only what the head says about *this* text, the small second number. We measure the means
# on training texts, so that the texts of our tests do not take part.


# %%
def mean_found(found):  # (L, B, H, T, D) -> (L, H, D)
    return found.mean(dim=(1, 3))  # over texts and positions


train_rows = world.token_rows(
    tiny, "train", 0, n_rows=40, length=128
).tokens  # (40, 128)
means = mean_found(run_slowly(base, train_rows).found)  # (L, H, D) = (3, 4, 32)
print("means", tuple(means.shape))

# %% [markdown]
# Now the experiment. If the story is true, then two things happen without the
# previous-token head: the answer gets lost, *and* the induction head no longer finds its
# place, although it is itself untouched. A **control** is a part that should make no
# difference: we take another head of the same layer.


# %%
def look_and_answer(instead=None):  # the weight of the induction head on cow; p(cow)
    run = run_slowly(base, tokens, instead)
    look = run.weights[copier[0], 0, copier[1], -1, 4]
    return look.item(), run.logits[0, -1].softmax(-1)[cow].item()


# %% tags=["close:0.03", "ledger:D11"]
control, after = (helper[0], 2), {}
look, p = look_and_answer()
print(f"all heads on: it looks at cow with {look:.2f}, p(cow) {p:.2f}")
for off in (helper, copier, control):
    for name, vector in (("zero", 0.0), ("mean", means[off])):
        look, p = after[off, name] = look_and_answer({off: vector})
        print(f"off: {off} ({name}): it looks at cow with {look:.2f}, p(cow) {p:.2f}")
for name in ("zero", "mean"):
    assert max(after[helper, name]) < 0.35
    assert after[copier, name][1] < 0.5 < 0.9 < min(after[control, name])

# %% [markdown]
# (*It* is the induction head.) Read the lines about the previous-token head. With that
# one head off, the head one layer *above* loses its place. So the upper head does use
# what the lower one has written. The control changes nothing. That is the circuit,
# shown by experiment and not by a map.
#
# Here is the first question of this lesson once more, with the numbers of all twelve heads
# (by zeros):

# %% tags=["close:0.02"]
for layer in range(3):
    row = [f"({layer}, {head}) {p_cow[layer, head]:.2f}" for head in range(4)]
    print("p(cow) without", "   ".join(row))
assert {head for head in twelve if p_cow[head] < 0.5} == {helper, copier}

# %% [markdown]
# > **For children (and for the rest of us).** A clock ticks, and you want to know what
# > each wheel is for. You can watch the wheels turn. But only when you stop one wheel
# > and see which hands stop with it, do you know what it drives.
#
# ## Compare with torch
#
# With torch we need not write the forward pass a second time: **hooks** do it, and so
# does `course_lib.lens`, which uses them. A hook is a function that you hang on a part
# of a model. The kind used here is called by torch just before the part works (a
# **forward pre-hook**). It sees the part's input and may return another one. (A
# **forward hook** is called afterwards and sees the output.) Here is one that switches
# one head off, in front of $W^O$.


# %%
def switch_off(model, head, vector):  # until .remove()
    def hook(module, inputs):
        found = inputs[0].unflatten(-1, (4, -1)).clone()  # (B, T, C) -> (B, T, H, D)
        found[:, :, head[1]] = vector  # (D,)
        return found.flatten(-2)  # (B, T, C)

    return model.blocks[head[0]].attention.proj.register_forward_pre_hook(hook)


# %%
handle = switch_off(base, helper, means[helper])
with torch.no_grad():
    hooked = base(tokens)
handle.remove()  # or the head stays off in all cells below
by_hand = run_slowly(base, tokens, {helper: means[helper]}).logits
torch.testing.assert_close(hooked, by_hand, rtol=1e-4, atol=1e-4)
print("with a hook = by hand")

# %%
same = {"rtol": 1e-4, "atol": 1e-4}
run = run_slowly(base, codes)
torch.testing.assert_close(lens.attention_weights(base, codes), run.weights, **same)
torch.testing.assert_close(lens.residual_stream(base, codes), run.stream, **same)
torch.testing.assert_close(lens.head_means(base, train_rows), means, **same)
with lens.heads_off(base, [helper], means), torch.no_grad():
    torch.testing.assert_close(base(tokens), by_hand, **same)
print("by hand = course_lib.lens: weights, stream, means, a head switched off")

# %% [markdown]
# (Libraries for this work, such as TransformerLens and nnsight, are collections of such
# hooks.) From here on we use `lens.heads_off`, which takes any number of heads.
#
# ## See it
#
# ### Which heads does the model need?
#
# We now take 40 rows of held-out text of all kinds. For each word that comes next we know
# what kind it is (lesson 9): *coref*, which animal "it" is; *context*, a fact told
# earlier in this text; *induction*, the meaning of a known code word; *echo*, a word said
# again; *fact*, learned by heart in training.

# %%
rows = world.token_rows(tiny, "val", 0, n_rows=40, length=129)
inputs, targets = rows.tokens[:, :-1], rows.tokens[:, 1:]  # (40, 128) each
tags = rows.tags[:, 1:]  # (40, 128): the kind of each target
asked_kinds = ["coref", "context", "induction", "echo", "fact"]
number = {kind: i for i, kind in enumerate(world.TAGS)}


@torch.no_grad()
def read_rows(heads=(), means=None):  # -> loss, and the share right for each kind
    with lens.heads_off(base, heads, means):
        logits = base(inputs)  # (40, 128, V)
    right = (logits.argmax(-1) == targets).float()  # (40, 128)
    shares = [right[tags == number[kind]].mean().item() for kind in asked_kinds]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten()).item(), shares


# %% tags=["ledger:D11", "close:0.03"]
loss_on, shares_on = read_rows()
zero = {head: read_rows([head]) for head in twelve}
by_mean = {head: read_rows([head], means) for head in twelve}
print(f"all on: loss {loss_on:.2f}; right:", [round(share, 2) for share in shares_on])
print("head off   loss (zero)   loss (mean)")
for head in twelve:
    print(f"{head}     {zero[head][0]:.2f}          {by_mean[head][0]:.2f}")
assert min(shares_on) > 0.9
assert max(loss for loss, _ in zero.values()) > loss_on + 0.3

# %% tags=["close:0.03"]
lost = torch.tensor([shares_on]) - torch.tensor([zero[head][1] for head in twelve])
assert (lost.amax(dim=1) > 0.3).sum() == 4  # lost (12, 5): heads and kinds
plots.plot_heat_map(
    lost,
    [f"{head}" for head in twelve],
    asked_kinds,
    "Four of twelve heads bring most of these words",
    xlabel="kind of word",
    ylabel="the head that is off",
    scale="share of right answers lost (zero-ablation)",
)

# %% [markdown]
# Our induction head (2, 3) is needed for codes, for echoes and for stories: find the place
# that fits, bring what stands there (for `roar` it brings *who*: see *more* below). A head
# need not have a single job.
#
# Now compare the two columns of losses. For most heads both ways tell nearly the same.
# For (0, 2) they do not: by zero it costs little, by the mean it costs more, and a part
# of the coref words is lost as well. (The picture shows zeros only, so its row is all
# light.)

# %% tags=["close:0.03"]
gap = {head: abs(zero[head][0] - by_mean[head][0]) for head in twelve}
odd = max(gap, key=gap.get)
coref = zero[odd][1][0], by_mean[odd][1][0]
print(f"{odd}: coref right {coref[0]:.2f} by zero, {coref[1]:.2f} by the mean")
assert coref[1] < 0.9 < coref[0]

# %% [markdown]
# In section 5 the mean was the milder way, because it was near to all that the made-up head
# found. Is it so here? We measure again how far the finds lie from zeros and from the mean.

# %% tags=["close:0.03"]
found = run_slowly(base, inputs).found  # (L, B, H, T, D)
to_zero = found.norm(dim=-1).mean(dim=(1, 3))  # (L, H)
to_mean = (found - means[:, None, :, None]).norm(dim=-1).mean(dim=(1, 3))  # (L, H)
print(
    f"its finds: {to_zero[odd]:.1f} away from zeros, {to_mean[odd]:.1f} from the mean"
)
share = to_mean / to_zero
print(
    f"mean / zeros: {share[odd]:.2f}; all heads: {share.min():.2f} to {share.max():.2f}"
)
assert share.min() > 0.7

# %% [markdown]
# The head that I made up found nearly the same vector everywhere, so its mean was a
# usual find. These heads find very different vectors at different places. Their mean
# lies nearly as far from the finds as zeros do: it, too, is a vector that the layers
# above have never met. So there is no reason why the mean must be milder here. (A guess
# that we do not test: zeros say nothing, and another head can fill the gap. The mean of
# many messages says something, and it may be wrong.) So say how you switched off, and
# trust what both ways tell.
#
# ### All spare heads together
#
# Look at the light (yellow) rows of the picture. We call a head *spare* if the model
# without it loses less than a tenth of each kind of word, by zeros **and** by the mean.
# (So (0, 2) is not spare: by the mean it is needed for *coref*.) Michel and others
# asked in 2019 "Are Sixteen Heads Really Better than One?", and found many heads that
# could be removed from a large model. So are our spare heads useless? If they were, we
# could take away all of them together.


# %% tags=["close:0.02"]
def most_lost(shares):  # the largest loss of right answers, over the kinds
    return max(on - off for on, off in zip(shares_on, shares, strict=True))


ways = {"zero": zero, "mean": by_mean}
spare = [
    head for head in twelve if max(most_lost(w[head][1]) for w in ways.values()) < 0.1
]
costs = {name: [w[head][0] - loss_on for head in spare] for name, w in ways.items()}
for i, head in enumerate(spare):
    print(f"{head} alone costs {costs['zero'][i]:.2f} (mean {costs['mean'][i]:.2f})")
sums = {name: sum(parts) for name, parts in costs.items()}
print(
    f"added up {sums['zero']:.2f} (mean {sums['mean']:.2f}), on a loss of {loss_on:.2f}"
)
assert len(spare) >= 4

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
all_off = {"zero": read_rows(spare), "mean": read_rows(spare, means)}
assert all(loss - loss_on > 1.7 * sums[name] for name, (loss, _) in all_off.items())
Predict(
    "All of these heads are now switched off at the same time. What does it cost?",
    "about twice their costs added up",
    options=(
        "nearly nothing, they are spare",
        "about their costs added up",
        "about twice their costs added up",
    ),
    because="Heads can stand in for each other. Whoever removes one at a time always "
    "leaves the substitutes in place.",
)

# %% tags=["close:0.03"]
for name, (loss, shares) in all_off.items():
    print(f"all {len(spare)} off ({name}): loss {loss_on:.2f} -> {loss:.2f}, right:")
    named = zip(asked_kinds, shares, strict=True)
    print("  ", ", ".join(f"{kind} {share:.2f}" for kind, share in named))

# %% [markdown]
# Each head alone costs little, and all together they cost about twice as much as the sum,
# in both ways. The same head has a different worth with and without the others:

# %% tags=["close:0.03"]
head, others = spare[0], spare[1:]
for name, mean in (("zero", None), ("mean", means)):
    first_off = read_rows(others, mean)[0]
    alone, last = costs[name][0], all_off[name][0] - first_off
    print(f"{head} off ({name}): all others on {alone:+.2f}, others off {last:+.2f}")
    assert last > 2 * alone

# %% [markdown]
# So the heads **back each other up**, at least in part. (Costs that do not add up are a
# sign of it and no proof: two small harms may also be worse together than apart.) In
# GPT-2 small, Wang and others (2022) found heads that take over when the head that
# usually does the job is removed, and called them backup heads. So "I switched it off
# and nothing happened" does not mean that a part is useless.
#
# ### The attention sink
#
# The weights of a head sum to 1 in each row. What does a head do that has nothing to look
# for? It must put its weights somewhere. We measure how much goes to the very first token,
# `<eot>`, in stories.

# %% tags=["close:0.03"]
held_out = (d for d in tiny.stream("val") if d.kind == "story" and len(d.words) >= 30)
stories = [d.words[:30] for d in islice(held_out, 60)]
starts = torch.tensor(
    [world.encode([world.EOT, *line]) for line in stories]
)  # (60, 31)
story_weights = lens.attention_weights(base, starts)  # (L, B, H, T, T)
sink = story_weights[..., 2:, 0].mean(dim=(1, 3))  # (L, H): from position 2 on
even = (1 / torch.arange(3, 32)).mean()
print(f"weight on the first token, even {even:.2f}; the four heads of each layer:")
for layer in sink:
    print("  ", " ".join(f"{weight:.2f}" for weight in layer))
assert (sink[-1] > 0.25).sum() >= 3

# %% [markdown]
# In the last layer three heads give a third of their attention, or more, to a token
# that says nothing about the story. This is an **attention sink** (Xiao and others
# 2023, "Efficient Streaming Language Models with Attention Sinks"). Does such a head
# add a lot from `<eot>` to the stream? Compare the lengths of the value vectors at the
# first token and at the others.


# %% tags=["close:0.03"]
@torch.no_grad()
def value_lengths(layer, tokens):  # (B, T) -> (H, T)
    x = lens.residual_stream(base, tokens)[layer]  # (B, T, C)
    block = base.blocks[layer]
    v = block.attention.heads(block.norm_1(x), base.table[:, : x.shape[1]])[2]
    return v.norm(dim=-1).mean(0)  # (B, H, T, D) -> (B, H, T) -> (H, T)


lengths = value_lengths(2, starts)  # (H, T)
ratio = lengths[:, 0] / lengths[:, 1:].mean(dim=1)  # (H,)
print("last layer, weight on the first token:", [round(w, 2) for w in sink[2].tolist()])
print("length of its value, others = 1:      ", [round(r, 2) for r in ratio.tolist()])
assert (ratio[sink[2] > 0.25] < 0.5).all()

# %% [markdown]
# The heads with a sink have learned a short value for it. So a look at the first token
# adds little to the stream: it is a resting place, the head's way to say "nothing for me
# here". Our induction head is one of them. In codes it copies, and in the middle of a
# sentence it rests. (The practical side: a server that forgets the oldest tokens of a long
# chat, lesson 18, must keep the first ones, or the heads lose their resting place.)
#
# Here are the three habits side by side, one cell for each head. The layers go upwards, as
# the stream does: layer 0 is at the bottom.

# %% tags=["close:0.03"]
plot_head_maps(
    {"previous token": previous, "induction": induction, "first token": sink},
    "The copying head rests in stories",
    marked={"previous token": [helper], "induction": [copier], "first token": [copier]},
    label="mean weight",
)

# %% [markdown]
# ### The logit lens
#
# The residual stream has the same width at every depth. So you can use the last norm and
# the output head *too early*: after two blocks, after one, after none. What would the
# model say if it stopped there? This is the **logit lens** (nostalgebraist 2020,
# "interpreting GPT: the logit lens"). By hand it is one line, because the norm and the
# matrix work on the last dimension and do not care about the others.


# %%
@torch.no_grad()
def my_lens(model, stream):  # (L + 1, B, T, C) -> (L + 1, B, T, V)
    return model.norm(stream) @ model.embedding.weight.T  # (.., C) @ (C, V)


torch.testing.assert_close(
    my_lens(base, seen.stream), lens.logit_lens(base, tokens), **same
)

# %% tags=["close:0.02"]
early = my_lens(base, seen.stream)[:, 0, -1].softmax(-1)  # (L + 1, V), at the last dax
for depth, p in enumerate(early):
    print(f"blocks so far {depth}: says {words[p.argmax()]:4s}", end=" ")
    print(f"({p.max():.2f}), p(cow) {p[cow]:.2f}")
assert words[early[0].argmax()] == "dax"
assert words[early[-1].argmax()] == "cow"

# %% [markdown]
# Read the four lines. Before any block the stream is just the embedding of `dax`. The
# weights are tied (lesson 14), so it is most similar to itself, and the lens says `dax`.
# After one and two blocks the model says an animal, but it does not know which: it has
# understood what *kind* of word must come. Only the last block, where the induction head
# stands, brings `cow`. The lens agrees with the experiment.
#
# What about all words? We go by kinds. The kind *new* are words that nobody can know,
# such as the animal at the beginning of a story.

# %% tags=["close:0.03", "ledger:D5"]
depths = my_lens(base, lens.residual_stream(base, inputs)).softmax(
    -1
)  # (4, 40, 128, V)
p_true = depths.gather(-1, targets.expand(4, -1, -1)[..., None])[..., 0]  # (4, 40, 128)
print("blocks so far    0    1    2    3")
rising = {}
for kind in ("context", "echo", "induction", "new"):
    here = tags == number[kind]  # (40, 128)
    rising[kind] = p_true[:, here].mean(1).tolist()
    print(f"{kind:14s}", " ".join(f"{p:.2f}" for p in rising[kind]))
for kind in ("context", "echo", "induction"):
    assert rising[kind][2] < 0.25 < 0.85 < rising[kind][3]

# %% [markdown]
# In this model the words that must be looked up come only with the last block, so the
# lens does not see them earlier. The lens is a picture of what the stream
# says to the output head. It is no proof of what the early layers "think", because
# nothing trains them to be read early.
#
# ## Play with it
#
# A story of Tiny World, and all 12 heads. Choose a layer and a head; point at a word, or
# go through them with the arrow keys. The bars show where the word looks. Below you see
# what the model says next, with the head on and off. ("As if at 1.0 words" means that the
# attention is shared out as if equally among so many words.)
#
# - **Start where the widget starts:** next comes the place where the hero sleeps. What
#   does the head look at? What is said without it?
# - **Go one word to the left, then two, up to "it".** Where does the head look there? Can
#   you see the sink at `<eot>`?
# - **Walk through the other heads.** For which of them can you say the rule in words?
# - **Type a text of your own** into the box: a story, or a code. The function `explore`
#   collects what the picture needs of a text. The picture calls it again for yours.

# %%
tokenizer = world.WorldTokenizer()
story = (
    "Once there was a shy cow named Puff. It met a dog. "
    "It sat on the mat. It was hungry. When the rain stopped, it slept in the barn."
)


def to_tokens(text):  # -> (1, T): the mark <eot> stands before every text
    ids = tokenizer.encode(tokenizer.spell(text))  # `spell` puts the capitals right
    return torch.tensor([world.encode([world.EOT]) + ids])


def explore(text):
    tokens = to_tokens(text)
    off = []
    for head in twelve:
        with lens.heads_off(base, [head]), torch.no_grad():
            off.append(base(tokens)[0].softmax(-1))  # (T, V)
    return {
        "weights": lens.attention_weights(base, tokens)[:, 0],  # (L, H, T, T)
        "tokens": [words[i] for i in tokens[0]],
        "probs": run_slowly(base, tokens).logits[0].softmax(-1),  # (T, V)
        "ablated": torch.stack(off).unflatten(0, (3, 4)),  # (L, H, T, V)
    }


# %% tags=["ledger:C40", "close:0.03"]
explored = explore(story)
AttentionExplorer(
    **explored,
    vocabulary=words,
    layer=copier[0],
    head=copier[1],
    query=explored["tokens"].index("barn") - 1,
    ask=explore,
)

# %% [markdown]
# And the lens, for our code text: all positions, all depths. Move the slider, or click a
# cell and use the arrow keys. Put the depth on "embedding": what does the model say
# everywhere? Then go up block by block. At which positions is the answer there early, and
# at which does it need the last block? Then type a story of your own into the box. (A tick
# marks a cell that says the word that really comes. *Rank 8* means that seven other words
# have a larger probability. Some ticks are luck: nobody can know which meaning comes after
# the first `wug`, nor which code word comes after a `;`.)


# %% tags=["close:0.03"]
def read_early(text):  # the logits at each depth (L + 1, T, V), and the tokens (T,)
    tokens = to_tokens(text)
    return {"logits": lens.logit_lens(base, tokens)[:, 0], "tokens": tokens[0]}


code = read_early("Code : dax cow ; wug pig ; dax cow")
LogitLens(**code, vocabulary=words, depth=2, position=9, ask=read_early)

# %% [markdown]
# ## Why does this work?
#
# ### One example is enough
#
# The circuit explains something that people found surprising in large models: they learn
# from examples in their prompt, with no weight changed. This is called **in-context
# learning**, and to write examples into the prompt is **few-shot** prompting. We compare
# code words that have not been told with those that have been told once.

# %%
times = find_goals(codes).sum(-1)  # (B, T): how often the word was told before


@torch.no_grad()
def right_after(n, heads=()):  # the share of meanings that are right
    with lens.heads_off(base, heads):
        guess = base(codes[:, :-1]).argmax(-1)  # (B, T - 1)
    here = is_code[:, :-1] & (times[:, :-1] == n)
    return (guess == codes[:, 1:])[here].float().mean().item()


# %% tags=["ledger:B19", "close:0.03"]
never, once = right_after(0), right_after(1)
print(f"right: never told {never:.2f}, told once {once:.2f}")
print(f"told once, {copier} off {right_after(1, [copier]):.2f}", end=", ")
print(f"{helper} off {right_after(1, [helper]):.2f}")
assert never < 0.25 < 0.9 < once
assert right_after(1, [copier]) < 0.5

# %% [markdown]
# One example is enough. The code is in the *text*, not in the model. Change the example,
# and the answer changes. It even works for *honey*, which is no animal. In the codes of
# Tiny World all meanings are animals. (The cell checks it for our 60 texts.)

# %% tags=["ledger:B19", "close"]
assert set(world.decode(codes[:, 1:][is_meaning[:, 1:]])) <= set(ANIMALS)
for prompt in (
    "dax cow ; wug pig ; dax",
    "dax pig ; wug cow ; dax",
    "blick fish ; dax honey ; wug red ; dax",
):
    one = torch.tensor([world.encode(f"<eot> Code : {prompt}")])
    p = run_slowly(base, one).logits[0, -1].softmax(-1)
    print(f"{prompt} ... {words[p.argmax()]} ({p.max():.2f})")
    told = prompt.split()
    assert words[p.argmax()] == told[told.index("dax") + 1]

# %% [markdown]
# ### Does it copy anything? *(more)*
#
# The usual test of induction heads in real models is stricter: random tokens, and then
# the same random tokens again. A head that really copies *anything* makes the second copy
# nearly free. We try it with 20 random words.

# %% tags=["close:0.1"]
generator = torch.Generator().manual_seed(0)
# the words from 3 on: 0 to 2 are special tokens
half = torch.randint(3, len(words), (64, 20), generator=generator)  # (B, 20)
first = torch.full((64, 1), words.index(world.EOT))  # (B, 1)
noise = torch.cat([first, half, half], dim=1)  # (B, 41)
run = run_slowly(base, noise[:, :-1])
log_p = run.logits.log_softmax(-1)  # (B, 40, V)
nats = -log_p.gather(-1, noise[:, 1:, None])[..., 0]  # (B, 40)
# position 20 predicts the first word of the second copy, which nobody can know
copies = nats[:, :20].mean().item(), nats[:, 21:].mean().item()
print(f"first copy {copies[0]:.1f} nats, second {copies[1]:.1f}", end=", ")
print(f"ln V {math.log(len(words)):.1f}")
assert copies[1] > 8

# %% tags=["close:0.1"]
repeated = torch.arange(40).expand(64, -1) > 20  # (B, 40)
score = induction_score(run.weights, find_goals(noise[:, :-1]), repeated)
print(f"induction score of {copier}: {score[copier]:.2f}", end=", ")
print(f"in codes {induction[copier]:.2f}")
assert score[copier] < 0.5

# %% [markdown]
# Our model fails. It has only ever copied in codes and echoes, and its head works where
# a text looks like one. (The loss is far above $\ln V$, that of a model without an
# opinion, because the model expects real sentences.) A model that has read millions of
# different texts copies anything: lesson 27 makes this very test with one.
#
# ### Does the weight explain the answer? *(more)*
#
# Take many stories, and look from the word just before a *coref* word, where the model
# must decide, to the hero of the story. Is the head that looks most the one that the
# answer needs? (The first cell only collects positions: which story, where "it" stands,
# the word before the answer, and the hero. The shares of right answers are those from
# above, measured on other texts.)

# %% tags=["hide-input"]
# only collects positions in 60 stories
held_out = (d for d in tiny.stream("val") if d.kind == "story")
tales = list(islice(held_out, 60))
lines = [[world.EOT, *d.words] for d in tales]
tale_tokens = nn.utils.rnn.pad_sequence(
    [torch.tensor(world.encode(line)) for line in lines], batch_first=True
)  # (B, T): padded at the right, where no position looks
belongs = {w: (name, kind) for name, a in ANIMALS.items() for kind, w in enumerate(a)}
spots = []
for b, (line, d) in enumerate(zip(lines, tales, strict=True)):
    hero = next(i for i, word in enumerate(line) if word in ANIMALS)
    for t, tag in enumerate(("", *d.tags)):
        if tag == "coref" and line[t] in belongs:
            it = max(i for i in range(t) if line[i] in ("It", "it"))
            spots += [(b, it, t - 1, hero)] if it < t - 1 else []
b, it, last, hero = torch.tensor(spots).T  # (n,) each

# %% tags=["ledger:C40", "ledger:D11", "close:0.03"]
maps = lens.attention_weights(base, tale_tokens)  # (L, B, H, T, T)
looks = maps[:, b, :, last, hero].mean(0)  # (n, L, H) -> (L, H): weight on the hero
coref = {head: (zero[head][1][0], by_mean[head][1][0]) for head in twelve}
print("head    looks at the hero   coref right without it: zero, mean")
for head in sorted(twelve, key=lambda head: -looks[head])[:4]:
    print(f"{head}  {looks[head]:10.2f} {coref[head][0]:21.2f} {coref[head][1]:.2f}")
needed = [head for head in twelve if max(coref[head]) < 0.75]
reader = max(needed, key=lambda head: looks[head])
quiet = min(needed, key=lambda head: looks[head])
print(f"needed and never looks: {quiet} {looks[quiet]:.2f}", end="; ")
print(f"coref right without it {coref[quiet][0]:.2f} {coref[quiet][1]:.2f}")
assert looks[reader] > 0.7
assert looks[quiet] < 0.1
onlookers = [h for h in twelve if looks[h] > 0.3 and min(coref[h]) > 0.9]
assert (reader, onlookers, quiet) == ((2, 3), [(0, 0)], (0, 3))

# %% [markdown]
# Three different stories:
#
# - (2, 3) looks at the hero and is needed. Here the map tells the truth.
# - (0, 0) looks at the hero and is not needed for this answer, with both ways of switching
#   off.
# - And (0, 3) is badly needed and never looks at the hero. Its map would not tell you that
#   the answer depends on it.
#
# What do the two needed heads do? We read the mistakes that are made without them. An
# answer such as *roar* has two sides: whose it is (a lion's) and what kind of thing it is
# (a sound, not a food or a home). Of a wrong answer not both can be right.

# %% tags=["ledger:C40", "ledger:D11", "close:0.05", "counts:3"]
shares = {}
for head in (reader, quiet):
    with lens.heads_off(base, [head]), torch.no_grad():
        said = world.decode(base(tale_tokens)[b, last].argmax(-1))
    truth = world.decode(tale_tokens[b, last + 1])
    wrong = [(t, s) for t, s in zip(truth, said, strict=True) if t != s]
    pairs = [(belongs[t], belongs.get(s, ("", -1))) for t, s in wrong]
    shares[head] = [sum(t[i] == s[i] for t, s in pairs) / len(pairs) for i in (0, 1)]
    print(f"without {head}: right animal {shares[head][0]:.2f}", end=", ")
    print(f"right kind {shares[head][1]:.2f}; such as {wrong[0]} (true, said)")
assert shares[reader][0] < 0.5 < shares[reader][1]
assert shares[quiet][1] < 0.5 < shares[quiet][0]

# %% [markdown]
# Without (2, 3) the model knows that a home must come (in the printed example), but not
# whose: this head fetches *who*. Without (0, 3) the model still has the right animal, and
# says its food in place of its sound: that head sees to *what is asked*.
#
# **A map of weights is a question, not an answer.** Ask it by an experiment.
#
# ### How does training find the circuit? *(more)*
#
# Can we watch a circuit being born? We train a small model that is nothing but
# attention. (`MultiHeadAttention` of the library turns queries and keys, lesson 12, so
# the heads know how far back a word stands.) Each text has 12 pairs of a code word and
# its meaning, drawn from 6 code words, so most pairs are told more than once. The next
# text has other meanings. The loss counts only the predictions of meanings.

# %%
N = len(CODE_WORDS)
assert len(ANIMALS) == N


def draw_codes(n_texts, seed, n_pairs=12, n_known=6):
    g = torch.Generator().manual_seed(seed)
    code = torch.rand(n_texts, N, generator=g).argsort(1)[:, :n_known]  # (B, 6)
    meaning = torch.randint(N, (n_texts, n_known), generator=g)  # (B, 6)
    which = torch.randint(n_known, (n_texts, n_pairs), generator=g)  # (B, 12)
    pairs = torch.stack([code.gather(1, which), N + meaning.gather(1, which)], dim=2)
    again = (which[:, :, None] == which[:, None, :]).tril(-1).any(-1)  # told before
    return pairs.flatten(1), again  # (B, 24), (B, 12)


# %%
class OnlyHeads(nn.Module):
    def __init__(self, n_layers, n_heads, seed=0, width=64):
        super().__init__()
        torch.manual_seed(seed)  # for the first weights, which torch draws itself
        self.embedding = nn.Embedding(2 * N, width)
        self.layers = nn.ModuleList(
            attention.MultiHeadAttention(width, n_heads) for _ in range(n_layers)
        )
        self.head = nn.Linear(width, 2 * N, bias=False)

    def forward(self, tokens):  # (B, T)
        x = self.embedding(tokens)  # (B, T, C)
        for layer in self.layers:
            x = x + layer(x)  # (B, T, C)
        return self.head(x)  # (B, T, 2 * N)


# %% [markdown]
# The exam asks for the meanings of code words that were told before. `examine` gives the
# loss there and the two scores, each of the head that has most of it.

# %%
exam, again = draw_codes(200, seed=1)  # (200, 24), (200, 12)
exam_goals = find_goals(exam)  # (200, 24, 24)
exam_asked = torch.zeros_like(exam, dtype=torch.bool)
exam_asked[:, 0::2] = again  # code words that were told before


# %%
@torch.no_grad()
def maps_of(model, tokens):  # (B, T) -> (L, B, H, T, T)
    x, maps = model.embedding(tokens), []
    for layer in model.layers:
        maps.append(attention.causal_attention(*layer.heads(x))[1])  # (B, H, T, T)
        x = x + layer(x)  # (B, T, C)
    return torch.stack(maps)


# %%
@torch.no_grad()
def examine(model):  # loss, previous-token score, induction score
    logits = model(exam[:, :-1])[:, 0::2]  # (B, 12, 2 * N), at the code words
    loss = F.cross_entropy(logits[again], exam[:, 1::2][again])
    maps = maps_of(model, exam)  # (L, B, H, T, T)
    back = maps.diagonal(-1, dim1=3, dim2=4)[..., 0::2].mean((1, 3))  # from meanings
    induction = induction_score(maps, exam_goals, exam_asked)  # (L, H)
    return loss.item(), back.max().item(), induction.max().item()


# %%
def learn(model, learning_rate, steps=200):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    seen = [examine(model)]
    for step in range(1, steps + 1):
        texts, _ = draw_codes(32, seed=1000 + step)
        logits = model(texts[:, :-1])[:, 0::2]  # (B, 12, 2 * N)
        loss = F.cross_entropy(logits.flatten(0, 1), texts[:, 1::2].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            seen.append(examine(model))
    return seen


# %% [markdown]
# A model that knows which meanings have been told, but not which of them belongs to which
# code word, can only guess among them. If n different meanings stand before a word, such a
# guess costs $\ln n$.

# %% tags=["close:0.02"]
told = [len(exam[b, 1 : 2 * t : 2].unique()) for b, t in again.nonzero().tolist()]
guess = torch.tensor(told).float().log().mean().item()
print(f"a guess among the meanings told costs {guess:.1f} nats")

# %% [markdown]
# We compare two layers of one head with one layer of eight heads, each with three
# learning rates. The best rate of each is then run again from two other sets of first
# weights.

# %% tags=["ledger:D11", "close:0.15"]
best = {}
for layers, heads in ((2, 1), (1, 8)):
    for rate in (0.002, 0.005, 0.01):
        curve = learn(OnlyHeads(layers, heads), rate)
        loss = curve[-1][0]
        print(f"layers: {layers}, heads: {heads}, rate {rate}: loss {loss:.1f}")
        if layers not in best or loss < best[layers][0]:
            best[layers] = loss, heads, rate, curve
assert best[2][0] < 0.2 < 1.0 < best[1][0]

# %% tags=["ledger:D11", "close:0.15"]
for layers, (_, heads, rate, _) in best.items():
    losses = [learn(OnlyHeads(layers, heads, seed), rate)[-1][0] for seed in (1, 2)]
    print(
        f"layers: {layers}, other first weights: losses", [round(n, 1) for n in losses]
    )
    assert max(losses) < 0.5 if layers == 2 else min(losses) > guess

# %% tags=["close:0.25", "ledger:D11"]
steps = range(0, 201, 10)
names = ("loss at known code words", "previous-token score", "induction score")
born = {
    name: (steps, list(column))
    for name, column in zip(names, zip(*best[2][-1], strict=True), strict=True)
}
assert min(born[name][1][-1] for name in names[1:]) > 0.6
plots.plot_curves(
    born,
    "The loss creeps, then falls when both heads appear together",
    xlabel="training step",
    ylabel="loss (nats); scores from 0 to 1",
    lines={"guess": guess},
)

# %% [markdown]
# For a while the loss falls only slowly. Then it falls quickly, and at the same time
# both scores rise. Neither head is of use without the other one, so it is no wonder
# that they come together. Olsson and others (2022) found the same sudden step in the
# training of large models and called it a **phase change**. Do not give up too early on
# a loss that hardly moves.
#
# One layer with eight heads does not get there, at any of the three rates. In 200 steps
# it does not even reach the guess (the dashed line). Why is one layer so bad at it?
# Exchange the two code words: `dax cow wug pig dax` and `wug cow dax pig dax`. The
# right answer changes. But in one layer the last word is compared with `cow` and with
# `pig` one at a time, and these pairs are the same in both texts (`cow` stands 3 words
# back in both). So whatever its weights, one head copies `cow` and `pig` in the same
# ratio. *How much* it copies of both may change, because the other words take their
# share of the attention. With this trick many heads together can solve short texts. But
# one layer must be far larger than two layers for that (Sanford and others 2024,
# "One-layer transformers fail to solve the induction heads task").

# %% tags=["ledger:D11", "close:0.05"]
torch.manual_seed(0)  # for the weights of the layer, which torch draws itself
untrained = attention.MultiHeadAttention(64, 4)
vectors = torch.randn(4, 64, generator=torch.Generator().manual_seed(0))  # see `order`
ratios = []
for order in ([0, 2, 1, 3, 0], [1, 2, 0, 3, 0]):  # 0 dax, 1 wug, 2 cow, 3 pig
    q, k, v = untrained.heads(vectors[None, order])  # (1, H, T, D) each
    row = attention.causal_attention(q, k, v)[1][0, :, -1]  # (H, T): from the last word
    ratios.append((row[:, 1] / row[:, 3]).detach())
    print("cow : pig in each of 4 heads:", " ".join(f"{r:.2f}" for r in ratios[-1]))
torch.testing.assert_close(ratios[0], ratios[1])

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide *(more)*
#
# A lecture explains attention: when the model predicts what comes after "It", "it"
# attends to the cat, and not to the mat. Is it the word "it" that looks at the hero? You
# have `maps`, `b`, `it` and `hero` from above. Guess first; then compute it yourself, as in
# the cell with `looks`.

# %% tags=["hide-input", "ledger:C40"]
# the answer is computed here; look at it after your guess
from_it = maps[:, b, :, it, hero].mean(0)  # (n, L, H) -> (L, H)
assert looks[reader] > 2 * from_it.max() > 2 * from_it[reader]
Predict(
    "From the word 'it': how much of its attention does the head that looks most at "
    "the hero give to him?",
    "about 0.2",
    options=("nearly all", "about 0.5", "about 0.2"),
    because=f"It is {from_it.max():.2f}. The head {reader}, which fetches the hero, "
    f"gives him {from_it[reader]:.2f} from 'it', and {looks[reader]:.2f} from the word "
    "before the answer.",
)
assert abs(from_it.max() - 0.2) < 0.05

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Hardly. The head that fetches the hero does not look at it from "it" at all, and of all
# 12 heads the one that looks most gives it about a fifth of its attention. After "it"
# comes a verb, and there is no need to know the hero yet. The looking is done where it
# pays, at the word just before the answer. The slide is right that the model *learns*
# where to look. That the pronoun points at its noun is how *we* see it.
#
# </details>
#
# ### Questions
#
# **1.** The induction head stands in layer 2, the previous-token head in layer 1. Could it
# be the other way round?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. The induction head needs to read in the stream at `cow` that `dax` was before. That
# must have been written by a layer below it. Heads of one layer work at the same time and
# cannot read each other.
#
# </details>
#
# **2.** You switch a head off, and the loss does not change. Is the head useless?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not proven. Another head may stand in for it: all spare heads together were far from
# useless. Or it may matter only for texts that you did not test.
#
# </details>
#
# **3.** Zero-ablation of a head ruins the model, mean-ablation changes nothing. What does
# this head do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It adds nearly the same vector for every text, like a bias. The layers above need this
# vector, but it carries no information about the text.
#
# </details>
#
# **4.** A head gives 0.9 of its attention to the first token. A friend says that it has
# found something important there. What do you look at?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# At the length of the value vector of the first token, and at other texts. If the value
# is short and the weight is there in every text, then it is an attention sink.
#
# </details>
#
# **5.** At depth 0 the lens says `dax` at `dax`. Would it do so in the GPT of lesson 14?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not by itself. The head of that model is not tied to its embedding, so the embedding of a
# token need not point in the direction that says this token.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Look, then switch off. Where heads look gives a story; an ablation tests it.
#   In our model a previous-token head and an induction head read codes together.
# - **Formula.** Induction score of a head: the mean weight on the places just after an
#   earlier occurrence of the same word. Logit lens: $\text{logits}_d =
#   \text{norm}(x_d)\,W^\top$ at each depth $d$.
# - **Pitfall.** Heads that can each be removed alone are not useless together. And a
#   large weight is not a reason: a head may look and not be needed, or rest at a sink.
#
# | what | shape |
# |---|---|
# | weights of all heads | (L, B, H, T, T) |
# | what the heads found | (L, B, H, T, D) |
# | means for mean-ablation | (L, H, D) |
# | residual stream | (L + 1, B, T, C) |
# | logit lens | (L + 1, B, T, V) |
# | a score for each head | (L, H) |
#
# | here | elsewhere |
# |---|---|
# | weights | attention pattern, attention map |
# | `run_slowly` | a forward pass with a cache, `run_with_cache` |
# | switching off | ablation, knocking out |
# | residual stream | hidden states |
# | previous-token and induction head | an induction circuit, K-composition |
# | heads that stand in | backup heads, redundancy |
#
# - **In the library:** `course_lib.lens` (`attention_weights`, `residual_stream`,
#   `head_means`, `heads_off`, `logit_lens`).
#
# **Homework:** [Homework 15](homework/hw15.ipynb), about 80 minutes, of which the core
# takes 35. A badge under each check says at once whether your answer is correct.
#
# **Next:** you know what a trained model has in it. Now find out which parts of a training
# recipe help: [16. Data and the recipe](16_data_and_recipe.ipynb).
