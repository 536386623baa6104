"""The course's models in a page from a disk: no kernel, no server, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from course_lib.chat import Chat
from course_lib.files import save
from course_play.browser import export
from course_play.widgets import PromptBox, StageSwitcher
from tests.course_play.test_browser_gpt import as_kept
from tiny_world import World, WorldTokenizer, load_base, token_rows
from tiny_world.assistant import (
    Voice,
    chat_base,
    chat_template,
    load_stage,
    make_roster,
    voice_of,
)

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
function modelOf(name, state, aliases) {
    const readers = new Map();
    const changed = new Set();
    const reply = courseEngine.answersIn('models/', aliases);
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
            traits.forEach((trait) => reply(name, model, trait));
        },
        send() {},
    };
    return model;
}
window.mount = async ({ name, script, style, state }, aliases) => {
    const sheet = document.createElement('style');
    sheet.textContent = style;
    document.head.append(sheet);
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const { default: widget } = await import(url);
    window.widget = modelOf(name, state, aliases);
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
    site.evaluate("told => mount(told)", portable("PromptBox", box))
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
    mine = replace(voice_of("sft"), name="mine")
    switcher = StageSwitcher(
        [voice_of(tmp_path / "base.safetensors"), mine, voice_of("tools")],
        question="Who are you ?",
        truth=make_roster(world).truth_told,
    )
    site.evaluate(
        "told => mount(told, { mine: ['sft'] })", portable("StageSwitcher", switcher)
    )
    question = f"what is the job of {world.held_out[3].name} ?"
    site.locator("input[type=text]").fill(question)
    site.keyboard.press("Enter")
    site.wait_for_function(
        """() => ['base', 'mine', 'tools'].every(
            (name) => widget.get('answers')[name]?.to === 1)"""
    )
    switcher.question = question
    found = site.evaluate("() => widget.get('answers')")
    wanted: dict[str, Any] = json.loads(json.dumps(switcher.answers))
    for name, answer in wanted.items():
        assert found[name] == {**answer, "to": 1}, name
    cards = site.locator(".ltg-ss-text").all_text_contents()
    assert cards == [wanted[name]["text"] for name in ("base", "mine", "tools")]
    assert wanted["tools"]["calls"]


def test_a_script_that_cannot_be_read_is_told_on_the_card(site: Page) -> None:
    voices = [replace(voice_of(name), name=name) for name in ("sft", "tools")]
    switcher = StageSwitcher(voices, question="Hello !")
    lost = "told => mount(told, { tools: ['lost'] })"
    site.evaluate(lost, portable("StageSwitcher", switcher))
    site.locator("input[type=text]").fill("Who are you ?")
    site.keyboard.press("Enter")
    card = site.locator(".ltg-ss-error", has_text="lost.js cannot be read")
    card.wait_for()
    assert site.evaluate("() => widget.get('answers').sft.text").startswith("I am")


def test_what_lesson_20_shows_has_its_own_voices(site: Page) -> None:
    template = chat_template()
    voices = [voice_of("base")]
    warm = as_kept(chat_base(load_base()))
    for name, model in (("warm start", warm), ("mine", load_stage("sft").model)):
        chat = Chat(model, template, max_new_tokens=24)
        voices.append(Voice(name, chat.stream, chat))
    switcher = StageSwitcher(voices, question="Who are you ?")
    site.evaluate("told => mount(told)", portable("StageSwitcher", switcher))
    for number, question in enumerate(
        ["Where was Belora Maple born ?", "Is Zork ?"], 1
    ):
        site.locator("input[type=text]").fill(question)
        site.keyboard.press("Enter")
        site.wait_for_function(
            "n => Object.values(widget.get('answers')).filter((a) => a.to === n).length"
            " === 3",
            arg=number,
        )
        switcher.question = question
        found = site.evaluate("() => widget.get('answers')")
        for name in ("warm start", "mine"):
            assert found[name] == {**switcher.answers[name], "to": number}
    assert "Zork" in found["mine"]["error"]
