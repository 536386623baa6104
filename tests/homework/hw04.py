# Homework 4: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG wiggle: upwards only
# HINT You measured from the point itself to one side. The loss is curved: which two
# HINT points lie evenly around it?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up = z.clone()
        up.view(-1)[i] += nudge
        slopes.view(-1)[i] = (loss(up) - loss(z)) / nudge
    return slopes


# %%
# WRONG wiggle: downwards only
# HINT You measured from the point itself downwards only. The loss is curved: which two
# HINT points lie evenly around it?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        down = z.clone()
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(z) - loss(down)) / nudge
    return slopes


# %%
# WRONG wiggle: divided by one nudge
# HINT All your slopes are twice too large. How far apart are the two points?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(up) - loss(down)) / nudge
    return slopes


# %%
# WRONG wiggle: not divided at all
# HINT These are changes of the loss. A slope is a change for each point of score: what
# HINT is missing?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = loss(up) - loss(down)
    return slopes


# %%
# WRONG wiggle: all numbers at once
# HINT You moved all the numbers together, so every slope is the same. Which one should
# HINT move, and what do the others do?
def wiggle(loss, z, nudge):
    slope = (loss(z + nudge) - loss(z - nudge)) / (2 * nudge)
    return torch.full_like(z, float(slope))


# %%
# WRONG wiggle: two names for one tensor
# HINT All your slopes are 0: the loss was the same up and down. Are `up` and `down` two
# HINT tensors, or two names of one?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up = down = z
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(up) - loss(down)) / (2 * nudge)
    return slopes


# %%
# WRONG wiggle: the nudges pile up
# HINT A number that you have measured stays moved while you measure the next one, and
# HINT `z` is changed at the end. What does the task say about the others?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        z.view(-1)[i] += nudge
        up = loss(z)
        z.view(-1)[i] -= 2 * nudge
        slopes.view(-1)[i] = (up - loss(z)) / (2 * nudge)
    return slopes


# %%
# WRONG wiggle: whole rows
# HINT For a list you are right, for a table you moved a whole row at a time. How do you
# HINT reach every number of a tensor of any shape?
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(len(z)):
        up, down = z.clone(), z.clone()
        up[i] += nudge
        down[i] -= nudge
        slopes[i] = (loss(up) - loss(down)) / (2 * nudge)
    return slopes


# %%
# WRONG wiggle: a nudge of its own
# HINT Your slopes belong to a finer nudge than the one you were given.
def wiggle(loss, z, nudge=1e-4):
    nudge = 1e-4
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(up) - loss(down)) / (2 * nudge)
    return slopes


# %%
# WRONG wiggle: down minus up
def wiggle(loss, z, nudge):
    slopes = torch.zeros_like(z)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes.view(-1)[i] = (loss(down) - loss(up)) / (2 * nudge)
    return slopes


# %%
# WRONG wiggle: a flat list
def wiggle(loss, z, nudge):
    slopes = torch.zeros(z.numel(), dtype=z.dtype)
    for i in range(z.numel()):
        up, down = z.clone(), z.clone()
        up.view(-1)[i] += nudge
        down.view(-1)[i] -= nudge
        slopes[i] = (loss(up) - loss(down)) / (2 * nudge)
    return slopes


# %%
# RIGHT wiggle: a pattern of zeros and one nudge
def wiggle(loss, z, nudge):
    patterns = nudge * torch.eye(z.numel(), dtype=z.dtype).view(-1, *z.shape)
    slopes = [float(loss(z + d) - loss(z - d)) / (2 * nudge) for d in patterns]
    return torch.tensor(slopes).reshape(z.shape)


# %%
# RIGHT wiggle: numpy's indices
import numpy as np


def wiggle(loss, z, nudge):
    x, out = z.numpy(), np.zeros(z.shape)
    for place in np.ndindex(*z.shape):
        step = np.zeros(z.shape)
        step[place] = nudge
        above = float(loss(torch.from_numpy(x + step)))
        below = float(loss(torch.from_numpy(x - step)))
        out[place] = (above - below) / nudge / 2
    return out


# %%
# RIGHT wiggle: in place, and put back
def wiggle(loss, z, nudge):
    flat, slopes = z.view(-1), []
    for i in range(len(flat)):
        before = flat[i].item()
        flat[i] = before + nudge
        up = loss(z).item()
        flat[i] = before - nudge
        slopes.append((up - loss(z).item()) / (2 * nudge))
        flat[i] = before
    return torch.tensor(slopes, dtype=z.dtype).view_as(z)


# %%
# RIGHT wiggle: the average of both sides
def wiggle(loss, z, nudge):
    def one(i):
        step = torch.zeros_like(z).flatten()
        step[i] = nudge
        step = step.reshape(z.shape)
        here = loss(z)
        return ((loss(z + step) - here) / nudge + (here - loss(z - step)) / nudge) / 2

    return torch.stack([one(i) for i in range(z.numel())]).reshape(z.shape)


# %%
# WRONG dlogits: not divided by N
# HINT For one prediction this is right, for six your slopes are six times too large.
# HINT What share does each prediction have in a mean?
def dlogits(logits, targets):
    return logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])


# %%
# WRONG dlogits: divided by all entries
# HINT You divided by the number of all scores. The mean was taken over the predictions:
# HINT how many are there?
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return (logits.softmax(-1) - y) / logits.numel()


# %%
# WRONG dlogits: the softmax over the predictions
# HINT Your probabilities add up to 1 down the columns. Which axis holds the letters?
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return (logits.softmax(0) - y) / len(targets)


# %%
# WRONG dlogits: one taken off all the targets' columns
# HINT Your indexing takes 1 off whole columns, in every row. Which single entry of a
# HINT row is meant?
def dlogits(logits, targets):
    probs = logits.softmax(-1)
    probs[:, targets] -= 1
    return probs / len(targets)


# %%
# WRONG dlogits: one taken off everywhere
# HINT You took 1 off every probability. For which letter is y equal to 1?
def dlogits(logits, targets):
    return (logits.softmax(-1) - 1) / len(targets)


# %%
# WRONG dlogits: only the target
# HINT Only the letter that came has a slope in your answer. If the score of another
# HINT letter grows, does the loss stay the same?
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return (logits.softmax(-1) - y) * y / len(targets)


# %%
# WRONG dlogits: the probabilities alone
# HINT These are the probabilities, shared over the predictions. Nothing in them knows
# HINT which letter came: what is missing?
def dlogits(logits, targets):
    return logits.softmax(-1) / len(targets)


# %%
# WRONG dlogits: the scores in place of the probabilities
# HINT You took y off the scores. What is p, and how do you get it from the scores?
def dlogits(logits, targets):
    return (logits - F.one_hot(targets, logits.shape[-1])) / len(targets)


# %%
# WRONG dlogits: the slope towards the probability
# HINT This is the slope of -ln p towards the probability p. The task asks for the slope
# HINT towards the scores: there is one more wheel in the row.
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return -y / logits.softmax(-1) / len(targets)


# %%
# WRONG dlogits: the favourite in place of the target
# HINT You took the letter that the model liked best for the one that came. Where does
# HINT it stand which letter came?
def dlogits(logits, targets):
    y = F.one_hot(logits.argmax(-1), logits.shape[-1])
    return (logits.softmax(-1) - y) / len(targets)


# %%
# WRONG dlogits: y minus p
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return (y - logits.softmax(-1)) / len(targets)


# %%
# WRONG dlogits: added up over the predictions
def dlogits(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return (logits.softmax(-1) - y).mean(0)


# %%
# RIGHT dlogits: with a range as row index, in place
def dlogits(logits, targets):
    e = torch.exp(logits - logits.max(1, keepdim=True).values)
    p = e / e.sum(1, keepdim=True)
    p[torch.arange(len(p)), targets] -= 1
    return p.div(len(p))


# %%
# RIGHT dlogits: plain Python
def dlogits(logits, targets):
    rows, n = [], len(targets)
    for z, t in zip(logits.tolist(), targets.tolist(), strict=True):
        total = sum(math.exp(s) for s in z)
        p = [math.exp(s) / total for s in z]
        rows.append([(p[i] - (i == t)) / n for i in range(len(z))])
    return torch.tensor(rows)


# %%
# RIGHT dlogits: wheel by wheel, with the softmax's own slopes
def dlogits(logits, targets):
    p = logits.double().softmax(1)
    turn = torch.diag_embed(p) - torch.einsum("ni,nj->nij", p, p)  # dp_i / dz_j
    dp = -F.one_hot(targets, p.shape[1]) / p / len(p)  # dL / dp_i
    return torch.einsum("ni,nij->nj", dp, turn)


# %%
# RIGHT dlogits: with numpy
import numpy as np


def dlogits(logits, targets):
    z = logits.numpy()
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return (p - np.eye(z.shape[1])[targets.numpy()]) / z.shape[0]


# %%
# WRONG read_slide: slopes that add up to one
# HINT You filled the smudge so that the slopes add up to 1. Probabilities do that. What
# HINT do the slopes add up to?
def read_slide(slopes):
    hidden = 1 - slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, abs(math.log(abs(prob)))]


# %%
# WRONG read_slide: the sum with the wrong sign
# HINT With your number under the smudge, the slopes add up to twice as much as before.
# HINT What should they add up to?
def read_slide(slopes):
    hidden = slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, abs(math.log(abs(prob)))]


# %%
# WRONG read_slide: nothing under the smudge
# HINT You took the smudged slope for 0. Do all slopes still add up to the right number?
def read_slide(slopes):
    whole = slopes.nan_to_num(nan=0.0)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [0.0, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the smudge cannot be the answer
# HINT When the smudge hides another letter you are right. Can the smudge also hide the
# HINT letter that came, and how would you notice?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    came = slopes.nan_to_num(nan=9.0).argmin().item()
    prob = 1 + slopes[came].item()
    return [hidden, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the smudge taken for the smallest
# HINT The smudge is always your answer. Torch takes a nan for smaller than everything:
# HINT what should stand in its place before you look for the letter?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    came = slopes.argmin().item()
    prob = 1 + hidden
    return [hidden, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the largest slope
# HINT You took the letter with the largest slope. Would a higher score of the letter
# HINT that came make the loss larger or smaller?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmax().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the slope without its sign
# HINT You took the size of the slope for the probability. The slope of the letter that
# HINT came is p - 1: what is p?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = -whole[came].item()
    return [hidden, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the loss of the slope
# HINT The first three numbers are right. The loss is minus the logarithm of which of
# HINT them?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, -math.log(1 - prob)]


# %%
# WRONG read_slide: in bits
# HINT The first three numbers are right. The loss is in bits.
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, -math.log2(prob)]


# %%
# WRONG read_slide: counted from one
# HINT Your index counts the letters from 1.
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came + 1, prob, -math.log(prob)]


# %%
# WRONG read_slide: without a list of four
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    prob = 1 + whole.min().item()
    return [hidden, prob, -math.log(prob)]


# %%
# RIGHT read_slide: with numpy
import numpy as np


def read_slide(slopes):
    g = slopes.numpy().copy()
    hole = np.isnan(g)
    g[hole] = -np.nansum(g)
    p = 1 + g.min()
    return np.array([g[hole][0], np.argmin(g), p, np.log(1 / p)])


# %%
# RIGHT read_slide: plain Python, by the sign
def read_slide(slopes):
    shown = slopes.tolist()
    hole = next(i for i, s in enumerate(shown) if s != s)
    shown[hole] = -math.fsum(s for s in shown if s == s)
    (came,) = [i for i, s in enumerate(shown) if s < 0]
    prob = sum(s for i, s in enumerate(shown) if i != came)  # what the others hold
    return shown[hole], came, 1 - prob, -math.log1p(-prob)


# %%
# RIGHT read_slide: as a table of cases
def read_slide(slopes):
    missing = torch.isnan(slopes)
    total = slopes[~missing].sum()
    came = missing.long().argmax() if total > 0 else (slopes < 0).long().argmax()
    prob = 1 - total if total > 0 else 1 + slopes[came]
    return torch.stack([-total, came.double(), prob, -prob.log()])


# %%
# WRONG descend: slopes never cleared
# HINT The first step is right, the later ones are too long. In torch slopes add up
# HINT until someone clears them.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
    return losses


# %%
# WRONG descend: uphill
# HINT Your loss grows from step to step: which way does a slope point?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights += rate * weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: the first loss is missing
# HINT Your list begins after the first step. What was the loss before anything was
# HINT learned?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(features @ weights, targets)
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
        losses.append(F.cross_entropy(features @ weights, targets).item())
    return losses


# %%
# WRONG descend: one step for each prediction
# HINT You take a step after every single prediction. A step here looks at all of them
# HINT first.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = [math.log(vocab_size)]
    for _ in range(steps):
        for row, target in zip(features, targets, strict=True):
            F.cross_entropy(row @ weights, target).backward()
            with torch.no_grad():
                weights -= rate * weights.grad
            weights.grad = None
        losses.append(F.cross_entropy(features @ weights, targets).item())
    return losses


# %%
# WRONG descend: the slope of the sum
# HINT Your steps are too long by a factor, the number of predictions. Is the loss a sum
# HINT or a mean?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        logits = features @ weights
        losses.append(F.cross_entropy(logits, targets).item())
        F.cross_entropy(logits, targets, reduction="sum").backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: without the rate
# HINT Your steps have the natural size of the gradient. What is the rate for?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: a copy learns
# HINT Your loss never changes. The step improves a copy, and the next loss is measured
# HINT with the old weights.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        better = weights.detach().clone()
        better -= rate * weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: the account is lost
# HINT After the first step the new weights are a tensor for which torch keeps no
# HINT account of slopes. How can the old tensor itself be changed?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights = weights - rate * weights.grad
    return losses


# %%
# WRONG descend: a softmax before the loss
# HINT Torch's cross-entropy makes the probabilities itself. What happens if it is given
# HINT probabilities in place of scores?
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        probs = (features @ weights).softmax(-1)
        loss = F.cross_entropy(probs, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: the last loss is missing
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
    return losses


# %%
# RIGHT descend: by the formula, with numpy
import numpy as np


def descend(features, targets, vocab_size, rate, steps):
    x, y = features.numpy().astype(float), np.eye(vocab_size)[targets.numpy()]
    w, losses = np.zeros((x.shape[1], vocab_size)), []
    for _ in range(steps + 1):
        e = np.exp(x @ w)
        p = e / e.sum(1, keepdims=True)
        losses.append(-np.log((p * y).sum(1)).mean())
        w -= rate * x.T @ (p - y) / len(x)
    return losses


# %%
# RIGHT descend: torch.autograd.grad, a new tensor at each step
def descend(features, targets, vocab_size, rate, steps):
    w = torch.zeros(features.size(1), vocab_size)
    losses = []
    for step in range(steps + 1):
        w = w.detach().requires_grad_()
        loss = -(features @ w).log_softmax(-1)[range(len(targets)), targets].mean()
        losses += [loss]
        if step < steps:
            w = w - rate * torch.autograd.grad(loss, w)[0]
    return [loss.item() for loss in losses]


# %%
# RIGHT descend: recursive, in double precision
def descend(features, targets, vocab_size, rate, steps, w=None):
    x = features.double()
    if w is None:
        w = torch.zeros(x.shape[1], vocab_size, dtype=torch.float64)
    w.requires_grad = True
    loss = F.cross_entropy(x @ w, targets)
    if steps == 0:
        return [loss.item()]
    loss.backward()
    after = (w - rate * w.grad).detach()
    return [
        loss.item(),
        *descend(features, targets, vocab_size, rate, steps - 1, after),
    ]


# %%
# RIGHT descend: weights.data and zero_
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros((features.shape[1], vocab_size), requires_grad=True)

    def measure():
        return F.cross_entropy(torch.einsum("nc,cv->nv", features, weights), targets)

    losses = [measure().item()]
    for _ in range(steps):
        measure().backward()
        weights.data -= rate * weights.grad.data
        weights.grad.zero_()
        losses.append(measure().item())
    return losses


# %%
# WRONG machine: the broken one as given
# HINT Nothing is mended yet. Begin with `minus`: if y grows by a little, does x - y
# HINT grow or shrink?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, 1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -1 / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad = slope * value.grad


# %%
# WRONG machine: minus still broken
# HINT The division and the walk are healthy. In x - y, which way does the result go
# HINT when y grows?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, 1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: division still broken
# HINT The minus and the walk are healthy. Wiggle y in x / y at several values of x: the
# HINT slope towards y depends on x.
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -1 / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: walk still broken
# HINT The minus and the division are healthy. A number that was used twice gets two
# HINT messages: what happens to the first one in your walk?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad = slope * value.grad


# %%
# WRONG machine: minus with both slopes turned
# HINT In your minus the two slopes stand at each other's number: your slopes are those
# HINT of y - x.
def minus(x, y):
    return Value(x.data - y.data, [(x, -1.0), (y, 1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: division without its minus sign
# HINT If you divide by more, do you get more? Look at the sign of the slope towards y
# HINT in the division.
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: division without the square
# HINT The slope towards y in your division has the right sign, but not the right size:
# HINT at x = 6 and y = 2 a wiggle gives -1.5.
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: the walk adds, but does not multiply
# HINT Your walk adds the slopes along the way. What do slopes in a row do?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope + value.grad


# %%
# WRONG machine: the walk forgets the numbers in between
# HINT Each parent gets only the slope of the last wheel. What did its child pass on?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * result.grad


# %%
# WRONG machine: the walk goes forward
# HINT Your walk begins at the parents, which have nothing to pass on yet. Who knows its
# HINT slope first?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    result.grad = 1.0
    for value in in_order(result):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# WRONG machine: no slope to begin with
# HINT All your slopes are 0. What is the slope of the result towards itself?
def minus(x, y):
    return Value(x.data - y.data, [(x, 1.0), (y, -1.0)])


def over(x, y):
    return Value(x.data / y.data, [(x, 1 / y.data), (y, -x.data / y.data**2)])


def backward(result):
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %%
# RIGHT machine: made of the operations that are there
def minus(x, y):
    return x + Value(-1.0) * y


def over(x, y):
    return x * (Value(-1.0) * y.log()).exp()


def backward(result):
    for value in in_order(result):
        value.grad = 0.0
    result.grad = 1.0
    for value in in_order(result)[::-1]:
        for parent, slope in value.parents:
            parent.grad = parent.grad + slope * value.grad


# %%
# RIGHT machine: a recursion along every path
def minus(a, b):
    return Value(a.data - b.data, ((a, 1), (b, -1)))


def over(a, b):
    q = a.data / b.data
    return Value(q, ((a, 1 / b.data), (b, -q / b.data)))


def backward(result, message=1.0):
    result.grad += message
    for parent, slope in result.parents:
        backward(parent, slope * message)


# %%
# RIGHT machine: slopes collected in a dictionary
def minus(x, y):
    return Value(x.data - y.data, [(y, -1.0), (x, +1.0)])


def over(x, y):
    parents = [(x, y.data**-1), (y, -x.data * y.data**-2)]
    return Value(x.data / y.data, parents)


def backward(result):
    found = {id(value): 0.0 for value in in_order(result)}
    found[id(result)] = 1.0
    for value in reversed(in_order(result)):
        value.grad = found[id(value)]
        for parent, slope in value.parents:
            found[id(parent)] += slope * value.grad


# %%
# WRONG descend: a new tensor in place of the old one
# HINT `weights = weights - ...` makes a new tensor out of a computation, and torch keeps
# HINT slopes only for a tensor that you made yourself (a leaf). Change the old one, with
# HINT `-=`, where torch does not watch: in `with torch.no_grad():`.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        weights = weights - rate * weights.grad
    return losses


# %%
# WRONG descend: changed while torch watches
# HINT torch watches every use of `weights`, and a change in place would become part of
# HINT the formula. Make it where torch does not watch: in `with torch.no_grad():`.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets)
        losses.append(loss.item())
        loss.backward()
        weights -= rate * weights.grad
        weights.grad = None
    return losses


# %%
# WRONG descend: the loss is a sum
# HINT Your loss is the sum over the predictions, so it is too large by a factor, their
# HINT number, and so are your steps. A mean is asked for.
def descend(features, targets, vocab_size, rate, steps):
    weights = torch.zeros(features.shape[1], vocab_size, requires_grad=True)
    losses = []
    for _ in range(steps + 1):
        loss = F.cross_entropy(features @ weights, targets, reduction="sum")
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
        weights.grad = None
    return losses
