"""Conversations in a file: one JSON object a line, in the form most chat data have."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from course_lib.chat.template import Message, Role, check_messages
from course_lib.engine.chat_rows import Note, placed_noted, said_in


def load_conversations(
    path: Path, say: Callable[[str], object] | None = None
) -> list[list[Message]]:
    """Read conversations: {"messages": [{"role": ..., "content": ...}, ...]} a line.

    The other forms of `engine.chat_rows` are read as well, and all rows may stand in
    one JSON list. What an assistant says before any question is left out, and so are
    last messages that nobody answers.

    Args:
        path: the file.
        say: is told on one line what was converted or left out, if anything was.

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
    return [talk for _, talk in placed_conversations(path, say)]


def placed_conversations(
    path: Path, say: Callable[[str], object] | None = None
) -> list[tuple[str, list[Message]]]:
    """As `load_conversations`, each with its place in the file: "line 3".

    >>> placed_conversations(Path("nowhere.jsonl"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no conversations here
    """
    return placed_noted(path, "conversations", _talk_of, say)


def _talk_of(row: object, note: Note) -> list[Message]:
    talk = [Message(cast(Role, role), *rest) for role, *rest in said_in(row, note)]
    n_rules = int(bool(talk) and talk[0].role == "system")
    questions = [i for i, m in enumerate(talk) if m.role == "user"]
    if questions and {m.role for m in talk[n_rules : questions[0]]} == {"assistant"}:
        del talk[n_rules : questions[0]]
        note("openings of the assistant's, left out")
    try:
        check_messages(talk)
    except ValueError as error:
        raise ValueError(f"{error}; mend it, or take the conversation out") from None
    answers = [i for i, m in enumerate(talk, 1) if m.role == "assistant"]
    if not answers:
        raise ValueError(f"it ends with {talk[-1].role}: there is no answer to learn")
    if talk[answers[-1] :]:
        note("ends without an answer, left out")
    return talk[: answers[-1]]
