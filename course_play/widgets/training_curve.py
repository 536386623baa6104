"""Lesson 07: the loss curve that grows while the model trains."""

import math
from collections.abc import Mapping

import traitlets
from torch import Tensor

from course_lib.names import VOCAB_SIZE
from course_play.plots import Picture, new_axes
from course_play.widgets.base import module_text, style_text
from course_play.widgets.curves import GrowingCurves, draw_curves

UNIFORM_LOSS = {f"ln {VOCAB_SIZE}": math.log(VOCAB_SIZE)}


class TrainingCurve(GrowingCurves):
    """A loss curve that grows while a model trains, with lines to compare with.

    Args:
        total_steps: how long the training will be.
        lines: named losses in nats, drawn as dashed lines; names of up to 30 letters
            fit the margin.
        loss_range: lowest and highest loss shown; None makes room for everything.

    Raises:
        ValueError: for total_steps below 1, a line that is not finite, or a loss_range
            that is not (low, high) with low < high.

    >>> curve = TrainingCurve(2)
    >>> curve.add(1, train=3.0)
    >>> curve.add(2, train=2.5, val=None)
    >>> curve.finish()
    >>> curve
    TrainingCurve at step 2 of 2 (finished)
      train 2.50 nats (first 3.00, lowest 2.50)
      lines: ln 27 3.30
    """

    _esm = module_text("training_curve")
    _css = style_text("training_curve")
    loss_range = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        total_steps: int,
        *,
        lines: Mapping[str, float] = UNIFORM_LOSS,
        loss_range: tuple[float, float] | None = None,
    ) -> None:
        shown = [float(loss) for loss in loss_range or ()]
        if loss_range is not None and not (len(shown) == 2 and shown[0] < shown[1]):
            raise ValueError(
                f"loss_range is {loss_range}: give (low, high), low < high"
            )
        super().__init__(total_steps, lines, loss_range=shown)

    def add(self, step: int, **losses: float | Tensor | None) -> None:
        """One point for each named loss in nats; None means: not measured this time.

        Points go to the browser at most ten times a second, at most 1000 for a curve.
        A loss that is not a number is kept and leaves a gap in the curve.

        Raises:
            ValueError: after `finish`, or for a step outside 0 .. total_steps or not
                above the curve's last one.
        """
        self._add_points(step, losses)

    def losses(self) -> dict[str, float]:
        """Each curve's loss in nats at `step`, where it has been measured by then."""
        return self.readings()

    def describe(self) -> str:
        """The losses at the step that is read off, first and lowest, and the lines."""
        lines = [f"TrainingCurve at {self.state()}"]
        for name, loss in self.losses().items():
            values = [value for _, value in self.points[name]]
            lowest = min((v for v in values if math.isfinite(v)), default=math.nan)
            lines.append(
                f"  {name} {loss:.2f} nats (first {values[0]:.2f}, lowest {lowest:.2f})"
            )
        return "\n".join([*lines, f"  lines: {self._told_lines() or 'none'}"])

    def picture(self) -> Picture:
        """The curves with their names and the lines with theirs in the right margin."""
        figure, axes = new_axes(7.2, 3.4)
        draw_curves(axes, self.points, self.lines, self.total_steps, self.loss_range)
        title = "The loss while the model learns"
        axes.set(title=title, xlabel="training step", ylabel="loss (nats)")
        told = ", ".join(f"{name} {loss:.2f}" for name, loss in self.losses().items())
        return Picture(
            figure,
            f"Loss curve at step {self.step} of {self.total_steps}: "
            f"{told or 'no loss yet'}. Lines: {self._told_lines() or 'none'}.",
        )
