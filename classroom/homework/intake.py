"""Copies of what was handed in, made before the secret seed exists.

Only these copies are marked. Whoever changes a file afterwards, or puts a link in its
place, changes nothing; and what was marked can be looked at later.
"""

import errno
import hashlib
import json
import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from classroom.homework.collect import Entry
from classroom.homework.receipts import read_receipt
from classroom.homework.submission import MAX_BYTES
from course_lib.engine.writing import write_atomically

FOLDER, INDEX = "submissions", "index.json"
LINK = "it is a link, not a file: hand in the file itself"
# Not there on Windows, where links need rights that students do not have.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
PRIVATE_FOLDER, PRIVATE = 0o700, 0o600


def close_to_others(folder: Path) -> None:
    """Make a folder that only its owner can look into.

    Raises:
        ValueError: it belongs to somebody else.
    """
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    status = folder.stat()
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise ValueError(
            f"{folder} belongs to somebody else, who could read the seed: name a "
            "folder of your own with --out"
        )
    folder.chmod(PRIVATE_FOLDER)


def file_name(student: str) -> str:
    """A name for this student's files: readable, safe everywhere, never twice.

    >>> file_name("Ada L."), file_name("../ada")
    ('Ada_L-ddd52c22', 'ada-60088279')
    """
    kept = "".join(x if x.isascii() and x.isalnum() else "_" for x in student)
    mark = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{kept.strip('_')[:60] or 'student'}-{mark}"


def read_below(root: Path, path: Path) -> tuple[bytes, os.stat_result]:
    """A regular file somewhere below `root`; no link on the way is followed.

    Raises:
        ValueError: it is none, or too large, or cannot be read.
    """
    try:
        with ExitStack() as stack:
            handle = _opened(root, path, stack)
            stack.callback(os.close, handle)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("it is not a regular file")
            with open(handle, "rb", closefd=False) as file:
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise ValueError(LINK) from error
        raise ValueError(f"cannot be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        cure = "clear the outputs, save, hand in again"
        raise ValueError(f"larger than {MAX_BYTES // 10**6} MB: {cure}")
    return content, status


def _opened(root: Path, path: Path, stack: ExitStack) -> int:
    *folders, last = path.relative_to(root).parts
    if os.open not in os.supports_dir_fd:  # Windows
        ways = [root.joinpath(*folders[:i]) for i in range(1, len(folders) + 1)]
        if any(way.is_symlink() for way in (*ways, path)):
            raise ValueError(LINK)
        return os.open(path, os.O_RDONLY | NO_WAIT)
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    stack.callback(os.close, at)
    for name in folders:
        at = os.open(name, os.O_RDONLY | os.O_DIRECTORY | NO_LINK, dir_fd=at)
        stack.callback(os.close, at)
    return os.open(last, os.O_RDONLY | NO_LINK | NO_WAIT, dir_fd=at)


def take_in(entries: Sequence[Entry], root: Path, run: Path) -> list[Entry]:
    """Copy what is not in the run's folder yet; all that is, with paths of the copies.

    What was taken in once counts, whatever lies in the hand-in folder later.

    Args:
        entries: see `collect.find_entries`.
        root: the hand-in folder.
        run: the run's folder.
    """
    here = {entry.key for entry in entries}
    kept = [old for old in taken_in(run) if old.path or old.key not in here]
    known = {entry.key for entry in kept}
    for entry in entries:
        if entry.key not in known:
            kept.append(_copied(entry, root, run))
    rows = [asdict(entry) | {"path": entry.path is not None} for entry in kept]
    text = json.dumps(rows, indent=1, sort_keys=True)
    write_atomically(run / FOLDER / INDEX, f"{text}\n".encode())
    return kept


def _copied(entry: Entry, root: Path, run: Path) -> Entry:
    if entry.path is None:
        return entry
    try:
        content, status = read_below(root, entry.path)
    except ValueError as error:
        return replace(entry, path=None, why=str(error))
    copy = _copy_of(entry.key, run)
    write_atomically(copy, content)
    copy.chmod(PRIVATE)
    os.utime(copy, ns=(status.st_mtime_ns, status.st_mtime_ns))
    return replace(entry, path=copy, notes=(*entry.notes, *_doubts(entry, content)))


def _doubts(entry: Entry, content: bytes) -> list[str]:
    """What its receipt, if there is one, says of another file."""
    receipt = read_receipt(entry.path) if entry.path else None
    if receipt is None or receipt.sha256 == hashlib.sha256(content).hexdigest():
        return []
    return ["the receipt beside it is of another file (sha256 differs): ask"]


def _copy_of(key: str, run: Path) -> Path:
    return run / FOLDER / f"{file_name(key)}.ipynb"


def taken_in(run: Path) -> list[Entry]:
    """What was copied into a run's folder before; nothing for a new run.

    Raises:
        ValueError: the list of it is damaged.
    """
    index = run / FOLDER / INDEX
    if not index.exists():
        return []
    try:
        rows = json.loads(index.read_text("utf-8"))
        for row in rows:
            row["path"] = _copy_of(row["key"], run) if row["path"] else None
            row |= {name: tuple(row[name]) for name in ("notes", "aliases")}
        return [Entry(**row) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{index} is damaged ({error}): name a new --out") from error


def news(entries: Sequence[Entry], root: Path, run: Path) -> list[str]:
    """Students with a file that differs from the one taken in, or is the first."""
    kept = {entry.key: entry for entry in taken_in(run)}
    return [e.student for e in entries if _is_new(e, kept.get(e.key), root)]


def _is_new(entry: Entry, kept: Entry | None, root: Path) -> bool:
    if entry.path is None:
        return False
    try:
        content, _ = read_below(root, entry.path)
    except ValueError as error:
        return kept is None or kept.path is not None or kept.why != str(error)
    return kept is None or kept.path is None or kept.path.read_bytes() != content
