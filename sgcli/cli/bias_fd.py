"""sg bias fd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.cells import params
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, emit
from sgcli.cli.options import Count, Finite, Numbers, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.page import PageOptions, noted, page_options

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.measure.finite_differences import Cosines

COUNT = Count(min=1)


@sg_command("fd")
@surrogates()
@group(
    "Finite differences",
    click.option("--epsilon", type=Numbers(), default="0.01,0.03,0.1,0.3,1,3", metavar="E[,E…]",
                 help="Steps of the finite differences, one or several."),
)  # fmt: skip
@group(
    "Network",
    click.option("--units", type=COUNT, default=64, metavar="N", help="Neurons of the layer."),
    click.option("--batch", type=COUNT, default=256, metavar="N", help="Samples per batch."),
    click.option("--seeds", type=COUNT, default=5, metavar="N", help="Number of random networks."),
    click.option("--mu", type=Finite(), default=-0.5, metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations."),
)  # fmt: skip
@page_options()
def fd(shapes: Sequence[Shape], page: PageOptions, talk: Talk, **options: Any) -> None:
    r"""Measure the cosine between surrogate gradients and finite differences of the loss.

    The loss depends on the spikes of a small layer with random weights. Each weight is changed by
    ±ε in turn. Source: Li et al., Dspike, NeurIPS 2021.

    \b
    Examples:
      sg bias fd sigmoid atan
      sg bias fd sigmoid --alpha 1,2,5,10 -o cosines.png
    """
    from sgcli.studies import bias

    result = bias.fd(shapes, **options)
    steps = result.cosines[0].epsilon
    extra = {
        "network": {k: getattr(result, k) for k in ("units", "batch", "seeds", "mu")},
        "cosines": [_numbers(entry) for entry in result.cosines],
    }
    columns = [*COLUMNS, *(Column(f"cosine_{e:g}", f"ε = {e:g}", **STEP) for e in steps)]
    table = noted(columns, [_row(entry) for entry in result.cosines], extra).sorted(page.sort)
    if page.targets:
        from sgcli.figures.finite_differences import agreement

        page.draw(agreement(result.cosines, page.look), shapes)
    emit(table, page.format)


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_deviation(value: float | None, deviation: float | None) -> str:
    return _short(value) if deviation is None else f"{_short(value)} ± {deviation:.3f}"


STEP: Any = {"show": _short, "right": True, "extra": True}
COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=params),
    Column("epsilon", "best ε", right=True),
    Column("cosine", "cosine there", show=_with_deviation, right=True, more=("deviation",)),
]


def _row(entry: Cosines) -> dict[str, Any]:
    best, means = entry.best, entry.means
    return {
        "name": entry.shape.name,
        "parameters": entry.shape.params,
        "epsilon": None if best is None else entry.epsilon[best],
        "cosine": None if best is None else means[best],
        "deviation": None if best is None else entry.deviations[best],
        **{f"cosine_{e:g}": m for e, m in zip(entry.epsilon, means, strict=True)},
        "note": entry.note or None,
    }


def _numbers(entry: Cosines) -> dict[str, Any]:
    return {
        "surrogate": entry.shape.label,
        "epsilon": entry.epsilon,
        "mean": entry.means,
        "deviation": entry.deviations,
        "values": entry.values,
    }
