"""`course grade`: each submission of a run -> a record.

Whatever happens with one student, the others are marked.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from classroom.homework.assignment import Assignment
from classroom.homework.collect import Entry
from classroom.homework.execution import NEVER
from classroom.homework.grading_run import (
    FORMAT,
    GradingRun,
    Record,
    digest_of,
    read_record,
)
from classroom.homework.marking import Mark, mark_submission
from classroom.homework.regrade import joined
from classroom.homework.sandbox import Limits, Walls
from classroom.homework.submission import SubmittedCell, read_submission
from course_lib.engine.writing import write_atomically

UNMARKED = "could not be marked"
NO_TROUBLES: Mapping[str, str] = {}
NO_MARK = Mark(checks=())


def grade_all(
    run: GradingRun,
    walls: Walls,
    limits: Limits,
    jobs: int,
    on_done: Callable[[Record], None] = lambda record: None,
    again: Sequence[Entry] = (),
    task: str = "",
) -> dict[str, str]:
    """Mark all who wait, `jobs` at a time; each record is written when it is done.

    Args:
        run: the run.
        walls: see `sandbox`.
        limits: of a submission.
        jobs: how many at a time.
        on_done: called with each record, in order.
        again: mark these and nobody else, see `regrade`.
        task: of these, take only the checks of this task.

    Returns:
        Student -> why there is no record, through no fault of the student; the next
        try takes them up.
    """
    troubles: dict[str, str] = {}
    stopping = threading.Event()

    def one(entry: Entry) -> None:
        try:
            record = grade_one(run, entry, walls, limits, stopping)
            record = joined(run, entry, record, task)
            content = json.dumps(record, indent=1, ensure_ascii=True, sort_keys=True)
            write_atomically(run.record_of(entry), f"{content}\n".encode())
        except Exception as error:  # whatever it is, the others must be marked
            troubles[entry.student] = f"{type(error).__name__}: {error}"

    waiting = list(again) or run.waiting()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for entry, _ in zip(waiting, pool.map(one, waiting), strict=True):
                on_done(record_of(run, entry, troubles))
        except BaseException:
            stopping.set()
            pool.shutdown(cancel_futures=True)
            raise
    return troubles


def grade_one(
    run: GradingRun,
    entry: Entry,
    walls: Walls,
    limits: Limits,
    stopping: threading.Event = NEVER,
) -> Record:
    """The record of one student.

    Raises:
        InterruptedError: `stopping` was set.
        RuntimeError: the sandbox did not start; nothing is known about the student.
    """
    if entry.path is None:
        return new_record(run, entry, entry.why)
    try:
        submitted = read_submission(entry.path)
        mark = mark_submission(run.assignment, submitted, walls, limits, stopping)
    except ValueError as error:
        return new_record(run, entry, str(error))
    blank = is_blank(run.assignment, submitted, mark)
    return new_record(run, entry, "", mark) | {"blank": blank}


def is_blank(
    assignment: Assignment, submitted: Sequence[SubmittedCell], mark: Mark
) -> bool:
    """Is it the notebook as everybody got it, without an answer?"""
    empty = {s.source.strip() for s in assignment.steps if s.kind == "task"}
    keys = {step.key for step in assignment.steps if step.kind == "task"}
    answers = {cell.source.strip() for cell in submitted if cell.key in keys}
    return answers <= empty and not any(text for _, text in mark.opens)


def new_record(
    run: GradingRun, entry: Entry, why: str = "", mark: Mark = NO_MARK
) -> Record:
    """What is known of a student: the marks, or why there are none."""
    return {
        "format": FORMAT,
        "student": entry.student,
        "name": entry.name,
        "file": entry.file,
        "digest": digest_of(entry),
        "late": entry.late,
        "why": why,
        "blank": True,
        "homework": run.assignment.name,
        "master": run.assignment.master,
        "seed": run.assignment.seed,
        "points": mark.points,
        "worth": run.assignment.points,
        "checks": [asdict(check) for check in mark.checks],
        "notes": list(mark.notes),
        "stops": list(mark.stops),
        "opens": dict(mark.opens),
        "seconds": mark.seconds,
        "memory_mb": mark.memory_mb,
    }


def records(
    run: GradingRun, troubles: Mapping[str, str] = NO_TROUBLES
) -> Iterator[Record]:
    """The records of all students, one at a time, in order."""
    return (record_of(run, entry, troubles) for entry in run.entries)


def record_of(
    run: GradingRun, entry: Entry, troubles: Mapping[str, str] = NO_TROUBLES
) -> Record:
    """A student's record, with what the roster and the date due say today.

    Args:
        run: the run.
        entry: the student.
        troubles: see `grade_all`.
    """
    record = read_record(run.record_of(entry)) if entry.path else None
    if record is None:
        trouble = troubles.get(entry.student, "give the same command again")
        unmarked = f"{UNMARKED}: {trouble}"
        record = new_record(run, entry, unmarked if entry.path else entry.why)
    notes = [*entry.notes, *record["notes"]]
    told = {"student": entry.student, "name": entry.name, "late": entry.late}
    return record | told | {"notes": notes}
