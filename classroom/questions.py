"""The questions that lessons ask with `Predict`, and what a class guessed of them."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from classroom import states
from classroom.lessons import Lesson, find_lessons
from course_play.widgets import Predict
from course_play.widgets.class_guesses import gathered
from course_play.widgets.guesses import bin_of, edges_of, plain, word_of

BAR = 20
"""Letters of the longest bar."""


class Question(NamedTuple):
    """One question of a lesson."""

    lesson: Lesson
    state: dict[str, Any]
    """What a build kept of its box."""

    @property
    def text(self) -> str:
        """The question as it is asked."""
        return str(self.state["question"])

    def box(self) -> Predict:
        """The box that asks it, without a guess."""
        inside = json.loads(base64.b64decode(self.state["sealed"]))
        how = {name: self.state[name] for name in ("options", "unit")}
        how |= {name: inside[name] for name in ("digits", "because")}
        return Predict(self.text, inside["answer"], **how)

    def accepts(self, guess: str) -> bool:
        """Is this a guess: a number, a word, or one of the options?"""
        try:
            self.box().guesses = [guess]
        except ValueError:
            return False
        return True


def questions(lessons: Sequence[Lesson] | None = None) -> list[Question]:
    """All questions of the built lessons, in their order."""
    found = []
    for lesson in find_lessons() if lessons is None else lessons:
        kept = states.read(lesson)
        for cell in kept.values():
            boxes = (one for one in cell if one["widget"] == "predict.Predict")
            found += [Question(lesson, one["state"]) for one in boxes]
    return found


def histogram(guesses: Sequence[str], box: Predict) -> list[str]:
    """One line for each bar: what was guessed, the bar, how many.

    >>> box = Predict("How many?", 167, unit="names")
    >>> for line in histogram(["60", "65", "85"], box):
    ...     print(line)
      60 #################### 1
      65 #################### 1
      70 0
      75 0
      80 0
      85 #################### 1
    """
    box.guesses = list(guesses)
    if box.numeric:
        edges = edges_of(box.numbers())
        bars = dict.fromkeys((plain(edge) for edge in edges), 0)
        for number in box.numbers():
            bars[plain(edges[bin_of(edges, number)])] += 1
    else:
        said = {word_of(text): n for text, n in box.counts().items()}
        bars = {text: said.get(word_of(text), 0) for text in box.options}
        bars = bars or dict(sorted(box.counts().items(), key=lambda kv: -kv[1]))
    wide, most = max(map(len, bars)), max(bars.values())
    drawn = {text: f"{'#' * (BAR * n // most)} {n}".strip() for text, n in bars.items()}
    return [f"  {text:>{wide}} {bar}" for text, bar in drawn.items()]


def report(folder: Path, *, answers: bool = False) -> Iterator[str]:
    """What a class guessed, question by question, as lines of text.

    Args:
        folder: where the guesses lie.
        answers: whether the answer and what is said of the guesses follow.

    Raises:
        OSError: the folder is not there or cannot be read.
    """
    said = gathered(folder)
    for question in questions():
        guesses = [g for g in said.get(question.text, []) if question.accepts(g)]
        if not guesses:
            continue
        box = question.box()
        unit = f" (in {box.unit})" if box.unit else ""
        yield f"{question.lesson.number}: {question.text}{unit}"
        yield from histogram(guesses, box)
        if answers:
            box.shown = True
            yield from box.describe().splitlines()[-len(box.verdict()) :]
        yield ""
