"""Drawings of what is inside a real model: packed weights, shared keys, a talk."""

import struct
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from course_lib.chat import ChatMLTemplate, Message
from course_play.plots import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PAPER,
    PINK,
    Picture,
    new_figure,
    on_paper,
)
from course_play.shapes import INK, draw_arrow, draw_box
from course_play.widgets.chat_tokens import IN_A_ROW, Chip, draw_chips

BLOCK_BYTES = 20
_ROLE_COLORS = {"system": GREY, "user": BLUE, "assistant": ORANGE}


def _box(axes: Axes, x: float, y: float, text: str, color: str, wide: float) -> None:
    """A box of height 1 whose left lower corner is at (x, y), with a word in it."""
    box = draw_box(
        axes, (x + wide / 2, y + 0.4), (wide, 0.8), color, rounding=0, line=1
    )
    box.set_zorder(1)  # lines end on its edge
    axes.text(
        x + wide / 2, y + 0.38, text, ha="center", va="center", fontsize=8, color=INK
    )


def plot_packed_block(block: bytes, title: str) -> Picture:
    """A block of llama.cpp's kind Q4_1: its 20 bytes, their halves, its 32 weights.

    Two numbers of 16 bits, the scale and the least weight; then 16 bytes. The lower
    half of byte i is weight i, its upper half weight i + 16.

    Raises:
        ValueError: if these are not 20 bytes.

    >>> plot_packed_block(bytes(20), "All nothing").alt.startswith("20 bytes: 00 00")
    True
    """
    if len(block) != BLOCK_BYTES:
        raise ValueError(f"{len(block)} bytes: a block has {BLOCK_BYTES}")
    scale, least = struct.unpack_from("<2e", block)
    low, high = [b & 15 for b in block[4:]], [b >> 4 for b in block[4:]]
    weights = [least + scale * n for n in low + high]
    figure = new_figure(7.8, 4.4)
    boxes, ladder = figure.subplots(2, 1, height_ratios=(1, 1.35))
    _draw_bytes(boxes, block, scale, least)
    _draw_ladder(ladder, weights, scale, least)
    boxes.set_title(title)
    told = ", ".join(f"{w:.3f}" for w in weights[:4])
    return Picture(
        figure,
        f"20 bytes: {block.hex(' ')}. The first two are the scale {scale:.4f}, the "
        f"next two the least weight {least:.4f}; the other 16 are cut into a lower and "
        f"an upper half. Below, the 32 weights on a ladder of 16 levels: {told}, …",
    )


def _draw_bytes(axes: Axes, block: bytes, scale: float, least: float) -> None:
    axes.set(xlim=(-0.1, 20), ylim=(-0.2, 4.1))
    axes.axis("off")
    for i, byte in enumerate(block):
        color = ORANGE if i < 2 else GREEN if i < 4 else BLUE
        _box(axes, i + 0.06, 2.9, f"{byte:02x}", color, 0.88)
        if i >= 4:
            _box(axes, i + 0.06, 1.2, str(byte & 15), BLUE, 0.88)
            _box(axes, i + 0.06, 0.1, str(byte >> 4), BLUE, 0.88)
            axes.plot([i + 0.5] * 2, [2.05, 2.85], color=BLUE, lw=0.8)
    _box(axes, 0.06, 1.2, f"{scale:.4f}", ORANGE, 1.88)
    _box(axes, 2.06, 1.2, f"{least:.4f}", GREEN, 1.88)
    for x, color in ((1, ORANGE), (3, GREEN)):
        axes.plot([x, x], [2.05, 2.85], color=color, lw=0.8)
    words: dict[str, Any] = {"ha": "center", "fontsize": 8, "color": INK}
    axes.text(1, 3.8, "scale", **words)
    axes.text(3, 3.8, "least", **words)
    axes.text(12, 3.8, "16 bytes of two numbers each", **words)
    axes.text(12, 2.05, "lower halves: weights 0 to 15", **words, va="bottom").set_bbox(
        {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    )
    axes.text(3.9, 0.48, "upper halves: 16 to 31", ha="right", fontsize=8, color=INK)


def _draw_ladder(
    axes: Axes, weights: Sequence[float], scale: float, least: float
) -> None:
    on_paper(axes)
    for level in range(16):
        axes.axhline(least + scale * level, color=GREY, lw=0.4, alpha=0.6)
    axes.axhline(0, color=INK, lw=0.8)
    axes.vlines(range(32), 0, weights, color=BLUE, lw=1.2)
    axes.plot(range(32), weights, "o", color=BLUE, markersize=5)
    axes.axvline(15.5, color=GREY, lw=0.8, linestyle=(0, (4, 3)))
    axes.set_xticks([0, 8, 15, 16, 24, 31])
    axes.set(xlabel="weight number", ylabel="weight (one line: one level)")


def plot_groups(n_heads: int, n_kv_heads: int, title: str) -> Picture:
    """Which query head reads which keys and values.

    >>> plot_groups(4, 2, "Two share").alt
    'In a row 4 query heads; each 2 neighbours read 1 of 2 pairs of keys, values.'
    """
    each = n_heads // n_kv_heads
    figure = new_figure(7.2, 2.6)
    axes = figure.subplots()
    axes.set(xlim=(-1.9, n_heads), ylim=(-0.1, 3.1), title=title)
    axes.axis("off")
    for head in range(n_heads):
        _box(axes, head + 0.1, 2.1, f"q{head}", ORANGE, 0.8)
        middle = (head // each + 0.5) * each
        axes.plot([head + 0.5, middle], [2.1, 0.9], color=GREY, lw=1)
    for group in range(n_kv_heads):
        _box(axes, group * each + 0.3, 0.1, f"k{group}, v{group}", BLUE, each - 0.6)
    for y, words in ((2.5, "queries"), (0.5, "keys, values")):
        axes.text(-0.2, y, words, ha="right", va="center", fontsize=9, color=INK)
    return Picture(
        figure,
        f"In a row {n_heads} query heads; each {each} neighbours read 1 of "
        f"{n_kv_heads} pairs of keys, values.",
    )


def plot_swiglu(width: int, wide: int, title: str) -> Picture:
    """A gated feed-forward layer: two ways up, one bent; their product goes down.

    >>> plot_swiglu(576, 1536, "A gate").alt.startswith("The stream, 576 numbers")
    True
    """
    figure = new_figure(7.8, 2.5)
    axes = figure.subplots()
    axes.set(xlim=(-0.1, 12.1), ylim=(-0.1, 3.1), title=title)
    axes.axis("off")
    for x, y, text, color, size in (
        (0, 1.1, f"x\n{width:,}", GREY, 1.2),
        (2.1, 2.1, f"gate\n{width:,} → {wide:,}", BLUE, 2),
        (2.1, 0.1, f"up\n{width:,} → {wide:,}", BLUE, 2),
        (4.8, 2.1, "SiLU", ORANGE, 1.2),
        (6.5, 1.1, "×", GREEN, 0.8),
        (8, 1.1, f"down\n{wide:,} → {width:,}", BLUE, 2),
        (10.6, 1.1, f"+ stream\n{width:,}", GREY, 1.4),
    ):
        _box(axes, x, y, text, color, size)
    for start, end in (
        ((1.2, 1.5), (2.1, 2.5)),
        ((1.2, 1.5), (2.1, 0.5)),
        ((4.1, 2.5), (4.8, 2.5)),
        ((6, 2.5), (6.5, 1.6)),
        ((4.1, 0.5), (6.5, 1.4)),
        ((7.3, 1.5), (8, 1.5)),
        ((10, 1.5), (10.6, 1.5)),
    ):
        draw_arrow(axes, start, end, line=1.3)
    return Picture(
        figure,
        f"The stream, {width:,} numbers a token, goes two ways: through the matrix "
        f"gate and SiLU, and through the matrix up. The two results, {wide:,} numbers "
        f"each, are multiplied, and the matrix down makes {width:,} of them, which are "
        "added to the stream.",
    )


def plot_talk(
    template: ChatMLTemplate, messages: Sequence[Message], title: str
) -> Picture:
    r"""The tokens of a talk that waits for its answer: each turn begins a new row.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer("aeinrstuH?\n", special_tokens=ChatMLTemplate.MARKS)
    >>> talk = [Message("user", "Hi?")]
    >>> plot_talk(ChatMLTemplate(marked), talk, "One talk").alt.split(". ")[0]
    '22 tokens'
    """
    tokens = template.prompt(messages)
    decode, mark = template.tokenizer.decode, template.ids[template.markers.begin]
    chips, role = list[Chip](), ""
    for i, token in enumerate(tokens):
        if token == mark:  # the role is the rest of this line
            chips += [Chip("", GREY)] * (-len(chips) % IN_A_ROW)  # empty: not drawn
            role = decode(tokens[i + 1 :]).partition("\n")[0]
        special = token in template.ids.values()
        color = PINK if special else _ROLE_COLORS.get(role, GREY)
        text = decode([token]).replace("\n", "⏎").replace(" ", "\u2423")
        chips.append(
            Chip(text, color, special, above=role if token == mark else "", below="")
        )
    said = "".join(chip.text for chip in chips)
    return draw_chips(chips, title, f"{len(tokens)} tokens. In frames: marks. {said}")
