"""How the widgets look and fit: three widths, large letters, dark, forced colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .gallery import PAGE, everything

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .lab import Lab

PHONE, HALF, WIDE = 268, 720, 1000  # how wide the card is
SCREEN = 600  # what JupyterLab shows of a notebook on 1280 x 720
READABLE, LEGIBLE = 12.5, 9  # letters in pixels: on a desk, on a phone
FINGER = 24
MATRIX = {"BigramMap", "AttentionExplorer"}  # a list or buttons do the same there
TYPED = {"PromptBox", "StageSwitcher"}  # typed into first, and read afterwards
FRAMED = ("AttentionExplorer", "LossMask", "ToolTrace", "LogitLens", "PromptBox")

every_width = pytest.mark.parametrize("width", [PHONE, HALF, WIDE])

DRAWN = """() => new Promise(done => requestAnimationFrame(() =>
    requestAnimationFrame(() => requestAnimationFrame(done))))"""
EACH = """measure => Object.fromEntries([...document.querySelectorAll('.shelf')]
    .map(shelf => [shelf.id, eval(measure)(shelf.querySelector('.ltg'))]))"""
OUTSIDE = """card => {
    const box = card.getBoundingClientRect();
    const clipped = (node) => {
        for (let up = node.parentElement; up !== card; up = up.parentElement) {
            if (getComputedStyle(up).overflowX !== 'visible') return true;
        }
        return false;
    };
    return [...card.querySelectorAll('*')].filter(node => {
        const { width, left, right } = node.getBoundingClientRect();
        return width && !node.closest('.ltg-spoken, defs') && !clipped(node)
            && (right > box.right + 1 || left < box.left - 1);
    }).map(node => node.outerHTML.slice(0, 90));
}"""
CUT = """card => [...card.querySelectorAll('td, th, button, p, dd, dt, label, li')]
    .filter(node => node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1
        && !node.closest('.ltg-spoken')).map(node => node.outerHTML.slice(0, 90))"""
SMALLEST = """card => {
    const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
    let smallest = [99, ''];
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        const words = texts.currentNode.textContent.trim();
        if (!words || node.closest('.ltg-spoken, option, sup')) continue;
        if (!node.getClientRects().length) continue;
        const shown = node.getScreenCTM?.() ?? { a: 1, b: 0 };
        const size = parseFloat(getComputedStyle(node).fontSize)
            * Math.hypot(shown.a, shown.b);
        if (size < smallest[0]) smallest = [size, words];
    }
    return smallest;
}"""
SMALL_TARGETS = f"""card => [...card.querySelectorAll(
        'button, select, textarea, input, [role=option]')]
    .map(node => (node.matches('[type=radio], [type=checkbox]')
        && node.closest('label')) || node)
    .filter(node => {{
        const {{ width, height }} = node.getBoundingClientRect();
        return width && Math.min(width, height) < {FINGER} - 0.5;
    }}).map(node => node.outerHTML.slice(0, 90))"""
LOSES_KEYS = """card => [...card.querySelectorAll(
        'input, textarea, select, button, [tabindex]')]
    .filter(node => node.dataset.lmSuppressShortcuts !== 'true')
    .map(node => node.outerHTML.slice(0, 90))"""
OUT_OF_SIGHT = f"""card => {{
    const knobs = card.querySelector('.ltg-knobs');
    const height = card.getBoundingClientRect().height;
    if (height <= {SCREEN} || !knobs) return height <= {SCREEN} ? [] : [height];
    const lost = [];
    for (const part of card.querySelectorAll('svg[viewBox], dl, table, p')) {{
        if (part.closest('.ltg-knobs, .ltg-ll-scroll') || !part.clientHeight) continue;
        if (part.compareDocumentPosition(knobs) & 4) continue; // it stands before them
        part.scrollIntoView({{ block: 'end' }});
        const {{ top, bottom }} = knobs.getBoundingClientRect();
        const seen = top >= -1 && bottom <= innerHeight + 1;
        if (!seen) lost.push(part.outerHTML.slice(0, 90));
    }}
    return lost;
}}"""
HEIGHT = "card => card.getBoundingClientRect().height"
FRAMES = """card => Object.fromEntries([true, false].map(chosen => [chosen, [...new Set(
    [...card.querySelectorAll('.ltg-frame, [role=option]')].filter(node => chosen
        === (node.matches('.ltg-framed, [aria-selected=true], [aria-current]')))
    .map(node => getComputedStyle(node).borderTopColor))]]))"""
SHADES = """card => [...new Set([...card.querySelectorAll('.ltg-heat')]
    .map(node => getComputedStyle(node).backgroundColor))]"""
GROUND = "card => getComputedStyle(card).backgroundColor"
COLUMNS = """card => new Set([...card.querySelectorAll('.ltg-tiles > div')]
    .filter(tile => tile.clientWidth)
    .map(tile => Math.round(tile.getBoundingClientRect().left))).size"""
TILES = """card => [...card.querySelectorAll('.ltg-tiles > div')]
    .map(tile => Math.round(tile.getBoundingClientRect().height)).join()"""
DARK_OR_LIGHT = """([place, name, value]) => {
    const node = document.querySelector(place);
    const before = node.getAttribute(name);
    node.setAttribute(name, value);
    const card = document.querySelector('#SoftmaxBars .ltg');
    const ground = getComputedStyle(card).backgroundColor;
    if (before === null) node.removeAttribute(name);
    return ground;
}"""


class Looks:
    """The page with all widgets, and what is measured on each of them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def resize(self, width: int, letters: int = 14) -> None:
        """Make room for cards of `width` pixels and for letters of so many."""
        self.page.set_viewport_size({"width": width + 20, "height": SCREEN})
        self.page.evaluate(
            "size => document.documentElement.style"
            ".setProperty('--jp-content-font-size1', size)",
            f"{letters}px",
        )
        self.page.evaluate(DRAWN)

    def each(self, measure: str) -> dict[str, Any]:
        """Return what a measure says of each widget."""
        found: dict[str, Any] = self.page.evaluate(EACH, f"({measure})")
        return found


@pytest.fixture(scope="module")
def drawn(lab: Lab) -> Iterator[Looks]:
    """Draw all widgets on one page, without a kernel."""
    page = lab.page.context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.set_content(PAGE)
    page.wait_for_function("window.ready")
    for widget in everything():
        page.evaluate("widget => window.show(widget)", widget)
    page.evaluate(DRAWN)
    yield Looks(page)
    page.close()
    assert errors == []


@pytest.fixture
def looks(drawn: Looks) -> Looks:
    """Return the page as it is at first: light, plain colours, half a screen wide."""
    drawn.page.emulate_media(forced_colors="none", color_scheme="light")
    drawn.resize(HALF)
    return drawn


def faults(found: dict[str, Any]) -> dict[str, Any]:
    return {name: what for name, what in found.items() if what}


@every_width
def test_nothing_sticks_out_of_a_card(looks: Looks, width: int) -> None:
    looks.resize(width)
    assert faults(looks.each(OUTSIDE)) == {}


@every_width
def test_no_text_is_cut_off(looks: Looks, width: int) -> None:
    looks.resize(width)
    assert faults(looks.each(CUT)) == {}


@every_width
def test_every_letter_can_be_read(looks: Looks, width: int) -> None:
    looks.resize(width)
    least = LEGIBLE if width == PHONE else READABLE
    sizes = looks.each(SMALLEST)
    assert {name: size for name, size in sizes.items() if size[0] < least} == {}


@pytest.mark.parametrize("width", [HALF, WIDE])
def test_all_letters_grow_with_the_readers(looks: Looks, width: int) -> None:
    looks.resize(width)
    before = looks.each(SMALLEST)
    looks.resize(width, letters=21)
    after = looks.each(SMALLEST)
    stayed = {n: (before[n], after[n]) for n in after if after[n][0] < 1.2 * READABLE}
    assert stayed == {}
    assert faults(looks.each(OUTSIDE)) == {}


@every_width
def test_a_finger_can_hit_every_control(looks: Looks, width: int) -> None:
    looks.resize(width)
    small = faults(looks.each(SMALL_TARGETS))
    assert {name: what for name, what in small.items() if name not in MATRIX} == {}


def test_jupyterlab_leaves_the_keys_of_every_control_alone(looks: Looks) -> None:
    assert faults(looks.each(LOSES_KEYS)) == {}


def test_the_row_of_the_bigram_map_can_be_chosen_from_a_list(looks: Looks) -> None:
    menu = looks.page.locator("#BigramMap select")
    menu.select_option(label="q")
    assert "After “q”" in looks.page.locator("#BigramMap").inner_text()
    menu.select_option(index=0)


@pytest.mark.parametrize("width", [HALF, WIDE])
def test_a_knob_and_what_it_moves_are_on_one_screen(looks: Looks, width: int) -> None:
    looks.resize(width)
    lost = faults(looks.each(OUT_OF_SIGHT))
    assert {name: what for name, what in lost.items() if name not in TYPED} == {}


def test_a_wide_card_fits_on_a_screen(looks: Looks) -> None:
    looks.resize(WIDE)
    tall = {name: h for name, h in looks.each(HEIGHT).items() if h > SCREEN + 10}
    with_texts = {"AttentionExplorer", "LogitLens"}  # of the reader's own, in a box
    assert set(tall) <= with_texts | TYPED, tall


def test_tiles_stand_two_by_two_on_a_phone(looks: Looks) -> None:
    looks.resize(PHONE)
    columns = looks.each(COLUMNS)
    assert {n for n in columns.values() if n} == {2}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_the_message(looks: Looks, scheme: str) -> None:
    looks.page.emulate_media(forced_colors="active", color_scheme=scheme)
    looks.page.evaluate(DRAWN)
    ground = looks.each(GROUND)["BigramMap"]
    frames = looks.each(FRAMES)
    for name in FRAMED:
        assert frames[name]["false"] == [ground], name
        assert ground not in frames[name]["true"], name
        assert frames[name]["true"], name
    shades = looks.each(SHADES)
    assert len(shades["BigramMap"]) > 20
    assert len(shades["ScoreMatrix"]) > 4


def rgb(color: str) -> list[float]:
    """Return red, green and blue in 0 .. 255 of a computed colour."""
    numbers = [float(n) for n in re.findall(r"[0-9.]+", color)[:3]]
    return [255 * n for n in numbers] if color.startswith("color(") else numbers


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pair_seen_once_differs_from_one_never_seen(
    looks: Looks, scheme: str
) -> None:
    looks.page.emulate_media(color_scheme=scheme)
    looks.page.evaluate(DRAWN)
    shades = [rgb(shade) for shade in looks.each(SHADES)["BigramMap"]]
    ground = rgb(looks.each(GROUND)["BigramMap"])
    by_distance = sorted(
        max(abs(a - b) for a, b in zip(shade, ground, strict=True)) for shade in shades
    )
    assert by_distance[1] - by_distance[0] > 12


@pytest.mark.parametrize(
    ("place", "name", "dark", "light"),
    [
        ("html", "data-theme", "dark", "light"),
        ("body", "data-theme", "dark", "light"),
        ("html", "theme", "dark", "light"),
        ("body", "data-jp-theme-light", "false", "true"),
        ("body", "class", "vscode-dark", "vscode-light"),
    ],
)
def test_the_theme_of_the_page_decides(
    looks: Looks, place: str, name: str, dark: str, light: str
) -> None:
    for scheme in ("light", "dark"):
        looks.page.emulate_media(color_scheme=scheme)
        for value, is_dark in ((dark, True), (light, False)):
            ground = looks.page.evaluate(DARK_OR_LIGHT, [place, name, value])
            assert (max(rgb(ground)) < 128) == is_dark, (scheme, value, ground)


def test_lists_of_a_theme_do_not_move_the_tiles(looks: Looks) -> None:
    before = looks.each(TILES)
    style = looks.page.add_style_tag(
        content="article dl dd, dl dd { margin: 0 0 30px 32px; padding: 9px }"
        "dl dd:last-child { margin-bottom: 30px } dl { margin: 40px }"
    )
    after = looks.each(TILES)
    style.evaluate("node => node.remove()")
    assert after == before
