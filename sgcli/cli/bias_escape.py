"""sg bias escape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.cells import params
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, emit
from sgcli.cli.options import Count, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.page import PageOptions, noted, page_options

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.theory.escape import Escape


@sg_command("escape")
@surrogates()
@group(
    "Sampling",
    click.option("--samples", type=Count(100), default=1_000_000, metavar="N",
                 help="Random samples at each point."),
    click.option("--seed", type=Count(min=0), default=0, metavar="N",
                 help="Seed of the random samples."),
)  # fmt: skip
@page_options()
def escape(shapes: Sequence[Shape], samples: int, seed: int, page: PageOptions, talk: Talk) -> None:
    r"""Test whether gradients are unbiased for one neuron that fires at random.

    The neuron fires with the probability σ(u). Its gradient is compared with Monte Carlo estimates
    at 21 points. Source: Gygax & Zenke 2025, arXiv:2404.14964.

    \b
    Examples:
      sg bias escape sigmoid
      sg bias escape sigmoid atan erf -o escape.png
    """
    from sgcli.studies import bias

    result = bias.escape(shapes, samples=samples, seed=seed)
    extra = {
        "samples": result.samples,
        "seed": result.seed,
        "confidence": result.confidence,
        "curves": [_curve(entry) for entry in result.escapes if entry.u is not None],
    }
    table = noted(COLUMNS, [_row(entry) for entry in result.escapes], extra).sorted(page.sort)
    if page.targets:
        from sgcli.figures.escape import intervals

        page.draw(intervals(result.escapes, page.look), shapes)
    emit(table, page.format)


def _inside(inside: int | None, points: int | None) -> str:
    return "–" if inside is None else f"{inside} of {points}"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=params),
    Column("unbiased", "unbiased"),
    Column("in_interval", "in interval", show=_inside, right=True, more=("points",)),
    Column("difference", "difference", right=True),
    Column("room", "interval ±", right=True, extra=True),
]


def _row(entry: Escape) -> dict[str, Any]:
    row = {"name": entry.shape.name, "parameters": entry.shape.params, "note": entry.note or None}
    if entry.u is None or entry.low is None or entry.high is None:
        return row | dict.fromkeys(("unbiased", "in_interval", "points", "difference", "room"))
    at = int(entry.off.argmax())
    return row | {
        "unbiased": entry.unbiased,
        "in_interval": int(entry.inside.sum()),
        "points": len(entry.u),
        "difference": float(entry.off[at]),
        "room": float(entry.high[at] - entry.low[at]) / 2,
    }


def _curve(entry: Escape) -> dict[str, Any]:
    keys = ("u", "gradient", "expected", "estimate", "low", "high")
    curves = {key: getattr(entry, key).tolist() for key in keys}
    return {"surrogate": entry.shape.label, "h": entry.h, **curves}
