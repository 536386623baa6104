"""GGUF, llama.cpp's file of a model: weights in few bits, a vocabulary, settings.

The package `gguf` reads it; what it holds becomes a GPT and a tokenizer of the course.
"""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.engine.filling import Stored, filled
from course_lib.engine.llama_layout import config_from_gguf, gguf_names, in_halves
from course_lib.engine.vocabulary import PATTERNS, VocabularyTokenizer
from course_lib.gpt import GPT
from course_lib.tokenizer import END_OF_TEXT

KINDS = ("F32", "F16", "Q8_0", "Q4_1")
"""Kinds of numbers that can be read: plain, or blocks of 32 with a scale (and a least
value)."""
HEAD = "output.weight"
_SPECIAL = (3, 4)  # of tokens: those that control, those added by a user
_TEXT = "tokenizer.ggml."


class Read(NamedTuple):
    """What a GGUF file holds."""

    model: GPT
    """float32, on the CPU, in evaluation mode."""
    tokenizer: VocabularyTokenizer
    template: str
    """Its chat template, as transformers writes it; "" for none."""


def read_gguf(path: Path) -> Read:
    """A Llama-shaped model with its tokenizer.

    Raises:
        FileNotFoundError: if there is no such file.
        ModuleNotFoundError: if the package `gguf` is not installed.
        ValueError: for a damaged file, another architecture, a kind of numbers or a
            tokenizer that cannot be read, weights that are missing or left over.

    >>> read_gguf(Path("nowhere.gguf"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.gguf: there is no such file
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    gguf = _library()
    try:
        reader = gguf.GGUFReader(path)
        fields = {
            name: field.contents()
            for name, field in reader.fields.items()
            if name != f"{_TEXT}merges"  # ranks say the same; 49,000 strings less
        }
    except Exception as error:  # a cut file fails in many ways inside numpy
        raise ValueError(
            f"{path} is cut short, damaged or not a GGUF file ({error}): get it again"
        ) from error
    try:
        return _taken(path, gguf, fields, reader.tensors)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _library() -> ModuleType:
    try:
        import gguf
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the package gguf is not installed: pip install gguf"
        ) from error
    return gguf


def _taken(
    path: Path, gguf: ModuleType, fields: Mapping[str, Any], tensors: list[Any]
) -> Read:
    stored: dict[str, Stored] = {t.name: _Packed(gguf, t) for t in tensors}
    embedding = stored.get("token_embd.weight")
    config = config_from_gguf(
        fields,
        vocab_size=embedding.shape[0] if embedding else 1,
        tied=HEAD not in stored,
    )
    kinds = {t.name: t.tensor_type.name for t in tensors}
    if odd := [name for name, kind in kinds.items() if kind not in KINDS]:
        raise ValueError(
            f"{odd[0]} is stored as {kinds[odd[0]]}: {', '.join(KINDS)} can be read"
        )

    def turn(name: str, weight: Tensor) -> Tensor:
        if name.endswith("attn_q.weight"):
            return in_halves(weight, config.n_heads)
        if name.endswith("attn_k.weight"):
            return in_halves(weight, config.kv_heads)
        return weight

    tokenizer = _tokenizer(fields)
    model = filled(path, config, gguf_names(config), stored, turn, HEAD)
    return Read(model, tokenizer, fields.get("tokenizer.chat_template", ""))


class _Packed:
    """A weight in its blocks, unpacked when it is asked for."""

    def __init__(self, gguf: ModuleType, tensor: Any) -> None:
        self._gguf, self._tensor = gguf, tensor
        self.shape = tuple(int(n) for n in reversed(tensor.shape))

    def get(self) -> Tensor:
        numbers = self._gguf.dequantize(self._tensor.data, self._tensor.tensor_type)
        return torch.from_numpy(numbers.astype("float32")).view(self.shape)


def _tokenizer(fields: Mapping[str, Any]) -> VocabularyTokenizer:
    kind, cut = fields.get(f"{_TEXT}model"), fields.get(f"{_TEXT}pre")
    if kind != "gpt2" or cut not in PATTERNS:
        raise ValueError(
            f"its tokenizer is {kind!r} ({cut!r}): 'gpt2' ({', '.join(PATTERNS)}) can "
            "be read"
        )
    tokens, kinds = fields[f"{_TEXT}tokens"], fields[f"{_TEXT}token_type"]
    special = [t for t, kind in zip(tokens, kinds, strict=True) if kind in _SPECIAL]
    end = END_OF_TEXT if END_OF_TEXT in special else ""
    return VocabularyTokenizer(tokens, special, PATTERNS[cut], end)
