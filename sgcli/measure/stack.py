"""Layers that are there, trained or not: their currents as the theory wants them, their flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from sgcli.theory.currents import Layer


def layer_of(currents: Tensor, squared_weights: float) -> Layer:
    """A layer as its currents [T, B, n] have it; ``squared_weights`` is Σw² of a mean neuron."""
    centred = currents.detach().double().flatten(1)
    mean = centred.mean(dim=1, keepdim=True)
    centred -= mean
    covariance = centred @ centred.T / centred.shape[1]
    return Layer(covariance.numpy(), 1 / squared_weights, 1.0, mean.numpy())


@dataclass(frozen=True)
class Stack:
    """Spiking layers under a batch: ``layers`` from the first up.

    ``ratios`` of gradient norms from the top layer down: ``random`` of a random gradient at the top
    layer's spikes at all steps, ``loss`` of a loss, if one was given.
    """

    layers: list[Layer]
    random: list[float]
    loss: list[float]


def through(
    linears: Sequence[nn.Linear],
    nodes: Sequence[nn.Module],
    x: Tensor,
    loss: Callable[[Tensor], Tensor] | None = None,
    seed: int = 0,
) -> Stack:
    """Run x [T, B, n] through linear layers with spiking nodes, which take sequences, and back."""
    spikes = [x.detach().requires_grad_()]
    layers = []
    for linear, node in zip(linears, nodes, strict=True):
        current = linear(spikes[-1])
        layers.append(layer_of(current, float(linear.weight.square().sum(dim=1).mean())))
        spikes.append(node(current))
    top = spikes[-1]
    cotangent = torch.randn(top.shape, generator=torch.Generator().manual_seed(seed)).to(top)
    random = _ratios(torch.autograd.grad(top, spikes, cotangent, retain_graph=loss is not None))
    of_loss = _ratios(torch.autograd.grad(loss(top), spikes)) if loss else []
    return Stack(layers, random, of_loss)


def _ratios(gradients: Sequence[Tensor]) -> list[float]:
    """From the top down, of gradients from the input up; 0 below a gradient that is 0."""
    norms = [float(gradient.norm()) for gradient in gradients][::-1]
    return [low / high if high else 0.0 for high, low in pairwise(norms)]
