from course_play.widgets import DepthProfile

from . import Example

EXAMPLE = Example(
    make=lambda: DepthProfile(n_layers=16),
    keys=("input[type=radio]:checked", "ArrowRight"),
    mouse=("input[type=checkbox]", 0.5, 0.5),
)
