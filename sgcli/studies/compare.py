"""How surrogates differ in shape, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgcli.definitions.core import Shape
from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.errors import SgError
from sgcli.theory import distance, shape
from sgcli.theory.equivalence import Same, families

if TYPE_CHECKING:  # it times with torch
    from sgcli.measure.cost import Cost


@dataclass(frozen=True)
class Comparison(shape.ShapeComparison):
    """Shapes side by side for a membrane N(``mu``, 1).

    ``same`` has those that are another one up to scale; ``costs`` is empty where none is measured.
    """

    mu: float
    same: tuple[Same, ...]
    costs: tuple[Cost, ...] = ()


def compare(
    names: Names,
    *,
    xlim: tuple[float, float] | None = None,
    mu: float = 0.0,
    cost: bool = False,
    **parameters: Values,
) -> Comparison:
    """Compare the gradients of surrogates: peak, area, width, tails, and where they are 0.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters, as ``alpha=5`` or ``alpha=[1, 2, 5]``. Gradients are sampled from -2.5
    to 2.5 and from -10 to 10, or in ``xlim``, in units of the threshold. ``mu`` is the mean of the
    membrane minus the threshold in standard deviations. ``cost`` measures, with torch, what a
    forward and backward pass costs: ns an element. Raises :class:`~sgcli.errors.SgError` for a name
    or a value that is not allowed.
    """
    shapes = shapes_of(names, **parameters)
    costs: tuple[Cost, ...] = ()
    if cost:
        from sgcli.measure.cost import costs as measured

        costs = tuple(measured(shapes))
    compared = shape.compare(shapes, xlim, mu=mu)
    same = _same(shapes)
    return Comparison(compared.measured, compared.near, compared.far, mu, same, costs)


@dataclass(frozen=True)
class Pair:
    """Two shapes and ∫|f − g| dx, both of peak 1 and both of area 1; None where one cannot be."""

    shape: Shape
    other: Shape
    peak: float | None
    area: float | None


@dataclass(frozen=True)
class ShapeDistances:
    """How far shapes are apart; ``same`` as in :class:`Comparison`."""

    shapes: tuple[Shape, ...]
    peak: distance.Distances
    area: distance.Distances
    same: tuple[Same, ...]

    @property
    def pairs(self) -> list[Pair]:
        """Every two shapes, the nearest at equal peak first."""
        return sorted(self._pairs(), key=lambda pair: (pair.peak is None, pair.peak or 0.0))

    def _pairs(self) -> Iterator[Pair]:
        for i, one in enumerate(self.shapes):
            for j in range(i + 1, len(self.shapes)):
                peak, area = (given.matrix[i][j] for given in (self.peak, self.area))
                yield Pair(one, self.shapes[j], peak, area)


def distances(names: Names, **parameters: Values) -> ShapeDistances:
    """Compute how far the gradients of every two surrogates are apart, ∫|f − g| dx.

    ``names`` and ``parameters`` are those of :func:`compare`. Raises
    :class:`~sgcli.errors.SgError` for fewer than two shapes, and where none can be normalised.
    """
    shapes = shapes_of(names, **parameters)
    if len(shapes) < 2:
        raise SgError("a distance needs two surrogates", "name more, or all")
    peak, area = (distance.distances(shapes, norm) for norm in ("peak", "area"))
    if max(len(peak.usable), len(area.usable)) < 2:
        raise SgError(
            "fewer than two of these can be normalised", "a gradient needs a peak above 0"
        )
    return ShapeDistances(tuple(shapes), peak, area, _same(shapes))


def _same(shapes: list[Shape]) -> tuple[Same, ...]:
    return tuple(one for group in families(shapes) for one in group[1:])
