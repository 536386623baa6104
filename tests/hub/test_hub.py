"""A class on a JupyterHub: pulled, answered, handed in, updated, graded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from classroom.homework import release
from classroom.homework.sandbox import NoSandboxError, find_walls
from classroom.released import installed_files
from tests.browser.chromium import chromium, why_no_browser
from tests.browser.hub import Hub, enter, start_hub, why_no_hub
from tests.browser.lab import PANEL, REACT_MS, ROOT, Lab, Notebook
from tests.browser.server import Server
from tests.browser.student import HOMEWORK, WRONG, badge, cell_with, run
from tests.browser.test_homework import SAVED, right

pytestmark = [pytest.mark.slow, pytest.mark.thorough, pytest.mark.browser]
PLACE = f"notebooks/{HOMEWORK}"
FIXED = "# Homework 2: logits and softmax"
MISPRINT = "# Homework 2: logits and softmaks"
NEW = "notebooks/28_teach_it_something.ipynb"
TYPED = ".jp-Terminal .xterm-helper-textarea"
CONNECTED = """() => window.jupyterapp.shell.currentWidget?.content?.session
    ?.connectionStatus === 'connected'"""


@dataclass(frozen=True)
class Class:
    """A teacher's repository, the hub that serves it, and where hand-ins are put."""

    hub: Hub
    bare: Path
    clone: Path
    handed_in: Path

    def publish(self, why: str) -> None:
        """Commit and push what is in the teacher's clone."""
        for words in (["add", "-A"], ["commit", "-qm", why], ["push", "-q"]):
            git(self.clone, *words)


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=teacher", "-c", "user.email=teacher@localhost"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """A hub, with last week's course in its repository: a misprint, a lesson less."""
    if missing := why_no_browser() or why_no_hub():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("hub")
    bare, clone = folder / "course.git", folder / "teacher"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    subprocess.run(["git", "clone", "-q", str(bare), str(clone)], check=True)
    release.release(folder / "released")
    shutil.copytree(folder / "released", clone, dirs_exist_ok=True)
    old = (clone / PLACE).read_text("utf-8")
    assert FIXED in old
    (clone / PLACE).write_text(old.replace(FIXED, MISPRINT), "utf-8")
    (clone / NEW).unlink()
    course = folder / "installed"  # where pip would put it
    for path in installed_files():
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, course / path)
    (folder / "handed-in").mkdir()
    with start_hub(folder / "hub", course) as hub:
        one = Class(hub, bare, clone, folder / "handed-in")
        one.publish("The course")
        yield one


def work(term: Class, lab: Lab, student: str, answer: str, verdict: str) -> None:
    """Open the link, answer a task, read the badge, save, hand in from a terminal."""
    enter(lab.page, term.hub, student, term.hub.pull_link(term.bare, PLACE))
    with lab.open(f"course/{PLACE}") as notebook:
        run(cell_with(notebook, "# BADGES"))
        run(cell_with(notebook, "SEED = 1"))
        check = cell_with(notebook, "# CHECK softmax 1 point: many rows")
        run(cell_with(notebook, "# TASK softmax"), answer)
        run(check)
        assert "softmax, check 2 of 3" in badge(check, verdict)
        lab.command("docmanager:save")
        lab.page.wait_for_function(SAVED)
        in_terminal(lab, hand_in(term, student, told(notebook)))


def told(notebook: Notebook) -> str:
    """Return the command that the first cell of a homework says to type."""
    (line,) = [
        line
        for outputs in notebook.outputs()
        for output in outputs
        for line in output.get("text", "").splitlines()
        if "In a terminal: " in line
    ]
    return str(line.partition("In a terminal: ")[2])


def hand_in(term: Class, student: str, check: str) -> str:
    """Return a line for the terminal: check the saved file, then copy it."""
    mine = term.handed_in / student
    return (
        f"mkdir {mine}; {check} > {mine}/said.txt; "
        f"cp ~/course/{PLACE} {mine}/hw02.ipynb; touch {mine}/done"
    )


def in_terminal(lab: Lab, line: str) -> None:
    """Type a line into a terminal of JupyterLab; return when its last file is there."""
    lab.command("terminal:create-new")
    lab.page.wait_for_function(CONNECTED)
    lab.page.locator(TYPED).focus()
    lab.page.keyboard.type(line)
    lab.page.keyboard.press("Enter")
    last = Path(line.split()[-1])
    lab.wait_until(last.exists, timeout_ms=REACT_MS)
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")


def test_a_class_works_on_a_hub_and_an_update_loses_nothing(
    term: Class, tmp_path: Path
) -> None:
    with chromium(tmp_path / "profile", 1280, 900) as context:
        context.set_default_timeout(REACT_MS)
        server = Server(url=term.hub.url, token="", folder=term.hub.homes)
        lab = Lab(server, context.pages[0])
        lab._listen()
        work(term, lab, "ada", right(), "✓")
        work(term, lab, "ben", WRONG, "✗")
        link = term.hub.pull_link(term.bare, NEW)
        enter(lab.page, term.hub, "cleo", link)
        assert not (term.hub.homes / "cleo" / "course" / NEW).exists()
        release.update(term.clone)
        term.publish("A misprint, and the last lesson")
        for student in ("ada", "cleo"):
            enter(lab.page, term.hub, student, link)
            in_front = f"() => {{ {PANEL} return notebook?.context?.path; }}"
            lab.page.wait_for_function(in_front)
            course = term.hub.homes / student / "course"
            assert json.loads((course / NEW).read_text("utf-8"))["nbformat"] == 4
        assert lab.outside == []
    mine = (term.hub.homes / "ada" / "course" / PLACE).read_text("utf-8")
    sources = ["".join(cell["source"]) for cell in json.loads(mine)["cells"]]
    assert right() in sources
    assert sources[0].startswith(FIXED)
    said = (term.handed_in / "ada" / "said.txt").read_text("utf-8")
    assert "3 of 11 points" in said
    assert "homes/ada/course/notebooks" in said.replace("\n", "")
    grade(term)


def grade(term: Class) -> None:
    """Grade from the teacher's own checkout; the hub's copy of the course is hidden."""
    roster = term.handed_in.with_name("class.csv")
    roster.write_text("student,name\nada,Ada\nben,Ben\ncleo,Cleo\n", "utf-8")
    words = ["grade", str(term.handed_in), "--as", "hw02", "--roster", str(roster)]
    try:
        find_walls()
    except NoSandboxError:
        words.append("--unsafe")
    command = [sys.executable, "-P", "-m", "classroom.cli", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = {
        line.split()[3]: line for line in done.stdout.splitlines() if " of 11 " in line
    }
    assert lines["ada"].split()[0] == "3"
    assert lines["ben"].split()[0] == "1"
    assert "1 without marks: cleo" in done.stdout
