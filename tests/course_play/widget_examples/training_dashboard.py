import math

from course_lib.train import Record
from course_play.widgets import TrainingDashboard

from . import STORY, Example


def half_way() -> TrainingDashboard:
    board = TrainingDashboard(40, lines={"ln 9": 2.2}, floor=0.8)
    for i in range(31):
        loss, heard = 2.2 / (1 + i / 30), i % 10 == 0
        record = Record(
            *(i, loss, 1.05 * loss if heard else None, 0.01),
            grad_norm=1 / (i + 1),
            sample=f"{i} cows" if heard else None,
            tokens_per_second=1e4,
        )
        board.add(record)
    return board


def finished() -> TrainingDashboard:
    board = TrainingDashboard(300, lines={"ln 389": math.log(389)}, floor=1.05)
    for i in range(301):
        loss = 1.1 + 4.8 / (1 + i / 20)
        sample = None if i % 30 else STORY[: 60 + i // 3]
        rate = 0.01 * min(1, i / 15)
        held = None if i % 30 else loss + 0.05
        record = Record(i, loss, held, rate, grad_norm=3 / (1 + i / 9), sample=sample)
        board.add(record)
    board.finish()
    return board


EXAMPLE = Example(
    make=half_way,
    full=finished,
    keys=("input", "ArrowLeft"),
    mouse=("button >> text=Earlier sample", 0.5, 0.5),
)
