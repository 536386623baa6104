"""Causal self-attention: each position looks back at itself and what came before.

Shape letters: `B` batch, `T` time, `S` = time read before and now, `C` = emb_dim,
`H` heads, `K` key/value heads (as many or fewer), `D = C // H`.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.cache import KVCache

ROTATION_BASE = 10_000.0
"""Pair i of D / 2 turns by BASE ** (-2 i / D) a position (Su et al. 2021): the slowest
nearly so many times slower than the first."""


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Each position averages the values at or before it (Vaswani et al. 2017, eq. 1).

    q is (B, H, T, D), k and v are (B, K, T, D): with fewer heads than q, each serves
    H / K neighbours (grouped queries, Ainslie et al. 2023). Returns the mix
    (B, H, T, D) and the weights (B, H, T, T), whose rows sum to 1. The readable twin
    of torch's scaled_dot_product_attention.

    >>> x = torch.eye(3).view(1, 1, 3, 3)
    >>> causal_attention(x, x, x)[1][0, 0, 0]
    tensor([1., 0., 0.])
    """
    T, D = q.shape[-2:]
    each = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(each, dim=1), v.repeat_interleave(each, dim=1)
    scores = q @ k.mT / math.sqrt(D)  # (B, H, T, T)
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)
    return weights @ v, weights


def rotation_table(
    context_size: int, head_dim: int, base: float | None = None
) -> Tensor:
    """Cosine and sine of the angle of each position and pair: (2, T, D / 2) float32.

    Pair i turns by base ** (-2 i / D) a position; None stands for `ROTATION_BASE`.

    Source: Su et al. 2021, eq. 15.

    >>> rotation_table(5, 8).shape
    torch.Size([2, 5, 4])
    """
    device = torch.get_default_device()
    if device.type == "meta":  # it is in no file, so it is always computed
        device = torch.device("cpu")
    pairs = torch.arange(head_dim // 2, device=device)
    speeds = (base or ROTATION_BASE) ** (-2 * pairs / head_dim)
    angles = torch.arange(context_size, device=device)[:, None] * speeds
    return torch.stack([angles.cos(), angles.sin()])


def rotate(x: Tensor, table: Tensor | None = None) -> Tensor:
    """Turn pairs of numbers by angles that grow with the position (RoPE).

    The product of a turned query and a turned key depends only on how far apart they
    are.  Source: Su et al. 2021, eq. 34.

    Args:
        x: (B, H, T, D), D even.
        table: (2, T, D / 2) of the positions of `x`; None for positions 0 .. T-1.

    >>> x = torch.randn(1, 1, 5, 8)
    >>> torch.allclose(rotate(x).norm(dim=-1), x.norm(dim=-1))
    True
    """
    if table is None:
        table = rotation_table(*x.shape[-2:]).to(x.device)
    cos, sin = table.to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


class MultiHeadAttention(nn.Module):
    """H heads of causal attention over a stream of width C.

    With `qk_norm` queries and keys get the length sqrt(D); then a learned `gain`
    stretches the queries: how sharply to look.

    Args:
        emb_dim: C, a multiple of n_heads (with rotary positions of 2 * n_heads).
        n_heads: H.
        n_kv_heads: K, a divisor of H; None for H. Fewer keys and values are a smaller
            cache; each serves H / K queries.
        layer: which one this is; its place in a `KVCache`.
        rotary: turn queries and keys by their positions.
        qk_norm: norm queries and keys.
        bias: add biases to both projections.
        dropout: share of weights dropped in training.

    Source: Vaswani et al. 2017, section 3.2.2; QK-norm Henry et al. 2020; grouped
    queries Ainslie et al. 2023.

    >>> MultiHeadAttention(emb_dim=8, n_heads=2)(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    to_stream = ("proj",)
    """Layers whose outputs are added to the stream."""

    def __init__(
        self,
        emb_dim: int,
        n_heads: int,
        *,
        n_kv_heads: int | None = None,
        layer: int = 0,
        rotary: bool = True,
        qk_norm: bool = True,
        bias: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads or n_heads
        self.layer, self.rotary, self.dropout = layer, rotary, dropout
        kv_dim = self.n_kv_heads * (emb_dim // n_heads)
        self.qkv = nn.Linear(emb_dim, emb_dim + 2 * kv_dim, bias=bias)
        self.stacked = {"qkv": (emb_dim, kv_dim, kv_dim)}
        """Layers whose weight is several matrices, one above the other: their rows."""
        self.proj = nn.Linear(emb_dim, emb_dim, bias=bias)
        # Normed queries and keys have scores within +-sqrt(D), too flat a softmax to
        # begin with; a first gain of 1.7 was found by trying, and training moves it.
        self.gain = nn.Parameter(torch.tensor([1.7])) if qk_norm else None

    def heads(
        self, x: Tensor, table: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (B, H, T, D), keys and values (B, K, T, D) of x (B, T, C).

        `table` holds the rotations of these positions, see `rotate`.
        """
        B, T, C = x.shape
        H, K, D = self.n_heads, self.n_kv_heads, C // self.n_heads
        stacked = self.qkv(x).view(B, T, H + 2 * K, D).transpose(1, 2)
        q, k, v = stacked.split([H, K, K], dim=1)
        if self.gain is not None:
            q, k = self.gain * F.rms_norm(q, (D,)), F.rms_norm(k, (D,))
        if self.rotary:
            q, k = rotate(q, table), rotate(k, table)
        return q, k, v

    def forward(
        self,
        x: Tensor,
        table: Tensor | None = None,
        cache: KVCache | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Mix the positions: (B, T, C) -> (B, T, C).

        `table` holds the rotations of these positions, see `rotate`. With a cache, `x`
        holds the new positions only and `mask` says where they may look among all so
        far; see `KVCache.mask`.
        """
        q, k, v = self.heads(x, table)
        if cache is not None:
            k, v = cache.extend(self.layer, k, v)
        dropout = self.dropout if self.training else 0.0
        # No mask: a first reading, causal, or one new position, which sees all.
        causal = mask is None and x.shape[1] > 1
        mixed = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=mask,
            dropout_p=dropout,
            is_causal=causal,
            enable_gqa=self.n_kv_heads < self.n_heads,
        )
        out: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return out


def document_mask(documents: Tensor | None) -> Tensor | None:
    """Who may look where in rows that hold several documents: bool (B, 1, T, T).

    Each token sees itself and what came before it in its own document. `documents`
    (B, T) numbers them; None stands for one document a row, and gives None.

    >>> document_mask(torch.tensor([[0, 0, 1]]))[0, 0].int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [0, 0, 1]], dtype=torch.int32)
    """
    if documents is None:
        return None
    same = documents[:, :, None] == documents[:, None, :]  # (B, T, T)
    return same.tril()[:, None]


def document_places(documents: Tensor) -> Tensor:
    """The position of each token in its own document: int64 (B, T) -> (B, T).

    >>> document_places(torch.tensor([[0, 0, 1, 1, 1]]))
    tensor([[0, 1, 0, 1, 2]])
    """
    places = torch.arange(documents.shape[1], device=documents.device)
    begins = documents.diff(dim=1, prepend=documents[:, :1] - 1) != 0
    return places - (places * begins).cummax(dim=1).values
