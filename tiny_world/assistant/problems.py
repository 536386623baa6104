"""Sums that people ask for, as the calculator reads them."""

import random
from itertools import pairwise

from course_lib.chat import calculate


def doubled(dice: random.Random) -> str:
    """A sum whose value has a digit twice in a row: hard to copy, for after 9 comes 9.

    >>> calculate(doubled(random.Random(1)))
    '5200'
    """
    while True:
        problem = arithmetic(dice, three=0.4)
        value = calculate(problem)
        if any(a == b for a, b in pairwise(value)):
            return problem


def arithmetic(dice: random.Random, three: float = 0.2) -> str:
    """Two or (so often) three numbers of one to four digits, with + - *.

    >>> arithmetic(random.Random(1))
    '782 - ( 1 * 57 )'
    """
    numbers = [_number(dice) for _ in range(2 + (dice.random() < three))]
    operators = [dice.choice("+-*") for _ in numbers[1:]]
    if len(numbers) == 3 and dice.random() < 0.5:
        numbers[1], numbers[2] = f"( {numbers[1]}", f"{numbers[2]} )"
    rest = (f"{o} {n}" for o, n in zip(operators, numbers[1:], strict=True))
    return " ".join([numbers[0], *rest])


def _number(dice: random.Random) -> str:
    """Most often below 100, up to four digits."""
    (digits,) = dice.choices((1, 2, 3, 4), (30, 45, 15, 10))
    return str(dice.randrange(10**digits))
