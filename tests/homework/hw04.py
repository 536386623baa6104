# Homework 4: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG dlogits: not divided by N
# HINT For one prediction this is correct, for six your slopes are six times too large.
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
# HINT towards the scores: there is one more gear.
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
# RIGHT dlogits: step by step, with the softmax's own slopes
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
# WRONG train: slopes never cleared
# HINT The first step is correct, the later ones are too long. In torch slopes add up
# HINT until somebody clears them.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
    return W.detach(), losses


# %%
# WRONG train: uphill
# HINT Your loss grows from step to step: which way does a slope point?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W += rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: without the rate
# HINT Your steps have the natural size of the gradient. What is the rate for?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: all pairs in each step
# HINT You used all pairs in each step. Which ones belong to the batch?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before], after)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: the loss is a sum
# HINT Your loss is the sum over the pairs of the batch, so it and your steps are too
# HINT large by a factor. A mean is asked for.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick], reduction="sum")
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: the slope of the sum
# HINT The losses are means, as they should be, but your steps are too long by a factor,
# HINT the number of pairs in a batch. Take the slopes of the mean.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        F.cross_entropy(W[before[pick]], after[pick], reduction="sum").backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a copy learns
# HINT Your table never changes. Is there a step, and does it change the table itself or
# HINT a copy?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            better = W.clone()
            better -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a new table without slopes
# HINT Torch keeps no account of slopes for your table. Was it made with
# HINT `requires_grad=True`, and is it still the same tensor after a step, or a new one?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W = W - rate * W.grad
    return W.detach(), losses


# %%
# WRONG train: a new tensor in place of the old one
# HINT `W = W - ...` makes a new tensor out of a computation, and torch keeps slopes
# HINT only for a tensor that you made yourself (a leaf). Change the old one, with `-=`,
# HINT where torch does not watch: in `with torch.no_grad():`.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        W = W - rate * W.grad
    return W.detach(), losses


# %%
# WRONG train: changed while torch watches
# HINT torch watches every use of the table, and a change in place would become part of
# HINT the formula. Make it where torch does not watch: in `with torch.no_grad():`.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a table that nobody watches
# HINT Torch keeps no account of slopes for your table. Was it made with
# HINT `requires_grad=True`, and is it still the same tensor after a step, or a new one?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a softmax before the loss
# HINT Torch's cross-entropy makes the probabilities itself. What happens if it is given
# HINT probabilities in place of scores?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]].softmax(-1), after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: the loss after the step
# HINT Each of your losses was measured after its step. What was the loss before
# HINT anything was learned?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
        losses.append(F.cross_entropy(W[before[pick]], after[pick]).item())
    return W.detach(), losses


# %%
# WRONG train: before and after exchanged
# HINT Your table predicts the letter before from the letter after. Which of the two
# HINT picks the row?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[after[pick]], before[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a column for each letter before
# HINT Your losses are correct, but the table lies on its side: the letter before should
# HINT pick a row.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[:, before[pick]].T, after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: a random start
# HINT Your first loss is not ln V. At which scores should the table start?
def train(before, after, vocab_size, rate, batches):
    W = torch.randn(
        vocab_size, vocab_size, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach(), losses


# %%
# WRONG train: probabilities at the end
# HINT These are the probabilities of the table. The task asks for its scores.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            W -= rate * W.grad
        W.grad = None
    return W.detach().softmax(-1), losses


# %%
# WRONG train: one step for each pair
# HINT You take a step after every single pair. A step here looks at the whole batch
# HINT first.
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        losses.append(F.cross_entropy(W[before[pick]], after[pick]).item())
        for i in pick:
            F.cross_entropy(W[before[i]], after[i]).backward()
            with torch.no_grad():
                W -= rate * W.grad
            W.grad = None
    return W.detach(), losses


# %%
# WRONG train: the step is never taken
# HINT Your table never changes. Is there a step, and does it change the table itself or
# HINT a copy?
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros(vocab_size, vocab_size, requires_grad=True)
    losses = []
    for pick in batches:
        loss = F.cross_entropy(W[before[pick]], after[pick])
        losses.append(loss.item())
        loss.backward()
        W.grad = None
    return W.detach(), losses


# %%
# RIGHT train: by the formula, with numpy
import numpy as np


def train(before, after, vocab_size, rate, batches):
    w, losses = np.zeros((vocab_size, vocab_size)), []
    x, y = np.eye(vocab_size)[before.numpy()], np.eye(vocab_size)[after.numpy()]
    for pick in batches:
        i = pick.numpy()
        e = np.exp(x[i] @ w)
        p = e / e.sum(1, keepdims=True)
        losses.append(-np.log((p * y[i]).sum(1)).mean())
        w -= rate * x[i].T @ (p - y[i]) / len(i)
    return w, losses


# %%
# RIGHT train: torch.autograd.grad, a new tensor at each step
def train(before, after, vocab_size, rate, batches):
    w, losses = torch.zeros(vocab_size, vocab_size), []
    for pick in batches:
        w = w.detach().requires_grad_()
        log_p = w[before[pick]].log_softmax(-1)
        loss = -log_p[range(len(pick)), after[pick]].mean()
        losses += [loss]
        w = w - rate * torch.autograd.grad(loss, w)[0]
    return [w, losses]


# %%
# RIGHT train: W.data and zero_, in double precision
def train(before, after, vocab_size, rate, batches):
    W = torch.zeros((vocab_size, vocab_size), dtype=torch.double, requires_grad=True)
    losses = []
    for pick in batches:
        if W.grad is not None:
            W.grad.zero_()
        logits = torch.stack([W[before[i]] for i in pick.tolist()])
        losses.append(F.cross_entropy(logits, after[pick]))
        losses[-1].backward()
        W.data -= rate * W.grad
    return W, torch.stack(losses)


# %%
# RIGHT train: one-hot rows times the table, plain lists
def train(before, after, vocab_size, rate, batches):
    one_hot = F.one_hot(before, vocab_size).float()
    table, losses = [[0.0] * vocab_size for _ in range(vocab_size)], []
    for pick in batches:
        W = torch.tensor(table, requires_grad=True)
        loss = F.cross_entropy(one_hot[pick] @ W, after[pick])
        loss.backward()
        losses.append(float(loss))
        table = (W.detach() - rate * W.grad).tolist()
    return table, losses


# %%
# WRONG fit_row: as given
# HINT Nothing is fixed yet. Print the loss: does it rise or fall?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows.softmax(dim=-1), came)
        loss.backward()
        with torch.no_grad():
            z += rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the softmax is left
# HINT One bug is left. `F.cross_entropy` makes the probabilities itself: what do you
# HINT give it?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows.softmax(dim=-1), came)
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the sign is left
# HINT One bug is left. The letters that came become less and less likely: look at the
# HINT signs.
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z += rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the clearing is left
# HINT One bug is left. The first step is correct and the later ones are not: what
# HINT stands in `z.grad` when a step begins?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the softmax and the sign are left
# HINT Two bugs are left. Your loss rises; and what does `F.cross_entropy` want, scores
# HINT or probabilities?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows.softmax(dim=-1), came)
        loss.backward()
        with torch.no_grad():
            z += rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the softmax and the clearing are left
# HINT Two bugs are left. What does `F.cross_entropy` want, scores or probabilities? And
# HINT what stands in `z.grad` when a step begins?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows.softmax(dim=-1), came)
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the sign and the clearing are left
# HINT Two bugs are left. Your loss rises; and what stands in `z.grad` when a step
# HINT begins?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z += rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: cleared before the step
# HINT The slopes are thrown away before they are used, or never computed. In which
# HINT order do the four parts of a step stand?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        z.grad = None
        with torch.no_grad():
            z -= rate * z.grad
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the scores
# HINT These are the scores. The task asks for probabilities.
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    return z.detach()


# %%
# WRONG fit_row: the log of a softmax of a softmax
# HINT Torch's cross-entropy takes a softmax of whatever you give it. What is the
# HINT softmax of a softmax?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = -rows.softmax(-1).log_softmax(-1)[range(len(came)), came].sum()
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: a sum in place of the mean
# HINT Your steps are too long by a factor, the number of letters that came. The loss is
# HINT a mean.
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came, reduction="sum")
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: the loss without a sign
# HINT One bug is left. The letters that came become less and less likely: look at the
# HINT signs.
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = rows.log_softmax(-1)[range(len(came)), came].mean()
        loss.backward()
        with torch.no_grad():
            z -= rate * z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# WRONG fit_row: without the rate
# HINT Your steps have the natural size of the gradient. What is the rate for?
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        rows = z.repeat(len(came), 1)
        loss = F.cross_entropy(rows, came)
        loss.backward()
        with torch.no_grad():
            z -= z.grad
        z.grad = None
    return z.detach().softmax(dim=0)


# %%
# RIGHT fit_row: one row, log-probabilities looked up
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        z.grad = None
        (-z.log_softmax(0)[came].mean()).backward()
        z.data.sub_(rate * z.grad)
    return z.softmax(0)


# %%
# RIGHT fit_row: p minus the shares, with numpy
import numpy as np


def fit_row(came, vocab_size, rate, steps):
    shares = np.eye(vocab_size)[came.numpy()].mean(0)
    z = np.zeros(vocab_size)
    p = np.full(vocab_size, 1 / vocab_size)
    for _ in range(steps):
        z = z - rate * (p - shares)
        p = np.exp(z) / np.exp(z).sum()
    return p


# %%
# RIGHT fit_row: zero_ and a list
def fit_row(came, vocab_size, rate, steps):
    z = torch.zeros(vocab_size, requires_grad=True)
    for _ in range(steps):
        F.cross_entropy(z.expand(len(came), -1), came).backward()
        with torch.no_grad():
            z -= rate * z.grad
            z.grad.zero_()
    return z.softmax(-1).tolist()


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
# HINT You took the smudged slope for 0. Do all slopes still add up to 0?
def read_slide(slopes):
    whole = slopes.nan_to_num(nan=0.0)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [0.0, came, prob, -math.log(prob)]


# %%
# WRONG read_slide: the smudge cannot be the answer
# HINT When the smudge hides another letter you are correct. Can the smudge also hide
# HINT the letter that came, and how would you notice?
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
# HINT The first three numbers are correct. The loss is minus the logarithm of which of
# HINT them?
def read_slide(slopes):
    hidden = -slopes.nansum().item()
    whole = slopes.nan_to_num(nan=hidden)
    came = whole.argmin().item()
    prob = 1 + whole[came].item()
    return [hidden, came, prob, -math.log(1 - prob)]


# %%
# WRONG read_slide: in bits
# HINT The first three numbers are correct. The loss is in bits.
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
# WRONG machine: the broken one as given
# HINT Nothing is fixed yet. Begin with `minus`: if y grows by a little, does x - y grow
# HINT or shrink?
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
# HINT The division and the backward pass are correct. In x - y, which way does the
# HINT result go when y grows?
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
# HINT The minus and the backward pass are correct. Wiggle y in x / y at several values
# HINT of x: the slope towards y depends on x.
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
# WRONG machine: backward still broken
# HINT The minus and the division are correct. A number that was used twice gets two
# HINT messages: what happens to the first one in your `backward`?
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
# HINT The slope towards y in your division has the correct sign, but not the correct
# HINT size: at x = 6 and y = 2 a wiggle gives -1.5.
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
# WRONG machine: backward adds, but does not multiply
# HINT Your `backward` adds the slopes along the way. What do slopes in a row do?
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
# WRONG machine: backward forgets the numbers in between
# HINT Each parent gets only the slope of the last step. What did its child pass on?
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
# WRONG machine: backward goes forward
# HINT Your `backward` begins at the parents, which have nothing to pass on yet. Who
# HINT knows its slope first?
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
