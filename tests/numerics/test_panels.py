"""Integrals on panels, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgcli.errors import SgError
from sgcli.numerics.panels import gauss, integral, panels


@given(st.integers(2, 20), st.floats(-3, 3), st.floats(0.01, 3), st.data())
def test_a_rule_is_exact_to_twice_its_nodes(nodes, low, width, data):
    power = data.draw(st.integers(0, 2 * nodes - 1))
    ends = np.array([low]), np.array([low + width])
    want = ((low + width) ** (power + 1) - low ** (power + 1)) / (power + 1)
    value, size = gauss(lambda x: x**power, *ends, nodes)
    assert value[0] == pytest.approx(want, rel=1e-11, abs=1e-12 * size[0])
    assert size[0] >= abs(value[0])


def test_panels_keep_the_shape_of_their_ends():
    low = np.zeros((2, 3))
    value, _ = gauss(np.exp, low, low + 1)
    np.testing.assert_allclose(value, np.full((2, 3), math.e - 1), rtol=1e-14)


@given(st.floats(-0.9, 0.9), st.floats(1e-4, 1.0))
def test_a_declared_edge_costs_no_digits(edge, width):
    ends = panels([edge], -1.0, 1.0, 0.25)
    assert {-1.0, edge, 1.0} <= set(ends.tolist())
    value = integral(lambda x: np.exp(-np.abs(x - edge) / width), ends)
    want = width * (2 - math.exp(-(1 - edge) / width) - math.exp(-(1 + edge) / width))
    assert value == pytest.approx(want, rel=1e-10)


def test_a_divergent_integral_is_an_error_with_its_name():
    ends = panels([0.0], -1.0, 1.0, 0.25)
    with np.errstate(all="ignore"), pytest.raises(SgError, match="the area does not exist"):
        integral(lambda x: x / 0, ends, "the area")
    with pytest.raises(SgError, match="an integral does not converge"):
        integral(lambda x: np.sign(np.sin(1e9 * x)), ends)
