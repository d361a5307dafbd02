"""sg runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import emit
from sgcli.cli.help import Group
from sgcli.cli.options import (
    Choice,
    argument,
    format_option,
    group,
    out_option,
    sort_option,
    table_options,
)
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import Drawing, figure_options, write
from sgcli.training.run.schema import FIGURES


@sg_command("runs", cls=Group, invoke_without_command=True)
@group("Runs", out_option("Folder that contains the run folders."))
@sort_option()
@table_options()
@click.pass_context
def command(ctx: click.Context, out: Path, sort: str | None, format: str, talk: Talk) -> None:
    r"""List trainings and how they ended, or show one.

    The latest comes first. A training is finished, running, interrupted, diverged or damaged.
    `sg runs show ID` shows one training in full.

    \b
    Examples:
      sg runs
      sg runs --sort -accuracy --format md
      sg runs show 4d25
      sg runs show 4d25 --figure raster -o raster.pdf --style paper
    """
    if ctx.invoked_subcommand is not None:
        return
    from sgcli.cli import runs_tables
    from sgcli.training.run import listing

    trainings = listing.runs(out)
    emit(runs_tables.overview(trainings).sorted(sort), format)
    for run in trainings:
        if run.note:
            talk.say(f"{run.name} is {run.state}: {run.note}")
    if not trainings:
        talk.say(f"no run in {out}")


@sg_command("show")
@group(
    "Run",
    argument("run", "ID", "Number of a run, name of its folder, or the beginning of either."),
    out_option("Folder that contains the run folders, if not runs.", default=None),
    click.option(
        "--figure", type=Choice(FIGURES), default=FIGURES[0], help="Figure that -o writes."
    ),
)
@figure_options("File for the figure, .png, .pdf or .svg; repeatable.")
@format_option()
@click.pass_context
def show(
    ctx: click.Context,
    run: str,
    out: Path | None,
    figure: str,
    drawing: Drawing,
    format: str,
    talk: Talk,
) -> None:
    r"""Show a training: settings, versions, metrics of each epoch, result.

    The command that made it and its files are shown too. The format json has every line of the
    metrics and the numbers of all figures.

    \b
    Examples:
      sg runs show 4d25
      sg runs show mnist-atan --format json
      sg runs show 4d25 --figure membrane -o membrane.svg
    """
    from sgcli.cli import runs_tables
    from sgcli.training.run import listing

    parent: Any = ctx.parent
    details = listing.find(out or parent.params["out"], run)
    if drawing.targets:
        from sgcli.figures import run as of_a_run
        from sgcli.training.run.folder import Folder

        drawn = of_a_run.figure(Folder(details.folder), figure, drawing.look)
        text = f"sg runs show {details.run.id} --figure {figure}"
        write(drawing.render(drawn, text), talk, taken=True)
    if format == "table":
        print(runs_tables.page(details))
    else:
        emit(runs_tables.epochs(details), format)


command.add_command(show)  # type: ignore[attr-defined]
