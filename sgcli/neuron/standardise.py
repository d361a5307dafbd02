"""Currents brought to the scale at which theory describes them: each unit's membrane ~ N(mu, 1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgcli.errors import ParameterError
from sgcli.neuron.linear import LinearNode

MOMENTUM = 0.1  # of the running statistics, as in torch's batch normalisation
SMALLEST = 1e-10  # of a variance: the current of a layer that receives no spikes is constant


class Standardise(nn.Module):
    """Currents of a layer such that its free membrane has mean v_threshold + mu and deviation 1.

    The statistics of each unit are those of the batch (and of time), constant in the backward
    pass; after ``eval()`` they are running means of the training. Free is the membrane without
    reset. Maps [B, n] or [T, B, n] to [T, B, n]; ``bias`` [n] is in units of the deviation.
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
                "a neuron with a fixed leak, or another normalisation",
            )
        if type(node).received is not LinearNode.received:
            raise ParameterError(
                f"{type(node).__name__} filters its currents, so they cannot be standardised",
                "a neuron without synapse, or another normalisation",
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
        """The membrane [T, …] under a current [T, …], from 0 on, without spikes."""
        v, result = torch.zeros_like(current[0]), []
        for x in current:
            v = self.linear.keep * v + self.linear.gain * x
            result.append(v)
        return torch.stack(result)

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
        """The constant part of the current [T, 1, 1] that keeps the mean at ``level``."""
        linear = self.linear
        before = [self.start, *[self.level] * (time - 1)]
        needed = [(self.level - linear.keep * v - linear.drive) / linear.gain for v in before]
        return like.new_tensor(needed).view(time, 1, 1)
