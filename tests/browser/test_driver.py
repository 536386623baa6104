"""The driver must notice what it is there to notice: each guard is shown a culprit."""

from __future__ import annotations

import pytest

from .accessibility import violations
from .chromium import find_chromium
from .lab import Lab
from .server import ROOT

CULPRIT = '''
import anywidget
class Culprit(anywidget.AnyWidget):
    _esm = """export default {{ render({{ el }}) {{
        el.classList.add("culprit");
        el.innerHTML = "<input type='range'>";
        {script}
    }} }}"""
Culprit()
'''


def test_an_error_in_a_cell_is_noticed(lab: Lab) -> None:
    with lab.show("1 / 0", "2") as notebook:
        assert any("ZeroDivisionError" in line for line in notebook.complaints())
        assert notebook.outputs()[1], "cells after an error that is allowed run"


def test_a_cell_that_waits_for_input_is_noticed(lab: Lab) -> None:
    with lab.show("input('name? ')") as notebook:
        assert any("waits" in line for line in notebook.complaints())


def test_an_error_in_a_widget_script_is_noticed(lab: Lab) -> None:
    script = "throw new Error('culprit at work');"
    with lab.show(CULPRIT.format(script=script)) as notebook:
        lab.wait_until(lambda: bool(notebook.complaints()))
        assert any("culprit at work" in line for line in notebook.complaints())


def test_a_request_to_another_machine_is_stopped_and_noticed(lab: Lab) -> None:
    script = "fetch('https://example.invalid/x.js').catch(() => el.append('stopped'));"
    with lab.show(CULPRIT.format(script=script)) as notebook:
        lab.page.locator(".culprit", has_text="stopped").wait_for()
        assert lab.outside == ["https://example.invalid/x.js"]
        assert any("left this machine" in line for line in notebook.complaints())


def test_a_slider_without_a_name_is_noticed(lab: Lab) -> None:
    with lab.show(CULPRIT.format(script="")):
        lab.page.locator(".culprit input").wait_for()
        assert [rule for rule, _ in violations(lab.page, ".culprit")] == ["label"]


def test_the_kernel_imports_this_checkout(lab: Lab) -> None:
    with lab.show("import course_lib; course_lib.__file__") as notebook:
        text = notebook.outputs()[0][0]["data"]["text/plain"]
        assert text == repr(str(ROOT / "course_lib" / "__init__.py"))


def test_a_wrong_browser_path_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(ValueError, match="/nowhere/chromium"):
        find_chromium()
