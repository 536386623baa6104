"""A class in one room: two students guess on their pages, the teacher sees both."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classroom.questions import questions
from classroom.site.class_page import ClassServer
from tests.browser.accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
PREDICT = ".course-widget[data-widget=predict]"
LESSON = "01"


@pytest.fixture
def room(site: Path, tmp_path: Path) -> Iterator[ClassServer]:
    """The site as it is shown to a class."""
    with ClassServer(site, tmp_path, ("127.0.0.1", 0)) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def first_question(page: Page, room: ClassServer, word: str = "") -> Locator:
    """The first *Predict* of a lesson, alive on a page that was just opened."""
    lesson = next(q.lesson.name for q in questions() if q.lesson.number == LESSON)
    page.goto(f"http://127.0.0.1:{room.server_address[1]}/{lesson}.html{word}")
    place = page.locator(PREDICT).first
    place.scroll_into_view_if_needed()
    page.wait_for_function("p => p.dataset.live", arg=place.element_handle())
    return place


def guess(page: Page, room: ClassServer, wanted: int) -> str:
    """Guess as a student whose browser has never been here; returns what was chosen."""
    page.goto(f"http://127.0.0.1:{room.server_address[1]}/")
    page.evaluate("localStorage.clear(), sessionStorage.clear()")
    place = first_question(page, room)
    if place.locator("input[type=radio]").count():
        chosen = place.locator("input[type=radio]").nth(wanted)
        chosen.check()
        said = chosen.get_attribute("value") or ""
    else:
        said = str(10 * (wanted + 1))
        place.locator("input[type=text]").fill(said)
    place.get_by_role("button", name="Add guess").click()
    page.wait_for_function(
        "p => p.innerText.includes('Your class has your guess')",
        arg=place.element_handle(),
    )
    return said


def test_the_guesses_of_a_class_come_together_on_the_teachers_page(
    room: ClassServer, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 800})
    said = [guess(page, room, 0), guess(page, room, 0), guess(page, room, 1)]
    kept = [json.loads(f.read_text("utf-8")) for f in room.guesses.glob("*.json")]
    assert sorted(one["guess"] for one in kept) == sorted(said)

    page.set_viewport_size({"width": 1280, "height": 900})
    place = first_question(page, room, f"?teacher={room.key}")
    page.wait_for_function(
        "p => p.innerText.includes('Your class: 3 guesses')", arg=place.element_handle()
    )
    assert not place.locator(".ltg-pd-all").is_visible()  # nobody is led by the others
    place.get_by_role("button", name="Show the guesses of the class").click()
    place.locator(".ltg-pd-all").wait_for()
    assert "The answer is" not in place.inner_text()
    place.get_by_role("button", name="Show the answer").click()
    assert "of 3 guesses" in place.inner_text()
    assert violations(page, PREDICT) == []
    place.get_by_role("button", name="Hide the guesses of the class").click()
    assert not place.locator(".ltg-pd-all").is_visible()

    page.evaluate("sessionStorage.clear()")


def test_a_student_is_told_when_the_class_cannot_be_reached(
    room: ClassServer, browser_page: Page
) -> None:
    page = browser_page
    place = first_question(page, room)
    page.route("**/class/guess", lambda route: route.abort())
    if place.locator("input[type=radio]").count():
        place.locator("input[type=radio]").first.check()
    else:
        place.locator("input[type=text]").fill("10")
    place.get_by_role("button", name="Add guess").click()
    page.wait_for_function(
        "p => p.innerText.includes('Your class does not have your guess')",
        arg=place.element_handle(),
    )
    page.unroute("**/class/guess")
