"""sg compare --escape: the surrogate gradient of a neuron that fires at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgcli.cli.cells import params
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.comparing.notes import table
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column


def study(shapes: Sequence[Any], talk: Talk, samples: int, seed: int) -> Compared:
    from sgcli.theory.escape import CONFIDENCE, escape

    found = [escape(shape, samples, seed) for shape in shapes]

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.escape import intervals

        return intervals(found, style, width, height)

    extra = {
        "samples": samples,
        "seed": seed,
        "confidence": CONFIDENCE,
        "curves": [_curve(one) for one in found if one.u is not None],
    }
    return Compared(table(COLUMNS, [_row(one) for one in found], extra), draw)


def _inside(inside: int | None, points: int | None) -> str:
    return "–" if inside is None else f"{inside} of {points}"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=params),
    Column("unbiased", "unbiased"),
    Column("inside", "inside", show=_inside, right=True, more=("points",)),
    Column("difference", "difference", right=True),
    Column("room", "interval ±", right=True, extra=True),
]


def _row(one: Any) -> dict[str, Any]:
    row = {"name": one.shape.name, "parameters": one.shape.params, "note": one.note or None}
    if one.u is None:
        return row | dict.fromkeys(("unbiased", "inside", "points", "difference", "room"))
    at = int(one.off.argmax())
    return row | {
        "unbiased": one.unbiased,
        "inside": int(one.inside.sum()),
        "points": len(one.u),
        "difference": float(one.off[at]),
        "room": float(one.high[at] - one.low[at]) / 2,
    }


def _curve(one: Any) -> dict[str, Any]:
    keys = ("u", "gradient", "expected", "estimate", "low", "high")
    curves = {key: getattr(one, key).tolist() for key in keys}
    return {"surrogate": one.shape.label, "h": one.h, **curves}
