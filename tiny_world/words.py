"""The words of Tiny World as a tokenizer, which chat can give more words."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from tiny_world.lexicon import (
    EOT,
    ID_OF,
    SPECIAL_TOKENS,
    VOCABULARY,
    WORD,
    ids_of,
    render,
    split_words,
    words_of,
)


class WorldTokenizer:
    """The words of Tiny World as a tokenizer: one token a word or punctuation mark.

    It has the interface of `course_lib.tokenizer.Tokenizer`.

    Args:
        extra: more words, such as "<calc>" or "7"; those in <> are special tokens.

    Raises:
        ValueError: an extra word is there already, or is not one word.

    >>> words = WorldTokenizer()
    >>> words.decode(words.encode("Good night, Puff!"))
    'Good night, Puff!'
    >>> WorldTokenizer(extra=["+", "7"]).encode("7+7") == [390, 389, 390]
    True
    """

    kind, end_of_text = "world", EOT

    def __init__(self, extra: Iterable[str] = ()) -> None:
        self.extra = tuple(extra)
        self._words = VOCABULARY + self.extra
        self._id_of = {word: i for i, word in enumerate(self._words)}
        for word in self.extra:
            if split_words(word) != [word] or self.extra.count(word) > 1:
                raise ValueError(f"extra word {word!r}: give single words, each once")
            if word in ID_OF:
                raise ValueError(f"extra word {word!r} is in Tiny World already")
        self.vocab_size = len(self._words)
        marks = [word for word in self.extra if word.endswith(">") and len(word) > 1]
        self.special_tokens: Mapping[str, int] = {
            word: self._id_of[word] for word in (*SPECIAL_TOKENS, *marks)
        }

    def metadata(self) -> dict[str, Any]:
        """All that makes it, for the file of a model."""
        return {"extra": list(self.extra)} if self.extra else {}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """The inverse of `metadata`."""
        return cls(metadata.get("extra", ()))

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """Readable text to token ids.

        Raises:
            ValueError: a word is not in the vocabulary, or is a special token that is
                not allowed.

        >>> WorldTokenizer().encode("<eot>", allow_special=True)
        [0]
        """
        words = split_words(text)
        if not allow_special:
            for place, word in enumerate(words, 1):
                if word in self.special_tokens:
                    raise ValueError(
                        f"word {place} is the special token {word!r}, which typed text "
                        "must not hold: leave it out"
                    )
        return ids_of(words, self._id_of)

    def spell(self, text: str) -> str:
        """Unknown words with the capitals of the only known word that fits them.

        >>> WorldTokenizer().spell("what does the Cow like?")
        'What does the cow like?'
        """

        def known(found: re.Match[str]) -> str:
            word = found[0]
            if word in self._id_of:
                return word
            fits = [w for w in self._words if w.casefold() == word.casefold()]
            return fits[0] if len(fits) == 1 else word

        return WORD.sub(known, text)

    def decode(self, tokens: Iterable[int]) -> str:
        """Token ids to readable text.

        Raises:
            ValueError: an id outside the vocabulary.

        >>> WorldTokenizer().decode([0])
        '<eot>'
        """
        return render(words_of(tokens, self._words))
