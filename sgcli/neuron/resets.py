"""What a spike does to the potential, as rules for a step with their derivatives for sequences."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sgcli.neuron.dynamics import Number, leak


@dataclass(frozen=True)
class Reset:
    """No reset: the next potential is keep · v + x.

    ``x`` is the current, ``v`` the potential before its reset, ``s`` its spike.
    """

    late: bool = True  # the state between steps is the potential before its reset
    reads_current = False  # whether ``pull_spike`` depends on x

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        """The next potential."""
        return leak(keep, x, v, out)

    def pull(self, grad: Tensor, keep: Number, s: Tensor) -> tuple[Tensor, Tensor]:
        """Of a gradient of the next potential, what x and v receive."""
        return grad, keep * grad

    def pull_spike(self, grad: Tensor, x: Tensor, keep: Number, v: Tensor) -> Tensor | None:
        """What s receives, None for nothing."""
        return None

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        """What ``keep`` multiplies: ∂/∂keep is this times ∂/∂x."""
        return v


@dataclass(frozen=True)
class Hard(Reset):
    """keep · (v + s · (v_reset − v)) + x."""

    v_reset: float = 0.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return leak(keep, x, self.kept(v, s), out)

    def pull(self, grad: Tensor, keep: Number, s: Tensor) -> tuple[Tensor, Tensor]:
        left = keep * grad
        return grad, torch.addcmul(left, left, s, value=-1)

    def pull_spike(self, grad: Tensor, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return keep * grad * (self.v_reset - v)

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        return torch.lerp(v, v.new_full((), self.v_reset), s)


@dataclass(frozen=True)
class Soft(Reset):
    """keep · (v − s · by) + x."""

    by: float = 1.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return leak(keep, x, self.kept(v, s), out)

    def pull_spike(self, grad: Tensor, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return -self.by * keep * grad

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        return torch.sub(v, s, alpha=self.by)


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
        return leak(keep, x, torch.sub(v, s, alpha=taken), out)

    def pull_spike(self, grad: Tensor, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return -self.by * grad


@dataclass(frozen=True)
class Multiply(Reset):
    """(keep · v + x) · (1 − s): the current of the step is lost too."""

    reads_current = True

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return torch.mul(leak(keep, x, v, out), 1 - s, out=out)

    def pull(self, grad: Tensor, keep: Number, s: Tensor) -> tuple[Tensor, Tensor]:
        passed = torch.addcmul(grad, grad, s, value=-1)
        return passed, keep * passed

    def pull_spike(self, grad: Tensor, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return -grad * leak(keep, x, v)


SMALLEST = 0.1  # that a step keeps: beside by/keep of a smaller one a potential loses digits


def taken_at_once(reset: Reset, keep: Number) -> float | None:
    """What a soft reset subtracts that comes with its spike and has the same effect."""
    if type(reset) is Reset:
        return 0.0
    if isinstance(reset, Subtract) and isinstance(keep, float) and keep > SMALLEST:
        return reset.by / keep
    return None
