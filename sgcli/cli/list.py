"""sg list."""

from __future__ import annotations

from typing import Any

from sgcli.cli.cells import params
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import format_option, sort_option
from sgcli.definitions import Shape, load


@sg_command("list")
@sort_option()
@format_option()
def command(sort: str | None, format: str, talk: Talk) -> None:
    r"""List the surrogates with the facts of their default shapes.

    The table shows parameters, peak, peak of SpikingJelly's default, area, full width at half
    maximum (FWHM) and tail.

    \b
    Examples:
      sg list
      sg list --sort -fwhm
      sg list --format json
    """
    rows = [_row(definition) for definition in load.everything()]
    emit(Table(COLUMNS, rows).sorted(sort), format)


def _params(value: Any) -> str:
    return params({p["name"]: p["default"] for p in value})


COLUMNS = [
    Column("name", "function", style="bold"),
    Column("module", "module", style="none", extra=True),
    Column("parameters", "parameters", show=_params),
    Column("peak", "peak", right=True),
    Column("spikingjelly_peak", "in SpikingJelly", right=True, extra=True),
    Column("area", "area", right=True, extra=True),
    Column("fwhm", "FWHM", right=True, extra=True),
    Column("tail", "tail", extra=True),
]


def _row(definition: Any) -> dict[str, Any]:
    from sgcli.definitions.facts import facts, peer_default_peak

    known = facts(Shape.of(definition))
    return {
        "name": definition.name,
        "module": definition.__name__,
        "family": definition.family(),
        "summary": definition.summary(),
        "parameters": [
            {"name": p.name, "default": p.default, "domain": p.domain, "integer": p.integer}
            for p in definition.params.values()
        ],
        "peak": known.peak,
        "spikingjelly_peak": peer_default_peak(definition, "spikingjelly"),
        "area": known.area,
        "fwhm": known.fwhm,
        "tail": known.tail_text,
        "even": known.even,
    }
