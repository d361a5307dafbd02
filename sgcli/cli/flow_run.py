"""sg flow --run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgcli.cli.cells import percent, short, spread
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.page import PageOptions

if TYPE_CHECKING:
    from sgcli.studies.flow_run import RunFlow


def show(run: Path, figure: str, page: PageOptions, talk: Talk, options: Mapping[str, Any]) -> int:
    """Show the flow in a trained network; the exit status."""
    from sgcli.studies.flow import flow

    result = flow(run=run, progress=talk.say, **options)
    talk.say(_in_words(result))
    table = _layers(result).sorted(page.sort)
    if page.targets:
        from sgcli.figures.gradients import of_run
        from sgcli.figures.membrane import membrane

        if figure == "layers":
            page.draw(of_run(result, page.look), [])
        else:
            page.draw(membrane(result.membranes, page.look), [])
    emit(table, page.format)
    return 0


def _layers(run: RunFlow) -> Table:
    """A row a layer of a trained network."""
    extra = {
        "surrogate": run.shape.label,
        "batch": run.samples,
        "factor": run.factor,
        "verdict": run.verdict,
        "gaussian_factor": run.gaussian_factor,
        "ratio_error": run.error,
        "measured_factor": run.measured_factor,
        "loss_factor": run.loss_factor,
    }
    title = f"{run.folder.name}, {run.samples} test samples, currents as they are"
    rows = [asdict(layer) | {"relative_error": layer.relative_error} for layer in run.layers]
    return Table(LAYERS, rows, title, extra)


def _in_words(run: RunFlow) -> str:
    return (
        f"{run.shape.label} through {len(run.layers)} layers: predicted factor {short(run.factor)} "
        f"({run.verdict}), measured {short(run.measured_factor)}, "
        f"of the loss {short(run.loss_factor)}"
    )


LAYERS = [
    Column("layer", "layer", right=True),
    Column("neurons", "neurons", right=True, extra=True),
    Column("mean", "mean of x", show=short, right=True),
    Column("deviation", "sd", show=short, right=True),
    Column("rate", "rate", show=short, right=True),
    Column("squared_weights", "σ_w²", show=short, right=True, extra=True),
    Column("gaussian", "r Gaussian", show=spread, right=True),
    Column("ratio", "r", show=spread, right=True),
    Column("measured", "r measured", show=spread, right=True),
    Column("relative_error", "error", show=percent, right=True),
    Column("of_loss", "r of the loss", show=spread, right=True),
]
