"""Where words look, and the matrix one edits: Python, JavaScript, refusals."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.attention import causal_attention
from course_lib.functional import cross_entropy
from course_play.widgets import AttentionExplorer, ScoreMatrix
from course_play.widgets.attention_explorer import surprise, top_keys, words_looked_at
from course_play.widgets.score_matrix import attend
from tests.course_play.widget_js import run_js

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_weights(L: int, H: int, T: int) -> Tensor:
    q, k = torch.randn(2, L, H, T, 8, generator=dice())
    return causal_attention(q, k, torch.zeros(L, H, T, 8))[1]


def story(**words: Any) -> AttentionExplorer:
    """Two layers, three heads, five words, of which four can be foretold."""
    tokens = ["the", "cat", "sat", "the", "cat"]
    vocabulary = ["cat", "dog", "ran", "sat", "the", "was", "it", "on"]
    logits = torch.randn(1 + 2 * 3, 5, 8, generator=dice(1), dtype=torch.float64)
    probs = logits.softmax(-1).float()
    fine = {
        "weights": some_weights(2, 3, 5),
        "tokens": tokens,
        "vocabulary": vocabulary,
        "probs": probs[0],
        "ablated": probs[1:].view(2, 3, 5, 8),
    }
    return AttentionExplorer(**{**fine, **words})


# ---- AttentionExplorer --------------------------------------------------------------


def test_it_shows_the_rows_of_causal_attention() -> None:
    weights = some_weights(2, 3, 5)
    shown = AttentionExplorer(weights, list("abcde"))
    for layer in range(2):
        for head in range(3):
            shown.layer, shown.head = layer, head
            torch.testing.assert_close(shown.matrix, weights[layer, head].double())
            shown.query = 2
            assert shown.row == pytest.approx(weights[layer, head, 2].tolist())
            assert sum(shown.row) == pytest.approx(1, abs=1e-6)
            assert shown.row[3:] == [0, 0]


def test_it_opens_at_the_last_word_or_where_it_is_told() -> None:
    assert AttentionExplorer(some_weights(1, 1, 4), list("abcd")).query == 3
    shown = story(layer=1, head=2, query=0)
    assert (shown.layer, shown.head, shown.query) == (1, 2, 0)
    assert "2 layers x 3 heads, 5 words; layer 1, head 2, word 0" in repr(shown)


def test_an_even_spread_looks_at_as_many_words_as_it_has() -> None:
    for n in (1, 2, 7):
        assert words_looked_at([1 / n] * n + [0.0]) == pytest.approx(n)
    sharp = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    expected = torch.distributions.Categorical(sharp).entropy().exp().item()
    assert words_looked_at(sharp.tolist()) == pytest.approx(expected)


def test_the_losses_are_those_of_the_text() -> None:
    shown = story()
    logits = torch.randn(7, 5, 8, generator=dice(1), dtype=torch.float64)
    targets = torch.tensor([0, 3, 4, 0])  # cat sat the cat
    for loss, run in zip(shown.losses, logits, strict=True):
        expected = cross_entropy(run[:4], targets).item()
        assert loss == pytest.approx(expected, rel=1e-6)
    shown.layer, shown.head = 1, 1
    line = f"all heads on {shown.losses[0]:.2f}, off {shown.losses[5]:.2f}"
    assert line in repr(shown)
    assert line in shown.picture().alt


def test_the_true_next_word_is_always_among_the_candidates() -> None:
    shown = story()
    vocabulary = ["cat", "dog", "ran", "sat", "the", "was", "it", "on"]
    probs = torch.randn(7, 5, 8, generator=dice(1), dtype=torch.float64).softmax(-1)
    for t, truth in enumerate(["cat", "sat", "the", "cat"]):
        assert shown.words[t][shown.truth[t]] == truth
    assert shown.truth[4] == -1
    for layer in range(2):
        for head in range(3):
            for query in range(5):
                shown.layer, shown.head, shown.query = layer, head, query
                on_all, off_all = probs[0, query], probs[1 + 3 * layer + head, query]
                changes = shown.changes()
                assert len(changes) == 6
                ons = [round(on, 3) for _, on, _ in changes]
                assert ons == sorted(ons, reverse=True)
                for word, on, off in changes:
                    i = vocabulary.index(word)
                    assert on == pytest.approx(on_all[i].item(), rel=1e-6)
                    assert off == pytest.approx(off_all[i].item(), rel=1e-6)


def test_a_word_that_becomes_impossible_costs_infinitely_much() -> None:
    ablated = torch.zeros(2, 3, 5, 8)
    ablated[..., 1] = 1.0  # only "dog" is left
    shown = story(ablated=ablated)
    assert "off inf" in repr(shown)
    assert all(math.isfinite(loss) for loss in shown.losses)  # JSON knows no infinity
    assert surprise(0.0) == math.inf


def test_tokens_the_vocabulary_lacks_leave_the_loss_out() -> None:
    shown = story(tokens=list("VWXYZ"))
    assert shown.losses == []
    assert shown.truth == [-1] * 5
    assert "loss" not in repr(shown)


def test_a_model_that_reads_both_ways_fills_the_upper_triangle() -> None:
    both = torch.full((1, 1, 3, 3), 1 / 3)
    with pytest.raises(ValueError, match=r"gives 0\.333 to a later word"):
        AttentionExplorer(both, list("abc"))
    shown = AttentionExplorer(both, list("abc"), causal=False, query=0)
    assert "as if at 3.0 words" in repr(shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"weights": torch.ones(5, 5)}, r"weights have shape \(5, 5\)"),
        ({"weights": torch.ones(2, 3, 4, 5)}, r"shape \(2, 3, 4, 5\)"),
        ({"weights": torch.ones(0, 3, 5, 5)}, r"shape \(0, 3, 5, 5\)"),
        ({"tokens": ["a"]}, "5 columns need as many tokens, not 1"),
        ({"weights": torch.full((2, 3, 5, 5), 0.3)}, r"a row of weights sums to 1\.5"),
        ({"weights": torch.full((2, 3, 5, 5), math.nan)}, "sums to nan"),
        ({"layer": 2}, r"layer is 2: it must be in 0 \.\. 1"),
        ({"head": -1}, "head is -1"),
        ({"query": 5}, r"query is 5: it must be in 0 \.\. 4"),
        ({"probs": None}, "give all of vocabulary, probs and ablated"),
        ({"vocabulary": ["a"]}, r"give \(5, 1\) and \(L, H, 5, 1\)"),
        ({"ablated": torch.zeros(1, 3, 5, 8)}, r"each of the \(2, 3\) heads"),
        ({"probs": torch.full((5, 8), -0.1)}, "probs hold a number"),
        ({"ablated": torch.full((2, 3, 5, 8), math.nan)}, "ablated hold a number"),
    ],
)
def test_the_explorer_refuses_what_does_not_fit(
    words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        story(**words)


def test_a_text_too_long_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="65 tokens: give at most 64"):
        AttentionExplorer(torch.eye(65)[None, None], ["a"] * 65)


def test_rows_are_read_alike_in_the_browser(tmp_path: Path) -> None:
    rng = random.Random(0)
    cases = []
    for _ in range(200):
        scores = torch.tensor([rng.gauss(0, 4) for _ in range(rng.randint(1, 40))])
        row = scores.double().softmax(-1).tolist() + [0.0] * rng.randint(0, 3)
        cases.append({"row": row, "n": rng.randint(1, 5), "p": rng.random()})
    cases.append({"row": [0.25, 0.5, 0.25], "n": 3, "p": 0.0})
    program = """
import { surprise, topKeys, wordsLookedAt } from "./attention_explorer.js";
answer = cases.map(({ row, n, p }) => ({ top: topKeys(row, n),
  words: wordsLookedAt(row), surprise: p ? surprise(p) : String(surprise(p)) }));"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        assert [tuple(pair) for pair in js["top"]] == top_keys(case["row"], case["n"])
        assert js["words"] == pytest.approx(words_looked_at(case["row"]), rel=1e-12)
        loss = surprise(case["p"])
        told = js["surprise"]
        assert told == ("Infinity" if loss == math.inf else pytest.approx(loss))


def test_bytes_are_cut_into_heads_and_changes_alike(tmp_path: Path) -> None:
    shown = story()
    numbers = torch.frombuffer(bytearray(shown.weights), dtype=torch.float32).tolist()
    sides = {
        key: torch.frombuffer(bytearray(getattr(shown, key)), dtype=torch.float32)
        for key in ("on", "off")
    }
    facts = {"words": shown.words, "truth": shown.truth}
    facts |= {key: values.tolist() for key, values in sides.items()}
    places = [(a, b, q) for a in range(2) for b in range(3) for q in range(5)]
    program = """
import { changes, headMatrix } from "./attention_explorer.js";
const { numbers, shape, facts, places } = cases;
answer = places.map(([layer, head, q]) => ({
  matrix: headMatrix(Float32Array.from(numbers), shape, layer, head),
  changes: changes(facts, shape, layer, head, q) }));"""
    cases = {"numbers": numbers, "shape": shown.shape, "facts": facts, "places": places}
    for place, js in zip(places, run_js(tmp_path, program, cases), strict=True):
        shown.layer, shown.head, shown.query = place
        matrix = torch.tensor(js["matrix"], dtype=torch.float64)
        torch.testing.assert_close(matrix, shown.matrix)
        found = [(item["word"], item["on"], item["off"]) for item in js["changes"]]
        for one, other in zip(found, shown.changes(), strict=True):
            assert one[0] == other[0]
            assert one[1:] == pytest.approx(other[1:], rel=1e-6)
        true = [item["true"] for item in js["changes"]]
        expected = [i == shown.truth[place[2]] for i in range(len(true))]
        assert true == expected


def test_the_matrix_fits_its_card_for_few_and_many_words(tmp_path: Path) -> None:
    texts = [["a"], ["hungry"] * 10, ["bridge"] * 40, ["grandmother's"] * 64]
    program = """
import { mapLayout } from "./attention_explorer.js";
answer = cases.map((tokens) => mapLayout(tokens));"""
    for tokens, js in zip(texts, run_js(tmp_path, program, texts), strict=True):
        slope = js["left"] / 2  # how far the tilted name of the last column sticks out
        assert js["left"] + len(tokens) * js["cell"] + slope - js["cell"] <= 700
        assert 3 <= js["cell"] <= 38


# ---- ScoreMatrix --------------------------------------------------------------------


def test_the_edited_matrix_is_attention() -> None:
    q, k = torch.randn(2, 1, 1, 4, 8, generator=dice(2), dtype=torch.float64)
    scores = (q @ k.mT / math.sqrt(8))[0, 0]
    expected = causal_attention(q, k, q)[1][0, 0]
    torch.testing.assert_close(ScoreMatrix(scores, list("abcd")).weights, expected)
    bare = ScoreMatrix(scores, list("abcd"), causal=False, scale=2.0)
    torch.testing.assert_close(bare.weights, (2 * scores).softmax(-1))


def test_whatever_the_scores_rows_sum_to_1(tmp_path: Path) -> None:
    rng = random.Random(3)
    cases = []
    for _ in range(200):
        T = rng.randint(2, 6)
        reach = rng.choice([1.0, 5.0, 20.0])
        cases.append(
            {
                "scores": [
                    [rng.uniform(-reach, reach) for _ in range(T)] for _ in range(T)
                ],
                "causal": rng.random() < 0.5,
                "scale": rng.choice([0.0, 0.3, 1.0, 5.0]),
            }
        )
    program = """
import { attend } from "./score_matrix.js";
answer = cases.map(({ scores, causal, scale }) => attend(scores, causal, scale));"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        scores = torch.tensor(case["scores"], dtype=torch.float64)
        weights = attend(scores, causal=case["causal"], scale=case["scale"])
        torch.testing.assert_close(
            torch.tensor(js, dtype=torch.float64), weights, **EXACT
        )
        torch.testing.assert_close(weights.sum(-1), torch.ones(len(scores)).double())
        if case["causal"]:
            assert weights.triu(1).abs().max() == 0


def test_what_is_no_number_is_not_taken_as_a_score(tmp_path: Path) -> None:
    program = """
import { readScore } from "./score_matrix.js";
answer = cases.map(readScore);"""
    cases = ["1.5", " -2 ", "", "-", "abc", "99", "-1e9"]
    expected = [1.5, -2, None, None, None, 20, -20]
    assert run_js(tmp_path, program, cases) == expected


def test_masked_places_are_dashes_in_its_text() -> None:
    matrix = ScoreMatrix(torch.zeros(3, 3), ["The", "cat", "sat"])
    assert repr(matrix).splitlines()[2].split() == [
        "The",
        "1.000",
        "-",
        "-",
        "sum",
        "1.000",
    ]
    matrix.causal = False
    assert "-" not in repr(matrix)
    assert "no mask" in repr(matrix.picture())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"scores": torch.zeros(2, 3)}, r"scores have shape \(2, 3\)"),
        ({"scores": [[0.0]], "tokens": ["a"]}, "1 words: give 2 to 6"),
        ({"scores": torch.zeros(7, 7), "tokens": list("abcdefg")}, "7 words"),
        ({"tokens": ["a"]}, "2 rows need as many tokens, not 1"),
        ({"scores": [[0.0, 21.0], [0.0, 0.0]]}, r"score 21\.0: give -20 to 20"),
        ({"scores": [[0.0, math.nan], [0.0, 0.0]]}, "score nan"),
        ({"scale": 6.0}, r"scale is 6\.0"),
        ({"scale": math.nan}, "scale is nan"),
    ],
)
def test_the_matrix_refuses_what_it_cannot_show(
    words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ScoreMatrix(**{"scores": torch.zeros(2, 2), "tokens": ["a", "b"], **words})


def test_alt_texts_name_the_numbers_they_show() -> None:
    alt = ScoreMatrix(torch.zeros(2, 2), ["a", "b"]).picture().alt
    assert "a: 1.00 0.00; b: 0.50 0.50" in alt
    shown = AttentionExplorer([[[[1.0, 0.0], [0.75, 0.25]]]], ["x", "y"])
    assert "“y” looks at x 0.75, y 0.25" in shown.picture().alt
