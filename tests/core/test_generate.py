"""generate: the knobs against plain Python, the names against exact probabilities."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.testing import assert_close

from course_lib.generate import names as generated
from course_lib.generate import sample_names
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET, encode
from course_lib.ngram import NGram
from course_lib.sampling import next_probs

SOME_NAMES = ["asha", "ashok", "meera", "mira", "ravi", "ra", "uma"]
MLP = NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0))


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def probs_by_hand(
    logits: list[float], temperature: float, top_k: int | None, top_p: float | None
) -> list[float]:
    """The definition, one token at a time."""
    order = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if temperature == 0:
        return [float(i == order[0]) for i in range(len(logits))]
    top = max(logits)
    weights = [math.exp((z - top) / temperature) for z in logits]
    kept = order[:top_k]
    total, kept_until = sum(weights[i] for i in kept), []
    mass = 0.0
    for i in kept:
        if top_p is not None and top_p < 1 and mass >= top_p * total:
            break
        kept_until.append(i)
        mass += weights[i]
    return [weights[i] / mass if i in kept_until else 0.0 for i in range(len(logits))]


@given(
    # few values: many ties; distances for which no running sum comes near top_p
    st.lists(st.sampled_from([-3.0, 0.5, 1.0, 2.5]), min_size=1, max_size=9),
    st.sampled_from([0.0, 0.05, 0.5, 1.0, 1.7, 100.0]),
    st.none() | st.integers(1, 9),
    st.none() | st.sampled_from([1e-9, 0.1234567, 0.4567891, 0.8912345, 1.0]),
)
def test_next_probs_equal_the_definition(
    logits: list[float], temperature: float, top_k: int | None, top_p: float | None
) -> None:
    if top_k is not None:
        top_k = min(top_k, len(logits))
    knobs = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    probs = next_probs(torch.tensor(logits, dtype=torch.float64), **knobs)
    expected = torch.tensor(probs_by_hand(logits, **knobs), dtype=torch.float64)
    assert_close(probs, expected)


def test_ties_go_to_the_lower_index() -> None:
    flat = torch.zeros(27)
    assert next_probs(flat, temperature=0).argmax() == 0
    assert next_probs(flat, top_k=3).nonzero().flatten().tolist() == [0, 1, 2]
    assert next_probs(flat, top_p=0.05).nonzero().flatten().tolist() == [0, 1]


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    logits = torch.tensor([0.25, 0.5, 0.125, 0.125]).log()
    for top_p, kept in ((0.3, [1]), (0.5, [1]), (0.51, [0, 1]), (0.76, [0, 1, 2])):
        probs = next_probs(logits.double(), top_p=top_p)
        assert probs.nonzero().flatten().tolist() == kept


def test_rows_are_independent_and_the_logits_stay_as_they_were() -> None:
    logits = torch.randn(3, 4, 27, generator=dice())
    before = logits.clone()
    for knobs in ({"temperature": 0}, {"top_k": 5}, {"top_p": 0.7, "temperature": 2}):
        probs = next_probs(logits, **knobs)
        assert_close(probs.sum(-1), torch.ones(3, 4))
        assert_close(probs[1, 2], next_probs(logits[1, 2], **knobs))
    assert logits.equal(before)


def test_knobs_at_their_ends_change_nothing() -> None:
    logits = torch.randn(5, 27, generator=dice())
    for knobs in ({"top_k": 27}, {"top_p": 1.0}, {"top_k": 27, "top_p": 1.0}):
        assert_close(next_probs(logits, **knobs), logits.softmax(-1))


@pytest.mark.parametrize("temperature", [1e-3, 1e-30, 1e-300])
def test_a_tiny_temperature_shares_between_the_tied_best(temperature: float) -> None:
    logits = torch.tensor([3.0, 90.0, 90.0, -math.inf])
    probs = next_probs(logits, temperature=temperature)
    assert_close(probs, torch.tensor([0.0, 0.5, 0.5, 0.0]))


BAD_KNOBS = [
    ({"temperature": -0.1}, r"temperature is -0\.1: use a number > 0, or 0 for"),
    ({"temperature": math.nan}, "temperature is nan"),
    ({"temperature": math.inf}, "temperature is inf"),
    ({"top_k": 0}, r"top_k is 0: use 1 \.\. 27, or None"),
    ({"top_k": 28}, r"top_k is 28: use 1 \.\. 27"),
    ({"top_p": 0.0}, r"top_p is 0\.0: use a number in \(0, 1\]"),
    ({"top_p": 1.01}, r"top_p is 1\.01"),
    ({"top_p": math.nan}, "top_p is nan"),
]


@pytest.mark.parametrize(("knobs", "message"), BAD_KNOBS)
def test_bad_knobs_are_named(knobs: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        next_probs(torch.zeros(27), **knobs)
    with pytest.raises(ValueError, match=message):
        sample_names(MLP, 3, **knobs)


def test_sample_names_needs_at_least_one_name() -> None:
    with pytest.raises(ValueError, match="n_names is 0: use 1 or more"):
        sample_names(MLP, 0)


@torch.no_grad()
def generate_name(model: nn.Module, generator: torch.Generator) -> str:
    """One name, letter by letter, as written in the lesson."""
    context, name = [0] * model.context_size, ""
    for _ in range(30):
        probs = torch.softmax(model(torch.tensor([context]).long()), dim=-1)
        token = torch.multinomial(probs, 1, generator=generator).item()
        if token == 0:
            break
        name += ALPHABET[token]
        context = [*context, token][1:]
    return name


@pytest.mark.parametrize("model", [MLP, NGram.fit(SOME_NAMES, 0)])
def test_one_name_equals_the_loop_of_the_lesson_letter_by_letter(
    model: nn.Module,
) -> None:
    ours, theirs = dice(), dice()
    for _ in range(30):
        sampled = sample_names(model, 1, generator=ours)
        assert sampled == [generate_name(model, theirs)]


def exact_shares(model: nn.Module, longest: int, **knobs: float) -> dict[str, float]:
    """The probability of every name, by following every path of the model."""
    shares: dict[str, float] = {}
    paths = [("", 1.0)]
    for name, share in paths:
        if len(name) == longest:
            shares[name] = share
            continue
        context = encode("." * model.context_size + name)[len(name) :]
        probs = next_probs(model(torch.tensor([context])).double(), **knobs)[0]
        for letter, p in zip(ALPHABET, probs.tolist(), strict=True):
            if p > 0 and letter == ".":
                shares[name] = share * p
            elif p > 0:
                paths.append((name + letter, share * p))
    return shares


@pytest.mark.parametrize(
    "knobs", [{}, {"temperature": 0.6}, {"top_k": 2}, {"top_p": 0.75}]
)
def test_sampled_names_occur_as_often_as_they_should(
    knobs: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated, "LONGEST_NAME", 5)  # few enough to follow them all
    model, n = NGram.fit(SOME_NAMES, 1), 20_000
    shares = exact_shares(model, 5, **knobs)
    assert sum(shares.values()) == pytest.approx(1)
    counts = Counter(sample_names(model, n, generator=dice(), **knobs))
    assert counts.keys() <= shares.keys()
    common = {name: p * n for name, p in shares.items() if p * n >= 10}
    rest = n - sum(common.values())
    rare = n - sum(counts[name] for name in common)
    chi2 = sum((counts[name] - m) ** 2 / m for name, m in common.items())
    chi2 += (rare - rest) ** 2 / max(rest, 1)
    freedom = len(common)
    assert chi2 < freedom + 4 * math.sqrt(2 * freedom) + 4  # about four deviations


def chi2_of_tokens(tokens: Tensor, probs: Tensor) -> float:
    expected = probs * len(tokens)
    gaps = tokens.bincount(minlength=27) - expected
    return float((gaps**2 / expected).sum())


def test_first_letters_follow_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "LONGEST_NAME", 1)
    names = sample_names(MLP, 50_000, generator=dice())
    tokens = torch.tensor([encode(name or ".")[0] for name in names])
    probs = MLP(torch.zeros(1, 3, dtype=torch.int64)).softmax(-1)[0].detach()
    assert chi2_of_tokens(tokens, probs) < 54.1  # 0.999 quantile, 26 degrees


def test_names_are_cut_at_30_letters_and_the_same_dice_give_the_same_names() -> None:
    names = sample_names(MLP, 500, generator=dice())
    assert max(map(len, names)) == 30
    assert all(set(name) <= set(ALPHABET[1:]) for name in names)
    assert names == sample_names(MLP, 500, generator=dice())
    assert names != sample_names(MLP, 500, generator=dice(1))


def test_greedy_writes_the_same_name_whatever_the_dice() -> None:
    model = NGram.fit([*SOME_NAMES, "uma", "uma", "uma"], 2)
    assert sample_names(model, 3, temperature=0) == ["uma"] * 3


def test_an_ngram_without_smoothing_that_sees_all_repeats_its_names() -> None:
    model = NGram.fit(SOME_NAMES, 6)
    assert set(sample_names(model, 300, generator=dice())) == set(SOME_NAMES)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_broken_model_of_names_is_said(bad: float) -> None:
    broken = NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0))
    with torch.no_grad():
        broken.head.bias[3] = bad
    with pytest.raises(ValueError, match="the model's logits are not numbers"):
        sample_names(broken, 2, generator=dice())
