"""A graph of what is computed from what, with values and gradients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_play.graph_layout import (
    Edge,
    Place,
    find_chains,
    find_heights,
    find_layers,
    find_order,
)
from course_play.plots import GREY, ORANGE, Picture
from course_play.shapes import (
    NOTE,
    WIDEST,
    Drawing,
    Part,
    color_told,
    draw_bent_arrow,
    draw_part,
    in_lines,
    listed,
    new_sheet,
    part_size,
    spoken,
    write,
)

MIN_WIDE, SIDE, LEAST_SIDE, APART, GRADIENT = 0.7, 0.6, 0.36, 0.22, 0.28
"""Inches: the narrowest box, between layers (and in a wide graph), between boxes, the
height of a gradient."""


@dataclass(frozen=True)
class Node:
    """A box of a graph: what it is, its value, the slope of the result by it.

    >>> Node("loss", "0.69", "1").color == GREY
    True
    """

    text: str
    value: str = ""
    gradient: str = ""
    color: str = GREY


def plot_graph(
    nodes: Mapping[str, Node], edges: Sequence[tuple[str, str]], title: str
) -> Picture:
    """What is computed from what: each box stands right of all that it reads.

    Args:
        nodes: a key for the edges, and the box; gradients stand below, in orange.
        edges: (from, to), keys of nodes.
        title: states the finding.

    Raises:
        ValueError: for no nodes, an edge from or to an unknown one, or a cycle.

    >>> nodes = {"w": Node("w", "3", "6"), "L": Node("$w^2$", "9", "1")}
    >>> plot_graph(nodes, [("w", "L")], "A square").alt[39:]
    'w, value 3, gradient 6; w^2 from w, value 9, gradient 1.'
    """
    if not nodes:
        raise ValueError("no nodes: give at least one")
    edges = list(dict.fromkeys(edges))
    layers = find_layers(list(nodes), edges)
    told = []
    for name, node in sorted(nodes.items(), key=lambda item: layers[item[0]]):
        reads = " and ".join(spoken(nodes[a].text) for a, b in edges if b == name)
        told.append(
            listed(
                f"{node.text} from {reads}" if reads else node.text,
                node.value and f"value {node.value}",
                node.gradient and f"gradient {node.gradient}",
                color_told(node.color),
            )
        )
    count = f"{len(nodes)} box{'es' * (len(nodes) > 1)}"
    alt = f"A graph of {count} from left to right: {'; '.join(told)}."
    return Drawing(_draw_graph(nodes, layers, edges, title), alt)


def _draw_graph(
    nodes: Mapping[str, Node],
    layers: Mapping[str, int],
    edges: Sequence[Edge],
    title: str,
) -> Figure:
    chains = find_chains(layers, edges)
    rows = find_order(layers, chains)
    heights = find_heights(rows, [p for c in chains.values() for p in pairwise(c)])
    parts = {
        name: Part(in_lines(node.text, 20), node.value, node.color)
        for name, node in nodes.items()
    }
    high = max(part_size(part)[1] for part in parts.values())
    pitch = high + GRADIENT * any(node.gradient for node in nodes.values()) + APART
    y = {place: height * pitch for place, height in heights.items()}
    # lines, then boxes: what is the highest, the lowest?
    ends = [middle + side for middle in y.values() for side in (-0.03, 0.03)]
    for name, node in nodes.items():
        middle = y[layers[name], name]
        ends += [middle - high / 2, middle + high / 2 + GRADIENT * bool(node.gradient)]
    y = {place: middle - min(ends) for place, middle in y.items()}
    columns = _columns(parts, layers)
    figure, axes = new_sheet(columns[-1][1], max(ends) - min(ends), title)
    for name, layer in layers.items():
        left, right = columns[layer]
        center = (left + right) / 2, y[layer, name]
        draw_part(axes, center, (right - left, high), parts[name])
        if gradient := nodes[name].gradient:
            under = center[0], center[1] + high / 2 + GRADIENT / 2
            write(axes, under, f"← {gradient}", NOTE, color=ORANGE, bold=True)
    entries = _entries(chains, y, high)
    for edge, chain in chains.items():
        _draw_edge(axes, chain, entries[edge], y, columns)
    return figure


def _columns(
    parts: Mapping[str, Part], layers: Mapping[str, int]
) -> list[tuple[float, float]]:
    """Left and right side of each layer, as wide as its widest box."""
    wide = [MIN_WIDE] * (max(layers.values()) + 1)
    for name, layer in layers.items():
        wide[layer] = max(wide[layer], part_size(parts[name])[0])
    room = (WIDEST - sum(wide)) / max(1, len(wide) - 1)
    side = min(max(room, LEAST_SIDE), SIDE)
    lefts = [sum(wide[:i]) + side * i for i in range(len(wide))]
    return [(left, left + width) for left, width in zip(lefts, wide, strict=True)]


def _entries(
    chains: Mapping[Edge, Sequence[Place]], y: Mapping[Place, float], high: float
) -> dict[Edge, float]:
    """The height at which each edge enters its box: one below the other, in order."""
    entries = dict[Edge, float]()
    for edge, chain in chains.items():
        beside = sorted(y[c[-2]] for c in chains.values() if c[-1] == chain[-1])
        step = min(0.16, 0.7 * high / len(beside))
        rank = beside.index(y[chain[-2]]) - (len(beside) - 1) / 2
        entries[edge] = y[chain[-1]] + rank * step
    return entries


def _draw_edge(
    axes: Axes,
    chain: Sequence[Place],
    entry: float,
    y: Mapping[Place, float],
    columns: Sequence[tuple[float, float]],
) -> None:
    """A line from a box to a later one, level where it runs between others."""
    points = [(columns[chain[0][0]][1], y[chain[0]])]
    for place in chain[1:-1]:
        points += [(x, y[place]) for x in columns[place[0]]]
    draw_bent_arrow(axes, [*points, (columns[chain[-1][0]][0], entry)])
