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
    reads_current = False  # whether ``by_spike`` depends on x

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        """The next potential."""
        return leak(keep, x, v, out)

    def by_potential(self, keep: Number, s: Tensor) -> Number:
        """Its derivative with respect to ``v``."""
        return keep

    def by_spike(self, x: Tensor, keep: Number, v: Tensor) -> Tensor | None:
        """Its derivative with respect to ``s``, None for 0."""
        return None

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        """Its derivative with respect to ``keep``."""
        return v

    def passed(self, s: Tensor) -> Tensor | None:
        """Its derivative with respect to ``x``, None for 1."""
        return None


@dataclass(frozen=True)
class Hard(Reset):
    """keep · (v + s · (v_reset − v)) + x."""

    v_reset: float = 0.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return leak(keep, x, self.kept(v, s), out)

    def by_potential(self, keep: Number, s: Tensor) -> Number:
        return keep * (1 - s)

    def by_spike(self, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return keep * (self.v_reset - v)

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

    def by_spike(self, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return (v.new_full((), -self.by) * keep).expand_as(v)

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        return torch.sub(v, s, alpha=self.by)


@dataclass(frozen=True)
class Subtract(Reset):
    """keep · v + x − s · by: what is subtracted does not leak."""

    by: float = 1.0

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return torch.sub(leak(keep, x, v, out), s, alpha=self.by, out=out)

    def by_spike(self, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return v.new_full((), -self.by).expand_as(v)


@dataclass(frozen=True)
class Multiply(Reset):
    """(keep · v + x) · (1 − s): the current of the step is lost too."""

    reads_current = True

    def follow(
        self, x: Tensor, keep: Number, v: Tensor, s: Tensor, out: Tensor | None = None
    ) -> Tensor:
        return torch.mul(leak(keep, x, v, out), 1 - s, out=out)

    def by_potential(self, keep: Number, s: Tensor) -> Number:
        return keep * (1 - s)

    def by_spike(self, x: Tensor, keep: Number, v: Tensor) -> Tensor:
        return -leak(keep, x.expand_as(v), v)

    def kept(self, v: Tensor, s: Tensor) -> Tensor:
        return v * (1 - s)

    def passed(self, s: Tensor) -> Tensor | None:
        return 1 - s
