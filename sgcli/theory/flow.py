"""What a surrogate does to gradients in a deep network, predicted without building one.

Wide fully connected layers, weights of variance σ_w²/n that are independent of the gradients, and
Gaussian currents: the squared norm of a gradient then changes from layer to layer by
r² = σ_w² E[g(x)²], x the membrane minus the threshold. Normalised currents mean σ_w² = 1/Var(S),
S the spikes that enter. For comparison there is the bound by operator norms, ‖W‖·max|g|, where ‖W‖
= 2σ_w for a square Gaussian matrix.

A block of SEW-ResNet (Fang et al. 2021, arXiv 2102.04159) adds its spikes to what entered it, and
Var(S) is that of the sum. The spikes of a unit in different blocks come from independent weights.
Their covariances have either sign and average to 0 over units, so the variances add.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sgcli.definitions.core import Shape
from sgcli.errors import SgError, UserCodeError
from sgcli.theory.gaussian import gradient_moment, spike_moments

Block = Literal["none", "sew"]
BLOCKS: tuple[Block, ...] = get_args(Block)
Verdict = Literal["vanishes", "stable", "explodes"]
BOUNDS = (0.1, 10.0)  # of the factor through all layers that counts as stable
SILENT = 1e-3  # spikes per step: of a layer that fires less, no gradient is worth scaling
LEAST = 1e-300  # a variance below it has lost its digits


@dataclass(frozen=True)
class PredictedFlow:
    """The predicted gradient flow through a network; ``note`` says why there is none.

    ``ratios`` are ‖δ^{l−1}‖/‖δ^l‖ from layer 1 up, ``ratio`` is their geometric mean and ``factor``
    their product.
    """

    shape: Shape
    ratios: tuple[float, ...] = ()
    ratio: float | None = None
    factor: float | None = None
    note: str = ""


@dataclass(frozen=True)
class LayerMoments:
    """A layer's membrane minus threshold, N(mu, sigma²), and σ_w² of the weights that enter it."""

    mu: float
    sigma: float
    gain: float | None  # None: such that the current has the variance sigma²

    def squared_gain(self, entering: float) -> float:
        """σ_w² for spikes of that variance."""
        if self.gain is not None:
            return self.gain**2
        if entering < LEAST:
            raise SgError(f"at mu = {self.mu:g} spikes do not vary", "use a mu nearer to 0")
        return self.sigma**2 / entering


def predict(
    shape: Shape,
    depth: int,
    mu: float = -0.5,
    *,
    block: Block = "none",
    means: Sequence[float] | None = None,
    deviations: Sequence[float] | None = None,
    gains: Sequence[float] | float | None = None,
) -> PredictedFlow:
    """Predict the gradient flow from the output of layer ``depth`` to the input of layer 1.

    ``mu`` is the mean of the membrane minus the threshold in standard deviations. A network without
    normalisation has ``means`` and ``deviations`` of the membrane minus the threshold, one a layer
    from the first, and ``gains``, the σ_w = weight_std·√fan_in of each or of all. What enters layer
    1 is taken to vary as the spikes of a plain layer with its membrane.
    """
    if block not in BLOCKS:
        raise SgError(f"there is no block '{block}'", f"one of {', '.join(BLOCKS)}")
    layers = _layers(depth, mu, means, deviations, gains)
    try:
        ratios = _ratios(shape, layers, block)
    except UserCodeError:
        raise
    except SgError as error:
        return PredictedFlow(shape, note=f"not applicable: {error.message}")
    log = _log10(ratios)
    return PredictedFlow(shape, tuple(ratios), _power_of_10(log / depth), _power_of_10(log))


def judge(factor: float, bounds: tuple[float, float] = BOUNDS) -> Verdict:
    """Judge a factor: stable within the bounds, vanishing below and exploding above."""
    low, high = bounds
    return "vanishes" if factor < low else "explodes" if factor > high else "stable"


def _ratios(shape: Shape, layers: Sequence[LayerMoments], block: Block) -> list[float]:
    """The ratio of each layer, from the first up."""
    ratios = []
    skip = 1.0 if block == "sew" else 0.0  # the part that goes past the neurons
    entering = spike_moments(shape, layers[0].mu, layers[0].sigma)[1]
    for layer in layers:
        squared = layer.squared_gain(entering)
        ratios.append(math.sqrt(skip + squared * gradient_moment(shape, layer.mu, layer.sigma)))
        entering = skip * entering + spike_moments(shape, layer.mu, layer.sigma)[1]
    return ratios


def _layers(depth: int, mu: float, means: Any, deviations: Any, gains: Any) -> list[LayerMoments]:
    if depth < 1:
        raise SgError(f"a network of depth {depth} has no layer", "a depth of at least 1")
    columns = []
    for given, default in ((means, mu), (deviations, 1.0), (gains, None)):
        single = given is None or isinstance(given, (int, float))
        column = [default if given is None else given] * depth if single else list(given)
        if len(column) != depth:
            raise SgError(f"{len(column)} values do not match {depth} layers", "as many")
        columns.append(column)
    return [LayerMoments(*values) for values in zip(*columns, strict=True)]


def _log10(ratios: Sequence[float]) -> float:
    """log10 of the product."""
    return sum(math.log10(r) for r in ratios) if all(ratios) else -math.inf


def power(ratio: float, depth: int) -> float:
    """The factor of that many layers; inf where it is no float."""
    return _power_of_10(depth * math.log10(ratio) if ratio else -math.inf)


def _power_of_10(log: float) -> float:
    return math.inf if log > 308 else 10.0**log
