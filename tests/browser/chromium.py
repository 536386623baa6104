"""The Chromium of this machine: where it is, and how it is started for a test."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def find_chromium() -> str | None:
    """Return the Chromium to drive: $COURSE_CHROMIUM, or the first one on PATH."""
    chosen = os.environ.get("COURSE_CHROMIUM")
    if chosen:
        if shutil.which(chosen) is None:
            raise ValueError(f"COURSE_CHROMIUM={chosen!r} is no program; correct it")
        return chosen
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def why_no_browser() -> str | None:
    """Say in one line what browser tests lack on this machine, or None."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "no playwright; pip install -e '.[test]'"
    if find_chromium() is None:
        return "no Chromium on PATH; install chromium or set COURSE_CHROMIUM"
    return None


@contextlib.contextmanager
def chromium(profile: Path, width: int, height: int) -> Iterator[BrowserContext]:
    """Start the machine's own Chromium without a window, with a fresh profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            headless=True,
            args=FLAGS,
            viewport={"width": width, "height": height},
            service_workers="block",
        )
        try:
            yield context
        finally:
            context.close()
