"""All of the set-up, in order; what is there already is not done again."""

import os
from collections.abc import Sequence
from pathlib import Path

from classroom.installing import bundle
from classroom.installing.installer import find_installer
from classroom.installing.model import Model
from classroom.installing.packages import install, torch_choice
from classroom.installing.places import (
    Place,
    environment,
    prepare,
    stamp,
    stamped_extras,
)
from classroom.installing.programs import ROOT, log, reason, run, say

STUDENT = ("model", "site")
"""The extras of pyproject.toml that everybody gets."""


def set_up(more: Sequence[str] = (), source: Path | None = None) -> Path:
    """Install what is missing; returns the Python to go on with.

    The stamp comes last: a set-up that was cut is gone through again, and finds what it
    had brought.

    Args:
        more: extras besides those that everybody gets.
        source: a folder made by `bundle`, in place of the network.

    Raises:
        SystemExit: it cannot be done; the text says why and what to do.
    """
    place, choice = environment(), torch_choice()
    here = stamped_extras(place, choice) if place.python.exists() else set()
    wanted = {*STUDENT, *more}
    if wanted <= here and source is None and not place.model_mark.exists():
        return place.python
    if place.python.exists() and not os.access(place.home, os.W_OK):
        return _of_a_server(place)
    log("set-up", fresh=True)
    wheels = bundle.checked(source) if source else None
    if not wanted <= here:
        place.mark.unlink(missing_ok=True)
        prepare(place)
    model = Model(source / bundle.DATA if source else None)
    model.begin()
    try:
        if not wanted <= here:
            extras = sorted(wanted | here - {"packages"})
            installer = find_installer(place, wheels)
            install(place, installer, choice, extras, bundled=source is not None)
            place.model_mark.touch()
            made = [stamp(place.home, choice), *extras]
            place.mark.write_text(" ".join(made), "utf-8")
        model.finish(place)
        place.model_mark.unlink(missing_ok=True)
    except BaseException:
        model.stop()
        raise
    say("ready")
    return place.python


def _of_a_server(place: Place) -> Path:
    """A shared server's environment: its packages, but this folder's course."""
    os.environ["PYTHONPATH"] = str(ROOT)
    code, output = run(place.python, "-c", "import nbval, torch, classroom.cli")
    if code:
        cure = "Ask its owner to set the course up there, or use a Python of yours."
        lacks = f"{place.home} cannot be written, and lacks"
        raise SystemExit(f"{lacks}: {reason(output)} | {cure}")
    return place.python
