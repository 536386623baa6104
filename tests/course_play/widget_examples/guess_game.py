from course_lib.names import load_names
from course_play.widgets import GuessGame

from . import Example


def make() -> GuessGame:
    game = GuessGame(load_names(), seed=0)
    game.guesses = "ana"
    return game


EXAMPLE = Example(
    make=make, keys=("input", "a"), mouse=("button >> text='m'", 0.5, 0.5)
)
