"""What a small vocabulary makes of somebody's capitals."""

import re
from collections.abc import Sequence

_LETTERS = re.compile(r"[A-Za-z]+")


def folded(text: str, words: Sequence[str]) -> str:
    """The text with capitals as the vocabulary has them, where there is one way only.

    Words that are known as they stand stay so. With no words, any text is known.

    >>> folded("how old is lumira?", ["How", "how", "Lumira", "is", "old"])
    'how old is Lumira?'
    >>> folded("Is PICKLE here?", ["is", "Pickle", "pickle"])
    'is PICKLE here?'
    """
    known = set(words)

    def as_known(found: re.Match[str]) -> str:
        word = found[0]
        ways = [w for w in known if w.lower() == word.lower()]
        return ways[0] if word not in known and len(ways) == 1 else word

    return _LETTERS.sub(as_known, text) if known else text
