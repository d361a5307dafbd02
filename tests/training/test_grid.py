"""Grids of trainings: each cell found again, resumed, and its failure told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sgcli.training import grid as grid_module
from sgcli.training.data.samples import Data
from sgcli.training.grid import Cell, train
from sgcli.training.run.folder import Folder
from sgcli.training.run.schema import RESULT
from sgcli.training.run.trainer import Trainer
from sgcli.training.settings import settings_for


@pytest.fixture
def grid(data: Data, small: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(grid_module, "data_of", lambda task: data)
    return [small(surrogate=name) for name in ("atan", "sigmoid")]


def counting(monkeypatch: pytest.MonkeyPatch, at: Callable[[int], None]) -> None:
    """Call ``at`` with the number of each step that is taken."""
    taken, advance = [0], Trainer.advance

    def counted(trainer: Trainer) -> Any:
        taken[0] += 1
        at(taken[0])
        return advance(trainer)

    monkeypatch.setattr(Trainer, "advance", counted)


def test_finished_cells_are_found_again(
    grid: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, Cell]] = []
    done = train(grid, tmp_path, lambda count, cell: heard.append((count, cell)), processes=1)
    assert [cell.settings for cell in done] == grid
    assert heard == list(enumerate(done, 1))
    assert all(cell.accuracy is not None and not cell.why for cell in done)
    assert not list(tmp_path.rglob("checkpoint*"))
    counting(monkeypatch, lambda step: pytest.fail("trained again"))
    assert train(grid, tmp_path, processes=1) == done


def test_an_interrupted_grid_goes_on_where_it_was(
    grid: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(grid, tmp_path / "whole", processes=1)
    steps: list[int] = []

    def press(step: int) -> None:
        steps.append(step)
        if step == 15:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        counting(patch, press)
        with pytest.raises(KeyboardInterrupt):
            train(grid, tmp_path / "again", processes=1)
    assert len(steps) == 15
    counting(monkeypatch, steps.append)
    again = train(grid, tmp_path / "again", processes=1)
    assert len(steps) == 2 * 22
    assert [cell.accuracy for cell in again] == [cell.accuracy for cell in whole]


def test_a_cell_that_cannot_run_says_why_and_the_others_run(
    grid: list[Any], tmp_path: Path
) -> None:
    first = train(grid[:1], tmp_path, processes=1)[0]
    assert first.result is not None
    (first.result.folder / RESULT).unlink()
    with Folder(first.result.folder).locked():
        done = train(grid[:2], tmp_path, processes=1)
    assert done[0].accuracy is None
    assert "another process" in done[0].why
    assert done[1].accuracy is not None


def test_a_cell_that_diverges_says_where(grid: list[Any], small: Any, tmp_path: Path) -> None:
    (cell,) = train([small(lr=1e38, optimizer="sgd")], tmp_path, processes=1)
    assert cell.accuracy is None
    assert "in epoch 1" in cell.why


GRID = """
from pathlib import Path
from sgcli.training.grid import train
from sgcli.training.settings import settings_for

if __name__ == "__main__":
    grid = [settings_for("mnist", steps=10**9, limit=200, hidden=[8], time=2, threads=1, seed=seed)
            for seed in (0, 1)]
    train(grid, Path("runs"), processes=2)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "grid.py").write_text(GRID)
    parent = subprocess.Popen([sys.executable, "grid.py"], cwd=tmp_path)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    try:
        wait(lambda: len(list(tmp_path.glob("runs/*/metrics.jsonl"))) == 2)
        workers = [Path("/proc") / pid for pid in children.read_text().split()]
    finally:
        parent.kill()
        parent.wait()
    assert len(workers) >= 2
    wait(lambda: not any(worker.exists() for worker in workers))


def wait(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_processes_come_to_what_one_comes_to(tmp_path: Path) -> None:
    grid = [
        settings_for("mnist", steps=2, limit=200, hidden=[8], time=2, threads=1, seed=seed)
        for seed in (0, 1)
    ]
    assert grid_module._cores() >= 1
    one = train(grid, tmp_path / "one", processes=1)
    two = train(grid, tmp_path / "two", processes=2)
    assert [cell.accuracy for cell in two] == [cell.accuracy for cell in one]
    assert [cell.settings for cell in two] == grid
