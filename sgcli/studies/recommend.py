"""The shape that keeps the size of gradients through a deep network."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

from sgcli.definitions.catalogue import REGISTRY
from sgcli.definitions.core import Shape
from sgcli.definitions.names import Names, Values, shapes_of
from sgcli.errors import SgError
from sgcli.theory.coherence import coherence
from sgcli.theory.flow import SILENT, power
from sgcli.theory.recommend import NORMALISE, Recommendation
from sgcli.theory.recommend import recommend as solve_for

MORE = "its input has to grow or its threshold to fall"


@dataclass(frozen=True)
class Recommended:
    """A recommendation; ``factor`` is what the given shape multiplies gradients by over all layers.

    ``coherence`` is that of the recommended shape, of the given one where none is recommended.
    """

    recommendation: Recommendation
    factor: float | None
    coherence: float | None

    @property
    def code(self) -> str:
        """The line that makes the recommended shape; empty where none is recommended."""
        shape = self.recommendation.shape
        return "" if shape is None else _code(shape)


@dataclass(frozen=True)
class Recommendations:
    """Three recommendations a shape: for its gradient as it is, at peak 1, and at area 1.

    The membrane minus the threshold is N(mu·sd, sd²), ``rate`` the firing rate per step that
    follows, ``target`` the factor over ``depth`` layers and ``ratio`` that of one. ``gain`` is
    σ_w of weights that are given, ``weights_sd`` the standard deviation of the membrane that comes
    of them alone; both are None where currents are normalised.
    """

    mu: float
    rate: float
    sd: float
    depth: int
    target: float
    gain: float | None
    shapes: tuple[Recommended, ...]

    @property
    def ratio(self) -> float:
        return _ratio(self.target, self.depth)

    @property
    def weights_sd(self) -> float | None:
        spread = math.sqrt(self.rate * (1 - self.rate))
        return None if self.gain is None else self.gain * spread


def recommend(
    names: Names,
    *,
    mu: float | None = None,
    rate: float | None = None,
    depth: int = 20,
    target: float = 1.0,
    solve: str | None = None,
    weight_std: float | None = None,
    fan_in: int | None = None,
    sd: float = 1.0,
    **parameters: Values,
) -> Recommendations:
    """Solve for the parameter with which ``depth`` layers multiply gradient norms by ``target``.

    ``names`` are those of the command line, definitions or shapes, and ``parameters`` values of
    their shape parameters. ``mu`` is the mean of the membrane minus the threshold in standard
    deviations, -0.5 if not given; ``rate``, a probability of a spike per step, gives it instead.
    ``solve`` names the parameter, by default the one that sets the steepness. ``sd`` is the
    standard deviation of the membrane, the threshold being 1. Where currents are not normalised,
    ``weight_std`` and ``fan_in`` describe the weights. Raises :class:`~sgcli.errors.SgError` for
    values outside these domains, and for ``mu`` beside ``rate``.
    """
    shapes = shapes_of(names, **parameters)
    if mu is not None and rate is not None:
        raise SgError("mu and rate exclude one another", "give one of them; the other follows")
    if (weight_std is None) != (fan_in is None):
        raise SgError("weight_std and fan_in need one another", "the gain is weight_std·√fan_in")
    if rate is not None and not 0 < rate < 1:
        raise SgError(f"a firing rate per step cannot be {rate:g}", "between 0 and 1")
    if depth < 1 or not 0 < target < math.inf:
        raise SgError(f"{depth} layers cannot have the factor {target:g}", "at least 1, above 0")
    normal = NormalDist()
    mean = normal.inv_cdf(rate) if rate is not None else -0.5 if mu is None else mu
    gain = None if weight_std is None or fan_in is None else weight_std * math.sqrt(fan_in)
    solved = partial(
        solve_for, target=_ratio(target, depth), solve=solve, sigma=sd, gain=gain, depth=depth
    )
    result = [solved(shape, mean * sd, normalise=n) for shape in shapes for n in NORMALISE]
    firing_rate = normal.cdf(mean)
    if firing_rate < SILENT:
        note = (
            f"a layer with the firing rate {firing_rate:.1g} is silent: no surrogate helps, {MORE}"
        )
        result = [replace(r, shape=None, shapes=(), scale=None, note=note) for r in result]
    recommended = tuple(_recommended(entry, depth, mean * sd, sd) for entry in result)
    return Recommendations(mean, firing_rate, sd, depth, target, gain, recommended)


def _recommended(entry: Recommendation, depth: int, mu: float, sd: float) -> Recommended:
    if entry.ratio is None:
        return Recommended(entry, None, None)
    return Recommended(
        entry, power(entry.ratio, depth), coherence(entry.shape or entry.given, mu, sd)
    )


def _ratio(target: float, depth: int) -> float:
    return float(target ** (1 / depth))


def _code(shape: Shape) -> str:
    """The line that makes it: of the parameters, those that are not the defaults."""
    definition = shape.definition
    if definition not in REGISTRY.values():
        return shape.label
    values = zip(shape.params.items(), definition.defaults, strict=True)
    arguments = ", ".join(f"{k}={v:.4g}" for (k, v), default in values if v != default)
    return f"surrogate.{definition.__name__}({arguments})"
