"""A grid of independent trainings, one process per core; finished ones are not repeated."""

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
_interrupts: list[int] = []  # Ctrl-C in this worker


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
        """The reason why there is no accuracy; empty if there is one."""
        return self.failure or (self.result.diverged if self.result else "")


def train(
    grid: Sequence[Settings],
    out: Path,
    progress: Callable[[int, Cell], None] = lambda count, cell: None,
    processes: int | None = None,
) -> list[Cell]:
    """Train every cell of the grid that is not finished; returns all cells, in order.

    Interrupted trainings go on from their checkpoints. ``progress`` is called with each cell that
    ends, and the number of those that have ended. Ctrl-C writes checkpoints and raises
    ``KeyboardInterrupt``.
    """
    processes = min(processes or _cores(), len(grid))
    if processes < 2:
        cells = []
        for settings in grid:
            cells.append(_train_cell(settings, out))
            _report(cells[-1], len(cells), progress)
        return cells
    # spawn: a fork after OpenMP has started hangs.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        futures = [pool.submit(_train_cell, settings, out) for settings in grid]
        for count, future in enumerate(as_completed(futures), 1):
            _report(future.result(), count, progress)
        return [future.result() for future in futures]
    except BrokenProcessPool as error:
        raise SgError(
            "a training process was killed, perhaps for lack of memory",
            "the same command goes on with the trainings that are not finished",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _report(cell: Cell, count: int, progress: Callable[[int, Cell], None]) -> None:
    if cell.failure == INTERRUPTED:
        raise KeyboardInterrupt
    progress(count, cell)


def data_of(settings: Settings) -> Data:
    """The data of a training; each process reads data that no seed decides once."""
    if settings.task in SEEDED:
        return load(settings)
    key = settings.task, settings.data_dir
    if key not in _data:
        _data[key] = load(settings)
    return _data[key]


_data: dict[tuple[str, str], Data] = {}


def _train_cell(settings: Settings, out: Path) -> Cell:
    if _interrupts:
        return Cell(settings, None, INTERRUPTED)
    data = data_of(settings)
    try:
        # Without figures: `sg runs show` draws those of a run when somebody asks for them.
        return Cell(settings, run(settings, out, resume=True, data=data, keep_weights=False))
    except SgError as error:
        return Cell(settings, None, str(error))
    except KeyboardInterrupt:
        if multiprocessing.parent_process() is not None:
            _interrupts.append(signal.SIGINT)
        return Cell(settings, None, INTERRUPTED)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin() -> None:
    """Start a worker: after Ctrl-C it begins no further training, and it ends with its parent.

    Ctrl-C during a training ends it with a checkpoint. A worker whose parent was killed exits at
    once; its run can go on from its last checkpoint.
    """
    Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, lambda number, frame: _interrupts.append(number))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
