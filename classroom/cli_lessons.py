"""`course start`, `lab`, `run`, `build`, `export`: the commands about lessons."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from classroom.lessons import (
    NOTEBOOKS,
    Lesson,
    LessonError,
    find_lessons,
    orphans,
    refuse_installed,
    short,
)

FETCH = "course data fetch smollm2"
Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NN ...]", help="Lesson numbers; without any: all."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the `course` command."""
    pass_on = {"allow_extra_args": True, "ignore_unknown_options": False}
    app.command(epilog="Example: course start my-course")(start)
    app.command(epilog="Example: course lab 03", context_settings=pass_on)(lab)
    app.command(epilog="Example: course run 01 02")(run)
    app.command(epilog="Example: course build 04 --check")(build)
    app.command(epilog="Example: course export 06 my_notes.ipynb --to pages")(export)


def start(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Else from-logits-to-gpt in your home."),
    ] = None,
) -> None:
    """Copy the notebooks and the data to a folder of your own, to work in.

    What is there already stays as it is, so that later it brings what is new.
    """
    from classroom import own_folder

    started = own_folder.start(folder or own_folder.of_this_user())
    typer.echo(f"{started.folder}: {started.n_new} files are new")
    if started.kept:
        few = ", ".join(started.kept[:3]) + (", ..." if len(started.kept) > 3 else "")
        typer.echo(f"{len(started.kept)} differ from the course's, kept: {few}")
        typer.echo("for the course's version of a file, rename yours and start again")
    typer.echo("in that folder: course lab, course check hw00")


def lab(
    context: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="[NN]", help="The lesson to open.")
    ] = "00",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to try.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on the course, at a lesson.

    A course that pip has installed opens on the copies around this folder, else on
    those in your home, which it makes the first time (`course start`).
    What follows a lone -- goes to JupyterLab: course lab -- --ip 0.0.0.0
    """
    from classroom.lab import serve

    extra = list(context.args)
    if number.startswith("-"):  # course lab -- --ip 0.0.0.0
        number, extra = "00", [number, *extra]
    if extra and not extra[0].startswith("-"):
        raise ValueError(f"one lesson at a time: {number!r} or {extra[0]!r}?")
    serve(number, port=port, browser=browser, extra=extra)


def run(numbers: Numbers = None) -> None:
    """Execute lessons, then appendices, without a browser; nothing is written.

    One line a lesson: its time and its ledger, the number of facts that its cells
    assert. Stops with exit code 1 at the first lesson that fails. Without numbers, the
    lessons on the real model are left out where it was not fetched.
    """
    lessons = _some(numbers)
    from classroom import build as builder
    from classroom.ledger import count_facts

    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = max(len(lesson.name) for lesson in lessons)
    if not numbers and (left := _without_their_model(lessons)):
        lessons = [lesson for lesson in lessons if lesson not in left]
        for lesson in left:
            console.print(
                f"{lesson.name:<{width}}  left out, it needs a model: {FETCH}"
            )
    start, total = time.perf_counter(), 0
    for lesson in lessons:
        began = time.perf_counter()
        with _cell_progress(console, lesson) as on_cell:
            facts = count_facts(builder.run(lesson, on_cell))
        total += facts
        took = time.perf_counter() - began
        console.print(f"{lesson.name:<{width}}  ok {took:7.1f} s {facts:5d} facts")
    took = time.perf_counter() - start
    console.print(
        f"{_count(lessons):<{width}}  ok {took:7.1f} s {total:5d} facts asserted"
    )


def _without_their_model(lessons: list[Lesson]) -> list[Lesson]:
    """Those that load the real model, if it was not fetched."""
    from course_lib.engine.smollm import is_here

    return [] if is_here() else [x for x in lessons if x.needs_model]


def _count(lessons: list[Lesson]) -> str:
    """How many there are: "16 lessons, 1 appendix"."""
    more = sum(lesson.is_appendix for lesson in lessons)
    kinds = {"lesson": len(lessons) - more, "appendix": more}
    plurals = {"lesson": "lessons", "appendix": "appendices"}
    return ", ".join(
        f"{count} {kind if count == 1 else plurals[kind]}"
        for kind, count in kinds.items()
        if count
    )


def build(
    numbers: Numbers = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: are the notebooks in sync?")
    ] = False,
    execute: Annotated[
        bool, typer.Option("--execute", help="With --check: run and compare bytes too.")
    ] = False,
) -> None:
    """Build the notebooks from their text sources, executed, one way.

    A lesson that fails leaves its old notebook untouched. --check compares the cells
    and applies the style rules; exit code 1 when something has to be done. `hw04` is
    the homework of lesson 4.
    """
    if execute and not check:
        raise ValueError("--execute goes with --check")
    refuse_installed("build")
    from classroom.cli_homework import build_homeworks

    words = [word for word in numbers or () if not Path(word).stem.startswith("hw")]
    homeworks = [word for word in numbers or () if word not in words]
    lessons = _some(words) if words or not homeworks else []
    failed = _check(lessons, execute) if check else _build(lessons)
    if homeworks or not numbers:
        failed += build_homeworks(homeworks, check=check, execute=execute)
    if check and not numbers:
        for notebook in orphans():
            typer.echo(f"{short(notebook)}: no source builds it; delete it", err=True)
            failed += 1
    if failed:
        raise typer.Exit(1)


def _build(lessons: list[Lesson]) -> int:
    """Build each lesson, report each; returns how many failed."""
    from classroom import build as builder
    from classroom import seals
    from classroom.lint import find_faults

    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = max((len(lesson.name) for lesson in lessons), default=0)
    failed = 0
    for lesson in lessons:
        began = time.perf_counter()
        try:
            with _cell_progress(console, lesson) as on_cell:
                changed = builder.build(lesson, on_cell)
        except LessonError as error:
            typer.echo(
                f"{lesson.name}: failed, the old notebook stays\n{error}", err=True
            )
            failed += 1
            continue
        state = "built" if changed else "same as before"
        state += ", build again to seal" if seals.why_broken(lesson) else ", sealed"
        size = lesson.notebook.stat().st_size / 1000
        took = time.perf_counter() - began
        line = f"{lesson.name:<{width}}  {took:6.1f} s {size:5.0f} KB  {state}"
        console.print(line)
        for fault in find_faults(builder.load(lesson.notebook), lesson.name):
            console.print(f"  {fault}")
    return failed


def _check(lessons: list[Lesson], execute: bool) -> int:
    """Compare each lesson with its source and the style; returns how many fail."""
    from classroom import build as builder
    from classroom.lint import find_faults

    console = Console(highlight=False, markup=False, soft_wrap=True)
    failed = 0
    for lesson in lessons:
        problems = builder.drift(lesson)
        if execute and not problems:
            with _cell_progress(console, lesson) as on_cell:
                if builder.render(lesson, on_cell) != lesson.notebook.read_bytes():
                    where = short(lesson.notebook)
                    problems.append(f"{where}: a new build gives other bytes")
        advice: list[str] = []
        if lesson.notebook.exists() and not problems:
            faults = find_faults(builder.load(lesson.notebook), lesson.name)
            problems += [str(fault) for fault in faults if fault.serious]
            advice = [str(fault) for fault in faults if not fault.serious]
        console.print(f"{lesson.name}  {'to do' if problems else 'in sync'}")
        for line in problems + advice:
            console.print(f"  {line}")
        failed += bool(problems)
    return failed


def export(
    what: Annotated[
        list[str], typer.Argument(metavar="NN|FILE ...", help="Lessons or notebooks.")
    ],
    folder: Annotated[
        Path, typer.Option("--to", help="The folder that gets the pages.")
    ] = Path(),
) -> None:
    """Write notebooks as pages that work offline, as they were last saved.

    In the place of each widget stands its picture; formulas are drawn.
    """
    from classroom.page import export_page

    files = [word for word in what if word.endswith(".ipynb")]
    lessons = [word for word in what if word not in files]
    chosen = [lesson.notebook for lesson in find_lessons(lessons)] if lessons else []
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in (*chosen, *map(Path, files)):
        typer.echo(short(export_page(notebook, folder)))


def _some(numbers: list[str] | None) -> list[Lesson]:
    lessons = find_lessons(numbers or ())
    if not lessons:
        raise ValueError(f"there are no lessons in {short(NOTEBOOKS / 'source')}")
    return lessons


@contextmanager
def _cell_progress(
    console: Console, lesson: Lesson
) -> Iterator[Callable[[int, int], None]]:
    """A line that names the running cell, on a terminal only."""
    with console.status(lesson.name) as status:
        yield lambda index, total: status.update(
            f"{lesson.name}: cell {index + 1} of {total}"
        )
