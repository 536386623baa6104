"""Every lesson as it is committed: in sync, in style, and nbval repeats it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from classroom import build, seals, states
from classroom.lessons import (
    FIRST_APPENDIX,
    NEEDS_MODEL,
    Lesson,
    find_lessons,
    orphans,
)
from classroom.lint import find_faults
from classroom.outputs import rerun

LESSONS = find_lessons()
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.name)

# What a processor of another make would do, as far as this one can play it: other
# kernels in torch, oneDNN and MKL, other sums by another number of threads.
OTHER_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
    "OMP_NUM_THREADS": "2",
}


@each_lesson
def test_the_notebook_is_in_sync_with_its_source(lesson: Lesson) -> None:
    assert build.drift(lesson) == []


def test_every_notebook_has_a_source() -> None:
    assert orphans() == []


FIRST_REAL = int(NEEDS_MODEL[0])
MISSING: set[int] = set()  # still to be written; this set may only shrink


@pytest.mark.parametrize(
    ("first", "end"), [(0, FIRST_REAL), (FIRST_REAL, 50), (FIRST_APPENDIX, 100)]
)
def test_lessons_are_numbered_without_a_gap(first: int, end: int) -> None:
    numbers = {int(x.number) for x in LESSONS if first <= int(x.number) < end}
    known = numbers | {number for number in MISSING if first <= number < end}
    assert known == set(range(first, first + len(known)))


def test_no_two_lessons_have_one_number_and_no_missing_one_is_there() -> None:
    numbers = [int(lesson.number) for lesson in LESSONS]
    assert len(numbers) == len(set(numbers))
    assert MISSING.isdisjoint(numbers)


@each_lesson
def test_the_lesson_keeps_to_the_style(lesson: Lesson) -> None:
    faults = find_faults(build.load(lesson.notebook), lesson.name)
    assert [str(fault) for fault in faults if fault.serious] == []


@each_lesson
def test_the_notebook_is_small_enough_to_open_everywhere(lesson: Lesson) -> None:
    assert lesson.notebook.stat().st_size <= build.MAX_BYTES


def some(lessons: Sequence[Lesson], *left: str) -> pytest.MarkDecorator:
    """These lessons; those left out run with --all."""
    thorough, model = [pytest.mark.thorough], [pytest.mark.model]
    cases = [
        pytest.param(
            x,
            marks=thorough * (x.name in left) + model * x.needs_model,
            id=x.name,
        )
        for x in lessons
    ]
    return pytest.mark.parametrize("lesson", cases)


TRAINED = "14_gpt"


@pytest.mark.slow
@some(LESSONS, TRAINED)
def test_nbval_repeats_the_lesson(
    lesson: Lesson, request: pytest.FixtureRequest
) -> None:
    why = seals.why_broken(lesson)
    if not why and not request.config.getoption("all"):
        pytest.skip("nothing has changed since the lesson was sealed (--all repeats)")
    done = rerun(lesson.notebook)
    assert done.returncode == 0, f"repeated, for {why or '--all'}\n{done.stdout}"


@pytest.mark.slow
def test_nbval_repeats_a_trained_lesson_on_another_processor() -> None:
    (lesson,) = (one for one in LESSONS if one.name == TRAINED)
    done = rerun(lesson.notebook, OTHER_PROCESSOR)
    assert done.returncode == 0, done.stdout


# nbval executes every lesson already, and test_build proves it on a small one.
@pytest.mark.slow
@some(LESSONS[3::4], *(one.name for one in LESSONS[7::4]))
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

# %% tags=["close:0.05"]
print("loss", 2.25)

# %%
print("ln 2 =", 0.69)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The small lesson as a notebook."""
    lesson = lesson_in(tmp_path_factory.mktemp("built"))
    build.build(lesson)
    return lesson.notebook.read_text(encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path, built: str) -> Lesson:
    lesson = lesson_in(tmp_path)
    lesson.notebook.write_text(built, encoding="utf-8")
    return lesson


def lesson_in(folder: Path) -> Lesson:
    source = folder / "notebooks" / "source" / "03_small.py"
    source.parent.mkdir(parents=True)
    source.write_text(SMALL, encoding="utf-8")
    return Lesson(source)


@pytest.mark.slow
def test_nbval_accepts_a_widget_whose_view_was_stripped(small: Lesson) -> None:
    assert states.WIDGET_VIEW not in small.notebook.read_text(encoding="utf-8")
    done = rerun(small.notebook)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_nbval_compares_what_a_widget_says_about_itself(small: Lesson) -> None:
    text = small.notebook.read_text(encoding="utf-8")
    wrong = text.replace('"Dial at 5"\n      ]', '"Dial at 6"\n      ]')
    assert wrong != text
    small.notebook.write_text(wrong, encoding="utf-8")
    done = rerun(small.notebook)
    assert done.returncode == 1
    assert "Dial at 6" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "planted", "repeats"),
    [
        ("loss 2.25", "loss 2.29", True),  # a trained number, within its tolerance
        ("loss 2.25", "loss 2.31", False),
        ("loss 2.25", "cost 2.25", False),
        ("ln 2 = 0.69", "ln 2 = 0.70", False),  # a number that is known exactly
    ],
)
def test_nbval_sees_a_planted_change(
    small: Lesson, written: str, planted: str, repeats: bool
) -> None:
    text = small.notebook.read_text(encoding="utf-8")
    changed = text.replace(f'"{written}\\n"', f'"{planted}\\n"')
    assert changed != text
    small.notebook.write_text(changed, encoding="utf-8")
    assert (rerun(small.notebook).returncode == 0) is repeats
