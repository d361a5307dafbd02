"""Bisection, and the zeros of functions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.errors import SgError, UserCodeError

Array = NDArray[np.float64]
Function = Callable[[float], float]
CLOSE = 1e-14  # relative width at which a bracket is closed


def bisect(
    beyond: Callable[[Any], Any], low: Any, high: Any, halvings: int = 60
) -> tuple[Any, Any]:
    """Narrow down the point between ``low`` and ``high`` at which ``beyond`` becomes true.

    The ends are floats, mpmath numbers, or arrays that are bisected entry by entry. ``low`` may be
    larger than ``high``. Returns both ends after ``halvings`` halvings: ``beyond`` is false at the
    first and true at the second, provided that this holds for ``low`` and ``high``.
    """
    for _ in range(halvings):
        middle = low / 2 + high / 2  # low + high may overflow
        past = beyond(middle)
        if isinstance(past, np.ndarray):
            low, high = np.where(past, low, middle), np.where(past, middle, high)
        else:
            low, high = (low, middle) if past else (middle, high)
    return low, high


def sign_changes(function: Callable[[Array], Array], points: Array) -> Array:
    """The points where the sign of a function changes, from and to 0 included.

    ``points`` is an ascending grid; a change is located between two of its points.
    """
    sign = np.sign(function(points))
    at = np.flatnonzero(sign[:-1] != sign[1:])

    def changed(x: Array) -> NDArray[np.bool_]:
        return np.asarray(np.sign(function(x)) != sign[at])

    return np.asarray(bisect(changed, points[at], points[at + 1])[1])


@dataclass(frozen=True)
class Scan:
    """The values of a function on the points of a grid where it is defined, and its zeros."""

    points: Sequence[float]
    values: Sequence[float]
    zeros: Sequence[float]

    @property
    def constant(self) -> bool:
        """Whether the function does not depend on its argument."""
        return max(self.values) - min(self.values) < 1e-9


def scan(f: Function, grid: Sequence[float]) -> Scan:
    """Find the zeros of ``f`` by sign changes on a grid, and around extrema close to 0.

    A jump across 0 is not a zero. Points where ``f`` raises :class:`SgError` are left out; the
    error is raised if there are no others.
    """
    points, values = _values(f, grid)
    zeros = {x for x, y in zip(points, values, strict=True) if y == 0}
    for (a, fa), (b, fb) in itertools.pairwise(zip(points, values, strict=True)):
        if min(fa, fb) < 0 < max(fa, fb):  # the product of small values is 0
            zeros.add(bracketed(f, a, b, fa, fb))
    for i in range(1, len(points) - 1):
        zeros |= _around(f, points[i - 1 : i + 2], values[i - 1 : i + 2])
    return Scan(points, values, sorted(x for x in zeros if abs(f(x)) < 1e-6))


def _values(f: Function, points: Sequence[float]) -> tuple[list[float], list[float]]:
    pairs, error = [], None
    for x in points:
        try:
            pairs.append((x, f(x)))
        except UserCodeError:
            raise
        except SgError as undefined:
            error = undefined
    if error and not pairs:
        raise error
    return [x for x, _ in pairs], [y for _, y in pairs]


def bracketed(f: Function, a: float, b: float, fa: float, fb: float) -> float:
    """The zero between ``a`` and ``b``, where ``f`` has opposite signs, by Chandrupatla's method.

    The method is inverse quadratic interpolation where that is safe, and bisection elsewhere.
    Source: Advances in Engineering Software 28 (1997) 145, doi:10.1016/S0965-9978(96)00051-8.
    """
    c, fc, t = a, fa, 0.5
    for _ in range(200):
        x = a + t * (b - a)
        fx = f(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, b, fc, fb = b, a, fb, fa
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        close = CLOSE * abs(best) / abs(b - a) if b != a else 1.0
        if close > 0.5 or fa == 0:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        t = 0.5
        if phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
            t = fa / (fb - fa) * fc / (fb - fc)
            t += (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = min(1 - close, max(close, t))
    return best


def _around(f: Function, points: Sequence[float], values: Sequence[float]) -> set[float]:
    """The zeros beside an extremum between three points of equal sign, if it reaches 0."""
    sign = math.copysign(1.0, values[1])
    near, middle, far = (sign * y for y in values)
    if min(near, far) < middle or middle <= 0 or middle > 2 * (max(near, far) - middle):
        return set()
    low, high = points[0], points[2]
    for _ in range(60):
        a, b = high - 0.6180339887 * (high - low), low + 0.6180339887 * (high - low)
        fa, fb = sign * f(a), sign * f(b)
        x, fx = (a, fa) if fa < fb else (b, fb)
        if fx <= 0:
            return {
                bracketed(f, points[0], x, values[0], sign * fx),
                bracketed(f, x, points[2], sign * fx, values[2]),
            }
        low, high = (low, b) if fa < fb else (a, high)
    return {x} if fx < 1e-9 else set()
