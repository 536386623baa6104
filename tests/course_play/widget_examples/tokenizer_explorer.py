from functools import cache

from course_lib.names import load_names
from course_lib.tokenizer import BPETokenizer, train_bpe
from course_play.widgets import TokenizerExplorer

from . import STORY, Example

EXAMPLES = ["aarav", " aarav", "Question: Who are you?", "नमस्ते", "🙂"]


@cache
def mixed() -> BPETokenizer:
    return train_bpe([STORY, *load_names()[:400]], 500)


EXAMPLE = Example(
    make=lambda: TokenizerExplorer(
        mixed(), "nipun met a merry horse", examples=EXAMPLES
    ),
    keys=("input", "ArrowLeft"),
    mouse=("input", 0.3, 0.5),
)
