"""Tables as files: a teacher's own, which nothing here replaces, and those we write.

Ours look as the teacher's spreadsheet wants them: a semicolon and 2,5 where it is a
German or a French one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.gradebook.cells import shown
from classroom.homework.pages import MAX_WORDS, plain
from classroom.homework.spreadsheet import guarded, meant, read_rows, written
from course_lib.engine.writing import write_atomically

MARK = "\ufeff".encode()  # without it Excel takes the text for another encoding


@dataclass(frozen=True)
class Style:
    """How a spreadsheet writes tables.

    Attributes:
        delimiter: between columns.
        comma: are decimals behind a comma?
    """

    delimiter: str = ","
    comma: bool = False

    def cell(self, value: object) -> str:
        """A value as it stands in a cell: numbers of this country, guarded text."""
        if isinstance(value, bool):
            return "yes" if value else ""
        if isinstance(value, int | float):
            return shown(float(value), self.comma)
        return "" if value is None else guarded(plain(value, MAX_WORDS).strip())


STYLES = {"en": Style(), "de": Style(";", True), "fr": Style(";", True)}
COMMA = (
    *("de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sk", "sv", "da", "nb", "nn"),
    *("fi", "et", "lv", "lt", "hu", "ro", "bg", "hr", "sl", "sr", "el", "tr", "ru"),
    *("uk", "id", "vi", "ca"),
)
"""Languages whose spreadsheets write 2,5, and a semicolon between columns."""


def style_of(language: str) -> Style:
    """How the spreadsheet of a language writes tables: `de`, `fr_CH.UTF-8`.

    >>> style_of("fr_FR.UTF-8").delimiter, style_of("C.UTF-8").delimiter
    (';', ',')
    """
    return STYLES["de" if language[:2].lower() in COMMA else "en"]


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        table: the file's name.
        line: its number in the file.
        cells: column -> text, as it was meant.
    """

    table: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def where(self) -> str:
        """For a message: `points.csv, line 7`."""
        return f"{self.table}, line {self.line}"


@dataclass(frozen=True)
class Table:
    """A file that a person filled in.

    Attributes:
        path: the file.
        head: its columns, in small letters.
        rows: its lines.
        style: how it was saved.
    """

    path: Path
    head: list[str]
    rows: list[Row]
    style: Style


def read_table(path: Path, wanted: Sequence[str]) -> Table:
    """A table with at least the columns `wanted`; in any order, others are kept.

    Raises:
        ValueError: it cannot be read, or a column is missing.
    """
    sheet = read_rows(path, "a table")
    head = [name.strip().lower() for name in sheet.rows[0]] if sheet.rows else []
    if missing := [name for name in wanted if name not in head]:
        there = ", ".join(filter(None, head)) or "none"
        raise ValueError(
            f"{path}: no column {', '.join(missing)} (found: {there}); a new file of "
            "this kind is made when you move this one away"
        )
    rows = [
        Row(path.name, number, dict(zip(head, map(meant, cells), strict=False)))
        for cells, number in zip(sheet.rows[1:], sheet.numbers[1:], strict=True)
    ]
    return Table(path, head, rows, Style(sheet.delimiter, sheet.delimiter == ";"))


def table_bytes(
    head: Sequence[str], rows: Iterable[Sequence[object]], style: Style
) -> bytes:
    """A table for a spreadsheet: with a mark for the encoding, safe to open."""
    lines: Iterator[Sequence[object]] = ([style.cell(x) for x in row] for row in rows)
    return MARK + written([head, *lines], style.delimiter)


def write_table(
    path: Path, head: Sequence[str], rows: Iterable[Sequence[object]], style: Style
) -> None:
    """Write one of our own tables, whole or not at all."""
    write_atomically(path, table_bytes(head, rows, style))


def begin_table(
    path: Path, head: Sequence[str], rows: Iterable[Sequence[object]], style: Style
) -> bool:
    """Make a teacher's table; one that is there already stays as it is."""
    if path.exists():
        return False
    write_table(path, head, rows, style)
    return True


def add_row(
    path: Path, cells: Mapping[str, object], same: Sequence[str], style: Style
) -> Row | None:
    """Put a line into a teacher's table; all other lines and columns stay.

    Args:
        path: the table.
        cells: column -> value; a new column is put last.
        same: the columns that say which line it takes the place of, if one is there.
        style: for a table that is not there yet.

    Returns:
        The line that it took the place of.

    Raises:
        ValueError: see `read_table`.
    """
    table = read_table(path, same) if path.exists() else Table(path, [], [], style)
    head = [*table.head, *(name for name in cells if name not in table.head)]
    fresh = {name: table.style.cell(value) for name, value in cells.items()}
    key = [meant(fresh[name]).casefold() for name in same]
    rows, before = list[Sequence[object]](), None
    for row in table.rows:
        mine = bool(same) and [row[name].casefold() for name in same] == key
        before = row if mine else before
        kept = {**row.cells, **(fresh if mine else {})}
        rows.append([guarded(kept.get(name, "")) for name in head])
    if before is None:
        rows.append([fresh.get(name, "") for name in head])
    write_atomically(path, MARK + written([head, *rows], table.style.delimiter))
    return before
