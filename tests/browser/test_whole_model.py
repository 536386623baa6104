"""The picture of the whole model in a page from a disk: numbers, keys, looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import torch

from course_lib.attention import causal_attention
from course_lib.lens import heads_off
from course_play.browser import export
from course_play.browser.figure import figure_script, figure_style
from tests.course_play.test_browser_gpt import as_kept
from tiny_world import World, WorldTokenizer, load_base

from .accessibility import violations
from .server import ROOT
from .test_looks import CUT, LOSES_KEYS, OUTSIDE, SMALL_TARGETS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .lab import Lab

SENTENCE = "Once a baker had a cow and a lion. It said"
EOT = 0
STEPS = 12
WIDE, PHONE = (1280, 800), (390, 800)
PARTS = [
    *("words", "embedding", "norm1", "attention", "add1", "norm2", "forward"),
    *("add2", "norm", "logits", "probs"),
]
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The model</title>
<meta name="viewport" content="width=device-width">
<style>body { margin: 6px }</style><style>STYLE</style>
<body><main><h1>The whole model</h1><div id="here"></div></main>
<script src="engine.js"></script><script src="figure.js"></script><script>
courseEngine.courseIn('./').voice('base').then(({ model, words }) => {
    window.shut = courseFigure.mount(document.getElementById('here'),
        { gpt: model, words });
    window.ready = true;
});
</script></body></html>"""
CELLS = """table => [...table.querySelectorAll('tbody tr')].map(
    row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"""
CARD = "measure => eval(measure)(document.querySelector('.ltg'))"
SPEED = """async () => {
    const chips = [...document.querySelectorAll('.ltg-wm-examples button')].slice(1, 3);
    const times = [];
    for (let i = 0; i < 12; i += 1) {
        const start = performance.now();
        chips[i % 2].click();
        document.body.getBoundingClientRect();
        times.push(performance.now() - start);
        await new Promise(done => setTimeout(done, 30));
    }
    return Math.min(...times.slice(2));
}"""

every_part = pytest.mark.parametrize("part", PARTS)


def address(**state: Any) -> str:
    """What stands behind the page's address for a state."""
    return "#" + urlencode({"s": SENTENCE, **state})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page and its scripts."""
    made = tmp_path_factory.mktemp("whole_model")
    files = {
        "model.html": PAGE.replace("STYLE", figure_style()),
        "engine.js": export.engine_script(),
        "world.js": export.world_script(World(seed=0)),
        "base.js": export.model_script(export.stage_told("base")),
        "figure.js": figure_script(),
    }
    for name, text in files.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


class Figure:
    """The page with the picture, and how a test opens it."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.url = (folder / "model.html").as_uri()

    def open(self, size: tuple[int, int] = WIDE, **state: Any) -> Page:
        """Open the page at an address, in a window of a size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.goto("about:blank")
        self.page.goto(self.url + address(**state))
        self.page.wait_for_function("window.ready")
        return self.page

    def cells(self, shows: str) -> list[list[str]]:
        """The texts of a table of numbers."""
        table = self.page.locator(f"[data-shows={shows}]")
        found: list[list[str]] = table.evaluate(CELLS)
        return found


@pytest.fixture
def figure(lab: Lab, folder: Path) -> Iterator[Figure]:
    """The picture in a page of its own, which must not complain or ask elsewhere."""
    page = lab.page.context.new_page()
    problems, asked = list[str](), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda told: problems.append(told.text) if told.type == "error" else None,
    )
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(color_scheme="light")
    yield Figure(page, folder)
    page.close()
    assert problems == []
    kept = (folder.as_uri(), "about:", "data:")
    assert [url for url in asked if not url.startswith(kept)] == []


@pytest.fixture(scope="module")
def python() -> dict[str, Any]:
    """What Python makes of the sentence: probabilities, and weights of all heads."""
    words, model = WorldTokenizer(), as_kept(load_base())
    weights = list[torch.Tensor]()

    def keep(layer: Any, given: tuple[Any, ...], _: Any) -> None:
        q, k, v = layer.heads(*given[:2])
        weights.append(causal_attention(q, k, v)[1][0])

    hooks = [b.attention.register_forward_hook(keep) for b in model.blocks]
    tokens = torch.tensor([[EOT, *words.encode(SENTENCE)]])
    with torch.no_grad():
        logits = model(tokens)[0, -1]
    for hook in hooks:
        hook.remove()
    return {"words": words, "tokens": tokens[0], "logits": logits, "weights": weights}


@pytest.mark.parametrize("temperature", [1, 0.5, 2])
def test_the_probabilities_are_pythons(
    figure: Figure, python: dict[str, Any], temperature: float
) -> None:
    figure.open(part="probs", temp=temperature)
    probs = (python["logits"] / temperature).softmax(-1)
    top = probs.topk(10)
    rows = figure.cells("probs")
    told = [python["words"].decode([i]) for i in top.indices.tolist()]
    assert sorted(row[0] for row in rows) == sorted(told)
    assert [float(row[4]) for row in rows] == pytest.approx(
        top.values.tolist(), abs=6e-4
    )
    logits = [float(row[1].replace("−", "-")) for row in rows]
    ids = [python["words"].encode(row[0])[0] for row in rows]
    assert logits == pytest.approx(python["logits"][ids].tolist(), abs=2e-3)


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (1, 2), (2, 3)])
def test_the_weights_of_a_head_are_pythons(
    figure: Figure, python: dict[str, Any], layer: int, head: int
) -> None:
    figure.open(part="attention", layer=layer, head=head)
    rows = figure.cells("weights")
    weights = python["weights"][layer][head, -1]
    assert [float(row[4]) for row in rows] == pytest.approx(weights.tolist(), abs=6e-4)
    names = [python["words"].decode([i]) for i in python["tokens"].tolist()]
    assert [row[0] for row in rows] == names


def test_a_silent_head_changes_what_python_says_it_does(
    figure: Figure, python: dict[str, Any]
) -> None:
    figure.open(part="attention", layer=2, head=3)
    model = as_kept(load_base())
    with torch.no_grad(), heads_off(model, [(2, 3)]):
        probs = model(python["tokens"][None])[0, -1].softmax(-1)
    rows = figure.cells("off")
    ids = [python["words"].encode(row[0])[0] for row in rows]
    told = [0.0 if "<" in row[3] else float(row[3].split()[0]) for row in rows]
    assert told == pytest.approx((100 * probs[ids]).tolist(), abs=0.06)


def test_a_later_word_is_masked(figure: Figure) -> None:
    figure.open(part="attention", t=3, k=6)
    rows = figure.cells("weights")
    assert all("−∞" in row[2] and float(row[4]) == 0 for row in rows[4:])
    assert sum(float(row[4]) for row in rows) == pytest.approx(1, abs=5e-3)
    assert "the mask hides it" in figure.page.locator(".ltg-wm-finding").inner_text()


def test_keys_move_along_the_model_and_open_a_part(figure: Figure) -> None:
    page = figure.open()
    picture = page.locator(".ltg-wm-picture")
    picture.locator("[tabindex='0']").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "PageDown"):
        page.keyboard.press(key)
    focused = "document.activeElement.dataset.part"
    assert page.evaluate(focused) == "attention.1"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "attention.1"
    page.wait_for_function(
        "() => document.querySelector('.ltg > .ltg-spoken').textContent.startsWith("
        "'Token 12 of 13, It. Attention of block 1: head 0 looks at')"
    )
    page.keyboard.press("Enter")
    assert page.locator(".ltg-wm-title").inner_text() == "Block 1, attention"
    tokens = page.locator(".ltg-wm-tokens")
    assert tokens.locator("[aria-selected=true]").inner_text() == "It"
    tokens.focus()
    page.keyboard.press("ArrowLeft")
    assert tokens.locator("[aria-selected=true]").inner_text() == "."
    page.get_by_role("radiogroup", name="Head").locator("input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="1").nth(1).is_checked()
    page.get_by_role("toolbar").locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    assert "plus" in page.locator(".ltg-wm-title").inner_text()
    page.keyboard.press("Escape")
    assert picture.is_visible()
    assert page.evaluate(focused) == "add1.1"


def test_on_a_phone_the_model_runs_down(figure: Figure) -> None:
    page = figure.open(PHONE)
    assert page.locator(".ltg-wm-picture.ltg-wm-down").is_visible()
    page.locator(".ltg-wm-picture [tabindex='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    assert page.locator(".ltg-wm-title").inner_text() == "Embedding"
    assert page.locator(".ltg-wm-tok[aria-selected=true]").inner_text() == "It"


def test_the_address_says_what_is_shown(figure: Figure) -> None:
    page = figure.open()
    page.locator("[data-part='attention.2']").dispatch_event("click")
    page.get_by_role("radio", name="3").check()
    page.get_by_role("button", name="cow", exact=True).click()
    page.get_by_role("slider", name="Temperature").first.fill("0.5")
    page.wait_for_function("location.hash.includes('temp=0.5')")
    shown = page.locator(".ltg-wm-body-row").inner_text()
    link = page.url
    assert "layer=2&head=3" in link
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("window.ready")
    assert page.locator(".ltg-wm-body-row").inner_text() == shown
    page.evaluate("location.hash = '#part=forward&layer=1'")
    assert page.locator(".ltg-wm-title").inner_text() == "Block 1, feed-forward layer"


@pytest.mark.parametrize(
    "wrong",
    [
        {"s": "Xylophones rock"},
        {"part": "heart", "layer": 7, "head": -3, "t": 99, "k": 99},
        {"part": "logits", "word": 4000, "temp": 0, "n": 9999, "step": 77},
        {"part": "attention", "layer": "two", "pair": 99},
        {"s": ""},
    ],
)
def test_a_damaged_address_does_no_harm(figure: Figure, wrong: dict[str, Any]) -> None:
    page = figure.open(**wrong)
    assert page.locator(".ltg-wm-choice").count() == 8


def test_an_unknown_word_is_said_politely(figure: Figure) -> None:
    page = figure.open()
    box = page.get_by_role("combobox", name="Your sentence")
    box.fill("Once there was a brave hors . It said")
    box.press("Enter")
    says = page.locator(".ltg-wm-says")
    assert "knows only 389 words, and “hors” is not one of them" in says.inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    says.get_by_role("button", name="horse").click()
    assert box.input_value() == "Once there was a brave horse . It said"
    assert says.inner_text() == ""
    assert page.locator(".ltg-wm-token").all_text_contents()[6] == "horse"


def test_known_words_are_offered(figure: Figure) -> None:
    page = figure.open()
    box = page.get_by_role("combobox", name="Your sentence")
    box.fill("")
    box.press_sequentially("once there was a li")
    page.get_by_role("option").first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert "lion" in page.get_by_role("listbox", name="begin").inner_text()
    box.press("ArrowDown")
    chosen = page.locator(".ltg-wm-offers [aria-selected=true]").inner_text()
    box.press("Enter")
    assert box.input_value() == f"Once there was a {chosen}"
    assert chosen.startswith("li")


def test_a_long_text_is_said_politely(figure: Figure) -> None:
    page = figure.open()
    box = page.get_by_role("combobox", name="Your sentence")
    box.fill("a " * 60)
    box.press("Enter")
    assert "room for 40" in page.locator(".ltg-wm-says").inner_text()


def test_the_next_word_is_the_one_that_was_drawn(figure: Figure) -> None:
    page = figure.open(s="Once there was a brave horse named Momo. It", seed=3)
    told = page.locator(".ltg-wm-told-draw").inner_text()
    drawn = told.split("“")[1].split("”")[0]
    page.get_by_role("button", name="Next word").click()
    box = page.get_by_role("combobox", name="Your sentence")
    assert box.input_value() == f"Once there was a brave horse named Momo. It {drawn}"
    page.get_by_role("button", name="Write on").click()
    page.wait_for_function(
        "length => document.querySelector('.ltg-wm-input').value.length > length",
        arg=len(box.input_value()),
    )
    page.get_by_role("button", name="Stop").click()


def test_the_tour_tells_each_step_and_its_lesson(figure: Figure) -> None:
    page = figure.open()
    card = page.get_by_role("group", name="Guided tour")
    texts, links = list[str](), list[str]()
    card.get_by_role("button", name="Start the tour").click()
    for step in range(1, STEPS + 1):
        assert f"{step} of {STEPS}" in card.inner_text()
        texts.append(card.locator(".ltg-wm-tour-text").inner_text())
        links.append(card.get_by_role("link").get_attribute("href") or "")
        if step < STEPS:
            card.get_by_role("button", name="Next", exact=True).click()
    assert len(set(texts)) == STEPS
    sources = [ROOT / "notebooks" / "source" / f"{link[:-5]}.py" for link in links]
    assert [path for path in sources if not path.is_file()] == []
    said = page.locator(".ltg > .ltg-spoken")
    page.wait_for_function(
        "() => document.querySelector('.ltg > .ltg-spoken').textContent"
        ".startsWith('Step 12')"
    )
    assert "Press Next word" in said.inner_text()
    card.get_by_role("button", name="Done").click()
    assert "Start the tour" in card.inner_text()


@every_part
def test_every_part_opens_with_its_lesson(figure: Figure, part: str) -> None:
    page = figure.open(part=part, layer=1)
    link = page.locator(".ltg-wm-details .ltg-wm-lesson").get_attribute("href") or ""
    assert (ROOT / "notebooks" / "source" / f"{link[:-5]}.py").is_file()
    assert violations(page, "#here") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_overview_is_accessible(figure: Figure, scheme: Any) -> None:
    page = figure.open(step=4)
    page.emulate_media(color_scheme=scheme)
    assert violations(page, "#here") == []


@pytest.mark.parametrize("size", [PHONE, (768, 900), WIDE])
def test_nothing_sticks_out_or_is_too_small(
    figure: Figure, size: tuple[int, int]
) -> None:
    for part in ["", *PARTS]:
        page = figure.open(size, part=part, layer=1)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], part
        for measure in (OUTSIDE, CUT, SMALL_TARGETS, LOSES_KEYS):
            assert page.evaluate(CARD, measure) == [], part


def test_parts_of_the_picture_can_be_hit(figure: Figure) -> None:
    sizes = """() => [...document.querySelectorAll('.ltg-wm-picture [data-part]')]
        .map(part => part.querySelector('.ltg-wm-hit').getBoundingClientRect())
        .map(({ width, height }) => Math.min(width, height))"""
    for size in (PHONE, WIDE):
        assert min(figure.open(size).evaluate(sizes)) >= 23.9


def test_a_sentence_is_drawn_in_a_moment(figure: Figure) -> None:
    assert figure.open().evaluate(SPEED) < 100


def test_nothing_moves_for_those_who_ask(figure: Figure) -> None:
    page = figure.open()
    page.emulate_media(reduced_motion="reduce")
    moving = "getComputedStyle(document.querySelector('.ltg-wm-spark')).animationName"
    assert page.evaluate(moving) == "none"


def test_forced_colours_keep_strips_and_choices(figure: Figure) -> None:
    page = figure.open(part="attention")
    page.emulate_media(forced_colors="active")
    frames = [
        page.locator(f".ltg-wm-tok[aria-selected={choice}]").first.evaluate(
            "node => getComputedStyle(node).borderTopColor"
        )
        for choice in ("true", "false")
    ]
    assert frames[0] != frames[1]
    adjust = page.locator(".ltg-wm-strip").first.evaluate(
        "node => getComputedStyle(node).forcedColorAdjust"
    )
    assert adjust == "none"


def test_it_can_be_taken_away(figure: Figure) -> None:
    page = figure.open()
    page.evaluate("window.shut()")
    assert page.locator("#here > *").count() == 0
    page.evaluate("location.hash = '#part=logits'")


def test_a_part_that_opens_is_seen_from_its_start(figure: Figure) -> None:
    page = figure.open(PHONE)
    page.locator("[data-part='attention.2']").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 1400)")
    page.locator("[data-part='forward.2']").dispatch_event("click")
    top = page.locator(".ltg-wm-title").bounding_box()
    assert top is not None
    assert 0 <= top["y"] < 400
    page.get_by_role("button", name="Overview").click()
    assert page.evaluate("document.activeElement.dataset.part") == "forward.2"


def test_the_largest_number_is_read_out_at_first(figure: Figure) -> None:
    page = figure.open(part="forward", layer=2)
    term = page.locator(".ltg-wm-pair .ltg-wm-sum .ltg-wm-term").nth(1)
    largest = page.locator(".ltg-wm-pair button").first.inner_text().split(": ")[1]
    assert f"{float(term.locator('b').inner_text()):.1f}" == largest
    page.get_by_role("slider", name="Number that is read out").fill("7")
    page.wait_for_function("location.hash.includes('n=7')")
    assert "inner number 7" in page.locator(".ltg-wm-pair").inner_text()
