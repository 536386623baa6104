"""Preference pairs: which of two answers to the same prompt somebody liked better."""

from collections.abc import Sequence
from typing import NamedTuple

from course_lib.tokenizer.interface import check_text

KEYS = ("prompt", "chosen", "rejected")
HELD_OUT = 0.2
"""The share of prompts whose pairs are held out."""


class Pair(NamedTuple):
    """A prompt and two answers, as token ids; each answer ends with its end mark."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


class TextPair(NamedTuple):
    """The same as text."""

    prompt: str
    chosen: str
    rejected: str


def check_pair(pair: TextPair | Pair) -> None:
    """Raise ValueError for a pair that teaches nothing.

    >>> check_pair(TextPair("Hello !", "Hello !", "Hello !"))
    Traceback (most recent call last):
    ...
    ValueError: chosen and rejected are the same: nobody preferred anything
    """
    for key, side in zip(KEYS, pair, strict=True):
        if not (side.strip() if isinstance(side, str) else side):
            raise ValueError(f"{key} is empty: give a text")
        if isinstance(side, str):
            check_text(side)
    if pair.chosen == pair.rejected:
        raise ValueError("chosen and rejected are the same: nobody preferred anything")


def split_pairs(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs held out, split by prompt, never by pair.

    Raises:
        ValueError: if one of the two would be empty.

    >>> pairs = [Pair([1, i], [2], [3]) for i in (0, 0, 1, 1, 2, 3, 4)]
    >>> train, held = split_pairs(pairs)
    >>> {p.prompt[1] for p in train} & {p.prompt[1] for p in held}
    set()
    """
    prompts = list(dict.fromkeys(tuple(pair.prompt) for pair in pairs))
    n_held = round(HELD_OUT * len(prompts))
    if not 0 < n_held < len(prompts):
        raise ValueError(f"{len(prompts)} prompts cannot be split at {HELD_OUT}")
    held = set(prompts[:n_held])
    return (
        [pair for pair in pairs if tuple(pair.prompt) not in held],
        [pair for pair in pairs if tuple(pair.prompt) in held],
    )
