"""Lessons 11, 15 and 27: where each word looks, and what each head is worth."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from course_play.widgets.ablation import Ablation, compare
from course_play.widgets.base import module_text, style_text
from course_play.widgets.own_text import Ask, OfOwnText

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST_TOKENS = 64
BAR_LETTERS = 20
LEAST_SHOWN = 0.005  # what rounds to 0.00 is left out of the text


def top_keys(row: Sequence[float], n: int) -> list[tuple[int, float]]:
    """The `n` keys with the largest weights; zeros are left out, ties go left first.

    >>> top_keys([0.25, 0.0, 0.5, 0.25], 2)
    [(2, 0.5), (0, 0.25)]
    """
    order = sorted(range(len(row)), key=lambda j: (-row[j], j))
    return [(j, row[j]) for j in order[:n] if row[j] > 0]


def words_looked_at(row: Sequence[float]) -> float:
    """How many keys an even spread of the same entropy has, from 1 to T.

    >>> words_looked_at([0.5, 0.5, 0.0]) - 2 < 1e-9
    True
    """
    return math.exp(-math.fsum(w * math.log(w) for w in row if w > 0))


def surprise(p: float) -> float:
    """-ln p in nats; infinite for p = 0.

    >>> surprise(1.0)
    0.0
    """
    return -math.log(p) + 0.0 if p > 0 else math.inf


def _check_weights(weights: Tensor, tokens: Sequence[str], causal: bool) -> None:
    shape = tuple(weights.shape)
    if weights.ndim != 4 or shape[2] != shape[3] or 0 in shape:
        raise ValueError(f"weights have shape {shape}: give (L, H, T, T) of one text")
    if len(tokens) != shape[3]:
        raise ValueError(f"{shape[3]} columns need as many tokens, not {len(tokens)}")
    if shape[3] > MOST_TOKENS:
        raise ValueError(f"{shape[3]} tokens: give at most {MOST_TOKENS}")
    sums = weights.sum(dim=-1)
    wrong = (sums - 1).abs().nan_to_num(nan=1.0)
    if wrong.max() > 1e-3 or (weights < 0).any():
        worst = sums.flatten()[wrong.argmax()].item()
        raise ValueError(
            f"a row of weights sums to {worst:.3f}: rows must be shares of 1, as "
            "softmax makes them"
        )
    if causal and (leak := weights.triu(1).amax().item()) > 1e-6:
        raise ValueError(
            f"a word gives {leak:.3f} to a later word: mask the future, or say "
            "causal=False"
        )


def _doubles(values: Any) -> Tensor:
    return torch.as_tensor(values).detach().cpu().float().double()


def _bytes(values: Tensor) -> bytes:
    data: bytes = values.numpy().astype("<f4").tobytes()
    return data


class AttentionExplorer(OfOwnText):
    """Pick a layer, a head and a word: bars over the text show where the word looks.

    Below them stands the whole matrix of the head, queries downwards, keys to the
    right. With `vocabulary`, `probs` and `ablated` it also shows what the model says
    comes next, with all heads on and with the chosen head switched off, and each head
    carries what switching it off adds to the loss of the text. Layers and heads are
    counted from 0, as in code; with one layer and one head there is nothing to pick.

    Args:
        weights: (L, H, T, T), the attention of ONE text: rows are queries and sum to
            1, columns are keys. `lens.attention_weights(model, tokens)[:, 0]` has
            this shape.
        tokens: T strings as the reader shall see them, at most 64.
        causal: whether no word may look at a later one (a GPT); False for a model
            that reads in both directions, or one that leaks.
        vocabulary: V strings, what may come next. The true next token is found by
            its string in `tokens`, so write both alike.
        probs: (T, V), the probabilities of the token after each position.
        ablated: (L, H, T, V), the same with that one head switched off.
        layer, head, query: what is chosen at first; query None is the last word.
        ask: shows a text of the reader's own, too: it gives for a text `weights`,
            `tokens` and, if there is a vocabulary, `probs` and `ablated`, as above, by
            name; a ValueError says why not.

    Raises:
        ValueError: for shapes that do not fit, rows that do not sum to 1, weight on
            the future while `causal`, numbers that are no probabilities, only some of
            vocabulary, probs and ablated, or a choice out of range.

    >>> weights = torch.tensor([[[[1.0, 0.0], [0.75, 0.25]]]])
    >>> AttentionExplorer(weights, ["hungry", "It"])
    AttentionExplorer: 1 layer x 1 head, 2 words; layer 0, head 0, word 1
      'It' looks at hungry 0.75, It 0.25 (as if at 1.8 words)
      hungry 0.75 ###############
          It 0.25 #####
    """

    _esm = module_text("attention_explorer")
    _css = style_text("attention_explorer")
    shape = traitlets.List(traitlets.Int()).tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    causal = traitlets.Bool(True).tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    words = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    truth = traitlets.List(traitlets.Int()).tag(sync=True)
    on = traitlets.Bytes().tag(sync=True)
    off = traitlets.Bytes().tag(sync=True)
    losses = traitlets.List(traitlets.Float()).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    query = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        weights: Tensor | Sequence[Any],
        tokens: Sequence[str],
        *,
        causal: bool = True,
        vocabulary: Sequence[str] | None = None,
        probs: Tensor | Sequence[Any] | None = None,
        ablated: Tensor | Sequence[Any] | None = None,
        layer: int = 0,
        head: int = 0,
        query: int | None = None,
        ask: Ask | None = None,
    ) -> None:
        self._causal, self._vocabulary = causal, vocabulary
        traits = self.text_traits(
            weights=weights, tokens=tokens, probs=probs, ablated=ablated
        )
        super().__init__(causal=causal, **traits)
        self.layer, self.head = layer, head
        if query is not None:
            self.query = query
        self._take_texts(ask)

    def text_traits(
        self,
        *,
        weights: Tensor | Sequence[Any],
        tokens: Sequence[str],
        probs: Tensor | Sequence[Any] | None = None,
        ablated: Tensor | Sequence[Any] | None = None,
    ) -> dict[str, Any]:
        """What the explorer shows of a text; its last word is chosen.

        Raises:
            ValueError: as the constructor does.
        """
        table = _doubles(weights)
        _check_weights(table, tokens, self._causal)
        self._ablation = self._compared(table, tokens, probs, ablated)
        self._weights = table
        L, H, T = table.shape[:3]
        return {
            "shape": [L, H, T],
            "tokens": [str(token) for token in tokens],
            "weights": _bytes(table),
            "query": T - 1,
            **self._synced_ablation(),
        }

    def _compared(
        self, table: Tensor, tokens: Sequence[str], probs: Any, ablated: Any
    ) -> Ablation | None:
        parts = (self._vocabulary, probs, ablated)
        if self._vocabulary is None or probs is None or ablated is None:
            if any(part is not None for part in parts):
                raise ValueError("give all of vocabulary, probs and ablated, or none")
            return None
        on, off = _doubles(probs), _doubles(ablated)
        if off.shape[:2] != table.shape[:2]:
            raise ValueError(
                f"ablated have shape {tuple(off.shape)}: give one entry for each "
                f"of the {tuple(table.shape[:2])} heads"
            )
        return compare(self._vocabulary, tokens, on, off)

    def _synced_ablation(self) -> dict[str, Any]:
        if self._ablation is None:
            return {}
        words, truth, on, off, losses = self._ablation
        finite = [loss if math.isfinite(loss) else 1e9 for loss in losses]
        sides = {"on": _bytes(on), "off": _bytes(off)}
        return {"words": words, "truth": truth, "losses": finite, **sides}

    @traitlets.validate("layer", "head", "query")
    def _inside(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        size = self.shape[("layer", "head", "query").index(name)]
        if not 0 <= value < size:
            raise ValueError(f"{name} is {value}: it must be in 0 .. {size - 1}")
        return value

    @property
    def matrix(self) -> Tensor:
        """The weights of the chosen head, float64 (T, T), queries down."""
        return self._weights[self.layer, self.head]

    @property
    def row(self) -> list[float]:
        """Where the chosen word looks: T weights."""
        row: list[float] = self.matrix[self.query].tolist()
        return row

    def changes(self) -> list[tuple[str, float, float]]:
        """(next word, p with all heads on, p with this head off) after the query."""
        if self._ablation is None:
            return []
        t, found = self.query, self._ablation
        off = found.off[self.layer, self.head, t].tolist()
        return list(zip(found.words[t], found.on[t].tolist(), off, strict=True))

    def _looks(self, n: int) -> str:
        top = top_keys(self.row, n)
        told = [f"{self.tokens[j]} {w:.2f}" for j, w in top if w >= LEAST_SHOWN]
        return ", ".join(told)

    def _loss_line(self) -> str:
        losses = self._ablation.losses if self._ablation else []
        if not losses:
            return ""
        off = losses[1 + self.layer * self.shape[1] + self.head]
        return f"loss of the text: all heads on {losses[0]:.2f}, off {off:.2f}"

    def describe(self) -> str:
        """The chosen word's weights, and what the head changes where that is known."""
        L, H, T = self.shape
        lines = [
            f"AttentionExplorer: {_count(L, 'layer')} x {_count(H, 'head')}, "
            f"{_count(T, 'word')}; layer {self.layer}, head {self.head}, "
            f"word {self.query}",
            f"  {self.tokens[self.query]!r} looks at {self._looks(3)} "
            f"(as if at {words_looked_at(self.row):.1f} words)",
        ]
        top = [(j, w) for j, w in top_keys(self.row, 8) if w >= LEAST_SHOWN]
        wide = max(len(self.tokens[j]) for j, _ in top)
        for j, w in top:
            bar = "#" * round(BAR_LETTERS * w)
            lines.append(f"  {self.tokens[j]:>{wide}} {w:.2f} {bar}".rstrip())
        if changes := self.changes():
            told = ", ".join(f"{word} {a:.2f} -> {b:.2f}" for word, a, b in changes)
            lines.append(f"  next word, head on -> off: {told}")
        if self.losses:
            lines.append(f"  {self._loss_line()}")
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """The matrix of the chosen head, its future empty, the chosen row framed."""
        from course_play.plots import ORANGE, Picture, new_axes

        T = len(self.tokens)
        side = min(7.0, 2.2 + 0.3 * T)
        figure, axes = new_axes(side + 0.9, side)
        table = self.matrix.clone()
        if self.causal:
            table[torch.ones(T, T, dtype=torch.bool).triu(1)] = math.nan
        image = axes.imshow(table.numpy(), cmap="Blues", vmin=-0.1, vmax=1)
        bar = figure.colorbar(image, ax=axes, shrink=0.7, label="weight")
        bar.ax.set_ylim(0, 1)  # what is exactly 0 still differs from the empty future
        q, size = self.query, 9 if T <= 20 else 6.5
        end = q + 1 if self.causal else T
        xy = ([-0.5, end - 0.5, end - 0.5, -0.5, -0.5], [q - 0.5] * 2 + [q + 0.5] * 2)
        axes.plot(xy[0], [*xy[1], q - 0.5], color=ORANGE, linewidth=2, clip_on=False)
        axes.set_xticks(range(T), self.tokens, rotation=90, fontsize=size)
        axes.set_yticks(range(T), self.tokens, fontsize=size)
        for j, w in top_keys(self.row, T if T <= 12 else 0):
            tone = "white" if w > 0.6 else "black"
            axes.text(j, q, f"{w:.2f}", ha="center", va="center", size=8, color=tone)
        told = f"“{self.tokens[q]}” looks at {self._looks(3)}"
        most = self.tokens[top_keys(self.row, 1)[0][0]]
        title = f"“{self.tokens[q]}” looks most at “{most}”"
        axes.set(title=title, xlabel="key", ylabel="query")
        alt = (
            f"Attention weights of layer {self.layer}, head {self.head}, queries "
            f"downwards, keys to the right: {told}."
        )
        return Picture(figure, " ".join([alt, self._loss_line()]).rstrip())


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
