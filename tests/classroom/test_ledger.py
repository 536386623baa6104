"""The ledger: each claim is taught by a cell that computes it, and nothing is lost."""

import ast
import re
from functools import cache
from typing import NamedTuple

import pytest

from classroom import build
from classroom.lessons import NOTEBOOKS, find_lessons

LEDGER = NOTEBOOKS / "source" / "LEDGER.md"
VERDICTS = {"true", "corrected", "rule of thumb", "question answered", "wish kept"}


class Row(NamedTuple):
    """One claim of the ledger."""

    id: str
    claim: str
    verdict: str
    taught: str
    lessons: str

    @property
    def numbers(self) -> list[str]:
        return self.lessons.split(", ")


def rows_in(text: str) -> list[Row]:
    lines = [line for line in text.splitlines() if re.match(r"\| *[A-Z]\d+ *\|", line)]
    return [Row(*(c.strip() for c in line.strip("|").split("|"))) for line in lines]


def computes(code: str) -> bool:
    return any(isinstance(n, ast.Call | ast.Assert) for n in ast.walk(ast.parse(code)))


@cache
def tagged_cells() -> dict[tuple[str, str], list[str]]:
    """(lesson number, id) -> the code of the cells that carry `ledger:id`."""
    found: dict[tuple[str, str], list[str]] = {}
    for lesson in find_lessons():
        for cell in build.read_source(lesson.source).cells:
            for tag in cell.metadata.get("tags") or []:
                if tag.startswith("ledger:"):
                    assert cell.cell_type == "code", f"{lesson.name}: {tag} on text"
                    key = (lesson.number, tag.removeprefix("ledger:"))
                    found.setdefault(key, []).append(cell.source)
    return found


ROWS = rows_in(LEDGER.read_text("utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_lesson_of_a_claim_computes_it(row: Row) -> None:
    missing = [n for n in row.numbers if (n, row.id) not in tagged_cells()]
    assert missing == [], f"no cell of lesson {missing} is tagged ledger:{row.id}"
    for number in row.numbers:
        assert any(computes(code) for code in tagged_cells()[number, row.id])


def test_every_tag_stands_in_the_ledger() -> None:
    strangers = {id_ for _, id_ in tagged_cells()} - {row.id for row in ROWS}
    assert strangers == set()


def test_no_claim_stands_twice() -> None:
    ids = [row.id for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)


def test_every_row_is_complete_and_its_verdict_is_explained() -> None:
    assert {row.verdict for row in ROWS} == VERDICTS
    text = LEDGER.read_text("utf-8")
    assert all(f"\n| {verdict} | " in text for verdict in VERDICTS)
    for row in ROWS:
        assert all(row), f"{row.id} has an empty column"
        assert re.fullmatch(r"\d\d(, \d\d)*", row.lessons), row.id


def test_a_row_is_read_as_it_is_written() -> None:
    text = "| id | claim |\n|---|---|\n| A2 | It is so. | true | Yes. | 02, 06 |\n"
    (row,) = rows_in(text)
    assert row == Row("A2", "It is so.", "true", "Yes.", "02, 06")
    assert row.numbers == ["02", "06"]


def test_a_cell_of_constants_computes_nothing() -> None:
    assert not computes("claim = 1.54")
    assert computes("assert 1.54 < floor")
