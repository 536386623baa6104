"""Finding the submissions in a folder: one file or one folder a student.

Nothing is opened here: names and dates are all that is looked at.
"""

import csv
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
SKIPPED = ("__MACOSX", "Thumbs.db", "desktop.ini")
COPY = re.compile(r"[\s_.-]*(?:\(\d+\)|-Copy\d+)$", re.IGNORECASE)
HOMEWORK = re.compile(r"(?<![a-z0-9])hw\d\d(?!\d)", re.IGNORECASE)
DEPTH = 3
MAX_FILES = 200


@dataclass(frozen=True)
class Entry:
    """What one student handed in, as far as names and dates tell.

    Attributes:
        student: taken from the file's or the folder's name, or from the roster.
        name: the full name in the roster; "" without.
        path: the notebook to mark; None when there is none.
        why: why there is none.
        late: saved after the date due?
        notes: other files of the same student, and the like.
    """

    student: str
    name: str = ""
    path: Path | None = None
    why: str = ""
    late: bool = False
    notes: tuple[str, ...] = ()


def collect(
    folder: Path, roster: Path | None = None, due: datetime | None = None
) -> list[Entry]:
    """One entry a student, in the order of their names.

    Args:
        folder: submissions, as files or as one folder a student.
        roster: a CSV with a column `student`, and `name` if wanted; who is in it and
            handed nothing in is listed too.
        due: files saved later are reported.

    Raises:
        ValueError: the folder is no folder or is empty; the roster cannot be read.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder of submissions")
    files: dict[str, list[Path]] = {}
    reasons: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in SKIPPED:
            continue
        student, found, why = _look_at(path)
        files.setdefault(student, []).extend(found)
        if why:
            reasons.setdefault(student, why)
    if not files:
        raise ValueError(f"{folder} holds no submissions")
    entries = [_entry(s, paths, reasons.get(s, "")) for s, paths in files.items()]
    entries = [_dated(entry, due) for entry in entries]
    if roster is not None:
        entries = _enrolled(entries, read_roster(roster))
    return sorted(entries, key=lambda entry: (entry.student.casefold(), entry.student))


def _look_at(path: Path) -> tuple[str, list[Path], str]:
    """(student, notebooks, why there is none) for one thing in the folder."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        found = sorted(_notebooks_in(path, DEPTH))[:MAX_FILES]
        return name_of(path), found, "" if found else "no notebook in the folder"
    name = name_of(path)
    student = student_of(Path(name))
    if path.suffix.lower() in ARCHIVES:
        return student, [], f"{name} is an archive: unpack it first"
    if path.suffix.lower() != ".ipynb":
        return student, [], f"{name} is not a notebook (.ipynb)"
    return student, [path], ""


def name_of(path: Path) -> str:
    """A file's name as text; bytes that are none are shown as what they are."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def _notebooks_in(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())[:MAX_FILES]
    except OSError:
        return
    for path in inside:
        if path.name.startswith("."):
            continue
        is_folder = stat.S_ISDIR(path.lstat().st_mode)
        if is_folder and depth > 1:
            yield from _notebooks_in(path, depth - 1)
        elif path.suffix.lower() == ".ipynb" and not is_folder:
            yield path


def student_of(path: Path) -> str:
    """Who a file belongs to, by its name without `hw03` and copy marks.

    >>> student_of(Path("hw03_ada.ipynb")), student_of(Path("ada-hw03 (1).ipynb"))
    ('ada', 'ada')
    >>> student_of(Path("hw03.ipynb"))
    'hw03'
    """
    stem = path.stem.removesuffix(".tar")
    bare = HOMEWORK.sub("", COPY.sub("", stem))
    return bare.strip(" ._-") or stem


def _entry(student: str, paths: Sequence[Path], why: str) -> Entry:
    """The newest regular file counts, one named like the homework before others."""

    def rank(path: Path) -> tuple[bool, bool, float, str]:
        status = path.lstat()
        named = HOMEWORK.fullmatch(path.stem) is not None
        return stat.S_ISREG(status.st_mode), named, status.st_mtime, path.name

    if not paths:
        return Entry(student, why=why)
    best = max(paths, key=rank)
    others = sorted(name_of(path) for path in paths if path != best)
    notes = [f"{name_of(best)} was marked, not {', '.join(others)}"] if others else []
    return Entry(student, path=best, notes=(*notes, *([why] if why else [])))


def _dated(entry: Entry, due: datetime | None) -> Entry:
    if due is None or entry.path is None:
        return entry
    saved = datetime.fromtimestamp(entry.path.lstat().st_mtime)
    if saved <= due:
        return entry
    note = f"saved {saved:%Y-%m-%d %H:%M}, after the date due"
    return replace(entry, late=True, notes=(*entry.notes, note))


def read_roster(path: Path) -> dict[str, str]:
    """Student -> full name ("" where the CSV has none).

    Raises:
        ValueError: it cannot be read, or has no column `student`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = [name.strip().lower() for name in reader.fieldnames or []]
            if "student" not in names:
                raise ValueError(f"{path}: no column `student`, only {names}")
            reader.fieldnames = names
            rows = [{k: (v or "").strip() for k, v in r.items() if k} for r in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} cannot be read as a roster: {error}") from error
    return {row["student"]: row.get("name", "") for row in rows if row["student"]}


def _enrolled(entries: Sequence[Entry], roster: dict[str, str]) -> list[Entry]:
    """Names from the roster; those who are missing, and those not in it."""
    by_key = {_plain(student): student for student in roster}
    by_key |= {_plain(name): student for student, name in roster.items() if name}
    found: dict[str, Entry] = {}
    for entry in entries:
        # Course sites put the name first: "Ada Lovelace_1234_assignsubmission_file".
        first = _plain(entry.student.partition("_")[0])
        student = by_key.get(_plain(entry.student)) or by_key.get(first)
        if student is None or student in found:
            note = "not in the roster" if student is None else f"also {student}?"
            entry = replace(entry, notes=(*entry.notes, note))
            found[entry.student] = entry
        else:
            found[student] = replace(entry, student=student, name=roster[student])
    for student, name in roster.items():
        if student not in found:
            found[student] = Entry(student, name, why="nothing was handed in")
    return list(found.values())


def _plain(name: str) -> str:
    words = unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split()
    return " ".join(words)
