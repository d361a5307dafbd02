"""A shape sampled for drawing and export: kinks on a point, jumps with the values beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.evaluate import Curve, curve
from sgcli.errors import SgError

CURVES: tuple[Curve, ...] = get_args(Curve)
MOST_POINTS = 1_000_000
MOST_SPECIAL = 1000


@dataclass(frozen=True)
class Jump:
    """A jump at ``x``: the value that the definition has there, and the limits beside it."""

    x: float
    left: float
    value: float
    right: float


@dataclass(frozen=True)
class Sampled:
    """Curves of one shape over common points ``x``, in float64; each with its jumps."""

    shape: Shape
    x: NDArray[np.float64]
    y: Mapping[Curve, NDArray[np.float64]]
    jumps: Mapping[Curve, Sequence[Jump]]

    @property
    def is_step(self) -> bool:
        """Whether the forward pass is the Heaviside step, as nearly always."""
        return self.shape.definition.forward is Definition.forward

    @property
    def forward_label(self) -> str:
        """What the forward pass is, told from its values where it is not the Heaviside step."""
        y = self.y["forward"]
        if self.is_step:
            return "Heaviside Θ(x)"
        if self.shape.definition.stochastic:
            return "forward: spike probability"
        if (y == self.x).all():
            return "forward: x itself"
        return "forward: number of spikes" if (y == y.round()).all() else "forward pass"

    def peak(self) -> tuple[float, float]:
        """Where the gradient is largest on the sampled range, nearest to 0: ``(x, σ′(x))``."""
        points = [*zip(self.x.tolist(), self.y["derivative"].tolist(), strict=True)]
        points += [(j.x, y) for j in self.jumps["derivative"] for y in (j.left, j.right)]
        top = max(y for _, y in points)
        near_top = [(x, y) for x, y in points if y >= top - 1e-12 * abs(top)]
        return min(near_top, key=lambda point: abs(point[0]))


def sample(
    shape: Shape,
    low: float = -2.5,
    high: float = 2.5,
    points: int = 1001,
    which: Iterable[Curve] = CURVES,
) -> Sampled:
    """Evaluate curves of a shape on even points and on every kink and jump in [low, high].

    A surrogate without a primitive has none in the result. Raises :class:`SgError` where nothing
    else was asked for, for limits that are not finite or out of order, and for fewer than 2 or more
    than a million points.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high and np.isfinite(high - low)):
        raise SgError(
            f"x cannot go from {low:g} to {high:g}", "use two finite numbers, the smaller one first"
        )
    if not 2 <= points <= MOST_POINTS:
        raise SgError(f"a curve cannot have {points} points", f"between 2 and {MOST_POINTS}")
    special = np.array(_special(shape, low, high))
    x = np.union1d(np.linspace(low, high, points), special)
    there = [c for c in which if not (c == "primitive" and shape.definition.no_primitive)]
    if not there:
        raise SgError(f"{shape.name} has no primitive", shape.definition.no_primitive)
    y: dict[Curve, Any] = {c: curve(shape, x, c) for c in there}
    for which_curve, values in y.items():
        if not np.isfinite(values).all():
            at = x[~np.isfinite(values)][0]
            raise SgError(f"the {which_curve} of {shape.label} is not finite at x = {at:g}")
    jumps = {c: _jumps(shape, c, special, float(np.abs(y[c]).max())) for c in there}
    return Sampled(shape, x, y, jumps)


def _special(shape: Shape, low: float, high: float) -> list[float]:
    """Where any of the curves may jump or have a kink."""
    definition, values = shape.definition, shape.values
    places = itertools.chain(
        definition.jumps(low, high, *values),
        definition.kinks(low, high, *values),
        definition.breakpoints(low, high, *values),
    )
    result = list(itertools.islice(places, MOST_SPECIAL + 1))
    if len(result) > MOST_SPECIAL:
        raise SgError(
            f"{shape.name} has more than {MOST_SPECIAL} kinks and jumps from {low:g} to {high:g}",
            "a narrower range shows them",
        )
    return sorted({float(x) for x in result if low <= x <= high})


def _jumps(
    shape: Shape, which: Curve, special: NDArray[np.float64], scale: float
) -> tuple[Jump, ...]:
    """The special points where a curve, of that largest value, differs from side to side."""
    # A definition may compute the place of its jump to a few units in the last place.
    beside = 4 * np.spacing(np.abs(special))
    left = curve(shape, special - beside, which)
    value = curve(shape, special, which)
    right = curve(shape, special + beside, which)
    apart = np.maximum(np.abs(right - left), np.abs(value - left)) > 1e-9 * scale
    rows = np.stack([special, left, value, right], axis=1)[apart]
    return tuple(Jump(*row) for row in rows.tolist())
