"""Published results compared with trainings of the published protocols, over several seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sgcli.training.grid import Cell, train
from sgcli.training.prediction_interval import count_deviation, margin
from sgcli.training.protocols import Protocol, PublishedResult
from sgcli.training.run.folder import Folder
from sgcli.training.run.trainer import Line
from sgcli.training.settings import Settings

REPRODUCED, MISSED, UNJUDGED = "reproduced", "missed", "not judged"
SKIPPED, FAILED = "skipped", "failed"
FEWEST = 3  # seeds: one has no sd; with two, Student's t is 13 and the interval contains anything


@dataclass(frozen=True)
class PlannedTraining:
    """One training of an arm of a protocol."""

    protocol: str
    arm: str
    settings: Settings

    @property
    def name(self) -> str:
        parts = (self.protocol, self.arm, f"seed {self.settings.seed}")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Outcome:
    """A claim, the value that each seed reached, and the trainings."""

    protocol: Protocol
    claim: PublishedResult
    values: Sequence[float] = ()
    cells: Sequence[Cell] = ()
    note: str = ""

    @property
    def value(self) -> float | None:
        """The mean, or the median if the claim is about it; None if a seed has no value."""
        if not self.values or len(self.values) < len(self.cells):
            return None
        median = self.claim.statistic == "median"
        return statistics.median(self.values) if median else statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        """Standard deviation over seeds; None for fewer than two."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def margin(self) -> float | None:
        """The largest distance of a published number from the mean; None if none is judged."""
        if self.claim.published is None or self.value is None or len(self.values) < FEWEST:
            return None
        return within(self.claim, statistics.stdev(self.values), len(self.values))

    @property
    def seconds(self) -> float | None:
        """Duration of a training, the median over seeds."""
        seconds = [cell.result.seconds for cell in self.cells if cell.result]
        return statistics.median(seconds) if seconds else None

    @property
    def verdict(self) -> str:
        if not self.cells:
            return SKIPPED
        if any(cell.failure for cell in self.cells):
            return FAILED
        if self.value is None:  # no matter of chance: the published training had a result
            return MISSED
        return judged(self.claim, self.value, self.sd, len(self.values))


def judged(claim: PublishedResult, value: float, sd: float | None, seeds: int) -> str:
    """Whether ``published`` is within the margin around the value, or the value within the bounds.

    Too few seeds confirm nothing, nor do seeds that spread so far that any number would agree.
    """
    if sd is None or seeds < FEWEST:
        return UNJUDGED
    if claim.published is not None:
        if abs(value - claim.published) > within(claim, sd, seeds):
            return MISSED
        return REPRODUCED if sd <= claim.spread else UNJUDGED
    low = claim.above is None or value > claim.above
    high = claim.below is None or value < claim.below
    return REPRODUCED if low and high else MISSED


def within(claim: PublishedResult, sd: float, seeds: int) -> float:
    """The margin around the mean; it is never smaller than the resolution of the test set."""
    if claim.published is None or claim.measure != "accuracy":
        return margin(sd, seeds)
    return margin(sd, seeds, count_deviation(claim.published, claim.samples))


Progress = Callable[[int, int, str, Cell], None]


def planned(protocols: Sequence[Protocol], seeds: int, full: bool = False) -> list[PlannedTraining]:
    """The trainings that can run here, seed by seed: an interruption leaves some of each."""
    possible = [p for p in protocols if torch.cuda.is_available() or not p.gpu]
    return [
        PlannedTraining(p.name, arm, p.settings_of(arm, seed, full))
        for seed in range(seeds)
        for p in possible
        for arm in p.arms or ("",)
    ]


def reproduce(
    protocols: Sequence[Protocol],
    seeds: int,
    out: Path,
    *,
    full: bool = False,
    progress: Progress = lambda count, total, name, cell: None,
    processes: int | None = None,
) -> list[Outcome]:
    """Train every arm with seeds from 0 on; finished trainings in ``out`` are not repeated.

    ``progress`` is called with the number of trainings that have ended, their total number, and
    name and cell of the last.
    """
    trainings = planned(protocols, seeds, full)
    names = {training.settings: training.name for training in trainings}

    def report(count: int, cell: Cell) -> None:
        progress(count, len(trainings), names[cell.settings], cell)

    cells = train([training.settings for training in trainings], out, report, processes)
    cells_of_arm: dict[tuple[str, str], list[Cell]] = {}
    for training, cell in zip(trainings, cells, strict=True):
        cells_of_arm.setdefault((training.protocol, training.arm), []).append(cell)
    return [
        outcome(protocol, claim, cells_of_arm.get((protocol.name, claim.arm), []))
        for protocol in protocols
        for claim in protocol.claims_of(full)
    ]


def outcome(protocol: Protocol, claim: PublishedResult, cells: Sequence[Cell]) -> Outcome:
    """The outcome of a claim, from the trainings of its arm."""
    if not cells:
        return Outcome(protocol, claim, note="needs a GPU")
    values = [value for cell in cells if (value := measured(claim, cell)) is not None]
    failures = "; ".join(dict.fromkeys(cell.why for cell in cells if cell.why))
    result = Outcome(protocol, claim, values, cells, failures)
    if result.verdict != UNJUDGED:
        return result
    few, spread = f"fewer than {FEWEST} seeds", f"the sd of the seeds is over {_limit(claim)}"
    return replace(result, note=f"{UNJUDGED}: {few if len(cells) < FEWEST else spread}")


def _limit(claim: PublishedResult) -> str:
    return f"{100 * claim.spread:g} %" if claim.measure == "accuracy" else f"{claim.spread:g}"


def measured(claim: PublishedResult, cell: Cell) -> float | None:
    """The measured value that a claim is about; None if the training did not reach it."""
    if cell.result is None or cell.result.diverged:
        return None
    tests = [line for line in Folder(cell.result.folder).lines() if line["kind"] != "train"]
    if claim.best:
        return max(float(line[claim.measure]) for line in tests)
    chosen = [line for line in tests if _is_at(claim, line)]
    return float(chosen[-1][claim.measure]) if chosen else None


def _is_at(claim: PublishedResult, line: Line) -> bool:
    if claim.step:
        return bool(line["step"] == claim.step)
    return not claim.epoch or bool(line["epoch"] == claim.epoch)


def row(outcome: Outcome) -> dict[str, Any]:
    """Plain values for tables and JSON."""
    claim = outcome.claim
    folders = [str(cell.result.folder) for cell in outcome.cells if cell.result]
    return {
        "protocol": outcome.protocol.name,
        "arm": claim.arm,
        "claim": claim.what,
        **{k: getattr(claim, k) for k in ("measure", "statistic", "published", "below", "above")},
        **{k: getattr(outcome, k) for k in ("value", "sd", "margin", "verdict", "seconds", "note")},
        "seeds": len(outcome.values),
        "source": outcome.protocol.source,
        "values": list(outcome.values),
        "folders": folders,
    }
