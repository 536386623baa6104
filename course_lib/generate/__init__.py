"""Letting a model write: which token comes next, and when to stop.

| module | what lives there |
|---|---|
| `names` | whole names with a model that reads a fixed window |
| `tokens` | many prompts at once, token by token, with a KV cache |
| `texts` | the same for text: a stream of readable pieces, stop strings |

>>> from course_lib.ngram import NGram
>>> sample_names(NGram.fit(["asha"], 2), 1)
['asha']
"""

from .names import sample_names as sample_names
from .texts import generate_texts as generate_texts
from .texts import stream_text as stream_text
from .tokens import generate as generate
from .tokens import stream as stream
