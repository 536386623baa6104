"""The distribution of the next token, and the dice that draw from it.

Shape letters: `B` batch, `V` vocabulary.
"""

import math
from collections.abc import Sequence
from typing import TypedDict, Unpack

import torch
from torch import Tensor

COLDEST = 1e-37
"""Smaller temperatures would become 0 in float32."""

STRONGEST = 1e6
"""Larger repetition penalties, or smaller than its inverse, might leave float32."""

BLOCK = 64
"""Darts of each row that are thrown at once."""


class Knobs(TypedDict, total=False):
    """How to choose the next token; what is left out changes nothing."""

    temperature: float
    """Divides the logits; 0 is greedy."""
    top_k: int | None
    """Only the k most probable tokens."""
    top_p: float | None
    """Only the smallest set of the most probable that holds this mass."""
    min_p: float | None
    """Only tokens with at least this share of the largest probability."""
    repetition_penalty: float
    """Above 1, makes less probable what the text holds already (Keskar et al. 2019)."""


def next_probs(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
) -> Tensor:
    """The distribution the next token is drawn from: (..., V) -> (..., V).

    In this order: divide the logits by `temperature`; keep the `top_k` largest and
    renormalise; keep the smallest set of the largest whose mass reaches `top_p` and
    renormalise; keep what has `min_p` times the largest probability and renormalise.
    Ties go to the lower index. `temperature=0` is greedy: all the probability on the
    largest logit.

    Raises:
        ValueError: naming the value, for a temperature that is negative or not
            finite, `top_k` outside 1 .. V, `top_p` or `min_p` outside (0, 1]; and for
            logits that are no numbers, see `check_logits`.

    Source: top-k Fan et al. 2018; top-p (nucleus) Holtzman et al. 2020; min-p Nguyen
    et al. 2024.

    >>> next_probs(torch.tensor([2.0, 1.0, 0.0]), top_k=2)
    tensor([0.7311, 0.2689, 0.0000])
    """
    check_knobs(logits.shape[-1], temperature, top_k, top_p, min_p)
    check_logits(logits.amax(-1))
    nobody = torch.zeros_like(logits)
    if temperature == 0:
        return nobody.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    probs, order = _kept(logits, temperature, top_k, top_p, min_p)
    return probs if order is None else nobody.scatter(-1, order, probs)


def _kept(
    logits: Tensor,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
) -> tuple[Tensor, Tensor | None]:
    """The probabilities that the knobs leave, and of which tokens; None: of all.

    Cut by one of the last three, they are sorted, largest first.
    """
    order = None
    if (top_k, top_p, min_p) != (None, None, None):
        logits, order = largest_logits(logits, top_k or logits.shape[-1])
    if temperature != 1:
        logits = logits - logits.amax(-1, keepdim=True)  # T = 0.001 must not overflow
        logits = logits / max(temperature, COLDEST)
    ranked = logits.softmax(-1)
    if top_p is not None and top_p < 1:
        mass_before = ranked.cumsum(-1) - ranked
        ranked = ranked.masked_fill(mass_before >= top_p, 0)
        ranked = ranked / ranked.sum(-1, keepdim=True)
    if min_p is not None:
        ranked = ranked.masked_fill(ranked < min_p * ranked[..., :1], 0)
        ranked = ranked / ranked.sum(-1, keepdim=True)
    return ranked, order


def check_logits(largest: Tensor) -> None:
    """Raise ValueError unless the largest logit of each row is a finite number.

    NaN anywhere in a row makes its largest NaN. Single logits may be -inf: those tokens
    are never drawn.

    >>> check_logits(torch.tensor([1.0, -math.inf, 3.0]).amax(-1))
    >>> check_logits(torch.tensor([1.0, math.nan, 3.0]).amax(-1))
    Traceback (most recent call last):
    ...
    ValueError: the model's logits are not numbers (the largest is nan): its weights \
are bad
    """
    for value in largest.flatten().tolist():
        if math.isfinite(value):
            continue
        raise ValueError(
            f"the model's logits are not numbers (the largest is {value}): its weights "
            "are bad"
        )


def largest_logits(logits: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The `k` largest logits of each row and their tokens, largest first.

    Ties go to the lower index, which `torch.topk` does not promise.

    >>> largest_logits(torch.tensor([[0.0, 2.0, 0.0, 2.0, 0.0]]), 3)[1]
    tensor([[1, 3, 0]])
    """
    if k < logits.shape[-1]:
        values, tokens = logits.topk(k + 1)  # one more: a tie may cross the border
        if not (values[..., 1:] == values[..., :-1]).any():
            return values[..., :k], tokens[..., :k]
    values, tokens = logits.sort(descending=True, stable=True)
    return values[..., :k], tokens[..., :k]


def check_knobs(
    vocab_size: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    repetition_penalty: float = 1.0,
) -> None:
    """Raise ValueError for the first knob that is out of range.

    >>> check_knobs(27, top_k=28)
    Traceback (most recent call last):
    ...
    ValueError: top_k is 28: use 1 .. 27, or None for all
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(
            f"temperature is {temperature}: use a number > 0, or 0 for greedy"
        )
    if top_k is not None and not 1 <= top_k <= vocab_size:
        raise ValueError(f"top_k is {top_k}: use 1 .. {vocab_size}, or None for all")
    for label, share in (("top_p", top_p), ("min_p", min_p)):
        if share is not None and not 0 < share <= 1:
            raise ValueError(
                f"{label} is {share}: use a number in (0, 1], or None for all"
            )
    if not 1 / STRONGEST <= repetition_penalty <= STRONGEST:
        raise ValueError(
            f"repetition_penalty is {repetition_penalty}: use a number > 0, such as "
            f"1.1, or 1 for none; at most {STRONGEST:,.0f}"
        )


class Dice:
    """Draws one token for each row; every row has dice of its own.

    What a row draws depends on its seed and its logits, not on the other rows.

    Args:
        texts: the tokens of each row so far; only a repetition penalty looks at them.
        seeds: one for each row.
        vocab_size: how many tokens there are. Logits beyond, of rows that only pad an
            embedding, are left out: no token stands behind them.
        device: where the logits are; the dice are thrown on the CPU.
        knobs: see `Knobs`.

    Raises:
        ValueError: for a knob out of range.

    >>> dice = Dice([[0]], [7], vocab_size=3)
    >>> dice.draw(torch.tensor([[-20.0, 20.0, -20.0]]))
    tensor([1])
    """

    def __init__(
        self,
        texts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        vocab_size: int,
        device: torch.device | None = None,
        **knobs: Unpack[Knobs],
    ) -> None:
        check_knobs(vocab_size, **knobs)
        self.vocab_size, self.device = vocab_size, device
        self.temperature = knobs.get("temperature", 1.0)
        self.cuts = knobs.get("top_k"), knobs.get("top_p"), knobs.get("min_p")
        self.penalty = knobs.get("repetition_penalty", 1.0)
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.darts, self.place = torch.empty(0), BLOCK
        self.seen: Tensor | None = None
        if self.penalty != 1:
            self.seen = torch.zeros(len(texts), vocab_size, dtype=torch.bool)
            for row, text in zip(self.seen, texts, strict=True):
                row[list(text)] = True
            self.seen = self.seen.to(device)

    def keep(self, rows: Tensor) -> None:
        """Forget all rows but these: int64 (B',)."""
        self.generators = [self.generators[row] for row in rows.tolist()]
        if self.place < BLOCK:
            self.darts = self.darts[rows.to(self.darts.device)]
        if self.seen is not None:
            self.seen = self.seen[rows.to(self.seen.device)]

    def draw(self, logits: Tensor) -> Tensor:
        """One token of each row: (B, V or more) -> int64 (B,).

        Raises:
            ValueError: if the logits of a row are no numbers, see `check_logits`.
        """
        logits = logits[:, : self.vocab_size]
        # the sums of small probabilities need more digits than half precision has
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        check_logits(logits.amax(-1))
        if self.seen is not None:
            weaker = torch.where(
                logits > 0, logits / self.penalty, logits * self.penalty
            )
            logits = torch.where(self.seen, weaker, logits)
        tokens = self._choose(logits)
        if self.seen is not None:
            self.seen.scatter_(1, tokens[:, None], True)
        return tokens

    def _choose(self, logits: Tensor) -> Tensor:
        if self.temperature == 0:
            return logits.argmax(-1)
        if self.place == BLOCK:  # as many at once, whatever the length of the text
            rows = [torch.rand(BLOCK, 1, generator=g) for g in self.generators]
            self.darts = (1 - torch.stack(rows)).to(self.device)  # in (0, 1]
            self.place = 0
        probs, order = _kept(logits, self.temperature, *self.cuts)
        sums = probs.cumsum(-1)
        dart = self.darts[:, self.place] * sums[:, -1:]
        self.place += 1
        token = torch.searchsorted(sums, dart)  # the first stretch that reaches it
        return (token if order is None else order.gather(1, token)).squeeze(1)
