"""Homework as a student does it: answer, be told, mend, be told, save, check."""

from __future__ import annotations

import subprocess
import sys

import pytest

from classroom.homework import author

from .accessibility import violations
from .lab import NOTEBOOKS, PANEL, ROOT, Lab
from .student import BADGE, HOMEWORK, WRONG, badge, cell_with, run

HOMEWORKS = sorted(p.name for p in (NOTEBOOKS / "homework").glob("*.ipynb"))
SAVED = f"() => {{ {PANEL} return !notebook.context.model.dirty; }}"


def right() -> str:
    """Return the answer cell of the master."""
    master = author.read_master(author.find_masters()["hw02"])
    return next(step.source for step in master.steps if step.key == "task:softmax")


def course_check(lab: Lab) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "classroom.cli", "check", "hw02"]
    return subprocess.run(
        [*command, str(lab.server.folder / HOMEWORK)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("page")
def test_a_student_is_told_mends_and_is_told_again(lab: Lab) -> None:
    with lab.open(HOMEWORK) as notebook:
        run(cell_with(notebook, "# BADGES"))
        run(cell_with(notebook, "SEED = 1"))
        answer, check = (
            cell_with(notebook, "# TASK softmax"),
            cell_with(notebook, "# CHECK softmax 1 point: many rows"),
        )
        run(answer, WRONG)
        run(check)
        told = badge(check, "✗")
        assert "not yet" in told
        assert "Which dimension" in told
        assert violations(lab.page, BADGE) == []
        run(answer, right())
        run(check)
        told = "✓ softmax, check 2 of 3 (many rows, in a stack of tables): right, "
        assert badge(check, "✓") == f"{told}1 point"
        lab.command("docmanager:save")
        lab.page.wait_for_function(SAVED)
        done = course_check(lab)
        assert done.returncode == 1  # the other tasks are open
        assert "3 of 11 points" in done.stdout
        assert "not in the file" not in done.stdout
        lab.theme(dark=True)
        assert violations(lab.page, BADGE) == []


@pytest.mark.usefixtures("page")
def test_a_check_cell_can_be_neither_edited_nor_deleted(lab: Lab) -> None:
    with lab.open(HOMEWORK) as notebook:
        check = cell_with(notebook, "# CHECK logit 1 point: the sigmoid")
        before = check.locator(".cm-content").inner_text()
        check.locator(".cm-content").click()
        lab.page.keyboard.type("x = 1")
        lab.command("notebook:delete-cell")
        assert check.locator(".cm-content").inner_text() == before


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("name", HOMEWORKS[::5])  # the first cells are all alike
def test_a_homework_opens_and_its_first_cells_run(lab: Lab, name: str) -> None:
    with lab.open(f"homework/{name}") as notebook:
        run(cell_with(notebook, "# BADGES"))
        told = cell_with(notebook, "# BADGES").locator(".jp-OutputArea-output")
        told.filter(has_text="each says at once whether it passes").wait_for()
        assert notebook.complaints() == []
