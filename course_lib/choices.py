"""What a setting may be is said once: by the `Literal` of its annotation."""

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


def check_choices(config: object) -> None:
    """Check each field of a record whose annotation is a `Literal`.

    >>> from course_lib.gpt import GPTConfig
    >>> check_choices(GPTConfig(vocab_size=9))  # its own __post_init__ does so
    """
    for name, kind in get_type_hints(type(config)).items():
        if get_origin(kind) is Literal:
            check_choice(name, getattr(config, name), kind)
