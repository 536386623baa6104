"""Training as it is really done: one loop for every model of the course.

    for record in train(model, token_batches(tokens, 12, 64), TrainConfig(steps=2000)):
        ...  # print it, draw it, or break

| module | what lives there |
|---|---|
| `config` | `TrainConfig`: how to train, and the schedule of learning rates |
| `loop` | `train`, a generator of `Record`s; `keep_best` |
| `gradients` | loss and gradient of a batch: in parts, in bfloat16, recomputed |
| `state` | what a run needs to go on as if never stopped, and where it is kept |
| `speed` | floating-point operations of a token and of a device |
"""

from course_lib.train.config import HOW_ONLY, TrainConfig
from course_lib.train.loop import Record, keep_best, train
from course_lib.train.speed import flops_per_token, flops_utilisation, peak_flops
from course_lib.train.state import Checkpointer, FileCheckpointer, RunState

__all__ = [
    "HOW_ONLY",
    "Checkpointer",
    "FileCheckpointer",
    "Record",
    "RunState",
    "TrainConfig",
    "flops_per_token",
    "flops_utilisation",
    "keep_best",
    "peak_flops",
    "train",
]
