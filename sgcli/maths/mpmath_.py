"""The maths namespace over mpmath's numbers: 50 correct digits, here the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

# A context of our own: a user's mpmath.mp.dps changes nothing here, nor ours anything there.
mp = mpmath.MPContext()
mp.dps = 50

pi = mp.pi
exp, expm1, log, log1p, sqrt = mp.exp, mp.expm1, mp.log, mp.log1p, mp.sqrt
sin, cos, tanh, atan, erf, erfc = mp.sin, mp.cos, mp.tanh, mp.atan, mp.erf, mp.erfc
sign, round = mp.sign, mp.nint


def abs(x: Any) -> Any:
    return x if x >= 0 else -x


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def heaviside(x: Any) -> Any:
    return mp.one if x >= 0 else mp.zero


def remainder(x: Any, period: Any) -> Any:
    return x - period * mp.floor(x / period)


def where(condition: Any, a: Any, b: Any) -> Any:
    return a if condition else b


def minimum(a: Any, b: Any) -> Any:
    return b if a >= b else a


def maximum(a: Any, b: Any) -> Any:
    return b if a <= b else a


def clip(x: Any, low: Any, high: Any) -> Any:
    return minimum(maximum(x, low), high)


def sum(n: Any, f: Callable[[Any], Any]) -> Any:
    return mp.fsum(f(i) for i in range(1, int(n) + 1))
