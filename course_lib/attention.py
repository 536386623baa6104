"""Causal self-attention: each position looks back at itself and what came before.

Shape letters: `B` batch, `T` time, `C` = emb_dim, `H` heads, `D = C // H`.
"""

import math

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


def rotate(x: Tensor, base: float = 10_000.0) -> Tensor:
    """Turn pairs of numbers by angles that grow with the position (RoPE).

    The product of a turned query and a turned key depends only on how far apart they
    are. (B, H, T, D) -> (B, H, T, D), D even.  Source: Su et al. 2021, eq. 34.

    >>> x = torch.randn(1, 1, 5, 8)
    >>> torch.allclose(rotate(x).norm(dim=-1), x.norm(dim=-1))
    True
    """
    T, D = x.shape[-2:]
    pairs = torch.arange(D // 2, device=x.device)
    angles = torch.arange(T, device=x.device)[:, None] * base ** (-2 * pairs / D)
    cos, sin = angles.cos(), angles.sin()  # (T, D / 2)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


class MultiHeadAttention(nn.Module):
    """H heads of causal attention with rotary positions and normed queries and keys.

    Queries and keys have length sqrt(D); a learned `gain` says how sharply to look.

    Args:
        emb_dim: C, a multiple of 2 * n_heads.
        n_heads: H.

    Source: Vaswani et al. 2017, section 3.2.2; QK-norm Henry et al. 2020.

    >>> MultiHeadAttention(emb_dim=8, n_heads=2)(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    def __init__(self, emb_dim: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.qkv = nn.Linear(emb_dim, 3 * emb_dim, bias=False)
        self.proj = nn.Linear(emb_dim, emb_dim, bias=False)
        self.gain = nn.Parameter(torch.tensor(1.7))

    def forward(self, x: Tensor) -> Tensor:
        """Mix the positions: (B, T, C) -> (B, T, C)."""
        B, T, C = x.shape
        D = C // self.n_heads
        heads = self.qkv(x).view(B, T, 3, self.n_heads, D).permute(2, 0, 3, 1, 4)
        q, k, v = heads.unbind(0)  # each (B, H, T, D)
        q, k = rotate(self.gain * F.rms_norm(q, (D,))), rotate(F.rms_norm(k, (D,)))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(B, T, C))
        return out
