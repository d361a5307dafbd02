"""Does the predicted gradient flow matter? Deep networks trained with given and other shapes."""

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

# The network of the theory at one time step; the class is read from the currents of the last layer.
PROTOCOL: dict[str, Any] = {
    "time": 1, "tau": 2.0, "decay_input": True, "reset": "hard", "init": "normal",
    "normalise": "standardise", "readout": "current", "schedule": "one_cycle", "threads": 1,
}  # fmt: skip

# Of the grid 0.001, 0.003, 0.01 … 1 the rate with the highest accuracy on the last 10,000 training
# images, which are not in the test set, for Plan() with seed 0: the mean of sigmoid, soft_sign and
# super_spike at their defaults, the same rate for every surrogate. In %:
#   SGD   0.03: 13.1   0.1: 31.1   0.3: 18.0     Adam   0.003: 41.0   0.01: 68.9   0.03: 66.8
RATES = {"sgd": 0.1, "adam": 1e-2}


@dataclass(frozen=True)
class Plan:
    """The networks and their trainings, ``steps`` updates each with seeds from 0 on."""

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
    """A surrogate in one shape: what is predicted of it, and what came of its trainings.

    ``ratio`` is the predicted r of a layer, ``measured`` that of each seed before the training.
    ``shape`` is None where nothing is recommended; ``note`` says why.
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
        """σ_w·|E[g]|: a layer's factor of the part of a gradient that all samples share."""
        if self.ratio is None or self.coherence is None:
            return None
        return float(self.ratio * self.coherence**0.5)

    def accuracies(self, optimizer: str) -> list[float]:
        """Of the seeds whose training ended well."""
        found = [cell.accuracy for cell in self.cells.get(optimizer, [])]
        return [accuracy for accuracy in found if accuracy is not None]

    @property
    def missing(self) -> list[Cell]:
        return [cell for cells in self.cells.values() for cell in cells if cell.accuracy is None]


@dataclass(frozen=True)
class Study:
    """All entries, two a surrogate."""

    plan: Plan
    entries: Sequence[Entry]

    def rank_correlation(self, optimizer: str, kind: str = "") -> dict[str, float | None]:
        """Rank correlation of the mean accuracy with each prediction, of all entries or a kind.

        ``flow`` is -|log r|, how near the factor of a gradient's norm is to 1; ``mean_ratio`` is
        r·√coherence, the factor of what is common to the gradients of all samples.
        """
        entries = [e for e in self.entries if kind in ("", e.kind)]
        trained = [e for e in entries if e.ratio is not None and e.accuracies(optimizer)]
        reached = [statistics.fmean(e.accuracies(optimizer)) for e in trained]
        predictions = {
            # Rounded, because of shapes that are made for r = 1 it has the last digits only.
            "flow": [-round(abs(math.log(e.ratio)), 4) if e.ratio else -math.inf for e in trained],
            "coherence": [e.coherence or 0.0 for e in trained],
            "mean_ratio": [e.mean_ratio or 0.0 for e in trained],
            "participation": [e.participation or 0.0 for e in trained],
        }
        return {name: spearman(values, reached) for name, values in predictions.items()}


Told = Callable[[int, int, Cell], None]


def study(
    shapes: Sequence[Shape],
    plan: Plan,
    out: Path,
    told: Told = lambda count, total, cell: None,
    processes: int | None = None,
) -> Study:
    """Train every shape and the one recommended for it; finished trainings are found in ``out``.

    Raises :class:`SgError` where no training can run at all.
    """
    for optimizer in plan.optimizers:
        if optimizer not in RATES:
            raise SgError(f"there is no optimizer '{optimizer}'", f"as in {','.join(RATES)}")
    entries = [entry for shape in shapes for entry in pair(shape, plan)]
    seeds = range(plan.seeds)
    wanted = [
        (i, optimizer, seed)
        # Seed by seed, so that an interrupted study has something of everything.
        for seed in seeds
        for optimizer in plan.optimizers
        for i, entry in enumerate(entries)
        if entry.shape is not None
    ]
    shapes_of = [entry.shape for entry in entries]
    grid = [plan.settings(shape, o, s) for i, o, s in wanted if (shape := shapes_of[i])]
    cells = train(grid, out, lambda n, cell: told(n, len(grid), cell), processes)
    if cells and all(cell.failure for cell in cells):
        raise SgError(cells[0].failure, "none of the trainings can run")
    of: dict[int, dict[str, list[Cell]]] = {i: {} for i in range(len(entries))}
    for (i, optimizer, _), cell in zip(wanted, cells, strict=True):
        of[i].setdefault(optimizer, []).append(cell)
    return Study(plan, [_filled(entry, of[i], plan) for i, entry in enumerate(entries)])


def pair(shape: Shape, plan: Plan) -> list[Entry]:
    """The shape as given, and the one whose gradients the theory says keep their norm."""
    found = recommend(shape, plan.mu, plan.layers)
    kind = "default" if shape.is_default else "given"
    other = rounded(found.shape) if found.shape else None
    return [
        predicted(shape, kind, shape, plan),
        predicted(shape, "recommended", other, plan, found.note),
    ]


def rounded(shape: Shape) -> Shape:
    """Six digits of each parameter: the name of a run must not hang on the last ones of a root."""
    return Shape.of(shape.definition, **{k: float(f"{v:.6g}") for k, v in shape.params.items()})


def predicted(given: Shape, kind: str, shape: Shape | None, plan: Plan, note: str = "") -> Entry:
    if shape is None:
        return Entry(given, kind, None, note=note)
    flow = predict(shape, plan.layers, plan.mu)
    if flow.ratio is None:
        return Entry(given, kind, shape, note=flow.note)
    c, p = coherence(shape, plan.mu), participation(shape, plan.mu)
    return Entry(given, kind, shape, flow.ratio, flow.factor, c, p, note)


def _filled(entry: Entry, cells: dict[str, list[Cell]], plan: Plan) -> Entry:
    shape = entry.shape
    if shape is None:
        return entry
    settings = [plan.settings(shape, plan.optimizers[0], seed) for seed in range(plan.seeds)]
    ratios = [layer_ratio(one, data_of(one)) for one in settings]
    return replace(entry, cells=cells, measured=[ratio for ratio in ratios if ratio is not None])
