"""The real language model of part IV, fetched while packages are being installed."""

import os
import subprocess
import sys
from pathlib import Path

from classroom.installing.places import Place
from classroom.installing.programs import ROOT, SIGN_S, reason, run, say

FETCHED = ROOT / "data" / "fetched"
WATCHED = """
import os, sys, threading
def wait(): sys.stdin.read(); os._exit(1)
threading.Thread(target=wait, daemon=True).start()
from course_lib.engine.downloads import fetch
fetch("smollm2")
os._exit(0)
"""
"""Fetches the packed model, and ends when the program that started it has ended."""
COMMAND = ("-m", "classroom.cli", "data", "fetch", "smollm2")


class Model:
    """A download in the background; what it lacks in the end is fetched in front."""

    def __init__(self, source: Path | None) -> None:
        self.source = source
        here = (FETCHED / "smollm2.safetensors").exists()
        self.wanted = not here and os.environ.get("COURSE_MODEL") != "none"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start the download, if there is one to do."""
        if self.source or not self.wanted:
            return
        say("fetching a real language model beside (93 MB; COURSE_MODEL=none) ...")
        self._process = subprocess.Popen(
            [sys.executable, "-c", WATCHED],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """End the download; the next one goes on where it was."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def finish(self, place: Place) -> None:
        """Wait for it and unpack it; without it all the rest of the course works."""
        if not self.wanted:
            return
        self._wait()
        say("unpacking the real language model ...")
        words = ["--from", str(self.source)] if self.source else []
        code, output = run(place.python, "-P", *COMMAND, *words)
        if code:
            later = "later: python3 start.py data fetch smollm2"
            say(f"  not now ({reason(output)}); {later}")

    def _wait(self) -> None:
        while self._process is not None:
            try:
                self._process.wait(SIGN_S)
                return
            except subprocess.TimeoutExpired:
                part = FETCHED / "smollm2.whl.part"
                size = part.stat().st_size if part.exists() else 0
                say(f"  ... {size / 1e6:.0f} of 93 MB of the model are here")
