# %% [markdown]
# # Homework 24: reinforcement
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more* (task 4 needs the part *More* of
# the lesson). About 120 minutes in all, the core alone about 70. All cells together run
# in a few seconds. It belongs to [lesson 24](../24_reinforcement.ipynb).
#
# You write the advantage of GRPO, a gradient for a policy of three words, and a whole
# training run whose outputs you read; then PPO's objective, an estimate of a KL from
# samples, and a better checker for one that can be cheated.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind
# of mistake it looks like. Your work counts as saved in the file, so save before you
# hand it in; `python3 start.py check hw24` says what the file is worth.

# %%
import itertools
import random
import re

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def generator(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value).double()


# %% [markdown]
# ## Task 1 (core, 15 minutes): better than the others
#
# A policy has answered `B` questions, each of them `G` times. Write `advantages(rewards)`:
# `rewards` is `(B, G)`, and so is the result. From each reward take the mean of the rewards
# **for the same question**, and divide by (their standard deviation + 0.0001). The standard
# deviation is that of these `G` numbers themselves: divide by `G`, not by `G - 1`.
#
# For example, the rewards 1, 1, 0, 1, 1 of one question have the advantages 0.4999, 0.4999,
# -1.9995, 0.4999 and 0.4999.


# %%
# TASK advantages
def advantages(rewards):
    """How much better than the other answers to the question, (B, G) -> (B, G)."""
    ### BEGIN SOLUTION
    mean = rewards.mean(dim=1, keepdim=True)  # (B, 1)
    spread = rewards.std(dim=1, keepdim=True, correction=0)  # (B, 1)
    return (rewards - mean) / (spread + 1e-4)
    ### END SOLUTION


# %%
def make_rewards(number, B=3, G=5):
    """Rewards of some questions, each with its own level and spread."""
    level, size, noise = (
        torch.rand(B, n, generator=generator(number + i)).double()
        for i, n in enumerate((1, 1, G))
    )
    return 10 * level + (1 + 5 * size) * noise


# %%
# CHECK advantages 1 point: three questions
as_table(advantages(make_rewards(10)))

# %%
# CHECK advantages 1 point: an easy question, a hard one, large and small rewards
hits = (torch.rand(6, generator=generator(20)) < 0.5).double()
hits[0], hits[1] = 1.0, 0.0
large, small = (torch.rand(6, generator=generator(n)) for n in (21, 22))
rows = [torch.ones(6).double(), hits, 1000 * large, 0.02 * small]
as_table(advantages(torch.stack([row.double() for row in rows])))

# %% [markdown]
# ## Task 2 (core, 20 minutes): a policy of three words
#
# A policy has three words, with the probabilities softmax(`logits`), and word `i` earns
# `rewards[i]`. Write two functions that return the gradient of the **expected reward**
# by the logits, both `(3,)`.
#
# - `exact_gradient(logits, rewards)`: as it is, from all three words. (The gradient of
#   $\ln p_y$ by the logits is *onehot minus p*.)
# - `sampled_gradient(logits, rewards, drawn)`: REINFORCE's estimate. `drawn` `(N,)` are
#   words that were sampled from the policy. Take the mean over the samples of
#   $(r - b)\,\nabla \ln p$. The baseline $b$ is the mean reward of the `N` samples.
#
# Do not be surprised: on average the estimate is shorter than the exact gradient, by the factor
# $1 - 1/N$, because the mean contains the sample itself (with 6 samples, by a sixth).
#
# With the logits (1, 0, -1) and the rewards (0, 3, 1), the exact gradient is (-0.5483,
# 0.5325, 0.0158). If the words 0, 1, 1, 2 are drawn, the estimate is (-0.4375, 0.625,
# -0.1875).


# %%
# TASK exact_gradient
def exact_gradient(logits, rewards):
    """The gradient of the expected reward by the logits, (V,)."""
    ### BEGIN SOLUTION
    p = logits.softmax(0)  # (V,)
    return p * (rewards - p @ rewards)
    ### END SOLUTION


def sampled_gradient(logits, rewards, drawn):
    """REINFORCE with the mean reward as the baseline, (V,)."""
    ### BEGIN SOLUTION
    p, r = logits.softmax(0), rewards[drawn]  # (V,), (N,)
    score = F.one_hot(drawn, len(logits)) - p  # (N, V)
    return ((r - r.mean())[:, None] * score).mean(0)
    ### END SOLUTION


# %%
def make_words(number, V=3):
    """Logits and rewards of a few words."""
    source = generator(number)
    logits = torch.randn(V, generator=source).double()
    return logits, 5 * torch.rand(V, generator=source).double()


# %%
# CHECK exact_gradient 1 point: the exact gradient, three times
as_table([exact_gradient(*make_words(n)) for n in (40, 41, 42)])

# %%
# CHECK exact_gradient 2 points: the estimate from a few samples, and from many
estimates = []
for n, size in ((50, 6), (51, 40), (52, 5000)):
    logits, rewards = make_words(n)
    drawn = torch.multinomial(
        logits.softmax(0), size, replacement=True, generator=generator(60 + n)
    )
    drawn[:3] = torch.arange(3)
    estimates.append(sampled_gradient(logits, rewards, drawn))
as_table(estimates)

# %% [markdown]
# ## Task 3 (core, 25 minutes): train it, and read what it writes
#
# Now a policy that writes words letter by letter. It is a table of logits, `table`, `(7,
# 7)`, in double precision: `table[a, b]` is the logit of the letter `b` after the letter
# `a`. The letters are those of `LETTERS`; number 0, the dot, begins and ends each word.
# `write(table, n, number)` samples `n` words, each a list of letter numbers that ends
# with 0 (or is cut off after 12 letters). It is given, and so is the reward.
#
# Write `train(table, rounds, rate)`. Start from a copy of the table; the old one must
# stay as it is. In round `k` (from 0 to `rounds - 1`):
#
# 1. sample 32 words with `write(table, 32, k)`,
# 2. take `reward(word)` of each; the advantage is the reward minus the mean of the 32,
# 3. for each word, $\ln p$ is the **sum** over its letters: the first letter comes after
#    letter 0,
# 4. take the gradient of the **mean** over the 32 words of advantage times $\ln p$, and
#    go **up**: add `rate` times the gradient to the table.
#
# Return the new table.

# %%
LETTERS = ".abhins"
LIKELY = ["ash", "asha", "nisha", "ban", "anis", "sina", "has", "bina", "hani", "saba"]


def first_table(number):
    """Logits of a policy that has read a few words, some more often than others."""
    toss = random.Random(1000 * SEED + number)
    counts = torch.full((7, 7), 0.3).double()
    for word in LIKELY:
        letters = [0, *(LETTERS.index(letter) for letter in word), 0]
        n = toss.randrange(1, 5)
        for a, b in itertools.pairwise(letters):
            counts[a, b] += n
    return counts.log()


def write(table, n, number):
    """n words sampled from the policy, as lists of letter numbers."""
    source, words = generator(5000 + number), []
    probs = as_table(table).detach().softmax(-1)
    for _ in range(n):
        word = []
        while len(word) < 12 and (not word or word[-1]):
            row = probs[word[-1] if word else 0]
            word.append(torch.multinomial(row, 1, generator=source).item())
        words.append(word)
    return words


def reward(word):
    """One point for each letter s: people are said to like it."""
    return float(word.count(LETTERS.index("s")))


# %%
# TASK train
def train(table, rounds, rate):
    """The table after so many rounds of REINFORCE."""
    ### BEGIN SOLUTION
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table
    ### END SOLUTION


# %%
# CHECK train 1 point: the table after one round and after three; the old one
table = first_table(70)
one, three = (as_table(train(table, n, 0.5)).detach() for n in (1, 3))
torch.stack([table[1], one[1], three[1], one[6], three[6]])

# %% [markdown]
# Now train it for longer, and **read** the words. The check shows, before the training
# and after 20 and 80 rounds: the mean reward of 200 words, how many of the 200 are
# different, and three of them.

# %%
# CHECK train 2 points: reward, different words, and three words, before and after
told = []
for rounds in (0, 20, 80):
    words = write(as_table(train(first_table(71), rounds, 0.5)).detach(), 200, 900)
    texts = ["".join(LETTERS[i] for i in word) for word in words]
    mean = sum(map(reward, words)) / len(words)
    told.append([round(mean, 3), len(set(texts)), *texts[:3]])
told

# %% [markdown]
# ## Task 4 (more, 30 minutes): PPO's objective, and a distance from samples
#
# Write two functions about tokens. `own` `(N, T)` is True at the tokens that the policy
# wrote itself; the others do not count.
#
# - `clipped(log_p, old_log_p, advantage, own, e)`: PPO's objective, a float. `log_p` and
#   `old_log_p` `(N, T)` hold the log-probability of each token under the new and under
#   the old policy, and `advantage` `(N,)` belongs to a whole answer. For each token take
#   $\min(\rho A, \mathrm{clip}(\rho, 1 - e, 1 + e) A)$ with $\rho = p_{new} / p_{old}$,
#   and return the mean over **all** own tokens.
# - `kl_estimates(log_p, log_q, own)`: the KL, estimated twice. `log_p` `(N, T)` is by the
#   policy and `log_q` `(N, T)` by its start. Return a list of two floats, both in nats
#   **for an answer**: first the sum over the own tokens, then the mean over the `N`
#   answers. In the plain estimate each token gives $\ln p - \ln q$. In the other one,
#   with $u = q / p$, each token gives $u - 1 - \ln u$.
#
# One token with $\rho = 1.5$ and $A = 0.6$ has the objective 0.72 for $e = 0.2$. One answer
# of one token, to which the policy gives 0.5 and the start 0.25, has the estimates 0.6931
# and 0.1931.


# %%
# TASK clipped
def clipped(log_p, old_log_p, advantage, own, e):
    """PPO's objective, a mean over the policy's own tokens."""
    ### BEGIN SOLUTION
    rho = (log_p - old_log_p).exp()  # (N, T)
    A = advantage[:, None]  # (N, 1)
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()
    ### END SOLUTION


def kl_estimates(log_p, log_q, own):
    """[plain, never negative]: the KL from sampled tokens, in nats per answer."""
    ### BEGIN SOLUTION
    log_u = log_q - log_p  # (N, T)
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]
    ### END SOLUTION


# %%
def make_tokens(number, N=4, T=7):
    """Log-probabilities before and after some updates, advantages, own tokens."""
    source = generator(number)
    old = -0.1 - 3 * torch.rand(N, T, generator=source).double()
    new = (old + 0.5 * torch.randn(N, T, generator=source)).clamp(max=-0.01)
    advantage = torch.randn(N, generator=source).double()
    begin = torch.randint(0, 3, (N, 1), generator=source)
    length = torch.randint(1, 5, (N, 1), generator=source)
    places = torch.arange(T)
    return new, old, advantage, (places >= begin) & (places < begin + length)


# %%
# CHECK clipped 2 points: the clipped objective, four times, with two widths
values = [clipped(*make_tokens(30 + n), e) for n in (0, 1) for e in (0.2, 0.1)]
[round(float(value), 4) for value in values]

# %%
# CHECK clipped 1 point: the plain estimate of the KL
new, old, _, own = make_tokens(80)
round(float(kl_estimates(new, old, own)[0]), 4)

# %%
# CHECK clipped 1 point: both estimates, for answers of different lengths
pairs = [kl_estimates(new, old, own) for new, old, _, own in map(make_tokens, (81, 82))]
[[round(float(nats), 4) for nats in pair] for pair in pairs]

# %% [markdown]
# ## Task 5 (more, 20 minutes): a checker that can be cheated
#
# A policy answers sums in words, such as `It is 45.`, and `check(answer, truth)` gives the
# reward: 1.0 or 0.0. `answer` is a text, `truth` a whole number. The checker below is
# lazy, and a policy found out how to cheat it: `It is 12345678901234567890.` contains
# nearly every truth. So does a long list of numbers.
#
# Fix it. The answer earns 1.0 only if
#
# - it contains **exactly one** number, and this is the truth. A number is a row of digits,
#   with a minus sign **directly** before it if it is negative: `-7`. (So `- 7` holds the
#   number 7.) Zeros at the front change nothing: `007` is 7.
# - and it ends with a full stop, so it was not cut off.


# %%
# TASK check
def check(answer, truth):
    """1.0 for a correct and complete answer that cannot have been guessed, else 0.0."""
    ### BEGIN SOLUTION
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))
    ### END SOLUTION
    # ~ return float(str(truth) in answer)


# %%
def mixed(number, answers_to):
    """Answers to three sums in a random order, with their truths."""
    toss = random.Random(1000 * SEED + number)
    truths = [toss.randrange(12, 900) for _ in range(3)]
    cases = [case for truth in truths for case in answers_to(truth)]
    toss.shuffle(cases)
    return cases


# %%
# CHECK check 1 point: correct, wrong, negative, with zeros, no number at all
def honest(n):
    said = [f"It is {n}.", f"It is {n + 1}.", f"It is -{n}.", f"It is 00{n}.", "I.", ""]
    cases = [(text, n) for text in said]
    cases += [(f"It is -{n}.", -n), (f"{n}.", -n), (f"It is -00{n}.", -n)]
    return [*cases, ("It is 0.", 0), ("It is 00.", n)]


[float(check(*case)) for case in mixed(90, honest)]


# %%
# CHECK check 2 points: answers of policies that cheat, and some honest ones
def cheating(n):
    said = [f"It is 7{n}.", f"It is {n}3.", f"{n} {n + 1}.", f"{n + 1} or {n}."]
    said += [" ".join(map(str, range(n + 1))) + ".", f"{n} {n}.", f"It is 4 - {n}."]
    said += [f"It is {n}", f"It is {n}. So", f"It is{n}.", f"It is: {n} . It is."]
    said += [f"It is {n}. ", f"It is {n}.\n", f"0 {n}.", f"{n} 0."]
    return [*((text, n) for text in said), (f"Then - {n}.", n), (f"Then - {n}.", -n)]


[float(check(*case)) for case in mixed(91, cheating)]

# %% [markdown]
# ## A question in words (core, 8 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN goodhart -->
# Look at the words of task 3 after 80 rounds. What did the reward say, what was probably
# meant, and which number besides the reward shows the difference? Compute one of your own,
# for example the mean length. (The number of different words first rises.) Say in your own words
# what Goodhart's law is. Then think of one example outside of computers (a school, a
# hospital, a shop): what is measured there, and how can one make the measure large
# without what was meant? Last, name one change to task 3 that would help, and say why it
# does not solve the problem for good. Seven sentences are enough.
#
# ...
