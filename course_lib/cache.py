"""The KV cache: keys and values of what has been read, so that each is computed once.

Shape letters: `B` batch, `T` time, `S` = time read before and now, `K` key/value heads,
`D` width of a head.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class CacheShape:
    """The sizes a `KVCache` needs to know; `GPTConfig.cache_shape` gives them."""

    n_layers: int
    n_heads: int
    """K: with grouped queries fewer than there are queries."""
    head_dim: int
    context_size: int


class KVCache:
    """Keys and values of all tokens read so far, so that each is computed once.

    The room is allocated at once. Prompts of different length are padded on the left,
    so that all rows go on in the same column.

    Args:
        shape: the model's sizes.
        batch_size: B.
        size: columns to make room for; None takes the context size. Padding counts as
            columns, so only a ragged batch may have more.
        n_pad: int64 (B,), how many columns at the left of each row are padding.
        device: where.
        dtype: of keys and values.

    Raises:
        ValueError: for a size outside 1 .. context_size (below 1 with padding) or a
            wrong n_pad.

    >>> shape = CacheShape(n_layers=2, n_heads=2, head_dim=4, context_size=16)
    >>> KVCache(shape, batch_size=3).n_bytes  # 2 * layers * B * K * S * D * 4 bytes
    6144
    """

    def __init__(
        self,
        shape: CacheShape,
        batch_size: int,
        *,
        size: int | None = None,
        n_pad: Tensor | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.size = shape.context_size if size is None else size
        if self.size < 1 or (n_pad is None and self.size > shape.context_size):
            raise ValueError(f"size is {self.size}: use 1 .. {shape.context_size}")
        if n_pad is not None and n_pad.shape != (batch_size,):
            raise ValueError(
                f"n_pad is {tuple(n_pad.shape)}: give one number for each of the "
                f"{batch_size} rows"
            )
        rooms = (shape.n_layers, 2, batch_size, shape.n_heads, self.size)
        self.rooms = torch.zeros(*rooms, shape.head_dim, device=device, dtype=dtype)
        self.length = 0
        """Columns that are filled."""
        self.n_pad = None if n_pad is None else n_pad.to(self.rooms.device)

    @property
    def n_bytes(self) -> int:
        """Memory of the whole room."""
        return self.rooms.numel() * self.rooms.element_size()

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append keys and values (B, K, T, D); returns all so far, (B, K, S, D) each.

        `length` stays: the model moves it on when all its layers have read.
        """
        end = self.length + k.shape[2]
        if k.requires_grad:
            raise ValueError("a cache cannot learn: use torch.inference_mode()")
        if end > self.size:
            raise ValueError(
                f"the cache has {self.size} columns and {self.length} are filled: "
                f"{k.shape[2]} more do not fit"
            )
        keys, values = self.rooms[layer]
        keys[:, :, self.length : end] = k
        values[:, :, self.length : end] = v
        return keys[:, :, :end], values[:, :, :end]

    def mask(self, n_new: int) -> Tensor | None:
        """Who may look where: bool (B or 1, 1, T, S), T = n_new.

        None stands for the causal mask of a first reading, and for a single new column
        that sees all. Padding is seen by nobody but itself (a row must see something).

        >>> shape = CacheShape(n_layers=1, n_heads=1, head_dim=2, context_size=4)
        >>> KVCache(shape, 1, n_pad=torch.tensor([1])).mask(2)[0, 0].int()
        tensor([[1, 0],
                [0, 1]], dtype=torch.int32)
        """
        if self.n_pad is None and (n_new == 1 or self.length == 0):
            return None
        columns = torch.arange(self.length + n_new, device=self.rooms.device)
        rows = columns[self.length :, None]
        allowed = columns <= rows  # (T, S)
        if self.n_pad is None:
            return allowed[None, None]
        real = columns >= self.n_pad[:, None, None, None]  # (B, 1, 1, S)
        return allowed & (real | (columns == rows))

    def keep(self, rows: Tensor) -> None:
        """Forget all rows but these: int64 (B',).

        >>> shape = CacheShape(n_layers=1, n_heads=1, head_dim=2, context_size=4)
        >>> cache = KVCache(shape, 3, n_pad=torch.tensor([0, 2, 1]))
        >>> cache.keep(torch.tensor([2, 0]))
        >>> cache.n_pad
        tensor([1, 0])
        """
        rows = rows.to(self.rooms.device)
        self.rooms = self.rooms[:, :, rows]
        self.n_pad = None if self.n_pad is None else self.n_pad[rows]
