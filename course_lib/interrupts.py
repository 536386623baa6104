"""Ctrl-C that waits until a piece of work is whole."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_after_block() -> Iterator[None]:
    """Let Ctrl-C wait until the block is done, so that no update is cut in half.

    Outside the main thread, which alone receives signals, it does nothing.

    >>> done = []
    >>> try:
    ...     with interrupts_after_block():
    ...         signal.raise_signal(signal.SIGINT)
    ...         done.append("all of it")
    ... except KeyboardInterrupt:
    ...     done
    ['all of it']
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return
    asked: list[tuple[int, FrameType | None]] = []
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda number, frame: asked.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked and callable(before):
        before(*asked[0])
