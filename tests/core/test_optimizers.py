"""Muon against an SVD, and each weight in exactly one optimizer."""

import pytest
import torch
from torch import nn

from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.optimizers import (
    NEWTON_SCHULZ,
    ROUNDS,
    Muon,
    build_optimizers,
    orthogonalize,
)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(8, 8), (24, 8), (8, 24)])
def test_orthogonalize_keeps_directions_and_evens_out_sizes(shape: tuple[int, int]):
    matrix = torch.randn(shape, generator=dice())
    left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
    turned = orthogonalize(matrix)
    in_old_directions = left.T @ turned @ right.T
    big = sizes > 0.05 * sizes.max()  # what is nearly 0 takes more rounds
    diagonal = in_old_directions.diagonal()[big]
    assert ((diagonal > 0.6) & (diagonal < 1.3)).all()
    off = in_old_directions - torch.diag(in_old_directions.diagonal())
    assert off.abs().max() < 1e-4


@pytest.mark.parametrize("shape", [(8, 16), (16, 64), (96, 16), (2, 4, 32)])
def test_orthogonalize_of_a_wide_matrix_is_the_plain_loop(shape: tuple[int, ...]):
    a, b, c = NEWTON_SCHULZ
    matrix = torch.randn(shape, generator=dice())
    x = matrix / matrix.norm(dim=(-2, -1), keepdim=True)
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    torch.testing.assert_close(orthogonalize(matrix), x, rtol=0, atol=1e-4)


def test_orthogonalize_works_part_by_part():
    parts = torch.randn(3, 5, 4, generator=dice())
    together = orthogonalize(parts)
    for part, turned in zip(parts, together, strict=True):
        torch.testing.assert_close(orthogonalize(part), turned)


def test_first_muon_step_is_the_orthogonalized_gradient():
    gradient = torch.randn(6, 6, generator=dice())
    weight = nn.Parameter(torch.zeros(6, 6))
    weight.grad = gradient.clone()
    Muon([weight], lr=0.1).step()
    torch.testing.assert_close(weight.data, -0.1 * orthogonalize(gradient))


@pytest.mark.parametrize("momentum", [0.0, 0.8, 0.95])
def test_second_muon_step_remembers_the_first_by_its_momentum(momentum: float):
    first, second = torch.randn(2, 6, 6, generator=dice())
    weight = nn.Parameter(torch.zeros(6, 6))
    muon = Muon([weight], lr=0.1, momentum=momentum)
    for gradient in (first, second):
        before = weight.detach().clone()
        weight.grad = gradient.clone()
        muon.step()
    mean = momentum * (1 - momentum) * first + (1 - momentum) * second
    ahead = momentum * mean + (1 - momentum) * second
    torch.testing.assert_close(weight.data - before, -0.1 * orthogonalize(ahead))


def test_the_config_hands_its_momentum_to_muon():
    config = GPTConfig(vocab_size=5, context_size=4, emb_dim=8, n_heads=2, n_layers=1)
    muon = build_optimizers(GPT(config), "muon", muon_momentum=0.8)[0]
    assert isinstance(muon, Muon)
    assert muon.momentum == 0.8


def test_muon_decays_like_adamw():
    weight = nn.Parameter(torch.ones(2, 2))
    weight.grad = torch.zeros(2, 2)
    Muon([weight], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(weight.data, torch.full((2, 2), 0.95))


def test_muon_learns_a_linear_map():
    target = torch.randn(4, 4, generator=dice())
    x = torch.randn(64, 4, generator=dice(1))
    weight = nn.Parameter(torch.zeros(4, 4))
    muon = Muon([weight], lr=0.1)
    for step in range(100):
        muon.param_groups[0]["lr"] = 0.1 * (1 - step / 100)
        muon.zero_grad()
        (x @ weight.T - x @ target.T).square().mean().backward()
        muon.step()
    torch.testing.assert_close(weight.data, target, atol=0.1, rtol=0)


@pytest.mark.parametrize("kind", ["adamw", "muon"])
@pytest.mark.parametrize("tied", [True, False])
def test_each_weight_is_in_exactly_one_group(kind: str, tied: bool):
    model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=2, tied=tied, bias=True))
    optimizers = build_optimizers(model, kind)  # type: ignore[arg-type]
    groups = [g for o in optimizers for g in o.param_groups]
    held = [id(p) for g in groups for p in g["params"]]
    assert sorted(held) == sorted(id(p) for p in model.parameters())


def test_only_matrices_decay():
    model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1, bias=True))
    (adamw,) = build_optimizers(model, weight_decay=0.1)
    for group in adamw.param_groups:
        for weight in group["params"]:
            assert group["weight_decay"] == (0.1 if weight.ndim >= 2 else 0.0)


def test_muon_takes_the_matrices_of_the_blocks_only():
    model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    muon, adamw = build_optimizers(model, "muon")
    shapes = {
        tuple(p.shape): g["parts"] for g in muon.param_groups for p in g["params"]
    }
    assert shapes == {(48, 16): (16, 16, 16), (16, 16): (), (64, 16): (), (16, 64): ()}
    in_adamw = {id(p) for g in adamw.param_groups for p in g["params"]}
    assert id(model.embedding.weight) in in_adamw


def test_muon_for_a_model_without_blocks_is_refused():
    with pytest.raises(ValueError, match="no blocks"):
        build_optimizers(NameMLP(NameMLPConfig()), "muon")


def test_unknown_optimizer_is_refused():
    with pytest.raises(ValueError, match="optimizer is 'sgd': use adamw or muon"):
        build_optimizers(nn.Linear(2, 2), "sgd")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"lr": 0.0}, "lr is 0.0"),
        ({"momentum": 1.0}, r"momentum is 1\.0: use 0 or more"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0"),
    ],
)
def test_muon_refuses_bad_numbers(knobs: dict[str, float], message: str):
    with pytest.raises(ValueError, match=message):
        Muon([nn.Parameter(torch.zeros(2, 2))], **knobs)


def test_muon_refuses_what_is_not_a_matrix():
    with pytest.raises(ValueError, match="give it matrices"):
        Muon([nn.Parameter(torch.zeros(3))])
