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
LOCKS: Any = importlib.import_module("fcntl") if os.name == "posix" else None
"""Windows has none, and needs none: an open file cannot be removed there."""
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
        os.replace(name, path)
    except BaseException as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and not (inside and error.filename):
            # a full disk does not say which file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


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
