import torch

import tiny_world as world
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets import TokenLab

from . import Example, dice


@torch.no_grad()
def make() -> TokenLab:
    config = GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1)
    model = GPT(config, dice())
    model.embedding.weight *= 30  # some words become likely
    return TokenLab(model, world.WorldTokenizer(), "It said", examples=["Once there"])


def full() -> TokenLab:
    return TokenLab(
        world.load_base(),
        world.WorldTokenizer(),
        "Once there was a shy",
        start=0,
        top_k=5,
        examples=["Question: What does", "Once there was"],
    )


EXAMPLE = Example(
    make=make,
    full=full,
    keys=("input[type=range] >> nth=0", "ArrowRight"),
    mouse=("button >> text='Draw the next token'", 0.5, 0.5),
)
