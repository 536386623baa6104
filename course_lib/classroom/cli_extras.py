"""`course doctor`, `course data`, `course bench`: the machine, the files, the times."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.classroom.lessons import ROOT, short

DATA_FOLDER = ROOT / "data" / "fetched"

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME ...]", help="Without any: all.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the `course` command."""
    app.command(epilog="Example: course doctor")(doctor)
    app.command(epilog="Example: course bench names")(bench)


def doctor() -> None:
    """Look at this machine: each line is ok, or says what to do.

    Exit code 1 only when the course cannot run here.
    """
    from course_lib.classroom.doctor import examine

    findings = []
    for finding in examine():
        typer.echo(str(finding))
        findings.append(finding)
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)


def bench(names: Names = None) -> None:
    """Run the benchmarks: ratios measured in one run, with the machine named."""
    scripts = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    known = {script.stem.removeprefix("bench_"): script for script in scripts}
    if not known:
        raise ValueError(f"there are no benchmarks in {short(ROOT / 'benchmarks')}")
    wanted = [Path(n).stem.removeprefix("bench_") for n in names or known]
    for name in wanted:
        if name not in known:
            there = ", ".join(known)
            raise ValueError(f"there is no benchmark {name!r}; benchmarks: {there}")
    failed = [name for name in wanted if _bench_one(known[name])]
    if failed:
        typer.echo(f"failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _bench_one(script: Path) -> int:
    typer.echo(f"== {script.stem}")
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, check=False
    ).returncode
