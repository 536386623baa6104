"""The maths in the browser equals the maths in Python, over hundreds of cases."""

import math
import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.functional import entropy, log_softmax, softmax
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET
from course_lib.sampling import next_probs
from course_play.widgets import SamplingLab
from course_play.widgets.base import draw_index, mulberry32
from tests.course_play.widget_js import run_js

EXACT = {"rtol": 0.0, "atol": 1e-12}
LAB = """
import { numbersOf } from "./base.js";
import { dice, makeMlp, makeReader, nextProbs, writeNames } from "./sampling_lab.js";
const floats = (hex) => numbersOf(new DataView(new Uint8Array(
  hex.match(/../g).map((pair) => parseInt(pair, 16))).buffer));
"""


def tensor(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def random_logits(rng: random.Random, size: int) -> list[float]:
    """Ordinary, huge, all equal or with many ties."""
    kind = rng.choice(["plain", "huge", "equal", "ties"])
    if kind == "equal":
        return [1.5] * size
    if kind == "ties":
        return [float(rng.randint(-2, 2)) for _ in range(size)]
    scale = 3.0 if kind == "plain" else 400.0
    return [rng.gauss(0, scale) for _ in range(size)]


def random_knobs(rng: random.Random, size: int) -> dict[str, Any]:
    temperature = rng.choice([0.0, 0.05, 1.0, rng.uniform(0.1, 3.0)])
    return {
        "temperature": temperature,
        "topK": rng.choice([None, 1, size, rng.randint(1, size)]),
        "topP": rng.choice([None, 1.0, rng.uniform(0.05, 1.0)]),
    }


def python_names(knobs: dict[str, Any]) -> dict[str, Any]:
    """The same knobs as keyword arguments of `next_probs` and `SamplingLab`."""
    words = {"temperature": "temperature", "topK": "top_k", "topP": "top_p"}
    return {words[key]: value for key, value in knobs.items()}


def test_softmax_log_softmax_and_entropy_are_those_of_functional(
    tmp_path: Path,
) -> None:
    rng = random.Random(0)
    cases = [random_logits(rng, rng.randint(1, 40)) for _ in range(300)]
    program = """
import { entropy, logSoftmax, softmax } from "./base.js";
answer = cases.map((z) => {
  const p = softmax(z);
  return { p, log: logSoftmax(z), h: entropy(p) };
});"""
    for logits, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        probs = softmax(tensor(logits))
        torch.testing.assert_close(tensor(js["p"]), probs, **EXACT)
        torch.testing.assert_close(
            tensor(js["log"]), log_softmax(tensor(logits)), rtol=1e-14, atol=1e-12
        )
        assert js["h"] == pytest.approx(float(entropy(probs)), abs=1e-12)


def test_next_probs_is_that_of_generate_with_cuts_ties_and_greedy(
    tmp_path: Path,
) -> None:
    rng = random.Random(1)
    cases = []
    for _ in range(600):
        logits = random_logits(rng, rng.choice([2, 5, 27]))
        cases.append({"logits": logits, "knobs": random_knobs(rng, len(logits))})
    program = LAB + "answer = cases.map((c) => nextProbs(c.logits, c.knobs).probs);"
    for case, js in zip(cases, run_js(tmp_path, program, cases), strict=True):
        expected = next_probs(tensor(case["logits"]), **python_names(case["knobs"]))
        torch.testing.assert_close(tensor(js), expected, **EXACT)
    greedy = sum(case["knobs"]["temperature"] == 0 for case in cases)
    assert greedy > 50, "the cases must cover T = 0"


def test_a_draw_by_a_uniform_picks_the_same_letter(tmp_path: Path) -> None:
    rng = random.Random(2)
    cases: list[dict[str, Any]] = []
    for _ in range(400):
        probs = softmax(tensor(random_logits(rng, rng.randint(1, 27)))).tolist()
        u = rng.choice([0.0, 1 - 2**-32, rng.random()])
        cases.append({"probs": probs, "u": u})
    program = """
import { drawIndex } from "./base.js";
answer = cases.map(({ probs, u }) => drawIndex(probs, u));"""
    js = run_js(tmp_path, program, cases)
    assert js == [draw_index(case["probs"], case["u"]) for case in cases]


def test_the_dice_are_the_same_numbers_in_both_languages(tmp_path: Path) -> None:
    seeds = [0, 1, 2, 2**31, 2**32 - 1, 0x9E3779B1 * 7, -5]
    program = """
import { mulberry32 } from "./base.js";
answer = cases.map((seed) => {
  const next = mulberry32(seed);
  return Array.from({ length: 100 }, next);
});"""
    expected = [list(islice(mulberry32(seed), 100)) for seed in seeds]
    assert run_js(tmp_path, program, seeds) == expected


def test_the_dice_are_uniform() -> None:
    numbers = torch.tensor(list(islice(mulberry32(3), 20_000)))
    counts = torch.histc(numbers, bins=20, min=0, max=1)
    chi_square = float(((counts - 1000) ** 2 / 1000).sum())
    assert chi_square < 43.8  # 0.1 % point of chi^2 with 19 degrees of freedom


def model_cases(n: int) -> list[tuple[NameMLP, dict[str, Any]]]:
    """Random models of several shapes, and what the browser gets of each."""
    made = []
    for seed in range(n):
        config = NameMLPConfig(
            context_size=1 + seed % 4, emb_dim=2 + seed % 9, hidden_dim=3 + 5 * seed
        )
        model = NameMLP(config, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            model.head.weight *= 3  # livelier than fresh weights
        lab = SamplingLab(model, [])
        sizes = {
            "contextSize": config.context_size,
            "embDim": config.emb_dim,
            "hiddenDim": config.hidden_dim,
        }
        made.append((model, {"weights": lab.weights.hex(), "sizes": sizes}))
    return made


def test_the_forward_pass_is_that_of_the_model(tmp_path: Path) -> None:
    models = model_cases(12)
    cases = []
    for seed, (model, sent) in enumerate(models):
        generator = torch.Generator().manual_seed(seed)
        shape = (25, model.context_size)
        tokens = torch.randint(0, 27, shape, generator=generator)
        cases.append({**sent, "tokens": tokens.tolist()})
    program = (
        LAB
        + """
answer = cases.map(({ weights, sizes, tokens }) => {
  const logits = makeMlp(floats(weights), sizes);
  return tokens.map((row) => logits(row));
});"""
    )
    answers = run_js(tmp_path, program, cases)
    for (model, _), case, js in zip(models, cases, answers, strict=True):
        with torch.no_grad():
            expected = model(torch.tensor(case["tokens"]))
            close = model.double()(torch.tensor(case["tokens"]))
        torch.testing.assert_close(tensor(js).float(), expected, rtol=0, atol=1e-5)
        torch.testing.assert_close(tensor(js), close, **EXACT)


def test_whole_names_from_the_same_dice_are_the_same_names(tmp_path: Path) -> None:
    rng = random.Random(4)
    cases, expected = [], []
    for model, sent in model_cases(10):
        for _ in range(4):
            prompt = "".join(rng.choices(ALPHABET[1:], k=rng.randint(0, 5)))
            knobs = random_knobs(rng, 27)
            lab = SamplingLab(
                model, [], prompt=prompt, seed=rng.randint(0, 99), **python_names(knobs)
            )
            lab.roll = rng.randint(0, 3)
            expected.append(lab.names)
            shown = {"prompt": prompt, "knobs": knobs, "maxLen": lab.max_len}
            dice = [lab.seed, lab.roll, lab.n_names, lab.max_len]
            cases.append({**sent, "shown": shown, "dice": dice})
    program = (
        LAB
        + """
answer = cases.map(({ weights, sizes, shown, dice: numbers }) =>
  writeNames(makeReader(floats(weights), sizes), { ...shown, rows: dice(...numbers) })
    .map((name) => name.text));"""
    )
    assert run_js(tmp_path, program, cases) == expected
    assert len({name for names in expected for name in names}) > 100


def test_surprisal_and_powers_of_e_are_those_of_math(tmp_path: Path) -> None:
    rng = random.Random(5)
    cases = {
        "p": [1.0, 0.58, *(10 ** rng.uniform(-9, 0) for _ in range(200))],
        "z": [rng.uniform(-5.9, 9.1) for _ in range(100)],
        "far": [1000.0, -1000.0, 12.0, -7.5],
    }
    program = """
import { surprisal } from "./surprisal_curve.js";
import { powerOfE, softmaxRows } from "./softmax_bars.js";
answer = { p: cases.p.map(surprisal), z: cases.z.map(powerOfE),
  far: cases.far.map(powerOfE), rows: softmaxRows([0.5, 2.1, 0.3], 700) };"""
    js = run_js(tmp_path, program, cases)
    for p, told in zip(cases["p"], js["p"], strict=True):
        assert told["nats"] == pytest.approx(-math.log(p), abs=1e-12)
        assert told["bits"] == pytest.approx(-math.log2(p), abs=1e-12)
        assert told["choices"] == pytest.approx(1 / p, rel=1e-12)
    for z, text in zip(cases["z"], js["z"], strict=True):
        assert float(text) == pytest.approx(math.exp(z), rel=2e-2, abs=6e-4)
    assert js["far"][0] == "1.97 × 10⁴³⁴"
    assert js["far"][1] == "5.08 × 10⁻⁴³⁵"
    plain = softmax(tensor([0.5, 2.1, 0.3]))
    shifted = tensor([row["p"] for row in js["rows"]])
    torch.testing.assert_close(shifted, plain, **EXACT)  # adding 700 moves nothing


def test_numbers_are_written_as_a_reader_expects(tmp_path: Path) -> None:
    program = """
import { fixed, percent, plural } from "./base.js";
answer = [fixed(-1.5, 1), fixed(-0.001), fixed(2), percent(0.1234), percent(1e-6),
  percent(0), plural(1, "letter"), plural(2, "letter")];"""
    assert run_js(tmp_path, program, None) == [
        "−1.5",
        "0.00",
        "2.00",
        "12.3 %",
        "< 0.1 %",
        "0.0 %",
        "1 letter",
        "2 letters",
    ]
