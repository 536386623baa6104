"""What drawings are made of: a sheet in inches, words of known size, box and arrow."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from PIL import Image

from course_play.plots import BLUE, DPI, GREEN, GREY, ORANGE, PINK, Picture, new_figure

INK = "#1C1E21"
TINTS = {
    BLUE: "#DCEBF5",
    ORANGE: "#F9E4D7",
    GREEN: "#D6EFE7",
    PINK: "#F7E6EF",
    GREY: "#ECECEC",
}
COLOR_NAMES = {BLUE: "blue", ORANGE: "orange", GREEN: "green", PINK: "pink", GREY: ""}
NAME, NOTE, WORD = 12, 11, 10
"""Sizes of letters in points: a box's name, the note below it, words on arrows."""
PAD, LINE_SPACE = 0.16, 0.07
"""Inches: around the words of a box, between its name and its note."""
WIDEST = 8.2
"""Inches that a page of a notebook shows without making them smaller."""
EDGE_SPACE, TITLE_SPACE = 0.22, 0.5
"""Inches: around a drawing, and above it for the title."""

Point = tuple[float, float]


class Drawing(Picture):
    """A picture of few colours: with 128 of them its PNG is a third as large."""

    def png(self) -> bytes:
        """The drawing as PNG bytes, the same bytes on each call."""
        buffer = io.BytesIO()
        pixels = (imread(io.BytesIO(super().png())) * 255).round().astype("uint8")
        image = Image.fromarray(pixels).convert("RGB")
        image.quantize(128, dither=Image.Dither.NONE).save(
            buffer, format="PNG", optimize=True
        )
        return buffer.getvalue()


@dataclass(frozen=True)
class Part:
    """One box of a drawing: what it is called, what flows out of it, its colour."""

    name: str
    note: str
    color: str = GREY


def check_color(color: str) -> str:
    """The colour, if it is one of the house.

    Raises:
        ValueError: it is another.

    >>> check_color(BLUE)
    '#0072B2'
    """
    if color not in TINTS:
        raise ValueError(
            f"colour {color!r}: use BLUE, ORANGE, GREEN, PINK or GREY of plots"
        )
    return color


@cache
def text_size(words: str, size: float, bold: bool = False) -> Point:
    """Width and height of words in inches, as the renderer draws them.

    >>> text_size("", 12)
    (0.0, 0.0)
    >>> text_size("four", 12) < text_size("four and more", 12)
    True
    """
    if not words.strip():
        return 0.0, 0.0
    figure = Figure((1, 1), dpi=DPI)
    FigureCanvasAgg(figure)  # which makes itself the figure's canvas
    text = figure.text(0, 0, words, fontsize=size, weight=_weight(bold))
    extent = text.get_window_extent()
    return float(extent.width) / DPI, float(extent.height) / DPI


def _weight(bold: bool) -> str:
    return "bold" if bold else "normal"


def in_lines(words: str, limit: int) -> str:
    r"""Words longer than `limit` letters in lines of about the same length.

    Formulas and words that have lines already stay as they are.

    >>> in_lines("one row for each letter", 16)
    'one row for\neach letter'
    """
    if len(words) <= limit or "\n" in words or "$" in words:
        return words
    fewest = len(wrap(words, limit, break_long_words=False))
    for width in range(-(-len(words) // fewest), limit):
        lines = wrap(words, width, break_long_words=False)
        if len(lines) <= fewest:
            return "\n".join(lines)
    return "\n".join(wrap(words, limit, break_long_words=False))


def spoken(words: str) -> str:
    r"""Words of a drawing as one line of alt text.

    >>> spoken("$p - y$\nfor each"), spoken(r"$a \cdot \ln p$")
    ('p - y for each', 'a · ln p')
    """
    words = words.replace("$", "").replace("\u2212", "-").replace(r"\cdot", "·")
    return " ".join(re.sub(r"\\(?=[A-Za-z])", "", words).split())


def listed(*parts: str) -> str:
    r"""Those that are not empty, spoken, with commas.

    >>> listed("loss", "", r"$-\ln p$")
    'loss, -ln p'
    """
    return ", ".join(spoken(part) for part in parts if part)


def color_told(color: str) -> str:
    """The name of a colour; grey goes without saying.

    >>> color_told(BLUE), color_told(GREY)
    ('blue', '')
    """
    return COLOR_NAMES[check_color(color)]


def new_sheet(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """Paper with `width` x `height` inches to draw on below the title; y goes down.

    >>> new_sheet(4, 2, "Two inches")[1].get_ylim() == (2, 0)
    True
    """
    inside = max(width, text_size(title, 12)[0])
    whole = inside + 2 * EDGE_SPACE, height + TITLE_SPACE + EDGE_SPACE
    figure = new_figure(*whole)
    figure.set_layout_engine("none")
    axes = figure.add_axes(
        (
            (whole[0] - width) / 2 / whole[0],
            EDGE_SPACE / whole[1],
            width / whole[0],
            height / whole[1],
        )
    )
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_title(title, fontsize=12, pad=11)
    axes.axis("off")
    return figure, axes


def write(
    axes: Axes,
    place: Point,
    words: str,
    size: float,
    *,
    color: str = INK,
    bold: bool = False,
    ha: str = "center",
    va: str = "center",
    rotation: float = 0,
) -> None:
    """Words around `place`, above all lines and boxes.

    >>> axes = new_sheet(1, 1, "")[1]
    >>> write(axes, (0.5, 0.5), "here", 10)
    >>> axes.texts[0].get_text()
    'here'
    """
    axes.text(
        *place, words, fontsize=size, color=color, weight=_weight(bold),
        ha=ha, va=va, rotation=rotation, zorder=5,
    )  # fmt: skip


def draw_box(
    axes: Axes,
    center: Point,
    size: Point,
    color: str = GREY,
    *,
    rounding: float = 0.12,
    line: float = 1.3,
) -> FancyBboxPatch:
    """A box of width and height `size` in a colour of the house, filled with its tint.

    >>> axes = new_sheet(4, 2, "A box")[1]
    >>> draw_box(axes, (2, 1), (1, 0.5), BLUE).get_width()
    1
    """
    (x, y), (width, height) = center, size
    style = f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0"
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2), width, height, boxstyle=style,
        facecolor=TINTS[check_color(color)], edgecolor=color, linewidth=line, zorder=3,
        clip_on=False,
    )  # fmt: skip
    axes.add_patch(box)
    return box


def draw_arrow(
    axes: Axes, *points: Point, color: str = GREY, line: float = 1.4
) -> None:
    """A thin line through the points, with a tip at the last.

    >>> axes = new_sheet(4, 2, "Around a corner")[1]
    >>> draw_arrow(axes, (0, 0), (2, 0), (2, 1))
    >>> len(axes.texts)
    1
    """
    xs, ys = zip(*points, strict=True)
    if len(points) > 2:
        axes.plot(xs[:-1], ys[:-1], color=color, linewidth=line, zorder=2)
    axes.annotate(
        "",
        points[-1],
        points[-2],
        arrowprops={"arrowstyle": "-|>", "color": color, "lw": line},
        zorder=2,
    )


def draw_bent_arrow(axes: Axes, points: Sequence[Point], color: str = GREY) -> None:
    """An arrow that swings from point to point and is level in each of them.

    >>> axes = new_sheet(4, 2, "A swing")[1]
    >>> draw_bent_arrow(axes, [(0, 0), (2, 1), (4, 1)])
    >>> len(axes.patches)
    1
    """
    places, codes = [points[0]], [Path.MOVETO]
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (x + to_x) / 2
        places += [(middle, y), (middle, to_y), (to_x, to_y)]
        codes += [Path.CURVE4] * 3
    axes.add_patch(
        FancyArrowPatch(
            path=Path(places, codes),
            arrowstyle="-|>",
            mutation_scale=11,
            color=color,
            linewidth=1.4,
            zorder=2,
        )
    )


def part_size(part: Part) -> Point:
    """Width and height in inches of a box that its words fit in.

    >>> part_size(Part("x", "")) < part_size(Part("x", "(5, 27)"))
    True
    """
    name, note = text_size(part.name, NAME, bold=True), text_size(part.note, NOTE)
    space = LINE_SPACE * bool(part.note)
    return max(name[0], note[0]) + 2 * PAD, name[1] + note[1] + space + 2 * PAD


def draw_part(axes: Axes, center: Point, size: Point, part: Part) -> None:
    """A box with a name, and below it a note if there is one.

    >>> axes = new_sheet(4, 2, "One box")[1]
    >>> draw_part(axes, (2, 1), (1, 0.6), Part("probs", "(5, 27)"))
    >>> [text.get_text() for text in axes.texts]
    ['probs', '(5, 27)']
    """
    draw_box(axes, center, size, part.color)
    (x, y), name = center, text_size(part.name, NAME, bold=True)[1]
    note = text_size(part.note, NOTE)[1]
    top = y - (name + note + LINE_SPACE * bool(part.note)) / 2
    write(axes, (x, top + name / 2), part.name, NAME, bold=True)
    if part.note:
        write(axes, (x, y + (y - top) - note / 2), part.note, NOTE)
