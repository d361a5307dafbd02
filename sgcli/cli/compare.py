"""sg compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import format_option, surrogates
from sgcli.cli.output import STDOUT, Limits, destinations, figure_options, normalised, write
from sgcli.errors import SgError


@sg_command("compare")
@surrogates
@figure_options("The figure to write, .png, .pdf or .svg; repeatable.")
@click.option(
    "--xlim",
    type=Limits(),
    metavar="LO,HI",
    help="Range of x of both panels: -2.5,2.5 and -10,10 if not given.",
)
@click.option("--sort", metavar="COLUMN", help="Order by a column; -COLUMN for the largest first.")
@format_option()
def command(
    shapes: Sequence[Any],
    output: Sequence[Path],
    figure_format: str,
    style: str,
    width: float | None,
    height: float | None,
    dpi: float | None,
    xlim: tuple[float, float] | None,
    sort: str | None,
    format: str,
    talk: Talk,
) -> None:
    r"""Compare surrogates in a table, and with -o in a figure.

    The figure has the gradients on a linear and on a logarithmic scale.

    Width is the full width at half maximum; between the two columns float32 the gradient
    is not zero in float32.

    \b
    Examples:
      sg compare sigmoid soft_sign atan erf -o compare.png
      sg compare all --sort -area
      sg compare sigmoid,alpha=1 sigmoid,alpha=5 --format md
    """
    from sgcli.theory.shape import compare

    if STDOUT in output:
        raise SgError("stdout carries the table", "name a file for the figure, as -o compare.png")
    targets = destinations(output, figure_format)
    compared = compare(shapes, xlim)
    table = Table(COLUMNS, [_row(one) for one in compared.measured]).sorted(sort)
    if targets:
        from sgcli.figures.comparison import comparison
        from sgcli.figures.save import render

        figure = comparison(compared, style, width, height)
        text = normalised(shapes, "style", "width", "height", "dpi", "xlim")
        contents = [(p, render(figure, f, style, dpi, text)) for p, f in targets.items()]
        write(contents, talk, taken=True)
    emit(table, format)


def _params(value: Any) -> str:
    return ", ".join(f"{name}={number:g}" for name, number in value.items())


def _end(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "∞" if value > 0 else "−∞"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=_params),
    Column("peak", "peak", right=True),
    Column("area", "area", right=True),
    Column("width", "width", right=True),
    Column("tail", "tail"),
    Column("float32_low", "float32 from", show=_end, right=True),
    Column("float32_high", "float32 to", show=_end, right=True),
]


def _row(one: Any) -> dict[str, Any]:
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "peak": one.facts.peak,
        "peak_at": one.facts.peak_at,
        "area": one.facts.area,
        "width": one.facts.width,
        "tail": one.facts.tail_text,
        "float32_low": one.float32_low,
        "float32_high": one.float32_high,
    }
