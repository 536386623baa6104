"""Lessons in JupyterLab: what a student sees as stored, and once all cells ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classroom.lessons import NEEDS_MODEL

from .accessibility import violations
from .lab import NOTEBOOKS, Lab, Notebook

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

LESSONS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
OUTPUTS = f"{PANEL} .jp-OutputArea-output"
# Cheap ones with names, draws and talks; a curve that grows stands in the gallery of
# all widgets. nbval runs them all.
SAMPLE = ("00", "08", "19")


def only_a_sample(name: str) -> ParameterSet:
    """A lesson that runs always, or one that runs with --all."""
    marks = [] if name[:2] in SAMPLE else [pytest.mark.thorough]
    marks += [pytest.mark.model] if name[:2] in NEEDS_MODEL else []
    return pytest.param(name, marks=marks)


def pictures_without_words(notebook: Notebook) -> list[str]:
    """Return the cells with a picture that has no alternative text.

    For a picture that a cell printed, the text is in the metadata of the output:
    JupyterLab keeps it there, and what exports the notebook puts it into the page.
    """
    written = notebook.lab.page.locator(f"{PANEL} .jp-RenderedMarkdown img:not([alt])")
    printed = [
        f"cell {index}"
        for index, outputs in enumerate(notebook.outputs())
        for output in outputs
        if "image/png" in output.get("data", {})
        and not output["metadata"].get("image/png", {}).get("alt", "").strip()
    ]
    return [*printed, *written.all_inner_texts()]


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("name", LESSONS)
def test_a_stored_lesson_shows_all_it_has(lab: Lab, name: str) -> None:
    with lab.open(name) as notebook:
        notebook.wait_until_drawn()
        assert notebook.undrawn() == []
        assert pictures_without_words(notebook) == []
        found = violations(lab.page, OUTPUTS)
        assert [one for one in found if one[0] != "image-alt"] == []  # seen above
        assert notebook.complaints() == []


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("name", [only_a_sample(name) for name in LESSONS])
def test_a_lesson_opens_and_runs(lab: Lab, name: str) -> None:
    with lab.open(name) as notebook:
        notebook.run_all()
        assert notebook.complaints() == []
        for cell in notebook.widget_cells():
            notebook.widget(cell).wait_for()
        assert notebook.undrawn() == []
        assert pictures_without_words(notebook) == []
        if notebook.widget_cells():
            assert violations(lab.page, ".jp-OutputArea .ltg") == []
        assert notebook.complaints() == []
