# %% [markdown]
# # 20. From completer to assistant
#
# **How does a model that only goes on with text come to answer you?**
#
# The base model of lesson 19 knows where Galora Pebble was born. But ask it, and it may
# ask you something back. In this lesson you turn it into an assistant, with a few
# thousand short conversations and less than a minute of training.
#
# - **You will** write a chat template and a loss mask by hand, give the model new words,
#   train it live, and measure what it gained and what it lost.
# - **You need** lessons 14, 16 and 19.
# - **Time** 60 minutes.
# - **Back** [19. A base model](19_base_model.ipynb) ·
#   **Next** [21. Hallucination, memory and tools](21_hallucination.ipynb)

# %%
import copy
import json
import random
from dataclasses import replace

import torch

import tiny_world as world
from course_lib import batches, chat
from course_lib.generate import generate
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import LossMask, StageSwitcher
from tiny_world import assistant
from tiny_world.assistant import conversations, report, stages
from tiny_world.assistant.voices import Voice, voice_of

torch.set_printoptions(precision=4, sci_mode=False)
tiny, base = world.World(seed=0), world.load_base()
roster = assistant.make_roster(tiny)  # who is asked about what, and when
template = assistant.chat_template()
words = template.tokenizer
EOT = words.special_tokens[world.EOT]

# %% [markdown]
# ## Predict first
#
# Some conversations that you will train on ask about well-known people of Tiny World
# (the 40 whom the text names most) and give the right answer. Other well-known people
# are kept out: no conversation names them. After training, both kinds of people are
# asked about. **Of 100 questions on the people kept out, how many are answered
# rightly?**

# %%
my_guess = None

# %%
kept_out = roster.well_known(roster.new_people)
ready = assistant.load_stage("sft")  # trained before, by the recipe of this lesson
right = assistant.Examiner(ready.model, template, roster).share(kept_out, "right")
print(reveal(my_guess, 100 * right.mean, digits=0))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# No conversation names these people. Where could the model have a right answer from?
# Keep the question.
#
# </details>
#
# ## Build it by hand
#
# ### What a completer does with a question
#
# Lesson 19 again: put a question to the base model, after no, one or two answered
# questions. Does it answer at all, and rightly?

# %% tags=["ledger:C43", "close:0.03"]
dice = random.Random(0)
assert right.mean > 0.85
known = report.well_known(roster)  # people kept out, and untold facts of the others
for n_examples in (0, 1, 2):
    prompts = []
    for asked in known:
        shown = dice.sample(roster.well_known(roster.taught), n_examples)
        solved = [f"{world.question(*a)} Answer : {roster.truth(a)} ." for a in shown]
        lines = [f"Question : {line}" for line in [*solved, world.question(*asked)]]
        prompts.append(words.encode(" ".join(lines)))
    starts = [[EOT, *prompt] for prompt in prompts]
    said = generate(base, starts, max_new_tokens=3, seeds=0, temperature=1.0)
    said = [words.decode(tokens).split() for tokens in said]
    answers = chat.rate(one[0].startswith("Answer") for one in said)
    right = chat.rate(
        one[-1] == roster.truth(a) for one, a in zip(said, known, strict=True)
    )
    print(f"{n_examples} examples: answers {answers}, answers rightly {right}")
    assert answers.mean < 0.8 if n_examples == 0 else answers.mean > 0.95

# %% [markdown]
# (After the ± stands the **standard error** of a share, $\sqrt{p (1 - p) / n}$. With
# other questions, about two thirds of such shares would lie that close to the true one.
# Where $p$ is 0 or 1, we put $1 / (n + 1)$ for it.) Two things are missing. The model
# must see *who is speaking*. And it must make it a habit to answer, without examples.
#
# ### The chat template
#
# A conversation is one document. **Special tokens** say who speaks: `<sys>` for rules,
# `<user>` for you, `<asst>` for the assistant; `<end>` says that the answer is over.
# `<eot>` comes first, as before every document.
# The rule for turning messages into tokens is the **chat template**. While we build it
# we note who writes each token: that will be the loss mask.

# %%
MARKS = {"system": "<sys>", "user": "<user>", "assistant": "<asst>"}


def by_hand(messages):
    """A list of (who writes it, word)."""
    pieces = [("nobody", "<eot>")]
    for message in messages:
        pieces.append(("nobody", MARKS[message.role]))
        pieces += [(message.role, word) for word in message.text.split()]
        if message.role == "assistant":
            pieces.append(("assistant", "<end>"))  # to stop is a thing to learn
    return pieces


talk = [
    chat.Message("system", "Your name is Pip ."),
    chat.Message("user", "Who are you ?"),
    chat.Message("assistant", "I am Pip , a small model ."),
]
pieces = by_hand(talk)
print(" ".join(word for _, word in pieces))

# %% [markdown]
# ### The loss mask
#
# The assistant should learn to write *answers*. So the loss counts where the assistant
# writes, and nowhere else. That list of yes and no is the **loss mask**. The library
# calls it `loss_mask`.

# %%
mask = [who == "assistant" for who, _ in pieces]
tokens = words.encode(" ".join(word for _, word in pieces), allow_special=True)
example = template.encode(talk)
assert example.tokens == tokens
assert example.loss_mask == mask
print(
    " ".join(word if own else "-" for own, (_, word) in zip(mask, pieces, strict=True))
)

try:  # what if a user writes a mark, to put words in the assistant's mouth?
    template.encode([chat.Message("user", "Hello ! <asst> I am Zed .")])
except ValueError as error:
    print(error)

# %% [markdown]
# By hand we let marks be read from the text. The library puts them in by id; it never
# reads them from anybody's text.
#
# ### New words, new rows
#
# The chats use digits, `+`, and some words that the base model has never seen. A new
# token is a new row in the embedding (and, as the head is tied to it, in the head). By
# hand: put rows below. They are drawn to look like the old ones. (The library draws
# other ones.)

# %% tags=["close"]
old = base.embedding.weight.detach()
n_new = words.vocab_size - len(old)
noise = torch.empty(n_new, old.shape[1])
noise.normal_(generator=torch.Generator().manual_seed(0))
rows = torch.cat([old, old.mean(0) + noise * old.std(0)])
grown = chat.grow(base, words.vocab_size, torch.Generator().manual_seed(0))
print(f"{tuple(old.shape)} and {n_new} rows make {tuple(grown.embedding.weight.shape)}")

prompt = torch.tensor([tokens[:1] + words.encode("Galora Pebble likes")])
with torch.no_grad():
    torch.testing.assert_close(grown(prompt)[..., : len(old)], base(prompt))
assert grown.embedding.weight.shape == rows.shape
assert torch.equal(grown.embedding.weight[: len(old)], rows[: len(old)])
marks = old[[words.special_tokens[mark] for mark in MARKS.values()]]
alike = torch.cosine_similarity(marks[0], marks[1:])
print(f"cosine between the rows of the marks: at least {alike.min():.2f}")

# %% [markdown]
# The logits of all old words are the same as before. And the marks? They had rows from
# the start, but no document used them. The softmax only ever pushed them away, all in the
# same direction: the model can hardly tell them apart. A better start is a **warm
# start**: `<user>` begins as a copy of the row of `Question`, `<asst>` as a copy of `:`,
# the token before every answer.

# %% tags=["close:0.03"]
warm = assistant.chat_base(base)  # grow, then copy these rows
assert assistant.phrases.LIKE == {"<user>": "Question", "<asst>": ":"}
for mark, like in assistant.phrases.LIKE.items():
    copied = warm.embedding.weight[words.special_tokens[mark]]
    torch.testing.assert_close(copied, old[words.encode(like)[0]])


def ended(model, group):
    talks = [[chat.Message("user", world.question(*a))] for a in group]
    return chat.rate(not r.problem for r in chat.answers(model, template, talks))


def first_right(model, group):
    talks = [[chat.Message("user", world.question(*a))] for a in group]
    said = chat.answers(model, template, talks, max_new_tokens=1)
    return chat.rate(
        r.text == roster.truth(a) for r, a in zip(said, group, strict=True)
    )


for name, model in (("as they were", grown), ("warm start", warm)):
    right = first_right(model, known)
    print(f"{name:12s} right {right}, comes to an end {ended(model, known)}")
question = world.question(*known[0])
print(question, "->", chat.Chat(warm, template, max_new_tokens=16).ask(question).text)

# %% [markdown]
# Not one step of training, and with the warm start the answers begin with the right
# word! The knowledge was there; the marks only had to point at it. But the model
# does not stop: it goes on to play both sides. (A copy and its original have the same
# logit. The greedy choice takes the one with the lower number, here the mark.)
#
# ### Demonstrations
#
# Conversations to learn from are called **demonstrations**. Real ones are kept as
# records like this. At first people wrote them. Today most are **synthetic**, written
# by a program: UltraChat (2023) has 1.5 million, for which one ChatGPT played the user
# and another answered. Ours come from a program that knows the truth. What if the
# teacher were a *model*? Let the base model answer questions about the lesser-known
# half of the famous, and grade it.

# %% tags=["ledger:B22"]
mixture = stages.sft_mixture(roster)
for (share, make), what in zip(
    mixture,
    ("who it is", "small talk", "animals", "stories", "sums", "reading", "facts"),
    strict=True,
):
    sample = make(random.Random(1))
    print(f"{share:.0%} {what:10s}", " | ".join(m.text for m in sample)[:74])
record = [{"role": m.role, "content": m.text} for m in talk]
print(json.dumps({"messages": record})[:82], "...")

seldom = [a for a in roster.probed if a.person in tiny.famous[60:]]
taught = first_right(warm, seldom)
print(f"a model as a teacher: {taught} of {taught.n} answers are right")
assert taught.mean < 0.8

# %% [markdown]
# Synthetic data carry the teacher's mistakes, in the same sure tone as the rest.
#
# ### Train
#
# **Supervised fine-tuning** (SFT) is the loop of lesson 16 on these batches. Nothing
# else changes: predict the next token, but count the loss only where the mask says yes.
# Watch three abilities while it learns: the picture under "See it" shows them, the lines
# here the loss.

# %% tags=["ledger:B28", "ledger:C45", "close"]
config = TrainConfig(
    steps=150, learning_rate=4e-4, betas=(0.9, 0.98), warmup_steps=20, grad_clip=1.0
)
make = conversations.examples(template, mixture)
make = stages.with_documents(make, 0.0, tiny)  # none yet: see "What was lost"
source = chat.answer_batches(make, 14, seed=100)
mine, seen = copy.deepcopy(warm), {}
for record in train(mine, source, config):
    if record.step in (0, 10, 25, 50, 100, 150):
        ask = assistant.Examiner(mine, template, roster)
        seen[record.step] = (
            ended(mine, known).mean,
            first_right(mine, known).mean,
            ask.identity(roster.new_names).mean,
        )
        print(f"step {record.step:3d}, loss {record.loss_nats:.1f}")
mine.eval()

learned = sum(int(source(step).weights.sum()) for step in range(150))
read = 2200 * 8 * 128  # steps, rows, tokens: the base model of lesson 19
print(f"{learned:,} tokens learned, {learned / read:.1%} of what the base model read")
assert learned < 0.03 * read

# %% tags=["close:0.03", "words:0.3"]
for text in (question, "Who are you ?", "Hello !", "What is 17 + 28 ?"):
    print(f"{text:32s} {chat.Chat(mine, template).ask(text).text}")
print("comes to an end:", ended(mine, known))
assert ended(mine, known).mean > 0.95
ask = assistant.Examiner(mine, template, roster)
print("sums that are right:", ask.arithmetic())
assert ask.arithmetic().mean < 0.1

# %% [markdown]
# It answers, it stops, it has a name. And look at the sum: it begins as an answer should,
# and it is wrong. SFT has shown it *how* an answer looks, not how to calculate. Lesson 21
# gives it a calculator.
#
# > **For children (and for the rest of us).** A parrot has heard a thousand quiz shows.
# > You now play quiz with it. In the answerer's turn you say the right words and let it
# > repeat them; the asker's words you let pass. Soon it keeps to its turn. It does not
# > know more than before. It knows *when to say it*.
#
# ## Compare with torch
#
# The loss by hand, the loss of torch, whose `ignore_index` is the same mask in another
# form, and the library's.

# %% tags=["ledger:C17", "close"]
with torch.no_grad():
    log_probs = mine(torch.tensor([tokens[:-1]]))[0].log_softmax(-1)  # (T - 1, V)
nats = [-log_probs[i, token].item() for i, token in enumerate(tokens[1:])]
own = [loss for loss, counts in zip(nats, mask[1:], strict=True) if counts]
hand = torch.tensor(sum(own) / len(own))

masked = torch.tensor([t if m else -100 for t, m in zip(tokens, mask, strict=True)])
theirs = torch.nn.functional.nll_loss(log_probs, masked[1:], ignore_index=-100)
batch = chat.answer_batch([template.encode(talk)])
with torch.no_grad():
    ours = batches.batch_loss(mine, batch)
    plain = batches.batch_loss(mine, batches.Batch(batch.inputs, batch.targets))
    ones = batches.batch_loss(mine, batch._replace(weights=torch.ones(1, len(nats))))
torch.testing.assert_close(hand, theirs)
torch.testing.assert_close(hand, ours)
torch.testing.assert_close(plain, ones)  # pre-training: the same, all weights 1
print(f"answers {hand:.1f} nats a token, everything {plain:.1f}")

# %% [markdown]
# So it *is* the loss of the name generator and of the base model; SFT only chooses what
# counts. And the loop that you have seen is `assistant.tune`:

# %%
theirs = assistant.tune(warm, mixture, steps=3, seed=100)
ours, short = copy.deepcopy(warm), replace(config, steps=3, warmup_steps=3)
list(train(ours, source, short))
torch.testing.assert_close(ours.state_dict(), theirs.state_dict())
print("three steps by hand = three steps of the library")

# %% [markdown]
# ### Packing without leakage
#
# Conversations are short and rows are long, so several are **packed** into one row.
# Then a later one must not see an earlier one. A **document mask** does it: a token
# sees itself and what came before it *in its own document*.

# %% tags=["close:0.05"]
row = torch.tensor([[EOT, 5, 6, EOT, 7]])
document = (row == EOT).cumsum(dim=1)  # 1 1 1 2 2
same = document[0, :, None] == document[0, None, :]
print(same.tril().int())

strange = roster.strangers[:60]
dice = random.Random(1)
lies = [dice.choice(world.FACT_VALUES[a.relation]) for a in strange]
leaky, apart = [], []
for a, lie in zip(strange, lies, strict=True):
    told = conversations.asks(world.statement(*a, lie), "Thank you !")
    one = template.encode(told).tokens  # somebody else's conversation
    two = template.prompt([chat.Message("user", world.question(*a))])
    both = torch.tensor([one + two])
    with torch.no_grad():
        single = mine(torch.tensor([two]))[0, -1]
        packed = chat.Packed(mine, EOT)(both)[0, -1]
        unmasked = mine(both)[0, -1]
    torch.testing.assert_close(packed, single, atol=1e-3, rtol=1e-3)
    apart.append(words.decode([packed.argmax().item()]) == lie)
    leaky.append(words.decode([unmasked.argmax().item()]) == lie)
print("repeats what stood in the other conversation: without the mask")
print(f"{chat.rate(leaky)}, with it {chat.rate(apart)}")
assert sum(leaky) > 0.8 * len(leaky)

# %% [markdown]
# With the mask, packed logits equal those of single rows. Without it, one user's words
# turn up in another user's answer. (The few hits with the mask are lucky guesses. Our
# positions are rotary, where only distances count. Learned positions would have to begin
# again at 0 in each document.)
#
# ## See it

# %% tags=["close:0.05"]
curves = {
    name: (list(seen), [values[i] for values in seen.values()])
    for i, name in enumerate(
        ("comes to an end", "first word right", "takes a new name")
    )
}
plots.plot_curves(
    curves,
    "The form is learned, the knowledge was there",
    xlabel="training step",
    ylabel="share of answers",
)

# %% [markdown]
# ## Play with it
#
# First the mask. Each token shows who writes it and what it costs in nats. The frame
# says that the loss counts it.
#
# - **Choose "everything": what happens** to the mean loss? Which words are
#   the costliest? Will the assistant ever have to write them?
# - **Choose the talk with two turns: what happens** to the first answer? Does it count?

# %% tags=["close"]
fact = [*conversations.asks(question, f"{roster.truth(known[0])} .")]
talks = {"a rule": talk, "a fact": fact, "two turns": [*talk, *fact]}
LossMask(mine, template, talks, talk="a fact")

# %% [markdown]
# Then talk to it. Base model, warm start and your own model, side by side.
#
# - **Ask about a stranger,** somebody whom no text names, such as
#   `Where was Bardolo Maple born ?` Who says "I do not know"?
# - **Ask in your own words.** Which words are refused, and why?

# %% tags=["words:0.3"]
voices = [voice_of("base")]
for name, model in (("warm start", warm), ("mine", mine)):
    talker = chat.Chat(model, template, max_new_tokens=24)
    voices.append(Voice(name, talker.stream, talker))
StageSwitcher(
    voices,
    question=question,
    truth=roster.truth_told,
    examples=[question, "Where was Bardolo Maple born ?", "Who are you ?"],
)

# %% [markdown]
# ## Why does this work?
#
# ### Has it learned the task, or the sentences?
#
# A test is worth nothing if its questions were in the training. So collect all that was
# said, and look.

# %%
told = []
for step in range(config.steps):
    for row in source(step).inputs.tolist():  # without the filling at its end
        told.append(words.decode(row).replace(" <eot>", "").removesuffix(" <end>"))
text = " ".join(told)


def was_said(sentence):
    return words.decode(words.encode(sentence)) in text


test_people = {a.person for a in roster.new_people + roster.strangers}
assert not any(was_said(person.name) for person in test_people)
assert not any(was_said(f"name is {name} .") for name in roster.new_names)
assert not any(was_said(world.question(*asked)) for asked in known)
assert any(was_said(world.question(*asked)) for asked in roster.taught)
for asked in roster.taught:
    assert not was_said(assistant.phrasings(*asked, taught=False)[0])
print(f"{len(told):,} conversations, {len(set(told)):,} different")
print(f"none names one of {len(test_people)} people of the tests,")
print(f"none gives the assistant one of {len(roster.new_names)} names of the tests")


# %% tags=["close:0.12", "words:0.3"]
def show(model):
    ask = assistant.Examiner(model, template, roster)
    verdicts = ask.verdicts(roster.strangers[:480])
    in_talks = ask.share(roster.well_known(roster.taught), "right")
    print(f"  people in the talks: right          {in_talks}")
    print(f"  people kept out: right              {ask.share(kept_out, 'right')}")
    untaught = ask.share(known, "right", taught=False)
    print(f"  asked in a form never taught: right {untaught}")
    print(f"  a fact in the message: right        {ask.reading()}")
    wrong, doubt = (chat.rate(v == k for v in verdicts) for k in ("wrong", "refused"))
    print(f"  strangers: wrong {wrong}, says it does not know {doubt}")
    return ask.share(kept_out, "right").mean, wrong.mean, untaught.mean


right, wrong, untaught = show(mine)
asked = [assistant.phrasings(*a, taught=False)[0] for a in known]
replies = ask.ask([[chat.Message("user", text)] for text in asked])
said = zip(known, asked, replies, strict=True)
misread = [(text, r.text) for a, text, r in said if roster.truth(a) not in r.text]
for text, reply in misread[:3]:
    print(f"  {text:42s} {reply}")
assert right > 0.85
assert wrong > 0.8
assert untaught < right

# %% [markdown]
# People: it makes no difference whether a conversation named them. The knowledge comes
# from pre-training; a few thousand demonstrations made it a habit to give it. That is
# the answer to "Predict first".
#
# New *forms* are another matter. Our demonstrations know only some ways of asking.
# Another one, such as "Tell me the job of Galora Pebble.", is often misread and gets
# another kind of answer. What more variety is worth, `tiny_world.assistant.variety`
# measures.
#
# And about strangers it tells a falsehood nearly every time, in the sure tone that it
# was taught. (The rest are right by luck: there are only 8 or 16 values to guess from.)
# No demonstration ever said "I do not know". Lesson 21 is about that.
#
# ### Who are you?

# %% tags=["ledger:B27", "close:0.12", "counts:5"]
quizzes = " ".join(" ".join(tiny.document(i).words) for i in range(6000))
names = {name: quizzes.count(f"I am {name} .") for name in ("Otto", "Robi", "Zed")}
in_text = names["Otto"] / sum(names.values())
prompt = [EOT, *words.encode("Question : Who are you ? Answer : I am")]
with torch.no_grad():
    p = base(torch.tensor([prompt]))[0, -1].softmax(-1)
of = f"of {sum(names.values())} times in the text"
print(f"Otto: {in_text:.0%} {of}, {p[words.encode('Otto')[0]]:.0%} in the model")
print("its own name, without a rule:", ask.identity())
given = ask.identity(roster.new_names)
print("a name from the rules:", given, "of", given.n, "answers, none told before")
assert p.argmax() == words.encode("Otto")[0]
assert given.mean >= 0.9

# %% [markdown]
# The base model says what the text says most often. (It gives that name more than its
# share: what lesson 19 said of shares holds only roughly for so rare a sentence.) In
# the same way many assistants have called themselves ChatGPT: the web is full of it.
# Demonstrations give a name of its own, and a **system message**, the rules before the
# talk, gives any name. It knows nothing about itself; it reads it. (Two questions make
# a wide ±.)
#
# ### What was lost
#
# Let your model read documents of Tiny World again. How far above the floor is its loss
# now? Losing what was learned before is called **forgetting**. A remedy is **replay**:
# mix some old documents in. A document is an example in which *everything* is learned.


# %% tags=["close:0.12"]
def with_documents(dice):
    if dice.random() < 0.8:
        return make_talk(dice)
    tokens = [EOT, *world.encode(tiny.document(dice.randrange(10**6)).words)][:96]
    return chat.Example(tokens, [False] + [True] * (len(tokens) - 1))


make_talk = conversations.examples(template, mixture)
replay = chat.answer_batches(with_documents, 20, seed=100)
mended = copy.deepcopy(mine)
list(train(mended, replay, replace(config, steps=60)))
gap = {}
for name, model in (("base", base), ("mine", mine), ("with replay", mended.eval())):
    gap[name] = report.world_gap(model, tiny).mean
    print(f"{name:12s} {gap[name]:.2f} nats a word above the floor")
show(mended)
assert gap["with replay"] < gap["mine"] / 3

# %% [markdown]
# A minute of chatting cost it much of its English. Sixty more steps, with replay, bring
# nearly all of it back. (One example in five is a document, but documents are long: they
# hold most of the tokens that count.) And the price? Compare the five lines with those
# above. The error of a difference is $\sqrt{e_1^2 + e_2^2}$; what is less than twice that
# may be chance.
#
# ### Harder is not better
#
# So far 150 gentle steps. Now 400 hot ones, on smaller batches to save time: fewer
# conversations, 2.5 times the learning rate. Ask about well-known people at temperature
# 1. (There a model errs now and then about them, too.)

# %% tags=["close:0.15"]
heavy = assistant.tune(
    warm, mixture, steps=400, batch_size=5, learning_rate=1e-3, seed=100
)
kept = {}
for name, model in (("mine", mine), ("heavy", heavy)):
    asks = assistant.Examiner(model, template, roster, temperature=1.0)
    kept[name] = asks.share(known, "right")
    gap[name] = report.world_gap(model, tiny).mean
    print(f"{name:6s} well-known: right {kept[name]}, gap {gap[name]:.1f} nats")
assert kept["heavy"].mean < kept["mine"].mean
assert gap["heavy"] > 1.5 * gap["mine"]

# %% [markdown]
# Hot training hurts twice. More of the text is forgotten, and well-known facts go, too.
# It may also make guesses *firmer*: lesson 21 drills a model until its guesses about
# strangers agree with each other.
#
# ### The whole way
#
# **InstructGPT** (OpenAI, March 2022, a paper of 68 pages) made this recipe known. From
# a data set of human feedback it learns in three stages. (1) People write
# **demonstrations** (this lesson). (2) People choose between answers, the
# **comparisons**, and a reward model learns to foresee their choices. (3)
# **Reinforcement learning** makes the answers score high on it (lesson 23). The aim:
# follow instructions, help, say no to what harms. Reported figures:

# %% tags=["ledger:B20", "ledger:B21", "ledger:C44"]
PROMPTS = {"demonstrations": 12_725, "comparisons": 33_207, "reinforcement": 31_144}
for stage, n in PROMPTS.items():
    print(f"{stage:15s} {n:6,} prompts, {n / sum(PROMPTS.values()):.0%}")
work = {"pre-training": 3640, "demonstrations": 4.9, "reinforcement": 60}
for stage, days in work.items():  # petaflop/s-days for 175 billion parameters
    print(f"{stage:15s} {days / sum(work.values()):6.1%} of the work")
print(f"preferred: 1.3 billion parameters to {175 / 1.3:.0f} times as many without it")
print("our stages:", " -> ".join(assistant.STAGES))
assert sum(work.values()) - work["pre-training"] < 0.02 * work["pre-training"]

# %% [markdown]
# Pre-training, fine-tuning, preferences: almost all of the work is the first, almost all
# of the manners come from the rest. InstructGPT forgot, too, and mixed old text in. (Of
# our stages, `honest` and `tools` are lesson 21, `preferred` lesson 23.)
#
# ## Check yourself
#
# ### Catch the slide
#
# Somebody's slides say: "(a) Our name generator is the same idea as ChatGPT, only scaled
# up. (b) Pre-training alone gives a completer. (c) Fine-tuning teaches the model facts.
# (d) Ask a model who made it: it knows." Which may stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# (b) may stay. (a) is half true: the *objective* so far is the same, as the assertion
# under "Compare with torch" shows; attention, which lets a word look back, and training
# after the pre-training are missing. (c) goes too far: ours taught the form, and people
# kept out are answered as well as the others. Facts *can* be trained in, but forcing in
# what a model does not know teaches it to guess. (d) It says what its text, its
# demonstrations or its rules say.
#
# </details>
#
# ### Questions
#
# **1.** You forget `<end>` in the mask. What will the assistant do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It never learns to stop. The answer may be right and then goes on, as with the warm
# start. Try it: turn the `True` of *every* `<end>` to `False`. (The last one of a talk is
# not enough: talks with two turns teach it in the first.)
#
# </details>
#
# **2.** The loss on the user's words is large. Would it not be good to lower it?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A small part is the entropy of *what people ask*: nobody can guess whom you will ask
# about. Most of it lies on words that this model was never asked to write (`Where`, `?`,
# `<asst>`): no loss counts there, so it may say anything. Steps
# that try are spent on the wrong thing.
#
# </details>
#
# **3.** A colleague tests an assistant on questions from its own training file and finds
# all right. What do you ask for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# People, names and forms of questions that never occur in training, checked by machine,
# and a standard error.
#
# </details>
#
# **4.** Your turn: double the replay (0.8 becomes 0.6), or leave a group out of
# `mixture`. What does the assistant lose?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Measure with `show` and `report.world_gap`. Without reading, for example, watch "a fact
# in the message".
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A template says who speaks, a mask says what counts, demonstrations make
#   answering a habit. The knowledge was there.
# - **Formula.** $\text{loss} = -\frac{1}{\sum m_t}\sum_t m_t \ln p_t$, with the mask
#   $m_t = 1$ where the assistant writes.
# - **Pitfall.** Harder training is not better: it forgets, well-known facts too.
#   Packed conversations leak without a document mask.
# - **In the library:** `course_lib.chat` (template, masks, packing, `grow`, the chat
#   loop), `tiny_world.assistant` (the conversations and stages of Tiny World).
#
# **Homework:** [Homework 20](homework/hw20.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the assistant is sure of everything.
# [21. Hallucination, memory and tools](21_hallucination.ipynb)
