"""What a small vocabulary makes of what people type.

Capitals are taken as the vocabulary has them, short forms are written out, and a word
that nobody taught the assistant is answered in the talk: it says so.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from course_lib.chat import Event
from tiny_world.lexicon import FIRST_NAMES, LAST_NAMES, WORD
from tiny_world.words import WorldTokenizer

SHORT_FORMS = {
    "what's": "what is",
    "who's": "who is",
    "where's": "where is",
    "how's": "how is",
    "that's": "that is",
    "it's": "it is",
    "i'm": "I am",
    "you're": "you are",
    "don't": "do not",
    "doesn't": "does not",
}
_SHORT = re.compile(r"[A-Za-z]+['\u2019][A-Za-z]+")
_QUOTES = str.maketrans("", "", "\"'\u2018\u2019\u201c\u201d")
_SIGNS = str.maketrans("\u00d7\u2212", "*-")
Say = Callable[[str], Iterator[Event]]


class Heard(NamedTuple):
    """A message in the words of a vocabulary."""

    text: str
    unknown: tuple[str, ...]
    """Words that are not in it."""


def heard(text: str, tokenizer: WorldTokenizer) -> Heard:
    """A message as the tokenizer's words, and those that it does not have.

    Where a word is known with and without a capital, a sentence begins with one, and
    so does the last name after a first name.

    >>> from tiny_world.assistant.phrases import chat_tokenizer
    >>> heard("what's the job of lumira clover", chat_tokenizer())
    Heard(text='What is the job of Lumira Clover', unknown=())
    >>> heard("Where is Paris?", chat_tokenizer()).unknown
    ('Paris',)
    """
    spelled: dict[str, list[str]] = {}
    for i in range(tokenizer.vocab_size):
        [word] = [tokenizer.decode([i])]
        spelled.setdefault(word.casefold(), []).append(word)
    text = _SHORT.sub(_in_full, text).translate(_QUOTES).translate(_SIGNS)
    words: list[str] = []
    unknown = dict[str, None]()
    for word in WORD.findall(text):
        ways = spelled.get(word.casefold(), [])
        if not ways:
            unknown[word] = None
        words.append(_as_spelled(word, ways, words[-1:]))
    return Heard(" ".join(words), tuple(unknown))


def _as_spelled(word: str, ways: list[str], before: list[str]) -> str:
    """The way to spell a word that fits what stands before it."""
    if len(ways) < 2:
        return ways[0] if ways else word
    begins = not before or before[0] in ".!?"
    named = before[:1] and before[0] in FIRST_NAMES
    if begins or named:
        return next(way for way in ways if way[0].isupper())
    if word in LAST_NAMES:
        return word
    return next(way for way in ways if way[0].islower())


def _in_full(found: re.Match[str]) -> str:
    small = found[0].lower().replace("\u2019", "'")
    return SHORT_FORMS.get(small, found[0])


def about_unknown(unknown: tuple[str, ...], tokenizer: WorldTokenizer) -> str:
    """What the assistant says to words that it does not know.

    >>> from tiny_world.assistant.phrases import chat_tokenizer
    >>> about_unknown(("Frodo",), chat_tokenizer())
    'I do not know the word "Frodo".'
    >>> about_unknown(("bakker",), chat_tokenizer())
    'I do not know the word "bakker". Did you mean "baker"?'
    """
    kind = "word" if all(word.isalpha() for word in unknown) else "sign"
    told = " or ".join(f'"{word[:30]}"' for word in unknown[:3])
    told = f"I do not know the {kind} {told}."
    known = (tokenizer.decode([i]) for i in range(tokenizer.vocab_size))
    near = difflib.get_close_matches(unknown[0], list(known), n=1, cutoff=0.8)
    return f'{told} Did you mean "{near[0]}"?' if near else told


def hearing(say: Say, tokenizer: WorldTokenizer, kind: str = "text") -> Say:
    """The same voice, which hears messages as `heard` does, and names unknown words.

    >>> from tiny_world.assistant.phrases import chat_tokenizer
    >>> echo = hearing(lambda text: iter([Event("text", text)]), chat_tokenizer())
    >>> [event.text for event in echo("how are YOU?")]
    ['How are you ?']
    >>> [event.text for event in echo("Who is Zork?")]
    ['I do not know the word "Zork".']
    """

    def hears(text: str) -> Iterator[Event]:
        said = heard(text, tokenizer)
        if said.unknown:
            yield Event(kind, about_unknown(said.unknown, tokenizer))  # type: ignore[arg-type]
        else:
            yield from say(said.text)

    return hears
