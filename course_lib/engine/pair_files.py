"""Preference pairs as files: a JSON object a line, ours or TRL's."""

import reprlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.engine.chat_rows import Note, placed_noted, side_of
from course_lib.tokenizer.interface import check_text

KEYS = ("prompt", "chosen", "rejected")
TURN = "\n\nAssistant:"
"""Opens an answer in Anthropic's pairs, which have no prompt of their own."""


class TextPair(NamedTuple):
    """A prompt and two answers as texts, the better one first."""

    prompt: str
    chosen: str
    rejected: str


def check_pair(pair: TextPair) -> None:
    """Raise ValueError for a pair that teaches nothing.

    >>> check_pair(TextPair("Hello !", "Hello !", "Hello !"))
    Traceback (most recent call last):
    ...
    ValueError: chosen and rejected are the same: nobody preferred anything
    """
    for key, side in zip(KEYS, pair, strict=True):
        if not side.strip():
            raise ValueError(f"{key} is empty: give a text")
        check_text(side)
    if pair.chosen == pair.rejected:
        raise ValueError("chosen and rejected are the same: nobody preferred anything")


def load_pairs(
    path: Path, say: Callable[[str], object] | None = None
) -> list[TextPair]:
    """Read pairs from a file with one JSON object a line; empty lines are skipped.

    A side may also be a list of messages as in TRL, `[{"role": ..., "content": ...}]`,
    if it holds one message of the right role. Where `prompt` is missing, it is what
    both answers begin with: whole messages, or whole words of a text.

    Args:
        path: the file; all rows may stand in one JSON list.
        say: is told on one line what was converted, if anything was.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line (from 1) and what is wrong: no text, not JSON, a
            side that is missing, empty or no text, two equal sides; or if there are no
            pairs.

    >>> load_pairs(Path("nowhere.jsonl"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no pairs here
    """
    return [pair for _, pair in placed_noted(path, "pairs", _pair_of, say)]


def _pair_of(row: object, note: Note) -> TextPair:
    if not isinstance(row, dict):
        raise ValueError('it is no object like {"prompt": ..., "chosen": ...}')
    for key in KEYS[1:]:
        if key not in row:
            there = reprlib.repr(", ".join(map(str, row)))[1:-1]
            raise ValueError(f"{key} is missing; there is {there or 'nothing'}")
    if "prompt" not in row:
        row = _with_prompt(row["chosen"], row["rejected"])
        note("rows without a prompt: what both answers begin with")
    roles = ("user", "assistant", "assistant")
    wanted = zip(KEYS, roles, strict=True)
    prompt, *answers = (side_of(row, *one, note) for one in wanted)
    if all(answer[: len(prompt)] == prompt for answer in answers):
        answers = [answer[len(prompt) :] for answer in answers]
    for key, side, role in zip(KEYS, (prompt, *answers), roles, strict=True):
        if [message.role for message in side] != [role]:
            has = ", ".join(message.role for message in side) or "nothing new"
            raise ValueError(
                f"{key} holds {has}: only one message of the {role}'s can be learned "
                "from; write it as one text, or take the row out"
            )
    pair = TextPair(prompt[0].text, answers[0][0].text, answers[1][0].text)
    check_pair(pair)
    if isinstance(row["chosen"], list):
        note("rows of messages")
    return pair


def _with_prompt(chosen: Any, rejected: Any) -> dict[str, Any]:
    """A row without `prompt`: it is what both answers begin with, texts or messages.

    A text is cut after Anthropic's last "Assistant:", or else between two words.
    """
    if chosen == rejected:
        raise ValueError("chosen and rejected are the same: nobody preferred anything")
    cut = 0
    if isinstance(chosen, str | list) and type(chosen) is type(rejected):
        both = zip(chosen, rejected, strict=False)
        cut = next((i for i, (a, b) in enumerate(both) if a != b), 0)
    if isinstance(chosen, str):
        shared = chosen[:cut]
        turn = shared.rfind(TURN)
        space = max(
            (i for i, letter in enumerate(shared) if letter.isspace()), default=0
        )
        cut = turn + len(TURN) if turn >= 0 else space + (shared[space:][:1] == "\n")
    if not cut:
        raise ValueError("prompt is missing, and the answers begin differently: add it")
    return {"prompt": chosen[:cut], "chosen": chosen[cut:], "rejected": rejected[cut:]}
