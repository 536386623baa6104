"""A JupyterHub for a few students on this machine, and a browser that enters it.

    with start_hub(folder, course) as hub, chromium(...) as context:
        enter(context.pages[0], hub, "ada", hub.pull_link(repository, "hw02"))

It needs a Python with JupyterHub, nbgitpuller and the course's packages ($COURSE_HUB,
or this one), and the program configurable-http-proxy on PATH.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .lab import LOAD_MS
from .server import ROOT, START_SECONDS, STOP_SECONDS, free_port, write_settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

CONFIG = ROOT / "docs" / "jupyterhub_config.py"
PROXY = "configurable-http-proxy"
NEEDED = ("jupyterhub", "nbgitpuller", "jupyterlab", "ipywidgets", "torch", "nbval")
PASSWORD = "a class of three"  # of this machine, for a minute
OURS = """
load_subconfig({config!r})
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.pid_file = {folder!r} + "/proxy.pid"
c.JupyterHub.db_url = "sqlite:///" + {folder!r} + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = {folder!r} + "/cookie_secret"
c.JupyterHub.authenticator_class = "shared-password"
c.Authenticator.allow_all = True
c.SharedPasswordAuthenticator.user_password = {password!r}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    *c.Spawner.args, "--allow-root", "--LabApp.expose_app_in_browser=True",
    "--ServerApp.jpserver_extensions=nbgitpuller=True",
]
c.Spawner.environment.update({environment!r})
"""


def python() -> str:
    """Return the Python of the hub: $COURSE_HUB, or the one that runs this test."""
    return os.environ.get("COURSE_HUB", sys.executable)


@cache
def why_no_hub() -> str | None:
    """Say in one line what a hub lacks on this machine, or None."""
    find = f"[name for name in {NEEDED} if not find_spec(name)]"
    code = f"from importlib.util import find_spec; print(*{find})"
    done = subprocess.run([python(), "-c", code], capture_output=True, text=True)
    missing = done.stdout.split() if done.returncode == 0 else [python()]
    if missing:
        where = "into an environment named by COURSE_HUB, or this one"
        return f"no {', '.join(missing)}; pip install jupyterhub nbgitpuller {where}"
    if shutil.which(PROXY) is None:
        return f"no {PROXY} on PATH; npm install -g {PROXY}"
    return None


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Where a running hub listens, and the folder with its students' homes."""

    url: str
    homes: Path

    def pull_link(self, repository: Path, path: str) -> str:
        """Return the link that brings the course and opens a file of it."""
        asked = {
            "repo": repository.as_uri(),
            "branch": "main",
            "targetpath": "course",
            "urlpath": f"lab/tree/course/{path}",
        }
        return f"{self.url}/hub/user-redirect/git-pull?{urlencode(asked)}"


@contextlib.contextmanager
def start_hub(folder: Path, course: Path, more: str = "") -> Iterator[Hub]:
    """Run a hub on a free port for the length of the `with` block.

    Args:
        folder: what it writes, and the homes.
        course: the folder with the packages of the course that students import.
        more: lines of its configuration.
    """
    hub = Hub(url=f"http://127.0.0.1:{free_port()}", homes=folder / "homes")
    hub.homes.mkdir(parents=True)
    (folder / "config.py").write_text(_config(hub, folder, course) + more, "utf-8")
    command = [python(), "-m", "jupyterhub", "-f", str(folder / "config.py")]
    log = folder / "hub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        _wait_until_up(hub, process, log)
        yield hub
    finally:
        process.terminate()  # it stops the proxy and all servers
        try:
            process.wait(3 * STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _config(hub: Hub, folder: Path, course: Path) -> str:
    """The configuration of the course, and what a test on one machine adds to it."""
    settings = folder / "settings"
    write_settings(settings)
    environment = {"PYTHONPATH": str(course), "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    return OURS.format(
        config=str(CONFIG),
        url=hub.url,
        hub_port=free_port(),
        proxy_port=free_port(),
        proxy=shutil.which(PROXY),
        folder=str(folder),
        homes=str(hub.homes),
        python=python(),
        password=PASSWORD,
        environment=environment,
    )


def _wait_until_up(hub: Hub, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{hub.url}/hub/health", timeout=10):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.2)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    raise RuntimeError("JupyterHub did not start:\n" + "\n".join(lines[-30:]))


def enter(page: Page, hub: Hub, student: str, link: str) -> None:
    """Log out, follow a link, log in as a student where asked, wait for the lab."""
    page.goto(f"{hub.url}/hub/logout")
    page.goto(link)
    page.locator("#username_input").fill(student)
    page.locator("#password_input").fill(PASSWORD)
    page.locator("#login_submit").click()
    page.wait_for_url("**/lab/tree/**", timeout=2 * LOAD_MS)
    page.wait_for_function("() => window.jupyterapp", timeout=LOAD_MS)
    page.evaluate("async () => { await window.jupyterapp.restored; }")
