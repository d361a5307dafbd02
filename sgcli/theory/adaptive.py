"""Integrals of functions that are steep in a few places: Gauss-Legendre, halved where it is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

NODES = 12
DEEPEST = 48
TOLERANCE = 1e-13
ROUNDED = 8  # units in the last place by which the x of a value may be off


class _Parts(NamedTuple):
    """Of each part: the integral, that of the absolute value, and what rounding x may move."""

    value: Any
    size: Any
    rounding: Any


def integrate(function: Function, edges: NDArray[np.float64]) -> tuple[Any, Any, float]:
    """The integrals between neighbouring edges, their errors, and the whole of |function|.

    A part is halved until that moves it by less than 1e-13 of the whole, or by less than a few
    units in the last place of x do; up to 48 times, for a jump between the edges.
    """
    import numpy as np

    total, error = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    low, high, owner = edges[:-1], edges[1:], np.arange(len(edges) - 1)
    whole, done_size = _gauss(function, low, high).value, 0.0
    for depth in range(DEEPEST):
        middle = low / 2 + high / 2
        left, right = _gauss(function, low, middle), _gauss(function, middle, high)
        value, size, rounding = (a + b for a, b in zip(left, right, strict=True))
        off = np.abs(value - whole)
        fine = (off <= TOLERANCE * (done_size + size.sum())) | (off <= rounding)
        if depth == DEEPEST - 1:
            fine[:] = True
        np.add.at(total, owner[fine], value[fine])
        np.add.at(error, owner[fine], (off + rounding)[fine])
        done_size += float(size[fine].sum())
        rest = ~fine
        low, high = (
            np.concatenate([e[rest] for e in pair]) for pair in ((low, middle), (middle, high))
        )
        whole, owner = (
            np.concatenate([left.value[rest], right.value[rest]]),
            np.tile(owner[rest], 2),
        )
        if fine.all():
            break
    return total, error, done_size


def _gauss(function: Function, low: NDArray[np.float64], high: NDArray[np.float64]) -> _Parts:
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    y = function(middle[:, None] + half[:, None] * nodes)
    size = (np.abs(y) @ weights) * half
    moved = np.abs(np.diff(y)).sum(axis=1) * np.maximum(np.abs(low), np.abs(high))
    return _Parts((y @ weights) * half, size, ROUNDED * np.finfo(float).eps * (moved + size))
