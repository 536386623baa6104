# %% [markdown]
# # 23. Preferences: a reward model and DPO
#
# **How does a model learn what people like?**
#
# The assistant of lesson 22 gives correct answers, but its manners change from answer
# to answer: now polite, now curt. In lesson 20 it learned from **demonstrations**,
# which are answers that somebody wrote down. But often nobody can write the best
# answer. It is much easier to look at two answers and say which one is better. In this
# lesson a model learns from such choices.
#
# - **You will** choose between answers; type the taste of a simulated person; compute
#   the probability of a whole answer by hand; build a **reward model** and train it;
#   build **DPO** and train the assistant with it; and see what goes wrong with a bad
#   setting.
# - **You need** lesson 3 (cross-entropy), lesson 20 (chat template, loss mask) and
#   lesson 22 (tools).
# - **Time** 75 minutes. On a first reading you may skip what is marked *more*.
# - **Back** [21. Hallucination, memory and tools](21_hallucination.ipynb) ·
#   **Next** [26. A real model in your own code](26_a_real_model.ipynb)

# %%
import copy
import json
import math
import random
from dataclasses import replace
from pathlib import Path
from statistics import mean

import torch
from torch import nn
from torch.nn import functional as F

import tiny_world as world
from course_lib import chat, gpt
from course_lib import preferences as pref
from course_lib.batches import batch_loss
from course_play.bars import plot_bars
from course_play.boxes import BLUE, GREEN, GREY, ORANGE, Node, plot_flow, plot_graph
from course_play.widgets import (
    Predict,
    PreferenceButtons,
    RewardFrontier,
    StageSwitcher,
)
from course_play.widgets.reward_frontier import FrontierPoint
from tiny_world import assistant
from tiny_world.assistant import conversations, report, stages
from tiny_world.assistant.taste import taste as library_taste
from tiny_world.assistant.voices import Voice

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# We begin with the stage `tools` of the assistant. It stays as it is in the whole
# lesson, so we freeze it: no gradient will change it. Two helpers come from the
# library. `people_to_learn` holds questions to train on, and `people_of_the_test` holds
# questions about other people, who never occur in the training. Both can let a model
# answer (at temperature 1, with its tools, as in lesson 22), and both know the correct
# answers.

# %%
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)
template = assistant.chat_template()
words = template.tokenizer
start = pref.frozen_copy(assistant.load_stage("tools").model)  # lesson 22
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

# %% [markdown]
# The food is correct, but the manners differ. The people who wrote the demonstrations
# of `tools` had different manners, so the model has all of them.
#
# ## Predict first
#
# One of the manners is curt: the answer ends in "That is all." Now we show a person two
# answers at a time, some hundred times, and the person only says which of the two is
# better. Nobody tells the model *why*. Then the model is trained on these choices.

# %%
print("curt answers before:", assistant.load_stage("tools").measures["curt"])

# %% tags=["hide-input"]
# the answer is looked up here; look at it after your guess
trained_before = assistant.load_stage("preferred").measures
Predict(
    "The model is asked about people who did not occur in any comparison. How many of "
    "100 answers are still curt after the training?",
    round(100 * trained_before["curt"].mean),
    unit="answers",
    because="The comparisons name no rule. But curt answers lost most of their "
    "comparisons, and so the model makes them less probable, for all people.",
)

# %% [markdown]
# (After ± stands the standard error, as in lesson 20.)
#
# ## Build it by hand
#
# ### 1. Which one would you choose?
#
# We need many questions with two answers each. The model draws both, so they are
# answers that it would really give. If the two are equal, there is nothing to choose,
# and we leave them out. To save time we only take questions after short talks.

# %% tags=["counts:40"]
prompts = [prompt for prompt in people_to_learn.prompts if len(prompt) <= 26]
asked = [prompt for prompt in prompts for _ in range(6)]  # each question 6 times
first = people_to_learn.sample(start, asked, seed=0)
second = people_to_learn.sample(start, asked, seed=1_000_000)
couples = [c for c in zip(asked, first, second, strict=True) if c[1] != c[2]]
print(
    f"{len(prompts)} questions, {len(asked)} times two answers, {len(couples)} differ"
)

# %% [markdown]
# Now choose yourself. The keys `a` and `b` take an answer, the space bar means "I
# cannot say", and `u` takes the last choice back.


# %% tags=["words:0.5"]
def shown(answer):  # what the user reads: no tool calls, no results, no marks
    return words.decode(template.visible(answer))


cases = [
    (words.decode(prompt[2:-1]), shown(a), shown(b))
    for prompt, a, b in couples
    if len(prompt) <= 14 and shown(a) != shown(b)
]
buttons = PreferenceButtons(cases[:12])
buttons

# %% [markdown]
# Each choice becomes a **preference pair** (elsewhere: comparison): a prompt, the
# answer that was **chosen**, and the answer that was **rejected**. Such pairs are kept
# in a file with one JSON object a line, and the whole field uses these three names. The
# cell below writes *your* pairs, once you have made some.


# %% tags=["ledger:B32", "words:0.5"]
def as_line(prompt, chosen, rejected):
    return json.dumps({"prompt": prompt, "chosen": chosen, "rejected": rejected})


if buttons.pairs:  # nothing is written before you have chosen
    lines = [as_line(*pair) for pair in buttons.pairs]
    Path("my_pairs.jsonl").write_text("\n".join(lines) + "\n")
print("a line looks like this:", as_line(*cases[0]))

# %% [markdown]
# When a chat asks you "Which answer do you prefer?", it collects such pairs. What is
# done with them later is another question: they can train a reward model (part 5) or
# the assistant itself (part 6). With ten pairs or more, one line does both for you:
# `course train --preset dpo --pairs my_pairs.jsonl`, or in Python
# `assistant.learn_pairs(start, template, Path("my_pairs.jsonl"))`.
#
# ### 2. A simulated person
#
# Twelve choices are few, and nobody wants to make hundreds. So the other choices come
# from a simulated person. The person looks at an answer and gives it points. We call
# this number the **true taste**:
#
# | what the person sees | points |
# |---|---|
# | the correct answer is in it (where nobody can know it: the word "know") | +2 |
# | it is polite | +1 |
# | it is curt | -1 |
# | each word beyond the sixth | -0.05 |
# | each friendly word beyond the third | -0.5 |
# | it never comes to an end | -1 |
#
# The last two lines are about answers that are overdone. Here is the table as code.

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


# %%
for text in (
    "pears . Glad to help !",
    "pears .",
    "pears . That is all .",
    "soup . Glad to help !",
    "Sure ! pears . Glad to help ! Thank you , my friend ! Glad to help you !",
):
    print(f"{taste(text.split(), 'pears', True):5.2f}  {text}")


# %%
def taste_of(people, prompt, answer):
    said, ended = people.words(answer)  # what the user reads, as a list of words
    return taste(said, people.truth(prompt), ended)


for prompt, a, b in couples:  # by hand = the library, for every answer that was drawn
    for answer in (a, b):
        said, ended = people_to_learn.words(answer)
        truth = people_to_learn.truth(prompt)
        assert taste(said, truth, ended) == library_taste(said, truth, ended=ended)
print(f"{2 * len(couples)} answers: by hand = the library's taste")

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
# The 0.5 says how unsure our person is. A smaller number would make the person more
# decided. Let us compute three cases for Lumira Velvet's food.


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
# 12 cases of 100 the person chooses the plain answer all the same. Equal answers are a
# coin. Now the person makes all choices.

# %% tags=["counts:40", "words:0.5"]
draw = random.Random(0)
pairs, sure = [], []  # sure: with which probability the likelier answer is chosen
for prompt, a, b in couples:
    p = p_chosen(*(taste_of(people_to_learn, prompt, one) for one in (a, b)))
    good, bad = (a, b) if draw.random() < p else (b, a)
    pairs.append(pref.Pair(prompt, good, bad))  # prompt, chosen, rejected
    sure.append(max(p, 1 - p))
for pair in pairs[:3]:
    print(shown(pair.chosen), " was chosen, not ", shown(pair.rejected))

# %% [markdown]
# A part of the pairs is held out, to test with. We split by *question*, never by pair:
# else the same question would stand on both sides.

# %% tags=["counts:20", "close:0.03"]
learn, held = pref.split_pairs(pairs)
assert not {tuple(p.prompt) for p in learn} & {tuple(p.prompt) for p in held}
print(f"{len(learn)} pairs to learn from, {len(held)} held out")
ceiling = mean(sure)
print(f"nobody can predict more than {ceiling:.2f} of the choices, on average")

# %% [markdown]
# The last number is a **noise ceiling**. Somebody who knows the true taste exactly and
# always bets on the better answer is correct in that share of the cases, because the
# person is not always sure. No reward model can do better, except by luck.

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
    "A person chooses; two methods can learn from the choice",
)

# %% [markdown]
# ### 4. How probable is a whole answer?
#
# Both methods need one number for a whole answer. For DPO it is the **sequence
# log-probability**: $\ln p(\text{answer} \mid \text{prompt})$. The probability of an
# answer is a product, because each token is drawn after the ones before it. So its
# logarithm is a **sum** over the tokens of the answer. Let us follow one answer.

# %% tags=["close"]
good = [*words.encode("pears . Glad to help !"), template.end]
tokens = torch.tensor([[*lumira, *good]])  # (1, T)
with torch.no_grad():
    logits = start(tokens[:, :-1])  # (1, T - 1, V): after the last token nothing comes
log_p = logits.log_softmax(dim=-1)  # (1, T - 1, V)
targets = tokens[:, 1:]  # (1, T - 1): the shift: position t predicts token t + 1
picked = log_p.gather(-1, targets[..., None]).squeeze(-1)  # (1, T - 1)
print([tuple(one.shape) for one in (tokens, logits, targets, picked)])

# %% [markdown]
# `gather` picks, at each position, the one log-probability of the token that really
# comes next (lesson 1). Now the table. The prompt is given, so its tokens must not
# count; the answer and its end mark count.

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
# Is this really the probability of the answer? We can check it, because we can draw.
# Let the model answer the question 1,000 times and count how often exactly this answer
# comes.

# %% tags=["close:0.03"]
drawn = people_to_learn.sample(start, [lumira] * 1000, seed=7)
share = mean(answer == good for answer in drawn)
error = math.sqrt(share * (1 - share) / 1000)
print(f"computed {math.exp(total):.3f}, counted {share:.3f} ± {error:.3f}")
assert abs(math.exp(total) - share) < 4 * error

# %% [markdown]
# A **mean** over the tokens would be another number, and it is not the logarithm of the
# probability of anything. So here we sum. (In lesson 20 the loss was a mean, because
# there each token was an example of its own.)
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
one = pairs[0]
tokens, mask = rows_of([lumira, one.prompt], [good, one.chosen])
with torch.no_grad():
    both = log_prob(start, tokens, mask)
print("tokens", tuple(tokens.shape), "log-probabilities", tuple(both.shape))
assert abs(both[0].item() - total) < 1e-3

# %% [markdown]
# The first one is the sum of the table again. The filling of its row changed nothing:
# attention looks back only, and the filling stands behind.
#
# ### 5. A reward model
#
# A **reward model** (elsewhere: preference model) reads a question with an answer and
# gives one number, the **reward** $r$. It should give the chosen answer more than the
# rejected one. We take the assistant's own body, because it can read already, and put a
# new **head** on top:
#
# - the body gives a hidden state for each token, (B, T, C);
# - we keep the hidden state of the *last* token of the answer, (B, C), because only
#   this token has seen all of the answer (choosing one vector of many is called
#   **pooling**);
# - a linear layer with one output makes one number of it, (B,).

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("question + answer", "(B, T)"),
        ("body of the GPT", "(B, T, C)"),
        ("last token", "(B, C)"),
        ("head", "C numbers to 1"),
        ("reward", "(B,)"),
    ],
    "A reward model: the body of a GPT, one hidden state, one number",
    arrows=["tokens", "pooling", "linear", "squeeze"],
    colors=[GREY, BLUE, BLUE, ORANGE, GREEN],
)


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
# The loss is the cross-entropy of Bradley and Terry's formula (the 0.5 has no place in
# it, because the model may choose the size of its rewards). The model's probability for
# the choice is $\sigma(r_{chosen} - r_{rejected})$, and the loss is minus its
# logarithm, as always. (`logsigmoid` computes both at once and does not overflow.) The
# head begins at zero, so all rewards are equal, and the first loss must be exactly
# $-\ln \sigma(0) = \ln 2$.


# %%
def sides(batch):  # pairs -> rows of the B chosen answers, then of the B rejected ones
    prompts = [pair.prompt for pair in batch] * 2
    answers = [pair.chosen for pair in batch] + [pair.rejected for pair in batch]
    return rows_of(prompts, answers)  # (2 B, T), (2 B, T)


def reward_loss(judge, batch):
    chosen, rejected = judge(*sides(batch)).chunk(2)  # (2 B,) -> (B,), (B,)
    return -F.logsigmoid(chosen - rejected).mean()


judge = RewardModel(start)
first_loss = reward_loss(judge, learn[:16]).item()
print(f"first loss {first_loss:.4f}, ln 2 = {math.log(2):.4f}")
assert abs(first_loss - math.log(2)) < 1e-6

# %% [markdown]
# The training loop is the one of lesson 16: warm up, go down, clip, step. We write it
# once, for everything in this lesson.


# %%
def fit(model, loss_of, steps, rate, seed=0):  # loss_of: (model, batch) -> loss
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0
    )
    draw = random.Random(seed)
    for step in range(steps):
        share = min((step + 1) / 10, (steps - step) / (steps - 10))  # up, then down
        optimizer.param_groups[0]["lr"] = rate * share
        loss = loss_of(model, draw.choices(learn, k=16))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


# %% tags=["counts:6"]
fit(judge, reward_loss, steps=60, rate=1e-3)
with torch.no_grad():
    chosen, rejected = judge(*sides(held)).chunk(2)
n_correct = (chosen > rejected).sum().item()
print(f"{n_correct} of {len(held)} held-out pairs in the correct order")

# %% [markdown]
# Is that much? A number means little without rivals. A coin is correct half of the
# time. A simple rule may do better: bet on the longer answer (a tie counts as a half).
# This rule is worth a look, because real people often like long answers, and a reward
# model may learn little else. Another rule only looks for the words "That is all". At
# the other end stands somebody who knows the true taste and always bets on the better
# answer.


# %% tags=["ledger:B21", "close:0.04"]
def bets(score):  # share of held-out pairs in which the chosen answer scores more
    gaps = [score(p.prompt, p.chosen) - score(p.prompt, p.rejected) for p in held]
    return mean(1.0 if gap > 0 else 0.5 if gap == 0 else 0.0 for gap in gaps)


accuracy = {
    "a coin": 0.5,
    "the longer answer wins": bets(lambda prompt, answer: len(shown(answer).split())),
    "the curt answer loses": bets(lambda prompt, answer: "all" not in shown(answer)),
    "reward model": n_correct / len(held),
    "who knows the true taste": bets(lambda *one: taste_of(people_to_learn, *one)),
}
errors = [math.sqrt(p * (1 - p) / len(held)) for p in accuracy.values()]
errors[0] = 0.0  # a coin is known exactly

# %% tags=["close:0.04"]
plot_bars(
    list(accuracy),
    {"correct": list(accuracy.values())},
    "The reward model beats both rules, but not the true taste",
    xlabel="share of held-out pairs in the correct order (with standard errors)",
    errors={"correct": errors},
    lines={"noise ceiling": ceiling},
)

# %%
rules = [accuracy["the longer answer wins"], accuracy["the curt answer loses"]]
assert accuracy["reward model"] > max(rules) + 0.05
assert accuracy["reward model"] < ceiling + 0.08

# %% [markdown]
# The reward model comes near the noise ceiling, but not quite. (The last bar can lie a
# little beside the ceiling, because the ceiling is an average, and the last bar is what
# happened with these pairs.)
#
# The reward model was told nothing but choices. What does it say about four answers
# for Lumira Velvet? Compare its order with the true taste.

# %% tags=["close:0.6"]
answers = ["pears . Glad to help !", "pears .", "pears . That is all .", "soup ."]
coded = [[*words.encode(text), template.end] for text in answers]
with torch.no_grad():
    rewards = judge(*rows_of([lumira] * 4, coded))  # (4,)
for text, reward in zip(answers, rewards.tolist(), strict=True):
    points = taste(text.split(), "pears", True)
    print(f"reward {reward:5.1f}, true taste {points:.0f}   {text}")
assert rewards[0] > rewards[1] > rewards[2]

# %% [markdown]
# Look at the last two lines. The curt answer is correct, and "soup" is not, but the
# reward model prefers the soup. It has seen that curt answers nearly always lose, and
# it has seen few wrong answers about people as well known as Lumira Velvet. So its
# order is not the true one everywhere, and it does not know the truth.
#
# Only differences between rewards mean something: add 100 to all of them, and each $r_A
# - r_B$ is what it was. (Lesson 24 shows what happens when a model is trained to find
#   the mistakes of a reward model.)
#
# The simplest way to use a reward model changes no weight at all: draw several answers
# and give the user the one with the highest reward. This is called **best-of-n**
# (elsewhere: rejection sampling).

# %% tags=["close:0.15"]
n_people = len(people_of_the_test.prompts)
many = [prompt for prompt in people_of_the_test.prompts for _ in range(4)]
drawn = people_of_the_test.sample(start, many, seed=5)
with torch.no_grad():
    rewards = judge(*rows_of(many, drawn)).view(n_people, 4)  # 4 answers a question
tastes = torch.tensor(
    [taste_of(people_of_the_test, *one) for one in zip(many, drawn, strict=True)]
).view(n_people, 4)
best = rewards.argmax(dim=1, keepdim=True)  # (n_people, 1)
liked = tastes.gather(1, best).mean()
print(f"true taste: any answer {tastes.mean():.2f}, best of 4 {liked:.2f}")
assert liked > tastes.mean() + 0.3

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
        "now": Node("2 times ln p", "now"),
        "old": Node("2 times ln p", "before"),
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
# ### A free check
#
# The ln 2 is a free check of your code: if the first loss is another number, something
# is wrong. Two mistakes are common. The first: **dropout** is on in the policy (lesson
# 13), and off in the reference. Then the two are different models from the beginning.
# The second: everything in the row is added up, with the **filling**. To save time,
# many programs compute the reference's numbers once and store them. If they were
# computed in rows of another length, the filling is another one, too.

# %% tags=["close:0.1"]
dropping = gpt.GPT(replace(start.config, dropout=0.1)).train()  # dropout is on
dropping.load_state_dict(start.state_dict())
torch.manual_seed(0)  # dropout draws from torch's global generator
with_dropout = dpo_loss(dropping, learn[:16], 0.5).item()
print(f"dropout on in the policy: first loss {with_dropout:.4f}")
assert abs(with_dropout - math.log(2)) > 1e-3

# %% tags=["close:0.1"]
batch = learn[:16]
asked = [pair.prompt for pair in batch] * 2
answers = [pair.chosen for pair in batch] + [pair.rejected for pair in batch]


def whole_row(prompts, answers):  # the mistake: everything counts, the filling, too
    tokens, mask = rows_of(prompts, answers)
    return log_prob(start, tokens, torch.ones_like(mask))


with torch.no_grad():  # policy = reference = start
    stored = [whole_row([q], [a]) for q, a in zip(asked, answers, strict=True)]
    chosen, rejected = (whole_row(asked, answers) - torch.cat(stored)).chunk(2)
with_filling = -F.logsigmoid(0.5 * (chosen - rejected)).mean().item()
print(f"filling counted, reference stored: first loss {with_filling:.4f}")
assert abs(with_filling - math.log(2)) > 1e-3

# %% [markdown]
# Both are caught. But if the filling is counted and both models read the *same* rows,
# the first loss is ln 2 all the same, because two equal wrong sums cancel. A good first
# loss is necessary, and it is not enough. (So the equality with the library is
# asserted, too, under "Compare with torch".)
#
# ### The gradient in words
#
# What does a step do to the two answers of a pair? We let autograd compute it for four
# pairs with different margins.

# %% tags=["ledger:B30"]
margins = torch.tensor([-4.0, 0.0, 4.0, 12.0])  # nats
chosen, rejected = margins.clone(), torch.zeros(4)  # how much each has been raised
both = [side.requires_grad_() for side in (chosen, rejected)]
loss = -F.logsigmoid(0.5 * (chosen - rejected)).sum()
up, down = torch.autograd.grad(loss, both)
torch.testing.assert_close(up, -0.5 * torch.sigmoid(-0.5 * margins))
torch.testing.assert_close(down, -up)
for margin, push in zip(margins.tolist(), (-up).tolist(), strict=True):
    print(
        f"margin {margin:4.0f}: chosen pushed up by {push:.3f}, rejected down as much"
    )

# %% [markdown]
# So the good behaviour is reinforced and the bad one is weakened, with equal force. The
# force is $\beta \cdot \sigma(-\beta \cdot \text{margin})$. It is large while the pair
# is in the wrong order, and it fades when the chosen answer is far ahead. This is how
# `beta` works as a **leash**: with a large beta the force fades early, and the policy
# stays near its start; with a small beta it is pushed on for a long time.
#
# ### Train it
#
# The numbers are those with which the shipped stage `preferred` was made.

# %% tags=["close"]
print(stages.PREFERENCE)
BETA, RATE = stages.PREFERENCE["beta"], stages.PREFERENCE["learning_rate"]


def train_dpo(beta, rate):
    policy = copy.deepcopy(start).requires_grad_(True)
    return fit(policy, lambda model, batch: dpo_loss(model, batch, beta), 60, rate)


by_dpo = train_dpo(BETA, RATE)

# %% [markdown]
# First the example that you know. Here is the probability of each answer for Lumira
# Velvet, before and after, with ln p and by how many nats it was raised.

# %% tags=["close:0.15"]
texts = ["pears . Glad to help !", "pears . Please ask me more !", "pears ."]
texts.append("pears . That is all .")
coded = [[*words.encode(text), template.end] for text in texts]
rows = rows_of([lumira] * 4, coded)
with torch.no_grad():
    before, after = (log_prob(model, *rows) for model in (start, by_dpo))  # (4,)
for text, old, new in zip(texts, before.tolist(), after.tolist(), strict=True):
    print(f"p {math.exp(old):.3f} -> {math.exp(new):.3f}", end="   ")
    print(f"ln p {old:5.2f} -> {new:5.2f}, raised {new - old:5.2f}   {text}")
assert after[3] < before[3] - 0.5  # the curt answer

# %% [markdown]
# The curt answer has almost disappeared. Its probability went to the two polite ones.
# The plain answer has lost, too, although nothing is wrong with it: whenever it stood
# against a polite answer, it was mostly the rejected one.
#
# Now all people of the test. None of them occurs in the pairs. Each question is asked
# eight times at temperature 1, and we count.


# %%
test_prompts = people_of_the_test.prompts * 8


def look(model):  # what it says to people of the test, and what is counted in it
    drawn = people_of_the_test.sample(model, test_prompts, seed=12_345)
    both = list(zip(test_prompts, drawn, strict=True))
    likes = torch.tensor([taste_of(people_of_the_test, *one) for one in both])
    said = [people_of_the_test.words(answer)[0] for answer in drawn]
    truths = [people_of_the_test.truth(prompt) or "know" for prompt in test_prompts]
    return drawn, {
        "taste": likes.mean().item(),
        "correct": mean(t in one for t, one in zip(truths, said, strict=True)),
        "polite": mean(any(p in " ".join(s) for p in POLITE) for s in said),
        "curt": mean("all" in one for one in said),
        "error of taste": likes.std().item() / math.sqrt(len(likes)),
    }


# %% tags=["close:0.1"]
drawn_by, found = {}, {}


def show(name, model):
    if name not in found:
        drawn_by[name], found[name] = look(model)
    print(f"{name:16s}", *(f"{key} {x:5.2f} " for key, x in found[name].items()))


show("before", start)
show("DPO", by_dpo)
n_test = len(test_prompts)
print(
    f"{n_test} answers: a share near 0.5 has an error of {0.5 / math.sqrt(n_test):.2f}"
)
assert found["DPO"]["taste"] > found["before"]["taste"] + 0.15
assert found["DPO"]["curt"] < 0.6 * found["before"]["curt"]
assert found["DPO"]["correct"] > found["before"]["correct"] - 0.04

# %% [markdown]
# Curt answers have become rare, and more answers are polite. The person never said a
# word about manners, and truth has not suffered.
#
# ## Compare with torch
#
# By hand against torch and the library: Bradley and Terry's loss is torch's binary
# cross-entropy with logits, where the logit is the difference and the label is always
# 1. Then the rows, the sequence log-probability, the reward model and the loss of DPO.

# %%
difference = torch.tensor([1.0, 0.0, -2.0])
by_hand = -F.logsigmoid(difference).mean()
by_torch = F.binary_cross_entropy_with_logits(difference, torch.ones(3))
torch.testing.assert_close(by_hand, by_torch)

rows = pref.pair_rows(learn[:50], None, template.loss_mask)
with torch.no_grad():
    theirs = [pref.scored(model, rows).total for model in (by_dpo, start)]
    ours = [log_prob(model, *sides(learn[:50])) for model in (by_dpo, start)]
torch.testing.assert_close(ours, theirs)

# %%
library_judge = pref.RewardModel(start, start.config.emb_dim)
library_judge.backbone.load_state_dict(judge.body.state_dict())
library_judge.head.load_state_dict(judge.head.state_dict())
with torch.no_grad():
    torch.testing.assert_close(judge(*sides(held)), library_judge(pref.pair_rows(held)))
    totals = [half for model_totals in theirs for half in model_totals.chunk(2)]
    library_loss, _ = pref.dpo_loss(*totals, beta=BETA)
    torch.testing.assert_close(dpo_loss(by_dpo, learn[:50], BETA), library_loss)
print("by hand = torch = course_lib")

# %% [markdown]
# ## See it
#
# One good number is not enough. Training on preferences can cost what the model could
# do before. So the whole examination of lessons 20 to 22 is done again, with
# temperature 0: well-known people, phrasings that were never taught, strangers who must
# be looked up, sums, names, and what was forgotten of Tiny World (the last line, see
# lesson 20). The columns are the stages in their order, then our own model. The last
# one is the shipped stage, made from more pairs.

# %% tags=["ledger:C45", "close:0.1"]
results = {name: assistant.load_stage(name).measures for name in assistant.STAGES[1:4]}
results["DPO"] = report.measure(by_dpo, roster, "preferred")
results["shipped"] = trained_before
for label, *cells in assistant.table(results):
    print(f"{label:42s}", *(f"{cell:>12s}" for cell in cells))

# %%
old, new = results["tools"], results["DPO"]
for name in ("known", "untaught", "stranger_right", "reading", "given_name", "sums"):
    assert new[name].mean > old[name].mean - 0.08, name
assert new["world_gap"].mean < old["world_gap"].mean + 0.02
assert new["taste"].mean > old["taste"].mean + 0.15

# %% [markdown]
# Our column is liked better than all before it, and in no other line is it worse than
# `tools` by more than twice the error. (This is one random seed.
# `benchmarks/RESULTS.md` has three.)
#
# ### What can go wrong
#
# Now the same loss with a smaller beta and a larger learning rate. Both let the policy
# go further from its start.

# %% tags=["close:0.25"]
too_far = train_dpo(beta=0.1, rate=2e-4)
show("before", start)
show("DPO", by_dpo)
show("DPO, too far", too_far)
assert found["DPO, too far"]["correct"] < found["DPO"]["correct"] - 0.1

# %% [markdown]
# Curt answers are gone. But look at "correct": many answers are wrong now, and the
# taste is lower than before the training. The examination says where else it lost
# something.

# %% tags=["close:0.3"]
results["too far"] = report.measure(too_far, roster, "preferred")
for name in ("known", "untaught", "given_name", "sums"):
    row = "   ".join(f"{k} {results[k][name]}" for k in ("tools", "DPO", "too far"))
    print(f"{name:10s} {row}")

# %% [markdown]
# (`untaught` are the phrasings that were never taught, `given_name` a name from the
# rules; see the table above.) No pair was about sums or names, and yet they suffer. So
# read what it says. Here are questions that the first setting answers well.

# %% tags=["words:0.7"]
drawn = zip(test_prompts, drawn_by["DPO"], drawn_by["DPO, too far"], strict=True)
wrong = [
    (prompt, good, bad)
    for prompt, good, bad in drawn
    if taste_of(people_of_the_test, prompt, good) >= 2
    and taste_of(people_of_the_test, prompt, bad) < 2
]
for prompt, good, bad in wrong[:5]:
    print(words.decode(prompt[2:-1]))
    print("    DPO:     ", words.decode(good))
    print("    too far: ", words.decode(bad))

# %% [markdown]
# Why does this happen? The loss knows nothing about truth. It only wants the rejected
# answers to be less probable than the chosen ones. There are two ways to get there:
# raise the chosen answer, or push the rejected one down. Pushing down is easy, and what
# is pushed down leaves probability for *all* other answers, also for those that nobody
# ever compared. We can watch it on the held-out pairs.

# %% tags=["ledger:B33", "close:0.4"]
held_rows = sides(held)


def raised(model):  # by how many nats it has raised the chosen and the rejected ones
    with torch.no_grad():
        gained = log_prob(model, *held_rows) - log_prob(start, *held_rows)  # (2 B,)
    return gained.chunk(2)  # (B,), (B,)


for name, model in (("DPO", by_dpo), ("DPO, too far", too_far)):
    chosen, rejected = (side.mean().item() for side in raised(model))
    print(
        f"{name:13s} chosen raised by {chosen:6.2f}, rejected by {rejected:6.2f} nats"
    )
    assert rejected < chosen
assert raised(too_far)[0].mean() < -1  # even the chosen answers

# %% [markdown]
# Even the *chosen* answers have become less probable, a little with the good setting,
# and by several nats with the bad one. The loss is content, because the rejected ones
# have fallen further. This is why a run of DPO is watched with more than its loss: with
# ln p of the chosen answers, with held-out questions, and by reading.
#
# ### How long should the leash be?
#
# So each setting has to be tried. Here only `beta` changes, and the learning rate is
# the good one. We also measure how far the policy has gone: for answers that it draws
# itself, by how many nats has it raised them on average? This number is the **KL
# divergence** from the start, in nats for each answer (lesson 24 needs it again).


# %% tags=["close:0.3"]
def distance(model, drawn):  # KL from the start, estimated from its own answers
    rows = rows_of(test_prompts, drawn)
    with torch.no_grad():
        return (log_prob(model, *rows) - log_prob(start, *rows)).mean().item()


leashes = {2.0: train_dpo(2.0, RATE), BETA: by_dpo, 0.1: train_dpo(0.1, RATE)}
points = []
for beta, model in leashes.items():
    name = "DPO" if beta == BETA else f"DPO, beta {beta:g}"
    show(name, model)
    drawn, liked = drawn_by[name], found[name]["taste"]
    with torch.no_grad():
        reward = judge(*rows_of(test_prompts, drawn)).mean().item()  # of part 5
    says = tuple(words.decode(one) for one in drawn[:4])
    kl = distance(model, drawn)
    points.append(FrontierPoint(beta, liked, kl, says, hacked=reward))
    print(f"    beta {beta:g}: {kl:.1f} nats of KL from the start")

# %%
far = [point.kl for point in points]
assert far[0] < far[1] < far[2]  # a smaller beta is a longer leash
assert points[1].reward > max(point.reward for point in points) - 0.05

# %% [markdown]
# The smaller the beta, the further the policy goes: the KL grows manyfold from line to
# line. With a large beta it stays close to the start, and its manners change less. With
# a small beta it goes far, and what it pays for this is seen under "correct". How much
# truth a setting near the edge costs differs from run to run, with the random seed and
# with the pairs. So one takes a setting that is not near the edge: here it is 0.5.
#
# ### The rival: fine-tuning on the chosen answers
#
# Do we need the rejected answers at all? We could take the chosen ones as
# demonstrations and fine-tune on them, as in lesson 20 (**SFT**, supervised
# fine-tuning). This rival is cheaper, and to be fair it gets a search for its own
# learning rate.


# %% tags=["close:0.1"]
def sft_loss(policy, batch):  # the mean over all tokens of the answers, lesson 20
    tokens, mask = rows_of([p.prompt for p in batch], [p.chosen for p in batch])
    return -log_prob(policy, tokens, mask).sum() / mask.sum()


by_sft = {}
for rate in (3e-5, 1e-4, 3e-4):
    copied = copy.deepcopy(start).requires_grad_(True)
    by_sft[rate] = fit(copied, sft_loss, 60, rate)
    show(f"SFT, rate {rate:g}", by_sft[rate])
best_rate = max(by_sft, key=lambda rate: found[f"SFT, rate {rate:g}"]["taste"])
found["SFT, best rate"] = found[f"SFT, rate {best_rate:g}"]

# %% tags=["close:0.1"]
rivals = ["before", "SFT, best rate", "DPO", "DPO, too far"]
plot_bars(
    rivals,
    {"true taste": [found[name]["taste"] for name in rivals]},
    "DPO is liked best, if its setting is right",
    xlabel="true taste, mean over the answers of the test (with standard errors)",
    errors={"true taste": [found[name]["error of taste"] for name in rivals]},
)

# %% tags=["close:0.15"]
ours, theirs = found["DPO"], found["SFT, best rate"]
error = math.hypot(ours["error of taste"], theirs["error of taste"])
print(f"DPO is ahead by {ours['taste'] - theirs['taste']:.2f} ± {error:.2f}")
assert ours["curt"] < theirs["curt"]

# %% [markdown]
# The fine-tuned model is liked better than the model before, too. Its answers are
# demonstrations in good manners, and the curt ones are rarer among them. But it stays
# behind DPO. To see why, look at what each of them does with the two sides of the
# held-out pairs. We also measure the loss on the *demonstrations* of lesson 22, from
# which `start` has learned.

# %% tags=["ledger:C46", "ledger:B29", "close:0.3"]
mixture = stages.tools_mixture(roster, assistant.load_stage("tools").found)
make = conversations.examples(template, mixture)
demonstrations = chat.answer_batch([make(random.Random(i)) for i in range(60)])

ways = {"before": start, "SFT": by_sft[best_rate], "DPO": by_dpo}
lost = {}
for name, model in ways.items():
    chosen, rejected = (side.mean().item() for side in raised(model))
    with torch.no_grad():
        lost[name] = batch_loss(model, demonstrations).item()  # lesson 20
    print(
        f"{name:6s} chosen raised by {chosen:z5.2f}, rejected by {rejected:z5.2f}",
        end="",
    )
    print(f"; loss on demonstrations {lost[name]:.3f}")
assert raised(by_dpo)[1].mean() < raised(by_sft[best_rate])[1].mean() - 0.3
assert lost["DPO"] > lost["before"]

# %% [markdown]
# SFT moves both sides only a little, because it never hears a "no": it raises the
# chosen answers, and nobody tells it which answers should pay for it. DPO pushes the
# rejected ones down much harder.
#
# And look at the last number. DPO's loss on the demonstrations is *worse* than before,
# while people like it better. So the network still does nothing but predict the next
# token, but it is no longer judged by that alone.
#
# ### Three ways, three names
#
# | | SFT | DPO | RLHF |
# |---|---|---|---|
# | the data | demonstrations: one answer | pairs: chosen, rejected | pairs |
# | reward model | no | no | yes, trained first |
# | draws answers while it trains | no | no | yes |
# | what a step does | raises the answer | raises one, lowers one | raises what has a high reward |
# | held to its start by | nothing, or replay | `beta` and the reference | a KL leash |
#
# **RLHF** (reinforcement learning from human feedback) is the older way. InstructGPT
# (2022) trained a reward model on people's choices and then let the policy draw answers
# and learn from their rewards, which is **reinforcement learning**. DPO puts one loss
# in the place of both. To teach "I do not know" by examples, as in lesson 21, is
# neither of the two: it is SFT, because a demonstration has one answer and no
# comparison.
#
# Who chooses matters as much as the method. InstructGPT's pairs came from a small group
# of people who were hired for it, and a model trained on their choices has *their*
# taste. Today many pairs are chosen by another model (**RLAIF**, reinforcement learning
# from AI feedback).
#
# ## Play with it
#
# **Talk to them**: the model before, two runs of DPO, and the rival. Here they answer
# with temperature 0.
#
# - **Ask about a stranger.** Who looks the person up? Is anybody's answer wrong?
# - **Ask a sum, or say hello.** No pair was about sums. Has `too far` learned a manner
#   there, too?

# %% tags=["words:0.5"]
voices = []
for name, model in (*ways.items(), ("too far", too_far)):
    talker = chat.Chat(model, template, tools=assistant.world_tools(tiny))
    voices.append(Voice(name, talker.stream, talker))
stranger = tiny.held_out[2]
question = f"What does {stranger.name} like ?"
StageSwitcher(
    voices,
    question=question,
    truth=roster.truth_told,
    examples=[question, "What is 17 + 28 ?", "Hello !", "Who are you ?"],
)

# %% [markdown]
# **The leash.** The points are the three runs in which only `beta` changed.
#
# Beside the true taste the picture shows what the reward model of part 5 thinks of the
# answers.
#
# - **Slide from beta 2 to 0.1.** What happens to the KL, what to the true taste, and
#   what to the reward model's opinion? Which of the two would you believe? (Lesson 24
#   is about this.)

# %% tags=["nbval-ignore-output"]
RewardFrontier(points, beta=BETA)

# %% [markdown]
# ## Why does this work?
#
# ### DPO has a reward model inside
#
# Where has the reward model gone? Imagine all possible answers $y$ with their rewards
# $r(y)$. We look for the policy with the largest mean reward, but each nat of KL from
# the start costs `beta`. The best policy of this kind is known:
#
# $$p(y) \propto p_{start}(y) \cdot e^{\,r(y) / \beta}$$
#
# Solve this for the reward: $r(y) = \beta \cdot (\ln p(y) - \ln p_{start}(y))$, plus a
# constant that is the same for all answers. But this is $\beta$ times what we have
# called "raised"! So every policy *is* a reward model, and its reward is $\beta \cdot
# \text{raised}(y)$, the **implicit reward**. Put it into Bradley and Terry's loss, and
# you get the loss of DPO. Let us check both claims, first the best policy, with three
# answers.

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

# %% [markdown]
# Then the second claim: does our policy order held-out pairs as a reward model does?

# %% tags=["counts:12"]
chosen, rejected = raised(by_dpo)
n_dpo = (chosen > rejected).sum().item()
print(f"of {len(held)} held-out pairs: reward model {n_correct} correct, ", end="")
print(f"DPO's implicit reward {n_dpo}")
assert n_dpo > 0.7 * len(held)

# %% [markdown]
# The policy has become a reward model on the way, nearly as good as the one of part 5.
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
# shorter answer, for all twelve cases. Run the cell that writes the file, and then
# `learned = assistant.learn_pairs(start, template, Path("my_pairs.jsonl"))`. Does
# `look(learned.policy)` show your taste?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# With twelve pairs the margins grow quickly, but mostly for *these* answers. Compare
# the mean length of the answers before and after. Then let a program choose by your
# taste among all `couples`, and count how many pairs it takes until new people get
# short answers.
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
# | best-of-n | rejection sampling |
#
# **Homework:** [Homework 23](homework/hw23.ipynb), about 100 minutes, of which the core
# takes 70. A badge under each check says at once whether your answer is correct.
#
# **Next:** [26. A real model in your own code](26_a_real_model.ipynb). Lesson 28 does
# with a real model what you did here. Beside the ladder stands
# [the appendix on many GPUs](90_many_gpus.ipynb).
