"""All namespaces give the same numbers, pass NaN on, and agree at ties."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from sgcli.maths import VOCABULARY, mpmath_, numpy_, sympy_
from sgcli.maths.torch_ import Torch

X = torch.tensor([0.0], dtype=torch.float64)
NAMESPACES = {"numpy": numpy_, "torch": Torch(X), "mpmath": mpmath_, "sympy": sympy_}
UNARY = [
    "abs", "sign", "exp", "expm1", "log1p", "sqrt", "sin", "cos", "tanh", "atan", "erf", "erfc",
    "sigmoid", "heaviside", "round", "log",
]  # fmt: skip


def lift(namespace: str, x: float) -> object:
    types = {
        "numpy": np.float64,
        "torch": lambda v: torch.tensor([v], dtype=torch.float64),
        "mpmath": mpmath_.mp.mpf,
        "sympy": lambda v: sympy.Rational(v),
    }
    return types[namespace](x)


def lower(value: object) -> float:
    return float(value.item() if isinstance(value, torch.Tensor) else value)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_answers_to_the_whole_vocabulary(namespace):
    for word in VOCABULARY:
        assert hasattr(NAMESPACES[namespace], word), word


@pytest.mark.parametrize("namespace", ["numpy", "torch"])
@pytest.mark.parametrize("word", UNARY)
@given(x=st.floats(-30, 30))
def test_functions_agree_with_fifty_digits(namespace, word, x):
    if word in ("log", "sqrt"):
        x = abs(x) + 0.1
    if word == "log1p":
        x = abs(x)
    truth = float(getattr(mpmath_, word)(mpmath_.mp.mpf(x)))
    got = lower(getattr(NAMESPACES[namespace], word)(lift(namespace, x)))
    assert got == pytest.approx(truth, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("word", [w for w in UNARY if w != "round"])
@given(x=st.floats(0.1, 3))
def test_sympy_agrees_with_fifty_digits(word, x):
    truth = getattr(mpmath_, word)(mpmath_.mp.mpf(x))
    got = getattr(sympy_, word)(lift("sympy", x))
    assert float(sympy.N(got, 30)) == pytest.approx(float(truth), rel=1e-12)


@pytest.mark.parametrize("namespace", ["numpy", "torch", "mpmath"])
@given(x=st.floats(-1e6, 1e6), period=st.floats(0.1, 100))
def test_fmod_has_the_sign_of_x_and_is_exact(namespace, x, period):
    got = lower(NAMESPACES[namespace].fmod(lift(namespace, x), lift(namespace, period)))
    assert got == math.fmod(x, period)


@pytest.mark.parametrize("namespace", NAMESPACES)
@given(x=st.floats(-1e6, 1e6), period=st.floats(0.1, 100))
def test_wrap_moves_by_whole_periods_to_the_middle_one(namespace, x, period):
    got = lower(NAMESPACES[namespace].wrap(lift(namespace, x), lift(namespace, period)))
    # At half a period both ends are the middle one's.
    assert got == math.remainder(x, period) or abs(got) == period / 2


@pytest.mark.parametrize("namespace", NAMESPACES)
@given(x=st.floats(-100, 100))
def test_cospi_is_the_cosine_in_half_turns(namespace, x):
    got = lower(NAMESPACES[namespace].cospi(lift(namespace, x)))
    assert got == pytest.approx(math.cos(math.pi * math.remainder(x, 2)), abs=1e-12)


@pytest.mark.parametrize("namespace", ["numpy", "torch", "mpmath"])
@pytest.mark.parametrize("word", ["minimum", "maximum"])
@given(a=st.floats(-5, 5), b=st.floats(-5, 5))
def test_minimum_and_maximum(namespace, word, a, b):
    m = NAMESPACES[namespace]
    got = lower(getattr(m, word)(lift(namespace, a), lift(namespace, b)))
    assert got == (min if word == "minimum" else max)(a, b)


@pytest.mark.parametrize("namespace", ["numpy", "torch", "mpmath"])
def test_nan_is_passed_on(namespace):
    m = NAMESPACES[namespace]
    nan = lift(namespace, math.nan)
    for value in (m.maximum(nan, 0), m.maximum(nan, 2), m.minimum(nan, 1), m.clip(nan, -1, 1)):
        assert math.isnan(lower(value))
    assert lower(m.heaviside(nan)) == 0


def test_torch_second_derivatives_at_a_tie_are_zero():
    m = Torch(X)
    for function in (lambda z: m.maximum(1 - z, 0), lambda z: m.maximum(z, 1), m.abs):
        z = torch.tensor([1.0 if function is not m.abs else 0.0], dtype=torch.float64)
        z.requires_grad_()
        (slope,) = torch.autograd.grad(function(z) ** 1, z, create_graph=True)
        assert slope.item() == 0


def test_torch_where_of_two_numbers_keeps_the_dtype():
    for dtype in (torch.float64, torch.float32):
        x = torch.zeros(3, dtype=dtype)
        assert Torch(x).where(x >= 0, 0.1, 0.2).dtype == dtype
    assert Torch(X).where(X >= 0, 0.1, 0.2).item() == 0.1


def test_mpmath_context_is_our_own():
    before = mpmath_.mp.dps
    with mpmath.workdps(7):
        assert mpmath_.mp.dps == before == 60


@pytest.mark.parametrize("x", [-1e300, -1e30, 1e30, 1e300])
def test_mpmath_saturates_instead_of_failing(x):
    big = mpmath_.mp.mpf(x)
    assert mpmath_.exp(big) == (0 if x < 0 else mpmath_.mp.inf)
    assert mpmath_.erfc(big) == (2 if x < 0 else 0)
    assert mpmath_.sigmoid(big) == (0 if x < 0 else 1)
