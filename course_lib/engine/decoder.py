"""One token further: the arithmetic of `GPT.forward` for T = 1, with less Python.

A small model spends most of a step in getting from one module to the next. Here the
weights are looked up once; `test_generate_tokens.py` proves the logits equal.

Shape letters: `B` batch, `C` = emb_dim, `H` heads, `K` key/value heads, `D = C // H`,
`V` vocabulary.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.cache import KVCache
from course_lib.gpt import GPT, Block, activate

Step = Callable[[Tensor], Tensor]
"""From the stream to something else: (B, C) -> (B, ...)."""
Add = Callable[[Tensor, Tensor], Tensor]
"""The stream (B, C) and what a part has found (B, ...): their sum (B, C)."""


class Decoder:
    """Reads one more token of each row, as `model(tokens, cache)` does.

    A model with hooks is called itself: hooks want to be asked.

    >>> from course_lib.gpt import GPTConfig
    >>> config = GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1)
    >>> with torch.inference_mode():
    ...     cache = KVCache(config.cache_shape, batch_size=2)
    ...     Decoder(GPT(config).eval(), cache)(torch.tensor([3, 4])).shape
    torch.Size([2, 9])
    """

    def __init__(self, model: GPT, cache: KVCache) -> None:
        self.model, self.cache = model, cache
        self.plain = not model.training and not any(
            part._forward_hooks or part._forward_pre_hooks for part in model.modules()
        )
        if self.plain:
            self.layers = [_Layer(cast(Block, block)) for block in model.blocks]
            self.last = _norm_step(model.norm)
            head = model.embedding if model.config.tied else model.head
            self.head = _linear(head)
        self.follow(cache)

    def follow(self, cache: KVCache) -> None:
        """Go on with this cache: a new one, or one whose rows have changed."""
        self.cache, self.pads = cache, cache.n_pad
        if not self.plain:
            return
        for layer, room in zip(self.layers, cache.rooms, strict=True):
            layer.room, (layer.keys, layer.values) = room, room.unbind(0)
        if self.pads is not None:
            columns = torch.arange(cache.size, device=cache.rooms.device)
            self.real = columns >= self.pads[:, None, None, None]  # (B, 1, 1, S)
        if self.model.config.positions == "rotary":
            cos, sin = self.model.table.to(cache.rooms.dtype)
            # turned = x * cos + (x, halves swapped) * sin
            self.table = torch.stack(
                [torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)]
            )

    def __call__(self, tokens: Tensor) -> Tensor:
        """Read int64 (B,), one column further; returns logits (B, V)."""
        if not self.plain:
            return self.model(tokens[:, None], self.cache)[:, -1]  # type: ignore[no-any-return]
        model, cache = self.model, self.cache
        start = cache.length
        if start == cache.size:
            raise ValueError(f"the cache has {start} columns and all are filled")
        mask: Tensor | None = None
        place: Tensor | slice = slice(start, start + 1)
        if self.pads is not None:
            mask, place = self.real[..., : start + 1], start - self.pads
        x = F.embedding(tokens, model.embedding.weight)
        table = None
        if model.config.positions == "learned":
            x = x + model.position_embedding.weight[place]
        else:
            table = self.table[:, place, None, None]  # (2, B or 1, 1, 1, D)
        for layer in self.layers:
            x = layer(x, start, table, mask)
        cache.length += 1
        return self.head(self.last(x))


class _Layer:
    """One block, its weights taken out of their modules."""

    room: Tensor  # (2, B, K, S, D)
    keys: Tensor  # (B, K, S, D)
    values: Tensor

    def __init__(self, block: Block) -> None:
        attention, self.activation = block.attention, block.activation
        H, K = attention.n_heads, attention.n_kv_heads
        head_dim = attention.proj.in_features // H
        self.heads = (K, H // K, head_dim)  # queries in groups that share their keys
        self.n_turned, self.n_heads = H + K, H
        self.gate = _linear(block.gate) if self.activation == "swiglu" else None
        self.norm_1, self.norm_2 = _norm_step(block.norm_1), _norm_step(block.norm_2)
        self.qkv, self.up = _linear(attention.qkv), _linear(block.up)
        self.proj, self.down = _adding(attention.proj), _adding(block.down)
        self.head_size = [head_dim]
        self.qk_norm, self.scale = attention.gain is not None, None
        if attention.gain is not None:  # a sharper query is a larger scale
            self.scale = float(attention.gain) / math.sqrt(head_dim)

    def __call__(
        self, x: Tensor, start: int, table: Tensor | None, mask: Tensor | None
    ) -> Tensor:
        B, C = x.shape
        end = start + 1
        K, each, D = self.heads
        qkv = self.qkv(self.norm_1(x)).view(B, -1, 1, D)  # (B, H + 2 K, 1, D)
        if not self.qk_norm and table is None:
            query, both = qkv[:, : self.n_heads], qkv[:, self.n_heads :]
            self.room[:, :, :, start:end] = both.view(B, 2, K, 1, D).transpose(0, 1)
        else:
            pair = qkv[:, : self.n_turned]  # queries and keys
            if self.qk_norm:
                pair = F.rms_norm(pair, self.head_size)
            if table is not None:
                swapped = pair.roll(pair.shape[-1] // 2, -1)
                pair = torch.addcmul(pair * table[0], swapped, table[1])
            query, key = pair[:, : self.n_heads], pair[:, self.n_heads :]
            self.keys[:, :, start:end] = key
            self.values[:, :, start:end] = qkv[:, self.n_turned :]
        keys, values = self.keys[:, :, :end], self.values[:, :, :end]
        mixed = F.scaled_dot_product_attention(
            query.view(B, K, each, D), keys, values, attn_mask=mask, scale=self.scale
        )
        x = self.proj(x, mixed.reshape(B, C))
        return self.down(x, self.inner(self.norm_2(x)))

    def inner(self, x: Tensor) -> Tensor:
        """As `Block.inner`."""
        if self.gate is None:
            return activate(self.up(x), self.activation)
        return activate(self.gate(x), self.activation) * self.up(x)


def _norm_step(norm: nn.Module) -> Step:
    if isinstance(norm, nn.LayerNorm):
        shape, weight, bias = norm.normalized_shape, norm.weight, norm.bias
        return lambda x: F.layer_norm(x, shape, weight, bias, norm.eps)
    if isinstance(norm, nn.RMSNorm) and norm.eps is not None:
        return partial(_rms_norm, weight=norm.weight, eps=norm.eps)
    return norm


def _rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """F.rms_norm of a few rows, in fewer steps than torch takes on a CPU."""
    length: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    scale = (length * length).div_(x.shape[-1]).add_(eps).rsqrt_()
    return x * scale * weight


def _linear(layer: nn.Module) -> Step:
    """`x @ W.T + b` for torch's own layers (and a tied embedding), else the layer."""
    if isinstance(layer, nn.Linear):
        return partial(F.linear, weight=layer.weight, bias=layer.bias)
    if isinstance(layer, nn.Embedding):
        return partial(F.linear, weight=layer.weight)
    return layer


def _adding(layer: nn.Module) -> Add:
    """The same with the stream added on top, in one call where torch has one."""
    if isinstance(layer, nn.Linear) and "bias" not in dict(layer.named_parameters()):
        turned = layer.weight.t()
        return lambda stream, x: torch.addmm(stream, x, turned)
    step = _linear(layer)
    return lambda stream, x: step(x).add_(stream)
