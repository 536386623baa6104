"""What a model sees: text as a list of integers, and back.

| module | what lives there |
|---|---|
| `interface` | what every tokenizer offers (`Tokenizer`), and shared checks |
| `characters` | one token per character |
| `engine` | what all tokenizers around `tiktoken.Encoding` share |
| `bpe` | byte-level BPE: our merges in tiktoken's engine, and the readable way |
| `learn` | learning the merges from text, fast |

>>> tokenizer = train_bpe("low lower lowest newest widest " * 3, 270)
>>> [tokenizer.token_bytes(i) for i in tokenizer.encode("slowest")]
[b's', b'low', b'est']
"""

from .bpe import GPT2_PATTERN as GPT2_PATTERN
from .bpe import BPETokenizer as BPETokenizer
from .characters import CharTokenizer as CharTokenizer
from .interface import END_OF_TEXT as END_OF_TEXT
from .interface import Tokenizer as Tokenizer
from .learn import train_bpe as train_bpe
