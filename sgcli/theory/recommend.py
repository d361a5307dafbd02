"""The value of a parameter for which gradients keep their norm from layer to layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from sgcli.definitions.core import Shape
from sgcli.definitions.facts import area, peak
from sgcli.definitions.param import Interval
from sgcli.errors import SgError, UserCodeError
from sgcli.numerics.roots import Scan, scan
from sgcli.theory.flow import LEAST
from sgcli.theory.gaussian import gradient_moment, spike_moments

Normalise = Literal["none", "peak", "area"]
NORMALISE: tuple[Normalise, ...] = get_args(Normalise)
# The largest distance from the ends of the domain, or from 0, that is searched; the smallest is
# its inverse.
REACH = 1e4
DECADE = 6  # points


@dataclass(frozen=True)
class Recommendation:
    """What is recommended for a shape; where nothing is, ``note`` says why.

    ``ratio`` is r of the given shape after normalisation; multiplying its gradient by ``rescale``
    gives the target ratio. ``shapes`` are those with the target, in ascending order of the
    parameter; ``shape`` is the one nearest to the given, whose gradient is to be multiplied by
    ``scale``. ``attained`` is the range of r over the domain of the parameter.
    """

    given: Shape
    normalise: Normalise
    target: float
    parameter: str = ""
    ratio: float | None = None
    rescale: float | None = None
    shapes: tuple[Shape, ...] = ()
    shape: Shape | None = None
    scale: float | None = None
    attained: tuple[float, float] | None = None
    note: str = ""


def recommend(
    shape: Shape,
    mu: float,
    depth: int,
    *,
    target: float = 1.0,
    solve: str | None = None,
    normalise: Normalise = "none",
    sigma: float = 1.0,
    gain: float | None = None,
) -> Recommendation:
    """Solve r = ``target`` in a plain network of ``depth`` layers for one parameter of the shape.

    By default for the one that its definition names. The membrane minus the threshold is
    N(mu, sigma²), and ``gain`` the σ_w = weight_std·√fan_in of a network that is not normalised.
    """
    if depth < 1:
        raise SgError(f"a network of depth {depth} has no layer", "a depth of at least 1")
    if not (math.isfinite(target) and target > 0):
        raise SgError(f"a ratio cannot be {target:g}", "a finite number above 0")
    name = _parameter(shape, solve)
    try:
        squared, size = _squared_ratio(shape, mu, sigma, gain), _size(shape, normalise)
    except UserCodeError:
        raise
    except SgError as error:
        return Recommendation(
            shape, normalise, target, name, note=f"not applicable: {error.message}"
        )
    ratio = math.sqrt(squared) / size
    rescale = math.sqrt(target**2 / squared) if squared > 0 else None
    common = (shape, normalise, target, name, ratio, rescale)
    if not name:
        return Recommendation(*common, note=_unsolved("it has no real parameter", rescale))

    def at(value: float) -> Shape:
        return Shape.of(shape.definition, **{**shape.params, name: value})

    def excess(value: float) -> float:
        one = at(value)
        ratio = math.sqrt(_squared_ratio(one, mu, sigma, gain)) / _size(one, normalise)
        return math.log(max(ratio, math.sqrt(LEAST))) - math.log(target)

    try:
        result = scan(excess, grid(shape.definition.params[name].interval))
    except UserCodeError:
        raise
    except SgError as error:
        return Recommendation(*common, note=f"not applicable: {error.message}")
    low, high = (target * math.exp(end(result.values)) for end in (min, max))
    attained = (_or_zero(low), _or_zero(high))
    # A formula has any parameters: -h turns its gradient round and has the same r.
    shapes = tuple(s for s in map(at, result.zeros) if peak(s) > 0)
    if not shapes or result.constant:
        note = _unsolved(_why(name, result, attained), rescale)
        return Recommendation(*common, attained=attained, note=note)
    best = min(shapes, key=lambda one: _apart(one.params[name], shape.params[name]))
    others = [f"{one.params[name]:.4g}" for one in shapes if one is not best]
    note = f"{name} = {' and '.join(others)} does it too" if others else ""
    return Recommendation(
        *common,
        shapes=shapes,
        shape=best,
        scale=1 / _size(best, normalise),
        attained=attained,
        note=note,
    )


def _squared_ratio(shape: Shape, mu: float, sigma: float, gain: float | None) -> float:
    """r² = σ_w² E[g²] of a plain layer."""
    variance = spike_moments(shape, mu, sigma)[1]
    if gain is None and variance < LEAST:
        raise SgError(f"at mu = {mu:g} spikes do not vary", "use a mu nearer to 0")
    squared = sigma**2 / variance if gain is None else gain**2
    return squared * gradient_moment(shape, mu, sigma)


def grid(domain: Interval) -> list[float]:
    """Points in a fixed ratio, away from the ends of the domain or on both sides of 0."""
    # Odd, so that 1 and other round numbers, which may well be zeros, are between two points.
    n = round(2 * DECADE * math.log10(REACH)) + 1
    away = [REACH ** (2 * k / n - 1) for k in range(n + 1)]
    if math.isinf(domain.low) and math.isinf(domain.high):
        points = [-d for d in away] + [0.0] + away
    elif math.isinf(domain.high):
        points = [domain.low, *(domain.low + d for d in away)]
    elif math.isinf(domain.low):
        points = [domain.high, *(domain.high - d for d in away)]
    else:
        width = domain.high - domain.low
        near = [width * d for d in away if d < 0.5] + [width / 2]
        points = [domain.low, domain.high]
        points += [domain.low + d for d in near] + [domain.high - d for d in near]
    return sorted({x for x in points if x in domain})


def _or_zero(ratio: float) -> float:
    """0 for what only stands for the logarithm of 0."""
    return ratio if ratio > 1.01 * math.sqrt(LEAST) else 0.0


def _parameter(shape: Shape, solve: str | None) -> str:
    definition = shape.definition
    if not solve:
        return definition.adjustable()
    if solve not in definition.params:
        known = ", ".join(definition.params) or "no parameters"
        raise SgError(f"{shape.name} has no parameter '{solve}'", f"{shape.name} has {known}")
    if definition.params[solve].integer:
        raise SgError(
            f"{solve} of {shape.name} is an integer", "an integer cannot match a ratio exactly"
        )
    return solve


def _size(shape: Shape, normalise: Normalise) -> float:
    """What the gradient is divided by."""
    if normalise == "none":
        return 1.0
    size = peak(shape) if normalise == "peak" else area(shape)
    if size is None:
        raise SgError(f"a periodic gradient has no {normalise}", "normalise it by its peak")
    if not (math.isfinite(size) and size > 0):
        result = "infinite" if math.isinf(size) else f"{size:g}"
        raise SgError(f"the {normalise} of the gradient is {result}", "normalise it otherwise")
    return size


def _why(name: str, zeros: Scan, attained: tuple[float, float]) -> str:
    if zeros.constant:
        return f"r = {attained[0]:.4g} whatever {name} is"
    low, high = zeros.points[0], zeros.points[-1]
    return f"r is {attained[0]:.4g} to {attained[1]:.4g} for {name} from {low:.4g} to {high:.4g}"


def _unsolved(why: str, rescale: float | None) -> str:
    return f"{why}; the gradient times {rescale:.4g} does it" if rescale else why


def _apart(a: float, b: float) -> float:
    """How far two values are from each other, by their ratio if they have one."""
    return abs(math.log(a / b)) if a * b > 0 else abs(a - b) + 1e3
