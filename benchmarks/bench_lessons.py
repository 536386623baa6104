"""Seconds of each lesson, against the floor of a lesson that only imports.

Repeat it with `python benchmarks/bench_lessons.py` (about three minutes on two idle
cores). Each lesson runs in a fresh kernel with one thread, as `course run` does.
"""

import tempfile
import time
from pathlib import Path

import torch

from classroom import build
from classroom.lessons import Lesson, find_lessons

ONLY_IMPORTS = """# %%
import torch

from course_lib import plots
from course_play.widgets import SamplingLab
"""


def seconds(lesson: Lesson) -> float:
    """Wall time of one execution in a fresh kernel."""
    began = time.perf_counter()
    build.run(lesson)
    return time.perf_counter() - began


def main() -> None:
    """Print a row for each lesson and one for the sum."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", "99_only_imports.py")
        source.parent.mkdir()
        source.write_text(ONLY_IMPORTS, "utf-8")
        seconds(Lesson(source))  # warm up
        floor = seconds(Lesson(source))
    print(
        f"one thread, torch {torch.__version__.split('+')[0]}; floor: only the imports"
    )
    print(f"{'only imports':26} {floor:6.1f} s  x 1.0")
    total = 0.0
    for lesson in find_lessons():
        took = seconds(lesson)
        total += took
        print(f"{lesson.name:26} {took:6.1f} s  x {took / floor:.1f}", flush=True)
    print(f"{'all lessons':26} {total:6.1f} s  x {total / floor:.1f}")


if __name__ == "__main__":
    main()
