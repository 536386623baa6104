"""Who handed in what: names as people and course sites write them, and rosters."""

import os
import sys
from pathlib import Path

import pytest

from classroom.homework.collect import Entry, collect
from classroom.homework.intake import read_below
from classroom.homework.roster import Line, find_lines, read_roster
from classroom.homework.submission import MAX_BYTES

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="file names and links of Linux"
)


def hand_in(folder: Path, *names: str) -> Path:
    """Empty files, each newer than the one before."""
    for second, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (second, second))
    return folder


# What lies in the folder, newest last -> student: the file that is marked for hw01.
SITES: dict[str, tuple[list[str], dict[str, str]]] = {
    "Moodle, a folder a student": (
        ["Ada Lovelace_1234_assignsubmission_file_/hw01.ipynb"],
        {"Ada Lovelace": "hw01.ipynb"},
    ),
    "Moodle, files; two people of one name": (
        [
            "Ada Lovelace_12_assignsubmission_file_hw01.ipynb",
            "Ada Lovelace_34_assignsubmission_file_hw01.ipynb",
            "Bo_5_assignsubmission_file_work.ipynb",
            "Bo_5_assignsubmission_onlinetext_onlinetext.html",
        ],
        {
            "Ada Lovelace (Participant 12)": "_12_assignsubmission_file_hw01.ipynb",
            "Ada Lovelace (Participant 34)": "_34_assignsubmission_file_hw01.ipynb",
            "Bo": "work.ipynb",
        },
    ),
    "Canvas, three attempts, the last of them unpacked first": (
        [
            "lovelaceada_12345_678911_hw01-2.ipynb",
            "lovelaceada_12345_678910_hw01.ipynb",
            "lovelaceada_12345_678911_hw01-1.ipynb",
            "babbagecharles_LATE_77_678912_hw01-1.ipynb",
        ],
        {
            "lovelaceada": "hw01-2.ipynb",
            "babbagecharles": "_LATE_77_678912_hw01-1.ipynb",
        },
    ),
    "Blackboard": (
        [
            "Homework 1_alove_attempt_2026-11-21-09-00-00_hw01.ipynb",
            "Homework 1_alove_attempt_2026-11-20-10-11-12_hw01.ipynb",
            "Homework 1_alove_attempt_2026-11-20-10-11-12.txt",
        ],
        {"alove": "2026-11-21-09-00-00_hw01.ipynb"},
    ),
    "Google Classroom": (
        ["Ada Lovelace - hw01.ipynb", "Bo - hw01 (1).ipynb"],
        {"Ada Lovelace": "Ada Lovelace - hw01.ipynb", "Bo": "Bo - hw01 (1).ipynb"},
    ),
    "GitHub Classroom": (
        ["hw01-alove/hw01.ipynb", "hw01-alove/.git/x.ipynb", "hw01-bo/README.md"],
        {"alove": "hw01-alove/hw01.ipynb", "bo": ""},
    ),
    "nbgrader's exchange": (
        [
            "alove+hw01+2026-11-21 09:00:00 UTC+d3v/hw01.ipynb",
            "alove+hw01+2026-11-20 10:11:12.5 UTC/hw01.ipynb",
        ],
        {"alove": "09:00:00 UTC+d3v/hw01.ipynb"},
    ),
    "nbgrader's folder": (
        ["alove/hw01/work.ipynb", "alove/hw02/hw02.ipynb"],
        {"alove": "hw01/work.ipynb"},
    ),
    "a hub's homes": (
        [
            "alove/course/notebooks/homework/hw01.ipynb",
            "alove/course/notebooks/homework/hw02.ipynb",
            "alove/course/notebooks/homework/.ipynb_checkpoints/hw01-checkpoint.ipynb",
            "alove/course/notebooks/05_name_generator.ipynb",
        ],
        {"alove": "course/notebooks/homework/hw01.ipynb"},
    ),
    "one folder, several homeworks": (
        ["ada/hw01.ipynb", "ada/hw02.ipynb", "bo/hw1 final.ipynb", "bo/hw11.ipynb"],
        {"ada": "ada/hw01.ipynb", "bo": "hw1 final.ipynb"},
    ),
    "another homework only": (["ada/hw02.ipynb"], {"ada": "hw02.ipynb"}),
    "as browsers save and number": (
        ["ada.ipynb.txt", "bo-hw01.ipynb.json", "bo-hw01 (1).ipynb", "cy.txt"],
        {"ada": "ada.ipynb.txt", "bo": "bo-hw01 (1).ipynb", "cy": ""},
    ),
    "a dot before the name": (
        [
            ".ada.ipynb",
            ".bo/hw01.ipynb",
            "cy/.hw01.ipynb",
            "..dan/hw01.ipynb",
            ".eve.zip",
        ],
        {"ada": ".ada.ipynb", "bo": "", "cy": ".hw01.ipynb", "dan": "", "eve": ""}
        | {"bo": ".bo/hw01.ipynb", "dan": "..dan/hw01.ipynb"},
    ),
    "what systems leave": (
        [
            *(
                "ada.ipynb",
                "._ada.ipynb",
                ".DS_Store",
                "Thumbs.db",
                "__MACOSX/ada.ipynb",
            ),
            *(".ipynb_checkpoints/ada-checkpoint.ipynb", ".gitignore", ".git/x.ipynb"),
        ],
        {"ada": "ada.ipynb"},
    ),
}


@linux
@pytest.mark.parametrize("site", SITES)
def test_names_of_course_sites_are_understood(site: str, tmp_path: Path) -> None:
    names, wanted = SITES[site]
    found = {e.student: e for e in collect(hand_in(tmp_path, *names), homework="hw01")}
    assert found.keys() == wanted.keys()
    for student, end in wanted.items():
        assert found[student].file.endswith(end), found[student].file
        assert bool(found[student].path) == bool(end)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)
def test_nobody_replaces_a_classmates_file_by_a_name(tmp_path: Path) -> None:
    for name in ("ada.ipynb", "ada (1).ipynb", "bob.ipynb"):
        (tmp_path / name).write_text("{}", "utf-8")
    os.chown(tmp_path / "ada (1).ipynb", 4711, 4711)
    ada, bob = sorted(collect(tmp_path), key=lambda entry: entry.student)
    assert ada.path is None
    assert "belong to different users" in ada.why
    assert bob.path == tmp_path / "bob.ipynb"


def test_what_was_not_marked_is_told(tmp_path: Path) -> None:
    hand_in(tmp_path, "x_LATE_1_2_hw01.ipynb", "x_1_2_hw01-1.ipynb", "x_1_2_a.pdf")
    (x,) = collect(tmp_path, homework="hw01")
    assert x.late
    assert x.notes == (
        "the course site marks it as late",
        "x_1_2_hw01-1.ipynb was marked, not x_LATE_1_2_hw01.ipynb",
        "x_1_2_a.pdf is not a notebook (.ipynb)",
    )


@linux
def test_a_folder_of_too_many_files_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classroom.homework import collect as collecting

    monkeypatch.setattr(collecting, "MAX_LOOKS", 9)
    hand_in(tmp_path, "ada/hw01.ipynb", *(f"ada/a/{i}.txt" for i in range(20)))
    (ada,) = collect(tmp_path)
    assert ada.file == "ada/hw01.ipynb"
    assert ada.notes == ("too many files in the folder: not all were looked at",)


ADA = ("alove", "Ada Lovelace")
ROSTERS: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "by hand": (b"student,name\nalove,Ada Lovelace\nbo,\n", [ADA, ("bo", "")]),
    "Excel in Europe": (b"Student;Name\r\nalove;Ada Lovelace\r\n", [ADA]),
    "Excel says how": (b"sep=;\r\nstudent;name\r\nalove;Ada Lovelace\r\n", [ADA]),
    "Excel, Unicode text": (
        "student\tname\nåsa\tÅsa Öberg\n".encode("utf-16"),
        [("åsa", "Åsa Öberg")],
    ),
    "Excel, code page 1252": (
        "student;name\njo;Jörg Weiß\n".encode("cp1252"),
        [("jo", "Jörg Weiß")],
    ),
    "a byte order mark": (b"\xef\xbb\xbfstudent,name\nalove,Ada Lovelace\n", [ADA]),
    "Canvas": (
        b"Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (12)\n"
        b",,,,,Manual Posting\n"
        b"    Points Possible,,,,,11.0\n"
        b'"Lovelace, Ada",12345,s1,alove,A,\n'
        b'"Student, Test",9,,x9,A,\n',
        [ADA],
    ),
    "Canvas without logins": (
        b'Student,ID,Section\n"Lovelace, Ada",12345,A\n',
        [("12345", "Ada Lovelace")],
    ),
    "Moodle": (
        b'"First name",Surname,"ID number","Email address"\n'
        b"Ada,Lovelace,,alove@uni.example\nBo,Li,77,bo@x\n",
        [("alove@uni.example", "Ada Lovelace"), ("77", "Bo Li")],
    ),
    "Moodle, grading sheet": (
        b"Identifier,Full name,Email address\nParticipant 12,Ada Lovelace,a@x\n",
        [("Participant 12", "Ada Lovelace")],
    ),
    "Blackboard": (
        b'"Last Name","First Name",Username,"Student ID"\nLovelace,Ada,alove,5\n',
        [ADA],
    ),
    "GitHub Classroom": (
        b"identifier,github_username,github_id,name\nada,alove,5,Ada Lovelace\n",
        [ADA],
    ),
    "names only": (b"Name\nAda Lovelace\n\n", [("Ada Lovelace", "Ada Lovelace")]),
    "a line twice": (b"student,name\nalove,Ada Lovelace\nalove,Ada Lovelace\n", [ADA]),
}


@pytest.mark.parametrize("kind", ROSTERS)
def test_rosters_are_read_as_sites_and_spreadsheets_write_them(
    kind: str, tmp_path: Path
) -> None:
    content, wanted = ROSTERS[kind]
    (tmp_path / "roster.csv").write_bytes(content)
    lines = read_roster(tmp_path / "roster.csv")
    assert [(line.student, line.name) for line in lines] == wanted


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            b"grade,comment\n7,x\n",
            r"found: grade, comment\); understood are student, n",
        ),
        (b"", "found: none"),
        (b"\xff\xfe\x00", "cannot be read as a roster"),
        (b"\x00\x01\x02", "it is no text"),
        (b"PK\x03\x04" + bytes(9), "is a workbook: save it as CSV"),
        (b"student\n" + b"x" * 200_000, "cannot be read as a roster"),
    ],
)
def test_a_bad_roster_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(ValueError, match=why):
        read_roster(tmp_path / "roster.csv")


CLASS = [
    Line("alove", "Ada Lovelace", ("alove", "12345")),
    Line("jlon", "Jean-Luc O'Neil", ("jlon", "777")),
    Line("asa", "Åsa Öberg", ("asa", "555")),
    Line("li1", "Bo Li", ("li1",)),
    Line("li2", "Bo Li", ("li2",)),
]


@pytest.mark.parametrize(
    ("alias", "students"),
    [
        *(("Lovelace Ada", ["alove"]), ("LOVELACE, ADA", ["alove"])),
        *(("ALOVE", ["alove"]), ("12345", ["alove"]), ("lovelaceada", ["alove"])),
        *(("oneiljeanluc", ["jlon"]), ("O_Neil Jean Luc", ["jlon"])),
        *(("Öberg, Åsa", ["asa"]), ("O\u0308berg A\u030asa", ["asa"])),
        *(("obergasa", ["asa"]), ("öbergåsa", ["asa"]), ("Bo Li", ["li1", "li2"])),
        *(("Ada", []), ("love", []), ("", []), ("1234", [])),
    ],
)
def test_a_name_finds_its_line(alias: str, students: list[str]) -> None:
    if alias.startswith("O_"):
        alias = alias.replace("O_", "O'")
    assert [line.student for line in find_lines(CLASS, [alias])] == students


@linux
def test_two_files_of_one_line_stay_two_rows_and_name_each_other(
    tmp_path: Path,
) -> None:
    folder = hand_in(
        tmp_path / "in",
        *("ada.ipynb", "ADA.ipynb", "Jos\u00e9.ipynb", "Jose\u0301.ipynb"),
        *("Lovelace Ada_12_assignsubmission_file/hw01.ipynb", "Bo Li.ipynb"),
    )
    roster = tmp_path / "roster.csv"
    text = "student,name\nada,Ada Lovelace\njose,José\nli1,Bo Li\nli2,Bo Li\n"
    roster.write_text(text, "utf-8")
    found = collect(folder, roster)
    assert len([entry for entry in found if entry.path]) == 6
    adas = [entry for entry in found if entry.name == "Ada Lovelace"]
    assert [entry.student for entry in adas] == [
        "ada",
        "ada (ADA)",
        "ada (Lovelace Ada)",
    ]
    for entry in adas:
        (note,) = entry.notes
        others = [other.file for other in adas if other is not entry]
        assert all(other in note for other in others)
        assert entry.file not in note.replace("ada handed in", "").split()
    assert len([entry for entry in found if entry.name == "José"]) == 2
    (both,) = [entry for entry in found if entry.student == "Bo Li"]
    assert both.notes == ("li1, li2 of the roster?",)
    missing = [entry.student for entry in found if entry.path is None]
    assert missing == ["li1", "li2"]


@linux
@pytest.mark.skipif(os.name == "nt", reason="links need rights, pipes have no files")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ada/link.ipynb", "it is a link"),
        ("folder-link/hw01.ipynb", "it is a link"),
        ("ada/folder-link/hw01.ipynb", "it is a link"),
        ("pipe.ipynb", "it is not a regular file"),
        ("ada", "it is not a regular file"),
        ("big.ipynb", "larger than 16 MB: clear the outputs"),
        ("gone.ipynb", "cannot be read"),
    ],
)
def test_no_link_is_followed_when_a_file_is_taken_in(
    name: str, why: str, tmp_path: Path
) -> None:
    root = tmp_path / "in"
    hand_in(root, "bob/hw01.ipynb", "ada/x.ipynb")
    (root / "ada" / "link.ipynb").symlink_to(root / "bob" / "hw01.ipynb")
    (root / "folder-link").symlink_to(root / "bob")
    (root / "ada" / "folder-link").symlink_to(root / "bob")
    os.mkfifo(root / "pipe.ipynb")
    with (root / "big.ipynb").open("wb") as big:
        big.truncate(MAX_BYTES + 1)
    with pytest.raises(ValueError, match=why):
        read_below(root, root / name)
    assert read_below(root, root / "bob" / "hw01.ipynb")[0] == b""


@linux
def test_a_file_that_vanishes_meanwhile_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, "ada.ipynb", "bo.ipynb", "cy/hw01.ipynb", "cy/old.ipynb")
    lstat = Path.lstat

    def gone(path: Path) -> os.stat_result:
        return lstat(path / "gone" if path.name in ("bo.ipynb", "old.ipynb") else path)

    monkeypatch.setattr(Path, "lstat", gone)
    assert [entry.file for entry in collect(tmp_path)] == [
        *("ada.ipynb", "bo.ipynb", "cy/hw01.ipynb")
    ]


def test_an_entry_keeps_the_name_of_its_file(tmp_path: Path) -> None:
    (entry,) = collect(hand_in(tmp_path, "hw01_ada.ipynb"))
    assert entry == Entry(
        "ada",
        path=tmp_path / "hw01_ada.ipynb",
        key="ada",
        file="hw01_ada.ipynb",
        aliases=("ada", "ada", ""),
    )
