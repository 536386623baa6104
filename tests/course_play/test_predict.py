"""The guess before the answer: what counts as one, what is said of it, and when."""

import base64
import json
import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from course_play.widgets import Predict
from course_play.widgets.guesses import (
    BINS,
    bin_of,
    decimals_of,
    edges_of,
    how_far,
    number_verdict,
    plain,
    read_number,
    word_of,
    word_verdict,
)
from tests.course_play.widget_js import run_js

ODD = 48151.625  # found nowhere unless it is told
WHY = "Because of the zebra."
TYPED = {
    "70": 70,
    " 70. ": 70,
    "-3": -3,
    "\u22123": -3,
    "+.5": 0.5,
    "0,5": 0.5,
    "3,14159": 3.14159,
    "1,000": 1000,
    "0,125": 0.125,
    "1.000": 1,
    "1,000,000": 1e6,
    "1.000.000": 1e6,
    "1,000.5": 1000.5,
    "1.000,5": 1000.5,
    "1 000": 1000,
    "1\u202f557\u00a0611 200": 1557611200,
    "1'000": 1000,
    "1_000": 1000,
    "1e6": 1e6,
    "2.5E-3": 0.0025,
    "1/27": 1 / 27,
    "1 / 4": 0.25,
    "20k": 20000,
    "1.5 million": 1.5e6,
    "2 Billion": 2e9,
    "about 400": 400,
    "~70": 70,
    "\u224870": 70,
    "70 names": 70,
    "1 name": 1,
    "1.5 million names": 1.5e6,
    "\uff17\uff10": 70,
}
NONSENSE = [
    *("", "names", "many", "7 0", "70 80", "1,00,000", "1.00.000", "1,00.5", "1,2,3"),
    *("1/0", "1/2/3", "1e99", "--3", "nan", "inf", "0x1f", "70 %", "7 cats", "."),
    *("\u0967\u0968", "1e", "k", "million", "1.5 millio", "/2"),
]


@pytest.mark.parametrize(("text", "value"), TYPED.items())
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert read_number(text, "names") == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert read_number(text, "names") is None
    box = Predict("How many?", 5, unit="names")
    with pytest.raises(ValueError, match="is not a number, such as 70"):
        box.guesses = [text]
    assert box.guesses == []


@pytest.mark.parametrize("unit", ["%", "percent", "Percent"])
def test_a_percentage_is_read_where_percent_are_asked_for(unit: str) -> None:
    for text in ("70", "70%", "70 %", "70 percent", "70 per cent", "70,0 %"):
        assert read_number(text, unit) == 70
    assert "5 percentage points below" in how_far(65, 70, 0, unit)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("", 1), "question is ''"),
        (("Why?", math.nan), "answer is nan"),
        (("Why?", math.inf), "answer is inf"),
        (("Why?", " "), "answer is ' '"),
    ],
)
def test_a_box_without_question_or_answer_is_refused(words: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Predict(*words)


def test_the_answer_is_one_of_different_options() -> None:
    with pytest.raises(ValueError, match="answer 'c' is none of the options"):
        Predict("Which?", "c", options=["a", "b"])
    for options in (["a"], ["a", "a"], ["a", "A "]):
        with pytest.raises(ValueError, match="two or more that differ"):
            Predict("Which?", "a", options=options)
    with pytest.raises(ValueError, match="digits is 13"):
        Predict("How many?", 1.5, digits=13)
    box = Predict("Which?", "a", options=["a", "b"])
    with pytest.raises(ValueError, match="guess 'c' is none of the options"):
        box.guesses = ["c"]


def everything_seen(box: Predict) -> str:
    """Text, alt text and the letters of the picture."""
    data, metadata = box._repr_mimebundle_()
    figure = box.picture().figure
    drawn = [text.get_text() for axes in figure.axes for text in axes.texts]
    return " ".join(
        [data["text/plain"], metadata["image/png"]["alt"], repr(box), *drawn]
    )


@pytest.mark.parametrize(
    "box",
    [
        Predict("How many?", ODD, unit="names", because=WHY),
        Predict("Which animal?", "zebra", because=WHY),
    ],
)
def test_the_answer_is_seen_only_when_it_is_shown_after_a_guess(box: Predict) -> None:
    secrets = ("48,1", "48151", "zebra")
    state = json.dumps({k: v for k, v in box.get_state().items() if k[0] != "_"})
    for seen in (everything_seen(box), state):
        assert not any(secret in seen for secret in secrets)
    assert "Write your guess down before you read on." in repr(box)
    with pytest.raises(ValueError, match="shown is True without a guess"):
        box.shown = True
    box.guesses = ["7"]
    assert "guesses: 7" in repr(box)
    assert not any(secret in everything_seen(box) for secret in secrets)
    box.shown = True
    assert "zebra" in everything_seen(box)
    box.guesses = []
    assert not box.shown
    assert not any(secret in everything_seen(box) for secret in secrets)


def test_without_a_guess_the_twins_do_not_depend_on_the_answer() -> None:
    one, other = Predict("How many?", 1), Predict("How many?", 99, because=WHY)
    assert repr(one) == repr(other)
    assert one.picture().png() == other.picture().png()
    assert one.picture().alt == other.picture().alt


def test_the_browser_may_set_guess_and_answer_in_one_go() -> None:
    box = Predict("How many?", 5)
    box.set_state({"guesses": ["4"], "shown": True})
    assert "You said 4: 1 below the answer, 20 % less." in repr(box)
    box.set_state({"guesses": [], "shown": False})
    assert "answer" not in repr(box)


def test_numbers_are_rounded_to_digits_or_three_figures() -> None:
    def told(answer: Any, digits: int | None = None) -> str:
        box = Predict("How many?", answer, digits=digits)
        box.guesses, box.shown = [1], True
        return repr(box).split("The answer is ")[1].split(".\n")[0]

    assert told(1557611200) == "1,557,611,200"
    assert told(math.log(27)) == "3.30"
    assert told(math.log(27), 4) == "3.2958"
    assert told(0.04953) == "0.0495"
    assert told(2.5, 0) == "3"
    assert told(-7) == "\u22127"
    assert told(torch.tensor(3)) == told(np.int64(3)) == told(3.0) == "3"


def test_a_class_hears_of_its_closest_and_its_middle_guess() -> None:
    box = Predict("How many?", 167, unit="names", because=WHY)
    box.guesses = ["60", 100, "190", "60 names", "1,000"]
    box.shown = True
    assert repr(box).splitlines()[1:] == [
        "  guesses: 60 (2); 100; 190; 1,000",
        "  The answer is 167 names.",
        "  The closest of 5 guesses is 190 names: 23 above the answer, 14 % more.",
        "  The middle one (the median) is 100 names: 67 below the answer, 40 % less.",
        f"  {WHY}",
    ]


def test_words_are_equal_or_not_whatever_their_capitals() -> None:
    box = Predict("Which?", "Soup")
    box.guesses, box.shown = ["  soup "], True
    assert repr(box).endswith("The answer is Soup.\n  You said so.")
    box.guesses = ["tea"]
    assert repr(box).endswith("You said tea.")
    box.guesses = ["tea", "SOUP", "so up"]
    assert "tea; SOUP; so up" in repr(box)
    assert repr(box).endswith("1 of 3 guesses says so.")
    assert word_of("Stra\u00dfe") == word_of("STRASSE")


@pytest.mark.parametrize(
    ("guess", "answer", "said"),
    [
        (5, 5, "that is the answer"),
        (3.3, 3.30, "that is the answer"),
        (3.299, 3.3, "0.001 below the answer, less than 1 % less"),
        (0, 5, "5 below the answer, 100 % less"),
        (-5, 5, "10 below the answer, 200 % less"),
        (4, 0, "4 above the answer"),
        (10, 5, "5 above the answer, about 2 times as large"),
        (1e6, 27, "999,973 above the answer, about 37,037 times as large"),
        (27, 1e6, "999,973 below the answer, which is about 37,037 times as large"),
    ],
)
def test_the_distance_is_told_in_plain_words(
    guess: float, answer: float, said: str
) -> None:
    assert how_far(guess, answer, 0) == said


def samples() -> list[list[float]]:
    """Guesses of many classes: near and far, whole and not, of both signs."""
    rng = random.Random(0)
    made: list[list[float]] = [[5, 5], [0, 1], [0.1, 0.2, 0.3], [1e-12, 1e15], [-7, 9]]
    for scale in (0.01, 1, 30, 1e4, 1e9):
        for spread in (0.1, 1, 4):
            draws = [scale * rng.lognormvariate(0, spread) for _ in range(20)]
            made += [draws, [round(x) for x in draws], [x - scale for x in draws]]
    return made


def test_every_guess_stands_in_one_of_a_few_bars_at_round_numbers() -> None:
    for values in samples():
        edges = edges_of(values)
        assert edges == sorted(set(edges))
        assert 1 <= len(edges) <= BINS
        bars = Counter(bin_of(edges, value) for value in values)
        if len(set(values)) > 1:
            assert bars[0] > 0
            assert bars[len(edges) - 1] > 0
        for value in values:
            at = bin_of(edges, value)
            slack = 1e-9 * max(map(abs, values))
            assert edges[at] <= value + slack or at == 0
            assert at == len(edges) - 1 or value < edges[at + 1]


def test_javascript_reads_and_bins_as_python_does(tmp_path: Path) -> None:
    texts = [*TYPED, *NONSENSE, *("70,0 %", "70 per cent", "5 n", "1.5 million")]
    units = ["", "names", "%", "percent", "n"]
    program = """
import * as p from "./predict.js";
answer = {
  read: cases.units.map((unit) => cases.texts.map((text) => p.readNumber(text, unit))),
  edges: cases.samples.map(p.edgesOf),
  bins: cases.samples.map((row) => row.map((x) => p.binOf(p.edgesOf(row), x))),
  plain: cases.numbers.map((x) => [p.plain(x), p.decimalsOf(x)]),
  words: cases.texts.map(p.wordOf),
};"""
    numbers = [x for row in samples() for x in row] + [0.5, 2.5, -0.0, 1e15, 1 / 3]
    cases = {"texts": texts, "units": units, "samples": samples(), "numbers": numbers}
    got = run_js(tmp_path, program, cases)
    assert got["read"] == [
        [read_number(text, unit) for text in texts] for unit in units
    ]
    assert got["edges"] == [edges_of(row) for row in samples()]
    assert got["bins"] == [[bin_of(edges_of(row), x) for x in row] for row in samples()]
    assert got["plain"] == [[plain(x), decimals_of(x)] for x in numbers]
    assert got["words"] == [word_of(text) for text in texts]


def test_javascript_says_what_python_says(tmp_path: Path) -> None:
    rows = [*samples(), [60], [3.3], [0], [167], [300, 40]]
    asked = [[row, x, d, u] for row in rows for x, d in ((167, 0), (3.3, 2), (-1, 0))
             for u in ("", "names", "%")]  # fmt: skip
    words: list[tuple[list[str], str]] = [
        *((["tea"], "Tea"), (["tea"], "soup")),
        *((["a", "A", "b"], "a"), (["x", "x"], "y")),
    ]
    program = """
import { countsOf, numberVerdict, wordVerdict } from "./predict.js";
answer = { numbers: cases.asked.map((one) => numberVerdict(...one)),
  words: cases.words.map((one) => wordVerdict(...one)),
  counts: cases.words.map(([guesses]) => countsOf(guesses, false, "")),
  typed: countsOf(cases.typed, true, "names") };"""
    typed = ["60", "1,000", "60 names", "60.0", "1000", "1/3"]
    got = run_js(tmp_path, program, {"asked": asked, "words": words, "typed": typed})
    assert got["numbers"] == [number_verdict(*one) for one in asked]  # type: ignore[arg-type]
    assert got["words"] == [word_verdict(*one) for one in words]
    for (guesses, answer), counts in zip(words, got["counts"], strict=True):
        box = Predict("Which?", answer)
        box.guesses = guesses
        assert dict(counts) == box.counts()
    box = Predict("How many?", 1, unit="names")
    box.guesses = typed
    assert dict(got["typed"]) == box.counts()


def test_what_is_sealed_can_be_opened() -> None:
    box = Predict("How much?", 0.1234, because="\u2212ln p, na\u00efve")
    opened = json.loads(base64.b64decode(box.sealed))
    assert opened == {"answer": 0.123, "digits": 3, "because": "\u2212ln p, na\u00efve"}
