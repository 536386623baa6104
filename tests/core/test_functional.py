"""functional against torch and closed forms."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib import functional

scores = st.lists(st.floats(-50, 50), min_size=1, max_size=12)


def random_logits(*shape: int, scale: float = 3.0, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("dim", [-1, 0, 1])
def test_softmax_and_log_softmax_equal_torch(dim: int) -> None:
    logits = random_logits(4, 5, 27)
    assert_close(functional.softmax(logits, dim), logits.softmax(dim))
    assert_close(functional.log_softmax(logits, dim), logits.log_softmax(dim))


def test_softmax_survives_huge_scores() -> None:
    logits = torch.tensor([1e30, 0.0, -1e30])
    assert functional.softmax(logits).tolist() == [1.0, 0.0, 0.0]
    assert functional.log_softmax(logits).isfinite().all()


def test_softmax_gives_nothing_to_a_forbidden_token() -> None:
    logits = torch.tensor([0.0, -math.inf, 0.0])
    assert_close(functional.softmax(logits), torch.tensor([0.5, 0.0, 0.5]))


@given(scores, st.floats(-100, 100))
def test_softmax_does_not_change_when_all_scores_move(
    logits: list[float], shift: float
) -> None:
    z = torch.tensor(logits, dtype=torch.float64)
    probs = functional.softmax(z)
    assert_close(functional.softmax(z + shift), probs)
    assert_close(probs.sum(), torch.ones((), dtype=torch.float64))


def test_softmax_gradient_equals_torch() -> None:
    ours, theirs = (random_logits(3, 27).requires_grad_() for _ in range(2))
    functional.log_softmax(ours)[:, 4].sum().backward()
    theirs.log_softmax(-1)[:, 4].sum().backward()
    assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("shape", [(), (6,), (2, 6)])
def test_cross_entropy_equals_torch_for_any_leading_shape(shape: tuple) -> None:
    logits = random_logits(*shape, 27)
    targets = torch.randint(27, shape, generator=torch.Generator().manual_seed(1))
    expected = F.cross_entropy(logits.view(-1, 27), targets.view(-1))
    assert_close(functional.cross_entropy(logits, targets), expected)


def test_cross_entropy_with_weights_equals_repeated_pairs() -> None:
    logits, targets = random_logits(3, 5), torch.tensor([4, 0, 2])
    times = torch.tensor([1, 3, 2])
    repeated = F.cross_entropy(
        logits.repeat_interleave(times, 0), targets.repeat_interleave(times)
    )
    assert_close(functional.cross_entropy(logits, targets, times.double()), repeated)


def test_cross_entropy_gradient_is_probs_minus_onehot() -> None:
    logits = random_logits(1, 27).requires_grad_()
    functional.cross_entropy(logits, torch.tensor([3])).backward()
    onehot = F.one_hot(torch.tensor([3]), 27)
    assert_close(logits.grad, logits.detach().softmax(-1) - onehot)


def test_cross_entropy_names_what_does_not_fit() -> None:
    logits = torch.zeros(4, 27)
    with pytest.raises(ValueError, match=r"need targets of shape \(4,\), not \(3,\)"):
        functional.cross_entropy(logits, torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="targets are empty"):
        functional.cross_entropy(torch.zeros(0, 27), torch.zeros(0, dtype=torch.int64))
    for bad in (27, -1):
        targets = torch.tensor([0, 1, bad, 2])
        with pytest.raises(ValueError, match=rf"target {bad} is outside .* 0 \.\. 26"):
            functional.cross_entropy(logits, targets)
    with pytest.raises(ValueError, match=r"weights \(1,\) must have"):
        functional.cross_entropy(
            logits, torch.zeros(4, dtype=torch.int64), torch.ones(1)
        )


def test_entropy_and_kl_divergence_equal_torch_distributions() -> None:
    p, q = random_logits(5, 27).softmax(-1), random_logits(5, 27, seed=1).softmax(-1)
    P, Q = (torch.distributions.Categorical(probs=x) for x in (p, q))
    assert_close(functional.entropy(p), P.entropy())
    assert_close(
        functional.kl_divergence(p, q), torch.distributions.kl_divergence(P, Q)
    )


def test_entropy_counts_zero_probability_as_zero() -> None:
    assert functional.entropy(torch.tensor([1.0, 0.0])).item() == 0.0


def test_kl_divergence_is_infinite_where_the_truth_was_ruled_out() -> None:
    p, q = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert functional.kl_divergence(p, q).item() == math.inf
    assert_close(functional.kl_divergence(q, p).item(), math.log(2))


@given(scores, st.integers(0, 2**31))
def test_cross_entropy_is_entropy_plus_kl(logits: list[float], seed: int) -> None:
    p = torch.tensor(logits, dtype=torch.float64).softmax(-1)
    q = random_logits(len(logits), seed=seed).softmax(-1)
    cross = -(p * q.log()).sum()
    gap = functional.kl_divergence(p, q)
    assert gap >= -1e-12
    assert_close(cross, functional.entropy(p) + gap)


def test_units_agree_with_their_definitions() -> None:
    assert functional.perplexity(math.log(27)) == pytest.approx(27)
    assert functional.nats_to_bits(math.log(8)) == pytest.approx(3)


@given(st.floats(-30, 30))
def test_sigmoid_equals_torch_and_logit_undoes_it(z: float) -> None:
    x = torch.tensor(z, dtype=torch.float64)
    assert_close(functional.sigmoid(x), x.sigmoid())
    assert_close(functional.logit(functional.sigmoid(x)), x, rtol=1e-6, atol=1e-3)
