"""How to train: every choice of a run in one frozen record."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from course_lib.choices import check_above_0, check_least, check_settings
from course_lib.optimizers import MOMENTUM, OptimizerName


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How to train; the defaults train the names model on a laptop in seconds.

    >>> TrainConfig(steps=100, warmup_steps=10).learning_rate_at(4)
    0.005
    """

    steps: int = 2000
    """Number of updates."""
    optimizer: OptimizerName = "adamw"
    """"adamw" for all weights, or "muon": Muon for the matrices of a GPT's blocks."""
    learning_rate: float = 1e-2
    """AdamW's largest one, after the warm-up."""
    muon_learning_rate: float = 0.02
    """Muon's largest one; it rises and falls with the other."""
    muon_momentum: float = MOMENTUM
    """Muon's memory of gradients; 0.8 is better in runs of a few hundred updates."""
    betas: Sequence[float] = (0.9, 0.999)
    """AdamW's memory of gradients and of their squares."""
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    """How the learning rates fall after the warm-up."""
    warmup_steps: int = 0
    """Updates over which the learning rates rise from near 0."""
    final_fraction: float = 0.0
    """Where the fall ends, as a share of the largest learning rate."""
    weight_decay: float = 0.0
    """Decoupled decay (Loshchilov and Hutter 2019); see `build_optimizers` for which
    weights decay; 0 is plain Adam."""
    grad_clip: float | None = None
    """Largest gradient norm; None leaves gradients as they are."""
    accumulate: int = 1
    """Parts into which the rows of a batch are split: same gradient, less memory."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the matrix products; weights and optimizers stay in float32."""
    recompute: bool = False
    """Forget what a block computed and compute it again for the gradient: about a
    third more work, far less memory (Chen et al. 2016)."""
    compile: bool | None = None
    """Let torch.compile write the kernels; None: where it pays, a GPT on CUDA."""
    eval_every: int = 100
    """Updates between two held-out evaluations."""
    save_every: int = 500
    """Updates between two checkpoints, if a path is given."""
    keep_last: int = 1
    """How many of the newest checkpoints stay."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "betas", tuple(self.betas))  # a list, from JSON
        check_settings(self, may_be_0=("warmup_steps",))
        check_above_0(
            learning_rate=self.learning_rate,
            muon_learning_rate=self.muon_learning_rate,
            grad_clip=self.grad_clip,
        )
        check_least(0, weight_decay=self.weight_decay)
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas are {self.betas}: use two in 0 .. 1, 1 left out")
        if not 0 <= self.muon_momentum < 1:
            raise ValueError(
                f"muon_momentum is {self.muon_momentum}: use 0 or more, below 1"
            )
        if self.warmup_steps > self.steps:
            raise ValueError(
                f"warmup_steps is {self.warmup_steps}: use 0 .. {self.steps}"
            )
        if not 0 <= self.final_fraction <= 1:
            raise ValueError(f"final_fraction is {self.final_fraction}: use 0 .. 1")

    def learning_rate_at(self, step: int) -> float:
        """AdamW's learning rate in the update after `step` updates."""
        return self.rate_at(step, self.learning_rate)

    def rate_at(self, step: int, largest: float) -> float:
        """The schedule, for a learning rate that is `largest` after the warm-up."""
        if step < self.warmup_steps:
            return largest * (step + 1) / self.warmup_steps
        left = 1 - (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        if self.schedule == "constant":
            return largest
        share = left
        if self.schedule == "cosine":  # half a wave
            share = (1 - math.cos(math.pi * left)) / 2
        return largest * (self.final_fraction + (1 - self.final_fraction) * share)
