"""The maths namespace over SymPy expressions, for printed formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Abs as abs
from sympy import Max as maximum
from sympy import Min as minimum
from sympy import atan, cos, erf, erfc, exp, log, pi, sign, sin, sqrt, tanh

__all__ = [
    "abs", "atan", "clip", "cos", "cospi", "decay", "erf", "erfc", "exp", "expm1", "fmod",
    "heaviside", "log", "log1p", "maximum", "minimum", "pi", "round", "sigmoid", "sign", "sin",
    "sqrt", "sum", "tanh", "where", "wrap",
]  # fmt: skip


def expm1(x: Any) -> Any:
    return exp(x) - 1


def log1p(x: Any) -> Any:
    return log(1 + x)


def decay(x: Any) -> Any:
    return exp(-x)


def cospi(x: Any) -> Any:
    return cos(pi * x)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def heaviside(x: Any) -> Any:
    return sympy.Piecewise((1, x >= 0), (0, True))


def round(x: Any) -> Any:
    return sympy.Function("round")(x)


def where(condition: Any, a: Any, b: Any) -> Any:
    return sympy.Piecewise((a, condition), (b, True))


def fmod(x: Any, period: Any) -> Any:
    return sign(x) * sympy.Mod(abs(x), period)


def wrap(x: Any, period: Any) -> Any:
    return sympy.Mod(x + period / 2, period) - period / 2


def clip(x: Any, low: Any, high: Any) -> Any:
    return sympy.Min(sympy.Max(x, low), high)


def sum(n: Any, f: Callable[[Any], Any]) -> Any:
    i = sympy.Symbol("i", integer=True, positive=True)
    return sympy.Sum(f(i), (i, 1, n))
