"""The surrogate gradient along a closed loop of weights: its integral is 0 for any gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.numerics.adaptive import integrate
from sgcli.numerics.roots import sign_changes
from sgcli.theory.gygax_zenke import STEEPEST, WEIGHTS, not_applicable, run, steep

Array = NDArray[np.float64]

# Gygax & Zenke's two directions in the space of weights, in the order of WEIGHTS.
DIRECTIONS = (
    (0.1168134, -0.21802215, -0.8262966, 0.5019748, 0.06384699),
    (-0.30310827, -0.8068901, 0.36749288, 0.3028789, 0.1739747),
)
SHOWN = 720  # steps of φ at which the running integral is kept


@dataclass(frozen=True)
class Loop:
    """The integral for one β_SG: ``error`` is its bound, ``path`` the integral of |g·dθ|.

    ``running`` is the integral from 0 to each ``phi``. Where a surrogate has no primitive or no
    steepness, numbers and curves are None and ``note`` says why.
    """

    shape: Shape
    beta: float
    beta_sg: float | None = None
    integral: float | None = None
    error: float | None = None
    path: float | None = None
    phi: Array | None = None
    running: Array | None = None
    note: str = ""


def loops(
    shape: Shape,
    beta: float = 1e4,
    betas_sg: Sequence[float] = (1.0, 5.0, 20.0),
    radius: float = 1.8,
    points: int | None = None,
    directions: Sequence[Sequence[float]] = DIRECTIONS,
) -> Iterator[Loop]:
    """θ = radius·(sin φ·d₁ + cos φ·d₂): forward with β, derivatives with each β_SG.

    Without ``points`` the integral is refined until it no longer changes. With them it is that of
    the trapezoidal rule, and ``error`` how far it is from the refined one. Raises :class:`SgError`
    for directions that span no plane, and for a β or a radius that float64 does not resolve.
    """
    plane = radius * np.asarray(directions, dtype=np.float64)
    is_plane = plane.shape == (2, len(WEIGHTS)) and np.isfinite(plane).all()
    if not is_plane or np.linalg.matrix_rank(plane) < 2:
        raise SgError("the directions span no plane", "two of five numbers, not parallel")
    steepest = max(beta, *betas_sg) * max(math.hypot(*row) for row in plane)
    if steepest > STEEPEST:
        raise SgError(
            f"steepness times radius is {steepest:.3g}, too much for float64",
            f"at most {STEEPEST:g}: a smaller --beta, --beta-sg or --radius",
        )
    if why := not_applicable(shape):
        yield Loop(shape, beta, note=why)
        return
    for beta_sg in betas_sg:
        yield _loop(shape, beta, beta_sg, plane, points)


def _loop(shape: Shape, beta: float, beta_sg: float, plane: Array, points: int | None) -> Loop:
    forward, backward = steep(shape, beta), steep(shape, beta_sg)

    def along(phi: Array) -> Array:
        """g·dθ/dφ."""
        toward = np.stack([np.cos(phi), -np.sin(phi)])
        gradient = run(forward, backward, _weights(plane, phi)).gradient
        return np.asarray(np.einsum("w...,dw,d...->...", gradient, plane, toward))

    def potentials(phi: Array) -> Array:
        return run(forward, backward, _weights(plane, phi)).potentials

    shown = np.linspace(0.0, 2 * math.pi, SHOWN + 1)
    corners = {*forward.edges(-10, 10), *backward.edges(-10, 10)}
    edges = _edges(plane, potentials, shown, sorted(corners))
    parts, errors, path = integrate(along, edges)
    integral, error = math.fsum(parts), math.fsum(errors)
    running = np.append(0.0, np.cumsum(parts))[np.searchsorted(edges, shown)]
    if points is not None:
        even = np.linspace(0.0, 2 * math.pi, points + 1)
        y = along(even)
        summed = np.append(0.0, np.cumsum((y[:-1] + y[1:]) * (math.pi / points)))
        running = np.interp(shown, even, summed)
        refined, integral = integral, float(summed[-1])
        error += abs(integral - refined)
    return Loop(shape, beta, beta_sg, integral, error, path, shown, running)


def _weights(plane: Array, phi: Array) -> Array:
    return np.asarray(np.tensordot(plane.T, np.stack([np.sin(phi), np.cos(phi)]), axes=1))


def _edges(
    plane: Array,
    potentials: Callable[[Array], Array],
    shown: Array,
    corners: Sequence[float],
) -> Array:
    """Integration points: dense around the steps, where a pre-activation is 0, and at corners.

    The pre-activations of g and h are 0 where a weight is; where that of y changes its sign is
    searched for.
    """

    def changes(i: int, level: float, edges: Array) -> Array:
        return sign_changes(lambda phi: potentials(phi)[i] - level, edges)

    inner = [math.atan2(-b, a) % math.pi + half for a, b in plane.T[:3] for half in (0, math.pi)]
    edges = _beside(inner, shown)
    edges = _beside(changes(3, 0.0, edges), edges)
    result = [changes(i, level, edges) for level in corners for i in range(4)]
    return np.unique(np.concatenate([edges, *result]))


def _beside(places: Sequence[float] | Array, edges: Array) -> Array:
    away = 2.0 ** np.arange(-50, -3)
    away = np.concatenate([-away, [0.0], away])
    near = (np.asarray(places, dtype=np.float64)[:, None] + away).ravel()
    return np.unique(np.concatenate([edges, near[(near > 0) & (near < 2 * math.pi)]]))
