"""Tables as spreadsheets write and read them, in any country.

A German or French Excel separates columns by a semicolon and writes 2,5; an English
one takes a comma and 2.5. All of them compute what begins like a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.homework.pages import one_line

BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # Excel, new and old
# What begins a formula, at the start of a cell or where another spreadsheet, with
# another separator, would start one.
FORMULA = re.compile(r"(^|[;,|]\s*)(?=[-=+@|%\uff1d\uff0b\uff0d\uff20])")
QUOTED = re.compile(r"(^|[;,|]\s*)'(?=[-=+@|%\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Sheet:
    """What a file holds.

    Attributes:
        rows: its lines that are not empty, as texts.
        numbers: the number of each of them in the file, from 1.
        delimiter: what separates its columns.
    """

    rows: list[list[str]]
    numbers: list[int]
    delimiter: str


def read_rows(path: Path, what: str) -> Sheet:
    """The rows of a CSV that a person or a spreadsheet saved.

    Args:
        path: the file.
        what: it should be, for the error: "a roster".

    Raises:
        ValueError: it cannot be read, or is a workbook.
    """
    text = _text(path, what)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, numbers = list[list[str]](), list[int]()
    try:
        for row in reader:
            own = reader.line_num == 1 and row and row[0].lower().startswith("sep=")
            if any(cell.strip() for cell in row) and not own:  # Excel's own first line
                rows.append(row)
                numbers.append(reader.line_num)
    except csv.Error as error:
        raise ValueError(f"{path} cannot be read as {what}: {error}") from error
    return Sheet(rows, numbers, delimiter)


def _text(path: Path, what: str) -> str:
    """The text, whichever encoding a spreadsheet chose."""
    try:
        content = path.read_bytes()
        if content.startswith(BOOKS):
            raise ValueError(f"{path} is a workbook: save it as CSV")
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\0" in content:
            raise ValueError(f"{path} cannot be read as {what}: it is no text")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as {what}: {error}") from error


def _delimiter(text: str) -> str:
    """What separates the columns, by the first line (Excel may begin with sep=;)."""
    first = text.partition("\n")[0]
    if first.lower().startswith("sep="):
        return first[4:5].strip() or ","
    return max(",;\t|", key=first.count)


def written(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    r"""The bytes of a CSV; its texts must be safe already, see `safe_cell`.

    >>> written([["a", "b;c"], [1, 2.5]], ";").decode()
    'a;"b;c"\n1;2.5\n'
    """
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def safe_cell(text: object) -> str:
    """A text that a spreadsheet shows and does not compute.

    >>> safe_cell("=1+1"), safe_cell("Ada"), safe_cell("a;=1+1")
    ("'=1+1", 'Ada', "a;'=1+1")
    """
    return guarded(one_line(text))


def guarded(text: str) -> str:
    """The same for a text of the teacher's own, which keeps its length and lines."""
    return FORMULA.sub(r"\1'", text)


def meant(cell: str) -> str:
    """The text that `safe_cell` was given, but for white space.

    >>> meant("'=1+1"), meant("it's"), meant(safe_cell("a; -b"))
    ('=1+1', "it's", 'a; -b')
    """
    return QUOTED.sub(r"\1", cell.strip())
