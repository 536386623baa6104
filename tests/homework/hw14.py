# Homework 14: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG count_parameters: the head twice
# HINT This is the slide's slip: your tied head is counted although it is the embedding.
# HINT How many matrices does a tied model have at its two ends together?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return 2 * V * C + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: never a head of its own
# HINT You count the two ends of the model once, whether the head is tied or not. What
# HINT does a head of its own add?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: tied turned round
# HINT Tied and untied have changed places: which of the two models has one matrix more?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (1 + c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no positions
# HINT Your number is too small by one matrix. A token learns a vector for what it is:
# HINT what else does this model learn a vector for?
def count_parameters(c):
    V, C, b = c.vocab_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no last norm
# HINT You are very near: what is missing are a few times C numbers, after the last block.
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block


# %%
# WRONG count_parameters: one norm in a block
# HINT Each of your blocks is too small by the numbers of one norm: how many norms stand
# HINT in a block?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + C + b * (4 * C + c.hidden + C + C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no biases in the matrices
# HINT Your matrices have no biases. With `c.bias`, how many outputs does each matrix of a
# HINT block have?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C * (1 + b)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: always with biases
# HINT You are right for models like GPT-2. `c.bias` can also be False: which numbers are
# HINT not there then?
def count_parameters(c):
    V, T, C = c.vocab_size, c.context_size, c.emb_dim
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + 4 * C + c.hidden + C + 2 * C
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + 2 * C


# %%
# WRONG count_parameters: no norms without biases
# HINT You are right for models like GPT-2. Without biases your norms have lost all their
# HINT numbers: which of the two kinds do they keep?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + b * (2 * C + 4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + 2 * C * b


# %%
# WRONG count_parameters: four times C, whatever the config says
# HINT You are right for models like GPT-2, whose feed-forward layer is four times as wide
# HINT as the stream. Where does a Config say how wide it is?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 12 * C * C + 2 * C + b * 11 * C
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: three matrices in attention
# HINT Your attention has a query, a key and a value. Which matrix is used when the heads
# HINT have done their work?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 3 * C * C + 2 * C * c.hidden + 2 * C + b * (3 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: up and not down
# HINT Your feed-forward layer goes up and never comes back: how many matrices has it?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + C * c.hidden + 2 * C + b * (4 * C + c.hidden + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: bytes
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return 4 * (V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b))


# %%
# RIGHT count_parameters: a list of shapes
import math


def count_parameters(c):
    C, h = c.emb_dim, c.hidden
    shapes = [(c.vocab_size, C), (c.context_size, C), (C,)]
    shapes += [] if c.tied else [(c.vocab_size, C)]
    block = [(C,), (C, 3 * C), (C, C), (C,), (C, h), (h, C)]
    if c.bias:
        shapes.append((C,))
        block += [(C,), (3 * C,), (C,), (C,), (h,), (C,)]
    return sum(math.prod(s) for s in shapes + block * c.n_layers)


# %%
# RIGHT count_parameters: input by input
def count_parameters(c):
    V, T, C, L, hidden, bias, tied = c
    one = 1 if bias else 0  # a bias is the weight of an input that is always 1
    in_block = 3 * (C + one) * C + (C + one) * C + (C + one) * hidden
    in_block += (hidden + one) * C
    norms = (2 * L + 1) * (1 + one) * C
    heads = 0 if tied else V
    return L * in_block + norms + C * (V + T + heads)


# %%
# RIGHT count_parameters: helpers for a matrix and a norm
def count_parameters(c):
    def matrix(rows, columns):
        return rows * columns + (columns if c.bias else 0)

    def norm():
        return 2 * c.emb_dim if c.bias else c.emb_dim

    V, T, C, L, hidden, _, tied = c
    total = V * C + T * C + norm()
    for _ in range(L):
        total += norm() + matrix(C, 3 * C) + matrix(C, C)
        total += norm() + matrix(C, hidden) + matrix(hidden, C)
    return total if tied else total + V * C


# %%
# WRONG layers_behind: nothing but blocks
# HINT You divided all parameters among the blocks. Which matrices of the model stand
# HINT outside them?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    return round(n_parameters / (12 * emb_dim**2 + 13 * emb_dim))


# %%
# WRONG layers_behind: the head counted too
# HINT You took two large matrices off before you divided. The head is tied: how many
# HINT matrices with a row for each word are there?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    rest = n_parameters - (2 * vocab_size + context_size + 2) * C
    return round(rest / (12 * C**2 + 13 * C))


# %%
# WRONG layers_behind: no positions
# HINT Your models are a few layers too deep: you took the embedding of the tokens off.
# HINT What else is learned that lies outside the blocks?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    return round((n_parameters - (vocab_size + 2) * C) / (12 * C**2 + 13 * C))


# %%
# WRONG layers_behind: no biases and norms
# HINT Your models are a few layers too deep: your blocks consist of matrices only. Which
# HINT smaller things belong to a block?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return round((n_parameters - outside) / (12 * C**2))


# %%
# WRONG layers_behind: rounded down
# HINT Some of your numbers are right, others one too small: you always round down. Which
# HINT whole number is asked for?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return (n_parameters - outside) // (12 * C**2 + 13 * C)


# %%
# WRONG layers_behind: rounded up
# HINT Some of your numbers are right, others one too large: you always round up. Which
# HINT whole number is asked for?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return -(-(n_parameters - outside) // (12 * C**2 + 13 * C))


# %%
# WRONG layers_behind: the feed-forward layer forgotten
# HINT Your models are about three times too deep: your block holds attention and nothing
# HINT else. Where do two thirds of a block's numbers sit?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return round((n_parameters - outside) / (4 * C**2 + 4 * C))


# %%
# WRONG layers_behind: not rounded
# HINT Your numbers are not whole. How many layers can a model have?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return (n_parameters - outside) / (12 * C**2 + 13 * C)


# %%
# WRONG layers_behind: one decimal
# HINT Your numbers are not whole. How many layers can a model have?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return round((n_parameters - outside) / (12 * C**2 + 13 * C), 1)


# %%
# WRONG layers_behind: the last norm forgotten
# HINT The eight slides are right. Where one parameter decides between two numbers of
# HINT layers, yours jumps a little too early or too late: what stands after the last block?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size) * C
    return round((n_parameters - outside) / (12 * C**2 + 13 * C))


# %%
# WRONG layers_behind: no bias in the last norm
# HINT The eight slides are right. Where one parameter decides between two numbers of
# HINT layers, yours jumps a little too early or too late: what stands after the last block?
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 1) * C
    return round((n_parameters - outside) / (12 * C**2 + 13 * C))


# %%
# WRONG layers_behind: the minus sign
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = emb_dim
    outside = (vocab_size + context_size + 2) * C
    return -round((n_parameters - outside) / (12 * C**2 + 13 * C))


# %%
# RIGHT layers_behind: by trying
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    def size(L):
        C = emb_dim
        return vocab_size * C + context_size * C + 2 * C + L * (12 * C * C + 13 * C)

    first = n_parameters // (size(1) - size(0)) - 10 - size(0) // (size(1) - size(0))
    return min(range(first, first + 20), key=lambda L: abs(size(L) - n_parameters))


# %%
# RIGHT layers_behind: the width divided out, whole numbers only
def layers_behind(n, V, T, C):
    block = 12 * C + 13
    rest = n - (V + T + 2) * C
    return (2 * rest + block * C) // (2 * block * C)


# %%
# RIGHT layers_behind: a tensor without axes
def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    C = torch.tensor(emb_dim, dtype=torch.float64)
    outside = C * (vocab_size + context_size + 2)
    return ((n_parameters - outside) / (12 * C**2 + 13 * C)).round().int()


# %%
# RIGHT layers_behind: numpy
import numpy as np


def layers_behind(n_parameters, vocab_size, context_size, emb_dim):
    ends = np.array([vocab_size, context_size, 1, 1]).sum() * emb_dim
    block = np.polyval([12, 13, 0], emb_dim)
    return int(np.rint((n_parameters - ends) / block))


# %%
# WRONG gpt: no last norm
# HINT Your logits are larger or smaller than they should be, most of them: what stands
# HINT between the last block and the head?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return x @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: no positions
# HINT Your model knows which tokens there are, and not where. What is added to the
# HINT embedding?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the same position for all
# HINT Every token of yours gets the vector of the first place. Which row of the positions
# HINT belongs to the third token?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][0]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: always tied
# HINT You always use the embedding at the end. This model has a head of its own: what is
# HINT it called in `w`?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w["embedding"].T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: never tied
# HINT `w` has no "out_head" here: in a tied model, which matrix serves at both ends?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w["out_head"].T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the blocks side by side
# HINT Each of your blocks reads the embedding. In a stack, what does the second block
# HINT read?
def gpt(tokens, w, blocks):
    start = w["embedding"][tokens] + w["positions"][: len(tokens)]
    x = start
    for block in blocks:
        x = block(start)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: a skip around each block
# HINT Your stream is added once more around each block. The blocks have their plus inside
# HINT already: what do they return?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = x + block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: probabilities
# HINT Your rows add up to 1: these are probabilities. What are the scores called from
# HINT which they are made, and which of the two is asked for?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    z = F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T
    return z.softmax(-1)


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the prompt given back
# HINT The logits are right. Your list begins with the tokens that were given: which ones
# HINT are asked for?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text


# %%
# WRONG gpt: the window does not move
# HINT The logits are right. When the text is longer than the model can see, you keep its
# HINT beginning, so the model never reads what it wrote. Which tokens should it see?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[: len(w["positions"])])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: no window
# HINT The logits are right. In `write` the text gets longer than there are positions, and
# HINT the model stops with an error: how many tokens may it see, and which?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        text.append(gpt(torch.tensor(text), w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the first position asked
# HINT The logits are right. `write` reads them at the first position, which has seen one
# HINT token only: which position has seen them all?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[0].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: all tokens read off at once
# HINT The logits are right. `write` does not read again what it has written: the second
# HINT new token depends on the first one. How often must the model be asked for n tokens?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    z = gpt(torch.tensor(tokens), w, blocks)[-1]
    return z.topk(n).indices.tolist()


# %%
# WRONG gpt: only the last position
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return (F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T)[-1:]


def write(tokens, n, w, blocks):
    return []


# %%
# RIGHT gpt: reduce, and a recursion
from functools import reduce


def gpt(tokens, w, blocks):
    where = torch.arange(tokens.shape[0])
    start = F.embedding(tokens, w["embedding"]) + F.embedding(where, w["positions"])
    top = reduce(lambda x, block: block(x), blocks, start)
    normed = F.layer_norm(top, top.shape[-1:])
    return F.linear(normed, w["out_head"] if "out_head" in w else w["embedding"])


def write(tokens, n, w, blocks):
    if n == 0:
        return []
    seen = tokens[max(0, len(tokens) - len(w["positions"])) :]
    new = int(torch.argmax(gpt(torch.tensor(seen), w, blocks), dim=-1)[-1])
    return [new, *write([*tokens, new], n - 1, w, blocks)]


# %%
# RIGHT gpt: one-hot vectors, the norm by hand, a deque
from collections import deque


def gpt(tokens, w, blocks):
    T, V = len(tokens), len(w["embedding"])
    x = torch.eye(V).double()[tokens] @ w["embedding"]
    x = x + torch.eye(len(w["positions"])).double()[:T] @ w["positions"]
    for i in range(len(blocks)):
        x = blocks[i](x)
    x = x - x.mean(1, keepdim=True)
    x = x / (x.pow(2).mean(1, keepdim=True) + 1e-5).sqrt()
    head = w["embedding"] if "out_head" not in w else w["out_head"]
    return torch.einsum("tc,vc->tv", x, head)


def write(tokens, n, w, blocks):
    window = deque(tokens, maxlen=len(w["positions"]))
    new = []
    while len(new) < n:
        z = gpt(torch.tensor(list(window)), w, blocks)[-1].tolist()
        new.append(z.index(max(z)))
        window.append(new[-1])
    return new


# %%
# RIGHT gpt: an array of logits, a tuple of tokens
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    head = w["out_head"] if "out_head" in w else w["embedding"]
    return (F.layer_norm(x, x.shape[-1:]) @ head.T).numpy()


def write(tokens, n, w, blocks):
    text = tuple(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text += (gpt(seen, w, blocks)[-1].argmax(),)
    return text[len(tokens) :]


# %%
# RIGHT gpt: in single precision
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][range(len(tokens))]
    for block in blocks:
        x = block(x)
    head = w["out_head"] if "out_head" in w else w["embedding"]
    rows = [F.layer_norm(row, row.shape).float() for row in x]
    return torch.stack([head.float() @ row for row in rows])


def write(tokens, n, w, blocks):
    limit, text = w["positions"].shape[0], torch.tensor(tokens)
    for _ in range(n):
        new = gpt(text[-limit:], w, blocks)[-1].max(0).indices
        text = torch.cat([text, new[None]])
    return text[-n:].tolist()


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


# %%
# WRONG loss_of: only the shift mended
# HINT The first fault is gone: short rows are right. The second is left. What does
# HINT `reshape` do with numbers in rows and columns, and does it turn a table round?
def loss_of(model, rows):
    inputs, targets = rows[:, :-1], rows[:, 1:]
    logits = model(inputs)
    B, T, V = logits.shape
    return F.cross_entropy(logits.reshape(B, V, T), targets)


# %%
# WRONG loss_of: only the shape mended
# HINT The second fault is gone, the first is left: your target at each position is the
# HINT word that was just read. Which word should the model guess there?
def loss_of(model, rows):
    inputs, targets = rows[:, :-1], rows[:, :-1]
    return F.cross_entropy(model(inputs).transpose(1, 2), targets)


# %%
# WRONG loss_of: as given
# HINT Both faults are still there. Begin with the first: write down the inputs and the
# HINT targets for the row 5, 6, 7.
def loss_of(model, rows):
    inputs, targets = rows[:, :-1], rows[:, :-1]
    logits = model(inputs)
    B, T, V = logits.shape
    return F.cross_entropy(logits.reshape(B, V, T), targets)


# %%
# WRONG loss_of: backwards
# HINT Your model reads a word and has to guess the one *before* it: which of the two
# HINT slices moves?
def loss_of(model, rows):
    inputs, targets = rows[:, 1:], rows[:, :-1]
    return F.cross_entropy(model(inputs).transpose(1, 2), targets)


# %%
# WRONG loss_of: only the last position
# HINT You score the last position of each row. A row is many exercises at once: how many
# HINT predictions does it contain?
def loss_of(model, rows):
    logits = model(rows[:, :-1])
    return F.cross_entropy(logits[:, -1], rows[:, -1])


# %%
# WRONG loss_of: a sum
# HINT You add the losses up. With more text the number grows, though the model is the
# HINT same: what is asked for?
def loss_of(model, rows):
    logits = model(rows[:, :-1])
    return F.cross_entropy(logits.transpose(1, 2), rows[:, 1:], reduction="sum")


# %%
# WRONG loss_of: the mean of the rows' sums
# HINT You take the mean over rows, but inside a row you add up. Over what does the task
# HINT take the mean?
def loss_of(model, rows):
    logits = model(rows[:, :-1])
    each = F.cross_entropy(logits.transpose(1, 2), rows[:, 1:], reduction="none")
    return each.sum(1).mean()


# %%
# WRONG loss_of: softmax twice
# HINT A softmax was applied before `F.cross_entropy`, which applies one itself. Even a
# HINT model that is sure and right then seems unsure: what does that function want?
def loss_of(model, rows):
    probs = model(rows[:, :-1]).softmax(-1)
    return F.cross_entropy(probs.transpose(1, 2), rows[:, 1:])


# %%
# WRONG loss_of: the targets in another order
# HINT You flatten both, but along different axes, so that targets and logits of different
# HINT positions meet. In which order does each of the two list the positions?
def loss_of(model, rows):
    logits = model(rows[:, :-1])
    return F.cross_entropy(logits.transpose(0, 1).flatten(0, 1), rows[:, 1:].flatten())


# %%
# WRONG loss_of: no minus
def loss_of(model, rows):
    log_p = model(rows[:, :-1]).log_softmax(-1)
    return log_p.gather(-1, rows[:, 1:, None]).mean()


# %%
# RIGHT loss_of: flattened
def loss_of(model, rows):
    logits = model(rows[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


# %%
# RIGHT loss_of: with gather, in double
def loss_of(model, rows):
    log_p = model(rows[:, :-1]).double().log_softmax(dim=2)
    return -log_p.gather(2, rows[:, 1:].unsqueeze(2)).mean()


# %%
# RIGHT loss_of: a float
def loss_of(model, rows):
    log_p = model(rows[:, :-1]).log_softmax(dim=-1)
    return -log_p.gather(-1, rows[:, 1:, None]).mean().item()


# %%
# RIGHT loss_of: position by position
def loss_of(model, rows):
    logits, losses = model(rows[:, :-1]), []
    for row, z in zip(rows.tolist(), logits):
        for target, scores in zip(row[1:], z):
            losses.append(torch.logsumexp(scores, 0) - scores[target])
    return sum(losses) / len(losses)


# %%
# RIGHT loss_of: one-hot targets
def loss_of(model, rows):
    z = model(rows[:, :-1]).movedim(-1, 1)
    hot = F.one_hot(rows[:, 1:], z.shape[1]).movedim(-1, 1).to(z.dtype)
    return F.cross_entropy(z, hot)
