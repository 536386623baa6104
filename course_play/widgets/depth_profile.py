"""Lesson 13: what depth does to signal, gradient and tokens, with skip and norm."""

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
import traitlets
from matplotlib.axes import Axes
from torch import Tensor
from torch.nn import functional as F

from course_lib.attention import causal_attention
from course_play.plots import BLUE, GREEN, GREY, ORANGE, Picture, new_figure, on_paper
from course_play.widgets.base import CourseWidget, module_text, style_text

NORMS = ("none", "before", "after")
SCALES = (0.25, 0.5, 1.0, 1.5, 2.0)
LAYERS = (4, 8, 16, 24)
DEPTHS = LAYERS[-1] + 1  # the stream before the first layer, and after each
T, C, H = 16, 32, 4
FARTHEST = 30.0  # powers of ten that are told apart
REACH = 10.0  # powers of ten that are drawn
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@functools.cache
def measure_depth(seed: int = 0) -> Tensor:
    """Fresh stacks of transformer layers, run forward and back, in all combinations.

    Returns (skip, norm, scale, layers, 3, depth) float64, over off/on, `NORMS`,
    `SCALES`, `LAYERS`; along the axis of 3: log10 of the size (root mean square) of the
    stream, log10 of that of the gradient that reaches it when noise of size 1 comes in
    at the end, and the mean cosine between tokens. nan beyond the last layer.

    >>> measure_depth().shape
    torch.Size([2, 3, 5, 4, 3, 25])
    """
    rows = [_measure(skip, norm, seed) for skip in (False, True) for norm in NORMS]
    return torch.stack(rows).view(2, len(NORMS), len(SCALES), len(LAYERS), 3, DEPTHS)


def _stack(
    x: Tensor, skip: bool, norm: str, draw: Callable[[int, int], Tensor]
) -> list[Tensor]:
    """The stream (S, T, C) before the first layer and after each."""
    S = len(x)

    def attend(y: Tensor) -> Tensor:
        split = (y @ draw(C, 3 * C)).view(S, T, 3, H, C // H)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        mixed = causal_attention(q, k, v)[0]
        return mixed.transpose(1, 2).flatten(2) @ draw(C, C)

    def feed_forward(y: Tensor) -> Tensor:
        return F.gelu(y @ draw(C, 4 * C)) @ draw(4 * C, C)

    stream = [x]
    for _ in range(LAYERS[-1]):
        for part in (attend, feed_forward):
            found = part(_normed(x) if norm == "before" else x)
            x = x + found if skip else found
            x = _normed(x) if norm == "after" else x
        stream.append(x)
    return stream


def _normed(x: Tensor) -> Tensor:
    return F.layer_norm(x, (C,), eps=1e-12)


def _measure(skip: bool, norm: str, seed: int) -> Tensor:
    """(scale, layers, 3, depth) for one way to build."""
    dice = torch.Generator().manual_seed(seed)
    noise = functools.partial(torch.randn, generator=dice, dtype=torch.float64)
    scales = torch.tensor(SCALES, dtype=torch.float64)[:, None, None]

    def draw(n_in: int, n_out: int) -> Tensor:
        return noise(n_in, n_out) * scales / math.sqrt(n_in)

    x = noise(1, T, C).repeat(len(SCALES), 1, 1).requires_grad_()
    pull = noise(1, T, C)
    stream = _stack(x, skip, norm, draw)
    profile = torch.full((len(SCALES), len(LAYERS), 3, DEPTHS), math.nan)
    for i, n in enumerate(LAYERS):
        part = stream[: n + 1]
        back = torch.autograd.grad((part[-1] * pull).sum(), part, retain_graph=True)
        for depth, (y, slope) in enumerate(zip(part, back, strict=True)):
            profile[:, i, 0, depth] = _log_size(y.detach())
            profile[:, i, 1, depth] = _log_size(slope)
            profile[:, i, 2, depth] = _alike(y.detach())
    return profile.double()


def _log_size(x: Tensor) -> Tensor:
    """log10 of the root mean square of (S, T, C), within +-`FARTHEST`: (S,)."""
    x = x.nan_to_num(math.inf, math.inf, math.inf)  # nan: an overflow on the way
    size = x.square().mean(dim=(1, 2)).sqrt().log10()
    return size.clamp(-FARTHEST, FARTHEST)


def _alike(x: Tensor) -> Tensor:
    """Mean cosine between two different tokens of (S, T, C), 1 if all agree: (S,)."""
    unit = x / x.norm(dim=-1, keepdim=True)
    total: Tensor = (unit @ unit.mT).sum(dim=(1, 2))
    return (total - T) / (T * (T - 1))


def size_text(log_size: float) -> str:
    """A size in words: plain if it is readable, else the power of ten.

    >>> size_text(0.3), size_text(-4.7), size_text(30.0)
    ('2.00', '10⁻⁵', 'over 10³⁰')
    """
    power = math.floor(abs(log_size) + 0.5)
    if power < 3:
        return f"{10**log_size:.2f}"
    bound = "" if abs(log_size) < FARTHEST else "over " if log_size > 0 else "under "
    sign = "-" if log_size < 0 else ""
    return f"{bound}10{f'{sign}{power}'.translate(SUPERSCRIPTS)}"


def verdict(stream: float, gradient: float, alike: float) -> str:
    """What becomes of a signal, from log10 sizes at the far ends and the likeness.

    >>> verdict(0.0, -7.0, 0.2)
    'the gradient dies out'
    """
    for what, log_size in (("stream", stream), ("gradient", gradient)):
        if abs(log_size) >= 3:
            return f"the {what} {'explodes' if log_size > 0 else 'dies out'}"
    if alike >= 0.98:
        return "the sizes are fine, but all tokens have become the same"
    return "signal and gradient arrive, and the tokens still differ"


class DepthProfile(CourseWidget):
    """Stream, gradient and likeness of tokens by depth, while you rebuild the stack.

    Everything is measured in Python, on fresh weights, for all combinations.

    Args:
        skip: whether each part adds to the stream (True) or replaces it.
        norm: "none", "before" each part, or "after" the addition.
        init_scale: 0.25, 0.5, 1, 1.5 or 2; with 1 a matrix keeps the size of noise.
        n_layers: 4, 8, 16 or 24 layers of attention and feed-forward.
        seed: of the weights.

    Raises:
        ValueError: for another choice.

    >>> DepthProfile(skip=False, norm="none")
    DepthProfile of 16 layers, skip off, norm none, initial weights x 1
      stream: 1.00 at the start, 10⁻⁵ after layer 16
      gradient: 0.99 at layer 16, 10⁻⁴ at the start
      tokens: alike to 1.00 after layer 16
      verdict: the stream dies out
    """

    _esm = module_text("depth_profile")
    _css = style_text("depth_profile")
    profiles = traitlets.Bytes().tag(sync=True)
    scales = traitlets.List(traitlets.Float(), list(SCALES)).tag(sync=True)
    layers = traitlets.List(traitlets.Int(), list(LAYERS)).tag(sync=True)
    skip = traitlets.Bool(True).tag(sync=True)
    norm = traitlets.Enum(NORMS, "before").tag(sync=True)
    init_scale = traitlets.Float(1.0).tag(sync=True)
    n_layers = traitlets.Int(16).tag(sync=True)

    def __init__(
        self,
        *,
        skip: bool = True,
        norm: str = "before",
        init_scale: float = 1.0,
        n_layers: int = 16,
        seed: int = 0,
    ) -> None:
        if norm not in NORMS:
            raise ValueError(f"norm is {norm!r}: use {', '.join(NORMS)}")
        _check_choice("init_scale", init_scale, SCALES)
        _check_choice("n_layers", n_layers, LAYERS)
        self._profiles = measure_depth(seed)
        super().__init__(
            profiles=self._profiles.float().numpy().astype("<f4").tobytes(),
            skip=skip,
            norm=norm,
            init_scale=float(init_scale),
            n_layers=n_layers,
        )

    @traitlets.validate("init_scale", "n_layers")
    def _check(self, proposal: dict[str, Any]) -> Any:
        name = proposal["trait"].name
        choices = SCALES if name == "init_scale" else LAYERS
        _check_choice(name, proposal["value"], choices)
        return proposal["value"]

    @property
    def profile(self) -> Tensor:
        """(3, n_layers + 1): log10 of stream and gradient, likeness, by depth."""
        at = (int(self.skip), NORMS.index(self.norm), SCALES.index(self.init_scale))
        return self._profiles[at][LAYERS.index(self.n_layers), :, : self.n_layers + 1]

    def verdict(self) -> str:
        """What becomes of the signal in this stack."""
        stream, gradient, alike = self.profile
        return verdict(stream[-1].item(), gradient[0].item(), alike[-1].item())

    def describe(self) -> str:
        """How the stack is built, and what arrives at its far ends."""
        stream, gradient, alike = self.profile.tolist()
        n = self.n_layers
        return (
            f"DepthProfile of {n} layers, skip {'on' if self.skip else 'off'}, norm "
            f"{self.norm}, initial weights x {self.init_scale:g}\n"
            f"  stream: {size_text(stream[0])} at the start, {size_text(stream[-1])} "
            f"after layer {n}\n"
            f"  gradient: {size_text(gradient[-1])} at layer {n}, "
            f"{size_text(gradient[0])} at the start\n"
            f"  tokens: alike to {alike[-1]:.2f} after layer {n}\n"
            f"  verdict: {self.verdict()}"
        )

    def picture(self) -> Picture:
        """Sizes as two curves on a scale of powers of ten, likeness as bars below."""
        stream, gradient, alike = self.profile.tolist()
        figure = new_figure(6.8, 4.4)
        top, low = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        depths = range(self.n_layers + 1)
        _draw_curve(top, stream, "stream, forward", BLUE, "o-")
        _draw_curve(top, gradient, "gradient, backward", ORANGE, "s--")
        powers = [-10, -5, 0, 5, 10]
        top.set(ylim=(-REACH - 1, REACH + 1), ylabel="size")
        names = [size_text(power) if power else "1" for power in powers]
        top.set_yticks(powers, [f"≤ {names[0]}", *names[1:-1], f"≥ {names[-1]}"])
        top.axhline(0, color=GREY, linewidth=0.8)
        top.legend(frameon=False, fontsize=9, ncols=2, loc="upper left")
        low.bar(depths, alike, color=GREEN, width=0.6)
        low.set(ylim=(0, 1.1), yticks=[0, 1], ylabel="tokens\nalike")
        low.set(xticks=depths[:: self.n_layers // 4], xlabel="depth: layers passed")
        on_paper(top, low)
        said = self.verdict()
        top.set_title(said[0].upper() + said[1:])
        lines = [line.strip() for line in self.describe().splitlines()]
        return Picture(figure, f"{lines[0]}. {'; '.join(lines[1:4])}.")


def _draw_curve(
    axes: Axes, logs: list[float], label: str, color: str, style: str
) -> None:
    held = [max(-REACH, min(REACH, value)) for value in logs]
    axes.plot(held, style, color=color, label=label, markersize=4)


def _check_choice(name: str, value: float, choices: tuple[float, ...]) -> None:
    if value not in choices:
        listed = ", ".join(f"{choice:g}" for choice in choices)
        raise ValueError(f"{name} is {value}: use {listed}")
