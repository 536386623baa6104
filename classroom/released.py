"""What goes out to students: the files of a release, and those of a wheel.

They are listed by name, so that a new file of the teacher's stays at home. This module
needs the standard library only, because the build of a wheel reads it.
"""

from collections.abc import Iterator
from pathlib import Path

from classroom.lessons import PACKAGES, ROOT

WITH_PIP = ("README.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff", "constraints.txt")
SET_UP = (".gitattributes", "start.py", "setup.py", "pyproject.toml", "environment.yml")
"""What a folder needs to be set up; a course that pip has installed is without it."""
FOLDERS = (*PACKAGES, "data", "docs", "notebooks")
LEFT_OUT = ("__pycache__", ".ipynb_checkpoints", "fetched", ".DS_Store")


def released_files(root: Path = ROOT) -> Iterator[Path]:
    """The files that students get, relative to the course, in order."""
    for name in (*WITH_PIP, *SET_UP):
        if (root / name).is_file():
            yield Path(name)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not stays(inside):
                yield inside


def installed_files(root: Path = ROOT) -> Iterator[Path]:
    """The files of a wheel: those of a release, without what sets a folder up."""
    return (path for path in released_files(root) if path.name not in SET_UP)


def stays(path: Path) -> bool:
    """Does this file stay with the teacher, or is it a leaving of some tool?

    >>> stays(Path("notebooks/source/hw02_softmax.py"))
    True
    """
    if path.is_relative_to("docs/teachers"):  # it says what a good answer holds
        return True
    if any(part in LEFT_OUT or part.endswith(".egg-info") for part in path.parts):
        return True
    return path.parent == Path("notebooks/source") and path.name.startswith("hw")
