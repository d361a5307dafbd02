"""Layers that are there, trained or not: their currents as the theory wants them, their flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from sgcli.neuron.standardise import Standardise
from sgcli.theory.currents import RUNS, SAMPLES, LayerCurrents


@dataclass(frozen=True)
class SpikingLayer:
    """A spiking layer: a linear layer, a node that takes sequences, and what may be between."""

    linear: nn.Linear
    node: nn.Module
    standard: Standardise | None = None

    def current(self, spikes: Tensor) -> Tensor:
        current: Tensor = self.linear(spikes)
        return current if self.standard is None else self.standard(current, len(spikes))

    def squared_weights(self) -> float:
        """Σw² of a neuron, in the mean over neurons."""
        squared = self.linear.weight.detach().square().sum(dim=1)
        if self.standard is not None:
            squared = squared / self.standard.deviation.square()
        return float(squared.mean())


@dataclass(frozen=True)
class Stack:
    """What spiking layers do under a batch; ``layers`` from the first up.

    ``draws`` are the same layers with currents of neurons and samples drawn from those there were.
    Ratios of gradient norms from the top layer down: ``random`` of a random gradient at the top
    layer's spikes at all steps, ``loss`` of a loss.
    """

    layers: list[LayerCurrents]
    draws: list[list[LayerCurrents]]
    random: list[float]
    loss: list[float]


def through(
    stack: Sequence[SpikingLayer], x: Tensor, loss: Callable[[Tensor], Tensor], seed: int = 0
) -> Stack:
    """Run x [T, B, n] through layers and back; ``loss`` is a function of the top layer's spikes."""
    spikes = [x.detach().requires_grad_()]
    layers, draws = [], []
    for fed in stack:
        current = fed.current(spikes[-1])
        layers.append(layer_of(current, fed.squared_weights()))
        draws.append(_draws(layers[-1], current))
        spikes.append(fed.node(current))
    top = spikes[-1]
    cotangent = torch.randn(top.shape, generator=Generator().manual_seed(seed))
    random = torch.autograd.grad(top, spikes, cotangent, retain_graph=True)
    of_loss = torch.autograd.grad(loss(top), spikes)
    by_run = [list(layers) for layers in zip(*draws, strict=True)]
    return Stack(layers, by_run, _ratios(random), _ratios(of_loss))


def _draws(layer: LayerCurrents, currents: Tensor) -> list[LayerCurrents]:
    """The layer once for each Monte-Carlo run, with currents drawn from [T, B, n]."""
    every = currents.detach().flatten(1)
    generator = Generator().manual_seed(0)
    picks = torch.randint(every.shape[1], (RUNS, SAMPLES), generator=generator)
    return [replace(layer, drawn=every[:, pick].double().numpy()) for pick in picks]


def layer_of(currents: Tensor, squared_weights: float) -> LayerCurrents:
    """A layer as its currents [T, B, n] have it; ``squared_weights`` is Σw² of a neuron."""
    centred = currents.detach().double().flatten(1)
    mean = centred.mean(dim=1, keepdim=True)
    centred = centred - mean
    covariance = centred @ centred.T / centred.shape[1]
    return LayerCurrents(covariance.numpy(), 1 / squared_weights, 1.0, mean.numpy())


def _ratios(gradients: Sequence[Tensor]) -> list[float]:
    """From the top down, of gradients from the input up; 0 below a gradient that is 0."""
    norms = [float(gradient.double().norm()) for gradient in gradients][::-1]
    return [low / high if high else 0.0 for high, low in pairwise(norms)]
