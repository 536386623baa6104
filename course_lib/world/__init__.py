"""Tiny World: short English documents whose entropy is known exactly.

A small program writes stories, biographies, quizzes, lists, codes and echoes. It makes
its random choices in such a way that the text gives every choice back, so -log p of
each word is known, and with it the loss that no model can beat: the **floor**, in nats
per word, per character or per token. A loss above it is what a model has still to
learn; a loss below it is a bug.

| module | what lives there |
|---|---|
| `lexicon` | the words, their ids, and how they are set as text |
| `words` | the same as a tokenizer |
| `pen` | `pick` and `say`: a writer, and a reader that parses |
| `people` | famous, one-off and held-out people, and their facts |
| `tales` | stories, codes, echoes |
| `grammar` | biographies, quizzes, lists, and the mixture of all kinds |
| `corpus` | numbered documents, splits, the parser, the floor, rows of tokens |

>>> from course_lib import world
>>> document = world.World(seed=0).document(7)
>>> abs(world.floor([document]) * document.n_words - document.total_nats) < 1e-9
True
"""

from course_lib.world.corpus import (
    SPLITS,
    Document,
    TokenRows,
    World,
    floor,
    token_rows,
)
from course_lib.world.grammar import KINDS, TAGS, Grammar, question, statement
from course_lib.world.lexicon import (
    CITIES,
    EOT,
    FACT_VALUES,
    FIRST_NAMES,
    LAST_NAMES,
    PAD,
    PET_NAMES,
    RELATIONS,
    SPECIAL_TOKENS,
    VOCAB_SIZE,
    VOCABULARY,
    decode,
    encode,
    render,
    split_words,
)
from course_lib.world.pen import Pen, Reader, Writer
from course_lib.world.people import N_FAMOUS, People, Person
from course_lib.world.words import WorldTokenizer

__all__ = [
    "CITIES",
    "EOT",
    "FACT_VALUES",
    "FIRST_NAMES",
    "KINDS",
    "LAST_NAMES",
    "N_FAMOUS",
    "PAD",
    "PET_NAMES",
    "RELATIONS",
    "SPECIAL_TOKENS",
    "SPLITS",
    "TAGS",
    "VOCABULARY",
    "VOCAB_SIZE",
    "Document",
    "Grammar",
    "Pen",
    "People",
    "Person",
    "Reader",
    "TokenRows",
    "World",
    "WorldTokenizer",
    "Writer",
    "decode",
    "encode",
    "floor",
    "question",
    "render",
    "split_words",
    "statement",
    "token_rows",
]
