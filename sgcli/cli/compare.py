"""sg compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sgcli.cli.console import Talk
from sgcli.cli.formats import emit
from sgcli.cli.options import Finite, group, surrogates
from sgcli.cli.options import command as sg_command
from sgcli.cli.output import Limits
from sgcli.cli.page import Page, figure_option, page_options
from sgcli.errors import SgError

if TYPE_CHECKING:
    from sgcli.definitions import Shape
    from sgcli.theory.same import Same


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
    from sgcli.cli import compare_tables
    from sgcli.studies.compare import compare

    if cost:
        talk.step("timing")
    compared = compare(shapes, xlim=xlim, mu=mu, cost=cost)
    talk.stepped()
    _say(compared.same, talk)
    table = compare_tables.shapes(compared).sorted(page.sort)
    if page.targets:
        from sgcli.figures.comparison import comparison

        page.draw(comparison(compared, *page.look), shapes)
    emit(table, page.format)


def _distances(shapes: Sequence[Shape], page: Page, talk: Talk) -> None:
    from sgcli.cli import compare_tables
    from sgcli.studies.compare import distances

    apart = distances(shapes)
    _say(apart.same, talk)
    for one in (apart.peak, apart.area):
        for i, reason in one.reasons.items():
            talk.say(f"{shapes[i].label}: no distance at equal {one.norm}, {reason}")
    table = compare_tables.pairs(apart).sorted(page.sort)
    if page.targets:
        from sgcli.figures.distances import heat_maps

        page.draw(heat_maps([apart.peak, apart.area], *page.look), shapes)
    emit(table, page.format)


def _say(same: Sequence[Same], talk: Talk) -> None:
    """``super_spike,alpha=1 has the gradient of soft_sign,alpha=2 at 0.5 x``."""
    for one in same:
        height = "" if one.height == 1 else f"{one.height:.6g} times "
        width = "" if one.width == 1 else f" at {one.width:.6g} x"
        rounded = "" if one.exact else ", to 1e-9"
        talk.say(f"{one.shape.label} has {height}the gradient of {one.of.label}{width}{rounded}")
