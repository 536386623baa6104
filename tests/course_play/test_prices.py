"""The price above each word of a text."""

import pytest

from course_play.plots import GREY
from course_play.prices import plot_prices

WORDS = ["the", "cat", "says", "meow", "."]


def test_bars_stand_above_their_words_in_rows() -> None:
    floor = [0.0, 0.5, 0.0, 0.0, 0.1]
    picture = plot_prices(WORDS, {"floor": floor}, "T", per_row=3)
    rows = picture.figure.axes
    assert [[bar.get_height() for bar in axes.patches] for axes in rows] == [
        floor[:3],
        floor[3:],
    ]
    labels = [label.get_text() for axes in rows for label in axes.get_xticklabels()]
    assert labels == WORDS
    assert len({axes.get_ylim() for axes in rows}) == 1
    written = [text.get_text() for axes in rows for text in axes.texts]
    assert [text for text in written if text] == ["0.50", "0.10"]
    assert picture.png().startswith(b"\x89PNG")


def test_words_that_cost_the_first_payer_nothing_are_grey() -> None:
    prices = {"floor": [0.0, 1.0, 0.0, 0.0, 0.0], "model": [1.0] * 5}
    (axes,) = plot_prices(WORDS, prices, "T").figure.axes
    grey = [label.get_color() == GREY for label in axes.get_xticklabels()]
    assert grey == [True, False, True, True, True]
    assert len(axes.patches) == 10


def test_all_prices_are_told() -> None:
    picture = plot_prices(["a", "b"], {"x": [0, 1], "y": [2, 0.25]}, "Title")
    assert picture.alt == "Title. Prices in nats. x: a 0.00, b 1.00. y: a 2.00, b 0.25."


def test_prices_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="'x' has 1 prices, not 2"):
        plot_prices(["a", "b"], {"x": [1.0]}, "T")
    with pytest.raises(ValueError, match="0 words, 1 prices"):
        plot_prices([], {"x": []}, "T")
