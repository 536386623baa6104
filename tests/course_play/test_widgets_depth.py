"""DepthProfile: what is measured, and that JavaScript says the same of it."""

import math
from itertools import product
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from course_lib.gpt import Block, GPTConfig
from course_play.widgets import DepthProfile, depth_profile
from course_play.widgets.depth_profile import (
    LAYERS,
    NORMS,
    SCALES,
    measure_depth,
    size_text,
    verdict,
)
from tests.course_play.widget_js import run_js

CHOICES = list(product((False, True), NORMS, SCALES, LAYERS))


def test_the_stack_of_the_widget_is_made_of_the_blocks_of_the_library() -> None:
    """The same weights in `Block` give the same stream."""
    drawn: list[torch.Tensor] = []
    dice = torch.Generator().manual_seed(1)

    def draw(n_in: int, n_out: int) -> torch.Tensor:
        drawn.append(torch.randn(n_in, n_out, generator=dice, dtype=torch.float64) / 6)
        return drawn[-1]

    x = torch.randn(1, 16, 32, generator=dice, dtype=torch.float64)
    stream = depth_profile._stack(x, True, "before", draw)
    config = GPTConfig(vocab_size=2, emb_dim=32, positions="learned", qk_norm=False)
    block = Block(config).double()
    for depth in range(3):
        qkv, proj, up, down = drawn[4 * depth : 4 * depth + 4]
        with torch.no_grad():
            block.attention.qkv.weight.copy_(qkv.T)
            block.attention.proj.weight.copy_(proj.T)
            block.up.weight.copy_(up.T)
            block.down.weight.copy_(down.T)
            ours = block(stream[depth])
        torch.testing.assert_close(ours, stream[depth + 1], rtol=1e-4, atol=1e-4)


def test_every_combination_is_measured_to_its_last_layer_and_no_further() -> None:
    profiles = measure_depth()
    for s, n, i, j in product(range(2), range(3), range(5), range(4)):
        profile = profiles[s, n, i, j]
        assert profile[:, : LAYERS[j] + 1].isfinite().all()
        assert profile[:, LAYERS[j] + 1 :].isnan().all()
    assert profiles[..., 2, :].nan_to_num().abs().max() <= 1 + 1e-6


def test_other_seeds_draw_other_weights_the_same_seed_the_same() -> None:
    again = measure_depth.__wrapped__(0)
    torch.testing.assert_close(again, measure_depth(0), rtol=0, atol=0, equal_nan=True)
    assert not measure_depth(1)[0].allclose(again[0], equal_nan=True)


def test_a_shallower_stack_is_the_beginning_of_a_deep_one() -> None:
    profiles = measure_depth()
    torch.testing.assert_close(
        profiles[:, :, :, 0, 0, :5], profiles[:, :, :, 3, 0, :5], rtol=0, atol=0
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_only_skip_and_norm_together_let_a_deep_stack_live(seed: int) -> None:
    """What the lesson tells holds for other weights too."""
    said = {
        (skip, norm): DepthProfile(skip=skip, norm=norm, seed=seed).verdict()
        for skip in (False, True)
        for norm in NORMS
    }
    assert said[False, "none"] == "the stream dies out"
    assert "the same" in said[False, "before"]
    assert "the same" in said[False, "after"]
    assert said[True, "none"] == "the stream explodes"
    assert "still differ" in said[True, "before"]


@pytest.mark.parametrize("norm", NORMS)
def test_with_a_skip_small_weights_leave_signal_and_gradient_alone(norm: str) -> None:
    calm = DepthProfile(norm=norm, init_scale=0.25, n_layers=24)
    assert calm.profile[:2].abs().max() < 0.1
    assert "still differ" in calm.verdict()


def test_likeness_is_the_mean_cosine_of_different_tokens() -> None:
    x = torch.randn(2, 16, 32, generator=torch.Generator().manual_seed(0))
    others = [(a, b) for a in range(16) for b in range(16) if a != b]
    for one, found in zip(x, depth_profile._alike(x), strict=True):
        cosines = [F.cosine_similarity(one[a], one[b], dim=0) for a, b in others]
        torch.testing.assert_close(found, torch.stack(cosines).mean())
    same = torch.ones(1, 16, 32)
    torch.testing.assert_close(depth_profile._alike(same), torch.ones(1))


def test_the_browser_reads_the_same_numbers_and_words(tmp_path: Path) -> None:
    widget = DepthProfile()
    stored = torch.frombuffer(bytearray(widget.profiles), dtype=torch.float32)
    cases = {
        "numbers": stored.nan_to_num(-1).tolist(),
        "knobs": [
            dict(zip(("skip", "norm", "init_scale", "n_layers"), choice, strict=True))
            for choice in CHOICES
        ],
        "scales": SCALES,
        "layers": LAYERS,
    }
    program = """
import { profileOf, sizeText, verdict } from "./depth_profile.js";
answer = cases.knobs.map((knobs) => {
  const [s, g, a] = profileOf(cases.numbers, knobs, cases.scales, cases.layers);
  return { profile: [s, g, a], stream: sizeText(s.at(-1)), gradient: sizeText(g[0]),
    said: verdict(s.at(-1), g[0], a.at(-1)) };
});"""
    rows = run_js(tmp_path, program, cases)
    for (skip, norm, scale, n), js in zip(CHOICES, rows, strict=True):
        one = DepthProfile(skip=skip, norm=norm, init_scale=scale, n_layers=n)
        found = torch.tensor(js["profile"], dtype=torch.float64)
        torch.testing.assert_close(found, one.profile, rtol=1e-6, atol=1e-6)
        assert js["stream"] == size_text(one.profile[0, -1].item())
        assert js["gradient"] == size_text(one.profile[1, 0].item())
        assert js["said"] == one.verdict()


def test_sizes_are_told_alike_in_both_languages(tmp_path: Path) -> None:
    cases = [
        -30.0,
        -29.9,
        -12.5,
        -3.0,
        -2.5,
        -2.49,
        -1.0,
        0.0,
        1.0,
        2.49,
        2.5,
        17.2,
        30,
    ]
    program = """
import { sizeText } from "./depth_profile.js";
answer = cases.map((x) => [sizeText(x), sizeText(x, true)]);"""
    rows = run_js(tmp_path, program, cases)
    assert [plain for plain, _ in rows] == [size_text(x) for x in cases]
    assert rows[0] == ["under 10⁻³⁰", "under 10 to the power minus 30"]
    assert rows[-2] == ["10¹⁷", "10 to the power 17"]
    assert size_text(0.0) == "1.00"


def test_sizes_off_the_chart_stay_at_its_edge(tmp_path: Path) -> None:
    program = """
import { placeOf } from "./depth_profile.js";
answer = cases.map(([depth, size]) => placeOf(depth, size, 4));"""
    cases = [[0, 0], [4, 10], [4, 30], [2, -30]]
    middle, top, above, below = run_js(tmp_path, program, cases)
    assert top == above
    assert below[1] - middle[1] == middle[1] - top[1]
    assert below[0] == (middle[0] + top[0]) / 2


def test_a_verdict_names_what_fails_first() -> None:
    assert verdict(-3.0, 0.0, 0.0) == "the stream dies out"
    assert verdict(0.0, 3.0, 0.0) == "the gradient explodes"
    assert "the same" in verdict(2.9, -2.9, 0.98)
    assert "still differ" in verdict(2.9, -2.9, 0.97)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("norm", "everywhere", "norm is 'everywhere': use none, before, after"),
        ("init_scale", 0.3, "init_scale is 0.3: use 0.25, 0.5, 1, 1.5, 2"),
        ("init_scale", math.nan, "init_scale is nan"),
        ("n_layers", 5, "n_layers is 5: use 4, 8, 16, 24"),
    ],
)
def test_the_profile_refuses_what_was_not_measured(
    name: str, value: object, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        DepthProfile(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "value"), [("n_layers", 7), ("init_scale", 9.0)])
def test_a_knob_cannot_be_turned_too_far(name: str, value: float) -> None:
    widget = DepthProfile()
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        setattr(widget, name, value)
    assert widget.n_layers == 16


def test_a_turned_knob_changes_text_and_picture() -> None:
    widget = DepthProfile()
    before = repr(widget)
    widget.skip = False
    assert "skip off" in repr(widget) != before
    assert "skip off" in widget.picture().alt
    assert repr(widget.picture()).startswith("The sizes are fine, but all tokens")
