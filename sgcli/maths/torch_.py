"""The maths namespace over torch tensors: any device, and safe under autograd, vmap and compile."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.torch_version import TorchVersion

from sgcli.maths import composed


def _either(
    of_tensor: Callable[[Tensor], Tensor], of_number: Callable[[float], float]
) -> Callable[[Any], Any]:
    """A function of a tensor or of a Python number."""

    def function(x: Any) -> Any:
        return of_tensor(x) if isinstance(x, Tensor) else of_number(x)

    return staticmethod(function)


def _log1p(x: Tensor) -> Tensor:
    """log1p for torch 2.5, whose own is infinite above a quarter of the largest float32."""
    return torch.where(x > 1e30, torch.log(x.clamp(min=1e30)), torch.log1p(x.clamp(max=1e30)))


LOG1P = _log1p if TorchVersion(torch.__version__) < "2.6" else torch.log1p


class Torch:
    """Torch's functions for operands with the dtype and device of the input ``x``.

    Two Python numbers in ``where`` become tensors of that dtype; torch would make them float32. At
    a tie ``maximum`` and ``minimum`` take the second operand, so that all derivatives at a kink are
    0.
    """

    pi = math.pi
    exp, expm1 = _either(torch.exp, math.exp), _either(torch.expm1, math.expm1)
    log, log1p = _either(torch.log, math.log), _either(LOG1P, math.log1p)
    sin, cos = _either(torch.sin, math.sin), _either(torch.cos, math.cos)
    tanh, sqrt = _either(torch.tanh, math.tanh), _either(torch.sqrt, math.sqrt)
    atan, erf, erfc = torch.atan, torch.erf, torch.erfc
    sigmoid, relu, abs, sign = torch.sigmoid, torch.relu, torch.abs, torch.sign
    round = torch.round
    decay, cospi, wrap = composed.decay, composed.cospi, composed.wrap
    maximum, minimum, clip = composed.maximum, composed.minimum, composed.clip
    sum = staticmethod(composed.total)

    def __init__(self, x: Tensor) -> None:
        self.dtype = x.dtype
        self.device = x.device

    def _tensor(self, value: float) -> Tensor:
        return torch.full((), value, dtype=self.dtype, device=self.device)

    def fmod(self, x: Tensor, period: Any) -> Tensor:
        """The remainder of x; torch's own slope for the period is that of a rounded quotient."""
        if not isinstance(period, Tensor):
            return torch.fmod(x, period)
        fixed = period.detach()
        value = torch.fmod(x, fixed)
        # The quotient may round to the next integer, which is a whole period off.
        whole = ((x.detach() - value.detach()) / fixed).round()
        slope = torch.where(fixed.isfinite(), whole * (period - fixed), 0.0)
        return value - slope

    def heaviside(self, x: Tensor) -> Tensor:
        return (x >= 0).to(self.dtype)

    def where(self, condition: Tensor, a: Any, b: Any) -> Tensor:
        if not isinstance(a, Tensor) and not isinstance(b, Tensor):
            a = self._tensor(a)
        return torch.where(condition, a, b)
