"""Timing side by side: contestants take turns in rounds, and what counts are ratios in a round.

A ratio within one round cancels what the machine does besides, which a difference of means over
separate runs would take for a result.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Bar:
    """What a median ratio is asked to be."""

    kind: Literal["at most", "at least"]
    limit: float

    def __str__(self) -> str:
        return f"{self.kind} {self.limit:g}"

    def met(self, ratio: float) -> bool:
        return ratio <= self.limit if self.kind == "at most" else ratio >= self.limit


@dataclass(frozen=True)
class Row:
    """A contestant against the baseline: its time over theirs, as median and quartiles.

    ``seconds`` is the contestant's median time, ``base_seconds`` that of the baseline. What was
    skipped has a ``reason`` and no numbers.
    """

    what: str
    contestant: str
    baseline: str
    seconds: float | None = None
    base_seconds: float | None = None
    ratio: float | None = None
    q1: float | None = None
    q3: float | None = None
    rounds: int = 0
    bar: str | None = None
    met: bool | None = None
    reason: str = ""


Runs = Mapping[str, Callable[[], Any]]
Clock = Callable[[], float]


def interleave(runs: Runs, rounds: int, clock: Clock = time.perf_counter) -> dict[str, list[float]]:
    """Seconds of each run in each round, after one round that does not count.

    The order turns from round to round, so that nobody always follows the same neighbour.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for i in range(rounds + 1):
        turned = names[i % len(names) :] + names[: i % len(names)]
        for name in turned:
            start = clock()
            runs[name]()
            if i:
                times[name].append(clock() - start)
    return times


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """First quartile, median and third quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return q1, median, q3


def compare(
    what: str,
    runs: Runs,
    baseline: str,
    rounds: int,
    bar: Bar | None = None,
    clock: Clock = time.perf_counter,
) -> Iterator[Row]:
    """A row for every run but the baseline."""
    times = interleave(runs, rounds, clock)
    for name in runs:
        if name == baseline:
            continue
        ratios = [t / base for t, base in zip(times[name], times[baseline], strict=True)]
        q1, median, q3 = quartiles(ratios)
        yield Row(
            what,
            name,
            baseline,
            statistics.median(times[name]),
            statistics.median(times[baseline]),
            median,
            q1,
            q3,
            rounds,
            str(bar) if bar else None,
            bar.met(median) if bar else None,
        )
