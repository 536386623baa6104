"""The site in a real browser, from a folder of files, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import torch

from classroom.site.carry import one_file
from course_lib import lens
from tests.browser.accessibility import violations
from tests.course_play.test_browser_gpt import as_kept
from tiny_world import WorldTokenizer, load_base
from tiny_world.assistant.voices import voice_of

from .test_pages import pages, soup_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
WIDTHS = (1280, 820, 390)
OWN_TEXT = "place => place.innerText + place.innerHTML.length"


@contextmanager
def watched(page: Page) -> Iterator[list[str]]:
    """What goes wrong meanwhile: errors, and requests to other hosts."""
    wrong: list[str] = []

    def on_console(message: Any) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text}")

    def on_request(request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            wrong.append(f"request: {request.url}")

    def on_error(error: Any) -> None:
        wrong.append(f"error: {error}")

    listeners = {"console": on_console, "request": on_request, "pageerror": on_error}
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        yield wrong
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


def enliven_all(page: Page) -> None:
    """Scroll to each widget and wait until it lives."""
    for place in page.locator(".course-widget").all():
        place.scroll_into_view_if_needed()
        page.wait_for_function("p => p.dataset.live", arg=place.element_handle())


def test_every_page_is_whole_at_every_width_in_both_schemes(
    site: Path, browser_page: Page
) -> None:
    page, faults = browser_page, []
    for path in pages(site):
        with watched(page) as wrong:
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            page.goto(path.as_uri())
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    faults.append(f"{path.name} is {wide} wide in {width}")
        faults += [f"{path.name}: {what}" for what in wrong]
    assert not faults


def test_every_widget_of_every_lesson_comes_alive(
    site: Path, browser_page: Page
) -> None:
    faults = []
    for path in pages(site):
        if not soup_of(path).select(".course-widget"):
            continue
        with watched(browser_page) as wrong:
            browser_page.goto(path.as_uri())
            enliven_all(browser_page)
            states = (
                "[...document.querySelectorAll('.course-widget')].map(p => p.dataset)"
            )
            dead = [p for p in browser_page.evaluate(states) if p["live"] != "yes"]
        faults += [f"{path.name}: {what}" for what in (*wrong, *dead)]
    assert not faults


def test_a_key_moves_every_slider_of_the_playground(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.goto((site / "playground.html").as_uri())
    enliven_all(page)
    still = []
    for place in page.locator(".course-widget").all():
        slider = place.locator("input[type=range]:enabled").first
        if slider.count() == 0:
            continue
        before = place.evaluate(OWN_TEXT)
        slider.focus()
        value = slider.input_value()
        page.keyboard.press("ArrowRight")
        if slider.input_value() == value:
            page.keyboard.press("ArrowLeft")
        if place.evaluate(OWN_TEXT) == before:
            still.append(place.get_attribute("data-widget"))
    assert not still


@pytest.mark.parametrize(
    "name", ["index", "playground", "11_attention", "ledger", "homework/hw03"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    site: Path, browser_page: Page, name: str, scheme: Any
) -> None:
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    browser_page.goto((site / f"{name}.html").as_uri())
    enliven_all(browser_page)
    assert violations(browser_page, "article") == []


def test_a_chart_on_a_phone_can_be_read_and_seen_whole(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((site / "05_counting.html").as_uri())
    chart = page.locator(".course-wide:not(.course-widget *)").first
    drawn, room = chart.evaluate(
        "box => [Number(box.firstChild.getAttribute('width')), box.clientWidth]"
    )
    assert drawn > room
    assert chart.locator("img").evaluate("img => img.clientWidth") == drawn
    chart.click()
    assert chart.locator("img").evaluate("img => img.clientWidth") <= room
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_ledger_can_be_searched(site: Path, browser_page: Page) -> None:
    page = browser_page
    page.goto((site / "ledger.html").as_uri())
    page.locator("#course-filter").fill("temperature")
    found = page.locator("article tr:visible", has=page.locator("td:nth-child(5)"))
    texts = found.all_inner_texts()
    assert len(texts) > 3
    assert all("temperature" in text.lower() for text in texts)
    shown = page.locator(".course-filter [role=status]").inner_text()
    assert shown.startswith(f"{len(texts)} of ")


def test_a_word_of_the_glossary_says_what_it_means(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.goto((site / "03_cross_entropy.html").as_uri())
    term = page.locator("dfn.course-term").first
    note = page.locator("#course-note")
    assert note.is_hidden()
    term.focus()
    assert note.inner_text() == term.get_attribute("data-says")
    page.keyboard.press("Escape")
    assert note.is_hidden()
    term.hover()
    assert note.is_visible()


def test_the_search_finds_without_a_server(site: Path, browser_page: Page) -> None:
    page = browser_page
    page.goto((site / "search.html").as_uri() + "?q=perplexity")
    page.locator("#search-results li a").first.wait_for()
    links = page.locator("#search-results li a").evaluate_all(
        "all => all.map(a => a.href)"
    )
    assert any("03_cross_entropy" in link for link in links)


@pytest.mark.parametrize(
    ("asked", "page", "said"),
    [
        ("temperature", "08_temperature", "divides the logits"),
        ("Logit  lens", "15_taking_apart", "half-finished"),
        ("perplexity", "03_cross_entropy", "equally likely"),
    ],
)
def test_the_lesson_that_builds_a_word_is_found_first(
    site: Path, browser_page: Page, asked: str, page: str, said: str
) -> None:
    with watched(browser_page) as wrong:
        browser_page.goto(f"{(site / 'search.html').as_uri()}?q={quote(asked)}")
        first = browser_page.locator("#search-results li").first
        first.wait_for()
        browser_page.get_by_text("Search finished").wait_for()
        assert page in (first.locator("a").get_attribute("href") or "")
        others = browser_page.locator("#search-results li").all_inner_texts()
    assert wrong == [], "a page from a folder may not read others"
    assert said in first.inner_text()
    assert all("(" in text for text in others), "each says what it is about"


def test_a_lesson_can_be_presented_with_the_keys(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((site / "02_logits_and_softmax.html").as_uri())
    page.keyboard.press("p")
    count = page.locator(".course-slide-count")
    assert count.inner_text().startswith("1 / ")
    n_slides = int(count.inner_text().split("/")[1])
    assert n_slides > 15
    seen = []
    for _ in range(n_slides):
        shown = page.locator("article :is(h1, h2, h3, p, .cell, ul, table):visible")
        seen.append(shown.first.inner_text()[:60])
        page.keyboard.press("ArrowRight")
    assert len(set(seen)) > 0.8 * n_slides
    page.keyboard.press("Escape")
    assert page.locator("article h1").is_visible()


def test_without_scripts_text_and_pictures_are_there(site: Path) -> None:
    for path in pages(site):
        for place in soup_of(path).select(".course-widget"):
            picture = place.find("img")
            assert picture
            file = (path.parent / str(picture["src"])).resolve()
            assert file.stat().st_size > 500, (path.name, picture["src"])


def test_a_lesson_in_one_file_is_alive_on_its_own(
    site: Path, browser_page: Page, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.html"
    alone.write_text(one_file(site, "02_logits_and_softmax"), encoding="utf-8")
    with watched(browser_page) as wrong:
        browser_page.goto(alone.as_uri())
        enliven_all(browser_page)
        living = browser_page.locator(".course-widget[data-live=yes]").count()
    assert wrong == []
    assert living == len(
        soup_of(site / "02_logits_and_softmax.html").select(".course-widget")
    )
    assert "its models stay with the site" in one_file(site, "19_base_model")


def test_a_typed_prompt_is_answered_as_in_python(
    site: Path, browser_page: Page
) -> None:
    """Lesson 19's prompt box: the base model writes on, in the page."""
    base = voice_of("base")
    page = browser_page
    place = alive(page, site, "19_base_model", "prompt_box")
    box = place.locator("input[type=text]")
    box.fill("Once there was a cat")
    with watched(page) as wrong:
        box.press("Enter")
        place.locator(".ltg-pb-waiting").wait_for(state="detached")
        page.wait_for_timeout(100)
    assert wrong == []
    words = place.locator(".ltg-pb-word").all_inner_texts()
    expected = [event.text for event in base.say("Once there was a cat")]
    shown = " ".join(word.split("\n")[0] for word in words)
    for word in " ".join(expected).split()[:10]:
        assert word.strip(".,!?") in shown


def alive(page: Page, site: Path, name: str, kind: str) -> Locator:
    """The first widget of a kind on a page, when it lives."""
    page.goto((site / f"{name}.html").as_uri())
    place = page.locator(f".course-widget[data-widget={kind}]").first
    place.scroll_into_view_if_needed()
    page.wait_for_function("p => p.dataset.live", arg=place.element_handle())
    return place


def test_the_lens_and_the_explorer_look_into_a_typed_text_as_python_does(
    site: Path, browser_page: Page
) -> None:
    words, model = WorldTokenizer(), as_kept(load_base())
    text = "Once there was a cow. It said"
    tokens = torch.tensor([[0, *words.encode(text)]])
    said = lens.logit_lens(model, tokens)[:, 0].argmax(-1)  # (depths, T)
    looks = lens.attention_weights(model, tokens)[2, 0, 1, -1]  # (T,)
    wanted = {
        "logit_lens": [words.decode([i]) for i in said.T.flatten().tolist()],
        "attention_explorer": [f"{100 * w:.0f}" for w in looks if w >= 0.005],
    }
    shown = {"logit_lens": ".ltg-ll-word", "attention_explorer": ".ltg-ae-share"}
    for kind, selector in shown.items():
        place = alive(browser_page, site, "15_taking_apart", kind)
        box = place.get_by_label("A text of your own")
        with watched(browser_page) as wrong:
            box.fill("once there was a COW. It said")
            box.press("Enter")
            names = (
                ".ltg-ll-table tbody th" if kind == "logit_lens" else "[role=option]"
            )
            place.locator(names).nth(8).wait_for()
            place.locator(names).nth(9).wait_for(state="detached")
            if kind == "attention_explorer":
                place.get_by_label("layer 2, head 1;").check()
            found = place.locator(selector).all_inner_texts()
            assert list(filter(None, found)) == wanted[kind]
            box.fill("the zork")
            box.press("Enter")
            place.get_by_role("alert").get_by_text("zork").wait_for()
        assert wrong == []


def test_a_model_that_is_not_here_is_told_and_cannot_be_asked(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    place = alive(page, site, "26_a_real_model", "token_lab")
    note = place.locator("xpath=preceding-sibling::p[@class='course-still']")
    assert "the real model is too large for a page" in note.inner_text()
    assert place.locator("textarea").get_attribute("readonly") is not None
    place = alive(page, site, "23_preferences", "stage_switcher")
    note = place.locator("xpath=preceding-sibling::p[@class='course-still']")
    assert "in the notebook, where you can ask it" in note.inner_text()
    assert place.get_by_role("button", name="Ask").is_disabled()


def test_a_picture_whose_script_is_missing_says_so(
    site: Path, browser_page: Page, tmp_path: Path
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy, ignore=shutil.ignore_patterns("models", "notebooks"))
    (copy / "_static/course/module/softmax_bars.js").unlink()
    browser_page.goto((copy / "02_logits_and_softmax.html").as_uri())
    place = browser_page.locator("[data-widget=softmax_bars]").first
    place.scroll_into_view_if_needed()
    note = browser_page.get_by_text("This picture stands still")
    assert "softmax_bars.js cannot be loaded" in note.inner_text()
    assert place.locator("img").is_visible()


def test_a_question_is_answered_by_every_stage_in_the_page(
    site: Path, browser_page: Page
) -> None:
    page = browser_page
    place = alive(page, site, "25_evaluation", "stage_switcher")
    with watched(page) as wrong:
        box = place.locator("input[type=text]")
        box.fill("What is 17 + 28?")
        box.press("Enter")
        place.get_by_text("45").first.wait_for()
    assert wrong == []
