# Homework 12: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG split: a view in place of a transpose
# HINT Your cut keeps the numbers in their order in memory: head 0 gets the first rows of
# HINT the text whole, the others the rest. Which part of *each* row belongs to head 0?
def side_by_side(W):
    return torch.cat(list(W), dim=1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, n_heads, T, width // n_heads)


# %%
# WRONG split: every H-th number
# HINT Each head gets every H-th number of a row. Do the columns of one head stand
# HINT together, or do the heads take turns?
def side_by_side(W):
    return torch.cat(list(W), dim=1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, width // n_heads, n_heads).permute(0, 3, 1, 2)


# %%
# WRONG split: heads after the positions
# HINT The numbers are cut well, but the axes are (B, T, H, D). What do two heads then
# HINT have to do with each other in a product of matrices? Look at the shape asked for.
def side_by_side(W):
    return torch.cat(list(W), dim=1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads)


# %%
# WRONG split: the last two axes exchanged
# HINT In each head, positions and numbers have changed places: which two axes must be
# HINT exchanged after the cut?
def side_by_side(W):
    return torch.cat(list(W), dim=1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads).permute(0, 2, 3, 1)


# %%
# WRONG split: a reshape of the matrices
# HINT Your wide matrix has the right shape, but a column of it is made of pieces of
# HINT several heads. Does a plain reshape keep the columns of W[0] whole?
def side_by_side(W):
    H, C, D = W.shape
    return W.reshape(C, H * D)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads).transpose(1, 2)


# %%
# WRONG split: the heads take turns in the wide matrix
# HINT In your wide matrix the heads take turns, column by column. Which columns should
# HINT belong to head 0?
def side_by_side(W):
    return W.permute(1, 2, 0).flatten(1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads).transpose(1, 2)


# %%
# WRONG split: one below the other
# HINT You put the matrices one below the other. What must stay the number of rows, so
# HINT that x can be multiplied with the result?
def side_by_side(W):
    return torch.cat(list(W), dim=0)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads).transpose(1, 2)


# %%
# WRONG split: the heads in the opposite order
def side_by_side(W):
    return torch.cat(list(W.flip(0)), dim=1)


def split(wide, n_heads):
    B, T, width = wide.shape
    return wide.view(B, T, n_heads, width // n_heads).transpose(1, 2).flip(1)


# %%
# RIGHT split: permute and chunk
def side_by_side(W):
    return W.permute(1, 0, 2).flatten(1)


def split(wide, n_heads):
    return torch.stack(wide.chunk(n_heads, dim=-1), dim=1)


# %%
# RIGHT split: number by number
def side_by_side(W):
    H, C, D = W.shape
    wide = torch.zeros(C, H * D, dtype=W.dtype)
    for h in range(H):
        for d in range(D):
            wide[:, h * D + d] = W[h, :, d]
    return wide


def split(wide, n_heads):
    D = wide.shape[-1] // n_heads
    parts = [wide[:, :, h * D : h * D + D] for h in range(n_heads)]
    return torch.stack(parts, 1)


# %%
# RIGHT split: numpy
import numpy as np


def side_by_side(W):
    return torch.from_numpy(np.hstack(W.numpy()))


def split(wide, n_heads):
    a = wide.numpy()
    return torch.from_numpy(
        np.swapaxes(a.reshape(*a.shape[:2], n_heads, -1), 1, 2).copy()
    )


# %%
# WRONG order_change: the largest change anywhere
# HINT You looked at other positions than the last one. Which position has the same words
# HINT before it as ever, only in another order?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled) - layer(x)).abs().max().item()


# %%
# WRONG order_change: the result is shuffled
# HINT You shuffled the result of the layer, not the words that it reads.
def order_change(layer, x, order):
    after = layer(x)[[*order, len(x) - 1]]
    return (after - layer(x)).abs().max().item()


# %%
# WRONG order_change: the result is shuffled, its last row
# HINT Your change is 0 for every layer. Which is shuffled: the words that the layer
# HINT reads, or what it gives? And does your shuffle reach the last row?
def order_change(layer, x, order):
    after = layer(x)[[*order, len(x) - 1]]
    return (after - layer(x))[-1].abs().max().item()


# %%
# WRONG order_change: nothing is shuffled
# HINT Your change is 0 for every layer. Which is shuffled: the words that the layer
# HINT reads, or what it gives? And does your shuffle reach the last row?
def order_change(layer, x, order):
    shuffled = x.clone()
    return (layer(shuffled)[-1] - layer(x)[-1]).abs().max().item()


# %%
# WRONG order_change: the largest number with its sign
# HINT You took the largest of the changes with their signs. A change of -2 is larger
# HINT than one of 1: what must happen before you look for the largest?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[-1] - layer(x)[-1]).max().item()


# %%
# WRONG order_change: the mean change
# HINT This is the mean of the changes. Which one is asked for?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[-1] - layer(x)[-1]).abs().mean().item()


# %%
# WRONG order_change: all changes added up
# HINT You added the changes up. Which one is asked for?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[-1] - layer(x)[-1]).abs().sum().item()


# %%
# WRONG order_change: the length of the change
# HINT This is the length of the change as a vector. The task asks for one of its
# HINT numbers.
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[-1] - layer(x)[-1]).norm().item()


# %%
# WRONG order_change: the last word moves too
# HINT The last word has moved to the front in your shuffle: then the last position reads
# HINT another word itself.
def order_change(layer, x, order):
    shuffled = x[[len(x) - 1, *order]]
    return (layer(shuffled)[-1] - layer(x)[-1]).abs().max().item()


# %%
# WRONG order_change: the last word left out
# HINT Your shuffled text has lost its last word. Where should it stand?
def order_change(layer, x, order):
    return (layer(x[order])[-1] - layer(x)[-1]).abs().max().item()


# %%
# WRONG order_change: the first row
# HINT You looked at other positions than the last one. Which position has the same words
# HINT before it as ever, only in another order?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (layer(shuffled)[0] - layer(x)[0]).abs().max().item()


# %%
# WRONG order_change: the words and not the layer
# HINT This is the change of the words themselves. What does the layer make of them?
def order_change(layer, x, order):
    shuffled = x[[*order, len(x) - 1]]
    return (shuffled - x).abs().max().item()


# %%
# RIGHT order_change: two parts put together, in numpy
import numpy as np


def order_change(layer, x, order):
    a = layer(x).numpy()
    b = layer(torch.cat([x[:-1][order], x[-1:]])).numpy()
    return float(np.max(np.abs(a[-1] - b[-1])))


# %%
# RIGHT order_change: row by row
def order_change(layer, x, order):
    rows = [x[i] for i in order]
    rows.append(x[-1])
    old, new = layer(x).tolist(), layer(torch.stack(rows)).tolist()
    return max(abs(a - b) for a, b in zip(old[-1], new[-1]))


# %%
# RIGHT order_change: a matrix that shuffles, the largest norm
def order_change(f, x, order):
    n = len(x)
    mix = torch.zeros(n, n)
    for place, word in enumerate([*order, n - 1]):
        mix[place, word] = 1
    return torch.linalg.vector_norm((f(mix @ x) - f(x))[n - 1], ord=math.inf)


# %%
# WRONG copy_scores: without the mean of the row
# HINT These are the logits of the words themselves. A head could raise all logits alike:
# HINT above what must its own logit lie?
def copy_scores(embedding, W_v, W_o, out_head):
    strips = W_o.chunk(len(W_v))
    tables = [embedding @ v @ o @ out_head for v, o in zip(W_v, strips)]
    return [table.diagonal().mean().item() for table in tables]


# %%
# WRONG copy_scores: every H-th row of W_o
# HINT You gave each head every H-th row of `W_o`. Where do the rows of one head stand?
def copy_scores(embedding, W_v, W_o, out_head):
    scores = []
    for h, value in enumerate(W_v):
        table = embedding @ value @ W_o[h :: len(W_v)] @ out_head
        scores.append((table.diagonal() - table.mean(1)).mean().item())
    return scores


# %%
# WRONG copy_scores: the first strip for all
# HINT You used the same strip of `W_o` for every head. Which rows belong to head h?
def copy_scores(embedding, W_v, W_o, out_head):
    D = W_v.shape[-1]
    scores = []
    for value in W_v:
        table = embedding @ value @ W_o[:D] @ out_head
        scores.append((table.diagonal() - table.mean(1)).mean().item())
    return scores


# %%
# WRONG copy_scores: added up over the words
# HINT You added the words up. What makes a mean of a sum?
def copy_scores(embedding, W_v, W_o, out_head):
    strips = W_o.chunk(len(W_v))
    tables = [embedding @ v @ o @ out_head for v, o in zip(W_v, strips)]
    return [(table.diagonal() - table.mean(1)).sum().item() for table in tables]


# %%
# WRONG copy_scores: the largest logit of the row
# HINT You took the largest logit of each row. To copy is to raise the logit of the word
# HINT that is looked at: where in the row does it stand?
def copy_scores(embedding, W_v, W_o, out_head):
    strips = W_o.chunk(len(W_v))
    tables = [embedding @ v @ o @ out_head for v, o in zip(W_v, strips)]
    return [(table.amax(1) - table.mean(1)).mean().item() for table in tables]


# %%
# WRONG copy_scores: above the other words
# HINT You compared with the other words only. The task takes the mean of all V logits,
# HINT the word's own among them.
def copy_scores(embedding, W_v, W_o, out_head):
    V, scores = len(embedding), []
    for value, strip in zip(W_v, W_o.chunk(len(W_v))):
        table = embedding @ value @ strip @ out_head
        own = table.diagonal()
        scores.append((own - (table.sum(1) - own) / (V - 1)).mean().item())
    return scores


# %%
# WRONG copy_scores: probabilities
# HINT You turned the logits into probabilities: the score is made of the logits.
def copy_scores(embedding, W_v, W_o, out_head):
    strips = W_o.chunk(len(W_v))
    tables = [(embedding @ v @ o @ out_head).softmax(-1) for v, o in zip(W_v, strips)]
    return [(table.diagonal() - table.mean(1)).mean().item() for table in tables]


# %%
# WRONG copy_scores: the word is not moved
# HINT Your score says how much the word itself speaks for itself, without any head.
# HINT Through which two matrices of the head does it go?
def copy_scores(embedding, W_v, W_o, out_head):
    table = embedding @ out_head
    return [(table.diagonal() - table.mean(1)).mean().item() for _ in W_v]


# %%
# WRONG copy_scores: one number for the layer
def copy_scores(embedding, W_v, W_o, out_head):
    table = embedding @ torch.cat(list(W_v), dim=1) @ W_o @ out_head
    return [(table.diagonal() - table.mean(1)).mean().item()]


# %%
# RIGHT copy_scores: one einsum for all heads
def copy_scores(embedding, W_v, W_o, out_head):
    H, C, D = W_v.shape
    strips = W_o.view(H, D, C)
    tables = torch.einsum("sc,hcd,hde,ev->hsv", embedding, W_v, strips, out_head)
    own = torch.einsum("hss->hs", tables)
    return own.mean(1) - tables.mean((1, 2))


# %%
# RIGHT copy_scores: numpy and the trace
import numpy as np


def copy_scores(embedding, W_v, W_o, out_head):
    e, v, o, u = (m.double().numpy() for m in (embedding, W_v, W_o, out_head))
    d = v.shape[-1]
    found = []
    for h in range(len(v)):
        t = e @ (v[h] @ o[h * d : (h + 1) * d]) @ u
        found.append(np.trace(t) / len(t) - t.mean())
    return found


# %%
# RIGHT copy_scores: word by word
def copy_scores(embedding, W_v, W_o, out_head):
    H, _, D = W_v.shape
    scores = [0.0] * H
    for h in range(H):
        for s, x in enumerate(embedding):
            logits = (x @ W_v[h]) @ W_o[h * D : h * D + D] @ out_head
            scores[h] += float(logits[s] - sum(logits) / len(logits)) / len(embedding)
    return scores


# %%
# WRONG merge_heads: the broken one as given
# HINT All numbers are there, but a row holds one head at several positions. Before the
# HINT axes are joined, which two must stand next to each other?
def merge_heads(mix):
    B, H, T, D = mix.shape
    return mix.reshape(B, T, H * D)


# %%
# WRONG merge_heads: the heads take turns
# HINT The right numbers are at each position, but the heads take turns: should the D
# HINT numbers of a head stand together?
def merge_heads(mix):
    return mix.permute(0, 2, 3, 1).flatten(2)


# %%
# WRONG merge_heads: a view after the transpose
# HINT After exchanging two axes the numbers no longer lie in memory in the order that
# HINT `view` needs. What else makes a new shape? The error message names it.
def merge_heads(mix):
    B, H, T, D = mix.shape
    return mix.transpose(1, 2).view(B, T, H * D)


# %%
# WRONG merge_heads: positions and numbers exchanged
# HINT You exchanged the positions with the numbers of a head. Which axis has to move?
def merge_heads(mix):
    B, H, T, D = mix.shape
    return mix.transpose(2, 3).reshape(B, T, H * D)


# %%
# WRONG merge_heads: one below the other
# HINT You put the heads one below the other: then there are more positions than words.
def merge_heads(mix):
    return mix.flatten(1, 2)


# %%
# WRONG merge_heads: the last head first
# HINT The heads stand in the opposite order.
def merge_heads(mix):
    B, H, T, D = mix.shape
    return mix.flip(1).transpose(1, 2).reshape(B, T, H * D)


# %%
# WRONG merge_heads: the heads added up
def merge_heads(mix):
    return mix.sum(dim=1)


# %%
# RIGHT merge_heads: cat along the last axis
def merge_heads(mix):
    return torch.cat([mix[:, h] for h in range(mix.shape[1])], dim=-1)


# %%
# RIGHT merge_heads: permute and flatten
def merge_heads(mix):
    return mix.permute(0, 2, 1, 3).contiguous().flatten(start_dim=2)


# %%
# RIGHT merge_heads: number by number
def merge_heads(mix):
    B, H, T, D = mix.shape
    out = torch.zeros(B, T, H * D, dtype=mix.dtype)
    for h in range(H):
        for d in range(D):
            out[:, :, h * D + d] = mix[:, h, :, d]
    return out
