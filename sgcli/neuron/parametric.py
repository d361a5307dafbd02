"""A leaky neuron with a trained time constant."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from sgcli.definitions.param import Param
from sgcli.neuron import dynamics
from sgcli.neuron.base import SurrogateFunction
from sgcli.neuron.linear import LinearNode

INIT_TAU = Param(
    2.0, "(1, inf)", (1.1, 20.0), "initial membrane time constant, in steps", name="init_tau"
)


class ParametricLIFNode(LinearNode):
    """``LIFNode`` with one trained tau per layer: 1/tau = sigmoid(w) with the parameter w.

    ``init_tau`` is in steps, in (1, inf). Source: Fang et al. 2021, arXiv:2007.05785.
    """

    repr_names = ("tau", "decay_input", *LinearNode.repr_names)

    def __init__(
        self,
        init_tau: float = 2.0,
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
        self.decay_input = bool(decay_input)
        self.w = nn.Parameter(torch.tensor(-math.log(INIT_TAU.check(init_tau) - 1)))

    @property
    def tau(self) -> float:
        """The membrane time constant, in steps."""
        return 1 / self.w.detach().double().sigmoid().item()

    def linear(self) -> dynamics.Charging:
        rate = self.w.sigmoid()
        # 1 − sigmoid(w), without cancellation for a large tau.
        keep: Tensor = (-self.w).sigmoid()
        gain = rate if self.decay_input else 1.0
        return dynamics.Charging(keep, gain, (self.v_reset or 0.0) * rate if self.v_reset else 0.0)
