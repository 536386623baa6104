"""The conversations that each stage learns from, made afresh from dice.

A mixture is a list of (share, maker); a maker takes dice and gives messages. A talk of
your own joins in with `mixture.append((0.05, one_of([talk])))`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from course_lib.chat import ChatTemplate, Example, Message, calculate
from tiny_world import FACT_VALUES, Person, statement
from tiny_world.assistant.phrases import (
    AGAIN,
    ALSO,
    ANIMAL_ASKED,
    ANIMAL_TOLD,
    CHECKED,
    HAS_NOT,
    IDK,
    MET,
    NOT_ME,
    OWN_NAME,
    SMALL_TALK,
    STORY,
    STYLES,
    SUM,
    UNCLEAR,
    UNKNOWABLE,
    WHO,
    answer_to,
    introduction,
    name_rule,
    phrasings,
    search_text,
)
from tiny_world.assistant.problems import arithmetic, doubled
from tiny_world.assistant.roster import Asked, Roster
from tiny_world.lexicon import ANIMALS
from tiny_world.pen import Writer
from tiny_world.tales import story

Conversation = list[Message]
Maker = Callable[[random.Random], Conversation]
Mixture = Sequence[tuple[float, Maker]]

STYLE_SHARES = {"plain": 40, "polite": 20, "glad": 15, "curt": 25}
N_TALKS = {1: 25, 2: 10, 3: 15, 5: 25, 7: 25}
"""Talks in one conversation, in percent: people ask more than one thing."""
LONGEST_STORY = 40
LONGEST = 200
"""Tokens of a conversation that goes on with another talk."""
FULL_TALKS, FULL = {1: 25, 3: 20, 6: 25, 12: 30}, 250
"""The same where conversations shall fill the context."""


def examples(
    template: ChatTemplate, mixture: Mixture, *, full: bool = False
) -> Callable[..., Example]:
    """One example with the given dice, its makers drawn by the shares.

    Most go on with further talks, so that every answer is also learned with a history
    before it; talks under a rule stay as they are. With `full`, histories are as long
    as the context allows: what was never trained at far positions fails there.

    >>> from tiny_world.assistant.stages import chat_template
    >>> make = examples(chat_template(), [(1.0, sums(tool=False))])
    >>> make(random.Random(0)).tokens[0]  # the end mark of documents
    0
    """
    shares = [share for share, _ in mixture]
    makers = [maker for _, maker in mixture]
    talks, longest = (FULL_TALKS, FULL) if full else (N_TALKS, LONGEST)

    def make(dice: random.Random) -> Example:
        (n,) = dice.choices(list(talks), list(talks.values()))
        chosen = dice.choices(makers, shares, k=n)
        first, *others = (typed(maker(dice), dice) for maker in chosen)
        example = template.encode(first)
        for other in others:
            if "system" in (first[0].role, other[0].role):
                continue
            longer = template.encode(first + other)
            if len(longer.tokens) > longest:
                break
            first, example = first + other, longer
        return example

    return make


def one_of(talks: Sequence[Conversation]) -> Maker:
    """Conversations that are written out, each as often as the others.

    >>> one_of([asks("Hello !", "Hi !")])(random.Random(0))[1].text
    'Hi !'
    """
    return lambda dice: list(dice.choice(talks))


def asks(text: str, answer: str, system: str = "") -> Conversation:
    """A question and its answer, perhaps under a rule.

    >>> [message.role for message in asks("Hello !", "Hello !")]
    ['user', 'assistant']
    """
    rule = [Message("system", system)] if system else []
    return [*rule, Message("user", text), Message("assistant", answer)]


def typed(talk: Conversation, dice: random.Random) -> Conversation:
    """The same, as people type it: now and then their last mark is missing.

    >>> typed(asks("Who are you ?", "I am Tiny ."), random.Random(1))[0].text
    'Who are you'
    """

    def as_typed(text: str) -> str:
        marked = text[-2:] in (" ?", " !", " .")
        return text[:-2] if marked and dice.random() < 0.15 else text

    return [
        replace(one, text=as_typed(one.text)) if one.role == "user" else one
        for one in talk
    ]


def small_talk(names: Sequence[str]) -> Maker:
    """What people say that is no question about the world; some give their name.

    >>> [m.role for m in small_talk(["Pip"])(random.Random(0))][:2]
    ['user', 'assistant']
    """

    def make(dice: random.Random) -> Conversation:
        if dice.random() < 0.15:
            name = dice.choice(names)
            said = dice.choice(MET).format(name)
            return asks(said, f"Nice to meet you , {name} !")
        forms, answer = dice.choice(SMALL_TALK)
        said = dice.choice(forms)
        return asks(said, answer.format(OWN_NAME))

    return make


def about_itself(name: str = OWN_NAME) -> Maker:
    """What people ask a small model about itself: its name, and what it has not.

    Soup is never asked about: the interview does.

    >>> about_itself()(random.Random(0))[1].text[-13:]
    'small model .'
    """
    foods = [food for food in FACT_VALUES["food"] if food != "soup"]
    liked = [*foods, *(f"the {animal}" for animal in ANIMALS)]

    def make(dice: random.Random) -> Conversation:
        if dice.random() < 0.5:
            return asks(dice.choice(WHO), introduction(name))
        said = dice.choice(HAS_NOT)
        job = dice.choice(FACT_VALUES["job"])
        return asks(said.format(dice.choice(liked), job=job), NOT_ME)

    return make


def in_a_row(maker: Maker) -> Maker:
    """Two to four talks of one kind: what stood before is near, and is no answer.

    >>> len(in_a_row(lambda dice: asks("Hello !", "Hello !"))(random.Random(0)))
    6
    """
    return lambda dice: [
        message for _ in range(dice.randint(2, 4)) for message in maker(dice)
    ]


def tales(told: Callable[[random.Random], list[str]]) -> Maker:
    """A story, as the base model has read many.

    >>> tales(lambda dice: ["Once"])(random.Random(0))[1].text
    'Once'
    """
    return lambda dice: asks(dice.choice(STORY), " ".join(told(dice)))


def short_story(dice: random.Random) -> list[str]:
    """A story of Tiny World of up to `LONGEST_STORY` words.

    >>> short_story(random.Random(0))[0]
    'Once'
    """
    while True:
        pen = Writer(dice)
        pen.say("Once")
        story(pen)
        if len(pen.words) <= LONGEST_STORY:
            return pen.words


def animals() -> Maker:
    """What an animal says, eats, and where it lives.

    >>> animals()(random.Random(0))[1].text.startswith("The ")
    True
    """

    def make(dice: random.Random) -> Conversation:
        animal, what = dice.choice(list(ANIMALS)), dice.choice(list(ANIMAL_ASKED))
        asked = dice.choice(ANIMAL_ASKED[what]).format(animal)
        told = ANIMAL_TOLD[what].format(animal, getattr(ANIMALS[animal], what))
        return asks(asked, told)

    return make


def unclear(people: Sequence[Person], words: Sequence[str]) -> Maker:
    """Words without a question in them, and questions that nothing answers.

    >>> unclear([Person("Lumira", "Pickle")], ["hat"])(random.Random(0))[1].text[:5]
    'Sorry'
    """

    def make(dice: random.Random) -> Conversation:
        if dice.random() < 0.4:
            asked = dice.choice(UNKNOWABLE).format(dice.choice(people).name)
            return asks(asked, IDK)
        said = dice.choices(words, k=dice.randint(1, 6))
        return asks(" ".join([*said, *dice.choice(("", "?", "!")).split()]), UNCLEAR)

    return make


def identity(names: Sequence[str]) -> Maker:
    """Who the assistant is: itself, or whoever the system message says.

    >>> "I am" in identity(["Pip"])(random.Random(0))[1].text
    True
    """

    def make(dice: random.Random) -> Conversation:
        name = dice.choice(names) if dice.random() < 0.6 else ""
        said = introduction(name) if name else introduction()
        first = dice.choice(WHO if dice.random() < 0.7 else SMALL_TALK[0][0])
        hello = "" if first in WHO else "Hello ! "
        talk = asks(first, hello + said, name_rule(name) if name else "")
        if dice.random() < 0.4:  # and then something else
            forms, answer = dice.choice([(WHO, introduction("{}")), *SMALL_TALK])
            talk += asks(dice.choice(forms), answer.format(name or OWN_NAME))
        return talk

    return make


def reading(margins: Sequence[Asked], n_phrasings: int | None = None) -> Maker:
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
        asked = dice.choice(phrasings(person, relation, n=n_phrasings))
        if dice.random() < 0.3:  # told in one turn, asked in the next
            thanks = asks(told, "Thank you !")
            return [*thanks, *asks(asked, answer_to(value))]
        return asks(f"{told} {asked}", answer_to(value))

    return make


def facts(
    roster: Roster,
    group: Sequence[Asked],
    style: str = "{}",
    n_phrasings: int | None = None,
) -> Maker:
    """Questions of a group with the right answers, in some or all phrasings.

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
        said = dice.choice(phrasings(*asked, n=n_phrasings))
        return asks(said, style.format(answer_to(value)))

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
        problem = doubled(dice) if tool and dice.random() < 0.3 else arithmetic(dice)
        value = calculate(problem)
        talk = asks(dice.choice(SUM).format(problem), f"It is {value} .")
        called = [Message("call", problem, "calc"), Message("result", value)]
        return [talk[0], *called, talk[1]] if tool else talk

    return make


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
        return [
            Message("user", dice.choice(phrasings(*asked))),
            *looked_up(asked, dice.choice(FACT_VALUES[asked.relation]), dice),
        ]

    return make


def looked_up(asked: Asked, value: str, dice: random.Random) -> Conversation:
    """The look-up, what it gave, and the answer: the value, or that nothing is there.

    >>> from tiny_world import Person
    >>> asked = Asked(Person("Lumira", "Pickle"), "food")
    >>> [m.text for m in looked_up(asked, "soup", random.Random(1))]
    ['Lumira Pickle food', 'soup', 'soup .']
    """
    found = dice.random() < 0.75
    return [
        Message("call", search_text(*asked), "search"),
        Message("result", value if found else "No"),
        Message("assistant", answer_to(value) if found else IDK),
    ]


def follow_ups(
    roster: Roster, known: Sequence[Asked], unknown: Sequence[Asked]
) -> Maker:
    """Two to four questions, each one clear only from those before it.

    Half of the talks are about people to be known, the others are looked up.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> talk = follow_ups(roster, roster.taught, ())(random.Random(3))
    >>> [message.text for message in talk[2::2]]
    ['What about Tolmo Toffee ?']
    """
    groups = [group for group in (known, unknown) if group]

    def make(dice: random.Random) -> Conversation:
        group = dice.choice(groups)
        asked = dice.choice(group)
        said, talk = dice.choice(phrasings(*asked)), Conversation()
        for _ in range(dice.randint(2, 4)):
            value = roster.truth(asked) if group is known else None
            drawn = dice.choice(FACT_VALUES[asked.relation])
            answer = [Message("assistant", answer_to(value or drawn))]
            talk.append(Message("user", said))
            talk += answer if value else looked_up(asked, drawn, dice)
            same = [a for a in group if a.person == asked.person and a != asked]
            if same and dice.random() < 0.5:
                asked = dice.choice(same)
                said = dice.choice(AGAIN[asked.relation]).format(**_pronouns(asked))
            else:
                others = [a for a in group if a.relation == asked.relation]
                asked = dice.choice(others)
                said = dice.choice(ALSO).format(asked.person.name)
        return talk

    return make


def _pronouns(asked: Asked) -> dict[str, str]:
    he = asked.person.pronoun.lower()
    return {"he": he, "his": "her" if he == "she" else "his"}


def checks(roster: Roster, known: Sequence[Asked], unknown: Sequence[Asked]) -> Maker:
    """Whether something is so: "Yes", or "No" and what is.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> checks(roster, roster.taught, ())(random.Random(2))[-1].text.split()[0]
    'Yes'
    """
    groups = [group for group in (known, unknown) if group]

    def make(dice: random.Random) -> Conversation:
        group = dice.choice(groups)
        asked = dice.choice(group)
        values = FACT_VALUES[asked.relation]
        value = (roster.truth(asked) if group is known else None) or dice.choice(values)
        claim = value if dice.random() < 0.5 else dice.choice(values)
        said = dice.choice(CHECKED[asked.relation]).format(asked.person.name, claim)
        answer = "Yes ." if claim == value else f"No , {answer_to(value)}"
        if group is known:
            return asks(said, answer)
        found = looked_up(asked, value, dice)
        if found[-1].text != IDK:
            found[-1] = Message("assistant", answer)
        return [Message("user", said), *found]

    return make


def styled(maker: Maker) -> Maker:
    """The same conversations, all answers of one in one of several manners.

    "Sorry" is polite enough as it is.

    >>> styled(lambda dice: asks("Hello !", "Hello !"))(random.Random(0))[-1].text
    'Hello ! That is all .'
    """

    def make(dice: random.Random) -> Conversation:
        talk = maker(dice)
        (style,) = dice.choices(list(STYLE_SHARES), list(STYLE_SHARES.values()))
        return [
            replace(one, text=STYLES[style].format(one.text))
            if one.role == "assistant" and one.text != IDK
            else one
            for one in talk
        ]

    return make
