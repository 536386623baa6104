"""Loss and gradient of one batch: whole or in parts, in bfloat16, compiled, recomputed.

Shape letters: `B` rows of a batch.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from course_lib.batches import Batch, batch_loss
from course_lib.device import device_of
from course_lib.train.config import TrainConfig


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

    >>> model = nn.Linear(2, 3)
    >>> batch = Batch(torch.eye(2), torch.tensor([0, 2]))
    >>> loss = Gradients(model, TrainConfig(accumulate=2))(batch)
    >>> abs(loss - batch_loss(model, batch).item()) < 1e-6, model.bias.grad.shape
    (True, torch.Size([3]))
    """

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        self.model, self.config = model, config
        blocks = getattr(unwrapped(model), "blocks", None)
        if config.recompute and not isinstance(blocks, nn.ModuleList):
            raise ValueError("this model has no blocks: leave recompute off")
        self._blocks = list(blocks) if config.recompute and blocks else []
        # The same objects at every step, so that a compiled step stays valid.
        self._recomputed = [
            partial(checkpoint, block.forward, use_reentrant=False)
            for block in self._blocks
        ]
        pays = blocks is not None and device_of(model).type == "cuda"
        compiled = pays if config.compile is None else config.compile
        self._loss: Callable[[nn.Module, Batch], Tensor] = (
            torch.compile(batch_loss) if compiled else batch_loss
        )

    def __call__(self, batch: Batch, *, learn: bool = True) -> float:
        """The mean loss of a batch in nats and, if `learn`, its gradient.

        Raises:
            MemoryError: saying how many rows fit, if the batch does not.
        """
        parts = _in_parts(batch, self.config.accumulate)
        self.model.zero_grad()
        try:
            losses = [
                self._part(part, share, learn, last=i == len(parts) - 1)
                for i, (part, share) in enumerate(parts)
            ]
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            said = str(error).partition("\n")[0]
        else:
            shares = [share for _, share in parts]
            pairs = zip(losses, shares, strict=True)
            return sum(loss.item() * share for loss, share in pairs)
        # Out of the except block, so that what failed is freed.
        raise MemoryError(self._advice(parts[0][0], said))

    def _part(self, part: Batch, share: float, learn: bool, *, last: bool) -> Tensor:
        """Loss of one part; its gradient is added, weighted by the part's share."""
        with self._exchanged(last), self._forgetting(learn):
            with precision_of(self.model, self.config):
                loss = self._loss(self.model, part)
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

    @contextmanager
    def _forgetting(self, learn: bool) -> Iterator[None]:
        """Blocks keep only what enters them, while a gradient is asked for."""
        pairs = list(zip(self._blocks, self._recomputed, strict=True)) if learn else []
        for block, recomputed in pairs:
            block.forward = recomputed
        try:
            yield
        finally:
            for block, _ in pairs:
                del block.forward  # the class's own method shows again

    def _advice(self, part: Batch, said: str) -> str:
        rows, device = len(part.targets), device_of(self.model)
        self.model.zero_grad()
        fit = self._rows_that_fit(part)
        text = f"{rows} rows of {tuple(part.inputs.shape[1:])} at once do not fit in "
        text += f"the memory of {device} ({said}): "
        if fit:
            more = math.ceil(rows / fit) * self.config.accumulate
            return f"{text}{fit} do, so set accumulate={more} (the same gradient)"
        return (
            f"{text}not even 1 does: set recompute=True, or take a smaller model "
            "or context"
        )

    def _rows_that_fit(self, part: Batch) -> int:
        """Halve the rows until they fit; with other processes waiting only guess."""
        rows = len(part.targets) // 2
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            return rows
        while rows:
            if device_of(self.model).type == "cuda":
                torch.cuda.empty_cache()
            try:
                self._part(_rows(part, slice(rows)), 1.0, learn=True, last=True)
            except RuntimeError as error:
                if not _out_of_memory(error):
                    raise
                rows //= 2
            else:
                break
            finally:
                self.model.zero_grad()
        return rows


def _out_of_memory(error: RuntimeError) -> bool:
    cpu = ("can't allocate memory", "not enough memory")  # torch's words on a CPU
    return isinstance(error, torch.OutOfMemoryError) or any(
        words in str(error) for words in cpu
    )


def _rows(batch: Batch, rows: slice) -> Batch:
    weights = None if batch.weights is None else batch.weights[rows]
    return Batch(batch.inputs[rows], batch.targets[rows], weights)


def _in_parts(batch: Batch, n_parts: int) -> list[tuple[Batch, float]]:
    """Up to `n_parts` parts of the rows, each with its share of the mean."""
    n_rows = len(batch.targets)
    if n_parts == 1 or n_rows == 1:
        return [(batch, 1.0)]
    size = math.ceil(n_rows / n_parts)
    parts = [_rows(batch, slice(i, i + size)) for i in range(0, n_rows, size)]
    counts = [
        float(p.targets.numel() if p.weights is None else p.weights.sum())
        for p in parts
    ]
    return [
        (part, count / sum(counts)) for part, count in zip(parts, counts, strict=True)
    ]
