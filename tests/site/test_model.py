"""The page of the whole model, as the site has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.accessibility import violations

from .test_alive import watched

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_whole_model_is_alive_on_its_page(site: Path, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 900})
    with watched(page) as wrong:
        page.goto((site / "model.html").as_uri() + "#part=logits")
        page.locator(".ltg-wm-title").wait_for()
        assert page.locator(".ltg-wm-title").inner_text() == "Logits"
        page.get_by_role("button", name="Overview").click()
        assert page.locator(".ltg-wm-picture").is_visible()
        page.get_by_role("button", name="Next word").click()
        page.wait_for_function("location.hash.startsWith('#s=')")
    assert wrong == []
    assert violations(page, "article") == []


def test_every_step_of_the_tour_leads_to_a_page(site: Path, browser_page: Page) -> None:
    page = browser_page
    page.goto((site / "model.html").as_uri() + "#step=1")
    card = page.get_by_role("group", name="Guided tour")
    card.get_by_role("link").wait_for()
    for _ in range(11):
        link = card.get_by_role("link").get_attribute("href") or ""
        assert (site / link).is_file()
        card.get_by_role("button", name="Next", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_front_page_shows_the_way(site: Path) -> None:
    assert 'href="model.html"' in (site / "index.html").read_text("utf-8")
