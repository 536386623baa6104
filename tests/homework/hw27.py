# Homework 27: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG induction_scores: the same token, not the one after it
# HINT These are the weights to the same token in the first copy. An induction head looks
# HINT one place further: why is that the useful place?
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries, queries - half].mean(-1)


# %%
# WRONG induction_scores: the token before
# HINT You measured heads that look at the token before. Where does the copy of my token
# HINT stand, and what came after it?
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries, queries - 1].mean(-1)


# %%
# WRONG induction_scores: the last token counted
# HINT You counted the last position, too. In the first copy its token is followed by the
# HINT second copy. Which positions does the task name for half = 4?
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half + 1)
    return weights[:, queries, queries - half + 1].mean(-1)


# %%
# WRONG induction_scores: rows and columns exchanged
# HINT You read the weights from the first copy to the second, and nobody can look ahead.
# HINT Which axis are the queries?
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries - half + 1, queries].mean(-1)


# %%
# WRONG induction_scores: the start forgotten
# HINT Your queries begin one place too early. What stands at position 0?
def induction_scores(weights, half):
    queries = torch.arange(half, 2 * half - 1)
    return weights[:, queries, queries - half + 1].mean(-1)


# %%
# WRONG induction_scores: a sum
# HINT This is a sum of weights: it grows with the text. What does the task ask for?
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries, queries - half + 1].sum(-1)


# %%
# WRONG induction_scores: one number for all heads
# HINT This is one number. Which head copies? Keep an axis for the heads.
def induction_scores(weights, half):
    queries = torch.arange(half + 1, 2 * half)
    return weights[:, queries, queries - half + 1].mean()


# %%
# RIGHT induction_scores: a diagonal
def induction_scores(weights, half):
    return weights.diagonal(1 - half, 1, 2)[:, 2:-1].mean(1)


# %%
# RIGHT induction_scores: loops and lists
def induction_scores(weights, half):
    scores = []
    for head in weights.tolist():
        looks = [head[q][q - half + 1] for q in range(half + 1, 2 * half)]
        scores.append(sum(looks) / len(looks))
    return scores


# %%
# RIGHT induction_scores: numpy
import numpy as np


def induction_scores(weights, half):
    block = weights.double().numpy()[:, half + 1 : 2 * half, 2 : half + 1]
    return np.trace(block, axis1=1, axis2=2) / (half - 1)


# %%
# WRONG layer_without: zero ablation
# HINT Your silent heads add nothing. That is zero ablation: what shall they say instead,
# HINT at every position?
def layer_without(found, W_o, silent):
    changed = found.clone()
    changed[:, silent] = 0
    return changed.flatten(1) @ W_o


# %%
# WRONG layer_without: the mean over the heads
# HINT Your silent heads say the mean of all heads at that position. Over which axis is the
# HINT mean of one head's own words taken?
def layer_without(found, W_o, silent):
    changed = found.clone()
    changed[:, silent] = found.mean(1, keepdim=True).expand_as(found)[:, silent]
    return changed.flatten(1) @ W_o


# %%
# WRONG layer_without: the mean over positions and numbers
# HINT You took one mean number for a head. What a head says has D numbers: the mean is a
# HINT vector, too.
def layer_without(found, W_o, silent):
    changed = found.clone()
    changed[:, silent] = found[:, silent].mean((0, 2))[:, None]
    return changed.flatten(1) @ W_o


# %%
# WRONG layer_without: all heads silent
# HINT All heads say their mean. Which of them shall go on as before?
def layer_without(found, W_o, silent):
    changed = found.mean(0).expand_as(found)
    return changed.flatten(1) @ W_o


# %%
# WRONG layer_without: the others silent
# HINT You silenced all heads but those in the list. Which ones does the list name?
def layer_without(found, W_o, silent):
    changed = found.mean(0).expand_as(found).clone()
    changed[:, silent] = found[:, silent]
    return changed.flatten(1) @ W_o


# %%
# WRONG layer_without: found is changed
# HINT You wrote into `found` itself: who uses it later finds the mean there. What makes a
# HINT copy?
def layer_without(found, W_o, silent):
    found[:, silent] = found[:, silent].mean(0)
    return found.flatten(1) @ W_o


# %%
# WRONG layer_without: heads side by side in the wrong order
# HINT You mixed the numbers of the heads. The D numbers of head 0 come first, then those of
# HINT head 1.
def layer_without(found, W_o, silent):
    changed = found.clone()
    changed[:, silent] = found[:, silent].mean(0)
    return changed.transpose(1, 2).flatten(1) @ W_o


# %%
# RIGHT layer_without: strips of W_o added up
def layer_without(found, W_o, silent):
    T, H, D = found.shape
    total = torch.zeros(T, W_o.shape[1])
    for head in range(H):
        said = found[:, head]
        if head in silent:
            said = said.mean(0).expand(T, D)
        total = total + said @ W_o[head * D : (head + 1) * D]
    return total


# %%
# RIGHT layer_without: with torch.where
def layer_without(found, W_o, silent):
    off = torch.zeros(found.shape[1], dtype=torch.bool)
    off[silent] = True
    changed = torch.where(off[:, None], found.mean(0), found)
    return changed.reshape(len(found), -1) @ W_o


# %%
# RIGHT layer_without: the change taken off
def layer_without(found, W_o, silent):
    away = torch.zeros_like(found)
    for head in silent:
        away[:, head] = found[:, head] - found[:, head].mean(0)
    return torch.einsum("tk,kc->tc", (found - away).flatten(1), W_o)


# %%
# WRONG bits_per_byte: nats per byte
# HINT These are nats. How many nats is a bit?
def bits_per_byte(nats, text):
    return sum(nats) / len(text.encode())


# %%
# WRONG bits_per_byte: letters counted
# HINT You divided by the number of characters. How many bytes does é have?
def bits_per_byte(nats, text):
    return sum(nats) / math.log(2) / len(text)


# %%
# WRONG bits_per_byte: per token
# HINT This is bits per token: another tokenizer would give another number. Divide by
# HINT something that belongs to the text alone.
def bits_per_byte(nats, text):
    return sum(nats) / math.log(2) / len(nats)


# %%
# WRONG bits_per_byte: times ln 2
# HINT A bit is smaller than a nat, so there are more bits than nats. Multiply or divide?
def bits_per_byte(nats, text):
    return sum(nats) * math.log(2) / len(text.encode())


# %%
# WRONG bits_per_byte: the total
# HINT These are the bits of the whole text. How many fall on one byte?
def bits_per_byte(nats, text):
    return sum(nats) / math.log(2)


# %%
# WRONG bits_per_byte: bits for bits
# HINT You divided by the number of bits of the file. Per byte was asked for.
def bits_per_byte(nats, text):
    return sum(nats) / math.log(2) / (8 * len(text.encode()))


# %%
# RIGHT bits_per_byte: two to the power
def bits_per_byte(nats, text):
    return sum(math.log2(math.exp(x)) for x in nats) / len(text.encode("utf-8"))


# %%
# RIGHT bits_per_byte: with tensors
def bits_per_byte(nats, text):
    total = torch.tensor(nats, dtype=torch.float64).sum()
    return (
        total / torch.tensor(2.0, dtype=torch.float64).log() / len(bytes(text, "utf-8"))
    )


# %%
# WRONG share: the spread of one case
# HINT This is the spread of a single case. The mean of n cases is surer: where does n
# HINT stand in the formula?
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p))]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / math.sqrt(e_a**2 + e_b**2)


# %%
# WRONG share: no root
# HINT This is the variance. What turns it into a standard error?
def share(hits):
    p = sum(hits) / len(hits)
    return [p, p * (1 - p) / len(hits)]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / math.sqrt(e_a**2 + e_b**2)


# %%
# WRONG share: root of p over n
# HINT With p near 1 the cases hardly differ, so the error must be small. Which factor is
# HINT missing?
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p / len(hits))]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / math.sqrt(e_a**2 + e_b**2)


# %%
# WRONG share: n outside the root
# HINT You divided by n outside the root: four times as many cases would make the error four
# HINT times smaller. By how much should it shrink?
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p)) / len(hits)]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / math.sqrt(e_a**2 + e_b**2)


# %%
# WRONG share: a minus b
# HINT Your sign is the other way round: how far does b lie above a?
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p) / len(hits))]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_a - p_b) / math.sqrt(e_a**2 + e_b**2)


# %%
# WRONG share: errors added
# HINT You added the two errors. They rarely go the same way: add their squares, then take
# HINT the root.
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p) / len(hits))]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / (e_a + e_b)


# %%
# WRONG share: only the error of b
# HINT Only the error of b is in it. The share of a is uncertain, too.
def share(hits):
    p = sum(hits) / len(hits)
    return [p, math.sqrt(p * (1 - p) / len(hits))]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / e_b


# %%
# RIGHT share: with tensors
def share(hits):
    x = torch.tensor(hits, dtype=torch.float64)
    return [x.mean(), x.std(correction=0) / len(hits) ** 0.5]


def distance(a, b):
    (p_a, e_a), (p_b, e_b) = share(a), share(b)
    return (p_b - p_a) / torch.hypot(e_a, e_b)


# %%
# RIGHT share: with counts, and a tuple
def share(hits):
    yes, n = hits.count(True), len(hits)
    return yes / n, math.sqrt(yes * (n - yes) / n**3)


def distance(a, b):
    one, other = share(a), share(b)
    return (other[0] - one[0]) / math.hypot(one[1], other[1])


# %%
# RIGHT share: with numpy
import numpy as np


def share(hits):
    x = np.array(hits, dtype=float)
    return [x.mean(), np.sqrt(x.var() / x.size)]


def distance(a, b):
    pairs = np.array([share(a), share(b)])
    return (pairs[1, 0] - pairs[0, 0]) / np.sqrt((pairs[:, 1] ** 2).sum())
