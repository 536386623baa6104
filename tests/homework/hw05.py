# Homework 5: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG bigram: rows and columns exchanged
# HINT Your rows and columns are exchanged. Which of the two letters, before or after,
# HINT chooses the row?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[after, before] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: names without a beginning
# HINT The row of the full stop is empty: your table never learns how a name begins.
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f"{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: names without an end
# HINT The column of the full stop is empty: names from your table would never end.
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}"]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: each pair once for each name list
# HINT Your numbers are 0 and 1: they say whether a pair came. How often did it come?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] = 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: repeated pairs lost by the indexing
# HINT A pair that comes twice in the same name was counted once. What does `+= 1` do
# HINT when a list of places names the same place twice?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = torch.tensor([LETTERS.index(letter) for letter in f".{name}."])
        counts[path[:-1], path[1:]] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: shares of the columns
# HINT Your columns add up to 1. Which axis holds the letters that compete to come next?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=0, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))


# %%
# WRONG bigram: shares of the whole table
# HINT Your whole table adds up to 1. The model is asked what follows a letter that it
# HINT knows: what should add up to 1?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    return counts / counts.sum()


# %%
# WRONG bigram: one added everywhere
# HINT You added 1 to every count. Then an empty row is right, but do the others still
# HINT match the counts as well as they can?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    return (counts + 1) / (counts + 1).sum(dim=1, keepdim=True)


# %%
# WRONG bigram: a softmax of the counts
# HINT You used a softmax. Counts are not scores: twice the count should be twice the
# HINT probability.
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    return counts.float().softmax(dim=1)


# %%
# WRONG bigram: always 27 letters
# HINT The empty row got 1/27 for each letter. How many letters does this language have?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / 27)


# %%
# WRONG bigram: zero divided by zero
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    return counts / counts.sum(dim=1, keepdim=True)


# %%
# WRONG bigram: an unseen letter is followed by nothing
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in f".{name}."]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


# %%
# RIGHT bigram: one long text and a Counter, integers
def count_pairs(names):
    text = "." + ".".join(names) + "."
    pairs = Counter(zip(text, text[1:], strict=False))
    return torch.tensor([[pairs[a, b] for b in LETTERS] for a in LETTERS])


def best_table(counts):
    rows = []
    for row in counts.tolist():
        n = sum(row)
        rows.append([c / n if n else 1 / len(row) for c in row])
    return torch.tensor(rows)


# %%
# RIGHT bigram: with bincount and nan_to_num
def count_pairs(names):
    numbers = torch.tensor([LETTERS.index(c) for c in "." + ".".join(names) + "."])
    return torch.bincount(27 * numbers[:-1] + numbers[1:], minlength=729).view(27, 27)


def best_table(counts):
    return (counts / counts.sum(1)[:, None]).nan_to_num(nan=1 / counts.shape[0])


# %%
# RIGHT bigram: with numpy
import numpy as np


def count_pairs(names):
    table = np.zeros((27, 27), dtype=int)
    for before, after in questions(names, 1):
        table[LETTERS.index(before), LETTERS.index(after)] += 1
    return table


def best_table(counts):
    c = np.array(counts, dtype=float)
    c[c.sum(axis=1) == 0] = 1
    return c / c.sum(axis=1, keepdims=True)


# %%
# WRONG loss_parts: rows without weights
# HINT You averaged over the rows. A letter that came often is asked often: how much
# HINT should its row count?
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -shares * probs.log(), 0.0).sum(1).mean()
    entropy = torch.where(counts > 0, -shares * shares.log(), 0.0).sum(1).mean()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: the sum over all pairs
# HINT These are the losses of all pairs together. The task asks for the mean over the
# HINT counted pairs.
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum()
    entropy = torch.where(counts > 0, -counts * shares.log(), 0.0).sum()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: divided by the cells of the table
# HINT You divided by the number of cells in the table. Over how many pairs is the mean?
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).mean()
    entropy = torch.where(counts > 0, -counts * shares.log(), 0.0).mean()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: each kind of pair once
# HINT You counted each kind of pair once. A pair that came five times should weigh five
# HINT times as much as one that came once.
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    seen = counts > 0
    loss, entropy = -probs[seen].log().mean(), -shares[seen].log().mean()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: the entropy of the pairs
# HINT Your entropy is that of a whole pair. The table is told the first letter: of what
# HINT is it still unsure?
def loss_parts(counts, probs):
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum() / counts.sum()
    joint = counts / counts.sum()
    entropy = torch.where(counts > 0, -joint * joint.log(), 0.0).sum()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: the entropy of the predictions
# HINT Your entropy is that of the table `probs`. Whose surprise cannot be avoided, that
# HINT of the model or that of the data?
def loss_parts(counts, probs):
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum() / counts.sum()
    weight = counts.sum(1) / counts.sum()
    entropy = (weight * torch.where(probs > 0, -probs * probs.log(), 0.0).sum(1)).sum()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: loss and entropy in bits
# HINT Your numbers are in bits: which logarithm belongs to nats?
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log2(), 0.0).sum() / counts.sum()
    entropy = torch.where(counts > 0, -counts * shares.log2(), 0.0).sum() / counts.sum()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: KL in the other direction
# HINT Loss and entropy are right. For the KL you averaged over what the model expects;
# HINT whose pairs are paid for?
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum() / counts.sum()
    entropy = torch.where(counts > 0, -counts * shares.log(), 0.0).sum() / counts.sum()
    weight = counts.sum(1, keepdim=True) / counts.sum()
    ratio = torch.where(counts > 0, probs.log() - shares.log(), 0.0)
    return [loss, entropy, (weight * probs * ratio).sum()]


# %%
# WRONG loss_parts: KL as a ratio
# HINT Loss and entropy are right. The KL is what is paid *on top*: is that a ratio?
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum() / counts.sum()
    entropy = torch.where(counts > 0, -counts * shares.log(), 0.0).sum() / counts.sum()
    return [loss, entropy, loss / entropy]


# %%
# WRONG loss_parts: zero times infinity
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = -(counts * probs.log()).sum() / counts.sum()
    entropy = -(counts * shares.log()).sum() / counts.sum()
    return [loss, entropy, loss - entropy]


# %%
# WRONG loss_parts: entropy minus loss
def loss_parts(counts, probs):
    shares = counts / counts.sum(1, keepdim=True)
    loss = torch.where(counts > 0, -counts * probs.log(), 0.0).sum() / counts.sum()
    entropy = torch.where(counts > 0, -counts * shares.log(), 0.0).sum() / counts.sum()
    return [loss, entropy, entropy - loss]


# %%
# RIGHT loss_parts: cell by cell
def loss_parts(counts, probs):
    loss = kl = n = 0.0
    for row, table in zip(counts.tolist(), probs.tolist(), strict=True):
        for c, p in zip(row, table, strict=True):
            if c:
                loss -= c * math.log(p)
                kl += c * math.log(c / sum(row) / p)
                n += c
    return loss / n, (loss - kl) / n, kl / n


# %%
# RIGHT loss_parts: with xlogy
def loss_parts(counts, probs):
    joint = counts.double() / counts.sum()
    shares = joint / joint.sum(1, keepdim=True)
    loss = -torch.special.xlogy(joint, probs.double()).sum()
    entropy = -torch.xlogy(joint, shares).sum()
    return torch.stack([loss, entropy, loss - entropy])


# %%
# RIGHT loss_parts: torch's loss on a list of pairs
def loss_parts(counts, probs):
    before, after = counts.nonzero().T
    times = counts[before, after].long()
    before, after = before.repeat_interleave(times), after.repeat_interleave(times)
    loss = torch.nn.functional.nll_loss(probs.log()[before], after)
    shares = torch.nn.functional.normalize(counts.float(), p=1, dim=1)
    entropy = torch.nn.functional.nll_loss(shares.log()[before], after)
    return [loss.item(), entropy.item(), (loss - entropy).item()]


# %%
# WRONG ngram: the total grows by one extra
# HINT The probabilities after one context add up to more than 1. If each of 27 letters
# HINT is counted a little more often, by how much does their total grow?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c, x] + extra) / (totals[c] + extra)


# %%
# WRONG ngram: the total does not grow
# HINT You gave the letter its extra, but not the total. What do the probabilities of
# HINT all letters after one context add up to? (And what about a context that never
# HINT came?)
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c, x] + extra) / max(totals[c], 1)


# %%
# WRONG ngram: only the total grows
# HINT A letter that never came after its context is still impossible. Where is its
# HINT extra?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: counts[c, x] / (totals[c] + 27 * extra)


# %%
# WRONG ngram: 26 letters
# HINT The end mark is missing among your letters: how many can come next?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c, x] + extra) / (totals[c] + 26 * extra)


# %%
# WRONG ngram: extra only for what never came
# HINT Only the letters that never came get an extra. Do all 27 get it in the task?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c, x] or extra) / (totals[c] + 27 * extra)


# %%
# WRONG ngram: extra added to the share
# HINT You added the extra to a probability. It is an imaginary *count*: where do counts
# HINT stand in the fraction?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: counts[c, x] / max(totals[c], 1) + extra


# %%
# WRONG ngram: always one extra
# HINT You added 1 to every count. How large is the head start that was asked for?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c, x] + 1) / (totals[c] + 27)


# %%
# WRONG ngram: no memory
# HINT Your model gives the same answer after every context: it divides by the number of
# HINT all questions. Which questions compete here?
def ngram(names, context_size, extra):
    counts = Counter(x for _, x in questions(names, context_size))
    total = sum(counts.values())
    return lambda c, x: (counts[x] + extra) / (total + 27 * extra)


# %%
# WRONG ngram: the share among all questions
# HINT This is how often the context *and* the letter come, among all questions. The
# HINT context is known already: what should you divide by?
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts = Counter(pairs)
    return lambda c, x: (counts[c, x] + extra) / (len(pairs) + 27 * extra)


# %%
# WRONG ngram: one letter of memory
# HINT Your model looks at the last letter of the context only. How long is its memory
# HINT meant to be?
def ngram(names, context_size, extra):
    pairs = questions(names, 1)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return lambda c, x: (counts[c[-1:], x] + extra) / (totals[c[-1:]] + 27 * extra)


# %%
# WRONG ngram: extra for the letters seen after a context
# HINT Your total grows only by the letters that came after this context. A letter that
# HINT did not come gets its extra too.
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    kinds = Counter(c for c, _ in counts)
    return lambda c, x: (counts[c, x] + extra) / (totals[c] + (kinds[c] or 27) * extra)


# %%
# WRONG ngram: gives the counts
# HINT These are counts. A probability is a share of all that came after this context.
def ngram(names, context_size, extra):
    counts = Counter(questions(names, context_size))
    return lambda c, x: counts[c, x] + extra


# %%
# WRONG ngram: gives back a table
def ngram(names, context_size, extra):
    pairs = questions(names, context_size)
    counts, totals = Counter(pairs), Counter(c for c, _ in pairs)
    return {
        (c, x): (n + extra) / (totals[c] + 27 * extra) for (c, x), n in counts.items()
    }


# %%
# RIGHT ngram: a class that can be called
class Table:
    def __init__(self, rows, extra):
        self.rows, self.extra = rows, extra

    def __call__(self, context, letter):
        row = self.rows.get(context, {})
        full = {x: row.get(x, 0) + self.extra for x in LETTERS}
        return full[letter] / sum(full.values())


def ngram(names, context_size, extra):
    rows = {}
    for context, letter in questions(names, context_size):
        row = rows.setdefault(context, {})
        row[letter] = row.get(letter, 0) + 1
    return Table(rows, extra)


# %%
# RIGHT ngram: a tensor for each context
def ngram(names, context_size, extra):
    rows = {}
    for context, letter in questions(names, context_size):
        new = torch.full((27,), float(extra), dtype=torch.float64)
        rows.setdefault(context, new)[LETTERS.index(letter)] += 1

    def ask(context, letter):
        if context not in rows:
            return 1 / 27
        row = rows[context]
        return (row[LETTERS.index(letter)] / row.sum()).item()

    return ask


# %%
# RIGHT ngram: a mixture of the share and an even spread
def ngram(names, context_size, extra):
    asked = questions(names, context_size)
    n_both, n_context = Counter(map("".join, asked)), Counter(c for c, _ in asked)

    def ask(c, x):
        trust = n_context[c] / (n_context[c] + 27 * extra)
        share = n_both[c + x] / n_context[c] if trust else 0.0
        return trust * share + (1 - trust) / 27

    return ask


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
# WRONG bigram: no full stops
# HINT The row and the column of the full stop are empty. `asha` has five pairs: how does
# HINT a name begin, and how does it end?
def count_pairs(names):
    counts = torch.zeros(27, 27)
    for name in names:
        path = [LETTERS.index(letter) for letter in name]
        for before, after in zip(path[:-1], path[1:], strict=True):
            counts[before, after] += 1
    return counts


def best_table(counts):
    totals = counts.sum(dim=1, keepdim=True)
    return torch.where(totals > 0, counts / totals, 1 / len(counts))
