"""What a run needs to go on as if it had never stopped."""

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
    """torch's random states, on the CPU and, for a model there, on its CUDA device."""

    def note_random(self) -> None:
        """Keep the random states as they are now."""
        self.random = {"cpu": torch.get_rng_state()}
        device = device_of(self.model)
        if device.type == "cuda":
            self.random["cuda"] = torch.cuda.get_rng_state(device)

    def set_random(self) -> None:
        """Go back to the states that are kept; a device that is not there is left out.

        >>> state = RunState(model=nn.Linear(1, 1), optimizers=[], metadata={})
        >>> state.note_random()
        >>> first = torch.rand(1)
        >>> state.set_random()
        >>> bool(first == torch.rand(1))
        True
        """
        if "cpu" in self.random:
            torch.set_rng_state(self.random["cpu"])
        device = device_of(self.model)
        if device.type == "cuda" and "cuda" in self.random:
            torch.cuda.set_rng_state(self.random["cuda"], device)


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
