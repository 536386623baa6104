# Homework 23: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG reward_loss: the wrong way round
# HINT Here the worse answer wins. From which reward is the other one taken away?
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return -F.logsigmoid(rewards[worse] - rewards[better]).mean()


# %%
# WRONG reward_loss: the minus sign forgotten
# HINT Your loss is below 0. What is the sign of the logarithm of a probability?
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return F.logsigmoid(rewards[better] - rewards[worse]).mean()


# %%
# WRONG reward_loss: the sum
# HINT You added up the choices. What is asked for is their mean.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return -F.logsigmoid(rewards[better] - rewards[worse]).sum()


# %%
# WRONG reward_loss: probability without the logarithm
# HINT You average probabilities. A loss is made of their logarithms: when is the
# HINT logarithm taken, before or after the mean?
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return 1 - torch.sigmoid(rewards[better] - rewards[worse]).mean()


# %%
# WRONG reward_loss: logarithm of the mean
# HINT You took the mean of the probabilities first and then the logarithm. The order
# HINT matters.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return -torch.sigmoid(rewards[better] - rewards[worse]).mean().log()


# %%
# WRONG reward_loss: breaks far out
# HINT On everyday numbers this is right. At -800 the sigmoid is 0 for a computer, and its
# HINT logarithm infinite. Which function of torch computes both at once?
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return -torch.sigmoid(rewards[better] - rewards[worse]).log().mean()


# %%
# WRONG reward_loss: clamped far out
# HINT A clamp hides infinity and gives a wrong number in its place: a model that is wrong
# HINT by 800 must pay 800.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    p = torch.sigmoid(rewards[better] - rewards[worse])
    return -p.clamp(min=1e-12).log().mean()


# %%
# WRONG reward_loss: a margin, as in a hinge
# HINT This is a hinge loss. Bradley and Terry ask for the logarithm of a sigmoid.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return (1 - (rewards[better] - rewards[worse])).clamp(min=0).mean()


# %%
# WRONG reward_loss: squared
# HINT You square a difference. Bradley and Terry ask for the logarithm of a sigmoid of it.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return ((rewards[better] - rewards[worse] - 1) ** 2).mean()


# %%
# WRONG reward_loss: only the first choice
# HINT Only the first choice counts here. What about the others?
def reward_loss(rewards, choices):
    better, worse = choices[0]
    return -F.logsigmoid(rewards[better] - rewards[worse])


# %%
# WRONG reward_loss: sigmoid of each reward alone
# HINT You judge the better answer alone. Which difference decides who wins?
def reward_loss(rewards, choices):
    better, _ = torch.tensor(choices).T
    return -F.logsigmoid(rewards[better]).mean()


# %%
# WRONG reward_loss: divided by how unsure the person is
# HINT You divide the difference by 0.5, as for the person of the lesson. A reward model
# HINT learns the size of its rewards itself: the loss has no such number.
def reward_loss(rewards, choices):
    better, worse = torch.tensor(choices).T
    return -F.logsigmoid((rewards[better] - rewards[worse]) / 0.5).mean()


# %%
# RIGHT reward_loss: softplus
def reward_loss(rewards, choices):
    total = 0.0
    for better, worse in choices:
        total = total + F.softplus(rewards[worse] - rewards[better])
    return total / len(choices)


# %%
# RIGHT reward_loss: cross-entropy of two
def reward_loss(rewards, choices):
    logits = rewards[torch.tensor(choices)]
    return F.cross_entropy(logits, torch.zeros(len(choices), dtype=torch.int64))


# %%
# RIGHT reward_loss: numpy, by cases
import numpy as np


def reward_loss(rewards, choices):
    r = rewards.detach().numpy()
    d = np.array([r[a] - r[b] for a, b in choices])
    return float((np.maximum(-d, 0) + np.log1p(np.exp(-np.abs(d)))).mean())


# %%
# WRONG dpo: prompt and filling counted
# HINT You added up whole rows. Which tokens are the answer's own?
def dpo(policy, reference, answered, beta):
    raised = (policy - reference).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: the mean over the tokens
# HINT You took the mean over the tokens of an answer. The logarithm of a product of
# HINT probabilities is a sum.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1) / answered.sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: the mean over the whole row
# HINT You divided by the length of the row. The logarithm of a product of probabilities
# HINT is a sum.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).mean(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: no reference
# HINT You compare the two answers under the policy alone. Then a short answer is ahead
# HINT from the start, and the first loss is not ln 2. What did the reference say?
def dpo(policy, reference, answered, beta):
    total = (policy * answered).sum(-1)
    margins = total[0] - total[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: rejected before chosen
# HINT Your margin is positive where the rejected answer has been raised more. Which index
# HINT holds the chosen one?
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[1] - raised[0]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: the chosen answer alone
# HINT You count how much the chosen answer has been raised. The rejected one belongs to
# HINT the margin, too.
def dpo(policy, reference, answered, beta):
    margins = ((policy - reference) * answered).sum(-1)[0]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: added in place of taken away
# HINT You add the two. Raising the chosen answer and raising the rejected one are not
# HINT both good.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[0] + raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: beta inside the margins
# HINT The loss is right, but the margins are in nats: beta belongs to the loss only.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = beta * (raised[0] - raised[1])
    return -F.logsigmoid(margins).mean(), margins


# %%
# WRONG dpo: beta forgotten
# HINT The margins are right, and beta does nothing in your loss. Where does it belong?
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(margins).mean(), margins


# %%
# WRONG dpo: beta before the logarithm's bracket
# HINT You multiplied the loss by beta. It belongs inside the sigmoid.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[0] - raised[1]
    return -beta * F.logsigmoid(margins).mean(), margins


# %%
# WRONG dpo: the sum over the pairs
# HINT The margins are right; your loss is the sum over the pairs, not their mean.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).sum(), margins


# %%
# WRONG dpo: the sign of the loss
# HINT The margins are right; your loss is below 0 and would be made smaller for ever.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(-1)
    margins = raised[0] - raised[1]
    return F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: probabilities in place of logarithms
# HINT You made probabilities of the numbers. They are logarithms, and a difference of
# HINT logarithms is what the margin is made of.
def dpo(policy, reference, answered, beta):
    raised = ((policy.exp() - reference.exp()) * answered).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: one mask for both
# HINT You used the places of the chosen answer for the rejected one, too. Does it stand
# HINT at the same places?
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered[0]).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: mask the wrong way round
# HINT You added up what is not the answer.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * ~answered).sum(-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins).mean(), margins


# %%
# WRONG dpo: divided by beta
# HINT The margins are right, but your loss divides them by beta. The formula multiplies.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(dim=-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(margins / beta).mean(), margins


# %%
# WRONG dpo: the loss of the mean margin
# HINT The margins are right; you took their mean first. Each pair has a loss of its own,
# HINT and then comes the mean.
def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).sum(dim=-1)
    margins = raised[0] - raised[1]
    return -F.logsigmoid(beta * margins.mean()), margins


# %%
# RIGHT dpo: four totals, as in the paper
def dpo(policy, reference, answered, beta):
    new_good, new_bad = (policy * answered).sum(2)
    old_good, old_bad = (reference * answered).sum(2)
    ratio = (new_good - new_bad) - (old_good - old_bad)
    return (1 + torch.exp(-beta * ratio)).log().mean(), ratio


# %%
# RIGHT dpo: a list, with plain numbers and lists
def dpo(policy, reference, answered, beta):
    raised = torch.where(answered, policy - reference, 0.0).sum(-1).tolist()
    margins = [good - bad for good, bad in zip(*raised)]
    loss = F.softplus(-beta * torch.tensor(margins)).mean().item()
    return [loss, margins]


# %%
# RIGHT dpo: arrays of numpy
import numpy as np


def dpo(policy, reference, answered, beta):
    raised = ((policy - reference) * answered).numpy().sum(axis=-1)
    margins = raised[0] - raised[1]
    return np.log1p(np.exp(-beta * margins)).mean(), margins


# %%
# RIGHT dpo: with loops
import math


def dpo(policy, reference, answered, beta):
    margins = []
    for i in range(policy.shape[1]):
        margin = 0.0
        for side, sign in ((0, 1), (1, -1)):
            for t in range(policy.shape[2]):
                if answered[side, i, t]:
                    margin += sign * float(policy[side, i, t] - reference[side, i, t])
        margins.append(margin)
    loss = sum(math.log(1 + math.exp(-beta * m)) for m in margins) / len(margins)
    return loss, torch.tensor(margins, dtype=torch.float64)


# %%
# RIGHT dpo: masked with where, loss by binary cross-entropy
def dpo(policy, reference, answered, beta):
    ratio = torch.where(answered, policy - reference, 0).sum(-1)
    margins = ratio[0].sub(ratio[1])
    ones = torch.ones_like(margins)
    return F.binary_cross_entropy_with_logits(beta * margins, ones), margins


# %%
# WRONG answer_log_prob: no shift
# HINT You score each token with the logits at its own position. They score the next one.
def answer_log_prob(logits, tokens, answered):
    log_p = logits.log_softmax(-1)
    picked = log_p.gather(-1, tokens[..., None]).squeeze(-1)
    return (picked * answered).sum(-1)


# %%
# WRONG answer_log_prob: shifted the other way
# HINT You score each token with the logits one position later. There the token has been
# HINT read already.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, 1:].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, :-1, None]).squeeze(-1)
    return (picked * answered[:, :-1]).sum(-1)


# %%
# WRONG answer_log_prob: the mask is not shifted
# HINT The logits are shifted, the mask is not. Which token do the logits at position t
# HINT predict, and does that one belong to the answer?
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, :-1]).sum(-1)


# %%
# WRONG answer_log_prob: the last label wraps round, and everything counts
# HINT You added up whole rows. With `roll`, the last position even predicts token 0.
def answer_log_prob(logits, tokens, answered):
    log_p = logits.log_softmax(-1)
    return log_p.gather(-1, tokens.roll(-1, dims=1)[..., None]).squeeze(-1).sum(-1)


# %%
# WRONG answer_log_prob: prompt and filling counted
# HINT You added up whole rows. Which tokens belong to the answer?
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    return log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1).sum(-1)


# %%
# WRONG answer_log_prob: the filling counted
# HINT The prompt is left out, but the filling counts. Where does the answer end?
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    begun = answered[:, 1:].int().cummax(dim=1).values
    return (picked * begun).sum(-1)


# %%
# WRONG answer_log_prob: the prompt counted
# HINT The filling is left out, but the prompt counts. It is given: nobody predicts it.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    going = answered[:, 1:].int().flip(1).cummax(dim=1).values.flip(1)
    return (picked * going).sum(-1)


# %%
# WRONG answer_log_prob: the mean
# HINT This is the mean over the tokens of the answer. A product of probabilities has the
# HINT sum of their logarithms.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).sum(-1) / answered[:, 1:].sum(-1)


# %%
# WRONG answer_log_prob: the mean over the row
# HINT You divided by the length of the row. A product of probabilities has the sum of
# HINT their logarithms.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).mean(-1)


# %%
# WRONG answer_log_prob: logits as they are
# HINT You added up logits. Which function makes logarithms of probabilities of them?
def answer_log_prob(logits, tokens, answered):
    picked = logits[:, :-1].gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: probabilities added up
# HINT You added up probabilities. Take their logarithms first.
def answer_log_prob(logits, tokens, answered):
    p = logits[:, :-1].softmax(-1)
    picked = p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: the loss
# HINT Your numbers are above 0: this is a loss. The logarithm of a probability is never
# HINT above 0.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return -(picked * answered[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: softmax over the positions
# HINT Your softmax runs over the positions. Over what should the probabilities add up
# HINT to 1?
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: one number for all
# HINT You return one number for all rows. Over which axis do you add up?
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return (picked * answered[:, 1:]).sum()


# %%
# WRONG answer_log_prob: the likeliest token
# HINT You take the likeliest token at each position. Which token really stands there?
def answer_log_prob(logits, tokens, answered):
    best = logits[:, :-1].log_softmax(-1).amax(-1)
    return (best * answered[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: the end of the answer forgotten
# HINT The last token of each answer is missing. It counts: to stop is part of the answer.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    own = answered.clone()
    places = torch.arange(own.shape[1])
    own[torch.arange(len(own)), (places * own).argmax(1)] = False
    return (picked * own[:, 1:]).sum(-1)


# %%
# WRONG answer_log_prob: the tool's result counted
# HINT Correct as long as the answer has no gap. In the middle stands a tool's result, which
# HINT the model did not write: `answered` is False there.
def answer_log_prob(logits, tokens, answered):
    log_p = logits[:, :-1].log_softmax(dim=-1)
    picked = log_p.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    begun = answered.long().cumsum(dim=-1) > 0
    to_come = answered.long().flip(-1).cumsum(dim=-1).flip(-1) > 0
    return (picked * (begun & to_come)[:, 1:]).sum(dim=-1)


# %%
# RIGHT answer_log_prob: cross-entropy without its mean
def answer_log_prob(logits, tokens, answered):
    nats = F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none")
    return -(nats * answered[:, 1:]).sum(dim=1)


# %%
# RIGHT answer_log_prob: with loops
def answer_log_prob(logits, tokens, answered):
    totals = []
    for row in range(len(tokens)):
        total = 0.0
        for t in range(1, tokens.shape[1]):
            if answered[row, t]:
                total += logits[row, t - 1].log_softmax(0)[tokens[row, t]].item()
        totals.append(total)
    return totals


# %%
# RIGHT answer_log_prob: ignore_index
def answer_log_prob(logits, tokens, answered):
    targets = tokens.masked_fill(~answered, -100)[:, 1:]
    flat = F.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets.flatten(), reduction="none"
    )
    return tuple(-flat.view(targets.shape).sum(1))


# %%
# WRONG rewards_of: the last column
# HINT You read the end of the row. There is filling: where does the answer end?
def rewards_of(hidden, answered, weight, bias):
    return hidden[:, -1] @ weight + bias


# %%
# WRONG rewards_of: the first token of the answer
# HINT You read the first token of the answer. It has not seen what follows it.
def rewards_of(hidden, answered, weight, bias):
    first = answered.int().argmax(dim=1)
    return hidden[torch.arange(len(first)), first] @ weight + bias


# %%
# WRONG rewards_of: the number of tokens taken for a position
# HINT You count the tokens of the answer and take the count for a position. But a prompt
# HINT stands before it.
def rewards_of(hidden, answered, weight, bias):
    last = answered.sum(dim=1) - 1
    return hidden[torch.arange(len(last)), last] @ weight + bias


# %%
# WRONG rewards_of: breaks at a gap
# HINT Correct as long as the answer has no gap. Begin plus number of tokens is too short
# HINT when a tool's result stands in the middle.
def rewards_of(hidden, answered, weight, bias):
    last = answered.int().argmax(dim=1) + answered.sum(dim=1) - 1
    return hidden[torch.arange(len(last)), last] @ weight + bias


# %%
# WRONG rewards_of: stops at the gap
# HINT You stop at the first gap. A tool's result stands there, and the answer goes on.
def rewards_of(hidden, answered, weight, bias):
    rewards = []
    for row, own in zip(hidden, answered.tolist()):
        t = own.index(True)
        while t + 1 < len(own) and own[t + 1]:
            t += 1
        rewards.append(row[t] @ weight + bias)
    return torch.stack(rewards)


# %%
# WRONG rewards_of: the mean over the answer
# HINT You take the mean over the answer. Asked for is the hidden state of its last token.
def rewards_of(hidden, answered, weight, bias):
    marks = answered[..., None]
    return ((hidden * marks).sum(1) / marks.sum(1)) @ weight + bias


# %%
# WRONG rewards_of: the sum over the answer
# HINT You add up the hidden states of all tokens of the answer. Keep only the last one.
def rewards_of(hidden, answered, weight, bias):
    return (hidden * answered[..., None]).sum(1) @ weight + bias


# %%
# WRONG rewards_of: one before the last
# HINT You are one position too early: ln p is shifted, hidden states are not.
def rewards_of(hidden, answered, weight, bias):
    places = torch.arange(answered.shape[1])
    last = (places * answered).argmax(dim=1) - 1
    return hidden[torch.arange(len(last)), last] @ weight + bias


# %%
# WRONG rewards_of: one after the last
# HINT You are one position too late: that token is filling.
def rewards_of(hidden, answered, weight, bias):
    places = torch.arange(answered.shape[1])
    last = ((places * answered).argmax(dim=1) + 1).clamp(max=len(places) - 1)
    return hidden[torch.arange(len(last)), last] @ weight + bias


# %%
# WRONG rewards_of: no bias
# HINT The bias of the head is missing.
def rewards_of(hidden, answered, weight, bias):
    places = torch.arange(answered.shape[1])
    last = (places * answered).argmax(dim=1)
    return hidden[torch.arange(len(last)), last] @ weight


# %%
# WRONG rewards_of: the largest over the answer
# HINT You take the largest reward of all tokens of the answer. Keep the last token's.
def rewards_of(hidden, answered, weight, bias):
    all_rewards = hidden @ weight + bias
    return all_rewards.masked_fill(~answered, -torch.inf).amax(dim=1)


# %%
# WRONG rewards_of: a sigmoid at the end
# HINT You put the reward through a sigmoid. A reward is any number; the sigmoid belongs to
# HINT the difference of two rewards, in the loss.
def rewards_of(hidden, answered, weight, bias):
    last = (torch.arange(answered.shape[1]) * answered).argmax(dim=1)
    return torch.sigmoid(hidden[torch.arange(len(last)), last] @ weight + bias)


# %%
# RIGHT rewards_of: a loop
def rewards_of(hidden, answered, weight, bias):
    rewards = []
    for row, own in zip(hidden, answered):
        last = own.nonzero().max().item()
        rewards.append(float(row[last] @ weight) + bias)
    return rewards


# %%
# RIGHT rewards_of: all rewards first, then one of each row
def rewards_of(hidden, answered, weight, bias):
    every = (hidden * weight).sum(-1) + bias
    T = answered.shape[1]
    last = T - 1 - answered.flip(1).int().argmax(dim=1)
    return every.gather(1, last[:, None])[:, 0]


# %%
# RIGHT rewards_of: numpy
import numpy as np


def rewards_of(hidden, answered, weight, bias):
    last = [np.flatnonzero(own)[-1] for own in answered.numpy()]
    return hidden.numpy()[np.arange(len(last)), last] @ weight.numpy() + bias


# %%
# WRONG prefer: uphill
# HINT The rejected answers become more probable. A step goes against the gradient.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W + rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the sides swapped
# HINT You raise the rejected answers. Which of a pair comes first?
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 1] - raised[:, 0])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the sum over the pairs
# HINT Your steps are as many times too large as there are pairs: mean, not sum.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).sum()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: no reference
# HINT You compare the two answers under the policy alone. What has been subtracted from
# HINT each of them in the margin?
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs)
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the reference moves
# HINT Your reference moves with the policy, so each step begins at margin 0 again. It is the
# HINT table as it came, all the time.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        old = totals(W, pairs).detach()
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the chosen alone, fine-tuning
# HINT This is fine-tuning on the chosen answers. The rejected ones have no part in it.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -raised[:, 0].mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: beta forgotten
# HINT Beta does nothing in your loss. Where does it belong?
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(raised[:, 0] - raised[:, 1]).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: beta in front of the loss
# HINT You multiplied the loss by beta. It belongs inside the sigmoid.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -beta * F.logsigmoid((raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: logits in place of log-probabilities
# HINT You added up logits of the table. Which function makes log-probabilities of a row?
def totals(table, pairs):
    log_p = table
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: softmax over the first dimension
# HINT Your softmax runs down the columns. Row a holds the words that come after a.
def totals(table, pairs):
    log_p = table.log_softmax(dim=0)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the mean over the tokens
# HINT You took the mean over the words of an answer. Its log-probability is a sum.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].mean() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the end mark left out
# HINT The end mark of the answers does not count in yours. To stop is part of the answer.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-2], a[1:-1]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: no shift
# HINT You look up each word after itself. Row a scores the word after a.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[1:], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: one step only
# HINT However many steps are asked for, you make one.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(1):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: one step too many
# HINT You make one step more than asked for.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps + 1):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the first pair alone
# HINT Only the first pair counts here. The mean is over all of them.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    pairs = pairs[:1]
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the old table is overwritten
# HINT The table that was handed in has changed. Work on a copy.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    table.copy_(W.detach())
    return table


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the end mark said
# HINT The training is correct. But your text holds the end mark, which should be left out.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        said.append(WORDS[token])
        if token == 1:
            break
    return " ".join(said)


# %%
# WRONG prefer: the start mark said
# HINT The training is correct. But your text begins with the mark <asst>.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [WORDS[0]], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the words run together
# HINT The training is correct. But your words stand without a space between them.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return "".join(said)


# %%
# WRONG prefer: the unlikeliest word
# HINT The training is correct. But you take the least likely next word.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmin().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: only the first word
# HINT The training is correct. But you say one word only; go on until the end mark.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 1:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: one pair after the other
# HINT You make a step after each pair. One step is on the mean loss of all pairs.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    W = table.clone().requires_grad_()
    for _ in range(steps):
        for pair in pairs:
            raised = totals(W, [pair]) - totals(table, [pair])
            loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
            (gradient,) = torch.autograd.grad(loss, W)
            W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# WRONG prefer: the sign of the gradient
# HINT You step by the sign of the gradient. Plain gradient descent takes the gradient
# HINT itself.
def totals(table, pairs):
    log_p = table.log_softmax(dim=-1)
    sides = [[log_p[a[:-1], a[1:]].sum() for a in pair] for pair in pairs]
    return torch.stack([torch.stack(side) for side in sides])


def prefer(table, pairs, beta, rate, steps):
    old = totals(table, pairs)
    W = table.clone().requires_grad_()
    for _ in range(steps):
        raised = totals(W, pairs) - old
        loss = -F.logsigmoid(beta * (raised[:, 0] - raised[:, 1])).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient.sign()).detach().requires_grad_()
    return W.detach()


def favourite(table):
    said, token = [], 0
    while len(said) < 10:
        token = table[token].argmax().item()
        if token == 1:
            break
        said.append(WORDS[token])
    return " ".join(said)


# %%
# RIGHT prefer: torch's optimizer, four totals
def prefer(table, pairs, beta, rate, steps):
    def ln_p(W, answer):
        return sum(W[a].log_softmax(0)[b] for a, b in zip(answer, answer[1:]))

    before = [[ln_p(table, a).item() for a in pair] for pair in pairs]
    W = torch.nn.Parameter(table.clone())
    optimizer = torch.optim.SGD([W], lr=rate)
    for _ in range(steps):
        losses = []
        for (good, bad), (old_good, old_bad) in zip(pairs, before):
            margin = (ln_p(W, good) - old_good) - (ln_p(W, bad) - old_bad)
            losses.append(F.softplus(-beta * margin))
        optimizer.zero_grad()
        torch.stack(losses).mean().backward()
        optimizer.step()
    return W.detach()


def favourite(table):
    words, at = "", 0
    for _ in range(10):
        at = int(table[at].softmax(0).argmax())
        if WORDS[at] == "<end>":
            return words.strip()
        words += " " + WORDS[at]
    return words.strip()


# %%
# RIGHT prefer: the gradient by hand, from counts
def prefer(table, pairs, beta, rate, steps):
    counts = torch.zeros(len(pairs), 2, *table.shape, dtype=table.dtype)
    for i, pair in enumerate(pairs):
        for side, answer in enumerate(pair):
            for a, b in zip(answer, answer[1:]):
                counts[i, side, a, b] += 1
    W = table.clone()
    for _ in range(steps):
        change = W.log_softmax(-1) - table.log_softmax(-1)
        raised = (counts * change).sum((-1, -2))
        force = -beta * torch.sigmoid(-beta * (raised[:, 0] - raised[:, 1]))
        slope = counts - counts.sum(-1, keepdim=True) * W.softmax(-1)
        gradient = (force[:, None, None] * (slope[:, 0] - slope[:, 1])).mean(0)
        W = W - rate * gradient
    return W.tolist()


def favourite(table):
    token, said = int(table[0].argmax()), []
    while token != 1 and len(said) < 10:
        said.append(WORDS[token])
        token = int(table[token].argmax())
    return " ".join(said)
