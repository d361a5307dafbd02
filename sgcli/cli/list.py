"""sg list."""

from __future__ import annotations

from typing import Any

from sgcli.cli.cells import params, short
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table, emit
from sgcli.cli.options import command as sg_command
from sgcli.cli.options import sort_option, table_options
from sgcli.definitions import Shape, load


@sg_command("list")
@sort_option()
@table_options()
def command(sort: str | None, format: str, talk: Talk) -> None:
    r"""List the surrogates with the facts of their default shapes.

    The table shows parameters, peak, area, full width at half maximum (FWHM), tail, and the peak of
    SpikingJelly's default.

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
    # In csv the module has a column of its own.
    Column("name", "surrogate", show=lambda name, module: str(name), style="bold",
           more=("module",)),
    Column("parameters", "parameters", show=_params),
    Column("peak", "peak", right=True),
    Column("area", "area", show=short, right=True),
    Column("fwhm", "FWHM", show=short, right=True),
    Column("tail", "tail"),
    Column("spikingjelly_peak", "peak in SpikingJelly", right=True, extra=True),
]  # fmt: skip


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
