import torch

import tiny_world as world
from course_lib import lens
from course_play.widgets import LogitLens

from . import STORY, Example


def ask(text: str) -> dict[str, torch.Tensor]:
    words = world.WorldTokenizer()
    tokens = torch.tensor([[0, *words.encode(words.spell(text))]])
    logits = lens.logit_lens(world.load_base(), tokens)[:, 0]
    return {"logits": logits, "tokens": tokens[0]}


def make() -> LogitLens:
    text = " ".join(world.split_words(STORY)[:19])
    return LogitLens(
        **ask(text), vocabulary=world.VOCABULARY, depth=1, position=14, ask=ask
    )


EXAMPLE = Example(
    make=make,
    keys=("[role=gridcell][tabindex='0']", "ArrowUp", "ArrowLeft"),
    mouse=("[data-cell='2 1']", 0.5, 0.5),
)
