"""How many floating-point operations a token costs, and how many a device can do."""

import time
from typing import Any

import torch
from torch import nn

PEAK_BFLOAT16 = {  # dense, from the vendors' data sheets
    "B200": 2250e12,
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
    "T4": 65e12,
}
"""FLOP/s of GPUs by a part of their name; the first that fits counts."""


def flops_per_token(model: nn.Module, context_size: int | None = None) -> float:
    """Operations of one token in training, forward and backward: 6 N + 12 L C T.

    N counts the weights that are multiplied (tables that are only looked up are left
    out), L layers, C = emb_dim, T tokens of context. Recomputed blocks do not count:
    they are extra work, not progress.

    Args:
        model: a GPT, or any model (then 6 N alone, N all weights).
        context_size: T, if shorter than the model's.

    Source: Chowdhery et al. 2022 (PaLM), appendix B; as there, the causal half of the
    attention scores that is never needed counts as work.

    >>> flops_per_token(nn.Linear(10, 10, bias=False))
    600.0
    """
    counts = {name: p.numel() for name, p in model.named_parameters()}
    config: Any = getattr(model, "config", None)
    if not hasattr(config, "n_layers"):
        return 6.0 * sum(counts.values())
    counts.pop("position_embedding.weight", None)  # only looked up
    if not config.tied:
        counts.pop("embedding.weight")
    T = config.context_size if context_size is None else context_size
    attention: float = 12.0 * config.n_layers * config.emb_dim * T
    return 6.0 * sum(counts.values()) + attention


def peak_flops(device: torch.device, precision: str = "float32") -> float:
    """The most operations a second that a device can do.

    From a table for well-known GPUs in bfloat16, else measured with a large matrix
    product, which comes within a few per cent of what any program reaches.

    >>> peak_flops(torch.device("cpu")) > 1e8
    True
    """
    if device.type == "cuda" and precision == "bfloat16":
        name = torch.cuda.get_device_name(device)
        for part, peak in PEAK_BFLOAT16.items():
            if part in name:
                return peak
    return _measured(device, getattr(torch, precision))


def _measured(device: torch.device, dtype: torch.dtype) -> float:
    size = 8192 if device.type == "cuda" else 512
    a = torch.ones(size, size, device=device, dtype=dtype)
    times = []
    for _ in range(6):  # the first ones warm up
        start = time.perf_counter()
        (a @ a)[0, 0].item()  # waits until it is done
        times.append(time.perf_counter() - start)
    return float(2 * size**3 / min(times))


def flops_utilisation(model: nn.Module, tokens_per_second: float, peak: float) -> float:
    """Share of a device's operations that went into training, 0 to 1.

    Args:
        model: the one in training.
        tokens_per_second: see `Record`.
        peak: see `peak_flops`.

    Source: Chowdhery et al. 2022 (PaLM), appendix B: model-FLOPs utilisation, MFU.

    >>> flops_utilisation(nn.Linear(10, 10, bias=False), 1000, 6e6)
    0.1
    """
    return flops_per_token(model) * tokens_per_second / peak
