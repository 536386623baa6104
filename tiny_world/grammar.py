"""The six kinds of document in Tiny World, each written by an ordinary function.

Every function chooses only through `pen.pick` and writes only through `pen.say`; every
option of a pick begins with another word, and the option picked is said next. That is
all it takes to measure the text and to read it back (see `tiny_world.pen`).
Weights are whole numbers, mostly out of about a hundred.
"""

from collections.abc import Callable, Sequence

from tiny_world.lexicon import ANIMALS, BOT_NAMES, EOT, FACT_VALUES, RELATIONS, TRAITS
from tiny_world.pen import Pen, Weighted
from tiny_world.people import NameTable, People, Person
from tiny_world.tales import code, echo, story

KINDS = {  # kind -> share of the documents, in percent
    "story": 30,
    "biography": 38,
    "quiz": 10,
    "list": 8,
    "code": 4,
    "echo": 10,
}
TAGS = {  # tag -> what it marks; words with a tag other than "new" have zero nats
    "": "any other word",
    "coref": "a hero's sound, food, home or workplace where a pronoun stands for it",
    "hero": "the same where the hero is named, and the hero's name at the end",
    "fact": "a famous person's fact, to be known by heart",
    "context": "a fact said earlier in this document",
    "induction": "the meaning of a code word seen before in this document",
    "echo": "a word said again by an echo",
    "new": "drawn afresh: nobody can know it",
}

_VERBS = {  # relation -> verb -> weight
    "born": {"was born in": 6, "comes from": 4},
    "job": {"works as a": 5, "is a": 3, "became a": 2},
    "food": {"likes": 5, "loves": 3, "enjoys": 2},
    "color": {"wears a": 5, "has a": 3, "owns a": 2},
}
_QUESTIONS = {  # relation -> the words before and after the name
    "born": ("Where was", "born ?"),
    "job": ("What job does", "have ?"),
    "food": ("What food does", "like ?"),
    "color": ("What color hat does", "wear ?"),
}


def statement(person: Person, relation: str, value: str) -> str:
    """One sentence that tells a fact, words apart by spaces.

    >>> statement(Person("Lumira", "Pickle"), "color", "green")
    'Lumira Pickle wears a green hat .'
    """
    verb = next(iter(_VERBS[_checked(relation)]))
    hat = " hat" if relation == "color" else ""
    return f"{person.name} {verb} {value}{hat} ."


def question(person: Person, relation: str) -> str:
    """The question that asks for a fact, words apart by spaces.

    >>> question(Person("Lumira", "Pickle"), "born")
    'Where was Lumira Pickle born ?'
    """
    before, after = _QUESTIONS[_checked(relation)]
    return f"{before} {person.name} {after}"


def _checked(relation: str) -> str:
    if relation not in RELATIONS:
        raise ValueError(f"relation is {relation!r}; use one of {', '.join(RELATIONS)}")
    return relation


class Grammar:
    """Writes (or reads) the documents of one world's people.

    >>> from tiny_world.pen import Reader
    >>> pen = Reader("Code : dax cow ; dax cow ; wug pig ; dax cow . <eot>".split())
    >>> Grammar(People(seed=0)).write(pen)
    'code'
    >>> [word for word, tag in zip(pen.words, pen.tags) if tag == "induction"]
    ['cow', 'cow']
    """

    def __init__(self, people: People) -> None:
        self._people = people
        firsts = people.in_biographies.first
        scale = sum(firsts.weights)
        self._openings = Weighted.of(
            {
                "Once": KINDS["story"] * scale,
                "Question :": KINDS["quiz"] * scale,
                "List :": KINDS["list"] * scale,
                "Code :": KINDS["code"] * scale,
                "Echo :": KINDS["echo"] * scale,
            }
            | {name: KINDS["biography"] * w for name, w in zip(*firsts, strict=True)}
        )
        self._writers: dict[str, tuple[str, Callable[[Pen], None]]] = {
            "Once": ("story", story),
            "Question :": ("quiz", self._quiz),
            "List :": ("list", self._list),
            "Code :": ("code", code),
            "Echo :": ("echo", echo),
        }

    def write(self, pen: Pen) -> str:
        """Write one document, its end mark too; return its kind."""
        opening = pen.pick(*self._openings)
        pen.say(opening)
        if opening in self._writers:
            kind, rest = self._writers[opening]
            rest(pen)
        else:
            kind = "biography"
            self._biography(pen, opening)
        pen.say(EOT)
        return kind

    def _biography(self, pen: Pen, first: str) -> None:
        """Facts about one person, then perhaps questions on what was told."""
        last = pen.pick(*self._people.in_biographies.last[first])
        pen.say(last)
        person = Person(first, last)
        famous = person in self._people.weights
        facts = dict(self._people.facts[person]) if famous else {}
        told: list[str] = []
        aside = False
        while True:
            told.append(_tell(pen, facts, told, "fact" if famous else "new"))
            following = pen.pick(*_after(person, len(told), aside=aside))
            if following == "One day":
                aside = True
                _meet(pen, person)
                following = pen.pick(*_after(person, len(told), aside=aside))
            if following not in (person.pronoun, first):
                break
            pen.say(following)
        while following == "Question :":
            pen.say("Question :")
            relation = _begin_question(pen, told)
            told.remove(relation)  # no question comes twice
            pen.say(person.name)
            pen.say(_QUESTIONS[relation][1])
            pen.say("Answer :")
            pen.say(facts[relation], "context")
            pen.say(".")
            following = pen.pick(("Question :", EOT), (40, 60)) if told else EOT

    def _quiz(self, pen: Pen) -> None:
        """Questions about famous people, with all the answers or with none."""
        answered: set[tuple[Person, str]] = set()
        with_answers = False
        for number in range(1, 7):
            asked = self._question(pen)
            if number == 1:
                following = pen.pick(("Answer :", "Question :"), (60, 40))
                with_answers = following == "Answer :"
            if with_answers:
                pen.say("Answer :")
                self._answer(pen, asked, answered)
            if number == 6:
                break
            if number > 1 and pen.pick(("Question :", EOT), (78, 22)) == EOT:
                break
            pen.say("Question :")

    def _question(self, pen: Pen) -> tuple[Person, str] | None:
        """Ask about somebody's fact, or (None) who the answering voice is."""
        start = pen.pick(("Where was", "What", "Who are you ?"), (24, 72, 4))
        pen.say(start)
        if start == "Who are you ?":
            return None
        relation = "born" if start == "Where was" else _pick_what(pen, RELATIONS[1:])
        person = _name(pen, self._people.in_quizzes)
        pen.say(_QUESTIONS[relation][1])
        return person, relation

    def _list(self, pen: Pen) -> None:
        """Famous people with the same kind of fact each: find out which kind."""
        table = self._people.in_quizzes
        relation = ""
        for number in range(1, 10):
            person = _name(pen, table)
            table = table.without(person)
            facts = self._people.facts[person]
            pen.say("-")
            if relation:
                pen.say(facts[relation], "fact")
            else:
                value = pen.pick(tuple(facts.values()))
                relation = next(r for r, v in facts.items() if v == value)
                pen.say(value)
            if number > 2 and (number == 9 or pen.pick((";", "."), (85, 15)) == "."):
                break
            pen.say(";")
        pen.say(".")

    def _answer(
        self,
        pen: Pen,
        asked: tuple[Person, str] | None,
        answered: set[tuple[Person, str]],
    ) -> None:
        if asked is None:
            pen.say("I am")
            pen.say(pen.pick(*Weighted.of(BOT_NAMES)))
        else:
            person, relation = asked
            tag = "context" if asked in answered else "fact"
            pen.say(self._people.facts[person][relation], tag)
            answered.add(asked)
        pen.say(".")


def _name(pen: Pen, table: NameTable) -> Person:
    first = pen.pick(*table.first)
    pen.say(first)
    last = pen.pick(*table.last[first])
    pen.say(last)
    return Person(first, last)


def _tell(pen: Pen, facts: dict[str, str], told: Sequence[str], tag: str) -> str:
    """One fact not told yet; one that is not in `facts` is drawn and put there."""
    verbs = {
        verb: (relation, weight)
        for relation in RELATIONS
        if relation not in told
        for verb, weight in _VERBS[relation].items()
    }
    verb = pen.pick(tuple(verbs), tuple(weight for _, weight in verbs.values()))
    relation = verbs[verb][0]
    pen.say(verb)
    if relation not in facts:
        facts[relation] = pen.pick(FACT_VALUES[relation])
    pen.say(facts[relation], tag)
    pen.say("hat ." if relation == "color" else ".")
    return relation


def _meet(pen: Pen, person: Person) -> None:
    pen.say(f"One day {person.pronoun.lower()} met a")
    pen.say(pen.pick(TRAITS))
    pen.say(pen.pick(tuple(ANIMALS)))
    pen.say(".")


def _after(person: Person, n_told: int, *, aside: bool) -> Weighted:
    """What may follow `n_told` facts and perhaps an aside: at least two in all."""
    weights = {} if aside else {"One day": 34}
    if n_told < len(RELATIONS):
        weights |= {person.pronoun: 34, person.first: 16}
    if n_told > 1 or aside:
        weights |= {"Question :": 38, EOT: 12}
    return Weighted.of(weights)


def _begin_question(pen: Pen, relations: Sequence[str]) -> str:
    """Say the start of a question about one of `relations`, all alike; which one."""
    whats = tuple(r for r in relations if r != "born")
    starts = {"Where was": len(relations) - len(whats), "What": len(whats)}
    starts = {start: weight for start, weight in starts.items() if weight}
    start = pen.pick(*Weighted.of(starts))
    pen.say(start)
    return "born" if start == "Where was" else _pick_what(pen, whats)


def _pick_what(pen: Pen, relations: Sequence[str]) -> str:
    rest = {_QUESTIONS[r][0].removeprefix("What "): r for r in relations}
    words = pen.pick(tuple(rest))
    pen.say(words)
    return rest[words]
