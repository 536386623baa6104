"""ContextCost and KVCacheStepper: counts against loops and torch, JS against Python."""

import random
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from course_lib.cache import KVCache
from course_lib.gpt import GPT, gpt2_config
from course_play.widgets import ContextCost, KVCacheStepper
from course_play.widgets.context_cost import SIZES, Size, context_cost, in_units
from course_play.widgets.kv_cache_stepper import step_work
from tests.course_play.widget_js import run_js


def test_the_work_is_what_torch_counts() -> None:
    n, config = 64, gpt2_config("small")
    size = Size("GPT-2 small", config.emb_dim, config.n_layers)
    with torch.device("meta"):
        block = GPT(config).blocks[0]
        x = torch.zeros(1, n, config.emb_dim)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        block(x)
    cost = context_cost(n, size)
    assert counter.get_total_flops() == n * (cost.matrix_flops + cost.attention_flops)
    assert context_cost(cost.crossing, size)[2] == context_cost(cost.crossing, size)[3]


def test_the_cache_is_what_the_model_allocates() -> None:
    config = gpt2_config("small")
    cache = KVCache(config.cache_shape, 1, dtype=torch.float16, device="meta")
    assert cache.n_bytes == context_cost(1024, SIZES[1]).cache_bytes == 36 * 2**20


def test_javascript_counts_alike(tmp_path: Path) -> None:
    dice = random.Random(0)
    lengths = [round(2 ** dice.uniform(5, 21)) for _ in range(99)]
    cases = [[n, *dice.choice(SIZES)[1:]] for n in lengths]
    program = """
import { contextCost, inUnits } from "./context_cost.js";
answer = cases.map(([n, d, l]) => {
  const c = contextCost(n, d, l);
  return [c.scoreBytes, c.cacheBytes, c.matrixFlops, c.attentionFlops, c.crossing,
    inUnits(c.scoreBytes), inUnits(c.cacheBytes)];
});"""
    for (n, d, layers), shown in zip(
        cases, run_js(tmp_path, program, cases), strict=True
    ):
        cost = context_cost(n, Size("", d, layers))
        assert shown[:5] == list(cost)
        assert shown[5:] == [in_units(cost.score_bytes), in_units(cost.cache_bytes)]


def test_a_step_counts_what_a_loop_counts() -> None:
    for n_read in range(1, 9):
        for n_new in range(1, n_read + 1):
            for cache in (True, False):
                queries = range(n_read - n_new if cache else 0, n_read)
                scores = sum(1 for q in queries for k in range(n_read) if k <= q)
                work = step_work(n_read, n_new, cache=cache)
                assert work == (len(queries), scores)


def test_javascript_steps_alike(tmp_path: Path) -> None:
    cases = [[p, s, c] for p in (1, 2, 5) for s in (1, 2, 7) for c in (True, False)]
    program = """
import { totalWork } from "./kv_cache_stepper.js";
answer = cases.map(([p, s, c]) => totalWork(p, s, c));"""
    for (n_prompt, step, cache), shown in zip(
        cases, run_js(tmp_path, program, cases), strict=True
    ):
        tokens = ["x"] * (n_prompt + 7)
        stepper = KVCacheStepper(tokens, n_prompt=n_prompt, step=step, cache=cache)
        assert shown == stepper.total._asdict()


def test_with_a_cache_each_token_is_computed_once() -> None:
    stepper = KVCacheStepper(["x"] * 12, n_prompt=4, step=9)
    assert stepper.total == (12, 78)
    assert stepper.states == ["kept"] * 11 + ["new"]
    stepper.cache = False
    assert stepper.total.computed == sum(range(4, 13))
    assert set(stepper.states) == {"new"}


def test_bad_arguments_are_named() -> None:
    for n in (31, 2**21 + 1):
        with pytest.raises(ValueError, match=f"n is {n}: give 32 to 2,097,152"):
            ContextCost(n=n)
    with pytest.raises(ValueError, match="size is 4: give 0 to 3"):
        ContextCost(size=4)
    with pytest.raises(ValueError, match="sizes is empty"):
        ContextCost(sizes=[])
    with pytest.raises(ValueError, match=r"log2_n is 22\.0"):
        ContextCost().log2_n = 22
    with pytest.raises(ValueError, match="1 tokens: give 2 to 16"):
        KVCacheStepper(["x"])
    with pytest.raises(ValueError, match="n_prompt is 2: give 1 to 1"):
        KVCacheStepper(["x", "y"], n_prompt=2)
    with pytest.raises(ValueError, match="step is 3: give 1 to 2"):
        KVCacheStepper(["x", "y"], step=3)
