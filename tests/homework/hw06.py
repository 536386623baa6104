# Homework 6: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG split: the broken one as given
# HINT Single questions are still dropped into the parts. Two questions of one name must
# HINT never be parted: what should decide?
def split(names, context_size):
    asked = questions(names, context_size)
    train = [q for i, q in enumerate(asked) if tenth(str(i)) < 9]
    held_out = [q for i, q in enumerate(asked) if tenth(str(i)) == 9]
    return train, held_out


# %%
# WRONG split: by the place in the list
# HINT You keep the questions of one line together. But a name that stands in the list
# HINT twice can be on both sides: what do its two lines have in common?
def split(names, context_size):
    train, held_out = [], []
    for i, name in enumerate(names):
        part = held_out if tenth(str(i)) == 9 else train
        part += questions([name], context_size)
    return train, held_out


# %%
# WRONG split: by the context
# HINT You part the questions by their context. Then a name is torn apart, and nothing
# HINT held out can ever be known: what must stay together?
def split(names, context_size):
    asked = questions(names, context_size)
    train = [q for q in asked if tenth(q[0]) < 9]
    return train, [q for q in asked if tenth(q[0]) == 9]


# %%
# WRONG split: by the question
# HINT You part by question and answer. Equal questions stay together, but the name is
# HINT torn apart: what must stay together?
def split(names, context_size):
    asked = questions(names, context_size)
    train = [q for q in asked if tenth("".join(q)) < 9]
    return train, [q for q in asked if tenth("".join(q)) == 9]


# %%
# WRONG split: known questions thrown away
# HINT You threw away the held-out questions that were known. What is left are only the
# HINT strange ones, and the names are torn apart still.
def split(names, context_size):
    asked = questions(names, context_size)
    train = [q for i, q in enumerate(asked) if tenth(str(i)) < 9]
    seen = set(train)
    held_out = [q for i, q in enumerate(asked) if tenth(str(i)) == 9]
    return train, [q for q in held_out if q not in seen]


# %%
# WRONG split: each name once
# HINT Names that stand in the list several times are asked once only. How does the task
# HINT treat them?
def split(names, context_size):
    names = list(dict.fromkeys(names))
    train = [name for name in names if tenth(name) < 9]
    held_out = [name for name in names if tenth(name) == 9]
    return questions(train, context_size), questions(held_out, context_size)


# %%
# WRONG split: held out and counted
# HINT The held-out names are right, but they are counted as well.
def split(names, context_size):
    held_out = [name for name in names if tenth(name) == 9]
    return questions(names, context_size), questions(held_out, context_size)


# %%
# WRONG split: two tenths
# HINT Your held-out part is too large: for which values of `tenth` is a name held out?
def split(names, context_size):
    train = [name for name in names if tenth(name) < 8]
    held_out = [name for name in names if tenth(name) >= 8]
    return questions(train, context_size), questions(held_out, context_size)


# %%
# WRONG split: by the first letter
# HINT You part the names by a part of the name. The whole name should decide.
def split(names, context_size):
    names = sorted(names, key=len)
    train = [name for name in names if tenth(name[:1]) < 9]
    held_out = [name for name in names if tenth(name[:1]) == 9]
    return questions(train, context_size), questions(held_out, context_size)


# %%
# WRONG split: the parts exchanged
# HINT The two parts are right, but exchanged: which comes first?
def split(names, context_size):
    train = [name for name in names if tenth(name) < 9]
    held_out = [name for name in names if tenth(name) == 9]
    return questions(held_out, context_size), questions(train, context_size)


# %%
# WRONG split: gives names
# HINT These are names. The answer should hold their questions.
def split(names, context_size):
    train = [name for name in names if tenth(name) < 9]
    held_out = [name for name in names if tenth(name) == 9]
    return train, held_out


# %%
# WRONG split: gives one part only
def split(names, context_size):
    train = [name for name in names if tenth(name) < 9]
    return questions(train, context_size)


# %%
# RIGHT split: name by name
def split(names, context_size):
    parts = ([], [])
    for name in names:
        parts[tenth(name) == 9].extend(questions([name], context_size))
    return parts


# %%
# RIGHT split: a list of owners
def split(names, context_size):
    owner = [name for name in names for _ in range(len(name) + 1)]
    both = list(zip(owner, questions(names, context_size), strict=True))
    held_out = {name for name in names if tenth(name) == 9}
    train = [q for name, q in both if name not in held_out]
    return [train, [q for name, q in both if name in held_out]]


# %%
# RIGHT split: own questions, recursive
def split(names, context_size):
    if len(names) > 1:
        half = len(names) // 2
        a, b = split(names[:half], context_size), split(names[half:], context_size)
        return a[0] + b[0], a[1] + b[1]
    (name,) = names
    text = context_size * "." + name + "."
    ends = range(context_size, len(text))
    mine = [(text[end - context_size : end], text[end]) for end in ends]
    return ([], mine) if tenth(name) > 8 else (mine, [])


# %%
# WRONG floor: the last memory that is too short
# HINT Your floors are right. Your memory is the longest one with which the claim is
# HINT still impossible.
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next(k for k in range(99) if floor(names, k) <= claim) - 1


# %%
# WRONG floor: the longest memory
# HINT Your floors are right. With a longer memory the claim stays possible: which is
# HINT the *smallest* one?
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return max(k for k in range(9) if floor(names, k) <= claim)


# %%
# WRONG floor: the first impossible one
# HINT Your floors are right. You compare the wrong way round: is a claim possible above
# HINT the floor or below it?
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next((k for k in range(9) if floor(names, k) >= claim), 9)


# %%
# WRONG floor: contexts without weights
# HINT You averaged over the contexts. A context that came a hundred times is asked a
# HINT hundred times: over what is the mean?
def floor(names, k):
    rows = {}
    for context, letter in questions(names, k):
        rows.setdefault(context, Counter())[letter] += 1
    total = 0.0
    for row in rows.values():
        n = sum(row.values())
        total -= sum(c / n * math.log(c / n) for c in row.values())
    return total / len(rows)


def letters_needed(names, claim):
    return next(k for k in range(99) if floor(names, k) <= claim)


# %%
# WRONG floor: context and letter together
# HINT This is the entropy of context and letter together, and it grows with the memory.
# HINT The context is known before the question: what is left to guess?
def floor(names, k):
    counts = Counter(questions(names, k))
    n = sum(counts.values())
    return -sum(c / n * math.log(c / n) for c in counts.values())


def letters_needed(names, claim):
    return next((k for k in range(9) if floor(names, k) <= claim), 9)


# %%
# WRONG floor: each kind of question once
# HINT You counted each kind of question once, however often it came. Over what is the
# HINT mean?
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(costs)


def letters_needed(names, claim):
    return next((k for k in range(9) if floor(names, k) <= claim), 9)


# %%
# WRONG floor: in bits
# HINT Your floors are in bits: which logarithm belongs to nats?
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-n * math.log2(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next((k for k in range(9) if floor(names, k) <= claim), 9)


# %%
# WRONG floor: one letter too many
# HINT Your list begins with the floor of one letter. What can a model without any
# HINT memory know?
def floor(names, k):
    pairs = questions(names, k + 1)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next(k for k in range(99) if floor(names, k) <= claim)


# %%
# WRONG floor: the sum over all questions
# HINT These are the costs of all questions together: the floor is a mean.
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    return sum(-n * math.log(n / totals[q[0]]) for q, n in counts.items())


def letters_needed(names, claim):
    return next((k for k in range(9) if floor(names, k) <= claim), 9)


# %%
# WRONG floor: the favourite only
# HINT You took the surprise about the favourite after each context. The letter that
# HINT came is not always the favourite: which probabilities are paid for?
def floor(names, k):
    rows = {}
    for context, letter in questions(names, k):
        rows.setdefault(context, Counter())[letter] += 1
    n = sum(sum(row.values()) for row in rows.values())
    costs = (
        -sum(row.values()) * math.log(max(row.values()) / sum(row.values()))
        for row in rows.values()
    )
    return sum(costs) / n


def letters_needed(names, claim):
    return next(k for k in range(99) if floor(names, k) <= claim)


# %%
# WRONG floor: with smoothing
# HINT Your counts have a head start. The floor is what the bare counts say.
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [
        -n * math.log((n + 0.01) / (totals[q[0]] + 0.27)) for q, n in counts.items()
    ]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next(k for k in range(99) if floor(names, k) <= claim)


# %%
# WRONG floor: without the minus sign
def floor(names, k):
    pairs = questions(names, k)
    totals, counts = Counter(c for c, _ in pairs), Counter(pairs)
    costs = [n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)


def letters_needed(names, claim):
    return next(k for k in range(99) if -floor(names, k) <= claim)


# %%
# RIGHT floor: a difference of two entropies
def entropy_of(things):
    counts = torch.tensor(list(Counter(things).values()), dtype=torch.float64)
    p = counts / counts.sum()
    return -(p * p.log()).sum().item()


def floor(names, k):
    pairs = questions(names, k)
    return entropy_of(pairs) - entropy_of(context for context, _ in pairs)


def letters_needed(names, claim):
    return letters_from(names, claim, 0)


def letters_from(names, claim, k):
    return k if floor(names, k) <= claim else letters_from(names, claim, k + 1)


# %%
# RIGHT floor: the mean loss over all questions, one by one
def floor(names, k):
    asked = questions(names, k)
    seen, contexts = Counter(asked), Counter(c for c, _ in asked)
    losses = torch.tensor([seen[c, x] / contexts[c] for c, x in asked])
    return -losses.double().log().mean()


def letters_needed(names, claim):
    for k in range(20):
        if not floor(names, k) > claim:
            return k


# %%
# RIGHT floor: row by row with numpy
import numpy as np


def floor(names, k):
    rows = {}
    for context, letter in questions(names, k):
        rows.setdefault(context, np.zeros(27))[LETTERS.index(letter)] += 1
    table = np.stack(list(rows.values()))
    p = table / table.sum(axis=1, keepdims=True)
    logs = np.log(np.where(table > 0, p, 1))
    return -(table * logs).sum() / table.sum()


def letters_needed(names, claim):
    fits = [floor(names, k) <= claim for k in range(13)]
    return fits.index(True)


# %%
# WRONG interpolate: imaginary counts spread evenly
# HINT Your imaginary counts are spread evenly over the letters, whatever the shorter
# HINT memory says. That is add-k smoothing: where is p of the shorter context?
def interpolate(names, k, strength):
    asked = questions(names, k)
    counts, totals = Counter(asked), Counter(c for c, _ in asked)
    return lambda c, x: (counts[c, x] + strength / 27) / (totals[c] + strength)


# %%
# WRONG interpolate: asks the shorter memory only if the count is 0
# HINT You ask the shorter memory only where the count is 0. Here its opinion is always
# HINT mixed in.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        if counts[context, letter]:
            return counts[context, letter] / totals[context]
        shorter = prob(context[1:], letter) if context else 1 / 27
        return strength * shorter / (totals[context] + strength)

    return prob


# %%
# WRONG interpolate: the last letter is dropped
# HINT You drop the last letter of the context. The letters that are nearest matter
# HINT most: which one has to go?
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[:-1], letter) if context else 1 / 27
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: the total does not grow
# HINT The probabilities after one context add up to more than 1. The imaginary counts
# HINT belong to the total, too.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 27
        return (counts[context, letter] + strength * shorter) / max(totals[context], 1)

    return prob


# %%
# WRONG interpolate: only one step down
# HINT You ask one shorter memory, and take its counts as they are. Its opinion should be
# HINT mixed with that of the next shorter one in the same way, down to no letters.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        short = context[1:]
        share = counts[short, letter] / totals[short] if totals[short] else 1 / 27
        shorter = share if context else 1 / 27
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: the bottom is the plain share of all letters
# HINT With no letters left you take the plain shares. There, too, the counts are mixed: with
# HINT 1/27 for each letter.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        if not context:
            return counts["", letter] / totals[""]
        shorter = prob(context[1:], letter)
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: nothing below one letter
# HINT Your memory of no letters says 1/27 for every letter. It has counts, too: how common
# HINT is each letter?
def interpolate(names, k, strength):
    asked = [pair for length in range(1, k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        if not context:
            return 1 / 27
        shorter = prob(context[1:], letter)
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: half and half
# HINT You mix half and half, whatever was counted. A full row should be believed more than
# HINT a thin one: where are the total and the strength?
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 27
        if not totals[context]:
            return shorter
        return counts[context, letter] / totals[context] / 2 + shorter / 2

    return prob


# %%
# WRONG interpolate: the weights exchanged
# HINT You exchanged the two weights: the fuller a row, the more you believe the shorter
# HINT memory.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 27
        n = totals[context]
        share = counts[context, letter] / n if n else shorter
        return (strength * share + n * shorter) / (n + strength)

    return prob


# %%
# WRONG interpolate: 26 letters
# HINT There are 27 letters with the full stop.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 26
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: straight down to no letters
# HINT You go straight from the whole context to no letters at all. There are memories in
# HINT between.
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob("", letter) if context else 1 / 27
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# WRONG interpolate: one imaginary count
# HINT The shorter opinion is worth one count in your model. How many is it worth in the
# HINT task?
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 27
        return (counts[context, letter] + shorter) / (totals[context] + 1)

    return prob


# %%
# WRONG interpolate: never ends
def interpolate(names, k, strength):
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts, totals = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter)
        return (counts[context, letter] + strength * shorter) / (
            totals[context] + strength
        )

    return prob


# %%
# RIGHT interpolate: from the shortest to the longest, in a loop
def interpolate(names, k, strength):
    tables = []
    for length in range(k + 1):
        table = {}
        for context, letter in questions(names, length):
            table.setdefault(context, Counter())[letter] += 1
        tables.append(table)

    def prob(context, letter):
        p = 1 / 27
        for length in range(k + 1):
            row = tables[length].get(context[k - length :], {})
            p = (row.get(letter, 0) + strength * p) / (sum(row.values()) + strength)
        return p

    return prob


# %%
# RIGHT interpolate: a class with a row of all letters
class Mixed:
    def __init__(self, names, k, strength):
        self.strength, self.rows = strength, {}
        for context, letter in questions(names, k):
            row = self.rows.setdefault(context, torch.zeros(27, dtype=torch.float64))
            row[LETTERS.index(letter)] += 1
        self.shorter = Mixed(names, k - 1, strength) if k else None

    def row(self, context):
        even = torch.full((27,), 1 / 27, dtype=torch.float64)
        prior = self.shorter.row(context[1:]) if self.shorter else even
        counts = self.rows.get(context, torch.zeros(27))
        return (counts + self.strength * prior) / (counts.sum() + self.strength)

    def __call__(self, context, letter):
        return self.row(context)[LETTERS.index(letter)].item()


interpolate = Mixed


# %%
# RIGHT interpolate: shares and trust
def interpolate(names, k, strength):
    if k < 0:
        return lambda context, letter: 1 / 27
    shorter = interpolate(names, k - 1, strength)
    asked = questions(names, k)
    both, alone = Counter(asked), Counter(c for c, _ in asked)

    def prob(context, letter):
        n = alone[context]
        trust = n / (n + strength)
        share = both[context, letter] / n if n else 0.0
        return trust * share + (1 - trust) * shorter(context[1:], letter)

    return prob


# %%
# WRONG standard_error: by letters
# HINT The mean is correct. The error counts letters as if they were independent; it should
# HINT go by names.
def standard_error(losses):
    flat = torch.tensor([x for one in losses for x in one], dtype=torch.float64)
    return [flat.mean().item(), (flat.std() / math.sqrt(len(flat))).item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: the mean of the names' means
# HINT Your mean gives every name the same weight. It is a mean over letters: a long name
# HINT has more of them.
def standard_error(losses):
    means = torch.tensor([sum(one) / len(one) for one in losses], dtype=torch.float64)
    return [means.mean().item(), (means.std() / math.sqrt(len(means))).item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: divided by n and not by n - 1
# HINT Your standard deviation divides by n. That of torch divides by n - 1.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std(correction=0) / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: without the square root
# HINT You divided by n. The error falls only with its square root.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std() / len(losses) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: the standard deviation itself
# HINT This is how much single names differ. The error of their mean is smaller: the more
# HINT names, the smaller.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    return [mean.item(), (surplus.std() / lengths.mean()).item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: of a whole name
# HINT Your error is that of a whole name. How many letters does a name have on average?
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    return [mean.item(), (surplus.std() / math.sqrt(len(losses))).item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: the totals without their lengths
# HINT You took the deviation of the sums. A long name has a large sum only because it is
# HINT long: subtract what its length makes you expect.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    error = totals.std() / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: two errors in place of a paired one
# HINT Your lead is too small: you used the errors of the two losses. Both models read the
# HINT same names, so take the differences first, and then their error.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std() / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    (mean_a, error_a), (mean_b, error_b) = standard_error(a), standard_error(b)
    return (mean_b - mean_a) / math.hypot(error_a, error_b)


# %%
# WRONG standard_error: a lead with the wrong sign
# HINT Your sign is wrong: `a` is ahead if its loss is the *lower* one.
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std() / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    d = [[x - y for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# WRONG standard_error: a lead in nats
# HINT This is the difference in nats. How many of its standard errors is that?
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std() / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]


def lead(a, b):
    return standard_error(b)[0] - standard_error(a)[0]


# %%
# WRONG standard_error: the error alone
def standard_error(losses):
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    return (surplus.std() / math.sqrt(len(losses)) / lengths.mean()).item()


def lead(a, b):
    return 0.0


# %%
# RIGHT standard_error: with the module statistics
from statistics import fmean, stdev


def standard_error(losses):
    mean = fmean([x for one in losses for x in one])
    surplus = [sum(x - mean for x in one) for one in losses]
    n_letters = sum(map(len, losses))
    return mean, stdev(surplus) * len(losses) ** 0.5 / n_letters


def lead(a, b):
    d = [[y - x for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]
    mean, error = standard_error(d)
    return mean / error


# %%
# RIGHT standard_error: with numpy
import numpy as np


def standard_error(losses):
    totals = np.array([np.sum(one) for one in losses])
    lengths = np.array([len(one) for one in losses])
    mean = totals.sum() / lengths.sum()
    error = np.std(totals - mean * lengths, ddof=1) / np.sqrt(len(losses))
    return np.array([mean, error / lengths.mean()])


def lead(a, b):
    found = standard_error(
        [np.array(q) - np.array(p) for p, q in zip(a, b, strict=True)]
    )
    return found[0] / found[1]


# %%
# RIGHT standard_error: padded tensors
def standard_error(losses):
    rows = [torch.tensor(one, dtype=torch.float64) for one in losses]
    table = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    lengths = torch.tensor([len(one) for one in losses])
    mean = table.sum() / lengths.sum()
    surplus = table.sum(dim=1) - mean * lengths
    variance = (surplus**2).sum() / (len(losses) - 1) / len(losses)
    return torch.stack([mean, variance.sqrt() / lengths.double().mean()])


def lead(a, b):
    flat_a, flat_b = [x for one in a for x in one], [x for one in b for x in one]
    gaps = iter(y - x for x, y in zip(flat_a, flat_b, strict=True))
    mean, error = standard_error([[next(gaps) for _ in one] for one in a])
    return mean / error
