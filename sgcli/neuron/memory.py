"""What every layer with a state does: it runs steps or sequences, and forgets in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sgcli.definitions.param import Param
from sgcli.errors import InputTypeError, ParameterError


def one_of(name: str, texts: Mapping[str, str]) -> Callable[[Any], str]:
    """The check of an attribute that is one of a few words, with what each of them means."""
    shown = [f"'{word}' ({text})" if text else f"'{word}'" for word, text in texts.items()]
    allowed = " or ".join(shown) if len(shown) < 3 else f"one of {', '.join(shown)}"

    def check(value: Any) -> str:
        if value not in texts:
            raise ParameterError(f"{name} = {value!r} is unknown", f"{name} is {allowed}")
        return str(value)

    return check


def or_none(param: Param) -> Callable[[Any], float | None]:
    """The check of an attribute that is a number in the domain of ``param`` or None."""
    return lambda value: None if value is None else param.check(value)


check_step_mode = one_of("step_mode", {"s": "one step a call", "m": "a sequence [T, …] a call"})


def check_steps(steps: int) -> None:
    if steps < 1:
        raise ParameterError(
            f"a sequence of {steps} steps", "the input is [T, …] with T at least 1"
        )


def length(x_seq: Tensor) -> int:
    """The number of steps of a sequence [T, …], which is at least 1."""
    steps = x_seq.shape[0] if x_seq.ndim else 0
    check_steps(steps)
    return steps


def check_input(x: Any) -> None:
    if not isinstance(x, Tensor) or not x.is_floating_point():
        kind = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise InputTypeError(f"a neuron takes floating point numbers, not {kind}", "x.float()")


class MemoryModule(nn.Module):
    """A layer with a state between steps; a subclass gives ``single_step_forward``.

    With ``step_mode='m'`` the input is a sequence [T, …]. The state lasts until ``reset()``.
    Attributes that are named in ``checks`` are checked whenever they are assigned.
    """

    checks: ClassVar[dict[str, Callable[[Any], Any]]] = {"step_mode": check_step_mode}
    shown: ClassVar[tuple[str, ...]] = ()  # attributes in its repr
    step_mode: str

    def __init__(self, step_mode: str = "s") -> None:
        super().__init__()
        self.step_mode = step_mode

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.checks.get(name)
        super().__setattr__(name, value if check is None else check(value))

    def reset(self) -> None:
        """Forget the state; the next input starts a new sequence."""
        raise NotImplementedError("a subclass of MemoryModule defines reset")

    def detach(self) -> None:
        """Keep the state, cut off from the graph of the steps that led to it."""
        raise NotImplementedError("a subclass of MemoryModule defines detach")

    def forward(self, x: Tensor) -> Tensor:
        return self.single_step_forward(x) if self.step_mode == "s" else self.multi_step_forward(x)

    def single_step_forward(self, x: Tensor) -> Tensor:
        """The output of one step."""
        raise NotImplementedError("a subclass of MemoryModule defines single_step_forward")

    def multi_step_forward(self, x_seq: Tensor) -> Tensor:
        """The outputs [T, …] of a sequence [T, …]."""
        length(x_seq)
        return self.stepped(x_seq)

    def constant_forward(self, x: Tensor, steps: int) -> Tensor:
        """The outputs [T, …] of ``steps`` steps, each under the same input ``x`` [...]."""
        check_steps(steps)
        return self.stepped([x] * steps)

    def stepped(self, inputs: Iterable[Tensor]) -> Tensor:
        """The outputs [T, …] of steps one by one."""
        return torch.stack([self.single_step_forward(x) for x in inputs])

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.shown)


def like(state: Tensor | float | None, x: Tensor) -> Tensor:
    """A state that begins with 0, for an input ``x``; one of another shape starts afresh."""
    if isinstance(state, Tensor) and state.shape == x.shape:
        return state.to(x)
    return torch.zeros_like(x, requires_grad=False)


def reset_net(net: nn.Module) -> None:
    """Forget the state of every layer in a network."""
    for module in net.modules():
        if isinstance(module, MemoryModule):
            module.reset()


def detach_net(net: nn.Module) -> None:
    """Keep the state of every layer in a network, cut off from its graph."""
    for module in net.modules():
        if isinstance(module, MemoryModule):
            module.detach()
