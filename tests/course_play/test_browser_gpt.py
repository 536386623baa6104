"""The GPT and its dice in JavaScript: the logits, numbers and texts of torch."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib import lens
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig
from course_lib.sampling import next_probs
from course_play.browser.export import packed
from tests.course_play.test_browser_words import ask, outcome
from tiny_world import World, load_base, token_rows
from tiny_world.assistant import STAGES, load_stage

CLOSE = 1e-4
"""Logits may differ by so much; measured are some 1e-5 at logits of up to 20."""
LOAD = """
import { loadGPT } from "./weights.js";
const far = (a, b) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
"""


def as_kept(model: GPT) -> GPT:
    """The same model with the weights that a page gets: rounded to half precision."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.half())
    return model.eval()


def base() -> GPT:
    return as_kept(load_base())


def texts(n_rows: int, length: int) -> Tensor:
    """Rows of Tiny World that no model has read."""
    return token_rows(World(seed=0), "val", 0, n_rows, length).tokens


@pytest.mark.parametrize("stage", STAGES)
def test_the_logits_of_each_stage_are_those_of_torch(
    tmp_path: Path, stage: str
) -> None:
    """After each of 300 prefixes of texts, 1 to 60 tokens long."""
    model, rows = as_kept(load_stage(stage).model), texts(5, 60)
    with torch.inference_mode():
        wanted = model(rows)
    program = f"""{LOAD}
const model = loadGPT(cases.model);
answer = cases.rows.flatMap((row, r) => {{
  model.rewind(0);
  return row.map((token, t) => far(model.step(token), cases.logits[r][t]));
}});"""
    cases = {
        "model": packed(model),
        "rows": rows.tolist(),
        "logits": wanted.tolist(),
    }
    gaps = ask(tmp_path, program, cases)
    assert len(gaps) == 300
    assert max(gaps) < CLOSE
    print(f"{stage}: largest difference {max(gaps):.2g}")


PARTS: list[dict[str, Any]] = [
    {},
    {"norm": "rms", "activation": "relu_squared", "rotary_base": 500.0},
    {"positions": "learned", "activation": "gelu_tanh", "bias": True, "qk_norm": False},
    {"n_kv_heads": 1, "activation": "swiglu", "hidden_dim": 18, "norm": "rms"},
    {"n_kv_heads": 2, "tied": False, "norm_eps": 1e-3, "bias": True},
    {"positions": "learned", "emb_dim": 20, "norm": "rms", "bias": True},
]


def odd_model(parts: dict[str, Any]) -> GPT:
    """A small model with these parts, all its weights at random."""
    config = {"vocab_size": 11, "emb_dim": 24, "n_heads": 4, "n_layers": 2, **parts}
    model = GPT(GPTConfig(context_size=12, **config))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / 2)
    return as_kept(model)


@pytest.mark.parametrize("parts", PARTS, ids=lambda parts: "-".join(parts) or "course")
def test_every_part_that_a_config_can_name_is_there(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    model = odd_model(parts)
    row = torch.randint(11, (1, 12), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        wanted = model(row)[0]
    program = f"""{LOAD}
const model = loadGPT(cases.model);
answer = cases.row.map((token, t) => far(model.step(token), cases.logits[t]));"""
    cases = {"model": packed(model), "row": row[0].tolist(), "logits": wanted.tolist()}
    assert max(ask(tmp_path, program, cases)) < CLOSE


def held_in_layer_1(model: GPT, row: Tensor) -> dict[str, Any]:
    """What hooks and `lens` find at the last position, by the names of `see`."""
    block, seen = model.blocks[1], dict[str, Tensor]()
    parts = {"normed1": block.norm_1, "normed2": block.norm_2, "out": block.down}
    parts["projected"] = block.attention.proj
    before = {"mixed": block.attention.proj, "inner": block.down}

    def keep(name: str, at: Callable[..., Tensor]) -> Callable[..., None]:
        return lambda *told: seen.update({name: at(*told)})

    hooks = [
        part.register_forward_hook(keep(name, lambda module, given, out: out))
        for name, part in parts.items()
    ] + [
        part.register_forward_pre_hook(keep(name, lambda module, given: given[0]))
        for name, part in before.items()
    ]
    with torch.inference_mode():
        stream = lens.residual_stream(model, row)
        T = row.shape[1]
        q, k, v = block.attention.heads(seen["normed1"], model.table[:, :T])
    for hook in hooks:
        hook.remove()
    heads = {"q": q, "k": k, "v": v}
    return {
        **{name: value[0, -1].tolist() for name, value in seen.items()},
        **{name: value[0, :, -1].flatten().tolist() for name, value in heads.items()},
        "streamIn": stream[1, 0, -1].tolist(),
        "streamOut": stream[2, 0, -1].tolist(),
        "afterAttention": (stream[1, 0, -1] + seen["projected"][0, -1]).tolist(),
        "scores": (q @ k.mT / q.shape[-1] ** 0.5)[0, :, -1].flatten().tolist(),
        "weights": lens.attention_weights(model, row)[1, 0, :, -1].flatten().tolist(),
    }


def test_what_a_layer_holds_is_what_lens_and_the_blocks_give(tmp_path: Path) -> None:
    model, row = base(), texts(1, 30)
    with torch.inference_mode():
        logits = model(row)[0, -1].tolist()
        depths = lens.logit_lens(model, row)[1:, 0, -1].tolist()
    program = f"""{LOAD}
const model = loadGPT(cases.model);
let see;
for (const token of cases.row) model.step(token, {{ see: see = {{}} }});
const flat = (value) => (Array.isArray(value) ? value : [value]).flatMap((x) => [...x]);
answer = Object.fromEntries(Object.entries(cases.wanted).map(([name, values]) =>
  [name, far(values, flat(see.layers[1][name]))]));
answer.logits = far(see.logits, cases.logits);
answer.lens = Math.max(...see.layers.map(({{ streamOut }}, l) =>
  far(model.read(streamOut), cases.depths[l])));"""
    cases = {"model": packed(model), "row": row[0].tolist()}
    cases |= {"wanted": held_in_layer_1(model, row), "logits": logits, "depths": depths}
    gaps = ask(tmp_path, program, cases)
    assert len(gaps) == 16
    assert max(gaps.values()) < CLOSE, gaps


def test_heads_can_be_switched_off(tmp_path: Path) -> None:
    model, row = base(), texts(1, 25)
    pairs = [[[1, 2]], [[0, 0], [2, 3]], [[1, h] for h in range(4)]]
    wanted = []
    for off in pairs:
        with lens.heads_off(model, [(a, b) for a, b in off]), torch.inference_mode():
            wanted.append(model(row)[0, -1].tolist())
    program = f"""{LOAD}
const model = loadGPT(cases.model);
answer = cases.pairs.map((off, i) => {{
  model.rewind(0);
  let logits;
  for (const token of cases.row) logits = model.step(token, {{ off }});
  const again = model.readAll(cases.row); // with all heads on
  return [far(logits, cases.wanted[i]), far(again, cases.on)];
}});"""
    with torch.inference_mode():
        on = model(row)[0, -1].tolist()
    cases = {"model": packed(model), "row": row[0].tolist(), "pairs": pairs}
    gaps = ask(tmp_path, program, {**cases, "wanted": wanted, "on": on})
    assert max(gap for pair in gaps for gap in pair) < CLOSE


def test_a_text_is_read_on_from_what_is_the_same(tmp_path: Path) -> None:
    model = odd_model({})
    program = f"""{LOAD}
const model = loadGPT(cases);
const fresh = (tokens) => {{
  model.rewind(0);
  return Array.from(model.readAll(tokens));
}};
const texts = [[1, 2, 3], [1, 2, 4, 5], [1, 2], [1, 2], [7]];
const after = texts.map((tokens) => [Array.from(model.readAll(tokens)), model.length]);
answer = texts.map((tokens, i) => [far(after[i][0], fresh(tokens)), after[i][1]]);"""
    assert ask(tmp_path, program, packed(model)) == [
        *([0, 3], [0, 4], [0, 2], [0, 2], [0, 1])
    ]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    model = packed(odd_model({}))
    config = model["config"]
    program = """
import { fullConfig } from "./config.js";
import { GPT } from "./gpt.js";
import { loadGPT } from "./weights.js";
const told = (act) => {
  try { act(); return ""; } catch (error) { return error.message; }
};
const model = loadGPT(cases);
const { config } = cases;
answer = [
  told(() => fullConfig({ ...config, mixture: 8 })),
  told(() => fullConfig({ ...config, activation: "sine" })),
  told(() => fullConfig({})),
  told(() => model.step(11)),
  told(() => model.step(1.5)),
  told(() => { for (let i = 0; i < 13; i += 1) model.step(1); }),
  told(() => model.rewind(13)),
  told(() => loadGPT({ ...cases, index: cases.index.slice(1) })),
  told(() => loadGPT({ ...cases, config: { ...config, tied: false } })),
  told(() => new GPT({ config, tensors: {} })),
];"""
    told = ask(tmp_path, program, model)
    assert told[:3] == [
        "mixture is 8: this reader does not know such a part",
        "activation is 'sine': use gelu, gelu_tanh, relu_squared, swiglu",
        "the config has no vocab_size",
    ]
    assert told[3:7] == [
        "token 11: this model knows 0 .. 10",
        "token 1.5: this model knows 0 .. 10",
        "this model reads up to 12 tokens",
        "cannot go back to 13 tokens: 12 were read",
    ]
    assert "it is damaged" in told[7]
    assert told[8].startswith("tensor head.weight has no numbers")
    assert told[9].startswith("tensor embedding.weight has no numbers")
    assert config["vocab_size"] == 11


def test_the_dice_are_those_of_torch(tmp_path: Path) -> None:
    seeds = [0, 1, 7, 2**31, 2**32 - 1, 2**32 + 5, 1_000_003 * 40]
    program = """
import { torchDice } from "./sampler.js";
answer = cases.map((seed) => {
  const dice = torchDice(seed);
  return Array.from({ length: 1400 }, dice);
});"""
    for seed, found in zip(seeds, ask(tmp_path, program, seeds), strict=True):
        generator = torch.Generator().manual_seed(seed)
        assert found == torch.rand(1400, generator=generator).tolist()


def all_knobs(rng: random.Random) -> dict[str, Any]:
    return {
        "temperature": rng.choice([0.0, 0.3, 0.7, 1.0, 1.0, 1.7]),
        "top_k": rng.choice([None, None, 1, 3, 20]),
        "top_p": rng.choice([None, None, 0.3, 0.9, 1.0]),
        "min_p": rng.choice([None, None, 0.05, 0.5]),
    }


def test_the_distribution_under_the_knobs_is_that_of_python(tmp_path: Path) -> None:
    rng = random.Random(4)
    generator = torch.Generator().manual_seed(4)
    rows = (3 * torch.randn(200, 40, generator=generator)).round(decimals=1)  # ties
    knobs = [all_knobs(rng) for _ in range(len(rows))]
    program = """
import { nextProbs } from "./sampler.js";
answer = cases.rows.map((row, i) => [Float32Array, Float64Array].map((Kind) =>
  Array.from(nextProbs(Kind.from(row), cases.knobs[i]))));"""
    found = ask(tmp_path, program, {"rows": rows.tolist(), "knobs": knobs})
    for row, kept, (single, double) in zip(rows, knobs, found, strict=True):
        wanted = next_probs(row.double(), **kept)
        ours = torch.tensor(double, dtype=torch.float64)
        torch.testing.assert_close(ours, wanted, atol=1e-12, rtol=1e-9)
        wanted = next_probs(row, **kept)
        ours = torch.tensor(single, dtype=torch.float32)
        torch.testing.assert_close(ours, wanted, atol=1e-6, rtol=1e-5)
        assert ((ours > 0) == (wanted > 0)).all()


BAD: list[dict[str, Any]] = [
    *({"temperature": -0.5}, {"top_k": 0}, {"top_k": 41}, {"top_p": 1.5}),
    *({"min_p": -0.25}, {"top_p": 0}),
]


@pytest.mark.parametrize("knobs", BAD, ids=str)
def test_a_bad_knob_is_refused_in_the_same_words(
    tmp_path: Path, knobs: dict[str, Any]
) -> None:
    program = """
import { nextProbs } from "./sampler.js";
try { nextProbs(new Float32Array(40), cases); } catch (error) {
  answer = error.message;
}"""
    wanted = outcome(lambda: next_probs(torch.zeros(40), **knobs))
    assert ask(tmp_path, program, knobs) == wanted["error"]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity"])
def test_logits_that_are_no_numbers_are_refused(tmp_path: Path, bad: str) -> None:
    program = f"""
import {{ nextProbs }} from "./sampler.js";
const row = new Float32Array(5).fill({bad});
try {{ nextProbs(row); }} catch (error) {{ answer = error.message; }}"""
    row = torch.full((5,), float(bad.replace("Infinity", "inf")))
    wanted = outcome(lambda: next_probs(row))
    assert ask(tmp_path, program, None) == wanted["error"]


WRITE = f"""{LOAD}
import {{ generate }} from "./sampler.js";
const model = loadGPT(cases.model);
answer = cases.asked.map(([prompt, options]) => {{
  try {{ return generate(model, prompt, options); }} catch (error) {{
    if (error.name !== "ValueError") throw error;
    return {{ error: error.message }};
  }}
}});"""


def prefixes(n: int, seed: int) -> list[list[int]]:
    """Beginnings of unread texts, of 1 to 40 tokens."""
    rng = random.Random(seed)
    rows = texts(n, 40).tolist()
    return [row[: rng.randint(1, 40)] for row in rows]


def test_160_greedy_continuations_are_the_same_token_for_token(tmp_path: Path) -> None:
    model, prompts = base(), prefixes(160, seed=5)
    options = {"max_new_tokens": 24, "stop_tokens": [0], "temperature": 0}
    asked = [[prompt, options] for prompt in prompts]
    found = ask(tmp_path, WRITE, {"model": packed(model), "asked": asked})
    assert found == generate(model, prompts, **options)
    assert sum(map(len, found)) > 2000


def test_sampled_continuations_are_the_same_token_for_token(tmp_path: Path) -> None:
    model, rng = base(), random.Random(6)
    asked = []
    for prompt in prefixes(100, seed=6):
        options = {
            "max_new_tokens": 70,
            "stop_tokens": [0],
            "seed": rng.randint(0, 10**6),
        }
        knobs = {"repetition_penalty": rng.choice([1.0, 1.0, 1.3]), **all_knobs(rng)}
        asked.append([prompt, {**options, **knobs}])
    found = ask(tmp_path, WRITE, {"model": packed(model), "asked": asked})
    for (prompt, options), tokens in zip(asked, found, strict=True):
        words = {name: value for name, value in options.items() if name != "seed"}
        assert [tokens] == generate(model, [prompt], seeds=options["seed"], **words)


def test_texts_end_where_pythons_end_and_are_refused_in_the_same_words(
    tmp_path: Path,
) -> None:
    model = odd_model({})
    long = list(range(11)) * 2
    asked: list[tuple[list[int], dict[str, Any]]] = [
        ([1, 2], {"max_new_tokens": 30, "temperature": 0}),  # until the context is full
        ([1] * 12, {"max_new_tokens": 3}),
        (long, {"max_new_tokens": 3}),
        ([], {"max_new_tokens": 3}),
        ([3, 11], {"max_new_tokens": 3}),
        ([3], {"max_new_tokens": 0}),
        ([3], {"max_new_tokens": 4, "vocab_size": 1}),
    ]
    found = ask(tmp_path, WRITE, {"model": packed(model), "asked": asked})
    for (prompt, options), told in zip(asked, found, strict=True):
        wanted = outcome(
            lambda p, o: generate(model, [p], seeds=0, **o)[0], prompt, options
        )
        assert told == wanted
    assert len(found[0]) == 11


def test_a_long_prompt_may_lose_its_oldest_tokens(tmp_path: Path) -> None:
    model, long = odd_model({}), list(range(11)) * 2
    options = {"max_new_tokens": 4, "temperature": 0}
    gone: list[int] = []
    wanted = generate(
        model, [long], dropped=lambda row, tokens: gone.extend(tokens), **options
    )
    program = f"""{LOAD}
import {{ generate }} from "./sampler.js";
let gone;
const options = {{ ...cases.options, dropped: (tokens) => {{ gone = tokens; }} }};
answer = [generate(loadGPT(cases.model), cases.prompt, options), gone];"""
    cases = {"model": packed(model), "prompt": long, "options": options}
    assert ask(tmp_path, program, cases) == [wanted[0], gone]
