"""The game, the descent, the walk, the labels: JavaScript equals Python."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.functional import cross_entropy, softmax
from course_lib.names import ALPHABET, decode, encode
from course_play.widgets import bigram_map, curves, embedding_map, guess_game
from course_play.widgets.gradient_steps import descend
from tests.course_play.widget_js import run_js

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def tensor(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def random_word(rng: random.Random, longest: int = 9) -> str:
    return "".join(rng.choices(ALPHABET[1:], k=rng.randint(1, longest)))


def random_counts(rng: random.Random, size: int) -> list[list[float]]:
    """Whole counts with many zeros; now and then a row that was never seen."""
    rows = [
        [float(rng.choice([0, 0, 1, 2, 30])) for _ in range(size)] for _ in range(size)
    ]
    if rng.random() < 0.3:
        rows[rng.randrange(size)] = [0.0] * size
    return rows


def descent_cases(n: int) -> list[dict[str, Any]]:
    rng = random.Random(0)
    cases = []
    for _ in range(n):
        size, scale = rng.randint(2, 12), rng.choice([1.0, 5.0, 300.0])
        cases.append(
            {
                "logits": [rng.gauss(0, scale) for _ in range(size)],
                "target": rng.randrange(size),
                "rates": [rng.uniform(0.1, 5.0) for _ in range(rng.randint(0, 8))],
            }
        )
    return cases


def test_every_gradient_step_is_that_of_python(tmp_path: Path) -> None:
    cases = descent_cases(300)
    program = """
import { descend } from "./gradient_steps.js";
answer = cases.map(({ logits, target, rates }) => descend(logits, target, rates));"""
    for case, history in zip(cases, run_js(tmp_path, program, cases), strict=True):
        states = descend(case["logits"], case["target"], case["rates"])
        for state, js in zip(states, history, strict=True):
            for key in ("logits", "probs", "gradient"):
                torch.testing.assert_close(
                    tensor(js[key]), getattr(state, key), **EXACT
                )
            assert js["loss"] == pytest.approx(state.loss, rel=1e-12, abs=1e-12)


def test_every_gradient_step_is_that_of_autograd() -> None:
    for case in descent_cases(50):
        z, target = tensor(case["logits"]), torch.tensor(case["target"])
        rates = [*case["rates"], 0.0]
        states = descend(case["logits"], case["target"], case["rates"])
        for rate, state in zip(rates, states, strict=True):
            z = z.detach().requires_grad_()
            loss = cross_entropy(z, target)
            (gradient,) = torch.autograd.grad(loss, z)
            torch.testing.assert_close(state.logits, z.detach(), **EXACT)
            torch.testing.assert_close(state.gradient, gradient, **EXACT)
            assert state.loss == pytest.approx(loss.item(), rel=1e-12, abs=1e-12)
            assert state.gradient.sum().item() == pytest.approx(0, abs=1e-12)
            z = z - rate * gradient


def test_the_walk_draws_the_same_letters(tmp_path: Path) -> None:
    rng = random.Random(1)
    cases = []
    for _ in range(300):
        size = rng.choice([2, 5, 27])
        cases.append(
            {
                "counts": random_counts(rng, size),
                "dice": [rng.random() for _ in range(rng.choice([3, 64]))],
                "start": rng.randrange(size),
                "steps": rng.randint(0, 80),
            }
        )
    program = """
import { rowProbs, stepOn, wordOn } from "./bigram_map.js";
answer = cases.map(({ counts, dice, start, steps }) => {
  let state = { walk: [start], used: 0, words: [] };
  for (let i = 0; i < steps; i += 1) state = stepOn(state, counts, dice);
  return { ...state, word: wordOn(state, counts, dice), probs: counts.map(rowProbs) };
});"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        state = bigram_map.Walk([case["start"]], 0, [])
        for _ in range(case["steps"]):
            state = bigram_map.step_on(state, case["counts"], case["dice"])
        assert state._asdict() == {key: js[key] for key in state._fields}
        longer = bigram_map.step_on(state, case["counts"], case["dice"])
        while longer.walk[-1] != 0:
            longer = bigram_map.step_on(longer, case["counts"], case["dice"])
        assert longer._asdict() == js["word"]
        assert [bigram_map.row_probs(row) for row in case["counts"]] == js["probs"]


def test_the_walk_visits_letters_as_often_as_the_table_says() -> None:
    counts = [[0.0, 3.0, 1.0], [1.0, 1.0, 2.0], [2.0, 1.0, 1.0]]
    rng = random.Random(2)
    state = bigram_map.Walk([0], 0, [])
    seen = torch.zeros(3, 3)
    dice = [rng.random() for _ in range(5000)]
    for _ in dice:
        start = 0 if state.walk[-1] == 0 else state.walk[-1]
        state = bigram_map.step_on(state, counts, dice)
        seen[start, state.walk[-1]] += 1
    found = seen / seen.sum(1, keepdim=True)
    expected = tensor(counts) / tensor(counts).sum(1, keepdim=True)
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=0.04)


def test_the_game_is_scored_alike(tmp_path: Path) -> None:
    rng = random.Random(3)
    cases = []
    for _ in range(200):
        hidden = [random_word(rng) for _ in range(rng.randint(1, 4))]
        truth = "".join(f"{name}." for name in hidden)
        made = [c if rng.random() < 0.3 else rng.choice(ALPHABET) for c in truth]
        guesses = "".join(made)[: rng.randint(0, len(made) + 1)]
        logits = [[rng.choice([0.0, 1.0, 2.0]) for _ in range(27)] for _ in range(27)]
        table = softmax(tensor(logits)).tolist()
        cases.append({"hidden": hidden, "table": table, "guesses": guesses})
    program = """
import { playGame, scoreOf } from "./guess_game.js";
answer = cases.map(({ hidden, table, guesses }) => {
  const game = playGame(hidden, table, guesses);
  return { turns: game.turns, score: scoreOf(game.turns) };
});"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        turns = guess_game.play_game(**case)
        for turn, other in zip(turns, js["turns"], strict=True):
            for key in ("previous", "truth", "guess", "favourite"):
                assert encode(getattr(turn, key)) == [other[key]]
            assert (turn.name, turn.prob) == (other["name"], other["prob"])
        score = guess_game.score_of(turns)._asdict()
        assert js["score"] == pytest.approx(score, rel=1e-12, abs=1e-12)


def test_the_bigram_score_is_the_cross_entropy() -> None:
    rng = random.Random(4)
    logits = tensor([[rng.gauss(0, 2) for _ in range(27)] for _ in range(27)])
    hidden = [random_word(rng) for _ in range(5)]
    text = "".join(f"{name}." for name in hidden)
    turns = guess_game.play_game(hidden, softmax(logits).tolist(), text)
    pairs = encode("." + text)
    previous, truth = torch.tensor(pairs[:-1]), torch.tensor(pairs[1:])
    expected = cross_entropy(logits[previous], truth).item()
    score = guess_game.score_of(turns)
    assert score.surprise == pytest.approx(expected, rel=1e-12)
    assert score.yours == score.letters == len(text)
    right = (logits[previous].argmax(-1) == truth).sum().item()
    assert score.table == right
    assert decode(pairs[1:]) == text


def test_labels_are_moved_apart_alike_and_stay_inside(tmp_path: Path) -> None:
    rng = random.Random(5)
    cases = []
    for _ in range(300):
        n = rng.randint(0, 9)
        wanted = [rng.choice([1.0, 50.0, rng.uniform(-20, 120)]) for _ in range(n)]
        cases.append({"wanted": wanted, "gap": rng.uniform(0.5, 10), "high": 100.0})
    program = """
import { spread } from "./curves.js";
answer = cases.map(({ wanted, gap, high }) => spread(wanted, gap, 0, high));"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        places = curves.spread(case["wanted"], case["gap"], 0, case["high"])
        assert js == pytest.approx(places, rel=1e-12, abs=1e-12)
        assert all(-1e-9 <= place <= 100 + 1e-9 for place in places)
        rising = sorted(places)
        gaps = [b - a for a, b in pairwise(rising)]
        assert all(found >= case["gap"] - 1e-9 for found in gaps)
        order = sorted(range(len(places)), key=lambda i: (case["wanted"][i], i))
        assert [places[i] for i in order] == rising


def test_labels_with_room_stay_where_they_belong() -> None:
    wanted = [3.0, 1.0, 8.0]
    assert curves.spread(wanted, 1.0, 0.0, 9.0) == pytest.approx(wanted)


def test_the_axes_leave_room_for_the_longest_label(tmp_path: Path) -> None:
    program = """
import { rightEdge } from "./curves.js";
answer = cases.map(({ lines, curves }) => rightEdge(lines, curves));"""
    cases = [
        {"lines": [], "curves": []},
        {"lines": ["ln 27: 3.30"], "curves": ["val 2.22"]},
        {"lines": ["bigram, held out: 2.34"], "curves": ["val 2.22"]},
        {"lines": ["ln 27: 3.30"], "curves": ["a long name of a curve 2.22"]},
        {"lines": ["x" * 500], "curves": []},
    ]
    empty, usual, long, longer, longest = run_js(tmp_path, program, cases)
    assert 560 == empty == usual > long > longer > longest == 380
    assert 680 - long >= 18 + 6.4 * len("bigram, held out: 2.34")


def test_ticks_are_round_and_a_reading_is_the_last_point_before(
    tmp_path: Path,
) -> None:
    program = """
import { niceTicks, pointAt } from "./curves.js";
const points = [[1, 3.3], [20, 2.5], [40, null]];
answer = {
  ticks: cases.map(([low, high]) => niceTicks(low, high, 5)),
  read: [0, 1, 19, 20, 99].map((step) => pointAt(points, step)),
};"""
    cases = [[0, 1000], [0, 7], [1.55, 3.41], [0, 1]]
    answer = run_js(tmp_path, program, cases)
    assert answer["read"] == [None, [1, 3.3], [1, 3.3], [20, 2.5], [40, None]]
    assert answer["ticks"][0] == [0, 200, 400, 600, 800, 1000]
    assert answer["ticks"][1] == [0, 2, 4, 6]
    assert answer["ticks"][2] == pytest.approx([2.0, 2.5, 3.0])
    for (low, high), ticks in zip(cases, answer["ticks"], strict=True):
        assert 3 <= len(ticks) <= 8
        assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)


def test_distances_between_letters_are_alike(tmp_path: Path) -> None:
    rng = random.Random(6)
    cases = []
    for _ in range(200):
        n = rng.randint(1, 27)
        points = [[rng.gauss(0, 3), rng.gauss(0, 3)] for _ in range(n)]
        cases.append({"points": points, "groups": rng.choices(["a", "b", "c"], k=n)})
    program = """
import { closeness } from "./embedding_map.js";
answer = cases.map(({ points, groups }) => closeness(points, groups));"""
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        near = embedding_map.closeness(case["points"], case["groups"])
        assert list(js) == list(near)
        for group, distances in near.items():
            for found, expected in zip(js[group], distances, strict=True):
                assert (found is None) == (expected is None)
                assert found is None or found == pytest.approx(expected, rel=1e-12)


def test_distances_are_those_of_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(9, 2, generator=generator, dtype=torch.float64)
    groups = ["vowel"] * 4 + ["other"] * 5
    within = torch.pdist(points[:4]).mean().item()
    outside = torch.cdist(points[:4], points[4:]).mean().item()
    near = embedding_map.closeness(points.tolist(), groups)
    assert near["vowel"] == pytest.approx((within, outside), rel=1e-12)


def test_the_map_shows_all_snapshots_at_one_scale(tmp_path: Path) -> None:
    snapshots = [[[0, 0], [4, 0]], [[0, 2], [-4, -2]]]
    program = """
import { fitView } from "./embedding_map.js";
const { place, scale } = fitView(cases, 820, 420, 10);
answer = { places: cases.flat().map(place), scale };"""
    answer = run_js(tmp_path, program, snapshots)
    assert answer["scale"] == 100  # 8 wide in 800, 4 high in 400
    assert answer["places"] == [[410, 210], [810, 210], [410, 10], [10, 410]]
