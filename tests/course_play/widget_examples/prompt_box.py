import tiny_world as world
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets import PromptBox

from . import STORY, Example, dice


def make() -> PromptBox:
    config = GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1)
    return PromptBox(
        GPT(config, dice()),
        world.WorldTokenizer(),
        range(99),
        prompt="It said moo.",
        temperature=1.0,
        examples=["Once there was"],
        fresh=3.0,
    )


def full() -> PromptBox:
    read = world.encode([world.EOT, *world.split_words(STORY)])
    words = world.WorldTokenizer()
    return PromptBox(world.load_base(), words, read, prompt="The shy cow was born in")


EXAMPLE = Example(
    make=make,
    full=full,
    keys=("[role=listbox]", "ArrowLeft"),
    mouse=("button >> text='Other dice'", 0.5, 0.5),
)
