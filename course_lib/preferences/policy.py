"""Policy gradients: sample, score, make what was better than usual more probable.

No gradient flows through sampled text. What carries it is log p of the tokens that were
drawn (the score function), weighted by how good the answer was, its advantage.

Shape letters: `B` rows, `T` time, `V` vocabulary, `G` answers to one prompt.
"""

import random
import reprlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from course_lib.choices import check_least, check_settings
from course_lib.device import device_of
from course_lib.preferences.dpo import check_reference
from course_lib.preferences.sequences import (
    MaskOf,
    Sampler,
    all_of_it,
    recipe,
    rows_of,
    scored,
)
from course_lib.train import Record, train

Method = Literal["grpo", "reinforce"]
Reward = Callable[[Sequence[Sequence[int]], Sequence[Sequence[int]]], Sequence[float]]
"""Prompts and answers to one number for each answer."""


def kl_per_token(policy_log_probs: Tensor, reference_log_probs: Tensor) -> Tensor:
    """KL(policy || reference) in nats at each position, exactly: (..., V) -> (...).

    Summed over the whole vocabulary, not estimated from the token that was drawn.

    >>> p = torch.tensor([0.5, 0.5]).log()
    >>> kl_per_token(p, torch.tensor([0.25, 0.75]).log())
    tensor(0.1438)
    """
    return (policy_log_probs.exp() * (policy_log_probs - reference_log_probs)).sum(-1)


def group_advantages(rewards: Tensor, *, scale: bool = True) -> Tensor:
    """How much better each answer is than the others to its prompt: (B, G) -> (B, G).

    The mean of the group is the baseline; with `scale` the spread is 1.

    Source: Shao et al. 2024 (DeepSeekMath), section 4.1.

    >>> group_advantages(torch.tensor([[1.0, 3.0]]), scale=False)
    tensor([[-1.,  1.]])
    """
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    if not scale:
        return centred
    spread = rewards.std(dim=1, keepdim=True, correction=0)
    return centred / (spread + 1e-4)


def advantages_of(rewards: Tensor, method: Method = "grpo") -> Tensor:
    """How much better than usual each answer is: (B, G) -> (B, G).

    "grpo": than the other answers to its prompt, in units of their spread.
    "reinforce": than the mean over all prompts, as it is (Williams 1992).

    >>> rewards = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    >>> advantages_of(rewards, "reinforce").tolist()
    [[0.25, 0.25], [0.25, -0.75]]
    >>> advantages_of(rewards).round(decimals=1).tolist()
    [[0.0, 0.0], [1.0, -1.0]]
    """
    if method == "reinforce":
        return rewards - rewards.mean()
    return group_advantages(rewards)


def surrogate(
    log_p: Tensor, old_log_p: Tensor, advantages: Tensor, clip: float | None = None
) -> Tensor:
    """What each token contributes to the reward that is expected: (B, T) -> (B, T).

    `advantages` is (B,). As long as the policy has not moved (the ratio is 1) the
    gradient is REINFORCE's, advantage times the gradient of log p. With `clip` a token
    stops counting once it has moved by that share in the good direction: PPO.

    Source: Williams 1992; Schulman et al. 2017 (PPO), eq. 7.

    >>> log_p = torch.tensor([[0.5]])
    >>> surrogate(log_p, torch.zeros(1, 1), torch.ones(1), clip=0.2)
    tensor([[1.2000]])
    """
    ratio = (log_p - old_log_p).exp()
    gain = ratio * advantages[:, None]
    if clip is None:
        return gain
    kept = ratio.clamp(1 - clip, 1 + clip) * advantages[:, None]
    return torch.minimum(gain, kept)


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """How to train by policy gradients; the defaults fit the chat model."""

    method: Method = "grpo"
    """What an answer is compared with, see `advantages_of`."""
    steps: int = 40
    """Updates."""
    prompts_per_step: int = 8
    """Different prompts at each sampling."""
    samples_per_prompt: int = 8
    """G, the answers drawn for each."""
    learning_rate: float = 3e-4
    """AdamW's, after a short warm-up."""
    beta: float = 0.1
    """Weight of the KL to the reference, in reward per nat; 0 lets the policy go."""
    seed: int = 0
    """Of prompts and samples."""

    def __post_init__(self) -> None:
        check_settings(self, may_be_0=("seed",))
        check_least(2, samples_per_prompt=self.samples_per_prompt)
        check_least(0, beta=self.beta)


def train_policy(
    policy: nn.Module,
    reference: nn.Module,
    prompts: Sequence[Sequence[int]],
    reward: Reward,
    sampler: Sampler,
    config: PolicyConfig,
    mask_of: MaskOf = all_of_it,
) -> Iterator[Record]:
    """Raise the reward, on a leash to the reference.

    Each update uses fresh samples; how good one is, the others to its prompt tell
    (GRPO), or all of the step (REINFORCE). Records measure `reward` (mean of the
    samples) and `kl` (nats per answer, exact at the positions that were visited).

    Args:
        policy: is trained; begins as a copy of the reference.
        reference: must be frozen and in evaluation mode, see `frozen_copy`.
        prompts: to answer, as token ids.
        reward: scores answers.
        sampler: draws answers, end marks included.
        config: how.
        mask_of: which tokens of an answer are the model's own; all if not given.

    Raises:
        ValueError: if there are no prompts, or the reference could change; on the way,
            if the reward is not one finite number for each answer.

    >>> from functools import partial
    >>> from course_lib.preferences import frozen_copy, sample_sequences
    >>> policy = nn.Embedding(5, 5)
    >>> records = train_policy(
    ...     policy,
    ...     frozen_copy(policy),
    ...     [[0]],
    ...     lambda prompts, answers: [float(len(answer)) for answer in answers],
    ...     partial(sample_sequences, end=1, max_new_tokens=4),
    ...     PolicyConfig(steps=2),
    ... )
    >>> [record.step for record in records]
    [0, 1, 2]
    """
    if not prompts:
        raise ValueError("there are no prompts to answer")
    check_reference(policy, reference)
    device = device_of(policy)

    def batch_at(step: int) -> _Drawn:
        """Draw answers and say how much better than usual each is."""
        policy.eval()
        dice = random.Random(f"policy {config.seed}, step {step}")
        chosen = dice.choices(prompts, k=config.prompts_per_step)
        asked = [prompt for prompt in chosen for _ in range(config.samples_per_prompt)]
        answers = sampler(policy, asked, dice.randrange(2**31))
        rewards = _one_each(reward(asked, answers), len(answers))
        better = advantages_of(rewards.view(len(chosen), -1), config.method)  # (B, G)
        return _Drawn(asked, answers, better.flatten(), rewards.mean().item())

    def loss(policy: nn.Module, drawn: _Drawn) -> tuple[Tensor, dict[str, float]]:
        policy.eval()
        rows = rows_of(drawn.prompts, drawn.answers, device, mask_of)
        now = scored(policy, rows)
        with torch.no_grad():
            usual = scored(reference, rows)
        gain = surrogate(now.picked, now.picked.detach(), drawn.advantages.to(device))
        kl = kl_per_token(now.log_probs, usual.log_probs)
        mask = now.loss_mask
        value = ((config.beta * kl - gain) * mask).sum() / mask.sum()
        nats = (kl.detach() * mask).sum().item() / len(mask)
        return value, {"reward": drawn.reward, "kl": nats}

    how = recipe(config.steps, config.learning_rate, warmup_steps=5, falls=False)
    return train(policy, batch_at, how, loss=loss)


class _Drawn(NamedTuple):
    prompts: list[Sequence[int]]
    answers: list[list[int]]
    advantages: Tensor  # (B,)
    reward: float


def _one_each(rewards: Sequence[float], n_answers: int) -> Tensor:
    """The rewards as a tensor (B,), one finite number for each answer."""
    found = torch.tensor(list(rewards), dtype=torch.float32)
    if found.shape != (n_answers,) or not found.isfinite().all():
        raise ValueError(
            f"the rewards of {n_answers} answers are {reprlib.repr(found.tolist())}: "
            "give one finite number for each"
        )
    return found
