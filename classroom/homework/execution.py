"""Running a merged submission inside walls, watched from outside.

The run's process tree is looked at a few times a second. Whatever goes wrong inside,
the records that came out until then count, and what hung or killed the run is taken
out and the rest runs again: one bad answer does not cost the others.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import psutil

from classroom.homework import runner
from classroom.homework.compare import MAX_TEXT
from classroom.homework.hints import STOPPED, Outcome
from classroom.homework.merge import MergedCell, without_answers
from classroom.homework.notebooks import notebook_bytes
from classroom.homework.sandbox import Limits, Walls
from classroom.homework.watch import Watch, run_watched
from classroom.homework.workplace import HERE, quiet_environment, set_out

PREFIX = "course-homework-"
RUNS = 2  # times the limit of one run, for all runs of a submission together
NEVER = threading.Event()


@dataclass(frozen=True)
class Run:
    """What came out of a submission.

    Attributes:
        outcomes: index of a cell -> what it gave; cells that were not reached are out.
        stops: what was stopped, and why: `softmax: more than 300 s in all`.
        seconds: how long it took in all.
        memory_mb: the most that all processes held together.
        cell_seconds: index of a cell -> how long it took.
    """

    outcomes: dict[int, Outcome]
    stops: tuple[str, ...]
    seconds: float
    memory_mb: int
    cell_seconds: dict[int, float] = field(default_factory=dict)


def run_cells(
    cells: Sequence[MergedCell],
    needs: Sequence[str],
    walls: Walls,
    limits: Limits,
    stopping: threading.Event = NEVER,
) -> Run:
    """Run the cells of a submission with nbval.

    Args:
        cells: see `merge`.
        needs: files of the course that the homework reads.
        walls: see `sandbox`.
        limits: see `sandbox`.
        stopping: when it is set, the run ends at once.

    Raises:
        InterruptedError: it was set.
        RuntimeError: not even the first cell was reached, or the machine ran out of
            memory, so nothing is known about the submission; the text says which.
    """
    outcomes: dict[int, Outcome] = {}
    took: dict[int, float] = {}
    stops: list[str] = []
    taken_out: list[str] = []
    began, memory_mb = time.monotonic(), 0
    while (left := began + RUNS * limits.wall_s - time.monotonic()) >= 1:
        watch = Watch(replace(limits, wall_s=min(limits.wall_s, int(left))), stopping)
        _run_once(without_answers(cells, taken_out), needs, walls, watch)
        if stopping.is_set():
            raise InterruptedError("stopped before it was done")
        memory_mb = max(memory_mb, watch.memory_mb)
        records = Records.parse(bytes(watch.data), len(cells))
        _check_start(cells, records, watch)
        for index, outcome in records.finished.items():
            outcomes.setdefault(index, outcome)
        took |= records.seconds
        stops += [f"{_place(cells[at])}: too slow" for at in sorted(records.slow)]
        at = records.unfinished(len(cells))
        if at is None:
            break
        why = watch.why or records.why_dead(at)
        stops.append(f"{_place(cells[at])}: {why}")
        culprit = _culprit(cells, at)
        for index, cell in enumerate(cells):
            if index == at or (index > at and f"task:{_task(cell)}" == culprit):
                outcomes.setdefault(index, Outcome(error=STOPPED + why))
        if culprit in taken_out:
            break
        taken_out.append(culprit)
    seconds = round(time.monotonic() - began, 1)
    return Run(outcomes, tuple(dict.fromkeys(stops)), seconds, memory_mb, took)


def _check_start(cells: Sequence[MergedCell], records: "Records", watch: Watch) -> None:
    """Raise RuntimeError if nothing was learned about the submission."""
    if not records.started or watch.blameless:
        raise RuntimeError(f"the run did not start: {watch.why or watch.said}")
    if _set_up_failed(cells, records):
        raise RuntimeError(
            "the homework's own set-up took too long on this machine: give a larger "
            "--cell-seconds, or fewer --jobs"
        )


def _set_up_failed(cells: Sequence[MergedCell], records: "Records") -> bool:
    """Was time up before any line of the student's ran? That is not the student's."""
    first = next((i for i, cell in enumerate(cells) if not cell.pristine), len(cells))
    late = set(records.slow)
    at = records.unfinished(len(cells))
    if at is not None and records.dead.get(at) == STOPPED + runner.SLOW:
        late.add(at)
    return any(at < first for at in late)


def _task(cell: MergedCell) -> str:
    return cell.key.split(":")[1] if cell.key.startswith(("task", "check")) else ""


def _place(cell: MergedCell) -> str:
    return _task(cell) or "a set-up cell"


def _culprit(cells: Sequence[MergedCell], at: int) -> str:
    """The key of the student's cells to take out when the run broke at a cell."""
    if not cells[at].pristine:
        return cells[at].key
    if cells[at].key.startswith("check"):
        return f"task:{_task(cells[at])}"
    earlier = [cell.key for cell in cells[:at] if not cell.pristine]
    return earlier[-1] if earlier else cells[at].key


@dataclass
class Records:
    """The lines that came out of the runner, whoever wrote them.

    Attributes:
        started: indices of cells that began.
        finished: index of a cell that ended -> what it gave.
        slow: indices of cells that were interrupted.
        dead: index of the cell at which the kernel went -> what was said then.
        seconds: index of a cell that ended -> how long it took.
    """

    started: set[int] = field(default_factory=set)
    finished: dict[int, Outcome] = field(default_factory=dict)
    slow: set[int] = field(default_factory=set)
    dead: dict[int, str] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes, n_cells: int) -> "Records":
        """Read what can be read; anything else in between is passed over."""
        records = cls()
        for line in data.split(b"\n"):
            try:
                raw = json.loads(line)
            except (ValueError, RecursionError):
                continue
            index = raw.get("i") if isinstance(raw, dict) else None
            if type(index) is int and 0 <= index < n_cells:
                records.add(index, raw)
        return records

    def add(self, index: int, raw: dict[str, object]) -> None:
        """Take one record; the first end of a cell counts."""
        state, value, error = (raw.get(name) for name in ("state", "value", "error"))
        if state == "start":
            self.started.add(index)
        elif state in ("done", "timeout"):
            if state == "timeout" and index not in self.finished:
                self.slow.add(index)
            text = value[: MAX_TEXT + 1] if isinstance(value, str) else None
            why = error[:1000] if isinstance(error, str) else ""
            trace = str(raw.get("trace") or "")[:4000]
            self.finished.setdefault(index, Outcome(text, why, trace))
            took = raw.get("seconds")
            self.seconds.setdefault(index, took if type(took) is float else 0.0)
        elif state == "dead":
            self.dead[index] = error if isinstance(error, str) else ""

    def why_dead(self, index: int) -> str:
        """Why the run broke at this cell, in our words."""
        if self.dead.get(index) == STOPPED + runner.SLOW:
            return runner.SLOW
        return "the kernel stopped (no memory left, or a crash)"

    def unfinished(self, n_cells: int) -> int | None:
        """The first cell without an end; None when all ended."""
        return next((i for i in range(n_cells) if i not in self.finished), None)


def _run_once(
    cells: Sequence[MergedCell], needs: Sequence[str], walls: Walls, watch: Watch
) -> None:
    # Only the owner can look into the outer folder; the run, which may belong to
    # another user, is shown the inner one.
    with tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name, "files")
        set_out(folder, needs)
        notebook = notebook_bytes([cell.source for cell in cells])
        (folder / HERE / runner.NOTEBOOK).write_bytes(notebook)
        shutil.copyfile(runner.__file__, folder / "runner.py")
        _let_the_run_read(folder)
        place = walls(folder)
        words = [*place.prefix, place.python, "-P", f"{place.folder}/runner.py"]
        command = [*words, place.folder, json.dumps(asdict(watch.limits))]
        scratch = Path(name, "scratch")
        scratch.mkdir()
        own = {"TMPDIR": str(scratch), "IPYTHONDIR": str(scratch / "ipython")}
        environment = quiet_environment() | own
        try:
            run_watched(command, environment, watch)
        finally:
            if place.stop:
                subprocess.run(place.stop, capture_output=True, check=False)


def _let_the_run_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def sweep() -> None:
    """Remove the working folders of runs whose grader was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        grader = folder.name.removeprefix(PREFIX).partition("-")[0]
        mine = not hasattr(os, "geteuid") or folder.lstat().st_uid == os.geteuid()
        if mine and grader.isdecimal() and not psutil.pid_exists(int(grader)):
            shutil.rmtree(folder, ignore_errors=True)
