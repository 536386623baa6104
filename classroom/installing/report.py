"""This computer in plain text, for whoever helps; no names of people, no secrets."""

import getpass
import locale
import os
import platform
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from classroom.installing.places import environment
from classroom.installing.programs import LOG, ROOT

FILE = "doctor-report.txt"
ENDS = 60
"""Lines of the last set-up that are shown."""
VARIABLES = (
    *("COURSE_TORCH", "COURSE_MODEL", "COURSE_INSTALLER", "OMP_NUM_THREADS"),
    *("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL"),
    *("NO_COLOR", "COLUMNS", "TERM", "CONDA_DEFAULT_ENV", "VIRTUAL_ENV"),
)
"""Those that change how the course runs; no others are looked at."""


def machine() -> Iterator[str]:
    """What kind of computer this is, one fact a line."""
    yield f"system: {platform.platform()}, {platform.machine()}"
    yield f"python: {sys.version.split()[0]}, {sysconfig.get_platform()}"
    yield f"executable: {sys.executable}"
    yield f"course: {ROOT} (letters beyond ASCII: {not str(ROOT).isascii()})"
    yield f"environment: {environment().home}"
    yield f"cores: {os.cpu_count()}"
    yield f"disk: {shutil.disk_usage(ROOT).free / 1e9:.1f} GB free"
    codings = (sys.stdout.encoding, locale.getpreferredencoding(False))
    yield f"encodings: console {codings[0]}, files {codings[1]}"
    yield f"file names: {sys.getfilesystemencoding()}"
    yield f"columns: {shutil.get_terminal_size().columns}"
    for name in VARIABLES:
        if name in os.environ:
            yield f"{name}={os.environ[name]}"


def log_end() -> list[str]:
    """The last lines of the last set-up."""
    try:
        lines = LOG.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ["(no set-up was written down here)"]
    return lines[-ENDS:]


def anonymous(text: str) -> str:
    """The text without this person's folder and name, and without passwords.

    >>> anonymous(f"{Path.home() / 'course'} at https://me:secret@host/x?token=1")
    '~/course at https://***@host/x?***'
    """
    for home in {str(Path.home()), Path.home().as_posix()} - {"/", ""}:
        text = re.sub(re.escape(home) + r"(?![\w-])", "~", text, flags=re.I)
    text = re.sub(r"(?<=://)[^/\s@]+@", "***@", text)
    text = re.sub(r"(?<=\w)\?[\w%.-]+=\S*", "?***", text)
    for name, instead in ((_user(), "USER"), (platform.node(), "COMPUTER")):
        if len(name) > 1:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text, flags=re.I)
    return text.replace("~\\", "~/")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def write(sections: Sequence[tuple[str, Sequence[str]]]) -> Path:
    """Write headed lists of lines to FILE; returns its path.

    It goes to the current folder, else to the person's own, else to the temporary one.

    Raises:
        OSError: none of them can be written.
    """
    parts = [
        f"{head}\n{'-' * len(head)}\n" + "\n".join(rows) for head, rows in sections
    ]
    text = (anonymous("\n\n".join(parts)) + "\n").encode("utf-8", "backslashreplace")
    *folders, last = (Path.cwd(), Path.home(), Path(tempfile.gettempdir()))
    for folder in folders:
        try:
            (folder / FILE).write_bytes(text)
            return folder / FILE
        except OSError:
            continue
    (last / FILE).write_bytes(text)
    return last / FILE


def after_a_failure(why: str, words: Sequence[str]) -> str:
    """What to say when there is no `course` to ask; writes the file if asked to."""
    if "--report" not in words:
        return f"{why} | for a report: python3 start.py doctor --report"
    path = write(
        [
            ("The set-up failed", [why]),
            ("This computer", list(machine())),
            ("The end of the set-up", log_end()),
        ]
    )
    return f"{why} | written down in {path}"
