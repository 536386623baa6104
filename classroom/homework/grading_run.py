"""A grading run in its folder, closed to others.

`submissions/` holds copies of what was handed in, made first of all; `run.json` the
secret seed and the references made with it; `records/` one file a student, written
whole or not at all. A run that was killed goes on with the students who have no record
yet, and gives the same marks.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from classroom.homework import author, intake
from classroom.homework.assignment import (
    Assignment,
    find_assignments,
    from_json,
    load_assignment,
    to_json,
)
from classroom.homework.collect import Entry, find_entries, present
from classroom.homework.execution import sweep
from classroom.homework.pages import one_line
from classroom.homework.submission import read_submission
from course_lib.engine.writing import write_atomically

Record = dict[str, Any]
FORMAT = 2
SEEDS = 2**31


@dataclass(frozen=True)
class GradingRun:
    """A grading run in its folder.

    Attributes:
        folder: where its records and pages are.
        assignment: the homework, with the references for the secret seed.
        entries: the students, with the copies of what they handed in.
        resumed: was it begun before?
        changed: students who handed in something else since; that is not marked.
    """

    folder: Path
    assignment: Assignment
    entries: tuple[Entry, ...]
    resumed: bool
    changed: tuple[str, ...] = ()

    def record_of(self, entry: Entry) -> Path:
        """The file that holds what is known about a student."""
        name = intake.file_name(entry.key or entry.student)
        return self.folder / "records" / f"{name}.json"

    def waiting(self) -> list[Entry]:
        """The students whose file has no record yet."""
        return [entry for entry in self.entries if entry.path and not self._done(entry)]

    def _done(self, entry: Entry) -> bool:
        record = read_record(self.record_of(entry))
        return record is not None and record.get("digest") == digest_of(entry)


def digest_of(entry: Entry) -> str:
    """A hash of what was handed in; without a file, of the reason."""
    reason = entry.why
    if entry.path is not None:
        try:
            content, _ = intake.read_below(entry.path.parent, entry.path)
            return hashlib.sha256(content).hexdigest()
        except ValueError as error:
            reason = str(error)
    return hashlib.sha256(reason.encode()).hexdigest()


def read_record(path: Path) -> Record | None:
    """A record on disk; None when there is none or it is damaged."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(record, dict) and record.get("format") == FORMAT
    return record if whole else None


def guess_homework(entries: Sequence[Entry]) -> str:
    """The homework that most submissions answer.

    Raises:
        ValueError: none is recognised, or two equally often.
    """
    tasks = {
        name: {step.key for step in load_assignment(name).steps if step.kind == "task"}
        for name in find_assignments()
    }
    votes = Counter[str]()
    for entry in [entry for entry in entries if entry.path][:20]:
        try:
            assert entry.path is not None
            keys = {cell.key for cell in read_submission(entry.path)}
        except ValueError:
            continue
        votes.update(name for name, wanted in tasks.items() if wanted & keys)
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        raise ValueError("which homework is this? Say so: course grade DIR --as hw04")
    return ranked[0][0]


def start_run(
    name: str,
    handed_in: Path,
    folder: Path,
    seed: int | None = None,
    roster: Path | None = None,
    due: datetime | None = None,
) -> GradingRun:
    """Begin a run, or take up one that was cut off.

    First the submissions are copied, then the references are made with a seed that
    nobody has seen. Once feedback is out that seed is known, so a finished run takes no
    new files; what a roster or a date due says can be told later.

    Args:
        name: the homework.
        handed_in: the folder of submissions.
        folder: where the run lives.
        seed: to replay a run; None draws a secret one.
        roster: see `collect.present`.
        due: see `collect.present`.

    Raises:
        ValueError: the folder holds another run, or something else.
        LessonError: the master is missing or fails with this seed.
    """
    found = find_entries(handed_in, name)
    present(found, roster, due)  # a roster that cannot be read stops it here
    state = folder / "run.json"
    changed: list[str] = []
    if resumed := state.is_file():
        assignment = from_json(state.read_bytes(), state)
        _refuse_other_run(state, assignment, name, seed)
        changed = _take_up(found, handed_in, folder)
    else:
        assignment = _new_run(name, found, handed_in, folder, seed)
    sweep()
    entries = present(intake.taken_in(folder), roster, due)
    return GradingRun(folder, assignment, tuple(entries), resumed, tuple(changed))


def _new_run(
    name: str,
    found: Sequence[Entry],
    handed_in: Path,
    folder: Path,
    seed: int | None,
) -> Assignment:
    if folder.exists() and {path.name for path in folder.iterdir()} - {intake.FOLDER}:
        raise ValueError(f"{folder} is not empty: name a new folder with --out")
    if folder.resolve().is_relative_to(handed_in.resolve()):
        raise ValueError(f"{folder} lies among the submissions: name another --out")
    master = author.read_master(author.find_masters([name])[name])
    intake.close_to_others(folder)
    intake.take_in(found, handed_in, folder)
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    assignment = author.references(master, chosen)
    write_atomically(folder / "run.json", to_json(assignment))
    (folder / "run.json").chmod(intake.PRIVATE)
    return assignment


def _refuse_other_run(
    state: Path, there: Assignment, name: str, seed: int | None
) -> None:
    if there.name != name or seed not in (None, there.seed):
        what = f"{there.name} with seed {there.seed}"
        raise ValueError(f"{state} is a run of {what}: name another folder with --out")
    if not (state.parent / intake.FOLDER).exists():
        raise ValueError(f"{state} is of an older course: name another --out")


def _take_up(found: Sequence[Entry], handed_in: Path, folder: Path) -> list[str]:
    """Take in who is new; returns those whose file is another than the one taken in.

    Raises:
        ValueError: the run is finished, and somebody is new or has another file.
    """
    changed = intake.news(found, handed_in, folder)
    if (folder / "class.html").exists():
        if changed:
            students = ", ".join(one_line(student) for student in changed[:5])
            raise ValueError(
                f"this run is finished and its seed is out, but there is something "
                f"new from {students}: mark again, with a fresh seed, into another "
                "--out"
            )
        return []
    intake.take_in(found, handed_in, folder)
    return intake.news(found, handed_in, folder)
