"""sg recommend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Finite, format_option, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.errors import SgError

if TYPE_CHECKING:
    from sgcli.theory.recommend import Recommendation

POSITIVE = Finite(1e-100, 1e6)

OPTIONS = [
    click.option("--mu", type=Finite(), default=-0.5, metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations."),
    click.option("--rate", type=Finite(0, 1, min_open=True, max_open=True), metavar="P",
                 help="The firing rate per step instead: the mu at which a unit fires so often."),
    click.option("--depth", type=click.IntRange(1), default=20, metavar="L", help="Layers."),
    click.option("--target", type=Finite(1e-100, 1e100), default=1.0, metavar="FACTOR",
                 help="What gradients are to be multiplied by over all layers."),
    click.option("--solve", metavar="PARAM",
                 help="The parameter to solve for; if not given, the one that sets the steepness."),
    click.option("--weight-std", type=POSITIVE, metavar="S",
                 help="Of the weights, if currents are not normalised; needs --fan-in."),
    click.option("--fan-in", type=click.IntRange(1), metavar="N", help="Inputs of a unit."),
    click.option("--sd", type=POSITIVE, default=1.0, metavar="SD",
                 help="Standard deviation of the membrane, the threshold being 1."),
    click.option("--sort", metavar="COLUMN",
                 help="Order by a column; -COLUMN for the largest first."),
]  # fmt: skip


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for one in reversed(OPTIONS):
        function = one(function)
    return function


@sg_command("recommend")
@surrogates()
@_options
@format_option()
def command(
    shapes: Sequence[Any],
    depth: int,
    target: float,
    solve: str | None,
    sort: str | None,
    format: str,
    talk: Talk,
    **given: Any,
) -> None:
    r"""Recommend a shape whose gradients keep their size through a deep network.

    r is what a layer multiplies the norm of gradients by, in the mean over wide random layers.
    Solves r = 1 for one parameter of each surrogate, for the gradient as it is, divided by its
    peak, and divided by its area: "times" is the factor that this leaves to multiply it by. Of
    two shapes that keep the norm, the one of larger coherence keeps more of what the gradients of
    different samples have in common.

    \b
    Examples:
      sg recommend atan --mu -0.5
      sg recommend all --rate 0.3 --depth 20
      sg recommend sigmoid --weight-std 0.05 --fan-in 784
      sg recommend s2nn --solve beta --target 0.1
    """
    from sgcli.theory.recommend import NORMALISE, recommend

    about = _membrane(given, talk)
    mu, sd, gain = about["mu"] * about["sd"], about["sd"], about["gain"]
    ratio = target ** (1 / depth)
    found = [
        recommend(
            shape, mu, depth,
            target=ratio, solve=solve, normalise=normalise, sigma=sd, gain=gain,
        )
        for shape in shapes
        for normalise in NORMALISE
    ]  # fmt: skip
    rows = [{**_row(one, depth), "coherence": _coherence(one, about)} for one in found]
    extra = {"method": "flow", "depth": depth, "target": target, "ratio": ratio, **about}
    emit(Table(COLUMNS, rows, extra=extra).sorted(sort), format)


def _membrane(given: dict[str, Any], talk: Talk) -> dict[str, Any]:
    if given["rate"] is not None and _was_given("mu"):
        raise SgError("--mu and --rate exclude one another", "each follows from the other")
    if (given["weight_std"] is None) != (given["fan_in"] is None):
        raise SgError("--weight-std and --fan-in need one another", "the gain is S·√N")
    normal = NormalDist()
    mu = given["mu"] if given["rate"] is None else normal.inv_cdf(given["rate"])
    sd, gain = given["sd"], None
    rate = normal.cdf(mu)
    if given["weight_std"] is not None:
        gain = given["weight_std"] * math.sqrt(given["fan_in"])
        own = gain * math.sqrt(rate * (1 - rate))
        talk.say(
            f"weights alone give the membrane the standard deviation {own:.4g}; --sd is {sd:g}"
        )
    return {"mu": mu, "rate": rate, "sd": sd, "gain": gain}


def _was_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


WORDS = {"none": "as is", "peak": "peak 1", "area": "area 1"}


def _use(code: str | None, note: str) -> str:
    return "; ".join(filter(None, (code, note))) or "–"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("normalise", "gradient", show=WORDS.__getitem__),
    Column("ratio", "r now", right=True),
    Column("scale", "times", right=True),
    Column("coherence", "coherence", right=True, extra=True),
    Column("code", "use", show=_use, more=("note",)),
]


def _row(found: Recommendation, depth: int) -> dict[str, Any]:
    from sgcli.theory.flow import power

    name = found.parameter
    return {
        "name": found.given.name,
        "parameters": found.given.params,
        "normalise": found.normalise,
        "parameter": name or None,
        "ratio": found.ratio,
        "factor": None if found.ratio is None else power(found.ratio, depth),
        "value": found.shape.params[name] if found.shape else None,
        "values": [one.params[name] for one in found.shapes],
        "scale": found.scale,
        "rescale": found.rescale,
        "attained": found.attained,
        "code": _code(found.shape) if found.shape else None,
        "note": found.note,
    }


def _coherence(found: Recommendation, about: dict[str, Any]) -> float | None:
    """Of the shape to use, the given one where there is none."""
    from sgcli.theory.coherence import coherence

    if found.ratio is None:
        return None
    return coherence(found.shape or found.given, about["mu"] * about["sd"], about["sd"])


def _code(shape: Any) -> str:
    """The line that makes it: of the parameters, those that are not the defaults."""
    from sgcli.definitions import REGISTRY

    definition = shape.definition
    if definition not in REGISTRY.values():
        return str(shape.label)
    told = zip(shape.params.items(), definition.defaults, strict=True)
    arguments = ", ".join(f"{k}={v:.4g}" for (k, v), default in told if v != default)
    return f"surrogate.{definition.__name__}({arguments})"
