"""What a model sees: text as a list of integers, and back.

| module | what lives there |
|---|---|
| `interface` | what every tokenizer offers (`Tokenizer`), and shared checks |
| `characters` | one token per character |
| `bpe` | byte-level BPE: our merges in tiktoken's engine, and the readable way |
| `learn` | learning the merges from text, fast |
| `engine` | what all tokenizers around `tiktoken.Encoding` share |
| `ranks` | GPT-2's, GPT-4's and GPT-4o's tokenizers, if their files are there |
| `storage` | tokenizers as text files, and as facts in a checkpoint |
| `splits` | a dated table: how real tokenizers split the lessons' strings |

>>> tokenizer = train_bpe("low lower lowest newest widest " * 3, 270)
>>> [tokenizer.token_bytes(i) for i in tokenizer.encode("slowest")]
[b's', b'low', b'est']
"""

from course_lib.tokenizer.bpe import GPT2_PATTERN, N_BYTES, BPETokenizer, merge_steps
from course_lib.tokenizer.characters import CharTokenizer
from course_lib.tokenizer.engine import EngineTokenizer
from course_lib.tokenizer.interface import END_OF_TEXT, Tokenizer
from course_lib.tokenizer.learn import train_bpe
from course_lib.tokenizer.ranks import (
    RANK_FILES,
    PretrainedTokenizer,
    pretrained_encoding,
)
from course_lib.tokenizer.splits import (
    Split,
    published_sizes,
    table_date,
    texts_with_splits,
    true_splits,
)
from course_lib.tokenizer.storage import (
    from_facts,
    load_tokenizer,
    save_tokenizer,
    to_facts,
)

__all__ = [
    "END_OF_TEXT",
    "GPT2_PATTERN",
    "N_BYTES",
    "RANK_FILES",
    "BPETokenizer",
    "CharTokenizer",
    "EngineTokenizer",
    "PretrainedTokenizer",
    "Split",
    "Tokenizer",
    "from_facts",
    "load_tokenizer",
    "merge_steps",
    "pretrained_encoding",
    "published_sizes",
    "save_tokenizer",
    "table_date",
    "texts_with_splits",
    "to_facts",
    "train_bpe",
    "true_splits",
]
