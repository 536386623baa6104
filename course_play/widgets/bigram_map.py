"""Lesson 05: which letter follows which, as a map you walk on with dice."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import torch
import traitlets
from torch import Tensor

from course_lib.names import labels_of
from course_play.plots import BLUE, GREY, ORANGE, Picture, new_figure, on_paper
from course_play.widgets.base import (
    CourseWidget,
    draw_index,
    module_text,
    mulberry32,
    style_text,
)

END = 0
MOST_LETTERS = 30
N_DICE = 512


class Walk(NamedTuple):
    """Where the walk stands: its indices, how many dice it used, the words made."""

    walk: list[int]
    used: int
    words: list[list[int]]


def row_probs(counts: Sequence[float]) -> list[float]:
    """P(next | previous) of one row of counts; a row never seen stays all zero.

    >>> row_probs([1, 3]), row_probs([0, 0])
    ([0.25, 0.75], [0.0, 0.0])
    """
    total = sum(counts)
    return [count / total if total > 0 else 0.0 for count in counts]


def step_on(
    state: Walk, counts: Sequence[Sequence[float]], dice: Sequence[float]
) -> Walk:
    """One step: the next letter is drawn from the row of the last with the next die.

    A walk of 30 letters, or one that stands on a row never seen, ends without a draw.
    After the end mark (index 0) a new walk begins there.

    >>> step_on(Walk([0], 0, []), [[0, 1], [1, 0]], [0.5])
    Walk(walk=[0, 1], used=1, words=[])
    """
    path = [END] if _is_done(state.walk) else state.walk
    probs = row_probs(counts[path[-1]])
    stuck = len(_letters(path)) >= MOST_LETTERS or not any(p > 0 for p in probs)
    die = dice[state.used % len(dice)]
    path = [*path, END if stuck else draw_index(probs, die)]
    words = [*state.words, _letters(path)] if _is_done(path) else state.words
    return Walk(path, state.used + (not stuck), words)


def _is_done(walk: Sequence[int]) -> bool:
    return len(walk) > 1 and walk[-1] == END


def _letters(walk: Sequence[int]) -> list[int]:
    return [i for i in walk if i != END]


class BigramMap(CourseWidget):
    """A table of letter pairs as a heat map; pick a row, roll dice, build a name.

    Args:
        counts: (V, V), how often each letter (column) followed each letter (row);
            index 0 is the end mark, where a name begins and ends.
        labels: V letters, as in `list(alphabet)`.
        seed: of the dice, which are drawn in Python once.

    Raises:
        ValueError: for counts that are not square, negative, not finite or all zero, or
            another number of labels.

    >>> map = BigramMap([[0, 2, 0], [1, 0, 1], [1, 0, 0]], [".", "a", "b"])
    >>> map.pick("a").probs.tolist()
    [0.5, 0.0, 0.5]
    >>> map.whole_name() in ("a", "ab")
    True
    """

    _esm = module_text("bigram_map")
    _css = style_text("bigram_map")
    counts = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    dice = traitlets.List(traitlets.Float()).tag(sync=True)
    walk = traitlets.List(traitlets.Int()).tag(sync=True)
    used = traitlets.Int(0).tag(sync=True)
    words = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)

    def __init__(
        self,
        counts: Tensor | Sequence[Sequence[float]],
        labels: Sequence[str],
        *,
        seed: int = 0,
    ) -> None:
        table = torch.as_tensor(counts, dtype=torch.float64)
        if table.ndim != 2 or table.shape[0] != table.shape[1]:
            raise ValueError(
                f"counts have shape {tuple(table.shape)}: give one row and one column "
                "for each letter"
            )
        if len(labels) != len(table):
            raise ValueError(
                f"{len(table)} rows need as many labels, not {len(labels)}"
            )
        if not table.isfinite().all() or (table < 0).any() or table.sum() == 0:
            raise ValueError(
                f"counts lie between {table.min().item()} and {table.max().item()}: "
                "give finite counts of 0 or more, and not all 0"
            )
        super().__init__(
            counts=table.tolist(),
            labels=[str(label) for label in labels],
            dice=list(islice(mulberry32(seed), N_DICE)),
            walk=[END],
        )

    @property
    def letter(self) -> str:
        """The letter whose row is chosen."""
        return self.labels[self.walk[-1]]

    @property
    def probs(self) -> Tensor:
        """P(next | chosen letter), float64 (V,)."""
        row = row_probs(self.counts[self.walk[-1]])
        return torch.tensor(row, dtype=torch.float64)

    @property
    def names(self) -> list[str]:
        """The names made so far."""
        return ["".join(self.labels[i] for i in word) for word in self.words]

    @property
    def _shown(self) -> list[str]:
        """The labels as they can be seen."""
        return ["".join(labels_of(label)) for label in self.labels]

    def pick(self, letter: str) -> "BigramMap":
        """Choose the row of `letter`; a new walk begins there.

        Raises:
            ValueError: if `letter` is not one of the labels.
        """
        if letter not in self.labels:
            raise ValueError(f"letter is {letter!r}: it must be one of {self.labels}")
        self.walk = [self.labels.index(letter)]
        return self

    def next_letter(self) -> str:
        """Roll one die and step to the letter it falls on, as the button does."""
        before = Walk(self.walk, self.used, self.words)
        after = step_on(before, self.counts, self.dice)
        with self.hold_sync():
            self.walk, self.used, self.words = after
        return self.letter

    def whole_name(self) -> str:
        """Roll dice until the end mark; returns the name."""
        self.next_letter()
        while not _is_done(self.walk):
            self.next_letter()
        return self.names[-1]

    def _top(self, n: int) -> str:
        probs = self.probs.tolist()
        order = sorted(range(len(probs)), key=lambda i: (-probs[i], i))[:n]
        told = [f"{self._shown[i]} {probs[i]:.2f}" for i in order if probs[i] > 0]
        return ", ".join(told) or "never seen"

    def describe(self) -> str:
        """The chosen row's likeliest letters, the walk and the names so far."""
        V, pairs = len(self.labels), sum(map(sum, self.counts))
        path = " ".join(self._shown[i] for i in self.walk)
        return "\n".join(
            [
                f"BigramMap: {V} x {V} table of {pairs:,.0f} letter pairs",
                f"  after {self.letter!r}: {self._top(6)}",
                f"  walk: {path}",
                f"  names so far: {', '.join(self.names) or 'none yet'}",
            ]
        )

    def picture(self) -> Picture:
        """The heat map with the chosen row framed, and the bars of that row below."""
        table = torch.tensor(
            [row_probs(row) for row in self.counts], dtype=torch.float64
        )
        V, row = len(self.labels), self.walk[-1]
        figure = new_figure(6.4, 6.8)
        upper, lower = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": [4, 1]}
        )
        upper.imshow(table.sqrt().numpy(), cmap="Blues", aspect="auto")
        frame = upper.axhspan(row - 0.5, row + 0.5, fill=False)
        frame.set(edgecolor=ORANGE, linewidth=2)
        upper.set_yticks(range(V), self._shown, fontsize=8)
        upper.set(title="Which letter follows which?", ylabel="letter before")
        upper.tick_params(labelbottom=False)
        lower.bar(range(V), self.probs.tolist(), color=BLUE)
        lower.set_xticks(range(V), self._shown, fontsize=8)
        lower.set(xlabel="letter after", ylabel=f"P(next | {self.letter})")
        on_paper(lower)
        lower.grid(axis="y", color=GREY, linewidth=0.3)
        return Picture(
            figure,
            f"Heat map of {V} x {V} letter pairs, darker is more frequent; the row of "
            f"{self.letter!r} is framed, and its bars stand below: {self._top(4)}.",
        )
