"""What changed in the book since it was made the last time: lines are only added."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from classroom.gradebook.book import Book
from classroom.gradebook.cells import shown
from classroom.gradebook.scores import Score
from classroom.gradebook.tables import MARK, Style
from classroom.homework.spreadsheet import written
from course_lib.engine.writing import write_atomically

TABLE, STATE = "history.csv", ".last.json"
HEAD = ("when", "homework", "student", "what", "before", "now", "why")
TOTAL = "total"
State = dict[str, dict[str, list[str]]]


def state_of(book: Book) -> State:
    """(homework/student) -> part -> [value, why], all as texts."""
    found: State = {}
    for (student, homework), score in book.scores.items():
        found[f"{homework}/{student}"] = _parts(score)
    return found


def _parts(score: Score) -> dict[str, list[str]]:
    parts = {
        part.name: ["not marked" if p is None else shown(p), part.reason]
        for part, p in ((part, part.points) for part in score.parts)
    }
    result = "excused" if score.excused else shown(score.points)
    result = "could not be marked" if score.unknown else result
    why = score.whole.reason if score.whole else score.lateness.note
    return parts | {TOTAL: [f"{result} of {shown(score.worth)}", why]}


def changes(before: State, now: State) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(homework, student, what, before, now, why) of everything that differs."""
    for key, parts in now.items():
        homework, _, student = key.partition("/")
        old = before.get(key, {})
        for what, (value, why) in parts.items():
            was = old.get(what, ["", ""])
            if [value, why] != was:
                yield homework, student, what, was[0], value, why
        for what in sorted(old.keys() - parts.keys()):
            yield homework, student, what, old[what][0], "gone", ""
    for key in sorted(before.keys() - now.keys()):
        homework, _, student = key.partition("/")
        yield homework, student, TOTAL, before[key][TOTAL][0], "gone", ""


def remember(book: Book, folder: Path, style: Style) -> int:
    """Add what changed to the table; returns the number of its new lines."""
    state = folder / STATE
    before = _read(state)
    now = state_of(book)
    when = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    rows = [[when, *map(style.cell, change)] for change in changes(before, now)]
    if rows:
        _append(folder / TABLE, rows, style)
        text = json.dumps(now, indent=0, sort_keys=True)
        write_atomically(state, f"{text}\n".encode())
    return len(rows)


def _read(state: Path) -> State:
    try:
        found: Any = json.loads(state.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _append(path: Path, rows: list[list[str]], style: Style) -> None:
    """Add lines at the end of a file that is never written again from the start."""
    head = b"" if path.exists() else MARK + written([HEAD], style.delimiter)
    with path.open("ab") as file:
        file.write(head + written(rows, style.delimiter))
        file.flush()
        os.fsync(file.fileno())
