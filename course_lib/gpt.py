"""GPT: token embedding, blocks of attention and feed-forward, and logits.

Shape letters: `B` batch, `T` time, `C` = emb_dim, `V` vocabulary.
"""

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.attention import MultiHeadAttention


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """Sizes of a `GPT`; the defaults learn Tiny World on one CPU core in minutes."""

    vocab_size: int
    """How many tokens there are."""
    context_size: int = 128
    """The longest text the model reads at once, in tokens."""
    emb_dim: int = 128
    """Numbers per token, a multiple of 2 * n_heads."""
    n_heads: int = 4
    """Attention heads in each block."""
    n_layers: int = 3
    """Blocks."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{field.name} is {value!r}: use an integer >= 1")
        if self.emb_dim % (2 * self.n_heads):
            raise ValueError(
                f"emb_dim is {self.emb_dim}: use a multiple of 2 * n_heads = "
                f"{2 * self.n_heads}"
            )


class Block(nn.Module):
    """Attention, then a feed-forward layer; each adds to the stream what it finds."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        C = config.emb_dim
        self.norm_1 = nn.LayerNorm(C)
        self.attention = MultiHeadAttention(C, config.n_heads)
        self.norm_2 = nn.LayerNorm(C)
        self.up = nn.Linear(C, 4 * C, bias=False)
        self.down = nn.Linear(4 * C, C, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        x = x + self.attention(self.norm_1(x))
        out: Tensor = x + self.down(F.gelu(self.up(self.norm_2(x))))
        return out


class GPT(nn.Module):
    """A decoder-only transformer with rotary positions and a tied output layer.

    Calling it with tokens (B, T), T <= context_size, gives logits (B, T, V): a
    prediction of the next token at every position.

    Args:
        config: the sizes.
        generator: draws the first weights; None takes torch's global one.

    Source: Radford et al. 2019; pre-norm, tied embedding (Press and Wolf 2017).

    >>> model = GPT(GPTConfig(vocab_size=27, emb_dim=32, n_layers=1))
    >>> model(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 5, 27])
    """

    def __init__(
        self, config: GPTConfig, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.emb_dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(config.emb_dim)
        nn.init.normal_(self.embedding.weight, std=0.05, generator=generator)
        for name, weight in self.blocks.named_parameters():
            if weight.ndim == 2:
                std = 0.6 / math.sqrt(config.emb_dim)
                if "proj" in name or "down" in name:  # they add up along the layers
                    std /= 2 * math.sqrt(config.n_layers)
                nn.init.normal_(weight, std=std, generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the next token at each position: int64 (B, T) -> logits (B, T, V)."""
        if tokens.ndim != 2 or tokens.shape[1] > self.config.context_size:
            raise ValueError(
                f"tokens are {tuple(tokens.shape)}: this model reads (batch, up to "
                f"{self.config.context_size})"
            )
        x = self.embedding(tokens)  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.norm(x) @ self.embedding.weight.T
        return logits
