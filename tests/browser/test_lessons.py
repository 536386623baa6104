"""Each lesson in JupyterLab: open it, run all, and look at what a student sees."""

from __future__ import annotations

import pytest

from .accessibility import violations
from .lab import NOTEBOOKS, Lab, Notebook

LESSONS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
NO_ALT = """images => images.filter(image => !image.alt.trim())
    .map(image => image.outerHTML.slice(0, 120))"""


def pictures_without_words(notebook: Notebook) -> list[str]:
    """Return the pictures that a screen reader cannot name."""
    panel = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    images = notebook.lab.page.locator(f"{panel} .jp-Cell img")
    texts: list[str] = images.evaluate_all(NO_ALT)
    return texts


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_opens_and_runs(lab: Lab, name: str) -> None:
    with lab.open(name) as notebook:
        assert notebook.undrawn() == [], "as stored, before anything ran"
        assert pictures_without_words(notebook) == []
        notebook.run_all()
        assert notebook.complaints() == []
        for cell in notebook.widget_cells():
            notebook.widget(cell).wait_for()
        assert notebook.undrawn() == []
        assert pictures_without_words(notebook) == []
        if notebook.widget_cells():
            assert violations(lab.page, ".jp-OutputArea .ltg") == []
        assert notebook.complaints() == []
