"""sg compare NAMES: shapes side by side, or by how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sgcli.cli.cells import params, short
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column, Table
from sgcli.errors import SgError

FIGURES = ("curves", "distances")


def study(
    shapes: Sequence[Any],
    talk: Talk,
    xlim: tuple[float, float] | None,
    mu: float,
    cost: bool,
    figure: str,
) -> Compared:
    from sgcli.theory.same import families

    if figure not in FIGURES:
        raise SgError(f"--figure {figure} needs --depth", f"without it {' or '.join(FIGURES)}")
    groups = families(shapes)
    for one in (one for group in groups for one in group[1:]):
        talk.say(in_words(one))
    same = [_same(one) for group in groups for one in group[1:]]
    return (_apart if figure == "distances" else _measured)(shapes, talk, xlim, mu, cost, same)


def in_words(same: Any) -> str:
    """``super_spike,alpha=1 has the gradient of soft_sign,alpha=2 at 0.5 x``."""
    height = "" if same.height == 1 else f"{same.height:.6g} times "
    width = "" if same.width == 1 else f" at {same.width:.6g} x"
    rounded = "" if same.exact else ", to 1e-9"
    return f"{same.shape.label} has {height}the gradient of {same.of.label}{width}{rounded}"


def _same(same: Any) -> dict[str, Any]:
    labels = {"surrogate": same.shape.label, "of": same.of.label}
    return labels | {k: getattr(same, k) for k in ("height", "width", "exact")}


def _measured(
    shapes: Sequence[Any], talk: Talk, xlim: Any, mu: float, cost: bool, same: list[Any]
) -> Compared:
    from sgcli.theory.export import to_objects
    from sgcli.theory.shape import compare

    compared = compare(shapes, xlim, mu=mu)
    rows = [_row(one) for one in compared.measured]
    columns = COLUMNS
    if cost:
        talk.step("timing")
        rows = [row | one for row, one in zip(rows, _costs(shapes), strict=True)]
        talk.stepped()
        columns = [*COLUMNS[:-3], *COST, *COLUMNS[-3:]]
    curves = {"near": to_objects(compared.near), "far": to_objects(compared.far)}

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.comparison import comparison

        return comparison(compared, style, width, height)

    return Compared(Table(columns, rows, extra={"mu": mu, "same": same, "curves": curves}), draw)


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
        Column("width", "width", right=True),
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


def _row(one: Any) -> dict[str, Any]:
    low, high = one.facts.half
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "peak": one.facts.peak,
        "peak_at": one.facts.peak_at,
        "area": one.facts.area,
        "width": one.facts.width,
        "half_low": low,
        "half_high": high,
        "inside": one.inside,
        "tail": one.facts.tail_text,
        "left_tail": vars(one.facts.left),
        "right_tail": vars(one.facts.right),
        **{f"{dtype}_low": low for dtype, (low, _) in one.zero.items()},
        **{f"{dtype}_high": high for dtype, (_, high) in one.zero.items()},
    }


def _costs(shapes: Sequence[Any]) -> list[dict[str, float]]:
    from sgcli.measure.cost import costs

    keys = ("nanoseconds", "copies", "q1", "q3")
    return [
        {f"copies_{k}" if k in ("q1", "q3") else k: getattr(one, k) for k in keys}
        for one in costs(shapes)
    ]


def _apart(
    shapes: Sequence[Any], talk: Talk, xlim: Any, mu: float, cost: bool, same: list[Any]
) -> Compared:
    from sgcli.theory.distance import distances

    if len(shapes) < 2:
        raise SgError("a distance is one between two surrogates", "name more, or all")
    if cost or xlim:
        raise SgError(f"--figure distances has no {'cost' if cost else 'xlim'}", "leave it out")
    found = {norm: distances(shapes, norm) for norm in ("peak", "area")}
    for norm, one in found.items():
        for i, reason in one.reasons.items():
            talk.say(f"{shapes[i].label}: no distance at equal {norm}, {reason}")
    if all(len(one.able) < 2 for one in found.values()):
        raise SgError("no two of these can be normalised", "a gradient with a peak above 0 can")
    rows = sorted(_pairs(shapes, found), key=lambda row: (row["peak"] is None, row["peak"] or 0))
    extra = {
        "same": same,
        "surrogates": [shape.label for shape in shapes],
        "distances": {norm: one.matrix for norm, one in found.items()},
    }

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.distances import heat_maps

        return heat_maps([*found.values()], style, width, height)

    return Compared(Table(PAIR, rows, extra=extra), draw)


PAIR = [
    Column("surrogate", "surrogate", style="bold"),
    Column("other", "other", style="bold"),
    Column("peak", "both of peak 1", right=True),
    Column("area", "both of area 1", right=True),
]


def _pairs(shapes: Sequence[Any], found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for i, shape in enumerate(shapes):
        for j in range(i + 1, len(shapes)):
            yield {
                "surrogate": shape.label,
                "other": shapes[j].label,
                **{norm: one.matrix[i][j] for norm, one in found.items()},
            }
