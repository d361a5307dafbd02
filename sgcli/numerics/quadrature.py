"""The primitive of a gradient by quadrature, for gradients without a primitive in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.errors import ParameterError
from sgcli.maths import mpmath_, numpy_
from sgcli.maths.mpmath_ import mp
from sgcli.numerics.panels import gauss

DIGITS = 25
NODES = 10
FARTHEST = 1e300  # end of the last panel
# NaN counts as 0 in an integrand: a formula such as exp(x)/(1+exp(x))**2 overflows to inf/inf far
# from the threshold, where it vanishes. Reporting the NaN itself is up to the checks.
Gradient = Callable[[Any, Any], Any]


def primitive(gradient: Gradient, x: Any, breakpoints: Iterable[Any]) -> Any:
    """½ + ∫₀ˣ ``gradient(m, t)`` dt for a number, an array, a tensor or an mpmath number.

    ``breakpoints`` are the points where the gradient is not smooth. Raises
    :class:`ParameterError` for other types of ``x``, such as symbols and dual numbers.
    """
    if isinstance(x, (int, float, np.ndarray)):
        return _of_array(gradient, np.asarray(x, dtype=np.float64), breakpoints)
    if hasattr(x, "detach"):
        points = np.asarray(x.detach().double().cpu())
        return x.new_tensor(_of_array(gradient, points, breakpoints))
    if hasattr(x, "_mpf_"):
        return _exact(gradient, x, breakpoints)
    raise ParameterError(
        "a primitive by quadrature can be evaluated at numbers only", "it has no closed form"
    )


def _of_array(
    gradient: Gradient, x: NDArray[np.float64], breakpoints: Iterable[Any]
) -> NDArray[np.float64]:
    """Gauss-Legendre between neighbouring panel ends, and from the last end to each ``x``."""

    def integrand(t: NDArray[np.float64]) -> NDArray[np.float64]:
        y = np.asarray(gradient(numpy_, t), dtype=np.float64)
        return np.nan_to_num(np.broadcast_to(y, t.shape), nan=0.0)

    inside = np.clip(np.nan_to_num(x), -FARTHEST, FARTHEST)
    far = float(np.abs(inside).max(initial=1.0))
    ends = np.union1d(_ends(far), [float(b) for b in breakpoints if abs(b) <= far])
    zero = int(np.searchsorted(ends, 0.0))
    below = np.clip(np.searchsorted(ends, inside, side="right") - 1, 0, len(ends) - 1)
    with np.errstate(all="ignore"):
        whole, _ = gauss(integrand, ends[:-1], ends[1:], NODES)
        part, _ = gauss(integrand, ends[below], inside, NODES)
    up_to = np.concatenate([-np.cumsum(whole[:zero][::-1])[::-1], [0.0], np.cumsum(whole[zero:])])
    return np.where(np.isnan(x), np.nan, 0.5 + up_to[below] + part)


def _ends(far: float) -> NDArray[np.float64]:
    """Panel ends on both sides of 0: dense near 0, in a fixed ratio far from it."""
    steps = int(np.ceil(np.log(far / 1e-6) / np.log(1.25))) + 1
    away = np.minimum(np.union1d(1e-6 * 1.25 ** np.arange(steps), np.arange(1, 401) * 0.05), far)
    return np.unique(np.concatenate([-away, [0.0], away]))


def _exact(gradient: Gradient, x: Any, breakpoints: Iterable[Any]) -> Any:
    side = -1 if x < 0 else 1
    ends = {abs(b) for b in breakpoints if b * side > 0} | {0.1, 1.0, 10.0, 100.0, 1e4}

    def integrand(t: Any) -> Any:
        y = gradient(mpmath_, t)
        return mp.zero if mp.isnan(y) else y

    with mp.workdps(DIGITS):
        path = [mp.zero, *(side * mp.mpf(e) for e in sorted(ends) if e < abs(x)), x]
        return mp.mpf(0.5) + mp.quad(integrand, path)
