"""What a training asks of its process: how many threads, and what Ctrl-C does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch


@contextmanager
def threads(count: int) -> Iterator[int]:
    """Run with that many CPU threads, 0 for as many as torch has; yields the number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Collect the first Ctrl-C in a list instead of raising; the second acts at once."""
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    try:
        before = signal.signal(signal.SIGINT, receive)
    except ValueError:  # not in the main thread, which alone receives signals
        yield received
        return
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)
