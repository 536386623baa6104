"""What a build keeps of a lesson's widgets, so that a page can show them alive.

Notebooks carry the pictures of widgets, not their state: JupyterLab asks a kernel for
it. A page without a kernel has only what was stored, so a build writes the state of
each widget that a cell shows, as it was when the lesson ended, into
`data/widgets/NN_topic.json`: no ids of the run, no scripts or style sheets (all pages
share those), the same bytes in every build.
"""

import json
from typing import Any

from classroom.kernel import Notebook
from classroom.lessons import Lesson, LessonError, short
from course_lib.engine.writing import write_atomically

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
PICTURE = "image/png"
OURS = "course_play.widgets."
"""Of widgets from elsewhere a page has no script: there their pictures stay."""
NO_STATE = ("layout", "tabbable", "tooltip", "comm")
"""Traits that every Jupyter widget has and no picture depends on."""

States = dict[str, list[dict[str, Any]]]
"""Of each cell, by its id, the widgets that it shows."""


def taken_from(notebook: Notebook) -> States:
    """The states of all widgets in an executed notebook, before `build.clean`.

    Each has `picture`, its place among the cell's pictures, `widget`, its module and
    class, `state`, its traits as JSON, and `buffers`, its bytes in base64 by trait.
    """
    stored = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {})
    models = stored.get("state", {})
    found: States = {}
    for cell in notebook.cells:
        drawn = [o for o in cell.get("outputs", []) if PICTURE in o.get("data", {})]
        for place, output in enumerate(drawn):
            view = output.data.get(WIDGET_VIEW, {})
            model = models.get(view.get("model_id"))
            if model and _kind(model).startswith(OURS):
                kept = {"picture": place, **_portable(model)}
                found.setdefault(cell.id, []).append(kept)
    return found


def _kind(model: Notebook) -> str:
    """The module and class of a widget; "" for one that is no anywidget."""
    return str(model["state"].get("_anywidget_id", ""))


def _portable(model: Notebook) -> dict[str, Any]:
    """One widget's state without what is random or the same for all."""
    state = {
        name: value
        for name, value in model["state"].items()
        if not name.startswith("_") and name not in NO_STATE
    }
    kind = _kind(model).removeprefix(OURS)
    buffers = {one["path"][0]: one["data"] for one in model.get("buffers", [])}
    return {"widget": kind, "state": state, "buffers": buffers}


def write(lesson: Lesson, states: States) -> None:
    """Keep the states of a lesson's widgets; a lesson without any has no file."""
    if not states:
        lesson.states.unlink(missing_ok=True)
        return
    text = json.dumps(states, sort_keys=True, separators=(",", ":"))
    lesson.states.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(lesson.states, f"{text}\n".encode())


def read(lesson: Lesson) -> States:
    """The states that the last build of a lesson kept.

    Raises:
        LessonError: the file cannot be read.
    """
    if not lesson.states.exists():
        return {}
    try:
        return dict(json.loads(lesson.states.read_bytes()))
    except (ValueError, TypeError) as error:
        place = short(lesson.states)
        raise LessonError(place, f"cannot be read ({error}); run: course build") from (
            error
        )
