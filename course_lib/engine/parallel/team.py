"""The processes of one run: who they are, what each takes, how they agree.

Shape letters: `B` rows of the batch of all processes together.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.nn.parallel import DistributedDataParallel

from course_lib.batches import Batch, BatchSource


@dataclass(frozen=True, kw_only=True)
class Team:
    """One process's view of a run of `size` processes."""

    rank: int
    """Which one this is, from 0; number 0 speaks and writes for all."""
    size: int
    """How many there are, on all machines."""
    device: torch.device
    """Where this process computes."""

    def average(self, value: float) -> float:
        """The mean of one number of every process; all must call it.

        >>> Team(rank=0, size=1, device=torch.device("cpu")).average(2.0)
        2.0
        """
        if self.size == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        return total.item() / self.size

    def share(self, batch_at: BatchSource) -> BatchSource:
        """This process's rows of each batch: every `size`-th, (B / size, ...).

        The means of equal shares have the mean of the whole batch as their mean, so
        averaged gradients are those of one process.

        Raises:
            ValueError: at a step whose rows cannot be shared out evenly, or whose
                pairs are weighted (their mean is not a mean of means).

        >>> source = lambda step: Batch(torch.arange(6), torch.arange(6))
        >>> team = Team(rank=1, size=3, device=torch.device("cpu"))
        >>> team.share(source)(0).inputs
        tensor([1, 4])
        """

        def own_rows(step: int) -> Batch:
            inputs, targets, weights = batch_at(step)
            if len(targets) % self.size:
                raise ValueError(
                    f"a batch of {len(targets)} rows cannot be shared evenly by "
                    f"{self.size} processes: use a multiple of {self.size}"
                )
            if weights is not None:
                raise ValueError("weighted pairs cannot be shared: use one process")
            mine = slice(self.rank, None, self.size)
            return Batch(inputs[mine], targets[mine])

        return own_rows


@contextmanager
def join() -> Iterator[Team]:
    """Meet the other processes that torchrun has started; alone without torchrun.

    NCCL connects CUDA devices, one a process; gloo connects CPUs.

    Raises:
        ValueError: if a machine has fewer CUDA devices than processes.

    >>> with join() as team:
    ...     team.size
    1
    """
    if "RANK" not in os.environ:
        cuda = torch.cuda.is_available()
        yield Team(rank=0, size=1, device=torch.device("cuda" if cuda else "cpu"))
        return
    local = int(os.environ["LOCAL_RANK"])
    device = torch.device("cpu")
    if torch.cuda.is_available():
        n_devices = torch.cuda.device_count()
        if local >= n_devices:
            raise ValueError(
                f"this machine has {n_devices} CUDA devices: use "
                f"--nproc-per-node {n_devices}"
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(rank=dist.get_rank(), size=dist.get_world_size(), device=device)
    finally:
        dist.destroy_process_group()


def replicate(model: nn.Module, team: Team) -> nn.Module:
    """Each process keeps the whole model; gradients are averaged while they come.

    Source: Li et al. 2020 (DistributedDataParallel).

    >>> model = nn.Linear(2, 2)
    >>> replicate(model, Team(rank=0, size=1, device=torch.device("cpu"))) is model
    True
    """
    model = model.to(team.device)
    if not dist.is_initialized():
        return model
    return DistributedDataParallel(model, gradient_as_bucket_view=True)


def shard(
    model: nn.Module,
    team: Team,
    precision: Literal["float32", "bfloat16"] = "float32",
) -> nn.Module:
    """Each process keeps a part of every weight, gathered block by block when needed.

    For models that do not fit on one device with their gradients and optimizer state.
    The parts are float32; with "bfloat16" what is gathered has two bytes a number, and
    gradients are still added in float32.

    Raises:
        ValueError: if there is only one process, or the model has no blocks.

    Source: Zhao et al. 2023 (FSDP), Rajbhandari et al. 2020 (ZeRO, stage 3).

    >>> shard(nn.Linear(2, 2), Team(rank=0, size=1, device=torch.device("cpu")))
    Traceback (most recent call last):
    ...
    ValueError: one process has nobody to share with: start more with torchrun
    """
    if not dist.is_initialized():
        raise ValueError(
            "one process has nobody to share with: start more with torchrun"
        )
    blocks = getattr(model, "blocks", None)
    if not isinstance(blocks, nn.ModuleList):
        raise ValueError("this model has no blocks to shard: leave --shard out")
    mesh = init_device_mesh(team.device.type, (team.size,))
    model = model.to(team.device)
    policy = MixedPrecisionPolicy()
    if precision == "bfloat16":
        policy = MixedPrecisionPolicy(torch.bfloat16, torch.float32)
    for block in blocks:
        fully_shard(block, mesh=mesh, mp_policy=policy)
    # The root too, or its weights would be old ones in the step after an evaluation.
    fully_shard(model, mesh=mesh, mp_policy=policy, reshard_after_forward=True)
    return model


def evaluate_together(
    team: Team, evaluate: Callable[[nn.Module], float]
) -> Callable[[nn.Module], float]:
    """Let every process measure (its weights may be needed) and take the mean.

    >>> team = Team(rank=0, size=1, device=torch.device("cpu"))
    >>> evaluate_together(team, lambda model: 1.5)(nn.Linear(1, 1))
    1.5
    """
    return lambda model: team.average(evaluate(model))
