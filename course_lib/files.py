"""A model with its tokenizer and metadata in one file: `save` and `load`.

A checkpoint is a safetensors file: tensors by name, and the metadata (kind and sizes of
the model, its tokenizer, how it was trained). Nothing in it is ever executed. How the
bytes stand in it, `engine/checkpoint_file.py` knows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn

from course_lib.gpt import GPT, GPTConfig, unfilled
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.tokenizer import Tokenizer


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
        from course_lib.engine.checkpoint_file import to_metadata

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
    from course_lib.engine.checkpoint_file import from_metadata

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
    from course_lib.engine.checkpoint_file import write

    write(Path(path), tensors, metadata)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and check it whole.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is cut, damaged, or not a checkpoint of this course.

    >>> load_checkpoint(Path("nowhere.safetensors"))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    from course_lib.engine.checkpoint_file import read

    return Checkpoint(*read(Path(path)))


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
