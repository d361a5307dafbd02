"""The equations of neurons that are linear below their threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import torch
from torch import Tensor

Number: TypeAlias = float | Tensor  # a tensor if it is trained


@dataclass(frozen=True)
class Charging:
    """The coefficients of H = keep·V + gain·X + drive, in which IF and LIF neurons differ."""

    keep: Number
    gain: Number = 1.0
    drive: Number = 0.0


def current(x: Tensor, gain: Number, drive: Number, out: Tensor | None = None) -> Tensor:
    """The membrane current of the input ``x``: gain·X + drive."""
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


def charge(linear: Charging, x: Tensor, v: Tensor) -> Tensor:
    """The membrane potential H after the input ``x``, before spike and reset."""
    return leak(linear.keep, current(x, linear.gain, linear.drive), v)


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def above(v_threshold: float, dtype: torch.dtype) -> float:
    """The next number after ``v_threshold`` in a dtype, from which strict neurons fire."""
    return _above(v_threshold, dtype)


@lru_cache
def _above(v_threshold: float, dtype: torch.dtype) -> float:
    rounded = torch.tensor(v_threshold, dtype=dtype)
    return torch.nextafter(rounded, torch.full_like(rounded, torch.inf)).item()
