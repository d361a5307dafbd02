"""sg compare --loop: the integral of the surrogate gradient around a closed loop of weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sgcli.cli.comparing.five import named
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.comparing.notes import table
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column
from sgcli.errors import DataError


def study(
    shapes: Sequence[Any],
    talk: Talk,
    beta: float,
    beta_sg: Sequence[float],
    radius: float,
    points: int | None,
    directions: Path | None,
) -> Compared:
    from sgcli.theory.loop import DIRECTIONS, loops

    plane = DIRECTIONS if directions is None else read(directions)
    found = [
        one
        for shape in named(shapes, talk)
        for one in loops(shape, beta, beta_sg, radius, points, plane)
    ]

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.loop import running

        return running(found, style, width, height)

    extra = {
        "radius": radius,
        "points": points,
        "directions": [list(map(float, d)) for d in plane],
        "curves": [_curve(one) for one in found if one.running is not None],
    }
    return Compared(table(COLUMNS, [_row(one) for one in found], extra), draw)


def read(path: Path) -> list[list[float]]:
    """Two lines of five numbers; raises :class:`DataError` for anything else."""
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    try:
        rows = [[float(word) for word in line.replace(",", " ").split()] for line in lines]
    except ValueError:
        rows = []
    if [len(row) for row in rows] != [5, 5]:
        raise DataError(f"{path} has no two lines of five numbers", "in the order w v1 v2 u1 u2")
    return rows


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("beta", "β", right=True),
    Column("beta_sg", "β_SG", right=True),
    Column("integral", "∮ g·dθ", right=True),
    Column("error", "error below", right=True, show=lambda e: "–" if e is None else f"{e:.0e}"),
    Column("path", "∮ |g·dθ|", right=True),
]


def _row(one: Any) -> dict[str, Any]:
    keys = ("beta", "beta_sg", "integral", "error", "path")
    return {"name": one.shape.name, **{k: getattr(one, k) for k in keys}, "note": one.note or None}


def _curve(one: Any) -> dict[str, Any]:
    return {
        "name": one.shape.name,
        "beta_sg": one.beta_sg,
        "phi": one.phi.tolist(),
        "running": one.running.tolist(),
    }
