"""`course check`, `course release`, `course grade`: the commands about homework."""

import time
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from course_lib.classroom.lessons import LessonError


def build_homeworks(names: Sequence[str], *, check: bool, execute: bool) -> int:
    """Build these homeworks, or all, or only look; returns how many need work.

    Args:
        names: `hw03` and the like; without any: all.
        check: write nothing, compare with the masters.
        execute: with `check`: run the masters and compare bytes too.
    """
    from course_lib.classroom.homework import author

    console = Console(highlight=False, markup=False, soft_wrap=True)
    failed = 0
    for name, path in author.find_masters(names).items():
        began = time.perf_counter()
        try:
            state = _look(path, execute) if check else _make(path)
        except LessonError as error:
            state = "failed" if check else "failed, the old homework stays"
            typer.echo(str(error), err=True)
        failed += state.startswith(("failed", "to do"))
        took = f"{time.perf_counter() - began:6.1f} s  "
        console.print(f"{name}  {'' if check and not execute else took}{state}")
    return failed


def _make(path: Path) -> str:
    from course_lib.classroom.homework import author

    return "built" if author.build_homework(path) else "same as before"


def _look(path: Path, execute: bool) -> str:
    from course_lib.classroom.homework import author

    problems = author.drift(path)
    if execute and not problems:
        files = author.files_of(author.read_master(path))
        if any(where.read_bytes() != content for where, content in files.items()):
            problems = [f"{path.name}: a new build gives other bytes"]
    return "\n  ".join(["to do", *problems]) if problems else "in sync"
