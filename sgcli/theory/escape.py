"""Escape noise: whether σ′(u) is unbiased, of a neuron that fires with probability σ(u).

σ′(u) is unbiased for the expected spike of one neuron (Gygax & Zenke, arXiv:2404.14964), and so for
everything linear in that spike. It is biased for a nonlinear loss and for neurons in deeper layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import Curve, curve
from sgcli.definitions.facts import facts
from sgcli.numerics.panels import gauss
from sgcli.numerics.roots import bisect

CONFIDENCE = 0.99  # that all points of a surrogate are inside together
POINTS = 21
WINDOW = 0.04  # of the full width at half maximum
NODES, HALVINGS = 20, 80
FARTHEST = 1e12
AT_ONCE = 1_000_000  # random numbers in memory


@dataclass(frozen=True)
class Escape:
    """Gradients at each ``u``: the surrogate's, and by Monte-Carlo with simultaneous intervals.

    The Monte-Carlo one is the mean difference of spikes at u ± h, both drawn from the same random
    numbers, over 2h; ``expected`` is the mean of the surrogate gradient from u − h to u + h, which
    is what it must be if the gradient is unbiased. Without a probability all are None and ``note``
    says why.
    """

    shape: Shape
    samples: int
    h: float | None = None
    u: NDArray[np.float64] | None = None
    gradient: NDArray[np.float64] | None = None
    expected: NDArray[np.float64] | None = None
    estimate: NDArray[np.float64] | None = None
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    note: str = ""

    @property
    def inside(self) -> Any:
        """At which points the interval has the expected value."""
        if self.low is None or self.high is None or self.expected is None:
            return None
        return (self.low <= self.expected) & (self.expected <= self.high)

    @property
    def unbiased(self) -> bool | None:
        """Whether all of them have it."""
        return None if self.expected is None else bool(self.inside.all())

    @property
    def off(self) -> Any:
        """How far the estimate is from the expected value at each point."""
        if self.expected is None or self.estimate is None:
            return None
        return abs(self.estimate - self.expected)


def escape(shape: Shape, samples: int = 1_000_000, seed: int = 0) -> Escape:
    """Draw ``samples`` pairs of spikes at each of 21 places around the gradient's peak."""
    if why := not_applicable(shape):
        return Escape(shape, samples, note=why)
    u, h = _places(shape)
    random = np.random.default_rng(seed)
    which: Curve = "forward" if shape.definition.stochastic else "primitive"
    low, high = curve(shape, u - h, which), curve(shape, u + h, which)
    # With the same random number at both places the spikes differ where it lies between the two.
    differ = np.array([_differ(random, p, q, samples) for p, q in zip(low, high, strict=True)])
    least, most = interval(differ, samples)
    return Escape(
        shape, samples, h, u,
        gradient=curve(shape, u),
        expected=_mean(shape, u, h),
        estimate=differ / samples / (2 * h),
        low=least / (2 * h),
        high=most / (2 * h),
    )  # fmt: skip


def not_applicable(shape: Shape) -> str:
    """Why no neuron fires with the probability σ(u); empty where one may."""
    if shape.definition.stochastic:
        return ""
    if shape.definition.no_primitive:
        return f"not applicable because it has no primitive: {shape.definition.no_primitive}"
    away = np.geomspace(1e-3, 1e3, 4001)
    if curve(shape, np.concatenate([-away[::-1], [0.0], away])).min() < 0:
        return "not applicable because its primitive is no probability: it falls somewhere"
    area = facts(shape).area
    if area is None or not math.isfinite(area):
        return "not applicable because its primitive is no probability: it has no bound"
    low, high = curve(shape, [-FARTHEST, FARTHEST], "primitive")
    if low < -1e-9 or high > 1 + 1e-9:
        span = f"it goes from {low:.3g} to {high:.3g}"
        return f"not applicable because its primitive is no probability: {span}"
    return ""


def _places(shape: Shape) -> tuple[Any, float]:
    """Around the peak, a width and a half to both sides; around [0, 1] where there is no width."""
    result = facts(shape)
    if not math.isfinite(result.fwhm):
        return np.linspace(-0.5, 1.5, POINTS), 0.5 * WINDOW
    reach = 1.5 * result.fwhm
    return result.peak_at + np.linspace(-reach, reach, POINTS), result.fwhm * WINDOW / 2


def _differ(random: Any, low: float, high: float, samples: int) -> int:
    """How many of the random numbers give a spike at one place and none at the other."""
    result = 0
    for start in range(0, samples, AT_ONCE):
        numbers = random.random(min(AT_ONCE, samples - start))
        result += int(np.count_nonzero(numbers < high) - np.count_nonzero(numbers < low))
    return result


def interval(successes: NDArray[np.int64], samples: int) -> tuple[Any, Any]:
    """Where each of that many probabilities lies, all at once, by Chernoff's bound.

    n·KL(k/n ‖ p) ≤ ln(2/δ): unlike standard errors it holds where a spike is rare too.
    """
    p = np.asarray(successes) / samples
    room = math.log(2 * p.size / (1 - CONFIDENCE)) / samples

    def reached(q: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = np.where(p > 0, p * np.log(p / q), 0.0)
            fall = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
        return rise + fall > room

    low, high = (bisect(reached, p, np.full_like(p, end), HALVINGS)[1] for end in (0.0, 1.0))
    return low, high


def _mean(shape: Shape, u: NDArray[np.float64], h: float) -> Any:
    """The mean gradient from u − h to u + h, by Gauss-Legendre between its kinks and jumps."""

    def of_one(low: float, high: float) -> float:
        ends = np.unique([low, *shape.edges(low, high), high])
        parts, _ = gauss(lambda x: curve(shape, x), ends[:-1], ends[1:], NODES)
        return float(parts.sum() / (high - low))

    return np.array([of_one(x - h, x + h) for x in u])
