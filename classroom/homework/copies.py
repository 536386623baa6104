"""Which copy: of the notebook that a student means, and of the course it belongs to.

On a shared server the course is installed once, and each student has a folder of it.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from classroom.homework.assignment import FOLDER, notebook_of
from classroom.lessons import IS_INSTALLED, ROOT
from classroom.own_folder import of_this_user

HAND_IN = "COURSE_HAND_IN"
"""The variable of the environment with the class's hand-in folder."""


def nearest_notebook(name: str, here: Path) -> Path:
    """The homework's notebook in this folder, else in the course around it, else ours.

    If pip brought the course, the student's own folder comes before it.

    >>> nearest_notebook("hw02", ROOT / "docs") == notebook_of("hw02")
    True
    """
    folders = [here, *here.parents, *([of_this_user()] if IS_INSTALLED else [])]
    courses = [folder / "notebooks" for folder in folders]
    found = [here / f"{name}.ipynb", *(notebook_of(name, one) for one in courses)]
    return next((path for path in found if path.is_file()), notebook_of(name))


def other_version(name: str, folder: Path) -> str:
    """A sentence if the course around a folder has another version than this one."""
    for course in (folder, *folder.parents):
        theirs = course / "data" / "homework" / f"{name}.json"
        if theirs.is_file():
            if theirs.read_bytes() == (FOLDER / theirs.name).read_bytes():
                return ""
            both = (
                f"{name} in {home(course)} and in the course used here ({home(ROOT)})"
            )
            return f"{both} are different versions: bring both up to date"
    return ""


def check_command(name: str, here: Path, word: str = "check") -> str:
    """What to type in any terminal to have the saved notebook checked.

    Args:
        name: the homework.
        here: the folder of the kernel.
        word: another command about a homework: `submit`.
    """
    open_file = Path(os.environ.get("JPY_SESSION_NAME", ""))
    known = open_file.suffix == ".ipynb" and open_file.is_file()
    path = open_file if known else nearest_notebook(name, here)
    python = "python" if os.name == "nt" else "python3"
    started = f"{python} {home(ROOT / 'start.py')}"
    if IS_INSTALLED:
        started = f"{home(Path(sys.executable))} -m classroom.cli"
    return (
        f"{'course' if shutil.which('course') else started} {word} {name} {home(path)}"
    )


def home(path: Path) -> str:
    """A path for a command line, short where it lies in one's own folder.

    >>> home(Path.home() / "my course")
    "~/'my course'"
    """
    if path.is_relative_to(Path.home()):
        return f"~/{shlex.quote(path.relative_to(Path.home()).as_posix())}"
    return shlex.quote(str(path))
