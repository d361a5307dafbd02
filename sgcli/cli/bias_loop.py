"""sg bias loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, emit
from sgcli.cli.options import Count, Finite, Numbers, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.page import PageOptions, noted, page_options
from sgcli.errors import DataError

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.studies.bias import Replaced
    from sgcli.theory.loop import Loop

ABOVE_0 = Finite(0, min_open=True)
POINTS = Count(3, 10_000_000)


@sg_command("loop")
@surrogates(required=False)
@group(
    "Steepness",
    click.option("--beta", type=ABOVE_0, default=1e4, metavar="B",
                 help="Steepness of the forward pass."),
    click.option("--beta-sg", type=Numbers(), default="1,5,20", metavar="B[,B…]",
                 help="Steepness of the surrogate gradients, one or several."),
)  # fmt: skip
@group(
    "Loop",
    click.option("--radius", type=ABOVE_0, default=1.8, metavar="R",
                 help="Radius of the loop in the space of weights."),
    click.option("--points", type=POINTS, metavar="N",
                 help="Points of a trapezoidal rule, instead of adaptive refinement."),
    click.option("--directions", metavar="FILE",
                 type=click.Path(path_type=Path, exists=True, dir_okay=False),
                 help="File with the plane of the loop: two lines of five numbers."),
)  # fmt: skip
@page_options()
def loop(
    shapes: Sequence[Shape], directions: Path | None, page: PageOptions, talk: Talk, **options: Any
) -> None:
    r"""Integrate surrogate gradients around a closed loop of weights.

    The network has five weights. Its forward pass has the steepness β, its backward pass each β_SG.
    The default surrogate is sigmoid. Source: Gygax & Zenke 2025, arXiv:2404.14964.

    \b
    Examples:
      sg bias loop --beta-sg 1,5,20
      sg bias loop all --format md -o loop.png
    """
    from sgcli.studies import bias

    if directions is not None:
        options["directions"] = read(directions)
    result = bias.loop(shapes or "sigmoid", **options)
    say_replaced(result.replaced, talk)
    extra = {
        "radius": result.radius,
        "points": result.points,
        "directions": result.directions,
        "curves": [_curve(entry) for entry in result.loops if entry.running is not None],
    }
    table = noted(COLUMNS, [_row(entry) for entry in result.loops], extra).sorted(page.sort)
    if page.targets:
        from sgcli.figures.loop import running

        page.draw(running(result.loops, page.look), shapes)
    emit(table, page.format)


def say_replaced(replaced: Sequence[Replaced], talk: Talk) -> None:
    for entry in replaced:
        talk.say(f"{entry.shape.label}: {entry.name} is set by --beta and --beta-sg")


def read(path: Path) -> list[list[float]]:
    """Two lines of five numbers; raises :class:`DataError` for anything else."""
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    try:
        rows = [[float(word) for word in line.replace(",", " ").split()] for line in lines]
    except ValueError:
        rows = []
    if [len(row) for row in rows] != [5, 5]:
        raise DataError(
            f"{path} does not have two lines of five numbers", "in the order w v1 v2 u1 u2"
        )
    return rows


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("beta", "β", right=True),
    Column("beta_sg", "β_SG", right=True),
    Column("integral", "∮ g·dθ", right=True),
    Column("error", "error below", right=True, show=lambda e: "–" if e is None else f"{e:.0e}"),
    Column("path", "∮ |g·dθ|", right=True),
]


def _row(entry: Loop) -> dict[str, Any]:
    keys = ("beta", "beta_sg", "integral", "error", "path")
    return {
        "name": entry.shape.name,
        **{k: getattr(entry, k) for k in keys},
        "note": entry.note or None,
    }


def _curve(entry: Loop) -> dict[str, Any]:
    assert entry.phi is not None
    assert entry.running is not None
    curves = {"phi": entry.phi.tolist(), "running": entry.running.tolist()}
    return {"name": entry.shape.name, "beta_sg": entry.beta_sg, **curves}
