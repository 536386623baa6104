"""Running other programs: a sign of life, and a log for whoever has to help."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[2]
SIGN_S = 8.0
"""Seconds of silence after which the last words of a program are shown."""
LOG = ROOT / "build" / "setup.log"
"""What the programs of the last set-up said; `doctor --report` shows its end."""


def say(text: str) -> None:
    """One line for the person who waits."""
    print(f"start.py: {text}", flush=True)
    log(f"== {text}")


def log(text: str, fresh: bool = False) -> None:
    """Keep a text for the report; where nothing can be written, it is not kept."""
    try:
        LOG.parent.mkdir(exist_ok=True)
        with LOG.open(
            "w" if fresh else "a", encoding="utf-8", errors="replace"
        ) as file:
            file.write(f"{text}\n")
    except OSError:
        pass


def take_any_text() -> None:
    r"""Let the console show letters that its code page lacks as \u1234."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def run(*command: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run with a sign of life now and then. Returns (exit code, all output).

    A program that cannot be started has the exit code 126, as in a shell.
    """
    try:
        return _run([str(word) for word in command], env or {})
    except (FileNotFoundError, PermissionError) as error:
        return 126, str(error)


def _run(command: Sequence[str], env: dict[str, str]) -> tuple[int, str]:
    said: list[str] = []
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=_listen, args=(process.stdout, said))
        reader.start()
        try:
            while reader.is_alive():
                reader.join(SIGN_S)
                if reader.is_alive():
                    _show_life(time.monotonic() - started, said)
        except BaseException:  # Ctrl-C: leave nothing running
            process.terminate()
            raise
    output = "\n".join(said)
    if output.strip():
        log(output)
    return process.returncode, output


def _listen(pipe: IO[bytes], said: list[str]) -> None:
    for line in pipe:
        said.append(line.decode("utf-8", "replace").rstrip())


def _show_life(seconds: float, said: Sequence[str]) -> None:
    news = (line.strip() for line in reversed(said) if not line.startswith("WARNING"))
    last = next((line for line in news if line), "")
    width = max(40, shutil.get_terminal_size().columns) - 1
    text = f"start.py:   ... {seconds:.0f} s  {last}"[:width].rstrip()
    print(text, flush=True)


def must(what: str, *command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command that has to succeed, else stop with the reason it gives."""
    code, output = run(*command, env=env)
    if code:
        fail(what, output)


def fail(what: str, output: str) -> NoReturn:
    """Stop with the reason that a program gave.

    Raises:
        SystemExit: always; its text says what to do.
    """
    if "ensurepip" in output:
        cure = "On Debian or Ubuntu: sudo apt install python3-venv"
        raise SystemExit(f"This Python cannot make virtual environments. {cure}")
    cure = "Check the network and the free disk space, then start again."
    raise SystemExit(f"Could not {what}: {reason(output)} | {cure}")


def reason(output: str) -> str:
    r"""The line of a program's output that says why it failed.

    >>> reason("WARNING: slow\nERROR: No space left on device\nhint: make room")
    'ERROR: No space left on device'
    """
    lines = [line for line in output.splitlines() if line.strip()] or ["no reason"]
    errors = [line for line in lines if line.strip().lower().startswith("error")]
    why = (errors or lines)[-1].strip()
    causes = [line.strip() for line in lines if line.strip().startswith("cause:")]
    return f"{why} ({causes[-1].removeprefix('cause: ')})" if causes else why
