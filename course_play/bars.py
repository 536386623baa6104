"""Bars that lie, for names that are long: shares with their errors, several series."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_play.plots import COLORS, GREY, PAPER, Picture, hatch_bar, new_axes

HATCHES = ("", "//", "..", "xx")


def plot_bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    title: str,
    *,
    xlabel: str,
    errors: Mapping[str, Sequence[float]] | None = None,
    lines: Mapping[str, float] | None = None,
) -> Picture:
    """Lying bars, one group a label; up to four series, told apart by colour and hatch.

    Args:
        labels: of the groups, the first one on top.
        series: name -> a value for each label.
        title: states the finding.
        xlabel: what is measured.
        errors: name of a series -> its standard errors, drawn as whiskers.
        lines: name -> where a dashed line stands, such as a floor.

    Raises:
        ValueError: if there are no series or more than four, or values or errors do
            not fit the labels.

    >>> plot_bars(["a", "b"], {"share": [0.5, 1]}, "Two", xlabel="share of cases")
    Two: share of cases. share: a 0.50, b 1.00.
    """
    errors, n = errors or {}, len(series)
    if not 1 <= n <= len(COLORS):
        raise ValueError(f"{n} series: give 1 to {len(COLORS)}")
    for name, values in (*series.items(), *errors.items()):
        if len(values) != len(labels):
            raise ValueError(f"{name!r} has {len(values)} values, not {len(labels)}")
    figure, axes = new_axes(6.8, 1.1 + len(labels) * (0.16 + 0.17 * n))
    told = []
    for i, (name, values) in enumerate(series.items()):
        places = [y + (i - (n - 1) / 2) * 0.8 / n for y in range(len(labels))]
        bars = axes.barh(
            places, values, 0.8 / n, label=name, color=COLORS[i],
            xerr=errors.get(name), ecolor=GREY, capsize=3,
        )  # fmt: skip
        for bar in bars if i else ():
            hatch_bar(bar, COLORS[i], PAPER, HATCHES[i])
        axes.bar_label(bars, [f"{v:.2f}" for v in values], fontsize=8, padding=3)
        listed = ", ".join(f"{k} {v:.2f}" for k, v in zip(labels, values, strict=True))
        told.append(f"{name}: {listed}.")
    for name, x in (lines or {}).items():
        _draw_line(axes, name, x)
        told.append(f"Line: {name} at {x:.2f}.")
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    if min(min(values) for values in series.values()) >= 0:
        axes.set_xlim(left=0)  # also where a whisker would reach below
    axes.set(title=title, xlabel=xlabel)
    if n > 1:
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return Picture(figure, f"{xlabel}. {' '.join(told)}")


def _draw_line(axes: Axes, name: str, x: float) -> None:
    """A dashed line from bottom to top, its name and place at the top."""
    axes.axvline(x, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.annotate(
        f"{name}: {x:.2f}", (x, 1.0), xycoords=("data", "axes fraction"),
        xytext=(3, -2), textcoords="offset points", va="top", fontsize=8,
    )  # fmt: skip
