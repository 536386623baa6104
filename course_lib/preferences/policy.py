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

from course_lib.device import device_of
from course_lib.preferences.descent import Progress, minimise
from course_lib.preferences.dpo import check_reference
from course_lib.preferences.sequences import (
    Rows,
    Sampler,
    Scored,
    Written,
    all_of_it,
    rows_of,
    scored,
)

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
    baseline: Literal["group", "average"] = "group"
    """"group": the other answers to the prompt (GRPO); "average": a running mean of
    all rewards (REINFORCE)."""
    scale_rewards: bool = True
    """Divide by the spread of the group."""
    clip: float | None = None
    """PPO's clipping range, such as 0.2; it matters from the second update on."""
    updates_per_sample: int = 1
    """Updates on the same samples; more than one needs `clip`."""
    seed: int = 0
    """Of prompts and samples."""

    def __post_init__(self) -> None:
        for name in ("steps", "prompts_per_step", "updates_per_sample"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: use 1 or more")
        if self.baseline not in ("group", "average"):
            raise ValueError(f"baseline is {self.baseline!r}: use 'group' or 'average'")
        least = 2 if self.baseline == "group" else 1
        if self.samples_per_prompt < least:
            raise ValueError(
                f"samples_per_prompt is {self.samples_per_prompt}: use {least} or more"
            )
        if self.beta < 0:
            raise ValueError(f"beta is {self.beta}: use 0 or more")
        if self.clip is not None and not 0 < self.clip < 1:
            raise ValueError(f"clip is {self.clip}: use one between 0 and 1, or None")
        if self.updates_per_sample > 1 and self.clip is None:
            raise ValueError(
                "several updates on the same samples need clip, such as 0.2"
            )


@dataclass
class _Samples:
    rows: Rows
    advantages: Tensor  # (B,)
    old_log_p: Tensor  # (B, T - 1)
    reference: Scored
    reward: float


def train_policy(
    policy: nn.Module,
    reference: nn.Module,
    prompts: Sequence[Sequence[int]],
    reward: Reward,
    sampler: Sampler,
    config: PolicyConfig,
    written: Written = all_of_it,
) -> Iterator[Progress]:
    """Raise the reward, on a leash to the reference.

    Records hold `reward` (mean of the samples) and `kl` (nats per answer, exact at the
    positions that were visited).

    Args:
        policy: is trained; begins as a copy of the reference.
        reference: must be frozen and in evaluation mode, see `frozen_copy`.
        prompts: to answer, as token ids.
        reward: scores answers.
        sampler: draws answers, end marks included.
        config: how.
        written: which tokens of an answer are the model's own; all if not given.

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
    [0, 1]
    """
    if not prompts:
        raise ValueError("there are no prompts to answer")
    check_reference(policy, reference)
    draw = _drawing(policy, prompts, reward, sampler, config)
    samples: _Samples | None = None

    def loss_at(step: int) -> tuple[Tensor, dict[str, float]]:
        nonlocal samples
        if samples is None or step % config.updates_per_sample == 0:
            samples = _looked_at(draw(step), policy, reference, written)
        now = scored(policy, samples.rows)
        gain = surrogate(now.picked, samples.old_log_p, samples.advantages, config.clip)
        kl = kl_per_token(now.log_probs, samples.reference.log_probs)
        mask = now.answered
        loss = ((config.beta * kl - gain) * mask).sum() / mask.sum()
        nats = (kl.detach() * mask).sum().item() / len(mask)
        return loss, {"reward": samples.reward, "kl": nats}

    return minimise(
        policy,
        loss_at,
        steps=config.steps,
        learning_rate=config.learning_rate,
        warmup_steps=5,
        decay=False,
    )


class _Drawn(NamedTuple):
    prompts: list[Sequence[int]]
    answers: list[list[int]]
    advantages: Tensor  # (B,)
    reward: float


def _drawing(
    policy: nn.Module,
    prompts: Sequence[Sequence[int]],
    reward: Reward,
    sampler: Sampler,
    config: PolicyConfig,
) -> Callable[[int], _Drawn]:
    """Draws answers at a step and says how much better than usual they are."""
    G = config.samples_per_prompt
    usual: float | None = None  # the running mean of rewards

    def draw(step: int) -> _Drawn:
        nonlocal usual
        dice = random.Random(f"policy {config.seed}, step {step}")
        chosen = dice.choices(prompts, k=config.prompts_per_step)
        asked = [prompt for prompt in chosen for _ in range(G)]
        answers = sampler(policy, asked, dice.randrange(2**31))
        rewards = _one_each(reward(asked, answers), len(answers))
        mean = rewards.mean().item()
        if config.baseline == "group":
            groups = rewards.view(-1, G)
            advantages = group_advantages(groups, scale=config.scale_rewards).flatten()
        else:
            usual = mean if usual is None else usual
            advantages = rewards - usual
            usual = 0.9 * usual + 0.1 * mean
        return _Drawn(asked, answers, advantages, mean)

    return draw


def _one_each(rewards: Sequence[float], n_answers: int) -> Tensor:
    """The rewards as a tensor (B,), one finite number for each answer."""
    found = torch.tensor(list(rewards), dtype=torch.float32)
    if found.shape != (n_answers,) or not found.isfinite().all():
        raise ValueError(
            f"the rewards of {n_answers} answers are {reprlib.repr(found.tolist())}: "
            "give one finite number for each"
        )
    return found


@torch.no_grad()
def _looked_at(
    drawn: _Drawn, policy: nn.Module, reference: nn.Module, written: Written
) -> _Samples:
    """What policy and reference say about the answers before the update."""
    device = device_of(policy)
    rows = rows_of(drawn.prompts, drawn.answers, device, written)
    return _Samples(
        rows,
        drawn.advantages.to(device),
        scored(policy, rows).picked,
        scored(reference, rows),
        drawn.reward,
    )
