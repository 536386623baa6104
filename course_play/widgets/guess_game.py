"""Lesson 00: guess a hidden name letter by letter, against a table of letter pairs."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import traitlets

from course_lib.engine.name_files import as_listed, check_name
from course_lib.names import ALPHABET, END, alphabet_of, encode, labels_of
from course_lib.ngram import bigram_counts
from course_play.plots import BLUE, Picture, hatch_bar, label_bars, new_axes
from course_play.widgets.base import CourseWidget, module_text, style_text

MOST_HIDDEN = 10
SHORTEST, LONGEST = 3, 9
"""Letters of a hidden name; 2 will do in a list without longer ones (민준)."""


class Turn(NamedTuple):
    """One guess: all letters as characters, '.' for the end of the name."""

    name: int
    previous: str
    truth: str
    guess: str
    favourite: str
    prob: float


class Score(NamedTuple):
    """Letters guessed, how many were right, and the table's mean -ln p in nats."""

    letters: int
    yours: int
    table: int
    surprise: float


def play_game(
    hidden: Sequence[str],
    table: Sequence[Sequence[float]],
    guesses: str,
    alphabet: str = ALPHABET,
) -> list[Turn]:
    """The turns that `guesses`, one letter each, make of the hidden names.

    >>> uniform = [[1 / 27] * 27] * 27
    >>> [turn.truth for turn in play_game(["om"], uniform, "abc")]
    ['o', 'm', '.']
    """
    turns: list[Turn] = []
    name = at = 0
    for letter in guesses:
        if name >= len(hidden):
            break
        text = f".{hidden[name]}."
        row = table[alphabet.index(text[at])]
        favourite = alphabet[max(range(len(row)), key=lambda i: (row[i], -i))]
        truth = text[at + 1]
        prob = row[alphabet.index(truth)]
        turns.append(Turn(name, text[at], truth, letter, favourite, prob))
        at += 1
        if truth == alphabet[END]:
            name, at = name + 1, 0
    return turns


def score_of(turns: Sequence[Turn]) -> Score:
    """How many letters you and the table had right, and the mean of -ln p(truth).

    >>> score_of([Turn(0, ".", "o", "o", "a", 0.5)])
    Score(letters=1, yours=1, table=0, surprise=0.6931471805599453)
    """
    total = sum(-math.log(turn.prob) for turn in turns)
    return Score(
        len(turns),
        sum(turn.guess == turn.truth for turn in turns),
        sum(turn.favourite == turn.truth for turn in turns),
        total / len(turns) if turns else 0.0,
    )


class GuessGame(CourseWidget):
    """Up to ten hidden names, guessed letter by letter against a table of letter pairs.

    The table is counted from all other names, so it has never seen the hidden ones;
    each pair counts once more than seen, so nothing is impossible.

    Args:
        names: at least 2 names of any alphabet, as `load_names` gives them; those
            hidden, at most half, have 3 to 9 letters.
        seed: which names are hidden.

    Raises:
        ValueError: for too few names or one that `load_names` would have changed.

    >>> game = GuessGame([a + b + "a" for a in "bdkmn" for b in "aeiou"])
    >>> game.guess("k").guess
    'k'
    >>> game.score.letters
    1
    """

    _esm = module_text("guess_game")
    _css = style_text("guess_game")
    alphabet = traitlets.Unicode(ALPHABET).tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    table = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    n_counted = traitlets.Int().tag(sync=True)
    guesses = traitlets.Unicode("").tag(sync=True)

    def __init__(self, names: Sequence[str], *, seed: int = 0) -> None:
        known = sorted(set(names))
        short = [name for name in known if SHORTEST > len(name) >= 2]
        fair = [name for name in known if SHORTEST <= len(name) <= LONGEST] or short
        n_hidden = min(MOST_HIDDEN, len(known) // 2, len(fair))
        if n_hidden == 0:
            raise ValueError(
                f"names holds {len(known)} names, {len(fair)} of 2 to "
                f"{LONGEST} letters: give at least 2, one of that length to hide"
            )
        for name in known:
            check_name(name, "names")
            if name != as_listed(name):
                raise ValueError(f"name {name!r} must be written {as_listed(name)!r}")
        alphabet = alphabet_of(known)
        hidden = random.Random(seed).sample(fair, n_hidden)
        rest = [name for name in known if name not in hidden]
        counts = bigram_counts(rest, alphabet).double() + 1  # (V, V)
        super().__init__(
            alphabet=alphabet,
            hidden=hidden,
            table=(counts / counts.sum(1, keepdim=True)).tolist(),
            n_counted=len(rest),
        )

    @property
    def turns(self) -> list[Turn]:
        """Every guess so far, with the truth and what the table thought."""
        return play_game(self.hidden, self.table, self.guesses, self.alphabet)

    @property
    def score(self) -> Score:
        """Your score and the table's."""
        return score_of(self.turns)

    def guess(self, letter: str) -> Turn:
        """Guess the next letter, '.' for the end of the name, as the keys do.

        Raises:
            ValueError: for anything but one letter of the alphabet, or when all names
                are done.
        """
        if len(letter) != 1 or letter not in self.alphabet:
            known = "a-z" if self.alphabet == ALPHABET else self.alphabet[1:]
            raise ValueError(
                f"letter is {letter!r}: give one of {known}, or '.' for the end"
            )
        before = len(self.turns)
        if before == sum(len(name) + 1 for name in self.hidden):
            raise ValueError(f"all {len(self.hidden)} names are done: make a new game")
        self.guesses += letter
        return self.turns[-1]

    def _seen(self) -> tuple[int, str]:
        """How many names are finished, and the letters of the next one seen so far."""
        turns = self.turns
        finished = sum(turn.truth == self.alphabet[END] for turn in turns)
        now = [turn.truth for turn in turns if turn.name == finished]
        return finished, "".join(now)

    def describe(self) -> str:
        """The scores, the name under way and the last turn."""
        finished, seen = self._seen()
        n, yours, table, surprise = self.score
        lines = [
            f"GuessGame: {len(self.hidden)} hidden names, a table counted from "
            f"{self.n_counted:,} others",
            f"  {n} letters guessed: you {yours} right, the table {table} right, its "
            f"mean surprise {surprise:.2f} nats",
        ]
        if finished < len(self.hidden):
            lines.append(f"  name {finished + 1} of {len(self.hidden)}: {seen}?")
        if self.turns:
            last = self.turns[-1]
            lines.append(
                f"  last: after {last.previous!r} you said {last.guess!r}, the table "
                f"{last.favourite!r}; the truth {last.truth!r} had p = {last.prob:.2f}"
            )
        return "\n".join(lines)

    def _at(self, letter: str) -> int:
        return encode(letter, self.alphabet)[0]

    def picture(self) -> Picture:
        """What the table expected at the last turn, or of the first letter."""
        last = self.turns[-1] if self.turns else None
        previous = last.previous if last else self.alphabet[END]
        row, labels = self.table[self._at(previous)], labels_of(self.alphabet)
        figure, axes = new_axes(7.2, 2.6)
        bars = axes.bar(range(len(row)), row, color=BLUE)
        where = "as a first letter" if previous == "." else f"after {previous!r}"
        title = f"What the table of letter pairs expects {where}"
        if last:
            hatch_bar(bars[self._at(last.truth)])
            title += f": the truth was {last.truth!r}"
        label_bars(axes, labels)
        axes.set(title=title, ylabel="probability")
        order = sorted(range(len(row)), key=lambda i: (-row[i], i))[:5]
        told = ", ".join(f"{labels[i]} {row[i]:.2f}" for i in order)
        return Picture(figure, f"Bars of {len(row)} letters, the tallest: {told}.")
