# Homework 9: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG grammar: only the first choice
# HINT You pay for the first choice alone. What do the parts cost that are still
# HINT symbols?
def entropy(rules, symbol):
    return -sum(p * math.log(p) for p, _ in rules[symbol])


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: later choices at full price
# HINT You pay for later choices in full, also where the part that needs them seldom
# HINT comes. How often is each choice made?
def entropy(rules, symbol):
    nats = -sum(p * math.log(p) for p, _ in rules[symbol])
    for _, parts in rules[symbol]:
        nats += sum(entropy(rules, part) for part in parts if part in rules)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: a symbol counts once in a row
# HINT Where a symbol comes twice in one row, you pay once. Are its two choices the same
# HINT choice?
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        later = sum(entropy(rules, part) for part in set(parts) if part in rules)
        nats += p * (-math.log(p) + later)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: one level down and no further
# HINT You pay for the symbols of the first row, but not for those that stand inside
# HINT them.
def entropy(rules, symbol):
    def own(s):
        return -sum(p * math.log(p) for p, _ in rules[s])

    later = sum(p * sum(own(x) for x in xs if x in rules) for p, xs in rules[symbol])
    return own(symbol) + later


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: in bits
# HINT These are bits. In which unit does the task count?
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        later = sum(entropy(rules, part) for part in parts if part in rules)
        nats += p * (-math.log2(p) + later)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: the surprise is not weighted
# HINT You add up the surprise of all choices, as if each came every time. What makes a
# HINT mean out of it?
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        later = sum(entropy(rules, part) for part in parts if part in rules)
        nats += -math.log(p) + p * later
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: only the dearest text
# HINT This is the bill of the dearest text. The entropy is the mean bill.
def entropy(rules, symbol):
    bills = []
    for p, parts in rules[symbol]:
        later = sum(entropy(rules, part) for part in parts if part in rules)
        bills.append(-math.log(p) + later)
    return max(bills)


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: no minus sign
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * (
            math.log(p) + sum(entropy(rules, part) for part in parts if part in rules)
        )
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(p * sum(mean_words(rules, x) for x in xs) for p, xs in rules[symbol])


# %%
# WRONG grammar: a symbol counts as one word
# HINT You count a symbol as one word. How many words does it write in the end?
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * sum(entropy(rules, part) for part in parts if part in rules)
        nats -= p * math.log(p)
    return nats


def mean_words(rules, symbol):
    return sum(p * len(parts) for p, parts in rules[symbol])


# %%
# WRONG grammar: each choice as often as the others
# HINT You take the plain mean over the choices, as if they came equally often.
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * sum(entropy(rules, part) for part in parts if part in rules)
        nats -= p * math.log(p)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    rows = [sum(mean_words(rules, x) for x in parts) for _, parts in rules[symbol]]
    return sum(rows) / len(rows)


# %%
# WRONG grammar: symbols write nothing
# HINT You count the words of the first row and leave out those that its symbols write.
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * sum(entropy(rules, part) for part in parts if part in rules)
        nats -= p * math.log(p)
    return nats


def mean_words(rules, symbol):
    return sum(p * sum(x not in rules for x in parts) for p, parts in rules[symbol])


# %%
# WRONG grammar: the longest text
# HINT This is the length of the longest text. The mean is asked for.
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * sum(entropy(rules, part) for part in parts if part in rules)
        nats -= p * math.log(p)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1
    return max(sum(mean_words(rules, x) for x in parts) for _, parts in rules[symbol])


# %%
# RIGHT grammar: how often is each symbol written?
def visits(rules, symbol):
    bag = Counter({symbol: 1.0})
    for p, parts in rules[symbol]:
        for part in parts:
            if part in rules:
                for name, times in visits(rules, part).items():
                    bag[name] += p * times
    return bag


def entropy(rules, symbol):
    own = {s: sum(-p * math.log(p) for p, _ in rules[s]) for s in rules}
    return sum(times * own[s] for s, times in visits(rules, symbol).items())


def mean_words(rules, symbol):
    own = {
        s: sum(p * sum(x not in rules for x in xs) for p, xs in rules[s]) for s in rules
    }
    return sum(times * own[s] for s, times in visits(rules, symbol).items())


# %%
# RIGHT grammar: list every text
def texts(rules, symbol):
    if symbol not in rules:
        return [(1.0, [symbol])]
    found = []
    for p, parts in rules[symbol]:
        partial = [(p, [])]
        for part in parts:
            partial = [
                (a * b, x + y) for a, x in partial for b, y in texts(rules, part)
            ]
        found += partial
    return found


def entropy(rules, symbol):
    p = torch.tensor([p for p, _ in texts(rules, symbol)], dtype=torch.float64)
    return torch.special.entr(p).sum().item()


def mean_words(rules, symbol):
    return sum(p * len(words) for p, words in texts(rules, symbol))


# %%
# RIGHT grammar: both at once, symbols from the inside out
def _both(rules, part):
    if part not in rules:
        return torch.tensor([0.0, 1.0]).double()
    total = torch.zeros(2).double()
    for p, parts in rules[part]:
        inside = torch.stack([_both(rules, x) for x in parts]).sum(0)
        total = total + p * (inside + torch.tensor([-math.log(p), 0.0]).double())
    return total


def entropy(rules, symbol):
    return _both(rules, symbol)[0]


def mean_words(rules, symbol):
    return _both(rules, symbol)[1]


# %%
# WRONG text_entropy: only the texts cured
# HINT The texts are right now. What does a computer say to the logarithm of 0, and what
# HINT does a text cost that never comes?
def text_entropy(scripts):
    chance = Counter()
    for text, p in scripts:
        chance[text] += p
    return -sum(p * math.log(p) for p in chance.values())


# %%
# WRONG text_entropy: as given
# HINT This is the entropy of the ways to choose. A reader sees the text only: how
# HINT likely is a text that can be written in three ways?
def text_entropy(scripts):
    nats = 0.0
    for text, p in scripts:
        nats -= p * math.log(p)
    return nats


# %%
# WRONG text_entropy: only the zeros cured
# HINT No error any more, but this is still the entropy of the ways to choose. A reader
# HINT sees the text only: how likely is a text that can be written in three ways?
def text_entropy(scripts):
    return -sum(p * math.log(p) for _, p in scripts if p > 0)


# %%
# WRONG text_entropy: the last way overwrites the others
# HINT Of a text that can be written in several ways you keep the last one. What about
# HINT the probability of the others?
def text_entropy(scripts):
    chance = {text: p for text, p in scripts}
    return -sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# WRONG text_entropy: the first way only
# HINT Of a text that can be written in several ways you keep the first one. What about
# HINT the probability of the others?
def text_entropy(scripts):
    chance = {}
    for text, p in scripts:
        chance.setdefault(text, p)
    return -sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# WRONG text_entropy: the likeliest way only
# HINT Of a text that can be written in several ways you keep the likeliest one. What
# HINT about the probability of the others?
def text_entropy(scripts):
    chance = Counter()
    for text, p in scripts:
        chance[text] = max(chance[text], p)
    return -sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# WRONG text_entropy: all texts equally likely
# HINT This is the logarithm of the number of texts: right if all of them were equally
# HINT likely. Are they?
def text_entropy(scripts):
    return math.log(len({text for text, p in scripts if p > 0}))


# %%
# WRONG text_entropy: the mean of the ways
# HINT You took the mean of the ways to write a text. When a text can come about in this
# HINT way *or* in that, what happens to the probabilities?
def text_entropy(scripts):
    ways = {}
    for text, p in scripts:
        ways.setdefault(text, []).append(p)
    chance = [sum(ps) / len(ps) for ps in ways.values()]
    return -sum(p * math.log(p) for p in chance if p > 0)


# %%
# WRONG text_entropy: only neighbours are merged
# HINT You merge equal texts only where they are neighbours in the list.
import itertools


def text_entropy(scripts):
    nats = 0.0
    for _, same in itertools.groupby(scripts, key=lambda way: way[0]):
        p = sum(p for _, p in same)
        nats -= p * math.log(p) if p > 0 else 0
    return nats


# %%
# WRONG text_entropy: no minus sign
def text_entropy(scripts):
    chance = Counter()
    for text, p in scripts:
        chance[text] += p
    return sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# RIGHT text_entropy: sorted and grouped
import itertools


def text_entropy(scripts):
    total = 0
    for _, same in itertools.groupby(sorted(scripts), key=lambda way: way[0]):
        p = math.fsum(p for _, p in same)
        total += p * math.log(1 / p) if p else 0
    return total


# %%
# RIGHT text_entropy: each way pays for its text
def text_entropy(scripts):
    def chance(text):
        return sum(p for other, p in scripts if other == text)

    return sum(-p * math.log(chance(text)) for text, p in scripts if p)


# %%
# RIGHT text_entropy: with tensors
def text_entropy(scripts):
    texts = sorted({text for text, _ in scripts})
    p = torch.zeros(len(texts), dtype=torch.float64)
    for text, q in scripts:
        p[texts.index(text)] += q
    return torch.special.entr(p).sum()


# %%
# WRONG bill: zeros become nan
# HINT There is a nan: 0 times the logarithm of 0. What should a case cost that never
# HINT happens?
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -(joint * q.log()).sum()
    floor = -(joint * best.log()).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: the floor of context and word together
# HINT Your floor pays for the context, too. The model is shown the context for nothing:
# HINT what is the best table of words after it?
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -torch.xlogy(joint, joint).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: the model's own entropy
# HINT Your floor is how sure the model is of itself. It should not depend on the model
# HINT at all.
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -(joint.sum(1) * torch.xlogy(q, q).sum(1)).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: the floor without the context
# HINT Your floor is that of a model that sees nothing. What does the best model do that
# HINT sees the context?
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -torch.xlogy(joint.sum(0), joint.sum(0)).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: contexts count equally
# HINT You gave each context the same weight. Some come more often than others.
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(best, q).sum(1).mean()
    floor = -torch.xlogy(best, best).sum(1).mean()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: the contexts added up
# HINT You added up the bills of all contexts, each in full. How often does each come?
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(best, q).sum()
    floor = -torch.xlogy(best, best).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: in bits
# HINT These are bits. In which unit does the task count?
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum() / math.log(2)
    floor = -torch.xlogy(joint, best).sum() / math.log(2)
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: floor less loss
# HINT Your gap is negative, as if the model were better than the best one.
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -torch.xlogy(joint, best).sum()
    return float(loss), float(floor), float(floor - loss)


# %%
# WRONG bill: world and model exchanged
# HINT You averaged over what the model says. The bill is paid for what comes.
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -(joint.sum(1) * torch.xlogy(q, best.clamp(min=1e-9)).sum(1)).sum()
    floor = -(joint.sum(1) * torch.xlogy(q, q).sum(1)).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: the mean over all cells
# HINT You divided by the number of cells in the table. The probabilities are a mean
# HINT already.
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = -torch.xlogy(joint, q).mean()
    floor = -torch.xlogy(joint, best).mean()
    return float(loss), float(floor), float(loss - floor)


# %%
# WRONG bill: no minus sign
def bill(joint, q):
    best = joint / joint.sum(1, keepdim=True)
    loss = torch.xlogy(joint, q).sum()
    floor = torch.xlogy(joint, best).sum()
    return float(loss), float(floor), float(loss - floor)


# %%
# RIGHT bill: two loops
def bill(joint, q):
    loss = floor = 0.0
    for world, model in zip(joint.tolist(), q.tolist()):
        weight = sum(world)
        for p, guess in zip(world, model):
            if p > 0:
                loss -= p * math.log(guess)
                floor -= p * math.log(p / weight)
    return loss, floor, loss - floor


# %%
# RIGHT bill: entropies subtracted, KL on its own
def bill(joint, q):
    joint, q = joint.double(), q.double()
    context = joint.sum(1)
    floor = torch.special.entr(joint).sum() - torch.special.entr(context).sum()
    best = joint / context[:, None]
    term = torch.where(best > 0, best * (best / q).log(), torch.zeros_like(best))
    kl = torch.einsum("n,nv->", context, term)
    return (floor + kl).item(), floor.item(), kl.item()


# %%
# RIGHT bill: only the cells that come
import numpy as np


def bill(joint, q):
    j = joint.numpy().astype(np.float64)
    comes = j > 0
    best = (j / j.sum(axis=1, keepdims=True))[comes]
    loss = np.dot(j[comes], -np.log(q.numpy()[comes]))
    floor = np.dot(j[comes], -np.log(best))
    return [loss, floor, loss - floor]


# %%
# WRONG novelty: the share that is recited
# HINT This is the share of written names that do stand in the training list: the
# HINT novelty is about the others.
def report(written, train, val):
    found = set(written)
    old = sum(name in train for name in written) / len(written)
    return old, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: each different name once
# HINT In your novelty a name that is written five times counts once. How does the task
# HINT count?
def report(written, train, val):
    found, train, val = set(written), set(train), set(val)
    new = len(found - train) / len(found)
    return new, len(found & train) / len(train), len(found & val) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: new in both lists
# HINT You call a name new only if it is in neither list. The model has never seen the
# HINT held-out names: are they new to it?
def report(written, train, val):
    found = set(written)
    new = sum(name not in train and name not in val for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: shares of what is written
# HINT Your second and third number are shares of the written names. Of which lists
# HINT should they be shares?
def report(written, train, val):
    n = len(written)
    new = sum(name not in train for name in written) / n
    return new, sum(w in train for w in written) / n, sum(w in val for w in written) / n


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: repeats counted again
# HINT A name that the model writes five times counts five times among the names it has
# HINT found. "At least once" is asked for.
def report(written, train, val):
    new = sum(name not in train for name in written) / len(written)
    recited = sum(w in train for w in written) / len(train)
    return new, recited, sum(w in val for w in written) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: a number, not a share
# HINT These are numbers of names. Shares lie between 0 and 1.
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written)
    return new, len(found & set(train)), len(found & set(val))


def evidence(written, train, val):
    return sorted(set(written) & set(val))


# %%
# WRONG novelty: every new name is evidence
# HINT Some of your names are new, but are they names? Rubbish is new, too. How can you
# HINT know that a new name is real?
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) - set(train))


# %%
# WRONG novelty: training names as evidence
# HINT These names stand in the training list. What would a model write that had only
# HINT learned the list by heart?
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(train))


# %%
# WRONG novelty: all real names as evidence
# HINT All these names are real. But some of them stand in the training list, and the
# HINT model may have learned them by heart.
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & (set(train) | set(val)))


# %%
# WRONG novelty: names more than once
# HINT The names are right, but some are there more than once.
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(name for name in written if name in val)


# %%
# WRONG novelty: the held-out names that are missing
# HINT These are the held-out names that the model did not write.
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(val) - set(written))


# %%
# WRONG novelty: not sorted
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return sorted(set(written) & set(val), reverse=True)


# %%
# RIGHT novelty: plain loops
def report(written, train, val):
    new = 0
    for name in written:
        if name not in train:
            new += 1
    recited = [name for name in train if name in written]
    found = [name for name in val if name in written]
    return [new / len(written), len(recited) / len(train), len(found) / len(val)]


def evidence(written, train, val):
    found = []
    for name in sorted(val):
        if name in written:
            found.append(name)
    return found


# %%
# RIGHT novelty: a Counter, and one less the rest
def report(written, train, val):
    bag = Counter(written)
    old = sum(bag[name] for name in train)
    rest = 1 - len(set(train).difference(bag)) / len(train)
    return 1 - old / bag.total(), rest, 1 - len(set(val) - set(bag)) / len(val)


def evidence(written, train, val):
    return sorted(filter(set(val).__contains__, Counter(written)))


# %%
# RIGHT novelty: with numpy
import numpy as np


def report(written, train, val):
    new = 1 - np.isin(written, train).mean()
    return new, np.isin(train, written).mean(), np.isin(val, written).mean()


def evidence(written, train, val):
    return np.intersect1d(written, val).tolist()


# %%
# WRONG cosines: a letter with itself
# HINT Your mean within the group counts each letter with itself, where the cosine is 1.
# HINT Which pairs does the task ask for?
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = cosine[group][:, group].mean()
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: dot products
# HINT These are dot products: a long row counts more than a short one. By what is a
# HINT cosine divided?
def inside_and_outside(E, group):
    rows = E
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: the columns have length one
# HINT You divided by the lengths of the columns. Which axis of `E` holds the numbers of
# HINT one letter?
def inside_and_outside(E, group):
    rows = E / E.norm(dim=0, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: the end mark is a letter
# HINT Your rest holds row 0, the end mark. Is it a letter?
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: the group belongs to the rest
# HINT Your rest holds the group itself. Which letters lie outside it?
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = list(range(1, len(E)))
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: divided by one length
# HINT You divided by the length of only one of the two letters.
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ E.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: distances
# HINT These are distances. Two letters that point the same way have the cosine 1, and
# HINT the distance of their rows says something else.
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = torch.cdist(E, E)
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = cosine[group][:, group].sum() / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: the mean letter of the group
# HINT You compared with the mean of the group's rows. The mean of cosines is not the
# HINT cosine with the mean.
def inside_and_outside(E, group):
    rest = [i for i in range(1, len(E)) if i not in group]
    centre = E[group].mean(0)
    cosine = torch.cosine_similarity(E, centre[None], dim=1)
    return cosine[group].mean().item(), cosine[rest].mean().item()


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: rows off by one
# HINT Your letters are the ones before those asked for: `group` has the row numbers
# HINT already.
def inside_and_outside(E, group):
    E, group = E[1:], [i - 1 for i in group]
    rows = torch.nn.functional.normalize(E, dim=1)
    cosine = rows @ rows.T
    group = [i - 1 for i in group]
    others = [i for i in range(len(E)) if i not in group]
    inside = (cosine[group][:, group].sum() - 5) / 20
    return inside.item(), cosine[group][:, others].mean().item()


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: less alike by luck
# HINT You count the groups that are *less* alike inside than yours. The question is how
# HINT easily luck does as well.
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] < inside).float().mean().item(), as_apart


# %%
# WRONG cosines: nearer to the rest by luck
# HINT In your second share stand the groups that are *nearer* to the rest. Does a low
# HINT mean cosine say near or far?
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] >= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# WRONG cosines: counts of groups
# HINT These are numbers of groups. Shares lie between 0 and 1.
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = [inside_and_outside(E, other) for other in others]
    return sum(a >= inside for a, _ in found), sum(b <= outside for _, b in found)


# %%
# WRONG cosines: the two shares exchanged
def inside_and_outside(E, group):
    rows = E / E.norm(dim=1, keepdim=True)
    cosine = rows @ rows.T
    others = [i for i in range(1, len(E)) if i not in group]
    n = len(group)
    inside = (cosine[group][:, group].sum() - n) / (n * n - n)
    return float(inside), float(cosine[group][:, others].mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return as_apart, (found[:, 0] >= inside).float().mean().item()


# %%
# RIGHT cosines: pair by pair
def inside_and_outside(E, group):
    def cosine(i, j):
        return float(E[i] @ E[j] / (E[i].norm() * E[j].norm()))

    inside = [cosine(i, j) for i in group for j in group if i < j]
    rest = set(range(1, 27)) - set(group)
    outside = [cosine(i, j) for i in group for j in rest]
    return sum(inside) / len(inside), sum(outside) / len(outside)


def luck(E, group, others):
    ours = inside_and_outside(E, group)
    alike = apart = 0
    for other in others:
        theirs = inside_and_outside(E, other)
        alike += theirs[0] >= ours[0]
        apart += theirs[1] <= ours[1]
    return alike / len(others), apart / len(others)


# %%
# RIGHT cosines: lengths of sums
def inside_and_outside(E, group):
    rows = torch.nn.functional.normalize(E.double(), dim=1)
    mine, n = rows[group].sum(0), len(group)
    rest = rows[1:].sum(0) - mine
    return ((mine @ mine - n) / (n * (n - 1))).item(), (
        mine @ rest / n / (26 - n)
    ).item()


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart


# %%
# RIGHT cosines: with numpy and masks
import numpy as np


def inside_and_outside(E, group):
    x = E.numpy().astype(np.float64)
    cosine = np.corrcoef(np.hstack([x, -x]))  # rows with mean 0: the cosine
    member = np.zeros(27, dtype=bool)
    member[group] = True
    letter = np.arange(27) > 0
    pairs = np.outer(member, member) & ~np.eye(27, dtype=bool)
    return cosine[pairs].mean(), cosine[np.outer(member, letter & ~member)].mean()


def luck(E, group, others):
    ours = np.array(inside_and_outside(E, group))
    theirs = np.array([inside_and_outside(E, other) for other in others])
    return (theirs[:, 0] >= ours[0]).mean(), (theirs[:, 1] <= ours[1]).mean()


# %%
# WRONG grammar: the words of all choices
# HINT You add up the words of all choices, as if all of them came. How often does each?
def entropy(rules, symbol):
    nats = 0.0
    for p, parts in rules[symbol]:
        nats += p * sum(entropy(rules, part) for part in parts if part in rules)
        nats -= p * math.log(p)
    return nats


def mean_words(rules, symbol):
    if symbol not in rules:
        return 1.0
    return sum(mean_words(rules, x) for _, parts in rules[symbol] for x in parts)


# %%
# WRONG text_entropy: by the length
# HINT You put different texts together, for their length or their letters. A reader sees
# HINT the whole text, and tells `abc` from `cba`.
def text_entropy(scripts):
    chance = Counter()
    for text, p in scripts:
        chance[len(text)] += p
    return -sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# WRONG text_entropy: by the letters in it
# HINT You put different texts together, for their length or their letters. A reader sees
# HINT the whole text, and tells `abc` from `cba`.
def text_entropy(scripts):
    chance = Counter()
    for text, p in scripts:
        chance["".join(sorted(text))] += p
    return -sum(p * math.log(p) for p in chance.values() if p > 0)


# %%
# WRONG bill: KL in the other direction
# HINT Your gap is averaged over what the model says. Loss and floor are paid for what
# HINT comes, and so is their difference.
def bill(joint, q):
    context = joint.sum(dim=1, keepdim=True)
    loss = -torch.xlogy(joint, q).sum()
    floor = -torch.xlogy(joint, joint / context).sum()
    gap = (context * (torch.xlogy(q, q) - torch.xlogy(q, joint / context))).sum()
    return loss.item(), floor.item(), gap.item()


# %%
# WRONG novelty: all that is new, as it was written
# HINT Some of your names are new, but are they names? Rubbish is new, too. How can you
# HINT know that a new name is real?
def report(written, train, val):
    found = set(written)
    new = sum(name not in train for name in written) / len(written)
    return new, len(found & set(train)) / len(train), len(found & set(val)) / len(val)


def evidence(written, train, val):
    return [name for name in written if name not in train]


# %%
# WRONG cosines: the mean dot product of each pair
# HINT These are dot products: a long row counts more than a short one. By what is a
# HINT cosine divided?
def inside_and_outside(E, group):
    pairs = [E[i] @ E[j] for i in group for j in group if i != j]
    others = [i for i in range(1, len(E)) if i not in group]
    return float(sum(pairs) / len(pairs)), float((E[group] @ E[others].T).mean())


def luck(E, group, others):
    inside, outside = inside_and_outside(E, group)
    found = torch.tensor([inside_and_outside(E, other) for other in others])
    as_apart = (found[:, 1] <= outside).float().mean().item()
    return (found[:, 0] >= inside).float().mean().item(), as_apart
