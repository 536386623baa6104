"""Tables for course sites, byte for byte as their documentation shows them."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from classroom.gradebook import make
from classroom.gradebook.exports import EXPORTS
from tests.classroom.toy_homework import answered, save
from tests.classroom.toy_term import HandIn, decide, homework, marked

GOLDEN = Path(__file__).parent / "golden"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 78: a toy (4712)\n"
    "    Points Possible,,,,,10\n"
    '"Lovelace, Ada",101,00123,alove,"Maths, A",\n'
    '"O\'Neil, Zoë",102,00124,zoe,B,\n'
    '"=1+1, Eve",103,00125,eve,B,\n'
    '"Student, Test",999,,x,B,\n'
)
MOODLE = (
    "First name,Last name,Username,ID number,Email address\n"
    "Ada,Lovelace,alove,00123,ada@uni.example\nZoë,O'Neil,zoe,00124,zoe@uni.example\n"
    "Eve,=1+1,eve,00125,+1+1@uni.example\n"
)
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Section\n"
    "Ada,Lovelace,00123,ada@uni.example,A\nZoë,O'Neil,00124,zoe@uni.example,B\n"
    "Eve,=1+1,00125,eve@uni.example,B\n"
)
ROSTERS = {"canvas.csv": CANVAS, "moodle.csv": MOODLE, "gradescope.csv": GRADESCOPE}


def term_of(folder: Path, roster: str) -> Path:
    """Two homeworks: Ada late and by hand, Zoë excused from one, Eve only in one."""
    names = {"alove": HandIn(), "zoe": HandIn(wrong=("double",))}
    if roster is GRADESCOPE:
        names = {"00123": names["alove"], "00124": names["zoe"]}
    marked(folder, "hw77-marked", names)
    last = "00125" if roster is GRADESCOPE else "eve"
    marked(folder, "hw78-marked", {last: HandIn(("longest",))}, homework("hw78"))
    decide(folder, "roster.csv", roster)
    rules = "homework,due,percent a day,name on the course site\n"
    decide(folder, "homeworks.csv", rules + "hw77,2026-11-30,12.5,Homework 77 (4711)\n")
    times = "homework,student,handed in\nhw77,Ada Lovelace,2026-12-01 02:00:00\n"
    decide(folder, "times.csv", times)
    points = "homework,student,task,points,reason\nhw78,00124,*,excused,ill\n"
    decide(folder, "points.csv", points)
    return folder


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_what_the_site_documents(name: str, tmp_path: Path) -> None:
    term = make.open_term(term_of(tmp_path, ROSTERS[name]), "de")
    assert term.book.problems == []
    make.write_term(term)
    written = (term.out / "exports" / name).read_bytes()
    assert written.decode() == (GOLDEN / name).read_text("utf-8")


def test_moodle_gets_each_page_in_the_folder_that_it_gave(tmp_path: Path) -> None:
    """As `importziplib.php` of Moodle does: name, number, plugin, by underscores."""
    folder = tmp_path / "in"
    for who in ("Ada Lovelace_12", "Zoë O'Neil_13"):
        save(answered(), folder / f"{who}_assignsubmission_file_" / "hw77.ipynb")
    save(answered(), folder / "eve.ipynb")
    marked(tmp_path, "hw77-marked", {}, there=folder)
    marked(tmp_path, "hw78-marked", {"ada": HandIn()}, homework("hw78"))
    term = make.open_term(tmp_path)
    make.write_term(term)
    (path,) = (term.out / "exports").glob("*.zip")
    assert path.name == "moodle_feedback_hw77.zip"
    with zipfile.ZipFile(path) as pages:
        names = pages.namelist()
        parts = [name.partition("/")[0].split("_", 4) for name in names]
        assert [part[1:4] for part in parts] == [
            ["12", "assignsubmission", "file"],
            ["13", "assignsubmission", "file"],
        ]
        page = pages.read(names[0]).decode()
    assert "10 of 10 points" in page
    assert "index.html" not in page
    before = path.read_bytes()
    make.write_term(term)
    assert path.read_bytes() == before


def test_canvas_reads_who_and_what_from_the_places_it_looks_at() -> None:
    """As `gradebook_importer.rb` of Canvas does: by place, then by name."""
    rows = list(csv.reader(io.StringIO((GOLDEN / "canvas.csv").read_text("utf-8"))))
    head, possible, *students = rows
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in possible[0]
    assert {len(row) for row in rows} == {7}
    assert [row[1] for row in students] == ["101", "103", "102"]
    grades = [cell for row in students for cell in row[5:]]
    assert all(g in ("", "EX") or float(g) >= 0 for g in grades)


@pytest.mark.parametrize("name", EXPORTS)
def test_no_export_holds_a_formula(name: str) -> None:
    rows = csv.reader(io.StringIO((GOLDEN / name).read_text("utf-8")))
    cells = [cell for row in rows for cell in row]
    assert any("1+1" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
