"""sg compare NAMES --train: what comes of the predicted gradient flow."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sgcli.cli.cells import short
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table
from sgcli.errors import SgError

FAILED = 3


def study(
    shapes: Sequence[Any],
    talk: Talk,
    layers: int,
    steps: int,
    width: int,
    batch: int,
    seeds: int,
    mu: float,
    optimizers: str,
    out: Path,
    figure: str,
) -> Compared:
    from sgcli.figures.training import AGAINST
    from sgcli.training import deep

    if figure not in AGAINST:
        raise SgError(f"--train draws no '{figure}'", f"--figure {' or '.join(AGAINST)}")

    plan = deep.Plan(layers, width, batch, steps, seeds, mu, _optimizers(optimizers))
    found = deep.study(shapes, plan, out, _progress(talk))
    talk.stepped()
    rows = [_row(entry, plan) for entry in found.entries]
    ranks = {
        optimizer: {
            "all": found.agreement(optimizer),
            "recommended": found.agreement(optimizer, "recommended"),
        }
        for optimizer in plan.optimizers
    }
    _say(ranks, talk)
    return Compared(
        Table(
            _columns(plan, any(row["note"] for row in rows)),
            rows,
            extra={"rank_correlation": ranks, "out": str(out)},
        ),
        lambda style, width, height: _draw(found, figure, style, width, height),
        FAILED if any(entry.missing for entry in found.entries) else 0,
    )


NAMES = {"sgd": "SGD", "adam": "Adam"}


def _optimizers(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(word.strip() for word in text.lower().split(",")))
    for name in chosen:
        if name not in NAMES:
            raise SgError(f"there is no optimizer '{name}'", f"--optimizers {','.join(NAMES)}")
    return chosen


def _progress(talk: Talk) -> Callable[[int, int, Any], None]:
    begun = time.monotonic()

    def told(count: int, total: int, cell: Any) -> None:
        settings = cell.settings
        outcome = cell.why or f"{100 * cell.accuracy:.1f} %"
        left = (time.monotonic() - begun) / count * (total - count) / 60
        talk.step(
            f"{count}/{total}  {settings.surrogate} {settings.optimizer} seed {settings.seed}: "
            f"{outcome}, {left:.0f} min left"
        )

    return told


def _say(ranks: dict[str, Any], talk: Talk) -> None:
    """The rank correlations, of all shapes and of those with r = 1."""
    for optimizer, kinds in ranks.items():
        for kind, of in kinds.items():
            told = [f"{key.replace('_', ' ')} {v:.2f}" for key, v in of.items() if v is not None]
            if told:
                which = "all shapes" if kind == "all" else "recommended shapes"
                talk.say(
                    f"{NAMES[optimizer]}, {which}: accuracy goes with {', '.join(told)} (rank)"
                )


def _draw(found: Any, figure: str, style: str, width: float | None, height: float | None) -> Any:
    from sgcli.figures.training import training

    return training(found, figure, style, width, height)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _columns(plan: Any, noted: bool) -> list[Column]:
    accuracies = [
        column
        for optimizer in plan.optimizers
        for column in (
            Column(f"{optimizer}_accuracy", f"{NAMES[optimizer]} %", show=_percent, right=True),
            Column(f"{optimizer}_sd", "± sd", show=_percent, right=True),
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


def _row(entry: Any, plan: Any) -> dict[str, Any]:
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
        found = entry.accuracies(optimizer)
        whole = len(found) == plan.seeds
        row[f"{optimizer}_accuracy"] = statistics.fmean(found) if whole else None
        row[f"{optimizer}_sd"] = statistics.stdev(found) if whole and plan.seeds > 1 else None
        row[f"{optimizer}_runs"] = [_run(cell) for cell in entry.cells.get(optimizer, [])]
    failures = [f"seed {c.settings.seed}, {c.settings.optimizer}: {c.why}" for c in entry.missing]
    row["note"] = "; ".join(filter(None, [entry.note, *failures]))
    return row


def _run(cell: Any) -> dict[str, Any]:
    return {
        "seed": cell.settings.seed,
        "accuracy": cell.accuracy,
        "folder": cell.result.folder.name if cell.result else None,
        "failure": cell.why,
    }
