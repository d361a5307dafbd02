"""Does the predicted gradient flow matter? Deep networks with given and with recommended shapes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.theory.coherence import coherence, participation
from sgcli.theory.flow import predict
from sgcli.theory.recommend import recommend
from sgcli.training.grid import Cell, data_of, train
from sgcli.training.initial_gradient import layer_ratio
from sgcli.training.rank_correlation import spearman
from sgcli.training.settings import Settings, settings_for

# The network of the theory with one time step; the currents of the last layer decide the class.
PROTOCOL: dict[str, Any] = {
    "time": 1, "tau": 2.0, "decay_input": True, "reset": "hard", "init": "normal",
    "normalise": "standardise", "readout": "current", "schedule": "one_cycle", "threads": 1,
}  # fmt: skip

# Learning rates, the same for every surrogate. Of the grid 0.001, 0.003, 0.01 … 1 they have the
# highest accuracy for StudyPlan() with seed 0: the mean over sigmoid, soft_sign and super_spike
# at their defaults, on the last 10,000 training images, which are not in the test set. In %:
#   SGD   0.03: 13.1   0.1: 31.1   0.3: 18.0     Adam   0.003: 41.0   0.01: 68.9   0.03: 66.8
RATES = {"sgd": 0.1, "adam": 1e-2}


@dataclass(frozen=True)
class StudyPlan:
    """The networks and their trainings, of ``steps`` updates each; seeds count from 0."""

    layers: int = 20
    width: int = 256
    batch: int = 128
    steps: int = 200
    seeds: int = 3
    mu: float = -0.5
    optimizers: tuple[str, ...] = ("sgd", "adam")
    evaluate: str = "test"

    def settings(self, shape: Shape, optimizer: str, seed: int) -> Settings:
        return settings_for(
            "mnist",
            **PROTOCOL,
            surrogate=shape,
            hidden=[self.width] * self.layers,
            batch_size=self.batch,
            steps=self.steps,
            seed=seed,
            mu=self.mu,
            optimizer=optimizer,
            lr=RATES[optimizer],
            evaluate=self.evaluate,
        )


@dataclass(frozen=True)
class Entry:
    """A surrogate in one shape, with predictions for it and the results of its trainings.

    ``ratio`` is the predicted r of a layer; ``measured`` has that of each seed before training.
    ``shape`` is None if there is no recommended shape; ``note`` says why.
    """

    given: Shape
    kind: str  # "default" | "given" | "recommended"
    shape: Shape | None
    ratio: float | None = None
    factor: float | None = None
    coherence: float | None = None
    participation: float | None = None
    note: str = ""
    measured: Sequence[float] = ()
    cells: dict[str, list[Cell]] = field(default_factory=dict)

    @property
    def mean_ratio(self) -> float | None:
        """σ_w·|E[g]|: the factor per layer of the mean gradient over samples."""
        if self.ratio is None or self.coherence is None:
            return None
        return float(self.ratio * self.coherence**0.5)

    def accuracies(self, optimizer: str) -> list[float]:
        """The accuracies of the seeds whose training did not fail."""
        accuracies = [cell.accuracy for cell in self.cells.get(optimizer, [])]
        return [accuracy for accuracy in accuracies if accuracy is not None]

    @property
    def missing(self) -> list[Cell]:
        return [cell for cells in self.cells.values() for cell in cells if cell.accuracy is None]


@dataclass(frozen=True)
class Study:
    """All entries, two per surrogate."""

    plan: StudyPlan
    entries: Sequence[Entry]

    def rank_correlation(self, optimizer: str, kind: str = "") -> dict[str, float | None]:
        """Rank correlation of the mean accuracy with each prediction, over all entries or a kind.

        ``flow`` is −|log r|, which is highest where gradients keep their norm; ``mean_ratio`` is
        r·√coherence, the factor of the mean gradient over samples.
        """
        entries = [e for e in self.entries if kind in ("", e.kind)]
        trained = [e for e in entries if e.ratio is not None and e.accuracies(optimizer)]
        accuracies = [statistics.fmean(e.accuracies(optimizer)) for e in trained]
        predictions = {
            # Rounded: shapes that were solved for r = 1 differ in the last digits only.
            "flow": [-round(abs(math.log(e.ratio)), 4) if e.ratio else -math.inf for e in trained],
            "coherence": [e.coherence or 0.0 for e in trained],
            "mean_ratio": [e.mean_ratio or 0.0 for e in trained],
            "participation": [e.participation or 0.0 for e in trained],
        }
        return {name: spearman(values, accuracies) for name, values in predictions.items()}


def study(
    shapes: Sequence[Shape],
    plan: StudyPlan,
    out: Path,
    progress: Callable[[int, int, Cell], None] = lambda count, total, cell: None,
    processes: int | None = None,
) -> Study:
    """Train with every shape and with the one recommended for it, in folders under ``out``.

    Finished trainings are not repeated. ``progress`` is called with the number of trainings that
    have ended, their total number, and the last of them. Raises :class:`SgError` if no training
    can run.
    """
    for optimizer in plan.optimizers:
        if optimizer not in RATES:
            raise SgError(
                f"there is no optimizer '{optimizer}'", f"the optimizers are {', '.join(RATES)}"
            )
    entries = [entry for shape in shapes for entry in pair(shape, plan)]
    planned = [
        (i, optimizer, plan.settings(entry.shape, optimizer, seed))
        # Seed by seed: an interrupted study then has results of every entry.
        for seed in range(plan.seeds)
        for optimizer in plan.optimizers
        for i, entry in enumerate(entries)
        if entry.shape is not None
    ]
    grid = [settings for *_, settings in planned]
    cells = train(grid, out, lambda n, cell: progress(n, len(grid), cell), processes)
    if cells and all(cell.failure for cell in cells):
        raise SgError(cells[0].failure, "no training can run")
    trained: list[dict[str, list[Cell]]] = [{} for _ in entries]
    for (i, optimizer, _), cell in zip(planned, cells, strict=True):
        trained[i].setdefault(optimizer, []).append(cell)
    return Study(plan, [_filled(*pair, plan) for pair in zip(entries, trained, strict=True)])


def pair(shape: Shape, plan: StudyPlan) -> list[Entry]:
    """The given shape, and the one with which gradients keep their norm according to theory."""
    recommended = recommend(shape, plan.mu, plan.layers)
    kind = "default" if shape.is_default else "given"
    other = rounded(recommended.shape) if recommended.shape else None
    return [
        predicted(shape, kind, shape, plan),
        predicted(shape, "recommended", other, plan, recommended.note),
    ]


def rounded(shape: Shape) -> Shape:
    """Round parameters to six digits: the last ones of a root must not decide the name of a run."""
    return Shape.of(shape.definition, **{k: float(f"{v:.6g}") for k, v in shape.params.items()})


def predicted(
    given: Shape, kind: str, shape: Shape | None, plan: StudyPlan, note: str = ""
) -> Entry:
    """An entry with the predictions for its shape."""
    if shape is None:
        return Entry(given, kind, None, note=note)
    flow = predict(shape, plan.layers, plan.mu)
    if flow.ratio is None:
        return Entry(given, kind, shape, note=flow.note)
    c, p = coherence(shape, plan.mu), participation(shape, plan.mu)
    return Entry(given, kind, shape, flow.ratio, flow.factor, c, p, note)


def _filled(entry: Entry, cells: dict[str, list[Cell]], plan: StudyPlan) -> Entry:
    shape = entry.shape
    if shape is None:
        return entry
    settings = [plan.settings(shape, plan.optimizers[0], seed) for seed in range(plan.seeds)]
    ratios = [layer_ratio(each, data_of(each)) for each in settings]
    return replace(entry, cells=cells, measured=[ratio for ratio in ratios if ratio is not None])
