"""The picture of the whole model without its page: sums, places, address, words."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.gpt import GPT, GPTConfig
from course_lib.lens import heads_off
from course_play.browser import bundle
from course_play.browser.export import packed
from course_play.browser.figure import figure_module, figure_script, figure_style
from tests.course_play.test_browser_words import ask
from tests.course_play.test_widgets_style import COMMENT, FOLLOWS, FONT
from tests.course_play.widget_js import find_node
from tiny_world import SPECIAL_TOKENS, VOCABULARY

SHEET = figure_style().replace((bundle.WIDGETS / "base.css").read_text("utf-8"), "")
WORDS = """
import { Words } from "./words.js";
const words = new Words(cases.words);
"""

STEPS = """
import { ACTIVATIONS } from "./gpt.js";
import { loadGPT } from "./weights.js";
import { beforeBend, dot, headRow, headSteps, normSteps, openReader, unturned, without }
  from "./whole_reading.js";
const far = (a, b) => Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
const gpt = loadGPT(cases);
const read = openReader(gpt);
read([0, 7, 9, 1]);
const seen = read([0, 7, 7, 31, 2]);
const { D, config } = gpt;
answer = { logits: Array.from(seen[4].logits), gaps: {} };
const gap = (name, x) => { answer.gaps[name] = Math.max(answer.gaps[name] ?? 0, x); };
seen.forEach((see, t) => {
  for (let layer = 0; layer < config.n_layers; layer += 1) {
    const here = see.layers[layer];
    const { weight } = gpt.blocks[layer].norm_1;
    const { mean, size, gain } = normSteps(here.streamIn, weight, config);
    gap("norm", far(here.streamIn.map((x, i) => ((x - mean) / size) * gain[i]),
      here.normed1));
    const bend = ACTIVATIONS[config.activation];
    gap("bend", far(beforeBend(gpt, see, layer).map(bend), here.inner));
    for (let head = 0; head < config.n_heads; head += 1) {
      const { q, keys, mix } = headSteps(gpt, seen, layer, head, t);
      const powers = keys.map(({ s, score }) => (s <= t ? Math.exp(score) : 0));
      const sum = powers.reduce((a, b) => a + b, 0);
      gap("weights", far(powers.map((x) => x / sum), keys.map(({ weight }) => weight)));
      gap("mix", far(q.map((_, i) => keys.reduce((total, { weight, v }) =>
        total + weight * v[i], 0)), mix));
      const before = unturned(gpt, see, layer, head);
      const turn = (x) => x.map((_, i) => {
        if (gpt.places) return x[i];
        const pair = i % (D / 2);
        const [c, s] = [Math.cos(t * gpt.speeds[pair]), Math.sin(t * gpt.speeds[pair])];
        return i < D / 2 ? x[pair] * c - x[pair + D / 2] * s
          : x[pair] * s + x[pair + D / 2] * c;
      });
      gap("query", far(turn(before.q), q));
      gap("key", far(turn(before.k), keys[t].k));
    }
  }
  gap("logit", Math.abs(dot(see.normed, headRow(gpt, 11)) - see.logits[11]));
});
answer.silent = Array.from(without(gpt, [0, 7, 7, 31, 2], 1, 2)[4]);
gap("read on", far(read([0, 7, 7, 31, 2, 5])[5].logits,
  openReader(loadGPT(cases))([0, 7, 7, 31, 2, 5])[5].logits));
"""


def world() -> dict[str, Any]:
    return {"vocabulary": VOCABULARY, "special": SPECIAL_TOKENS}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"norm": "rms", "activation": "relu_squared"},
        {"n_kv_heads": 2},
        {"positions": "learned", "qk_norm": False, "tied": False},
    ],
)
def test_the_steps_lead_to_what_the_model_computes(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    """Norm, query and key, weights, mix, bend and logit, each from its inputs."""
    config = GPTConfig(vocab_size=40, context_size=16, emb_dim=32, n_layers=2, **parts)
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_((2 * weight).half())
        wanted = model(torch.tensor([[0, 7, 7, 31, 2]]))[0, -1]
        with heads_off(model, [(1, 2)]):
            silent = model(torch.tensor([[0, 7, 7, 31, 2]]))[0, -1]
    found = ask(tmp_path, STEPS, packed(model))
    assert found["logits"] == pytest.approx(wanted.tolist(), abs=1e-4)
    assert found["silent"] == pytest.approx(silent.tolist(), abs=1e-4)
    assert max(found["gaps"].values()) < 1e-4, found["gaps"]


def test_the_address_keeps_a_state(tmp_path: Path) -> None:
    states = [
        {},
        {"s": "Good night, Pip!", "part": "attention", "layer": 2, "head": 3, "t": 0},
        {"s": "a & b = #c?", "temp": 0.3, "seed": 12, "step": 4, "word": 0},
    ]
    program = """
import { FRESH, readAddress, writeAddress } from "./whole_state.js";
answer = { there: cases.map((one) => writeAddress({ ...FRESH, ...one })),
  back: cases.map((one) => readAddress(writeAddress({ ...FRESH, ...one }))),
  fresh: FRESH, odd: readAddress("#layer=two&t=&part=1&__proto__=3&s=") };
"""
    found = ask(tmp_path, program, states)
    assert found["back"] == [{**found["fresh"], **state} for state in states]
    assert found["there"][0] == ""
    assert found["there"][1].startswith(
        "#s=Good+night%2C+Pip%21&part=attention&layer=2"
    )
    assert found["odd"] == {**found["fresh"], "part": "1", "s": ""}


def test_everything_has_its_place_at_every_width(tmp_path: Path) -> None:
    program = """
import { laneAt, layoutOf } from "./whole_layout.js";
answer = [];
for (const width of [220, 300, 390, 640, 751, 752, 860, 1000, 1300]) {
  for (const T of [1, 2, 13, 40]) {
    const lay = layoutOf({ T, L: 3, width, longest: 9 });
    const spans = Object.values(lay.spans);
    const { x, y, width: w, height: h } = lay.box(spans[0][0], lay.end);
    answer.push({ width, T, across: lay.across,
      inside: x >= 0 && y >= 0 && x + w <= width + 0.01 && y + h <= lay.height + 0.01,
      row: spans.every(([from, to], i) => to > from
        && (!i || from === spans[i - 1][1])),
      lanes: Array.from({ length: T }, (_, t) => laneAt(lay, lay.point(9, t))),
      none: laneAt(lay, [-5, -5]) });
  }
}"""
    for found in ask(tmp_path, program, None):
        assert found["inside"], found
        assert found["row"], found
        assert found["lanes"] == list(range(found["T"]))
        assert found["none"] is None
        assert found["across"] == (found["width"] >= 752)


def test_keys_lead_where_the_picture_shows(tmp_path: Path) -> None:
    program = """
import { goalOf } from "./whole_keys.js";
const place = { t: 2, T: 5, L: 3 };
answer = cases.map(([key, at, across]) => goalOf(key, { across, at, ...place }));
"""
    asked = [
        ("ArrowRight", "words", True),
        ("ArrowLeft", "words", True),
        ("ArrowRight", "add2.1", True),
        ("ArrowDown", "add2.1", True),
        ("ArrowDown", "add2.1", False),
        ("ArrowLeft", "add2.1", False),
        ("PageDown", "attention.1", True),
        ("PageDown", "attention.2", True),
        ("End", "words", True),
        ("x", "words", True),
    ]
    assert ask(tmp_path, program, asked) == [
        {"part": "embedding"},
        {"part": "words"},
        {"part": "norm1.2"},
        {"t": 3},
        {"part": "norm1.2"},
        {"t": 1},
        {"part": "attention.2"},
        {"part": "attention.2"},
        {"part": "logits"},
        None,
    ]


def test_words_are_offered_and_missed(tmp_path: Path) -> None:
    program = f"""{WORDS}
import {{ EXAMPLES, beginnings, complaint, replaced }} from "./whole_sentence.js";
import {{ FRESH }} from "./whole_state.js";
answer = {{ li: beginnings("Once a LI", words), none: beginnings("Once ", words),
  good: [FRESH.s, ...EXAMPLES.map(([, text]) => text)].map((text) =>
    complaint(text, words)),
  bad: ["a hors and a zork", "a <eot>", "a ".repeat(40)].map((text) =>
    complaint(text, words)),
  mended: replaced("hors, horse hors", "hors", "horse") }};"""
    found = ask(tmp_path, program, {"words": world()})
    assert "lion" in found["li"]
    assert found["none"] == []
    assert set(found["good"]) == {None}
    unknown, special, long = found["bad"]
    assert "knows only 389 words, and “hors” (and 1 other)" in unknown["text"]
    assert ["hors", "horse"] in unknown["near"]
    assert "“<eot>” is not one of them" in special["text"]
    assert "has 41 tokens" in long["text"]
    assert found["mended"] == "horse, horse horse"


@pytest.mark.parametrize("text", [figure_script(), figure_module()])
def test_the_parts_make_one_script(tmp_path: Path, text: str) -> None:
    node, why = find_node()
    if node is None:
        pytest.skip(f"no Node that runs: {why}")
    kind = "cjs" if text == figure_script() else "mjs"
    file = tmp_path / f"figure.{kind}"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([node, "--check", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert text.count("const base_js = (() => {") == 1


def test_a_circle_of_imports_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        name: f'import {{ x }} from "./{other}.js";\n'
        for name, other in (("a", "b"), ("b", "a"))
    }
    monkeypatch.setattr(bundle, "_source", texts.__getitem__)
    with pytest.raises(ValueError, match="a -> b -> a: break this circle"):
        bundle.parts_of("a")


def test_letters_follow_the_readers() -> None:
    sizes = [value.strip() for _, value in FONT.findall(COMMENT.sub("", SHEET))]
    assert [size for size in sizes if not FOLLOWS.search(size)] == []
    assert "@container" in SHEET
