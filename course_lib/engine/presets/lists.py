"""From a list of names to its three parts, and the losses known in advance."""

import math
from collections.abc import Callable
from pathlib import Path

from course_lib.names import (
    END,
    NAMES_FILE,
    NameSplits,
    labels_of,
    load_names,
    split_names,
)
from course_lib.ngram import context_entropy


def split_list(
    path: Path | None, say: Callable[[str], object] | None = None
) -> NameSplits:
    """The names of a file, or the course's own, in three parts.

    Args:
        path: see `load_names`; None for the course's own.
        say: see `load_names`.

    Raises:
        ValueError: for a list that cannot serve, or is too short to hold some out.

    >>> len(split_list(None).val) > 300
    True
    """
    names = load_names(path or NAMES_FILE, say)
    splits = split_names(names)
    if not (splits.train and splits.val):
        raise ValueError(
            f"{path} holds {len(names)} names: too few to hold some out; "
            "give 30 or more"
        )
    return splits


SHOWN_LETTERS = 60


def alphabet_line(alphabet: str) -> str:
    """The letters of a list in one line, the end mark named.

    >>> alphabet_line(". aså")
    'alphabet: 5 signs, the end mark . and ␣ a s å'
    """
    labels = labels_of(alphabet)
    end = labels.pop(END)
    more = " ..." if len(labels) > SHOWN_LETTERS else ""
    shown = " ".join(labels[:SHOWN_LETTERS])
    return f"alphabet: {len(alphabet)} signs, the end mark {end} and {shown}{more}"


def reference_lines(
    splits: NameSplits, context_size: int, alphabet: str
) -> dict[str, float]:
    """Losses known in advance, in nats per letter, by what they mean.

    >>> lines = reference_lines(NameSplits(["ab", "ac"], [], []), 1, ".abc")
    >>> [round(nats, 3) for nats in lines.values()]
    [1.386, 0.231, 0.231]
    """
    names, T, V = splits.train, context_size, len(alphabet)
    bigrams, windows = (context_entropy(names, k, alphabet) for k in (1, T))
    return {
        f"ln {V}: knows nothing": math.log(V),
        "the floor with 1 letter seen (bigram table)": bigrams,
        f"the floor with {T} letters seen, by counting": windows,
    }
