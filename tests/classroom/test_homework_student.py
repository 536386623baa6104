"""A student's side: badges under the checks, `course check`, and the release."""

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from rich.console import Console

from classroom import cli, cli_homework, kernel
from classroom.homework import author, badges, release
from classroom.homework import check as checking
from classroom.homework.assignment import FOLDER, Assignment, load_assignment
from classroom.homework.check import Checked, find_file
from classroom.homework.copies import HAND_IN, check_command, home, other_version
from classroom.homework.execution import Run
from classroom.homework.hints import Outcome
from classroom.homework.marking import CheckMark, Mark
from classroom.homework.merge import merge
from classroom.homework.sandbox import Limits
from classroom.homework.submission import SubmittedCell
from classroom.lessons import ROOT, LessonError
from tests.classroom.toy_homework import answered, solutions, toy

HW02 = ROOT / "notebooks" / "homework" / "hw02.ipynb"
AXIS = "def softmax(z):\n    e = (z - z.max()).exp()\n    return e / e.sum(0)"


def course(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run a command in this process: exit code, output, errors."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    output = capsys.readouterr()
    return int(stopped.value.code or 0), output.out, output.err


def hw02(**answers: str) -> Any:
    """The first homework, solved but for these answers."""
    master = author.read_master(author.find_masters()["hw02"])
    sources = {step.task: step.source for step in master.steps if step.kind == "task"}
    sources |= {task: f"# TASK {task}\n{text}" for task, text in answers.items()}
    notebook = nbformat.read(HW02, 4)
    for cell in notebook.cells:
        key = cell.metadata.get("homework", "")
        if key.startswith("task:"):
            cell.source = sources[key[5:]]
    return notebook


def put(notebook: Any, path: Path) -> Path:
    nbformat.write(notebook, path)
    return path


def badge(assignment: Assignment, key: str, outcome: Outcome, seed: int) -> str:
    step = next(check for check in assignment.checks if check.key == key)
    judged = badges.judge_check(assignment, step.source, outcome, str(seed))
    return judged["text"]


def test_a_right_value_gets_the_badge() -> None:
    assignment = toy()
    value = assignment.values["check:shares:1"]
    text = badge(assignment, "check:shares:1", Outcome(value), assignment.seed)
    assert text == "✓ shares, check 1 of 1 (they add up to one): right, 3 points."


def test_a_wrong_value_gets_its_hint() -> None:
    assignment = toy()
    (mistake,) = [m for m in assignment.mistakes if m.name == "of the largest"]
    value = mistake.values["check:shares:1"]
    text = badge(assignment, "check:shares:1", Outcome(value), assignment.seed)
    assert text.startswith("✗ shares")
    assert mistake.hint in text


def test_an_edited_check_and_another_seed_get_no_verdict() -> None:
    assignment = toy()
    value = Outcome(assignment.values["check:shares:1"])
    assert "SEED is 4 here" in badge(assignment, "check:shares:1", value, 4)
    edited = "# CHECK shares 3 points\nshares([1])"
    text = badges.judge_check(assignment, edited, value, str(assignment.seed))["text"]
    assert "not this course's check cell" in text


def test_a_badge_shows_no_html_of_the_student() -> None:
    assignment = toy()
    outcome = Outcome(error="NameError: name '<script>' is not defined")
    step = assignment.checks[0]
    page = badges.judge_check(assignment, step.source, outcome, str(toy().seed))["html"]
    assert "<script>" not in page


def run_all(notebook: Any, folder: Path) -> list[str]:
    """Execute as JupyterLab would; the badges, in order."""
    with kernel._kernel_manager() as manager:
        client = nbclient.NotebookClient(
            notebook,
            timeout=120,
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.km = manager
        client.execute(env=kernel.kernel_environment())
    return [
        output.data["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data" and "text/html" in output.data
    ]


BROKEN = "def hidden_logit(shown, prob, n_hidden):\n    return n_hidden / (prob - prob)"
SAID = "ZeroDivisionError: float division by zero (line 3: return n_hidden / (prob"


@pytest.mark.slow
def test_every_check_gets_a_badge_in_the_notebook(tmp_path: Path) -> None:
    notebook = hw02(softmax=AXIS, hidden_logit=BROKEN)
    found = run_all(notebook, tmp_path)
    assert len(found) == len(load_assignment("hw02").checks)
    assert [text[0] for text in found] == list("✓✗✗✓✓✓✗✓")
    assert "first dimension" in found[1]
    assert f"Your answer stopped with an error: {SAID}" in found[6]


REPLACED = """\
import builtins, torch
from classroom.homework import badges, compare, marking
for module in (badges, compare, marking):
    for name in ("same_value", "passes", "check_hint", "judge_check", "property_hint"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: True)
torch.Tensor.__eq__ = lambda a, b: True
def softmax(logits):
    return logits
"""


@pytest.mark.slow
def test_replacing_the_judge_in_the_kernel_turns_no_badge(tmp_path: Path) -> None:
    found = run_all(hw02(softmax=REPLACED), tmp_path)
    assert found[0].startswith("classroom is not there later")
    assert [text[0] for text in found[1:4]] == list("✗✗✗")


def test_without_the_judging_process_there_is_no_colour() -> None:
    judge = badges._Judge("hw02")
    judge.process.kill()
    judge.process.wait()
    assert "No verdict" in judge.ask(source="", value=None, error="", seed="1")["text"]
    assert "No verdict" in judge.ask(source="", value=None, error="", seed="1")["text"]


@pytest.fixture
def own_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for the notes of what ran last."""
    folder = tmp_path / "journal"
    folder.mkdir()
    monkeypatch.setattr(badges, "settings_folder", lambda name: folder)
    return folder


@pytest.mark.usefixtures("own_journal")
def test_an_answer_that_was_run_but_not_saved_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hw02.ipynb"
    file.write_text("{}", "utf-8")
    os.utime(file, (time.time() - 60,) * 2)
    monkeypatch.chdir(tmp_path)
    badges.Journal("hw02").note("softmax", "# TASK softmax\nx = 2")
    assert badges.unsaved("hw02", file, {"softmax": "# TASK softmax\nx = 1"}) == [
        "softmax"
    ]
    assert badges.unsaved("hw02", file, {"softmax": "# TASK softmax\nx = 2\n"}) == []
    os.utime(file, (time.time() + 60,) * 2)
    assert badges.unsaved("hw02", file, {"softmax": "# TASK softmax\nx = 1"}) == []


@pytest.mark.usefixtures("own_journal")
@pytest.mark.slow
def test_check_tells_points_hints_and_what_would_be_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    broken = hw02(softmax=AXIS, hidden_logit=BROKEN)
    file = put(broken, tmp_path / "hw02.ipynb")
    os.utime(file, (time.time() - 60,) * 2)
    monkeypatch.chdir(tmp_path)
    badges.Journal("hw02").note("softmax", "# TASK softmax\nx = 2")
    put(hw02(), tmp_path / "hw02-Copy1.ipynb")
    code, out, _ = course(capsys, "check", "hw02", file)
    assert code == 1
    assert "7 of 11 points" in out
    assert SAID in " ".join(out.split())
    assert "first dimension" in out
    assert "as above" in out
    assert "softmax: what you ran last is not in the file" in out
    assert "hw02-Copy1.ipynb is newer: which one do you hand in?" in out
    assert "the question 'constant' has no answer yet" in out
    code, out, _ = course(capsys, "check", tmp_path / "hw02-Copy1.ipynb")
    assert (code, "11 of 11 points" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["check", "hw99"], "there is no homework 'hw99'; there are: hw"),
        (["check", "hw02", "nowhere.ipynb"], "nowhere.ipynb does not exist"),
        (["check", "hw02", "."], ". is a folder"),
        (["check", "hw02", HW02.parent / "hw03.ipynb"], "is this the right file?"),
        (["check", "hw02", ROOT / "README.md"], "not a notebook"),
    ],
)
def test_check_says_what_is_wrong_with_the_file(
    capsys: pytest.CaptureFixture[str], words: list[object], why: str
) -> None:
    code, _, err = course(capsys, *words)
    assert code == 2
    assert why in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_plain_nbval_passes_and_fails_the_merged_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = []
    for name, notebook in (("right", hw02()), ("wrong", hw02(softmax=AXIS))):
        file = put(notebook, tmp_path / f"{name}.ipynb")
        out = tmp_path / f"merged_{name}.ipynb"
        assert course(capsys, "check", "hw02", file, "--merged", out)[0] == 0
        command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", out.name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        codes.append((done.returncode, done.stdout.count("FAILED")))
    assert codes == [(0, 0), (1, 2)]


def test_a_release_has_all_but_the_solutions(tmp_path: Path) -> None:
    target = tmp_path / "for-students"
    files = {path.as_posix() for path in release.release(target)}
    assert {"start.py", "README.md", "data/names.txt", "pyproject.toml"} <= files
    assert {"notebooks/00_start_here.ipynb", "notebooks/homework/hw02.ipynb"} <= files
    assert {
        "classroom/homework/check.py",
        "data/homework/hw02.json",
    } <= files
    assert not [f for f in files if f.startswith(("tests", "notebooks/source/hw"))]
    there = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert there == files
    assert os.access(target / "start.py", os.X_OK)
    with pytest.raises(ValueError, match="exists already: name a new folder"):
        release.release(target)


def test_two_releases_are_the_same_zip(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "course.zip", tmp_path / "two" / "course.zip"
    release.release(one)
    release.release(two)
    assert one.read_bytes() == two.read_bytes()
    names = zipfile.ZipFile(one).namelist()
    assert "course/notebooks/homework/hw02.ipynb" in names
    assert all(name.startswith("course/") for name in names)


def test_a_solution_does_not_go_out(tmp_path: Path) -> None:
    root = tmp_path / "course"
    for name in ("notebooks/homework", "data", "course_lib"):
        (root / name).mkdir(parents=True)
    text = json.dumps({"cells": [{"source": author.BEGIN}]})
    (root / "notebooks" / "homework" / "hw02.ipynb").write_text(text, "utf-8")
    with pytest.raises(LessonError, match=r"hw02\.ipynb holds a solution"):
        release.release(tmp_path / "out", root)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_released_course_checks_a_homework_by_itself(tmp_path: Path) -> None:
    target = tmp_path / "for-students"
    release.release(target)
    shutil.rmtree(target / "docs", ignore_errors=True)
    put(hw02(), target / "notebooks" / "homework" / "hw02.ipynb")
    command = [sys.executable, "-P", "-m", "classroom.cli", "check", "hw02"]
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(
        command, cwd=target, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(target / "notebooks") in done.stdout.replace("\n", "")
    assert solutions()  # the toy's masters are read from its own folder


def test_grade_refuses_to_run_without_a_sandbox(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(hw02(), tmp_path / "in.ipynb")
    (tmp_path / "in").mkdir()
    shutil.move(tmp_path / "in.ipynb", tmp_path / "in" / "ada.ipynb")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    words = ["grade", tmp_path / "in", "--as", "hw02", "--seed", 5]
    code, _, err = course(capsys, *words)
    assert code == 2
    assert "bubblewrap is not installed" in err
    assert "--unsafe marks without a sandbox" in err
    monkeypatch.undo()
    code, out, err = course(capsys, *words, "--unsafe")
    assert (code, "11 of 11  ada" in out) == (0, True)
    assert "runs as you" in err


def test_check_marks_the_notebook_nearest_to_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "my course" / "notebooks" / "homework"
    place.mkdir(parents=True)
    own = put(hw02(), place / "hw02.ipynb")
    put(hw02(), place / "hw03.ipynb")
    for folder in (place, tmp_path / "my course", place.parent):
        monkeypatch.chdir(folder)
        assert find_file("hw02", None) == ("hw02", own)
        assert find_file("HW02", None) == ("hw02", own)
    assert find_file("2", place) == ("hw02", own)
    monkeypatch.chdir(tmp_path)
    assert find_file("hw02", None) == ("hw02", HW02)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", str(own))
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    told = check_command("hw02", tmp_path)
    assert told == "course check hw02 ~/'my course/notebooks/homework/hw02.ipynb'"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "start.py check hw02 ~/'my course" in check_command("hw02", tmp_path)


def test_another_version_of_the_homework_around_a_notebook_is_named(
    tmp_path: Path,
) -> None:
    place = tmp_path / "notebooks" / "homework"
    place.mkdir(parents=True)
    assert other_version("hw02", place) == ""
    theirs = tmp_path / "data" / "homework" / "hw02.json"
    theirs.parent.mkdir(parents=True)
    shutil.copy(FOLDER / "hw02.json", theirs)
    assert other_version("hw02", place) == ""
    theirs.write_text("{}", "utf-8")
    assert "are different versions" in other_version("hw02", place)


def test_as_above_stays_within_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    marks = [
        CheckMark(f"check:{task}:{i}", task, "", 0, 1, "Not answered yet.", "")
        for task in ("double", "shares")
        for i in (1, 2)
    ]
    checked = Checked(toy(), Path("hw77.ipynb"), Mark(tuple(marks)), ())
    cli_homework.show_checked(Console(width=120), checked)
    out = capsys.readouterr().out
    assert out.count("Not answered yet.") == out.count("as above") == 2


def test_what_is_near_a_limit_or_too_new_is_told() -> None:
    cells = [SubmittedCell("# TASK double\ntype Row = list", True, "task:double")]
    ours = merge(toy(), cells, 1)
    at = next(i for i, cell in enumerate(ours.cells) if not cell.pristine)
    run = Run({}, (), 200.0, 3000, {at: 31.0, 0: 2.0})
    told = list(checking._costs(ours, run))
    assert [line.partition(";")[0] for line in told] == [
        "double: a cell took 31 s",
        "it took 200 s in all",
        "it took 3,000 MB of memory",
    ]
    if sys.version_info >= (3, 12):
        told = list(checking._too_new(cells))
        assert told == ["double: Python 3.11 cannot read it; ask which one marks it"]


@pytest.mark.slow
def test_an_answer_for_the_seed_in_the_notebook_only_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = replace(toy(1), second_seed=20, second=toy(20).values)
    monkeypatch.setattr(checking, "load_assignment", lambda name: both)
    typed = f"def shares(n): return {both.values['check:shares:1']}"
    file = put(nbformat.from_dict(answered(shares=typed)), tmp_path / "hw77.ipynb")
    mark = checking.check_file("hw77", file, Limits(wall_s=90, cell_s=20)).mark
    assert mark.points == mark.worth - 3
    (wrong,) = [check for check in mark.checks if check.hint]
    assert wrong.hint.startswith("Right with SEED = 1 only, wrong with 20")


def test_a_release_is_updated_in_place_and_nothing_is_lost(tmp_path: Path) -> None:
    target = tmp_path / "repo"
    with pytest.raises(ValueError, match="holds no earlier release"):
        release.update(target)
    files = release.release(target)
    (target / "notebooks" / "old_lesson.ipynb").write_text("{}", "utf-8")
    (target / "start.py").write_text("old", "utf-8")
    (target / "own.txt").write_text("mine", "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    assert release.update(target) == files
    assert (target / "start.py").read_bytes() == (ROOT / "start.py").read_bytes()
    assert os.access(target / "start.py", os.X_OK)
    assert (target / "own.txt").read_text("utf-8") == "mine"
    assert release.left_over(target, files) == ["notebooks/old_lesson.ipynb"]
    subprocess.run(["git", "add", "start.py"], cwd=target, check=True)
    with pytest.raises(ValueError, match=r"commit or undo the changes first \(A"):
        release.update(target)
    shutil.rmtree(target / ".git")
    (target / "LICENSE").unlink()
    (target / "LICENSE").symlink_to(tmp_path / "outside")
    with pytest.raises(ValueError, match="leads out of"):
        release.update(target)
    assert not (tmp_path / "outside").exists()
    with pytest.raises(ValueError, match="holds the solutions"):
        release.update(ROOT)


def test_a_check_in_the_notebook_runs_under_the_seed_and_settings_of_marking() -> None:
    code = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
from classroom.homework.badges import watch
watch("hw02")
watch("hw02")
shell.run_cell("import torch\\nSEED = 9\\ntorch.set_printoptions(precision=1)")
check = shell.run_cell("# CHECK softmax 1 point\\n[SEED, torch.tensor([1 / 3])]")
print(check.result)
shell.run_cell("import course_lib")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HW02.parent,
        env={**os.environ, HAND_IN: "/srv/class"},
        capture_output=True,
        text=True,
    )
    assert "[1, tensor([0.3333])]" in done.stdout, done.stderr
    assert f"check hw02 {home(HW02)}" in done.stdout
    assert f"submit hw02 {home(HW02)}" in done.stdout
    assert done.stdout.count("not this course's check cell") == 1
    assert done.stdout.count("course_lib is not there later") == 1
