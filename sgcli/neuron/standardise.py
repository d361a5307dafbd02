"""Standardised currents, as the theory assumes them: V − v_threshold ~ N(mu, 1) in each unit."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgcli.errors import ParameterError
from sgcli.neuron.linear import LinearNode

MOMENTUM = 0.1  # of the running statistics, as in torch's batch normalisation
SMALLEST = 1e-10  # lower bound of a variance, which is 0 in a layer that receives no spikes


class Standardise(nn.Module):
    """Scales currents so that the free membrane has mean v_threshold + mu and standard deviation 1.

    The free membrane is the potential without resets. The statistics of each unit are taken over
    the batch and over time, and are constant in the backward pass; ``eval()`` uses the running
    means of the training. Maps [B, n] or [T, B, n] to [T, B, n]. ``bias`` [n] is in units of the
    standard deviation.
    """

    mean: Tensor
    deviation: Tensor
    begun: Tensor

    def __init__(self, size: int, node: LinearNode, mu: float) -> None:
        super().__init__()
        linear = node.linear()
        if isinstance(linear.keep, Tensor):
            raise ParameterError(
                f"{type(node).__name__} trains its leak, so its currents cannot be standardised",
                "use a neuron with a fixed leak, or another normalisation",
            )
        if type(node).input_current is not LinearNode.input_current:
            raise ParameterError(
                f"{type(node).__name__} filters its currents, so they cannot be standardised",
                "use a neuron without a synapse, or another normalisation",
            )
        self.linear = linear
        self.level = node.v_threshold + mu
        self.start = node.v_reset or 0.0
        self.bias = nn.Parameter(torch.zeros(size))
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        self.register_buffer("begun", torch.zeros((), dtype=torch.bool))

    def forward(self, current: Tensor, time: int) -> Tensor:
        current = current.expand(time, *current.shape[-2:])
        if self.training:
            mean, deviation = self._of_batch(current.detach())
            self._remember(mean, deviation)
        else:
            mean, deviation = self.mean, self.deviation
        return (current - mean) / deviation + self._offset(time, current) + self.bias

    def free(self, current: Tensor) -> Tensor:
        """The potentials [T, …] under a current [T, …], from 0, without resets."""
        v, potentials = torch.zeros_like(current[0]), []
        for x in current:
            v = self.linear.keep * v + self.linear.gain * x
            potentials.append(v)
        return torch.stack(potentials)

    def _of_batch(self, current: Tensor) -> tuple[Tensor, Tensor]:
        mean = current.mean((0, 1))
        variance = self.free(current - mean).square().mean((0, 1))
        return mean, variance.clamp(min=SMALLEST).sqrt()

    @torch.no_grad()
    def _remember(self, mean: Tensor, deviation: Tensor) -> None:
        weight = torch.where(self.begun, MOMENTUM, 1.0).to(mean)
        self.mean.lerp_(mean, weight)
        self.deviation.lerp_(deviation, weight)
        self.begun.fill_(True)

    def _offset(self, time: int, like: Tensor) -> Tensor:
        """The part [T, 1, 1] of the current that keeps the mean potential at ``level``."""
        linear = self.linear
        previous = [self.start, *[self.level] * (time - 1)]
        needed = [(self.level - linear.keep * v - linear.drive) / linear.gain for v in previous]
        return like.new_tensor(needed).view(time, 1, 1)
