"""The token lab: what comes next in a large vocabulary, read token by token."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import torch

import tiny_world as world
from course_lib.functional import entropy
from course_lib.gpt import GPT, GPTConfig
from course_lib.sampling import next_probs
from course_play.widgets.token_lab import LONGEST, N_BARS, Reader, TokenLab
from tests.course_play.widget_js import run_js


def model(context_size: int = 40) -> GPT:
    config = GPTConfig(
        vocab_size=world.VOCAB_SIZE, context_size=context_size, emb_dim=16, n_layers=2
    )
    made = GPT(config, torch.Generator().manual_seed(0))
    with torch.no_grad():
        made.embedding.weight *= 30  # some words become likely
    return made.eval()


def lab(text: str = "It said", **words: Any) -> TokenLab:
    return TokenLab(model(), world.WorldTokenizer(), text, **words)


def logits_after(words: list[str]) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = model()(torch.tensor([world.encode(words)]))[0, -1]
    return logits.double()


def test_a_reader_that_goes_on_scores_as_one_that_begins_anew() -> None:
    reader, dice = Reader(model(), 40), torch.Generator().manual_seed(1)
    text = torch.randint(world.VOCAB_SIZE, (30,), generator=dice).tolist()
    texts = [text[:5], text[:9], text[:3], [*text[:7], 1, 2], text, text]
    for tokens in texts:
        with torch.inference_mode():
            anew = model()(torch.tensor([tokens]))[0, -1].double()
        torch.testing.assert_close(reader(tokens), anew, atol=1e-4, rtol=0)
    assert reader.n_read == 5 + 4 + 1 + 6 + 23 + 1


@pytest.mark.parametrize(
    "knobs", [{}, {"temperature": 0.0}, {"temperature": 2.0, "top_k": 7, "top_p": 0.5}]
)
def test_the_bars_are_the_tallest_of_next_probs(knobs: dict[str, Any]) -> None:
    made = lab(**knobs)
    probs = next_probs(logits_after(["It", "said"]), **knobs)
    torch.testing.assert_close(made.probs, probs, atol=1e-4, rtol=0)
    bars = made.answer["bars"]
    assert len(bars) == N_BARS
    best = probs.sort(descending=True).values
    for (_, p, before), q in zip(bars, best, strict=False):
        assert abs(p - q) < 1e-4
        assert before > 0 or knobs.get("temperature") == 0
    assert made.answer["kept"] == int((probs > 0).sum())
    assert abs(made.answer["nats"] - float(entropy(probs))) < 1e-3


def test_cut_tokens_keep_the_height_they_had() -> None:
    made = lab(top_k=2)
    bars = made.answer["bars"]
    assert [p > 0 for _, p, _ in bars] == [True, True] + [False] * (N_BARS - 2)
    assert abs(made.answer["cut"] - (1 - bars[0][2] - bars[1][2])) < 1e-5
    assert "% cut" in repr(made)


def test_dice_put_the_drawn_token_behind_the_text() -> None:
    made, other = lab(), lab()
    for one in (made, other):
        for _ in range(3):
            one.roll += 1
    assert made.text == other.text
    assert len(made.answer["pieces"]) == 5
    assert made.text.startswith("It said")
    greedy = lab(temperature=0)
    greedy.roll += 1
    (best,) = world.decode([int(logits_after(["It", "said"]).argmax())])
    assert greedy.answer["pieces"][-1] == best


def test_half_a_character_can_be_drawn_and_completed() -> None:
    """What is drawn stays tokens: its text alone would be read as others."""

    class Halves:
        vocab_size = 4
        special_tokens: Mapping[str, int] = MappingProxyType({})

        def encode(self, text: str) -> list[int]:
            return [0] * len(text)

        def decode(self, tokens: list[int]) -> str:
            parts = [b"a", b"\xc3", b"\xa9", b"b"]
            return b"".join(parts[t] for t in tokens).decode(errors="replace")

    config = GPTConfig(vocab_size=4, emb_dim=16, n_layers=1, context_size=16)
    made = TokenLab(GPT(config), Halves(), "aa")  # type: ignore[arg-type]
    made._tokens = [0, 1]
    made.text = made._tokenizer.decode([0, 1])
    assert made.answer["pieces"] == ["a", "\ufffd"]
    made._tokens = [0, 1, 2]
    made.text = "aé"
    assert made._tokens == [0, 1, 2]


def test_a_text_that_cannot_be_read_changes_nothing() -> None:
    made = lab()
    before = made.answer
    for text, why in (
        ("It said quux", "quux"),
        ("", "it is empty: type a word"),
        ("moo " * 41, "it has 41 tokens: use at most 40"),
    ):
        made.text = text
        assert why in made.error
        assert made.answer == before
        assert "this text was not read" in repr(made)
    made.text = "It went"
    assert made.error == ""
    assert lab("", start=0).answer["pieces"] == []
    assert LONGEST == 256


def test_a_full_text_takes_no_more() -> None:
    made = lab(" ".join(["moo"] * 40))
    made.roll += 1
    assert made.error == "the text is full: 40 tokens"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"temperature": 3.5}, "temperature is 3.5: use 0"),
        ({"top_k": 0}, "top_k is 0: use 1"),
        ({"top_p": 0.0}, "top_p is 0.0: use a number"),
        ({"text": "quux"}, "text 'quux': "),
        ({"text": ""}, "text '': it is empty"),
    ],
)
def test_it_names_what_is_out_of_range(words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lab(**words)


def test_the_browser_hatches_what_was_cut(tmp_path: Path) -> None:
    program = """
import { barItems, scaleOf } from "./token_lab.js";
answer = cases.map((bars) => [barItems(bars), scaleOf(barItems(bars))]);"""
    cases = [[["a", 0.75, 0.5], ["b", 0.0, 0.25], ["c", 0.25, 0.001]]]
    [[items, top]] = run_js(tmp_path, program, cases)
    assert [item["cut"] for item in items] == [False, True, False]
    assert [item["value"] for item in items] == [0.75, 0.25, 0.25]
    assert [item["note"] for item in items] == ["75 %", "", "25 %"]
    assert top == 0.8
