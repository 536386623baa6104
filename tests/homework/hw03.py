# Homework 3: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG cross_entropy: sum in place of the mean
# HINT You added the losses up. A long text would then look worse than a short one: what
# HINT does step five do?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(-1)
    return -log_probs.gather(-1, targets.unsqueeze(-1)).sum()


# %%
# WRONG cross_entropy: the minus sign forgotten
# HINT This is the average log-probability, and it is never above 0. A loss is never
# HINT below 0: which of the six steps is missing?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(-1)
    return log_probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: the average over all letters
# HINT You averaged the log-probabilities of all letters, also of those that did not
# HINT come. Which one in each row counts?
def cross_entropy(logits, targets):
    return -logits.log_softmax(-1).mean()


# %%
# WRONG cross_entropy: softmax over dimension 1
# HINT With one dimension of predictions your `dim` is correct, with two it is not. Which
# HINT dimension holds the letters, whatever the shape?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(dim=1)
    return -log_probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: softmax over the first dimension
# HINT Here the predictions compete with each other. Who should compete with whom?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(dim=0)
    return -log_probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: the logarithm of a softmax
# HINT On small scores this is right. On large ones a probability becomes exactly 0, and
# HINT its logarithm is infinite: which two steps should be one?
def cross_entropy(logits, targets):
    probs = logits.softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -probs.log().mean()


# %%
# WRONG cross_entropy: the logarithm of the average
# HINT You averaged the probabilities and took the logarithm afterwards. In which order
# HINT do steps four and five come, and does it matter?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -log_probs.exp().mean().log()


# %%
# WRONG cross_entropy: a small number added inside the logarithm
# HINT On small scores this is right. On large ones a small number added to the
# HINT probability sets a ceiling on the loss: the true loss can be several hundred.
def cross_entropy(logits, targets):
    probs = logits.softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -(probs + 1e-9).log().mean()


# %%
# WRONG cross_entropy: the logits taken for log-probabilities
# HINT You averaged the scores themselves. Adding 5 to all scores would change your
# HINT loss: which step makes probabilities out of them?
def cross_entropy(logits, targets):
    return -logits.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: the probabilities without a logarithm
# HINT This is minus the average probability. What comes between a probability and its
# HINT surprise?
def cross_entropy(logits, targets):
    probs = logits.softmax(-1)
    return -probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: the favourite in place of the target
# HINT You scored the letter that the model liked best. Which letter should be scored,
# HINT and where does it stand?
def cross_entropy(logits, targets):
    return -logits.log_softmax(-1).amax(-1).mean()


# %%
# WRONG cross_entropy: every target from every row
# HINT Your indexing takes, from each row, the targets of all the rows. How do you pick
# HINT one number from each row?
def cross_entropy(logits, targets):
    flat = logits.reshape(-1, logits.shape[-1]).log_softmax(-1)
    return -flat[:, targets.flatten()].mean()


# %%
# WRONG cross_entropy: in bits
# HINT All your numbers are too large by one factor, 1.44: how large is the loss of
# HINT p = 0.5 in nats, and in bits?
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(-1) / math.log(2)
    return -log_probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# WRONG cross_entropy: divided by the letters as well
# HINT Your double sum is right, but it was divided by the number of all entries. How
# HINT many predictions are there?
def cross_entropy(logits, targets):
    y = F.one_hot(targets, logits.shape[-1])
    return -(y * logits.log_softmax(-1)).mean()


# %%
# WRONG cross_entropy: one loss for each prediction
def cross_entropy(logits, targets):
    return -logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)


# %%
# WRONG cross_entropy: no return
def cross_entropy(logits, targets):
    log_probs = logits.log_softmax(-1)
    loss = -log_probs.gather(-1, targets.unsqueeze(-1)).mean()


# %%
# RIGHT cross_entropy: the double sum with a one-hot list
def cross_entropy(logits, targets):
    y = F.one_hot(targets, logits.shape[-1]).double()
    log_p = torch.log_softmax(logits.double(), dim=-1)
    return -torch.einsum("...v,...v->", y, log_p) / targets.numel()


# %%
# RIGHT cross_entropy: plain Python, row by row
def cross_entropy(logits, targets):
    rows = logits.reshape(-1, logits.shape[-1]).tolist()
    total = 0.0
    for z, t in zip(rows, targets.reshape(-1).tolist(), strict=True):
        top = max(z)
        total += top + math.log(sum(math.exp(s - top) for s in z)) - z[t]
    return total / len(rows)


# %%
# RIGHT cross_entropy: with numpy
import numpy as np


def cross_entropy(logits, targets):
    z, t = logits.numpy().astype(float), targets.numpy()
    log_sum = np.logaddexp.reduce(z, axis=-1)
    right = np.take_along_axis(z, t[..., None], axis=-1)[..., 0]
    return np.mean(log_sum - right)


# %%
# RIGHT cross_entropy: flat, with a range as row index
def cross_entropy(logits, targets):
    V = logits.shape[-1]
    flat, t = logits.reshape(-1, V), targets.reshape(-1)
    lead = flat - flat[torch.arange(len(t)), t].unsqueeze(1)
    return torch.logsumexp(lead, dim=1).mean()


# %%
# WRONG sure_but_wrong: the rest shared among all letters
# HINT You shared the rest among all letters. Does the favourite get some of it too?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / vocab_size)
    average = -confidence * math.log(confidence) + rest * even
    return [-math.log(rest), even, average]


# %%
# WRONG sure_but_wrong: the loss divided in place of the probability
# HINT You divided the loss by the number of letters. What is it that is spread over the
# HINT letters, and should the loss become smaller or larger by it?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest) / (vocab_size - 1)
    average = -confidence * math.log(confidence) + rest * even
    return [-math.log(rest), even, average]


# %%
# WRONG sure_but_wrong: the loss of the favourite
# HINT Your first number is the loss when the favourite came. Which letter came here,
# HINT and what was its probability?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    average = -confidence * math.log(confidence) + rest * even
    return [-math.log(confidence), even, average]


# %%
# WRONG sure_but_wrong: the average of the first case
# HINT For your average you took the wrong letter at its best, as in case 1. What does
# HINT the task say about the spread of the rest?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    average = -confidence * math.log(confidence) - rest * math.log(rest)
    return [-math.log(rest), even, average]


# %%
# WRONG sure_but_wrong: the rest as it is, twice
# HINT Your first two numbers are the same. In the second case, how many letters share
# HINT the rest?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    average = -confidence * math.log(confidence) - rest * math.log(rest)
    return [-math.log(rest), -math.log(rest), average]


# %%
# WRONG sure_but_wrong: right predictions cost nothing
# HINT Your average counts only the wrong predictions. Does a right one with less than
# HINT full confidence cost nothing?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    return [-math.log(rest), even, rest * even]


# %%
# WRONG sure_but_wrong: half and half
# HINT Your average gives both cases the same weight. How often is such a model right?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    return [-math.log(rest), even, (even - math.log(confidence)) / 2]


# %%
# WRONG sure_but_wrong: the weights exchanged
# HINT In your average the two cases have each other's weight: which of them is the
# HINT frequent one?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    average = -rest * math.log(confidence) + confidence * even
    return [-math.log(rest), even, average]


# %%
# WRONG sure_but_wrong: base ten
# HINT These are logarithms to base ten. Which base belongs to nats?
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log10(rest / (vocab_size - 1))
    average = -confidence * math.log10(confidence) + rest * even
    return [-math.log10(rest), even, average]


# %%
# WRONG sure_but_wrong: no minus signs
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = math.log(rest / (vocab_size - 1))
    average = confidence * math.log(confidence) + rest * even
    return [math.log(rest), even, average]


# %%
# WRONG sure_but_wrong: the first two exchanged
def sure_but_wrong(confidence, vocab_size):
    rest = 1 - confidence
    even = -math.log(rest / (vocab_size - 1))
    average = -confidence * math.log(confidence) + rest * even
    return [even, -math.log(rest), average]


# %%
# RIGHT sure_but_wrong: the entropy of the model's own row
def sure_but_wrong(confidence, vocab_size):
    others = [(1 - confidence) / (vocab_size - 1)] * (vocab_size - 1)
    row = torch.tensor([confidence, *others], dtype=torch.float64)
    entropy = -(row * row.log()).sum()
    return torch.tensor([math.log(1 / (1 - confidence)), -math.log(row[1]), entropy])


# %%
# RIGHT sure_but_wrong: a sum of logarithms
def sure_but_wrong(c, V):
    best = -math.log1p(-c)
    even = best + math.log(V - 1)
    binary = -c * math.log2(c) - (1 - c) * math.log2(1 - c)  # in bits
    return best, even, binary * math.log(2) + (1 - c) * math.log(V - 1)


# %%
# RIGHT sure_but_wrong: with torch's loss on logits
def sure_but_wrong(confidence, vocab_size):
    z = torch.full((1, vocab_size), math.log((1 - confidence) / (vocab_size - 1)))
    z[0, 0] = math.log(confidence)
    right, wrong = (F.cross_entropy(z, torch.tensor([t])).item() for t in (0, 1))
    both = confidence * right + (1 - confidence) * wrong
    return [-math.log(1 - confidence), wrong, both]


# %%
# WRONG three_units: the average of the names' averages
# HINT You averaged within each name, and then over the names. A letter in a short name
# HINT then counts for more than one in a long name: how should the letters count?
def three_units(losses):
    nats = sum(sum(name) / len(name) for name in losses) / len(losses)
    return [nats, nats / math.log(2), math.exp(nats)]


# %%
# WRONG three_units: for each name in place of each letter
# HINT You divided by the number of names. The task asks for the loss of a letter.
def three_units(losses):
    nats = sum(sum(name) for name in losses) / len(losses)
    return [nats, nats / math.log(2), math.exp(nats)]


# %%
# WRONG three_units: the sum
# HINT This is the loss of all names together. What makes lists of different lengths
# HINT comparable?
def three_units(losses):
    nats = sum(sum(name) for name in losses)
    return [nats, nats / math.log(2), math.exp(nats)]


# %%
# WRONG three_units: bits the wrong way round
# HINT One halving is 1 bit, and it is about 0.69 nats. So is the same surprise a larger
# HINT number in bits or in nats?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, nats * math.log(2), math.exp(nats)]


# %%
# WRONG three_units: bits as the logarithm of nats
# HINT You took the logarithm of the loss. A loss is a logarithm already: only its base
# HINT changes.
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, math.log2(nats), math.exp(nats)]


# %%
# WRONG three_units: two to the nats
# HINT Your perplexity is 2 to the power of a loss in nats. Which base belongs to nats?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, nats / math.log(2), 2**nats]


# %%
# WRONG three_units: e to the bits
# HINT Your perplexity is e to the power of a loss in bits. Which base belongs to bits?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    bits = nats / math.log(2)
    return [nats, bits, math.exp(bits)]


# %%
# WRONG three_units: the average of the letters' perplexities
# HINT You made a perplexity of each letter and averaged those. One very surprising
# HINT letter then drowns all others: what is averaged first?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, nats / math.log(2), sum(map(math.exp, letters)) / len(letters)]


# %%
# WRONG three_units: the average of the names' perplexities
# HINT You made a perplexity of each name and averaged those. Over what is the loss
# HINT averaged before it becomes a perplexity?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    own = [math.exp(sum(name) / len(name)) for name in losses]
    return [nats, nats / math.log(2), sum(own) / len(own)]


# %%
# WRONG three_units: a probability for the perplexity
# HINT Your third number lies below 1. It is a typical probability. How many equally
# HINT likely choices belong to a probability of one quarter?
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = sum(letters) / len(letters)
    return [nats, nats / math.log(2), math.exp(-nats)]


# %%
# WRONG three_units: losses taken as negative
def three_units(losses):
    letters = [loss for name in losses for loss in name]
    nats = -sum(letters) / len(letters)
    return [nats, nats / math.log(2), math.exp(-nats)]


# %%
# RIGHT three_units: with numpy
import numpy as np


def three_units(losses):
    nats = np.concatenate([np.array(name) for name in losses]).mean()
    return np.array([nats, nats * np.log2(np.e), np.exp(nats)])


# %%
# RIGHT three_units: as a geometric mean of probabilities
def three_units(losses):
    product, n = 1.0, 0
    for name in losses:
        for loss in name:
            product *= math.exp(-loss)
            n += 1
    perplexity = product ** (-1 / n)
    return math.log(perplexity), math.log2(perplexity), perplexity


# %%
# RIGHT three_units: names weighted by their lengths
def three_units(losses):
    lengths = torch.tensor([len(name) for name in losses]).double()
    means = torch.tensor([sum(name) / len(name) for name in losses]).double()
    bits = (means * lengths / lengths.sum()).sum() / math.log(2)
    return torch.stack([bits * math.log(2), bits, 2**bits])


# %%
# WRONG report: the broken one as given
# HINT Your loss looks only at the predictions whose target survived the cut. What
# HINT happens to the loss when all the difficult questions are left out of an exam?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    kept = torch.full_like(logits, -math.inf)
    kept = kept.scatter(-1, best, logits.gather(-1, best))
    losses = F.cross_entropy(kept, targets, reduction="none")
    losses = losses[hit]
    return [losses.mean().item(), hit.float().mean().item()]


# %%
# WRONG report: all predictions, but cut scores
# HINT Now every prediction counts, and the loss is infinite: a letter that was cut has
# HINT the probability 0. Which letters should the softmax see?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    kept = torch.full_like(logits, -math.inf)
    kept = kept.scatter(-1, best, logits.gather(-1, best))
    return [F.cross_entropy(kept, targets).item(), hit.float().mean().item()]


# %%
# WRONG report: whole vocabulary, but only the hits
# HINT Each loss is right now, but they are averaged over the hits only. Which
# HINT predictions are missing?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    losses = F.cross_entropy(logits, targets, reduction="none")
    return [losses[hit].mean().item(), hit.float().mean().item()]


# %%
# WRONG report: a cut target costs nothing
# HINT The infinite losses have become 0, as if those predictions had been perfect. Were
# HINT they?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    kept = torch.full_like(logits, -math.inf)
    kept = kept.scatter(-1, best, logits.gather(-1, best))
    losses = F.cross_entropy(kept, targets, reduction="none")
    return [torch.where(hit, losses, 0.0).mean().item(), hit.float().mean().item()]


# %%
# WRONG report: cut scores become very low ones
# HINT A very low score in place of minus infinity makes the loss finite, and as large
# HINT as the number you chose. Is that number a property of the model?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    kept = torch.full_like(logits, -100.0)
    kept = kept.scatter(-1, best, logits.gather(-1, best))
    return [F.cross_entropy(kept, targets).item(), hit.float().mean().item()]


# %%
# WRONG report: cut scores become 0
# HINT The cut letters have the score 0 now, and 0 is a score like any other: e to the 0
# HINT is 1. What would leave the scores as the model gave them?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    kept = torch.zeros_like(logits).scatter(-1, best, logits.gather(-1, best))
    return [F.cross_entropy(kept, targets).item(), hit.float().mean().item()]


# %%
# WRONG report: the target is always kept
# HINT You keep the target with the best. So the loss depends on `k` still, and it is
# HINT too small: which letters are missing in the sum below the fraction?
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    keep = torch.zeros_like(logits).bool().scatter(-1, best, True)
    keep = keep | F.one_hot(targets, logits.shape[-1]).bool()
    kept = logits.masked_fill(~keep, -math.inf)
    return [F.cross_entropy(kept, targets).item(), hit.float().mean().item()]


# %%
# WRONG report: the hit rate thrown out with the cut
# HINT The loss is right. The hit rate does need the `k` best letters, and it now looks
# HINT at the best one only.
def report(logits, targets, k):
    hit = logits.argmax(-1) == targets
    return [F.cross_entropy(logits, targets).item(), hit.float().mean().item()]


# %%
# WRONG report: the share of misses
# HINT The loss is right. Your second number counts the targets that are not among the
# HINT best.
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    miss = (best != targets.unsqueeze(-1)).all(dim=-1)
    return [F.cross_entropy(logits, targets).item(), miss.float().mean().item()]


# %%
# WRONG report: the loss of all predictions together
# HINT The vocabulary is whole now, but your loss is a sum: the report asks for the
# HINT mean.
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    loss = F.cross_entropy(logits, targets, reduction="sum")
    return [loss.item(), hit.float().mean().item()]


# %%
# WRONG report: the two numbers exchanged
def report(logits, targets, k):
    best = logits.topk(k, dim=-1).indices
    hit = (best == targets.unsqueeze(-1)).any(dim=-1)
    loss = F.cross_entropy(logits, targets)
    return [hit.float().mean().item(), loss.item()]


# %%
# RIGHT report: the rank of the target
def report(logits, targets, k):
    own = logits.gather(-1, targets[:, None])
    rank = (logits > own).sum(-1)  # how many are better
    loss = torch.logsumexp(logits, -1) - own.squeeze(-1)
    return [loss.mean(), (rank < k).double().mean()]


# %%
# RIGHT report: prediction by prediction
def report(logits, targets, k):
    loss, hits, n = 0.0, 0, len(targets)
    for row, t in zip(logits.tolist(), targets.tolist(), strict=True):
        loss += math.log(sum(math.exp(z) for z in row)) - row[t]
        hits += t in sorted(range(len(row)), key=row.__getitem__, reverse=True)[:k]
    return loss / n, hits / n


# %%
# RIGHT report: with numpy
import numpy as np


def report(logits, targets, k):
    z, t = logits.double().numpy(), targets.numpy()
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    order = np.argsort(-z, axis=1)[:, :k]
    loss = -np.log(p[np.arange(len(t)), t]).mean()
    return np.array([loss, (order == t[:, None]).any(1).mean()])


# %%
# WRONG cross_entropy: a small number added inside the logarithm, 1e-8
# HINT On small scores this is right. On large ones a small number added to the
# HINT probability sets a ceiling on the loss: the true loss can be several hundred.
def cross_entropy(logits, targets):
    probs = logits.softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -(probs + 1e-8).log().mean()


# %%
# WRONG cross_entropy: a small number added inside the logarithm, 1e-10
# HINT On small scores this is right. On large ones a small number added to the
# HINT probability sets a ceiling on the loss: the true loss can be several hundred.
def cross_entropy(logits, targets):
    probs = logits.softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -(probs + 1e-10).log().mean()


# %%
# WRONG cross_entropy: a small number added inside the logarithm, 1e-12
# HINT On small scores this is right. On large ones a small number added to the
# HINT probability sets a ceiling on the loss: the true loss can be several hundred.
def cross_entropy(logits, targets):
    probs = logits.softmax(-1).gather(-1, targets.unsqueeze(-1))
    return -(probs + 1e-12).log().mean()


# %%
# WRONG report: a softmax before the loss
# HINT `F.cross_entropy` takes scores and does the softmax itself. It was given
# HINT probabilities, and the softmax of numbers between 0 and 1 is nearly flat.
def report(logits, targets, k):
    hit = (logits.topk(k, dim=-1).indices == targets.unsqueeze(-1)).any(dim=-1)
    loss = F.cross_entropy(logits.softmax(-1), targets)
    return [loss.item(), hit.float().mean().item()]


# %%
# WRONG surprises: the end forgotten
# HINT The end of the name is a prediction, too: after the last letter the table should
# HINT predict the full stop. How many numbers does a name of four letters have?
def surprises(table, name):
    path = encode("." + name)
    return [-math.log(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: the start forgotten
# HINT The first letter of the name is a prediction, too: what has the table seen before
# HINT it?
def surprises(table, name):
    path = encode(name + ".")
    return [-math.log(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: neither start nor end
# HINT The first letter and the end of the name are predictions, too. What stands before the
# HINT first letter, and what comes after the last one?
def surprises(table, name):
    path = encode(name)
    return [-math.log(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: rows and columns exchanged
# HINT You looked up how likely the first letter is after the second one. Which of the two
# HINT numbers says the row?
def surprises(table, name):
    path = encode("." + name + ".")
    return [-math.log(table[b, a]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: no minus sign
# HINT These are the log-probabilities, and they are never above 0. A surprise is never
# HINT below 0.
def surprises(table, name):
    path = encode("." + name + ".")
    return [math.log(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: the probabilities
# HINT These are the probabilities of the letters that came. One step is missing on the way
# HINT to a surprise.
def surprises(table, name):
    path = encode("." + name + ".")
    return [float(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: one minus the probability
# HINT You took 1 - p. Which function of p does the lesson use, and how large does it become
# HINT when p is very small?
def surprises(table, name):
    path = encode("." + name + ".")
    return [1 - float(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: in bits
# HINT These are bits. Which logarithm belongs to nats?
def surprises(table, name):
    path = encode("." + name + ".")
    return [-math.log2(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: base ten
# HINT This is the logarithm to base ten. Which logarithm belongs to nats?
def surprises(table, name):
    path = encode("." + name + ".")
    return [-math.log10(table[a, b]) for a, b in zip(path, path[1:])]


# %%
# WRONG surprises: a running sum
# HINT You added the surprises up on the way. One number for each letter is asked for, not
# HINT the sum up to it.
def surprises(table, name):
    path, total, sums = encode("." + name + "."), 0.0, []
    for a, b in zip(path, path[1:]):
        total -= math.log(table[a, b])
        sums.append(total)
    return sums


# %%
# WRONG surprises: the favourite in place of the letter that came
# HINT You scored the letter that the table liked best. Which letter came?
def surprises(table, name):
    return [-math.log(table[a].max()) for a in encode("." + name)]


# %%
# WRONG surprises: how common the letter is, whatever stands before it
# HINT Each letter gets the same number, wherever it stands. Does the table not look at the
# HINT letter before?
def surprises(table, name):
    return [-math.log(table[:, b].mean()) for b in encode(name + ".")]


# %%
# WRONG surprises: always after the full stop
# HINT You looked up every letter as if it were the first of the name. What has the table
# HINT seen before the second letter?
def surprises(table, name):
    return [-math.log(table[0, b]) for b in encode(name + ".")]


# %%
# WRONG surprises: only the mean
# HINT This is the loss of the whole name, the mean. Here each letter keeps its own number.
def surprises(table, name):
    path = encode("." + name + ".")
    every = [-math.log(table[a, b]) for a, b in zip(path, path[1:])]
    return [sum(every) / len(every)]


# %%
# RIGHT surprises: by indexing with two lists
def surprises(table, name):
    before, after = encode("." + name), encode(name + ".")
    return -table[before, after].log()


# %%
# RIGHT surprises: rows first, then gather
def surprises(table, name):
    rows = table[torch.tensor(encode("." + name))]
    return -rows.log().gather(1, torch.tensor(encode(name + "."))[:, None]).squeeze(1)


# %%
# RIGHT surprises: with numpy
import numpy as np


def surprises(table, name):
    p = table.numpy()[encode("." + name), encode(name + ".")]
    return np.log(1 / p)


# %%
# RIGHT surprises: letter by letter, with torch numbers
def surprises(table, name):
    found, before = [], 0
    for letter in name + ".":
        after = encode(letter)[0]
        found.append(-torch.log(table[before, after]))
        before = after
    return found
