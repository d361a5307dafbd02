"""Many independent trainings, one process a core; each in its folder, found again when finished."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from sgcli.errors import SgError
from sgcli.training.runs import Result, run
from sgcli.training.settings import Settings

INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Cell:
    """One training of a grid: its result, or why there is none."""

    settings: Settings
    result: Result | None
    failure: str = ""

    @property
    def accuracy(self) -> float | None:
        return self.result.accuracy if self.result else None

    @property
    def why(self) -> str:
        """Why there is no accuracy; empty if there is one."""
        return self.failure or (self.result.diverged if self.result else "")


def train(
    grid: Sequence[Settings],
    out: Path,
    told: Callable[[int, Cell], None] = lambda count, cell: None,
    processes: int | None = None,
) -> list[Cell]:
    """Train every cell that is not finished, in the order of ``grid``.

    What was interrupted goes on from its checkpoint. ``told`` hears of each cell that ends, with
    how many have. Ctrl-C writes the checkpoints and raises ``KeyboardInterrupt``.
    """
    processes = min(processes or _cores(), len(grid))
    if processes < 2:
        done = []
        for settings in grid:
            done.append(_one(settings, out))
            _heard(done[-1], len(done), told)
        return done
    # spawn: a fork after OpenMP has started hangs.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    try:
        futures = {pool.submit(_one, settings, out): i for i, settings in enumerate(grid)}
        found = {}
        for future in as_completed(futures):
            found[futures[future]] = future.result()
            _heard(found[futures[future]], len(found), told)
        return [found[i] for i in range(len(grid))]
    finally:
        pool.shutdown(cancel_futures=True)


def _heard(cell: Cell, count: int, told: Callable[[int, Cell], None]) -> None:
    if cell.failure == INTERRUPTED:
        raise KeyboardInterrupt
    told(count, cell)


def _one(settings: Settings, out: Path) -> Cell:
    try:
        # Figures of so many runs are drawn when one is looked at: `sg runs show`.
        found = run(settings, out, resume=True, keep_weights=False, figures=False)
        return Cell(settings, found)
    except SgError as error:
        return Cell(settings, None, str(error))
    except KeyboardInterrupt:
        return Cell(settings, None, INTERRUPTED)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin() -> None:
    """Ctrl-C ends a training with a checkpoint, and a worker without one in silence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
