"""One token per character: short vocabulary, long sequences, a fixed alphabet."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Self

from course_lib.tokenizer.interface import (
    END_OF_TEXT,
    check_special_tokens,
    check_text,
    check_tokens,
    split_at,
)


class CharTokenizer:
    """The ids 0, 1, 2, ... are the characters of `alphabet` in their order.

    Args:
        alphabet: distinct characters.
        special_tokens: names whose ids follow those of the characters.

    Raises:
        ValueError: for an empty alphabet, a character that comes twice, or names that
            cannot serve.

    >>> CharTokenizer("abc").encode("cab")
    [2, 0, 1]
    """

    kind, end_of_text = "characters", END_OF_TEXT

    def __init__(self, alphabet: str, *, special_tokens: Iterable[str] = ()) -> None:
        check_text(alphabet)
        if not alphabet:
            raise ValueError("the alphabet is empty: give at least one character")
        self.alphabet = alphabet
        self._id_of = {character: i for i, character in enumerate(alphabet)}
        if len(self._id_of) < len(alphabet):
            twice = next(c for c in alphabet if alphabet.count(c) > 1)
            raise ValueError(f"{twice!r} is in the alphabet twice: remove one of them")
        names = check_special_tokens(special_tokens)
        self._specials = {name: len(alphabet) + i for i, name in enumerate(names)}
        self._texts = [*alphabet, *names]

    @classmethod
    def from_text(cls, text: str, *, special_tokens: Iterable[str] = ()) -> Self:
        """The alphabet is every character of `text` once, in Unicode order.

        >>> CharTokenizer.from_text("banana").alphabet
        'abn'
        """
        if not text:
            raise ValueError("the text is empty: it has no characters to number")
        return cls("".join(sorted(set(text))), special_tokens=special_tokens)

    def metadata(self) -> dict[str, Any]:
        """All that makes it, for the file of a model."""
        return {"alphabet": self.alphabet, "special_tokens": list(self._specials)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """The inverse of `metadata`."""
        return cls(metadata["alphabet"], special_tokens=metadata["special_tokens"])

    def __repr__(self) -> str:
        shown = (
            self.alphabet if len(self.alphabet) <= 40 else self.alphabet[:37] + "..."
        )
        return f"CharTokenizer({self.vocab_size} tokens: {shown!r})"

    @property
    def vocab_size(self) -> int:
        """Characters and special tokens."""
        return len(self._texts)

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """Name -> id."""
        return MappingProxyType(self._specials)

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """One id per character.

        Args:
            text: any text written with the alphabet.
            allow_special: whether names of special tokens become these tokens.

        Raises:
            ValueError: for a character outside the alphabet (which, and where).

        >>> CharTokenizer("abc").encode("bad")
        Traceback (most recent call last):
        ...
        ValueError: character 3 is 'd', which is not in the alphabet of 3 characters: \
use text written with it, or a tokenizer of bytes
        """
        tokens, at = list[int](), 0
        for part in split_at(text, self._specials if allow_special else ()):
            if allow_special and part in self._specials:
                tokens.append(self._specials[part])
            else:
                tokens += self._encode_part(part, at)
            at += len(part)
        return tokens

    def _encode_part(self, part: str, at: int) -> list[int]:
        try:
            return [self._id_of[character] for character in part]
        except KeyError as error:
            character = str(error.args[0])
            raise ValueError(
                f"character {at + part.index(character) + 1} is {character!r}, which "
                f"is not in the alphabet of {len(self.alphabet)} characters: use text "
                "written with it, or a tokenizer of bytes"
            ) from None

    def decode(self, tokens: Iterable[int]) -> str:
        """The inverse of encode; a special token gives its name.

        Raises:
            ValueError: for an id out of range.

        >>> CharTokenizer("abc").decode([0, 1])
        'ab'
        """
        return "".join(self._texts[i] for i in check_tokens(tokens, self.vocab_size))
