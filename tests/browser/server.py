"""One JupyterLab server on a folder, with a throw-away home, on a free local port."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGED = ROOT / "classroom" / "from-logits-to-gpt.json"
START_SECONDS = 120
STOP_SECONDS = 20

# Nothing may pop up over a lesson, save behind our back, or be left undrawn because
# it is scrolled out of sight.
SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a running JupyterLab listens, and the folder that it shows."""

    url: str
    token: str
    folder: Path


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_settings(folder: Path) -> None:
    """Write SETTINGS as the user settings that JupyterLab reads from `folder`."""
    for name, values in SETTINGS.items():
        file = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")


def throw_away_environment(home: Path) -> dict[str, str]:
    """Return an environment whose Jupyter, IPython and matplotlib live in `home`.

    Kernels import `course_lib` from this checkout, whatever else is installed.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    own = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
    }
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **kept,
        **{name: str(path) for name, path in own.items()},
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "OMP_NUM_THREADS": "1",  # tiny models on a busy machine: one thread is fastest
    }


def call(server: Server, path: str, method: str = "GET") -> None:
    """Send one request to the server; raises OSError where it does not answer."""
    request = urllib.request.Request(
        f"{server.url}/{path}",
        method=method,
        headers={"Authorization": f"token {server.token}"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the server answers; raise RuntimeError with its log if not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return call(server, "api/status")
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.1)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    raise RuntimeError("JupyterLab did not start:\n" + "\n".join(lines[-30:]))


def stop(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end with all its kernels; end it by force if it does not."""
    with contextlib.suppress(OSError):
        call(server, "api/shutdown", method="POST")
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Serve `folder` in JupyterLab for the length of the `with` block."""
    home = Path(tempfile.mkdtemp(prefix="course-lab-"))
    port = free_port()
    server = Server(
        url=f"http://127.0.0.1:{port}", token=secrets.token_hex(16), folder=folder
    )
    write_settings(home / "settings")
    # What the installation puts below share/jupyter, see pyproject.toml
    (home / "app" / "overrides.d").mkdir(parents=True)
    shutil.copy(PACKAGED, home / "app" / "overrides.d")
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        f"--IdentityProvider.token={server.token}",
        *(f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"),
        f"--LabApp.app_settings_dir={home / 'app'}",
    ]
    log = home / "server.log"
    environment = throw_away_environment(home)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=out, stderr=out
        )
    try:
        wait_until_up(server, process, log)
        yield server
    finally:
        stop(server, process)
        shutil.rmtree(home, ignore_errors=True)
