"""Every lesson as it is committed: in sync, in style, and strict nbval repeats it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.classroom import build
from course_lib.classroom.kernel import kernel_environment
from course_lib.classroom.lessons import FIRST_APPENDIX, Lesson, find_lessons, orphans
from course_lib.classroom.lint import find_faults

LESSONS = find_lessons()
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.name)

# nbformat's schema checker is imported without the grammar that slows it down.
NBVAL = (
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)


def strict_nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Re-execute a notebook as a reader would; every output must come out again."""
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    quiet = ["-q", "--tb=short", "-p", "no:cacheprovider", "-c", os.devnull]
    command = [sys.executable, "-c", NBVAL, *options, *quiet, notebook.name]
    return subprocess.run(
        command,
        cwd=notebook.parent,
        env=kernel_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )


@each_lesson
def test_the_notebook_is_in_sync_with_its_source(lesson: Lesson) -> None:
    assert build.drift(lesson) == []


def test_every_notebook_has_a_source() -> None:
    assert orphans() == []


@pytest.mark.parametrize("first", [0, FIRST_APPENDIX])
def test_lessons_are_numbered_without_a_gap(first: int) -> None:
    side = [lesson for lesson in LESSONS if lesson.is_appendix == (first > 0)]
    numbers = [int(lesson.number) for lesson in side]
    assert numbers == list(range(first, first + len(numbers)))


@each_lesson
def test_the_lesson_keeps_to_the_style(lesson: Lesson) -> None:
    faults = find_faults(build.load(lesson.notebook), lesson.name)
    assert [str(fault) for fault in faults if fault.serious] == []


@each_lesson
def test_the_notebook_is_small_enough_to_open_everywhere(lesson: Lesson) -> None:
    assert lesson.notebook.stat().st_size <= build.MAX_BYTES


@each_lesson
def test_strict_nbval_repeats_the_lesson(lesson: Lesson) -> None:
    done = strict_nbval(lesson.notebook)
    assert done.returncode == 0, done.stdout


# A sample: strict nbval executes every lesson already, and time is short.
@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS[3::4], ids=lambda one: one.name)
def test_two_builds_of_a_lesson_agree_byte_for_byte(lesson: Lesson) -> None:
    content = build.render(lesson)
    if content != lesson.notebook.read_bytes():  # built elsewhere: other PNG bytes
        assert content == build.render(lesson)


SMALL = """\
# %%
import anywidget


class Dial(anywidget.AnyWidget):
    _esm = "export default { render() {} }"

    def __repr__(self):
        return "Dial at 5"

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/plain": repr(self), "image/png": "aGk="}, metadata


Dial()

# %%
print(2 + 2)
"""


@pytest.fixture
def small(tmp_path: Path) -> Lesson:
    source = tmp_path / "notebooks" / "source" / "03_small.py"
    source.parent.mkdir(parents=True)
    source.write_text(SMALL, encoding="utf-8")
    lesson = Lesson(source)
    build.build(lesson)
    return lesson


def test_nbval_accepts_a_widget_whose_view_was_stripped(small: Lesson) -> None:
    assert build.WIDGET_VIEW not in small.notebook.read_text(encoding="utf-8")
    done = strict_nbval(small.notebook)
    assert done.returncode == 0, done.stdout


def test_nbval_compares_what_a_widget_says_about_itself(small: Lesson) -> None:
    text = small.notebook.read_text(encoding="utf-8")
    wrong = text.replace('"Dial at 5"\n      ]', '"Dial at 6"\n      ]')
    assert wrong != text
    small.notebook.write_text(wrong, encoding="utf-8")
    done = strict_nbval(small.notebook)
    assert done.returncode == 1
    assert "Dial at 6" in done.stdout
