"""Lesson 21: the same question several times: does the model agree with itself?"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

TEMPERATURES = (0.2, 0.6, 1.0, 1.5, 2.0)
MOST_QUESTIONS = 24
MOST_ASKS = 10
AGREE = 4
"""So many of 5 answers must be the same."""
REFUSAL = "Sorry"
JUDGEMENTS = ("true", "false", "refused", "nobody knows", "no answer")

Ask = Callable[[str, int, float], list[str]]
"""Question, how often, temperature -> the answers; deterministic."""


class Favourite(NamedTuple):
    """The most frequent answer."""

    value: str
    times: int
    agrees: bool
    """Whether it came in at least 4 of 5 answers."""


def value_of(answer: str) -> str:
    """An answer without the full stop and the blanks around it.

    >>> value_of(" Larkton .")
    'Larkton'
    """
    return answer.strip().removesuffix(".").strip()


def favourite(values: Sequence[str]) -> Favourite:
    """The most frequent value, the first of those that are equally frequent.

    >>> favourite(["soup", "cake", "soup", "soup", "soup"])
    Favourite(value='soup', times=4, agrees=True)
    """
    value, times = Counter(values).most_common(1)[0]
    return Favourite(value, times, bool(value) and 5 * times >= AGREE * len(values))


def judged(value: str, truth: str) -> str:
    """One of `JUDGEMENTS`; a value is true if the truth is among its words.

    >>> judged("He likes soup", "soup"), judged("Sorry, I do not know", "soup")
    ('true', 'refused')
    """
    if not value:
        return "no answer"
    if value.split()[0].rstrip(",") == REFUSAL:
        return "refused"
    if not truth:
        return "nobody knows"
    found = re.search(rf"(?<!\w){re.escape(truth)}(?!\w)", value)
    return "true" if found else "false"


class ProbeTable(CourseWidget):
    """Questions, several answers to each, and whether the answers agree.

    All answers are computed when the widget is made, at five temperatures, so that the
    slider needs no kernel.

    Args:
        ask: (question, how many, temperature) -> so many answers; must be
            deterministic.
        questions: question -> its true answer, "" where nobody knows; 1 to 24.
        n_asks: how often each question is asked, 2 to 10.
        temperature: the one shown at first, one of `TEMPERATURES`.

    Raises:
        ValueError: for a number of questions or asks out of range, another temperature,
            or if `ask` gives another number of answers.

    >>> def ask(question, n_asks, temperature):
    ...     return ["soup ."] * n_asks if temperature < 1 else ["soup .", "cake ."]
    >>> table = ProbeTable(ask, {"What do you like ?": "soup"}, n_asks=2)
    >>> table
    ProbeTable: 1 question, each asked 2 times at temperature 1.0
      What do you like ? soup, cake: soup 1 of 2, disagrees, true
      agree and true: 0, agree and not true: 0, disagree: 1
    >>> table.temperature = 0.2
    >>> table.favourites[0].agrees
    True
    """

    _esm = module_text("probe_table")
    _css = style_text("probe_table")
    rows: Any = traitlets.List(traitlets.Dict()).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)

    def __init__(
        self,
        ask: Ask,
        questions: Mapping[str, str],
        *,
        n_asks: int = 5,
        temperature: float = 1.0,
    ) -> None:
        if not 1 <= len(questions) <= MOST_QUESTIONS:
            raise ValueError(f"{len(questions)} questions: give 1 to {MOST_QUESTIONS}")
        if not 2 <= n_asks <= MOST_ASKS:
            raise ValueError(f"n_asks is {n_asks}: give 2 to {MOST_ASKS}")
        _place_of(temperature)
        rows = [_probed(ask, q, truth, n_asks) for q, truth in questions.items()]
        super().__init__(rows=rows, temperature=float(temperature))

    @traitlets.validate("temperature")
    def _on_the_list(self, proposal: Any) -> float:
        return TEMPERATURES[_place_of(proposal["value"])]

    @property
    def values(self) -> list[list[str]]:
        """The answers to each question at this temperature, full stops left out."""
        at = _place_of(self.temperature)
        return [row["values"][at] for row in self.rows]

    @property
    def favourites(self) -> list[Favourite]:
        """The favourite answer to each question at this temperature."""
        return [favourite(values) for values in self.values]

    @property
    def judgements(self) -> list[str]:
        """Whether each favourite is true, in the words of `JUDGEMENTS`."""
        return [
            judged(fav.value, row["truth"])
            for fav, row in zip(self.favourites, self.rows, strict=True)
        ]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many agree and are true, agree and are not, disagree."""
        told = list(zip(self.favourites, self.judgements, strict=True))
        agree = [judgement for fav, judgement in told if fav.agrees]
        true = agree.count("true")
        return true, len(agree) - true, len(told) - len(agree)

    def _verdicts(self) -> list[str]:
        """Of each question: favourite, how often, verdict, truth."""
        return [
            f"{fav.value or '(nothing)'} {fav.times} of {len(values)}, "
            f"{'agrees' if fav.agrees else 'disagrees'}, {judgement}"
            for fav, judgement, values in zip(
                self.favourites, self.judgements, self.values, strict=True
            )
        ]

    def describe(self) -> str:
        """The answers to each question, the favourite, the verdict; the counts."""
        n_asks, n = len(self.values[0]), len(self.rows)
        true, other, disagree = self.counts
        lines = [
            f"ProbeTable: {n} question{'s' if n > 1 else ''}, each asked {n_asks} "
            f"times at temperature {self.temperature}"
        ]
        for row, values, verdict in zip(
            self.rows, self.values, self._verdicts(), strict=True
        ):
            said = ", ".join(value or "(nothing)" for value in values)
            lines.append(f"  {row['question']} {said}: {verdict}")
        lines.append(
            f"  agree and true: {true}, agree and not true: {other}, "
            f"disagree: {disagree}"
        )
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """How often each favourite came, as bars; striped if the answers disagree."""
        from course_play.plots import BLUE, GREY, ORANGE, Picture, hatch_bar, new_axes

        n_asks, n = len(self.values[0]), len(self.rows)
        figure, axes = new_axes(8.2, 1.3 + 0.3 * n)
        bars = axes.barh(range(n), [f.times for f in self.favourites], color=BLUE)
        for i, (bar, fav, verdict) in enumerate(
            zip(bars, self.favourites, self._verdicts(), strict=True)
        ):
            if not fav.agrees:
                hatch_bar(bar, ORANGE)
            axes.text(n_asks + 0.15, i, verdict, va="center", size=8)
        axes.axvline(AGREE * n_asks / 5, color=GREY, linestyle="--", linewidth=1)
        axes.set_yticks(range(n), [row["question"] for row in self.rows], size=8)
        axes.set(xlim=(0, 1.85 * n_asks), ylim=(n - 0.5, -0.5))
        axes.set_xticks(range(n_asks + 1))
        axes.set_xlabel(f"times that the favourite came, of {n_asks}")
        true, other, disagree = self.counts
        axes.set_title(
            f"T = {self.temperature}: {true + other} agree, {true} of them true; "
            f"{disagree} disagree"
        )
        told = self.describe().replace("\n ", ";")
        return Picture(figure, f"Bars: how often the favourite came. {told}.")


def _place_of(temperature: float) -> int:
    """Where a temperature stands in `TEMPERATURES`."""
    for i, known in enumerate(TEMPERATURES):
        if math.isclose(temperature, known):
            return i
    listed = ", ".join(map(str, TEMPERATURES))
    raise ValueError(f"temperature is {temperature}: use one of {listed}")


def _probed(ask: Ask, question: str, truth: str, n_asks: int) -> dict[str, Any]:
    """A question as the widget keeps it: values and judgements by temperature."""
    values = []
    for temperature in TEMPERATURES:
        answers = ask(question, n_asks, temperature)
        if len(answers) != n_asks:
            raise ValueError(
                f"ask gave {len(answers)} answers to {question!r}: it was asked for "
                f"{n_asks}"
            )
        values.append([value_of(answer) for answer in answers])
    judgements = [[judged(value, truth) for value in row] for row in values]
    return {
        "question": question,
        "truth": truth,
        "values": values,
        "judgements": judgements,
    }
