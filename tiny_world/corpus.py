"""The documents of Tiny World: numbered, streamed, parsed, measured.

Document `index` of a split depends on the world's seed, the split and the index alone:
any document can be had at any time, and a stream can go on from anywhere.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from tiny_world.grammar import TAGS, Grammar
from tiny_world.lexicon import EOT, encode, render, split_words
from tiny_world.pen import Reader, Writer
from tiny_world.people import N_FAMOUS, People, Person

SPLITS = ("train", "val")
MOST_FAMOUS = 1200
_TAG_ID = {tag: i for i, tag in enumerate(TAGS)}


@dataclass(frozen=True, slots=True)
class Document:
    """A document and the exact surprise of each of its words.

    >>> document = World(seed=0).document(0)
    >>> document.n_words == len(document.nats) == len(document.tags)
    True
    """

    kind: str
    """One of `world.KINDS`."""
    words: tuple[str, ...]
    """The words, punctuation and the end mark "<eot>" among them."""
    nats: tuple[float, ...]
    """-log p(word | words before it), natural logarithm, one per word."""
    tags: tuple[str, ...]
    """What each word tests: one of `world.TAGS`, often ""."""

    @property
    def text(self) -> str:
        """The document as one reads it, without the end mark."""
        return render(self.words[:-1])

    @property
    def total_nats(self) -> float:
        """-log p of the whole document: the same for every tokenizer."""
        return sum(self.nats)

    @property
    def n_words(self) -> int:
        """Number of words, the end mark counted."""
        return len(self.words)

    @property
    def n_chars(self) -> int:
        """Number of characters of `text`, and one for the end mark."""
        return len(self.text) + 1


class World:
    """Tiny World: its people, and all the documents about them.

    Args:
        seed: of the people and the documents.
        n_famous: how many people there are to be known by heart, 8 to 1,200.

    Raises:
        ValueError: the seed is negative, or the number of people is out of range.

    >>> world = World(seed=0)
    >>> document = world.document(7)
    >>> world.parse(document.text) == document
    True
    """

    def __init__(self, seed: int = 0, n_famous: int = N_FAMOUS) -> None:
        if seed < 0:
            raise ValueError(f"seed is {seed}; use 0 or a positive whole number")
        if not 8 <= n_famous <= MOST_FAMOUS:
            raise ValueError(f"n_famous is {n_famous}; use 8 to {MOST_FAMOUS:,}")
        self.seed = seed
        self.people = People(seed, n_famous)
        self._grammar = Grammar(self.people)

    def __repr__(self) -> str:
        return f"World(seed={self.seed})"

    @property
    def famous(self) -> tuple[Person, ...]:
        """The people to be known by heart (120 as a rule), most frequent first."""
        return self.people.famous

    @property
    def one_off(self) -> tuple[Person, ...]:
        """The people (1,240) about whom every document draws its facts afresh."""
        return self.people.one_off

    @property
    def held_out(self) -> tuple[Person, ...]:
        """The 240 people whom no document of any split names."""
        return self.people.held_out

    def facts(self, person: Person) -> dict[str, str]:
        """What is true of a famous or held-out person: relation -> value.

        Raises:
            ValueError: the person is one-off (nothing is fixed) or unknown.

        >>> world = World(seed=0)
        >>> list(world.facts(world.famous[0]))
        ['born', 'job', 'food', 'color']
        """
        facts = self.people.facts.get(person)
        if facts is None:
            raise ValueError(
                f"{' '.join(person)} has no fixed facts; ask about somebody in "
                "world.famous or world.held_out"
            )
        return dict(facts)

    def document(self, index: int, split: str = "train") -> Document:
        """Document number `index` (from 0) of a split, "train" or "val".

        Raises:
            ValueError: another split, or an index below 0.

        >>> World(seed=0).document(3) == World(seed=0).document(3)
        True
        """
        if split not in SPLITS:
            raise ValueError(f"split is {split!r}; use 'train' or 'val'")
        if index < 0:
            raise ValueError(f"index is {index}; documents are numbered from 0")
        pen = Writer(random.Random(f"world {self.seed}, {split} {index}"))
        kind = self._grammar.write(pen)
        return Document(kind, tuple(pen.words), tuple(pen.nats), tuple(pen.tags))

    def stream(self, split: str = "train", start: int = 0) -> Iterator[Document]:
        """Documents start, start + 1, ... of a split, without end.

        >>> world = World(seed=0)
        >>> next(world.stream("val", start=5)) == world.document(5, "val")
        True
        """
        while True:
            yield self.document(start, split)
            start += 1

    def parse(self, text: str | Sequence[str]) -> Document:
        """The one derivation of a document, read from its text or its words.

        The end mark may be left out.

        Raises:
            ValueError: Tiny World cannot say this; names the word, its place (from 1)
                and what was expected there.

        >>> World(seed=0).parse("Once there was a shy cow. It said moo. It ate hay.")
        Traceback (most recent call last):
        ...
        ValueError: word 14 is 'hay'; expected 'grass'
        """
        words = split_words(text) if isinstance(text, str) else list(text)
        encode(words)  # an unknown word is named as such
        pen = Reader(words if words[-1:] == [EOT] else [*words, EOT])
        kind = self._grammar.write(pen)
        pen.finish()
        return Document(kind, tuple(pen.words), tuple(pen.nats), tuple(pen.tags))


def floor(
    documents: Iterable[Document], size: Callable[[Document], int] | None = None
) -> float:
    """Mean nats per unit that a perfect model still pays on these documents.

    The unit is whatever `size` counts in a document: words by default, characters with
    `lambda d: d.n_chars`, tokens with `lambda d: len(tokenizer.encode(d.text)) + 1`.
    The nats of a document stay the same; only the number that shares them changes.

    Raises:
        ValueError: there is no document, or they have no size.

    >>> documents = [World(seed=0).document(i) for i in range(10)]
    >>> per_word = floor(documents)
    >>> per_char = floor(documents, lambda d: d.n_chars)
    >>> 0 < per_char < per_word
    True
    """
    documents = list(documents)
    n_units = sum(size(d) if size else d.n_words for d in documents)
    if n_units <= 0:
        raise ValueError(f"{len(documents)} documents of size {n_units}; need some")
    return sum(d.total_nats for d in documents) / n_units


class TokenRows(NamedTuple):
    """Rows of tokens to train on, and what is known of each token.

    Each row begins with "<eot>" and then with the beginning of a document; documents
    follow one another, each ended by "<eot>", and the last one is cut.
    """

    tokens: Tensor
    """(n_rows, length) int64 in [0, VOCAB_SIZE)."""
    nats: Tensor
    """(n_rows, length) float32: -log p(token | tokens before it in its document)."""
    tags: Tensor
    """(n_rows, length) int64: places in `tuple(world.TAGS)`."""


def token_rows(
    world: World, split: str, start: int, n_rows: int, length: int
) -> TokenRows:
    """Rows start, start + 1, ..., start + n_rows - 1 of a split, as (n_rows, length).

    Row i holds documents i * length, i * length + 1, ...: it depends on nothing else,
    so training can go on from any row, and no two rows share a document.

    Raises:
        ValueError: n_rows or length below 1, or what `World.document` refuses.

    >>> rows = token_rows(World(seed=0), "train", start=0, n_rows=2, length=128)
    >>> rows.tokens.shape, rows.tokens[:, 0].tolist()
    (torch.Size([2, 128]), [0, 0])
    """
    if n_rows < 1 or length < 1:
        raise ValueError(f"n_rows is {n_rows} and length {length}; both need 1 or more")
    tokens, nats, tags = [], [], []
    for row in range(start, start + n_rows):
        words, surprise, marks = [EOT], [0.0], [""]
        for document in world.stream(split, row * length):
            if len(words) >= length:
                break
            words += document.words
            surprise += document.nats
            marks += document.tags
        tokens.append(encode(words[:length]))
        nats.append(surprise[:length])
        tags.append([_TAG_ID[tag] for tag in marks[:length]])
    return TokenRows(
        torch.tensor(tokens),
        torch.tensor(nats, dtype=torch.float32),
        torch.tensor(tags),
    )
