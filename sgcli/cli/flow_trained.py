"""sg flow --train."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgcli.cli.cells import short
from sgcli.cli.console import Talk
from sgcli.cli.flow_options import OPTIMIZERS
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.page import Page

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.training.deep import Entry, Plan, Study
    from sgcli.training.grid import Cell

FAILED = 3


def show(
    shapes: Sequence[Shape], figure: str, page: Page, talk: Talk, given: Mapping[str, Any]
) -> int:
    """Train networks and show what came of it; the exit status."""
    from sgcli.studies.flow_trained import train_deep

    study = train_deep(shapes, progress=_progress(talk), **given)
    talk.stepped()
    _say(study, talk)
    table = trainings(study, given["out"]).sorted(page.sort)
    if page.targets:
        from sgcli.figures.training import training

        page.draw(training(study, figure, page.look), shapes)
    emit(table, page.format)
    return FAILED if any(entry.missing for entry in study.entries) else 0


def _progress(talk: Talk) -> Callable[[int, int, Cell], None]:
    """What is told of each training that ends: how it ended, and the time that is left."""
    begun = time.monotonic()

    def tell(count: int, total: int, cell: Cell) -> None:
        settings = cell.settings
        outcome = cell.why or f"{percent(cell.accuracy)} %"
        left = (time.monotonic() - begun) / count * (total - count) / 60
        talk.step(
            f"{count}/{total}  {settings.surrogate} {settings.optimizer} seed {settings.seed}: "
            f"{outcome}, {left:.0f} min left"
        )

    return tell


def _say(study: Study, talk: Talk) -> None:
    """The rank correlations, of all shapes and of those with r = 1."""
    for optimizer, kinds in ranks(study).items():
        for kind, of in kinds.items():
            known = [f"{key.replace('_', ' ')} {v:.2f}" for key, v in of.items() if v is not None]
            if known:
                name = f"{OPTIMIZERS[optimizer]}, {kind} shapes"
                talk.say(f"{name}: accuracy goes with {', '.join(known)} (rank)")


def trainings(study: Study, out: Path) -> Table:
    """Two rows a surrogate: its shape as given, and the recommended one."""
    rows = [_row(entry, study.plan) for entry in study.entries]
    columns = _columns(study.plan, any(row["note"] for row in rows))
    return Table(columns, rows, extra={"rank_correlation": ranks(study), "out": str(out)})


def ranks(study: Study) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        optimizer: {
            "all": study.rank_correlation(optimizer),
            "recommended": study.rank_correlation(optimizer, "recommended"),
        }
        for optimizer in study.plan.optimizers
    }


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _columns(plan: Plan, noted: bool) -> list[Column]:
    accuracies = [
        column
        for optimizer in plan.optimizers
        for column in (
            Column(f"{optimizer}_accuracy", f"{OPTIMIZERS[optimizer]} %", show=percent, right=True),
            Column(f"{optimizer}_sd", "± sd", show=percent, right=True),
        )
    ]
    return [
        Column("surrogate", "surrogate", style="bold"),
        Column("kind", "shape"),
        Column("ratio", "r", show=short, right=True),
        Column("measured", "measured", show=short, right=True),
        Column("factor", f"r^{plan.layers}", show=short, right=True),
        Column("coherence", "coherence", show=short, right=True),
        Column("mean_ratio", "mean r", show=short, right=True),
        *(c for c in accuracies if plan.seeds > 1 or not c.key.endswith("_sd")),
        *([Column("note", "note", show=lambda text: text or "–")] if noted else []),
    ]


def _row(entry: Entry, plan: Plan) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": entry.given.name,
        "surrogate": entry.shape.label if entry.shape else entry.given.name,
        "kind": entry.kind,
        "parameters": entry.shape.params if entry.shape else None,
        "ratio": entry.ratio,
        "measured": statistics.fmean(entry.measured) if entry.measured else None,
        "measured_sd": statistics.stdev(entry.measured) if len(entry.measured) > 1 else None,
        "factor": entry.factor,
        "coherence": entry.coherence,
        "mean_ratio": entry.mean_ratio,
        "participation": entry.participation,
    }
    for optimizer in plan.optimizers:
        reached = entry.accuracies(optimizer)
        whole = len(reached) == plan.seeds
        row[f"{optimizer}_accuracy"] = statistics.fmean(reached) if whole else None
        row[f"{optimizer}_sd"] = statistics.stdev(reached) if whole and plan.seeds > 1 else None
        row[f"{optimizer}_runs"] = [_run(cell) for cell in entry.cells.get(optimizer, [])]
    failures = [f"seed {c.settings.seed}, {c.settings.optimizer}: {c.why}" for c in entry.missing]
    row["note"] = "; ".join(filter(None, [entry.note, *failures]))
    return row


def _run(cell: Cell) -> dict[str, Any]:
    return {
        "seed": cell.settings.seed,
        "accuracy": cell.accuracy,
        "folder": cell.result.folder.name if cell.result else None,
        "failure": cell.why,
    }
