# Homework 25: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG verdict: the rule of the lesson
# HINT This is the rule of lesson 20. What about questions, and about not?
def verdict(text, values, truth):
    named = {word for word in text.split() if word in values}
    if not named:
        return "refused" if "know" in text.split() else "other"
    return "right" if named == {truth} else "wrong"


# %%
# WRONG verdict: the key word
# HINT You look for the truth anywhere. What if other values stand beside it?
def verdict(text, values, truth):
    if truth in text.split():
        return "right"
    if set(text.split()) & set(values):
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: questions count
# HINT A sentence that ends in ? says nothing. You count what stands in it.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if True:
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: a question spoils the whole text
# HINT You leave out the whole text if one sentence is a question. Only that sentence
# HINT says nothing.
def verdict(text, values, truth):
    if "?" in text.split():
        return "refused" if "know" in text.split() else "other"
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: not anywhere in the text
# HINT Your not reaches over the end of its sentence. Where does it stop to deny?
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    negative = False
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: not denies the whole sentence
# HINT Your not denies what stands before it, too. Only values after it are denied.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = "not" in sentence
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: only the next word is denied
# HINT You look only at the word right before the value. The not may stand farther away.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                for before, one in zip(["", *sentence], sentence, strict=False):
                    if one in values:
                        (denied if before == "not" else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: a denied truth is no answer
# HINT An answer that denies the truth and names nothing is wrong, and not another kind.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: named and denied
# HINT An answer that names the truth in one sentence and denies it in another is wrong.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: the end of the text
# HINT The last sentence may have no mark at its end. You lose it.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split():
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: know wins
# HINT You say refused although a value is named. First look at what is named.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if "know" in text.split():
        return "refused"
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: one of the named
# HINT The truth is among the named values, and others are, too. Only the truth may be
# HINT named.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if truth in named and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: denied values count as wrong
# HINT Any denied value makes your answer wrong. It is wrong only if the truth is
# HINT denied.
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# RIGHT verdict: sentence by sentence
def verdict(text, values, truth):
    named, denied = set(), set()
    sentence = []
    for word in text.split() + ["."]:
        if word in ".!?":
            if word != "?":
                negative = False
                for one in sentence:
                    if one == "not":
                        negative = True
                    elif one in values:
                        (denied if negative else named).add(one)
            sentence = []
        else:
            sentence.append(word)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# RIGHT verdict: with regular expressions
import re


def verdict(text, values, truth):
    said = re.findall(r"[^.!?]*[.!?]?", text)
    named, denied = [], []
    for part in said:
        if part.endswith("?"):
            continue
        before, mark, after = f" {part} ".partition(" not ")
        named += [w for w in before.split() if w in values]
        denied += [w for w in after.split() if w in values]
    if not named and truth not in denied:
        return "refused" if re.search(r"\bknow\b", text) else "other"
    ok = named and all(w == truth for w in named) and truth not in denied
    return ("wrong", "right")[bool(ok)]


# %%
# WRONG paired: as if independent
# HINT You add the errors of two independent shares. Here the questions are the same:
# HINT use the differences.
def paired(a, b):
    (p, e), (q, f) = spread(a), spread(b)
    return [p - q, (e * e + f * f) ** 0.5]


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: divided by n
# HINT The variance divides by n - 1 here, and you divide by n.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / n / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: not divided by the root of n
# HINT This is the spread of the single numbers. The error of their mean is smaller.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1)) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: divided by n outside the root
# HINT You divide by n outside the root: four times as many questions should halve the
# HINT error.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1)) ** 0.5 / n]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: no root
# HINT This is the variance of the mean. Its root is the error.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n)]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: b minus a
# HINT The sign is turned round: the difference is a minus b.
def paired(a, b):
    d = [y - x for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: only where they differ
# HINT You leave out the questions where both agree. They count as 0, and they count in
# HINT n.
def paired(a, b):
    d = [x - y for x, y in zip(a, b) if x != y]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: the error of the share of a
# HINT Your error is that of the first model alone.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return [spread(d)[0], spread(a)[1]]


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: the mean square in place of the variance
# HINT The mean of the d has to be taken off before squaring.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum(x**2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# WRONG paired: all questions weigh the same
# HINT Your mean is that of all questions. Here each group weighs the same.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    shares = [sum(one) / len(one) for one in found.values()]
    return [sum(hits) / len(hits), spread(shares)[1]]


# %%
# WRONG paired: groups are ignored
# HINT Your error treats all questions as independent. How many groups are there?
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return [spread([sum(one) / len(one) for one in found.values()])[0], spread(hits)[1]]


# %%
# WRONG paired: divided by the questions
# HINT You divide by the root of the number of questions. It is the number of groups
# HINT that counts.
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    m, e = spread([sum(one) / len(one) for one in found.values()])
    return [m, e * (len(found) / len(hits)) ** 0.5]


# %%
# RIGHT paired: by hand
def paired(a, b):
    d = [x - y for x, y in zip(a, b)]
    return spread(d)


def spread(d):
    n, m = len(d), sum(d) / len(d)
    return [m, (sum((x - m) ** 2 for x in d) / (n - 1) / n) ** 0.5]


def clustered(hits, groups):
    found = {}
    for hit, group in zip(hits, groups):
        found.setdefault(group, []).append(hit)
    return spread([sum(one) / len(one) for one in found.values()])


# %%
# RIGHT paired: with the statistics module
from statistics import fmean, stdev


def paired(a, b):
    d = [float(x) - float(y) for x, y in zip(a, b, strict=True)]
    return [fmean(d), stdev(d) / len(d) ** 0.5]


def clustered(hits, groups):
    shares = [
        fmean(float(h) for h, g in zip(hits, groups) if g == one) for one in set(groups)
    ]
    return [fmean(shares), stdev(shares) / math.sqrt(len(shares))]


# %%
# RIGHT paired: with tensors
def paired(a, b):
    d = torch.tensor(a).double() - torch.tensor(b).double()
    return torch.stack([d.mean(), d.std() / len(d) ** 0.5])


def clustered(hits, groups):
    names = sorted(set(groups))
    hits = torch.tensor(hits).double()
    where = torch.tensor([names.index(g) for g in groups])
    shares = torch.stack([hits[where == i].mean() for i in range(len(names))])
    return shares.mean(), shares.std() / len(names) ** 0.5


# %%
# WRONG learn: a sum in place of the mean
# HINT Your steps are too large by the number of questions: the loss is a mean.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: uphill
# HINT Your steps go uphill: the correct towns become less probable.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W + rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: one step only
# HINT You do one step, however many are asked for.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(1):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: one step too many
# HINT You do one step too many.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n + 1):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: a softmax before the loss
# HINT cross_entropy wants logits. You give it probabilities.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy((x @ W).softmax(-1), y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: a squared error
# HINT You minimise a squared error. The loss is the cross-entropy.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = ((x @ W - F.one_hot(y, len(TOWNS))) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: gradients add up
# HINT Your gradients add up from step to step. What has to happen before each backward?
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        F.cross_entropy(x @ W, y).backward()
        with torch.no_grad():
            W -= rate * W.grad
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: random weights
# HINT W begins with zeros. Yours begins with something else.
def learn(x, y, n, rate):
    W = (3 * torch.randn(x.shape[1], len(TOWNS), generator=dice(0))).requires_grad_()
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: all words of a set
# HINT You look for words, in any order. A row of n words keeps the order.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(sorted(words[i : i + n])) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: the whole text
# HINT You ask whether the whole text was in the training. Rows of n words are enough.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(text in train for text in test) / len(test)


# %%
# WRONG learn: all rows must be there
# HINT One row that is in the training is enough. You want all of them.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(
        len(text.split()) >= n and all(row in known for row in rows(text))
        for text in test
    ) / len(test)


# %%
# WRONG learn: the last row is lost
# HINT You lose the last row of n words of each text.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: the share of the rows
# HINT You count rows. What is asked for is the share of the texts.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    every = [row for text in test for row in rows(text)]
    return sum(row in known for row in every) / max(1, len(every))


# %%
# WRONG learn: shorter rows at the end
# HINT At the end of a text your rows get shorter, and one word is found easily.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words))]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(test)


# %%
# WRONG learn: the share of the training
# HINT You divide by the number of training texts.
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    known = {row for text in train for row in rows(text)}
    return sum(any(row in known for row in rows(text)) for text in test) / len(train)


# %%
# RIGHT learn: with an optimizer and strings
def learn(x, y, n, rate):
    W = torch.nn.Parameter(torch.zeros(x.shape[1], len(TOWNS)))
    optimizer = torch.optim.SGD([W], lr=rate)
    for _ in range(n):
        optimizer.zero_grad()
        F.cross_entropy(x @ W, y).backward()
        optimizer.step()
    return W.data


def overlap(train, test, n):
    known = [f" {' '.join(text.split())} " for text in train]
    found = 0
    for text in test:
        words = text.split()
        rows = [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
        found += any(f" {row} " in one for row in rows for one in known)
    return found / len(test)


# %%
# RIGHT learn: the gradient by hand
def learn(x, y, n, rate):
    W = torch.zeros(x.shape[1], len(TOWNS))
    wanted = torch.eye(len(TOWNS))[y]
    for _ in range(n):
        W = W - rate * x.T @ ((x @ W).softmax(-1) - wanted) / len(x)
    return W


def overlap(train, test, n):
    def rows(text):
        words = text.split()
        return set(zip(*(words[i:] for i in range(n))))

    seen = set()
    for text in train:
        seen |= rows(text)
    return torch.tensor([len(rows(text) & seen) > 0 for text in test]).double().mean()


# %%
# WRONG win_rate: asked once
# HINT You ask only once. In the other order the judge may say something else.
def win_rate(judge, questions, a, b):
    wins = [float(judge(q, x, y)) for q, x, y in zip(questions, a, b)]
    n = len(wins)
    rate = sum(wins) / n
    return [rate, (sum((p - rate) ** 2 for p in wins) / (n - 1) / n) ** 0.5, rate]


# %%
# WRONG win_rate: the second verdict is not turned round
# HINT In the other order True means that b is preferred. You count it as a win of a.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append((one + two) / 2)
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: ties are losses
# HINT A tie is half a win. You count it as a loss.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(float(one and not two))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: ties are wins
# HINT A tie is half a win. You count it as a whole one.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(float(one or not two))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: ties are left out
# HINT You leave the ties out. They count as 0.5, and they count in n.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        if one != two:
            points.append(float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: the error of yes and no
# HINT The formula p (1 - p) / n is for yes and no. Here some of the numbers are 0.5.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (rate * (1 - rate) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: two verdicts are two questions
# HINT The two verdicts on one question are not independent: n is the number of
# HINT questions.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n / 2) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: divided by n
# HINT The variance divides by n - 1 here, and you divide by n.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / n / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: the first place in one order only
# HINT The last number counts the verdicts in both orders.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: how often a wins in place of the first place
# HINT The last number is about the place, not about a: in the other order b stands
# HINT first.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, not two]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# WRONG win_rate: the win rate of b
# HINT This is the win rate of b.
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(0.5 if one == two else float(two))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# RIGHT win_rate: twice
def win_rate(judge, questions, a, b):
    points, firsts = [], []
    for q, x, y in zip(questions, a, b):
        one, two = judge(q, x, y), judge(q, y, x)
        firsts += [one, two]
        points.append(0.5 if one == two else float(one))
    n = len(points)
    rate = sum(points) / n
    error = (sum((p - rate) ** 2 for p in points) / (n - 1) / n) ** 0.5
    return [rate, error, sum(firsts) / len(firsts)]


# %%
# RIGHT win_rate: with tensors
def win_rate(judge, questions, a, b):
    there = torch.tensor([judge(*one) for one in zip(questions, a, b)]).double()
    back = torch.tensor([judge(*one) for one in zip(questions, b, a)]).double()
    points = (there + 1 - back) / 2
    error = points.std() / len(points) ** 0.5
    return torch.stack([points.mean(), error, (there.mean() + back.mean()) / 2])


# %%
# WRONG chosen: chosen on the fresh questions
# HINT You choose the best on the fresh questions. They are there to report, not to
# HINT choose.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = others.index(max(others))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the best of each
# HINT You take the best score of each. It is one model that is chosen, and its own
# HINT fresh score that counts.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [max(scores), max(others), sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the last of equals
# HINT Of several models with the same best score the first is meant.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = max(i for i, s in enumerate(scores) if s == max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: counts
# HINT You count correct answers. Scores are shares.
def chosen(test, fresh):
    scores = [sum(row) for row in test.double().tolist()]
    others = [sum(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the mean of the test
# HINT The last number is the mean score on the fresh questions, not on the test.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(scores) / len(scores)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the worst
# HINT You take the model with the lowest score.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(min(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: over the models
# HINT You take the mean over the models for each question. A score is a mean over the
# HINT questions of one model.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().T.tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: drawn apart
# HINT You draw the questions of the two models apart. Both are asked the same ones.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = a.double()[drawn].mean(dim=1) - b.double()[drawn.flip(0)].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the wrong quantiles
# HINT These are other quantiles than 0.025 and 0.975.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.05)), float(d.quantile(0.95))]


# %%
# WRONG chosen: two standard errors
# HINT You give the mean and two spreads on each side. The quantiles are asked for.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.mean() - 2 * d.std()), float(d.mean() + 2 * d.std())]


# %%
# WRONG chosen: b minus a
# HINT The sign is turned round: the difference is a minus b.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (b - a).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# WRONG chosen: the smallest and the largest
# HINT You give the smallest and the largest difference. The middle 95 percent are asked
# HINT for.
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.min()), float(d.max())]


# %%
# RIGHT chosen: with lists
def chosen(test, fresh):
    scores = [sum(row) / len(row) for row in test.double().tolist()]
    others = [sum(row) / len(row) for row in fresh.double().tolist()]
    best = scores.index(max(scores))
    return [scores[best], others[best], sum(others) / len(others)]


def bootstrap(a, b, drawn):
    d = (a - b).double()[drawn].mean(dim=1)
    return [float(d.quantile(0.025)), float(d.quantile(0.975))]


# %%
# RIGHT chosen: with a loop and numpy
import numpy as np


def chosen(test, fresh):
    best, score = 0, -1.0
    for i, row in enumerate(test):
        if row.double().mean() > score:
            best, score = i, row.double().mean()
    return score, fresh[best].double().mean(), fresh.double().mean()


def bootstrap(a, b, drawn):
    a, b = a.double().numpy(), b.double().numpy()
    differences = [a[row].mean() - b[row].mean() for row in drawn.numpy()]
    return np.quantile(differences, [0.025, 0.975])


# %%
# WRONG verdict: looks inside words
# HINT You look for letters, and other words hold them: another, nothing, unknown.
# HINT Compare whole words.
import re


def verdict(text, values, truth):
    named, denied = set(), set()
    for s in re.findall(r"[^.!?]+[.!?]?", text):
        if s.strip().endswith("?"):
            continue
        for v in values:
            i = s.find(v)
            if i >= 0:
                (denied if "not" in s[:i] else named).add(v)
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text else "other"


# %%
# WRONG verdict: know outside questions only
# HINT The word know counts anywhere in the text, also in a question.
def verdict(text, values, truth):
    named, denied, s, rest = set(), set(), [], []
    for w in [*text.split(), "."]:
        if w not in ".!?":
            s.append(w)
            continue
        if w != "?":
            rest += s
            for i, x in enumerate(s):
                if x in values:
                    (denied if "not" in s[:i] else named).add(x)
        s = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in rest else "other"


# %%
# WRONG verdict: cut at the comma
# HINT A not denies all values that follow in its sentence, also after a comma.
def verdict(text, values, truth):
    named, denied, s = set(), set(), []
    for w in [*text.split(), "."]:
        if w not in (".", "!", "?", ","):
            s.append(w)
            continue
        if w != "?":
            for i, x in enumerate(s):
                if x in values:
                    (denied if "not" in s[:i] else named).add(x)
        s = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: not twice
# HINT Two times not is not a yes here: one not before the value is enough.
def verdict(text, values, truth):
    named, denied, s = set(), set(), []
    for w in [*text.split(), "."]:
        if w not in (".", "!", "?"):
            s.append(w)
            continue
        if w != "?":
            no = False
            for x in s:
                if x == "not":
                    no = not no
                elif x in values:
                    (denied if no else named).add(x)
        s = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: a denied value is not named
# HINT A value that is denied in one sentence and named in another is still named.
def verdict(text, values, truth):
    named, denied, s = set(), set(), []
    for w in [*text.split(), "."]:
        if w not in (".", "!", "?"):
            s.append(w)
            continue
        if w != "?":
            for i, x in enumerate(s):
                if x in values:
                    (denied if "not" in s[:i] else named).add(x)
        s = []
    named -= denied
    if named:
        return "right" if named == {truth} else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG verdict: a phrase
# HINT You look for a phrase. The word know is enough.
def verdict(text, values, truth):
    """ "right", "wrong", "refused" or "other"."""
    named, denied, sentence = set(), set(), []
    for word in [*text.split(), "."]:
        if word not in (".", "!", "?"):
            sentence.append(word)
            continue
        if word != "?":
            for place, one in enumerate(sentence):
                if one in values:
                    (denied if "not" in sentence[:place] else named).add(one)
        sentence = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "do not know" in text else "other"


# %%
# WRONG verdict: no denies
# HINT You let no deny, too. Only the word not denies.
def verdict(text, values, truth):
    """ "right", "wrong", "refused" or "other"."""
    named, denied, sentence = set(), set(), []
    for word in [*text.split(), "."]:
        if word not in (".", "!", "?"):
            sentence.append(word)
            continue
        if word != "?":
            for place, one in enumerate(sentence):
                if one in values:
                    (denied if {"not", "no"} & set(sentence[:place]) else named).add(
                        one
                    )
        sentence = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"


# %%
# WRONG paired: McNemar
# HINT This is McNemar's error, correct if there is no difference. Here the mean of the
# HINT d is taken off.
import math


def paired(a, b):
    n = len(a)
    x = sum(p and not q for p, q in zip(a, b))
    y = sum(q and not p for p, q in zip(a, b))
    return [(x - y) / n, math.sqrt(x + y) / n]


def clustered(hits, groups):
    sh = []
    for g in sorted(set(groups)):
        o = [h for h, k in zip(hits, groups) if k == g]
        sh.append(sum(o) / len(o))
    return me(sh)


def me(x):
    n = len(x)
    m = sum(x) / n
    return [m, math.sqrt(sum((y - m) ** 2 for y in x) / (n - 1) / n)]


# %%
# WRONG paired: without the sign
# HINT The d have a sign. You lose it before the spread.
import math


def paired(a, b):
    d = [abs(int(x) - int(y)) for x, y in zip(a, b)]
    return [me([int(x) - int(y) for x, y in zip(a, b)])[0], me(d)[1]]


def clustered(hits, groups):
    sh = []
    for g in sorted(set(groups)):
        o = [h for h, k in zip(hits, groups) if k == g]
        sh.append(sum(o) / len(o))
    return me(sh)


def me(x):
    n = len(x)
    m = sum(x) / n
    return [m, math.sqrt(sum((y - m) ** 2 for y in x) / (n - 1) / n)]


# %%
# WRONG paired: neighbours
# HINT Equal groups need not stand together: groupby joins neighbours only.
import math


def paired(a, b):
    d = [int(x) - int(y) for x, y in zip(a, b)]
    return me(d)


def clustered(hits, groups):
    from itertools import groupby

    sh = []
    for g, o in groupby(zip(groups, hits), key=lambda t: t[0]):
        o = [h for _, h in o]
        sh.append(sum(o) / len(o))
    return me(sh)


def me(x):
    n = len(x)
    m = sum(x) / n
    return [m, math.sqrt(sum((y - m) ** 2 for y in x) / (n - 1) / n)]


# %%
# WRONG paired: cluster-robust
# HINT You let each question weigh the same. Here each group has one share.
import math


def paired(a, b):
    d = [int(x) - int(y) for x, y in zip(a, b)]
    return me(d)


def clustered(hits, groups):
    n = len(hits)
    m = sum(hits) / n
    t = 0
    for g in set(groups):
        t += sum(h - m for h, k in zip(hits, groups) if k == g) ** 2
    return [m, math.sqrt(t) / n]


def me(x):
    n = len(x)
    m = sum(x) / n
    return [m, math.sqrt(sum((y - m) ** 2 for y in x) / (n - 1) / n)]


# %%
# WRONG learn: words divide
# HINT You divide by the number of words. The logits are the sum of the rows.
def learn(x, y, n, rate):
    """W after n steps from zero, (N, words), (N,) -> (words, towns)."""
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy((x / x.sum(1, keepdim=True)) @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    """The share of the test texts with a row of n words that is in the training."""

    def rows(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    seen = set().union(*(rows(text) for text in train))
    return sum(bool(rows(text) & seen) for text in test) / len(test)


# %%
# WRONG learn: pieces of words
# HINT You look for letters: "where is dev" stands in "where is devi". Compare whole
# HINT words.
def learn(x, y, n, rate):
    """W after n steps from zero, (N, words), (N,) -> (words, towns)."""
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    hits = 0
    for t in test:
        w = t.split()
        hits += any(
            " ".join(w[i : i + n]) in s for s in train for i in range(len(w) - n + 1)
        )
    return hits / len(test)


# %%
# WRONG learn: joined
# HINT Rows may not cross from one text into the next.
def learn(x, y, n, rate):
    """W after n steps from zero, (N, words), (N,) -> (words, towns)."""
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    """The share of the test texts with a row of n words that is in the training."""

    def rows(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    seen = rows(" ".join(train))
    return sum(bool(rows(text) & seen) for text in test) / len(test)


# %%
# WRONG learn: short texts
# HINT A text shorter than n words has no row. You give it one.
def learn(x, y, n, rate):
    """W after n steps from zero, (N, words), (N,) -> (words, towns)."""
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def overlap(train, test, n):
    """The share of the test texts with a row of n words that is in the training."""

    def rows(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    seen = set().union(*(rows(text) for text in train))
    return sum(bool(rows(text) & seen) for text in test) / len(test)


# %%
# WRONG win_rate: all verdicts
# HINT The two verdicts on one question belong together. First take their mean.
def win_rate(judge, questions, a, b):
    pts = []
    f = 0
    for q, x, y in zip(questions, a, b):
        o, p = judge(q, x, y), judge(q, y, x)
        f += o + p
        pts += [float(o), 1.0 - p]
    n = len(pts)
    r = sum(pts) / n
    return [r, math.sqrt(sum((p - r) ** 2 for p in pts) / (n - 1) / n), f / n]


# %%
# WRONG chosen: mean of the others
# HINT The last number is the mean over all models, the chosen one too.
def chosen(test, fresh):
    """[test score, fresh score, mean fresh score] of the best on the test."""
    scores, others = test.double().mean(1), fresh.double().mean(1)
    best = int(scores.argmax())
    return [
        scores[best].item(),
        others[best].item(),
        torch.cat([others[:best], others[best + 1 :]]).mean().item(),
    ]


def bootstrap(a, b, drawn):
    """[low, high]: the middle 95 percent of the differences."""
    d = (a.double() - b.double())[drawn].mean(1)  # (R,)
    return [torch.quantile(d, q).item() for q in (0.025, 0.975)]


# %%
# WRONG chosen: 1.96 errors
# HINT You give the mean and 1.96 spreads. The quantiles are asked for.
def chosen(test, fresh):
    """[test score, fresh score, mean fresh score] of the best on the test."""
    scores, others = test.double().mean(1), fresh.double().mean(1)
    best = int(scores.argmax())
    return [scores[best].item(), others[best].item(), others.mean().item()]


def bootstrap(a, b, drawn):
    """[low, high]: the middle 95 percent of the differences."""
    d = (a.double() - b.double())[drawn].mean(1)  # (R,)
    return [(d.mean() - 1.96 * d.std()).item(), (d.mean() + 1.96 * d.std()).item()]


# %%
# WRONG chosen: the nearest draw
# HINT A quantile may lie between two of the sorted differences: torch.quantile takes a
# HINT number between them.
def chosen(test, fresh):
    """[test score, fresh score, mean fresh score] of the best on the test."""
    scores, others = test.double().mean(1), fresh.double().mean(1)
    best = int(scores.argmax())
    return [scores[best].item(), others[best].item(), others.mean().item()]


def bootstrap(a, b, drawn):
    """[low, high]: the middle 95 percent of the differences."""
    d = (a.double() - b.double())[drawn].mean(1).sort().values  # (R,)
    return [d[int(0.025 * len(d))].item(), d[int(0.975 * len(d))].item()]


# %%
# WRONG verdict: taken back
# HINT A value that one sentence names stays named, although another sentence denies it.
def verdict(text, values, truth):
    """ "right", "wrong", "refused" or "other"."""
    named, denied, sentence = set(), set(), []
    for word in [*text.split(), "."]:
        if word not in (".", "!", "?"):
            sentence.append(word)
            continue
        for i, one in enumerate(sentence):
            if word != "?" and one in values:
                (denied if "not" in sentence[:i] else named).add(one)
        sentence = []
    if named:
        return "right" if named - denied == {truth} else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"
