from course_play.widgets import TrainingCurve

from . import Example


def half_way() -> TrainingCurve:
    curve = TrainingCurve(100, lines={"ln 27": 3.2958})
    for i in range(1, 51):
        curve.add(i, train=3.3 / i**0.1)
    return curve


def finished() -> TrainingCurve:
    lines = {"ln 27": 3.296, "bigram, held out": 2.463, "floor": 1.87}
    curve = TrainingCurve(1000, lines=lines)
    for i in range(1, 1001, 10):
        curve.add(i, train=1.9 + 1.4 / i**0.3, val=2.0 + 1.4 / i**0.3)
    curve.finish()
    return curve


EXAMPLE = Example(
    make=half_way, full=finished, keys=("input", "ArrowLeft"), mouse=("input", 0.3, 0.5)
)
