from typing import Any

import torch

import tiny_world as world
from course_lib import lens
from course_lib.functional import softmax
from course_play.widgets import AttentionExplorer

from . import STORY, Example, dice


def make() -> AttentionExplorer:
    looks = torch.rand(2, 2, 6, 6, generator=dice()).tril()
    return AttentionExplorer(
        looks / looks.sum(-1, keepdim=True),
        ["the", "cat", "sat", "on", "a", "mat"],
        vocabulary=["cat", "sat", "mat"],
        probs=torch.full((6, 3), 1 / 3),
        ablated=torch.eye(3)[torch.arange(24) % 3].view(2, 2, 6, 3),
    )


def ask(text: str) -> dict[str, Any]:
    """All heads of the base model on a text, each switched off once."""
    base, words = world.load_base(), world.WorldTokenizer()
    tokens = torch.tensor([[0, *words.encode(words.spell(text))]])
    off = []
    with torch.no_grad():
        on = softmax(base(tokens)[0])
        for head in [(layer, head) for layer in range(3) for head in range(4)]:
            with lens.heads_off(base, [head]):
                off.append(softmax(base(tokens)[0]))
    return {
        "weights": lens.attention_weights(base, tokens)[:, 0],
        "tokens": [world.VOCABULARY[i] for i in tokens[0]],
        "probs": on,
        "ablated": torch.stack(off).unflatten(0, (3, 4)),
    }


def full() -> AttentionExplorer:
    """A story of 44 tokens, and a box for another one."""
    explored = ask(STORY)
    query = explored["tokens"].index("barn") - 1
    return AttentionExplorer(
        **explored,
        vocabulary=world.VOCABULARY,
        layer=2,
        head=1,
        query=query,
        ask=ask,
    )


EXAMPLE = Example(
    make=make,
    full=full,
    keys=("[role=listbox]", "ArrowLeft"),
    mouse=("[data-at='2 1']", 0.5, 0.5),
)
