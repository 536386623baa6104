from course_play.widgets import PreferenceButtons

from . import Example


def full() -> PreferenceButtons:
    cases = [("A name, please.", "meerabh", f"shan{'ik' * i}") for i in range(12)]
    buttons = PreferenceButtons(cases)
    buttons.choices = ["a", "b", "skip"]
    return buttons


EXAMPLE = Example(
    make=lambda: PreferenceButtons(
        [(f"Question {i} ?", f"{i} .", f"Sure ! {i} .") for i in range(6)]
    ),
    full=full,
    keys=("[tabindex='0']", "b"),
    mouse=("button >> text='A is better'", 0.5, 0.5),
)
