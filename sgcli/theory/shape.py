"""Surrogates compared by the shape of their gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sgcli.definitions.core import Shape
from sgcli.definitions.facts import Facts, facts, zero_from
from sgcli.floats import HALVES
from sgcli.theory.curves import Sampled, sample

NEAR, FAR = (-2.5, 2.5), (-10.0, 10.0)
DTYPES = ("float32", *HALVES)


@dataclass(frozen=True)
class Measured:
    """A shape and what is true of it.

    ``in_support`` is the share of a membrane with x ~ N(mu, 1) that has at least half of the peak,
    about the peak; ``zero`` has for each dtype the x down to which and up to which the gradient is
    not 0.
    """

    shape: Shape
    facts: Facts
    in_support: float
    zero: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class ShapeComparison:
    """Shapes side by side: measured, and their gradients sampled near the threshold and far."""

    measured: Sequence[Measured]
    near: Sequence[Sampled]
    far: Sequence[Sampled]


def measure(shape: Shape, mu: float = 0.0) -> Measured:
    """Facts of a shape, its share of a membrane N(mu, 1), and where it rounds to 0."""
    result = facts(shape)
    zero = {
        dtype: (0.0 - zero_from(shape, dtype, -1), zero_from(shape, dtype, 1)) for dtype in DTYPES
    }
    return Measured(shape, result, _between(result.half, mu), zero)


def compare(
    shapes: Sequence[Shape],
    xlim: tuple[float, float] | None = None,
    points: int = 1001,
    mu: float = 0.0,
) -> ShapeComparison:
    """Measure shapes and sample their gradients in ``xlim``, or in a near and a far range."""
    near, far = xlim or NEAR, xlim or FAR
    return ShapeComparison(
        [measure(shape, mu) for shape in shapes],
        [sample(shape, *near, points, ["derivative"]) for shape in shapes],
        [sample(shape, *far, points, ["derivative"]) for shape in shapes],
    )


def _between(ends: tuple[float, float], mu: float) -> float:
    """The probability that x ~ N(mu, 1) lies there."""
    low, high = (end - mu for end in ends)
    if low + high < 0:  # from the side whose tail is the smaller one, so that nothing cancels
        low, high = -high, -low
    root = math.sqrt(2)
    return (math.erfc(low / root) - math.erfc(high / root)) / 2
