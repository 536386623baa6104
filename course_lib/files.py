"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
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
