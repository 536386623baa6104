"""Weights in one byte each: a GPT that reads a quarter of the memory per token.

Writing one text is waiting for weights: each token reads all of them once. `int8`
weights are a quarter of the bytes; activations keep their precision.

Shape letters: `B` rows, `I` inputs, `O` outputs.
"""

import copy
import warnings
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.gpt import GPT

STEPS = 63
"""Activations go into the int8 product in steps of a 63rd: sums of pairs fit."""
FINER = 2 * STEPS
"""What the first rounding leaves is so many times smaller."""


def quantize_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Round each row to 255 steps: (O, I) -> int8 (O, I) and scales (O,).

    `weight[o]` is close to `scales[o] * numbers[o]`; nothing is off by more than half
    a scale.

    >>> quantize_rows(torch.tensor([[127.0, -5.2], [0.0, 0.0]]))[0]
    tensor([[127,  -5],
            [  0,   0]], dtype=torch.int8)
    """
    scales = weight.detach().abs().amax(dim=1).float() / 127
    steps = weight.detach() / scales.clamp_min(1e-30)[:, None]
    return steps.round().to(torch.int8), scales


@cache
def int8_product_works() -> bool:
    """Whether torch has a fast int8 product here, and it gives the right sums.

    It belongs to an interface that torch means to replace one day; without it weights
    are unpacked: right, but slow.

    >>> int8_product_works() in (True, False)
    True
    """
    numbers = torch.full((3, 40), 127, dtype=torch.int8)
    numbers[1, ::3] = -127
    x = torch.ones(2, 40)
    try:
        out = _product(x, _pack(numbers))
    except (AttributeError, NotImplementedError, RuntimeError):
        return False
    return torch.allclose(out, x @ numbers.float().T)


def _pack(numbers: Tensor) -> Any:
    ones = torch.ones(len(numbers), dtype=torch.float64)
    zeros = torch.zeros(len(numbers), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "will be removed": see above
        tensor = torch._make_per_channel_quantized_tensor(numbers, ones, zeros, 0)
        return torch.ops.quantized.linear_prepack(tensor, None)


def _product(x: Tensor, packed: Any) -> Tensor:
    """(B, I) in [-1, 1] times int8 (O, I) transposed; x is rounded to a 63rd."""
    multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
    out: Tensor = multiply(x, 1 / STEPS, STEPS + 1, packed)
    return out


class Int8Linear(nn.Module):
    """`nn.Linear` with int8 weights and one scale for each output; it cannot learn.

    The activations keep about 14 bits: each row goes into the int8 product twice,
    rounded, and what the rounding has left. The time is that of reading the weights, so
    the second row costs almost nothing.

    Args:
        weight: (O, I).
        bias: (O,) or None.

    >>> layer = Int8Linear(torch.eye(3), bias=None)
    >>> layer(torch.tensor([[1.0, 2.0, 3.0]])).round(decimals=3)
    tensor([[1., 2., 3.]])
    """

    numbers: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        numbers, scales = quantize_rows(weight)
        self.in_features = weight.shape[1]
        self.register_buffer("numbers", numbers)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", None if bias is None else bias.detach())
        fast = weight.device.type == "cpu" and int8_product_works()
        self.packed = _pack(numbers) if fast else None

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)."""
        if self.packed is None or x.device.type != "cpu":
            return F.linear(x, self.numbers * self.scales[:, None], self.bias)
        rows = x.reshape(-1, self.in_features)
        sizes = torch.linalg.vector_norm(rows, torch.inf, 1, keepdim=True)
        sizes = sizes.clamp_min(1e-30)
        unit = rows / sizes
        rounded = (unit * STEPS).round_().div_(STEPS)
        both = torch.cat([rounded, (unit - rounded) * FINER])
        coarse, fine = _product(both, self.packed).chunk(2)
        out: Tensor = torch.add(coarse, fine, alpha=1 / FINER) * (sizes * self.scales)
        out = out.view(*x.shape[:-1], -1)
        return out if self.bias is None else out + self.bias


def quantized(model: GPT) -> GPT:
    """A copy of a GPT for writing only, with int8 weights in all matrix products.

    The token embedding stays as it is (only one row of it is read per token); a tied
    head becomes an int8 copy of it.

    Raises:
        ValueError: if the model is quantized already.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> weight_bytes(quantized(model)) / weight_bytes(model) < 0.4
    True
    """
    if any(isinstance(part, Int8Linear) for part in model.modules()):
        raise ValueError("this model has int8 weights already")
    small = copy.deepcopy(model).eval().requires_grad_(False)
    if small.config.tied:
        small.head = nn.Linear(1, 1, bias=False)  # replaced below
        small.head.weight = nn.Parameter(small.embedding.weight, requires_grad=False)
    for part in list(small.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.Linear):
                setattr(part, name, Int8Linear(child.weight, child.bias))
    small.config = replace(small.config, tied=False)
    return small


def weight_bytes(model: GPT) -> int:
    """The bytes of weights that each new token reads.

    Embeddings are looked up, not read, but a tied one is also the head.

    >>> from course_lib.gpt import gpt2_config
    >>> with torch.device("meta"):
    ...     model = GPT(gpt2_config("small"))
    >>> f"{weight_bytes(model) / 1e6:.1f} million"
    '494.6 million'
    """
    looked_up = {"position_embedding.weight"}
    if not model.config.tied:
        looked_up.add("embedding.weight")
    return sum(
        t.numel() * t.element_size()
        for name, t in [*model.named_parameters(), *model.named_buffers()]
        if name not in looked_up and not name.endswith("table")
    )
