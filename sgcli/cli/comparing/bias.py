"""sg compare --bias: the sign of the surrogate gradient beside that of the true one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgcli.cli.comparing.five import named
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.comparing.notes import table
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column

MOST_POINTS = 2001  # of a curve in json


def study(
    shapes: Sequence[Any],
    talk: Talk,
    beta: float,
    beta_sg: Sequence[float],
    weights: Sequence[float],
    sweep: tuple[float, float],
    points: int,
) -> Compared:
    from sgcli.theory.bias import biases

    found = [
        one
        for shape in named(shapes, talk)
        for one in biases(shape, beta, beta_sg, weights, sweep, points)
    ]

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.bias import signs

        return signs(found, style, width, height)

    extra = {
        "weights": dict(zip(("v1", "v2", "u1", "u2"), weights, strict=True)),
        "sweep": list(sweep),
        "points": points,
        "curves": [_curve(one) for one in found if one.w is not None],
    }
    return Compared(table(COLUMNS, [_row(one) for one in found], extra), draw)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.4g} %"


def _places(values: Sequence[float] | None) -> str:
    return "–" if values is None else ", ".join(f"{v:.4g}" for v in values) or "none"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("beta", "β", right=True),
    Column("beta_sg", "β_SG", right=True),
    Column("disagreement", "signs differ", right=True, show=_share),
    Column("true_crossings", "∂y/∂w is 0 at", show=_places),
    Column("crossings", "surrogate is 0 at", show=_places),
]


def _row(one: Any) -> dict[str, Any]:
    there = one.w is not None
    return {
        "name": one.shape.name,
        "beta": one.beta,
        "beta_sg": one.beta_sg,
        "disagreement": one.disagreement,
        "true_crossings": list(one.true_crossings) if there else None,
        "crossings": list(one.crossings) if there else None,
        "note": one.note or None,
    }


def _curve(one: Any) -> dict[str, Any]:
    every = slice(None, None, -(-len(one.w) // MOST_POINTS))
    keys = ("w", "true", "surrogate")
    curves = {key: getattr(one, key)[every].tolist() for key in keys}
    return {"name": one.shape.name, "beta_sg": one.beta_sg, **curves}
