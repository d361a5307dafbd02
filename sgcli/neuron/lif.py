"""Integrate-and-fire neurons: perfect (IF) and leaky (LIF)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from sgcli.definitions.param import Param
from sgcli.neuron import dynamics, sequence
from sgcli.neuron.base import BaseNode, SurrogateFunction
from sgcli.neuron.memory import check_steps, length

TAU = Param(2.0, "[1, inf)", (1.0, 20.0), "membrane time constant, in steps", name="tau")


class LinearNode(BaseNode):
    """A neuron that is linear below its threshold; it runs through whole sequences at once.

    A surrogate that is not a plain one of sgcli's (trainable, random, a function of your own), and
    a subclass with its own charging, firing or reset, go step by step: :meth:`obstacle` says why.
    """

    def linear(self) -> dynamics.Linear:
        """The charging of one step."""
        raise NotImplementedError("a subclass of LinearNode defines linear")

    def neuronal_charge(self, x: Tensor) -> None:
        self.v = dynamics.charge(self.linear(), x, self._membrane())

    def obstacle(self) -> str:
        """Why sequences go step by step; empty if they are run at once."""
        for name in ("neuronal_charge", "neuronal_fire", "neuronal_reset", "single_step_forward"):
            if getattr(type(self), name) is not getattr(LinearNode, name):
                return f"{type(self).__name__} has a {name} of its own"
        return sequence.obstacle(self.surrogate_function)

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        if self.obstacle():
            return super().multi_step_forward(x_seq)
        length(x_seq)
        return self._run(x_seq, x_seq[0], None)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        if self.obstacle():
            return super().constant_forward(x, steps)
        check_steps(steps)
        return self._run(x, x, steps)

    def _run(self, x: Tensor, first: Tensor, steps: int | None) -> Tensor:
        surrogate_function: Any = self.surrogate_function
        plan = sequence.Plan(
            self.linear(),
            self.v_threshold,
            self.v_reset,
            self.detach_reset,
            sequence.shape_of(surrogate_function),
        )
        spikes, self.v = sequence.run(x, self._state(first), plan, steps)
        return spikes


class IFNode(LinearNode):
    """Integrate-and-fire: H = V + X."""

    def linear(self) -> dynamics.Linear:
        return dynamics.Linear(keep=1.0)


class LIFNode(LinearNode):
    """Leaky integrate-and-fire: H = V + (X − (V − v_reset)) / tau.

    With ``decay_input=False`` X enters whole: H = V − (V − v_reset) / tau + X. With a soft reset
    v_reset counts as 0. ``tau`` is in steps, in [1, inf).
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {**BaseNode.checks, "tau": TAU.check}
    tau: float

    def __init__(
        self,
        tau: float = 2.0,
        decay_input: bool = True,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: SurrogateFunction | None = None,
        detach_reset: bool = False,
        step_mode: str = "s",
    ) -> None:
        super().__init__(v_threshold, v_reset, surrogate_function, detach_reset, step_mode)
        self.tau = tau
        self.decay_input = bool(decay_input)

    def linear(self) -> dynamics.Linear:
        return dynamics.Linear(
            keep=1 - 1 / self.tau,
            gain=1 / self.tau if self.decay_input else 1.0,
            drive=(self.v_reset or 0.0) / self.tau,
        )

    def extra_repr(self) -> str:
        return f"tau={self.tau!r}, decay_input={self.decay_input!r}, {super().extra_repr()}"
