# Homework 10: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG learn_merges: the pair met first wins a tie
# HINT Between equally frequent pairs you take the one that was met first in the text.
# HINT Which rule does the task give for ties?
from collections import Counter


def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = Counter()
        for word in words:
            counts.update(zip(word, word[1:]))
        best = counts.most_common(1)[0][0]
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: the larger pair wins a tie
# HINT Between equally frequent pairs you take the one with the larger numbers. Which
# HINT one should win?
def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = max(counts, key=lambda pair: (counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: counts only once
# HINT All your pairs are pairs of single bytes: the pairs were counted before the first
# HINT merge and never again. What changes in the words after each merge?
def learn_merges(words, n_merges):
    counts = {}
    for word in words:
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:n_merges]


# %%
# WRONG learn_merges: pairs across two words
# HINT This is what you get when all words are joined to one long list: then the end of
# HINT a word and the beginning of the next one make a pair. Do they stand together?
def learn_merges(words, n_merges):
    text = [byte for word in words for byte in word]
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for pair in zip(text, text[1:]):
            counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        text = merge(text, best, token)
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: numbers from 257
# HINT Your pairs fit, but the new tokens have other numbers: which number does the first
# HINT merge make, if the bytes go from 0 to 255?
def learn_merges(words, n_merges):
    merges = []
    for token in range(257, 257 + n_merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: each word counts a pair once
# HINT You count in how many words a pair occurs. How often does it occur in banana?
def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            for pair in set(zip(word, word[1:])):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: the rarest pair
# HINT You merge the rarest pair each time. Which one should it be?
def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: no overlaps counted
# HINT You jump over a pair after counting it. How many pairs (a, a) does the task count
# HINT in aaa?
def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            i, last = 0, None
            while i < len(word) - 1:
                pair = (word[i], word[i + 1])
                if pair == last and pair[0] == pair[1]:
                    last = None
                else:
                    counts[pair] = counts.get(pair, 0) + 1
                    last = pair
                i += 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges


# %%
# WRONG learn_merges: the tokens without their pairs
def learn_merges(words, n_merges):
    return list(range(256, 256 + n_merges))


# %%
# RIGHT learn_merges: a Counter, sorted
import itertools
from collections import Counter


def learn_merges(words, n_merges):
    merges = []
    for k in range(n_merges):
        found = Counter(p for w in words for p in itertools.pairwise(w))
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        merges += [ordered[0][0]]
        words = [merge(w, merges[-1], 256 + k) for w in words]
    return merges


# %%
# RIGHT learn_merges: recursion
def learn_merges(words, n_merges, token=256):
    if n_merges == 0:
        return []
    pairs = [(w[i], w[i + 1]) for w in words for i in range(len(w) - 1)]
    best = max(set(pairs), key=lambda p: (pairs.count(p), -p[0], -p[1]))
    shorter = [merge(w, best, token) for w in words]
    return [best] + learn_merges(shorter, n_merges - 1, token + 1)


# %%
# RIGHT learn_merges: with a table in torch
def learn_merges(words, n_merges):
    merges = []
    for k in range(n_merges):
        table = torch.zeros(256 + k, 256 + k, dtype=torch.long)
        for w in words:
            for a, b in zip(w[:-1], w[1:]):
                table[a, b] += 1
        flat = table.flatten().tolist()
        place = flat.index(max(flat))  # the first of the largest
        pair = (place // (256 + k), place % (256 + k))
        words = [merge(w, pair, 256 + k) for w in words]
        merges.append(pair)
    return merges


# %%
# WRONG encode: numbers of characters
# HINT This is what you get from the numbers of the characters. English looks right, but
# HINT what does a text in UTF-8 consist of?
def encode(text, merges):
    tokens = [ord(c) for c in text]
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: the last merge first
# HINT You go through the merges from the last to the first. When the last one was
# HINT learned, what had already been merged?
def encode(text, merges):
    tokens = list(text.encode())
    for i in reversed(range(len(merges))):
        tokens = merge(tokens, merges[i], 256 + i)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: the longest piece that fits
# HINT You take the longest token that fits at each place. That is a way to cut, but not
# HINT that of BPE: in which order does it apply the merges?
def encode(text, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    raw, tokens = text.encode(), []
    while raw:
        fits = [i for i, s in enumerate(spelled) if raw.startswith(s)]
        best = max(fits, key=lambda i: len(spelled[i]))
        tokens.append(best)
        raw = raw[len(spelled[best]) :]
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: only the first place
# HINT Each merge was done in one place only. What if a pair occurs twice in the text?
def encode(text, merges):
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        for i in range(len(tokens) - 1):
            if (tokens[i], tokens[i + 1]) == pair:
                tokens[i : i + 2] = [token]
                break
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: numbers from 257
# HINT The new tokens have other numbers than the task says: which token does merge
# HINT number 0 make?
def encode(text, merges):
    tokens = list(text.encode())
    for token, (a, b) in enumerate(merges, start=257):
        pair = (a + (a > 255), b + (b > 255))
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    spelled.append(b"")
    for a, b in merges:
        spelled.append(spelled[a + (a > 255)] + spelled[b + (b > 255)])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: only the bytes
# HINT These are the bytes of the text; no merge was applied.
def encode(text, merges):
    return list(text.encode())


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")


# %%
# WRONG encode: each token decoded by itself
# HINT You turn each token into text by itself. What if one character is spread over two
# HINT tokens?
def encode(text, merges):
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return "".join(spelled[token].decode(errors="replace") for token in tokens)


# %%
# WRONG encode: each byte is a character
# HINT Each byte has become a character of its own. How many bytes has a letter of Hindi?
def encode(text, merges):
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [chr(i) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return "".join(spelled[token] for token in tokens)


# %%
# WRONG encode: what cannot be read is left out
# HINT Bytes that cannot be read have vanished without a trace: what should stand in
# HINT their place?
def encode(text, merges):
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="ignore")


# %%
# WRONG encode: stops at bytes that are not UTF-8
# HINT Your decode stops at bytes that are not valid UTF-8. A model may write such
# HINT tokens: what does the task ask for then?
def encode(text, merges):
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode()


# %%
# RIGHT encode: the pair learned first, again and again
def encode(text, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    tokens = list(text.encode("utf-8"))
    while True:
        pairs = [p for p in zip(tokens, tokens[1:]) if p in rank]
        if not pairs:
            return tokens
        first = min(pairs, key=rank.get)
        tokens = merge(tokens, first, 256 + rank[first])


def decode(tokens, merges):
    def spell(token):
        if token < 256:
            return bytes([token])
        a, b = merges[token - 256]
        return spell(a) + spell(b)

    return b"".join(map(spell, tokens)).decode("utf-8", "replace")


# %%
# RIGHT encode: tokens as characters of a string
def encode(text, merges):
    signs = text.encode().decode("latin-1")
    for i, (a, b) in enumerate(merges):
        signs = signs.replace(chr(a) + chr(b), chr(256 + i))
    return [ord(sign) for sign in signs]


def decode(tokens, merges):
    signs = "".join(map(chr, tokens))
    for i in range(len(merges) - 1, -1, -1):
        signs = signs.replace(chr(256 + i), chr(merges[i][0]) + chr(merges[i][1]))
    return signs.encode("latin-1").decode(errors="replace")


# %%
# RIGHT encode: own loop, a stack
def encode(text, merges):
    ids = [b for b in bytes(text, "utf-8")]
    for n in range(len(merges)):
        out, i = [], 0
        while i < len(ids):
            if (
                i + 1 < len(ids)
                and ids[i] == merges[n][0]
                and ids[i + 1] == merges[n][1]
            ):
                out.append(n + 256)
                i += 2
            else:
                out.append(ids[i])
                i += 1
        ids = out
    return ids


def decode(tokens, merges):
    todo, raw = list(tokens)[::-1], bytearray()
    while todo:
        t = todo.pop()
        if t < 256:
            raw.append(t)
        else:
            todo.extend(reversed(merges[t - 256]))
    return str(bytes(raw), "utf-8", "replace")


# %%
# WRONG two_prices: nats per byte
# HINT Your second price is in nats. How many nats has a bit?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[t]) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) / n_bytes


# %%
# WRONG two_prices: bits per token
# HINT Your second price is shared among the tokens. Among what should it be shared, so
# HINT that both tokenizers can be compared?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[t]) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) / len(nats) / math.log(2)


# %%
# WRONG two_prices: times ln 2
# HINT Your bits are fewer than the nats. One bit is the smaller unit: are there then
# HINT more of them or fewer?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[t]) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) * math.log(2) / n_bytes


# %%
# WRONG two_prices: both in bits
# HINT Your first price is in bits. In which unit is it asked for?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    bits = [math.log2(sum(counts) / counts[t]) for row in held_out for t in row]
    return sum(bits) / len(bits), sum(bits) / n_bytes


# %%
# WRONG two_prices: the mean over the names
# HINT You took the mean of each name, and then the mean of the names. A token in a short
# HINT name then weighs more than one in a long name.
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    rows = [[math.log(sum(counts) / counts[t]) for t in row] for row in held_out]
    means = [sum(row) / len(row) for row in rows]
    nats = sum(map(sum, rows))
    return sum(means) / len(means), nats / n_bytes / math.log(2)


# %%
# WRONG two_prices: the added ones are missing in the sum
# HINT You added 1 to each count, but not to the sum that you divide by. Do your
# HINT probabilities add up to 1?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    total = sum(map(len, train))
    nats = [math.log(total / counts[t]) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) / n_bytes / math.log(2)


# %%
# WRONG two_prices: counted on the held-out names
# HINT Your table was made from the names that it is tested on. Which names may it see?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in held_out:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[t]) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) / n_bytes / math.log(2)


# %%
# WRONG two_prices: tested on the training names
# HINT You measured on the names that the table was made from. Which names tell how good
# HINT it is?
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[t]) for row in train for t in row]
    return sum(nats) / len(nats), sum(nats) / n_bytes / math.log(2)


# %%
# WRONG two_prices: log-probabilities without the minus
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(counts[t] / sum(counts)) for row in held_out for t in row]
    return sum(nats) / len(nats), sum(nats) / n_bytes / math.log(2)


# %%
# RIGHT two_prices: in torch
def two_prices(train, held_out, vocab_size, n_bytes):
    seen = torch.tensor([t for row in train for t in row])
    p = torch.bincount(seen, minlength=vocab_size).double() + 1
    log_p = torch.log(p / p.sum())
    new = torch.tensor(sum(held_out, []))
    loss = -log_p[new].mean().item()
    return loss, loss * len(new) / (n_bytes * math.log(2))


# %%
# RIGHT two_prices: one long product in base 2
from collections import Counter


def two_prices(train, held_out, vocab_size, n_bytes):
    counts = Counter(t for row in train for t in row)
    total = sum(counts.values()) + vocab_size
    bits, n = 0.0, 0
    for row in held_out:
        for t in row:
            bits -= math.log2((counts[t] + 1) / total)
            n += 1
    return bits * math.log(2) / n, bits / n_bytes


# %%
# WRONG learn_counts: a token twice counts once
# HINT A token that comes twice in a name counts once in your x. What does the task say?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        x[i, row] = 1
    y = torch.tensor(answers, dtype=torch.float64)
    shrink = 0.1 * torch.eye(vocab_size, dtype=torch.float64)
    return torch.linalg.solve(x.T @ x + shrink, x.T @ y)


# %%
# WRONG learn_counts: nothing on the diagonal
# HINT Without the second sum a token that was never met may have any number, and the
# HINT equations have no single solution. Where does the 0.1 go?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    return torch.linalg.solve(x.T @ x, x.T @ y)


# %%
# WRONG learn_counts: least squares without the second sum
# HINT These are the numbers without the second sum of the formula: what does it do to a
# HINT number that only a few names speak for?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    return torch.linalg.pinv(x) @ y


# %%
# WRONG learn_counts: 0.1 everywhere
# HINT You added 0.1 to every number of the table. The formula adds it to the diagonal:
# HINT what is the matrix I?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    everywhere = x.T @ x + 0.1
    return torch.linalg.pinv(everywhere) @ (x.T @ y)


# %%
# WRONG learn_counts: 1 on the diagonal
# HINT You put 1 on the diagonal: which number stands before the second sum?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    shrink = torch.eye(vocab_size, dtype=torch.float64)
    return torch.linalg.solve(x.T @ x + shrink, x.T @ y)


# %%
# WRONG learn_counts: each token by itself
# HINT You look at each token by itself, as if it had to explain the whole answer. But
# HINT the tokens of a name share the letters among them.
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    return (x.T @ y) / ((x * x).sum(0) + 0.1)


# %%
# WRONG learn_counts: an equal share for each token
# HINT You give all tokens of a name the same share of its answer. But some of them hold
# HINT the letter and some do not: which numbers would make *all* the sums right?
def learn_counts(rows, answers, vocab_size):
    total = torch.zeros(vocab_size, dtype=torch.float64)
    n = torch.zeros(vocab_size, dtype=torch.float64)
    for row, answer in zip(rows, answers):
        for token in row:
            total[token] += answer / len(row)
            n[token] += 1
    return total / n.clamp(min=1)


# %%
# WRONG learn_counts: one number for each name
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    shrink = 0.1 * torch.eye(vocab_size, dtype=torch.float64)
    return x @ torch.linalg.solve(x.T @ x + shrink, x.T @ y)


# %%
# RIGHT learn_counts: the second sum as more rows
def learn_counts(rows, answers, vocab_size):
    x = torch.stack(
        [torch.bincount(torch.tensor(r), minlength=vocab_size) for r in rows]
    )
    more = math.sqrt(0.1) * torch.eye(vocab_size).double()
    a = torch.cat([x.double(), more])
    b = torch.cat([torch.tensor(answers).double(), torch.zeros(vocab_size).double()])
    return torch.linalg.lstsq(a, b[:, None]).solution[:, 0]


# %%
# RIGHT learn_counts: numpy and an inverse
import numpy as np


def learn_counts(rows, answers, vocab_size):
    x = np.array([[row.count(v) for v in range(vocab_size)] for row in rows], float)
    w = np.linalg.inv(x.T @ x + 0.1 * np.identity(vocab_size)) @ x.T @ np.array(answers)
    return torch.from_numpy(w)


# %%
# RIGHT learn_counts: down the slope, in single precision
def learn_counts(rows, answers, vocab_size):
    x = torch.tensor([[float(row.count(v)) for v in range(vocab_size)] for row in rows])
    y, w = torch.tensor(answers).float(), torch.zeros(vocab_size)
    a, b = x.T @ x + 0.1 * torch.eye(vocab_size), x.T @ y
    direction = left = b
    for _ in range(300):  # conjugate gradients
        if left @ left < 1e-12:
            break
        step = (left @ left) / (direction @ (a @ direction))
        w = w + step * direction
        new = left - step * (a @ direction)
        direction = new + (new @ new) / (left @ left) * direction
        left = new
    return w


# %%
# WRONG show: the broken one as given
# HINT Each token is turned into text by itself, so a character that is spread over two
# HINT tokens is never whole. What could you keep until the next token comes?
def show(pieces):
    return [piece.decode(errors="replace") for piece in pieces]


# %%
# WRONG show: the bad signs left out
# HINT The bad signs are gone, and so are the characters. Where are the bytes that you
# HINT left out?
def show(pieces):
    return [piece.decode(errors="ignore") for piece in pieces]


# %%
# WRONG show: the bytes as characters
# HINT Each byte has become a character of its own. How many bytes has a smiley?
def show(pieces):
    return [piece.decode("latin-1") for piece in pieces]


# %%
# WRONG show: all at the end
# HINT You show nothing before the end. Which characters are complete earlier?
def show(pieces):
    text = b"".join(pieces).decode(errors="ignore")
    return [""] * (len(pieces) - 1) + [text]


# %%
# WRONG show: waits until everything is complete
# HINT You wait until the bytes so far are complete to the last one. But a token may
# HINT complete one character and begin another: what can be shown then?
def show(pieces):
    shown, waiting = [], b""
    for piece in pieces:
        waiting += piece
        try:
            shown.append(waiting.decode())
            waiting = b""
        except UnicodeDecodeError:
            shown.append("")
    return shown


# %%
# WRONG show: the beginning of a character is dropped
# HINT A character is lost if one token completes the character before it and begins
# HINT it: what happens to the bytes that are not complete yet?
def show(pieces):
    shown, waiting = [], b""
    for piece in pieces:
        text = (waiting + piece).decode(errors="ignore")
        waiting = b"" if text else waiting + piece
        shown.append(text)
    return shown


# %%
# WRONG show: the whole text each time
# HINT You show the whole text again with each token. What is new in it?
def show(pieces):
    return [
        b"".join(pieces[: i + 1]).decode(errors="ignore") for i in range(len(pieces))
    ]


# %%
# RIGHT show: Python's own decoder
import codecs


def show(pieces):
    decoder = codecs.getincrementaldecoder("utf-8")()
    return [decoder.decode(piece) for piece in pieces]


# %%
# RIGHT show: what is new in the text so far
def show(pieces):
    texts = [""]
    for i in range(len(pieces)):
        texts.append(b"".join(pieces[: i + 1]).decode(errors="ignore"))
    return [texts[i + 1][len(texts[i]) :] for i in range(len(pieces))]


# %%
# RIGHT show: byte by byte, by the length in the first byte
def show(pieces):
    shown, char, missing = [], [], 0
    for piece in pieces:
        text = ""
        for byte in piece:
            if missing == 0:
                char = []
                missing = (
                    1 if byte < 128 else 2 if byte < 224 else 3 if byte < 240 else 4
                )
            char.append(byte)
            missing -= 1
            if missing == 0:
                text += bytes(char).decode()
        shown.append(text)
    return shown


# %%
# WRONG learn_counts: 0.01 on the diagonal
# HINT Your diagonal holds a smaller number than the formula here: which one stands
# HINT before the second sum?
def learn_counts(rows, answers, vocab_size):
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    shrink = 0.01 * torch.eye(vocab_size, dtype=torch.float64)
    return torch.linalg.solve(x.T @ x + shrink, x.T @ y)


# %%
# WRONG show: the rest comes out at the end
# HINT At the end you show bytes that were never completed to a character. What is never
# HINT completed is never shown.
def show(pieces):
    shown, waiting = [], b""
    for piece in pieces:
        waiting += piece
        text = waiting.decode(errors="ignore")
        waiting = waiting[len(text.encode()) :]
        shown.append(text)
    shown[-1] += waiting.decode(errors="replace")
    return shown


# %%
# WRONG show: what is new, with signs for the unreadable
# HINT With `errors="replace"` half a character is a sign already, and the whole one that
# HINT takes its place makes the text no longer. What can you do with half a character?
def show(pieces):
    shown, so_far, before = [], b"", ""
    for piece in pieces:
        so_far += piece
        text = so_far.decode(errors="replace")
        shown.append(text[len(before) :])
        before = text
    return shown


# %%
# RIGHT learn_merges: each pair a list
def learn_merges(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(list(best))
    return merges


# %%
# RIGHT two_prices: a list of two tensors of one number
def two_prices(train, held_out, vocab_size, n_bytes):
    counts = torch.ones(vocab_size, dtype=torch.float64)
    for row in train:
        for token in row:
            counts[token] += 1
    log_p = (counts / counts.sum()).log()
    nats = -torch.cat([log_p[torch.tensor(row)] for row in held_out])
    return [nats.mean(), nats.sum() / math.log(2) / n_bytes]
