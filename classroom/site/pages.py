"""One executed notebook as the source of a page.

Each picture becomes a file beside the page, with its words. Where a widget stood, the
page has a place that names its state; `static/live.js` puts the widget there, and until
then, or where scripts are off, its picture is seen.
"""

import base64
import copy
import html
import re
import struct
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from classroom import build, states
from classroom.kernel import Cell, Notebook
from classroom.lessons import Lesson
from classroom.site import asked

PICTURES = "pictures"
"""The folder of the pictures inside Sphinx's `_static`."""
ROW = re.compile(r"^(?P<row>\| [A-Z]\d+ \|.*\|)(?P<lessons>[\d, ]+)\|$", re.MULTILINE)
LINK = re.compile(r"\]\((?P<to>[^)#\s]+)(?P<part>#[^)\s]*)?\)")


def page_of(lesson: Lesson, static: Path) -> Notebook:
    """A lesson as a notebook for Sphinx; its pictures are written under `static`.

    Raises:
        LessonError: it is not built, or its states cannot be read.
    """
    built = build.load(lesson.notebook)
    notebook = prepared(built, lesson.name, static)
    shown = states.read(lesson)
    for before, cell in zip(built.cells, notebook.cells, strict=True):
        stored = {kept["picture"]: kept for kept in shown.get(cell.id, [])}
        for place, picture in enumerate(_pictures(before)):
            if place in stored:
                _mark_live(cell, stored[place], lesson)
            elif asked.is_widget(picture):
                words = asked.NOT_STORED.format(number=lesson.number)
                _say_above(_drawn(cell)[place], words)
    return notebook


def _pictures(cell: Cell) -> list[Any]:
    return [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]


def _drawn(cell: Cell) -> list[Any]:
    """The outputs of a prepared cell that show its pictures."""
    return [o for o in cell.get("outputs", []) if "course-picture" in _html(o)]


def _say_above(output: Any, words: str) -> None:
    output.data["text/html"] = asked.note(words) + output.data["text/html"]


def prepared(notebook: Notebook, name: str, static: Path, depth: int = 0) -> Notebook:
    """A copy of a notebook whose pictures are files.

    Args:
        notebook: the notebook.
        name: the page's name, which the names of its pictures begin with.
        static: Sphinx's folder of static files.
        depth: how many folders below the front page it stands.
    """
    page = copy.deepcopy(notebook)
    page.metadata = nbformat.from_dict(
        {"kernelspec": page.metadata.get("kernelspec", {})}
    )
    for cell in page.cells:
        for place, output in enumerate(_pictures(cell)):
            file = PurePosixPath(PICTURES) / f"{name}-{cell.id}-{place}.png"
            target = static / file
            target.parent.mkdir(parents=True, exist_ok=True)
            content = base64.b64decode(output.data["image/png"])
            target.write_bytes(content)
            words = output.metadata.get("image/png", {}).get("alt", "")
            source = "../" * depth + f"_static/{file}"
            output.data = {"text/html": _picture(source, words, content)}
            output.metadata = {}
    return page


def _picture(source: str, words: str, content: bytes) -> str:
    """The picture, with its size, so that its room is free before it is loaded."""
    alt = html.escape(words, quote=True)
    width, height = struct.unpack(">II", content[16:24])  # the header of a PNG
    return (
        f'<div class="course-wide"><img class="course-picture" loading="lazy" '
        f'width="{width}" height="{height}" src="{source}" alt="{alt}"></div>'
    )


def _mark_live(cell: Cell, kept: dict[str, Any], lesson: Lesson) -> None:
    """Wrap a widget's picture into the place where it comes alive."""
    output = _drawn(cell)[kept["picture"]]
    module = html.escape(kept["widget"].partition(".")[0], quote=True)
    state = html.escape(f"{lesson.name}/{cell.id}/{kept['picture']}", quote=True)
    output.data["text/html"] = (
        f'<div class="course-widget" data-widget="{module}" data-state="{state}" '
        f'data-models="{" ".join(asked.asked_models(kept, lesson))}">'
        f"{_html(output)}</div>"
    )
    if words := asked.said_of(kept, lesson):
        _say_above(output, words)


def _html(output: Any) -> str:
    return str(output.get("data", {}).get("text/html", ""))


def moved(text: str, where: dict[str, str]) -> str:
    """Markdown with its links turned to where things stand on the site.

    >>> moved("see [03](03_cross.ipynb#floor)", {"03_cross.ipynb": "03.html"})
    'see [03](03.html#floor)'
    """

    def turn(found: re.Match[str]) -> str:
        to = where.get(found["to"], found["to"])
        return f"]({to}{found['part'] or ''})"

    return LINK.sub(turn, text)


def with_lessons(text: str, lessons: Sequence[Lesson]) -> str:
    """The table of claims with its last column, numbers of lessons, as links.

    >>> lesson = Lesson(Path("notebooks/source/03_cross_entropy.py"))
    >>> with_lessons("| A1 | A claim. | true | 03, 99 |", [lesson])
    '| A1 | A claim. | true | [03](03_cross_entropy.ipynb), 99 |'
    """
    names = {lesson.number: f"{lesson.name}.ipynb" for lesson in lessons}

    def link(found: re.Match[str]) -> str:
        number = found[0]
        return f"[{number}]({names[number]})" if number in names else number

    return ROW.sub(
        lambda f: f"{f['row']}{re.sub(r'[0-9]+', link, f['lessons'])}|", text
    )
