from course_play.widgets import SurprisalCurve

from . import Example

EXAMPLE = Example(
    make=lambda: SurprisalCurve(p=0.58),
    keys=("input", "ArrowLeft"),
    mouse=("svg", 0.3, 0.5),
)
