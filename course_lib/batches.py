"""Batches: what a model learns from at each step, and its loss on them.

A batch source is a pure function of the step, so a run can go on anywhere.
Shape letters: `B` batch, `N` pairs, `V` vocabulary; `...` any further dimensions.
"""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.choices import check_least
from course_lib.device import device_of
from course_lib.functional import check_weights


class Batch(NamedTuple):
    """Inputs (B, ...), targets (B, ...) and, if pairs count differently, weights."""

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None


BatchSource = Callable[[int], Batch]
"""Gives the batch of each step."""


def full_batch(
    inputs: Tensor, targets: Tensor, weights: Tensor | None = None
) -> BatchSource:
    """All pairs at every step, the gradient without sampling noise.

    >>> source = full_batch(torch.zeros(4, 3), torch.zeros(4))
    >>> source(7).inputs.shape
    torch.Size([4, 3])
    """
    _check_pairs(inputs, targets)
    if weights is not None:
        check_weights(weights, targets)
    batch = Batch(inputs, targets, weights)
    return lambda step: batch


def mini_batches(
    inputs: Tensor, targets: Tensor, batch_size: int, *, seed: int = 0
) -> BatchSource:
    """`batch_size` pairs drawn at random (with repetition), new ones at each step.

    >>> source = mini_batches(torch.arange(9), torch.arange(9), 2, seed=1)
    >>> source(5).inputs.equal(source(5).inputs), source(5).inputs.shape
    (True, torch.Size([2]))
    """
    _check_pairs(inputs, targets)
    check_least(1, batch_size=batch_size)

    def batch_at(step: int) -> Batch:
        rows = _drawn(len(targets), batch_size, seed, step).to(targets.device)
        return Batch(inputs[rows], targets[rows])

    return batch_at


def token_batches(
    tokens: Tensor | NDArray[Any], batch_size: int, context_size: int, *, seed: int = 0
) -> BatchSource:
    """Windows of a long text, from random places: (batch_size, context_size) each.

    The targets are the inputs one token later.

    Args:
        tokens: ids (N,) in a tensor, an array or a mapped file (see `TokenFile`).
        batch_size: rows at each step.
        context_size: tokens in a row.
        seed: of the places.

    Raises:
        ValueError: if the text is too short for one window and its last target.

    >>> batch = token_batches(torch.arange(50), 2, 8)(3)
    >>> bool((batch.targets == batch.inputs + 1).all()), batch.inputs.shape
    (True, torch.Size([2, 8]))
    """
    check_least(1, batch_size=batch_size)
    _check_length(tokens, context_size)
    reach = torch.arange(context_size + 1)

    def batch_at(step: int) -> Batch:
        starts = _drawn(len(tokens) - context_size, batch_size, seed, step)
        rows = _rows_of(tokens, starts[:, None] + reach)
        return Batch(rows[:, :-1], rows[:, 1:])

    return batch_at


def token_windows(
    tokens: Tensor | NDArray[Any], context_size: int, most: int | None = None
) -> Batch:
    """A text cut into windows side by side, to measure a loss on: (n, context_size).

    Each token but the first is a target once; a rest shorter than a window is left out.

    Args:
        tokens: as in `token_batches`.
        context_size: tokens in a window.
        most: take only so many windows, spread evenly over the text.

    Raises:
        ValueError: if the text is too short for one window.

    >>> token_windows(torch.arange(10), 3).targets.tolist()
    [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    """
    _check_length(tokens, context_size)
    n_windows = (len(tokens) - 1) // context_size
    if most is not None and most < n_windows:
        starts = torch.arange(most) * n_windows // most * context_size
    else:
        starts = torch.arange(n_windows) * context_size
    rows = _rows_of(tokens, starts[:, None] + torch.arange(context_size + 1))
    return Batch(rows[:, :-1], rows[:, 1:])


def _drawn(n: int, size: int, seed: int, step: int) -> Tensor:
    """Places in 0 .. n-1, new ones at each step: int64 (size,)."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    return torch.randint(n, (size,), generator=generator)


def _check_length(tokens: Tensor | NDArray[Any], context_size: int) -> None:
    check_least(1, context_size=context_size)
    if len(tokens) <= context_size:
        raise ValueError(
            f"the text has {len(tokens):,} tokens: a context of {context_size} needs "
            f"{context_size + 1} or more; give a longer text or a smaller context"
        )


def _rows_of(tokens: Tensor | NDArray[Any], places: Tensor) -> Tensor:
    """The tokens at (B, T) places, as int64."""
    if isinstance(tokens, Tensor):
        return tokens[places.to(tokens.device)].long()
    return torch.from_numpy(tokens[places.numpy()].astype(np.int64))


def _check_pairs(inputs: Tensor, targets: Tensor) -> None:
    if len(targets) == 0:
        raise ValueError("targets are empty: there is nothing to learn from")
    if len(inputs) != len(targets):
        raise ValueError(f"{len(inputs)} inputs need as many targets: {len(targets)}")


def fingerprint(batch: Batch) -> str:
    """sha256 over the bytes of a batch: another data set has another one.

    >>> fingerprint(Batch(torch.zeros(2), torch.zeros(2)))[:8]
    '374708ff'
    """
    digest = hashlib.sha256()
    for tensor in batch:
        if tensor is not None:
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def batch_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Mean cross-entropy in nats of a batch, as a scalar with a gradient.

    Equal to `functional.cross_entropy` of the model's logits, by torch's fused kernel.
    The batch is moved to the model's device if it is elsewhere.

    >>> sure = nn.Embedding.from_pretrained(1000 * torch.eye(3))
    >>> batch_loss(sure, Batch(torch.tensor([0, 2]), torch.tensor([0, 2])))
    tensor(0.)
    """
    device = device_of(model)
    logits = model(batch.inputs.to(device)).flatten(0, -2)  # (B, V) or (B * T, V)
    targets = batch.targets.flatten().to(device)
    if batch.weights is None:
        return F.cross_entropy(logits, targets)
    losses = F.cross_entropy(logits, targets, reduction="none")
    weights = batch.weights.flatten().to(device)
    return (losses * weights).sum() / weights.sum()


@torch.no_grad()
def evaluate_loss(
    model: nn.Module, inputs: Tensor, targets: Tensor, batch_size: int = 8192
) -> float:
    """Mean cross-entropy in nats over all pairs, without learning from them.

    Raises:
        ValueError: if there are no pairs or the numbers differ.

    >>> no_idea = nn.Embedding.from_pretrained(torch.zeros(27, 27))
    >>> round(evaluate_loss(no_idea, torch.arange(27), torch.arange(27)), 4)
    3.2958
    """
    _check_pairs(inputs, targets)
    was_training = model.training
    model.eval()
    total = 0.0
    parts = torch.split(inputs, batch_size), torch.split(targets, batch_size)
    for batch in map(Batch, *parts):
        total += batch_loss(model, batch).item() * batch.targets.numel()
    model.train(was_training)
    return total / targets.numel()
