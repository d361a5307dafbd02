"""The maths namespace over torch tensors, on any device, safe under autograd, vmap and compile."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor



class Torch:
    """Torch's functions for operands of one dtype and device, that of the input ``x``.

    Two Python numbers in ``where`` become tensors of that dtype: torch would make them float32 whatever ``x`` is.
    At a tie ``maximum`` and ``minimum`` take the second operand, so that all derivatives at a kink are 0 there.
    """

    pi = math.pi
    exp, expm1, log, log1p, sqrt = torch.exp, torch.expm1, torch.log, torch.log1p, torch.sqrt
    sin, cos, tanh, atan, erf, erfc = torch.sin, torch.cos, torch.tanh, torch.atan, torch.erf, torch.erfc
    sigmoid, abs, sign, round = torch.sigmoid, torch.abs, torch.sign, torch.round
    remainder = torch.remainder

    def __init__(self, x: Tensor) -> None:
        self.dtype = x.dtype
        self.device = x.device

    def _tensor(self, value: float) -> Tensor:
        return torch.full((), value, dtype=self.dtype, device=self.device)

    def heaviside(self, x: Tensor) -> Tensor:
        return (x >= 0).to(self.dtype)

    def where(self, condition: Tensor, a: Any, b: Any) -> Tensor:
        if not isinstance(a, Tensor) and not isinstance(b, Tensor):
            a = self._tensor(a)
        return torch.where(condition, a, b)

    def maximum(self, a: Any, b: Any) -> Tensor:
        if isinstance(b, (int, float)) and b == 0:
            return torch.relu(a)
        return torch.where(a <= b, b, a)

    def minimum(self, a: Any, b: Any) -> Tensor:
        return torch.where(a >= b, b, a)

    def clip(self, x: Tensor, low: Any, high: Any) -> Tensor:
        return self.minimum(self.maximum(x, low), high)

    @staticmethod
    def sum(n: Any, f: Callable[[Any], Any]) -> Any:
        total = f(1)
        for i in range(2, int(n) + 1):
            total = total + f(i)
        return total
