"""Where packages go, and whether all of them arrived there."""

import csv
import hashlib
import importlib
import json
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from classroom.installing.programs import ROOT, must, run, say

LONGEST_HOME = 66
"""Windows without long paths has 260 letters; the longest file of torch needs 185."""


class Place(NamedTuple):
    """An environment: its folder and its Python."""

    home: Path
    python: Path

    @property
    def mark(self) -> Path:
        """The file that says for what the last whole set-up was made."""
        return self.home / "course-stamp"

    @property
    def model_mark(self) -> Path:
        """A file that is there while the real model is still to be brought."""
        return self.home / "course-model"


def environment() -> Place:
    """The active virtual or conda environment, but not conda's base; else .venv."""
    home = Path(sys.prefix)
    conda = (home / "conda-meta").is_dir() and not (home / "condabin").is_dir()
    if conda or sys.prefix != sys.base_prefix:
        return Place(home, Path(sys.executable))
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return Place(ROOT / ".venv", ROOT / ".venv" / python)


def stamp(home: Path, choice: str) -> str:
    """One hash of all that a set-up depends on: if it changes, we set up again."""
    made_by = home / "pyvenv.cfg"
    parts = [str(ROOT), choice, "" if made_by.exists() else sys.version]
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt", made_by]
    parts += [file.read_text("utf-8") for file in files if file.exists()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def stamped_extras(place: Place, choice: str) -> set[str]:
    """The extras that a set-up like this one has installed, and "packages".

    Empty where none has come to its end.
    """
    try:
        made_for, *extras = place.mark.read_text("utf-8").split()
    except (OSError, ValueError):
        return set()
    return {"packages", *extras} if made_for == stamp(place.home, choice) else set()


def prepare(place: Place) -> None:
    """Make the environment if it is missing, of another Python or broken.

    It has no pip yet: the one that this Python brings can install into it, and making
    an environment with one takes much longer.
    """
    probe = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}"
    if place.python.exists() and run(place.python, "-c", probe)[0] == 0:
        if place.home == ROOT / ".venv":  # in somebody's own, other things may be meant
            for name in forget_halves(place):
                say(f"  {name} had come in half only: once more")
        return
    say(f"preparing {place.home} ...")
    check_length(place.home)
    words = ("-m", "venv", "--clear", "--without-pip", place.home)
    must(f"prepare {place.home}", sys.executable, *words)


def check_length(home: Path, long_paths: bool | None = None) -> None:
    """Refuse a folder in which Windows could not write the longest file names.

    Args:
        home: the environment.
        long_paths: can this system write paths of any length? None asks it.

    Raises:
        SystemExit: it is too long; the text says what to do.
    """
    if long_paths is None:
        long_paths = _writes_long_paths()
    if len(str(home)) > LONGEST_HOME and not long_paths:
        n_more = len(str(home)) - LONGEST_HOME
        cure = "Move the course to a shorter place, such as C:\\course"
        raise SystemExit(
            f"The path {home} is {n_more} letters too long: Windows allows 260, and "
            f"torch needs most of them. {cure}"
        )


def _writes_long_paths() -> bool:
    if os.name != "nt":
        return True
    registry = importlib.import_module("winreg")
    place = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, place) as key:
            return bool(registry.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False


def forget_halves(place: Place) -> list[str]:
    """Packages that a cut set-up left in half: what says that they are there goes.

    Whoever installs next then brings them whole. Returns their names.
    """
    names = []
    for info in sorted(_packages_of(place).glob("*.dist-info")):
        if not _is_whole(info):
            shutil.rmtree(info)
            names.append(info.name.partition("-")[0])
    return names


def _packages_of(place: Place) -> Path:
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(run(place.python, "-c", ask)[1].strip())


def _is_whole(info: Path) -> bool:
    """Has a package all the files that it lists, in their sizes?"""
    try:
        return all(_is_there(info, name, size) for name, size in _listed(info))
    except (OSError, ValueError):
        return False


def _is_there(info: Path, name: str, size: str) -> bool:
    path = info.parent / name
    if name.endswith(".pyc"):
        return True
    return path.stat().st_size == int(size) if size else path.exists()


def _listed(info: Path) -> Iterator[tuple[str, str]]:
    with (info / "RECORD").open(newline="", encoding="utf-8") as file:
        yield from ((row[0], row[2]) for row in csv.reader(file) if len(row) == 3)


def platform_tag() -> str:
    """This computer nearly as wheels call it: linux_x86_64, win_amd64, macosx_arm64."""
    system, _, machine = sysconfig.get_platform().partition("-")
    return f"{system}_{platform.machine() if system == 'macosx' else machine}"
