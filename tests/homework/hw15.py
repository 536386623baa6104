# Homework 15: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG scores: the next position
# HINT Your previous-token score reads the weights on the position *after* t, and these
# HINT are all 0. Is the row the position that looks, or the one looked at?
def previous_token_score(weights):
    return weights.diagonal(1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: the own position
# HINT Your previous-token score reads the diagonal itself: each position looks at itself
# HINT there. Where do the weights on the position before stand?
def previous_token_score(weights):
    return weights.diagonal(dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: divided by T
# HINT You divide by T in the previous-token score. How many positions have one before?
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).sum(dim=-1) / weights.shape[-1]


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: two positions back
# HINT Your previous-token score looks two positions back. How far should it look?
def previous_token_score(weights):
    return weights.diagonal(-2, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: one number for all heads
# HINT You give one number for all heads together. Which dimension should stay?
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean()


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean()


# %%
# WRONG scores: the same token, not the one after it
# HINT You add up the weights on the earlier occurrences themselves. Such a head looks for
# HINT its own token; which place does an induction head look at?
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: the place before the same token
# HINT You look one place *before* the earlier occurrence. The task asks for the place just
# HINT after it.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1)[:, 1:]
    goals = torch.nn.functional.pad(goals, (0, 1))
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: all positions count
# HINT Your mean goes over positions without a right place, too. They do not count: a
# HINT place is right only after an *earlier* occurrence of the token.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights * goals).sum(-1).mean(-1)


# %%
# WRONG scores: a mean over the right places
# HINT You take the mean over all pairs of a position and a right place. The task adds up
# HINT the weights of one position first, and then takes the mean over positions.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return weights[:, goals].mean(-1)


# %%
# WRONG scores: the latest occurrence only
# HINT You count only one right place for each position, that of the latest occurrence.
# HINT There may be several.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    hits = []
    for t in range(len(tokens)):
        before = [s for s in range(t) if tokens[s] == tokens[t]]
        if before:
            hits.append(weights[:, t, before[-1] + 1])
    return torch.stack(hits).mean(0)


# %%
# WRONG scores: the first occurrence only
# HINT You count only one right place for each position, that of the first occurrence.
# HINT There may be several.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    hits = []
    for t in range(len(tokens)):
        before = [s for s in range(t) if tokens[s] == tokens[t]]
        if before:
            hits.append(weights[:, t, before[0] + 1])
    return torch.stack(hits).mean(0)


# %%
# WRONG scores: the position itself is never a right place
# HINT You leave out the case where the right place is t itself: if the same token stood
# HINT just before t, then t comes just after it.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1).tril(-1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: each token is its own earlier occurrence
# HINT For you a token is an earlier occurrence of itself. Earlier means s < t.
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(0).roll(1, dims=1)
    return (weights * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# WRONG scores: rows and columns exchanged
# HINT In your induction score the looking position and the place looked at have changed
# HINT roles. Which of them is the row?
def previous_token_score(weights):
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)


def induction_score(weights, tokens):
    goals = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
    return (weights.mT * goals).sum(-1)[:, goals.any(-1)].mean(-1)


# %%
# RIGHT scores: number by number, lists
def previous_token_score(weights):
    T = weights.shape[-1]
    return [
        sum(float(head[t, t - 1]) for t in range(1, T)) / (T - 1) for head in weights
    ]


def induction_score(weights, tokens):
    tokens, scores = tokens.tolist(), []
    for head in weights:
        sums = []
        for t, token in enumerate(tokens):
            places = [s + 1 for s in range(t) if tokens[s] == token]
            if places:
                sums.append(sum(float(head[t, s]) for s in places))
        scores.append(sum(sums) / len(sums))
    return scores


# %%
# RIGHT scores: einsum and numpy
def previous_token_score(weights):
    import numpy as np

    return np.array([np.diag(head, -1).mean() for head in weights.numpy()])


def induction_score(weights, tokens):
    same = (tokens[:, None] == tokens).double().tril(-1)
    goals = torch.zeros_like(same)
    goals[:, 1:] = same[:, :-1]
    total = torch.einsum("hts,ts->h", weights, goals)
    return total / (goals.sum(1) > 0).sum()


# %%
# RIGHT scores: a slice and indices
def previous_token_score(weights):
    T = weights.shape[-1]
    return weights[:, range(1, T), range(T - 1)].mean(1)


def induction_score(weights, tokens):
    t, s = (tokens[:, None] == tokens).tril(-1).nonzero().T
    return weights[:, t, s + 1].sum(1) / len(t.unique())


# %%
# WRONG how_far: the mean over heads
# HINT Your mean is taken over the heads. The mean of this one head over all positions is
# HINT asked for.
def how_far(found, W_o, head):
    moved = []
    for instead in (torch.zeros_like(found[:, 0]), found.mean(1)):
        changed = found.clone()
        changed[:, head] = instead
        moved.append(((changed - found).flatten(1) @ W_o).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: one number as the mean
# HINT Your mean is a single number. What stands in for the head is a vector of D numbers.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean()):
        changed = found.clone()
        changed[:, head] = instead
        moved.append(((changed - found).flatten(1) @ W_o).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: the mean first
# HINT Your two numbers have changed places: zero-ablation comes first.
def how_far(found, W_o, head):
    moved = []
    for instead in (found[:, head].mean(0), 0):
        changed = found.clone()
        changed[:, head] = instead
        moved.append(((changed - found).flatten(1) @ W_o).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: what the head found moves, not what the layer adds
# HINT You measure how far the head's own vector moves. What the layer adds to the stream
# HINT comes after W_o.
def how_far(found, W_o, head):
    own = found[:, head]
    return [
        own.norm(dim=-1).mean().item(),
        (own - own.mean(0)).norm(dim=-1).mean().item(),
    ]


# %%
# WRONG how_far: the length of everything
# HINT You take one length over all positions together. The task takes a length at each
# HINT position, and then the mean of the lengths.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        moved.append(((changed - found).flatten(1) @ W_o).norm().item())
    return moved


# %%
# WRONG how_far: the lengths added up
# HINT You add up the lengths. The task asks for their mean.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        moved.append(((changed - found).flatten(1) @ W_o).norm(dim=-1).sum().item())
    return moved


# %%
# WRONG how_far: the size of a number
# HINT You take the root of the mean of the squares. A length is the root of their *sum*.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        change = (changed - found).flatten(1) @ W_o
        moved.append(change.square().mean(-1).sqrt().mean().item())
    return moved


# %%
# WRONG how_far: what is left
# HINT You measure how long the layer's output still is, not how far it has moved.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        moved.append((changed.flatten(1) @ W_o).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: lengths compared
# HINT You compare the lengths before and after. Two vectors of the same length can be far
# HINT apart: take the length of the difference.
def how_far(found, W_o, head):
    moved = []
    before = (found.flatten(1) @ W_o).norm(dim=-1)
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        after = (changed.flatten(1) @ W_o).norm(dim=-1)
        moved.append((after - before).abs().mean().item())
    return moved


# %%
# WRONG how_far: the original is changed
# HINT Your function writes into `found`. Whoever calls it still needs the original: work
# HINT on a copy.
def how_far(found, W_o, head):
    own, moved = found[:, head].clone(), []
    before = found.flatten(1) @ W_o
    for instead in (0, own.mean(0)):
        found[:, head] = instead
        moved.append((found.flatten(1) @ W_o - before).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: the mean left in the zeroed tensor
# HINT Your second run begins with what the first one left, so the mean is one of zeros.
# HINT Begin from `found` again.
def how_far(found, W_o, head):
    moved, changed = [], found.clone()
    for _ in range(2):
        changed[:, head] = changed[:, head].mean(0) if moved else 0
        moved.append(((changed - found).flatten(1) @ W_o).norm(dim=-1).mean().item())
    return moved


# %%
# WRONG how_far: every H-th row of W_o
# HINT Your rows of W_o do not belong to this head: the D rows of a head stand together.
def how_far(found, W_o, head):
    moved = []
    for instead in (0, found[:, head].mean(0)):
        changed = found.clone()
        changed[:, head] = instead
        change = (changed - found).transpose(1, 2).flatten(1) @ W_o
        moved.append(change.norm(dim=-1).mean().item())
    return moved


# %%
# RIGHT how_far: only the head's strip, a tuple
def how_far(found, W_o, head):
    D = found.shape[-1]
    term = found[:, head] @ W_o[head * D : (head + 1) * D]
    centred = term - term.mean(0)
    return term.norm(dim=-1).mean(), centred.norm(dim=-1).mean()


# %%
# RIGHT how_far: numpy, an array
def how_far(found, W_o, head):
    import numpy as np

    found, W_o = np.array(found), np.array(W_o)
    term = found[:, head] @ W_o.reshape(found.shape[1], found.shape[2], -1)[head]
    ways = np.stack([term, term - term.mean(0)])
    return np.sqrt((ways**2).sum(-1)).mean(-1)


# %%
# RIGHT how_far: position by position
def how_far(found, W_o, head):
    T = len(found)
    mean = sum(found[t, head] for t in range(T)) / T
    sums = [0.0, 0.0]
    for t in range(T):
        for way, instead in enumerate((torch.zeros_like(mean), mean)):
            row = found[t].clone()
            row[head] = instead
            change = row.flatten() @ W_o - found[t].flatten() @ W_o
            sums[way] += math.sqrt((change**2).sum())
    return [total / T for total in sums]


# %%
# WRONG wire: the first layer brings the own word
# HINT Your layers answer with the code word itself. Go through the steps: which word is
# HINT brought, what is looked for among the words brought, and which word of the place
# HINT that is found is passed on?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T)
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the first layer looks ahead
# HINT Your first layer looks at all places alike. Either nothing fits, or only the next
# HINT place fits, which the mask hides. Do the rows of a pattern belong to the position
# HINT that looks?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(1, dims=1)
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: two places back
# HINT Your first layer looks two places back. How far should it look?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-2, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the second layer matches words with words
# HINT Your layers answer with the code word itself. Go through the steps: which word is
# HINT brought, what is looked for among the words brought, and which word of the place
# HINT that is found is passed on?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, WORD] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: looking and being looked at exchanged
# HINT In your second pattern rows and columns have changed places: which part of the
# HINT position that looks is compared, and which part of the one looked at?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[BROUGHT, WORD] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the answer is what was brought
# HINT Your layers answer with the code word itself. Go through the steps: which word is
# HINT brought, what is looked for among the words brought, and which word of the place
# HINT that is found is passed on?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[BROUGHT, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the first layer answers
# HINT Your first layer writes into ANSWER. What does the second one have to read then?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, ANSWER] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the layers in the wrong order
# HINT Your second layer finds no position that fits, so it looks at all of them alike.
# HINT Is anything in BROUGHT when it runs? Look at the order of your two layers, and at
# HINT the rows of `passed_on`: are they read or written?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p2, o2), (p1, o1)]


# %%
# WRONG wire: the first layer looks ahead, from a shifted diagonal
# HINT Your first layer looks at all places alike. Either nothing fits, or only the next
# HINT place fits, which the mask hides. Do the rows of a pattern belong to the position
# HINT that looks?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.diag(torch.ones(T - 1), 1)
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: nothing is brought
# HINT Your second layer finds no position that fits, so it looks at all of them alike.
# HINT Is anything in BROUGHT when it runs? Look at the order of your two layers, and at
# HINT the rows of `passed_on`: are they read or written?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[BROUGHT, WORD] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: nothing is answered
# HINT Your answers are all 0: nothing reaches ANSWER. Are there two layers, each a pair
# HINT (pattern, passed_on) in this order? Which is the row of `passed_on`, the part that
# HINT is read or the part that is written?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[ANSWER, WORD] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: all places alike in the first layer
# HINT Your first layer looks at all places alike. Either nothing fits, or only the next
# HINT place fits, which the mask hides. Do the rows of a pattern belong to the position
# HINT that looks?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: the place is brought in place of the word
# HINT The tables do not have the sizes of the slices that you write into: what should
# HINT BROUGHT hold, a place or a word?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[PLACE, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: 1 where something fits
# HINT The right places win, but not by much: how large should the number for a fit be?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = torch.eye(V)
    o2[WORD, ANSWER] = torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# WRONG wire: 100 passed on
# HINT The right words, a hundred times too loud: how much of a word is passed on?
def wire():
    p1, o1, p2, o2 = torch.zeros(4, C, C)
    p1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    o1[WORD, BROUGHT] = torch.eye(V)
    p2[WORD, BROUGHT] = 100 * torch.eye(V)
    o2[WORD, ANSWER] = 100 * torch.eye(V)
    return [(p1, o1), (p2, o2)]


# %%
# RIGHT wire: number by number
def wire():
    tables = [[torch.zeros(C, C), torch.zeros(C, C)] for _ in range(2)]
    for t in range(1, T):
        tables[0][0][V + t, V + t - 1] = 100.0
    for i in range(V):
        tables[0][1][i, V + T + i] = 1.0
        tables[1][0][i, V + T + i] = 100.0
        tables[1][1][i, 2 * V + T + i] = 1.0
    return tables


# %%
# RIGHT wire: shifted diagonals, a smaller fit
def wire():
    def diagonal(first, n, shift, size):
        marks = torch.zeros(C - abs(shift))
        marks[first : first + n] = size
        return torch.diag(marks, shift)

    first = diagonal(V, T - 1, -1, 60.0), diagonal(0, V, V + T, 1.0)
    second = diagonal(0, V, V + T, 60.0), diagonal(0, V, 2 * V + T, 1.0)
    return first, second


# %%
# RIGHT wire: blocks put together
def wire():
    def blocks(rows, columns, block):
        table = torch.zeros(C, C)
        table[rows, columns] = block
        return table

    one = torch.eye(V)
    back = torch.diag(torch.full((T - 1,), 100.0), -1)
    fit = blocks(WORD, BROUGHT, 100 * one)
    return [
        (blocks(PLACE, PLACE, back), blocks(WORD, BROUGHT, one)),
        (fit, blocks(WORD, ANSWER, one)),
    ]


# %%
# WRONG pull: the lens without a norm
# HINT Your lens reads the raw stream. Which two things does the lesson's lens put on each
# HINT depth? (If your pulls are right, they add up to something else than your lens.)
def lens(stream, head):
    return stream @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# WRONG pull: the lens norms over the depths
# HINT Your norm goes over the depths, so that the vectors of different depths get mixed.
# HINT Which numbers does the norm look at together?
def lens(stream, head):
    return F.layer_norm(stream.T, stream.shape[:1]).T @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# WRONG pull: the lens gives probabilities
# HINT The rows of your lens add up to 1: these are probabilities, one step further than
# HINT what is asked for.
def lens(stream, head):
    return (F.layer_norm(stream, stream.shape[-1:]) @ head.T).softmax(-1)


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# WRONG pull: leads, not steps
# HINT Your last number is the whole lead. You read off how far it has come at each depth,
# HINT where the task asks for what each depth adds.
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    centred = stream - stream.mean(-1, keepdim=True)
    return centred @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# WRONG pull: steps of the lens
# HINT These are the steps from one reading of the lens to the next. They add up rightly,
# HINT but each depth was divided by its own size, so a loud block also changes what the
# HINT earlier ones seem to have said. Whose size does the task divide by?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    z = lens(stream, head)
    lead = z[:, a] - z[:, b]
    return torch.cat([lead[:1], lead.diff()])


# %%
# WRONG pull: each piece normed by itself
# HINT You normed every piece by itself, so each speaks equally loudly. By whose size is
# HINT the sum divided?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    return F.layer_norm(pieces, pieces.shape[-1:]) @ (head[a] - head[b])


# %%
# WRONG pull: from a to b
# HINT The sign of every pull is wrong: in which direction does the lead of a point, from
# HINT a to b or from b to a?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[b] - head[a]) / stream[-1].std(correction=0)


# %%
# WRONG pull: only a
# HINT These are the parts of the logit of `a`. A lead is a difference: where is `b`?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ head[a] / stream[-1].std(correction=0)


# %%
# WRONG pull: not divided
# HINT You took the means off, but the norm does one thing more, the same for all pieces.
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b])


# %%
# WRONG pull: the means stay
# HINT The size is right. But your pieces still have their means: what does the norm do
# HINT before it divides?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    return pieces @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# WRONG pull: the size with its mean
# HINT You divide by a size that still contains the mean of the final vector. The norm
# HINT measures the size after the mean is gone.
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].square().mean().sqrt()


# %%
# WRONG pull: the size with C - 1
# HINT All your pulls are a little too small: your size was computed with C - 1, as torch
# HINT does by default. What does a norm divide by?
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = torch.cat([stream[:1], stream[1:] - stream[:-1]])
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].std()


# %%
# WRONG pull: the start left out
def lens(stream, head):
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T


def pull(stream, head, a, b):
    pieces = stream[1:] - stream[:-1]
    pieces = pieces - pieces.mean(-1, keepdim=True)
    return pieces @ (head[a] - head[b]) / stream[-1].std(correction=0)


# %%
# RIGHT pull: leads with the last size, then their steps
def lens(stream, head):
    x = stream - stream.mean(1, keepdim=True)
    return (x / x.square().mean(1, keepdim=True).sqrt()) @ head.mT


def pull(stream, head, a, b):
    mean, size = stream.mean(1, keepdim=True), stream[-1].var(correction=0).sqrt()
    z = (stream - mean) / size @ head.T
    lead = (z[:, a] - z[:, b]).tolist()
    return torch.tensor([lead[0]] + [y - x for x, y in zip(lead, lead[1:])])


# %%
# RIGHT pull: with numpy
import numpy as np


def lens(stream, head):
    rows = [(x - x.mean()) / (x.var() + 1e-5) ** 0.5 for x in stream.numpy()]
    return torch.from_numpy(np.stack(rows) @ head.numpy().T)


def pull(stream, head, a, b):
    x, w = stream.numpy(), head.numpy()
    pieces = np.diff(x, axis=0, prepend=0)
    direction = w[a] - w[b]
    direction = direction - direction.mean()  # the mean can leave on either side
    return torch.from_numpy(pieces @ direction / np.sqrt(x[-1].var() + 1e-5))


# %%
# RIGHT pull: lists
def lens(stream, head):
    rows = F.layer_norm(stream, stream.shape[-1:])
    return [[float(row @ word) for word in head] for row in rows]


def pull(stream, head, a, b):
    size = float(stream[-1].std(correction=0))
    before, pulls = torch.zeros_like(stream[0]), []
    for row in stream:
        piece = row - before
        pulls.append(float((piece - piece.mean()) @ (head[a] - head[b])) / size)
        before = row
    return pulls


# %%
# RIGHT pull: with einsum, in single precision
def lens(s, h):
    return torch.einsum("dc,vc->dv", F.layer_norm(s, (s.shape[1],)).float(), h.float())


def pull(s, h, a, b):
    before = torch.cat([torch.zeros_like(s[:1]), s[:-1]])
    piece = (s - before).float()
    last = F.layer_norm(s[-1], s[-1].shape)
    factor = (last.norm() / (s[-1] - s[-1].mean()).norm()).float()
    both = torch.einsum("dc,vc->dv", piece - piece.mean(1)[:, None], h[[a, b]].float())
    return factor * (both[:, 0] - both[:, 1])
