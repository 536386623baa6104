"""Preference pairs: which of two answers to the same prompt somebody liked better."""

import json
import reprlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.files import read_json_lines, write_atomically
from course_lib.tokenizer.interface import check_text

KEYS = ("prompt", "chosen", "rejected")


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


def save_pairs(path: Path, pairs: Iterable[TextPair]) -> None:
    """Write pairs, one JSON object a line, in one piece.

    The keys are those of TRL and most public preference data.

    Raises:
        ValueError: naming the first pair that teaches nothing; nothing is written.
        OSError: if the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "liked.jsonl")
    ...     save_pairs(path, [TextPair("Who are you ?", "I am Tiny .", "You silly .")])
    ...     load_pairs(path)[0].chosen
    'I am Tiny .'
    """
    lines = []
    for number, pair in enumerate(pairs, 1):
        try:
            check_pair(pair)
        except ValueError as error:
            raise ValueError(f"pair {number}: {error}") from None
        lines.append(json.dumps(pair._asdict(), ensure_ascii=False))
    write_atomically(Path(path), "".join(f"{line}\n" for line in lines).encode())


def load_pairs(path: Path) -> list[TextPair]:
    """Read pairs from a file with one JSON object a line; empty lines are skipped.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line (from 1) and what is wrong: not UTF-8, not JSON, a
            side that is missing, empty or no text, two equal sides; or if there are no
            pairs.

    >>> load_pairs(Path("nowhere.jsonl"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no pairs here
    """
    return read_json_lines(path, "pairs", _pair_of)


def _pair_of(row: object) -> TextPair:
    if not isinstance(row, dict):
        raise ValueError('it is no object like {"prompt": ..., "chosen": ...}')
    for key in KEYS:
        if key not in row:
            raise ValueError(f"{key} is missing")
        if not isinstance(row[key], str):
            raise ValueError(f"{key} is {reprlib.repr(row[key])}: give a text")
    pair = TextPair(*(row[key] for key in KEYS))
    check_pair(pair)
    return pair


def split_pairs(
    pairs: Sequence[Pair], share: float = 0.2
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs held out, split by prompt, never by pair.

    Raises:
        ValueError: if one of the two would be empty.

    >>> pairs = [Pair([1, i], [2], [3]) for i in (0, 0, 1, 1, 2)]
    >>> train, held = split_pairs(pairs, share=0.4)
    >>> {p.prompt[1] for p in train} & {p.prompt[1] for p in held}
    set()
    """
    prompts = list(dict.fromkeys(tuple(pair.prompt) for pair in pairs))
    n_held = round(share * len(prompts))
    if not 0 < n_held < len(prompts):
        raise ValueError(f"{len(prompts)} prompts cannot be split at {share}")
    held = set(prompts[:n_held])
    return (
        [pair for pair in pairs if tuple(pair.prompt) not in held],
        [pair for pair in pairs if tuple(pair.prompt) in held],
    )
