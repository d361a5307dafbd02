"""Primitives by quadrature, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.errors import ParameterError
from sgcli.maths.mpmath_ import mp
from sgcli.numerics.quadrature import primitive


def lorentzian(m, x):
    return 1 / (1 + x * x)


def box(m, x):
    return m.where(m.abs(x) < 0.25, 2, 0)


@given(st.floats(-1e300, 1e300))
def test_a_smooth_gradient(x):
    assert primitive(lorentzian, x, ()) == pytest.approx(0.5 + math.atan(x), abs=1e-12)


@given(st.floats(-3, 3))
def test_a_gradient_with_declared_jumps(x):
    want = 0.5 + 2 * min(max(x, -0.25), 0.25)
    assert primitive(box, x, (-0.25, 0.25)) == pytest.approx(want, abs=1e-14)


def test_arrays_keep_their_shape_and_nan():
    x = np.array([[0.0, 1.0], [np.nan, -1.0]])
    y = primitive(lorentzian, x, ())
    np.testing.assert_allclose(y, 0.5 + np.arctan(x), rtol=1e-13)


def test_mpmath_numbers_have_their_digits():
    x = mp.mpf(3) / 7
    assert abs(primitive(lorentzian, x, ()) - 0.5 - mp.atan(x)) < mp.mpf(10) ** -20


def test_a_gradient_that_is_nan_far_out_counts_as_0_there():
    def logistic(m, x):
        return m.exp(x) / (1 + m.exp(x)) ** 2

    assert primitive(logistic, 1e4, ()) == pytest.approx(1, abs=1e-12)


def test_other_types_are_refused():
    with pytest.raises(ParameterError, match="at numbers only"):
        primitive(lorentzian, "x", ())
