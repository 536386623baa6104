"""The people of Tiny World: who they are, how often they appear, what is true of them.

Three groups share the first and last names. **Famous** people appear often, by a
log-uniform law over two decades, always with the same four facts: a model can learn
them by heart. **One-off** people appear so rarely, with facts drawn afresh each time,
that nothing can be learned: the right answer is a calibrated "I do not know".
**Held-out** people are never written about: they test both.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from tiny_world.lexicon import (
    FACT_VALUES,
    FIRST_NAMES,
    LAST_NAMES,
    RELATIONS,
    SHE_NAMES,
)
from tiny_world.pen import Weighted

N_FAMOUS = 120
N_HELD_OUT = 240
DECADES = 2  # the most famous is 10**2 times as frequent as the least famous
_SHE = frozenset(SHE_NAMES)


class Person(NamedTuple):
    """A first and a last name.

    >>> Person("Lumira", "Pickle").name, Person("Lumira", "Pickle").pronoun
    ('Lumira Pickle', 'She')
    """

    first: str
    last: str

    @property
    def name(self) -> str:
        """First and last name with a space between."""
        return f"{self.first} {self.last}"

    @property
    def pronoun(self) -> str:
        """She or He, by the first name."""
        return pronoun(self.first)


def pronoun(first_name: str) -> str:
    """She or He, by the first name.

    >>> pronoun("Quimbo")
    'He'
    """
    return "She" if first_name in _SHE else "He"


class NameTable:
    """A distribution over people, as a first name and then a last name to pick.

    Attributes:
        first: the first names and their weights.
        last: for each first name, its last names and their weights.
    """

    def __init__(self, weights: dict[Person, int]) -> None:
        firsts: dict[str, int] = defaultdict(int)
        lasts: dict[str, dict[str, int]] = defaultdict(dict)
        for person, weight in weights.items():
            firsts[person.first] += weight
            lasts[person.first][person.last] = weight
        self.first = Weighted.of(firsts)
        self.last = {first: Weighted.of(table) for first, table in lasts.items()}

    def without(self, person: Person) -> "NameTable":
        """The same people but one, in the same proportions."""
        firsts = dict(zip(*self.first, strict=True))
        lasts = dict(zip(*self.last[person.first], strict=True))
        firsts[person.first] -= lasts.pop(person.last)
        if not lasts:
            del firsts[person.first]
        table = NameTable({})
        table.first = Weighted.of(firsts)
        table.last = self.last | {person.first: Weighted.of(lasts)}
        return table


class People:
    """Everybody in one world, drawn from its seed.

    Attributes:
        famous: most frequent first.
        one_off: appear in 30 % of the biographies, all equally rarely.
        held_out: never appear.
        facts: of famous and held-out people: relation -> value.
        weights: of famous people: whole numbers, 1,000,000 for the first.
        in_quizzes: the distribution over people in quizzes and lists (famous only).
        in_biographies: 70 % famous, 30 % one-off.

    >>> people = People(seed=0)
    >>> len(people.famous), len(people.one_off), len(people.held_out)
    (120, 1240, 240)
    """

    def __init__(self, seed: int, n_famous: int = N_FAMOUS) -> None:
        rng = random.Random(f"people of world {seed}")
        everyone = [Person(f, last) for f in FIRST_NAMES for last in LAST_NAMES]
        _shuffle(everyone, rng)
        self.famous = tuple(everyone[:n_famous])
        self.held_out = tuple(everyone[n_famous : n_famous + N_HELD_OUT])
        self.one_off = tuple(everyone[n_famous + N_HELD_OUT :])
        self.facts: dict[Person, dict[str, str]] = {
            person: {r: _draw(FACT_VALUES[r], rng) for r in RELATIONS}
            for person in self.famous + self.held_out
        }
        self.weights: dict[Person, int] = {
            person: round(10 ** (6 - DECADES * rank / (n_famous - 1)))
            for rank, person in enumerate(self.famous)
        }
        rare = sum(self.weights.values()) * 3 // (7 * len(self.one_off))
        self.in_quizzes = NameTable(self.weights)
        self.in_biographies = NameTable(
            self.weights | dict.fromkeys(self.one_off, rare)
        )


def _draw(options: Sequence[str], rng: random.Random) -> str:
    return options[int(rng.random() * len(options))]


def _shuffle(people: list[Person], rng: random.Random) -> None:
    """Fisher-Yates with `random()` only, which no Python version changes."""
    for i in range(len(people) - 1, 0, -1):
        j = int(rng.random() * (i + 1))
        people[i], people[j] = people[j], people[i]
