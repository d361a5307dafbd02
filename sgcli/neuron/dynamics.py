"""The equations of a neuron that is linear below its threshold, for a step and for a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import torch
from torch import Tensor

Number: TypeAlias = float | Tensor  # a tensor where it is trained


@dataclass(frozen=True)
class Linear:
    """Charging H = keep·V + gain·X + drive: all that tells IF and LIF neurons apart."""

    keep: float
    gain: float = 1.0
    drive: float = 0.0


@dataclass(frozen=True)
class Trained:
    """The same with numbers that may be trained."""

    keep: Number
    gain: Number = 1.0
    drive: Number = 0.0


def current(linear: Linear | Trained, x: Tensor, out: Tensor | None = None) -> Tensor:
    """What the input ``x`` adds to the membrane: gain·X + drive."""
    if isinstance(linear.gain, Tensor) or linear.gain != 1:
        x = torch.mul(x, linear.gain, out=out)
    if isinstance(linear.drive, Tensor) or linear.drive != 0:
        x = torch.add(x, linear.drive, out=out)
    return x


def leak(keep: Number, x: Tensor, v: Tensor, out: Tensor | None = None) -> Tensor:
    """keep·V + X."""
    if isinstance(keep, Tensor):
        return torch.addcmul(x, v, keep, out=out)
    return torch.add(x, v, alpha=keep, out=out)


def charge(linear: Linear | Trained, x: Tensor, v: Tensor, out: Tensor | None = None) -> Tensor:
    """The membrane potential H after the input ``x``, before spike and reset."""
    return leak(linear.keep, current(linear, x, out), v, out)


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


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def above(v_threshold: float, dtype: torch.dtype) -> float:
    """The number after ``v_threshold`` in a dtype: who fires from there on fires strictly above."""
    return _above(v_threshold, dtype)


@lru_cache
def _above(v_threshold: float, dtype: torch.dtype) -> float:
    rounded = torch.tensor(v_threshold, dtype=dtype)
    return torch.nextafter(rounded, torch.full_like(rounded, torch.inf)).item()
