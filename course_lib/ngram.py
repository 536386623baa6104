"""Models that are tables: counts of what follows, and exact floors by counting.

Shape letters: `B` batch, `T` = context_size, `V` vocabulary.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.choices import check_least
from course_lib.names import ALPHABET, check_window, windows

LONGEST_CONTEXT = 12  # a context is one int64 key: 27**12 < 2**63


def bigram_counts(names: Sequence[str], alphabet: str = ALPHABET) -> Tensor:
    """How often each letter follows each letter: int64 (V, V), [previous, next].

    >>> bigram_counts(["ab", "aa"])[1, :3].tolist()
    [1, 1, 1]
    """
    contexts, targets = windows(names, 1, alphabet)
    V = len(alphabet)
    return torch.bincount(contexts[:, 0] * V + targets, minlength=V**2).view(V, V)


def context_entropy(
    names: Sequence[str], context_size: int, alphabet: str = ALPHABET
) -> float:
    """H(next | previous `context_size` letters) in nats per letter, by counting.

    No model that sees only these letters can have a lower mean loss on `names`:
    the floor of its training loss. The end mark counts as a letter.

    Source: Shannon 1951, eq. 1.

    >>> context_entropy(["ab", "ac"], 1) == math.log(2) / 3
    True
    """
    contexts, targets = windows(names, context_size, alphabet)
    V, rows = len(alphabet), torch.zeros_like(targets)  # rows: which context it is
    for letters in contexts.T:
        _, rows = torch.unique(rows * V + letters, return_inverse=True)
    pairs, counts = torch.unique(rows * V + targets, return_counts=True)
    totals = torch.bincount(rows)[pairs // V]
    surprise = counts * (totals.double().log() - counts.double().log())
    return float(surprise.sum() / counts.sum())


def context_entropies(
    names: Sequence[str], max_context: int = 8, alphabet: str = ALPHABET
) -> list[float]:
    """`context_entropy` for 0, 1, ..., `max_context` previous letters.

    >>> [round(h, 4) for h in context_entropies(["ab", "ac"], 2)]
    [1.3297, 0.231, 0.231]
    """
    return [context_entropy(names, k, alphabet) for k in range(max_context + 1)]


def _keys(tokens: Tensor, vocab_size: int) -> Tensor:
    """Contexts (B, T) read as numbers in base V: int64 (B,)."""
    keys = torch.zeros(len(tokens), dtype=torch.int64, device=tokens.device)
    for t in range(tokens.shape[1]):
        keys = keys * vocab_size + tokens[:, t]
    return keys


class NGram(nn.Module):
    """P(next | last T letters) from counts, mixed with a prior.

    p = (count + strength * prior) / (total + strength): `strength` imaginary
    observations, spread evenly (add-k smoothing with k = strength / V) or, with a
    `shorter` model, like that model's prediction (interpolation).

    Calling it with tokens (B, T) gives log-probabilities (B, V), usable as logits.
    Make one with `NGram.fit`.  Source: MacKay and Peto 1995, eq. 8.
    """

    keys: Tensor
    counts: Tensor

    def __init__(
        self,
        keys: Tensor,
        counts: Tensor,
        context_size: int,
        strength: float,
        shorter: "NGram | None",
    ) -> None:
        super().__init__()
        self.context_size = context_size
        self.strength = strength
        self.shorter = shorter
        self.register_buffer("keys", keys)
        self.register_buffer("counts", counts)

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        context_size: int,
        *,
        strength: float = 0.0,
        interpolate: bool = False,
        alphabet: str = ALPHABET,
    ) -> "NGram":
        """Count every window of `names`.

        Args:
            names: what to count.
            context_size: T, how many letters back it looks.
            strength: how many imaginary observations the prior is worth.
            interpolate: take as the prior what the table with one letter less says, and
                so on; else all letters alike.
            alphabet: of the list, see `alphabet_of`.

        Raises:
            ValueError: if `context_size` is not 0 .. 12 (fewer in an alphabet of 39 or
                more letters) or `strength` not >= 0.

        >>> model = NGram.fit(["ab", "aa"], 1)
        >>> model(torch.tensor([[1]])).exp()[0, :4]
        tensor([0.3333, 0.3333, 0.3333, 0.0000])
        """
        V = len(alphabet)
        longest = min(LONGEST_CONTEXT, int(63 / math.log2(V)))
        if not 0 <= context_size <= longest:
            raise ValueError(f"context_size is {context_size}: use 0 .. {longest}")
        check_least(0, strength=strength)
        contexts, targets = windows(names, context_size, alphabet)
        keys, rows = torch.unique(_keys(contexts, V), return_inverse=True)
        counts = torch.bincount(rows * V + targets, minlength=len(keys) * V).view(-1, V)
        shorter = None
        if interpolate and context_size > 0:
            shorter = cls.fit(
                names,
                context_size - 1,
                strength=strength,
                interpolate=True,
                alphabet=alphabet,
            )
        return cls(keys, counts, context_size, strength, shorter)

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the next letter: tokens int64 (B, T) -> log-probabilities (B, V)."""
        check_window(tokens, self.context_size)
        return self._probs(tokens).log().float()

    def _probs(self, tokens: Tensor) -> Tensor:
        """The distribution itself, float64 (B, V)."""
        V = self.counts.shape[1]
        if self.shorter is None:
            prior = torch.full(
                (len(tokens), V), 1 / V, dtype=torch.float64, device=tokens.device
            )
        else:
            prior = self.shorter._probs(tokens[:, 1:])
        keys = _keys(tokens, V)
        rows = torch.searchsorted(self.keys, keys).clamp(max=len(self.keys) - 1)
        seen = (self.keys[rows] == keys).unsqueeze(1)
        counts = self.counts[rows].double() * seen
        total = counts.sum(1, keepdim=True)
        probs = (counts + self.strength * prior) / (total + self.strength)
        return torch.where(total > 0, probs, prior)  # never seen: the prior alone
