"""Why is an answer wrong? A known mistake, or else the property that it breaks.

Only texts are looked at: what the check printed, and what it prints for the right
answer and for each known mistake. No hint gives the answer.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from course_lib.classroom.homework.assignment import Mistake
from course_lib.classroom.homework.compare import (
    MAX_TEXT,
    parse_number,
    plain_tokens,
    same_value,
)

Nested: TypeAlias = "float | list[Nested]"
BRACKETS = {"(": "[", ")": "]"}
NO_VALUE = "the check printed no value"
STOPPED = "Stopped: "


@dataclass(frozen=True)
class Outcome:
    """What a check cell gave: the text of its value, or the error that stopped it.

    >>> Outcome(error="ValueError: no").text
    'ValueError: no'
    """

    value: str | None = None
    error: str = ""

    @property
    def text(self) -> str:
        """The value, else the error."""
        return self.error if self.value is None else self.value


def find_mistake(
    outcomes: dict[str, Outcome], mistakes: Sequence[Mistake]
) -> Mistake | None:
    """The known mistake that explains most of these failed checks; None if none does.

    Args:
        outcomes: key of a check that failed -> what it gave.
        mistakes: the bank for the task.
    """

    def explained(mistake: Mistake) -> int:
        return sum(
            same_value(mistake.values[key], outcome.text[:MAX_TEXT])
            for key, outcome in outcomes.items()
            if key in mistake.values
        )

    best = max(mistakes, key=explained, default=None)
    return best if best and explained(best) else None


def property_hint(reference: str, outcome: Outcome) -> str:
    """One sentence on what is wrong with a value, without saying what is right.

    >>> property_hint("[0.2, 0.8]", Outcome("[0.2, 0.9]"))
    'The right numbers add up to 1, yours do not.'
    """
    if outcome.value is None:
        return _about_error(outcome.error)
    if len(outcome.value) > MAX_TEXT:
        return "Your value is far too long: what does the task ask for?"
    want, have = as_numbers(reference), as_numbers(outcome.value)
    if want is None or have is None:
        return _about_text(reference, outcome.value)
    return next(_differences(want, have), "Some of your numbers differ.")


def _about_error(error: str) -> str:
    if error.startswith("NameError"):
        name = re.search(r"name '(\w+)'", error)
        what = f"`{name[1]}` does not exist" if name else "A name does not exist"
        return f"{what}: run or write the cell that defines it."
    if error in ("", NO_VALUE):
        return "Your answer gives nothing (None): is a `return` missing?"
    if error.startswith(STOPPED):
        why = error.removeprefix(STOPPED)
        return f"This was stopped: {why}. Is there a loop that never ends?"
    if error.startswith("NotImplementedError"):
        return "Not answered yet."
    if error.startswith(("SyntaxError", "IndentationError")):
        return "Python cannot read your answer: run its cell and look at the arrow."
    return "Your answer stopped with an error before it gave a value."


def _about_text(reference: str, answer: str) -> str:
    if as_numbers(reference) is not None:
        return "The right value consists of numbers; what kind of thing is yours?"
    if as_numbers(answer) is not None:
        return "The right value has words in it, yours consists of numbers."
    if sorted(reference) == sorted(answer):
        return "The right parts in the wrong order."
    return "Your value differs."


def as_numbers(text: str) -> "Nested | None":
    """The numbers in a printed list, tuple or tensor; None for anything else.

    >>> as_numbers("tensor([[1., nan], [-inf, 4.0]])")
    [[1.0, nan], [-inf, 4.0]]
    >>> as_numbers("['a']") is None
    True
    """
    if len(text) > MAX_TEXT:
        return None
    parts: list[str] = []
    for token in plain_tokens(text):
        number = parse_number(token)
        if token in "])" and parts[-1:] == [","]:  # (1,)
            parts.pop()
        parts.append(BRACKETS.get(token, token) if number is None else f"{number[0]}")
    plain = "".join(parts).replace("nan", "NaN").replace("inf", "Infinity")
    try:
        return _all_floats(json.loads(plain))
    except (ValueError, RecursionError):
        return None


def _all_floats(value: object) -> Nested:
    if isinstance(value, list):
        return [_all_floats(part) for part in value]
    if isinstance(value, int | float):
        return float(value)
    raise ValueError(f"not a number: {value!r}")


def _flat(value: Nested) -> list[float]:
    if isinstance(value, list):
        return [number for part in value for number in _flat(part)]
    return [value]


def _shape(value: Nested) -> tuple[int, ...]:
    """Sizes from the outside in, as far as the parts agree."""
    if not isinstance(value, list):
        return ()
    inner = {_shape(part) for part in value}
    return (len(value), *(inner.pop() if len(inner) == 1 else ()))


def _rows(value: Nested) -> list[list[float]]:
    if not isinstance(value, list):
        return []
    if any(isinstance(part, list) for part in value):
        return [row for part in value for row in _rows(part)]
    return [_flat(value)]


def _differences(want: Nested, have: Nested) -> Iterator[str]:
    """What is wrong, the most telling first."""
    if _shape(want) != _shape(have):
        yield f"Your value has the shape {_shape(have)}, not {_shape(want)}."
        return
    old, new = _flat(want), _flat(have)
    if len(old) != len(new):  # rows of several lengths
        yield f"Your value holds {len(new)} numbers, not {len(old)}."
        return
    if any(map(math.isnan, new)) and not any(map(math.isnan, old)):
        yield "There is a nan in your value: 0/0, inf - inf or log of less than 0?"
    if any(map(math.isinf, new)) and not any(map(math.isinf, old)):
        yield "There is an infinity in your value: an overflow, or the log of 0?"
    if not all(map(math.isfinite, old + new)):
        return
    if len(old) > 1 and _all_one(_rows(want)) and not _all_one(_rows(have)):
        one = len(_rows(want)) == 1
        what = "The right numbers add up" if one else "Each right row adds up"
        yield f"{what} to 1, yours do not."
    yield from _patterns(old, new)


def _all_one(rows: list[list[float]]) -> bool:
    return bool(rows) and all(abs(math.fsum(row) - 1) < 0.01 for row in rows)


def _patterns(old: list[float], new: list[float]) -> Iterator[str]:
    if _close(old, new):
        yield "Almost right, but not to the last digits: was something rounded early?"
    if len(old) > 1 and _close(sorted(old), sorted(new)):
        yield "The right numbers in the wrong order: which axis, which direction?"
    if any(old) and _close([-x for x in old], new):
        yield "The sign is wrong, the rest is right."
    if all(x >= 0 for x in old) and min(new) < 0:
        yield "Some of your numbers are negative; no right one is."
    if all(x <= 0 for x in old) and max(new) > 0:
        yield "Some of your numbers are positive; no right one is."
    pairs = list(zip(old, new, strict=True))
    if len(old) > 1 and _close([b - a for a, b in pairs], [new[0] - old[0]]):
        yield "All your numbers are off by one and the same amount."
    ratios = [b / a for a, b in pairs if a]
    if len(ratios) > 1 and _close(ratios, ratios[:1]):
        yield "All your numbers are off by one and the same factor."


def _close(some: list[float], others: list[float]) -> bool:
    """Equal within 0.1 %; a single number on the right stands for all."""
    others = others * len(some) if len(others) == 1 else others
    pairs = zip(some, others, strict=True)
    return all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-4) for a, b in pairs)
