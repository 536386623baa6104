"""`course submit`, `course gradebook`: a homework's way in, and a term's marks."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from classroom import cli_homework

if TYPE_CHECKING:
    from classroom.gradebook.make import Term

TO_DO = 1


class Spreadsheet(StrEnum):
    """Whose spreadsheet: 2.5 and commas, or 2,5 and semicolons."""

    EN = "en"
    DE = "de"
    FR = "fr"


def register(app: typer.Typer) -> None:
    """Add this module's commands to the `course` command."""
    app.command(epilog="Example: course submit hw03 --to /srv/handed-in")(submit)
    app.command(epilog="Example: course gradebook ../term")(gradebook)


def submit(
    homework: Annotated[str, typer.Argument(metavar="hwNN", help="The homework.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Your notebook; else the nearest one."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The class's folder; else $COURSE_HAND_IN."),
    ] = None,
    name: Annotated[str, typer.Option(help="Who you are; remembered.")] = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Although work would be lost.")
    ] = False,
) -> None:
    """Check the file on disk, then hand it in; nothing handed in before is replaced.

    Answers that are wrong or missing are your own decision. A file that lacks what you
    ran last is not handed in: exit code 1.
    """
    from classroom.homework import submit as submitting
    from classroom.homework.pages import one_line

    folder = submitting.hand_in_folder(to)
    who = submitting.student_name(name) or _ask_name()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    with console.status(f"checking {homework} ..."):
        ready = submitting.checked_file(homework, file)
    checked = ready.checked
    cli_homework.show_checked(console, checked)
    if checked.losses and not anyway:
        why = "; ".join(map(one_line, checked.losses))
        cure = "save the notebook and submit again (--anyway hands in this file)"
        typer.echo(f"NOT handed in: {why}: {cure}", err=True)
        raise typer.Exit(TO_DO)
    receipt = submitting.hand_in(ready, folder, who)
    for line in submitting.told(receipt, checked, folder):
        console.print(line)


def _ask_name() -> str:
    """Who hands in, asked on a terminal.

    Raises:
        ValueError: there is no terminal.
    """
    from classroom.homework import submit as submitting

    if not Console().is_terminal:
        raise ValueError("say who you are: --name ada (as your teacher's list has you)")
    said: str = typer.prompt(
        "Your name, as your teacher's list has it", default=submitting.login_name()
    )
    return submitting.student_name(said)


def gradebook(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="With the term's results.")
    ],
    answers: Annotated[
        bool, typer.Option("--answers", help="Mark answers in words in the browser.")
    ] = False,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="There: code names for names.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="For --answers; 0: any.")
    ] = 0,
    excel: Annotated[
        Spreadsheet | None, typer.Option(help="Your spreadsheet, for new tables.")
    ] = None,
) -> None:
    """One book over all results of a term, with your own decisions.

    DIR holds the folders that course grade wrote (hw01-marked and so on). The book lies
    in DIR/gradebook; the tables in its folder decisions are yours: points by hand,
    rubric, due dates, roster. Exit code 1: a line of them is not understood.
    """
    from classroom.gradebook import make

    if answers:
        _serve(folder, anonymous, port)
        return
    term = make.open_term(folder, excel.value if excel else "")
    alike = make.write_term(term)
    _tell(term, sum(map(len, alike.values())))
    raise typer.Exit(TO_DO if term.book.problems else 0)


def _tell(term: "Term", pairs: int) -> None:
    from classroom.gradebook.make import DECISIONS
    from classroom.homework.pages import one_line

    book = term.book
    if term.made:
        tables = ", ".join(term.made)
        typer.echo(f"new tables in {term.out / DECISIONS}, yours to fill in: {tables}")
    names = ", ".join(homework.name for homework in book.homeworks)
    typer.echo(f"{len(book.students)} students, {names}")
    percents = [t.percent for t in book.totals.values() if t.percent is not None]
    if percents:
        typer.echo(f"{sum(percents) / len(percents):.1f} % on average")
    waiting = sum(len(score.waiting) for score in book.scores.values())
    if waiting:
        typer.echo(f"{waiting} answers in words wait for a mark: --answers")
    if pairs:
        typer.echo(f"{pairs} pairs of answers that are alike: {term.out}/similar.html")
    for problem in book.problems:
        typer.echo(f"to look at: {one_line(problem)}", err=True)
    typer.echo(f"open {term.out / 'book.html'}")


def _serve(folder: Path, anonymous: bool, port: int) -> None:
    from classroom.gradebook import serve

    server, address = serve.make_server(serve.Desk(folder, anonymous), port)
    typer.echo(f"open {address}")
    typer.echo("Only this computer can; each mark is saved at once. Ctrl-C ends it.")
    with server:
        server.serve_forever()
