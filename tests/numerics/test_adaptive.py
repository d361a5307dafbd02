"""Adaptive quadrature: the error that it states holds."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sgcli.numerics.adaptive import integrate


@given(st.floats(0.01, 6.2), st.floats(1e-6, 1.0))
def test_a_narrow_peak_that_begins_at_an_edge(place, width):
    edges = np.array([0.0, place, place + width, 2 * math.pi])
    edges = edges[edges <= 2 * math.pi]
    parts, errors, _ = integrate(lambda x: 1 / (1 + ((x - place) / width) ** 2), edges)
    end = edges[-1]
    want = width * (math.atan((end - place) / width) + math.atan(place / width))
    assert abs(parts.sum() - want) <= errors.sum() <= 1e-9


@given(st.floats(0.0, 1.0))
def test_a_jump_between_two_edges(place):
    parts, errors, size = integrate(lambda x: np.where(x < place, -1.0, 2.0), np.linspace(0, 1, 4))
    assert abs(parts.sum() - (2 - 3 * place)) <= errors.sum()
    assert errors.sum() < 1e-11
    assert math.isclose(size, 2 - place, rel_tol=1e-12)


def test_each_interval_has_its_own_integral():
    edges = np.linspace(0, 5, 11)
    parts, errors, _ = integrate(np.exp, edges)
    assert (np.abs(parts - np.diff(np.exp(edges))) <= errors).all()
