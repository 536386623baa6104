"""A folder of one's own: where notebooks are worked in when pip has brought the course.

An installed course lies among Python's packages, where an update replaces it and where
others may use it too. So a student works in copies, and no copy is ever overwritten.
"""

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from classroom.lessons import IS_INSTALLED, NOTEBOOKS, ROOT
from classroom.released import released_files
from course_lib.engine.writing import write_atomically

NAME = "from-logits-to-gpt"
COPIED = ("notebooks", "data", "docs")
FOR_BUILDS = ("source", "lessons", "widgets")
"""Folders inside them that only a build reads, and only in the course itself."""


@dataclass(frozen=True)
class Started:
    """What `start` has done.

    Attributes:
        folder: the folder.
        n_new: files that were copied.
        kept: files that are there and differ from the course's: worked in, or older.
    """

    folder: Path
    n_new: int
    kept: list[str]


def start(folder: Path, root: Path = ROOT) -> Started:
    """Copy notebooks and data into a folder; what is there already stays as it is.

    Raises:
        ValueError: the folder is a course with its own packages, or a file.
        OSError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder")
    if (folder / "start.py").exists():
        raise ValueError(f"{folder} holds a whole course: work in it, or name another")
    n_new, kept = 0, []
    for path in released_files(root):
        if path.parts[0] not in COPIED or path.parts[1] in FOR_BUILDS:
            continue
        content, place = (root / path).read_bytes(), folder / path
        if not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, content)
            n_new += 1
        elif not place.is_file() or place.read_bytes() != content:
            kept.append(path.as_posix())
    return Started(folder, n_new, kept)


def of_this_user() -> Path:
    """The folder that is made when nobody names another: in the student's home."""
    return Path.home() / NAME


def holds_notebooks(folder: Path) -> bool:
    """Is it a folder that a student works in?"""
    return (folder / "notebooks" / "homework").is_dir()


def notebooks_to_open(here: Path) -> Path:
    """The notebooks that `course lab` shows; copies are made when there are none yet.

    A checkout or a release shows its own. An installed course shows those around the
    folder `here`, else those of this user.
    """
    if not IS_INSTALLED:
        return NOTEBOOKS
    around = (folder for folder in (here, *here.parents) if holds_notebooks(folder))
    course = next(around, of_this_user())
    if not holds_notebooks(course):
        start(course)
    return course / "notebooks"


def arrive(folder: str) -> None:
    """Stand where a notebook expects to be, on a computer of Colab or Kaggle.

    Args:
        folder: of the notebook, relative to the course: `notebooks/homework`.
    """
    if not Path.cwd().match(f"{NAME}/{folder}"):
        start(Path(NAME))
        os.chdir(Path(NAME, folder))
    if "google.colab" in sys.modules:  # it draws widgets of others only if told
        import_module("google.colab.output").enable_custom_widget_manager()
