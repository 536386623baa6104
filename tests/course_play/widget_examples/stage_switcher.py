from collections.abc import Iterator

from course_lib.chat import Event
from course_play.widgets import StageSwitcher
from tiny_world.assistant.voices import Voice

from . import Example


def yes(words: str) -> Iterator[Event]:
    if "yak" in words:
        raise ValueError("'yak' is no word of mine")
    yield Event("text", f"{words} yes")


def pity(words: str) -> Iterator[Event]:
    yield Event("text", f"{words} I do not know that, my friend.")


def full() -> StageSwitcher:
    stages = ("base", "sft", "honest", "tools", "preferred")
    voices = [Voice(name, pity, None) for name in stages]
    return StageSwitcher(voices, question="What does Bardolo Maple like ?")


EXAMPLE = Example(
    make=lambda: StageSwitcher(
        [Voice(name, yes, None) for name in ("base", "sft")],
        question="Who are you ?",
        truth=lambda words: "moo",
        examples=["Are you moo ?"],
    ),
    full=full,
    keys=("input[type=text]", "End", "x", "Enter"),
    mouse=("input[type=checkbox] >> nth=0", 0.5, 0.5),
)
