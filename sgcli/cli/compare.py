"""sg compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sgcli.cli import compare_tables
from sgcli.cli.console import Talk
from sgcli.cli.formats import emit
from sgcli.cli.options import Finite, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import Limits
from sgcli.cli.page import PageOptions, figure_option, page_options
from sgcli.errors import SgError

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.theory.equivalence import Same


@sg_command("compare")
@surrogates()
@group(
    "Comparison",
    click.option("--mu", type=Finite(), default=0.0, metavar="MU",
                 help="Mean of the membrane minus the threshold, in standard deviations."),
    click.option("--cost", is_flag=True, help="Also measure the time per element, with torch."),
)  # fmt: skip
@page_options(
    figure_option(["curves", "distances"], "Content of the figure and of the table.", "curves"),
    click.option("--xlim", type=Limits(), metavar="LO,HI",
                 help="Range of x, instead of -2.5,2.5 and -10,10."),
)  # fmt: skip
def command(
    shapes: Sequence[Shape],
    mu: float,
    cost: bool,
    figure: str,
    xlim: tuple[float, float] | None,
    page: PageOptions,
    talk: Talk,
) -> None:
    r"""Compare the shapes of surrogates in a table and a figure.

    The table has peak, area, full width at half maximum (FWHM), the share of membrane potentials
    in that support, tails, and the inputs at which the gradient becomes 0. --figure distances
    shows how far the shapes are apart. See also sg flow for gradients in deep networks, and
    sg bias for the distance from a gradient.

    \b
    Examples:
      sg compare sigmoid soft_sign atan erf -o compare.png
      sg compare all --figure distances -o distances.png
      sg compare all --cost --sort nanoseconds
    """
    if figure == "distances":
        for name, value in (("cost", cost), ("xlim", xlim), ("mu", mu)):
            if value:
                raise SgError(f"--figure distances has no {name}", "leave it out")
        _distances(shapes, page, talk)
        return
    from sgcli.studies.compare import compare

    if cost:
        talk.step("timing")
    compared = compare(shapes, xlim=xlim, mu=mu, cost=cost)
    talk.stepped()
    _say(compared.same, talk)
    table = compare_tables.shapes(compared).sorted(page.sort)
    if page.targets:
        from sgcli.figures.comparison import comparison

        page.draw(comparison(compared, page.look), shapes)
    emit(table, page.format)


def _distances(shapes: Sequence[Shape], page: PageOptions, talk: Talk) -> None:
    from sgcli.studies.compare import distances

    apart = distances(shapes)
    _say(apart.same, talk)
    for matrix in (apart.peak, apart.area):
        for i, reason in matrix.reasons.items():
            talk.say(f"{shapes[i].label}: no distance at equal {matrix.norm}, {reason}")
    table = compare_tables.distances(apart).sorted(page.sort)
    if page.targets:
        from sgcli.figures.distances import heat_maps

        page.draw(heat_maps([apart.peak, apart.area], page.look), shapes)
    emit(table, page.format)


def _say(same: Sequence[Same], talk: Talk) -> None:
    """As in: super_spike,alpha=1 has the gradient of soft_sign,alpha=2 at 0.5 x."""
    for pair in same:
        height = "" if pair.height == 1 else f"{pair.height:.6g} times "
        width = "" if pair.width == 1 else f" at {pair.width:.6g} x"
        rounded = "" if pair.exact else ", to 1e-9"
        talk.say(f"{pair.shape.label} has {height}the gradient of {pair.of.label}{width}{rounded}")
