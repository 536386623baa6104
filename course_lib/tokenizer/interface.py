"""What every tokenizer of the course offers, and the checks they share."""

import operator
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

END_OF_TEXT = "<|endoftext|>"
"""GPT-2's name for the token that ends a document."""


class Tokenizer(Protocol):
    """Text to token ids and back.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> tokenizer: Tokenizer = CharTokenizer("abc", special_tokens=["<end>"])
    >>> tokenizer.encode("cab"), tokenizer.decode([2, 0, 1])
    ([2, 0, 1], 'cab')
    """

    @property
    def vocab_size(self) -> int:
        """How many ids there are: they lie in [0, vocab_size)."""

    @property
    def end_of_text(self) -> str:
        """The name of the special token that ends a document, if it has one."""

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """The tokens that stand for no text, such as the end of a document."""

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """Token ids of a text; special tokens in it are ordinary text unless allowed.

        Text from a user never gets to end a document by writing "<|endoftext|>".
        """

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of token ids."""


def check_text(text: str) -> None:
    r"""Raise ValueError for half a character, which no file can hold as UTF-8.

    >>> check_text("a\ud800")
    Traceback (most recent call last):
    ...
    ValueError: character 2 is '\ud800', half a character (a surrogate): take it out
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"character {error.start + 1} is {text[error.start]!r}, half a character "
            "(a surrogate): take it out"
        ) from None


def check_tokens(tokens: Iterable[int], vocab_size: int) -> list[int]:
    """The ids as a list, or a ValueError that names the first one out of range.

    >>> check_tokens([0, 300], 256)
    Traceback (most recent call last):
    ...
    ValueError: token 2 is 300: ids of this tokenizer lie in [0, 255]
    """
    ids = [operator.index(token) for token in tokens]
    if ids and not 0 <= min(ids) <= max(ids) < vocab_size:
        place = next(i for i, token in enumerate(ids) if not 0 <= token < vocab_size)
        raise ValueError(
            f"token {place + 1} is {ids[place]}: ids of this tokenizer lie in "
            f"[0, {vocab_size - 1}]"
        )
    return ids


def check_special_tokens(names: Iterable[str]) -> tuple[str, ...]:
    """The names, or a ValueError for one that is empty, has spaces or comes twice.

    >>> check_special_tokens(["<|endoftext|>", "<|user|>"])
    ('<|endoftext|>', '<|user|>')
    """
    if isinstance(names, str):
        raise ValueError(f"special_tokens is {names!r}: give a list of names")
    kept = tuple(names)
    for i, name in enumerate(kept):
        if not name or re.search(r"\s", name):
            raise ValueError(
                f"special token {name!r}: use a name without spaces, like <|user|>"
            )
        if name in kept[:i]:
            raise ValueError(f"special token {name!r} is there twice: remove one")
        check_text(name)
    return kept


def split_at(text: str, names: Collection[str]) -> list[str]:
    """The text cut around each of the names: text, name, text, name, ..., text.

    Where two names begin at the same place, the longer one counts.

    >>> split_at("one<|end|>two", ["<|end|>"])
    ['one', '<|end|>', 'two']
    """
    if not names:
        return [text]
    longest_first = sorted(names, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
