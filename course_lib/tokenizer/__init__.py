"""What a model sees: text as a list of integers, and back.

| module | what lives there |
|---|---|
| `interface` | what every tokenizer offers (`Tokenizer`), and shared checks |
| `characters` | one token per character |
| `engine` | what all tokenizers around `tiktoken.Encoding` share |
| `bpe` | byte-level BPE: our merges in tiktoken's engine, and the readable way |
| `learn` | learning the merges from text, fast |
| `storage` | a tokenizer in the metadata of a model's file |

>>> tokenizer = train_bpe("low lower lowest newest widest " * 3, 270)
>>> [tokenizer.token_bytes(i) for i in tokenizer.encode("slowest")]
[b's', b'low', b'est']
"""

from course_lib.tokenizer.bpe import GPT2_PATTERN, N_BYTES, BPETokenizer, merge_steps
from course_lib.tokenizer.characters import CharTokenizer
from course_lib.tokenizer.engine import EngineTokenizer
from course_lib.tokenizer.interface import END_OF_TEXT, Tokenizer
from course_lib.tokenizer.learn import train_bpe
from course_lib.tokenizer.storage import (
    from_metadata,
    to_metadata,
)

__all__ = [
    "END_OF_TEXT",
    "GPT2_PATTERN",
    "N_BYTES",
    "BPETokenizer",
    "CharTokenizer",
    "EngineTokenizer",
    "Tokenizer",
    "from_metadata",
    "merge_steps",
    "to_metadata",
    "train_bpe",
]
