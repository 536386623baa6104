"""Lessons 07 and 09: where the letters lie, and how they came there in training."""

import math
from collections.abc import Sequence
from itertools import combinations

import torch
import traitlets
from torch import Tensor

from course_play.plots import COLORS, GREY, Picture, new_axes
from course_play.widgets.base import CourseWidget, module_text, style_text

MOST_GROUPS = 4
MARKERS = "osD^"

Point = Sequence[float]
Distances = dict[str, tuple[float | None, float | None]]


def closeness(points: Sequence[Point], groups: Sequence[str]) -> Distances:
    """Mean distances of each group's members: to each other, and to everyone else.

    None where there is no such pair.

    >>> closeness([(0, 0), (0, 2), (3, 0)], ["vowel", "vowel", "end"])["vowel"][0]
    2.0
    """
    found: Distances = {}
    for group in dict.fromkeys(groups):
        within: list[float] = []
        outside: list[float] = []
        for i, j in combinations(range(len(points)), 2):
            inside = (groups[i] == group) + (groups[j] == group)
            if inside:
                (within if inside == 2 else outside).append(
                    math.dist(points[i], points[j])
                )
        found[group] = (_mean(within), _mean(outside))
    return found


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


class EmbeddingMap(CourseWidget):
    """Letters as points in the plane, with a slider through the training.

    Args:
        snapshots: (S, N, 2), the places of N letters at S moments of the training.
        steps: the S training steps at which they were taken, rising.
        labels: N letters.
        groups: the kind of each letter, at most 4 kinds, such as vowel and consonant;
            each has a colour and a shape.

    Raises:
        ValueError: for snapshots of another shape or not finite, or steps, labels or
            groups that do not fit.

    >>> map = EmbeddingMap([[[0, 0], [1, 0]]], [100], ["a", "k"], ["vowel", "other"])
    >>> map
    EmbeddingMap of 2 letters at training step 100 (snapshot 1 of 1)
      vowel (1): to each other -, to the rest 1.00
      other (1): to each other -, to the rest 1.00
    """

    _esm = module_text("embedding_map")
    _css = style_text("embedding_map")
    snapshots = traitlets.List(traitlets.List(traitlets.List(traitlets.Float()))).tag(
        sync=True
    )
    steps = traitlets.List(traitlets.Int()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    groups = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
    paths = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        snapshots: Tensor | Sequence[Sequence[Point]],
        steps: Sequence[int],
        labels: Sequence[str],
        groups: Sequence[str],
    ) -> None:
        places = torch.as_tensor(snapshots, dtype=torch.float64).detach().cpu()
        if places.ndim != 3 or places.shape[-1] != 2 or not places.numel():
            raise ValueError(
                f"snapshots have shape {tuple(places.shape)}: give (S, letters, 2)"
            )
        if not places.isfinite().all():
            raise ValueError("snapshots hold a number that is not finite")
        S, N = places.shape[:2]
        if not len(labels) == len(groups) == N:
            raise ValueError(
                f"{N} letters need as many labels and groups, not {len(labels)} and "
                f"{len(groups)}"
            )
        if len(steps) != S or list(steps) != sorted(set(steps)):
            raise ValueError(f"steps are {list(steps)}: give {S} rising numbers")
        if len(set(groups)) > MOST_GROUPS:
            raise ValueError(f"{len(set(groups))} groups: give at most {MOST_GROUPS}")
        super().__init__(
            snapshots=[[_rounded(point) for point in row] for row in places.tolist()],
            steps=[int(step) for step in steps],
            labels=[str(label) for label in labels],
            groups=[str(group) for group in groups],
            index=S - 1,
        )

    @property
    def points(self) -> Tensor:
        """The places now, float64 (N, 2)."""
        return torch.tensor(self.snapshots[self.index], dtype=torch.float64)

    @traitlets.validate("index")
    def _check_index(self, proposal: dict[str, int]) -> int:
        index = proposal["value"]
        if not 0 <= index < len(self.snapshots):
            raise ValueError(
                f"index is {index}: it must be in 0 .. {len(self.snapshots) - 1}"
            )
        return index

    def describe(self) -> str:
        """The step, and how close the letters of each group are at it."""
        lines = [
            f"EmbeddingMap of {len(self.labels)} letters at training step "
            f"{self.steps[self.index]} (snapshot {self.index + 1} of {len(self.steps)})"
        ]
        near = closeness(self.snapshots[self.index], self.groups)
        for group, (within, outside) in near.items():
            lines.append(
                f"  {group} ({self.groups.count(group)}): to each other "
                f"{_text(within)}, to the rest {_text(outside)}"
            )
        return "\n".join(lines)

    def picture(self) -> Picture:
        """The letters in their markers, at the step the slider stands on."""
        figure, axes = new_axes(6.4, 4.6)
        kinds = list(dict.fromkeys(self.groups))
        if self.paths:
            track = torch.tensor(self.snapshots[: self.index + 1])  # (S, N, 2)
            axes.plot(
                *track.numpy().transpose(2, 0, 1), color=GREY, linewidth=0.6, alpha=0.6
            )
        for kind, group in enumerate(kinds):
            chosen = [i for i, name in enumerate(self.groups) if name == group]
            x, y = self.points[chosen].T.numpy()
            axes.scatter(
                x, y, s=120, marker=MARKERS[kind], label=group,
                facecolor="white", edgecolor=COLORS[kind], linewidth=1.6,
            )  # fmt: skip
            for i, x_i, y_i in zip(chosen, x, y, strict=True):
                axes.text(
                    x_i, y_i, self.labels[i], ha="center", va="center", fontsize=9
                )
        axes.set_title(f"The letters at training step {self.steps[self.index]}")
        axes.set(aspect="equal", xticks=[], yticks=[])
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9
        )
        near = closeness(self.snapshots[self.index], self.groups)
        told = "; ".join(
            f"{group}: to each other {_text(within)}, to the rest {_text(outside)}"
            for group, (within, outside) in near.items()
        )
        alt = f"Map of {len(self.labels)} letters. Mean distances: {told}."
        return Picture(figure, alt)


def _rounded(point: Sequence[float]) -> list[float]:
    """Five digits are finer than a pixel and keep the message small."""
    return [float(f"{value:.5g}") for value in point]
