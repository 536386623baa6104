"""The pen: `pick` chooses, `say` writes, and every word's surprise is known.

A document of Tiny World is written by an ordinary program that makes each random choice
through `pick(options, weights)` and writes each word through `say(words)`. Two rules
make the text exactly measurable:

1. the option picked is what is said next (or its beginning);
2. the options of one pick begin with different words.

So the next word always tells which option was taken: a `Reader` runs the same program
on a finished text and finds the choices again, in one pass, and no text has two
derivations. Hence -log p(word | words before) is exactly the surprise of the picks just
before the word, and zero where there was none. (Grammars with this property are called
LL(1): Lewis and Stearns 1968, "Syntax-directed transduction".)
"""

import math
import random
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from tiny_world.lexicon import EOT


class Weighted(NamedTuple):
    """Options and their whole-number weights, as `Pen.pick` takes them."""

    options: tuple[str, ...]
    weights: tuple[int, ...]

    @classmethod
    def of(cls, weights: dict[str, int]) -> "Weighted":
        """From option -> weight."""
        return cls(tuple(weights), tuple(weights.values()))


class Pen(ABC):
    """What a grammar is written against: `pick` and `say`.

    Attributes:
        words: what was said.
        nats: the surprise -log p of each word given the words before it.
        tags: the tag of each word, often "".
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self.nats: list[float] = []
        self.tags: list[str] = []
        self._surprise = 0.0  # of the picks since the last word, in nats

    @abstractmethod
    def pick(self, options: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """One of `options`, with probability in proportion to its weight.

        The option returned must be said next. No weights: all options alike.
        """

    def say(self, text: str, tag: str = "") -> None:
        """Write the words of `text`, each marked with `tag`."""
        for word in text.split():
            self.words.append(word)
            self.nats.append(self._surprise)
            self.tags.append(tag)
            self._surprise = 0.0


class Writer(Pen):
    """Picks at random: the grammar writes a new document.

    Only `random()` of the generator is used and weights are whole numbers, so the same
    seed gives the same words on every machine and Python version.

    >>> pen = Writer(random.Random(0))
    >>> pen.say("It said")
    >>> pen.say(pen.pick(["moo", "woof"], [3, 1]))
    >>> pen.words, round(pen.nats[2], 4)  # -ln 1/4
    (['It', 'said', 'woof'], 1.3863)
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._random = rng.random

    def pick(self, options: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """Draw one option and count its surprise."""
        if weights is None:
            self._surprise += math.log(len(options))
            return options[int(self._random() * len(options))]
        bounds = tuple(accumulate(weights))
        taken = bisect_right(bounds, self._random() * bounds[-1])
        self._surprise += math.log(bounds[-1] / weights[taken])
        return options[taken]


class Reader(Pen):
    """Picks what the text says next: the grammar parses a document.

    Raises:
        ValueError: from `pick` and `say`, where the text leaves the grammar; names the
            word, its place (from 1) and what was expected.

    >>> pen = Reader("It said moo".split())
    >>> pen.say("It said")
    >>> pen.pick(["moo", "woof"], [3, 1])
    'moo'
    >>> pen.say("baa")
    Traceback (most recent call last):
    ...
    ValueError: word 3 is 'moo'; expected 'baa'
    """

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__()
        self._text = list(words)

    def pick(self, options: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """The option that begins with the next word of the text."""
        place = len(self.words)
        word = self._text[place] if place < len(self._text) else None
        for i, option in enumerate(options):
            if option == word or option.split()[0] == word:
                total = len(options) if weights is None else sum(weights)
                weight = 1 if weights is None else weights[i]
                self._surprise += math.log(total / weight)
                return option
        raise self._error([option.split()[0] for option in options])

    def say(self, text: str, tag: str = "") -> None:
        """Check that the text goes on with the words of `text`."""
        for word in text.split():
            place = len(self.words)
            if place >= len(self._text) or self._text[place] != word:
                raise self._error([word])
            super().say(word, tag)

    def finish(self) -> None:
        """Check that nothing is left to read."""
        if len(self.words) < len(self._text):
            raise self._error([])

    def _error(self, expected: Sequence[str]) -> ValueError:
        place = len(self.words)
        names = ["the end" if word == EOT else repr(word) for word in expected]
        some = ", ".join(names[:6]) or "nothing more"
        if len(names) > 6:
            some = f"one of {len(names)} words such as {some}"
        elif len(names) > 1:
            some = f"one of {some}"
        if self._text[place : place + 1] in ([], [EOT]):
            return ValueError(f"the text ends after word {place}; expected {some}")
        return ValueError(f"word {place + 1} is {self._text[place]!r}; expected {some}")
