"""The answers in words: what a student wrote, wherever it stands.

Below the question is as good as in its cell. What is found elsewhere is shown, too:
nothing that somebody wrote for a person to read gets lost.
"""

import ast
from collections.abc import Sequence

from classroom.homework.assignment import Assignment
from classroom.homework.submission import SubmittedCell

ELSEWHERE = "elsewhere in the notebook"


def open_answers(
    assignment: Assignment, submitted: Sequence[SubmittedCell]
) -> dict[str, str]:
    """Open question -> what answers it; "" if nothing was written.

    Text that stands below no question answers those that have no other answer; if all
    have one, it comes last, under a name of its own.
    """
    steps = assignment.steps
    opens = {step.key: step for step in steps if step.kind == "open"}
    written: dict[str, list[str]] = {step.task: [] for step in opens.values()}
    pristine = {*(s.source.strip() for s in steps), *assignment.prose}
    asked = "\n".join([*(step.source for step in opens.values()), *assignment.prose])
    elsewhere: list[str] = []
    below = ""
    for cell in submitted:
        question = opens.get(cell.key or "")
        below = question.task if question else below
        place = written[below] if below else elsewhere
        if question:
            place.append(_without(cell.source, asked))
        elif cell.key or _is_ours(cell, pristine, assignment):
            below = ""
        elif not cell.is_code or (below and _is_words(cell.source)):
            place.append(_without(cell.source, asked))
    found = {task: _joined(texts) for task, texts in written.items()}
    rest = _joined(elsewhere)
    answers = {task: text or rest for task, text in found.items()}
    return (
        answers if not rest or rest in answers.values() else answers | {ELSEWHERE: rest}
    )


def _is_ours(cell: SubmittedCell, pristine: set[str], assignment: Assignment) -> bool:
    """Is it a cell of the homework's own, as released?"""
    unknown = not assignment.prose and cell.is_locked  # built before prose was kept
    return cell.source.strip() in pristine or unknown


def _is_words(source: str) -> bool:
    """Is it no program: a sentence, a comment, a string?"""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    values = [node.value if isinstance(node, ast.Expr) else None for node in body]
    return all(isinstance(value, ast.Constant) for value in values)


def _without(source: str, asked: str) -> str:
    """What the student wrote: the lines that do not stand in the homework."""
    ours = {line.strip() for line in asked.splitlines()} - {""}
    lines = source.splitlines()
    return "\n".join(line for line in lines if line.strip() not in ours).strip()


def _joined(texts: Sequence[str]) -> str:
    return "\n\n".join(text for text in texts if text)
