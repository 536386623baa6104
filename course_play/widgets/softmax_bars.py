"""Lesson 02: logits you drag, and the probabilities that softmax makes of them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import traitlets

from course_lib.functional import softmax
from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 8


class SoftmaxBars(CourseWidget):
    """Up to 8 logits on sliders, a slider that adds to all, bars of probabilities.

    Args:
        logits: the scores at the start, 1 to 8 finite numbers.
        labels: one for each logit.

    Raises:
        ValueError: for no logits, more than 8, one that is not finite, or another
            number of labels.

    >>> bars = SoftmaxBars([2.0, 1.0], ["tea", "coffee"])
    >>> bars
    SoftmaxBars: logits to probabilities, 0.0 added to all
         tea  z =  2.0  p = 0.731 ###############
      coffee  z =  1.0  p = 0.269 #####
    >>> bars.shift = 3.0
    >>> [round(p, 3) for p in bars.probs]
    [0.731, 0.269]
    """

    _esm = module_text("softmax_bars")
    _css = style_text("softmax_bars")
    logits = traitlets.List(traitlets.Float()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shift = traitlets.Float(0.0).tag(sync=True)
    reach = traitlets.Float(6.0).tag(sync=True)

    def __init__(self, logits: Sequence[float], labels: Sequence[str]) -> None:
        scores = [float(z) for z in logits]
        names = [str(label) for label in labels]
        if not 1 <= len(scores) <= MOST:
            raise ValueError(f"{len(scores)} logits: give 1 to {MOST}")
        if len(names) != len(scores):
            raise ValueError(
                f"{len(scores)} logits need as many labels, not {len(names)}"
            )
        if bad := [z for z in scores if not math.isfinite(z)]:
            raise ValueError(f"logit {bad[0]} is not finite: a slider cannot show it")
        reach = max(6.0, float(math.ceil(max(abs(z) for z in scores))))
        super().__init__(logits=scores, labels=names, reach=reach)

    @property
    def probs(self) -> list[float]:
        """softmax(logits + shift), one probability per label."""
        scores = torch.tensor(self.logits, dtype=torch.float64) + self.shift
        probs: list[float] = softmax(scores).tolist()
        return probs

    def _rows(self) -> list[tuple[str, float, float]]:
        shifted = [z + self.shift for z in self.logits]
        return list(zip(self.labels, shifted, self.probs, strict=True))

    def describe(self) -> str:
        """One line per label: logit, probability, a bar of `#`."""
        width = max(len(label) for label in self.labels)
        head = f"SoftmaxBars: logits to probabilities, {self.shift:.1f} added to all"
        rows = [
            f"  {label:>{width}}  z = {z:4.1f}"
            f"  p = {p:.3f} {'#' * round(20 * p)}".rstrip()
            for label, z, p in self._rows()
        ]
        return "\n".join([head, *rows])

    def picture(self) -> "Picture":
        """The bars as they stand, each with its logit below."""
        from course_play.plots import BLUE, Picture, label_bars, new_axes

        rows = self._rows()
        figure, axes = new_axes(max(3.6, 0.9 * len(rows) + 1.2), 2.8)
        bars = axes.bar(range(len(rows)), self.probs, color=BLUE)
        axes.bar_label(bars, [f"{p:.3f}" for p in self.probs])
        ticks = [f"{label}\nz = {z:.1f}" for label, z, _ in rows]
        label_bars(axes, ticks)
        best, _, most = max(rows, key=lambda row: row[2])
        axes.set(
            title=f"“{best}” gets the largest share, {most:.3f}",
            ylabel="probability",
            ylim=(0, 1.1),
        )
        told = ", ".join(f"{label} {p:.3f} from {z:.1f}" for label, z, p in rows)
        return Picture(figure, f"Bars of probabilities from logits: {told}.")
