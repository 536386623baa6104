"""The scripts that a page gets: the same bytes twice, one scope, no way out."""

import re
from pathlib import Path

import pytest
import torch

from course_lib.gpt import GPT, GPTConfig
from course_play.browser import export
from tests.course_play.widget_js import BROWSER, run_js
from tiny_world import World, WorldTokenizer
from tiny_world.assistant import STAGES

FILES = sorted(BROWSER.glob("*.js"))
SITE = sorted((BROWSER.parents[1] / "classroom/site/static").glob("*.js"))
ENGINE = [path for path in FILES if not path.stem.startswith("whole_")]
"""The rest draws the whole model, see `figure.py`."""


def test_two_exports_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "N_READ_ROWS", 40)
    both = [export.write_all(tmp_path / name) for name in ("one", "two")]
    names = [path.name for path in both[0]]
    models = [f"{name}.js" for name in (*STAGES, "warm_start")]
    assert names == ["engine.js", "world.js", "read.js", *models]
    for one, two in zip(*both, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    sizes = {path.stem: path.stat().st_size for path in both[0]}
    assert max(sizes.values()) < 2 * 2**20


def test_every_module_is_in_the_script_after_what_it_needs() -> None:
    modules = export.engine_modules()
    assert {path.stem for path in ENGINE} == set(modules)
    for i, name in enumerate(modules):
        text = (BROWSER / f"{name}.js").read_text("utf-8")
        needed = re.findall(r'from "(?:\./|\.\./widgets/)(\w+)\.js"', text)
        assert set(needed) <= {"base", *modules[:i]}, name
        assert text.count('from "') == len(needed), name


def test_the_script_offers_what_the_modules_export(tmp_path: Path) -> None:
    (tmp_path / "engine.cjs").write_text(export.engine_script(), encoding="utf-8")
    program = """
import { createRequire } from "node:module";
createRequire(import.meta.url)("../engine.cjs");
answer = [Object.keys(globalThis.courseEngine)];
for (const name of cases) answer.push(Object.keys(await import(`./${name}.js`)));"""
    offered, *exported = run_js(tmp_path, program, export.engine_modules(), BROWSER)
    assert "mulberry32" not in offered, "the widgets' own"
    assert sorted(offered) == sorted(name for names in exported for name in names)
    assert {"GPT", "answer", "courseIn", "voiceOf"} <= set(offered)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_module_evaluates_text_or_reaches_for_the_network(path: Path) -> None:
    words = (
        r"https?:|fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|eval\(|Function\("
    )
    assert re.findall(words, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", [*FILES, *SITE], ids=lambda path: path.name)
def test_lines_and_modules_stay_short(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > 100] == []
    code = [line for line in lines if not re.match(r"\s*(//|/\*\*|\*|$)", line)]
    assert len(code) <= 250


def test_weights_that_half_precision_cannot_hold_are_refused() -> None:
    model = GPT(GPTConfig(vocab_size=3, emb_dim=8, n_heads=2, n_layers=1))
    with torch.no_grad():
        model.norm.weight[0] = 1e6
    with pytest.raises(ValueError, match=r"norm\.weight holds a number"):
        export.packed(model)


def test_more_tokens_than_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="430 different tokens"):
        export.read_told(range(430))


def test_the_world_of_a_page_has_what_its_tools_look_up(tmp_path: Path) -> None:
    from tiny_world.assistant import world_tools

    world = World(seed=0)
    search = world_tools(world)["search"]
    keys = [
        f"{person.name} {word}"
        for person in (*world.famous[:9], *world.held_out[:9])
        for word in ("born", "job", "food", "hat")
    ]
    program = """
import { worldTools } from "./voices.js";
const { search } = worldTools(cases.world);
const tell = (text) => {
  try { return search(text); } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
answer = cases.keys.map(tell);"""
    odd = ["nobody's hat", " ", f"  {keys[0]}  ".replace(" ", "  ")]
    cases = {"world": export.world_told(world), "keys": [*keys, *odd]}
    *found, nobody, nothing, spaced = run_js(tmp_path, program, cases, BROWSER)
    assert found == [search(key) for key in keys]
    assert nobody == """LookupError: the records have nothing on "nobody's hat\""""
    assert nothing == "LookupError: the records have nothing on ''"
    assert spaced == found[0]


def test_a_model_of_ones_own_becomes_a_voice(tmp_path: Path) -> None:
    config = GPTConfig(vocab_size=389, emb_dim=16, n_heads=2, n_layers=1)
    model = GPT(config, torch.Generator().manual_seed(0))
    told = export.model_told("mine", model, WorldTokenizer())
    program = """
import { voiceOf } from "./voices.js";
const voice = voiceOf(cases.told, cases.world, { max_new_tokens: 5 });
answer = [voice.name, [...voice.say("It said")].length];"""
    cases = {"told": told, "world": export.world_told(World(seed=0))}
    assert run_js(tmp_path, program, cases, BROWSER) == ["mine", 5]
