"""Marking homework: against bare nbval, with two workers, a hundred in a row, badges.

Repeat it with `course bench homework` (about eight minutes on two idle cores). All rows
run homework 2, solved, with the sandbox where there is one.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from classroom.homework import author, badges, check, grade, grading_run
from classroom.homework.assignment import Assignment, load_assignment
from classroom.homework.collect import collect
from classroom.homework.hints import Outcome
from classroom.homework.notebooks import notebook_bytes
from classroom.homework.sandbox import (
    Limits,
    NoSandboxError,
    Walls,
    find_walls,
    no_walls,
)
from classroom.homework.workplace import quiet_environment

NAME, REPEATS, MANY = "hw02", 5, 100


def solved() -> bytes:
    """The homework with the master's answers."""
    master = author.read_master(author.find_masters()[NAME])
    sources = [
        step.source for step in master.steps if step.kind in ("task", "given", "check")
    ]
    return notebook_bytes(sources)


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of this process and of all that it started, while `work()` runs."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def bare_nbval(folder: Path) -> None:
    """Plain nbval on the merged notebook, as a teacher would call it."""
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "merged.ipynb"]
    done = subprocess.run(
        command, cwd=folder, env=quiet_environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def run_of(folder: Path, number: int, walls: Walls, jobs: int) -> float:
    """Mark `number` submissions; returns the wall time."""
    handed_in = Path(tempfile.mkdtemp(dir=folder))
    for i in range(number):
        (handed_in / f"student{i:03}.ipynb").write_bytes(solved())
    assignment: Assignment = load_assignment(NAME)
    out = Path(tempfile.mkdtemp(dir=folder))
    entries = tuple(collect(handed_in))
    run = grading_run.GradingRun(out, assignment, entries, False)
    held: list[int] = []
    began = time.perf_counter()
    troubles = grade.grade_all(
        run, walls, Limits(), jobs, lambda record: held.append(memory_mb())
    )
    took = time.perf_counter() - began
    assert not troubles, troubles
    marks = {record["points"] for record in grade.records(run)}
    assert marks == {assignment.points}, marks
    if number >= MANY:
        first, last = statistics.mean(held[5:15]), statistics.mean(held[-10:])
        print(f"grader's memory: {first:.0f} MB early, {last:.0f} MB at the end")
    return took


def memory_mb() -> int:
    """What this process holds."""
    return int(psutil.Process().memory_info().rss) >> 20


def badge_ms() -> float:
    """Median time that a badge adds to a check in the kernel."""
    judge = badges._Judge(NAME)
    step = load_assignment(NAME).checks[1]
    value = load_assignment(NAME).values[step.key]
    outcome = Outcome(value)
    times = []
    for _ in range(200):
        began = time.perf_counter()
        badge = judge.ask(source=step.source, value=outcome.value, error="", seed="1")
        times.append(1000 * (time.perf_counter() - began))
        assert badge["text"].startswith("✓"), badge
    judge._end()
    print(f"first badge (the process starts): {times[0]:.0f} ms")
    return statistics.median(times[1:])


def main() -> None:
    """Print the rows."""
    try:
        walls = find_walls()
    except NoSandboxError as error:
        print(f"without a sandbox: {error}")
        walls = no_walls
    print(f"{NAME} solved, {os.cpu_count()} cores; CPU of runs without bubblewrap,")
    print("which does not pass on the CPU time of what it starts")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hw02.ipynb").write_bytes(solved())
        check.write_merged(NAME, folder / "hw02.ipynb", folder / "merged.ipynb")
        bare, ours = [], []
        for _ in range(REPEATS):  # in turn, so that both meet the same machine
            bare.append(cpu_s(lambda: bare_nbval(folder)))
            ours.append(cpu_s(lambda: run_of(folder, 1, no_walls, 1)))
        low, high = statistics.median(bare), statistics.median(ours)
        print(f"CPU a submission: bare nbval {low:.2f} s, graded {high:.2f} s")
        print(f"ratio {high / low:.2f} (target 0.7)")
        walled, plain = run_of(folder, 3, walls, 1), run_of(folder, 3, no_walls, 1)
        print(f"wall time with the sandbox / without: {walled / plain:.2f}")
        one, two = run_of(folder, 6, walls, 1), run_of(folder, 6, walls, 2)
        print(f"six submissions: one worker {one:.1f} s, two {two:.1f} s")
        print(f"ratio {one / two:.2f} (target 1.8)")
        took = run_of(folder, MANY, walls, 2)
        print(f"{MANY} submissions, two workers: {took:.0f} s")
    print(f"a badge adds {badge_ms():.1f} ms (target below 50)")


if __name__ == "__main__":
    main()
