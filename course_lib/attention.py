"""Causal self-attention: each position looks back at itself and what came before.

Shape letters: `B` batch, `T` time, `S` = time read before and now, `C` = emb_dim,
`H` heads, `D = C // H`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Each position averages the values at or before it (Vaswani et al. 2017, eq. 1).

    q, k, v are (B, H, T, D). Returns the mix (B, H, T, D) and the weights (B, H, T, T),
    whose rows sum to 1. The readable twin of torch's scaled_dot_product_attention.

    >>> x = torch.eye(3).view(1, 1, 3, 3)
    >>> causal_attention(x, x, x)[1][0, 0, 0]
    tensor([1., 0., 0.])
    """
    T, D = q.shape[-2:]
    scores = q @ k.mT / math.sqrt(D)  # (B, H, T, T)
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    weights = scores.masked_fill(future, -math.inf).softmax(dim=-1)
    return weights @ v, weights


def rotation_table(context_size: int, head_dim: int, base: float = 10_000.0) -> Tensor:
    """Cosine and sine of the angle of each position and pair: (2, T, D / 2) float32.

    Source: Su et al. 2021, eq. 15.

    >>> rotation_table(5, 8).shape
    torch.Size([2, 5, 4])
    """
    pairs = torch.arange(head_dim // 2)
    speeds = base ** (-2 * pairs / head_dim)
    angles = torch.arange(context_size)[:, None] * speeds
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


@dataclass(frozen=True, kw_only=True)
class CacheShape:
    """The sizes a `KVCache` needs to know; `GPTConfig.cache_shape` gives them."""

    n_layers: int
    n_heads: int
    head_dim: int
    context_size: int


class KVCache:
    """Keys and values of all tokens read so far, so that each is computed once.

    The room is allocated at once. Prompts of different length are padded on the left,
    so that all rows go on in the same column.

    Args:
        shape: the model's sizes.
        batch_size: B.
        size: columns to make room for; None takes the context size. Padding counts as
            columns, so only a ragged batch may have more.
        n_pad: int64 (B,), how many columns at the left of each row are padding.
        device: where.
        dtype: of keys and values.

    Raises:
        ValueError: for a size outside 1 .. context_size (below 1 with padding) or a
            wrong n_pad.

    >>> shape = CacheShape(n_layers=2, n_heads=2, head_dim=4, context_size=16)
    >>> KVCache(shape, batch_size=3).n_bytes  # 2 * layers * B * H * S * D * 4 bytes
    6144
    """

    def __init__(
        self,
        shape: CacheShape,
        batch_size: int,
        *,
        size: int | None = None,
        n_pad: Tensor | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.size = shape.context_size if size is None else size
        if self.size < 1 or (n_pad is None and self.size > shape.context_size):
            raise ValueError(f"size is {self.size}: use 1 .. {shape.context_size}")
        if n_pad is not None and n_pad.shape != (batch_size,):
            raise ValueError(
                f"n_pad is {tuple(n_pad.shape)}: give one number for each of the "
                f"{batch_size} rows"
            )
        rooms = (shape.n_layers, 2, batch_size, shape.n_heads, self.size)
        self.rooms = torch.zeros(*rooms, shape.head_dim, device=device, dtype=dtype)
        self.length = 0
        """Columns that are filled."""
        self.n_pad = None if n_pad is None else n_pad.to(self.rooms.device)

    @property
    def n_bytes(self) -> int:
        """Memory of the whole room."""
        return self.rooms.numel() * self.rooms.element_size()

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append keys and values (B, H, T, D); returns all so far, (B, H, S, D) each.

        `length` stays: the model moves it on when all its layers have read.
        """
        end = self.length + k.shape[2]
        if k.requires_grad:
            raise ValueError("a cache cannot learn: use torch.inference_mode()")
        if end > self.size:
            raise ValueError(
                f"the cache has {self.size} columns and {self.length} are filled: "
                f"{k.shape[2]} more do not fit"
            )
        keys, values = self.rooms[layer]
        keys[:, :, self.length : end] = k
        values[:, :, self.length : end] = v
        return keys[:, :, :end], values[:, :, :end]

    def mask(self, n_new: int) -> Tensor | None:
        """Who may look where: bool (B or 1, 1, T, S), T = n_new.

        None stands for the causal mask of a first reading, and for a single new column
        that sees all. Padding is seen by nobody but itself (a row must see something).

        >>> shape = CacheShape(n_layers=1, n_heads=1, head_dim=2, context_size=4)
        >>> KVCache(shape, 1, n_pad=torch.tensor([1])).mask(2)[0, 0].int()
        tensor([[1, 0],
                [0, 1]], dtype=torch.int32)
        """
        if self.n_pad is None and (n_new == 1 or self.length == 0):
            return None
        columns = torch.arange(self.length + n_new, device=self.rooms.device)
        rows = columns[self.length :, None]
        allowed = columns <= rows  # (T, S)
        if self.n_pad is None:
            return allowed[None, None]
        real = columns >= self.n_pad[:, None, None, None]  # (B, 1, 1, S)
        return allowed & (real | (columns == rows))

    def keep(self, rows: Tensor) -> None:
        """Forget all rows but these: int64 (B',).

        >>> shape = CacheShape(n_layers=1, n_heads=1, head_dim=2, context_size=4)
        >>> cache = KVCache(shape, 3, n_pad=torch.tensor([0, 2, 1]))
        >>> cache.keep(torch.tensor([2, 0]))
        >>> cache.n_pad
        tensor([1, 0])
        """
        rows = rows.to(self.rooms.device)
        self.rooms = self.rooms[:, :, rows]
        self.n_pad = None if self.n_pad is None else self.n_pad[rows]


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


class MultiHeadAttention(nn.Module):
    """H heads of causal attention over a stream of width C.

    With `qk_norm` queries and keys have length sqrt(D), and a learned `gain` says how
    sharply to look.

    Args:
        emb_dim: C, a multiple of n_heads (with rotary positions of 2 * n_heads).
        n_heads: H.
        layer: which one this is; its place in a `KVCache`.
        rotary: turn queries and keys by their positions.
        qk_norm: norm queries and keys.
        bias: add biases to both projections.
        dropout: share of weights dropped in training.

    Source: Vaswani et al. 2017, section 3.2.2; QK-norm Henry et al. 2020.

    >>> MultiHeadAttention(emb_dim=8, n_heads=2)(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    def __init__(
        self,
        emb_dim: int,
        n_heads: int,
        *,
        layer: int = 0,
        rotary: bool = True,
        qk_norm: bool = True,
        bias: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_heads, self.layer = n_heads, layer
        self.rotary, self.dropout = rotary, dropout
        self.qkv = nn.Linear(emb_dim, 3 * emb_dim, bias=bias)
        self.proj = nn.Linear(emb_dim, emb_dim, bias=bias)
        self.gain = nn.Parameter(torch.tensor([1.7])) if qk_norm else None

    def heads(
        self, x: Tensor, table: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys, values of each head: (B, T, C) -> three (B, H, T, D).

        `table` holds the rotations of these positions, see `rotate`.
        """
        B, T, C = x.shape
        D = C // self.n_heads
        split = self.qkv(x).view(B, T, 3, self.n_heads, D).permute(2, 0, 3, 1, 4)
        q, k, v = split.unbind(0)
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

        With a cache, `x` holds the new positions only and `mask` says where they may
        look among all so far; see `KVCache.mask`.
        """
        q, k, v = self.heads(x, table)
        if cache is not None:
            k, v = cache.extend(self.layer, k, v)
        dropout = self.dropout if self.training else 0.0
        causal = mask is None and x.shape[1] > 1
        mixed = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, dropout_p=dropout, is_causal=causal
        )
        out: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return out
