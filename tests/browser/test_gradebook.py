"""Marking answers in words as a teacher does: boxes, points, a comment, a reload."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classroom.gradebook.serve import Desk, make_server
from tests.browser.accessibility import violations
from tests.browser.chromium import why_no_browser
from tests.browser.lab import Lab
from tests.classroom.test_gradebook import RUBRIC, book_of, made, points
from tests.classroom.toy_term import HandIn, decide, marked

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(why_no_browser() is not None, reason=str(why_no_browser())),
]


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("term")
    given = {
        "ada": HandIn(words="Because so."),
        "bob": HandIn(("double",), "<script>document.title = 'broken'</script>"),
        "cyd": HandIn(("longest",)),
    }
    marked(folder, "hw77-marked", given)
    decide(folder, "rubric.csv", RUBRIC)
    return folder


@pytest.fixture(scope="module")
def page(lab: Lab) -> Iterator["Page"]:
    """A page of its own, as wide as a phone's."""
    page = lab.page.context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    yield page
    page.close()


@pytest.fixture(scope="module")
def address(term: Path) -> Iterator[str]:
    server, address = make_server(Desk(term, False))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_teacher_marks_two_answers(page: "Page", address: str, term: Path) -> None:
    page.goto(address)
    page.get_by_role("link", name="Homework 77: a toy, why").click()
    assert page.title() == "hw77 why"
    ada, bob = (page.get_by_role("article").nth(i) for i in (0, 1))
    assert "document.title" in bob.inner_text()
    ada.get_by_label("the reason").check()
    ada.get_by_text("saved: 1.5 points").wait_for()
    ada.get_by_label("Comment").fill("Short, and right.")
    bob.get_by_label("Points").fill("zwei")
    bob.get_by_label("Points").press("Enter")
    bob.get_by_text("NOT saved: 'zwei' is no number").wait_for()
    bob.get_by_label("Points").fill("0,5")
    bob.get_by_label("Points").press("Enter")
    bob.get_by_text("saved: 0.5 points").wait_for()
    assert page.locator("#done").inner_text() == "2"
    page.get_by_label("hide what is marked").check()
    assert not ada.is_visible()
    page.reload()
    assert ada.get_by_label("the reason").is_checked()
    assert ada.get_by_label("Comment").input_value() == "Short, and right."
    assert bob.get_by_label("Points").input_value() == "0.5"
    assert points(book_of(term)) == {"ada": 11.5, "bob": 7.5, "cyd": 6.0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_pages_can_be_read_by_everybody(
    page: "Page", address: str, term: Path, scheme: str
) -> None:
    made(term)
    out = term / "gradebook"
    pages = [out / "book.html", out / "similar.html", term / "hw77-marked/class.html"]
    pages += sorted((out / "feedback").glob("ada-*/*.html"))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    places = [address, f"{address}hw77/why", *(path.as_uri() for path in pages)]
    assert len(places) == 7
    for place in places:
        page.goto(place)
        assert violations(page, "html") == [], place
        too_wide = "document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(too_wide), place
