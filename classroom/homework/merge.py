"""Putting a student's answers among the pristine checks.

What runs is the released notebook's own set-up and check cells; from the student come
the answers and whatever cells stand between them. What was done to check cells, to
outputs, ids or metadata does not matter.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from classroom.homework.assignment import Assignment, Step, with_seed
from classroom.homework.forbid import Names, bound_names, free_names, same_names
from classroom.homework.settings import prepared, settings_code
from classroom.homework.submission import Submission, SubmittedCell
from classroom.homework.words import open_answers

# What nbval would obey in a comment of a cell. Linear in a text that may be hostile.
MARKERS = re.compile(r"(#[^\S\n]*)(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
STOPPED = 'raise RuntimeError("this answer was stopped before")'


@dataclass(frozen=True)
class MergedCell:
    """A cell that runs.

    Attributes:
        key: of the pristine cell that it is, or that it stands at.
        source: its text, with the seed of this run.
        pristine: is it the homework's own?
    """

    key: str
    source: str
    pristine: bool


@dataclass(frozen=True)
class Merged:
    """A submission ready to run.

    Attributes:
        cells: the code, in pristine order.
        notes: what a person should know: missing tasks, edited checks.
        missing: the tasks without an answer cell.
        forbidden: task -> names that its answer must not use, but does.
        opens: open question -> the cell that answers it; "" if nothing was written.
    """

    cells: tuple[MergedCell, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    forbidden: dict[str, list[str]]
    opens: dict[str, str]


@dataclass
class _Sorted:
    """The student's code cells, each at the pristine cell where it runs."""

    slots: dict[str, list[str]] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def merge(
    assignment: Assignment, submitted: Sequence[SubmittedCell], seed: int
) -> Merged:
    """The answers among pristine checks, all with `seed`.

    An edited set-up cell runs after the original one; copies of an answer cell run in
    order, so that the last one counts, as in the notebook.

    Raises:
        ValueError: no cell answers a task of this homework.
    """
    steps = [s for s in assignment.steps if s.kind not in ("open", "badges")]
    codes = [cell for cell in submitted if cell.is_code]
    found = _sort(steps, codes)
    tasks = [step.task for step in steps if step.kind == "task"]
    if not found.answered:
        keys = {cell.key for cell in codes if cell.key}
        named = sorted(key[5:45] for key in keys if key.startswith("task:"))[:5]
        theirs = f"; it answers {', '.join(named)}" if named else ""
        lost = f"no answer to a task of {assignment.name} is in it{theirs}"
        raise ValueError(f"{lost}: is this the right file?")
    missing = tuple(task for task in tasks if f"task:{task}" not in found.answered)
    notes = [*found.notes, *(f"{task}: its answer cell is missing" for task in missing)]
    cells: list[MergedCell] = []
    code = settings_code(steps, marked=True)
    for step in steps:
        if step.kind != "task":
            source = prepared(step.source, seed, code)
            cells.append(MergedCell(step.key, source, True))
        for source in found.slots.get(step.key, []):
            defused = MARKERS.sub(r"\1(\2)", with_seed(source, seed))
            cells.append(MergedCell(step.key, defused, False))
    forbidden, unread = _forbidden(steps, cells)
    notes += _newer_python(submitted, cells)
    return Merged(
        cells=tuple(cells),
        notes=tuple(dict.fromkeys([*notes, *unread])),
        missing=missing,
        forbidden=forbidden,
        opens=open_answers(assignment, submitted),
    )


def _newer_python(
    submitted: Sequence[SubmittedCell], cells: Sequence[MergedCell]
) -> Iterator[str]:
    """Answers that only a newer Python than this one reads."""
    theirs = submitted.python if isinstance(submitted, Submission) else ()
    ours = sys.version_info[:2]
    for cell in cells if theirs > ours else []:
        if not cell.pristine and cell.key.startswith("task:"):
            try:
                ast.parse(cell.source)
            except SyntaxError:
                old, new = (".".join(map(str, v)) for v in (ours, theirs))
                yield f"{cell.key[5:]}: written with Python {new}, read here by {old}"
            except (ValueError, RecursionError, MemoryError):
                continue


def _sort(steps: Sequence[Step], codes: Sequence[SubmittedCell]) -> _Sorted:
    known = {step.key: step for step in steps}
    by_text = {s.source.strip(): s.key for s in steps if s.kind != "task"}
    found, last = _Sorted(), steps[0].key
    for cell in codes:
        # The text is trusted before the metadata, which gets lost or copied.
        key = by_text.get(cell.source.strip()) or cell.key
        if key is None or key.startswith("badges"):
            if key is None:
                found.slots.setdefault(last, []).append(cell.source)
            continue
        if key.startswith("check"):
            last = _seen_check(found, known, key, cell, last)
            continue
        if key in known:
            last = key
            if key in found.answered:
                task = known[key].task
                found.notes.append(f"{task}: several answer cells, all run in order")
        if key in known and known[key].kind == "given":
            if cell.source.strip() == known[key].source.strip():
                continue
        elif key in known:
            found.answered.append(key)
        found.slots.setdefault(last, []).append(cell.source)
    return found


def _seen_check(
    found: _Sorted,
    known: dict[str, Step],
    key: str,
    cell: SubmittedCell,
    last: str,
) -> str:
    """A check cell of the student: never run, noted if edited; returns where we are."""
    if key in known and cell.source.strip() == known[key].source.strip():
        return key
    task = key.split(":")[1]
    own = [k for k, s in known.items() if s.kind == "check" and s.task == task]
    if not own:
        found.slots.setdefault(last, []).append(cell.source)
        return last
    found.notes.append(f"{task}: a check cell, edited or of another version, put back")
    return own[-1]


def _forbidden(
    steps: Sequence[Step], cells: Sequence[MergedCell]
) -> tuple[dict[str, list[str]], list[str]]:
    """Names that a task asks the student to do without (a lesson, not a wall).

    Returns:
        Task -> such names that its answer uses; what a person should know.
    """
    roots: dict[str, set[str]] = {}
    wanted = {s.task: s.forbidden for s in steps if s.kind == "task" and s.forbidden}
    for step in steps:
        if step.task in wanted and step.kind in ("task", "check"):
            look = bound_names if step.kind == "task" else free_names
            roots[step.task] = roots.get(step.task, set()) | look(step.source)
    last = {cell.key.split(":")[1]: i for i, cell in enumerate(cells) if cell.pristine}
    names, used, unread = Names(), dict[str, list[str]](), list[str]()
    for index, cell in enumerate(cells if wanted else []):
        task = cell.key.split(":")[1]
        if not names.read(cell.source, ours=cell.pristine):
            unread.append(
                f"at {task}: a cell was not read (too long, or a magic): look yourself"
            )
        if last.get(task) == index and task in wanted:
            found = same_names(names.used_by(roots[task]), wanted[task])
            used |= {task: found} if found else {}
    if names.by_text:
        words = ", ".join(sorted(names.by_text))
        tasks = ", ".join(wanted)
        unread.append(f"{words} can reach a name that {tasks} forbids: look yourself")
    return used, unread


def without_answers(
    cells: Sequence[MergedCell], stopped: Sequence[str]
) -> list[MergedCell]:
    """The same cells with the answers at these keys taken out.

    Args:
        cells: a merged submission.
        stopped: keys of cells at which the student's code killed or hung the run.
    """
    return [
        MergedCell(cell.key, STOPPED, False)
        if cell.key in stopped and not cell.pristine
        else cell
        for cell in cells
    ]
