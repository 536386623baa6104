# %% [markdown]
# # 19. A base model
#
# **What is a model that has only read?**
#
# A GPT that was trained to predict the next token of a large text, and nothing else, is
# called a **base model** (elsewhere: pre-trained model, foundation model). Every chat
# model of today began as one. This lesson asks what such a model is, before anybody has
# taught it to answer: what it writes, what it knows, what it copies, what it believes
# when you tell it something, and why it does not answer you.
#
# - **You will** let the model write documents and count them; type a **copy meter**;
#   measure how well a fact is known against how often it was read; set what it
#   remembers against what you tell it; and teach it a task with one example, without
#   any training.
# - **You need** lessons 9 (Tiny World and its floor), 14 (the GPT) and 16 (training).
# - **Time** 60 minutes for the core. The part marked *more*, on the weights of GPT-2,
#   takes another 15 minutes.
# - **Back** [18. Context length](18_context_length.ipynb) ·
#   **Next** [20. From completer to assistant](20_assistant.ipynb)

# %%
import copy
import random
from math import sqrt
from statistics import mean, stdev

import torch

import tiny_world as world
from course_lib import functional, gpt
from course_lib.copies import CopyMeter
from course_lib.generate import generate
from course_play import plots
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, ORANGE, Node, plot_flow, plot_graph
from course_play.widgets import Predict, PromptBox

torch.set_printoptions(precision=4, sci_mode=False)
base = world.load_base()  # trained on Tiny World, and on nothing else
tiny = world.World(seed=0)
END = world.encode([world.EOT])[0]  # the id of <eot>, which stands before each document
print(f"{sum(p.numel() for p in base.parameters()):,} parameters")

# %% [markdown]
# Our base model has read 2,200 batches of 8 rows of 128 words of Tiny World. The text
# never repeated: every document was read once. (In this lesson one word is one token.)
#
# ## Predict first
#
# Some people of Tiny World are famous. The model has read hundreds of times where they
# were born and what they like. Now you tell it something **false** about one of them,
# and then you ask about it.


# %%
def next_words(prompts):  # a list of B texts -> probabilities of the next word (B, V)
    rows = [torch.tensor(world.encode(prompt.split())) for prompt in prompts]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)  # (B, longest)
    last = torch.tensor([len(row) - 1 for row in rows])  # (B,)
    with torch.no_grad():
        logits = base(ids)[torch.arange(len(rows)), last]  # (B, T, V) -> (B, V)
    return logits.softmax(-1)


def best_words(prompts):  # the likeliest next word of each text
    return world.decode(next_words(prompts).argmax(-1).tolist())


# %%
def tell(person, relation, value):
    return world.statement(person, relation, value)


def ask(person, relation):
    return f"Question : {world.question(person, relation)} Answer :"


# %%
draw = random.Random(0)
known = [(p, r) for p in tiny.famous[:40] for r in world.RELATIONS]  # 160 facts
truth = [tiny.facts(p)[r] for p, r in known]
false = [
    draw.choice([v for v in world.FACT_VALUES[r] if v != true])
    for (_, r), true in zip(known, truth, strict=True)
]
told = [
    f"<eot> {tell(p, r, v)} {ask(p, r)}" for (p, r), v in zip(known, false, strict=True)
]
print(told[2])
print("the truth:", truth[2])

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
believed = best_words(told)
follows = 100 * mean(a == b for a, b in zip(believed, false, strict=True))
Predict(
    "In how many of 100 such cases does the model give the false answer that it was "
    "just told, against what it has learned?",
    round(follows),
    unit="%",
    because="It has learned how a text goes on, not what is true. In the text that it "
    "has read, what was said before in the same document was always right.",
)

# %% [markdown]
# We come back to this under *Why does this work?*
#
# ## Build it by hand
#
# ### 1. Let it write
#
# Start with nothing but `<eot>`. Ask for the next word, draw it by its probability,
# append it, and ask again. Stop when the model draws `<eot>` itself: that is the end of
# the document.


# %% tags=["ledger:B17"]
@torch.no_grad()
def simulate(generator):
    ids = [END]
    while len(ids) < 100:
        p = base(torch.tensor([ids]))[0, -1].softmax(-1)  # (V,)
        ids.append(torch.multinomial(p, 1, generator=generator).item())
        if ids[-1] == END:
            break
    return world.decode(ids[1:])


# %% tags=["ledger:B17", "words:0.7"]
generator = torch.Generator().manual_seed(4)
for _ in range(3):
    print(world.render(simulate(generator)), "\n")

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("text so far", "begins with <eot>"),
        ("base model", "reads it"),
        ("probabilities", "(V,)"),
        ("one word", "drawn by them"),
    ],
    "A base model writes a document: predict, draw, append, again",
    arrows=["ids", "softmax", "draw"],
    colors=[BLUE, GREEN, GREEN, ORANGE],
)

# %% [markdown]
# Nobody wrote these documents. They only look as if they came from Tiny World. But do
# the different kinds also come as *often* as in Tiny World? There, 30 of 100 documents
# are stories, which begin with "Once", and so on. We need no counting of samples: one
# look at the probabilities of the first word is enough.

# %% tags=["ledger:B17", "close"]
opening = next_words(["<eot>"])[0]  # (V,)
for word, kind in {"Once": "story", "Question": "quiz", "List": "list"}.items():
    p = opening[world.encode([word])[0]].item()
    print(f"{word:8} model {p:.3f}, Tiny World {world.KINDS[kind] / 100:.3f}")
    assert abs(p - world.KINDS[kind] / 100) < 0.03

# %% [markdown]
# So a base model does not look for a *good* continuation. It gives every continuation
# its share (not exactly, because it has had only 2,200 steps). It is a **simulator** of
# the text that it was trained on. And this is not an accident: the cross-entropy is
# lowest exactly when the probabilities are those of the text (lesson 9).
#
# > **For children (and for the rest of us).** A parrot has sat for years in a room
# > where people tell stories. It has learned how stories go on. Say "Once there was",
# > and it tells one. Ask it a question, and it may well ask the next question: that is
# > what it has heard people do. It does not know that *you* want to know something.
#
# ### 2. What it knows
#
# Does the model know facts? Famous people of Tiny World always have the same four
# facts, but some of these people are named much more often than others. First, how
# often was each person read about? We count in 4,000 documents and scale up to all that
# the model has read.

# %%
documents = [tiny.document(i) for i in range(4000)]
texts = [f" {' '.join(one.words)} " for one in documents]
n_read = 2200 * 8 * 128  # batches, rows, words
scale = n_read / sum(one.n_words for one in documents)
times = [scale * sum(f" {p.name} " in text for text in texts) for p in tiny.famous]
print(f"{n_read:,} words read, {scale:.1f} times as many as in these documents")
for rank in (0, 10, 100):
    print(f"{tiny.famous[rank].name:16} in about {times[rank]:5.0f} documents")

# %% [markdown]
# Then we ask for the facts as the text would tell them, for example
# "Galora Pebble was born in", and look at the likeliest next word. We do this for eight
# groups of 15 famous people, and for people who were never named.


# %%
def recall(people):  # share of right facts, its standard error, mean entropy in nats
    pairs = [(p, r) for p in people for r in world.RELATIONS]
    # "Galora Pebble was born in", without the answer
    prompts = [f"<eot> {tell(p, r, 'X').split(' X')[0]}" for p, r in pairs]
    p_next = next_words(prompts)  # (B, V)
    best = world.decode(p_next.argmax(-1).tolist())
    right = mean(b == tiny.facts(p)[r] for b, (p, r) in zip(best, pairs, strict=True))
    error = sqrt(right * (1 - right) / len(pairs))
    return right, error, functional.entropy(p_next).mean().item()


# %% tags=["close"]
groups = {
    f"in {mean(times[i : i + 15]):,.0f} documents": recall(tiny.famous[i : i + 15])
    for i in range(0, 120, 15)
}
groups["never"] = recall(tiny.held_out)
for name, (right, error, doubt) in groups.items():
    print(f"{name:18} {right:.2f} +- {error:.2f} right, entropy {doubt:.2f}")

# %% tags=["close:0.04"]
chance = mean(1 / len(values) for values in world.FACT_VALUES.values())
plot_bars(
    list(groups),
    {"facts recalled": [right for right, _, _ in groups.values()]},
    "Read often: known by heart. Read seldom: known in part",
    xlabel="share of facts recalled (with standard errors)",
    errors={"facts recalled": [error for _, error, _ in groups.values()]},
    lines={"blind guess": chance},
)

# %%
best, worst = groups[next(iter(groups))], groups["never"]
even = torch.tensor([len(v) for v in world.FACT_VALUES.values()]).log().mean()
print(f"entropy of a blind guess {even:.2f}")
print(f"all of 60 right, with a true share of 0.95: probability {0.95**60:.3f}")
assert best[0] > 0.95
assert abs(worst[0] - chance) < 4 * worst[1]
assert abs(worst[2] - even) < 0.2

# %% [markdown]
# This is memory in the weights (elsewhere: parametric knowledge). It is sharp for
# people who were named in about 200 documents or more, and vague for those who were named
# in fewer than 100 (one document tells only some of the four facts). For people who were
# never named it is no better than a blind guess.
#
# (Where all 60 answers are right, the formula for the standard error gives 0. That is
# not certainty. With a true share of 0.95, all 60 are right about once in 20 times.)
#
# Look at the entropies. For a stranger, the *probabilities* are as even as those of a
# blind guess. In this sense the model "knows" that it does not know. But the *text*
# that it writes does not show it: it draws a town and writes it down, in the same form
# as a fact. Lesson 21 is about this.
#
# ### 3. A copy meter
#
# Does the model make up its documents, or does it recite documents that it has read?
# Reciting training text word for word is called **memorization** or **regurgitation**.
# We measure it: **how long is the longest piece of a text that stands word for word in
# the training text?**
#
# Follow one example. The training text is "Once there was a shy cow. It said moo.", and
# the model has written "there was a shy cow. It said baa." We go through the new text
# word by word and ask: how long is the longest known piece that *ends here*?


# %%
def runs(words, known):  # known: one long string with spaces around every word
    lengths, start = [], 0
    for end in range(1, len(words) + 1):
        # a piece that is not known has no known longer piece: drop words at the left
        while start < end and f" {' '.join(words[start:end])} " not in known:
            start += 1
        lengths.append(end - start)
    return lengths


training = " Once there was a shy cow . It said moo . "
said = world.split_words("there was a shy cow. It said baa.")
for word, length in zip(said, runs(said, training), strict=True):
    print(f"{word:6}{length}")
assert max(runs(said, training)) == 8

# %% [markdown]
# The count rises to 8, then "baa" breaks it. The full stop after it is known again, as
# a piece of one word. The largest number is the result: 8 words.
#
# Now give the meter all that the model has read, and let the model write 30 documents.
# One thing must not be forgotten: two texts by one author always share some pieces. So
# we need two **yardsticks** (elsewhere: baselines, controls). How much does a *new*
# document share, which Tiny World wrote itself and which the model has not read? And
# what would somebody get who only recites? For that we take 30 documents that the model
# *has* read.

# %%
n_rows, length = 2200 * 8, 129  # the same rows, each with one word more: a last target
read = world.token_rows(tiny, "train", 0, n_rows, length).tokens.flatten()
training = f" {' '.join(world.decode(read.tolist()))} "
fresh = [tiny.document(i, "val").words[:-1] for i in range(30)]
# row i begins with document number `length` * i; 30 of 17,600 rows: each 586th
old = [tiny.document(length * 586 * i).words[:-1] for i in range(30)]
print(f"{len(read):,} words of training text")

# %% tags=["ledger:B18", "close:1.5"]
written = generate(
    base, [[END]] * 30, max_new_tokens=90, stop_tokens=[END], seeds=0, temperature=1.0
)
copied = [max(runs(world.decode(one), training)) for one in written]
shared = [max(runs(one, training)) for one in fresh]
whole = [max(runs(one, training)) for one in old]
print("longest piece, on average:")
for name, longest in {"the model": copied, "new": shared, "has read": whole}.items():
    error = stdev(longest) / sqrt(len(longest))
    print(f"{name:10}{mean(longest):5.1f} +- {error:.1f} words")
assert mean(copied) < mean(shared) + 3 < mean(whole)
assert whole == [len(one) for one in old]  # each of these is found from start to end

# %% [markdown]
# (After `+-` stands the standard error of the mean.) The model's documents share about as
# long pieces with the training text as new documents of the same author do, and far
# shorter ones than a reciter would. So it does not
# recite. (The library's `CopyMeter` computes the same numbers, see below.)
#
# ### 4. What is read often is recited
#
# The base model has read every document once. What if some documents stand in the
# training text many times, as famous poems and licences do on the web? Take 40
# documents that it has read. A copy of the model reads them again and again. After some
# readings we give it the first four words of each document: does it write the rest,
# word for word to the end? (So no two of the documents may begin with the same four
# words.)

# %%
first = [tiny.document(length * i) for i in range(240)]  # it has read all of these
short = {tuple(d.words[:4]): d for d in first if d.n_words < 36}
short = list(short.values())[:40]  # each begins in its own way
ids = [torch.tensor([END, *world.encode(one.words)]) for one in short]
rows = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=-100)
inputs, targets = rows[:, :-1].clamp_min(END), rows[:, 1:]  # (40, T) each
print("inputs", tuple(inputs.shape), "of", len(short), "documents")


# %%
def recited(model):  # how many of the 40 are written to the end, word for word
    begun = [one[:5].tolist() for one in ids]
    ends = generate(model, begun, max_new_tokens=40, stop_tokens=[END], temperature=0)
    return sum(one[5:-1].tolist() == end for one, end in zip(ids, ends, strict=True))


# %% [markdown]
# (The filling is -100. In the targets this is the number that `F.cross_entropy` leaves out.
# In the inputs it becomes `<eot>`, and nothing before it can see it.)


# %%
def read_again(rate):  # further readings -> how many of the 40 are recited
    reciter, seen = copy.deepcopy(base), {0: recited(base)}
    optimizer = torch.optim.AdamW(reciter.parameters(), lr=rate, weight_decay=0.0)
    for reading in range(1, 33):
        logits = reciter(inputs).flatten(0, 1)  # (40 * T, V)
        loss = torch.nn.functional.cross_entropy(logits, targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if reading in (1, 4, 8, 12, 16, 24, 32):
            seen[reading] = recited(reciter)
    return seen


# %% tags=["ledger:B18", "counts:6"]
by_rate = {rate: read_again(rate) for rate in (0.003, 0.001)}
for rate, seen in by_rate.items():
    print(f"learning rate {rate}: {seen}")
seen, slow = by_rate.values()
assert seen[1] <= 2
assert seen[24] >= 33
assert slow[12] < seen[12]

# %% tags=["close:6"]
plots.plot_curves(
    {f"rate {rate}": (list(c), list(c.values())) for rate, c in by_rate.items()},
    "Read once more: hardly any by heart. Over and over: nearly all",
    xlabel="further readings of the same 40 documents",
    ylabel="documents recited, of 40",
)

# %% [markdown]
# It is the same network and the same kind of text. What is read once leaves habits.
# What is read many times is known by heart. *How* many times depends on the size of the
# steps, as the two curves show, and on what else is read in between. (Here nothing else
# is read.) Real models also recite what they have read often, and this is one reason
# why their makers remove duplicates from the training text (**deduplication**).
#
# ## Compare with torch
#
# The library's meter works on token ids and gives the same numbers.

# %%
meter = CopyMeter(read.tolist())
for words in fresh[:10]:
    assert meter.runs(world.encode(words)) == runs(words, training)
print("by hand = CopyMeter, for", sum(map(len, fresh[:10])), "words")

# %% [markdown]
# ### The weights of GPT-2 *(more)*
#
# A base model is a file of numbers with names. The most famous one is GPT-2 of 2019,
# and its file has the layout of Hugging Face's `transformers`. Your GPT of lesson 14 is
# nearly the same network: GPT-2's head is tied, and its GELU is the form with tanh
# (lesson 13). The library's `GPT` has switches for both. Then only two things differ:
# the parts have other names, and four matrices of each block are stored transposed,
# because GPT-2's layer `Conv1D` computes $xW$ where torch's `Linear` computes $xW^T$.

# %%
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save_file

from course_lib.engine.downloads import CORPORA, FETCHED
from course_lib.engine.gpt2_layout import config_to_gpt2
from course_lib.engine.huggingface import load_gpt2
from course_lib.engine.ranks import pretrained_encoding

# %%
THEIRS = {  # our name -> the name in GPT-2's file
    "embedding": "wte",  # word token embedding
    "position_embedding": "wpe",
    "norm_1": "ln_1",
    "attention.qkv": "attn.c_attn",
    "attention.proj": "attn.c_proj",
    "norm_2": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
    "norm": "ln_f",
}
CONV1D = ("qkv.weight", "proj.weight", "up.weight", "down.weight")


# %%
def their_name(name):  # blocks.0.up.weight -> h.0.mlp.c_fc.weight
    path, kind = name.rsplit(".", 1)  # kind: weight or bias
    if not path.startswith("blocks."):
        return f"{THEIRS[path]}.{kind}"
    _, layer, part = path.split(".", 2)
    return f"h.{layer}.{THEIRS[part]}.{kind}"


print(their_name("blocks.0.up.weight"), their_name("norm.bias"))

# %% [markdown]
# We write a tiny GPT with random weights into a file in GPT-2's layout, and let the
# library read it as it would read the real GPT-2. If the map is right, the logits
# agree.

# %%
config = replace(
    gpt.gpt2_config(), vocab_size=50, context_size=16, emb_dim=12, n_heads=3, n_layers=2
)
mine = gpt.GPT(config)
generator = torch.Generator().manual_seed(0)
for weight in mine.parameters():
    torch.nn.init.normal_(weight, std=0.3, generator=generator)


# %%
def as_gpt2_file(turned):  # which matrices are stored transposed?
    file = {}
    for name, weight in mine.state_dict().items():
        weight = weight.T if name.endswith(turned) else weight
        file[their_name(name)] = weight.contiguous()
    return file


# %%
def read_by_library(file):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config_to_gpt2(config)))
        save_file(file, Path(folder, "model.safetensors"))
        return load_gpt2(Path(folder))


# %%
tokens = torch.arange(16)[None]  # (1, 16)
with torch.no_grad():
    logits = mine(tokens)
    same = read_by_library(as_gpt2_file(CONV1D))(tokens)
    careless = [part for part in CONV1D if part != "proj.weight"]
    other = read_by_library(as_gpt2_file(tuple(careless)))(tokens)
torch.testing.assert_close(same, logits)
gap = (other - logits).abs().max().item()
print(f"{len(mine.state_dict())} weights under GPT-2's names: the logits agree")
print("attn.c_proj not transposed: no error, other logits:", gap > 0.1)
assert gap > 0.1

# %% [markdown]
# The second line is a trap worth knowing. `attn.c_proj` is square, so its shape fits
# both ways. If you forget to transpose it, nothing complains, and the model writes
# nonsense. So a conversion is finished only when logits have been compared.
#
# If somebody has fetched the real file (`course data fetch gpt2-small r50k_base`, half
# a gigabyte), then `print(gpt2_says("Once upon a time there was a"))` lets GPT-2 speak.
# Lesson 26 opens another real model, which comes with the course.


# %%
def gpt2_says(prompt, n=12):
    model = load_gpt2(FETCHED / CORPORA["gpt2-small"].file_name)
    bpe = pretrained_encoding("gpt2")
    ids = bpe.encode(prompt)
    [new] = generate(model, [ids], max_new_tokens=n, temperature=0)
    return bpe.decode(ids + new)


# %% [markdown]
# ## Play with it
#
# Python answers from the live model. Type a beginning, and press Enter. Below each word
# stands its surprise in nats.
#
# - **Begin a famous biography.** Then raise the temperature to 1 and press "Other
#   dice". Which words change, and how large was their surprise?
# - **Mark copies.** Which piece has it read? Is it longer than in a new text (see the
#   yardsticks of step 3)?
# - **Ask a question,** such as `Question: Where was Kirola Button born?` Nobody in Tiny
#   World has this name. Does the model answer all the same, or does it go on with
#   another question?

# %% tags=["close"]
star = tiny.famous[0]
beginnings = [
    f"{star.name} was born in",
    "Once there was a shy",
    f"Question: {world.render(world.question(star, 'food').split())} Answer:",
]
PromptBox(
    base,
    world.WorldTokenizer(),
    read.tolist(),
    prompt=beginnings[0],
    fresh=mean(shared),
    examples=beginnings,
)

# %% [markdown]
# ## Why does this work?
#
# ### Context beats memory
#
# Back to the false facts. A fact can be in two places: in the weights, as **memory**,
# or in the prompt, as **context**.

# %% tags=["hide-input"]
# drawing only
plot_graph(
    {
        "text": Node("training text", "read long ago"),
        "weights": Node("weights", "memory", color=BLUE),
        "prompt": Node("prompt", "told now"),
        "keys": Node("keys, values", "context", color=GREEN),
        "next": Node("next word", "which one wins?", color=ORANGE),
    },
    [("text", "weights"), ("prompt", "keys"), ("weights", "next"), ("keys", "next")],
    "A fact can reach the next word in two ways",
)

# %% [markdown]
# We let them work alone, together, and against each other. "Right" means the true fact;
# in the second row it is the one that the prompt contradicts.

# %%
strangers = [(p, r) for p in tiny.held_out[:40] for r in world.RELATIONS]
facts = [tiny.facts(p)[r] for p, r in strangers]
retold = [
    f"<eot> {tell(p, r, v)} {ask(p, r)}"
    for (p, r), v in zip(strangers, facts, strict=True)
]

# %% tags=["counts:2"]
table = {
    "famous, memory only": ([f"<eot> {ask(p, r)}" for p, r in known], truth),
    "famous, told a false fact": (told, truth),
    "never named, memory only": ([f"<eot> {ask(p, r)}" for p, r in strangers], facts),
    "never named, told the fact": (retold, facts),
}
for name, (prompts, answers) in table.items():
    n = sum(a == b for a, b in zip(best_words(prompts), answers, strict=True))
    print(f"{name:28} {n:3} of {len(answers)} right")
n_false = sum(a == b for a, b in zip(believed, false, strict=True))
print(f"after a false fact, {n_false} of {len(false)} answers are that false fact")
assert n_false > 150
assert n > 150  # of the last row

# %% [markdown]
# The context wins, even when it is false. Why? Most likely because in the training text
# it is never false. (To prove it we would have to train on another text.) After *X
# likes soup*, a question about X was always answered with *soup*. Besides, many people
# appear only once, with facts that nobody can remember. So looking back (the copying
# heads of lesson 15) helps more than remembering. The model has learned *how the text
# goes on*. It has not learned what is true.
#
# Does the context always win? Change the order: first the question, then the false
# fact, and then "Answer :". And tell two facts, a true one and a false one. The
# training text has neither of these.

# %% tags=["counts:8"]
forms = {"question first": [], "true, then false": [], "false, then true": []}
for (p, r), t, f in zip(known, truth, false, strict=True):
    question = ask(p, r).removesuffix(" Answer :")
    forms["question first"].append(f"<eot> {question} {tell(p, r, f)} Answer :")
    both = f"{tell(p, r, t)} {tell(p, r, f)}", f"{tell(p, r, f)} {tell(p, r, t)}"
    forms["true, then false"].append(f"<eot> {both[0]} {ask(p, r)}")
    forms["false, then true"].append(f"<eot> {both[1]} {ask(p, r)}")
for name, prompts in forms.items():
    said = best_words(prompts)
    n_true = sum(a == b for a, b in zip(said, truth, strict=True))
    n_false = sum(a == b for a, b in zip(said, false, strict=True))
    pairs = zip(said, known, strict=True)
    n_other = sum(a in world.FACT_VALUES[r] for a, (_, r) in pairs) - n_true - n_false
    print(f"{name:17} {n_true:3} true, {n_false:3} false,", end=" ")
    print(f"{n_other:3} other facts of the right kind")
    assert name == "question first" or n_true > n_false

# %% [markdown]
# So "context beats memory" holds for the form that the model has read many times, and
# not in general. What the model does with a new form, only a measurement can tell. When
# the question comes first, many answers are neither the true nor the false fact, but
# still of the right kind, for example a third colour. When both facts are told, the true
# one wins more often in both orders: what the model remembers has a say again. With real
# models the result is not so clear either, and lesson 27 measures it.
#
# ### One example is enough
#
# A list of Tiny World names people, and all its values are of one kind: all towns, or
# all foods. Which of the four kinds it is, the list does not say. Show no, one or two
# examples before you ask. To give examples in the prompt is called **few-shot
# prompting** (no example: **zero-shot**), and what the model does is called
# **in-context learning**.


# %% tags=["ledger:B19"]
def list_prompt(n_examples, draw):  # a prompt, and the right next word
    relation = draw.choice(world.RELATIONS)
    *shown, last = draw.sample(tiny.famous[:40], n_examples + 1)
    examples = [f"{p.name} - {tiny.facts(p)[relation]} ; " for p in shown]
    prompt = f"<eot> List : {''.join(examples)}{last.name} -"
    return prompt, tiny.facts(last)[relation]


print("{} ... right: {}".format(*list_prompt(1, random.Random(0))))

# %% tags=["ledger:B19", "close:0.05"]
shots, draw = {}, random.Random(1)
for n_examples in (0, 1, 2):
    cases = [list_prompt(n_examples, draw) for _ in range(200)]
    prompts, answers = zip(*cases, strict=True)
    shots[n_examples] = mean(
        a == b for a, b in zip(best_words(prompts), answers, strict=True)
    )
plot_bars(
    [f"{n} examples" for n in shots],
    {"right": list(shots.values())},
    "One example tells the model which kind of list it is",
    xlabel="share of right answers (with standard errors)",
    errors={"right": [sqrt(p * (1 - p) / 200) for p in shots.values()]},
)

# %%
assert shots[0] < 0.5
assert shots[1] > 0.9

# %% [markdown]
# No weight has changed. Without an example the model must guess which of four kinds of
# fact is meant, and is right about one time in four. One example settles it. To predict the next word well, the model had to
# learn to find out, *while it reads*, what kind of text this is.
#
# ### A completer, not an assistant
#
# Now the same with questions. After a question, will the model answer? We look at the
# probability of the word "Answer" and of the word "Question".

# %% tags=["ledger:C43", "ledger:B19", "close"]
draw = random.Random(2)
for n_examples in (0, 1, 2):
    prompts = []
    for _ in range(100):
        *shown, last = draw.sample(known, n_examples + 1)
        before = [f"{ask(p, r)} {tiny.facts(p)[r]} ." for p, r in shown]
        question = ask(*last).removesuffix(" Answer :")
        prompts.append(" ".join(["<eot>", *before, question]))
    p_next = next_words(prompts).mean(0)  # (B, V) -> (V,)
    answer, again = (p_next[world.encode([w])[0]] for w in ("Answer", "Question"))
    print(f"{n_examples} answered questions before: ", end="")
    print(f"p(Answer) {answer:.2f}, p(Question) {again:.2f}")
    assert answer < 0.7 if n_examples == 0 else answer > 0.95

# %% [markdown]
# After a lone question another question is about as likely as an answer, because many
# quizzes of Tiny World are bare lists of questions. So a base model is a **completer**.
# But after one answered question it goes on answering: it can *play* an assistant, if
# the prompt looks like a text in which questions are answered. Before there were chat
# models, people used base models exactly like this. Lesson 20 turns it into a habit.
#
# ## Check yourself
#
# ### Fix the slide
#
# A slide says: *"GPT-2 was trained on 100 billion tokens. Today's best models have 500
# to 700 billion parameters, DeepSeek-R1 has 670. Gemini puts out 64 thousand tokens:
# insane scaling."* What is computed, what is published, and what is only reported? All
# dated facts of this lesson stand in this one table. It was written in **November
# 2026** from the makers' own reports; such numbers age.

# %% tags=["ledger:B15", "ledger:B16", "ledger:C45"]
FACTS = {  # parameters, parameters at work for one token, tokens read
    "GPT-3 (2020)": (175e9, 175e9, 300e9),
    "DeepSeek-V3 (2024)": (671e9, 37e9, 14.8e12),  # R1 is built on it
    "Kimi K2 (2025)": (1.04e12, 32e9, 15.5e12),
    "our base model": (gpt.count_parameters(base.config),) * 2 + (n_read,),
}
for name, (n, active, seen_tokens) in FACTS.items():
    flop = 6 * active * seen_tokens  # 6 N of lesson 16, without attention
    print(f"{name:26} {n:8.2e} parameters, {seen_tokens:8.2e} tokens, {flop:.0e} FLOP")
n, active, _ = FACTS["DeepSeek-V3 (2024)"]
xl = gpt.count_parameters(gpt.gpt2_config("xl"))
print(f"GPT-2 xl (2019): {xl:.2e} parameters; tokens: not published")
print(f"active in DeepSeek for one token: {active / n:.1%}")
print(f"100e9 tokens of 4 bytes are {100e9 * 4 / 40e9:.0f} times 40 GB")
assert active / n < 0.06

# %% [markdown]
# Which of the three claims may stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# None may stay as it is.
#
# - "100 billion tokens" is somebody's estimate. GPT-2's paper says 40 GB of text from 8
#   million web pages, and no number of tokens. With about 4 bytes for a token, the
#   estimate would mean ten readings of that text.
# - "500 to 700 billion" is a guess, because the makers of most of the best models do
#   not publish it. "670" is 671 billion, of one model whose makers did, and Kimi K2,
#   also published, has about 1,000 billion. Both are **mixtures of experts**: for one
#   token only 37 or 32 billion parameters are at work. So a token costs what it costs
#   in a much smaller model. (DeepSeek-R1 is DeepSeek-V3 with more training.)
# - 64 thousand output tokens is a limit of *length*. It says nothing about the size of
#   Gemini, which was never published.
#
# A lecture left another question open: how is pre-training done *at scale*? It is the
# loop of lesson 16, with more parameters, more tokens and more machines. The last
# column says how much more.
#
# </details>
#
# ### Questions
#
# **1.** The base model says in a fluent sentence where a person was born, and no
# document has ever named this person. Is it broken?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. It simulates a text, and in that text such a sentence ends with a town. Each town
# gets its share, and one is drawn. In the text that it has read, nobody ever said "I do
# not know".
#
# </details>
#
# **2.** A text by a model shares 12 words in a row with the training text. Has it
# copied?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# You cannot say without the yardstick. In Tiny World a new text shares pieces of such a
# length. In a novel it would be remarkable.
#
# </details>
#
# **3.** In `runs`, why is it enough to move `start` to the right, and never back?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# If a piece is not in the training text, then no longer piece that contains it can be
# there either. So when one more word is added at the end, the start of the longest
# known piece can stay or move right.
#
# </details>
#
# **4.** Your base model writes three documents that all begin with "Once". Your friend
# says that it has forgotten the other kinds. What do you check?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The probabilities of the first word, as in step 1. With a share of 0.3, three stories
# in a row have a probability of 0.3 cubed, about 1 in 37: rare, but no proof.
#
# </details>
#
# **5.** *More.* Show the list prompts with *wrong* examples: towns of other people. Is
# one example still enough to settle the kind? Guess, then count.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Change `tiny.facts(p)` in `list_prompt` to the facts of another person, for example of
# `tiny.famous[50]`, and count. With one example nearly all answers stay right. So the
# example has told the model only *which kind* of list it is, and the answer itself came
# from memory.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A base model simulates its training text: it gives each continuation its
#   share. What it read often it knows by heart; what it is told in a familiar form
#   wins against what it remembers; and examples in the prompt tell it what to do.
# - **Formula.** None is new: $p(\text{next word} \mid \text{context})$, again and
#   again.
# - **Pitfall.** Fluent is not true, and shared is not copied: measure both against a
#   yardstick. And a square matrix can be transposed by mistake without any error.
# - **In the library:** `course_lib.copies.CopyMeter`, `course_lib.generate`,
#   `course_lib.engine.huggingface` (GPT-2's layout).
#
# | what | shape |
# |---|---|
# | prompts, padded at the right | $(B, T)$ |
# | probabilities of the next word | $(B, V)$ |
# | run lengths of a text | one number for each word |
#
# | here | elsewhere |
# |---|---|
# | base model | pre-trained model, foundation model |
# | memory in the weights | parametric knowledge |
# | reciting | memorization, regurgitation |
# | examples in the prompt | few-shot prompting, in-context learning |
# | yardstick | baseline, control |
#
# **Homework:** [Homework 19](homework/hw19.ipynb), about 105 minutes, of which the
# core takes 65. A badge under each check says at once whether your answer is correct.
#
# **Next:** the completer becomes an assistant.
# [20. From completer to assistant](20_assistant.ipynb)
