"""A reward model: one number for an answer, learned from comparisons.

Shape letters: `B` rows, `T` time, `C` width.
"""

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.choices import check_choice
from course_lib.preferences.sequences import Pair, Rows, pair_rows, recipe, rows_of
from course_lib.train import Record, train

Pool = Literal["last", "mean"]


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """-log sigmoid(r(chosen) - r(rejected)), the mean over pairs: (B,), (B,) -> ().

    Only differences count; two equal rewards cost ln 2.

    Source: Bradley and Terry 1952; Ouyang et al. 2022 (InstructGPT), eq. 1.

    >>> bradley_terry_loss(torch.zeros(3), torch.zeros(3))
    tensor(0.6931)
    """
    return -F.logsigmoid(chosen - rejected).mean()


class RewardModel(nn.Module):
    """A language model's body with one number as its output.

    Calling it with `Rows` gives rewards (B,).

    Args:
        backbone: a `GPT` or `NameSequences`; it is copied.
        emb_dim: C, the width of its features.
        pool: read the features at the answer's "last" token, or their "mean" over the
            answer (for a model that sees a few letters only).

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> RewardModel(body, 16)(rows_of([[1], [1]], [[2, 3], [4]]))
    tensor([0., 0.], grad_fn=<SelectBackward0>)
    """

    def __init__(
        self,
        backbone: nn.Module,
        emb_dim: int,
        *,
        pool: Pool = "last",
    ) -> None:
        super().__init__()
        check_choice("pool", pool, Pool)
        self.backbone, self.pool = deepcopy(backbone), pool
        self.head = nn.Linear(emb_dim, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, rows: Rows) -> Tensor:
        """Rewards (B,) of the answers in the rows."""
        features = self.backbone(rows.tokens, features=True)  # (B, T, C)
        if self.pool == "last":
            places = torch.arange(rows.tokens.shape[1], device=features.device)
            last = (places * rows.loss_mask).argmax(dim=1)
            pooled = features[torch.arange(len(last), device=last.device), last]
        else:
            marks = rows.loss_mask[..., None]
            pooled = (features * marks).sum(1) / marks.sum(1)
        rewards: Tensor = self.head(pooled)[:, 0]
        return rewards


@torch.inference_mode()
def rewards_of(
    model: RewardModel,
    prompts: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
) -> list[float]:
    """The reward of each answer.

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> rewards_of(RewardModel(body, 16), [[1]], [[2, 3]])
    [0.0]
    """
    device = model.head.weight.device
    rewards: list[float] = model(rows_of(prompts, answers, device)).tolist()
    return rewards


@dataclass(frozen=True, kw_only=True)
class RewardConfig:
    """How to train a reward model; the defaults fit the chat model."""

    steps: int = 150
    """Updates."""
    batch_size: int = 32
    """Pairs at each."""
    learning_rate: float = 5e-4
    """AdamW's largest one."""
    seed: int = 0
    """Of the order of pairs."""


def train_reward(
    model: RewardModel, pairs: Sequence[Pair], config: RewardConfig
) -> Iterator[Record]:
    """Teach the reward model which answers were preferred.

    Records measure, as `right`, the share of pairs in the right order.

    Raises:
        ValueError: if there are no pairs.

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> pairs, config = [Pair([1], [2], [3])], RewardConfig(steps=2)
    >>> first, *_ = train_reward(RewardModel(body, 16), pairs, config)
    >>> round(first.loss_nats, 4)  # ln 2
    0.6931
    """
    if not pairs:
        raise ValueError("there are no pairs to learn from")
    device = model.head.weight.device

    def batch_at(step: int) -> Rows:
        dice = random.Random(f"reward {config.seed}, step {step}")
        return pair_rows(dice.choices(pairs, k=config.batch_size), device)

    def loss(model: nn.Module, rows: Rows) -> tuple[Tensor, dict[str, float]]:
        model.eval()
        chosen, rejected = model(rows).chunk(2)
        right = (chosen > rejected).float().mean().item()
        return bradley_terry_loss(chosen, rejected), {"right": right}

    how = recipe(config.steps, config.learning_rate)
    return train(model, batch_at, how, loss=loss)


@torch.inference_mode()
def reward_accuracy(model: RewardModel, pairs: Sequence[Pair]) -> float:
    """The share of pairs whose chosen answer has the larger reward.

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> reward_accuracy(RewardModel(body, 16), [Pair([1], [2], [3])])  # no order yet
    0.0
    """
    prompts = [pair.prompt for pair in pairs]
    chosen = rewards_of(model, prompts, [pair.chosen for pair in pairs])
    rejected = rewards_of(model, prompts, [pair.rejected for pair in pairs])
    return sum(a > b for a, b in zip(chosen, rejected, strict=True)) / len(pairs)
