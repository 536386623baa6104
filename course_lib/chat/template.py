"""The chat template: messages to tokens, and which of them are learned.

A conversation is one document. Special tokens say who speaks; they are put in here by
id and never read from anybody's text, so no user can write one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from course_lib.tokenizer import END_OF_TEXT, Tokenizer

Role = Literal["system", "user", "assistant", "call", "result"]
_MAY_FOLLOW: dict[str, tuple[str, ...]] = {  # role -> roles it may follow
    "system": ("",),
    "user": ("", "system", "assistant"),
    "assistant": ("user", "result"),
    "call": ("user", "result"),
    "result": ("call",),
}


@dataclass(frozen=True)
class Message:
    """What one side says.

    >>> Message("user", "Where was Lumira Pickle born ?").role
    'user'
    """

    role: Role
    """"system", "user", "assistant", "call" (of a tool) or "result" (of a tool)."""
    text: str
    """Plain text; of a call: what the tool is given."""
    tool: str = ""
    """Of a call: which tool."""


@dataclass(frozen=True, kw_only=True)
class Markers:
    """The names of the special tokens of a template."""

    begin: str = END_OF_TEXT
    """Stands before every conversation, as before every document."""
    system: str = "<|system|>"
    """Opens the rules of the conversation."""
    user: str = "<|user|>"
    """Opens what the user says."""
    assistant: str = "<|assistant|>"
    """Opens the answer."""
    end: str = "<|end|>"
    """Ends the answer."""
    tools: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Tool -> the tokens before and after a call of it."""
    result: tuple[str, str] = ("<|result|>", "<|/result|>")
    """The tokens before and after what a tool gives back."""

    @property
    def names(self) -> tuple[str, ...]:
        """All special tokens of the template."""
        pairs = (*self.tools.values(), *((self.result,) if self.tools else ()))
        own = (self.begin, self.system, self.user, self.assistant, self.end)
        return own + tuple(name for pair in pairs for name in pair)


class Example(NamedTuple):
    """The tokens of a conversation, and which of them the model learns to write."""

    tokens: list[int]
    loss_mask: list[bool]
    """True for what the assistant writes: answers, calls, end marks."""


class ChatTemplate:
    """Turns conversations into tokens for one tokenizer.

    Args:
        tokenizer: knows all the markers as special tokens.
        markers: the names of the special tokens.

    Raises:
        ValueError: naming the markers that the tokenizer does not have.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> template = ChatTemplate(CharTokenizer("Hi?", special_tokens=Markers().names))
    >>> example = template.encode([Message("user", "Hi?"), Message("assistant", "Hi")])
    >>> template.tokenizer.decode(example.tokens)
    '<|endoftext|><|user|>Hi?<|assistant|>Hi<|end|>'
    >>> sum(example.loss_mask)  # H i <|end|>
    3
    """

    def __init__(self, tokenizer: Tokenizer, markers: Markers | None = None) -> None:
        self.tokenizer, self.markers = tokenizer, markers or Markers()
        known = tokenizer.special_tokens
        names = dict.fromkeys(self.markers.names)  # one may mark several things
        if missing := [name for name in names if name not in known]:
            raise ValueError(
                f"the tokenizer has no special token {', '.join(missing)}: add it to "
                "its vocabulary (see `grow`) or name other markers"
            )
        self.ids = {name: known[name] for name in self.markers.names}
        self.end = self.ids[self.markers.end]
        self.opens = {self.ids[a]: tool for tool, (a, _) in self.markers.tools.items()}
        self.closes = {self.ids[b]: tool for tool, (_, b) in self.markers.tools.items()}
        self._before = [self.ids[self.markers.begin]]  # the conversation
        self._of_result = tuple(self.ids.get(name) for name in self.markers.result)
        self._special = frozenset(known.values())

    def encode(self, messages: Sequence[Message]) -> Example:
        """A conversation as tokens, and which of them are learned.

        Raises:
            ValueError: naming the message that stands in the wrong place, is empty, or
                holds a word that the tokenizer does not know.
        """
        check_messages(messages)
        parts = [(self._before, False)]
        last = ""
        for place, message in enumerate(messages, 1):
            learned = message.role in ("assistant", "call")
            if learned and last == "user":
                parts.append((self._opening(), False))
            try:
                parts.append((self._tokens_of(message), learned))
            except ValueError as error:
                raise ValueError(f"message {place} ({message.role}): {error}") from None
            parts.append((self._after(), False))
            last = message.role
        return Example(
            [token for tokens, _ in parts for token in tokens],
            [learned for tokens, learned in parts for _ in tokens],
        )

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """A conversation that waits for the assistant's next token.

        Raises:
            ValueError: as `encode`, or if the last message is neither a user's nor a
                tool's result.
        """
        if not messages or messages[-1].role not in ("user", "result"):
            last = messages[-1].role if messages else "none"
            raise ValueError(f"the last message is {last}: the assistant is not due")
        tokens = self.encode(messages).tokens
        return tokens + (self._opening() if messages[-1].role == "user" else [])

    def _opening(self) -> list[int]:
        """What stands between a user's message and the answer."""
        return [self.ids[self.markers.assistant]]

    def _after(self) -> list[int]:
        """What stands behind each message."""
        return []

    def result(self, text: str) -> list[int]:
        """The tokens of what a tool gives back, its marks around it."""
        before, after = (self.ids[name] for name in self.markers.result)
        return [before, *self.tokenizer.encode(text), after]

    def loss_mask(self, answer: Sequence[int]) -> list[bool]:
        """Which tokens of an answer the loss counts: all but the tools' results."""
        before, after = self._of_result
        flags, inside = [], False
        for token in answer:
            inside = inside or token == before
            flags.append(not inside)
            inside = inside and token != after
        return flags

    def visible(self, answer: Sequence[int]) -> list[int]:
        """The tokens of an answer that the user reads: no calls, results, marks."""
        hidden = {*self.closes, self.end}
        shown, inside = [], False
        before, after = self._of_result
        for token in answer:
            if token in self.opens or token == before:
                inside = True
            elif token in self.closes or token == after:
                inside = False
            elif not inside and token not in hidden:
                shown.append(token)
        return shown

    def pauses(self, token: int) -> bool:
        """True where the model must wait: at the end, or for a tool."""
        return token == self.end or token in self.closes

    def ordinary(self, tokens: Sequence[int]) -> list[int]:
        """The tokens that stand for text: no special ones, none beyond the tokenizer.

        Their text can be encoded again, and is nobody's turn.
        """
        size = self.tokenizer.vocab_size
        return [t for t in tokens if t not in self._special and t < size]

    def _tokens_of(self, message: Message) -> list[int]:
        """One message as tokens, with the marks around it."""
        ids, markers, text = self.ids, self.markers, self.tokenizer.encode(message.text)
        if message.role == "assistant":
            return [*text, self.end]
        if message.role == "result":
            return self.result(message.text)
        if message.role in ("system", "user"):
            return [ids[getattr(markers, message.role)], *text]
        if message.tool not in markers.tools:
            raise ValueError(
                f"there is no tool {message.tool!r}, only "
                f"{', '.join(markers.tools) or 'none'}: take the conversation out, or "
                "teach it to a model with tools"
            )
        before, after = markers.tools[message.tool]
        return [ids[before], *text, ids[after]]

    def fit(
        self, messages: Sequence[Message], size: int
    ) -> tuple[list[Message], list[Message]]:
        """The messages whose prompt has at most `size` tokens, and those let go.

        The oldest whole turns go first (a user's message and all that answers it); the
        system's message and the last turn stay.

        Raises:
            ValueError: if even those do not fit.

        >>> from course_lib.tokenizer import CharTokenizer
        >>> marked = CharTokenizer("Hi?", special_tokens=Markers().names)
        >>> talk = [Message("user", "Hi?"), Message("assistant", "Hi")]
        >>> kept, gone = ChatTemplate(marked).fit([*talk, Message("user", "Hi")], 8)
        >>> len(kept), len(gone)
        (1, 2)
        """
        kept, gone = list(messages), list[Message]()
        n_system = int(bool(kept) and kept[0].role == "system")
        while len(self.prompt(kept)) > size:
            starts = [i for i, m in enumerate(kept) if m.role == "user"]
            if len(starts) < 2:
                n = len(self.prompt(kept))
                raise ValueError(
                    f"the message and the system's take {n} tokens and {size} fit: "
                    f"shorten it by {n - size} or more"
                )
            gone += kept[n_system : starts[1]]
            kept = kept[:n_system] + kept[starts[1] :]
        return kept, gone


class ChatMLTemplate(ChatTemplate):
    r"""The template of SmolLM2, Qwen and others: "<|im_start|>role\ntext<|im_end|>\n".

    Here the roles are ordinary text after a special token. It has no tools.

    Args:
        tokenizer: has the two special tokens.
        system: stands before a conversation without a system's message; "" for none.

    Raises:
        ValueError: naming the special tokens that the tokenizer does not have.

    Source: OpenAI 2023, "ChatML"; the form that transformers' chat templates give it.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer("aeinrstuH?\n", special_tokens=ChatMLTemplate.MARKS)
    >>> template = ChatMLTemplate(marked)
    >>> example = template.encode([Message("user", "Hi?"), Message("assistant", "Hi")])
    >>> marked.decode(t for t, ours in zip(*example) if ours)
    'Hi<|im_end|>'
    """

    MARKS = ("<|im_start|>", "<|im_end|>")

    def __init__(self, tokenizer: Tokenizer, system: str = "") -> None:
        start, end = self.MARKS
        markers = Markers(
            begin=start, system=start, user=start, assistant=start, end=end
        )
        super().__init__(tokenizer, markers)
        self.system = system
        self._before = []

    def encode(self, messages: Sequence[Message]) -> Example:
        """A conversation as tokens, and which of them are learned; see `ChatTemplate`.

        The text of an answer is encoded by itself, as it is when a model writes it.
        """
        check_messages(messages)
        if self.system and messages and messages[0].role != "system":
            messages = [Message("system", self.system), *messages]
        return super().encode(messages)

    def _opening(self) -> list[int]:
        return [*super()._opening(), *self.tokenizer.encode("assistant\n")]

    def _after(self) -> list[int]:
        return self.tokenizer.encode("\n")

    def _tokens_of(self, message: Message) -> list[int]:
        role, text = message.role, message.text
        if role in ("call", "result"):
            raise ValueError("this template has no tools")
        if role == "assistant":
            return [*self.tokenizer.encode(text), self.end]
        start = self.ids[self.markers.begin]
        return [start, *self.tokenizer.encode(f"{role}\n{text}"), self.end]


def check_messages(messages: Sequence[Message]) -> None:
    """Raise ValueError for the first message that is empty or in the wrong place.

    >>> check_messages([Message("assistant", "Hello !")])
    Traceback (most recent call last):
    ...
    ValueError: message 1 is the assistant's: it must follow user or result
    """
    before = ""
    for place, message in enumerate(messages, 1):
        if message.role not in _MAY_FOLLOW:
            raise ValueError(
                f"message {place} has the role {message.role!r}: use "
                f"{', '.join(_MAY_FOLLOW)}"
            )
        if before not in _MAY_FOLLOW[message.role]:
            allowed = " or ".join(r or "nothing" for r in _MAY_FOLLOW[message.role])
            raise ValueError(
                f"message {place} is the {message.role}'s: it must follow {allowed}"
            )
        if not message.text.strip():
            raise ValueError(f"message {place} ({message.role}) is empty")
        before = message.role
