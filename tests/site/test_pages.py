"""The pages as files: complete, linked, with nothing from elsewhere."""

from __future__ import annotations

import json
import re
import zipfile
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import matplotlib.image
import pytest
from bs4 import BeautifulSoup

from classroom import states
from classroom.lessons import NOTEBOOKS, find_lessons
from classroom.site.carry import write_zip
from classroom.site.make import homeworks
from classroom.site.pages import page_of

from .conftest import make


@cache
def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def pages(site: Path) -> list[Path]:
    return sorted(p for p in site.rglob("*.html") if "_static" not in p.parts)


def test_every_lesson_and_homework_has_its_page(site: Path) -> None:
    for lesson in find_lessons():
        assert (site / f"{lesson.name}.html").exists()
        assert (site / "notebooks" / lesson.notebook.name).read_bytes() == (
            lesson.notebook.read_bytes()
        )
    for homework in homeworks():
        assert (site / "homework" / f"{homework.stem}.html").exists()


def test_every_link_leads_somewhere(site: Path) -> None:
    """All links to pages, parts of pages, pictures, scripts and styles."""
    broken = []
    for path in pages(site):
        for tag, attribute in (
            ("a", "href"),
            ("img", "src"),
            ("script", "src"),
            ("link", "href"),
        ):
            for node in soup_of(path).find_all(tag, attrs={attribute: True}):
                link = urlsplit(str(node[attribute]))
                if link.scheme or link.netloc or str(node[attribute]) == "#":
                    continue
                target = (
                    (path.parent / unquote(link.path)).resolve() if link.path else path
                )
                if not target.exists():
                    broken.append((path.name, str(node[attribute])))
                elif link.fragment and target.suffix == ".html":
                    part = unquote(link.fragment)
                    if not soup_of(target).find(id=part):
                        broken.append((path.name, str(node[attribute])))
    assert not broken


def test_each_claim_links_to_its_lessons(site: Path) -> None:
    rows = soup_of(site / "ledger.html").select("article tbody tr:has(td:nth-child(5))")
    text = (NOTEBOOKS / "source" / "LEDGER.md").read_text("utf-8")
    assert len(rows) == len(re.findall(r"^\| [A-Z]\d+ \|", text, re.MULTILINE)) > 100
    for row in rows:
        cell = row.select("td")[-1]
        links = [str(a["href"])[:2] for a in cell.find_all("a")]
        assert ", ".join(links) == cell.get_text().strip()


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    """Links may lead out; scripts, styles, pictures and fonts may not."""
    for path in pages(site):
        for node in soup_of(path).find_all(["script", "img", "iframe", "link"]):
            address = str(node.get("src") or node.get("href") or "")
            assert not urlsplit(address).netloc, (path.name, address)
    for style in site.rglob("*.css"):
        assert not re.search(
            r"(url\(|@import )['\"]?(https?:)?//", style.read_text("utf-8")
        )


def test_pictures_have_words_and_formulas_are_drawn(site: Path) -> None:
    for path in pages(site):
        soup = soup_of(path)
        for picture in soup.select("img.course-picture"):
            assert picture.get("alt"), (path.name, picture.get("src"))
            file = (path.parent / str(picture["src"])).resolve()
            size = (int(str(picture["width"])), int(str(picture["height"])))
            assert matplotlib.image.imread(file).shape[1::-1] == size
        assert not soup.select("code.course-formula"), (
            f"{path.name}: a formula as typed"
        )
        assert not soup.select("span.math"), path.name
    drawn = soup_of(site / "11_attention.html").select("svg.course-formula")
    assert not any("#ffffff" in str(formula) for formula in drawn), "white paper"
    assert drawn
    assert all(formula["aria-label"] for formula in drawn)


def test_every_stored_widget_has_its_place_and_its_scripts(site: Path) -> None:
    scripts = site / "_static" / "course"
    for lesson in find_lessons():
        places = soup_of(site / f"{lesson.name}.html").select(".course-widget")
        stored = states.read(lesson)
        assert len(places) == sum(map(len, stored.values())), lesson.name
        for place in places:
            assert place.find("img"), "its picture, for where no script runs"
            assert (scripts / "state" / f"{place['data-state']}.js").exists()
            assert (scripts / "module" / f"{place['data-widget']}.js").exists()


def test_a_widget_without_a_stored_state_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = next(lesson for lesson in find_lessons() if lesson.number == "02")
    monkeypatch.setattr(states, "read", lambda lesson: {})
    page = page_of(lesson, tmp_path)
    texts = [
        output.data["text/html"]
        for cell in page.cells
        for output in cell.get("outputs", [])
        if "course-still" in output.get("data", {}).get("text/html", "")
    ]
    stored = json.loads(lesson.states.read_bytes())
    assert len(texts) == sum(map(len, stored.values()))
    assert all("<code>course build 02</code> stores it" in text for text in texts)
    assert all('alt="' in text for text in texts)


def test_no_state_is_heavier_than_a_picture_may_be(site: Path) -> None:
    """A page with all of its states stays under 1.5 MB, fonts and theme included."""
    shared = sum(p.stat().st_size for p in (site / "_static").glob("*.*"))
    shared += sum(p.stat().st_size for p in (site / "_static" / "styles").glob("*.css"))
    for lesson in find_lessons():
        page = site / f"{lesson.name}.html"
        own = (site / "_static" / "course" / "state" / lesson.name).rglob("*.js")
        pictures = (site / "_static" / "pictures").glob(f"{lesson.name}-*.png")
        total = shared + page.stat().st_size
        total += sum(p.stat().st_size for p in (*own, *pictures))
        assert total < 1_500_000, f"{lesson.name}: {total:,} bytes"


def test_the_search_knows_the_lessons(site: Path) -> None:
    text = (site / "searchindex.js").read_text("utf-8")
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    assert "11_attention" in index["docnames"]
    assert "softmax" in index["terms"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    done = make(tmp_path)
    assert done.returncode == 2
    assert "did not make: use another folder" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--repository", "course"], "write it as owner/name"),
        (["--hub", "hub.school.org", "--repository", "a/b"], "begin with https://"),
        (["--hub", "https://hub.school.org"], "--hub needs --repository"),
        (["--cloud", "no/such/folder"], "--cloud needs --repository"),
    ],
)
def test_wrong_addresses_are_named(
    tmp_path: Path, options: list[str], words: str
) -> None:
    done = make(tmp_path / "site", *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.slow
@pytest.mark.thorough
def test_two_builds_are_equal_byte_for_byte(site: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere" / "site"
    assert make(again).returncode == 0
    files = sorted(p.relative_to(site) for p in site.rglob("*") if p.is_file())
    assert files == sorted(
        p.relative_to(again) for p in again.rglob("*") if p.is_file()
    )
    for name in files:
        assert (site / name).read_bytes() == (again / name).read_bytes(), name


def test_the_zip_is_the_same_each_time_and_holds_the_site(
    site: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    write_zip(site, first)
    write_zip(site, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert packed.testzip() is None
        assert "index.html" in packed.namelist()
        n_files = len(packed.namelist())
    write_zip(site, site / "inside.zip")
    with zipfile.ZipFile(site / "inside.zip") as packed:
        assert len(packed.namelist()) == n_files
    (site / "inside.zip").unlink()
