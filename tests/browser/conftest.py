"""One JupyterLab and one Chromium for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .chromium import why_no_browser
from .lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder `browser`; skip those that cannot have one."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    try:
        missing = why_no_browser() if here else None
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    for item in here:
        item.add_marker(pytest.mark.browser)
        if missing and "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=missing))


# The scope is the package, not the session: playwright keeps an event loop running in
# this thread, and tests of other folders start loops of their own.
@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks, open in Chromium."""
    with Lab.start() as lab:
        yield lab


@pytest.fixture
def page(lab: Lab) -> Page:
    """Return the browser page in which JupyterLab is open, in the light theme."""
    lab.theme(dark=False)
    return lab.page
