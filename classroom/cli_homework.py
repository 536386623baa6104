"""`course check`, `course release`, `course grade`: the commands about homework."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from classroom.lessons import LessonError, refuse_installed

if TYPE_CHECKING:
    from classroom.homework.check import Checked
    from classroom.homework.grading_run import GradingRun
    from classroom.homework.sandbox import Limits, Walls

MISSED = 1
Unsafe = Annotated[bool, typer.Option("--unsafe", help="No sandbox at all.")]
Container = Annotated[
    str, typer.Option(metavar="IMAGE", help="Docker or Podman as the sandbox.")
]
UNSAFE = (
    "--unsafe: the students' code runs as you, with your files, your network and your "
    "rights. Only for code that you would run by hand."
)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the `course` command."""
    app.command(epilog="Example: course check hw04")(check)
    app.command(epilog="Example: course release ../for-students")(release)
    app.command(epilog="Example: course grade submissions --as hw04")(grade)


def check(
    homework: Annotated[str, typer.Argument(metavar="hwNN", help="The homework.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Your notebook; else the nearest one."),
    ] = None,
    merged: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only write the notebook for plain nbval."),
    ] = None,
    cell_seconds: Annotated[int, typer.Option(min=1, help="Limit for a cell.")] = 60,
) -> None:
    """Are my answers right? Looks at the file on disk, as a hand-in would.

    Your answers are put among the original checks and run. Exit code 0 only when all
    checks pass.
    """
    from classroom.homework import check as checking
    from classroom.homework.sandbox import Limits

    if merged is not None:
        name, path = checking.find_file(homework, file)
        checking.write_merged(name, path, merged)
        typer.echo(f"{merged} is written; run: pytest --nbval-lax {merged}")
        return
    limits = Limits(wall_s=1800, cell_s=cell_seconds, cpu_s=3600, memory_mb=16_000)
    console = Console(highlight=False)
    with console.status(f"running {homework} ..."):
        checked = checking.check_file(homework, file, limits)
    show_checked(console, checked)
    if checked.mark.points < checked.mark.worth:
        raise typer.Exit(MISSED)


def show_checked(console: Console, checked: "Checked") -> None:
    """A table of checks and hints, then what would be lost."""
    from rich.markup import escape

    from classroom.homework.pages import plain

    table = Table(title=plain(checked.assignment.title), title_justify="left")
    for name in ("task", "looks at", "points", "hint"):
        table.add_column(name)
    before = ("", "")
    for one in checked.mark.checks:
        hint = escape(plain(one.hint)) or "[green]right[/green]"
        again = bool(one.hint) and (one.task, hint) == before
        before = (one.task, hint)
        points = f"{one.points} of {one.worth}"
        table.add_row(one.task, one.label, points, "as above" if again else hint)
    console.print(table)
    for warning in checked.warnings:
        console.print(f"note: {plain(warning)}", markup=False)
    for stop in checked.mark.stops:
        console.print(f"stopped: {plain(stop)}", markup=False)
    total = f"{checked.mark.points} of {checked.mark.worth} points"
    console.print(f"{total} in {checked.file}", markup=False)


def release(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Folder or new .zip.")],
    update: Annotated[
        bool, typer.Option("--update", help="Into an earlier release, in place.")
    ] = False,
) -> None:
    """Write what students get: lessons, library, homework, data; no solutions."""
    from classroom.homework import release as releasing

    refuse_installed("release")
    files = releasing.update(target) if update else releasing.release(target)
    notebooks = sum(path.suffix == ".ipynb" for path in files)
    typer.echo(f"{target}: {len(files)} files, {notebooks} notebooks, no solutions")
    for left in releasing.left_over(target, files) if update else []:
        typer.echo(f"no longer part of the course: {left}", err=True)


def grade(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The submissions.")],
    homework: Annotated[
        str, typer.Option("--as", metavar="hwNN", help="The homework; else guessed.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Results; else beside DIR.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Columns student and name.")
    ] = None,
    due: Annotated[
        datetime | None, typer.Option(help="Files saved later are reported.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Mark this one again.")
    ] = None,
    task: Annotated[str, typer.Option(help="Mark this task again, as it is now.")] = "",
    jobs: Annotated[int, typer.Option(min=0, help="At a time; 0: one a core.")] = 0,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Replay a run; else a fresh secret seed.")
    ] = None,
    container: Container = "",
    unsafe: Unsafe = False,
    wall_seconds: Annotated[int, typer.Option(min=5, help="For a submission.")] = 300,
    cell_seconds: Annotated[int, typer.Option(min=1, help="For a cell.")] = 60,
    memory_mb: Annotated[int, typer.Option(min=500, help="For a submission.")] = 4000,
) -> None:
    """Mark a folder of submissions: one file or one folder a student.

    Writes grades.csv, class.html, a page for each student and the records. A run that
    was cut off goes on when the command is given again. --only and --task mark again
    with the same seed, and keep what was recorded before.
    """
    from classroom.homework.sandbox import Limits

    refuse_installed("grade")
    more = {"cpu_s": 2 * wall_seconds, "memory_mb": memory_mb}
    limits = Limits(wall_s=wall_seconds, cell_s=cell_seconds, **more)
    results = out or folder.resolve().parent / f"{folder.resolve().name}-marked"
    run = _start(folder, homework, results, seed, roster, due)
    walls = _walls(container, unsafe, [folder, results], limits)
    number = jobs or os.cpu_count() or 1
    failed = _grade(run, walls, limits, number, only or [], task)
    raise typer.Exit(MISSED if failed else 0)


def _start(
    folder: Path,
    homework: str,
    out: Path,
    seed: int | None,
    roster: Path | None,
    due: datetime | None,
) -> "GradingRun":
    from classroom.homework import collect, grading_run
    from classroom.homework.assignment import load_assignment
    from classroom.homework.pages import one_line

    name = (
        load_assignment(homework).name
        if homework
        else grading_run.guess_homework(collect.find_entries(folder))
    )
    run = grading_run.start_run(name, folder, out, seed, roster, due)
    typer.echo(f"{name}: {len(run.entries)} students, results in {out}")
    for student in run.changed:
        what = "another file since; what was collected first counts"
        typer.echo(f"{one_line(student)} handed in {what}")
    return run


def _walls(
    container: str, unsafe: bool, hidden: Sequence[Path], limits: "Limits"
) -> "Walls":
    from classroom.homework import sandbox

    if unsafe:
        typer.echo(UNSAFE, err=True)
        return sandbox.no_walls
    try:
        if container:
            return sandbox.find_container(container, limits)
        return sandbox.find_walls([path.resolve() for path in hidden])
    except sandbox.NoSandboxError as error:
        more = "(--unsafe marks without a sandbox: the students' code then runs as you)"
        raise ValueError(f"{error} {more}") from error


def _grade(
    run: "GradingRun",
    walls: "Walls",
    limits: "Limits",
    jobs: int,
    only: Sequence[str],
    task: str,
) -> bool:
    """Mark, report, say what happened; True when somebody could not be marked."""
    from classroom.homework import grade, regrade, report

    console = Console(highlight=False, markup=False, soft_wrap=True)
    again = regrade.chosen(run, only) if only or task else []
    if again:
        run = regrade.begin(run, again, task)
    waiting = again or run.waiting()
    if run.resumed and not again:
        handed_in = sum(entry.path is not None for entry in run.entries)
        console.print(f"going on: {handed_in - len(waiting)} are marked already")
    with _progress(console, len(waiting)) as on_done:
        troubles = grade.grade_all(run, walls, limits, jobs, on_done, again, task)
    for student, why in troubles.items() if again else ():
        typer.echo(f"{student} keeps the marks from before: {why}", err=True)
    failed = _summary(console, run, report.write_reports(run, troubles))
    return failed or bool(troubles)


def _summary(
    console: Console, run: "GradingRun", rows: Sequence[dict[str, Any]]
) -> bool:
    from classroom.homework import grade
    from classroom.homework.pages import one_line

    marked = [row["points"] for row in rows if not row["why"]]
    mean = sum(marked) / max(len(marked), 1)
    worth = run.assignment.points
    console.print(f"{len(marked)} marked, {mean:.1f} of {worth} points on average")
    others = [one_line(row["student"]) for row in rows if row["why"]]
    if others:
        console.print(f"{len(others)} without marks: {', '.join(others)}")
    console.print(f"open {run.folder / 'class.html'}")
    failed = [row for row in rows if row["why"].startswith(grade.UNMARKED)]
    if failed:
        told = "see the lines above; give the same command again to mark them"
        typer.echo(f"{len(failed)} could not be marked: {told}", err=True)
    return bool(failed)


@contextmanager
def _progress(
    console: Console, total: int
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A bar on a terminal, and a line a student."""
    from rich.progress import Progress

    from classroom.homework.pages import one_line

    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task("marking", total=total)

        def on_done(record: dict[str, Any]) -> None:
            bar.advance(task)
            points = f"{record['points']:3} of {record['worth']}"
            remarks = [record["why"], *record["stops"], *record["notes"]]
            told = one_line("; ".join(text for text in remarks if text))[:100]
            who = one_line(record["student"])
            console.print(f"{points}  {who}  {record['seconds']} s  {told}".rstrip())

        yield on_done


def build_homeworks(names: Sequence[str], *, check: bool, execute: bool) -> int:
    """Build these homeworks, or all, or only look; returns how many need work.

    Args:
        names: `hw04` and the like; without any: all.
        check: write nothing, compare with the masters.
        execute: with `check`: run the masters and compare bytes too.
    """
    from classroom.homework import author

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
    from classroom.homework import publish

    return "built" if publish.build_homework(path) else "same as before"


def _look(path: Path, execute: bool) -> str:
    from classroom.homework import author, publish

    problems = publish.drift(path)
    if execute and not problems:
        files = publish.files_of(author.read_master(path))
        if any(where.read_bytes() != content for where, content in files.items()):
            problems = [f"{path.name}: a new build gives other bytes"]
    return "\n  ".join(["to do", *problems]) if problems else "in sync"
