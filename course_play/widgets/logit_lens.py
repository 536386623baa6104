"""Lessons 15 and 27: what a GPT would say next if it stopped early, depth by depth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import traitlets
from torch import Tensor

from course_lib.functional import softmax
from course_play.widgets.base import module_text, style_text
from course_play.widgets.own_text import Ask, OfOwnText

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST_TOKENS = 64
MOST_DEPTHS = 49
N_TOP = 10
DEPTHS_DRAWN = 8
"""Columns that a picture has room for; the widget itself shows all depths."""


def depth_name(depth: int) -> str:
    """How far the stream has come: 0 is the embedding, then so many blocks.

    >>> depth_name(0), depth_name(1), depth_name(2)
    ('embedding', 'after 1 block', 'after 2 blocks')
    """
    if depth == 0:
        return "embedding"
    return f"after {depth} block{'' if depth == 1 else 's'}"


class Reading(NamedTuple):
    """What the lens reads at one depth and one position."""

    top: list[tuple[str, float]]
    """The likeliest next words and their probabilities, the best first."""
    rest: float
    """What all the other words share."""
    truth: tuple[str, float, int] | None
    """The true next word, its probability and its rank from 1; None if unknown."""


class LogitLens(OfOwnText):
    """The next word by depth and position: a table, and the bars of a chosen cell.

    Rows are the words of one text, columns how many blocks have read them. A slider
    chooses the depth, the arrow keys or a click a cell; beside the bars stand the
    probability and the rank of the true next word by depth.

    Args:
        logits: (D, T, V), what the head would say at D depths, the embedding first.
            `lens.logit_lens(model, tokens)[:, 0]` has this shape.
        tokens: the T token ids the model read, at most 64, or T + 1: the last one is
            then only the true word after the end.
        vocabulary: V strings, the words as the reader shall see them.
        depth: chosen at first; None is the last, the model's own answer.
        position: the word chosen at first, from 0; None is the last.
        ask: shows a text of the reader's own, too: it gives for a text
            `{"logits": ..., "tokens": ...}`, as above; a ValueError says why not.

    Raises:
        ValueError: for shapes that do not fit, logits that are not finite, ids outside
            the vocabulary, or a choice out of range.

    >>> logits = torch.tensor([[[0.0, 0.0]], [[1.0, 3.0]]])
    >>> LogitLens(logits, [0, 1], ["tea", "coffee"])
    LogitLens: 2 depths x 1 word, 2 words to choose from; after 1 block, word 0
      after 'tea' comes 'coffee'
      after 1 block the head says coffee 0.88, tea 0.12
      depth           says           true word
      embedding       tea      0.50  p 0.50, rank 2
      after 1 block   coffee   0.88  p 0.88, rank 1
    """

    _esm = module_text("logit_lens")
    _css = style_text("logit_lens")
    shape = traitlets.List(traitlets.Int()).tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    following = traitlets.List(traitlets.Unicode()).tag(sync=True)
    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    top_words = traitlets.Bytes().tag(sync=True)
    top_probs = traitlets.Bytes().tag(sync=True)
    true_probs = traitlets.Bytes().tag(sync=True)
    true_ranks = traitlets.Bytes().tag(sync=True)
    depth = traitlets.Int(0).tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        logits: Tensor | Sequence[Any],
        tokens: Tensor | Sequence[int],
        vocabulary: Sequence[str],
        *,
        depth: int | None = None,
        position: int | None = None,
        ask: Ask | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        super().__init__(**self.text_traits(logits=logits, tokens=tokens))
        self.depth = self.shape[0] - 1 if depth is None else depth
        if position is not None:
            self.position = position
        self._take_texts(ask)

    def text_traits(
        self, *, logits: Tensor | Sequence[Any], tokens: Tensor | Sequence[int]
    ) -> dict[str, Any]:
        """What the lens shows of a text; its last word is chosen.

        Raises:
            ValueError: as the constructor does.
        """
        vocabulary = self._vocabulary
        table = torch.as_tensor(logits).detach().cpu().double()
        ids = [int(i) for i in torch.as_tensor(tokens).flatten().tolist()]
        _check_lens(table, ids, len(vocabulary))
        D, T, V = table.shape
        probs = softmax(table)
        order = table.argsort(dim=-1, descending=True, stable=True)  # (D, T, V)
        top = order[..., : min(N_TOP, V)]
        targets = torch.tensor(ids[1 : T + 1]).view(1, -1, 1).expand(D, -1, 1)
        known = targets.shape[1]
        ranks = (order[:, :known] == targets).int().argmax(dim=-1) + 1  # (D, known)
        shown = sorted(set(top.flatten().tolist()))
        places = torch.zeros(V, dtype=torch.int64)
        places[shown] = torch.arange(len(shown))
        self._places = places[top]
        self._probs = probs.gather(-1, top).float().double()
        self._true = probs[:, :known].gather(-1, targets)[..., 0].float().double()
        self._ranks = ranks
        return {
            "shape": [D, T, V, top.shape[-1]],
            "tokens": [str(vocabulary[i]) for i in ids[:T]],
            "following": [str(vocabulary[i]) for i in ids[1 : T + 1]],
            "words": [str(vocabulary[i]) for i in shown],
            "top_words": self._places.numpy().astype("<i4").tobytes(),
            "top_probs": self._probs.numpy().astype("<f4").tobytes(),
            "true_probs": self._true.numpy().astype("<f4").tobytes(),
            "true_ranks": ranks.numpy().astype("<i4").tobytes(),
            "position": T - 1,
        }

    @traitlets.validate("depth", "position")
    def _inside(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        size = self.shape[("depth", "position").index(name)]
        if not 0 <= value < size:
            raise ValueError(f"{name} is {value}: it must be in 0 .. {size - 1}")
        return value

    def read(self, depth: int | None = None, position: int | None = None) -> Reading:
        """What the lens shows at a cell, the chosen one by default."""
        d = self.depth if depth is None else depth
        t = self.position if position is None else position
        names = [self.words[i] for i in self._places[d, t].tolist()]
        probs = self._probs[d, t].tolist()
        truth = None
        if t < len(self.following):
            p, rank = self._true[d, t].item(), int(self._ranks[d, t])
            truth = (self.following[t], p, rank)
        all_shown = self.shape[3] == self.shape[2]
        rest = 0.0 if all_shown else max(0.0, 1 - sum(probs))
        return Reading(list(zip(names, probs, strict=True)), rest, truth)

    def _says(self) -> str:
        reading = self.read()
        told = ", ".join(f"{word} {p:.2f}" for word, p in reading.top[:4])
        if self.shape[2] <= 4:
            return told
        others = reading.rest + sum(p for _, p in reading.top[4:])
        return f"{told}, all others {others:.2f}"

    def describe(self) -> str:
        """The chosen cell, then the best word and the true one at every depth."""
        D, T, V, _ = self.shape
        t = self.position
        then = self.read().truth
        text = " ".join(self.tokens[max(0, t - 5) : t + 1])
        lines = [
            f"LogitLens: {D} depths x {T} word{'' if T == 1 else 's'}, {V} words to "
            f"choose from; {depth_name(self.depth)}, word {t}",
            f"  after {text!r} comes {then[0]!r}" if then else f"  after {text!r}",
            f"  {depth_name(self.depth)} the head says {self._says()}",
            "  depth           says           true word",
        ]
        for d in range(D):
            reading = self.read(d)
            word, p = reading.top[0]
            truth = reading.truth
            known = f"  p {truth[1]:.2f}, rank {truth[2]}" if truth else ""
            lines.append(f"  {depth_name(d):14s}  {word:8s} {p:.2f}{known}")
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """The best word by depth and position, and the bars of the chosen cell."""
        from course_play.plots import Picture, new_figure

        D, T = self.shape[:2]
        drawn = self._drawn()
        n = len(drawn)
        figure = new_figure(min(13.0, 4.2 + 0.85 * n), max(3.4, 1.2 + 0.25 * T))
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [n, 2]})
        self._draw_table(left)
        self._draw_bars(right)
        left.set_title(self._title(), fontsize=11)
        named = "; ".join(
            f"{depth_name(d)} {self.read(d).top[0][0]} {self.read(d).top[0][1]:.2f}"
            for d in drawn
        )
        depths = f"{D} depths" if n == D else f"{n} of {D} depths"
        alt = (
            f"Table of {T} words by {depths} with the word the head would say next. "
            f"After “{self.tokens[self.position]}”: {named}. "
            f"Bars of the chosen cell, {depth_name(self.depth)}: {self._says()}."
        )
        return Picture(figure, alt)

    def _drawn(self) -> range:
        """The depths of the picture: the last ones, and the chosen one among them."""
        D = self.shape[0]
        first = max(0, min(D - DEPTHS_DRAWN, self.depth))
        return range(first, min(D, first + DEPTHS_DRAWN))

    def _title(self) -> str:
        truth = self.read().truth
        name, read = depth_name(self.depth), self.tokens[self.position]
        if truth is None:
            return f"“{read}” read, {name}: “{self.read().top[0][0]}” is likeliest"
        return f"“{read}” read, {name}: “{truth[0]}” has rank {truth[2]}"

    def _draw_table(self, axes: Any) -> None:
        T, drawn = self.shape[1], self._drawn()
        best = self._probs[drawn.start : drawn.stop, :, 0].T.numpy()
        axes.imshow(best, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for column, d in enumerate(drawn):
            for t in range(T):
                reading = self.read(d, t)
                word, p = reading.top[0]
                right = reading.truth is not None and reading.truth[2] == 1
                axes.text(
                    column,
                    t,
                    f"{'✓ ' if right else ''}{word}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if p > 0.6 else "black",
                )
        _frame(axes, self.depth - drawn.start, self.position)
        labels = ["0\n(embedding)" if d == 0 else str(d) for d in drawn]
        axes.set_xticks(range(len(drawn)), labels)
        axes.set_yticks(range(T), self.tokens, fontsize=8)
        axes.set(xlabel="blocks so far", ylabel="word read")

    def _draw_bars(self, axes: Any) -> None:
        from course_play.plots import BLUE, hatch_bar, on_paper

        reading = self.read()
        rows = [*reading.top]
        if reading.rest:
            rows.append(("all others", reading.rest))
        bars = axes.barh(range(len(rows)), [p for _, p in rows], color=BLUE)
        axes.bar_label(bars, [f"{p:.2f}" for _, p in rows], padding=2, fontsize=8)
        if reading.truth and reading.truth[2] <= len(reading.top):
            hatch_bar(bars[reading.truth[2] - 1])
        axes.set_yticks(range(len(rows)), [word for word, _ in rows], fontsize=8)
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.25), xticks=[0, 0.5, 1], xlabel="probability")
        on_paper(axes)


def _frame(axes: Any, x: int, y: int) -> None:
    from course_play.plots import ORANGE

    xs = [x - 0.5, x + 0.5, x + 0.5, x - 0.5, x - 0.5]
    ys = [y - 0.5, y - 0.5, y + 0.5, y + 0.5, y - 0.5]
    axes.plot(xs, ys, color=ORANGE, linewidth=2, clip_on=False)


def _check_lens(logits: Tensor, ids: Sequence[int], vocab_size: int) -> None:
    shape = tuple(logits.shape)
    if logits.ndim != 3 or 0 in shape:
        raise ValueError(f"logits have shape {shape}: give (D, T, V) of one text")
    D, T, V = shape
    for n, noun, most in ((D, "depths", MOST_DEPTHS), (T, "tokens", MOST_TOKENS)):
        if n > most:
            raise ValueError(f"{n} {noun}: give at most {most}")
    if vocab_size != V:
        raise ValueError(f"{V} logits need as many words, not {vocab_size}")
    if len(ids) not in (T, T + 1):
        raise ValueError(f"{T} positions need {T} or {T + 1} tokens, not {len(ids)}")
    if bad := [i for i in ids if not 0 <= i < V]:
        raise ValueError(f"token {bad[0]} is outside the vocabulary 0 .. {V - 1}")
    if not logits.isfinite().all():
        raise ValueError("logits hold a number that is not finite")
