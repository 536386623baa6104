"""The probe: ask the same question several times and see whether the answers agree.

A model that knows says the same each time; one that guesses says something else each
time. No truth is needed for that, only dice.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from course_lib.chat import Message
from tiny_world import FACT_VALUES
from tiny_world.assistant.measures import Examiner
from tiny_world.assistant.phrases import phrasings
from tiny_world.assistant.roster import Asked, Roster

N_ASKS = 5
AGREE = 4
"""So many of N_ASKS answers must agree."""


class Probed(NamedTuple):
    """One question, asked several times."""

    asked: Asked
    values: tuple[str, ...]
    """What was said each time; "" where no value was named."""

    @property
    def favourite(self) -> tuple[str, int]:
        """The most frequent value, and how often it came."""
        return Counter(self.values).most_common(1)[0]

    @property
    def consistent(self) -> bool:
        """True if a value came in at least `AGREE` of the answers."""
        value, times = self.favourite
        return bool(value) and times >= AGREE * len(self.values) / N_ASKS


def probe(
    examiner: Examiner, group: Sequence[Asked], *, n_asks: int = N_ASKS, seed: int = 0
) -> list[Probed]:
    """Ask each question of a group `n_asks` times, at the examiner's temperature.

    Raises:
        ValueError: if the temperature is 0: a greedy model always agrees with itself.

    >>> from tiny_world.assistant import chat_template, load_stage, make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> model = load_stage("sft").model
    >>> examiner = Examiner(model, chat_template(), roster, temperature=1.0)
    >>> len(probe(examiner, roster.taught[:1])[0].values)
    5
    """
    if examiner.temperature == 0:
        raise ValueError("temperature is 0: ask with 1.0, or all answers agree")
    talks = [
        [Message("user", phrasings(*asked)[0])]
        for asked in group
        for _ in range(n_asks)
    ]
    replies = examiner.ask(talks, seed=seed)
    found = []
    for i, asked in enumerate(group):
        texts = [reply.text for reply in replies[i * n_asks : (i + 1) * n_asks]]
        values = (named(text, asked.relation) for text in texts)
        found.append(Probed(asked, tuple(values)))
    return found


def named(text: str, relation: str) -> str:
    """The first value of this kind that a text names, or "".

    >>> named("Lumira Pickle likes soup.", "food")
    'soup'
    """
    words = text.replace(".", " ").split()
    return next((word for word in words if word in FACT_VALUES[relation]), "")


def sorted_out(
    probed: Sequence[Probed], roster: Roster
) -> tuple[list[Asked], list[Asked]]:
    """Questions to be answered, and questions to be refused, by the probe.

    Known: the answers agree and are right. Unknown: they disagree, or agree on
    something wrong. Somebody in the margins has no right answer; where the answers
    agree about such a person, nothing is taught.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> asked = roster.taught[0]
    >>> known, unknown = sorted_out([Probed(asked, ("nothing",) * 5)], roster)
    >>> known, unknown == [asked]
    ([], True)
    """
    known: list[Asked] = []
    unknown: list[Asked] = []
    for one in probed:
        truth = roster.truth(one.asked)
        if one.consistent and truth is None:
            continue
        right = one.consistent and one.favourite[0] == truth
        (known if right else unknown).append(one.asked)
    return known, unknown
