"""The maths namespace over mpmath numbers: the reference values, to 50 correct digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

# A separate context: it neither reads nor changes the global precision mpmath.mp.dps.
mp = mpmath.MPContext()
mp.dps = 60  # ten guard digits

pi = mp.pi
log, log1p, sqrt = mp.log, mp.log1p, mp.sqrt
sin, cos, cospi, tanh, atan = mp.sin, mp.cos, mp.cospi, mp.tanh, mp.atan
sign, round = mp.sign, mp.nint


# Beyond these arguments mpmath's exp takes milliseconds for a value that is 0 in every float
# format, and its erfc raises OverflowError.
EXP_SATURATES, ERF_SATURATES = 10**24, 10**9


def exp(x: Any) -> Any:
    if -EXP_SATURATES < x < EXP_SATURATES:
        return mp.exp(x)
    return mp.zero if x < 0 else x * mp.inf


def decay(x: Any) -> Any:
    return exp(-x)


def expm1(x: Any) -> Any:
    return mp.expm1(x) if -EXP_SATURATES < x < EXP_SATURATES else exp(x) - 1


def erf(x: Any) -> Any:
    return mp.erf(x) if -ERF_SATURATES < x < ERF_SATURATES else mp.sign(x)


def erfc(x: Any) -> Any:
    return mp.erfc(x) if -ERF_SATURATES < x < ERF_SATURATES else 1 - mp.sign(x)


def abs(x: Any) -> Any:
    return x if x >= 0 else -x


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def heaviside(x: Any) -> Any:
    return mp.one if x >= 0 else mp.zero


def fmod(x: Any, period: Any) -> Any:
    whole = mp.floor(abs(x) / period)
    return x - period * (whole if x >= 0 else -whole)


def wrap(x: Any, period: Any) -> Any:
    return x - period * mp.nint(x / period)


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
