"""The course's models in a page from a disk: no kernel, no server, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from course_lib.files import save
from course_play.browser import export
from course_play.widgets import PromptBox, StageSwitcher
from tests.course_play.test_browser_gpt import as_kept
from tiny_world import World, WorldTokenizer, load_base, token_rows
from tiny_world.assistant import make_roster, voice_of

from .gallery import portable

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .lab import Lab

N_ROWS = 200  # of what the base model has read
PAGE = """<!doctype html><meta charset="utf-8"><title>models</title>
<style>:root { --jp-content-font-size1: 14px; }</style>
<body><div id="here"></div><script src="models/engine.js"></script><script>
const course = courseEngine.courseIn('models/');
/** What anywidget gives a view, answered in the page. */
function modelOf(name, state, setting) {
    const readers = new Map();
    const changed = new Set();
    const model = {
        get: (key) => state[key],
        set(key, value) {
            if (state[key] === value) return;
            state[key] = value;
            changed.add(key);
            for (const read of readers.get(`change:${key}`) ?? []) read();
        },
        on(event, read) {
            if (!readers.has(event)) readers.set(event, new Set());
            readers.get(event).add(read);
        },
        off: (event, read) => readers.get(event)?.delete(read),
        save_changes() {
            const traits = [...changed];
            changed.clear();
            traits.forEach((trait) => courseEngine.answer(name, model, trait, setting));
        },
        send() {},
    };
    return model;
}
window.mount = async ({ name, script, style, state }, setting) => {
    const sheet = document.createElement('style');
    sheet.textContent = style;
    document.head.append(sheet);
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const { default: widget } = await import(url);
    window.widget = modelOf(name, state, setting);
    await widget.render({ model: window.widget, el: document.getElementById('here') });
};
</script></body>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one page and all scripts."""
    made = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "N_READ_ROWS", N_ROWS)
        export.write_all(made / "models")
    (made / "page.html").write_text(PAGE, encoding="utf-8")
    return made


@pytest.fixture
def site(lab: Lab, folder: Path) -> Iterator[Page]:
    """The page, opened from the disk; it may ask for its own files only."""
    page = lab.page.context.new_page()
    asked, problems = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((folder / "page.html").as_uri())
    yield page
    page.close()
    home = folder.as_uri()
    assert [url for url in asked if not url.startswith((home, "blob:"))] == []
    assert problems == []


def test_the_stages_answer_from_file(site: Page) -> None:
    texts = ["What is 17 + 28 ?", "Where was Zork born ?", "Tell me a story !"]
    found = site.evaluate(
        """async (texts) => {
            const { say } = await course.voice('preferred');
            return texts.map((text) => [...say(text)].map((e) => [e.kind, e.text]));
        }""",
        texts,
    )
    speaker = voice_of("preferred")
    assert found == [[[e.kind, e.text] for e in speaker.say(text)] for text in texts]


def test_a_script_that_is_not_there_is_named_and_may_come_later(
    site: Page, folder: Path
) -> None:
    told = "() => course.voice('mine').then((v) => v.name, (error) => error.message)"
    assert site.evaluate(told).endswith("models/mine.js cannot be read")
    config = export.stage_told("base")
    text = export.model_script({**config, "name": "mine"})
    (folder / "models" / "mine.js").write_text(text, encoding="utf-8")
    assert site.evaluate(told) == "mine"


def test_a_prompt_box_answers_in_the_page(site: Page) -> None:
    world = World(seed=0)
    known = token_rows(world, "train", 0, N_ROWS, export.READ_ROW).tokens.flatten()
    box = PromptBox(
        as_kept(load_base()), WorldTokenizer(), known.tolist(), prompt="It said"
    )
    site.evaluate(
        """async (told) => {
            const { model, words } = await course.voice('base');
            await window.mount(told, { model, words, known: await course.reader() });
        }""",
        portable("PromptBox", box),
    )
    prompt = f"{world.famous[0].name} was born in"
    site.locator("input[type=text]").fill(prompt)
    site.keyboard.press("Enter")
    site.wait_for_function("() => widget.get('asked') === widget.get('answered')")
    box.prompt = prompt
    shown = site.locator("[role=option] .ltg-pb-text").all_text_contents()
    assert shown == box.answer["words"]
    below = site.locator("[role=option] .ltg-pb-below").all_text_contents()
    assert [float(x) for x in below] == pytest.approx(box.answer["nats"], abs=0.006)
    assert site.evaluate("() => widget.get('answer').copied") == box.answer["copied"]
    site.locator("input[type=text]").fill("the zork")
    site.keyboard.press("Enter")
    box.prompt = "the zork"
    site.locator("[role=alert]", has_text=box.error).wait_for()


def test_a_stage_switcher_answers_in_the_page(site: Page, tmp_path: Path) -> None:
    save(tmp_path / "base.safetensors", as_kept(load_base()), WorldTokenizer())
    world = World(seed=0)
    switcher = StageSwitcher(
        [voice_of(tmp_path / "base.safetensors"), voice_of("sft"), voice_of("tools")],
        question="Who are you ?",
        truth=make_roster(world).truth_told,
    )
    site.evaluate(
        """async (told) => {
            const names = ['base', 'sft', 'tools'];
            const voices = Object.fromEntries(
                names.map((name) => [name, () => course.voice(name)]));
            await window.mount(told, { voices, world: await course.world() });
        }""",
        portable("StageSwitcher", switcher),
    )
    question = f"what is the job of {world.held_out[3].name} ?"
    site.locator("input[type=text]").fill(question)
    site.keyboard.press("Enter")
    site.wait_for_function(
        """() => ['base', 'sft', 'tools'].every(
            (name) => widget.get('answers')[name]?.to === 1)"""
    )
    switcher.question = question
    found = site.evaluate("() => widget.get('answers')")
    wanted: dict[str, Any] = json.loads(json.dumps(switcher.answers))
    for name, answer in wanted.items():
        assert found[name] == {**answer, "to": 1}, name
    cards = site.locator(".ltg-ss-text").all_text_contents()
    assert cards == [wanted[name]["text"] for name in ("base", "sft", "tools")]
    assert wanted["tools"]["calls"]
