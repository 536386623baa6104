"""Learning from preferences: reward models, policy gradients, DPO.

| module | what lives there |
|---|---|
| `sequences` | pairs; how probable a model finds an answer; names models, too |
| `reward` | Bradley-Terry reward models |
| `dpo` | direct preference optimisation |
| `policy` | REINFORCE, GRPO, PPO's clipping, the exact KL |

>>> import torch
>>> bradley_terry_loss(torch.tensor([2.0]), torch.tensor([1.0]))
tensor(0.3133)
"""

from .dpo import DPOConfig as DPOConfig
from .dpo import dpo_loss as dpo_loss
from .dpo import train_dpo as train_dpo
from .policy import PolicyConfig as PolicyConfig
from .policy import advantages_of as advantages_of
from .policy import group_advantages as group_advantages
from .policy import kl_per_token as kl_per_token
from .policy import surrogate as surrogate
from .policy import train_policy as train_policy
from .reward import RewardConfig as RewardConfig
from .reward import RewardModel as RewardModel
from .reward import bradley_terry_loss as bradley_terry_loss
from .reward import reward_accuracy as reward_accuracy
from .reward import rewards_of as rewards_of
from .reward import train_reward as train_reward
from .sequences import NameSequences as NameSequences
from .sequences import Pair as Pair
from .sequences import frozen_copy as frozen_copy
from .sequences import pair_rows as pair_rows
from .sequences import rows_of as rows_of
from .sequences import sample_sequences as sample_sequences
from .sequences import scored as scored
from .sequences import split_pairs as split_pairs
