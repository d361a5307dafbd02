"""What is the same at every step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass

from sgcli.definitions.core import Shape
from sgcli.neuron import dynamics


@dataclass(frozen=True)
class Plan:
    """A neuron that is linear below its threshold, with its reset and its surrogate.

    ``v_reset=None`` is the soft reset, which subtracts ``taken``, by default the threshold.
    """

    linear: dynamics.Linear
    v_threshold: float
    v_reset: float | None
    detach_reset: bool
    shape: Shape
    taken: float | None = None

    @property
    def lowering(self) -> float:
        """What a soft reset subtracts."""
        return self.v_threshold if self.taken is None else self.taken
