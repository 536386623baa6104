"""Every widget by example, one file each: how it is made, and how it is touched.

Unit tests, the page without a kernel and JupyterLab all show these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import torch

from course_lib.chat import Message
from course_play.widgets import WIDGETS
from course_play.widgets.base import CourseWidget

STORY = (
    "Once there was a shy cow named Puff. It met a dog. The moon was bright. "
    "It sat on the mat. It was hungry. When the rain stopped, it slept in the barn."
)
ASKED = Message("user", "What is 17 + 28 ?")
SUM = [
    ASKED,
    Message("call", "17 + 28", "calc"),
    Message("result", "45"),
    Message("assistant", "17 + 28 = 45 ."),
]


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@dataclass(frozen=True, kw_only=True)
class Example:
    """How to make a widget, and one way each to move it by key and by mouse."""

    make: Callable[[], CourseWidget]
    """The same widget each time, quickly."""
    full: Callable[[], CourseWidget] | None = None
    """As full as its lesson makes it, where `make` shows less."""
    keys: tuple[str, ...]
    """What gets the focus, and the keys that are pressed there, one after another."""
    mouse: tuple[str, float, float]
    """What is clicked, and where in it: shares of its width and height."""


def example_of(name: str) -> Example:
    """The example of a widget, from the file that is named as its module."""
    example: Example = import_module(f"{__name__}.{WIDGETS[name]}").EXAMPLE
    return example
