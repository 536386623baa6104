"""Talking: one user, streamed; or many conversations at once, to measure.

Both follow the same loop. The model writes until it ends its answer or closes a tool
call; the tool runs, its result is put behind the call, and the model goes on with fresh
dice. The same seed gives the same answer in both.
"""

from collections.abc import Iterator, Mapping, Sequence

from course_lib.chat.template import ChatTemplate, Message
from course_lib.chat.tools import Tool
from course_lib.chat.turn import Answer, Event, OpenTurn
from course_lib.choices import check_least
from course_lib.generate import generate, stream
from course_lib.generate.texts import check_vocabulary
from course_lib.generate.tokens import Ended
from course_lib.gpt import GPT
from course_lib.sampling import check_knobs

ROWS = 256
_FAR = 1_000_003  # after a tool: dice thrown twice would favour the same again


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
        ValueError: if model and tokenizer do not belong together, if the tokenizer
            cannot encode `system` or `failure`, or for a bad number.

    >>> from course_lib.chat import Markers
    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer("Hi?", special_tokens=Markers().names)
    >>> model = GPT(GPTConfig(vocab_size=8, emb_dim=16, n_layers=1))
    >>> chat = Chat(model, ChatTemplate(marked))
    >>> isinstance(chat.ask("Hi?").text, str)
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
        check_fit(model, template, failure)
        check_knobs(model.config.vocab_size, temperature)
        self.model, self.template = model, template
        self.tools, self.failure = dict(tools or {}), failure
        self.max_new_tokens = min(max_new_tokens, model.config.context_size // 2)
        check_least(1, max_new_tokens=self.max_new_tokens)
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
        is refused, or answered with nothing, leaves no trace there.

        Raises:
            ValueError: naming an unknown word, or for a message that is too long.
        """
        self.template.tokenizer.encode(text)  # an unknown word is named at once
        asked = [*self.messages, Message("user", text)]
        room = self.model.config.context_size - self.max_new_tokens
        kept, gone = self.template.fit(asked, room)
        if gone:
            n = sum(message.role == "user" for message in gone)
            turns = f"{n} turns" if n > 1 else "turn"
            yield Event("notice", f"the context is full: forgot the oldest {turns}")
        prompt = self.template.prompt(kept)
        turn = OpenTurn(self.template, self.tools, self.failure)
        yield from self._write(prompt, turn)
        self.answer = turn.answer
        if turn.answer.problem:
            yield Event("notice", turn.answer.problem)
        said = _said(self.template, turn.answer)
        if not said:
            yield Event("notice", "the answer is empty: this turn is not remembered")
        self.messages = kept + said if said else kept[:-1]
        self.seed += 1

    def _write(self, prompt: list[int], turn: OpenTurn) -> Iterator[Event]:
        written = turn.answer.tokens
        while not turn.ended and len(written) < self.max_new_tokens:
            steps = stream(
                self.model,
                [prompt + written],
                max_new_tokens=self.max_new_tokens - len(written),
                ended=lambda row, new: self.template.pauses(new[-1]),
                seeds=[self.seed + _FAR * len(written)],
                temperature=self.temperature,
                vocab_size=self.template.tokenizer.vocab_size,
            )
            for [token] in steps:
                if token is not None:
                    yield from turn.read(token)
        yield from turn.finish()


def _said(template: ChatTemplate, answer: Answer) -> list[Message]:
    """What joins the conversation: calls, results, and the answer; [] without one.

    Special tokens that the model wrote as if they were words stay out: read again,
    they would be refused, or be somebody else's turn.
    """
    words = template.ordinary(template.visible(answer.tokens))
    text = template.tokenizer.decode(words).strip()
    if not text:
        return []
    messages = []
    for call in answer.calls:
        if call.text.strip() and call.result.strip():
            messages.append(Message("call", call.text, call.tool))
            messages.append(Message("result", call.result))
    return [*messages, Message("assistant", text)]


def check_fit(model: GPT, template: ChatTemplate, failure: str = "") -> None:
    """Raise ValueError if model, tokenizer and what a failed tool says do not fit.

    >>> from course_lib.chat import Markers
    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer("Hi?", special_tokens=Markers().names)
    >>> model = GPT(GPTConfig(vocab_size=3, emb_dim=16, n_layers=1))
    >>> check_fit(model, ChatTemplate(marked))
    Traceback (most recent call last):
    ...
    ValueError: the tokenizer has 8 tokens and the model 3: they do not belong \
together (see `grow`)
    """
    check_vocabulary(model, template.tokenizer)
    if template.closes:
        try:
            template.result(failure)
        except ValueError as error:
            raise ValueError(f"failure is {failure!r}: {error}") from None


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

    Conversation i gets the dice of seed + i.

    Raises:
        ValueError: naming the first message that cannot be encoded, or does not fit.

    >>> from course_lib.chat import Markers
    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer("Hi?", special_tokens=Markers().names)
    >>> model = GPT(GPTConfig(vocab_size=8, emb_dim=16, n_layers=1))
    >>> talks = [[Message("user", "Hi?")], [Message("user", "Hi")]]
    >>> len(answers(model, ChatTemplate(marked), talks, max_new_tokens=4))
    2
    """
    check_fit(model, template, failure)
    prompts = [template.prompt(messages) for messages in conversations]
    turns = [OpenTurn(template, tools or {}, failure) for _ in prompts]
    room = model.config.context_size
    for start in range(0, len(prompts), ROWS):
        waiting = list(range(start, min(start + ROWS, len(prompts))))
        while waiting:
            written = generate(
                model,
                [prompts[i] + turns[i].answer.tokens for i in waiting],
                max_new_tokens=max_new_tokens,
                ended=_rests(template, [turns[i] for i in waiting], max_new_tokens),
                seeds=[seed + i + _FAR * len(turns[i].answer.tokens) for i in waiting],
                temperature=temperature,
                vocab_size=template.tokenizer.vocab_size,
            )
            asked, waiting = waiting, []
            for i, tokens in zip(asked, written, strict=True):
                for token in tokens:
                    turns[i].read(token)
                n = len(turns[i].answer.tokens)  # with what a tool gave
                fits = n < max_new_tokens and len(prompts[i]) + n <= room
                if fits and tokens[-1] in template.closes:
                    waiting.append(i)
    for turn in turns:
        turn.finish()
    return [turn.answer for turn in turns]


def _rests(template: ChatTemplate, turns: Sequence[OpenTurn], most: int) -> Ended:
    """Says when a row waits: at the end, for a tool, or after `most` tokens in all."""
    before = [len(turn.answer.tokens) for turn in turns]
    return lambda row, new: template.pauses(new[-1]) or before[row] + len(new) >= most
