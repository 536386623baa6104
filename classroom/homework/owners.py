"""Whose a file or a folder is, by its name: as people and course sites write it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)  # as browsers save
COPY = re.compile(r"[\s_.-]*(?:\(\d+\)|-Copy\d+)$", re.IGNORECASE)
HOMEWORK = re.compile(r"(?<![a-z0-9])hw[ _-]?(\d\d?)(?!\d)", re.IGNORECASE)
DATE = r"\d{4}-\d\d-\d\d[ -]\d\d[:-]\d\d[:-]\d\d"
# How course sites name what they hand over: whose it is, and which attempt.
SITES = [
    re.compile(pattern)
    for pattern in (
        r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?.*",  # Moodle
        r"(?P<who>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_(?P<attempt>\d+)_.+",  # Canvas
        rf".*_(?P<who>[^_]+)_attempt_(?P<attempt>{DATE}).*",  # Blackboard
        rf"(?P<who>[^+]+)\+[^+]+\+(?P<attempt>{DATE})\b.*",  # nbgrader's exchange
    )
]
VERSION = re.compile(r"-(\d{1,4})$")  # Canvas: hw01-2.ipynb is the third attempt


@dataclass(frozen=True)
class Owner:
    """Whose a file or a folder is, as its name tells.

    Attributes:
        who: the student.
        number: the course site's number for the student; "" without.
        attempt: later ones are greater.
        late: does the course site say so?
    """

    who: str
    number: str = ""
    attempt: tuple[int, ...] = ()
    late: bool = False


def name_of(path: Path) -> str:
    """A file's name as text; bytes that are none are shown as what they are."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def owner_of(name: str, is_folder: bool = False) -> Owner:
    """Whose a file or folder is, by its name without `hw03` and copy marks.

    >>> owner_of("hw03_ada.ipynb").who, owner_of("ada-hw03 (1).ipynb").who
    ('ada', 'ada')
    >>> owner_of("hw03.ipynb").who, owner_of("hw03-alove", is_folder=True).who
    ('hw03', 'alove')
    >>> owner_of("lovelaceada_LATE_12345_678910_hw01-2.ipynb")
    Owner(who='lovelaceada', number='12345', attempt=(678910, 2), late=True)
    """
    stem = name if is_folder else NOTEBOOK.sub("", name)
    if stem == name and not is_folder:
        stem = Path(name).stem.removesuffix(".tar")
    for site in SITES:
        if found := site.fullmatch(stem):
            parts = found.groupdict()
            dates = re.findall(r"\d+", parts.get("attempt") or "")
            versions = VERSION.findall(stem) if "late" in parts else []
            attempt = tuple(map(int, (*dates, *(versions or ["0"])))) if dates else ()
            number = parts.get("number") or ""
            if number and "late" not in parts:  # not the id number of Moodle's lists
                number = f"Participant {number}"
            return Owner(parts["who"], number, attempt, bool(parts.get("late")))
    bare = HOMEWORK.sub("", COPY.sub("", stem))
    return Owner(bare.strip(" ._-") or stem)
