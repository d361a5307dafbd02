"""How far gradients are apart: ∫|f − g| dx, both of peak 1 or both of area 1.

Between two sign changes of f − g the integral is a difference of primitives, so that kinks, jumps
and tails cost nothing: what is searched for are the sign changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve
from sgcli.definitions.facts import FAR, facts
from sgcli.numerics import quadrature
from sgcli.numerics.cluster import Tree, cluster
from sgcli.numerics.roots import bisect

Array = NDArray[np.float64]
Index = NDArray[np.intp]

Norm = Literal["peak", "area"]
ROUNDING = 1e-12  # relative to the two gradients; a smaller difference counts as 0
HALVINGS = 52
BLOCK = 256  # pairs at once, so that many shapes take no more memory
LAST = 1e300
# The difference of two slow tails counts as integrable if |x (f − g)| falls by at least FALL over
# the six decades DECADES.
DECADES, FALL = (1e9, 1e15), 10.0


@dataclass(frozen=True)
class Distances:
    """Pairwise distances of shapes; inf where the difference is not integrable.

    A distance is None where one of the two gradients cannot be normalised: ``reasons`` says why,
    by the index of the shape.
    """

    shapes: Sequence[Shape]
    norm: Norm
    matrix: Sequence[Sequence[float | None]]
    reasons: dict[int, str]

    @property
    def usable(self) -> list[int]:
        """The indices of the shapes that can be normalised."""
        return [i for i in range(len(self.shapes)) if i not in self.reasons]

    def tree(self) -> Tree:
        """Those shapes clustered; a leaf is a position in :attr:`usable`."""
        rows = [[self.matrix[i][j] for j in self.usable] for i in self.usable]
        return cluster([[math.inf if d is None else d for d in row] for row in rows])


def distances(shapes: Sequence[Shape], norm: Norm = "peak") -> Distances:
    """All pairwise distances, to about 1e-12 of the areas between the curves."""
    reasons = {i: why for i, shape in enumerate(shapes) if (why := _no_norm(shape, norm))}
    usable = [i for i in range(len(shapes)) if i not in reasons]
    result: list[list[float | None]] = [[None] * len(shapes) for _ in shapes]
    for i in usable:
        result[i][i] = 0.0
    pairs = _all_pairs(_sampled([shapes[i] for i in usable], norm)) if len(usable) > 1 else []
    for i, j, distance in pairs:
        result[usable[i]][usable[j]] = result[usable[j]][usable[i]] = distance
    return Distances(shapes, norm, result, reasons)


def _no_norm(shape: Shape, norm: Norm) -> str:
    size = facts(shape).peak if norm == "peak" else facts(shape).area
    if size is None:
        return "its gradient has no area"
    if math.isinf(size):
        return f"its {norm} is infinite"
    return "" if size > 0 else f"its {norm} is {size:.4g}"


@dataclass(frozen=True)
class _Curves:
    """Normalised shapes together: gradients and primitives on one grid, and what lies beyond it.

    ``far`` and ``rest`` are, on either side, the gradients at :data:`DECADES` and the areas beyond
    the grid; ``slow`` and ``periodic`` are laws of the tails there.
    """

    shapes: Sequence[Shape]
    heights: Array
    x: Array
    gradients: Array
    primitives: Array
    far: Array
    rest: Array
    slow: NDArray[np.bool_]
    periodic: NDArray[np.bool_]

    def at(self, function: Any, which: Index, x: Array) -> Array:
        """Gradient or primitive of the shapes ``which``, each at its ``x``."""
        y = np.empty_like(x)
        for k in np.unique(which):
            y[which == k] = function(self.shapes[k], x[which == k]) / self.heights[k]
        return y


def _sampled(shapes: Sequence[Shape], norm: Norm) -> _Curves:
    heights = np.array([getattr(facts(shape), norm) for shape in shapes], dtype=np.float64)
    x = _grid(shapes)
    far = np.array([[-d for d in DECADES], DECADES])
    ends = np.array([-np.inf, -LAST, LAST, np.inf])
    tails = [(facts(shape).left, facts(shape).right) for shape in shapes]

    def every(function: Any, x: Array) -> Array:
        rows = [function(s, x) / h for s, h in zip(shapes, heights, strict=True)]
        return np.array(rows).reshape(len(shapes), *x.shape)

    beyond = every(_primitive, ends)
    return _Curves(
        shapes,
        heights,
        x,
        every(curve, x),
        every(_primitive, x),
        every(curve, far),
        # A formula that is NaN at infinity has come to its limit long before.
        np.nan_to_num(np.stack([beyond[:, 1] - beyond[:, 0], beyond[:, 3] - beyond[:, 2]], axis=1)),
        np.array([[tail.is_slow for tail in pair] for pair in tails]).reshape(-1, 2),
        np.array([[tail.law == "periodic" for tail in pair] for pair in tails]).reshape(-1, 2),
    )


def _primitive(shape: Shape, x: Array) -> Array:
    if not shape.definition.no_primitive:
        return curve(shape, x, "primitive")
    return np.asarray(quadrature.primitive(shape.derivative, x, shape.edges(-FAR, FAR)))


def _grid(shapes: Sequence[Shape]) -> Array:
    """Points on both sides of every edge and peak, close together, and out to 1e300."""
    edges = [edge for shape in shapes for edge in shape.edges(-FAR, FAR)]
    at = np.unique([0.0, *(facts(shape).peak_at for shape in shapes), *edges])
    beside = 4 * np.spacing(np.abs(at))
    widths = [f.fwhm for f in map(facts, shapes) if math.isfinite(f.fwhm)]
    near = np.linspace(-4, 4, 801) * max([1.0, *widths])
    steep = np.geomspace(0.01 * min([1.0, *widths]), 100, 300)
    away = np.concatenate([steep, np.geomspace(1, LAST, 700)])
    return np.unique(np.concatenate([at, at - beside, at + beside, near, away, -away]))


def _all_pairs(curves: _Curves) -> list[tuple[int, int, float]]:
    """The distance of each pair i < j."""
    every = np.array(np.triu_indices(len(curves.shapes), 1))
    blocks = np.split(every, range(BLOCK, every.shape[1], BLOCK), axis=1)
    totals = np.concatenate([_of_pairs(curves, *block) for block in blocks])
    return list(zip(*every.tolist(), totals.tolist(), strict=True))


def _of_pairs(curves: _Curves, first: Index, second: Index) -> Array:
    signs = _signs(curves.gradients[first], curves.gradients[second])
    differs = (signs != 0).any(axis=1)
    endless = differs & _endless(curves, first, second)
    signs[endless] = 0
    pair, cell = np.nonzero(signs[:, :-1] * signs[:, 1:] < 0)
    i, j = first[pair], second[pair]
    crossing = _bisected(curves, i, j, curves.x[cell], curves.x[cell + 1])
    within = curves.at(_primitive, i, crossing) - curves.at(_primitive, j, crossing)
    gap = curves.primitives[first] - curves.primitives[second]
    steps = np.abs(np.diff(gap, axis=1))
    # If f = g at both ends of a cell, they count as equal inside it; what is left is rounding.
    steps[(signs[:, :-1] == 0) & (signs[:, 1:] == 0)] = 0.0
    steps[pair, cell] = np.abs(within - gap[pair, cell]) + np.abs(gap[pair, cell + 1] - within)
    slow = curves.slow[first] | curves.slow[second]
    rest = np.where(slow, 0.0, np.abs(curves.rest[first] - curves.rest[second])).sum(axis=1)
    return np.where(endless, np.inf, np.where(differs, steps.sum(axis=1) + rest, 0.0))


def _signs(f: Array, g: Array) -> NDArray[np.int8]:
    apart = f - g
    apart[np.abs(apart) <= ROUNDING * (np.abs(f) + np.abs(g))] = 0.0
    return np.sign(apart).astype(np.int8)


def _endless(curves: _Curves, first: Index, second: Index) -> NDArray[np.bool_]:
    """Whether the difference, unless it is 0, is not integrable."""
    f, g = curves.far[first], curves.far[second]
    left = np.abs(np.array(DECADES) * (f - g)) * (_signs(f, g) != 0)
    slow = curves.slow[first] | curves.slow[second]
    stays = slow & (left[..., 1] > 0) & (left[..., 1] * FALL > left[..., 0])
    return np.asarray((stays | curves.periodic[first] | curves.periodic[second]).any(axis=1))


def _bisected(curves: _Curves, i: Index, j: Index, low: Array, high: Array) -> Array:
    """Where f − g changes its sign between two points, for many pairs at once."""

    def above(x: Array) -> NDArray[np.bool_]:
        return np.asarray(curves.at(curve, i, x) > curves.at(curve, j, x))

    rises = above(high)
    low, high = bisect(lambda x: above(x) == rises, low, high, HALVINGS)
    return np.asarray(low / 2 + high / 2)
