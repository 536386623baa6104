"""The list of names, its letters as integers, its split and its windows.

A name is read as `...aarav.`: the dot is both the padding before the first letter
and the end mark after the last one. `N` windows, `T` = context_size, `M` distinct ones.

A letter is one code point of the NFC form: é and a Hangul syllable are one letter each,
a Hindi vowel sign, which NFC leaves alone, is a letter of its own. We do not join it to
its consonant (a grapheme cluster): clusters are many and rare, and what a model learns
about a vowel sign after one consonant helps it after all others.
"""

import hashlib
import reprlib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.choices import check_least

ALPHABET = ".abcdefghijklmnopqrstuvwxyz"
"""Of the lessons, end mark first; another list brings its own, see `alphabet_of`."""
VOCAB_SIZE = len(ALPHABET)
END = 0
NAMES_FILE = Path(__file__).resolve().parent.parent / "data" / "names.txt"


class NameSplits(NamedTuple):
    """Three disjoint lists of names, each in the order of the input."""

    train: list[str]
    val: list[str]
    test: list[str]


def load_names(
    path: Path = NAMES_FILE, say: Callable[[str], object] | None = None
) -> list[str]:
    """Read a list of names in any alphabet, one a line, the way a person would.

    Capitals are lowered, spaces and quotes around a name taken off; empty lines,
    repeats and a header such as `Name` are left out.

    Args:
        path: the file; a table may have one column.
        say: is told on one line what was left out or changed, if anything was, and on
            another which characters are unusual and how often they occur.

    Raises:
        FileNotFoundError: if the file is not there.
        ValueError: naming the line of what cannot be a name; for a file that is no
            text, has no names, or more than a thousand different letters.

    >>> load_names()[0].isalpha()
    True
    """
    from course_lib.engine.name_files import read_names

    return read_names(path, say)


def alphabet_of(names: Iterable[str]) -> str:
    """The end mark and the letters of a list: the course's own 27 if they suffice.

    Sorted by code point. Its length is the `vocab_size` of a model for this list.

    Raises:
        ValueError: if a name holds the end mark.

    >>> alphabet_of(["asha"]) == ALPHABET, alphabet_of(["åsa"])
    (True, '.aså')
    """
    letters = set().union(*names)
    if ALPHABET[END] in letters:
        raise ValueError(
            f"a name holds {ALPHABET[END]!r}, the end mark: give names as load_names "
            "gives them"
        )
    if letters <= set(ALPHABET):
        return ALPHABET
    return ALPHABET[END] + "".join(sorted(letters))


def labels_of(alphabet: str) -> list[str]:
    """The letters of an alphabet as they can be seen in a table or under a bar.

    A space becomes ␣, and a sign that needs a letter before it stands on a circle.

    >>> labels_of(". a\u093f\u200d")
    ['.', '␣', 'a', '◌ि', 'U+200D']
    """
    labels = []
    for letter in alphabet:
        kind = unicodedata.category(letter)[0]
        code = f"U+{ord(letter):04X}"
        labels.append({"Z": "␣", "M": f"◌{letter}", "C": code}.get(kind, letter))
    return labels


@lru_cache(maxsize=8)
def _index(alphabet: str) -> dict[str, int]:
    return {letter: i for i, letter in enumerate(alphabet)}


def encode(text: str, alphabet: str = ALPHABET) -> list[int]:
    """Letters to integers, '.' = 0, 'a' = 1 ... 'z' = 26.

    Raises:
        ValueError: for a character outside the alphabet.

    >>> encode("aar.")
    [1, 1, 18, 0]
    """
    index = _index(alphabet)
    unknown = sorted(set(text) - index.keys())
    if unknown:
        known = "'.' and a-z" if alphabet == ALPHABET else reprlib.repr(alphabet)
        raise ValueError(f"{text!r} holds {unknown[0]!r}: only {known} are known")
    return [index[letter] for letter in text]


def decode(tokens: Iterable[int], alphabet: str = ALPHABET) -> str:
    """Integers to letters, the inverse of `encode`.

    Raises:
        ValueError: for a token outside 0 .. 26 (or the alphabet's last).

    >>> decode([1, 1, 18, 0])
    'aar.'
    """
    listed = [int(token) for token in tokens]
    for token in listed:
        if not 0 <= token < len(alphabet):
            raise ValueError(f"token {token} is outside 0 .. {len(alphabet) - 1}")
    return "".join(alphabet[token] for token in listed)


def split_names(names: Sequence[str], *, seed: int = 0) -> NameSplits:
    """About 80 / 10 / 10 % for training, validation and test, decided by name.

    A name's place depends on the seed and the name alone (a hash), so it is the same
    on every machine and does not change when other names are added.

    Raises:
        ValueError: if `names` is empty.

    >>> [len(part) for part in split_names(["asha", "ravi", "meera"])]
    [2, 1, 0]
    """
    if not names:
        raise ValueError("names is empty: there is nothing to split")
    splits = NameSplits([], [], [])
    for name in names:
        digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
        tenth = int.from_bytes(digest[:8], "big") * 10 >> 64
        splits[max(0, tenth - 7)].append(name)
    return splits


def windows(
    names: Sequence[str], context_size: int, alphabet: str = ALPHABET
) -> tuple[Tensor, Tensor]:
    """Every (context, next letter) pair: int64 (N, T) and (N,), one per letter + end.

    Raises:
        ValueError: if `names` is empty or `context_size` is negative.

    >>> contexts, targets = windows(["ab"], context_size=2)
    >>> [decode(row) for row in contexts.tolist()], decode(targets.tolist())
    (['..', '.a', 'ab'], 'ab.')
    """
    if not names:
        raise ValueError("names is empty: there are no windows to make")
    check_least(0, context_size=context_size)
    T = context_size
    path: list[int] = []
    for name in names:
        path += [*([END] * T), *encode(name, alphabet), END]
    lengths = torch.tensor([len(name) + 1 for name in names])  # windows of each name
    owner = torch.arange(len(names)).repeat_interleave(lengths)  # (N,)
    starts = torch.arange(len(owner)) + T * owner  # skip the padding passed so far
    runs = torch.tensor(path).unfold(0, T + 1, 1)[starts]  # (N, T + 1)
    return runs[:, :T].contiguous(), runs[:, T].contiguous()


def check_window(tokens: Tensor, context_size: int) -> None:
    """Raise ValueError for tokens that a model of windows (B, T) cannot read.

    >>> check_window(torch.zeros(5, 3), context_size=3)
    """
    if tokens.ndim != 2 or tokens.shape[1] != context_size:
        raise ValueError(
            f"tokens are {tuple(tokens.shape)}: this model reads "
            f"(batch, {context_size})"
        )


def distinct_windows(
    names: Sequence[str], context_size: int, alphabet: str = ALPHABET
) -> tuple[Tensor, Tensor, Tensor]:
    """The distinct pairs of `windows` and how often each occurs.

    Weighted by the counts, their mean loss and its gradient equal those over all
    pairs, at a fraction of the rows. Returns int64 (M, T), int64 (M,), float32 (M,).

    >>> contexts, targets, counts = distinct_windows(["ab", "ac"], context_size=1)
    >>> list(zip(contexts[:, 0].tolist(), targets.tolist(), counts.tolist()))
    [(0, 1, 2.0), (1, 2, 1.0), (1, 3, 1.0), (2, 0, 1.0), (3, 0, 1.0)]
    """
    contexts, targets = windows(names, context_size, alphabet)
    pairs = torch.cat([contexts, targets.unsqueeze(1)], dim=1)
    distinct, counts = torch.unique(pairs, dim=0, return_counts=True)
    return distinct[:, :-1], distinct[:, -1], counts.float()


def novelty(samples: Sequence[str], known: Iterable[str]) -> float:
    """The share of samples that are not among the known names, 0 .. 1.

    Raises:
        ValueError: if there are no samples.

    >>> novelty(["asha", "zorin"], known=["asha", "ravi"])
    0.5
    """
    if not samples:
        raise ValueError("samples is empty: novelty needs at least one name")
    memory = set(known)
    return sum(name not in memory for name in samples) / len(samples)
