"""Memory of students on a JupyterHub, with what they share counted once.

Repeat it with `course bench hub` where tests/browser/hub.py finds a hub. Each student
has a server, a kernel that has run the first cells of homework 2, and its judging
process. PSS gives every process its part of the pages that it shares with others,
so no other program may use the torch of that Python meanwhile.
"""

import json
import os
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient

from classroom.lessons import ROOT
from tests.browser.hub import Hub, start_hub, why_no_hub

COUNTS = (1, 2, 4, 8)
WAIT_S = 300
TOKEN = "only-on-this-machine-for-a-minute"
"""What the hub calls the bench by."""
WORK = """
from classroom.homework.badges import watch
watch("hw02")
import torch
torch.randn(6)
# CHECK softmax 1 point: one row of scores
torch.randn(6).softmax(0)
"""
SERVICE = f"""
c.JupyterHub.services = [{{"name": "bench", "api_token": {TOKEN!r}}}]
c.JupyterHub.load_roles = [{{
    "name": "bench", "services": ["bench"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}}]
"""


def ask(url: str, method: str = "GET") -> Any:
    """The answer of the hub, or of a student's server."""
    headers = {"Authorization": f"token {TOKEN}"}
    request = urllib.request.Request(url, method=method, headers=headers, data=b"{}")
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def begin(hub: Hub, student: str) -> None:
    """Start a student's server and a kernel in it, and work as in a homework."""
    ask(f"{hub.url}/hub/api/users/{student}", "POST")
    ask(f"{hub.url}/hub/api/users/{student}/server", "POST")
    deadline = time.monotonic() + WAIT_S
    while not ask(f"{hub.url}/hub/api/users/{student}")["server"]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server of {student} did not start")
        time.sleep(0.5)
    kernel = ask(f"{hub.url}/user/{student}/api/kernels", "POST")["id"]
    (file,) = (hub.homes / student).rglob(f"kernel-{kernel}.json")
    client = BlockingKernelClient()
    client.load_connection_file(str(file))
    client.start_channels(hb=False)  # a busy machine is slow to answer a heartbeat
    client.wait_for_ready(timeout=WAIT_S)
    reply = client.execute_interactive(WORK, timeout=WAIT_S, output_hook=lambda _: None)
    client.stop_channels()
    assert reply["content"]["status"] == "ok", reply["content"]


def memory_mb(student: str) -> tuple[float, float]:
    """What a student's processes hold: (their part, as if nothing were shared)."""
    mine = [p for p in psutil.process_iter() if _belongs(p, student)]
    pss, rss = (sum(_read(p.pid, kind) for p in mine) for kind in ("Pss", "Rss"))
    return pss / 1000, rss / 1000


def _belongs(process: psutil.Process, student: str) -> bool:
    try:
        return bool(process.environ().get("JUPYTERHUB_USER") == student)
    except psutil.Error:
        return False


def _read(pid: int, kind: str) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
    (line,) = (x for x in text.splitlines() if x.startswith(f"{kind}:"))
    return int(line.split()[1])


def main() -> None:
    """Print a row for each number of students."""
    if missing := why_no_hub():
        raise SystemExit(f"no hub to measure: {missing}")
    print("| students | all of them, MB | for each, MB | without sharing, MB |")
    print("|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory() as folder,
        start_hub(Path(folder, "hub"), ROOT, more=SERVICE) as hub,
    ):
        for count in COUNTS:
            students = [f"student{number}" for number in range(count)]
            for student in students:
                if not (hub.homes / student).exists():
                    begin(hub, student)
            both = [memory_mb(student) for student in students]
            pss, rss = (sum(part) for part in zip(*both, strict=True))
            row = f"{pss:.0f} | {pss / count:.0f} | {rss / count:.0f}"
            print(f"| {count} | {row} |", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
