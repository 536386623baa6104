"""ruff and mypy over the project, as the README's test command runs them."""

import subprocess
import sys
from pathlib import Path

import pytest

from classroom.lessons import ROOT


def run_tool(*command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    code, output = run_tool("ruff", "check", ".", ".ci")
    assert code == 0, output


def test_ruff_would_format_nothing_else() -> None:
    code, output = run_tool("ruff", "format", "--check", ".", ".ci")
    assert code == 0, output


def test_mypy_strict_finds_nothing() -> None:
    code, output = run_tool("mypy", "--no-error-summary")
    assert code == 0, output


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["ruff", "check", "--quiet"], "import os\n"),
        (["ruff", "format", "--check"], "x  =  1\n"),
        (["mypy"], "def f(x):\n    return x\n"),
    ],
    ids=["lint", "format", "types"],
)
def test_the_tools_find_what_is_wrong(
    tmp_path: Path, command: list[str], text: str
) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text, "utf-8")
    settings = f"--config{'-file' if command[0] == 'mypy' else ''}"
    code, output = run_tool(
        *command, settings, str(ROOT / "pyproject.toml"), str(wrong)
    )
    assert code == 1, output
