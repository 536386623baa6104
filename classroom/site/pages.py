"""One executed notebook as the source of a page.

Each picture becomes a file beside the page, with its words. Where a widget stood, the
page has a place that names its state; `static/live.js` puts the widget there, and until
then, or where scripts are off, its picture is seen.
"""

import base64
import copy
import html
import re
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from classroom import build, states
from classroom.kernel import Cell, Notebook
from classroom.lessons import Lesson
from tiny_world.assistant.stages import STAGES

ANSWERING = {*STAGES, "warm start", "mine"}
"""Names of models that can answer on a page; for "mine" a stored stage stands in."""
PICTURES = "pictures"
"""The folder of the pictures inside Sphinx's `_static`."""
LINK = re.compile(r"\]\((?P<to>[^)#\s]+)(?P<part>#[^)\s]*)?\)")


def page_of(lesson: Lesson, static: Path) -> Notebook:
    """A lesson as a notebook for Sphinx; its pictures are written under `static`.

    Raises:
        LessonError: it is not built, or its states cannot be read.
    """
    notebook = prepared(build.load(lesson.notebook), lesson.name, static)
    shown = states.read(lesson)
    for cell in notebook.cells:
        for kept in shown.get(cell.id, []):
            state = f"{lesson.name}/{cell.id}/{kept['picture']}"
            _mark_live(cell, kept, state, asked_models(kept, lesson))
    return notebook


def asked_models(kept: dict[str, Any], lesson: Lesson) -> list[str]:
    """The stored models that a widget asks when somebody types; [] if none can answer.

    >>> lesson = Lesson(Path("notebooks/source/20_assistant.py"))
    >>> kept = {"widget": "stage_switcher.StageSwitcher"}
    >>> asked_models({**kept, "state": {"names": ["base", "sft"]}}, lesson)
    ['base', 'sft']
    >>> asked_models({**kept, "state": {"names": ["base", "yours"]}}, lesson)
    []
    """
    if lesson.needs_model or lesson.is_own:
        return []
    kind = kept["widget"].partition(".")[0]
    names: list[str] = kept["state"].get("names", [])
    asked = {
        "prompt_box": ["base"],
        "tool_trace": ["tools"],
        "stage_switcher": names if set(names) <= ANSWERING else [],
    }
    return asked.get(kind, [])


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
        pictures = (
            o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})
        )
        for place, output in enumerate(pictures):
            file = PurePosixPath(PICTURES) / f"{name}-{cell.id}-{place}.png"
            target = static / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(base64.b64decode(output.data["image/png"]))
            words = output.metadata.get("image/png", {}).get("alt", "")
            source = "../" * depth + f"_static/{file}"
            output.data = {"text/html": _picture(source, words)}
            output.metadata = {}
    return page


def _picture(source: str, words: str) -> str:
    alt = html.escape(words, quote=True)
    return f'<img class="course-picture" loading="lazy" src="{source}" alt="{alt}">'


def _mark_live(cell: Cell, kept: dict[str, Any], state: str, models: list[str]) -> None:
    """Wrap a widget's picture into the place where it comes alive."""
    drawn = [o for o in cell.outputs if "course-picture" in _html(o)]
    picture = drawn[kept["picture"]].data
    module = html.escape(kept["widget"].partition(".")[0], quote=True)
    picture["text/html"] = (
        f'<div class="course-widget" data-widget="{module}" '
        f'data-state="{html.escape(state, quote=True)}" '
        f'data-models="{" ".join(models)}">{picture["text/html"]}</div>'
    )


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
