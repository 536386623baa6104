"""Writing what an author made: the students' notebook and the assignment's file."""

from pathlib import Path

import nbformat

from classroom import build
from classroom.homework.assignment import (
    FOLDER,
    Assignment,
    keys_of,
    load_assignment,
    notebook_of,
    to_json,
)
from classroom.homework.author import (
    Master,
    read_master,
    refuse_luck,
    strip_solution,
    try_master,
)
from classroom.homework.proof import sealed
from classroom.lessons import LessonError, short
from course_lib.engine.writing import write_atomically


def make_notebook(master: Master, assignment: Assignment) -> bytes:
    """The notebook that students get: stubs, checks locked, reference outputs kept."""
    notebook = nbformat.from_dict(master.notebook)
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    for key, cell in zip(keys_of(cells), notebook.cells, strict=True):
        cell.source = strip_solution(cell.source)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cell.metadata = nbformat.from_dict(_metadata(key))
        if key in assignment.values:
            data = {"text/plain": assignment.values[key]}
            cell.outputs = [nbformat.v4.new_output("execute_result", data)]
    return build.serialise(notebook)


def _metadata(key: str | None) -> dict[str, object]:
    locked: dict[str, object] = {"deletable": False, "editable": False}
    if key is None:
        return locked
    kind = key.partition(":")[0]
    own: dict[str, object] = {"homework": key, "deletable": False}
    if kind == "check":
        return own | locked | {"tags": ["nbval-check-output"]}
    return own | (locked if kind == "badges" else {})


def files_of(master: Master) -> dict[Path, bytes]:
    """Where the homework goes: path -> bytes, the same in every build.

    Raises:
        LessonError: the gate is shut, see `try_master` and `refuse_luck`.
    """
    assignment, trials, _ = try_master(master)
    refuse_luck(master, trials)
    return {
        notebook_of(master.name): make_notebook(master, assignment),
        FOLDER / f"{master.name}.json": to_json(sealed(assignment)),
    }


def build_homework(path: Path) -> bool:
    """Build one homework; True when its files on disk changed.

    Raises:
        LessonError: see `read_master` and `try_master`; the old files are untouched.
    """
    files = files_of(read_master(path))
    changed = {p: b for p, b in files.items() if not p.exists() or p.read_bytes() != b}
    for where, content in changed.items():
        write_atomically(where, content)
    return bool(changed)


def drift(path: Path) -> list[str]:
    """How the built files differ from the master, without running it; [] = in sync."""
    try:
        master = read_master(path)
        assignment = load_assignment(master.name)
        notebook = notebook_of(master.name).read_bytes()
    except (LessonError, ValueError, OSError) as error:
        return str(error).splitlines()
    where, cure = short(path), f"run: course build {master.name}"
    if assignment.master != master.digest:
        return [f"{where}: the master or its bank changed; {cure}"]
    if make_notebook(master, assignment) != notebook:
        return [f"{where}: the notebook was edited; {cure}"]
    return []
