r"""The one door for text from outside: books, names, conversations, pairs.

UTF-8 is read with or without its mark, UTF-16 and UTF-32 by theirs, whatever ends the
lines. A file that is no text is named for what it is, with what to do about it.
"""

import codecs
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

ItemT = TypeVar("ItemT")

CHUNK_BYTES = 1 << 20
_SOLID = re.compile(r"\S")
_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EXCEL = "an Excel file: save it as text (.csv or .txt, UTF-8)"
_WORD = "a Word document: save it as plain text (.txt, UTF-8)"
_UNPACK = "unpack it and give the text inside"
_PICTURE = "a picture: give a text"
_TABLE = "a table for programs: write it as text, one JSON object a line"
_SIGNATURES = (
    (b"%PDF-", "a PDF: save or copy its text into a .txt file"),
    (b"{\\rtf", "a rich text document (RTF): save it as plain text (.txt)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file: save it as text (.csv or .txt)"),
    (b"PK\x03\x04", f"a zip file: {_UNPACK}"),
    (b"PK\x05\x06", "a zip file without anything in it: give a text"),
    (b"\x1f\x8b", f"a gzip file: {_UNPACK}"),
    (b"BZh91AY&SY", f"a bzip2 file: {_UNPACK}"),
    (b"\xfd7zXZ\0", f"an xz file: {_UNPACK}"),
    (b"7z\xbc\xaf", f"a 7z file: {_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"a zstd file: {_UNPACK}"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF89a", _PICTURE),
    (b"PAR1", _TABLE),
    (b"ARROW1", _TABLE),
    (b"SQLite format 3\0", _TABLE),
    (b"version https://git-lfs", "only a pointer to a file of Git LFS: git lfs pull"),
)
_IN_ZIP = (
    ("xl/", _EXCEL),
    ("word/", _WORD),
    ("ppt/", "a PowerPoint file: save its text as .txt"),
    ("content.xml", "a LibreOffice document: save it as text (.txt or .csv)"),
)


def read_text(path: Path, *, max_bytes: int | None = None) -> str:
    r"""The text of a file, lines ended by "\n"; it may be empty.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is larger than `max_bytes`, no file, or no text; see
            `text_chunks`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.txt")
    ...     _ = path.write_bytes("Zoë\r\nमीरा\r\n".encode("utf-16"))
    ...     read_text(path)
    'Zoë\nमीरा\n'
    """
    path = Path(path)
    _check_kind(path)
    n_bytes = path.stat().st_size
    if max_bytes is not None and n_bytes > max_bytes:
        raise ValueError(
            f"{path} holds {n_bytes:,} bytes, the limit is {max_bytes:,}: cut it"
        )
    return "".join(text_chunks(path))


def text_chunks(path: Path, n_bytes: int = CHUNK_BYTES) -> Iterator[str]:
    r"""The text of a file of any size, about `n_bytes` bytes at a time.

    Lines are ended by "\n", the mark of the encoding is taken off.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for a folder, a pipe or a device; for a file that is something else
            (its first bytes say what); or with line and offset of the first byte that
            is not text in UTF-8, or in UTF-16 or UTF-32 if the file has their mark.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_bytes(b"\xef\xbb\xbfone\rtwo")
    ...     "".join(text_chunks(Path(folder, "a.txt")))
    'one\ntwo'
    """
    path = Path(path)
    _check_kind(path)
    with path.open("rb") as file:
        head = file.read(32)
        if what := _recognised(path, head):
            raise ValueError(f"{path} is {what}")
        found = ((mark, name) for mark, name in _MARKS if head.startswith(mark))
        mark, encoding = next(found, (b"", "utf-8"))
        file.seek(len(mark))
        yield from _decoded(file, encoding, n_bytes, path)


def summary(path: Path, done: Mapping[str, int]) -> str:
    """One line on what was done to a file's content, and how often.

    >>> summary(Path("a.txt"), {"repeats left out": 2539, "blank lines left out": 3})
    'a.txt: repeats left out (2,539), blank lines left out (3)'
    """
    return f"{path}: {', '.join(f'{what} ({n:,})' for what, n in done.items())}"


def _check_kind(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ValueError(f"{path} is a folder: name a file in it")
    if not stat.S_ISREG(mode):
        raise ValueError(
            f"{path} is a pipe or a device, not a file: save its text in a file first"
        )


def _recognised(path: Path, head: bytes) -> str:
    """What a file is that is no text, and what to do; "" if nothing speaks for it."""
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError):
            names = []
        for start, what in _IN_ZIP:
            if any(name.startswith(start) for name in names):
                return what
    found = (what for start, what in _SIGNATURES if head.startswith(start))
    return next(found, "")


def _decoded(
    file: io.BufferedReader, encoding: str, n_bytes: int, path: Path
) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    n_lines = 0
    while True:
        raw = file.read(n_bytes)
        waiting = len(decoder.getstate()[0])  # bytes of a character cut in two
        at = file.tell() - len(raw) - waiting
        try:
            text = decoder.decode(raw, final=not raw)
            before, nul, _ = text.partition("\0")
            byte, at = 0, at + len(before.encode(encoding))
        except UnicodeDecodeError as error:
            raw, at = bytes(error.object), at + error.start
            before, nul, byte = (
                raw[: error.start].decode(encoding),
                "bad",
                raw[error.start],
            )
        if nul:
            line = n_lines + ends.decode(before).count("\n") + 1
            _refuse(path, f"line {line:,}", byte, at, encoding)
        text = ends.decode(text, final=not raw)
        n_lines += text.count("\n")
        yield text
        if not raw:
            return


def _refuse(path: Path, line: str, byte: int, offset: int, encoding: str) -> NoReturn:
    """Say which byte is no text, and what the file may be."""
    with path.open("rb") as file:
        head = file.read(1024)
    zeros = head[::2].count(0), head[1::2].count(0)  # UTF-16 has them on one side
    hint = "save the file as UTF-8"
    letter = bytes([byte]).decode("cp1252", "ignore")
    if encoding != "utf-8":
        hint = f"it begins with the mark of {encoding[:6].upper()}; {hint}"
    elif max(zeros) > max(len(head) // 4, 10 * min(zeros)):
        hint = f"it may be UTF-16 without its mark; {hint}"
    elif byte == 0:
        hint = "choose a text file"
    elif letter.isalpha():
        hint = f"{hint} (in Windows-1252 or Latin-1 it is {letter!r})"
    raise ValueError(
        f"{path}, {line}: byte {byte:#04x} at offset {offset:,} is not "
        f"{encoding[:6].upper().rstrip('-')} text: {hint}"
    )


def read_json_rows(
    path: Path, what: str, item_of: Callable[[Any], ItemT]
) -> list[ItemT]:
    r"""The items of a file of JSON values: one a line, or all in one list.

    Args:
        path: the file, see `text_chunks`; empty lines are skipped.
        what: the items' name, for the messages.
        item_of: makes an item of a value, or raises ValueError.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line, or the place in the list, and what is wrong: no
            text, not JSON, or what `item_of` says; or if there are no items.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "rows.json")
    ...     _ = path.write_text('[{"a": 1},\n {"a": 2}]')
    ...     read_json_rows(path, "rows", lambda row: row["a"])
    [1, 2]
    """
    return [item for _, item in placed_json_rows(path, what, item_of)]


def placed_json_rows(
    path: Path, what: str, item_of: Callable[[Any], ItemT]
) -> list[tuple[str, ItemT]]:
    r"""As `read_json_rows`, each item with its place: "line 3", or "item 3" of a list.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "rows.jsonl")
    ...     _ = path.write_text('1\n\n2')
    ...     placed_json_rows(path, "rows", int)
    [('line 1', 1), ('line 3', 2)]
    """
    path, items = Path(path), list[tuple[str, ItemT]]()
    if not path.exists():
        raise FileNotFoundError(f"{path}: there are no {what} here")
    text = read_text(path)
    spread = text.lstrip().startswith(("[", "{\n"))  # a list, or set over many lines
    for place, value in (_spread_values if spread else _line_values)(text, path):
        try:
            items.append((place, item_of(value)))
        except ValueError as error:
            raise ValueError(f"{path}, {place}: {error}") from None
    if not items:
        raise ValueError(f"{path} holds no {what}: one JSON object a line is wanted")
    return items


def _line_values(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    # not splitlines: U+2028 and its like may stand inside a JSON text
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _not_json(path, number, error) from None
            yield f"line {number:,}", value


def _spread_values(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    """Values one after the other over any number of lines; of one list, its items."""
    decode, values = json.JSONDecoder().raw_decode, list[tuple[str, Any]]()
    at = len(text) - len(text.lstrip())
    n_lines = text.count("\n", 0, at)
    while at < len(text):
        try:
            value, end = decode(text, at)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", n_lines + 1)
            raise _not_json(path, line, error) from None
        values.append((f"line {n_lines + 1:,}", value))
        following = _SOLID.search(text, end)
        end = following.start() if following else len(text)
        n_lines += text.count("\n", at, end)
        at = end
    if len(values) == 1 and isinstance(values[0][1], list):
        return iter((f"item {i:,}", item) for i, item in enumerate(values[0][1], 1))
    return iter(values)


def _not_json(path: Path, line: int, error: Exception) -> ValueError:
    if isinstance(error, RecursionError):
        return ValueError(f"{path}, line {line:,}: it is not JSON: too deep")
    where = f" at character {error.colno}" if hasattr(error, "colno") else ""
    cause = getattr(error, "msg", str(error))
    return ValueError(f"{path}, line {line:,}: it is not JSON: {cause}{where}")
