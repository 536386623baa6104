"""`course check`: a student asks what the file on disk is worth."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.homework.assignment import Assignment, homework_name, load_assignment
from classroom.homework.badges import unsaved
from classroom.homework.copies import nearest_notebook, other_version
from classroom.homework.execution import Run, run_cells
from classroom.homework.marking import Mark, judge, mark_submission
from classroom.homework.merge import Merged, merge
from classroom.homework.notebooks import notebook_bytes
from classroom.homework.sandbox import Limits, no_walls
from classroom.homework.submission import SubmittedCell, read_submission
from course_lib.engine.writing import write_atomically

OLDEST = (3, 11)


@dataclass(frozen=True)
class Checked:
    """A student's file and what it is worth.

    Attributes:
        assignment: the homework.
        file: the notebook that was looked at.
        mark: points and hints, for the seed in the notebook.
        warnings: what would be lost, or looks wrong, if it were handed in like this.
        losses: those of them that mean: this is not the file to hand in.
    """

    assignment: Assignment
    file: Path
    mark: Mark
    warnings: tuple[str, ...]
    losses: tuple[str, ...] = ()


def find_file(word: str, file: Path | None) -> tuple[str, Path]:
    """(homework, notebook) that a student means.

    Args:
        word: `hw04`, `4`, or the path of a notebook.
        file: the notebook or its folder; else the nearest one counts: in this folder,
            in the course around it, in the installed course.

    Raises:
        ValueError: there is no such homework or no such file.
    """
    if file is None and word.endswith(".ipynb"):
        file = Path(word)
    name = load_assignment(homework_name(word)).name
    path = file or nearest_notebook(name, Path.cwd())
    if (path / f"{name}.ipynb").is_file():
        path = path / f"{name}.ipynb"
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
        run = run_cells(merged.cells, assignment.needs, no_walls, limits)
        mark = judge(assignment, merged, run)
        mark = _with_another_seed(assignment, submitted, mark, limits)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    ran = _unsaved(assignment, path, submitted)
    losses = [f"{task}: what you ran last is not in the file" for task in ran]
    losses += _odd_files(path)
    warnings = [
        other_version(name, path.resolve().parent),
        *losses,
        *_costs(merged, run),
        *_too_new(submitted),
        *mark.notes,
        *(
            f"the question {name!r} has no answer yet"
            for name, text in merged.opens.items()
            if not text
        ),
    ]
    told = tuple(filter(None, warnings))
    return Checked(assignment, path, mark, told, tuple(losses))


def _with_another_seed(
    assignment: Assignment, submitted: list[SubmittedCell], mark: Mark, limits: Limits
) -> Mark:
    """The mark, less what is right with the seed in the notebook only."""
    if not assignment.second:
        return mark
    other = replace(
        assignment,
        seed=assignment.second_seed,
        values=assignment.second,
        mistakes=(),
    )
    again = mark_submission(other, submitted, no_walls, limits)
    fixed = f"Right with SEED = {assignment.seed} only, wrong with {other.seed}: "
    hint = f"{fixed}what is fixed that should follow from what your function is given?"
    pairs = zip(mark.checks, again.checks, strict=True)
    checks = tuple(
        replace(one, points=0, hint=hint) if one.points and not two.points else one
        for one, two in pairs
    )
    return replace(mark, checks=checks)


def _costs(merged: Merged, run: Run) -> Iterator[str]:
    """What comes near a limit of `course grade`."""
    limits = Limits()
    for index, seconds in run.cell_seconds.items():
        if seconds > limits.cell_s / 2:
            place = merged.cells[index].key.split(":")[1]
            most = f"when it is marked, {limits.cell_s} s are the most"
            yield f"{place}: a cell took {seconds:.0f} s; {most}"
    if run.seconds > limits.wall_s / 2:
        most = f"when it is marked, {limits.wall_s} s are the most"
        yield f"it took {run.seconds:.0f} s in all; {most}"
    if run.memory_mb > limits.memory_mb / 2:
        most = f"when it is marked, {limits.memory_mb:,} MB are the most"
        yield f"it took {run.memory_mb:,} MB of memory; {most}"


def _too_new(submitted: list[SubmittedCell]) -> Iterator[str]:
    """Answers in the Python of tomorrow."""
    for cell in submitted:
        if not (cell.key or "").startswith("task:"):
            continue
        try:
            ast.parse(cell.source)
            ast.parse(cell.source, feature_version=OLDEST)
        except SyntaxError as error:
            if "only supported in Python" in str(error):
                task, old = str(cell.key)[5:], ".".join(map(str, OLDEST))
                yield f"{task}: Python {old} cannot read it; ask which one marks it"
        except (ValueError, RecursionError, MemoryError):
            continue


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
