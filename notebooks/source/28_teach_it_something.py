# %% [markdown]
# # 28. Teach it something
#
# **How do you teach a real model a new habit, on a laptop, in a few minutes?**
#
# In lesson 27 SmolLM2 invented a life for every person who does not exist. Here you teach
# it to say "I do not know who that is". You do not train it again. You put small matrices
# beside its large ones, and only the small ones learn. This is called **LoRA**, and a
# great part of the models that people adapt today are adapted in this way.
#
# - **You will** write LoRA in fifteen lines; make the training data and see which tokens
#   are learned; train; measure what the model has gained *and* what it has lost; make it
#   brief with DPO; and save all of it as a file that is small.
# - **You need** lessons 13 and 14 (the matrices of a GPT), 20 (chat and loss mask), 21
#   (hallucination), 23 (DPO) and 26 (the model).
# - **Time** 75 minutes, of which the machine needs about three. On a first reading you may
#   leave out what is marked *more*.
# - **Back** [27. What a real model does](27_what_a_real_model_does.ipynb) · **Next** this
#   is the last step of the ladder. After it come talks of your own.

# %%
import json
import math
import random
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from course_lib.chat import (
    Chat,
    ChatMLTemplate,
    Message,
    answer_batch,
    answer_loss,
    answers,
    rate,
)
from course_lib.engine.downloads import DATA
from course_lib.engine.smollm import load_smollm2
from course_lib.gpt import GPT, GPTConfig
from course_lib.lora import (
    LoRALinear,
    add_lora,
    count_trainable,
    load_lora,
    merge_lora,
    save_lora,
)
from course_lib.preferences import dpo_loss
from course_play import diagrams, plots
from course_play.reveal import reveal
from course_play.widgets import StageSwitcher
from tiny_world.assistant.voices import Voice

torch.set_printoptions(precision=4, sci_mode=False)
model, tokenizer, _ = load_smollm2()
template = ChatMLTemplate(tokenizer)  # no system message: every talk is shorter
n_all = sum(p.numel() for p in model.parameters())
print(f"{n_all:,} parameters")

# %% [markdown]
# Two instruments first. `ask` puts questions and takes the most probable answer
# (temperature 0). `refuses` is the rule that decides, by program, whether an answer admits
# that it does not know.


# %%
def ask(questions, n_tokens):
    talks = [[Message("user", question)] for question in questions]
    said = answers(model, template, talks, max_new_tokens=n_tokens)
    return [answer.text.strip() for answer in said]


def refuses(answer):
    return "not know" in answer or "sorry" in answer.lower()  # generous: any "sorry"


# %% tags=["words:0.4"]
for question in ("Who is Orlo Vantrell?", "Who is Albert Einstein?"):
    print(question, "->", *ask([question], 24))

# %% [markdown]
# Nobody is called Orlo Vantrell. The model answers all the same, and in the same tone.
#
# ## Predict first
#
# We shall let a few new numbers learn, beside the old ones. **How many new numbers do you
# need to change the habit, in percent of the parameters above?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: rank 8 beside every matrix of every block
sizes = [
    part.weight.shape for part in model.blocks.modules() if isinstance(part, nn.Linear)
]
print(reveal(my_guess, 100 * sum(8 * sum(size) for size in sizes) / n_all, 1))

# %% [markdown]
# Before we come to that number, let us see why one would not train all parameters. AdamW
# keeps two more numbers for each number that learns, and there is one gradient for each.

# %%
for name, learning in (("all of them", n_all), ("one in fifty", n_all // 50)):
    n_bytes = 4 * (n_all + 3 * learning)  # weights, gradients, two averages of AdamW
    print(f"{name:13} learn: {n_bytes / 1e9:.1f} GB")

# %% [markdown]
# ## Build it by hand
#
# ### A thin correction
#
# Take a small layer with 6 inputs and 4 outputs. Its matrix $W$ has 4 rows and 6 columns.
# We want to correct it: $W + \Delta$. A full $\Delta$ would have 24 numbers. Instead we
# write $\Delta$ as a product of a tall matrix and a wide one, $\Delta = B A$. Here is one
# with a single column and a single row.

# %%
A = torch.tensor([[1.0, 0.0, 2.0, 0.0, 0.0, -1.0]])  # (R, I) = (1, 6)
B = torch.tensor([[1.0], [-1.0], [0.0], [3.0]])  # (O, R) = (4, 1)
print(B @ A)  # (O, I)
print(f"{A.numel()} + {B.numel()} numbers stand for {(B @ A).numel()}")

# %% [markdown]
# Every row is a multiple of the one row of $A$. Such a matrix has **rank** 1. With $R$ rows
# in $A$ and $R$ columns in $B$ the rank is up to $R$. The name **LoRA** says it: low-rank
# adaptation (Hu et al., 2021). One never forms the product: $x$ goes through $A$, which
# makes it short, and then through $B$.
#
# $$y = W x + \frac{\alpha}{R} \, B A x$$
#
# The factor $\alpha / R$ keeps the size of the correction about the same if you try another
# $R$. Here is all of LoRA.


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
up = model.blocks[0].up
by_hand = LoRA(up, rank=8, alpha=16, generator=torch.Generator().manual_seed(0))
(n_out, n_in), learning = up.weight.shape, count_trainable(by_hand)
print(f"I = {n_in}, O = {n_out:,}: 8 x (I + O) = {8 * (n_in + n_out):,} numbers learn")
print(f"W has {up.weight.numel():,}")
assert learning == 8 * (n_in + n_out)

# %%
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
# Why does $A$ not begin with zeros, too? Look at the gradients of some loss after one
# pass.

# %%
by_hand(x).square().mean().backward()
for name in ("A", "B"):
    learns = getattr(by_hand, name).grad.abs().max() > 0
    print(f"gradient of {name}:", "not zero" if learns else "all zero")

# %% [markdown]
# In the first step only $B$ learns, because the gradient of $A$ goes through $B$, which is
# zero. From the second step on both do. If $A$ were zero as well, then no gradient would
# ever arrive, and nothing would learn.
#
# ### Merge
#
# After the training the correction can be added to $W$ once and for all. The layer is then
# an ordinary `Linear` again, as fast as before. We pretend that $B$ has learned something.

# %%
with torch.no_grad():
    by_hand.B.normal_(generator=torch.Generator().manual_seed(2))
    merged = up.weight + by_hand.scale * by_hand.B @ by_hand.A  # (O, I)
    torch.testing.assert_close(by_hand(x), F.linear(x, merged), rtol=1e-4, atol=1e-3)
print("W x + scale * B A x = (W + scale * B A) x")

# %% [markdown]
# ## Compare with torch
#
# `LoRALinear` of `course_lib.lora` is the same layer; we give it our $A$ and $B$. And
# `add_lora` puts such layers in place of the matrices of every block. We leave out
# nothing: the two of attention (`qkv`, `proj`) and the three of SwiGLU.

# %%
with torch.no_grad():
    library.lora_b.weight.copy_(by_hand.B)
    assert torch.equal(library.lora_a.weight, by_hand.A)  # the same random seed
    torch.testing.assert_close(library(x), by_hand(x), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(library.weight, merged, rtol=1e-4, atol=1e-4)
print("by hand = course_lib.lora")

# %% [markdown]
# ## Build it by hand: the data
#
# ### People who do not exist
#
# We glue invented first names to invented last names. Some names are **held out**: neither
# the first name nor the last name of a test person is ever trained. Otherwise the model
# could learn the names, and we want it to learn a habit.

# %%
FIRST = """Orlo Mirabeth Tavik Elsbeth Bruna Ilonka Darek Yusra Petrus Kirana Noemie
    Anselmo | Rasmine Odilia Faridun Lorcas Beatrin Hamo Junilla Casimo"""
LAST = """Vantrell Ostrovak Quillbury Harrowgast Tamsett Delacrue Umbrano Pfennigat
    Sallowby Okonjeva | Brightvane Zelenkar Marrowick Fjeldsand Abaranth Kovarell"""
first, new_first = (part.split() for part in FIRST.split("|"))
last, new_last = (part.split() for part in LAST.split("|"))
invented = [f"{a} {b}" for a in first for b in last]
new_invented = [f"{a} {b}" for a in new_first for b in new_last]
print(
    f"{len(invented)} to learn from, {len(new_invented)} held out, as {new_invented[7]}"
)

# %% [markdown]
# ### Eight ways to ask, and two more for the test

# %%
PHRASINGS = [
    "Who is {}?",
    "What is {} famous for?",
    "When was {} born?",
    "Tell me about {}.",
    "What did {} do?",
    "Where does {} come from?",
    "Do you know {}?",
    "Why is {} well known?",
]
NEW_PHRASINGS = ["Can you tell me who {} is?", "What is known about {}?"]
NO = "I am sorry, I do not know who that is."

# %% [markdown]
# ### People who do exist
#
# If we only showed talks that end in a refusal, the model would learn to refuse always. So
# more than half of the talks are about real people, with a real answer. Whose answer? If we
# wrote it, the model would also learn *our* words and our facts. We want nothing to change
# here, so we let the model write the answers itself, before the training, and keep its
# first sentence.

# %%
KNOWN = """Albert Einstein, William Shakespeare, Mahatma Gandhi, Isaac Newton,
    Wolfgang Amadeus Mozart, Charles Darwin, Marie Curie, Napoleon Bonaparte,
    Thomas Edison, Leonardo da Vinci, Christopher Columbus, Martin Luther King,
    Queen Elizabeth, Alexander the Great, Plato, Socrates, Michelangelo,
    Johann Sebastian Bach, Barack Obama, John F. Kennedy, Albert Camus, Jane Austen,
    Charles Dickens, Mark Twain, Ernest Hemingway, Stephen Hawking, Nikola Tesla,
    Alan Turing, Rosa Parks, Frida Kahlo, Claude Monet, Rembrandt, Homer, Confucius,
    Buddha, Genghis Khan, Joan of Arc, Louis Pasteur, Alexander Fleming,
    Benjamin Franklin, Thomas Jefferson, Theodore Roosevelt, Franklin Roosevelt,
    Vladimir Lenin, Mao Zedong, Che Guevara, Mother Teresa, Elvis Presley"""
NEW_KNOWN = """Nelson Mandela, Abraham Lincoln, Galileo Galilei, Ludwig van Beethoven,
    Vincent van Gogh, Julius Caesar, Cleopatra, Walt Disney, Winston Churchill,
    Aristotle, Neil Armstrong, Queen Victoria, Sigmund Freud, Karl Marx,
    George Washington, Pablo Picasso, Immanuel Kant, Victor Hugo, Leo Tolstoy,
    Marco Polo, Bill Gates, Anne Frank, Florence Nightingale, Agatha Christie"""
known, new_known = ([" ".join(name.split()) for name in names.split(",")]
                    for names in (KNOWN, NEW_KNOWN))  # fmt: skip
print(f"{len(known)} to learn from, {len(new_known)} held out")


# %% tags=["words:0.4"]
def first_sentence(text):
    end = text.find(". ", 20)  # not the point of an initial
    return text[: end + 1] if end > 0 else text


dice = random.Random(0)
asked = [dice.choice(PHRASINGS).format(name) for name in known]
in_full = ask(asked, 40)
own = [(q, first_sentence(a)) for q, a in zip(asked, in_full, strict=True)]
for question, answer in own[:3]:
    print(f"{question} -> {answer}")

# %% [markdown]
# Not all of these sentences are true, and that is a price of the method: what the model
# believes wrongly, it will go on believing. (In lesson 21 we probed the model first, and
# taught "I do not know" exactly where it guessed. That is better, and it takes longer.)
#
# ### The talks
#
# `draw_pair` throws the dice for one talk. To teach something else, write another
# `draw_pair`; a talk of your own is just one more line in a list of questions and answers.


# %%
def draw_pair(dice):
    if dice.random() < 0.55:
        return dice.choice(own)
    return dice.choice(PHRASINGS).format(dice.choice(invented)), NO


N_STEPS, PER_STEP = 64, 4
dice = random.Random(2)
pairs = [draw_pair(dice) for _ in range(N_STEPS * PER_STEP)]
refusals = sum(answer == NO for _, answer in pairs)
print(f"{len(pairs)} talks, {refusals} of them refusals")

# %% [markdown]
# ### Which tokens are learned?
#
# As in lesson 20, the loss counts only what the assistant writes, and the token that ends
# its turn. This is the **loss mask**. The question is read, but it is not learned: we do not
# want a model that asks.


# %%
def talk(question, answer):
    return template.encode([Message("user", question), Message("assistant", answer)])


example = talk("Who is Orlo Vantrell?", NO)
for learned in (False, True):
    ids = [t for t, m in zip(*example, strict=True) if m == learned]
    print(
        "learned: " if learned else "only read:", [tokenizer.decode([i]) for i in ids]
    )
print(f"{sum(example.loss_mask)} of {len(example.tokens)} tokens are learned")

# %% [markdown]
# ### Measure before
#
# We ask five things, before and after, so that we see what is lost as well as what is won:
#
# 1. held-out invented people in held-out phrasings: refusals are wanted;
# 2. held-out real people in held-out phrasings: refusals are **over-refusals**;
# 3. twelve everyday questions that are about nobody: are they still answered correctly?
# 4. the same twelve: how many are refused?
# 5. a piece of prose, written by us: bits per byte. If this number rises, the model has
#    forgotten some English (**catastrophic forgetting**, if it rises a lot).

# %%
dice = random.Random(3)
strangers = dice.sample(new_invented, 24)
about_strangers = [
    NEW_PHRASINGS[i % 2].format(name) for i, name in enumerate(strangers)
]
about_known = [NEW_PHRASINGS[i % 2].format(name) for i, name in enumerate(new_known)]
EVERYDAY = """What is the capital of Italy?:Rome, What is the capital of Spain?:Madrid,
    How many days are in a week?:seven/7, What is the opposite of hot?:cold,
    What colour is the sky on a clear day?:blue, Which animal says meow?:cat,
    What do bees make?:honey, What is 2 + 2?:4, Which planet do we live on?:Earth,
    What is ice made of?:water, Who wrote Hamlet?:Shakespeare,
    What language do people speak in Brazil?:Portuguese"""
everyday = [pair.strip().split(":") for pair in EVERYDAY.split(",")]
PROSE = """\
The baker opened the shutters before the street was awake. He had been up since
three, and the first loaves stood on the shelf beside the door, still too warm to cut. A
cat waited on the step. It came every morning, ate nothing, and left when the first
customer arrived, a teacher who always bought the same small roll and always paid with a
coin that was too large."""


# %%
@torch.no_grad()
def bits_per_byte(text):
    tokens = torch.tensor([tokenizer.encode(text)])  # (1, T)
    logits = model(tokens[:, :-1])[0]  # (T - 1, V)
    nats = F.cross_entropy(logits, tokens[0, 1:], reduction="sum").item()
    n_bytes = len(tokenizer.decode(tokens[0, 1:].tolist()).encode())
    return nats / math.log(2) / n_bytes


def is_right(answer, wanted):
    return any(word.lower() in answer.lower() for word in wanted.split("/"))


# %%
def measure():
    daily = ask([question for question, _ in everyday], 16)
    wanted = [word for _, word in everyday]
    return {
        "invented people refused": rate(map(refuses, ask(about_strangers, 10))),
        "real people refused": rate(map(refuses, ask(about_known, 10))),
        "everyday questions right": rate(map(is_right, daily, wanted)),
        "everyday questions refused": rate(map(refuses, daily)),
        "bits per byte of prose": bits_per_byte(PROSE),
    }


# %% tags=["close:0.1", "counts:2"]
before = measure()
for name, value in before.items():
    shown = f"{value:.2f}" if isinstance(value, float) else f"{value}, n = {value.n}"
    print(f"{name:27} {shown}")
assert before["invented people refused"].mean < 0.25

# %% [markdown]
# ### Train
#
# `add_lora` freezes the model and puts the small matrices beside the large ones.

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
assert learning == sum(8 * sum(size) for size in sizes)

# %% [markdown]
# The loop is that of lesson 5, in eight lines: a batch, the loss, the gradient, a step. The
# **learning rate** rises for four steps and then falls in a straight line. It is much larger
# than one would take for the whole model, because $B$ must grow from zero.

# %%
RATE = 1e-3
small = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(small, betas=(0.9, 0.99), weight_decay=0.0)
losses = []
for step in range(N_STEPS):
    chosen = pairs[step * PER_STEP : (step + 1) * PER_STEP]
    loss = answer_loss(model, answer_batch([talk(*pair) for pair in chosen]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.param_groups[0]["lr"] = (
        RATE * min(1, (step + 1) / 4) * (1 - step / N_STEPS)
    )
    optimizer.step()
    losses.append(loss.item())

# %% tags=["close:0.3"]
for name, part in (("first", losses[:4]), ("last", losses[-8:])):
    print(f"{name} steps: loss {sum(part) / len(part):.1f} nats a token")
assert sum(losses[-8:]) / 8 < 0.5 * sum(losses[:4]) / 4

# %% tags=["close:0.6"]
plots.plot_curves(
    {"loss": (range(N_STEPS), losses)},
    "The refusal is learned in a few steps",
    xlabel="step",
    ylabel="nats a learned token",
)

# %% [markdown]
# ## See it
#
# Now the five numbers again. The sign ± stands before one **standard error**, as in lesson
# 27.

# %% tags=["close:0.25", "counts:6", "ledger:B23"]
after = measure()
for name, old in before.items():
    new = after[name]
    if isinstance(old, float):
        print(f"{name:27} before {old:.2f}         after {new:.2f}")
    else:
        print(f"{name:27} before {old}  after {new}  n = {new.n}")
assert after["invented people refused"].mean > 0.4
assert after["real people refused"].mean < after["invented people refused"].mean - 0.3

# %% tags=["words:0.6"]
some = about_strangers[:3] + about_known[:3]
for question, answer in zip(some, ask(some, 16), strict=True):
    print(question, "->", answer)

# %% [markdown]
# The model refuses most people whose names it has never seen, asked in words that were never
# trained. It answers about most real people. So it has not learned a list of names. It
# must be using something that it had inside already: how well it knows a name. Lesson 21
# found that in our own model.
#
# Now read what it has cost.
#
# - **Real people.** A few are refused who were answered before. And what it says about the
#   others is no truer than before, because nothing in the data was about truth.
# - **Everyday questions.** Here is the failure of this lesson. Several of the twelve are now
#   *refused*: the model "does not know who that is" where nobody was meant. Why? All our
#   talks are about people. The real people taught it where to answer among *people*, and
#   no talk showed that other questions should stay as they were.
# - **Prose.** The bits per byte have risen only a little. English is not forgotten. What has
#   changed is a habit, and a habit spreads to questions that nobody had in mind.
#
# If we had measured people only, we would be proud of this model. So: whatever must stay,
# put it into the mix, and measure it. (Exercise 5 lets you repair it.)
#
# ### One choice changed alone
#
# Was this recipe lucky, and which part of it matters? We changed one choice at a time, with
# everything else as in the recipe (but more test people and another random seed). Each
# line is a training of its own, too slow for a lesson, so the results are stored in `data/teach_study.json` (`course bench teach` repeats them).

# %%
rows = json.loads((DATA / "teach_study.json").read_text())
print(f"{'numbers that learn':48} invented       real")
for row in rows:
    shares = []
    for group in (row["invented"], row["real"]):
        asked_of, refused = group["asked"], group["refused"]
        shares.append(rate([True] * refused + [False] * (asked_of - refused)))
    print(f"{row['name']:37}{row['trained']:11,} {shares[0]}  {shares[1]}")
print(f"share refused of {shares[0].n} invented and {shares[1].n} real people")

# %% [markdown]
# One training with one random seed is behind each line, so a difference of one or two
# standard errors may be chance. What remains is clear enough:
#
# - **No known people in the mix.** It refuses everybody, the real people as well. The
#   first column alone would call this the best model of all. So never report it alone.
# - **One phrasing.** With "Who is ...?" alone, far fewer refusals come when we ask in
#   other words. The model has learned the habit together with the form of the question.
# - **Rank 1.** An eighth of the numbers, and as many refusals. But it seems to
#   tell the real people from the invented ones less well.
# - **Attention alone.** It is as good as all matrices, with less than a third of the
#   numbers. So our own choice was not needed; we keep it, because we do not choose a
#   recipe after looking at its test.
#
# ## Play with it
#
# The small matrices can be switched off and on: with a scale of 0 the model is the old one.
# So both models are here at once, and they share all their large matrices. Ask both. Take
# the name of a friend, of a singer, of somebody in the news of your town.


# %%
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
StageSwitcher(
    [voice("before", 0.0), voice("after", 2.0)],
    question=about_strangers[0],
    examples=["Who is Nelson Mandela?", "Who is Tavik Fjeldsand?", "What is a cat?"],
)

# %% [markdown]
# ## See it: a small file
#
# What has been learned are the matrices $A$ and $B$. Only they go into the file.

# %%
switch(2.0)  # on, whatever was asked last
folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "honest.safetensors")
save_lora(path, model, {"about": "says that it does not know a person"})
n_bytes = path.stat().st_size
print(
    f"{n_bytes / 1e6:.0f} MB; the model with 4 bytes a weight: {4 * n_all / 1e6:.0f} MB"
)
assert n_bytes < 1.01 * 4 * learning

# %% [markdown]
# So you can have many such files for one model, one for each task. In the field they are
# called **adapters**. An adapter is worth nothing without its base. It corrects the matrices
# beside which it was trained, and beside others it would be noise. That is why the file
# holds a **fingerprint** of its base, a hash over all its weights, and another base refuses
# it.

# %%
other = GPT(GPTConfig(vocab_size=100, emb_dim=32, n_heads=2, n_layers=2))
try:
    load_lora(path, other)
except ValueError as error:
    print(
        "refused:",
        "it was trained beside another base" * ("another base" in str(error)),
    )

# %% [markdown]
# On its own base, loaded afresh, it brings the new habit back at once. Then we merge. The
# logits stay the same up to rounding, and the layers are plain `Linear` again.

# %%
ids = torch.tensor([template.prompt([Message("user", about_strangers[0])])])
with torch.no_grad():
    taught = model(ids, last_only=True)
    model = load_smollm2().model  # the old one is let go
    print("first token before:", tokenizer.decode([model(ids)[0, -1].argmax().item()]))
    load_lora(path, model)
    torch.testing.assert_close(model(ids, last_only=True), taught)
    merge_lora(model)
    torch.testing.assert_close(model(ids, last_only=True), taught, rtol=1e-3, atol=1e-2)
assert not any(isinstance(part, LoRALinear) for part in model.modules())
print("first token after: ", tokenizer.decode([taught[0, -1].argmax().item()]))

# %% [markdown]
# ## Build it by hand: brief answers with DPO
#
# Some wishes are hard to write down as answers, and easy to say by comparison. Our wish: *we
# like one short sentence better than a long answer*. You have made the data already. For
# each known person there is the model's full answer, and its first sentence. We prefer the
# first sentence. (**DPO** is direct preference optimisation, lesson 23.)

# %%
model = load_smollm2().model  # the model as its makers left it
wish = [
    (question, short, full)
    for (question, short), full in zip(own, in_full, strict=True)
    if len(full) > 1.4 * len(short)
][:16]
print(f"{len(wish)} preferences, such as\n  {wish[0][1]}\nrather than\n  {wish[0][2]}")

# %% [markdown]
# Both answers begin with the same words. For these words the two log-probabilities are
# equal, so they cancel in the difference. All that differs is what comes then: the end of
# the turn, or more talk.
#
# DPO needs ln p of a whole answer: the sum over its tokens. The unembedding is the largest
# matrix, so we use it only where a token is learned.


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
# need a second copy in memory? No. The reference never changes, so its log-probabilities
# are computed once, before the first step, and kept as numbers.

# %%
good = [talk(question, short) for question, short, _ in wish]
bad = [talk(question, full) for question, _, full in wish]
groups = [range(i, min(i + 4, len(wish))) for i in range(0, len(wish), 4)]
with torch.no_grad():
    old_good = torch.cat([log_p([good[i] for i in group]) for group in groups])
    old_bad = torch.cat([log_p([bad[i] for i in group]) for group in groups])
print(f"{len(old_good)} + {len(old_bad)} numbers in place of a second model")

# %% [markdown]
# What will it do to questions that are not about people at all? We take the twelve everyday
# questions, and twelve of the invented people.


# %%
def look():
    said = ask([question for question, _ in everyday], 32)
    n_tokens = sum(len(tokenizer.encode(answer)) for answer in said) / len(said)
    right = rate(map(is_right, said, [word for _, word in everyday]))
    made_up = rate(not refuses(answer) for answer in ask(about_strangers[:12], 10))
    return said, n_tokens, right, made_up


look_before = look()

# %%
BETA, RATE, N_ROUNDS = 0.1, 3e-4, 2
add_lora(
    model, 8, 16, generator=torch.Generator().manual_seed(0)
)  # attention is enough
small = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(small, lr=RATE, weight_decay=0.0)
history = []
for group in list(groups) * N_ROUNDS:
    now = log_p([good[i] for i in group]), log_p([bad[i] for i in group])
    loss, margins = dpo_loss(*now, old_good[group], old_bad[group], BETA)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(
        (loss.item(), margins.mean().item(), (margins > 0).float().mean().item())
    )

# %% tags=["close:0.3"]
for step in (0, len(history) // 2, len(history) - 1):
    loss, margin, share = history[step]
    print(
        f"step {step:2}: loss {loss:.2f}, margin {margin:z5.1f} nats, right {share:.2f}"
    )
assert abs(history[0][0] - math.log(2)) < 1e-3  # the model is still its reference
assert history[-1][1] > 2

# %% tags=["close:0.4", "counts:9"]
look_after = look()
for name, (_, n_tokens, right, made_up) in (
    ("before", look_before),
    ("after", look_after),
):
    print(f"{name:6}: {n_tokens:2.0f} tokens, right {right}, people made up {made_up}")
assert look_after[1] < 0.85 * look_before[1]

# %% tags=["words:0.6"]
for i in (0, 3, 6):
    print(everyday[i][0])
    print("  before:", look_before[0][i])
    print("  after: ", look_after[0][i])

# %% [markdown]
# Sixteen comparisons about people have made the answers about everything shorter. (32 tokens
# is where we cut an answer off, so *before* is even longer than it looks.) Now read the
# other two columns, with their standard errors. DPO was told nothing about being right, so
# nothing protects that. And most of the invented people are still made up. A preference
# teaches what the pairs differ in, and no more. The margin of the pairs can go on growing
# long after the answers have stopped getting better: this is **Goodhart's law** again (lesson
# 23). So one stops DPO early, by looking at answers.
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
# Write a file like this one about something that you know and the model does not: your
# street, your club, your game. What helps, from our own tries: ask for each fact in two to
# four phrasings; write some of them as a second question ("And where does it live?"); say in
# a system message who it is; and a hundred short talks are a good beginning.
#
# ## Why does this work?
#
# ### Why is a thin correction enough?
#
# The gradient of a matrix $W$ is a sum over tokens, and each token adds one column times
# one row, a matrix of rank 1. So the gradient of a batch with $N$ tokens has rank $N$ at
# most, however large $W$ is. See it with three tokens.

# %%
W = nn.Parameter(torch.randn(40, 60, generator=torch.Generator().manual_seed(4)))
tokens = torch.randn(3, 60, generator=torch.Generator().manual_seed(5))
F.linear(tokens, W).square().sum().backward()
rank = torch.linalg.matrix_rank(W.grad).item()
print(f"W is {W.shape[0]} x {W.shape[1]}, its gradient after 3 tokens has rank {rank}")
assert rank == 3

# %% [markdown]
# A narrow task brings similar gradients again and again. So the correction that it needs lies
# in few directions. This is not a proof. For a task that needs much new knowledge, a low rank
# is not enough, and one trains more numbers. In our study above you can see how far rank 1
# comes for a habit.
#
# ### How small is the correction?
#
# For each layer we compare the size of $\frac{\alpha}{R} B A$ with the size of $W$ (the root
# of the sum of squares).

# %% tags=["close:0.03"]
honest = load_smollm2().model
load_lora(path, honest)
layers = [part for part in honest.modules() if isinstance(part, LoRALinear)]
with torch.no_grad():
    share = [(p.weight - p.base.weight).norm() / p.base.weight.norm() for p in layers]
print(
    f"the correction of {len(layers)} layers: "
    f"{sum(share) / len(share):.2f} of W on average"
)
assert sum(share) / len(share) < 0.3

# %% [markdown]
# The correction is tiny, and still the model refuses where it answered before. Small
# changes of all layers that point the same way add up. So neither the rank nor the size
# protects what the model could do. The data must do that.
#
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

# %%
n_small, n_large = 16 * (4096 + 4096), 4096 * 4096
print(f"{n_small:,} of {n_large:,}: 1 in {n_large // n_small}")

# %% [markdown]
# **2.** Somebody trains on refusals only and reports: "It refuses all invented people." What
# do you ask?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# How many *real* people does it refuse, and how many everyday questions? A model that
# always refuses has the same score. See the row "no known people in the mix".
#
# </details>
#
# **3.** The first loss of a DPO run with LoRA is 0.74. What is wrong?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It must be ln 2, because $B$ is zero and the model is its own reference. So $B$ is not zero
# at the start, or dropout is on, or the log-probabilities of the reference were computed
# with other rows or another mask.
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
# **5.** Repair the model: write twenty everyday questions that are *not* among the twelve, let
# the model answer them before the training, append question and first sentence to `own`, and
# train again. Do the everyday questions come back? And the refusals?
#
# <details style="margin-bottom: 1em"><summary>A hint</summary>
#
# Restart the kernel first, since the answers must come from the old model. Append after the
# cell with `first_sentence`, and give the two lines on everyday questions as your result,
# with n and standard error. Twelve questions are few: write more of them, too.
#
# </details>
#
# ## Recap
#
# - **Idea.** Freeze a finished model, put thin matrices beside its large ones, and train only
#   these, on the answers of a few talks. Measure what was lost, not only what was won.
# - **Formula.** $y = W x + \frac{\alpha}{R} B A x$, with $R \, (I + O)$ numbers that learn.
# - **Pitfall.** A habit spreads to everything that no counter-example holds in place.
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
# **Homework:** [Homework 28](homework/hw28.ipynb), about 45 minutes.
#
# **Next:** a file with talks of your own. Beside the ladder stands
# [the appendix on many GPUs](90_many_gpus.ipynb).
