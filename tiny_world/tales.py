"""Stories, codes and echoes: the documents that need nobody's facts.

A story has a hero, an animal that fixes its sound, its food and its home, and sometimes
a person whose job fixes a workplace. The words that follow from the hero come many
sentences after it, with other animals in between.
"""

from functools import cache
from typing import NamedTuple

from tiny_world.lexicon import (
    ANIMALS,
    CODE_WORDS,
    ECHO_WORDS,
    EVENTS,
    FIRST_NAMES,
    JOBS,
    LAST_NAMES,
    MOODS,
    PET_NAMES,
    SEATS,
    TRAITS,
    WEATHER,
    WORKPLACES,
)
from tiny_world.pen import Pen, Weighted
from tiny_world.people import pronoun

_GOOD_NIGHT = "Good night ,"
_ANIMAL_VERBS = {
    "ate": 14,
    "dreamed of": 8,
    "said": 20,
    "went home to the": 13,
    "slept in the": 8,
    "sat on the": 12,
    "met a": 12,
    "was": 13,
}
_PERSON_VERBS = {
    "gave it": 24,
    "walked to the": 28,
    "sang to the": 12,
    "sat on the": 12,
    "met a": 12,
    "was": 12,
}
_ANIMAL_NAMES = tuple(ANIMALS)
_NOT_LAST_NAMES = tuple(word for word in ECHO_WORDS if word not in LAST_NAMES)


class Cast(NamedTuple):
    """Who is in a story: an animal, perhaps with a name, perhaps with a person."""

    trait: str
    animal: str
    pet: str  # its name, or ""
    job: str  # the person's, or ""
    first: str  # the person's name, or ""

    @property
    def pronoun(self) -> str:
        """The person's, or the animal's where there is no person."""
        return pronoun(self.first) if self.first else "It"


def story(pen: Pen) -> None:
    """Three to eight sentences about an animal, after "Once"."""
    cast = _introduce(pen)
    opening = verb = ""
    for n_told in range(8):
        opening = pen.pick(*_openings(cast, n_told, opening))
        if opening == _GOOD_NIGHT:
            break
        verb = _sentence(pen, cast, opening, verb)
    pen.say(_GOOD_NIGHT)
    pen.say(cast.first or cast.pet or f"{cast.trait} {cast.animal}", "hero")
    pen.say("!")


def _introduce(pen: Pen) -> Cast:
    opening = pen.pick(("there was a", "a"), (70, 30))
    pen.say(opening)
    job = first = pet = ""
    if opening == "a":
        pen.say(job := pen.pick(JOBS))
        pen.say("named")
        pen.say(first := pen.pick(FIRST_NAMES))
        pen.say("had a")
    pen.say(trait := pen.pick(TRAITS))
    pen.say(animal := pen.pick(_ANIMAL_NAMES))
    if pen.pick(("named", "."), (70, 30)) == "named":
        pen.say("named")
        pen.say(pet := pen.pick(PET_NAMES))
    pen.say(".")
    return Cast(trait, animal, pet, job, first)


def _openings(cast: Cast, n_told: int, last: str) -> Weighted:
    """How the next sentence may begin, after one that began with `last`.

    Only a pronoun may come twice running; after three sentences the story may end.
    """
    weights = {"It": 38 if cast.pet else 58, "The": 20, "When the": 12}
    if cast.pet:
        weights[cast.pet] = 20
    if cast.first:
        weights |= {cast.pronoun: 50, cast.first: 14}
    if last not in ("It", cast.pronoun):
        weights.pop(last, None)
    if n_told >= 3:
        weights[_GOOD_NIGHT] = sum(weights.values()) * 3 // 7
    return Weighted.of(weights)


def _sentence(pen: Pen, cast: Cast, opening: str, verb: str) -> str:
    """One sentence after its opening; not `verb` again, but the one returned."""
    pen.say(opening)
    subject = opening
    if opening == "The":
        subject = pen.pick((cast.animal, *WEATHER), (48, 13, 13, 13, 13))
        pen.say(subject)
    elif opening == "When the":
        pen.say(pen.pick(EVENTS))
        pen.say(",")
        subject = pen.pick(("it", cast.pronoun.lower()) if cast.first else ("it",))
        pen.say(subject)
    tag = "coref" if subject.lower() in ("it", "she", "he") else "hero"
    if subject in WEATHER:
        verb = "was"
        pen.say(verb)
        pen.say(pen.pick(WEATHER[subject]))
    elif cast.first and subject.capitalize() in (cast.pronoun, cast.first):
        verb = _person_does(pen, cast, verb, tag)
    else:
        verb = _animal_does(pen, cast, verb, tag)
    pen.say(".")
    return verb


def _animal_does(pen: Pen, cast: Cast, last: str, tag: str) -> str:
    verb = _another(pen, _ANIMAL_VERBS, last)
    hero = ANIMALS[cast.animal]
    if verb in ("ate", "dreamed of"):
        pen.say(hero.food, tag)
    elif verb == "said":
        pen.say(hero.sound, tag)
    elif verb in ("went home to the", "slept in the"):
        pen.say(hero.home, tag)
    else:
        _anyone_does(pen, cast, verb)
    return verb


def _person_does(pen: Pen, cast: Cast, last: str, tag: str) -> str:
    verb = _another(pen, _PERSON_VERBS, last)
    if verb == "gave it":
        pen.say(ANIMALS[cast.animal].food, "coref")
    elif verb == "walked to the":
        pen.say(WORKPLACES[cast.job], tag)
    elif verb == "sang to the":
        pen.say(cast.animal, tag)
    else:
        _anyone_does(pen, cast, verb)
    return verb


def _anyone_does(pen: Pen, cast: Cast, verb: str) -> None:
    if verb == "met a":
        pen.say(pen.pick(tuple(name for name in ANIMALS if name != cast.animal)))
    else:
        pen.say(pen.pick(SEATS if verb == "sat on the" else MOODS))


def _another(pen: Pen, verbs: dict[str, int], last: str) -> str:
    """Say a verb other than the one of the sentence before."""
    verb = pen.pick(*Weighted.of({v: w for v, w in verbs.items() if v != last}))
    pen.say(verb)
    return verb


def code(pen: Pen) -> None:
    """Code words with their meanings, after "Code :"; a known word means the same."""
    meanings: dict[str, str] = {}
    for n_said in range(1, 15):
        pen.say(word := pen.pick(*_code_words(tuple(meanings))))
        if word in meanings:
            pen.say(meanings[word], "induction")
        else:
            meanings[word] = pen.pick(_ANIMAL_NAMES)
            pen.say(meanings[word], "new")
        may_end = n_said > 2 and len(meanings) > 1
        if n_said == 14 or (may_end and pen.pick((";", "."), (92, 8)) == "."):
            break
        pen.say(";")
    pen.say(".")


def _code_words(known: tuple[str, ...]) -> Weighted:
    """All code words; the known ones share 65 % of the weight."""
    new = tuple(word for word in CODE_WORDS if word not in known)
    if not known or not new:
        return Weighted(CODE_WORDS, (1,) * len(CODE_WORDS))
    weights = (65 * len(new),) * len(known) + (35 * len(known),) * len(new)
    return Weighted(known + new, weights)


def echo(pen: Pen) -> None:
    """Four to twelve random words, after "Echo :", then the same once or twice again.

    A last name never follows a first name: that could name a held-out person.
    """
    words: list[str] = []
    while len(words) < 12:
        free = not words or words[-1] not in FIRST_NAMES
        word = pen.pick(
            *_echo_words(after_first_name=not free, may_stop=len(words) > 3)
        )
        if word == ";":
            break
        pen.say(word, "new")
        words.append(word)
    pen.say(";")
    _say_again(pen, words)
    if pen.pick((".", ";")) == ";":
        pen.say(";")
        _say_again(pen, words)
    pen.say(".")


def _say_again(pen: Pen, words: list[str]) -> None:
    for word in words:
        pen.say(word, "echo")


@cache
def _echo_words(*, after_first_name: bool, may_stop: bool) -> Weighted:
    """All words alike, and where the echo may start, ";" at one chance in five."""
    words = _NOT_LAST_NAMES if after_first_name else ECHO_WORDS
    if may_stop:
        return Weighted((";", *words), (len(words), *[4] * len(words)))
    return Weighted(words, (4,) * len(words))
