"""chat.evaluation: shares with honest errors, and calibration."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.chat import Rate, calibration, calibration_error, rate
from course_lib.chat.evaluation import Bin

answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@pytest.mark.parametrize("p", [0.03, 0.5, 0.9])
def test_the_error_is_the_spread_of_repeated_measurements(p: float) -> None:
    dice = random.Random(1)
    found = [rate(dice.random() < p for _ in range(400)) for _ in range(400)]
    spread = statistics.pstdev(one.mean for one in found)
    assert statistics.mean(one.error for one in found) == pytest.approx(spread, rel=0.1)
    assert statistics.mean(one.mean for one in found) == pytest.approx(p, abs=0.005)


def test_the_error_of_a_share_is_that_of_the_mean_of_zeros_and_ones() -> None:
    cases = [True] * 3 + [False] * 7
    expected = statistics.pstdev(map(float, cases)) / math.sqrt(10)
    assert rate(cases) == Rate(0.3, pytest.approx(expected), 10)


@pytest.mark.parametrize("hit", [True, False])
@pytest.mark.parametrize("n", [1, 10, 1000])
def test_all_or_none_is_not_taken_for_certainty(hit: bool, n: int) -> None:
    found = rate([hit] * n)
    assert found.mean == float(hit)
    one_more = 1 / (n + 1)
    assert found.error == pytest.approx(math.sqrt(one_more * (1 - one_more) / n))
    assert found.error > 0


def test_truth_is_counted_and_written_with_its_error() -> None:
    assert rate([1, 0, [], "yes"]).mean == 0.5
    assert str(rate([True] * 9 + [False])) == "0.90 ± 0.09"


def test_nothing_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="no cases"):
        rate(iter([]))


def test_calibration_by_hand() -> None:
    bins = calibration([0.05, 0.15, 0.15, 0.95, 1.0], [False, True, False, True, True])
    assert bins == [
        Bin(0.05, 0.0, 1),
        Bin(0.15, 0.5, 2),
        Bin(pytest.approx(0.975), 1.0, 2),
    ]
    by_hand = (0.05 * 1 + 0.35 * 2 + 0.025 * 2) / 5
    assert calibration_error(bins) == pytest.approx(by_hand)


@given(answers, st.integers(1, 20))
def test_bins_hold_every_answer_once(given: list[tuple[float, bool]], n: int) -> None:
    confidences, right = map(list, zip(*given, strict=True))
    bins = calibration(confidences, right, n)
    assert sum(one.n for one in bins) == len(given)
    assert len(bins) <= n
    means = [one.confidence for one in bins]
    assert means == sorted(means)
    assert sum(b.accuracy * b.n for b in bins) == pytest.approx(sum(right))
    assert sum(b.confidence * b.n for b in bins) == pytest.approx(sum(confidences))
    assert 0 <= calibration_error(bins) <= 1


def test_honest_confidence_has_a_small_error_and_boasting_a_large_one() -> None:
    dice = random.Random(2)
    sure = [dice.random() for _ in range(20_000)]
    right = [dice.random() < c for c in sure]
    assert calibration_error(calibration(sure, right)) < 0.02
    boasting = [1 - (1 - c) / 4 for c in sure]
    assert calibration_error(calibration(boasting, right)) == pytest.approx(
        0.375, abs=0.02
    )


@pytest.mark.parametrize(
    ("confidences", "right", "told"),
    [
        ([0.5], [True, False], "1 confidences for 2 answers"),
        ([], [], "0 confidences for 0 answers"),
        ([1.2], [True], "a confidence is a probability"),
        ([-0.1], [True], "a confidence is a probability"),
        ([math.nan], [True], "a confidence is a probability"),
    ],
)
def test_bad_confidences_are_refused(
    confidences: list[float], right: list[bool], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        calibration(confidences, right)
