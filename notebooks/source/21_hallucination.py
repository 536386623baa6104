# %% [markdown]
# # 21. Hallucination: does it know that it does not know?
#
# **Why does a model make things up, and can we find out when it does?**
#
# The assistant of lesson 20 answers every question, always in the same calm tone. About
# people whom it has often read about, its answers are correct. In this lesson you ask it
# about **strangers**, people whom no text has ever named. You will see it invent, look
# for its doubt in three places, and then teach it to say "I do not know".
#
# - **You will** follow one invented answer token by token; write two detectors, that is,
#   programs that say when an answer is probably wrong; compare both with the simplest
#   one; collect demonstrations of "I do not know", train on them, and measure what the
#   honesty costs.
# - **You need** lessons 2 to 4 (sigmoid, loss, gradient), 6 (held-out data, bootstrap),
#   15 (the residual stream), 19 (memory and context) and 20 (chat template, SFT).
# - **Time** 75 minutes for the core. What is marked *more*, near the end, takes another 15
#   minutes.
# - **Back** [20. From completer to assistant](20_assistant.ipynb) ·
#   **Next** [22. Tools and retrieval](22_tools.ipynb)

# %%
import random
from collections import Counter

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import chat, functional, lens
from course_lib.chat import Message
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, GREY, ORANGE, plot_flow
from course_play.points import plot_points
from course_play.widgets import Predict, ProbeTable, RefusalThreshold
from tiny_world import assistant
from tiny_world.assistant import conversations
from tiny_world.assistant.mixtures import taught_facts

sft = assistant.load_stage("sft").model  # the assistant of lesson 20
template = assistant.chat_template()
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)  # who is taught, who is tested (lesson 20)

# %% [markdown]
# ## Predict first
#
# A question here asks for one of four facts of one person: town, job, food, or the color
# of the hat. None of the following questions was in the chat training.
#
# | group | who they are | in the texts of the base model |
# |---|---|---|
# | well known | the 40 most famous people | very often |
# | rare | famous people of rank 80 to 120 (rank 0 is the most famous) | seldom |
# | strangers | people whom no text names | never |
#
# (Tiny World also has facts about the strangers, so we can say whether an answer is
# correct. But no text tells these facts.)

# %%
new = [*roster.new_people, *roster.new_facts]  # famous people, facts never taught
rare_people = set(tiny.famous[80:])
groups = {
    "well known": roster.well_known(tuple(new)),
    "rare": [asked for asked in new if asked.person in rare_people],
    "strangers": list(roster.strangers[:240]),
}
well_known, rare, strangers = groups.values()
print({name: len(group) for name, group in groups.items()})


# %%
def question_of(asked):  # asked: a person and a relation
    return assistant.phrasings(*asked)[0]


def answers(model, questions, temperature=0.0, seed=0):
    # answer i uses the random seed `seed` + i
    talks = [[Message("user", question)] for question in questions]
    return chat.answers(model, template, talks, temperature=temperature, seed=seed)


def verdict(answer, asked):  # as in lesson 20: right, wrong, refused or other
    return assistant.verdict_on(answer, asked.relation, roster.truth(asked))


def verdicts(model, group):
    replies = answers(model, [question_of(asked) for asked in group])
    return [verdict(one, asked) for one, asked in zip(replies, group, strict=True)]


# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
before = {name: verdicts(sft, group) for name, group in groups.items()}
made_up = 100 * before["strangers"].count("wrong") / len(strangers)
Predict(
    "You put 240 questions about strangers to the assistant. In how many of 100 cases "
    "does it name something false (and does not say that it does not know)?",
    round(made_up),
    unit="%",
    because="All its demonstrations answer the question, so it has learned that a "
    "question is followed by an answer. The few correct ones are luck: there "
    "are only 8 or 16 values of each kind, so some guesses are correct.",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. One person who does not exist
#
# We follow one question about a stranger, Minola Kettle, through the whole answer. Beside
# it stands the same question about Galora Pebble, whom you know from lesson 20. At each
# position of the answer we look at the three likeliest next tokens and take the first one.


# %%
def follow(model, asked):  # print the answer token by token
    tokens = template.prompt([Message("user", question_of(asked))])
    print(template.tokenizer.decode(tokens), "- the truth:", roster.truth(asked))
    while tokens[-1] != template.end:
        with torch.no_grad():
            p = model(torch.tensor([tokens]))[0, -1].softmax(-1)  # (1, T, V) -> (V,)
        top, ids = p.topk(3)
        pairs = zip(top.tolist(), ids.tolist(), strict=True)
        print(
            "  ", *(f"{template.tokenizer.decode([i]):10s} {q:.2f}  " for q, i in pairs)
        )
        tokens.append(ids[0].item())


# %% tags=["close:0.03", "words:0.3"]
ghost = roster.strangers[8]
star = next(a for a in well_known if a.person.name == "Galora Pebble")
for asked in (star, ghost):
    follow(sft, asked)

# %% [markdown]
# Read the two tables together. Each has three rows: a town, a full stop, and `<end>`. In
# the first row the difference is large. About Galora Pebble, one town has nearly all of
# the probability. About Minola Kettle, the towns share it, and the winner has less than
# half. But then the winner is *written down*, and what stands on the page looks exactly
# the same in both cases: a town and a full stop. In the next rows the model is sure
# again, because after a town a full stop follows in any case.
#
# A definite answer that is not true, in the tone of a true one, is called a
# **hallucination** (elsewhere: confabulation). Is this a rare accident?


# %% tags=["close:0.03"]
def share(said, kind):
    """The share of a verdict with its standard error, as in lesson 20."""
    return chat.rate(one == kind for one in said)


for name, said in before.items():
    print(f"{name:10s} right {share(said, 'right')}, made up {share(said, 'wrong')}")
assert share(before["strangers"], "wrong").mean > 0.8
assert share(before["well known"], "right").mean > 0.9

# %% [markdown]
# It is the rule. Was the model ever shown what to do when it does not know? No, because
# each of its demonstrations about people answers the question.
#
# > **For children (and for the rest of us).** In some classes nobody ever says "I don't
# > know". A child who has seen only such classes will always call out *something*. The
# > child does not lie. It has never seen another way to go on.
#
# So the doubt is inside and gets lost on the way out. The picture shows the three places
# where we shall look for it, and in which step.

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("hidden state", "a vector (C,): step 4"),
        ("probabilities", "first word (V,): step 2"),
        ("one word", "the largest, or drawn"),
        ("text", "asked five times: step 3"),
    ],
    "The doubt is lost where one word is chosen",
    arrows=["lm_head, softmax", "choose", "write"],
    colors=[BLUE, GREEN, ORANGE, GREY],
)

# %% [markdown]
# ### 2. The largest probability
#
# The simplest detector comes first, because the others must be compared with it. It reads
# the probability of the word that the model is about to say.


# %%
def prompts_of(group):  # N questions -> tokens (N, T), and their lengths (N,)
    prompts = [template.prompt([Message("user", question_of(a))]) for a in group]
    tokens, real = chat.padded(prompts)  # filled with 0 at the right: (N, T) each
    return tokens, real.sum(dim=1)


def first_words(model, group):  # probabilities of the first word of each answer
    tokens, lengths = prompts_of(group)
    with torch.no_grad():
        logits = model(tokens)[torch.arange(len(group)), lengths - 1]
    return logits.softmax(-1)  # (N, T, V) -> (N, V)


# %% tags=["close:0.03"]
for name, group in groups.items():
    p = first_words(sft, group)  # (N, V)
    top, entropy = p.max(-1).values.mean(), functional.entropy(p).mean()
    right = before[name].count("right") / len(group)
    print(
        f"{name:10s} largest p {top:.2f}, entropy {entropy:.2f} nats, right {right:.2f}"
    )
n_values = torch.tensor([len(values) for values in world.FACT_VALUES.values()])
print(f"blind guess: largest p {(1 / n_values).mean():.2f}")

# %% [markdown]
# The model is less sure about strangers than about the well known. But it is not as unsure
# as it should be: in the row of the strangers, compare the largest p with the share that is
# right, and with a blind guess.
#
# ### 3. Ask five times
#
# You do not need to look inside to see the doubt. Ask the same question five times at
# temperature 1, so that each answer is drawn by the model's own probabilities. A model
# that knows says the same each time. A model that guesses says something else each time.
#
# The idea is called **self-consistency**. Wang et al. (2022) let a model solve a problem
# several times and took the final answer that came most often. SelfCheckGPT (Manakul et al.
# 2023) uses it to find hallucinations, as we do here. Note what the method does *not*
# need: the truth, and the inside of the model.


# %%
def named(text, relation):  # the first value of the correct kind, or ""
    kind = world.FACT_VALUES[relation]  # all towns, all jobs, ...
    return next((w for w in text.replace(".", " ").split() if w in kind), "")


def five_answers(model, group, temperature=1.0):  # -> five values for each question
    questions = [question_of(a) for a in group for _ in range(5)]
    texts = [one.text for one in answers(model, questions, temperature)]
    return [
        [named(text, a.relation) for text in texts[5 * i : 5 * i + 5]]
        for i, a in enumerate(group)
    ]


def favourite(values):  # the value named most often, and in how many answers
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0] if counts else ("", 0)


# %% tags=["words:0.3"]
examples = [star, ghost, roster.strangers[6]]
for asked, values in zip(examples, five_answers(sft, examples), strict=True):
    value, times = favourite(values)
    print(question_of(asked), "-", ", ".join(v or "(none)" for v in values))
    print(f"   {value} {times} of 5, the truth is {roster.truth(asked)}")

# %% [markdown]
# The first two cases are as they should be. The third one is a warning: Gimbo Tumble is a
# stranger, and yet all five answers agree, on something false. **Agreement shows that the
# model is sure, not that it is right.**
#
# How good is this detector? It gives an **alarm** if fewer than four of five answers agree.
# An alarm is correct if the answer at temperature 0 (always the likeliest word) is wrong.
# Two shares describe it:
#
# - **precision**: of all alarms, how many are correct?
# - **recall**: of all wrong answers, how many gave an alarm?
#
# (The precision depends on the mixture of the questions. Here half are about strangers.)

# %% tags=["ledger:B24", "close:0.03", "counts:6"]
asked_all = [*new, *roster.strangers[240:450]]  # 210 famous, 210 about strangers
values_all = five_answers(sft, asked_all)
wrong = [v != "right" for v in verdicts(sft, asked_all)]
alarm = [favourite(values)[1] < 4 for values in values_all]
print(f"{len(wrong)} questions, {sum(wrong)} wrong answers, {sum(alarm)} alarms")
precision = chat.rate(w for w, a in zip(wrong, alarm, strict=True) if a)
recall = chat.rate(a for w, a in zip(wrong, alarm, strict=True) if w)
print(f"precision {precision}, recall {recall}")
print(f"an alarm each time: precision {chat.rate(wrong)}, recall 1.00")
assert precision.mean > 0.7
assert recall.mean > 0.6

# %% [markdown]
# The detector is useful, and far from perfect: some wrong answers agree with each other, and
# they are not found.
#
# ### 4. A linear probe on the hidden state
#
# Now we look inside. The **hidden state** at the last position of the prompt is a vector
# of $C = 128$ numbers. Is there a *direction* in this space along which "I know it" and
# "I do not know it" are apart? We train a small classifier on the hidden states and see
# how well it predicts. Such a classifier is called a **linear probe** (Alain and Bengio
# 2016; elsewhere: probing classifier). The model itself does not change.
#
# The classifier is **logistic regression**, and you know all of its parts. A score
# $z = w \cdot x + b$ goes through the sigmoid of lesson 2, so that $p = \sigma(z)$ is the
# probability of "knows". The loss is the cross-entropy of two choices of lesson 3, and its
# gradient with respect to $z$ is $p - y$, as in lesson 4. Here $y$ is 1 if the model's
# answer is right, and 0 if not.
#
# (`decay` pulls the weights towards 0. This is the weight decay of lesson 17. With 128
# weights and a few hundred questions, the probe would otherwise learn the questions by
# heart.)


# %%
def scaled(X, like):  # each of the C columns with mean 0 and deviation 1
    return (X - like.mean(0)) / (like.std(0) + 1e-6)  # (N, C)


def train_probe(X, y, decay, steps=200, rate=0.3):  # X (N, C), y (N,)
    Z = scaled(X, X)  # (N, C)
    w, b = torch.zeros(Z.shape[1]), torch.zeros(())  # (C,), ()
    for _ in range(steps):
        p = torch.sigmoid(Z @ w + b)  # (N, C) @ (C,) -> (N,)
        gap = (p - y) / len(y)  # (N,): the gradient for each score
        w = w - rate * (Z.T @ gap + decay * w)  # (C, N) @ (N,) -> (C,)
        b = b - rate * gap.sum()  # ()
    return lambda new: scaled(new, X) @ w + b  # scores: (M, C) -> (M,)


# %%
# after one step from zero: are our weights those of autograd with torch's own loss?
X = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))  # (N, C)
y = (X[:, 0] > 0).float()  # (N,)
w, b = torch.zeros(8, requires_grad=True), torch.zeros((), requires_grad=True)
F.binary_cross_entropy_with_logits(scaled(X, X) @ w + b, y).backward()
one_step = scaled(X, X) @ (-0.3 * w.grad) - 0.3 * b.grad  # (N,)
torch.testing.assert_close(train_probe(X, y, decay=0.0, steps=1)(X), one_step)
print("one step by hand = one step with autograd")

# %% [markdown]
# Next, the questions. The split must be **by person**. If one fact of a person were
# learned from and another one tested, the probe could recognise the person. So three lists
# with different people: to fit the probe, to choose its settings, and to test all
# detectors at the end. Each list has famous people and strangers. (In the first two are also
# facts that lesson 20 taught. The test list has none of these. We met its people in step
# 3, but chose nothing there.)


# %%
def split_by_person(group, n_parts, seed):  # -> one part in n_parts, and the rest
    people = sorted({a.person for a in group})
    random.Random(seed).shuffle(people)
    chosen = set(people[: len(people) // n_parts])
    part = [a for a in group if a.person in chosen]
    return part, [a for a in group if a.person not in chosen]


# %%
seen = [*roster.taught, *roster.probed, *roster.new_facts]  # 90 famous people
choose, fit = split_by_person([*seen, *roster.strangers[480:]], 3, seed=0)
test = [*roster.new_people, *roster.strangers[240:360]]  # 30 + 30 other people
lists = {"fit": fit, "choose": choose, "test": test}
knows = {
    k: torch.tensor([v == "right" for v in verdicts(sft, q)]) for k, q in lists.items()
}
for name, group in lists.items():
    people = {a.person for a in group}
    print(f"{name:6s} {len(group)} questions, {len(people)} people, ", end="")
    print(f"{knows[name].float().mean():.2f} of the answers are right")
assert not {a.person for a in test} & {a.person for a in [*fit, *choose]}

# %% [markdown]
# Then the hidden states. Lesson 15 took the residual stream before the first block and
# after each block. We add one row: the stream after the last norm, which is what the
# `lm_head` reads. And we take them at three positions: at the last name, at the question
# mark, and at `<asst>`, where the answer begins.


# %%
def hidden_states(model, group):  # -> position: states (L + 2, N, C)
    tokens, lengths = prompts_of(group)  # (N, T), (N,)
    stream = lens.residual_stream(model, tokens)  # (L + 1, N, T, C)
    with torch.no_grad():
        stream = torch.cat([stream, model.norm(stream[-1:])])  # (L + 2, N, T, C)
    last = torch.tensor([template.tokenizer.encode(a.person.last) for a in group])
    at_name = (tokens == last).float().argmax(-1)  # (N, T) == (N, 1) -> (N,)
    places = {"last name": at_name, "?": lengths - 2, "<asst>": lengths - 1}
    n = torch.arange(len(group))
    return {name: stream[:, n, place] for name, place in places.items()}


# %% [markdown]
# How do we say how good a score is, without choosing a threshold? Take one question that
# the model answers correctly and one that it does not. Does the first one have the higher
# score? The share of such pairs (a tie counts as half) is the **AUC**. A coin has
# 0.5, a perfect score has 1. (Of the four pairs in this example, three are correct.)
#
# Then comes the search: each depth and each position, with three strengths of decay. We fit
# on one list of people and choose on another.


# %%
def auc(scores, knows):  # (N,), (N,) -> a number
    high, low = scores[knows][:, None], scores[~knows][None, :]  # (K, 1), (1, U)
    return ((high > low).float() + 0.5 * (high == low).float()).mean().item()


print(auc(torch.tensor([0.9, 0.8, 0.3, 0.1]), torch.tensor([True, False, True, False])))

# %%
states = {name: hidden_states(sft, group) for name, group in lists.items()}
found = {}  # (position, depth, decay) -> AUC on the people to choose on
for position, layers in states["fit"].items():
    for depth, X in enumerate(layers):
        for decay in (0.01, 0.1, 0.5):
            score = train_probe(X, knows["fit"].float(), decay)
            on = states["choose"][position][depth]
            found[position, depth, decay] = auc(score(on), knows["choose"])

# %% tags=["close:0.04"]
depths = ["embedding", "block 0", "block 1", "block 2", "last norm"]
position, depth, decay = max(found, key=found.get)
print(f"chosen: after the {depths[depth]}, at {position}, decay {decay}")
assert position == "<asst>"
assert depth >= 3
bars = {
    p: [max(found[p, i, d] for d in (0.01, 0.1, 0.5)) for i in range(len(depths))]
    for p in states["fit"]
}
plot_bars(
    depths,
    bars,
    "Readable late, at <asst> only",
    xlabel="AUC of the probe",
    lines={"coin": 0.5},
)

# %% [markdown]
# At the name, and after the first blocks, the probe is hardly better than a coin. In large
# models a sign is found earlier: at the last name, in the middle of the network, a
# direction tells a **known entity** from an unknown one (Ferrando et al. 2024). Our model
# has three blocks.
#
# ### 5. A fair comparison
#
# Three detectors, the same questions, none of whose people any of them has seen. Each gets
# its own best setting, chosen on the people of `choose`: the probe its place and decay
# (then it is fitted again, on both lists), and self-consistency its temperature. The
# largest probability has no setting.
#
# Before you look: which one will win?

# %% tags=["close:0.04"]
agree = {}  # temperature -> how many of five agree, on the people to choose on
for t in (0.7, 1.0, 1.5):
    values = five_answers(sft, choose, temperature=t)
    agree[t] = torch.tensor([favourite(five)[1] for five in values])  # (N,)
    print(f"temperature {t}: AUC {auc(agree[t], knows['choose']):.2f} on `choose`")
best_t = max(agree, key=lambda t: round(auc(agree[t], knows["choose"]), 2))
print("chosen:", best_t)  # of equals the first


# %% tags=["close:0.1"]
X = torch.cat([states[k][position][depth] for k in ("fit", "choose")])  # (N, C)
y = torch.cat([knows[k] for k in ("fit", "choose")])  # (N,)
final = train_probe(X, y.float(), decay)
values = five_answers(sft, test, temperature=best_t)
scores = {  # (M,) each, larger means "knows"
    "ask five times": torch.tensor([favourite(five)[1] for five in values]),
    "linear probe": final(states["test"][position][depth]),
    "largest p": first_words(sft, test).max(-1).values,
}
for asked in (star, ghost):  # our two people: both are new to the probe
    p_knows = final(hidden_states(sft, [asked])[position][depth]).sigmoid()  # (1,)
    print(f"{question_of(asked):32s} p(knows) by the probe {p_knows.item():.2f}")

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
areas = {name: auc(score, knows["test"]) for name, score in scores.items()}
Predict(
    "Which detector has the highest AUC on the held-out people?",
    max(areas, key=areas.get),
    options=list(areas),
    because="Five answers are only five samples of what the probabilities say exactly. "
    "And the probe must learn from a few people what the largest probability shows at "
    "once.",
)

# %%
# the bootstrap of lesson 6: it draws whole people, because the four questions about one
# person belong together
people = sorted({a.person for a in test})
rows_of = [[i for i, a in enumerate(test) if a.person == p] for p in people]
generator = torch.Generator().manual_seed(0)
draws = torch.randint(len(people), (200, len(people)), generator=generator)
resampled = [torch.tensor([i for p in d for i in rows_of[p]]) for d in draws.tolist()]


def bootstrap(measure):  # measure: rows -> a number; its value and standard error
    values = torch.tensor([measure(rows) for rows in resampled])
    return measure(torch.arange(len(test))), values.std().item()


def area(name, rows):
    return auc(scores[name][rows], knows["test"][rows])


# %% tags=["close:0.04"]
is_famous = torch.tensor([a.person in tiny.famous for a in test])
for name in scores:
    value, error = bootstrap(lambda rows, name=name: area(name, rows))
    famous = area(name, is_famous)
    print(f"{name:14s} AUC {value:.2f} ± {error:.2f}, among the famous {famous:.2f}")
    assert famous > 0.6
fame = auc(is_famous.float(), knows["test"])
print(f"'famous or not' AUC {fame:.2f}, without any model")
for rival in ("ask five times", "linear probe"):
    gap, error = bootstrap(
        lambda rows, r=rival: area("largest p", rows) - area(r, rows)
    )
    print(f"largest p is ahead of {rival:14s} by {gap:+.2f} ± {error:.2f}")
    assert gap > -error

# %% [markdown]
# "Famous or not" needs no model and does as well, because half of these questions are about
# strangers. So the column *among the famous* is the honest one: there, fame is no help. All
# three detectors are far better than a coin in it. So yes: **something inside shows that the
# model does not know.**
#
# No detector is better than the simplest one. It costs one look, while self-consistency
# costs five answers, and the probe needs hundreds of questions whose truth is known. Its
# lead over the five answers is clear, because five answers are only a *sample* of the
# probabilities. People use self-consistency where the probabilities cannot be seen, or
# where the same answer can be worded in many ways. There the comparison may come out
# differently.
#
# Its lead over the probe may be luck, and the probe had 210 people only (*More* A: what do
# more people bring?). For large models, classifiers on hidden states are reported to work
# well (Azaria and Mitchell 2023), but to carry over badly to other kinds of sentences
# (Levinstein and Herrmann 2023). Kadavath et al. (2022) train the model itself to say
# whether it knows.
#
# ### 6. Teach "I do not know"
#
# To say it, the model needs demonstrations: questions with the answer *Sorry, I do not
# know.* But which questions? If we choose those that *we* find hard, the model learns to
# refuse what it knows. So we ask the model five times and compare with the truth. The
# training of Llama 3 did so, too: it asked several times, compared each answer with the
# source, and taught a refusal where the model was wrong again and again (Llama team 2024,
# section 4.3.6). Another name is **R-Tuning** (refusal-aware tuning, Zhang et al. 2023).
#
# We ask about famous people, and about people in the **margins**: they occur in the texts
# now and then, each time with other facts, so no answer about them is true or false. (Why
# not about the strangers? They are the test.)

# %%
margins = random.Random(0).sample(roster.margins, 600)
candidates = [*roster.probed, *margins]
assert not {*candidates} & {*new, *roster.strangers}  # what we measure on
candidate_values = five_answers(sft, candidates)

# %% tags=["ledger:B24", "counts:12"]
known, unknown = [], []
for asked, five in zip(candidates, candidate_values, strict=True):
    value, times = favourite(five)
    truth = roster.truth(asked)  # None in the margins
    wrong_value = truth and value != truth
    if times >= 4 and value == truth:
        known.append(asked)  # the answers agree and are right
    elif times < 4 or wrong_value:
        unknown.append(asked)  # they differ OR are wrong
print(f"{len(known)} questions to answer, {len(unknown)} to refuse, for example:")
print(question_of(known[0]), "|", question_of(unknown[-1]))

# %% [markdown]
# This loop is the whole recipe: a question is unknown if the answers differ **or are
# wrong**. (Answers that agree about a person in the margins are left out, because we can
# call them neither true nor false.)
#
# Now the *mixture*: which kinds of conversation the model reads, in which shares. Refusals
# alone would teach it to refuse everything. So there is also what it shall *keep*: facts
# that it knows, small talk, who it is, and questions whose answer stands in the message.


# %%
def refuse(draw):  # makes one demonstration
    asked = draw.choice(unknown)
    question = draw.choice(assistant.phrasings(*asked))
    return [Message("user", question), Message("assistant", "Sorry , I do not know .")]


def honest_mixture(share):  # a list of (share, what makes a conversation)
    facts = [*known, *taught_facts(roster)]  # what lesson 20 taught counts as known
    return [
        (0.06, conversations.identity(roster.names)),
        (0.15, conversations.small_talk(roster.names)),
        (0.18, conversations.reading(roster.margins)),
        (0.61 - share, conversations.facts(roster, facts)),
        (share, refuse),
    ]


# %%
# twice the learning rate of lesson 20, because there are only 80 steps
RECIPE = {"steps": 80, "batch_size": 16, "learning_rate": 8e-4, "seed": 200}


def taught_honesty(share):  # lesson 20's loop; 15 % of the rows are documents (replay)
    return assistant.tune(sft, honest_mixture(share), replay=0.15, **RECIPE)


for make in (refuse, conversations.reading(roster.margins)):
    print(" | ".join(f"{m.role}: {m.text}" for m in make(random.Random(1))))
honest = taught_honesty(share=0.15)

# %% tags=["ledger:B23", "close:0.12"]
after = {name: verdicts(honest, group) for name, group in groups.items()}
for name in groups:
    for when, said in (("before", before[name]), ("after", after[name])):
        kinds = [
            f"{kind} {share(said, kind)}" for kind in ("right", "refused", "wrong")
        ]
        print(f"{name:10s} {when:6s}", *kinds, sep="  ")
assert share(after["strangers"], "wrong").mean < 0.3
assert share(after["strangers"], "refused").mean > 0.6
assert share(after["well known"], "right").mean > 0.85

# %% tags=["close:0.1", "words:0.3"]
for asked in (star, ghost, roster.strangers[6]):
    follow(honest, asked)

# %% [markdown]
# It says "Sorry" to most strangers, and it still answers about the well known. None of
# these strangers was in the training, so the model has not learned a list of names. It must
# use something that it also has for strangers: their doubt, or their names (*More* C). For
# Minola Kettle, "Sorry" now stands at the top of the first row, before the towns. Gimbo
# Tumble, about whom it was sure, is still answered.
#
# ### 7. The price
#
# Look at the rare people in the table above. Many questions that the model could answer
# before are now refused. This is called **over-refusal**. How much of it you get depends
# on the share of refusals in the mixture. We change this one number and nothing else. A share
# of 0 shows what more training does without any refusal. (Such a case is called a
# *control*.)

# %%
ability = [a for a, v in zip(new, verdicts(sft, new), strict=True) if v == "right"]
print(f"{len(ability)} questions that it could answer before, of {len(new)}")
models = {part: taught_honesty(part) for part in (0.0, 0.05, 0.3)}
models = dict(sorted([*models.items(), (0.15, honest)]))

# %% tags=["ledger:B23", "close:0.12"]
prices = {}  # share of refusals -> made up about strangers, ability lost
for part, model in models.items():
    invents = share(verdicts(model, roster.strangers[:480]), "wrong")
    loses = chat.rate(v != "right" for v in verdicts(model, ability))
    prices[part] = invents, loses
    print(f"refusals {part:.2f}: strangers made up {invents}, ability lost {loses}")
assert prices[0.05][0].mean > prices[0.3][0].mean + 0.15
assert prices[0.05][1].mean < prices[0.3][1].mean - 0.05

# %% [markdown]
# ## See it
#
# ### 8. Is there a cheaper way?
#
# The simplest detector needs no training at all: refuse if the
# largest probability of the *old* model is below a threshold. This is called **selective
# prediction**, and its curve is the risk-coverage curve. We put it beside the trained models.
# (A lucky correct guess about a stranger counts as made up here.)

# %% tags=["close:0.03"]
p_strangers, p_ability = (
    first_words(sft, group).max(-1).values
    for group in (roster.strangers[:480], ability)
)
cuts = {}  # threshold -> made up, ability lost
for t in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
    made, lost = (p_strangers >= t).float().mean(), (p_ability < t).float().mean()
    cuts[t] = made.item(), lost.item()
    print(f"threshold {t}: strangers made up {made:.2f}, ability lost {lost:.2f}")

# %% tags=["close:0.15"]
curves = {
    "trained to refuse": [(b.mean, a.mean) for a, b in prices.values()],
    "threshold, not trained": [(lost, made) for made, lost in cuts.values()],
}
curves = {name: [(round(x, 2), y) for x, y in c] for name, c in curves.items()}
curves = {name: tuple(zip(*curve, strict=True)) for name, curve in curves.items()}
plot_points(
    curves,
    "A plain threshold costs no more than training",
    xlabel="ability lost",
    ylabel="strangers: made up",
    lines=curves,
    log_x=False,
)

# %% [markdown]
# (The standard errors are in the tables above, 0.01 to 0.04. Another training run differs
# by more than that.) At no point do both errors vanish. It is a trade, and whoever publishes
# only one of the two numbers tells half of the story. Without any refusal in training
# (share 0) little is lost and nearly everything about strangers is made up.
#
# And the untrained threshold lies on the curve of the trained models or below it, so it is
# no worse. What does the training buy, then? The refusal stands in the *text*. A user sees
# it, without access to the probabilities, and the model can go on from it.
#
# Which of its facts does the model lose? First look at what we taught it to refuse.

# %% tags=["ledger:B23", "close:0.1", "counts:10"]
refused_ones = [asked for asked in unknown if roster.truth(asked)]  # about the famous
said = verdicts(sft, refused_ones)
print(f"{said.count('right')} of {len(said)} refused questions were answered correctly")
group = [a for a in ability if a.person in tiny.famous[60:80]]
p = first_words(sft, group).max(-1).values  # (N,)
now = torch.tensor([v == "refused" for v in verdicts(honest, group)])
print(f"rank 60 to 80: {now.sum()} of {len(group)} right answers are refused now;")
print(f"largest p before: refused {p[now].mean():.2f}, kept {p[~now].mean():.2f}")
assert said.count("right") > len(said) / 3

# %% [markdown]
# More than half of the famous questions that we teach it to refuse it would have answered
# correctly. So we did what step 6 warned of: we taught it to refuse what it knows. A rule
# that calls "differs" unknown pays for it here. If the mixture leaves these questions out,
# expect less withheld and more invented, that is, another point on the same curve.
#
# The second line shows that doubt decides who is refused: the answers that are lost had a
# lower probability before. (There may be a second cause. The facts of lesson 20 end at rank
# 60, so nearly all demonstrations that *answer* are about the people above.)

# %% [markdown]
# ## Play with it
#
# ### Ask often
#
# - **Slide to temperature 0.2.** Whose guesses would you believe now?
# - **Slide to 2.0.** What happens to the well known? Why is 1 a good choice?
# - **Find a stranger** whose answers agree at temperature 1. Are they true? (The random
#   seeds are others than in step 3, so the answers differ a little.)


# %% tags=["words:0.3"]
def ask_often(question, n_asks, temperature):
    replies = answers(sft, n_asks * [question], temperature, seed=100)
    return [reply.text.partition(".")[0] for reply in replies]  # the first sentence


shown = [star, rare[0], ghost, strangers[6]]
ProbeTable(ask_often, {question_of(a): roster.truth(a) for a in shown})

# %% [markdown]
# ### Your own threshold
#
# The honest model gives p("Sorry") before it says anything. So you can refuse where it is
# above a threshold of *your* choice, without any further training. "Known" are the
# questions that the model of lesson 20 answered correctly. The first line that the cell
# prints compares p("Sorry") with the detectors of step 5: it is no better than the *old*
# model's largest p. Fine-tuning did not tell the model *what* it does not know. It gave
# the doubt a word.
#
# - **Slide to 0.1.** What happens to both shares? Where would you stop for a quiz show,
#   and where for a pharmacy?
# - **Slide to 0.6.** Compare with what the model refuses at temperature 0. It says
#   "Sorry" there if this is the *largest* of many probabilities, and for that it need not
#   be above one half.
# - **Write one more refusal yourself.** In `refuse` (step 6) put your own words in place of
#   "Sorry , I do not know .", with words that the model knows, such as *Thank you ! I do not
#   know .* Run from there. Does it use your words for strangers?

# %% tags=["close:0.12"]
SORRY = template.tokenizer.encode("Sorry")[0]
doubt = first_words(honest, test)[:, SORRY]  # p("Sorry") on the test list of step 5
print(f"as a detector: AUC {auc(1 - doubt, knows['test']):.2f}; ", end="")
print(f"the old model's largest p {auc(scores['largest p'], knows['test']):.2f}")
p_known = first_words(honest, ability)[:, SORRY]  # (N,)
p_unknown = first_words(honest, strangers)[:, SORRY]  # (M,)
RefusalThreshold(p_known.tolist(), p_unknown.tolist(), threshold=0.3)

# %% [markdown]
# ## Why does this work?
#
# ### Context beats memory
#
# There is a second place for a fact: the message. What stands in the weights is a vague
# recollection, what stands in the context is working memory (lesson 19 has a picture of
# both). Does this hold for an assistant, and does an honest one still use what it is told?


# %%
def told(model, group, facts):  # the answers if a fact stands before the question
    lines = zip(group, facts, strict=True)
    return answers(
        model, [f"{world.statement(*a, v)} {question_of(a)}" for a, v in lines]
    )


# %% tags=["ledger:B26", "close:0.1"]
for name, group in groups.items():
    truths = [roster.truth(a) for a in group]
    row = [share(before[name], "right"), share(after[name], "right")]
    for model in (sft, honest):
        pairs = zip(told(model, group, truths), group, strict=True)
        row.append(chat.rate(verdict(one, a) == "right" for one, a in pairs))
    print(f"{name:10s} from memory: {row[0]}, honest {row[1]}", end="; ")
    print(f"told: {row[2]}, honest {row[3]}")
    assert min(row[2].mean, row[3].mean) > 0.9

# %% [markdown]
# Down the first column, memory fades. Being told helps everywhere, and it does not matter
# how famous anybody is. The honest model does not refuse what it has just read, because it
# was shown so: 18 in 100 of its conversations are a fact and a question about it. (Question 4
# asks what happens without these.) Last, a false fact about the well known:

# %% tags=["ledger:B26", "close:0.1"]
draw = random.Random(0)
lies = [
    draw.choice([v for v in world.FACT_VALUES[a.relation] if v != roster.truth(a)])
    for a in well_known
]
for name, model in (("before", sft), ("honest", honest)):
    said = zip(told(model, well_known, lies), well_known, lies, strict=True)
    follows = chat.rate(named(one.text, a.relation) == lie for one, a, lie in said)
    print(f"{name:7s} gives the false fact that it was told: {follows}")
    assert follows.mean > 0.8

# %% [markdown]
# So "honest" has a narrow meaning here. The model reports its own doubt. It does not check
# what you tell it. (Large models do not always follow the message against their memory:
# Longpre et al. 2021.) This is why giving a model the correct text to read helps so much,
# and why a wrong text harms: lesson 22 builds on it.

# %% [markdown]
# The rest of this part is *more*: five questions that came up on the way.
#
# ### A. What do more people bring, and how must we split them? (*more*)
#
# The probe learned from 210 people. We give it fewer, and look at the same test list. And
# what if somebody splits the questions at random, and not by person?

# %% tags=["close:0.05"]
both = [*fit, *choose]
for parts in (4, 2, 1):  # a quarter of the people, half, all; mean of 8 choices
    areas = []
    for seed in range(8):
        some = {a.person for a in split_by_person(both, parts, seed)[0]}
        rows = torch.tensor([a.person in some for a in both])
        score = train_probe(X[rows], y[rows].float(), decay)
        areas.append(auc(score(states["test"][position][depth]), knows["test"]))
    print(f"{len(some):3d} people: AUC {sum(areas) / len(areas):.2f}")

# %% tags=["close:0.04"]
by_chance, by_person = [], []
for seed in range(8):
    mixed = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    held = {a.person for a in split_by_person(both, 3, seed)[0]}
    for rows, areas in (
        (mixed < len(y) // 3, by_chance),
        (torch.tensor([a.person in held for a in both]), by_person),
    ):
        score = train_probe(X[~rows], y[~rows].float(), decay)
        areas.append(auc(score(X[rows]), y[rows]))
print(f"at random {sum(by_chance) / 8:.2f}, by person {sum(by_person) / 8:.2f}")

# %% [markdown]
# The more people, the better. So with still more of them the probe may catch up, while the
# largest probability had nothing to learn. The last line is question 2 below.
#
# ### B. Who pays, by rank? (*more*)

# %% tags=["close:0.1"]
bars = {"right before": [], "right after": [], "refused after": []}
for rank in range(0, 120, 20):
    top = set(tiny.famous[rank : rank + 20])
    group = [asked for asked in new if asked.person in top]
    was, now = verdicts(sft, group), verdicts(honest, group)
    kinds = (share(was, "right"), share(now, "right"), share(now, "refused"))
    for bar, one in zip(bars.values(), kinds, strict=True):
        bar.append(one.mean)
plot_bars(
    [f"rank {rank} to {rank + 20}" for rank in range(0, 120, 20)],
    bars,
    "The famous keep their facts; the less famous lose what was known",
    xlabel="share of questions",
)

# %% [markdown]
# The most famous lose nothing. Ranks 100 to 120 lose the most: everything that the model
# could answer about them before is refused now.
#
# ### C. What is left wrong (*more*)
#
# Some strangers are still answered. Are these any special strangers? All names in Tiny
# World are put together from first and last names, and some of these belong to several
# famous people. Take Gimbo Tumble: does the model answer because *Gimbo* and *Tumble* are
# familiar, each for itself? We call a name familiar if at least two famous people have it.

# %% tags=["close:0.1"]
firsts = Counter(p.first for p in tiny.famous)
lasts = Counter(p.last for p in tiny.famous)
print("famous people named Gimbo:", firsts["Gimbo"], "and Tumble:", lasts["Tumble"])
left = {}
for name, both_familiar in (("both names familiar", True), ("one or none", False)):
    group = [
        a
        for a in roster.strangers
        if (min(firsts[a.person.first], lasts[a.person.last]) >= 2) == both_familiar
    ]
    left[name] = share(verdicts(honest, group), "wrong")
    print(f"{name:20s} made up {left[name]} of {len(group)} questions")
assert left["both names familiar"].mean > left["one or none"].mean + 0.03

# %% [markdown]
# The answer is yes for many of them. The model answers as if a new combination of familiar
# names were somebody whom it knows.
#
# ### D. Why five answers see the doubt, and when they do not (*more*)
#
# If the values have the probabilities $p_v$, then at least four of five answers agree with
# the probability $\sum_v (5 p_v^4 (1 - p_v) + p_v^5)$: the one that differs can stand at 5
# places, or none differs. So five answers measure how *peaked* the distribution is. Whatever
# makes it more peaked without teaching it anything makes agreement say less. Try it: train
# on nothing but the facts of lesson 20 once more, at five times the learning rate.


# %%
def agreement(p):  # (N, V) -> (N,): probability that at least four of five agree
    return (5 * p**4 * (1 - p) + p**5).sum(-1)


for p in ([0.5, 0.5], [0.95, 0.05]):
    print(p, f"agree with probability {agreement(torch.tensor(p)):.3f}")
drill = [(1.0, conversations.facts(roster, taught_facts(roster)))]
drilled = assistant.tune(sft, drill, steps=60, learning_rate=2e-3, seed=1)

# %% tags=["ledger:B24", "close:0.12"]
by_formula = agreement(first_words(sft, asked_all)).mean().item()
counted = chat.rate(favourite(v)[1] >= 4 for v in values_all)
print(f"answers agree: by the formula {by_formula:.2f}, counted {counted}")
assert abs(by_formula - counted.mean) < 0.06
sharp = {}
for name, model in (("lesson 20", sft), ("drilled", drilled)):
    sharp[name] = agreement(first_words(model, strangers)).mean().item()
    right = share(verdicts(model, well_known), "right")
    print(f"{name:9s} strangers agree {sharp[name]:.2f}, well known right {right}")
assert sharp["drilled"] > sharp["lesson 20"] + 0.05
assert right.mean < 0.9  # of the drilled model

# %% [markdown]
# After sixty steps of drill the answers about strangers agree more often, and the well known
# are answered worse. **Surer is not better.** So do not fine-tune harder than it helps.
#
# ### E. Is it right as often as it says? (*more*)
#
# Lesson 9 built the reliability diagram: sort the answers into bins by the probability of
# their first word, and compare in each bin the mean probability with the share that is
# right. One number for all of it is the **expected calibration error** (ECE): the mean
# distance of the two, where each bin counts as often as it has answers.


# %%
def answered(model, group):  # probability and truth of what is not refused
    p = first_words(model, group).max(-1).values.tolist()
    said = verdicts(model, group)
    kept = [i for i, one in enumerate(said) if one != "refused"]
    return [p[i] for i in kept], [said[i] == "right" for i in kept], kept


# %% tags=["close:0.15", "counts:25"]
pictures, surplus = {}, {}
easier = [asked_all[i] for i in answered(honest, asked_all)[2]]
for name, model, group in (
    ("before", sft, asked_all),
    ("after", honest, asked_all),
    ("before, same questions", sft, easier),
):
    p, right, _ = answered(model, group)
    bins = chat.calibration(p, right, n_bins=4)  # (mean p, share right, n) each
    ece = sum(n * abs(q - hits) for q, hits, n in bins) / len(p)
    surplus[name] = (sum(p) - sum(right)) / len(p)  # above 0: too sure
    print(f"{name}: ECE {ece:.2f}, too sure by {surplus[name]:z.2f},", end=" ")
    print("answers in the bins:", *(n for *_, n in bins))
    points = [(round(q, 2), hits) for q, hits, _ in bins]
    pictures[name] = tuple(zip(*points, strict=True))
assert surplus["before"] > 0.05

# %% tags=["close:0.15"]
plot_points(
    pictures,
    "Too sure before: its points lie below the line",
    xlabel="probability of the first word",
    ylabel="share that is right",
    lines={**pictures, "calibrated": ([0.0, 1.0], [0.0, 1.0])},
    log_x=False,
)

# %% [markdown]
# Points on the diagonal are calibrated. The model of lesson 20 lies below it: it is too sure.
# The answers that are left after the training are right more often. But compare the third
# line of the table: on the *same* questions the old model had about the same ECE. Refusing
# has picked the easier questions and has hardly made the probabilities truer. (Read these
# numbers with care. They come from a mixture of half strangers, some bins hold few answers,
# and the p of a town is smaller where "Sorry" takes a part.)
#
# ## Check yourself
#
# ### Fix the slide
#
# Somebody's notes on hallucination say: *add "I don't know" examples to the training. To
# find them, ask the model several times: if the answers agree, it knows.* And later, where
# they come to RLHF: *this is what we discussed at hallucinations.* What must be corrected?
# Count first.

# %% tags=["ledger:B24", "counts:12"]
agreeing = [(a, favourite(v)) for a, v in zip(asked_all, values_all, strict=True)]
agreeing = [(a, value) for a, (value, times) in agreeing if times >= 4]
false = sum(value != roster.truth(a) for a, value in agreeing)
print(f"{len(agreeing)} times the answers agree: {false} of them are false.")
assert false > 10

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The beginning is right. But answers that agree show only that the model is *sure*, not that
# it *knows*. That is why the recipe also compares with the truth: "differs **or is wrong**".
# And the notes should name the price, over-refusal.
#
# The last sentence is wrong. You *showed* the model what to say. That is supervised
# fine-tuning, as in lesson 20. Learning from comparisons (RLHF) comes in lesson 23.
#
# </details>
#
# ### Questions
#
# **1.** Why are the refusals learned from people in the margins, and not from the
# strangers?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# These strangers are the test. If they were trained on, a list of their names would do.
# And in real life nobody has a list of the names that a text does *not* contain, but
# people who are seldom named can be found in it.
#
# </details>
#
# **2.** A friend splits the questions at random, not by person. His probe has a higher AUC
# (*More* A). What do you tell him?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Three facts of a person may be in his training list and the fourth in his test. His probe
# can recognise the person from the hidden state and repeat what it has learned about this
# person. It is the leak of lesson 6. About a new person his number says nothing.
#
# </details>
#
# **3.** A probe predicts with an AUC of 0.9 whether a model's answer is right. Does the
# model *use* this knowledge when it answers?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The probe does not show it. It shows that the information can be read by *us*. Whether
# the model uses it, only a change can show, as in lesson 15, where we switched heads off.
#
# </details>
#
# **4.** Your turn, *more*: teach with a share of 0.5; then with refusals of margins
# only (leave the famous out of `unknown`); then without the `reading` conversations (give
# their share to `facts`). What happens to the two numbers of step 7, and to "told"?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Measure both numbers; only one of them would tell half of the story. From 0.15 to 0.30 our
# numbers hardly moved, so do not expect much from 0.5, and try a second random seed before
# you believe a small difference. If the famous are left out of the refusals, nobody shows
# the model that a famous name can have a fact that it does not know: expect less withheld
# and more invented. Without `reading`, the model refuses some of the strangers even if the
# fact stands in the message, because nobody has shown it that this case is another one.
#
# </details>
#
# **5.** Why do large models guess, although nobody wants them to?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Their demonstrations answer, as ours did. And most tests give a point for a correct guess
# and none for "I do not know". So whoever trains for a good mark trains for guessing
# (Kalai et al. 2025). It is the same in an examination at school.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A model makes things up because answering is all that it was shown. Its doubt
#   is in the probabilities, and it is lost when one word is chosen. It can be read from
#   the largest probability, from five answers, or by a probe; and it can be taught a word
#   for it, at a price: a threshold on the largest probability costs no more.
# - **Formula.** Logistic regression: $p = \sigma(w \cdot x + b)$, gradient
#   $\frac{1}{N} \sum_n (p_n - y_n) x_n$. Four of five agree with probability
#   $\sum_v (5 p_v^4(1 - p_v) + p_v^5)$. ECE $= \sum_b \frac{n_b}{N} |\bar p_b - \text{right}_b|$.
# - **Pitfall.** Agreement is not truth. And whoever measures only what is invented does
#   not see what is withheld.
# - **In the library:** `tiny_world.assistant` (`probe` asks five times, `sort_questions`),
#   `course_lib.chat` (`calibration`, `calibration_error`, `rate`), `course_lib.lens`.
#
# | what | shape |
# |---|---|
# | prompts, padded at the right | $(N, T)$ |
# | probabilities of the first word | $(N, V)$ |
# | hidden states at one position, all depths | $(L + 2, N, C)$ |
# | weights and scores of the probe | $(C,)$ and $(N,)$ |
#
# | here | elsewhere |
# |---|---|
# | hallucination | confabulation |
# | ask five times | self-consistency, sampling consistency |
# | linear probe | probing classifier |
# | alarm | positive, detection |
# | refusal, over-refusal | abstention, exaggerated safety |
# | teach refusals by asking the model first | R-Tuning, refusal-aware tuning |
# | threshold on the largest p | selective prediction, risk-coverage curve |
# | AUC | area under the ROC curve |
# | reliability picture | reliability diagram, calibration curve |
# | memory, context | parametric and contextual knowledge |
#
# **Homework:** [Homework 21](homework/hw21.ipynb), about 95 minutes, of which the core
# takes 70. A badge under each check says at once whether your answer is correct.
#
# **Next:** not knowing is honest, looking it up is better.
# [22. Tools and retrieval](22_tools.ipynb)
