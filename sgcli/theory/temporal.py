"""Gradient flow through depth and time: the T × T Jacobian of a neuron under Gaussian currents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgcli.definitions.core import Shape
from sgcli.definitions.evaluate import curve
from sgcli.maths import numpy_
from sgcli.theory.currents import RUNS, SAMPLES, Dynamics, LayerCurrents, firing, stack

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Predicted:
    """Predicted flow of gradients through layers and time; where there is none, ``note`` says why.

    ``ratio`` is the geometric mean of ``ratios``, one a layer from the top down, for a loss at all
    steps, with the Monte-Carlo standard ``error`` (0 of a quadrature), and ``factor`` their
    product. ``profile[t]`` is the norm of the gradient of the top layer's currents at step t for a
    loss at the last step, as a multiple of that at the last step.
    """

    shape: Shape
    ratio: float | None = None
    error: float | None = None
    ratios: tuple[float, ...] = ()
    factor: float | None = None
    profile: tuple[float, ...] = ()
    profile_error: tuple[float, ...] = ()
    note: str = ""


def layers(shape: Shape, dynamics: Dynamics, depth: int, mu: float) -> list[LayerCurrents]:
    """The layers from the first up, averaged over the Monte-Carlo runs."""
    runs = [stack(firing(shape), dynamics, depth, mu, seed) for seed in range(RUNS)]
    return [mean_layer(same) for same in zip(*runs, strict=True)]


def mean_layer(same: Sequence[LayerCurrents]) -> LayerCurrents:
    """The mean over several networks of the same layer."""

    def mean(name: str) -> Array:
        return np.asarray(np.mean([getattr(sample, name) for sample in same], axis=0))

    variance, scale = float(mean("variance")), float(mean("scale"))
    return LayerCurrents(mean("covariance"), variance, scale, mean("offset"))


def predict(shape: Shape, dynamics: Dynamics, depth: int, mu: float = -0.5) -> Predicted:
    """The flow through the network of :func:`sgcli.theory.currents.stack`."""
    fires = firing(shape)
    stacks = [stack(fires, dynamics, depth, mu, seed) for seed in range(RUNS)]
    return predict_stacks(shape, dynamics, stacks)


def predict_stacks(
    shape: Shape, dynamics: Dynamics, stacks: Sequence[Sequence[LayerCurrents]]
) -> Predicted:
    """The flow through layers whose currents are known, from the first up; a stack for each run.

    It is the mean over these Monte-Carlo runs; each has a seed of its own.
    """
    runs = [_run(shape, dynamics, layers, seed) for seed, layers in enumerate(stacks)]
    with np.errstate(divide="ignore"):
        logs = np.log([ratios for ratios, _ in runs])
    of_runs = np.exp(logs.mean(axis=1))
    profiles = np.array([profile for _, profile in runs])
    ratio = float(np.exp(logs.mean()))
    return Predicted(
        shape,
        ratio,
        _error(of_runs).item(),
        tuple(np.exp(logs.mean(axis=0)).tolist()),
        ratio ** logs.shape[1],
        tuple(profiles.mean(axis=0).tolist()),
        tuple(_error(profiles).tolist()),
    )


def membranes(shape: Shape, dynamics: Dynamics, depth: int, mu: float = -0.5) -> Array:
    """x = H − v_threshold of neurons of the top layer, over all steps and Monte-Carlo runs."""
    parts = []
    for seed in range(RUNS):
        normal = np.random.default_rng([seed, 0]).standard_normal((dynamics.time, SAMPLES))
        currents = stack(firing(shape), dynamics, depth, mu, seed)[-1].currents(normal)
        parts += [h - dynamics.v_threshold for h, _ in dynamics.run(shape, currents, seed)]
    return np.concatenate(parts)


def _error(runs: Array) -> Array:
    return np.asarray(runs.std(axis=0, ddof=1) / len(runs) ** 0.5)


def _run(
    shape: Shape, dynamics: Dynamics, layers: Sequence[LayerCurrents], seed: int
) -> tuple[list[float], Array]:
    """K^{l−1} = σ_w² E[AᵀK^lA] from K^L = 1 down: the layer ratios; and the top layer's profile."""
    k = np.eye(dynamics.time)
    ratios: list[float] = []
    profile = np.ones(dynamics.time)
    known: LayerCurrents | None = None
    for layer in reversed(layers):
        if layer is not known:
            a, known = jacobian(shape, dynamics, layer, seed), layer
        if not ratios:
            last = np.sqrt((a[-1] ** 2).mean(axis=-1))
            profile = last / (last[-1] or 1.0)
        below = _pulled(a, k) / layer.variance
        size = float(np.trace(below)) / dynamics.time
        ratios.append(size**0.5)
        # Only the direction of K matters to the layers below; its size would under- or overflow.
        k = below / size if size else k
    return ratios, profile


def jacobian(shape: Shape, dynamics: Dynamics, layer: LayerCurrents, seed: int = 0) -> Array:
    """A[s, t, neuron] = ∂S[s]/∂I[t] by the centred currents I, of neurons drawn."""
    normal = np.random.default_rng([seed, 0]).standard_normal((dynamics.time, SAMPLES))
    random = np.random.default_rng([seed, 2])
    a = np.zeros((dynamics.time, dynamics.time, SAMPLES))
    to_h = np.zeros((dynamics.time, SAMPLES))  # ∂H[s]/∂I[t]
    for s, (h, spike) in enumerate(dynamics.run(shape, layer.currents(normal), seed)):
        slope = _slope(shape, h - dynamics.v_threshold, random)
        to_h[s] = dynamics.gain * layer.scale
        a[s] = slope * to_h
        to_h *= dynamics.keep * _through(dynamics, h, spike, slope)
    return a


def _through(dynamics: Dynamics, h: Array, spike: Array, slope: Array) -> Array | float:
    """∂V/∂H of the reset."""
    if dynamics.reset == "hard":
        return 1 - spike if dynamics.detach_reset else 1 - spike - h * slope
    return 1.0 if dynamics.detach_reset else 1 - dynamics.v_threshold * slope


def _slope(shape: Shape, x: Array, random: np.random.Generator) -> Array:
    """The surrogate gradient, drawn where it is random."""
    if not shape.definition.random_gradient:
        return curve(shape, x)
    drawn = shape.definition.drawn(numpy_, x, random.random(x.shape), *shape.values)
    return np.asarray(drawn, dtype=float)


def _pulled(a: Array, k: Array) -> Array:
    """E[AᵀKA] over the neurons of A[s, t, neuron]."""
    time, _, count = a.shape
    weighed = (k @ a.reshape(time, -1)).reshape(a.shape)
    total: Array = sum(a[s] @ weighed[s].T for s in range(time)) / count
    return total
