from functools import cache

import torch

from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import load_names, windows
from course_play.widgets import SamplingLab

from . import Example, dice


@cache
def trained() -> NameMLP:
    """A network trained for long enough to write names of the usual length."""
    X, Y = windows(load_names(), 3)
    model = NameMLP(NameMLPConfig(), dice())
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        rows = torch.randint(len(X), (512,), generator=dice())
        adam.zero_grad()
        torch.nn.functional.cross_entropy(model(X[rows]), Y[rows]).backward()
        adam.step()
    return model


EXAMPLE = Example(
    make=lambda: SamplingLab(trained(), load_names(), temperature=0.5),
    keys=("input[type=range] >> nth=0", "ArrowRight"),
    mouse=("input[type=range] >> nth=1", 0.1, 0.5),
)
