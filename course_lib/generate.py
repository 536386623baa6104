"""Choosing the next letter: greedy, temperature, top-k, top-p, and whole names.

Shape letters: `B` batch, `T` = context_size, `V` vocabulary.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.device import device_of
from course_lib.names import ALPHABET, END
from course_lib.ngram import ContextTable

COLDEST = 1e-37
"""Smaller temperatures would become 0 in float32."""


def next_probs(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """The distribution the next token is drawn from: (..., V) -> (..., V).

    In this order: divide the logits by `temperature`; keep the `top_k` largest and
    renormalise; keep the smallest set of the largest whose mass reaches `top_p` and
    renormalise. Ties go to the lower index. `temperature=0` is greedy: all the
    probability on the largest logit.

    Raises:
        ValueError: naming the value, for a temperature that is negative or not
            finite, `top_k` outside 1 .. V, `top_p` outside (0, 1].

    Source: top-k Fan et al. 2018; top-p (nucleus) Holtzman et al. 2020.

    >>> next_probs(torch.tensor([2.0, 1.0, 0.0]), top_k=2)
    tensor([0.7311, 0.2689, 0.0000])
    """
    _check_knobs(logits.shape[-1], temperature, top_k, top_p)
    heat = max(temperature, COLDEST)
    shifted = logits - logits.amax(-1, keepdim=True)  # T = 0.001 must not overflow
    if temperature > 0 and top_k is None and top_p is None:
        return (shifted / heat).softmax(-1)
    order = logits.argsort(dim=-1, descending=True, stable=True)
    if temperature == 0:
        greedy = torch.zeros_like(logits)
        return greedy.scatter(-1, order[..., :1], 1.0)
    ranked = (shifted / heat).gather(-1, order).softmax(-1)  # largest first
    if top_k is not None:
        ranked[..., top_k:] = 0
        ranked = ranked / ranked.sum(-1, keepdim=True)
    if top_p is not None and top_p < 1:
        mass_before = ranked.cumsum(-1) - ranked
        ranked = ranked.masked_fill(mass_before >= top_p, 0)
        ranked = ranked / ranked.sum(-1, keepdim=True)
    return torch.zeros_like(ranked).scatter(-1, order, ranked)


def _check_knobs(
    vocab_size: int, temperature: float, top_k: int | None, top_p: float | None
) -> None:
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(
            f"temperature is {temperature}: use a number > 0, or 0 for greedy"
        )
    if top_k is not None and not 1 <= top_k <= vocab_size:
        raise ValueError(f"top_k is {top_k}: use 1 .. {vocab_size}, or None for all")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p is {top_p}: use a number in (0, 1], or None for all")


@torch.inference_mode()
def sample_names(
    model: nn.Module,
    n_names: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    max_len: int = 30,
    generator: torch.Generator | None = None,
) -> list[str]:
    """Write `n_names` names, all of them one letter further at each step.

    Args:
        model: has `context_size` = T; maps tokens (B, T) to logits (B, V).
        n_names: how many.
        temperature: see `next_probs`.
        top_k: see `next_probs`.
        top_p: see `next_probs`.
        max_len: a name is cut after this many letters.
        generator: on the CPU, draws the letters there, wherever the model is; None
            takes torch's global one.

    Raises:
        ValueError: for a bad knob, `n_names` or `max_len` below 1.

    >>> from course_lib.ngram import NGram
    >>> sample_names(NGram.fit(["asha"], 2), 2)
    ['asha', 'asha']
    """
    for label, value in (("n_names", n_names), ("max_len", max_len)):
        if value < 1:
            raise ValueError(f"{label} is {value}: use 1 or more")
    probs_of = partial(next_probs, temperature=temperature, top_k=top_k, top_p=top_p)
    draw = _drawer(model, probs_of, generator)
    codes = torch.tensor(list(ALPHABET.encode()), dtype=torch.uint8)
    letters = codes[END].repeat(n_names, max_len)
    writing = torch.arange(n_names)  # rows that have not ended yet
    contexts = torch.full((n_names, int(model.context_size)), END)  # type: ignore[arg-type]
    for t in range(max_len):
        token = draw(contexts)  # (B, 1)
        alive = token.squeeze(1) != END
        writing, token = writing[alive], token[alive]
        if not len(writing):
            break
        letters[writing, t] = codes[token.squeeze(1)]
        contexts = torch.cat([contexts[alive], token], dim=1)[:, 1:]
    text = letters.numpy().tobytes().decode()
    return [text[i : i + max_len].rstrip(".") for i in range(0, len(text), max_len)]


Drawer = Callable[[Tensor], Tensor]
"""Draws the next tokens (B, 1) of contexts (B, T)."""


def _drawer(
    model: nn.Module,
    probs_of: Callable[[Tensor], Tensor],
    generator: torch.Generator | None,
) -> Drawer:
    if isinstance(model, ContextTable):  # apply the knobs once, then only look up
        probs = probs_of(model.logits).cpu()
        sums = ContextTable(probs.cumsum(-1), model.context_size)
        return lambda contexts: _land(sums(contexts), generator)
    device = device_of(model)
    return lambda contexts: torch.multinomial(  # the dice are thrown on the CPU
        probs_of(model(contexts.to(device))).cpu(), 1, generator=generator
    )


def _land(sums: Tensor, generator: torch.Generator | None) -> Tensor:
    """The token (B, 1) whose stretch of the cumulative sums (B, V) a dart hits.

    The distribution of `torch.multinomial`, from one uniform draw in place of V.
    """
    dart = torch.rand(len(sums), 1, generator=generator) * sums[:, -1:]
    return torch.searchsorted(sums, dart, right=True)
