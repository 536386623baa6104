"""The measures of a prediction: softmax, cross-entropy and what follows from them.

Lessons 2-4 build these by hand. All logarithms are natural, so losses are in nats.
Shape letters: `V` vocabulary; `...` any leading dimensions.
"""

import math

import torch
from torch import Tensor


def softmax(logits: Tensor, dim: int = -1) -> Tensor:
    """Scores to probabilities: exp(z_i) / sum_j exp(z_j), (..., V) -> (..., V).

    The largest score is subtracted first, which changes nothing in exact
    arithmetic and keeps exp() from overflowing.

    Source: Bridle 1990; Goodfellow et al. 2016, eq. 6.29.

    >>> softmax(torch.tensor([0.0, 0.0, 1000.0]))
    tensor([0., 0., 1.])
    """
    return log_softmax(logits, dim).exp()


def log_softmax(logits: Tensor, dim: int = -1) -> Tensor:
    """Scores to log-probabilities in nats, without ever taking log(0).

    log p_i = z_i - m - log sum_j exp(z_j - m) with m = max z; (..., V) -> (..., V).

    >>> log_softmax(torch.tensor([0.0, -1000.0]))
    tensor([    0., -1000.])
    """
    shifted = logits - logits.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


def cross_entropy(
    logits: Tensor, targets: Tensor, weights: Tensor | None = None
) -> Tensor:
    """The mean of -log p(target) in nats: logits (..., V), targets (...) -> ().

    Args:
        logits: scores, floating point.
        targets: int64 indices in 0 .. V-1.
        weights: (...) how often each pair counts; None counts each once.

    Raises:
        ValueError: if shapes do not fit, nothing is there to average, or a target
            is outside the vocabulary.

    Source: Shannon 1948; Goodfellow et al. 2016, section 3.13.

    >>> cross_entropy(torch.zeros(4, 27), torch.tensor([1, 2, 3, 0])) - math.log(27)
    tensor(0.)
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits {tuple(logits.shape)} need targets of shape "
            f"{tuple(logits.shape[:-1])}, not {tuple(targets.shape)}"
        )
    if targets.numel() == 0:
        raise ValueError("targets are empty: there is nothing to average")
    check_targets(targets, logits.shape[-1])
    log_probs = log_softmax(logits).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    if weights is None:
        return -log_probs.mean()
    check_weights(weights, targets)
    return -(weights * log_probs).sum() / weights.sum()


def check_targets(targets: Tensor, vocab_size: int) -> None:
    """Raise ValueError for a target that is no token of the vocabulary.

    >>> check_targets(torch.tensor([3, 27]), 27)
    Traceback (most recent call last):
    ...
    ValueError: target 27 is outside the vocabulary 0 .. 26
    """
    for target in (int(targets.min()), int(targets.max())):
        if not 0 <= target < vocab_size:
            last = vocab_size - 1
            raise ValueError(f"target {target} is outside the vocabulary 0 .. {last}")


def check_weights(weights: Tensor, targets: Tensor) -> None:
    """Raise ValueError unless there is one weight for each target.

    >>> check_weights(torch.ones(4), torch.zeros(4))
    """
    if weights.shape != targets.shape:
        raise ValueError(
            f"weights {tuple(weights.shape)} must have the targets' shape "
            f"{tuple(targets.shape)}"
        )


def entropy(probs: Tensor, dim: int = -1) -> Tensor:
    """The mean surprise of a distribution in nats, H = -sum p log p, with 0 log 0 = 0.

    (..., V) -> (...).  Source: Shannon 1948, section 6.

    >>> entropy(torch.tensor([0.5, 0.5])) / math.log(2)
    tensor(1.)
    """
    surprise: Tensor = torch.special.entr(probs)
    return surprise.sum(dim)


def kl_divergence(p: Tensor, q: Tensor, dim: int = -1) -> Tensor:
    """What it costs in nats to believe `q` when the truth is `p`: sum p log(p/q).

    (..., V), (..., V) -> (...); inf where q = 0 and p > 0.
    Source: Kullback and Leibler 1951.

    >>> kl_divergence(torch.tensor([0.5, 0.5]), torch.tensor([0.5, 0.5]))
    tensor(0.)
    """
    gap: Tensor = torch.special.xlogy(p, p) - torch.special.xlogy(p, q)
    return gap.sum(dim)


def perplexity(loss_nats: float) -> float:
    """How many equally likely choices feel as hard: exp(loss).

    >>> round(perplexity(math.log(27)), 6)
    27.0
    """
    return math.exp(loss_nats)


def nats_to_bits(nats: float) -> float:
    """The same amount of surprise counted in halvings: nats / ln 2.

    >>> nats_to_bits(math.log(8))
    3.0
    """
    return nats / math.log(2)


def sigmoid(z: Tensor) -> Tensor:
    """1 / (1 + exp(-z)): the two-class softmax of the scores (z, 0).

    >>> sigmoid(torch.tensor(0.0))
    tensor(0.5000)
    """
    return softmax(torch.stack([z, torch.zeros_like(z)], dim=-1))[..., 0]


def logit(p: Tensor) -> Tensor:
    """log(p / (1 - p)), the inverse of `sigmoid`; p in (0, 1).

    >>> logit(torch.tensor(0.5))
    tensor(0.)
    """
    return p.log() - torch.log1p(-p)
