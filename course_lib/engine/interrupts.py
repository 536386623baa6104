"""Signals that ask a program to stop: Ctrl-C, and what a cluster or a system sends."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPERS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no SIGHUP
)
"""Ctrl-C; the end of a job (Slurm, JupyterHub, `kill`); a terminal that was closed."""


@contextmanager
def stopping_alike() -> Iterator[list[int]]:
    """Let every signal in STOPPERS do what Ctrl-C does: raise KeyboardInterrupt.

    Yields the numbers of the signals that came. What was ignored before (under nohup)
    stays ignored, and a process that is forked off dies of a signal as ever. Outside
    the main thread, which alone receives signals, it does nothing.

    >>> with stopping_alike() as came:
    ...     try:
    ...         signal.raise_signal(signal.SIGTERM)
    ...     except KeyboardInterrupt:
    ...         print("stopped by", signal.Signals(came[0]).name)
    stopped by SIGTERM
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    process = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != process and number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        came.append(number)
        raise KeyboardInterrupt

    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in STOPPERS}
    ours = [number for number in STOPPERS if before[number] in usual]
    for number in ours:
        signal.signal(number, stop)
    try:
        yield came
    finally:
        for number in ours:
            signal.signal(number, before[number])


@contextmanager
def interrupts_after_block() -> Iterator[None]:
    """Let Ctrl-C wait until the block is done, so that no update is cut in half.

    So do the other signals in STOPPERS that have a handler. Outside the main thread,
    which alone receives signals, it does nothing.

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
    before = {
        number: handler
        for number in STOPPERS
        if callable(handler := signal.getsignal(number))
    }
    for number in before:
        signal.signal(number, lambda number, frame: asked.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        before[asked[0][0]](*asked[0])
