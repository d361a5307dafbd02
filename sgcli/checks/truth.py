"""What the gradient should be at each point, and how far a correct result may be off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sgcli.checks import points
from sgcli.checks.dtypes import ALLOWED, Format
from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import Curve, condition, curve, exact, exact_condition
from sgcli.definitions.facts import peak
from sgcli.maths.mpmath_ import mp


@dataclass(frozen=True)
class Truth:
    """Right values at ``x``; ``others`` are also right, within a few ULP of a jump."""

    format: Format
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    allowed: NDArray[np.float64]
    others: NDArray[np.float64]

    def error(self, got: NDArray[np.float64]) -> NDArray[np.float64]:
        """The error as a share of what is allowed, inf where ``got`` is not finite."""
        with np.errstate(invalid="ignore"):
            off = np.minimum.reduce([np.abs(got - w) for w in (self.value, *self.others)])
        share = np.where(np.isfinite(got), off / self.allowed, np.inf)
        # A primitive without a bound may leave the range of the format, where inf is right.
        beyond = np.abs(self.value) > self.format.largest
        return np.where(beyond & np.isinf(got) & ((got > 0) == (self.value > 0)), 0.0, share)


@cache
def exactly(shape: Shape, format: Format, which: Curve = "derivative") -> Truth:
    """The 50-digit truth at the telling points of a format."""
    x = points.telling(shape, format)[:: 1 if which == "derivative" else 4]
    pairs = [exact_condition(shape, v, which) for v in x]
    value = np.array([float(v) for v, _ in pairs])
    moved = np.array([float(min(c, 1e308)) for _, c in pairs])
    return _truth(shape, format, which, x, value, moved)


@cache
def densely(shape: Shape, format: Format, which: Curve = "derivative") -> Truth:
    """The float64 evaluation over the dense points of a format; ``exactly`` is what checks it."""
    x = points.dense(format)
    value, moved = condition(shape, x, which)
    return _truth(shape, format, which, x, value, moved)


def _truth(
    shape: Shape,
    format: Format,
    which: Curve,
    x: NDArray[np.float64],
    value: NDArray[np.float64],
    moved: NDArray[np.float64],
) -> Truth:
    if which == "primitive":
        moved = moved + 1  # the constant that is added last is rounded too
    for kink in exactly_at(shape, "kinks"):
        # Rounding x may carry it across the kink, where the slope differs.
        sides = max(float(exact_condition(shape, k, which)[1]) for k in both_sides(kink))
        close = points.near_any(x, [float(kink)], format, 4 * points.NEAR)
        moved = np.where(close, np.maximum(moved, sides), moved)
    allowed = ALLOWED * format.unit * moved + format.slack
    if shape.period is not None:
        # Where one rounding of x (in the precision that is computed in) moves it over much of a
        # period, the first-order bound says nothing, and any value of the wave will do.
        moves = np.abs(x) * (ALLOWED * min(format.unit, 2.0**-24))
        with np.errstate(over="ignore"):
            ends = (x - moves, x + moves)
        for there in ends:  # at a peak far out the first order is 0
            allowed = np.fmax(allowed, np.abs(curve(shape, there, which) - value))
        allowed = np.where(moves > shape.period / 8, np.maximum(allowed, 2 * peak(shape)), allowed)
    if which == "derivative":
        allowed = allowed + shape.definition.uncertainty(x)
    others = np.repeat(value[None], 2, axis=0)
    if which == "derivative":
        for jump in exactly_at(shape, "jumps"):
            close = points.near_any(x, [float(jump)], format, points.NEAR)
            if float(jump) == jump:
                close &= x != float(jump)  # at the jump itself only the declared value is right
            for side, limit in enumerate(both_sides(jump)):
                others[side] = np.where(close, float(exact(shape, limit)), others[side])
    return Truth(format, x, value, allowed, others)


def exactly_at(shape: Shape, which: Literal["kinks", "jumps"]) -> list[Any]:
    """The kinks or jumps within the reach of the checks, to 50 digits: 1/6 is no float."""
    values = [v if isinstance(v, int) else mp.mpf(v) for v in shape.values]
    far = points.reach(shape)
    result = getattr(shape.definition, which)(-far, far, *values)
    return sorted(mp.mpf(p) for p in result if abs(p) <= far)


def both_sides(point: Any) -> tuple[Any, Any]:
    """Just below and just above a point, far closer than any format can tell."""
    away = mp.mpf(10) ** -35 * max(1, abs(point))
    return point - away, point + away
