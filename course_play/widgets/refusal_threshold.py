"""Lesson 21: refuse where P("Sorry") is above a threshold; the catch and the cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 1000
N_BINS = 25


class Refusing(NamedTuple):
    """What a threshold does."""

    unknown: int
    """Refused questions that should be refused."""
    known: int
    """Refused questions that should be answered."""
    precision: float | None
    """Share of the refusals that are right; None if nothing is refused."""
    recall: float
    """Share of the questions to refuse that are refused."""


def refusing(
    known: Sequence[float], unknown: Sequence[float], threshold: float
) -> Refusing:
    """Refuse where P > threshold, and count.

    >>> refusing([0.1, 0.7], [0.6, 0.2], 0.5)
    Refusing(unknown=1, known=1, precision=0.5, recall=0.5)
    """
    caught = sum(p > threshold for p in unknown)
    hurt = sum(p > threshold for p in known)
    precision = caught / (caught + hurt) if caught + hurt else None
    return Refusing(caught, hurt, precision, caught / len(unknown))


def share_curve(values: Sequence[float]) -> list[tuple[float, float]]:
    """Corners (threshold, share refused) of the falling stairs from 0 to 1.

    >>> share_curve([0.5, 1.0])
    [(0.0, 1.0), (0.5, 1.0), (0.5, 0.5), (1.0, 0.5), (1.0, 0.0)]
    """
    ordered, n = sorted(values), len(values)
    share = sum(p > 0 for p in ordered) / n
    corners = [(0.0, share)]
    for i, p in enumerate(ordered):
        if p > 0 and (i + 1 == n or ordered[i + 1] > p):
            corners += [(p, share), (p, (n - i - 1) / n)]
            share = (n - i - 1) / n
    return corners if corners[-1][0] == 1 else [*corners, (1.0, share)]


def bins(values: Sequence[float], n_bins: int = N_BINS) -> list[int]:
    """How many values fall into each of `n_bins` equal parts of [0, 1].

    >>> bins([0.0, 0.49, 0.5, 1.0], 2)
    [2, 2]
    """
    found = [0] * n_bins
    for p in values:
        found[min(n_bins - 1, int(p * n_bins))] += 1
    return found


class RefusalThreshold(CourseWidget):
    """A threshold for refusing, what it catches, and what it costs.

    Args:
        known: P("Sorry") of questions that the model should answer, 1 to 1,000 values.
        unknown: P("Sorry") of questions that it should refuse, 1 to 1,000 values.
        threshold: at first; the model refuses where P is larger.

    Raises:
        ValueError: for a value or threshold outside 0 .. 1, or another number of
            values.

    >>> RefusalThreshold([0.0, 0.1, 0.7], [0.6, 0.9])
    RefusalThreshold: refuse where P("Sorry") > 0.50
      unknown refused: 2 of 2, known refused: 1 of 3
      precision 0.67, recall 1.00
    """

    _esm = module_text("refusal_threshold")
    _css = style_text("refusal_threshold")
    known: Any = traitlets.List(traitlets.Float()).tag(sync=True)
    unknown: Any = traitlets.List(traitlets.Float()).tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)

    def __init__(
        self,
        known: Sequence[float],
        unknown: Sequence[float],
        *,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(
            known=_checked_shares("known", known),
            unknown=_checked_shares("unknown", unknown),
            threshold=float(threshold),
        )

    @traitlets.validate("threshold")
    def _in_range(self, proposal: Any) -> float:
        value: float = proposal["value"]
        if not 0 <= value <= 1:
            raise ValueError(f"threshold is {value}: it must be in 0 .. 1")
        return value

    @property
    def now(self) -> Refusing:
        """What this threshold does."""
        return refusing(self.known, self.unknown, self.threshold)

    def describe(self) -> str:
        """The threshold and its counts."""
        now = self.now
        precision = "-" if now.precision is None else f"{now.precision:.2f}"
        return "\n".join(
            [
                f'RefusalThreshold: refuse where P("Sorry") > {self.threshold:.2f}',
                f"  unknown refused: {now.unknown} of {len(self.unknown)}, "
                f"known refused: {now.known} of {len(self.known)}",
                f"  precision {precision}, recall {now.recall:.2f}",
            ]
        )

    def picture(self) -> "Picture":
        """Two falling curves with a point each; below them the values of each group."""
        from course_play.plots import BLUE, GREY, ORANGE, Picture, new_figure, on_paper

        figure = new_figure(6.6, 4.4)
        top, low = figure.subplots(2, sharex=True, height_ratios=[3, 1])
        now, t = self.now, self.threshold
        for values, color, dash, up, refused, name in (
            (self.unknown, ORANGE, "-", 1, now.unknown, "unknown"),
            (self.known, BLUE, "--", -1, now.known, "known"),
        ):
            corners = share_curve(values)
            top.plot(*zip(*corners, strict=True), color=color, linestyle=dash)
            share = refused / len(values)
            top.plot([t], [share], "o" if up > 0 else "s", color=color, markersize=8)
            beside = (10, 6) if share < 0.9 else (10, -13)
            place = {"textcoords": "offset points", "color": color}
            top.annotate(f"{name}: {share:.0%}", (t, share), beside, **place)
            found = bins(values)
            heights = [up * count / max(found) for count in found]
            edges = [(i + 0.5) / N_BINS for i in range(N_BINS)]
            low.bar(edges, heights, 0.8 / N_BINS, color=color)
        for axes in (top, low):
            axes.axvline(t, color=GREY, linestyle=":", linewidth=1.2)
        on_paper(top, low)
        low.axhline(0, color=GREY, linewidth=0.8)
        low.set_yticks([0.5, -0.5], ["unknown", "known"])
        low.tick_params(axis="y", length=0)
        low.set(xlabel='P("Sorry"), and the threshold', xlim=(-0.01, 1.01))
        top.set(ylabel="share refused", ylim=(-0.04, 1.08))
        top.set_title(
            f"Above {t:.2f}: {now.unknown} of {len(self.unknown)} unknown and "
            f"{now.known} of {len(self.known)} known refused"
        )
        return Picture(
            figure,
            "Two curves of the share that is refused, falling with the threshold. "
            + self.describe().replace("\n ", ";")
            + ".",
        )


def _checked_shares(name: str, values: Sequence[float]) -> list[float]:
    """Probabilities, rounded to six decimals."""
    if not 1 <= len(values) <= MOST:
        raise ValueError(f"{name} has {len(values)} values: give 1 to {MOST:,}")
    for value in values:
        if not 0 <= value <= 1:  # also refuses nan
            raise ValueError(f"{name} holds {value}: P must be in 0 .. 1")
    return [round(float(value), 6) for value in values]
