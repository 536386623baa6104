import torch

from course_play.widgets import RefusalThreshold

from . import Example, dice


def make() -> RefusalThreshold:
    known = torch.rand(120, generator=dice()) ** 6
    unknown = 1 - torch.rand(150, generator=dice()) ** 2
    return RefusalThreshold(known.tolist(), unknown.tolist(), threshold=0.3)


EXAMPLE = Example(make=make, keys=("input", "ArrowLeft"), mouse=("svg", 0.6, 0.5))
