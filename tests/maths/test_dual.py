"""Dual numbers differentiate exactly what mpmath differentiates numerically."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.maths import mpmath_, numpy_
from sgcli.maths.dual import RULES, Dual, Duals

mp = mpmath_.mp
SMOOTH = [name for name in RULES if name not in ("sign", "round", "heaviside")]


def slope(function, *values):
    m = Duals(mpmath_)
    y = function(m, *m.variables(*map(mp.mpf, values)))
    return y.slopes


@pytest.mark.parametrize("name", SMOOTH)
@given(x=st.floats(0.05, 5) | st.floats(-5, -0.05))
def test_each_rule_against_a_numerical_derivative(name, x):
    x = abs(x) if name in ("log", "log1p", "sqrt") else x
    (got,) = slope(lambda m, z: getattr(m, name)(z), x)
    want = mp.diff(getattr(mpmath_, name), mp.mpf(x))
    assert abs(got - want) <= mp.mpf(10) ** -20 * max(1, abs(want))


@pytest.mark.parametrize("name", ["sign", "round", "heaviside"])
def test_steps_are_flat_between_their_jumps(name):
    assert slope(lambda m, z: getattr(m, name)(z), 1.3) == (0,)


@given(a=st.floats(0.2, 3), b=st.floats(0.2, 3))
def test_arithmetic_in_two_variables(a, b):
    def f(m, x, y):
        return (x * y + 2 / x - y / 3) ** 2 + x**y - (-y)

    got = slope(f, a, b)
    for i in range(2):
        want = mp.diff(lambda *v: f(mpmath_, *v), (mp.mpf(a), mp.mpf(b)), n=(1 - i, i))
        assert abs(got[i] - want) <= mp.mpf(10) ** -20 * max(1, abs(want))


def test_division_by_an_integer_keeps_fifty_digits():
    (got,) = slope(lambda m, z: z / 3, 1.0)
    assert abs(got - mp.mpf(1) / 3) < mp.mpf(10) ** -49


@given(x=st.floats(-20, 20))
def test_fmod_and_sum(x):
    (got,) = slope(lambda m, z: m.sum(3, lambda i: m.fmod(i * z, 7.5)), x)
    assert got == 6


def test_arrays_differentiate_elementwise():
    m = Duals(numpy_)
    x = np.array([-2.0, -0.5, 0.5, 2.0])
    (variable,) = m.variables(x)
    y = m.where(x < 0, m.exp(variable), m.clip(variable, 0, 1))
    assert isinstance(y, Dual)
    np.testing.assert_allclose(y.slopes[0] * np.ones(4), [np.exp(-2), np.exp(-0.5), 1, 0])


def test_an_unknown_function_is_an_error():
    with pytest.raises(AttributeError):
        Duals(mpmath_).gamma(1)
