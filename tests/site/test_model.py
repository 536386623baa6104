"""The pages of the figures, as the site has them: the whole model, the names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.accessibility import violations

from .test_alive import enliven_all, watched

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
EDGES = (
    "node => [node.getBoundingClientRect().top, node.getBoundingClientRect().bottom]"
)
SMALL = """() => [...document.querySelectorAll('.ltg svg text')]
    .filter((text) => text.textContent.trim() && text.getClientRects().length)
    .map((text) => [text, text.getScreenCTM()])
    .map(([text, { b, d }]) => [text.textContent,
        parseFloat(getComputedStyle(text).fontSize) * Math.hypot(b, d)])
    .filter(([, size]) => size < 11)"""


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


def test_a_step_of_the_tour_and_its_picture_are_on_one_phone_screen(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("about:blank")
    page.goto((site / "model.html").as_uri() + "#step=3")
    card = page.get_by_role("group", name="Guided tour")
    for _ in range(8):
        card.get_by_role("button", name="Next", exact=True).click()
        page.wait_for_timeout(100)
        top, bottom = card.evaluate(EDGES)
        head = page.locator(".mobile-header").evaluate(EDGES)[1]
        stage_top, stage_bottom = page.locator(".ltg-wm-stage").evaluate(EDGES)
        assert top >= head - 1
        assert bottom - 1 <= stage_top < bottom + 60
        assert min(stage_bottom, 844) - bottom > 300


def test_a_name_goes_through_the_network_of_names(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    with watched(page) as wrong:
        page.goto((site / "names.html").as_uri())
        box = page.get_by_label("Letters so far")
        box.fill("Mar")
        page.get_by_role("button", name="Add").click()
        assert len(box.input_value()) == 4
        seen = page.locator(".ltg-wm-tok").all_inner_texts()
        assert "".join(seen) == box.input_value()[-3:].lower()
        page.get_by_label("Hidden unit").focus()
        before = page.locator(".ltg-wm-sum").inner_text()
        page.keyboard.press("ArrowRight")
        assert page.locator(".ltg-wm-sum").inner_text() != before
        box.fill("m4")
        alert = page.get_by_role("alert").first
        assert "it cannot read “4”" in alert.inner_text()
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page, "article") == []


def test_letters_on_a_phone_have_eleven_pixels_or_more(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        "playground.html",
        "names.html",
        "model.html",
        "model.html#part=attention",
    ):
        page.goto("about:blank")
        page.goto(f"{site.as_uri()}/{address}")
        page.locator("article .ltg").first.wait_for()
        enliven_all(page)
        assert page.evaluate(SMALL) == [], address


def test_the_front_page_shows_the_way(site: Path) -> None:
    assert 'href="model.html"' in (site / "index.html").read_text("utf-8")
