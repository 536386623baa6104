"""What stands in a file of the course: tensors and metadata, a tokenizer among them.

It is a safetensors file that is checked whole. One entry of the header holds a checksum
and, as JSON, the metadata. The same state gives the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, uint8

from course_lib.engine.writing import write_atomically
from course_lib.tokenizer import Tokenizer

FORMAT = "from-logits-to-gpt checkpoint 1"
TOKENIZERS = {
    "characters": ("course_lib.tokenizer", "CharTokenizer"),
    "bpe": ("course_lib.tokenizer", "BPETokenizer"),
    "pretrained": ("course_lib.engine.ranks", "PretrainedTokenizer"),
    "vocabulary": ("course_lib.engine.vocabulary", "VocabularyTokenizer"),
    "world": ("tiny_world", "WorldTokenizer"),
}
"""Kind -> module and class, which is imported when a file asks for it."""


def write(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]
) -> None:
    """Write in one piece, see `course_lib.files.save_checkpoint`.

    >>> import tempfile, torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "c"), {"w": torch.ones(2)}, {"step": 3})
    ...     read(Path(folder, "c"))
    ({'w': tensor([1., 1.])}, {'step': 3})
    """
    plain = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    text = json.dumps(dict(metadata), sort_keys=True)
    header = {FORMAT: f"{_checksum(plain, text)} {text}"}  # one entry: a fixed order
    write_atomically(path, safetensors_bytes(plain, metadata=header))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and metadata, checked whole; see `course_lib.files.load_checkpoint`.

    >>> read(Path("nowhere.safetensors"))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    while True:
        if not path.is_file():
            raise FileNotFoundError(f"{path}: there is no checkpoint here")
        before = path.stat()
        try:
            return _read(path)
        except ValueError:
            after = path.stat()
            if (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns):
                raise
            # A run in progress has put a newer file here while we read: read that.


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"{path} is cut short, damaged or not a checkpoint ({error}): "
            "use an older one or train again"
        ) from error
    if FORMAT not in header:
        raise ValueError(f"{path} is a safetensors file but not a course checkpoint")
    checksum, _, text = header[FORMAT].partition(" ")
    if checksum != _checksum(tensors, text):
        raise ValueError(f"{path} is damaged: its checksum does not fit its content")
    return tensors, json.loads(text)


def _checksum(tensors: Mapping[str, Tensor], metadata: str) -> str:
    """sha256 over the metadata and over name, type, shape and bytes of each tensor."""
    digest = hashlib.sha256(metadata.encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(uint8).numpy().tobytes())
    return digest.hexdigest()


def peek(path: Path) -> dict[str, Any]:
    """The metadata of a checkpoint, without its tensors: what kind of file is it?

    Raises:
        FileNotFoundError, ValueError: as `read`; damage to a tensor is not
            seen.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "c"), {}, {"kind": "lora"})
    ...     peek(Path(folder, "c"))
    {'kind': 'lora'}
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no checkpoint here")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    except SafetensorError:
        header = {}
    if FORMAT not in header:
        return read(path)[1]  # which says what is wrong
    found: dict[str, Any] = json.loads(header[FORMAT].partition(" ")[2])
    return found


def to_metadata(tokenizer: Tokenizer) -> dict[str, Any]:
    """All that makes a tokenizer, in values that JSON can hold.

    Raises:
        ValueError: for a tokenizer of another kind.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> to_metadata(CharTokenizer("ab"))
    {'kind': 'characters', 'alphabet': 'ab', 'special_tokens': []}
    """
    kind = getattr(tokenizer, "kind", "")
    if kind not in TOKENIZERS:
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
    if kind not in TOKENIZERS:
        raise ValueError(
            f"tokenizer of kind {kind!r}: known are {', '.join(TOKENIZERS)}"
        )
    module, name = TOKENIZERS[kind]
    try:
        tokenizer: Tokenizer = getattr(import_module(module), name).from_metadata(
            metadata
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a tokenizer of kind {kind!r} misses: {error}") from None
    return tokenizer
