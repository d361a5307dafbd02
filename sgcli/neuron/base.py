"""What every spiking neuron does: charge, fire, reset; and the state it keeps in between."""

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
            f"surrogate_function = {value!r} cannot be called",
            "any function of a tensor that returns spikes, such as surrogate.Sigmoid()",
        )
    function: SurrogateFunction = value
    return function


class BaseNode(MemoryModule):
    """A layer of spiking neurons; a subclass gives ``neuronal_charge``.

    ``v_reset=None`` is the soft reset, which subtracts the threshold. ``surrogate_function`` is any
    function from V − v_threshold to spikes; by default every node has a ``Sigmoid()`` of its own.
    With ``step_mode='m'`` the input is a sequence [T, …]; ``store_v_seq`` then keeps the potentials
    [T, …] after its steps in ``v_seq``. The state ``v`` lasts until ``reset()``; an input of
    another shape starts afresh. A ``strict`` neuron fires above its threshold only, from the
    next number of the dtype on. Raises :class:`sgcli.errors.ParameterError` for a value outside
    its domain, also on assignment.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {
        **MemoryModule.checks,
        "v_threshold": V_THRESHOLD.check,
        "v_reset": or_none(V_RESET),
        "surrogate_function": _surrogate_function,
    }
    shown: ClassVar[tuple[str, ...]] = ("v_threshold", "v_reset", "detach_reset", "step_mode")
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
        """Keep the state, cut off from the graph of the steps that led to it."""
        if isinstance(self.v, Tensor):
            self.v = self.v.detach()

    def neuronal_charge(self, x: Tensor) -> None:
        """Move ``self.v`` by the input of one step."""
        raise NotImplementedError("a subclass of BaseNode defines neuronal_charge")

    def neuronal_fire(self) -> Tensor:
        """The spikes of the charged membrane."""
        h = self._membrane()
        return self.surrogate_function(h - self._threshold(h))

    def neuronal_reset(self, spike: Tensor) -> None:
        """Lower or reset ``self.v`` where there was a spike."""
        h = self._membrane()
        s = spike.detach() if self.detach_reset else spike
        self.v = resets.at_once(self.v_threshold, self.v_reset).after(h, s)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Spikes of one step, in the shape of ``x``."""
        self.v = self._state(x)
        self.neuronal_charge(x)
        spike = self.neuronal_fire()
        self.neuronal_reset(spike)
        return spike

    def stepped(self, inputs: Iterable[Tensor]) -> Tensor:
        if not self.store_v_seq:
            return super().stepped(inputs)
        spikes, potentials = [], []
        for x in inputs:
            spikes.append(self.single_step_forward(x))
            potentials.append(self._membrane())
        self.v_seq = torch.stack(potentials)
        return torch.stack(spikes)

    def fallback_reason(self) -> str:
        """Why sequences go step by step; empty if they are run at once."""
        return f"{type(self).__name__} has only its steps"

    def _threshold(self, h: Tensor) -> float:
        """The lowest potential that fires, in the dtype of ``h``."""
        return dynamics.above(self.v_threshold, h.dtype) if self.strict else self.v_threshold

    def _start(self) -> float:
        """The potential that a sequence begins with."""
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
