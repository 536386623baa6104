"""Looking inside a GPT: where heads look, what the stream holds, what a head is for.

Shape letters: `L` layers, `B` batch, `H` heads, `T` time, `C` = emb_dim,
`V` vocabulary.
Nothing here changes a model's weights.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.attention import MultiHeadAttention, causal_attention
from course_lib.gpt import GPT, Block


def _blocks(model: GPT) -> list[Block]:
    return cast("list[Block]", list(model.blocks))


@contextmanager
def _before(
    modules: Iterable[nn.Module], look: Callable[..., object]
) -> Iterator[None]:
    """Within the block, `look(module, inputs)` is called before each module works."""
    with ExitStack() as hooks:
        for module in modules:
            hooks.callback(module.register_forward_pre_hook(look).remove)
        yield


@torch.no_grad()
def attention_weights(model: GPT, tokens: Tensor) -> Tensor:
    """Where each head looks: int64 (B, T) -> weights (L, B, H, T, T).

    Row t of a matrix says how position t shares its attention, 1 in all, among the
    positions 0 .. t.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> weights = attention_weights(model, torch.tensor([[1, 2, 3]]))
    >>> weights.shape, bool(torch.allclose(weights.sum(-1), torch.ones(1, 1, 2, 3)))
    (torch.Size([1, 1, 2, 3, 3]), True)
    """
    maps: list[Tensor] = []

    def look(module: MultiHeadAttention, inputs: tuple[Any, ...]) -> None:
        maps.append(causal_attention(*module.heads(*inputs[:2]))[1])

    with _before([block.attention for block in _blocks(model)], look):
        model(tokens)
    return torch.stack(maps)


@torch.no_grad()
def residual_stream(model: GPT, tokens: Tensor) -> Tensor:
    """The stream before the first block and after each: (B, T) -> (L + 1, B, T, C).

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=3))
    >>> residual_stream(model, torch.tensor([[1, 2]])).shape
    torch.Size([4, 1, 2, 16])
    """
    states: list[Tensor] = []

    def look(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        states.append(inputs[0])

    with _before([*_blocks(model), model.norm], look):
        model(tokens)
    return torch.stack(states)


@torch.no_grad()
def logit_lens(model: GPT, tokens: Tensor) -> Tensor:
    """What the model would say if it stopped after each block: (L + 1, B, T, V) logits.

    The stream at each depth goes straight through the last norm and the output head;
    the last entry is the model's own answer.

    Source: nostalgebraist 2020, "interpreting GPT: the logit lens".

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=2))
    >>> tokens = torch.tensor([[1, 2]])
    >>> bool(torch.allclose(logit_lens(model, tokens)[-1], model(tokens)))
    True
    """
    head = model.embedding if model.config.tied else model.head
    return F.linear(model.norm(residual_stream(model, tokens)), head.weight)


@torch.no_grad()
def head_means(model: GPT, tokens: Tensor) -> Tensor:
    """What each head finds on average: int64 (B, T) -> (L, H, D), before `proj`.

    The mean goes over all positions of all rows. `heads_off(model, heads, means)` puts
    it in place of what a head finds.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=3))
    >>> head_means(model, torch.tensor([[1, 2]])).shape
    torch.Size([3, 2, 8])
    """
    means: list[Tensor] = []

    def look(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        B, T, _ = inputs[0].shape
        found = inputs[0].view(B, T, -1, model.config.head_dim)  # (B, T, H, D)
        means.append(found.mean(dim=(0, 1)))

    with _before([block.attention.proj for block in _blocks(model)], look):
        model(tokens)
    return torch.stack(means)


@contextmanager
def heads_off(
    model: GPT, heads: Iterable[tuple[int, int]], means: Tensor | None = None
) -> Iterator[None]:
    """Within the block, the given (layer, head) pairs, from 0, say nothing of the text.

    Args:
        model: any GPT.
        heads: (layer, head) pairs.
        means: what each head finds instead, (L, H, D), as `head_means` measures it
            (mean ablation); None for zeros (zero ablation).

    Raises:
        ValueError: for a layer or head that the model does not have, or means of
            another shape.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=2))
    >>> with heads_off(model, [(0, 1)]):
    ...     logits = model(torch.tensor([[1, 2]]))
    """
    config = model.config
    shape = (config.n_layers, config.n_heads, config.head_dim)
    if means is None:
        means = model.embedding.weight.new_zeros(shape)
    if tuple(means.shape) != shape:
        raise ValueError(f"means are {tuple(means.shape)}: this model needs {shape}")
    by_layer: dict[int, list[int]] = {}
    for layer, head in heads:
        if not (0 <= layer < config.n_layers and 0 <= head < config.n_heads):
            raise ValueError(
                f"there is no head {(layer, head)}: layers are 0 .. "
                f"{config.n_layers - 1}, heads 0 .. {config.n_heads - 1}"
            )
        by_layer.setdefault(layer, []).append(head)
    with ExitStack() as hooks:
        for layer, silent in by_layer.items():
            hook = _silencer(silent, means[layer, silent].detach())
            hooks.enter_context(_before([_blocks(model)[layer].attention.proj], hook))
        yield


def _silencer(heads: list[int], instead: Tensor) -> Any:
    """A hook that puts `instead` (n heads, D) in the place of what the heads found."""

    def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        B, T, _ = inputs[0].shape
        mixed = inputs[0].clone().view(B, T, -1, instead.shape[-1])  # (B, T, H, D)
        mixed[..., heads, :] = instead.to(mixed)
        return mixed.flatten(-2)

    return hook
