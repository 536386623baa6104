"""The training dashboard: what Python keeps, and JavaScript shows the same."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from course_lib.batches import full_batch
from course_lib.train import Record, TrainConfig, train
from course_play.widgets import TrainingDashboard
from course_play.widgets.training_dashboard import digits3
from tests.course_play.widget_js import run_js


def filled() -> TrainingDashboard:
    board = TrainingDashboard(20, lines={"ln 9": 2.2}, floor=0.8)
    for i in range(11):
        held = None if i % 5 else 2.21 - i / 10
        text = None if i % 5 else f"{i} cows"
        board.add(Record(i, 2.1 - i / 10, held, 0.01, grad_norm=1.0, sample=text))
    return board


def test_it_shows_what_train_says() -> None:
    model = nn.Linear(2, 3)
    source = full_batch(torch.eye(2), torch.tensor([0, 2]))
    board = TrainingDashboard(6)
    records = []
    for record in train(
        model,
        source,
        TrainConfig(steps=6, eval_every=3, grad_clip=1.0),
        evaluate=lambda model: 0.5,
        sample=lambda model: "moo",
    ):
        board.add(record)
        records.append(record)
    board.finish()
    assert board.points["train"] == [(r.step, r.loss_nats) for r in records]
    assert board.points["held out"] == [(0, 0.5), (3, 0.5), (6, 0.5)]
    rates = [value for _, value in board.points["learning rate"]]
    assert rates == [r.learning_rate for r in records]
    norms = [value for _, value in board.points["gradient norm"]]
    assert norms == [r.grad_norm for r in records[:-1]]  # the last one does not learn
    assert board.samples == [[0, "moo"], [3, "moo"], [6, "moo"]]


def test_one_walks_back_in_time() -> None:
    board = filled()
    assert board.sample() == "10 cows"
    assert "held out 1.21 nats (51 % above the floor)" in repr(board)
    board.look = 7
    assert board.sample() == "5 cows"
    assert "step 7 of 20 (training)" in repr(board)
    assert "train 1.40 nats, held out 1.71 nats (114 % above the floor)" in repr(board)
    assert "It writes: 5 cows" in board.picture().alt


def test_before_the_first_record_it_says_so() -> None:
    board = TrainingDashboard(20)
    assert board.sample() is None
    assert "no loss yet" in repr(board)
    assert "no loss yet" in board.picture().alt


def test_the_speed_is_sent_but_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    boards = [TrainingDashboard(9), TrainingDashboard(9)]
    for board, speed in zip(boards, (1000.0, 5000.0), strict=True):
        monkeypatch.setattr(board, "send", sent.append)
        board.add(Record(0, 2.0, None, 0.01, tokens_per_second=speed))
        board.finish()
    assert [message["speed"] for message in sent if "speed" in message] == [1e3, 5e3]
    assert repr(boards[0]) == repr(boards[1])
    assert boards[0].picture().png() == boards[1].picture().png()
    assert "1000" not in str(boards[0].get_state())


def test_with_a_sample_come_all_points_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    board = TrainingDashboard(9)
    monkeypatch.setattr(board, "send", sent.append)
    for step in range(4):
        sample = "moo" if step == 3 else None
        board.add(Record(step, 2.0, None, 0.01, sample=sample))
    rows = [row for message in sent for row in message["rows"]]
    assert [step for name, step, _ in rows if name == "train"] == [0, 1, 2, 3]


def test_the_finished_run_lies_in_the_synced_state() -> None:
    board = filled()
    board.finish()
    state = board.get_state()
    assert {name for name, _, _ in state["history"]} == {
        *("train", "held out", "learning rate", "gradient norm")
    }
    assert state["samples"][-1] == [10, "10 cows"]
    with pytest.raises(ValueError, match="comes after finish"):
        board.add(Record(11, 1.0, None, 0.01))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"total_steps": 0}, "total_steps is 0"),
        ({"total_steps": 9, "floor": 0.0}, "floor is 0.0: give nats above 0"),
        ({"total_steps": 9, "floor": float("nan")}, "floor is nan"),
        ({"total_steps": 9, "lines": {"a": float("inf")}}, "line 'a' is at inf"),
    ],
)
def test_a_bad_frame_is_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TrainingDashboard(**words)


def test_javascript_writes_numbers_and_finds_samples_alike(tmp_path: Path) -> None:
    rng = random.Random(0)
    values = [0.0, 1.0, 0.5, 1e-8, 123456.0]
    values += [rng.choice([-1, 1]) * 10 ** rng.uniform(-7, 6) for _ in range(300)]
    board = filled()
    board.finish()
    cases = {"values": values, "samples": board.samples}
    program = """
import { digits3, nextSample, sampleAt } from "./training_dashboard.js";
answer = {
  told: cases.values.map(digits3),
  texts: Array.from({ length: 13 }, (_, i) => sampleAt(cases.samples, i)?.[1]),
  before: [0, 3, 5, 12].map((step) => nextSample(cases.samples, step, -1)),
  after: [0, 3, 5, 12].map((step) => nextSample(cases.samples, step, 1)),
};"""
    answer = run_js(tmp_path, program, cases)
    told = [text.replace("\u2212", "-") for text in answer["told"]]
    assert told == [digits3(value).replace("-0.000000", "0.000000") for value in values]
    texts = []
    for step in range(13):
        board.look = step
        texts.append(board.sample())
    assert answer["texts"] == texts
    assert answer["before"] == [None, 0, 0, 10]
    assert answer["after"] == [5, 5, 10, None]
