"""How real tokenizers split the strings that the lessons talk about: a dated table.

The table travels with the course, so that nobody needs a rank file to know the truth.
It is made, and checked by a test, with tiktoken and the published rank files; whoever
adds a text makes it anew with `write_table` (and `texts_with_splits`, `split_now`).
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.engine.downloads import DATA, FETCHED
from course_lib.engine.ranks import RANK_FILES, PretrainedTokenizer
from course_lib.engine.writing import write_atomically

TABLE = DATA / "token_splits.json"


class Split(NamedTuple):
    r"""What a tokenizer makes of a text: its ids, and their bytes as text.

    A piece that is only a part of a character is written with escapes, `\xe0\xa4`.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]

    def __str__(self) -> str:
        return "|".join(self.pieces)


def true_splits(text: str) -> dict[str, Split]:
    """How "gpt2", "cl100k" and "o200k" split `text`, from the table.

    Raises:
        ValueError: for a text that is not in the table.

    >>> for name, split in true_splits("strawberry").items():
    ...     print(f"{name:6} {split}")
    gpt2   st|raw|berry
    cl100k str|aw|berry
    o200k  st|raw|berry
    """
    splits = _table()["splits"]
    if text not in splits:
        raise ValueError(
            f"{text!r} is not in the table of splits: with the rank files here, "
            "pretrained_encoding(name) splits any text"
        )
    return {
        name: Split(tuple(found["ids"]), tuple(found["pieces"]))
        for name, found in splits[text].items()
    }


def texts_with_splits() -> list[str]:
    """The texts of the table, in its order.

    >>> "strawberry" in texts_with_splits()
    True
    """
    return list(_table()["splits"])


def table_date() -> str:
    """When the table was made: year-month-day.

    >>> len(table_date())
    10
    """
    return str(_table()["date"])


def published_sizes() -> dict[str, int]:
    """The vocabulary size of each published encoding, special tokens included.

    >>> published_sizes()
    {'gpt2': 50257, 'cl100k': 100277, 'o200k': 200019}
    """
    return dict(_table()["vocab_sizes"])


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return table


def split_now(text: str, name: str, folder: Path = FETCHED) -> Split:
    """How the tokenizer `name` splits `text`; needs its rank file.

    Raises:
        FileNotFoundError, ValueError: as `pretrained_encoding`.

    >>> split_now("strawberry", "gpt5")
    Traceback (most recent call last):
    ...
    ValueError: no encoding 'gpt5': choose from gpt2, cl100k, o200k
    """
    tokenizer = PretrainedTokenizer(name, folder)
    ids = tokenizer.encode(text)
    pieces = [tokenizer.token_bytes(i) for i in ids]
    return Split(
        tuple(ids), tuple(p.decode("utf-8", "backslashreplace") for p in pieces)
    )


def write_table(texts: Iterable[str], date: str, path: Path = TABLE) -> None:
    """Make the table anew for these texts; `date` is today's, year-month-day.

    Raises:
        FileNotFoundError, ValueError: as `pretrained_encoding`.

    >>> write_table(["strawberry"], "today")
    Traceback (most recent call last):
    ...
    ValueError: date is 'today': write it as 2026-11-22
    """
    if [len(part) for part in date.split("-")] != [4, 2, 2]:
        raise ValueError(f"date is {date!r}: write it as 2026-11-22")
    splits = {
        text: {name: split_now(text, name)._asdict() for name in RANK_FILES}
        for text in texts
    }
    sizes = {name: PretrainedTokenizer(name).vocab_size for name in RANK_FILES}
    head = json.dumps({"date": date, "vocab_sizes": sizes})[:-1]
    lines = [
        f"{json.dumps(text, ensure_ascii=False)}: {json.dumps(row, ensure_ascii=False)}"
        for text, row in splits.items()
    ]
    body = ",\n".join(lines)
    write_atomically(path, f'{head}, "splits": {{\n{body}\n}}}}\n'.encode())
