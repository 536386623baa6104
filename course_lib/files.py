"""Writing a file whole or not at all, and reading one JSON value a line."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

ItemT = TypeVar("ItemT")


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to a temporary file beside `path`, then rename it over `path`.

    A full disk, a kill or a read-only folder leaves the old file as it was.

    Raises:
        OSError: naming the path, when the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "a.txt"), b"whole")
    ...     Path(folder, "a.txt").read_bytes()
    b'whole'
    """
    with appearing(path) as file:
        file.write(data)


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write, which takes the place of `path` if the block ends well.

    For what is too large for `write_atomically`; the same holds for it.

    Raises:
        OSError: naming the path, when the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with appearing(Path(folder, "a.txt")) as file:
    ...         _ = file.write(b"whole")
    ...         early = Path(folder, "a.txt").exists()
    ...     early, Path(folder, "a.txt").read_bytes()
    (False, b'whole')
    """
    path, name, inside = Path(path), None, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            inside = True
            yield file
            inside = False
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and not (inside and error.filename):
            # a full disk does not say which file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def read_json_lines(
    path: Path, what: str, item_of: Callable[[Any], ItemT]
) -> list[ItemT]:
    """The items of a file with one JSON value a line; empty lines are skipped.

    Args:
        path: the file, in UTF-8.
        what: the items' name, for the messages.
        item_of: makes an item of a value, or raises ValueError.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line (from 1) and what is wrong: not UTF-8, not JSON, or
            what `item_of` says; or if there are no items.

    >>> read_json_lines(Path("nowhere.jsonl"), "pairs", str)
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no pairs here
    """
    path, items = Path(path), []
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there are no {what} here")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {number}: it is not UTF-8 text ({error.reason})"
        ) from None
    # not splitlines: U+2028 and its like may stand inside a JSON text
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            items.append(item_of(_json_of(line)))
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not items:
        raise ValueError(f"{path} holds no {what}: one JSON object a line is wanted")
    return items


def _json_of(line: str) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("it is not JSON") from None
