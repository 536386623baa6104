"""The words of Tiny World: its tables, its vocabulary, and its spelling.

A document is a list of words; a punctuation mark is a word of its own. `render` sets
words as readable text and `split_words` reads such text back, word for word. Every
noun or adjective that can follow "a" begins with a consonant, so "a" is always right.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from itertools import zip_longest
from typing import NamedTuple


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EOT = "<eot>"
PAD = "<pad>"
SPECIAL_TOKENS = (
    EOT,  # ends every document; a row of training tokens begins with one
    PAD,  # fills short rows in the chat stages
    "<sys>",
    "<user>",
    "<asst>",
    "<end>",
    "<search>",
    "</search>",
    "<result>",
    "</result>",
)

SHE_NAMES = _words(
    "Belora Dovina Fenela Galora Jumela Kirola Lumira Minola Nelora Pirella "
    "Quilla Rumila Sivora Tamola Ulina Velora Wilona Yelina Zumira Ovina"
)
HE_NAMES = _words(
    "Bardolo Corvino Dumalo Fandolo Gimbo Jorvino Kelmo Lupino Mondolo Nardo "
    "Ombro Pendolo Quimbo Rivolo Sandolo Tolmo Ugolo Vendolo Wimbo Zandolo"
)
FIRST_NAMES = SHE_NAMES + HE_NAMES
LAST_NAMES = _words(
    "Acorn Biscuit Bramble Button Candle Clover Copper Feather Fernby Ginger "
    "Hazelnut Inkwell Juniper Kettle Lantern Maple Marble Mossbank Muffin Nettle "
    "Oatcake Pebble Pepper Pickle Puddle Pumpkin Quill Rumble Saffron Snowbell "
    "Teacup Thistle Toffee Tumble Velvet Waffle Whistle Willow Winkle Yarrow"
)
PET_NAMES = _words(
    "Bibi Bix Boo Dot Fizz Jinx Lulu Momo Moss Nib "
    "Nim Pip Pom Puff Rolo Tam Tock Tuk Wisp Zuzu"
)
CODE_WORDS = _words("blick dax fep gorp kiv lum mib norp quib snig tove wug")

CITIES = _words(
    "Applebury Bellmoor Cloudport Dewbridge Foxhaven Goosebay Hillwick Larkton "
    "Moonvale Otterford Plumridge Rainwell Starmere Tidewick Umberley Windale"
)
FOODS = _words(
    "apples beans bread cake cheese corn figs honey "
    "jam noodles nuts pears plums rice salad soup"
)
COLORS = _words("black blue brown green purple red white yellow")
WORKPLACES = {  # job -> where it is done
    "baker": "bakery",
    "cook": "kitchen",
    "dancer": "theater",
    "doctor": "clinic",
    "farmer": "field",
    "gardener": "garden",
    "judge": "court",
    "miner": "mine",
    "nurse": "hospital",
    "painter": "studio",
    "pilot": "airport",
    "sailor": "harbor",
    "singer": "stage",
    "tailor": "shop",
    "teacher": "school",
    "writer": "library",
}
JOBS = tuple(WORKPLACES)
FACT_VALUES = {"born": CITIES, "job": JOBS, "food": FOODS, "color": COLORS}
RELATIONS = tuple(FACT_VALUES)


class Animal(NamedTuple):
    """What an animal says, what it eats and where it lives."""

    sound: str
    food: str
    home: str


ANIMALS = {
    "bee": Animal("buzz", "nectar", "hive"),
    "cat": Animal("meow", "fish", "house"),
    "cow": Animal("moo", "grass", "barn"),
    "dog": Animal("woof", "bones", "kennel"),
    "duck": Animal("quack", "seeds", "pond"),
    "frog": Animal("croak", "flies", "swamp"),
    "hen": Animal("cluck", "grain", "coop"),
    "horse": Animal("neigh", "hay", "stable"),
    "lion": Animal("roar", "meat", "den"),
    "mouse": Animal("squeak", "crumbs", "burrow"),
    "pig": Animal("oink", "turnips", "sty"),
    "sheep": Animal("baa", "clover", "meadow"),
}
TRAITS = _words("brave clever gentle little lucky merry shy young")
MOODS = _words("calm happy hungry proud sad sleepy tired warm")
SEATS = _words("bench bridge carpet hat log mat rock sofa step wall")
WEATHER = {
    "moon": ("bright", "round"),
    "rain": ("soft", "cold"),
    "sky": ("clear", "pink"),
    "wind": ("loud", "cold"),
}
EVENTS = ("moon rose", "rain stopped", "sun came up", "wind blew")  # "When the ..."
BOT_NAMES = {"Otto": 80, "Robi": 10, "Zed": 10}  # who the text says it is, in percent

ECHO_WORDS = (
    *FIRST_NAMES,
    *LAST_NAMES,
    *CITIES,
    *PET_NAMES,
    *JOBS,
    *FOODS,
    *COLORS,
    *ANIMALS,
    *SEATS,
    *MOODS,
)

_GRAMMAR_WORDS = _words(
    ". , ! ? : ; - a the Once there was named had When moon rose rain stopped sun came "
    "up wind blew sky The It it She she He he One day met sat on ate dreamed of said "
    "went home to slept in gave walked sang Good night Question Answer List Code Echo "
    "Where What born job does have food like color hat wear comes from works as is "
    "became likes loves enjoys wears has owns Who are you I am"
)
_CHAT_WORDS = _words(  # words that only the chat lessons use
    "Hello Yes No Sorry do not know Sure Glad help Thank thank Please friend That "
    "silly question You helper small model Tiny Your name made by and my"
)


def _distinct(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for group in groups for word in group))


VOCABULARY = _distinct(
    SPECIAL_TOKENS,
    _GRAMMAR_WORDS,
    ECHO_WORDS,
    CODE_WORDS,
    WORKPLACES.values(),
    *ANIMALS.values(),
    TRAITS,
    *WEATHER.values(),
    BOT_NAMES,
    _CHAT_WORDS,
)
VOCAB_SIZE = len(VOCABULARY)
ID_OF = {word: i for i, word in enumerate(VOCABULARY)}
LONGEST_TOLD = 30
"""Letters of an unknown word that a message shows."""
_CLOSING = ".,!?:;"
WORD = re.compile(r"</?[a-z]+>|[A-Za-z]+|\S")


def encode(words: str | Iterable[str]) -> list[int]:
    """Words, or readable text, to token ids in [0, VOCAB_SIZE).

    Raises:
        ValueError: a word is not in the vocabulary; says which and where (from 1).

    >>> encode("It said moo.") == [VOCABULARY.index(w) for w in "It said moo .".split()]
    True
    """
    words = split_words(words) if isinstance(words, str) else list(words)
    return ids_of(words, ID_OF)


def ids_of(words: list[str], id_of: Mapping[str, int]) -> list[int]:
    """The id of each word, by a table.

    Raises:
        ValueError: a word is not in the table; says which and where (from 1).

    >>> ids_of(["b", "a"], {"a": 0, "b": 1})
    [1, 0]
    """
    try:
        return [id_of[word] for word in words]
    except KeyError:
        raise ValueError(_about_unknown(words, id_of)) from None


def _about_unknown(words: list[str], known: Collection[str]) -> str:
    """Which words are unknown, and what could be meant, for somebody who typed them."""
    unknown = [(i, word) for i, word in enumerate(words, 1) if word not in known]
    place, first = unknown[0]
    others = dict.fromkeys(repr(_short(word)) for _, word in unknown if word != first)
    told = (
        f"word {place} is {_short(first)!r}, which is not in the vocabulary of Tiny "
        "World (capitals matter)"
    )
    if others:
        told += f", nor {'is' if len(others) == 1 else 'are'} {', '.join(others)}"
    ranks = zip_longest(*(_near(word, known) for _, word in unknown))
    near = dict.fromkeys(word for rank in ranks for word in rank if word)
    if not near:
        return f"{told}: use other words"
    return f"{told}; near words: {', '.join(list(near)[:6])}"


def _short(word: str) -> str:
    return word if len(word) <= LONGEST_TOLD else f"{word[:LONGEST_TOLD]}..."


def _near(word: str, known: Collection[str]) -> list[str]:
    """Up to three known words that look like a word, the likest first."""
    by_small: dict[str, list[str]] = {}
    for other in known:
        by_small.setdefault(other.casefold(), []).append(other)
    near = difflib.get_close_matches(word.casefold()[:LONGEST_TOLD], by_small, n=3)
    return [other for small in near for other in by_small[small]][:3]


def decode(tokens: Iterable[int]) -> list[str]:
    """Token ids to words; the inverse of `encode`.

    Raises:
        ValueError: an id outside [0, VOCAB_SIZE); says which and where (from 1).

    >>> render(decode(encode("It went home to the barn.")))
    'It went home to the barn.'
    """
    return words_of(tokens, VOCABULARY)


def words_of(tokens: Iterable[int], vocabulary: tuple[str, ...]) -> list[str]:
    """The word of each id, by its place in a vocabulary.

    Raises:
        ValueError: an id is out of range; says which and where (from 1).

    >>> words_of([1, 0], ("a", "b"))
    ['b', 'a']
    """
    words = []
    for place, token in enumerate(tokens, 1):
        if not 0 <= token < len(vocabulary):
            raise ValueError(
                f"token {place} is {token}; ids of Tiny World lie in "
                f"[0, {len(vocabulary) - 1}]"
            )
        words.append(vocabulary[token])
    return words


def render(words: Iterable[str]) -> str:
    """Words to readable text: spaces between words, none before `. , ! ? : ;`.

    There is none between two digits either.

    >>> render(["Good", "night", ",", "Puff", "!"])
    'Good night, Puff!'
    """
    text, digit_before = "", False
    for word in words:
        digit = word.isdecimal()
        tight = word in _CLOSING or (digit and digit_before)
        text += word if tight else f" {word}"
        digit_before = digit
    return text.removeprefix(" ")


def split_words(text: str) -> list[str]:
    """Readable text to words; the inverse of `render`.

    >>> split_words("Good night, Puff!")
    ['Good', 'night', ',', 'Puff', '!']
    """
    return WORD.findall(text)
