"""What to do about a batch that does not fit into memory, and how it needs less."""

import math
from functools import partial

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from course_lib.batches import Batch
from course_lib.device import device_of
from course_lib.train.gradients import Gradients, some_rows

CPU_WORDS = ("can't allocate memory", "not enough memory")
"""torch says so on a CPU, where it has no error of its own for it."""


class Recomputing:
    """In this block a model's blocks keep only what enters them.

    What they computed they compute again for the gradient (Chen et al. 2016).

    Raises:
        ValueError: for a model without blocks.

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> with Recomputing(model):
    ...     model(torch.tensor([[1, 2]])).sum().backward()
    >>> "forward" in vars(model.blocks[0])
    False
    """

    def __init__(self, model: nn.Module) -> None:
        blocks = getattr(model, "blocks", None)
        if not isinstance(blocks, nn.ModuleList):
            raise ValueError("this model has no blocks: leave recompute off")
        self._blocks = list(blocks)
        # The same objects at every step, so that a compiled step stays valid.
        self._recomputed = [
            partial(checkpoint, block.forward, use_reentrant=False) for block in blocks
        ]

    def __enter__(self) -> None:
        for block, recomputed in zip(self._blocks, self._recomputed, strict=True):
            block.forward = recomputed

    def __exit__(self, *error: object) -> None:
        for block in self._blocks:
            del block.forward  # the class's own method shows again


def is_shortage(error: RuntimeError) -> bool:
    """Is memory what was missing?

    >>> is_shortage(RuntimeError("DefaultCPUAllocator: not enough memory"))
    True
    """
    said = str(error)
    return isinstance(error, torch.OutOfMemoryError) or any(
        words in said for words in CPU_WORDS
    )


def advice(gradients: Gradients, part: Batch, said: str) -> str:
    """How many rows do fit, found by trying, and which setting splits the batch so.

    Args:
        gradients: computes losses; its model's gradients are gone afterwards.
        part: the rows that did not fit.
        said: the device's own words.

    >>> from torch import nn, zeros
    >>> from course_lib.train import TrainConfig
    >>> gradients = Gradients(nn.Linear(2, 3), TrainConfig())
    >>> part = Batch(zeros(8, 2), zeros(8, dtype=torch.int64))
    >>> advice(gradients, part, "no room").partition("(no room): ")[2]
    '4 do, so set accumulate=2 (the same gradient)'
    """
    model, rows = gradients.model, len(part.targets)
    model.zero_grad()
    fit = _rows_that_fit(gradients, part)
    text = f"{rows} rows of {tuple(part.inputs.shape[1:])} at once do not fit in "
    text += f"the memory of {device_of(model)} ({said}): "
    if fit:
        more = math.ceil(rows / fit) * gradients.config.accumulate
        return f"{text}{fit} do, so set accumulate={more} (the same gradient)"
    return (
        f"{text}not even 1 does: set recompute=True, or take a smaller model or context"
    )


def _rows_that_fit(gradients: Gradients, part: Batch) -> int:
    """Halve the rows until they fit; with other processes waiting only guess."""
    rows = len(part.targets) // 2
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return rows
    while rows:
        if device_of(gradients.model).type == "cuda":
            torch.cuda.empty_cache()
        try:
            gradients.part(some_rows(part, slice(rows)), 1.0, learn=True, last=True)
        except RuntimeError as error:
            if not is_shortage(error):
                raise
            rows //= 2
        else:
            break
        finally:
            gradients.model.zero_grad()
    return rows
