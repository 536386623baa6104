from course_play.widgets import RewardFrontier

from . import Example

NAMES = ("aarina", "shani", "mairi", "anika", "tila", "rani")
POINTS = [
    (2.0, 0.31, 0.05, NAMES, 0.2),
    (1.0, 0.44, 0.2, NAMES, 0.5),
    (0.5, 0.61, 0.8, NAMES, 1.1),
    (0.25, 0.7, 2.0, NAMES, 1.9),
    (0.1, 0.55, 6.0, NAMES, 3.0),
    (0, -2.3, 25.0, ("iiiiiiiiiiiiiiiiiiii",) * 6, 9.7),
]

EXAMPLE = Example(
    make=lambda: RewardFrontier(POINTS, beta=0.5),
    keys=("input[type=range]", "ArrowRight"),
    mouse=("svg", 0.97, 0.9),
)
