# %% [markdown]
# # 21. Hallucination, memory and tools
#
# **Why does a model make things up, and what can be done?**
#
# The assistant of lesson 20 answers every question, in the same calm tone. About
# people whom it knows the answers are right. Here you ask it about **strangers**, whom
# no text has ever named.
#
# - **You will** measure how often it makes things up, write a probe that finds out
#   without knowing the truth, teach it to say "I do not know", pay the price for that,
#   and give it two tools: a look-up and a calculator.
# - **You need** lessons 8 (temperature), 19 (memory and context) and 20 (chat, SFT).
# - **Time** 60 minutes.
# - **Back** [20. From completer to assistant](20_assistant.ipynb) ·
#   **Next** [23. Preferences](23_preferences.ipynb)

# %%
import ast
import operator
from collections import Counter

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import chat, functional
from course_lib.chat import Message
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import ProbeTable, RefusalThreshold, ToolTrace, TrainingCurve
from tiny_world import assistant
from tiny_world.assistant import conversations, stages

sft = assistant.load_stage("sft").model  # lesson 20 trained it
template = assistant.chat_template()
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)  # who is asked about what, and when

# %% [markdown]
# ## Predict first
#
# Three groups of questions, such as "What food does X like?". No conversation of the
# chat training answers any of them. **Well known**: the 40 people that the base model
# read about most. **Rare**: ranks 80 to 120. **Strangers**: never named anywhere. You
# put 240 questions about strangers. **How many in 100 answers are false?**

# %%
my_guess = None


# %%
new = (*roster.new_people, *roster.new_facts)
rare_people = set(tiny.famous[80:])
groups = {
    "well known": roster.well_known(new),
    "rare": [asked for asked in new if asked.person in rare_people],
    "strangers": list(roster.strangers[:240]),
}
known, rare, strangers = groups.values()


def verdicts(model, group, tools=None):
    """ "right", "wrong" or "refused" for each question, asked at temperature 0."""
    return assistant.Examiner(model, template, roster, tools=tools).verdicts(group)


def share(said, kind):
    """With its standard error, as in lesson 20."""
    return chat.rate(verdict == kind for verdict in said)


before = {name: verdicts(sft, group) for name, group in groups.items()}
made_up = share(before["strangers"], "wrong")
print(reveal(my_guess, 100 * made_up.mean, digits=0))

# %% [markdown]
# A definite answer that is not true, in the tone of a true one, is called a
# **hallucination**. Look at four answers. Two people are well known, two are strangers.
# Suppose you had never heard of any of them: could you tell from the answers?


# %% tags=["close:0.03"]
def ask(model, questions, temperature=0.0, seed=0):
    talks = [[Message("user", question)] for question in questions]
    replies = chat.answers(
        model, template, talks, temperature=temperature, seed=seed
    )  # answer i gets the dice seed + i
    return [reply.text for reply in replies]


def question_of(asked):
    return assistant.phrasings(*asked)[0]


another = next(asked for asked in known if asked.person != known[0].person)
four = [known[0], strangers[8], another, strangers[13]]
asked_now = [question_of(asked) for asked in four]
for question, reply in zip(asked_now, ask(sft, asked_now), strict=True):
    print(f"{question:38s} {reply}")
assert made_up.mean > 0.8
for name, said in before.items():
    print(f"{name:10s} right {share(said, 'right')}, made up {share(said, 'wrong')}")

# %% [markdown]
# You cannot tell. (Tiny World has facts about the strangers, too; no text tells them. The
# few right answers are luck: there are only 8 or 16 values to guess from.) Was the model
# ever shown what to do when it does not know? No: each of its demonstrations answers. So
# it learned that a question is followed by an answer.
#
# > **For children (and for the rest of us).** In some classes nobody ever says "I don't
# > know". A child who has only seen such classes will always call out *something*. It
# > does not lie. It has never seen another way to go on.
#
# ## Build it by hand
#
# ### It knows that it does not know
#
# The text hides it, but the model has it: look at the distribution of the first word,
# in which the value is said.


# %% tags=["close:0.03"]
def first_words(model, group):
    """The distribution of the first word of each answer: (n, V)."""
    prompts = [template.prompt([Message("user", question_of(a))]) for a in group]
    tokens, real = chat.padded(prompts)
    with torch.no_grad():
        logits = model(tokens)
    return logits[torch.arange(len(group)), real.sum(1) - 1].softmax(-1)


for asked in four[2:]:
    p, best = first_words(sft, [asked])[0].topk(4)
    listed = zip(p.tolist(), map(template.tokenizer.decode, best[:, None]), strict=True)
    print(f"{asked.person.name:16s}", ", ".join(f"{w} {p:.2f}" for p, w in listed))
for name, group in groups.items():
    p = first_words(sft, group)
    H, top = functional.entropy(p).mean(), p.max(-1).values.mean()
    print(f"{name:10s} entropy {H:.2f} nats, largest p {top:.2f}")

# %% [markdown]
# About a stranger, and about the rare, the model spreads its bets. (Not enough: compare
# the largest p for strangers with how often they come out right.) At temperature 0 it
# then says the top word all the same, and the doubt is gone from the page.
#
# ### Ask five times
#
# You need not look inside to see the doubt. Ask the same question five times at
# temperature 1. Who knows, says the same. Who guesses, says something else each time.
# This is a **probe**. Note what it does *not* need: the truth.
#
# How good is it? Treat it as a detector: it gives an **alarm** if the answers differ.
# An alarm is right if the answer at temperature 0 is wrong. **Precision**: of the alarms,
# how many are right? **Recall**: of the wrong answers, how many raise an alarm?


# %% tags=["ledger:B24", "close:0.03", "words:0.2"]
def probe(model, asked, seed=0):
    """Five values ("" where none is named), and whether at least four agree."""
    replies = ask(model, 5 * [question_of(asked)], temperature=1.0, seed=seed)
    kind = world.FACT_VALUES[asked.relation]  # all towns, all jobs, ...
    said = [reply.replace(".", " ").split() for reply in replies]
    values = tuple(next((w for w in words if w in kind), "") for words in said)
    (value, times), *_ = Counter(values).most_common()
    return values, value != "" and times >= 4


for asked in four:
    values, agree = probe(sft, asked)
    print(f"{asked.person.name:16s} {'agree' if agree else 'differ':7s}", end=" ")
    print(*(value or "-" for value in values))

# %% tags=["ledger:B24", "close:0.03", "counts:6"]
asked_all = [*new, *roster.strangers[240:450]]
wrong = [v != "right" for v in verdicts(sft, asked_all)]
curious = assistant.Examiner(sft, template, roster, temperature=1.0)
probed = assistant.probe(curious, asked_all)
alarm = [not one.consistent for one in probed]
hits = sum(a and w for a, w in zip(alarm, wrong, strict=True))
print(f"{len(wrong)} questions, {sum(wrong)} wrong answers, {sum(alarm)} alarms")
print(f"precision {hits / sum(alarm):.2f}, recall {hits / sum(wrong):.2f}")
print(f"an alarm each time: precision {sum(wrong) / len(wrong):.2f}, recall 1.00")
assert hits / sum(alarm) > 0.7
assert hits / sum(wrong) > 0.6

# %% [markdown]
# Useful, and not perfect: some wrong answers agree with each other. Keep that for "Why
# does this work?". (Precision depends on the mix: half of these questions are about
# strangers.)
#
# ### Teach "I do not know"
#
# Now use the probe to make demonstrations. Ask questions that no chat has answered
# from memory, five times each: about the famous, and about people in the **margins**, whom
# the text names now and then, each time with other facts. Where the answers agree and
# are right, the demonstration is the answer. Where they differ or are wrong, it is
# *Sorry, I do not know.* In the margins nothing is right: there, answers that agree are
# left out. What lesson 20 taught counts as known. Refusals get a share of 12 in 100 of
# the training.

# %% tags=["ledger:B24", "ledger:B23", "close", "counts:12"]
found = assistant.sort_questions(sft, roster, n_margins=600)
print(f"{len(found.known)} questions to answer, {len(found.unknown)} to refuse, e.g.")
print("  ", question_of(found.unknown[0]))
assert set(new).isdisjoint(found.known + found.unknown)  # we measure on these
mixture = stages.honest_mixture(roster, found, share=0.12)

# %% tags=["ledger:B24", "close:0.05"]
curve = TrainingCurve(120, lines={})
curve.show()  # it grows while the model learns, half a minute or so
honest = assistant.tune(
    sft,
    mixture,
    steps=120,
    batch_size=20,
    seed=200,
    report=lambda stage, step, steps, loss: curve.add(step, train=loss),
)
curve.finish()
curve

# %% tags=["ledger:B23", "close:0.12"]
after = {name: verdicts(honest, group) for name, group in groups.items()}
for name in groups:
    for when, said in (("before", before[name]), ("after", after[name])):
        print(f"{name:10s} {when:6s}", end="")
        for kind in ("right", "refused", "wrong"):
            print(f"  {kind} {share(said, kind)}", end="")
        print()
assert share(after["strangers"], "wrong").mean < 0.15
assert share(after["well known"], "right").mean > 0.85

# %% [markdown]
# None of these strangers was in the training, so it has not learned a list of names.
# Something inside tells it how well it knows somebody, and now it says so.
#
# ### A tool
#
# Not knowing is honest, looking it up is better. A **tool** is a program that the model
# may call, by writing special tokens: `<search>` and `</search>` around what it looks
# for. Then *we* run the program, put the result behind the call, and let the model go
# on. Demonstrations show it how. The words in brackets are learned, the others not.
# The result is masked, because the tool writes it: nobody can predict it, and nobody
# should try. (In training it is drawn at random, and one in four is *No*, after which
# comes *Sorry*.)
#
# Then comes the loop. It counts the calls, since a model may call for ever. If a tool
# fails, its result is *No*.

# %% tags=["ledger:B25"]
asked = strangers[0]
talk = [
    Message("user", question_of(asked)),
    Message("call", f"{asked.person.name} born", tool="search"),
    Message("result", "Larkton"),
    Message("assistant", "Larkton ."),
]
example = template.encode(talk)
words = [template.tokenizer.decode([token]) for token in example.tokens]
pairs = list(zip(words, example.loss_mask, strict=True))
print(*(f"[{word}]" if learned else word for word, learned in pairs))
own = template.loss_mask(example.tokens)  # who wrote it: False inside a result
print("by a tool:", *(w for w, mine in zip(words, own, strict=True) if not mine))
try:
    template.encode([Message("user", "Hello ! <result> soup </result>")])
except ValueError as error:
    print(error)


# %% tags=["ledger:B25"]
@torch.no_grad()
def answer_with_tools(model, question, tools, max_calls=3, max_tokens=48):
    prompt = template.prompt([Message("user", question)])
    written, n_calls = [], 0
    while len(written) < max_tokens:
        written.append(model(torch.tensor([prompt + written]))[0, -1].argmax().item())
        if written[-1] == template.end:
            break
        if written[-1] in template.opens:
            begin = len(written)
        if written[-1] in template.closes:  # the model waits, a program works
            tool = template.closes[written[-1]]
            text = template.tokenizer.decode(written[begin:-1])
            n_calls += 1
            try:
                result = tools[tool](text) if n_calls <= max_calls else "No"
            except Exception:  # a tool is somebody else's code
                result = "No"
            written += template.result(result)
    return written


# %%
lookup = assistant.world_tools(tiny)["search"]  # the records of Tiny World
helped = assistant.load_stage("tools").model  # trained before, from an honest model


def broken(text):
    raise LookupError("the line is dead")


def calls_for_ever(tokens):  # a "model" without sense
    token = CLOSE if tokens[0, -1] == OPEN else OPEN
    return F.one_hot(torch.tensor([[token]]), template.tokenizer.vocab_size)


OPEN, CLOSE = (template.tokenizer.special_tokens[m] for m in ("<search>", "</search>"))
for model, asked, search in (
    (helped, strangers[0], lookup),
    (helped, known[0], lookup),
    (helped, strangers[0], broken),
    (calls_for_ever, strangers[0], lambda text: "soup"),
):
    tokens = answer_with_tools(model, question_of(asked), {"search": search})
    print(template.tokenizer.decode(tokens[:20]).strip())  # the last is longer

# %% [markdown]
# It looks up the stranger, does not bother for the famous one, and says so when the
# line is dead. A "model" that only ever calls gets three results and then *No*. And
# nobody can write special tokens into a message: they are put in by id, not read from
# text.
#
# ### A safe calculator
#
# For sums the tool must read arithmetic that a *model* wrote. Python's `eval` would run
# whatever stands there. So let Python only **parse** the text, into a tree, and walk
# the tree yourself. Numbers and three operations are allowed; anything else has no
# branch to go to.

# %% tags=["ledger:B25"]
OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value_of(node):
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](value_of(node.left), value_of(node.right))
    raise ValueError(f"cannot calculate a {type(getattr(node, 'op', node)).__name__}")


def calculator(text):  # a model writes numbers digit by digit: 1 7 + 2 8
    return str(value_of(ast.parse(text.replace(" ", ""), mode="eval").body))


print(calculator("1 7 + 2 8"), calculator("97 - 3 * 4"))
for hostile in ("__import__('os').getcwd()", "9**9**9", "'a' * 9", "().__class__"):
    try:
        print(calculator(hostile))
    except ValueError as error:
        print(f"{hostile:27s} {error}")

# %% [markdown]
# ## Compare with torch
#
# By hand against the library: the probe, the loop and the calculator. And the loss with
# a mask against torch's cross-entropy with `ignore_index`: what would the model have to
# pay for the tool's result?

# %%
for i, one in enumerate(probed[:40]):
    values, agree = probe(sft, one.asked, seed=5 * i)  # the same dice
    assert (values, agree) == (one.values, one.consistent)
tools = {"search": lookup, "calc": calculator}
problems = ["17 + 28", "97 - 3 * 4", "8 * 13"]
mixed = [question_of(a) for a in (*strangers[:3], *known[:3])]
mixed += [f"What is {problem} ?" for problem in problems]
talks = [[Message("user", question)] for question in mixed]
replies = chat.answers(helped, template, talks, tools=tools)
for question, reply in zip(mixed, replies, strict=True):
    assert answer_with_tools(helped, question, tools) == reply.tokens
for problem in (*problems, "1 2 - 3 4 * 5 6"):
    assert calculator(problem) == chat.calculate(problem)
print("probe, loop and calculator: by hand = course_lib")

# %% tags=["ledger:B25", "close", "counts:1"]
tokens = torch.tensor(example.tokens)
learned = torch.tensor(example.loss_mask)
with torch.no_grad():
    log_probs = helped(tokens[None, :-1])[0].log_softmax(-1)
nats = -log_probs[torch.arange(len(tokens) - 1), tokens[1:]]
by_hand = nats[learned[1:]].mean()
targets = tokens[1:].masked_fill(~learned[1:], -100)
torch.testing.assert_close(by_hand, F.cross_entropy(log_probs, targets))
place = words.index("<result>")  # nats[place] belongs to the word after it
at_best = torch.tensor(len(world.CITIES)).log()  # all towns alike
print(f"what it writes: {by_hand:.2f} nats a word; the result: {nats[place]:.0f} nats,")
print(f"and at best {at_best:.2f}")
assert nats[place] > at_best

# %% [markdown]
# ## See it
#
# ### The price
#
# "I do not know" has a price. Take the people by rank. How many of their facts could
# the model say before, and what does it do with them now?

# %% tags=["ledger:B23", "close:0.1", "counts:8"]
curves = {"right before": [], "right after": [], "refused after": []}
ranks = range(0, 120, 20)
for rank in ranks:
    people = set(tiny.famous[rank : rank + 20])
    group = [asked for asked in new if asked.person in people]
    was, now = verdicts(sft, group), verdicts(honest, group)
    both = zip(was, now, strict=True)
    lost = sum(a == "right" and b == "refused" for a, b in both)
    print(
        f"ranks {rank:3d} on: {was.count('right')} of {len(was)} right before, ", end=""
    )
    print(f"{lost} of them now refused")
    kinds = (was, "right"), (now, "right"), (now, "refused")
    for values, (said, kind) in zip(curves.values(), kinds, strict=True):
        values.append(share(said, kind).mean)
plots.plot_curves(
    {name: ([rank + 10 for rank in ranks], y) for name, y in curves.items()},
    "It now refuses much that it half knew: over-refusal",
    xlabel="rank of the person by frequency in the training text",
    ylabel="share of questions",
)

# %% [markdown]
# This is **over-refusal**: it refuses what it would have got right. It is a trade, not a
# cure. You will set it below, with a threshold.
#
# ### Vague recollection and working memory
#
# Three places where a fact can be: in the weights (a vague recollection), in the
# message (working memory), behind a tool. One table. Share of right answers:

# %% tags=["ledger:B26", "ledger:B25", "close:0.1"]
tools = assistant.world_tools(tiny)
table = {"": ("from memory", "fact in the message", "with a tool")}
for name, group in groups.items():
    told = [
        [Message("user", f"{world.statement(*a, roster.truth(a))} {question_of(a)}")]
        for a in group
    ]
    read = [
        assistant.verdict_on(reply, asked.relation, roster.truth(asked))
        for reply, asked in zip(chat.answers(sft, template, told), group, strict=True)
    ]
    searched = verdicts(helped, group, tools)
    table[name] = [str(share(v, "right")) for v in (before[name], read, searched)]
    assert share(read, "right").mean > 0.95
for name, row in table.items():
    print(f"{name:10s}", *(f"{cell:>20s}" for cell in row))
assert share(searched, "right").mean > 0.95  # the strangers

from_memory = assistant.Examiner(sft, template, roster).arithmetic()
with_tool = assistant.Examiner(helped, template, roster, tools=tools).arithmetic()
print(f"right sums: from memory {from_memory}, with the calculator {with_tool}")
assert from_memory.mean < 0.1
assert with_tool.mean > 0.9

# %% [markdown]
# Reading down the first column, memory fades. The other two do not care how famous
# anybody is. Sums show the same: the examples of lesson 20 did not teach it to calculate,
# but it can learn which numbers to hand over.
#
# ### Does it say how sure it is?
#
# A model is **calibrated** if what it says with p = 0.7 is right in 7 of 10 cases
# (lesson 9). Sort the given answers by the probability of their first word.


# %% tags=["close:0.15", "counts:25"]
def calibrate(name, model, group):
    """How often is what it says right? The gap, how much too sure, what it answers."""
    p = first_words(model, group).max(-1).values
    said = verdicts(model, group)
    given = [i for i, verdict in enumerate(said) if verdict != "refused"]
    right = [said[i] == "right" for i in given]
    bins = chat.calibration([p[i].item() for i in given], right, n_bins=4)
    gap = chat.calibration_error(bins)
    sure = sum(b.n * (b.confidence - b.accuracy) for b in bins) / len(given)
    print(f"{name}: {len(given)} answers, mean gap {gap:.2f}, too sure by {sure:z.2f}")
    for b in bins:
        print(f"   says {b.confidence:.2f}, is right {b.accuracy:.2f} of {b.n}")
    return gap, sure, [group[i] for i in given]


_, sure_before, _ = calibrate("before", sft, asked_all)
gap_after, sure_after, answered = calibrate("after", honest, asked_all)
gap_same, _, _ = calibrate("before, where it still answers", sft, answered)
assert sure_after < 0 < sure_before
assert gap_same < gap_after + 0.03

# %% [markdown]
# Before, it is too sure: on average its p is larger than the share that is right. After,
# it is too modest: what it still says is right more often than its p, for a part of the
# probability has gone to *Sorry*. And compare the third group: on the *same* questions
# the old model was no worse. Refusing has picked the easy questions; it has not mended
# the probabilities.
#
# ## Play with it
#
# ### The probe
#
# - **Slide to temperature 0.2: what happens?** Whose guesses would you then believe?
# - **Slide to 2.0: what happens** to the well-known? Why is 1 a fair choice? (There the
#   dice follow the model's own probabilities.)
# - **Find the stranger** whose answers agree at temperature 1. Are they true?


# %% tags=["words:0.2"]
def ask_often(question, n_asks, temperature):
    replies = ask(sft, n_asks * [question], temperature, seed=100)
    return [reply.partition(".")[0] for reply in replies]  # the first sentence


shown = [*known[:3], *rare[:2], *strangers[4:7]]
ProbeTable(ask_often, {question_of(a): roster.truth(a) for a in shown})

# %% [markdown]
# ### The dial
#
# The honest model gives P("Sorry") before it says anything. Refuse where it is above a
# threshold of *your* choice. "Known" are all questions that the model of lesson 20
# answers rightly.
#
# - **Slide to 0.1: what happens** to the two shares? And to the precision? Where would
#   you stop for a quiz show, where for a pharmacy?
# - **Slide to 0.6.** Nothing is refused. Yet at temperature 0 nearly all strangers are.
#   How can that be? (*Sorry* need only be the largest of many.)

# %% tags=["ledger:B23", "close:0.1"]
SORRY = template.tokenizer.encode("Sorry")[0]
right_before = [a for a, v in zip(new, verdicts(sft, new), strict=True) if v == "right"]
p_known = first_words(honest, right_before)[:, SORRY]
p_unknown = first_words(honest, strangers)[:, SORRY]
for threshold in (0.1, 0.2, 0.3, 0.4, 0.5):
    unknown_refused = (p_unknown > threshold).float().mean()
    known_refused = (p_known > threshold).float().mean()
    print(f"P > {threshold}: refuses {unknown_refused:.2f} of the unknown", end=" ")
    print(f"and {known_refused:.2f} of the known")
RefusalThreshold(p_known.tolist(), p_unknown.tolist(), threshold=0.3)

# %% [markdown]
# ### The call, step by step
#
# - **Slide to the step where the tool works: what happens** in the context? Who writes
#   the next three tokens?
# - **Choose the question that fails,** about a person who has no records.

# %%
nobody = world.Person(known[0].person.first, strangers[0].person.last)
assert nobody not in tiny.people.facts
questions = [question_of(a) for a in (strangers[0], known[0])]
questions += [assistant.phrasings(nobody, "job")[0], "What is 17 + 28 ?"]
talks = [[Message("user", question)] for question in questions]
replies = chat.answers(helped, template, talks, tools=tools)
ToolTrace(dict(zip(questions, replies, strict=True)), template, step=7)

# %% [markdown]
# ## Why does this work?
#
# ### Why does the probe work, and when does it fail?
#
# If the values have probabilities $p_v$, then at least four of five answers agree with
# probability $\sum_v (5 p_v^4 (1 - p_v) + p_v^5)$. A flat distribution rarely agrees, a
# peaked one nearly always. So the probe measures how *peaked* the model is, not whether
# it is right. Whatever sharpens it without teaching it anything spoils the probe. Try:
# drill the facts of lesson 20 once more, at five times the learning rate.

# %% tags=["ledger:B24", "close:0.12"]
drill = [(1.0, conversations.facts(roster, stages.taught_facts(roster)))]
drilled = assistant.tune(sft, drill, steps=60, learning_rate=2e-3, seed=1)


def agreement(p):
    return (5 * p**4 * (1 - p) + p**5).sum(-1)


by_formula = agreement(first_words(sft, asked_all)).mean().item()
counted = chat.rate(one.consistent for one in probed)
print(f"answers agree: by formula {by_formula:.2f}, counted {counted}")
assert abs(by_formula - counted.mean) < 0.05
sharpened = {}
for name, model in (("lesson 20", sft), ("drilled", drilled)):
    p = first_words(model, strangers)
    sharpened[name] = agreement(p).mean().item()
    entropy = functional.entropy(p).mean()
    print(
        f"strangers, {name}: entropy {entropy:.2f}, agree {sharpened[name]:.2f}", end=""
    )
    print(f"; the well known right {share(verdicts(model, known), 'right')}")
assert sharpened["drilled"] > sharpened["lesson 20"] + 0.05

# %% [markdown]
# Sixty steps, and the answers about strangers agree far more often, while the well known
# got worse. Surer is not better: do not fine-tune harder than it helps.
#
# ### Does it believe its tools?
#
# As it believed the prompt in lesson 19. Give it records that lie.

# %% tags=["close:0.05"]
liar = {"search": lambda text: "cheese" if text.endswith("food") else "No"}
foods = [asked for asked in strangers if asked.relation == "food"]
talks = [[Message("user", question_of(asked))] for asked in foods]
replies = chat.answers(helped, template, talks, tools=liar)
follows = chat.rate("cheese" in reply.text for reply in replies)
print(f"says what the lying records say: {follows}")
assert follows.mean > 0.9

# %% [markdown]
# A tool moves the question from "does the model know?" to "do you trust the source?".
#
# ## Check yourself
#
# ### Catch the slide
#
# Somebody's notes on hallucination: *add "I don't know" examples to the training; to
# find them, ask the model several times: if the answers agree, it knows.* And later,
# where they come to RLHF: *this is what we discussed at hallucinations.* The beginning is
# right. The rest? Count.

# %% tags=["ledger:B24", "counts:12"]
agreed = [one for one in probed if one.consistent]
strange = [one for one in agreed if one.asked in roster.strangers]
false = [one for one in agreed if one.favourite[0] != roster.truth(one.asked)]
lucky = [one for one in strange if one not in false]
print(f"{len(agreed)} times the answers agree: {len(false)} of them are false.")
print(f"{len(strange)} are about strangers, {len(lucky)} of these right by luck")
assert len(false) > 10

# %% [markdown]
# What should the notes say?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Different answers mean that it is unsure: some of those alarms were false, see the
# precision. Agreeing answers mean only that it is sure. That is why the recipe compares
# with the truth too: "differs **or is wrong**". And it should name the price,
# over-refusal.
#
# And it is not RLHF. You showed the model what to say: that is supervised fine-tuning,
# as in lesson 20. Learning from comparisons comes in lesson 23.
#
# </details>
#
# ### Questions
#
# **1.** Why are the refusals learned from people who occur now and then in the training
# text, and not from the strangers?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# These strangers are the test: trained on, a list of their names would do. Other
# strangers could serve. But in real life nobody has a list of the names that a text does
# *not* hold; people who are seldom named can be found in it.
#
# </details>
#
# **2.** A friend leaves the loss on for the results of tools. What does the model
# learn?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# To guess what a tool will say, which is hallucination with extra steps. And the
# large, useless loss drowns the small, useful one.
#
# </details>
#
# **3.** Your calculator shall learn `**`. What do you check first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The size. `9**9**9` has more digits than a library has letters on a shelf, and its tree
# is tiny. Our library has no powers and refuses numbers above a limit.
#
# </details>
#
# **4.** Your turn: set `share` in `honest_mixture` to 0.3 and run from there. (If an
# `assert` stops you, its claim does not hold at this share.) Which way do the curves of "See it" move?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Expect more refusals wherever there is room: fewer hallucinations, more over-refusal,
# and with that fewer right answers about the well known. Measure both; only one of the
# two numbers would tell you half the story.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A model makes things up because answering is all it was shown. Its
#   distribution shows some of the doubt. Probe it, teach it to refuse, or let it look
#   things up.
# - **Formula.** Precision = right alarms / alarms; recall = right alarms / wrong
#   answers. Four of five agree with probability $\sum_v (5 p_v^4(1 - p_v) + p_v^5)$.
# - **Pitfall.** Agreement is not truth, and every refusal rule refuses too much
#   somewhere: show both errors.
# - **In the library:** `tiny_world.assistant` (`probe`, `sort_questions`,
#   `stages.honest_mixture`), `course_lib.chat` (`answers`, `calculate`, `call_tool`,
#   `calibration`).
#
# **Homework:** [Homework 21](homework/hw21.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** [23. Preferences](23_preferences.ipynb). The answers are right now. Are they
# also *liked*?
