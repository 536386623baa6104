"""A printed value as nested lists of numbers and texts, to say what is odd about it."""

from collections.abc import Iterator
from typing import TypeAlias

from classroom.homework.compare import MAX_TEXT, one_kind, parse_number, plain_tokens

Part: TypeAlias = "float | str | list[Part]"
DEEPEST = 50
OPEN, CLOSE, BETWEEN = {"[", "{"}, {"]", "}"}, {",", ":"}


def parse_value(text: str) -> "Part | None":
    """The parts of any printed value; None if it is none.

    >>> parse_value("{'a': tensor([[1., nan]])}")
    ["'a'", [[1.0, nan]]]
    >>> parse_value("<map at 0x7f>") is None
    True
    """
    stack: list[list[Part]] = [[]]
    for token in one_kind(plain_tokens(text[:MAX_TEXT])):
        if token in OPEN:
            stack.append([])
        elif token in CLOSE:
            done = stack.pop()
            if not stack:
                return None
            stack[-1].append(done)
        elif token not in BETWEEN:
            number = parse_number(token)
            stack[-1].append(token if number is None else number[0])
        if len(stack) > DEEPEST:
            return None
    return stack[0][0] if len(stack) == 1 == len(stack[0]) else None


def as_numbers(text: str) -> "Part | None":
    """The numbers in a printed list, tuple or tensor; None for anything else.

    >>> as_numbers("tensor([[1., nan], [-inf, 4.0]])")
    [[1.0, nan], [-inf, 4.0]]
    >>> as_numbers("['a']") is None
    True
    """
    value = None if "{" in text or len(text) > MAX_TEXT else parse_value(text)
    if value is None or any(isinstance(leaf, str) for leaf in leaves(value)):
        return None
    return value


def is_whole(text: str) -> bool:
    """Are all its numbers integers, and is there one at least?

    >>> is_whole("[1, 'a', 2]"), is_whole("tensor([1., 2.])")
    (True, False)
    """
    numbers = [parse_number(token) for token in plain_tokens(text)]
    units = [number[1] for number in numbers if number]
    return bool(units) and not any(units)


def leaves(value: Part) -> Iterator[float | str]:
    """The numbers and texts, in order.

    >>> list(leaves([["'a'", 2.0], 3.0]))
    ["'a'", 2.0, 3.0]
    """
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def shape(value: Part) -> tuple[int, ...]:
    """Sizes from the outside in, as far as the parts agree.

    >>> shape([[1.0, 2.0], [3.0, 4.0]]), shape([[1.0], [2.0, 3.0]]), shape(5.0)
    ((2, 2), (2,), ())
    """
    if not isinstance(value, list):
        return ()
    inner = {shape(part) for part in value}
    return (len(value), *(inner.pop() if len(inner) == 1 else ()))


def rows(value: Part) -> list[list[float | str]]:
    """The innermost lists.

    >>> rows([[1.0, 2.0], [3.0, 4.0]]), rows(5.0)
    ([[1.0, 2.0], [3.0, 4.0]], [])
    """
    if not isinstance(value, list):
        return []
    if any(isinstance(part, list) for part in value):
        return [row for part in value for row in rows(part)]
    return [list(leaves(value))]


def first_mismatch(want: Part, have: Part, path: tuple[int, ...] = ()) -> str:
    """Where two values are built differently; "" if they are built alike.

    >>> first_mismatch([1.0, [2.0, 3.0]], [1.0, [2.0]])
    'Part 2 of your value has 1 part, not 2.'
    >>> first_mismatch([1.0, "'a'"], ["'b'", "'a'"])
    'Part 1 of your value is a text: a number is asked for.'
    """
    mine = f"Part {'.'.join(map(str, path))} of your value" if path else "Your value"
    if isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            parts = "1 part" if len(have) == 1 else f"{len(have)} parts"
            return f"{mine} has {parts}, not {len(want)}."
        pairs = zip(want, have, strict=True)
        inner = (first_mismatch(a, b, (*path, i)) for i, (a, b) in enumerate(pairs, 1))
        return next(filter(None, inner), "")
    if type(want) is type(have):
        return ""
    return f"{mine} is {_kind(have)}: {_kind(want)} is asked for."


def _kind(value: Part) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, float):
        return "a number"
    return "a text" if value[:1] in ("'", '"') else f"`{value[:20]}`"
