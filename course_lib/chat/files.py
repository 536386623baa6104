"""Conversations in a file: one JSON object a line, in the form most chat data have."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast, get_args

from course_lib.chat.template import Message, Role, check_messages
from course_lib.files import read_json_lines, write_atomically

ROLES = get_args(Role)


def save_conversations(path: Path, talks: Iterable[Sequence[Message]]) -> None:
    """Write conversations, one a line, in one piece.

    >>> import tempfile
    >>> talk = [Message("user", "Hello !"), Message("assistant", "Hello !")]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_conversations(Path(folder, "talks.jsonl"), [talk])
    ...     load_conversations(Path(folder, "talks.jsonl")) == [talk]
    True
    """
    lines = [json.dumps({"messages": [_row(m) for m in talk]}) for talk in talks]
    write_atomically(Path(path), "".join(f"{line}\n" for line in lines).encode())


def _row(message: Message) -> dict[str, str]:
    row = {"role": message.role, "content": message.text}
    return row | ({"tool": message.tool} if message.tool else {})


def load_conversations(path: Path) -> list[list[Message]]:
    """Read conversations: {"messages": [{"role": ..., "content": ...}, ...]} a line.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line (from 1) and what is wrong: not JSON, a key that is
            missing, an unknown role, an empty message, messages in the wrong order, no
            answer to learn; or if there is no conversation at all.

    >>> load_conversations(Path("nowhere.jsonl"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no conversations here
    """
    return read_json_lines(path, "conversations", _talk_of)


def _talk_of(row: object) -> list[Message]:
    rows = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ValueError('it is no object like {"messages": [...]}')
    talk = [_message(place, one) for place, one in enumerate(rows, 1)]
    check_messages(talk)
    if talk[-1].role != "assistant":
        raise ValueError(f"it ends with {talk[-1].role}: there is no answer to learn")
    return talk


def _message(place: int, row: object) -> Message:
    if not isinstance(row, dict):
        raise ValueError(f"message {place} is no object")
    values = [row.get(key) for key in ("role", "content")] + [row.get("tool", "")]
    for key, value in zip(("role", "content", "tool"), values, strict=True):
        if not isinstance(value, str):
            raise ValueError(f"message {place}: {key} is {value!r}, give a text")
    if values[0] not in ROLES:
        raise ValueError(
            f"message {place}: role is {values[0]!r}, use {', '.join(ROLES)}"
        )
    role, text, tool = (str(value) for value in values)
    return Message(cast(Role, role), text, tool)
