"""Drawings of boxes: a flow of steps, a graph of what is computed from what, tables.

`plot_flow`, `plot_graph` and `plot_grids` make a `Picture`, as `plots` does; its alt
text holds all that stands in the picture.
"""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_play.graphs import Node as Node
from course_play.graphs import plot_graph as plot_graph
from course_play.grids import Grid as Grid
from course_play.grids import plot_grids as plot_grids
from course_play.plots import BLUE as BLUE
from course_play.plots import GREEN as GREEN
from course_play.plots import GREY as GREY
from course_play.plots import ORANGE as ORANGE
from course_play.plots import PINK as PINK
from course_play.plots import Picture
from course_play.shapes import (
    WIDEST,
    WORD,
    Drawing,
    Part,
    check_color,
    color_told,
    draw_arrow,
    draw_part,
    in_lines,
    listed,
    new_sheet,
    part_size,
    spoken,
    text_size,
    write,
)

TIP, BETWEEN = 0.42, 0.5
"""Inches: the shortest arrow, and the space between rows of boxes."""


def plot_flow(
    steps: Sequence[tuple[str, str]],
    title: str,
    *,
    arrows: Sequence[str] = (),
    colors: Sequence[str] = (),
    per_row: int = 0,
) -> Picture:
    """Boxes from left to right, joined by arrows.

    Args:
        steps: a name and a note below it, such as a shape; the note may be empty.
        title: states the finding.
        arrows: words on the arrows, one less than steps; they may be empty.
        colors: of the boxes, grey if none are given.
        per_row: after so many boxes a new row begins; 0: as many as fit.

    Raises:
        ValueError: for no steps, or arrows, colours or a row that do not fit them.

    >>> plot_flow([("text", "abc"), ("tokens", "(3,)")], "In", arrows=["look up"])
    In: A flow of 2 boxes: text, abc; tokens, (3,); arrows: look up.
    """
    _check_flow(len(steps), arrows, colors, per_row)
    colors = colors or [GREY] * len(steps)
    boxes = [
        Part(in_lines(name, 20), in_lines(note, 24), check_color(color))
        for (name, note), color in zip(steps, colors, strict=True)
    ]
    words = list(arrows) or [""] * (len(steps) - 1)
    per_row = per_row or _fitting(boxes, words)
    told = "; ".join(
        listed(name, note, color_told(color))
        for (name, note), color in zip(steps, colors, strict=True)
    )
    alt = f"A flow of {len(steps)} box{'es' * (len(steps) > 1)}: {told}"
    if any(arrows):
        alt += f"; arrows: {', '.join(spoken(word) or 'no word' for word in arrows)}"
    return Drawing(_draw_flow(boxes, words, per_row, title), f"{alt}.")


def _check_flow(
    n_steps: int, arrows: Sequence[str], colors: Sequence[str], per_row: int
) -> None:
    if not n_steps:
        raise ValueError("no steps: give at least one (name, note)")
    if arrows and len(arrows) != n_steps - 1:
        raise ValueError(
            f"{len(arrows)} arrows for {n_steps} steps: give {n_steps - 1} or none"
        )
    if colors and len(colors) != n_steps:
        raise ValueError(
            f"{len(colors)} colors for {n_steps} steps: give one for each or none"
        )
    if per_row < 0:
        raise ValueError(f"per_row is {per_row}: give 1 or more, or 0 for what fits")


def _columns(
    boxes: Sequence[Part], words: Sequence[str], per_row: int
) -> tuple[list[float], list[float]]:
    """Widths of the columns of boxes, and of the gaps between them."""
    n, last = min(per_row, len(boxes)), len(boxes) - 1
    wide = [max(part_size(box)[0] for box in boxes[j::per_row]) for j in range(n)]
    gaps = [
        max(
            max(TIP, text_size(_two_lines(words[i]), WORD)[0] + 0.34)
            for i in range(j, last, per_row)
        )
        for j in range(n - 1)
    ]
    return wide, gaps


def _fitting(boxes: Sequence[Part], words: Sequence[str]) -> int:
    """So many boxes in a row that the page holds it, all rows about equally long."""
    n = len(boxes)
    for rows in range(1, n + 1):
        per_row = -(-n // rows)
        wide, gaps = _columns(boxes, words, per_row)
        if sum(wide) + sum(gaps) <= WIDEST:
            return per_row
    return 1


def _two_lines(word: str) -> str:
    return in_lines(word, max(14, len(word) // 2 + 4))


def _draw_flow(
    boxes: Sequence[Part], words: Sequence[str], per_row: int, title: str
) -> Figure:
    wide, gaps = _columns(boxes, words, per_row)
    high = max(part_size(box)[1] for box in boxes)
    inner, n_rows = sum(wide) + sum(gaps), -(-len(boxes) // per_row)
    turns = words[per_row - 1 :: per_row]
    if per_row == 1:  # words stand beside the arrows
        turns = words = [_two_lines(word) for word in words]
    sizes = [text_size(word, WORD) for word in turns]
    beside = max((2 * size[0] + 0.3 for size in sizes), default=0.0)
    above = max((size[1] for size in sizes), default=0.0)
    between = max(BETWEEN, above + 0.2 if per_row == 1 else 2 * above + 0.3)
    width = max(inner, beside) if per_row == 1 else inner
    figure, axes = new_sheet(width, n_rows * (high + between) - between, title)
    left = (width - inner) / 2
    places = [
        (left + sum(wide[:j]) + sum(gaps[:j]), i * (high + between), wide[j])
        for i, j in (divmod(n, per_row) for n in range(len(boxes)))
    ]
    for (x, y, w), box in zip(places, boxes, strict=True):
        draw_part(axes, (x + w / 2, y + high / 2), (w, high), box)
    for (start, end), word in zip(pairwise(places), words, strict=True):
        if start[1] == end[1]:
            _join(axes, (start[0] + start[2], end[0]), start[1] + high / 2, word)
        else:
            _turn(axes, start, end, high, word)
    return figure


def _join(axes: Axes, ends: tuple[float, float], y: float, word: str) -> None:
    """An arrow to the box at the right, its words above it."""
    draw_arrow(axes, (ends[0], y), (ends[1], y))
    write(axes, (sum(ends) / 2, y - 0.06), _two_lines(word), WORD, va="bottom")


def _turn(
    axes: Axes,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    high: float,
    word: str,
) -> None:
    """An arrow to the first box of the next row, its words on its level part."""
    x, to_x = start[0] + start[2] / 2, end[0] + end[2] / 2
    bottom, top = start[1] + high, end[1]
    level = (bottom + top) / 2
    if x == to_x:
        draw_arrow(axes, (x, bottom), (x, top))
        write(axes, (x + 0.12, level), word, WORD, ha="left")
        return
    draw_arrow(axes, (x, bottom), (x, level), (to_x, level), (to_x, top))
    write(axes, ((x + to_x) / 2, level - 0.04), word, WORD, va="bottom")
