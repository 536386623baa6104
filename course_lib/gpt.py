"""GPT: its sizes, its block, the whole model, its first weights.

Shape letters: `B` batch, `T` time, `C` = emb_dim, `V` vocabulary.
"""

import math
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.attention import (
    MultiHeadAttention,
    document_mask,
    document_places,
    rotation_table,
)
from course_lib.cache import CacheShape, KVCache
from course_lib.choices import check_above_0, check_settings
from course_lib.device import NoDraws


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
    n_kv_heads: int | None = None
    """Heads that hold keys and values, a divisor of n_heads; None: each its own."""
    n_layers: int = 3
    """Blocks."""
    positions: Literal["rotary", "learned"] = "rotary"
    """How the order is known: turned queries and keys, or a vector per position."""
    rotary_base: float | None = None
    """Nearly so many times slower the last pair turns than the first; None: 10,000."""
    norm: Literal["layer", "rms"] = "layer"
    """LayerNorm, or RMSNorm, which leaves the mean alone and has no bias."""
    norm_eps: float | None = None
    """Keeps the norm from dividing by 0; None: 1e-5 ("layer") or 1e-6 ("rms")."""
    activation: Literal["gelu", "gelu_tanh", "relu_squared", "swiglu"] = "gelu"
    """Of the feed-forward layer; GPT-2 has "gelu_tanh", Llama "swiglu"."""
    hidden_dim: int | None = None
    """Width of the feed-forward layer; None: 4 * emb_dim."""
    qk_norm: bool = True
    """Norm queries and keys."""
    bias: bool = False
    """Biases in the projections and the LayerNorms."""
    tied: bool = True
    """The output head is the embedding, transposed."""
    dropout: float = 0.0
    """Share of the embedded tokens, of what is added to the stream and of attention
    weights that is dropped in training."""

    def __post_init__(self) -> None:
        check_settings(self)
        check_above_0(rotary_base=self.rotary_base, norm_eps=self.norm_eps)
        if self.n_heads % self.kv_heads:
            raise ValueError(
                f"n_kv_heads is {self.n_kv_heads}: use a divisor of n_heads = "
                f"{self.n_heads}"
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
    def kv_heads(self) -> int:
        """Heads that hold keys and values."""
        return self.n_kv_heads or self.n_heads

    @property
    def inner_dim(self) -> int:
        """Width of the feed-forward layer."""
        return self.hidden_dim or 4 * self.emb_dim

    @property
    def cache_shape(self) -> CacheShape:
        """What a `KVCache` for this model needs to know."""
        return CacheShape(
            n_layers=self.n_layers,
            n_heads=self.kv_heads,
            head_dim=self.head_dim,
            context_size=self.context_size,
        )


_GPT2_SIZES = {  # emb_dim, n_heads, n_layers
    "small": (768, 12, 12),
    "medium": (1024, 16, 24),
    "large": (1280, 20, 36),
    "xl": (1600, 25, 48),
}


def gpt2_config(size: str = "small") -> GPTConfig:
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
    )


def count_parameters(config: GPTConfig) -> int:
    """How many numbers a model of this configuration learns; nothing is allocated.

    A tied head counts once.

    >>> count_parameters(gpt2_config("small"))
    124439808
    """
    return sum(p.numel() for p in unfilled(config).parameters())


def unfilled(config: GPTConfig) -> "GPT":
    """A model whose weights are still to come, on the device "meta".

    `load_state_dict(weights, assign=True)` gives them. No memory and no time goes into
    first weights.

    >>> unfilled(gpt2_config("xl")).embedding.weight.device
    device(type='meta')
    """
    with torch.device("meta"), NoDraws():
        return GPT(config)


def _norm(config: GPTConfig) -> nn.Module:
    if config.norm == "rms":
        return nn.RMSNorm(config.emb_dim, eps=config.norm_eps or 1e-6)
    return nn.LayerNorm(config.emb_dim, eps=config.norm_eps or 1e-5, bias=config.bias)


def activate(x: Tensor, name: str) -> Tensor:
    """The bend of the feed-forward layer, by its name in `GPTConfig.activation`.

    Of "swiglu" it is the gate's, SiLU.

    >>> activate(torch.tensor([-1.0, 3.0]), "relu_squared")
    tensor([0., 9.])
    """
    if name == "relu_squared":  # So et al. 2021
        return F.relu(x).square()
    if name == "swiglu":  # Shazeer 2020
        return F.silu(x)
    return F.gelu(x, approximate="tanh" if name == "gelu_tanh" else "none")


class Block(nn.Module):
    """Attention, then a feed-forward layer; each adds to the stream what it finds.

    With "swiglu" the bent half of the feed-forward layer, the gate, multiplies the
    straight one.

    Source: Radford et al. 2019 (the norm stands before each part); Shazeer 2020.

    >>> config = GPTConfig(vocab_size=5, emb_dim=8, n_heads=2)
    >>> Block(config)(torch.zeros(1, 3, 8)).shape
    torch.Size([1, 3, 8])
    """

    to_stream = ("down",)
    """Layers whose outputs are added to the stream."""

    def __init__(self, config: GPTConfig, layer: int = 0) -> None:
        super().__init__()
        C, bias = config.emb_dim, config.bias
        self.norm_1 = _norm(config)
        self.attention = MultiHeadAttention(
            C,
            config.n_heads,
            n_kv_heads=config.n_kv_heads,
            layer=layer,
            rotary=config.positions == "rotary",
            qk_norm=config.qk_norm,
            bias=bias,
            dropout=config.dropout,
        )
        self.norm_2 = _norm(config)
        if config.activation == "swiglu":
            self.gate = nn.Linear(C, config.inner_dim, bias=bias)
        self.up = nn.Linear(C, config.inner_dim, bias=bias)
        self.down = nn.Linear(config.inner_dim, C, bias=bias)
        self.dropout = nn.Dropout(config.dropout)
        self.activation = config.activation

    def forward(
        self,
        x: Tensor,
        table: Tensor | None = None,
        cache: KVCache | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """(B, T, C) -> (B, T, C); for the rest see `MultiHeadAttention`."""
        x = x + self.dropout(self.attention(self.norm_1(x), table, cache, mask))
        out: Tensor = x + self.dropout(self.down(self.inner(self.norm_2(x))))
        return out

    def inner(self, x: Tensor) -> Tensor:
        """The wide part of the feed-forward layer: (B, T, C) -> (B, T, inner_dim)."""
        up: Tensor = self.up(x)
        if self.activation == "swiglu":
            return activate(self.gate(x), "swiglu") * up
        return activate(up, self.activation)


class GPT(nn.Module):
    """A decoder-only transformer.

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

    table: Tensor

    def __init__(
        self, config: GPTConfig, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.config = config
        V, T, C = config.vocab_size, config.context_size, config.emb_dim
        self.embedding = nn.Embedding(V, C)
        if config.positions == "learned":
            self.position_embedding = nn.Embedding(T, C)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, i) for i in range(config.n_layers))
        self.norm = _norm(config)
        if not config.tied:
            self.head = nn.Linear(C, V, bias=False)
        if config.positions == "rotary":
            table = rotation_table(T, config.head_dim, config.rotary_base)
            self.register_buffer("table", table, persistent=False)
        _init_weights(self, generator)

    def forward(
        self,
        tokens: Tensor,
        cache: KVCache | None = None,
        *,
        last_only: bool = False,
        documents: Tensor | None = None,
        features: bool = False,
    ) -> Tensor:
        """Score the next token at each position: int64 (B, T) -> logits (B, T, V).

        With a cache, `tokens` go on where it ends, and it grows by T columns. With
        `last_only` only the last position is scored: (B, 1, V). `documents` (B, T)
        numbers the documents packed into each row, from the left: none sees another.
        With `features` the stream (B, T, C) before the output head is returned.

        Raises:
            ValueError: if tokens are not (B, T), or reach beyond the context size, or
                documents come with a cache.
        """
        config, start = self.config, cache.length if cache else 0
        n_pad = cache.n_pad if cache else None
        _check_reading(tokens, config, cache, documents)
        T = tokens.shape[1]
        x = self.embedding(tokens)  # (B, T, C)
        table = None
        places = torch.arange(start, start + T, device=tokens.device)
        if n_pad is not None:
            places = (places - n_pad[:, None]).clamp_min(0)  # (B, T)
        if documents is not None:  # rotary positions are relative: no need of these
            places = document_places(documents)
        if config.positions == "learned":
            x = x + self.position_embedding(places)
        elif n_pad is None:
            table = self.table[:, start : start + T]
        else:
            table = self.table[:, places].unsqueeze(2)  # (2, B, 1, T, D / 2)
        x = self.dropout(x)
        mask = cache.mask(T) if cache else document_mask(documents)
        for block in self.blocks:
            x = block(x, table, cache, mask)
        if cache is not None:
            cache.length += T
        x = self.norm(x[:, -1:] if last_only else x)
        if features:
            return cast(Tensor, x)
        if config.tied:
            return F.linear(x, self.embedding.weight)
        scores: Tensor = self.head(x)
        return scores


def _check_reading(
    tokens: Tensor, config: GPTConfig, cache: KVCache | None, documents: Tensor | None
) -> None:
    """Raise ValueError for what a model of this configuration cannot read."""
    start = cache.length if cache else 0
    n_pad = cache.n_pad if cache else None
    begin = start if n_pad is None else start - int(n_pad.min())
    if tokens.ndim != 2 or begin + tokens.shape[1] > config.context_size:
        raise ValueError(
            f"tokens are {tuple(tokens.shape)}{f' after {start}' if start else ''}:"
            f" this model reads (batch, up to {config.context_size})"
        )
    if documents is not None and (cache or documents.shape != tokens.shape):
        raise ValueError(
            f"documents are {tuple(documents.shape)} for tokens {tuple(tokens.shape)}: "
            "give one number for each token, and no cache"
        )


@torch.no_grad()
def _init_weights(model: GPT, generator: torch.Generator | None) -> None:
    """Draw the first weights so that the loss starts near ln V.

    A head of its own starts at zero: all logits are equal. A tied one is the embedding,
    whose 0.02 is GPT-2's: all logits are small. A width of
    0.6 / sqrt(C) was found by trying on Tiny World; what is added to the stream is
    smaller by the root of the number of additions, two a layer, and by sqrt(2) more
    (after Radford et al. 2019).
    """
    C, depth = model.config.emb_dim, model.config.n_layers
    to_stream = {
        getattr(module, name)
        for module in model.modules()
        for name in getattr(module, "to_stream", ())
    }
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02, generator=generator)
        elif isinstance(module, nn.Linear) and module is getattr(model, "head", None):
            nn.init.zeros_(module.weight)
        elif isinstance(module, nn.Linear):
            std = 0.6 / math.sqrt(C)
            if module in to_stream:
                std /= 2 * math.sqrt(depth)
            nn.init.normal_(module.weight, std=std, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
