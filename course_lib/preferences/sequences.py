"""Prompts with answers: pairs, tensors, and how probable a model finds them.

Any model that maps tokens (B, T) to logits (B, T, V), each position blind to what
follows it, can be used: a `GPT`, or a names model in `NameSequences`.

Shape letters: `B` rows, `T` time, `C` width, `V` vocabulary.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.chat.examples import padded
from course_lib.device import device_of
from course_lib.mlp import NameMLP
from course_lib.sampling import check_logits
from course_lib.train import TrainConfig

ModelT = TypeVar("ModelT", bound=nn.Module)
HELD_OUT = 0.2
"""The share of prompts whose pairs are held out."""


class Pair(NamedTuple):
    """A prompt and two answers, as token ids; each answer ends with its end mark."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


def split_pairs(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs held out, split by prompt, never by pair.

    Raises:
        ValueError: if one of the two would be empty.

    >>> pairs = [Pair([1, i], [2], [3]) for i in (0, 0, 1, 1, 2, 3, 4)]
    >>> train, held = split_pairs(pairs)
    >>> {p.prompt[1] for p in train} & {p.prompt[1] for p in held}
    set()
    """
    prompts = list(dict.fromkeys(tuple(pair.prompt) for pair in pairs))
    n_held = round(HELD_OUT * len(prompts))
    if not 0 < n_held < len(prompts):
        raise ValueError(f"{len(prompts)} prompts cannot be split at {HELD_OUT}")
    held = set(prompts[:n_held])
    return (
        [pair for pair in pairs if tuple(pair.prompt) not in held],
        [pair for pair in pairs if tuple(pair.prompt) in held],
    )


class Rows(NamedTuple):
    """Prompts and answers, one pair a row, filled up at the right."""

    tokens: Tensor
    """int64 (B, T)."""
    loss_mask: Tensor
    """bool (B, T): True where the model wrote the answer, its end mark too."""


MaskOf = Callable[[Sequence[int]], Sequence[bool]]
"""Which tokens of an answer the model wrote (a tool's results are not its own)."""


def all_of_it(answer: Sequence[int]) -> list[bool]:
    """The model wrote all of the answer.

    >>> all_of_it([5, 6])
    [True, True]
    """
    return [True] * len(answer)


def rows_of(
    prompts: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
    device: torch.device | None = None,
    mask_of: MaskOf = all_of_it,
) -> Rows:
    """Prompts with their answers as tensors.

    Raises:
        ValueError: if the numbers differ, or a prompt or an answer is empty.

    >>> rows_of([[1, 2]], [[3]]).loss_mask.tolist()
    [[False, False, True]]
    """
    if len(prompts) != len(answers) or not prompts:
        raise ValueError(f"{len(prompts)} prompts for {len(answers)} answers")
    if not all(map(len, prompts)) or not all(map(len, answers)):
        raise ValueError("a prompt or an answer is empty: give it a token or more")
    pairs = list(zip(prompts, answers, strict=True))
    tokens, _ = padded([[*prompt, *answer] for prompt, answer in pairs])
    own, _ = padded(
        [[0] * len(prompt) + [*mask_of(answer)] for prompt, answer in pairs]
    )
    return Rows(tokens.to(device), own.bool().to(device))


def pair_rows(
    pairs: Sequence[Pair],
    device: torch.device | None = None,
    mask_of: MaskOf = all_of_it,
) -> Rows:
    """The chosen answers of all pairs, then the rejected ones, as rows (2 B, T).

    >>> pair_rows([Pair([1], [2], [3])]).tokens.tolist()
    [[1, 2], [1, 3]]
    """
    prompts = [pair.prompt for pair in pairs] * 2
    answers = [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]
    return rows_of(prompts, answers, device, mask_of)


class Scored(NamedTuple):
    """What a model says about rows; position t scores token t + 1."""

    log_probs: Tensor
    """Of all tokens, (B, T - 1, V)."""
    picked: Tensor
    """Of the tokens that are there, (B, T - 1)."""
    loss_mask: Tensor
    """bool (B, T - 1): which of them are the answer's."""

    @property
    def total(self) -> Tensor:
        """Log p(answer | prompt): the sum over the answer alone, (B,)."""
        return (self.picked * self.loss_mask).sum(dim=1)


def scored(model: nn.Module, rows: Rows) -> Scored:
    """Log-probabilities of the answers, with a gradient where the model has one.

    >>> rows = rows_of([[0]], [[1, 2]])
    >>> scored(nn.Embedding.from_pretrained(torch.zeros(3, 3)), rows).total
    tensor([-2.1972])
    """
    tokens = rows.tokens.to(device_of(model))
    log_probs = F.log_softmax(model(tokens[:, :-1]), dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return Scored(log_probs, picked, rows.loss_mask[:, 1:].to(tokens.device))


def frozen_copy(model: ModelT) -> ModelT:
    """A copy that stays as it is: evaluation mode (no dropout), no gradients.

    >>> frozen_copy(nn.Dropout(0.5)).training
    False
    """
    copy = deepcopy(model).eval()
    return copy.requires_grad_(False)


class NameSequences(nn.Module):
    """A names model as a model of sequences: tokens (B, T) to logits (B, T, V).

    Position t is scored from the `context_size` letters that end there; what lies
    before the row counts as end marks, as in `names.windows`.

    >>> from course_lib.mlp import NameMLPConfig
    >>> model = NameSequences(NameMLP(NameMLPConfig()))
    >>> model(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 5, 27])
    """

    def __init__(self, model: NameMLP) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, *, features: bool = False) -> Tensor:
        """Score the next letter everywhere, or give the hidden units (B, T, C)."""
        size = self.model.context_size
        x = F.pad(tokens, (size - 1, 0)).unfold(1, size, 1)  # (B, T, context_size)
        flat = x.reshape(-1, size)
        if features:
            embedded = self.model.embedding(flat).flatten(1)
            out = torch.tanh(self.model.hidden(embedded))
        else:
            out = self.model(flat)
        scores: Tensor = out.view(*tokens.shape, -1)
        return scores


def recipe(
    steps: int, learning_rate: float, *, warmup_steps: int = 10, falls: bool = True
) -> TrainConfig:
    """How the methods here train: a short run of AdamW, on a leash of its own.

    >>> recipe(40, 3e-4, falls=False).schedule
    'constant'
    """
    return TrainConfig(
        steps=steps,
        learning_rate=learning_rate,
        warmup_steps=min(warmup_steps, steps),
        schedule="linear" if falls else "constant",
        betas=(0.9, 0.98),
        grad_clip=1.0,
        compile=False,
    )


Sampler = Callable[[nn.Module, Sequence[Sequence[int]], int], list[list[int]]]
"""Model, prompts and a seed to one answer for each prompt, end marks included."""


@torch.inference_mode()
def sample_sequences(
    model: nn.Module,
    prompts: Sequence[Sequence[int]],
    seed: int,
    *,
    end: int,
    max_new_tokens: int,
) -> list[list[int]]:
    """Answers drawn from any model of sequences, all prompts of one length.

    Raises:
        ValueError: if the prompts have different lengths, or there are none; or if the
            model's logits are no numbers.

    >>> model = nn.Embedding.from_pretrained(torch.tensor([[0.0, 99.0], [99.0, 0.0]]))
    >>> sample_sequences(model, [[0], [1]], 0, end=1, max_new_tokens=3)
    [[1], [0, 1]]
    """
    if len({len(prompt) for prompt in prompts}) != 1:
        raise ValueError("the prompts have different lengths, or there are none")
    generator = torch.Generator().manual_seed(seed)
    device, n_prompt = device_of(model), len(prompts[0])
    tokens = torch.tensor([list(prompt) for prompt in prompts])
    done = torch.zeros(len(tokens), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(tokens.to(device))[:, -1]
        check_logits(logits.amax(-1))
        probs = logits.softmax(-1).cpu()
        drawn = torch.multinomial(probs, 1, generator=generator)
        tokens = torch.cat([tokens, drawn], dim=1)
        done |= drawn[:, 0] == end
        if done.all():
            break
    answers = [row[n_prompt:] for row in tokens.tolist()]
    return [a[: a.index(end) + 1] if end in a else a for a in answers]
