"""Drawings of a packed block, of shared keys, of a talk."""

import pytest
import torch
from matplotlib.text import Text

from course_lib.chat import ChatMLTemplate, Message
from course_lib.tokenizer import CharTokenizer
from course_play.inside import (
    plot_groups,
    plot_packed_block,
    plot_swiglu,
    plot_talk,
)
from course_play.plots import Picture


def words_of(picture: Picture) -> list[str]:
    return [
        text.get_text() for axes in picture.figure.axes for text in axes.findobj(Text)
    ]


def test_the_block_shows_what_the_official_package_unpacks() -> None:
    gguf = pytest.importorskip("gguf")
    kind = gguf.GGMLQuantizationType.Q4_1
    weights = torch.randn(1, 32, generator=torch.Generator().manual_seed(0)).numpy()
    packed = gguf.quantize(weights, kind)
    unpacked = gguf.dequantize(packed, kind).flatten()
    picture = plot_packed_block(packed.tobytes(), "A block")
    (dots,) = (
        line for line in picture.figure.axes[1].lines if line.get_marker() == "o"
    )
    torch.testing.assert_close(
        torch.tensor(dots.get_ydata()),
        torch.tensor(unpacked).double(),
        atol=1e-6,
        rtol=0,
    )
    words = words_of(picture)
    assert all(f"{byte:02x}" in words for byte in packed.tobytes())
    assert picture.png().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="19 bytes: a block has 20"):
        plot_packed_block(bytes(19), "Cut")


def test_each_query_head_is_drawn_above_its_keys() -> None:
    words = words_of(plot_groups(9, 3, "Groups"))
    assert {f"q{i}" for i in range(9)} <= set(words)
    assert {f"k{i}, v{i}" for i in range(3)} <= set(words)


def test_a_talk_names_its_speakers_and_frames_its_marks() -> None:
    letters = "".join(sorted(set("systemuserassistant\nHi? You are.")))
    marked = CharTokenizer(letters, special_tokens=ChatMLTemplate.MARKS)
    template = ChatMLTemplate(marked, "You are.")
    picture = plot_talk(template, [Message("user", "Hi?")], "A talk")
    words = words_of(picture)
    assert [w for w in words if w in ("system", "user", "assistant")] == [
        *("system", "user", "assistant")
    ]
    assert picture.alt.startswith(f"{len(template.prompt([Message('user', 'Hi?')]))} ")


def test_each_turn_of_a_talk_begins_a_new_row() -> None:
    letters = "".join(sorted(set("systemuserassistant\nHi? You are.")))
    marked = CharTokenizer(letters, special_tokens=ChatMLTemplate.MARKS)
    template = ChatMLTemplate(marked, "You are.")
    picture = plot_talk(template, [Message("user", "Hi?")], "A talk")
    (axes,) = picture.figure.axes
    opens = [t for t in axes.texts if t.get_text() == "<|im_start|>"]
    assert len(opens) == 3
    assert {text.get_position()[0] for text in opens} == {0}


def test_what_swiglu_makes_goes_back_to_the_stream() -> None:
    picture = plot_swiglu(576, 1536, "A gate")
    assert "+ stream\n576" in words_of(picture)
    (axes,) = picture.figure.axes
    arrows = [t for t in axes.texts if getattr(t, "arrow_patch", None) is not None]
    assert len(arrows) == 7  # two ways, SiLU, two to the product, down, out
