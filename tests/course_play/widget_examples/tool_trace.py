from course_lib.chat import Answer, Call
from course_play.widgets import ToolTrace
from tiny_world import assistant

from . import ASKED, SUM, Example


def make() -> ToolTrace:
    template = assistant.chat_template()
    tokens = template.encode(SUM).tokens[len(template.prompt([ASKED])) :]
    answer = Answer("17 + 28 = 45.", [Call("calc", "17 + 28", "45")], tokens=tokens)
    return ToolTrace({ASKED.text: answer}, template, step=3)


EXAMPLE = Example(
    make=make,
    keys=("input", "ArrowRight"),
    mouse=("button >> text='Next step'", 0.5, 0.5),
)
