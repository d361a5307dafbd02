"""A truth that comes from the surrogate itself: the float64 autograd of its own primitive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgcli.checks.subject import Function
from sgcli.definitions.core import Definition, Shape
from sgcli.maths.dual import Dual
from sgcli.maths.mpmath_ import mp
from sgcli.numerics.roots import bisect

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]


HALVINGS, STEP, LEAST = 80, 0.01, 1e-7


def shape_of(primitive: Function, name: str) -> Shape:
    """The shape whose derivative is the autograd of ``primitive``, a function of tensors.

    It holds to the rounding of float64, also where an mpmath number is asked for; where autograd
    has no number it says 0, and its uncertainty that this decides nothing. Its jumps and kinks are
    searched for in |x| ≤ 20.
    """

    def values(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return primitive(torch.tensor(x)).detach().numpy()

    def gradient(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _derivatives(primitive, x)[0]

    def slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _derivatives(primitive, x)[1]

    # A point that is no float: neither side of it can be told by a formula written in floats.
    off = 1e-40

    class Own(Definition, name=name):
        """What its own primitive says."""

        @staticmethod
        def primitive(m: Any, x: Any) -> Any:
            return _over(values, gradient, x)

        @staticmethod
        def derivative(m: Any, x: Any) -> Any:
            return _over(gradient, slope, x)

        @staticmethod
        def uncertainty(x: Any) -> Any:
            return _uncertainty(primitive, x) + least

        @staticmethod
        def jumps(low: float, high: float) -> Any:
            return [_beside(at, off) for at in jumping if low <= at <= high]

        @staticmethod
        def kinks(low: float, high: float) -> Any:
            return [_beside(at, off) for at in bending if low <= at <= high]

    # Far out autograd may find exactly 0 in every format: s * (1 - s) for s rounded to 1.
    least = 8 * 2.0**-53 * float(np.nanmax(np.abs(gradient(np.linspace(-20, 20, 4001)))))
    jumping = discontinuities(gradient)
    bending = [at for at in discontinuities(slope) if at not in jumping]
    return Shape(Own, ())


def discontinuities(curve: Curve) -> list[float]:
    """Where a function of floats jumps in |x| ≤ 20, by halving every step of a grid."""
    away = np.union1d(np.geomspace(1e-6, STEP, 60), np.arange(1, 2001) * STEP)
    grid = np.concatenate([-away[::-1], [0.0], away])
    y = np.nan_to_num(curve(grid))
    scale = float(np.abs(y).max())
    moving = np.abs(np.diff(y)) > LEAST * scale
    below, above = y[:-1][moving], y[1:][moving]

    def rises_before(middle: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the larger part of the step is left of the middle; the step becomes that part."""
        nonlocal below, above
        at = np.nan_to_num(curve(middle)) if middle.size else middle
        left = np.asarray(np.abs(at - below) >= np.abs(above - at))
        below, above = np.where(left, below, at), np.where(left, at, above)
        return left

    low, high = bisect(rises_before, grid[:-1][moving], grid[1:][moving], HALVINGS)
    jumps = np.abs(above - below) > LEAST * scale
    # Of the two floats between which it lies, the one that a person would write.
    pairs = zip(low[jumps].tolist(), high[jumps].tolist(), strict=True)
    return sorted({0.0 if a <= 0 <= b else min(a, b, key=lambda v: len(repr(v))) for a, b in pairs})


def _beside(at: float, off: float) -> Any:
    return mp.mpf(at) + off * (1 if at >= 0 else -1)


def _derivatives(
    primitive: Function, x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first and second derivative by autograd, 0 where there is no graph."""
    with torch.enable_grad():
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        (first,) = torch.autograd.grad(primitive(leaf).sum(), leaf, create_graph=True)
        second = torch.zeros_like(leaf)
        if first.requires_grad:
            (result,) = torch.autograd.grad(first.sum(), leaf, allow_unused=True)
            second = second if result is None else result
    return np.asarray(first.detach()), np.asarray(second)


def _uncertainty(primitive: Function, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the gradient in float64 may be off, judged by how far that in float32 is off.

    Autograd of a primitive subtracts what nearly cancels, in float32 as in float64 but for the unit
    of rounding. Infinite where float32 has no number.
    """
    # Rounding is a matter of luck at one point: the worst of a few beside each other is not.
    with np.errstate(over="ignore"):
        around = x[:, None] * (1 + 1e-3 * np.linspace(-1, 1, 9))
        near = around.astype(np.float32).ravel()
    leaf = torch.tensor(near, requires_grad=True)
    (rough,) = torch.autograd.grad(primitive(leaf).sum(), leaf)
    fine = _derivatives(primitive, near.astype(np.float64))[0]
    with np.errstate(invalid="ignore"):
        off = np.abs(np.asarray(rough, dtype=np.float64) - fine).reshape(around.shape).max(axis=1)
    return np.where(np.isnan(off), np.inf, 8 * off * 2.0**-29)


def _over(function: Curve, slope: Curve, x: Any) -> Any:
    """A function of float64 for arrays, numbers, mpmath numbers and dual numbers."""
    if isinstance(x, Dual):
        value, steep = _over(function, slope, x.value), _over(slope, slope, x.value)
        return Dual(x.m, value, [steep * s for s in x.slopes])
    if not hasattr(x, "_mpf_"):
        y = function(np.asarray(x, dtype=np.float64))
        return np.where(np.isnan(y), 0.0, y)
    result = float(function(np.asarray(_towards(x))))
    return mp.mpf(0 if np.isnan(result) else result)


def _towards(x: Any) -> float:
    """An mpmath number as a float.

    Between two floats it becomes the one on its own side: a point just right of a jump stays there.
    """
    near = float(x)
    if not np.isfinite(near) or near == x:
        return near
    return float(np.nextafter(near, np.inf if x > near else -np.inf))
