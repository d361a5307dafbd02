"""Integrals of functions that are steep in a few places: Gauss-Lobatto, split where it is off.

With nodes at the ends of a part and unequal pieces no jump is so placed that it goes unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import Legendre
from numpy.typing import NDArray

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

NODES = 12
DEEPEST = 60
SPLIT = 0.45
WARY = 30  # times the last change is the error: of a jump it may be small by chance
TOLERANCE = 1e-15
ROUNDED = 8  # units in the last place by which the x of a value may be off


class _Parts(NamedTuple):
    """Of each part: the integral, that of the absolute value, and what rounding x may move."""

    value: Any
    size: Any
    rounding: Any


def integrate(function: Function, edges: NDArray[np.float64]) -> tuple[Any, Any, float]:
    """The integrals between neighbouring edges, their errors, and the whole of |function|.

    The sum of the errors is a bound of that of the integrals, at least 1e-13 of the whole.

    A part is split until that moves it by less than 1e-15 of the whole, or by less than a few
    units in the last place of x do; up to 60 times, for a jump between the edges.
    """
    total, error = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    low, high, owner = edges[:-1], edges[1:], np.arange(len(edges) - 1)
    whole, done_size = _lobatto(function, low, high).value, 0.0
    for depth in range(DEEPEST):
        middle = low + SPLIT * (high - low)
        left, right = _lobatto(function, low, middle), _lobatto(function, middle, high)
        value, size, rounding = (a + b for a, b in zip(left, right, strict=True))
        off = np.abs(value - whole)
        fine = (off <= TOLERANCE * (done_size + size.sum())) | (off <= rounding)
        if depth == DEEPEST - 1:
            fine[:] = True
        np.add.at(total, owner[fine], value[fine])
        np.add.at(error, owner[fine], (WARY * (off + TOLERANCE * size) + rounding)[fine])
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


@cache
def _rule() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of Gauss-Lobatto."""
    legendre = Legendre.basis(NODES - 1)
    nodes = np.concatenate([[-1.0], legendre.deriv().roots(), [1.0]])
    return nodes, 2 / (NODES * (NODES - 1) * legendre(nodes) ** 2)


def _lobatto(function: Function, low: NDArray[np.float64], high: NDArray[np.float64]) -> _Parts:
    nodes, weights = _rule()
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    # Beside the ends and not on them, where a function may have the value of the other side.
    unit = ROUNDED * np.finfo(float).eps * np.maximum(np.abs(low), np.abs(high))
    inner = half - np.minimum(unit, half / 100)
    y = function(
        middle[:, None] + np.where(np.abs(nodes) < 1, half[:, None], inner[:, None]) * nodes
    )
    size = (np.abs(y) @ weights) * half
    moved = np.abs(np.diff(y)).sum(axis=1) * unit
    return _Parts((y @ weights) * half, size, moved + ROUNDED * np.finfo(float).eps * size)
