"""What a run needs to go on as if it had never stopped, and where that is kept."""

import json
import math
import os
import re
import reprlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from course_lib.checkpoint import load_checkpoint, load_weights, save_checkpoint
from course_lib.device import device_of
from course_lib.train.config import HOW_ONLY


@dataclass(kw_only=True)
class RunState:
    """A training run between two records."""

    model: nn.Module
    """The model itself, without a wrapper such as DistributedDataParallel."""
    optimizers: list[torch.optim.Optimizer]
    """Each weight is in exactly one of them."""
    facts: dict[str, Any]
    """What must be the same to go on (config, model, data, ...), as JSON has it."""
    step: int = 0
    """Updates so far; the batch of a step depends on it alone."""
    n_tokens: int = 0
    """Targets learned from so far."""
    random: dict[str, Tensor] = field(default_factory=dict)
    """torch's random states, see `random_states`."""


class Checkpointer(Protocol):
    """Keeps the state of one run; `FileCheckpointer` does it in one file."""

    def exists(self) -> bool:
        """Is there a state to go on from?"""

    def restore(self, state: RunState) -> None:
        """Put what is kept into `state`, or raise ValueError and leave it alone."""

    def save(self, state: RunState) -> None:
        """Keep `state`, whole or not at all."""


def random_states(model: nn.Module) -> dict[str, Tensor]:
    """The random state of torch on the CPU and, for a model there, on its CUDA device.

    >>> list(random_states(nn.Linear(1, 1)))
    ['cpu']
    """
    states = {"cpu": torch.get_rng_state()}
    device = device_of(model)
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_states(model: nn.Module, states: Mapping[str, Tensor]) -> None:
    """Go back to `random_states`; a device that is not there is left out.

    >>> model = nn.Linear(1, 1)
    >>> before = random_states(model)
    >>> first = torch.rand(1)
    >>> set_random_states(model, before)
    >>> bool(first == torch.rand(1))
    True
    """
    if "cpu" in states:
        torch.set_rng_state(states["cpu"])
    device = device_of(model)
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they come back from a file: tuples are lists.

    >>> plain({"betas": (0.9, 0.99)})
    {'betas': [0.9, 0.99]}
    """
    out: dict[str, Any] = json.loads(json.dumps(facts))
    return out


def check_facts(stored: Mapping[str, Any], ours: Mapping[str, Any], place: str) -> None:
    """Refuse a state of another run; settings in HOW_ONLY may differ.

    So may the number of steps, if it is larger: the run goes on for longer, and the
    learning rate falls over all of them.

    Args:
        stored: the facts in the checkpoint.
        ours: those of this run.
        place: names the checkpoint in the message.

    Raises:
        ValueError: naming what differs.

    >>> check_facts({"data": "a"}, {"data": "b"}, "c.safetensors")
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

    >>> FileCheckpointer(Path("nowhere.safetensors")).exists()
    False
    """

    def __init__(self, path: Path, keep_last: int = 1) -> None:
        self.path, self.keep_last = Path(path), keep_last
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
        check_facts(stored.facts, state.facts, str(self.path))
        load_weights(state.model, stored)
        for name, parameter in state.model.named_parameters():
            prefix = f"optimizer.{name}."
            kept = {
                key.removeprefix(prefix): value.to(parameter.device)
                for key, value in stored.tensors.items()
                if key.startswith(prefix)
            }
            for optimizer in _holders(state, parameter):
                optimizer.state[parameter] = kept
        state.step = self._step = int(stored.facts["step"])
        state.n_tokens = int(stored.facts.get("n_tokens", 0))
        for device in ("cpu", "cuda"):
            if f"random.{device}" in stored.tensors:
                state.random[device] = stored.tensors[f"random.{device}"]

    def save(self, state: RunState) -> None:
        """Write the state in one piece; the file is the old or the new one."""
        tensors = {f"model.{k}": v for k, v in state.model.state_dict().items()}
        for name, parameter in state.model.named_parameters():
            for optimizer in _holders(state, parameter):
                for key, value in optimizer.state.get(parameter, {}).items():
                    tensors[f"optimizer.{name}.{key}"] = value
        tensors |= {f"random.{device}": t for device, t in state.random.items()}
        facts = {**state.facts, "step": state.step, "n_tokens": state.n_tokens}
        if self.keep_last > 1 and self._step is not None and self.path.exists():
            _second_name(self.path, self._beside(self._step))
        save_checkpoint(self.path, tensors, facts)
        self._step = state.step
        for _, path in self._older()[self.keep_last - 1 :] if self._step else []:
            path.unlink(missing_ok=True)

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
