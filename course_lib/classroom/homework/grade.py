"""`course grade`: a folder of submissions -> a record for each, then CSV and pages.

A run lives in its output folder. `run.json` holds the secret seed and the references
made with it, `records/` one file a student, written whole or not at all: a run that was
killed goes on with the students who have no record yet.
"""

import hashlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_lib.classroom.homework import author
from course_lib.classroom.homework.assignment import (
    Assignment,
    find_assignments,
    from_json,
    load_assignment,
    to_json,
)
from course_lib.classroom.homework.collect import Entry
from course_lib.classroom.homework.execution import NEVER
from course_lib.classroom.homework.marking import Mark, mark_submission
from course_lib.classroom.homework.sandbox import Limits, Walls
from course_lib.classroom.homework.submission import MAX_BYTES, read_submission
from course_lib.files import write_atomically

Record = dict[str, Any]
FORMAT = 1
SEEDS = 2**31


@dataclass(frozen=True)
class GradingRun:
    """A grading run in its folder.

    Attributes:
        folder: where its records and pages are.
        assignment: the homework, with the references for the secret seed.
        entries: the students, see `collect`.
        resumed: was it begun before?
    """

    folder: Path
    assignment: Assignment
    entries: tuple[Entry, ...]
    resumed: bool

    def record_of(self, entry: Entry) -> Path:
        """The file that holds what is known about a student."""
        return self.folder / "records" / f"{file_name(entry.student)}.json"

    def waiting(self) -> list[Entry]:
        """The students who have no record yet, or a new file since."""
        return [entry for entry in self.entries if not self._is_done(entry)]

    def _is_done(self, entry: Entry) -> bool:
        record = read_record(self.record_of(entry))
        return record is not None and record["digest"] == digest_of(entry)


def file_name(student: str) -> str:
    """A name for this student's files: readable, safe everywhere, never twice.

    >>> file_name("Ada L."), file_name("../ada")
    ('Ada_L-ddd52c22', 'ada-60088279')
    """
    kept = "".join(x if x.isascii() and x.isalnum() else "_" for x in student)
    mark = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{kept.strip('_')[:60] or 'student'}-{mark}"


def digest_of(entry: Entry) -> str:
    """A hash of what was handed in; of the reason, when there is no file."""
    if entry.path is None:
        return hashlib.sha256(entry.why.encode()).hexdigest()
    try:
        if entry.path.is_symlink() or not entry.path.is_file():
            return "not a regular file"
        if entry.path.stat().st_size > MAX_BYTES:
            return f"{entry.path.stat().st_size} bytes"
        with entry.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"


def read_record(path: Path) -> Record | None:
    """A record on disk; None when there is none or it is damaged."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
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
        raise ValueError("which homework is this? Say so: course grade DIR --as hw03")
    return ranked[0][0]


def start_run(
    name: str, entries: Sequence[Entry], folder: Path, seed: int | None = None
) -> GradingRun:
    """Begin a run, or take up one that was cut off.

    The references are made with a seed that nobody has seen; once feedback is out that
    seed is known, so a finished run is not gone on with when new files come in.

    Args:
        name: the homework.
        entries: the students.
        folder: where the run lives.
        seed: to replay a run; None draws a secret one.

    Raises:
        ValueError: the folder holds another run, or something else.
        LessonError: the master is missing or fails with this seed.
    """
    state = folder / "run.json"
    if state.is_file():
        assignment = from_json(state.read_bytes(), state)
        run = GradingRun(folder, assignment, tuple(entries), True)
        _refuse_other_run(run, name, seed)
        return run
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty: name a new folder with --out")
    master = author.read_master(author.find_masters([name])[name])
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    assignment = author.references(master, chosen)
    write_atomically(state, to_json(assignment))
    return GradingRun(folder, assignment, tuple(entries), False)


def _refuse_other_run(run: GradingRun, name: str, seed: int | None) -> None:
    state, there = run.folder / "run.json", run.assignment
    if there.name != name or seed not in (None, there.seed):
        what = f"{there.name} with seed {there.seed}"
        raise ValueError(f"{state} is a run of {what}: name another folder with --out")
    if (run.folder / "class.html").exists() and run.waiting():
        students = ", ".join(entry.student for entry in run.waiting()[:5])
        raise ValueError(
            f"this run is finished and its seed is out, but there is something new "
            f"from {students}: mark again, with a fresh seed, into another --out"
        )


def grade_all(
    run: GradingRun,
    walls: Walls,
    limits: Limits,
    jobs: int,
    on_done: Callable[[Record], None] = lambda record: None,
) -> list[str]:
    """Mark all who wait, `jobs` at a time; each record is written when it is done.

    Returns:
        What could not be marked through no fault of the student, a line each; nothing
        was recorded for those, and the next try takes them up.
    """
    troubles: list[str] = []
    stopping = threading.Event()

    def one(entry: Entry) -> Record | None:
        try:
            record = grade_one(run, entry, walls, limits, stopping)
        except Exception as error:  # whatever it is, the others must be marked
            troubles.append(f"{entry.student}: {type(error).__name__}: {error}")
            return None
        content = json.dumps(record, indent=1, ensure_ascii=True, sort_keys=True)
        write_atomically(run.record_of(entry), f"{content}\n".encode())
        return record

    with ThreadPoolExecutor(jobs) as pool:
        try:
            for record in pool.map(one, run.waiting()):
                if record is not None:
                    on_done(record)
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
    digest, why = digest_of(entry), entry.why
    mark = Mark(checks=())
    if entry.path is not None:
        try:
            submitted = read_submission(entry.path)
            mark = mark_submission(run.assignment, submitted, walls, limits, stopping)
        except ValueError as error:
            why = str(error)
    return {
        "format": FORMAT,
        "student": entry.student,
        "name": entry.name,
        "file": entry.path.name if entry.path else "",
        "digest": digest,
        "late": entry.late,
        "why": why,
        "homework": run.assignment.name,
        "master": run.assignment.master,
        "seed": run.assignment.seed,
        "points": mark.points,
        "worth": run.assignment.points,
        "checks": [asdict(check) for check in mark.checks],
        "notes": [*entry.notes, *mark.notes],
        "stops": list(mark.stops),
        "opens": dict(mark.opens),
        "seconds": mark.seconds,
        "memory_mb": mark.memory_mb,
    }


def records(run: GradingRun) -> Iterator[Record]:
    """The records of all students, one at a time, in order."""
    for entry in run.entries:
        record = read_record(run.record_of(entry))
        if record is not None:
            yield record
