"""The stored run of lesson 07 is what its recipe gives."""

import json
import math
from dataclasses import asdict

import pytest
import torch

from course_lib import world
from course_lib.attention import causal_attention, rotate
from course_lib.classroom import snapshots
from course_lib.gpt import GPT, GPTConfig

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


def test_readable_attention_equals_torch():
    generator = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 7, 8, generator=generator)
    mixed, weights = causal_attention(q, k, v)
    fast = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(mixed, fast)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 7))
    assert (weights.triu(diagonal=1) == 0).all()


def test_rotated_products_depend_on_the_distance_only():
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(1))
    turned_q = rotate(q.expand(1, 1, 9, 8))[0, 0]
    turned_k = rotate(k.expand(1, 1, 9, 8))[0, 0]
    products = turned_q @ turned_k.T
    torch.testing.assert_close(products[2:, 2:], products[:-2, :-2])


def test_gpt_never_sees_the_future_and_starts_near_uniform():
    config = GPTConfig(vocab_size=50, emb_dim=32, n_layers=2)
    model = GPT(config, torch.Generator().manual_seed(0))
    tokens = torch.randint(50, (1, 12), generator=torch.Generator().manual_seed(2))
    changed = tokens.clone()
    changed[0, 8:] = (changed[0, 8:] + 1) % 50
    with torch.no_grad():
        torch.testing.assert_close(model(tokens)[:, :8], model(changed)[:, :8])
        loss = torch.nn.functional.cross_entropy(model(tokens)[0], tokens[0])
    assert loss.item() == pytest.approx(math.log(50), rel=0.1)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [({"emb_dim": 30}, "multiple of 2"), ({"n_layers": 0}, "n_layers is 0")],
)
def test_gpt_config_refuses_bad_sizes(sizes: dict[str, int], message: str):
    with pytest.raises(ValueError, match=message):
        GPTConfig(vocab_size=50, **sizes)


def test_gpt_refuses_texts_that_are_too_long():
    model = GPT(GPTConfig(vocab_size=50, context_size=4, emb_dim=32, n_layers=1))
    with pytest.raises(ValueError, match="up to 4"):
        model(torch.zeros(1, 5, dtype=torch.int64))
