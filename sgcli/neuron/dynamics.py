"""The equations of a neuron that is linear below its threshold, for a step and for a sequence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Linear:
    """Charging H = keep·V + gain·X + drive: all that tells IF and LIF neurons apart."""

    keep: float
    gain: float = 1.0
    drive: float = 0.0


def charge(linear: Linear, x: Tensor, v: Tensor, out: Tensor | None = None) -> Tensor:
    """The membrane potential H after the input ``x``, before spike and reset."""
    if linear.gain != 1:
        x = torch.mul(x, linear.gain, out=out)
    if linear.drive != 0:
        x = torch.add(x, linear.drive, out=out)
    return torch.add(x, v, alpha=linear.keep, out=out)


def reset_value(v_reset: float | None, like: Tensor) -> Tensor | None:
    """``v_reset`` as a 0-dimensional tensor, None for a soft reset."""
    return None if v_reset is None else like.new_full((), v_reset)


def reset(
    h: Tensor, spike: Tensor, v_threshold: float, target: Tensor | None, out: Tensor | None = None
) -> Tensor:
    """The potential after the spikes: ``target`` where there is one, or lower by ``v_threshold``.

    Spikes between 0 and 1 (``spiking=False``) move it part of the way.
    """
    if target is None:
        return torch.sub(h, spike, alpha=v_threshold, out=out)
    return torch.lerp(h, target, spike, out=out)
