"""What a student does to a homework in JupyterLab: answer, run, read the badge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lab import Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator

HOMEWORK = "homework/hw02.ipynb"
BADGE = "[role=status]"
WRONG = """\
# TASK softmax
def softmax(logits):
    e = (logits - logits.max()).exp()
    return e / e.sum(dim=0)
"""


def cell_with(notebook: Notebook, text: str) -> Locator:
    cells = notebook.lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    return cells.filter(has=notebook.lab.page.locator(".cm-content", has_text=text))


def run(cell: Locator, text: str | None = None) -> None:
    """Click into a cell as a student would, type over it if asked, and run it."""
    cell.locator(".cm-content").click()
    page = cell.page
    if text is not None:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")


def badge(cell: Locator, begins: str) -> str:
    """Wait for the badge under a check to begin with a sign; return its text."""
    found = cell.locator(BADGE).filter(has_text=re.compile(rf"^{begins}"))
    found.wait_for()
    return found.inner_text()
