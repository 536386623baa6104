"""Reading what a student handed in: any file at all, read as text, never run.

Only two things are taken from it: the sources of its cells, and which pristine cell
each one claims to be. Outputs, ids and all other metadata are left alone.
"""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classroom.homework.assignment import BADGES, CHECK, OPEN, TASK

MAX_BYTES = 16_000_000
MAX_CELLS = 500
MAX_SOURCE = 200_000
MAX_HEAD = 200
CODE_IN_TEXT = ("# TASK", "#TASK")
LABEL = re.compile(r"(?:given|task|open|badges):\w{1,60}")


@dataclass(frozen=True)
class SubmittedCell:
    """A cell of a submission.

    Attributes:
        source: its text.
        is_code: is it to be run?
        key: the pristine cell that its text or its metadata names; None for neither.
        is_locked: does its metadata say that it is not to be edited?
    """

    source: str
    is_code: bool
    key: str | None
    is_locked: bool = False


class Submission(list[SubmittedCell]):
    """The cells of a notebook, in order.

    Attributes:
        python: the version that it says it was written with, (3, 12); () if none.
    """

    python: tuple[int, ...] = ()


def read_submission(path: Path) -> Submission:
    """The cells of a notebook that somebody else wrote.

    Accepts what is harmless: a byte order mark, UTF-16 or Latin-1 text, the old format
    3, lost metadata, an answer that was turned into a text cell.

    Raises:
        ValueError: it is no notebook; the text says why, and what to do.
    """
    raw = _parse(_read_bytes(path))
    found = Submission(cell for cell in map(_cell, _raw_cells(raw)) if cell is not None)
    found.python = _python(raw)
    if not any(cell.is_code for cell in found):
        raise ValueError("there is no code cell in it: is this the right file?")
    if len(found) > MAX_CELLS:
        raise ValueError(f"{len(found)} cells, at most {MAX_CELLS}: delete the extra")
    return found


def _read_bytes(path: Path) -> bytes:
    """The bytes of a regular file; a link or a pipe is not followed."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise ValueError("it is a link, not a file: hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        if status.st_size > MAX_BYTES:
            cure = "clear the outputs, save, hand in again"
            raise ValueError(f"larger than {MAX_BYTES // 10**6} MB: {cure}")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error


def _parse(content: bytes) -> object:
    if not content.strip():
        raise ValueError("the file is empty: save the notebook and hand it in again")
    if content[:2] == b"PK":
        raise ValueError("it is a zip, not a notebook: unpack it first")
    text = _decode(content)
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("not a notebook: it is nested too deeply") from None
    except ValueError:
        raise ValueError(_why_none(text)) from None


def _why_none(text: str) -> str:
    if text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")):
        return "it is a web page, not a notebook: download the .ipynb file itself"
    if "\n<<<<<<< " in f"\n{text}" and "\n>>>>>>> " in text:
        return "it holds git's conflict marks (<<<<<<<): resolve them, save again"
    if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
        return "the file is cut off: save, hand in again"
    return "not a notebook"


def _decode(content: bytes) -> str:
    encodings = ["utf-8-sig", "latin-1"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings.insert(0, "utf-16")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes everything")


def _python(raw: object) -> tuple[int, ...]:
    """The version of Python in a notebook's metadata."""
    place: object = raw
    for name in ("metadata", "language_info", "version"):
        place = place.get(name) if isinstance(place, dict) else None
    found = re.match(r"(3)\.(\d{1,2})\b", place) if isinstance(place, str) else None
    return (int(found[1]), int(found[2])) if found else ()


def _raw_cells(raw: object) -> Iterator[dict[str, object]]:
    """The cells of format 4, or of the work sheets of format 3."""
    if not isinstance(raw, dict):
        raise ValueError("not a notebook: JSON, but without cells")
    sheets = raw.get("worksheets")
    groups = [raw, *(sheets if isinstance(sheets, list) else [])]
    found = [group.get("cells") for group in groups if isinstance(group, dict)]
    lists: list[list[object]] = [cells for cells in found if isinstance(cells, list)]
    if not lists:
        raise ValueError("not a notebook: JSON, but without cells")
    for cells in lists:
        yield from (cell for cell in cells if isinstance(cell, dict))


def _cell(raw: dict[str, object]) -> SubmittedCell | None:
    lines = raw.get("source", raw.get("input", ""))
    if isinstance(lines, list):
        lines = "".join(line for line in lines if isinstance(line, str))
    kind = raw.get("cell_type")
    if not isinstance(lines, str) or kind not in ("code", "markdown", "raw"):
        return None
    if len(lines) > MAX_SOURCE:
        raise ValueError(f"a cell of more than {MAX_SOURCE:,} characters: shorten it")
    source = lines.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    is_code = kind == "code" or source.lstrip().startswith(CODE_IN_TEXT)
    metadata = raw.get("metadata")
    locked = isinstance(metadata, dict) and metadata.get("editable") is False
    return SubmittedCell(source, is_code, _named(source) or _labelled(raw), locked)


def _named(source: str) -> str | None:
    """The key that the text of a cell names; an answer merged with its check is one.

    Only short lines count: on long ones a pattern could take hours.
    """
    lines = (line for line in source.split("\n") if len(line) <= MAX_HEAD)
    heads = "\n".join(line for line in lines if line.startswith(("#", "<!--")))
    for kind, pattern in (("task", TASK), ("check", CHECK), ("open", OPEN)):
        if found := pattern.search(heads):
            return f"{kind}:{found[1]}"
    return "badges:0" if BADGES.search(heads) else None


def _labelled(raw: dict[str, object]) -> str | None:
    """The key that the metadata of a cell holds; a check must say so in its text."""
    metadata = raw.get("metadata")
    key = metadata.get("homework") if isinstance(metadata, dict) else None
    return key if isinstance(key, str) and LABEL.fullmatch(key) else None
