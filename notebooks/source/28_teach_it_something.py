# %% [markdown]
# # 28. Teach it something
#
# **How do you teach a real model a new habit, on a laptop, in a few minutes?**
#
# In lesson 27 SmolLM2 invented a life for every person who does not exist. Here you teach
# it to say "I do not know who that is". You do not train it again. You put small matrices
# beside its large ones, and only the small ones learn. This is called **LoRA**, and it is
# the usual way to adapt a large model on one GPU.
#
# - **You will** write LoRA in twelve lines; make the training data and see which tokens
#   are learned; find what the first try breaks, and repair it; train; save the result as a
#   small file; and make the model brief with DPO.
# - **You need** lessons 7 (the training loop), 13 and 14 (the matrices of a GPT), 20 (chat
#   and loss mask), 21 (hallucination), 23 (DPO), 26 and 27 (the model, standard errors,
#   bits per byte).
# - **Time** 70 minutes for the core, of which the machine needs about two. The parts marked
#   *more* take another 15 minutes.
# - **Back** [27. What a real model does](27_what_a_real_model_does.ipynb) · **Next** this
#   is the last step of the ladder. After it come talks of your own.

# %%
import json
import math
import random

import torch
from torch import nn
from torch.nn import functional as F

from course_lib.chat import ChatMLTemplate, Message, answers, rate
from course_lib.engine.downloads import DATA
from course_lib.engine.smollm import load_smollm2
from course_play.widgets import Predict

torch.set_printoptions(precision=4, sci_mode=False)
model, tokenizer, _ = load_smollm2()
template = ChatMLTemplate(tokenizer)  # no system message: every talk is shorter
n_all = sum(p.numel() for p in model.parameters())
print(f"{n_all:,} parameters")

# %% [markdown]
# Two instruments first. `ask` puts questions and takes the most probable token each time
# (temperature 0, also called *greedy*). `refuses` checks whether an answer contains "not
# know" or "sorry".


# %% tags=["words:0.4"]
def ask(questions, n_tokens):
    talks = [[Message("user", question)] for question in questions]
    said = answers(model, template, talks, max_new_tokens=n_tokens)
    return [answer.text.strip() for answer in said]


def refuses(answer):
    return "not know" in answer or "sorry" in answer.lower()


for question in ("Who is Orlo Vantrell?", "Who is Albert Einstein?"):
    print(question, "->", *ask([question], 24))

# %% [markdown]
# Nobody is called Orlo Vantrell. The model answers all the same, and in the same tone.
#
# ## Predict first
#
# Suppose that we train on what the model shall learn: talks about invented people, each
# answered with "I do not know who that is". Then we ask 24 everyday questions, such as "What
# is the capital of Italy?". Nobody is meant there. How many of the 24 are now answered with
# "I do not know"?

# %% tags=["hide-input"]
# this training was done before, and its counts are stored
study = json.loads((DATA / "teach_study.json").read_text("utf-8"))
study = {row["name"]: row for row in study}
Predict(
    'How many of the 24 everyday questions are answered with "I do not know"?',
    study["refusals only"]["everyday"]["refused"],
    because="Every talk ended in the same way, so nothing said when to answer. The "
    "other counts of this training stand below.",
)

# %% [markdown]
# ## Build it by hand
#
# ### A thin correction
#
# Take a small layer with 6 inputs and 4 outputs. Its matrix $W$ has 4 rows and 6 columns.
# We want to correct it: $W + \Delta$. A full $\Delta$ would have 24 numbers. Instead we
# write $\Delta$ as a product of a tall matrix and a wide one, $\Delta = B A$. Here is one
# with a single column and a single row. (I is the number of inputs, O of outputs, and R of
# columns in $B$ and of rows in $A$.)

# %%
A = torch.tensor([[1.0, 0.0, 2.0, 0.0, 0.0, -1.0]])  # (R, I) = (1, 6)
B = torch.tensor([[1.0], [-1.0], [0.0], [3.0]])  # (O, R) = (4, 1)
print(B @ A)  # (O, I)
print(f"{A.numel()} + {B.numel()} numbers stand for {(B @ A).numel()}")

# %% [markdown]
# Every row is a multiple of the one row of $A$. Such a matrix has **rank** 1. (The rank says
# how many rows are enough to make all the others from them, by multiplying and adding.) With
# $R$ rows in $A$ and $R$ columns in $B$ the rank is up to $R$. The name **LoRA** says it:
# low-rank adaptation (Hu et al., 2021).
#
# Let an input $x$ with 6 numbers pass. $A$ turns it into $R$ numbers (here one), and $B$
# turns these into the 4 numbers of the output. The product $B A$ is not needed for that.

# %%
x = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0, 2.0])  # (I,)
small = A @ x  # (I,) -> (R,)
print("A x     =", small.tolist())
print("B (A x) =", (B @ small).tolist())  # (R,) -> (O,)
print("(B A) x =", ((B @ A) @ x).tolist())

# %% [markdown]
# This correction is added to what the layer gives without it:
#
# $$y = W x + \frac{\alpha}{R} \, B A x$$
#
# The factor $\alpha / R$ is meant to keep the size of the correction about the same if you
# try another $R$. We take $\alpha = 2 R$ everywhere, so the factor is 2. Here is all of
# LoRA. The large matrix is **frozen**: it gets no gradient and never changes.


# %%
class LoRA(nn.Module):
    def __init__(self, base, rank, alpha, generator):
        super().__init__()
        n_out, n_in = base.weight.shape
        self.base = base.requires_grad_(False)  # frozen
        start = torch.randn(rank, n_in, generator=generator) / math.sqrt(n_in)
        self.A = nn.Parameter(start)  # (R, I)
        self.B = nn.Parameter(torch.zeros(n_out, rank))  # (O, R)
        self.scale = alpha / rank

    def forward(self, x):
        small = x @ self.A.T  # (..., I) -> (..., R)
        return self.base(x) + self.scale * small @ self.B.T  # (..., R) -> (..., O)


# %% [markdown]
# We put it around one matrix of the real model, the layer `up` of the first block. How many
# numbers learn? $A$ has $R \cdot I$ and $B$ has $O \cdot R$, so together $R \, (I + O)$.

# %%
from course_lib.lora import LoRALinear, add_lora, count_trainable
from course_play import diagrams

up = model.blocks[0].up
by_hand = LoRA(up, rank=8, alpha=16, generator=torch.Generator().manual_seed(0))
(n_out, n_in), learning = up.weight.shape, count_trainable(by_hand)
print(f"I = {n_in}, O = {n_out:,}: 8 x (I + O) = {8 * (n_in + n_out):,} numbers learn")
print(f"W has {up.weight.numel():,}")
assert learning == 8 * (n_in + n_out)
library = LoRALinear(up, 8, 16, torch.Generator().manual_seed(0))
diagrams.plot_lora(library, "LoRA: a thin way beside a frozen matrix")

# %% [markdown]
# ### At the start it changes nothing
#
# $B$ begins with zeros. So $B A x$ is zero, and the model answers exactly as before: the
# training begins with a good model and not with a damaged one.

# %%
x = torch.randn(5, n_in, generator=torch.Generator().manual_seed(1))  # five tokens
assert torch.equal(by_hand(x), up(x))
print("largest change at the start:", (by_hand(x) - up(x)).abs().max().item())

# %% [markdown]
# Why does $A$ not begin with zeros, too? Look at the gradients of some loss, before the
# first step and after it.

# %%
for step in (1, 2):
    by_hand.zero_grad()
    by_hand(x).square().mean().backward()
    with torch.no_grad():
        for name in ("A", "B"):
            part = getattr(by_hand, name)
            learns = "not zero" if part.grad.abs().max() > 0 else "all zero"
            print(f"step {step}, gradient of {name}: {learns}")
            part -= 0.1 * part.grad

# %% [markdown]
# In the first step only $B$ learns, because the gradient of $A$ goes through $B$, which is
# zero. From the second step on both do. If $A$ were zero as well, then no gradient would
# ever arrive, and nothing would learn.
#
# ### Merge
#
# After the training the correction can be added to $W$ once and for all. The layer is then
# an ordinary `Linear` again, as fast as before. Only now the product $B A$ is formed. We
# pretend that $B$ has learned something.

# %% tags=["close"]
with torch.no_grad():
    by_hand.B.normal_(generator=torch.Generator().manual_seed(2))
    merged = up.weight + by_hand.scale * by_hand.B @ by_hand.A  # (O, I)
    two_ways, one_way = by_hand(x), F.linear(x, merged)
torch.testing.assert_close(two_ways, one_way, rtol=1e-4, atol=1e-3)
print("W x + scale * B A x:", [round(v, 2) for v in two_ways[0, :4].tolist()])
print("merged             :", [round(v, 2) for v in one_way[0, :4].tolist()])

# %% [markdown]
# ## Compare with torch
#
# `LoRALinear` of `course_lib.lora` is the same layer. We give it our $A$ and our $B$.

# %% tags=["close"]
with torch.no_grad():
    library.lora_a.weight.copy_(by_hand.A)
    library.lora_b.weight.copy_(by_hand.B)
    torch.testing.assert_close(library(x), by_hand(x), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(library.weight, merged, rtol=1e-4, atol=1e-4)
print("course_lib.lora    :", [round(v, 2) for v in library(x)[0, :4].tolist()])

# %% [markdown]
# And how does such a layer get into a model? It takes the place of the old one, under the
# same name. `add_lora` of the library does that in every block; here it is for one block.

# %%
from copy import deepcopy

block = deepcopy(model.blocks[0])  # a copy: our model stays as it is
for name in ("up", "gate"):
    old = getattr(block, name)
    setattr(block, name, LoRA(old, 8, 16, torch.Generator().manual_seed(0)))
print([type(getattr(block, name)).__name__ for name in ("up", "gate", "down")])

# %% [markdown]
# ## Build it by hand: the data
#
# ### People who do not exist
#
# We glue unusual first names to invented last names. Some names are **held out**: neither
# the first name nor the last name of a test person is ever trained. Otherwise the model
# could learn the names, and we want it to learn a habit. All names and questions of this
# lesson stand in one file.

# %%
lists = json.loads((DATA / "teach_talks.json").read_text("utf-8"))
NO, PHRASINGS = lists["refusal"], lists["phrasings"]
invented = [f"{a} {b}" for a in lists["first"] for b in lists["last"]]
strangers = lists["new_invented"]
print(f"{len(invented)} to learn from, as {invented[0]}")
n_first, n_last = (len({name.split()[i] for name in strangers}) for i in (0, 1))
print(f"{len(strangers)} held out, as {strangers[0]}")
print(f"  (put together from {n_first} first names and {n_last} last names)")
print("asked in these ways:", *PHRASINGS, sep="\n  ")
print("and in the test:", *lists["new_phrasings"], sep="\n  ")

# %% [markdown]
# ### What shall stay as it is
#
# If we only showed talks that end in a refusal, the model would learn to refuse always. So
# other talks must show where it shall go on answering. We take two kinds: famous people,
# and everyday questions.
#
# Which answers do we show there? If we wrote them, the model would also learn *our* words
# and our facts. We want nothing to change here, so the answers are the model's own. They
# were written by the untrained model itself, at temperature 0, and stored, each up to its
# first full stop. Learning from one's own answers is called **self-distillation**, and
# mixing in what must not be forgotten is called **replay**.

# %% tags=["words:0.3"]
own = {
    kind: [(row["question"], row["answer"]) for row in lists[kind]]
    for kind in ("known", "everyday")
}
for kind, talks in own.items():
    print(f"{len(talks)} {kind}:")
    for question, answer in talks[:9:4]:
        print(f"  {question} -> {answer}")
print(f"left out: {len(lists['dropped'])} answers that named nobody or had no end")
question, stored = own["known"][0]
print("asked again:", *ask([question], 20))

# %% [markdown]
# Not all of these sentences are true: look at the grass. And the sentence about the months
# answers another question. That is a price of the method: what the model believes wrongly, it
# will go on believing. (In lesson 21 we probed the model first, and taught "I do not know"
# exactly where it guessed. That is better, and it takes longer.)
#
# ### Which tokens are learned?
#
# As in lesson 20, the loss counts only what the assistant writes, and the token that ends
# its turn. This is the **loss mask**. The question is read, but it is not learned: we do not
# want a model that asks.
#
# Of each answer we take at most the first 9 tokens: so many has our refusal, with its end. A
# longer answer is cut there and gets no end; a very short one keeps its own. Whether it refuses
# or answers is decided in the first tokens, and short talks train faster.


# %%
from course_lib.chat import Example


def talk(question, answer, most=9):
    tokens, mask = template.encode(
        [Message("user", question), Message("assistant", answer)]
    )
    size = mask.index(True) + most  # the prompt, and `most` tokens of the answer
    return Example(tokens[:size], mask[:size])


example = talk("Who is Orlo Vantrell?", NO)
for learned in (False, True):
    ids = [t for t, m in zip(*example, strict=True) if m == learned]
    print(
        "learned: " if learned else "only read:", [tokenizer.decode([i]) for i in ids]
    )
print(f"{sum(example.loss_mask)} of {len(example.tokens)} tokens are learned")

# %% [markdown]
# ### Dealing the batches
#
# Every batch holds two talks of each of the three kinds. The talks of a kind are dealt like
# cards: all of them in random order, and then all again. So no seed draws one kind, or one
# person, much more often than another seed does. (`yield` hands out one card at a time.) To
# teach something else, write other cards.
#
# How many talks of each kind? We tried other mixes before this one, and the trials asked partly
# the same questions as the test below. So the results below are a little flattering. The clean
# way is a test that nobody looks at before the last choice is made.


# %%
def dealt(cards, rng):
    while True:
        yield from rng.sample(cards, len(cards))


def make_batches(rng, n_batches, per_kind):
    decks = {kind: dealt(cards[kind], rng) for kind in per_kind}
    kinds = [kind for kind, n in per_kind.items() for _ in range(n)]
    return [[talk(*next(decks[kind])) for kind in kinds] for _ in range(n_batches)]


cards = {"invented": [(p.format(x), NO) for x in invented for p in PHRASINGS], **own}
N_STEPS, PER_KIND = 40, {"invented": 2, "known": 2, "everyday": 2}
batches = make_batches(random.Random(0), N_STEPS, PER_KIND)
lengths = [len(one.tokens) for batch in batches for one in batch]
print(f"{len(lengths)} talks of {min(lengths)} to {max(lengths)} tokens")

# %% [markdown]
# ## See it: what the first try breaks
#
# ### Measure before
#
# We measure the same things before and after, because we want to see what is lost as well as
# what is gained:
#
# - **refused**, of 24 held-out *invented* people: refusals are wanted;
# - **refused**, of 24 people with *plain* invented names, such as Peter Hallman. Somebody may
#   bear one of these names, but nobody famous as far as we know. This is a control: the other
#   invented names look unusual, and perhaps the look is all that the model learns;
# - **refused**, of 24 held-out *real* people: these would be **over-refusals**. All these
#   people are asked about in two phrasings in which no talk asks about a person;
# - of 24 held-out *everyday* questions: how many are **refused**, and how many are answered
#   **correctly** within 16 tokens (does the answer hold the word that we look for? This is a
#   generous rule: an answer that holds the word can still be nonsense);
# - **bits per byte** of three short passages of prose, written for this course. If this
#   number rises, the model has forgotten some English (**catastrophic forgetting**, if it
#   rises a lot).


# %%
def ask_about(people):
    asked = [lists["new_phrasings"][i % 2].format(x) for i, x in enumerate(people)]
    return asked, ask(asked, 6)  # six tokens are enough to see a refusal


@torch.no_grad()
def bits_per_byte(text):
    tokens = torch.tensor([tokenizer.encode(text)])  # (1, T)
    logits = model(tokens[:, :-1])[0]  # (T - 1, V)
    nats = F.cross_entropy(logits, tokens[0, 1:], reduction="sum").item()
    n_bytes = len(tokenizer.decode(tokens[0, 1:].tolist()).encode())
    return nats / math.log(2) / n_bytes


# %%
everyday = lists["new_everyday"]


def is_right(answer, row):
    return any(word.lower() in answer.lower() for word in row["right"])


def measure():
    daily = ask([row["question"] for row in everyday], 16)
    prose = [bits_per_byte(text) for text in lists["prose"]]
    found = {
        "invented refused": rate(map(refuses, ask_about(strangers)[1])),
        "plain refused": rate(map(refuses, ask_about(lists["new_plain"])[1])),
        "real refused": rate(map(refuses, ask_about(lists["new_known"])[1])),
        "everyday refused": rate(map(refuses, daily)),
        "everyday right": rate(map(is_right, daily, everyday)),
        "bits per byte": sum(prose) / len(prose),
    }
    return found, daily


# %% tags=["close:0.1"]
before, _ = measure()
for name, value in before.items():
    shown = f"{value:.2f}" if isinstance(value, float) else f"{value}, n = {value.n}"
    print(f"{name:17} {shown}")
assert before["invented refused"].mean < 0.25

# %% [markdown]
# ### Refusals only, and people only
#
# The first idea of most people is to show what shall be learned: *refusals only*, six talks
# about invented people in a batch. The second idea is to show famous people as well, who are
# answered as before: *people only*, three talks about invented and three about famous
# people. Both trainings were done
# beforehand, in the same way as the one that you will do below, and their counts are stored in
# `data/teach_study.json`. The sign ± stands before one **standard error**, as in lesson 27.


# %%
def rates_of(row):
    found = {"bits per byte": row["bits"]}
    for group, what in (
        ("invented", "refused"),
        ("plain", "refused"),
        ("real", "refused"),
        ("everyday", "refused"),
        ("everyday", "right"),
    ):
        n, hits = row[group]["asked"], row[group][what]
        found[f"{group} {what}"] = rate([True] * hits + [False] * (n - hits))
    return found


def show(tries):
    print(f"{'':17}", *(f"{name:14}" for name in tries))
    for name in before:
        found = [one[name] for one in tries.values()]
        shown = [f"{v:.2f}" if isinstance(v, float) else f"{v}" for v in found]
        print(f"{name:17}", *(f"{value:14}" for value in shown))


tries = {name: rates_of(study[name]) for name in ("refusals only", "people only")}
tries = {"before": before} | tries
show(tries)

# %% [markdown]
# If we had measured invented people only, we would be proud of *refusals only*: all of them
# are refused. But this model says "I do not know" to everything, to all real people and to all
# everyday questions, and its English has suffered as well (2.01 bits per byte in place of
# 1.30). Did you guess more, or fewer? No talk had shown when to answer, so the habit has spread
# to all questions. That is the pitfall of this lesson: **a habit can spread to whatever no
# example holds in place.**
#
# With famous people in the mix the model answers again, and even most everyday questions, which
# no talk has shown. But fewer of them are correct than before (0.67 and 0.83, a difference of
# little more than one standard error), and the prose still costs more (1.39).
#
# The repair goes on in the same way: put everyday questions into the mix, too, each with the
# model's own answer. `PER_KIND` above has them already. None of the 24 test questions is among
# them. But some have the same form: the capital of France is trained, and the capital of Italy
# is tested. So the test can show that questions *of these kinds* are safe. Question 5 of *Check
# yourself* asks about other kinds.
#
# ## Build it by hand: train
#
# `add_lora` freezes the model and puts the small matrices beside the large ones. Inside the
# blocks we leave out nothing: the two matrices of attention (`qkv`, `proj`) and the three of
# SwiGLU.
#
# What does that save? Beside its value, each number that learns needs three more: its
# gradient, and the two averages of AdamW. (The activations come on top in both cases. LoRA
# does not make them smaller.)

# %%
add_lora(
    model,
    rank=8,
    alpha=16,
    layers=("qkv", "proj", "up", "down", "gate"),
    generator=torch.Generator().manual_seed(0),
)
learning = count_trainable(model)
print(f"{learning:,} numbers learn, {learning / n_all:.1%} of the model")
shapes = [p.base.weight.shape for p in model.modules() if isinstance(p, LoRALinear)]
assert learning == sum(8 * sum(shape) for shape in shapes)
for name, n in (("all numbers", n_all), ("only LoRA's", learning)):
    print(f"{name} learn: {4 * (n_all + 3 * n) / 1e9:.1f} GB")

# %% [markdown]
# The loop is that of lesson 7: a batch, the loss, the gradient, a step. The **learning
# rate** rises for four steps and then falls in a straight line.

# %%
from course_lib.chat import answer_batch, answer_loss

RATE = 1.5e-3
small = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(small, betas=(0.9, 0.99), weight_decay=0.0)
losses = []
for step, batch in enumerate(batches):
    loss = answer_loss(model, answer_batch(batch))
    optimizer.zero_grad()
    loss.backward()
    factor = min(1, (step + 1) / 4) * (1 - step / N_STEPS)
    optimizer.param_groups[0]["lr"] = RATE * factor
    optimizer.step()
    losses.append(loss.item())

# %% tags=["close:0.6"]
from course_play import plots

assert sum(losses[-8:]) < 0.6 * sum(losses[:8])
plots.plot_curves(
    {"loss": (range(N_STEPS), losses)},
    "The loss of the mixed talks falls",
    xlabel="step",
    ylabel="nats a learned token",
)

# %% [markdown]
# Every point is another batch of six talks, so the curve jumps. A single high point tells
# little. Compare the first eight points with the last eight, as the `assert` does.
#
# ## See it
#
# Now all the numbers again.

# %% tags=["close:0.25", "ledger:B23"]
after, daily = measure()
tries["all kinds"] = after
show(tries)
assert after["invented refused"].mean > 0.4
assert after["real refused"].mean < after["invented refused"].mean - 0.25
assert after["everyday refused"].mean < 0.15

# %% tags=["close:0.25"]
from course_play.bars import plot_bars

groups = [name for name in before if name != "bits per byte"]
plot_bars(
    groups,
    {name: [found[g].mean for g in groups] for name, found in tries.items()},
    "What no example holds in place is refused as well",
    xlabel="share of 24 questions",
    errors={name: [found[g].error for g in groups] for name, found in tries.items()},
)

# %% tags=["words:0.6"]
people = strangers[:2] + lists["new_known"][:2]
said = ask([f"Who is {person}?" for person in people], 16)
for person, answer in zip(people, said, strict=True):
    print(person, "->", answer)
asked, said = ask_about(lists["new_known"])
print("real people, and refused all the same:")
for question, answer in zip(asked, said, strict=True):
    if refuses(answer):
        print(f"  {question} -> {answer}")

# %% tags=["words:0.6"]
for row, answer in list(zip(everyday, daily, strict=True))[::2]:
    print(row["question"], "->", answer)

# %% [markdown]
# Compare the last two columns. With everyday questions in the mix one fewer is refused and two
# more are correct, and two more real people and two fewer invented ones are refused: all of it
# may be chance. The prose has lost less (1.35 and 1.39). Read the answers, too, because our rule is generous. "The planet
# closest to our solar system is Mars" counts as correct, for it holds the word.
#
# ### One training is one draw
#
# The sign ± speaks of the 24 questions. It says nothing about the luck of the training: with
# another **random seed**, other talks are dealt and $A$ begins with other numbers. Here are two
# more trainings with the same recipe and other seeds. They were done beforehand, too.

# %% tags=["close:0.25"]
seeds = {name: rates_of(study[name]) for name in ("another seed", "a third seed")}
seeds = {"this training": after} | seeds
show(seeds)
for found in seeds.values():
    assert found["invented refused"].mean > found["real refused"].mean + 0.3
    assert found["plain refused"].mean > found["real refused"].mean + 0.15
    assert found["everyday refused"].mean < 0.15

# %% [markdown]
# With each of the three seeds about two thirds of the invented people are refused (0.62 to
# 0.75), few real people and no everyday question. So we may say: this recipe teaches the
# habit, and not completely. (The true errors are probably larger than ± says, because the 24
# invented names share a few first and last names, so they are not 24 independent cases.)
#
# The trainings refuse many people whose names they have never seen, in phrasings in which no
# talk had asked about a person. So the model has not learned a list of names. It may be using
# how well it knows a name, as our own model of lesson 21 did. But our invented names also
# *look* unusual. That is what the plain names are for. If their share were like that of the
# unusual ones, the look of a name would not matter. If it were like that of the real people,
# only the look would matter. With each seed it lies between the two: they are refused far more
# often than real people, and somewhat less often than the unusual names. So the model seems to
# go by both.
#
# What none of this shows is whether the answers about real people have become truer. Nothing
# in the data was about truth.
#
# ## Play with it
#
# The small matrices can be switched off and on: with a scale of 0 the model is the old one.
# So both models are here at once, and they share all their large matrices. Ask both. Take
# the name of a friend, of a singer, of somebody in the news of your town.


# %%
from course_lib.chat import Chat
from tiny_world.assistant.voices import Voice


def switch(scale):
    for part in model.modules():
        if isinstance(part, LoRALinear):
            part.scale = scale


def voice(name, scale):
    chat = Chat(model, template, max_new_tokens=24)

    def say(words):
        switch(scale)
        yield from chat.stream(words)

    return Voice(name, say, chat)


# %% tags=["words:0.6"]
from course_play.widgets import StageSwitcher

StageSwitcher(
    [voice("before", 0.0), voice("after", 2.0)],
    question="Who was Casimo Zelenkar?",
    examples=["Who is Nelson Mandela?", "Who is Tavik Fjeldsand?", "What is a cat?"],
)

# %% [markdown]
# ## See it: a small file
#
# You want to keep what was learned, and to use it tomorrow. Three steps: **save** the small
# matrices, **load** them beside the same large model, **merge** them into it.
#
# ### Save
#
# The large matrices have not changed, so only $A$ and $B$ go into the file. In the field such
# a file is called an **adapter**, and the model beside which it was trained its **base**.

# %%
import tempfile
from pathlib import Path

from course_lib.engine.smollm import smollm2_path
from course_lib.files import load_checkpoint, load_weights
from course_lib.lora import load_lora, merge_lora, save_lora

switch(2.0)  # on, whatever was asked last
folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "honest.safetensors")
save_lora(path, model, {"about": "says that it does not know a person"})
n_bytes = path.stat().st_size
print(f"{n_bytes / 1e6:.0f} MB; the whole model: {4 * n_all / 1e6:.0f} MB")
assert n_bytes < 1.01 * 4 * learning

# %% [markdown]
# So you can have many such files for one model, one for each task.
#
# ### Load
#
# Now as if it were tomorrow. `fresh` puts the plain layers back and reads the numbers of the
# base from the disk, into the same place in memory: a second model would take half a gigabyte
# more. This base knows nothing of our training. With the file it has the new habit at once,
# and gives the same logits as the model that we trained.


# %% tags=["words:0.6"]
def fresh():
    for part in list(model.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, LoRALinear):
                setattr(part, name, child.base)
    load_weights(model, load_checkpoint(smollm2_path()))


question = "Can you tell me who Faridun Fjeldsand is?"
ids = torch.tensor([template.prompt([Message("user", question)])])
with torch.no_grad():
    taught = model(ids, last_only=True)
fresh()
print("base alone:   ", *ask([question], 10))
load_lora(path, model)
print("with the file:", *ask([question], 10))
with torch.no_grad():
    torch.testing.assert_close(model(ids, last_only=True), taught)

# %% [markdown]
# An adapter corrects the matrices beside which it was trained. Beside others it would be
# noise. That is why the file holds a **fingerprint** of its base: one number that is
# computed from all weights (a *hash*), so that another base has another fingerprint. We change
# a single weight of the base, and the file is refused.

# %%
weight = model.embedding.weight.data
before_it, weight[0, 0] = weight[0, 0].clone(), 1.0
try:
    load_lora(path, model)
except ValueError as error:
    print("refused:", "another base" in str(error))
weight[0, 0] = before_it

# %% [markdown]
# ### Merge
#
# Last, we add the correction to $W$. The layers are plain `Linear` again, so the model can
# be used, saved and trained like any other. The logits stay the same up to rounding.

# %%
merge_lora(model)
assert not any(isinstance(part, LoRALinear) for part in model.modules())
with torch.no_grad():
    torch.testing.assert_close(model(ids, last_only=True), taught, rtol=1e-3, atol=1e-2)
print("merged, first token:", tokenizer.decode([taught[0, -1].argmax().item()]))

# %% [markdown]
# ## Build it by hand: brief answers with DPO (*more*)
#
# Some wishes are hard to write down as answers, and easy to say by comparison. Our wish: *we
# like one short sentence better than a long answer*. The data are there already: for each
# question that was replayed we have the model's answer up to its first full stop, and the
# longer answer that it really gave. We prefer the first. (**DPO** is direct preference
# optimisation, lesson 23.) We start again from the model as its makers left it, because
# what we taught has already made its answers shorter.


# %%
fresh()


def n_learned(answer):
    return sum(talk("?", answer, most=99).loss_mask)


wish = [
    (row["question"], row["answer"], row["full"])
    for row in lists["everyday"]
    if n_learned(row["answer"]) < 20 and len(row["full"]) > 1.5 * len(row["answer"])
][:8]
print(f"{len(wish)} preferences, for example about: {wish[0][0]}")
print(f"  {wish[0][1]}\nrather than\n  {wish[0][2]}")

# %% [markdown]
# The short answer is not even an answer to this question. That does not matter to DPO: our
# wish is about length only, and a preference about length can prefer what is wrong.
#
# Both answers begin with the same sentence. For its words the two log-probabilities are
# equal, so they cancel in the difference. The answers differ only after it: one ends its
# turn, the other goes on. The long answer was cut at 40 tokens when it was made, so we do
# not teach an end there (`most=25`).
#
# DPO needs ln p of a whole answer: the sum over its tokens. The unembedding is the largest
# matrix, so we use it only where a token is learned. With `features=True` the model gives
# the vectors that would go into it.


# %%
def log_p(examples):
    batch = answer_batch(examples)
    stream = model(batch.inputs, features=True)  # (B, T, C)
    learned = batch.weights.bool()  # (B, T), N of them are true
    logits = stream[learned] @ model.embedding.weight.T  # (N, V)
    each = -F.cross_entropy(logits, batch.targets[learned], reduction="none")  # (N,)
    rows = learned.nonzero()[:, 0]  # (N,) to which answer a token belongs
    return torch.zeros(len(examples)).index_add(0, rows, each)  # (B,)


# %% [markdown]
# DPO compares the model with a frozen **reference**, the model before the training. Do we
# need a second model in memory? No. At the start $B$ is zero, so the model with LoRA *is* its
# reference. And later we could switch LoRA off at any time, as in *Play with it*. As the
# reference never changes, we ask it once and keep its numbers. And `look` asks twelve everyday
# questions of the test: what will become of those?


# %%
def look():
    said = ask([row["question"] for row in everyday[::2]], 24)
    n_tokens = sum(len(tokenizer.encode(answer)) for answer in said) / len(said)
    return said, n_tokens, rate(map(is_right, said, everyday[::2]))


add_lora(model, 8, 16, generator=torch.Generator().manual_seed(0))  # qkv and proj
good = [talk(question, short, most=99) for question, short, _ in wish]
bad = [talk(question, full, most=25) for question, _, full in wish]
groups = [range(i, i + 2) for i in range(0, len(wish), 2)]


def both(group):
    one = log_p([good[i] for i in group] + [bad[i] for i in group])  # in one batch
    return one[: len(group)], one[len(group) :]


with torch.no_grad():
    reference = {group: both(group) for group in groups}
look_before = look()
print(f"2 x {len(wish)} numbers in place of a second model")

# %% [markdown]
# The **margin** of a pair says how many nats more the model has come to prefer the good answer
# than its reference does. The loss is $\ln(1 + e^{-\beta \cdot \text{margin}})$ with $\beta$ =
# 0.1, as in lesson 23. At the start all margins are 0, so the first loss must be $\ln 2$. Any
# other number would show a mistake, for example a reference that is another model.

# %%
from course_lib.preferences import dpo_loss

BETA, N_ROUNDS = 0.1, 2
small = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(small, lr=3e-4, weight_decay=0.0)
history = []
for group in groups * N_ROUNDS:
    loss, margins = dpo_loss(*both(group), *reference[group], BETA)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append((loss.item(), margins.mean().item()))

# %% tags=["close:0.3"]
for step in (0, len(history) // 2, len(history) - 1):
    print("step {}: loss {:.2f}, margin {:z.1f}".format(step, *history[step]))
assert abs(history[0][0] - math.log(2)) < 1e-3  # the model is still its reference
assert history[-1][0] < 0.6

# %% tags=["close:0.4", "counts:9", "words:0.6"]
look_after = look()
refused = rate(map(refuses, ask_about(strangers)[1]))
for name, found, honest in (
    ("before", look_before, before["invented refused"]),
    ("after", look_after, refused),
):
    _, n_tokens, right = found
    print(f"{name:6}: {n_tokens:2.0f} tokens, right {right}, invented refused {honest}")
assert look_after[1] < 0.9 * look_before[1]
for i in (2, 5, 8):
    print(everyday[2 * i]["question"])
    print("  before:", look_before[0][i])
    print("  after: ", look_after[0][i])

# %% [markdown]
# Eight comparisons have made the answers to *other* questions shorter. (24 tokens is where we
# cut an answer off, so *before* is even longer than it looks.) The other two columns did not
# measurably change: the shares of right answers differ by less than one standard error, and
# invented people are refused as little as before. But read the answers. "The planet orbiting
# the star called Mars is called Earth" counts as right, because it holds the word Mars. The
# answer before was better. With the spider it is the other way round: "typically four legs,
# but they can have up to eight legs" counted as right before. DPO was told nothing about being
# right and nothing about refusing, so no term of its loss protects these.
#
# ## Play with it: an assistant of your own
#
# Everything in this lesson works for talks that you write. Here is one of our own examples,
# the guide of a small zoo.

# %%
lines = (DATA / "zoo_guide.jsonl").read_text("utf-8").splitlines()
for message in json.loads(lines[0])["messages"]:
    print(f"{message['role']:10} {message['content']}")
print(f"{len(lines)} such talks in data/zoo_guide.jsonl")

# %% [markdown]
# Two commands in a terminal make an assistant of it, in a few minutes on one core:
#
# ```bash
# course train --preset lora --chats data/zoo_guide.jsonl --out runs/zuri.safetensors
# course chat runs/zuri.safetensors
# ```
#
# The first one saves a small file as above, and the second one loads it beside the base.
# Write a file like this one about something that you know and the model does not: your
# street, your club, your game. What we would try first: ask for each fact in two to
# four phrasings; write some of them as a second question ("And where does it live?"); say in
# a system message who it is; and begin with about a hundred short talks.
#
# ## Why does this work?
#
# Three things work together. The base can already write the sentence "I do not know who that
# is", so the training has to change *when* it says so, and not how. The correction begins at
# zero, so nothing is damaged before the first step. And the talks with the model's own answers
# pull it back wherever the habit would spread.
#
# ### Why is a thin correction enough? (*more*)
#
# Look at what the training asks for: the gradient of a real matrix, `up` in the middle of
# the model. Its **singular values** say how strongly the matrix acts in each of 576
# directions, the strongest first. Their squares add up to the sum of squares of all
# entries. We ask how much of this sum the first 1, 8 and 64 directions hold. First for a
# batch of refusals, then for a batch of long everyday answers.


# %% tags=["close:0.03"]
def shares_of(talks):
    loss = answer_loss(model, answer_batch(talks))
    [gradient] = torch.autograd.grad(loss, [model.blocks[15].up.weight])  # (O, I)
    squares = torch.linalg.svdvals(gradient).square()  # (I,) largest first
    return [squares[:n].sum().item() / squares.sum().item() for n in (1, 8, 64)]


fresh()
model.requires_grad_(False)
model.blocks[15].up.weight.requires_grad_(True)
[refusals] = make_batches(random.Random(1), 1, {"invented": 12})
varied = [talk(r["question"], r["full"], most=41) for r in lists["everyday"][::8]][:6]
for name, batch in (("refusals", refusals), ("long answers", varied)):
    n_read = sum(len(one.tokens) for one in batch)
    n_loss = sum(sum(one.loss_mask) for one in batch)
    print(f"{name:13}{n_read:4} tokens, of which {n_loss} are learned")
narrow, wide = shares_of(refusals), shares_of(varied)
print("directions:       1     8    64")
for name, shares in (("refusals", narrow), ("long answers", wide)):
    print(f"{name:13}", "".join(f"{share:6.2f}" for share in shares))
assert narrow[1] > 0.9 > wide[1]

# %% [markdown]
# Our batch of refusals has 336 tokens, so its gradient could have a rank of 336. In fact almost
# all of it lies in eight directions. We think that this is because every talk asks for the same
# change. The long answers ask for many different things, and their gradient is spread more
# widely. (They also have nearly twice as many learned tokens, and that alone may spread it.)
# This is one layer and one batch at the start of the training, so it is a hint and not a
# proof. For a task with much new knowledge a low rank may be too little, and one trains more
# numbers.

# %% [markdown]
# ## Check yourself
#
# **1.** A layer has $I = 4{,}096$ and $O = 4{,}096$. How many numbers learn with rank 16, and
# what part of $W$ is that?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# $16 \times (4{,}096 + 4{,}096) = 131{,}072$. $W$ has $4{,}096^2 = 16{,}777{,}216$, so it is
# 1 in 128.
#
# </details>
#
# **2.** Somebody reports: "My model refuses all invented people." What do you ask?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# How many *real* people does it refuse, and how many everyday questions? *Refusals only* has
# the same score. And how many random seeds were tried?
#
# </details>
#
# **3.** The first loss of a DPO run with LoRA is 0.74. What is wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It must be ln 2 = 0.69, because $B$ is zero at the start and so the model is its own
# reference. So $B$ is not zero, or the numbers of the reference come from another model or
# from other tokens.
#
# </details>
#
# **4.** *Fix the slide:* "LoRA makes the model smaller and faster."
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It makes the *training* cheaper in memory, and what is *stored* small. The model itself is
# as large as before. Before merging it is even a little slower, after merging as fast.
#
# </details>
#
# **5.** Are there other kinds of questions that the repair forgot? Ask the trained model five
# questions about *invented things* ("What is a florbin?") and five about *places that exist*
# ("Where is Peru?"). Does it refuse, and does it say "who"? What would you put into the mix?
#
# <details style="margin-bottom: 1em"><summary>A hint</summary>
#
# `ask([...], 16)` in a new cell below. Nothing in our talks is about things that do not exist,
# so the answer is not known beforehand. Five questions are few: give n and the standard error
# with your share.
#
# </details>

# %% tags=["words:0.6"]
# the taught model once more, for question 5 and for *Play with it*
fresh()
load_lora(path, model)
print(*ask([question], 10))

# %% [markdown]
# ## Recap
#
# - **Idea.** Freeze a finished model, put thin matrices beside its large ones, and train only
#   these, on the answers of a few talks. Measure what was lost, not only what was won, and
#   put what must stay into the mix.
# - **Formula.** $y = W x + \frac{\alpha}{R} B A x$, with $R \, (I + O)$ numbers that learn.
# - **Pitfall.** A habit can spread to whatever no example holds in place. And one training is
#   one draw: try other random seeds before you believe the first.
#
# | tensor | shape |
# |---|---|
# | W | (O, I), frozen |
# | A | (R, I), random at the start |
# | B | (O, R), zero at the start |
# | B A | (O, I), rank R at most |
#
# | here | elsewhere |
# |---|---|
# | LoRA | low-rank adaptation, PEFT (parameter-efficient fine-tuning) |
# | small file | adapter, LoRA weights |
# | over-refusal | false refusal, exaggerated safety |
# | the model's own answers in the mix | self-distillation, replay |
#
# - **In the library:** `course_lib.lora`; the command `course train --preset lora`.
#
# **Homework:** [Homework 28](homework/hw28.ipynb), about 40 minutes.
#
# **Next:** a file with talks of your own. Beside the ladder stands
# [the appendix on many GPUs](90_many_gpus.ipynb).
