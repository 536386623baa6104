"""What a run needs to go on as if it had never stopped."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from course_lib.device import device_of


@dataclass(kw_only=True)
class RunState:
    """A training run between two records."""

    model: nn.Module
    """The model itself, without a wrapper such as DistributedDataParallel."""
    optimizers: list[torch.optim.Optimizer]
    """Each weight is in exactly one of them."""
    metadata: dict[str, Any]
    """What must be the same to go on (config, model, data, ...), as JSON has it."""
    step: int = 0
    """Updates so far; the batch of a step depends on it alone."""
    n_tokens: int = 0
    """Targets learned from so far."""
    random: dict[str, Tensor] = field(default_factory=dict)
    """torch's random states, see `random_states`."""


class Checkpointer(Protocol):
    """Keeps the state of one run; `engine.resume.FileCheckpointer` does, in a file."""

    def exists(self) -> bool:
        """Is there a state to go on from?"""

    def restore(self, state: RunState) -> None:
        """Put what is kept into `state`, or raise ValueError and leave it alone."""

    def save(self, state: RunState) -> None:
        """Keep `state`, whole or not at all."""

    def undisturbed(self) -> AbstractContextManager[object]:
        """A block that Ctrl-C does not cut in half, so that no update is kept half."""


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


def plain(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they come back from a file: tuples are lists.

    >>> plain({"betas": (0.9, 0.99)})
    {'betas': [0.9, 0.99]}
    """
    out: dict[str, Any] = json.loads(json.dumps(metadata))
    return out
