"""Lesson 24: reward against KL for several betas, with what the model says at each."""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course_play.plots import Picture

FEWEST, MOST = 2, 20
MOST_SAMPLES = 8
TICK_GAP = 0.08
TIE = 0.1


class FrontierPoint(NamedTuple):
    """A model trained with one beta: what it earns, how far it went, what it says."""

    beta: float
    """Strength of the leash: the price of one nat of KL, 0 or more."""
    reward: float
    """The reward you care about: the true taste, where `hacked` is another one."""
    kl: float
    """KL from the model it started as, in nats per answer."""
    samples: tuple[str, ...]
    """What it says, up to 8 texts."""
    hacked: float | None = None
    """The reward that training raised, where it is another one: the reward model's."""


def kl_share(kl: float, most: float) -> float:
    """Where a KL stands on an axis from 0 to `most`, which grows like its root.

    >>> kl_share(25, 100)
    0.5
    """
    return math.sqrt(max(0.0, kl) / most)


def kl_ticks(most: float) -> list[float]:
    """0 and numbers of the row 1, 2, 5, 10 ... up to `most`, none too close together.

    >>> [float(f"{tick:g}") for tick in kl_ticks(105)]
    [0.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    """
    top = math.floor(math.log10(most))
    ticks, last = [0.0], 1 + 2 * TICK_GAP
    for power in range(top, top - 4, -1):
        for tick in (5 * 10.0**power, 2 * 10.0**power, 10.0**power):
            at = kl_share(tick, most)
            if at <= 1 and last - at >= TICK_GAP <= at:
                ticks.append(tick)
                last = at
    return sorted(ticks)


def reward_range(rewards: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis of rewards, with some room.

    >>> reward_range([0.0, 10.0])
    (-0.8, 10.8)
    """
    low, high = min(rewards), max(rewards)
    room = max(0.5, 0.08 * (high - low))
    return low - room, high + room


class RewardFrontier(CourseWidget):
    """Slide beta from tight to loose: what a longer leash buys, and what it costs.

    Args:
        points: one for each beta, 2 to 20; they are put in order, the largest first.
        beta: which is chosen at first; None for the largest.

    Raises:
        ValueError: for too few or too many points, a beta below 0, given twice or not
            there, a number that is not finite, or too many samples.

    >>> tight = FrontierPoint(0.3, 1.9, 2.0, ("Sure ! soup .",))
    >>> loose = FrontierPoint(0, -12.3, 105.0, ("friend friend friend",), hacked=23.7)
    >>> RewardFrontier([tight, loose], beta=0)
    RewardFrontier: beta 0 of 0.3, 0
      true taste -12.30, KL 105.00 nats, reward model 23.70
      says: friend friend friend
      the highest true taste, 1.90, is at beta 0.3, KL 2.00 nats
    """

    _esm = module_text("reward_frontier")
    _css = style_text("reward_frontier")
    points: Any = traitlets.List().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, points: Sequence[FrontierPoint], *, beta: float | None = None
    ) -> None:
        if not FEWEST <= len(points) <= MOST:
            raise ValueError(f"{len(points)} points: give {FEWEST} to {MOST}")
        rows = sorted((FrontierPoint(*p) for p in points), key=lambda p: -p.beta)
        for point in rows:
            _check_point(point)
        betas = [f"{point.beta:g}" for point in rows]
        if twice := [name for name in betas if betas.count(name) > 1]:
            raise ValueError(f"beta {twice[0]} is given twice: give each beta once")
        if beta is not None and f"{beta:g}" not in betas:
            raise ValueError(f"beta is {beta}: use one of {', '.join(betas)}")
        super().__init__(
            points=[
                {**point._asdict(), "samples": list(point.samples), "name": name}
                for point, name in zip(rows, betas, strict=True)
            ],
            at=0 if beta is None else betas.index(f"{beta:g}"),
        )

    @traitlets.validate("at")
    def _inside(self, proposal: Any) -> int:
        at: int = proposal["value"]
        if not 0 <= at < len(self.points):
            raise ValueError(f"at is {at}: it must be in 0 .. {len(self.points) - 1}")
        return at

    @property
    def point(self) -> FrontierPoint:
        """The chosen point."""
        row = self.points[self.at]
        return FrontierPoint(
            row["beta"], row["reward"], row["kl"], tuple(row["samples"]), row["hacked"]
        )

    def _best(self) -> list[dict[str, Any]]:
        """The point with the highest reward, and those that tie with it to a tenth."""
        most = max(row["reward"] for row in self.points)
        return [row for row in self.points if most - row["reward"] < TIE]

    def _title(self) -> str:
        """What the picture shows; it names no best beta where two or more tie."""
        own, other = self._names()
        best = self._best()
        where = " and ".join(row["name"] for row in best)
        told = f"The {own} is highest at β = {where}"
        seen = [row for row in self.points if row["hacked"] is not None]
        most = max(seen, key=lambda row: row["hacked"], default=best[0])
        return told + f", the {other} at β = {most['name']}" * (most not in best)

    def _names(self) -> tuple[str, str]:
        """What the two rewards are called; the second only where there is one."""
        hacked = any(row["hacked"] is not None for row in self.points)
        return ("true taste", "reward model") if hacked else ("reward", "")

    def describe(self) -> str:
        """The chosen point, its samples, and where the reward is highest."""
        point, best = self.point, self._best()
        own, other = self._names()
        most = max(row["reward"] for row in best)
        where = "; ".join(
            f"beta {row['name']}, KL {row['kl']:.2f} nats" for row in best
        )
        betas = ", ".join(row["name"] for row in self.points)
        numbers = f"{own} {point.reward:.2f}, KL {point.kl:.2f} nats"
        if point.hacked is not None:
            numbers += f", {other} {point.hacked:.2f}"
        return "\n".join(
            [
                f"RewardFrontier: beta {point.beta:g} of {betas}",
                f"  {numbers}",
                *(f"  says: {' '.join(text.split())}" for text in point.samples),
                f"  the highest {own}, {most:.2f}, is at {where}",
            ]
        )

    def picture(self) -> "Picture":
        """Reward against KL on a root scale, a point for each beta, one marked."""
        from course_play.plots import GREY, Picture, new_axes

        figure, axes = new_axes(6.4, 3.6)
        chosen = self.point
        most = _most_kl([row["kl"] for row in self.points])
        self._draw(axes, most)
        ticks = kl_ticks(most)
        axes.set_xticks([kl_share(t, most) for t in ticks], [f"{t:g}" for t in ticks])
        axes.set(
            title=self._title(),
            xlabel="KL from the start (nats per answer, root scale)",
            ylabel=" and ".join(filter(None, self._names())),
            xlim=(-0.02, 1.02),
            ylim=reward_range(self._rewards()),
        )
        if chosen.samples:
            text = textwrap.shorten(chosen.samples[0], 80, placeholder=" ...")
            figure.supxlabel(f"β = {chosen.beta:g} says: {text}", size=9, color=GREY)
        told = self.describe().replace("\n ", ";")
        against = f"{' and '.join(filter(None, self._names())).capitalize()} against KL"
        return Picture(figure, f"{against}, a point for each beta. {told}.")

    def _rewards(self) -> list[float]:
        both = [
            value for row in self.points for value in (row["reward"], row["hacked"])
        ]
        return [value for value in both if value is not None]

    def _draw(self, axes: "Axes", most: float) -> None:
        """Both rewards as lines, the chosen point as a diamond with its beta."""
        from course_play.plots import BLUE, GREY, ORANGE, PINK

        chosen, rows = self.point, self.points
        own, other = self._names()
        places = [kl_share(row["kl"], most) for row in rows]
        rewards = [row["reward"] for row in rows]
        axes.plot(places, rewards, "-o", color=BLUE, label=own)
        hacked = [row for row in rows if row["hacked"] is not None]
        if hacked:
            axes.plot(
                [kl_share(row["kl"], most) for row in hacked],
                [row["hacked"] for row in hacked],
                "--s",
                color=PINK,
                fillstyle="none",
                label=other,
            )
            axes.legend()
        x, y = kl_share(chosen.kl, most), chosen.reward
        axes.plot(x, y, "D", color=ORANGE, markersize=10)
        axes.axvline(x, color=GREY, linestyle=":", linewidth=1)
        axes.annotate(
            f"β = {chosen.beta:g}",
            (x, y),
            xytext=(8 if x < 0.8 else -8, 8),
            textcoords="offset points",
            ha="left" if x < 0.8 else "right",
            weight="bold",
        )


def _most_kl(values: Sequence[float]) -> float:
    """The end of the axis of KL."""
    most = max(values)
    return 1.05 * most if most > 0 else 1.0


def _check_point(point: FrontierPoint) -> None:
    """Raise ValueError for what cannot be drawn."""
    numbers = {"beta": point.beta, "reward": point.reward, "kl": point.kl}
    if point.hacked is not None:
        numbers["hacked"] = point.hacked
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value} at beta {point.beta:g}: not finite")
    if point.beta < 0:
        raise ValueError(f"beta is {point.beta:g}: give 0 or more")
    samples: object = point.samples
    if isinstance(samples, str):
        raise ValueError(f"samples are {samples!r}: give a tuple of texts")
    if len(point.samples) > MOST_SAMPLES:
        raise ValueError(
            f"beta {point.beta:g} has {len(point.samples)} samples: "
            f"give up to {MOST_SAMPLES}"
        )
