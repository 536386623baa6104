"""Handing in: checked first, whole or not at all, nothing replaced, with a receipt."""

import hashlib
import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classroom import cli
from classroom.homework import intake, receipts, submit
from classroom.homework.check import Checked
from classroom.homework.collect import collect
from classroom.homework.receipts import Receipt, read_receipt, receipt_of
from tests.classroom.toy_homework import answered, save, toy
from tests.classroom.toy_term import judged

posix = pytest.mark.skipif(os.name != "posix", reason="about rights")
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's computer of its own, which is not asked who its user is."""
    settings = tmp_path / "settings"
    settings.mkdir()
    monkeypatch.setattr(submit, "settings_folder", lambda name: settings)
    for name in (submit.HAND_IN, submit.HUB_USER, "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The class's folder, which students cannot list."""
    path = tmp_path / "class"
    path.mkdir()
    path.chmod(0o1733)
    return path


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's notebook; checking it costs no kernel."""
    path = save(answered(), tmp_path / "work" / "hw77.ipynb")

    def check(word: str, file: Path, limits: object) -> Checked:
        return Checked(toy(1), file, judged(toy(1), []), ("no answer to why yet",))

    monkeypatch.setattr(submit, "check_file", check)
    monkeypatch.setattr(submit, "find_file", lambda word, file: ("hw77", file or path))
    return path


def handed_in(
    work: Path, folder: Path, name: str = "ada", when: datetime = NOON
) -> Receipt:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submit, "now", lambda: when)
        return submit.hand_in(submit.checked_file("hw77", work), folder, name)


def test_the_notebook_and_its_receipt_arrive_whole(work: Path, folder: Path) -> None:
    receipt = handed_in(work, folder, "Ada Lovelace")
    there = folder / receipt.file
    assert there.read_bytes() == work.read_bytes()
    assert receipt.sha256 == hashlib.sha256(work.read_bytes()).hexdigest()
    assert receipt.file.startswith("Ada Lovelace+hw77+2026-11-30-12-00-00+1-")
    assert read_receipt(there) == replace(receipt, points=None, worth=None)
    own = json.loads((work.parent / "hw77-receipt-1.json").read_text("utf-8"))
    assert own == json.loads(receipt_of(there).read_text("utf-8"))
    assert (own["points"], own["worth"]) == (10, 10)
    assert {path.suffix for path in folder.iterdir()} == {".ipynb", ".json"}
    if os.name == "posix":  # the teacher, who is another user, reads it
        assert stat.S_IMODE(there.stat().st_mode) == 0o644


def test_a_long_check_makes_nobody_late(
    work: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "now", lambda: NOON)
    check = submit.check_file

    def slow(*words: object) -> Checked:
        monkeypatch.setattr(submit, "now", lambda: NOON + timedelta(minutes=5))
        return check(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(submit, "check_file", slow)
    receipt = submit.hand_in(submit.checked_file("hw77", work), folder, "ada")
    assert receipt.when == NOON


def test_nothing_that_was_handed_in_is_replaced(work: Path, folder: Path) -> None:
    first = handed_in(work, folder)
    before = (folder / first.file).read_bytes()
    save(answered(double="x = 1"), work)
    second = handed_in(work, folder, when=NOON + timedelta(hours=1))
    third = handed_in(work, folder, when=NOON + timedelta(hours=1))
    assert [r.attempt for r in (first, second, third)] == [1, 2, 3]
    assert len({r.file for r in (first, second, third)}) == 3
    assert (folder / first.file).read_bytes() == before


def test_the_collector_takes_the_last_attempt_and_its_time(
    work: Path, folder: Path, tmp_path: Path
) -> None:
    handed_in(work, folder, "Zoë O'Neil")
    second = handed_in(work, folder, "Zoë O'Neil", NOON + timedelta(days=1))
    handed_in(work, folder, "../bob")
    for path in folder.glob("*.ipynb"):
        os.utime(path, (0, 0))  # what a date of a file says does not matter
    roster = tmp_path / "class.csv"
    roster.write_text("student,name\nzoe,Zoe O'Neil\n", "utf-8")
    due = NOON.astimezone().replace(tzinfo=None) + timedelta(hours=1)
    bob, zoe = sorted(collect(folder, roster, due, "hw77"), key=lambda e: e.student)
    assert (bob.student, bob.late, zoe.student, zoe.late) == ("bob", False, "zoe", True)
    assert zoe.file == second.file
    assert zoe.handed_in == second.time
    assert "was marked, not Zoë O'Neil+hw77+2026-11-30" in zoe.notes[0]
    assert "handed in 2026-12-01" in zoe.notes[1]


def test_a_folder_for_all_homeworks_is_sorted_by_names(
    work: Path, folder: Path
) -> None:
    handed_in(work, folder, "ada")
    other = handed_in(work, folder, "bob")
    for path in folder.glob("bob*"):
        path.rename(folder / path.name.replace("hw77", "hw03"))
    (ada,) = collect(folder, homework="hw77")
    (bob,) = collect(folder, homework="hw03")
    assert (ada.student, bob.student) == ("ada", "bob")
    assert bob.file == other.file.replace("hw77", "hw03")


def test_a_receipt_of_another_file_is_doubted(
    work: Path, folder: Path, tmp_path: Path
) -> None:
    receipt = handed_in(work, folder)
    out = tmp_path / "out"
    save(answered(double="x = 1"), folder / receipt.file)
    (entry,) = intake.take_in(collect(folder), folder, out)
    assert entry.notes == (
        "the receipt beside it is of another file (sha256 differs): ask",
    )
    assert intake.taken_in(out) == [entry]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"homework": 1}', "x" * 20_000, '{"time": "noon"}']
)
def test_a_receipt_that_is_none_is_as_if_it_were_not_there(
    text: str, work: Path, folder: Path
) -> None:
    receipt = handed_in(work, folder)
    receipt_of(folder / receipt.file).write_text(text, "utf-8")
    (entry,) = collect(folder)
    assert entry.handed_in == ""
    assert entry.path == folder / receipt.file


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-11-30"]
)
def test_a_receipt_with_an_impossible_time_stops_nobody(
    time: str, work: Path, folder: Path
) -> None:
    receipt = handed_in(work, folder)
    path = receipt_of(folder / receipt.file)
    path.write_bytes(receipts.to_json(replace(receipt, time=time)))
    (entry,) = collect(folder, due=datetime(2026, 11, 30))
    assert entry.handed_in == ""


@posix
def test_a_receipt_that_is_a_link_is_not_followed(work: Path, folder: Path) -> None:
    receipt = handed_in(work, folder)
    path = receipt_of(folder / receipt.file)
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    assert read_receipt(folder / receipt.file) is None


def test_a_disk_that_is_full_leaves_nothing(
    work: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        handed_in(work, folder)
    assert list(folder.iterdir()) == []
    assert not list(work.parent.glob("*receipt*"))


def test_a_hand_in_stands_if_the_students_own_disk_is_full(
    work: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(submit, "write_atomically", full)
    receipt = handed_in(work, folder)
    (entry,) = collect(folder)
    assert entry.handed_in
    kept = read_receipt(folder / receipt.file)
    assert kept is not None
    assert kept.sha256 == receipt.sha256
    told = submit.told(receipt, submit.checked_file("hw77", work).checked, folder)
    assert any("no receipt could be written" in line for line in told)


def test_a_file_saved_while_it_is_checked_is_not_handed_in(
    work: Path, folder: Path
) -> None:
    ready = submit.checked_file("hw77", work)
    save(answered(double="x = 1"), work)
    with pytest.raises(ValueError, match="saved while it was checked: submit again"):
        submit.hand_in(ready, folder, "ada")
    assert list(folder.iterdir()) == []


def test_where_to_must_be_known_and_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="Name the class's folder with --to"):
        submit.hand_in_folder(None)
    with pytest.raises(ValueError, match="is not there: ask for the class's"):
        submit.hand_in_folder(tmp_path / "gone")
    monkeypatch.setenv(submit.HAND_IN, str(tmp_path))
    assert submit.hand_in_folder(None) == tmp_path
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match="cannot be written to"):
        submit.hand_in_folder(tmp_path)


def test_a_name_is_remembered_and_a_hub_knows_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert submit.student_name() == ""
    assert submit.student_name("  Ada   Lovelace ") == "Ada Lovelace"
    assert submit.student_name() == "Ada Lovelace"
    monkeypatch.setenv(submit.HUB_USER, "alove")
    assert submit.student_name() == "alove"
    assert submit.student_name("bob") == "bob"
    with pytest.raises(ValueError, match="is no name: say who you are"):
        submit.student_name("...")


def course(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    output = capsys.readouterr()
    return int(stopped.value.code or 0), output.out, output.err


def test_the_command_says_what_it_is_worth_and_gives_a_receipt(
    work: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("submit", "hw77", work, "--to", folder, "--name", "ada")
    code, out, _ = course(capsys, *words)
    assert code == 0
    assert "10 of 10 points" in out
    assert "note: no answer to why yet" in out
    assert "by ada, attempt 1, 20" in out
    assert hashlib.sha256(work.read_bytes()).hexdigest() in out
    assert len(list(folder.glob("ada+hw77+*.ipynb"))) == 1
    assert "can list" not in out
    folder.chmod(0o1777)
    assert "close it with chmod 1733" in course(capsys, *words)[1] or os.name == "nt"


def test_work_that_would_be_lost_is_not_handed_in(
    work: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = ("double: what you ran last is not in the file",)
    mark = judged(toy(1), [])
    unsaved = Checked(toy(1), work, mark, lost, lost)
    monkeypatch.setattr(submit, "check_file", lambda *words: unsaved)
    words = ("submit", "hw77", work, "--to", folder, "--name", "ada")
    code, _, err = course(capsys, *words)
    assert code == 1
    assert f"NOT handed in: {lost[0]}: save the notebook and submit again" in err
    assert list(folder.iterdir()) == []
    submit.submit("hw77", to=folder, name="ada", file=work)
    assert f"NOT handed in: {lost[0]}" in capsys.readouterr().out
    assert list(folder.iterdir()) == []
    assert course(capsys, *words, "--anyway")[0] == 0
    assert len(list(folder.glob("*.ipynb"))) == 1


def test_without_a_name_nothing_is_handed_in(
    work: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = course(capsys, "submit", "hw77", work, "--to", folder)
    assert code == 2
    assert "say who you are: --name ada" in err
    submit.submit("hw77", to=folder, file=work)
    assert 'submit("hw03", name="ada")' in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def test_a_cell_hands_in_the_notebook_that_it_stands_in(
    work: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(work))
    monkeypatch.setenv(submit.HAND_IN, str(folder))
    submit.submit("hw77", name="ada")
    out = capsys.readouterr().out
    assert "10 of 10 points with the seed in the notebook" in out
    assert "handed in: " in out
    assert [receipts.homework_in(p.name) for p in folder.glob("*.ipynb")] == [77]


@pytest.mark.slow
def test_a_real_homework_is_checked_and_handed_in(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from classroom.homework.assignment import notebook_of

    file = tmp_path / "hw02.ipynb"
    file.write_bytes(notebook_of("hw02").read_bytes())
    words = ("submit", "hw02", file, "--to", folder, "--name", "ada")
    code, out, _ = course(capsys, *words)
    assert code == 0
    assert "0 of " in out
    (entry,) = collect(folder, homework="hw02")
    assert entry.student == "ada"
    assert entry.handed_in
