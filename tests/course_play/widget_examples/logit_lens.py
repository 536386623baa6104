import torch

import tiny_world as world
from course_lib import lens
from course_play.widgets import LogitLens

from . import STORY, Example


def make() -> LogitLens:
    shown = [world.EOT, *world.split_words(STORY)[:20]]
    story = torch.tensor([world.encode(shown)])
    streams = lens.logit_lens(world.load_base(), story[:, :-1])[:, 0]
    return LogitLens(streams, story[0], world.VOCABULARY, depth=1, position=14)


EXAMPLE = Example(
    make=make,
    keys=("[role=gridcell][tabindex='0']", "ArrowUp", "ArrowLeft"),
    mouse=("[data-cell='2 1']", 0.5, 0.5),
)
