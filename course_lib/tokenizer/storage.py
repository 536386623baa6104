"""A tokenizer as plain values, for the metadata of a model's file."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from course_lib.tokenizer.interface import Tokenizer

HOMES = {
    "characters": ("course_lib.tokenizer", "CharTokenizer"),
    "bpe": ("course_lib.tokenizer", "BPETokenizer"),
    "pretrained": ("course_lib.engine.ranks", "PretrainedTokenizer"),
    "vocabulary": ("course_lib.engine.vocabulary", "VocabularyTokenizer"),
    "world": ("tiny_world", "WorldTokenizer"),
}
"""Kind -> module and class, which is imported when a file asks for it."""


def to_metadata(tokenizer: Tokenizer) -> dict[str, Any]:
    """All that makes a tokenizer, in values that JSON can hold.

    Raises:
        ValueError: for a tokenizer of another kind.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> to_metadata(CharTokenizer("ab"))
    {'kind': 'characters', 'alphabet': 'ab', 'special_tokens': []}
    """
    kind = getattr(tokenizer, "kind", "")
    if kind not in HOMES:
        raise ValueError(
            f"a {type(tokenizer).__name__} cannot be stored: use one of the course's"
        )
    return {"kind": kind, **tokenizer.metadata()}  # type: ignore[attr-defined]


def from_metadata(metadata: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that `to_metadata` has written down.

    Raises:
        ValueError: for another kind, or values that are missing or cannot serve.
        FileNotFoundError: for a pretrained tokenizer whose rank file is not here.

    >>> from_metadata({"kind": "characters", "alphabet": "ab", "special_tokens": []})
    CharTokenizer(2 tokens: 'ab')
    """
    kind = metadata.get("kind")
    if kind not in HOMES:
        raise ValueError(f"tokenizer of kind {kind!r}: known are {', '.join(HOMES)}")
    module, name = HOMES[kind]
    try:
        tokenizer: Tokenizer = getattr(import_module(module), name).from_metadata(
            metadata
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a tokenizer of kind {kind!r} misses: {error}") from None
    return tokenizer
