"""Lesson 00 and later: a guess before the answer, alone or with a whole class."""

import base64
import json
import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text
from course_play.widgets.class_guesses import share
from course_play.widgets.guesses import (
    ASK,
    grouped,
    number_verdict,
    plain,
    read_number,
    word_of,
    word_verdict,
)

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 500


def _digits_of(answer: float) -> int:
    """None for whole numbers, else as many as three digits need."""
    if answer == int(answer):
        return 0
    return min(12, max(0, 2 - math.floor(math.log10(abs(answer)))))


class Predict(CourseWidget):
    """A question, a box for the guess, and the answer once there is a guess.

    A class can add a guess each; from two on their distribution is drawn. Without a
    guess the answer is in no text, picture or page: it travels in a form that nobody
    reads in passing (base64, no secret). Where the environment variable COURSE_GUESSES
    names a folder, the last guess is left there for the class (`class_guesses`).

    Args:
        question: what is asked; `code` may stand in backticks.
        answer: a number, a word, or one of the options.
        options: two or more answers to choose from; without any, a box to type in.
        unit: stands behind numbers; "%" or "percent" compares in percentage points.
        digits: decimals of the answer; None for whole numbers as they are and three
            digits of others.
        because: one or two sentences that are shown with the answer.

    Raises:
        ValueError: for an empty question or answer, a number that is not finite, an
            answer that is none of the options, or options that are too few or the same.

    >>> box = Predict("How many names begin with a?", 167, unit="names")
    >>> box
    Predict: How many names begin with a?
      Write your guess down before you read on.
    >>> box.guesses = ["60"]
    >>> box.shown = True
    >>> print(box)
    Predict: How many names begin with a?
      guesses: 60
      The answer is 167 names.
      You said 60 names: 107 below the answer, which is about 2.8 times as large.
    """

    _esm = module_text("predict")
    _css = style_text("predict")
    question = traitlets.Unicode().tag(sync=True)
    options: Any = traitlets.List(traitlets.Unicode()).tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    numeric = traitlets.Bool().tag(sync=True)
    sealed = traitlets.Unicode().tag(sync=True)
    guesses: Any = traitlets.List().tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        question: str,
        answer: float | str,
        *,
        options: Sequence[str] = (),
        unit: str = "",
        digits: int | None = None,
        because: str = "",
    ) -> None:
        if not question.strip():
            raise ValueError(f"question is {question!r}: ask something")
        choices = [str(option) for option in options]
        if options:
            answer = _one_of(choices, str(answer))
        numeric = not isinstance(answer, str)
        places = 0
        if not isinstance(answer, str):
            answer = float(answer)
            if not math.isfinite(answer):
                raise ValueError(f"answer is {answer}: give a finite number")
            places = _digits_of(answer) if digits is None else digits
            if not 0 <= places <= 12:
                raise ValueError(f"digits is {digits}: use 0 to 12 decimals")
            answer = float(grouped(answer, places).replace(",", "").replace("−", "-"))
        elif not answer.strip():
            raise ValueError(f"answer is {answer!r}: give a number or a word")
        self._answer, self._digits, self._because = answer, places, because
        inside = {"answer": answer, "digits": places, "because": because}
        super().__init__(
            question=question,
            options=choices,
            unit=unit,
            numeric=numeric,
            sealed=base64.b64encode(json.dumps(inside).encode()).decode(),
        )

    @traitlets.validate("guesses")
    def _guesses_can_be_read(self, proposal: Any) -> list[str]:
        guesses = [str(guess).strip() for guess in proposal["value"]]
        if len(guesses) > MOST:
            raise ValueError(f"{len(guesses)} guesses: at most {MOST}")
        for guess in guesses:
            if self.options:
                _one_of(self.options, guess, "guess")
            elif self.numeric and read_number(guess, self.unit) is None:
                raise ValueError(f"guess {guess!r} is not a number, such as 70 or 0.5")
            elif not guess:
                raise ValueError(f"guess {guess!r} is empty: give a word")
        return guesses

    @traitlets.validate("shown")
    def _shown_after_a_guess(self, proposal: Any) -> bool:
        if proposal["value"] and not self.guesses:
            raise ValueError("shown is True without a guess: set guesses first")
        return bool(proposal["value"])

    @traitlets.observe("guesses")
    def _hide_without_a_guess(self, change: Any) -> None:
        if not change["new"]:
            self.shown = False

    def set_state(self, sync_data: Any) -> None:
        """Take what was typed into the page, and let the class have it."""
        super().set_state(sync_data)
        if "guesses" in sync_data:
            share(self.question, self.guesses[-1] if self.guesses else "")

    def numbers(self) -> list[float]:
        """The guesses as numbers; empty if words or options are asked for."""
        if not self.numeric:
            return []
        read = (read_number(guess, self.unit) for guess in self.guesses)
        return [number for number in read if number is not None]

    def counts(self) -> dict[str, int]:
        """Each guess once, as it is shown, with how often it came."""
        if self.numeric:
            return dict(Counter(plain(number) for number in self.numbers()))
        first = {word_of(guess): guess for guess in reversed(self.guesses)}
        return dict(Counter(first[word_of(guess)] for guess in self.guesses))

    def verdict(self) -> list[str]:
        """The lines that give the answer, empty before it is shown."""
        if not (self.shown and self.guesses):
            return []
        if isinstance(self._answer, str):
            lines = word_verdict(self.guesses, self._answer)
        else:
            lines = number_verdict(
                self.numbers(), self._answer, self._digits, self.unit
            )
        return [*lines, *([self._because] if self._because else [])]

    def describe(self) -> str:
        """The question and the guesses; the answer only after a guess, when shown."""
        lines = [f"Predict: {self.question}"]
        if self.options:
            lines.append(f"  options: {' | '.join(self.options)}")
        told = [g if n == 1 else f"{g} ({n})" for g, n in self.counts().items()]
        lines.append(f"  guesses: {'; '.join(told)}" if told else f"  {ASK}")
        return "\n".join([*lines, *(f"  {line}" for line in self.verdict())])

    def picture(self) -> "Picture":
        """The question above an empty box or empty circles; what was guessed in it."""
        from course_play.plots import BLUE, EDGE, GREY, ORANGE, Picture, new_axes

        def write(x: float, y: float, text: str, **how: Any) -> None:
            axes.text(x, y, text.replace("`", ""), parse_math=False, **how)

        asked = textwrap.wrap(self.question.replace("`", ""), 64)
        below = [part for line in self.verdict() for part in textwrap.wrap(line, 78)]
        boxes = [
            textwrap.shorten(option, 70, placeholder=" ...") for option in self.options
        ] or [textwrap.shorten(", ".join(self.guesses), 32, placeholder=" ...")]
        n = len(asked) + 1.5 * len(boxes) + len(below) + 1
        figure, axes = new_axes(6.4, 0.27 * n + 0.3)
        axes.set(xlim=(0, 64), ylim=(n, 0))
        axes.axis("off")
        write(0, 0, "\n".join(asked), va="top", weight="bold", size=11)
        y = len(asked) + 1.0
        for text in boxes:
            said = self.counts().get(text, 0) if self.options else bool(text)
            edge, sign = (BLUE, BLUE) if said else (GREY, "none")
            if self.options:
                axes.scatter([1], [y], s=80, facecolor=sign, edgecolor=edge)
                write(3, y, text, va="center", size=10)
            else:
                axes.barh(y, 30, 1.3, color="white", edgecolor=edge or EDGE)
                write(1, y, text, va="center", size=10)
                write(31.5, y, self.unit, va="center", size=10)
            y += 1.5
        ending = "\n".join(below) if below else ASK
        write(0, y, ending, va="top", size=10, color=ORANGE if below else GREY)
        told = self.describe().split(": ", 1)[1]
        kind = "circles to choose from" if self.options else "a box for a guess"
        alt = f"A question and {kind}. {' '.join(told.split())}"
        return Picture(figure, alt)


def _one_of(options: Sequence[str], text: str, what: str = "answer") -> str:
    """The text, if it is one of two or more different options."""
    if len(options) < 2 or len(set(map(word_of, options))) < len(options):
        raise ValueError(f"options are {list(options)}: give two or more that differ")
    if text not in options:
        raise ValueError(f"{what} {text!r} is none of the options {list(options)}")
    return text
