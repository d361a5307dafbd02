"""The currents of a deep spiking network over time: Gaussian, with a covariance for each layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.evaluate import curve
from sgcli.errors import SgError
from sgcli.numerics.roots import bisect
from sgcli.theory.gaussian import spike_moments

Array = NDArray[np.float64]

SAMPLES, RUNS = 8192, 8  # neurons of a Monte-Carlo run; the runs tell the error
# A covariance that changes by less from one layer to the next is reused for all layers above.
SETTLED = 1e-3
FINE = 1e-5  # to which the mean of the membrane is found


@dataclass(frozen=True)
class Dynamics:
    """A neuron over ``time`` steps from rest at 0: H = keep·V + gain·I, a spike, a reset.

    The hard reset is to 0, the soft one lowers the membrane by ``v_threshold``.
    """

    time: int
    keep: float = 0.5
    gain: float = 0.5
    reset: Literal["hard", "soft"] = "hard"
    detach_reset: bool = True
    v_threshold: float = 1.0

    @classmethod
    def of(
        cls,
        time: int,
        tau: float = 2.0,
        neuron: Literal["lif", "if"] = "lif",
        reset: Literal["hard", "soft"] = "hard",
        detach_reset: bool = True,
    ) -> Dynamics:
        """A LIF neuron, its input decayed by ``tau`` steps as its membrane, or an IF neuron.

        Raises :class:`SgError` for less than one step and for a ``tau`` below 1.
        """
        if time < 1:
            raise SgError(f"{time} time steps are too few", "at least 1")
        if not 1 <= tau < float("inf"):
            raise SgError(f"tau = {tau:g} is outside [1, inf)", "tau is in steps")
        keep, gain = (1.0, 1.0) if neuron == "if" else (1 - 1 / tau, 1 / tau)
        return cls(time, keep, gain, reset, detach_reset)

    def free(self) -> Array:
        """F of the membrane without a threshold, H = F·I; T × T."""
        later, earlier = np.indices((self.time, self.time))
        power = np.maximum(later - earlier, 0)
        return np.tril(self.gain * self.keep**power)

    def after(self, h: Array, spike: Array) -> Array:
        """The membrane after the reset."""
        return h * (1 - spike) if self.reset == "hard" else h - self.v_threshold * spike

    def run(self, firing: Shape, currents: Array, seed: int) -> Iterator[tuple[Array, Array]]:
        """Membrane H and spikes of each step under currents [T, neurons]."""
        random = np.random.default_rng([seed, 1])
        v = np.zeros(currents.shape[1])
        for current in currents:
            h = self.keep * v + self.gain * current
            spike = fire(firing, h - self.v_threshold, random)
            yield h, spike
            v = self.after(h, spike)


@dataclass(frozen=True, eq=False)
class LayerCurrents:
    """A layer's currents, I = scale·(centred current) + offset.

    ``covariance`` T × T is that of the centred currents. The squared weights of a neuron have the
    sum 1/``variance``, so where currents are standardised it is the variance of the spikes below.
    ``offset`` is a number, or [T, 1]. ``drawn`` are currents [T, neurons] that were observed, in
    the place of Gaussian ones.
    """

    covariance: Array
    variance: float
    scale: float
    offset: float | Array
    drawn: Array | None = None

    def currents(self, normal: Array) -> Array:
        """Currents [T, neurons] from independent standard normal numbers of that shape."""
        if self.drawn is not None:
            return self.drawn
        values, vectors = np.linalg.eigh(self.covariance)
        # The symmetric square root, because a small change of the covariance changes it only a
        # little.
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        drawn: Array = self.scale * (root @ normal) + self.offset
        return drawn


def firing(shape: Shape) -> Shape:
    """A stand-in with the same spikes.

    The same one for all shapes with a Heaviside forward pass, so that :func:`stack` is cached for
    all of them.
    """
    if shape.definition.forward is Definition.forward and not shape.definition.stochastic:
        return Shape(Definition, ())
    return shape


def fire(shape: Shape, x: Array, random: np.random.Generator) -> Array:
    """The forward pass, drawn where it is a probability."""
    y = curve(shape, x, "forward")
    return (random.random(x.shape) < y).astype(float) if shape.definition.stochastic else y


@lru_cache(maxsize=4 * RUNS)
def stack(
    firing: Shape, dynamics: Dynamics, depth: int, mu: float, seed: int
) -> tuple[LayerCurrents, ...]:
    """The layers from the first up, over input spikes that are independent from step to step.

    Currents are standardised over batch and time, scaled so that the membrane without a threshold
    has sd 1 (root mean square over the steps), and offset so that the membrane H, resets and all,
    has the mean v_threshold + ``mu`` over neurons, samples and steps. Layers above one that
    reproduces its own covariance are that one. Raises :class:`SgError` where none or all fire.
    """
    variance = spike_moments(firing, mu)[1]
    mean = dynamics.v_threshold + mu
    if dynamics.time == 1:
        _check(variance, mu)
        layer = LayerCurrents(np.eye(1), variance, 1 / dynamics.gain, mean / dynamics.gain)
        return (layer,) * depth
    # The same numbers for each layer, so that one that reproduces its covariance is found.
    normal = np.random.default_rng([seed, 0]).standard_normal((dynamics.time, SAMPLES))
    free = dynamics.free()
    covariance = np.eye(dynamics.time)
    result: list[LayerCurrents] = []
    while len(result) < depth:
        _check(variance, mu)
        scale = float(np.trace(free @ covariance @ free.T) / dynamics.time) ** -0.5
        layer = LayerCurrents(covariance, variance, scale, 0.0)
        layer = _offset(firing, dynamics, layer, mean, normal, seed)
        settled = result and np.abs(covariance - result[-1].covariance).max() < SETTLED
        result += [layer] * (depth - len(result) if settled else 1)
        spikes = np.array([s for _, s in dynamics.run(firing, layer.currents(normal), seed)])
        spikes -= spikes.mean()
        second = spikes @ spikes.T / SAMPLES
        variance = float(np.trace(second)) / dynamics.time
        covariance = second / (variance or 1.0)
    return tuple(result)


def _check(variance: float, mu: float) -> None:
    if not variance > 0:
        raise SgError(
            f"at mu = {mu:g} neurons never fire or always fire",
            "a mu nearer to 0",
        )


def _offset(
    firing: Shape, dynamics: Dynamics, layer: LayerCurrents, mean: float, normal: Array, seed: int
) -> LayerCurrents:
    """The layer with the offset that gives the membrane its mean, by bisection."""
    centred = layer.currents(normal)

    def above(offset: float) -> bool:
        steps = dynamics.run(firing, centred + offset, seed)
        return float(np.mean([h.mean() for h, _ in steps])) > mean

    low = high = mean
    step = 1.0
    while above(low):
        low, step = low - step, 2 * step
    while not above(high):
        high, step = high + step, 2 * step
    low, high = bisect(above, low, high, math.ceil(math.log2((high - low) / FINE)))
    return replace(layer, offset=(low + high) / 2)
