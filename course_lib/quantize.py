"""Weights in one byte each: a GPT that reads a quarter of the memory per token.

Writing one text is waiting for weights: each token reads all of them once. `int8`
weights are a quarter of the bytes; activations stay floating point.

Shape letters: `B` rows, `I` inputs, `O` outputs.
"""

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.gpt import GPT

FEW_ROWS = 16
"""Up to here the int8 kernel is faster than multiplying with unpacked weights."""
LANES = 16
"""The kernel reads inputs in groups; other widths give wrong sums in torch 2.13."""


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


class Int8Linear(nn.Module):
    """`nn.Linear` with int8 weights and one scale for each output; it cannot learn.

    On a CPU and for few rows torch's int8 kernel does the work, with activations in
    bfloat16; otherwise the weights are unpacked first (inputs no multiple of 16, too).

    Args:
        weight: (O, I).
        bias: (O,) or None.

    >>> layer = Int8Linear(torch.eye(3), bias=None)
    >>> layer(torch.tensor([[1.0, 2.0, 3.0]]))
    tensor([[1., 2., 3.]])
    """

    numbers: Tensor
    scales: Tensor
    ones: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        numbers, scales = quantize_rows(weight)
        self.in_features = weight.shape[1]
        self.register_buffer("numbers", numbers)
        self.register_buffer("scales", scales)
        self.register_buffer("ones", torch.ones_like(scales, dtype=torch.bfloat16))
        self.register_buffer("bias", None if bias is None else bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)."""
        rows = x.reshape(-1, self.in_features)
        fits = x.device.type == "cpu" and self.in_features % LANES == 0
        if len(rows) > FEW_ROWS or not fits:
            return F.linear(x, self.numbers * self.scales[:, None], self.bias)
        # the kernel's own scales are bfloat16: scaling afterwards loses less
        out = torch._weight_int8pack_mm(rows.bfloat16(), self.numbers, self.ones)
        out = (out * self.scales).view(*x.shape[:-1], -1)
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
        if name not in looked_up and not name.endswith(("table", "ones"))
    )
