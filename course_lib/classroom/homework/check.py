"""`course check`: a student asks what the file on disk is worth."""

from dataclasses import dataclass
from pathlib import Path

from course_lib.classroom.homework.assignment import (
    Assignment,
    homework_name,
    load_assignment,
    notebook_of,
)
from course_lib.classroom.homework.badges import unsaved
from course_lib.classroom.homework.marking import Mark, mark_submission
from course_lib.classroom.homework.merge import Merged, merge
from course_lib.classroom.homework.notebooks import notebook_bytes
from course_lib.classroom.homework.sandbox import Limits, no_walls
from course_lib.classroom.homework.submission import SubmittedCell, read_submission
from course_lib.files import write_atomically


@dataclass(frozen=True)
class Checked:
    """A student's file and what it is worth.

    Attributes:
        assignment: the homework.
        file: the notebook that was looked at.
        mark: points and hints, for the seed in the notebook.
        warnings: what would be lost, or looks wrong, if it were handed in like this.
    """

    assignment: Assignment
    file: Path
    mark: Mark
    warnings: tuple[str, ...]


def find_file(word: str, file: Path | None) -> tuple[str, Path]:
    """(homework, notebook) that a student means.

    Args:
        word: `hw03`, `3`, or the path of a notebook.
        file: the notebook, if it is not the one in the course.

    Raises:
        ValueError: there is no such homework or no such file.
    """
    if file is None and word.endswith(".ipynb"):
        file = Path(word)
    name = load_assignment(homework_name(word)).name
    path = file or notebook_of(name)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise ValueError(f"{path} {what}: name the notebook that you work in")
    return name, path


def check_file(word: str, file: Path | None, limits: Limits) -> Checked:
    """Merge, run and judge the student's own file on the student's own machine.

    Raises:
        ValueError: no such homework or file, or not a notebook of this homework.
        RuntimeError: nbval could not be started.
    """
    name, path = find_file(word, file)
    assignment = load_assignment(name)
    try:
        submitted = read_submission(path)
        merged = merge(assignment, submitted, assignment.seed)
        mark = mark_submission(assignment, submitted, no_walls, limits)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    warnings = [
        *(
            f"{task}: what you ran last is not in the file"
            for task in _unsaved(assignment, path, submitted)
        ),
        *_odd_files(path),
        *mark.notes,
        *(
            f"the question {name!r} has no answer yet"
            for name, text in merged.opens.items()
            if not text
        ),
    ]
    return Checked(assignment, path, mark, tuple(warnings))


def _unsaved(
    assignment: Assignment, path: Path, submitted: list[SubmittedCell]
) -> list[str]:
    answers = {
        cell.key[5:]: cell.source
        for cell in submitted
        if cell.key and cell.key.startswith("task:")
    }
    return unsaved(assignment.name, path, answers)


def _odd_files(path: Path) -> list[str]:
    """Signs that this is not the file the student works in."""
    found = []
    if ".ipynb_checkpoints" in path.parts:
        found.append("this is Jupyter's own back-up copy, not the file you work in")
    copies = [p for p in path.parent.glob(f"{path.stem}*.ipynb") if p != path]
    newer = [p.name for p in copies if p.stat().st_mtime > path.stat().st_mtime]
    if newer:
        found.append(f"{', '.join(sorted(newer))} is newer: which one do you hand in?")
    return found


def write_merged(name: str, file: Path, out: Path) -> Merged:
    """Write the merged notebook with its references, for plain nbval.

    Args:
        name: the homework.
        file: the student's notebook.
        out: the notebook to write; run it with `pytest --nbval-lax`.

    Raises:
        ValueError: see `check_file`.
    """
    assignment = load_assignment(name)
    merged = merge(assignment, read_submission(file), assignment.seed)
    values = [
        assignment.values.get(cell.key) if cell.pristine else None
        for cell in merged.cells
    ]
    sources = [cell.source for cell in merged.cells]
    write_atomically(out, notebook_bytes(sources, values))
    return merged
