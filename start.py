#!/usr/bin/env python3
"""Set the course up, once, and then start it.

    python3 start.py           open the course in JupyterLab
    python3 start.py test      run the tests; words after it go to pytest
    python3 start.py setup     only set up
    python3 start.py run       run every lesson; so go all other words to `course`

In an active conda or virtual environment (not conda's base) all goes there, else in
.venv beside this file. COURSE_TORCH=cpu, cuda or keep overrides the build of torch;
COURSE_MODEL=none leaves out the real language model of part IV.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TORCH_INDEX = "https://download.pytorch.org/whl"
PIP = ["-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-compile"]
say = partial(print, "start.py:", flush=True)


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Refuse a Python that is too old, before anything is touched."""
    if version < (3, 11):
        found = f"This is Python {'.'.join(map(str, version))}"
        cure = "Install one (python.org, conda, uv) and use it: python3.11 start.py"
        raise SystemExit(f"{found}, the course needs 3.11 or newer. {cure}")


def environment() -> tuple[Path, Path]:
    """The folder of the environment to install in, and its Python."""
    home = Path(sys.prefix)
    conda = (home / "conda-meta").is_dir() and not (home / "condabin").is_dir()
    if conda or sys.prefix != sys.base_prefix:
        return home, Path(sys.executable)
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return ROOT / ".venv", ROOT / ".venv" / python


def stamp(home: Path, choice: str) -> str:
    """One hash of all that a set-up depends on: if it changes, we set up again."""
    made_by = home / "pyvenv.cfg"
    parts = [str(ROOT), choice, "" if made_by.exists() else sys.version]
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt", made_by]
    parts += [file.read_text("utf-8") for file in files if file.exists()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def run(*command: str | Path) -> tuple[int, str]:
    """Run with a sign of life now and then. Returns (exit code, all output)."""
    started, pipe, both = time.monotonic(), subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=both) as process:
        while True:
            try:
                output = process.communicate(timeout=20)[0]
                return process.returncode, output.decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                say(f"  ... {time.monotonic() - started:.0f} s")
            except BaseException:  # Ctrl-C: leave nothing running
                process.terminate()
                raise


def must(what: str, *command: str | Path) -> None:
    """Run a command that has to succeed, else stop with the reason it gives."""
    code, output = run(*command)
    if code and "ensurepip" in output:
        cure = "On Debian or Ubuntu: sudo apt install python3-venv"
        raise SystemExit(f"This Python cannot make virtual environments. {cure}")
    if code:
        lines = [line for line in output.splitlines() if line.strip()] or ["no reason"]
        why = ([x for x in lines if x.lower().startswith("error")] or lines)[-1].strip()
        cure = "Check the network and the free disk space, then start again."
        raise SystemExit(f"Could not {what}: {why} | {cure}")


def torch_choice() -> str:
    """The build of torch to install: "cpu", "cuda", or "keep" what is there."""
    choice = os.environ.get("COURSE_TORCH", "")
    if choice not in ("", "cpu", "cuda", "keep"):
        raise SystemExit(f"COURSE_TORCH={choice!r}: set it to cpu, cuda or keep")
    gpu = shutil.which("nvidia-smi") or os.path.exists("/proc/driver/nvidia/version")
    return choice or ("cuda" if gpu else "cpu")


def torch_index(home: Path, python: Path, torch: str, choice: str) -> list[str]:
    """The flags of pip for this build; asks by dry runs where the CPU build is."""
    if (sys.platform, choice) != ("linux", "cpu"):
        cuda = (sys.platform, choice) == ("win32", "cuda")
        return ["--index-url", f"{TORCH_INDEX}/cu130"] if cuda else []
    offers, report = [], home / "course-report.json"
    dry = ["--dry-run", "--no-deps", "--ignore-installed", "--retries", "1"]
    for index in ([], ["--extra-index-url", f"{TORCH_INDEX}/cpu"]):
        if run(python, *PIP, *dry, "--report", report, *index, torch)[0] == 0:
            offer = json.loads(report.read_text("utf-8"))["install"][0]
            offers.append(offer["metadata"]["version"])
            if "+cpu" in offers[-1]:
                return [*index, "--retries", "1"]
    if offers:
        only = "Only the CUDA build of torch (several GB) can be reached from here."
        raise SystemExit(f"{only} Open {TORCH_INDEX}/cpu or set COURSE_TORCH=cuda")
    cure = "Check the network and the proxy, or try another Python version."
    raise SystemExit(f"No {torch} for {sys.platform} can be reached. {cure}")


def install_torch(home: Path, python: Path, choice: str, pins: str) -> str:
    """Torch first and alone: no other package chooses it. Returns its version."""
    show = "import torch as t; print('torch', t.__version__, t.version.cuda or '')"
    found = re.search(r"(?m)^torch ((\d+)\.(\d+)\S*) ?(.*)", run(python, "-c", show)[1])
    if found and (int(found[2]), int(found[3])) >= (2, 6):
        build = "cuda" if found[4] else "cpu"
        if os.environ.get("COURSE_TORCH") not in {"cpu", "cuda"} - {build}:
            return str(found[1])
    if choice == "keep":
        raise SystemExit("COURSE_TORCH=keep, but no torch 2.6 or newer is there")
    torch = str(re.findall(r"(?m)^torch==\S+", pins)[0])
    index = torch_index(home, python, torch, choice)
    say(f"installing {torch} ({choice}) ...")
    must("install torch", python, *PIP, "--force-reinstall", torch, *index)
    return torch.partition("==")[2]


def install(home: Path, python: Path, choice: str) -> None:
    """Install torch, then the rest within the tested set of versions."""
    run(python, *PIP, "pip>=23.2")  # newer ones ask about wheels without fetching them
    pins = (ROOT / "constraints.txt").read_text("utf-8")
    torch = install_torch(home, python, choice, pins).partition("+")[0]
    conda = (home / "conda-meta").is_dir()  # its versions obey pyproject's ranges
    pins = re.sub(r"(?m)^torch==.*", f"torch=={torch}", "torch==" if conda else pins)
    limits = home / "course-constraints.txt"
    limits.write_text(pins, "utf-8")
    say("installing the other packages; this takes some minutes ...")
    must("install setuptools", python, *PIP, "setuptools>=77", "-c", limits)
    rest = ["-e", ".[test]", "-c", str(limits), "--no-build-isolation"]
    uv = shutil.which("uv")
    if uv:  # it does not read pip's settings
        links = run(python, "-m", "pip", "config", "get", "global.find-links")[1]
        links += " " + os.environ.get("PIP_FIND_LINKS", "")
        flags = [f"--find-links={x}" for x in links.split() if Path(x).exists()]
        if run(uv, "pip", "install", "-q", "--python", python, *flags, *rest)[0] == 0:
            return
        say("uv could not do it; pip tries ...")
    must("install the packages", python, *PIP, *rest)


def fetch_model(python: Path) -> None:
    """The model of part IV, once; without it all the rest of the course works."""
    if os.environ.get("COURSE_MODEL") == "none":
        return
    say("fetching a real language model for part IV (93 MB; COURSE_MODEL=none) ...")
    fetch = ["-m", "classroom.cli", "data", "fetch", "smollm2"]
    code, output = run(python, "-P", *fetch)
    if code:
        why = (output.strip() or "no reason").splitlines()[-1]
        say(f"  not now ({why}); later: python3 start.py data fetch smollm2")


def set_up() -> Path:
    """Install what is missing. The stamp comes last: a torn set-up is done again."""
    (home, python), choice = environment(), torch_choice()
    mark = home / "course-stamp"
    if python.exists() and mark.is_file() and mark.read_text() == stamp(home, choice):
        return python
    if python.exists() and not os.access(home, os.W_OK):  # a shared server's
        os.environ["PYTHONPATH"] = str(ROOT)  # its packages, but this folder's course
        needs = "import nbval, torch, classroom.cli"
        code, output = run(python, "-c", needs)
        if code:
            why = (output.strip() or "no reason").splitlines()[-1]
            cure = "Ask its owner to set the course up there, or use a Python of yours."
            raise SystemExit(f"{home} cannot be written, and lacks: {why} | {cure}")
        return python
    mark.unlink(missing_ok=True)
    probe = f"import pip, sys; assert sys.version_info[:2] == {sys.version_info[:2]}"
    if not python.exists() or run(python, "-c", probe)[0]:
        say(f"preparing {home} ...")
        own = ["ensurepip"] if home == Path(sys.prefix) else ["venv", "--clear", home]
        must(f"prepare {home}", sys.executable, "-m", *own)
    install(home, python, choice)
    mark.write_text(stamp(home, choice))
    fetch_model(python)
    say("ready")
    return python


def main(words: list[str]) -> int:
    """Set up if needed, then hand over to pytest or to `course`."""
    check_python()
    if words[:1] in (["-h"], ["--help"], ["help"]):
        return print(__doc__) or 0
    try:
        python = str(set_up())
    except KeyboardInterrupt:
        say("stopped; the next start goes on with the set-up")
        return 130
    except OSError as error:
        raise SystemExit(f"The set-up cannot go on: {error}") from None
    command = [python, "-P", "-m", "classroom.cli", *(words or ["lab"])]
    if words == ["setup"]:
        return 0
    if words[:1] == ["test"]:
        os.chdir(ROOT)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every kernel would compile
        some = any(Path(word.partition("::")[0]).exists() for word in words[1:])
        workers = "-n2" if "quick" in words else "-n3"  # quick ones wait for nothing
        command = [python, "-m", "pytest", *([] if some else [workers]), *words[1:]]
    if os.name == "posix":
        os.execv(python, command)  # from here on Ctrl-C is the command's business
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.Popen(command).wait()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
