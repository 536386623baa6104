"""From what came out of a run to points and hints.

Everything here is text from an untrusted run held against trusted text: nothing of the
student's is executed, imported or unpickled.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from classroom.homework.assignment import Assignment, Step
from classroom.homework.compare import same_value
from classroom.homework.execution import NEVER, Run, run_cells
from classroom.homework.hints import (
    NO_VALUE,
    STOPPED,
    Outcome,
    explain,
    find_mistake,
    property_hint,
)
from classroom.homework.lines import line_of_trace
from classroom.homework.merge import Merged, MergedCell, merge
from classroom.homework.sandbox import Limits, Walls
from classroom.homework.submission import SubmittedCell

SHOWN = 400


@dataclass(frozen=True)
class CheckMark:
    """One check of one submission.

    Attributes:
        key: `check:softmax:1`.
        task: `softmax`.
        label: what the check looks at.
        points: reached.
        worth: reachable.
        hint: why not all; "" when right.
        shown: the value or the error that was judged, cut to a readable length.
    """

    key: str
    task: str
    label: str
    points: int
    worth: int
    hint: str
    shown: str


@dataclass(frozen=True)
class Mark:
    """A marked submission.

    Attributes:
        checks: in order.
        notes: what a person should know.
        stops: what was stopped, and why.
        opens: open question -> what the student wrote.
        seconds: time of the run.
        memory_mb: the most it held.
    """

    checks: tuple[CheckMark, ...]
    notes: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    opens: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    memory_mb: int = 0

    @property
    def points(self) -> int:
        """Reached in all."""
        return sum(check.points for check in self.checks)

    @property
    def worth(self) -> int:
        """Reachable in all."""
        return sum(check.worth for check in self.checks)


def mark_submission(
    assignment: Assignment,
    submitted: Sequence[SubmittedCell],
    walls: Walls,
    limits: Limits,
    stopping: threading.Event = NEVER,
) -> Mark:
    """Merge, run and judge one submission, with the seed of the assignment.

    Raises:
        ValueError: it answers no task of this homework.
        RuntimeError: the run could not be started at all.
        InterruptedError: `stopping` was set.
    """
    merged = merge(assignment, submitted, assignment.seed)
    run = run_cells(merged.cells, assignment.needs, walls, limits, stopping)
    return judge(assignment, merged, run)


def judge(assignment: Assignment, merged: Merged, run: Run) -> Mark:
    """Points and hints for a run of `merged`."""
    outcomes = check_outcomes(merged.cells, run.outcomes)
    checks: list[CheckMark] = []
    for task in dict.fromkeys(check.task for check in assignment.checks):
        steps = [check for check in assignment.checks if check.task == task]
        checks += _task_marks(assignment, steps, outcomes, merged)
    return Mark(
        checks=tuple(checks),
        notes=merged.notes,
        stops=run.stops,
        opens=tuple(merged.opens.items()),
        seconds=run.seconds,
        memory_mb=run.memory_mb,
    )


def check_outcomes(
    cells: Sequence[MergedCell], outcomes: dict[int, Outcome]
) -> dict[str, Outcome]:
    """Key of a check -> what it gave.

    A check that misses a name because the answer above it broke shows that error, and
    an error names the student's own line.
    """
    own = [cell.source for cell in cells if not cell.pristine]
    found: dict[str, Outcome] = {}
    broken: dict[str, Outcome] = {}
    for index, cell in enumerate(cells):
        outcome = outcomes.get(index)
        task = cell.key.split(":")[1]
        if cell.pristine and cell.key.startswith("check"):
            outcome = outcome or Outcome(error=f"{STOPPED}it was not reached")
            if outcome.error.startswith("NameError") and task in broken:
                outcome = broken[task]
            if outcome.value is None and not outcome.error:
                outcome = Outcome(error=NO_VALUE)
            where = line_of_trace(outcome.where, own) if outcome.error else ""
            found[cell.key] = replace(outcome, where=where)
        elif cell.key.startswith("task") and outcome and outcome.error:
            broken[task] = Outcome(error=outcome.error, where=outcome.where)
    return found


def _task_marks(
    assignment: Assignment,
    steps: Sequence[Step],
    outcomes: dict[str, Outcome],
    merged: Merged,
) -> list[CheckMark]:
    task = steps[0].task
    failed = {
        step.key: outcomes[step.key]
        for step in steps
        if not passes(assignment.values[step.key], outcomes[step.key])
    }
    known = explain(failed, assignment.mistakes_of(task))
    forbidden = merged.forbidden.get(task)
    marks: list[CheckMark] = []
    for step in steps:
        outcome = outcomes[step.key]
        hint = ""
        if forbidden:
            hint = f"Uses {', '.join(forbidden)}, which this task asks you to write."
        elif task in merged.missing and step.key in failed:
            hint = "The answer cell is missing: it begins with # TASK " + task
        elif step.key in failed:
            hint = property_hint(assignment.values[step.key], outcome)
            hint = known[step.key].hint if step.key in known else hint
        points = 0 if hint else step.points
        shown = outcome.text[:SHOWN]
        marks.append(
            CheckMark(step.key, task, step.label, points, step.points, hint, shown)
        )
    return marks


def check_hint(assignment: Assignment, step: Step, outcome: Outcome) -> str:
    """Why this check fails, by itself; "" when it passes."""
    if passes(assignment.values[step.key], outcome):
        return ""
    known = find_mistake({step.key: outcome}, assignment.mistakes_of(step.task))
    return known.hint if known else property_hint(assignment.values[step.key], outcome)


def passes(reference: str, outcome: Outcome) -> bool:
    """Is it a value, no error, and the right one?"""
    return outcome.value is not None and same_value(reference, outcome.value)
