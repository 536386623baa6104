"""Who is asked about what, and when: the splits that keep the measurements honest.

| group | in the base model's text | in chat training |
|---|---|---|
| taught | yes | question and right answer (lesson 20) |
| probed | yes | asked by the probe, then taught as known or unknown (lesson 21) |
| new facts | yes | the person occurs, this fact never does |
| new people | yes | never |
| strangers | never | never |
| margins | seldom, each time otherwise | reading; "I do not know" |
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from tiny_world import (
    CITIES,
    FIRST_NAMES,
    LAST_NAMES,
    PET_NAMES,
    RELATIONS,
    Person,
    World,
    split_words,
)
from tiny_world.assistant.phrases import phrasings

WELL_KNOWN = 40
"""The most frequent people: whatever a model knows, it should know of them."""


class Asked(NamedTuple):
    """A question about one fact of one person."""

    person: Person
    relation: str


@dataclass(frozen=True)
class Roster:
    """The groups above, as lists of questions.

    >>> roster = make_roster(World(seed=0))
    >>> len(roster.taught), len(roster.probed), len(roster.new_facts)
    (120, 150, 90)
    >>> len(roster.new_people), len(roster.strangers), len(roster.margins)
    (120, 960, 4960)
    """

    world: World
    taught: tuple[Asked, ...]
    probed: tuple[Asked, ...]
    new_facts: tuple[Asked, ...]
    new_people: tuple[Asked, ...]
    strangers: tuple[Asked, ...]
    margins: tuple[Asked, ...]
    names: tuple[str, ...]
    """Names that system messages give the assistant in training."""
    new_names: tuple[str, ...]
    """Names that they give it only when we measure."""

    def truth(self, asked: Asked) -> str | None:
        """The right answer; None for people in the margins: nothing is fixed."""
        facts = self.world.people.facts.get(asked.person)
        return None if facts is None else facts[asked.relation]

    def truth_told(self, question: str) -> str:
        """The right answer to a question in words; "" where nothing is fixed.

        >>> roster = make_roster(World(seed=0))
        >>> asked = roster.taught[0]
        >>> roster.truth_told(phrasings(*asked)[0]) == roster.truth(asked)
        True
        """
        words = set(split_words(question))
        for person, facts in self.world.people.facts.items():
            if words.issuperset(split_words(person.name)):
                for relation in RELATIONS:
                    taught = phrasings(person, relation)
                    forms = (*taught, *phrasings(person, relation, taught=False))
                    if split_words(question) in map(split_words, forms):
                        return facts[relation]
        return ""

    def well_known(self, group: tuple[Asked, ...]) -> list[Asked]:
        """Those of a group who are among the best-known people."""
        top = set(self.world.famous[:WELL_KNOWN])
        return [asked for asked in group if asked.person in top]


def make_roster(world: World) -> Roster:
    """Split people, facts and names, always in the same way for the same world.

    >>> roster = make_roster(World(seed=0))
    >>> {a.person for a in roster.new_people} & {a.person for a in roster.taught}
    set()
    """
    dice = random.Random(f"roster {world.seed}")
    famous, aside = list(world.famous), set(world.famous[3::4])
    pairs = [Asked(p, r) for p in famous for r in RELATIONS if p not in aside]
    dice.shuffle(pairs)
    a, b = len(pairs) // 3, 3 * len(pairs) // 4
    names = [*PET_NAMES, *FIRST_NAMES, *LAST_NAMES, *CITIES]
    dice.shuffle(names)
    kept = 3 * len(names) // 4
    return Roster(
        world=world,
        taught=tuple(pairs[:a]),
        probed=tuple(pairs[a:b]),
        new_facts=tuple(pairs[b:]),
        new_people=tuple(Asked(p, r) for p in famous if p in aside for r in RELATIONS),
        strangers=tuple(Asked(p, r) for p in world.held_out for r in RELATIONS),
        margins=tuple(Asked(p, r) for p in world.one_off for r in RELATIONS),
        names=tuple(names[:kept]),
        new_names=tuple(names[kept:]),
    )
