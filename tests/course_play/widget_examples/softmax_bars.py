from course_play.widgets import SoftmaxBars

from . import Example

EXAMPLE = Example(
    make=lambda: SoftmaxBars([0.5, 2.1, 0.3, -1, -2], list(".abin")),
    keys=("input >> nth=0", "ArrowRight"),
    mouse=("input >> nth=1", 0.9, 0.5),
)
