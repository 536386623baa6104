"""uv where it can be had, else pip; both look where pip is told to look.

uv is a wheel like others: it comes from the package index into the environment.
"""

import ast
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classroom.installing.places import Place
from classroom.installing.programs import must, run, say

QUIET = ("--disable-pip-version-check", "--no-input")
ONE_TRY = ("--retries", "1")


@dataclass(frozen=True)
class Installer:
    """A program that installs packages into one environment.

    Attributes:
        program: the beginning of its command line, up to "pip".
        is_uv: is it uv, whose options differ a little?
        flags: where it looks for packages, for every installation.
        env: variables that it needs.
    """

    program: tuple[str | Path, ...]
    is_uv: bool
    flags: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Install what the words say. Returns (exit code, all output)."""
        own = () if self.is_uv else (*QUIET, "--no-compile")
        command = (*self.program, "install", *own, *self.flags, *words)
        return run(*command, env=self.env)

    def offers(self, requirement: str, *index: str) -> bool:
        """Could it bring this one package? Nothing is fetched or installed."""
        words = ["--dry-run", "--no-deps", *index, requirement]
        again = () if self.is_uv else ("--ignore-installed", *ONE_TRY)
        return self.run(*again, *words)[0] == 0

    def remove(self, package: str) -> None:
        """Take a package away, if it is there."""
        sure = () if self.is_uv else ("-y",)
        run(*self.program, "uninstall", *sure, package, env=self.env)


def find_installer(place: Place, wheels: Path | None = None) -> Installer:
    """uv, on the path or in the environment, fetched if need be; else pip.

    Args:
        place: the environment to install in.
        wheels: a folder that holds all packages, in place of every index.
    """
    only = () if wheels is None else ("--no-index", "--find-links", str(wheels))
    if os.environ.get("COURSE_INSTALLER") != "pip":
        uv = _find_uv(place) or _fetch_uv(place, only)
        if uv:
            return uv_installer(uv, place, only)
    return pip_installer(place, only)


def uv_installer(uv: str, place: Place, only: Sequence[str] = ()) -> Installer:
    """An installer by uv, with the settings of pip or with `only` the given ones."""
    env = {
        "UV_HTTP_RETRIES": "2",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON": str(place.python),
    }
    if only:
        return Installer((uv, "pip"), True, ("--offline", *only), env)
    settings = pip_settings(run(*_any_pip(place), "config", "list")[1])
    flags, more = as_uv(settings)
    return Installer((uv, "pip"), True, tuple(flags), {**env, **more})


def pip_installer(place: Place, only: Sequence[str] = ()) -> Installer:
    """The environment's own pip; newer ones ask about wheels without fetching them."""
    own: tuple[str | Path, ...] = (place.python, "-m", "pip")
    if run(*own, "--version")[0]:
        must("prepare pip", place.python, "-m", "ensurepip")
    run(*own, *("install", *QUIET, *ONE_TRY, *only, "pip>=23.2"))
    return Installer(own, False, tuple(only))


def _find_uv(place: Place) -> str:
    found = shutil.which("uv")
    if found:
        return found
    bin_ = place.python.parent
    for path in (bin_ / "uv", bin_ / "uv.exe", bin_ / "Scripts" / "uv.exe"):
        if path.exists() and run(path, "--version")[0] == 0:
            return str(path)
    return ""


def _fetch_uv(place: Place, only: Sequence[str]) -> str:
    say("fetching uv, which installs packages quickly ...")
    words = ("install", *QUIET, *ONE_TRY, "--no-compile", *only, "uv")
    if run(*_any_pip(place), *words)[0]:
        say("  it cannot be had; pip does it, more slowly")
        return ""
    return _find_uv(place)


def _any_pip(place: Place) -> tuple[str | Path, ...]:
    """The pip of the environment, or this Python's, working for the environment."""
    own: tuple[str | Path, ...] = (place.python, "-m", "pip")
    base = (sys.executable, "-m", "pip", "--python", place.python)
    for pip in (own, base):
        if run(*pip, "--version")[0] == 0:
            return pip
    must("prepare pip", place.python, "-m", "ensurepip")
    return own


def pip_settings(listing: str) -> dict[str, list[str]]:
    r"""What `pip config list` prints, as option -> words; variables win over files.

    >>> pip_settings("global.index-url='a'\n:env:.index-url='b'\nglobal.cert='c'")
    {'index-url': ['b'], 'cert': ['c']}
    """
    found: dict[str, dict[str, list[str]]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in found and value[:1] in ("'", '"'):
            found[section][option] = str(ast.literal_eval(value)).split()
    return found["global"] | found["install"] | found[":env:"]


def as_uv(settings: Mapping[str, Sequence[str]]) -> tuple[list[str], dict[str, str]]:
    """The same settings for uv: its options, and variables that it reads.

    >>> as_uv({"index-url": ["a"], "proxy": ["b"]})[0][:2]
    ['--default-index', 'a']
    """
    flags: list[str] = []
    for theirs, ours in (
        ("index-url", "--default-index"),
        ("extra-index-url", "--index"),
        ("find-links", "--find-links"),
        ("trusted-host", "--allow-insecure-host"),
    ):
        for value in settings.get(theirs, ()):
            if theirs != "find-links" or "://" in value or Path(value).exists():
                flags += [ours, value]
    flags += ["--index-strategy", "unsafe-best-match"]  # as pip does
    env = {}
    if settings.get("cert"):
        env["SSL_CERT_FILE"] = settings["cert"][0]
    if settings.get("proxy"):
        env["HTTPS_PROXY"] = env["HTTP_PROXY"] = settings["proxy"][0]
    if settings.get("default-timeout") or settings.get("timeout"):
        seconds = (settings.get("timeout") or settings["default-timeout"])[0]
        env["UV_HTTP_TIMEOUT"] = seconds
    return flags, env
