"""Writing on: many prompts at once, token by token, each key computed once.

Shape letters: `B` batch, `T` time, `V` vocabulary.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Unpack

import torch
from torch import Tensor

from course_lib.cache import KVCache
from course_lib.choices import check_choice, check_least
from course_lib.device import device_of
from course_lib.gpt import GPT
from course_lib.sampling import Dice, Knobs

if TYPE_CHECKING:
    from course_lib.engine.decoder import Decoder

Dropped = Callable[[int, list[int]], object]
"""Told the row and the oldest tokens of a prompt that did not fit."""
Ended = Callable[[int, list[int]], bool]
"""Asked after each token: the row and all it has written; True ends it."""
WhenFull = Literal["stop", "slide"]


class Options(Knobs, total=False):
    """How to write on, and how to choose the next token; see `stream`."""

    stop_tokens: Sequence[int]
    ended: Ended | None
    seeds: Sequence[int] | int | None
    when_full: WhenFull
    dropped: Dropped | None
    vocab_size: int | None


@torch.inference_mode()
def stream(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    stop_tokens: Sequence[int] = (),
    ended: Ended | None = None,
    seeds: Sequence[int] | int | None = None,
    when_full: WhenFull = "stop",
    dropped: Dropped | None = None,
    vocab_size: int | None = None,
    **knobs: Unpack[Knobs],
) -> Iterator[list[int | None]]:
    """Yield the next token of each row, step by step; None for a row that has ended.

    A row ends at a stop token, which is not yielded; when `ended` says so; after
    `max_new_tokens`; and when the context is full, unless it slides. The model is used
    in evaluation mode. What a row writes does not depend on the other rows (but for
    rounding in the last digit of its logits).

    Args:
        model: any `GPT`.
        prompts: the tokens of each row, of any length from 1 to the context size.
        max_new_tokens: the most that a row writes.
        stop_tokens: such as the end of a document.
        ended: a reason of your own, such as a stop string.
        seeds: the dice of each row; a number s stands for s, s + 1, ...; None takes
            fresh ones from torch's global generator.
        when_full: "stop", or "slide": forget the older half of the window, read the
            newer half again, go on.
        dropped: with it, a prompt that is too long loses its oldest tokens, and this
            is told which (half the context stays, more if less is to be written);
            without it such a prompt is refused.
        vocab_size: of the tokenizer; no token from there on is drawn. None: as many
            as the model has rows for.
        knobs: see `Knobs`.

    Raises:
        ValueError: for no prompts, an empty one, one that is too long, a token out of
            range, a vocabulary that the model does not have, a bad knob, or logits
            that are no numbers (at any step).

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> steps = stream(model, [[1], [2, 3]], max_new_tokens=4, temperature=0)
    >>> [len(tokens) for tokens in steps]
    [2, 2, 2, 2]
    """
    check_least(1, max_new_tokens=max_new_tokens)
    check_choice("when_full", when_full, WhenFull)
    texts = _fitting(model, prompts, max_new_tokens, dropped)
    V = _vocab_size(model, vocab_size)
    dice = Dice(texts, _seeds(seeds, len(texts)), V, device_of(model), **knobs)
    was_training = model.training
    model.eval()
    try:
        writer = _Writer(model, texts, max_new_tokens, dice)
        while writer.rows:
            tokens, stopped = writer.step(set(stop_tokens), ended, when_full)
            if any(token is not None for token in tokens):
                yield tokens
            writer.go_on(stopped)
    finally:
        model.train(was_training)


def generate(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    **options: Unpack[Options],
) -> list[list[int]]:
    """What the model writes after each prompt: the new tokens of each row.

    For the options see `stream`.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> [len(row) for row in generate(model, [[1], [2, 3]], max_new_tokens=4)]
    [4, 4]
    """
    written: list[list[int]] = [[] for _ in prompts]
    for tokens in stream(model, prompts, max_new_tokens=max_new_tokens, **options):
        for row, token in zip(written, tokens, strict=True):
            if token is not None:
                row.append(token)
    return written


class _Writer:
    """The rows that still write: their cache, their dice, what they have read."""

    def __init__(
        self, model: GPT, texts: list[list[int]], max_new_tokens: int, dice: Dice
    ) -> None:
        self.model, self.dice, self.left = model, dice, max_new_tokens
        self.rows = list(range(len(texts)))
        self.windows = texts  # what each row has read, or is about to read
        self.written: list[list[int]] = [[] for _ in texts]
        self.n_prompts = len(texts)
        self.decoder: Decoder | None = None  # reads on, one token of each row at once
        self.full = False  # a row has slid: all rows are read again, side by side
        self.logits = self.read()

    def read(self) -> Tensor:
        """Read the windows of all rows into a new cache: logits (B, V)."""
        config, device = self.model.config, device_of(self.model)
        lengths = torch.tensor([len(window) for window in self.windows])
        longest, shortest = int(lengths.max()), int(lengths.min())
        n_pad = (longest - lengths).to(device) if longest > shortest else None
        tokens = torch.zeros(len(self.windows), longest, dtype=torch.int64)
        for row, window in zip(tokens, self.windows, strict=True):
            row[longest - len(window) :] = torch.tensor(window)
        room = min(self.left, config.context_size - shortest)  # columns to write in
        dtype = self.model.embedding.weight.dtype
        cache = KVCache(
            config.cache_shape,
            len(self.windows),
            size=max(1, longest + room),
            n_pad=n_pad,
            device=device,
            dtype=dtype,
        )
        logits: Tensor = self.model(tokens.to(device), cache, last_only=True)[:, -1]
        if self.decoder is None:
            from course_lib.engine.decoder import Decoder

            self.decoder = Decoder(self.model, cache)
        self.decoder.follow(cache)
        return logits

    def step(
        self, stop_tokens: set[int], ended: Ended | None, when_full: str
    ) -> tuple[list[int | None], list[int]]:
        """Draw a token of each row: those to show, and which rows have ended."""
        self.drawn = self.dice.draw(self.logits)
        self.left -= 1
        shown: list[int | None] = [None] * self.n_prompts
        stopped, self.full = [], False
        size = self.model.config.context_size
        for i, token in enumerate(self.drawn.tolist()):
            row = self.rows[i]
            if token in stop_tokens:
                stopped.append(i)
                continue
            shown[row] = token
            self.windows[i].append(token)
            self.written[row].append(token)
            done = ended is not None and ended(row, self.written[row])
            full = len(self.windows[i]) > size  # this token will never be read
            if done or self.left == 0 or (full and when_full == "stop"):
                stopped.append(i)
            elif full:
                self.windows[i] = self.windows[i][-max(1, size // 2) :]
                self.full = True
        return shown, stopped

    def go_on(self, stopped: list[int]) -> None:
        """Forget the rows that have ended, let the others read their new token."""
        assert self.decoder is not None
        if stopped:
            gone = set(stopped)
            kept = [i for i in range(len(self.rows)) if i not in gone]
            self.rows = [self.rows[i] for i in kept]
            self.windows = [self.windows[i] for i in kept]
            if not kept:
                return
            rows = torch.tensor(kept)
            self.dice.keep(rows)
            self.drawn = self.drawn[rows.to(self.drawn.device)]
            if not self.full:
                self.decoder.cache.keep(rows)
                self.decoder.follow(self.decoder.cache)
        # The decoder gives model(drawn[:, None], cache)[:, -1], sooner.
        self.logits = self.read() if self.full else self.decoder(self.drawn)


def _fitting(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    dropped: Dropped | None,
) -> list[list[int]]:
    """The prompts as lists of their own, checked, and cut if that is wanted."""
    size, vocab_size = model.config.context_size, model.config.vocab_size
    if not prompts:
        raise ValueError("there are no prompts: give one or more")
    texts = [list(prompt) for prompt in prompts]
    for row, text in enumerate(texts):
        if not text:
            raise ValueError(f"prompt {row + 1} is empty: give it one token or more")
        for token in (min(text), max(text)):
            if not 0 <= token < vocab_size:
                raise ValueError(
                    f"prompt {row + 1} holds token {token}: this model knows "
                    f"0 .. {vocab_size - 1}"
                )
        if len(text) <= size:
            continue
        if dropped is None:
            raise ValueError(
                f"prompt {row + 1} has {len(text)} tokens and this model reads "
                f"{size}: shorten it by {len(text) - size} or more, or give `dropped` "
                "to let the oldest go"
            )
        kept = max(size // 2, size - max_new_tokens, 1)  # leave room to write in
        dropped(row, text[:-kept])
        texts[row] = text[-kept:]
    return texts


def _vocab_size(model: GPT, vocab_size: int | None) -> int:
    most = model.config.vocab_size
    if vocab_size is not None and not 1 <= vocab_size <= most:
        raise ValueError(f"vocab_size is {vocab_size}: this model has rows for {most}")
    return vocab_size or most


def _seeds(seeds: Sequence[int] | int | None, n_rows: int) -> list[int]:
    if seeds is None:
        return torch.randint(2**62, (n_rows,)).tolist()
    if isinstance(seeds, int):
        return [seeds + row for row in range(n_rows)]
    if len(seeds) != n_rows:
        raise ValueError(f"there are {len(seeds)} seeds for {n_rows} prompts")
    return list(seeds)
