"""A reward model: one number for an answer, learned from comparisons.

Shape letters: `B` rows, `T` time, `C` width.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.checkpoint import load_checkpoint, load_weights, save_checkpoint
from course_lib.preferences.descent import Progress, minimise
from course_lib.preferences.pairs import Pair
from course_lib.preferences.sequences import Rows, Written, all_of_it, rows_of
from course_lib.tokenizer import Tokenizer, to_facts


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
        tokenizer: what its tokens mean; kept, so that no other one is used with it.

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
        pool: Literal["last", "mean"] = "last",
        tokenizer: Tokenizer | None = None,
    ) -> None:
        super().__init__()
        if pool not in ("last", "mean"):
            raise ValueError(f"pool is {pool!r}: use 'last' or 'mean'")
        self.backbone, self.pool = deepcopy(backbone), pool
        self.head = nn.Linear(emb_dim, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.tokenizer: Mapping[str, Any] | None = (
            None if tokenizer is None else to_facts(tokenizer)
        )

    def forward(self, rows: Rows) -> Tensor:
        """Rewards (B,) of the answers in the rows."""
        features = self.backbone(rows.tokens, features=True)  # (B, T, C)
        if self.pool == "last":
            places = torch.arange(rows.tokens.shape[1], device=features.device)
            last = (places * rows.answered).argmax(dim=1)
            pooled = features[torch.arange(len(last), device=last.device), last]
        else:
            marks = rows.answered[..., None]
            pooled = (features * marks).sum(1) / marks.sum(1)
        rewards: Tensor = self.head(pooled)[:, 0]
        return rewards

    def check_tokenizer(self, tokenizer: Tokenizer) -> None:
        """Raise ValueError if this model learned from another tokenizer's tokens."""
        if self.tokenizer is not None and self.tokenizer != to_facts(tokenizer):
            raise ValueError(
                "the reward model learned from another tokenizer: the same ids would "
                "mean other words; train a reward model for this one"
            )


def save_reward(path: Path, model: RewardModel) -> None:
    """Write a reward model with the tokenizer that it learned from, in one piece.

    Raises:
        OSError: if the file cannot be written.

    >>> import tempfile
    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_reward(Path(folder, "r.safetensors"), RewardModel(body, 16))
    ...     Path(folder, "r.safetensors").exists()
    True
    """
    tensors = {f"model.{name}": w for name, w in model.state_dict().items()}
    facts = {"pool": model.pool, "tokenizer": model.tokenizer}
    save_checkpoint(path, tensors, {"reward_model": facts})


def load_reward(
    path: Path, backbone: nn.Module, tokenizer: Tokenizer | None = None
) -> RewardModel:
    """Read what `save_reward` has written.

    Args:
        path: of the file.
        backbone: a model of the sizes that were stored; its weights are not used.
        tokenizer: makes the tokens that will be scored; None for names, whose letters
            need none.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged or holds no reward model, the sizes differ, or the
            reward model learned from another tokenizer, or none is given for one that
            has learned from one.

    >>> import tempfile
    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_reward(Path(folder, "r"), RewardModel(body, 16, pool="mean"))
    ...     load_reward(Path(folder, "r"), body).pool
    'mean'
    """
    checkpoint = load_checkpoint(path)
    facts, head = checkpoint.facts.get("reward_model"), "model.head.weight"
    if facts is None or head not in checkpoint.tensors:
        raise ValueError(f"{path} holds no reward model: save_reward makes one")
    model = RewardModel(backbone, checkpoint.tensors[head].shape[1], pool=facts["pool"])
    model.tokenizer = facts["tokenizer"]
    if tokenizer is not None:
        model.check_tokenizer(tokenizer)
    elif model.tokenizer is not None:
        raise ValueError(f"{path} learned from a tokenizer's tokens: give yours, too")
    load_weights(model, checkpoint)
    return model.eval()


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
) -> Iterator[Progress]:
    """Teach the reward model which answers were preferred.

    Records hold the loss and, as `right`, the share of pairs in the right order.

    Raises:
        ValueError: if there are no pairs.

    >>> from course_lib.gpt import GPT, GPTConfig
    >>> body = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> pairs, config = [Pair([1], [2], [3])], RewardConfig(steps=2)
    >>> first, *_ = train_reward(RewardModel(body, 16), pairs, config)
    >>> round(first.loss, 4)  # ln 2
    0.6931
    """
    if not pairs:
        raise ValueError("there are no pairs to learn from")
    device = model.head.weight.device

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        dice = random.Random(f"reward {config.seed}, step {step}")
        batch = dice.choices(pairs, k=config.batch_size)
        rows = pair_rows(batch, device)
        chosen, rejected = model(rows).chunk(2)
        right = (chosen > rejected).float().mean().item()
        return bradley_terry_loss(chosen, rejected), {"right": right}

    return minimise(
        model, loss_at, steps=config.steps, learning_rate=config.learning_rate
    )


def pair_rows(
    pairs: Sequence[Pair],
    device: torch.device | None = None,
    written: Written = all_of_it,
) -> Rows:
    """The chosen answers of all pairs, then the rejected ones, as rows (2 B, T).

    >>> pair_rows([Pair([1], [2], [3])]).tokens.tolist()
    [[1, 2], [1, 3]]
    """
    prompts = [pair.prompt for pair in pairs] * 2
    answers = [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]
    return rows_of(prompts, answers, device, written)


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
