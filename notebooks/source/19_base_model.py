# %% [markdown]
# # 19. A base model
#
# **What is a model that has only read?**
#
# Lesson 16 trained a GPT to predict the next word of Tiny World, and nothing else. Such
# a model is called a **base model**: a simulator of its training text. In this lesson
# you find out what that makes of it: what it knows, what it copies, what it believes,
# and why it does not answer you.
#
# - **You will** let it simulate; build a copy meter; map the weights of a GPT-2 into
#   your own model; set memory against context; and teach it a task by one example.
# - **You need** lessons 9, 14 and 16.
# - **Time** 45 minutes.
# - **Back** [18. Context length](18_context_length.ipynb) · **Next**
#   [20. From completer to assistant](20_assistant.ipynb)

# %%
import copy
import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import mean

import torch
from safetensors.torch import save_file

import tiny_world as world
from course_lib import copies, functional, gpt
from course_lib.engine.downloads import CORPORA, FETCHED
from course_lib.engine.gpt2_layout import config_to_gpt2
from course_lib.engine.huggingface import load_gpt2
from course_lib.engine.ranks import pretrained_encoding
from course_lib.generate import generate
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import PromptBox

torch.set_printoptions(precision=4, sci_mode=False)
base = world.load_base()  # trained as in lesson 16, only longer
tiny = world.World(seed=0)
END = world.encode([world.EOT])[0]  # the end mark: between documents, and at the start
print(f"{sum(p.numel() for p in base.parameters()):,} parameters")

# %% [markdown]
# ## Predict first
#
# The model has read that famous people of Tiny World were born here, like this, wear
# that. Now you tell it something **false** about somebody it knows well, and then you
# ask: *X likes soup. Question: What food does X like? Answer:* **In how many of 100
# cases does it give the false answer, against what it has learned?**

# %%
my_guess = None


# %%
def next_words(prompts):
    """The distribution of the next word after each prompt: (B, V)."""
    rows = [world.encode(prompt.split()) for prompt in prompts]
    longest = max(len(row) for row in rows)
    tokens = torch.tensor([row + [END] * (longest - len(row)) for row in rows])
    with torch.no_grad():
        logits = base(tokens)
    return logits[torch.arange(len(rows)), [len(row) - 1 for row in rows]].softmax(-1)


def best_words(prompts):
    return world.decode(next_words(prompts).argmax(-1).tolist())


def asked(person, relation):
    return f"Question : {world.question(person, relation)} Answer :"


# %%
dice = random.Random(0)
known_pairs = [(p, r) for p in tiny.famous[:40] for r in world.RELATIONS]
truth = [tiny.facts(p)[r] for p, r in known_pairs]
false = [
    dice.choice([v for v in world.FACT_VALUES[r] if v != tiny.facts(p)[r]])
    for p, r in known_pairs
]
told = [
    f"<eot> {world.statement(p, r, v)} {asked(p, r)}"
    for (p, r), v in zip(known_pairs, false, strict=True)
]
with_lie = best_words(told)
follows = 100 * mean(a == b for a, b in zip(with_lie, false, strict=True))
print(reveal(my_guess, follows, digits=0))

# %% [markdown]
# Keep the answer in mind. "Why does this work?" comes back to it.
#
# ## Build it by hand
#
# ### Simulate
#
# Start with nothing but the end mark, which stands before every document. Ask for the
# next word, draw it, append it, ask again. Stop when the end mark is drawn.


# %% tags=["ledger:B17"]
@torch.no_grad()
def simulate(model, generator):
    tokens = [END]
    while len(tokens) < 100:
        probs = model(torch.tensor([tokens]))[0, -1].softmax(-1)
        tokens.append(torch.multinomial(probs, 1, generator=generator).item())
        if tokens[-1] == END:
            break
    return tokens[1:]


generator = torch.Generator().manual_seed(4)
for _ in range(3):
    print(world.render(world.decode(simulate(base, generator))), "\n")

# %% [markdown]
# Nobody wrote these documents. But are they only *like* Tiny World, or do they also
# come as *often*? Tiny World opens a fixed share of its documents with "Once", another
# with "Question", and so on. One forward pass gives the model's shares.

# %% tags=["ledger:B17", "close"]
opening = next_words(["<eot>"])[0]
kinds = {"Once": "story", "Question": "quiz", "List": "list", "Code": "code"}
for word, kind in kinds.items():
    p = opening[world.encode([word])[0]].item()
    print(f"{word:8s} model {p:.2f}, Tiny World {world.KINDS[kind] / 100:.2f}")
    assert abs(p - world.KINDS[kind] / 100) < 0.03

# %% [markdown]
# So a base model does not look for a *good* continuation. It gives each continuation
# its share.
#
# > **For children (and for the rest of us).** A parrot has sat for years in a room where
# > people tell stories. It has learned how stories go on. Say "Once there was", and it
# > tells one. Ask it a question, and it may well ask the next question back: that is
# > what it has heard people do. It does not know that *you* want to know something.
#
# ### A copy meter
#
# Does it make up its documents, or recite what it has read? Reciting is also called
# **regurgitation**. Measure it: the longest piece of a text that stands word for word
# in the training text.


# %%
def longest_copy(tokens, known):
    """Try all pieces, the long ones first."""
    for length in range(len(tokens), 0, -1):
        for start in range(len(tokens) - length + 1):
            piece = tokens[start : start + length]
            if any(known[i : i + length] == piece for i in range(len(known))):
                return length
    return 0


known = world.encode("Once there was a shy cow. It said moo.")
said = world.encode("there was a shy cow. It said baa.")
print(longest_copy(said, known), "words in a row")
assert longest_copy(said, known) == copies.CopyMeter(known).longest(said).length

# %% [markdown]
# The library's meter does the same at the speed of a text search. So give it a
# part of the words that the model has read, and let the model write some documents. And
# do not forget the yardstick: two texts by one author always share some pieces. How
# much does a *new* document by Tiny World itself share?

# %% tags=["ledger:B18", "counts:2"]
read = world.token_rows(tiny, "train", 0, n_rows=2000, length=129).tokens.flatten()
meter = copies.CopyMeter(read.tolist())
new = [world.encode(tiny.document(i, "val").words[:-1]) for i in range(100)]
fresh = mean(meter.longest(document).length for document in new)

written = generate(
    base, [[END]] * 30, max_new_tokens=90, stop_tokens=[END], seeds=0, temperature=1.0
)
copied = mean(meter.longest(document).length for document in written)
print(f"{len(read):,} words read, {len(written)} documents written")
print(f"longest copied piece: the base model {copied:.0f} words, new texts {fresh:.0f}")
assert copied < fresh + 3

# %% [markdown]
# The base model copies no more than the author does. It has read every document once,
# in a stream without end. Now let another copy of it read eight of these documents (each
# begins a row) again and again, and give both the first four words of each.

# %% tags=["ledger:B18", "counts:1"]
few = [d for d in (tiny.document(129 * i) for i in range(60)) if d.n_words < 35][:8]
assert all(meter.longest(world.encode(d.words)).length == len(d.words) for d in few)
rows = torch.zeros(len(few), 36, dtype=torch.int64)
targets = torch.full_like(rows, -100)  # -100: do not count what fills the row
for row, target, document in zip(rows, targets, few, strict=True):
    tokens = torch.tensor([END, *world.encode(document.words)])
    row[: len(tokens)] = target[: len(tokens)] = tokens
reciter = copy.deepcopy(base)
optimizer = torch.optim.AdamW(reciter.parameters(), lr=3e-3, weight_decay=0.0)
for _ in range(16):
    logits = reciter(rows[:, :-1])
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=-100
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

whole = [world.encode(document.words[:-1]) for document in few]
begun = [[END, *document[:4]] for document in whole]
for name, model in (("base model", base), ("after 16 readings", reciter)):
    ends = generate(model, begun, max_new_tokens=40, stop_tokens=[END], temperature=0)
    recited = sum(d[4:] == end for d, end in zip(whole, ends, strict=True))
    print(f"{name}: goes on from four words to the very end in {recited} of {len(few)}")
assert recited >= 7

# %% [markdown]
# Same network, same kind of text: what is read once leaves a habit, what is read often
# is known by heart. That is also the rule of thumb for large models, and a reason to
# remove duplicates from the training text.
#
# ## Compare with torch
#
# A base model is a file of numbers. The best-known one is GPT-2, in the layout of
# Hugging Face's `transformers`. Its parts have other names than ours, and four matrices
# of each block are stored the other way round, because their layer, `Conv1D`, computes
# $x W$ and torch's `Linear` $x W^T$. Make such a file, tiny and random, and map it.

# %%
tiny_sizes = {"vocab_size": 50, "context_size": 16, "emb_dim": 12, "n_heads": 3}
config = replace(gpt.gpt2_config(), **tiny_sizes, n_layers=2)  # else as GPT-2
C = config.emb_dim
inner = {
    **{"ln_1": (C,), "attn.c_attn": (C, 3 * C), "attn.c_proj": (C, C)},
    **{"ln_2": (C,), "mlp.c_fc": (C, 4 * C), "mlp.c_proj": (4 * C, C)},
}
shapes = {"wte.weight": (50, C), "wpe.weight": (16, C)}
shapes |= {"ln_f.weight": (C,), "ln_f.bias": (C,)}
for layer in range(2):
    for part, shape in inner.items():
        shapes[f"h.{layer}.{part}.weight"] = shape
        shapes[f"h.{layer}.{part}.bias"] = shape[-1:]
generator = torch.Generator().manual_seed(0)
theirs = {
    name: 0.3 * torch.randn(shape, generator=generator)
    for name, shape in shapes.items()
}
x, w = torch.randn(5, C, generator=generator), theirs["h.0.mlp.c_fc.weight"]
torch.testing.assert_close(x @ w, torch.nn.functional.linear(x, w.T))  # Conv1D = Linear
print(f"{len(theirs)} weights, such as h.0.mlp.c_fc.weight {tuple(w.shape)}")

# %% [markdown]
# Now the map. Six names in each block, three at the top, and a transposition.

# %%
NAMES = {
    **{"wte": "embedding", "wpe": "position_embedding", "ln_f": "norm"},
    **{"ln_1": "norm_1", "attn.c_attn": "attention.qkv"},
    **{"attn.c_proj": "attention.proj", "ln_2": "norm_2"},
    **{"mlp.c_fc": "up", "mlp.c_proj": "down"},
}


def our_name(name):
    path, _, kind = name.rpartition(".")  # kind: weight or bias
    if path.startswith("h."):
        _, layer, part = path.split(".", 2)
        return f"blocks.{layer}.{NAMES[part]}.{kind}"
    return f"{NAMES[path]}.{kind}"


ours = {}
for name, weight in theirs.items():
    conv1d = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
    ours[our_name(name)] = weight.T if conv1d else weight
by_hand = gpt.GPT(config)
print(by_hand.load_state_dict(ours))

# %% [markdown]
# The library reads the same file from a folder with its `config.json`. It also refuses
# what it cannot follow, and lists what is missing or left over. Both models must agree.

# %%
with tempfile.TemporaryDirectory() as folder:
    stored = config_to_gpt2(config)
    Path(folder, "config.json").write_text(json.dumps(stored))
    save_file(theirs, Path(folder, "model.safetensors"))
    loaded = load_gpt2(Path(folder))
tokens = torch.arange(16)[None]
with torch.no_grad():
    torch.testing.assert_close(loaded(tokens), by_hand(tokens))
assert loaded.config == config
print("by hand = course_lib;", {k: stored[k] for k in ("model_type", "n_embd")})

# %% [markdown]
# With the real file it is the same function. If your teacher (or a network, with
# `course data fetch gpt2-small`, half a gigabyte) has brought it, the next cell lets
# GPT-2 speak. Then type `print(says)` in a cell of your own.

# %%
small = gpt.gpt2_config("small")
weights = FETCHED / CORPORA["gpt2-small"].file_name
try:
    bpe = pretrained_encoding("gpt2")
    prompt = bpe.encode("Once upon a time there was a")
    (new_tokens,) = generate(
        load_gpt2(weights), [prompt], max_new_tokens=12, temperature=0
    )
    says = bpe.decode(prompt + new_tokens)
except FileNotFoundError:
    says = "GPT-2 is not on this machine: run `course data fetch gpt2-small r50k_base`"
print(f"GPT-2 small has {gpt.count_parameters(small):,} parameters")

# %% [markdown]
# ## See it
#
# What does the base model *know*? Tiny World has famous people, some named much more
# often than others. Ask for their facts, as the text would say them: *X was born in ...*
# And ask about people who were never named at all.


# %% tags=["close"]
def recall(people):
    pairs = [(p, r) for p in people for r in world.RELATIONS]
    facts = [tiny.facts(p)[r] for p, r in pairs]
    prompts = [f"<eot> {world.statement(p, r, 'X').split(' X')[0]}" for p, r in pairs]
    probs = next_words(prompts)
    best = world.decode(probs.argmax(-1).tolist())
    right = mean(a == b for a, b in zip(best, facts, strict=True))
    return right, functional.entropy(probs).mean().item()


chance = mean(1 / len(values) for values in world.FACT_VALUES.values())
ranks = range(0, 120, 20)
table = [recall(tiny.famous[rank : rank + 20]) for rank in ranks]
strangers, doubt = recall(tiny.held_out)
often, seldom = (tiny.people.weights[tiny.famous[i]] for i in (0, -1))
print(f"{len(tiny.famous)} famous, {len(tiny.held_out)} never named;", end="")
print(f" the first famous {often / seldom:.0f} times as often as the last")
even = torch.tensor([len(v) for v in world.FACT_VALUES.values()]).log().mean()
print(f"never named: {strangers:.2f} right, chance alone {chance:.2f};", end="")
print(f" entropy {doubt:.2f}, of equal chances {even:.2f}")
assert abs(strangers - chance) < 0.05
assert table[0][0] > 0.95
assert table[0][0] > table[-1][0] > strangers

# %% tags=["close:0.03"]
plots.plot_curves(
    {"right answers": ([rank + 10 for rank in ranks], [right for right, _ in table])},
    "Read often, known by heart; read seldom, known in part",
    xlabel="rank of the person by frequency in the training text",
    ylabel="share of facts recalled",
    lines={"chance": chance},
)

# %% [markdown]
# This is memory in the parameters: sharp for what was read often, vague for what was
# read seldom, and nothing but a fair guess for the rest. The entropy says that the
# model "knows" that it guesses: it is almost that of equal chances. But the *text* that
# it writes does not show it: a guess looks like a fact. Lesson 21 is about that.
#
# ## Play with it
#
# Python answers from the live model. Press Enter in the box, or Tab to a control and
# the arrow keys among the words; each word shows its surprise in nats.
#
# - **Begin a famous biography,** as it stands. Then raise the temperature to 1 and press
#   "Other dice". Which words change, and how large was their surprise?
# - **Mark copies.** Which piece has it read? Is it longer than in a new text?
# - **Ask a question,** such as `Question: Where was Kirola Button born?` Who answers?

# %% tags=["close"]
star = tiny.famous[0]
words = world.WorldTokenizer()
beginnings = [
    f"{star.name} was born in",
    "Once there was a shy",
    f"Question: What does {star.name} like? Answer:",
]
PromptBox(
    base,
    words,
    read.tolist(),
    prompt=beginnings[0],
    fresh=fresh,
    examples=beginnings,
)

# %% [markdown]
# ## Why does this work?
#
# ### Context beats memory
#
# Back to your guess. There are two places where a fact can be: in the weights (memory)
# and in the prompt (**context**, the working memory). Let them work apart and against
# each other.

# %% tags=["counts:2"]
from_memory = best_words([f"<eot> {asked(p, r)}" for p, r in known_pairs])
strange = [(p, r) for p in tiny.held_out[:60] for r in world.RELATIONS]
facts = [tiny.facts(p)[r] for p, r in strange]
untold = best_words([f"<eot> {asked(p, r)}" for p, r in strange])
retold = best_words(
    f"<eot> {world.statement(p, r, v)} {asked(p, r)}"
    for (p, r), v in zip(strange, facts, strict=True)
)
for label, answers, right in (
    ("famous, memory only", from_memory, truth),
    ("famous, false fact in the prompt", with_lie, truth),
    ("never named, memory only", untold, facts),
    ("never named, fact in the prompt", retold, facts),
):
    share = mean(a == b for a, b in zip(answers, right, strict=True))
    print(f"{label:33s} {share:4.0%} right")
assert follows > 95
assert share > 0.95

# %% [markdown]
# Why does context win, even when it lies? Because in the training text it never lies.
# After *X likes soup*, a question about X was always answered *soup*. Many people
# get new facts in each biography, so memory is of no use and looking back (lesson 15's
# copying heads) pays. The model has learned *how the text goes on*, not what is true.
#
# ### One example is enough
#
# In the lists of Tiny World all values are of one kind: all towns, or all foods. Which
# kind, the list does not say. Show none, one or two examples before you ask. Giving
# examples in the prompt is called **few-shot prompting**.

# %% tags=["ledger:B19", "counts:3"]
few_shot = {}
for n_examples in (0, 1, 2):
    prompts, answers = [], []
    for _ in range(100):
        relation = dice.choice(world.RELATIONS)
        *shown, last = dice.sample(tiny.famous[:40], n_examples + 1)
        examples = [f"{p.name} - {tiny.facts(p)[relation]} ; " for p in shown]
        prompts.append(f"<eot> List : {''.join(examples)}{last.name} -")
        answers.append(tiny.facts(last)[relation])
    right = [a == b for a, b in zip(best_words(prompts), answers, strict=True)]
    few_shot[n_examples] = mean(right)
    print(f"{n_examples} examples: {few_shot[n_examples]:4.0%} right")
assert few_shot[0] < 0.5
assert few_shot[1] > 0.9

# %% [markdown]
# No weight has changed. With no example the model guesses among four kinds of fact; one
# example settles it. To predict the next word well it had to learn to find out, while
# reading, what kind of list this is. Now the same trick with questions.

# %% tags=["ledger:C43", "ledger:B19", "close"]
for n_examples in (0, 1, 2):
    prompts = []
    for _ in range(100):
        pairs = dice.sample(known_pairs, n_examples + 1)
        shown = [f"{asked(p, r)} {tiny.facts(p)[r]} ." for p, r in pairs[:-1]]
        question = asked(*pairs[-1]).removesuffix(" Answer :")
        prompts.append(" ".join(["<eot>", *shown, question]))
    probs = next_words(prompts).mean(0)
    p = {w: probs[world.encode([w])[0]].item() for w in ("Answer", "Question")}
    print(f"after {n_examples} answered questions: ", end="")
    print(f"answer {p['Answer']:.2f}, another question {p['Question']:.2f}")
    assert p["Answer"] < 0.7 if n_examples == 0 else p["Answer"] > 0.95

# %% [markdown]
# After a lone question the next question is about as likely as an answer: in Tiny World
# many quizzes are bare lists of questions. So a base model is a **completer**, not an
# assistant. Wrapped in a few answered questions it can *play* one. Lesson 20 makes that
# a habit.
#
# ## Check yourself
#
# ### Catch the slide
#
# Somebody's notes say: GPT-2 was trained on 100 billion tokens; today's best models
# have 500 to 700 billion parameters, DeepSeek-R1 670; Gemini puts out 64 thousand
# tokens, "insane scaling". What is computed, published, or only reported? The table was
# written in **November 2026** from technical reports; such numbers age.

# %% tags=["ledger:B15", "ledger:B16", "ledger:C45"]
TABLE = {  # parameters, of which active for one token, tokens read
    "GPT-2 (2019)": (gpt.count_parameters(gpt.gpt2_config("xl")), None, None),
    "GPT-3 (2020)": (175e9, 175e9, 300e9),
    "DeepSeek-V3, R1 (2024/25)": (671e9, 37e9, 14.8e12),
    "our base model": (gpt.count_parameters(base.config),) * 2 + (2200 * 8 * 128,),
}
for name, (n, active, seen) in TABLE.items():
    line = f"{name:26s} {n:9.2e} parameters"
    if seen:  # forward and backward: about 6 operations per active parameter and token
        line += f", {active:.1e} active, {seen:.1e} tokens, "
        line += f"{6 * active * seen:.0e} FLOP"
    print(line)
share = TABLE["DeepSeek-V3, R1 (2024/25)"][1] / TABLE["DeepSeek-V3, R1 (2024/25)"][0]
passes = 100e9 / (40e9 / 4)  # 40 GB of text at about 4 bytes per token
print(f"active in DeepSeek: {share:.1%}; 100e9 tokens: {passes:.0f} times 40 GB")
assert share < 0.06

# %% [markdown]
# Which of the three claims may stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# None as it stands. "100 billion" is somebody's estimate. The paper says 40 GB of text
# from 8 million pages and no number of tokens; the estimate would mean about ten
# readings. "670" is 671 in all, of one model whose makers told it (most do not), and it
# is a mixture of experts: for one token only 37 are at work, so it costs what a much
# smaller model costs. And 64 thousand output tokens is a limit of
# length, not of size: Gemini's size was never published. (Reported figures, November
# 2026.)
#
# The lecture leaves a question open: how is this done *at scale*? Just so: the loop of
# lesson 16, more parameters, more tokens, more machines. The last column says how much
# more.
#
# </details>
#
# ### Questions
#
# **1.** Your base model says in a fluent sentence where a person was born whom no
# document has ever named. Is it broken?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. It simulates a text, and in that text such a sentence ends with a town. Each town
# gets its share, one is drawn. There is no "I do not know" in the text it has read.
#
# </details>
#
# **2.** A text by a model shares 12 words in a row with its training text. Has it
# copied?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# You cannot say without the yardstick. In Tiny World a new text shares that much. In a
# novel it would be remarkable.
#
# </details>
#
# **3.** You load a GPT-2 file and forget to transpose `attn.c_proj`, which is square.
# What happens?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No error: the shapes fit. The model talks rubbish. That is why the by-hand model was
# compared with another one, logit by logit. Try it.
#
# </details>
#
# **4.** Your turn: put the false fact between the question,
# `asked(p, r).removesuffix(" Answer :")`, and `Answer :`. Or tell a true and a false one.
# What does the model believe?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Count with `best_words`, against the truth and the falsehood. After the question the
# false fact hardly ever wins; of two facts mostly the true one does. The training text
# has none of this: only a measurement could tell.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A base model simulates its training text: it gives each continuation its
#   share. It knows by heart what it read often, and it trusts the context more.
# - **Formula.** None is new: $p(\text{next word} \mid \text{context})$, again and again.
# - **Pitfall.** Fluent is not true, and copied is not remembered: measure both against a
#   yardstick.
# - **In the library:** `course_lib.engine.huggingface` (GPT-2's layout in both
#   directions), `course_lib.copies`, `course_lib.generate`.
#
# **Homework:** [Homework 19](homework/hw19.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the completer becomes an assistant.
# [20. From completer to assistant](20_assistant.ipynb)
