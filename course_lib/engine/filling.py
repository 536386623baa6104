"""Weights of others put into our model: all that does not fit is listed first."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from course_lib.gpt import GPT, GPTConfig, unfilled

MOST_LISTED = 50
Turn = Callable[[str, Tensor], Tensor]
"""(their name, their weight) -> the weight as we store it, and back."""


class Stored(Protocol):
    """A weight in a file, not read yet."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape there."""

    def get(self) -> Tensor:
        """Its numbers."""


def unturned(name: str, weight: Tensor) -> Tensor:
    """For files whose matrices lie as ours do.

    >>> unturned("up", torch.zeros(4, 16)).shape
    torch.Size([4, 16])
    """
    return weight


def filled(
    path: Path,
    config: GPTConfig,
    names: Mapping[str, tuple[str, ...]],
    stored: Mapping[str, Stored],
    turn: Turn = unturned,
    head: str = "lm_head.weight",
) -> GPT:
    """A GPT of this configuration with the stored weights, float32, in eval mode.

    Args:
        path: where they lie, for what is said about them.
        config: the sizes.
        names: our name of each weight -> theirs, one above the other.
        stored: their names -> weights.
        turn: brings one of theirs into our layout.
        head: their name of the output head, which must be the embedding if it is tied.

    Raises:
        ValueError: listing what is missing, left over or of another shape.

    >>> config = GPTConfig(vocab_size=2, emb_dim=4, n_heads=2, n_layers=1)
    >>> filled(Path("a.gguf"), config, {"embedding.weight": ("wte",)}, {})
    Traceback (most recent call last):
    ...
    ValueError: a.gguf does not fit its configuration; 1 missing: wte
    """
    model = unfilled(config)
    own = dict(model.named_parameters())
    wanted: dict[str, tuple[int, ...]] = {}
    for ours, theirs in names.items():
        rows = rows_of_parts(own[ours], theirs, config)
        for name, part in zip(theirs, torch.split(own[ours], rows), strict=True):
            wanted[name] = tuple(turn(name, part).shape)
    _check_fit(path, wanted, stored, head)
    weights = {
        ours: torch.cat([turn(name, stored[name].get()).float() for name in theirs])
        for ours, theirs in names.items()
    }
    if config.tied and head in stored:
        _check_tied(path, stored[head].get(), weights["embedding.weight"], head)
    model.load_state_dict(weights, assign=True)
    return model.eval()


def rows_of_parts(
    weight: Tensor, theirs: tuple[str, ...], config: GPTConfig
) -> list[int]:
    """How many rows of one of our weights come from each of theirs.

    >>> config = GPTConfig(vocab_size=2, emb_dim=16, n_heads=4, n_kv_heads=2)
    >>> rows_of_parts(torch.zeros(32, 16), ("q", "k", "v"), config)
    [16, 8, 8]
    """
    if len(theirs) == 1:
        return [weight.shape[0]]
    kv_dim = config.kv_heads * config.head_dim
    return [config.emb_dim, kv_dim, kv_dim]


def _check_tied(path: Path, own: Tensor, embedding: Tensor, head: str) -> None:
    if not torch.equal(own.float(), embedding):
        raise ValueError(
            f"{path}: {head} is not the embedding, but config.json says "
            "tie_word_embeddings"
        )


def _listed(what: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = f" and {len(lines) - MOST_LISTED} more" if len(lines) > MOST_LISTED else ""
    return [f"{what}: {', '.join(lines[:MOST_LISTED])}{more}"]


def _check_fit(
    path: Path,
    wanted: Mapping[str, tuple[int, ...]],
    stored: Mapping[str, Stored],
    head: str,
) -> None:
    """Raise a ValueError that lists whatever does not fit."""
    missing = [name for name in wanted if name not in stored]
    extra = [name for name in stored if name not in wanted and name != head]
    shapes = [
        f"{name} is {stored[name].shape}, expected {shape}"
        for name, shape in wanted.items()
        if name in stored and stored[name].shape != shape
    ]
    faults = [
        *_listed(f"{len(missing)} missing", missing),
        *_listed(f"{len(extra)} left over", extra),
        *_listed(f"{len(shapes)} of another shape", shapes),
    ]
    if faults:
        raise ValueError(f"{path} does not fit its configuration; {'; '.join(faults)}")
