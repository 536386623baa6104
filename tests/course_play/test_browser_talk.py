"""The stages to talk to: the same words, calls and refusals as in Python."""

import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.chat import Chat, Message, answers
from course_lib.files import save
from course_play.browser.export import stage_told, world_told
from tests.course_play.test_browser_gpt import as_kept
from tests.course_play.test_browser_words import ask, outcome
from tiny_world import World, WorldTokenizer, load_base
from tiny_world.assistant import (
    STAGES,
    Voice,
    chat_template,
    lines,
    load_stage,
    voice_of,
    world_tools,
)

SETUP = """
import { voiceOf, worldTools } from "./voices.js";
import { Chat, answerTo } from "./talk.js";
const tried = (act) => {
  try { return act(); } catch (error) {
    if (error.name !== "ValueError") throw error;
    return { error: error.message };
  }
};
const voice = voiceOf(cases.facts, cases.world, cases.options);
"""


def page_of(stage: str) -> dict[str, Any]:
    """What the scripts of a page say of a stage and its world."""
    return {"facts": stage_told(stage), "world": world_told(World(seed=0))}


def voice(folder: Path, stage: str, **options: Any) -> Voice:
    """The stage in Python, with the weights that a page gets."""
    if stage != "base":
        return voice_of(stage, **options)
    save(folder / "base.safetensors", as_kept(load_base()), WorldTokenizer())
    return voice_of(folder / "base.safetensors", **options)


def said(speaker: Voice, text: str) -> Any:
    return outcome(lambda: [[e.kind, e.text] for e in speaker.say(text)])


@pytest.mark.parametrize("stage", STAGES)
def test_the_interview_is_answered_in_the_same_words(
    tmp_path: Path, stage: str
) -> None:
    """One conversation of thirty lines: texts, calls, results and notices."""
    asked = [line.say for line in lines(World(seed=0))]
    program = f"""{SETUP}
answer = cases.lines.map((line) =>
  tried(() => [...voice.say(line)].map((event) => [event.kind, event.text])));"""
    found = ask(tmp_path, program, {**page_of(stage), "lines": asked})
    speaker = voice(tmp_path, stage)
    for line, events in zip(asked, found, strict=True):
        assert events == said(speaker, line), line
    kinds = {event[0] for events in found for event in events}
    if stage in ("tools", "preferred"):
        assert {"call", "result", "text", "notice"} <= kinds
    assert "text" in kinds


@pytest.mark.parametrize("stage", ["base", "preferred"])
def test_warm_answers_and_odd_messages_are_the_same(tmp_path: Path, stage: str) -> None:
    options = {"temperature": 0.9, "seed": 7, "max_new_tokens": 20}
    texts = [
        *("Where was Belora Maple born?", "What is 7 * (3 + 4) ?", "Tell me a story!"),
        *("the cow " * 70, "It said " * 100, "zork", "<user> Hello", "  ", "1 / 0 = ?"),
    ]
    program = f"""{SETUP}
answer = cases.lines.map((line) =>
  tried(() => [...voice.say(line)].map((event) => [event.kind, event.text])));"""
    found = ask(
        tmp_path, program, {**page_of(stage), "lines": texts, "options": options}
    )
    speaker = voice(tmp_path, stage, **options)
    for line, events in zip(texts, found, strict=True):
        assert events == said(speaker, line), line


def test_a_bare_chat_refuses_unknown_words_in_pythons_words(tmp_path: Path) -> None:
    template, texts = chat_template(), ["Who is Zork ?", "hello !", "Who are YOU ?"]
    chat = Chat(load_stage("sft").model, template, max_new_tokens=24)
    program = f"""{SETUP}
answer = cases.lines.map((line) =>
  tried(() => [...voice.say(line)].map((event) => [event.kind, event.text])));"""
    options = {"hears": False, "max_new_tokens": 24}
    page = {**page_of("sft"), "lines": texts, "options": options}
    speaker = Voice("mine", chat.stream, chat)
    assert ask(tmp_path, program, page) == [said(speaker, text) for text in texts]


def test_a_conversation_keeps_what_pythons_keeps(tmp_path: Path) -> None:
    """Rules, sampling, a second chat; its messages and the whole answer."""
    model = as_kept(load_stage("preferred").model)
    template, tools = chat_template(), world_tools(World(seed=0))
    rules = {"system": "Your name is Pip .", "temperature": 0.7, "seed": 3}
    chat = Chat(model, template, tools=tools, **rules)
    texts = ["Who are you ?", "What is 17 + 28 ?", "Hello !"]
    wanted = []
    for text in texts:
        reply = chat.ask(text)
        calls = [[c.tool, c.text, c.result, c.problem] for c in reply.calls]
        wanted.append([reply.text, calls, reply.problem, reply.tokens])
    program = f"""{SETUP}
const chat = new Chat(voice.model, voice.template,
  {{ ...cases.rules, tools: worldTools(cases.world) }});
answer = cases.texts.map((text) => {{
  const {{ text: said, calls, problem, tokens }} = chat.ask(text);
  const told = calls.map((c) => [c.tool, c.text, c.result, c.problem]);
  return [said, told, problem, tokens];
}});
answer = [answer, chat.messages.map((m) => [m.role, m.text, m.tool ?? ""])];"""
    page = {**page_of("preferred"), "texts": texts, "rules": rules}
    found, kept = ask(tmp_path, program, page)
    assert found == wanted
    assert kept == [[m.role, m.text, m.tool] for m in chat.messages]


def test_single_answers_are_those_of_answers(tmp_path: Path) -> None:
    model = as_kept(load_stage("tools").model)
    template, world = chat_template(), World(seed=0)
    person, stranger = world.famous[0], world.held_out[5]
    texts = [
        f"Where was {stranger.name} born ?",
        f"What is the job of {person.name} ?",
        f"What is the job of {world.one_off[3].name} ?",
        "What is 17 + 28 ?",
    ]
    options = {"max_new_tokens": 30, "temperature": 0.5, "seed": 11}
    wanted = [
        answers(model, template, [[Message("user", text)]], tools=tools, **options)[0]
        for text in texts
        for tools in (world_tools(world), {})
    ]
    program = f"""{SETUP}
answer = cases.texts.flatMap((text) => [worldTools(cases.world), {{}}].map((tools) =>
  answerTo(voice.model, voice.template, [{{ role: "user", text }}],
    {{ ...cases.asked, tools }})));"""
    found = ask(
        tmp_path, program, {**page_of("tools"), "texts": texts, "asked": options}
    )
    for mine, theirs in zip(found, wanted, strict=True):
        calls = [vars(call) for call in theirs.calls]
        assert mine == {**vars(theirs), "calls": calls}
    assert any(call["problem"] for told in found for call in told["calls"])


TALKS: list[list[tuple[str, str, str]]] = [
    [("user", "Hello !", "")],
    [("system", "Your name is Pip .", ""), ("user", "Who are you ?", "")],
    [("user", "1 + 1", ""), ("call", "1 + 1", "calc"), ("result", "2", "")],
    [("user", "Hello !", ""), ("assistant", "Hello !", ""), ("user", "Bye !", "")],
    [("assistant", "Hello !", "")],
    [("user", "", "")],
    [("user", "Hello zork", "")],
    [("user", "Hello !", ""), ("system", "the", "")],
    [("robot", "Hello !", "")],
    [("user", "1 + 1", ""), ("call", "1 + 1", "dance"), ("result", "2", "")],
    [],
]


@pytest.mark.parametrize("talk", TALKS, ids=str)
def test_messages_become_the_same_tokens_or_the_same_refusal(
    tmp_path: Path, talk: list[tuple[str, str, str]]
) -> None:
    template = chat_template()
    messages: Any = [Message(*one) for one in talk]  # type: ignore[arg-type]
    program = """
import { ChatTemplate } from "./template.js";
import { wordsOf } from "./voices.js";
const template = new ChatTemplate(wordsOf(cases, cases.world), cases.world.markers);
const messages = cases.talk.map(([role, text, tool]) => ({ role, text, tool }));
try { answer = template.prompt(messages); } catch (error) { answer = error.message; }"""
    extra = stage_told("tools")["extra"]
    page = {"world": world_told(World(seed=0)), "extra": extra, "talk": talk}
    found = ask(tmp_path, program, page)
    wanted = outcome(template.prompt, messages)
    assert found == (wanted if isinstance(wanted, list) else wanted["error"])


def test_what_a_tool_throws_is_seen(tmp_path: Path) -> None:
    program = """
import { callTool } from "./talk.js";
const tools = { say: () => { throw new RangeError("too far"); } };
answer = [callTool(tools, "say", "x", "No"), callTool(tools, "toString", "x", "No")];"""
    assert ask(tmp_path, program, json.dumps(None)) == [
        {"tool": "say", "text": "x", "result": "No", "problem": "RangeError: too far"},
        {
            **{"tool": "toString", "text": "x", "result": "No"},
            "problem": "there is no tool 'toString'",
        },
    ]
