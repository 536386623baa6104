"""axe-core on one part of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def violations(page: Page, selector: str) -> list[tuple[str, str]]:
    """Return (rule, what and where) of each axe violation inside `selector`."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore

    found = Axe().run(page, context=selector).response["violations"]
    return [
        (rule["id"], f"{rule['help']}: {[node['html'] for node in rule['nodes']]}")
        for rule in found
    ]
