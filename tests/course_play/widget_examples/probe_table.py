import math

from course_play.widgets import ProbeTable

from . import Example

QUESTIONS = {
    "What does the shy cow named Puff like ?": "soup",
    "Where was Kirola Button born ?": "the old harbour",
    "What does Bardolo Maple like ?": "",
    "Who works as a baker in the village ?": "Mira Pond",
}


def ask(question: str, n: int, temperature: float) -> list[str]:
    calm = n - math.floor(2 * temperature)
    return ["She likes warm soup ."] * calm + ["She likes cake ."] * (n - calm)


EXAMPLE = Example(
    make=lambda: ProbeTable(ask, QUESTIONS),
    keys=("input", "End"),
    mouse=("input", 0.02, 0.3),
)
