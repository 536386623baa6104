"""Direct preference optimisation: preferences without a reward model or sampling."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.choices import check_above_0
from course_lib.device import device_of
from course_lib.preferences.sequences import (
    MaskOf,
    Pair,
    Rows,
    all_of_it,
    pair_rows,
    recipe,
    scored,
)
from course_lib.train import Record, train


def dpo_loss(
    chosen: Tensor,
    rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float,
) -> tuple[Tensor, Tensor]:
    """The DPO loss (), and the margin of each pair (B,).

    Takes log p(answer | prompt), (B,) each, by the policy and by the frozen reference.
    The margin is how much more the policy has raised the chosen answer than the
    rejected one, in nats; the loss is -log sigmoid(beta * margin), exactly ln 2 as long
    as the policy is its reference.

    Source: Rafailov et al. 2023, eq. 7.

    >>> same = torch.tensor([-3.0, -5.0])
    >>> dpo_loss(same, same - 1, same, same - 1, beta=0.1)
    (tensor(0.6931), tensor([0., 0.]))
    """
    margins = (chosen - reference_chosen) - (rejected - reference_rejected)
    return -F.logsigmoid(beta * margins).mean(), margins


@dataclass(frozen=True, kw_only=True)
class DPOConfig:
    """How to train by DPO; Tiny World has settings of its own (`stages.PREFERENCE`)."""

    steps: int = 50
    """Updates."""
    batch_size: int = 16
    """Pairs at each."""
    learning_rate: float = 1e-4
    """AdamW's largest one."""
    beta: float = 0.1
    """The leash: larger stays closer to the reference."""
    seed: int = 0
    """Of the order of pairs."""

    def __post_init__(self) -> None:
        check_above_0(beta=self.beta)


def train_dpo(
    policy: nn.Module,
    reference: nn.Module,
    pairs: Sequence[Pair],
    config: DPOConfig,
    mask_of: MaskOf = all_of_it,
) -> Iterator[Record]:
    """Raise preferred answers above rejected ones, against a frozen reference.

    Records measure `margin` (mean, in nats) and `right` (the share of pairs with a
    positive margin).

    Args:
        policy: is trained; begins as a copy of the reference.
        reference: must be frozen and in evaluation mode, see `frozen_copy`.
        pairs: prompts with two answers, end marks included.
        config: how.
        mask_of: which tokens of an answer are the model's own; all if not given.

    Raises:
        ValueError: if there are no pairs, or the reference could change or drop out.

    >>> from course_lib.preferences import frozen_copy
    >>> policy = nn.Embedding(5, 5)
    >>> pairs, config = [Pair([0], [1], [2])], DPOConfig(steps=2)
    >>> first, *_ = train_dpo(policy, frozen_copy(policy), pairs, config)
    >>> round(first.loss_nats, 4)  # ln 2
    0.6931
    """
    if not pairs:
        raise ValueError("there are no pairs to learn from")
    check_reference(policy, reference)
    device = device_of(policy)

    def batch_at(step: int) -> Rows:
        dice = random.Random(f"dpo {config.seed}, step {step}")
        batch = dice.choices(pairs, k=config.batch_size)
        return pair_rows(batch, device, mask_of)

    def loss(policy: nn.Module, rows: Rows) -> tuple[Tensor, dict[str, float]]:
        policy.eval()  # with dropout it would not begin at ln 2
        chosen, rejected = scored(policy, rows).total.chunk(2)
        with torch.no_grad():
            old_chosen, old_rejected = scored(reference, rows).total.chunk(2)
        value, margins = dpo_loss(
            chosen, rejected, old_chosen, old_rejected, config.beta
        )
        margins = margins.detach()
        return value, {
            "margin": margins.mean().item(),
            "right": (margins > 0).float().mean().item(),
        }

    how = recipe(config.steps, config.learning_rate)
    return train(policy, batch_at, how, loss=loss)


def check_reference(policy: nn.Module, reference: nn.Module) -> None:
    """Raise ValueError if the reference is the policy, learns, or has dropout on.

    >>> model = nn.Embedding(5, 5)
    >>> check_reference(model, model)
    Traceback (most recent call last):
    ...
    ValueError: the reference is the policy itself: use frozen_copy(policy)
    """
    if reference is policy:
        raise ValueError("the reference is the policy itself: use frozen_copy(policy)")
    awake = any(part.training for part in reference.modules())
    if awake or any(p.requires_grad for p in reference.parameters()):
        raise ValueError(
            "the reference is in training mode or learns: use frozen_copy(policy)"
        )
