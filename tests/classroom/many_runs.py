"""Many notebooks run in one process: a fork each, in IPython, with torch imported once.

Not the run that marks (no kernel, no walls), but the same cells in the same order.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classroom.homework import trial
from classroom.homework.assignment import Assignment
from classroom.homework.execution import Run
from classroom.homework.hints import NO_VALUE, Outcome
from classroom.homework.marking import Mark, judge
from classroom.homework.merge import Merged
from classroom.homework.workplace import quiet_environment, set_out


def mark_many(assignment: Assignment, handed_in: Sequence[Merged]) -> list[Mark]:
    """Points and hints of merged submissions."""
    job = [[cell.source for cell in merged.cells] for merged in handed_in]
    with tempfile.TemporaryDirectory() as name:
        place = set_out(Path(name), assignment.needs)
        done = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps(job).encode(),
            stdout=subprocess.PIPE,
            cwd=place,
            env=quiet_environment(),
            timeout=600,
            check=True,
        )
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        judge(assignment, merged, Run(_outcomes(run), (), 0.0, 0))
        for merged, run in zip(handed_in, runs, strict=True)
    ]


def _outcomes(run: list[dict[str, Any]]) -> dict[int, Outcome]:
    found = [Outcome(one["value"], one["error"]) for one in run]
    plain = [Outcome() if one.error == NO_VALUE else one for one in found]
    return dict(enumerate(plain))


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    sys.stdin = open(os.devnull)  # noqa: SIM115
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    import torch  # noqa: F401

    bench = trial._Bench({"steps": [], "variants": []}, out)

    def run(cells: list[str]) -> None:
        outcomes = [bench.run_cell(source) for source in cells]
        plain = [{"value": one.value, "error": one.error} for one in outcomes]
        os.write(out, json.dumps(plain).encode() + b"\n")

    for cells in job:
        trial.in_child(lambda cells=cells: run(cells))


if __name__ == "__main__":
    main()
