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


# %%
# WRONG train: the gradients are never cleared
# HINT Your first step is correct. After it, `backward()` adds the new gradient to the old
# HINT one: what has to be cleared before each step?
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        F.cross_entropy(scores[before], after).backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: uphill
# HINT Your steps go uphill: the letters that came become less likely. Which sign does a
# HINT step have?
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores += rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: the sum in place of the mean
# HINT Your steps are N times too large: you took the sum over all pairs. The loss is
# HINT their mean.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after, reduction="sum")
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: the mean of each row
# HINT You averaged each row over its own pairs. The loss is the mean over *all* pairs, so
# HINT a letter that came rarely takes small steps.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters)
    y = F.one_hot(after, n_letters).float()
    for _ in range(steps):
        for letter in before.unique():
            mine = y[before == letter].mean(dim=0)
            scores[letter] -= rate * (scores[letter].softmax(dim=0) - mine)
    return scores.softmax(dim=1)


# %%
# WRONG train: softmax before the cross-entropy
# HINT You gave probabilities to the cross-entropy. It wants scores and does the softmax
# HINT itself.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before].softmax(dim=1), after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: gives the scores
# HINT These are the scores. The task asks for the probabilities that they stand for.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach()


# %%
# WRONG train: softmax over the columns
# HINT Your columns add up to 1. Which letters compete, those of a row or those of a
# HINT column?
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=0)


# %%
# WRONG train: before and after exchanged
# HINT You exchanged the two letters: the one before chooses the row, the one after is
# HINT the target.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[after], before)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: one step too many
# HINT You took one step more than was asked for.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps + 1):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: one step only
# HINT You took one step, whatever `steps` says. Is your `return` inside the loop?
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        loss.backward()
        with torch.no_grad():
            scores -= rate * scores.grad
        return scores.detach().softmax(dim=1)


# %%
# WRONG train: counted
# HINT You counted. This is where training ends after very many steps; the task asks for
# HINT the table after `steps` of them.
def train(before, after, n_letters, rate, steps):
    counts = torch.zeros(n_letters, n_letters)
    for b, a in zip(before, after, strict=True):
        counts[b, a] += 1
    return counts / counts.sum(dim=1, keepdim=True)


# %%
# WRONG train: always the rate 1
# HINT Your steps do not have the learning rate that was asked for.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        with torch.no_grad():
            scores -= scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: without no_grad
# HINT torch refuses to change a tensor with `requires_grad` in place while it keeps
# HINT account of it. Put the step under `with torch.no_grad():`.
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        scores.grad = None
        loss.backward()
        scores -= rate * scores.grad
    return scores.detach().softmax(dim=1)


# %%
# WRONG train: a new tensor at each step
def train(before, after, n_letters, rate, steps):
    scores = torch.zeros(n_letters, n_letters, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(scores[before], after)
        loss.backward()
        scores = scores - rate * scores.grad
    return scores.grad.softmax(dim=1)


# %%
# RIGHT train: one-hot and a matrix product
def train(before, after, n_letters, rate, steps):
    one_hot = F.one_hot(before, n_letters).float()
    weights = torch.zeros(n_letters, n_letters).requires_grad_()
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(
            F.cross_entropy(one_hot @ weights, after), weights
        )
        weights = (weights - rate * gradient).detach().requires_grad_()
    return weights.softmax(1).detach()


# %%
# RIGHT train: p - y from the counts
def train(before, after, n_letters, rate, steps):
    counts = torch.zeros(n_letters, n_letters, dtype=torch.float64)
    counts.index_put_((before, after), torch.tensor(1.0).double(), accumulate=True)
    scores = torch.zeros_like(counts)
    for _ in range(steps):
        expected = counts.sum(dim=1, keepdim=True) * scores.softmax(dim=1)
        scores = scores - rate * (expected - counts) / len(before)
    return scores.softmax(dim=1)


# %%
# RIGHT train: torch's SGD
def train(before, after, n_letters, rate, steps):
    table = torch.nn.Embedding(n_letters, n_letters)
    torch.nn.init.zeros_(table.weight)
    optimizer = torch.optim.SGD(table.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(table(before), after).backward()
        optimizer.step()
    return table.weight.softmax(dim=-1)


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
# WRONG write: the context never moves on
# HINT Every letter of your name is drawn from the row of the beginning. Which letters are
# HINT the context after the first one?
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[:k]], 0
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: always the likeliest letter
# HINT You take the likeliest letter and never look at the random numbers.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for _ in draws:
        letter = table[path[-k:]].most_common(1)[0][0]
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: in the order of the counter
# HINT You go through the letters in another order, that in which they were counted or
# HINT that of their counts. The task says: in the order of LETTERS.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter in row:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: the most frequent first
# HINT You go through the letters in another order, that in which they were counted or
# HINT that of their counts. The task says: in the order of LETTERS.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter, n in row.most_common():
            so_far += n
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: the full stop last
# HINT You put the full stop behind the other letters. In LETTERS it is the first one.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter in LETTERS[1:] + ".":
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: goes on after the full stop
# HINT Your name goes on after a full stop was drawn. What does a full stop mean?
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        path += letter
        if letter == ".":
            path += "." * (k - 1)
    return path.replace(".", "")


# %%
# WRONG write: the full stops stay
# HINT Your names contain full stops. The name should be without them.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        path += letter
        if letter == ".":
            break
    return path[k:]


# %%
# WRONG write: all full stops stay
# HINT Your names contain full stops. The name should be without them.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table[path[-k:]], 0
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path


# %%
# WRONG write: always one letter of memory
# HINT You look at one letter only. How long is the memory meant to be?
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, 1):
        table.setdefault(context, Counter())[letter] += 1
    path = "."
    for u in draws:
        row, so_far = table[path[-1:]], 0
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[1:]


# %%
# WRONG write: not added up
# HINT You compare each probability alone with the random number. Add up the
# HINT probabilities of the letters so far.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row = table.get(path[-k:])
        if row is None:
            break
        for letter in LETTERS:
            if row[letter] / sum(row.values()) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: the row of all letters
# HINT You divide by the number of all questions. The letters after *this* context
# HINT compete: what do their probabilities add up to?
def write(names, k, draws):
    asked = questions(names, k)
    table = {}
    for context, letter in asked:
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table.get(path[-k:]), 0
        if row is None:
            break
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / len(asked) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: smoothed
# HINT Your table can draw letters that never came after their context: it is smoothed.
# HINT The task asks for the plain counts.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far = table.get(path[-k:], Counter()), 0
        for letter in LETTERS:
            so_far += row[letter] + 1
            if so_far / (sum(row.values()) + 27) > u:
                break
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
# WRONG write: the letter before
# HINT You draw the letter before the correct one: the first at which the sum is *greater
# HINT than* the number is drawn, with its own probability in the sum.
def write(names, k, draws):
    table = {}
    for context, letter in questions(names, k):
        table.setdefault(context, Counter())[letter] += 1
    path = "." * k
    for u in draws:
        row, so_far, drawn = table[path[-k:]], 0, "."
        for letter in LETTERS:
            so_far += row[letter]
            if so_far / sum(row.values()) > u:
                break
            if row[letter]:
                drawn = letter
        if drawn == ".":
            break
        path += drawn
    return path[k:]


# %%
# RIGHT write: recursive, with a list of answers for each context
def write(names, k, draws, context=None):
    context = "." * k if context is None else context
    if not draws:
        return ""
    came = sorted(letter for c, letter in questions(names, k) if c == context)
    letter = came[int(draws[0] * len(came))]
    if letter == ".":
        return ""
    return letter + write(names, k, draws[1:], (context + letter)[1:])


# %%
# RIGHT write: cumsum and searchsorted
def write(names, k, draws):
    rows = {}
    for context, letter in questions(names, k):
        row = rows.setdefault(context, torch.zeros(27, dtype=torch.float64))
        row[LETTERS.index(letter)] += 1
    name = ""
    for u in draws:
        row = rows[("." * k + name)[-k:]]
        sums = (row / row.sum()).cumsum(0)
        i = torch.searchsorted(sums, torch.tensor(u, dtype=torch.float64), right=True)
        if i == 0:
            break
        name += LETTERS[i]
    return name


# %%
# RIGHT write: with accumulate and next
from itertools import accumulate


def write(names, k, draws):
    counts = Counter(questions(names, k))
    path = ["."] * k
    for u in draws:
        context = "".join(path[-k:])
        row = [counts[context, letter] for letter in LETTERS]
        sums = accumulate(row)
        chosen = next(x for x, n in zip(LETTERS, sums, strict=True) if n > u * sum(row))
        if chosen == ".":
            break
        path.append(chosen)
    return "".join(path[k:])


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
