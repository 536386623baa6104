"""Preference pairs: which of two answers to the same prompt somebody liked better."""

from collections.abc import Sequence
from typing import NamedTuple

HELD_OUT = 0.2
"""The share of prompts whose pairs are held out."""


class Pair(NamedTuple):
    """A prompt and two answers, as token ids; each answer ends with its end mark."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


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
