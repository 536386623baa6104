"""Pictures of the course: matplotlib figures that carry their own description.

Every `plot_*` function returns a `Picture`: shown as PNG with alt text in a
notebook, as one line of text in a terminal, to nbval and to a screen reader.
The colours are those of Okabe and Ito (2008), safe for colour-blind readers.
"""

import io
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from torch import Tensor

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY = "#666666"
PAPER, EDGE = "#FAFAFA", "#C8C8C8"  # what pictures are drawn on, light or dark page
COLORS = (BLUE, ORANGE, GREEN, PINK)
DASHES = ("-", "--", ":", "-.")
DPI = 90


class Picture:
    """A matplotlib figure with alt text.

    Args:
        figure: what to show.
        alt: one or two sentences that say what the picture shows.

    Raises:
        ValueError: if `alt` is empty.

    >>> figure, axes = new_axes()
    >>> _ = axes.set_title("Two points")
    >>> Picture(figure, "A line from 0 to 1.")
    Two points: A line from 0 to 1.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        if not alt.strip():
            raise ValueError(f"alt text is {alt!r}: say what the picture shows")
        self.figure = figure
        self.alt = alt

    def __repr__(self) -> str:
        titles = [axes.get_title() for axes in self.figure.axes]
        title = next((t for t in titles if t), "")
        return f"{title}: {self.alt}" if title else self.alt

    def png(self) -> bytes:
        """The picture as PNG bytes, the same bytes on each call."""
        buffer = io.BytesIO()
        with (
            warnings.catch_warnings()
        ):  # a letter that the font lacks is drawn as a box
            warnings.filterwarnings("ignore", r"Glyph .* missing from font")
            self.figure.savefig(
                buffer, format="png", dpi=DPI, metadata={"Software": None}
            )
        self.figure.set_layout_engine("none")  # a second layout moves things again
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data = {"image/png": self.png(), "text/plain": repr(self)}
        return data, {"image/png": {"alt": self.alt}}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches, a light card with an edge.

    >>> new_figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    return Figure(
        (width, height),
        facecolor=PAPER,
        edgecolor=EDGE,
        linewidth=2,
        layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1),
    )


def on_paper(*panels: Axes) -> None:
    """Draw `panels` on the figure's ground, without lines above and at the right.

    >>> axes = new_figure(4, 3).subplots()
    >>> on_paper(axes)
    >>> axes.spines.top.get_visible(), axes.spines.left.get_visible()
    (False, True)
    """
    for axes in panels:
        axes.set_facecolor(PAPER)
        axes.spines[["top", "right"]].set_visible(False)


def new_axes(width: float = 6.0, height: float = 3.2) -> tuple[Figure, Axes]:
    """A figure of `width` x `height` inches with one axes, no pyplot state.

    >>> new_axes(4, 3)[0].get_size_inches().tolist()
    [4.0, 3.0]
    """
    figure = new_figure(width, height)
    axes = figure.subplots()
    on_paper(axes)
    return figure, axes


def hatch_bar(
    bar: Rectangle, color: str = ORANGE, lines: str = PAPER, hatch: str = "//"
) -> None:
    """Mark a bar by colour and by stripes, for readers who cannot tell the colours.

    >>> _, axes = new_axes()
    >>> hatch_bar(axes.bar([0], [1])[0])
    >>> axes.patches[0].get_hatch()
    '//'
    """
    bar.set_edgecolor(lines)  # before the hatch, which takes its colour from here
    bar.set(facecolor=color, hatch=hatch)


def label_bars(axes: Axes, labels: Sequence[str]) -> None:
    """Write `labels` under the bars 0, 1, ..., all letters on one line of writing.

    >>> _, axes = new_axes()
    >>> label_bars(axes, [".", "a"])
    >>> [text.get_text() for text in axes.get_xticklabels()]
    ['.', 'a']
    """
    axes.set_xticks(range(len(labels)), labels, va="baseline")
    more_lines = max((label.count("\n") for label in labels), default=0)
    axes.tick_params(axis="x", pad=13 + 13 * more_lines)  # points to the last line


def _numbers(values: Sequence[float] | Tensor) -> list[float]:
    """Plain floats from a list or a 1-D tensor."""
    return torch.as_tensor(values, dtype=torch.float64).flatten().tolist()


def plot_probs(
    probs: Sequence[float] | Tensor,
    labels: Sequence[str],
    title: str,
    *,
    mark: str | None = None,
) -> Picture:
    """Bars of a distribution, one per label; `mark` is drawn in a second colour.

    Raises:
        ValueError: if there are not as many labels as probabilities.

    >>> plot_probs([0.25, 0.75], ["heads", "tails"], "A bent coin")
    A bent coin: Bars: heads 0.25, tails 0.75.
    """
    values = _numbers(probs)
    if len(values) != len(labels):
        raise ValueError(
            f"{len(values)} probabilities need as many labels, not {len(labels)}"
        )
    figure, axes = new_axes(max(3.5, 0.24 * len(values) + 1.5), 2.6)
    bars = axes.bar(range(len(values)), values, color=BLUE)
    if mark is not None:
        hatch_bar(bars[list(labels).index(mark)])
    label_bars(axes, labels)
    axes.set(title=title, ylabel="probability")
    if len(values) <= 10:
        axes.bar_label(bars, [f"{v:.2f}" for v in values], fontsize=9)
        axes.margins(y=0.12)  # room for the numbers
    top = sorted(zip(values, labels, strict=True), key=lambda row: -row[0])[:8]
    shown = zip(values, labels, strict=True) if len(values) <= 8 else top
    listed = ", ".join(f"{label} {value:.2f}" for value, label in shown)
    head = "Bars" if len(values) <= 8 else f"Bars of {len(values)}, the tallest"
    return Picture(figure, f"{head}: {listed}.")


def plot_curves(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    *,
    xlabel: str,
    ylabel: str,
    lines: Mapping[str, float] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    ticks: Sequence[float] | None = None,
) -> Picture:
    """Named curves (x values, y values) with labelled horizontal reference lines.

    `ticks` are the numbers under the x axis, if the usual ones will not do.

    >>> curve = {"train": ([0, 1], [3.3, 2.0])}
    >>> plot_curves(curve, "Loss falls", xlabel="step", ylabel="nats", lines={"a": 1})
    Loss falls: nats against step: train from 3.30 to 2.00. Lines: a at 1.00.
    """
    figure, axes = new_axes(6.8, 3.6 if len(curves) > 1 else 3.4)
    told = []
    for i, (label, (x, y)) in enumerate(curves.items()):
        axes.plot(x, y, label=label, color=COLORS[i % 4], linestyle=DASHES[i % 4])
        told.append(f"{label} from {y[0]:.2f} to {y[-1]:.2f}")
    draw_lines(axes, lines or {})
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if log_x:
        scale_log_x(axes, ticks)
    elif ticks is not None:
        axes.set_xticks(ticks)
    if log_y:
        scale_log_y(axes)
    if len(curves) > 1:  # below the picture, where it covers no curve
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    alt = f"{ylabel} against {xlabel}: {'; '.join(told)}."
    if lines:
        listed = ", ".join(f"{label} at {y:.2f}" for label, y in lines.items())
        alt += f" Lines: {listed}."
    return Picture(figure, alt)


def draw_lines(axes: Axes, lines: Mapping[str, float]) -> None:
    """Horizontal lines to compare with, their names at the right.

    >>> _, axes = new_axes()
    >>> draw_lines(axes, {"floor": 1.5})
    >>> [text.get_text() for text in axes.texts]
    ['floor: 1.50']
    """
    for label, height in lines.items():
        axes.axhline(height, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{label}: {height:.2f}",
            (1.01, height),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
        )


def scale_log_x(axes: Axes, ticks: Sequence[float] | None) -> None:
    """A logarithmic x axis, with these numbers under it if they are given."""
    axes.set_xscale("log")
    if ticks is not None:
        axes.set_xticks(ticks)
        axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")  # 100, not 10^2


def scale_log_y(axes: Axes) -> None:
    """A logarithmic y axis with numbers that can be read."""
    axes.set_yscale("log")
    bottom, top = axes.get_ylim()
    named = "1235" if top < 1000 * bottom else "1"  # else the words would touch
    for set_format in (
        axes.yaxis.set_major_formatter,
        axes.yaxis.set_minor_formatter,
    ):
        set_format(lambda y, _: f"{y:,.10g}" if f"{y:e}"[0] in named else "")


def plot_heat_map(
    values: Tensor,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    xlabel: str = "",
    ylabel: str = "",
    scale: str = "",
) -> Picture:
    """A matrix (R, K) as colours, light for small and dark for large values.

    Args:
        values: the matrix; what is nan stays blank, for example a masked future.
        rows: a label for each row.
        columns: a label for each column.
        title: the finding.
        xlabel: what the columns are.
        ylabel: what the rows are.
        scale: what the colours mean, written beside their scale.

    Raises:
        ValueError: if the labels do not fit the matrix.

    >>> plot_heat_map(torch.eye(2), ["a", "b"], ["x", "y"], "Identity")
    Identity: Heat map of 2 rows and 2 columns; the largest value is 1.00 at row a, \
column x.
    """
    if tuple(values.shape) != (len(rows), len(columns)):
        raise ValueError(
            f"values are {tuple(values.shape)}, labels say "
            f"({len(rows)}, {len(columns)})"
        )
    side = 0.2 * max(len(rows), len(columns)) + 1.4
    figure, axes = new_axes(side + 0.8, side)
    array = values.detach().cpu().double().numpy()
    image = axes.imshow(array, cmap="cividis_r", aspect="auto")
    figure.colorbar(image, ax=axes, label=scale)
    crowded = len(columns) > 8 and max(map(len, columns)) > 3
    turn = 90 if crowded else 0
    axes.set_xticks(range(len(columns)), columns, fontsize=8, rotation=turn)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    largest = values.double().nan_to_num(nan=-math.inf).argmax()
    r, c = divmod(int(largest), array.shape[1])
    return Picture(
        figure,
        f"Heat map of {len(rows)} rows and {len(columns)} columns; the largest value "
        f"is {array[r, c]:.2f} at row {rows[r]}, column {columns[c]}.",
    )
