"""What a head is worth: the next words with all heads on, and with one switched off."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

N_CANDIDATES = 6


def _check(probs: Tensor, ablated: Tensor, T: int, V: int) -> None:
    L, H = ablated.shape[:2] if ablated.ndim == 4 else (1, 1)
    if tuple(probs.shape) != (T, V) or tuple(ablated.shape) != (L, H, T, V):
        raise ValueError(
            f"probs have shape {tuple(probs.shape)}, ablated {tuple(ablated.shape)}: "
            f"give {(T, V)} and (L, H, {T}, {V})"
        )
    for name, table in (("probs", probs), ("ablated", ablated)):
        if not ((table >= 0).all() and (table <= 1.001).all()):
            raise ValueError(f"{name} hold a number that is no probability")


class Ablation(NamedTuple):
    """What may come next at each place, with all heads on and with one head off."""

    words: list[list[str]]
    """(T, K) candidates, the likeliest first."""
    truth: list[int]
    """(T,), which candidate comes next in the text; -1 if none does."""
    on: Tensor
    """(T, K) probabilities with every head on."""
    off: Tensor
    """(L, H, T, K) probabilities with that head switched off."""
    losses: list[float]
    """Mean loss of the text in nats: all heads on, each head off; [] if unknown."""


def compare(
    vocabulary: Sequence[str], tokens: Sequence[str], probs: Tensor, ablated: Tensor
) -> Ablation:
    """Keep the few next tokens per place that are likely with or without some head.

    Args:
        vocabulary: V strings.
        tokens: T strings, the text.
        probs: (T, V), the probabilities of the token after each place.
        ablated: (L, H, T, V), the same with that head switched off.

    Raises:
        ValueError: for shapes that do not fit, or numbers that are no probabilities.

    >>> even, sure = torch.full((2, 2), 0.5), torch.tensor([[[[0.0, 1.0]] * 2]])
    >>> compare(["b", "c"], ["a", "b"], even, sure).losses
    [0.6931471824645996, inf]
    """
    _check(probs, ablated, len(tokens), len(vocabulary))
    T, V = probs.shape
    place = {word: i for i, word in reversed(list(enumerate(vocabulary)))}
    following = [place.get(word, -1) for word in tokens[1:]] + [-1]
    most = torch.cat([probs[None], ablated.flatten(0, 1)]).amax(dim=0)  # (T, V)
    for t, target in enumerate(following):
        if target >= 0:
            most[t, target] = 2.0  # the truth is always shown
    K = min(N_CANDIDATES, V)
    chosen = most.argsort(dim=-1, descending=True, stable=True)[:, :K].sort(-1).values
    rough = (1000 * probs.gather(1, chosen)).round()  # the same order on any machine
    order = rough.argsort(dim=-1, descending=True, stable=True)
    chosen = chosen.gather(1, order)
    known = [t for t in range(T) if following[t] >= 0]
    targets = torch.tensor([following[t] for t in known])
    runs = [probs, *ablated.flatten(0, 1)]
    losses = [-run[known, targets].log().mean().item() for run in runs] if known else []
    return Ablation(
        words=[[str(vocabulary[i]) for i in row] for row in chosen.tolist()],
        truth=[
            row.index(target) if target in row else -1
            for row, target in zip(chosen.tolist(), following, strict=True)
        ],
        on=probs.gather(1, chosen),
        off=ablated.gather(3, chosen.expand(*ablated.shape[:2], T, K)),
        losses=losses,
    )
