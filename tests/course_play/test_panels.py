"""Panels of bars, and curves with named points."""

import pytest

from course_play.panels import plot_marked, plot_panels


def test_each_panel_shows_its_values() -> None:
    panels = {"score": [1.0, -0.5], "share": [0.8, 0.2]}
    picture = plot_panels(panels, ["a", "b"], "Title")
    for axes, (name, values) in zip(picture.figure.axes, panels.items(), strict=True):
        assert axes.get_title() == name
        assert [bar.get_height() for bar in axes.patches] == values
    assert picture.alt.endswith("score: a 1.00, b -0.50. share: a 0.80, b 0.20.")
    assert picture.png().startswith(b"\x89PNG")


def test_panels_can_share_one_scale() -> None:
    panels = {"low": [0.1, 0.2], "high": [1.0, 2.0]}
    for same in (True, False):
        left, right = plot_panels(panels, ["a", "b"], "T", same_scale=same).figure.axes
        assert (left.get_ylim() == right.get_ylim()) is same


def test_panels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="'p' has 1 values, not 2"):
        plot_panels({"p": [1.0]}, ["a", "b"], "T")
    with pytest.raises(ValueError, match="0 panels: give 1 to 4"):
        plot_panels({}, ["a"], "T")


def test_a_marked_curve_names_its_points_beside_the_curve() -> None:
    curve = ([-2.0, -1.0, -0.1, 0.1, 1.0], [1.0, 0.2, 0.1, 0.1, 1.0])
    points = {"falls": (-1.5, 0.6), "flat": (0.0, 0.1), "rises": (0.5, 0.5)}
    picture = plot_marked(curve, points, "T", xlabel="x", ylabel="y")
    texts = {
        text.get_text(): text.get_horizontalalignment()
        for text in picture.figure.axes[0].texts
    }
    assert texts == {"falls": "left", "flat": "center", "rises": "right"}
    assert picture.alt.endswith("flat at 0.00, 0.10; rises at 0.50, 0.50.")


def test_a_marked_curve_needs_two_points() -> None:
    with pytest.raises(ValueError, match="1 x and 1 y values"):
        plot_marked(([1.0], [1.0]), {}, "T", xlabel="x", ylabel="y")
