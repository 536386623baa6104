"""The stored run of lesson 07 is what its recipe gives."""

import json
from dataclasses import asdict

import pytest

from course_lib import world
from course_lib.classroom import snapshots

STORED = json.loads(snapshots.WORLD_GPT.read_text("utf-8"))


def test_stored_run_has_the_recipe_of_the_code():
    assert STORED["model"] == asdict(snapshots.MODEL)
    assert STORED["recipe"] == asdict(snapshots.RECIPE)
    assert STORED["curve"][-1][0] == snapshots.RECIPE.steps


def test_stored_floor_is_the_floor_of_the_held_out_words():
    held = world.token_rows(
        world.World(seed=0), "val", 0, snapshots.HELD_OUT_ROWS, snapshots.LENGTH + 1
    )
    floor = held.nats[:, 1:].mean().item()
    assert STORED["floor_nats"] == pytest.approx(floor, abs=1e-4)
    assert min(loss for _, loss in STORED["curve"]) > floor


def test_stored_run_learns_what_only_looking_back_can_know():
    losses = [loss for _, loss in STORED["curve"]]
    assert losses[-1] < 1.1 * STORED["floor_nats"]
    for tag in ("coref", "context"):
        loss, floor, _ = STORED["by_tag"][tag]
        assert floor == 0
        assert loss < 0.2


@pytest.mark.slow
def test_stored_run_begins_as_the_code_begins():
    again = snapshots.train_world_gpt(steps=100)
    for (step, loss), (stored_step, stored_loss) in zip(
        again["curve"], STORED["curve"], strict=False
    ):
        assert step == stored_step
        assert loss == pytest.approx(stored_loss, abs=0.02)
