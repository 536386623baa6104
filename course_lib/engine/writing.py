"""Writing a file whole or not at all."""

import importlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

UNFINISHED = ".part"
"""The end of the name of a file that is being written."""


def _locks_of_files() -> Any:
    try:
        return importlib.import_module("fcntl")
    except ImportError:
        return None


LOCKS: Any = _locks_of_files()
"""Windows has none, and needs none: an open file cannot be removed there."""
WINDOWS = os.name == "nt"
WAITS_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""How long a rename waits for a virus scanner, which reads each new file at once."""
STALE_SECONDS = 60
"""So long a file is left alone that nobody seems to be writing."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to a temporary file beside `path`, then rename it over `path`.

    A full disk, a kill or a read-only folder leaves the old file as it was.

    Raises:
        OSError: naming the path, when the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "a.txt"), b"whole")
    ...     Path(folder, "a.txt").read_bytes()
    b'whole'
    """
    with appearing(path) as file:
        file.write(data)


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write, which takes the place of `path` if the block ends well.

    For what is too large for `write_atomically`; the same holds for it.

    Raises:
        OSError: naming the path, when the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with appearing(Path(folder, "a.txt")) as file:
    ...         _ = file.write(b"whole")
    ...         early = Path(folder, "a.txt").exists()
    ...     early, Path(folder, "a.txt").read_bytes()
    (False, b'whole')
    """
    path, name, inside = Path(path), None, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, name = tempfile.mkstemp(UNFINISHED, f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as file:
            _alone(handle)
            inside = True
            yield file
            inside = False
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        put_in_place(Path(name), path)
    except BaseException as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and not (inside and error.filename):
            # a full disk does not say which file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def put_in_place(source: Path, target: Path) -> None:
    """Rename a file or a new folder to `target`; a file that was there is replaced.

    Windows refuses that while another program has one of the two open, as virus
    scanners have for a moment: there it is tried again, for three seconds in all.

    Raises:
        OSError: it cannot be done.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     n_bytes = Path(folder, "a.part").write_bytes(b"whole")
    ...     put_in_place(Path(folder, "a.part"), Path(folder, "a.txt"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    for wait_s in WAITS_S if WINDOWS else ():
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(wait_s)
    os.replace(source, target)


def _sweep(path: Path) -> None:
    """Remove what earlier writers of `path` left unfinished, killed in the middle."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.\w{{8}}{re.escape(UNFINISHED)}")
    for other in path.parent.glob(f".*{UNFINISHED}"):
        if not ours.fullmatch(other.name):
            continue
        with suppress(OSError):  # it is gone already, or somebody else's
            old = time.time() - other.stat().st_mtime > STALE_SECONDS
            with other.open("rb") as file:
                stale = old and _alone(file.fileno())
            if stale:
                other.unlink()


def _alone(handle: int) -> bool:
    """Lock an open file; False if a living process holds it."""
    if LOCKS is None:
        return True
    try:
        LOCKS.flock(handle, LOCKS.LOCK_EX | LOCKS.LOCK_NB)
    except OSError:  # taken, or a file system without locks
        return False
    return True
