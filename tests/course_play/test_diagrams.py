"""diagrams: the drawing shows the sizes of the model it is given."""

import struct

import pytest
from matplotlib.text import Text
from torch import nn

from course_lib.gpt import GPT, Block, GPTConfig, count_parameters, gpt2_config
from course_lib.lora import LoRALinear, count_trainable
from course_play.diagrams import block_parts, model_parts, plot_gpt, plot_lora

CONFIGS = {
    "small": GPTConfig(vocab_size=27, emb_dim=32, n_layers=1),
    "untied": GPTConfig(vocab_size=27, emb_dim=32, tied=False, norm="rms"),
    "gpt2": gpt2_config("xl"),
}
each_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())


def words_of(config: GPTConfig) -> list[str]:
    figure = plot_gpt(config, "A GPT").figure
    return [text.get_text() for text in figure.axes[0].findobj(Text)]


@each_config
def test_every_box_is_drawn_and_told(config: GPTConfig) -> None:
    drawn, alt = words_of(config), plot_gpt(config, "A GPT").alt
    for part in (
        *model_parts(config),
        *block_parts(config)[0],
        *block_parts(config)[1],
    ):
        assert part.name in drawn
        assert part.note in drawn
        assert part.name in alt
    assert f"{count_parameters(config):,} parameters" in alt


@each_config
def test_the_drawing_is_a_png_of_readable_size_and_always_the_same(
    config: GPTConfig,
) -> None:
    picture = plot_gpt(config, "A GPT")
    png = picture.png()
    assert struct.unpack(">II", png[16:24]) == (684, 522)
    assert png == plot_gpt(config, "A GPT").png()
    assert len(png) < 80_000
    assert repr(picture).startswith("A GPT: From top to bottom: tokens")


def test_the_notes_hold_the_shapes_of_the_weights() -> None:
    config = CONFIGS["untied"]
    model = GPT(config)
    block = Block(config)
    notes = {part.name: part.note for part in model_parts(config)}
    inner = {part.name: part.note for part in block_parts(config)[1]}
    V, C = model.embedding.weight.shape
    assert notes["embedding"] == f"{V} × {C} weights"
    assert notes["head"] == f"{C} × {V} weights"
    assert (block.up.out_features, block.up.in_features) == (128, 32)
    assert (inner["up"], inner["down"]) == ("32 → 128", "128 → 32")
    assert "RMSNorm" in inner
    assert model_parts(gpt2_config("xl"))[1].note == "(50,257 + 1,024) × 1,600 weights"


def test_nothing_stands_outside_the_picture_or_its_box() -> None:
    picture = plot_gpt(gpt2_config("xl"), "A GPT")
    picture.png()
    axes = picture.figure.axes[0]
    frame = picture.figure.bbox
    for text in axes.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1
        if text.get_text() in {part.note for part in model_parts(gpt2_config("xl"))}:
            left, right = (axes.transData.transform((x, 0))[0] for x in (0.3, 3.2))
            assert left <= box.x0 < box.x1 <= right


def test_lora_is_drawn_and_told_with_its_own_sizes() -> None:
    layer = LoRALinear(nn.Linear(60, 25), rank=3, alpha=6.0)
    picture = plot_lora(layer, "LoRA")
    drawn = [text.get_text() for text in picture.figure.axes[0].findobj(Text)]
    for words in ("25 x 60 = 1,500", "3 x 60", "25 x 3", "x 2"):
        assert words in drawn
    learned = f"{count_trainable(layer)} numbers"
    assert any(learned in words for words in drawn)
    assert learned in picture.alt
