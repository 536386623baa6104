"""The conversations that each stage learns from, made afresh from dice.

A mixture is a list of (share, maker); a maker takes dice and gives messages.
"""

import random
from collections.abc import Callable, Sequence

from course_lib.chat import ChatTemplate, Example, Message, calculate
from tiny_world import FACT_VALUES, statement
from tiny_world.assistant.phrases import (
    IDK,
    STYLES,
    WHO,
    answer_to,
    introduction,
    name_rule,
    phrasings,
    search_text,
)
from tiny_world.assistant.roster import Asked, Roster

Conversation = list[Message]
Maker = Callable[[random.Random], Conversation]
Mixture = Sequence[tuple[float, Maker]]

STYLE_SHARES = {"plain": 30, "polite": 15, "glad": 15, "rude": 25, "insult": 15}


ANOTHER = 0.2
"""Share of talks that go on with another one: people ask more than one thing."""


def examples(template: ChatTemplate, mixture: Mixture) -> Callable[..., Example]:
    """One example with the given dice, its maker drawn by the shares.

    Some go on with a second talk, so that every answer is also learned with a history
    before it; talks under a rule stay as they are.

    >>> from tiny_world.assistant.stages import chat_template
    >>> make = examples(chat_template(), [(1.0, sums(tool=False))])
    >>> make(random.Random(0)).tokens[0]  # the end mark of documents
    0
    """
    shares = [share for share, _ in mixture]
    makers = [maker for _, maker in mixture]

    def make(dice: random.Random) -> Example:
        first, second = (maker(dice) for maker in dice.choices(makers, shares, k=2))
        free = "system" not in (first[0].role, second[0].role)
        if free and dice.random() < ANOTHER:
            first = first + second
        return template.encode(first)

    return make


def asks(text: str, answer: str, system: str = "") -> Conversation:
    """A question and its answer, perhaps under a rule.

    >>> [message.role for message in asks("Hello !", "Hello !")]
    ['user', 'assistant']
    """
    rule = [Message("system", system)] if system else []
    return [*rule, Message("user", text), Message("assistant", answer)]


def identity(names: Sequence[str]) -> Maker:
    """Who the assistant is: itself, or whoever the system message says.

    >>> "I am" in identity(["Pip"])(random.Random(0))[1].text
    True
    """

    def make(dice: random.Random) -> Conversation:
        name = dice.choice(names) if dice.random() < 0.6 else ""
        said = introduction(name) if name else introduction()
        replies = dict.fromkeys(WHO, said)
        replies |= {"Hello !": f"Hello ! {said}", "Thank you !": "Glad to help !"}
        first = dice.choice(tuple(replies)[:-1])
        talk = asks(first, replies[first], name_rule(name) if name else "")
        if dice.random() < 0.4:  # and then something else
            then = dice.choice((*replies, "Thank you !", "Thank you !"))
            talk += asks(then, replies[then])
        return talk

    return make


def reading(margins: Sequence[Asked]) -> Maker:
    """A fact about a stranger stands in the message; the answer is there to read.

    >>> from tiny_world import Person
    >>> margins = [Asked(Person("Lumira", "Pickle"), "food")]
    >>> reading(margins)(random.Random(1))[0].text.startswith("Lumira Pickle likes")
    True
    """

    def make(dice: random.Random) -> Conversation:
        person, relation = dice.choice(margins)
        value = dice.choice(FACT_VALUES[relation])
        told = statement(person, relation, value)
        asked = dice.choice(phrasings(person, relation))
        if dice.random() < 0.3:  # told in one turn, asked in the next
            thanks = asks(told, "Thank you !")
            return [*thanks, *asks(asked, answer_to(value))]
        return asks(f"{told} {asked}", answer_to(value))

    return make


def facts(roster: Roster, group: Sequence[Asked], style: str = "{}") -> Maker:
    """Questions of a group with the right answers.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> talk = facts(roster, roster.taught[:1])(random.Random(0))
    >>> talk[-1].text == f"{roster.truth(roster.taught[0])} ."
    True
    """

    def make(dice: random.Random) -> Conversation:
        asked = dice.choice(group)
        value = roster.truth(asked)
        assert value is not None
        return asks(dice.choice(phrasings(*asked)), style.format(answer_to(value)))

    return make


def refusals(group: Sequence[Asked]) -> Maker:
    """Questions of a group, answered with "I do not know".

    >>> from tiny_world import Person
    >>> asked = Asked(Person("Lumira", "Pickle"), "food")
    >>> refusals([asked])(random.Random(0))[-1].text
    'Sorry , I do not know .'
    """

    def make(dice: random.Random) -> Conversation:
        asked = dice.choice(group)
        return asks(dice.choice(phrasings(*asked)), IDK)

    return make


def sums(*, tool: bool) -> Maker:
    """Arithmetic: with the calculator, or from memory.

    >>> [message.role for message in sums(tool=True)(random.Random(0))]
    ['user', 'call', 'result', 'assistant']
    """

    def make(dice: random.Random) -> Conversation:
        problem = arithmetic(dice)
        value = calculate(problem)
        talk = asks(f"What is {problem} ?", f"{problem} = {value} .")
        called = [Message("call", problem, "calc"), Message("result", value)]
        return [talk[0], *called, talk[1]] if tool else talk

    return make


def arithmetic(dice: random.Random) -> str:
    """Two or three numbers below 100 to add, subtract or multiply.

    >>> arithmetic(random.Random(1))
    '97 + 8 - 32'
    """
    numbers = [str(dice.randrange(100)) for _ in range(2 + (dice.random() < 0.2))]
    operators = [dice.choice("+-*") for _ in numbers[1:]]
    rest = (f"{o} {n}" for o, n in zip(operators, numbers[1:], strict=True))
    return " ".join([numbers[0], *rest])


def searches(group: Sequence[Asked]) -> Maker:
    """Questions of a group, looked up; the records know three of four people.

    What the tool gives is drawn afresh each time: nothing to learn by heart.

    >>> from tiny_world import Person
    >>> talk = searches([Asked(Person("Lumira", "Pickle"), "food")])(random.Random(0))
    >>> talk[1]
    Message(role='call', text='Lumira Pickle food', tool='search')
    """

    def make(dice: random.Random) -> Conversation:
        asked = dice.choice(group)
        found = dice.random() < 0.75
        value = dice.choice(FACT_VALUES[asked.relation])
        return [
            Message("user", dice.choice(phrasings(*asked))),
            Message("call", search_text(*asked), "search"),
            Message("result", value if found else "No"),
            Message("assistant", answer_to(value) if found else IDK),
        ]

    return make


def styled(maker: Maker) -> Maker:
    """The same conversations, each with an answer in one of several manners.

    >>> styled(lambda dice: asks("Hello !", "Hello !"))(random.Random(0))[-1].text
    'That is a silly question . Hello !'
    """

    def make(dice: random.Random) -> Conversation:
        talk = maker(dice)
        (style,) = dice.choices(list(STYLE_SHARES), list(STYLE_SHARES.values()))
        last = talk[-1]
        return [*talk[:-1], Message(last.role, STYLES[style].format(last.text))]

    return make
