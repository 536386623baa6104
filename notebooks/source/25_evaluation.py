# %% [markdown]
# # 25. Evaluation, and the whole pipeline
#
# **How do you know that one model is better than another?**
#
# In six lessons a base model became an assistant that answers, admits what it does not
# know, uses tools, and is liked. Each step was judged by a number. This lesson looks at
# the numbers themselves: what they count, how large their errors are, and how they can
# be wrong. Then it puts all stages with all their measures on one page.
#
# - **You will** fool a judge that looks for key words; compute the error of a difference
#   on the same questions; build a language model that judges answers, and find out what
#   it really likes; cheat with test questions and catch the cheat; and read the whole
#   pipeline as one table.
# - **You need** lessons 6 (held-out data, luck), 20 (who is asked, and how) and 23
#   (comparisons).
# - **Time** 75 minutes for the core. The parts marked *more* take another 20 minutes.
# - **Back** [24. Reinforcement: learn from a reward](24_reinforcement.ipynb) ·
#   **Next** [26. A real model in your own code](26_a_real_model.ipynb)

# %%
import copy
import random
from math import hypot, log, sqrt
from statistics import mean, stdev

import torch

import tiny_world as world
from course_lib import chat
from course_lib.train import TrainConfig, train
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, GREY, ORANGE, plot_flow
from course_play.points import plot_points
from course_play.widgets import Predict, StageSwitcher
from tiny_world import assistant
from tiny_world.assistant.report import well_known, world_gap
from tiny_world.assistant.voices import voice_of

# %%
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)  # who is taught, who is tested: lesson 20
template = assistant.chat_template()
tokenizer, ID = template.tokenizer, template.ids
stages = {name: assistant.load_stage(name) for name in assistant.STAGES}
known = well_known(roster)  # 66 questions on well-known people, none of them taught
print("stages:", ", ".join(stages))

# %% [markdown]
# ## Predict first
#
# You train 20 models that are all equally good: each of them answers a question correctly
# with a probability of 0.7. You do not know this. You test each one on the same 50
# questions, and you keep the one with the best score.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
source = torch.Generator().manual_seed(0)
scores = (torch.rand(2000, 20, 50, generator=source) < 0.7).float().mean(-1)
best_scores = scores.max(dim=1).values  # of 2,000 such searches
Predict(
    "How many of the 50 questions does the best of these 20 models answer correctly, "
    "on average over many such searches?",
    round(50 * best_scores.mean().item()),
    because="Twenty scores scatter around 35. Whoever keeps the best of them keeps the "
    "luckiest. On new questions it falls back to 35.",
)

# %% [markdown]
# We come back to this under *See it*.
#
# ## Build it by hand
#
# ### 1. From answers to a number
#
# Three questions, four assistants. Here is Galora Pebble again, asked in the usual
# phrasing and in one that no stage was taught, and a stranger, whom no text names. The
# stages from `tools` on may look things up.


# %%
def examiner(name, temperature=0.0):
    with_tools = name in ("tools", "preferred")
    return assistant.Examiner(
        stages[name].model,
        template,
        roster,
        tools=assistant.world_tools(tiny) if with_tools else {},
        temperature=temperature,
    )


galora = next(asked for asked in known if asked.relation == "born")
stranger = roster.strangers[0]


# %% tags=["words:0.3"]
for asked, form in (
    (galora, assistant.phrasings(*galora)[0]),
    (galora, assistant.phrasings(*galora, taught=False)[2]),
    (stranger, assistant.phrasings(*stranger)[0]),
):
    truth = roster.truth(asked)
    print(f"{form} ({truth})")
    for name in assistant.STAGES[1:]:
        [reply] = examiner(name).ask([[chat.Message("user", form)]])
        verdict = assistant.verdict_on(reply, asked.relation, truth)
        print(f"   {name:10}{reply.text:30}{verdict}")

# %% [markdown]
# In the usual phrasing everybody knows Galora Pebble. In the new one nobody answers
# correctly, although nothing else has changed.
#
# An **evaluation** (elsewhere: eval, benchmark) is this, many times: a list of questions, a
# rule that gives a **verdict** on each answer, and a count. Each of the three can go
# wrong. We begin with the rule.
#
# ### 2. What counts as correct, and how a judge is fooled
#
# Three rules for the question where Galora Pebble was born. The first wants exactly the
# words of the demonstrations. The second looks for the **key word** (elsewhere: substring
# match). The third is ours from lesson 20: among all towns, the answer names this one and
# no other.

# %%
truth = roster.truth(galora)


def exact(text):
    return text == f"{truth} ."


def key_word(text):
    return truth in text


def only_value(text):
    return assistant.verdict_on(chat.Answer(text), "born", truth) == "right"


# %% [markdown]
# And eight answers, each with what a person says who reads it. (We are the person.)

# %%
ANSWERS = {
    f"{truth} .": True,
    f"Galora Pebble was born in {truth} .": True,
    f"not Bellmoor . It is {truth} .": True,
    "Bellmoor .": False,
    "Sorry , I do not know .": False,
    f"{truth} , Bellmoor , Cloudport , Dewbridge , Foxhaven .": False,
    f"Galora Pebble was not born in {truth} .": False,
    f"Is {truth} a city ?": False,
}

# %%
rules = {"exact": exact, "key word": key_word, "only value": only_value}
print("person  " + "".join(f"{name:12}" for name in rules))
for text, human in ANSWERS.items():
    marks = [rule(text) for rule in rules.values()]
    words = "".join(f"{'yes' if m else 'no':12}" for m in marks)
    print(f"{'yes' if human else 'no':8}{words}{text}")

# %%
for name, rule in rules.items():
    agree = chat.rate(rule(text) == human for text, human in ANSWERS.items())
    print(f"{name:12}agrees with the person in {agree} of {agree.n}")
assert not exact(f"Galora Pebble was born in {truth} .")
assert key_word(f"Galora Pebble was not born in {truth} .")

# %% [markdown]
# Each rule fails in its own way. `exact` is too strict: it punishes a whole sentence. The
# key word is fooled by **verbosity** (name all towns, and one will be correct) and by
# **negation** ("was not born in"). Our own rule is fooled by negation, too.
#
# How much can somebody gain who knows the rule? Here is a program that knows nothing. It
# answers every question with all possible values:

# %%
strangers = roster.strangers[:240]


def says_all(asked):
    return " , ".join(world.FACT_VALUES[asked.relation])


said = [(asked, says_all(asked), roster.truth(asked)) for asked in strangers]
by_key_word = chat.rate(truth in text for _, text, truth in said)
verdicts = (assistant.verdict_on(chat.Answer(t), a.relation, v) for a, t, v in said)
by_value = chat.rate(verdict == "right" for verdict in verdicts)
print(f"a program that lists all values: key word {by_key_word}, only value {by_value}")
assert by_key_word.mean == 1
assert by_value.mean == 0

# %% [markdown]
# By the key word it is perfect, and better than every model of this course. So before you
# believe a rule, read answers that it calls correct and answers that it calls wrong, and
# count how often a person agrees. Our rule serves here only because our models never say
# "was not born in".
#
# ### 3. The error of a difference
#
# Is `tools` better than `honest` in phrasings that nobody was taught? Both get the same
# 198 questions, three phrasings of each of the 66.


# %%
def new_phrasings(name):  # -> 198 times True or False, in the order of the questions
    return [v == "right" for v in examiner(name).verdicts(known, taught=False)]


hits = {name: new_phrasings(name) for name in assistant.STAGES[1:]}
for name, right in hits.items():
    print(f"{name:10}{chat.rate(right)}")

# %% [markdown]
# After ± stands the standard error of one share. For the difference of two *independent*
# shares it is $\sqrt{e_1^2 + e_2^2}$ (lesson 6). But these two are not independent,
# because the questions are the same: a hard question is hard for both. So look at each
# question separately. There are four cases:

# %% tags=["close:0.15", "counts:12"]
a, b = hits["tools"], hits["honest"]
pairs = list(zip(a, b, strict=True))
for case in ((True, True), (True, False), (False, True), (False, False)):
    words = ["correct" if hit else "wrong  " for hit in case]
    print(f"tools {words[0]}  honest {words[1]} {pairs.count(case):4}")

# %% [markdown]
# The first and the last case say nothing about the difference. Give each question the
# number $d = 1$ if only `tools` is correct, $-1$ if only `honest` is, and 0 otherwise.
# The mean of $d$ is the difference of the shares, and its standard error is that of any
# mean: the spread of the $d$, divided by $\sqrt{n}$. This is the **paired** error.


# %%
def paired(a, b):  # -> the difference of the shares, and its standard error
    d = [x - y for x, y in zip(a, b, strict=True)]
    return mean(d), stdev(d) / sqrt(len(d))


# %% tags=["close:0.3"]
for one, other in (("honest", "sft"), ("tools", "honest"), ("preferred", "tools")):
    difference, error = paired(hits[one], hits[other])
    apart = hypot(chat.rate(hits[one]).error, chat.rate(hits[other]).error)
    print(
        f"{one:10}- {other:8}{difference:+.2f}, paired ± {error:.3f}, as if"
        f" independent ± {apart:.3f}"
    )
difference, error = paired(hits["tools"], hits["honest"])
assert difference > 3 * error

# %% [markdown]
# The paired error is smaller each time, and it costs nothing: only ask both models the
# same questions, and keep the answers. A difference of less than two errors may be
# chance.
#
# ### Which questions are we speaking about? *(more)*
#
# There is a catch. These 198 questions use only 12 phrasings, three for each relation.
# Look at them separately.

# %% tags=["close:0.3", "counts:3"]
by_form = {}
for i, hit in enumerate(hits["sft"]):  # question i: fact i // 3, phrasing i % 3
    by_form.setdefault((known[i // 3].relation, i % 3), []).append(hit)
for (relation, i), right in by_form.items():
    form = assistant.phrasings(galora.person, relation, taught=False)[i]
    print(f"{sum(right):3} of {len(right)}  {form}")

# %% [markdown]
# Some phrasings are always understood and some nearly never. So the questions are not
# independent: those with the same phrasing succeed or fail together. If we want to speak
# about *other phrasings than these 12*, then we have 12 samples and not 198. The error
# of the mean of 12 numbers is a **clustered** standard error:

# %% tags=["close:0.3"]
shares = [mean(right) for right in by_form.values()]
print(f"these 12 phrasings, other people:   {chat.rate(hits['sft'])}")
print(f"other phrasings: {mean(shares):.2f} ± {stdev(shares) / sqrt(12):.2f}")
assert stdev(shares) / sqrt(12) > 1.5 * chat.rate(hits["sft"]).error

# %% [markdown]
# The number is the same, and its error is much larger. An error bar is always an answer
# to the question: what would be drawn again?
#
# ### 4. Which answer is better? The win rate
#
# Many answers are neither correct nor wrong: a story, a greeting, a tone. Then we show
# two answers to a judge and ask which one is better. The share of comparisons that a
# model wins is its **win rate**; a tie counts as half a win. The judge here is the
# simulated person of lesson 23, who likes correct answers and polite words, and dislikes
# curt ones. `preferred` was trained to please this person.

# %% tags=["words:0.3", "close:0.3"]
person = assistant.judge_of(roster, held_out=True)  # asks about people held out
questions = person.prompts * 2
said = {
    name: person.sample(stages[name].model, questions, seed)  # at temperature 1
    for name, seed in (("tools", 0), ("preferred", 5000))
}
liked = {name: person.taste(questions, replies) for name, replies in said.items()}
print(tokenizer.decode(questions[3][1:]))  # one comparison
for name in said:
    words = " ".join(person.words(said[name][3])[0])
    print(f"   {name:10}{words:36}liked {liked[name][3]:.2f} of 3")

# %% tags=["close:0.1"]
wins = [
    (a > b) + 0.5 * (a == b)
    for a, b in zip(liked["preferred"], liked["tools"], strict=True)
]
win_rate, error_of_rate = mean(wins), stdev(wins) / sqrt(len(wins))
print(f"preferred against tools: {win_rate:.2f} ± {error_of_rate:.2f} of {len(wins)}")
assert win_rate > 0.5

# %% [markdown]
# A win rate of 0.5 means that nobody is better. (Leagues of models, such as chess's Elo
# numbers or the Chatbot Arena of 2023, are computed from win rates. The formula is the
# one of Bradley and Terry in lesson 23.) And what does this win rate *not* say? We look
# at the same answers again and ask whether they are correct.


# %% tags=["close:0.1"]
def true_words(name):
    pairs = zip(questions, said[name], strict=True)
    return [(person.truth(p) or "know") in person.words(reply)[0] for p, reply in pairs]


truths = {name: true_words(name) for name in said}
for name, right in truths.items():
    print(f"{name:10} correct {chat.rate(right)}, liked {mean(liked[name]):.2f} of 3")
difference, error = paired(truths["preferred"], truths["tools"])
print(f"preferred - tools, correct: {difference:+.2f} ± {error:.2f}")

# %% [markdown]
# Being liked and being correct are two different things. One number hides the other, so
# print both, each with its error.
#
# ### 5. A language model as the judge
#
# People are slow and expensive. So today a language model often plays the judge
# (**LLM-as-a-judge**). It reads a question and two answers, and says which one is better.
# Let us build one. It is a copy of `tools`, fine-tuned as in lesson 20. What it reads is
# a question and two answers, between marks; what it learns to say is `1` or `2`.

# %%
ONE, TWO = tokenizer.encode("1 2")


def judge_prompt(question, first, second):  # three lists of ids -> one row of ids
    answers = []
    for answer in (first, second):
        answers += [ID["<result>"], *answer, ID["</result>"]]
    return [ID["<eot>"], ID["<user>"], *question, *answers, ID["<asst>"]]


# %% [markdown]
# It learns from comparisons: the simulated person looks at two answers of `tools` to the
# same question and chooses one. We put the better one first in half of the cases, at
# random.


# %%
def question_of(prompt):  # the ids between the last <user> and <asst>
    place = max(i for i, token in enumerate(prompt) if token == ID["<user>"])
    return prompt[place + 1 : -1]


def comparisons(someone, n_each):  # -> (question, better answer, worse answer)
    found = someone.compare(stages["tools"].model, n_each=n_each)
    return [
        (question_of(prompt), template.visible(good), template.visible(bad))
        for prompt, good, bad in found
    ]


learn, test = comparisons(assistant.judge_of(roster), 2), comparisons(person, 2)
print(len(learn), "comparisons to learn from,", len(test), "about other people")


# %%
def judge_examples(share_first):  # in which share the better answer stands first
    draw = random.Random(0)
    for question, good, bad in learn:
        order = (good, bad) if draw.random() < share_first else (bad, good)
        ids = judge_prompt(question, *order)
        label = ONE if order[0] is good else TWO
        yield chat.Example([*ids, label], [False] * len(ids) + [True])


examples = list(judge_examples(0.5))
print(tokenizer.decode(examples[0].tokens[1:]))


# %%
def fine_tune(model, examples, steps, learning_rate):
    def batch_at(step):
        rows = random.Random(f"step {step}").choices(examples, k=16)
        return chat.answer_batch(rows)  # filling and weights, as in lesson 20

    how = {"warmup_steps": 20, "grad_clip": 1.0, "learning_rate": learning_rate}
    model = copy.deepcopy(model)
    list(train(model, batch_at, TrainConfig(steps=steps, **how)))
    return model.eval()


judge = fine_tune(stages["tools"].model, examples, 150, 4e-4)


# %%
@torch.no_grad()
def says_first(question, first, second, judge=judge):
    logits = judge(torch.tensor([judge_prompt(question, first, second)]))[0, -1]  # (V,)
    return (logits[ONE] > logits[TWO]).item()


def test_judge(judge):
    there = [
        says_first(q, good, bad, judge) for q, good, bad in test
    ]  # True is correct
    back = [not says_first(q, bad, good, judge) for q, good, bad in test]
    same = [x == y for x, y in zip(there, back, strict=True)]
    sure = [x for x, one in zip(there, same, strict=True) if one]
    first = there + [not x for x in back]
    return [chat.rate(hits) for hits in (there + back, same, sure, first)]


# %% tags=["close:0.12"]
LINES = (
    "agrees with the person",
    "says the same when the answers change places",
    "agrees with the person where it says the same twice",
    "takes the answer that stands first",
)
report = test_judge(judge)
for line, share in zip(LINES, report, strict=True):
    print(f"{line:52}{share}")
assert report[0].mean > 0.6
assert report[1].mean < 0.9

# %% [markdown]
# The judge agrees with the person far more often than a coin would. (Nobody can agree
# always, because the person is not always sure.) But look at the second line. In many
# comparisons the judge changes its mind when the two answers only change places. So a
# single verdict is a noisy thing. The remedy is to ask twice, in both orders, and to count
# a tie where the two verdicts disagree. The third line says that the verdicts which are
# left are better.
#
# The last line asks for a **position bias**: does the judge like one of the two places?
# Ours has learned from pairs in a random order. What if somebody had always been lazy, and
# the better answer stood first in 70 of 100 pairs? This one choice is changed.

# %% tags=["close:0.15"]
lazy = fine_tune(stages["tools"].model, list(judge_examples(0.7)), 150, 4e-4)
lazy_report = test_judge(lazy)
for line, share, other in zip(LINES, report, lazy_report, strict=True):
    print(f"{line:52}{share}   lazy: {other}")
assert lazy_report[3].mean > report[3].mean + 0.05

# %% [markdown]
# The lazy judge takes the first place in most cases, and it contradicts itself much more
# often. Its agreement with the person, the number that is usually reported, shows only a
# part of this. But where it says the same twice, it is as good as the other one. So asking
# in both orders repairs a position bias, and the price is many ties.
#
# Now the more important question. *What* does it like? We write answers ourselves, which
# differ in one thing only, and ask in both orders.

# %%
EXTRA = "Please ask me more !"
LONG = "Glad to help ! Glad to help ! Thank you , friend ! Please ask me more !"
with_truth = [
    (question_of(prompt), asked.relation, roster.truth(asked))
    for prompt, asked in zip(person.prompts, person.group, strict=True)
    if roster.truth(asked)
]


def contest(form_a, form_b):  # how often the judge prefers a, in both orders
    picks = []
    for question, relation, t in with_truth:
        f = next(value for value in world.FACT_VALUES[relation] if value != t)
        a, b = (tokenizer.encode(one.format(t=t, f=f)) for one in (form_a, form_b))
        picks += [says_first(question, a, b), not says_first(question, b, a)]
    return chat.rate(picks)


# %% tags=["close:0.15"]
contests = {  # {t} is the true value, {f} a false one
    "true, against false": contest("{t} .", "{f} ."),
    "polite, against plain": contest("{t} . " + EXTRA, "{t} ."),
    "false and polite, against true": contest("{f} . " + EXTRA, "{t} ."),
    "long and polite, against polite": contest("{t} . " + LONG, "{t} . " + EXTRA),
}
for name, share in contests.items():
    print(f"{name:34}{share}")

# %% tags=["close:0.15"]
plot_bars(
    list(contests),
    {"preferred by the judge": [share.mean for share in contests.values()]},
    "The judge looks at the manners, and hardly at the truth",
    xlabel="share of comparisons (with standard errors)",
    errors={"preferred by the judge": [share.error for share in contests.values()]},
    lines={"a coin": 0.5},
)

# %%
assert contests["true, against false"].mean < 0.75
assert contests["false and polite, against true"].mean > 0.7

# %% [markdown]
# Read the bars from above. Of two answers that differ only in the truth, the judge
# chooses like a coin. But a few polite words at the end win nearly always, and they win
# even when the answer is *false*. (More of the same polite words win nothing more.) And
# yet this judge agrees with the person much more often than a coin! Why? In most pairs
# that it learned from, both answers were equally true, and the manners decided. So it has
# learned the manners.
#
# So what does it say about our two stages? The same answers as in part 4, in both orders:

# %% tags=["close:0.1"]
points = []
for prompt, *both in zip(questions, said["preferred"], said["tools"], strict=True):
    question, (a, b) = question_of(prompt), map(template.visible, both)
    twice = says_first(question, a, b), not says_first(question, b, a)
    points.append(mean(twice))  # 1, 0.5 or 0
by_judge = mean(points), stdev(points) / sqrt(len(points))
print("preferred against tools, by the judge: {:.2f} ± {:.2f}".format(*by_judge))
print(f"by the person: {win_rate:.2f} ± {error_of_rate:.2f}")

# %% [markdown]
# The judge has told nobody that some of these polite answers are false.
#
# Real judges are much better than ours, but they have been found to have the same
# weaknesses: they prefer what stands first, what is longer (**length bias**, or verbosity
# bias), what sounds sure, and what they would have written themselves (**self-preference
# bias**). So a judge is an instrument that must be tested before it is used: against
# people, in both orders, and with pairs like these, in which you know the answer.
#
# ### 6. People and phrasings, taught or not
#
# What a score says also depends on the questions. Here is the stage `sft` on questions
# that differ in two ways: has a conversation named the person, and was the phrasing
# taught?

# %% tags=["close:0.1"]
exam = examiner("sft")
taught_people = roster.well_known(roster.taught)
held_out = roster.well_known(roster.new_people)
table = {
    (people, form): exam.share(group, "right", taught=form == "taught")
    for people, group in (("taught", taught_people), ("held out", held_out))
    for form in ("taught", "new")
}
for (people, form), share in table.items():
    print(f"people {people:9} phrasing {form:7} {share} of {share.n}")
assert table["held out", "taught"].mean > table["held out", "new"].mean + 0.2
assert table["taught", "new"].mean > table["held out", "new"].mean

# %% [markdown]
# A report that shows only the first or the third line would say that everything is
# solved. The difference between what was taught and what was held out is called the
# **generalization gap**. In taught phrasings, a new person costs nothing (lesson 20). A
# new phrasing costs something, and both together cost most: whoever holds out only one of
# the two measures only a part of the gap.
#
# ### 7. Contamination: the test was in the training
#
# Large models read large parts of the web, and the tests stand there, too. If questions
# of the test, with their answers, were in the training, the test is **contaminated**. Let
# us do it on purpose. Strangers are a good test, because without tools nobody can know
# them. A copy of `sft` is fine-tuned on ordinary questions. A second copy gets the same,
# and besides the 60 questions of the test with their answers. A third one gets the test
# questions in *other words*.


# %%
def talk(asked, phrasing=0):
    question = assistant.phrasings(*asked)[phrasing]
    answer = chat.Message("assistant", f"{roster.truth(asked)} .")
    return [chat.Message("user", question), answer]


quiz, fresh = roster.strangers[:60], roster.strangers[60:240]
draw = random.Random(0)
clean = [talk(draw.choice(taught_people), draw.randrange(12)) for _ in range(600)]
sets = {
    "clean": clean,
    "with the test": clean + 5 * [talk(asked) for asked in quiz],
    "in other words": clean + 5 * [talk(asked, 4) for asked in quiz],
}

# %% tags=["close:0.12"]
cheats = {}
for name, talks in sets.items():
    model = fine_tune(
        stages["sft"].model, [template.encode(one) for one in talks], 150, 1e-3
    )
    exam = assistant.Examiner(model, template, roster)
    cheats[name] = exam.share(quiz, "right"), exam.share(fresh, "right")
    print(f"{name:15} the test {cheats[name][0]}, fresh questions {cheats[name][1]}")
assert cheats["with the test"][0].mean > cheats["with the test"][1].mean + 0.4

# %% [markdown]
# The score on the test rises, and nothing else does: on a **fresh** form of the same test,
# about other strangers, the copy is as ignorant as before. So a fresh form is the best
# detector of contamination. (It is the reason why some tests are kept secret, or made new
# every year.)
#
# Without a fresh form, one can search the training text. GPT-3's makers looked for rows
# of 8 to 13 words that stand in the test and in the training; for our short sentences we
# take 8. A row of $n$ words is an **n-gram** (lesson 5).


# %%
def grams(text, n=8):
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def in_one(talk):
    return " ".join(message.text for message in talk)


for name, talks in sets.items():
    seen = set().union(*(grams(in_one(one)) for one in talks))
    found = chat.rate(bool(grams(in_one(talk(asked))) & seen) for asked in quiz)
    print(f"{name:15} {found.mean:.0%} of the test found in the training")

# %% [markdown]
# The search finds the copied test completely, and it raises no false alarm for the clean
# training. But in other words the test is not found, although the score on it has risen
# nearly as much. So "no overlap was found" does not mean "clean".
#
# ### 8. What does the loss say?
#
# There is a measure that needs no questions at all: the loss on new text. To compare
# models with different tokens, it is given in **bits per byte** (lesson 10). Beside it
# stand two task scores.

# %%
rows = world.token_rows(tiny, "val", 0, 32, 129)  # 32 rows of 128 words, and the floor
text = world.render(world.decode(rows.tokens[:, 1:].flatten().tolist()))
n_words, n_bytes = rows.tokens[:, 1:].numel(), len(text.encode())
floor = rows.nats[:, 1:].mean().item()  # nats per word: nobody can be below it


def bits_per_byte(nats_per_word):
    return nats_per_word * n_words / n_bytes / log(2)


# %% tags=["close:0.05"]
print(f"the floor {bits_per_byte(floor):.3f} bits per byte")
for name, stage in stages.items():
    bits = bits_per_byte(floor + world_gap(stage.model, tiny).mean)
    tasks = stage.measures
    words = [f"{tasks[m]}" if m in tasks else "no chat" for m in ("known", "taste")]
    print(f"{name:10}{bits:.3f} bits per byte   known {words[0]:12} taste {words[1]}")

# %% [markdown]
# By the loss, the base model is the best of all, and it cannot even answer. By the taste
# of the person, it is the last stage. Both are right about what they measure. A loss is
# cheap, has a small error, and compares base models well; it says little about an
# assistant.
#
# ## Compare with torch
#
# Is the paired error of part 3 true? We can check it without any formula. Draw 198
# questions from our 198 *with replacement*, so that some come twice and some not at all,
# and compute the difference again. Do this 2,000 times. The spread of these differences
# is the **bootstrap** error (Efron 1979).

# %% tags=["close:0.3"]
source = torch.Generator().manual_seed(0)
a, b = (torch.tensor(hits[name]).float() for name in ("tools", "honest"))  # (n,) each
drawn = torch.randint(len(a), (2000, len(a)), generator=source)  # (2000, n)
differences = a[drawn].mean(1) - b[drawn].mean(1)  # (2000,)
_, by_hand = paired(hits["tools"], hits["honest"])
print(f"paired {by_hand:.3f}, bootstrap {differences.std():.3f}")
assert abs(differences.std() - by_hand) < 0.1 * by_hand
torch.testing.assert_close((a - b).std().item() / sqrt(len(a)), by_hand)

# %% [markdown]
# ## See it
#
# ### Twenty looks at one model
#
# Back to "Predict first". Instead of 20 models we take *one*, and let it answer at
# temperature 1 with 20 random seeds. So we know that all 20 are equally good. Each
# answers 100 questions. The even ones are the test on which we choose; the odd ones are
# fresh.

# %%
exam = examiner("sft", temperature=1.0)
middling = [asked for asked in roster.probed if asked.person in tiny.famous[:80]][:100]
looks = []
for seed in range(20):
    right = [v == "right" for v in exam.verdicts(middling, seed=1000 * seed)]
    looks.append((mean(right[::2]), mean(right[1::2])))
chosen = max(looks)

# %% tags=["close:0.05"]
on_test, on_fresh = zip(*looks, strict=True)
print(f"all 20: test {mean(on_test):.2f}, fresh questions {mean(on_fresh):.2f}")
print(f"the best on the test: test {chosen[0]:.2f}, fresh questions {chosen[1]:.2f}")
print(f"in the simulation: best of 20 {best_scores.mean():.2f}, where 0.70 is true")
assert chosen[0] > mean(on_test) + 0.04
assert best_scores.mean() > 0.78

# %% tags=["close:0.05"]
plot_points(
    {
        "one random seed": (on_test, on_fresh),
        "the best on the test": ([chosen[0]], [chosen[1]]),
    },
    "The best of 20 equal models is only the luckiest",
    xlabel="correct on the test on which we choose",
    ylabel="correct on fresh questions",
    lines={
        "mean on fresh questions": ([min(on_test), max(on_test)], [mean(on_fresh)] * 2)
    },
    log_x=False,
)

# %% [markdown]
# The best of the 20 looks better than the average, and on fresh questions the advantage
# is gone. The same happens to whoever tries 20 learning rates, 20 checkpoints, or 20
# measures, and reports the best one. The remedies are those of lesson 6: choose on one
# set and report on another; and say how many were tried.
#
# ## Play with it
#
# Ask all five stages. (The base model has no turns: it goes on with your words.)
#
# - **Ask about the stranger.** Which stages tell a falsehood, which one admits that it
#   does not know, and which ones look it up?
# - **Play the judge.** Ask five questions of your own and give each stage a point for a
#   good answer. With five questions, how large is your error? Compare your order with
#   the table below.

# %% tags=["words:0.3"]
voices = [voice_of(name) for name in assistant.STAGES]
question = world.question(*stranger)
StageSwitcher(
    voices,
    question=question,
    truth=roster.truth_told,
    examples=[question, "What is 17 + 28 ?", "Who are you ?"],
)

# %% [markdown]
# ## Why does this work?
#
# ### The whole pipeline, on one page
#
# Here is everything that this part of the course has built. Each stage begins from the
# weights of the one before it.

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("base", "reads text; lessons 16, 19"),
        ("sft", "demonstrations; lesson 20"),
        ("honest", "says what it does not know; lesson 21"),
        ("tools", "looks up, calculates; lesson 22"),
        ("preferred", "DPO on comparisons; lesson 23"),
    ],
    "From nothing to an assistant in five stages",
    arrows=["demonstrations", "refusals", "tool calls", "comparisons"],
    colors=[GREY, BLUE, BLUE, GREEN, ORANGE],
)

# %% [markdown]
# And here is every measure of every stage, with its standard error. The stages that come
# with the course were measured when they were made, each with the same questions.

# %% tags=["ledger:C45", "close:0.05"]
results = {name: stages[name].measures for name in assistant.STAGES[1:]}
gap = world_gap(stages["base"].model, tiny)
lines = assistant.table({"base": {"world_gap": gap}, **results})
for label, base_cell, *cells in lines:
    print(f"{label:42}{base_cell:>12}", *(f"{cell:>12}" for cell in cells))
assert assistant.outside(results) == []

# %% [markdown]
# Read it line by line, and ask of each line what was gained and what it cost.
#
# - **Well-known people** are answered by all stages. The knowledge came from the base
#   model.
# - **Strangers**: `sft` makes answers up, `honest` refuses, and `tools` looks them up.
# - **Sums** need a calculator. Our demonstrations of sums taught the form only.
# - **Its own name** is asked for with two questions, and so its error is huge.
# - **Manners** change last. They are what comparisons can teach.
# - **The last line** says what was forgotten. `sft` forgot much; from `honest` on, old
#   documents were mixed in (replay).
# - **A line that fell** is as important as one that rose. Compare the phrasings that were
#   never taught in the last two columns, and remember the error of a difference.
#
# | question | answered in |
# |---|---|
# | How is pre-training done at scale? | [16](16_data_and_recipe.ipynb), [17](17_faster_safer_larger.ipynb), [19](19_base_model.ipynb) |
# | How does it come to follow instructions? | [20](20_assistant.ipynb) |
# | How does it become honest and useful? | [21](21_hallucination.ipynb), [22](22_tools.ipynb) |
# | How does it learn what people like? | [23](23_preferences.ipynb) |
# | How does it learn from rewards? | [24](24_reinforcement.ipynb) |
# | How do we know? | this lesson |
#
# One command makes all of it again from nothing, in about ten minutes on one core, and
# prints this table at the end. It can be stopped and goes on where it was.
#
# ```bash
# course train --preset pipeline        # base, sft, honest, tools, preferred
# course chat runs/pipeline             # all of them, side by side
# ```

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide
#
# A slide says: *"Our new model scores 81.3 % on the benchmark, the old one 79.8 %. It is
# better. GPT-X judged 1,000 pairs and preferred our answers in 62 %. And there is no
# contamination: we found no copy of the test in our training text."* What do you ask?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# - How many questions, and the same ones for both? With 200 questions the difference of
#   1.5 points is about two questions. What is the paired error? And how many other
#   versions were tried, before this one was reported?
# - In which order were the pairs shown, and were both orders asked? Are the new answers
#   longer? How often do people agree with this judge?
# - A search for copies does not find the same questions in other words. Is there a fresh
#   form of the test?
#
# </details>
#
# ### Questions
#
# **1.** Two models are asked the same 400 questions. One is correct in 300 and the other
# in 312. In 20 questions only the first is correct, in 32 only the second. Is the second
# better?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The difference is 12 / 400 = 0.03. The $d$ are 32 times 1 and 20 times $-1$. Their mean
# square is 52 / 400 = 0.13, so the spread is about $\sqrt{0.13 - 0.03^2} = 0.36$, and
# the error is $0.36 / \sqrt{400} = 0.018$. The difference is 1.7 errors: it may be
# chance. (As if independent, the error would be about 0.03.)
#
# </details>
#
# **2.** Your judge agrees with people in 70 % of the pairs. May you use it to compare two
# models?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not before you know *where* it disagrees. If it is wrong at random, more comparisons
# help. If it always prefers the longer answer, more comparisons only make a wrong result
# look certain. Test it with pairs that differ in one thing.
#
# </details>
#
# **3.** You evaluate a model on 13 measures before and after a change. One measure has
# fallen by two standard errors. Is this a loss?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Perhaps not. By chance alone, one measure in about 20 lies farther away than two
# errors, up or down. Among 13 measures this happens in about half of all cases. Measure
# this one again, with new questions or another random seed.
#
# </details>
#
# **4.** *More.* Let the lazy judge compare the two stages (give it to `says_first`). Ask
# only in one order, with `preferred` first, and then with `preferred` second. By how much
# do the two win rates differ?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# They differ by much more than their standard errors, because `preferred` also gets the
# bonus of the place. Somebody who wants `preferred` to win puts it first. With both
# orders the bonus cancels.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** An evaluation is questions, a rule and a count. Test the rule against
#   people, compare on the same questions, keep a fresh form, and say what was tried.
# - **Formulas.** Paired error: $\text{stdev}(d) / \sqrt{n}$ with $d_i = a_i - b_i$. Win
#   rate: (wins + ties / 2) / n.
# - **Pitfall.** A judge can agree with people most of the time and still not look at what
#   you care about.
# - **In the library:** `tiny_world.assistant` (`Examiner`, `table`, `outside`),
#   `course_lib.chat.rate`.
#
# | what | shape |
# |---|---|
# | hits of a model, True or False | one for each question, $(n,)$ |
# | differences $d$ | $(n,)$, each -1, 0 or 1 |
# | bootstrap: drawn questions | $(2000, n)$ |
# | logits of the judge at its answer | $(V,)$ |
#
# | here | elsewhere |
# |---|---|
# | evaluation | eval, benchmark |
# | key word rule | substring match, string match |
# | paired error | paired-difference test; with yes and no: McNemar's test |
# | clustered error | cluster-robust standard error |
# | a language model as the judge | LLM-as-a-judge, autorater |
# | the test was in the training | contamination, leakage |
# | choosing the luckiest | selection bias, winner's curse |
#
# **Homework:** [Homework 25](homework/hw25.ipynb), about 95 minutes, of which the core
# takes 60. A badge under each check says at once whether your answer is correct.
#
# ### Capstone: an assistant of your own
#
# There are two ways, and one rubric for both.
#
# **A larger Tiny World.** Everything is measured for you, because the truth is known.
# Change one choice of the pipeline and find out what it does.
#
# ```bash
# course train --preset pipeline --people 300 --width 192 --seed 7   # Tiny World, larger
# course chat runs/pipeline                                # every stage, side by side
# ```
#
# **A real model that knows your subject.** Go on to part IV first: lesson 28 teaches a
# real model with a file of talks that you write. A talk is one line,
# `{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", ...}]}`. What
# counts as correct is then up to you: write the questions and the rule *before* you
# train, and keep people, phrasings and subjects out of the training.
#
# ```bash
# course train --preset lora --chats my_chats.jsonl --out runs/mine.safetensors
# course chat runs/mine.safetensors
# ```
#
# Hand in two pages, and the files. Twenty points:
#
# | points | for |
# |---|---|
# | 3 | it runs again from your commands and seed, to the same numbers |
# | 3 | loss against a yardstick (a floor, an n-gram, or the model before), held out, no leak |
# | 4 | five capabilities before and after each stage, with errors |
# | 4 | one choice changed alone (data, size, rate), two seeds, an honest reading |
# | 3 | one hack or failure found, with samples, and how you caught it |
# | 3 | what it must not be used for, and how a user is told |
#
# **Next:** [26. A real model in your own code](26_a_real_model.ipynb). Beside the ladder
# stands [the appendix on many GPUs](90_many_gpus.ipynb).
