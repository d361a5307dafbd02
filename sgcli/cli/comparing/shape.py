"""sg compare NAMES: shapes side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sgcli.cli.comparing.modes import Compared
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table


def study(
    shapes: Sequence[Any],
    talk: Talk,
    xlim: tuple[float, float] | None,
    mu: float,
    cost: bool,
    figure: str,
) -> Compared:
    from sgcli.theory.shape import compare

    compared = compare(shapes, xlim)
    return Compared(
        Table(COLUMNS, [_row(one) for one in compared.measured]),
        lambda style, width, height: _draw(compared, style, width, height),
    )


def _draw(compared: Any, style: str, width: float | None, height: float | None) -> Any:
    from sgcli.figures.comparison import comparison

    return comparison(compared, style, width, height)


def _params(value: Any) -> str:
    return ", ".join(f"{name}={number:g}" for name, number in value.items())


def _end(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "∞" if value > 0 else "−∞"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=_params),
    Column("peak", "peak", right=True),
    Column("area", "area", right=True),
    Column("width", "width", right=True),
    Column("tail", "tail"),
    Column("float32_low", "float32 from", show=_end, right=True),
    Column("float32_high", "float32 to", show=_end, right=True),
]


def _row(one: Any) -> dict[str, Any]:
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "peak": one.facts.peak,
        "peak_at": one.facts.peak_at,
        "area": one.facts.area,
        "width": one.facts.width,
        "tail": one.facts.tail_text,
        "float32_low": one.float32_low,
        "float32_high": one.float32_high,
    }
