"""The KV cache: what goes in comes out, the mask, and what is refused."""

import pytest
import torch

from course_lib.cache import CacheShape, KVCache

SHAPE = CacheShape(n_layers=2, n_heads=2, head_dim=4, context_size=10)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_cache_gives_back_what_was_put_in():
    cache = KVCache(SHAPE, 3)
    parts = torch.randn(
        2, 2, 3, 2, 4, 4, generator=dice()
    )  # two times, keys and values
    for k, v in parts:
        cache.extend(0, k, v)
        keys, values = cache.extend(1, k, v)
        cache.length += 4
    torch.testing.assert_close(keys, torch.cat([parts[0, 0], parts[1, 0]], dim=2))
    torch.testing.assert_close(values, torch.cat([parts[0, 1], parts[1, 1]], dim=2))
    assert cache.n_bytes == 2 * 2 * 3 * 2 * 10 * 4 * 4


def test_cache_mask_is_the_causal_triangle_below_what_was_read():
    cache = KVCache(SHAPE, 1)
    cache.length = 3
    mask = cache.mask(2)
    assert mask is not None
    assert mask.int().tolist() == [[[[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]]]
    assert cache.mask(1) is None


def test_nobody_looks_at_padding():
    mask = KVCache(SHAPE, 2, n_pad=torch.tensor([0, 2])).mask(4)
    assert mask is not None
    first, second = mask[:, 0]
    assert torch.equal(first, torch.ones(4, 4).tril().bool())
    assert not second[2:, :2].any()
    assert second.any(dim=-1).all()  # no row is empty, or softmax would give NaN


@pytest.mark.parametrize("size", [0, 11])
def test_cache_refuses_sizes_beyond_the_context(size: int):
    with pytest.raises(ValueError, match=f"size is {size}: use 1 .. 10"):
        KVCache(SHAPE, 1, size=size)


def test_cache_refuses_padding_for_other_rows():
    with pytest.raises(ValueError, match="each of the 3 rows"):
        KVCache(SHAPE, 3, n_pad=torch.tensor([1, 2]))


def test_full_cache_says_so():
    cache = KVCache(SHAPE, 1, size=4)
    cache.length = 3
    with pytest.raises(ValueError, match="4 columns and 3 are filled: 2 more"):
        cache.extend(0, torch.zeros(1, 2, 2, 4), torch.zeros(1, 2, 2, 4))
