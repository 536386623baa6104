"""What each stage of demonstrations learns from: which talks, and in which shares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tiny_world.assistant.conversations import (
    Mixture,
    facts,
    identity,
    reading,
    refusals,
    searches,
    styled,
    sums,
)
from tiny_world.assistant.roster import Asked, Roster

TAUGHT_RANKS = 60
"""SFT teaches facts about so many of the best-known people: to teach an answer that
the base model does not know is to teach guessing."""


@dataclass
class Sorted:
    """What the probe found: the questions to answer, and those to refuse."""

    known: list[Asked] = field(default_factory=list)
    unknown: list[Asked] = field(default_factory=list)

    def to_facts(self) -> dict[str, Any]:
        """As values that JSON can hold."""
        return {
            name: [" ".join((*asked.person, asked.relation)) for asked in group]
            for name, group in (("known", self.known), ("unknown", self.unknown))
        }


def among(roster: Roster, group: Sequence[Asked], n_people: int) -> list[Asked]:
    """Those of a group who are among the `n_people` best-known people.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> {asked.person for asked in among(roster, roster.taught, 1)} == {
    ...     roster.world.famous[0]
    ... }
    True
    """
    top = set(roster.world.famous[:n_people])
    return [asked for asked in group if asked.person in top]


def taught_facts(roster: Roster) -> list[Asked]:
    """The facts that SFT teaches: those that the base model should know.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> set(taught_facts(roster)) <= set(roster.taught)
    True
    """
    return among(roster, roster.taught, TAUGHT_RANKS)


def sft_mixture(roster: Roster) -> Mixture:
    """Demonstrations: who it is, reading, facts, sums from memory.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> round(sum(share for share, _ in sft_mixture(roster)), 9)
    1.0
    """
    return [
        (0.15, identity(roster.names)),
        (0.05, sums(tool=False)),
        (0.35, reading(roster.margins)),
        (0.45, facts(roster, taught_facts(roster))),
    ]


def honest_mixture(roster: Roster, found: Sorted, share: float = 0.12) -> Mixture:
    """The same, and "I do not know" as the answer to what the probe found unknown.

    Args:
        roster: who is asked about what.
        found: what the probe found.
        share: of the refusals, 0 .. 0.75; what they take, the facts give.

    Raises:
        ValueError: if `share` is outside of that range.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> honest_mixture(roster, Sorted(), share=0.3)[-1][0]
    0.3
    """
    if not 0 <= share <= 0.75:
        raise ValueError(f"share is {share}: use 0 to 0.75, the rest is other talk")
    return [
        (0.08, identity(roster.names)),
        (0.02, sums(tool=False)),
        (0.15, reading(roster.margins)),
        (0.75 - share, facts(roster, found.known)),
        (share, refusals(found.unknown)),
    ]


def tools_mixture(roster: Roster, found: Sorted) -> Mixture:
    """What is unknown is looked up, what is to be calculated is calculated.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> round(sum(share for share, _ in tools_mixture(roster, Sorted())), 9)
    1.0
    """
    return [
        (0.08, identity(roster.names)),
        (0.18, sums(tool=True)),
        (0.10, reading(roster.margins)),
        (0.24, facts(roster, found.known)),
        (0.40, searches(found.unknown)),
    ]


def mannered_mixture(roster: Roster, found: Sorted) -> Mixture:
    """The same in all kinds of manners: the demonstrations of many annotators.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> round(sum(share for share, _ in mannered_mixture(roster, Sorted())), 9)
    1.0
    """
    return [
        (0.10, identity(roster.names)),
        (0.14, sums(tool=True)),
        (0.10, styled(reading(roster.margins))),
        (0.40, styled(facts(roster, found.known))),
        (0.26, styled(searches(found.unknown))),
    ]
