"""The tokens of a conversation: who wrote each, and a picture of them in rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from course_lib.chat import ChatTemplate

if TYPE_CHECKING:
    from course_play.plots import Picture

ROLES = ("system", "user", "assistant", "call", "result", "mark")
IN_A_ROW = 11
LONGEST = 12


def roles_of(template: ChatTemplate, tokens: Sequence[int]) -> list[str]:
    """Of each token: whose text it belongs to, or "mark" for the template's marks.

    >>> from course_lib.chat import Message
    >>> from tiny_world.assistant import chat_template
    >>> template = chat_template()
    >>> talk = [Message("user", "Hello!"), Message("assistant", "Hello!")]
    >>> roles_of(template, template.encode(talk).tokens)[1:6]
    ['mark', 'user', 'user', 'mark', 'assistant']
    """
    ids, markers = template.ids, template.markers
    begins = {
        ids[markers.system]: "system",
        ids[markers.user]: "user",
        ids[markers.assistant]: "assistant",
        ids[markers.result[0]]: "result",
        ids[markers.result[1]]: "assistant",
        **dict.fromkeys(template.opens, "call"),
        **dict.fromkeys(template.closes, "assistant"),
    }
    marks = set(ids.values())
    roles, role = [], "mark"
    for token in tokens:
        role = begins.get(token, role)
        roles.append("mark" if token in marks else role)
    return roles


def piece_of(template: ChatTemplate, token: int) -> str:
    """One token as text that can be seen; a mark by its name.

    >>> from tiny_world.assistant import chat_template
    >>> piece_of(chat_template(), chat_template().end)
    '<end>'
    """
    for name, mark in template.ids.items():
        if mark == token:
            return name
    return template.tokenizer.decode([token]).replace("\n", "⏎") or "·"


class Chip(NamedTuple):
    """A token of a picture."""

    text: str
    color: str
    framed: bool = False
    above: str = ""
    below: str = ""


def draw_chips(chips: Sequence[Chip], title: str, alt: str) -> "Picture":
    """Tokens in rows, tinted by colour, some framed, with words above and below.

    >>> draw_chips([Chip("cow", "#0072B2", above="user")], "One word", "The word cow.")
    One word: The word cow.
    """
    from course_play.plots import GREY, Picture, new_axes

    n_rows = -(-len(chips) // IN_A_ROW)
    figure, axes = new_axes(8.4, 0.66 * n_rows + 0.7)
    for i, chip in enumerate(chips):
        y, x = divmod(i, IN_A_ROW)
        box = {
            "facecolor": (chip.color, 0.16),
            "edgecolor": "black" if chip.framed else "none",
            "linewidth": 1.3,
            "pad": 2.5,
        }
        text = chip.text
        text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        small: dict[str, Any] = {"ha": "center", "size": 6.5, "color": GREY}
        axes.text(x, -y, text, ha="center", size=8, bbox=box, parse_math=False)
        axes.text(x, -y + 0.33, chip.above, style="italic", **small)
        axes.text(x, -y - 0.34, chip.below, **small)
    axes.set(xlim=(-0.6, IN_A_ROW - 0.4), ylim=(-n_rows + 0.5, 0.6))
    axes.axis("off")
    axes.set_title(title)
    return Picture(figure, alt)
