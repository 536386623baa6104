"""`course site`: the course as pages for a web server, a stick or a phone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from classroom.site.make import Made

DEFAULT = Path("build/site")


def register(app: typer.Typer) -> None:
    """Add this module's command to the `course` command."""
    app.command(epilog="Example: course site /media/stick/course")(site)


def site(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where the site is put.")
    ] = DEFAULT,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show it on this computer afterwards.")
    ] = False,
    single: Annotated[
        bool, typer.Option("--single", help="Each lesson as one file, too.")
    ] = False,
    pack: Annotated[
        Path | None, typer.Option("--zip", help="Pack the site into this file, too.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to try.")] = 8000,
    repository: Annotated[
        str, typer.Option(help="owner/name on GitHub: adds Colab and Binder.")
    ] = "",
    branch: Annotated[str, typer.Option(help="Of the repository.")] = "main",
    hub: Annotated[
        str, typer.Option(help="A JupyterHub with nbgitpuller: adds a button.")
    ] = "",
) -> None:
    """Make static pages of the built lessons, with pictures that live in the browser.

    They need no server: open index.html. Nothing is fetched from a network, neither now
    nor by a reader. Two builds of the same lessons are equal byte for byte.
    """
    made = _make(folder, (repository, branch, hub), single)
    size = f"{made.n_bytes / 1e6:.1f} MB"
    live = f"{made.n_live} live pictures"
    typer.echo(f"{made.n_pages} pages, {live}, {size}: {folder}/index.html")
    if pack:
        from classroom.site.carry import write_zip

        write_zip(folder, pack)
        typer.echo(f"{pack}: {pack.stat().st_size / 1e6:.1f} MB")
    if serve:
        _serve(folder, port)


def _make(folder: Path, elsewhere: tuple[str, str, str], single: bool) -> "Made":
    """The site, or a message that names the packages that it lacks."""
    try:
        from classroom.site.buttons import Elsewhere
        from classroom.site.make import make_site
    except ModuleNotFoundError as error:
        needed = "sphinx, myst-nb and furo: pip install sphinx myst-nb furo"
        raise ValueError(f"the site needs {needed} ({error})") from error
    return make_site(folder, Elsewhere(*elsewhere), single=single, say=typer.echo)


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
