"""The leaky neuron of snnTorch, with resets one step after the spike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sgcli.definitions import REGISTRY
from sgcli.definitions.param import Param
from sgcli.neuron import dynamics, resets
from sgcli.neuron.base import BaseNode, SurrogateFunction
from sgcli.neuron.linear import LinearNode
from sgcli.neuron.memory import one_of
from sgcli.surrogate import of

BETA = Param(
    0.9, "[0, 1]", (0.5, 0.99), "decay factor of the membrane potential in a step", name="beta"
)
MECHANISMS = {
    "subtract": "v_threshold is subtracted",
    "zero": "the potential becomes 0",
    "none": "no reset",
}


def check_beta(value: Any) -> float | nn.Parameter:
    """A parameter as it is, or a number in [0, 1]."""
    return value if isinstance(value, nn.Parameter) else BETA.check(value)


class Leaky(LinearNode):
    """snnTorch's Leaky: H = beta·V + X, a spike for H > v_threshold, a reset in the next step.

    ``v`` is the potential before the reset, as in snnTorch. ``reset_mechanism`` is 'subtract',
    'zero' or 'none'. ``reset_delay=False`` resets in the step of the spike, and ``v`` is then the
    potential after the reset. ``detach_reset=False`` differentiates the reset. ``beta`` is in
    [0, 1]; with ``learn_beta`` it is a parameter, clamped to [0, 1]. The default surrogate is
    ``ATan()``. Source: Eshraghian et al. 2023, doi:10.1109/JPROC.2023.3308088.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "beta": check_beta,
        "reset_mechanism": one_of("reset_mechanism", MECHANISMS),
    }
    repr_names = ("v_threshold", "reset_mechanism", "reset_delay", "detach_reset", "step_mode")
    reset_mechanism: str
    beta: float | nn.Parameter

    def __init__(
        self,
        beta: float,
        v_threshold: float = 1.0,
        surrogate_function: SurrogateFunction | None = None,
        learn_beta: bool = False,
        reset_mechanism: str = "subtract",
        reset_delay: bool = True,
        detach_reset: bool = True,
        strict: bool = True,
        step_mode: str = "s",
        store_v_seq: bool = False,
    ) -> None:
        if surrogate_function is None:
            surrogate_function = of(REGISTRY["atan"])()
        super().__init__(v_threshold, 0.0, surrogate_function, detach_reset, step_mode, store_v_seq)
        beta = BETA.check(beta)
        self.beta = nn.Parameter(torch.tensor(beta)) if learn_beta else beta
        self.reset_mechanism = reset_mechanism
        self.reset_delay = bool(reset_delay)
        self.strict = bool(strict)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "reset_mechanism":
            self.v_reset = None if value == "subtract" else 0.0

    def linear(self) -> dynamics.Charging:
        return dynamics.Charging(
            self.beta.clamp(0, 1) if isinstance(self.beta, Tensor) else self.beta
        )

    def rule(self) -> resets.Reset:
        if self.reset_mechanism == "none":
            return resets.Reset()
        if not self.reset_delay:
            return super().rule()
        if self.reset_mechanism == "zero":
            return resets.Hard()
        return resets.Subtract(by=self.v_threshold)

    def extra_repr(self) -> str:
        beta = self.beta.item() if isinstance(self.beta, Tensor) else self.beta
        return f"beta={beta!r}, {super().extra_repr()}"
