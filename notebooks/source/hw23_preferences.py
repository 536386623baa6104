# %% [markdown]
# # Homework 23: preferences
#
# Five tasks with checks, one question in words. About 60 minutes; all cells together
# run in a few seconds. It belongs to [lesson 23](../23_preferences.ipynb).
#
# You turn choices into a loss, write DPO and an exact KL, fix a policy gradient, and
# find out how far a model on a leash goes, and what it does when you let it go.

# %%
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


# %% [markdown]
# ## Task 1: from choices to a loss
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
# ## Task 2: DPO
#
# There are `B` pairs. For each token of the rows a policy and its frozen reference have
# said the log-probability of the token that stands there: `policy` and `reference` are
# tensors `(2, B, T)`. Index 0 holds the rows with the **chosen** answers, index 1 those
# with the **rejected** ones. Each row is a prompt, an answer, and filling;
# `answered`, `(2, B, T)`, is True where the answer stands.
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
# ## Task 3: the exact KL
#
# The leash of a policy is its KL from the reference, $\mathrm{KL}(\text{policy} \,\|\,
# \text{reference})$. At each place of a text it can be summed over the whole
# vocabulary: $\sum_v p_v (\ln p_v - \ln q_v)$, with $p$ by the policy and $q$ by the
# reference. Nothing is estimated.
#
# Write `kl_per_answer(policy, reference, answered)`: `policy` and `reference` are
# **logits** `(B, T, V)`, `answered` is `(B, T)`. Return `(B,)`: the sum over the places
# of each answer, in nats.


# %%
# TASK kl_per_answer
def kl_per_answer(policy, reference, answered):
    """KL in nats per answer, logits (B, T, V) -> (B,)."""
    ### BEGIN SOLUTION
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_p.exp() * (log_p - log_q)).sum(-1)  # (B, T)
    return (kl * answered).sum(-1)
    ### END SOLUTION


# %%
# CHECK kl_per_answer 1 point: one place only, five words
one = noise(3, 1, 5, number=30), noise(3, 1, 5, number=31)
kl_per_answer(*one, torch.ones(3, 1, dtype=torch.bool))

# %%
# CHECK kl_per_answer 1 point: answers between prompt and filling
rows = noise(4, 12, 7, number=32), noise(4, 12, 7, number=33)
kl_per_answer(*rows, answers_at((4,), 12, 34))

# %% [markdown]
# ## Task 4: a broken policy gradient
#
# A model has drawn `G` answers to each of `B` prompts. `log_p` `(B, G)` holds the
# log-probability of each answer (a gradient flows through it), `rewards` `(B, G)` its
# reward, `kl` `(B, G)` its KL. The method is GRPO, without its clipping and its division
# by length:
#
# - The **advantage** of an answer is its reward minus the mean of the rewards *for the
#   same prompt*, divided by (their standard deviation + 0.0001). The deviation is that
#   of these `G` numbers themselves: divide by `G`, not by `G - 1`.
# - The loss is the mean over all answers of $-\text{advantage} \cdot \ln p + \beta
#   \cdot \mathrm{KL}$: going downhill makes better answers more probable and the
#   KL smaller.
#
# The function below has faults. Who trains with it sees three things:
#
# - Easy prompts, where every answer earns much, are praised whatever is said; hard ones
#   are always scolded.
# - A larger `beta` drives the model *away* from its reference.
# - With rewards of 0 to 1000 in place of 0 to 1 it takes wild steps.
#
# Fix all three.


# %%
# TASK grpo_loss
def grpo_loss(log_p, rewards, kl, beta):
    """The loss of GRPO, three tensors (B, G) -> a number."""
    ### BEGIN SOLUTION
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    advantages = centred / (spread + 1e-4)
    return (beta * kl - advantages * log_p).mean()
    ### END SOLUTION
    # ~ advantages = rewards - rewards.mean()
    # ~ loss = -(advantages * log_p).mean() - beta * kl.mean()
    # ~ return loss


# %%
def make_group(number, B=3, G=4):
    """Log-probabilities, rewards (each prompt has its own level), KL."""
    level = 5 * noise(B, 1, number=number)
    rewards = level + noise(B, G, number=number + 1)
    kl = noise(B, G, number=number + 2).abs()
    return noise(B, G, number=number + 3).abs().neg() - 1, rewards, kl


# %%
# CHECK grpo_loss 2 points: the gradient by log p, without a leash
log_p, rewards, kl = make_group(40)
log_p.requires_grad_(True)
(gradient,) = torch.autograd.grad(grpo_loss(log_p, rewards, kl, 0.0), log_p)
gradient

# %%
# CHECK grpo_loss 1 point: the loss of two groups with three betas
groups = [make_group(number) for number in (50, 60) for _ in range(3)]
betas = [0.0, 0.1, 1.0] * 2
losses = [grpo_loss(*group, beta) for group, beta in zip(groups, betas, strict=True)]
[round(float(loss), 4) for loss in losses]

# %% [markdown]
# ## Task 5: find the hack
#
# How far does a policy go, if it is trained until nothing changes any more? Let there be
# `V` possible answers. The start model says answer $i$ with probability `start[i]`, and
# the reward model gives it `rewards[i]`. Of all policies, the one with the largest
#
# $$\text{expected reward} - \beta \cdot \mathrm{KL}(\text{policy} \,\|\, \text{start})$$
#
# is known: $p_i$ is proportional to $\text{start}_i \cdot e^{\,r_i / \beta}$. Write two
# functions:
#
# - `leashed(start, rewards, beta)`: this policy, probabilities `(V,)`. It must also work
#   for a beta of 0.001, where $e^{\,r/\beta}$ itself is too large for a computer.
# - `find_hack(start, rewards, taste, betas)`: `taste` `(V,)` is what people really feel.
#   Return `[beta, answer]`: the beta, out of `betas`, whose leashed policy has the
#   highest **expected taste** $\sum_i p_i \cdot \text{taste}_i$; and the index of the
#   answer that the policy with the **smallest** beta says most often.


# %%
# TASK leashed
def leashed(start, rewards, beta):
    """The best policy on a leash, (V,) and (V,) -> (V,)."""
    ### BEGIN SOLUTION
    return (start.log() + rewards / beta).softmax(dim=0)
    ### END SOLUTION


def find_hack(start, rewards, taste, betas):
    """The beta that people like best, and the answer of the smallest one."""
    ### BEGIN SOLUTION
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]
    ### END SOLUTION


# %%
def make_world(number, V=30):
    """Answers whose reward is the taste with an error, and one large error."""
    start = noise(V, number=number).softmax(0)
    taste = noise(V, number=number + 1)
    rewards = taste + 0.5 * noise(V, number=number + 2)
    hack = torch.randint(V, (), generator=dice(number + 3)).item()
    rare, high = torch.rand(2, generator=dice(number + 4)).tolist()
    start[hack], taste[hack] = 10 ** (-2 - 5 * rare), -4.0
    rewards[hack] = rewards.max() + 0.5 + 3 * high
    return start / start.sum(), rewards, taste


# %%
# CHECK leashed 1 point: the probabilities of three answers, with three betas
start, rewards, _ = make_world(60)
policies = [leashed(start, rewards, beta) for beta in (0.5, 1.0, 4.0)]
torch.stack([torch.as_tensor(policy)[:3] for policy in policies])

# %%
# CHECK leashed 1 point: a long leash; no number is lost
start, rewards, _ = make_world(70)
policy = leashed(start[:6] / start[:6].sum(), 0.002 * rewards[:6], 0.001)
far = torch.as_tensor(leashed(start, 5 + rewards, 0.001), dtype=rewards.dtype)
[round(float(x), 4) for x in (*policy, far @ rewards)]

# %%
# CHECK leashed 1 point: the best beta and the hack, in four worlds
betas = [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 1.0, 2.0, 4.0]
[list(find_hack(*make_world(number), betas)) for number in (80, 90, 100, 110)]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN thumbs -->
# A company shows its assistant to a million people and trains it for "thumbs up", with
# DPO on pairs of a liked and a disliked answer. What might the model learn that nobody
# wanted? Why does a leash to the model before it help, and why does it not solve the
# problem? Name two measurements that would show the trouble and that do not use the
# thumbs. And: a colleague says that teaching the model to answer "I do not know" by
# examples is RLHF. Is it? Six sentences are enough.
#
# ...
