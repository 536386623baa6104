"""Lesson 05: the loss curve that grows while the model trains."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import traitlets
from torch import Tensor

from course_lib.plots import COLORS, DASHES, GREY, Picture, new_axes
from course_lib.widgets.base import CourseWidget, module_text, style_text

UNIFORM_LOSS = {"ln 27": math.log(27)}
POINTS_PER_CURVE = 1000
SECONDS_BETWEEN_MESSAGES = 0.1

Row = list[Any]  # [name, step, loss or None]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels that want to sit at `wanted` but need `gap` between them.

    The places with the least sum of squared moves, by pooling neighbours that would
    overlap (isotonic regression), then kept inside [low, high].

    >>> spread([1.0, 1.0, 5.0], 1.0, 0.0, 9.0)
    [0.5, 1.5, 5.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    pools: list[tuple[float, int]] = []  # sums of wanted - rank * gap, and how many
    for rank, i in enumerate(order):
        total, count = wanted[i] - rank * gap, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = before[0] + total, before[1] + count
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    most = high - (len(order) - 1) * gap
    placed = [0.0] * len(order)
    for rank, i in enumerate(order):
        placed[i] = max(low, min(most, flat[rank])) + rank * gap
    return placed


class TrainingCurve(CourseWidget):
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
    total_steps = traitlets.Int(1).tag(sync=True)
    lines = traitlets.Dict().tag(sync=True)
    loss_range = traitlets.List(traitlets.Float()).tag(sync=True)
    history: traitlets.List[Row] = traitlets.List().tag(sync=True)
    look = traitlets.Int(None, allow_none=True).tag(sync=True)
    finished = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        total_steps: int,
        *,
        lines: Mapping[str, float] = UNIFORM_LOSS,
        loss_range: tuple[float, float] | None = None,
    ) -> None:
        if total_steps < 1:
            raise ValueError(f"total_steps is {total_steps}: it must be 1 or more")
        for label, loss in lines.items():
            if not math.isfinite(loss):
                raise ValueError(f"line {label!r} is at {loss}: it must be finite")
        shown = [float(loss) for loss in loss_range or ()]
        if loss_range is not None and not (len(shown) == 2 and shown[0] < shown[1]):
            raise ValueError(
                f"loss_range is {loss_range}: give (low, high), low < high"
            )
        self.points: dict[str, list[tuple[int, float]]] = {}
        self._thin: list[Row] = []
        self._n_sent = 0
        self._sent_at = -math.inf
        self._handle: Any = None
        super().__init__(
            total_steps=int(total_steps),
            lines={str(label): float(loss) for label, loss in lines.items()},
            loss_range=shown,
        )

    def show(self) -> None:
        """Display the curve here; `finish` then also renews its stored picture."""
        from IPython.display import display

        self._handle = display(self, display_id=True)  # type: ignore[no-untyped-call]

    def add(self, step: int, **losses: float | Tensor | None) -> None:
        """One point for each named loss in nats; None means: not measured this time.

        Points go to the browser at most ten times a second, at most 1000 for a curve.
        A loss that is not a number is kept and leaves a gap in the curve.

        Raises:
            ValueError: after `finish`, or for a step outside 0 .. total_steps or not
                above the curve's last one.
        """
        if self.finished:
            raise ValueError(f"step {step} comes after finish(): make a new curve")
        if not 0 <= step <= self.total_steps:
            raise ValueError(f"step is {step}: it must be in 0 .. {self.total_steps}")
        for name, loss in losses.items():
            if loss is not None:
                self._add_point(name, int(step), float(loss))
        if time.monotonic() - self._sent_at >= SECONDS_BETWEEN_MESSAGES:
            self._send_new()

    def _add_point(self, name: str, step: int, loss: float) -> None:
        points = self.points.setdefault(name, [])
        if points and step <= points[-1][0]:
            raise ValueError(
                f"step {step} of {name!r} comes after step {points[-1][0]}: steps must "
                "rise"
            )
        shown = POINTS_PER_CURVE * step // self.total_steps
        if not points or shown > POINTS_PER_CURVE * points[-1][0] // self.total_steps:
            self._thin.append(_row(name, (step, loss)))
        points.append((step, loss))

    def _newest(self) -> list[Row]:
        return [_row(name, points[-1]) for name, points in self.points.items()]

    def _send_new(self) -> None:
        rows = self._thin[self._n_sent :]
        self.send({"rows": rows, "newest": self._newest()})
        self._n_sent = len(self._thin)
        self._sent_at = time.monotonic()

    def finish(self) -> None:
        """Store the whole curve in the widget's state, so that later views have it."""
        self._send_new()
        last = [row for row in self._newest() if row not in self._thin]
        with self.hold_sync():
            self.history = [*self._thin, *last]
            self.finished = True
        if self._handle is not None:
            self._handle.update(self)

    @property
    def step(self) -> int:
        """The step that is read off: `look`, or the newest one."""
        newest = [points[-1][0] for points in self.points.values()]
        return self.look if self.look is not None else max(newest, default=0)

    def losses(self) -> dict[str, float]:
        """Each curve's loss in nats at `step`, where it has been measured by then."""
        found = {
            name: [loss for at, loss in points if at <= self.step]
            for name, points in self.points.items()
        }
        return {name: values[-1] for name, values in found.items() if values}

    def _told_lines(self) -> str:
        return ", ".join(f"{label} {loss:.2f}" for label, loss in self.lines.items())

    def describe(self) -> str:
        """The losses at the step that is read off, first and lowest, and the lines."""
        state = "finished" if self.finished else "training" if self.points else "empty"
        lines = [f"TrainingCurve at step {self.step} of {self.total_steps} ({state})"]
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
        labels = [(loss, label, GREY) for label, loss in self.lines.items()]
        for loss in self.lines.values():
            axes.axhline(loss, color=GREY, linewidth=0.9, linestyle=(0, (5, 4)))
        for i, (name, points) in enumerate(self.points.items()):
            color, dash = COLORS[i % 4], DASHES[i % 4]
            steps, losses = zip(*points, strict=True)
            axes.plot(steps, losses, color=color, linestyle=dash, linewidth=1.6)
            last = next((v for v in reversed(losses) if math.isfinite(v)), None)
            if last is not None:
                labels.append((last, name, color))
        if self.loss_range:
            axes.set_ylim(*self.loss_range)
        axes.set_xlim(0, self.total_steps)
        low, high = axes.get_ylim()
        shown = [row for row in labels if low <= row[0] <= high]
        places = spread([row[0] for row in shown], 0.065 * (high - low), low, high)
        for place, (loss, label, color) in zip(places, shown, strict=True):
            axes.annotate(
                f"{label}: {loss:.2f}",
                xy=(1.0, loss),
                xytext=(1.03, place),
                xycoords=("axes fraction", "data"),
                textcoords=("axes fraction", "data"),
                va="center",
                fontsize=9,
                color=color,
                arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6},
                annotation_clip=False,
            )
        title = "The loss while the model learns"
        axes.set(title=title, xlabel="training step", ylabel="loss (nats)")
        told = ", ".join(f"{name} {loss:.2f}" for name, loss in self.losses().items())
        return Picture(
            figure,
            f"Loss curve at step {self.step} of {self.total_steps}: "
            f"{told or 'no loss yet'}. Lines: {self._told_lines() or 'none'}.",
        )


def _row(name: str, point: tuple[int, float]) -> Row:
    """A point as the browser reads it; null stands for a loss that is not a number."""
    step, loss = point
    return [name, step, loss if math.isfinite(loss) else None]
