"""What is the same at every step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from sgcli.definitions.core import Shape
from sgcli.neuron import dynamics
from sgcli.neuron.resets import Reset


@dataclass(frozen=True)
class Plan:
    """A neuron that is linear below its threshold, but for its leak, which may be trained.

    A step adds ``gain``·X + ``drive`` to the membrane. ``fires_at`` is the lowest potential that
    spikes; with ``fires_first`` a step gives the spikes of the potential that it begins with.
    """

    gain: float
    drive: float
    reset: Reset
    fires_at: float
    detach_reset: bool
    shape: Shape
    fires_first: bool = False

    def current(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """What the input ``x`` adds to the membrane."""
        return dynamics.current(x, self.gain, self.drive, out)

    def resetting(self, spikes: Tensor) -> Tensor:
        """The spikes as the reset sees them."""
        return spikes.detach() if self.detach_reset else spikes
