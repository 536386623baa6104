"""One answer in the making: token by token, with its tool calls and its books.

Nothing here asks a model: an `OpenTurn` is told what was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from course_lib.chat.template import ChatTemplate
from course_lib.chat.tools import Call, Tool, call_tool
from course_lib.generate.texts import TextPieces

MAX_CALLS = 3
"""In one answer; a further call fails, and the model sees that."""


@dataclass(frozen=True)
class Event:
    """One thing that happens while a model answers."""

    kind: Literal["text", "call", "result", "notice"]
    """A piece of the answer, a tool call, what the tool gave, or a remark for you."""
    text: str


@dataclass
class Answer:
    """An answer, and how it came about."""

    text: str = ""
    """What the user reads."""
    calls: list[Call] = field(default_factory=list)
    """The tools that were used."""
    problem: str = ""
    """Why the answer is not whole; empty if it is."""
    tokens: list[int] = field(default_factory=list)
    """All that stands in the context since the assistant's marker."""


class OpenTurn:
    """Reads the assistant's tokens one by one, runs tools, keeps the books."""

    def __init__(
        self, template: ChatTemplate, tools: Mapping[str, Tool], failure: str
    ) -> None:
        self.template, self.tools, self.failure = template, tools, failure
        self.answer = Answer()
        self.open: str | None = None  # the tool whose call is being written
        self.begun = 0  # where the call's text begins in answer.tokens
        self.ended = False
        self.pieces = TextPieces(template.tokenizer, [])

    def read(self, token: int) -> list[Event]:
        """Take one token of the model."""
        template, answer = self.template, self.answer
        answer.tokens.append(token)
        if token in template.opens:
            self.open, self.begun = template.opens[token], len(answer.tokens)
        elif token in template.closes:
            return self._call(template.closes[token])
        elif token == template.end:
            self.ended = True
            if self.open is not None:
                answer.problem = f"a call of {self.open!r} was never closed"
        elif self.open is None and token < template.tokenizer.vocab_size:
            piece = self.pieces.add(token)
            if not answer.text:
                piece = piece.lstrip()
            answer.text += piece
            return [Event("text", piece)] if piece else []
        return []

    def _call(self, tool: str) -> list[Event]:
        """A call is closed: run the tool, put its result into the context."""
        template, answer = self.template, self.answer
        inside = answer.tokens[self.begun : -1]
        ordinary = template.ordinary(inside)
        text = template.tokenizer.decode(ordinary)
        if self.open != tool:
            call = Call(tool, "", self.failure, "a call was closed and never opened")
        elif ordinary != inside:
            call = Call(tool, text, self.failure, "a special token is in the call")
        elif len(answer.calls) >= MAX_CALLS:
            call = Call(tool, text, self.failure, f"more than {MAX_CALLS} calls")
        else:
            call = call_tool(self.tools, tool, text, self.failure)
        self.open = None
        try:
            answer.tokens += template.result(call.result)
        except ValueError as error:  # the tool said what the model cannot read
            call = Call(tool, text, self.failure, str(error))
            answer.tokens += template.result(call.result)
        answer.calls.append(call)
        shown = f"{call.result} ({call.problem})" if call.problem else call.result
        return [Event("call", f"{tool}: {text}"), Event("result", shown)]

    def finish(self) -> list[Event]:
        """No more tokens come."""
        if not self.ended and not self.answer.problem:
            self.answer.problem = "the answer was cut: it may not be longer"
        rest = self.pieces.rest()
        self.answer.text += rest
        return [Event("text", rest)] if rest else []
