"""Byte-level byte-pair encoding (BPE): our own merges, tiktoken's engine.

A text is first cut into **pre-tokens** by a pattern (a word with the space before it, a
number, a run of punctuation); no token crosses their borders. A pre-token begins as its
bytes. Then, again and again, the two neighbours that make up the token of the lowest
rank become that token, the leftmost first, until no two neighbours make up a token.

Source: Gage 1994 (the idea); Sennrich et al. 2016 (for words); Radford et al. 2019
(bytes, the pattern).
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import regex
import tiktoken

from course_lib.tokenizer.engine import EngineTokenizer, text_blocks
from course_lib.tokenizer.interface import (
    END_OF_TEXT,
    check_special_tokens,
    check_text,
)

GPT2_PATTERN = (
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
)
"""How GPT-2 cuts a text before it merges."""
N_BYTES = 256

Pair = tuple[int, int]


def compile_pattern(pattern: str) -> regex.Pattern[str]:
    r"""The pattern, with one more case: any character that it leaves out.

    Raises:
        ValueError: for a pattern that is no regular expression, or that has groups
            which capture (write "(?:...)").

    >>> compile_pattern(r"\w+").findall("to be!")
    ['to', ' ', 'be', '!']
    """
    try:
        compiled = regex.compile(with_rest(pattern))
    except regex.error as error:
        raise ValueError(f"pattern {pattern!r}: {error}") from None
    if compiled.groups:
        raise ValueError(
            f"pattern {pattern!r} has a group that captures: write (?:...) for (...)"
        )
    return compiled


def with_rest(pattern: str) -> str:
    r"""A pattern that leaves out no character; GPT-2's never does.

    >>> with_rest(r"\w+")
    '\\w+|[\\s\\S]'
    """
    return pattern if pattern == GPT2_PATTERN else rf"{pattern}|[\s\S]"


def merge_steps(piece: bytes, ranks: dict[bytes, int]) -> list[list[bytes]]:
    """How the bytes of one pre-token grow together: every state, the last one final.

    This is the readable twin of tiktoken's engine: a test proves them equal.

    >>> merge_steps(b"nan", {b"an": 256})
    [[b'n', b'a', b'n'], [b'n', b'an']]
    """
    parts = [bytes([byte]) for byte in piece]
    steps = [parts]
    while True:
        joined = [a + b for a, b in itertools.pairwise(parts)]
        known = [pair for pair in joined if pair in ranks]
        if not known:
            return steps
        best = min(known, key=ranks.__getitem__)
        i = joined.index(best)
        parts = [*parts[:i], best, *parts[i + 2 :]]
        steps.append(parts)


class BPETokenizer(EngineTokenizer):
    """The ids 0 .. 255 are the bytes, then come the merges, then the special tokens.

    Args:
        merges: merge i joins two ids below 256 + i into the token 256 + i.
        pattern: cuts a text into pre-tokens.
        special_tokens: names whose ids follow the merges.

    Raises:
        ValueError: for a merge of ids that are not there yet or that makes a token for
            the second time, a pattern or names that cannot serve.

    >>> tokenizer = BPETokenizer([(97, 110), (256, 97)])
    >>> [tokenizer.token_bytes(i) for i in tokenizer.encode("banana")]
    [b'b', b'an', b'ana']
    """

    kind = "bpe"

    def __init__(
        self,
        merges: Iterable[Pair],
        *,
        pattern: str = GPT2_PATTERN,
        special_tokens: Iterable[str] = (END_OF_TEXT,),
    ) -> None:
        self.merges: tuple[Pair, ...] = tuple((int(a), int(b)) for a, b in merges)
        self.pattern = pattern
        self._split = compile_pattern(pattern)
        self._ranks = _ranks_of(self.merges)
        first = N_BYTES + len(self.merges)
        names = check_special_tokens(special_tokens)
        super().__init__(_engine(pattern, self._ranks, names, first))

    def metadata(self) -> dict[str, Any]:
        """All that makes it, for the file of a model."""
        return {
            "pattern": self.pattern,
            "merges": [f"{a} {b}" for a, b in self.merges],
            "special_tokens": list(self.special_tokens),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """The inverse of `metadata`.

        Raises:
            ValueError: naming a merge that is not two ids.
        """
        return cls(
            [_pair(line) for line in metadata["merges"]],
            pattern=metadata["pattern"],
            special_tokens=metadata["special_tokens"],
        )

    def __repr__(self) -> str:
        return (
            f"BPETokenizer({self.vocab_size:,} tokens: {N_BYTES} bytes, "
            f"{len(self.merges):,} merges, {len(self._specials)} special)"
        )

    @property
    def ranks(self) -> dict[bytes, int]:
        """Bytes -> id, without the special tokens: what tiktoken calls ranks."""
        return dict(self._ranks)

    def split(self, text: str) -> list[str]:
        """The pre-tokens of a text: joined they are the text.

        >>> BPETokenizer([]).split("It's 25 degrees, too hot!")
        ['It', "'s", ' 25', ' degrees', ',', ' too', ' hot', '!']
        """
        check_text(text)
        return [p for part in text_blocks(text) for p in self._split.findall(part)]

    def encode_piece(self, piece: str) -> list[int]:
        """The ids of one pre-token, by the readable way.

        >>> BPETokenizer([(97, 110), (256, 97)]).encode_piece("nana")
        [110, 257]
        """
        parts = merge_steps(piece.encode(), self._ranks)[-1]
        return [self._ranks[part] for part in parts]


def _ranks_of(merges: Sequence[Pair]) -> dict[bytes, int]:
    tokens = [bytes([byte]) for byte in range(N_BYTES)]
    ranks = {token: i for i, token in enumerate(tokens)}
    for i, (a, b) in enumerate(merges):
        if not (0 <= a < len(tokens) and 0 <= b < len(tokens)):
            raise ValueError(
                f"merge {i + 1} is ({a}, {b}): it can only join ids in "
                f"[0, {len(tokens) - 1}], which are there before it"
            )
        joined = tokens[a] + tokens[b]
        if joined in ranks:
            raise ValueError(
                f"merge {i + 1} is ({a}, {b}): {joined!r} is token {ranks[joined]} "
                "already"
            )
        ranks[joined] = len(tokens)
        tokens.append(joined)
    return ranks


def _engine(
    pattern: str, ranks: dict[bytes, int], names: Sequence[str], first: int
) -> tiktoken.Encoding:
    try:
        return tiktoken.Encoding(
            "course",
            pat_str=with_rest(pattern),
            mergeable_ranks=ranks,  # all 256 bytes: a byte that is missing ends Python
            special_tokens={name: first + i for i, name in enumerate(names)},
        )
    except ValueError as error:
        raise ValueError(f"pattern {pattern!r}: {error}") from None


def _pair(line: str) -> Pair:
    words = line.split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise ValueError(f"merge {line!r}: two ids are wanted, like '97 110'")
    return int(words[0]), int(words[1])
