"""Everything that a set-up fetches, in a folder: for rooms without a network.

python3 start.py bundle FOLDER                     for computers like this one
python3 start.py bundle FOLDER --platform win_amd64 --python 3.12
python3 start.py setup --from FOLDER               there, without any network
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from classroom.installing.installer import Installer, find_installer
from classroom.installing.model import COMMAND
from classroom.installing.packages import TORCH_INDEX, tested_torch
from classroom.installing.places import Place, environment, platform_tag
from classroom.installing.programs import ROOT, fail, must, reason, run, say
from course_lib.engine.writing import put_in_place

LIST, WHEELS, DATA = "bundle.json", "wheels", "data"
EXTRAS = ("model", "site")
MANYLINUX = ("2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
MACOS = ("15_0", "14_0", "13_0", "12_0", "11_0", "10_13", "10_9")


class Target(NamedTuple):
    """The computers that a bundle is for."""

    platform: str
    python: str


MACOS_14 = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
"""The oldest macOS that wheels of torch run on."""
UV_NAMES = {
    "win_amd64": "x86_64-pc-windows-msvc",
    "macosx_arm64": "aarch64-apple-darwin",
    "linux_x86_64": "x86_64-manylinux_2_28",
    "linux_aarch64": "aarch64-manylinux_2_28",
}
"""The platforms that torch is built for, and what uv calls them."""
READ_ME = """\
All that the set-up of the course fetches, for {platform} with Python {python}.
Copy this folder to the computer or keep it on the stick; then, in the folder of
the course, without any network:

    python3 start.py setup --from THIS_FOLDER      (Windows: python start.py ...)
"""


def here() -> Target:
    """This computer."""
    return Target(platform_tag(), "{}.{}".format(*sys.version_info))


def wheel_platforms(platform: str) -> list[str]:
    """The names that wheels for a platform may carry, as pip asks for them.

    >>> wheel_platforms("win_amd64")
    ['win_amd64']
    """
    system, _, machine = platform.partition("_")
    if system == "linux":
        old = ["manylinux2014", "manylinux2010", "manylinux1"]
        many = [f"manylinux_{glibc}" for glibc in MANYLINUX] + old
        return [f"{name}_{machine}" for name in many] + [platform]
    if system == "macosx":
        return [
            f"macosx_{version}_{kind}"
            for version in MACOS
            for kind in (machine, "universal2")
        ]
    return [platform]


def make(words: Sequence[str]) -> None:
    """Make a bundle; words are those after `start.py bundle`.

    One that was cut goes on when the command is given again.

    Raises:
        SystemExit: it cannot be made; the text says why.
    """
    parser = argparse.ArgumentParser(prog="start.py bundle", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", default=here().platform, choices=sorted(UV_NAMES))
    parser.add_argument("--python", default=here().python, metavar="3.12")
    asked = parser.parse_args(words)
    folder, target = asked.folder.resolve(), Target(asked.platform, asked.python)
    place = environment()
    installer = find_installer(place)
    if not installer.is_uv:
        raise SystemExit("A bundle needs uv, which cannot be had here: pip install uv")
    (folder / WHEELS).mkdir(parents=True, exist_ok=True)
    (folder / LIST).unlink(missing_ok=True)
    say(f"choosing packages for {target.platform}, Python {target.python} ...")
    with tempfile.TemporaryDirectory() as work:
        chosen, index = _choose(place, installer, target, Path(work))
        say(f"fetching them into {folder / WHEELS} ...")
        _fetch(place, chosen, folder / WHEELS, target, index)
    _copy_data(place, folder / DATA)
    _write_list(folder, target)


def _write_list(folder: Path, target: Target) -> None:
    """Last, what is in it: a bundle without this list is not whole."""
    say("writing down what is in it ...")
    (folder / "README.txt").write_text(READ_ME.format(**target._asdict()), "utf-8")
    listed = {f.relative_to(folder).as_posix(): _facts(f) for f in _files(folder)}
    part = folder / f"{LIST}.part"
    facts = json.dumps({**target._asdict(), "files": listed}, indent=1)
    part.write_text(f"{facts}\n", "utf-8")
    put_in_place(part, folder / LIST)
    size = sum(int(n) for n, _ in listed.values()) / 1e6
    say(f"{folder}: {len(listed)} files, {size:.0f} MB")


def _choose(
    place: Place, installer: Installer, target: Target, work: Path
) -> tuple[Path, Sequence[str]]:
    """A file with exact versions and hashes, and where else than usual they are."""
    chosen, output = work / "chosen.txt", ""
    words = ["--generate-hashes", "--no-header", "-q", *installer.flags]
    words += ["-c", str(ROOT / "constraints.txt"), "-o", str(chosen)]
    words += ["--python-platform", UV_NAMES[target.platform]]
    words += ["--python-version", target.python, "--only-binary", ":all:"]
    words += [f"--extra={extra}" for extra in EXTRAS]
    for torch, *index in _builds_of_torch(target.platform):
        wanted = work / "wanted.in"
        wanted.write_text(f"{torch}\npip\nuv\nsetuptools>=77\n", "utf-8")
        files = (str(wanted), str(ROOT / "pyproject.toml"))
        command = (*installer.program, "compile", *words, *index, *files)
        code, output = run(*command, env=installer.env | MACOS_14)
        if code == 0:
            return chosen, index
    return fail(f"choose packages for {' with Python '.join(target)}", output)


def _builds_of_torch(platform: str) -> list[list[str]]:
    """The CPU build: on Linux at the usual places, then at PyTorch's own."""
    torch = tested_torch()
    if not platform.startswith("linux"):
        return [[torch]]
    own = ["--extra-index-url", f"{TORCH_INDEX}/cpu"]
    return [[f"{torch}+cpu"], [f"{torch}+cpu", *own]]


def _fetch(
    place: Place, chosen: Path, wheels: Path, target: Target, index: Sequence[str]
) -> None:
    """Every wheel, and none that an earlier bundle has left in another version."""
    words = ["--no-deps", "--only-binary=:all:", *index]
    words += ["-r", str(chosen), "-d", str(wheels)]
    for name in wheel_platforms(target.platform):
        words += ["--platform", name]
    abi = f"cp{target.python.replace('.', '')}"
    words += ["--python-version", target.python, "--implementation", "cp"]
    words += ["--abi", abi, "--abi", "abi3", "--abi", "none"]
    pip = (place.python, "-m", "pip", "--disable-pip-version-check", "download")
    must("fetch the packages", *pip, *words)
    hashes = set(re.findall(r"sha256:(\w{64})", chosen.read_text("utf-8")))
    for wheel in wheels.glob("*.whl"):
        if _facts(wheel)[1] not in hashes:
            wheel.unlink()


def _copy_data(place: Place, target: Path) -> None:
    """The packed model, and what else was fetched of the smaller files."""
    from course_lib.engine.downloads import CORPORA, FETCHED, LARGE_BYTES, verify

    states = verify()
    if states["smollm2"] != "ok":
        say("fetching the real language model ...")
        code, output = run(place.python, "-P", *COMMAND)
        if code:
            say(f"  the bundle goes without it ({reason(output)})")
        states = verify()
    target.mkdir(exist_ok=True)
    for name, corpus in CORPORA.items():
        source, copy = FETCHED / corpus.file_name, target / corpus.file_name
        if states[name] != "ok" or corpus.n_bytes > LARGE_BYTES:
            continue
        if not copy.exists() or _facts(copy) != _facts(source):
            shutil.copyfile(source, copy)


def _files(folder: Path) -> list[Path]:
    inside = [*(folder / WHEELS).glob("*.whl"), *(folder / DATA).iterdir()]
    return sorted(path for path in inside if path.is_file())


def _facts(path: Path) -> list[int | str]:
    with path.open("rb") as file:
        return [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]


def checked(folder: Path) -> Path:
    """The folder of wheels in a bundle that is whole and fits this computer.

    Raises:
        SystemExit: it is no bundle, or for others, or a file is missing or damaged.
    """
    again = "make or copy it once more: start.py bundle FOLDER"
    try:
        facts = json.loads((folder / LIST).read_text("utf-8"))
        target = Target(facts["platform"], facts["python"])
        listed = dict(facts["files"])
    except FileNotFoundError:
        raise SystemExit(f"{folder} holds no whole bundle ({LIST}); {again}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{folder / LIST} is damaged ({error}); {again}") from None
    if target != here():
        kind = "{0.platform} with Python {0.python}".format
        more = f"--platform {here().platform} --python {here().python}"
        fit = f"this is {kind(here())}: start.py bundle FOLDER {more}"
        raise SystemExit(f"The bundle in {folder} is for {kind(target)}, {fit}")
    say(f"checking {len(listed)} files of the bundle ...")
    for name, known in listed.items():
        path = folder / name
        if not path.is_file():
            raise SystemExit(f"The bundle lacks {path}; {again}")
        if path.stat().st_size != known[0]:
            size = f"{path.stat().st_size:,} of {known[0]:,} bytes"
            raise SystemExit(f"{path} is cut short ({size}); {again}")
        if _facts(path) != known:
            raise SystemExit(f"{path} is damaged (its sha256 is another one); {again}")
    return folder / WHEELS
