"""A term of toy homeworks, marked without a kernel: what the book is made of."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from classroom.homework import grade, intake, report
from classroom.homework.assignment import Assignment, to_json
from classroom.homework.collect import find_entries, present
from classroom.homework.grading_run import GradingRun
from classroom.homework.marking import CheckMark, Mark
from classroom.homework.sandbox import Limits, no_walls
from classroom.homework.submission import SubmittedCell
from tests.classroom.toy_homework import answered, cell_of, save, toy

SAVED = datetime(2026, 11, 29, 12)
WRONG = "raise ValueError('wrong')"


@dataclass(frozen=True)
class HandIn:
    """What a student handed in: tasks that are wrong, an answer in words, when."""

    wrong: tuple[str, ...] = ()
    words: str = ""
    saved: datetime = SAVED
    code: Mapping[str, str] | None = None


def homework(name: str = "hw77") -> Assignment:
    """The toy under another name: double 3, shares 3, longest 4; why in words."""
    return replace(toy(), name=name, title=f"Homework {name[2:]}: a toy")


def hand_in(folder: Path, given: Mapping[str, HandIn]) -> Path:
    for who, one in given.items():
        answers = {**(one.code or {}), **dict.fromkeys(one.wrong, WRONG)}
        notebook = answered(**answers)
        question = cell_of(notebook, "open:why")
        question["source"] += f"\n\n{one.words}"
        path = save(notebook, folder / f"{who}.ipynb")
        os.utime(path, (one.saved.timestamp(),) * 2)
    return folder


def judged(
    assignment: Assignment, submitted: list[SubmittedCell], *args: object
) -> Mark:
    """Stands for a run: what says that it is wrong is wrong."""
    from classroom.homework.words import open_answers

    sources = {cell.key: cell.source for cell in submitted}
    checks = tuple(
        CheckMark(
            *(step.key, step.task, step.label),
            *((0, step.points, "Look again.") if wrong else (step.points,) * 2 + ("",)),
            "",
        )
        for step in assignment.checks
        for wrong in [WRONG in sources.get(f"task:{step.task}", "")]
    )
    opens = tuple(open_answers(assignment, submitted).items())
    return Mark(checks, opens=opens)


def marked(
    term: Path,
    folder: str,
    given: Mapping[str, HandIn],
    assignment: Assignment | None = None,
    roster: Path | None = None,
    there: Path | None = None,
) -> GradingRun:
    """A finished run in `term/folder`, of these or of what lies there already."""
    place = there or hand_in(term / f"{folder}-in", given)
    out = term / folder
    intake.close_to_others(out)
    intake.take_in(find_entries(place), place, out)
    chosen = assignment or homework()
    (out / "run.json").write_bytes(to_json(chosen))
    entries = tuple(present(intake.taken_in(out), roster))
    run = GradingRun(out, chosen, entries, False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade, "mark_submission", judged)
        assert grade.grade_all(run, no_walls, Limits(), 1) == {}
    report.write_reports(run)
    return run


def decide(term: Path, table: str, text: str) -> Path:
    """A table as a teacher's spreadsheet saved it."""
    path = term / "gradebook" / "decisions" / table
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8-sig")
    return path
