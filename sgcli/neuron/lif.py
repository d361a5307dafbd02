"""Integrate-and-fire neurons: perfect (IF) and leaky (LIF)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sgcli.definitions.param import Param
from sgcli.neuron import dynamics
from sgcli.neuron.base import BaseNode, SurrogateFunction
from sgcli.neuron.linear import LinearNode as LinearNode

TAU = Param(2.0, "[1, inf)", (1.0, 20.0), "membrane time constant, in steps", name="tau")


class IFNode(LinearNode):
    """Integrate-and-fire: H = V + X."""

    def linear(self) -> dynamics.Charging:
        return dynamics.Charging(keep=1.0)


class LIFNode(LinearNode):
    """Leaky integrate-and-fire: H = V + (X − (V − v_reset)) / tau.

    ``decay_input=False`` does not divide the input: H = V − (V − v_reset) / tau + X. With a soft
    reset v_reset is taken as 0 here. ``tau`` is in steps, in [1, inf).
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {**BaseNode.checks, "tau": TAU.check}
    repr_names = ("tau", "decay_input", *BaseNode.repr_names)
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
        store_v_seq: bool = False,
    ) -> None:
        super().__init__(
            v_threshold, v_reset, surrogate_function, detach_reset, step_mode, store_v_seq
        )
        self.tau = tau
        self.decay_input = bool(decay_input)

    def linear(self) -> dynamics.Charging:
        return dynamics.Charging(
            keep=1 - 1 / self.tau,
            gain=1 / self.tau if self.decay_input else 1.0,
            drive=(self.v_reset or 0.0) / self.tau,
        )
