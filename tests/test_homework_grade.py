"""A class is marked: submissions found, records kept, reports written."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from toy_homework import BANK, SECRET, answered, save, solutions, toy

from course_lib.classroom.homework import grade, report
from course_lib.classroom.homework.collect import Entry, collect, read_roster
from course_lib.classroom.homework.pages import histogram
from course_lib.classroom.homework.sandbox import Limits, Walls, no_walls

LIMITS = Limits(wall_s=60, cell_s=20)
SQUARES = "def double(numbers):\n    return [n * n for n in numbers]"


def class_of_three(folder: Path) -> Path:
    """One solves all, one makes a known mistake, one hands in something else."""
    save(answered(), folder / "ada.ipynb")
    save(answered(double=SQUARES), folder / "bob" / "hw77.ipynb")
    (folder / "cyd.ipynb").write_text("no notebook", "utf-8")
    return folder


def new_run(folder: Path, entries: list[Entry]) -> grade.GradingRun:
    return grade.GradingRun(folder, toy(), tuple(entries), False)


def mark_all(run: grade.GradingRun, walls: Walls = no_walls) -> list[grade.Record]:
    assert grade.grade_all(run, walls, LIMITS, 2) == []
    return list(grade.records(run))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> grade.GradingRun:
    """The class of three, marked and reported."""
    folder = tmp_path_factory.mktemp("class")
    entries = collect(class_of_three(folder / "handed-in"))
    run = new_run(folder / "out", entries)
    mark_all(run)
    report.write_reports(run)
    return run


def test_each_gets_the_points_that_the_answers_are_worth(
    marked: grade.GradingRun,
) -> None:
    points = {r["student"]: r["points"] for r in grade.records(marked)}
    assert points == {"ada": 10, "bob": 7, "cyd": 0}
    (cyd,) = [r for r in grade.records(marked) if r["student"] == "cyd"]
    assert cyd["why"] == "not a notebook"


def test_a_record_can_replay_the_marks(
    marked: grade.GradingRun, tmp_path: Path
) -> None:
    again = new_run(tmp_path / "again", list(marked.entries))
    mark_all(again)
    keep = ("student", "points", "checks", "seed", "digest", "master")
    first, second = (
        [{key: record[key] for key in keep} for record in grade.records(run)]
        for run in (marked, again)
    )
    assert first == second
    assert {record["seed"] for record in first} == {SECRET}


def test_the_hint_is_in_the_record_and_on_the_page(marked: grade.GradingRun) -> None:
    hint = re.findall(r"# HINT (.*squares?.*|.*multiplied by itself.*)", BANK)[0]
    (bob,) = [r for r in grade.records(marked) if r["student"] == "bob"]
    assert {c["hint"] for c in bob["checks"] if c["task"] == "double"} == {hint}
    page = marked.folder / "feedback" / f"{grade.file_name('bob')}.html"
    assert hint in page.read_text("utf-8")
    assert str(SECRET) in page.read_text("utf-8")


def test_the_csv_has_a_row_a_student(marked: grade.GradingRun) -> None:
    text = (marked.folder / "grades.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["student"] for row in rows] == ["ada", "bob", "cyd"]
    assert [row["points"] for row in rows] == ["10", "7", "0"]
    assert rows[1]["double 1"] == rows[1]["double 2"] == "0"
    assert rows[1]["longest 1"] == "4"


def test_the_class_page_shows_everyone_and_the_hardest_check(
    marked: grade.GradingRun,
) -> None:
    page = (marked.folder / "class.html").read_text("utf-8")
    assert "3 students, 2 marked" in page
    hardest = page.index("<td>double 1</td>"), page.index("<td>longest 1</td>")
    assert hardest[0] < hardest[1]
    links = re.findall(r'href="(feedback/[^"]+)"', page)
    assert len(links) == 3
    assert all((marked.folder / link).is_file() for link in links)
    assert "<script" not in page


def test_a_finished_run_does_not_take_new_files(
    marked: grade.GradingRun, tmp_path: Path
) -> None:
    save(answered(), tmp_path / "dan.ipynb")
    (marked.folder / "run.json").write_bytes(grade.to_json(toy()))
    with pytest.raises(ValueError, match="its seed is out, but there is something new"):
        grade.start_run("hw77", collect(tmp_path), marked.folder)
    with pytest.raises(ValueError, match="is a run of hw77 with seed 31337"):
        grade.start_run("hw01", collect(tmp_path), marked.folder)
    with pytest.raises(ValueError, match="is a run of hw77 with seed 31337"):
        grade.start_run("hw77", collect(tmp_path), marked.folder, seed=4)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(ValueError, match="is not empty: name a new folder"):
        grade.start_run("hw77", [], tmp_path)


def test_only_those_without_a_record_are_marked_again(tmp_path: Path) -> None:
    folder = class_of_three(tmp_path / "in")
    run = new_run(tmp_path / "out", collect(folder))
    mark_all(run)
    assert run.waiting() == []
    save(answered(shares="def shares(x): return x"), folder / "ada.ipynb")
    run.record_of(run.entries[2]).write_text('{"format": 1', "utf-8")  # damaged
    assert [entry.student for entry in run.waiting()] == ["ada", "cyd"]
    seen: list[str] = []
    grade.grade_all(run, no_walls, LIMITS, 1, lambda r: seen.append(r["student"]))
    assert seen == ["ada", "cyd"]
    assert [record["points"] for record in grade.records(run)] == [7, 7, 0]


def test_a_sandbox_that_does_not_start_marks_nobody_down(tmp_path: Path) -> None:
    from course_lib.classroom.homework.sandbox import Place

    def broken(folder: Path) -> Place:
        return Place(["false"], str(folder))

    save(answered(), tmp_path / "in" / "ada.ipynb")
    run = new_run(tmp_path / "out", collect(tmp_path / "in"))
    (trouble,) = grade.grade_all(run, broken, LIMITS, 1)
    assert trouble.startswith("ada: RuntimeError: the run did not start")
    assert [entry.student for entry in run.waiting()] == ["ada"]


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from course_lib.classroom.homework import grade
from course_lib.classroom.homework.collect import collect
from course_lib.classroom.homework.sandbox import Limits, find_walls, no_walls
from toy_homework import toy
run = grade.GradingRun(Path({out!r}), toy(), tuple(collect(Path({inn!r}))), False)
walls = {walls}
grade.grade_all(run, walls, Limits(wall_s=60), 1, lambda r: print("done", flush=True))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_and_gives_the_same_marks(tmp_path: Path) -> None:
    for i in range(4):
        save(
            answered(double=SQUARES if i % 2 else "x = 1"), tmp_path / f"in/s{i}.ipynb"
        )
    words = {"tests": str(Path(__file__).parent), "out": str(tmp_path / "out")}
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
    words = {"tests": str(Path(__file__).parent), "out": str(tmp_path / "out")}
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
    assert [json.loads(path.read_text())["student"] for path in records] == ["s0"]


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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"login,name\na,b\n", "no column `student`"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_bad_roster_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(ValueError, match=why):
        read_roster(tmp_path / "roster.csv")


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
    assert ada.notes == ("hw77.ipynb was marked, not hw77-Copy1.ipynb",)
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


def test_the_same_file_twice_is_told_to_the_teacher_only(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        save({"cells": []}, tmp_path / "in" / f"{name}.ipynb")
    run = new_run(tmp_path / "out", collect(tmp_path / "in"))
    mark_all(run)
    rows = report.write_reports(run)
    assert rows[0]["notes"] == ["the very same file as bob"]
    page = (tmp_path / "out" / "feedback" / rows[0]["page"]).read_text("utf-8")
    assert "bob" not in page


def test_the_homework_is_guessed_from_the_tasks(tmp_path: Path) -> None:
    notebook = answered()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("# TASK double", "# TASK softmax")
        cell["metadata"] = {}
    save(notebook, tmp_path / "ada.ipynb")
    assert grade.guess_homework(collect(tmp_path)) == "hw01"
    save({"cells": []}, tmp_path / "ada.ipynb")
    with pytest.raises(ValueError, match="which homework is this"):
        grade.guess_homework(collect(tmp_path))


def test_the_bars_of_the_histogram_hold_everyone() -> None:
    svg = histogram([0, 3, 3, 10], 10)
    assert 'aria-label="Students by points: 1 with 0, 2 with 3, 1 with 10"' in svg
    wide = histogram([0, 57, 100], 100)
    assert "1 with 0 to 4, 1 with 55 to 59, 1 with 100" in wide


def test_solutions_reach_all_points_with_any_seed(tmp_path: Path) -> None:
    assert set(solutions()) == {"double", "shares", "longest"}
    save(answered(), tmp_path / "in" / "ada.ipynb")
    run = grade.GradingRun(
        tmp_path / "out", toy(5), tuple(collect(tmp_path / "in")), False
    )
    assert [record["points"] for record in mark_all(run)] == [10]
