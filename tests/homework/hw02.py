# Homework 2: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG softmax: over the first dimension
# HINT This is what you get when you add up over the first dimension. Which dimension holds
# HINT the scores that compete with each other?
def softmax(logits):
    e = (logits - logits.max()).exp()
    return e / e.sum(dim=0)


# %%
# WRONG softmax: over all numbers at once
# HINT Your numbers add up to 1 over the whole tensor: what should add up to 1?
def softmax(logits):
    e = (logits - logits.max()).exp()
    return e / e.sum()


# %%
# WRONG softmax: no maximum taken off
# HINT This is what you get without a safeguard against overflow: how large is e to the
# HINT 1000 for a computer, and what may you take off every score of a row?
def softmax(logits):
    e = logits.exp()
    return e / e.sum(-1, keepdim=True)


# %%
# WRONG softmax: the maximum of all rows
# HINT You take the same number off every row. A row whose scores lie far below it then
# HINT loses all its tickets: whose maximum should a row use?
def softmax(logits):
    e = (logits - logits.max()).exp()
    return e / e.sum(-1, keepdim=True)


# %%
# WRONG softmax: divided by the mean
# HINT Your numbers have the right ratios, but they add up to the length of the row:
# HINT what did you divide by?
def softmax(logits):
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    return e / e.mean(-1, keepdim=True)


# %%
# WRONG softmax: no exponential
# HINT You divided the scores themselves by their sum. Scores can be negative: which
# HINT step makes every number positive first?
def softmax(logits):
    return logits / logits.sum(-1, keepdim=True)


# %%
# WRONG softmax: the sign turned round
# HINT The worst score gets the most: look at the sign in your exponent.
def softmax(logits):
    e = (logits.amin(-1, keepdim=True) - logits).exp()
    return e / e.sum(-1, keepdim=True)


# %%
# WRONG softmax: base two
# HINT The ratios belong to powers of 2: which number is raised to the score?
def softmax(logits):
    e = 2.0 ** (logits - logits.amax(-1, keepdim=True))
    return e / e.sum(-1, keepdim=True)


# %%
# WRONG softmax: rounded
def softmax(logits):
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    return (e / e.sum(-1, keepdim=True) * 100).round() / 100


# %%
# WRONG softmax: no return
def softmax(logits):
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    e / e.sum(-1, keepdim=True)


# %%
# RIGHT softmax: with numpy
import numpy as np


def softmax(logits):
    x = logits.numpy()
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return torch.from_numpy(e / e.sum(axis=-1, keepdims=True))


# %%
# RIGHT softmax: row by row
def softmax(z):
    if z.dim() > 1:
        return torch.stack([softmax(row) for row in z])
    tickets = [math.exp(float(x) - float(max(z))) for x in z]
    return torch.tensor([t / sum(tickets) for t in tickets])


# %%
# RIGHT softmax: one over the sum of differences
def softmax(scores):
    return 1 / torch.exp(scores.unsqueeze(-2) - scores.unsqueeze(-1)).sum(-1)


# %%
# RIGHT softmax: through the logarithm, in double
def softmax(a):
    a = a.double()
    top = torch.amax(a, -1)[..., None]
    return torch.exp(
        a - top - torch.log(torch.einsum("...v->...", (a - top).exp()))[..., None]
    ).float()


# %%
# WRONG logit: plus in the exponent
# HINT Your sigmoid falls where it should rise: look at the sign in its exponent.
def sigmoid(z):
    return 1 / (1 + z.exp())


def logit(p):
    return (p / (1 - p)).log()


# %%
# WRONG logit: only the logarithm
# HINT You took the logarithm of p alone. The score is a lead over "no": what is the
# HINT probability of "no"?
def sigmoid(z):
    return 1 / (1 + (-z).exp())


def logit(p):
    return p.log()


# %%
# WRONG logit: odds without the logarithm
# HINT These are the odds, p against 1 - p. One step is missing on the way to a score.
def sigmoid(z):
    return 1 / (1 + (-z).exp())


def logit(p):
    return p / (1 - p)


# %%
# WRONG logit: the odds upside down
# HINT A probability above one half should give a positive score: is your fraction the
# HINT right way up?
def sigmoid(z):
    return 1 / (1 + (-z).exp())


def logit(p):
    return ((1 - p) / p).log()


# %%
# WRONG logit: base ten
# HINT This is the logarithm to base ten: the sigmoid uses powers of e.
def sigmoid(z):
    return 1 / (1 + (-z).exp())


def logit(p):
    return (p / (1 - p)).log10()


# %%
# WRONG logit: derivative in place of the sigmoid
# HINT Your sigmoid is p (1 - p), the slope of the right curve: it should rise from 0
# HINT to 1.
def sigmoid(z):
    p = 1 / (1 + (-z).exp())
    return p * (1 - p)


def logit(p):
    return (p / (1 - p)).log()


# %%
# RIGHT logit: tanh and a difference of logarithms
def sigmoid(z):
    return (1 + torch.tanh(z / 2)) / 2


def logit(p):
    return torch.log(p) - torch.log1p(-p)


# %%
# RIGHT logit: number by number
def sigmoid(z):
    return torch.tensor([math.e**x / (1 + math.e**x) for x in z.tolist()])


def logit(p):
    return torch.tensor([-math.log(1 / x - 1) for x in p.tolist()])


# %%
# WRONG hidden_logit: forgets to share among the hidden letters
# HINT This is the logit of one letter that holds all the hidden tickets: how many
# HINT letters share them?
def hidden_logit(shown, prob, n_hidden):
    tickets = shown.double().exp()
    return math.log(tickets[0] / prob - tickets.sum())


# %%
# WRONG hidden_logit: takes only the first off
# HINT You took only the first letter's tickets off the total. Which other letters on the
# HINT slide hold tickets?
def hidden_logit(shown, prob, n_hidden):
    tickets = shown.double().exp()
    return math.log((tickets[0] / prob - tickets[0]) / n_hidden)


# %%
# WRONG hidden_logit: the logarithm of the probability left over
# HINT You took the logarithm of a probability. A logit is on the scale of the scores on
# HINT the slide: how many tickets is one per cent?
def hidden_logit(shown, prob, n_hidden):
    tickets = shown.double().exp()
    p = tickets / tickets[0] * prob
    return math.log((1 - p.sum()) / n_hidden)


# %%
# WRONG hidden_logit: no logarithm
# HINT These are tickets, not scores: which step turns tickets back into a score?
def hidden_logit(shown, prob, n_hidden):
    tickets = shown.double().exp()
    return float((tickets[0] / prob - tickets.sum()) / n_hidden)


# %%
# RIGHT hidden_logit: by bisection
def hidden_logit(shown, prob, n_hidden):
    low, high = -60.0, 60.0
    for _ in range(200):
        guess = (low + high) / 2
        all_ = torch.cat([shown.double(), torch.full((n_hidden,), guess).double()])
        if all_.exp()[0] / all_.exp().sum() > prob:
            low = guess
        else:
            high = guess
    return guess


# %%
# RIGHT hidden_logit: as on paper
def hidden_logit(shown, prob, n_hidden):
    z = shown.tolist()
    p_rest = 1 - sum(prob * math.exp(x - z[0]) for x in z)
    each = p_rest / n_hidden
    return z[0] + math.log(each / prob)


# %%
# WRONG log_softmax: the broken one as given
# HINT Some probabilities became exactly 0, and the log of 0 is minus infinity. Can you
# HINT write the log of the fraction as a difference, so that no exp is taken back?
def log_softmax(logits):
    return logits.softmax(dim=-1).log()


# %%
# WRONG log_softmax: a small number added
# HINT A small number inside the log hides the infinity but changes the answer: the true
# HINT value can be as low as minus several hundred.
def log_softmax(logits):
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    positive = shifted.exp()
    return (positive / positive.sum(dim=-1, keepdim=True) + 1e-9).log()


# %%
# WRONG log_softmax: cut off below
# HINT You cut the probabilities off from below: the infinity is gone, but so is the
# HINT answer.
def log_softmax(logits):
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    return (e / e.sum(-1, keepdim=True)).clamp(min=1e-12).log()


# %%
# WRONG log_softmax: only shifted
# HINT You took the largest score off and stopped: the probabilities that belong to
# HINT these numbers do not add up to 1.
def log_softmax(logits):
    return logits - logits.max(dim=-1, keepdim=True).values


# %%
# WRONG log_softmax: the shift forgotten in one place
# HINT The shift stands in one of the two terms and not in the other.
def log_softmax(logits):
    top = logits.max(dim=-1, keepdim=True).values
    return logits - (logits - top).exp().sum(-1, keepdim=True).log()


# %%
# WRONG log_softmax: gives the probabilities
# HINT These are the probabilities themselves: their logarithms are asked for.
def log_softmax(logits):
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


# %%
# RIGHT log_softmax: with numpy's logaddexp
import numpy as np


def log_softmax(logits):
    x = logits.double().numpy()
    return torch.from_numpy(x - np.logaddexp.reduce(x, axis=-1, keepdims=True)).float()


# %%
# RIGHT log_softmax: minus the log of a sum of differences
def log_softmax(z):
    d = z[..., None, :] - z[..., :, None]
    top = d.amax(-1, keepdim=True)
    return -(top.squeeze(-1) + (d - top).exp().sum(-1).log())


# %%
# WRONG softmax: no keepdim
# HINT `max` and `sum` remove the dimension that they work along, so the rows do not meet
# HINT their own numbers any more. With `keepdim=True` it stays, with length 1.
def softmax(logits):
    positive = (logits - logits.max(dim=-1).values).exp()
    return positive / positive.sum(dim=-1)


# %%
# WRONG softmax: a maximum with its indices
# HINT `max(dim=...)` gives two things, the largest values and where they stand. Which of
# HINT the two do you want to take off?
def softmax(logits):
    positive = (logits - logits.max(dim=-1, keepdim=True)).exp()
    return positive / positive.sum(dim=-1, keepdim=True)


# %%
# WRONG hidden_logit: a share of all but the first
# HINT This is the logarithm of a probability, and the other letters on the slide have a
# HINT part of it, too. A logit is on the scale of the scores: count in tickets.
def hidden_logit(shown, prob, n_hidden):
    return math.log((1 - prob) / n_hidden)


# %%
# WRONG log_softmax: the broken one in double precision
# HINT Some probabilities became exactly 0, and the log of 0 is minus infinity. Can you
# HINT write the log of the fraction as a difference, so that no exp is taken back?
def log_softmax(logits):
    return softmax(logits.double()).log()


# %%
# RIGHT log_softmax: shifted, in double precision
def log_softmax(logits):
    z = logits.double()
    z = z - z.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()
