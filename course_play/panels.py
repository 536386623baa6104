"""Bars of the same labels side by side; a curve with the points a text speaks of."""

from collections.abc import Mapping, Sequence

from course_play.plots import (
    BLUE,
    GREY,
    ORANGE,
    Picture,
    label_bars,
    new_axes,
    new_figure,
    on_paper,
)

MOST = 4


def plot_panels(
    panels: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    title: str,
    *,
    same_scale: bool = False,
) -> Picture:
    """Panels of bars over the same labels, from left to right, up to four.

    Args:
        panels: name above a panel -> a value for each label.
        labels: under the bars of each panel.
        title: states the finding.
        same_scale: one scale for all panels, as for several distributions.

    Raises:
        ValueError: for no panels or more than four, or values that do not fit.

    >>> plot_panels({"score": [1, -1], "share": [0.9, 0.1]}, ["a", "b"], "Two steps")
    Two steps. 2 panels of bars. score: a 1.00, b -1.00. share: a 0.90, b 0.10.
    """
    if not 1 <= len(panels) <= MOST:
        raise ValueError(f"{len(panels)} panels: give 1 to {MOST}")
    for name, values in panels.items():
        if len(values) != len(labels):
            raise ValueError(f"{name!r} has {len(values)} values, not {len(labels)}")
    width = max(1.9, 0.2 * len(labels) + 0.8) * len(panels) + 0.6
    figure = new_figure(max(width, 6.0), 3.0)
    row = figure.subplots(1, len(panels), squeeze=False, sharey=same_scale)[0]
    on_paper(*row)
    told = []
    for axes, (name, values) in zip(row, panels.items(), strict=True):
        bars = axes.bar(range(len(labels)), values, color=BLUE)
        if len(labels) <= 8:
            axes.bar_label(bars, [f"{v:.2f}" for v in values], fontsize=9, padding=2)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.margins(y=0.16)
        axes.set_title(name, fontsize=11)
        label_bars(axes, labels)
        listed = ", ".join(f"{k} {v:.2f}" for k, v in zip(labels, values, strict=True))
        told.append(f"{name}: {listed}.")
    figure.suptitle(title)
    many = f"{len(panels)} panel{'s' * (len(panels) > 1)} of bars"
    return TitledPicture(figure, f"{title}. {many}. {' '.join(told)}")


class TitledPicture(Picture):
    """A picture whose alt text begins with its title, which stands over all panels."""

    def __repr__(self) -> str:
        return self.alt


def plot_marked(
    curve: tuple[Sequence[float], Sequence[float]],
    points: Mapping[str, tuple[float, float]],
    title: str,
    *,
    xlabel: str,
    ylabel: str,
) -> Picture:
    """A curve with named points on it, each with a dashed line down to the x axis.

    Args:
        curve: x values, rising, and their y values.
        points: what is written at a point -> its x and y.
        title: states the finding.
        xlabel: what is below.
        ylabel: what is at the left.

    Raises:
        ValueError: if the curve has less than two points.

    >>> square = ([-1, 0, 1], [1, 0, 1])
    >>> plot_marked(square, {"least": (0, 0)}, "A square", xlabel="x", ylabel="y")
    A square: y against x, from 1.00 at -1.00 to 1.00 at 1.00. Marked: least at 0.00, \
0.00.
    """
    x, y = (list(map(float, values)) for values in curve)
    if len(x) < 2 or len(x) != len(y):
        raise ValueError(f"{len(x)} x and {len(y)} y values: give two or more of both")
    figure, axes = new_axes(6.8, 3.6)
    axes.plot(x, y, color=BLUE)
    bottom = axes.get_ylim()[0]
    told = []
    for name, (px, py) in points.items():
        axes.plot([px, px], [bottom, py], color=GREY, linewidth=0.8, linestyle="--")
        axes.plot([px], [py], "o", color=ORANGE, markersize=7)
        side = _free_side(x, y, px)
        axes.annotate(
            name, (px, py), xytext=(7 * side, 6 if side else 12), fontsize=9,
            textcoords="offset points", ha=("right", "center", "left")[side + 1],
        )  # fmt: skip
        told.append(f"{name} at {px:.2f}, {py:.2f}")
    axes.set_ylim(bottom=bottom)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    first, last = (round(value, 2) + 0.0 for value in (y[0], y[-1]))  # no -0.00
    ends = f"from {first:.2f} at {x[0]:.2f} to {last:.2f} at {x[-1]:.2f}"
    marked = f" Marked: {'; '.join(told)}." if told else ""
    return Picture(figure, f"{ylabel} against {xlabel}, {ends}.{marked}")


def _free_side(x: Sequence[float], y: Sequence[float], at: float) -> int:
    """Where a label above the curve covers it least: -1 left, 0 centre, 1 right."""
    after = next((i for i in range(1, len(x) - 1) if x[i] >= at), len(x) - 1)
    rise = (y[after] - y[after - 1]) / (x[after] - x[after - 1])
    slope = rise * (x[-1] - x[0]) / ((max(y) - min(y)) or 1.0)
    return 0 if abs(slope) < 0.3 else -1 if slope > 0 else 1
