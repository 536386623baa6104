"""What a small vocabulary makes of somebody's words: capitals, near words, help."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_LETTERS = re.compile(r"[A-Za-z]+")
NEAR = 3


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


def unknown(text: str, words: Sequence[str]) -> list[str]:
    """The words and signs of a text that are not in the vocabulary, each once.

    What looks like a special token is left to the tokenizer, which refuses it.

    >>> unknown("tell a story, a story!", ["tell", "a", ","])
    ['story', '!']
    """
    pieces = re.findall(r"</?[a-z]+>|[A-Za-z]+|\S", text) if words else []
    known = {*words, *(piece for piece in pieces if len(piece) > 1 and piece[0] == "<")}
    return [piece for piece in dict.fromkeys(pieces) if piece not in known]


def complaint(strange: Sequence[str], words: Sequence[str]) -> str:
    """Say that words are unknown, what comes near, and how to see all of them.

    >>> complaint(["storm"], ["stork", "bee"])
    "I know 2 words and signs only; not 'storm' (near: stork). /words lists them"
    """
    said = []
    for word in strange:
        plain = {w.lower(): w for w in words if w[0].isalpha()}
        near = get_close_matches(word.lower(), plain, NEAR, cutoff=0.6)
        hint = f" (near: {', '.join(plain[w] for w in near)})" if near else ""
        said.append(f"{word!r}{hint}")
    return (
        f"I know {len(words)} words and signs only; not {', '.join(said)}. "
        "/words lists them"
    )
