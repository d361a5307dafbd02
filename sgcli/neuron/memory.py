"""The base class of layers with a state, which run single steps or whole sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sgcli.definitions.param import Param
from sgcli.errors import InputTypeError, ParameterError


def one_of(name: str, texts: Mapping[str, str]) -> Callable[[Any], str]:
    """The check of an attribute that must be one of the keys of ``texts``, their meanings."""
    words = [f"'{word}' ({text})" if text else f"'{word}'" for word, text in texts.items()]
    allowed = " or ".join(words) if len(words) < 3 else f"one of {', '.join(words)}"

    def check(value: Any) -> str:
        if value not in texts:
            raise ParameterError(f"{name} = {value!r} is unknown", f"{name} is {allowed}")
        return str(value)

    return check


def or_none(param: Param) -> Callable[[Any], float | None]:
    """The check of an attribute that must be None or in the domain of ``param``."""
    return lambda value: None if value is None else param.check(value)


check_step_mode = one_of("step_mode", {"s": "one step per call", "m": "a sequence [T, …] per call"})


def check_steps(steps: int) -> None:
    """Raise :class:`ParameterError` unless a sequence has at least one step."""
    if steps < 1:
        raise ParameterError(
            f"the sequence has {steps} steps", "the input is [T, …] with T at least 1"
        )


def length(x_seq: Tensor) -> int:
    """The number of steps of a sequence [T, …]; :class:`ParameterError` if it is 0."""
    steps = x_seq.shape[0] if x_seq.ndim else 0
    check_steps(steps)
    return steps


def check_input(x: Any) -> None:
    """Raise :class:`InputTypeError` unless ``x`` is a floating point tensor."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        kind = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise InputTypeError(f"a neuron takes floating point numbers, not {kind}", "x.float()")


class MemoryModule(nn.Module):
    """A layer with a state between steps; a subclass defines ``single_step_forward``.

    With ``step_mode='m'`` the input is a sequence [T, …]. The state lasts until ``reset()``. The
    functions in ``checks`` validate attributes at every assignment.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {"step_mode": check_step_mode}
    repr_names: ClassVar[tuple[str, ...]] = ()  # the attributes in repr()
    step_mode: str

    def __init__(self, step_mode: str = "s") -> None:
        super().__init__()
        self.step_mode = step_mode

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.checks.get(name)
        super().__setattr__(name, value if check is None else check(value))

    def reset(self) -> None:
        """Forget the state; the next input starts a new sequence."""
        raise NotImplementedError("a subclass of MemoryModule must define reset")

    def detach(self) -> None:
        """Detach the state from the graph of the previous steps."""
        raise NotImplementedError("a subclass of MemoryModule must define detach")

    def forward(self, x: Tensor) -> Tensor:
        return self.single_step_forward(x) if self.step_mode == "s" else self.multi_step_forward(x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """The output of one step."""
        raise NotImplementedError("a subclass of MemoryModule must define single_step_forward")

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """The outputs [T, …] of a sequence [T, …]."""
        length(x_seq)
        return self.step_by_step(x_seq)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        """The outputs [T, …] of ``steps`` steps with the same input ``x`` [...]."""
        check_steps(steps)
        return self.step_by_step([x] * steps)

    def step_by_step(self, inputs: Iterable[Tensor]) -> Tensor:
        """The outputs [T, …], computed one step at a time."""
        return torch.stack([self.single_step_forward(x) for x in inputs])

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.repr_names)


def like(state: Tensor | float | None, x: Tensor) -> Tensor:
    """The state for an input ``x``: as it is, or zeros if there is none of that shape."""
    if isinstance(state, Tensor) and state.shape == x.shape:
        return state.to(x)
    return torch.zeros_like(x, requires_grad=False)


def reset_net(net: nn.Module) -> None:
    """Reset the state of every layer in a network."""
    for module in net.modules():
        if isinstance(module, MemoryModule):
            module.reset()


def detach_net(net: nn.Module) -> None:
    """Detach the state of every layer in a network from the graph of the previous steps."""
    for module in net.modules():
        if isinstance(module, MemoryModule):
            module.detach()
