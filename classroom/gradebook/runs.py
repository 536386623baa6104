"""What `course grade` left in the folders of a term."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from classroom.gradebook.cells import instant
from classroom.homework import intake
from classroom.homework.assignment import Assignment, from_json
from classroom.homework.grade import UNMARKED
from classroom.homework.grading_run import Record, read_record

GRADES = "grades.json"


@dataclass(frozen=True)
class Result:
    """One student in one run.

    Attributes:
        run: name of the run's folder.
        homework: `hw03`.
        student: as the run calls the student.
        name: the full name in the run's roster; "" without.
        aliases: how else files and course sites call the student.
        record: what `course grade` recorded; None for who handed nothing in.
        why: why there are no marks; "" when there are.
        notes: what a person should know.
        handed_in: when, as the receipt says; None without one.
        saved: the date of the file.
        flagged: does the course site, or `--due`, call it late?
        file: the copy of what was handed in.
    """

    run: str
    homework: str
    student: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    record: Record | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    handed_in: datetime | None = None
    saved: datetime | None = None
    flagged: bool = False
    file: Path | None = None

    @property
    def unknown(self) -> bool:
        """Could it not be marked, through no fault of the student?"""
        return self.why.startswith(UNMARKED)


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: where it lies.
        assignment: the homework, with the references of the run's seed.
        results: one for each student.
    """

    folder: Path
    assignment: Assignment
    results: tuple[Result, ...]


def find_runs(term: Path) -> list[Path]:
    """The folders of results right in a term's folder, in order.

    What lies deeper, like a copy that somebody keeps, is not part of the term.

    Raises:
        ValueError: it is no folder, or holds no results.
    """
    if not term.is_dir():
        raise ValueError(f"{term} is not a folder: name the one that holds the results")
    paths = [*term.glob("run.json"), *term.glob("*/run.json")]
    folders = sorted(path.parent for path in paths)
    if not folders:
        raise ValueError(
            f"{term} holds no results of course grade (folders like hw01-marked)"
        )
    return folders


def read_run(folder: Path) -> Run:
    """A run that `course grade` has finished.

    Raises:
        ValueError: it is not finished, or its files are damaged.
    """
    state, table = folder / "run.json", folder / GRADES
    if not table.is_file():
        raise ValueError(
            f"{folder} is not finished: give its course grade command again"
        )
    assignment = from_json(state.read_bytes(), state)
    try:
        rows = json.loads(table.read_text("utf-8"))["students"]
        entries = {entry.key: entry for entry in intake.taken_in(folder)}
        results = [_result(folder, assignment, row, entries) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{table} is damaged ({error}): run course grade again"
        ) from error
    return Run(folder, assignment, tuple(results))


def _result(
    folder: Path, assignment: Assignment, row: Mapping[str, Any], entries: Any
) -> Result:
    key = row.get("key") or row["student"]
    entry = entries.get(key)
    told = {
        "name": row["name"],
        "why": row["why"],
        "notes": tuple(row["notes"]),
        "flagged": bool(row["late"]),
    }
    if entry is None:
        return Result(folder.name, assignment.name, row["student"], **told)
    record = read_record(folder / "records" / f"{intake.file_name(key)}.json")
    saved = _saved(entry.path)
    return Result(
        folder.name,
        assignment.name,
        row["student"],
        aliases=(entry.key, *entry.aliases),
        record=None if row["why"] else record,
        handed_in=instant(entry.handed_in) if entry.handed_in else None,
        saved=saved,
        file=entry.path,
        **told,
    )


def _saved(path: Path | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime) if path else None
    except OSError:
        return None


def open_questions(assignment: Assignment) -> Iterator[str]:
    """The questions in words, in order."""
    return (step.task for step in assignment.steps if step.kind == "open")


def question_text(assignment: Assignment, question: str) -> str:
    """A question as the notebook asks it, a paragraph a line."""
    for step in assignment.steps:
        if step.kind == "open" and step.task == question:
            lines = step.source.splitlines()
            kept = [x for x in lines if not x.startswith("<!--") and x.strip() != "..."]
            parts = "\n".join(kept).split("\n\n")
            return "\n".join(filter(None, (" ".join(p.split()) for p in parts)))
    return ""
