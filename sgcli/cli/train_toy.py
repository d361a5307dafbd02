"""sg train-toy."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.cells import rates, share
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Choice, Count, argument, group, out_option, table_options, value_lists
from sgcli.cli.options import command as sg_command
from sgcli.cli.training import (
    check_typed,
    chosen,
    config_options,
    set_by_someone,
    setting_options,
    surrogate_options,
)
from sgcli.training.settings import TASKS, settings_for

if TYPE_CHECKING:
    from sgcli.studies.train import Training


@sg_command("train-toy")
@setting_options(
    "Task",
    argument("task", "TASK", f"Task to learn: {', '.join(TASKS)}.", type=Choice(TASKS)),
    *config_options,
)
@setting_options("Network")
@surrogate_options
@setting_options("Neurons")
@setting_options("Training")
@group(
    "Runs",
    click.option("--seeds", type=Count(1), default=1,
                 help="Number of trainings per surrogate; their seeds count up from --seed."),
    out_option("Folder that contains the run folders."),
    click.option("--resume", is_flag=True, help="Continue an interrupted run."),
    click.option("--force", is_flag=True, help="Train again, even if the run exists."),
    click.option("--tensorboard", is_flag=True, help="Write event files for TensorBoard too."),
)  # fmt: skip
@table_options()
def command(
    task: str,
    surrogate: Sequence[Any],
    formula: Sequence[str],
    alpha: str | None,
    param: Sequence[str],
    seeds: int,
    out: Path,
    resume: bool,
    force: bool,
    tensorboard: bool,
    format: str,
    talk: Talk,
    **options: Any,
) -> int:
    r"""Train a spiking network and show how well a surrogate does.

    A run is a folder with the network, its training and all measurements. The folder name is
    computed from the settings, so repeating a command shows the finished run instead of training
    again. The defaults below are those of mnist. Other tasks and protocols have their own.

    \b
    Examples:
      sg train-toy mnist --surrogate soft_sign --epochs 1 --seed 0
      sg train-toy mnist --surrogate atan --surrogate sigmoid,alpha=8 --seeds 3
      sg train-toy mnist --protocol snntorch-tutorial-5 --seed 1
      sg train-toy idx --data-dir KMNIST --surrogate soft_sign
      sg train-toy mnist --formula '1/(1+alpha*abs(x))**2' --alpha 10
      sg train-toy mnist --config runs/mnist-atan-…/config.toml --lr 0.001
      sg train-toy mnist --surrogate atan --limit 2000 --format json
    """
    from sgcli.cli.progress import reporter
    from sgcli.figures.run import draw
    from sgcli.studies.train import study

    shapes = chosen(task, surrogate, formula, value_lists(alpha, param))
    base = settings_for(task, **set_by_someone(options), surrogate=shapes[0])
    check_typed(base)
    trained = study(
        base, shapes, seeds, out, resume=resume, force=force, report=reporter(talk), draw=draw,
        tensorboard=tensorboard,
    )  # fmt: skip
    rows = [_row(each, base.evaluate) for each in trained]
    single = rows[0]["runs"][0] if len(rows) == seeds == 1 else {}
    emit(Table(_columns(base.evaluate, seeds), rows, extra=single), format)
    for row in rows:
        if row["diverged"]:
            talk.say(f"{row['surrogate']} diverged: {row['diverged']}")
    return int(any(row["diverged"] for row in rows))


def _columns(evaluate: str, seeds: int) -> list[Column]:
    columns = [
        Column(
            "surrogate",
            "surrogate",
            show=lambda text, label: str(label),
            style="bold",
            more=("label",),
        ),
        Column(f"{evaluate}_accuracy", f"{evaluate} accuracy", show=share, right=True),
        Column(f"{evaluate}_accuracy_sd", "± sd", show=share, right=True),
        Column("firing_rate", "firing rate", show=rates, right=True),
        Column("samples_per_second", "samples/s", show=lambda v: f"{v:,.0f}", right=True),
        Column("folder", "run", show=lambda v: Path(v).name if v else "–"),
    ]
    return [c for c in columns if seeds > 1 or not c.key.endswith("_sd")]


def _row(training: Training, measured: str) -> dict[str, Any]:
    runs = training.runs
    return {
        "surrogate": runs[0].settings.surrogate,
        "label": training.shape.label,
        "seeds": [r.settings.seed for r in runs],
        f"{measured}_accuracy": training.accuracy,
        f"{measured}_accuracy_sd": training.deviation,
        "firing_rate": runs[0].firing_rate,
        "samples_per_second": statistics.median(r.samples_per_second for r in runs),
        "seconds": sum(r.seconds for r in runs),
        "diverged": "; ".join(r.diverged for r in runs if r.diverged),
        "folder": str(runs[0].folder) if len(runs) == 1 else None,
        "runs": [{**r.row(), "folder": str(r.folder)} for r in runs],
    }
