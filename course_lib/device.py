"""Which machine this is: the only module that asks for a device or a thread count."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from course_lib.choices import check_least

PARAMETERS_WORTH_ALL_CORES = 2_000_000


def pick_device(prefer: str | None = None) -> torch.device:
    """The device to train on: CUDA, else Apple's MPS, else the CPU.

    Args:
        prefer: "cpu", "cuda", "cuda:1" or "mps" to override the choice.

    Raises:
        ValueError: if the preferred device is not there or not a device.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    if prefer is None:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(prefer)
    except RuntimeError as error:
        raise ValueError(
            f"device {prefer!r} is unknown: use 'cpu', 'cuda' or 'mps'"
        ) from error
    there = {
        "cpu": True,
        "cuda": (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, False):
        raise ValueError(f"device {prefer!r} is not on this machine: use 'cpu'")
    return device


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights or buffers are; the CPU for a model without any.

    >>> device_of(nn.Linear(2, 2))
    device(type='cpu')
    """
    for tensor in chain(model.parameters(), model.buffers()):
        return tensor.device
    return torch.device("cpu")


def threads_for(n_parameters: int) -> int:
    """How many CPU threads a model of this size can use well.

    A small model spends more time in handing out work than in working: on a
    shared machine one thread is many times faster than two.

    Raises:
        ValueError: if `n_parameters` is negative.

    >>> threads_for(3_023)
    1
    """
    check_least(0, n_parameters=n_parameters)
    if n_parameters < PARAMETERS_WORTH_ALL_CORES:
        return 1
    return torch.get_num_threads()


@contextmanager
def limited_threads(n_threads: int) -> Iterator[None]:
    """Run the block with `n_threads` CPU threads, then put the old number back.

    Raises:
        ValueError: if `n_threads` is below 1.

    >>> with limited_threads(1):
    ...     torch.get_num_threads()
    1
    """
    check_least(1, n_threads=n_threads)
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class NoDraws(TorchFunctionMode):
    """In this block no first weights are drawn, for models whose weights come later.

    On the device "meta" there is nothing to draw into, and torch would still load its
    compiler to do so, for two seconds.

    >>> with NoDraws():
    ...     torch.zeros(2).normal_()
    tensor([0., 0.])
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call what was to be called, but leave a tensor alone that was to be drawn."""
        named = kwargs or {}
        if func.__name__ in ("normal_", "uniform_", "kaiming_uniform_"):
            return args[0] if args else named["tensor"]
        return func(*args, **named)
