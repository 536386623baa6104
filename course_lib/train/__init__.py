"""Training as it is really done: one loop for every model of the course.

    for record in train(model, token_batches(tokens, 12, 64), TrainConfig(steps=2000)):
        ...  # print it, draw it, or break

| module | what lives there |
|---|---|
| `config` | `TrainConfig`: how to train, and the schedule of learning rates |
| `state` | what a run needs to go on as if never stopped |
| `gradients` | loss and gradient of a batch: in parts, in bfloat16, recomputed |
| `loop` | `train`, a generator of `Record`s; `keep_best` |
"""

from .config import TrainConfig as TrainConfig
from .loop import Record as Record
from .loop import keep_best as keep_best
from .loop import train as train
from .state import Checkpointer as Checkpointer
