# Homework 8: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG next_probs: no rule for zero
# HINT At temperature 0 you divide by 0, and nan comes out. What should happen there
# HINT without any division?
def next_probs(logits, temperature):
    return (logits / temperature).softmax(-1)


# %%
# WRONG next_probs: times the temperature
# HINT Your hot rows are peaked and your cold ones flat. What does the temperature do to
# HINT the logits?
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    return (logits * temperature).softmax(-1)


# %%
# WRONG next_probs: the temperature after the softmax
# HINT All your temperatures give the same row: a factor for all probabilities, or a
# HINT constant for all logits, changes no ratio. What does the temperature do, and to
# HINT which numbers?
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    probs = logits.softmax(-1) / temperature
    return probs / probs.sum()


# %%
# WRONG next_probs: softmax of probabilities
# HINT Your rows are much too flat: a softmax was taken of numbers that were
# HINT probabilities already. Of what should the softmax be taken?
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    return (logits.softmax(-1) / temperature).softmax(-1)


# %%
# WRONG next_probs: a power of T, not of 1/T
# HINT You raised the probabilities to a power, which can work. But hot rows came out
# HINT peaked: which power belongs to a temperature of 2?
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    probs = logits.softmax(-1) ** (temperature + 1)
    return probs / probs.sum()


# %%
# WRONG next_probs: best letters share at zero
# HINT At temperature 0 several letters share the probability. Which of them does the
# HINT task ask for?
def next_probs(logits, temperature):
    if temperature == 0:
        temperature = 1e-6
    return (logits / temperature).softmax(-1)


# %%
# WRONG next_probs: the last of the best letters
# HINT Among letters with the same best score you took the last one. Which one does the
# HINT task ask for?
def next_probs(logits, temperature):
    if temperature == 0:
        probs = torch.zeros_like(logits)
        probs[max(range(len(logits)), key=lambda i: (logits[i], i))] = 1
        return probs
    return (logits / temperature).softmax(-1)


# %%
# WRONG next_probs: zero means certain for nobody
# HINT At temperature 0 all your letters are equally likely: that is the other end of
# HINT the dial.
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.full_like(logits, 1 / len(logits))
    return (logits / temperature).softmax(-1)


# %%
# WRONG next_probs: no softmax at all
def next_probs(logits, temperature):
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    return (logits / temperature).exp()


# %%
# RIGHT next_probs: a power of the probabilities
def next_probs(logits, temperature):
    probs = torch.softmax(logits, 0)
    if temperature > 0:
        probs = probs ** (1 / temperature)
        return probs / probs.sum()
    return torch.eye(len(probs))[torch.argmax(probs)]


# %%
# RIGHT next_probs: with numpy
import numpy as np


def next_probs(logits, temperature):
    z = logits.double().numpy()
    if temperature == 0:
        return torch.from_numpy((np.arange(len(z)) == np.argmax(z)).astype(float))
    e = np.exp((z - z.max()) / temperature)
    return torch.tensor(e / e.sum())


# %%
# RIGHT next_probs: letter by letter
def next_probs(logits, temperature):
    z = logits.tolist()
    if temperature == 0:
        best = z.index(max(z))
        return torch.tensor([1.0 if i == best else 0.0 for i in range(len(z))])
    p = []
    for own in z:
        p.append(1 / sum(math.exp((other - own) / temperature) for other in z))
    return torch.tensor(p)


# %%
# WRONG cut: all that tie stay
# HINT Where letters tie for the last place, you keep all of them. How many should be
# HINT left, and which?
def keep_top_k(logits, k):
    lowest = logits.sort(descending=True).values[k - 1]
    return logits.masked_fill(logits < lowest, -math.inf)


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: the later of those that tie
# HINT You keep the right number, but of letters that tie you take the last ones of the
# HINT alphabet. Which should stay?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(stable=True)[: len(logits) - k]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: zero in place of minus infinity
# HINT The letters that you cut still have a probability. What does the softmax make of
# HINT a logit of 0?
def keep_top_k(logits, k):
    cut = torch.zeros_like(logits)
    best = logits.argsort(descending=True, stable=True)[:k]
    cut[best] = logits[best]
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: the k worst stay
# HINT You keep the worst letters: in which direction do you sort?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: one letter too many
# HINT One letter more than `k` is left. With which place does the tail begin when you
# HINT count from 0?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k + 1 :]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: the logits are changed in place
# HINT Your function changes the logits that it was given, so a second call starts from
# HINT what the first one left. On what should it write?
def keep_top_k(logits, k):
    logits[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return logits


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: probabilities in place of logits
# HINT You give probabilities. The softmax comes later and wants the scores of the
# HINT letters that stay, unchanged.
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut.softmax(-1)


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut.softmax(-1)


# %%
# WRONG cut: the letter that reaches p is cut
# HINT The letter with which the sum reaches p is missing, so those you keep hold less
# HINT than p. When the first letter alone holds more, nothing is left at all.
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    sums = logits.softmax(-1)[order].cumsum(-1)
    cut = logits.clone()
    cut[order[sums > p]] = -math.inf
    return cut


# %%
# WRONG cut: a letter beyond p
# HINT You keep one letter more than is needed to reach p. Was the sum not large enough
# HINT before it came?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    sums = logits.softmax(-1)[order].cumsum(-1)
    cut = logits.clone()
    cut[order[int((sums < p).sum()) + 2 :]] = -math.inf
    return cut


# %%
# WRONG cut: each letter on its own must reach p
# HINT You compare each letter's own probability with p. What does the task say must add
# HINT up to p?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    probs = logits.softmax(-1)
    return logits.masked_fill(probs < p, -math.inf)


# %%
# WRONG cut: a share of the letters
# HINT You keep a share p of the letters. The task asks for a share p of the
# HINT probability.
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    cut = logits.clone()
    cut[order[math.ceil(p * len(logits)) :]] = -math.inf
    return cut


# %%
# WRONG cut: sums in the order of the alphabet
# HINT You added up the probabilities in the order of the alphabet. In which order does
# HINT a smallest group of best letters grow?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    probs = logits.softmax(-1)
    return logits.masked_fill(probs.cumsum(-1) - probs >= p, -math.inf)


# %%
# WRONG cut: from the worst letter up
# HINT You begin to add with the worst letter. Which letter belongs to the group first?
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort()
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# WRONG cut: sorted logits
def keep_top_k(logits, k):
    cut = logits.sort(descending=True).values
    cut[k:] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    cut = logits.clone()
    cut[order[probs.cumsum(-1) - probs >= p]] = -math.inf
    return cut


# %%
# RIGHT cut: one letter at a time
def keep_top_k(logits, k):
    z = logits.tolist()
    stay = sorted(range(len(z)), key=lambda i: (-z[i], i))[:k]
    return torch.tensor([x if i in stay else -math.inf for i, x in enumerate(z)])


def keep_top_p(logits, p):
    probs = logits.softmax(-1).tolist()
    stay, total = [], 0.0
    for i in sorted(range(len(probs)), key=lambda i: -probs[i]):
        if total >= p:
            break
        stay.append(i)
        total += probs[i]
    return torch.tensor(
        [logits[i] if i in stay else -math.inf for i in range(len(probs))]
    )


# %%
# RIGHT cut: with numpy, a very low score
import numpy as np


def keep_top_k(logits, k):
    z = logits.numpy().astype(np.float64)
    out = np.full_like(z, -1e9)
    best = np.argsort(-z, kind="stable")[:k]
    out[best] = z[best]
    return torch.from_numpy(out)


def keep_top_p(logits, p):
    sums = np.cumsum(np.sort(logits.softmax(-1).numpy())[::-1])
    return keep_top_k(logits, int(np.searchsorted(sums, p)) + 1)


# %%
# RIGHT cut: how many are better
def keep_top_k(logits, k):
    i = torch.arange(len(logits))
    better = logits[None] > logits[:, None]
    earlier = (logits[None] == logits[:, None]) & (i[None] < i[:, None])
    rank = (better | earlier).sum(1)
    return torch.where(rank < k, logits, torch.tensor(-torch.inf))


def keep_top_p(logits, p):
    probs = logits.softmax(-1)
    before = (probs[None] * (probs[None] > probs[:, None])).sum(1)
    return torch.where(before < p, logits, torch.tensor(-torch.inf))


# %%
# WRONG slides: only temperature one is honest
# HINT You call a row forged when its temperature is not 1. A row of another temperature
# HINT is honest, too, if all its pairs agree.
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    implied = [temperatures(logits, row) for row in rows]
    return [i for i, T in enumerate(implied) if (T - 1).abs().max() > 0.01]


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: one over the temperature
# HINT Your numbers are 1/T: on which side of the fraction does the temperature stand?
def temperatures(logits, probs):
    return (probs[:-1] / probs[1:]).log() / (logits[:-1] - logits[1:])


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: no logarithm
# HINT You divided by the ratio of the probabilities itself. The formula has it as a
# HINT power of e: how do you get at the exponent?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:])


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: difference of probabilities
# HINT You took the difference of the probabilities. Which of their relations does the
# HINT softmax make out of a difference of logits?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] - probs[1:])


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: base two
# HINT The exponent belongs to a power of e, and your logarithm to a power of 2.
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log2()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: always against the first
# HINT You compare each letter with the first one. Which pairs does the task ask for?
def temperatures(logits, probs):
    return (logits[0] - logits[1:]) / (probs[0] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: ratio of the logits
# HINT You divided the logits by each other. A softmax knows only their differences.
def temperatures(logits, probs):
    return (logits[:-1] / logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: the sign turned round
def temperatures(logits, probs):
    return (logits[1:] - logits[:-1]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: the honest rows
# HINT These are the rows that some temperature makes: the others are asked for.
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    implied = [temperatures(logits, row) for row in rows]
    return [i for i, T in enumerate(implied) if max(T) - min(T) <= 0.01]


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: rows counted from one
# HINT Your rows are counted from 1. Which number has the first row here?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    implied = [temperatures(logits, row) for row in rows]
    return [i for i, T in enumerate(implied, 1) if max(T) - min(T) > 0.01]


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: rows that do not add up to one
# HINT You test whether a row adds up to 1. The forged ones do, too: a better forger is
# HINT at work. What do the pairs of neighbours say?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    return [i for i, row in enumerate(rows) if abs(row.sum() - 1) > 0.01]


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: one answer for each row
# HINT You give an answer for each row. The task asks for the numbers of the forged
# HINT ones.
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    implied = [temperatures(logits, row) for row in rows]
    return [bool(max(T) - min(T) > 0.01) for T in implied]


def share_out(probs):
    return probs / probs.sum()


# %%
# WRONG slides: equal parts of the rest
# HINT You gave each letter the same part of what was free. Does .4 to .3 stay .4 to .3
# HINT then?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs + (1 - probs.sum()) / len(probs)


# %%
# WRONG slides: softmax of probabilities
# HINT You took the softmax of probabilities. It makes ratios out of differences: what
# HINT happens to the ratio of .4 to .3?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs.softmax(-1)


# %%
# WRONG slides: everything to the best
# HINT You gave all that was free to the best letter: its ratio to the others has
# HINT changed.
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    more = probs.clone()
    more[probs.argmax()] += 1 - probs.sum()
    return more


# %%
# WRONG slides: divided by the largest
# HINT Your best letter has 1 alone. What should add up to 1?
def temperatures(logits, probs):
    return (logits[:-1] - logits[1:]) / (probs[:-1] / probs[1:]).log()


def forged(logits, rows):
    found = []
    for i, row in enumerate(rows):
        T = temperatures(logits, row)
        if T.max() - T.min() > 0.01:
            found.append(i)
    return found


def share_out(probs):
    return probs / probs.max()


# %%
# RIGHT slides: differences of logarithms
def temperatures(logits, probs):
    return -logits.diff() / -probs.log().diff()


def forged(logits, rows):
    def honest(row):
        T = temperatures(logits, row)[0]
        return ((logits / T).softmax(-1) - row).abs().max() < 1e-3

    return [number for number in range(len(rows)) if not honest(rows[number])]


def share_out(probs):
    return probs.log().softmax(-1)


# %%
# RIGHT slides: pair by pair
def temperatures(logits, probs):
    z, p = logits.tolist(), probs.tolist()
    T = []
    for i in range(len(z) - 1):
        T.append((z[i] - z[i + 1]) / (math.log(p[i]) - math.log(p[i + 1])))
    return T


def forged(logits, rows):
    caught = []
    for i in range(len(rows)):
        T = sorted(temperatures(logits, rows[i]))
        if abs(T[-1] - T[0]) > 0.01:
            caught.append(i)
    return caught


def share_out(probs):
    rest = 1 - sum(probs.tolist())
    return [p + rest * p / sum(probs.tolist()) for p in probs.tolist()]


# %%
# RIGHT slides: with numpy, in double
import numpy as np


def temperatures(logits, probs):
    z, lp = logits.double().numpy(), np.log(probs.double().numpy())
    return np.diff(z) / np.diff(lp)


def forged(logits, rows):
    spread = np.array([np.ptp(temperatures(logits, row)) for row in rows])
    return np.flatnonzero(spread > 0.01).tolist()


def share_out(probs):
    return np.divide(probs.numpy(), np.sum(probs.numpy()))


# %%
# WRONG write_name: the window not cured
# HINT Names stop where they should. But they do not look like names: in which order
# HINT does the model see the last three letters?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
        context = [token] + context[:-1]
    return name


# %%
# WRONG write_name: the end mark not cured
# HINT The letters are right, and the end mark still stands in the name. What comes
# HINT first, looking at the token or writing it down?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        name += ALPHABET[token]
        if token == 0:
            break
        context = context[1:] + [token]
    return name


# %%
# WRONG write_name: the limit not cured
# HINT The names are right, as long as they end by themselves. How long is a name when
# HINT your loop begins its last round?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) <= max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
        context = context[1:] + [token]
    return name


# %%
# WRONG write_name: only the window cured
# HINT The model sees its letters in the right order now. Two bugs are left: the last
# HINT sign of a name, and how long it may be.
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) <= max_len:
        token = choose(model(torch.tensor([context]))[0])
        name += ALPHABET[token]
        if token == 0:
            break
        context = context[1:] + [token]
    return name


# %%
# WRONG write_name: only the end mark cured
# HINT The end mark is gone. Two bugs are left: how long a name may be, and in which
# HINT order the model sees the last three letters.
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) <= max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
        context = [token] + context[:-1]
    return name


# %%
# WRONG write_name: as given
# HINT All three bugs are still there. Follow the list `context` on paper for two
# HINT letters, then look at the order of the lines.
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) <= max_len:
        token = choose(model(torch.tensor([context]))[0])
        name += ALPHABET[token]
        if token == 0:
            break
        context = [token] + context[:-1]
    return name


# %%
# WRONG write_name: the window never moves
# HINT Every letter is chosen as if it were the first. What must change after each
# HINT letter?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
    return name


# %%
# WRONG write_name: only one letter remembered
# HINT Your model sees the newest letter after two full stops, always. What remains of
# HINT the old context when a new letter comes?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
        context = [0, 0, token]
    return name


# %%
# WRONG write_name: written backwards
# HINT Each new letter is put in front of the name.
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name = ALPHABET[token] + name
        context = context[1:] + [token]
    return name


# %%
# WRONG write_name: one letter too short
# HINT Your names stop a letter too early when they reach the limit: how many letters
# HINT may they have?
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len - 1:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name += ALPHABET[token]
        context = context[1:] + [token]
    return name


# %%
# WRONG write_name: a list of letters
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], []
    while len(name) < max_len:
        token = choose(model(torch.tensor([context]))[0])
        if token == 0:
            break
        name.append(token)
        context = context[1:] + [token]
    return name


# %%
# RIGHT write_name: a for loop and a join
def write_name(model, choose, max_len=20):
    tokens = [0, 0, 0]
    for _ in range(max_len):
        token = choose(model(torch.tensor(tokens[-3:]).view(1, 3)).squeeze(0))
        tokens += [token]
        if not token:
            break
    return "".join(ALPHABET[t] for t in tokens).strip(".")


# %%
# RIGHT write_name: by recursion
def write_name(model, choose, max_len=20, context=(0, 0, 0)):
    if max_len == 0:
        return ""
    token = choose(model(torch.tensor([context]))[0])
    if token == 0:
        return ""
    rest = write_name(model, choose, max_len - 1, (*context[1:], token))
    return ALPHABET[token] + rest


# %%
# RIGHT write_name: a window in a tensor, and a cut at the end
def write_name(model, choose, max_len=20):
    window, name = torch.zeros(1, 3, dtype=torch.long), ""
    while True:
        token = choose(model(window)[0])
        if token == 0 or len(name) >= max_len:
            return name[:max_len]
        name += ALPHABET[token]
        window = torch.roll(window, -1)
        window[0, -1] = token


# %%
# WRONG cut: the letter that reaches p is cut, but never the first
# HINT The letter with which the sum reaches p is missing, so those you keep hold less
# HINT than p, if it is not the first one.
def keep_top_k(logits, k):
    cut = logits.clone()
    cut[logits.argsort(descending=True, stable=True)[k:]] = -math.inf
    return cut


def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    gone = logits.softmax(-1)[order].cumsum(-1) > p
    gone[0] = False
    cut = logits.clone()
    cut[order[gone]] = -math.inf
    return cut


# %%
# WRONG own_list: in the order of the list
# HINT Your alphabet has the characters in the order in which they occur. In which
# HINT order does the task ask for them?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "".join(dict.fromkeys("." + "".join(names)))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: no full stop
# HINT The full stop is missing in your alphabet: with what does a name begin and
# HINT end?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = "." + alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: the full stop at the end
# HINT The full stop should come first, so that it has the number 0.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "".join(sorted(set("".join(names)))) + "."


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: the alphabet of the course
# HINT These are the letters a to z. A list in other letters has an alphabet of its
# HINT own: where can you find it?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return ALPHABET


def pair_logits(names):
    alphabet = "." + "".join(sorted(set("".join(names))))
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: pairs inside the names only
# HINT You count only the pairs inside the names. Which pair does each name begin
# HINT with, and which one ends it?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(name):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: no pair that ends a name
# HINT The full stop after the last character is not counted, so your names would
# HINT never end.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}"):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: rows and columns exchanged
# HINT Rows and columns are exchanged. The row is the character before.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(after), alphabet.index(before)] += 1
    return counts.log()


# %%
# WRONG own_list: counts in place of logits
# HINT These are counts. Of what is the softmax the inverse?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts


# %%
# WRONG own_list: probabilities in place of logits
# HINT These are probabilities. The check takes the softmax of what you return, so it
# HINT wants their logarithms.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts / counts.sum(dim=1, keepdim=True)


# %%
# WRONG own_list: nothing added
# HINT You have added nothing to the counts, so a pair that never occurs is
# HINT impossible. What does the task add?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.0)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: one added
# HINT You have added 1 to the counts. Which number does the task ask for?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 1.0)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: a pair counts once
# HINT Each pair counts only once in your table. How often does it occur?
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] = 1.1
    return counts.log()


# %%
# WRONG own_list: a short list
# HINT Your list has fewer than 30 names.
def my_names():
    return ["νάξος", "πάρος", "μήλος", "σίφνος", "σέριφος", "κύθνος", "κέα", "άνδρος"]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: a name twice
# HINT A name stands twice in your list.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")] + [
        "κέα"
    ]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: names of the course
# HINT These are the names of the course. The project asks for a list of your own.
def my_names():
    return Path("../../data/names.txt").read_text().split()[:40]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# WRONG own_list: names with numbers
# HINT There is a digit, a full stop, an empty name, or a space at the end of one of
# HINT your names.
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")] + [
        "ίος 2"
    ]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log()


# %%
# RIGHT own_list: a text and bincount
def my_names():
    text = """\u00e5sa|bj\u00f6rn|eva|kalle|lisa|nils|olle|per|ulla|\u00e5ke|g\u00f6sta
    |m\u00e4rta|sven|inga|lars|karin|anna|erik|maja|ebba|elsa|axel|hugo|frida|ida|moa
    |tove|tore|knut|sigrid|anna-lena"""
    return [name.strip() for name in text.split("|")]


def alphabet_of(names):
    letters = sorted({letter for name in names for letter in name})
    return "".join([".", *letters])


def pair_logits(names):
    index = {letter: i for i, letter in enumerate(alphabet_of(names))}
    tokens = torch.tensor([index[c] for c in "." + ".".join(names) + "."])
    pairs = tokens[:-1] * len(index) + tokens[1:]
    counts = torch.bincount(pairs, minlength=len(index) ** 2)
    return (counts.view(len(index), -1) + 0.1).log()


# %%
# RIGHT own_list: a list as alphabet, and numpy
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    seen = []
    for letter in "".join(names):
        if letter not in seen:
            seen.append(letter)
    return [".", *sorted(seen)]


import numpy as np


def pair_logits(names):
    alphabet = list(alphabet_of(names))
    counts = np.zeros((len(alphabet),) * 2)
    for name in names:
        path = [0, *map(alphabet.index, name), 0]
        for i in range(len(path) - 1):
            counts[path[i], path[i + 1]] += 1
    return np.log(counts + 0.1)


# %%
# RIGHT own_list: log-probabilities
def my_names():
    return [a + b for a in "κλμνπρσ" for b in ("άος", "ήλη", "ίνα", "ύρος", "έα")]


def alphabet_of(names):
    return "." + "".join(sorted(set("".join(names))))


def pair_logits(names):
    alphabet = alphabet_of(names)
    counts = torch.full((len(alphabet), len(alphabet)), 0.1)
    for name in names:
        for before, after in pairwise(f".{name}."):
            counts[alphabet.index(before), alphabet.index(after)] += 1
    return counts.log().log_softmax(-1)
