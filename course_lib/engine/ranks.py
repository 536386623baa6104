"""The tokenizers of real models, where their rank files are there.

tiktoken carries no rank files: it fetches them, hangs behind some firewalls, and
deletes a file whose hash is wrong. So path and hash are checked here first; tiktoken is
asked only for what lies there already.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import tiktoken

from course_lib.engine.downloads import CORPORA, FETCHED
from course_lib.engine.transfer import sha256_of
from course_lib.tokenizer.engine import EngineTokenizer

RANK_FILES = {"gpt2": "r50k_base", "cl100k": "cl100k_base", "o200k": "o200k_base"}
"""Our name -> tiktoken's; r50k_base is GPT-2's vocabulary in one file."""
_CACHE = "TIKTOKEN_CACHE_DIR"
_lock = threading.Lock()


def pretrained_encoding(name: str, folder: Path = FETCHED) -> tiktoken.Encoding:
    """The encoding "gpt2", "cl100k" (GPT-4) or "o200k" (GPT-4o), without a network.

    Raises:
        FileNotFoundError: in two lines, if its rank file is not in `folder`.
        ValueError: if the file is not the published one (it is left as it is), or for
            another name.

    >>> pretrained_encoding("gpt5")
    Traceback (most recent call last):
    ...
    ValueError: no encoding 'gpt5': choose from gpt2, cl100k, o200k
    """
    if name not in RANK_FILES:
        raise ValueError(f"no encoding {name!r}: choose from {', '.join(RANK_FILES)}")
    corpus = CORPORA[RANK_FILES[name]]
    path = Path(folder) / corpus.file_name
    if not path.is_file():
        raise FileNotFoundError(
            f"the rank file of {name} is not here: `course data fetch {corpus.name}` "
            "brings it.\nWithout a network use the course's own tokenizer: "
            "course_lib.tokenizer.train_bpe(text, vocab_size)."
        )
    found = sha256_of(path)
    if found != corpus.sha256:
        raise ValueError(
            f"{path} is not the rank file of {name}: its sha256 is {found[:12]}..., "
            f"not {corpus.sha256[:12]}.... It stays as it is.\n`course data fetch "
            f"{corpus.name}` sets it aside and brings the published one."
        )
    with _lock, _cache_at(path.parent):
        return tiktoken.get_encoding(corpus.name)


@contextmanager
def _cache_at(folder: Path) -> Iterator[None]:
    """Let tiktoken look for rank files in `folder`, for a moment."""
    before = os.environ.get(_CACHE)
    os.environ[_CACHE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CACHE]
        else:
            os.environ[_CACHE] = before


class PretrainedTokenizer(EngineTokenizer):
    """GPT-2's tokenizer, or another of `RANK_FILES`, as a `Tokenizer` of the course.

    Args:
        name: "gpt2", "cl100k" or "o200k".
        folder: where the rank file lies.

    Raises:
        FileNotFoundError, ValueError: as `pretrained_encoding`.
    """

    kind = "pretrained"

    def __init__(self, name: str, folder: Path = FETCHED) -> None:
        super().__init__(pretrained_encoding(name, folder))
        self.name = name

    def metadata(self) -> dict[str, Any]:
        """All that makes it, for the file of a model."""
        return {"name": self.name}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self:
        """The inverse of `metadata`."""
        return cls(metadata["name"])

    def __repr__(self) -> str:
        return f"PretrainedTokenizer({self.name!r}, {self.vocab_size:,} tokens)"

    @property
    def pattern(self) -> str:
        """The pattern that cuts a text into pre-tokens."""
        return str(self._encoding._pat_str)

    @property
    def ranks(self) -> dict[bytes, int]:
        """Bytes -> id, without the special tokens."""
        ranks: Any = self._encoding._mergeable_ranks
        return dict(ranks)
