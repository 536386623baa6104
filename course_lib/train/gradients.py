"""Loss and gradient of one batch: whole or in parts, in bfloat16, compiled, recomputed.

Shape letters: `B` rows of a batch.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.batches import Batch, batch_loss
from course_lib.device import device_of
from course_lib.train.config import TrainConfig

Loss = Callable[[nn.Module, Any], Tensor | tuple[Tensor, Mapping[str, float]]]
"""Model and batch to a scalar loss; or to that, and measures by name."""


def unwrapped(model: nn.Module) -> nn.Module:
    """The model inside DistributedDataParallel or torch.compile; else the model.

    >>> model = nn.Linear(1, 1)
    >>> unwrapped(model) is model
    True
    """
    for name in ("module", "_orig_mod"):
        inner = getattr(model, name, None)
        if isinstance(inner, nn.Module) and list(model.children()) == [inner]:
            return unwrapped(inner)
    return model


def precision_of(
    model: nn.Module, config: TrainConfig
) -> AbstractContextManager[object]:
    """The block in which matrix products have the precision of `config`.

    >>> model = nn.Linear(2, 2)
    >>> with precision_of(model, TrainConfig(precision="bfloat16")):
    ...     model(torch.ones(2)).dtype
    torch.bfloat16
    """
    if config.precision == "float32":
        return nullcontext()
    return torch.autocast(device_of(model).type, dtype=torch.bfloat16)


class Gradients:
    """Computes losses and leaves their gradients in the weights' `.grad`.

    Args:
        model: maps `Batch.inputs` to logits (..., V).
        config: says in how many parts, how exactly and how compiled.
        loss: see `train`.

    >>> model = nn.Linear(2, 3)
    >>> batch = Batch(torch.eye(2), torch.tensor([0, 2]))
    >>> loss = Gradients(model, TrainConfig(accumulate=2))(batch)
    >>> abs(loss - batch_loss(model, batch).item()) < 1e-6, model.bias.grad.shape
    (True, torch.Size([3]))
    """

    def __init__(
        self, model: nn.Module, config: TrainConfig, loss: Loss = batch_loss
    ) -> None:
        self.model, self.config = model, config
        self.measures: Mapping[str, float] = {}
        """What the loss found out besides, at the last batch."""
        self._recomputing: AbstractContextManager[object] = nullcontext()
        if config.recompute:
            from course_lib.engine.memory import Recomputing

            self._recomputing = Recomputing(unwrapped(model))
        has_blocks = hasattr(unwrapped(model), "blocks")
        pays = has_blocks and device_of(model).type == "cuda"
        compiled = pays if config.compile is None else config.compile
        self._loss: Loss = torch.compile(loss) if compiled else loss

    def __call__(self, batch: Any, *, learn: bool = True) -> float:
        """The mean loss of a batch in nats and, if `learn`, its gradient.

        Raises:
            MemoryError: saying how many rows fit, if the batch does not.
        """
        parts = _in_parts(batch, self.config.accumulate)
        self.model.zero_grad()
        try:
            losses = [
                self.part(part, share, learn, last=i == len(parts) - 1)
                for i, (part, share) in enumerate(parts)
            ]
        except RuntimeError as error:
            from course_lib.engine.memory import advice, is_shortage

            if not is_shortage(error):
                raise
            said = str(error).partition("\n")[0]
        else:
            shares = [share for _, share in parts]
            pairs = zip(losses, shares, strict=True)
            return sum(loss.item() * share for loss, share in pairs)
        # Out of the except block, so that what failed is freed.
        raise MemoryError(advice(self, parts[0][0], said))

    def part(self, part: Any, share: float, learn: bool, *, last: bool) -> Tensor:
        """Loss of one part; its gradient is added, weighted by the part's share."""
        recomputing = self._recomputing if learn else nullcontext()
        with self._exchanged(last), recomputing:
            with precision_of(self.model, self.config):
                found = self._loss(self.model, part)
                loss, self.measures = found if isinstance(found, tuple) else (found, {})
            if learn:
                (loss if share == 1 else loss * share).backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _exchanged(self, last: bool) -> AbstractContextManager[object]:
        """Many devices need to exchange gradients only once, in the last part."""
        model: Any = self.model
        if hasattr(model, "set_requires_gradient_sync"):  # FSDP2
            model.set_requires_gradient_sync(last)
        elif not last and hasattr(model, "no_sync"):  # DistributedDataParallel
            context: AbstractContextManager[object] = model.no_sync()
            return context
        return nullcontext()


def some_rows(batch: Batch, rows: slice) -> Batch:
    """Some rows of a batch.

    >>> some_rows(Batch(torch.eye(3), torch.tensor([0, 1, 2])), slice(1)).targets
    tensor([0])
    """
    weights = None if batch.weights is None else batch.weights[rows]
    return Batch(batch.inputs[rows], batch.targets[rows], weights)


def n_targets(batch: Any) -> int:
    """How many predictions are learned from; 0 for a batch of another kind.

    >>> n_targets(Batch(torch.eye(3), torch.tensor([0, 1, 2])))
    3
    """
    return batch.targets.numel() if isinstance(batch, Batch) else 0


def _in_parts(batch: Any, n_parts: int) -> list[tuple[Any, float]]:
    """Up to `n_parts` parts of the rows, each with its share of the mean."""
    if n_parts == 1 or len(batch.targets) == 1:
        return [(batch, 1.0)]
    n_rows = len(batch.targets)
    size = math.ceil(n_rows / n_parts)
    parts = [some_rows(batch, slice(i, i + size)) for i in range(0, n_rows, size)]
    counts = [
        float(p.targets.numel() if p.weights is None else p.weights.sum())
        for p in parts
    ]
    return [
        (part, count / sum(counts)) for part, count in zip(parts, counts, strict=True)
    ]
