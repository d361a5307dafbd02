"""The five weights with which Gygax & Zenke test whether a surrogate gradient is a gradient.

With the input 1: g = σ(w), h = σ(v·g), y = σ(u·h), where v and u have two weights each.
Source: Neural Computation 37(5), 886–925 (2025), arXiv:2404.14964.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve
from sgcli.definitions.facts import facts
from sgcli.errors import SgError

WEIGHTS = ("w", "v1", "v2", "u1", "u2")
STEEPEST = 1e5  # some gradients vary over 1/β², too little for float64 beyond that


@dataclass(frozen=True)
class Steepness:
    """The parameter that compresses x, as ``alpha`` in σ(αx); ``power`` is -1 for a width."""

    name: str
    power: int


@dataclass(frozen=True)
class Passed:
    """The output, the four pre-activations, and the derivative of the output by each weight."""

    output: NDArray[np.float64]
    potentials: NDArray[np.float64]
    gradient: NDArray[np.float64]


def steepness(shape: Shape) -> Steepness | None:
    """The parameter p with σ(x; c·p) = σ(c·x; p), found by trying; None if there is none."""
    x = np.concatenate([-(2.0 ** np.arange(4, -9, -1)), 2.0 ** np.arange(-8, 5)])
    for name, param in shape.definition.params.items():
        for power in (1, -1):
            scaled = {**shape.params, name: shape.params[name] * 2.0**power}
            if param.integer or scaled[name] not in param.interval:
                continue
            want = curve(shape, 2 * x, "primitive")
            result = curve(Shape.of(shape.definition, **scaled), x, "primitive")
            if np.allclose(result, want, rtol=1e-9, atol=1e-12):
                return Steepness(name, power)
    return None


def not_applicable(shape: Shape) -> str:
    """Why a surrogate has no σ of a chosen steepness; empty where it has one."""
    if shape.definition.no_primitive:
        return f"not applicable because it has no primitive: {shape.definition.no_primitive}"
    if steepness(shape) is None:
        return "not applicable because no parameter makes its primitive steeper at the same height"
    area = facts(shape).area
    if area is None or not math.isfinite(area):
        return "not applicable because its primitive does not rise from one value to another"
    return ""


def steep(shape: Shape, beta: float) -> Shape:
    """The shape with the steepness ``beta``; raises :class:`SgError` where float64 cannot."""
    result = steepness(shape)
    assert result is not None
    if not 0 < beta <= STEEPEST:
        raise SgError(f"a steepness cannot be {beta:g}", f"more than 0, at most {STEEPEST:g}")
    return Shape.of(shape.definition, **{**shape.params, result.name: beta**result.power})


def run(forward: Shape, backward: Shape, weights: NDArray[np.float64]) -> Passed:
    """Forward with the primitive of one shape, backward with the derivative of another.

    ``weights`` has the shape (5, …) in the order of :data:`WEIGHTS`; so has the gradient.
    """
    up, down = partial(curve, forward, which="primitive"), partial(curve, backward)
    w, v, u = weights[0], weights[1:3], weights[3:5]
    g = up(w)
    h = up(v * g)
    last = (u * h).sum(axis=0)
    by_last = down(last)
    by_hidden = by_last * u * down(v * g)
    by_w = (by_hidden * v).sum(axis=0) * down(w)
    gradient = np.concatenate([by_w[None], by_hidden * g, by_last * h])
    return Passed(up(last), np.concatenate([w[None], v * g, last[None]]), gradient)
