"""GPT-2 from the files that transformers writes: `config.json`, safetensors."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from course_lib.engine.gpt2_layout import (
    HEAD,
    PREFIX,
    config_from_gpt2,
    gpt2_names,
    turned,
)
from course_lib.gpt import GPT, GPTConfig, gpt2_config

_MASK = re.compile(r"transformer\.h\.\d+\.attn\.(masked_)?bias")  # not learned
_MOST_LISTED = 50


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
    with _open_weights(path) as stored:
        config = _config_of(path, stored)
        with torch.device("meta"):
            model = GPT(config)
        names = gpt2_names(config)
        own = dict(model.named_parameters())
        wanted = {
            names[ours]: tuple(turned(names[ours], weight).shape)
            for ours, weight in own.items()
        }
        _check_fit(path, wanted, stored)
        model.to_empty(device="cpu")
        with torch.no_grad():
            for ours, weight in model.named_parameters():
                weight.copy_(turned(names[ours], stored[names[ours]].get()))
        if config.tied and HEAD in stored:
            head = stored[HEAD].get()
            if not torch.equal(head.float(), model.embedding.weight):
                raise ValueError(
                    f"{path}: {HEAD} is not the embedding, but config.json says "
                    "tie_word_embeddings"
                )
    return model.eval()


class _Stored(NamedTuple):
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
def _open_weights(path: Path) -> Iterator[dict[str, _Stored]]:
    """All weights of the files by their names with the prefix, masks left out."""
    with ExitStack() as stack:
        raw: dict[str, _Stored] = {}
        for file in _weight_files(path):
            try:
                opened = stack.enter_context(safe_open(file, framework="pt"))
            except SafetensorError as error:
                raise ValueError(
                    f"{file} is cut short, damaged or not a safetensors file "
                    f"({error}): get it again"
                ) from error
            raw |= {name: _Stored(opened, name) for name in opened.keys()}  # noqa: SIM118
        stored = {
            name if name.startswith((PREFIX, HEAD)) else PREFIX + name: weight
            for name, weight in raw.items()
        }
        yield {n: w for n, w in stored.items() if not _MASK.fullmatch(n)}


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


def _config_of(path: Path, stored: Mapping[str, _Stored]) -> GPTConfig:
    if path.is_dir():
        file = path / "config.json"
        if not file.is_file():
            raise FileNotFoundError(f"{path}: there is no config.json here")
        try:
            return config_from_gpt2(_read_json(file))
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
    embedding = stored.get(f"{PREFIX}wte.weight")
    for size in ("small", "medium", "large", "xl"):
        config = gpt2_config(size)
        if embedding and embedding.shape == (config.vocab_size, config.emb_dim):
            return config
    raise ValueError(
        f"{path} has not the embedding of a published GPT-2: put it into a folder as "
        "model.safetensors, beside its config.json"
    )


def _listed(what: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = f" and {len(lines) - _MOST_LISTED} more" if len(lines) > _MOST_LISTED else ""
    return [f"{what}: {', '.join(lines[:_MOST_LISTED])}{more}"]


def _check_fit(
    path: Path, wanted: Mapping[str, tuple[int, ...]], stored: Mapping[str, _Stored]
) -> None:
    """Raise a ValueError that lists whatever does not fit."""
    missing = [name for name in wanted if name not in stored]
    extra = [name for name in stored if name not in wanted and name != HEAD]
    shapes = [
        f"{name} is {stored[name].shape}, expected {shape}"
        for name, shape in wanted.items()
        if name in stored and stored[name].shape != shape
    ]
    faults = [
        *_listed(f"{len(missing)} missing", missing),
        *_listed(f"{len(extra)} left over", extra),
        *_listed(f"{len(shapes)} of another shape", shapes),
    ]
    if faults:
        raise ValueError(f"{path} does not fit its configuration; {'; '.join(faults)}")
