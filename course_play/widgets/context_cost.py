"""Lesson 18: what a longer context costs, in memory and in multiplications."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

LEAST, MOST = 5.0, 21.0
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


class Size(NamedTuple):
    """A model, as far as the cost of its context goes."""

    name: str
    emb_dim: int
    n_layers: int


SIZES = (
    Size("Tiny World", 128, 3),
    Size("GPT-2 small", 768, 12),
    Size("GPT-2 xl", 1600, 48),
    Size("GPT-3 (as reported)", 12_288, 96),
)


class Cost(NamedTuple):
    """What a context of n tokens costs; bytes of 16-bit numbers."""

    score_bytes: float
    """The score matrix of one head in one layer, if it is written out."""
    cache_bytes: float
    """Keys and values of all tokens in all layers."""
    matrix_flops: float
    """Of one token in one layer: the multiplications with weights."""
    attention_flops: float
    """Of the same token: scores and mixing, over n tokens."""
    crossing: int
    """The n at which both are equal."""


def context_cost(n: int, size: Size) -> Cost:
    """The costs of a context of `n` tokens for a model of this size.

    >>> cost = context_cost(1024, SIZES[1])
    >>> cost.cache_bytes / 2**20, cost.crossing
    (36.0, 4608)
    """
    d = size.emb_dim
    return Cost(
        2.0 * n * n, 4.0 * size.n_layers * n * d, 24.0 * d * d, 4.0 * n * d, 6 * d
    )


def in_units(n_bytes: float) -> str:
    """Bytes in three digits and a unit, thousands as 1,000.

    >>> in_units(2 * 1_047_576**2)
    '2.19 TB'
    """
    power = min(len(UNITS) - 1, int(math.log10(max(n_bytes, 1.0)) // 3))
    value = n_bytes / 1000**power
    digits = 0 if value >= 100 or power == 0 else 1 if value >= 10 else 2
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(value).quantize(step, ROUND_HALF_UP)} {UNITS[power]}"


class ContextCost(CourseWidget):
    """Slide the length of the context; see memory and work grow, and where they cross.

    Args:
        n: tokens in the context at first, 32 to 2,097,152.
        size: which model of `sizes` is shown at first.
        sizes: the models to choose from.

    Raises:
        ValueError: for n or size out of range, or no sizes.

    >>> ContextCost(n=1024, size=1)
    ContextCost: 1,024 tokens, GPT-2 small (width 768, 12 layers)
      score matrix of one head and layer: 2.10 MB
      KV cache: 37.7 MB
      per token and layer: matrices 14.2 MFLOPs, attention 3.1 MFLOPs
      attention overtakes the matrices at 4,608 tokens
    """

    _esm = module_text("context_cost")
    _css = style_text("context_cost")
    log2_n = traitlets.Float(10.0).tag(sync=True)
    size = traitlets.Int(1).tag(sync=True)
    sizes: Any = traitlets.List().tag(sync=True)

    def __init__(
        self, *, n: int = 1024, size: int = 1, sizes: Sequence[Size] = SIZES
    ) -> None:
        if not sizes:
            raise ValueError("sizes is empty: give one model or more")
        if not 2**LEAST <= n <= 2**MOST:
            raise ValueError(f"n is {n}: give {2**LEAST:,.0f} to {2**MOST:,.0f}")
        super().__init__(
            log2_n=math.log2(n), sizes=[list(one) for one in sizes], size=size
        )

    @traitlets.validate("size")
    def _size_fits(self, proposal: Any) -> int:
        size: int = proposal["value"]
        if not 0 <= size < len(self.sizes):
            raise ValueError(f"size is {size}: give 0 to {len(self.sizes) - 1}")
        return size

    @traitlets.validate("log2_n")
    def _n_fits(self, proposal: Any) -> float:
        power = float(proposal["value"])
        if not LEAST <= power <= MOST:
            raise ValueError(f"log2_n is {power}: give {LEAST:.0f} to {MOST:.0f}")
        return power

    @property
    def n(self) -> int:
        """Tokens in the context now."""
        return round(2**self.log2_n)

    @property
    def cost(self) -> Cost:
        """What they cost the chosen model."""
        return context_cost(self.n, Size(*self.sizes[self.size]))

    def describe(self) -> str:
        """The five figures."""
        cost, model = self.cost, Size(*self.sizes[self.size])
        return "\n".join(
            [
                f"ContextCost: {self.n:,} tokens, {model.name} "
                f"(width {model.emb_dim:,}, {model.n_layers} layers)",
                f"  score matrix of one head and layer: {in_units(cost.score_bytes)}",
                f"  KV cache: {in_units(cost.cache_bytes)}",
                f"  per token and layer: matrices {cost.matrix_flops / 1e6:,.1f} "
                f"MFLOPs, attention {cost.attention_flops / 1e6:,.1f} MFLOPs",
                f"  attention overtakes the matrices at {cost.crossing:,} tokens",
            ]
        )

    def picture(self) -> "Picture":
        """Work per token against the length of the context, on log scales."""
        from course_play.plots import BLUE, GREY, ORANGE, Picture, new_axes

        cost, model = self.cost, Size(*self.sizes[self.size])
        figure, axes = new_axes()
        ends = [2**LEAST, 2**MOST]
        slope = [context_cost(int(n), model).attention_flops / 1e6 for n in ends]
        axes.loglog(ends, [cost.matrix_flops / 1e6] * 2, color=BLUE, label="matrices")
        axes.loglog(ends, slope, color=ORANGE, linestyle="--", label="attention")
        axes.axvline(cost.crossing, color=GREY, linestyle=":")
        axes.plot(self.n, cost.attention_flops / 1e6, "o", color=ORANGE)
        axes.set(
            title=f"{model.name}: attention overtakes at {cost.crossing:,} tokens",
            xlabel="tokens in the context",
            ylabel="MFLOPs per token and layer",
        )
        axes.legend()
        told = self.describe().replace("\n ", ";")
        return Picture(figure, f"Two lines of work per token. {told}.")
