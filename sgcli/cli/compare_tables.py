"""The tables of sg compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sgcli.cli.cells import params, short
from sgcli.cli.formats import Column, Table

if TYPE_CHECKING:
    from sgcli.measure.cost import Cost
    from sgcli.studies.compare import Comparison, ShapeDistances
    from sgcli.theory.equivalence import Same
    from sgcli.theory.shape import Measured


def shapes(compared: Comparison) -> Table:
    """A row a shape."""
    from sgcli.theory.export import to_objects

    rows = [_row(measured) for measured in compared.measured]
    columns = COLUMNS
    if compared.costs:
        rows = [row | _cost(cost) for row, cost in zip(rows, compared.costs, strict=True)]
        columns = [*COLUMNS[:-3], *COST, *COLUMNS[-3:]]
    curves = {"near": to_objects(compared.near), "far": to_objects(compared.far)}
    extra = {"mu": compared.mu, "same": _same(compared.same), "curves": curves}
    return Table(columns, rows, extra=extra)


def distances(apart: ShapeDistances) -> Table:
    """A row for every two shapes."""
    rows = [
        {"surrogate": p.shape.label, "other": p.other.label, "peak": p.peak, "area": p.area}
        for p in apart.pairs
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
        {"surrogate": s.shape.label, "of": s.of.label, **{key: getattr(s, key) for key in numbers}}
        for s in same
    ]


def _ends(low: float, high: float) -> str:
    """The x beyond which the gradient is 0: ``±26.3``, or ``−26.3, ∞`` where the sides differ."""
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
    Column("in_support", "in support", show=short, right=True, extra=True),
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


def _row(measured: Measured) -> dict[str, Any]:
    facts = measured.facts
    low, high = facts.half
    return {
        "name": measured.shape.name,
        "parameters": measured.shape.params,
        "peak": facts.peak,
        "peak_at": facts.peak_at,
        "area": facts.area,
        "fwhm": facts.fwhm,
        "half_low": low,
        "half_high": high,
        "in_support": measured.in_support,
        "tail": facts.tail_text,
        "left_tail": vars(facts.left),
        "right_tail": vars(facts.right),
        **{f"{dtype}_low": low for dtype, (low, _) in measured.zero.items()},
        **{f"{dtype}_high": high for dtype, (_, high) in measured.zero.items()},
    }


def _cost(cost: Cost) -> dict[str, float]:
    return {
        "nanoseconds": cost.nanoseconds,
        "copies": cost.copies,
        "copies_q1": cost.q1,
        "copies_q3": cost.q3,
    }
