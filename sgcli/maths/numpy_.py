"""The maths namespace over numpy arrays: curves for figures and tables, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import (
    abs,
    cos,
    exp,
    expm1,
    fmod,
    log,
    log1p,
    maximum,
    minimum,
    pi,
    round,
    sign,
    sin,
    sqrt,
    tanh,
    where,
)
from numpy import arctan as atan

from sgcli.maths.composed import total as sum

__all__ = [
    "abs", "atan", "clip", "cos", "cospi", "decay", "erf", "erfc", "exp", "expm1", "fmod",
    "heaviside", "log", "log1p", "maximum", "minimum", "pi", "round", "sigmoid", "sign", "sin",
    "sqrt", "sum", "tanh", "where", "wrap",
]  # fmt: skip

# numpy has no error function, and scipy would add 40 MB for these two.
erf = np.vectorize(math.erf, otypes=[np.float64])
erfc = np.vectorize(math.erfc, otypes=[np.float64])


def sigmoid(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def decay(x: Any) -> Any:
    return np.exp(-x)


def cospi(x: Any) -> Any:
    return np.cos(np.pi * x)


def wrap(x: Any, period: Any) -> Any:
    r = np.fmod(x, period)
    return np.where(2 * np.abs(r) > period, r - np.sign(r) * period, r)


def heaviside(x: Any) -> Any:
    return np.where(x >= 0, 1.0, 0.0)


def clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)
