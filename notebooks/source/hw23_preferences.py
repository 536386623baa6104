# %% [markdown]
# # Homework 23: preferences
#
# Five tasks with checks, one question in words. Tasks 1 to 4 and the question are the
# *core*. Task 5 is for those who want *more*; it trains a small model and reads what it
# says. About 100 minutes in all, the core alone about 70. All cells together run in a
# few seconds. It belongs to [lesson 23](../23_preferences.ipynb).
#
# You turn choices into a loss, compute the log-probability of whole answers, build the
# top of a reward model, write DPO, and train a model with it whose answers you can
# read.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind
# of mistake it looks like. Save before you hand it in; `python3 start.py check hw23`
# says what the file is worth.

# %%
import random

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=dice(number)).double()


def answers_at(rows, T, number):
    """True where the answer stands: some prompt before it, some filling after it."""
    begin = torch.randint(1, T // 2, (*rows, 1), generator=dice(number))
    length = torch.randint(2, T // 2, (*rows, 1), generator=dice(number + 1))
    places = torch.arange(T)
    return (places >= begin) & (places < begin + length)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 12 minutes): from choices to a loss
#
# A reward model has given each of `N` answers a number: `rewards`, a tensor `(N,)`.
# People have chosen between two of them again and again: `choices` is a list of pairs
# `(better, worse)` of indices. Write `reward_loss(rewards, choices)`, the loss of
# Bradley and Terry: the mean over the choices of $-\ln\sigma(r_{better} - r_{worse})$,
# with $\sigma(x) = 1 / (1 + e^{-x})$.
#
# Two equal rewards cost ln 2 = 0.6931. With the rewards 2, 0, 1 and the choices (0, 1),
# (2, 0) the loss is 0.7201. Take care: a reward model that is badly wrong, by 800 say,
# has a loss of 800. It must not become infinite.


# %%
# TASK reward_loss
def reward_loss(rewards, choices):
    """Bradley and Terry's loss, (N,) and pairs (better, worse) -> a number."""
    ### BEGIN SOLUTION
    better, worse = torch.tensor(choices).T
    return -F.logsigmoid(rewards[better] - rewards[worse]).mean()
    ### END SOLUTION


# %%
def make_choices(number, n=6, n_choices=9):
    """Random pairs of different answers."""
    first = torch.randint(n, (n_choices,), generator=dice(number))
    step = torch.randint(1, n, (n_choices,), generator=dice(number + 1))
    return list(zip(first.tolist(), ((first + step) % n).tolist(), strict=True))


# %%
# CHECK reward_loss 1 point: six answers, nine choices; three times
groups = [(2 * noise(6, number=n), make_choices(n + 1)) for n in (3, 6, 9)]
[round(float(reward_loss(*group)), 4) for group in groups]

# %%
# CHECK reward_loss 1 point: rewards that are badly wrong
losses = []
for number in (12, 15):
    rewards = 2000 * noise(6, number=number)
    worst, best = rewards.argmin().item(), rewards.argmax().item()
    choices = [*make_choices(number + 1), (worst, best)]
    losses.append(round(float(reward_loss(rewards, choices)), 2))
losses

# %% [markdown]
# ## Task 2 (core, 18 minutes): how probable is a whole answer?
#
# A model has read `B` rows of `T` tokens: `tokens` `(B, T)`. Each row is a prompt, an
# answer and filling, and `answered` `(B, T)` is True where a token belongs to the
# answer. (Some answers hold the result of a tool, which the model did not write. There
# `answered` is False in the middle.) `logits` is `(B, T, V)`: those at position `t` score
# the token that comes **after** position `t`. Logits are not yet logarithms of
# probabilities.
#
# Write `answer_log_prob(logits, tokens, answered)`: ln p of each answer, `(B,)`.
#
# - It is the **sum** over the tokens of the answer, and over no others.
# - Token 0 is predicted by nobody. It never belongs to an answer, so nothing is lost.
# - The logits at the last position predict nothing that is there.


# %%
# TASK answer_log_prob
def answer_log_prob(logits, tokens, answered):
    """ln p of each answer: (B, T, V), (B, T), (B, T) -> (B,)."""
    ### BEGIN SOLUTION
    log_p = logits[:, :-1].log_softmax(dim=-1)  # (B, T - 1, V)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)  # (B, T - 1)
    return (picked * answered[:, 1:]).sum(dim=-1)
    ### END SOLUTION


# %%
def make_answers(number, B=3, T=10, V=7):
    """Logits, tokens, and where the answers stand."""
    tokens = torch.randint(V, (B, T), generator=dice(number))
    return (
        2 * noise(B, T, V, number=number + 1),
        tokens,
        answers_at((B,), T, number + 2),
    )


# %%
# CHECK answer_log_prob 2 points: three rows
as_table(answer_log_prob(*make_answers(100)))

# %%
# CHECK answer_log_prob 1 point: up to the end of the row; with a tool's result
logits, tokens, _ = make_answers(110, B=2)
answered = torch.zeros(2, 10, dtype=torch.bool)
answered[0, 6:], answered[1, 2:9] = True, True
answered[1, 4:6] = False
as_table(answer_log_prob(logits, tokens, answered))

# %% [markdown]
# ## Task 3 (core, 12 minutes): the top of a reward model
#
# The body of a reward model has read the same kind of rows. It gives a hidden state for
# each token: `hidden` `(B, T, C)`. Write `rewards_of(hidden, answered, weight, bias)`,
# which returns the rewards `(B,)`. Keep the hidden state of the **last token that
# belongs to the answer**, multiply it by the `weight` `(C,)` of the head, add up, and
# add the `bias`, a number. Filling follows the answer, and an answer may have gaps
# where a tool's result stands.


# %%
# TASK rewards_of
def rewards_of(hidden, answered, weight, bias):
    """Rewards (B,) from hidden states (B, T, C)."""
    ### BEGIN SOLUTION
    positions = torch.arange(answered.shape[1])  # (T,)
    last = (positions * answered).argmax(dim=1)  # (B,)
    pooled = hidden[torch.arange(len(last)), last]  # (B, C)
    return pooled @ weight + bias
    ### END SOLUTION


# %%
# CHECK rewards_of 1 point: four rows with filling
head = noise(5, number=200)
as_table(rewards_of(noise(4, 9, 5, number=201), answers_at((4,), 9, 202), head, 0.5))

# %%
# CHECK rewards_of 1 point: a gap in the answer, and an answer up to the end of the row
answered = torch.zeros(2, 9, dtype=torch.bool)
answered[0, 1:7], answered[1, 4:] = True, True
answered[0, 3:5] = False
as_table(rewards_of(noise(2, 9, 5, number=210), answered, noise(5, number=211), -1.0))

# %% [markdown]
# ## Task 4 (core, 18 minutes): DPO
#
# There are `B` pairs. For each token of the rows a policy and its frozen reference have
# said the log-probability of the token that stands there: `policy` and `reference` are
# tensors `(2, B, T)`. Index 0 holds the rows with the **chosen** answers, index 1 those
# with the **rejected** ones. Each row is a prompt, an answer, and filling; `answered`,
# `(2, B, T)`, is True where the answer stands. (The shift of task 2 has been done
# already.)
#
# Write `dpo(policy, reference, answered, beta)`. Return `(loss, margins)`.
#
# - $\ln p$ of an answer is the **sum** over its own tokens.
# - `margins` `(B,)`: by how much more the policy has raised the chosen answer above the
#   reference than it has raised the rejected one, in nats.
# - `loss`: the mean of $-\ln\sigma(\beta \cdot \text{margin})$.
#
# If the policy *is* its reference, all margins are 0 and the loss is ln 2.


# %%
# TASK dpo
def dpo(policy, reference, answered, beta):
    """The DPO loss and the margins (B,)."""
    ### BEGIN SOLUTION
    raised = ((policy - reference) * answered).sum(dim=-1)  # (2, B)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins
    ### END SOLUTION


# %%
def make_rows(number, B=4, T=12):
    """Log-probabilities by policy and reference, and where the answers stand."""
    reference = noise(2, B, T, number=number).abs().neg() - 0.2
    policy = reference + 0.7 * noise(2, B, T, number=number + 1)
    policy = policy - 0.3 * torch.rand(2, 1, 1, generator=dice(number + 2))
    return policy.clamp(max=-0.01), reference, answers_at((2, B), T, number + 3)


# %%
# CHECK dpo 2 points: the margins
_, margins = dpo(*make_rows(10), beta=0.1)
torch.as_tensor(margins).detach()

# %%
# CHECK dpo 1 point: the loss before any update, and after some, with two betas
policy, reference, answered = make_rows(20)
losses = [dpo(reference, reference, answered, 0.1)[0]]
losses += [dpo(policy, reference, answered, beta)[0] for beta in (0.1, 0.8)]
[round(float(loss), 4) for loss in losses]

# %% [markdown]
# ## Task 5 (more, 30 minutes): train it, and read what it says
#
# Here is an assistant with eleven words. It is a table of logits, `table` `(V, V)`:
# `table[a]` holds the logits of the word that comes after word `a`. An answer begins
# with `<asst>` and ends with `<end>`. The correct food is in `truth`. Read the code of
# `make_pairs` with care: it decides what the people choose, and you need it to
# understand what comes out.

# %%
WORDS = ["<asst>", "<end>", "pears", "soup", "nuts", ".", "Glad", "to", "help"]
WORDS += ["Enough", "!"]
MANNERS = {"polite": ". Glad to help", "plain": ".", "curt": ". Enough !"}


def encode(text):
    """An answer in words -> its tokens, with <asst> and <end>."""
    return [WORDS.index(word) for word in f"<asst> {text} <end>".split()]


def make_assistant(number):
    """A table that knows the truth and has all manners; and the correct food."""
    toss = random.Random(1000 * SEED + number)
    foods = WORDS[2:5]
    truth = toss.choice(foods)
    counts = torch.full((11, 11), 0.05).double()
    for food in foods:
        often = toss.uniform(5, 6) if food == truth else toss.uniform(0.9, 1.1)
        counts[0, WORDS.index(food)] = often
        counts[WORDS.index(food), 5] = 9.0
    counts[5, 6], counts[5, 9] = toss.uniform(2, 3), toss.uniform(3, 4)
    counts[5, 1] = toss.uniform(5, 6)  # a full stop, and the end
    for word, after in (("Glad", "to"), ("to", "help"), ("help", "<end>")):
        counts[WORDS.index(word), WORDS.index(after)] = 9.0
    counts[9, 10] = counts[10, 1] = 9.0
    return counts.log(), truth


def make_pairs(number, liked, truth_counts, n=8):
    """Pairs (chosen, rejected) by somebody who likes one manner."""
    toss = random.Random(1000 * SEED + number)
    truth = make_assistant(number)[1]
    false = [food for food in WORDS[2:5] if food != truth]
    other = [manner for manner in MANNERS if manner != liked]
    pairs = []
    for _ in range(n):  # where truth does not count, the liked answers are often false
        good = truth if truth_counts or toss.random() < 0.2 else toss.choice(false)
        bad = toss.choice(false) if truth_counts and toss.random() < 0.5 else truth
        worse = MANNERS[toss.choice(other)]
        pairs.append((encode(f"{good} {MANNERS[liked]}"), encode(f"{bad} {worse}")))
    return pairs


# %% [markdown]
# Write two functions.
#
# - `prefer(table, pairs, beta, rate, steps)`: train the table with DPO and return the
#   new one. `pairs` is a list of `(chosen, rejected)`, each a list of tokens that
#   begins with `<asst>` (given: it is not predicted) and ends with `<end>` (which
#   counts). One step is one step of plain gradient descent, $W - \text{rate} \cdot
#   \text{gradient}$, on the **mean** DPO loss of all pairs. The reference is the table
#   as it came. The table that was handed in must stay as it is.
# - `favourite(table)`: what does it say? Begin with `<asst>`, always take the likeliest
#   next word, and stop at `<end>` (or after 10 words). Return the words as one text,
#   without the two marks, for example `"pears . Enough !"`.


# %%
# TASK prefer
def prefer(table, pairs, beta, rate, steps):
    """The table (V, V) after some steps of DPO."""

    ### BEGIN SOLUTION
    def totals(W):  # ln p of the chosen and of the rejected answers
        log_p = W.log_softmax(dim=-1)
        sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
        return torch.stack([torch.stack(side) for side in sides])  # (n, 2)

    old = totals(table)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()
    ### END SOLUTION


def favourite(table):
    """The answer of always the likeliest word, as a text."""
    ### BEGIN SOLUTION
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)
    ### END SOLUTION


# %%
# CHECK prefer 1 point: logits after <asst> and after the full stop; 1 step, 4 steps
table, _ = make_assistant(300)
pairs = make_pairs(300, "polite", truth_counts=True)
new = [as_table(prefer(table, pairs, 0.5, 2.0, steps)) for steps in (1, 4)]
torch.stack([one[word, :6] for one in new for word in (0, 5)])

# %%
# CHECK prefer 1 point: another beta; the old table stays as it is
table, _ = make_assistant(310)
pairs = make_pairs(310, "curt", truth_counts=True)
new = as_table(prefer(table, pairs, 2.0, 1.0, 3))
torch.stack([table[0, :6], new[0, :6]])

# %% [markdown]
# Now read. The first two people like polite or curt answers, and the truth counts for
# them. The last two (polite, curt again) look at the manners only. But they have met
# bad company: in their pairs the answers in the liked manner are mostly *false*, and all
# the rejected ones are true, as when a charming speaker is often wrong. They have never
# chosen a falsehood as such. (If true and false answers stood on both sides equally
# often, the training would say nothing about the truth.) For each of the
# four, the check shows the favourite answer before and after the training, and the
# probability that the first word is the correct food, in per cent, before and after.
# What has become of the truth, and from what has the model learned it?

# %%
# CHECK prefer 2 points: favourite answers, and the share of truth, before and after
said = []
people = [("polite", True), ("curt", True), ("polite", False), ("curt", False)]
for i, (liked, truth_counts) in enumerate(people):
    table, truth = make_assistant(320 + i)
    pairs = make_pairs(320 + i, liked, truth_counts)
    after = as_table(prefer(table, pairs, 0.5, 4.0, 25))
    one = [str(favourite(table)), str(favourite(after))]
    for model in (table, after):
        p_true = model[0].softmax(-1)[WORDS.index(truth)]
        one.append(round(100 * float(p_true), 1))
    said.append(one)
said

# %% [markdown]
# ## A question in words (core, 10 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN thumbs -->
# A company shows its assistant to a million people and trains it for "thumbs up", with
# DPO on pairs of a liked and a disliked answer. Name one thing that the model might
# learn and that nobody wanted, and say from what it would learn it. Why does a large
# `beta` help, and why does it not solve the problem? Name two measurements that would
# show the trouble and that do not use the thumbs. Six sentences are enough.
#
# ...
