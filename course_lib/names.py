"""The list of names, its letters as integers, its split and its windows.

A name is read as `...aarav.`: the dot is both the padding before the first letter
and the end mark after the last one. `N` windows, `T` = context_size, `M` distinct ones.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

ALPHABET = ".abcdefghijklmnopqrstuvwxyz"
VOCAB_SIZE = len(ALPHABET)
END = 0
NAMES_FILE = Path(__file__).resolve().parent.parent / "data" / "names.txt"
_INDEX = {letter: i for i, letter in enumerate(ALPHABET)}


class NameSplits(NamedTuple):
    """Three disjoint lists of names, each in the order of the input."""

    train: list[str]
    val: list[str]
    test: list[str]


def load_names(path: Path = NAMES_FILE) -> list[str]:
    """Read one lower-case a-z name a line.

    Raises:
        FileNotFoundError: if the file is not there.
        ValueError: naming the line, for bytes that are not UTF-8, an empty line, a
            character outside a-z, a repeated name or a file without names.

    >>> load_names()[0].isalpha()
    True
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(Path(path).read_bytes().splitlines(), start=1):
        name = _checked_name(raw, f"{path}, line {number}")
        if name in seen:
            raise ValueError(
                f"{path}, line {number}: {name!r} stands on line {seen[name]} already: "
                "remove one of the two"
            )
        seen[name] = number
        names.append(name)
    if not names:
        raise ValueError(f"{path} holds no names: write one a-z name a line")
    return names


def _checked_name(raw: bytes, where: str) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{where}: byte {raw[error.start]:#04x} is not UTF-8: save it as UTF-8"
        ) from error
    if not name.strip():
        raise ValueError(f"{where} is empty: remove it")
    for letter in name:
        if letter not in _INDEX or letter == ALPHABET[END]:
            hint = "write it in lower case" if letter.isupper() else "use a-z only"
            raise ValueError(f"{where}: {name!r} holds {letter!r}: {hint}")
    return name


def encode(text: str) -> list[int]:
    """Letters to integers, '.' = 0, 'a' = 1 ... 'z' = 26.

    Raises:
        ValueError: for a character outside the alphabet.

    >>> encode("aar.")
    [1, 1, 18, 0]
    """
    unknown = sorted(set(text) - _INDEX.keys())
    if unknown:
        raise ValueError(f"{text!r} holds {unknown[0]!r}: only '.' and a-z are known")
    return [_INDEX[letter] for letter in text]


def decode(tokens: Iterable[int]) -> str:
    """Integers to letters, the inverse of `encode`.

    Raises:
        ValueError: for a token outside 0 .. 26.

    >>> decode([1, 1, 18, 0])
    'aar.'
    """
    listed = [int(token) for token in tokens]
    for token in listed:
        if not 0 <= token < VOCAB_SIZE:
            raise ValueError(f"token {token} is outside 0 .. {VOCAB_SIZE - 1}")
    return "".join(ALPHABET[token] for token in listed)


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


def windows(names: Sequence[str], context_size: int) -> tuple[Tensor, Tensor]:
    """Every (context, next letter) pair: int64 (N, T) and (N,), one per letter + end.

    Raises:
        ValueError: if `names` is empty or `context_size` is negative.

    >>> contexts, targets = windows(["ab"], context_size=2)
    >>> [decode(row) for row in contexts.tolist()], decode(targets.tolist())
    (['..', '.a', 'ab'], 'ab.')
    """
    if not names:
        raise ValueError("names is empty: there are no windows to make")
    if context_size < 0:
        raise ValueError(f"context_size is {context_size}: it must be 0 or more")
    T = context_size
    path: list[int] = []
    for name in names:
        path += [*([END] * T), *encode(name), END]
    lengths = torch.tensor([len(name) + 1 for name in names])  # windows of each name
    owner = torch.arange(len(names)).repeat_interleave(lengths)  # (N,)
    starts = torch.arange(len(owner)) + T * owner  # skip the padding passed so far
    runs = torch.tensor(path).unfold(0, T + 1, 1)[starts]  # (N, T + 1)
    return runs[:, :T].contiguous(), runs[:, T].contiguous()


def distinct_windows(
    names: Sequence[str], context_size: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The distinct pairs of `windows` and how often each occurs.

    Weighted by the counts, their mean loss and its gradient equal those over all
    pairs, at a fraction of the rows. Returns int64 (M, T), int64 (M,), float32 (M,).

    >>> contexts, targets, counts = distinct_windows(["ab", "ac"], context_size=1)
    >>> list(zip(contexts[:, 0].tolist(), targets.tolist(), counts.tolist()))
    [(0, 1, 2.0), (1, 2, 1.0), (1, 3, 1.0), (2, 0, 1.0), (3, 0, 1.0)]
    """
    contexts, targets = windows(names, context_size)
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
