"""Each lesson in JupyterLab: open it, run all, and look at what a student sees."""

from __future__ import annotations

import pytest

from .accessibility import violations
from .lab import NOTEBOOKS, Lab, Notebook

LESSONS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def pictures_without_words(notebook: Notebook) -> list[str]:
    """Return the cells with a picture that has no alternative text.

    For a picture that a cell printed, the text is in the metadata of the output:
    JupyterLab keeps it there, and what exports the notebook puts it into the page.
    """
    panel = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    written = notebook.lab.page.locator(f"{panel} .jp-RenderedMarkdown img:not([alt])")
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
