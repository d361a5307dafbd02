"""Many independent checks on all cores."""

from __future__ import annotations

import os
import signal
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
        # Workers inherit the mask, so that only the parent hears Ctrl-C. An interrupt in the
        # middle of a start would leave a worker with half of what it is sent, and a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            return pool.map(*work)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield start
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """One thread a worker."""
    os.environ["OMP_NUM_THREADS"] = "1"
