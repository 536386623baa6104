"""`course site`: the course as pages for a web server, a stick or a phone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from classroom.site.make import Made

DEFAULT = Path("build/site")
ClassFolder = Annotated[
    Path | None,
    typer.Option(
        "--class",
        metavar="FOLDER",
        help="Show it to the network of the room; what is guessed goes to this folder.",
    ),
]
CloudFolder = Annotated[
    Path | None,
    typer.Option(
        "--cloud",
        metavar="DIR",
        help="Notebooks for Colab and Kaggle, in a branch `cloud`: buttons.",
    ),
]
Students = Annotated[
    bool, typer.Option("--students", help="Leave the teacher's guide out.")
]
Single = Annotated[bool, typer.Option("--single", help="Each lesson as one file, too.")]
CLOUD = "cloud"
"""The branch of the repository that holds what `--cloud` writes (workflow `site`)."""


def register(app: typer.Typer) -> None:
    """Add this module's command to the `course` command."""
    app.command(epilog="Example: course site /media/stick/course")(site)
    app.command(epilog="Example: course guesses ../guesses --answers")(guesses)


def site(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where the site is put.")
    ] = DEFAULT,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show it on this computer afterwards.")
    ] = False,
    class_folder: ClassFolder = None,
    students: Students = False,
    single: Single = False,
    pack: Annotated[
        Path | None, typer.Option("--zip", help="Pack the site into this file, too.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to try.")] = 8000,
    repository: Annotated[
        str, typer.Option(help="owner/name on GitHub: adds a button for Binder.")
    ] = "",
    branch: Annotated[str, typer.Option(help="Of the repository.")] = "main",
    cloud: CloudFolder = None,
    hub: Annotated[
        str, typer.Option(help="A JupyterHub with nbgitpuller: adds a button.")
    ] = "",
) -> None:
    """Make static pages of the built lessons, with pictures that live in the browser.

    They need no server: open index.html. Nothing is fetched from a network, neither now
    nor by a reader. Two builds of the same lessons are equal byte for byte.

    The teacher's guide stands at the end of the menu, with a booklet to print. What
    --class shows to a class has no guide.
    """
    guide = not (students or class_folder)
    elsewhere = (repository, branch, hub, CLOUD if cloud else "")
    made = _make(folder, elsewhere, single, guide)
    size = f"{made.n_bytes / 1e6:.1f} MB"
    live = f"{made.n_live} live pictures"
    typer.echo(f"{made.n_pages} pages, {live}, {size}: {folder}/index.html")
    if pack:
        from classroom.site.carry import write_zip

        write_zip(folder, pack)
        typer.echo(f"{pack}: {pack.stat().st_size / 1e6:.1f} MB")
    if cloud:
        _write_cloud(cloud, repository, branch)
    if class_folder:
        _serve_class(folder, class_folder, port)
    elif serve:
        _serve(folder, port)


def _make(
    folder: Path, elsewhere: tuple[str, str, str, str], single: bool, guide: bool
) -> "Made":
    """The site, or a message that names the packages that it lacks."""
    try:
        from classroom.site.buttons import Elsewhere
        from classroom.site.make import make_site
    except ModuleNotFoundError as error:
        needed = "sphinx, myst-nb and furo: pip install sphinx myst-nb furo"
        raise ValueError(f"the site needs {needed} ({error})") from error
    where, say = Elsewhere(*elsewhere), typer.echo
    return make_site(folder, where, single=single, guide=guide, say=say)


def _write_cloud(folder: Path, repository: str, branch: str) -> None:
    """The notebooks for Colab and Kaggle."""
    from classroom.cloud import write_notebooks

    names = write_notebooks(folder, repository, branch)
    typer.echo(f"{folder}: {len(names)} notebooks for the branch {CLOUD!r}")


def _serve(folder: Path, port: int) -> None:
    """Show the site at a local address until Ctrl-C."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:  # the port is taken: any other
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        typer.echo(f"open {address} (Ctrl-C stops it)")
        server.serve_forever()


def _serve_class(folder: Path, guesses: Path, port: int) -> None:
    """Show the site to a class until Ctrl-C, and keep what it guesses."""
    from classroom.site.class_page import ClassServer, address_here

    guesses.mkdir(parents=True, exist_ok=True)
    try:
        server = ClassServer(folder, guesses, ("", port))
    except OSError:  # the port is taken: any other
        server = ClassServer(folder, guesses, ("", 0))
    with server:
        at = f"http://{address_here()}:{server.server_address[1]}/"
        typer.echo(f"for the class, in the same network: {at}")
        typer.echo(f"for you, with all guesses: {at}?teacher={server.key}")
        typer.echo(f"the guesses lie in {guesses} (Ctrl-C stops; files stay)")
        server.serve_forever()


def guesses(
    folder: Annotated[Path, typer.Argument(help="Where the class's guesses lie.")],
    answers: Annotated[
        bool, typer.Option("--answers", help="The answers, too.")
    ] = False,
) -> None:
    """Show what a class guessed, a histogram for each question.

    The folder is filled by `course site --class FOLDER`, and by notebooks where the
    environment variable COURSE_GUESSES names it.
    """
    from classroom.questions import report

    lines = list(report(folder, answers=answers))
    for line in lines:
        typer.echo(line)
    if not lines:
        typer.echo(f"no guesses of a lesson's questions lie in {folder}")
