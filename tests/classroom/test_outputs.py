"""Stored outputs against new ones: what another processor may change, and no more."""

import math
import re
from collections.abc import Iterator

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.lessons import Lesson, find_lessons
from classroom.outputs import CLOSE, NUMBER, Tolerance, repeats, settle

LESSONS = find_lessons()
WIDE = Tolerance(decimals=0.05, counts=3)


def shifted(number: str, amount: float) -> str:
    """The same number with as many digits, `amount` further from zero."""
    mantissa, _, exponent = number.replace(",", "").partition("e")
    decimals = len(mantissa.partition(".")[2])
    value = float(f"{mantissa}e{exponent or 0}")
    moved = value + math.copysign(amount, value)
    if exponent:
        return f"{moved:.{decimals}e}"
    return f"{moved:,.{decimals}f}" if "," in number else f"{moved:.{decimals}f}"


@pytest.mark.parametrize(
    ("stored", "new", "same"),
    [
        ("2.80", "2.82", True),
        ("2.80", "2.83", False),
        ("2.80", "-2.80", False),
        ("0.00", "-0.00", True),
        ("[0.5, 1.25]", "[0.49, 1.25]", True),  # Python prints 0.5 for 0.50
        ("[0.5, 1.25]", "[0.45, 1.25]", False),
        ("3.1e-05", "3.3e-05", True),
        ("3.1e-05", "3.5e-05", False),
        ("3.1e-05", "3.1e-04", False),
        ("12 of 40", "13 of 40", False),
        ("1,234 words", "1,235 words", False),
        ("loss   9.99 |", "loss  10.01 |", True),  # a longer number moves its column
        ("loss 2.80", "cost 2.80", False),
        ("loss 2.80", "loss 2.80 2.80", False),
        ("loss 2.80", "loss", False),
        ("a 1.00\nb", "a 1.00 b", False),
        ("1.00", "nan", False),
        ("1.00", "inf", False),
    ],
)
def test_a_close_cell_repeats_within_two_units(
    stored: str, new: str, same: bool
) -> None:
    assert repeats(stored, new, CLOSE) is same


def test_a_cell_without_a_tag_repeats_to_the_last_sign() -> None:
    assert repeats("2.80", "2.80", None)
    assert not repeats("2.80", "2.81", None)
    assert not repeats("2.80", "2.80 ", None)


def test_sampled_text_may_change_some_of_its_words_but_not_its_lines() -> None:
    stored = "T = 0.5: san, vari, har, deep, anathi\nT = 1.0: sanhi, ejuna, harthi"
    some, most = Tolerance(words=0.3), Tolerance(words=0.9)
    flipped = stored.replace("anathi", "anil")
    assert repeats(stored, flipped, some)
    assert not repeats(stored, flipped, CLOSE)
    assert not repeats(stored, re.sub("[a-z]+", "x", stored), some)
    assert not repeats(stored, stored.replace("\n", " "), most)
    assert not repeats(stored, flipped.replace("T = 1.0", "T = 2.0"), some)


def test_a_tag_states_how_far_decimals_and_counts_may_be() -> None:
    allowed = Tolerance.of(["ledger:A8", "close:0.05", "counts:3"])
    assert allowed == WIDE
    assert repeats("2.80, 40 of 50", "2.85, 43 of 50", allowed)
    assert not repeats("2.80, 40 of 50", "2.86, 40 of 50", allowed)
    assert not repeats("2.80, 40 of 50", "2.80, 44 of 50", allowed)
    assert Tolerance.of(["ledger:A8", "nbval-ignore-output"]) is None


@pytest.mark.parametrize(
    "tag", ["close:", "close:much", "counts", "words", "closely:1"]
)
def test_a_tag_that_cannot_be_read_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="write close"):
        Tolerance.of([tag])


@given(st.text(max_size=60), st.sampled_from([None, CLOSE, WIDE]))
def test_every_text_repeats_itself(text: str, tolerance: Tolerance | None) -> None:
    assert repeats(text, text, tolerance)


def test_only_what_repeats_is_settled() -> None:
    def outputs(loss: str, word: str) -> list[dict[str, object]]:
        printed = {"output_type": "stream", "name": "stdout", "text": f"loss {loss}\n"}
        data = {"text/plain": f"{word} {loss}", "image/png": loss}
        return [printed, {"output_type": "display_data", "data": data}]

    stored, new = outputs("2.80", "curve"), outputs("2.81", "curve")
    settle(new, stored, CLOSE)
    assert [new[0]["text"], new[1]["data"]["text/plain"]] == [  # type: ignore[index]
        "loss 2.80\n",
        "curve 2.80",
    ]
    live = {"output_type": "display_data", "data": {"a-view": {"model_id": "7"}}}
    new = [live, *outputs("2.81", "curve")]  # a view that is not stored moves the rest
    settle(new, stored, CLOSE)
    assert new[1:] == [stored[0], stored[1] | {"data": new[2]["data"]}]
    assert new[2]["data"]["text/plain"] == "curve 2.80"  # type: ignore[index]
    other = outputs("2.81", "table")
    settle(other, stored, CLOSE)
    assert other[1]["data"]["text/plain"] == "table 2.81"  # type: ignore[index]


def texts(lesson: Lesson) -> Iterator[tuple[str, Tolerance | None]]:
    """What a stored lesson prints, with the tolerance of each cell."""
    notebook = nbformat.read(lesson.notebook, as_version=4)
    for cell in notebook.cells:
        tolerance = Tolerance.of(cell.metadata.get("tags", []))
        for output in cell.get("outputs", []):
            if "text" in output:
                yield output.text, tolerance
            elif "text/plain" in output.get("data", {}):
                yield output.data["text/plain"], tolerance


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.name)
def test_a_planted_change_is_seen_in_every_stored_output(lesson: Lesson) -> None:
    """Each number of each cell moved just beyond its tolerance, each word changed."""
    planted = 0
    for text, tolerance in texts(lesson):
        for found in NUMBER.finditer(text):
            number = found[0]
            whole = "." not in number and "e" not in number
            decimals = len(number.partition("e")[0].partition(".")[2])
            unit = 10.0 ** (int(number.partition("e")[2] or 0) - decimals)
            allowed = tolerance or Tolerance(-math.inf)
            beyond = allowed.counts + 1 if whole else max(allowed.decimals, 2 * unit)
            wrong = shifted(number, beyond + unit if not whole else beyond)
            changed = text[: found.start()] + wrong + text[found.end() :]
            assert not repeats(text, changed, tolerance), (number, wrong, text)
            planted += 1
        for found in re.finditer(r"[A-Za-z]{2,}", text):
            changed = text[: found.start()] + "other" + text[found.end() :]
            if tolerance and tolerance.words:  # a model wrote it: change all of them
                changed = re.sub(r"[A-Za-z]{2,}", "other", text)
            if changed != text:
                assert not repeats(text, changed, tolerance), (found[0], text)
                planted += 1
    assert planted > 50
