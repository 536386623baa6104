"""What each stage of demonstrations learns from: which talks, and in which shares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tiny_world import FIRST_NAMES, LAST_NAMES
from tiny_world.assistant.conversations import (
    Maker,
    Mixture,
    about_itself,
    animals,
    checks,
    facts,
    follow_ups,
    identity,
    in_a_row,
    reading,
    refusals,
    searches,
    short_story,
    small_talk,
    styled,
    sums,
    tales,
    unclear,
)
from tiny_world.assistant.phrases import chat_tokenizer
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


def chatter(roster: Roster, share: float, stories: float = 0.1) -> Mixture:
    """Small talk, animals and (so large a part of it) stories.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> [round(part, 3) for part, _ in chatter(make_roster(World(seed=0)), 0.1)]
    [0.05, 0.04, 0.01]
    """
    return [
        (0.5 * share, small_talk(roster.names)),
        ((0.5 - stories) * share, animals()),
        (stories * share, tales(short_story)),
    ]


def sft_mixture(roster: Roster, n_phrasings: int | None = None) -> Mixture:
    """Demonstrations: who it is, small talk, reading, facts, sums from memory.

    Args:
        roster: who is asked about what.
        n_phrasings: in how many ways a fact is asked for; in all if not given.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> round(sum(share for share, _ in sft_mixture(roster)), 9)
    1.0
    """
    return [
        (0.10, identity(roster.names)),
        *chatter(roster, 0.20),
        (0.05, sums(tool=False)),
        (0.25, reading(roster.margins, n_phrasings)),
        (0.40, facts(roster, taught_facts(roster), n_phrasings=n_phrasings)),
    ]


def honest_mixture(roster: Roster, found: Sorted, share: float = 0.18) -> Mixture:
    """The same, and "I do not know" as the answer to what the probe found unknown.

    Args:
        roster: who is asked about what.
        found: what the probe found.
        share: of the refusals, 0 .. 0.6; what they take, the facts give.

    Raises:
        ValueError: if `share` is outside of that range.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> honest_mixture(roster, Sorted(), share=0.3)[-1][0]
    0.3
    """
    if not 0 <= share <= 0.6:
        raise ValueError(f"share is {share}: use 0 to 0.6, the rest is other talk")
    return [
        (0.06, identity(roster.names)),
        *chatter(roster, 0.15),
        (0.04, nonsense(roster)),
        (0.02, sums(tool=False)),
        (0.12, reading(roster.margins)),
        (0.61 - share, facts(roster, found.known)),
        (share, refusals(found.unknown)),
    ]


def nonsense(roster: Roster) -> Maker:
    """Words in no order, and questions that nothing in the world answers.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> import random
    >>> nonsense(make_roster(World(seed=0)))(random.Random(0))[1].text[:5]
    'Sorry'
    """
    people = dict.fromkeys(a.person for a in (*roster.margins, *roster.taught))
    tokenizer = chat_tokenizer()
    marks = set(tokenizer.special_tokens.values())
    ids = (i for i in range(tokenizer.vocab_size) if i not in marks)
    words = (tokenizer.decode([i]) for i in ids)
    names = {*FIRST_NAMES, *LAST_NAMES}
    return unclear(list(people), [word for word in words if word not in names])


def tools_mixture(roster: Roster, found: Sorted) -> Mixture:
    """What is unknown is looked up, what is to be calculated is calculated.

    The annotators who wrote this have several manners.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> round(sum(share for share, _ in tools_mixture(roster, Sorted())), 9)
    1.0
    """
    return [
        (0.06, identity(roster.names)),
        (0.05, about_itself()),
        *chatter(roster, 0.12, stories=0.25),
        (0.04, nonsense(roster)),
        (0.12, sums(tool=True)),
        (0.07, in_a_row(sums(tool=True))),
        (0.05, styled(reading(roster.margins))),
        (0.14, styled(facts(roster, found.known))),
        (0.18, styled(searches(found.unknown))),
        (0.11, styled(follow_ups(roster, found.known, found.unknown))),
        (0.06, styled(checks(roster, found.known, found.unknown))),
    ]
