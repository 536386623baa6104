"""boxes: flows, graphs and grids say all they show, and nothing covers anything."""

import struct
from collections.abc import Callable
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_play.boxes import (
    BLUE,
    GREEN,
    ORANGE,
    Grid,
    Node,
    plot_flow,
    plot_graph,
    plot_grids,
)
from course_play.graph_layout import (
    count_crossings,
    find_chains,
    find_heights,
    find_layers,
    find_order,
)
from course_play.plots import DPI, Picture
from course_play.shapes import WIDEST, in_lines, spoken

LETTERS = list(".abcdefghijklmnopqrstuvwxyz")
STEPS = [
    ("logits", "(5, 27)"),
    ("shifted", "(5, 27)"),
    ("exp", "(5, 27)"),
    ("sum of each row", "(5, 1)"),
    ("log", "(5, 1)"),
    ("loss", "one number for all of the five letters"),
]
WORDS = ["$z - m$", "$e^z$", "add each row", r"$\ln$", "minus the right logit, mean"]
SQUARE = {
    "a": Node("a", "2", "−24", BLUE),
    "b": Node("b", "−3", "16", BLUE),
    "c": Node("c", "10", "8", BLUE),
    "d": Node(r"$d = a \cdot b$", "−6", "8"),
    "e": Node("e = d + c", "4", "8"),
    "L": Node("$L = e^2$", "16", "1", ORANGE),
}
SQUARE_EDGES = [("a", "d"), ("b", "d"), ("d", "e"), ("c", "e"), ("e", "L")]
NETWORK = {
    "x": Node("x", "(32, 10)"),
    "W1": Node("W1", "(10, 64)", "(10, 64)"),
    "b1": Node("b1", "(64,)", "(64,)"),
    "h": Node("x @ W1 + b1", "(32, 64)", "(32, 64)"),
    "t": Node("tanh", "(32, 64)", "(32, 64)"),
    "W2": Node("W2", "(64, 27)", "(64, 27)"),
    "b2": Node("b2", "(27,)", "(27,)"),
    "z": Node("logits", "(32, 27)", "(32, 27)"),
    "y": Node("targets", "(32,)"),
    "s": Node("a skip"),
    "L": Node("loss", "2.31", "1"),
}
NETWORK_EDGES = [
    *(("x", "h"), ("W1", "h"), ("b1", "h"), ("h", "t"), ("t", "z"), ("W2", "z")),
    *(("b2", "z"), ("z", "L"), ("y", "L"), ("x", "s"), ("s", "L"), ("h", "z")),
]
COLUMN, ROW = torch.tensor([[0], [10], [20]]), torch.tensor([[1, 2, 3, 4]])
TABLE = torch.randn(27, 27, generator=torch.Generator().manual_seed(0))
SENTENCE = ["the", "elephant", "sat", "on", "understanding"]
MASK = torch.ones(5, 5).tril().bool()

PICTURES = {
    "flow": lambda: plot_flow(STEPS, "Six steps", arrows=WORDS),
    "flow in rows": lambda: plot_flow(STEPS, "Three rows", per_row=2),
    "flow of two": lambda: plot_flow(STEPS[:2], "Two steps", colors=[BLUE, GREEN]),
    "flow down": lambda: plot_flow(STEPS, "Down", arrows=WORDS, per_row=1),
    "flow of one": lambda: plot_flow([("x", "")], "One box under a title that is long"),
    "graph": lambda: plot_graph(SQUARE, SQUARE_EDGES, "The graph of $(ab + c)^2$"),
    "network": lambda: plot_graph(NETWORK, NETWORK_EDGES, "Two layers"),
    "sum": lambda: plot_grids(
        [Grid(COLUMN, "a"), Grid(ROW, "b"), Grid(COLUMN + ROW, "a + b")],
        "A column plus a row",
        signs=["+", "="],
    ),
    "mask": lambda: plot_grids(
        [Grid(MASK, "who may look at whom", SENTENCE, SENTENCE, {(1, 1): BLUE})] * 2,
        "A mask, twice",
        signs=["softmax →"],
    ),
    "table": lambda: plot_grids(
        [Grid(TABLE, "W", LETTERS, LETTERS, {(13, 5): ORANGE})], "27 rows"
    ),
    "long words": lambda: plot_grids(
        [Grid(ROW.repeat(3, 3), "x", columns=["a long label"] * 12)], "Turned"
    ),
}
each_picture = pytest.mark.parametrize("name", PICTURES)


def boxes_of(picture: Picture) -> list[Bbox]:
    """The boxes in pixels."""
    (axes,) = picture.figure.axes
    patches = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    return [patch.get_window_extent() for patch in patches]


def texts_of(picture: Picture) -> list[tuple[str, Bbox]]:
    """The words and where the renderer puts them."""
    picture.figure.set_dpi(DPI)
    picture.figure.canvas.draw()
    (axes,) = picture.figure.axes
    found = [*axes.texts, axes.title]
    return [
        (text.get_text(), text.get_window_extent())
        for text in found
        if isinstance(text, Text) and text.get_text()
    ]


def overlap(one: Bbox, other: Bbox) -> bool:
    """Whether they share more than half a pixel in both directions."""
    return bool(
        min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5
    )


def inside(one: Bbox, other: Bbox) -> bool:
    return bool(
        other.x0 <= one.x0
        and one.x1 <= other.x1
        and other.y0 <= one.y0
        and one.y1 <= other.y1
    )


@cache
def drawn(name: str) -> tuple[Picture, list[tuple[str, Bbox]], list[Bbox]]:
    """A picture, its words and its boxes."""
    picture = PICTURES[name]()
    return picture, texts_of(picture), boxes_of(picture)


@each_picture
def test_no_box_and_no_word_covers_another(name: str) -> None:
    _, texts, boxes = drawn(name)
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert not [
        (a, b) for (a, one), (b, other) in combinations(texts, 2) if overlap(one, other)
    ]


@each_picture
def test_words_stand_in_their_box_or_beside_all_boxes(name: str) -> None:
    picture, texts, boxes = drawn(name)
    crossing = [
        (words, box)
        for words, place in texts
        for box in boxes
        if overlap(place, box) and not inside(place, box)
    ]
    assert not crossing
    for box in boxes:
        assert any(inside(place, box) for _, place in texts) or "table" in picture.alt


@each_picture
def test_all_stands_on_the_paper_of_a_page(name: str) -> None:
    picture, texts, boxes = drawn(name)
    paper = Bbox(picture.figure.bbox.get_points())
    assert all(inside(place, paper) for place in (*boxes, *(p for _, p in texts)))
    assert picture.figure.get_size_inches()[0] <= WIDEST + 0.5
    sizes = [text.get_fontsize() for text in picture.figure.axes[0].texts]
    assert all(float(size) >= 10 for size in sizes)


@each_picture
def test_the_png_is_small_and_always_the_same(name: str) -> None:
    picture, _, _ = drawn(name)
    png = picture.png()
    assert png == PICTURES[name]().png()
    width, height = struct.unpack(">II", png[16:24])
    inches = picture.figure.get_size_inches()
    assert (width, height) == pytest.approx(inches * DPI, abs=1)
    assert len(png) < 25_000


def test_a_flow_tells_its_boxes_colours_and_arrows() -> None:
    picture = plot_flow(
        [("$p - y$", "(5, 27)"), ("W", ""), ("loss", "one")],
        "Back",
        arrows=[r"times $\theta$", ""],
        colors=[BLUE, ORANGE, GREEN],
    )
    assert picture.alt == (
        "A flow of 3 boxes: p - y, (5, 27), blue; W, orange; loss, one, green; "
        "arrows: times theta, no word."
    )
    assert repr(picture).startswith("Back: A flow")
    drawn = [words for words, _ in texts_of(picture)]
    assert drawn == [
        "$p - y$",
        "(5, 27)",
        "W",
        "loss",
        "one",
        r"times $\theta$",
        "Back",
    ]


def rows_of(picture: Picture) -> list[int]:
    """How many boxes stand at each height, from top to bottom."""
    heights = [round(box.y0) for box in boxes_of(picture)]
    return [heights.count(y) for y in sorted(set(heights), reverse=True)]


def test_a_flow_wraps_where_it_is_told_or_where_the_page_ends() -> None:
    assert rows_of(plot_flow(STEPS, "", per_row=4)) == [4, 2]
    assert rows_of(plot_flow(STEPS, "", per_row=1)) == [1] * 6
    assert rows_of(plot_flow(STEPS[:3], "")) == [3]
    assert rows_of(plot_flow([("a box", "of a few words")] * 6, "")) == [3, 3]
    assert rows_of(plot_flow([("a box", "of a few words")] * 10, "")) == [4, 4, 2]


@pytest.mark.parametrize(
    ("steps", "options", "message"),
    [
        ([], {}, "no steps: give at least one"),
        (STEPS, {"arrows": ["one"]}, "1 arrows for 6 steps: give 5 or none"),
        (STEPS, {"colors": [BLUE]}, "1 colors for 6 steps: give one for each"),
        (STEPS[:1], {"colors": ["red"]}, "colour 'red': use BLUE, ORANGE"),
        (STEPS, {"per_row": -1}, "per_row is -1: give 1 or more"),
    ],
)
def test_a_flow_that_does_not_fit_is_refused(
    steps: list[tuple[str, str]], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plot_flow(steps, "", **options)  # type: ignore[arg-type]


def test_a_graph_tells_what_reads_what_with_values_and_gradients() -> None:
    picture = plot_graph(SQUARE, SQUARE_EDGES, "A graph")
    assert picture.alt == (
        "A graph of 6 boxes from left to right: a, value 2, gradient -24, blue; "
        "b, value -3, gradient 16, blue; c, value 10, gradient 8, blue; "
        "d = a · b from a and b, value -6, gradient 8; "
        "e = d + c from d = a · b and c, value 4, gradient 8; "
        "L = e^2 from e = d + c, value 16, gradient 1, orange."
    )
    drawn = [words for words, _ in texts_of(picture)]
    assert [words for words in drawn if words.startswith("←")] == [
        f"← {node.gradient}" for node in SQUARE.values()
    ]


def test_each_layer_is_the_longest_path_and_inputs_stand_beside_their_use() -> None:
    assert find_layers(list(SQUARE), SQUARE_EDGES) == dict(a=0, b=0, c=1, d=1, e=2, L=3)
    layers = find_layers(list(NETWORK), NETWORK_EDGES)
    assert all(layers[a] < layers[b] for a, b in NETWORK_EDGES)
    assert [layers[name] for name in ("x", "h", "t", "z", "L")] == [0, 1, 2, 3, 4]
    assert layers["W2"] == layers["b2"] == 2


def test_boxes_stand_right_of_all_that_they_read() -> None:
    picture = plot_graph(NETWORK, NETWORK_EDGES, "")
    place = dict(zip(NETWORK, boxes_of(picture), strict=True))
    for a, b in NETWORK_EDGES:
        assert place[b].x0 - place[a].x1 > 20


def test_lines_cross_only_where_they_must() -> None:
    def crossings(edges: list[tuple[str, str]]) -> int:
        layers = find_layers(sorted({name for edge in edges for name in edge}), edges)
        chains = find_chains(layers, edges)
        pairs = [pair for chain in chains.values() for pair in pairwise(chain)]
        return count_crossings(find_order(layers, chains), pairs)

    assert crossings([("a", "z"), ("b", "y"), ("c", "x")]) == 0
    assert crossings([(a, b) for a in "ab" for b in "xy"]) == 1  # K(2, 2) in layers
    assert crossings(SQUARE_EDGES) == crossings(NETWORK_EDGES) == 0


@pytest.mark.parametrize("name", ["graph", "network"])
def test_no_line_runs_through_a_box_or_over_words(name: str) -> None:
    picture, texts, boxes = drawn(name)
    taken = [*(place for _, place in texts), *boxes]
    (axes,) = picture.figure.axes
    lines = [p.get_path() for p in axes.patches if isinstance(p, FancyArrowPatch)]
    assert len(lines) == len(SQUARE_EDGES if name == "graph" else NETWORK_EDGES)
    for line in lines:
        parts = axes.transData.transform_path(line).to_polygons(closed_only=False)
        points = np.concatenate([Path(part).interpolated(9).vertices for part in parts])
        assert len(points) > 20
        for place in taken:
            small = place.padded(-1.5)
            assert not any(small.contains(float(x), float(y)) for x, y in points)


def test_the_main_line_is_straight_and_boxes_keep_their_distance() -> None:
    layers = find_layers(list(SQUARE), SQUARE_EDGES)
    chains = find_chains(layers, SQUARE_EDGES)
    rows = find_order(layers, chains)
    y = find_heights(rows, [p for c in chains.values() for p in pairwise(c)])
    assert y[2, "e"] == y[3, "L"]
    assert y[1, "d"] == pytest.approx((y[0, "a"] + y[0, "b"]) / 2, abs=0.01)
    assert all(y[b] - y[a] >= 0.999 for row in rows for a, b in pairwise(row))


def test_a_box_may_be_read_twice_by_the_same() -> None:
    nodes = {"w": Node("w"), "L": Node("w · w")}
    picture = plot_graph(nodes, [("w", "L"), ("w", "L")], "")
    assert picture.alt == "A graph of 2 boxes from left to right: w; w · w from w."


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ("", [], "no nodes: give at least one"),
        ("ab", [("a", "q")], r"edge \('a', 'q'\) names 'q': nodes are a, b"),
        ("abc", [("a", "b"), ("b", "c"), ("c", "b")], "a cycle: each of b, c waits"),
        ("a", [("a", "a")], "a cycle: each of a waits"),
    ],
)
def test_a_graph_that_cannot_be_drawn_is_refused(
    nodes: str, edges: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plot_graph({name: Node(name) for name in nodes}, edges, "")


def test_grids_tell_signs_shapes_labels_cells_and_marks() -> None:
    weights = Grid([[0.5, -1.0], [0.0, 2.0]], "W", "ab", "xy", {(0, 1): ORANGE})
    picture = plot_grids(
        [weights, Grid(torch.tensor([2, 1]), "v"), Grid([["yes", "$x$"]])],
        "Two",
        signs=["@", ""],
    )
    assert picture.alt == (
        "3 grids, signs: @, none. W, shape (2, 2): columns x, y; row a: 0.50, "
        "-1.00 (orange); row b: 0.00, 2.00. v, shape (2,): 2, 1. shape (1, 2): yes, x."
    )
    drawn = [words for words, _ in texts_of(picture)]
    assert {"0.50", "−1.00", "a", "y", "W", "(2, 2)", "@", "(2,)"} <= set(drawn)


def test_cells_show_numbers_as_they_are() -> None:
    assert Grid(torch.tensor([0.5, -0.25, -torch.inf]), digits=1).words == (
        ("0.5", "−0.2", "−∞"),
    )
    assert Grid(torch.tensor([[1.0, 0.0]])).words == (("1", "0"),)
    assert Grid(torch.tensor([[-0.001, 0.5]])).words == (("0.00", "0.50"),)
    assert Grid(torch.tensor([[True, False]])).words == (("✓", "·"),)
    assert Grid([[6763, torch.tensor(-1), "?"]]).words == (("6,763", "−1", "?"),)
    assert Grid(torch.tensor(0.417)).shape == ()
    assert Grid([0.1, 0.2]).shape == (2,)
    assert Grid(torch.tensor([[1.5]], requires_grad=True)).words == (("1.50",),)
    assert "yes, no" in plot_grids([Grid([[True, False]])], "").alt


def widths_of(grid: Grid) -> set[float]:
    return {round(box.width, 1) for box in boxes_of(plot_grids([grid], ""))}


def test_columns_of_numbers_are_equal_and_long_labels_are_turned() -> None:
    plain, labelled = Grid(MASK), Grid(MASK, columns=SENTENCE)
    assert widths_of(plain) == widths_of(labelled)
    (axes,) = plot_grids([labelled], "").figure.axes
    assert {text.get_rotation() for text in axes.texts if len(text.get_text()) > 8} == {
        90
    }
    assert len(widths_of(Grid(MASK, columns=["long", "a", "b", "c", "d"]))) == 1
    assert len(widths_of(Grid([["a word of some length", "1"]]))) == 2


def test_a_large_table_is_shortened_around_its_marks() -> None:
    alt = drawn("table")[0].alt
    assert "columns ., a, b, c, …, e, …, y, z" in alt
    assert f"{TABLE[13, 5]:.2f} (orange)" in alt
    assert alt.count("row ") == 7
    assert alt.count("; …; ") == 2
    ten = plot_grids([Grid(TABLE[:10, :10])], "").alt
    assert "…" not in ten


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plot_grids([], ""), "no grids: give at least one"),
        (
            lambda: plot_grids([Grid(ROW)] * 3, "", signs=["+"]),
            "1 signs for 3 grids: give 2 or none",
        ),
        (lambda: Grid([]), "no cells: give at least one row"),
        (lambda: Grid([[]]), "no cells: give at least one row"),
        (lambda: Grid([[1], [1, 2]]), r"rows of \[1, 2\] cells"),
        (lambda: Grid(torch.ones(2, 2, 2)), r"shape \(2, 2, 2\): draw one matrix"),
        (lambda: Grid(ROW, rows=["a", "b"]), "2 row labels for 1 rows: give one"),
        (lambda: Grid(ROW, columns=["a"]), "1 column labels for 4 columns"),
        (lambda: Grid(ROW, marks={(1, 0): BLUE}), r"mark \(1, 0\) is outside"),
        (lambda: Grid(ROW, marks={(0, 0): "red"}), "colour 'red': use BLUE"),
    ],
)
def test_grids_that_do_not_fit_are_refused(
    make: Callable[[], Picture], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_long_words_are_cut_into_even_lines_and_formulas_are_not() -> None:
    assert in_lines("one number for all five", 16) == "one number\nfor all five"
    assert in_lines("$a + b + c + d + e$", 5) == "$a + b + c + d + e$"
    assert in_lines("short", 16) == "short"
    assert spoken("a\nb − $c$") == "a b - c"
