"""The network of the theory: random weights, standardised currents, and its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.measure.observe import Observed, listening
from sgcli.measure.stack import layer_of
from sgcli.neuron import IFNode
from sgcli.neuron.dynamics import Charging
from sgcli.surrogate import of
from sgcli.theory.currents import Dynamics, LayerCurrents
from sgcli.theory.flow import Block


@dataclass(frozen=True)
class RandomNetwork:
    """A stack of layers of one width, for batches of one size.

    ``layers`` say how each scales and offsets its currents, from the first up. The weights of a
    neuron are N(0, 1/(n·variance)). With ``normalise`` its currents are standardised over batch
    and time, and the statistics are constants in the backward pass. The blocks are those of
    :mod:`sgcli.theory.flow`.
    """

    shape: Shape
    dynamics: Dynamics
    layers: Sequence[LayerCurrents]
    mu: float
    width: int = 512
    batch: int = 512
    normalise: bool = True
    block: Block = "none"

    def __post_init__(self) -> None:
        if self.normalise and self.batch * self.dynamics.time < 2:
            raise SgError("a single current cannot be standardised", "a batch of 2 samples or more")

    def node(self, seed: int, layer: int) -> Node:
        """A neuron for one pass.

        Each layer has random numbers of its own, the same in every pass.
        """
        return Node(self.shape, self.dynamics, seed * (len(self.layers) + 1) + layer)


class Node(IFNode):
    """The neuron of some dynamics, in whole sequences; what it draws is decided by ``seed``."""

    def __init__(self, shape: Shape, dynamics: Dynamics, seed: int) -> None:
        random = shape.definition.is_random()
        drawn = {"generator": Generator().manual_seed(seed)} if random else {}
        super().__init__(
            dynamics.v_threshold,
            0.0 if dynamics.reset == "hard" else None,
            of(shape.definition)(**shape.params, **drawn),
            dynamics.detach_reset,
            step_mode="m",
        )
        self._linear = Charging(dynamics.keep, dynamics.gain)

    def linear(self) -> Charging:
        return self._linear


@dataclass(frozen=True)
class Pass:
    """What one network did: ``ratios`` and ``profile`` as of a prediction."""

    ratios: list[float]
    profile: list[float]


def run(network: RandomNetwork, seed: int) -> Pass:
    """Forward from random spikes, backward from a random gradient at all steps of the top layer."""
    generator = Generator().manual_seed(seed)
    kept = list(_forward(network, seed, generator))
    delta = torch.randn(kept[-1].current.shape, generator=generator)
    profile = _profile(network.node(seed, len(kept)), kept[-1].current, delta)
    ratios = []
    while kept:
        node, inputs = network.node(seed, len(kept)), kept.pop()
        below = (_pulled(node, inputs.current, delta) * inputs.factor) @ inputs.weight
        if network.block == "sew":
            below += delta
        ratio = float(below.norm() / (delta.norm() or 1.0))
        ratios.append(ratio)
        delta = below / (ratio or 1.0)  # its size would under- or overflow
    return Pass(ratios, profile)


def membranes(network: RandomNetwork, seed: int) -> list[Observed]:
    """The membranes of each layer, from the first up."""
    result = []
    for i, inputs in enumerate(_forward(network, seed, Generator().manual_seed(seed)), 1):
        node = network.node(seed, i)
        with torch.no_grad(), listening(node) as records:
            node(inputs.current)
        result += [record.observed(f"layer {i}") for record in records.values()]
    return result


def observed(network: RandomNetwork, seed: int) -> list[LayerCurrents]:
    """The layers with the currents that they had, from the first up."""
    inputs = _forward(network, seed, Generator().manual_seed(seed))
    return [
        layer_of(one.current, layer.scale**2 / layer.variance)
        for one, layer in zip(inputs, network.layers, strict=True)
    ]


class LayerInput(NamedTuple):
    """What a layer gets: currents [T, B, n], and what they are multiplied by after the weights."""

    weight: Tensor
    current: Tensor
    factor: Tensor | float


def _forward(network: RandomNetwork, seed: int, generator: Generator) -> Iterator[LayerInput]:
    """The layers one after the other, from the first up."""
    spikes = _input(network, seed, generator)
    for i, layer in enumerate(network.layers, 1):
        weight = _weight(network, layer, generator)
        yield (inputs := LayerInput(weight, *_current(network, layer, spikes, weight)))
        fired = network.node(seed, i)(inputs.current)
        spikes = fired + spikes if network.block == "sew" else fired


def _input(network: RandomNetwork, seed: int, generator: Generator) -> Tensor:
    """Spikes [T, B, n] of membranes N(mu, 1), independent from step to step."""
    size = (network.dynamics.time, network.batch, network.width)
    x = torch.randn(size, generator=generator).add_(network.mu)
    spikes: Tensor = network.node(seed, 0).surrogate_function(x)
    return spikes


def _weight(network: RandomNetwork, layer: LayerCurrents, generator: Generator) -> Tensor:
    n = network.width
    return torch.randn((n, n), generator=generator).div_((n * layer.variance) ** 0.5)


def _current(
    network: RandomNetwork, layer: LayerCurrents, spikes: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor | float]:
    """Currents [T, B, n] and what they are multiplied by after the weights."""
    weighed = spikes @ weight.T
    factor: Tensor | float = layer.scale
    if network.normalise:
        deviation, mean = torch.std_mean(weighed, dim=(0, 1))
        # A neuron whose currents are all the same stays at the mean.
        factor = layer.scale / torch.where(deviation > 0, deviation, torch.inf)
        weighed -= mean
    return weighed * factor + float(layer.offset), factor


def _pulled(node: Node, current: Tensor, delta: Tensor) -> Tensor:
    """The gradient of the currents for that of the spikes."""
    leaf = current.detach().requires_grad_()
    (pulled,) = torch.autograd.grad(node(leaf), leaf, delta)
    return pulled


def _profile(node: Node, current: Tensor, delta: Tensor) -> list[float]:
    """The gradient of the currents at each step for a loss at the last, which has the norm 1."""
    last = torch.zeros_like(delta)
    last[-1] = delta[-1]
    norms = _pulled(node, current, last).flatten(1).norm(dim=1)
    return [float(norm) for norm in norms / (norms[-1] or 1.0)]
