"""Likeness: names and layout do not hide it, and what all write is none."""

import math

import pytest

from classroom.gradebook.similar import code_tokens, find_alike, prints_of, word_tokens

GIVEN = "# TASK spread\ndef spread(numbers):\n    raise NotImplementedError\n"
OWN = """# TASK spread
def spread(numbers):
    lowest, highest = numbers[0], numbers[0]
    for number in numbers[1:]:
        if number < lowest:
            lowest = number
        elif number > highest:
            highest = number
    return round(highest - lowest, 3)
"""
RENAMED = '''# TASK spread
def spread( values ):   # my very own work
    """Difference."""
    a , b = values[0] , values[0]

    for v in values[1:]:
      if v < a: a = v
      elif v > b: b = v
    return round(b-a, 3)   # done
'''
SHORT = "# TASK spread\ndef spread(numbers):\n    return max(numbers) - min(numbers)\n"
SORTED = """# TASK spread
def spread(numbers):
    in_order = sorted(numbers)
    first, last = in_order[0], in_order[-1]
    return float(last - first)
"""
NUMPY = """# TASK spread
import numpy as np
def spread(numbers):
    return float(np.ptp(np.asarray(numbers, dtype=float)))
"""
TORCH = """# TASK spread
def spread(numbers):
    t = torch.tensor(numbers)
    return (t.max() - t.min()).item()
"""


def a_class(size: int, **more: str) -> dict[str, dict[str, str]]:
    """Answers of a class: four usual ones, each by many, and these."""
    usual = (SHORT, SORTED, NUMPY, TORCH)
    found = {f"s{i}": {"spread": usual[i % 4]} for i in range(size)}
    return found | {who: {"spread": text} for who, text in more.items()}


def test_new_names_and_another_layout_change_no_token() -> None:
    left, right = ([t for t, _ in code_tokens(text)] for text in (OWN, RENAMED))
    assert left == right
    assert [t for t, _ in code_tokens(SORTED)] != left


def test_a_renamed_copy_stands_out_and_nobody_else() -> None:
    answers = a_class(58, ada=OWN, bob=RENAMED)
    (pair,) = find_alike(answers, {"spread": GIVEN})
    assert (pair.first, pair.second) == ("ada", "bob")
    assert pair.tasks["spread"].share == 1.0
    # A run of tokens that m <= 6 of the 60 wrote is worth -log2(m / 60) bits.
    all_of_it = [prints_of(code_tokens(own["spread"]), 7) for own in answers.values()]
    own = (
        prints_of(code_tokens(OWN), 7).keys() - prints_of(code_tokens(GIVEN), 7).keys()
    )
    wrote = [sum(run in prints for prints in all_of_it) for run in own]
    assert wrote.count(2) >= 0.8 * len(wrote)
    assert pair.bits == pytest.approx(sum(-math.log2(m / 60) for m in wrote if m <= 6))
    assert {4, 5, 6, 7, 8} <= pair.tasks["spread"].first
    assert 7 in pair.tasks["spread"].second


def test_what_the_class_has_in_common_is_no_likeness() -> None:
    assert find_alike(a_class(60), {"spread": GIVEN}) == []


def test_the_cell_that_everybody_got_does_not_count() -> None:
    answers = {who: {"spread": OWN} for who in ("ada", "bob")} | a_class(58)
    assert find_alike(answers, {"spread": OWN}) == []


def test_a_copy_with_lines_in_between_is_found() -> None:
    lines = OWN.splitlines()
    patched = "\n".join([*lines[:3], "    print('here')", *lines[3:], "x = 1"])
    (pair,) = find_alike(a_class(58, ada=OWN, bob=patched), {"spread": GIVEN})
    assert 0.6 < pair.tasks["spread"].share < 1.0


def test_text_that_is_no_python_is_compared_too() -> None:
    broken = OWN.replace("for number", "for for number (")
    pairs = find_alike(a_class(58, ada=broken, bob=broken), {"spread": GIVEN})
    assert [(p.first, p.second) for p in pairs] == [("ada", "bob")]


def test_one_copied_answer_is_found_among_others_of_their_own() -> None:
    answers = a_class(58, ada=OWN, bob=RENAMED)
    for i, own in enumerate(answers.values()):
        own["other"] = "\n".join(f"x = {i} ** {n} + call_{i}(y, {n})" for n in range(9))
    (pair,) = find_alike(answers, {"spread": GIVEN})
    assert [*pair.tasks] == ["spread"]


def test_a_class_of_copies_does_not_fill_the_page() -> None:
    rings = {f"c{i}": OWN for i in range(6)}
    answers = a_class(80, **rings, d1=RENAMED, d2=RENAMED)
    assert len(find_alike(answers, {"spread": GIVEN})) == 15  # of 8 * 7 / 2 pairs


WORDS = (
    "The rows of the table were divided by the sums of other rows, so nothing adds up "
    "to one any more, and only a look at the shapes would have told my friend."
)


def test_answers_in_words_are_compared_by_their_words() -> None:
    mine = WORDS.upper().replace("my friend", "anybody")
    answers = {
        f"s{i}": {"why": f"Because {i} is a number of its own."} for i in range(58)
    }
    answers |= {"ada": {"why": WORDS}, "bob": {"why": mine}}
    (pair,) = find_alike(answers, {"why": "Why?"}, ["why"])
    assert (pair.first, pair.second) == ("ada", "bob")
    assert pair.tasks["why"].share > 0.9


def test_a_long_copy_shares_a_run_whatever_stands_around_it() -> None:
    """Winnowing finds every common run of K + WINDOW - 1 tokens."""
    for before in range(5):
        text = " ".join([*(f"w{i}" for i in range(before)), "a b c d e f"])
        here = prints_of(word_tokens(text), 4)
        there = prints_of(word_tokens("x y a b c d e f z"), 4)
        assert here.keys() & there.keys()
