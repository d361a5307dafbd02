"""sg compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sgcli.cli.cells import params, short
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import Finite, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import Limits
from sgcli.cli.page import Page, figure_option, page_options
from sgcli.errors import SgError

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.measure.cost import Cost
    from sgcli.studies.compare import Comparison, ShapeDistances
    from sgcli.theory.equivalence import Same
    from sgcli.theory.shape import Measured


@sg_command("compare")
@surrogates()
@group(
    "Comparison",
    click.option("--mu", type=Finite(), default=0.0, metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations."),
    click.option("--cost", is_flag=True, help="Measure the cost of an element too, with torch."),
)  # fmt: skip
@page_options(
    figure_option(["curves", "distances"], "What is drawn and stands in the table.", "curves"),
    click.option("--xlim", type=Limits(), metavar="LO,HI",
                 help="Range of x of both panels, if not -2.5,2.5 and -10,10."),
)  # fmt: skip
def command(
    shapes: Sequence[Shape],
    mu: float,
    cost: bool,
    figure: str,
    xlim: tuple[float, float] | None,
    page: Page,
    talk: Talk,
) -> None:
    r"""Compare the shapes of surrogates in a table and a figure.

    Peak, area, full width at half maximum and the share of a membrane inside it, tails, and where
    they are 0. With --figure distances how far they are apart. `sg flow` says what they do to
    gradients in deep networks, `sg bias` how far they are from a gradient.

    \b
    Examples:
      sg compare sigmoid soft_sign atan erf -o compare.png
      sg compare all --figure distances -o distances.png
      sg compare all --cost --sort nanoseconds
    """
    if figure == "distances":
        for name, given in (("cost", cost), ("xlim", xlim), ("mu", mu)):
            if given:
                raise SgError(f"--figure distances has no {name}", "leave it out")
        _distances(shapes, page, talk)
        return
    from sgcli.studies.compare import compare

    if cost:
        talk.step("timing")
    compared = compare(shapes, xlim=xlim, mu=mu, cost=cost)
    talk.stepped()
    _say(compared.same, talk)
    table = _table(compared).sorted(page.sort)
    if page.targets:
        from sgcli.figures.comparison import comparison

        page.draw(comparison(compared, page.look), shapes)
    emit(table, page.format)


def _distances(shapes: Sequence[Shape], page: Page, talk: Talk) -> None:
    from sgcli.studies.compare import distances

    apart = distances(shapes)
    _say(apart.same, talk)
    for one in (apart.peak, apart.area):
        for i, reason in one.reasons.items():
            talk.say(f"{shapes[i].label}: no distance at equal {one.norm}, {reason}")
    table = _pairs(apart).sorted(page.sort)
    if page.targets:
        from sgcli.figures.distances import heat_maps

        page.draw(heat_maps([apart.peak, apart.area], page.look), shapes)
    emit(table, page.format)


def _say(same: Sequence[Same], talk: Talk) -> None:
    """``super_spike,alpha=1 has the gradient of soft_sign,alpha=2 at 0.5 x``."""
    for one in same:
        height = "" if one.height == 1 else f"{one.height:.6g} times "
        width = "" if one.width == 1 else f" at {one.width:.6g} x"
        rounded = "" if one.exact else ", to 1e-9"
        talk.say(f"{one.shape.label} has {height}the gradient of {one.of.label}{width}{rounded}")


def _table(compared: Comparison) -> Table:
    """A row a shape."""
    from sgcli.theory.export import to_objects

    rows = [_row(one) for one in compared.measured]
    columns = COLUMNS
    if compared.costs:
        rows = [row | _cost(cost) for row, cost in zip(rows, compared.costs, strict=True)]
        columns = [*COLUMNS[:-3], *COST, *COLUMNS[-3:]]
    curves = {"near": to_objects(compared.near), "far": to_objects(compared.far)}
    extra = {"mu": compared.mu, "same": _same(compared.same), "curves": curves}
    return Table(columns, rows, extra=extra)


def _pairs(apart: ShapeDistances) -> Table:
    """A row for every two shapes."""
    rows = [
        {"surrogate": one.shape.label, "other": one.other.label, "peak": one.peak, "area": one.area}
        for one in apart.pairs
    ]
    extra = {
        "same": _same(apart.same),
        "surrogates": [shape.label for shape in apart.shapes],
        "distances": {"peak": apart.peak.matrix, "area": apart.area.matrix},
    }
    return Table(PAIR, rows, extra=extra)


def _same(same: Sequence[Same]) -> list[dict[str, Any]]:
    numbers = ("height", "width", "exact")
    return [
        {"surrogate": one.shape.label, "of": one.of.label, **{k: getattr(one, k) for k in numbers}}
        for one in same
    ]


def _ends(low: float, high: float) -> str:
    """The x from which on the gradient is 0: ``±26.3``; ``−26.3, ∞`` where the sides differ."""
    first, last = (
        ("∞" if math.isinf(end) else f"{end:.2g}" if end >= 1e5 else short(end))
        for end in (-low, high)
    )
    if low == -high:
        return f"±{last}" if high else last
    return f"−{first}, {last}" if low < 0 else f"{short(low)}, {last}"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=params),
    Column("peak", "peak", right=True),
    Column("area", "area", right=True),
    Column("fwhm", "FWHM", right=True),
    Column("inside", "inside", show=short, right=True, extra=True),
    Column("tail", "tail"),
    *(
        Column(f"{dtype}_low", f"0 in {dtype}", show=_ends, right=True,
               more=(f"{dtype}_high",), extra=True)
        for dtype in ("float32", "float16", "bfloat16")
    ),
]  # fmt: skip
COST = [
    Column("nanoseconds", "ns an element", right=True, show=short),
    Column("copies", "in copies of x", right=True, show=short),
]
PAIR = [
    Column("surrogate", "surrogate", style="bold"),
    Column("other", "other", style="bold"),
    Column("peak", "both of peak 1", right=True),
    Column("area", "both of area 1", right=True),
]


def _row(one: Measured) -> dict[str, Any]:
    low, high = one.facts.half
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "peak": one.facts.peak,
        "peak_at": one.facts.peak_at,
        "area": one.facts.area,
        "fwhm": one.facts.fwhm,
        "half_low": low,
        "half_high": high,
        "inside": one.inside,
        "tail": one.facts.tail_text,
        "left_tail": vars(one.facts.left),
        "right_tail": vars(one.facts.right),
        **{f"{dtype}_low": low for dtype, (low, _) in one.zero.items()},
        **{f"{dtype}_high": high for dtype, (_, high) in one.zero.items()},
    }


def _cost(cost: Cost) -> dict[str, float]:
    return {
        "nanoseconds": cost.nanoseconds,
        "copies": cost.copies,
        "copies_q1": cost.q1,
        "copies_q3": cost.q3,
    }
