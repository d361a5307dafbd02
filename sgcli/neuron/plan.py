"""The part of a neuron that is constant over a sequence."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from sgcli.definitions.core import Shape
from sgcli.neuron import dynamics
from sgcli.neuron.resets import Reset


@dataclass(frozen=True)
class NeuronPlan:
    """A neuron that is linear below its threshold, except for its leak, which may be trained.

    A step adds ``gain``·X + ``drive`` to the potential. ``fires_at`` is the lowest potential with a
    spike. With ``fires_first`` a step returns the spikes of its initial potential.
    """

    gain: float
    drive: float
    reset: Reset
    fires_at: float
    detach_reset: bool
    shape: Shape
    fires_first: bool = False

    def current(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """The membrane current of the input ``x``: gain·X + drive."""
        return dynamics.current(x, self.gain, self.drive, out)

    def reset_spikes(self, spikes: Tensor) -> Tensor:
        """The spikes that enter the reset; detached with ``detach_reset``."""
        return spikes.detach() if self.detach_reset else spikes
