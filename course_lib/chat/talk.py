"""Talking: one user, streamed; or many conversations at once, to measure.

Both follow the same loop. The model writes until it ends its answer or closes a tool
call; the tool runs, its result is put behind the call, and the model goes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from course_lib.chat.template import ChatTemplate, Message
from course_lib.chat.tools import Call, Tool, call_tool
from course_lib.generate import generate, stream
from course_lib.generate.texts import TextPieces
from course_lib.gpt import GPT

MAX_CALLS = 3
ROWS = 256


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
    log_p: float = field(default=0.0, repr=False)


class _Turn:
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
        elif self.open is None:
            piece = self.pieces.add(token)
            if not answer.text:
                piece = piece.lstrip()
            answer.text += piece
            return [Event("text", piece)] if piece else []
        return []

    def _call(self, tool: str) -> list[Event]:
        """A call is closed: run the tool, put its result into the context."""
        template, answer = self.template, self.answer
        text = template.tokenizer.decode(answer.tokens[self.begun : -1])
        if self.open != tool:
            call = Call(tool, "", self.failure, "a call was closed and never opened")
        elif len(answer.calls) >= MAX_CALLS:
            call = Call(tool, text, self.failure, f"more than {MAX_CALLS} calls")
            answer.problem, self.ended = call.problem, True
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
            self.answer.problem = "the answer was cut: no room is left"
        rest = self.pieces.rest()
        self.answer.text += rest
        return [Event("text", rest)] if rest else []


class Chat:
    """A conversation with a model, answer by answer.

    Args:
        model: a GPT that has learned the template.
        template: see `ChatTemplate`.
        system: rules for the whole conversation; "" for none.
        tools: name -> function; see `course_lib.chat.tools`.
        failure: what the model sees when a tool fails.
        max_new_tokens: of one answer, tool calls and results included.
        temperature: 0 is greedy.
        seed: of the dice of the first answer; the next ones take the next seeds.

    Raises:
        ValueError: if model and tokenizer do not belong together.

    >>> from course_lib.chat import WORLD_MARKERS
    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.world import VOCAB_SIZE, WorldTokenizer
    >>> model = GPT(GPTConfig(vocab_size=VOCAB_SIZE, emb_dim=16, n_layers=1))
    >>> chat = Chat(model, ChatTemplate(WorldTokenizer(), WORLD_MARKERS))
    >>> isinstance(chat.ask("Who are you?").text, str)
    True
    """

    def __init__(
        self,
        model: GPT,
        template: ChatTemplate,
        *,
        system: str = "",
        tools: Mapping[str, Tool] | None = None,
        failure: str = "No",
        max_new_tokens: int = 48,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> None:
        check_fit(model, template)
        self.model, self.template = model, template
        self.tools, self.failure = dict(tools or {}), failure
        self.max_new_tokens = min(max_new_tokens, model.config.context_size // 2)
        self.temperature, self.seed = temperature, seed
        self.messages = [Message("system", system)] if system else []
        self.template.encode(self.messages)  # an unknown word is named at once
        self.answer = Answer()

    def ask(self, text: str) -> Answer:
        """The whole answer to a message; see `stream`."""
        for _ in self.stream(text):
            pass
        return self.answer

    def stream(self, text: str) -> Iterator[Event]:
        """Answer a message, event by event; the last whole answer is in `answer`.

        The message joins `messages` with its answer once that is there; a message that
        is refused leaves the conversation as it was.

        Raises:
            ValueError: naming an unknown word, or for a message that is too long.
        """
        asked = [*self.messages, Message("user", text)]
        room = self.model.config.context_size - self.max_new_tokens
        kept, gone = self.template.fit(asked, room)
        if gone:
            n = sum(message.role == "user" for message in gone)
            yield Event("notice", f"the context is full: forgot the oldest {n} turns")
        prompt = self.template.prompt(kept)
        turn = _Turn(self.template, self.tools, self.failure)
        yield from self._write(prompt, turn)
        self.answer = turn.answer
        if turn.answer.problem:
            yield Event("notice", turn.answer.problem)
        self.messages = kept + _said(turn.answer)
        self.seed += 1

    def _write(self, prompt: list[int], turn: _Turn) -> Iterator[Event]:
        written = turn.answer.tokens
        while not turn.ended and len(written) < self.max_new_tokens:
            steps = stream(
                self.model,
                [prompt + written],
                max_new_tokens=self.max_new_tokens - len(written),
                ended=lambda row, new: pauses(self.template, new[-1]),
                seeds=[self.seed + len(written)],
                temperature=self.temperature,
            )
            for [token] in steps:
                if token is not None:
                    yield from turn.read(token)
        yield from turn.finish()


def _said(answer: Answer) -> list[Message]:
    """What joins the conversation: calls, results, and the answer."""
    messages = []
    for call in answer.calls:
        if call.text.strip() and call.result.strip():
            messages.append(Message("call", call.text, call.tool))
            messages.append(Message("result", call.result))
    return [*messages, Message("assistant", answer.text.strip() or "...")]


def pauses(template: ChatTemplate, token: int) -> bool:
    """True where the model must wait: at the end, or for a tool."""
    return token == template.end or token in template.closes


def check_fit(model: GPT, template: ChatTemplate) -> None:
    """Raise ValueError if the tokenizer has more tokens than the model knows."""
    if template.tokenizer.vocab_size > model.config.vocab_size:
        raise ValueError(
            f"the tokenizer has {template.tokenizer.vocab_size} tokens and the model "
            f"{model.config.vocab_size}: they do not belong together (see `grow`)"
        )


def answers(
    model: GPT,
    template: ChatTemplate,
    conversations: Sequence[Sequence[Message]],
    *,
    tools: Mapping[str, Tool] | None = None,
    failure: str = "No",
    max_new_tokens: int = 48,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[Answer]:
    """The model's answers to many conversations, many at once; see `Chat`.

    Raises:
        ValueError: naming the first message that cannot be encoded, or does not fit.
    """
    check_fit(model, template)
    prompts = [template.prompt(messages) for messages in conversations]
    turns = [_Turn(template, tools or {}, failure) for _ in prompts]
    for start in range(0, len(prompts), ROWS):
        rows = range(start, min(start + ROWS, len(prompts)))
        waiting = list(rows)
        while waiting:
            written = generate(
                model,
                [prompts[i] + turns[i].answer.tokens for i in waiting],
                max_new_tokens=max_new_tokens,
                ended=lambda row, new: pauses(template, new[-1]),
                seeds=[seed + i for i in waiting],
                temperature=temperature,
            )
            for i, tokens in zip(waiting, written, strict=True):
                for token in tokens:
                    turns[i].read(token)
            waiting = [
                i
                for i, tokens in zip(waiting, written, strict=True)
                if tokens
                and tokens[-1] in template.closes
                and not turns[i].ended
                and len(turns[i].answer.tokens) < max_new_tokens
            ]
    for turn in turns:
        turn.finish()
    return [turn.answer for turn in turns]
