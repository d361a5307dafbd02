"""What a benchmark finds: contestants against a baseline, and the bars that ratios are held to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sgcli.measure.rounds import Clock, Runs, interleave, quartiles, ratios


@dataclass(frozen=True)
class Bar:
    """What the median ratio, or the time over the baseline's in microseconds, is asked to be."""

    kind: Literal["at most", "at least"]
    limit: float
    of: Literal["", "µs over"] = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.limit:g} {self.of}".strip()

    def met(self, ratio: float, over: float = 0.0) -> bool:
        """Whether a ratio, or ``over`` seconds, meets it."""
        value = 1e6 * over if self.of else ratio
        return value <= self.limit if self.kind == "at most" else value >= self.limit


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


def compare(
    what: str,
    runs: Runs,
    baseline: str,
    rounds: int,
    bar: Bar | None = None,
    clock: Clock = time.perf_counter,
    calls: int = 1,
) -> Iterator[Row]:
    """A row for every run but the baseline; a turn is so many calls, and its time that of one."""
    turns = {name: partial(_repeat, run, calls) for name, run in runs.items()}
    times = {
        name: [turn / calls for turn in result]
        for name, result in interleave(turns, rounds, clock).items()
    }
    for name in runs:
        if name == baseline:
            continue
        q1, median, q3 = quartiles(ratios(times, name, baseline))
        both = zip(times[name], times[baseline], strict=True)
        over = statistics.median(own - base for own, base in both)
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
            bar.met(median, over) if bar else None,
        )


def _repeat(run: Callable[[], Any], calls: int) -> None:
    for _ in range(calls):
        run()
