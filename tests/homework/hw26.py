# Homework 26: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG unpack: neighbours
# HINT You put the two halves of a byte side by side. To which two weights do the halves of
# HINT the first byte belong?
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    return [least + scale * n for b in block[4:] for n in (b & 15, b >> 4)]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]


# %%
# WRONG unpack: the upper half first
# HINT Your two halves have changed places: the lower half of byte i is weight i.
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    steps = [b >> 4 for b in block[4:]] + [b & 15 for b in block[4:]]
    return [least + scale * n for n in steps]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]


# %%
# WRONG unpack: bytes without a sign
# HINT Your bytes go from 0 to 255. Here they have a sign: which letter of struct reads it?
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    steps = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
    return [least + scale * n for n in steps]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in block[2:]]


# %%
# WRONG unpack: without the least weight
# HINT Your ladder begins at 0. Where does the ladder of this block begin?
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    steps = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
    return [scale * n for n in steps]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]


# %%
# WRONG unpack: scale and least in the wrong order
# HINT You took the least weight for the scale. Which of the two stands first in the block?
def unpack_four(block):
    least, scale = struct.unpack("<2e", block[:4])
    steps = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
    return [least + scale * n for n in steps]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]


# %%
# WRONG unpack: centred at eight
# HINT You subtract 8 from each number, as another kind of block does. This one has a least
# HINT weight in its place.
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    steps = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
    return [scale * (n - 8) for n in steps]


def unpack_eight(block):
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * n for n in struct.unpack("<32b", block[2:])]


# %%
# RIGHT unpack: with torch
def unpack_four(block):
    scale, least = struct.unpack_from("<2e", block)
    packed = torch.tensor(list(block))[4:]
    return least + scale * torch.cat([packed % 16, packed // 16])


def unpack_eight(block):
    scale = struct.unpack_from("<e", block)[0]
    numbers = torch.tensor(list(block[2:]))
    return scale * torch.where(numbers > 127, numbers - 256, numbers)


# %%
# RIGHT unpack: with numpy
import numpy as np


def unpack_four(block):
    scale, least = np.frombuffer(block[:4], "<f2").astype(float)
    packed = np.frombuffer(block[4:], np.uint8)
    return np.concatenate([packed & 15, packed >> 4]) * scale + least


def unpack_eight(block):
    scale = float(np.frombuffer(block[:2], "<f2")[0])
    return np.frombuffer(block[2:], np.int8).astype(float) * scale


# %%
# RIGHT unpack: by the digits of the hexadecimal text
def unpack_four(block):
    scale, least = struct.unpack("<2e", block[:4])
    digits = block[4:].hex()
    steps = [int(d, 16) for d in digits[1::2] + digits[0::2]]
    return tuple(least + scale * n for n in steps)


def unpack_eight(block):
    scale, *numbers = struct.unpack("<e32b", block)
    return tuple(scale * n for n in numbers)


# %%
# WRONG pack: sixteen gaps
# HINT You divide by 16. How many gaps lie between the first of 16 levels and the last?
def pack(weights):
    least = min(weights)
    scale = (max(weights) - least) / 16
    if scale == 0:
        return 0.0, least, [0] * len(weights)
    return scale, least, [min(15, round((w - least) / scale)) for w in weights]


# %%
# WRONG pack: rounded down
# HINT Your weights always go to the level below. Which level is the nearest?
def pack(weights):
    least = min(weights)
    scale = (max(weights) - least) / 15
    if scale == 0:
        return 0.0, least, [0] * len(weights)
    return scale, least, [int((w - least) / scale) for w in weights]


# %%
# WRONG pack: division by zero
# HINT If all weights are equal, your scale is 0 and you divide by it.
def pack(weights):
    least = min(weights)
    scale = (max(weights) - least) / 15
    return scale, least, [round((w - least) / scale) for w in weights]


# %%
# WRONG pack: the ladder begins at zero
# HINT Your ladder begins at 0, so what is below 0 cannot be stored. Where should it begin?
def pack(weights):
    scale = max(weights) / 15 or 1.0
    return scale, 0.0, [max(0, min(15, round(w / scale))) for w in weights]


# %%
# WRONG pack: a ladder around zero
# HINT Your ladder reaches as far below 0 as above it. Begin at the smallest weight and end
# HINT at the largest.
def pack(weights):
    most = max(abs(w) for w in weights)
    scale = 2 * most / 15
    return scale, -most, [round((w + most) / scale) for w in weights]


# %%
# RIGHT pack: with torch
def pack(weights):
    w = torch.as_tensor(weights, dtype=torch.float64)
    least, most = w.min(), w.max()
    scale = (most - least) / 15
    steps = torch.zeros_like(w) if scale == 0 else ((w - least) / scale).round()
    return scale, least, steps.long()


# %%
# RIGHT pack: the nearest of sixteen
def pack(weights):
    least, most = min(weights), max(weights)
    if least == most:
        return 0, least, [0 for w in weights]
    ladder = [least + i * (most - least) / 15 for i in range(16)]
    nearest = [min(range(16), key=lambda i: abs(ladder[i] - w)) for w in weights]
    return (most - least) / 15, least, nearest


# %%
# RIGHT pack: half a step up, then down
def pack(weights):
    least = sorted(weights)[0]
    scale = (sorted(weights)[-1] - least) / 15
    return [
        scale,
        least,
        [math.floor((w - least) / (scale or 1) + 0.5) for w in weights],
    ]


# %%
# WRONG grouped: repeated as a whole
# HINT Your sets take turns: 0, 1, 0, 1. The first heads all use the first set.
def grouped(q, k, v):
    each = len(q) // len(k)
    k, v = k.repeat(each, 1, 1), v.repeat(each, 1, 1)
    T, D = q.shape[1:]
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    scores = (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf)
    return scores.softmax(dim=-1) @ v


# %%
# WRONG grouped: everybody uses the first set
# HINT All your heads use the first set of keys and values. Which set belongs to head h?
def grouped(q, k, v):
    k, v = k[:1].expand_as(q), v[:1].expand_as(q)
    T, D = q.shape[1:]
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    scores = (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf)
    return scores.softmax(dim=-1) @ v


# %%
# WRONG grouped: without a mask
# HINT Your tokens see those that come after them. Which scores must become minus
# HINT infinity before the softmax?
def grouped(q, k, v):
    each = len(q) // len(k)
    k, v = k.repeat_interleave(each, dim=0), v.repeat_interleave(each, dim=0)
    return (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v


# %%
# WRONG grouped: not scaled
# HINT Your scores are not divided by anything. By what did the lesson divide them?
def grouped(q, k, v):
    each = len(q) // len(k)
    k, v = k.repeat_interleave(each, dim=0), v.repeat_interleave(each, dim=0)
    future = torch.ones(q.shape[1], q.shape[1], dtype=torch.bool).triu(diagonal=1)
    return (q @ k.mT).masked_fill(future, -math.inf).softmax(dim=-1) @ v


# %%
# WRONG grouped: only the keys are shared rightly
# HINT Your heads have the correct keys. But your values take turns: 0, 1, 0, 1.
def grouped(q, k, v):
    each = len(q) // len(k)
    k, v = k.repeat_interleave(each, dim=0), v.repeat(each, 1, 1)
    T, D = q.shape[1:]
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    scores = (q @ k.mT / math.sqrt(D)).masked_fill(future, -math.inf)
    return scores.softmax(dim=-1) @ v


# %%
# RIGHT grouped: torch's own
def grouped(q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(
        q[None], k[None], v[None], is_causal=True, enable_gqa=True
    )[0]


# %%
# RIGHT grouped: head by head, token by token
def grouped(q, k, v):
    each = q.shape[0] // k.shape[0]
    rows = []
    for h in range(q.shape[0]):
        keys, values = k[h // each], v[h // each]
        for t in range(q.shape[1]):
            scores = keys[: t + 1] @ q[h, t] / q.shape[2] ** 0.5
            rows.append(torch.softmax(scores, 0) @ values[: t + 1])
    return torch.stack(rows).view(q.shape)


# %%
# RIGHT grouped: the queries of a group as one axis
def grouped(q, k, v):
    K, T, D = k.shape
    groups = q.double().view(K, -1, T, D)
    scores = torch.einsum("kgtd,ksd->kgts", groups, k.double()) / D**0.5
    scores = scores + torch.full((T, T), -math.inf).triu(1)
    return torch.einsum("kgts,ksd->kgtd", scores.softmax(-1), v.double()).flatten(0, 1)


# %%
# WRONG count: as many keys as queries
# HINT You gave every query head its own keys and values. How many sets are there?
def count(V, C, H, K, L, wide, tied):
    block = 4 * C * C + 3 * C * wide + 2 * C
    return V * C * (1 if tied else 2) + L * block + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return 2 * n * L * C * n_bytes


# %%
# WRONG count: two matrices in the feed-forward layer
# HINT Your feed-forward layer has two matrices. SwiGLU has one more.
def count(V, C, H, K, L, wide, tied):
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 2 * C * wide + 2 * C
    return V * C * (1 if tied else 2) + L * block + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return 2 * n * L * K * (C // H) * n_bytes


# %%
# WRONG count: the last norm is missing
# HINT A few numbers are missing: what stands after the last block?
def count(V, C, H, K, L, wide, tied):
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 3 * C * wide + 2 * C
    return V * C * (1 if tied else 2) + L * block


def cache_bytes(n, C, H, K, L, n_bytes):
    return 2 * n * L * K * (C // H) * n_bytes


# %%
# WRONG count: the head always counted
# HINT You counted the output head of a model that is tied.
def count(V, C, H, K, L, wide, tied):
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 3 * C * wide + 2 * C
    return 2 * V * C + L * block + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return 2 * n * L * K * (C // H) * n_bytes


# %%
# WRONG count: the head never counted
# HINT You left out the output head of a model that is not tied.
def count(V, C, H, K, L, wide, tied):
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 3 * C * wide + 2 * C
    return V * C + L * block + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return 2 * n * L * K * (C // H) * n_bytes


# %%
# WRONG count: only the keys are kept
# HINT Your cache has half of the bytes. Attention needs the keys of each token, and also
# HINT what else?
def count(V, C, H, K, L, wide, tied):
    kv = K * (C // H)
    block = 2 * C * C + 2 * C * kv + 3 * C * wide + 2 * C
    return V * C * (1 if tied else 2) + L * block + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return n * L * K * (C // H) * n_bytes


# %%
# RIGHT count: part by part
def count(V, C, H, K, L, wide, tied):
    D, total = C // H, V * C + C
    for _ in range(L):
        total += C * H * D + 2 * C * K * D + H * D * C
        total += C * wide + C * wide + wide * C + C + C
    if not tied:
        total += V * C
    return total


def cache_bytes(n, C, H, K, L, n_bytes):
    per_token = sum(K * (C // H) for part in ("keys", "values") for layer in range(L))
    return per_token * n * n_bytes


# %%
# RIGHT count: with shapes
def count(V, C, H, K, L, wide, tied):
    kv = C * K // H
    shapes = [(C, C), (C, C), (C, kv), (C, kv), (2, C)] + 3 * [(C, wide)]
    block = sum(a * b for a, b in shapes)
    return (2 - bool(tied)) * V * C + block * L + C


def cache_bytes(n, C, H, K, L, n_bytes):
    return n_bytes * math.prod((2, L, K, n, C)) // H


# %%
# WRONG feed_forward: as given
# HINT Three things: what is added to what, which of the two matrices is the gate, and what
# HINT SiLU is.
def feed_forward(x, norm, gate, up, down):
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    x = x / size * norm
    z = x @ up.T
    return x + (z.sigmoid() * (x @ gate.T)) @ down.T


# %%
# WRONG feed_forward: added to the normed stream
# HINT You add the result to the normed copy. The stream itself is lost.
def feed_forward(x, norm, gate, up, down):
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    x = x / size * norm
    z = x @ gate.T
    return x + (z * z.sigmoid() * (x @ up.T)) @ down.T


# %%
# WRONG feed_forward: the wrong one is bent
# HINT You put what comes from `up` through SiLU. Which matrix is the gate?
def feed_forward(x, norm, gate, up, down):
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    normed = x / size * norm
    z = normed @ up.T
    return x + (z * z.sigmoid() * (normed @ gate.T)) @ down.T


# %%
# WRONG feed_forward: a sigmoid in place of SiLU
# HINT Your gate is the sigmoid alone. SiLU is z times the sigmoid of z.
def feed_forward(x, norm, gate, up, down):
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    normed = x / size * norm
    z = normed @ gate.T
    return x + (z.sigmoid() * (normed @ up.T)) @ down.T


# %%
# WRONG feed_forward: nothing is added
# HINT Your result takes the place of the stream. It should be added to it.
def feed_forward(x, norm, gate, up, down):
    size = (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()
    normed = x / size * norm
    z = normed @ gate.T
    return (z * z.sigmoid() * (normed @ up.T)) @ down.T


# %%
# RIGHT feed_forward: with torch's parts
def feed_forward(x, norm, gate, up, down):
    F = torch.nn.functional
    normed = F.rms_norm(x, x.shape[-1:], norm, eps=1e-5)
    return x + F.linear(F.silu(F.linear(normed, gate)) * F.linear(normed, up), down)


# %%
# RIGHT feed_forward: token by token, in double
def feed_forward(x, norm, gate, up, down):
    rows = []
    for token in x.double():
        normed = token / ((token**2).mean() + 1e-5) ** 0.5 * norm.double()
        z = gate.double() @ normed
        inner = z / (1 + torch.exp(-z)) * (up.double() @ normed)
        rows.append(token + down.double() @ inner)
    return torch.stack(rows).float()


# %%
# RIGHT feed_forward: both matrices in one
def feed_forward(x, norm, gate, up, down):
    normed = norm * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)
    z, straight = (normed @ torch.cat([gate, up]).T).chunk(2, dim=-1)
    return x + (torch.sigmoid(z) * z * straight) @ down.T
