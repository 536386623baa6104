"""Models from the files that transformers writes: `config.json`, safetensors."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor

from course_lib.engine.filling import Stored, filled, rows_of_parts
from course_lib.engine.gpt2_layout import (
    HEAD,
    PREFIX,
    config_from_gpt2,
    gpt2_names,
    turned,
)
from course_lib.engine.llama_layout import (
    config_from_llama,
    config_to_llama,
    llama_names,
)
from course_lib.engine.writing import write_atomically
from course_lib.gpt import GPT, GPTConfig, gpt2_config

_MASK = re.compile(r"transformer\.h\.\d+\.attn\.(masked_)?bias")  # not learned


def load_gpt2(path: Path) -> GPT:
    """A GPT-2 in Hugging Face's layout, as float32 on the CPU, in eval mode.

    Args:
        path: a folder with `config.json` and the weights, in one file or in several
            (`model.safetensors.index.json`); or a .safetensors file alone, if it holds
            one of the four published sizes.

    Raises:
        FileNotFoundError: if the folder or a file of it is not there.
        ValueError: if a file is damaged, if a setting cannot be followed, or if
            weights are missing, left over or of another shape (all are listed).

    >>> load_gpt2(Path("nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere: there is no model.safetensors here, whole or in parts
    """
    path = Path(path)
    with _open_weights(path) as raw:
        stored = {
            name if name.startswith((PREFIX, HEAD)) else PREFIX + name: weight
            for name, weight in raw.items()
        }
        stored = {n: w for n, w in stored.items() if not _MASK.fullmatch(n)}
        config = (
            _config_of(path, config_from_gpt2)
            if path.is_dir()
            else _published_size(path, stored)
        )
        names = {ours: (theirs,) for ours, theirs in gpt2_names(config).items()}
        return filled(path, config, names, stored, turned, HEAD)


def load_llama(path: Path) -> GPT:
    """A Llama-shaped model in Hugging Face's layout, as float32 on the CPU.

    Args:
        path: a folder with `config.json` and the weights, in one file or in several.

    Raises:
        FileNotFoundError, ValueError: as `load_gpt2`.

    >>> load_llama(Path("nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere: there is no model.safetensors here, whole or in parts
    """
    path = Path(path)
    with _open_weights(path) as stored:
        config = _config_of(path if path.is_dir() else path.parent, config_from_llama)
        return filled(path, config, llama_names(config), stored)


def save_llama(folder: Path, model: GPT) -> None:
    """Write a Llama-shaped GPT as transformers reads it: config.json, safetensors.

    Raises:
        ValueError: naming the part that a Llama does not have.
        OSError: if the folder cannot be written.

    >>> import tempfile
    >>> from course_lib.engine.llama_layout import llama_config
    >>> model = GPT(llama_config(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_llama(Path(folder), model)
    ...     same = load_llama(Path(folder))
    >>> bool((same.embedding.weight == model.embedding.weight).all())
    True
    """
    settings = json.dumps(config_to_llama(model.config), indent=1)
    weights = dict(model.named_parameters())
    tensors: dict[str, Tensor] = {}
    for ours, theirs in llama_names(model.config).items():
        whole = weights[ours].detach().cpu()
        pieces = torch.split(whole, rows_of_parts(whole, theirs, model.config))
        tensors |= {n: p.contiguous() for n, p in zip(theirs, pieces, strict=True)}
    folder = Path(folder)
    data = safetensors_bytes(tensors, metadata={"format": "pt"})
    write_atomically(folder / "model.safetensors", data)
    write_atomically(folder / "config.json", settings.encode())


class _InFile(NamedTuple):
    """A weight that lies in an open file."""

    file: Any
    name: str

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.file.get_slice(self.name).get_shape())

    def get(self) -> Tensor:
        weight: Tensor = self.file.get_tensor(self.name)
        if not weight.is_floating_point():
            raise ValueError(
                f"weight {self.name!r} is {weight.dtype}: only floating point numbers "
                "can be loaded"
            )
        return weight


@contextmanager
def _open_weights(path: Path) -> Iterator[dict[str, Stored]]:
    """All weights of the files, by their names."""
    with ExitStack() as stack:
        stored: dict[str, Stored] = {}
        for file in _weight_files(path):
            try:
                opened = stack.enter_context(safe_open(file, framework="pt"))
            except SafetensorError as error:
                raise ValueError(
                    f"{file} is cut short, damaged or not a safetensors file "
                    f"({error}): get it again"
                ) from error
            stored |= {name: _InFile(opened, name) for name in opened.keys()}  # noqa: SIM118
        yield stored


def _weight_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    whole, index = path / "model.safetensors", path / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if not index.is_file():
        raise FileNotFoundError(
            f"{path}: there is no model.safetensors here, whole or in parts"
        )
    shards = _read_json(index).get("weight_map")
    names = sorted(set(shards.values())) if isinstance(shards, dict) else []
    if not names or any(Path(str(name)).name != name for name in names):
        raise ValueError(f"{index} does not say which files hold the weights")
    if gone := [name for name in names if not (path / name).is_file()]:
        raise FileNotFoundError(f"{path}: parts are missing: {', '.join(gone)}")
    return [path / name for name in names]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no settings but a {type(found).__name__}")
    return found


def _config_of(
    folder: Path, read: Callable[[Mapping[str, Any]], GPTConfig]
) -> GPTConfig:
    file = folder / "config.json"
    if not file.is_file():
        raise FileNotFoundError(f"{folder}: there is no config.json here")
    try:
        return read(_read_json(file))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _published_size(path: Path, stored: Mapping[str, Stored]) -> GPTConfig:
    embedding = stored.get(f"{PREFIX}wte.weight")
    for size in ("small", "medium", "large", "xl"):
        config = gpt2_config(size)
        if embedding and embedding.shape == (config.vocab_size, config.emb_dim):
            return config
    raise ValueError(
        f"{path} has not the embedding of a published GPT-2: put it into a folder as "
        "model.safetensors, beside its config.json"
    )
