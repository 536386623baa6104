#!/usr/bin/env python3
"""Set the course up, once, and then start it.

    python3 start.py                      open the course in JupyterLab
    python3 start.py test                 run the tests; words after it go to pytest
    python3 start.py setup                only set up
    python3 start.py bundle FOLDER        all that a set-up fetches, for a stick
    python3 start.py setup --from FOLDER  set up from it, without a network
    python3 start.py doctor --report      what works here, as a file for your teacher
    python3 start.py run                  run every lesson; so go all other words to
                                          `course`

In an active conda or virtual environment (not conda's base) all goes there, else in
.venv beside this file. COURSE_TORCH=cpu, cuda or keep overrides the build of torch;
COURSE_MODEL=none leaves out the real language model of part IV; COURSE_INSTALLER=pip
does without uv. The steps of a set-up are in classroom/installing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NEEDS = {"test": ["test"], "bench": ["test"]}
"""Words that need more packages than a student's lessons: extras of pyproject.toml."""


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Refuse a Python that is too old, before anything is touched."""
    if version < (3, 11):
        found = f"This is Python {'.'.join(map(str, version))}"
        cure = "Install one (python.org, conda, uv) and use it: python3.11 start.py"
        raise SystemExit(f"{found}, the course needs 3.11 or newer. {cure}")


def speak_utf8() -> None:
    """Read and write UTF-8 on every system; start anew where file names are not."""
    if sys.getfilesystemencoding() == "utf-8":
        os.environ.setdefault("PYTHONUTF8", "1")
    elif os.name == "posix":  # an old locale: no program would find our folder
        os.environ |= {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def prepare(words: list[str]) -> Path:
    """Set up what these words need; returns the Python to go on with."""
    from classroom.installing import report
    from classroom.installing.setting_up import set_up

    source = None
    if words[:2] == ["setup", "--from"] and len(words) == 3:
        source = Path(words[2]).resolve()
    elif words[:1] == ["setup"] and len(words) > 1:
        raise SystemExit("start.py setup [--from FOLDER]: a folder made by bundle")
    try:
        return set_up(NEEDS.get(words[0], []) if words else [], source)
    except SystemExit as error:
        if words[:1] == ["doctor"]:  # there is no `course` to ask
            raise SystemExit(report.after_a_failure(str(error), words)) from None
        raise


def hand_over(python: str, words: list[str]) -> int:
    """Become pytest or `course`."""
    command = [python, "-P", "-m", "classroom.cli", *(words or ["lab"])]
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


def main(words: list[str]) -> int:
    """Set up if needed, then hand over to pytest or to `course`."""
    check_python()
    if words[:1] in (["-h"], ["--help"], ["help"]):
        return print(__doc__) or 0
    speak_utf8()
    sys.path.insert(0, str(ROOT))
    from classroom.installing import bundle, programs

    programs.take_any_text()
    try:
        python = prepare(words)
        if words[:1] == ["bundle"]:
            bundle.make(words[1:])
    except KeyboardInterrupt:
        programs.say("stopped; the next start goes on with the set-up")
        return 130
    except OSError as error:
        raise SystemExit(f"The set-up cannot go on: {error}") from None
    if words[:1] in (["setup"], ["bundle"]):
        return 0
    return hand_over(str(python), words)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
