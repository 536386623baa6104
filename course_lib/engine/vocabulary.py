r"""A vocabulary as others publish it: bytes -> id, a pattern, special tokens.

In such lists each byte is written as a visible character (GPT-2's alphabet: a space is
"Ġ"). Published lists need not hold every byte; a text with a byte that is missing is
refused, as no token could stand for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import tiktoken

from course_lib.tokenizer.bpe import GPT2_PATTERN, N_BYTES, with_rest
from course_lib.tokenizer.engine import EngineTokenizer

SMOLLM_PATTERN = (
    r"\p{N}|'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?[^\s\p{L}\p{N}]+"
    r"|\s+(?=\p{N})|\s+(?!\S)|\s+"
)
"""GPT-2's pattern after each numeric character was cut out, in one."""
PATTERNS = {"gpt-2": GPT2_PATTERN, "smollm": SMOLLM_PATTERN}
"""llama.cpp's name of how a text is cut -> the pattern."""


def byte_symbols() -> dict[str, int]:
    """The visible character of each byte in published vocabularies -> the byte.

    Source: Radford et al. 2019, `bytes_to_unicode` in their code.

    >>> [byte_symbols()[c] for c in "aĠ"]
    [97, 32]
    """
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(N_BYTES) if byte not in visible]
    own = {chr(byte): byte for byte in visible}
    return own | {chr(N_BYTES + i): byte for i, byte in enumerate(hidden)}


class VocabularyTokenizer(EngineTokenizer):
    """A byte-level BPE tokenizer given by its list of tokens, in tiktoken's engine.

    The order of the list is the order of the merges.

    Args:
        tokens: of each id the bytes in visible characters, or a special token's name.
        special_tokens: which of them are special.
        pattern: cuts a text into pre-tokens.
        end_of_text: the special token that ends a document.

    Raises:
        ValueError: for a token that is there twice or has a character that stands for
            no byte, or a special token that is not in the list.

    >>> tokenizer = VocabularyTokenizer(["<end>", "b", "a", "Ġ", "Ġb"], ["<end>"])
    >>> tokenizer.encode("a b"), tokenizer.decode([4, 2])
    ([2, 4], ' ba')
    >>> tokenizer.encode("abc")
    Traceback (most recent call last):
    ...
    ValueError: character 3 is 'c': this vocabulary has no token for it; take it out
    """

    kind = "vocabulary"

    def __init__(
        self,
        tokens: Sequence[str],
        special_tokens: Iterable[str],
        pattern: str = GPT2_PATTERN,
        end_of_text: str = "",
    ) -> None:
        self.tokens, self.pattern = tuple(tokens), pattern
        special = {name: self._place(name) for name in special_tokens}
        self.end_of_text = end_of_text or next(iter(special), "")
        symbols, ranks = byte_symbols(), dict[bytes, int]()
        for i, token in enumerate(self.tokens):
            if token in special:
                continue
            try:
                piece = bytes(symbols[character] for character in token)
            except KeyError as error:
                raise ValueError(
                    f"token {i} is {token!r}: {error} stands for no byte"
                ) from None
            if piece in ranks:
                raise ValueError(f"token {i} is {token!r}, as token {ranks[piece]}")
            ranks[piece] = i
        single = (bytes([byte]) for byte in range(N_BYTES))
        self._missing = b"".join(byte for byte in single if byte not in ranks)
        # The engine ends Python at a byte without a rank: each gets one that is unused.
        spare = {bytes([b]): len(tokens) + i for i, b in enumerate(self._missing)}
        super().__init__(
            tiktoken.Encoding(
                "published",
                pat_str=with_rest(pattern),
                mergeable_ranks=ranks | spare,
                special_tokens=special,
            )
        )

    def _place(self, name: str) -> int:
        if name not in self.tokens:
            raise ValueError(f"the special token {name!r} is not among the tokens")
        return self.tokens.index(name)

    @property
    def ranks(self) -> dict[bytes, int]:
        """Bytes -> id, without the special tokens."""
        ranks: dict[bytes, int] = self._encoding._mergeable_ranks
        return {piece: i for piece, i in ranks.items() if i < self.vocab_size}

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.tokens)

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """Token ids of a text; see `EngineTokenizer.encode`.

        Raises:
            ValueError: naming the first character that has no token; and as there.
        """
        ids = super().encode(text, allow_special=allow_special)
        if ids and max(ids) >= self.vocab_size:
            lost = set(self._missing)
            at = next(i for i, c in enumerate(text) if lost & set(c.encode()))
            raise ValueError(
                f"character {at + 1} is {text[at]!r}: this vocabulary has no token for "
                "it; take it out"
            )
        return ids

    def metadata(self) -> dict[str, Any]:
        """All that makes it, for the file of a model."""
        return {
            "tokens": list(self.tokens),
            "special_tokens": list(self.special_tokens),
            "pattern": self.pattern,
            "end_of_text": self.end_of_text,
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """The inverse of `metadata`."""
        names = ("tokens", "special_tokens", "pattern", "end_of_text")
        return cls(*(metadata[name] for name in names))

    def __repr__(self) -> str:
        return f"VocabularyTokenizer({self.vocab_size:,} tokens)"
