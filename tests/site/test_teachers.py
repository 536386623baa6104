"""The teacher's guide on the site: for teachers in the menu, never for a class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from classroom import cli_site, guide
from classroom.cli import app
from classroom.site import make, teachers

if TYPE_CHECKING:
    from playwright.sync_api import Page


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def test_the_menu_leads_teachers_to_every_page_of_the_guide(site: Path) -> None:
    menu = soup_of(site / "index.html").select_one(".sidebar-tree")
    assert menu is not None
    heads = [head.get_text() for head in menu.select(".caption")]
    assert heads[-1] == "For teachers", "behind all that students need"
    links = {str(link["href"]) for link in menu.find_all("a")}
    for name in ("index", "plans", *(page.stem for page in guide.pages())):
        assert f"teachers/{name}.html" in links
        assert (site / "teachers" / f"{name}.html").exists()
    first = soup_of(site / "teachers" / "index.html")
    assert first.find("a", href="booklet.html")
    assert (site / teachers.BOOKLET).read_text("utf-8") == teachers.booklet()


def test_no_page_of_a_lesson_sends_students_to_its_guide(site: Path) -> None:
    for page in guide.pages():
        lesson = next(site.glob(f"{page.stem}_*.html"))
        main = soup_of(lesson).select_one("article")
        assert main is not None
        assert not main.select("a[href*='teachers/']")


def test_students_get_no_guide(tmp_path: Path) -> None:
    make._write_texts(tmp_path, [], [], {})
    assert not (tmp_path / "teachers").exists()
    assert not (tmp_path / "_extra" / teachers.BOOKLET).exists()
    assert "For teachers" not in (tmp_path / "index.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "with_guide"),
    [([], True), (["--students"], False), (["--class", "guesses"], False)],
)
def test_what_a_class_is_shown_has_no_guide(
    options: list[str],
    with_guide: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bool] = []

    def made(folder: Path, elsewhere: Any, single: bool, guide: bool) -> make.Made:
        asked.append(guide)
        return make.Made(folder, 0, 0, 0)

    monkeypatch.setattr(cli_site, "_make", made)
    monkeypatch.setattr(cli_site, "_serve_class", lambda *given: None)
    done = CliRunner().invoke(app, ["site", str(tmp_path), *options])
    assert done.exit_code == 0, done.output
    assert asked == [with_guide]


@pytest.mark.browser
def test_a_lesson_takes_two_printed_pages(browser_page: Page, site: Path) -> None:
    """One sheet of paper, printed on both sides, for each lesson."""
    browser_page.goto((site / teachers.BOOKLET).as_uri())
    browser_page.emulate_media(media="print")
    height = 297 - 15 - 16  # mm of a page, without its margins
    pages = browser_page.evaluate(
        """() => {
            document.body.style.width = "178mm";
            const mm = document.body.getBoundingClientRect().width / 178;
            return [...document.querySelectorAll("article")].map(
                (one) => [one.id, one.getBoundingClientRect().height / mm]);
        }"""
    )
    long = [name for name, mm in pages if mm > 2 * height and name[5:].isdigit()]
    assert not long
    assert browser_page.locator("table.plan").count() >= 2 * len(guide.pages())
