"""Running a merged submission inside walls, watched from outside.

The run's process tree is looked at a few times a second. Whatever goes wrong inside,
the records that came out until then count, and what hung or killed the run is taken
out and the rest runs again: one bad answer does not cost the others.
"""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from course_lib.classroom.homework import runner
from course_lib.classroom.homework.compare import MAX_TEXT
from course_lib.classroom.homework.hints import STOPPED, Outcome
from course_lib.classroom.homework.merge import MergedCell, without_answers
from course_lib.classroom.homework.notebooks import notebook_bytes
from course_lib.classroom.homework.sandbox import Limits, Walls
from course_lib.classroom.homework.workplace import HERE, quiet_environment, set_out

LOOK_S = 0.25
PIECE = 1 << 16
CROWD, LAST = 16, 19  # more processes than that get this niceness
NEVER = threading.Event()


@dataclass(frozen=True)
class Run:
    """What came out of a submission.

    Attributes:
        outcomes: index of a cell -> what it gave; cells that were not reached are out.
        stops: what was stopped, and why: `softmax: more than 300 s in all`.
        seconds: how long it took in all.
        memory_mb: the most that all processes held together.
    """

    outcomes: dict[int, Outcome]
    stops: tuple[str, ...]
    seconds: float
    memory_mb: int


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
        RuntimeError: not even the first cell was reached, so nothing is known about
            the submission; the text says what the system said.
    """
    outcomes: dict[int, Outcome] = {}
    stops: list[str] = []
    taken_out: list[str] = []
    began, memory_mb = time.monotonic(), 0
    while time.monotonic() - began < 2 * limits.wall_s:
        watch = _Watch(limits, stopping)
        _run_once(without_answers(cells, taken_out), needs, walls, watch)
        if stopping.is_set():
            raise InterruptedError("stopped before it was done")
        memory_mb = max(memory_mb, watch.memory_mb)
        records = Records.parse(bytes(watch.data), len(cells))
        if not records.started:
            raise RuntimeError(f"the run did not start: {watch.why or watch.said}")
        for index, outcome in records.finished.items():
            outcomes.setdefault(index, outcome)
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
    return Run(outcomes, tuple(dict.fromkeys(stops)), seconds, memory_mb)


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
    """

    started: set[int] = field(default_factory=set)
    finished: dict[int, Outcome] = field(default_factory=dict)
    slow: set[int] = field(default_factory=set)
    dead: dict[int, str] = field(default_factory=dict)

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
            text = value[: MAX_TEXT + 1] if isinstance(value, str) else None
            why = error[:1000] if isinstance(error, str) else ""
            trace = str(raw.get("trace") or "")[:4000]
            self.finished.setdefault(index, Outcome(text, why, trace))
            if state == "timeout":
                self.slow.add(index)
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


@dataclass
class _Watch:
    """One run, as seen from outside."""

    limits: Limits
    stopping: threading.Event
    data: bytearray = field(default_factory=bytearray)
    why: str = ""
    said: str = ""
    memory_mb: int = 0


def _run_once(
    cells: Sequence[MergedCell], needs: Sequence[str], walls: Walls, watch: _Watch
) -> None:
    with tempfile.TemporaryDirectory(
        prefix="course-homework-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name, "files")
        set_out(folder, needs)
        notebook = notebook_bytes([cell.source for cell in cells])
        (folder / HERE / runner.NOTEBOOK).write_bytes(notebook)
        shutil.copyfile(runner.__file__, folder / "runner.py")
        _let_all_read(Path(name))
        place = walls(folder)
        words = [*place.prefix, place.python, "-P", f"{place.folder}/runner.py"]
        command = [*words, place.folder, json.dumps(asdict(watch.limits))]
        scratch = Path(name, "scratch")
        scratch.mkdir()
        own = {"TMPDIR": str(scratch), "IPYTHONDIR": str(scratch / "ipython")}
        environment = quiet_environment() | own
        try:
            _watched(command, environment, watch)
        finally:
            if place.stop:
                subprocess.run(place.stop, capture_output=True, check=False)


def _let_all_read(folder: Path) -> None:
    """The run may belong to another user."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _watched(command: list[str], environment: dict[str, str], watch: _Watch) -> None:
    """Start it, read what it says, stop it at a limit."""
    done = threading.Event()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        guard = threading.Thread(
            target=_guard, args=(process.pid, watch, done), daemon=True
        )
        guard.start()
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            while piece := process.stdout.read1(PIECE):  # type: ignore[attr-defined]
                if len(watch.data) + len(piece) > watch.limits.output_kb << 10:
                    watch.why = watch.why or "more output than allowed"
                    break
                watch.data += piece
            else:
                watch.said = process.stderr.read(4000).decode("utf-8", "replace")
        finally:
            done.set()
            guard.join()
            _kill_tree(process.pid)


def _guard(pid: int, watch: _Watch, done: threading.Event) -> None:
    """Stop the tree of processes when it takes too much memory or time."""
    limits = watch.limits
    end = time.monotonic() + limits.wall_s
    while not done.wait(LOOK_S):
        tree = _tree(pid)
        if len(tree) > CROWD:
            _step_back(tree)
        held = sum(map(_memory, tree)) >> 20
        watch.memory_mb = max(watch.memory_mb, held)
        if held > limits.memory_mb:
            watch.why = f"more than {limits.memory_mb:,} MB of memory"
        elif time.monotonic() > end:
            watch.why = f"more than {limits.wall_s} s in all"
        if watch.why or watch.stopping.is_set():
            _kill_tree(pid)
            return


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _step_back(tree: Sequence[psutil.Process]) -> None:
    """A crowd comes after the other submissions, which may not become too slow."""
    for process in tree:
        with suppress(psutil.Error, OSError, ValueError):
            process.nice(LAST)
            Path(f"/proc/{process.pid}/autogroup").write_text(f"{LAST}", "ascii")


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _kill_tree(pid: int) -> None:
    for process in reversed(_tree(pid)):
        with suppress(psutil.Error):
            process.kill()
