"""`course submit`: a checked notebook into the hand-in folder, with a receipt.

The folder may be one that a student can write to and not list (mode 1733). Nothing in
it is ever replaced: each hand-in is a new file, and the last one counts.

In a cell of the notebook, after it was saved:

    from classroom.homework.submit import submit
    submit("hw03", to="/srv/handed-in", name="ada")
"""

import getpass
import hashlib
import os
import re
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from classroom.homework.check import Checked, check_file, find_file
from classroom.homework.copies import HAND_IN, home
from classroom.homework.pages import one_line
from classroom.homework.receipts import Receipt, now, receipt_of, to_json
from classroom.homework.sandbox import Limits
from classroom.lessons import settings_folder
from course_lib.engine.writing import put_in_place, write_atomically

HUB_USER = "JUPYTERHUB_USER"
LIMITS = Limits(wall_s=1800, cpu_s=3600, memory_mb=16_000)
READABLE = 0o644  # by the teacher, who is another user; the name cannot be guessed
LISTED = 0o004


def student_name(given: str = "") -> str:
    """Who hands in: as said now, as the hub knows, or as said the last time; "" if not.

    Args:
        given: the name in this command; it is remembered.

    Raises:
        ValueError: it has no letter or digit.
    """
    kept = settings_folder("homework") / "name.txt"
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if given and not re.search(r"\w", name):
        raise ValueError(f"{given!r} is no name: say who you are with --name ada")
    if name:
        with suppress(OSError):
            write_atomically(kept, f"{name}\n".encode())
        return name
    if user := os.environ.get(HUB_USER, ""):
        return user
    with suppress(OSError, UnicodeDecodeError):
        return kept.read_text("utf-8").strip()
    return ""


def login_name() -> str:
    """The name of this computer's user, to offer when a student is asked."""
    with suppress(Exception):  # a container's user may have none
        return getpass.getuser()
    return ""


def hand_in_folder(given: Path | None) -> Path:
    """The folder to hand in to.

    Raises:
        ValueError: none is known, or it is no folder that can be written to.
    """
    named = os.environ.get(HAND_IN, "")
    if given is None and not named:
        raise ValueError(
            f"where to? Name the class's folder with --to, or set {HAND_IN}"
        )
    folder = given if given is not None else Path(named)
    if not folder.is_dir():
        raise ValueError(f"{folder} is not there: ask for the class's hand-in folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"{folder} cannot be written to: ask who runs the class")
    return folder


@dataclass(frozen=True)
class Ready:
    """A notebook that can be handed in.

    Attributes:
        checked: what `course check` said of the file.
        content: its bytes, read before it was checked.
        when: the command was given; a long check makes nobody late.
    """

    checked: Checked
    content: bytes
    when: datetime


def hand_in(ready: Ready, folder: Path, name: str) -> Receipt:
    """Put a file into the hand-in folder, whole or not at all, and write receipts.

    Args:
        ready: the notebook, see `checked_file`.
        folder: see `hand_in_folder`.
        name: of the student.

    Raises:
        ValueError: the file was saved meanwhile.
        OSError: the folder is full, or the like; nothing was handed in.
    """
    checked, content = ready.checked, ready.content
    if checked.file.read_bytes() != content:
        raise ValueError(f"{checked.file} was saved while it was checked: submit again")
    homework = checked.assignment.name
    attempt = _attempts(checked, folder, name) + 1
    stamp = ready.when.astimezone(UTC).strftime("%Y-%m-%d-%H-%M-%S")
    stem = f"{_plain(name)}+{homework}+{stamp}+{attempt}-{secrets.token_hex(8)}"
    receipt = Receipt(
        homework=homework,
        student=name,
        file=f"{stem}.ipynb",
        sha256=hashlib.sha256(content).hexdigest(),
        time=ready.when.isoformat(timespec="seconds"),
        attempt=attempt,
        points=checked.mark.points,
        worth=checked.mark.worth,
    )
    there = folder / receipt.file
    _put(receipt_of(there), to_json(receipt))
    try:
        _put(there, content)
    except OSError:
        receipt_of(there).unlink(missing_ok=True)
        raise
    own = _own_receipts(checked, folder) / _own(receipt)
    with suppress(OSError):  # the student's disk is full: handed in it is, see `told`
        write_atomically(own, to_json(receipt))
    return receipt


def _plain(name: str) -> str:
    """A name that every file system takes; the receipt keeps the name as it is.

    >>> _plain("Ada L."), _plain("../a+b"), _plain("José")
    ('Ada L', 'a_b', 'José')
    """
    kept = re.sub(r"[^\w.@ '’-]", "_", name)
    return kept.strip("._ -")[:60] or "student"


def _put(path: Path, content: bytes) -> None:
    """Write a new file under a name that appears when it is whole.

    Raises:
        OSError: it could not be written; nothing is left.
    """
    part = path.with_name(f".{path.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(part, flags, READABLE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(READABLE)
        put_in_place(part, path)  # nothing else has its name: it holds 64 random bits
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise OSError(error.errno, error.strerror, str(path.parent)) from error


def _own(receipt: Receipt) -> str:
    return f"{receipt.homework}-receipt-{receipt.attempt}.json"


def _own_receipts(checked: Checked, folder: Path) -> Path:
    """Where the student's own receipts lie: beside the notebook, if that can be."""
    beside = checked.file.resolve().parent
    can = os.access(beside, os.W_OK) and beside != folder.resolve()
    return beside if can else settings_folder("homework")


def _attempts(checked: Checked, folder: Path, name: str) -> int:
    """The last attempt that the student's receipts, or the folder, tell of."""
    homework = checked.assignment.name
    mine = _own_receipts(checked, folder).glob(f"{homework}-receipt-*.json")
    found = [re.fullmatch(r".*-receipt-(\d{1,6})", path.stem) for path in mine]
    with suppress(OSError):  # a folder that cannot be listed
        start = f"{_plain(name)}+{homework}+"
        names = [x for x in os.listdir(folder) if x.startswith(start)]
        found += [re.search(r"\+(\d{1,6})-[0-9a-f]{16}\.ipynb$", x) for x in names]
    return max((int(one[1]) for one in found if one), default=0)


def told(receipt: Receipt, checked: Checked, folder: Path) -> list[str]:
    """What a student reads after a hand-in."""
    own = _own_receipts(checked, folder) / _own(receipt)
    kept = f"receipt: {home(own)} (keep it: it proves what you handed in)"
    if not own.is_file():
        kept = f"note: no receipt could be written to {home(own)}: keep these lines"
    lines = [
        f"handed in: {home(checked.file)} as {receipt.file}",
        f"by {one_line(receipt.student)}, attempt {receipt.attempt}, {receipt.time}",
        f"sha256 {receipt.sha256}",
        kept,
    ]
    if os.name == "posix" and folder.stat().st_mode & LISTED:
        lines.append(
            f"note: everybody on this computer can list {folder}; your teacher can "
            "close it with chmod 1733"
        )
    return lines


def refusal(checked: Checked) -> str:
    """Why this file should not be handed in as it is; "" when nothing speaks against.

    What is merely wrong in an answer is the student's own decision.
    """
    if not checked.losses:
        return ""
    return "; ".join(checked.losses)


def submit(
    homework: str,
    to: str | Path = "",
    name: str = "",
    file: str | Path = "",
    anyway: bool = False,
) -> None:
    """Check the saved notebook and hand it in, from a cell of it; prints what happens.

    Args:
        homework: `hw03`.
        to: the class's hand-in folder; "" takes the one that the server names.
        name: who you are; remembered.
        file: the notebook, if it is not the nearest one.
        anyway: hand in the file as it is on disk, although work would be lost.
    """
    try:
        folder = hand_in_folder(Path(to) if to else None)
        who = student_name(name)
        if not who:
            raise ValueError('say who you are: submit("hw03", name="ada")')
        path = Path(file) if file else _notebook_of_this_kernel()
        print(f"checking {homework} ...")
        ready = checked_file(homework, path)
        checked = ready.checked
        points = f"{checked.mark.points} of {checked.mark.worth} points"
        print(f"{points} with the seed in the notebook: {home(checked.file)}")
        for warning in checked.warnings:
            print(f"note: {one_line(warning)}")
        if (why := refusal(checked)) and not anyway:
            print(f"NOT handed in: {why}. Save the notebook (Ctrl-S), run this again.")
            return
        print("\n".join(told(hand_in(ready, folder, who), checked, folder)))
    except (ValueError, OSError, RuntimeError) as error:
        print(f"NOT handed in: {error}")


def checked_file(homework: str, file: Path | None) -> Ready:
    """What `course check` says of a file, and the bytes that it said it of.

    Raises:
        ValueError: see `check.check_file`.
    """
    _, path = find_file(homework, file)
    content, when = path.read_bytes(), now()
    return Ready(check_file(homework, path, LIMITS), content, when)


def _notebook_of_this_kernel() -> Path | None:
    """The notebook that this kernel belongs to, where Jupyter says so."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return path if path.suffix == ".ipynb" and path.is_file() else None
