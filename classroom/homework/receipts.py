"""What proves a hand-in: a small file beside the notebook, and a copy for the student.

The name of what is handed in says whose it is, which homework and when, so that a
folder is sorted without opening anything: ada+hw03+2026-11-30-21-05-00+1-9f3c….ipynb
(the time in UTC). Its last part cannot be guessed: where a folder cannot be listed,
nobody finds a classmate's file.
"""

import json
import re
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ENDING = ".receipt.json"
MAX_BYTES = 10_000
YEARS = range(2000, 2100)  # a clock that is not of these is as good as none
NAME = re.compile(r"[^+]+\+hw(\d\d)\+\d{4}(?:-\d\d){5}\+\d+-[0-9a-f]{16}\..+")


@dataclass(frozen=True)
class Receipt:
    """A hand-in.

    Attributes:
        homework: `hw03`.
        student: as the student said.
        file: the name of the notebook in the hand-in folder.
        sha256: of its bytes.
        time: when the command was given, by the student's computer: ISO 8601 with
            the distance to UTC.
        attempt: 1, 2, ...
        points: what `course check` found, with the seed in the notebook; None if it
            was not asked.
        worth: reachable.
    """

    homework: str
    student: str
    file: str
    sha256: str
    time: str
    attempt: int
    points: int | None = None
    worth: int | None = None

    @property
    def when(self) -> datetime:
        """The time, with its distance to UTC."""
        return datetime.fromisoformat(self.time)


def to_json(receipt: Receipt) -> bytes:
    """The bytes of a receipt."""
    return f"{json.dumps(asdict(receipt), indent=1, ensure_ascii=False)}\n".encode()


def receipt_of(notebook: Path) -> Path:
    """Where the receipt of a notebook lies."""
    return notebook.with_name(f"{notebook.name.removesuffix('.ipynb')}{ENDING}")


def is_receipt(path: Path) -> bool:
    """Is it the receipt of a notebook that lies beside it?"""
    notebook = path.name.removesuffix(ENDING) + ".ipynb"
    return path.name.endswith(ENDING) and path.with_name(notebook).exists()


def homework_in(name: str) -> int | None:
    """The homework that the name of a hand-in tells; None for other names.

    >>> homework_in("ada+hw03+2026-11-30-21-05-00+1-0123456789abcdef.ipynb")
    3
    """
    found = NAME.fullmatch(name)
    return int(found[1]) if found else None


def read_receipt(notebook: Path) -> Receipt | None:
    """The receipt of a notebook; None when there is none that can be read.

    Somebody else wrote it: it is small, a regular file, and what it says is text.
    """
    path = receipt_of(notebook)
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            return None
        raw = json.loads(path.read_text("utf-8"))
        texts = {name: raw[name] for name in ("homework", "student", "file", "sha256")}
        found = Receipt(**texts, time=raw["time"], attempt=int(raw["attempt"]))
        known = all(isinstance(text, str) for text in (*texts.values(), found.time))
        sound = known and found.when.tzinfo and found.when.year in YEARS
        return found if sound else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def now() -> datetime:
    """This moment, in the time of this computer."""
    return datetime.now(UTC).astimezone()
