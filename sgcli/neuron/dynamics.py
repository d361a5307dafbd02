"""The equations of a neuron that is linear below its threshold, for a step and for a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import torch
from torch import Tensor

Number: TypeAlias = float | Tensor  # a tensor where it is trained


@dataclass(frozen=True)
class LinearDynamics:
    """Charging H = keep·V + gain·X + drive: all that tells IF and LIF neurons apart."""

    keep: Number
    gain: Number = 1.0
    drive: Number = 0.0


def current(x: Tensor, gain: Number, drive: Number, out: Tensor | None = None) -> Tensor:
    """What the input ``x`` adds to the membrane: gain·X + drive."""
    if isinstance(gain, Tensor) or gain != 1:
        x = torch.mul(x, gain, out=out)
    if isinstance(drive, Tensor) or drive != 0:
        x = torch.add(x, drive, out=out)
    return x


def leak(keep: Number, x: Tensor, v: Tensor, out: Tensor | None = None) -> Tensor:
    """keep·V + X."""
    if isinstance(keep, Tensor):
        return torch.addcmul(x, v, keep, out=out)
    return torch.add(x, v, alpha=keep, out=out)


def charge(linear: LinearDynamics, x: Tensor, v: Tensor) -> Tensor:
    """The membrane potential H after the input ``x``, before spike and reset."""
    return leak(linear.keep, current(x, linear.gain, linear.drive), v)


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def above(v_threshold: float, dtype: torch.dtype) -> float:
    """The number after ``v_threshold`` in a dtype: who fires from there on fires strictly above."""
    return _above(v_threshold, dtype)


@lru_cache
def _above(v_threshold: float, dtype: torch.dtype) -> float:
    rounded = torch.tensor(v_threshold, dtype=dtype)
    return torch.nextafter(rounded, torch.full_like(rounded, torch.inf)).item()
