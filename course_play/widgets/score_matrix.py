"""Lesson 11: a small matrix of scores you edit; softmax makes each row shares of 1."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from course_lib.functional import softmax
from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 6
REACH = 20.0
LARGEST_SCALE = 5.0


def attend(scores: Tensor, *, causal: bool = True, scale: float = 1.0) -> Tensor:
    """Softmax of each row of `scale * scores` (T, T); causal: the future gets 0.

    >>> attend(torch.zeros(2, 2))
    tensor([[1.0000, 0.0000],
            [0.5000, 0.5000]])
    """
    scaled = scale * scores
    if causal:
        future = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scaled = scaled.masked_fill(future, -math.inf)
    return softmax(scaled)


class ScoreMatrix(CourseWidget):
    """Edit scores, switch the causal mask, scale all scores: rows always sum to 1.

    Args:
        scores: (T, T) finite numbers from -20 to 20, T from 2 to 6; rows are queries.
        tokens: T labels.
        causal: whether the future is masked at first.
        scale: by what all scores are multiplied at first, 0 to 5.

    Raises:
        ValueError: for scores of another shape or out of range, another number of
            tokens, or a scale out of range.

    >>> matrix = ScoreMatrix([[0.0, 9.0], [0.0, 0.0]], ["The", "cat"])
    >>> matrix
    ScoreMatrix of 2 words, causal mask on, scores x 1.0
              The    cat
       The  1.000      -  sum 1.000
       cat  0.500  0.500  sum 1.000
    >>> matrix.causal = False
    >>> round(matrix.weights[0, 1].item(), 4)
    0.9999
    """

    _esm = module_text("score_matrix")
    _css = style_text("score_matrix")
    scores = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    causal = traitlets.Bool(True).tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)

    def __init__(
        self,
        scores: Tensor | Sequence[Sequence[float]],
        tokens: Sequence[str],
        *,
        causal: bool = True,
        scale: float = 1.0,
    ) -> None:
        table = torch.as_tensor(scores, dtype=torch.float64).detach().cpu()
        if table.ndim != 2 or table.shape[0] != table.shape[1]:
            raise ValueError(f"scores have shape {tuple(table.shape)}: give (T, T)")
        if not 2 <= len(table) <= MOST:
            raise ValueError(f"{len(table)} words: give 2 to {MOST}")
        if len(tokens) != len(table):
            raise ValueError(
                f"{len(table)} rows need as many tokens, not {len(tokens)}"
            )
        super().__init__(
            scores=table.tolist(),
            tokens=[str(token) for token in tokens],
            causal=causal,
            scale=float(scale),
        )

    @traitlets.validate("scores")
    def _scores_fit(self, proposal: Any) -> list[list[float]]:
        table: list[list[float]] = proposal["value"]
        for score in (score for row in table for score in row):
            if not -REACH <= score <= REACH:
                raise ValueError(f"score {score}: give -{REACH:.0f} to {REACH:.0f}")
        return table

    @traitlets.validate("scale")
    def _scale_fits(self, proposal: Any) -> float:
        scale = float(proposal["value"])
        if not 0 <= scale <= LARGEST_SCALE:
            raise ValueError(f"scale is {scale}: it must be in 0 .. {LARGEST_SCALE}")
        return scale

    @property
    def weights(self) -> Tensor:
        """The attention weights now, float64 (T, T); each row sums to 1."""
        scores = torch.tensor(self.scores, dtype=torch.float64)
        return attend(scores, causal=self.causal, scale=self.scale)

    def _is_masked(self, q: int, k: int) -> bool:
        return self.causal and k > q

    def describe(self) -> str:
        """The weights with the sum of each row; masked places are a dash."""
        wide = max(5, *map(len, self.tokens))
        mask = "on" if self.causal else "off"
        head = (
            f"ScoreMatrix of {len(self.tokens)} words, causal mask {mask}, "
            f"scores x {self.scale:.1f}"
        )
        lines = [
            head,
            " " * (wide + 3) + "  ".join(f"{t:>{wide}}" for t in self.tokens),
        ]
        for q, row in enumerate(self.weights.tolist()):
            cells = [
                f"{'-' if self._is_masked(q, k) else f'{w:.3f}':>{wide}}"
                for k, w in enumerate(row)
            ]
            told = "  ".join([f" {self.tokens[q]:>{wide}}", *cells])
            lines.append(f"{told}  sum {sum(row):.3f}")
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """The weights as a heat map with numbers, masked places empty."""
        from course_play.plots import Picture, new_axes

        T = len(self.tokens)
        figure, axes = new_axes(2.2 + 0.75 * T, 1.6 + 0.6 * T)
        table = self.weights.tolist()
        shown = [
            [math.nan if self._is_masked(q, k) else w for k, w in enumerate(row)]
            for q, row in enumerate(table)
        ]
        axes.imshow(shown, cmap="Blues", vmin=-0.1, vmax=1, aspect="auto")
        for q, row in enumerate(shown):
            for k, w in enumerate(row):
                if not math.isnan(w):
                    tone = "white" if w > 0.6 else "black"
                    axes.text(k, q, f"{w:.2f}", ha="center", va="center", color=tone)
        axes.set_xticks(range(T), self.tokens)
        axes.set_yticks(range(T), self.tokens)
        mask = "the upper triangle is 0" if self.causal else "no mask"
        axes.set(title=f"Rows sum to 1, {mask}", xlabel="key", ylabel="query")
        rows = "; ".join(
            f"{token}: " + " ".join(f"{w:.2f}" for w in row)
            for token, row in zip(self.tokens, table, strict=True)
        )
        return Picture(figure, f"Attention weights, queries downwards: {rows}.")
