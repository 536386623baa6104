"""The same training on more than one device: no engine of our own, torch's.

    torchrun --nproc-per-node 2 -m course_lib.engine.parallel --preset world --steps 100

Each process takes its share of every batch. By default each holds the whole model and
gradients are averaged (DistributedDataParallel); with `--shard` each holds a part of
every weight, for models that do not fit on one device (FSDP2). The losses are those of
one process with the same batch. It works on CPUs (gloo) and CUDA devices (NCCL).

| module | what lives there |
|---|---|
| `team` | the processes: joining, shares, averages, wrapping the model |
| `sharded` | checkpoints that one number of processes saves and another loads |
| `__main__` | the command |
"""

from course_lib.engine.parallel.sharded import (
    LeaderCheckpointer,
    ShardedCheckpointer,
    gather_weights,
)
from course_lib.engine.parallel.team import (
    Team,
    evaluate_together,
    join,
    replicate,
    shard,
)

__all__ = [
    "LeaderCheckpointer",
    "ShardedCheckpointer",
    "Team",
    "evaluate_together",
    "gather_weights",
    "join",
    "replicate",
    "shard",
]
