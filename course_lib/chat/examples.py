"""From conversations to batches: the loss counts on the answers only.

Shape letters: `B` rows, `T` time.
"""

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.batches import Batch, BatchSource
from course_lib.chat.template import Example
from course_lib.device import device_of
from course_lib.gpt import GPT

Maker = Callable[[random.Random], Example]
"""Makes one example with the dice it is given."""


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Rows of any length, filled with 0, as (B, T), and which places hold a token.

    >>> padded([[5], [6, 7]])[0]
    tensor([[5, 0],
            [6, 7]])
    """
    longest = max(len(row) for row in rows)
    tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return tokens, torch.arange(longest) < lengths[:, None]


def answer_batch(examples: Sequence[Example]) -> Batch:
    """One example a row; a target weighs 1 if the assistant writes it, else 0.

    Inputs, targets and weights are (B, T) with T the longest example less one. With
    causal attention the filling at the right end changes nothing to its left.

    >>> batch = answer_batch([Example([0, 7, 8, 9], [False, False, True, True])])
    >>> batch.targets.tolist(), batch.weights.tolist()
    ([[7, 8, 9]], [[0.0, 1.0, 1.0]])
    """
    tokens, _ = padded([example.tokens for example in examples])
    learned, _ = padded([example.loss_mask for example in examples])
    return Batch(tokens[:, :-1], tokens[:, 1:], learned[:, 1:].float())


def answer_batches(make: Maker, batch_size: int, *, seed: int = 0) -> BatchSource:
    """Fresh examples at each step; the batch depends on the seed and step alone.

    >>> source = answer_batches(lambda dice: Example([0, 1], [False, True]), 3)
    >>> source(0).inputs.shape
    torch.Size([3, 1])
    """

    def batch_at(step: int) -> Batch:
        dice = random.Random(f"answers {seed}, step {step}")
        return answer_batch([make(dice) for _ in range(batch_size)])

    return batch_at


def answer_loss(model: nn.Module, batch: Batch) -> Tensor:
    """`batch_loss` of a GPT, with logits only where a target has weight.

    A large vocabulary makes the output head the largest matrix: most of its work is
    saved where most of the tokens are questions.

    >>> from course_lib.batches import batch_loss
    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> batch = answer_batch([Example([0, 7, 8, 5], [False, False, True, True])])
    >>> bool((answer_loss(model, batch) - batch_loss(model, batch)).abs() < 1e-5)
    True
    """
    assert isinstance(model, GPT)
    device = device_of(model)
    stream = model(batch.inputs.to(device), features=True)  # (B, T, C)
    targets = batch.targets.to(device)  # (B, T)
    weights = torch.ones_like(targets) if batch.weights is None else batch.weights
    weights = weights.to(device, stream.dtype)
    counts = weights != 0
    head = model.embedding if model.config.tied else model.head
    logits = F.linear(stream[counts], head.weight)  # (N, V) of N learned tokens
    losses = F.cross_entropy(logits, targets[counts], reduction="none")
    return (losses * weights[counts]).sum() / weights.sum()


class Packed(nn.Module):
    """A GPT that reads packed rows: no document sees another one in its row.

    Calling it with tokens (B, T) gives logits (B, T, V). A document begins at each
    `begin` token.

    >>> from course_lib.gpt import GPTConfig
    >>> model = Packed(GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1)), begin=0)
    >>> model(torch.tensor([[0, 5, 0, 7]])).shape
    torch.Size([1, 4, 9])
    """

    def __init__(self, module: GPT, begin: int) -> None:
        super().__init__()
        self.module, self.begin = module, begin

    def forward(self, tokens: Tensor) -> Tensor:
        """Score the next token within each document: (B, T) -> (B, T, V)."""
        logits: Tensor = self.module(
            tokens, documents=(tokens == self.begin).cumsum(dim=1)
        )
        return logits
