"""The pages are valid HTML: as html5lib parses it, and in what no parser looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from .test_pages import pages, soup_of

html5lib = pytest.importorskip("html5lib", reason="pip install -e '.[test]'")

OBSOLETE = {"acronym", "big", "center", "font", "frame", "marquee", "strike", "tt"}
OLD_ATTRIBUTES = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "valign"}
ACTIVE = ["a", "button", "input", "select", "textarea", "label", "summary"]
PHRASING = {
    "b",
    "code",
    "dfn",
    "em",
    "h1",
    "h2",
    "h3",
    "i",
    "label",
    "p",
    "pre",
    "span",
}
"""What may hold words and phrases, no blocks; `summary` is left to myst-nb, which has
paragraphs in it."""
BLOCKS = [
    "blockquote",
    "div",
    "dl",
    "figure",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
]
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
ITEMS = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}}


def parse_errors(text: str) -> list[str]:
    """What the parser of the HTML standard has to mend, line by line."""
    parser = html5lib.HTMLParser()
    parser.parse(text)
    return [f"line {place[0]}: {code} {told}" for place, code, told in parser.errors]


def faults(soup: BeautifulSoup) -> Iterator[str]:
    """What is no valid HTML although it can be parsed."""
    ids = Counter(str(node["id"]) for node in soup.find_all(id=True))
    yield from (f"{name} is the id of {n}" for name, n in ids.items() if n > 1)
    for node in soup.find_all(True):
        yield from (f"<{node.name}>: {fault}" for fault in _of_element(node, ids))
    if len(soup.select("head > title")) != 1 or not soup.select("html[lang]"):
        yield "no title, or no language"


def _of_element(node: Tag, ids: Counter[str]) -> Iterator[str]:
    if node.name in OBSOLETE:
        yield "it is obsolete"
    if (old := OLD_ATTRIBUTES & node.attrs.keys()) and not node.find_parent("svg"):
        yield f"{', '.join(sorted(old))} is obsolete"
    if node.name in PHRASING and (block := node.find(BLOCKS)):
        yield f"holds a block, {block.name}"
    if node.name in ("a", "button") and (inner := node.find(ACTIVE)):
        yield f"holds something to press, {inner.name}"
    inside = {child.name for child in node.find_all(True, recursive=False)}
    if node.name in ITEMS and (others := inside - ITEMS[node.name]):
        yield f"holds {', '.join(sorted(others))}"
    if node.name == "img" and not node.has_attr("alt"):
        yield "no words for it"
    for pointer in POINTERS:
        values = node.get_attribute_list(pointer) if node.has_attr(pointer) else []
        names = [name for value in values for name in str(value).split()]
        yield from (f"{pointer} names no {name}" for name in names if name not in ids)


def test_every_page_is_valid(site: Path) -> None:
    found = []
    for path in pages(site):
        own = [*parse_errors(path.read_text("utf-8")), *faults(soup_of(path))]
        found += [f"{path.name}: {fault}" for fault in own]
    assert not found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("<p><div></p></div>", "unexpected-end-tag"),
        ("<a id=x id=y>", "duplicate-attribute"),
        ("<p>a &foo; b</p>", "expected-named-entity"),
        ("<table><div>x</div></table>", "table-voodoo"),
        ("<div>", "expected-one-end-tag"),
        ("<b id=x></b><b id=x></b>", "x is the id of 2"),
        ("<tt>x</tt>", "it is obsolete"),
        ("<td align=left>x</td>", "align is obsolete"),
        ("<span><ul></ul></span>", "holds a block, ul"),
        ("<a href=x><button></button></a>", "holds something to press, button"),
        ("<ul><b>x</b></ul>", "<ul>: holds b"),
        ("<img src=x>", "no words for it"),
        ("<label for=y>x</label>", "for names no y"),
    ],
)
def test_what_is_wrong_is_found(wrong: str, said: str) -> None:
    page = (
        "<!doctype html><html lang=en><head><title>x</title></head>"
        f"<body>{wrong}</body></html>"
    )
    soup = BeautifulSoup(page, "html.parser")
    assert said in " ".join([*parse_errors(page), *faults(soup)])
