"""Every stage as somebody to talk to, in a terminal or a notebook."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.chat import Chat, ChatMLTemplate, ChatTemplate, Event, Markers
from course_lib.engine.checkpoint_file import peek
from course_lib.engine.smollm import NAME, load_beside, smollm2_path
from course_lib.files import load
from course_lib.generate import stream_text
from course_lib.gpt import GPT
from course_lib.lora import KIND as LORA
from course_lib.tokenizer import Tokenizer
from tiny_world import N_FAMOUS, World, WorldTokenizer
from tiny_world.assistant.hearing import hearing
from tiny_world.assistant.measures import world_tools
from tiny_world.assistant.phrases import MARKERS
from tiny_world.assistant.pipeline import KIND
from tiny_world.assistant.shipped import shipped_path
from tiny_world.assistant.stages import STAGES

ASKED = ("Where was {} born?", "What is 17 + 28?", "Who are you?")
"""Questions to an assistant of Tiny World."""
SHORT, LONG = 56, 256
"""Tokens of an answer: of a world of short sentences, of a real model."""
COMPLETED = ("Once there was a", "{} was born in", "It said")
"""Beginnings for a base model of Tiny World."""


@dataclass
class Voice:
    """Somebody to talk to.

    A base model has no turns: it goes on with your words, and remembers nothing.
    """

    name: str
    say: Callable[[str], Iterator[Event]]
    """Your words to what happens while it answers."""
    chat: Chat | None
    """The conversation; None for a base model."""
    words: tuple[str, ...] = ()
    """All that it can read; () for any text."""
    people: tuple[str, ...] = ()
    """Names of people it has read about, the most famous first."""
    examples: tuple[str, ...] = ()
    """What one might say to it."""

    def reset(self) -> None:
        """Forget the conversation, but not the rules."""
        if self.chat is not None:
            rules = [m for m in self.chat.messages if m.role == "system"]
            self.chat.messages = rules


def voice_of(
    where: str | Path,
    *,
    system: str = "",
    temperature: float = 0.0,
    seed: int = 0,
    max_new_tokens: int | None = None,
) -> Voice:
    """A stage that travels with the course, by its name, or a file of your own.

    "smollm2" is the real model, if it was fetched; a file of LoRA weights (see
    `course_lib.lora`) talks with what it has taught that model. Without
    `max_new_tokens` an answer has up to 48 tokens, a real model's up to 256.

    Raises:
        ValueError: for a name that is no stage, a file that is not a GPT with its
            tokenizer, a rule for a base model, or a bad temperature.
        FileNotFoundError: if there is no such file, or the real model was not fetched.
        MemoryError: if the real model would not fit.

    >>> "".join(event.text for event in voice_of("sft").say("Who are you?"))
    'I am Tiny, a small model.'
    """
    path = _path_of(where)
    own = peek(path).get("kind") == LORA
    model, tokenizer, metadata = load_beside(path) if own else load(path)
    if not isinstance(model, GPT):
        raise ValueError(f"{path} does not hold a GPT: it cannot talk")
    if tokenizer is None:
        raise ValueError(f"{path} holds a GPT without its tokenizer: it cannot talk")
    name = str(metadata.get("stage", "base" if str(where) == "base" else path.stem))
    label = str(metadata.get("label", name))
    template = template_of(tokenizer, metadata)
    most = LONG if isinstance(template, ChatMLTemplate) else SHORT
    most = max_new_tokens or most
    if template is None or name == "base":
        if system:
            raise ValueError(f"{name} is a base model: it follows no system message")
        say = _completer(model, tokenizer, temperature, seed, most)
        if isinstance(tokenizer, WorldTokenizer):
            say = hearing(say, tokenizer, "notice")
        return Voice(label, say, None, **_tips(tokenizer, metadata, COMPLETED))
    chat = Chat(
        model,
        template,
        system=system,
        tools=_tools_of(name, metadata),
        max_new_tokens=most,
        temperature=temperature,
        seed=seed,
    )
    say = chat.stream
    if isinstance(tokenizer, WorldTokenizer):
        say = hearing(say, tokenizer)
    return Voice(label, say, chat, **_tips(tokenizer, metadata, ASKED))


def _path_of(where: str | Path) -> Path:
    if str(where) == NAME:
        return smollm2_path()
    return shipped_path(str(where)) if str(where) in STAGES else Path(where)


def _tips(
    tokenizer: Tokenizer, metadata: Mapping[str, Any], examples: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """What helps to talk to a model: words, people, examples."""
    if not isinstance(tokenizer, WorldTokenizer):
        return {"examples": tuple(metadata.get("examples", ()))}
    marks = set(tokenizer.special_tokens.values())
    known = [i for i in range(tokenizer.vocab_size) if i not in marks]
    people = tuple(person.name for person in _world_of(metadata).famous)
    return {
        "words": tuple(tokenizer.decode([i]) for i in known),
        "people": people,
        "examples": tuple(example.format(people[0]) for example in examples),
    }


def _world_of(metadata: Mapping[str, Any]) -> World:
    people = metadata.get("plan", {}).get("people", N_FAMOUS)
    return World(seed=0, n_famous=people)


def template_of(
    tokenizer: Tokenizer, metadata: Mapping[str, Any]
) -> ChatTemplate | None:
    """The template whose markers the tokenizer knows, if there is one.

    >>> from tiny_world.assistant.phrases import chat_tokenizer
    >>> template_of(chat_tokenizer(), {}).markers.end
    '<end>'
    """
    if set(ChatMLTemplate.MARKS) <= set(tokenizer.special_tokens):
        return ChatMLTemplate(tokenizer, str(metadata.get("system", "")))
    for markers in (MARKERS, Markers()):
        if set(markers.names) <= set(tokenizer.special_tokens):
            return ChatTemplate(tokenizer, markers)
    return None


def _tools_of(name: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    if metadata.get("kind_of_run") != KIND or name not in STAGES:
        return {}
    if STAGES.index(name) < STAGES.index("tools"):
        return {}
    return world_tools(_world_of(metadata))


def _completer(
    model: GPT,
    tokenizer: Tokenizer,
    temperature: float,
    seed: int,
    max_new_tokens: int,
) -> Callable[[str], Iterator[Event]]:
    def say(text: str) -> Iterator[Event]:
        gone: list[int] = []
        pieces = stream_text(
            model,
            tokenizer,
            text,
            max_new_tokens=max_new_tokens,
            seed=seed,
            temperature=temperature,
            dropped=lambda row, tokens: gone.extend(tokens),
        )
        for piece in pieces:
            if gone:
                yield Event("notice", f"too long: {len(gone)} tokens were not read")
                gone.clear()
            yield Event("text", piece)

    return say
