"""The sizes and parts of a GPT, and GPT-2's."""

from dataclasses import dataclass
from typing import Literal

from course_lib.attention import CacheShape


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """Sizes and parts of a `GPT`; the defaults learn Tiny World on one CPU core."""

    vocab_size: int
    """How many tokens there are."""
    context_size: int = 128
    """The longest text the model reads at once, in tokens."""
    emb_dim: int = 128
    """Numbers per token, a multiple of n_heads (of 2 * n_heads if rotary)."""
    n_heads: int = 4
    """Attention heads in each block."""
    n_layers: int = 3
    """Blocks."""
    positions: Literal["rotary", "learned"] = "rotary"
    """How the order is known: turned queries and keys, or a vector per position."""
    norm: Literal["layer", "rms"] = "layer"
    """LayerNorm, or RMSNorm, which leaves the mean alone and has no bias."""
    activation: Literal["gelu", "gelu_tanh", "relu_squared"] = "gelu"
    """Of the feed-forward layer; GPT-2 has "gelu_tanh"."""
    qk_norm: bool = True
    """Norm queries and keys."""
    bias: bool = False
    """Biases in the projections and the LayerNorms."""
    tied: bool = True
    """The output head is the embedding, transposed."""
    dropout: float = 0.0
    """Share of the stream's additions and attention weights dropped in training."""

    def __post_init__(self) -> None:
        for name in ("vocab_size", "context_size", "emb_dim", "n_heads", "n_layers"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}: use an integer >= 1")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}: use {' or '.join(choices)}"
                )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: use 0 or more, below 1")
        pairs = 2 if self.positions == "rotary" else 1
        if self.emb_dim % (pairs * self.n_heads):
            raise ValueError(
                f"emb_dim is {self.emb_dim}: use a multiple of "
                f"{'2 * ' if pairs == 2 else ''}n_heads = {pairs * self.n_heads}"
            )

    @property
    def head_dim(self) -> int:
        """Numbers per head."""
        return self.emb_dim // self.n_heads

    @property
    def cache_shape(self) -> CacheShape:
        """What a `KVCache` for this model needs to know."""
        return CacheShape(
            n_layers=self.n_layers,
            n_heads=self.n_heads,
            head_dim=self.head_dim,
            context_size=self.context_size,
        )


_CHOICES = {
    "positions": ("rotary", "learned"),
    "norm": ("layer", "rms"),
    "activation": ("gelu", "gelu_tanh", "relu_squared"),
}
_GPT2_SIZES = {  # emb_dim, n_heads, n_layers
    "small": (768, 12, 12),
    "medium": (1024, 16, 24),
    "large": (1280, 20, 36),
    "xl": (1600, 25, 48),
}


def gpt2_config(size: str = "small", *, dropout: float = 0.0) -> GPTConfig:
    """The configuration of GPT-2: "small", "medium", "large" or "xl".

    Raises:
        ValueError: for another size.

    Source: Radford et al. 2019, table 2; sizes as published with the weights.

    >>> gpt2_config("xl").emb_dim
    1600
    """
    if size not in _GPT2_SIZES:
        raise ValueError(f"size is {size!r}: use {', '.join(_GPT2_SIZES)}")
    emb_dim, n_heads, n_layers = _GPT2_SIZES[size]
    return GPTConfig(
        vocab_size=50_257,
        context_size=1024,
        emb_dim=emb_dim,
        n_heads=n_heads,
        n_layers=n_layers,
        positions="learned",
        activation="gelu_tanh",
        qk_norm=False,
        bias=True,
        dropout=dropout,
    )
