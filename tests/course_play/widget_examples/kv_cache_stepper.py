import tiny_world as world
from course_play.widgets import KVCacheStepper

from . import STORY, Example

EXAMPLE = Example(
    make=lambda: KVCacheStepper(world.split_words(STORY)[:10], n_prompt=3, step=4),
    keys=("input[type=range]", "ArrowRight"),
    mouse=("input[type=checkbox]", 0.5, 0.5),
)
