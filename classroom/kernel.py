"""Executing a lesson: a fresh kernel, the same circumstances on every machine."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import jupyter_client.kernelspec
import jupyter_client.manager
import nbclient
import nbclient.exceptions
import zmq.asyncio

from classroom.lessons import LessonError, settings_folder

CELL_TIMEOUT_S = 600
ANSI = re.compile(r"\x1b\[[0-9;]*m")
TRACEBACK_LINES = 14

Notebook: TypeAlias = Any  # nbformat.NotebookNode: a dict with dots
Cell: TypeAlias = Any


def kernel_environment() -> dict[str, str]:
    """The environment in which lessons run: the user's, with every dice roll pinned.

    Own folders for matplotlib and IPython keep a personal `matplotlibrc` or start-up
    script from changing a picture or an output.
    """
    environment = dict(os.environ)
    for name in ("MPLBACKEND", "MATPLOTLIBRC", "PYTHONWARNINGS", "PYTHONSTARTUP"):
        environment.pop(name, None)
    environment.setdefault("OMP_NUM_THREADS", "1")
    return environment | {
        "PYTHONHASHSEED": "0",
        "MPLCONFIGDIR": str(settings_folder("matplotlib")),
        "IPYTHONDIR": str(settings_folder("ipython")),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns on stderr
    }


def warm_up(environment: dict[str, str]) -> None:
    """Let matplotlib list the machine's fonts once, so that no lesson waits for it."""
    if any(Path(environment["MPLCONFIGDIR"]).glob("fontlist*.json")):
        return
    command = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env=environment, check=False, capture_output=True)


@contextmanager
def _kernel_manager() -> Iterator[Any]:
    # With no folders to search, "python3" can only be the kernel of this interpreter,
    # whatever other environments have registered under that name.
    specs = jupyter_client.kernelspec.KernelSpecManager(kernel_dirs=[])
    sockets = zmq.asyncio.Context()
    try:
        yield jupyter_client.manager.AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=specs, context=sockets
        )
    finally:
        sockets.destroy(linger=0)  # nbclient leaves two of them open


def kernel_command() -> list[str]:
    """The command line of the kernel that runs lessons: this very interpreter."""
    with _kernel_manager() as manager:
        return list(manager.kernel_spec.argv)


def execute(
    notebook: Notebook,
    folder: Path,
    describe: Callable[[int, int], str],
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Run every code cell of `notebook` in place, in a fresh kernel.

    Args:
        notebook: the notebook; its outputs and execution counts are replaced.
        folder: the working directory of the kernel.
        describe: `(cell index, line in the cell) -> str`, names the place of an error.
        on_cell: called with (index of the cell that starts, number of cells).

    Raises:
        LessonError: a cell raised, wrote to stderr, took longer than ten minutes or
            killed the kernel.
    """
    environment = kernel_environment()
    warm_up(environment)
    total, current = len(notebook.cells), 0

    def started(cell: Cell, cell_index: int) -> None:
        nonlocal current
        current = cell_index
        on_cell(cell_index, total)

    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=started,
        extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
    )
    try:
        _run_all(client, environment)
    except nbclient.exceptions.CellExecutionError as error:
        line, detail = _explain(error, notebook.cells[current])
        raise LessonError(describe(current, line), detail) from error
    except nbclient.exceptions.CellTimeoutError as error:
        detail = f"the cell ran longer than {CELL_TIMEOUT_S} s and was stopped"
        raise LessonError(describe(current, 0), detail) from error
    except nbclient.exceptions.DeadKernelError as error:
        detail = "the kernel died in this cell (out of memory, or a crash)"
        raise LessonError(describe(current, 0), detail) from error
    for index, cell in enumerate(notebook.cells):
        _refuse_stderr(cell, describe(index, 0))


def _run_all(client: nbclient.NotebookClient, environment: dict[str, str]) -> None:
    try:
        with _kernel_manager() as client.km:
            # What libraries write past Python goes nowhere; sys.stderr is an output.
            client.execute(env=environment, stderr=subprocess.DEVNULL)
    except BaseException as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # its answer to Ctrl-C
            raise KeyboardInterrupt from error
        raise


def _explain(
    error: nbclient.exceptions.CellExecutionError, cell: Cell
) -> tuple[int, str]:
    """Line of the cell (from 0) in which it broke, and the error without colours."""
    outputs = [out for out in cell.outputs if out.output_type == "error"]
    trace = ANSI.sub("", "\n".join(outputs[0].traceback)) if outputs else ""
    found = re.search(rf"In\[{cell.execution_count}\], line (\d+)", trace)
    summary = f"{error.ename}: {ANSI.sub('', error.evalue)}"
    tail = trace.strip().splitlines()[-TRACEBACK_LINES:]
    return int(found[1]) - 1 if found else 0, "\n".join([summary, *tail])


def _refuse_stderr(cell: Cell, where: str) -> None:
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            text = ANSI.sub("", output.text).strip()
            detail = f"a lesson must not warn; the cell wrote to stderr:\n{text}"
            raise LessonError(where, detail)
