# %% [markdown]
# # 20. From completer to assistant
#
# **How does a model that only goes on with text come to answer you?**
#
# The base model of lesson 19 knows where Galora Pebble was born. But if you ask it, it
# may ask you something back. In this lesson you turn it into an **assistant** (elsewhere:
# chat model, instruct model): a model that answers when it is asked. It takes 2,400 short
# conversations, which you can read, and a few seconds of training.
#
# - **You will** type the loop that turns a conversation into token ids and a loss mask;
#   write a conversation of your own and see it learned; give the model new words; type
#   what counts as a correct answer; and measure what the assistant gained and lost.
# - **You need** lessons 9 (the floor), 14 (the GPT), 16 (training) and 19 (the base
#   model).
# - **Time** 75 minutes for the core. The parts marked *more*, near the end, take another
#   15 minutes.
# - **Back** [19. A base model](19_base_model.ipynb) ·
#   **Next** [21. Hallucination](21_hallucination.ipynb)

# %%
import copy
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import torch

import tiny_world as world
from course_lib import batches, chat, gpt
from course_lib.generate import generate
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.grids import Grid, plot_grids
from course_play.widgets import LossMask, Predict, StageSwitcher
from tiny_world import assistant
from tiny_world.assistant.report import world_gap
from tiny_world.assistant.voices import Voice, voice_of

tiny, base = world.World(seed=0), world.load_base()
galora = tiny.famous[3]  # the fourth most famous person of Tiny World
question, truth = world.question(galora, "born"), tiny.facts(galora)["born"]
print(question, "The truth:", truth)

# %% [markdown]
# This question goes with us through the whole lesson.
#
# ## Predict first
#
# Some of the conversations that you will train on ask about people of Tiny World and
# give the right answer. Other people are **held out**: no conversation names them.
# Galora Pebble is one of these. An assistant that comes with the course was trained in
# this way, and here it is asked about the best known of the people held out, in the
# words of a quiz. (Yours is another one, and you train it below.)

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
roster = assistant.make_roster(tiny)  # who is asked about what: by hand in part 3
held_out = roster.well_known(roster.new_people)  # pairs of a person and a relation
ready = assistant.load_stage("sft").model  # it comes with the course
judge = assistant.Examiner(ready, assistant.chat_template(), roster)
Predict(
    "Of 100 questions in the words of a quiz, about well-known people whom no "
    "conversation names, how many does the assistant answer correctly?",
    round(100 * judge.share(held_out, "right").mean),
    because="The conversations teach how to answer. What to answer, the model knows "
    "already: it has read about these people in its training text.",
)

# %% [markdown]
# We come back to this under *Why does this work?*
#
# ## Build it by hand
#
# ### 1. What a completer does with a question
#
# First we put the question to the base model, in the form that quizzes of Tiny World
# have, and let it go on six times. Then we ask 160 questions about the 40 most famous
# people in this way, alone and after two answered questions.

# %% tags=["words:0.7"]
prompt = world.encode(f"<eot> Question : {question}".split())
said = generate(base, [prompt] * 6, max_new_tokens=8, seeds=4, temperature=1.0)
for ids in said:
    print("...", world.render(world.decode(ids)))

# %%
famous_facts = [(p, r) for p in tiny.famous[:40] for r in world.RELATIONS]


def quiz(asked, n_examples, draw):  # -> token ids of a quiz that ends with `asked`
    others = [fact for fact in famous_facts if fact != asked]
    text = "<eot>"
    for p, r in draw.sample(others, n_examples):
        text += f" Question : {world.question(p, r)} Answer : {tiny.facts(p)[r]} ."
    return world.encode(f"{text} Question : {world.question(*asked)}".split())


# %% tags=["ledger:C43", "close:0.06"]
draw = random.Random(0)
for n_examples in (0, 2):
    prompts = [quiz(asked, n_examples, draw) for asked in famous_facts]
    new_ids = generate(base, prompts, max_new_tokens=3, seeds=0, temperature=1.0)
    words = [world.decode(ids) for ids in new_ids]  # "Answer", ":", "Applebury"
    answers = chat.rate(w[0] == "Answer" for w in words)
    facts = [tiny.facts(p)[r] for p, r in famous_facts]
    good = chat.rate(w[-1] == fact for w, fact in zip(words, facts, strict=True))
    print(f"{n_examples} examples: answers {answers}, answers correctly {good}")
    assert answers.mean < 0.8 if n_examples == 0 else answers.mean > 0.95

# %% [markdown]
# About half of the time it answers, and then the answer is nearly always correct. Else it
# goes on with another question, as many quizzes do that it has read. (`chat.rate` gives a
# share, and after ± its standard error, $\sqrt{p(1-p)/n}$ of lesson 6. Where $p$ is 0 or 1
# that would claim certainty, so `rate` puts $1/(n+1)$ in place of $p$ there.)
#
# So the knowledge is there, but two things are missing. The model must see **who is
# speaking**. And it must make it a **habit to answer**, without examples in the prompt.
#
# ### 2. From a conversation to tokens
#
# A conversation is kept as a list of **messages**. Each has a **role**, which says who
# speaks, and a text. This form is used nearly everywhere. The `user` is you. A **system
# message** (elsewhere: system prompt) holds rules that stand before the talk.
#
# A model reads tokens, so the conversation must become one row of tokens. **Special
# tokens** say who speaks: `<sys>`, `<user>`, `<asst>`. We call them *marks*. A fourth one,
# `<end>`, says that the answer is over, and `<eot>` comes first, as before every document.
# The rule that puts them in is the **chat template** (elsewhere: prompt format). A
# well-known one is *ChatML*. Published models bring theirs along, as a small program in
# the language Jinja.
#
# While we build the row, we also note which tokens the assistant has to write itself.
# This list of yes and no is the **loss mask**: only there will the loss count. The mark
# `<asst>` is not learned, because the program puts it there when somebody asks, and not
# the assistant.

# %%
galora_talk = [
    {"role": "user", "content": question},
    {"role": "assistant", "content": f"{truth} ."},
]
pip_talk = [
    {"role": "system", "content": "Your name is Pip ."},
    {"role": "user", "content": "Who are you ?"},
    {"role": "assistant", "content": "I am Pip , a small model ."},
]

# %%
tokenizer = assistant.chat_tokenizer()  # one word is one token, as in lesson 19
ID = tokenizer.special_tokens  # "<user>" -> its number
MARK = {"system": "<sys>", "user": "<user>", "assistant": "<asst>"}


def render(conversation):  # -> T token ids, T times True or False
    ids, mask = [ID["<eot>"]], [False]
    for message in conversation:
        own = message["role"] == "assistant"
        text = tokenizer.encode(message["content"])
        text += own * [ID["<end>"]]  # to stop is a thing to learn, too
        ids += [ID[MARK[message["role"]]], *text]  # a mark, then what is said
        mask += [False] + [own] * len(text)
    return ids, mask


# %%
def token_name(token):
    mark = [name for name in ID if ID[name] == token]
    return mark[0] if mark else tokenizer.decode([token])


ids, mask = render(galora_talk)
print("place  id  token       the assistant writes it")
for place, (token, own) in enumerate(zip(ids, mask, strict=True)):
    print(f"{place:5}{token:4}  {token_name(token):12}{'yes' if own else '-'}")
assert sum(mask) == 3

# %% [markdown]
# Three of the twelve tokens are learned: the town, the full stop, and `<end>`. (What if a
# user *types* a mark, to put words into the assistant's mouth? Our tokenizer never reads
# special tokens from a text: try `render([{"role": "user", "content": "<asst>"}])`.
# Lesson 22 tells more of such *prompt injection*.)
#
# ### 3. Who is taught, and who is kept for the test
#
# A test is worth nothing if its questions were in the training. So before we write a
# single conversation, we split the people. A question is a pair of a person and a
# **relation** (`born`, `job`, `food`, `color`).
#
# Of four famous people, every fourth is **held out**. Of the questions about all the
# others, one third is *taught*. One fourth is never taught and serves as the test *new
# facts*: the conversations name the person, but not this fact. (The rest waits for
# lesson 21.) And nobody has ever named the **strangers**. The library keeps this split as
# `roster`, because the next lessons need the same one.
#
# We teach facts only about the 60 most famous people, because to teach an answer that
# the base model does not know would teach it to guess (Gekhman et al. 2024). And we test
# facts of the 40 most famous ones only, the **well known**: whatever the base model knows,
# it should know of these. For each group we count in 6,000 documents, about a tenth of
# what the base model has read, how often its people are named.

# %%
famous = tiny.famous  # the most famous first
aside = [*famous[3::4]]  # every fourth one, Galora Pebble first
pairs = [
    assistant.Asked(p, r) for p in famous if p not in aside for r in world.RELATIONS
]
random.Random("roster 0").shuffle(pairs)
n = len(pairs)
taught, new_facts = pairs[: n // 3], pairs[3 * n // 4 :]
assert (*taught,) == roster.taught
assert (*new_facts,) == roster.new_facts
assert {person for person, _ in roster.new_people} == {*aside}
print(f"{n} questions: {len(taught)} taught, {len(new_facts)} new facts")


# %%
def well_known(group):
    return [asked for asked in group if asked.person in famous[:40]]


taught = [asked for asked in taught if asked.person in famous[:60]]
new_facts, strangers = well_known(new_facts), roster.strangers[:240]
assert held_out == well_known(roster.new_people)  # the people of "Predict first"
known = held_out + new_facts  # 66 questions about well-known people
groups = {"taught": taught, "new facts": new_facts}
groups |= {"held out": held_out, "strangers": strangers}

# %%
documents = [tiny.document(i).words for i in range(6000)]
named_in = Counter(pair for words in documents for pair in set(pairwise(words)))
print("group     questions  people  documents with each")
for name, group in groups.items():
    people = {asked.person for asked in group}
    n_read = sum(named_in[tuple(p.name.split())] for p in people) / len(people)
    print(f"{name:10}{len(group):9}{len(people):8}{n_read:21.1f}")
assert not {p for p, _ in held_out + list(strangers)} & {p for p, _ in taught}

# %% [markdown]
# Read the third row: the base model has read about the people held out as often as about
# the others, but no conversation will name them. About the strangers it has read nothing.
#
# ### 4. The conversations
#
# A conversation from which a model learns is a **demonstration**. Ours come from a
# program, so you can read how each kind is made:
#
# | kind | what it teaches | in 100 |
# |---|---|---|
# | `fact_talk` | to answer from memory | 40 |
# | `reading_talk` | to answer from the message: a new fact stands in it each time | 25 |
# | `name_talk` | its name: Tiny, or the one that a system message gives it | 20 |
# | `manners_talk` | greetings and thanks | 10 |
# | `sum_talk` | sums | 5 |
#
# People ask in many ways, and we split these, too: 12 phrasings of each question are
# taught, and 3 never are.

# %%
for kind, in_training in (("taught", True), ("never taught", False)):
    forms = assistant.phrasings(galora, "born", taught=in_training)
    print(f"{len(forms)} phrasings are {kind}:", *forms[:4], sep="\n   ")


# %%
def talk(question, answer, rule=""):
    messages = [{"role": "system", "content": rule}] if rule else []
    messages.append({"role": "user", "content": question})
    return [*messages, {"role": "assistant", "content": answer}]


def asks(question, rule=""):  # the same, without an answer
    return talk(question, "", rule)[:-1]


# %%
def fact_talk(draw, n_forms):  # n_forms: how many of the 12 phrasings are used
    asked = draw.choice(taught)
    form = draw.choice(assistant.phrasings(*asked)[:n_forms])
    return talk(form, f"{roster.truth(asked)} .")


def reading_talk(draw, n_forms):
    # margins: each document tells other facts about them, so nothing can be remembered
    person, relation = draw.choice(roster.margins)
    value = draw.choice(world.FACT_VALUES[relation])
    form = draw.choice(assistant.phrasings(person, relation)[:n_forms])
    return talk(f"{world.statement(person, relation, value)} {form}", f"{value} .")


# %%
WHO = ("Who are you ?", "What is your name ?")


def name_talk(draw, n_forms):
    name = draw.choice(["", *roster.names])  # "": no rule
    name = name if draw.random() < 0.6 else ""
    rule = f"Your name is {name} ." if name else ""
    return talk(draw.choice(WHO), f"I am {name or 'Tiny'} , a small model .", rule)


# %%
MANNERS = {
    "Hello !": "Hello ! I am Tiny , a small model .",
    "Thank you !": "Glad to help !",
    "Good night !": "Good night !",
}


def manners_talk(draw, n_forms):
    return talk(*draw.choice(list(MANNERS.items())))


def sum_talk(draw, n_forms):
    a, b = draw.randrange(10, 100), draw.randrange(10, 100)
    return talk(f"What is {a} + {b} ?", f"It is {a + b} .")


KINDS = [fact_talk, reading_talk, name_talk, manners_talk, sum_talk]
SHARES = dict(zip(KINDS, [40, 25, 20, 10, 5], strict=True))  # in percent


# %%
def write_demos(seed, n_forms=12, n=2400):
    draw = random.Random(seed)
    makers = draw.choices(list(SHARES), list(SHARES.values()), k=n)
    return [make(draw, n_forms) for make in makers]


demos = write_demos(seed=0)
for demo in demos[:9]:
    print(" | ".join(message["content"] for message in demo))

# %% [markdown]
# Now add one that no program would write. Change both texts as you like; 40 copies of it
# go into the data set. (The model knows only the words of Tiny World and of its chats:
# an unknown word is named in the error. Part 5 prints some of the chat words.)

# %%
my_talk = talk("What does the moon eat ?", "The moon eats cheese .")
demos += 40 * [my_talk]
for token, learned in zip(*render(my_talk), strict=True):
    print(tokenizer.decode([token]) if learned else "-", end=" ")
print(f"\n{len(demos):,} conversations; yours is {40 / len(demos):.1%} of them")

# %% [markdown]
# ### 5. New words, new rows
#
# The chats use words that the base model has never seen: digits, `+`, `Tell` and others.
# A new token needs a new row in the embedding matrix. (The output head uses the same
# matrix, because it is tied to it, so this one row serves both. Our positions are rotary
# and have no table, so the context may become longer without a new parameter.) We put rows
# below the old ones, drawn so that they look like them: the mean of the old rows plus
# noise of their spread. The logits of all old words must be the same as before (the last
# line).

# %%
old = base.embedding.weight.detach()  # (V, C)
size = replace(base.config, vocab_size=tokenizer.vocab_size, context_size=256)
generator = torch.Generator().manual_seed(0)
grown = gpt.GPT(size, generator)
noise = torch.empty(size.vocab_size - len(old), old.shape[1])  # (new, C)
noise.normal_(generator=generator)
rows = torch.cat([old, old.mean(0) + noise * old.std(0)])  # (V + new, C)
grown.load_state_dict({**base.state_dict(), "embedding.weight": rows})
print(f"{tuple(old.shape)} and {len(noise)} rows make {tuple(rows.shape)}:")
print(*(tokenizer.decode([i]) for i in range(len(old), len(old) + 24)), "...")
with torch.no_grad():
    logits = grown(torch.tensor([prompt]))  # (1, T, V + new)
    torch.testing.assert_close(logits[..., : len(old)], base(torch.tensor([prompt])))

# %% [markdown]
# The *marks* are not new: the tokenizer of lesson 19 had kept places for them. But no
# document ever used them. In each training step the softmax pushed their logits down,
# all in the same way, so their rows became nearly equal (the cell prints the cosine
# similarity of two of them), and the model can hardly tell them apart.
#
# We give them a **warm start**. In a quiz, the word `Question` comes before a question,
# and `:` comes right before an answer. So let `<user>` begin as a copy of the row of
# `Question`, and `<asst>` as a copy of the row of `:`.

# %% tags=["close"]
alike = torch.cosine_similarity(old[ID["<user>"]], old[ID["<asst>"]], dim=0)
print(f"<user> and <asst> as they were: cosine similarity {alike:.3f}")
warm = copy.deepcopy(grown)
with torch.no_grad():
    for mark, word in {"<user>": "Question", "<asst>": ":"}.items():
        warm.embedding.weight[ID[mark]] = old[world.encode([word])[0]]
torch.testing.assert_close(warm.state_dict(), assistant.chat_base(base).state_dict())
print("by hand = assistant.chat_base")

# %% [markdown]
# To ask a model, we render the conversation, put `<asst>` behind it, and let it write
# until `<end>`, always the most probable token (greedily, at temperature 0). A model
# that never says `<end>` is cut off after 24 tokens.


# %% tags=["words:0.4"]
def write(model, talks):  # B talks -> the new ids of each answer
    prompts = [[*render(one)[0], ID["<asst>"]] for one in talks]
    stop = [ID["<end>"]]
    return generate(model, prompts, max_new_tokens=24, stop_tokens=stop, temperature=0)


def replies(model, talks):
    return [tokenizer.decode(ids) for ids in write(model, talks)]


def ask(model, text, rule=""):
    return replies(model, [asks(text, rule)])[0]


print(ask(warm, question))

# %% [markdown]
# Look at the first word. We have not trained a single step, and the answer begins with
# the right town! But the model does not stop. It goes on to play both sides, as a
# completer does. (It writes marks, too: `<user>` and `Question` now have the same row, so
# they have the same logit.)
#
# Now for all 66 questions about well-known people. A model that does not stop names
# several facts, so here we look only at the first word. (Part 8 has a stricter rule,
# for models that stop.)


# %% tags=["close:0.06"]
def first_word(model, group):
    said = replies(model, [asks(world.question(*asked)) for asked in group])
    firsts = [(text.split() or [""])[0].strip(".") for text in said]
    truths = [roster.truth(asked) for asked in group]
    return chat.rate(w == true for w, true in zip(firsts, truths, strict=True))


def comes_to_an_end(model):
    talks = [asks(world.question(*asked)) for asked in known]
    return chat.rate(len(ids) < 24 for ids in write(model, talks))


for name, model in (("as they were", grown), ("warm start", warm)):
    share = first_word(model, known)
    print(f"{name:13} first word correct {share}, ends {comes_to_an_end(model)}")
assert share.mean > 0.6

# %% [markdown]
# ### 6. A batch: filling, and a loss on the answers
#
# Conversations have different lengths. To put `B` of them into one tensor, the short
# ones are filled up at the right (elsewhere: **padding**). With causal attention nothing
# before the filling can see it, and the weights 0 keep it out of the loss. So the
# filling may be any token, and we take 0, which is `<eot>`. As always, the targets are
# the tokens one place later.


# %%
def collate(examples):  # B times (ids, mask) -> inputs, targets, weights, (B, T) each
    longest = max(len(ids) for ids, _ in examples)
    rows = [ids + [0] * (longest - len(ids)) for ids, _ in examples]
    masks = [mask + [False] * (longest - len(mask)) for _, mask in examples]
    rows, masks = torch.tensor(rows), torch.tensor(masks)  # (B, T + 1) each
    return batches.Batch(rows[:, :-1], rows[:, 1:], masks[:, 1:].float())


# %% tags=["hide-input"]
# drawing only
short, longer = talk("Hello !", "Hello !"), talk("Good night !", "Good night !")
drawn = collate([render(short), render(longer)])
named = [[token_name(token) for token in row] for row in drawn.targets.tolist()]
orange = {(r, c): ORANGE for r, c in drawn.weights.nonzero().tolist()}
plot_grids(
    [Grid(named, "targets of two short talks", marks=orange)],
    "What the assistant writes (orange) is learned, the filling is not",
)

# %% [markdown]
# The loss is the cross-entropy of lesson 3, times the weights. We divide by the number
# of tokens that count. (So the mean goes over all learned *tokens*, as most people do it,
# and a long answer counts for more than a short one.) Then we look at the loss of Galora's
# talk, token by token, and at a drawing of the whole way.


# %%
def token_nats(model, batch):  # what each target costs
    logits = model(batch.inputs)  # (B, T) -> (B, T, V)
    log_probs = logits.log_softmax(-1)  # (B, T, V)
    return -log_probs.gather(-1, batch.targets[..., None])[..., 0]  # (B, T)


def answer_loss(model, batch):
    nats = token_nats(model, batch)  # (B, T)
    return (nats * batch.weights).sum() / batch.weights.sum()


# %% tags=["close"]
with torch.no_grad():
    one = collate([render(galora_talk)])
    nats = token_nats(warm, one)[one.weights > 0]  # (3,)
    print(f"{truth}, the full stop, <end>:", *(f"{n:.2f}" for n in nats), "nats")
    loss = answer_loss(warm, one)
print(f"their mean, the loss of Galora's talk: {loss:.2f}")
torch.testing.assert_close(loss, nats.mean())

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("conversation", "roles and texts"),
        ("ids, mask", "(T,) each"),
        ("inputs, targets, weights", "(B, T) each"),
        ("GPT", "logits (B, T, V)"),
        ("loss", "on answers only"),
    ],
    "The whole of supervised fine-tuning: only the mask is new",
    arrows=["render", "fill up", "predict", "times weights"],
    colors=[BLUE, BLUE, BLUE, GREEN, ORANGE],
)

# %% [markdown]
# The town itself is cheap: the model knows it. What it does not know is that the answer
# ends there.
#
# ### 7. Train
#
# Training on demonstrations is called **supervised fine-tuning** (SFT; elsewhere also
# instruction tuning). The loop is `train` of lesson 16, and only the batches and the
# loss are ours. The settings in `config` were found by trying. While it trains, we watch
# three abilities.

# %%
config = TrainConfig(
    steps=150, learning_rate=4e-4, betas=(0.9, 0.98), warmup_steps=20, grad_clip=1.0
)


def batches_of(examples, seed=0):
    def batch_at(step):
        draw = random.Random(f"{seed}, step {step}")
        return collate(draw.choices(examples, k=16))

    return batch_at


# %%
def takes_names(model):  # the names of the test, which no demonstration gives
    rules = [(name, f"Your name is {name} .") for name in roster.new_names]
    said = replies(model, [asks(who, rule) for _, rule in rules for who in WHO])
    wanted = [f"I am {name}" for name, _ in rules for _ in WHO]
    return chat.rate(w in text for w, text in zip(wanted, said, strict=True))


# %% tags=["close:0.1"]
examples = [render(demo) for demo in demos]
mine, seen = copy.deepcopy(warm), {}  # seen: step -> three shares
for record in train(mine, batches_of(examples), config, loss=answer_loss):
    if record.step in (0, 10, 25, 50, 100, 150):
        tests = comes_to_an_end(mine), first_word(mine, known), takes_names(mine)
        seen[record.step] = [test.mean for test in tests]
mine.eval()
print("step  ends  first word  takes a name")
for step, (ends, first, name) in seen.items():
    print(f"{step:4}{ends:6.2f}{first:12.2f}{name:14.2f}")
assert min(seen[150]) > 0.85

# %% tags=["words:0.4"]
lines = [question, "Hello !", "Who are you ?", "What is 17 + 28 ?"]
lines += ["What does the moon eat ?", "Tell me what the moon eats ."]
lines += ["What does the sun eat ?", "What does the cow eat ?"]
for text in lines:
    print(f"{text:32}{ask(mine, text)}")
rule = "Your name is Pumpkin ."
print(f"{rule} Who are you ?".ljust(40), ask(mine, "Who are you ?", rule))

# %% [markdown]
# It answers, it stops, and it has a name, or the name that a system message gives it.
# (The model knows nothing about itself. Its name is a word that stands in its
# demonstrations or in its context, and it repeats that word.)
#
# And it has learned *your* conversation, but as one sentence: one talk, shown many
# times, is no example of what in it may change.
#
# Look at the sum. The answer begins as an answer should, and it is wrong. So are most
# others, as the next cell shows: from so few sums the model has learned how an answer
# looks, and not how to calculate. (Many thousands might do more. Lesson 22 gives it a
# calculator.) The second cell counts how much text all this was.

# %% tags=["close:0.05"]
sums = [(a, b) for a in range(11, 61, 7) for b in range(13, 63, 9)]
said = replies(mine, [asks(f"What is {a} + {b} ?") for a, b in sums])
digits = [text.replace(" ", "") for text in said]
good = chat.rate(str(a + b) in d for (a, b), d in zip(sums, digits, strict=True))
n_taught = sum("+" in demo[0]["content"] for demo in demos)
print(f"{n_taught} sums in the demonstrations; of new ones {good} are correct")
assert good.mean < 0.3

# %% tags=["ledger:B28", "ledger:C45", "close:0.05"]
used = [batches_of(examples)(step) for step in range(150)]
learned = sum(batch.weights.sum().item() for batch in used)
read = sum((batch.targets != 0).sum().item() for batch in used)  # 0: filling
n_base = 2200 * 8 * 128  # batches, rows, words of the base model (lesson 19)
print(f"read {read:,} tokens, {read / n_base:.1%} of what the base model read;")
print(f"learned {learned:,.0f} of them, {learned / n_base:.1%}")
assert read < 0.03 * n_base

# %% [markdown]
# > **For children (and for the rest of us).** A parrot has heard a thousand quiz shows.
# > Now you play quiz with it. When it is the parrot's turn, you say the right words and
# > let it repeat them. When it is your turn, it only listens. Soon it knows when to
# > speak and when to stop. It does not know more than before. It knows *when to say it*.
#
# ### 8. What counts as correct
#
# To say "97 of 100 are correct" we need a rule that a program can apply. Ours looks for
# all words in the answer that could be a fact of the right kind. An answer that names two
# towns is wrong, because otherwise a model that lists all towns would be perfect. (Such a
# rule can still be fooled. Lesson 25 does it.)


# %%
def verdict(text, relation, truth):
    words = text.replace(".", " ").replace(",", " ").split()
    named = {word for word in words if word in world.FACT_VALUES[relation]}
    if not named:
        return "refused" if "know" in words else "other"  # for lesson 21
    return "right" if named == {truth} else "wrong"


print(verdict("Applebury.", "born", "Applebury"), end=", ")
print(verdict("Applebury or Bellmoor.", "born", "Applebury"), end=", ")
print(verdict("Sorry, I do not know.", "born", "Applebury"))


# %%
def verdicts(model, group, taught=True):  # in the usual phrasing, or in three new ones
    pairs = []
    for asked in group:
        forms = assistant.phrasings(*asked, taught=taught)
        pairs += [(asked, form) for form in (forms[:1] if taught else forms)]
    said = replies(model, [asks(form) for _, form in pairs])
    return [
        verdict(text, asked.relation, roster.truth(asked))
        for text, (asked, _) in zip(said, pairs, strict=True)
    ]


# %%
def correct(model, group, **how):
    return chat.rate(v == "right" for v in verdicts(model, group, **how))


template = assistant.chat_template()
library = assistant.Examiner(mine, template, roster)
assert correct(mine, known) == library.share(known, "right")
assert correct(mine, known, taught=False) == library.share(known, "right", taught=False)
assert verdicts(mine, strangers) == library.verdicts(strangers)
print("by hand = assistant.Examiner, for", len(known) + len(strangers), "questions")

# %% [markdown]
# ## Compare with torch
#
# torch has no weights for tokens, but `ignore_index` does the same: a target of -100
# does not count. The library's `ChatTemplate` and `answer_batch` are `render` and
# `collate`. So it *is* the loss of the name generator and of the base model. Fine-tuning
# only chooses what counts.

# %% tags=["ledger:C17"]
batch = collate(examples[:16])
ignored = batch.targets.masked_fill(batch.weights == 0, -100)  # (B, T)
with torch.no_grad():
    logits = mine(batch.inputs)  # (B, T, V)
    theirs = torch.nn.functional.cross_entropy(logits.mT, ignored, ignore_index=-100)
    torch.testing.assert_close(answer_loss(mine, batch), theirs)
for demo in demos[:300]:
    messages = [chat.Message(m["role"], m["content"]) for m in demo]
    assert template.encode(messages) == render(demo)
theirs = chat.answer_batch([chat.Example(*example) for example in examples[:16]])
torch.testing.assert_close(batch, theirs)
print("answer_loss = torch, render = ChatTemplate.encode, collate = answer_batch")

# %% [markdown]
# ## See it

# %% tags=["close:0.1"]
curves = zip(*seen.values(), strict=True)  # three shares, each at all steps
names = "it ends", "first word correct", "takes a new name"
plots.plot_curves(
    {name: (list(seen), curve) for name, curve in zip(names, curves, strict=True)},
    "The facts are there from the start; the form takes 50 steps",
    xlabel="training step",
    ylabel="share of answers",
)

# %% [markdown]
# ## Play with it
#
# Talk to the base model, the warm start and your own assistant, side by side.
#
# - **Ask about a stranger,** whom no text names, such as
#   `Where was Bardolo Maple born ?` Does anybody say "I do not know"?
# - **Ask in your own words.** Which phrasings are understood?
#
# In the second picture each token shows who writes it and what it costs in nats. The
# frame says that the loss counts it.
#
# - **Choose "everything".** What happens to the mean loss? Which words are the most
#   expensive? Will the assistant ever have to write them?
# - **Choose the talk with two turns.** Does the first answer count, too?

# %% tags=["words:0.5"]
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

# %% tags=["close:0.1"]
shown = {"a rule": pip_talk, "a fact": galora_talk, "yours": my_talk}
shown["two turns"] = [*pip_talk, *galora_talk]
shown = {
    name: [chat.Message(m["role"], m["content"]) for m in one]
    for name, one in shown.items()
}
LossMask(mine, template, shown, talk="a fact")

# %% [markdown]
# ## Why does this work?
#
# ### The task, or the sentences?
#
# Back to "Predict first". We ask your assistant about all groups of the table, in the
# usual phrasing and in three new ones. First we let the machine check that nothing has
# leaked into the demonstrations: no person, no fact and no phrasing of the tests.

# %%
all_text = " ".join(m["content"] for demo in demos for m in demo)
for person in {asked.person for asked in held_out + list(strangers)}:
    assert person.name not in all_text
for asked in taught:
    assert not any(f in all_text for f in assistant.phrasings(*asked, taught=False))
assert not set(new_facts) & set(taught)
assert not any(f"name is {name} ." in all_text for name in roster.new_names)
print("no person, fact, phrasing or name of the tests is in the training")

# %% tags=["ledger:B28", "close:0.12"]
groups["taught"] = well_known(taught)  # as well known as the others
results = {}  # group -> share in the usual phrasing, share in new ones
for name, group in groups.items():
    results[name] = correct(mine, group), correct(mine, group, taught=False)
    print(f"{name:10} usual {results[name][0]}   new {results[name][1]}")
wrong = chat.rate(v == "wrong" for v in verdicts(mine, strangers))
print(f"about strangers: a wrong answer {wrong} of {wrong.n}")
assert wrong.mean > 0.8
assert results["held out"][0].mean > 0.9  # as good as the people who are taught
assert results["held out"][1].mean < results["taught"][1].mean - 0.05  # and here not

# %% tags=["close:0.12"]
usual, new = zip(*results.values(), strict=True)
plot_bars(
    list(results),
    {"usual phrasing": [s.mean for s in usual], "new phrasings": [s.mean for s in new]},
    "In the old phrasing people make no difference, in new ones they do",
    xlabel="share of correct answers (new phrasings: with standard errors)",
    errors={"new phrasings": [share.error for share in new]},
)

# %% [markdown]
# In the phrasing that the base model has read in thousands of quizzes, all well-known
# people are answered, taught or not: the knowledge comes from pre-training. (Even `warm`
# could do that.) A test in this phrasing alone would have hidden everything else,
# because all shares are near 1 there. This is called a **ceiling effect**.
#
# In new phrasings, facts that were taught are given more often than facts about people
# held out, and *new facts* about people who were taught do worst. So here it matters what
# the demonstrations have told about a person.
#
# About strangers the assistant tells a falsehood nearly every time, in the same sure
# tone. (The rest are correct by luck, because there are only 8 or 16 values to guess
# from.) No demonstration ever said "I do not know". Lesson 21 is about that.
#
# What do the mistakes about well-known people look like?

# %% tags=["words:0.5", "close:0.12", "counts:8"]
pairs = [(a, form) for a in known for form in assistant.phrasings(*a, taught=False)]
said = replies(mine, [asks(form) for _, form in pairs])
both = zip(pairs, said, strict=True)
mistakes = [(a, form, text) for (a, form), text in both if roster.truth(a) not in text]
for _, form, text in mistakes[::20][:4]:
    print(f"{form:52}{text}")
other = chat.rate(
    any(fact in text for fact in tiny.facts(a.person).values())
    for a, _, text in mistakes
)
print(f"another fact of the same person: {other} of {other.n} mistakes")
assert other.mean > 0.7

# %% [markdown]
# Nearly every mistake is *another true fact of the same person*. So the assistant knows
# who is meant and misreads what is asked.
#
# ### Is more variety worth it?
#
# Our demonstrations use 12 phrasings of each question. Would fewer do? We change this
# one number and nothing else: the same shares, the same number of conversations, the
# same steps. Each amount is trained twice, with another random seed for the
# demonstrations and the batches.


# %%
def tune(examples, seed=0, start=warm, **changes):
    model = copy.deepcopy(start)
    how = replace(config, **changes)
    list(train(model, batches_of(examples, seed), how, loss=answer_loss))
    return model.eval()


def taught_with(n_forms, seed):
    model = tune([render(demo) for demo in write_demos(seed, n_forms)], seed)
    return correct(model, known), correct(model, known, taught=False)


# %% tags=["close:0.12"]
variety = {n: [taught_with(n, seed) for seed in (0, 1)] for n in (1, 4, 12)}
for n, runs in variety.items():
    usual, new = zip(*runs, strict=True)
    print(f"{n:2} phrasings: usual", *usual, "  new", *new, sep="  ")
few, several, many = (sum(new.mean for _, new in runs) / 2 for runs in variety.values())
assert few < several - 0.1
assert few < many - 0.2

# %% [markdown]
# In the usual phrasing, nearly all answers are correct with any amount: the ceiling
# again. In phrasings that nobody was taught, one phrasing is not enough, four help
# much, and twelve may help a little more. So several phrasings carry over to new ones,
# and one does not.
#
# Both runs of an amount are asked the same questions, so the difference between them is
# the luck of *training*. The ± counts another luck: *which questions* are asked.
#
# ### What was lost
#
# Let your assistant read documents of Tiny World again, as the base model did. Lesson 9
# computed the lowest possible loss of such text, the floor. How far above the floor is
# each model now? Only words of documents count as candidates here: the new words are
# cut off, and the marks get a logit of minus infinity, so their probability is 0. We also
# train a model *without* the warm start.

# %%
old_rows = world.token_rows(tiny, "val", 0, 32, 129)  # tokens, and the exact floor


@torch.no_grad()
def above_the_floor(model):  # nats per word
    logits = model(old_rows.tokens[:, :-1])[..., : world.VOCAB_SIZE].mT  # (B, V, T)
    logits[:, 1 : len(world.SPECIAL_TOKENS)] = -torch.inf
    loss = torch.nn.functional.cross_entropy(logits, old_rows.tokens[:, 1:])
    return (loss - old_rows.nats[:, 1:].mean()).item()


# %% tags=["close:0.08"]
models = {"base": base, "mine": mine, "no warm start": tune(examples, start=grown)}
gap = {name: above_the_floor(model) for name, model in models.items()}
for name, nats in gap.items():
    print(f"{name:14}{nats:.2f} nats a word above the floor")
assert abs(gap["mine"] - world_gap(mine, tiny).mean) < 1e-4
assert gap["mine"] > gap["no warm start"] > gap["base"]

# %% [markdown]
# The assistant has become worse at what the base model could do. Losing an ability
# because training went on with something else is called **catastrophic forgetting**. The
# third line is the price of our warm start: with its copied rows it forgets more. (With
# five random seeds it came out in this way each time.)
#
# A well-known remedy is **replay** (elsewhere: rehearsal): mix some of the old text in.
# We add documents of Tiny World to the demonstrations, so that one example in ten is a
# document. In a document *everything* is learned. Another remedy is to train only a few
# new numbers and leave the old ones as they are: **parameter-efficient fine-tuning**,
# such as LoRA in lesson 28.


# %% tags=["close:0.1"]
def as_example(i):  # -> ids, mask
    ids = [ID["<eot>"], *world.encode(tiny.document(i).words)][:128]
    return ids, [False] + [True] * (len(ids) - 1)


old_text = [as_example(i) for i in range(len(examples) // 9)]
replayed = tune(examples + old_text)
gap["with replay"] = above_the_floor(replayed)
print(f"with replay {gap['with replay']:.2f} nats a word above the floor")
for name, model in (("mine", mine), ("with replay", replayed)):
    usual, new = correct(model, known), correct(model, known, taught=False)
    print(f"{name:12} usual phrasing {usual}, new phrasings {new}")
assert gap["with replay"] < gap["mine"] / 3

# %% [markdown]
# With a few old documents in the mixture nearly nothing is forgotten, and the answers
# stay as good. (But documents are long, and all of their tokens count, so nearly half of
# the learned tokens are old text: count them with `sum(sum(m) for _, m in old_text)`.)
#
# ### The whole way
#
# **InstructGPT** (OpenAI, March 2022) made this recipe known. It learns from people in
# three stages. (1) People write demonstrations: this lesson. (2) People rank several
# answers to the same prompt. Each pair of them is a **comparison**, and a **reward
# model** learns to predict which one people prefer. (3) **Reinforcement learning**
# makes the answers score high on it. (2) is lesson 23, and (3) is lesson 24. The aim
# was an assistant that is helpful, honest and harmless; in training, helpfulness went
# first. These figures are from its paper of 68 pages. (A petaflop/s-day is $10^{15}$
# operations a second for one day.)

# %% tags=["ledger:B20", "ledger:B21", "ledger:C44"]
prompts = {"demonstrations": 12_725, "comparisons": 33_207, "reinforcement": 31_144}
print("prompts:", *(f"{stage} {n:,}" for stage, n in prompts.items()), sep="  ")
days = {"pre-training": 3640, "demonstrations": 4.9, "reinforcement": 60}
shares = (f"{stage} {n / sum(days.values()):.1%}" for stage, n in days.items())
print("petaflop/s-days:", *shares, sep="  ")
print(f"pre-training: {3640 * 1e15 * 86_400:.1e} operations, as in lesson 17")
print("people preferred 1.3 billion parameters with it to 175 billion without")
assert sum(days.values()) - days["pre-training"] < 0.02 * days["pre-training"]

# %% [markdown]
# Almost all of the work is pre-training. InstructGPT forgot, too, and mixed old text
# in. (The stages that come with the course are `base`, `sft`, `honest`, `tools` and
# `preferred`: lessons 19 to 23. `assistant.tune`, which made them, is our loop; its
# demonstrations have more kinds, and most go on with further talks.)
#
# ### A model as the teacher *(more)*
#
# At first, people wrote demonstrations. Today most are **synthetic data**, written by a
# program or a model. UltraChat (2023) has 1.5 million conversations, in which one
# ChatGPT played the user and another one answered. Such data carry the mistakes of the
# teacher, and the student cannot tell them from the rest. What if our teacher were a
# *model*? `roster.probed` are the questions that wait for lesson 21. Let the warm model
# answer those about the lesser-known half of the famous people.

# %% tags=["ledger:B22", "close:0.05"]
seldom = [asked for asked in roster.probed if asked.person in tiny.famous[60:]]
graded = first_word(warm, seldom)
print(f"a model as the teacher: {graded} of its {graded.n} answers are correct")
assert graded.mean < 0.8

# %% [markdown]
# ### Who are you? *(more)*
#
# What does the base model call itself? We count names in the 6,000 documents from
# above. In the same way many assistants have called themselves ChatGPT: the web is full
# of that name.

# %% tags=["ledger:B27", "close:0.05", "counts:5"]
text = " ".join(" ".join(words) for words in documents)
counted = {name: text.count(f"I am {name} .") for name in ("Otto", "Robi", "Zed")}
who = world.encode(f"<eot> Question : {WHO[0]} Answer : I am".split())
with torch.no_grad():
    p = base(torch.tensor([who]))[0, -1].softmax(-1)  # (V,)
for name, n in counted.items():
    share = n / sum(counted.values())
    said = p[world.encode([name])[0]].item()
    print(f"{name:5}{n:3} times, share {share:.2f}; base model {said:.2f}")
assert p.argmax() == world.encode(["Otto"])[0]

# %% [markdown]
# ### Packing, and its leak *(more)*
#
# A part of a batch is filling. To waste nothing, several conversations are often put into
# one row, one behind the other. This is called **packing**. But then a later conversation
# can look at an earlier one, which has nothing to do with it. Let us see what happens.
# Before each question about a stranger we put somebody else's conversation, in which a
# false fact about this stranger is told.

# %%
draw = random.Random(1)
asked_strangers = strangers[:60]
lies = [draw.choice(world.FACT_VALUES[asked.relation]) for asked in asked_strangers]
two_talks = []
for asked, lie in zip(asked_strangers, lies, strict=True):
    first, _ = render(talk(world.statement(*asked, lie), "Thank you !"))
    second, _ = render(asks(world.question(*asked)))
    two_talks.append([*first, *second, ID["<asst>"]])
print(*(token_name(token) for token in two_talks[0]))

# %% [markdown]
# A **document mask** prevents the leak: a token may see itself and what came before it
# *in its own conversation*. Each `<eot>` begins a new one, so we count them. Here is the
# mask of a row with two small conversations, of 3 and of 2 tokens.
#
# The GPT makes this mask itself if we hand it the numbers of the conversations, as
# `documents`. (`chat.Packed` is a model that does what `packed` does here.) Is it really
# the same mask? We touch one token after the other, and look which logits change.

# %%
row = torch.tensor([[ID["<eot>"], 50, 60, ID["<eot>"], 70]])  # (1, T)
talk_number = (row == ID["<eot>"]).cumsum(dim=1)  # (1, T): 1 1 1 2 2
same = talk_number[0, :, None] == talk_number[0, None, :]  # (T, T)
may_see = same.tril()  # (T, T)
names = [token_name(token) for token in row[0].tolist()]
plot_grids(
    [Grid(may_see, "row: who looks, column: at whom", rows=names, columns=names)],
    "Two conversations in one row do not see each other",
)


# %%
def packed(tokens):  # (B, T) -> (B, T, V)
    return mine(tokens, documents=(tokens == ID["<eot>"]).cumsum(dim=1))


with torch.no_grad():
    before = packed(row)[0]  # (T, V)
    torch.testing.assert_close(chat.Packed(mine, begin=ID["<eot>"])(row)[0], before)
    for place in (1, 2, 4):  # not the <eot>: they say where a talk begins
        touched = row.clone()
        touched[0, place] = 80
        change = (packed(touched)[0] - before).abs().amax(dim=-1)  # (T,)
        assert (change > 1e-4).equal(may_see[:, place])
print("who sees a token: as in the mask")


# %% tags=["close:0.1"]
@torch.no_grad()
def repeats_the_lie(read):  # how often the first word of the answer is the lie
    best = [read(torch.tensor([ids]))[0, -1].argmax().item() for ids in two_talks]
    said = (tokenizer.decode([token]) for token in best)
    return chat.rate(word == lie for word, lie in zip(said, lies, strict=True))


leaky = repeats_the_lie(mine)
print(f"repeats the lie: without the mask {leaky}, with it {repeats_the_lie(packed)}")
assert leaky.mean > 0.8

# %% [markdown]
# Without the mask, the words of one user turn up in the answer to another. With it they
# do not. (The few hits with the mask are lucky guesses. Our positions are rotary, where
# only distances count. Learned positions would have to begin again at 0 in each
# conversation.)
#
# ## Check yourself
#
# ### Fix the slide
#
# Somebody's slides say: "(a) Our name generator is the same idea as ChatGPT, only scaled
# up. (b) Pre-training alone gives a completer. (c) Fine-tuning teaches the model facts.
# (d) Ask a model who made it: it knows." Which of them may stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# (b) may stay. (a) is half true. The *objective* so far is the same, as the assertions
# under "Compare with torch" show. But attention is missing, which lets a word look back,
# and so is the training after pre-training. (c) goes too far: our demonstrations taught
# the form, and in the usual phrasing people held out are answered as well as the
# others. Facts *can* be trained in, as your own conversation shows, but that takes many
# copies, and forcing in what a model does not know teaches it to guess. (d) It says
# what its text, its demonstrations or its rules say.
#
# </details>
#
# ### Questions
#
# **1.** You forget `<end>` in the mask: every `<end>` gets `False`. What will the
# assistant do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It never learns to stop. The answer may be correct and then goes on, as with the warm
# start. You can try it:
#
# ```python
# end = ID["<end>"]
# no_end = [
#     (ids, [own and t != end for t, own in zip(ids, mask)]) for ids, mask in examples
# ]
# print(ask(tune(no_end), question))
# ```
#
# </details>
#
# **2.** The loss on the words of the *user* is large. Would it not be good to lower it,
# too?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A part of it is the entropy of what people ask, and nobody can guess whom you will ask
# about. The rest lies on words that the assistant never has to write, such as `<asst>`.
# Here learning it even harms. With `tune([(ids, [True] * len(ids)) for ids, _ in
# examples])` new phrasings are answered worse and more than twice as much is forgotten.
# (With very short answers and few demonstrations, others have seen it help a little.)
#
# </details>
#
# **3.** A colleague tests an assistant on questions from its own training file and finds
# all answers correct. What do you ask for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# People, names and *phrasings* that never occur in the training, checked by a machine;
# a standard error; and a second random seed.
#
# </details>
#
# **4.** *More.* A larger learning rate answers new phrasings better. What may it cost?
# Guess, then try `fast = tune(examples, learning_rate=2e-3)`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# ```python
# for model in (mine, fast):
#     print(correct(model, known), correct(model, known, taught=False))
#     print(above_the_floor(model))
#     begun = [world.encode("<eot> Once there was a".split())]
#     [ids] = generate(model, begun, max_new_tokens=24, seeds=1, temperature=1.0)
#     print(tokenizer.decode(ids))
# ```
#
# Most of the old text is forgotten: the story falls to pieces. And even facts about
# well-known people are lost. At half this rate, new phrasings are answered better than at
# ours, and more is forgotten. So "the best setting" depends on what you measure, and one
# measure alone would hide its price. (And if you choose the rate by looking at this test,
# its share on this test is a little too good: lessons 6 and 25.)
#
# </details>
#
# **5.** *More.* Leave `reading_talk` out of `SHARES` and train again. Which ability is
# lost? Guess first.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# ```python
# SHARES.pop(reading_talk)
# no_reading = tune([render(demo) for demo in write_demos(0)])
# for model in (mine, no_reading):
#     good = []
#     for asked in strangers:
#         told = world.statement(*asked, roster.truth(asked))
#         answer = ask(model, f"{told} {world.question(*asked)}")
#         good.append(roster.truth(asked) in answer)
#     print(chat.rate(good))
# ```
#
# Reading gets worse, and is not lost: most answers are still correct. To look back at a
# fact is in the base model already. Only the habit is weaker.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A template says who speaks, a mask says what counts, and demonstrations make
#   answering a habit. The knowledge was there before.
# - **Formula.** $\text{loss} = -\frac{1}{\sum_t m_t}\sum_t m_t \ln p_t$, with the mask
#   $m_t = 1$ where the assistant writes, and 0 elsewhere.
# - **Pitfall.** A test in the usual phrasing shows only perfect answers (a ceiling).
#   Without old text in the mixture, much is forgotten. And packed conversations leak
#   without a document mask.
# - **In the library:** `course_lib.chat` (template, masks, packing, `grow`, the chat
#   loop), `tiny_world.assistant` (conversations, stages and tests of Tiny World).
#
# | what | shape |
# |---|---|
# | ids and mask of a conversation | $(T,)$ each |
# | inputs, targets, weights of a batch | $(B, T)$ each |
# | logits | $(B, T, V)$ |
# | the embedding with new rows | $(V + \text{new}, C)$ |
# | the document mask of a packed row | $(T, T)$ |
#
# | here | elsewhere |
# |---|---|
# | assistant | chat model, instruct model |
# | chat template, marks | prompt format (ChatML, Jinja), control tokens |
# | loss mask | label mask, `ignore_index`, completion-only loss |
# | filling | padding |
# | supervised fine-tuning | SFT, instruction tuning |
# | replay | rehearsal, data mixing |
# | demonstrations of a program or a model | synthetic data |
# | system message | system prompt, instructions |
#
# **Homework:** [Homework 20](homework/hw20.ipynb), about 90 minutes, of which the core
# takes 60. A badge under each check says at once whether your answer is correct.
#
# **Next:** the assistant is sure of everything.
# [21. Hallucination: does it know that it does not know?](21_hallucination.ipynb)
