"""The stored base model is what its recipe gives, and it can do what it should."""

import json
from dataclasses import asdict

import pytest
import torch

import tiny_world as world
from classroom import snapshots
from course_lib.gpt import GPTConfig
from tiny_world import WORLD_BASE, load_base

STORED = json.loads(snapshots.STORED_RUN.read_text("utf-8"))
TINY_WORLD = world.World(seed=0)


def test_stored_run_has_the_recipe_of_the_code():
    assert GPTConfig(**STORED["model"]) == snapshots.SHAPE
    assert STORED["recipe"] == json.loads(json.dumps(asdict(snapshots.RECIPE)))
    assert STORED["curve"][-1][0] == snapshots.RECIPE.steps


def test_stored_floor_is_the_floor_of_the_held_out_words():
    floor = snapshots.held_out_rows(TINY_WORLD).nats[:, 1:].mean().item()
    assert STORED["floor_nats"] == pytest.approx(floor, abs=1e-4)
    assert min(loss for _, loss in STORED["curve"]) > floor


def test_stored_model_is_the_one_whose_losses_are_stored():
    model, held = load_base(), snapshots.held_out_rows(TINY_WORLD)
    assert model.config == snapshots.SHAPE
    for tag, (loss, floor, right, n_words) in snapshots.by_tag(model, held).items():
        stored = STORED["by_tag"][tag]
        assert [loss, floor, right] == pytest.approx(stored[:3], abs=2e-3)
        assert n_words == stored[3]


def test_stored_model_is_within_six_per_cent_of_the_floor():
    assert STORED["curve"][-1][1] < 1.06 * STORED["floor_nats"]


def test_stored_model_learned_what_only_looking_back_can_know():
    for tag in ("coref", "context", "induction", "echo"):
        _, floor, right, n_words = STORED["by_tag"][tag]
        assert floor < 1e-6
        assert right > 0.9
        assert n_words > 30


def test_stored_model_has_a_working_memory():
    found = snapshots.working_memory(load_base(), TINY_WORLD)
    assert found > 0.9
    assert found == pytest.approx(STORED["working_memory"], abs=0.01)


def test_stored_model_takes_little_room():
    assert WORLD_BASE.stat().st_size < 3e6


@pytest.mark.slow
def test_stored_run_begins_as_the_code_begins():
    _, again = snapshots.train_world_base(steps=100)
    for (step, loss), (stored_step, stored_loss) in zip(
        again["curve"], STORED["curve"], strict=False
    ):
        assert step == stored_step
        assert loss == pytest.approx(stored_loss, abs=0.02)


def test_training_stops_where_it_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshots, "HELD_OUT_ROWS", 2)
    seen: list[int] = []
    with torch.random.fork_rng(devices=[]):
        snapshots.train_world_base(1, lambda record: seen.append(record.step))
    assert seen == [0, 1]
