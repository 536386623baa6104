"""JupyterLab on the course: the right folder, the right lesson, no pop-ups."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from classroom.lessons import NOTEBOOKS, find_lessons, settings_folder, short
from classroom.own_folder import notebooks_to_open
from course_lib.engine.writing import write_atomically

PACKAGED = Path(__file__).with_name("from-logits-to-gpt.json")
"""Settings for every JupyterLab of the environment, put there by the installation.

Widgets are saved with a notebook, so that it shows them when it is opened again.
"""
SETTINGS = {
    **json.loads(PACKAGED.read_text(encoding="utf-8")),
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    # Cells that leave the screen stay in the page, so their pictures stay live.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def lab_command(
    number: str,
    *,
    port: int,
    browser: bool,
    extra: Sequence[str] = (),
    notebooks: Path = NOTEBOOKS,
) -> list[str]:
    """The command line that serves the course.

    Args:
        number: the lesson to open.
        port: the first one to try.
        browser: open a window?
        extra: options for JupyterLab itself; they win over ours.
        notebooks: the folder that it shows.

    Raises:
        ValueError: no such lesson, or it is not built.
    """
    lesson = find_lessons([number])[0]
    if not lesson.notebook.exists():
        where = short(lesson.notebook)
        raise ValueError(f"{where} is missing; run: course build {number}")
    settings = settings_folder("jupyterlab")
    content = json.dumps(SETTINGS, indent=1).encode()
    write_atomically(settings / "overrides.json", content)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={notebooks}",
        f"--LabApp.default_url=/lab/tree/{lesson.notebook.name}",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",  # it would ask PyPI
        f"--port={port}",
        "--log-level=WARN",  # the address to open is printed all the same
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # a container, or Colab
        command.append("--allow-root")
    return [*command, *extra]


def serve(number: str, *, port: int, browser: bool, extra: Sequence[str]) -> None:
    """Become JupyterLab; see `lab_command`."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError("JupyterLab is not installed; see: course doctor")
    shown = notebooks_to_open(Path.cwd())
    command = lab_command(
        number, port=port, browser=browser, extra=extra, notebooks=shown
    )
    where = "" if shown == NOTEBOOKS else f" in {shown}"
    sys.stdout.write(
        f"JupyterLab opens at lesson {number}{where}; Ctrl-C twice stops it\n"
    )
    sys.stdout.flush()
    # A kernel named python3 that another environment registered must not win.
    # One thread: small models run no faster with more, and on a busy or shared machine
    # many times slower. Whoever sets the variable decides.
    # UTF-8: what a cell reads and writes is the same on Windows.
    usual = {"OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    environment = {**usual, **os.environ, "JUPYTER_PREFER_ENV_PATH": "1"}
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)
    os.execve(command[0], command, environment)
