# %% [markdown]
# # 23. Preferences: a reward model and DPO
#
# **How does a model learn what people like?**
#
# Here is an assistant with the tools of lesson 22. Its answers are mostly correct, but
# its manners change: now it is polite, now curt. It has learned from **demonstrations**
# (lesson 20), which are answers that somebody wrote down. Often nobody can write the
# best answer, but everybody can look at two answers and say which one is better. In
# this lesson a model learns from such choices.
#
# - **You will** choose between answers; type the taste of a simulated person; compute
#   the probability of a whole answer by hand; build a **reward model** and train it;
#   build **DPO** and train the assistant with it; and see what goes wrong with a bad
#   learning rate.
# - **You need** lesson 3 (cross-entropy), lesson 20 (chat template, loss mask) and
#   lesson 22 (tools).
# - **Time** 75 minutes for the core. The parts marked *more*, which you may skip on a
#   first reading, take another 15.
# - **Back** [22. Tools and retrieval](22_tools.ipynb) ·
#   **Next** [24. Reinforcement](24_reinforcement.ipynb)

# %%
import copy
import json
import math
import random
from collections import Counter
from dataclasses import replace
from functools import partial
from statistics import mean, stdev

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import chat, gpt
from course_lib import preferences as pref
from course_lib.batches import batch_loss
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, ORANGE, Node, plot_graph
from course_play.plots import plot_curves
from course_play.widgets import Predict, PreferenceButtons, StageSwitcher
from tiny_world import assistant
from tiny_world.assistant import conversations, report, stages
from tiny_world.assistant.voices import Voice

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# We begin with the stage `tools` of the assistant. It stays as it is in the whole
# lesson, so we freeze it: no gradient will change it. Two helpers come from the
# library: `people_to_learn` asks questions to train on, and `people_of_the_test` asks
# about other people, who never occur in the training. The library calls such a helper a
# *judge*:
#
# | code | what it gives |
# |---|---|
# | `.prompts` | the questions, as tokens |
# | `.sample(model, prompts, seed)` | an answer to each, drawn at temperature 1, with tools |
# | `.words(answer)` | the words that the user reads, and whether the answer ended |
# | `.truth(prompt)` | the correct answer; `None` where nobody can know it |
#
# A quarter of the questions is about people who do not stand in any book of Tiny World.
# There the correct answer is "I do not know".

# %%
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)
template = assistant.chat_template()
words = template.tokenizer
start = pref.frozen_copy(assistant.load_stage("tools").model)
people_to_learn = assistant.judge_of(roster, ranks=len(tiny.famous))
people_of_the_test = assistant.judge_of(roster, held_out=True)

# %% tags=["words:0.5"]
# one question of Tiny World, and five answers that the model draws
lumira = next(
    prompt
    for prompt in people_to_learn.prompts
    if words.decode(prompt).startswith("<eot> <user> What food does Lumira Velvet")
)
print(words.decode(lumira))
for answer in people_to_learn.sample(start, [lumira] * 5, seed=20):
    print("   ", words.decode(answer))
unknown = next(p for p in people_to_learn.prompts if people_to_learn.truth(p) is None)
print(words.decode(unknown[2:-1]), "->", people_to_learn.truth(unknown))

# %% [markdown]
# The food is correct, but the manners differ. The demonstrations of `tools` come from a
# program that plays many writers, some polite and some curt, so the model has all of
# these manners.
#
# ## Predict first
#
# A curt answer ends in "That is all." Now we show a person two answers at a time, some
# hundred times, and the person only says which of the two is better. Nobody tells the
# model *why*. Then the model is trained on these choices.

# %% tags=["hide-input"]
# the answer is looked up here; look at it after your guess
trained_before = assistant.load_stage("preferred").measures
curt_before = assistant.load_stage("tools").measures["curt"]
Predict(
    "The shipped model `preferred` was trained on many such choices. Before, "
    f"{100 * curt_before.mean:.0f} of 100 answers were curt. How many still are, for "
    "people who did not occur in any comparison?",
    round(100 * trained_before["curt"].mean),
    unit="answers",
    because="The comparisons name no rule. But curt answers lost most of their "
    "comparisons, and so the model makes them less probable, for all people.",
)

# %% tags=["hide-input"]
# drawing only
plot_graph(
    {
        "prompt": Node("question"),
        "a": Node("answer A", "drawn", color=BLUE),
        "b": Node("answer B", "drawn", color=BLUE),
        "person": Node("a person", "which one?", color=ORANGE),
        "pair": Node("pair", "chosen, rejected"),
        "reward": Node("reward model", "part 5", color=GREEN),
        "dpo": Node("DPO", "part 6", color=GREEN),
    },
    [
        *[("prompt", "a"), ("prompt", "b"), ("a", "person"), ("b", "person")],
        *[("person", "pair"), ("pair", "reward"), ("pair", "dpo")],
    ],
    "The lesson: a person chooses, and two methods learn from the choices",
)

# %% [markdown]
# ## Build it by hand
#
# ### 1. Which one would you choose?
#
# We need many questions with two answers each. The model draws both, from two different
# random seeds, so they are answers that it would really give. If the two are equal,
# there is nothing to choose, and we leave them out. (Some questions stand after an
# earlier talk. To save time we only take those where this talk is short.)


# %% tags=["counts:40"]
def couples_of(people, prompts):  # (question, answer, another answer), 6 times each
    asked = [prompt for prompt in prompts for _ in range(6)]
    first = people.sample(start, asked, seed=0)
    second = people.sample(start, asked, seed=1_000_000)
    return [c for c in zip(asked, first, second, strict=True) if c[1] != c[2]]


prompts = [prompt for prompt in people_to_learn.prompts if len(prompt) <= 26]
couples = couples_of(people_to_learn, prompts)
print(f"{len(prompts)} questions, {6 * len(prompts)} times two answers, ", end="")
print(f"{len(couples)} differ")

# %% [markdown]
# Now choose yourself. The keys `a` and `b` take an answer, the space bar means "I
# cannot say", and `u` takes the last choice back.


# %% tags=["words:0.5"]
def shown(answer):  # what the user reads: no tool calls, no results, no marks
    return words.decode(template.visible(answer))


cases = {}  # one case a question, and only answers that look like answers
for prompt, a, b in couples:
    a, b = shown(a), shown(b)
    if len(prompt) <= 14 and a != b and "<" not in a + b:
        cases.setdefault(words.decode(prompt[2:-1]), (a, b))
cases = [(question, a, b) for question, (a, b) in cases.items()]
buttons = PreferenceButtons(cases[:12])
buttons

# %% [markdown]
# Each choice becomes a **preference pair** (elsewhere: comparison): a prompt, the
# answer that was **chosen**, and the answer that was **rejected**. Many such pairs are
# a **preference data set**. It is kept in a file with one JSON object a line, and the
# whole field uses these three names. When a chat asks you "Which answer do you
# prefer?", it collects such pairs.


# %% tags=["ledger:B32", "words:0.5"]
def as_line(prompt, chosen, rejected):
    return json.dumps({"prompt": prompt, "chosen": chosen, "rejected": rejected})


question, a, b = cases[0]
print("if you choose A:", as_line(question, a, b))
print("if you choose B:", as_line(question, b, a))

# %% [markdown]
# ### 2. A simulated person
#
# Twelve choices are few, and nobody wants to make hundreds. So the other choices come
# from a simulated person, who looks at an answer and gives it points. We call this
# number the **true taste**:
#
# | what the person sees | points |
# |---|---|
# | it is correct: the true word is in it | +2 |
# | it is polite | +1 |
# | it is curt | -1 |
# | each word beyond the sixth | -0.05 |
# | each friendly word beyond the third | -0.5 |
# | it never comes to an end | -1 |
#
# For a person nobody knows, the correct answer is "I do not know", so there the word
# `know` counts as the true word.

# %%
POLITE = ("Sure !", "Glad to help !", "Please ask me more !")
FRIENDLY = ("Sure", "Glad", "help", "thank", "you", "Please", "friend")


def taste(said, truth, ended):  # said: a list of words; truth: a word, or None
    text = " ".join(said)
    points = 2.0 * ("know" in said if truth is None else truth in said)
    points += any(phrase in text for phrase in POLITE)
    points -= "That is all ." in text
    points -= 0.05 * max(0, len(said) - 6)
    points -= 0.5 * max(0, sum(word in FRIENDLY for word in said) - 3)
    return points - (not ended)


def taste_of(people, prompt, answer):
    said, ended = people.words(answer)  # what the user reads, as a list of words
    return taste(said, people.truth(prompt), ended)


# %%
for text in (
    "pears . Glad to help !",
    "pears .",
    "pears . That is all .",
    "soup . Glad to help !",
    "Sure ! pears . Glad to help ! thank you , my friend ! Glad to help you !",
):
    print(f"{taste(text.split(), 'pears', True):5.2f}  {text}")

# %% [markdown]
# No model will ever see these points. It sees the choices only, as with real people,
# whose taste nobody can write down as a formula. We know the formula, so that we can
# measure at the end what was learned.
#
# ### 3. People are not always sure
#
# If one answer is much better, everybody takes it. If the two are nearly equally good,
# people disagree, and the same person may choose differently tomorrow. **Bradley and
# Terry** (1952) put this into a formula: the better answer is chosen with a probability
# that depends on the *difference* only.
#
# $$P(\text{A is chosen}) =
# \sigma\!\left(\frac{\text{taste}_A - \text{taste}_B}{0.5}\right), \qquad \sigma(x) =
# \frac{1}{1 + e^{-x}}$$
#
# The 0.5 says how unsure our person is: with a smaller number the person would be more
# decided. Here are three cases for Lumira Velvet's food.


# %%
def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def p_chosen(taste_a, taste_b):
    return sigmoid((taste_a - taste_b) / 0.5)


polite, plain, curt = 3.0, 2.0, 1.0  # the first three tastes above
for name, a, b in (
    ("polite or plain", polite, plain),
    ("polite or curt ", polite, curt),
    ("plain or plain ", plain, plain),
):
    x = (a - b) / 0.5
    print(f"{name}: difference {a - b:.0f}, x = {x:.0f}, p = {p_chosen(a, b):.3f}")

# %% [markdown]
# Read the first line: the polite answer has 3 points and the plain one has 2. The
# difference of 1 is divided by 0.5, which gives 2, and $\sigma(2) = 0.881$. So in about
# 12 cases of 100 the person chooses the plain answer all the same. For equal
# answers p is 0.5, as for a coin. Now the person makes all choices.


# %% tags=["counts:40", "words:0.5"]
def choose(people, couples):  # the simulated person makes all choices
    draw, pairs = random.Random(0), []
    for prompt, a, b in couples:
        p = p_chosen(taste_of(people, prompt, a), taste_of(people, prompt, b))
        chosen, rejected = (a, b) if draw.random() < p else (b, a)
        pairs.append(pref.Pair(prompt, chosen, rejected))
    return pairs


learn = choose(people_to_learn, couples)
for pair in learn[:3]:
    print(shown(pair.chosen), " was chosen, not ", shown(pair.rejected))

# %% [markdown]
# We need a second set of pairs, to test with, and no question may stand in both. So we
# take it from the other judge: other people, and so other questions.

# %% tags=["counts:40"]
others = couples_of(people_of_the_test, people_of_the_test.prompts)
held = choose(people_of_the_test, others)
assert not {tuple(p.prompt) for p in learn} & {tuple(p.prompt) for p in held}
print(f"{len(learn)} pairs to learn from, {len(held)} held out")

# %% [markdown]
# ### 4. How probable is a whole answer?
#
# For DPO (part 6) we need one number for a whole answer, the **sequence
# log-probability** $\ln p(\text{answer} \mid \text{prompt})$. The probability of an
# answer is a product, because each token is drawn after the ones before it. So its
# logarithm is a **sum** over the tokens of the answer. The prompt is given, so its
# tokens do not count; the answer and its end mark count. Let us follow one answer.
# `gather` picks, at each position, the one log-probability of the token that really
# comes next (lesson 1).

# %% tags=["close"]
lumira_answer = [*words.encode("pears . Glad to help !"), template.end]
tokens = torch.tensor([[*lumira, *lumira_answer]])  # (1, T)
with torch.no_grad():
    logits = start(tokens[:, :-1])  # (1, T - 1, V): after the last token nothing comes
log_p = logits.log_softmax(dim=-1)  # (1, T - 1, V)
targets = tokens[:, 1:]  # (1, T - 1): the shift: position t predicts token t + 1
picked = log_p.gather(-1, targets[..., None]).squeeze(-1)  # (1, T - 1)
print([tuple(one.shape) for one in (tokens, logits, targets, picked)])

# %% tags=["close:0.02"]
n_prompt = len(lumira)
for t in range(n_prompt - 3, len(picked[0])):
    read, next_token = (words.decode([i]) for i in tokens[0, t : t + 2].tolist())
    counts = t + 1 >= n_prompt  # the token that is predicted belongs to the answer
    value = picked[0, t].item()
    print(f"{read:>7s} -> {next_token:7s} ln p {value:6.2f}  counts: {counts}")
total = picked[0, n_prompt - 1 :].sum().item()
print(f"sum {total:.2f}, so p = {math.exp(total):.3f}")

# %% [markdown]
# (The model is bad at the prompt's own tokens, because the loss mask of lesson 20 never
# trained them. One more reason not to count them.)
#
# Is this really the probability of the answer? We can check it, because we can draw.
# Let the model answer the question 1,000 times and count how often exactly this answer
# comes.

# %% tags=["close:0.03"]
drawn = people_to_learn.sample(start, [lumira] * 1000, seed=7)
share = mean(answer == lumira_answer for answer in drawn)
error = math.sqrt(share * (1 - share) / 1000)
print(f"computed {math.exp(total):.3f}, counted {share:.3f} ± {error:.3f}")
assert abs(math.exp(total) - share) < 4 * error

# %% [markdown]
# Here we sum, and do not take a **mean** over the tokens, which is not the logarithm of
# the probability of anything. (In lesson 20 the loss was a mean, because there each
# token was an example of its own.)
#
# Now for many answers at once. The rows have different lengths, so we fill them up at
# the right. The mask says which tokens count: not the prompt, not the filling, and not
# the results of tools, because the model did not write them (lesson 22).


# %%
def rows_of(prompts, answers):  # lists of B token lists -> tokens and mask, (B, T) each
    rows, own = [], []
    for prompt, answer in zip(prompts, answers, strict=True):
        rows.append(torch.tensor([*prompt, *answer]))
        own.append(torch.tensor([False] * len(prompt) + template.loss_mask(answer)))
    pad = nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True), pad(own, batch_first=True)  # (B, T), (B, T)


def log_prob(model, tokens, mask):  # (B, T), (B, T) -> (B,): ln p of each answer
    log_p = model(tokens[:, :-1]).log_softmax(dim=-1)  # (B, T - 1, V)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)  # (B, T - 1)
    return (picked * mask[:, 1:]).sum(dim=-1)  # (B, T - 1) -> (B,)


# %%
one = learn[0]
rows = rows_of([lumira, one.prompt], [lumira_answer, one.chosen])  # (2, T) each
with torch.no_grad():
    of_two = log_prob(start, *rows)  # (2,)
print("tokens", tuple(rows[0].shape), "log-probabilities", tuple(of_two.shape))
assert abs(of_two[0].item() - total) < 1e-3

# %% [markdown]
# The first one is the sum of the table again: the filling behind its row changed
# nothing, because attention looks back only.
#
# ### 5. A reward model
#
# A **reward model** (elsewhere: preference model) reads a question with an answer and
# gives one number, the **reward** $r$. It should give the chosen answer more than the
# rejected one. We take the assistant's own body, because it can read already, and put a
# new output head on top (lesson 14; it has nothing to do with the heads of attention).
# The reward is made of the hidden state of the *last* token of the answer, because only
# this token has seen all of the answer. (To choose or make one vector out of many is
# called **pooling**.)


# %%
class RewardModel(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = copy.deepcopy(body).requires_grad_(True)
        self.head = nn.Linear(body.config.emb_dim, 1)
        nn.init.zeros_(self.head.weight)  # all rewards begin at 0
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens, mask):  # (B, T), (B, T) -> (B,)
        hidden = self.body(tokens, features=True)  # (B, T, C), before the output head
        positions = torch.arange(tokens.shape[1])  # (T,)
        last = (positions * mask).argmax(dim=1)  # (B,): the last position that counts
        pooled = hidden[torch.arange(len(last)), last]  # (B, C)
        return self.head(pooled).squeeze(-1)  # (B, 1) -> (B,)


# %% [markdown]
# The loss is the cross-entropy of Bradley and Terry's formula without its 0.5: the
# model can simply learn rewards that are twice as large. The model's probability for
# the choice is $\sigma(r_{chosen} - r_{rejected})$, and the loss is minus its
# logarithm, as always. (`logsigmoid` computes both at once and does not overflow.) The
# head begins at zero, so all rewards are equal, and the first loss must be exactly
# $-\ln \sigma(0) = \ln 2$.


# %%
def sides(batch):  # pairs -> rows of the B chosen answers, then of the B rejected ones
    prompts = [pair.prompt for pair in batch] * 2
    answers = [pair.chosen for pair in batch] + [pair.rejected for pair in batch]
    return rows_of(prompts, answers)  # (2 B, T), (2 B, T)


def reward_loss(model, batch):
    chosen, rejected = model(*sides(batch)).chunk(2)  # (2 B,) -> (B,), (B,)
    return -F.logsigmoid(chosen - rejected).mean()


reward_model = RewardModel(start)
first_loss = reward_loss(reward_model, learn[:16]).item()
print(f"first loss {first_loss:.4f}, ln 2 = {math.log(2):.4f}")
assert abs(first_loss - math.log(2)) < 1e-6


# %%
# the loop of lesson 16 (warm up, go down, clip, step), for everything in this lesson
def fit(model, loss_of, pairs, steps, rate, seed=0):  # loss_of: (model, batch) -> loss
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0
    )
    draw, losses = random.Random(seed), []
    for step in range(steps):
        share = min((step + 1) / 10, (steps - step) / (steps - 10))  # up, then down
        optimizer.param_groups[0]["lr"] = rate * share
        loss = loss_of(model, draw.choices(pairs, k=16))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    thirds = [mean(losses[i : i + steps // 3]) for i in range(0, steps, steps // 3)]
    print("loss, mean of each third:", "  ".join(f"{x:.3f}" for x in thirds))
    return model


# %% tags=["counts:15", "close:0.05"]
fit(reward_model, reward_loss, learn, steps=60, rate=1e-3)
with torch.no_grad():
    of_chosen, of_rejected = reward_model(*sides(held)).chunk(2)  # (n,), (n,)
in_order = (of_chosen > of_rejected).tolist()
n_correct = sum(in_order)
print(f"{n_correct} of {len(held)} held-out pairs in the correct order")

# %% [markdown]
# Is that much? A number means little without rivals. A coin is correct half of the
# time. A simple rule only looks for the words "That is all". (Where both answers have
# them, or none, the rule cannot decide, and we count a half.) Another rule bets on the
# longer answer, because real people often like long answers: this is **length bias**.
#
# At the other end stands somebody who knows the true taste and always bets on the
# better answer. Even this bet is sometimes lost, because the person is not always sure.
# The share that it wins on average is the **noise ceiling**: no reward model can do
# better, except by luck.


# %% tags=["ledger:B21", "close:0.05"]
def bets(score):  # share of held-out pairs in which the chosen answer scores more
    gaps = [score(p.prompt, p.chosen) - score(p.prompt, p.rejected) for p in held]
    return mean(1.0 if gap > 0 else 0.5 if gap == 0 else 0.0 for gap in gaps)


accuracy = {
    "a coin": 0.5,
    "the longer answer wins": bets(lambda _, answer: len(shown(answer).split())),
    "the curt answer loses": bets(lambda _, answer: "all" not in shown(answer)),
    "reward model": mean(in_order),
    "the true taste": bets(lambda *one: taste_of(people_of_the_test, *one)),
}
assert accuracy["reward model"] > accuracy["the curt answer loses"] + 0.03
assert accuracy["reward model"] < accuracy["the true taste"] + 0.03


# %% tags=["close:0.05"]
def tastes(pair):  # of the chosen and of the rejected answer
    return [taste_of(people_of_the_test, pair.prompt, answer) for answer in pair[1:]]


# how often the better answer is chosen, on average
ceiling = mean(p_chosen(max(both), min(both)) for both in map(tastes, held))
errors = [math.sqrt(p * (1 - p) / len(held)) for p in accuracy.values()]
plot_bars(
    list(accuracy),
    {"correct": list(accuracy.values())},
    "The reward model beats the rules, but not the true taste",
    xlabel=f"share of {len(held)} held-out pairs in the correct order",
    errors={"correct": [0.0, *errors[1:]]},  # a coin is known exactly
    lines={"ceiling": ceiling},
)

# %% [markdown]
# The longer answer is chosen only a little more often than a coin would have it: our
# person has next to no length bias. The reward model beats both rules and stays below
# the ceiling. (The last bar can lie a little beside the ceiling, because the ceiling is
# an average, and the last bar is what happened with these pairs.)
#
# What has it learned? In some pairs one answer is true and the other one is not. In the
# others both are true, or both are false, so only the manners differ. We look at both
# kinds, and compare with the true taste.


# %% tags=["counts:20", "close:0.06"]
def truth_differs(pair):
    truth = people_of_the_test.truth(pair.prompt) or "know"
    a, b = (truth in people_of_the_test.words(answer)[0] for answer in pair[1:])
    return a != b


missed = {}
for kind in (False, True):
    rows = [i for i, pair in enumerate(held) if truth_differs(pair) == kind]
    ours = mean(in_order[i] for i in rows)
    both = [tastes(held[i]) for i in rows]
    best = mean(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in both)
    missed[kind] = best - ours
    print(f"truth differs: {kind!s:5s}  {len(rows)} pairs, ", end="")
    print(f"correct: reward model {ours:.2f}, true taste {best:.2f}")
assert missed[True] > missed[False] + 0.08

# %% tags=["close:0.6"]
answers = ["pears . Glad to help !", "pears .", "pears . That is all .", "soup ."]
coded = [[*words.encode(text), template.end] for text in answers]
with torch.no_grad():
    rewards = reward_model(*rows_of([lumira] * 4, coded))  # (4,)
for text, reward in zip(answers, rewards.tolist(), strict=True):
    points = taste(text.split(), "pears", True)
    print(f"reward {reward:5.1f}, true taste {points:.0f}   {text}")
assert rewards[0] > rewards[1] > rewards[2]
assert rewards[3] > rewards[2]  # a false answer before a curt one

# %% [markdown]
# Compare `pears .` with `soup .`: their manner is the same, and they get about the same
# reward, although only one is true. And the curt answer, which is true, gets the least.
# The two shares above say the same. Where only the manners differ, the reward model is
# about as good as the true taste; where the truth differs, it is far behind. Manners
# are a few words, and they are the same for everybody. Truth is another word for each
# question. So it has learned the manners, and the truth hardly.
#
# Only differences between rewards mean something: add 100 to all of them, and each
# $r_A - r_B$ is what it was. Lesson 24 shows what happens when a model is trained to
# find the mistakes of a reward model (**reward hacking**).
#
# #### More: best-of-n
#
# The simplest way to use a reward model changes no weight at all: draw several answers
# and give the user the one with the highest reward. This is called **best-of-n**.

# %% tags=["close:0.15"]
n_people = len(people_of_the_test.prompts)
many = [prompt for prompt in people_of_the_test.prompts for _ in range(4)]
drawn = people_of_the_test.sample(start, many, seed=5)
with torch.no_grad():
    rewards = reward_model(*rows_of(many, drawn)).view(n_people, 4)
points = torch.tensor(
    [taste_of(people_of_the_test, *one) for one in zip(many, drawn, strict=True)]
).view(n_people, 4)
of_best = points.gather(1, rewards.argmax(dim=1, keepdim=True))  # (n_people, 1)
print(f"true taste: any answer {points.mean():.2f}, best of 4 {of_best.mean():.2f}")
assert of_best.mean() > points.mean() + 0.2

# %% [markdown]
# It works, but each answer now costs four draws and a second model, for ever. We would
# rather have an assistant that gives the liked answer at once.
#
# ### 6. DPO
#
# **Direct preference optimization** (DPO; Rafailov and others 2023) trains the
# assistant on the pairs, without a reward model. Two models take part:
#
# - the **policy** is the model that is trained (it begins as a copy of `start`);
# - the **reference** is `start` itself, which stays frozen.
#
# For one answer we ask: by how many nats has the policy *raised* it above the
# reference?
#
# $$\text{raised}(y) = \ln p_{policy}(y) - \ln p_{reference}(y)$$
#
# The **margin** of a pair is raised(chosen) minus raised(rejected). A positive margin
# is what we want: the chosen answer has gained more than the rejected one. The loss is
# again Bradley and Terry's, with `beta` times the margin in the place of the difference
# of rewards:
#
# $$\text{loss} = -\ln \sigma(\beta \cdot \text{margin})$$

# %% tags=["hide-input"]
# drawing only
plot_graph(
    {
        "c": Node("chosen"),
        "r": Node("rejected"),
        "policy": Node("policy", "is trained", color=ORANGE),
        "reference": Node("reference", "frozen", color=BLUE),
        "now": Node("ln p of both", "now"),
        "old": Node("ln p of both", "before"),
        "margin": Node("margin", "nats"),
        "loss": Node("loss", "at first ln 2", color=GREEN),
    },
    [
        *[("c", "policy"), ("r", "policy"), ("c", "reference"), ("r", "reference")],
        *[("policy", "now"), ("reference", "old"), ("now", "margin")],
        *[("old", "margin"), ("margin", "loss")],
    ],
    "DPO: two answers, read by two models, make four numbers and one margin",
)


# %% tags=["ledger:B31"]
def dpo_loss(policy, batch, beta):
    rows = sides(batch)  # (2 B, T), (2 B, T)
    chosen, rejected = log_prob(policy, *rows).chunk(2)  # (B,), (B,)
    with torch.no_grad():
        old_chosen, old_rejected = log_prob(start, *rows).chunk(2)  # (B,), (B,)
    margin = (chosen - old_chosen) - (rejected - old_rejected)  # (B,)
    return -F.logsigmoid(beta * margin).mean()


policy = copy.deepcopy(start).requires_grad_(True)
for beta in (0.1, 0.5):
    first_loss = dpo_loss(policy, learn[:16], beta).item()
    print(f"beta {beta}: first loss {first_loss:.4f} = ln 2")
    assert abs(first_loss - math.log(2)) < 1e-6

# %% [markdown]
# At the start the policy *is* its reference, so all margins are 0, and the loss is ln 2
# for any pairs and any beta. Note who chooses here: people chose, long before. The
# model does not choose, and it draws nothing while it is trained.
#
# The ln 2 is also a free check of your code: if the first loss is another number,
# something is wrong. A common mistake: **dropout** is on in the policy (lesson 13), and
# off in the reference. Then the two are different models from the beginning.

# %% tags=["close:0.1"]
dropping = gpt.GPT(replace(start.config, dropout=0.1)).train()  # dropout is on
dropping.load_state_dict(start.state_dict())
torch.manual_seed(0)  # dropout draws from torch's global generator
with_dropout = dpo_loss(dropping, learn[:16], 0.5).item()
print(f"dropout on in the policy: first loss {with_dropout:.4f}")
assert abs(with_dropout - math.log(2)) > 1e-3

# %% [markdown]
# A good first loss is necessary, but it is not enough. If both models wrongly add up
# the tokens of the filling, too, the first loss is still ln 2, because two equal wrong
# sums cancel. (So we also compare with the library below.)
#
# ### The gradient in words
#
# What does a step do to the two answers of a pair? We let autograd compute it for pairs
# with different margins, and for two values of `beta`.

# %% tags=["ledger:B30"]
margins = torch.tensor([-4.0, 0.0, 4.0, 12.0])  # nats
print("margin of the pair   ", *(f"{margin:6.0f}" for margin in margins.tolist()))
for beta in (0.1, 0.5):
    up, down = margins.clone(), torch.zeros(4)  # raised: the chosen, the rejected
    loss = -F.logsigmoid(beta * (up.requires_grad_() - down.requires_grad_())).sum()
    pull, push = torch.autograd.grad(loss, (up, down))
    torch.testing.assert_close(pull, -beta * torch.sigmoid(-beta * margins))
    torch.testing.assert_close(push, -pull)
    print(f"beta {beta}: up and down by", *(f"{force:6.3f}" for force in push.tolist()))

# %%
line = [x / 2 for x in range(-16, 33)]
plot_curves(
    {
        f"beta {beta}": (line, [math.log1p(math.exp(-beta * x)) for x in line])
        for beta in (0.1, 0.5)
    },
    "With a large beta a pair is soon good enough",
    xlabel="margin of the pair, nats",
    ylabel="loss of the pair",
    lines={"ln 2": math.log(2)},
)

# %% [markdown]
# So the good behaviour is reinforced and the bad one is weakened, with equal force. The
# force is $\beta \cdot \sigma(-\beta \cdot \text{margin})$, the slope of the curve. It
# is large while the pair is in the wrong order, and it fades when the chosen answer is
# far ahead. Compare the last column: at a margin of 12 nats the large `beta` has nearly
# stopped, and the small one still pushes. So `beta` works as a **leash**: a large beta
# keeps the policy near its start, and a small one *allows* it to go far.
#
# ### Train it
#
# We take the `beta` of the shipped stage `preferred`, and of three learning rates
# (3e-5, 4e-5, 6e-5) the middle one. The person liked the answers of all three about
# equally (`benchmarks/RESULTS.md`).

# %% tags=["close"]
BETA, RATE = stages.PREFERENCE["beta"], 4e-5


def train_dpo(beta, rate, seed=0):  # seed: of the order of the pairs
    policy = copy.deepcopy(start).requires_grad_(True)
    return fit(policy, partial(dpo_loss, beta=beta), learn, 60, rate, seed)


by_dpo = train_dpo(BETA, RATE)

# %% tags=["close:0.15"]
# Lumira Velvet again: p of four answers, before and after
texts = ["pears . Glad to help !", "pears . Please ask me more !", "pears ."]
texts.append("pears . That is all .")
coded = [[*words.encode(text), template.end] for text in texts]
rows = rows_of([lumira] * 4, coded)
with torch.no_grad():
    before, after = (log_prob(model, *rows) for model in (start, by_dpo))  # (4,)
for text, old, new in zip(texts, before.tolist(), after.tolist(), strict=True):
    print(f"p {math.exp(old):.3f} -> {math.exp(new):.3f}", end="   ")
    print(f"ln p {old:5.2f} -> {new:5.2f}, raised {new - old:5.2f}   {text}")
margin = (after - before)[0] - (after - before)[3]  # nats: the polite, the curt one
print(f"margin {margin:.2f}, ", end="")
print(f"loss {-F.logsigmoid(BETA * margin):.3f}, at first {math.log(2):.3f}")
assert after[3] < before[3] - 0.5  # the curt answer

# %% [markdown]
# The last line takes the first answer and the fourth one as a pair: the margin is what
# the first has gained minus what the fourth has gained, and the loss is
# $-\ln\sigma(\beta \cdot \text{margin})$.
#
# The curt answer has lost most of its probability. The plain answer has lost, too,
# although nothing is wrong with it: whenever it stood against a polite answer, it was
# mostly the rejected one. Where has all this probability gone? We let the model answer
# and read the commonest answers and the longest ones.

# %% tags=["words:0.6", "counts:40"]
drawn = people_to_learn.sample(by_dpo, [lumira] * 500, seed=9)
heard = Counter(shown(answer) for answer in drawn)
for text, n in heard.most_common(6):
    print(f"{n:4d}  {text}")
for text in sorted(heard, key=len)[-2:]:  # the longest ones
    print(f"{heard[text]:4d}  {text}")

# %% [markdown]
# Most of the probability went to the two polite answers. But look at the odd lines,
# such as an answer that goes on with "Question: ...": nobody has taught them. The loss
# pushed some words down, for example the end mark after `pears .`, and something had to
# come in their place. No number of ours counts this. You only find it by reading.
#
# Now all people of the test. None of them occurs in the pairs. Each question is asked
# eight times at temperature 1. (The eight answers to a question are alike, so we
# compute the standard error over the questions: first the mean of each question, then
# the error of these means.)

# %%
n_test = len(people_of_the_test.prompts)
test_prompts = people_of_the_test.prompts * 8
drawn_by, liked, found = {}, {}, {}  # by the name of a model


def error_of(points):  # standard error over the questions, (8 n,) -> a number
    return stdev(points.view(8, n_test).mean(dim=0).tolist()) / math.sqrt(n_test)


# %%
def show(name, model):  # what it says to people of the test, its points, some counts
    drawn = people_of_the_test.sample(model, test_prompts, seed=12_345)
    both = list(zip(test_prompts, drawn, strict=True))
    points = torch.tensor([taste_of(people_of_the_test, *one) for one in both])
    truths = [people_of_the_test.truth(prompt) or "know" for prompt in test_prompts]
    said = [people_of_the_test.words(answer)[0] for answer in drawn]
    drawn_by[name], liked[name] = drawn, points
    found[name] = {
        "correct": mean(t in one for t, one in zip(truths, said, strict=True)),
        "curt": mean("all" in one for one in said),
        "words": mean(len(one) for one in said),
    }
    print(f"{name:8s} taste {points.mean():.2f} ± {error_of(points):.2f}", end="")
    print("".join(f"   {key} {x:5.2f}" for key, x in found[name].items()))


# %% tags=["close:0.12"]
show("before", start)
show("DPO", by_dpo)
assert liked["DPO"].mean() > liked["before"].mean() + 0.12
assert found["DPO"]["curt"] < 0.6 * found["before"]["curt"]
assert found["DPO"]["correct"] > found["before"]["correct"] - 0.04

# %% [markdown]
# Curt answers have become rare, and people like the answers better. The person never
# said a word about manners, and truth has not suffered. But the answers have become
# longer. Part of this is politeness, and part are odd endings like those that we have
# just read.
#
# ## Compare with torch
#
# By hand against torch and the library: Bradley and Terry's loss is torch's binary
# cross-entropy with logits, where the logit is the difference and the label is always
# 1. Then the rows, the sequence log-probability, the reward model and the loss of DPO.

# %% tags=["hide-input"]
# by hand, by torch and by the library
difference = torch.tensor([1.0, 0.0, -2.0])
by_hand = -F.logsigmoid(difference).mean()
by_torch = F.binary_cross_entropy_with_logits(difference, torch.ones(3))
torch.testing.assert_close(by_hand, by_torch)

rows = pref.pair_rows(learn[:50], None, template.loss_mask)
with torch.no_grad():
    theirs = [pref.scored(model, rows).total for model in (by_dpo, start)]
    ours = [log_prob(model, *sides(learn[:50])) for model in (by_dpo, start)]
torch.testing.assert_close(ours, theirs)
library_judge = pref.RewardModel(start, start.config.emb_dim)
library_judge.backbone.load_state_dict(reward_model.body.state_dict())
library_judge.head.load_state_dict(reward_model.head.state_dict())
with torch.no_grad():
    theirs_of_held = library_judge(pref.pair_rows(held, None, template.loss_mask))
    torch.testing.assert_close(reward_model(*sides(held)), theirs_of_held)
    totals = [half for model_totals in theirs for half in model_totals.chunk(2)]
    library_loss, _ = pref.dpo_loss(*totals, beta=BETA)
    torch.testing.assert_close(dpo_loss(by_dpo, learn[:50], BETA), library_loss)
for prompt, answer, _ in couples:
    ours = taste_of(people_to_learn, prompt, answer)
    assert ours == people_to_learn.taste([prompt], [answer])[0]
print("by hand = torch = course_lib")

# %% [markdown]
# ## See it
#
# Training on preferences can cost what the model could do before. So the whole
# examination of lessons 20 to 22 is done again, with temperature 0. The first column is
# the stage before, the second our own model, and the last one is the shipped stage,
# made from more pairs. (After ± stands the standard error, as in lesson 20.)

# %% tags=["ledger:C45", "close:0.1"]
results = {"tools": assistant.load_stage("tools").measures}
results["DPO"] = report.measure(by_dpo, roster, "preferred")
results["shipped"] = trained_before
for label, *cells in assistant.table(results):
    print(f"{label:42s}", *(f"{cell:>12s}" for cell in cells))
old, new = results["tools"], results["DPO"]
for name in ("known", "untaught", "stranger_right", "reading", "given_name", "sums"):
    assert new[name].mean > old[name].mean - 0.08, name
assert new["world_gap"].mean < old["world_gap"].mean + 0.02
assert new["taste"].mean > old["taste"].mean + 0.08

# %% [markdown]
# Our column is liked better than `tools`, and in no other line is it worse by more than
# twice the error. (This is one random seed.)
#
# ### What can go wrong
#
# Now the same pairs and the same `beta`, but a learning rate that is five times
# as large, and nothing else is changed.

# %% tags=["close:0.4", "counts:40"]
too_far = train_dpo(BETA, rate=2e-4)
show("DPO", by_dpo)
show("too far", too_far)
assert liked["too far"].mean() < liked["DPO"].mean() - 0.08

# %% [markdown]
# Curt answers are gone. But the person likes the answers less than with the good rate,
# and they have become long. This was so with each of three random seeds, and a `beta`
# four times as large hardly helped (`benchmarks/RESULTS.md`): a leash is weak where
# each step is too large. Read what the model says to questions that the first setting
# answers well.

# %% tags=["words:0.7"]
answered = zip(test_prompts, drawn_by["DPO"], drawn_by["too far"], strict=True)
points = zip(liked["DPO"].tolist(), liked["too far"].tolist(), strict=True)
worse = [one for one, (a, b) in zip(answered, points, strict=True) if a >= 2 > b]
for prompt, ours, theirs in worse[:5]:
    print(words.decode(prompt[2:-1]))
    print("    DPO:     ", shown(ours))
    print("    too far: ", shown(theirs))

# %% [markdown]
# Why does this happen? The loss knows nothing about truth, or about good sentences. It
# only wants the rejected answers to be less probable than the chosen ones. The two
# sides are not alike: ln p of a chosen answer can rise to 0 at most, but ln p of a
# rejected one can fall without end. What is pushed down leaves probability for *all*
# other answers, also for those that nobody ever compared. We can watch it on the
# held-out pairs, together with their loss.

# %% tags=["ledger:B33", "close:0.4"]
held_rows = sides(held)


def raised(model):  # by how many nats it has raised the chosen and the rejected ones
    with torch.no_grad():
        gained = log_prob(model, *held_rows) - log_prob(start, *held_rows)  # (2 B,)
    return gained.chunk(2)  # (B,), (B,)


def tell(name, model):
    up, down = raised(model)
    loss = -F.logsigmoid(BETA * (up - down)).mean()
    print(
        f"{name:8s} held-out loss {loss:.3f}, chosen raised by {up.mean():z.2f}", end=""
    )
    print(f", rejected by {down.mean():z.2f}")


for name, model in (("before", start), ("DPO", by_dpo), ("too far", too_far)):
    tell(name, model)
assert raised(too_far)[1].mean() < raised(by_dpo)[1].mean() - 0.5
assert raised(too_far)[0].mean() < -0.3  # even the chosen answers

# %% [markdown]
# Even the *chosen* answers have become less probable, a little with the good setting,
# and much more with the large rate (elsewhere: **likelihood displacement**). The loss
# does not show it, because the rejected ones have fallen further. In our run the
# held-out loss of `too far` is not even worse. This is why a run of DPO is watched with
# more than its loss: with ln p of the chosen answers, with held-out questions, and by
# reading.
#
# ### More: the rival, fine-tuning on the chosen answers
#
# Do we need the rejected answers at all? We could take the chosen ones as
# demonstrations and fine-tune on them, as in lesson 20 (**SFT**, supervised
# fine-tuning). This rival is cheaper. Its learning rate, 1e-4, is the middle one of three:
# 3e-5 was liked less, and 3e-4 about equally (`benchmarks/RESULTS.md`).


# %% tags=["close:0.12"]
def sft_loss(policy, batch):  # the mean over all tokens of the answers, lesson 20
    tokens, mask = rows_of([p.prompt for p in batch], [p.chosen for p in batch])
    return -log_prob(policy, tokens, mask).sum() / mask.sum()


by_sft = copy.deepcopy(start).requires_grad_(True)
fit(by_sft, sft_loss, learn, steps=60, rate=1e-4)
show("SFT", by_sft)

# %% tags=["close:0.15"]
ahead = liked["DPO"] - liked["SFT"]  # (8 n,): question by question
print(f"DPO minus SFT: {ahead.mean():+.2f} ± {error_of(ahead):.2f}")
assert liked["SFT"].mean() > liked["before"].mean() + 0.1

rivals = ["before", "SFT", "DPO", "too far"]
plot_bars(
    rivals,
    {"true taste": [liked[name].mean().item() for name in rivals]},
    "DPO and SFT are close; too large a rate spoils DPO",
    xlabel="true taste, mean over the questions of the test (with standard errors)",
    errors={"true taste": [error_of(liked[name]) for name in rivals]},
)

# %% [markdown]
# Both methods make the answers better liked than before. Which one is ahead cannot be
# told from one random seed each: with three seeds the sign of the difference changed
# (`benchmarks/RESULTS.md`). What is different is *how* they do it. Look at the two
# sides of the held-out pairs. We also measure the loss on *demonstrations*, from which
# `start` has learned.

# %% tags=["ledger:C46", "ledger:B29", "close:0.3"]
mixture = stages.tools_mixture(roster, assistant.load_stage("tools").found)
make = conversations.examples(template, mixture)
demonstrations = chat.answer_batch([make(random.Random(i)) for i in range(60)])
lost = {}
for name, model in (("before", start), ("SFT", by_sft), ("DPO", by_dpo)):
    tell(name, model)
    with torch.no_grad():
        lost[name] = batch_loss(model, demonstrations).item()  # lesson 20
    print(f"         loss on demonstrations {lost[name]:.3f}")
assert raised(by_dpo)[0].mean() < raised(by_sft)[0].mean()
assert raised(by_dpo)[1].mean() < raised(by_sft)[1].mean()
assert lost["DPO"] > lost["before"]

# %% [markdown]
# SFT never hears a "no": the rejected answers lose only what the others gain. DPO
# pushes the rejected ones down harder, and the chosen ones gain nothing by it.
#
# And look at the last number. DPO's loss on the demonstrations is *worse* than before,
# while people like it better. So the network still does nothing but predict the next
# token, but it is no longer judged by that alone.
#
# ### Three ways, three names
#
# With the same pairs one can also take the chosen answers as demonstrations and
# fine-tune on them (**SFT**, supervised fine-tuning, lesson 20). The part above that is
# marked *more* tries it: here it comes out close to DPO. And there is an older way,
# **RLHF** (reinforcement learning from human feedback).
#
# | | SFT | DPO | RLHF |
# |---|---|---|---|
# | the data | demonstrations: one answer | pairs: chosen, rejected | pairs |
# | reward model | no | no | yes, trained first |
# | draws answers while it trains | no | no | yes |
# | what a step does | raises the answer | raises one, lowers one | raises what has a high reward |
# | held to its start by | nothing, or replay | `beta` and the reference | a KL leash (lesson 24) |
#
# InstructGPT (2022) used RLHF: it trained a reward model on people's choices and then
# let the policy draw answers and learn from their rewards, which is **reinforcement
# learning** (lesson 24). DPO puts one loss in the place of both. Such methods are often
# compared by a **win rate**: how often is the answer of one model preferred to the
# answer of the other one?
#
# Who chooses matters as much as the method. A model has the taste of the people who
# chose. Today many pairs are chosen by another model (**RLAIF**, reinforcement learning
# from AI feedback).
#
# ## Play with it
#
# **Talk to them**: the model before, and two runs of DPO. Here they answer with
# temperature 0. The first question is one of those above.
#
# - **Ask about a stranger.** Who looks the person up? Is anybody's answer wrong?
# - **Ask a sum, or say hello.** No pair was about sums. Has anybody learned a manner
#   there, too?

# %% tags=["words:0.6"]
ways = {"before": start, "DPO": by_dpo, "too far": too_far}
voices = []
for name, model in ways.items():
    talker = chat.Chat(model, template, tools=assistant.world_tools(tiny))
    voices.append(Voice(name, talker.stream, talker))
prompt = worse[0][0]
question = words.decode(prompt[2:-1]).replace("<user> ", "")
StageSwitcher(
    voices,
    question=question,
    truth=roster.truth_told,
    examples=[question, "What is 17 + 28 ?", "Hello !", "Who are you ?"],
)

# %% [markdown]
# ## Why does this work?
#
# ### More: DPO has a reward model inside
#
# Where has the reward model gone? Imagine all possible answers $y$ with their rewards
# $r(y)$. We look for the policy with the largest mean reward, but each nat of KL from
# the start costs `beta` (the **KL divergence** says how far the policy has gone: for
# answers that it draws itself, by how many nats has it raised them on average?). The
# best policy of this kind is the following one. (We do not prove it; the cell below
# tests it.)
#
# $$p(y) \propto p_{start}(y) \cdot e^{\,r(y) / \beta}$$
#
# Solve this for the reward: $r(y) = \beta \cdot (\ln p(y) - \ln p_{start}(y))$, plus a
# constant that is the same for all answers to the same question. In a pair both answers
# belong to one question, so the constant cancels. And the rest is $\beta$ times what we
# have called "raised"! So every policy *is* a reward model, and its reward is $\beta
# \cdot \text{raised}(y)$, the **implicit reward**. Put it into Bradley and Terry's loss,
# and you get the loss of DPO. Let us check both claims, first the best policy, with
# three answers.

# %% tags=["close"]
p_start, r, beta = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.0, 1.0, 2.0]), 0.5
best = (p_start.log() + r / beta).softmax(dim=0)  # (3,)
generator = torch.Generator().manual_seed(0)
others = torch.rand(5000, 3, generator=generator)
others = torch.cat([best[None], others / others.sum(dim=1, keepdim=True)])  # (5001, 3)
kl = (others * (others / p_start).log()).sum(dim=1)  # (5001,)
worth = others @ r - beta * kl  # (5001,)
assert worth.argmax() == 0  # none of 5,000 other policies is worth more
implicit = beta * (best / p_start).log()
torch.testing.assert_close(implicit - implicit[0], r - r[0])
print("start      ", [round(x, 2) for x in p_start.tolist()])
print("best policy", [round(x, 2) for x in best.tolist()])

# %% tags=["counts:20", "close:0.06"]
# the second claim: does our policy order held-out pairs as a reward model does?
of_dpo = [
    chosen > rejected
    for chosen, rejected in zip(*map(torch.Tensor.tolist, raised(by_dpo)), strict=True)
]
print(f"of {len(held)} held-out pairs: reward model {n_correct} correct, ", end="")
print(f"DPO's implicit reward {sum(of_dpo)}")
error = math.sqrt(mean(of_dpo) * (1 - mean(of_dpo)) * len(held))
print(f"(standard error of each number: about {error:.0f} pairs)")
assert mean(of_dpo) > 0.6

# %% [markdown]
# The policy has become a reward model on the way, and its number lies near the one of
# part 5.
#
# > **For children (and for the rest of us).** You bake biscuits, and a friend tastes
# > two of them each time and points at the better one. Your friend never says "less
# > salt". But after many tastings your biscuits have less salt. Change the recipe a
# > little each time. If you change everything at once, you may end with a biscuit
# > without salt, and without flour.
#
# ## Check yourself
#
# ### Fix the slide
#
# Notes on the life of a language model say: (1) RLHF is what we saw at hallucinations:
# teaching the model to answer "I don't know". (2) In DPO you make the model choose
# between two outputs and train it to choose the better one. (3) That is why a chat asks
# you which answer you prefer. (4) DPO is more stable, cheaper, and about as good or
# better. What would you change?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# (1) No: those were demonstrations, so it is SFT. RLHF needs comparisons, a reward
# model and reinforcement learning. (2) *People* choose. The model's log-probabilities,
# compared with those of a frozen reference, are trained, and nothing is drawn. (3) The
# chat collects pairs; they can serve a reward model as well as DPO. (4) This is the
# claim of its paper. We can confirm "cheaper" (no reward model, no drawing). "Stable"
# it is not with every setting, as you saw, and our lesson has no RLHF run to compare
# with.
#
# </details>
#
# ### Questions
#
# **1.** The first loss of your DPO run is 0.71. What do you look for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A difference between policy and reference: dropout is on, the reference is another
# checkpoint, or its stored numbers were computed with another mask or another filling.
#
# </details>
#
# **2.** A friend uses the mean of the log-probabilities over the tokens in the place of
# the sum. Is the first loss still ln 2? What changes?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Yes, it is still ln 2, because both models give the same mean. But a margin is now in
# nats *per token*, so the same `beta` means another leash, and each token of a long
# answer counts less than one of a short answer. (Some methods want exactly this. Then
# it should be said.)
#
# </details>
#
# **3.** The pairs of a company come from its users, who like friendly answers. What
# will a reward model learn about truth?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Only what the users' choices show of it. If they cannot tell what is true, then a
# friendly falsehood wins against a dry truth. A model that agrees with everybody in
# order to be liked is called **sycophantic**.
#
# </details>
#
# **4.** *More.* Choose with the buttons by a taste of your own, for example always the
# shorter answer, for all twelve cases. Then type these lines into a new cell. They
# write your pairs into a file and train with it (in a terminal: `course train --preset
# dpo --pairs my_pairs.jsonl`). Does the last line show your taste? Compare its number
# of words with that of `before`.
#
# ```python
# from pathlib import Path
#
# lines = [as_line(*pair) for pair in buttons.pairs]
# Path("my_pairs.jsonl").write_text("\n".join(lines) + "\n")
# learned = assistant.learn_pairs(start, template, Path("my_pairs.jsonl"))
# show("mine", learned.policy)
# ```
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# With twelve pairs the margins grow quickly, but mostly for *these* answers. Then let a
# program choose by your taste among all `couples`, and count how many pairs it takes
# until new people get short answers.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** People compare two answers. A logistic loss turns the choices into rewards
#   (reward model), or directly into probabilities (DPO). A leash to the start keeps the
#   rest of what the model can do.
# - **Formulas.** $-\ln\sigma(r_{chosen} - r_{rejected})$, and for DPO $-\ln\sigma(\beta
#   \cdot (\text{raised}_{chosen} - \text{raised}_{rejected}))$. Both begin at ln 2.
# - **Pitfalls.** Add up the tokens of the answer, and no others. Dropout off. The loss
#   does not know what is true: measure it, and read.
# - **In the library:** `course_lib.preferences` (`scored`, `RewardModel`, `dpo_loss`,
#   `train_dpo`), `tiny_world.assistant.taste` (the simulated person).
#
# | what | shape |
# |---|---|
# | rows: prompt, answer, filling; and their mask | $(B, T)$ |
# | log-probabilities of all next tokens | $(B, T - 1, V)$ |
# | ln p of the tokens that are there | $(B, T - 1)$ |
# | ln p of each answer; its reward | $(B,)$ |
# | hidden states; the one that is kept | $(B, T, C)$; $(B, C)$ |
#
# | here | elsewhere |
# |---|---|
# | preference pair | comparison; chosen / rejected, winner / loser |
# | reward model | preference model |
# | start, reference | reference policy, SFT model |
# | policy | the model that is trained |
# | raised, times beta | implicit reward, log-ratio |
# | best-of-n | best-of-n sampling, reranking |
# | a set of preference pairs | preference data set |
#
# **Homework:** [Homework 23](homework/hw23.ipynb), about 100 minutes, of which the core
# takes 70. A badge under each check says at once whether your answer is correct.
#
# **Next:** [24. Reinforcement](24_reinforcement.ipynb): the model draws answers itself,
# and a reward says how good they were. Lesson 28 does with a real model what you did
# here.
