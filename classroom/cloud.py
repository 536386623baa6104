"""Notebooks for Colab and Kaggle, which bring the course along in their first cell.

Those places open a notebook of a repository on a computer that has only the well-known
packages. So `course site --cloud DIR` writes each lesson and homework once more, as it
is, with one cell in front. On any other computer that cell does nothing.
"""

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

from classroom import build
from classroom.kernel import Cell, Notebook
from classroom.lessons import NOTEBOOKS, ROOT
from course_lib.engine.writing import write_atomically

DISTRIBUTION = "from-logits-to-gpt"
NEEDED = (
    *("anywidget", "matplotlib", "nbval", "psutil", "regex"),
    *("safetensors", "tiktoken", "typer"),
)
"""What such a computer may lack. It has a torch and a Jupyter of its own, which stay as
they are."""
CELL = """\
# On Colab and Kaggle this brings the course, once a session; elsewhere it does nothing.
import importlib.util, os, site, subprocess, sys
from importlib.metadata import distribution

CLOUD = {{"COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE", "COURSE_INSTALL"}}
if CLOUD & set(os.environ):
    if importlib.util.find_spec("course_lib") is None:
        course = os.environ.get("COURSE_INSTALL", "{archive}")
        pip = [sys.executable, "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--no-deps", course], check=True)
        subprocess.run([*pip, {needed}], check=True)
        site.addsitedir(str(distribution("from-logits-to-gpt").locate_file("")))
    from classroom.own_folder import arrive
    arrive("{folder}")
"""


def write_notebooks(target: Path, repository: str, branch: str) -> list[Path]:
    """Write lessons and homework for the cloud into a folder; returns their paths.

    Args:
        target: the folder; a notebook that is there already is written anew.
        repository: `owner/name` on GitHub, from which the course is fetched.
        branch: of the repository.
    """
    archive = f"https://github.com/{repository}/archive/refs/heads/{branch}.zip"
    names = notebooks()
    for name in names:
        made = with_course(build.load(ROOT / name), archive, name.parent.as_posix())
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target / name, build.serialise(made))
    return names


def with_course(notebook: Notebook, archive: str, folder: str) -> Notebook:
    """The same notebook, with the cell that brings the course after its title.

    Args:
        notebook: a built lesson or homework; it is not changed.
        archive: what pip installs.
        folder: of the notebook, relative to the course: `notebooks`.
    """
    needed = ", ".join(f'"{one}"' for one in _needed())
    text = CELL.format(archive=archive, needed=needed, folder=folder).rstrip()
    copied = nbformat.from_dict(notebook)
    copied.cells.insert(1, _cell(text))
    return copied


def _cell(text: str) -> Cell:
    return nbformat.v4.new_code_cell(text, id="bring-the-course")


def _needed() -> list[str]:
    """The ranges of pyproject.toml for the packages that a lesson needs."""
    try:
        listed = [Requirement(line) for line in requires(DISTRIBUTION) or []]
    except PackageNotFoundError as error:
        raise ValueError("the course is not installed here: course doctor") from error
    return sorted(str(one) for one in listed if one.name in NEEDED and not one.marker)


def notebooks() -> list[Path]:
    """Lessons and homework, relative to the course."""
    kinds = ("[0-9][0-9]_*.ipynb", "homework/hw[0-9][0-9].ipynb")
    found = [path for kind in kinds for path in sorted(NOTEBOOKS.glob(kind))]
    return [path.relative_to(ROOT) for path in found]
