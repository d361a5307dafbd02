"""sg compare --fd: the cosine between the surrogate gradient and finite differences of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgcli.cli.cells import params
from sgcli.cli.comparing.modes import Compared
from sgcli.cli.comparing.notes import table
from sgcli.cli.console import Talk
from sgcli.cli.formats import Column


def study(
    shapes: Sequence[Any],
    talk: Talk,
    epsilon: Sequence[float],
    width: int,
    batch: int,
    seeds: int,
    mu: float,
) -> Compared:
    from sgcli.measure.finite import cosines

    steps = sorted(set(epsilon))
    found = cosines(shapes, steps, width, batch, seeds, mu)

    def draw(style: str, width: float | None, height: float | None) -> Any:
        from sgcli.figures.finite import agreement

        return agreement(found, style, width, height)

    columns = [
        *COLUMNS,
        *(
            Column(f"cosine_{e:g}", f"ε = {e:g}", show=_short, right=True, extra=True)
            for e in steps
        ),
    ]
    extra = {
        "network": {"width": width, "batch": batch, "seeds": seeds, "mu": mu},
        "cosines": [
            {
                "surrogate": one.shape.label,
                "epsilon": list(one.epsilon),
                "mean": list(one.means),
                "deviation": list(one.deviations),
                "values": [list(row) for row in one.values],
            }
            for one in found
        ],
    }
    return Compared(table(columns, [_row(one) for one in found], extra), draw)


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_deviation(value: float | None, deviation: float | None) -> str:
    return _short(value) if deviation is None else f"{_short(value)} ± {deviation:.3f}"


COLUMNS = [
    Column("name", "surrogate", style="bold"),
    Column("parameters", "parameters", show=params),
    Column("epsilon", "best ε", right=True),
    Column("cosine", "cosine there", show=_with_deviation, right=True, more=("deviation",)),
]


def _row(one: Any) -> dict[str, Any]:
    best, means = one.best, one.means
    return {
        "name": one.shape.name,
        "parameters": one.shape.params,
        "epsilon": None if best is None else one.epsilon[best],
        "cosine": None if best is None else means[best],
        "deviation": None if best is None else one.deviations[best],
        **{f"cosine_{e:g}": m for e, m in zip(one.epsilon, means, strict=True)},
        "note": one.note or None,
    }
