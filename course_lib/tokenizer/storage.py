"""A tokenizer as plain values (for a checkpoint) and as a text file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.files import write_atomically
from course_lib.tokenizer.bpe import BPETokenizer, Pair
from course_lib.tokenizer.characters import CharTokenizer
from course_lib.tokenizer.interface import Tokenizer
from course_lib.tokenizer.ranks import PretrainedTokenizer
from course_lib.world import WorldTokenizer

FORMAT = "from-logits-to-gpt tokenizer 1"
KINDS = ("characters", "bpe", "pretrained", "world")


def to_facts(tokenizer: Tokenizer) -> dict[str, Any]:
    """All that makes a tokenizer, in values that JSON can hold.

    Raises:
        ValueError: for a tokenizer of another kind.

    >>> to_facts(CharTokenizer("ab"))
    {'kind': 'characters', 'alphabet': 'ab', 'special_tokens': []}
    """
    if isinstance(tokenizer, CharTokenizer):
        own: dict[str, Any] = {"kind": "characters", "alphabet": tokenizer.alphabet}
    elif isinstance(tokenizer, BPETokenizer):
        merges = [f"{a} {b}" for a, b in tokenizer.merges]
        own = {"kind": "bpe", "pattern": tokenizer.pattern, "merges": merges}
    elif isinstance(tokenizer, PretrainedTokenizer):
        return {"kind": "pretrained", "name": tokenizer.name}
    elif isinstance(tokenizer, WorldTokenizer):
        extra = {"extra": list(tokenizer.extra)} if tokenizer.extra else {}
        return {"kind": "world", **extra}
    else:
        raise ValueError(
            f"a {type(tokenizer).__name__} cannot be stored: use one of the course's"
        )
    return {**own, "special_tokens": list(tokenizer.special_tokens)}


def from_facts(facts: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that `to_facts` has written down.

    Raises:
        ValueError: for another kind, or values that are missing or cannot serve.
        FileNotFoundError: for a pretrained tokenizer whose rank file is not here.

    >>> from_facts({"kind": "characters", "alphabet": "ab", "special_tokens": []})
    CharTokenizer(2 tokens: 'ab')
    """
    kind = facts.get("kind")
    if kind not in KINDS:
        raise ValueError(f"tokenizer of kind {kind!r}: known are {', '.join(KINDS)}")
    try:
        if kind == "characters":
            return CharTokenizer(
                facts["alphabet"], special_tokens=facts["special_tokens"]
            )
        if kind == "bpe":
            return BPETokenizer(
                [_pair(line) for line in facts["merges"]],
                pattern=facts["pattern"],
                special_tokens=facts["special_tokens"],
            )
        if kind == "pretrained":
            return PretrainedTokenizer(facts["name"])
        return WorldTokenizer(facts.get("extra", ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a tokenizer of kind {kind!r} misses: {error}") from None


def _pair(line: str) -> Pair:
    words = line.split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise ValueError(f"merge {line!r}: two ids are wanted, like '97 110'")
    return int(words[0]), int(words[1])


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Write a tokenizer as text (JSON, one merge a line), in one piece.

    Raises:
        ValueError: for a tokenizer of another kind.
        OSError: if the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_tokenizer(CharTokenizer("ab"), Path(folder, "letters.json"))
    ...     load_tokenizer(Path(folder, "letters.json"))
    CharTokenizer(2 tokens: 'ab')
    """
    facts = {"format": FORMAT, **to_facts(tokenizer)}
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    write_atomically(path, f"{text}\n".encode())


def load_tokenizer(path: Path) -> Tokenizer:
    """Read what `save_tokenizer` has written; nothing in the file is executed.

    Raises:
        FileNotFoundError: if it is not there.
        ValueError: naming the file, if it is no such file or is damaged.

    >>> load_tokenizer(Path(__file__))
    Traceback (most recent call last):
    ...
    ValueError: storage.py is no tokenizer of the course: it is not JSON
    """
    path = Path(path)
    try:
        facts = json.loads(path.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError(
            f"{path.name} is no tokenizer of the course: it is not JSON"
        ) from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError(
            f"{path.name} is no tokenizer of the course: its format is not {FORMAT!r}"
        )
    try:
        return from_facts(facts)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
