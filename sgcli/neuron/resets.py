"""The resets after a spike: the rule of a step, and its derivatives for the backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sgcli.neuron.dynamics import Number, leak


class Step(NamedTuple):
    """The values of a step in the backward pass."""

    grad: Tensor  # the gradient of the next potential
    through_leak: Tensor  # keep times the gradient of the current
    x: Tensor | None  # the current, if the reset reads it
    keep: Number
    v: Tensor  # the potential before its reset


@dataclass(frozen=True)
class Reset:
    """No reset: the next potential is keep · v + x.

    ``x`` is the current, ``v`` the potential before its reset, ``s`` its spike. A result is written
    to ``out``, or it is a new tensor or one of the arguments.
    """

    late = True  # whether the state between steps is the potential before its reset
    reads_current = False  # whether ``to_spike`` reads x

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """The potential after the reset, on which the leak acts: ∂/∂keep is this times ∂/∂x."""
        return v

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        """The next potential."""
        return leak(keep, x, self.after(v, s, out), out)

    def to_current(self, grad: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """The gradient of x, from the gradient of the next potential."""
        return grad

    def to_potential(self, through_leak: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """The gradient of v; ``through_leak`` is keep times the gradient of x."""
        return through_leak

    def to_spike(
        self, grad_s: Tensor | None, step: Step, out: Tensor | None = None
    ) -> Tensor | None:
        """The gradient of s added to ``grad_s``; None for 0."""
        return grad_s


@dataclass(frozen=True)
class Hard(Reset):
    """keep · (v + s · (v_reset − v)) + x.

    Unless ``late``, the state between steps is the potential after its reset.
    """

    v_reset: float = 0.0
    late: bool = True

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        if self.v_reset == 0:  # saves an operation
            return torch.addcmul(v, v, s, value=-1, out=out)
        return torch.lerp(v, v.new_full((), self.v_reset), s, out=out)

    def to_potential(self, through_leak: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.addcmul(through_leak, through_leak, s, value=-1, out=out)

    def to_spike(self, grad_s: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        if self.v_reset == 0:
            return _plus_product(grad_s, step.through_leak, step.v, -1, out)
        return _plus_product(grad_s, step.through_leak, self.v_reset - step.v, 1, out)


@dataclass(frozen=True)
class Soft(Reset):
    """keep · (v − s · by) + x.

    Unless ``late``, the state between steps is the potential after its reset.
    """

    by: float = 1.0
    late: bool = True

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.sub(v, s, alpha=self.by, out=out)

    def to_spike(self, grad_s: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        return _plus(grad_s, step.through_leak, -self.by, out)


@dataclass(frozen=True)
class Subtract(Reset):
    """keep · v + x − s · by: the subtraction comes after the leak."""

    by: float = 1.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        amount = equivalent_subtraction(self, keep)
        if amount is None:
            return torch.sub(leak(keep, x, v, out), s, alpha=self.by, out=out)
        # The kernels round in this order.
        return leak(keep, x, torch.sub(v, s, alpha=amount, out=out), out)

    def to_spike(self, grad_s: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        return _plus(grad_s, step.grad, -self.by, out)


@dataclass(frozen=True)
class Multiply(Reset):
    """(keep · v + x) · (1 − s): the reset includes the current of the step."""

    reads_current = True

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return torch.mul(leak(keep, x, v, out), 1 - s, out=out)

    def to_current(self, grad: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.addcmul(grad, grad, s, value=-1, out=out)

    def to_spike(self, grad_s: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        assert step.x is not None
        return _plus_product(grad_s, step.grad, leak(step.keep, step.x, step.v), -1, out)


def _plus(grad_s: Tensor | None, grad: Tensor, factor: float, out: Tensor | None) -> Tensor:
    if grad_s is None:
        return torch.mul(grad, factor, out=out)
    return torch.add(grad_s, grad, alpha=factor, out=out)


def _plus_product(
    grad_s: Tensor | None, grad: Tensor, v: Tensor, factor: float, out: Tensor | None
) -> Tensor:
    if grad_s is None:
        return torch.mul(torch.mul(grad, factor, out=out), v, out=out)
    return torch.addcmul(grad_s, grad, v, value=factor, out=out)


def immediate(v_threshold: float, v_reset: float | None) -> Reset:
    """The reset in the step of the spike: hard to ``v_reset``, or soft if it is None."""
    if v_reset is None:
        return Soft(by=v_threshold, late=False)
    return Hard(v_reset, late=False)


SMALLEST = 0.1  # the smallest keep: a potential loses digits beside a larger by/keep


def equivalent_subtraction(reset: Reset, keep: Number) -> float | None:
    """The amount of the immediate soft reset with the same effect; None if there is none."""
    if type(reset) is Reset:
        return 0.0
    if isinstance(reset, Subtract) and not isinstance(keep, Tensor) and keep > SMALLEST:
        return reset.by / keep
    return None
