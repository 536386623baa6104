"""Files of the course itself: weights with the configuration, and a checksum."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.checkpoint import load_checkpoint, load_weights, save_checkpoint
from course_lib.gpt import GPT, GPTConfig

WORLD_BASE = (
    Path(__file__).resolve().parents[2]
    / "data"
    / "snapshots"
    / "world_base.safetensors"
)
"""The base model of Tiny World, made by `course snapshots`."""


def save_gpt(path: Path, model: GPT, facts: Mapping[str, Any] | None = None) -> None:
    """Write the weights of a GPT with its configuration; nothing to train on with.

    Args:
        path: a .safetensors file, written in one piece.
        model: any GPT.
        facts: more to keep beside it, values that JSON can hold.

    >>> import tempfile
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_gpt(Path(folder, "m.safetensors"), model)
    ...     load_gpt(Path(folder, "m.safetensors")).config == model.config
    True
    """
    tensors = {f"model.{name}": w for name, w in model.state_dict().items()}
    known = {"kind": "gpt", "model": asdict(model.config)}
    save_checkpoint(path, tensors, {**(facts or {}), **known})


def load_gpt(path: Path = WORLD_BASE) -> GPT:
    """The GPT in a checkpoint of the course, ready to be used (eval mode, CPU).

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged or does not hold a GPT.

    >>> load_gpt(Path("nowhere.safetensors"))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    stored = load_checkpoint(path)
    try:
        config = GPTConfig(**stored.facts["model"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} does not hold a GPT") from error
    model = GPT(config)
    load_weights(model, stored)
    return model.eval()
