"""One file from one address: resumed where it was cut, accepted by its hash only."""

import hashlib
import os
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO, cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from course_lib.engine.writing import put_in_place

ATTEMPTS = 3
CHUNK = 64 * 1024
TIMEOUT_S = 10.0
"""Without an answer for so long the network counts as gone."""

Progress = Callable[[int, int], None]


def part_of(target: Path) -> Path:
    """Where the bytes wait until all of them are there.

    >>> part_of(Path("data/input.txt")).name
    'input.txt.part'
    """
    return target.with_name(target.name + ".part")


def sha256_of(path: Path) -> str:
    """The sha256 of a file as 64 hex digits.

    >>> len(sha256_of(Path(__file__)))
    64
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    url: str,
    target: Path,
    *,
    sha256: str,
    n_bytes: int,
    progress: Progress | None = None,
) -> None:
    """Fetch `url` into `target`, which appears whole and right or not at all.

    Args:
        url: an http or https address.
        target: the file to make; the bytes gather in part_of(target) beside it.
        sha256: the hash that the file must have, 64 hex digits.
        n_bytes: its size; not a byte more than that is kept.
        progress: called with (bytes so far, n_bytes).

    Raises:
        ConnectionError: if the address cannot be reached or the download was cut;
            what came stays and the next call goes on from there.
        ValueError: for a wrong size or hash; what came is removed.
        OSError: naming the file, if it cannot be written.
    """
    part = part_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    why = ""
    for _ in range(ATTEMPTS):
        before = _size(part)
        if before >= n_bytes:
            break
        why = _append(url, part, n_bytes, progress)
        if _size(part) == before:
            break  # nothing came: a further attempt would not help
    if _size(part) < n_bytes:
        raise ConnectionError(
            f"{url} gave {_size(part):,} of {n_bytes:,} bytes ({why}): check the "
            "network and try again, or take the file from a folder"
        )
    _accept(url, part, target, sha256, n_bytes)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _append(url: str, part: Path, n_bytes: int, progress: Progress | None) -> str:
    """One connection's worth of bytes; returns why no more came."""
    start = _size(part)
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = cast(HTTPResponse, urlopen(request, timeout=TIMEOUT_S))
    except HTTPError as error:
        error.close()
        if error.code == 416:  # it cannot go on from there: begin anew
            part.unlink()
        return f"it answers {error.code} {error.reason}"
    except (OSError, HTTPException) as error:
        return str(getattr(error, "reason", error))
    with response:
        resumed = response.status == 206
        if resumed and f"bytes {start}-" not in response.headers["Content-Range"]:
            part.unlink()
            return "it goes on from another place"
        try:
            with part.open("ab" if resumed else "wb") as file:
                return _copy(response, file, n_bytes, progress)
        except OSError as error:  # a full disk does not say which file
            raise OSError(error.errno, error.strerror, str(part)) from error


def _copy(
    response: HTTPResponse, file: BinaryIO, n_bytes: int, progress: Progress | None
) -> str:
    while file.tell() <= n_bytes:
        try:
            chunk = response.read(CHUNK)
        except (OSError, HTTPException) as error:
            return f"the connection was cut: {error}"
        if not chunk:
            return "the connection was cut"
        file.write(chunk)
        if progress:
            progress(file.tell(), n_bytes)
    return "it is longer than that"


def _accept(url: str, part: Path, target: Path, sha256: str, n_bytes: int) -> None:
    found = sha256_of(part)
    if found != sha256:
        size = _size(part)
        part.unlink()
        raise ValueError(
            f"{url} gave {size:,} bytes with sha256 {found[:12]}..., expected "
            f"{n_bytes:,} with {sha256[:12]}...: removed; try again later or take the "
            "file from a folder"
        )
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    put_in_place(part, target)
