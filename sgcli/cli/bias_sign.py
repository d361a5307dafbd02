"""sg bias sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.bias_loop import ABOVE_0, POINTS, say_replaced
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, emit
from sgcli.cli.options import Numbers, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import Limits
from sgcli.cli.page import PageOptions, noted, page_options

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.theory.bias import Bias

MOST_POINTS = 2001  # of a curve in json
WEIGHTS = ("v1", "v2", "u1", "u2")


@sg_command("sign")
@surrogates(required=False)
@group(
    "Steepness",
    click.option("--beta", type=ABOVE_0, default=100.0, metavar="B",
                 help="Steepness of the forward pass."),
    click.option("--beta-sg", type=Numbers(), default="15,30,100", metavar="B[,B…]",
                 help="Steepness of the surrogate gradients, one or several."),
)  # fmt: skip
@group(
    "Weights",
    click.option("--weights", type=Numbers(4, 4), default="0.05,0.1,1,-1", metavar="V1,V2,U1,U2",
                 help="Fixed weights v1, v2, u1, u2."),
    click.option("--sweep", type=Limits(), default="-0.2,0.2", metavar="LO,HI",
                 help="Interval of the varied weight w."),
    click.option("--points", type=POINTS, default=10_001, metavar="N",
                 help="Number of points in the interval."),
)  # fmt: skip
@page_options()
def sign(shapes: Sequence[Shape], page: PageOptions, talk: Talk, **options: Any) -> None:
    r"""Compare the signs of surrogate and true gradients along one weight.

    The network has five weights. Its forward pass has the steepness β, its backward pass each β_SG.
    The default surrogate is sigmoid. Source: Gygax & Zenke 2025, arXiv:2404.14964.

    \b
    Examples:
      sg bias sign --beta-sg 15,30,100
      sg bias sign sigmoid atan --sweep -0.1,0.3 -o sign.png
    """
    from sgcli.studies import bias

    result = bias.sign(shapes or "sigmoid", **options)
    say_replaced(result.replaced, talk)
    extra = {
        "weights": dict(zip(WEIGHTS, result.weights, strict=True)),
        "sweep": result.sweep,
        "points": result.points,
        "curves": [_curve(entry) for entry in result.biases if entry.w is not None],
    }
    table = noted(COLUMNS, [_row(entry) for entry in result.biases], extra).sorted(page.sort)
    if page.targets:
        from sgcli.figures.bias import signs

        page.draw(signs(result.biases, page.look), shapes)
    emit(table, page.format)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.4g} %"


def _places(values: Sequence[float] | None) -> str:
    return "–" if values is None else ", ".join(f"{v:.4g}" for v in values) or "none"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("beta", "β", right=True),
    Column("beta_sg", "β_SG", right=True),
    Column("disagreement", "signs differ", right=True, show=_share),
    Column("true_crossings", "∂y/∂w is 0 at", show=_places),
    Column("crossings", "surrogate is 0 at", show=_places),
]


def _row(entry: Bias) -> dict[str, Any]:
    has_curve = entry.w is not None
    return {
        "name": entry.shape.name,
        "beta": entry.beta,
        "beta_sg": entry.beta_sg,
        "disagreement": entry.disagreement,
        "true_crossings": list(entry.true_crossings) if has_curve else None,
        "crossings": list(entry.crossings) if has_curve else None,
        "note": entry.note or None,
    }


def _curve(entry: Bias) -> dict[str, Any]:
    assert entry.w is not None
    every = slice(None, None, -(-len(entry.w) // MOST_POINTS))
    curves = {key: getattr(entry, key)[every].tolist() for key in ("w", "true", "surrogate")}
    return {"name": entry.shape.name, "beta_sg": entry.beta_sg, **curves}
