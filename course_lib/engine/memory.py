"""What to do about a batch that does not fit into memory."""

import math

import torch

from course_lib.batches import Batch
from course_lib.device import device_of
from course_lib.train.gradients import Gradients, some_rows

CPU_WORDS = ("can't allocate memory", "not enough memory")
"""torch says so on a CPU, where it has no error of its own for it."""


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
