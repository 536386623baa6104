"""batches: sources are pure functions of the step; losses against torch."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.batches import (
    Batch,
    batch_loss,
    evaluate_loss,
    fingerprint,
    full_batch,
    mini_batches,
)
from course_lib.functional import cross_entropy
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import windows

X, Y = windows(["asha", "ravi", "meera", "kabir"], 3)
MODEL = NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0))


def test_full_batch_gives_everything_at_every_step() -> None:
    counts = torch.ones(len(Y))
    source = full_batch(X, Y, counts)
    for step in (0, 999):
        batch = source(step)
        assert batch.inputs is X
        assert batch.targets is Y
        assert batch.weights is counts


def test_mini_batches_depend_on_step_and_seed_alone() -> None:
    a, b = (mini_batches(X, Y, 8, seed=1) for _ in range(2))
    forwards = [a(step) for step in range(5)]
    backwards = [b(step) for step in reversed(range(5))][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.inputs.equal(other.inputs)
        assert one.targets.equal(other.targets)
    assert not a(0).inputs.equal(a(1).inputs)
    assert not a(0).inputs.equal(mini_batches(X, Y, 8, seed=2)(0).inputs)


def test_mini_batches_keep_pairs_together_and_draw_all_alike() -> None:
    rows = torch.arange(10)
    source = mini_batches(rows, rows * 7, 100)
    batches = [source(step) for step in range(100)]
    assert all(batch.targets.equal(batch.inputs * 7) for batch in batches)
    counts = torch.cat([b.inputs for b in batches]).bincount(minlength=10)
    chi2 = ((counts - 1000) ** 2 / 1000).sum()
    assert chi2 < 27.9  # the 0.999 quantile for 9 degrees of freedom


def test_batch_loss_equals_our_cross_entropy() -> None:
    weights = torch.arange(len(Y)).float()
    for w in (None, weights):
        expected = cross_entropy(MODEL(X), Y, w)
        assert_close(batch_loss(MODEL, Batch(X, Y, w)), expected)


class EveryPosition(nn.Module):
    """Logits (B, T, V) for tokens (B, T), as a GPT gives them."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(27, 27)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.table(tokens)


def test_batch_loss_takes_a_target_for_every_position() -> None:
    model, targets = EveryPosition(), X.flip(0)
    expected = F.cross_entropy(model(X).view(-1, 27), targets.reshape(-1))
    assert_close(batch_loss(model, Batch(X, targets)), expected)
    assert evaluate_loss(model, X, targets) == pytest.approx(expected.item())


@pytest.mark.parametrize("batch_size", [1, 7, 10_000])
def test_evaluate_loss_is_the_mean_whatever_the_batch_size(batch_size: int) -> None:
    expected = F.cross_entropy(MODEL(X), Y).item()
    assert evaluate_loss(MODEL, X, Y, batch_size) == pytest.approx(expected, rel=1e-5)


def test_evaluate_loss_switches_dropout_off_and_back_on() -> None:
    model = nn.Sequential(EveryPosition(), nn.Dropout(0.5))
    expected = F.cross_entropy(model[0](X).flatten(0, 1), X.flatten()).item()
    assert evaluate_loss(model, X, X) == pytest.approx(expected)
    assert model.training
    model.eval()
    evaluate_loss(model, X, X)
    assert not model.training


def test_fingerprint_tells_inputs_targets_and_weights_apart() -> None:
    counts = torch.ones(len(Y))
    batches = [
        Batch(X, Y), Batch(X + 1, Y), Batch(X, Y + 1),
        Batch(X, Y, counts), Batch(X, Y, counts * 2),
    ]  # fmt: skip
    assert len({fingerprint(batch) for batch in batches}) == len(batches)
    assert fingerprint(Batch(X, Y)) == fingerprint(Batch(X.clone(), Y.clone()))


def test_bad_pairs_are_refused_before_any_work() -> None:
    for use in (full_batch, lambda x, y: mini_batches(x, y, 4)):
        with pytest.raises(ValueError, match="targets are empty"):
            use(X[:0], Y[:0])
        with pytest.raises(ValueError, match="3 inputs need as many targets: 2"):
            use(X[:3], Y[:2])
    with pytest.raises(ValueError, match="batch_size is 0: use 1 or more"):
        mini_batches(X, Y, 0)
    with pytest.raises(ValueError, match=r"weights \(1,\) must have the targets'"):
        full_batch(X, Y, torch.ones(1))
    with pytest.raises(ValueError, match="targets are empty"):
        evaluate_loss(MODEL, X[:0], Y[:0])
