"""The answers in words: which there are, what they are worth, and their marks."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classroom.gradebook.decisions import Criterion, Decisions, WordsMark
from classroom.gradebook.people import People
from classroom.gradebook.scores import Part, Score
from classroom.homework.words import ELSEWHERE


@dataclass(frozen=True)
class Answer:
    """An answer in words that a person has to read.

    Attributes:
        homework: `hw03`.
        question: its name.
        student: the id.
        text: what was written; "" for nothing.
        mark: None while it waits.
        stale: was another text marked? Then the mark does not count.
        more: what was written elsewhere in the notebook, below no question.
    """

    homework: str
    question: str
    student: str
    text: str
    mark: WordsMark | None
    stale: bool = False
    more: str = ""


def text_mark(text: str) -> str:
    """A short hash of a text, so that a mark belongs to what was read.

    It begins with a letter, or a spreadsheet might take 12345e67 for a number.
    """
    plain = " ".join(text.split())
    return f"t{hashlib.sha256(plain.encode('utf-8', 'replace')).hexdigest()[:8]}"


class WordsBook:
    """The rubric and the marks, by student."""

    def __init__(
        self, decisions: Decisions, people: People, problems: list[str]
    ) -> None:
        """Look up whom the lines of the tables mean; what is unclear is a problem."""
        self.people = people
        self.problems = problems
        self.refresh(decisions)

    def refresh(self, decisions: Decisions) -> None:
        """Take the tables as they are now."""
        self.decisions = decisions
        self.marks: dict[tuple[str, str, str], WordsMark] = {}
        self.called: dict[tuple[str, str, str], str] = {}
        for homework, question, word, mark in decisions.words:
            who = self.people.find(word)
            if who is None:
                self.problems.append(f"{mark.where}: there is no student {word!r}")
                continue
            key = homework, question, who
            old = self.marks.get(key, mark)
            if (old.ticked, old.points) != (mark.ticked, mark.points):
                both = f"{old.where} and {mark.where}"
                self.problems.append(f"{both} differ: the second counts")
            self.marks[key], self.called[key] = mark, word

    def criteria(self, homework: str, question: str) -> list[Criterion]:
        """The rubric of a question; [] while it is worth nothing."""
        return self.decisions.rubric.get((homework, question), [])

    def worth(self, homework: str, question: str) -> float:
        """What can be reached: the criteria that add something."""
        return sum(max(c.points, 0.0) for c in self.criteria(homework, question))

    def part(self, homework: str, question: str, who: str, text: str | None) -> Part:
        """The mark of one answer, as a part of the homework.

        Args:
            homework: `hw03`.
            question: its name.
            who: the student's id.
            text: what was written; None for who handed nothing in.
        """
        worth = self.worth(homework, question)
        mark = self.marks.get((homework, question, who))
        if text is None:
            return Part(question, 0.0, worth, in_words=True)
        if mark is None or not mark.counts or is_stale(mark, text):
            nothing = None if text.strip() and worth else 0.0
            return Part(question, nothing, worth, in_words=True)
        points = self.points(mark, homework, question)
        ticked, comment = mark.ticked, mark.comment
        return Part(question, points, worth, None, comment, ticked, True)

    def points(self, mark: WordsMark, homework: str, question: str) -> float:
        """The points by hand, else the sum of the criteria that are ticked."""
        if mark.points is not None:
            return mark.points
        criteria = self.criteria(homework, question)
        if any(not 0 < tick <= len(criteria) for tick in mark.ticked):
            lines = f"the rubric has {len(criteria)} lines for {homework} {question}"
            problem = f"{mark.where}: {lines}"
            self.problems += [] if problem in self.problems else [problem]
        met = [criteria[t - 1].points for t in mark.ticked if 0 < t <= len(criteria)]
        return max(sum(met), 0.0)

    def answer(self, score: Score, question: str) -> Answer | None:
        """A student's answer to a question; None where there is nothing to read."""
        record = score.result.record if score.result else None
        if record is None:
            return None
        text = str(record["opens"].get(question, "")).strip()
        mark = self.marks.get((score.homework, question, score.student))
        stale = mark is not None and is_stale(mark, text)
        more = str(record["opens"].get(ELSEWHERE, ""))
        return Answer(score.homework, question, score.student, text, mark, stale, more)


def is_stale(mark: WordsMark, text: str) -> bool:
    """Was another text marked than the one that counts now?"""
    return bool(mark.of_text) and mark.of_text != text_mark(text)


def answers_to(
    words: WordsBook, scores: Iterable[Score], question: str
) -> Iterator[Answer]:
    """The answers of these students to a question, in their order."""
    found = (words.answer(score, question) for score in scores)
    return (answer for answer in found if answer is not None)
