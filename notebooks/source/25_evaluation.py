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
# - **You will** fool a judge that looks for key words; compute the error of a
#   difference on the same questions; build a language model that judges answers, and
#   find out what it really likes; cheat with test questions and catch the cheat; and
#   read the whole pipeline as one table.
# - **You need** lessons 5 (n-grams), 6 (held-out data, luck), 20 to 22 (the stages, who
#   is asked, and how) and 23 (comparisons).
# - **Time** 75 minutes for the core. The part marked *more* takes another 5 minutes.
# - **Back** [24. Reinforcement: learn from a reward](24_reinforcement.ipynb) · **Next**
#   [26. A real model in your own code](26_a_real_model.ipynb)

# %%
import copy
import random
from collections import Counter
from math import exp, hypot, sqrt
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
# with a probability of 0.7. You do not know that they are equal. You test each one on the
# same 50 questions, and you keep the one with the best score.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
dice = torch.Generator().manual_seed(0)
scores = (torch.rand(2000, 20, 50, generator=dice) < 0.7).float().mean(-1)
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
# (The verdict `other`: no town is named, and it does not say that it does not know.) In
# the usual phrasing all four know Galora Pebble. In this new one only `preferred`
# answers correctly, although the question asks for the same fact. This is **prompt
# sensitivity**.
#
# An **evaluation** (elsewhere: eval, benchmark) is this, many times: a list of
# questions, a rule that gives a **verdict** on each answer, and a count. Well-known
# ones for large models are MMLU (questions with four answers to choose from), GSM8K
# (sums in words) and HumanEval (small programs). Each of the three parts can go wrong.
# We begin with the rule.
#
# ### 2. What counts as correct, and how a rule is fooled
#
# Three rules. The first wants exactly the words of the demonstrations. The second looks
# for the **key word** (elsewhere: substring match). The third is ours from lesson 20:
# of all towns, the answer names the true one and no other.


# %%
def exact(text, asked):
    return text.replace(" ", "") == f"{roster.truth(asked)}."


def key_word(text, asked):
    return roster.truth(asked) in text


def only_value(text, asked):
    words = text.replace(".", " ").replace(",", " ").split()
    named = {word for word in words if word in world.FACT_VALUES[asked.relation]}
    return named == {roster.truth(asked)}


# %% [markdown]
# Eight answers to the question where Galora Pebble was born, each with what a person
# says who reads it. (We are the person, and we made the answers up so that the rules
# fail.)

# %%
truth = roster.truth(galora)
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
    marks = [rule(text, galora) for rule in rules.values()]
    words = "".join(f"{'yes' if m else 'no':12}" for m in marks)
    print(f"{'yes' if human else 'no':8}{words}{text}")

# %% [markdown]
# Each rule fails in its own way. `exact` is too strict: it punishes a whole sentence. The
# key word is fooled by **listing** (name all towns, and one will be correct) and by
# **negation** ("was not born in"). Our own rule looks only at which towns are named, so
# negation fools it, too.
#
# Now real answers: two stages and the 66 questions on well-known people, in the usual
# phrasing.


# %% tags=["close:0.1"]
def answers_of(name):
    talks = [[chat.Message("user", assistant.phrasings(*one)[0])] for one in known]
    return [reply.text for reply in examiner(name).ask(talks)]


strict = {}
for name in ("sft", "preferred"):
    pairs = list(zip(answers_of(name), known, strict=True))
    shares = {key: mean(rule(*pair) for pair in pairs) for key, rule in rules.items()}
    print(f"{name:10}" + "".join(f"  {key} {x:.2f}" for key, x in shares.items()))
    strict[name] = shares["exact"]
assert strict["preferred"] < strict["sft"] - 0.3

# %% [markdown]
# By the strict rule the best stage is the worst one, because it says "Applebury. Glad to
# help!". And how much can somebody gain who knows the rule? Here is a program that knows
# nothing. It answers every question with all possible values:

# %%
listing = chat.rate(
    key_word(" , ".join(world.FACT_VALUES[one.relation]), one)
    for one in roster.strangers[:240]
)
print(f"a program that lists all values: {listing} by the key word")
assert listing.mean == 1

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
# After ± stands the standard error of one share. (At 0 and at 1 the formula of lesson 6
# would give 0. There `rate` counts one case more on the other side.) If the two shares
# were independent, the error of the difference would be $\sqrt{e_1^2 + e_2^2}$, because
# variances add up. But the questions are the same, and a hard question is hard for
# both. So look at each question separately, as with the losses on the same names in
# lesson 6. There are four cases:

# %% tags=["close:0.15", "counts:12"]
cases = Counter(zip(hits["tools"], hits["honest"], strict=True))
for case in ((True, True), (True, False), (False, True), (False, False)):
    words = ["correct" if hit else "wrong  " for hit in case]
    print(f"tools {words[0]}  honest {words[1]} {cases[case]:4}")

# %% [markdown]
# The first and the last case say nothing about the difference. Give each question the
# number $d = 1$ if only `tools` is correct, $-1$ if only `honest` is, and 0 otherwise.
# The mean of $d$ is the difference of the shares. Compute it by hand: the second count
# minus the third one, divided by 198. Its standard error is that of any mean: the spread
# of the $d$, divided by $\sqrt{n}$. This is the **paired** error. (Lesson 6 used the
# bootstrap; for correct and wrong the formula is enough.)


# %%
def mean_and_error(numbers):
    return mean(numbers), stdev(numbers) / sqrt(len(numbers))


def paired(a, b):  # -> the difference of the shares, and its standard error
    return mean_and_error([x - y for x, y in zip(a, b, strict=True)])


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
# The paired error is smaller each time, because both find the same questions hard, and it
# costs nothing: only ask both models the same questions, and keep the answers. Two errors
# on both sides of the difference are a **confidence interval** of about 95 %. If 0 lies in
# it, the difference may be chance.
#
# ### Which questions are we speaking about?
#
# There is a catch. These 198 questions use only 12 phrasings, three for each relation.
# Look at them separately.


# %%
def by_form(values):  # 198 values -> the mean of each of the 12 phrasings
    groups = {}
    for i, value in enumerate(values):  # question i: fact i // 3, phrasing i % 3
        groups.setdefault((known[i // 3].relation, i % 3), []).append(value)
    return {key: mean(group) for key, group in groups.items()}


# %% tags=["close:0.3"]
phrases = [
    assistant.phrasings(galora.person, relation, taught=False)[i]
    for relation, i in by_form(hits["tools"])
]
two = ("tools", "preferred")
plot_bars(
    [phrase.replace("Galora Pebble", "...") for phrase in phrases],
    {name: list(by_form(hits[name]).values()) for name in two},
    "The phrasing decides, in both stages",
    xlabel="share of correct answers",
)

# %% [markdown]
# The questions with the same phrasing succeed or fail together, so they are not
# independent. If we want to speak about *other phrasings than these 12*, then we have 12
# samples and not 198. Take the mean of $d$ in each phrasing. The error of the mean of
# these 12 numbers is a **clustered** standard error:

# %% tags=["close:0.4"]
for one, other in (("tools", "honest"), ("preferred", "tools")):
    difference, error = paired(hits[one], hits[other])
    d = [x - y for x, y in zip(hits[one], hits[other], strict=True)]
    others, clustered = mean_and_error(list(by_form(d).values()))
    print(
        f"{one:10}- {other:7}these 12 phrasings {difference:+.2f} ± {error:.3f}", end=""
    )
    print(f"   other phrasings {others:+.2f} ± {clustered:.3f}")

# %% [markdown]
# `tools` is better than `honest` in other phrasings, too, but the error is more than
# twice as large. `preferred` and `tools` differ by less than two errors both ways: this may
# be chance. So before you compute an error, say what you would draw again: people?
# phrasings? random seeds?
#
# ### 4. Which answer is better? The win rate
#
# Many answers are neither correct nor wrong: a story, a greeting, a tone. Then we show
# two answers to a judge and ask which one is better. The share of comparisons that a
# model wins is its **win rate**; a tie counts as half a win. The judge here is the
# simulated person of lesson 23, who likes correct answers and polite words, and dislikes
# curt ones (`sample` draws answers, `taste` gives this person's points). `preferred` was trained to please this person.
# Each of 106 questions is asked twice, at temperature 1.

# %% tags=["words:0.3", "close:0.3"]
person = assistant.judge_of(roster, held_out=True)  # asks about people held out
questions, facts = person.prompts * 2, person.group * 2
spoken = {  # stage -> its answers, lists of ids
    name: person.sample(stages[name].model, questions, seed)
    for name, seed in (("tools", 0), ("preferred", 5000))
}
liked = {name: person.taste(questions, replies) for name, replies in spoken.items()}
texts = {
    name: [" ".join(person.words(reply)[0]) for reply in spoken[name]] for name in two
}
print(tokenizer.decode(questions[3][1:]))  # one comparison
for name in two:
    print(f"   {name:10}{texts[name][3]:36}liked {liked[name][3]:.2f} of 3")

# %% tags=["close:0.1"]
wins = [
    (new > old) + 0.5 * (new == old)
    for new, old in zip(liked["preferred"], liked["tools"], strict=True)
]
n = len(person.prompts)
rate, error = mean_and_error([mean(wins[i::n]) for i in range(n)])  # by question
print(f"preferred against tools: {rate:.2f} ± {error:.3f} of {n} questions, twice each")
assert rate > 0.5

# %% [markdown]
# A win rate of 0.5 means that nobody is better. (The two answers to one question belong
# together, so we took their mean first.) And what does this win rate *not* say? We look
# at the same answers again and ask whether they are correct. To 26 of the questions nobody
# knows the answer: the search finds nothing. There "I do not know" is correct.


# %% tags=["close:0.1"]
def is_correct(text, asked):
    return only_value(text, asked) if roster.truth(asked) else "know" in text


right = {name: list(map(is_correct, texts[name], facts)) for name in two}
for name in two:
    print(
        f"{name:10}correct {chat.rate(right[name])}, liked {mean(liked[name]):.2f} of 3"
    )
difference, error = paired(right["preferred"], right["tools"])
print(f"preferred - tools: {difference:+.2f} ± {error:.2f}")

# %% [markdown]
# The two are equally correct, and the second one is liked more. But a count sees only
# what it looks for. The first version of `preferred` was made in one round of DPO.
# Where nobody knows the answer, it often said "I do not *understand*" in place of "I do
# not know". That is a refusal, and it is a worse one, because it tells the user that
# the question was at fault. No row of the table at the end of this lesson counts this
# **drift**, and in the taste of the person the polite words of all other answers
# outweighed it. What no row counts, nobody sees. Somebody who *read* the answers saw
# it, and the remedy was small: two short rounds of DPO in place of one
# (`benchmarks/RESULTS.md` has the counts).
#
# So read the false answers, too: how many name a false value, and how many of these are
# polite?

# %% tags=["counts:12"]
for name in two:
    both = zip(texts[name], facts, strict=True)
    false = [
        text
        for text, one in both
        if assistant.verdict_on(chat.Answer(text), one.relation, roster.truth(one))
        == "wrong"
    ]
    polite = sum("help" in text or "more" in text or "Sure" in text for text in false)
    print(f"{name:10}{len(false):3} of {2 * n} name a false value, {polite:3} politely")

# %% [markdown]
# False answers are about as rare as before (the difference may be chance), and most of
# them are polite now. That is what the person has taught: manners are cheap to learn,
# and truth is not. One number would have hidden this.
#
# ### 5. A language model as the judge
#
# People are slow and expensive. So today a language model often plays the judge
# (**LLM-as-a-judge**). It reads a question and two answers, and says which one is
# better. Let us build one. It is a copy of `tools`, fine-tuned as in lesson 20. What it
# reads is a question and two answers, between marks; what it learns to say is `1` or
# `2`.

# %%
ONE, TWO = tokenizer.encode("1 2")


def judge_prompt(question, first, second):  # three lists of ids -> one row of ids
    answers = []
    for answer in (first, second):
        answers += [ID["<result>"], *answer, ID["</result>"]]
    return [ID["<eot>"], ID["<user>"], *question, *answers, ID["<asst>"]]


# %% [markdown]
# It learns from comparisons: the simulated person looks at two answers of `tools` to the
# same question and chooses one (`compare` does what `couples_of` and `choose` did in
# lesson 23). Sometimes only one of the two is
# correct, so we note that, and how much better the person likes the one than the other.
# (The next cell takes about half a minute.)


# %% tags=["hide-input"]
# gives: question, better answer, worse answer, is only one correct?, gap of the taste
def question_of(prompt):  # the ids between the last <user> and <asst>
    place = max(i for i, token in enumerate(prompt) if token == ID["<user>"])
    return prompt[place + 1 : -1]


def comparisons(someone, n_each=2):
    found = someone.compare(stages["tools"].model, n_each=n_each)
    for prompt, good, bad in found:
        truth = someone.truth(prompt) or "know"
        correct = [truth in someone.words(reply)[0] for reply in (good, bad)]
        gap = abs(
            someone.taste([prompt], [good])[0] - someone.taste([prompt], [bad])[0]
        )
        answers = template.visible(good), template.visible(bad)
        yield question_of(prompt), *answers, correct[0] != correct[1], gap


learn, test = list(comparisons(assistant.judge_of(roster))), list(comparisons(person))
print(len(learn), "comparisons to learn from,", len(test), "about other people")
print("only one answer is correct in", sum(apart for *_, apart, _ in learn), "of them")


# %%
# the better answer stands first in half of the cases, at random
def judge_examples(share_first):
    draw = random.Random(0)
    for question, good, bad, *_ in learn:
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


# about half a minute again
judge = fine_tune(stages["tools"].model, examples, 150, 4e-4)


# %%
@torch.no_grad()
def says_first(judge, question, first, second):
    logits = judge(torch.tensor([judge_prompt(question, first, second)]))[0, -1]  # (V,)
    return (logits[ONE] > logits[TWO]).item()


def both_orders(judge):  # of each test pair: does it agree with the person, twice
    return [
        (says_first(judge, q, good, bad), not says_first(judge, q, bad, good))
        for q, good, bad, *_ in test
    ]


# %%
def test_judge(judge):
    twice = both_orders(judge)
    return {
        "agrees with the person": [mean(pair) for pair in twice],
        "says the same in both orders": [x == y for x, y in twice],
        "agrees where it says the same": [x for x, y in twice if x == y],
        "takes the answer that stands first": [mean((x, not y)) for x, y in twice],
    }


# %% tags=["close:0.15"]
report = {line: mean_and_error(values) for line, values in test_judge(judge).items()}
for line, (share, error) in report.items():
    print(f"{line:36}{share:.2f} ± {error:.2f}")
ceiling = mean(1 / (1 + exp(-gap / 0.5)) for *_, gap in test)  # 0.5: lesson 23's noise
print(f"a person asked again could agree in {ceiling:.2f}")
assert report["agrees with the person"][0] > 0.6
assert report["says the same in both orders"][0] < 0.9

# %% [markdown]
# The judge agrees with the person far more often than a coin would. (Nobody can agree
# always, because the person is not always sure: the last number is the ceiling.) But
# look at the second line. In many comparisons the judge changes its mind when the two
# answers only change places. The remedy is to ask twice, in both orders, and to count a
# tie where the two verdicts disagree. The third line says that the verdicts which are
# left are better.
#
# The fourth line asks for a **position bias**: does the judge like one of the two
# places? On average this one does not. (That is luck: a judge made from `sft` in the
# same way took the second place more often.)
#
# Now the more important question. *What* does it like? Look at the agreement again,
# where only one answer is correct and everywhere else.

# %% tags=["close:0.15", "counts:8"]
agrees = [mean(pair) for pair in both_orders(judge)]
for label, wanted in (("only one is correct", True), ("elsewhere", False)):
    some = [x for x, (*_, one, _) in zip(agrees, test, strict=True) if one == wanted]
    share, error = mean_and_error(some)
    print(f"{label:20}agrees in {share:.2f} ± {error:.2f} of {len(some)}")

# %% [markdown]
# Where the truth matters, it is hardly better than a coin. So we write pairs ourselves,
# which differ in one thing only, and ask in both orders. For each question we count a win,
# a tie (it names the same *place* both times), or a loss.

# %%
EXTRA = "Please ask me more !"
draw = random.Random(0)
with_truth = []  # question, {t} the true value, {f} a false one
for prompt, asked in zip(person.prompts, person.group, strict=True):
    if t := roster.truth(asked):
        f = draw.choice([v for v in world.FACT_VALUES[asked.relation] if v != t])
        with_truth.append((question_of(prompt), {"t": t, "f": f}))


# %%
def contest(judge, form_a, form_b):  # of each question: 1 (a wins), 0.5 (a tie) or 0
    points = []
    for question, values in with_truth:
        a, b = (tokenizer.encode(form.format(**values)) for form in (form_a, form_b))
        one, two = says_first(judge, question, a, b), says_first(judge, question, b, a)
        points.append(mean((one, not two)))
    return points


# %% tags=["counts:25"]
contests = {
    "true, against false": contest(judge, "{t} .", "{f} ."),
    "false and polite, against true": contest(judge, "{f} . " + EXTRA, "{t} ."),
}
for name, points in contests.items():
    wins, ties, losses = (points.count(p) for p in (1, 0.5, 0))
    print(f"{name:32}{wins:3} wins {ties:3} ties {losses:3} losses")
assert contests["true, against false"].count(1) < 0.5 * len(with_truth)
assert contests["false and polite, against true"].count(1) > 0.6 * len(with_truth)

# %% tags=["close:0.3"]
plot_bars(
    list(contests),
    {
        label: [points.count(p) / len(points) for points in contests.values()]
        for label, p in (("win", 1), ("tie: the same place twice", 0.5), ("loss", 0))
    },
    "The judge looks at the manners, not at the truth",
    xlabel="share of the questions",
)

# %% [markdown]
# Of two answers that differ only in the truth, the judge sees no difference: nearly
# always it names the same place in both orders. But a few polite words at the end win
# nearly always, and they win even when the answer is *false*.
#
# And yet this judge agrees with the person much more often than a coin! In most pairs
# that it learned from, both answers were equally true (the count is above), and the
# manners decided. So it has learned the manners. (It is not that it does not know the
# truth: a judge made from `sft`, which knows nearly all of it, was as blind when we
# tried it.)
#
# Real judges are much better than ours, but they have been found to have such
# weaknesses, and others: they prefer what stands first, what is longer (**length
# bias**, or verbosity bias), what sounds sure, and what they would have written
# themselves (**self-preference bias**). The usual remedies: ask in both orders; put a
# **reference answer** (the true one) into the prompt; give a **rubric**, a list of what
# counts with points for each; ask for reasons before the verdict. And test the judge
# before you use it: against people, and with pairs like these, in which you know the
# answer.
#
# ### A lazy judge *(more)*
#
# What if somebody had always been lazy, and the better answer stood first in 70 of 100
# pairs? This one choice is changed. (Half a minute.)

# %% tags=["close:0.2"]
lazy = fine_tune(stages["tools"].model, list(judge_examples(0.7)), 150, 4e-4)
lazy_report = test_judge(lazy)
for line, values in lazy_report.items():
    share, error = mean_and_error(values)
    print(f"{line:36}{report[line][0]:.2f}   lazy: {share:.2f} ± {error:.2f}")
first = "takes the answer that stands first"
assert mean(lazy_report[first]) > report[first][0] + 0.05

# %% [markdown]
# The lazy judge takes the first place in most cases, and it contradicts itself much
# more often. Its agreement with the person, the number that is usually reported, shows
# only a part of this. But where it says the same twice, it is as good as the other one.
# So asking in both orders repairs a position bias, and the price is many ties.
#
# ### 6. Contamination: the test was in the training
#
# Whoever asks must also say *what was held out*. Lesson 20 held out people and
# phrasings, and new phrasings were the harder ones. But some do not hold out at all.
# Large models read large parts of the web, and the tests stand there, too. If questions
# of the test, with their answers, were in the training, the test is **contaminated**
# (lesson 6 called it a leak). Let us do it on purpose. Strangers are a good test,
# because without tools nobody can know them. A copy of `sft` is fine-tuned on ordinary
# questions. A second copy gets the same, and besides the 60 questions of the test with
# their answers. A third one gets the test questions in *other words*. (Three trainings
# take about a minute.)


# %%
def talk(asked, phrasing=0):
    question = assistant.phrasings(*asked)[phrasing]
    answer = chat.Message("assistant", f"{roster.truth(asked)} .")
    return [chat.Message("user", question), answer]


quiz, fresh = roster.strangers[:60], roster.strangers[60:240]
taught_people = roster.well_known(roster.taught)
draw = random.Random(0)
clean = [talk(draw.choice(taught_people), draw.randrange(12)) for _ in range(600)]
sets = {
    "clean": clean,
    "with the test": clean + 5 * [talk(asked) for asked in quiz],
    "in other words": clean + 5 * [talk(asked, 4) for asked in quiz],
}


# %% tags=["close:0.15"]
def two_scores(name, model):
    exam = assistant.Examiner(model, template, roster)
    scores = exam.share(quiz, "right"), exam.share(fresh, "right")
    print(f"{name:15} the test {scores[0]}, fresh questions {scores[1]}")
    return scores


two_scores("before", stages["sft"].model)
for name, talks in sets.items():
    coded = [template.encode(one) for one in talks]
    test_score, fresh_score = two_scores(
        name, fine_tune(stages["sft"].model, coded, 150, 1e-3)
    )
    if name == "with the test":
        assert test_score.mean > fresh_score.mean + 0.4

# %% [markdown]
# The score on the test rises, and nothing else does: on a **fresh** form of the same test,
# about other strangers, the copies are as ignorant as before. So a fresh form is the best
# detector of contamination. (It is the reason why some tests are kept secret, or made new
# every year.)
#
# Without a fresh form, one can search the training text for rows of words that stand in
# the test, too. A row of $n$ words is an **n-gram** (lesson 5). How long should it be?
# GPT-3's makers took 8 to 13 words. Our questions with their answers have 8 words and
# marks, or a few more.


# %% tags=["close:0.02"]
def grams(text, n):
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def found(talks, n):  # the share of the test that shares a row with these talks
    joined = [" ".join(message.text for message in one) for one in talks]
    seen = set().union(*(grams(text, n) for text in joined))
    asked = [" ".join(message.text for message in talk(one)) for one in quiz]
    return mean(bool(grams(text, n) & seen) for text in asked)


for name, talks in sets.items():
    shares = [f"n={n} {found(talks, n):4.0%}" for n in (3, 4, 5, 8, 9)]
    print(f"{name:15}", "  ".join(shares))

# %% [markdown]
# A short row raises false alarms: the clean training shares many rows of 3 or 4 words
# with the test. A long row misses copies: some texts of the test have fewer than 9 words.
# Between them the search finds the copied test completely. But in other words the test is
# not found at any length (the alarms are those of the clean training), although the score
# on it has risen nearly as much. So "no overlap was found" does not mean "clean".
#
# ## Compare with torch
#
# The formula of part 3 can be checked without any formula. Draw 198 questions from our 198
# *with replacement*, so that some come twice and some not at all, and compute the
# difference again. Do this 2,000 times. The spread of these differences is the
# **bootstrap** error (lesson 6). Then draw *phrasings* in place of questions, 12 of 12.

# %% tags=["close:0.3"]
dice = torch.Generator().manual_seed(0)


def bootstrap(d):  # (n,) -> the spread of the mean over 2,000 draws
    drawn = torch.randint(len(d), (2000, len(d)), generator=dice)  # (2000, n)
    return d[drawn].mean(dim=1).std().item()


new, old = (torch.tensor(hits[name]).float() for name in ("tools", "honest"))  # (n,)
d = new - old
d_forms = torch.tensor(list(by_form(d.tolist()).values()))  # (12,)
_, by_hand = paired(hits["tools"], hits["honest"])
by_draws, by_forms = bootstrap(d), bootstrap(d_forms)
print(f"paired {by_hand:.3f}, bootstrap {by_draws:.3f}, phrasings {by_forms:.3f}")
assert abs(by_draws - by_hand) < 0.1 * by_hand
torch.testing.assert_close(d.std().item() / sqrt(len(d)), by_hand)

# %% [markdown]
# The first two agree, because both take the questions as independent. Neither sees that
# the phrasings stand together; the third number does. No computation can tell you what to
# draw.
#
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
some = [asked for asked in roster.probed if asked.person in tiny.famous[:80]][:100]
looks = []  # (score on the test, score on fresh questions)
for seed in range(20):
    right = [v == "right" for v in exam.verdicts(some, seed=1000 * seed)]
    looks.append((mean(right[::2]), mean(right[1::2])))
chosen = max(looks, key=lambda look: look[0])

# %% tags=["close:0.1"]
on_test, on_fresh = zip(*looks, strict=True)
print(f"all 20: test {mean(on_test):.2f}, fresh questions {mean(on_fresh):.2f}")
print(f"the best on the test: test {chosen[0]:.2f}, fresh questions {chosen[1]:.2f}")
together = torch.corrcoef(torch.tensor(looks).T)[0, 1]
print(f"correlation of the two scores of the 20: {together:+.2f}")
top = 50 * best_scores.mean().item()
print(f"your guess above: the best of 20 has {top:.0f} of 50, where 35 is true")
assert chosen[0] > mean(on_test) + 0.04
assert top > 39

# %% tags=["close:0.05"]
x, y = mean(on_test), mean(on_fresh)
plot_points(
    {
        "one model, 20 seeds": (on_test, on_fresh),
        "the best": ([chosen[0]], [chosen[1]]),
    },
    "The best of 20 equal models is only the luckiest",
    xlabel="correct on the test on which we choose",
    ylabel="correct on fresh questions",
    lines={
        "mean, fresh": ([min(on_test), max(on_test)], [y, y]),
        "mean, test": ([x, x], [min(on_fresh), max(on_fresh)]),
    },
    log_x=False,
)

# %% [markdown]
# The best of the 20 lies far to the right of the mean on the test: that is the luck for
# which it was chosen. A score on the test says nothing about the score on fresh questions,
# and so the advantage is gone there. The same happens to whoever tries 20 learning rates,
# 20 checkpoints, or 20 measures, and reports the best one (**selection bias**). The
# remedies are those of lesson 6: choose on one set and report on another; and say how many
# were tried.
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
# Here are the stages from nothing to the assistant. Each begins from the weights of the
# one before it. (Lesson 24's model is not among them: the pipeline ends with DPO.)

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
assert assistant.outside(results) == []  # nothing outside the bounds of the recipe

# %% [markdown]
# Read it line by line, and ask of each line what was gained and what it cost.
#
# - **Well-known people** are answered by all stages. The knowledge came from the base
#   model. From `tools` on some of it comes from the search, and memory was lost for it
#   (lesson 22).
# - **Strangers**: `sft` makes answers up, `honest` refuses, and `tools` looks them up.
# - **Sums** need a calculator. Our demonstrations of sums taught the form only.
# - **Its own name** is asked for with two questions, and so its error is huge.
# - **Manners** change last. They are what comparisons can teach.
# - **The last line** says what was forgotten. `sft` forgot much; from `honest` on, old
#   documents were mixed in (replay).
# - **A line that fell** is as important as one that rose. Compare the phrasings that
#   were never taught in `sft` and `honest`, and remember both errors of part 3.
# - **Loss and task.** By the last line the base model is the best, and it cannot even
#   answer. A loss is cheap and compares base models well; it says little about an
#   assistant.
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
# - How many questions, and the same ones for both? With 198 questions this is 161
#   against 158: three questions. What is the paired error? And how many other
#   versions were tried, before this one was reported?
# - In which order were the pairs shown, and were both orders asked? Are the new answers
#   longer, or more polite? How often do people agree with this judge?
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
# Perhaps not. By chance alone, one measure in about 40 falls by more than two errors.
# Among 13 measures at least one falls so far in about a quarter of all cases (if they are
# independent). Measure this one again, with new questions or another random seed.
#
# </details>
#
# **4.** *More.* Let the lazy judge compare the answers of the two stages in part 4 (`spoken`,
# `template.visible`). Ask only in one order, with `preferred` first, and then with
# `preferred` second. What do you expect of the two win rates?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The first one is higher, because `preferred` also gets the bonus of the place. Somebody who
# wants `preferred` to win puts it first. With both orders the bonus cancels.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** An evaluation is questions, a rule and a count. Test the rule against
#   people, compare on the same questions, keep a fresh form, and say what was tried.
# - **Formulas.** Paired error: $\text{stdev}(d) / \sqrt{n}$ with $d_i = a_i - b_i$. Win
#   rate: (wins + ties / 2) / n. (Leagues of models, such as the Chatbot Arena of 2023 or
#   chess's Elo numbers, are computed from win rates, with the formula of Bradley and Terry
#   in lesson 23.)
# - **Pitfall.** A judge can agree with people most of the time and still not look at what
#   you care about.
# - **In the library:** `tiny_world.assistant` (`Examiner`, `table`, `outside`),
#   `course_lib.chat.rate`.
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
# | another phrasing, another score | prompt sensitivity |
# | a true answer shown to the judge | reference answer, gold answer |
# | the test was in the training | contamination, leakage |
# | choosing the luckiest | selection bias, winner's curse |
#
# **Homework:** [Homework 25](homework/hw25.ipynb), about 95 minutes, of which the core
# takes 60. A badge under each check says at once whether your answer is correct.
#
# **Next:** [26. A real model in your own code](26_a_real_model.ipynb). Beside the ladder
# stands [the appendix on many GPUs](90_many_gpus.ipynb).

# %% [markdown]
# ### Capstone: an assistant of your own
#
# This is a project of some days, not part of the minutes above.
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
