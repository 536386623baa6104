"""Lesson 04: one gradient step at a time, logits and probabilities and arrows."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import traitlets
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.functional import log_softmax, softmax
from course_play.plots import BLUE, GREEN, GREY, ORANGE, PAPER, Picture, new_figure
from course_play.widgets.base import CourseWidget, module_text, style_text

MOST_STEPS = 200
MOST_LABELS = 12


class Descent(NamedTuple):
    """One state of the descent: float64 vectors (V,) and the loss in nats."""

    logits: Tensor
    probs: Tensor
    gradient: Tensor
    loss: float


def descend(
    logits: Sequence[float] | Tensor, target: int, rates: Sequence[float]
) -> list[Descent]:
    """Every state of z <- z - rate * (p - onehot), one more than there are rates.

    p - onehot is the gradient of -ln p(target) with respect to the logits
    (Goodfellow et al. 2016, section 6.2.2.3).

    >>> [round(state.loss, 2) for state in descend([0.0, 0.0], 0, [1.0, 1.0])]
    [0.69, 0.31, 0.19]
    """
    z = torch.as_tensor(logits, dtype=torch.float64)
    onehot = torch.zeros_like(z)
    onehot[target] = 1.0
    states: list[Descent] = []
    for rate in [*rates, 0.0]:
        probs = softmax(z)
        loss = -log_softmax(z)[target].item()
        states.append(Descent(z, probs, probs - onehot, loss))
        z = z - rate * (probs - onehot)
    return states


class GradientSteps(CourseWidget):
    """Logits, probabilities and gradient arrows of one prediction, step by step.

    Args:
        logits: 2 to 12 starting scores.
        labels: one word or letter for each logit.
        target: the right answer, as a label or as its index.
        learning_rate: how far one step goes, above 0; the slider changes it.

    Raises:
        ValueError: for numbers that are not finite, labels that do not fit, an unknown
            target, or a learning rate that is not above 0.

    >>> steps = GradientSteps([1.0, 1.0], ["yes", "no"], "yes")
    >>> steps.step(2).loss < 0.21
    True
    """

    _esm = module_text("gradient_steps")
    _css = style_text("gradient_steps")
    logits = traitlets.List(traitlets.Float()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    target = traitlets.Int().tag(sync=True)
    learning_rate = traitlets.Float(1.0).tag(sync=True)
    rates = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        logits: Sequence[float] | Tensor,
        labels: Sequence[str],
        target: str | int,
        *,
        learning_rate: float = 1.0,
    ) -> None:
        scores = torch.as_tensor(logits, dtype=torch.float64)
        if scores.ndim != 1 or not 2 <= len(scores) <= MOST_LABELS:
            raise ValueError(
                f"logits have shape {tuple(scores.shape)}: give a list of 2 to "
                f"{MOST_LABELS} numbers"
            )
        if not scores.isfinite().all():
            raise ValueError(f"logits are {scores.tolist()}: each must be finite")
        if not math.isfinite(learning_rate) or learning_rate <= 0:
            raise ValueError(f"learning_rate is {learning_rate}: it must be above 0")
        words = [str(label) for label in labels]
        if len(words) != len(scores):
            raise ValueError(
                f"{len(scores)} logits need as many labels, not {len(words)}"
            )
        super().__init__(
            logits=scores.tolist(),
            labels=words,
            target=_index_of(target, words),
            learning_rate=float(learning_rate),
        )

    @property
    def history(self) -> list[Descent]:
        """All states so far: the start and one for each step taken."""
        return descend(self.logits, self.target, self.rates)

    @property
    def probs(self) -> Tensor:
        """Probabilities now, float64 (V,)."""
        return self.history[-1].probs

    @property
    def loss(self) -> float:
        """-ln p(target) now, in nats."""
        return self.history[-1].loss

    def step(self, n: int = 1) -> "GradientSteps":
        """Take `n` steps at the present learning rate, as the buttons do.

        Raises:
            ValueError: if `n` is not positive or would pass 200 steps in all.
        """
        if n < 1 or len(self.rates) + n > MOST_STEPS:
            raise ValueError(
                f"n is {n} after {len(self.rates)} steps: 1 or more, and no more than "
                f"{MOST_STEPS} in all"
            )
        self.rates = [*self.rates, *[self.learning_rate] * n]
        return self

    def reset(self) -> "GradientSteps":
        """Back to the logits of the start."""
        self.rates = []
        return self

    def describe(self) -> str:
        """The table of the present state, then the loss and p(target) of each step."""
        history = self.history
        now, word, count = history[-1], self.labels[self.target], len(self.rates)
        wide = max(6, *(len(label) for label in self.labels))
        lines = [
            f"GradientSteps after {count} step{'s' * (count != 1)}, learning rate "
            f"{self.learning_rate:.1f}: p({word}) = {now.probs[self.target]:.2f}, "
            f"loss {now.loss:.2f} nats",
            f"{'':{wide}}  logit     p  gradient",
        ]
        rows = zip(self.labels, now.logits, now.probs, now.gradient, strict=True)
        lines += [f"{s:>{wide}} {z:6.2f}  {p:.2f}     {g:+.2f}" for s, z, p, g in rows]
        shown = history[-12:]
        lines.append("loss by step: " + " ".join(f"{s.loss:.2f}" for s in shown))
        by_step = " ".join(f"{s.probs[self.target]:.2f}" for s in shown)
        return "\n".join([*lines, f"p({word}) by step: {by_step}"])

    def picture(self) -> Picture:
        """Three panels that share their rows: logits, probabilities, gradient."""
        history = self.history
        now, n, word = history[-1], len(self.labels), self.labels[self.target]
        slopes = now.gradient.tolist()
        figure = new_figure(7.2, 0.34 * n + 1.2)
        left, middle, right = figure.subplots(1, 3, sharey=True)
        colors = [GREEN if i == self.target else BLUE for i in range(n)]
        bars = left.barh(range(n), now.logits.tolist(), color=GREY, height=0.6)
        left.bar_label(bars, fmt="%.2f", padding=2, fontsize=9)
        bars = middle.barh(range(n), now.probs.tolist(), color=colors, height=0.6)
        middle.bar_label(bars, fmt="%.2f", padding=2, fontsize=9)
        longest = max(s.gradient.abs().max().item() for s in history)
        for i, slope in enumerate(slopes):
            _draw_arrow(right, i, slope, longest)
        widest = 1.6 * max(1.0, now.logits.abs().max().item())
        left.set(yticks=range(n), yticklabels=self.labels, xlabel="logits z")
        left.set_xlim(-widest, widest)
        middle.set(xlim=(0, 1.2), xlabel="probabilities p")
        right.set(xlim=(-1.6 * longest, 1.6 * longest), xlabel="gradient p − onehot")
        left.invert_yaxis()
        for axes in (left, middle, right):
            axes.set_facecolor(PAPER)
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.tick_params(left=False)
            axes.axvline(0, color=GREY, linewidth=0.8)
        figure.suptitle(f"The answer is {word!r}: p = {now.probs[self.target]:.2f}")
        told = zip(self.labels, slopes, strict=True)
        return Picture(
            figure,
            f"After {len(self.rates)} steps p({word}) is {now.probs[self.target]:.2f} "
            f"and the loss {now.loss:.2f} nats; gradient arrows: "
            + ", ".join(f"{label} {slope:+.2f}" for label, slope in told)
            + ".",
        )


def _draw_arrow(axes: Axes, row: int, slope: float, longest: float) -> None:
    """A block arrow from 0 to `slope`, with its number behind the tip."""
    head = math.copysign(min(0.12 * longest, abs(slope)), slope)
    xs = [0, slope - head, slope - head, slope, slope - head, slope - head, 0]
    ys = [row + dy for dy in (-0.08, -0.08, -0.24, 0, 0.24, 0.08, 0.08)]
    axes.fill(xs, ys, color=ORANGE if slope < 0 else BLUE, linewidth=0)
    side = -1 if slope < 0 else 1
    axes.text(
        slope + side * 0.05 * longest,
        row,
        f"{slope:+.2f}",
        ha="right" if slope < 0 else "left",
        va="center",
        fontsize=9,
    )


def _index_of(target: str | int, labels: list[str]) -> int:
    """The place of a label, or the index itself, checked."""
    if isinstance(target, str):
        if target not in labels:
            raise ValueError(f"target is {target!r}: it must be one of {labels}")
        return labels.index(target)
    if not 0 <= target < len(labels):
        raise ValueError(f"target is {target}: it must be in 0 .. {len(labels) - 1}")
    return int(target)
