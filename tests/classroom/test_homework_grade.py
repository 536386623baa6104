"""A class is marked: submissions found, records kept, reports written."""

import csv
import io
import json
import os
import platform
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classroom import cli_homework
from classroom.homework import assignment, author, execution, grade, grading_run, report
from classroom.homework.assignment import Assignment
from classroom.homework.collect import Entry, collect
from classroom.homework.grading_run import GradingRun, Record, guess_homework, start_run
from classroom.homework.intake import close_to_others, file_name
from classroom.homework.marking import CheckMark, Mark
from classroom.homework.merge import MergedCell
from classroom.homework.pages import histogram, student_page
from classroom.homework.sandbox import Limits, Walls, no_walls
from classroom.lessons import ROOT
from tests.classroom.toy_homework import BANK, SECRET, answered, save, solutions, toy

LIMITS = Limits(wall_s=60, cell_s=20)
SQUARES = "def double(numbers):\n    return [n * n for n in numbers]"


def class_of_three(folder: Path) -> Path:
    """One solves all, one makes a known mistake, one hands in something else."""
    save(answered(), folder / "ada.ipynb")
    save(answered(double=SQUARES), folder / "bob" / "hw77.ipynb")
    (folder / "cyd.ipynb").write_text("no notebook", "utf-8")
    return folder


def new_run(folder: Path, entries: list[Entry]) -> GradingRun:
    return GradingRun(folder, toy(), tuple(entries), False)


def mark_all(run: GradingRun, walls: Walls = no_walls) -> list[Record]:
    assert grade.grade_all(run, walls, LIMITS, 2) == {}
    return list(grade.records(run))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> GradingRun:
    """The class of three, marked and reported."""
    folder = tmp_path_factory.mktemp("class")
    entries = collect(class_of_three(folder / "handed-in"))
    run = new_run(folder / "out", entries)
    mark_all(run)
    report.write_reports(run)
    return run


def test_each_gets_the_points_that_the_answers_are_worth(
    marked: GradingRun,
) -> None:
    points = {r["student"]: r["points"] for r in grade.records(marked)}
    assert points == {"ada": 10, "bob": 7, "cyd": 0}
    (cyd,) = [r for r in grade.records(marked) if r["student"] == "cyd"]
    assert cyd["why"] == "not a notebook"


def test_a_record_can_replay_the_marks(marked: GradingRun, tmp_path: Path) -> None:
    again = new_run(tmp_path / "again", list(marked.entries))
    mark_all(again)
    keep = ("student", "points", "checks", "seed", "digest", "master")
    first, second = (
        [{key: record[key] for key in keep} for record in grade.records(run)]
        for run in (marked, again)
    )
    assert first == second
    assert {record["seed"] for record in first} == {SECRET}


def test_the_hint_is_in_the_record_and_on_the_page(marked: GradingRun) -> None:
    hint = re.findall(r"# HINT (.*squares?.*|.*multiplied by itself.*)", BANK)[0]
    (bob,) = [r for r in grade.records(marked) if r["student"] == "bob"]
    assert {c["hint"] for c in bob["checks"] if c["task"] == "double"} == {hint}
    page = marked.folder / "feedback" / f"{file_name('bob')}.html"
    assert hint in page.read_text("utf-8")
    assert str(SECRET) in page.read_text("utf-8")


def test_the_csv_has_a_row_a_student(marked: GradingRun) -> None:
    text = (marked.folder / "grades.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["student"] for row in rows] == ["ada", "bob", "cyd"]
    assert [row["points"] for row in rows] == ["10", "7", "0"]
    assert rows[1]["double 1"] == rows[1]["double 2"] == "0"
    assert rows[1]["longest 1"] == "4"


def test_the_class_page_shows_everyone_and_the_hardest_check(
    marked: GradingRun,
) -> None:
    page = (marked.folder / "class.html").read_text("utf-8")
    assert "3 students, 2 marked" in page
    hardest = page.index("<td>double 1</td>"), page.index("<td>longest 1</td>")
    assert hardest[0] < hardest[1]
    links = re.findall(r'href="(feedback/[^"]+)"', page)
    assert len(links) == 3
    assert all((marked.folder / link).is_file() for link in links)
    assert "<script" not in page


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x", "utf-8")
    with pytest.raises(ValueError, match="is not empty: name a new folder"):
        start_run("hw77", class_of_three(tmp_path / "in"), tmp_path)


def test_only_those_without_a_record_are_marked_again(tmp_path: Path) -> None:
    folder = class_of_three(tmp_path / "in")
    run = new_run(tmp_path / "out", collect(folder))
    mark_all(run)
    assert run.waiting() == []
    save(answered(shares="def shares(x) return x"), folder / "ada.ipynb")
    run.record_of(run.entries[2]).write_text('{"format": 1', "utf-8")  # damaged
    assert [entry.student for entry in run.waiting()] == ["ada", "cyd"]
    seen: list[str] = []
    grade.grade_all(run, no_walls, LIMITS, 1, lambda r: seen.append(r["student"]))
    assert seen == ["ada", "cyd"]
    ada, bob, cyd = grade.records(run)
    assert [ada["points"], bob["points"], cyd["points"]] == [7, 7, 0]
    python = f"[read by Python {platform.python_version()}]"
    shown = {check["shown"] for check in ada["checks"] if check["task"] == "shares"}
    assert all(python in text.replace("\n", "") for text in shown)


def test_a_sandbox_that_does_not_start_marks_nobody_down(tmp_path: Path) -> None:
    from classroom.homework.sandbox import Place

    def broken(folder: Path) -> Place:
        if os.name == "posix":  # nobody else can look into what surrounds it
            assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        return Place(["false"], str(folder))

    save(answered(), tmp_path / "in" / "ada.ipynb")
    run = new_run(tmp_path / "out", collect(tmp_path / "in"))
    troubles = grade.grade_all(run, broken, LIMITS, 1)
    assert troubles["ada"].startswith("RuntimeError: the run did not start")
    assert [entry.student for entry in run.waiting()] == ["ada"]


KILLED = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from classroom.homework import grade
from classroom.homework.collect import collect
from classroom.homework.grading_run import GradingRun
from classroom.homework.sandbox import Limits, find_walls, no_walls
from tests.classroom.toy_homework import toy
run = GradingRun(Path({out!r}), toy(), tuple(collect(Path({inn!r}))), False)
walls = {walls}
grade.grade_all(run, walls, Limits(wall_s=60), 1, lambda r: print("done", flush=True))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_and_gives_the_same_marks(tmp_path: Path) -> None:
    for i in range(4):
        save(
            answered(double=SQUARES if i % 2 else "x = 1"), tmp_path / f"in/s{i}.ipynb"
        )
    words = {"root": str(ROOT), "out": str(tmp_path / "out")}
    code = KILLED.format(**words, inn=str(tmp_path / "in"), walls="no_walls")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"done\n"
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    for child in children:  # without walls nothing else ends them
        if child.is_running():
            child.kill()
    run = new_run(tmp_path / "out", collect(tmp_path / "in"))
    left = [entry.student for entry in run.waiting()]
    assert 0 < len(left) < 4
    assert not list((tmp_path / "out").rglob("*.tmp"))
    whole = new_run(tmp_path / "whole", collect(tmp_path / "in"))
    assert [r["points"] for r in mark_all(run)] == [
        r["points"] for r in mark_all(whole)
    ]


@pytest.mark.slow
def test_ctrl_c_stops_at_once_and_records_nothing_wrong(tmp_path: Path) -> None:
    for i in range(3):
        loop = "import time\ntime.sleep(50)\ndef double(n): return n"
        save(answered(double=loop if i else "x = 1"), tmp_path / f"in/s{i}.ipynb")
    words = {"root": str(ROOT), "out": str(tmp_path / "out")}
    code = KILLED.format(**words, inn=str(tmp_path / "in"), walls="no_walls")
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"done\n"
    while len(psutil.Process(process.pid).children(recursive=True)) < 2:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) != 0
    process.stdout.close()
    records = sorted((tmp_path / "out" / "records").glob("*.json"))
    assert [json.loads(path.read_text("utf-8"))["student"] for path in records] == [
        "s0"
    ]


def test_who_is_in_the_roster_and_who_is_not(tmp_path: Path) -> None:
    save(answered(), tmp_path / "in" / "hw77_ada.ipynb")
    folder = tmp_path / "in" / "Bob Bee_1234_assignsubmission_file"
    save(answered(), folder / "hw77.ipynb")
    save(answered(), tmp_path / "in" / "zoe.ipynb")
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffStudent,Name\nada,Ada L.\nb7,Bob Bee\ncyd,Cyd\n", "utf-8")
    entries = {entry.student: entry for entry in collect(tmp_path / "in", roster)}
    assert entries["ada"].name == "Ada L."
    assert entries["b7"].path == folder / "hw77.ipynb"
    assert entries["cyd"].why == "nothing was handed in"
    assert entries["zoe"].notes == ("not in the roster",)


def test_late_files_and_copies_are_reported(tmp_path: Path) -> None:
    old = save(answered(), tmp_path / "in" / "ada" / "hw77.ipynb")
    new = save(answered(double="x"), tmp_path / "in" / "ada" / "hw77-Copy1.ipynb")
    save(answered(), tmp_path / "in" / "bob.ipynb")
    again = save(answered(), tmp_path / "in" / "bob (1).ipynb")
    for path, day in ((old, 1), (new, 2), (again, 3)):
        os.utime(path, (datetime(2026, 11, day).timestamp(),) * 2)
    os.utime(tmp_path / "in" / "bob.ipynb", (datetime(2026, 11, 9).timestamp(),) * 2)
    ada, bob = collect(tmp_path / "in", due=datetime(2026, 11, 5))
    assert ada.path == old  # the name of the homework goes before a later date
    assert ada.notes == ("ada/hw77.ipynb was marked, not ada/hw77-Copy1.ipynb",)
    assert not ada.late
    assert bob.late
    assert bob.notes[0] == "bob.ipynb was marked, not bob (1).ipynb"
    assert "after the date due" in bob.notes[1]


def test_an_archive_is_named_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(b"PK")
    (tmp_path / "bob.pdf").write_bytes(b"%PDF")
    (tmp_path / "cyd").mkdir()
    (tmp_path / ".DS_Store").write_bytes(b"")
    ada, bob, cyd = collect(tmp_path)
    assert ada.why == "ada.zip is an archive: unpack it first"
    assert bob.why == "bob.pdf is not a notebook (.ipynb)"
    assert cyd.why == "no notebook in the folder"


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_without_submissions_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "in"
    if make:
        folder.mkdir()
    why = "holds no submissions" if make else "is not a folder"
    with pytest.raises(ValueError, match=why):
        collect(folder)


def all_right(assignment: Assignment, submitted: object, *args: object) -> Mark:
    """Stands for running it: what is not about the answers costs no kernel."""
    return Mark(
        tuple(
            CheckMark(c.key, c.task, c.label, c.points, c.points, "", "")
            for c in assignment.checks
        )
    )


def test_the_same_answers_twice_are_told_to_the_teacher_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grade, "mark_submission", all_right)
    untouched = answered(**{s.task: s.source for s in toy().steps if s.kind == "task"})
    given = {"ada": answered(), "bob": answered(), "cyd": untouched, "dan": untouched}
    for name, notebook in given.items():
        save(notebook, tmp_path / "in" / f"{name}.ipynb")
    run = new_run(tmp_path / "out", collect(tmp_path / "in"))
    mark_all(run)
    ada, bob, cyd, dan = report.write_reports(run)
    assert ada["notes"] == ["the very same file as bob"]
    assert bob["notes"] == ["the very same file as ada"]
    assert cyd["notes"] == dan["notes"] == []  # as everybody got it
    page = (tmp_path / "out" / "feedback" / ada["page"]).read_text("utf-8")
    assert "bob" not in page


def command(*words: str) -> Result:
    app = typer.Typer()
    cli_homework.register(app)
    return CliRunner().invoke(app, ["grade", *words])


@pytest.fixture
def toy_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy as a homework of the course, whose answers are all right."""
    public, secret = toy(1), toy()  # made before anything is replaced
    monkeypatch.setattr(grading_run, "load_assignment", lambda word: public)
    monkeypatch.setattr(assignment, "load_assignment", lambda word: public)
    monkeypatch.setattr(author, "find_masters", lambda names: dict.fromkeys(names))
    monkeypatch.setattr(author, "read_master", lambda path: None)
    monkeypatch.setattr(author, "references", lambda master, seed: secret)
    monkeypatch.setattr(grade, "mark_submission", all_right)
    monkeypatch.setattr(cli_homework, "_walls", lambda *args: no_walls)


def marks_in(folder: Path) -> dict[str, tuple[str, str]]:
    """Student -> (points, notes), as the table has them."""
    text = (folder / "grades.csv").read_text("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    return {row["student"]: (row["points"], row["notes"]) for row in rows}


@pytest.mark.usefixtures("toy_course")
def test_whatever_breaks_on_one_student_all_others_get_their_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob", "cyd", "dan"):
        text = "raise OverflowError" if name == "bob" else f"x = {name!r}"
        save(answered(double=text), tmp_path / "in" / f"{name}.ipynb")

    def breaks(assignment: Assignment, submitted: list[Any], *args: object) -> Mark:
        if any("raise OverflowError" in cell.source for cell in submitted):
            raise OverflowError("intermediate overflow in fsum")
        return all_right(assignment, submitted)

    def breaks_too(record: Record, title: str) -> bytes:
        if record["student"] == "dan" and record["points"]:
            raise RecursionError("too deep")
        return student_page(record, title)

    with monkeypatch.context() as patch:
        patch.setattr(grade, "mark_submission", breaks)
        patch.setattr(report, "student_page", breaks_too)
        result = command(str(tmp_path / "in"), "--as", "hw77", "--jobs", "1")
    assert result.exit_code == 1
    assert "2 could not be marked" in result.output
    out = tmp_path / "in-marked"
    told = marks_in(out)
    assert told["ada"] == told["cyd"] == ("10", "")
    why = "could not be marked: OverflowError: intermediate overflow in fsum"
    assert told["bob"] == ("0", why)
    assert told["dan"] == ("0", "could not be marked: RecursionError: too deep")
    assert len(list((out / "feedback").iterdir())) == 4
    assert "intermediate overflow" in (out / "class.html").read_text("utf-8")

    again = command(str(tmp_path / "in"), "--as", "hw77")
    assert again.exit_code == 0, again.output
    assert "going on: 3 are marked already" in again.output
    assert set(marks_in(out).values()) == {("10", "")}


@pytest.mark.usefixtures("toy_course")
def test_what_is_marked_was_copied_before_the_seed_was_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = class_of_three(tmp_path / "in")
    bobs = (folder / "bob" / "hw77.ipynb").read_bytes()
    seen: list[list[bytes]] = []
    modes: list[int] = []

    def draw(master: object, seed: int) -> Assignment:
        kept = sorted((tmp_path / "out" / "submissions").glob("*.ipynb"))
        seen.append([path.read_bytes() for path in kept])
        modes.append(stat.S_IMODE((tmp_path / "out").stat().st_mode))
        return toy()

    monkeypatch.setattr(author, "references", draw)
    run = start_run("hw77", folder, tmp_path / "out")
    assert seen == [[(folder / "ada.ipynb").read_bytes(), bobs, b"no notebook"]]
    assert run.entries[1].file == "bob/hw77.ipynb"
    if os.name == "posix":
        assert modes == [0o700]
        private = [tmp_path / "out" / "run.json", *(e.path for e in run.entries)]
        assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    # Afterwards the folder is swapped for a link to another's, the file changed.
    (folder / "bob" / "hw77.ipynb").unlink()
    (folder / "bob").rmdir()
    (folder / "bob").symlink_to(save(answered(), tmp_path / "x" / "hw77.ipynb").parent)
    save(answered(), folder / "cyd.ipynb")
    again = start_run("hw77", folder, tmp_path / "out")
    assert again.resumed
    assert again.entries[1].path.read_bytes() == bobs
    assert again.entries[2].path.read_bytes() == b"no notebook"
    assert again.changed == ("cyd",)
    assert len(seen) == 1  # the seed is not drawn again


@pytest.mark.usefixtures("toy_course")
def test_a_roster_and_a_date_can_be_told_later_but_no_new_file(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("ada", "bob"):
        save(answered(double=name), folder / f"{name}.ipynb")
    words = (str(folder), "--as", "hw77", "--out", str(out))
    assert command(*words).exit_code == 0
    assert marks_in(out) == {"ada": ("10", ""), "bob": ("10", "")}
    os.utime(folder / "bob.ipynb")
    roster = tmp_path / "roster.csv"
    roster.write_text("student,name\na1,ada\nbob,Bob\nzoe,Zoe\n", "utf-8")
    later = command(*words, "--roster", str(roster), "--due", "2001-01-01")
    assert later.exit_code == 0, later.output
    told = marks_in(out)
    assert list(told) == ["a1", "bob", "zoe"]
    assert told["zoe"] == ("0", "nothing was handed in")
    assert "after the date due" in told["a1"][1]
    pages = {path.name for path in (out / "feedback").iterdir()}
    assert pages == {f"{file_name(student)}.html" for student in told}
    save(answered(), folder / "zoe.ipynb")
    refused = command(*words)
    assert refused.exit_code != 0
    assert re.search(
        "its seed is out, .* something new from zoe", str(refused.exception)
    )
    assert list(marks_in(out)) == list(told)
    with pytest.raises(ValueError, match="is a run of hw77 with seed 31337"):
        start_run("hw01", folder, out)
    with pytest.raises(ValueError, match="is a run of hw77 with seed 31337"):
        start_run("hw77", folder, out, seed=4)


@pytest.mark.usefixtures("toy_course")
def test_no_file_name_forges_a_line(tmp_path: Path) -> None:
    name = "x\n 10 of 10  bob\x1b[31m\t\u202e.ipynb"
    save(answered(), tmp_path / "in" / name)
    result = command(str(tmp_path / "in"), "--as", "hw77")
    lines = [line for line in result.output.splitlines() if "10 of 10" in line]
    assert len(lines) == 1
    assert "\x1b" not in result.output
    rows = (tmp_path / "in-marked" / "grades.csv").read_bytes().splitlines()
    assert len(rows) == 2


def test_a_folder_of_somebody_else_does_not_get_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name != "posix":
        pytest.skip("a folder has an owner")
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ValueError, match="belongs to somebody else"):
        close_to_others(tmp_path / "out")


def test_a_homework_that_does_not_exist_is_named_before_all_else(
    tmp_path: Path,
) -> None:
    result = command(str(class_of_three(tmp_path / "in")), "--as", "hw77")
    assert "there is no homework 'hw77'" in str(result.exception)
    assert result.output == ""
    assert not (tmp_path / "in-marked").exists()


def test_what_a_killed_grader_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    for pid in (gone.pid, os.getpid()):
        save(answered(), tmp_path / f"course-homework-{pid}-x" / "files" / "run.ipynb")
    (tmp_path / "course-homework-notes").mkdir()
    execution.sweep()
    left = [path.name for path in sorted(tmp_path.iterdir())]
    assert left == [f"course-homework-{os.getpid()}-x", "course-homework-notes"]


def test_the_homework_is_guessed_from_the_tasks(tmp_path: Path) -> None:
    notebook = answered()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("# TASK double", "# TASK softmax")
        cell["metadata"] = {}
    save(notebook, tmp_path / "ada.ipynb")
    assert guess_homework(collect(tmp_path)) == "hw02"
    save({"cells": []}, tmp_path / "ada.ipynb")
    with pytest.raises(ValueError, match="which homework is this"):
        guess_homework(collect(tmp_path))


def test_the_bars_of_the_histogram_hold_everyone() -> None:
    svg = histogram([0, 3, 3, 10], 10)
    assert 'aria-label="Students by points: 1 with 0, 2 with 3, 1 with 10"' in svg
    wide = histogram([0, 57, 100], 100)
    assert "1 with 0 to 4, 1 with 55 to 59, 1 with 100" in wide


def test_solutions_reach_all_points_with_any_seed(tmp_path: Path) -> None:
    assert set(solutions()) == {"double", "shares", "longest"}
    save(answered(), tmp_path / "in" / "ada.ipynb")
    run = GradingRun(tmp_path / "out", toy(5), tuple(collect(tmp_path / "in")), False)
    assert [record["points"] for record in mark_all(run)] == [10]


@pytest.mark.parametrize(
    ("late", "ours"),
    [
        ('{"i": 0, "state": "timeout"}', True),
        (
            '{"i": 0, "state": "start"}\n{"i": 0, "state": "dead", "error": "SLOW"}',
            True,
        ),
        ('{"i": 1, "state": "timeout"}', False),  # the student's cell
        ('{"i": 2, "state": "timeout"}', False),  # the check below it
        ('{"i": 0, "state": "done"}\n{"i": 0, "state": "timeout"}', False),  # forged
    ],
)
def test_a_set_up_that_is_too_slow_is_not_the_students_fault(
    late: str, ours: bool
) -> None:
    cells = [
        MergedCell("given:0", "import torch", True),
        MergedCell("task:f", "def f(): pass", False),
        MergedCell("check:f:1", "f()", True),
    ]
    said = execution.STOPPED + execution.runner.SLOW
    records = execution.Records.parse(late.replace("SLOW", said).encode(), len(cells))
    assert execution._set_up_failed(cells, records) is ours


@pytest.mark.usefixtures("toy_course")
def test_the_command_marks_one_student_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    for name in ("ada", "bob"):
        save(answered(double=name), folder / f"{name}.ipynb")
    words = (str(folder), "--as", "hw77", "--jobs", "1")
    early = command(*words, "--only", "bob")
    assert isinstance(early.exception, ValueError)
    assert "nothing was marked here yet" in str(early.exception)
    assert command(*words).exit_code == 0

    def half(assignment: Assignment, submitted: object, *args: object) -> Mark:
        whole = all_right(assignment, submitted)
        return replace(whole, checks=whole.checks[:2])

    monkeypatch.setattr(grade, "mark_submission", half)
    again = command(*words, "--only", "bob")
    assert again.exit_code == 0, again.output
    out = tmp_path / "in-marked"
    assert marks_in(out) == {"ada": ("10", ""), "bob": ("3", "")}
    kept = out / "history" / "001" / f"{file_name('bob')}.json"
    assert json.loads(kept.read_text("utf-8"))["points"] == 10

    def breaks(*args: object) -> Mark:
        raise RuntimeError("the run did not start")

    monkeypatch.setattr(grade, "mark_submission", breaks)
    failed = command(*words, "--only", "bob")
    assert failed.exit_code == 1
    assert "bob keeps the marks from before: RuntimeError" in failed.output
    assert marks_in(out)["bob"] == ("3", "")
