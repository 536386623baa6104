# Homework 11: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG window_weights: always divided by the window
# HINT The first rows of your matrix do not add up to 1: how many positions are there to
# HINT average at the beginning?
def window_weights(T, window):
    seen = torch.ones(T, T).tril() - torch.ones(T, T).tril(-window)
    return seen / window


# %%
# WRONG window_weights: one position too many
# HINT Your window is one position too wide: the position itself counts as one of them.
def window_weights(T, window):
    seen = torch.ones(T, T).tril() - torch.ones(T, T).tril(-window - 1)
    return seen / seen.sum(dim=1, keepdim=True)


# %%
# WRONG window_weights: forgets nothing
# HINT This is the average of everything so far. Which positions should be forgotten?
def window_weights(T, window):
    seen = torch.ones(T, T).tril()
    return seen / seen.sum(dim=1, keepdim=True)


# %%
# WRONG window_weights: looks forward
# HINT Your positions average what comes after them. On which side of the diagonal is the
# HINT past of row t?
def window_weights(T, window):
    seen = torch.ones(T, T).triu() - torch.ones(T, T).triu(window)
    return seen / seen.sum(dim=1, keepdim=True)


# %%
# WRONG window_weights: columns add up to 1
# HINT Your columns add up to 1. A row holds the shares that one position gives: what
# HINT should add up to 1?
def window_weights(T, window):
    seen = torch.ones(T, T).tril() - torch.ones(T, T).tril(-window)
    return seen / seen.sum(dim=0, keepdim=True)


# %%
# WRONG window_weights: to both sides
# HINT Your window reaches to both sides. Which side may a position look at?
def window_weights(T, window):
    t = torch.arange(T)
    seen = ((t[:, None] - t).abs() < window).float()
    return seen / seen.sum(dim=1, keepdim=True)


# %%
# WRONG window_weights: sums
# HINT You add up the positions in the window. What makes a mean out of a sum?
def window_weights(T, window):
    return torch.ones(T, T).tril() - torch.ones(T, T).tril(-window)


# %%
# WRONG window_weights: without itself
# HINT The position itself is missing in your window.
def window_weights(T, window):
    seen = torch.ones(T, T).tril(-1) - torch.ones(T, T).tril(-window - 1)
    return seen / seen.sum(dim=1, keepdim=True).clamp(min=1)


# %%
# WRONG window_weights: a slice that begins below 0
# HINT Only your first rows are wrong. What does a slice such as w[-1 : 1] give in Python?
def window_weights(T, window):
    w = torch.zeros(T, T)
    for t in range(T):
        w[t, t - window + 1 : t + 1] = 1 / min(window, t + 1)
    return w


# %%
# RIGHT window_weights: a softmax of zeros and minus infinity
def window_weights(T, window):
    t = torch.arange(T)
    back = t[:, None] - t[None, :]
    scores = torch.zeros(T, T)
    scores[(back < 0) | (back >= window)] = -math.inf
    return scores.softmax(-1)


# %%
# RIGHT window_weights: number by number
def window_weights(T, window):
    rows = []
    for t in range(T):
        first = max(0, t - window + 1)
        rows.append([1 / (t - first + 1) if first <= s <= t else 0.0 for s in range(T)])
    return torch.tensor(rows)


# %%
# RIGHT window_weights: numpy, in double
import numpy as np


def window_weights(T, window):
    seen = np.tril(np.ones((T, T))) - np.tril(np.ones((T, T)), -window)
    return seen / seen.sum(axis=1, keepdims=True)


# %%
# RIGHT window_weights: a tensor in double
def window_weights(T, window):
    seen = torch.ones(T, T).tril().triu(1 - window).double()
    return seen / seen.sum(1)[:, None]


# %%
# RIGHT window_weights: a list of lists
def window_weights(T, window):
    table = []
    for t in range(T):
        n = min(window, t + 1)
        table.append([0.0] * (t + 1 - n) + [1 / n] * n + [0.0] * (T - t - 1))
    return table


# %%
# RIGHT window_weights: slices of a matrix of zeros
def window_weights(n, w):
    out = torch.zeros(n, n)
    for i in range(n):
        out[i, max(i + 1 - w, 0) : i + 1] = 1 / min(w, i + 1)
    return out


# %%
# WRONG attention: not divided
# HINT Your scores are too large: which number are the dot products divided by?
def attention(q, k, v):
    T = q.shape[-2]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (q @ k.mT).masked_fill(future, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: divided by d
# HINT Your scores are too small: you divided by the number of numbers in a key. What
# HINT does the formula say?
def attention(q, k, v):
    T, D = q.shape[-2:]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (q @ k.mT / D).masked_fill(future, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: divided by the root of T
# HINT You divided by the root of the number of positions. What is d in the formula?
def attention(q, k, v):
    T = q.shape[-2]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (q @ k.mT / math.sqrt(T)).masked_fill(future, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: no mask
# HINT The first position looks at the last one. Which scores should it never see?
def attention(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: the past is masked
# HINT You masked the past in place of the future: which triangle holds what comes later?
def attention(q, k, v):
    T, D = q.shape[-2:]
    past = torch.ones(T, T, dtype=torch.bool).tril(-1)
    weights = (q @ k.mT / math.sqrt(D)).masked_fill(past, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: masked with -100
# HINT The scores that you put in place of the future still get weight: a -100 wins where
# HINT all other scores are lower. Which score never gets any weight, whatever the others?
def attention(q, k, v):
    T, D = q.shape[-2:]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (q @ k.mT / math.sqrt(D)).masked_fill(future, -100.0).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: masked with zeros
# HINT The scores that you put in place of the future still get weight: a 0 wins where
# HINT all other scores are low. Which score never gets any weight, however low the others?
def attention(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).tril().softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: the mask after the softmax
# HINT You set the weights of the future to 0 after the softmax. What do your rows add up
# HINT to now?
def attention(q, k, v):
    weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1).tril()
    return weights @ v, weights


# %%
# WRONG attention: hides the diagonal too
# HINT You hid each position from itself. Then the first one sees nothing at all, and a
# HINT softmax of nothing is nan.
def attention(q, k, v):
    T, D = q.shape[-2:]
    hidden = torch.ones(T, T, dtype=torch.bool).triu()
    weights = (q @ k.mT / math.sqrt(D)).masked_fill(hidden, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: softmax over the queries
# HINT Your columns add up to 1: over which axis does one query share out its attention?
def attention(q, k, v):
    T, D = q.shape[-2:]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf).softmax(-2)
    return weights @ v, weights


# %%
# WRONG attention: queries and keys exchanged
# HINT Queries and keys have changed places: row t should hold the scores of query t.
def attention(q, k, v):
    T, D = q.shape[-2:]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = (k @ q.mT / math.sqrt(D)).masked_fill(future, -math.inf).softmax(-1)
    return weights @ v, weights


# %%
# WRONG attention: an exponential that overflows
# HINT Small scores work, huge ones give nan: how does a softmax survive them?
def attention(q, k, v):
    T, D = q.shape[-2:]
    tickets = (q @ k.mT / math.sqrt(D)).exp() * torch.ones(T, T).tril()
    weights = tickets / tickets.sum(-1, keepdim=True)
    return weights @ v, weights


# %%
# WRONG attention: weights only
def attention(q, k, v):
    T, D = q.shape[-2:]
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    return (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf).softmax(-1)


# %%
# RIGHT attention: einsum and a sum of scores and mask
def attention(q, k, v):
    scores = torch.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    mask = torch.full(scores.shape[-2:], -math.inf).triu(1)
    weights = torch.softmax(scores + mask, dim=-1)
    return torch.einsum("...ts,...se->...te", weights, v), weights


# %%
# RIGHT attention: position by position, in double
def attention(q, k, v):
    q, k, v = q.double(), k.double(), v.double()
    T = q.shape[-2]
    weights = torch.zeros(*q.shape[:-1], T, dtype=torch.float64)
    for t in range(T):
        scores = (k[..., : t + 1, :] * q[..., t : t + 1, :]).sum(-1) / q.shape[
            -1
        ] ** 0.5
        tickets = (scores - scores.amax(-1, keepdim=True)).exp()
        weights[..., t, : t + 1] = tickets / tickets.sum(-1, keepdim=True)
    return (weights @ v).float(), weights.float()


# %%
# RIGHT attention: the queries divided first, a large negative number
def attention(query, key, value):
    n = query.shape[-2]
    later = torch.arange(n)[None, :] > torch.arange(n)[:, None]
    s = (query / query.shape[-1] ** 0.5) @ key.transpose(-1, -2)
    w = torch.where(later, torch.tensor(-1e30), s)
    w = torch.nn.functional.softmax(w, dim=-1)
    return torch.matmul(w, value), w


# %%
# WRONG divisor: the root of d alone
# HINT This is the number for squares that are 1 on average. What are they here?
def divisor(q, k):
    return math.sqrt(q.shape[-1])


# %%
# WRONG divisor: no root
# HINT This is the mean square of the dot products. If you divide a number by c, what is
# HINT its square divided by?
def divisor(q, k):
    return (q.shape[-1] * q.square().mean() * k.square().mean()).item()


# %%
# WRONG divisor: d without a root
# HINT The sizes of q and k are correct, but d comes in too strongly: does the *sum* of d
# HINT terms grow like d, or its mean square?
def divisor(q, k):
    return (q.shape[-1] * (q.square().mean() * k.square().mean()).sqrt()).item()


# %%
# WRONG divisor: the mean squares outside the root
# HINT The root belongs to the whole product: of which factors did you take none?
def divisor(q, k):
    return (q.shape[-1] ** 0.5 * q.square().mean() * k.square().mean()).item()


# %%
# WRONG divisor: the number of vectors
# HINT You took the number of queries for the number of numbers in one query.
def divisor(q, k):
    return (len(q) * q.square().mean() * k.square().mean()).sqrt().item()


# %%
# WRONG divisor: measured
# HINT You measured the dot products. The number is to be predicted, from d and from the
# HINT numbers in q and in k.
def divisor(q, k):
    return (q * k).sum(-1).square().mean().sqrt().item()


# %%
# WRONG divisor: all queries with all keys measured
# HINT You measured the dot products of all queries with all keys. The number is to be
# HINT predicted, from d and from the numbers in q and in k.
def divisor(q, k):
    return (q @ k.T).square().mean().sqrt().item()


# %%
# WRONG divisor: the mean taken off
# HINT Nearly correct. `std` takes the mean off first: what does the task ask for?
def divisor(q, k):
    return (q.shape[-1] ** 0.5 * q.std() * k.std()).item()


# %%
# WRONG divisor: the mean of the absolute values
# HINT You took the mean of the sizes. The mean *square* is something else.
def divisor(q, k):
    return (q.shape[-1] ** 0.5 * q.abs().mean() * k.abs().mean()).item()


# %%
# WRONG divisor: the keys left out
# HINT You looked at the queries only. Which other numbers are in a dot product?
def divisor(q, k):
    return (q.shape[-1] * q.square().mean()).sqrt().item()


# %%
# RIGHT divisor: with the lengths of all vectors
def divisor(q, k):
    n, d = q.shape
    return (q.norm() * k.norm() / (n * d**0.5)).item()


# %%
# RIGHT divisor: numpy, step by step
import numpy as np


def divisor(q, k):
    a, b = q.double().numpy(), k.double().numpy()
    of_a_term = np.mean(a**2) * np.mean(b**2)
    of_the_sum = sum(of_a_term for _ in range(a.shape[1]))
    return float(np.sqrt(of_the_sum))


# %%
# RIGHT divisor: a tensor without axes
def divisor(q, k):
    return (q.shape[1] * q.square().mean() * k.square().mean()).sqrt()


# %%
# RIGHT divisor: a float64 of numpy
import numpy as np


def divisor(q, k):
    return np.sqrt(q.shape[1] * np.mean(q.numpy() ** 2) * np.mean(k.numpy() ** 2))


# %%
# RIGHT divisor: plain lists
def divisor(q, k):
    rows = q.tolist(), k.tolist()
    means = [sum(x * x for r in m for x in r) / (len(m) * len(m[0])) for m in rows]
    return (means[0] * means[1] * len(rows[0][0])) ** 0.5


# %%
# WRONG fix_slide: not turned over
# HINT You masked the matrix as it is drawn. Which query is in its lowest row?
def fix_slide(drawn):
    tickets = drawn.tril()
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: no mask
# HINT Your rows sum to 1, but the first query still looks at the last key.
def fix_slide(drawn):
    tickets = drawn.flip(0)
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: shared out before the mask
# HINT You shared out first and masked afterwards. What do your rows add up to?
def fix_slide(drawn):
    tickets = drawn.flip(0)
    return (tickets / tickets.sum(dim=1, keepdim=True)).tril()


# %%
# WRONG fix_slide: the softmax of the shades
# HINT You took the shades for scores. The ratio of two weights is then e to their
# HINT difference: which numbers have the shades as tickets?
def fix_slide(drawn):
    slide = drawn.flip(0)
    future = torch.ones_like(slide, dtype=torch.bool).triu(1)
    return slide.masked_fill(future, -math.inf).softmax(-1)


# %%
# WRONG fix_slide: turned round in both directions
# HINT The keys are in the wrong order too: which way do they go on the slide?
def fix_slide(drawn):
    tickets = drawn.flip(0, 1).tril()
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: keys turned round
# HINT You turned the keys round, but it is the queries that are drawn the wrong way.
def fix_slide(drawn):
    tickets = drawn.flip(1).tril()
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: columns add up to 1
# HINT Your columns add up to 1: who shares out its attention, a query or a key?
def fix_slide(drawn):
    tickets = drawn.flip(0).tril()
    return tickets / tickets.sum(dim=0, keepdim=True)


# %%
# WRONG fix_slide: transposed
# HINT You exchanged rows and columns. Is that what is wrong with the order of the
# HINT queries?
def fix_slide(drawn):
    tickets = drawn.T.tril()
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: masked, then turned over
# HINT You masked first and turned over afterwards. In which order of the queries is the
# HINT future above the diagonal?
def fix_slide(drawn):
    tickets = drawn.tril().flip(0)
    return tickets / tickets.sum(dim=1, keepdim=True)


# %%
# WRONG fix_slide: only masked
def fix_slide(drawn):
    return drawn.flip(0).tril()


# %%
# RIGHT fix_slide: the softmax of the logarithms
def fix_slide(drawn):
    scores = drawn.flip(0).log()
    n = len(scores)
    scores = scores.masked_fill(torch.ones(n, n).triu(1) == 1, -math.inf)
    return torch.softmax(scores, dim=-1)


# %%
# RIGHT fix_slide: row by row
def fix_slide(drawn):
    rows = drawn.tolist()
    rows.reverse()
    out = []
    for t, row in enumerate(rows):
        total = sum(row[: t + 1])
        out.append([x / total for x in row[: t + 1]] + [0.0] * (len(row) - t - 1))
    return torch.tensor(out)


# %%
# RIGHT fix_slide: numpy
import numpy as np


def fix_slide(drawn):
    a = np.tril(drawn.numpy()[::-1])
    return a / a.sum(axis=1)[:, None]


# %%
# WRONG leaks: the broken one as given
# HINT Two names, one tensor: what is in `tokens` after `changed` has been changed? Then
# HINT what do you compare with what?
def leaks(model, tokens, vocab_size):
    found = []
    for t in range(len(tokens)):
        changed = tokens
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed)[t] - model(tokens)[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: the changes stay
# HINT The logits before the change are kept now, but the tokens that you changed for one
# HINT position are still changed when you come to the next one.
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: the logits kept at each position, the changes too
# HINT Now you compare with the logits before the change. But what is in `tokens` when
# HINT the loop comes to the next position, and what does the caller have at the end?
def leaks(model, tokens, vocab_size):
    found = []
    for t in range(len(tokens)):
        before = model(tokens)
        changed = tokens
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed)[t] - before[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: one copy for all positions
# HINT The caller's tokens are safe, but your copy is made only once: it collects the
# HINT changes of all positions.
def leaks(model, tokens, vocab_size):
    found = []
    changed = tokens.clone()
    for t in range(len(tokens)):
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed)[t] - model(tokens)[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: the position itself is changed
# HINT You changed the token at the position itself too. Its logits may depend on that.
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t:] = (changed[t:] + 1) % vocab_size
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: only the next token is changed
# HINT You changed one token only, the next one. A leak may come from further ahead.
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens) - 1):
        changed = tokens.clone()
        changed[t + 1] = (changed[t + 1] + 1) % vocab_size
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: only the last token is changed
# HINT You changed one token only, the last one. A leak may come from a token before it.
def leaks(model, tokens, vocab_size):
    changed = tokens.clone()
    changed[-1] = (changed[-1] + 1) % vocab_size
    differs = (model(changed) - model(tokens)).abs().amax(-1) > 1e-4
    return [t for t in range(len(tokens) - 1) if differs[t]]


# %%
# WRONG leaks: any position counts
# HINT You looked whether the logits have changed anywhere. The tokens after t do change
# HINT their own logits: at which position must you look?
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if (model(changed) - logits).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: the past is changed
# HINT You changed the tokens before the position. Seeing those is no leak.
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[:t] = (changed[:t] + 1) % vocab_size
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: set to 0
# HINT You put a 0 in place of every later token. Where a 0 stood already, nothing has
# HINT changed: what does the task put in its place?
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = 0
        if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
            found.append(t)
    return found


# %%
# WRONG leaks: the positions that are seen
# HINT You list the later positions that somebody sees. Asked for are those that see
# HINT them: whose logits have changed?
def leaks(model, tokens, vocab_size):
    found = set()
    logits = model(tokens)
    for s in range(len(tokens)):
        changed = tokens.clone()
        changed[s] = (changed[s] + 1) % vocab_size
        if (model(changed)[:s] - logits[:s]).abs().sum() > 1e-4:
            found.add(s)
    return sorted(found)


# %%
# WRONG leaks: once for each token that is seen
# HINT A position that sees several later tokens stands in your list several times. How
# HINT often should a leak be listed?
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        for s in range(t + 1, len(tokens)):
            changed = tokens.clone()
            changed[s] = (changed[s] + 1) % vocab_size
            if (model(changed)[t] - logits[t]).abs().max() > 1e-4:
                found.append(t)
    return found


# %%
# WRONG leaks: the answer turned round
# HINT You list the positions whose logits stay the same. Which ones leak?
def leaks(model, tokens, vocab_size):
    found = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        if torch.allclose(model(changed)[t], logits[t], atol=1e-4):
            found.append(t)
    return found


# %%
# WRONG leaks: true and false
# HINT You say of each position whether it leaks. Asked for is a list of the positions
# HINT that do.
def leaks(model, tokens, vocab_size):
    leaky = []
    logits = model(tokens)
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        leaky.append(bool((model(changed)[t] - logits[t]).abs().max() > 1e-4))
    return leaky


# %%
# WRONG leaks: how much in place of where
def leaks(model, tokens, vocab_size):
    logits = model(tokens)
    changes = []
    for t in range(len(tokens)):
        changed = tokens.clone()
        changed[t + 1 :] = (changed[t + 1 :] + 1) % vocab_size
        changes.append((model(changed)[t] - logits[t]).abs().max().item())
    return changes


# %%
# RIGHT leaks: two parts put together
def leaks(model, tokens, vocab_size):
    found = []
    for t in range(len(tokens) - 1):
        other = torch.cat([tokens[: t + 1], (tokens[t + 1 :] + 1) % vocab_size])
        if not torch.allclose(model(other)[t], model(tokens)[t], atol=1e-4):
            found.append(t)
    return found


# %%
# RIGHT leaks: lists, the last position first
def leaks(model, tokens, vocab_size):
    before, found = model(tokens).tolist(), []
    for t in reversed(range(len(tokens))):
        new = [
            x if s <= t else (x + 1) % vocab_size for s, x in enumerate(tokens.tolist())
        ]
        after = model(torch.tensor(new)).tolist()
        if max(abs(a - b) for a, b in zip(after[t], before[t])) > 1e-3:
            found.insert(0, t)
    return found


# %%
# RIGHT leaks: a tuple, of a tensor of places
def leaks(model, tokens, vocab_size):
    logits, T = model(tokens), len(tokens)
    changes = [
        torch.where(torch.arange(T) > t, (tokens + 1) % vocab_size, tokens)
        for t in range(T)
    ]
    new = torch.stack([model(changed)[t] for t, changed in enumerate(changes)])
    leaky = (new - logits).abs().amax(dim=1) > 1e-4
    return tuple(leaky.nonzero().flatten().tolist())


# %%
# RIGHT leaks: changed and set back
def leaks(model, tokens, vocab_size):
    own, found = tokens.clone(), []
    good = model(own)
    for t in range(len(own) - 1, -1, -1):
        if (model(own)[t] - good[t]).abs().sum() > 1e-3:
            found.append(t)
        own[t] = (own[t] + 1) % vocab_size
    return sorted(found)
