"""Means over a membrane with a Gaussian distribution, to 1e-8 or better."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.maths import numpy_
from sgcli.numerics.panels import integral, legendre, panels

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

WHAT = "a mean over the membrane"
REACH = 38.5  # standard deviations, beyond which the density is 0 in float64
EDGES = 5000  # of all periods together


@lru_cache(maxsize=10_000)
def gradient_moment(shape: Shape, mu: float = 0.0, sigma: float = 1.0, power: int = 2) -> float:
    """E[g(x)^power] for x ~ N(mu, sigma²); of a random gradient the mean over its draw too."""
    return mean(lambda x: _moment(shape, x, power), shape, mu, sigma)


@lru_cache(maxsize=10_000)
def spike_moments(shape: Shape, mu: float = 0.0, sigma: float = 1.0) -> tuple[float, float]:
    """Mean and variance of the forward pass for x ~ N(mu, sigma²).

    Where the pass is stochastic, of what it draws: spikes with the probability ``forward``.
    """
    _check(mu, sigma)
    if shape.definition.forward is Definition.forward:
        z = mu / sigma if sigma else math.copysign(math.inf, mu + 0.0)
        fires, rests = (math.erfc(-side * z / math.sqrt(2)) / 2 for side in (1, -1))
        return fires, fires * rests
    if shape.definition.stochastic:
        fires = mean(lambda x: curve(shape, x, "forward"), shape, mu, sigma)
        rests = mean(lambda x: 1 - curve(shape, x, "forward"), shape, mu, sigma)
        return fires, fires * rests
    # Moments about f(mu), not about 0: if nearly every membrane has the value f(mu), E[f²] - E[f]²
    # would cancel.
    middle = float(curve(shape, mu, "forward"))
    off = mean(lambda x: curve(shape, x, "forward") - middle, shape, mu, sigma)
    square = mean(lambda x: (curve(shape, x, "forward") - middle) ** 2, shape, mu, sigma)
    return middle + off, max(square - off * off, 0.0)


def mean(f: Function, shape: Shape, mu: float = 0.0, sigma: float = 1.0) -> float:
    """E[f(x)] for x ~ N(mu, sigma²) and an ``f`` that is smooth wherever the shape is.

    The error is below 1e-8 of E|f(x)|. Raises :class:`SgError` where the mean does not exist, and
    where the shape has too many edges for the standard deviation.
    """
    _check(mu, sigma)
    if sigma == 0:
        return float(f(np.array([mu], dtype=np.float64))[0])
    period = shape.period
    if period is not None and period <= sigma / 2 and _repeats_below(shape, period):
        # Such a mean is that over a period, up to a factor 1 ± 2 exp(-2 (pi sigma / period)²).
        ends = panels(_edges(shape, 0.0, period), 0.0, period, period / 8)
        return integral(lambda x: f(x) / period, ends, WHAT)
    low, high = mu - REACH * sigma, mu + REACH * sigma

    def weighted(x: NDArray[np.float64]) -> NDArray[np.float64]:
        z = (x - mu) / sigma
        with np.errstate(all="ignore"):  # what is not finite is found by integral
            return f(x) * np.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * sigma)

    ends = panels(_edges(shape, low, high, mu, sigma), low, high, sigma / 2)
    return integral(weighted, ends, WHAT)


def _check(mu: float, sigma: float) -> None:
    if not (math.isfinite(mu) and math.isfinite(sigma) and sigma >= 0):
        raise SgError(
            f"a membrane cannot have the mean {mu:g} and the standard deviation {sigma:g}",
            "two finite numbers, the second one not negative",
        )


def _moment(shape: Shape, x: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    if not shape.definition.random_gradient:
        return curve(shape, x) ** power
    nodes, weights = legendre()
    total = np.zeros_like(x)
    for node, weight in zip(nodes, weights, strict=True):
        u = np.full_like(x, (1 + node) / 2)
        total += weight / 2 * shape.definition.drawn(numpy_, x, u, *shape.values) ** power
    return total


def _edges(
    shape: Shape, low: float, high: float, mu: float = 0.0, sigma: float = math.inf
) -> list[float]:
    """Where f may have a kink, a jump or a narrow peak; of a periodic one in every period."""
    edges = {0.0, *shape.edges(low, high), *shape.breakpoints(low, high)}
    period = shape.period
    if period is None:
        return sorted(edges)
    # The shape lists the edges of its first periods only, so they are repeated here, up to 9
    # standard deviations.
    edges |= {*shape.edges(-period, period)}
    within = {e % period for e in edges}
    start, end = max(low, mu - 9 * sigma), min(high, mu + 9 * sigma)
    periods = range(math.floor(start / period), math.ceil(end / period) + 1)
    if len(periods) * len(within) > EDGES:
        raise SgError(
            f"{shape.label} has too many periods from {start:g} to {end:g}", "a longer period"
        )
    edges |= {k * period + e for k in periods for e in within}
    return sorted(e for e in edges if low <= e <= high)


def _repeats_below(shape: Shape, period: float) -> bool:
    """Whether the gradient is periodic below the threshold too."""
    at = np.array([0.125, 0.3125, 0.6875])
    below, above = curve(shape, (at - 1) * period), curve(shape, at * period)
    return bool(np.abs(below - above).max() <= 1e-9 * np.abs(above).max())
