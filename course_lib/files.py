"""A model with its tokenizer and metadata in one file: `save` and `load`.

A checkpoint is a safetensors file: tensors by name, and a header entry with a checksum
and, as JSON, the metadata (kind and sizes of the model, its tokenizer, how it was
trained). Nothing in it is ever executed. The same state gives the same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn, uint8

from course_lib.gpt import GPT, GPTConfig, unfilled
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.tokenizer import Tokenizer, from_metadata, to_metadata

FORMAT = "from-logits-to-gpt checkpoint 1"


class Loaded(NamedTuple):
    """A model that was saved, ready to be used."""

    model: Any
    """A `GPT` or a `NameMLP`, in evaluation mode, on the CPU."""
    tokenizer: Tokenizer | None
    """None where the file has none: names in the course's own alphabet."""
    metadata: dict[str, Any]
    """What else stands in the file."""


KINDS: dict[str, Any] = {
    "gpt": (unfilled, GPTConfig),
    "names": (NameMLP, NameMLPConfig),
}
"""Kind of a model in a file -> how it is built again."""


def save(
    path: Path,
    model: GPT | NameMLP,
    tokenizer: Tokenizer | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write a model and all that is needed to use it; nothing to train on with.

    Args:
        path: a .safetensors file, written in one piece.
        model: any GPT or names model.
        tokenizer: whose tokens it reads.
        metadata: more to keep beside it, values that JSON can hold.

    Raises:
        ValueError: for a tokenizer that is none of the course's, or a model with LoRA
            layers (see `course_lib.lora`).
        OSError: if the folder cannot be written or the disk is full.

    >>> import tempfile
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Path(folder, "m.safetensors"), model, metadata={"about": "new"})
    ...     load(Path(folder, "m.safetensors")).metadata["about"]
    'new'
    """
    kind = next(k for k, (_, c) in KINDS.items() if isinstance(model.config, c))
    own: dict[str, Any] = {"kind": kind, "model": asdict(model.config)}
    if tokenizer is not None:
        own["tokenizer"] = to_metadata(tokenizer)
    tensors = {f"model.{name}": w for name, w in model.state_dict().items()}
    if any(".lora_b." in name for name in tensors):
        raise ValueError(
            "the model has LoRA layers: merge_lora(model) first, or keep the small "
            "matrices alone with save_lora"
        )
    save_checkpoint(path, tensors, {**(metadata or {}), **own})


def load(path: Path) -> Loaded:
    """Read a model with its tokenizer: from `save`, or from a training run.

    Weights that are stored with half the digits come as float32.

    Raises:
        FileNotFoundError: if there is no such file, or its tokenizer needs a file of
            ranks that is not here.
        ValueError: if the file is damaged, or holds no model of the course.

    >>> load(Path("nowhere.safetensors"))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    stored = load_checkpoint(path)
    metadata = stored.metadata
    if metadata.get("kind") == "lora":
        raise ValueError(
            f"{path} holds LoRA weights and not the model they belong to: talk to it "
            "with `course chat`, or load that model and give both to load_lora"
        )
    try:
        made, config = KINDS[_kind_of(metadata)]
        model: Any = made(config(**metadata["model"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} does not hold a names model or a GPT") from error
    load_weights(model, stored)
    known = metadata.get("tokenizer")
    tokenizer = from_metadata(known) if isinstance(known, dict) else None
    return Loaded(model.eval(), tokenizer, metadata)


def _kind_of(metadata: Mapping[str, Any]) -> str:
    """A run that was begun without a preset does not say it; its sizes do."""
    sizes = "gpt" if "n_layers" in metadata["model"] else "names"
    return str(metadata.get("kind", sizes))


class Checkpoint(NamedTuple):
    """What a checkpoint file holds: tensors by name, and plain values by name."""

    tensors: dict[str, Tensor]
    metadata: dict[str, Any]


def _checksum(tensors: Mapping[str, Tensor], metadata: str) -> str:
    """sha256 over the metadata and over name, type, shape and bytes of each tensor."""
    digest = hashlib.sha256(metadata.encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(uint8).numpy().tobytes())
    return digest.hexdigest()


def save_checkpoint(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]
) -> None:
    """Write a checkpoint in one piece: the file at `path` is the old or the new one.

    Args:
        path: where; its folder is made.
        tensors: on any device; names are kept.
        metadata: values that JSON can hold.

    Raises:
        OSError: if the folder cannot be written or the disk is full.

    >>> import tempfile, torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(Path(folder, "c"), {"w": torch.ones(2)}, {"step": 3})
    ...     load_checkpoint(Path(folder, "c")).metadata["step"]
    3
    """
    plain = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    text = json.dumps(dict(metadata), sort_keys=True)
    header = {FORMAT: f"{_checksum(plain, text)} {text}"}  # one entry: a fixed order
    from course_lib.engine.writing import write_atomically

    write_atomically(Path(path), safetensors_bytes(plain, metadata=header))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and check it whole.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is cut, damaged, or not a checkpoint of this course.

    >>> load_checkpoint(Path("nowhere.safetensors"))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    path = Path(path)
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


def _read(path: Path) -> Checkpoint:
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
    return Checkpoint(tensors, json.loads(text))


def peek(path: Path) -> dict[str, Any]:
    """The metadata of a checkpoint, without its tensors: what kind of file is it?

    Raises:
        FileNotFoundError, ValueError: as `load_checkpoint`; damage to a tensor is not
            seen.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(Path(folder, "c"), {}, {"kind": "lora"})
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
        return load_checkpoint(path).metadata  # which says what is wrong
    found: dict[str, Any] = json.loads(header[FORMAT].partition(" ")[2])
    return found


def load_weights(
    model: nn.Module, checkpoint: Checkpoint, *, trainable_only: bool = False
) -> None:
    """Put the weights of a checkpoint (`model.*`) into `model`, also an `unfilled` one.

    With `trainable_only` the checkpoint holds no frozen weights: they stay as they are.

    Raises:
        ValueError: naming the weights that are missing or left over, or the first of
            another shape; the model is then unchanged.

    >>> old, new = nn.Linear(2, 1), nn.Linear(2, 1)
    >>> tensors = {f"model.{name}": w for name, w in old.state_dict().items()}
    >>> load_weights(new, Checkpoint(tensors, {}))
    >>> bool((new.weight == old.weight).all())
    True
    """
    prefix = "model."
    stored = {
        name.removeprefix(prefix): tensor
        for name, tensor in checkpoint.tensors.items()
        if name.startswith(prefix)
    }
    own = model.state_dict()
    if trainable_only:
        learn = {name for name, p in model.named_parameters() if p.requires_grad}
        own = {name: weight for name, weight in own.items() if name in learn}
    if stored.keys() != own.keys():
        left, missing = stored.keys() - own.keys(), own.keys() - stored.keys()
        raise ValueError(
            f"only in the checkpoint: {_named(left)}; only in the model: "
            f"{_named(missing)}: build it with the same sizes"
        )
    for name, tensor in stored.items():
        if tensor.shape != own[name].shape:
            raise ValueError(
                f"weight {name!r} is {tuple(tensor.shape)} in the checkpoint and "
                f"{tuple(own[name].shape)} in the model: build it with the same sizes"
            )
    waiting = any(weight.is_meta for weight in own.values())
    if waiting:
        stored = {name: tensor.to(own[name].dtype) for name, tensor in stored.items()}
    model.load_state_dict(stored, assign=waiting, strict=not trainable_only)


def _named(names: Iterable[str]) -> str:
    """The names, a dozen at most."""
    listed = sorted(names)
    more = f" and {len(listed) - 12} more" if len(listed) > 12 else ""
    return (", ".join(repr(name) for name in listed[:12]) or "nothing") + more
