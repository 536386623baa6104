"""What widgets ask Python for, answered by JavaScript: the traits that Python sets."""

import random
from array import array
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib import lens
from course_lib.chat import Message, answers
from course_lib.copies import CopyMeter
from course_lib.gpt import GPT
from course_play.browser.export import (
    model_told,
    read_told,
    stage_told,
    world_told,
)
from course_play.widgets.attention_explorer import AttentionExplorer
from course_play.widgets.logit_lens import LogitLens
from course_play.widgets.prompt_box import PromptBox
from course_play.widgets.stage_switcher import StageSwitcher
from course_play.widgets.token_lab import TokenLab
from course_play.widgets.tool_trace import ToolTrace
from tests.course_play.test_browser_gpt import as_kept, texts
from tests.course_play.test_browser_talk import voice
from tests.course_play.test_browser_words import ask
from tiny_world import VOCABULARY, World, WorldTokenizer, load_base, token_rows
from tiny_world.assistant import (
    chat_template,
    load_stage,
    make_roster,
    world_tools,
)

Changes = list[dict[str, Any]]
PLAY = """
import { answer as reply, ANSWERS, asks } from "./answers.js";
import { CopyMeter } from "./copies.js";
import { voiceOf } from "./voices.js";
const voices = Object.fromEntries(cases.models.map((facts) =>
  [facts.name, voiceOf(facts, cases.world)]));
const { model, words } = Object.values(voices)[0];
/** Traits as anywidget gives them to a view; `told` are the names that were set. */
const widgetOf = (state) => {
  const told = new Set();
  return { state, told, get: (name) => state[name],
    set: (name, value) => { told.add(name); state[name] = value; } };
};
/** Change traits as a view does, and answer; after each change, a copy of the state. */
const play = async (name, state, changes, setting) => {
  const widget = widgetOf(state);
  const seen = [];
  for (const change of changes) {
    Object.assign(state, change);
    widget.told.clear();
    await Promise.all(Object.keys(change)
      .map((trait) => reply(name, widget, trait, setting)));
    seen.push(JSON.parse(JSON.stringify(state)));
  }
  return seen;
};
"""


def states_of(widget: Any, changes: Changes) -> list[dict[str, Any]]:
    """What the browser has after each change, with Python behind it."""
    seen = []
    for change in changes:
        with widget.hold_trait_notifications():
            for name, value in change.items():
                widget.set_trait(name, value)
        seen.append(own_state(widget))
    return seen


def own_state(widget: Any) -> dict[str, Any]:
    skip = {"layout", "tabbable", "tooltip", "comm"}
    state = widget.get_state()
    return {k: v for k, v in state.items() if k not in skip and k[0] != "_"}


def close(value: Any) -> Any:
    """The same value, its numbers to be compared with a tolerance."""
    if isinstance(value, float):
        return pytest.approx(value, abs=3e-5)
    if isinstance(value, dict):
        return {key: close(one) for key, one in value.items()}
    return [close(one) for one in value] if isinstance(value, list | tuple) else value


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    for number, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
        for name, value in theirs.items():
            assert mine[name] == close(value), f"change {number}: {name}"


def base_told() -> dict[str, Any]:
    return stage_told("base")


def test_a_prompt_box_gets_what_python_sets(tmp_path: Path) -> None:
    world, words = World(seed=0), WorldTokenizer()
    known = token_rows(world, "train", 0, 300, 129).tokens.flatten().tolist()
    made = {"prompt": "Once there was a shy", "fresh": 11.5, "examples": ["It said"]}
    box = PromptBox(as_kept(load_base()), words, known, **made)
    start, star = own_state(box), world.famous[0].name
    changes: Changes = [
        {"prompt": f"{star} was born in", "asked": 1},
        {"prompt": "It said moo. the COW", "asked": 2},  # capitals
        {"temperature": 1.0, "asked": 3},
        {"roll": 1, "asked": 4},
        {"roll": 2, "prompt": "Where does the", "asked": 5},
        {"prompt": "the zork sat on Paris", "asked": 6},  # refused
        {"prompt": "It said <user>", "asked": 7},
        {"prompt": "the " * 127, "asked": 8},
        {"asked": 9},
        {"prompt": "the " * 125, "asked": 10, "temperature": 0.0},  # one word fits
        {"prompt": "", "asked": 11, "temperature": 1.5},
        {"mark": "copies"},  # asks nothing
        {"word": 3},
    ]
    wanted = states_of(box, changes)
    program = f"""{PLAY}
const known = new CopyMeter(cases.read.text, cases.read.letters);
answer = await play("PromptBox", cases.state, cases.changes,
  {{ model, words, known }});"""
    page = {"models": [base_told()], "world": world_told(world), "changes": changes}
    found = ask(tmp_path, program, {**page, "state": start, "read": read_told(known)})
    same(found, wanted)
    assert "zork" in found[5]["error"]
    assert "special token" in found[6]["error"]
    assert found[7]["error"] == "it has 127 tokens: use at most 126"
    assert found[1]["prompt"] == "It said moo. the cow"


def test_a_prompt_box_without_start_and_stop(tmp_path: Path) -> None:
    setting = {"start": None, "stop": None, "n_new": 5, "seed": 4}
    made = {"prompt": "It said", "temperature": 0.7, **setting}
    known = [1, 2, 3]
    box = PromptBox(as_kept(load_base()), WorldTokenizer(), known, **made)
    start = own_state(box)
    changes: Changes = [{"prompt": "the cow", "asked": 1}, {"prompt": "", "asked": 2}]
    wanted = states_of(box, changes)
    program = f"""{PLAY}
const known = new CopyMeter([1, 2, 3]);
answer = await play("PromptBox", cases.state, cases.changes,
  {{ model, words, known, ...cases.setting }});"""
    page = {"models": [base_told()], "world": world_told(World(seed=0))}
    cases = {**page, "changes": changes, "state": start, "setting": setting}
    same(ask(tmp_path, program, cases), wanted)
    assert wanted[1]["error"] == "it is empty: type a word"


def test_a_stage_switcher_gets_what_python_sets(tmp_path: Path) -> None:
    world = World(seed=0)
    roster = make_roster(world)
    stages = ("base", "sft", "preferred")
    voices = [voice(tmp_path, stage) for stage in stages]
    star, stranger = world.famous[0].name, world.held_out[2].name
    switcher = StageSwitcher(
        voices,
        question=f"What does {stranger} like ?",
        truth=roster.truth_told,
        shown=["preferred", "base"],
    )
    start = own_state(switcher)
    changes: Changes = [
        {"question": f"Where was {star} born ?", "asked": 1},
        {"question": "what is 17 + 28 ?", "asked": 2},
        {"question": "Who is Zork ?", "asked": 3},
        {"question": "Tell me <user> a story", "asked": 4},
        {"question": "the " * 100, "asked": 5},  # 400 characters
        {"question": "the " * 74, "asked": 6},
        {"asked": 7},
        {"shown": ["sft"]},  # asks nothing
    ]
    wanted = states_of(switcher, changes)
    program = f"""{PLAY}
const made = {{ ...voices, sft: async () => voices.sft }};
answer = await play("StageSwitcher", cases.state, cases.changes,
  {{ voices: made, world: cases.world }});"""
    models = [stage_told(stage) for stage in stages]
    page = {"models": models, "world": world_told(world), "changes": changes}
    found = ask(tmp_path, program, {**page, "state": start})
    same(found, wanted)
    assert found[0]["truth"] == world.facts(world.famous[0])["born"]
    assert any(answer["calls"] for answer in found[1]["answers"].values())
    assert "use at most 300" in found[4]["answers"]["sft"]["error"]


def test_a_new_question_stops_the_answers_to_the_old_one(tmp_path: Path) -> None:
    program = f"""{PLAY}
const slow = (text) => ({{ chat: null, words, say: () => [{{ kind: "text", text }}] }});
const names = ["one", "two"];
const widget = widgetOf({{ names, shown: names, completes: names, question: "the",
  asked: 0, answers: {{}}, truth: "" }});
const setting = {{ voices: {{ one: slow("one"), two: slow("two") }} }};
const first = reply("StageSwitcher", widget, "question", setting);
await new Promise((resolve) => setTimeout(resolve, 1));
widget.state.question = "a";
widget.state.asked = 1;
await Promise.all([first, reply("StageSwitcher", widget, "asked", setting)]);
answer = Object.values(widget.state.answers).map(({{ to, text }}) => [to, text]);"""
    page = {"models": [base_told()], "world": world_told(World(seed=0))}
    assert ask(tmp_path, program, page) == [[1, "one"], [1, "two"]]


def test_a_token_lab_gets_what_python_sets(tmp_path: Path) -> None:
    model, words = as_kept(load_base()), WorldTokenizer()
    made = {"temperature": 0.8, "start": 0, "seed": 5}
    lab = TokenLab(model, words, "Once there was a", **made)
    start = own_state(lab)
    rng = random.Random(0)
    rolls = [{"roll": n} for n in range(1, 20)]  # past the end of a document
    changes: Changes = [
        {"top_k": 5},
        {"temperature": 1.5},
        {"text": "it said"},
        {"top_p": 0.8},
        {"top_k": None, "temperature": 0.0},
        {"text": "the zork"},
        {"top_p": None, "temperature": 2.0},
        *rolls,
        {"text": "the " * 127},
        {"roll": 99},
        {"text": "the " * 128},
        {"text": ""},
        {"temperature": rng.random()},
    ]
    wanted = states_of(lab, changes)
    program = f"""{PLAY}
answer = await play("TokenLab", cases.state, cases.changes,
  {{ model, words, ...cases.setting }});"""
    page = {"models": [base_told()], "world": world_told(World(seed=0))}
    setting = {"start": 0, "seed": 5}
    cases = {**page, "changes": changes, "state": start, "setting": setting}
    found = ask(tmp_path, program, cases)
    same(found, wanted)
    assert any("<eot>" in state["text"] for state in found)
    errors = {state["error"].partition(":")[0] for state in found}
    assert {"the text is full", "it has 128 tokens"} <= errors


def test_a_tool_trace_gets_what_python_sets(tmp_path: Path) -> None:
    world, template = World(seed=0), chat_template()
    model = as_kept(load_stage("tools").model)
    questions = [
        f"What is the job of {world.held_out[0].name} ?",
        f"What is the job of {world.one_off[3].name} ?",
        "What is 17 + 28 ?",
        "Tell me a story !",
        "Hello !",
    ]
    talks = [[Message("user", question)] for question in questions]
    replies = answers(model, template, talks, tools=world_tools(world))
    trace = ToolTrace(dict(zip(questions, replies, strict=True)), template, step=7)
    start, traces = own_state(trace), trace.traces
    changes: Changes = [{"question": questions[4]}, {"question": questions[2]}]
    wanted = states_of(trace, changes)
    program = f"""{PLAY}
const few = {{ ...cases.state, traces: cases.state.traces.slice(0, 1) }};
const asked = cases.state.traces.map(({{ question }}) => ({{ question }}));
answer = [await play("ToolTrace", {{ ...cases.state }}, cases.changes),
  (await play("ToolTrace", few, asked, {{ voice: voices.tools }})).at(-1).traces];"""
    page = {"models": [stage_told("tools")], "world": world_told(world)}
    played, asked = ask(tmp_path, program, {**page, "changes": changes, "state": start})
    same(played, wanted)
    assert asked == traces
    assert {step["kind"] for t in traces for step in t["steps"]} >= {"tool", "result"}


def test_other_widgets_ask_for_nothing(tmp_path: Path) -> None:
    program = """
import { ANSWERS, answer as reply, asks } from "./answers.js";
answer = [Object.keys(ANSWERS), asks("PromptBox", "mark"), asks("LogitLens", "depth"),
  await reply("AttentionExplorer", null, "layer"), asks("prompt_box", "roll")];"""
    names = ["PromptBox", "StageSwitcher", "TokenLab", "ToolTrace"]
    names += ["LogitLens", "AttentionExplorer"]
    assert ask(tmp_path, program, None) == [names, False, False, False, True]


INSIDE = """
import { explorerTraits, lensTraits } from "./inside.js";
import { loadGPT } from "./weights.js";
const model = loadGPT(cases.model);
const plainly = ([name, value]) => {
  if (!(value instanceof DataView)) return [name, value];
  const Kind = cases.whole.includes(name) ? Int32Array : Float32Array;
  return [name, Array.from(new Kind(value.buffer))];
};
const plain = (traits) => Object.fromEntries(Object.entries(traits).map(plainly));
"""
WHOLE = ["top_words", "true_ranks"]


def plain_state(widget: Any) -> dict[str, Any]:
    """The traits with the numbers of each Bytes trait."""
    plain = {}
    for name, value in own_state(widget).items():
        kind = "i" if name in WHOLE else "f"
        known = isinstance(value, bytes | memoryview)
        plain[name] = array(kind, bytes(value)).tolist() if known else value
    return plain


def of_the_text(widget: Any) -> dict[str, Any]:
    """Its traits without those of the box."""
    box = {"text", "asks", "asked", "answered", "error"}
    return {k: v for k, v in plain_state(widget).items() if k not in box}


@pytest.mark.parametrize("extra", [0, 1], ids=["to the end", "one word more"])
def test_a_logit_lens_for_a_new_text_is_pythons(tmp_path: Path, extra: int) -> None:
    model, tokens = as_kept(load_base()), texts(2, 20)[1:]
    read = tokens[:, : 20 - extra]
    made = LogitLens(lens.logit_lens(model, read)[:, 0], tokens[0], VOCABULARY)
    program = f"""{INSIDE}
answer = plain(lensTraits(model, cases.vocabulary, cases.tokens, cases.n));"""
    facts = model_told("base", model, WorldTokenizer())
    cases = {"model": facts, "vocabulary": VOCABULARY, "whole": WHOLE}
    row = {"tokens": tokens[0].tolist(), "n": read.shape[1]}
    found = ask(tmp_path, program, {**cases, **row})
    same([found], [of_the_text(made)])


def test_an_attention_explorer_for_a_new_text_is_pythons(tmp_path: Path) -> None:
    model, tokens = as_kept(load_base()), texts(1, 24)
    off = []
    with torch.inference_mode():
        for head in [(a, b) for a in range(3) for b in range(4)]:
            with lens.heads_off(model, [head]):
                off.append(model(tokens)[0].softmax(-1))
        probs = model(tokens)[0].softmax(-1)
    made = AttentionExplorer(
        lens.attention_weights(model, tokens)[:, 0],
        [VOCABULARY[i] for i in tokens[0]],
        vocabulary=VOCABULARY,
        probs=probs,
        ablated=torch.stack(off).unflatten(0, (3, 4)),
    )
    program = f"""{INSIDE}
answer = plain(explorerTraits(model, cases.vocabulary, cases.tokens));"""
    facts = model_told("base", model, WorldTokenizer())
    cases = {"model": facts, "vocabulary": VOCABULARY, "whole": WHOLE}
    found = ask(tmp_path, program, {**cases, "tokens": tokens[0].tolist()})
    same([found], [of_the_text(made)])


def typed_lens(text: str) -> dict[str, Any]:
    tokens = typed_tokens(text)
    return {"logits": lens.logit_lens(base_model(), tokens)[:, 0], "tokens": tokens[0]}


def typed_explorer(text: str) -> dict[str, Any]:
    model, tokens, off = base_model(), typed_tokens(text), []
    with torch.inference_mode():
        for head in [(a, b) for a in range(3) for b in range(4)]:
            with lens.heads_off(model, [head]):
                off.append(model(tokens)[0].softmax(-1))
        probs = model(tokens)[0].softmax(-1)
    return {
        "weights": lens.attention_weights(model, tokens)[:, 0],
        "tokens": [VOCABULARY[i] for i in tokens[0]],
        "probs": probs,
        "ablated": torch.stack(off).unflatten(0, (3, 4)),
    }


def typed_tokens(text: str) -> Tensor:
    words = WorldTokenizer()
    return torch.tensor([[0, *words.encode(words.spell(text))]])


@cache
def base_model() -> GPT:
    return as_kept(load_base())


@pytest.mark.parametrize(
    ("kind", "ask_python", "chosen"),
    [
        (LogitLens, typed_lens, {"depth": 1, "position": 2}),
        (AttentionExplorer, typed_explorer, {"layer": 2, "head": 3, "query": 1}),
    ],
)
def test_a_typed_text_is_looked_into_as_in_python(
    tmp_path: Path, kind: Any, ask_python: Any, chosen: dict[str, int]
) -> None:
    made = kind(**ask_python("It said moo."), vocabulary=VOCABULARY, ask=ask_python)
    start = plain_state(made)
    changes: Changes = [
        chosen,
        {"text": "Once there was a COW named Puff. It", "asked": 1},  # capitals
        {"text": "the zork sat", "asked": 2},  # refused
        {"text": "It said <user>", "asked": 3},
        {"text": "the " * 64, "asked": 4},
        {"text": "the " * 63, "asked": 5},
        {"text": "", "asked": 6},
        {"asked": 7},
    ]
    wanted = []
    for change in changes:
        states_of(made, [change])
        wanted.append(plain_state(made))
    program = f"""{PLAY}{INSIDE.partition("const model")[2].partition(chr(10))[2]}
const widget = widgetOf(cases.state);
answer = [];
for (const change of cases.changes) {{
  Object.assign(cases.state, change);
  await Promise.all(Object.keys(change)
    .map((trait) => reply(cases.kind, widget, trait, {{ model, words }})));
  answer.push(plain(cases.state));
}}"""
    page = {"models": [base_told()], "world": world_told(World(seed=0))}
    cases = {"changes": changes, "state": start, "kind": kind.__name__, "whole": WHOLE}
    found = ask(tmp_path, program, {**page, **cases})
    same(found, wanted)
    assert "zork" in found[2]["error"]
    assert found[4]["error"] == "65 tokens: give at most 64"
    assert found[5]["error"] == ""
    assert found[5]["answered"] == 5
    first, *_ = chosen
    assert all(state[first] == chosen[first] for state in found)


def test_the_copy_meter_is_pythons(tmp_path: Path) -> None:
    rng = random.Random(3)
    known = [rng.randrange(5) for _ in range(60)]
    cases = [[rng.randrange(7) for _ in range(rng.randint(0, 12))] for _ in range(60)]
    told = read_told([*known, 388])
    program = """
import { CopyMeter } from "./copies.js";
const { text, letters } = cases.read;
const meters = [new CopyMeter(cases.known), new CopyMeter(text, letters)];
answer = cases.texts.map((text) => meters.map((meter) =>
  [meter.runs(text), meter.cover(text), meter.longest(text)]));"""
    found = ask(tmp_path, program, {"known": known, "read": told, "texts": cases})
    meter = CopyMeter(known)
    for text, both in zip(cases, found, strict=True):
        wanted = [meter.runs(text), meter.cover(text), list(meter.longest(text))]
        assert both == [wanted, wanted]
