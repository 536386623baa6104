"""Points that were measured, lines through them, and a search for the best of them."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_play.plots import (
    COLORS,
    DASHES,
    GREY,
    Picture,
    draw_lines,
    new_axes,
    scale_log_x,
    scale_log_y,
)

MARKS = ("o", "s", "^", "D")
Series = tuple[Sequence[float], Sequence[float]]
"""x values and as many y values."""


def plot_points(
    points: Mapping[str, Series],
    title: str,
    *,
    xlabel: str,
    ylabel: str,
    lines: Mapping[str, Series] | None = None,
    rings: Mapping[str, tuple[float, float]] | None = None,
    log_x: bool = True,
    log_y: bool = False,
    ticks: Sequence[float] | None = None,
) -> Picture:
    """Single measurements, lines through them, and rings around those to look at.

    Args:
        points: name -> x values and y values; up to four names.
        title: states the finding.
        xlabel: what is below.
        ylabel: what is at the left.
        lines: name -> a line; that of a name in `points` has its colour.
        rings: what is written at a ring -> its x and y.
        log_x: a logarithmic x axis.
        log_y: a logarithmic y axis.
        ticks: the numbers under the x axis, if the usual ones will not do.

    Raises:
        ValueError: for no points, more than four names, or x and y that do not fit.

    >>> tried = {"Adam": ([1, 10], [3.0, 2.0])}
    >>> plot_points(tried, "Ten is best", xlabel="rate", ylabel="loss")
    Ten is best: loss against rate. Adam: 3.00 at 1, 2.00 at 10.
    """
    if not 1 <= len(points) <= len(COLORS):
        raise ValueError(f"{len(points)} names: give 1 to {len(COLORS)}")
    for name, (x, y) in {**points, **(lines or {})}.items():
        if len(x) != len(y) or not len(x):
            raise ValueError(f"{name!r} has {len(x)} x and {len(y)} y values")
    figure, axes = new_axes(6.4, 3.5)
    told = []
    for i, (name, (x, y)) in enumerate(points.items()):
        axes.plot(x, y, MARKS[i], label=name, color=COLORS[i], markersize=5)
        pairs = zip(x, y, strict=True)
        listed = ", ".join(f"{value:.2f} at {place:g}" for place, value in pairs)
        told.append(f"{name}: {listed}.")
    told += _draw_lines(axes, list(points), lines or {})
    told += _draw_rings(axes, rings or {})
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if log_x:
        scale_log_x(axes, ticks)
    elif ticks is not None:
        axes.set_xticks(ticks)
    if log_y:
        scale_log_y(axes)
    if len(axes.get_legend_handles_labels()[0]) > 1:
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return Picture(figure, f"{ylabel} against {xlabel}. {' '.join(told)}")


def _draw_lines(
    axes: Axes, names: Sequence[str], lines: Mapping[str, Series]
) -> list[str]:
    """Each line; those without points of their name are grey, and in the legend."""
    told = []
    for name, (x, y) in lines.items():
        i = names.index(name) if name in names else -1
        label = "_" if i >= 0 else name
        color = COLORS[i] if i >= 0 else GREY
        axes.plot(x, y, DASHES[max(i, 0)], color=color, linewidth=1.2, label=label)
        told.append(f"Line {name} from {y[0]:.2f} at {x[0]:g} to {y[-1]:.2f}.")
    return told


def _draw_rings(axes: Axes, rings: Mapping[str, tuple[float, float]]) -> list[str]:
    """A ring at each place, and its name beside it."""
    told = []
    for name, (x, y) in rings.items():
        axes.plot([x], [y], "o", color=GREY, markersize=13, fillstyle="none")
        axes.annotate(
            name, (x, y), xytext=(0, 9), textcoords="offset points", fontsize=9,
            ha="center", va="bottom",
        )  # fmt: skip
        told.append(f"Ring: {name} at {x:g}, {y:.2f}.")
    axes.margins(x=0.08, y=0.16)
    return told


def plot_search(
    curves: Mapping[str, Mapping[float, float]],
    title: str,
    *,
    xlabel: str,
    ylabel: str,
    lines: Mapping[str, float] | None = None,
    top: float | None = None,
) -> Picture:
    """A search for the best setting: one curve for each rival, its minimum circled.

    Args:
        curves: a name -> settings (x, on a logarithmic axis) and what was measured.
        title: states the finding.
        xlabel: what was searched.
        ylabel: what should be small.
        lines: named heights to compare with.
        top: the picture ends here; what is higher leaves it.

    Raises:
        ValueError: for no curve, more than four, or a curve without two settings.

    >>> search = {"a": {0.1: 3.0, 0.2: 2.0, 0.4: 2.5}, "b": {0.1: 2.0, 0.2: 2.5}}
    >>> plot_search(search, "b is best at 0.1", xlabel="rate", ylabel="loss")
    b is best at 0.1: loss against rate. Minima: a 2.00 at 0.2, b 2.00 at 0.1.
    """
    if not 1 <= len(curves) <= 4 or any(len(curve) < 2 for curve in curves.values()):
        raise ValueError("give 1 to 4 curves, each with two settings or more")
    tried = {name: (list(c), list(c.values())) for name, c in curves.items()}
    settings = sorted({x for curve in curves.values() for x in curve})
    drawn = plot_points(
        tried, title, xlabel=xlabel, ylabel=ylabel, lines=tried, ticks=settings
    )
    axes, told = drawn.figure.axes[0], []
    for i, (name, curve) in enumerate(curves.items()):
        best = min(curve, key=lambda x: curve[x])
        axes.plot(
            [best], [curve[best]], "o", color=COLORS[i], markersize=11 + 3 * i,
            fillstyle="none", markeredgewidth=1.6,
        )  # fmt: skip
        told.append(f"{name} {curve[best]:.2f} at {best:g}")
    draw_lines(axes, lines or {})
    told += [f"line {name} {height:.2f}" for name, height in (lines or {}).items()]
    if top is not None:
        axes.set_ylim(top=top)
    alt = f"{ylabel} against {xlabel}. Minima: {', '.join(told)}."
    return Picture(drawn.figure, alt)
