"""Which update each weight gets: AdamW for most, Muon for the matrices of the blocks.

Shape letters: `R` rows and `S` columns of a weight matrix.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from course_lib.choices import check_above_0, check_choice, check_least

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients that pull all singular values towards 1 within five rounds."""
ROUNDS = 5
MOMENTUM = 0.95
"""Of the running mean of gradients (Nesterov's form), as Jordan et al. have it; runs of
a few hundred steps do better with 0.8 (benchmarks/RESULTS.md)."""

OptimizerName = Literal["adamw", "muon"]


def orthogonalize(matrix: Tensor) -> Tensor:
    """Set all singular values near 1 and keep the directions: (R, S) -> (R, S).

    Uses matrix products only: an odd polynomial of the matrix, applied five times.
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
    if x.shape[-1] < 2 * x.shape[-2]:
        for _ in range(ROUNDS):
            square = x @ x.mT
            x = a * x + (b * square + c * square @ square) @ x
    else:  # wide: the same rounds on the small square, one product with x at the end
        square = x @ x.mT
        same = torch.eye(x.shape[-2], device=x.device, dtype=x.dtype).expand_as(square)
        turn = same
        for _ in range(ROUNDS):
            step = a * same + b * square + c * square @ square
            turn = step @ turn
            square = step @ square @ step
        x = turn @ x
    out: Tensor = x.mT if tall else x
    return out


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalized, for matrices (R, S).

    Every direction of a matrix learns at the same speed, also those whose gradient is
    small. A group may say `parts`: a matrix that holds several, one above the other
    (queries, keys and values), is orthogonalized part by part: the rows of each.

    Args:
        params: matrices, or groups of them.
        lr: size of an update.
        weight_decay: decoupled, as in AdamW.
        momentum: how much of the running mean stays at each step.

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
        weight_decay: float = 0.0,
        momentum: float = MOMENTUM,
    ) -> None:
        check_above_0(lr=lr)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum}: use 0 or more, below 1")
        check_least(0, weight_decay=weight_decay)
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "parts": ()})
        self.momentum = momentum
        for group in self.param_groups:
            for weight in group["params"]:
                rows = group["parts"] or weight.shape[:1]
                if weight.ndim != 2 or sum(rows) != weight.shape[0]:
                    raise ValueError(
                        f"Muon was given a weight {tuple(weight.shape)} in parts of "
                        f"{tuple(rows)} rows: give it matrices, the rest to AdamW"
                    )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update every weight that has a gradient; `closure` is not used."""
        for group in self.param_groups:
            lr, parts = group["lr"], group["parts"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                mean: Tensor = state["momentum"]
                mean.lerp_(weight.grad, 1 - self.momentum)
                ahead = weight.grad.lerp(mean, self.momentum)
                update = _orthogonal_update(ahead, parts)
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - lr * group["weight_decay"])
                weight.add_(update, alpha=-lr * scale)


def _orthogonal_update(matrix: Tensor, parts: tuple[int, ...]) -> Tensor:
    """Orthogonalize each part of a matrix (R, S), also of one that is sharded."""
    if hasattr(matrix, "full_tensor"):  # each process holds some of its rows
        from torch.distributed.tensor import distribute_tensor

        whole = _orthogonal_update(matrix.full_tensor(), parts)
        mesh, places = matrix.device_mesh, matrix.placements  # type: ignore[attr-defined]
        return distribute_tensor(whole, mesh, places, src_data_rank=None)
    if len(set(parts)) > 1:
        several = torch.split(matrix, list(parts))
        return torch.cat([orthogonalize(part) for part in several])
    stack = matrix.view(max(1, len(parts)), -1, matrix.shape[1])  # all at once
    return orthogonalize(stack).view_as(matrix)


def build_optimizers(
    model: nn.Module,
    kind: OptimizerName = "adamw",
    *,
    learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    betas: tuple[float, float] = (0.9, 0.999),
    muon_learning_rate: float = 0.02,
    muon_momentum: float = MOMENTUM,
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
    check_choice("optimizer", kind, OptimizerName)
    weights = [p for p in model.parameters() if p.requires_grad]
    groups: list[dict[str, Any]]
    if kind == "adamw":
        has_blocks = bool(_blocks_of(model))
        flat = [p for p in weights if has_blocks and p.ndim < 2]
        rest = [p for p in weights if not has_blocks or p.ndim >= 2]
        groups = [{"params": rest, "weight_decay": weight_decay}, {"params": flat}]
    else:
        matrices, rest = _split(model, weights)
        muon = Muon(matrices, muon_learning_rate, weight_decay, muon_momentum)
        groups = [{"params": rest}]
    groups = [group for group in groups if group["params"]]
    if kind == "muon" and not groups:  # all else is frozen, as LoRA has it
        return [muon]
    adamw = torch.optim.AdamW(
        groups, lr=learning_rate, betas=betas, weight_decay=0, fused=True
    )
    return [adamw] if kind == "adamw" else [muon, adamw]


def _blocks_of(model: nn.Module) -> list[nn.Module]:
    """The blocks of a model, or of the model inside it."""
    lists = [getattr(module, "blocks", None) for module in model.modules()]
    return [b for blocks in lists if isinstance(blocks, nn.ModuleList) for b in blocks]


def _split(
    model: nn.Module, weights: list[nn.Parameter]
) -> tuple[list[dict[str, Any]], list[nn.Parameter]]:
    """Muon's groups, the matrices of the blocks, and all other weights.

    A module says in `stacked` which of its layers hold several matrices, and their
    rows.
    """
    inner = [module for block in _blocks_of(model) for module in block.modules()]
    parts: dict[Tensor, tuple[int, ...]] = {
        getattr(module, name).weight: rows
        for module in inner
        for name, rows in getattr(module, "stacked", {}).items()
    }
    layers = [module for module in inner if isinstance(module, nn.Linear)]
    matrices = [layer.weight for layer in layers if layer.weight.requires_grad]
    if not matrices:
        raise ValueError("this model has no blocks with matrices: use 'adamw'")
    groups = [
        {"params": [p for p in matrices if parts.get(p, ()) == rows], "parts": rows}
        for rows in sorted({parts.get(p, ()) for p in matrices}, reverse=True)
    ]
    chosen = set(matrices)
    return groups, [p for p in weights if p not in chosen]
