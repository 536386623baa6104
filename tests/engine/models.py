"""Models to test loaders with: small, and with no weight that could be forgotten."""

import torch

from course_lib.gpt import GPT, GPTConfig


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def stirred(config: GPTConfig) -> GPT:
    """A model in which every weight matters, biases and norms too."""
    model, generator = GPT(config, dice()), dice(1)
    for weight in model.parameters():
        weight += 0.1 * torch.randn(weight.shape, generator=generator)
    return model.eval()
