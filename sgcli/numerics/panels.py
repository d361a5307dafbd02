"""Gauss-Legendre integration on panels that are narrow where a function may be steep."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sgcli.errors import SgError

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

NODES = 12
TOLERANCE = 1e-10  # allowed change by halving a panel, relative to the integral of |f|
ROUNDS, MAX_PANELS = 50, 200_000


@cache
def legendre(nodes: int = NODES) -> tuple[Array, Array]:
    """Nodes in [-1, 1] and weights of the Gauss-Legendre rule."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return points, weights


def gauss(f: Function, low: Array, high: Array, nodes: int = NODES) -> tuple[Array, Array]:
    """The integrals of f and of |f| from each ``low`` to its ``high``."""
    points, weights = legendre(nodes)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    y = f(middle[..., None] + half[..., None] * points)
    return (y @ weights) * half, (np.abs(y) @ weights) * half


def panels(edges: Iterable[float], low: float, high: float, step: float) -> Array:
    """Ends of panels: an even grid over [low, high], refined geometrically around every edge."""
    even = np.linspace(low, high, math.ceil((high - low) / step) + 1)
    away = 8.0 ** np.arange(-12, math.log(high - low, 8)) if high > low else np.array([0.0])
    around = np.concatenate([-away, [0.0], away])
    graded = (np.asarray(list(edges))[:, None] + around).ravel()
    return np.unique(np.concatenate([even, graded[(graded > low) & (graded < high)]]))


def integral(f: Function, ends: Array, name: str = "an integral") -> float:
    """The integral over all panels, each halved until its integral no longer changes.

    Raises :class:`SgError`, with ``name`` in its message, if a value is not finite or the halving
    does not converge.
    """
    low, high = ends[:-1], ends[1:]
    coarse, size = gauss(f, low, high)
    done = scale = 0.0
    for _ in range(ROUNDS):
        middle = low / 2 + high / 2
        left, left_size = gauss(f, low, middle)
        right, right_size = gauss(f, middle, high)
        fine, size = left + right, left_size + right_size
        if not np.isfinite(fine).all():
            raise SgError(f"{name} does not exist", "is the gradient finite?")
        all_size = scale + float(size.sum())
        # The second bound allows for rounding in narrow panels.
        open_ = np.abs(fine - coarse) > TOLERANCE * np.maximum(all_size / 64, size)
        done += float(fine[~open_].sum())
        scale += float(size[~open_].sum())
        if not open_.any():
            return done
        if 2 * int(open_.sum()) > MAX_PANELS:
            break
        coarse = np.concatenate([left[open_], right[open_]])
        low, high = (
            np.concatenate([low[open_], middle[open_]]),
            np.concatenate([middle[open_], high[open_]]),
        )
    raise SgError(f"{name} does not converge", "are the jumps and kinks of the gradient declared?")
