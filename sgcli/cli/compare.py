"""sg compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli.cli.comparing import modes
from sgcli.cli.comparing.options import mode_options
from sgcli.cli.console import Talk
from sgcli.cli.formats import emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import format_option, surrogates
from sgcli.cli.output import STDOUT, destinations, figure_options, normalised, write
from sgcli.errors import SgError


@sg_command("compare")
@surrogates(required=False)
@mode_options
@figure_options("The figure to write, .png, .pdf or .svg; repeatable.", prefix="figure-")
@click.option("--sort", metavar="COLUMN", help="Order by a column; -COLUMN for the largest first.")
@format_option()
def command(
    shapes: Sequence[Any],
    output: Sequence[Path],
    figure_format: str,
    style: str,
    figure_width: float | None,
    figure_height: float | None,
    dpi: float | None,
    sort: str | None,
    format: str,
    talk: Talk,
    **given: Any,
) -> int:
    r"""Compare surrogates in a table, and with -o in a figure.

    Without a mode by their shapes: peak, area, full width at half maximum and the share of a
    membrane inside it, tails, where they are 0, and how far apart they are. With --depth by what
    they do to gradients in deep networks and through time; with --loop, --bias, --escape and --fd
    by how far they are from a gradient; with --train by what comes of it.

    \b
    Examples:
      sg compare sigmoid soft_sign atan erf -o compare.png
      sg compare all --figure distances -o distances.png
      sg compare all --depth 20 --mu -0.5 --format md -o flow.png
      sg compare sigmoid atan --depth 10 --time 8 --no-detach-reset
      sg compare --loop --beta-sg 1,5,20
      sg compare sigmoid atan --train --steps 200
    """
    if STDOUT in output:
        raise SgError("stdout carries the table", "name a file for the figure, as -o compare.png")
    targets = destinations(output, figure_format)
    flag = modes.chosen(given)
    mode = modes.MODES[flag]
    if not shapes and mode.needs_names:
        raise click.MissingParameter(param_hint="'NAME...'", param_type="argument")
    compared = mode.study(shapes, talk, modes.values(flag, given))
    table = compared.table.sorted(sort)
    if targets:
        from sgcli.figures.save import render

        figure = compared.draw(style, figure_width, figure_height)
        text = normalised(
            shapes, "style", "figure_width", "figure_height", "dpi", flag or "", *mode.defaults
        )
        contents = [(p, render(figure, f, style, dpi, text)) for p, f in targets.items()]
        write(contents, talk, taken=True)
    emit(table, format)
    return compared.status
