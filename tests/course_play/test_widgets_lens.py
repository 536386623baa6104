"""The logit lens: what Python promises, and JavaScript reads the same."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib import lens
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets import LogitLens
from course_play.widgets.logit_lens import N_TOP, depth_name
from tests.course_play.widget_js import run_js

WORDS = [f"w{i}" for i in range(30)]


def random_logits(depths: int, length: int, V: int, seed: int = 0) -> torch.Tensor:
    return 2 * torch.randn(
        depths, length, V, generator=torch.Generator().manual_seed(seed)
    )


def test_the_last_depth_is_the_answer_of_the_model() -> None:
    config = GPTConfig(vocab_size=30, context_size=8, emb_dim=16, n_heads=2, n_layers=2)
    model = GPT(config, torch.Generator().manual_seed(0))
    tokens = torch.randint(30, (1, 8), generator=torch.Generator().manual_seed(1))
    shown = LogitLens(lens.logit_lens(model, tokens)[:, 0], tokens[0], WORDS)
    probs = model(tokens)[0].softmax(-1)
    for t in range(7):
        top, rest, truth = shown.read(2, t)
        best = probs[t].topk(N_TOP)
        assert [word for word, _ in top] == [WORDS[i] for i in best.indices]
        assert [p for _, p in top] == pytest.approx(best.values.tolist(), rel=1e-4)
        assert rest == pytest.approx(1 - best.values.sum().item(), abs=1e-5)
        assert truth is not None
        word, p, rank = truth
        target = int(tokens[0, t + 1])
        assert word == WORDS[target]
        assert p == pytest.approx(probs[t, target].item(), rel=1e-4)
        assert rank == 1 + int((probs[t] > probs[t, target]).sum())
    assert shown.read(2, 7).truth is None


def test_one_more_token_tells_what_follows_the_end() -> None:
    logits = random_logits(2, 3, 30)
    assert LogitLens(logits, [1, 2, 3], WORDS).read().truth is None
    truth = LogitLens(logits, [1, 2, 3, 4], WORDS).read().truth
    assert truth is not None
    assert truth[0] == "w4"


def test_among_equals_the_lower_index_comes_first() -> None:
    shown = LogitLens(torch.zeros(1, 1, 30), [0, 2], WORDS)
    assert [word for word, _ in shown.read().top] == WORDS[:N_TOP]
    assert shown.read().truth == ("w2", pytest.approx(1 / 30), 3)


def test_a_small_vocabulary_is_shown_whole() -> None:
    shown = LogitLens(random_logits(2, 3, 4), [0, 1, 2], list("abcd"))
    assert len(shown.read().top) == 4
    assert shown.read().rest == 0
    assert "all others" not in repr(shown)


def test_logits_that_still_carry_gradients_are_welcome() -> None:
    shown = LogitLens(random_logits(2, 3, 30).requires_grad_(), [0, 1, 2], WORDS)
    assert shown.depth == 1
    assert shown.position == 2


def test_the_choice_moves_text_and_picture() -> None:
    shown = LogitLens(random_logits(3, 4, 30), range(5), WORDS)
    text, alt = repr(shown), shown.picture().alt
    shown.depth, shown.position = 0, 1
    assert "embedding, word 1" in repr(shown)
    assert repr(shown) != text
    assert shown.picture().alt != alt
    assert "w1" in repr(shown.picture())


def test_a_picture_of_many_depths_shows_those_around_the_chosen_one() -> None:
    shown = LogitLens(random_logits(31, 3, 30), range(4), WORDS)
    assert "8 of 31 depths" in shown.picture().alt
    assert "after 23 blocks" in shown.picture().alt
    assert "after 22 blocks" not in shown.picture().alt
    shown.depth = 5
    table = shown.picture().figure.axes[0]
    assert table.get_xticklabels()[0].get_text() == "5"
    assert "after 12 blocks" in shown.picture().alt
    shown.depth = 0
    assert "embedding" in shown.picture().alt


def test_numbers_travel_as_bytes() -> None:
    state = LogitLens(random_logits(3, 4, 30), range(5), WORDS).get_state()
    assert len(state["top_probs"]) == 4 * 3 * 4 * N_TOP
    assert len(state["true_ranks"]) == 4 * 3 * 4
    assert set(state["words"]) <= set(WORDS)


@pytest.mark.parametrize(("name", "value"), [("depth", 3), ("position", -1)])
def test_a_choice_out_of_range_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}: it must be in 0"):
        LogitLens(random_logits(3, 4, 30), range(5), WORDS, **{name: value})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"logits": torch.zeros(4, 30)}, r"logits have shape \(4, 30\)"),
        ({"logits": torch.zeros(3, 0, 30)}, r"logits have shape \(3, 0, 30\)"),
        ({"logits": torch.zeros(50, 4, 30)}, "50 depths: give at most 49"),
        ({"logits": torch.zeros(3, 65, 30)}, "65 tokens: give at most 64"),
        ({"logits": torch.full((3, 4, 30), math.nan)}, "not finite"),
        ({"vocabulary": WORDS[:9]}, "30 logits need as many words, not 9"),
        ({"tokens": [1, 2, 3]}, "4 positions need 4 or 5 tokens, not 3"),
        ({"tokens": [1, 2, 3, 30]}, r"token 30 is outside the vocabulary 0 \.\. 29"),
        ({"tokens": [1, 2, 3, -1]}, "token -1 is outside"),
    ],
)
def test_the_lens_refuses_what_it_cannot_show(words: dict[str, Any], said: str) -> None:
    fine = {"logits": torch.zeros(3, 4, 30), "tokens": range(4), "vocabulary": WORDS}
    with pytest.raises(ValueError, match=said):
        LogitLens(**{**fine, **words})


def test_javascript_reads_every_cell_as_python_does(tmp_path: Path) -> None:
    rng = random.Random(0)
    lenses = []
    for seed in range(40):
        D, T, V = rng.randint(1, 5), rng.randint(1, 6), rng.choice([2, 10, 30])
        ids = [rng.randrange(V) for _ in range(T + rng.randint(0, 1))]
        lenses.append(LogitLens(random_logits(D, T, V, seed), ids, WORDS[:V]))
    cases = [{key: _plain(one, key) for key in KEYS} for one in lenses]
    program = """
import { depthName, readCell } from "./logit_lens.js";
const numbers = (bytes, Kind) => new Kind(Uint8Array.from(bytes).buffer);
answer = cases.map((state) => {
  const facts = { ...state, topWords: numbers(state.top_words, Int32Array),
    topProbs: numbers(state.top_probs, Float32Array),
    trueProbs: numbers(state.true_probs, Float32Array),
    trueRanks: numbers(state.true_ranks, Int32Array) };
  const [D, T] = state.shape;
  return Array.from({ length: D }, (_, d) => [depthName(d),
    Array.from({ length: T }, (_, t) => readCell(facts, d, t))]);
});"""
    for one, answer in zip(lenses, run_js(tmp_path, program, cases), strict=True):
        for d, (name, cells) in enumerate(answer):
            assert name == depth_name(d)
            for t, cell in enumerate(cells):
                top, rest, truth = one.read(d, t)
                assert [tuple(row) for row in cell["top"]] == top
                assert cell["rest"] == pytest.approx(rest, abs=1e-12)
                assert (cell["truth"] and tuple(cell["truth"])) == truth


KEYS = (
    *("shape", "words", "following"),
    *("top_words", "top_probs", "true_probs", "true_ranks"),
)


def _plain(shown: LogitLens, key: str) -> Any:
    value = getattr(shown, key)
    return list(value)  # bytes become numbers from 0 to 255
