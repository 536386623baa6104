"""Lesson 23: two answers to one question; your choices become preference pairs."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_lib.engine.pair_files import TextPair
from course_lib.tokenizer.interface import check_text
from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 200
CHOICES = ("a", "b", "skip")


class Tally(NamedTuple):
    """How often each button was pressed."""

    a: int
    b: int
    skip: int


def tally(choices: Sequence[str]) -> Tally:
    """Count the choices.

    >>> tally(["a", "skip", "a"])
    Tally(a=2, b=0, skip=1)
    """
    return Tally(*(list(choices).count(choice) for choice in CHOICES))


def _check_case(row: tuple[str, str, str]) -> None:
    """Raise ValueError for a case that teaches nothing."""
    for part, text in zip(("prompt", "A", "B"), row, strict=True):
        if not text.strip():
            raise ValueError(f"{part} is empty: give a text")
        check_text(text)
    if row[1] == row[2]:
        raise ValueError("A and B are the same: nobody could prefer one")


class PreferenceButtons(CourseWidget):
    """Choose the better answer, case by case; `pairs` holds what you decided.

    The keys a, b and space do what the buttons do, u takes the last choice back.

    Args:
        cases: (prompt, answer A, answer B) as texts, 1 to 200 of them.

    Raises:
        ValueError: for no cases or too many, a text that is empty, or a case whose
            answers are the same.

    >>> cases = [("Who are you ?", "I am Tiny .", "You silly ."), ("Hi !", "Hi !", "?")]
    >>> buttons = PreferenceButtons(cases)
    >>> buttons.choices = ["b"]
    >>> buttons.pairs[0].chosen
    'You silly .'
    >>> buttons
    PreferenceButtons: case 2 of 2
      prompt: Hi !
      A: Hi !
      B: ?
      so far: 1 pair (0 A, 1 B), 0 cannot say
    """

    _esm = module_text("preference_buttons")
    _css = style_text("preference_buttons")
    cases: Any = traitlets.List().tag(sync=True)
    choices: Any = traitlets.List().tag(sync=True)

    def __init__(self, cases: Sequence[tuple[str, str, str]]) -> None:
        rows = list(cases)
        if not 1 <= len(rows) <= MOST:
            raise ValueError(f"{len(rows)} cases: give 1 to {MOST}")
        for number, row in enumerate(rows, 1):
            if len(row) != 3 or not all(isinstance(text, str) for text in row):
                raise ValueError(
                    f"case {number} is {row!r}: give the texts (prompt, A, B)"
                )
            try:
                _check_case(row)
            except ValueError as error:
                raise ValueError(f"case {number}, {row!r}: {error}") from None
        super().__init__(cases=[list(row) for row in rows])

    @traitlets.validate("choices")
    def _choices_fit(self, proposal: Any) -> list[str]:
        choices: list[str] = list(proposal["value"])
        for choice in choices:
            if choice not in CHOICES:
                raise ValueError(f"choice {choice!r}: use one of {CHOICES}")
        if len(choices) > len(self.cases):
            raise ValueError(
                f"{len(choices)} choices for {len(self.cases)} cases: one each"
            )
        return choices

    @property
    def pairs(self) -> list[TextPair]:
        """What was decided so far; a case you cannot decide is left out."""
        return [
            TextPair(prompt, a, b) if choice == "a" else TextPair(prompt, b, a)
            for (prompt, a, b), choice in zip(self.cases, self.choices, strict=False)
            if choice != "skip"
        ]

    def _so_far(self) -> str:
        n, n_pairs = tally(self.choices), len(self.pairs)
        return (
            f"{n_pairs} pair{'s' * (n_pairs != 1)} ({n.a} A, {n.b} B), "
            f"{n.skip} cannot say"
        )

    def describe(self) -> str:
        """The case that waits for you, and what you decided so far."""
        at, n = len(self.choices), len(self.cases)
        if at == n:
            return f"PreferenceButtons: all {n} decided\n  {self._so_far()}"
        prompt, a, b = self.cases[at]
        return "\n".join(
            [
                f"PreferenceButtons: case {at + 1} of {n}",
                f"  prompt: {prompt}",
                f"  A: {a}",
                f"  B: {b}",
                f"  so far: {self._so_far()}",
            ]
        )

    def picture(self) -> "Picture":
        """The case that waits for you as two cards; at the end, what you chose."""
        from course_play.plots import BLUE, GREY, ORANGE, Picture, label_bars, new_axes

        figure, axes = new_axes(6.4, 2.2)
        told = self.describe().split(": ", 1)[1].replace("\n ", ";")
        alt = f"Two answers to choose from: {told}."
        if len(self.choices) == len(self.cases):
            bars = axes.bar(range(3), tally(self.choices), color=[BLUE, ORANGE, GREY])
            axes.bar_label(bars)
            label_bars(axes, ["A is better", "B is better", "cannot say"])
            axes.set(title="All cases are decided", ylabel="cases", yticks=[])
            axes.margins(y=0.2)
            return Picture(figure, alt)
        prompt, a, b = self.cases[len(self.choices)]
        axes.set(xlim=(0, 2), ylim=(0, 1), title=textwrap.shorten(prompt, 70))
        axes.axis("off")
        for x, letter, text, color in ((0.0, "A", a, BLUE), (1.02, "B", b, ORANGE)):
            axes.bar(x, 0.8, 0.98, 0.2, align="edge", color=color, alpha=0.12)
            lines = textwrap.wrap(text, 34, max_lines=5, placeholder=" ...")
            axes.text(x + 0.03, 0.93, letter, weight="bold", va="top", size=12)
            axes.text(x + 0.12, 0.92, "\n".join(lines), va="top", size=9.5)
        case = f"case {len(self.choices) + 1} of {len(self.cases)}"
        axes.text(0, 0, f"{case}; so far {self._so_far()}", color=GREY, size=9)
        return Picture(figure, alt)
