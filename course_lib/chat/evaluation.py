"""Measuring answers: shares with their standard errors, and calibration."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Rate(NamedTuple):
    """A share of cases, with the standard error of the share."""

    mean: float
    """In 0 .. 1."""
    error: float
    """Standard error: about two thirds of repetitions lie closer than this."""
    n: int
    """Cases counted."""

    def __str__(self) -> str:
        return f"{self.mean:.2f} ± {self.error:.2f}"


def rate(hits: Iterable[bool]) -> Rate:
    """The share of True, and its standard error sqrt(p (1 - p) / n).

    At 0 or 1 the formula would claim certainty; there the error is that of one case
    more on the other side (Agresti and Coull 1998, in spirit: add cases of both kinds).

    Raises:
        ValueError: if there are no cases.

    >>> print(rate([True, True, True, False]))
    0.75 ± 0.22
    """
    cases = [bool(hit) for hit in hits]
    n = len(cases)
    if n == 0:
        raise ValueError("there are no cases to count")
    p = sum(cases) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return Rate(p, math.sqrt(spread * (1 - spread) / n), n)


class Bin(NamedTuple):
    """The answers whose confidence lies in one range."""

    confidence: float
    """Mean confidence."""
    accuracy: float
    """Share of right answers."""
    n: int
    """Answers."""


def calibration(
    confidences: Sequence[float], right: Sequence[bool], n_bins: int = 10
) -> list[Bin]:
    """How often answers are right, by how sure the model was; empty bins left out.

    Raises:
        ValueError: if the lengths differ, there is nothing, or a confidence is outside
            0 .. 1.

    Source: reliability diagram, DeGroot and Fienberg 1983.

    >>> calibration([0.9, 0.9, 0.2, 0.2], [True, True, False, True], n_bins=2)
    [Bin(confidence=0.2, accuracy=0.5, n=2), Bin(confidence=0.9, accuracy=1.0, n=2)]
    """
    if len(confidences) != len(right) or not right:
        raise ValueError(f"{len(confidences)} confidences for {len(right)} answers")
    if not all(0 <= c <= 1 for c in confidences):
        raise ValueError("a confidence is a probability: 0 to 1")
    bins: dict[int, list[tuple[float, bool]]] = {}
    for c, hit in zip(confidences, right, strict=True):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append((c, hit))
    return [
        Bin(
            sum(c for c, _ in cases) / len(cases),
            sum(hit for _, hit in cases) / len(cases),
            len(cases),
        )
        for _, cases in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between confidence and accuracy, bins weighted by answers.

    Source: expected calibration error, Naeini et al. 2015.

    >>> calibration_error([Bin(0.9, 0.8, 3), Bin(0.1, 0.2, 1)])
    0.1
    """
    n = sum(b.n for b in bins)
    total = sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / n
    return round(total, 12)
