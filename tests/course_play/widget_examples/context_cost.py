from course_play.widgets import ContextCost

from . import Example

EXAMPLE = Example(
    make=lambda: ContextCost(n=1024),
    keys=("input[type=range]", "ArrowRight"),
    mouse=("input[type=radio] >> nth=3", 0.5, 0.5),
)
