"""NameMLP: embed a few letters, mix them once, score the next one.

Shape letters: `B` batch, `T` = context_size, `C` = emb_dim, `H` = hidden_dim, `V`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_lib.choices import check_settings
from course_lib.names import VOCAB_SIZE, check_window


@dataclass(frozen=True, kw_only=True)
class NameMLPConfig:
    """Sizes of a `NameMLP`; every one at least 1.

    >>> NameMLPConfig(hidden_dim=47).emb_dim
    10
    """

    vocab_size: int = VOCAB_SIZE
    """How many letters there are, the end mark included."""
    context_size: int = 3
    """How many previous letters the model sees."""
    emb_dim: int = 10
    """Numbers per letter."""
    hidden_dim: int = 64
    """Units of the hidden layer."""

    def __post_init__(self) -> None:
        check_settings(self)


class NameMLP(nn.Module):
    """The neural language model of Bengio et al. 2003, without the direct path.

    Calling it with tokens (B, T) gives logits (B, V).

    Args:
        config: the sizes.
        generator: draws the first weights; None takes torch's global one.

    >>> model = NameMLP(NameMLPConfig(hidden_dim=64))
    >>> sum(p.numel() for p in model.parameters())
    4009
    >>> model(torch.zeros(5, 3, dtype=torch.int64)).shape
    torch.Size([5, 27])
    """

    def __init__(
        self, config: NameMLPConfig, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.context_size = config.context_size
        self.embedding = nn.Embedding(config.vocab_size, config.emb_dim)
        self.hidden = nn.Linear(config.context_size * config.emb_dim, config.hidden_dim)
        self.head = nn.Linear(config.hidden_dim, config.vocab_size)
        nn.init.normal_(self.embedding.weight, generator=generator)
        for layer in (self.hidden, self.head):
            bound = 1 / math.sqrt(layer.in_features)  # torch's own default
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the next letter: tokens int64 (B, T) -> logits (B, V)."""
        check_window(tokens, self.context_size)
        x = self.embedding(tokens).flatten(1)  # (B, T * C)
        logits: Tensor = self.head(torch.tanh(self.hidden(x)))
        return logits
