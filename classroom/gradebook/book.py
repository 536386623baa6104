"""The book: what each student has in each homework, and in all.

    points = tasks (by their checks, or by hand) + answers in words (by hand)
             less what a late hand-in costs

A percentage is points of what can be reached; the total is the mean of the percentages,
weighted, without the worst.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from classroom.gradebook.decisions import ALL, Decisions, Override, grade_for
from classroom.gradebook.late import Lateness, judge
from classroom.gradebook.people import People, Student
from classroom.gradebook.runs import Result, Run, open_questions
from classroom.gradebook.scores import Homework, Part, Score, Total
from classroom.gradebook.words import WordsBook
from classroom.homework.assignment import Assignment


@dataclass
class Book:
    """Everything together.

    Attributes:
        homeworks: in order.
        students: in the order of their names.
        scores: (student, homework) -> score.
        totals: student -> total.
        decisions: the teacher's tables.
        words: the answers in words and their marks.
        problems: what a person has to look at.
    """

    homeworks: list[Homework]
    students: list[Student]
    scores: dict[tuple[str, str], Score]
    totals: dict[str, Total]
    decisions: Decisions
    words: WordsBook
    problems: list[str] = field(default_factory=list)


def make_book(runs: Sequence[Run], decisions: Decisions, people: People) -> Book:
    """The book of these runs.

    Args:
        runs: in order; see `runs.read_run`.
        decisions: the teacher's tables.
        people: from the roster; whoever is in a run and not in it is added.
    """
    homeworks = _homeworks(runs, decisions)
    results: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
    for run in runs:
        for result in run.results:
            names = (result.student, *result.aliases)
            who = people.enter(tuple(dict.fromkeys(names)), result.name)
            people.with_aliases(who, result.aliases)
            results[who, result.homework].append(result)
    problems = [*decisions.problems, *people.doubts]
    words = WordsBook(decisions, people, problems)
    desk = _Desk(decisions, people, words, problems)
    scores = {
        (student.id, hw.name): desk.score(student.id, hw, results[student.id, hw.name])
        for student in people.students
        for hw in homeworks
    }
    problems += desk.unused(homeworks)
    totals = dict[str, Total]()
    for student in people.students:
        mine = [scores[student.id, hw.name] for hw in homeworks]
        kept, totals[student.id] = _total(mine, homeworks, decisions)
        scores |= {(student.id, score.homework): score for score in kept}
    return Book(homeworks, people.students, scores, totals, decisions, words, problems)


def _homeworks(runs: Sequence[Run], decisions: Decisions) -> list[Homework]:
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[run.assignment.name].append(run)
    return [
        Homework(name, own[-1].assignment, decisions.rules_of(name), tuple(own))
        for name, own in sorted(groups.items())
    ]


class _Desk:
    """Where a teacher's decisions meet a student's results."""

    def __init__(
        self,
        decisions: Decisions,
        people: People,
        words: WordsBook,
        problems: list[str],
    ) -> None:
        self.decisions, self.words, self.problems = decisions, words, problems
        self.overrides: defaultdict[tuple[str, str], list[Override]] = defaultdict(list)
        self.times: dict[tuple[str, str, str], datetime] = {}
        for override in decisions.overrides:
            if who := self._who(people, override.student, override.where):
                self.overrides[who, override.homework].append(override)
        self.due: dict[tuple[str, str], datetime] = {}
        for homework, word, due, where in decisions.extensions:
            if who := self._who(people, word, where):
                self.due[who, homework] = due
        for homework, word, when, where, run in decisions.times:
            if who := self._who(people, word, where):
                self.times[who, homework, run] = when

    def _who(self, people: People, word: str, where: str) -> str | None:
        who = people.find(word)
        if who is None:
            self.problems.append(f"{where}: there is no student {word!r}")
        return who

    def unused(self, homeworks: Sequence[Homework]) -> Iterator[str]:
        """Lines about homeworks, tasks or questions that there are not."""
        tasks = {
            hw.name: {*_worths(hw.assignment), *open_questions(hw.assignment), ALL}
            for hw in homeworks
        }
        for own in self.overrides.values():
            for one in own:
                if one.homework not in tasks:
                    yield f"{one.where}: no results of {one.homework} are here"
                elif one.task not in tasks[one.homework]:
                    there = ", ".join(sorted(tasks[one.homework] - {ALL}))
                    known = f"{one.homework} has {there}, or {ALL} for all of it"
                    yield f"{one.where}: there is no task {one.task!r}; {known}"
        asked = {hw.name: [*open_questions(hw.assignment)] for hw in homeworks}
        marks = ((hw, q, mark.where) for hw, q, _, mark in self.decisions.words)
        rubric = ((hw, q, "rubric.csv") for hw, q in self.decisions.rubric)
        for homework, question, where in (*rubric, *marks):
            if question not in asked.get(homework, [question]):  # or not here yet
                there = ", ".join(asked[homework]) or "none"
                known = f"{homework} asks {there}"
                yield f"{where}: there is no question {question!r}; {known}"

    def score(self, who: str, homework: Homework, results: Sequence[Result]) -> Score:
        """The result that counts, with all decisions."""
        own = self.overrides[who, homework.name]
        whole = next((one for one in reversed(own) if one.task == ALL), None)
        there = [result for result in results if result.record or result.unknown]
        scores = [self._one(who, homework, result, own) for result in there]
        if not scores:
            scores = [self._one(who, homework, next(iter(results), None), own)]
        if self.decisions.settings.get("several hand-ins", "").casefold() == "last":
            first = datetime.min  # whoever does not say when comes before the others
            best = max(scores, key=lambda score: score.lateness.when or first)
        else:
            best = max(scores, key=lambda score: (not score.unknown, score.points))
        others = tuple(s.result.run for s in scores if s is not best and s.result)
        return replace(best, whole=whole, others=others)

    def _one(
        self,
        who: str,
        homework: Homework,
        result: Result | None,
        own: Sequence[Override],
    ) -> Score:
        by_hand = {one.task: one for one in own if one.task != ALL}
        record = result.record if result else None
        worths = _worths(homework.assignment)
        reached = dict.fromkeys(worths, 0.0)
        if record:
            worths = {task: 0.0 for task in worths}
            for check in record["checks"]:
                task = check["task"]
                worths[task] = worths.get(task, 0.0) + check["worth"]
                reached[task] = reached.get(task, 0.0) + check["points"]
        parts = [
            _part(Part(task, reached[task], worth), by_hand.get(task))
            for task, worth in worths.items()
        ]
        opens: Mapping[str, str] = record["opens"] if record else {}
        for question in open_questions(homework.assignment):
            part = self.words.part(homework.name, question, who, opens.get(question))
            part = _part(part, by_hand.get(question))
            parts += [part] if part.worth or part.points else []
        lateness = self._lateness(who, homework, result if record else None)
        return Score(who, homework.name, result, tuple(parts), lateness)

    def _lateness(
        self, who: str, homework: Homework, result: Result | None
    ) -> Lateness:
        if result is None:
            return Lateness()
        trusted = self.decisions.is_on("trust file dates")
        keys = ((who, homework.name, run) for run in (result.run, ""))
        listed = next((self.times[key] for key in keys if key in self.times), None)
        ways = (
            (listed, "times.csv", True),
            (result.handed_in, "receipt", True),
            (result.saved, "file", trusted),
        )
        when, source, counts = next((way for way in ways if way[0]), (None, "", False))
        due = self.due.get((who, homework.name), homework.rules.due)
        rules = replace(homework.rules, due=due)
        return judge(rules, when, source, counts, result.flagged)


def _part(part: Part, override: Override | None) -> Part:
    if override is None:
        return part
    before = part.points
    return replace(
        part, points=override.points, automatic=before, reason=override.reason
    )


def _worths(assignment: Assignment) -> dict[str, float]:
    found: dict[str, float] = {}
    for check in assignment.checks:
        found[check.task] = found.get(check.task, 0.0) + check.points
    return found


def _total(
    scores: Sequence[Score], homeworks: Sequence[Homework], decisions: Decisions
) -> tuple[list[Score], Total]:
    """The weighted mean of the percentages, without the lowest ones."""
    rules = {homework.name: homework.rules for homework in homeworks}
    counting = [score for score in scores if score.percent is not None]
    few = min(decisions.drop_worst, max(len(counting) - 1, 0))
    worst = sorted(counting, key=lambda score: score.percent or 0.0)[:few]
    kept = [replace(score, dropped=score in worst) for score in scores]
    upper = lower = 0.0
    for score in counting:
        if score not in worst:
            weight = rules[score.homework].weight
            weight = score.worth if weight is None else weight
            upper += weight * (score.percent or 0.0)
            lower += weight
    percent = upper / lower if lower else None
    grade = grade_for(percent, decisions.scale) if percent is not None else ""
    pending = any(score.waiting or score.unknown for score in scores)
    return kept, Total(percent, grade, pending)
