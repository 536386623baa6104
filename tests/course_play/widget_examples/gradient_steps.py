from course_play.widgets import GradientSteps

from . import Example

EXAMPLE = Example(
    make=lambda: GradientSteps([0.5, 2.1, 0.3, -1, -2], ".abin", "n"),
    keys=("button >> text='One step'", "Enter"),
    mouse=("button >> text='10 steps'", 0.5, 0.5),
)
