from course_play.widgets import Predict

from . import Example

GUESSES = [
    "60",
    "100",
    "150",
    "70",
    "60",
    "220",
    "1,000",
    "about 400",
    "60 names",
    "90",
]


def make() -> Predict:
    because = "One name in six begins with the same letter."
    box = Predict("How many of 1,000 names begin with `a`?", 167, because=because)
    box.guesses = ["60", "100"]
    return box


def full() -> Predict:
    box = Predict(
        "How many of the first 1,000 names of our list begin with the letter `a`?",
        167,
        unit="names",
        because="One name in six begins with the same letter, in this list of names.",
    )
    box.guesses = GUESSES
    box.shown = True
    return box


EXAMPLE = Example(
    make=make,
    full=full,
    keys=("input", "1", "5", "0", "Enter"),
    mouse=("button >> text='Show the answer'", 0.5, 0.5),
)
