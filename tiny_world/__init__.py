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
| `base`, `base_run` | the base model: its batches, its file, the run that makes it |
| `assistant` | from the base model to an assistant, stage by stage |

>>> import tiny_world as world
>>> document = world.World(seed=0).document(7)
>>> abs(world.floor([document]) * document.n_words - document.total_nats) < 1e-9
True
"""

from tiny_world.base import WORLD_BASE, load_base, world_batches
from tiny_world.corpus import SPLITS, Document, TokenRows, World, floor, token_rows
from tiny_world.grammar import KINDS, TAGS, Grammar, question, statement
from tiny_world.lexicon import (
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
from tiny_world.pen import Pen, Reader, Writer
from tiny_world.people import N_FAMOUS, People, Person
from tiny_world.words import WorldTokenizer

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
    "WORLD_BASE",
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
    "load_base",
    "question",
    "render",
    "split_words",
    "statement",
    "token_rows",
    "world_batches",
]
