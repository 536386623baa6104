"""Letting a model write: which token comes next, and when to stop.

| module | what lives there |
|---|---|
| `names` | whole names with a model that reads a fixed window |
| `tokens` | many prompts at once, token by token, with a KV cache |
| `texts` | the same for text: a stream of readable pieces, stop strings |

>>> import torch
>>> next_probs(torch.tensor([2.0, 1.0, 0.0]), top_k=2)
tensor([0.7311, 0.2689, 0.0000])
"""

from course_lib.generate.names import sample_names
from course_lib.generate.texts import generate_texts, stream_text
from course_lib.generate.tokens import generate, stream
from course_lib.sampling import COLDEST, Dice, Knobs, next_probs

__all__ = [
    "COLDEST",
    "Dice",
    "Knobs",
    "generate",
    "generate_texts",
    "next_probs",
    "sample_names",
    "stream",
    "stream_text",
]
