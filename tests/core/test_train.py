"""train: the loop against one written out with torch's own parts."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.batches import (
    Batch,
    BatchSource,
    evaluate_loss,
    full_batch,
    mini_batches,
)
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import distinct_windows, load_names, windows
from course_lib.train import Record, TrainConfig, keep_best, train

NAMES = load_names()[::40]
X, Y = windows(NAMES, 3)
SCHEDULES = ["constant", "linear", "cosine"]


def make(seed: int = 0) -> NameMLP:
    return NameMLP(NameMLPConfig(hidden_dim=8), torch.Generator().manual_seed(seed))


def train_by_hand(
    model: nn.Module, batch_at: BatchSource, config: TrainConfig
) -> list[float]:
    """The plain loop of the lesson, with torch's scheduler and plain AdamW."""
    optimizer = torch.optim.AdamW(
        model.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: config.learning_rate_at(step) / config.learning_rate
    )
    losses = []
    for step in range(config.steps):
        x, y, _ = batch_at(step)
        loss = F.cross_entropy(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        if config.grad_clip:
            nn.utils.clip_grad_norm_(model.parameters(), config.grad_clip)
        optimizer.step()
        scheduler.step()
    return losses


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("extra", [{}, {"weight_decay": 0.1, "grad_clip": 0.05}])
def test_train_equals_the_loop_written_out(schedule: str, extra: dict) -> None:
    config = TrainConfig(steps=30, schedule=schedule, warmup_steps=5, **extra)
    source, ours, theirs = mini_batches(X, Y, 64), make(), make()
    records = list(train(ours, source, config))
    losses = train_by_hand(theirs, source, config)
    assert_close([r.loss_nats for r in records[:-1]], losses, rtol=1e-5, atol=1e-6)
    for name, weight in theirs.state_dict().items():
        assert_close(ours.state_dict()[name], weight, rtol=1e-4, atol=1e-6)


def test_distinct_windows_train_like_all_windows() -> None:
    config, plain, distinct = TrainConfig(steps=20), make(), make()
    full = list(train(plain, full_batch(X, Y), config))
    fast = list(train(distinct, full_batch(*distinct_windows(NAMES, 3)), config))
    expected = [record.loss_nats for record in full]
    assert_close([r.loss_nats for r in fast], expected, rtol=1e-4, atol=1e-5)


def test_records_count_updates_and_evaluate_in_time() -> None:
    model = make()
    source, config = full_batch(X, Y), TrainConfig(steps=7, eval_every=3)
    steps, vals = [], {}
    for record in train(model, source, config, evaluate=lambda m: 1.25):
        steps.append(record.step)
        assert record.loss_nats == pytest.approx(evaluate_loss(model, X, Y), rel=1e-5)
        assert record.learning_rate == config.learning_rate_at(record.step)
        vals[record.step] = record.val_loss_nats
    assert steps == list(range(8))
    assert [step for step, val in vals.items() if val is not None] == [0, 3, 6, 7]


def test_untrained_model_starts_near_ln_27_and_learns() -> None:
    records = list(train(make(), full_batch(X, Y), TrainConfig(steps=60)))
    assert records[0].loss_nats == pytest.approx(math.log(27), abs=0.3)
    assert records[-1].loss_nats < 2.8


def test_stopping_early_leaves_the_model_at_the_last_record() -> None:
    stopped, whole = make(), make()
    source, config = mini_batches(X, Y, 32), TrainConfig(steps=10, schedule="constant")
    for record in train(stopped, source, config):
        if record.step == 6:
            break
    list(train(whole, source, TrainConfig(steps=6, schedule="constant")))
    for name, weight in whole.state_dict().items():
        assert weight.equal(stopped.state_dict()[name])


@given(st.integers(1, 50), st.integers(0, 50), st.sampled_from(SCHEDULES))
def test_learning_rate_rises_then_never_rises_again(
    steps: int, warmup: int, schedule: str
) -> None:
    warmup = min(warmup, steps)
    config = TrainConfig(steps=steps, warmup_steps=warmup, schedule=schedule)
    rates = [config.learning_rate_at(step) for step in range(steps + 1)]
    assert all(0 <= rate <= config.learning_rate for rate in rates)
    assert rates[:warmup] == sorted(rates[:warmup])
    assert rates[warmup:] == sorted(rates[warmup:], reverse=True)
    assert rates[warmup] == pytest.approx(config.learning_rate) or warmup == steps
    if schedule != "constant" and warmup < steps:
        assert rates[-1] == pytest.approx(0)


def test_schedules_are_half_way_down_in_the_middle() -> None:
    for schedule, share in (("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)):
        config = TrainConfig(steps=110, warmup_steps=10, schedule=schedule)
        assert config.learning_rate_at(60) == pytest.approx(share * 0.01)
        quarter = config.learning_rate_at(35)
        shape = {"linear": 0.75, "cosine": (1 + math.sqrt(0.5)) / 2, "constant": 1}
        assert quarter == pytest.approx(shape[schedule] * 0.01)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"steps": 0}, "steps is 0: use an integer >= 1"),
        ({"eval_every": 0}, "eval_every is 0"),
        ({"save_every": -1}, "save_every is -1"),
        ({"steps": 5, "warmup_steps": 6}, r"warmup_steps is 6: use 0 \.\. 5"),
        ({"learning_rate": 0.0}, r"learning_rate is 0\.0"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"weight_decay": -0.1}, r"weight_decay is -0\.1"),
        ({"grad_clip": 0.0}, r"grad_clip is 0\.0"),
        ({"schedule": "stairs"}, "schedule is 'stairs': use constant, linear or"),
    ],
)
def test_config_names_a_bad_setting(setting: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**setting)


def test_bad_batches_are_refused_before_any_work() -> None:
    model = make()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for batch, message in (
        (Batch(X, Y + 20), r"target \d+ is outside the vocabulary 0 \.\. 26"),
        (Batch(X, Y - 1), "target -1 is outside"),
        (Batch(X[:0], Y[:0]), "the first batch is empty"),
        (Batch(windows(NAMES, 4)[0], Y), r"this model reads \(batch, 3\)"),
    ):
        with pytest.raises(ValueError, match=message):
            next(train(model, lambda step, batch=batch: batch, TrainConfig()))
    assert all(v.equal(before[k]) for k, v in model.state_dict().items())


def test_a_loss_that_is_not_finite_stops_the_run() -> None:
    config = TrainConfig(steps=50, learning_rate=1e38)
    with pytest.raises(FloatingPointError, match=r"loss is (nan|inf) after \d+ upd"):
        list(train(make(), full_batch(X, Y), config))


def fake_run(model: nn.Module, vals: list[float | None]) -> list[Record]:
    """Records whose held-out losses are given; the weights tell the step."""
    for step, val in enumerate(vals):
        nn.init.constant_(model.weight, step)
        yield Record(step, 1.0, val, 0.1)


def test_keep_best_gives_back_the_best_weights() -> None:
    model = nn.Linear(2, 2)
    vals = [3.0, 2.0, None, 2.5, 2.2, 1.0, 1.0]
    seen = list(keep_best(fake_run(model, vals), model))
    assert [record.step for record in seen] == list(range(7))
    assert (model.weight == 5).all()  # the first of two that are equally good


def test_keep_best_beats_the_last_model_of_an_overfit_run() -> None:
    train_names, val_names = NAMES[:40], NAMES[40:]
    x_val, y_val = windows(val_names, 3)
    model, config = make(), TrainConfig(steps=150, learning_rate=0.05, eval_every=10)
    records = train(
        model,
        full_batch(*windows(train_names, 3)),
        config,
        evaluate=lambda m: evaluate_loss(m, x_val, y_val),
    )
    vals = [r.val_loss_nats for r in keep_best(records, model)]
    best = min(val for val in vals if val is not None)
    assert evaluate_loss(model, x_val, y_val) == pytest.approx(best)
    assert best < vals[-1]


def test_keep_best_needs_held_out_losses() -> None:
    model = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="no record holds a held-out loss"):
        list(keep_best(fake_run(model, [None, None]), model))
