"""Why is an answer wrong? A known mistake, or else the property that it breaks.

Only texts are looked at: what the check printed, and what it prints for the right
answer and for each known mistake. No hint gives the answer, and none raises, whatever
the text.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classroom.homework.assignment import Mistake
from classroom.homework.compare import MAX_TEXT, same_value
from classroom.homework.values import (
    Part,
    as_numbers,
    first_mismatch,
    is_whole,
    leaves,
    parse_value,
    rows,
    shape,
)

NO_VALUE = "the check printed no value"
STOPPED = "Stopped: "
IN_CHECK = "in the check"
QUOTED = 200
NONE_HINT = "Your answer gives nothing (None): is a `return` missing?"
NONE_ERROR = re.compile(r"__round__|^TypeError: (float|int)\(\) argument")
LAZY = re.compile(r"<(?:\w+ object|map|zip|filter|generator|enumerate|reversed)\b")
WORDS = {"True", "False"}


@dataclass(frozen=True)
class Outcome:
    """What a check cell gave: the text of its value, or the error that stopped it.

    Attributes:
        value: the text; None if there is none.
        error: `ValueError: no`.
        where: the student's own line that raised it, `line 3: return x / 0`; IN_CHECK
            if none of the student's did; "" if nobody knows. (In what comes out of a
            run, untrusted: see `lines.line_of_trace`.)

    >>> Outcome(error="ValueError: no").text
    'ValueError: no'
    """

    value: str | None = None
    error: str = ""
    where: str = ""

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
    return next(iter(_by_fit(outcomes, mistakes)), None)


def explain(
    outcomes: dict[str, Outcome], mistakes: Sequence[Mistake]
) -> dict[str, Mistake]:
    """Key of a failed check -> the known mistake that fits it, if one does.

    Of several, the one that explains most of the failed checks. Each check may show
    another one: a task can have several functions.

    >>> known = [Mistake("f", "half", "Twice?", {"a": "1"})]
    >>> explain({"a": Outcome("1"), "b": Outcome("2")}, known)["a"].hint
    'Twice?'
    """
    found: dict[str, Mistake] = {}
    for mistake in _by_fit(outcomes, mistakes):
        for key, outcome in outcomes.items():
            if key not in found and _fits(mistake, key, outcome):
                found[key] = mistake
    return found


def _by_fit(outcomes: dict[str, Outcome], mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes that explain something, the best first."""
    fits = [sum(_fits(m, *item) for item in outcomes.items()) for m in mistakes]
    order = sorted(range(len(mistakes)), key=lambda i: -fits[i])
    return [mistakes[i] for i in order if fits[i]]


def _fits(mistake: Mistake, key: str, outcome: Outcome) -> bool:
    known = mistake.values.get(key)
    return known is not None and same_value(known, outcome.text[:MAX_TEXT])


def property_hint(reference: str, outcome: Outcome) -> str:
    """One sentence on what is wrong with a value, without saying what is right.

    >>> property_hint("[0.2, 0.8]", Outcome("[0.2, 0.9]"))
    'The right numbers add up to 1, yours do not.'
    """
    if outcome.value is None:
        return _about_error(outcome)
    if len(outcome.value) > MAX_TEXT:
        return "Your value is far too long: what does the task ask for?"
    want, have = as_numbers(reference), as_numbers(outcome.value)
    if want is None or have is None:
        return _about_text(reference, outcome.value)
    return next(_differences(want, have, is_whole(reference)), _some_differ(want, have))


def is_vague(hint: str) -> bool:
    """Does it only say that something is wrong?

    >>> is_vague("2 of your 3 numbers differ."), is_vague("The sign is wrong.")
    (True, False)
    """
    return hint.endswith(("differ.", "differs."))


def _about_error(outcome: Outcome) -> str:
    error = outcome.error
    if error.startswith("NameError"):
        name = re.search(r"name '(\w+)'", error)
        what = f"`{name[1]}` does not exist" if name else "A name does not exist"
        return f"{what}: run or write the cell that defines it."
    if error in ("", NO_VALUE):
        return NONE_HINT
    if error.startswith(STOPPED):
        why = error.removeprefix(STOPPED)
        return f"This was stopped: {why}. Is there a loop that never ends?"
    if error.startswith("NotImplementedError"):
        return "Not answered yet."
    told, at = f"{_quoted(error)}", f" ({_quoted(outcome.where)})"
    if error.startswith(("SyntaxError", "IndentationError")):
        return f"Python cannot read your answer: {told}{at if outcome.where else ''}"
    if "NoneType" in error and (
        outcome.where == IN_CHECK or (not outcome.where and NONE_ERROR.search(error))
    ):
        return NONE_HINT
    if outcome.where == IN_CHECK:
        return f"The check cannot use what your answer gives: {told}"
    return f"Your answer stopped with an error: {told}{at if outcome.where else ''}"


def _quoted(text: str) -> str:
    """On one line, cut to a readable length."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED]} ..."


def _about_text(reference: str, answer: str) -> str:
    """One of the two is not made of numbers alone."""
    want, have = parse_value(reference), parse_value(answer)
    if lazy := LAZY.match(answer):
        return f"Your value is {lazy[0]}>: take its parts out, with `list(...)`."
    if answer.startswith("<function"):
        return "Your value is a function: call it."
    if "{" in answer and "{" not in reference:
        return "Your value is a set or a dictionary: another container is asked for."
    if want is None or have is None:
        return _about_kind(reference, answer)
    old, new = list(leaves(want)), list(leaves(have))
    if "None" in new and "None" not in old:
        return "There is a None in your value: is a `return` missing?"
    if old and all(part in WORDS for part in old) and not WORDS & set(new):
        return "True or False is asked for."
    if not any(isinstance(part, str) for part in old):
        return "The right value consists of numbers; what kind of thing is yours?"
    if not any(isinstance(part, str) for part in new):
        return "The right value has words in it, yours consists of numbers."
    return first_mismatch(want, have) or _about_parts(
        old, new, is_whole(reference), sorted(reference) == sorted(answer)
    )


def _about_kind(reference: str, answer: str) -> str:
    if as_numbers(reference) is not None:
        return "The right value consists of numbers; what kind of thing is yours?"
    if as_numbers(answer) is not None:
        return "The right value has words in it, yours consists of numbers."
    return "Your value differs."


def _about_parts(
    old: list[float | str], new: list[float | str], whole: bool, moved: bool
) -> str:
    """Texts and numbers, built alike: which of the two are wrong?"""
    words = [(a, b) for a, b in zip(old, new, strict=True) if isinstance(a, str)]
    numbers = [(a, b) for a, b in zip(old, new, strict=True) if isinstance(a, float)]
    wrong = sum(a != b for a, b in words)
    want: list[Part] = [a for a, _ in numbers]
    have: list[Part] = [b for _, b in numbers]
    if moved:
        return "The right parts in the wrong order."
    said = "the words" if all(a in WORDS for a, _ in words) else "the texts"
    if not wrong:
        hint = next(_differences(want, have, whole), _some_differ(want, have))
        return f"{said.capitalize()} are right. About the numbers: {hint}"
    many = f"{wrong} of your {len(words)} {said[4:]} differ."
    if want and _close(_flat(want), _flat(have)):
        return f"The numbers are right, but {many}"
    return many


def _some_differ(want: Part, have: Part) -> str:
    pairs = list(zip(_flat(want), _flat(have), strict=False))
    wrong = sum(not _close([a], [b]) for a, b in pairs)
    if len(pairs) == 1 or not wrong:
        return "Your number differs." if len(pairs) == 1 else "Your numbers differ."
    return f"{wrong} of your {len(pairs)} numbers differ."


def _flat(value: Part) -> list[float]:
    return [leaf for leaf in leaves(value) if isinstance(leaf, float)]


def _differences(want: Part, have: Part, whole: bool) -> Iterator[str]:
    """What is wrong, the most telling first."""
    if isinstance(want, list) != isinstance(have, list):
        yield first_mismatch(want, have)
    elif shape(want) != shape(have):
        flat = len(shape(want)) == len(shape(have)) == 1
        if flat or not _regular(want) or not _regular(have):
            yield first_mismatch(want, have)
        else:
            yield f"Your value has the shape {shape(have)}, not {shape(want)}."
    elif told := first_mismatch(want, have):  # rows of several lengths
        yield told
    else:
        yield from _wrong_numbers(want, have, whole)


def _regular(value: Part) -> bool:
    return math.prod(shape(value)) == len(_flat(value))


def _wrong_numbers(want: Part, have: Part, whole: bool) -> Iterator[str]:
    old, new = _flat(want), _flat(have)
    if any(map(math.isnan, new)) and not any(map(math.isnan, old)):
        yield "There is a nan in your value: 0/0, inf - inf or log of less than 0?"
    if any(map(math.isinf, new)) and not any(map(math.isinf, old)):
        yield "There is an infinity in your value: an overflow, or the log of 0?"
    if not old or not all(map(math.isfinite, old + new)):
        return
    if len(old) > 1 and _all_one(want) and not _all_one(have):
        one = len(rows(want)) == 1
        what = "The right numbers add up" if one else "Each right row adds up"
        yield f"{what} to 1, yours do not."
    if whole and any(x % 1 for x in new):
        yield "A whole number is asked for: yours are not all whole."
    elif not whole and _close(old, new):
        yield "Almost right, but not to the last digits: was something rounded early?"
    yield from _patterns(old, new)


def _all_one(value: Part) -> bool:
    """Does each row add up to 1? An overflow is inf here; `math.fsum` would raise."""
    sums = [sum(x for x in row if isinstance(x, float)) for row in rows(value)]
    return bool(sums) and all(abs(total - 1) < 0.01 for total in sums)


def _patterns(old: list[float], new: list[float]) -> Iterator[str]:
    if len(old) > 1 and _close(sorted(old), sorted(new)):
        yield "The right numbers in the wrong order: which axis, which direction?"
    if any(old) and _close([-x for x in old], new):
        yield "The sign is wrong, the rest is right."
    if all(x >= 0 for x in old) and min(new) < 0:
        yield "Some of your numbers are negative; in this check no right one is."
    if all(x <= 0 for x in old) and max(new) > 0:
        yield "Some of your numbers are positive; in this check no right one is."
    if len(set(old)) > 1 and len(set(new)) == 1:
        yield "All your numbers are the same; the right ones are not."
    if len(set(old)) < 2:
        return
    pairs = list(zip(old, new, strict=True))
    if _close([b - a for a, b in pairs], [new[0] - old[0]]):
        yield "All your numbers are off by one and the same amount."
    a, b = max(pairs, key=lambda pair: abs(pair[0]))
    if len(set(map(abs, old)) - {0.0}) > 1 and _close([x * (b / a) for x in old], new):
        yield "All your numbers are off by one and the same factor."


def _close(some: list[float], others: list[float]) -> bool:
    """Equal within 0.1 %; a single number on the right stands for all."""
    others = others * len(some) if len(others) == 1 else others
    pairs = zip(some, others, strict=True)
    return all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-4) for a, b in pairs)
