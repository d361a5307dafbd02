"""Many independent checks on all cores."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from sgcli.checks.subject import Subject
from sgcli.definitions.catalogue import REGISTRY

WORTH_IT = 6  # a worker needs a second to import what it needs
Each = Callable[..., Any]


@contextmanager
def mapping(groups: Sequence[Sequence[Subject]], device: str) -> Iterator[Each]:
    """``map``, in this process or, where it pays, in one process a core.

    Only what another process can import is sent to one: the catalogue.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    ours = all(REGISTRY.get(s.shape.name) is s.shape.definition for g in groups for s in g)
    if not ours or device != "cpu" or len(groups) < WORTH_IT or (cores or 1) < 2:
        yield map
        return
    # spawn: a fork after OpenMP has started hangs.
    pool = ProcessPoolExecutor(min(cores or 1, 8), get_context("spawn"), initializer=_begin)

    def start(*work: Any) -> Iterator[Any]:
        with _later_interrupts():
            return pool.map(*work)

    try:
        yield start
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _later_interrupts() -> Iterator[None]:
    """Put Ctrl-C off while workers are started.

    Workers inherit the mask, so that only the parent hears it. An interrupt in the middle of a
    start would leave a worker with half of what it is sent, and a traceback. The mask alone does
    not prevent it: a signal may arrive in a thread of torch, and Python handles it in this one.
    """
    pressed: list[int] = []
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT)
    if main:
        signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if pressed:
        raise KeyboardInterrupt


def _begin() -> None:
    """One thread a worker."""
    os.environ["OMP_NUM_THREADS"] = "1"
