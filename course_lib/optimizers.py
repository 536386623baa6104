"""Which update each weight gets: AdamW for most, Muon for the matrices of the blocks.

Shape letters: `R` rows and `S` columns of a weight matrix.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients that pull all singular values towards 1 within five rounds."""

OptimizerName = Literal["adamw", "muon"]


def orthogonalize(matrix: Tensor, rounds: int = 5) -> Tensor:
    """Set all singular values near 1 and keep the directions: (R, S) -> (R, S).

    Uses matrix products only: an odd polynomial of the matrix, applied `rounds` times.
    Leading dimensions are a batch.

    Source: Jordan et al. 2024 (Muon), after Bernstein and Newhouse 2024.

    >>> turned = orthogonalize(torch.diag(torch.tensor([3.0, 1.0])))
    >>> bool(((turned.diagonal() - 1).abs() < 0.35).all())
    True
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix  # the smaller product is the cheaper one
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    out: Tensor = x.mT if tall else x
    return out


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalized, for matrices (R, S).

    Every direction of a matrix learns at the same speed, also those whose gradient is
    small. A group may say `parts`: a matrix that holds several, one above the other
    (queries, keys and values), is orthogonalized part by part.

    Args:
        params: matrices, or groups of them.
        lr: size of an update.
        momentum: of the running mean of gradients (Nesterov's form).
        weight_decay: decoupled, as in AdamW.

    Raises:
        ValueError: for a parameter that is not a matrix, or a bad number.

    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.

    >>> weight = nn.Parameter(torch.zeros(2, 2))
    >>> weight.grad = torch.diag(torch.tensor([5.0, 1.0]))
    >>> Muon([weight], lr=0.1).step()
    >>> bool((weight.diagonal() < -0.05).all())
    True
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        if not lr > 0:
            raise ValueError(f"lr is {lr}: use one above 0")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum}: use 0 or more, below 1")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay is {weight_decay}: use 0 or more")
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "parts": 1})
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.ndim != 2 or weight.shape[0] % group["parts"]:
                    raise ValueError(
                        f"Muon was given a weight {tuple(weight.shape)} in "
                        f"{group['parts']} parts: give it matrices, the rest to AdamW"
                    )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update every weight that has a gradient; `closure` is not used."""
        for group in self.param_groups:
            lr, momentum, parts = group["lr"], group["momentum"], group["parts"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                mean: Tensor = state["momentum"]
                mean.lerp_(weight.grad, 1 - momentum)
                ahead = weight.grad.lerp(mean, momentum)
                update = _orthogonal_update(ahead, parts)
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - lr * group["weight_decay"])
                weight.add_(update, alpha=-lr * scale)


def _orthogonal_update(matrix: Tensor, parts: int) -> Tensor:
    """Orthogonalize each part of a matrix (R, S), also of one that is sharded."""
    if hasattr(matrix, "full_tensor"):  # each process holds some of its rows
        from torch.distributed.tensor import distribute_tensor

        whole = _orthogonal_update(matrix.full_tensor(), parts)
        mesh, places = matrix.device_mesh, matrix.placements  # type: ignore[attr-defined]
        return distribute_tensor(whole, mesh, places, src_data_rank=None)
    stack = matrix.view(parts, matrix.shape[0] // parts, matrix.shape[1])
    return orthogonalize(stack).view_as(matrix)


def build_optimizers(
    model: nn.Module,
    kind: OptimizerName = "adamw",
    *,
    learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    betas: tuple[float, float] = (0.9, 0.999),
    muon_learning_rate: float = 0.02,
) -> list[torch.optim.Optimizer]:
    """The optimizers of a model, each weight in exactly one of them.

    "adamw": all weights. In a model with blocks only matrices decay, biases and gains
    do not; in any other model all weights decay, as torch has it. "muon": Muon for the
    matrices of the model's blocks, AdamW without decay for the rest (embedding, output
    head, norms).

    Raises:
        ValueError: for an unknown kind, or "muon" for a model without blocks.

    >>> [type(o).__name__ for o in build_optimizers(nn.Linear(2, 2))]
    ['AdamW']
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if kind == "adamw":
        is_gpt = any("blocks." in name for name, _ in named)
        flat = [p for _, p in named if is_gpt and p.ndim < 2]
        rest = [p for _, p in named if not is_gpt or p.ndim >= 2]
        groups: list[dict[str, Any]] = [
            {"params": rest},
            {"params": flat, "weight_decay": 0.0},
        ]
        return [
            torch.optim.AdamW(
                [group for group in groups if group["params"]],
                lr=learning_rate,
                betas=betas,
                weight_decay=weight_decay,
                fused=True,
            )
        ]
    if kind != "muon":
        raise ValueError(f"optimizer is {kind!r}: use 'adamw' or 'muon'")
    matrices, rest = _split(named)
    return [
        Muon(matrices, lr=muon_learning_rate, weight_decay=weight_decay),
        torch.optim.AdamW(
            rest, lr=learning_rate, betas=betas, weight_decay=0, fused=True
        ),
    ]


def _split(
    named: list[tuple[str, nn.Parameter]],
) -> tuple[list[dict[str, Any]], list[nn.Parameter]]:
    """Muon's groups, the matrices of the blocks, and all other weights."""
    inner = {name: p for name, p in named if "blocks." in name and p.ndim == 2}
    if not inner:
        raise ValueError("this model has no blocks with matrices: use 'adamw'")
    stacked = [p for name, p in inner.items() if name.endswith("qkv.weight")]
    single = [p for name, p in inner.items() if not name.endswith("qkv.weight")]
    groups = [{"params": stacked, "parts": 3}, {"params": single, "parts": 1}]
    rest = [p for name, p in named if name not in inner]
    return [group for group in groups if group["params"]], rest
