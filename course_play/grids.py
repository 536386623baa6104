"""Tables as little squares, side by side with signs between: shapes made visible."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, isfinite

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_play.plots import EDGE, GREY, Picture
from course_play.shapes import (
    WIDEST,
    Drawing,
    check_color,
    color_told,
    draw_box,
    listed,
    new_sheet,
    spoken,
    text_size,
    write,
)

MOST = 10
"""So many rows or columns are drawn in full."""
CELL, LABEL, SIGN, WORD_SIGN = 11, 10, 16, 12
"""Sizes of letters in points."""
SIDE, LINE, WIDEST_CELL, STRETCHED = 0.36, 0.04, 0.85, 4.5
"""Inches: a cell, the line between cells, the widest of equal columns, and how far
labels may stretch a grid before they are turned."""
SPACE, LABEL_SPACE, BETWEEN = 0.18, 0.09, 0.3
"""Inches: around a sign, beside labels, between lines of grids."""
YES, NO = "✓", "·"


@dataclass(frozen=True, eq=False)
class Grid:
    """A table of numbers or words.

    Args:
        cells: rows of cells, one row, or a tensor with up to two dimensions.
        name: stands underneath, with the shape.
        rows: a label for each row.
        columns: a label for each column.
        marks: (row, column) -> the colour of that cell.
        digits: after the point, for numbers that are not all whole.

    Raises:
        ValueError: for no cells, rows of different lengths, more than two dimensions,
            labels or marks that do not fit.

    >>> import torch
    >>> Grid(torch.tensor([0.5, 1]), "p").words
    (('0.50', '1.00'),)
    >>> Grid([["a", "b"]], columns=["1"])
    Traceback (most recent call last):
    ...
    ValueError: 1 column labels for 2 columns: give one for each or none
    """

    cells: Sequence[object] | Tensor
    name: str = ""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    digits: int = 2

    def __post_init__(self) -> None:
        shape = n_rows, n_columns = len(self.words), len(self.words[0])
        for kind, labels, n in (
            ("row", self.rows, n_rows),
            ("column", self.columns, n_columns),
        ):
            if labels and len(labels) != n:
                raise ValueError(
                    f"{len(labels)} {kind} labels for {n} {kind}s: give one for each "
                    "or none"
                )
        for (row, column), color in self.marks.items():
            check_color(color)
            if not (0 <= row < n_rows and 0 <= column < n_columns):
                raise ValueError(f"mark {row, column} is outside the cells {shape}")

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """What stands in the cells, row by row."""
        rows = _rows(self.cells)
        floats = [
            v for row in rows for v in row if isinstance(v, float) and isfinite(v)
        ]
        digits = 0 if all(v == int(v) for v in floats) else self.digits
        return tuple(tuple(_word(v, digits) for v in row) for row in rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """As torch says it: one number for a plain list, two for a table."""
        if isinstance(self.cells, Tensor):
            return tuple(self.cells.shape)
        if _is_row(self.cells):
            return (len(self.cells),)
        return len(self.words), len(self.words[0])


def _is_row(cells: Sequence[object]) -> bool:
    """Whether these are single cells and not rows of cells."""
    return all(
        isinstance(cell, str) or not isinstance(cell, Sequence) for cell in cells
    )


def _rows(cells: Sequence[object] | Tensor) -> list[list[object]]:
    """Rows of plain numbers and words, all of the same length."""
    if isinstance(cells, Tensor):
        if cells.dim() > 2:
            raise ValueError(f"shape {tuple(cells.shape)}: draw one matrix of it")
        cells = cells.detach().cpu()
        cells = (cells.reshape(1, -1) if cells.dim() < 2 else cells).tolist()
    elif _is_row(cells):
        cells = [cells]
    rows = [
        [cell.item() if isinstance(cell, Tensor) else cell for cell in row]
        for row in cells
        if isinstance(row, Sequence | Tensor)
    ]
    lengths = sorted({len(row) for row in rows})
    if not rows or lengths == [0] or len(rows) < len(cells):
        raise ValueError("no cells: give at least one row with one cell")
    if len(lengths) > 1:
        raise ValueError(f"rows of {lengths} cells: give rows of the same length")
    return rows


def _word(value: object, digits: int) -> str:
    """A cell as it is drawn, with a true minus and a tick for True."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float) and not isfinite(value):
        return {inf: "∞", -inf: "\u2212∞"}.get(value, "nan")
    if isinstance(value, float):
        return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "\u2212")
    if isinstance(value, int):
        return f"{value:,}".replace("-", "\u2212")
    return str(value)


def kept(n: int, marked: Iterable[int] = ()) -> list[int | None]:
    """Which of n lines are drawn; None stands for those left out.

    >>> kept(3)
    [0, 1, 2]
    >>> kept(27, marked=[13])
    [0, 1, 2, 3, None, 13, None, 25, 26]
    """
    if n <= MOST:
        return list(range(n))
    wish = dict.fromkeys([0, n - 1, *marked, 1, n - 2, 2, 3, 4, 5])
    shown = sorted(list(wish)[: MOST - 3])
    lines: list[int | None] = []
    for i in shown:
        if lines and i != (lines[-1] or 0) + 1:
            lines.append(None)
        lines.append(i)
    return lines


class _Block:
    """A grid on paper: which lines are drawn, and the sizes of its parts in inches."""

    def __init__(self, grid: Grid) -> None:
        self.grid, words = grid, grid.words
        self.rows = kept(len(words), sorted({row for row, _ in grid.marks}))
        self.columns = kept(len(words[0]), sorted({c for _, c in grid.marks}))
        self.left = [_label(grid.rows, row) for row in self.rows]
        self.above = [_label(grid.columns, column) for column in self.columns]
        self.widths, self.turned = self._find_widths()
        self.width, self.height = sum(self.widths), SIDE * len(self.rows)
        beside = max(text_size(label, LABEL)[0] for label in self.left)
        over = max(text_size(label, LABEL)[not self.turned] for label in self.above)
        self.over = over + LABEL_SPACE if over else 0.0
        self.caption = str(grid.shape)
        caption = max(
            text_size(grid.name, CELL, True)[0], text_size(self.caption, CELL)[0]
        )
        wider = max(0.0, (caption - self.width) / 2)
        self.before = max(beside + LABEL_SPACE if beside else 0.0, wider)
        self.whole = self.before + self.width + wider
        self.under = 0.3 + 0.24 * bool(grid.name)

    def _find_widths(self) -> tuple[list[float], bool]:
        """Widths of the columns, and whether the labels above them are turned."""
        widths = [
            max(text_size(self.word(row, column), CELL, True)[0] for row in self.rows)
            + 0.16
            for column in self.columns
        ]
        widths = [max(SIDE, width) for width in widths]
        wish = [
            max(width, text_size(label, LABEL)[0] + 0.1)
            for width, label in zip(widths, self.above, strict=True)
        ]
        if max(widths) < WIDEST_CELL:
            n = len(widths)
            widths, wish = [max(widths)] * n, [max(wish)] * n
        fits = wish == widths or sum(wish) <= STRETCHED
        return (wish, False) if fits else (widths, True)

    def word(self, row: int | None, column: int | None) -> str:
        """What is drawn in a place; dots for what is left out."""
        if row is None:
            return "⋱" if column is None else "⋮"
        return "…" if column is None else self.grid.words[row][column]

    def told(self) -> str:
        """The grid in words: all that is drawn, row by row."""
        lines = []
        if self.grid.columns:
            labels = zip(self.columns, self.above, strict=True)
            told = ("…" if i is None else spoken(label) for i, label in labels)
            lines.append(f"columns {', '.join(told)}")
        for row, label in zip(self.rows, self.left, strict=True):
            cells = [spoken(self._cell_told(row, column)) for column in self.columns]
            head = f"row {spoken(label)}: " if label else ""
            lines.append("…" if row is None else head + ", ".join(cells))
        name = listed(self.grid.name, f"shape {self.caption}")
        return f"{name}: {'; '.join(lines)}."

    def _cell_told(self, row: int | None, column: int | None) -> str:
        word = self.word(row, column)
        word = {YES: "yes", NO: "no", "": "empty"}.get(word, word)
        if row is None or column is None:
            return word
        color = self.grid.marks.get((row, column), GREY)
        return f"{word} ({color_told(color)})" if color_told(color) else word


def _label(labels: Sequence[str], i: int | None) -> str:
    return labels[i] if labels and i is not None else ""


def plot_grids(
    grids: Sequence[Grid], title: str, *, signs: Sequence[str] = ()
) -> Picture:
    """Grids side by side, with signs between them.

    Args:
        grids: what to draw; with more than ten rows or columns, some of them.
        title: states the finding.
        signs: between the grids, such as "+" and "=", one less than grids.

    Raises:
        ValueError: for no grids, or signs that do not fit them.

    >>> plot_grids([Grid([[1], [2]], "a"), Grid([[5, 6]], "b")], "Add", signs=["+"])
    Add: 2 grids, signs: +. a, shape (2, 1): 1; 2. b, shape (1, 2): 5, 6.
    """
    if not grids:
        raise ValueError("no grids: give at least one")
    if signs and len(signs) != len(grids) - 1:
        raise ValueError(
            f"{len(signs)} signs for {len(grids)} grids: give {len(grids) - 1} or none"
        )
    blocks = [_Block(grid) for grid in grids]
    told = f"{len(grids)} grid{'s' * (len(grids) > 1)}"
    if any(signs):
        told += f", signs: {', '.join(sign or 'none' for sign in signs)}"
    alt = " ".join([f"{told}.", *(block.told() for block in blocks)])
    return Drawing(_draw(blocks, signs or [""] * (len(grids) - 1), title), alt)


def _draw(blocks: Sequence[_Block], signs: Sequence[str], title: str) -> Figure:
    """Blocks from left to right; where the page ends, a new line begins."""
    gaps = [
        0.0,
        *(text_size(sign, _sign_size(sign), True)[0] + 2 * SPACE for sign in signs),
    ]
    lines: list[list[int]] = [[]]
    for i, block in enumerate(blocks):
        used = sum(blocks[j].whole + gaps[j] for j in lines[-1])
        if lines[-1] and used + gaps[i] + block.whole > WIDEST:
            lines.append([])
        lines[-1].append(i)
    ups = [max(blocks[i].over + blocks[i].height / 2 for i in line) for line in lines]
    downs = [
        max(blocks[i].height / 2 + blocks[i].under for i in line) for line in lines
    ]
    wide = [sum(blocks[i].whole + gaps[i] for i in line) for line in lines]
    height = sum(ups) + sum(downs) + BETWEEN * (len(lines) - 1)
    figure, axes = new_sheet(max(wide), height, title)
    top = 0.0
    for line, up, down, width in zip(lines, ups, downs, wide, strict=True):
        x = (max(wide) - width) / 2
        for i in line:
            if i and signs[i - 1]:
                sign, place = signs[i - 1], (x + gaps[i] / 2, top + up)
                write(axes, place, sign, _sign_size(sign), bold=True)
            x += gaps[i]
            _draw_block(axes, blocks[i], x + blocks[i].before, top + up)
            x += blocks[i].whole
        top += up + down + BETWEEN
    return figure


def _sign_size(sign: str) -> int:
    return SIGN if len(sign) == 1 else WORD_SIGN


def _draw_block(axes: Axes, block: _Block, left: float, middle: float) -> None:
    """The cells from `left` on and around `middle`, labels and name around them."""
    top, grid = middle - block.height / 2, block.grid
    for i, (row, label) in enumerate(zip(block.rows, block.left, strict=True)):
        y, x = top + (i + 0.5) * SIDE, left
        write(axes, (left - LABEL_SPACE, y), label, LABEL, ha="right")
        for column, width in zip(block.columns, block.widths, strict=True):
            place, word = (x + width / 2, y), block.word(row, column)
            x += width
            if row is None or column is None:
                write(axes, place, word, CELL)
                continue
            color = grid.marks.get((row, column))
            size = width - LINE, SIDE - LINE
            box = draw_box(axes, place, size, color or GREY, rounding=0)
            if not color:
                box.set(facecolor="white", edgecolor=EDGE, linewidth=0.9)
            write(axes, place, word, CELL, bold=bool(color))
    x = left
    for label, width in zip(block.above, block.widths, strict=True):
        place, turn = (x + width / 2, top - LABEL_SPACE / 2), 90 * block.turned
        write(axes, place, label, LABEL, va="bottom", rotation=turn)
        x += width
    center, under = left + block.width / 2, top + block.height + 0.17
    write(axes, (center, under), grid.name, CELL, bold=True)
    write(axes, (center, under + 0.24 * bool(grid.name)), block.caption, CELL)
