"""The base class of spiking neurons: charge, fire and reset, with a state between steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor

from sgcli.definitions import REGISTRY
from sgcli.definitions.param import Param
from sgcli.errors import ParameterError
from sgcli.neuron import dynamics, resets
from sgcli.neuron.memory import MemoryModule, check_input, or_none
from sgcli.surrogate import of

V_THRESHOLD = Param(1.0, "(-inf, inf)", (0.5, 2.0), "threshold", name="v_threshold")
V_RESET = Param(0.0, "(-inf, inf)", (-1.0, 0.5), "potential after a spike", name="v_reset")

SurrogateFunction = Callable[[Tensor], Tensor]


def _surrogate_function(value: Any) -> SurrogateFunction:
    if not callable(value):
        raise ParameterError(
            f"surrogate_function = {value!r} is not callable",
            "surrogate_function is any function of a tensor, such as surrogate.Sigmoid()",
        )
    function: SurrogateFunction = value
    return function


class BaseNode(MemoryModule):
    """A layer of spiking neurons; a subclass defines ``neuronal_charge``.

    ``v_reset=None`` is the soft reset, which subtracts the threshold. ``surrogate_function`` is any
    function from V − v_threshold to spikes; the default is a new ``Sigmoid()`` for every node. With
    ``step_mode='m'`` the input is a sequence [T, …], and ``store_v_seq`` stores the potentials
    [T, …] after each step in ``v_seq``. The state ``v`` lasts until ``reset()`` or an input of
    another shape. A ``strict`` neuron fires for V > v_threshold instead of V >= v_threshold.
    Raises :class:`sgcli.errors.ParameterError` for a value outside its domain, also on assignment.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **MemoryModule.checks,
        "v_threshold": V_THRESHOLD.check,
        "v_reset": or_none(V_RESET),
        "surrogate_function": _surrogate_function,
    }
    repr_names: ClassVar[tuple[str, ...]] = ("v_threshold", "v_reset", "detach_reset", "step_mode")
    v: Tensor | float
    v_seq: Tensor | None
    strict = False
    surrogate_function: SurrogateFunction
    v_threshold: float
    v_reset: float | None

    def __init__(
        self,
        v_threshold: float = 1.0,
        v_reset: float | None = 0.0,
        surrogate_function: SurrogateFunction | None = None,
        detach_reset: bool = False,
        step_mode: str = "s",
        store_v_seq: bool = False,
    ) -> None:
        super().__init__(step_mode)
        self.v_threshold = v_threshold
        self.v_reset = v_reset
        if surrogate_function is None:
            surrogate_function = of(REGISTRY["sigmoid"])()
        self.surrogate_function = surrogate_function
        self.detach_reset = bool(detach_reset)
        self.store_v_seq = bool(store_v_seq)
        self.reset()

    def reset(self) -> None:
        """Forget the state; the next input starts a new sequence."""
        self.v = self._start()
        self.v_seq = None

    def detach(self) -> None:
        """Detach the state from the graph of the previous steps."""
        if isinstance(self.v, Tensor):
            self.v = self.v.detach()

    def neuronal_charge(self, x: Tensor) -> None:
        """Update ``self.v`` with the input of one step."""
        raise NotImplementedError("a subclass of BaseNode must define neuronal_charge")

    def neuronal_fire(self) -> Tensor:
        """The spikes of the charged membrane."""
        h = self._membrane()
        return self.surrogate_function(h - self._threshold(h))

    def neuronal_reset(self, spike: Tensor) -> None:
        """Reset ``self.v`` where ``spike`` is 1."""
        h = self._membrane()
        s = spike.detach() if self.detach_reset else spike
        self.v = resets.immediate(self.v_threshold, self.v_reset).after(h, s)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Spikes of one step, in the shape of ``x``."""
        self.v = self._state(x)
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def step_by_step(self, inputs: Iterable[Tensor]) -> Tensor:
        if not self.store_v_seq:
            return super().step_by_step(inputs)
        spikes, potentials = [], []
        for x in inputs:
            spikes.append(self.single_step_forward(x))
            potentials.append(self._membrane())
        self.v_seq = torch.stack(potentials)
        return torch.stack(spikes)

    def fallback_reason(self) -> str:
        """Why sequences run step by step; "" if they run as a whole."""
        return f"{type(self).__name__} defines single steps only"

    def _threshold(self, h: Tensor) -> float:
        """The lowest potential that fires, in the dtype of ``h``."""
        return dynamics.above(self.v_threshold, h.dtype) if self.strict else self.v_threshold

    def _start(self) -> float:
        """The potential before the first step."""
        return self.v_reset or 0.0

    def _membrane(self) -> Tensor:
        assert isinstance(self.v, Tensor)
        return self.v

    def _state(self, x: Tensor) -> Tensor:
        """The state for an input ``x`` of one step."""
        check_input(x)
        if not isinstance(self.v, Tensor):
            return torch.full_like(x, self.v, requires_grad=False)
        if self.v.shape != x.shape:
            return torch.full_like(x, self._start(), requires_grad=False)
        return self.v.to(x)
