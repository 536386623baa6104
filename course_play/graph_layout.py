"""Where the boxes of a small graph stand: in layers, with few crossing lines.

The three steps of Sugiyama, Tagawa and Toda (1981): layers by the longest path, an
order in each layer, heights. A line that jumps over layers gets an empty place in each
of them, so that it runs between the boxes.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise, permutations
from statistics import fmean

Edge = tuple[str, str]
Place = tuple[int, str | Edge]
"""A layer and the node that stands there, or the long edge that runs through it."""
Pair = tuple[Place, Place]
Rows = list[list[Place]]
MOST_ORDERED = 5
"""So many places of a layer are tried in all orders."""
FIRM = 1000
"""How much less a place moves that reads something than one that does not."""


def find_layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each node: one more than the last of those it reads.

    Nodes that read nothing stand just before the first that reads them.

    Raises:
        ValueError: for an edge from or to an unknown node, or a cycle.

    >>> find_layers("abcde", [("a", "d"), ("b", "d"), ("c", "e"), ("d", "e")])
    {'a': 0, 'b': 0, 'c': 1, 'd': 1, 'e': 2}
    """
    for edge in edges:
        if unknown := [name for name in edge if name not in nodes]:
            raise ValueError(
                f"edge {edge} names {unknown[0]!r}: nodes are {', '.join(nodes)}"
            )
    read = {name: [a for a, b in edges if b == name] for name in nodes}
    layers: dict[str, int] = {}
    while len(layers) < len(nodes):
        ready = [
            name for name in nodes
            if name not in layers and all(a in layers for a in read[name])
        ]  # fmt: skip
        if not ready:
            left = ", ".join(name for name in nodes if name not in layers)
            raise ValueError(f"a cycle: each of {left} waits for another of them")
        for name in ready:
            layers[name] = 1 + max((layers[a] for a in read[name]), default=-1)
    for name in nodes:
        readers = [layers[b] for a, b in edges if a == name]
        if readers and not read[name]:
            layers[name] = min(readers) - 1
    return {name: layers[name] for name in nodes}


def find_chains(
    layers: Mapping[str, int], edges: Sequence[Edge]
) -> dict[Edge, list[Place]]:
    """For each edge the places it goes through, one a layer, both ends included.

    >>> find_chains({"a": 0, "b": 1, "c": 2}, [("a", "c")])
    {('a', 'c'): [(0, 'a'), (1, ('a', 'c')), (2, 'c')]}
    """
    chains = dict[Edge, list[Place]]()
    for a, b in edges:
        between = range(layers[a] + 1, layers[b])
        inner: list[Place] = [(i, (a, b)) for i in between]
        chains[a, b] = [(layers[a], a), *inner, (layers[b], b)]
    return chains


def count_crossings(rows: Rows, pairs: Sequence[Pair]) -> int:
    """How many lines between neighbouring layers cross.

    >>> rows = [[(0, "a"), (0, "b")], [(1, "c"), (1, "d")]]
    >>> count_crossings(rows, [((0, "a"), (1, "d")), ((0, "b"), (1, "c"))])
    1
    """
    rank = {place: i for row in rows for i, place in enumerate(row)}
    ends = [(a[0], rank[a], rank[b]) for a, b in pairs]
    return sum(
        layer == other and (a - c) * (b - d) < 0
        for (layer, a, b), (other, c, d) in combinations(ends, 2)
    )


def find_order(
    layers: Mapping[str, int], chains: Mapping[Edge, Sequence[Place]]
) -> Rows:
    """The places of each layer from top to bottom: few crossings, then short lines.

    One layer after the other takes its best order, until none finds a better one.

    >>> layers = {"a": 0, "b": 0, "c": 1, "d": 1}
    >>> rows = find_order(layers, find_chains(layers, [("a", "d"), ("b", "c")]))
    >>> [[name for _, name in row] for row in rows]
    [['b', 'a'], ['c', 'd']]
    """
    named: list[Place] = [(layer, name) for name, layer in layers.items()]
    places = dict.fromkeys([*named, *(p for chain in chains.values() for p in chain)])
    rows: Rows = [[] for _ in range(max(layers.values()) + 1)]
    for place in places:
        rows[place[0]].append(place)
    pairs = [pair for chain in chains.values() for pair in pairwise(chain)]
    found = None
    while found != (found := _cost(rows, pairs)):
        for i, row in enumerate(rows):
            rows = min(
                (
                    [*rows[:i], list(order), *rows[i + 1 :]]
                    for order in _orders(row, rows, pairs)
                ),
                key=lambda tried: _cost(tried, pairs),
            )
    return rows


def _orders(
    row: Sequence[Place], rows: Rows, pairs: Sequence[Pair]
) -> Iterable[Sequence[Place]]:
    """The orders to try: all of a short layer, of a long one that of its neighbours."""
    if len(row) <= MOST_ORDERED:
        return permutations(row)
    height = {p: i - len(r) / 2 for r in rows for i, p in enumerate(r)}
    near = {p: [height[q] for pair in pairs if p in pair for q in pair] for p in row}
    return row, sorted(row, key=lambda p: sum(near[p]) / max(1, len(near[p])))


def _cost(rows: Rows, pairs: Sequence[Pair]) -> tuple[int, float]:
    height = {p: i - (len(row) - 1) / 2 for row in rows for i, p in enumerate(row)}
    return count_crossings(rows, pairs), sum(
        (height[a] - height[b]) ** 2 for a, b in pairs
    )


def find_heights(
    rows: Rows, pairs: Sequence[Pair], rounds: int = 8
) -> dict[Place, float]:
    """Heights that keep the order and a distance of 1, each near its neighbours.

    From right to left each place goes to those that read it, and from left to right
    to those it reads; the last word has what is read. Where two want the same place,
    the one that reads something yields less, which keeps the main line straight.

    >>> a, b, c = (0, "a"), (0, "b"), (1, "c")
    >>> find_heights([[a, b], [c]], [(a, c), (b, c)])
    {(0, 'a'): 0.0, (0, 'b'): 1.0, (1, 'c'): 0.5}
    """
    heights = {p: i - (len(row) - 1) / 2 for row in rows for i, p in enumerate(row)}
    reads = {place: [a for a, b in pairs if b == place] for place in heights}
    read_by = {place: [b for a, b in pairs if a == place] for place in heights}
    for _ in range(rounds):
        for sweep, first, second in (
            (rows[::-1], read_by, reads),
            (rows, reads, read_by),
        ):
            for row in sweep:
                near = [first[p] or second[p] or [p] for p in row]
                wanted = [fmean(heights[q] for q in places) for places in near]
                firm = [FIRM if reads[p] else 1 for p in row]
                heights.update(zip(row, _apart(wanted, firm), strict=True))
    wanted = [fmean(heights[q] for q in read_by[p] or [p]) for p in rows[0]]
    heights.update(zip(rows[0], _apart(wanted, [1] * len(wanted)), strict=True))
    least = min(heights.values())
    return {place: round(height - least, 3) for place, height in heights.items()}


def _apart(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The heights nearest to those wanted, in this order and at least 1 apart.

    Least squares with weights: neighbours that are too near become one block.
    """
    blocks: list[tuple[float, float, int]] = []  # mean of wanted - index, weight, size
    for i, (height, weight) in enumerate(zip(wanted, weights, strict=True)):
        mean, total, size = height - i, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, n = blocks.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, size = total + heavy, size + n
        blocks.append((mean, total, size))
    bases = [mean for mean, _, size in blocks for _ in range(size)]
    return [base + i for i, base in enumerate(bases)]
