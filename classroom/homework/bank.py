"""The bank of answers: wrong ones with their hints, right ones in unusual style.

A bank is the text `tests/homework/hwNN.py` in cells ("# %%"), each opened by

    # WRONG softmax: sums over the columns
    # HINT This is what you get when ... Over which axis ...?

or by `# RIGHT softmax: with numpy`, and then the answer as a student would write it.
A wrong answer without a hint must be caught by the property that it breaks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.homework.assignment import Assignment, Mistake
from classroom.homework.compare import same_value
from classroom.homework.hints import Outcome, find_mistake, is_vague, property_hint
from classroom.homework.trial import Trial, Variant
from classroom.lessons import ROOT, LessonError, short

FOLDER = ROOT / "tests" / "homework"
CELL = re.compile(r"^# %%.*\n", re.MULTILINE)
HEAD = re.compile(r"\A# (WRONG|RIGHT) (\w+): *(.+)\n")
HINT = re.compile(r"\A# HINT (.+)\n")


@dataclass(frozen=True)
class Answer:
    """One answer of the bank.

    Attributes:
        task: the task that it answers.
        name: what is special about it, in a few words.
        right: must it pass?
        hint: what a student who writes this should read; "" leaves it to properties.
        source: the cell.
    """

    task: str
    name: str
    right: bool
    hint: str
    source: str

    @property
    def title(self) -> str:
        """Unique in the bank: `softmax: sums over the columns`."""
        return f"{self.task}: {self.name}"

    @property
    def variant(self) -> Variant:
        """The same for a trial."""
        return Variant(self.title, self.task, self.source)


def parse_bank(text: str, where: str) -> list[Answer]:
    r"""The answers in a bank's text.

    Args:
        text: see the top of this module.
        where: the file, for errors.

    Raises:
        LessonError: a cell has no head, a title is there twice, a right one has a hint.

    >>> parse_bank("# %%\n# RIGHT f: with a loop\ndef f(): ...\n", "hw02.py")[0].name
    'with a loop'
    """
    answers: list[Answer] = []
    for number, cell in enumerate(CELL.split(text)[1:], 1):
        head = HEAD.match(cell)
        if head is None:
            heads = "# WRONG task: or # RIGHT task:"
            raise LessonError(where, f"cell {number} does not begin with {heads}")
        body, hints = cell[head.end() :], []
        while found := HINT.match(body):
            hints.append(found[1].strip())
            body = body[found.end() :]
        right = head[1] == "RIGHT"
        if right and hints:
            raise LessonError(where, f"cell {number}: a right answer has no hint")
        source = body.strip("\n")
        answers.append(Answer(head[2], head[3], right, " ".join(hints), source))
        if answers[-1].title in [answer.title for answer in answers[:-1]]:
            raise LessonError(where, f"{answers[-1].title!r} is there twice")
    return answers


def load_bank(name: str, folder: Path = FOLDER) -> list[Answer]:
    """The bank of a homework, `hw02`.

    Raises:
        LessonError: it is missing or malformed.
    """
    path = folder / f"{name}.py"
    if not path.is_file():
        raise LessonError(short(path), "missing: a homework needs its bank of answers")
    return parse_bank(path.read_text("utf-8"), short(path))


def learn_mistakes(bank: Sequence[Answer], trial: Trial) -> list[Mistake]:
    """What each wrong answer with a hint gave, for one seed."""
    return [
        Mistake(answer.task, answer.name, answer.hint, wrong_checks(trial, answer))
        for answer in bank
        if answer.hint and answer.title in trial.outcomes
    ]


def wrong_checks(trial: Trial, answer: Answer) -> dict[str, str]:
    """The checks at which the answer is wrong, and what it gives there."""
    reference = trial.outcomes[""]
    return {
        key: outcome.text
        for key, outcome in trial.outcomes.get(answer.title, {}).items()
        if outcome.value is None or not same_value(reference[key].text, outcome.value)
    }


@dataclass(frozen=True)
class Score:
    """How well the checks tell wrong answers from right ones.

    Attributes:
        wrong: wrong answers in the bank.
        caught: those that failed with the right hint.
        right: right answers in the bank.
        passed: those that passed every check of their task.
        problems: one line for each of the others.
    """

    wrong: int
    caught: int
    right: int
    passed: int
    problems: tuple[str, ...]

    @property
    def mutation_score(self) -> float:
        """Share of the wrong answers that were caught."""
        return self.caught / max(self.wrong, 1)


def score_bank(bank: Sequence[Answer], trial: Trial, assignment: Assignment) -> Score:
    """Mark every answer of the bank on one seed.

    Args:
        bank: the answers.
        trial: what they gave.
        assignment: the references and mistakes of the same seed.
    """
    problems = {a.title: _problem(a, trial, assignment) for a in bank}
    good = [answer for answer in bank if not problems[answer.title]]
    return Score(
        wrong=sum(not answer.right for answer in bank),
        caught=sum(not answer.right for answer in good),
        right=sum(answer.right for answer in bank),
        passed=sum(answer.right for answer in good),
        problems=tuple(f"{t}: {why}" for t, why in problems.items() if why),
    )


def _problem(answer: Answer, trial: Trial, assignment: Assignment) -> str:
    """What is wrong with the way this answer was marked; "" when all is well."""
    failed = {
        key: outcome
        for key, outcome in trial.outcomes.get(answer.title, {}).items()
        if outcome.value is None
        or not same_value(assignment.values[key], outcome.value)
    }
    if answer.title not in trial.outcomes:
        return "it has not been tried: is its task's name right?"
    if answer.right:
        return f"right, but fails {_short(failed)}" if failed else ""
    if not failed:
        return "wrong, but passes every check"
    found = find_mistake(failed, assignment.mistakes_of(answer.task))
    if answer.hint:
        said = found.hint if found else "no known mistake"
        return "" if said == answer.hint else f"gets another hint: {said}"
    if found:
        return f"has no hint, but gets that of {found.name!r}"
    hints = {property_hint(assignment.values[key], o) for key, o in failed.items()}
    telling = not all(map(is_vague, hints))
    return "" if telling else "wrong, and no property tells why"


def _short(failed: dict[str, Outcome]) -> str:
    return "; ".join(f"{key} with {o.text[:80]}" for key, o in failed.items())
