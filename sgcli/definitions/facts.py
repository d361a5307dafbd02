"""Facts about a shape, computed from its definition: peak, area, width, tails, symmetry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.evaluate import curve, exact
from sgcli.definitions.peers import factor
from sgcli.floats import FLOATS
from sgcli.maths import mpmath_
from sgcli.maths.dual import Dual, Duals
from sgcli.maths.mpmath_ import mp
from sgcli.numerics import quadrature
from sgcli.numerics.roots import bisect

FAR = 1e7


@dataclass(frozen=True)
class Tail:
    """The tail of the gradient on one side: the end of its support, or its law of decay."""

    law: Literal["compact", "power", "exponential", "gaussian", "constant", "periodic"]
    end: float | None = None
    exponent: float | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the area under the tail is infinite."""
        return self.law == "constant" or (self.exponent is not None and self.exponent >= -1)

    def __str__(self) -> str:
        if self.law == "compact":
            return f"0 beyond {self.end:.4g}"
        if self.law == "power":
            return f"|x|^{self.exponent:g}"
        return self.law


@dataclass(frozen=True)
class Facts:
    """The computed facts of a shape.

    ``area`` is inf if the integral diverges and None for a periodic gradient. ``half`` are the ends
    of the interval about the peak in which the gradient is at least half the peak.
    """

    shape: Shape
    peak: float
    peak_at: float
    area: float | None
    half: tuple[float, float]
    left: Tail
    right: Tail
    even: bool

    @property
    def fwhm(self) -> float:
        """The full width at half maximum."""
        low, high = self.half
        return high - low

    @property
    def tail_text(self) -> str:
        if str(self.left) == str(self.right) or (self.even and self.left.law == "compact"):
            return str(self.right)
        if self.left.end is not None and self.right.end is not None:
            return f"0 outside [{0.0 - self.left.end:.4g}, {self.right.end:.4g}]"
        return f"{self.left} | {self.right}"


@cache
def facts(shape: Shape) -> Facts:
    """The peak and its position, the area, the width, the tails and the symmetry of a shape."""
    peak_at, peak = _peak(shape)
    left, right = _tail(shape, -1), _tail(shape, +1)
    at = 0.0 if abs(peak_at) < 1e-30 else float(peak_at)
    below, above = (_reach(shape, at, float(peak) / 2, side) for side in (-1, 1))
    return Facts(
        shape=shape,
        peak=float(peak),
        peak_at=at,
        area=_area(shape, left, right),
        half=(at - below, at + above),
        left=left,
        right=right,
        even=_even(shape),
    )


@cache
def peak(shape: Shape) -> float:
    """The largest value of the gradient; cheaper than :func:`facts`."""
    return float(_peak(shape)[1])


@cache
def area(shape: Shape) -> float | None:
    """The area under the gradient; cheaper than :func:`facts`."""
    return _area(shape, _tail(shape, -1), _tail(shape, +1))


def peer_default_peak(definition: type[Definition], library: str) -> float | None:
    """The peak of another library's default shape; None if it has no such surrogate."""
    for peer in definition.peers:
        if peer.library == library:
            ours = Shape.of(definition, **peer.default)
            return factor(peer, ours) * facts(ours).peak
    return None


def zero_from(shape: Shape, dtype: str, side: int = 1) -> float:
    """The |x| beyond which the gradient rounds to 0 in ``dtype``; inf if there is none.

    ``side`` is -1 for x < 0 and 1 for x > 0. A periodic gradient always has inf.
    """
    format = FLOATS[dtype]
    half = mp.mpf(format.smallest) / 2

    def is_zero(away: Any) -> bool:
        return bool(abs(exact(shape, side * away)) <= half)

    tail = _tail(shape, side)
    end = format.largest if tail.end is None else tail.end
    if tail.law in ("constant", "periodic") or (tail.end is None and not is_zero(end)):
        return math.inf
    if end == 0 or not is_zero(end * (1 - mp.mpf(2) ** -40)):
        return end
    inside = mp.mpf(2) ** -1074
    if is_zero(inside):  # the support excludes the threshold
        inside = max(inside, mp.mpf(side * facts(shape).half[side > 0]))
    low, high = mp.log(inside), mp.log(end)
    return float(mp.exp(bisect(lambda log: is_zero(mp.exp(log)), low, high)[1]))


def _special_points(shape: Shape) -> list[float]:
    return sorted({0.0, *shape.edges(-FAR, FAR)}, key=lambda x: (abs(x), x))


def _grid(shape: Shape) -> Any:
    away = np.logspace(-8, 4, 1201)
    around = [p + s * away for p in _special_points(shape) for s in (-1, 1)]
    return np.unique(np.concatenate([[0.0], *around]))


def _peak(shape: Shape) -> tuple[Any, Any]:
    """The position and value of the supremum.

    It lies at 0, beside a kink or jump, or at a stationary point near the maximum of a grid.
    """
    beside = mp.mpf(10) ** -40
    candidates = [mp.mpf(p) + side for p in _special_points(shape) for side in (0, -beside, beside)]
    values = [exact(shape, x) for x in candidates]
    largest = max(values)
    # Candidates are sorted by |x|: of equal ones the first wins. One-sided limits agree with the
    # value at the point up to about 40 digits.
    tolerance = abs(largest) * mp.mpf(10) ** -30
    best = next(i for i, v in enumerate(values) if abs(v - largest) <= tolerance)
    grid = _grid(shape)
    y = curve(shape, grid)
    top = int(np.nanargmax(y))
    if y[top] <= float(values[best]) * (1 + 1e-12):
        return candidates[best], values[best]
    low, high = mp.mpf(grid[max(top - 1, 0)]), mp.mpf(grid[min(top + 1, len(grid) - 1)])
    for _ in range(120):
        third = (high - low) / 3
        a, b = low + third, high - third
        low, high = (a, high) if exact(shape, a) < exact(shape, b) else (low, b)
    return low, exact(shape, low)


def _reach(shape: Shape, start: float, level: float, side: int) -> float:
    """How far from ``start`` the gradient stays at or above ``level``; inf if it always does."""
    away = np.concatenate([[0.0], np.logspace(-9, 9, 3601)])
    above = curve(shape, start + side * away) >= level
    above[0] = True
    if above.all():
        return math.inf
    first = int(np.argmin(above))

    def below(distance: float) -> bool:
        return not curve(shape, [start + side * distance])[0] >= level

    low, high = bisect(below, away[first - 1], away[first])
    return float((low + high) / 2)


@cache
def _tail(shape: Shape, side: int) -> Tail:
    if (_oscillates if shape.period is None else _repeats)(shape, side):
        return Tail("periodic")

    def order(x: float) -> Any:
        """d log σ′ / d log x: constant for a power law, growing with x for anything faster."""
        m = Duals(mpmath_)
        (variable,) = m.variables(mpmath_.mp.mpf(x))
        y = shape.derivative(m, variable)
        if not isinstance(y, Dual):
            return None if y == 0 else 0
        return None if y.value == 0 else variable.value * y.slopes[0] / y.value

    near, far = order(side * FAR), order(side * 10 * FAR)
    if near is None or far is None:
        return Tail("compact", end=_support_end(shape, side))
    if abs(far) < 1e-6:  # such as 1 + 1/x²
        return Tail("constant")
    if abs(far) < 2 * abs(near):
        return Tail("power", exponent=round(float(far), 5))
    return Tail("exponential" if abs(far) < 30 * abs(near) else "gaussian")


def _oscillates(shape: Shape, side: int) -> bool:
    """Whether a gradient without a declared period keeps oscillating far from the threshold."""
    near = curve(shape, side * FAR * np.linspace(1, 2, 64))
    far = curve(shape, side * 100 * FAR * np.linspace(1, 2, 64))
    if not np.ptp(far) > max(0.5 * np.ptp(near), 1e-9 * np.abs(far).max()):
        return False
    return all((np.diff(y) > 0).any() and (np.diff(y) < 0).any() for y in (near, far))


def _repeats(shape: Shape, side: int) -> bool:
    """Whether the declared period holds on this side of the threshold."""
    assert shape.period is not None
    pairs = [
        (exact(shape, side * shape.period * at), exact(shape, side * shape.period * (at + 1)))
        for at in (0.125, 0.3125, 0.6875)
    ]
    return all(abs(a - b) <= 1e-12 * (1 + abs(a)) for a, b in pairs)


def _support_end(shape: Shape, side: int) -> float:
    edges = [abs(p) for p in _special_points(shape) if p * side >= 0]
    outside = [e for e in sorted(edges) if exact(shape, side * (e * (1 + 1e-9) + 1e-12)) == 0]
    return outside[0] if outside else FAR


def _area(shape: Shape, left: Tail, right: Tail) -> float | None:
    """σ(∞) − σ(−∞)."""
    if "periodic" in (left.law, right.law):
        return None
    if left.is_slow or right.is_slow:
        return math.inf

    def limit(side: int) -> Any:
        if shape.definition.no_primitive:
            return quadrature.primitive(shape.derivative, side * mp.inf, _special_points(shape))
        value = exact(shape, side * mp.inf, "primitive")
        return exact(shape, side * mp.mpf(10) ** 1000, "primitive") if mp.isnan(value) else value

    return float(limit(1) - limit(-1))


def _even(shape: Shape) -> bool:
    points = [0.013 * 1.7**i for i in range(20)]
    return all(
        abs(exact(shape, x) - exact(shape, -x)) <= 1e-40 * abs(exact(shape, x)) for x in points
    )
