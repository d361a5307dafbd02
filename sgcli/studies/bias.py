"""How far surrogate gradients are from gradients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgcli.definitions.core import Shape
from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.theory.bias import Bias, biases
from sgcli.theory.escape import CONFIDENCE, Escape
from sgcli.theory.escape import escape as escape_of
from sgcli.theory.gygax_zenke import steepness
from sgcli.theory.loop import DIRECTIONS, Loop, loops

if TYPE_CHECKING:  # its networks are made of torch
    from sgcli.measure.finite_differences import Cosines

EPSILON = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Replaced:
    """A shape whose parameter ``name`` is not as it was given: it is the steepness β."""

    shape: Shape
    name: str


@dataclass(frozen=True)
class Loops:
    """Integrals around a loop of weights, one a surrogate and β_SG."""

    radius: float
    points: int | None
    directions: tuple[tuple[float, ...], ...]
    loops: tuple[Loop, ...]
    replaced: tuple[Replaced, ...]


def loop(
    names: Names = "sigmoid",
    *,
    beta: float = 1e4,
    beta_sg: Sequence[float] = (1.0, 5.0, 20.0),
    radius: float = 1.8,
    points: int | None = None,
    directions: Sequence[Sequence[float]] = DIRECTIONS,
    **parameters: Values,
) -> Loops:
    """Integrate surrogate gradients around a closed loop of weights: 0 for any gradient.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. Five weights (w, v1, v2, u1, u2) go around a circle of ``radius`` in the
    plane of two ``directions``; the forward pass has the steepness ``beta``, the backward pass each
    of ``beta_sg`` in turn, above 0. ``points`` are those of a trapezoidal rule; without them the
    integral is refined until it no longer changes. Source: Gygax & Zenke, arXiv:2404.14964. Raises
    :class:`~sgcli.errors.SgError` for directions that span no plane, and for a steepness or a
    radius that float64 does not resolve.
    """
    shapes, replaced = _once_each(shapes_of(names, **parameters))
    result = [
        one for shape in shapes for one in loops(shape, beta, beta_sg, radius, points, directions)
    ]
    plane = tuple(tuple(map(float, direction)) for direction in directions)
    return Loops(radius, points, plane, tuple(result), replaced)


@dataclass(frozen=True)
class Signs:
    """Signs of surrogate and true gradients along one weight, one a surrogate and β_SG."""

    weights: tuple[float, ...]
    sweep: tuple[float, float]
    points: int
    biases: tuple[Bias, ...]
    replaced: tuple[Replaced, ...]


def sign(
    names: Names = "sigmoid",
    *,
    beta: float = 100.0,
    beta_sg: Sequence[float] = (15.0, 30.0, 100.0),
    weights: Sequence[float] = (0.05, 0.1, 1.0, -1.0),
    sweep: tuple[float, float] = (-0.2, 0.2),
    points: int = 10_001,
    **parameters: Values,
) -> Signs:
    """Compare the signs of surrogate and true gradients while one weight goes through ``sweep``.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. The other ``weights`` (v1, v2, u1, u2) stay; the forward pass has the
    steepness ``beta``, the backward pass each of ``beta_sg`` in turn, above 0. ``points`` of the
    interval are looked at. Source: Gygax & Zenke, arXiv:2404.14964. Raises
    :class:`~sgcli.errors.SgError` for a sweep out of order and for a steepness beyond 1e5.
    """
    shapes, replaced = _once_each(shapes_of(names, **parameters))
    result = [
        one for shape in shapes for one in biases(shape, beta, beta_sg, weights, sweep, points)
    ]
    return Signs(tuple(weights), sweep, points, tuple(result), replaced)


@dataclass(frozen=True)
class Escapes:
    """Escape noise, one result a surrogate; intervals hold together with that ``confidence``."""

    samples: int
    seed: int
    confidence: float
    escapes: tuple[Escape, ...]


def escape(
    names: Names, *, samples: int = 1_000_000, seed: int = 0, **parameters: Values
) -> Escapes:
    """Ask whether gradients are unbiased for one neuron that fires with probability σ(u).

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. ``samples`` spikes are drawn, from ``seed``, at each of 21 places around
    the peak. Source: Gygax & Zenke, arXiv:2404.14964.
    """
    result = [escape_of(shape, samples, seed) for shape in shapes_of(names, **parameters)]
    return Escapes(samples, seed, CONFIDENCE, tuple(result))


@dataclass(frozen=True)
class FiniteDifferences:
    """Cosines with finite differences in networks of ``units`` neurons, one result a surrogate."""

    units: int
    batch: int
    seeds: int
    mu: float
    cosines: tuple[Cosines, ...]


def fd(
    names: Names,
    *,
    epsilon: Iterable[float] = EPSILON,
    units: int = 64,
    batch: int = 256,
    seeds: int = 5,
    mu: float = -0.5,
    **parameters: Values,
) -> FiniteDifferences:
    """Measure the cosine between surrogate gradients and finite differences of the spiking loss.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. ``epsilon`` are the steps of the differences, above 0. Of each of
    ``seeds`` networks, a layer of ``units`` neurons gets ``batch`` samples; ``mu`` is the mean of
    its membrane minus the threshold in standard deviations. Source: Dspike, Li et al., NeurIPS
    2021. Raises :class:`~sgcli.errors.SgError` for a step that is not above 0.
    """
    from sgcli.measure.finite_differences import cosines

    shapes = shapes_of(names, **parameters)
    result = cosines(shapes, sorted(set(epsilon)), units, batch, seeds, mu)
    return FiniteDifferences(units, batch, seeds, mu, tuple(result))


def _once_each(shapes: Sequence[Shape]) -> tuple[list[Shape], tuple[Replaced, ...]]:
    """Shapes that differ in more than their steepness, and those whose steepness was given."""
    result: dict[object, Shape] = {}
    replaced = []
    for shape in shapes:
        steep = None if shape.definition.no_primitive else steepness(shape)
        rest = tuple(v for k, v in shape.params.items() if not (steep and k == steep.name))
        if steep and shape.params[steep.name] != shape.definition.params[steep.name].default:
            replaced.append(Replaced(shape, steep.name))
        result.setdefault((shape.definition, rest), shape)
    return list(result.values()), tuple(replaced)
