"""Drawings of how a model is put together, with the sizes of a configuration.

Floor plans where `plots` has measurements. Like there, a drawing is a `Picture`.
"""

import io
import re

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser, math_to_image
from matplotlib.patches import Circle, FancyBboxPatch

from course_lib.gpt import GPTConfig, count_parameters
from course_lib.lora import LoRALinear
from course_play.plots import BLUE, EDGE, GREEN, GREY, ORANGE, Picture, new_figure
from course_play.shapes import INK, Part, draw_arrow, draw_box

NORM_NAMES = {"layer": "LayerNorm", "rms": "RMSNorm"}
SHORT = re.compile(r"\\[lg]e(?![a-z])")
"""Short names of relations, which matplotlib knows by their long ones only."""
BEND_NAMES = {
    "gelu": "GELU",
    "gelu_tanh": "GELU (tanh)",
    "relu_squared": "ReLU²",
    "swiglu": "SwiGLU",
}


def model_parts(config: GPTConfig) -> list[Part]:
    """The boxes of a whole GPT from tokens to logits; notes hold its sizes.

    >>> [part.name for part in model_parts(GPTConfig(vocab_size=9))]
    ['tokens', 'embedding', '3 blocks', 'LayerNorm', 'head', 'logits']
    """
    V, T, C = config.vocab_size, config.context_size, config.emb_dim
    learned = config.positions == "learned"
    rows = f"({V:,} + {T:,})" if learned else f"{V:,}"
    head = "the embedding, transposed" if config.tied else f"{C:,} × {V:,} weights"
    blocks = f"{config.n_layers} block{'s' * (config.n_layers > 1)}"
    return [
        Part("tokens", f"up to {T:,} numbers below {V:,}"),
        Part(f"embedding{' + position' * learned}", f"{rows} × {C:,} weights", BLUE),
        Part(blocks, f"{config.n_heads} heads in each", ORANGE),
        Part(NORM_NAMES[config.norm], "each token to size 1", GREEN),
        Part("head", head, BLUE),
        Part("logits", f"{V:,} scores for each token"),
    ]


def block_parts(config: GPTConfig) -> tuple[list[Part], list[Part]]:
    """The two branches of a block, attention's and the feed-forward layer's.

    >>> [part.name for part in block_parts(GPTConfig(vocab_size=9))[1]]
    ['LayerNorm', 'up', 'GELU', 'down']
    """
    C, wide, norm = config.emb_dim, config.inner_dim, NORM_NAMES[config.norm]
    gated = config.activation == "swiglu"
    shared = f", {config.kv_heads} sets of keys" * (config.kv_heads < config.n_heads)
    attention = [
        Part(norm, "a copy, size 1", GREEN),
        Part("attention", f"{config.n_heads} heads{shared or ' look back'}", ORANGE),
    ]
    feed_forward = [
        Part(norm, "a copy, size 1", GREEN),
        Part("gate and up" if gated else "up", f"{C:,} → {wide:,}", BLUE),
        Part(BEND_NAMES[config.activation], "the bend", GREY),
        Part("down", f"{wide:,} → {C:,}", BLUE),
    ]
    return attention, feed_forward


def plot_gpt(config: GPTConfig, title: str) -> Picture:
    """The way of the data through a GPT, and through one of its blocks enlarged.

    >>> plot_gpt(GPTConfig(vocab_size=9), "A small GPT").figure.get_size_inches()
    array([7.6, 5.8])
    """
    figure = new_figure(7.6, 5.8)
    axes = figure.subplots()
    axes.set(xlim=(0, 10.3), ylim=(9.9, 0), title=title)
    axes.axis("off")
    _draw_model(axes, config)
    _draw_block(axes, config)
    return Picture(figure, _told(config))


def _told(config: GPTConfig) -> str:
    """The drawing in words."""
    whole = ", ".join(f"{part.name} ({part.note})" for part in model_parts(config))
    first, second = block_parts(config)
    ways = [" then ".join(part.name for part in way) for way in (first, second)]
    return (
        f"From top to bottom: {whole}; {count_parameters(config):,} parameters. In a "
        f"block the stream, {config.emb_dim:,} numbers per token, runs straight "
        f"through; {ways[0]}, and then {ways[1]}, each read it from the side and add "
        "what they find."
    )


def _box(axes: Axes, x: float, y: float, part: Part, width: float = 2.9) -> None:
    """A box centred at (x, y): its name, and below it its note."""
    draw_box(axes, (x, y), (width, 0.8), part.color)
    name = axes.text(x, y - 0.14, part.name, fontsize=9.5, weight="bold")
    note = axes.text(x, y + 0.19, part.note, fontsize=8)
    for words in (name, note):
        words.set(ha="center", va="center", color=INK, zorder=4)


def _draw_model(axes: Axes, config: GPTConfig) -> None:
    x, parts = 1.75, model_parts(config)
    places = [0.6 + 1.7 * i for i in range(len(parts))]
    axes.plot([x, x], [places[1], places[4]], color=BLUE, linewidth=6, alpha=0.45)
    draw_arrow(axes, (x, places[0]), (x, places[1] - 0.4))
    draw_arrow(axes, (x, places[4]), (x, places[5] - 0.4))
    for y, part in zip(places, parts, strict=True):
        _box(axes, x, y, part)
    for y in (places[1], places[2]):
        axes.text(x + 0.2, y + 0.85, "stream", fontsize=8, color=INK, va="center")
    # the block, enlarged: two thin lines from its box to the frame on the right
    for side, corner in ((-0.4, 0.2), (0.4, 9.7)):
        axes.plot([3.2, 4.0], [places[2] + side, corner], color=ORANGE, linewidth=0.9)


def _draw_block(axes: Axes, config: GPTConfig) -> None:
    frame = FancyBboxPatch(
        (4.0, 0.2), 6.2, 9.5, boxstyle="round,pad=0,rounding_size=0.15",
        facecolor="white", edgecolor=ORANGE, linewidth=1.3, zorder=0,
    )  # fmt: skip
    axes.add_patch(frame)
    axes.text(9.95, 0.62, "one block", fontsize=9.5, weight="bold", ha="right")
    stream, side = 5.0, 8.1
    draw_arrow(axes, (stream, 0.0), (stream, 9.9), color=BLUE)
    axes.plot([stream] * 2, [0.0, 9.55], color=BLUE, linewidth=6, alpha=0.45, zorder=1)
    axes.text(
        4.62, 4.95, f"stream: {config.emb_dim:,} numbers per token",
        fontsize=8.5, rotation=90, ha="center", va="center", color=INK,
    )  # fmt: skip
    top = 1.5
    for way in block_parts(config):
        places = [top + 1.2 * i for i in range(len(way))]
        end = places[-1] + 0.85
        draw_arrow(axes, (stream, top - 0.6), (side, top - 0.6), (side, top - 0.4))
        for y, part in zip(places, way, strict=True):
            _box(axes, side, y, part)
        for y in places[1:]:
            draw_arrow(axes, (side, y - 0.8), (side, y - 0.4))
        draw_arrow(axes, (side, end - 0.45), (side, end), (stream + 0.22, end))
        _plus(axes, stream, end)
        axes.text(5.4, top - 0.72, "reads", fontsize=8, color=INK)
        axes.text(5.4, end - 0.12, "adds", fontsize=8, color=INK)
        top = end + 1.3


def _plus(axes: Axes, x: float, y: float) -> None:
    axes.add_patch(
        Circle((x, y), 0.22, facecolor="white", edgecolor=EDGE, linewidth=0, zorder=3)
    )
    axes.add_patch(Circle((x, y), 0.22, fill=False, edgecolor=BLUE, zorder=4))
    axes.text(x, y, "+", fontsize=12, ha="center", va="center", color=INK, zorder=5)


def plot_lora(layer: LoRALinear, title: str) -> Picture:
    """W beside B A: one input, two ways, one sum; widths are to scale but for R.

    >>> from torch import nn
    >>> plot_lora(LoRALinear(nn.Linear(6, 4), rank=2), "LoRA").alt[:38]
    'x (6 numbers) goes two ways. Through W'
    """
    n_in, n_out, rank = layer.in_features, layer.out_features, layer.rank
    figure = new_figure(7.0, 3.6)
    axes = figure.subplots()
    axes.set(xlim=(0, 10.4), ylim=(5.2, 0), title=title)
    axes.axis("off")
    learned = rank * (n_in + n_out)
    draw_arrow(axes, (1.3, 2.6), (2.1, 2.6), (2.1, 1.2), (3.7, 1.2))
    draw_arrow(axes, (2.1, 2.6), (2.1, 4.0), (2.6, 4.0))
    draw_arrow(axes, (4.6, 4.0), (5.5, 4.0), color=ORANGE)
    draw_arrow(axes, (6.6, 1.2), (8.6, 1.2), (8.6, 2.38))
    draw_arrow(axes, (7.5, 4.0), (8.6, 4.0), (8.6, 2.82), color=ORANGE)
    draw_arrow(axes, (8.82, 2.6), (9.4, 2.6))
    _box(axes, 0.75, 2.6, Part("x", f"{n_in:,}", BLUE), 1.1)
    frozen = Part("W, frozen", f"{n_out:,} x {n_in:,} = {n_out * n_in:,}")
    _box(axes, 5.15, 1.2, frozen, 2.9)
    _box(axes, 3.6, 4.0, Part("A, learns", f"{rank} x {n_in:,}", ORANGE), 2.0)
    _box(axes, 6.5, 4.0, Part("B, learns", f"{n_out:,} x {rank}", ORANGE), 2.0)
    _box(axes, 9.85, 2.6, Part("y", f"{n_out:,}", BLUE), 0.9)
    _plus(axes, 8.6, 2.6)
    axes.text(5.05, 3.75, f"{rank}", fontsize=8, ha="center", color=INK)
    axes.text(8.7, 3.6, f"x {layer.scale:g}", fontsize=8, color=INK)
    note = f"A and B: {learned:,} numbers, {learned / (n_in * n_out):.1%} of W"
    axes.text(5.05, 4.85, note, fontsize=9, ha="center", color=INK)
    alt = (
        f"x ({n_in:,} numbers) goes two ways. Through W, frozen, {n_out:,} x {n_in:,}. "
        f"And through A, {rank} x {n_in:,}, to {rank} numbers, then through B, "
        f"{n_out:,} x {rank}, times {layer.scale:g}; A and B learn, {learned:,} "
        f"numbers. The sum of both is y ({n_out:,} numbers)."
    )
    return Picture(figure, alt)


def draw_formula(tex: str) -> tuple[bytes, float, float]:
    """A formula as SVG, its height and its depth below the line, in ems.

    Raises:
        ValueError: matplotlib cannot read it.

    >>> svg, height, depth = draw_formula("x_i")
    >>> svg.startswith(b"<?xml"), bool(0 < depth < height < 2)
    (True, True)
    """
    buffer, size, em = io.BytesIO(), 10.0, 8.5  # Computer Modern looks small
    text = f"${SHORT.sub(lambda found: f'{found[0]}q', tex)}$"
    font = FontProperties(size=size, math_fontfamily="cm")
    with rc_context({"svg.hashsalt": "formula"}):
        depth = math_to_image(text, buffer, prop=font, dpi=72, format="svg")
    box = MathTextParser("path").parse(text, dpi=72, prop=font)
    return buffer.getvalue(), box.height / em, depth / em
