"""Measured points, with lines and rings."""

import pytest

from course_play.points import plot_points, plot_search

TRIED = {"one": ([1.0, 10.0], [3.0, 2.0]), "other": ([1.0, 10.0], [4.0, 1.0])}


def test_points_lines_and_rings_are_drawn_and_told() -> None:
    lines = {"one": ([1.0, 10.0], [3.0, 2.0]), "law": ([1.0, 100.0], [5.0, 0.5])}
    rings = {"least": (10.0, 1.0)}
    picture = plot_points(
        TRIED, "T", xlabel="x", ylabel="y", lines=lines, rings=rings, log_y=True
    )
    (axes,) = picture.figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert len(axes.lines) == 5
    own, law = axes.lines[2:4]
    assert own.get_color() == axes.lines[0].get_color() != law.get_color()
    assert [text.get_text() for text in axes.texts] == ["least"]
    assert picture.alt == (
        "y against x. one: 3.00 at 1, 2.00 at 10. other: 4.00 at 1, 1.00 at 10. "
        "Line one from 3.00 at 1 to 2.00. Line law from 5.00 at 1 to 0.50. "
        "Ring: least at 10, 1.00."
    )
    assert picture.png().startswith(b"\x89PNG")


def test_ticks_replace_the_usual_numbers() -> None:
    for log_x in (True, False):
        picture = plot_points(
            TRIED, "T", xlabel="x", ylabel="y", log_x=log_x, ticks=[1, 4, 10]
        )
        assert picture.figure.axes[0].get_xticks().tolist() == [1, 4, 10]


def test_points_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="0 names: give 1 to 4"):
        plot_points({}, "T", xlabel="x", ylabel="y")
    with pytest.raises(ValueError, match="'p' has 2 x and 1 y values"):
        plot_points({"p": ([1.0, 2.0], [1.0])}, "T", xlabel="x", ylabel="y")


def test_a_search_circles_the_minimum_of_each_rival() -> None:
    curves = {"a": {0.1: 3.0, 0.2: 2.0, 0.4: 9.0}, "b": {0.1: 1.5, 0.2: 2.5}}
    picture = plot_search(
        curves, "T", xlabel="rate", ylabel="loss", lines={"floor": 1.0}, top=4.0
    )
    axes = picture.figure.axes[0]
    rings = [line for line in axes.lines if line.get_fillstyle() == "none"]
    assert [ring.get_xydata().tolist() for ring in rings] == [[[0.2, 2]], [[0.1, 1.5]]]
    assert axes.get_ylim()[1] == 4.0
    assert picture.alt.endswith("a 2.00 at 0.2, b 1.50 at 0.1, line floor 1.00.")


def test_a_search_needs_rivals_with_settings() -> None:
    with pytest.raises(ValueError, match="two settings"):
        plot_search({}, "T", xlabel="x", ylabel="y")
    with pytest.raises(ValueError, match="two settings"):
        plot_search({"a": {0.1: 1.0}}, "T", xlabel="x", ylabel="y")
