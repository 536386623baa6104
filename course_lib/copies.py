"""Copied word for word: the longest runs that a text shares with another.

A low loss does not say whether a model understands or recites. This meter looks only
at what it wrote: how long is the longest piece that stands like this in the text it
learned from? Compare with a new text by the same author: any two share some pieces.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """A piece of a text: its first token and its number of tokens."""

    start: int
    length: int


class CopyMeter:
    """Finds in any text what stands word for word in `known`.

    Args:
        known: token ids of the text that may have been copied, in order.

    Raises:
        ValueError: for a token id that is negative or above 1,114,111.

    >>> meter = CopyMeter([5, 6, 7, 8, 9])
    >>> meter.runs([1, 6, 7, 8, 5])
    [0, 1, 2, 3, 1]
    >>> meter.longest([1, 6, 7, 8, 5])
    Run(start=1, length=3)
    """

    def __init__(self, known: Iterable[int]) -> None:
        self._known = _as_text(known)  # str searches a substring at machine speed

    def runs(self, tokens: Sequence[int]) -> list[int]:
        """For each token: how long is the longest known piece that ends here?"""
        text, lengths, n = _as_text(tokens), [], 0
        for end in range(1, len(text) + 1):
            n += 1  # one token more can make it longer by one at most
            while n and text[end - n : end] not in self._known:
                n -= 1
            lengths.append(n)
        return lengths

    def cover(self, tokens: Sequence[int]) -> list[int]:
        """For each token: how long is the longest known piece that it is part of?

        >>> CopyMeter([5, 6, 7, 8, 9]).cover([1, 6, 7, 8, 5])
        [0, 3, 3, 3, 1]
        """
        covered = [0] * len(tokens)
        for end, n in enumerate(self.runs(tokens), start=1):
            for i in range(end - n, end):
                covered[i] = max(covered[i], n)
        return covered

    def longest(self, tokens: Sequence[int]) -> Run:
        """The longest known piece of `tokens`, the first one of several."""
        lengths = self.runs(tokens)
        if not any(lengths):
            return Run(0, 0)
        end = max(range(len(lengths)), key=lambda i: (lengths[i], -i))
        return Run(end + 1 - lengths[end], lengths[end])


def _as_text(tokens: Iterable[int]) -> str:
    tokens = list(tokens)
    try:
        return "".join(map(chr, tokens))
    except (ValueError, OverflowError) as error:
        wrong = next(t for t in tokens if not 0 <= t < 0x110000)
        raise ValueError(f"token id {wrong}: use 0 .. {0x110000 - 1:,}") from error
