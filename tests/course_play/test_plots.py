"""plots: pictures that say what they show, the same each time."""

import io
import math
import struct

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb

from course_play.bars import plot_bars
from course_play.head_maps import plot_head_maps
from course_play.plots import (
    COLORS,
    EDGE,
    ORANGE,
    PAPER,
    Picture,
    new_axes,
    plot_curves,
    plot_heat_map,
    plot_probs,
)


def pictures() -> list[Picture]:
    curve = {"train": ([1, 10], [3.3, 1.7]), "held out": ([1, 10], [3.3, 2.1])}
    return [
        plot_probs(torch.tensor([0.2, 0.8]), ["a", "b"], "Two", mark="b"),
        plot_probs([1 / 27] * 27, list(".abcdefghijklmnopqrstuvwxyz"), "Even"),
        plot_curves(
            curve,
            "Loss",
            xlabel="step",
            ylabel="nats",
            lines={"ln 27": 3.3},
            log_x=True,
        ),
        plot_heat_map(torch.eye(3)[:2], ["x", "y"], ["a", "b", "c"], "Map"),
        plot_head_maps({"a": torch.eye(9), "b": torch.eye(9)}, "Heads"),
        plot_bars(["x", "y"], {"a": [1, 2], "b": [3, 4]}, "Bars", xlabel="bits"),
    ]


PICTURES = pictures()


@pytest.mark.parametrize("i", range(len(PICTURES)))
def test_a_picture_is_png_with_alt_text_and_one_line_of_text(i: int) -> None:
    picture = PICTURES[i]
    data, metadata = picture._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data["image/png"][16:24])
    assert 250 <= width <= 900
    assert 150 <= height <= 900
    assert data["text/plain"] == repr(picture)
    assert "\n" not in repr(picture)
    assert metadata["image/png"]["alt"] == picture.alt


@pytest.mark.parametrize("i", range(len(PICTURES)))
def test_the_same_data_give_the_same_bytes(i: int) -> None:
    picture, again = PICTURES[i], pictures()[i]
    assert picture.png() == picture.png() == again.png()
    assert repr(picture) == repr(again)


def test_a_logarithmic_axis_is_drawn() -> None:
    curve = {"loss": ([1, 10, 100], [3.0, 2.0, 1.9])}
    picture = plot_curves(curve, "Loss", xlabel="step", ylabel="nats", log_x=True)
    assert picture.figure.axes[0].get_xscale() == "log"
    assert picture.png() == picture.png()


def test_a_logarithmic_axis_shows_the_numbers_asked_for() -> None:
    ticks = [1, 8, 64]
    curve = {"a": (ticks, ticks)}
    picture = plot_curves(
        curve, "Doubling", xlabel="x", ylabel="y", log_x=True, ticks=ticks
    )
    picture.png()
    labels = picture.figure.axes[0].get_xticklabels(which="both")
    assert [label.get_text() for label in labels] == ["1", "8", "64"]


@pytest.mark.parametrize(("top", "named"), [(90, "1235"), (9000, "1")])
def test_a_long_logarithmic_axis_names_powers_of_ten_only(top: int, named: str) -> None:
    curve = {"a": ([0, 1], [1, top])}
    picture = plot_curves(curve, "Far", xlabel="x", ylabel="y", log_y=True)
    picture.png()
    labels = picture.figure.axes[0].get_yticklabels(which="both")
    first = {text.get_text().strip("0.,")[:1] for text in labels if text.get_text()}
    assert first == set(named)


def test_an_axis_of_whole_steps_shows_the_numbers_asked_for() -> None:
    curve = {"a": (range(4), [0.0, 1.0, 1.0, 2.0])}
    picture = plot_curves(curve, "Steps", xlabel="x", ylabel="y", ticks=range(4))
    assert list(picture.figure.axes[0].get_xticks()) == [0, 1, 2, 3]


def test_alt_text_tells_the_numbers() -> None:
    bars, many, curves, heat, *_ = (picture.alt for picture in PICTURES)
    assert bars == "Bars: a 0.20, b 0.80."
    assert many.startswith("Bars of 27, the tallest: . 0.04, a 0.04")
    assert "train from 3.30 to 1.70; held out from 3.30 to 2.10" in curves
    assert curves.endswith("Lines: ln 27 at 3.30.")
    assert "largest value is 1.00 at row x, column a" in heat


def test_groups_and_curves_differ_by_more_than_colour() -> None:
    lines = PICTURES[2].figure.axes[0].lines[:2]
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert lines[0].get_color() != lines[1].get_color()
    marked = PICTURES[0].figure.axes[0].patches
    assert [bar.get_hatch() for bar in marked] == [None, "//"]
    assert len(set(COLORS)) == 4


def test_pictures_leave_nothing_open_in_pyplot() -> None:
    pictures()
    assert plt.get_fignums() == []


def test_a_picture_without_title_is_its_alt_text() -> None:
    figure, _ = new_axes()
    assert repr(Picture(figure, "An empty frame.")) == "An empty frame."


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="alt text is ' ': say what"):
        Picture(new_axes()[0], " ")
    with pytest.raises(ValueError, match="2 probabilities need as many labels, not 1"):
        plot_probs([0.5, 0.5], ["a"], "Two")
    with pytest.raises(ValueError, match=r"values are \(2, 2\), labels say \(2, 1\)"):
        plot_heat_map(torch.eye(2), ["a", "b"], ["x"], "Map")


def test_the_stripes_of_the_marked_bar_can_be_seen() -> None:
    png = plot_probs([0.2, 0.8], ["a", "b"], "Two", mark="b").png()
    pixels = torch.from_numpy(plt.imread(io.BytesIO(png))[..., :3].copy())
    orange = torch.tensor(to_rgb(ORANGE))
    rows, columns = ((pixels - orange).abs().amax(-1) < 0.01).nonzero().T
    bar = pixels[rows.min() : rows.max(), columns.min() : columns.max()]
    striped = ((bar - torch.tensor(to_rgb(PAPER))).abs().amax(-1) < 0.1).float().mean()
    assert 0.05 < striped < 0.5


def test_every_picture_has_a_light_ground_and_an_edge_for_dark_pages() -> None:
    for picture in PICTURES:
        pixels = plt.imread(io.BytesIO(picture.png()))[..., :3]
        assert pixels[0, 0] == pytest.approx(to_rgb(EDGE), abs=0.02)
        assert pixels[5, 5] == pytest.approx(to_rgb(PAPER), abs=0.01)


def test_the_legend_covers_no_curve() -> None:
    figure = PICTURES[2].figure
    PICTURES[2].png()
    [legend], [axes] = figure.legends, figure.axes
    assert legend.get_window_extent().y1 < axes.get_window_extent().y0


@pytest.mark.parametrize(("word", "angle"), [("a", 0), ("mouse", 90)])
def test_many_long_words_under_a_heat_map_stand_upright(word: str, angle: int) -> None:
    words = [word] * 9
    axes = plot_heat_map(torch.eye(9), words, words, "Map").figure.axes[0]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {angle}


def test_a_heat_map_leaves_nan_blank_and_names_its_colours() -> None:
    future = torch.ones(2, 2, dtype=torch.bool).triu(1)
    weights = torch.tensor([[1.0, 9.0], [0.4, 0.6]]).masked_fill(future, math.nan)
    picture = plot_heat_map(weights, ["a", "b"], ["x", "y"], "Map", scale="weight")
    assert "the largest value is 1.00 at row a, column x" in picture.alt
    table, colours = picture.figure.axes
    assert table.images[0].get_array().mask.tolist() == future.tolist()
    assert colours.get_ylabel() == "weight"


def test_marked_heads_are_framed_and_told() -> None:
    maps = {"first": torch.eye(3), "before": torch.zeros(3, 3)}
    picture = plot_head_maps(maps, "Heads", marked={"first": [(2, 2), (0, 1)]})
    assert "framed (2, 2) 1.00, (0, 1) 0.00." in picture.alt
    frames = [len(axes.lines) for axes in picture.figure.axes[:2]]
    assert frames == [2, 0]


def test_maps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 2\), \(3, 3\).*one shape"):
        plot_head_maps({"a": torch.eye(2), "b": torch.eye(3)}, "Heads")
    with pytest.raises(ValueError, match=r"maps have shapes \[\]"):
        plot_head_maps({}, "Heads")
    same = {"a": torch.eye(2), "b": torch.eye(2)}
    with pytest.raises(ValueError, match=r"marked names \['c'\]: use a, b"):
        plot_head_maps(same, "Heads", marked={"c": [(0, 0)]})


def test_bars_tell_every_value_and_line_and_draw_the_errors() -> None:
    picture = plot_bars(
        ["x", "y"],
        {"a": [0.5, 0.25]},
        "Bars",
        xlabel="share",
        errors={"a": [0.1, 0.2]},
        lines={"chance": 0.1},
    )
    assert picture.alt == "share. a: x 0.50, y 0.25. Line: chance at 0.10."
    axes = picture.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.25]
    assert axes.yaxis_inverted()
    assert len(axes.collections) == 1  # the whiskers


def test_bars_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="'a' has 1 values, not 2"):
        plot_bars(["x", "y"], {"a": [1]}, "Bars", xlabel="bits")
    with pytest.raises(ValueError, match="0 series: give 1 to 4"):
        plot_bars(["x", "y"], {}, "Bars", xlabel="bits")
