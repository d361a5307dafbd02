"""Adaptive Gauss-Lobatto integration of functions that are steep in a few places.

Intervals are split where the rule is inaccurate. Nodes at the ends and an unequal split make sure
that no jump stays unnoticed.
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
SAFETY = 30  # error estimate over last change, which may be small by chance at a jump
TOLERANCE = 1e-15
ULPS = 8  # assumed rounding error of x, in units in the last place


class _Estimates(NamedTuple):
    """Per interval: the integral, the integral of |function|, and the effect of rounding x."""

    value: Any
    size: Any
    rounding: Any


def integrate(function: Function, edges: NDArray[np.float64]) -> tuple[Any, Any, float]:
    """The integrals between neighbouring edges, their errors, and the integral of |function|.

    The sum of the errors bounds the error of the sum of the integrals. It is at least 1e-13 of the
    integral of |function|. An interval is split until a split changes its integral by less than
    1e-15 of that integral, or by less than rounding x does; at most 60 times, which resolves a jump
    between two edges.
    """
    total, error = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    low, high, owner = edges[:-1], edges[1:], np.arange(len(edges) - 1)
    whole, done_size = _lobatto(function, low, high).value, 0.0
    for depth in range(DEEPEST):
        middle = low + SPLIT * (high - low)
        left, right = _lobatto(function, low, middle), _lobatto(function, middle, high)
        value, size, rounding = (a + b for a, b in zip(left, right, strict=True))
        change = np.abs(value - whole)
        fine = (change <= TOLERANCE * (done_size + size.sum())) | (change <= rounding)
        if depth == DEEPEST - 1:
            fine[:] = True
        np.add.at(total, owner[fine], value[fine])
        np.add.at(error, owner[fine], (SAFETY * (change + TOLERANCE * size) + rounding)[fine])
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
    """Nodes and weights of the Gauss-Lobatto rule on [-1, 1]."""
    legendre = Legendre.basis(NODES - 1)
    nodes = np.concatenate([[-1.0], legendre.deriv().roots(), [1.0]])
    return nodes, 2 / (NODES * (NODES - 1) * legendre(nodes) ** 2)


def _lobatto(function: Function, low: NDArray[np.float64], high: NDArray[np.float64]) -> _Estimates:
    nodes, weights = _rule()
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    # Just inside the ends: at a jump, the value at the end itself may belong to the other side.
    unit = ULPS * np.finfo(float).eps * np.maximum(np.abs(low), np.abs(high))
    inner = half - np.minimum(unit, half / 100)
    y = function(
        middle[:, None] + np.where(np.abs(nodes) < 1, half[:, None], inner[:, None]) * nodes
    )
    size = (np.abs(y) @ weights) * half
    variation = np.abs(np.diff(y)).sum(axis=1) * unit
    return _Estimates((y @ weights) * half, size, variation + ULPS * np.finfo(float).eps * size)
