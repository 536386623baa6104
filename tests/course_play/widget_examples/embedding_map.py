import torch

from course_lib.names import ALPHABET
from course_play.widgets import EmbeddingMap

from . import Example, dice


def make() -> EmbeddingMap:
    start = torch.randn(27, 2, generator=dice())
    rest = ALPHABET[1:]
    kind = ["end", *("vowel" if c in "aeiou" else "consonant" for c in rest)]
    ends = torch.tensor([[2.0, 1.0] if k == "vowel" else [-1.0, 0.0] for k in kind])
    steps = list(range(0, 2001, 100))
    path = torch.stack([start + ends * (s / 1000) for s in steps])
    return EmbeddingMap(path, steps, list(ALPHABET), kind)


EXAMPLE = Example(
    make=make,
    keys=("input[type=range]", "ArrowLeft"),
    mouse=("input[type=range]", 0.2, 0.5),
)
