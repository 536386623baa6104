"""Rows of chat data as other people write them, read in one form.

| row | known from |
|---|---|
| `{"messages": [{"role": ..., "content": ...}]}` | OpenAI, Hugging Face; ours |
| `{"conversations": [{"from": ..., "value": ...}]}` | ShareGPT |
| `{"instruction": ..., "input": ..., "output": ...}` | Alpaca (Dolly's keys, too) |
| `{"prompt": ..., "completion": ...}` | TRL; texts or lists of messages |
| `[{"role": ..., "content": ...}]` | the bare list |

A content may be a list of text parts. What has no single meaning is refused.
"""

import json
import reprlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.engine.reading import ItemT, placed_json_rows, summary

Note = Callable[[str], None]
"""Is told what was converted, in a few words that can be counted."""

ROLES = ("system", "user", "assistant", "call", "result")
_OTHER_ROLES = {
    **{"developer": "system", "human": "user"},
    **dict.fromkeys(("gpt", "model", "bot", "ai"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation"), "result"),
}
_LISTS = ("messages", "conversations", "conversation")
_ASKED = (  # the question, what it is about, the answer
    ("instruction", "input", "output"),
    ("instruction", "context", "response"),
    ("prompt", "", "completion"),
)


class Said(NamedTuple):
    """What one side says; see `course_lib.chat.Message`."""

    role: str
    text: str
    tool: str = ""


def placed_noted(
    path: Path,
    what: str,
    item_of: Callable[[object, Note], ItemT],
    say: Callable[[str], object] | None,
) -> list[tuple[str, ItemT]]:
    """The items of a file, each with its place; `say` hears what was converted.

    See `placed_json_rows`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.jsonl")
    ...     _ = path.write_text('["Hi"]')
    ...     [(_, item)] = placed_noted(path, "words", lambda row, note: row, None)
    >>> item
    'Hi'
    """
    done = Counter[str]()
    items = placed_json_rows(
        path, what, lambda row: item_of(row, lambda how: done.update([how]))
    )
    if say and done:
        say(summary(path, done))
    return items


def said_in(row: object, note: Note) -> list[Said]:
    """The messages of a conversation, in whatever form the row has.

    Raises:
        ValueError: naming the message (from 1) and what is wrong with it.

    >>> said_in({"instruction": "Say it.", "input": "", "output": "It."}, print)
    rows of instruction and output
    [Said(role='user', text='Say it.', tool=''), \
Said(role='assistant', text='It.', tool='')]
    """
    if isinstance(row, list):
        note("bare lists of messages")
        return said_by(row, note)
    if not isinstance(row, dict):
        raise ValueError('it is no object like {"messages": [...]}')
    rules = row.get("system")
    opening = [Said("system", rules)] if isinstance(rules, str) and rules else []
    for key in _LISTS:
        if key in row:
            if not isinstance(row[key], list) or not row[key]:
                raise ValueError(f"{key} is {reprlib.repr(row[key])}: give messages")
            if key != "messages":
                note(f"rows of {key}")
            return opening + said_by(row[key], note)
    for question, about, answer in _ASKED:
        if question in row and answer in row:
            if row.get("history"):
                raise ValueError('it has a history: write all of it as "messages"')
            note(f"rows of {question} and {answer}")
            return opening + _asked(row, question, about, answer, note)
    keys = ", ".join(map(str, row)) or "no key"
    raise ValueError(
        f'it is no object like {{"messages": [...]}}: it has {reprlib.repr(keys)[1:-1]}'
    )


def _asked(
    row: Mapping[str, Any], question: str, about: str, answer: str, note: Note
) -> list[Said]:
    asked = side_of(row, question, "user", note)
    matter = row.get(about)
    if isinstance(matter, str) and matter.strip():
        asked[-1] = asked[-1]._replace(text=f"{asked[-1].text}\n{matter}")
    return asked + side_of(row, answer, "assistant", note)


def side_of(row: Mapping[str, Any], key: str, role: str, note: Note) -> list[Said]:
    """One side of a row: a text that `role` says, or a list of messages.

    >>> side_of({"chosen": "Yes."}, "chosen", "assistant", print)
    [Said(role='assistant', text='Yes.', tool='')]
    """
    value = row[key]
    if isinstance(value, str):
        return [Said(role, value)]
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        raise ValueError(f"{key} is {reprlib.repr(value)}: give a text")
    try:
        return said_by(value, note)
    except ValueError as error:
        raise ValueError(f"{key}, {error}") from None


def said_by(rows: list[Any], note: Note) -> list[Said]:
    """A list of messages in the form of OpenAI or of ShareGPT.

    >>> said_by([{"from": "human", "value": "Hi"}], print)
    [Said(role='user', text='Hi', tool='')]
    """
    messages = []
    for place, row in enumerate(rows, 1):
        try:
            messages.append(_message(row, note))
        except ValueError as error:
            raise ValueError(f"message {place}{error}") from None
    return messages


def _message(row: object, note: Note) -> Said:
    if not isinstance(row, dict):
        raise ValueError(" is no object")
    role = row.get("role", row.get("from"))
    if not isinstance(role, str):
        raise ValueError(f": role is {reprlib.repr(role)}, give a text")
    if role not in ROLES and role not in _OTHER_ROLES:
        raise ValueError(
            f": role is {role!r}, use {', '.join(ROLES)}; "
            f"{', '.join(_OTHER_ROLES)} are read, too"
        )
    if "role" in row and role in _OTHER_ROLES:
        note(f"messages of {role} as {_OTHER_ROLES[role]}")
    if row.get("weight") == 0:
        raise ValueError(" has weight 0, and every answer is learned: take it out")
    old = row.get("function_call")
    calls = row.get("tool_calls") or ([old] if old else [])
    content = row.get("content", row.get("value"))
    if calls and isinstance(calls, list) and not content:
        note("calls of a tool")
        return _call(calls)
    if calls:
        raise ValueError(" speaks and calls a tool at once: split it or take it out")
    tool = row.get("tool", "")
    if not isinstance(tool, str):
        raise ValueError(f": tool is {reprlib.repr(tool)}, give a text")
    return Said(_OTHER_ROLES.get(role, role), _text_of(content, note), tool)


def _text_of(content: object, note: Note) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise ValueError(f": content is {reprlib.repr(content)}, give a text")
    texts = []
    for part in content:
        kind = part.get("type", "text") if isinstance(part, dict) else type(part)
        text = part.get("text") if isinstance(part, dict) else part
        if kind not in ("text", str) or not isinstance(text, str):
            raise ValueError(f" holds {reprlib.repr(kind)}: only texts are read")
        texts.append(text)
    note("contents in parts")
    return "".join(texts)


def _call(calls: list[Any]) -> Said:
    """The one call of a tool; its arguments as they are, or as JSON."""
    call = calls[0].get("function", calls[0]) if isinstance(calls[0], dict) else None
    if len(calls) > 1:
        raise ValueError(f" makes {len(calls)} calls at once: one at a time is learned")
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        raise ValueError(f" calls {reprlib.repr(calls[0])}: name and arguments wanted")
    given = call.get("arguments", "")
    text = given if isinstance(given, str) else json.dumps(given)
    return Said("call", text, call["name"])
