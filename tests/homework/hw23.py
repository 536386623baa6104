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
# WRONG kl_per_answer: the other way round
# HINT This is KL(reference || policy). Whose probabilities weigh the places of the
# HINT vocabulary?
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_q.exp() * (log_q - log_p)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: weighed by the reference
# HINT The difference is right, but it is weighed by the reference's probabilities. Whose
# HINT are they in the formula?
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_q.exp() * (log_p - log_q)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: the sign
# HINT A KL is never below 0. Which logarithm comes first?
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_p.exp() * (log_q - log_p)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: logits as they are
# HINT You subtracted logits. What is missing before they are logarithms of
# HINT probabilities?
def kl_per_answer(policy, reference, answered):
    kl = (policy.softmax(-1) * (policy - reference)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: not weighed
# HINT All words count the same here. What does p_v do in the formula?
def kl_per_answer(policy, reference, answered):
    kl = (policy.log_softmax(-1) - reference.log_softmax(-1)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: the mean over the vocabulary
# HINT You took the mean over the vocabulary. The p_v are the weights already: add up.
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_p.exp() * (log_p - log_q)).mean(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: the cross-entropy
# HINT This is the cross-entropy of the two. What has to be taken away from it?
def kl_per_answer(policy, reference, answered):
    kl = -(policy.softmax(-1) * reference.log_softmax(-1)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: in bits
# HINT These are bits. Which logarithm gives nats?
def kl_per_answer(policy, reference, answered):
    p, q = policy.softmax(-1), reference.softmax(-1)
    kl = (p * (p.log2() - q.log2())).sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: prompt and filling counted
# HINT Right for one place. In a row with prompt and filling, only the places of the answer
# HINT count.
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    return (log_p.exp() * (log_p - log_q)).sum((-1, -2))


# %%
# WRONG kl_per_answer: the mean over the places
# HINT Right for one place. Over the places of an answer the KL is added up: what is asked
# HINT for is nats per answer, not per word.
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_p.exp() * (log_p - log_q)).sum(-1)
    return (kl * answered).sum(-1) / answered.sum(-1)


# %%
# WRONG kl_per_answer: one number for all
# HINT You return one number for all answers. Over which axes do you add up?
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = (log_p.exp() * (log_p - log_q)).sum(-1)
    return (kl * answered).sum()


# %%
# WRONG kl_per_answer: torch's function with its two swapped
# HINT torch's kl_div takes the second distribution first, and logarithms of
# HINT probabilities. Try it on two distributions that you know.
def kl_per_answer(policy, reference, answered):
    p, q = policy.softmax(-1), reference.softmax(-1)
    kl = F.kl_div(p, q, reduction="none").sum(-1)
    return (kl * answered).sum(-1)


# %%
# WRONG kl_per_answer: softmax over the places
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(1), reference.log_softmax(1)
    kl = (log_p.exp() * (log_p - log_q)).sum(-1)
    return (kl * answered).sum(-1)


# %%
# RIGHT kl_per_answer: by torch
def kl_per_answer(policy, reference, answered):
    log_p, log_q = policy.log_softmax(-1), reference.log_softmax(-1)
    kl = F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)
    return kl.masked_fill(~answered, 0).sum(-1)


# %%
# RIGHT kl_per_answer: by torch.distributions
from torch.distributions import Categorical, kl_divergence


def kl_per_answer(policy, reference, answered):
    kl = kl_divergence(Categorical(logits=policy), Categorical(logits=reference))
    return torch.stack(
        [places[on].sum() for places, on in zip(kl, answered, strict=True)]
    )


# %%
# RIGHT kl_per_answer: cross-entropy minus entropy, with numpy
import numpy as np


def kl_per_answer(policy, reference, answered):
    p, q = (np.exp(z.numpy()) for z in (policy, reference))
    p, q = (x / x.sum(-1, keepdims=True) for x in (p, q))
    kl = -(p * np.log(q)).sum(-1) + (p * np.log(p)).sum(-1)
    return torch.from_numpy((kl * answered.numpy()).sum(-1))


# %%
# WRONG grpo_loss: the baseline over all
# HINT The easy prompt is still praised whatever is said: over which answers do you take
# HINT the mean?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean()
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: mean and spread of all
# HINT Mean and spread are those of all prompts together. Which answers compete with each
# HINT other?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean()
    spread = rewards.std(correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: the spread over all
# HINT The mean is that of each prompt, the spread is that of all. Both belong to the
# HINT prompt.
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: over the prompts
# HINT You compare the answers to different prompts with each other. Which axis holds the
# HINT answers to one prompt?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(0, keepdim=True)
    spread = rewards.std(dim=0, keepdim=True, correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: not divided
# HINT With rewards a thousand times as large your steps are a thousand times as large:
# HINT the spread is missing.
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    return (beta * kl - centred * log_p).mean()


# %%
# WRONG grpo_loss: divided by G - 1
# HINT Your spread is that of a sample (divided by G - 1). The task divides by G: see the
# HINT argument `correction` of `std`.
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: the variance
# HINT You divide by the variance. Which power of it has the unit of the rewards?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.var(dim=1, keepdim=True, correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: not centred
# HINT Every answer is praised here, only some more than others. What has to be taken away
# HINT from the rewards?
def grpo_loss(log_p, rewards, kl, beta):
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (beta * kl - rewards / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: uphill
# HINT Going down your loss makes the better answers less probable. Where is the minus
# HINT sign?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (beta * kl + centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: the leash still pushes away
# HINT Without a leash this is right. With one, a larger KL still makes your loss smaller.
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (-beta * kl - centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: the sum
# HINT You added up the answers. The loss is their mean.
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p).sum()


# %%
# WRONG grpo_loss: no leash left
# HINT Without a leash this is right. What has become of beta?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (-centred / (spread + 1e-4) * log_p).mean()


# %%
# WRONG grpo_loss: probabilities in place of logarithms
# HINT You weigh probabilities by the advantages. Whose gradient does REINFORCE take?
def grpo_loss(log_p, rewards, kl, beta):
    centred = rewards - rewards.mean(1, keepdim=True)
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return (beta * kl - centred / (spread + 1e-4) * log_p.exp()).mean()


# %%
# WRONG grpo_loss: only the sign of the leash mended
# HINT The leash pulls the right way now. Two things are left: the mean of each prompt, and
# HINT the spread.
def grpo_loss(log_p, rewards, kl, beta):
    advantages = rewards - rewards.mean()
    return -(advantages * log_p).mean() + beta * kl.mean()


# %%
# RIGHT grpo_loss: prompt by prompt
def grpo_loss(log_p, rewards, kl, beta):
    losses = []
    for one_log_p, r, one_kl in zip(log_p, rewards, kl, strict=True):
        mean = r.sum() / len(r)
        spread = (((r - mean) ** 2).sum() / len(r)).sqrt()
        losses.append(-((r - mean) / (spread + 1e-4)) * one_log_p + beta * one_kl)
    return torch.cat(losses).sum() / log_p.numel()


# %%
# RIGHT grpo_loss: var_mean
def grpo_loss(log_p, rewards, kl, beta):
    variance, mean = torch.var_mean(rewards, 1, correction=0, keepdim=True)
    advantages = (rewards - mean) / (variance**0.5 + 0.0001)
    return -(advantages * log_p).mean() + beta * kl.mean()


# %%
# RIGHT grpo_loss: turned, with einsum
def grpo_loss(log_p, rewards, kl, beta):
    turned = rewards.T
    advantages = ((turned - turned.mean(0)) / (turned.std(0, correction=0) + 1e-4)).T
    gain = torch.einsum("bg,bg->", advantages, log_p)
    return (beta * kl.sum() - gain) / rewards.numel()


# %%
# WRONG leashed: overflow
# HINT For a large beta this is right. With a small one the exponential is infinite for a
# HINT computer. Which function can be fed with logarithms?
def leashed(start, rewards, beta):
    tilted = start * torch.exp(rewards / beta)
    return tilted / tilted.sum()


def find_hack(start, rewards, taste, betas):
    liked = {}
    for beta in betas:
        liked[beta] = (leashed(start, rewards, beta) @ taste).item()
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: the start forgotten
# HINT Where the start model says something a hundred times as often, the policy should
# HINT still know it. What has become of `start`?
def leashed(start, rewards, beta):
    return (rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: times beta
# HINT Here a long leash is a short one: a large beta should keep the policy at its start.
def leashed(start, rewards, beta):
    return (start.log() + rewards * beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: not normalised
# HINT Your probabilities do not add up to 1.
def leashed(start, rewards, beta):
    return start * torch.exp(rewards / beta)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: start without its logarithm
# HINT You added probabilities to rewards. What does a factor become in front of which an
# HINT exponential stands?
def leashed(start, rewards, beta):
    return (start + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: beta divides the start, too
# HINT You divided both by beta. Only the reward is: how does the start look in the
# HINT formula?
def leashed(start, rewards, beta):
    return ((start.log() + rewards) / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: the minus sign
# HINT Answers with a low reward become more probable here.
def leashed(start, rewards, beta):
    return (start.log() - rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: the best beta by the reward
# HINT The policies are right. But you chose the beta by the reward that was trained, and
# HINT so found the hack itself. Whose judgement counts?
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ rewards).item() for beta in betas}
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: the favourite of the best policy
# HINT The policies and the best beta are right. Which policy's favourite answer is asked
# HINT for?
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    best = max(betas, key=liked.get)
    return [best, leashed(start, rewards, best).argmax().item()]


# %%
# WRONG leashed: the loosest leash taken for the tightest
# HINT The policies and the best beta are right. A small beta is a long leash: which beta
# HINT does the hack belong to?
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    loose = leashed(start, rewards, max(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: the answer that people like best
# HINT The policies and the best beta are right. You named the answer with the highest
# HINT taste: what does the policy on the longest leash say?
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {beta: (leashed(start, rewards, beta) @ taste).item() for beta in betas}
    return [max(betas, key=liked.get), taste.argmax().item()]


# %%
# WRONG leashed: the taste of the favourite alone
# HINT The policies are right. For the best beta you look at the favourite answer only; the
# HINT expected taste counts all answers, each by its probability.
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    liked = {
        beta: taste[leashed(start, rewards, beta).argmax()].item() for beta in betas
    }
    loose = leashed(start, rewards, min(betas))
    return [max(betas, key=liked.get), loose.argmax().item()]


# %%
# WRONG leashed: always the same beta
# HINT The policies are right. But you give the same beta in every world: look for the one
# HINT with the highest expected taste.
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).softmax(0)


def find_hack(start, rewards, taste, betas):
    loose = leashed(start, rewards, min(betas))
    return [0.5, loose.argmax().item()]


# %%
# RIGHT leashed: the largest taken away first
def leashed(start, rewards, beta):
    scores = torch.log(start) + rewards / beta
    scores = torch.exp(scores - scores.max())
    return scores / scores.sum()


def find_hack(start, rewards, taste, betas):
    best, most = None, -float("inf")
    for beta in betas:
        liked = float((leashed(start, rewards, beta) * taste).sum())
        if liked > most:
            best, most = beta, liked
    policy = leashed(start, rewards, min(betas)).tolist()
    return [best, policy.index(max(policy))]


# %%
# RIGHT leashed: lists
def leashed(start, rewards, beta):
    return (start.log() + rewards / beta).log_softmax(0).exp().tolist()


def find_hack(start, rewards, taste, betas):
    def liked(beta):
        policy = leashed(start, rewards, beta)
        return sum(p * t for p, t in zip(policy, taste.tolist()))

    loose = leashed(start, rewards, sorted(betas)[0])
    return max(betas, key=liked), loose.index(max(loose))


# %%
# RIGHT leashed: rewards shifted, as only differences count
def leashed(start, rewards, beta):
    tilted = start * torch.exp((rewards - rewards.max()) / beta)
    return tilted / tilted.sum()


def find_hack(start, rewards, taste, betas):
    policies = torch.stack([leashed(start, rewards, beta) for beta in betas])
    row = (policies @ taste).argmax().item()
    return [betas[row], policies[betas.index(min(betas))].argmax().item()]


# %%
# RIGHT leashed: numpy and logsumexp by hand
import numpy as np


def leashed(start, rewards, beta):
    z = np.log(start.numpy()) + rewards.numpy() / beta
    return torch.from_numpy(np.exp(z - np.logaddexp.reduce(z)))


def find_hack(start, rewards, taste, betas):
    liked = [np.dot(leashed(start, rewards, b).numpy(), taste.numpy()) for b in betas]
    loose = leashed(start, rewards, sorted(betas)[0])
    return betas[int(np.argmax(liked))], int(loose.numpy().argmax())
