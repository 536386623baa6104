"""Checkpoints of runs on many devices, which load on any other number of devices."""

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch.distributed as dist
from torch import nn
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_state_dict,
    set_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save

from course_lib.engine.interrupts import interrupts_after_block
from course_lib.engine.parallel.team import Team
from course_lib.engine.resume import FileCheckpointer, check_metadata
from course_lib.engine.writing import put_in_place, write_atomically
from course_lib.files import save_checkpoint
from course_lib.train.state import RunState

METADATA = "facts.json"


class LeaderCheckpointer(FileCheckpointer):
    """The state in one file, written by process 0 and read by all (DDP).

    The processes must see the same folder.

    >>> import torch
    >>> team = Team(rank=0, size=1, device=torch.device("cpu"))
    >>> LeaderCheckpointer(Path("nowhere.safetensors"), team).exists()
    False
    """

    def __init__(self, path: Path, team: Team, keep_last: int = 1) -> None:
        super().__init__(path, keep_last)
        self.team = team

    def save(self, state: RunState) -> None:
        """Process 0 writes; the others wait until the file is there."""
        if self.team.rank == 0:
            super().save(state)
        _wait()


class ShardedCheckpointer:
    """The state in a folder into which every process writes its part (FSDP).

    What N processes saved loads on M. The folder is the old state or the new one: a
    new one is gathered beside it and takes its place when it is whole.

    Args:
        folder: seen by all processes.
        team: the processes.

    Source: torch.distributed.checkpoint.

    >>> import torch
    >>> team = Team(rank=0, size=1, device=torch.device("cpu"))
    >>> ShardedCheckpointer(Path("nowhere"), team).exists()
    False
    """

    def __init__(self, folder: Path, team: Team) -> None:
        self.folder, self.team = Path(folder), team
        self.new = self.folder.with_name(f"{self.folder.name}.new")
        self.old = self.folder.with_name(f"{self.folder.name}.old")

    def __str__(self) -> str:
        return str(self.folder)

    def exists(self) -> bool:
        """Is there a whole state to go on from? Ends a swap that was cut short."""
        if self.team.rank == 0 and not self.folder.exists() and self.old.exists():
            put_in_place(self.old, self.folder)
        _wait()
        return (self.folder / METADATA).is_file()

    def undisturbed(self) -> AbstractContextManager[object]:
        """Ctrl-C waits until the block is done."""
        return interrupts_after_block()

    def restore(self, state: RunState) -> None:
        """Take up the state in the folder, whatever number of processes wrote it.

        Raises:
            ValueError: if it is of another run, or damaged.
        """
        metadata = json.loads((self.folder / METADATA).read_text("utf-8"))
        check_metadata(metadata, state.metadata, str(self.folder))
        model, optimizers = get_state_dict(state.model, state.optimizers)
        tensors: dict[str, Any] = {"model": model, "optimizers": optimizers}
        try:
            load(tensors, checkpoint_id=self.folder)
        except (CheckpointException, OSError) as error:
            raise ValueError(
                f"{self.folder} is damaged ({error}): start anew"
            ) from error
        set_state_dict(
            state.model,
            state.optimizers,
            model_state_dict=tensors["model"],
            optim_state_dict=tensors["optimizers"],
        )
        state.step, state.n_tokens = int(metadata["step"]), int(metadata["n_tokens"])

    def save(self, state: RunState) -> None:
        """Every process writes its part; then the new folder takes the old's place."""
        if self.team.rank == 0:
            shutil.rmtree(self.new, ignore_errors=True)
        _wait()
        model, optimizers = get_state_dict(state.model, state.optimizers)
        tensors: dict[str, Any] = {"model": model, "optimizers": optimizers}
        save(tensors, checkpoint_id=self.new)
        if self.team.rank == 0:
            metadata = {
                **state.metadata,
                "step": state.step,
                "n_tokens": state.n_tokens,
            }
            text = json.dumps(metadata, sort_keys=True, indent=1)
            write_atomically(self.new / METADATA, f"{text}\n".encode())
            shutil.rmtree(self.old, ignore_errors=True)
            if self.folder.exists():
                put_in_place(self.folder, self.old)
            put_in_place(self.new, self.folder)
            shutil.rmtree(self.old, ignore_errors=True)
        _wait()


def gather_weights(
    path: Path, metadata: Mapping[str, Any], model: nn.Module, team: Team
) -> None:
    """Write the whole model into one file that `course generate` reads.

    All processes must call it; process 0 writes.

    Args:
        path: a .safetensors file.
        metadata: "kind", "model" and "tokenizer", as `course train` keeps them.
        model: sharded or whole.
        team: the processes.

    >>> import tempfile, torch
    >>> team = Team(rank=0, size=1, device=torch.device("cpu"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gather_weights(Path(folder, "m.safetensors"), {}, nn.Linear(1, 1), team)
    ...     [path.name for path in Path(folder).iterdir()]
    ['m.safetensors']
    """
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    weights: dict[str, Any] = get_model_state_dict(model, options=options)
    if team.rank == 0:
        tensors = {f"model.{name}": weight for name, weight in weights.items()}
        save_checkpoint(path, tensors, metadata)
    _wait()


def _wait() -> None:
    if dist.is_initialized():
        dist.barrier()
