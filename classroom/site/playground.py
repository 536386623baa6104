"""The playground: one page with every picture that can be touched.

Each comes with the things to try that its own lesson names, so nothing is said twice.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from classroom.kernel import Cell, Notebook
from course_play.widgets import WIDGETS

THING_TO_TRY = re.compile(r"^- .+(?:\n  .+)*", re.MULTILINE)
N_THINGS = 2
LEFT_OUT = ("predict",)
"""A guess belongs to its lesson: here it would give the answer away."""


class Toy(NamedTuple):
    """One live picture of the playground."""

    module: str
    place: str
    """The HTML of the place where it comes alive."""
    things: tuple[str, ...]
    """What to try, as Markdown."""
    lesson: str
    title: str
    """The lesson's title."""


def toys_of(name: str, page: Notebook) -> Iterator[Toy]:
    """The live pictures of a page that tell a reader what to try."""
    title = page.cells[0].source.split("\n", 1)[0].lstrip("# ")
    said = ""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            said = cell.source
            continue
        for module, place in _live(cell):
            things = tuple(THING_TO_TRY.findall(said)[:N_THINGS])
            if things and module not in LEFT_OUT:
                yield Toy(module, place, things, name, title)


def _live(cell: Cell) -> Iterator[tuple[str, str]]:
    for output in cell.get("outputs", []):
        text = output.get("data", {}).get("text/html", "")
        if found := re.search(r'data-widget="(\w+)"', text):
            yield found[1], text


def state_of(place: str) -> str:
    """The name of the state that a place carries.

    >>> state_of('<div data-state="08_temperature/ab12/0">')
    '08_temperature/ab12/0'
    """
    found = re.search(r'data-state="([^"]+)"', place)
    return found[1] if found else ""


def playground(toys: Sequence[Toy]) -> str:
    """The page as Markdown: each kind of picture once, in the order of the lessons."""
    first: dict[str, Toy] = {}
    for toy in toys:
        first.setdefault(toy.module, toy)
    parts = [INTRODUCTION.format(n=len(first))]
    for toy in first.values():
        origin = f"From lesson [{toy.title}]({toy.lesson}.ipynb)."
        head = f"## {in_words(toy.module)}"
        parts += [head, origin, "\n".join(toy.things), toy.place]
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# Playground

All {n} kinds of pictures in the course that you can touch, in the order of the lessons.
Each has things to try. Use the mouse, a finger, or the keys: Tab goes from one knob to
the next, the arrow keys move it."""


def in_words(module: str) -> str:
    """A widget's name as a heading.

    >>> in_words("kv_cache_stepper"), in_words("sampling_lab")
    ('KV cache stepper', 'Sampling lab')
    """
    assert module in WIDGETS.values()
    words = module.replace("_", " ").replace("kv", "KV")
    return words[0].upper() + words[1:]
