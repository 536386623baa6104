"""What all tokenizers that run in tiktoken's engine have in common."""

from collections.abc import Iterable, Mapping
from itertools import chain, pairwise
from types import MappingProxyType

import tiktoken

from course_lib.tokenizer.interface import (
    END_OF_TEXT,
    check_text,
    check_tokens,
)

BLOCK = 2**17
"""The engine gives up on a million white-space characters in a row; see text_blocks."""


def text_blocks(text: str, block: int = BLOCK) -> list[str]:
    """The text, cut only around blocks of nothing but white space.

    Block i is text[i * block : (i + 1) * block]. Ordinary text stays in one piece;
    after the cut no run of white space is as long as 2 * block.

    >>> text_blocks("one two"), text_blocks("one        two", block=4)
    (['one two'], ['one ', '    ', '   two'])
    """
    cuts = {0, len(text)}
    for start in range(0, len(text) - block + 1, block):
        if text[start].isspace() and text[start : start + block].isspace():
            cuts |= {start, start + block}
    ends = sorted(cuts)
    return [text[i:j] for i, j in pairwise(ends)]


class EngineTokenizer:
    r"""A tokenizer of bytes around a `tiktoken.Encoding`.

    Every text comes back exactly.

    >>> ranks = {bytes([i]): i for i in range(256)}
    >>> engine = tiktoken.Encoding(
    ...     "bytes", pat_str=r"\S+|\s+", mergeable_ranks=ranks, special_tokens={}
    ... )
    >>> EngineTokenizer(engine).encode("né")
    [110, 195, 169]
    """

    end_of_text = END_OF_TEXT

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding
        names = encoding.special_tokens_set
        in_order = sorted((encoding.encode_single_token(name), name) for name in names)
        self._specials = {name: token for token, name in in_order}

    @property
    def vocab_size(self) -> int:
        """One more than the largest id, special tokens included."""
        return self._encoding.n_vocab

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """Name -> id."""
        return MappingProxyType(self._specials)

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """Token ids of any text, at tiktoken's speed.

        Args:
            text: any text.
            allow_special: whether names of special tokens become these tokens. By
                default "<|endoftext|>" in a text is thirteen ordinary characters.

        Raises:
            ValueError: for half a character (a lone surrogate).
        """
        check_text(text)
        special = set(self._specials) if allow_special else set()
        parts = [
            self._encoding.encode(part, allowed_special=special, disallowed_special=())
            if special
            else self._encoding.encode_ordinary(part)
            for part in text_blocks(text)
        ]
        return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))

    def decode_bytes(self, tokens: Iterable[int]) -> bytes:
        """The bytes of token ids, exactly.

        Raises:
            ValueError: for an id out of range.
        """
        ids = check_tokens(tokens, self.vocab_size)
        try:
            return self._encoding.decode_bytes(ids)
        except KeyError as error:  # published encodings have gaps before the specials
            raise ValueError(f"this tokenizer has no such token: {error}") from None

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of token ids; where they cut a character in two, U+FFFD.

        Raises:
            ValueError: for an id out of range.
        """
        return self.decode_bytes(tokens).decode("utf-8", errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """The bytes of one token.

        Raises:
            ValueError: for an id out of range.
        """
        return self.decode_bytes([token])
