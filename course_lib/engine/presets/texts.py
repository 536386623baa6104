"""From a .txt of any size to a mapped file of tokens."""

import hashlib
import json
from itertools import islice
from pathlib import Path

from torch import Tensor

from course_lib.engine.checkpoint_file import to_metadata
from course_lib.engine.downloads import CORPORA, FETCHED
from course_lib.engine.ranks import PretrainedTokenizer
from course_lib.engine.token_files import TokenFile, text_pieces, write_tokens
from course_lib.tokenizer import (
    CharTokenizer,
    Tokenizer,
    train_bpe,
)

BPE_VOCAB = 4096
MOST_PASSES = 16
"""Reading a text again helps less each time, and hardly after so many (Muennighoff et
al. 2023, "Scaling data-constrained language models")."""
BPE_PIECES = 16  # of a million characters: enough to learn merges from


def bytes_per_token(tokenizer: Tokenizer, targets: Tensor) -> float:
    """How many bytes of text, in UTF-8, one of these tokens stands for on average.

    >>> import torch
    >>> bytes_per_token(CharTokenizer("aé"), torch.tensor([[0, 1]]))
    1.5
    """
    text = tokenizer.decode(targets.flatten().tolist())
    return len(text.encode()) / targets.numel()


def note_on_length(n_tokens: int, n_read: int) -> str:
    """What to expect if a text is so short that it is read again and again.

    Args:
        n_tokens: to learn from.
        n_read: how many a run reads, from its first step to its last.

    >>> note_on_length(1000, 15_000)
    ''
    >>> note_on_length(1000, 30_000)[:54]
    'the text is short: it will be read 30 times. Expect ov'
    """
    if n_read < MOST_PASSES * n_tokens:
        return ""
    return (
        f"the text is short: it will be read {n_read / n_tokens:,.0f} times. Expect "
        "over-fitting: the training loss falls on, the held-out loss rises; a longer "
        "text or fewer steps help"
    )


def fetched_text(name: str) -> Path:
    """The text of a preset, if the course has brought it.

    Raises:
        FileNotFoundError: if not, saying how to get one.

    >>> fetched_text("gpt2-small")
    Traceback (most recent call last):
    ...
    FileNotFoundError: preset gpt2-small needs a text: give --text FILE
    """
    path = FETCHED / CORPORA["tinyshakespeare"].file_name
    if name != "shakespeare" or not path.exists():
        fetch = (
            " or: course data fetch tinyshakespeare" if name == "shakespeare" else ""
        )
        raise FileNotFoundError(f"preset {name} needs a text: give --text FILE{fetch}")
    return path


def first_choice(
    kind: str, path: Path, vocab_size: int | None
) -> tuple[Tokenizer, str]:
    """A preset's tokenizer; where it cannot be had, our own BPE and a note.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("banana")
    ...     first_choice("characters", Path(folder, "a.txt"), None)
    (CharTokenizer(3 tokens: 'abn'), '')
    """
    try:
        return made_tokenizer(kind, path, vocab_size), ""
    except FileNotFoundError as error:
        if kind != "gpt2":
            raise
        note = str(error).partition("\n")[0]
    tokenizer = made_tokenizer("bpe", path, vocab_size)
    size = f"{tokenizer.vocab_size:,} tokens"
    return tokenizer, f"{note}\nuntil then: a BPE tokenizer of {size}, learned from it"


def made_tokenizer(kind: str, path: Path, vocab_size: int | None) -> Tokenizer:
    """A tokenizer for a text: its characters, BPE learned from it, or GPT-2's.

    Raises:
        ValueError: for another kind, a bad text, or too large a vocabulary for it.
            Without a size a short text gets a smaller one than BPE_VOCAB.
        FileNotFoundError: if the text or GPT-2's rank file is not there.

    >>> made_tokenizer("words", Path("a.txt"), None)
    Traceback (most recent call last):
    ...
    ValueError: tokenizer is 'words': use characters, bpe or gpt2
    """
    if kind == "characters":
        alphabet = {character for piece in text_pieces(path) for character in piece}
        return CharTokenizer("".join(sorted(alphabet)))
    if kind == "gpt2":
        return PretrainedTokenizer("gpt2")
    if kind != "bpe":
        raise ValueError(f"tokenizer is {kind!r}: use characters, bpe or gpt2")
    pieces = islice(text_pieces(path), BPE_PIECES)
    if vocab_size is None:
        return train_bpe(pieces, BPE_VOCAB, at_most=True)
    return train_bpe(pieces, vocab_size)


def tokens_of(path: Path, at: Path, tokenizer: Tokenizer) -> TokenFile:
    """The tokens of a text; a file with them is made once and then used again.

    Args:
        path: the text.
        at: the file of tokens.
        tokenizer: another one, or another text, makes the file anew.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.txt")
    ...     _ = path.write_text("banana")
    ...     len(tokens_of(path, path.with_suffix(".tokens"), CharTokenizer("abn")))
    6
    """
    source = path.stat()
    made_by = json.dumps(to_metadata(tokenizer), sort_keys=True)
    metadata = {
        "text": path.name,
        "bytes": source.st_size,
        "changed": source.st_mtime_ns,
        "tokenizer": hashlib.sha256(made_by.encode()).hexdigest(),
    }
    if at.exists():
        try:
            file = TokenFile(at)
        except ValueError:
            pass  # cut short, or something else: made again
        else:
            if file.metadata == metadata:
                return file
    return write_tokens(at, text_pieces(path), tokenizer, metadata=metadata)
