"""Learning from preferences: reward models, policy gradients, DPO.

| module | what lives there |
|---|---|
| `pairs` | preference pairs, split by prompt |
| `sequences` | how probable a model finds an answer; names models as sequence models |
| `reward` | Bradley-Terry reward models |
| `dpo` | direct preference optimisation |
| `policy` | REINFORCE, GRPO, PPO's clipping, the exact KL |

>>> import torch
>>> bradley_terry_loss(torch.tensor([2.0]), torch.tensor([1.0]))
tensor(0.3133)
"""

from course_lib.preferences.dpo import DPOConfig, dpo_loss, train_dpo
from course_lib.preferences.pairs import Pair, split_pairs
from course_lib.preferences.policy import (
    PolicyConfig,
    Reward,
    group_advantages,
    kl_per_token,
    surrogate,
    train_policy,
)
from course_lib.preferences.reward import (
    RewardConfig,
    RewardModel,
    bradley_terry_loss,
    pair_rows,
    reward_accuracy,
    rewards_of,
    train_reward,
)
from course_lib.preferences.sequences import (
    MaskOf,
    NameSequences,
    Rows,
    Sampler,
    Scored,
    frozen_copy,
    rows_of,
    sample_sequences,
    scored,
)

__all__ = [
    "DPOConfig",
    "MaskOf",
    "NameSequences",
    "Pair",
    "PolicyConfig",
    "Reward",
    "RewardConfig",
    "RewardModel",
    "Rows",
    "Sampler",
    "Scored",
    "bradley_terry_loss",
    "dpo_loss",
    "frozen_copy",
    "group_advantages",
    "kl_per_token",
    "pair_rows",
    "reward_accuracy",
    "rewards_of",
    "rows_of",
    "sample_sequences",
    "scored",
    "split_pairs",
    "surrogate",
    "train_dpo",
    "train_policy",
    "train_reward",
]
