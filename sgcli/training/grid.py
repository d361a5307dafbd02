"""Many independent trainings, one process a core; each in its folder, found again when finished."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from sgcli.errors import SgError
from sgcli.training.data.samples import Data
from sgcli.training.data.tasks import SEEDED, load
from sgcli.training.run.runs import Result, run
from sgcli.training.settings import Settings

INTERRUPTED = "interrupted"
_pressed: list[int] = []  # Ctrl-C, in a worker


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
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        futures = {pool.submit(_one, settings, out): i for i, settings in enumerate(grid)}
        found = {}
        for future in as_completed(futures):
            found[futures[future]] = future.result()
            _heard(found[futures[future]], len(found), told)
        return [found[i] for i in range(len(grid))]
    except BrokenProcessPool as error:
        raise SgError(
            "a process that trained was ended from outside, perhaps for want of memory",
            "the same command goes on with what is not finished",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _heard(cell: Cell, count: int, told: Callable[[int, Cell], None]) -> None:
    if cell.failure == INTERRUPTED:
        raise KeyboardInterrupt
    told(count, cell)


def data_of(settings: Settings) -> Data:
    """The data of a training; what no seed decides is read once a process."""
    if settings.task in SEEDED:
        return load(settings)
    key = settings.task, settings.data_dir
    if key not in _read:
        _read[key] = load(settings)
    return _read[key]


_read: dict[tuple[str, str], Data] = {}


def _one(settings: Settings, out: Path) -> Cell:
    if _pressed:
        return Cell(settings, None, INTERRUPTED)
    data = data_of(settings)
    try:
        # Figures of so many runs are drawn when one is looked at: `sg runs show`.
        found = run(settings, out, resume=True, data=data, keep_weights=False)
        return Cell(settings, found)
    except SgError as error:
        return Cell(settings, None, str(error))
    except KeyboardInterrupt:
        if multiprocessing.parent_process() is not None:
            _pressed.append(signal.SIGINT)
        return Cell(settings, None, INTERRUPTED)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin() -> None:
    """Ctrl-C ends a training with a checkpoint; between two, it keeps a worker from the next.

    A worker whose parent was killed ends as it did: its run goes on from its checkpoint.
    """
    Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, lambda number, frame: _pressed.append(number))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
