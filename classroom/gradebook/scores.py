"""What a student has: parts of a homework, its score, the total of the term."""

from dataclasses import dataclass, field
from functools import cached_property

from classroom.gradebook.decisions import Override, Rules
from classroom.gradebook.late import Lateness
from classroom.gradebook.runs import Result, Run
from classroom.homework.assignment import Assignment


@dataclass(frozen=True)
class Part:
    """A task or a question of one student.

    Attributes:
        name: of the task or the question.
        points: None while an answer in words waits for a mark.
        worth: what can be reached.
        automatic: what the checks gave, where the points are by hand.
        reason: why they are by hand, or the comment on an answer in words.
        ticked: criteria of the rubric that are met, from 1.
        in_words: is it an answer in words?
    """

    name: str
    points: float | None
    worth: float
    automatic: float | None = None
    reason: str = ""
    ticked: tuple[int, ...] = ()
    in_words: bool = False


@dataclass(frozen=True)
class Score:
    """One homework of one student.

    Attributes:
        student: the id.
        homework: `hw03`.
        result: the run's result that counts; None without one.
        parts: tasks, then questions.
        lateness: when it was handed in, and what that costs.
        whole: points by hand for all of it, or an excuse; None without.
        others: the runs with a result that does not count.
        dropped: is it among the worst, which do not count?
    """

    student: str
    homework: str
    result: Result | None
    parts: tuple[Part, ...]
    lateness: Lateness = field(default_factory=Lateness)
    whole: Override | None = None
    others: tuple[str, ...] = ()
    dropped: bool = False

    @property
    def excused(self) -> bool:
        """Does it not count, because a teacher said so?"""
        return self.whole is not None and self.whole.points is None

    @property
    def unknown(self) -> bool:
        """Could it not be marked, through no fault of the student?"""
        there = self.result is not None and self.result.unknown
        return there and self.whole is None

    @property
    def waiting(self) -> list[str]:
        """Questions whose answer has no mark yet; they do not count so far."""
        return [part.name for part in self.parts if part.points is None]

    @cached_property
    def raw(self) -> float:
        """The points of all parts, before a late hand-in costs some."""
        return sum(part.points or 0.0 for part in self.parts)

    @cached_property
    def points(self) -> float:
        """What counts."""
        if self.whole is not None and self.whole.points is not None:
            return self.whole.points
        return self.raw * (1 - self.lateness.percent / 100)

    @cached_property
    def worth(self) -> float:
        """What can be reached, less the answers that wait for a mark."""
        all_of_it = self.whole is not None and self.whole.points is not None
        parts = (p for p in self.parts if all_of_it or p.points is not None)
        return sum(part.worth for part in parts)

    @property
    def percent(self) -> float | None:
        """Of what can be reached; None if it does not count."""
        if self.excused or self.unknown or not self.worth:
            return None
        return 100 * self.points / self.worth


@dataclass(frozen=True)
class Total:
    """A student's term.

    Attributes:
        percent: None while nothing counts.
        grade: by the scale; "" without one.
        open: does something wait for a mark?
    """

    percent: float | None
    grade: str
    open: bool


@dataclass(frozen=True)
class Homework:
    """A homework of the term.

    Attributes:
        name: `hw03`.
        assignment: as its last run had it.
        rules: what the teacher said.
        runs: its results.
    """

    name: str
    assignment: Assignment
    rules: Rules
    runs: tuple[Run, ...]

    @property
    def title(self) -> str:
        """The heading of its notebook."""
        return self.assignment.title
