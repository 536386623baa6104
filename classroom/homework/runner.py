"""nbval in a process of its own: runs a notebook, reports what each check printed.

    python -P runner.py FOLDER LIMITS

This file travels alone into the sandbox, beside the notebook and without the rest of
the course. It lowers its own limits, lets nbval execute `run.ipynb`, and writes JSON
lines to standard output: the start of each cell, then its value or its error. Whoever
reads them knows the right values; nothing in here does. The references are not in the
notebook either, so a forged line would have to hold a value that only the right answer
gives.
"""

import contextlib
import ctypes
import errno
import json
import math
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty
from struct import pack
from typing import Any

MAX_VALUE = 20_001
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER, NEW_USER = 38, 22, 2, 0x1000_0000
MACHINES = {  # the kernel's code for it, then its calls of clone and socket
    "x86_64": (0xC000003E, 56, 41),
    "aarch64": (0xC00000B7, 220, 198),
}
COLOUR = re.compile(r"\x1b\[[\d;]*m")
POINTED = re.compile(r"^(?:-+> *|  Cell In\[\d+\], line )(\d+)\s(.*)$", re.MULTILINE)
DENIED = {  # x86_64, aarch64: calls that a homework has no need of
    # memory that no process has
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447)},
    **{"shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190)},
    # a user namespace of one's own, where one may mount disks
    **{"unshare": (272, 97), "clone3": (435, 435), "setns": (308, 268)},
    # the keyrings of whoever marks
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    # the memory and the open files of the runner
    **{"ptrace": (101, 117), "pidfd_getfd": (438, 438), "kcmp": (312, 272)},
    **{"process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    # parts of the kernel in which most holes have been found
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426)},
    **{"io_uring_register": (427, 427)},
}
NETLINK = 16  # families of sockets above it: the host of a virtual machine, hardware
LOOK_S = 0.5
OUTPUT_S = 10  # for what a cell printed to arrive after its end
SLOW = "one cell took too long"
NOTEBOOK = "run.ipynb"
WORK = Path("notebooks", "homework")


def lower_limits(limits: dict[str, int]) -> None:
    """Limits for this process and all it starts (0: none); the first to go."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        resource.RLIMIT_AS: limits["memory_mb"] << 20,
        resource.RLIMIT_FSIZE: limits["file_mb"] << 20,
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
    }
    hide_calls()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        if value and (hard < 0 or value < hard):
            resource.setrlimit(which, (value, value))


def hide_calls() -> None:
    """Take calls away for good (seccomp): they answer that the system has none."""
    machine = platform.machine() if sys.maxsize > 1 << 32 else ""
    if not sys.platform.startswith("linux") or machine not in MACHINES:
        return
    steps = filter_steps(machine)
    code = ctypes.create_string_buffer(b"".join(pack("HBBI", *x) for x in steps))
    program = ctypes.create_string_buffer(
        pack("HP", len(steps), ctypes.addressof(code))
    )
    prctl = ctypes.CDLL(None).prctl
    prctl(NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0)))
    where = ctypes.addressof(program)
    prctl(SET_SECCOMP, *map(ctypes.c_ulong, (FILTER, where, 0, 0)))


def short_trace(traceback: list[str]) -> str:
    """What IPython points at in each frame, `3: return x / 0`, the inmost last."""
    text = COLOUR.sub("", "\n".join(map(str, traceback)))[-100_000:]
    lines = [f"{number}: {line[:200]}" for number, line in POINTED.findall(text)]
    return "\n".join(lines[-15:])


def filter_steps(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter as BPF: (operation, steps to skip if so, and if not, operand)."""
    arch, clone, socket = MACHINES[machine]
    denied = [numbers[list(MACHINES).index(machine)] for numbers in DENIED.values()]
    load, equal, above, flagged, end = 0x20, 0x15, 0x35, 0x45, 0x06
    no, yes = 0x0005_0000 | errno.ENOSYS, 0x7FFF_0000
    number, of_machine, argument = 0, 4, 16  # where they stand in what the kernel tells
    steps = [(load, 0, 0, of_machine), (equal, 1, 0, arch), (end, 0, 0, no)]
    steps += [(load, 0, 0, number), (above, 0, 1, 1 << 30), (end, 0, 0, no)]
    for call in denied:
        steps += [(equal, 0, 1, call), (end, 0, 0, no)]
    for call, test, limit in ((clone, flagged, NEW_USER), (socket, above, NETLINK + 1)):
        steps += [(equal, 0, 4, call), (load, 0, 0, argument)]
        steps += [(test, 0, 1, limit), (end, 0, 0, no), (end, 0, 0, yes)]
    return [*steps, (end, 0, 0, yes)]


def kernel_class() -> type:
    """Nbval's kernel, with an eye on whether it still lives."""
    import nbval.kernel

    class Kernel(nbval.kernel.RunningKernel):  # type: ignore[misc]  # no types
        end = math.inf  # no message is waited for beyond it

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            # exit() would stop the kernel a moment later, in somebody else's task.
            stay = "get_ipython().ask_exit = lambda: None"
            self.await_reply(self.kc.execute(stay, silent=True), timeout=30)

        def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
            self.end = time.monotonic() + (timeout or 3600)
            try:
                while not self._has_replied(msg_id):
                    pass
            finally:
                self.end = time.monotonic() + OUTPUT_S

        def _has_replied(self, msg_id: str) -> bool:
            try:
                super().await_reply(msg_id, timeout=LOOK_S)
            except Empty:
                if not self.is_alive():
                    raise KernelStopped from None
                if time.monotonic() > self.end:
                    raise
                return False
            return True

        def get_message(self, stream: str, timeout: float | None = None) -> Any:
            """The next message; what is none, a cell's code sent by itself."""
            get = getattr(self.kc, f"get_{stream}_msg")
            while time.monotonic() < self.end:
                with contextlib.suppress(ValueError, TypeError):
                    return get(timeout=timeout)
            raise Empty

    return Kernel


class KernelStopped(RuntimeError):
    """The kernel is gone: killed, crashed, or out of memory."""


class Reporter:
    """The pytest plugin: one line when a cell starts, one when it is done."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.index = -1
        self.began = 0.0

    def say(self, **record: object) -> None:
        """Write one line about the cell that runs now."""
        self.out.write("\n" + json.dumps({"i": self.index, **record}) + "\n")
        self.out.flush()

    def pytest_runtest_setup(self, item: Any) -> None:
        """A cell begins."""
        self.index = item.cell_num
        self.began = time.monotonic()
        self.say(state="start")

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        """A cell ended, one way or the other."""
        broken = call.excinfo is not None and call.when in ("setup", "call")
        if call.when != "call" and not broken:
            return
        outputs = item.test_outputs or []
        values = [o for o in outputs if o["output_type"] == "execute_result"]
        errors = [o for o in outputs if o["output_type"] == "error"]
        took = round(time.monotonic() - self.began, 1)
        record: dict[str, object] = {"state": "done", "seconds": took}
        if values:
            record["value"] = str(values[-1]["data"].get("text/plain", ""))[:MAX_VALUE]
        if errors:
            name, text = str(errors[0]["ename"]), str(errors[0]["evalue"])
            if name == "SyntaxError":  # newer than this Python?
                text = f"{text[:800]} [read by Python {platform.python_version()}]"
            record["error"] = f"{name[:100]}: {text[:900]}"
            record["trace"] = short_trace(errors[0].get("traceback") or [])
        elif broken:
            record["error"] = str(call.excinfo.value)[:1000]
        if broken and item.parent.timed_out:
            record |= {"state": "timeout", "error": f"Stopped: {SLOW}"}
        item.parent.timed_out = False  # it was interrupted: the others go on
        kernel = item.parent.kernel
        if kernel is None or not kernel.is_alive():
            record["state"] = "dead"
        self.say(**record)
        if record["state"] == "dead":
            self.out.close()
            os._exit(0)


def main(folder: Path, limits: dict[str, int]) -> int:
    """Copy the folder to where files may be written, and run its notebook."""
    lower_limits(limits)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    place = Path(tempfile.gettempdir(), "homework")
    shutil.copytree(folder, place)
    os.chdir(place / WORK)
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # 1.4 s to import
    import nbval.plugin
    import pytest

    os.dup2(1, 2)  # from here on only our lines leave

    nbval.plugin.RunningKernel = kernel_class()
    options = ["-p", "nbval.plugin", "--nbval-lax", "--nbval-current-env", "-s"]
    options += [f"--nbval-cell-timeout={limits['cell_s']}", f"--rootdir={place}"]
    # Only what runs a notebook: other plugins cost time and could change something.
    without = ("cacheprovider", "python", "doctest", "unittest", "junitxml")
    options += [word for name in without for word in ("-p", f"no:{name}")]
    command = [*options, "-c", os.devnull, NOTEBOOK]
    return int(pytest.main(command, plugins=[Reporter(out)]))


if __name__ == "__main__":
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    raise SystemExit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
