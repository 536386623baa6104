"""Lesson 18: writing with and without a KV cache, step by step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST = 16
MARKS = {"new": "#", "kept": "o", "later": "."}


class Work(NamedTuple):
    """What one step, or all steps up to it, cost one head of one layer."""

    computed: int
    """Tokens whose query, key and value are computed."""
    scores: int
    """Products of a query with a key."""


def step_work(n_read: int, n_new: int, *, cache: bool) -> Work:
    """A step after which `n_read` tokens are read, the last `n_new` for the first time.

    >>> step_work(6, 1, cache=True), step_work(6, 1, cache=False)
    (Work(computed=1, scores=6), Work(computed=6, scores=21))
    """
    first = n_read - n_new if cache else 0
    return Work(n_read - first, sum(range(first + 1, n_read + 1)))


class KVCacheStepper(CourseWidget):
    """Which keys and values are computed in each step, and which are only read.

    Args:
        tokens: the prompt and what is written after it, 2 to 16 labels.
        n_prompt: how many of them are the prompt; it is read in the first step.
        step: the step shown at first, from 1.
        cache: whether keys and values are kept.

    Raises:
        ValueError: for another number of tokens, or a prompt or step out of range.

    >>> stepper = KVCacheStepper(["Once", "there", "was", "a"], n_prompt=2, step=2)
    >>> stepper
    KVCacheStepper, step 2 of 3, with a cache
      Once o, there o, was #, a .   (# computed now, o kept, . still to come)
      this step: 1 token computed, 3 scores
      all steps so far: 3 tokens computed, 6 scores
    >>> stepper.cache = False
    >>> stepper.total
    Work(computed=5, scores=9)
    """

    _esm = module_text("kv_cache_stepper")
    _css = style_text("kv_cache_stepper")
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    n_prompt = traitlets.Int().tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    cache = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        tokens: Sequence[str],
        *,
        n_prompt: int = 1,
        step: int = 1,
        cache: bool = True,
    ) -> None:
        if not 2 <= len(tokens) <= MOST:
            raise ValueError(f"{len(tokens)} tokens: give 2 to {MOST}")
        if not 1 <= n_prompt < len(tokens):
            raise ValueError(f"n_prompt is {n_prompt}: give 1 to {len(tokens) - 1}")
        names = [str(token) for token in tokens]
        super().__init__(tokens=names, n_prompt=n_prompt, step=step, cache=cache)

    @traitlets.validate("step")
    def _step_fits(self, proposal: Any) -> int:
        step: int = proposal["value"]
        if not 1 <= step <= self.n_steps:
            raise ValueError(f"step is {step}: give 1 to {self.n_steps}")
        return step

    @property
    def n_steps(self) -> int:
        """The prompt is one step, every further token one more."""
        return len(self.tokens) - self.n_prompt + 1

    def _work(self, step: int) -> Work:
        n_new = self.n_prompt if step == 1 else 1
        return step_work(self.n_prompt + step - 1, n_new, cache=self.cache)

    @property
    def now(self) -> Work:
        """The work of this step."""
        return self._work(self.step)

    @property
    def total(self) -> Work:
        """The work of all steps up to this one."""
        steps = [self._work(step) for step in range(1, self.step + 1)]
        return Work(sum(w.computed for w in steps), sum(w.scores for w in steps))

    @property
    def states(self) -> list[str]:
        """Of each token: "new" (computed in this step), "kept" or "later"."""
        n_read = self.n_prompt + self.step - 1
        first = n_read - self.now.computed
        return [
            "later" if i >= n_read else "new" if i >= first else "kept"
            for i in range(len(self.tokens))
        ]

    def describe(self) -> str:
        """The tokens with their marks, and the counts."""
        marks = [
            f"{token} {MARKS[state]}"
            for token, state in zip(self.tokens, self.states, strict=True)
        ]
        return "\n".join(
            [
                f"KVCacheStepper, step {self.step} of {self.n_steps}, "
                f"{'with a' if self.cache else 'without'} cache",
                f"  {', '.join(marks)}   (# computed now, o kept, . still to come)",
                f"  this step: {_counted(self.now)}",
                f"  all steps so far: {_counted(self.total)}",
            ]
        )

    def picture(self) -> "Picture":
        """All steps as rows, tokens as columns, up to the step that is shown."""
        from course_play.plots import BLUE, Picture, new_axes

        figure, axes = new_axes(1.6 + 0.62 * len(self.tokens), 1.4 + 0.3 * self.n_steps)
        for step in range(1, self.step + 1):
            n_read = self.n_prompt + step - 1
            first = n_read - self._work(step).computed
            new = list(range(first, n_read))
            axes.scatter(new, [step] * len(new), s=90, marker="s", color=BLUE)
            axes.scatter(
                range(first),
                [step] * first,
                s=60,
                facecolors="none",
                edgecolors=BLUE,
            )
        axes.set_xticks(range(len(self.tokens)), self.tokens, rotation=35, ha="right")
        axes.set_yticks(range(1, self.n_steps + 1))
        axes.set(
            xlim=(-0.6, len(self.tokens) - 0.4),
            ylim=(self.n_steps + 0.6, 0.4),
            title=f"{'With a' if self.cache else 'Without'} cache: "
            f"{self.total.computed} tokens computed in {self.step} steps",
            ylabel="step",
        )
        told = self.describe().replace("\n ", ";")
        return Picture(figure, f"Filled squares are computed, rings are kept. {told}.")


def _counted(work: Work) -> str:
    many = "" if work.computed == 1 else "s"
    return f"{work.computed} token{many} computed, {work.scores} scores"
