"""Attention against torch's own, the cache against no cache, RoPE against its law."""

import math

import torch
from torch.nn import functional as F

from course_lib.attention import (
    MultiHeadAttention,
    causal_attention,
    rotate,
    rotation_table,
)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_readable_attention_equals_torch():
    q, k, v = torch.randn(3, 2, 4, 7, 8, generator=dice())
    mixed, weights = causal_attention(q, k, v)
    fast = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(mixed, fast)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 7))
    assert (weights.triu(diagonal=1) == 0).all()


def test_multi_head_attention_equals_torchs_module():
    ours = MultiHeadAttention(12, 3, rotary=False, qk_norm=False, bias=True)
    theirs = torch.nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.qkv.weight)
        theirs.in_proj_bias.copy_(ours.qkv.bias)
        theirs.out_proj.load_state_dict(ours.proj.state_dict())
    x = torch.randn(2, 6, 12, generator=dice())
    future = torch.ones(6, 6, dtype=torch.bool).triu(diagonal=1)
    expected, _ = theirs(x, x, x, attn_mask=future, need_weights=False)
    torch.testing.assert_close(ours(x), expected)


def test_attention_equals_its_readable_form_with_norm_and_positions():
    attention = MultiHeadAttention(16, 2)
    x = torch.randn(2, 5, 16, generator=dice(1))
    mixed, _ = causal_attention(*attention.heads(x))
    expected = attention.proj(mixed.transpose(1, 2).reshape(2, 5, 16))
    torch.testing.assert_close(attention(x), expected)


def test_normed_queries_and_keys_have_the_stated_lengths():
    attention = MultiHeadAttention(16, 2)
    q, k, _ = attention.heads(torch.randn(1, 5, 16, generator=dice()))
    assert attention.gain is not None
    ones = torch.ones(1, 2, 5)
    torch.testing.assert_close(k.norm(dim=-1), math.sqrt(8) * ones)
    torch.testing.assert_close(q.norm(dim=-1), attention.gain * math.sqrt(8) * ones)


def test_rotated_products_depend_on_the_distance_only():
    q, k = torch.randn(2, 8, generator=dice(1))
    turned_q = rotate(q.expand(1, 1, 9, 8))[0, 0]
    turned_k = rotate(k.expand(1, 1, 9, 8))[0, 0]
    products = turned_q @ turned_k.T
    torch.testing.assert_close(products[2:, 2:], products[:-2, :-2])


def test_rotation_multiplies_complex_numbers():
    x = torch.randn(1, 1, 6, 8, generator=dice())
    pairs = torch.complex(*x.chunk(2, dim=-1))
    speeds = 10_000.0 ** (-torch.arange(4) / 4)
    turn = torch.polar(torch.ones(6, 4), torch.arange(6)[:, None] * speeds)
    expected = torch.view_as_real(pairs * turn)
    both = torch.cat([expected[..., 0], expected[..., 1]], dim=-1)
    torch.testing.assert_close(rotate(x), both)
    torch.testing.assert_close(rotate(x, rotation_table(6, 8)), both)
