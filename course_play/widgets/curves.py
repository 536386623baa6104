"""What widgets share whose curves grow while a model trains."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import traitlets
from matplotlib.axes import Axes

from course_play.plots import COLORS, DASHES, GREY
from course_play.widgets.base import CourseWidget

POINTS_PER_CURVE = 1000
SECONDS_BETWEEN_MESSAGES = 0.1
VIEW = "application/vnd.jupyter.widget-view+json"

Row = list[Any]  # [name, step, value or None]
Points = Mapping[str, Sequence[tuple[int, float]]]


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


def draw_curves(
    axes: Axes,
    points: Points,
    lines: Mapping[str, float],
    total_steps: int,
    loss_range: Sequence[float] = (),
) -> None:
    """Curves with their names, and the lines with theirs, in the right margin.

    >>> from course_play.plots import new_axes
    >>> axes = new_axes()[1]
    >>> draw_curves(axes, {"train": [(0, 3.3), (5, 2.0)]}, {"floor": 1.0}, 10)
    >>> [text.get_text() for text in axes.texts]
    ['floor: 1.00', 'train: 2.00']
    """
    labels = [(loss, label, GREY) for label, loss in lines.items()]
    for loss in lines.values():
        axes.axhline(loss, color=GREY, linewidth=0.9, linestyle=(0, (5, 4)))
    for i, (name, curve) in enumerate(points.items()):
        color, dash = COLORS[i % 4], DASHES[i % 4]
        steps, losses = zip(*curve, strict=True)
        axes.plot(steps, losses, color=color, linestyle=dash, linewidth=1.6)
        last = next((v for v in reversed(losses) if math.isfinite(v)), None)
        if last is not None:
            labels.append((last, name, color))
    if loss_range:
        axes.set_ylim(*loss_range)
    axes.set_xlim(0, total_steps)
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


class GrowingCurves(CourseWidget):
    """Curves by step that grow while a model trains; a subclass says what they show.

    Points go to the browser at most ten times a second, at most 1000 for a curve.

    Args:
        total_steps: how long the training will be.
        lines: named losses to compare with.
        state: further traits of the subclass.

    Raises:
        ValueError: for total_steps below 1, or a line that is not finite.
    """

    total_steps = traitlets.Int(1).tag(sync=True)
    lines = traitlets.Dict().tag(sync=True)
    history: traitlets.List[Row] = traitlets.List().tag(sync=True)
    look = traitlets.Int(None, allow_none=True).tag(sync=True)
    finished = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, total_steps: int, lines: Mapping[str, float], **state: Any
    ) -> None:
        if total_steps < 1:
            raise ValueError(f"total_steps is {total_steps}: it must be 1 or more")
        for label, loss in lines.items():
            if not math.isfinite(loss):
                raise ValueError(f"line {label!r} is at {loss}: it must be finite")
        self.points: dict[str, list[tuple[int, float]]] = {}
        self._thin: list[Row] = []
        self._n_sent = 0
        self._sent_at = -math.inf
        self._handle: Any = None
        super().__init__(
            total_steps=int(total_steps),
            lines={str(label): float(loss) for label, loss in lines.items()},
            **state,
        )

    def show(self) -> None:
        """Show it live here until `finish`; a cell stores it by ending with it."""
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            view = {VIEW: self._repr_mimebundle_()[0][VIEW]}
            self._handle = display(view, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def _add_points(self, step: int, values: Mapping[str, Any], **more: Any) -> None:
        """One point for each value that is not None; `more` goes with the message."""
        if self.finished:
            raise ValueError(f"step {step} comes after finish(): make a new curve")
        if not 0 <= step <= self.total_steps:
            raise ValueError(f"step is {step}: it must be in 0 .. {self.total_steps}")
        for name, value in values.items():
            if value is not None:
                self._add_point(name, int(step), float(value))
        if time.monotonic() - self._sent_at >= SECONDS_BETWEEN_MESSAGES:
            self._send_new(**more)

    def _add_point(self, name: str, step: int, loss: float) -> None:
        points = self.points.setdefault(name, [])
        if points and step <= points[-1][0]:
            raise ValueError(
                f"step {step} of {name!r} comes after step {points[-1][0]}: steps must "
                "rise"
            )
        shown = POINTS_PER_CURVE * step // self.total_steps
        if not points or shown > POINTS_PER_CURVE * points[-1][0] // self.total_steps:
            self._thin.append(row_of(name, (step, loss)))
        points.append((step, loss))

    def _newest(self) -> list[Row]:
        return [row_of(name, points[-1]) for name, points in self.points.items()]

    def _send_new(self, **more: Any) -> None:
        rows = self._thin[self._n_sent :]
        self.send({"rows": rows, "newest": self._newest(), **more})
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
            self._handle.update({}, raw=True)  # nothing is left of the live view

    @property
    def step(self) -> int:
        """The step that is read off: `look`, or the newest one."""
        newest = [points[-1][0] for points in self.points.values()]
        return self.look if self.look is not None else max(newest, default=0)

    def readings(self) -> dict[str, float]:
        """Each curve's value at `step`, where it has been measured by then."""
        found = {
            name: [loss for at, loss in points if at <= self.step]
            for name, points in self.points.items()
        }
        return {name: values[-1] for name, values in found.items() if values}

    def _told_lines(self) -> str:
        return ", ".join(f"{label} {loss:.2f}" for label, loss in self.lines.items())

    def state(self) -> str:
        """How far the run is, in words."""
        now = "finished" if self.finished else "training" if self.points else "empty"
        return f"step {self.step} of {self.total_steps} ({now})"


def row_of(name: str, point: tuple[int, float]) -> Row:
    """A point as the browser reads it; null stands for a loss that is not a number.

    >>> row_of("train", (3, 2.5)), row_of("train", (4, math.nan))
    (['train', 3, 2.5], ['train', 4, None])
    """
    step, loss = point
    return [name, step, loss if math.isfinite(loss) else None]
