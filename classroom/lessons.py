"""Where the lessons live, and what can be wrong with one.

A lesson is a pair: the text `notebooks/source/NN_topic.py` that authors edit and the
executed notebook `notebooks/NN_topic.ipynb` that readers open. Numbers from 90 on are
appendices: pages in the lessons' form that stand beside the ladder and come last.
50 to 89 are free for a teacher's own: they are built and repeated like all others, and
the rules of the house are only advice to them.
"""

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("course_lib", "tiny_world", "course_play", "classroom")
"""The course's own packages: what a student hands in cannot use them."""
NOTEBOOKS = ROOT / "notebooks"
IS_INSTALLED = not (ROOT / "start.py").is_file()
"""Did pip bring the course, from a wheel? Else it lies in a folder of its own."""
OWN_LESSONS, FIRST_APPENDIX = range(50, 90), 90
NEEDS_MODEL = ("26", "27", "28")
"""Part IV: these run where the real model was fetched (course data fetch smollm2)."""
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LESSON_NAME = re.compile(r"(\d\d)_\w+\Z")


class LessonError(Exception):
    """A lesson that cannot be read, executed or written; the text says where and why.

    Attributes:
        where: file and cell, for example `notebooks/source/04_counting.py:52, cell 7`.
        detail: the error itself, one or more lines.
    """

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}\n{detail}")
        self.where = where
        self.detail = detail


@dataclass(frozen=True)
class Lesson:
    """One lesson: its text source and the notebook built from it.

    >>> Lesson(Path("notebooks/source/04_counting.py")).notebook.as_posix()
    'notebooks/04_counting.ipynb'
    """

    source: Path

    @property
    def name(self) -> str:
        """The file name without its ending, `04_counting`."""
        return self.source.stem

    @property
    def number(self) -> str:
        """The two digits that open the name, `04`."""
        return self.name[:2]

    @property
    def is_appendix(self) -> bool:
        """Does it stand beside the ladder?

        >>> Lesson(Path("notebooks/source/90_many_gpus.py")).is_appendix
        True
        """
        return int(self.number) >= FIRST_APPENDIX

    @property
    def is_own(self) -> bool:
        """Is it a teacher's own, which the course does not know?

        >>> Lesson(Path("notebooks/source/50_our_data.py")).is_own
        True
        """
        return int(self.number) in OWN_LESSONS

    @property
    def needs_model(self) -> bool:
        """Does it load the real model?

        >>> Lesson(Path("notebooks/source/26_a_real_model.py")).needs_model
        True
        """
        return self.number in NEEDS_MODEL

    @property
    def notebook(self) -> Path:
        """The executed notebook, one folder above the source."""
        return self.source.parent.parent / f"{self.name}.ipynb"

    @property
    def seal(self) -> Path:
        """What the last build that confirmed the notebook depended on: `seals`."""
        return self.source.parents[2] / "data" / "lessons" / f"{self.name}.json"

    @property
    def states(self) -> Path:
        """What its widgets showed when the last build ended: `states`."""
        return self.source.parents[2] / "data" / "widgets" / f"{self.name}.json"


def find_lessons(
    wanted: Sequence[str] = (), notebooks: Path = NOTEBOOKS
) -> list[Lesson]:
    """Lessons, then appendices, or the `wanted` ones (by number: "4", "04"; or name).

    Raises:
        ValueError: a wanted lesson does not exist; the message lists those that do.
    """
    sources = sorted((notebooks / "source").glob("[0-9][0-9]_*.py"))
    lessons = [Lesson(path) for path in sources if LESSON_NAME.match(path.stem)]
    if not wanted:
        return lessons
    chosen = [_matching(word, lessons) for word in wanted]
    return [lesson for lesson in lessons if lesson in chosen]


def _matching(word: str, lessons: Sequence[Lesson]) -> Lesson:
    stem = Path(word).stem
    for lesson in lessons:
        if stem in (lesson.number, lesson.name) or stem.zfill(2) == lesson.number:
            return lesson
    known = ", ".join(lesson.number for lesson in lessons) or "none yet"
    raise ValueError(f"there is no lesson {word!r}; lessons: {known}")


def orphans(notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Notebooks, seals, states named like a lesson that no source builds any more."""
    built = sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))
    for kept in ("lessons", "widgets"):
        built += sorted((notebooks.parent / "data" / kept).glob("*.json"))
    return [p for p in built if not (notebooks / "source" / f"{p.stem}.py").exists()]


def refuse_installed(command: str) -> None:
    """Stop a command of authors and teachers where pip brought the course.

    Raises:
        ValueError: it did; the message says what such a course is without.
    """
    if IS_INSTALLED:
        lacks = "pip brings the course without its tests and solutions"
        cure = "use the course's own folder, as it is in its repository"
        raise ValueError(f"course {command} cannot work here: {lacks}; {cure}")


def short(path: Path) -> str:
    """A path as shown to people: relative to the course where it lies inside it."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def settings_folder(name: str) -> Path:
    """A folder of the course's own for a tool's settings, made when needed.

    It lies in `build/`, or in the temporary folder when the course is read-only.
    """
    for parent in (ROOT / "build", Path(tempfile.gettempdir()) / f"course-{_user()}"):
        folder = parent / "settings" / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError(f"neither {ROOT / 'build'} nor the temporary folder can be written")


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
