"""Surrogates compared by the shape of their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sgcli.definitions.core import Shape
from sgcli.definitions.facts import Facts, facts, zero_from
from sgcli.theory.curves import Sampled, sample

NEAR, FAR = (-2.5, 2.5), (-10.0, 10.0)


@dataclass(frozen=True)
class Measured:
    """A shape, what is true of it, and the open range of x where float32 has a gradient ≠ 0."""

    shape: Shape
    facts: Facts
    float32_low: float
    float32_high: float


@dataclass(frozen=True)
class Comparison:
    """Shapes side by side: measured, and their gradients sampled near the threshold and far."""

    measured: Sequence[Measured]
    near: Sequence[Sampled]
    far: Sequence[Sampled]


def measure(shape: Shape) -> Measured:
    """Facts of a shape, and the range beyond which its gradient rounds to 0 in float32."""
    low, high = -zero_from(shape, "float32", -1), zero_from(shape, "float32", 1)
    return Measured(shape, facts(shape), low + 0.0, high)


def compare(
    shapes: Sequence[Shape], xlim: tuple[float, float] | None = None, points: int = 1001
) -> Comparison:
    """Measure shapes and sample their gradients in ``xlim``, or in a near and a far range."""
    near, far = xlim or NEAR, xlim or FAR
    return Comparison(
        [measure(shape) for shape in shapes],
        [sample(shape, *near, points, ["derivative"]) for shape in shapes],
        [sample(shape, *far, points, ["derivative"]) for shape in shapes],
    )
