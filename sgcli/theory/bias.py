"""The sign of the surrogate gradient beside that of the true one, along one weight."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.numerics.roots import sign_changes
from sgcli.theory.gygax_zenke import not_applicable, run, steep


@dataclass(frozen=True)
class Bias:
    """∂y/∂w with β and with β_SG at each ``w``, and the share of the interval where signs differ.

    ``crossings`` are the w where either changes its sign. Where a surrogate has no primitive or no
    steepness, numbers and curves are None and ``note`` says why.
    """

    shape: Shape
    beta: float
    beta_sg: float | None = None
    disagreement: float | None = None
    true_crossings: tuple[float, ...] = ()
    crossings: tuple[float, ...] = ()
    w: NDArray[np.float64] | None = None
    true: NDArray[np.float64] | None = None
    surrogate: NDArray[np.float64] | None = None
    note: str = ""


def biases(
    shape: Shape,
    beta: float = 100.0,
    betas_sg: Sequence[float] = (15.0, 30.0, 100.0),
    weights: Sequence[float] = (0.05, 0.1, 1.0, -1.0),
    sweep: tuple[float, float] = (-0.2, 0.2),
    points: int = 10_001,
) -> Iterator[Bias]:
    """w through ``sweep``, ``weights`` v₁, v₂, u₁, u₂ fixed: forward with β, backward with β_SG.

    Signs are told at the points, and their changes between two points found by halving. Raises
    :class:`SgError` for a sweep out of order and for a β beyond 1e5.
    """
    low, high = sweep
    if not (low < high and np.isfinite(high - low)):
        raise SgError(
            f"w cannot go from {low:g} to {high:g}", "use two finite numbers, the smaller one first"
        )
    if why := not_applicable(shape):
        yield Bias(shape, beta, note=why)
        return
    w, forward = np.linspace(low, high, points), steep(shape, beta)
    true = _Slope(forward, forward, weights)
    true_edges = _edges(true, w)
    for beta_sg in betas_sg:
        surrogate = _Slope(forward, steep(shape, beta_sg), weights)
        own_edges = _edges(surrogate, w)
        edges = np.union1d(true_edges, own_edges)
        middle = edges[:-1] / 2 + edges[1:] / 2
        apart = np.sign(true(middle)) * np.sign(surrogate(middle)) < 0
        yield Bias(
            shape, beta, beta_sg,
            disagreement=float(np.diff(edges)[apart].sum() / (high - low)),
            true_crossings=_crossings(true, true_edges),
            crossings=_crossings(surrogate, own_edges),
            w=w, true=true(w), surrogate=surrogate(w),
        )  # fmt: skip


@dataclass(frozen=True)
class _Slope:
    """∂y/∂w as a function of w."""

    forward: Shape
    backward: Shape
    weights: Sequence[float]

    def __call__(self, w: Any) -> Any:
        fixed = np.broadcast_to(np.asarray(self.weights)[:, None], (4, len(w)))
        return run(self.forward, self.backward, np.concatenate([w[None], fixed])).gradient[0]


def _edges(slope: _Slope, w: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ends of the stretches of one sign."""
    return np.unique([w[0], *sign_changes(slope, w), w[-1]])


def _crossings(slope: _Slope, edges: NDArray[np.float64]) -> tuple[float, ...]:
    """Where the sign becomes the opposite; of a stretch of zeros between the two, the middle."""
    low, high = edges[:-1], edges[1:]
    parts = zip(np.sign(slope(low / 2 + high / 2)), low, high, strict=True)
    signed = [part for part in parts if part[0]]
    return tuple(
        float(end / 2 + start / 2)
        for (before, _, end), (after, start, _) in itertools.pairwise(signed)
        if before != after
    )
