"""Threads and Ctrl-C: the state of the process that a training changes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch


@contextmanager
def threads(count: int) -> Iterator[int]:
    """Run with ``count`` CPU threads, 0 for the number that torch has; yields the number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Put the first Ctrl-C into a list instead of raising; the second one raises."""
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    try:
        before = signal.signal(signal.SIGINT, receive)
    except ValueError:  # not in the main thread, the only one that receives signals
        yield received
        return
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)
