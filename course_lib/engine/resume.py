"""The state of a run in a file, to go on from as if it had never stopped."""

import math
import os
import re
import reprlib
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_lib.engine.interrupts import interrupts_after_block
from course_lib.files import load_checkpoint, load_weights, save_checkpoint
from course_lib.train.state import RunState

HOW_ONLY = (
    *("eval_every", "save_every", "keep_last"),
    *("accumulate", "recompute", "compile"),
)
"""Settings that may differ when a run goes on: they change no more than rounding."""


def check_metadata(
    stored: Mapping[str, Any], ours: Mapping[str, Any], place: str
) -> None:
    """Refuse a state of another run; settings in HOW_ONLY may differ.

    So may the number of steps, if it is larger: the run goes on for longer, and the
    learning rate falls over all of them.

    Args:
        stored: the metadata in the checkpoint.
        ours: those of this run.
        place: names the checkpoint in the message.

    Raises:
        ValueError: naming what differs.

    >>> check_metadata({"data": "a"}, {"data": "b"}, "c.safetensors")
    Traceback (most recent call last):
    ...
    ValueError: c.safetensors was trained with data 'a', not 'b': use the same, or \
another checkpoint path
    """
    for fact, own in ours.items():
        was = stored.get(fact)
        if isinstance(own, dict) and isinstance(was, dict):
            names = [n for n in {**was, **own} if was.get(n) != own.get(n)]
            if fact == "config":
                longer = own.get("steps", 0) > was.get("steps", math.inf)
                may_differ = (*HOW_ONLY, "steps") if longer else HOW_ONLY
                names = [name for name in names if name not in may_differ]
            was = {name: was.get(name) for name in names}
            own = {name: own.get(name) for name in names}
        if was != own:
            raise ValueError(
                f"{place} was trained with {fact} {_SHORT.repr(was)}, not "
                f"{_SHORT.repr(own)}: use the same, or another checkpoint path"
            )


_SHORT = reprlib.Repr()
_SHORT.maxdict, _SHORT.maxstring, _SHORT.maxother = 8, 70, 70


class FileCheckpointer:
    """The state in one safetensors file, and the `keep_last - 1` before it.

    The newest is at `path`, an older one beside it with its step in the name:
    run.safetensors, run-1500.safetensors.

    Args:
        path: of the newest.
        keep_last: how many stay.
        trainable_only: leave out the weights that are frozen. Whoever goes on must have
            them; say in the run's metadata which they are.

    >>> FileCheckpointer(Path("nowhere.safetensors")).exists()
    False
    """

    def __init__(
        self, path: Path, keep_last: int = 1, *, trainable_only: bool = False
    ) -> None:
        self.path, self.keep_last = Path(path), keep_last
        self.trainable_only = trainable_only
        self._step: int | None = None  # of the file at `path`

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        """Is there a file to go on from?"""
        return self.path.exists()

    def restore(self, state: RunState) -> None:
        """Take up the state in the file, or refuse it and leave all as it was."""
        try:
            stored = load_checkpoint(self.path)
        except ValueError as error:
            older = [path.name for _, path in self._older()]
            note = f"; older ones are there: {', '.join(older)}" if older else ""
            raise ValueError(f"{error}{note}") from error
        check_metadata(stored.metadata, state.metadata, str(self.path))
        load_weights(state.model, stored, trainable_only=self.trainable_only)
        for name, parameter in state.model.named_parameters():
            prefix = f"optimizer.{name}."
            kept = {
                key.removeprefix(prefix): value.to(parameter.device)
                for key, value in stored.tensors.items()
                if key.startswith(prefix)
            }
            for optimizer in _holders(state, parameter):
                optimizer.state[parameter] = kept
        state.step = self._step = int(stored.metadata["step"])
        state.n_tokens = int(stored.metadata.get("n_tokens", 0))
        for device in ("cpu", "cuda"):
            if f"random.{device}" in stored.tensors:
                state.random[device] = stored.tensors[f"random.{device}"]

    def save(self, state: RunState) -> None:
        """Write the state in one piece; the file is the old or the new one."""
        frozen = {
            name
            for name, parameter in state.model.named_parameters()
            if self.trainable_only and not parameter.requires_grad
        }
        weights = state.model.state_dict().items()
        tensors = {f"model.{k}": v for k, v in weights if k not in frozen}
        for name, parameter in state.model.named_parameters():
            for optimizer in _holders(state, parameter):
                for key, value in optimizer.state.get(parameter, {}).items():
                    tensors[f"optimizer.{name}.{key}"] = value
        tensors |= {f"random.{device}": t for device, t in state.random.items()}
        metadata = {**state.metadata, "step": state.step, "n_tokens": state.n_tokens}
        if self.keep_last > 1 and self._step is not None and self.path.exists():
            _second_name(self.path, self._beside(self._step))
        save_checkpoint(self.path, tensors, metadata)
        self._step = state.step
        for _, path in self._older()[self.keep_last - 1 :] if self._step else []:
            path.unlink(missing_ok=True)

    def undisturbed(self) -> AbstractContextManager[object]:
        """Ctrl-C waits until the block is done."""
        return interrupts_after_block()

    def _beside(self, step: int) -> Path:
        return self.path.with_name(f"{self.path.stem}-{step}{self.path.suffix}")

    def _older(self) -> list[tuple[int, Path]]:
        """Step and path of the checkpoints before this one, the newest first."""
        name = re.compile(
            rf"{re.escape(self.path.stem)}-(\d+){re.escape(self.path.suffix)}"
        )
        found = []
        for path in self.path.parent.glob("*"):
            match = name.fullmatch(path.name)
            if match and (self._step is None or int(match[1]) < self._step):
                found.append((int(match[1]), path))
        return sorted(found, reverse=True)


def _holders(state: RunState, parameter: Tensor) -> list[torch.optim.Optimizer]:
    """The one optimizer that updates this weight; none for a frozen one."""
    return [
        optimizer
        for optimizer in state.optimizers
        if any(p is parameter for g in optimizer.param_groups for p in g["params"])
    ]


def _second_name(path: Path, other: Path) -> None:
    """Let the file at `path` be found under another name too."""
    other.unlink(missing_ok=True)
    try:
        os.link(path, other)
    except OSError:  # a file system without links
        shutil.copyfile(path, other)
