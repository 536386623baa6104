"""Lesson 16: a training run as one watches it, and walks back through it."""

import math
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from course_play.widgets.base import module_text, style_text
from course_play.widgets.curves import GrowingCurves, draw_curves

if TYPE_CHECKING:
    from course_lib.train import Record
    from course_play.plots import Picture

LOSSES = ("train", "held out")
OTHERS = ("learning rate", "gradient norm")
NO_LINES: dict[str, float] = {}
SPEED_KEPT = 0.9  # of the running mean, at each step

Sample = list[Any]  # [step, text]


def digits3(value: float) -> str:
    """A number in three digits, as the browser writes it.

    >>> digits3(0.005123), digits3(0.7314), digits3(12.38), digits3(0.0)
    ('0.00512', '0.731', '12.4', '0')
    """
    if not math.isfinite(value):
        return "not a number"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, min(6, 2 - size))}f}"


class TrainingDashboard(GrowingCurves):
    """Losses, learning rate, gradient norm and a sample, while a model trains.

    A slider walks back in time: what the losses were and what the model wrote. The
    speed is shown in the browser while the run lasts, and nowhere else.

    Args:
        total_steps: how long the training will be.
        lines: named losses in nats to compare with, such as "ln 389".
        floor: the held-out loss of a perfect model, where it is known.

    Raises:
        ValueError: for total_steps below 1, a line that is not finite, or a floor that
            is not above 0.

    >>> from course_lib.train import Record
    >>> board = TrainingDashboard(2, floor=1.0)
    >>> board.add(Record(0, 6.0, 5.9, 0.01, sample="cow cow"))
    >>> board.add(Record(1, 2.0, 1.5, 0.01, sample="The cow"))
    >>> board.look = 0
    >>> board
    TrainingDashboard at step 0 of 2 (training)
      train 6.00 nats, held out 5.90 nats (490 % above the floor)
      learning rate 0.0100
      lines: floor 1.00
      it writes: cow cow
    """

    _esm = module_text("training_dashboard")
    _css = style_text("training_dashboard")
    floor = traitlets.Float(None, allow_none=True).tag(sync=True)
    samples: traitlets.List[Sample] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        total_steps: int,
        *,
        lines: Mapping[str, float] = NO_LINES,
        floor: float | None = None,
    ) -> None:
        if floor is not None and not (math.isfinite(floor) and floor > 0):
            raise ValueError(f"floor is {floor}: give nats above 0, or None")
        known = {} if floor is None else {"floor": floor}
        self._speed = math.nan
        super().__init__(total_steps, {**lines, **known}, floor=floor)

    def add(self, record: "Record") -> None:
        """Show what `train` says after a step; what it did not measure is left out.

        Raises:
            ValueError: after `finish`, or for a step outside 0 .. total_steps or not
                above the last one.
        """
        values = {
            "train": record.loss_nats,
            "held out": record.val_loss_nats,
            "learning rate": record.learning_rate,
            "gradient norm": record.grad_norm,
        }
        speed, kept = record.tokens_per_second, SPEED_KEPT
        if math.isfinite(speed):
            old = self._speed if math.isfinite(self._speed) else speed
            self._speed = kept * old + (1 - kept) * speed
        shown = self._speed if math.isfinite(self._speed) else None
        self._add_points(record.step, values, speed=shown)
        if record.sample is not None:
            self.samples = [*self.samples, [record.step, record.sample]]
            self._send_new(speed=shown)  # so that the curves have come as far

    def sample(self) -> str | None:
        """What the model wrote last at `step`; None before its first sample."""
        texts = [text for step, text in self.samples if step <= self.step]
        return texts[-1] if texts else None

    def _told_losses(self) -> str:
        read = self.readings()
        losses = [f"{name} {read[name]:.2f} nats" for name in LOSSES if name in read]
        if self.floor is not None and "held out" in read:
            above = 100 * (read["held out"] / self.floor - 1)
            losses[-1] += f" ({above:.0f} % above the floor)"
        return ", ".join(losses) or "no loss yet"

    def _told_settings(self) -> str:
        read = self.readings()
        told = [f"{name} {digits3(read[name])}" for name in OTHERS if name in read]
        return ", ".join(told)

    def describe(self) -> str:
        """Losses and settings at the step that is read off, the lines, the sample."""
        lines = [f"TrainingDashboard at {self.state()}", f"  {self._told_losses()}"]
        if others := self._told_settings():
            lines.append(f"  {others}")
        lines.append(f"  lines: {self._told_lines() or 'none'}")
        if (text := self.sample()) is not None:
            lines.append(
                textwrap.fill(
                    f"it writes: {text}",
                    initial_indent="  ",
                    subsequent_indent="    ",
                    width=88,
                )
            )
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """Losses above, learning rate and gradient norm below, then the sample."""
        from course_play.plots import Picture, new_figure, on_paper

        figure = new_figure(7.2, 5.0)
        grid = figure.add_gridspec(2, 2, height_ratios=[2.6, 1])
        big = figure.add_subplot(grid[0, :])
        small = [figure.add_subplot(grid[1, i]) for i in range(2)]
        on_paper(big, *small)
        if self.look is not None:
            for axes in (big, *small):
                axes.axvline(self.look, color="black", linewidth=0.8, alpha=0.5)
        curves = {name: self.points[name] for name in LOSSES if name in self.points}
        draw_curves(big, curves, self.lines, self.total_steps)
        big.set_title(f"A training run at {self.state()}")
        big.set(xlabel="training step", ylabel="loss (nats)")
        for axes, name in zip(small, OTHERS, strict=True):
            self._draw_small(axes, name)
        text = self.sample()
        if text is not None:
            figure.supxlabel(
                textwrap.fill(f"It writes: {text}", 100),
                fontsize=9,
                x=0.02,
                ha="left",
                wrap=False,
            )
        parts = (self._told_losses(), self._told_settings())
        told = "; ".join(part for part in parts if part)
        return Picture(
            figure,
            f"Training run at step {self.step} of {self.total_steps}: {told}. Lines: "
            f"{self._told_lines() or 'none'}.{f' It writes: {text}' if text else ''}",
        )

    def _draw_small(self, axes: Any, name: str) -> None:
        from course_play.plots import BLUE

        points = self.points.get(name, [])
        axes.plot(*zip(*points, strict=True) if points else ((), ()), color=BLUE, lw=1)
        axes.set_xlim(0, self.total_steps)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=8)
        axes.set_title(name, fontsize=9)
