"""How well a spiking network trains with a surrogate."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sgcli.definitions.core import Shape
from sgcli.definitions.names import Names, shapes_of
from sgcli.training.data.tasks import SEEDED, load
from sgcli.training.run.folder import Folder
from sgcli.training.run.report import ProgressReport
from sgcli.training.run.runs import Result, run
from sgcli.training.settings import Settings, check_applies, defaults, settings_for

SettingValue: TypeAlias = str | float | bool | list[int] | list[str] | tuple[int, ...]


@dataclass(frozen=True)
class Training:
    """The runs with one surrogate, a seed each; their folders have weights, metrics and figures."""

    shape: Shape
    runs: tuple[Result, ...]

    @property
    def accuracy(self) -> float | None:
        """The mean over the seeds, in [0, 1]; None if a run diverged."""
        accuracies = self._accuracies()
        return statistics.fmean(accuracies) if len(accuracies) == len(self.runs) else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation over the seeds; None for one seed, or if a run diverged."""
        accuracies = self._accuracies()
        several = len(accuracies) == len(self.runs) > 1
        return statistics.stdev(accuracies) if several else None

    def _accuracies(self) -> list[float]:
        return [run.accuracy for run in self.runs if run.accuracy is not None]


def train(
    task: str = "mnist",
    surrogate: Names | None = None,
    *,
    seeds: int = 1,
    out: Path | str = "runs",
    resume: bool = False,
    force: bool = False,
    report: ProgressReport | None = None,
    **settings: SettingValue,
) -> list[Training]:
    """Train a spiking network with each surrogate, ``seeds`` times from the setting ``seed`` on.

    ``task`` is one of those of ``sg train-toy``; ``surrogate`` is a name as the command line takes
    it, a definition, a shape or several of them; by default that of the task. ``settings`` are the
    options of ``sg train-toy``, with underscores: ``epochs=1``, ``hidden=[100]``, ``lr=0.001``.
    Each run is a folder under ``out``, named by what decides its result; a finished one is read, an
    interrupted one goes on with ``resume``, and ``force`` starts again. ``report`` hears of the
    progress. Raises :class:`~sgcli.errors.SgError` for a task, a surrogate or a setting that there
    is not, and for a run that was interrupted.
    """
    shapes = shapes_of(defaults(task)["surrogate"] if surrogate is None else surrogate)
    base = settings_for(task, **settings, surrogate=shapes[0])
    check_applies(base, settings)
    return study(base, shapes, seeds, Path(out), resume=resume, force=force, report=report)


def study(
    base: Settings,
    shapes: Sequence[Shape],
    seeds: int,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    report: ProgressReport | None = None,
    draw: Callable[[Folder, Shape], None] | None = None,
    tensorboard: bool = False,
) -> list[Training]:
    """For each shape ``seeds`` runs, with seeds from ``base.seed`` on; the rest as in ``run``."""
    data = None if base.task in SEEDED else load(base)

    def one(shape: Shape, seed: int) -> Result:
        return run(
            base.with_changes(surrogate=shape, seed=seed), out, data=data,
            resume=resume, force=force, report=report, draw=draw, tensorboard=tensorboard,
        )  # fmt: skip

    each = range(base.seed, base.seed + seeds)
    return [Training(shape, tuple(one(shape, seed) for seed in each)) for shape in shapes]
