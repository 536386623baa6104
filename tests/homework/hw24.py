# Homework 24: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG advantages: the mean of all
# HINT You compare with all answers of all questions. An easy question is then praised
# HINT for every answer: whose mean belongs here?
def advantages(rewards):
    mean = rewards.mean()
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (rewards - mean) / (spread + 1e-4)


# %%
# WRONG advantages: the other direction
# HINT You took mean and spread over the questions. Along which dimension do the
# HINT answers to one question lie?
def advantages(rewards):
    mean = rewards.mean(dim=0, keepdim=True)
    spread = rewards.std(dim=0, keepdim=True, correction=0)
    return (rewards - mean) / (spread + 1e-4)


# %%
# WRONG advantages: divided by G - 1
# HINT Your advantages are all a little too small. Does std divide by G or by G - 1 if
# HINT you do not say?
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True)
    return (rewards - mean) / (spread + 1e-4)


# %%
# WRONG advantages: not divided
# HINT You only subtracted the mean. Rewards in the thousands would make steps in the
# HINT thousands: by what is divided?
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return rewards - mean


# %%
# WRONG advantages: divided by the variance
# HINT You divided by the variance. The spread is its square root.
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.var(dim=1, keepdim=True, correction=0)
    return (rewards - mean) / (spread + 1e-4)


# %%
# WRONG advantages: no baseline
# HINT You divided by the spread but took no mean away. Then every answer of every
# HINT question is praised.
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return rewards / (spread + 1e-4)


# %%
# WRONG advantages: nothing for equal rewards
# HINT Where all rewards of a question are equal, you divide 0 by 0. What is added to
# HINT the spread, and why?
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (rewards - mean) / spread


# %%
# WRONG advantages: one spread for all
# HINT You divide by the spread of all rewards. Each question has its own spread.
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(correction=0)
    return (rewards - mean) / (spread + 1e-4)


# %%
# WRONG advantages: the wrong sign
# HINT Your best answers have negative advantages. What is subtracted from what?
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (mean - rewards) / (spread + 1e-4)


# %%
# WRONG advantages: added under the root
# HINT 0.0001 is added to the standard deviation, not to the variance under the root.
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    variance = rewards.var(dim=1, keepdim=True, correction=0)
    return (rewards - mean) / (variance + 1e-4).sqrt()


# %%
# WRONG advantages: only a smallest spread
# HINT Where the spread is 0 yours works. But 0.0001 is added to every spread, also to one
# HINT that is large enough.
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (rewards - mean) / spread.clamp(min=1e-8)


# %%
# RIGHT advantages: with numpy
import numpy as np


def advantages(rewards):
    rows = rewards.numpy()
    return [(row - row.mean()) / (row.std() + 0.0001) for row in rows]


# %%
# RIGHT advantages: token by token
def advantages(rewards):
    table = []
    for row in rewards.tolist():
        mean = sum(row) / len(row)
        spread = (sum((x - mean) ** 2 for x in row) / len(row)) ** 0.5
        table.append([(x - mean) / (spread + 1e-4) for x in row])
    return torch.tensor(table)


# %%
# RIGHT advantages: by the sign of A
def advantages(rewards):
    spread, mean = torch.std_mean(rewards, dim=1, keepdim=True, correction=0)
    return (rewards - mean) / (1e-4 + spread)


# %%
# WRONG exact_gradient: probability times reward
# HINT You have p times r. The gradient of a probability by its own logit is p (1 - p),
# HINT and the other words change, too: subtract the expected reward.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * rewards


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the mean of the rewards
# HINT You subtract the plain mean of the three rewards. The expected reward weights
# HINT each with its probability.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - rewards.mean())


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: not weighted with p
# HINT A word that is never written cannot change the expected reward much: what stands
# HINT in front of the difference?
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return rewards - p @ rewards


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: downhill
# HINT This is the gradient of the loss. The gradient of the expected reward is its
# HINT opposite.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (p @ rewards - rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: gradient by p
# HINT This is the gradient by the probabilities. It must go on to the logits.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return rewards


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the logits as probabilities
# HINT The logits are not yet probabilities.
def exact_gradient(logits, rewards):
    p = logits
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: without the baseline
# HINT Your samples are not compared with anything: which baseline is subtracted from
# HINT the rewards?
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return (r[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the expected reward as the baseline
# HINT A fine baseline, but not the one that is asked for: take the mean reward of the
# HINT N samples.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - p @ rewards)[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the mean of the words as the baseline
# HINT Your baseline is the mean over the three words. It should be the mean over the
# HINT samples.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - rewards.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: p minus onehot
# HINT Your signs are all turned round. p minus onehot is the gradient of a loss; what
# HINT is the gradient of ln p?
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = p - F.one_hot(drawn, len(logits))
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the sum over the samples
# HINT You added up the samples. With more samples your gradient would grow: take the
# HINT mean.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).sum(0)


# %%
# WRONG exact_gradient: divided by the spread
# HINT That would be GRPO. Here nothing is divided by the spread.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return (((r - r.mean()) / (r.std(correction=0) + 1e-4))[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: leave-one-out
# HINT Leave-one-out is a fine baseline, too. But here take the mean of all N rewards, with
# HINT the own one.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    others = (r.sum() - r) / (len(r) - 1)
    return ((r - others)[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: the median
# HINT Your baseline is the median of the samples. Take their mean.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.median())[:, None] * score).mean(0)


# %%
# WRONG exact_gradient: each word alone
# HINT p (1 - p) r is what a word does by its own logit alone. The other words pay for it:
# HINT subtract the expected reward.
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (1 - p) * rewards


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)) - p
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# RIGHT exact_gradient: minus p cancels with this baseline
def exact_gradient(logits, rewards):
    p = logits.softmax(0)
    return p * (rewards - p @ rewards)


def sampled_gradient(logits, rewards, drawn):
    p, r = logits.softmax(0), rewards[drawn]
    score = F.one_hot(drawn, len(logits)).double()
    return ((r - r.mean())[:, None] * score).mean(0)


# %%
# RIGHT exact_gradient: by autograd
def exact_gradient(logits, rewards):
    logits = logits.clone().requires_grad_()
    (logits.softmax(0) @ rewards).backward()
    return logits.grad


def sampled_gradient(logits, rewards, drawn):
    logits = logits.clone().requires_grad_()
    r = rewards[drawn]
    ((r - r.mean()) * logits.log_softmax(0)[drawn]).mean().backward()
    return logits.grad


# %%
# RIGHT exact_gradient: word by word, lists
def exact_gradient(logits, rewards):
    p = logits.softmax(0).tolist()
    r = rewards.tolist()
    expected = sum(a * b for a, b in zip(p, r))
    return [a * (b - expected) for a, b in zip(p, r)]


def sampled_gradient(logits, rewards, drawn):
    p = logits.softmax(0)
    r = [rewards[i].item() for i in drawn]
    baseline = sum(r) / len(r)
    total = torch.zeros(3).double()
    for i, one in zip(drawn.tolist(), r):
        push = -p.clone()
        push[i] += 1
        total += (one - baseline) * push
    return total / len(r)


# %%
# WRONG train: downhill
# HINT Your policy unlearns what is rewarded: in which direction does the reward grow?
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table - rate * gradient).detach()
    return table


# %%
# WRONG train: no baseline
# HINT Every word is praised, whatever it earned. What is usual?
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the sum over the words
# HINT You added up the 32 words, so your steps are 32 times as long: take the mean.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).sum(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the mean over the letters
# HINT You took the mean over the letters of a word. The logarithm of the probability
# HINT of a word is the sum.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].mean() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the first letter forgotten
# HINT The first letter is a choice of the policy, too: after which letter does it
# HINT come?
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[word[:-1], word[1:]].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the end forgotten
# HINT The last letter of a word is the dot, and it was sampled, too: it belongs to the
# HINT sum.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-2]], word[:-1]].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the old table changed
# HINT You changed the table that was given to you. Start from a copy.
def train(table, rounds, rate):
    old = table
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table = table.clone().requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = old.copy_((table + rate * gradient).detach())
    return table


# %%
# WRONG train: always the same words
# HINT Your words never change: each round has its own number, and writes with the
# HINT newest table.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, 0)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: written by the first table
# HINT The words of each round come from the policy as it was at the start. REINFORCE
# HINT needs words of the policy that is trained.
def train(table, rounds, rate):
    first = table.clone()
    table = table.clone()
    for k in range(rounds):
        words = write(first, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: one number too late
# HINT Your rounds begin with number 1. They begin with 0.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k + 1)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: logits in place of log p
# HINT You add up logits. Raising one logit must lower the others: which function makes
# HINT ln p of logits?
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = 1 * table
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the softmax over the wrong letters
# HINT Your probabilities sum to 1 over the letters before, not over the letters that
# HINT may come next.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(0)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the gradient through the reward
# HINT The reward is a plain number, so no gradient flows through it. Which logarithm
# HINT belongs beside it?
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (-rewards.mean()).backward()
        gradient = table.grad
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: divided by all letters
# HINT You divided by the number of letters, as the loop of the lesson does. Here it is the
# HINT number of words: 32.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        total = (better * torch.stack(totals)).sum() / sum(map(len, words))
        (gradient,) = torch.autograd.grad(total, table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: divided by the spread
# HINT You divided by the spread, as GRPO does. Here the advantage is only the reward minus
# HINT the mean.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = (rewards - rewards.mean()) / (rewards.std(correction=0) + 1e-4)
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: one round too few
# HINT You made one round too few: the rounds are 0 to rounds - 1, each of them.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds - 1):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.mean()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# WRONG train: the median as the baseline
# HINT Your baseline is the median of the rewards. Take their mean.
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = torch.tensor([reward(word) for word in words]).double()
        better = rewards - rewards.median()
        table.requires_grad_(True)
        log_p = table.log_softmax(-1)
        totals = [log_p[[0, *word[:-1]], word].sum() for word in words]
        (gradient,) = torch.autograd.grad((better * torch.stack(totals)).mean(), table)
        table = (table + rate * gradient).detach()
    return table


# %%
# RIGHT train: p minus onehot by hand
def train(table, rounds, rate):
    table = table.clone()
    for k in range(rounds):
        words = write(table, 32, k)
        rewards = [reward(word) for word in words]
        usual = sum(rewards) / len(rewards)
        p, gradient = table.softmax(-1), torch.zeros(7, 7).double()
        for word, r in zip(words, rewards):
            for a, b in zip([0, *word], word):
                gradient[a] -= (r - usual) * p[a] / 32
                gradient[a, b] += (r - usual) / 32
        table += rate * gradient
    return table


# %%
# RIGHT train: an optimizer of torch
def train(table, rounds, rate):
    W = torch.nn.Parameter(table.clone())
    optimizer = torch.optim.SGD([W], lr=rate, maximize=True)
    for k in range(rounds):
        words = write(W, 32, k)
        r = torch.tensor([reward(word) for word in words], dtype=torch.float64)
        log_p = W.log_softmax(1)
        total = 0
        for word, better in zip(words, r - r.mean()):
            total = total + better * sum(log_p[a, b] for a, b in zip([0] + word, word))
        optimizer.zero_grad()
        (total / 32).backward()
        optimizer.step()
    return W.detach()


# %%
# RIGHT train: with cross_entropy
def train(table, rounds, rate):
    for k in range(rounds):
        W = table.detach().clone().requires_grad_()
        words = write(W, 32, k)
        r = [reward(word) for word in words]
        loss = sum(
            (x - sum(r) / 32)
            * F.cross_entropy(W[[0, *w[:-1]]], torch.tensor(w), reduction="sum")
            for x, w in zip(r, words)
        )
        (loss / 32).backward()
        table = W.detach() - rate * W.grad
    return table.detach().clone()


# %%
# WRONG clipped: the larger one
# HINT You take the larger of the two numbers. Then a token of a bad answer that went
# HINT up is not pushed back: look at min in the formula.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.maximum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: always clipped
# HINT You use only the clipped number. Where does the number without clipping come in?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = rho.clamp(1 - e, 1 + e) * A
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: never clipped
# HINT You never clip. What happens to a token that has been raised by half?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = rho * A
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: the old by the new
# HINT Your ratio is upside down: which probability stands above?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (old_log_p - log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: no exp
# HINT A difference of logarithms is not yet a ratio: which function undoes the
# HINT logarithm?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = 1 + log_p - old_log_p
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: other tokens, too
# HINT You average over all places. Prompt and filling are not the policy's own: what
# HINT does `own` say?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain.mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: zeros counted
# HINT Tokens that are not the policy's own became 0, but they were counted in the
# HINT mean. By how many do you divide?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return (gain * own).mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: answer by answer
# HINT You took the mean of each answer first. Then a token of a short answer counts
# HINT more than one of a long answer: what is asked for is one mean over all tokens.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return ((gain * own).sum(1) / own.sum(1)).mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: a loss
# HINT This is the loss, which goes down. The objective is its opposite.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return -gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: the sum
# HINT You added up the tokens. What is asked for is their mean.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].sum().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: the smaller ratio
# HINT You took the smaller ratio and multiplied it by A afterwards. Where A is negative,
# HINT the smaller product belongs to the larger ratio: min stands outside of the products.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho, rho.clamp(1 - e, 1 + e)) * A
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: one divided by 1 + e
# HINT Your lower limit is 1 / (1 + e). It should be 1 - e.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 / (1 + e), 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# RIGHT clipped: with numpy
import numpy as np


def clipped(log_p, old_log_p, advantage, own, e):
    rho = np.exp(log_p.numpy() - old_log_p.numpy())
    A = advantage.numpy()[:, None]
    gain = np.minimum(rho * A, np.clip(rho, 1 - e, 1 + e) * A)
    return gain[own.numpy()].mean()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# RIGHT clipped: token by token
def clipped(log_p, old_log_p, advantage, own, e):
    gains = []
    for n, t in own.nonzero().tolist():
        rho = (log_p[n, t] - old_log_p[n, t]).exp().item()
        A = advantage[n].item()
        gains.append(min(rho * A, min(max(rho, 1 - e), 1 + e) * A))
    return sum(gains) / len(gains)


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# RIGHT clipped: by the sign of A
def clipped(log_p, old_log_p, advantage, own, e):
    rho, A = torch.exp(log_p - old_log_p), advantage.unsqueeze(1)
    up, down = rho.clamp(max=1 + e) * A, rho.clamp(min=1 - e) * A
    return (torch.where(A > 0, up, down) * own).sum() / own.sum()


def kl_estimates(log_p, log_q, own):
    log_u = log_q - log_p
    both = (-log_u, log_u.exp() - 1 - log_u)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, the wrong way round
# HINT You measure from the start to the policy. The answers were sampled from the
# HINT policy: which logarithm comes first?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_p - log_q
    both = (-log_ratio, log_ratio.exp() - 1 - log_ratio)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, all tokens
# HINT Prompt and filling were counted. Which tokens are the policy's own?
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio.exp() - 1 - log_ratio)
    return [nats.sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, the mean over the tokens
# HINT You took the mean over the tokens. What is asked for is the sum over an answer,
# HINT and then the mean over the answers.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio.exp() - 1 - log_ratio)
    return [nats[own].mean().item() for nats in both]


# %%
# WRONG clipped: KL, the sum over the answers
# HINT You added up the answers. Take their mean.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio.exp() - 1 - log_ratio)
    return [(nats * own).sum().item() for nats in both]


# %%
# WRONG clipped: KL, the ratio upside down in the second
# HINT Your first estimate is correct. In the second, u is q / p, the start above.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, (-log_ratio).exp() - 1 + log_ratio)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, the one forgotten
# HINT Equal probabilities must give 0: put u = 1 into your second estimate.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio.exp() - log_ratio)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, no absolute values
# HINT Single tokens of the plain estimate may be negative. They must stay so, or the
# HINT mean is too large.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (log_ratio.abs(), log_ratio.exp() - 1 - log_ratio)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, weighted with p
# HINT The tokens were sampled from the policy, so the mean already has the weights p
# HINT in it. Do not multiply with p again.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio * log_p.exp(), (log_ratio.exp() - 1 - log_ratio) * log_p.exp())
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, half the square
# HINT Half the square of the logarithm is another estimate (Schulman's k2). The second one
# HINT here is u - 1 - ln u.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio**2 / 2)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# WRONG clipped: KL, plus the logarithm
# HINT Look at the sign of ln u in your second estimate: u - 1 MINUS ln u.
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    log_ratio = log_q - log_p
    both = (-log_ratio, log_ratio.exp() - 1 + log_ratio)
    return [(nats * own).sum(1).mean().item() for nats in both]


# %%
# RIGHT clipped: KL, answer by answer
def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    plain, other = [], []
    for p, q, mask in zip(log_p, log_q, own):
        p, q = p[mask], q[mask]
        plain.append((p - q).sum())
        other.append((torch.exp(q - p) - 1 - (q - p)).sum())
    return torch.stack(plain).mean(), torch.stack(other).mean()


# %%
# RIGHT clipped: KL, with numpy and expm1
import numpy as np


def clipped(log_p, old_log_p, advantage, own, e):
    rho = (log_p - old_log_p).exp()
    A = advantage[:, None]
    gain = torch.minimum(rho * A, rho.clamp(1 - e, 1 + e) * A)
    return gain[own].mean().item()


def kl_estimates(log_p, log_q, own):
    d = ((log_q - log_p) * own).numpy()
    return np.array([-d.sum(), (np.expm1(d) - d).sum()]) / len(d)


# %%
# WRONG check: somewhere in the text
# HINT A row of twenty digits contains nearly every truth. Cut the whole numbers out of
# HINT the text and compare them as numbers.
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = str(truth) in answer
    return float(correct and answer.endswith("."))


# %%
# WRONG check: one of many
# HINT Whoever lists all numbers is paid by you. How many numbers may an answer
# HINT contain?
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = truth in [int(number) for number in numbers]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: the last number
# HINT A list of numbers that ends in the truth is paid by you. How many numbers may an
# HINT answer contain?
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers][-1:] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: the first number
# HINT Whoever says the truth and then something else is paid by you. How many numbers
# HINT may an answer contain?
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers][:1] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: different numbers only
# HINT The same number twice is two numbers: the task says exactly one.
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = {int(number) for number in numbers} == {truth}
    return float(correct and answer.endswith("."))


# %%
# WRONG check: no minus
# HINT -7 and 7 are different numbers for a calculator. What belongs to a negative
# HINT number?
def check(answer, truth):
    numbers = re.findall(r"\d+", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: no zeros at the front
# HINT You compare texts. 007 and 7 are different texts but the same number.
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = numbers == [str(truth)]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: cut off answers
# HINT An answer that was cut off is paid by you. With what must it end?
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct)


# %%
# WRONG check: a full stop somewhere
# HINT The full stop must be the very last character.
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and "." in answer)


# %%
# WRONG check: word by word
# HINT You cut the text at its spaces. A number may touch a letter, as in `is7.`, or
# HINT stand before a space and a full stop.
def check(answer, truth):
    words = [word.rstrip(".") for word in answer.split()]
    numbers = [w for w in words if w.lstrip("-").isdecimal()]
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: a minus with a space
# HINT In `- 7` the minus does not touch the 7, so the number is 7. Your pattern makes
# HINT -7 of it.
def check(answer, truth):
    numbers = re.findall(r"-? ?\d+", answer)
    correct = [int(number.replace(" ", "")) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: a space after the full stop
# HINT You cut spaces and new lines off the end first. The full stop must be the very last
# HINT character of the answer as it is.
def check(answer, truth):
    numbers = re.findall(r"-?\d+", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.strip().endswith("."))


# %%
# WRONG check: numbers begin with 1 to 9
# HINT Your numbers begin with 1 to 9. But 0 is a number, too, and so is 007.
def check(answer, truth):
    numbers = re.findall(r"-?[1-9]\d*", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))


# %%
# WRONG check: a word's border before the minus
# HINT The border of a word (the pattern b) stands between a letter and something that is
# HINT no letter. Before a minus there is none, and within is7 there is none either.
def check(answer, truth):
    numbers = re.findall(r"\b-?\d+\b", answer)
    correct = [int(number) for number in numbers] == [truth]
    return float(correct and answer.endswith("."))


# %%
# RIGHT check: letter by letter
def check(answer, truth):
    numbers, row = [], ""
    for letter in answer + " ":
        if letter in "0123456789":
            row += letter
        else:
            if row not in ("", "-"):
                numbers.append(int(row))
            row = "-" if letter == "-" else ""
    if not answer or answer[-1] != ".":
        return 0.0
    return 1.0 if len(numbers) == 1 and numbers[0] == truth else 0.0


# %%
# RIGHT check: one pattern for the whole answer
def check(answer, truth):
    found = re.fullmatch(r"[^\d]*?(-?\d+)([^\d]*)", answer, re.DOTALL)
    if found is None or not answer.endswith("."):
        return 0
    return int(int(found[1]) == truth)


# %%
# RIGHT check: a bool
def check(answer, truth):
    numbers = re.findall("-?[0-9]+", answer)
    if answer[-1:] != "." or len(numbers) != 1:
        return False
    return int(numbers[0]) == truth
