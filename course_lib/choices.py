"""What a setting may be is said once: by its annotation, or by one of these checks."""

import math
from typing import Literal, get_args, get_origin, get_type_hints


def check_choice(name: str, value: object, kind: object) -> None:
    """Raise ValueError if `value` is none of a `Literal`'s.

    >>> check_choice("pool", "max", Literal["last", "mean"])
    Traceback (most recent call last):
    ...
    ValueError: pool is 'max': use last or mean
    """
    choices = get_args(kind)
    if value not in choices:
        raise ValueError(
            f"{name} is {value!r}: use {', '.join(choices[:-1])} or {choices[-1]}"
        )


def check_settings(config: object, may_be_0: tuple[str, ...] = ()) -> None:
    """Check the fields of a record: choices are a `Literal`'s, integers 1 or more.

    Where the annotation has None, the value may be None.

    >>> from course_lib.gpt import GPTConfig
    >>> check_settings(GPTConfig(vocab_size=9))  # its own __post_init__ does so
    """
    for name, kind in get_type_hints(type(config)).items():
        value = getattr(config, name)
        if get_origin(kind) is Literal:
            check_choice(name, value, kind)
        elif kind is int or (int in get_args(kind) and value is not None):
            least = 0 if name in may_be_0 else 1
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: use an integer >= {least}")


def check_least(least: int, **settings: float) -> None:
    """Raise ValueError for the first of the settings that is smaller, or no number.

    >>> check_least(1, n_names=5, batch_size=0)
    Traceback (most recent call last):
    ...
    ValueError: batch_size is 0: use 1 or more
    """
    for name, value in settings.items():
        if not least <= value < math.inf:
            raise ValueError(f"{name} is {value}: use {least} or more")


def check_above_0(**settings: float | None) -> None:
    """Raise ValueError for the first of the settings that is not; None passes.

    >>> check_above_0(beta=0.1, learning_rate=0.0)
    Traceback (most recent call last):
    ...
    ValueError: learning_rate is 0.0: use a number above 0
    """
    for name, value in settings.items():
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}: use a number above 0")
