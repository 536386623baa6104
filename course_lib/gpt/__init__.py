"""GPT: token embedding, blocks of attention and feed-forward, and logits.

| module | what lives there |
|---|---|
| `config` | `GPTConfig`: sizes and parts; GPT-2's sizes |
| `model` | `Block` and `GPT`: `__init__` and `forward` |

>>> count_parameters(gpt2_config("small"))
124439808
"""

from course_lib.gpt.config import GPTConfig, gpt2_config
from course_lib.gpt.model import GPT, Block, activate, count_parameters

__all__ = [
    "GPT",
    "Block",
    "GPTConfig",
    "activate",
    "count_parameters",
    "gpt2_config",
]
