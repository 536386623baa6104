# %% [markdown]
# # 24. Reinforcement: learn from a reward
#
# **How does a model learn from a number that says only how good a whole text was?**
#
# In lessons 20 to 22 the assistant learned from texts that somebody had written for it.
# In lesson 23 people said which of two texts they like better. Now nobody writes
# anything down. The model writes a text itself, it gets one number for it, and it has
# to find out alone what it did well. This is **reinforcement learning** (RL), and it is
# a large part of how the reasoning models of 2025 were made.
#
# - **You will** follow one name through the method REINFORCE, letter by letter; type
#   the whole training loop; put a leash on a model that cheats; type GRPO; and train
#   the assistant on sums that a program marks, live.
# - **You need** lesson 4 (p minus onehot), lesson 7 (the name generator), lesson 9 (KL)
#   and lesson 23 (reward models). The assistant comes from lesson 22.
# - **Time** 80 minutes for the core. The parts marked *more* near the end take another
#   15: skip them on a first reading.
# - **Back** [23. Preferences](23_preferences.ipynb) · **Next** [25. Evaluation, and the
#   whole pipeline](25_evaluation.ipynb)

# %%
import copy
import math
import random
import re
from itertools import pairwise
from statistics import mean, stdev

import torch
from torch.nn import functional as F

from course_lib import batches, mlp, names
from course_lib import preferences as pref
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.widgets import Predict, RewardFrontier
from course_play.widgets.reward_frontier import FrontierPoint

torch.set_printoptions(precision=4, sci_mode=False)
END = names.END  # the dot: before a name and after it
LETTER_A = names.encode("a")[0]

# %%
# the name generator of lesson 7; NameSequences gives logits for whole names
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)
model = mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(0))
recipe = TrainConfig(steps=600, learning_rate=0.01, schedule="linear")
*_, record = train(model, batches.mini_batches(X, Y, batch_size=256), recipe)
start = pref.frozen_copy(pref.NameSequences(model))  # (B, T) -> (B, T, V), stays


def draw(model, n, seed):  # n names as lists of tokens, at most 20 letters each
    return pref.sample_sequences(model, [[END]] * n, seed, end=END, max_new_tokens=20)


def text(answer):
    return names.decode(answer).rstrip(".")


# %% [markdown]
# A model that is trained by what it *does* is called a **policy**. Our first policy is
# this name generator. What it writes is called an **answer** (elsewhere: completion,
# response, rollout, trajectory).
#
# ## Predict first
#
# Suppose that people like names with the letter `a`. So we pay the generator one point
# for each `a` in a name, and we train it for 60 rounds: in each round it writes 64 names
# and makes the well-paid ones more probable. A name is cut off after 20 letters.


# %%
def count_a(prompts, answers):  # the reward of each name
    return [float(answer.count(LETTER_A)) for answer in answers]


def sample_names(model, prompts, seed):  # one name for each prompt
    return draw(model, len(prompts), seed)


# %% tags=["hide-input"]
# the training runs here, with the library's loop; you will type it below
how = {"method": "reinforce", "prompts_per_step": 1, "samples_per_prompt": 64}
how |= {"learning_rate": 3e-3, "beta": 0.0}
fond, config = copy.deepcopy(start), pref.PolicyConfig(steps=60, **how)
fond.requires_grad_(True)
*_, last = pref.train_policy(fond, start, [[END]], count_a, sample_names, config)
Predict(
    "How many letters `a` does a name have on average after the 60 rounds?",
    round(last.measures["reward"], 1),
    because="The reward counts one letter, and nothing else. Nobody told the generator "
    "that a name should look like a name, or that it should come to an end.",
)

# %% [markdown]
# We look at these names under *A reward can be cheated*.
#
# ## Build it by hand
#
# ### 1. A reward is one number for a whole text
#
# Here are six names of the generator, and the reward of each. The number does not say
# *which* letters were good. It arrives when the name is finished.

# %% tags=["words:0.5", "counts:2"]
six = draw(start, 6, seed=0)
for answer, reward in zip(six, count_a(None, six), strict=True):
    print(f"{text(answer):12} reward {reward:.0f}")

# %% [markdown]
# What we want is a high **expected reward**: the mean reward of very many names that the
# policy would write. In lesson 4 we made a loss small by going down its gradient. Can we
# do the same here, with `loss = -reward`? Try it.

# %%
policy = copy.deepcopy(start).requires_grad_(True)
reward = torch.tensor(count_a(None, draw(policy, 64, seed=0)))  # (64,)
loss = -reward.mean()
try:
    loss.backward()
except RuntimeError as error:
    print(error)

# %% [markdown]
# torch refuses. The rewards were counted from *letters*, and a letter was **sampled**:
# the policy gave 27 probabilities, and `torch.multinomial` picked one number. If you
# change a probability a little, the picked letter stays the same, or it jumps to another
# letter. Nothing in between exists, so there is no slope. **No gradient flows through
# sampled words.**

# %% tags=["hide-input"]
# drawing only
plot_flow(
    [
        ("policy", "weights"),
        ("probabilities", "(V,) for each letter"),
        ("name", "sampled letters"),
        ("reward", "one number"),
    ],
    "The gradient stops where letters are sampled",
    arrows=["softmax", "sample: no slope", "count"],
    colors=[BLUE, BLUE, ORANGE, GREEN],
)

# %% [markdown]
# ### 2. One name, letter by letter
#
# But the *probability* of what was sampled has a slope. So we do something else: **if
# a name was better than usual, make its letters more probable; if it was worse than
# usual, make them less probable.** This is all that REINFORCE does (Williams 1992).
#
# Let us follow the name `asha`. First, how probable is it for the policy? $\ln p$ of a
# whole name is the sum of those of its letters and of its end (lesson 3).


# %%
def letter_log_probs(model, answer):  # ln p of each letter of one name: (T,)
    tokens = torch.tensor([[END, *answer]])  # (1, T + 1)
    log_probs = model(tokens[:, :-1]).log_softmax(-1)  # (1, T, V)
    picked = log_probs.gather(-1, tokens[:, 1:, None])  # (1, T, 1)
    return picked[0, :, 0]  # (T,)


asha = names.encode("asha.")
with torch.no_grad():
    before = letter_log_probs(start, asha)
rows = pref.rows_of([[END]], [asha])  # the library's way, lesson 23
torch.testing.assert_close(before.sum(), pref.scored(start, rows).total[0])

# %% [markdown]
# Now the reward. `asha` has two letters `a`. Is this good? Only a comparison can tell,
# so we ask what is usual: the mean reward of 64 names. The difference is called the
# **advantage** of the name.
#
# The loss is minus the advantage times $\ln p$ of the name. Here the reward is only a
# number in front, as a weight, and the gradient flows through $\ln p$. We take one step
# of plain gradient descent, once with this advantage, and once with the opposite one,
# as if `asha` had been worse than usual.

# %% tags=["close:0.2"]
usual = reward.mean().item()  # of the 64 names above
advantage = count_a(None, [asha])[0] - usual
print(f"reward 2, usual {usual:.2f}, advantage {advantage:+.2f}")
assert advantage > 0


def one_step(advantage, rate=0.01):  # ln p of each letter after one update: (T,)
    policy = copy.deepcopy(start).requires_grad_(True)
    loss = -advantage * letter_log_probs(policy, asha).sum()
    loss.backward()
    with torch.no_grad():
        for weight in policy.parameters():
            weight -= rate * weight.grad
        return letter_log_probs(policy, asha)


# %% tags=["close:0.1"]
praised, scolded = one_step(advantage), one_step(-advantage)
print("letter  p before   praised   scolded")
columns = zip("asha.", before.exp(), praised.exp(), scolded.exp(), strict=True)
for letter, p, up, down in columns:
    print(f"{letter:6} {p:9.3f} {up:9.3f} {down:9.3f}")
for name, values in {"before": before, "praised": praised, "scolded": scolded}.items():
    print(f"p(asha) {name}: {values.sum().exp():.6f}")
assert scolded.sum() < before.sum() < praised.sum()

# %% [markdown]
# Read the first row. The first column says how often the policy began a name with `a`
# before. After a praising step it does so more often, after a scolding step less often.
#
# Look at `s` and `h` as well: they are praised like the two `a`, although the reward
# does not count them. One number for the whole name cannot tell them apart. This is the
# **credit assignment** problem. Over many names it averages out *at each place*: after
# `as`, names that go on with `a` earn more than names that go on with `h`, so `h` falls
# in the end (we will see it at the KL). Until then a letter is praised for its company.
#
# What happens inside is the gradient of lesson 4. At the logits of one letter, the
# gradient of $\ln p$ is *onehot minus p*. REINFORCE multiplies it by the advantage.

# %% tags=["close"]
logits = start(torch.tensor([[END]]))[0, 0].detach().requires_grad_(True)  # (V,)
(gradient,) = torch.autograd.grad(advantage * logits.log_softmax(-1)[LETTER_A], logits)
onehot = F.one_hot(torch.tensor(LETTER_A), 27)  # (V,)
by_hand = advantage * (onehot - logits.softmax(-1))  # (V,)
torch.testing.assert_close(gradient, by_hand.detach())
push, others = gradient[LETTER_A], gradient.sum() - gradient[LETTER_A]
p_a = logits.softmax(-1)[LETTER_A].item()
print(f"push on the logit of a: {advantage:+.3f} * (1 - {p_a:.3f}) = {push:+.3f}")
print(f"push on all other logits together: {others:+.3f}")

# %% [markdown]
# ### 3. Is this the true gradient?
#
# "Make the good ones more probable" sounds sensible. Is it also the way uphill for the
# expected reward? We check it where everything can be computed: a policy with only
# three answers. The expected reward $J$ is a sum over all answers, and the gradient
# goes inside:
#
# $$J = \sum_y p(y)\, r(y), \qquad
#   \nabla J = \sum_y r(y)\, \nabla p(y) = \sum_y p(y)\; r(y)\, \nabla \ln p(y).$$
#
# The last step uses $\nabla \ln p = \nabla p \,/\, p$. Now the sum has a $p(y)$ in
# front. A sum weighted with $p(y)$ is an average over sampled answers. So **we may
# sample answers, and average $r \cdot \nabla \ln p$**.

# %%
logits = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
rewards = torch.tensor([0.0, 3.0, 1.0])  # of the answers 0, 1 and 2
p = logits.softmax(0)  # (3,)
(exact,) = torch.autograd.grad((p * rewards).sum(), logits, retain_graph=True)
weighted = (p.detach() * rewards * p.log()).sum()  # its gradient is the last sum
(same,) = torch.autograd.grad(weighted, logits)
torch.testing.assert_close(same, exact)
exact  # up for answer 1, down for answer 0

# %% tags=["ledger:B30", "close"]
# now from samples: with few and with many (after ± stands the standard error)
generator = torch.Generator().manual_seed(0)
for n in (8, 200, 20_000):
    drawn = torch.multinomial(p.detach(), n, replacement=True, generator=generator)
    score = F.one_hot(drawn, 3) - p.detach()  # gradient of ln p, (n, 3)
    each = rewards[drawn][:, None] * score  # (n, 3)
    error = each[:, 1].std() / math.sqrt(n)  # standard error of the mean
    print(f"answer 1, {n:6} samples: {each[:, 1].mean():.3f} ± {error:.3f}")
print(f"answer 1, exactly: {exact[1]:14.3f}")
torch.testing.assert_close(each.mean(0), exact, rtol=0, atol=0.05)

# %% [markdown]
# REINFORCE is correct on average, and it is **noisy**: with eight samples the error is
# more than half of the number itself. This noise is why reinforcement learning needs so
# many samples.
#
# ### 4. A baseline makes it quieter
#
# What is subtracted from the reward is called a **baseline**. We took the mean reward.
# May we subtract anything at all? The average of $\nabla \ln p$ is $\sum_y p(y) \nabla
# \ln p(y) = \nabla \sum_y p(y) = \nabla 1 = 0$. So a baseline $b$ adds $-b$ times zero:
# the gradient stays the same on average, **whatever number $b$ is**. The noise does not
# stay the same. (Our $b$ is the mean of $N$ names and contains the name itself. This
# makes the gradient a little shorter on average, by the factor $1 - 1/N$. **RLOO**,
# leave-one-out, leaves the name itself out of the mean.)


# %%
def noise_of(b):  # length of the spread of one sample's gradient, exactly
    q = p.detach()
    score = torch.eye(3) - q  # the gradient of ln p of each answer, (3, 3)
    each = (rewards - b)[:, None] * score  # (3, 3)
    average = q @ each  # (3,)
    torch.testing.assert_close(average, exact)  # the same for every baseline
    return (q @ ((each - average) ** 2).sum(1)).sqrt().item()


expected = (p.detach() @ rewards).item()
for b in (0.0, expected, 3.0, -10.0):
    print(f"baseline {b:6.2f}: noise of one sample {noise_of(b):.2f}")
assert noise_of(expected) < noise_of(0.0) < noise_of(-10.0)

# %% [markdown]
# The second row is the mean reward. It is not always the quietest number, but it is
# often far better than none, and it is easy to compute. In the last row all rewards are
# larger by ten: every answer is praised strongly, and only the small differences say
# anything.
#
# > **For children (and for the rest of us).** A dog tries tricks. After each trick it
# > gets biscuits. It does the tricks more often that brought more biscuits than usual.
# > Nobody has to explain to the dog *how* to do a trick. But it will also learn to beg,
# > if begging brings biscuits.
#
# ### 5. The whole loop
#
# Now type the loop: **sample, reward, advantage, loss, step**. Two small functions are
# enough, and we will use them for names and for the assistant. `G` is the number of
# answers to each prompt (a name has the empty prompt), `B` is the number of prompts.


# %%
def try_out(policy, prompts, sample, reward, G, seed):
    asked = [prompt for prompt in prompts for _ in range(G)]  # B * G prompts
    answers = sample(policy, asked, seed)  # B * G answers
    r = torch.tensor(reward(asked, answers)).view(-1, G)  # (B, G)
    return asked, answers, r


# %%
def adam(policy, rate):
    settings = {"betas": (0.9, 0.98), "weight_decay": 0.0}
    return torch.optim.AdamW(policy.parameters(), rate, **settings)


def improve(policy, optimizer, rows, advantage):
    now = pref.scored(policy, rows)
    own = now.loss_mask  # True at the tokens that the policy wrote, (B * G, T)
    gain = advantage.view(-1, 1) * now.picked  # advantage times ln p, (B * G, T)
    loss = -(gain * own).sum() / own.sum()  # mean over these tokens
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)  # lesson 16
    optimizer.step()


# %% [markdown]
# (`pref.rows_of` puts prompts and answers into one tensor, and `pref.scored` computes
# $\ln p$ of each token, as `letter_log_probs` does for one name. Lesson 23 built both.
# Part 3 says: the *sum* over the letters, and the mean over the names. We divide by the
# number of all letters instead. This is the same direction, and another length of the
# step.)
#
# The library has the same loop under the name `train_policy`. Five updates of ours and
# five of the library, with the same names, must give the same weights. One would prove
# little: the first step of Adam is only a sign (lesson 16).


# %%
def same_names(model, prompts, seed):
    return draw(model, len(prompts), seed=7)  # whatever the seed: to compare


def compare(begin, update, how):  # our updates with the library's
    ours, theirs = (copy.deepcopy(begin).requires_grad_(True) for _ in range(2))
    optimizer = adam(ours, 3e-3)
    for step in range(5):
        optimizer.param_groups[0]["lr"] = 3e-3 * (step + 1) / 5  # its warm-up
        asked, answers, r = try_out(ours, [[END]], same_names, count_a, 64, 0)
        update(ours, optimizer, pref.rows_of(asked, answers), r - r.mean())
    five = pref.PolicyConfig(steps=5, **how)
    list(pref.train_policy(theirs, start, [[END]], count_a, same_names, five))
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other)
    print(f"five updates = the library's, in {len([*ours.parameters()])} tensors")


compare(start, improve, how)

# %% [markdown]
# ## See it
#
# ### A reward can be cheated
#
# Now the training of *Predict first*, with our own loop. We write down the reward, and
# also something that the reward does not count: how many of the 64 names are different.

# %%
fond, story = copy.deepcopy(start).requires_grad_(True), []
optimizer = adam(fond, 3e-3)
for step in range(61):
    asked, answers, r = try_out(fond, [[END]], sample_names, count_a, 64, step)
    story.append((r.mean().item(), len({*map(text, answers)}), text(answers[0])))
    if step == 10:
        early = copy.deepcopy(fond)  # we look at this policy later
    improve(fond, optimizer, pref.rows_of(asked, answers), r - r.mean())

# %% tags=["nbval-ignore-output"]
for step in (0, 10, 20, 30, 40, 60):
    letters, different, name = story[step]
    print(f"round {step:2}: {letters:4.1f} a, {different:2} different, such as {name}")
assert story[60][0] > 5 * story[0][0]
assert story[60][1] < story[0][1] / 3

# %% tags=["close:0.2"]
letters, different, _ = zip(*story, strict=True)
rounds = range(61)
plots.plot_curves(
    {
        "reward (letters a, of 20)": (rounds, [n / 20 for n in letters]),
        "different names (of 64)": (rounds, [n / 64 for n in different]),
    },
    "The reward rises to its limit while the names disappear",
    xlabel="round",
    ylabel="share of the largest possible value",
)

# %% [markdown]
# The reward is perfect, and the generator is ruined. That all answers become alike is
# called **mode collapse**. (20 letters is where `draw` cuts a name off. It would go
# on.) We wanted pleasant names, and we measured this wish by counting a letter. The
# count is only a stand-in, a **proxy**. The training has found a way to make the proxy
# large without what we meant. This is called **reward hacking** (elsewhere:
# specification gaming, over-optimization), and the general rule behind it is
# **Goodhart's law**: *when a measure becomes a target, it ceases to be a good measure.*
# (Charles Goodhart wrote about it in 1975; the words are Marilyn Strathern's, 1997.)
#
# How is it noticed? Never by the reward. It is noticed by **reading samples**, and by a
# second number that the training does not see, here the number of different names.
#
# ### How far has it gone? The KL, letter by letter
#
# One remedy is to forbid the policy to go far away from where it started. For this we
# need a distance. Take the policy of round 10 and the name `asha`. At each of its five
# places, policy and start have 27 probabilities each. Their distance is the KL of
# lesson 9, $\sum_v p_v (\ln p_v - \ln q_v)$, with $p$ of the policy and $q$ of the
# start.


# %%
def kl(log_p, log_q):  # (..., V) and (..., V) -> (...), in nats
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def places(model, answer):  # ln p of all letters at each place: (T, V)
    tokens = torch.tensor([[END, *answer[:-1]]])  # (1, T)
    with torch.no_grad():
        return model(tokens)[0].log_softmax(-1)


# %% tags=["close:0.5"]
log_p, log_q = places(early, asha), places(start, asha)  # (5, 27) each
each = kl(log_p, log_q)  # (5,)
picked = torch.tensor(asha)[:, None]
p_letter = log_p.gather(1, picked)[:, 0].exp()  # (5, 1) -> (5,)
q_letter = log_q.gather(1, picked)[:, 0].exp()  # (5,)
print("letter   policy    start   KL of the place")
for letter, p_one, q_one, nats in zip("asha.", p_letter, q_letter, each, strict=True):
    print(f"{letter:6} {p_one:8.3f} {q_one:8.3f} {nats:8.3f}")
print(f"KL of the whole name: {each.sum():.2f} nats")
for beta in (0.5, 2.0):  # what the name is worth if a nat costs so much
    print(f"beta {beta}: 2 - {beta} * {each.sum():.2f} = {2 - beta * each.sum():5.2f}")
torch.testing.assert_close(each, pref.kl_per_token(log_p, log_q))
torch.testing.assert_close(
    each, F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)
)

# %% [markdown]
# A KL of 0 would mean: at this place the policy still does what the start does. Here
# the `h` after `as` has fallen, as part 2 said. (torch's `kl_div` computes the same,
# but its arguments stand the other way round.)
#
# ### The leash
#
# So the policy has to pay: what we make large is now
#
# $$\text{reward} - \beta \cdot \mathrm{KL}(\text{policy} \,\|\, \text{start}),$$
#
# and $\beta$ is the price of one nat. It is called the **KL penalty**, and we call it
# the leash. The last two lines above are for `asha`, with its reward of 2: with the
# high price it no longer pays to go so far for two letters `a`.
#
# In `improve` only the line of the loss changes. (The gradient of the expected KL has a
# second part, for the policy's choice *which* places it visits. We leave it out, as
# programs for GRPO do.)


# %%
def improve_on_leash(policy, optimizer, rows, advantage, beta):
    now = pref.scored(policy, rows)
    with torch.no_grad():
        old = pref.scored(start, rows)
    own, far = now.loss_mask, kl(now.log_probs, old.log_probs)  # (B * G, T) each
    gain = advantage.view(-1, 1) * now.picked - beta * far
    loss = -(gain * own).sum() / own.sum()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()


def half_a_point(*what):  # a nat costs 0.5
    improve_on_leash(*what, beta=0.5)


compare(early, half_a_point, how | {"beta": 0.5})  # from early: there the KL is not 0

# %% [markdown]
# And a better reward than counting letters: the reward model of lesson 23. A simulated
# person has a **true taste**, and we know only which of two names she preferred. From
# these pairs the reward model learns to predict the taste.


# %%
def taste(name):
    """Ends in a or i; three to seven letters; no letter twice in a row."""
    twins = sum(x == y for x, y in pairwise(name))
    length = 0.5 * max(0, len(name) - 7) + max(0, 3 - len(name))
    return 2.0 * name.endswith(("a", "i")) - length - twins


# %% tags=["counts:4"]
toss, pairs, sure = random.Random(0), [], []
pool = [answer for answer in draw(start, 1000, seed=0) if answer[-1] == END]
for one, two in zip(pool[::2], pool[1::2], strict=False):
    p_one = 1 / (1 + math.exp(-(taste(text(one)) - taste(text(two))) / 0.5))
    good, bad = (one, two) if toss.random() < p_one else (two, one)
    pairs.append(pref.Pair([END], good, bad))
    sure.append(max(p_one, 1 - p_one))
print(f"{len(pairs)} pairs; the true taste itself puts {mean(sure):.0%} in her order")

# %% tags=["counts:4"]
# pool: the mean over the letters, not the last one as in lesson 23
judge = pref.RewardModel(start, 64, pool="mean").requires_grad_(True)
config = pref.RewardConfig(steps=150, learning_rate=3e-3)
list(pref.train_reward(judge, pairs[:-120], config))
agree = pref.reward_accuracy(judge, pairs[-120:])
print(f"held-out pairs in the correct order: {agree:.0%} (standard error 4 %)")
assert agree > 0.65


def by_judge(prompts, answers):
    return pref.rewards_of(judge, prompts, answers)


# %% [markdown]
# A good reward model, it seems: even the true taste would not reach 100 %, because the
# person is not always sure (the noise ceiling of lesson 23). Now three policies learn
# from it: without a leash, with a middle one and with a short one.
#
# Pairs, a reward model, and reinforcement learning on a leash: together this is **RLHF**
# (reinforcement learning from human feedback, lesson 23), as InstructGPT did it in 2022.


# %%
def leashed(beta, steps=60):
    policy = copy.deepcopy(start).requires_grad_(True)
    optimizer = adam(policy, 3e-3)
    for step in range(steps):
        asked, answers, r = try_out(policy, [[END]], sample_names, by_judge, 64, step)
        rows = pref.rows_of(asked, answers)
        improve_on_leash(policy, optimizer, rows, r - r.mean(), beta)
    return policy


# %%
def both(policy, answers):  # the same names, scored by the policy and by the start
    rows = pref.rows_of([[END]] * len(answers), answers)
    with torch.no_grad():
        return pref.scored(policy, rows), pref.scored(start, rows)


def report(beta, policy):  # both judgements of 1,000 names, and how far they are
    answers = draw(policy, 1000, seed=9)
    now, old = both(policy, answers)
    far = (kl(now.log_probs, old.log_probs) * now.loss_mask).sum(1).mean().item()
    said, marks = [*map(text, answers)], by_judge([[END]] * 1000, answers)
    return FrontierPoint(
        beta, mean(map(taste, said)), far, tuple(said[:6]), mean(marks)
    )


# %% tags=["nbval-ignore-output"]
points = {"start": report(math.inf, start)}
points |= {beta: report(beta, leashed(beta)) for beta in (2.0, 0.5, 0.0)}
print("beta   reward model  true taste    KL  names")
for beta, (_, liked, far, said, mark) in points.items():
    print(f"{beta!s:5} {mark:13.2f} {liked:11.2f} {far:5.1f}  {', '.join(said[:3])}")
error = stdev(taste(text(a)) for a in draw(start, 1000, seed=9)) / math.sqrt(1000)
print(f"standard error of a mean of 1,000 names: {error:.2f}")
assert points[0.0].hacked > points[0.5].hacked > points["start"].hacked  # trained
assert points[0.0].reward < points[0.5].reward - 0.5  # hacked
assert points["start"].reward < points[2.0].reward < points[0.5].reward

# %% [markdown]
# A larger $\beta$ is a shorter leash. Read the rows downwards, from the start to the
# last row, which has no leash at all. The reward model is happier with each row. The
# person is happiest in between, and with the last row she is no happier than at the
# start. Why? The reward model was correct about most pairs of names **of the start**.
# Then the policy went to texts that nobody had ever compared, and there the reward
# model is only guessing. So this is Goodhart's law again, with a reward that looked
# good.
#
# ### Play with it
#
# More policies, each with another $\beta$. Circles are the true taste, squares are what
# the reward model says, and the picture goes from a short leash (left) to none (right).
#
# - **Slide to 0.1.** Which of the two still rises?
# - **Slide to 0.** Even the reward model gains nothing any more, or hardly anything: the
#   policy writes one name again and again, and finds nothing new.
# - **Slide back.** Where do the names please the person most? Can you tell 0.5 and 0.3
#   apart? The standard error of the true taste is printed above. (We trained each with three
#   random seeds, and 0.5 won three times.)
# - **At the other end:** what does the largest beta leave as it was?

# %% tags=["nbval-ignore-output"]
others = [report(beta, leashed(beta)) for beta in (1.0, 0.3, 0.1)]
RewardFrontier([points[2.0], points[0.5], points[0.0], *others], beta=0.5)

# %% [markdown]
# ### 6. GRPO: compare with the same question
#
# A name has no question. An assistant has, and questions differ. Suppose that three
# questions were each answered four times, and that 1 means correct.
#
# Up to now we compared with the mean of all. Then an easy question is praised for every
# answer, and it teaches nothing. **GRPO** (group relative policy optimization, Shao and
# others 2024) takes the mean of the **group** as the baseline, that is the mean of the
# answers to the same question. And it divides by the spread (the standard deviation) of
# the group.


# %%
def group_advantage(r):  # (B, G) -> (B, G)
    baseline = r.mean(dim=1, keepdim=True)  # of each question, (B, 1)
    spread = r.std(dim=1, keepdim=True, correction=0)  # (B, 1)
    return (r - baseline) / (spread + 1e-4)  # 1e-4: if all rewards are equal


r = torch.tensor(
    [
        [1.0, 1.0, 1.0, 1.0],  # an easy question
        [1.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0, 0.0],  # a hard question
    ]
)  # (B, G)
torch.testing.assert_close(group_advantage(r), pref.advantages_of(r, "grpo"))
torch.testing.assert_close(r - r.mean(), pref.advantages_of(r, "reinforce"))
print("one baseline for all\n", r - r.mean(), "\nGRPO\n", group_advantage(r), sep="")

# %% [markdown]
# With GRPO the easy question has advantage 0 everywhere: where all answers earn the
# same, there is nothing to learn. The one wrong answer of the second question is
# scolded as strongly as the one correct answer of the hard question is praised.
# (Because of the division, questions that are nearly always or nearly never answered
# correctly count more than their rewards do. So some leave it out, as **Dr. GRPO**
# does, 2025.)
#
# What is called GRPO elsewhere is this advantage, and two things more: PPO's clipping
# (see *More*) and a KL in the loss. Our loop takes each answer for one update only, by
# the policy that wrote it. This is called **on-policy**. There the clipping has nothing
# to do.
#
# ### 7. Rewards that a program can check
#
# A reward model can be cheated, because it is only a guess about people. But for some
# questions a *program* can say whether an answer is correct: a sum, a fact in a list,
# code with tests. Then no person and no reward model is needed. This is **reinforcement
# learning with verifiable rewards** (RLVR; the name is from Lambert and others 2024,
# Tulu 3). DeepSeek-R1 (2025) learned to reason with GRPO and rewards of this kind, for
# problems of mathematics and programming. We do it with our assistant of lesson 22,
# which has a calculator. Its training had sums of two and three numbers. We ask for
# sums of **four**.

# %%
import tiny_world as world
from course_lib.chat import calculate
from course_lib.chat import rate as share_of  # with its standard error
from tiny_world import assistant

tiny, template = world.World(seed=0), assistant.chat_template()
words, tools = template.tokenizer, assistant.world_tools(tiny)
tools_stage = pref.frozen_copy(assistant.load_stage("tools").model)
n_weights, room = sum(p.numel() for p in tools_stage.parameters()), tools_stage.config
print(f"the assistant: {n_weights:,} weights, it reads {room.context_size} words")


# %%
def four_numbers(toss):
    first, *rest = (toss.randrange(100) for _ in range(4))
    return f"{first} " + " ".join(f"{toss.choice('+-*')} {n}" for n in rest)


def checker(n, seed):
    tasks = assistant.sum_tasks(n, seed=seed, make=four_numbers)
    return assistant.Checker(template, tasks, tools)


to_learn, held_out = checker(400, seed=1), checker(200, seed=2)
assert not {*map(tuple, to_learn.prompts)} & {*map(tuple, held_out.prompts)}
print(words.decode(held_out.prompts[0]))

# %% [markdown]
# (`Checker` makes prompts of the questions, and its `sample` lets the model answer,
# with the tool loop of lesson 22.) The checker itself is what we must write: it reads
# the question out of the prompt, calculates the correct value, and looks at the **last
# number** of what the user would see. Numbers inside a call or a result do not count.
# An answer that has not come to its end earns nothing.


# %%
def last_number(answer):
    said = words.decode(template.visible(answer))  # without calls and results
    numbers = re.findall(r"-? ?\d+", said)
    return numbers[-1].replace(" ", "") if numbers else ""


def question_in(prompt):
    return re.search("What is (.*) ?\\?", words.decode(prompt))[1]


def correct(prompts, answers):
    rewards = []
    for prompt, answer in zip(prompts, answers, strict=True):
        found, ended = last_number(answer), answer[-1] == template.end
        rewards.append(float(ended and found == calculate(question_in(prompt))))
    return rewards


# %% tags=["words:0.25", "counts:2"]
# temperature 0: always the most probable token
answers = held_out.sample(tools_stage, held_out.prompts, seed=1, temperature=0.0)
marks = correct(held_out.prompts, answers)
assert marks == held_out.reward(held_out.prompts, answers)  # the library's agrees
shown = [marks.index(1.0), *[i for i, mark in enumerate(marks) if mark == 0][:3]]
for i in shown:
    print(f"reward {marks[i]:.0f}: {question_in(held_out.prompts[i])}")
    print(f"          {words.decode(answers[i])}\n")

# %% [markdown]
# **Read the wrong answers.** The calculator is never wrong. The model makes its mistake
# before, when it *copies* the sum into the call: numbers get lost, or the call is not
# opened properly. Is that so for all wrong answers? Count.

# %% tags=["counts:3", "words:0.45"]
whole = {1.0: 0, 0.0: 0}  # mark -> answers that contain the whole sum, word for word
for prompt, answer, mark in zip(held_out.prompts, answers, marks, strict=True):
    copied = question_in(prompt) in words.decode(answer)
    whole[mark] += copied
    if copied != mark:
        print(f"not the rule: {words.decode(answer)}")
for mark, n in whole.items():
    print(f"reward {mark:.0f}: {n} of {marks.count(mark)} answers copy the whole sum")

# %% [markdown]
# It is so for nearly all. In the lines "not the rule", a wrong answer copied the sum
# and then misread the *result*, or a correct one was lucky: it lost only a `+ 0`, for
# example.
#
# At temperature 1 the model samples, and each answer may be another one. Here is one
# **group**: eight answers to the same question, with their rewards and GRPO's
# advantages.

# %% tags=["words:0.1", "counts:4"]
asked, tries, r = try_out(
    tools_stage, held_out.prompts[:60], held_out.sample, correct, 8, 1
)
A, hits = group_advantage(r), r.sum(1).int().tolist()  # (60, 8), 60 numbers
one = min(range(60), key=lambda i: abs(hits[i] - 5))  # a group with about 5 of 8
print(question_in(asked[8 * one]))
for k in range(8):
    call = words.decode(tries[8 * one + k]).split("<result>")[0]
    print(f"r {r[one, k]:.0f}  A {A[one, k]:5.2f}  {call}")
print(f"of 60 sums: {hits.count(0)} never correct in 8 answers, {hits.count(8)} always")
print(f"pass@8: {1 - hits.count(0) / 60:.2f}")

# %% [markdown]
# Groups that are always or never correct teach nothing. All others have something to
# compare. The share of questions with at least one correct answer among $k$ is called
# **pass@k**.
#
# There is something to learn: to copy with care. Now train with the loop of part 5. In
# each of 20 rounds, 8 questions are each answered 8 times at temperature 1, so that the
# answers differ. Nothing is taken from a teacher: **no correct call is ever shown to
# the model.** There is no leash, because this reward is what we want.
#
# REINFORCE with one common baseline, or GRPO? Each gets the learning rate that was best
# on average in a search with two random seeds (`benchmarks/RESULTS.md`).


# %%
def train_on(checker, reward, advantage_of, rate=1e-4, steps=20):
    policy = copy.deepcopy(tools_stage).requires_grad_(True)
    optimizer, curve = adam(policy, rate), []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * min(1, (step + 1) / 5)  # warm-up
        toss = random.Random(step)
        prompts, seed = toss.choices(checker.prompts, k=8), toss.randrange(2**31)
        asked, answers, r = try_out(policy, prompts, checker.sample, reward, 8, seed)
        # the loss mask leaves out what the calculator wrote
        rows = pref.rows_of(asked, answers, None, template.loss_mask)
        improve(policy, optimizer, rows, advantage_of(r))
        curve.append((r.mean().item(), mean(checker.reward(asked, answers))))
    return policy, curve


# %%
methods = {
    "GRPO": (group_advantage, 0.0001),
    "REINFORCE": (lambda r: r - r.mean(), 0.0002),
}
trained = {
    name: train_on(to_learn, correct, advantage_of, rate)
    for name, (advantage_of, rate) in methods.items()
}


# %%
def shares(policy, reward=correct, checker=held_out):  # at temperature 0 and 1
    found = []
    for temperature in (0.0, 1.0):
        answers = checker.sample(policy, checker.prompts, 1, temperature)
        found.append(share_of(x == 1 for x in reward(checker.prompts, answers)))
    return found


# %% tags=["close:0.1"]
results = {"before": shares(tools_stage)}
results |= {name: shares(policy) for name, (policy, _) in trained.items()}
print("held-out sums     T = 0         T = 1")
for name, (greedy, sampled) in results.items():
    print(f"{name:12} {greedy}   {sampled}")
for name in methods:
    assert results[name][1].mean > results["before"][1].mean + 0.05

# %% [markdown]
# Some ten seconds of training, and the assistant calculates new sums better than
# before: it copies with more care, in general. Which of the two methods is better, we
# cannot tell. Each row is one run with one random seed, and in the search two seeds of
# one method differed as much as the two methods did. (GRPO compares within a question,
# so it should gain where questions differ in difficulty, as ours do. And the rates were
# chosen on these same sums, so the table is a little too good, lesson 6.)
#
# ### 8. A checker that can be cheated
#
# "Verifiable" does not mean "safe". A checker is a program, and somebody may have
# written it in a hurry. Suppose that a company wants short answers, because each token
# costs money. So it takes 0.02 points off for each token, and pays one point for a good
# answer. We train two policies. For the first, "good" means correct. For the second,
# the checker is lazy: it only looks whether there is *a number* in the answer. That
# seems harmless, because the assistant nearly always says a number anyway. The price of
# the tokens is the same for both.


# %%
def has_a_number(prompts, answers):
    return [float(last_number(answer) != "") for answer in answers]


def short(checker):  # the same checker, with a price on each token
    def reward(prompts, answers):
        marks = checker(prompts, answers)
        return [m - 0.02 * len(a) for m, a in zip(marks, answers, strict=True)]

    return reward


careful, careful_curve = train_on(to_learn, short(correct), group_advantage, 2e-4)
cheat, cheat_curve = train_on(to_learn, short(has_a_number), group_advantage, 2e-4)

# %% [markdown]
# Before you go on, guess. What will the second policy answer when you ask "What is 36 *
# 33 - 2 + 76 ?"

# %% tags=["words:0.2"]
for name, policy in {"careful checker": careful, "lazy checker": cheat}.items():
    print(name)
    said = held_out.sample(policy, held_out.prompts[:5], seed=1, temperature=0.0)
    for prompt, answer in zip(held_out.prompts, said, strict=False):
        print(f"    {question_in(prompt)}  {words.decode(answer)}")
    paid, truth = shares(policy, has_a_number)[0], shares(policy)[0]
    print(f"    of 200 sums: with a number {paid}, correct {truth}")
assert truth.mean < 0.3 < shares(careful)[0].mean

# %% tags=["close:0.2"]
rounds = list(range(20))
plots.plot_curves(
    {
        "reward (lazy checker, minus the price)": (rounds, [x for x, _ in cheat_curve]),
        "truly correct": (rounds, [x for _, x in cheat_curve]),
        "truly correct, careful checker": (rounds, [x for _, x in careful_curve]),
    },
    "With the lazy checker the reward rises, and the correct answers vanish",
    xlabel="round",
    ylabel="mean of 64 answers",
    lines={"most": 0.94},
    ticks=range(0, 20, 5),
)

# %% [markdown]
# The second policy has discovered that it needs no calculator. It says any number at
# once. Nobody told it to do so, and it does not "want" to deceive anybody: these
# answers were simply the best paid ones. A digit, a full stop and the end mark are
# three tokens, so the most it can get is 1 - 3 * 0.02 = 0.94.
#
# **Only a second, better check notices it**, or a person who reads. Real systems have
# found the same kind of gap: programs that recognize the tests and return what these
# expect, or answers in the demanded form without the demanded work. So before a long
# run, try to cheat your own checker: write down the laziest answer that it would pay
# for.
#
# ## Why does this work?
#
# ### It makes a habit of what sometimes works
#
# REINFORCE can only praise what was sampled. Take the calculator away from the same
# model, and ask the same questions at temperature 1.

# %% tags=["counts:2", "words:0.15"]
tasks = assistant.sum_tasks(25, seed=2, make=four_numbers)
bare = assistant.Checker(template, tasks)  # no tools
asked, tries, r = try_out(tools_stage, bare.prompts, bare.sample, correct, 8, 1)
print(f"correct without the calculator: {r.sum():.0f} of {r.numel()}")
print(f"largest advantage: {group_advantage(r).abs().max():.0f}")
for i in (8, 16):
    print(question_in(asked[i]), "|", words.decode(tries[i]))

# %% [markdown]
# It still calls the calculator, which is not there. It cannot calculate without it.
#
# If no answer is ever correct, all rewards are 0, all advantages are 0, and nothing is
# learned, however long one waits. A reward that comes so seldom is called **sparse**,
# and that a policy must try new things to find it is called **exploration**. So
# reinforcement learning comes **after** supervised training, which brings the model to
# where it succeeds sometimes. With the calculator it succeeded often, but not always
# (see the group above). That is a good place to begin.
#
# ### What our small model does not show
#
# DeepSeek-R1 writes long chains of reasoning before it answers, and with the training
# they became longer by themselves: partly because longer reasoning was more often
# correct. A part came from how the loss counts long answers (Liu and others 2025, Dr.
# GRPO). Our small model has no room for this. What carries over is the loop: sample,
# reward, advantage, loss, step.
#
# ### More: several steps on the same answers (PPO)
#
# Sampling is the expensive part, because an answer is written token by token. So one
# would like to make *several* updates on the same answers. But after the first update
# the policy is no longer the one that wrote them: the answers are **off-policy**.
# **PPO** (proximal policy optimization, Schulman and others 2017) deals with this by a
# **ratio** for each token:
#
# $$\rho = \frac{p_{\text{new}}(\text{token})}{p_{\text{old}}(\text{token})},
#   \qquad \mathrm{objective} = \min\left(\rho A,\;
#   \mathrm{clip}(\rho,\, 1 - \varepsilon,\, 1 + \varepsilon)\, A\right).$$
#
# $A$ is the advantage, and $\varepsilon$ is usually 0.2. The function clip puts a number
# that is too small or too large to the nearest limit. The numbers of one token: the old
# policy gave it the probability 0.10, and the new one gives it 0.15. Its answer was
# better than usual, $A = 0.6$.

# %%
rho = 0.15 / 0.10
clipped_rho = min(max(rho, 1 - 0.2), 1 + 0.2)
print(f"ratio {rho:.2f}, clipped {clipped_rho:.2f}")
for A in (0.6, -0.6):
    free, held_back = rho * A, clipped_rho * A
    print(f"A = {A:4.1f}: {free:5.2f} and {held_back:5.2f}", end="")
    print(f", the smaller one is {min(free, held_back):5.2f}")

# %% [markdown]
# With $A = 0.6$ the clipped number is the smaller one and counts. It does not change
# when the new policy changes a little, so its gradient is 0: this token has been raised
# by more than 20 %, and that is enough for these answers. With $A = -0.6$ the number
# without clipping counts. The token went up although its answer was bad, and the
# gradient still pushes it back. As code:


# %%
def clipped(log_p, old_log_p, advantage, e=0.2):  # (B, T), (B, T), (B,) -> (B, T)
    rho = (log_p - old_log_p).exp()  # (B, T)
    A = advantage[:, None]  # the same for all tokens of an answer, (B, 1)
    return torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)


log_p = torch.linspace(-3, -1, 24).view(3, 8).requires_grad_(True)
old_log_p = torch.full((3, 8), -2.0)
better = torch.tensor([0.6, -0.6, 1.0])
mine = clipped(log_p, old_log_p, better)
torch.testing.assert_close(mine, pref.surrogate(log_p, old_log_p, better, clip=0.2))

# %%
ratios = torch.linspace(0.4, 1.8, 57)
curves = {
    name: clipped(ratios.log()[None], torch.zeros(1, 57), torch.tensor([a]))[0].tolist()
    for name, a in {"A = +1": 1.0, "A = -1": -1.0}.items()
}
plots.plot_curves(
    {name: (ratios.tolist(), curve) for name, curve in curves.items()},
    "Flat means: no further push. +1 is flat above 1.2, -1 is flat below 0.8",
    xlabel="ratio: new probability / old probability",
    ylabel="clipped objective",
)

# %% [markdown]
# Where the policy has not moved, $\rho = 1$, and the gradient of $\rho A$ is $A \nabla
# \ln p$. So the first step of PPO is REINFORCE, exactly. The clipping matters from the
# second step on. "Old" is the policy that wrote the answers, so it is scored before the
# first step.


# %%
def ppo_round(policy, optimizer, seed, steps, e):  # several steps on the same 64 names
    asked, answers, r = try_out(policy, [[END]], sample_names, count_a, 64, seed)
    rows, better = pref.rows_of(asked, answers), group_advantage(r)[0]  # (64,)
    with torch.no_grad():
        old = pref.scored(policy, rows).picked  # (64, T)
    for _ in range(steps):
        now = pref.scored(policy, rows)
        gain = clipped(now.picked, old, better, e) * now.loss_mask
        optimizer.zero_grad()
        (-gain.sum() / now.loss_mask.sum()).backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()


def ten_rounds(steps, e):  # some names at the end
    policy = copy.deepcopy(start).requires_grad_(True)
    optimizer = adam(policy, 3e-3)
    for seed in range(10):
        ppo_round(policy, optimizer, seed, steps, e)
    return draw(policy, 300, seed=99)


# %% tags=["nbval-ignore-output"]
ways = {"1 step": (1, 0.2), "4, clipped": (4, 0.2), "4, not clipped": (4, 1e6)}
ends = {name: ten_rounds(*way) for name, way in ways.items()}
for name, found in ends.items():
    some = ", ".join(map(text, found[:3]))
    print(f"{name:14}: {mean(count_a(None, found)):4.1f} letters a, such as {some}")
one, held_back, free = (mean(count_a(None, found)) for found in ends.values())
assert one < held_back < free

# %% [markdown]
# From 640 names each, four clipped steps a round get about twice as far as one. Without
# clipping the policy runs into the wall: its names are nothing but `a`. DeepSeek's GRPO
# is all three: the advantage of part 6, this clipping, and a KL in the loss.
#
# And the baseline of PPO? PPO trains a second network beside the policy, the **value
# model** (elsewhere: critic): it reads the answer so far and predicts which reward it
# will get, and this prediction is the baseline of each token. It is often as large as
# the policy itself. GRPO needs no second network, because the mean of a group takes its
# place.
#
# ### More: the KL from samples
#
# A large model has 100,000 tokens in the place of our 27 letters, and then the sum of
# the KL is expensive. One can *estimate* the KL from the sampled letters alone. With
# the ratio $u = q / p$ of a sampled letter, the plain estimate is $-\ln u$. The
# estimate of GRPO's paper is $u - 1 - \ln u$ (Schulman 2020 called it k3). It is never
# negative for any letter, and its average is the same. (This holds for its value. As a
# part of a loss, its gradient is another one.)

# %% tags=["close:1"]
now, old = both(early, draw(early, 1000, seed=3))
log_u = old.picked - now.picked  # ln q - ln p of the sampled letters, (1000, T)
ways = {
    "exact at each place": kl(now.log_probs, old.log_probs),
    "-ln u": -log_u,
    "u - 1 - ln u": log_u.exp() - 1 - log_u,
}
for name, nats in ways.items():
    per_name = (nats * now.loss_mask).sum(1)  # (1000,)
    error = per_name.std() / math.sqrt(1000)
    print(f"{name:19} {per_name.mean():.2f} ± {error:.2f} nats per name")

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide
#
# A slide writes the training of an assistant on a reward as `loss = -reward + beta *
# KL` and then `loss.backward()`. Unlike our first try, this program gives no error.
# What does it learn? Look at the gradient with the reward and without it.


# %%
def slide_gradient(with_reward):
    policy = copy.deepcopy(early).requires_grad_(True)
    answers = draw(policy, 64, seed=0)
    rows = pref.rows_of([[END]] * 64, answers)
    now, old = pref.scored(policy, rows), pref.scored(start, rows)
    far = (kl(now.log_probs, old.log_probs) * now.loss_mask).sum(1)  # (64,)
    reward = torch.tensor(count_a(None, answers)) * with_reward  # (64,)
    return torch.autograd.grad((-reward + 0.1 * far).mean(), [*policy.parameters()])


pairs_of = zip(slide_gradient(True), slide_gradient(False), strict=True)
print("largest difference:", max((a - b).abs().max().item() for a, b in pairs_of))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# There is no difference at all. The reward is a plain number here, without a way back
# to the weights, so its gradient is 0. The program runs, and it only pulls the policy
# back to its start. The fix is one factor: `loss = -advantage * log_p + beta * KL`.
#
# </details>
#
# ### Questions
#
# **1.** A colleague uses no baseline, and all rewards are between 0 and 1. Name a
# change of the rewards that makes the training very noisy, although it says
# nothing about the answers?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Add 10 to all rewards. The gradient stays the same on average, but every answer is
# pushed up strongly, and only the small differences carry information. A baseline
# removes it.
#
# </details>
#
# **2.** In one group of GRPO, the rewards are 0, 0, 0, 1. What are the advantages?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The mean is 0.25. The spread is $\sqrt{0.25 \cdot 0.75} = 0.433$. So the correct
# answer has
# $0.75 / 0.433 = 1.73$, and each of the others has $-0.25 / 0.433 = -0.58$.
#
# </details>
#
# **3.** (more) A token had the probability 0.5. Now it has 0.3, and its answer was
# worse than usual. Does PPO with $\varepsilon = 0.2$ push it down further?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. The ratio is 0.6, below $1 - 0.2$, and the advantage is negative. The clipped
# number,
# $0.8 A$, is the smaller one, and its gradient is 0.
#
# </details>
#
# **4.** The reward has risen for a whole night, and the KL has become 100 nats for an
# answer. Is this good news?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Read samples first. So far from the start nobody has tested the reward. Look at a
# measure that the training does not see: people's own judgement, the number of
# different answers, the share of truly correct ones.
#
# </details>
#
# **5.** Name a verifiable reward for translating English into Hindi. How could a policy
# cheat it?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# One could translate back and compare with the English text. A policy could cheat by
# copying the English words unchanged: these are easy to translate "back". Most tasks of
# language have no complete checker, which is why reward models are still used.
#
# </details>
#
# **6.** *More.* A fact in a list can be checked, too. These lines train the assistant
# to look people up who are asked about in phrasings that it was never taught, and test
# it with other people. What has it learned? And how could a policy cheat this checker?
#
# ```python
# roster = assistant.make_roster(tiny)
# some, others = (
#     assistant.Checker(
#         template, assistant.look_up_tasks(roster, group, taught=False), tools
#     )
#     for group in (roster.strangers[:60], roster.strangers[60:120])
# )
# seeker, _ = train_on(some, some.reward, group_advantage, steps=12)
# for policy in (tools_stage, seeker):
#     print(shares(policy, others.reward, others))  # at temperature 0 and at 1
# ```
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It looks up more often than before. It could do so before, but only sometimes, and the
# reward has made it a habit. (The people of the test are new, but the phrasings are
# those of this training.) The checker asks whether the true word is in the answer, so
# an answer that names all cities would be paid.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A reward is one number for a whole sampled text. No gradient flows through the
#   sampling, so we make texts that were better than usual more probable, token by token.
# - **Formula.** REINFORCE: $-A \ln p(\text{answer})$, with $A = r - \text{baseline}$. GRPO:
#   $A = (r - \text{mean of the group}) / \text{spread of the group}$. PPO:
#   $\min(\rho A, \mathrm{clip}(\rho, 1 - \varepsilon, 1 + \varepsilon) A)$. The leash:
#   $\text{reward} - \beta \, \mathrm{KL}$.
# - **Pitfall.** Goodhart's law: what is rewarded is what you get, not what you meant. Read
#   samples, and measure something that the reward does not count.
# - **In the library:** `course_lib.preferences.policy` (`train_policy`, `surrogate`,
#   `group_advantages`), `tiny_world.assistant.verifiable`.
#
# | what | shape |
# |---|---|
# | rewards, advantages | (B, G): B prompts, G answers to each |
# | $\ln p$ of the tokens, loss mask | (B * G, T) |
# | $\ln p$ of all tokens, for the KL | (B * G, T, V) |
# | KL of each place | (B * G, T) |
#
# | here | elsewhere |
# |---|---|
# | answer | completion, response, rollout, trajectory |
# | advantage | how much better than the baseline |
# | REINFORCE | policy gradient, score-function estimator |
# | mean of the group | GRPO, RLOO (leave-one-out) are of this kind |
# | value model | critic |
# | the leash | KL penalty, KL regularization |
# | reward model + leash | RLHF |
# | prompt and tokens so far; next token; whole answer | state; action; episode |
# | cheating the reward | reward hacking, specification gaming |
# | rewards by a program | RLVR, rule-based or verifiable rewards |
#
# **Homework:** [Homework 24](homework/hw24.ipynb), about 120 minutes, of which the core
# takes 70. A badge under each check says at once whether your answer is correct.
#
# **Next:** all stages in one place, and an assistant of your own:
# [25. Evaluation, and the whole pipeline](25_evaluation.ipynb).
