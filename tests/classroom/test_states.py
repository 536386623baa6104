"""The states of widgets that a build keeps for pages without a kernel."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from classroom import states
from classroom.lessons import Lesson, LessonError

VIEW = states.WIDGET_VIEW


def shown(model_id: str, kind: str) -> tuple[object, dict[str, object]]:
    """An output that shows a widget, and the widget's stored model."""
    data = {VIEW: {"model_id": model_id}, "image/png": "aGk=", "text/plain": "x"}
    state = {
        "_anywidget_id": kind,
        "_esm": "export default {}",
        "layout": f"IPY_MODEL_{model_id}",
        "temperature": 0.5,
    }
    buffers = [{"encoding": "base64", "path": ["weights"], "data": "AAA="}]
    return new_output("display_data", data), {"state": state, "buffers": buffers}


def executed(*kinds: str) -> object:
    """A notebook whose one cell prints a picture, then shows these widgets."""
    pairs = [shown(f"random{i}", kind) for i, kind in enumerate(kinds)]
    plain = new_output("display_data", {"image/png": "aGk="})
    cell = new_code_cell("show()", id="cell", outputs=[plain, *(o for o, _ in pairs)])
    notebook = new_notebook(cells=[cell])
    models = {f"random{i}": model for i, (_, model) in enumerate(pairs)}
    notebook.metadata["widgets"] = {states.WIDGET_STATE: {"state": models}}
    return notebook


def test_a_state_has_its_place_and_nothing_of_the_run() -> None:
    found = states.taken_from(executed("course_play.widgets.softmax_bars.SoftmaxBars"))
    assert found == {
        "cell": [
            {
                "picture": 1,
                "widget": "softmax_bars.SoftmaxBars",
                "state": {"temperature": 0.5},
                "buffers": {"weights": "AAA="},
            }
        ]
    }


def test_widgets_from_elsewhere_keep_their_pictures_alone() -> None:
    assert states.taken_from(executed("__main__.Dial", "")) == {}


def test_a_lesson_without_widgets_has_no_file(tmp_path: Path) -> None:
    lesson = Lesson(tmp_path / "notebooks" / "source" / "50_ours.py")
    states.write(lesson, {"cell": [{"picture": 0}]})
    assert states.read(lesson) == {"cell": [{"picture": 0}]}
    states.write(lesson, {})
    assert not lesson.states.exists()
    assert states.read(lesson) == {}


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    lesson = Lesson(tmp_path / "notebooks" / "source" / "50_ours.py")
    states.write(lesson, {"cell": []})
    lesson.states.write_text("{", "utf-8")
    with pytest.raises(LessonError, match="run: course build"):
        states.read(lesson)
