"""Timing side by side: contestants take turns in rounds, and what counts are ratios in a round.

A ratio within one round cancels what the machine does besides, which a difference of means over
separate runs would take for a result.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Runs = Mapping[str, Callable[[], Any]]
Clock = Callable[[], float]


def interleave(runs: Runs, rounds: int, clock: Clock = time.perf_counter) -> dict[str, list[float]]:
    """Seconds of each run in each round, after one round that does not count.

    The order turns from round to round, so that nobody always follows the same neighbour. As in
    timeit, garbage is collected between turns only, so that no contestant is charged for another's
    garbage.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for i in range(rounds + 1):
        turned = names[i % len(names) :] + names[: i % len(names)]
        for name in turned:
            with _no_collection():
                start = clock()
                runs[name]()
                seconds = clock() - start
            if i:
                times[name].append(seconds)
    return times


@contextmanager
def _no_collection() -> Iterator[None]:
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def ratios(times: Mapping[str, list[float]], name: str, baseline: str) -> list[float]:
    """In each round, the time of one run over that of the baseline."""
    return [t / base for t, base in zip(times[name], times[baseline], strict=True)]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """First quartile, median and third quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return q1, median, q3
