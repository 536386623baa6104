"""The loop that all preference methods share: a loss at each step, AdamW, records."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from course_lib.device import limited_threads, threads_for

LossAt = Callable[[int], tuple[Tensor, Mapping[str, float]]]
"""The loss of a step, and what else is worth knowing."""


@dataclass(frozen=True)
class Progress:
    """What is known after `step` updates, before the next one."""

    step: int
    loss: float
    measures: Mapping[str, float] = field(default_factory=dict)


def minimise(
    model: nn.Module,
    loss_at: LossAt,
    *,
    steps: int,
    learning_rate: float,
    warmup_steps: int = 10,
    decay: bool = True,
    grad_clip: float = 1.0,
) -> Iterator[Progress]:
    """Minimise `loss_at` by AdamW without weight decay; yield before each update.

    The model is in evaluation mode all the time: what is compared with a frozen
    reference must not have dropout (else DPO does not start at ln 2).

    Raises:
        ValueError: for steps or a learning rate that cannot serve.
        FloatingPointError: if the loss is no longer a number.

    >>> model = nn.Linear(1, 1)
    >>> square = lambda step: ((model.weight**2).sum(), {})
    >>> records = list(minimise(model, square, steps=3, learning_rate=0.1))
    >>> [record.step for record in records]
    [0, 1, 2]
    """
    if steps < 1 or not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ValueError(
            f"{steps} steps at learning rate {learning_rate}: use 1 or "
            "more steps and a rate above 0"
        )
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        weights, lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.0
    )
    n_threads = threads_for(sum(p.numel() for p in weights))
    model.eval()
    for step in range(steps):
        with limited_threads(n_threads):
            rise = min(1.0, (step + 1) / max(1, warmup_steps))
            fall = 1 - step / steps if decay else 1.0
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * rise * fall
            loss, measures = loss_at(step)
            if not math.isfinite(loss.item()):
                raise FloatingPointError(
                    f"the loss is {loss.item()} at step {step}: lower learning_rate"
                )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(weights, grad_clip)
        yield Progress(step, loss.item(), measures)
        optimizer.step()
