"""`my_gpt.py`, which students take home: the cells of lesson 14, and it runs alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from classroom import build
from classroom.lessons import NOTEBOOKS

FILE = NOTEBOOKS / "my_gpt.py"
LESSON = NOTEBOOKS / "source" / "14_gpt.py"
RULE = f"# {'=' * 86}\n"


def lines_of(code: str) -> list[str]:
    return [line for line in code.splitlines() if line.strip()]


def tagged_cells() -> list[str]:
    cells = build.read_source(LESSON).cells
    return [c.source for c in cells if "my_gpt" in (c.metadata.get("tags") or [])]


def test_the_file_holds_the_cells_of_the_lesson_word_for_word() -> None:
    top, body, _ = FILE.read_text("utf-8").split(RULE)
    imports, *cells = tagged_cells()
    assert len(cells) > 10
    assert lines_of(body) == [line for cell in cells for line in lines_of(cell)]
    assert set(lines_of(imports)) <= set(lines_of(top))


def run_file(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(FILE), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_file_learns_and_writes_without_the_course(tmp_path: Path) -> None:
    names = "".join(f"{a}{b}{a}ri\n" for a in "abcdefghkm" for b in "aeiouxyz" * 4)
    ordered = sorted(names.splitlines())
    (tmp_path / "names.txt").write_text("\n".join(ordered) + "\n", "utf-8")
    done = run_file(tmp_path, "names.txt", "30")
    assert done.returncode == 0, done.stderr
    ln_v, pairs = map(float, re.findall(r"(?:ln V|pairs) (\d\.\d\d)", done.stdout))
    held = float(re.findall(r"held-out loss (\d\.\d\d)", done.stdout)[-1])
    assert pairs < ln_v - 0.5
    assert held < ln_v - 0.5
    assert len(done.stdout.split("\n", 3)[-1]) >= 500


@pytest.mark.parametrize(
    ("words", "says"),
    [([], "use: python"), (["short.txt"], "9 characters are too few")],
)
def test_the_file_says_what_it_needs(
    tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "short.txt").write_text("too short", "utf-8")
    done = run_file(tmp_path, *words)
    assert done.returncode == 1
    assert says in done.stderr
