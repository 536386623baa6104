"""The copy meter against looking everywhere, and what it says of edge cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.copies import CopyMeter, Run

FEW = st.lists(st.integers(0, 3), max_size=25)


def holds(text: list[int], piece: list[int]) -> bool:
    n = len(piece)
    return any(text[i : i + n] == piece for i in range(len(text) - n + 1))


def looked_everywhere(known: list[int], tokens: list[int]) -> list[int]:
    return [
        max(n for n in range(end + 1) if holds(known, tokens[end - n : end]))
        for end in range(1, len(tokens) + 1)
    ]


@given(FEW, FEW)
def test_the_runs_are_those_of_looking_everywhere(
    known: list[int], tokens: list[int]
) -> None:
    runs = looked_everywhere(known, tokens)
    meter = CopyMeter(known)
    assert meter.runs(tokens) == runs
    longest = meter.longest(tokens)
    assert longest.length == max(runs, default=0)
    assert holds(known, tokens[longest.start : longest.start + longest.length])
    cover = meter.cover(tokens)
    assert len(cover) == len(tokens)
    assert all(a >= b for a, b in zip(cover, runs, strict=True))
    assert max(cover, default=0) == max(runs, default=0)


def test_a_copy_is_one_run_and_a_stranger_none() -> None:
    meter = CopyMeter(range(100))
    assert meter.longest(range(20, 60)) == Run(0, 40)
    assert meter.cover(range(20, 60)) == [40] * 40
    assert meter.longest([200, 201]) == Run(0, 0)
    assert meter.longest([]) == Run(0, 0)


def test_ids_of_any_tokenizer_serve() -> None:
    large = [0, 50_256, 55_296, 57_343, 100_276, 200_018]  # surrogates among them
    assert CopyMeter(large).longest([7, *large[1:5]]) == Run(1, 4)


@pytest.mark.parametrize("wrong", [-1, 0x110000])
def test_an_impossible_id_is_named(wrong: int) -> None:
    with pytest.raises(ValueError, match=f"token id {wrong}: use 0"):
        CopyMeter([1, wrong])
