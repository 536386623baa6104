from course_lib.gpt import GPT, GPTConfig
from course_play.widgets import LossMask
from tiny_world import assistant

from . import ASKED, SUM, Example, dice


def make() -> LossMask:
    model = GPT(GPTConfig(vocab_size=413), dice())
    template = assistant.chat_template()
    return LossMask(model, template, {"a sum": SUM, "a start": [ASKED]})


EXAMPLE = Example(
    make=make,
    keys=("select", "ArrowDown"),
    mouse=("input[type=radio] >> nth=1", 0.5, 0.5),
)
