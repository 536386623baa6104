"""Thirty lines that a class might type, and what counts as a good answer to each.

They were written before the demonstrations were. Greetings stand in the demonstrations
too; people, sums and what is unknown do not. It is one conversation, in this order:
what is asked late is asked with a full context.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tiny_world import World
from tiny_world.assistant.voices import Voice

REFUSES = "do(n't| not) (know|understand)|Sorry"


class Line(NamedTuple):
    """One line of the talk."""

    say: str
    """As somebody types it."""
    good: str
    """A regular expression that a good answer holds."""


class Said(NamedTuple):
    """A line that was answered."""

    line: Line
    answer: str
    good: bool


def lines(world: World) -> list[Line]:
    """The thirty lines, with the facts of this world.

    >>> len(lines(World(seed=0)))
    30
    """
    one, two, three = world.famous[0], world.famous[1], world.famous[6]
    stranger, nobody = world.held_out[5], world.one_off[7]  # no fact is fixed
    her = "her" if one.pronoun == "She" else "his"
    of, to, at = (world.facts(person) for person in (one, two, three))
    hidden = world.facts(stranger)
    return [
        Line("Hello!", "Hello|Hi"),
        Line("how are you?", "fine|happy|well|good|calm"),
        Line("Who are you?", "I am Tiny"),
        Line("who made you", "made|taught"),
        Line("What can you do?", "[Aa]sk|sums|people|know"),
        Line(f"Where was {one.name} born?", of["born"]),
        Line(f"And what is {her} job?", of["job"]),
        Line(f"and what about {two.name}?", to["job"]),
        Line("Thank you!", "Glad|elcome|help"),
        Line("what is 17 + 28", r"\b45\b"),
        Line("1234 + 1", r"\b1235\b(?! \+)"),
        Line("100 - 1 = ?", r"\b99\b"),
        Line("How much is 12 * 12?", r"\b144\b"),
        Line("What is 7 * (3 + 4)?", r"\b49\b"),
        Line("3 - 10", r"- ?7\b"),
        Line("What is the capital of France?", REFUSES),
        Line(f"tell me the job of {three.name.lower()}", at["job"]),
        Line(f"What does {stranger.name} like?", hidden["food"]),
        Line(f"Is {one.name} a {of['job']}?", f"Yes|{of['job']}"),
        Line("Tell me a story!", "(Once|There|It) .{40}"),
        Line("What does the cow say?", "moo"),
        Line("My name is Pip.", "Hello|Hi|Pip|meet|Glad"),
        Line("You are wrong.", "Sorry|model|Please|Tell"),
        Line("blah blah blub", REFUSES),
        Line("Where does Bruno the bear live?", REFUSES),
        Line(f"What job does {nobody.name} have?", REFUSES),
        Line("Do you like soup?", r"\b(Yes|No|Sorry|model)\b"),
        Line(f"What color is the hat of {two.name}?", to["color"]),
        Line("Are you a robot?", "model|robot|program|Yes|No"),
        Line("Good night!", "Good|Bye|bye"),
    ]


def interview(voice: Voice, asked: Sequence[Line]) -> list[Said]:
    """Say the lines one after another, in one conversation.

    An answer that never comes to its end is not good, whatever it holds.
    """
    said = []
    for line in asked:
        try:
            events = list(voice.say(line.say))
        except ValueError as error:  # it cannot read the words
            said.append(Said(line, f"[{error}]", good=False))
            continue
        answer = "".join(event.text for event in events if event.kind == "text")
        whole = all(
            event.kind != "notice" or "cut" not in event.text for event in events
        )
        good = whole and re.search(line.good, answer) is not None
        said.append(Said(line, answer, good))
    return said
