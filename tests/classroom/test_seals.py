"""A seal fits until something changes that a lesson's numbers can depend on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from classroom import seals
from classroom.lessons import Lesson, orphans

MODULE, OTHER = "course_lib.ngram", "course_lib.names"
CODE = {
    "cell_type": "code",
    "metadata": {"tags": ["close:0.05"]},
    "source": "print(1 + 1)",
    "outputs": [{"output_type": "stream", "text": "2"}],
}
PROSE = {"cell_type": "markdown", "metadata": {}, "source": "What is it?"}
NOTEBOOK = {"cells": [PROSE, CODE]}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small course, which seals look at in the place of this one."""
    for folder in ("course_lib", "classroom", "notebooks", "data/fetched"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (MODULE, OTHER, seals.ALWAYS):
        tmp_path.joinpath(f"{name.replace('.', '/')}.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "course_lib" / "__init__.py").write_text("", "utf-8")
    (tmp_path / "data" / "names.txt").write_text("ada\n", "utf-8")
    monkeypatch.setattr(seals, "ROOT", tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    """What is kept for the length of a run of tests."""
    for kept in (seals._circumstances, seals._data_hash, seals._module_hash):
        kept.cache_clear()


@pytest.fixture
def lesson(root: Path) -> Lesson:
    made = Lesson(root / "notebooks" / "source" / "04_counting.py")
    save(made, NOTEBOOK)
    seals.write(made, ["sys", "torch.nn", "course_lib", MODULE])
    return made


def save(lesson: Lesson, notebook: object) -> None:
    lesson.notebook.write_text(json.dumps(notebook), "utf-8")


def test_it_names_what_the_lesson_loaded_and_how_it_ran(lesson: Lesson) -> None:
    assert seals.why_broken(lesson) == ""
    said = json.loads(lesson.seal.read_bytes())
    own = [name for name in said if name.startswith(("course_lib", "classroom"))]
    assert own == ["classroom.kernel", "course_lib", MODULE]
    assert said["torch"] == torch.__version__
    assert torch.backends.cpu.get_cpu_capability() in said["processor"]


@pytest.mark.parametrize(
    ("notebook", "why"),
    [
        ({"cells": [{**PROSE, "source": "Why?"}, CODE]}, ""),
        ({"cells": [PROSE, CODE], "metadata": {"kernelspec": {}}}, ""),
        ({"cells": [{**CODE, "source": "print(2)"}]}, "code and outputs"),
        ({"cells": [{**CODE, "outputs": []}]}, "code and outputs"),
        ({"cells": [{**CODE, "metadata": {}}]}, "code and outputs"),
        ({"cells": [CODE, CODE]}, "code and outputs"),
        ([], "code and outputs"),
    ],
)
def test_code_outputs_and_tags_break_it_and_prose_does_not(
    lesson: Lesson, notebook: object, why: str
) -> None:
    save(lesson, notebook)
    assert seals.why_broken(lesson).removeprefix("changed since its seal: ") == why


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("course_lib/ngram.py", "x = 2\n", MODULE),
        ("course_lib/ngram.py", '"""What it is."""\nx = (1)  # one\n', ""),
        ("course_lib/names.py", "x = 2\n", ""),  # the lesson did not load it
        ("course_lib/__init__.py", "x = 2\n", "course_lib"),
        ("classroom/kernel.py", "x = 2\n", "classroom.kernel"),
        ("data/names.txt", "bob\n", "data"),
        ("data/README.md", "# Data\n", ""),
        ("data/fetched/model.bin", "1", ""),
        ("data/more.txt", "1", "data"),
    ],
)
def test_loaded_modules_and_data_break_it_and_nothing_else(
    root: Path, lesson: Lesson, file: str, text: str, why: str
) -> None:
    (root / file).write_text(text, "utf-8")
    forget()
    assert seals.why_broken(lesson).removeprefix("changed since its seal: ") == why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda patch: patch.setattr(
                torch.backends.cpu, "get_cpu_capability", lambda: "NO SUCH"
            ),
            "processor",
        ),
        (lambda patch: patch.setattr("platform.machine", lambda: "arm"), "processor"),
        (lambda patch: patch.setenv("OMP_NUM_THREADS", "2"), "processor"),
        (lambda patch: patch.setattr("sys.version_info", (3, 99, 0)), "python"),
        (lambda patch: patch.setattr(seals, "version", lambda name: "0"), "torch"),
    ],
    ids=["kernels", "machine", "threads", "python", "packages"],
)
def test_another_processor_or_package_breaks_it(
    lesson: Lesson,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[pytest.MonkeyPatch], None],
    why: str,
) -> None:
    change(monkeypatch)
    forget()
    assert seals.why_broken(lesson).startswith(f"changed since its seal: {why}")


def test_a_module_that_is_gone_breaks_it(root: Path, lesson: Lesson) -> None:
    (root / "course_lib" / "ngram.py").unlink()
    forget()
    assert seals.why_broken(lesson) == f"changed since its seal: {MODULE}"


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_torn_seal_is_none(lesson: Lesson, text: str) -> None:
    lesson.seal.write_text(text, "utf-8")
    assert seals.why_broken(lesson) == "its seal cannot be read"
    lesson.seal.unlink()
    assert seals.why_broken(lesson) == "it has no seal"


def test_a_seal_without_its_lesson_is_an_orphan(root: Path, lesson: Lesson) -> None:
    assert lesson.seal in orphans(root / "notebooks")
    lesson.source.parent.mkdir()
    lesson.source.write_text("# %%\n1\n", "utf-8")
    assert orphans(root / "notebooks") == []
