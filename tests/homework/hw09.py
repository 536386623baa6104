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
# WRONG calibration: only the favourites
# HINT You look only at the highest probability of each row. The task sorts all of
# HINT them.
def reliability(probs, targets, edges):
    best, which = probs.max(dim=1)
    rows = []
    for low, high in pairwise(edges):
        group = (best >= low) & (best < high)
        hits = (which == targets)[group].float()
        rows.append(
            [
                best[group].sum() / max(1, len(hits)),
                hits.sum() / max(1, len(hits)),
                len(hits),
            ]
        )
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: only the words that came
# HINT You look only at the words that came, and they came true in every case. What
# HINT about the words that did not come?
def reliability(probs, targets, edges):
    p = probs[torch.arange(len(targets)), targets]
    rows = []
    for low, high in pairwise(edges):
        group = p[(p >= low) & (p < high)]
        rows.append([group.sum() / max(1, len(group)), 1.0, len(group)])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: the upper edge belongs to the group
# HINT A probability that lies exactly on an edge is in the group below it. In which
# HINT group does the task want it?
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs > low) & (probs <= high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: both edges belong
# HINT A probability that lies exactly on an edge is in two groups.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs <= high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: the middle of the group
# HINT Your first numbers are the middles of the groups. The task asks for the mean
# HINT of the probabilities that are in it.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([torch.tensor((low + high) / 2), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: hits in place of shares
# HINT Your second numbers are counts. Which share of the group came true?
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].sum(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: shares of all predictions
# HINT You divided what came true by the number of predictions, not by the size of
# HINT the group.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append(
            [probs[group].mean(), came[group].sum() / len(targets), group.sum()]
        )
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: the numbers as shares
# HINT Your third numbers are shares. The task asks how many probabilities are in the
# HINT group.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.float().mean()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: said and came exchanged
# HINT The first two numbers of your rows are exchanged.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([came[group].mean(), probs[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: times the temperature
# HINT You multiply the logits by the temperature. What does a temperature do to
# HINT them?
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits * T, targets).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: the highest loss
# HINT At this temperature the loss is highest. (If you have called `cross_entropy` with
# HINT probabilities: it wants logits, see lesson 3.)
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return max(temperatures, key=loss)


# %%
# WRONG calibration: the place in the list
# HINT This is a place in the list of temperatures, not a temperature.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return [loss(T) for T in temperatures].index(min(map(loss, temperatures)))


# %%
# WRONG calibration: the loss itself
# HINT This is the lowest loss. The task asks at which temperature it is.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(map(loss, temperatures))


# %%
# WRONG calibration: softmax before the cross-entropy
# HINT At this temperature the loss is highest. (If you have called `cross_entropy` with
# HINT probabilities: it wants logits, see lesson 3.)
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(
            (logits / T).softmax(-1), targets
        ).item()

    return min(temperatures, key=loss)


# %%
# WRONG calibration: by accuracy
# HINT The accuracy is the same at all temperatures, because the order of the words
# HINT does not change. What does see a difference?
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    def hits(T):
        return ((logits / T).argmax(-1) == targets).sum().item()

    return max(temperatures, key=hits)


# %%
# WRONG calibration: always one
# HINT You give 1 or the temperature that is nearest to it. Try all of them.
def reliability(probs, targets, edges):
    came = torch.nn.functional.one_hot(targets, probs.shape[1]).float()
    rows = []
    for low, high in pairwise(edges):
        group = (probs >= low) & (probs < high)
        rows.append([probs[group].mean(), came[group].mean(), group.sum()])
    return [[float(number) for number in row] for row in rows]


def best_temperature(logits, targets, temperatures):
    return min(temperatures, key=lambda T: abs(T - 1))


# %%
# RIGHT calibration: loops
def reliability(probs, targets, edges):
    groups = [[] for _ in edges[1:]]
    for row, target in zip(probs.tolist(), targets.tolist(), strict=True):
        for word, p in enumerate(row):
            i = sum(edge <= p for edge in edges) - 1
            groups[i].append((p, word == target))
    return [
        (sum(p for p, _ in g) / len(g), sum(hit for _, hit in g) / len(g), len(g))
        for g in groups
    ]


def best_temperature(logits, targets, temperatures):
    best, lowest = None, math.inf
    for T in temperatures:
        log_probs = (logits / T).log_softmax(-1)
        loss = -log_probs[torch.arange(len(targets)), targets].mean()
        if loss < lowest:
            best, lowest = T, loss
    return best


# %%
# RIGHT calibration: bucketize and bincount, all temperatures at once
def reliability(probs, targets, edges):
    flat = probs.flatten().double()
    hit = torch.nn.functional.one_hot(targets, probs.shape[1]).flatten().double()
    which = torch.bucketize(probs.flatten(), torch.tensor(edges), right=True) - 1
    n = torch.bincount(which).double()
    said, came = (torch.bincount(which, weights=w) / n for w in (flat, hit))
    return torch.stack([said, came, n], dim=1)


def best_temperature(logits, targets, temperatures):
    T = torch.tensor(temperatures)
    log_probs = (logits / T.view(-1, 1, 1)).log_softmax(-1)
    losses = -log_probs[:, torch.arange(len(targets)), targets].mean(1)
    return T[losses.argmin()]


# %%
# RIGHT calibration: with numpy
import numpy as np


def reliability(probs, targets, edges):
    p = probs.numpy()
    came = np.arange(p.shape[1])[None] == targets.numpy()[:, None]
    groups = [(p >= a) & (p < b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return np.array([[p[g].mean(), came[g].mean(), g.sum()] for g in groups])


def best_temperature(logits, targets, temperatures):
    def loss(T):
        return torch.nn.functional.cross_entropy(logits / T, targets).item()

    return min(temperatures, key=loss)
