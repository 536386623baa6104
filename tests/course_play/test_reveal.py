"""The answer to a prediction: after a guess or a "?", never before."""

import pytest

from course_play.reveal import NO_GUESS, reveal


def test_without_a_guess_nothing_depends_on_the_answer() -> None:
    for truth, digits, also in ((4.953, 2, ""), (27, 0, "27 rows"), ("soup", 1, "x")):
        assert reveal(None, truth, digits, also) == NO_GUESS
    assert not any(letter.isdigit() for letter in NO_GUESS)


def test_a_question_mark_shows_the_answer_and_what_goes_with_it() -> None:
    assert reveal("?", 4.953, also="e to the 1.6") == (
        "The answer is 4.95.\ne to the 1.6"
    )
    assert reveal("?", "soup") == "The answer is soup."


def test_a_guess_is_measured() -> None:
    assert reveal(100, 124.44, 1, also="exactly") == (
        "The answer is 124.4. You said 100.0, which is 24.4 away.\nexactly"
    )
    assert reveal(" Soup ", "soup").endswith("exactly right.")


@pytest.mark.parametrize("guess", ["five", float("nan"), float("inf"), ""])
def test_a_guess_that_is_no_number_is_told_what_to_type(guess: float | str) -> None:
    with pytest.raises(ValueError, match=r'my_guess is .*such as 3 or 0\.25, or "\?"'):
        reveal(guess, 4.953)
