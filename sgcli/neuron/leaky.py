"""The leaky neuron of snnTorch, whose reset comes one step after its spike."""

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

BETA = Param(0.9, "[0, 1]", (0.5, 0.99), "what a step keeps of the membrane", name="beta")
MECHANISMS = {"subtract": "lower by v_threshold", "zero": "back to 0", "none": "no reset"}


def check_beta(value: Any) -> float | nn.Parameter:
    return value if isinstance(value, nn.Parameter) else BETA.check(value)


class Leaky(LinearNode):
    """snnTorch's Leaky: H = beta·V + X, fires above its threshold, resets in the following step.

    ``v`` is the potential before the reset, as there. ``reset_mechanism`` is 'subtract', 'zero' or
    'none'; the reset is not differentiated unless ``detach_reset=False``. With
    ``reset_delay=False`` the reset comes in the step of the spike, and ``v`` is after it. ``beta``
    is in [0, 1]; with ``learn_beta`` it is the parameter, kept there. By default the surrogate is
    ``ATan()``. Source: Eshraghian et al. 2023, doi:10.1109/JPROC.2023.3308088.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **BaseNode.checks,
        "beta": check_beta,
        "reset_mechanism": one_of("reset_mechanism", MECHANISMS),
    }
    shown = ("v_threshold", "reset_mechanism", "reset_delay", "detach_reset", "step_mode")
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

    def linear(self) -> dynamics.LinearDynamics:
        return dynamics.LinearDynamics(
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
