"""A text of the reader's own: asked once, and what cannot be read changes nothing."""

import torch

from course_play.widgets import LogitLens

WORDS = ["a", "b", "c"]


def read(text: str) -> dict[str, torch.Tensor]:
    tokens = [WORDS.index(letter) for letter in text]
    return {"logits": torch.eye(3)[tokens][None], "tokens": torch.tensor(tokens)}


def test_a_typed_text_takes_the_place_of_the_old_one() -> None:
    lens = LogitLens(**read("ab"), vocabulary=WORDS, ask=read)
    lens.text = "cab"
    assert lens.tokens == ["c", "a", "b"]
    assert lens.position == 2
    assert lens.read(0, 0).top[0][0] == "c"
    assert "3 words" in repr(lens)


def test_text_and_count_that_change_at_once_are_one_question() -> None:
    asked = []

    def counted(text: str) -> dict[str, torch.Tensor]:
        asked.append(text)
        return read(text)

    lens = LogitLens(**read("ab"), vocabulary=WORDS, ask=counted)
    with lens.hold_trait_notifications():
        lens.text, lens.asked = "b", 1
    assert asked == ["b"]
    assert lens.answered == 1


def test_a_text_that_cannot_be_read_changes_nothing() -> None:
    lens = LogitLens(**read("ab"), vocabulary=WORDS, ask=read)
    before = lens.get_state()
    lens.text = "xyz"
    assert lens.error == "'x' is not in list"
    kept = ("tokens", "top_probs", "position", "shape")
    assert {k: lens.get_state()[k] for k in kept} == {k: before[k] for k in kept}
    lens.text = "c" * 65
    assert lens.error == "65 tokens: give at most 64"
    lens.text = "c"
    assert lens.error == ""


def test_without_somebody_to_ask_there_is_no_box() -> None:
    lens = LogitLens(**read("ab"), vocabulary=WORDS)
    assert not lens.asks
    lens.text = "c"
    assert lens.tokens == ["a", "b"]
