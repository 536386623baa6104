"""Lesson 03: the loss of one prediction, -ln p, as a curve with a point you drag."""

import math
from typing import TYPE_CHECKING

import traitlets

from course_lib.functional import nats_to_bits
from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MARKS = (1.0, 0.95, 0.58, 0.5, 0.1, 1 / 27, 0.01)


def _checked_p(p: float) -> float:
    if not 0 < p <= 1:  # also refuses nan
        raise ValueError(f"p is {p}: use a probability above 0 and up to 1")
    return float(p)


class SurprisalCurve(CourseWidget):
    """The curve -ln p, a point on it, its loss in nats and bits, and a loss table.

    Args:
        p: the probability the model gave to what really came, in (0, 1].

    Raises:
        ValueError: if `p` is outside (0, 1].

    >>> SurprisalCurve(p=0.5)
    SurprisalCurve: p = 0.500 costs 0.69 nats = 1.00 bits, as hard as 1 of 2.0
      p     1.000 0.950 0.580 0.500 0.100 0.037 0.010
      nats   0.00  0.05  0.54  0.69  2.30  3.30  4.61
      bits   0.00  0.07  0.79  1.00  3.32  4.75  6.64
    """

    _esm = module_text("surprisal_curve")
    _css = style_text("surprisal_curve")
    p = traitlets.Float(0.58).tag(sync=True)
    marks = traitlets.List(traitlets.Float(), list(MARKS)).tag(sync=True)

    def __init__(self, p: float = 0.58) -> None:
        super().__init__(p=_checked_p(p))

    @traitlets.validate("p")
    def _p_in_range(self, proposal: dict[str, float]) -> float:
        return _checked_p(proposal["value"])

    @property
    def loss_nats(self) -> float:
        """-ln p of the point."""
        return abs(math.log(self.p))  # abs: p = 1 costs 0, not -0

    def describe(self) -> str:
        """The point, then the loss table, a column per marked p."""
        loss = self.loss_nats
        losses = [abs(math.log(p)) for p in self.marks]
        return "\n".join(
            [
                f"SurprisalCurve: p = {self.p:.3f} costs {loss:.2f} nats = "
                f"{nats_to_bits(loss):.2f} bits, as hard as 1 of {1 / self.p:.1f}",
                "  p     " + " ".join(f"{p:.3f}" for p in self.marks),
                "  nats  " + " ".join(f"{nats:5.2f}" for nats in losses),
                "  bits  " + " ".join(f"{nats_to_bits(n):5.2f}" for n in losses),
            ]
        )

    def picture(self) -> "Picture":
        """The curve with the marked values and the point."""
        from course_play.plots import BLUE, GREY, ORANGE, Picture, new_axes

        figure, axes = new_axes(6.0, 3.2)
        grid = [0.005 + 0.995 * (i / 400) ** 2 for i in range(401)]
        axes.plot(grid, [-math.log(p) for p in grid], color=BLUE)
        heights = [abs(math.log(p)) for p in self.marks]
        axes.plot(self.marks, heights, "o", color=BLUE, markerfacecolor="white")
        x, y = self.p, self.loss_nats
        axes.plot([0, x, x], [y, y, 0], "--", color=GREY, linewidth=1)
        axes.plot([x], [y], "o", color=ORANGE, markersize=9)
        axes.annotate(
            f"p = {x:.2f}: {y:.2f} nats", (x, y), (10, 8), textcoords="offset points"
        )
        axes.set(xlim=(0, 1.02), ylim=(0, max(5.4, 1.1 * y)))
        axes.set(
            title="The loss grows without end as p falls to 0",
            xlabel="p, the probability of what really came",
            ylabel="loss −ln p (nats)",
        )
        return Picture(
            figure,
            f"Curve of -ln p, 0 at p = 1; the point p = {x:.3f} has loss {y:.2f} nats "
            f"or {nats_to_bits(y):.2f} bits.",
        )
