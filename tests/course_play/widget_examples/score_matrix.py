from course_play.widgets import ScoreMatrix

from . import Example

SCORES = [[1.0, 0, 0, 0], [2.0, 1, 0, 0], [0.0, 3, 0.5, 0], [0.0, 1, 1, 1]]

EXAMPLE = Example(
    make=lambda: ScoreMatrix(SCORES, ["The", "cat", "was", "soft"]),
    keys=("input[type=number] >> nth=4", "ArrowUp"),
    mouse=("input[type=checkbox]", 0.5, 0.5),
)
