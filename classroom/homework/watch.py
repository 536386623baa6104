"""A run, watched from outside: it is stopped when it takes too much.

Its tree of processes is looked at a few times a second. Resident memory is added up.
What the kernel holds without counting it for a process, empty files and sockets, is
counted in pieces; for whatever else there is, the machine's own memory is watched.
"""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from classroom.homework.sandbox import DISKS, Limits

LOOK_S = 0.25
PIECE = 1 << 16
CROWD, LAST = 16, 19  # more processes than that get this niceness
MAX_FILES = 20_000  # about 1 KB of the kernel's memory each; a run needs a few hundred
MAX_SOCKETS = 2_000  # up to 0.4 MB each when full; a run needs about a hundred
LEAST_FREE = 0.05  # of the machine's memory
FULL = "the machine is short of memory: close programs, or grade with fewer --jobs"

_running: dict[int, int] = {}  # process -> MB that its tree holds


@dataclass
class Watch:
    """One run, as seen from outside.

    Attributes:
        limits: what it may take.
        stopping: when it is set, the run ends at once.
        data: what came out of it.
        why: why it was stopped; "" when it ended by itself.
        blameless: was it stopped for what may be somebody else's doing?
        said: what the system complained of.
        memory_mb: the most that its processes held together.
    """

    limits: Limits
    stopping: threading.Event
    data: bytearray = field(default_factory=bytearray)
    why: str = ""
    blameless: bool = False
    said: str = ""
    memory_mb: int = 0


def run_watched(command: list[str], environment: dict[str, str], watch: Watch) -> None:
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
            _running.pop(process.pid, None)


def _guard(pid: int, watch: Watch, done: threading.Event) -> None:
    """Stop the tree of processes when it takes too much."""
    end = time.monotonic() + watch.limits.wall_s
    while not done.wait(LOOK_S):
        tree = _tree(pid)
        if len(tree) > CROWD:
            _step_back(tree)
        _running[pid] = held = sum(map(_memory, tree)) >> 20
        watch.memory_mb = max(watch.memory_mb, held)
        if _is_short() and held >= max(list(_running.values())):
            watch.why, watch.blameless = FULL, True
        elif held > watch.limits.memory_mb:
            watch.why = f"more than {watch.limits.memory_mb:,} MB of memory"
        elif time.monotonic() > end:
            watch.why = f"more than {watch.limits.wall_s} s in all"
        elif crowd := _hoard(tree):
            watch.why = crowd
        if watch.why or watch.stopping.is_set():
            _kill_tree(pid)
            return


def _is_short() -> bool:
    memory = psutil.virtual_memory()
    return bool(memory.available < LEAST_FREE * memory.total)


def _hoard(tree: Sequence[psutil.Process]) -> str:
    """Too many files or sockets in the walls of this run? Without walls: who knows."""
    for process in tree:
        inside = Path("/proc", str(process.pid))
        with suppress(OSError, AttributeError):
            if os.readlink(inside / "ns/net") == os.readlink("/proc/self/ns/net"):
                continue
            disks = [os.statvfs(f"{inside}/root{disk}") for disk in DISKS]
            if sum(disk.f_files - disk.f_ffree for disk in disks) > MAX_FILES:
                return f"more than {MAX_FILES:,} files"
            words = (inside / "net/sockstat").read_text("ascii").split()
            if int(words[2]) > MAX_SOCKETS:  # sockets: used N
                return f"more than {MAX_SOCKETS:,} sockets"
            return ""
    return ""


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
