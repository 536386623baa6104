"""Tokens of a corpus of any size in a file, mapped into memory instead of read.

A text of 10 GB is read piece by piece, and its tokens are used from the disk as if they
were an array. Writing is atomic: the file is there whole, or not at all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from course_lib.engine.reading import text_chunks
from course_lib.engine.writing import appearing

MAGIC = b"from-logits-to-gpt tokens 1\n"
HEADER_BYTES = 4096
PIECE_CHARS = 1 << 20


class Encodes(Protocol):
    """What is asked of a tokenizer here; see `course_lib.tokenizer`."""

    @property
    def vocab_size(self) -> int:
        """How many ids there are."""

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""


def text_pieces(path: Path, piece_chars: int = PIECE_CHARS) -> Iterator[str]:
    r"""The text of a file of any size, piece by piece.

    Together the pieces are the text, lines ended by "\n". A piece ends between two
    words; only a text without spaces between letters is cut anywhere, after 16 times
    `piece_chars`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no text, see `text_chunks`, or empty.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_bytes(b"one two three\r\n")
    ...     list(text_pieces(Path(folder, "a.txt"), piece_chars=6))
    ['one', ' two', ' three\n']
    """
    carry, something = "", False
    for text in text_chunks(path, piece_chars):
        carry += text
        something = something or bool(text.strip())
        if len(carry) < piece_chars:
            continue
        cut = _last_gap(carry)
        if cut == 0 and len(carry) >= 16 * piece_chars:
            cut = len(carry)
        if cut:
            yield carry[:cut]
            carry = carry[cut:]
    if not something:
        raise ValueError(f"{path} is empty: choose a file with text in it")
    if carry:
        yield carry


def _last_gap(text: str) -> int:
    """Where the last space between two letters is; 0 if there is none.

    No tokenizer of the course joins what is left of it with what comes from it on.
    """
    at = text.rfind(" ")
    while at > 0 and not (text[at - 1].isalpha() and text[at + 1 : at + 2].isalpha()):
        at = text.rfind(" ", 0, at)
    return max(at, 0)


class TokenFile:
    """Tokens in a file that `write_tokens` wrote, mapped into memory, read-only.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is another kind of file, or cut short.

    >>> import tempfile
    >>> from course_lib.tokenizer import CharTokenizer
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "abc.tokens")
    ...     file = write_tokens(path, ["cab", "ba"], CharTokenizer("abc"))
    ...     file.tokens.tolist(), len(file), file.n_bytes
    ([2, 0, 1, 1, 0], 5, 5)
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        with self.path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        if not head.startswith(MAGIC) or len(head) < HEADER_BYTES:
            raise ValueError(f"{path} is not a file of tokens, or cut short")
        header = json.loads(head[len(MAGIC) :])
        n_tokens, dtype = header["n_tokens"], np.dtype(header["dtype"])
        size = self.path.stat().st_size
        if size != HEADER_BYTES + n_tokens * dtype.itemsize:
            raise ValueError(
                f"{path} has {size:,} bytes, which do not fit its {n_tokens:,} tokens: "
                "it is cut short or damaged; write it again"
            )
        self.vocab_size: int = header["vocab_size"]
        self.n_bytes: int = header["n_bytes"]
        """Of the text, in UTF-8."""
        self.metadata: dict[str, Any] = header["facts"]
        self.tokens: NDArray[Any] = np.memmap(
            self.path, dtype, mode="r", offset=HEADER_BYTES, shape=(n_tokens,)
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def split(self, held_out: float = 0.1) -> tuple[NDArray[Any], NDArray[Any]]:
        """The first part of the tokens to learn from, and the last part, held out.

        Raises:
            ValueError: if `held_out` is not between 0 and 1.
        """
        if not 0 < held_out < 1:
            raise ValueError(f"held_out is {held_out}: use a share between 0 and 1")
        n_train = int(len(self.tokens) * (1 - held_out))
        return self.tokens[:n_train], self.tokens[n_train:]


def write_tokens(
    path: Path,
    texts: Iterable[str],
    tokenizer: Encodes,
    *,
    end_token: int | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> TokenFile:
    """Encode texts one after the other into a file; it appears when it is whole.

    Args:
        path: where; an older file there is replaced.
        texts: documents, or the pieces of one, see `text_pieces`.
        tokenizer: gives the ids, two bytes each (four, if there are more than 65,536).
        end_token: an id to put after each text.
        metadata: a few values that JSON can hold, to be kept in the file.

    Raises:
        ValueError: if there are no tokens, or an id does not fit the vocabulary.
        OSError: if the folder cannot be written or the disk is full.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> write_tokens(Path("nowhere.tokens"), [], CharTokenizer("abc"))
    Traceback (most recent call last):
    ...
    ValueError: the texts for nowhere.tokens hold no tokens
    """
    path, V = Path(path), tokenizer.vocab_size
    dtype = np.dtype("<u2" if V <= 1 << 16 else "<u4")
    end = [] if end_token is None else [end_token]
    n_tokens = n_bytes = 0
    with appearing(path) as file:
        file.seek(HEADER_BYTES)
        for text in texts:
            ids = np.array([*tokenizer.encode(text), *end], dtype=np.int64)
            if len(ids) and not 0 <= ids.min() <= ids.max() < V:
                raise ValueError(
                    f"a token is {ids.max()}: this tokenizer's ids lie in [0, {V - 1}]"
                )
            file.write(ids.astype(dtype).tobytes())
            n_tokens += len(ids)
            n_bytes += len(text.encode())
        if not n_tokens:
            raise ValueError(f"the texts for {path} hold no tokens")
        sizes = {"n_tokens": n_tokens, "n_bytes": n_bytes, "vocab_size": V}
        header = {**sizes, "dtype": dtype.str, "facts": dict(metadata or {})}
        head = MAGIC + json.dumps(header, sort_keys=True).encode()
        if len(head) > HEADER_BYTES:
            raise ValueError(f"the metadata of {path} is too long: keep a hash of it")
        file.seek(0)
        file.write(head.ljust(HEADER_BYTES))
    return TokenFile(path)
