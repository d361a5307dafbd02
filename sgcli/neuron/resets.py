"""What a spike does to the potential, as rules for a step with their derivatives for sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sgcli.neuron.dynamics import Number, leak


class Step(NamedTuple):
    """A step on the way back, whose next potential receives ``grad``."""

    grad: Tensor
    left: Tensor  # keep times what the current receives
    x: Tensor | None  # the current, where the reset reads it
    keep: Number
    v: Tensor  # before its reset


@dataclass(frozen=True)
class Reset:
    """No reset: the next potential is keep · v + x.

    ``x`` is the current, ``v`` the potential before its reset, ``s`` its spike. What is ``onto``
    another gradient is added to it. A result is in ``out``, or new, or one of the arguments.
    """

    late = True  # whether the state between steps is the potential before its reset
    reads_current = False  # whether ``to_spike`` reads x

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """What of ``v`` the leak sees: ∂/∂keep is this times ∂/∂x."""
        return v

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        """The next potential."""
        return leak(keep, x, self.after(v, s, out), out)

    def to_current(self, grad: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """What x receives, of a gradient of the next potential."""
        return grad

    def to_potential(self, left: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        """What v receives; ``left`` is keep times what x receives."""
        return left

    def to_spike(self, onto: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor | None:
        """What s receives, None for nothing."""
        return onto


@dataclass(frozen=True)
class Hard(Reset):
    """keep · (v + s · (v_reset − v)) + x; not ``late``, the state is v_reset after a spike."""

    v_reset: float = 0.0
    late: bool = True

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        if self.v_reset == 0:  # an operation less
            return torch.addcmul(v, v, s, value=-1, out=out)
        return torch.lerp(v, v.new_full((), self.v_reset), s, out=out)

    def to_potential(self, left: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.addcmul(left, left, s, value=-1, out=out)

    def to_spike(self, onto: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        if self.v_reset == 0:
            return _plus_product(onto, step.left, step.v, -1, out)
        return _plus_product(onto, step.left, self.v_reset - step.v, 1, out)


@dataclass(frozen=True)
class Soft(Reset):
    """keep · (v − s · by) + x; not ``late``, the state is v − by after a spike."""

    by: float = 1.0
    late: bool = True

    def after(self, v: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.sub(v, s, alpha=self.by, out=out)

    def to_spike(self, onto: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        return _plus(onto, step.left, -self.by, out)


@dataclass(frozen=True)
class Subtract(Reset):
    """keep · v + x − s · by: what is subtracted does not leak."""

    by: float = 1.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        taken = taken_at_once(self, keep)
        if taken is None:
            return torch.sub(leak(keep, x, v, out), s, alpha=self.by, out=out)
        # Rounded as in the kernels.
        return leak(keep, x, torch.sub(v, s, alpha=taken, out=out), out)

    def to_spike(self, onto: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        return _plus(onto, step.grad, -self.by, out)


@dataclass(frozen=True)
class Multiply(Reset):
    """(keep · v + x) · (1 − s): the current of the step is lost too."""

    reads_current = True

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return torch.mul(leak(keep, x, v, out), 1 - s, out=out)

    def to_current(self, grad: Tensor, s: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.addcmul(grad, grad, s, value=-1, out=out)

    def to_spike(self, onto: Tensor | None, step: Step, out: Tensor | None = None) -> Tensor:
        assert step.x is not None
        return _plus_product(onto, step.grad, leak(step.keep, step.x, step.v), -1, out)


def _plus(onto: Tensor | None, grad: Tensor, factor: float, out: Tensor | None) -> Tensor:
    if onto is None:
        return torch.mul(grad, factor, out=out)
    return torch.add(onto, grad, alpha=factor, out=out)


def _plus_product(
    onto: Tensor | None, grad: Tensor, v: Tensor, factor: float, out: Tensor | None
) -> Tensor:
    if onto is None:
        return torch.mul(torch.mul(grad, factor, out=out), v, out=out)
    return torch.addcmul(onto, grad, v, value=factor, out=out)


def at_once(v_threshold: float, v_reset: float | None) -> Reset:
    """The reset of the step that spikes: to ``v_reset``, without one lower by the threshold."""
    if v_reset is None:
        return Soft(by=v_threshold, late=False)
    return Hard(v_reset, late=False)


SMALLEST = 0.1  # that a step keeps: beside by/keep of a smaller one a potential loses digits


def taken_at_once(reset: Reset, keep: Number) -> float | None:
    """What a soft reset subtracts that comes with its spike and has the same effect."""
    if type(reset) is Reset:
        return 0.0
    if isinstance(reset, Subtract) and not isinstance(keep, Tensor) and keep > SMALLEST:
        return reset.by / keep
    return None
