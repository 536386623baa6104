"""The base model of Tiny World: its batches, and the one that travels along."""

from pathlib import Path

from course_lib.batches import Batch, BatchSource
from course_lib.files import load
from course_lib.gpt import GPT
from tiny_world.corpus import World, token_rows

WORLD_BASE = (
    Path(__file__).resolve().parents[1] / "data/snapshots/world_base.safetensors"
)
"""The base model that travels with the course, made by `course snapshots`."""


def load_base(path: Path = WORLD_BASE) -> GPT:
    """The base model of Tiny World, ready to be used (eval mode, CPU).

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged or does not hold a GPT.

    >>> load_base().config.n_layers
    3
    """
    model = load(path).model
    if not isinstance(model, GPT):
        raise ValueError(f"{path} does not hold a GPT")
    return model


def world_batches(world: World, n_rows: int, length: int) -> BatchSource:
    """Fresh rows of Tiny World at each step: inputs and targets (n_rows, length).

    The text never repeats; the targets are the inputs one word later.

    >>> source = world_batches(World(seed=0), n_rows=2, length=16)
    >>> bool((source(3).inputs[:, 1:] == source(3).targets[:, :-1]).all())
    True
    """

    def batch_at(step: int) -> Batch:
        rows = token_rows(world, "train", step * n_rows, n_rows, length + 1).tokens
        return Batch(rows[:, :-1], rows[:, 1:])

    return batch_at
