"""Published results held against trainings of the published protocols, seed by seed."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sgcli.training.grid import Cell, train
from sgcli.training.prediction_interval import count_deviation, margin
from sgcli.training.protocols import Claim, Protocol
from sgcli.training.run.folder import Folder
from sgcli.training.run.trainer import Line
from sgcli.training.settings import Settings

REPRODUCED, MISSED, UNJUDGED = "reproduced", "missed", "not judged"
SKIPPED, FAILED = "skipped", "failed"
FEWEST = 3  # seeds: with one there is no sd, with two Student's t is 13 and contains anything


@dataclass(frozen=True)
class Training:
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
    """A claim and what came of it: a value a seed, and the trainings that they come from."""

    protocol: Protocol
    claim: Claim
    values: Sequence[float] = ()
    cells: Sequence[Cell] = ()
    note: str = ""

    @property
    def value(self) -> float | None:
        """The mean, or the median where that is claimed; None if a seed has no value."""
        if not self.values or len(self.values) < len(self.cells):
            return None
        median = self.claim.statistic == "median"
        return statistics.median(self.values) if median else statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        """Standard deviation between seeds; None for fewer than two."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def margin(self) -> float | None:
        """How far from the mean a published number may be; None where there is none to judge."""
        if self.claim.published is None or self.value is None or len(self.values) < FEWEST:
            return None
        return within(self.claim, statistics.stdev(self.values), len(self.values))

    @property
    def seconds(self) -> float | None:
        """Of a training, the median of the seeds."""
        found = [cell.result.seconds for cell in self.cells if cell.result]
        return statistics.median(found) if found else None

    @property
    def verdict(self) -> str:
        if not self.cells:
            return SKIPPED
        if any(cell.failure for cell in self.cells):
            return FAILED
        if self.value is None:  # no matter of chance: what was published did come to a result
            return MISSED
        return judged(self.claim, self.value, self.sd, len(self.values))


def judged(claim: Claim, value: float, sd: float | None, seeds: int) -> str:
    """Whether ``published`` is within the margin of the value, or the value within the bounds.

    Seeds too few, or so far apart that they would agree with anything, confirm nothing.
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


def within(claim: Claim, sd: float, seeds: int) -> float:
    """The margin of a published number, which is never finer than its test set can tell."""
    if claim.published is None or claim.measure != "accuracy":
        return margin(sd, seeds)
    return margin(sd, seeds, count_deviation(claim.published, claim.samples))


Told = Callable[[int, int, str, Cell], None]


def planned(protocols: Sequence[Protocol], seeds: int, full: bool = False) -> list[Training]:
    """What is to be trained here, seed by seed: interrupted, there is something of everything."""
    able = [p for p in protocols if torch.cuda.is_available() or not p.gpu]
    return [
        Training(p.name, arm, p.settings_of(arm, seed, full))
        for seed in range(seeds)
        for p in able
        for arm in p.arms or ("",)
    ]


def reproduce(
    protocols: Sequence[Protocol],
    seeds: int,
    out: Path,
    *,
    full: bool = False,
    told: Told = lambda count, total, name, cell: None,
    processes: int | None = None,
) -> list[Outcome]:
    """Train every arm with the seeds from 0 on; what is finished in ``out`` is found there."""
    wanted = planned(protocols, seeds, full)
    names = {one.settings: one.name for one in wanted}

    def heard(count: int, cell: Cell) -> None:
        told(count, len(wanted), names[cell.settings], cell)

    trained = train([one.settings for one in wanted], out, heard, processes)
    of: dict[tuple[str, str], list[Cell]] = {}
    for one, cell in zip(wanted, trained, strict=True):
        of.setdefault((one.protocol, one.arm), []).append(cell)
    return [
        outcome(protocol, claim, of.get((protocol.name, claim.arm), []))
        for protocol in protocols
        for claim in protocol.claims_of(full)
    ]


def outcome(protocol: Protocol, claim: Claim, cells: Sequence[Cell]) -> Outcome:
    """What trainings say of a claim."""
    if not cells:
        return Outcome(protocol, claim, note="needs a GPU")
    found = [measured(claim, cell) for cell in cells]
    why = "; ".join(dict.fromkeys(cell.why for cell in cells if cell.why))
    made = Outcome(protocol, claim, [v for v in found if v is not None], cells, why)
    if made.verdict != UNJUDGED:
        return made
    apart = f"the sd of the seeds is over {_plain(claim, claim.spread)}"
    few = f"fewer than {FEWEST} seeds"
    return replace(made, note=f"{UNJUDGED}: {few if len(cells) < FEWEST else apart}")


def _plain(claim: Claim, value: float) -> str:
    return f"{100 * value:g} %" if claim.measure == "accuracy" else f"{value:g}"


def measured(claim: Claim, cell: Cell) -> float | None:
    """The value that a claim is about; None if the training did not come to it."""
    if cell.result is None or cell.result.diverged:
        return None
    tests = [line for line in Folder(cell.result.folder).lines() if line["kind"] != "train"]
    if claim.best:
        return max(float(line[claim.measure]) for line in tests)
    chosen = [line for line in tests if _is_at(claim, line)]
    return float(chosen[-1][claim.measure]) if chosen else None


def _is_at(claim: Claim, line: Line) -> bool:
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
