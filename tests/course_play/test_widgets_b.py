"""The game, the descent, the map, the curve, the letters: what Python promises."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch

from course_lib.functional import softmax
from course_lib.names import ALPHABET
from course_lib.ngram import bigram_counts
from course_play.widgets import (
    BigramMap,
    EmbeddingMap,
    GradientSteps,
    GuessGame,
    TrainingCurve,
)
from course_play.widgets.bigram_map import MOST_LETTERS

NAMES = ["aarav", "asha", "bala", "meera", "ravi", "zoya", "om", "venkatanarayana"]


# ---- GuessGame ----------------------------------------------------------------------


def test_the_table_has_never_seen_the_hidden_names() -> None:
    game = GuessGame(NAMES, seed=2)
    rest = [name for name in NAMES if name not in game.hidden]
    assert len(game.hidden) + len(rest) == len(NAMES)
    assert game.n_counted == len(rest)
    counts = bigram_counts(rest).double() + 1
    expected = counts / counts.sum(1, keepdim=True)
    torch.testing.assert_close(torch.tensor(game.table).double(), expected)


def test_hidden_names_are_chosen_by_the_seed_and_neither_short_nor_long() -> None:
    chosen = {tuple(GuessGame(NAMES, seed=seed).hidden) for seed in range(8)}
    assert len(chosen) > 1
    assert GuessGame(NAMES, seed=3).hidden == GuessGame(NAMES[::-1], seed=3).hidden
    shown = {name for hidden in chosen for name in hidden}
    assert shown <= set(NAMES) - {"om", "venkatanarayana"}


def test_perfect_guesses_score_every_letter_and_end_the_game() -> None:
    game = GuessGame(NAMES)
    for name in game.hidden:
        for letter in f"{name}.":
            assert game.guess(letter).truth == letter
    assert game.score.yours == game.score.letters == len(game.turns)
    assert game.score.table < game.score.letters
    assert 0 < game.score.surprise < 2 * math.log(27)
    with pytest.raises(ValueError, match=r"all 4 names are done"):
        game.guess("a")


def test_the_game_tells_its_state_in_words() -> None:
    game = GuessGame(NAMES)
    assert "0 letters guessed" in repr(game)
    assert "as a first letter" in repr(game.picture())
    first = game.hidden[0]
    game.guess(first[0])
    assert f"name 1 of 4: {first[0]}?" in repr(game)
    assert f"the truth {first[0]!r} had p = " in repr(game)
    assert f"the truth was {first[0]!r}" in repr(game.picture())


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "names holds 0 names"),
        (["asha"], "names holds 1 names"),
        (["o", "a", "venkatanarayana"], "0 of 2 to 9 letters"),
        (["asha", "ravi", "Meera"], "name 'Meera' must be written 'meera'"),
        (["asha", "ra.vi", "meera"], r"'ra\.vi' holds '\.'"),
    ],
)
def test_the_game_refuses_lists_it_cannot_play(names: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GuessGame(names)


@pytest.mark.parametrize("letter", ["", "ab", "A", "1", " "])
def test_a_guess_is_one_letter(letter: str) -> None:
    with pytest.raises(ValueError, match=f"letter is {letter!r}"):
        GuessGame(NAMES).guess(letter)


# ---- GradientSteps ------------------------------------------------------------------


def test_steps_from_58_percent_climb_as_computed_by_hand() -> None:
    """Start at p = 0.58 with rate 1: .58 .69 .76 ..., the target's gradient is -.42."""
    start = torch.tensor([0.58, 0.28, 0.14], dtype=torch.float64).log()
    steps = GradientSteps(start, ["i", "a", "r"], "i")
    assert steps.history[0].gradient[0].item() == pytest.approx(-0.42)
    steps.step(5)
    climb = [state.probs[0].item() for state in steps.history]
    assert climb[0] == pytest.approx(0.58)
    assert climb == sorted(climb)
    losses = [state.loss for state in steps.history]
    assert losses == pytest.approx([-math.log(p) for p in climb])
    assert steps.loss == losses[-1]


def test_each_step_keeps_the_learning_rate_it_was_taken_with() -> None:
    steps = GradientSteps([0.0, 0.0], ["a", "b"], 0)
    steps.step()
    steps.learning_rate = 3.0
    steps.step(2)
    assert steps.rates == [1.0, 3.0, 3.0]
    assert "after 3 steps, learning rate 3.0" in repr(steps)
    assert steps.reset().rates == []
    assert steps.loss == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"logits": [1.0]}, r"logits have shape \(1,\)"),
        ({"logits": [0.0] * 13}, r"logits have shape \(13,\)"),
        ({"logits": [[1.0, 2.0]]}, r"logits have shape \(1, 2\)"),
        ({"logits": [1.0, math.nan]}, r"logits are \[1\.0, nan\]"),
        ({"labels": ["a"]}, "2 logits need as many labels, not 1"),
        ({"target": "c"}, "target is 'c'"),
        ({"target": 2}, "target is 2: it must be in 0 .. 1"),
        ({"target": -1}, "target is -1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"learning_rate": math.inf}, "learning_rate is inf"),
    ],
)
def test_the_descent_refuses_a_bad_start(words: dict[str, Any], said: str) -> None:
    fine = {"logits": [1.0, 2.0], "labels": ["a", "b"], "target": "a"}
    with pytest.raises(ValueError, match=said):
        GradientSteps(**{**fine, **words})


@pytest.mark.parametrize("n", [0, -1, 201])
def test_steps_are_counted_from_1_to_200(n: int) -> None:
    with pytest.raises(ValueError, match=f"n is {n} after 0 steps"):
        GradientSteps([1.0, 2.0], ["a", "b"], "a").step(n)


# ---- BigramMap ----------------------------------------------------------------------


def bigram_map(seed: int = 0) -> BigramMap:
    return BigramMap(bigram_counts(NAMES), list(ALPHABET), seed=seed)


def test_the_chosen_row_is_the_share_of_each_next_letter() -> None:
    counts = bigram_counts(NAMES)
    for letter in "armz":
        row = counts[ALPHABET.index(letter)].double()
        found = bigram_map().pick(letter).probs
        torch.testing.assert_close(found, row / row.sum())


def test_a_letter_never_seen_ends_the_walk() -> None:
    map_ = bigram_map().pick("q")
    assert map_.probs.sum() == 0
    assert "after 'q': never seen" in repr(map_)
    assert map_.whole_name() == "q"
    assert map_.used == 0


def test_the_same_seed_walks_to_the_same_names() -> None:
    first = [bigram_map(1).whole_name() for _ in range(3)]
    assert first[0] == first[1] == first[2]
    one = bigram_map(1)
    names = [one.whole_name() for _ in range(20)]
    assert one.names == names
    assert len(set(names)) > 10
    assert len({bigram_map(seed).whole_name() for seed in range(9)}) > 1


def test_names_use_only_pairs_that_were_counted() -> None:
    map_ = bigram_map()
    counts = bigram_counts(NAMES)
    for _ in range(50):
        pairs = pairwise(f".{map_.whole_name()}.")
        assert all(counts[ALPHABET.index(a), ALPHABET.index(b)] > 0 for a, b in pairs)


def test_a_walk_without_end_is_cut_at_30_letters() -> None:
    endless = BigramMap([[0, 1], [0, 1]], [".", "a"])
    assert endless.whole_name() == "a" * MOST_LETTERS


@pytest.mark.parametrize(
    ("counts", "labels", "said"),
    [
        ([[1.0, 2.0]], [".", "a"], r"counts have shape \(1, 2\)"),
        ([1.0, 2.0], [".", "a"], r"counts have shape \(2,\)"),
        ([[1.0, 2.0], [1.0, 2.0]], ["."], "2 rows need as many labels, not 1"),
        ([[1.0, -2.0], [1.0, 2.0]], [".", "a"], "counts lie between -2.0 and 2.0"),
        ([[0.0, 0.0], [0.0, 0.0]], [".", "a"], "not all 0"),
        ([[math.inf, 0.0], [0.0, 0.0]], [".", "a"], "give finite counts"),
    ],
)
def test_the_map_refuses_what_are_no_counts(
    counts: list[Any], labels: list[str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        BigramMap(counts, labels)


def test_the_map_knows_its_letters() -> None:
    with pytest.raises(ValueError, match="letter is 'A'"):
        bigram_map().pick("A")


# ---- TrainingCurve ------------------------------------------------------------------


def test_the_finished_curve_lies_in_the_synced_state() -> None:
    curve = TrainingCurve(10)
    assert "(empty)" in repr(curve)
    for step in range(1, 11):
        curve.add(step, train=3.0 - step / 10, val=2.9 if step % 5 == 0 else None)
    assert curve.history == []
    curve.finish()
    state = curve.get_state()
    assert state["finished"] is True
    rows = {(name, step) for name, step, _ in state["history"]}
    expected = {("train", step) for step in range(1, 11)} | {("val", 5), ("val", 10)}
    assert rows == expected


def test_a_long_curve_is_thinned_for_the_browser_but_kept_in_python() -> None:
    curve = TrainingCurve(20_000)
    for step in range(1, 20_000):
        curve.add(step, train=1 + 1 / step)
    curve.finish()
    assert len(curve.points["train"]) == 19_999
    assert 1000 <= len(curve.history) <= 1002
    assert curve.history[-1] == ["train", 19_999, 1 + 1 / 19_999]


def test_messages_are_few_and_miss_no_point(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    clock = iter(i / 1000 for i in range(10_000))  # every look at the clock is 1 ms
    curve = TrainingCurve(1000)
    monkeypatch.setattr(curve, "send", sent.append)
    monkeypatch.setattr(
        "course_play.widgets.curves.time.monotonic", lambda: next(clock)
    )
    for step in range(1, 1001):
        curve.add(step, train=float(step))
    curve.finish()
    assert 5 <= len(sent) <= 15
    rows = [row for message in sent for row in message["rows"]]
    assert [step for _, step, _ in rows] == list(range(1, 1001))
    assert sent[-1]["newest"] == [["train", 1000, 1000.0]]


def test_a_loss_that_is_not_a_number_is_said_and_leaves_a_gap() -> None:
    curve = TrainingCurve(3)
    curve.add(1, train=torch.tensor(2.0))
    curve.add(2, train=math.nan)
    curve.add(3, train=math.inf)
    curve.finish()
    assert [row[2] for row in curve.history] == [2.0, None, None]
    assert "train inf nats (first 2.00, lowest 2.00)" in repr(curve)
    assert "train inf" in repr(curve.picture())


def test_the_curve_is_read_off_where_one_looks() -> None:
    curve = TrainingCurve(100)
    curve.add(10, train=3.0, val=3.1)
    curve.add(50, train=2.0)
    assert (curve.step, curve.losses()) == (50, {"train": 2.0, "val": 3.1})
    curve.look = 20
    assert (curve.step, curve.losses()) == (20, {"train": 3.0, "val": 3.1})
    curve.look = 5
    assert curve.losses() == {}
    assert repr(curve).splitlines() == [
        "TrainingCurve at step 5 of 100 (training)",
        "  lines: ln 27 3.30",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"total_steps": 0}, "total_steps is 0"),
        ({"total_steps": 9, "lines": {"floor": math.nan}}, "line 'floor' is at nan"),
        ({"total_steps": 9, "loss_range": (3.0, 2.0)}, r"loss_range is \(3\.0, 2\.0\)"),
        ({"total_steps": 9, "loss_range": (3.0,)}, r"loss_range is \(3\.0,\)"),
    ],
)
def test_the_curve_refuses_a_bad_frame(words: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TrainingCurve(**words)


def test_the_curve_refuses_steps_out_of_order() -> None:
    curve = TrainingCurve(10)
    curve.add(4, train=1.0)
    with pytest.raises(ValueError, match="step 4 of 'train' comes after step 4"):
        curve.add(4, train=1.0)
    with pytest.raises(ValueError, match=r"step is 11: it must be in 0 \.\. 10"):
        curve.add(11, train=1.0)
    curve.finish()
    with pytest.raises(ValueError, match=r"step 5 comes after finish\(\)"):
        curve.add(5, train=1.0)


# ---- EmbeddingMap -------------------------------------------------------------------


def letter_map(**words: Any) -> EmbeddingMap:
    points = torch.randn(4, 27, 2, generator=torch.Generator().manual_seed(0))
    fine = {
        "snapshots": points,
        "steps": [0, 10, 20, 40],
        "labels": list(ALPHABET),
        "groups": ["vowel" if letter in "aeiou" else "other" for letter in ALPHABET],
    }
    return EmbeddingMap(**{**fine, **words})


def test_the_map_opens_at_the_end_and_moves_with_its_index() -> None:
    map_ = letter_map()
    assert "at training step 40 (snapshot 4 of 4)" in repr(map_)
    after = map_.points
    map_.index = 1
    assert "at training step 10 (snapshot 2 of 4)" in repr(map_)
    assert not torch.equal(map_.points, after)
    map_.paths = True
    assert repr(map_.picture()).startswith("The letters at training step 10: ")


def test_weights_that_still_carry_gradients_are_welcome() -> None:
    weights = torch.randn(1, 27, 2, generator=torch.Generator().manual_seed(1))
    map_ = letter_map(snapshots=weights.requires_grad_(), steps=[7])
    shown = weights[0].detach().double()
    torch.testing.assert_close(map_.points, shown, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("index", [-1, 4])
def test_the_index_stays_inside_the_snapshots(index: int) -> None:
    with pytest.raises(ValueError, match=f"index is {index}"):
        letter_map().index = index


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"snapshots": torch.zeros(4, 27, 3)}, r"snapshots have shape \(4, 27, 3\)"),
        ({"snapshots": torch.zeros(27, 2)}, r"snapshots have shape \(27, 2\)"),
        ({"snapshots": torch.zeros(0, 27, 2)}, r"snapshots have shape \(0, 27, 2\)"),
        ({"snapshots": torch.full((4, 27, 2), math.inf)}, "not finite"),
        ({"labels": ["a"]}, "27 letters need as many labels and groups, not 1 and 27"),
        ({"groups": ["a"]}, "not 27 and 1"),
        ({"groups": list(ALPHABET)}, "27 groups: give at most 4"),
        ({"steps": [0, 10]}, r"steps are \[0, 10\]: give 4 rising numbers"),
        ({"steps": [0, 20, 10, 40]}, "rising"),
    ],
)
def test_the_map_refuses_what_it_cannot_place(words: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        letter_map(**words)


# ---- all ----------------------------------------------------------------------------


def test_alt_texts_name_the_numbers_that_are_shown() -> None:
    steps = GradientSteps([0.5, 2.1, 0.3], list("iar"), "i")
    probs = softmax(torch.tensor([0.5, 2.1, 0.3]))
    assert f"p(i) is {probs[0]:.2f}" in steps.picture().alt
    assert "row of '.'" in bigram_map().picture().alt
    assert "ln 27 3.30" in TrainingCurve(5).picture().alt
    assert "27 letters" in letter_map().picture().alt
