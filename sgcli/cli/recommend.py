"""sg recommend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Count, Finite, group, sort_option, surrogates, table_options
from sgcli.cli.options import command as sg_command

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.studies.recommend import Recommended

POSITIVE = Finite(1e-100, 1e6)


@sg_command("recommend")
@surrogates()
@group(
    "Solution",
    click.option("--solve", metavar="PARAM",
                 help="Parameter to solve for. The default is the steepness."),
    click.option("--target", type=Finite(1e-100, 1e100), default=1.0, metavar="FACTOR",
                 help="Wanted factor of gradients over all layers."),
)  # fmt: skip
@group(
    "Network",
    click.option("--depth", type=Count(1), default=20, metavar="L", help="Number of layers."),
    click.option("--mu", type=Finite(), metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations. The "
                 "default is -0.5, or follows from --rate."),
    click.option("--rate", type=Finite(0, 1, min_open=True, max_open=True), metavar="P",
                 help="Firing rate per step. It determines mu."),
    click.option("--sd", type=POSITIVE, default=1.0, metavar="SD",
                 help="Standard deviation of the membrane, in units of the threshold."),
    click.option("--weight-std", type=POSITIVE, metavar="S",
                 help="Standard deviation of the weights, for currents without normalisation; "
                 "needs --fan-in."),
    click.option("--fan-in", type=Count(1), metavar="N",
                 help="Inputs of a neuron, with --weight-std."),
)  # fmt: skip
@sort_option()
@table_options()
def command(
    shapes: Sequence[Shape], sort: str | None, format: str, talk: Talk, **options: Any
) -> None:
    r"""Recommend shapes whose gradients keep their size in depth.

    A wide random layer multiplies the norm of gradients by r. The command solves r = 1 for one
    parameter of each surrogate: for the gradient as it is, scaled to peak 1, and scaled to area 1.
    The scale is the factor to multiply the gradient by. Among shapes with r = 1, prefer a large
    coherence: it preserves the gradient that different samples have in common.

    \b
    Examples:
      sg recommend atan --mu -0.5
      sg recommend all --rate 0.3 --depth 20
      sg recommend sigmoid --weight-std 0.05 --fan-in 784
      sg recommend s2nn --solve beta --target 0.1
    """
    from sgcli.studies.recommend import recommend

    result = recommend(shapes, **options)
    if result.weights_sd is not None:
        own = f"{result.weights_sd:.4g}; --sd is {result.sd:g}"
        talk.say(f"weights alone give the membrane the standard deviation {own}")
    keys = ("depth", "target", "ratio", "mu", "rate", "sd", "gain")
    extra = {key: getattr(result, key) for key in keys}
    rows = [_row(each) for each in result.shapes]
    emit(Table(COLUMNS, rows, extra=extra).sorted(sort), format)


WORDS = {"none": "as is", "peak": "peak 1", "area": "area 1"}


def _use(code: str | None, note: str) -> str:
    return "; ".join(filter(None, (code, note))) or "–"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("normalise", "gradient", show=WORDS.__getitem__),
    Column("ratio", "r now", right=True),
    Column("scale", "scale", right=True),
    Column("coherence", "coherence", right=True, extra=True),
    Column("code", "use", show=_use, more=("note",)),
]


def _row(result: Recommended) -> dict[str, Any]:
    recommendation = result.recommendation
    parameter, shape = recommendation.parameter, recommendation.shape
    return {
        "name": recommendation.given.name,
        "parameters": recommendation.given.params,
        "normalise": recommendation.normalise,
        "parameter": parameter or None,
        "ratio": recommendation.ratio,
        "factor": result.factor,
        "value": shape.params[parameter] if shape else None,
        "values": [each.params[parameter] for each in recommendation.shapes],
        "scale": recommendation.scale,
        "rescale": recommendation.rescale,
        "attained": recommendation.attained,
        "code": result.code or None,
        "note": recommendation.note,
        "coherence": result.coherence,
    }
